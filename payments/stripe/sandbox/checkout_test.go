package sandbox_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stripe/stripe-go/v76"

	"amiable/payments/stripe/sandbox"
)

func (w *world) checkout(more func(*stripe.CheckoutSessionParams)) *stripe.CheckoutSession {
	w.Helper()
	params := &stripe.CheckoutSessionParams{Mode: stripe.String("payment"), SuccessURL: stripe.String("https://portal.test/paid?s={CHECKOUT_SESSION_ID}"), CancelURL: stripe.String("https://portal.test/case"),
		ClientReferenceID: stripe.String("case-1"), LineItems: []*stripe.CheckoutSessionLineItemParams{{Quantity: stripe.Int64(1), PriceData: &stripe.CheckoutSessionLineItemPriceDataParams{
			Currency: stripe.String("eur"), UnitAmount: stripe.Int64(4200), ProductData: &stripe.CheckoutSessionLineItemPriceDataProductDataParams{Name: stripe.String("Facture 2025-17")}}}},
		PaymentIntentData: &stripe.CheckoutSessionPaymentIntentDataParams{Metadata: map[string]string{"claim": "c1"}}}
	if more != nil {
		more(params)
	}
	return must[*stripe.CheckoutSession](w)(w.api.CheckoutSessions.New(params))
}

func (w *world) visit(id, number string) sandbox.CheckoutResult {
	w.Helper()
	result, err := w.box.CompleteCheckout(id, sandbox.Card{Number: number, Name: "Ada Morel", Email: "ada@example.com"})
	if err != nil {
		w.Fatal(err)
	}
	return result
}

func TestADebtorPaysOnTheHostedPage(t *testing.T) {
	w := newWorld(t)
	x := w.customer()
	cs := w.checkout(func(p *stripe.CheckoutSessionParams) {
		p.Customer = &x.ID
		p.PaymentIntentData.SetupFutureUsage = stripe.String("off_session")
	})
	if cs.Status != "open" || cs.PaymentStatus != "unpaid" || cs.AmountTotal != 4200 || cs.URL != "http://sandbox.localhost/c/pay/"+cs.ID || cs.PaymentIntent != nil {
		t.Fatalf("%+v", cs)
	}
	view, err := w.box.Checkout(cs.ID)
	if err != nil || view.Amount != 4200 || view.Lines[0].Description != "Facture 2025-17" || !view.Saves {
		t.Errorf("the page shows %+v %v", view, err)
	}
	if result := w.visit(cs.ID, "4000000000009995"); result.State != sandbox.CheckoutDeclined || result.Code != "insufficient_funds" {
		t.Errorf("a declining card: %+v", result)
	}
	if result := w.visit(cs.ID, "4111111111111111"); result.State != sandbox.CheckoutDeclined || result.Code != "incorrect_number" {
		t.Errorf("a number that is not a test number: %+v", result)
	}
	// The session's intent cannot be cancelled behind its back.
	cs = must[*stripe.CheckoutSession](w)(w.api.CheckoutSessions.Get(cs.ID, nil))
	if _, err := w.api.PaymentIntents.Cancel(cs.PaymentIntent.ID, nil); err == nil {
		t.Error("the intent of an open session was cancelled")
	}
	result := w.visit(cs.ID, "4000002500003155")
	if result.State != sandbox.CheckoutProof || !strings.HasPrefix(result.URL, "http://sandbox.localhost/3ds/pi_") {
		t.Fatalf("a card that wants proof: %+v", result)
	}
	if err := w.box.Approve3DS(cs.PaymentIntent.ID); err != nil {
		t.Fatal(err)
	}
	params := &stripe.CheckoutSessionParams{}
	params.AddExpand("payment_intent.payment_method")
	cs = must[*stripe.CheckoutSession](w)(w.api.CheckoutSessions.Get(cs.ID, params))
	if cs.Status != "complete" || cs.PaymentStatus != "paid" || cs.PaymentIntent.Status != "succeeded" || cs.PaymentIntent.Metadata["claim"] != "c1" {
		t.Fatalf("%s %s", cs.Status, cs.PaymentStatus)
	}
	if m := cs.PaymentIntent.PaymentMethod; m.Customer == nil || m.Customer.ID != x.ID {
		t.Error("the card was not saved")
	}
	// The second tab finds it paid, and nothing is charged again.
	if again := w.visit(cs.ID, "4242424242424242"); again.State != sandbox.CheckoutComplete || again.URL != "https://portal.test/paid?s="+cs.ID {
		t.Errorf("second tab: %+v", again)
	}
	// Expiring is a compare-and-swap.
	if _, err := w.api.CheckoutSessions.Expire(cs.ID, nil); err == nil {
		t.Error("a paid session was expired")
	}
	// The saved card is charged without its holder.
	p := must[*stripe.PaymentIntent](w)(w.pay(cs.PaymentIntent.PaymentMethod.ID, func(p *stripe.PaymentIntentParams) { p.Customer, p.OffSession = &x.ID, stripe.Bool(true) }))
	if p.Status != "succeeded" {
		t.Error(p.Status)
	}
	w.quiet()
	got := strings.Join(w.letter.types(), " ")
	if strings.Count(got, "checkout.session.completed") != 1 || strings.Index(got, "payment_intent.succeeded") > strings.Index(got, "checkout.session.completed") {
		t.Error(got)
	}
}

func TestAnAbandonedSessionExpires(t *testing.T) {
	w := newWorld(t)
	cs := w.checkout(nil)
	w.visit(cs.ID, "4000002760003184")
	cs = must[*stripe.CheckoutSession](w)(w.api.CheckoutSessions.Get(cs.ID, nil))
	if err := w.box.Advance(25 * time.Hour); err != nil {
		t.Fatal(err)
	}
	if err := w.box.Approve3DS(cs.PaymentIntent.ID); err == nil {
		t.Error("proof was taken after the session had expired")
	}
	cs = must[*stripe.CheckoutSession](w)(w.api.CheckoutSessions.Get(cs.ID, nil))
	if cs.Status != "expired" || cs.URL != "" || cs.PaymentStatus != "unpaid" {
		t.Errorf("%s %q %s", cs.Status, cs.URL, cs.PaymentStatus)
	}
	if result := w.visit(cs.ID, "4242424242424242"); result.State != sandbox.CheckoutExpired {
		t.Errorf("paying after expiry: %+v", result)
	}
	w.quiet()
	if got := strings.Join(w.letter.types(), " "); !strings.Contains(got, "payment_intent.canceled checkout.session.expired") {
		t.Error(got)
	}
	if _, err := w.api.CheckoutSessions.New(&stripe.CheckoutSessionParams{Mode: stripe.String("payment"), SuccessURL: stripe.String("https://portal.test"),
		ExpiresAt: stripe.Int64(w.box.Now().Add(10 * time.Minute).Unix()), LineItems: []*stripe.CheckoutSessionLineItemParams{{Quantity: stripe.Int64(1), Price: stripe.String("price_x")}}}); stripeError(t, err).Param != "expires_at" {
		t.Errorf("ten minutes: %v", err)
	}
}

func TestACardIsSavedWithoutMoney(t *testing.T) {
	w := newWorld(t)
	cs := must[*stripe.CheckoutSession](w)(w.api.CheckoutSessions.New(&stripe.CheckoutSessionParams{Mode: stripe.String("setup"), Currency: stripe.String("eur"),
		SuccessURL: stripe.String("https://portal.test/saved"), SetupIntentData: &stripe.CheckoutSessionSetupIntentDataParams{Metadata: map[string]string{"plan": "p1"}}}))
	if cs.SetupIntent == nil || cs.PaymentStatus != "no_payment_required" {
		t.Fatalf("%+v", cs)
	}
	if result := w.visit(cs.ID, "4242424242424242"); result.State != sandbox.CheckoutComplete {
		t.Fatalf("%+v", result)
	}
	params := &stripe.CheckoutSessionParams{}
	params.AddExpand("setup_intent.payment_method")
	cs = must[*stripe.CheckoutSession](w)(w.api.CheckoutSessions.Get(cs.ID, params))
	if cs.Status != "complete" || cs.Customer == nil || cs.SetupIntent.Status != "succeeded" || cs.SetupIntent.PaymentMethod.Customer.ID != cs.Customer.ID || cs.SetupIntent.Metadata["plan"] != "p1" {
		t.Errorf("%s %+v", cs.Status, cs.SetupIntent)
	}
}

func TestADebitOnThePageCompletesAtOnceAndIsPaidLater(t *testing.T) {
	w := newWorld(t)
	cs := w.checkout(func(p *stripe.CheckoutSessionParams) {
		p.PaymentMethodTypes = stripe.StringSlice([]string{"card", "sepa_debit"})
	})
	result, err := w.box.CompleteCheckout(cs.ID, sandbox.Card{IBAN: "FR3020041010050500013M02609", Name: "Ada Morel", Email: "ada@example.com"})
	if err != nil || result.State != sandbox.CheckoutComplete {
		t.Fatalf("%+v %v", result, err)
	}
	if cs = must[*stripe.CheckoutSession](w)(w.api.CheckoutSessions.Get(cs.ID, nil)); cs.PaymentStatus != "unpaid" {
		t.Errorf("paid before the bank answered: %s", cs.PaymentStatus)
	}
	if err := w.box.Advance(6 * 24 * time.Hour); err != nil {
		t.Fatal(err)
	}
	if cs = must[*stripe.CheckoutSession](w)(w.api.CheckoutSessions.Get(cs.ID, nil)); cs.PaymentStatus != "paid" {
		t.Errorf("not paid: %s", cs.PaymentStatus)
	}
	w.quiet()
	if got := strings.Join(w.letter.types(), " "); !strings.Contains(got, "checkout.session.async_payment_succeeded") {
		t.Error(got)
	}
}
