package portal_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"amiable/negotiation"
)

// thread is the address of a case's messages in a console.
func threadOf(console string, c *negotiation.Case) string {
	return "/" + console + "/cases/" + c.ID + "/messages"
}

func (s *site) messages(c *negotiation.Case) []negotiation.Message {
	s.t.Helper()
	thread, err := s.negotiation.Thread(s.ctx, admin, s.load(c.ID))
	s.must(err)
	return thread
}

func TestDebtorCreditorAndAgentWriteInOneThread(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		c := s.openCase(vasseur)
		v := s.enter(c, "claire.vasseur@example.test", "33000")
		v.get("/case").seesNot("vous attend").get("/case/message").answered(http.StatusOK).sees("Aucun message", "L’agence seulement", "L’agence et Atelier Boréal SARL")
		// One file of two is not taken: the other is kept, and only the words are sent again.
		v.send("/case/message", map[string]string{"audience": "agency", "message": "La porte ferme mal."}, map[string][]byte{"porte.jpg": aPhoto(t), "note.pdf": []byte("<svg onload=alert(1)>")})
		v.answered(http.StatusUnprocessableEntity).sees("note.pdf : ce fichier n’est ni une photo", "Fichier déjà gardé", "La porte ferme mal.")
		v.submit("/case/message").answered(http.StatusOK).sees("C’est envoyé", "Nadia Ferrand vous répond au plus tard le mercredi 25 novembre 2026", "porte.jpg", "Visible par vous et l’agence.", "Pas encore lu.")
		v.get("/case").sees("Vous écrivez un message")

		// The agency is told, by mail and on its list, without a word of it.
		m := s.mailTo("agence@aubrelle.example")
		if !strings.Contains(m.Text, "/agent/cases/"+c.ID+"/messages") || strings.Contains(m.Text, "ferme mal") {
			t.Errorf("the agency's mail: %s", m.Text)
		}
		agent := s.user("agent@aubrelle.example", negotiation.RoleAgent, "")
		agent.get("/agent").sees("Claire Vasseur · Atelier Boréal SARL", "Répondre au message", "Claire Vasseur a écrit")
		agent.get("/agent/cases/"+c.ID).sees("1 nouveau", "Attend une réponse", "La porte ferme mal.")
		at := threadOf("agent", c)
		agent.get(at).answered(http.StatusOK).sees("Claire Vasseur attend une réponse depuis le lundi 23 novembre 2026", "Nouveau", "porte.jpg")
		photo := "/case/message/files/" + s.messages(c)[0].Files[0].Hash
		agent.get(at + "/files/" + s.messages(c)[0].Files[0].Hash).answered(http.StatusOK)
		v.get("/case/message").sees("Lu par Agence Aubrelle le")
		v.get(photo).answered(http.StatusOK)

		// A private line to the creditor, a note, and the answer.
		agent.get(at).submit("#reply", "message", "Bonjour").answered(http.StatusUnprocessableEntity).sees("Choisissez qui peut le lire", "Bonjour")
		agent.send(at, map[string]string{"audience": "creditor", "message": "Pouvez-vous passer ?", "language": "fr"}, map[string][]byte{"plan.jpg": aPhoto(t)})
		agent.answered(http.StatusOK).sees("Visible par l’agence et Atelier Boréal SARL.", "attend une réponse")
		agent.get(at).submit("#reply", "audience", "agency", "message", "Rappeler jeudi.").answered(http.StatusOK).sees("Visible par l’agence seule.", "attend une réponse")
		agent.get(at).submit("#reply", "audience", "debtor", "message", "Je vois avec l’artisan.").answered(http.StatusOK).sees("chacun est prévenu", "Pas encore lu.").seesNot("attend une réponse")
		agent.get("/agent").seesNot("Répondre au message")

		// The debtor's mail leads to the thread, and says nothing of it.
		m = s.mailTo("claire.vasseur@example.test")
		if !strings.HasSuffix(m.Subject, "un message vous attend") || strings.Contains(m.Text, "artisan") || strings.Contains(m.Text, "1 227") {
			t.Errorf("the debtor's mail: %s\n%s", m.Subject, m.Text)
		}
		link := ""
		for _, l := range m.Links {
			if strings.HasSuffix(l, "?to=message") {
				link = l
			}
		}
		v.get("/case").sees("Un message vous attend.", "Lire et répondre")
		v.get(link)
		newVisitor(s).get(link).submit("/l/", "answer", "33000").answered(http.StatusOK).sees("Je vois avec l’artisan.", "Nouveau").seesNot("Pouvez-vous passer", "Rappeler jeudi", "plan.jpg")
		v.get("/case").seesNot("vous attend.")
		agent.get(at).sees("Lu par Claire Vasseur le")
		private := ""
		for _, m := range s.messages(c) {
			if m.Audience == negotiation.ToCreditorOnly {
				private = m.Files[0].Hash
			}
		}
		if private == s.messages(c)[0].Files[0].Hash { // one content, two names: each reads the name that was meant for them
			v.get("/case/message/files/" + private).answered(http.StatusOK)
			if !strings.Contains(v.head.Get("Content-Disposition"), "porte.jpg") {
				t.Errorf("the debtor is sent %s", v.head.Get("Content-Disposition"))
			}
		}
		v.get("/case/timeline").sees("Agence Aubrelle vous écrit")
		if n := strings.Count(v.text(), "Agence Aubrelle vous écrit"); n != 1 {
			t.Errorf("the debtor's timeline has %d lines of the agency, not one", n)
		}

		// The creditor reads what is meant for them, and answers both.
		creditor := s.user("camille@boreal.example.com", negotiation.RoleCreditor, s.creditor.ID)
		if m = s.mailTo("compta@boreal.example.com"); m == nil || !strings.Contains(m.Text, "/creditor/cases/"+c.ID+"/messages") || strings.Contains(m.Text, "Pouvez-vous") {
			t.Errorf("the creditor's mail: %+v", m)
		}
		their := threadOf("creditor", c)
		creditor.get("/creditor").sees("Un message à lire, Claire Vasseur", "depuis le 23 novembre 2026")
		creditor.get("/creditor/cases/"+c.ID).sees("1 nouveau", "Pouvez-vous passer ?").seesNot("La porte ferme mal", "l’artisan")
		creditor.get(their).sees("Pouvez-vous passer ?", "plan.jpg", "Visible par vous et l’agence.").seesNot("La porte ferme mal", "l’artisan", "Rappeler jeudi", "Aucune réponse n’est nécessaire", "modèle")
		creditor.get("/creditor").seesNot("Un message à lire").get(their)
		creditor.submit("#reply", "audience", "all", "message", "Nous passons jeudi à 9 h.").answered(http.StatusOK).sees("Visible par vous, Claire Vasseur et l’agence.")
		v.get("/case/message").sees("Nous passons jeudi à 9 h.", "Visible par vous, Atelier Boréal SARL et l’agence.")
		v.submit("/case/message", "audience", "all", "message", "Merci.").answered(http.StatusOK)
		agent.get("/agent").sees("Atelier Boréal SARL a écrit", "Claire Vasseur a écrit")
		agent.get(at).submit("/settled").answered(http.StatusOK).sees("aucune réponse n’est attendue")
		agent.get(at).submit("/settled").answered(http.StatusOK).seesNot("attend une réponse")
		agent.post(at+"/settled", url.Values{"side": {"debtor"}}).answered(http.StatusConflict).sees("Rien n’attend plus de réponse")
		for _, e := range s.events(c) {
			if e.Kind == negotiation.DebtRecognised {
				t.Error("writing recognised the debt")
			}
		}
		s.verify()
	})
}

func TestWhatABrowserFetchesAheadIsNotRead(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		c := s.openCase(vasseur)
		v := s.enter(c, "claire.vasseur@example.test", "33000")
		_, err := s.negotiation.PostMessage(s.ctx, admin, c.ID, negotiation.Write{Audience: negotiation.ToDebtorOnly, Words: "Bonjour"})
		s.must(err)
		before := s.load(c.ID).EventSeq
		ahead, err := http.NewRequest(http.MethodGet, s.base+"/case/message", nil)
		s.must(err)
		ahead.Header.Set("Sec-Purpose", "prefetch")
		v.do(ahead).answered(http.StatusOK)
		if n := len(s.messages(c)[0].Read); n != 0 {
			t.Fatalf("%d read it ahead", n)
		}
		for range 3 {
			v.get("/case/message").answered(http.StatusOK)
		}
		if read := s.messages(c)[0].Read; len(read) != 1 || read[0].ReaderID != c.MainParty().ID || s.load(c.ID).EventSeq != before {
			t.Errorf("it was read by %+v, and reading wrote %d events", read, s.load(c.ID).EventSeq-before)
		}
		s.verify()
	})
}

// What was mailed is not mailed again for each word that follows.
func TestSeveralMessagesInARowAreOneMail(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		c := s.openCase(vasseur)
		v := s.enter(c, "claire.vasseur@example.test", "33000")
		before := len(s.mails())
		for _, words := range []string{"Bonjour", "Encore un mot", "Et une question"} {
			v.get("/case/message").submit("/case/message", "message", words).answered(http.StatusOK)
			s.mailTo("agence@aubrelle.example")
		}
		if n := len(s.mails()) - before; n != 1 {
			t.Errorf("the agency had %d mails of three messages", n)
		}
		agent := s.user("agent@aubrelle.example", negotiation.RoleAgent, "")
		at := threadOf("agent", c)
		for _, words := range []string{"Bien reçu.", "J’ajoute ceci."} {
			agent.get(at).submit("#reply", "audience", "debtor", "message", words).answered(http.StatusOK)
			s.mailTo("claire.vasseur@example.test")
		}
		if n := len(s.lettersOfKind(c, negotiation.LetterMessage)); n != 1 {
			t.Errorf("the debtor has %d mails of two answers", n)
		}
		// A day later they have still not looked: what comes now is told.
		s.must(negotiation.RowClock{DB: s.db}.Set(s.ctx, start.Add(26*time.Hour)))
		v.get("/case").submit("/sign-out")
		agent.get(at).submit("#reply", "audience", "debtor", "message", "L’artisan passe jeudi.").answered(http.StatusOK)
		if n := len(s.lettersOfKind(c, negotiation.LetterMessage)); n != 2 {
			t.Errorf("the debtor has %d mails a day later", n)
		}
		s.verify()
	})
}

func TestAClosedCasesThreadStaysReadable(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		c := s.openCase(vasseur)
		v := s.enter(c, "claire.vasseur@example.test", "33000").get("/case/message")
		v.submit("/case/message", "message", "Et la garantie ?").answered(http.StatusOK)
		s.must(s.negotiation.Withdraw(s.ctx, admin, c.ID, negotiation.Word{Why: "Réglé en travaux"}))
		v.get("/case/message").answered(http.StatusOK).sees("Et la garantie ?")
		// Who asked is still answered.
		agent := s.user("agent@aubrelle.example", negotiation.RoleAgent, "")
		at := threadOf("agent", c)
		agent.get(at).submit("#reply", "audience", "debtor", "message", "Elle court deux ans.").answered(http.StatusOK).sees("chacun est prévenu")
		v.get("/case/message").sees("Elle court deux ans.")
		s.must(s.db.Read(s.ctx).Exec("UPDATE cases SET state = 'archived' WHERE id = ?", c.ID).Error)
		v.get("/case/message").answered(http.StatusOK).sees("Elle court deux ans.", "Ce dossier est archivé").seesNot("Envoyer ce message")
		v.post("/case/message", url.Values{"audience": {"agency"}, "message": {"Merci"}}).answered(http.StatusConflict).sees("archivé")
		agent.get(at).answered(http.StatusOK).sees("Ses messages restent lisibles")
	})
}

// An agent begins with a text of the house, in the debtor's language, with what
// is so in the case put in.
func TestAnAgentBeginsWithATemplate(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		c := s.openCase(strings.Replace(vasseur, ",FR,fr,", ",FR,en,", 1))
		agent := s.user("agent@aubrelle.example", negotiation.RoleAgent, "")
		at := threadOf("agent", c)
		agent.get(at).sees("Préparer des modèles").get("/agent/templates").answered(http.StatusOK).sees("Aucun modèle", "ce qui reste dû aujourd’hui")
		agent.submit("/agent/templates", "name", "Point", "words_fr", "Bonjour [debteur]").answered(http.StatusUnprocessableEntity).sees("[debteur] ne se remplit pas", "[client], [créancier]", "Bonjour [debteur]")
		agent.submit("/agent/templates", "name", "").answered(http.StatusUnprocessableEntity)
		agent.submit("/agent/templates", "name", "Point", "words_fr", "Bonjour [client], il reste [reste].", "words_en", "Dear [debtor], [left] is left with [creditor]. [agent], [agency]").answered(http.StatusOK).sees("Le modèle est enregistré", "Point")
		agent.submit("/agent/templates", "name", "point", "words_fr", "x").answered(http.StatusConflict).sees("porte déjà ce nom")
		used, err := s.negotiation.Templates(s.ctx)
		s.must(err)
		agent.get(at + "?template=" + used[0].ID).answered(http.StatusOK).sees("Dear Mme Claire Vasseur, €1,227.60 is left with Atelier Boréal SARL. Camille Roussel, Agence Aubrelle")
		agent.submit("#reply", "audience", "debtor").answered(http.StatusOK).sees("chacun est prévenu")
		if m := s.messages(c)[0]; m.Language != "en" || !strings.HasPrefix(m.Words, "Dear Mme Claire Vasseur, ") {
			t.Errorf("%s: %q", m.Language, m.Words)
		}
		agent.get("/agent/templates/" + used[0].ID).answered(http.StatusOK).sees("Changer « Point »")
		agent.submit("/agent/templates/"+used[0].ID, "name", "Où en est le dossier").answered(http.StatusOK).sees("Où en est le dossier")
		agent.get("/agent/templates/"+used[0].ID).submit("/retirement").answered(http.StatusOK).sees("Le modèle est retiré", "Aucun modèle")
		agent.get("/agent/templates/" + used[0].ID).answered(http.StatusNotFound)
		agent.get(at + "?template=" + used[0].ID).answered(http.StatusOK).sees("Dear Mme Claire Vasseur") // what was written with it stays
		s.verify()
	})
}
