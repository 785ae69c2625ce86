package portal_test

import (
	"net/http"
	"strings"
	"testing"

	"amiable/negotiation"
	"amiable/negotiation/money"
	"amiable/portal/access"
)

var money10 = money.Euros(10_00)

// told counts the events of a kind on a case.
func (s *site) told(c *negotiation.Case, kind negotiation.EventKind) (n int) {
	s.t.Helper()
	events, err := s.negotiation.Events(s.ctx, c.ID)
	s.must(err)
	for i := range events {
		if events[i].Kind == kind {
			n++
		}
	}
	return n
}

// TestACreditNoteIsEntered: by an agent, with the creditor's word and its paper,
// up to their own limit; by the creditor itself, who decides.
func TestACreditNoteIsEntered(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		c := s.openCase(vasseur)
		debtor := s.enter(c, claire, "33000")
		agent := s.user("agent@aubrelle.example", negotiation.RoleAgent, "")
		s.must(s.access.SetAgentRights(s.ctx, admin, s.userID("agent@aubrelle.example"), access.AgentRights{GivesUpTo: 100_00}))
		at := "/agent/cases/" + c.ID
		credit := map[string]string{"claim": c.Claims[0].ID, "number": "AV-2026-17", "amount": "48,60", "on": "2026-11-20"}
		agent.get(at).sees("Noter un avoir").get(at+"/credits/new").answered(http.StatusOK).sees("Seul, vous pouvez aller jusqu’à 100,00", "Demander un second regard")
		agent.send(at+"/credits", map[string]string{}, nil)
		agent.answered(http.StatusUnprocessableEntity)
		agent.send(at+"/credits", credit, nil)
		agent.answered(http.StatusUnprocessableEntity).sees("comment le créancier a dit oui")
		credit["reason"], credit["amount"] = "Mme Boréal au téléphone, le 20.", "148,60"
		agent.send(at+"/credits", credit, nil)
		agent.answered(http.StatusForbidden).sees("Demandez un second regard")
		credit["amount"] = "48,60"
		before := s.load(c.ID).Balance()
		agent.sendIn("proof", at+"/credits", credit, map[string][]byte{"avoir.jpg": aPhoto(t)})
		agent.answered(http.StatusOK).sees("L’avoir est noté", "Avoir AV-2026-17")
		if now := s.load(c.ID).Balance(); now.Cmp(before) >= 0 {
			t.Errorf("%v is owed, and was %v", now, before)
		}
		debtor.get("/case").sees("Avoir n° AV-2026-17").seesNot("au téléphone")
		if m := s.mailTo(claire); m == nil || strings.Contains(m.Text, "48,60") || !strings.Contains(m.Text, "a corrigé ce qui vous est demandé") {
			t.Errorf("the debtor is told: %+v", m)
		}
		if m := s.mailTo("compta@boreal.example.com"); m == nil || !strings.Contains(m.Text, "AV-2026-17") {
			t.Errorf("the creditor is told: %+v", m)
		}
		given, err := s.negotiation.GivenUp(s.ctx, admin, s.load(c.ID))
		s.must(err)
		if len(given) != 1 || given[0].Words == "" || given[0].ProofName != "avoir.jpg" {
			t.Errorf("given up: %+v", given)
		}

		head := s.user("ada@boreal.example.com", negotiation.RoleCreditor, s.creditor.ID)
		mine := "/creditor/cases/" + c.ID
		head.get(mine).sees("Noter un avoir", "Reprendre le dossier").get(mine + "/credits/new").answered(http.StatusOK).seesNot("Demander un second regard")
		credit["number"], credit["reason"] = "AV-2026-18", ""
		head.send(mine+"/credits", credit, nil)
		head.answered(http.StatusOK).sees("L’avoir est noté")
		head.send(mine+"/credits", credit, nil)
		head.answered(http.StatusConflict).sees("déjà noté")
		if n := s.told(c, negotiation.CreditNoteRecorded); n != 2 {
			t.Errorf("%d credit notes", n)
		}
		s.verify()
	})
}

// TestACaseIsTakenBack by its creditor's word: nothing is asked any more, both
// are told, and a late click finds the case as it is.
func TestACaseIsTakenBack(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		c := s.openCase(vasseur)
		debtor := s.enter(c, claire, "33000")
		agent := s.user("agent@aubrelle.example", negotiation.RoleAgent, "")
		at := "/agent/cases/" + c.ID + "/withdrawal"
		agent.get(at).answered(http.StatusOK).sees("Le dossier entier").seesNot("Facture n° 2026-0318")
		agent.send(at, map[string]string{"reason": "Réglé en travaux."}, nil)
		agent.answered(http.StatusUnprocessableEntity).sees("Réglé en travaux.")
		agent.send(at, map[string]string{"claim": "case"}, nil)
		agent.answered(http.StatusUnprocessableEntity)
		for range 2 { // a second click
			agent.send(at, map[string]string{"claim": "case", "reason": "Réglé en travaux, courriel du 20."}, nil)
			agent.answered(http.StatusOK).sees("C’est repris")
		}
		if got := s.load(c.ID); got.State != negotiation.CaseWithdrawn || s.told(c, negotiation.CaseWasWithdrawn) != 1 {
			t.Errorf("the case is %s, told %d times", got.State, s.told(c, negotiation.CaseWasWithdrawn))
		}
		if m := s.mailTo(claire); m == nil || !strings.Contains(m.Text, "a repris votre dossier") || strings.Contains(m.Text, "travaux") {
			t.Errorf("the debtor is told: %+v", m)
		}
		debtor.get("/case").answered(http.StatusOK).seesNot("Payer maintenant", "courriel du 20")
		agent.get("/agent/cases/" + c.ID).seesNot("Noter un avoir").get(at).sees("Ce dossier est clos")
		clerk, _ := s.colleague("clerk@boreal.example.com", access.Powers{})
		clerk.get("/creditor/cases/" + c.ID + "/withdrawal").answered(http.StatusForbidden)
		s.verify()
	})
}
