package portal_test

import (
	"net/http"
	"testing"
	"time"

	"amiable/negotiation"
)

// What a page offered may be gone when it is pressed: the page for how things
// stand now answers.

func TestBrowserALateClickAfterAHold(t *testing.T) {
	inBrowser(t, func(t *testing.T, s *site) {
		c := s.openCase(vasseur)
		b := s.person(phone).enterCase(c, inFrench).press(inFrench.pay).choose(inFrench.whole).press(inFrench.review)
		_, err := s.negotiation.PlaceHold(s.ctx, admin, c.ID, negotiation.Hold{Reason: negotiation.HoldOverindebtednessAdmitted})
		s.must(err)
		b.press(inFrench.goOn).at("/case/payments").sees("la loi interdit de régler cette somme")
		b.visit("/case").sees("Gardez votre argent").seesNot("clôt le dossier").sees("Somme suspendue")
		made, err := s.payments.OfCase(s.ctx, c.ID)
		s.must(err)
		if len(made) != 0 {
			t.Errorf("a payment was begun that the law forbids: %+v", made)
		}
	})
}

func TestBrowserTheSumGrewOvernight(t *testing.T) {
	inBrowser(t, func(t *testing.T, s *site) {
		c := s.openCase(garage)
		b := s.person(phone).visit(s.linkTo(c, "compta@garage.example.test")).fill(inFrench.answer, "33000").press(inFrench.open)
		b.press(inFrench.pay).choose(inFrench.whole).press(inFrench.review)
		s.must(negotiation.RowClock{DB: s.db}.Set(s.ctx, start.Add(3*24*time.Hour)))
		b.press(inFrench.goOn).at("/case/payments").answered(http.StatusConflict).sees("a changé")
		b.press(inFrench.goOn).at("localhost") // read again, and agreed to
	})
}

func TestBrowserBackAfterLeavingShowsNothing(t *testing.T) {
	inBrowser(t, func(t *testing.T, s *site) {
		c := s.openCase(vasseur)
		b := s.person(phone).enterCase(c, inFrench).press("Fermer ma session").sees("Votre session est fermée").seesNot("Atelier Boréal")
		b.back().at("/sign-in-again").seesNot("Atelier Boréal", "1 227,60")
	})
}

func TestBrowserAnAgentOpensALockedLink(t *testing.T) {
	inBrowser(t, func(t *testing.T, s *site) {
		c := s.openCase(vasseur)
		link := s.linkTo(c, "claire.vasseur@example.test")
		b := s.person(phone).visit(link)
		for range 5 {
			b.fill(inFrench.answer, "33001").press(inFrench.open)
		}
		b.sees("Ce lien est en pause")
		agent, u := s.invited(desk, "agent@aubrelle.example", negotiation.RoleAgent, "")
		agent.enrol(u)
		agent.visit("/agent/cases/" + c.ID).press("Débloquer").seesNot("Débloquer")
		b.visit(link).fill(inFrench.answer, "33000").press(inFrench.open).at("/case")
		agent.visit("/agent/cases/" + c.ID).press("Retirer")
		b.visit(link).answered(http.StatusNotFound).sees("Ce lien ne s’ouvre plus")
	})
}

// The page of the gateway may end before the payer does.
func TestBrowserThePaymentPageRanOut(t *testing.T) {
	inBrowser(t, func(t *testing.T, s *site) {
		b, c := s.atGateway()
		s.must(negotiation.RowClock{DB: s.db}.Set(s.ctx, start.Add(2*time.Hour)))
		b.card(goodCard, inFrench).press(inFrench.button).at("localhost").seesNot(inFrench.thanks)
		s.paid(c, negotiation.CaseOpen, 0)
		b.visit("/case/pay").choose(inFrench.whole).press(inFrench.review).press(inFrench.goOn).at("localhost")
		b.card(goodCard, inFrench).press(inFrench.button).at("…/return").sees(inFrench.thanks)
		s.paid(c, negotiation.CaseCleared, 1)
	})
}
