package negotiation_test

import (
	"testing"
	"time"

	"amiable/negotiation"
	"amiable/negotiation/database"
	"amiable/negotiation/database/databasetest"
	"amiable/negotiation/money"
)

// inPlan is a case of four months from 2026-09-10.
func inPlan(t *testing.T, db *database.DB) (*world, *movingClock, *negotiation.Case) {
	clock := &movingClock{at: time.Time(at("2026-08-31"))}
	w, c := negotiating(t, db, clock, &generous)
	_, err := w.Propose(w.ctx, debtorOf(c), c.ID, proposal(monthly(4, "2026-09-10")))
	w.must(err)
	return w, clock, w.load(c.ID)
}

func (w *world) progress(c *negotiation.Case, on negotiation.Day) *negotiation.Progress {
	w.t.Helper()
	c = w.load(c.ID)
	p, err := c.Progress(c.LastPlan(), on)
	w.must(err)
	return p
}

func TestADisputeSuspendsThePlanFromItsEndAndACreditNoteDropsIt(t *testing.T) {
	w, _, c := inPlan(t, databasetest.SQLite(t, migrations...))
	contested := c.ActivePlan().Current()[3].Amount + 10_00
	h, err := w.PlaceHold(w.ctx, admin, c.ID, negotiation.Hold{Reason: negotiation.HoldDisputed, ClaimID: &c.Claims[0].ID, Amount: &contested})
	w.must(err)
	g := w.progress(c, "2026-08-31") // a day's interest on what is contested is no longer owed
	left := g.Left
	if g.Suspended.Minor != contested || g.Lines[3].State != negotiation.LineSuspended || g.Lines[2].Left.Minor != g.Left.Minor-contested-g.Lines[0].Amount-g.Lines[1].Amount || g.Lines[0].Left.Minor != g.Lines[0].Amount {
		t.Fatalf("suspended: %+v", g)
	}
	w.must(w.CreditNote(w.ctx, admin, c.ID, c.Claims[0].ID, "AV-1", money.Euros(contested), "2026-08-31", negotiation.Word{Why: "Avoir"}))
	w.must(w.LiftHold(w.ctx, admin, c.ID, h.ID))
	g = w.progress(c, "2026-08-31")
	if !g.Suspended.IsZero() || left.Sub(g.Left).Minor > contested || left.Sub(g.Left).Minor < contested-20 || g.Lines[3].State != negotiation.LineDropped {
		t.Fatalf("dropped: %+v", g)
	}
	w.holds()
}

func TestALineIsMovedAndSkippedWithinWhatThePlanAllows(t *testing.T) {
	databasetest.Each(t, migrations, func(t *testing.T, db *database.DB) {
		w, clock, c := inPlan(t, db)
		by, plan := debtorOf(c), c.ActivePlan().ID
		refused(t, w.ChangeInstalment(w.ctx, by, c.ID, plan, 1, negotiation.Moving("2026-09-25", false)), "move_too_far")
		refused(t, w.ChangeInstalment(w.ctx, by, c.ID, plan, 1, negotiation.Moving("2026-09-10", false)), "same_day")
		refused(t, w.ChangeInstalment(w.ctx, admin, c.ID, plan, 1, negotiation.Moving("2026-09-15", false)), "not_your_role")
		w.must(w.ChangeInstalment(w.ctx, by, c.ID, plan, 1, negotiation.Moving("2026-09-20", true)))
		if g := w.progress(c, "2026-09-15"); g.Lines[0].DueOn != "2026-09-20" || g.Lines[3].DueOn != "2026-12-20" || g.Late.IsPositive() {
			t.Fatalf("moved: %+v", g.Lines)
		}
		refused(t, w.ChangeInstalment(w.ctx, by, c.ID, plan, 1, negotiation.Moving("2026-09-25", false)), "move_too_far") // no creeping
		clock.on("2026-10-19")
		w.pay(c, "p1", 300_00, "2026-09-20")
		w.must(w.ChangeInstalment(w.ctx, by, c.ID, plan, 2, negotiation.Skipping()))
		g := w.progress(c, "2026-10-25")
		if g.Lines[1].State != negotiation.LineSkipped || g.Late.IsPositive() || g.Left.Add(g.Paid) != g.Total {
			t.Fatalf("skipped: %+v", g)
		}
		refused(t, w.ChangeInstalment(w.ctx, by, c.ID, plan, 3, negotiation.Skipping()), "no_skips_left")
		w.holds()
	})
}

func TestTheLastLineSkippedIsDueOneStepLater(t *testing.T) {
	w, clock, c := inPlan(t, databasetest.SQLite(t, migrations...))
	plan := c.ActivePlan()
	lines := plan.Current()
	clock.on("2026-12-01")
	w.pay(c, "p1", lines[0].Amount+lines[1].Amount+lines[2].Amount, "2026-12-01")
	w.must(w.ChangeInstalment(w.ctx, debtorOf(c), c.ID, plan.ID, 4, negotiation.Skipping()))
	g := w.progress(c, "2026-12-15")
	if len(g.Lines) != 5 || g.Next == nil || g.Next.DueOn != "2027-01-10" || g.Next.Amount != lines[3].Amount {
		t.Fatalf("skipped: %+v", g.Lines)
	}
	w.holds()
}

func TestAMissedInstalmentIsAskedAboutKindlyThenByAPersonWhoAloneEndsThePlan(t *testing.T) {
	databasetest.Each(t, migrations, func(t *testing.T, db *database.DB) {
		w, clock, c := inPlan(t, db)
		run := func(day string, announced, watched int) {
			t.Helper()
			clock.on(day)
			a, err := w.AnnounceInstalments(w.ctx, 10)
			w.must(err)
			n, err := w.WatchInstalments(w.ctx, 10)
			w.must(err)
			if a != announced || n != watched {
				t.Fatalf("%s: %d announced, %d watched", day, a, n)
			}
			if a, err := w.AnnounceInstalments(w.ctx, 10); err != nil || a != 0 {
				t.Fatalf("%s: announced again (%v)", day, err)
			}
			if n, err := w.WatchInstalments(w.ctx, 10); err != nil || n != 0 {
				t.Fatalf("%s: told again (%v)", day, err)
			}
		}
		run("2026-09-06", 0, 0)
		run("2026-09-07", 1, 0)
		run("2026-09-10", 0, 0)
		run("2026-09-11", 0, 1) // kindly
		plan := c.ActivePlan().ID
		refused(t, w.EndPlan(w.ctx, admin, c.ID, plan, "no news"), "plan_not_late")
		run("2026-09-18", 0, 0)
		run("2026-09-19", 0, 1) // to an agent
		refused(t, w.EndPlan(w.ctx, decider(c), c.ID, plan, "no news"), "not_your_role")
		before, err := w.load(c.ID).Statement("2026-09-19")
		w.must(err)
		w.must(w.EndPlan(w.ctx, admin, c.ID, plan, "no news"))
		c = w.load(c.ID)
		after, err := c.Statement("2026-09-19")
		w.must(err)
		later, err := c.Statement("2026-09-29")
		w.must(err)
		if c.State != negotiation.CaseOpen || after.Total != before.Total || later.Total.Cmp(after.Total) <= 0 {
			t.Fatalf("ended: %s, %v, %v, %v", c.State, before.Total, after.Total, later.Total)
		}
		w.holds()
	})
}

func TestANewOfferReplacesThePlan(t *testing.T) {
	w, clock, c := inPlan(t, databasetest.SQLite(t, migrations...))
	w.pay(c, "p1", 100_00, "2026-08-31")
	clock.on("2026-09-05")
	out, err := w.Propose(w.ctx, debtorOf(c), c.ID, proposal(monthly(6, "2026-10-01")))
	w.must(err)
	if out.Plan != nil || out.Verdict.Answer != negotiation.Refer { // else a plan could be put off for ever
		t.Fatalf("a second plan was accepted by no person: %+v", out)
	}
	out, err = w.AcceptOffer(w.ctx, decider(c), c.ID, out.Offer.ID, yes)
	w.must(err)
	c = w.load(c.ID)
	if len(c.Plans()) != 2 || c.Plans()[0].State != negotiation.PlanReplaced || c.ActivePlan().ID != out.Plan.ID || c.State != negotiation.CaseInPlan {
		t.Fatalf("plans: %+v", c.Plans())
	}
	if g := w.progress(c, "2026-09-05"); !g.Paid.IsZero() || g.Left.Minor != out.Plan.Total {
		t.Fatalf("what was paid before counts again: %+v", g)
	}
	w.holds()
}

func TestAPolicyChangedNeverTouchesAPlan(t *testing.T) {
	w, _, c := inPlan(t, databasetest.SQLite(t, migrations...))
	before := w.progress(c, "2026-09-10")
	strict := negotiation.Policy{InstalmentsMax: 1}
	set, err := w.SetPolicy(w.ctx, admin, w.mandate.ID, strict)
	w.must(err)
	after := w.progress(c, "2026-09-10")
	if set.Version != 2 || after.Left != before.Left || len(after.Lines) != len(before.Lines) || w.load(c.ID).ActivePlan().SkipsMax != 1 {
		t.Fatalf("version %d: %+v", set.Version, after)
	}
	replayed, err := w.Replay(w.ctx, c.CreditorID, strict, 10)
	w.must(err)
	if len(replayed) != 1 || replayed[0].Verdict.Answer != negotiation.No {
		t.Fatalf("replayed: %+v", replayed)
	}
}

// What waits for a pause to end is neither announced into the pause, nor in the
// way of others.
func TestAPausedPlanIsAnnouncedAfterItsPauseAndKeepsNobodyWaiting(t *testing.T) {
	databasetest.Each(t, migrations, func(t *testing.T, db *database.DB) {
		w, clock, c := inPlan(t, db)
		w.place("CRE-001,F-2,2026-03-31,2026-04-30,EUR,900.00,0,business,Vélos Ricochet SARL,005559794,,,velos@example.test,,2 rue du Port,33000,Bordeaux,FR,fr,,MDT-000,Deux")
		other := w.found("Ricochet")
		w.open(other)
		other = w.load(other.ID)
		_, err := w.Propose(w.ctx, debtorOf(other), other.ID, proposal(monthly(3, "2026-09-10")))
		w.must(err)
		_, err = w.PlaceHold(w.ctx, admin, c.ID, negotiation.Hold{Reason: negotiation.HoldBreathingSpace, UntilOn: "2026-09-08"})
		w.must(err)
		for _, expected := range []struct {
			day  string
			told int
		}{{"2026-09-07", 1}, {"2026-09-08", 0}, {"2026-09-09", 1}, {"2026-09-10", 0}} {
			clock.on(expected.day)
			if n, err := w.AnnounceInstalments(w.ctx, 1); err != nil || n != expected.told {
				t.Fatalf("%s: %d announced (%v)", expected.day, n, err)
			}
		}
	})
}

// A letter may wait for Monday, or for the cap; what was done meanwhile is not
// asked for.
func TestNobodyIsRemindedOfAnInstalmentThatWasPaidOrMovedMeanwhile(t *testing.T) {
	databasetest.Each(t, migrations, func(t *testing.T, db *database.DB) {
		w, clock, c := inPlan(t, db)
		lines, plan := c.ActivePlan().Current(), c.ActivePlan().ID
		leaves := func(kind negotiation.LetterKind, want bool) {
			t.Helper()
			letters, err := w.LettersOf(w.ctx, c.ID)
			w.must(err)
			for _, l := range letters {
				if l.Kind != kind || l.State != negotiation.LetterDueState {
					continue
				}
				w.must(w.DB().Read(w.ctx).Exec("UPDATE letters SET due_at = created_at WHERE id = ?", l.ID).Error)
				_, ok, err := w.PrepareLetter(w.ctx, l.ID)
				w.must(err)
				if ok != want {
					t.Fatalf("%s leaves: %v", kind, ok)
				}
				if want {
					w.must(w.LetterReleased(w.ctx, l.ID))
				}
				return
			}
			t.Fatalf("no %s is due: %+v", kind, letters)
		}
		clock.on("2026-09-07")
		_, err := w.AnnounceInstalments(w.ctx, 10)
		w.must(err)
		leaves(negotiation.LetterInstalmentSoon, true)
		w.must(w.ChangeInstalment(w.ctx, debtorOf(c), c.ID, plan, 1, negotiation.Moving("2026-09-09", false)))
		leaves(negotiation.LetterInstalmentSoon, false)
		clock.on("2026-09-10")
		_, err = w.WatchInstalments(w.ctx, 10)
		w.must(err)
		leaves(negotiation.LetterMissed, true)
		w.pay(c, "p1", lines[0].Amount, "2026-09-10")
		leaves(negotiation.LetterMissed, false)
		w.holds()
	})
}

// What an agreement says was frozen when it was accepted: payments, dates
// changed and names changed since leave it as it was.
func TestAnAgreementSaysTheSameTomorrow(t *testing.T) {
	databasetest.Each(t, migrations, func(t *testing.T, db *database.DB) {
		w, clock, c := inPlan(t, db)
		read := func() (negotiation.Agreed, negotiation.FrozenOwed) {
			p := w.load(c.ID).LastPlan()
			agreed, err := p.Says()
			w.must(err)
			frozen, err := w.FrozenStatement(w.ctx, debtorOf(c), *p.StatementID)
			w.must(err)
			owed, err := frozen.Owed()
			w.must(err)
			return agreed, owed
		}
		agreed, owed := read()
		plan := c.ActivePlan()
		if agreed.Text != negotiation.AgreementText || agreed.Creditor.Name == "" || agreed.Debtor.Name != c.Debtor.Name || agreed.Mandate != "MDT-000" || !agreed.Contested.IsZero() {
			t.Fatalf("agreed: %+v", agreed)
		}
		if owed.Total.Minor != plan.Owed || owed.On != "2026-08-31" || len(owed.Claims) != 1 || !owed.Interest.IsPositive() {
			t.Fatalf("owed: %+v", owed)
		}
		clock.on("2026-09-15")
		w.pay(c, "p1", plan.Current()[0].Amount, "2026-09-10")
		w.must(w.ChangeInstalment(w.ctx, debtorOf(c), c.ID, plan.ID, 2, negotiation.Skipping()))
		renamed := *w.creditor
		renamed.Name, renamed.Street = "Autre Nom SAS", "9 rue Neuve"
		w.must(w.ChangeCreditor(w.ctx, admin, renamed))
		again, owedAgain := read()
		if again != agreed || owedAgain.Total != owed.Total || owedAgain.Claims[0].Interest != owed.Claims[0].Interest {
			t.Fatalf("it says otherwise: %+v, %+v", again, owedAgain)
		}
		w.holds()
	})
}

func TestAnAgreementLeavesAsideWhatIsContested(t *testing.T) {
	clock := &movingClock{at: time.Time(at("2026-08-31"))}
	w, c := negotiating(t, databasetest.SQLite(t, migrations...), clock, &generous)
	contested := int64(300_00)
	_, err := w.PlaceHold(w.ctx, admin, c.ID, negotiation.Hold{Reason: negotiation.HoldDisputed, ClaimID: &c.Claims[0].ID, Amount: &contested})
	w.must(err)
	out, err := w.Propose(w.ctx, debtorOf(c), c.ID, proposal(monthly(4, "2026-09-10")))
	w.must(err)
	agreed, err := w.load(c.ID).Plan(out.Plan.ID).Says()
	w.must(err)
	if agreed.Contested.Minor != contested {
		t.Fatalf("contested: %v", agreed.Contested)
	}
	w.holds()
}

func TestWhatIsDueNextIsWhatIsLateAndDueOrElseTheNextLine(t *testing.T) {
	w, clock, c := inPlan(t, databasetest.SQLite(t, migrations...))
	lines := c.ActivePlan().Current()
	due := func(day negotiation.Day, coming, want int64) {
		t.Helper()
		c := w.load(c.ID)
		g, err := c.ProgressWith(c.ActivePlan(), money.Euros(coming), day)
		w.must(err)
		if g.Due().Minor != want {
			t.Fatalf("%s: %v due, not %d", day, g.Due(), want)
		}
	}
	due("2026-09-01", 0, lines[0].Amount)
	due("2026-09-10", 0, lines[0].Amount)
	due("2026-09-15", 0, lines[0].Amount)
	due("2026-10-10", 0, lines[0].Amount+lines[1].Amount)
	due("2026-10-10", lines[0].Amount, lines[1].Amount)
	due("2026-10-10", 100, lines[0].Amount+lines[1].Amount-100)
	clock.on("2026-10-11")
	w.pay(c, "p1", lines[0].Amount+lines[1].Amount, "2026-10-11")
	due("2026-10-11", 0, lines[2].Amount)
	due("2026-10-11", lines[2].Amount+lines[3].Amount, 0)
}

func TestAChangeIsReadBeforeItIsMade(t *testing.T) {
	w, _, c := inPlan(t, databasetest.SQLite(t, migrations...))
	plan := c.ActivePlan()
	seen, err := c.Changed(debtorOf(c), plan.ID, 2, negotiation.Skipping(), "2026-08-31")
	w.must(err)
	if g := w.progress(c, "2026-08-31"); g.Lines[1].Skipped || !seen.After[1].Skipped || seen.Line.Number != 2 {
		t.Fatalf("seen: %+v, stands: %+v", seen.After, g.Lines)
	}
	w.must(w.ChangeInstalment(w.ctx, debtorOf(c), c.ID, plan.ID, 2, negotiation.Skipping()))
	for i, line := range w.progress(c, "2026-08-31").Lines {
		if line.Amount != seen.After[i].Amount || line.DueOn != seen.After[i].DueOn {
			t.Fatalf("line %d is %+v, not as read: %+v", i+1, line, seen.After[i])
		}
	}
	_, err = w.load(c.ID).Changed(debtorOf(c), plan.ID, 2, negotiation.Skipping(), "2026-08-31")
	refused(t, err, "instalment_is_skipped")
}

func TestOneDateAgreedOnAloneIsNotSkipped(t *testing.T) {
	clock := &movingClock{at: time.Time(at("2026-08-31"))}
	w, c := negotiating(t, databasetest.SQLite(t, migrations...), clock, &generous)
	out, err := w.Propose(w.ctx, debtorOf(c), c.ID, proposal(negotiation.Terms{Instalments: 1, FirstDueOn: "2026-09-30"}))
	w.must(err)
	refused(t, w.ChangeInstalment(w.ctx, debtorOf(c), c.ID, out.Plan.ID, 1, negotiation.Skipping()), "no_skips_left")
	w.must(w.ChangeInstalment(w.ctx, debtorOf(c), c.ID, out.Plan.ID, 1, negotiation.Moving("2026-10-05", false)))
	w.holds()
}
