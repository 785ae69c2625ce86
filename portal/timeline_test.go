package portal_test

import (
	"net/http"
	"testing"

	"amiable/negotiation"
)

// An offer reads "you" for whoever made it, and names them to everybody else.
func TestEachReaderIsToldOfOffersAndPlansFromTheirSide(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		c := s.openCase(garage)
		debtor := s.enter(c, "compta@garage.example.test", "33000")
		by := negotiation.Actor{Role: negotiation.RoleDebtor, ID: c.MainParty().ID, Name: "Garage du Port", CaseID: c.ID}
		ada := negotiation.Actor{Role: negotiation.RoleCreditor, ID: "u", Name: "Ada Boréal", CreditorID: c.CreditorID, Decides: true}
		terms := func(n int) negotiation.Proposal {
			return negotiation.Proposal{Terms: negotiation.Terms{Instalments: n, Every: negotiation.Monthly, FirstDueOn: "2026-12-05"}, Recognition: negotiation.RecognitionText, Language: "fr", AskCreditor: true}
		}
		out, err := s.negotiation.Propose(s.ctx, by, c.ID, terms(4))
		s.must(err)
		counter := terms(2)
		counter.Answers = out.Offer.ID
		out, err = s.negotiation.Propose(s.ctx, ada, c.ID, counter)
		s.must(err)
		_, err = s.negotiation.AcceptOffer(s.ctx, by, c.ID, out.Offer.ID, negotiation.Assent{Recognition: negotiation.RecognitionText, Language: "fr"})
		s.must(err)
		_, err = s.negotiation.PlaceHold(s.ctx, admin, c.ID, negotiation.Hold{Reason: negotiation.HoldMoved})
		s.must(err)

		debtor.get("/case/timeline").answered(http.StatusOK).sees("Vous proposez", "en 4 fois, dès le 5 décembre 2026",
			"Atelier Boréal SARL répond par une autre proposition", "Accord conclu", "en 2 fois")
		creditor := s.user("camille@boreal.example.com", negotiation.RoleCreditor, s.creditor.ID)
		creditor.get("/creditor/cases/"+c.ID).answered(http.StatusOK).sees("Garage du Port SCOP propose", "Vous répondez par une autre proposition", "Accord conclu",
			"Proposition annoncée au créancier")
		agent := s.user("noe@aubrelle.example", negotiation.RoleAgent, "")
		agent.get("/agent/cases/"+c.ID).answered(http.StatusOK).sees("Garage du Port SCOP propose", "Atelier Boréal SARL répond par une autre proposition", "Accord conclu")
	})
}

// What a debtor told the agency of a hard time stays between them.
func TestTheCreditorSeesNothingOfAHardTime(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		c, other := s.openCase(vasseur), s.openCase(garage)
		by := negotiation.Actor{Role: negotiation.RoleDebtor, ID: c.MainParty().ID, Name: "Claire Vasseur", CaseID: c.ID}
		s.must(s.negotiation.TellHardship(s.ctx, by, c.ID, "Hospitalisée depuis mars"))
		_, err := s.negotiation.PlaceHold(s.ctx, admin, other.ID, negotiation.Hold{Reason: negotiation.HoldVulnerable, Note: "Hospitalisé depuis mars"})
		s.must(err)
		s.mailTo("compta@boreal.example.com")

		agent := s.user("noe@aubrelle.example", negotiation.RoleAgent, "")
		agent.get("/agent/cases/"+c.ID).answered(http.StatusOK).sees("Un moment difficile nous est confié", "Moment difficile").seesNot("Hospitalisée depuis mars")
		creditor := s.user("camille@boreal.example.com", negotiation.RoleCreditor, s.creditor.ID)
		for _, address := range []string{"/creditor", "/creditor/cases", "/creditor/cases/" + c.ID, "/creditor/cases/" + other.ID, "/creditor/payments"} {
			creditor.get(address).answered(http.StatusOK).seesNot("ospitalis", "difficile", "Par une personne seulement", "ulnérable", "vulnerable", "hardship", "Une suspension")
		}
		mails, err := s.outbox.List(100)
		s.must(err)
		for _, m := range mails {
			if m.To == "compta@boreal.example.com" {
				t.Errorf("the creditor was told: %s", m.Subject)
			}
		}
	})
}
