package access

import (
	"testing"
	"time"

	"amiable/negotiation"
)

// actor is the debtor as a party who acts.
func (d debtor) actor() negotiation.Actor {
	return negotiation.Actor{Role: negotiation.RoleDebtor, ID: d.partyID, Name: "Chloé Test", CaseID: d.caseID}
}

// payLink makes a pay-only link for the debtor of a case.
func (w *world) payLink(d debtor) *PayLink {
	w.t.Helper()
	l, err := w.MakePayLink(w.ctx, d.actor(), d.caseID, "  ma\tsœur ", 30)
	w.must(err)
	return l
}

func (w *world) nobody(v *Visit) {
	w.t.Helper()
	if by, ok, err := w.Actor(w.ctx, v); err != nil || ok {
		w.t.Errorf("the session still acts as %+v (%v)", by, err)
	}
}

func TestAPayOnlyLinkOpensAPaymentAndNothingElse(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		d := w.openCase()
		l := w.payLink(d)
		if l.Label != "ma sœur" {
			t.Errorf("it is for %q", l.Label)
		}
		token := w.PayLinkToken(l)
		before := w.rows()
		for range 10 { // a scanner of mails
			_, err := w.FindPayLink(w.ctx, token)
			w.must(err)
		}
		for table, n := range w.rows() {
			if n != before[table] {
				t.Errorf("looking wrote %d rows into %s", n-before[table], table)
			}
		}
		if links, err := w.PayLinksOf(w.ctx, d.actor(), d.caseID); err != nil || len(links) != 1 || links[0].UsedAt != nil {
			t.Fatalf("looking counted as a use: %+v (%v)", links, err)
		}
		// It is no way in to the case, nor is a way in a way to pay only.
		_, err := w.FindLink(w.ctx, token)
		w.refused(err, "link_unknown")
		_, err = w.FindPayLink(w.ctx, w.link(d))
		w.refused(err, "link_unknown")

		opened, err := w.OpenPayLink(w.ctx, token)
		w.must(err)
		b := w.browser()
		b.begin(Visit{Kind: KindPayer, SubjectID: opened.ID, CaseID: opened.CaseID})
		if b.visit(DoorDebtor) != nil || b.visit(DoorStaff) != nil {
			t.Error("the payer's session opens another door")
		}
		by, ok, err := w.Actor(w.ctx, b.visit(DoorPayer))
		w.must(err)
		if !ok || by.Role != negotiation.RolePayer || by.ID != l.ID || by.CaseID != d.caseID || by.OnBehalfOf != "" {
			t.Fatalf("the payer acts as %+v", by)
		}
		if by.MaySee(w.load(d)) {
			t.Error("a payer may see the case")
		}
		if links, err := w.PayLinksOf(w.ctx, d.actor(), d.caseID); err != nil || links[0].UsedAt == nil {
			t.Errorf("the use is not noted: %+v (%v)", links, err)
		}
		_, err = w.PayLinksOf(w.ctx, by, d.caseID)
		w.refused(err, "not_your_role")

		w.must(w.EndPayLink(w.ctx, d.actor(), d.caseID, l.ID))
		w.must(w.EndPayLink(w.ctx, d.actor(), d.caseID, l.ID))
		if n := w.events(d, negotiation.PayLinkEnded); n != 1 {
			t.Errorf("it ended %d times", n)
		}
		if b.visit(DoorPayer) != nil {
			t.Error("the session outlived its link")
		}
		_, err = w.OpenPayLink(w.ctx, token)
		w.refused(err, "link_unknown")
	})
}

func TestWhoMayMakeAPayOnlyLinkAndHowMany(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		d, other := w.openCase(), w.openCase()
		_, err := w.MakePayLink(w.ctx, d.actor(), d.caseID, "", 365)
		w.refused(err, "days_unknown")
		_, err = w.MakePayLink(w.ctx, d.actor(), other.caseID, "", 30)
		w.refused(err, "not_found")
		_, err = w.MakePayLink(w.ctx, administrator, d.caseID, "", 30)
		w.refused(err, "not_your_role")
		adviser := w.adviser(d, true)
		_, err = w.MakePayLink(w.ctx, adviser, d.caseID, "", 30)
		w.refused(err, "adviser_may_not")

		made := 0
		for _, err := range together(12, func(int) error {
			_, err := w.MakePayLink(w.ctx, d.actor(), d.caseID, "", 7)
			return err
		}) {
			if err == nil {
				made++
				continue
			}
			w.refused(err, "pay_links_enough")
		}
		if made != payLinksMax {
			t.Errorf("%d links at once", made)
		}
		links, err := w.PayLinksOf(w.ctx, d.actor(), d.caseID)
		w.must(err)
		w.refused(w.EndPayLink(w.ctx, other.actor(), other.caseID, links[0].ID), "not_found")
		w.refused(w.EndPayLink(w.ctx, adviser, d.caseID, links[0].ID), "adviser_may_not")
		w.must(w.EndPayLink(w.ctx, administrator, d.caseID, links[0].ID))
		w.payLink(d)
	})
}

// Nobody learns from how long it takes why a pay-only link opens nothing.
func TestNoPayOnlyLinkCostsWhatADeadOneCosts(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		expired, ended, notMe, revoked := w.openCase(), w.openCase(), w.openCase(), w.openCase()
		tokens := map[string]string{"expired": w.PayLinkToken(w.payLink(expired)), "unknown": newToken()}
		w.product.forward(31 * 24 * time.Hour)
		l := w.payLink(ended)
		tokens["ended"], tokens["not me"], tokens["revoked"] = w.PayLinkToken(l), w.PayLinkToken(w.payLink(notMe)), w.PayLinkToken(w.payLink(revoked))
		w.must(w.EndPayLink(w.ctx, ended.actor(), ended.caseID, l.ID))
		w.must(w.NotMe(w.ctx, w.link(notMe), "", ""))
		w.must(w.RevokeLinks(w.ctx, administrator, revoked.caseID, revoked.partyID))
		costs := map[string]int{}
		for why, token := range tokens {
			costs[why] = w.statements(func() {
				_, err := w.FindPayLink(w.ctx, token)
				w.refused(err, "link_unknown")
			})
		}
		for why, n := range costs {
			if n == 0 || n != costs["unknown"] {
				t.Errorf("%s costs %d statements, unknown %d", why, n, costs["unknown"])
			}
		}
	})
}

// adviser names somebody for the debtor of a case and returns them as they act.
func (w *world) adviser(d debtor, mayWrite bool) negotiation.Actor {
	w.t.Helper()
	p, err := w.negotiation.NameAdviser(w.ctx, d.actor(), d.caseID, negotiation.Adviser{
		Name: "Inès Marchetti", Email: "ines@conseil.example", UntilOn: w.today().Add(60), MayWrite: mayWrite,
	})
	w.must(err)
	return negotiation.Actor{Role: negotiation.RoleAdviser, ID: p.ID, Name: p.Person.Name, CaseID: d.caseID, OnBehalfOf: d.partyID, Limits: p.Limits}
}

func (w *world) today() negotiation.Day { return negotiation.DayOf(w.product.now()) }

func TestAnAdviserComesInByACodeMailedToThem(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		d := w.openCase() // whose creditor asks for the postcode
		a := w.adviser(d, true)
		token, err := w.CreateLink(w.ctx, d.caseID, a.ID)
		w.must(err)
		at, err := w.FindLink(w.ctx, token)
		w.must(err)
		if at.Check != negotiation.CheckMailedCode || !at.Adviser || at.CodeTo != "i••••@••••.example" {
			t.Fatalf("the threshold is %+v", at)
		}
		_, err = w.CheckLink(w.ctx, token, "33000", home)
		w.refused(err, "code_gone")
		_, err = w.RequestCode(w.ctx, token, home)
		w.must(err)
		letter := w.lastLetter(negotiation.LetterCode)
		code, err := w.NewCode(w.ctx, letter)
		w.must(err)
		entry, err := w.CheckLink(w.ctx, token, code, home)
		w.must(err)
		if entry.Kind != KindAdviser || entry.PartyID != a.ID {
			t.Fatalf("who came in is %+v", entry)
		}
		b := w.browser()
		b.begin(Visit{Kind: entry.Kind, SubjectID: entry.PartyID, CaseID: entry.CaseID, LinkID: entry.LinkID, Name: entry.Name})
		by, ok, err := w.Actor(w.ctx, b.visit(DoorDebtor))
		w.must(err)
		if !ok || by.Role != negotiation.RoleAdviser || by.ID != a.ID || by.OnBehalfOf != d.partyID || !by.May(negotiation.ActWrite) || by.May(negotiation.ActPropose) {
			t.Fatalf("the adviser acts as %+v", by)
		}

		// One click of the debtor's ends all of it, at once.
		w.must(w.negotiation.EndAdviser(w.ctx, d.actor(), d.caseID, a.ID))
		w.nobody(b.visit(DoorDebtor))
		_, err = w.FindLink(w.ctx, token)
		w.refused(err, "link_unknown")
		_, err = w.FindLinkOf(w.ctx, b.visit(DoorDebtor))
		w.refused(err, "link_unknown")
		_, err = w.CreateLink(w.ctx, d.caseID, a.ID)
		w.refused(err, "adviser_is_over")
		w.must(w.AskLink(w.ctx, "ines@conseil.example", home))
		before := len(w.letters(negotiation.LetterAdviser))
		_, err = w.AnswerRequests(w.ctx)
		w.must(err)
		if n := len(w.letters(negotiation.LetterAdviser)) + len(w.letters(negotiation.LetterLink)); n != before {
			t.Errorf("an adviser whose time is over is sent a way in")
		}
	})
}

func TestAnAdvisersTimeEndsByItselfAtTheEndOfTheDay(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		d := w.openCase()
		a := w.adviser(d, true)
		token, err := w.CreateLink(w.ctx, d.caseID, a.ID)
		w.must(err)
		visit := &Visit{Kind: KindAdviser, SubjectID: a.ID, CaseID: d.caseID, Name: a.Name}
		last := a.Limits.UntilOn.Add(1).In(negotiation.Zone)
		w.product.forward(last.Sub(w.product.now()) - time.Minute)
		_, err = w.FindLink(w.ctx, token)
		w.must(err)
		if _, ok, err := w.Actor(w.ctx, visit); err != nil || !ok {
			t.Fatalf("a minute before midnight the adviser is nobody (%v)", err)
		}
		w.product.forward(2 * time.Minute)
		_, err = w.FindLink(w.ctx, token)
		w.refused(err, "link_unknown")
		w.nobody(visit)
	})
}

// An adviser who says "not me" ends their own part, and nothing of the debtor's.
func TestAnAdviserWhoSaysNotMeStopsOnlyThemselves(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		d := w.openCase()
		a := w.adviser(d, true)
		debtors := w.link(d)
		pay := w.PayLinkToken(w.payLink(d))
		token, err := w.CreateLink(w.ctx, d.caseID, a.ID)
		w.must(err)
		w.must(w.NotMe(w.ctx, token, "unknown", ""))
		_, err = w.FindLink(w.ctx, token)
		w.refused(err, "link_unknown")
		_, err = w.FindLink(w.ctx, debtors)
		w.must(err)
		_, err = w.FindPayLink(w.ctx, pay)
		w.must(err)
		c := w.load(d)
		if len(c.Holds) > 0 || len(c.Advisers(w.today())) > 0 {
			t.Errorf("holds %+v, advisers %d", c.Holds, len(c.Advisers(w.today())))
		}
		if n := w.events(d, negotiation.AdviserEnded); n != 1 {
			t.Errorf("it ended %d times", n)
		}
		w.lastLetter(negotiation.LetterNotMe)
	})
}
