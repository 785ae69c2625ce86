package portal_test

import (
	"net/http"
	"testing"

	"amiable/negotiation"
)

func TestADebtorTakesAPauseAndTellsOfAHardTime(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		c := s.openCase(vasseur)
		v := s.enter(c, "claire.vasseur@example.test", "33000")
		v.get("/case/pause").answered(http.StatusOK).sees("Prendre une pause de 15 jours", "lundi 7 décembre 2026")
		v.submit("/case/pause").answered(http.StatusOK).sees("Votre pause court jusqu’au lundi 7 décembre 2026")
		v.get("/case").sees("Votre pause court jusqu’au lundi 7 décembre 2026")
		got := s.load(c.ID)
		if len(got.Holds) != 1 || got.Holds[0].Reason != negotiation.HoldBreathingSpace || got.Holds[0].UntilOn != "2026-12-07" {
			t.Fatalf("holds: %+v", got.Holds)
		}
		v.get("/case/hardship").answered(http.StatusOK)
		v.submit("/case/hardship", "message", "Je sors de l'hôpital.").answered(http.StatusOK).sees("C’est noté")
		v.get("/case/hardship").seesNot("Ce que vous voulez nous dire")
		staff := s.user("camille@boreal.example.com", negotiation.RoleCreditor, s.creditor.ID).get("/creditor/cases/" + c.ID).answered(http.StatusOK)
		staff.seesNot("hôpital", "Vulnérab", "difficile")
		agent := s.user("nadia@aubrelle.example", negotiation.RoleAgent, "").get("/agent/cases/" + c.ID).answered(http.StatusOK).seesNot("hôpital")
		agent.get(agent.href("/situations/0")).submit("/reading", "need", "answer").answered(http.StatusOK).sees("Je sors de l'hôpital.")
		s.verify()
	})
}
