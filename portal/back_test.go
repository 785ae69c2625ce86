package portal_test

import (
	"context"
	"net/http"
	"testing"

	"amiable/negotiation"
	"amiable/negotiation/database/databasetest"
	"amiable/payments"
)

// night runs what runs by itself about money that goes back.
func (s *site) night() {
	s.t.Helper()
	for range 3 {
		for _, job := range []func(context.Context, int) (int, error){
			s.payments.RetryNotifications, s.payments.OfferRefunds, s.payments.MakeRefunds, s.payments.FollowCreditors, s.payments.SendEvidence,
		} {
			_, err := job(s.ctx, 50)
			s.must(err)
		}
		s.must(s.stripe.Quiesce(s.ctx))
	}
}

// paidWith pays the whole of Vasseur's case with a card.
func (s *site) paidWith(card string) (*negotiation.Case, *payments.Payment, *visitor) {
	s.t.Helper()
	c := s.openCase(vasseur)
	v := s.enter(c, "claire.vasseur@example.test", "33000")
	v.get("/case/pay").submit("/case/pay", "choice", "whole").submit("/case/payments").pay(card)
	s.must(s.stripe.Quiesce(s.ctx))
	made, err := s.payments.OfCase(s.ctx, c.ID)
	s.must(err)
	return c, &made[0], v
}

func TestAnAgentGivesMoneyBackAndEverybodyReadsIt(t *testing.T) {
	s := newSite(t, databasetest.SQLite(t, migrations...))
	s.payments.SetRefundRules(payments.RefundRules{TwoPersonsFrom: 500_00})
	c, p, debtor := s.paidWith("4242424242424242")
	agent := s.user("nadia@aubrelle.example.test", negotiation.RoleAgent, "")
	second := s.user("paul@aubrelle.example.test", negotiation.RoleAgent, "")
	at := "/agent/payments/" + p.ID

	agent.get("/agent/cases/" + c.ID).answered(http.StatusOK).sees("Ouvrir")
	agent.get(at).answered(http.StatusOK).sees("Paiement de 1 227,60 €", "Jusqu’à 1 227,60 € peuvent être rendus", "deux personnes")
	agent.submit(at+"/refunds", "amount", "2000", "reason", "twice").answered(http.StatusUnprocessableEntity).sees("Au plus 1 227,60 €")
	agent.submit(at+"/refunds", "amount", "600", "reason", "twice").answered(http.StatusOK).sees("Attend un oui", "Une autre personne doit dire oui")
	second.get("/agent").sees("Rendre 600,00 €", "attend un oui")
	second.get(at).submit("/approval").answered(http.StatusOK).sees("Part bientôt")
	s.night()
	second.get(at).sees("Rendu", "Ce qui reste de ce paiement", "627,60 €")
	second.get("/agent").seesNot("Rendre 600,00 €")

	debtor.get("/case").sees("600,00 € vous reviennent")
	debtor.get("/case/receipts").sees("627,60 €")
	debtor.get("/case/receipts/" + c.Reference + "-1").answered(http.StatusOK).sees("Depuis, 600,00 € vous ont été rendus")
	debtor.get("/case/receipts/"+c.Reference+"-1-R1").answered(http.StatusOK).sees("627,60 €", c.Reference+"-1")
	debtor.get("/case/receipts/" + c.Reference + "-1-R1.pdf").answered(http.StatusOK)
	creditor := s.user("camille@boreal.example.com", negotiation.RoleCreditor, s.creditor.ID)
	creditor.get("/creditor/cases/"+c.ID).answered(http.StatusOK).sees("rendu : 600,00 €", "600,00 € rendus au payeur")
	creditor.get(at).answered(http.StatusNotFound)
	s.verify()
}

func TestAnAgentAnswersThePayersBank(t *testing.T) {
	s := newSite(t, databasetest.SQLite(t, migrations...))
	c, p, debtor := s.paidWith("4000000000000259")
	s.night()
	agent := s.user("nadia@aubrelle.example.test", negotiation.RoleAgent, "")
	agent.get("/agent").answered(http.StatusOK).sees("Répondre à la banque, 1 227,60 €", "paiement repris")
	_, charged, err := s.payments.BackOf(s.ctx, c.ID)
	s.must(err)
	at := "/agent/chargebacks/" + charged[0].ID
	agent.get(at).answered(http.StatusOK).sees("Paiement non reconnu", "À répondre avant la fin", "PL-2026-0412", "lien personnel envoyé", "page de paiement ouverte", "Claire Vasseur")
	agent.submit(at+"/evidence", "text", "").answered(http.StatusUnprocessableEntity).sees("Écrivez ce que la banque doit savoir")
	debtor.get("/case").sees("Votre banque a repris 1 227,60 €")
	debtor.get("/case/receipts/" + c.Reference + "-1").sees("cette quittance ne vaut plus")
	debtor.get(at).seesNot("Paiement non reconnu")

	agent.get(at).submit(at+"/evidence", "text", "winning_evidence").answered(http.StatusOK)
	s.must(s.stripe.Quiesce(s.ctx))
	s.night()
	agent.get(at).sees("La banque nous donne raison", "winning_evidence")
	agent.get("/agent").seesNot("Répondre à la banque")
	debtor.get("/case").sees("0,00 €").seesNot("Votre banque a repris 1 227,60 € que")
	if got, err := s.payments.Of(s.ctx, admin, p.ID); err != nil || got.TakenBack != 0 {
		t.Errorf("%+v, %v", got, err)
	}
	s.verify()
}
