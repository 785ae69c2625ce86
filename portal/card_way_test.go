package portal_test

import (
	"net/http"
	"net/url"
	"testing"

	"amiable/negotiation"
	"amiable/payments"
)

// An administrator says that card money under a mandate comes by the agency; the
// creditor reads it. Its account takes nothing when a debtor has paid: the sum
// waits, the creditor and the agents see it, and it goes when the account may.
func TestCardMoneyTakesTheWayOfTheMandate(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		c := s.openCase(vasseur)
		camille := s.user("camille@boreal.example.com", negotiation.RoleCreditor, s.creditor.ID)
		camille.get("/creditor/connect").sees("arrive directement sur votre compte")
		administrator := s.user("admin2@aubrelle.example", negotiation.RoleAdministrator, "")
		at := "/agent/accounts/mandates/" + *c.MandateID
		administrator.get("/agent/accounts").sees("Directement chez le créancier")
		administrator.post(at, url.Values{"card": {"separate"}, "account": {""}, "cheque_to": {""}}).answered(http.StatusOK)
		camille.get("/creditor/connect").sees("arrive d’abord sur le compte de l’agence chez Stripe").seesNot("directement")

		debtor := s.enter(c, "claire.vasseur@example.test", "33000")
		debtor.get("/case/pay").submit("/case/pay", "choice", "whole").submit("/case/payments", "recognise", "yes").pay("4242424242424242")
		s.must(s.stripe.Quiesce(s.ctx))
		made, err := s.payments.OfCase(s.ctx, c.ID)
		s.must(err)
		if len(made) != 1 || made[0].State != payments.Succeeded || !made[0].Separate {
			t.Fatalf("%+v", made)
		}
		account, err := s.payments.AccountOf(s.ctx, s.creditor.ID)
		s.must(err)
		s.must(s.stripe.RestrictAccount(account.AccountID))
		s.must(s.stripe.Quiesce(s.ctx))
		if _, err := s.payments.FollowCreditors(s.ctx, 50); err == nil {
			t.Fatal("the account took it")
		}
		camille.get("/creditor/connect").sees("attendent d’être transférés sur votre compte", "arrête les paiements par carte et vos virements")
		agent := s.user("nadia2@aubrelle.example", negotiation.RoleAgent, "")
		agent.get("/agent").sees("Faire régler un compte qui ne prend pas d’argent")

		s.must(s.stripe.RestoreAccount(account.AccountID))
		s.must(s.stripe.Quiesce(s.ctx))
		_, err = s.payments.FollowCreditors(s.ctx, 50)
		s.must(err)
		camille.get("/creditor/connect").seesNot("attendent d’être transférés")
		agent.get("/agent").seesNot("ne prend pas d’argent")
		made, err = s.payments.OfCase(s.ctx, c.ID)
		s.must(err)
		if made[0].Pulled != 0 {
			t.Errorf("%d is not there", made[0].Pulled)
		}
	})
}
