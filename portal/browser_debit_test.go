package portal_test

import (
	"testing"
	"time"

	"amiable/negotiation"
	"amiable/payments"
)

// byAccount pays the first instalment from an account that is kept, on one
// device: the mandate is read on the gateway's page, the money is on its way for
// some days, and the plan then says from which account it is paid.
func byAccount(t *testing.T, s *site, w said) {
	s.must(s.payments.Offer([]string{"sepa_debit", "paypal"}))
	c, _ := s.inPlan(vasseur, inMonths(6))
	b := s.person(w.device).enterCase(c, w)
	b.visit("/case/instalments").press("Régler cette échéance").at("/case/pay").sees("Prélèvement", "PayPal", "la carte ou le compte bancaire", "huit semaines sans raison")
	b.choose("la carte ou le compte que j’enregistre").press(w.goOn).at("localhost").sees("vous autorisez Atelier Boréal SARL", "8 semaines").seesNot("PayPal")
	b.fill("IBAN d’essai", "FR30 2004 1010 0505 0001 3M02 609").press("Autoriser un prélèvement de 204,60 €").at("…/return").sees("Votre règlement est en route", "204,60 €")
	s.must(s.stripe.Quiesce(s.ctx))
	b.visit("/case/instalments").sees("ne payez pas une seconde fois", "compte", "2609")
	if got := s.load(c.ID); got.OnItsWay().Minor != 204_60 {
		t.Fatalf("%v is on its way", got.OnItsWay())
	}
	s.must(s.stripe.Advance(4 * time.Minute)) // the bank has answered
	s.must(s.stripe.Quiesce(s.ctx))
	_, err := s.payments.CheckAuthorities(s.ctx, 10)
	s.must(err)
	b.visit("/case/instalments").sees("Référence du mandat", "Identifiant du créancier", "1 échéance").seesNot("ne payez pas une seconde fois")
	made, err := s.payments.OfCase(s.ctx, c.ID)
	s.must(err)
	if len(made) != 1 || made[0].State != payments.Succeeded {
		t.Fatalf("payments: %+v", made)
	}
	b.press("Arrêter").at("/case/instalments").sees("plus rien n’est prélevé sur votre compte")
	if a, err := s.payments.AuthorityOf(s.ctx, s.load(c.ID).ActivePlan().ID); err != nil || a != nil {
		t.Fatalf("the leave lives on: %+v, %v", a, err)
	}
	s.verify()
}

func TestBrowserAnInstalmentIsPaidFromAnAccount(t *testing.T) {
	inBrowser(t, func(t *testing.T, s *site) { byAccount(t, s, inFrench) })
}

func TestBrowserAnInstalmentIsPaidFromAnAccountWithoutScript(t *testing.T) {
	inBrowser(t, func(t *testing.T, s *site) {
		bare := inFrench
		bare.noScript = true
		byAccount(t, s, bare)
	})
}

// PayPal is agreed to, or left: the payment page then waits for another way.
func TestBrowserPayPalIsLeftAndThenAgreedTo(t *testing.T) {
	inBrowser(t, func(t *testing.T, s *site) {
		s.must(s.payments.Offer([]string{"paypal"}))
		b, c := s.atGateway()
		b.press("avec PayPal").at("localhost").sees("Confirmer chez PayPal").press("Annuler").at("localhost").sees("Vous n’avez pas confirmé chez PayPal")
		s.paid(c, negotiation.CaseOpen, 0)
		b.press("avec PayPal").at("localhost").press("Confirmer le paiement").at("…/return").sees(inFrench.thanks)
		s.must(s.stripe.Quiesce(s.ctx))
		b.press(inFrench.receipt).sees("PayPal")
		s.paid(c, negotiation.CaseCleared, 1)
	})
}
