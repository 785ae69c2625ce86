package negotiation_test

import (
	"testing"
	"time"

	"amiable/negotiation"
	"amiable/negotiation/database"
	"amiable/negotiation/database/databasetest"
)

func TestAWatchedCaseIsPlacedTheDayAfterItsClaimWasDue(t *testing.T) {
	databasetest.Each(t, migrations, func(t *testing.T, db *database.DB) {
		clock := &movingClock{at: time.Time(at("2026-08-28"))}
		w := newWorld(t, db, clock)
		w.place(
			"CRE-001,F-1,2026-07-31,2026-08-30,EUR,1000.00,0,business,Garage du Port SCOP,031093149,,,garage@example.test,,1 rue du Port,33000,Bordeaux,FR,fr,,MDT-001,Réparation",
			"CRE-001,F-2,2026-07-31,2026-09-30,EUR,500.00,0,business,Garage du Port SCOP,031093149,,,garage@example.test,,1 rue du Port,33000,Bordeaux,FR,fr,,MDT-001,Réparation",
			"CRE-001,F-3,2026-07-31,2026-08-30,EUR,90.00,0,consumer,Claire Vasseur,,,,claire@example.test,,2 rue B,31000,Toulouse,FR,fr,,MDT-001,Trois")
		wake := func(day negotiation.Day, want int) {
			t.Helper()
			clock.at = time.Time(at(string(day)))
			woken, err := w.WakeWatched(w.ctx, 10)
			w.must(err)
			if woken != want {
				t.Fatalf("on %s %d cases woke, want %d", day, woken, want)
			}
			w.holds()
		}
		wake("2026-08-30", 0) // due today is not late
		wake("2026-08-31", 2)
		wake("2026-08-31", 0)

		found, err := w.Find(w.ctx, admin, negotiation.Search{Text: "garage"})
		w.must(err)
		c := w.load(found[0].ID)
		if c.State != negotiation.CasePlaced || c.Indemnity != 40_00 {
			t.Fatalf("the firm's case is %s with an indemnity of %d: one of its two claims is late", c.State, c.Indemnity)
		}
		found, err = w.Find(w.ctx, admin, negotiation.Search{Text: "vasseur"})
		w.must(err)
		if c := w.load(found[0].ID); c.State != negotiation.CasePlaced || c.Indemnity != 0 {
			t.Fatalf("the consumer's case is %s with an indemnity of %d: consumers owe none", c.State, c.Indemnity)
		}
		// What was posted early and what is worked out at a payment agree.
		clock.at = time.Time(at("2026-10-15"))
		w.must(w.RecordFirstLetter(w.ctx, admin, c.ID, negotiation.FirstLetter{Reference: "PL-1", SentOn: "2026-09-02", Channel: "post", Proof: "LA-1"}))
		w.pay(c, "p1", 300_00, "2026-10-15")
		w.holds()
	})
}
