package portal_test

import (
	"strings"
	"testing"

	"amiable/negotiation"
)

// written are the words of the thread, in one language.
type written struct {
	said
	write, message, both, send, sent, waits, read, private string
}

var (
	writtenInFrench = written{
		said: inFrench, write: "Écrire", message: "Votre message", both: "L’agence et Atelier Boréal SARL", send: "Envoyer", sent: "C’est envoyé",
		waits: "Un message vous attend", read: "Lire et répondre", private: "Visible par vous et l’agence.",
	}
	writtenInEnglish = written{
		said: inEnglish, write: "Write", message: "Your message", both: "The agency and Atelier Boréal SARL", send: "Send", sent: "Sent.",
		waits: "A message is waiting for you", read: "Read and answer", private: "Visible to you and the agency.",
	}
)

// talked is a thread between all three: a debtor who asks with a photo, an agent
// who answers from a template and asks the creditor apart, a creditor on a phone
// who answers both.
func talked(t *testing.T, s *site, w written, d device) {
	_, err := s.negotiation.SaveTemplate(s.ctx, admin, negotiation.MessageTemplate{Name: "Bien reçu", WordsFR: "Bonjour [client], je m’en occupe.", WordsEN: "Dear [debtor], I look into it."})
	s.must(err)
	c := s.openCase(vasseur)
	b := s.person(d)
	b.look = !d.noScript // axe is a script
	b.enterCase(c, w.said).press(w.write).at("/case/message").press(w.send).at("/case/message").answered(422)
	b.fill(w.message, "La porte ferme mal.").upload("porte.jpg", string(aPhoto(t))).press(w.send).at("/case/message").sees(w.sent, "La porte ferme mal.", "porte.jpg", w.private)

	agent, u := s.invited(desk, "agent@aubrelle.example", negotiation.RoleAgent, "")
	agent.enrol(u)
	at := "/agent/cases/" + c.ID + "/messages"
	agent.visit("/agent").sees("Répondre au message").press("Claire Vasseur · Atelier Boréal SARL").at(at).sees("attend une réponse", "porte.jpg")
	agent.fill("Commencer par un modèle", "Bien reçu").press("Prendre ce modèle").at(at)
	if got := agent.value("Votre message"); got != "Bonjour Mme Claire Vasseur, je m’en occupe." {
		t.Errorf("the template gave %q", got)
	}
	agent.press("Envoyer").answered(422).sees("Choisissez qui peut le lire")
	agent.choose("Claire Vasseur seulement").press("Envoyer").at(at).sees("chacun est prévenu", "Pas encore lu.")
	agent.choose("Atelier Boréal SARL seulement").fill("Votre message", "Pouvez-vous passer ?").press("Envoyer").at(at).sees("Visible par l’agence et Atelier Boréal SARL.")

	b.visit("/case").sees(w.waits).press(w.read).at("/case/message").sees("je m’en occupe").seesNot("Pouvez-vous passer")
	agent.reload().sees("Lu par Claire Vasseur le")

	creditor, _ := s.invited(phone, "camille@boreal.example.com", negotiation.RoleCreditor, s.creditor.ID)
	creditor.visit("/creditor").sees("Un message à lire, Claire Vasseur").press("Lire").at("/creditor/cases/" + c.ID + "/messages").sees("Pouvez-vous passer ?").seesNot("ferme mal")
	creditor.choose("L’agence et Claire Vasseur").fill("Votre message", "Nous passons jeudi à 9 h.").press("Envoyer").sees("Visible par vous, Claire Vasseur et l’agence.")
	b.reload().sees("Nous passons jeudi à 9 h.").choose(w.both).fill(w.message, "Merci.").press(w.send).sees(w.sent, "Merci.")
	if n := len(s.messages(c)); n != 5 {
		t.Errorf("%d messages, not 5", n)
	}
	for _, m := range s.mails() {
		mail, err := s.outbox.Get(m)
		s.must(err)
		if strings.Contains(mail.Text, "ferme mal") || strings.Contains(mail.Text, "jeudi") || strings.Contains(mail.Text, "occupe") {
			t.Errorf("a mail tells what was written: %s", mail.Text)
		}
	}
	s.verify()
}

func TestBrowserAllThreeWriteInOneThread(t *testing.T) {
	inBrowser(t, func(t *testing.T, s *site) { talked(t, s, writtenInFrench, phone) })
}

func TestBrowserAThreadIsWholeWithoutScript(t *testing.T) {
	inBrowser(t, func(t *testing.T, s *site) {
		d := phone
		d.noScript = true
		talked(t, s, writtenInFrench, d)
	})
}

func TestBrowserAThreadInEnglish(t *testing.T) {
	inBrowser(t, func(t *testing.T, s *site) { talked(t, s, writtenInEnglish, english) })
}
