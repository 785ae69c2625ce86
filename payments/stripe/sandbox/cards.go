package sandbox

import "net/http"

// Outcome is what an issuer says to one attempt to charge a card.
type Outcome string

// Outcomes that are not declines. Every decline code of the table below is an
// Outcome too.
const (
	Approved     Outcome = "ok"
	AuthRequired Outcome = "authentication_required"
)

// decline is one way in which a card is refused.
type decline struct {
	code    string // error code
	reason  string // decline code, "" for errors that have none
	message string
}

// declines by Outcome. The codes are Stripe's; which of them are worth another
// try is the product's affair, not the sandbox's.
var declines = map[Outcome]decline{
	"approve_with_id":                   {"card_declined", "approve_with_id", "Your card was declined."},
	"call_issuer":                       {"card_declined", "call_issuer", "Your card was declined."},
	"card_not_supported":                {"card_declined", "card_not_supported", "Your card is not supported."},
	"card_velocity_exceeded":            {"card_declined", "card_velocity_exceeded", "Your card was declined for making repeated attempts too frequently or exceeding its amount limit."},
	"currency_not_supported":            {"card_declined", "currency_not_supported", "Your card does not support this currency."},
	"do_not_honor":                      {"card_declined", "do_not_honor", "Your card was declined."},
	"do_not_try_again":                  {"card_declined", "do_not_try_again", "Your card was declined."},
	"duplicate_transaction":             {"card_declined", "duplicate_transaction", "Your card was declined."},
	"expired_card":                      {"expired_card", "expired_card", "Your card has expired."},
	"fraudulent":                        {"card_declined", "fraudulent", "Your card was declined."},
	"generic_decline":                   {"card_declined", "generic_decline", "Your card was declined."},
	"incorrect_cvc":                     {"incorrect_cvc", "incorrect_cvc", "Your card's security code is incorrect."},
	"incorrect_number":                  {"incorrect_number", "incorrect_number", "Your card number is incorrect."},
	"insufficient_funds":                {"card_declined", "insufficient_funds", "Your card has insufficient funds."},
	"invalid_account":                   {"card_declined", "invalid_account", "Your card was declined."},
	"invalid_amount":                    {"card_declined", "invalid_amount", "Your card was declined."},
	"issuer_not_available":              {"card_declined", "issuer_not_available", "Your card was declined."},
	"lost_card":                         {"card_declined", "lost_card", "Your card was declined."},
	"merchant_blacklist":                {"card_declined", "merchant_blacklist", "Your card was declined."},
	"new_account_information_available": {"card_declined", "new_account_information_available", "Your card was declined."},
	"no_action_taken":                   {"card_declined", "no_action_taken", "Your card was declined."},
	"not_permitted":                     {"card_declined", "not_permitted", "Your card was declined."},
	"pickup_card":                       {"card_declined", "pickup_card", "Your card was declined."},
	"processing_error":                  {"processing_error", "processing_error", "An error occurred while processing your card. Try again in a little bit."},
	"reenter_transaction":               {"card_declined", "reenter_transaction", "Your card was declined."},
	"restricted_card":                   {"card_declined", "restricted_card", "Your card was declined."},
	"revocation_of_all_authorizations":  {"card_declined", "revocation_of_all_authorizations", "Your card was declined."},
	"revocation_of_authorization":       {"card_declined", "revocation_of_authorization", "Your card was declined."},
	"security_violation":                {"card_declined", "security_violation", "Your card was declined."},
	"service_not_allowed":               {"card_declined", "service_not_allowed", "Your card was declined."},
	"stolen_card":                       {"card_declined", "stolen_card", "Your card was declined."},
	"stop_payment_order":                {"card_declined", "stop_payment_order", "Your card was declined."},
	"testmode_decline":                  {"card_declined", "testmode_decline", "Your card was declined."},
	"transaction_not_allowed":           {"card_declined", "transaction_not_allowed", "Your card was declined."},
	"try_again_later":                   {"card_declined", "try_again_later", "Your card was declined."},
	"withdrawal_count_limit_exceeded":   {"card_declined", "withdrawal_count_limit_exceeded", "Your card has exceeded the balance or credit limit available."},
}

// authDemand is when a card asks its holder to prove who they are.
type authDemand int

const (
	authNever       authDemand = iota
	authUnlessSaved            // until the card was set up for off-session use
	authAlways
)

// testCard is a card of docs.stripe.com/testing: how it looks and behaves.
type testCard struct {
	number      string
	brand       string
	country     string
	funding     string
	aliases     []string // pm_card_<alias> and tok_<alias>
	onCharge    Outcome  // "" is approved
	onAttach    Outcome  // refused already when it is saved
	auth        authDemand
	afterAuth   Outcome // what the issuer says once the holder has proved who they are
	instant     bool    // money is available at once
	wasSaved    bool    // as if it had been set up for off-session use before
	refundFails bool
}

// testCards are the only cards there are.
var testCards = []testCard{
	{number: "4242424242424242", brand: "visa", country: "US", funding: "credit", aliases: []string{"visa"}},
	{number: "4000056655665556", brand: "visa", country: "US", funding: "debit", aliases: []string{"visa_debit"}},
	{number: "5555555555554444", brand: "mastercard", country: "US", funding: "credit", aliases: []string{"mastercard"}},
	{number: "2223003122003222", brand: "mastercard", country: "US", funding: "credit"},
	{number: "5200828282828210", brand: "mastercard", country: "US", funding: "debit", aliases: []string{"mastercard_debit"}},
	{number: "5105105105105100", brand: "mastercard", country: "US", funding: "prepaid", aliases: []string{"mastercard_prepaid"}},
	{number: "378282246310005", brand: "amex", country: "US", funding: "credit", aliases: []string{"amex"}},
	{number: "371449635398431", brand: "amex", country: "US", funding: "credit"},
	{number: "6011111111111117", brand: "discover", country: "US", funding: "credit", aliases: []string{"discover"}},
	{number: "3056930009020004", brand: "diners", country: "US", funding: "credit", aliases: []string{"diners"}},
	{number: "3566002020360505", brand: "jcb", country: "JP", funding: "credit", aliases: []string{"jcb"}},
	{number: "6200000000000005", brand: "unionpay", country: "CN", funding: "credit", aliases: []string{"unionpay"}},
	{number: "4000002500001001", brand: "visa", country: "FR", funding: "debit", aliases: []string{"visa_cartesBancaires"}},
	{number: "4000002500000003", brand: "visa", country: "FR", funding: "credit", aliases: []string{"fr"}},
	{number: "4000002760000016", brand: "visa", country: "DE", funding: "credit", aliases: []string{"de"}},
	{number: "4000008260000000", brand: "visa", country: "GB", funding: "credit", aliases: []string{"gb"}},

	{number: "4000000000000077", brand: "visa", country: "US", funding: "credit", aliases: []string{"bypassPending"}, instant: true},
	{number: "4000003720000278", brand: "visa", country: "IE", funding: "credit", aliases: []string{"bypassPendingInternational"}, instant: true},

	{number: "4000002500003155", brand: "visa", country: "FR", funding: "credit", aliases: []string{"authenticationRequiredOnSetup"}, auth: authUnlessSaved},
	{number: "4000002760003184", brand: "visa", country: "DE", funding: "credit", aliases: []string{"authenticationRequired"}, auth: authAlways},
	{number: "4000003800000446", brand: "visa", country: "HR", funding: "credit", aliases: []string{"authenticationRequiredSetupForOffSession"}, auth: authUnlessSaved, wasSaved: true},
	{number: "4000008260003178", brand: "visa", country: "GB", funding: "credit", aliases: []string{"authenticationRequiredChargeDeclinedInsufficientFunds"}, auth: authAlways, afterAuth: "insufficient_funds"},
	{number: "4000000000003220", brand: "visa", country: "US", funding: "credit", aliases: []string{"threeDSecure2Required"}, auth: authAlways},
	{number: "4000000000003063", brand: "visa", country: "US", funding: "credit", aliases: []string{"threeDSecureRequired"}, auth: authAlways},
	{number: "4000008400001629", brand: "visa", country: "US", funding: "credit", aliases: []string{"threeDSecureRequiredChargeDeclined"}, auth: authAlways, afterAuth: "generic_decline"},
	{number: "4000000000003055", brand: "visa", country: "US", funding: "credit", aliases: []string{"threeDSecureOptional"}},

	{number: "4000000000000002", brand: "visa", country: "US", funding: "credit", aliases: []string{"chargeDeclined", "visa_chargeDeclined"}, onCharge: "generic_decline", onAttach: "generic_decline"},
	{number: "4000000000009995", brand: "visa", country: "US", funding: "credit", aliases: []string{"chargeDeclinedInsufficientFunds", "visa_chargeDeclinedInsufficientFunds"}, onCharge: "insufficient_funds", onAttach: "insufficient_funds"},
	{number: "4000000000009987", brand: "visa", country: "US", funding: "credit", aliases: []string{"chargeDeclinedLostCard", "visa_chargeDeclinedLostCard"}, onCharge: "lost_card", onAttach: "lost_card"},
	{number: "4000000000009979", brand: "visa", country: "US", funding: "credit", aliases: []string{"chargeDeclinedStolenCard", "visa_chargeDeclinedStolenCard"}, onCharge: "stolen_card", onAttach: "stolen_card"},
	{number: "4100000000000019", brand: "visa", country: "US", funding: "credit", aliases: []string{"chargeDeclinedFraudulent", "radarBlock"}, onCharge: "fraudulent", onAttach: "fraudulent"},
	{number: "4000000000000069", brand: "visa", country: "US", funding: "credit", aliases: []string{"chargeDeclinedExpiredCard"}, onCharge: "expired_card", onAttach: "expired_card"},
	{number: "4000000000000127", brand: "visa", country: "US", funding: "credit", aliases: []string{"chargeDeclinedIncorrectCvc"}, onCharge: "incorrect_cvc", onAttach: "incorrect_cvc"},
	{number: "4000000000000119", brand: "visa", country: "US", funding: "credit", aliases: []string{"chargeDeclinedProcessingError"}, onCharge: "processing_error", onAttach: "processing_error"},
	{number: "4000000000006975", brand: "visa", country: "US", funding: "credit", aliases: []string{"visa_chargeDeclinedVelocityLimitExceeded"}, onCharge: "card_velocity_exceeded", onAttach: "card_velocity_exceeded"},
	{number: "4000000000000341", brand: "visa", country: "US", funding: "credit", aliases: []string{"chargeCustomerFail"}, onCharge: "generic_decline"},

	{number: "4000000000005126", brand: "visa", country: "US", funding: "credit", aliases: []string{"refundFail"}, refundFails: true},
	{number: "4000000000007726", brand: "visa", country: "US", funding: "credit", aliases: []string{"pendingRefund"}},
}

var (
	cardsByNumber = map[string]*testCard{}
	cardsByAlias  = map[string]*testCard{}
)

func init() {
	for i := range testCards {
		card := &testCards[i]
		cardsByNumber[card.number] = card
		for _, alias := range card.aliases {
			cardsByAlias[alias] = card
		}
	}
}

// TestNumbers returns every card number that the sandbox accepts.
func TestNumbers() []string {
	numbers := make([]string, 0, len(testCards))
	for _, card := range testCards {
		numbers = append(numbers, card.number)
	}
	return numbers
}

func (t *testCard) last4() string { return t.number[len(t.number)-4:] }

// declined makes the answer to a refused card.
func declined(o Outcome, ch *charge, context string) *refusal {
	d := declines[o]
	r := &refusal{Status: http.StatusPaymentRequired, Type: "card_error", Code: d.code, DocURL: documented(d.code), Message: d.message, Param: context, DeclineCode: d.reason}
	if ch != nil {
		r.Charge = ch.ID
	}
	return r
}
