package payments_test

import (
	"strings"
	"testing"

	"amiable/negotiation"
	"amiable/negotiation/database"
	"amiable/negotiation/database/databasetest"
	"amiable/negotiation/money"
	"amiable/payments"
)

// backkeeping is a till at which one payment was given back in two parts, and
// another was taken back by the payer's bank.
func backkeeping(t *testing.T, db *database.DB) *till {
	t.Helper()
	w := newBank(t, db)
	p := w.pays(100_00, "4242424242424242")
	for _, sum := range []int64{10_00, 20_00} {
		_, err := w.AskRefund(w.ctx, w.agent, p.ID, payments.RefundOrder{Amount: money.Euros(sum), Reason: payments.PaidTwice})
		w.must(err)
		w.night()
	}
	w.pays(50_00, disputedCard)
	w.night()
	w.agrees()
	return w.till
}

func TestVerifySeesWhatIsBrokenWhereMoneyGoesBack(t *testing.T) {
	databasetest.Each(t, []database.Migrations{negotiation.Migrations, payments.Migrations}, func(t *testing.T, db *database.DB) {
		w := backkeeping(t, db)
		for _, test := range []struct{ harm, mend, rule string }{
			{`UPDATE payments SET refunded = refunded + 1 WHERE refunded > 0`, `UPDATE payments SET refunded = refunded - 1 WHERE refunded > 0`, "of a payment no more goes back than came, and what went is written down"},
			{`UPDATE payments SET pulled = pulled + 1 WHERE refunded > 0`, `UPDATE payments SET pulled = pulled - 1 WHERE refunded > 0`, "what moved between a creditor's account and ours is written down"},
			{`UPDATE payments SET fee = fee + 1 WHERE taken_back > 0`, `UPDATE payments SET fee = fee - 1 WHERE taken_back > 0`, "a payment of which nothing stays keeps no fee"},
			{`UPDATE refunds SET request = ' ' || request; UPDATE refunds SET approved_at = NULL WHERE amount = 1000`, ``, "a refund is asked for with somebody's yes, in words written down before"},
			{`UPDATE chargebacks SET state = 'inquiry'`, `UPDATE chargebacks SET state = 'open'`, "the state of a chargeback is what its money says"},
			{`UPDATE chargebacks SET cost = cost + 1`, `UPDATE chargebacks SET cost = cost - 1`, "what the gateway keeps for chargebacks is booked"},
			{`DELETE FROM letters WHERE kind = 'refund_notice'`, ``, "the creditor is told of all money that went back"},
			{`DELETE FROM receipts WHERE corrects IS NOT NULL`, ``, "the last receipt of a payment says what stays of it"},
			{`DROP INDEX refunds_one_live; UPDATE refunds SET state = 'wanted'`, ``, "a payment has one refund that is still to be sent at most"},
			{`UPDATE refunds SET payment_id = (SELECT payment_id FROM chargebacks)`, ``, "nothing is refunded of what the payer's bank took back"},
		} {
			if test.mend != "" {
				if broken(t, w.Service)[test.rule] {
					t.Fatalf("unharmed, it is broken: %s", test.rule)
				}
			}
			for _, statement := range strings.Split(test.harm, "; ") {
				if err := db.Read(w.ctx).Exec(statement).Error; err != nil {
					t.Fatal(err)
				}
			}
			if !broken(t, w.Service)[test.rule] {
				t.Errorf("%s was not seen", test.harm)
			}
			if test.mend != "" {
				if err := db.Read(w.ctx).Exec(test.mend).Error; err != nil {
					t.Fatal(err)
				}
			}
		}
	})
}
