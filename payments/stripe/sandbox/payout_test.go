package sandbox_test

import (
	"testing"
	"time"

	"github.com/stripe/stripe-go/v76"

	"amiable/payments/stripe/sandbox"
)

// destined is a payment of 100.00 of which 12.00 stay with the platform.
func (w *world) destined(to *stripe.Account) *stripe.PaymentIntent {
	w.Helper()
	return must[*stripe.PaymentIntent](w)(w.pay("pm_card_visa", func(p *stripe.PaymentIntentParams) {
		p.Amount, p.ApplicationFeeAmount = stripe.Int64(10000), stripe.Int64(1200)
		p.OnBehalfOf, p.TransferData = &to.ID, &stripe.PaymentIntentTransferDataParams{Destination: &to.ID}
	}))
}

// rowsOf lists what a payout pays out, as a reconciliation does.
func (w *world) rowsOf(account, payout string) []*stripe.BalanceTransaction {
	w.Helper()
	params := &stripe.BalanceTransactionListParams{Payout: &payout}
	params.SetStripeAccount(account)
	params.AddExpand("data.source.source_transfer")
	params.AddExpand("data.source.charge.source_transfer")
	var rows []*stripe.BalanceTransaction
	list := w.api.BalanceTransactions.List(params)
	for list.Next() {
		rows = append(rows, list.BalanceTransaction())
	}
	if list.Err() != nil {
		w.Fatal(list.Err())
	}
	return rows
}

func (w *world) payoutsOf(account string) []*stripe.Payout {
	w.Helper()
	params := &stripe.PayoutListParams{}
	params.SetStripeAccount(account)
	var found []*stripe.Payout
	list := w.api.Payouts.List(params)
	for list.Next() {
		found = append(found, list.Payout())
	}
	if list.Err() != nil {
		w.Fatal(list.Err())
	}
	return found
}

// pass lets days go by.
func (w *world) pass(days int) {
	w.Helper()
	if err := w.box.Advance(time.Duration(days) * 24 * time.Hour); err != nil {
		w.Fatal(err)
	}
}

func TestWhatWasPaidIsPaidOutOnSchedule(t *testing.T) {
	w := newWorldWith(t, sandbox.Options{Payouts: true})
	creditor := w.creditor()
	intent := w.destined(creditor)
	w.pass(6)
	if early := w.payoutsOf(creditor.ID); len(early) != 0 {
		t.Fatalf("paid out before its seven days: %+v", early[0])
	}
	w.pass(2)
	made := w.payoutsOf(creditor.ID)
	if len(made) != 1 || made[0].Amount != 8800 || !made[0].Automatic || made[0].ReconciliationStatus != "in_progress" {
		t.Fatalf("%+v", made)
	}
	w.pass(5)
	made = w.payoutsOf(creditor.ID)
	if len(made) != 1 || made[0].Status != "paid" || made[0].ReconciliationStatus != "completed" {
		t.Fatalf("%+v", made[0])
	}
	rows, sum := w.rowsOf(creditor.ID, made[0].ID), int64(0)
	for _, row := range rows {
		if row.Type != "payout" {
			sum += row.Net
		}
		if row.Type == "payment" {
			if row.Amount != 10000 || row.Fee != 1200 || row.Source.Charge.SourceTransfer.SourceTransaction.ID != intent.LatestCharge.ID {
				t.Errorf("the row does not lead to its payment: %+v", row)
			}
		}
	}
	if len(rows) != 2 || sum != 8800 {
		t.Errorf("%d rows, together %d", len(rows), sum)
	}
}

func TestAPayoutThatComesBackIsPaidAgain(t *testing.T) {
	w := newWorldWith(t, sandbox.Options{Payouts: true})
	creditor := w.creditor()
	w.destined(creditor)
	w.pass(14)
	first := w.payoutsOf(creditor.ID)[0]
	if err := w.box.FailPayout(first.ID, "account_closed"); err != nil {
		t.Fatal(err)
	}
	params := &stripe.PayoutParams{}
	params.SetStripeAccount(creditor.ID)
	first = must[*stripe.Payout](w)(w.api.Payouts.Get(first.ID, params))
	if first.Status != "failed" || first.FailureCode != "account_closed" || first.FailureBalanceTransaction == nil {
		t.Errorf("%+v", first)
	}
	if _, err := w.box.RunPayouts(creditor.ID); err != nil {
		t.Fatal(err)
	}
	made := w.payoutsOf(creditor.ID)
	if len(made) != 2 || made[0].Amount != 8800 {
		t.Fatalf("%d payouts", len(made))
	}
	for _, row := range w.rowsOf(creditor.ID, made[0].ID) {
		if row.Type == "payout_failure" && (row.Net != 8800 || row.Source.Payout.ID != first.ID) {
			t.Errorf("%+v", row)
		}
	}
}

func TestWhatIsOwedIsTakenFromTheNextPayout(t *testing.T) {
	w := newWorldWith(t, sandbox.Options{Payouts: true})
	creditor := w.creditor()
	intent := w.destined(creditor)
	w.pass(14)
	if len(w.payoutsOf(creditor.ID)) != 1 {
		t.Fatal("not paid out")
	}
	// All of it goes back to the payer, after it was paid out.
	must[*stripe.Refund](w)(w.api.Refunds.New(&stripe.RefundParams{PaymentIntent: &intent.ID, ReverseTransfer: stripe.Bool(true), RefundApplicationFee: stripe.Bool(true)}))
	w.pass(14)
	theirs := must[*stripe.Balance](w)(w.api.Balance.Get(&stripe.BalanceParams{Params: stripe.Params{StripeAccount: &creditor.ID}}))
	ours := must[*stripe.Balance](w)(w.api.Balance.Get(nil))
	if theirs.Available[0].Amount != -8800 || ours.ConnectReserved[0].Amount != 8800 {
		t.Errorf("owed %d, reserved %d", theirs.Available[0].Amount, ours.ConnectReserved[0].Amount)
	}
	if len(w.payoutsOf(creditor.ID)) != 1 {
		t.Error("a balance below nothing was paid out")
	}
	w.destined(creditor)
	w.destined(creditor)
	w.pass(14)
	made := w.payoutsOf(creditor.ID)
	if len(made) != 2 || made[0].Amount != 2*8800-8800 {
		t.Fatalf("%+v", made[0])
	}
}

func TestAPayoutByHand(t *testing.T) {
	w := newWorld(t)
	must[*stripe.PaymentIntent](w)(w.pay("pm_card_bypassPending", func(p *stripe.PaymentIntentParams) { p.Amount = stripe.Int64(5000) }))
	if _, err := w.api.Payouts.New(&stripe.PayoutParams{Amount: stripe.Int64(5001), Currency: stripe.String("eur")}); stripeError(t, err).Code != "balance_insufficient" {
		t.Error(err)
	}
	made := must[*stripe.Payout](w)(w.api.Payouts.New(&stripe.PayoutParams{Amount: stripe.Int64(3000), Currency: stripe.String("eur")}))
	if made.Automatic || made.ReconciliationStatus != "not_applicable" || made.Status != "pending" {
		t.Errorf("%+v", made)
	}
	// What it pays out cannot be listed: that is why ours are automatic.
	list := w.api.BalanceTransactions.List(&stripe.BalanceTransactionListParams{Payout: &made.ID})
	if list.Next() || list.Err() == nil {
		t.Error("a payout by hand was itemised")
	}
	if made = must[*stripe.Payout](w)(w.api.Payouts.Cancel(made.ID, nil)); made.Status != "canceled" {
		t.Errorf("%+v", made)
	}
	have := must[*stripe.Balance](w)(w.api.Balance.Get(nil))
	if have.Available[0].Amount != 5000 {
		t.Error(have.Available[0].Amount)
	}
}

func TestARestrictedAccountIsNotPaidOut(t *testing.T) {
	w := newWorldWith(t, sandbox.Options{Payouts: true})
	creditor := w.creditor()
	w.destined(creditor)
	if err := w.box.RestrictAccount(creditor.ID); err != nil {
		t.Fatal(err)
	}
	w.pass(20)
	if made := w.payoutsOf(creditor.ID); len(made) != 0 {
		t.Errorf("%+v", made[0])
	}
	if err := w.box.RestoreAccount(creditor.ID); err != nil {
		t.Fatal(err)
	}
	w.pass(5)
	if made := w.payoutsOf(creditor.ID); len(made) != 1 || made[0].Amount != 8800 {
		t.Errorf("%+v", made)
	}
}
