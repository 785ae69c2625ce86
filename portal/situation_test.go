package portal_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"amiable/negotiation"
	"amiable/portal/access"
)

// TestASituationIsToldProvedReadAndEnded: a debtor says that a file of
// over-indebtedness was handed in, sends the paper, and an agent follows it to
// the day on which paying is forbidden. What was told is shown to who said why.
func TestASituationIsToldProvedReadAndEnded(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		c := s.openCase(vasseur)
		debtor := s.enter(c, claire, "33000")
		debtor.get("/case/hardship").sees("J’ai déposé un dossier de surendettement").get("/case/over-indebtedness").answered(http.StatusOK).sees("trente jours sans aucun rappel")
		debtor.send("/case/over-indebtedness", map[string]string{"message": "Je n’y arrive plus depuis l’été."}, nil)
		debtor.answered(http.StatusOK).sees("C’est noté", "23 décembre 2026", "Ajouter un papier")
		debtor.send("/case/over-indebtedness", map[string]string{"number": "000426011234"}, map[string][]byte{"attestation.jpg": aPhoto(t)})
		debtor.answered(http.StatusOK).sees("votre papier est arrivé")
		debtor.send("/case/over-indebtedness", map[string]string{}, map[string][]byte{"programme.exe": []byte("MZ")})
		debtor.answered(http.StatusUnprocessableEntity).sees("programme.exe")

		all, err := s.negotiation.Situations(s.ctx, admin, s.load(c.ID))
		s.must(err)
		if len(all) != 1 {
			t.Fatalf("told once, and there are %d", len(all))
		}
		at := "/agent/cases/" + c.ID + "/situations/" + all[0].ID
		paper := at + "/files/" + all[0].Files[0].Hash
		agent := s.user("agent@aubrelle.example", negotiation.RoleAgent, "")
		agent.get("/agent/cases/"+c.ID).sees("Situations particulières", "Surendettement déclaré").seesNot("depuis l’été")
		agent.get(at).answered(http.StatusOK).sees("Annoncée", "Des mots ont été confiés", "1 papier", "Vous n’avez encore rien lu").seesNot("depuis l’été", "attestation.jpg")
		if agent.get(paper); agent.at.Path != at {
			t.Errorf("an unread paper led to %s", agent.at)
		}
		agent.get(at).submit("/reading").answered(http.StatusUnprocessableEntity).sees("pourquoi vous en avez besoin").seesNot("depuis l’été")
		agent.get(at).submit("/reading", "need", "curiosity").answered(http.StatusUnprocessableEntity)
		agent.get(at).submit("/reading", "need", "decide").answered(http.StatusOK).sees("Votre lecture est notée", "depuis l’été", "attestation.jpg", "Camille Roussel", "Décider de la suite")
		agent.get(paper).answered(http.StatusOK)
		other := s.user("autre@aubrelle.example", negotiation.RoleAgent, "")
		other.get(at).sees("Vous n’avez encore rien lu").seesNot("depuis l’été", "attestation.jpg")
		lead := s.user("chef@aubrelle.example", negotiation.RoleAgent, "")
		s.must(s.access.SetAgentRights(s.ctx, admin, s.userID("chef@aubrelle.example"), access.AgentRights{Supervises: true}))
		lead.get(at).sees("Qui a lu").seesNot("depuis l’été", "Personne n’a encore lu")

		agent.get(at).submit("/confirmation").answered(http.StatusOK).sees("La situation est confirmée")
		debtor.get("/case/over-indebtedness").sees("jusqu’à la décision")
		agent.get(at).submit("/turning").answered(http.StatusUnprocessableEntity)
		agent.get(at).submit("/turning", "into", "overindebtedness_admitted").answered(http.StatusUnprocessableEntity).sees("Surendettement déclaré")
		agent.get(at).submit("/turning", "into", "overindebtedness_admitted", "number", "R-2026-77").answered(http.StatusOK).sees("La situation est notée", "Surendettement recevable")
		debtor.get("/case").sees("recevable")
		debtor.get("/case/over-indebtedness").sees("Votre dossier est recevable")
		if m := s.mailTo("compta@boreal.example.com"); m == nil || !strings.Contains(m.Text, "L722-5") {
			t.Errorf("the creditor is not told what the law wants of it: %+v", m)
		}
		creditor := s.user("ada@boreal.example.com", negotiation.RoleCreditor, s.creditor.ID)
		creditor.get("/creditor/cases/"+c.ID).sees("Surendettement recevable").seesNot("depuis l’été", "000426011234")
		creditor.get(at).answered(http.StatusNotFound)
		debtor.get(at)
		if debtor.at.Path == at {
			t.Errorf("a debtor comes to %s", at)
		}

		// Its end, with a reason.
		all, err = s.negotiation.Situations(s.ctx, admin, s.load(c.ID))
		s.must(err)
		at = "/agent/cases/" + c.ID + "/situations/" + all[1].ID
		agent.get(at).submit("/end").answered(http.StatusUnprocessableEntity).sees("pour quelle raison")
		agent.get(at).submit("/end", "end", "closed", "end_note", "Clôture du 20 novembre.").answered(http.StatusOK).sees("La situation est terminée", "Procédure close").seesNot("Clôture du 20")
		agent.post(at+"/end", url.Values{"end": {"closed"}})
		agent.answered(http.StatusConflict).sees("déjà terminée")
		debtor.get("/case").seesNot("recevable")
		s.verify()
	})
}

// TestAnAgentNotesASituation: what an agent is told on the phone holds at once;
// what was said stays behind the show.
func TestAnAgentNotesASituation(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		c := s.openCase(vasseur)
		debtor := s.enter(c, claire, "33000")
		agent := s.user("agent@aubrelle.example", negotiation.RoleAgent, "")
		at := "/agent/cases/" + c.ID + "/situations"
		agent.get("/agent/cases/"+c.ID).sees("Noter une situation").get(at+"/new").answered(http.StatusOK).sees("Rétablissement personnel", "Identité usurpée")
		agent.send(at, map[string]string{"scope": "case", "note": "Un mot."}, nil)
		agent.answered(http.StatusUnprocessableEntity).sees("Un mot.")
		agent.send(at, map[string]string{"reason": "deceased", "scope": "person", "note": "Appel de sa fille."}, nil)
		agent.answered(http.StatusOK).sees("La situation est notée", "Décès").seesNot("Appel de sa fille")
		if debtor.get("/case"); debtor.at.Path == "/case" {
			t.Error("the links of somebody who has died still open the case")
		}
		s.on("2027-03-30") // four months on
		agent = s.user("camille@aubrelle.example", negotiation.RoleAgent, "")
		_, err := s.negotiation.AlignWork(s.ctx, 50) // the job brings what the days bring
		s.must(err)
		agent.get("/agent").sees("Revoir la situation")
		agent.get("/agent/cases/" + c.ID + "/holds/new").answered(http.StatusOK).seesNot("Décès")
		s.verify()
	})
}
