package sandbox_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stripe/stripe-go/v76"

	"amiable/payments/stripe/sandbox"
)

func withMethods(kinds ...string) func(*stripe.CheckoutSessionParams) {
	return func(p *stripe.CheckoutSessionParams) { p.PaymentMethodTypes = stripe.StringSlice(kinds) }
}

// TestAVisitorReadsTheMandateAndPaysByDebit: the text of the mandate stands above
// the button, and the mandate can be read afterwards under its address.
func TestAVisitorReadsTheMandateAndPaysByDebit(t *testing.T) {
	w := newShop(t)
	session := w.checkout(withMethods("card", "sepa_debit"))
	page := visit(t, session.URL).shows("SEPA debit", "you authorise Amiable sandbox", "within 8 weeks of the debit")
	page.press("Authorise a debit", "iban", "DE89 3704 0044 0532 0130 00")
	if page.Status != http.StatusUnprocessableEntity || strings.Contains(page.Body, "DE89") {
		t.Fatalf("an account that may be real was taken or printed: %d", page.Status)
	}
	page.press("Authorise a debit", "iban", "FR30 2004 1010 0505 0001 3M02 609")
	w.arrives(page, session)
	if paid := w.session(session.ID); paid.PaymentStatus != stripe.CheckoutSessionPaymentStatusUnpaid || paid.PaymentIntent.Status != stripe.PaymentIntentStatusProcessing {
		t.Fatalf("%s, %s", paid.PaymentStatus, paid.PaymentIntent.Status)
	}
	if err := w.box.Advance(3 * time.Minute); err != nil {
		t.Fatal(err)
	}
	paid := w.session(session.ID)
	if paid.PaymentStatus != stripe.CheckoutSessionPaymentStatusPaid {
		t.Fatal(paid.PaymentStatus)
	}
	given := must[*stripe.Mandate](w.world)(w.api.Mandates.Get(paid.PaymentIntent.LatestCharge.PaymentMethodDetails.SEPADebit.Mandate, nil))
	d := given.PaymentMethodDetails.SEPADebit
	if given.Status != stripe.MandateStatusActive || d.Reference == "" {
		t.Fatalf("%+v", d)
	}
	visit(t, d.URL).shows("SEPA debit mandate", d.Reference, "2609", "FR")
}

func TestAVisitorAgreesOrNotAtPayPal(t *testing.T) {
	w := newShop(t)
	session := w.checkout(withMethods("card", "paypal"))
	page := visit(t, session.URL).press("Pay €84.00 with PayPal").follow().shows("Confirm at PayPal", "€84.00")
	page.press("Cancel").follow().shows("did not approve")
	if open := w.session(session.ID); open.Status != stripe.CheckoutSessionStatusOpen {
		t.Fatal(open.Status)
	}
	page.press("with PayPal").follow().press("Confirm the payment")
	w.arrives(page, session)
	charge := w.session(session.ID).PaymentIntent.LatestCharge
	if !charge.Paid || charge.PaymentMethodDetails.Type != "paypal" || charge.PaymentMethodDetails.Paypal.TransactionID == "" {
		t.Errorf("%+v", charge.PaymentMethodDetails)
	}
}

// TestABankAnswersAsItWasTold: by count first, then by time, then as its account
// says.
func TestABankAnswersAsItWasTold(t *testing.T) {
	w := newWorld(t)
	const account = "FR1420041010050500013M02606"
	x := w.customer()
	m := must[*stripe.PaymentMethod](w)(w.api.PaymentMethods.New(&stripe.PaymentMethodParams{
		Type: stripe.String("sepa_debit"), SEPADebit: &stripe.PaymentMethodSEPADebitParams{IBAN: stripe.String(account)},
		BillingDetails: &stripe.PaymentMethodBillingDetailsParams{Name: stripe.String("Ada"), Email: stripe.String("ada@example.com")},
	}))
	start := w.box.Now()
	for _, err := range []error{
		w.box.DeclineScript(account, "account_closed"),
		w.box.DeclineDuring(sandbox.Spell{Card: account, Outcome: "insufficient_funds", From: start, Until: start.AddDate(0, 0, 5)}),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	debit := func() string {
		p := must[*stripe.PaymentIntent](w)(w.api.PaymentIntents.New(&stripe.PaymentIntentParams{
			Amount: stripe.Int64(2000), Currency: stripe.String("eur"), Customer: stripe.String(x.ID), PaymentMethod: stripe.String(m.ID), PaymentMethodTypes: stripe.StringSlice([]string{"sepa_debit"}),
			Confirm: stripe.Bool(true), SetupFutureUsage: stripe.String("off_session"),
			MandateData: &stripe.PaymentIntentMandateDataParams{CustomerAcceptance: &stripe.PaymentIntentMandateDataCustomerAcceptanceParams{Type: stripe.String("offline"), Offline: &stripe.PaymentIntentMandateDataCustomerAcceptanceOfflineParams{}}},
		}))
		if p.Status != stripe.PaymentIntentStatusProcessing && p.Status != stripe.PaymentIntentStatusSucceeded && p.LastPaymentError == nil {
			t.Fatalf("a debit is %s", p.Status)
		}
		w.quiet()
		params := &stripe.PaymentIntentParams{}
		params.AddExpand("latest_charge")
		return must[*stripe.PaymentIntent](w)(w.api.PaymentIntents.Get(p.ID, params)).LatestCharge.FailureCode
	}
	for i, want := range []string{"account_closed", "insufficient_funds", "insufficient_funds"} {
		if got := debit(); got != want {
			t.Fatalf("debit %d failed with %q, want %q", i+1, got, want)
		}
	}
	if err := w.box.Advance(5 * 24 * time.Hour); err != nil {
		t.Fatal(err)
	}
	if got := debit(); got != "" {
		t.Fatalf("after the time it failed with %q", got)
	}
	for _, wrong := range []sandbox.Spell{{Card: account, Outcome: "unheard_of"}, {Outcome: "insufficient_funds"}, {Card: account, Outcome: "insufficient_funds", From: start, Until: start}} {
		if w.box.DeclineDuring(wrong) == nil {
			t.Errorf("%+v was taken", wrong)
		}
	}
}
