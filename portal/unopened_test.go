package portal_test

import (
	"net/http"
	"testing"

	"amiable/payments/stripe/sandbox"
)

// Where the payment page does not open, nothing was paid, and the page says
// just that; a press later it opens.
func TestAPaymentPageThatDoesNotOpen(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		c := s.openCase(vasseur)
		v := s.enter(c, "claire.vasseur@example.test", "33000")
		v.get("/case/pay").submit("/case/pay", "choice", "whole").answered(http.StatusOK)
		_, err := s.stripe.AddFault(sandbox.Fault{Kind: sandbox.Status, Method: http.MethodPost, Path: "/v1/checkout/**", Status: http.StatusInternalServerError})
		s.must(err)
		v.submit("/case/payments").answered(http.StatusServiceUnavailable).sees("Rien n’a été payé").seesNot("Nous vérifions votre paiement")
		s.stripe.ClearFaults()
		v.get("/case/pay").submit("/case/pay", "choice", "whole").submit("/case/payments")
		if v.at.Hostname() != "localhost" {
			t.Fatalf("the second press led to %s (%d): %s", v.at, v.status, v.text())
		}
		v.pay("4242424242424242")
		s.must(s.stripe.Quiesce(s.ctx))
		s.verify()
	})
}
