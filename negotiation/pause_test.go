package negotiation_test

import (
	"testing"
	"time"

	"amiable/negotiation"
	"amiable/negotiation/database"
	"amiable/negotiation/database/databasetest"
)

func TestAPauseIsHadOnceForTheAskingAndItsEndIsTold(t *testing.T) {
	databasetest.Each(t, migrations, func(t *testing.T, db *database.DB) {
		clock := &movingClock{at: time.Time(at("2026-08-31"))}
		w, c := negotiating(t, db, clock, &generous)
		_, err := w.TakePause(w.ctx, decider(c), c.ID)
		refused(t, err, "not_your_role")
		h, err := w.TakePause(w.ctx, debtorOf(c), c.ID)
		w.must(err)
		again, err := w.TakePause(w.ctx, debtorOf(c), c.ID) // a second click
		w.must(err)
		if h.UntilOn != "2026-09-14" || again.ID != h.ID {
			t.Fatalf("until %s; again %s", h.UntilOn, again.UntilOn)
		}
		c = w.load(c.ID)
		before, err := c.Statement("2026-08-30")
		w.must(err)
		last, err := c.Statement("2026-09-14")
		w.must(err)
		after, err := c.Statement("2026-09-20")
		w.must(err)
		if before.Total != last.Total || after.Total.Cmp(last.Total) <= 0 {
			t.Fatalf("interest: %v, on its last day %v, after %v", before.Total, last.Total, after.Total)
		}
		letter, err := w.SendLink(w.ctx, admin, c.ID, c.MainParty().ID)
		w.must(err)
		if letter.State != negotiation.LetterStopped {
			t.Fatalf("a letter in the pause is %s", letter.State)
		}
		for _, day := range []struct {
			on   string
			told int
		}{{"2026-09-10", 0}, {"2026-09-11", 1}, {"2026-09-12", 0}} {
			clock.on(day.on)
			if n, err := w.AnnouncePauseEnds(w.ctx, 10); err != nil || n != day.told {
				t.Fatalf("%s: told %d (%v)", day.on, n, err)
			}
		}
		letters, err := w.LettersOf(w.ctx, c.ID)
		w.must(err)
		last2 := letters[len(letters)-1]
		if last2.Kind != negotiation.LetterPauseEnds || last2.State != negotiation.LetterDueState {
			t.Fatalf("%s is %s", last2.Kind, last2.State)
		}
		clock.on("2026-09-20")
		_, err = w.TakePause(w.ctx, debtorOf(c), c.ID)
		refused(t, err, "pause_taken")
		w.holds()
	})
}

func TestAHardTimeIsToldOnceAndToTheAgentsAlone(t *testing.T) {
	w, c := negotiating(t, databasetest.SQLite(t, migrations...), at("2026-08-31"), &generous)
	for range 2 {
		w.must(w.TellHardship(w.ctx, debtorOf(c), c.ID, "hôpital"))
	}
	c = w.load(c.ID)
	if !c.Gate("2026-08-31").ByPersonOnly() || len(c.Holds) != 1 || c.Holds[0].Note != "hôpital" {
		t.Fatalf("holds: %+v", c.Holds)
	}
	letters, err := w.LettersOf(w.ctx, c.ID)
	w.must(err)
	for _, l := range letters {
		if l.Recipient == negotiation.ToCreditor {
			t.Fatalf("the creditor was told: %s", l.Kind)
		}
	}
	events, err := w.Events(w.ctx, c.ID)
	w.must(err)
	if e := events[len(events)-1]; e.Kind != negotiation.HardshipTold && e.Kind != negotiation.LetterDue {
		t.Fatalf("the last event is %s", e.Kind)
	}
	w.holds()
}
