package portal_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"amiable/negotiation"
	"amiable/portal/access"
)

// TestBothSidesAndTheAgencyFindAWayOut is a dispute from its first word to its
// outcome, each side on its own pages.
func TestBothSidesAndTheAgencyFindAWayOut(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		c := s.openCase(vasseur)
		debtor := s.enter(c, "claire.vasseur@example.test", "33000").get("/case/contest")
		form := map[string]string{"claim": c.Claims[0].ID, "part": "sum", "amount": "320", "ground": "goods_or_service", "message": "La porte ferme mal."}
		debtor.send("/case/disputes", form, map[string][]byte{"porte.jpg": aPhoto(t)}).answered(http.StatusOK)
		d := s.disputes(c)[0]
		own, at := "/case/disputes/"+d.ID, "/creditor/cases/"+c.ID+"/disputes/"+d.ID
		sheet := strings.Replace(at, "/creditor", "/agent", 1)
		photo := "/files/" + d.Steps[0].Files[0].Hash

		// The creditor is told, finds it at home, and reads it with its photo.
		_, err := s.outreach.DeliverDue(s.ctx, 100)
		s.must(err)
		told := false
		mails, err := s.outbox.List(1000)
		s.must(err)
		for i := range mails {
			told = told || slices.ContainsFunc(mails[i].Links, func(link string) bool { return strings.HasSuffix(link, at) })
		}
		if !told {
			t.Error("no mail leads to the page of the dispute")
		}
		creditor := s.user("camille@boreal.example.com", negotiation.RoleCreditor, s.creditor.ID)
		creditor.get("/creditor").sees("conteste la facture n° 2026-0318", "320,00 €", "Répondre")
		creditor.get("/creditor/cases/"+c.ID).sees("Contestations", "Au créancier de répondre")
		creditor.get(at).answered(http.StatusOK).sees("La porte ferme mal.", "porte.jpg", "Lu par les deux côtés", "lundi 30 novembre 2026", "Votre réponse").seesNot("Noter la réponse")
		creditor.get(at + photo).answered(http.StatusOK)

		// Another creditor learns nothing, and who only reads may not answer.
		other := s.user("autre@example.com", negotiation.RoleCreditor, s.addCreditor("CRE-002", "Autre Créancier SARL", nil).ID)
		for _, path := range []string{at, at + photo, at + "/outcome", sheet, sheet + photo} {
			other.get(path).answered(http.StatusNotFound)
		}
		other.post(at+"/answer", url.Values{"answer": {"accepted"}})
		other.answered(http.StatusNotFound)
		reader := s.user("lecteur@boreal.example.com", negotiation.RoleCreditor, s.creditor.ID)
		s.mayNotDecide("lecteur@boreal.example.com")
		reader.get(at).answered(http.StatusOK).sees("Vous pouvez lire cette contestation").seesNot("Envoyer la réponse")
		reader.post(at+"/answer", url.Values{"answer": {"accepted"}})
		reader.answered(http.StatusForbidden)

		creditor.get(at).submit("/answer", "answer", "part").answered(http.StatusUnprocessableEntity)
		creditor.submit("/answer", "answer", "part", "amount", "900", "message", "La charnière, oui.").answered(http.StatusUnprocessableEntity).sees("en dessous de 320,00 €", "La charnière, oui.")
		creditor.send(at+"/answer", map[string]string{"answer": "part", "amount": "100", "message": "La charnière, oui."}, map[string][]byte{"bon.jpg": aPhoto(t)})
		creditor.answered(http.StatusOK).sees("La réponse est transmise", "remet 100,00 € et maintient le reste", "bon.jpg", "Au client de répondre", "220,00 €").seesNot("Envoyer la réponse")
		creditor.post(at+"/answer", url.Values{"answer": {"accepted"}})
		creditor.answered(http.StatusConflict).sees("Le créancier a déjà répondu", "Au client de répondre")
		creditor.get("/creditor").seesNot("conteste la facture")

		debtor.get(own).submit("/replies", "answer", "disagrees", "message", "Et le joint ?").answered(http.StatusOK)

		// The agent finds it in the day's work and writes on the sheet.
		agent := s.user("agent@aubrelle.example", negotiation.RoleAgent, "")
		agent.get("/agent").sees("Chercher une issue", "facture n° 2026-0318 contestée")
		agent.get("/agent/cases/"+c.ID).sees("Contestations", "L’agence cherche une issue")
		agent.get(sheet).answered(http.StatusOK).sees("Et le joint ?", "porte.jpg", "bon.jpg", "Écrire sur la feuille", "Écrire l’issue").seesNot("Les deux ont dit oui")
		agent.get(sheet + photo).answered(http.StatusOK)
		agent.get(sheet).submit("/steps", "line", "line", "audience", "", "message", "Bonjour").answered(http.StatusUnprocessableEntity).sees("Choisissez qui peut le lire", "Bonjour")
		write := func(values ...string) { agent.get(sheet).submit("/steps", values...).answered(http.StatusOK) }
		write("line", "fact_agreed", "message", "La charnière est à changer.")
		write("line", "call", "message", "Appel confidentiel.")
		write("line", "line", "audience", "creditor", "message", "Entre nous.")
		write("line", "line", "audience", "debtor", "message", "Avez-vous une photo ?")
		agent.get(sheet).submit("/steps", "line", "way", "message", "On coupe en deux.", "way", "corrected_amount").answered(http.StatusUnprocessableEntity)
		agent.submit("/steps", "amount", "110").answered(http.StatusOK).sees("On coupe en deux.", "Établi pour les deux", "Lu par l’agence seule", "Appel confidentiel.")
		creditor.get("/creditor").sees("Une issue attend votre mot")
		creditor.get(at).sees("Entre nous.", "On coupe en deux.", "La charnière est à changer.", "il resterait 110,00 €").seesNot("confidentiel", "Avez-vous une photo")

		// Both take it: the creditor here, the debtor on the phone with a note.
		creditor.submit("/ways", "takes", "yes").answered(http.StatusOK).sees("C’est noté", "dit oui à l’issue")
		agent.get(sheet).submit("/ways", "as", c.MainParty().ID, "takes", "yes").answered(http.StatusUnprocessableEntity)
		agent.submit("/ways", "note", "Au téléphone, à dix heures.").answered(http.StatusOK).sees("Au téléphone, à dix heures.")
		creditor.get(at).seesNot("à dix heures")
		debtor.get(own).sees("Vous avez dit oui.").seesNot("à dix heures", "Entre nous")
		agent.get(sheet).sees("Les deux ont dit oui").submit("/resolution", "outcome", "agreed").answered(http.StatusUnprocessableEntity)
		agent.submit("/resolution", "reasons", "Chacun fait un pas.").answered(http.StatusOK).sees("La contestation a pris fin", "Chacun fait un pas.", "210,00 €").seesNot("Écrire sur la feuille")
		agent.get(sheet+"/outcome").answered(http.StatusOK).sees("Chacun fait un pas.", "210,00 €")
		creditor.get(at).sees("Réglée d’un commun accord").get(at + "/outcome").answered(http.StatusOK)
		debtor.get(own).sees("Une solution est trouvée")
		agent.post(sheet+"/taking-up", url.Values{})
		agent.answered(http.StatusConflict).sees("Voici où en est la contestation maintenant")
		agent.get("/agent").seesNot("Chercher une issue")
		s.verify()
	})
}

// mayNotDecide takes the right to answer from a creditor's user.
func (s *site) mayNotDecide(email string) {
	s.t.Helper()
	users, err := s.access.Users(s.ctx, admin, s.creditor.ID)
	s.must(err)
	for i := range users {
		if users[i].Email == email {
			s.must(s.access.SetPowers(s.ctx, admin, users[i].ID, access.Powers{}))
			return
		}
	}
	s.t.Fatalf("no user %s", email)
}

// TestAnAgentWritesDownWhatWasSaidOnThePhone: the creditor maintains, the debtor
// takes the dispute back; neither came to a page.
func TestAnAgentWritesDownWhatWasSaidOnThePhone(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		c := s.openCase(vasseur)
		s.enter(c, "claire.vasseur@example.test", "33000").contest("part", "whole", "ground", "already_paid").answered(http.StatusOK)
		sheet := "/agent/cases/" + c.ID + "/disputes/" + s.disputes(c)[0].ID
		agent := s.user("agent@aubrelle.example", negotiation.RoleAgent, "").get(sheet).answered(http.StatusOK).sees("Noter la réponse du créancier", "la facture entière")
		agent.submit("/answer", "answer", "maintained", "message", "Rien n’est arrivé.").answered(http.StatusUnprocessableEntity)
		agent.submit("/answer", "note", "Par courriel du 23.").answered(http.StatusOK).sees("maintient la somme", "Noté par Camille Roussel", "Par courriel du 23.", "Noter ce que dit le client")
		agent.submit("/replies", "answer", "disagrees", "message", "J’ai le relevé.", "note", "Au téléphone.").answered(http.StatusOK).sees("L’agence cherche une issue", "J’ai le relevé.")
		agent.submit("/withdrawal").answered(http.StatusUnprocessableEntity)
		agent.submit("/withdrawal", "told", "Au téléphone, le relevé est d’une autre facture.").answered(http.StatusOK).sees("retire la contestation", "La contestation a pris fin")
		if d := s.disputes(c)[0]; d.State != negotiation.DisputeWasWithdraw {
			t.Errorf("the dispute is %s", d.State)
		}
		s.verify()
	})
}
