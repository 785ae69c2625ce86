package negotiation_test

import (
	"errors"
	"strings"
	"sync"
	"testing"

	"amiable/negotiation"
	"amiable/negotiation/database"
)

// name names an adviser for the debtor of a case and returns them as they act.
func (w *world) name(c *negotiation.Case, a negotiation.Adviser) negotiation.Actor {
	w.t.Helper()
	if a.Name == "" {
		a.Name, a.Email = "Inès Marchetti", "ines@conseil.example"
	}
	if a.UntilOn.IsZero() {
		a.UntilOn = "2026-10-31"
	}
	p, err := w.NameAdviser(w.ctx, debtorOf(c), c.ID, a)
	w.must(err)
	return negotiation.Actor{Role: negotiation.RoleAdviser, ID: p.ID, Name: a.Name, CaseID: c.ID, OnBehalfOf: *p.ForPartyID, Limits: p.Limits}
}

func TestWhoMayDoWhatOnTheDebtorsSide(t *testing.T) {
	adviser := func(l negotiation.Limits) negotiation.Actor {
		return negotiation.Actor{Role: negotiation.RoleAdviser, Limits: l}
	}
	const read, write, propose, pay, accept, share = negotiation.ActRead, negotiation.ActWrite, negotiation.ActPropose, negotiation.ActPay,
		negotiation.ActAccept, negotiation.ActShare
	all := []negotiation.Act{read, write, propose, pay, accept, share, "something new"}
	for _, row := range []struct {
		who string
		by  negotiation.Actor
		may []negotiation.Act
	}{
		{"the debtor", negotiation.Actor{Role: negotiation.RoleDebtor}, all},
		{"an agent, for the debtor", admin, all},
		{"an adviser who reads", adviser(negotiation.Limits{}), []negotiation.Act{read}},
		{"an adviser who writes", adviser(negotiation.Limits{MayWrite: true}), []negotiation.Act{read, write}},
		{"an adviser who proposes", adviser(negotiation.Limits{MayPropose: true}), []negotiation.Act{read, propose}},
		{"an adviser with all there is", adviser(negotiation.Limits{MayWrite: true, MayPropose: true}), []negotiation.Act{read, write, propose}},
		{"who holds a pay-only link", negotiation.Actor{Role: negotiation.RolePayer}, []negotiation.Act{pay}},
		{"the creditor", negotiation.Actor{Role: negotiation.RoleCreditor}, nil},
		{"nobody", negotiation.Actor{}, nil},
	} {
		for _, act := range all {
			want := false
			for _, allowed := range row.may {
				want = want || allowed == act
			}
			if row.by.May(act) != want {
				t.Errorf("%s: %s is allowed %t", row.who, act, !want)
			}
		}
	}
}

func TestAnAdviserActsForTheDebtorUntilEnded(t *testing.T) {
	eachMoving(t, "2026-08-31", func(t *testing.T, w *world, clock *movingClock) {
		c := w.openCase()
		a := w.name(c, negotiation.Adviser{MayWrite: true})
		c = w.load(c.ID)
		if named := c.Party(a.ID); named == nil || named.Role != negotiation.PartyAdviser || named.Person.MatchKey != nil || c.MainParty().ID != a.OnBehalfOf {
			t.Fatalf("the adviser is %+v", named)
		}
		wish, err := w.Wish(w.ctx, a, c.ID, negotiation.Wish{Kind: negotiation.WishContest, Words: "La livraison était incomplète."})
		w.must(err)
		if wish.PartyID != a.OnBehalfOf || wish.AdviserID == nil || *wish.AdviserID != a.ID {
			t.Errorf("the wish is %+v", wish)
		}
		events, err := w.Events(w.ctx, c.ID)
		w.must(err)
		last := events[len(events)-1]
		if by, _ := last.What(); last.Kind != negotiation.WishRecorded || last.ActorRole != negotiation.RoleAdviser || last.ActorID != a.ID || last.OnBehalfOf != c.MainParty().ID || by != "Inès Marchetti" {
			t.Errorf("the event says %+v", last)
		}

		_, err = w.Wish(w.ctx, a, c.ID, negotiation.Wish{Kind: negotiation.WishPlan, Words: "100 € par mois"})
		w.refused(err, "adviser_may_not")
		_, err = w.Propose(w.ctx, a, c.ID, proposal(monthly(3, "2026-10-05"))) // which recognises the debt
		w.refused(err, "not_for_advisers")
		_, err = w.PlaceHold(w.ctx, a, c.ID, negotiation.Hold{Reason: negotiation.HoldOverindebtednessDeclared})
		w.refused(err, "not_your_role")
		_, err = w.NameAdviser(w.ctx, a, c.ID, negotiation.Adviser{Name: "Autre", Email: "autre@conseil.example", UntilOn: "2026-10-31"})
		w.refused(err, "not_your_role")
		// What they once were allowed is not what they carry with them.
		inflated := a
		inflated.Limits.MayPropose = true
		_, err = w.Wish(w.ctx, inflated, c.ID, negotiation.Wish{Kind: negotiation.WishPlan, Words: "100 € par mois"})
		w.refused(err, "adviser_may_not")

		letter, err := w.SendLink(w.ctx, admin, c.ID, a.ID)
		w.must(err)
		if letter.Kind != negotiation.LetterAdviser || !strings.Contains(letter.Facts, "Garage du Port") {
			t.Errorf("an agent sends an adviser %s %s", letter.Kind, letter.Facts)
		}
		w.must(w.EndAdviser(w.ctx, debtorOf(c), c.ID, a.ID))
		w.must(w.EndAdviser(w.ctx, debtorOf(c), c.ID, a.ID))
		_, err = w.Wish(w.ctx, a, c.ID, negotiation.Wish{Kind: negotiation.WishMessage, Words: "Encore"})
		w.refused(err, "not_found")
		_, err = w.Case(w.ctx, a, c.ID)
		w.refused(err, "not_found")
		w.refused(w.EndAdviser(w.ctx, a, c.ID, a.ID), "not_found") // no door of the case opens any more
		if _, ok, err := w.PrepareLetter(w.ctx, letter.ID); err != nil || ok {
			t.Errorf("a letter leaves to an adviser whose time is over (%v)", err)
		}
		_, err = w.SendLink(w.ctx, admin, c.ID, a.ID)
		w.refused(err, "adviser_is_over")
		w.holds()
	})
}

// An adviser reads the thread as the debtor does, and writes in it only where
// the debtor let them.
func TestAnAdviserWritesInTheDebtorsPlace(t *testing.T) {
	eachMoving(t, "2026-08-31", func(t *testing.T, w *world, clock *movingClock) {
		c := w.openCase()
		for _, m := range []negotiation.Write{{Audience: negotiation.ToTheAgencyOnly, Words: "note interne"}, {Audience: negotiation.ToDebtorOnly, Words: "bonjour"}} {
			_, err := w.PostMessage(w.ctx, admin, c.ID, m)
			w.must(err)
		}
		a := w.name(c, negotiation.Adviser{MayWrite: true})
		reader := w.name(c, negotiation.Adviser{Name: "Paul", Email: "paul@conseil.example"})
		thread, err := w.Thread(w.ctx, a, w.load(c.ID))
		w.must(err)
		if len(thread) != 1 || thread[0].Words != "bonjour" {
			t.Errorf("the adviser reads %+v", thread)
		}
		m, err := w.PostMessage(w.ctx, a, c.ID, negotiation.Write{Audience: negotiation.ToAll, Words: "La livraison était incomplète."})
		w.must(err)
		if m.Side != negotiation.SideDebtor || m.ByRole != negotiation.RoleAdviser || m.ByID != a.ID || m.OnBehalfOf != c.MainParty().ID || *m.PartyID != c.MainParty().ID {
			t.Errorf("the message is %+v", m)
		}
		_, err = w.PostMessage(w.ctx, reader, c.ID, negotiation.Write{Audience: negotiation.ToAll, Words: "Moi aussi"})
		w.refused(err, "not_for_advisers")
		w.holds()
	})
}

func TestAnAdvisersDayEndsByItself(t *testing.T) {
	eachMoving(t, "2026-08-31", func(t *testing.T, w *world, clock *movingClock) {
		c := w.openCase()
		a := w.name(c, negotiation.Adviser{UntilOn: "2026-09-02", MayWrite: true})
		clock.on("2026-09-02")
		_, err := w.Case(w.ctx, a, c.ID)
		w.must(err)
		clock.on("2026-09-03")
		_, err = w.Case(w.ctx, a, c.ID)
		w.refused(err, "not_found")
		_, err = w.Wish(w.ctx, a, c.ID, negotiation.Wish{Kind: negotiation.WishMessage, Words: "Encore"})
		w.refused(err, "not_found")
		if n := len(w.load(c.ID).Advisers("2026-09-03")); n != 0 {
			t.Errorf("%d advisers", n)
		}
	})
}

func TestWhoCanBeNamedAdviser(t *testing.T) {
	eachMoving(t, "2026-08-31", func(t *testing.T, w *world, clock *movingClock) {
		c := w.openCase()
		good := negotiation.Adviser{Name: "Inès Marchetti", Email: "ines@conseil.example", UntilOn: "2026-10-31"}
		for code, change := range map[string]func(a *negotiation.Adviser){
			"name_missing":     func(a *negotiation.Adviser) { a.Name = "  " },
			"email_wrong":      func(a *negotiation.Adviser) { a.Email = "ines" },
			"date_missing":     func(a *negotiation.Adviser) { a.UntilOn = "" },
			"date_is_past":     func(a *negotiation.Adviser) { a.UntilOn = "2026-08-30" },
			"adviser_too_long": func(a *negotiation.Adviser) { a.UntilOn = "2027-09-01" },
			"adviser_is_party": func(a *negotiation.Adviser) { a.Email = "GARAGE@example.test" },
		} {
			a := good
			change(&a)
			_, err := w.NameAdviser(w.ctx, debtorOf(c), c.ID, a)
			w.refused(err, code)
		}
		_, err := w.NameAdviser(w.ctx, admin, c.ID, good)
		w.refused(err, "not_your_role") // nobody on the phone
		phone := admin
		phone.OnBehalfOf = c.MainParty().ID
		good.Consent = "oui, au téléphone"
		_, err = w.NameAdviser(w.ctx, phone, c.ID, good)
		w.must(err)
		_, err = w.NameAdviser(w.ctx, debtorOf(c), c.ID, good)
		w.refused(err, "adviser_named_already")
		events, err := w.Events(w.ctx, c.ID)
		w.must(err)
		told := false
		for i := range events {
			if _, what := events[i].What(); events[i].Kind == negotiation.AdviserNamed {
				told = events[i].OnBehalfOf == c.MainParty().ID && what["consent"] == "oui, au téléphone"
			}
		}
		if !told {
			t.Error("the event does not say for whom, or how they agreed")
		}

		// However many at once: three.
		start := make(chan struct{})
		var all sync.WaitGroup
		for i := range 8 {
			all.Go(func() {
				<-start
				a := negotiation.Adviser{Name: "Conseil", Email: string(rune('a'+i)) + "@conseil.example", UntilOn: "2026-10-31"}
				for {
					_, err := w.NameAdviser(w.ctx, debtorOf(c), c.ID, a)
					if r := negotiation.AsRefusal(err); err != nil && !errors.Is(err, database.ErrBusy) && (r == nil || r.Code != "advisers_enough") {
						t.Errorf("one of eight: %v", err)
					}
					if !errors.Is(err, database.ErrBusy) {
						return
					}
				}
			})
		}
		close(start)
		all.Wait()
		if n := len(w.load(c.ID).Advisers("2026-08-31")); n != 3 {
			t.Errorf("%d advisers at once", n)
		}
		w.holds()
	})
}

// What somebody else pays in their own name is no acknowledgment of the
// debtor's: the time to sue runs on (C. civ. 2240).
func TestWhatAnotherPaysDoesNotInterruptLimitation(t *testing.T) {
	eachMoving(t, "2026-06-01", func(t *testing.T, w *world, clock *movingClock) {
		const consumer = ",2024-08-10,2024-09-10,EUR,500.00,0,consumer,Claire Vasseur,,,,claire@example.test,,4 rue des Lilas,33000,Bordeaux,FR,fr,,MDT-001,Verrière"
		barred := func(invoice string, byAnother bool) bool {
			id := w.placed("CRE-001," + invoice + strings.Replace(consumer, "claire@", strings.ToLower(invoice)+"@", 1))[0]
			w.must(w.RecordFirstLetter(w.ctx, admin, id, negotiation.FirstLetter{Reference: "PL-" + invoice, SentOn: "2026-06-01", Channel: "post", Proof: "LA"}))
			w.pay(w.load(id), invoice, 50_00, "2026-06-01", func(p *negotiation.Paid) { p.ByAnother = byAnother })
			return w.load(id).Gate("2026-09-05").Stands(negotiation.TimeBarred)
		}
		if barred("F-A", false) {
			t.Error("what the debtor paid did not interrupt")
		}
		if !barred("F-B", true) {
			t.Error("what another paid interrupted")
		}
	})
}
