package portal_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"amiable/negotiation"
)

var camille = negotiation.Actor{Role: negotiation.RoleCreditor, ID: "u", Name: "Ada Boréal", Decides: true}

// deciderOf answers for the creditor of a case.
func deciderOf(c *negotiation.Case) negotiation.Actor {
	by := camille
	by.CreditorID = c.CreditorID
	return by
}

func (s *site) disputes(c *negotiation.Case) []negotiation.DisputeFile {
	s.t.Helper()
	list, err := s.negotiation.Disputes(s.ctx, admin, s.load(c.ID))
	s.must(err)
	return list
}

// contest sends the form of a debtor who contests.
func (v *visitor) contest(values ...string) *visitor {
	v.t.Helper()
	return v.get("/case/contest").answered(http.StatusOK).submit("/case/disputes", values...)
}

func TestAPartIsContestedAnsweredMediatedAndAgreed(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		c := s.openCase(vasseur)
		v := s.enter(c, "claire.vasseur@example.test", "33000")
		v.get("/case").sees("Je conteste").get("/case/contest").sees("Contester ne coûte rien", "Vous ne reconnaissez rien", "Nous ne vous demandons plus cette part", "Le reste").seesNot("De quelle facture")
		v.contest("part", "sum", "amount", "32000").answered(http.StatusUnprocessableEntity).sees("Choisissez une réponse")
		v.contest("part", "sum", "amount", "32000", "ground", "goods_or_service").answered(http.StatusUnprocessableEntity).sees("C’est plus que ce qui reste")
		v.contest("part", "sum", "amount", "320", "ground", "goods_or_service", "message", "La porte ferme mal.").answered(http.StatusOK)
		v.sees("C’est noté", "320,00 €", "C’est à Atelier Boréal SARL de répondre", "lundi 30 novembre 2026", "aucun rappel", "La porte ferme mal.")
		v.get("/case").sees("Vous contestez 320,00 € (facture n° 2026-0318)", "Voir où cela en est").seesNot("Une suspension commence")
		d := s.disputes(c)[0]
		at := "/case/disputes/" + d.ID
		v.get("/case/contest").answered(http.StatusOK).sees("Tout ce qui reste est déjà contesté").seesNot("Envoyer ma contestation")
		v.post("/case/disputes", url.Values{"claim": {c.Claims[0].ID}, "part": {"whole"}, "ground": {"other"}, "message": {"x"}})
		v.answered(http.StatusConflict).sees("Une contestation de cette facture est déjà ouverte")
		v.post(at+"/replies", url.Values{"answer": {"settles"}})
		v.answered(http.StatusConflict).sees("c’est au créancier de répondre", "Votre contestation est examinée")

		s.must(s.negotiation.AnswerDispute(s.ctx, deciderOf(c), c.ID, d.ID, negotiation.StepPart, negotiation.Reply{Amount: euros(100_00), Words: "La charnière, oui."}))
		v.get("/case").sees("a répondu à votre contestation", "Lire la réponse").get(at).answered(http.StatusOK)
		v.sees("Une réponse vous attend", "renonce à 100,00 € et maintient le reste", "La charnière, oui.", "220,00 €", "lundi 7 décembre 2026")
		v.submit("/replies", "answer", "disagrees").answered(http.StatusUnprocessableEntity).sees("Écrivez quelques mots")
		v.submit("/replies", "answer", "disagrees", "message", "Et le joint ?").answered(http.StatusOK).sees("Une personne cherche une issue avec vous", "Et le joint ?")

		s.must(s.negotiation.WriteOnSheet(s.ctx, admin, c.ID, d.ID, negotiation.Sheet{Kind: negotiation.StepCall, Words: "Appel confidentiel."}))
		s.must(s.negotiation.WriteOnSheet(s.ctx, admin, c.ID, d.ID, negotiation.Sheet{Kind: negotiation.StepLine, Audience: negotiation.ToCreditorOnly, Words: "Entre nous."}))
		s.must(s.negotiation.WriteOnSheet(s.ctx, admin, c.ID, d.ID, negotiation.Sheet{Kind: negotiation.StepLine, Audience: negotiation.ToDebtorOnly, Words: "Avez-vous une photo ?"}))
		s.must(s.negotiation.WriteOnSheet(s.ctx, admin, c.ID, d.ID, negotiation.Sheet{Kind: negotiation.StepWay, Words: "On coupe en deux.", Way: negotiation.WayCorrected, Amount: euros(110_00)}))
		v.get(at).sees("Avez-vous une photo ?", "On coupe en deux.", "il resterait 110,00 €").seesNot("confidentiel", "Entre nous")
		v.get("/case/timeline").sees("Une issue est proposée").seesNot("confidentiel", "Entre nous")
		if n := strings.Count(v.text(), "Une personne de l’agence écrit"); n != 1 {
			t.Errorf("%d lines of the agency stand on the debtor's timeline, not one", n)
		}
		steps := s.disputes(c)[0].Steps
		way := steps[len(steps)-1]
		v.post(at+"/ways/"+way.ID, url.Values{})
		v.answered(http.StatusUnprocessableEntity)
		v.post(at+"/ways/"+way.ID, url.Values{"takes": {"no"}})
		v.post(at+"/ways/"+way.ID, url.Values{"takes": {"yes"}})
		v.answered(http.StatusOK).sees("Vous avez dit oui.", "Vous dites non à l’issue", "Vous dites oui à l’issue")
		s.must(s.negotiation.AnswerWay(s.ctx, deciderOf(c), c.ID, d.ID, way.ID, true, negotiation.Reply{}))
		v.get(at).sees("Atelier Boréal SARL a dit oui.")
		s.must(s.negotiation.ResolveDispute(s.ctx, admin, c.ID, d.ID, negotiation.Resolution{Outcome: negotiation.DisputeAgreed, WayID: way.ID, Words: "Chacun fait un pas."}))

		v.get(at).sees("Une solution est trouvée", "Ce qui vous est remis : 210,00 €", "Lire la lettre d’issue", "1 017,60 €")
		v.get("/case").seesNot("Vous contestez", "cherche une issue").sees("Solution trouvée, facture 2026-0318")
		v.get("/case/documents").sees("Issue de la contestation, facture n° 2026-0318")
		events, err := s.negotiation.Events(s.ctx, c.ID)
		s.must(err)
		head := negotiation.Outcomes(events)[0].ChainHead
		v.get(at+"/outcome").answered(http.StatusOK).sees("ont dit oui à une même solution", "Chacun fait un pas.", "210,00 €", "1 017,60 €", head)
		v.get(at + "/outcome.pdf").answered(http.StatusOK)
		pdf := v.body
		if !strings.HasPrefix(pdf, "%PDF") || v.get(at+"/outcome.pdf?round=1").body != pdf {
			t.Error("the outcome letter is no PDF, or not the same twice")
		}
		v.get(at + "/outcome.pdf?round=2").answered(http.StatusNotFound)
		creditor := s.user("camille@boreal.example.com", negotiation.RoleCreditor, s.creditor.ID)
		creditor.get("/creditor/cases/"+c.ID+"/disputes/"+d.ID+"/outcome").answered(http.StatusOK).sees("Issue de la contestation, facture n° 2026-0318", "Chacun fait un pas.", "1 017,60 €", head)
		creditor.get("/creditor/cases/" + c.ID + "/disputes/" + d.ID + "/outcome.pdf").answered(http.StatusOK)
		if !strings.HasPrefix(creditor.body, "%PDF") {
			t.Error("the creditor's outcome letter is no PDF")
		}
		creditor.get("/creditor/cases/"+c.ID).sees("320,00 € sont contestés", "Solution trouvée").seesNot("confidentiel", "Avez-vous une photo")

		// New facts open another round; nothing of the first is lost.
		v.get(at + "/reopening").answered(http.StatusOK).sees("Dites-nous ce qu’il y a de nouveau")
		v.submit("/reopening", "part", "sum", "amount", "50").answered(http.StatusUnprocessableEntity).sees("Dites ce qu’il y a de nouveau")
		v.submit("/reopening", "part", "sum", "amount", "50", "message", "Le joint a lâché.").answered(http.StatusOK)
		v.sees("C’est noté", "50,00 €", "Échange n° 2", "Premier échange", "Chacun fait un pas.", "Le joint a lâché.")
		v.get("/case/documents").sees("Issue de la contestation, facture n° 2026-0318")
		v.get(at + "/reopening").answered(http.StatusOK).sees("Votre contestation est examinée") // an old link
		v.submit("/withdrawal").answered(http.StatusOK).sees("Votre contestation est retirée", "Vous n’avez rien reconnu de plus")
		v.post(at+"/withdrawal", url.Values{})
		v.answered(http.StatusOK).sees("Votre contestation est retirée")
		for _, e := range s.events(c) {
			if e.Kind == negotiation.DebtRecognised {
				t.Error("contesting recognised the debt")
			}
		}
		s.verify()
	})
}

func (s *site) events(c *negotiation.Case) []negotiation.Event {
	s.t.Helper()
	events, err := s.negotiation.Events(s.ctx, c.ID)
	s.must(err)
	return events
}

// A letter that asks for something stands ready; in the same minute all of the
// case is contested. It does not leave, and that it did not is an event.
func TestALetterDueInTheSameMinuteIsBlocked(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		c := s.openCase(vasseur)
		v := s.enter(c, "claire.vasseur@example.test", "33000")
		before := len(s.mails())
		s.must(negotiation.RowClock{DB: s.db}.Set(s.ctx, start.Add(8*24*time.Hour))) // a week later: another letter may leave
		_, err := s.negotiation.SendLink(s.ctx, admin, c.ID, c.MainParty().ID)
		s.must(err)
		due := s.lettersOfKind(c, negotiation.LetterLink)
		letter := due[len(due)-1]
		if letter.State != negotiation.LetterDueState || letter.Owed || letter.DelayedBy != "" {
			t.Fatalf("the letter is %s, owed %t", letter.State, letter.Owed)
		}
		v.contest("part", "whole", "ground", "already_paid").answered(http.StatusOK).sees("Nous ne vous demandons plus cette facture")
		_, err = s.outreach.DeliverDue(s.ctx, 100)
		s.must(err)
		due = s.lettersOfKind(c, negotiation.LetterLink)
		if letter = due[len(due)-1]; letter.State != negotiation.LetterStopped || letter.BlockedBy != "disputed" {
			t.Errorf("the letter is %s by %q", letter.State, letter.BlockedBy)
		}
		blocked := 0
		for _, e := range s.events(c) {
			if _, what := e.What(); e.Kind == negotiation.LetterBlocked && what["letter"] == letter.ID {
				blocked++
			}
		}
		if blocked != 1 {
			t.Errorf("that it was blocked is %d events", blocked)
		}
		// What answers the debtor's act is owed, and did leave; so did the
		// creditor's notice.
		if now := len(s.mails()); now != before+2 {
			t.Errorf("%d letters left, not 2", now-before)
		}
		s.verify()
	})
}

func (s *site) mails() []string {
	s.t.Helper()
	list, err := s.outbox.List(1000)
	s.must(err)
	var ids []string
	for i := range list {
		ids = append(ids, list[i].ID)
	}
	return ids
}

func (s *site) lettersOfKind(c *negotiation.Case, kind negotiation.LetterKind) []negotiation.Letter {
	s.t.Helper()
	list, err := s.negotiation.LettersOf(s.ctx, c.ID)
	s.must(err)
	var of []negotiation.Letter
	for _, l := range list {
		if l.Kind == kind {
			of = append(of, l)
		}
	}
	return of
}

func TestAContestOnACaseThatIsOverIsAnsweredByWhereItStands(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		c := s.openCase(vasseur)
		v := s.enter(c, "claire.vasseur@example.test", "33000").get("/case/contest")
		s.must(s.negotiation.Withdraw(s.ctx, admin, c.ID, negotiation.Word{Why: "Réglé en travaux"}))
		v.submit("/case/disputes", "part", "whole", "ground", "already_paid").answered(http.StatusConflict).sees("Le créancier a repris ce dossier")
		v.get("/case/contest").answered(http.StatusOK).sees("Le créancier a repris ce dossier", "Poser une question").seesNot("Envoyer ma contestation")
	})
}
