package sandbox_test

import (
	"net/http"
	"testing"

	"github.com/stripe/stripe-go/v76"
)

func TestAVisitorPaysWithATestCard(t *testing.T) {
	w := newShop(t)
	session := w.checkout()

	page := visit(t, session.URL)
	if page.Status != http.StatusOK {
		t.Fatalf("status %d\n%s", page.Status, page.text())
	}
	page.shows("Sandbox: no real card, no money.", "€84.00", "Invoice 2025-17")
	page.click("4242 4242 4242 4242").press("Pay €84.00")
	if want := "https://portal.example.com/paid?session=" + session.ID; page.Status != http.StatusSeeOther || page.To != want {
		t.Fatalf("status %d to %q, want %q\n%s", page.Status, page.To, want, page.text())
	}

	paid := w.session(session.ID)
	if paid.Status != stripe.CheckoutSessionStatusComplete || paid.PaymentStatus != stripe.CheckoutSessionPaymentStatusPaid {
		t.Errorf("session is %s and %s", paid.Status, paid.PaymentStatus)
	}
	charge := paid.PaymentIntent.LatestCharge
	if charge.Amount != 8400 || !charge.Paid || charge.PaymentMethodDetails.Card.Last4 != "4242" {
		t.Errorf("charge %+v", charge)
	}
}
