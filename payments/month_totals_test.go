package payments_test

import (
	"testing"
	"time"

	"amiable/negotiation"
	"amiable/payments"
)

func TestAMonthIsAddedUpThreeTimes(t *testing.T) {
	eachBank(t, func(w *bank) {
		w.paysPart(60_00)
		w.must(w.box.Adjust(w.account(), 1_50, "a correction"))
		w.days(1) // September began; nothing is paid out yet
		months := func() (theirs, ours payments.ListedMonth) {
			w.t.Helper()
			*w.now = w.now.Add(24 * time.Hour)
			_, err := w.TotalMonths(w.ctx, 100)
			w.must(err)
			list, err := w.MonthTotals(w.ctx, w.agent, 10)
			w.must(err)
			for _, m := range list {
				if m.Month != "2026-08-01" {
					continue
				}
				if m.CreditorID == nil {
					ours = m
				} else {
					theirs = m
				}
			}
			return theirs, ours
		}
		if m, _ := months(); m.Listed != 54_30 || m.Waiting != 54_30 || m.Opened != 0 || m.Booked != 52_80 || m.Lost() != 0 || m.Unbooked() != 1_50 || m.ClosedAt != nil {
			w.t.Fatalf("%+v", m)
		}
		w.days(14)
		theirs, ours := months()
		if theirs.Opened != 54_30 || theirs.Waiting != 0 || theirs.Strange != 1_50 || !theirs.Agrees() || theirs.ClosedAt == nil {
			w.t.Fatalf("%+v", theirs)
		}
		if ours.Listed >= 7_20 || ours.Listed != ours.Booked || !ours.Agrees() || ours.ClosedAt == nil { // less what the gateway keeps
			w.t.Fatalf("%+v", ours)
		}
		if n, err := w.TotalMonths(w.ctx, 100); err != nil || n != 2 { // July, of either account, in which nothing moved, agrees as well
			w.t.Logf("asked %d, %v", n, err)
		}
		if _, err := w.MonthTotals(w.ctx, w.creditor(), 10); negotiation.AsRefusal(err) == nil {
			w.t.Error("a creditor sees the agency's comparison")
		}
	})
}

func TestAMonthWhoseRowsWereHarmedDoesNotAgree(t *testing.T) {
	onSQLite(t, func(w *bank) {
		w.paysPart(60_00)
		w.days(15)
		asked := func() payments.ListedMonth {
			w.t.Helper()
			w.must(w.n.DB().Read(w.ctx).Exec("DELETE FROM month_totals").Error)
			_, err := w.TotalMonths(w.ctx, 100)
			w.must(err)
			list, err := w.MonthTotals(w.ctx, w.agent, 10)
			w.must(err)
			for _, m := range list {
				if m.CreditorID != nil {
					return m
				}
			}
			return payments.ListedMonth{}
		}
		if m := asked(); !m.Agrees() || m.ClosedAt == nil || m.Listed != 52_80 {
			w.t.Fatalf("%+v", m)
		}
		w.must(w.n.DB().Read(w.ctx).Exec("UPDATE payout_rows SET net = net - 1, amount = amount - 1 WHERE kind = 'payment'").Error)
		if m := asked(); m.Lost() != 1 || m.ClosedAt != nil {
			w.t.Errorf("a cent is lost: %+v", m)
		}
		w.must(w.n.DB().Read(w.ctx).Exec("DELETE FROM payout_rows WHERE kind = 'payment'").Error)
		if m := asked(); m.Waiting != 52_80 || !m.Agrees() || m.ClosedAt != nil {
			w.t.Errorf("what is in no payout waits for one: %+v", m)
		}
	})
}
