package payments_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"testing"

	"amiable/negotiation"
	"amiable/negotiation/database"
	"amiable/negotiation/database/databasetest"
	"amiable/negotiation/money"
	"amiable/payments"
)

// TestEverybodyAtOnce lets tabs, deliveries, jobs and agents act on one case
// at the same time: one page stays open, each euro is booked once, receipts
// are numbered without a gap and the chain holds.
func TestEverybodyAtOnce(t *testing.T) {
	databasetest.Each(t, []database.Migrations{negotiation.Migrations, payments.Migrations}, func(t *testing.T, db *database.DB) {
		w := newTillOn(t, db)
		var all sync.WaitGroup
		together := func(n int, do func(i int) error) {
			for i := range n {
				all.Go(func() {
					err := do(i)
					for errors.Is(err, database.ErrBusy) {
						err = do(i)
					}
					if err != nil && negotiation.AsRefusal(err) == nil {
						t.Error(err)
					}
				})
			}
		}
		together(12, func(i int) error {
			order := payments.Order{Recognition: "text"}
			if i%3 > 0 {
				order.Amount = money.Euros(int64(100_00 + i%3))
			}
			_, err := w.Start(w.ctx, w.debtor, w.caseID, order)
			return err
		})
		together(6, func(i int) error {
			_, err := w.RecordElsewhere(w.ctx, w.agent, w.caseID, payments.Elsewhere{Amount: money.Euros(int64(10_00 + i)), On: "2026-08-30", Means: "cheque", Reference: fmt.Sprint(i)})
			return err
		})
		all.Wait()
		made, err := w.OfCase(w.ctx, w.caseID)
		w.must(err)
		open, usable := 0, 0
		for _, p := range made {
			if p.State == payments.Started {
				open++
			}
		}
		for _, page := range w.g.pages {
			if page.Progress == payments.InProgress {
				usable++
			}
		}
		if open > 1 || usable > 1 {
			t.Fatalf("%d payments are open, %d pages can be paid", open, usable)
		}
		w.holds()

		p := w.start(0)
		collected := *w.g.pages[*p.SessionID]
		collected.Progress, collected.Amount, collected.Over, collected.At = payments.Collected, p.Asked(), true, *w.now
		w.g.pages[*p.SessionID] = &collected
		together(8, func(i int) error { // different news of the same money, each twice
			body, err := json.Marshal(payments.Notification{ID: fmt.Sprintf("evt_%d", i/2), Created: *w.now, Payment: &collected})
			if err != nil {
				return err
			}
			return w.Receive(w.ctx, body, "")
		})
		together(3, func(int) error { _, err := w.Check(w.ctx, p.ID); return err })
		together(2, func(int) error { _, err := w.CloseForbidden(w.ctx, 10); return err })
		all.Wait()
		w.later(60 * 60 * 1e9)
		if _, err := w.RetryNotifications(w.ctx, 50); err != nil {
			t.Fatal(err)
		}
		if got := w.clearing(); got != p.Amount || w.state(p.ID) != payments.Succeeded || w.file().State != negotiation.CaseCleared {
			t.Errorf("%d came in of %d; the payment is %s, the case %s", got, p.Amount, w.state(p.ID), w.file().State)
		}
		if waiting, err := w.WaitingNotifications(w.ctx, 10); err != nil || len(waiting) > 0 {
			t.Errorf("waiting: %+v, %v", waiting, err)
		}
		w.holds()
	})
}
