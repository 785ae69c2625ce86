package payments_test

import (
	"testing"

	"amiable/negotiation/money"
	"amiable/payments"
)

// Of one payment money may go back many times, and in many payouts.
func TestMoneyThatWentBackInSeveralPayoutsKeepsNoneClosed(t *testing.T) {
	eachBank(t, func(w *bank) {
		first := w.paysPart(60_00)
		for _, part := range []int64{5_00, 6_00, 7_00} {
			w.paysPart(20_00)
			_, err := w.AskRefund(w.ctx, w.agent, first.ID, payments.RefundOrder{Amount: money.Euros(part), Reason: payments.PaidTwice})
			w.must(err)
			w.night()
			w.days(10)
		}
		all, err := w.Payouts(w.ctx, w.agent, 50)
		w.must(err)
		for _, p := range all {
			if p.State == payments.PayoutPaid && !p.IsOpen() || p.Suspense != 0 {
				t.Errorf("payout %s: %q, %d in suspense", p.GatewayID, p.Problem, p.Suspense)
			}
		}
		if len(all) < 4 {
			t.Errorf("%d payouts", len(all))
		}
		w.holds()
	})
}
