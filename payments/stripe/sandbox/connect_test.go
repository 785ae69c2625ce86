package sandbox_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stripe/stripe-go/v76"

	"amiable/payments/stripe/sandbox"
)

func TestSeparateTransfers(t *testing.T) {
	w := newWorld(t)
	one, two := w.creditor(), w.creditor()
	p := must[*stripe.PaymentIntent](w)(w.pay("pm_card_visa", func(p *stripe.PaymentIntentParams) { p.TransferGroup = stripe.String("case-7") }))
	send := func(to *stripe.Account, amount int64) (*stripe.Transfer, error) {
		return w.api.Transfers.New(&stripe.TransferParams{Amount: &amount, Currency: stripe.String("eur"), Destination: &to.ID, SourceTransaction: &p.LatestCharge.ID})
	}
	x := must[*stripe.Transfer](w)(send(one, 1500))
	if x.TransferGroup != "case-7" || x.SourceTransaction.ID != p.LatestCharge.ID {
		t.Errorf("%+v", x)
	}
	must[*stripe.Transfer](w)(send(two, 1000))
	if _, err := send(two, 1); err == nil {
		t.Error("more was sent than the charge brought in")
	}
	r := must[*stripe.TransferReversal](w)(w.api.TransferReversals.New(&stripe.TransferReversalParams{ID: &x.ID, Amount: stripe.Int64(500)}))
	if r.Amount != 500 {
		t.Error(r.Amount)
	}
	if _, err := w.api.TransferReversals.New(&stripe.TransferReversalParams{ID: &x.ID, Amount: stripe.Int64(1001)}); err == nil {
		t.Error("more was brought back than was sent")
	}
	x = must[*stripe.Transfer](w)(w.api.Transfers.Get(x.ID, nil))
	if x.AmountReversed != 500 || x.Reversed || len(x.Reversals.Data) != 1 {
		t.Errorf("%+v", x)
	}
	// Out of the balance, only as much as is there.
	have := must[*stripe.Balance](w)(w.api.Balance.Get(nil))
	if have.Available[0].Amount != 0 {
		t.Error("pending money is available")
	}
	w.box.Settle()
	have = must[*stripe.Balance](w)(w.api.Balance.Get(nil))
	_, err := w.api.Transfers.New(&stripe.TransferParams{Amount: stripe.Int64(have.Available[0].Amount + 1), Currency: stripe.String("eur"), Destination: &one.ID})
	if stripeError(t, err).Code != "balance_insufficient" {
		t.Error(err)
	}
	must[*stripe.Transfer](w)(w.api.Transfers.New(&stripe.TransferParams{Amount: stripe.Int64(have.Available[0].Amount), Currency: stripe.String("eur"), Destination: &one.ID}))
}

func TestADirectChargeLivesOnTheCreditorsAccount(t *testing.T) {
	w := newWorld(t)
	creditor := w.creditor()
	direct := stripe.Params{StripeAccount: &creditor.ID}
	p := must[*stripe.PaymentIntent](w)(w.api.PaymentIntents.New(&stripe.PaymentIntentParams{Params: direct, Amount: stripe.Int64(8000), Currency: stripe.String("eur"), Confirm: stripe.Bool(true),
		PaymentMethod: stripe.String("pm_card_visa"), ApplicationFeeAmount: stripe.Int64(800)}))
	if _, err := w.api.PaymentIntents.Get(p.ID, nil); err == nil {
		t.Error("the platform sees it as its own")
	}
	theirs := must[*stripe.Balance](w)(w.api.Balance.Get(&stripe.BalanceParams{Params: direct}))
	ours := must[*stripe.Balance](w)(w.api.Balance.Get(nil))
	if theirs.Pending[0].Amount != 8000-800-145 || ours.Pending[0].Amount != 800 {
		t.Errorf("creditor %d, platform %d", theirs.Pending[0].Amount, ours.Pending[0].Amount)
	}
	must[*stripe.Refund](w)(w.api.Refunds.New(&stripe.RefundParams{Params: direct, PaymentIntent: &p.ID, RefundApplicationFee: stripe.Bool(true)}))
	theirs = must[*stripe.Balance](w)(w.api.Balance.Get(&stripe.BalanceParams{Params: direct}))
	ours = must[*stripe.Balance](w)(w.api.Balance.Get(nil))
	if theirs.Pending[0].Amount != -145 || ours.Available[0].Amount+ours.Pending[0].Amount != 0 {
		t.Errorf("after the refund: creditor %d, platform %d", theirs.Pending[0].Amount, ours.Pending[0].Amount)
	}
}

func TestOnboarding(t *testing.T) {
	w := newWorld(t)
	a := must[*stripe.Account](w)(w.api.Accounts.New(&stripe.AccountParams{Type: stripe.String("express"), Country: stripe.String("FR"), Email: stripe.String("creditor@example.com")}))
	if a.ChargesEnabled || a.PayoutsEnabled || a.DetailsSubmitted || a.Capabilities.Transfers != "inactive" || len(a.Requirements.CurrentlyDue) == 0 || a.Requirements.DisabledReason == "" {
		t.Fatalf("%+v", a)
	}
	link := must[*stripe.AccountLink](w)(w.api.AccountLinks.New(&stripe.AccountLinkParams{Account: &a.ID, Type: stripe.String("account_onboarding"),
		ReturnURL: stripe.String("https://portal.test/back"), RefreshURL: stripe.String("https://portal.test/again")}))
	token := link.URL[len("http://sandbox.localhost/onboarding/"+a.ID+"?link="):]
	if err := w.box.FollowLink(a.ID, "forged"); err != sandbox.ErrLinkUnknown {
		t.Error(err)
	}
	if err := w.box.FollowLink(a.ID, token); err != nil {
		t.Fatal(err)
	}
	if err := w.box.FollowLink(a.ID, token); err != sandbox.ErrLinkSpent {
		t.Error(err)
	}
	link = must[*stripe.AccountLink](w)(w.api.AccountLinks.New(&stripe.AccountLinkParams{Account: &a.ID, Type: stripe.String("account_onboarding"),
		ReturnURL: stripe.String("https://portal.test/back"), RefreshURL: stripe.String("https://portal.test/again")}))
	if err := w.box.Advance(6 * time.Minute); err != nil {
		t.Fatal(err)
	}
	if err := w.box.FollowLink(a.ID, link.URL[len("http://sandbox.localhost/onboarding/"+a.ID+"?link="):]); err != sandbox.ErrLinkSpent {
		t.Error(err)
	}
	if _, err := w.api.LoginLinks.New(&stripe.LoginLinkParams{Account: &a.ID}); err == nil {
		t.Error("a dashboard before onboarding")
	}
	if err := w.box.CompleteOnboarding(a.ID); err != nil {
		t.Fatal(err)
	}
	a = must[*stripe.Account](w)(w.api.Accounts.GetByID(a.ID, nil))
	if !a.ChargesEnabled || !a.PayoutsEnabled || !a.DetailsSubmitted || a.Capabilities.Transfers != "active" || len(a.Requirements.CurrentlyDue) != 0 || len(a.ExternalAccounts.Data) != 1 {
		t.Errorf("%+v", a)
	}
	must[*stripe.LoginLink](w)(w.api.LoginLinks.New(&stripe.LoginLinkParams{Account: &a.ID}))

	// Restricted in the middle of a plan, it can no longer be paid.
	if err := w.box.RestrictAccount(a.ID); err != nil {
		t.Fatal(err)
	}
	_, err := w.pay("pm_card_visa", func(p *stripe.PaymentIntentParams) {
		p.TransferData = &stripe.PaymentIntentTransferDataParams{Destination: &a.ID}
	})
	if stripeError(t, err).Code != "insufficient_capabilities_for_transfer" {
		t.Error(err)
	}
	if err := w.box.RestoreAccount(a.ID); err != nil {
		t.Fatal(err)
	}
	must[*stripe.PaymentIntent](w)(w.pay("pm_card_visa", func(p *stripe.PaymentIntentParams) {
		p.TransferData = &stripe.PaymentIntentTransferDataParams{Destination: &a.ID}
	}))
	w.box.Settle()
	if r, _ := w.raw(http.MethodDelete, "/v1/accounts/"+a.ID, ""); r.StatusCode != 400 {
		t.Errorf("an account with money in it was deleted: %d", r.StatusCode)
	}
}

func TestARefundThatFailsLaterBringsTheMoneyBack(t *testing.T) {
	w := newWorld(t)
	p := must[*stripe.PaymentIntent](w)(w.pay("pm_card_refundFail", nil))
	r := must[*stripe.Refund](w)(w.api.Refunds.New(&stripe.RefundParams{PaymentIntent: &p.ID}))
	if r.Status != "succeeded" {
		t.Fatal(r.Status)
	}
	if err := w.box.Advance(time.Hour); err != nil {
		t.Fatal(err)
	}
	r = must[*stripe.Refund](w)(w.api.Refunds.Get(r.ID, nil))
	ch := must[*stripe.Charge](w)(w.api.Charges.Get(p.LatestCharge.ID, nil))
	if r.Status != "failed" || r.FailureReason == "" || r.FailureBalanceTransaction == nil || ch.AmountRefunded != 0 || ch.Refunded {
		t.Errorf("%+v, charge refunded %d", r, ch.AmountRefunded)
	}
	// The same money can be given back another way, once.
	must[*stripe.Refund](w)(w.api.Refunds.New(&stripe.RefundParams{PaymentIntent: &p.ID, Amount: stripe.Int64(2500)}))
	if _, err := w.api.Refunds.New(&stripe.RefundParams{PaymentIntent: &p.ID}); stripeError(t, err).Code != "charge_already_refunded" {
		t.Error(err)
	}
}

// Every movement is one row of somebody's statement, and only one.
func TestTheRowsOfADestinationCharge(t *testing.T) {
	w := newWorld(t)
	creditor := w.creditor()
	p := must[*stripe.PaymentIntent](w)(w.pay("pm_card_visa", func(p *stripe.PaymentIntentParams) {
		p.Amount, p.ApplicationFeeAmount = stripe.Int64(10000), stripe.Int64(1000)
		p.TransferData = &stripe.PaymentIntentTransferDataParams{Destination: &creditor.ID}
	}))
	must[*stripe.Refund](w)(w.api.Refunds.New(&stripe.RefundParams{PaymentIntent: &p.ID, ReverseTransfer: stripe.Bool(true), RefundApplicationFee: stripe.Bool(true)}))
	type row struct {
		kind        string
		amount, fee int64
	}
	rows := func(account string) (all []row) {
		params := &stripe.BalanceTransactionListParams{}
		if account != "" {
			params.StripeAccount = &account
		}
		for it := w.api.BalanceTransactions.List(params); it.Next(); {
			b := it.BalanceTransaction()
			if b.Source == nil || b.Source.ID == "" {
				t.Errorf("%s comes from nowhere", b.ID)
			}
			all = append([]row{{string(b.Type), b.Amount, b.Fee}}, all...)
		}
		return all
	}
	same := func(whose string, got, want []row) {
		if len(got) != len(want) {
			t.Fatalf("%s: %v, not %v", whose, got, want)
		}
		for i := range want {
			if got[i] != want[i] {
				t.Errorf("%s, row %d: %v, not %v", whose, i, got[i], want[i])
			}
		}
	}
	same("platform", rows(""), []row{{"charge", 10000, 175}, {"transfer", -10000, 0}, {"application_fee", 1000, 0},
		{"refund", -10000, 0}, {"transfer_refund", 10000, 0}, {"application_fee_refund", -1000, 0}})
	same("creditor", rows(creditor.ID), []row{{"payment", 10000, 1000}, {"payment_refund", -10000, -1000}})
}

// Refunded by and by, the creditor gives back exactly what it had, and so does
// the platform with its fee, however the parts were rounded.
func TestPartsOfARefundAddUp(t *testing.T) {
	w := newWorld(t)
	creditor := w.creditor()
	p := must[*stripe.PaymentIntent](w)(w.pay("pm_card_visa", func(p *stripe.PaymentIntentParams) {
		p.Amount, p.ApplicationFeeAmount = stripe.Int64(1000), stripe.Int64(101)
		p.TransferData = &stripe.PaymentIntentTransferDataParams{Destination: &creditor.ID}
	}))
	for _, part := range []int64{333, 333, 334} {
		must[*stripe.Refund](w)(w.api.Refunds.New(&stripe.RefundParams{PaymentIntent: &p.ID, Amount: &part, ReverseTransfer: stripe.Bool(true), RefundApplicationFee: stripe.Bool(true)}))
	}
	w.box.Settle()
	theirs := must[*stripe.Balance](w)(w.api.Balance.Get(&stripe.BalanceParams{Params: stripe.Params{StripeAccount: &creditor.ID}}))
	ours := must[*stripe.Balance](w)(w.api.Balance.Get(nil))
	if theirs.Available[0].Amount != 0 || ours.Available[0].Amount != -40 {
		t.Errorf("creditor %d, platform %d (the fee of 40 is Stripe's)", theirs.Available[0].Amount, ours.Available[0].Amount)
	}
	ch := must[*stripe.Charge](w)(w.api.Charges.Get(p.LatestCharge.ID, nil))
	if !ch.Refunded || ch.AmountRefunded != 1000 {
		t.Errorf("%+v", ch)
	}
}

func TestACustomAccountIsReadyOnceAllWasGiven(t *testing.T) {
	w := newWorld(t)
	params := &stripe.AccountParams{Type: stripe.String("custom"), Country: stripe.String("FR"), BusinessType: stripe.String("company"),
		Capabilities: &stripe.AccountCapabilitiesParams{CardPayments: &stripe.AccountCapabilitiesCardPaymentsParams{Requested: stripe.Bool(true)},
			Transfers: &stripe.AccountCapabilitiesTransfersParams{Requested: stripe.Bool(true)}}}
	a := must[*stripe.Account](w)(w.api.Accounts.New(params))
	if a.Capabilities.Transfers != "inactive" || len(a.Requirements.CurrentlyDue) != 3 {
		t.Fatalf("%+v", a.Requirements)
	}
	a = must[*stripe.Account](w)(w.api.Accounts.Update(a.ID, &stripe.AccountParams{
		TOSAcceptance:   &stripe.AccountTOSAcceptanceParams{Date: stripe.Int64(w.box.Now().Unix()), IP: stripe.String("192.0.2.7")},
		ExternalAccount: &stripe.AccountExternalAccountParams{Country: stripe.String("FR"), Currency: stripe.String("eur"), AccountNumber: stripe.String("FR1420041010050500013M02606")}}))
	if !a.ChargesEnabled || !a.PayoutsEnabled || a.Capabilities.Transfers != "active" || len(a.ExternalAccounts.Data) != 1 || a.ExternalAccounts.Data[0].BankAccount.Last4 != "2606" {
		t.Errorf("%+v", a)
	}
	w.quiet()
	changed := 0
	for _, e := range w.letter.events {
		if e.Type == "capability.updated" && e.Account == a.ID && e.Data.PreviousAttributes["status"] == "inactive" {
			changed++
		}
	}
	if changed != 2 {
		t.Errorf("%d capabilities were announced: %v", changed, w.letter.types())
	}
	if _, err := w.api.Accounts.Reject(a.ID, &stripe.AccountRejectParams{Reason: stripe.String("fraud")}); err != nil {
		t.Fatal(err)
	}
	a = must[*stripe.Account](w)(w.api.Accounts.GetByID(a.ID, nil))
	if a.ChargesEnabled || a.PayoutsEnabled || a.Requirements.DisabledReason != "rejected.fraud" {
		t.Errorf("%+v", a.Requirements)
	}
}
