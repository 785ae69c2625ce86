package portal_test

import (
	"testing"

	"amiable/negotiation"
)

// saidOfDisputes are the words of a dispute, in one language.
type saidOfDisputes struct {
	said
	door, sum, amount, ground, words, send, noted, held, waits           string
	answer, disagrees, reply, person, way, yes, outcome, ended, credited string
	again, new, sendAgain, second                                        string
}

var (
	disputeInFrench = saidOfDisputes{
		said: inFrench, door: "Je conteste", sum: "Une partie seulement", amount: "La somme que vous contestez", ground: "L’article ou le travail", words: "Avec vos mots",
		send: "Envoyer ma contestation", noted: "C’est noté", held: "320,00 €", waits: "C’est à Atelier Boréal SARL de répondre",
		answer: "Une réponse vous attend", disagrees: "Non, je ne suis pas d’accord", reply: "Envoyer ma réponse", person: "Une personne cherche une issue",
		way: "Une issue vous est proposée", yes: "Cela me va", outcome: "Lire la lettre d’issue", ended: "Une solution est trouvée", credited: "210,00 €",
		again: "Rouvrir avec un fait nouveau", new: "Dites-nous ce qu’il y a de nouveau", sendAgain: "Rouvrir ma contestation", second: "Échange n° 2",
	}
	disputeInEnglish = saidOfDisputes{
		said: inEnglish, door: "I disagree", sum: "Only a part of it", amount: "The sum that you contest", ground: "The goods or the work", words: "In your own words",
		send: "Send what I contest", noted: "Noted", held: "€320.00", waits: "Atelier Boréal SARL answers",
		answer: "An answer is waiting for you", disagrees: "No, I do not agree", reply: "Send my answer", person: "A person looks for a way out",
		way: "A way out for you to look at", yes: "That is fine for me", outcome: "Read the outcome letter", ended: "A way out was found", credited: "€210.00",
		again: "Open it again with a new fact", new: "Tell us what is new", sendAgain: "Open it again", second: "Round 2",
	}
)

// disputed is the whole of a dispute from the debtor's side: contested in part,
// answered, not agreed with, settled by a way out, opened again. All three
// sides press for themselves in browser_mediation_test.go.
func disputed(t *testing.T, s *site, w saidOfDisputes, b *tab) {
	c := s.openCase(vasseur)
	b.enterCase(c, w.said).press(w.door).at("/case/contest").choose(w.sum).fill(w.amount, "320").choose(w.ground).fill(w.words, "La porte ferme mal.")
	b.press(w.send).sees(w.noted, w.held, w.waits, "La porte ferme mal.")
	d := s.disputes(c)[0]
	s.must(s.negotiation.AnswerDispute(s.ctx, deciderOf(c), c.ID, d.ID, negotiation.StepPart, negotiation.Reply{Amount: euros(100_00), Words: "La charnière, oui."}))
	b.visit("/case").visit("/case/disputes/"+d.ID).sees(w.answer, "La charnière, oui.")
	b.press(w.reply).answered(422)
	b.choose(w.disagrees).fill(map[bool]string{true: "Ce que vous répondez", false: "Your answer"}[w.device.language == "fr"], "Et le joint ?").press(w.reply).sees(w.person, "Et le joint ?")
	s.must(s.negotiation.WriteOnSheet(s.ctx, admin, c.ID, d.ID, negotiation.Sheet{Kind: negotiation.StepWay, Words: "On coupe en deux.", Way: negotiation.WayCorrected, Amount: euros(110_00)}))
	b.reload().sees(w.way, "On coupe en deux.").press(w.yes)
	steps := s.disputes(c)[0].Steps
	way := ""
	for _, step := range steps {
		if step.Kind == negotiation.StepWay {
			way = step.ID
		}
	}
	s.must(s.negotiation.AnswerWay(s.ctx, deciderOf(c), c.ID, d.ID, way, true, negotiation.Reply{}))
	s.must(s.negotiation.ResolveDispute(s.ctx, admin, c.ID, d.ID, negotiation.Resolution{Outcome: negotiation.DisputeAgreed, WayID: way, Words: "Chacun fait un pas."}))
	b.reload().sees(w.ended, w.credited).press(w.outcome).sees("Chacun fait un pas.", w.credited)
	b.visit("/case/disputes/"+d.ID).press(w.again).sees(w.new).choose(w.sum).fill(w.amount, "50").fill(w.words, "Le joint a lâché.").press(w.sendAgain).sees(w.noted, w.second)
	if got := s.disputes(c)[0]; got.Round != 2 || got.State != negotiation.DisputeOpened {
		t.Errorf("the dispute is %s in round %d", got.State, got.Round)
	}
	s.verify()
}

func TestBrowserADebtorContestsWithoutScript(t *testing.T) {
	inBrowser(t, func(t *testing.T, s *site) {
		d := phone
		d.noScript = true
		b := s.person(d)
		disputed(t, s, disputeInFrench, b)
	})
}

func TestBrowserADebtorContestsInEnglish(t *testing.T) {
	inBrowser(t, func(t *testing.T, s *site) {
		disputed(t, s, disputeInEnglish, s.person(english))
	})
}
