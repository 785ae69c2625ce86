package negotiation_test

import (
	"fmt"
	"testing"
	"time"

	"amiable/negotiation"
	"amiable/negotiation/database"
	"amiable/negotiation/database/databasetest"
)

// What one debtor does over and over writes to others only so often.
func TestNobodyIsWrittenToWithoutEndByOneDebtor(t *testing.T) {
	databasetest.Each(t, migrations, func(t *testing.T, db *database.DB) {
		clock := &movingClock{at: time.Time(at("2026-08-31"))}
		asks := generous
		asks.AtOnce = false
		w, c := negotiating(t, db, clock, &asks)
		me := debtorOf(c)
		until := func(code string, most int, do func(n int) error) {
			t.Helper()
			for n := range most + 1 {
				if err := do(n); err != nil {
					refused(t, err, code)
					if n == 0 {
						t.Errorf("%s at once", code)
					}
					return
				}
			}
			t.Errorf("%s was never said", code)
		}
		until("offers_enough_today", 20, func(int) error {
			out, err := w.Propose(w.ctx, me, c.ID, proposal(monthly(3, "2026-09-20")))
			if err != nil {
				return err
			}
			return w.WithdrawOffer(w.ctx, me, c.ID, out.Offer.ID)
		})
		d := w.contest(c, 400_00)
		until("reopened_often", 20, func(int) error {
			w.must(w.WithdrawDispute(w.ctx, me, c.ID, d.ID, negotiation.Reply{}))
			return w.ReopenDispute(w.ctx, me, c.ID, d.ID, negotiation.Contest{Words: "Encore"})
		})
		until("advisers_named_often", 20, func(n int) error {
			p, err := w.NameAdviser(w.ctx, me, c.ID, negotiation.Adviser{Name: "Inès", Email: fmt.Sprintf("a%d@conseil.example", n), UntilOn: "2026-10-01"})
			if err != nil {
				return err
			}
			return w.EndAdviser(w.ctx, me, c.ID, p.ID)
		})
		clock.on("2026-10-02")
		out, err := w.Propose(w.ctx, me, c.ID, proposal(monthly(3, "2026-10-20")))
		w.must(err)
		w.must(w.WithdrawOffer(w.ctx, me, c.ID, out.Offer.ID))
		w.must(w.ReopenDispute(w.ctx, me, c.ID, d.ID, negotiation.Contest{Words: "Encore"}))
		_, err = w.NameAdviser(w.ctx, me, c.ID, negotiation.Adviser{Name: "Inès", Email: "b@conseil.example", UntilOn: "2026-12-01"})
		w.must(err)
	})
}
