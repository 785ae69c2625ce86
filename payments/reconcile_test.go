package payments_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"amiable/negotiation/money"
	"amiable/payments"
)

func TestOfEqualRowsOnlyAsManyAreMatchedAsMoneyWentBack(t *testing.T) {
	eachTreasury(t, 2, func(w *treasury) {
		// Of the first payment 2.00 went back twice; of the second 2.00 once.
		for i, id := range []string{"re_1", "re_2", "re_3"} {
			w.told++
			w.notified(payments.Notification{ID: fmt.Sprintf("evt_%d", w.told), Type: "refund", Created: *w.now, Refund: &payments.RefundFact{
				GatewayID: id, ChargeID: "ch_" + w.paid[i/2].ID, State: payments.RefundSucceeded, Amount: money.Euros(2_00), Pulled: true, Fee: -1, At: *w.now,
			}})
		}
		back := func(id string, i int) payments.PayoutRowFact {
			r := w.row(i)
			r.ID, r.Kind, r.Amount, r.Fee = id, payments.RowRefund, money.Euros(-2_00), money.Euros(-24)
			return r
		}
		w.paysOut("po_1", w.row(0), w.row(1), back("txn_b1", 0), back("txn_b2", 1), back("txn_b3", 1))
		w.must(w.opens())
		want := "txn_b3 not_our_refund"
		if got := strings.Join(w.reasons(), " "); got != want {
			w.t.Errorf("got  %s\nwant %s", got, want)
		}
		// The other one of the first comes in a later payout, and then one too many.
		w.later(24 * time.Hour)
		w.paysOut("po_2", func() payments.PayoutRowFact {
			r := back("txn_w", 0)
			r.Kind, r.Amount, r.Fee = payments.RowOther, money.Euros(9_00), money.Euros(0)
			return r
		}(),
			back("txn_b4", 0), back("txn_b5", 0))
		w.must(w.opens())
		if got := strings.Join(w.reasons(), " "); got != want+" txn_b5 not_our_refund txn_w nothing_behind_it" {
			w.t.Errorf("got %s", got)
		}
		w.holds()
	})
}
