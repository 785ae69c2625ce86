package portal_test

import (
	"context"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"amiable/negotiation"
	"amiable/payments"
)

// atGateway brings a debtor to the gateway's page with the whole sum.
func (s *site) atGateway() (*tab, *negotiation.Case) {
	s.t.Helper()
	c := s.openCase(vasseur)
	return s.person(phone).enterCase(c, inFrench).toGateway(inFrench), c
}

func TestBrowserTheBankAsksForProof(t *testing.T) {
	inBrowser(t, func(t *testing.T, s *site) {
		b, c := s.atGateway()
		b.card(proofCard, inFrench).press(inFrench.button).sees("Votre banque veut savoir si c’est vous", "1 227,60 €")
		b.press("Partir sans répondre").at("localhost").sees("Votre banque attend encore")
		s.paid(c, negotiation.CaseOpen, 0)

		b.visit("/case/pay").choose("Tout").press(inFrench.review).press(inFrench.goOn).at("localhost").sees("Votre banque attend encore")
		b.press("Répondre à ma banque").press("Ce n’est pas moi").at("localhost")
		s.paid(c, negotiation.CaseOpen, 0)

		b.visit("/case/pay").choose("Tout").press(inFrench.review).press(inFrench.goOn).at("localhost")
		b.card(proofCard, inFrench).press(inFrench.button).press("C’est moi, j’accepte").at("…/return").sees(inFrench.thanks)
		s.paid(c, negotiation.CaseCleared, 1)
	})
}

func TestBrowserADeclinedCardThenAnother(t *testing.T) {
	inBrowser(t, func(t *testing.T, s *site) {
		b, c := s.atGateway()
		b.card(declinedCard, inFrench).press(inFrench.button).at("localhost").sees("La carte a été refusée", "Rien n’a été débité")
		s.paid(c, negotiation.CaseOpen, 0)
		b.press(inFrench.back).at("…/return").sees("Le paiement n’est pas passé", "1 227,60 €").press("Reprendre le paiement").at("/case/pay")
		b.choose("Tout").press(inFrench.review).press(inFrench.goOn).at("localhost")
		b.card(goodCard, inFrench).press(inFrench.button).at("…/return").sees(inFrench.thanks)
		s.paid(c, negotiation.CaseCleared, 1)
	})
}

func TestBrowserAWalletPays(t *testing.T) {
	inBrowser(t, func(t *testing.T, s *site) {
		b, c := s.atGateway()
		b.press(inFrench.apple).at("…/return").sees(inFrench.thanks)
		s.must(s.stripe.Quiesce(s.ctx))
		b.press(inFrench.receipt).sees("Apple Pay")
		s.paid(c, negotiation.CaseCleared, 1)
	})
}

func TestBrowserComingBackWithoutPaying(t *testing.T) {
	inBrowser(t, func(t *testing.T, s *site) {
		b, c := s.atGateway()
		b.press(inFrench.back).at("…/return").sees(inFrench.cancelled, "1 227,60 €")
		s.paid(c, negotiation.CaseOpen, 0)
		b.press("Mon dossier").at("/case").sees("1 227,60 €", "Régler maintenant")
	})
}

func TestBrowserBackAfterPaying(t *testing.T) {
	inBrowser(t, func(t *testing.T, s *site) {
		b, c := s.atGateway()
		b.card(goodCard, inFrench).press(inFrench.button).at("…/return").sees(inFrench.thanks)
		b.back().at("localhost").seesNot("Payer 1 227,60 €")
		b.visit("/case/pay").at("/case").sees("0,00 €").seesNot("Régler maintenant")
		s.paid(c, negotiation.CaseCleared, 1)
	})
}

func TestBrowserALateClickInASecondTab(t *testing.T) {
	inBrowser(t, func(t *testing.T, s *site) {
		c := s.openCase(vasseur)
		b := s.person(phone).enterCase(c, inFrench)
		late := b.another(phone).visit("/case/pay").choose("Tout").press(inFrench.review).sees("1 227,60 €")
		b.toGateway(inFrench).card(goodCard, inFrench).press(inFrench.button).at("…/return").sees(inFrench.thanks)
		late.press(inFrench.goOn).at("/case").sees("0,00 €").seesNot("Régler maintenant")
		s.paid(c, negotiation.CaseCleared, 1)
	})
}

// Two tabs on two sums: the older page is expired before the other opens, so
// that only one can be paid.
func TestBrowserTwoTabsOnTwoSums(t *testing.T) {
	inBrowser(t, func(t *testing.T, s *site) {
		b, c := s.atGateway()
		other := b.another(phone).visit("/case/pay").choose("Une partie").fill("Votre montant", "500").press(inFrench.review).sees("500,00 €")
		other.choose("J’ai lu").press(inFrench.goOn).at("localhost").sees("500,00 €")
		b.card(goodCard, inFrench).press(inFrench.button).seesNot(inFrench.thanks)
		other.card(goodCard, inFrench).press("Payer 500,00 €").at("…/return").sees(inFrench.thanks, "727,60 €")
		s.paid(c, negotiation.CaseOpen, 1)
	})
}

// Money that comes in a second time is never lost: it is booked, flagged, and
// its refund is offered.
func TestBrowserPaidTwice(t *testing.T) {
	inBrowser(t, func(t *testing.T, s *site) {
		b, c := s.atGateway()
		_, err := s.payments.RecordElsewhere(s.ctx, admin, c.ID, payments.Elsewhere{
			Once: "fb2a3d7e-5a1c-4e4e-9f53-0a4c5b7e1c11", Amount: euros(1_227_60), On: "2026-11-20", Means: "transfer", Reference: "VIR 20 novembre",
		})
		s.must(err)
		b.card(goodCard, inFrench).press(inFrench.button).at("…/return")
		s.must(s.stripe.Quiesce(s.ctx))
		b.visit("/case").sees("0,00 €", "1 227,60 € de trop")
		if m := s.mailTo("agence@aubrelle.example"); m == nil || !strings.Contains(plainSpaces(m.Text), "1 227,60") {
			t.Errorf("the agents were not told of the money paid twice: %+v", m)
		}
		s.paid(c, negotiation.CaseCleared, 2)
	})
}

func plainSpaces(text string) string {
	return strings.NewReplacer("\u202f", " ", "\u00a0", " ").Replace(text)
}

func TestBrowserAnImpatientDoubleClick(t *testing.T) {
	inBrowser(t, func(t *testing.T, s *site) {
		c := s.openCase(vasseur)
		b := s.person(phone).enterCase(c, inFrench).press(inFrench.pay).choose("Tout").press(inFrench.review)
		p := b.find(leading, inFrench.goOn)
		b.arrive("two clicks", chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
			if _, err := chromedp.MouseClickXY(p.X, p.Y)(ctx, t); err != nil {
				return err
			}
			_, err := chromedp.MouseClickXY(p.X, p.Y, chromedp.ClickCount(2))(ctx, t)
			return err
		})).at("localhost").sees("1 227,60 €")
		made, err := s.payments.OfCase(s.ctx, c.ID)
		s.must(err)
		open := 0
		for _, p := range made {
			if p.State == payments.Started {
				open++
			}
		}
		if open != 1 {
			t.Errorf("two clicks left %d pages open: %+v", open, made)
		}
		b.card(goodCard, inFrench).press(inFrench.button).at("…/return").sees(inFrench.thanks)
		s.paid(c, negotiation.CaseCleared, 1)
	})
}
