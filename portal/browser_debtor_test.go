package portal_test

import (
	"testing"

	"amiable/negotiation"
	"amiable/negotiation/database"
	"amiable/negotiation/database/databasetest"
	"amiable/payments"
)

// said are the words a debtor presses and reads, in one language.
type said struct {
	device
	answer, open, pay, whole, review, goOn, button, number, expiry, cvc, name string
	left, thanks, receipt, settled, back, cancelled, apple                    string
}

var (
	inFrench = said{
		device: phone, answer: "Votre code postal", open: "Ouvrir mon message", pay: "Régler maintenant", whole: "Tout", review: "Relire avant de payer",
		goOn: "Aller à la page de paiement", button: "Payer 1 227,60 €", number: "Numéro de la carte", expiry: "Expire fin", cvc: "Cryptogramme", name: "Nom sur la carte",
		left: "1 227,60 €", thanks: "C’est réglé, merci", receipt: "Voir ma quittance", settled: "Tout est réglé", back: "Revenir sans payer",
		cancelled: "Rien n’a été payé", apple: "Apple Pay",
	}
	inEnglish = said{
		device: english, answer: "Your postcode", open: "Open my message", pay: "Pay now", whole: "All", review: "Read again before paying",
		goOn: "Go to the payment page", button: "Pay €1,227.60", number: "Number of the test card", expiry: "Expires", cvc: "Security code", name: "Name on the card",
		left: "€1,227.60", thanks: "Paid, thank you", receipt: "See my receipt", settled: "All is paid", back: "Go back without paying",
		cancelled: "Nothing was paid", apple: "Apple Pay",
	}
)

// The cards of the gateway's own tests.
const (
	goodCard     = "4242424242424242"
	declinedCard = "4000000000009995"
	proofCard    = "4000002760003184"
)

// enterCase opens the link of a case and answers the check.
func (b *tab) enterCase(c *negotiation.Case, w said) *tab {
	b.t.Helper()
	b.visit(b.s.linkTo(c, "claire.vasseur@example.test"))
	return b.fill(w.answer, "33000").press(w.open).at("/case")
}

// toGateway goes from the case page to the gateway's, with the whole sum.
func (b *tab) toGateway(w said) *tab {
	b.t.Helper()
	return b.press(w.pay).choose(w.whole).press(w.review).sees(w.left).press(w.goOn).at("localhost")
}

// card fills in the gateway's form.
func (b *tab) card(number string, w said) *tab {
	b.t.Helper()
	return b.fill(w.number, number).fill(w.expiry, "12 / 34").fill(w.cvc, "123").fill(w.name, "Claire Vasseur")
}

// paid says what is left of a case and how often it was paid.
func (s *site) paid(c *negotiation.Case, state negotiation.CaseState, times int) {
	s.t.Helper()
	s.must(s.stripe.Quiesce(s.ctx))
	if got := s.load(c.ID); got.State != state {
		s.t.Errorf("the case is %s, not %s, and owes %v", got.State, state, got.Balance())
	}
	made, err := s.payments.OfCase(s.ctx, c.ID)
	s.must(err)
	succeeded := 0
	for _, p := range made {
		if p.State == payments.Succeeded {
			succeeded++
		}
	}
	if succeeded != times {
		s.t.Errorf("%d payments succeeded, not %d: %+v", succeeded, times, made)
	}
	s.verify()
}

func TestBrowserADebtorPaysOnAPhone(t *testing.T) {
	needBrowser(t)
	databasetest.Each(t, migrations, func(t *testing.T, db *database.DB) {
		s := newSite(t, db)
		c := s.openCase(vasseur)
		b := s.person(phone)
		b.visit(s.linkTo(c, "claire.vasseur@example.test")).answered(200).oneRequest(t, "the link page")
		b.sees("Nadia Ferrand", "Agence Aubrelle", "PL-2026-0412").seesNot("Atelier Boréal", "1 227,60", negotiation.GroupedReference(c.Reference))
		b.fill(inFrench.answer, "33000").press(inFrench.open).at("/case").sees("Atelier Boréal SARL", "1 227,60 €", "la verrière intérieure")
		b.visit("/case").oneRequest(t, "the case page")
		b.toGateway(inFrench).card(goodCard, inFrench).press(inFrench.button).at("…/return").answered(200)
		b.sees(inFrench.thanks, "1 227,60 €", "Il ne reste rien").reload().sees(inFrench.thanks)
		s.must(s.stripe.Quiesce(s.ctx)) // with what was paid may be said after that it was
		b.press(inFrench.receipt).sees(inFrench.settled, "Atelier Boréal SARL", "Visa ·· 4242", "Provisoire jusqu’au 23 mars 2027")
		b.visit("/case").sees("0,00 €")
		s.paid(c, negotiation.CaseCleared, 1)
	})
}

func TestBrowserADebtorPaysWithoutScript(t *testing.T) {
	inBrowser(t, func(t *testing.T, s *site) {
		c := s.openCase(vasseur)
		d := phone
		d.noScript = true
		b := s.person(d)
		b.enterCase(c, inFrench).toGateway(inFrench).card(goodCard, inFrench).press(inFrench.button).at("…/return").sees(inFrench.thanks)
		s.paid(c, negotiation.CaseCleared, 1)
	})
}

func TestBrowserADebtorPaysInEnglish(t *testing.T) {
	inBrowser(t, func(t *testing.T, s *site) {
		c := s.openCase(vasseur)
		b := s.person(english).enterCase(c, inEnglish).sees("Atelier Boréal SARL", "€1,227.60")
		b.toGateway(inEnglish).card(goodCard, inEnglish).press(inEnglish.button).at("…/return").sees(inEnglish.thanks)
		b.press(inEnglish.receipt).sees(inEnglish.settled)
		s.paid(c, negotiation.CaseCleared, 1)
	})
}
