package sandbox

import (
	"time"
)

type chargeOutcome struct {
	NetworkStatus *string `json:"network_status"`
	Reason        *string `json:"reason"`
	RiskLevel     string  `json:"risk_level,omitempty"`
	RiskScore     int64   `json:"risk_score,omitempty"`
	SellerMessage *string `json:"seller_message"`
	Type          string  `json:"type"`
}

type enabled struct {
	Status string `json:"status"`
}

type overcapture struct {
	MaximumAmountCapturable int64  `json:"maximum_amount_capturable"`
	Status                  string `json:"status"`
}

type threeDSecure struct {
	AuthenticationFlow          *string `json:"authentication_flow"`
	ElectronicCommerceIndicator *string `json:"electronic_commerce_indicator"`
	ExemptionIndicator          *string `json:"exemption_indicator"`
	Result                      *string `json:"result"`
	ResultReason                *string `json:"result_reason"`
	TransactionID               *string `json:"transaction_id"`
	Version                     *string `json:"version"`
}

type chargedCard struct {
	AmountAuthorized         *int64          `json:"amount_authorized"`
	Brand                    string          `json:"brand"`
	Checks                   *cardChecks     `json:"checks"`
	Country                  string          `json:"country"`
	ExpMonth                 int64           `json:"exp_month"`
	ExpYear                  int64           `json:"exp_year"`
	ExtendedAuthorization    enabled         `json:"extended_authorization"`
	Fingerprint              string          `json:"fingerprint"`
	Funding                  string          `json:"funding"`
	IncrementalAuthorization enabled         `json:"incremental_authorization"`
	Installments             any             `json:"installments"`
	Last4                    string          `json:"last4"`
	Mandate                  *string         `json:"mandate"`
	Multicapture             enabled         `json:"multicapture"`
	Network                  string          `json:"network"`
	NetworkToken             map[string]bool `json:"network_token"`
	Overcapture              overcapture     `json:"overcapture"`
	ThreeDSecure             *threeDSecure   `json:"three_d_secure"`
	Wallet                   any             `json:"wallet"`
}

type chargedSepa struct {
	BankCode    *string `json:"bank_code"`
	BranchCode  *string `json:"branch_code"`
	Country     *string `json:"country"`
	Fingerprint *string `json:"fingerprint"`
	Last4       *string `json:"last4"`
	Mandate     *string `json:"mandate"`
}

type methodDetails struct {
	Card            *chargedCard    `json:"card,omitempty"`
	CustomerBalance *struct{}       `json:"customer_balance,omitempty"`
	Paypal          *chargedPaypal  `json:"paypal,omitempty"`
	SepaDebit       *chargedSepa    `json:"sepa_debit,omitempty"`
	StripeAccount   *map[string]any `json:"stripe_account,omitempty"`
	Type            string          `json:"type"`
}

type chargeTransferData struct {
	Amount      *int64 `json:"amount"`
	Destination string `json:"destination"`
}

// charge is one attempt to take money, or (py_) money that came by transfer.
type charge struct {
	ID                            string              `json:"id"`
	Object                        string              `json:"object"`
	Amount                        int64               `json:"amount"`
	AmountCaptured                int64               `json:"amount_captured"`
	AmountRefunded                int64               `json:"amount_refunded"`
	Application                   *string             `json:"application"`
	ApplicationFee                *string             `json:"application_fee"`
	ApplicationFeeAmount          *int64              `json:"application_fee_amount"`
	BalanceTransaction            *string             `json:"balance_transaction"`
	BillingDetails                billingDetails      `json:"billing_details"`
	CalculatedStatementDescriptor *string             `json:"calculated_statement_descriptor"`
	Captured                      bool                `json:"captured"`
	Created                       int64               `json:"created"`
	Currency                      string              `json:"currency"`
	Customer                      *string             `json:"customer"`
	Description                   *string             `json:"description"`
	Disputed                      bool                `json:"disputed"`
	FailureBalanceTransaction     *string             `json:"failure_balance_transaction"`
	FailureCode                   *string             `json:"failure_code"`
	FailureMessage                *string             `json:"failure_message"`
	FraudDetails                  map[string]string   `json:"fraud_details"`
	Invoice                       *string             `json:"invoice"`
	Livemode                      bool                `json:"livemode"`
	Metadata                      map[string]string   `json:"metadata"`
	OnBehalfOf                    *string             `json:"on_behalf_of"`
	Outcome                       *chargeOutcome      `json:"outcome"`
	Paid                          bool                `json:"paid"`
	PaymentIntent                 *string             `json:"payment_intent"`
	PaymentMethod                 *string             `json:"payment_method"`
	PaymentMethodDetails          *methodDetails      `json:"payment_method_details"`
	ReceiptEmail                  *string             `json:"receipt_email"`
	ReceiptNumber                 *string             `json:"receipt_number"`
	ReceiptURL                    *string             `json:"receipt_url"`
	Refunded                      bool                `json:"refunded"`
	Review                        *string             `json:"review"`
	Shipping                      *shipping           `json:"shipping"`
	SourceTransfer                *string             `json:"source_transfer"`
	StatementDescriptor           *string             `json:"statement_descriptor"`
	StatementDescriptorSuffix     *string             `json:"statement_descriptor_suffix"`
	Status                        string              `json:"status"`
	Transfer                      string              `json:"transfer,omitempty"`
	TransferData                  *chargeTransferData `json:"transfer_data"`
	TransferGroup                 *string             `json:"transfer_group"`

	card        *testCard
	pulledBack  int64 // of AmountRefunded, what reversed the transfer in proportion
	feeReturned int64 // of AmountRefunded, what gave the application fee back
	transferred int64 // to other accounts by transfers that name this charge
}

func (ch *charge) identity() (string, int64) { return ch.ID, ch.Created }

// detailsOf copies what a charge shows of its payment method.
func detailsOf(m *paymentMethod, amount int64, proof *threeDSecure, mandate *string) *methodDetails {
	if m.Type == bankTransfer {
		return &methodDetails{Type: m.Type, CustomerBalance: &struct{}{}}
	}
	if m.Type == "paypal" {
		return &methodDetails{Type: m.Type, Paypal: m.chargedPayPal()}
	}
	if m.Type == "sepa_debit" {
		d := m.SepaDebit
		return &methodDetails{Type: m.Type, SepaDebit: &chargedSepa{BankCode: d.BankCode, BranchCode: d.BranchCode,
			Country: d.Country, Fingerprint: d.Fingerprint, Last4: d.Last4, Mandate: mandate}}
	}
	d := m.Card
	return &methodDetails{Type: m.Type, Card: &chargedCard{
		AmountAuthorized: number(amount), Brand: d.Brand, Checks: d.Checks, Country: d.Country, ExpMonth: d.ExpMonth, ExpYear: d.ExpYear,
		ExtendedAuthorization: enabled{"disabled"}, Fingerprint: d.Fingerprint, Funding: d.Funding,
		IncrementalAuthorization: enabled{"unavailable"}, Last4: d.Last4, Multicapture: enabled{"unavailable"}, Network: d.Brand,
		NetworkToken: unusedToken, Overcapture: overcapture{amount, "unavailable"}, ThreeDSecure: proof, Wallet: d.Wallet,
	}}
}

var unusedToken = map[string]bool{"used": false}

// newCharge makes the charge of one attempt to pay an intent. It has no state yet.
func (s *Sandbox) newCharge(t *tenant, p *paymentIntent, m *paymentMethod, proof *threeDSecure) *charge {
	prefix := "ch_"
	if m.Type != "card" {
		prefix = "py_"
	}
	ch := &charge{
		ID: s.mint.id(prefix), Object: "charge", Amount: p.Amount, Application: p.Application, BillingDetails: m.BillingDetails,
		Created: s.now().Unix(), Currency: p.Currency, Customer: p.Customer, Description: p.Description, FraudDetails: map[string]string{},
		Metadata: p.Metadata, OnBehalfOf: p.OnBehalfOf, PaymentIntent: &p.ID, PaymentMethod: &m.ID,
		PaymentMethodDetails: detailsOf(m, p.Amount, proof, p.mandate), ReceiptEmail: p.ReceiptEmail, Shipping: p.Shipping,
		StatementDescriptor: p.StatementDescriptor, StatementDescriptorSuffix: p.StatementDescriptorSuffix,
		ApplicationFeeAmount: p.ApplicationFeeAmount, TransferGroup: p.TransferGroup, card: m.card,
	}
	if p.TransferData != nil {
		ch.TransferData = &chargeTransferData{Amount: p.TransferData.Amount, Destination: p.TransferData.Destination}
		if ch.TransferGroup == nil {
			ch.TransferGroup = optional("group_" + p.ID)
		}
	}
	descriptor := "AMIABLE SANDBOX"
	if d := value(p.StatementDescriptor); d != "" {
		descriptor = upper(d)
	}
	if suffix := value(p.StatementDescriptorSuffix); suffix != "" {
		descriptor = "AMIABLE* " + upper(suffix)
	}
	ch.CalculatedStatementDescriptor = &descriptor
	return ch
}

// addCharge stores a charge and ties it to its intent.
func (s *Sandbox) addCharge(t *tenant, p *paymentIntent, ch *charge) {
	t.charges.add(ch)
	t.chargesOf[p.ID] = append(t.chargesOf[p.ID], ch)
	p.LatestCharge = &ch.ID
}

func approvedOutcome() *chargeOutcome {
	network, seller := "approved_by_network", "Payment complete."
	return &chargeOutcome{NetworkStatus: &network, RiskLevel: "normal", RiskScore: 20, SellerMessage: &seller, Type: "authorized"}
}

// failCharge marks a charge as declined.
func (s *Sandbox) failCharge(ch *charge, d decline) {
	network, seller := "declined_by_network", "The bank did not return any further details with this decline."
	ch.Outcome = &chargeOutcome{NetworkStatus: &network, Reason: optional(d.reason), RiskLevel: "normal", RiskScore: 20, SellerMessage: &seller, Type: "issuer_declined"}
	ch.FailureCode, ch.FailureMessage = &d.code, &d.message
	s.move(chargeMoves, ch.ID, &ch.Status, "failed")
}

// collect books the money of a captured charge: the charge itself, Stripe's
// fee, and for a destination charge the transfer and the application fee.
func (s *Sandbox) collect(t *tenant, ch *charge, amount int64) {
	ch.Captured, ch.AmountCaptured, ch.Paid = true, amount, true
	s.move(chargeMoves, ch.ID, &ch.Status, "succeeded")
	ch.Outcome = approvedOutcome()
	ch.ReceiptURL = optional(s.options.PublicURL + "/receipts/" + ch.ID)
	var usableOn time.Time
	if ch.card == nil || !ch.card.instant {
		usableOn = s.now().Add(s.options.SettlesAfter)
	}
	kind, from := "charge", payersBucket
	if ch.PaymentMethodDetails.Type != "card" {
		kind = "payment"
	}
	if ch.PaymentMethodDetails.Type == bankTransfer {
		from = cashBucket
	}
	stripes := min(s.options.Fee(amount, ch.Currency), amount)
	if ch.card != nil && ch.card.instant {
		// Such a card is there to put money into the balance; Stripe's own
		// scenarios then transfer the whole of it.
		stripes = 0
	}
	fees := []feeDetail{{Amount: stripes, Currency: ch.Currency, Description: optional("Stripe processing fees"), Type: "stripe_fee"}}
	if stripes == 0 {
		fees = nil
	}
	owed := min(valueOr(ch.ApplicationFeeAmount, 0), amount)
	direct := t != s.platform
	if direct && owed > 0 {
		// A direct charge pays the platform's fee out of the account's own money.
		if len(fees) > 0 {
			fees[0].Amount = min(stripes, amount-owed)
		}
		fees = append(fees, feeDetail{Amount: owed, Application: optional(s.application()), Currency: ch.Currency, Description: optional("Amiable application fee"), Type: "application_fee"})
	}
	b := s.row(t, movement{kind: kind, category: "charge", amount: amount, currency: ch.Currency, fees: fees, source: ch.ID,
		description: ch.Description, availableOn: usableOn, counter: from})
	ch.BalanceTransaction = &b.ID
	if b.Status == availableBucket {
		s.later(func() { s.emit(t, "balance.available", s.balanceOf(t)) })
	}
	if ch.card != nil && ch.card.disputed != "" {
		s.later(func() { s.openDispute(t, ch, amount, ch.card.disputed, ch.card.inquires) })
	}
	switch {
	case ch.TransferData != nil:
		s.forward(t, ch, amount, owed)
	case direct && owed > 0:
		s.levy(t, ch, ch, owed)
	}
}

// usableOn says when the money of a charge can be used: zero means already.
// What follows from a charge (transfer, fee, refund) follows its money.
func (t *tenant) usableOn(ch *charge) time.Time {
	b, known := t.rows.get(value(ch.BalanceTransaction))
	if !known || b.Status == availableBucket {
		return time.Time{}
	}
	return time.Unix(b.AvailableOn, 0).UTC()
}

func valueOr(p *int64, otherwise int64) int64 {
	if p == nil {
		return otherwise
	}
	return *p
}

func (c *call) chargeHere() (*charge, error) {
	ch, found := c.tenant.charges.get(c.args[0])
	if !found {
		return nil, noSuchHere("charge", "id", c.args[0])
	}
	return ch, nil
}

func (c *call) getCharge() (any, error) { return c.chargeHere() }

func (c *call) updateCharge() (any, error) {
	ch, err := c.chargeHere()
	if err != nil {
		return nil, err
	}
	f := c.form
	changed := *ch
	if id := f.text("customer"); id != "" {
		if _, refused := c.customer(id, "customer"); refused != nil {
			return nil, refused
		}
		if value(ch.Customer) != "" && value(ch.Customer) != id {
			return nil, refuse("customer", "", "You cannot change the customer of a charge that already has one.")
		}
		changed.Customer = &id
	}
	if f.has("description") {
		changed.Description = f.optional("description")
	}
	if f.has("receipt_email") {
		changed.ReceiptEmail = f.optional("receipt_email")
	}
	if f.has("shipping") {
		changed.Shipping = readShipping(f.at("shipping"))
	}
	if group := f.text("transfer_group"); group != "" {
		if ch.TransferGroup != nil && value(ch.TransferGroup) != group {
			return nil, refuse("transfer_group", "", "You cannot change the transfer group of a charge that already has one.")
		}
		changed.TransferGroup = &group
	}
	if report := f.at("fraud_details").text("user_report"); report != "" {
		changed.FraudDetails = map[string]string{"user_report": report}
	}
	changed.Metadata = merge(ch.Metadata, f.at("metadata"))
	before := snapshot(ch)
	*ch = changed
	c.updated(c.tenant, "charge.updated", ch, before)
	return ch, nil
}

func (c *call) listCharges() (any, error) {
	keep := func(ch *charge) bool {
		return c.same("customer", value(ch.Customer)) && c.same("transfer_group", value(ch.TransferGroup))
	}
	if intent := c.form.text("payment_intent"); intent != "" {
		return list(c, c.tenant.chargesOf[intent], keep)
	}
	return listAll(c, &c.tenant.charges, keep)
}

func (c *call) captureCharge() (any, error) {
	ch, err := c.chargeHere()
	if err != nil {
		return nil, err
	}
	if ch.PaymentIntent != nil {
		return nil, refuse("", "", "This charge belongs to the PaymentIntent %s. Capture that instead.", *ch.PaymentIntent)
	}
	return nil, refuse("", "charge_already_captured", "Charge %s has already been captured.", ch.ID)
}
