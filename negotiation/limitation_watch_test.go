package negotiation_test

import (
	"testing"
	"time"

	"amiable/negotiation"
	"amiable/negotiation/database"
	"amiable/negotiation/database/databasetest"
)

func TestACreditorIsToldOnceForEachThresholdOfALimitation(t *testing.T) {
	databasetest.Each(t, migrations, func(t *testing.T, db *database.DB) {
		clock := &movingClock{at: time.Time(at("2026-03-02"))}
		w := newWorld(t, db, clock)
		// A consumer's claim of 2 March 2025: two years, so 2 March 2027.
		w.place("CRE-001,F-1,2025-02-01,2025-03-02,EUR,100.00,0,consumer,Claire Vasseur,,,Claire Vasseur,claire@example.test,,2 rue B,31000,Toulouse,FR,fr,,MDT-001,x")
		told := func(day string) int {
			t.Helper()
			clock.at = time.Time(at(day))
			n, err := w.WatchLimitation(w.ctx, 100)
			w.must(err)
			again, err := w.WatchLimitation(w.ctx, 100)
			w.must(err)
			if again != 0 {
				t.Errorf("on %s the creditor was told twice", day)
			}
			return n
		}
		total := 0
		for day := negotiation.Day("2026-03-02"); day.Before("2027-04-01"); day = day.Add(1) {
			n := told(string(day))
			total += n
			switch left := negotiation.Day("2027-03-02").Sub(day); {
			case (left == 180 || left == 90 || left == 30 || left == -1) && n != 1:
				t.Errorf("with %d days left the creditor was told %d times", left, n)
			case left < 180 && left != 90 && left != 30 && left != -1 && n != 0:
				t.Errorf("with %d days left the creditor was told", left)
			}
		}
		if total == 0 {
			t.Error("nobody was told")
		}
		w.holds()
	})
}
