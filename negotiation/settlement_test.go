package negotiation_test

import (
	"testing"
	"time"

	"amiable/negotiation"
	"amiable/negotiation/database"
	"amiable/negotiation/database/databasetest"
	"amiable/negotiation/money"
)

// What was paid before a smaller sum was agreed is not part of it, also where
// it has to be allocated again afterwards.
func TestASettlementTakesNothingOfWhatWasPaidBeforeIt(t *testing.T) {
	databasetest.Each(t, migrations, func(t *testing.T, db *database.DB) {
		clock := &movingClock{at: time.Time(at("2026-08-31"))}
		w, c := negotiating(t, db, clock, &generous)
		w.pay(c, "before", 900_00, "2026-08-31")
		owed, err := w.load(c.ID).Plannable("2026-08-31")
		w.must(err)
		smaller := negotiation.Terms{Instalments: 1, FirstDueOn: "2026-09-10", Total: money.Euros(owed.Minor * 95 / 100)}
		out, err := w.Propose(w.ctx, debtorOf(c), c.ID, proposal(smaller))
		w.must(err)
		if out.Plan == nil || !out.Plan.IsSettlement() {
			t.Fatalf("no settlement: %+v", out)
		}
		// A transfer that had been overlooked, of a day before.
		w.pay(c, "overlooked", 10_00, "2026-08-20")
		c = w.load(c.ID)
		if due := c.RefundsDue(); !due.IsZero() {
			t.Fatalf("%v of what was owed and paid are given back", due)
		}
		progress, err := c.Progress(c.LastPlan(), "2026-08-31")
		w.must(err)
		if want := smaller.Total.Minor - 10_00; progress.Left.Minor != want {
			t.Fatalf("%v left of the settlement, want %d cents", progress.Left, want)
		}
		w.holds()
	})
}

// What a payment from before had paid, and its bank takes back, was never given
// up by who agreed to a smaller sum for the rest.
func TestASettlementGivesUpNothingOfAPaymentTakenBack(t *testing.T) {
	databasetest.Each(t, migrations, func(t *testing.T, db *database.DB) {
		clock := &movingClock{at: time.Time(at("2026-08-31"))}
		w, c := negotiating(t, db, clock, &generous)
		w.pay(c, "before", 900_00, "2026-08-31")
		owed, err := w.load(c.ID).Plannable("2026-08-31")
		w.must(err)
		smaller := negotiation.Terms{Instalments: 1, FirstDueOn: "2026-09-10", Total: money.Euros(owed.Minor * 95 / 100)}
		_, err = w.Propose(w.ctx, debtorOf(c), c.ID, proposal(smaller))
		w.must(err)
		clock.on("2026-09-10")
		w.pay(c, "settled", smaller.Total.Minor, "2026-09-10")
		if c = w.load(c.ID); c.State != negotiation.CaseCleared {
			t.Fatalf("settled: %s", c.State)
		}
		clock.on("2026-09-20")
		w.must(w.OnCase(w.ctx, admin, c.ID, func(t *negotiation.Tx, c *negotiation.Case) error { return c.ReversePayment(t, admin, "before") }))
		c = w.load(c.ID)
		if left := c.Balance(); c.State != negotiation.CaseOpen || left.Minor < 900_00 || left.Minor > 905_00 {
			t.Fatalf("900.00 were taken back: %v are owed, the case is %s", left, c.State)
		}
		w.holds()
		w.pay(c, "again", c.Balance().Minor, "2026-09-20")
		if c = w.load(c.ID); !c.RefundsDue().IsZero() || c.Balance().Minor > 10_00 {
			t.Fatalf("paid again: %v are given back, %v are owed", c.RefundsDue(), c.Balance())
		}
		w.holds()
	})
}
