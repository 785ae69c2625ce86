package conformance

import (
	"testing"

	"github.com/stripe/stripe-go/v76"
)

// destination returns a payment of which all but our fee goes to a creditor.
func (w *world) destination(account string, amount, fee int64) *stripe.PaymentIntentParams {
	p := w.pay(amount, "pm_card_bypassPending")
	p.OnBehalfOf = text(account)
	p.TransferData = &stripe.PaymentIntentTransferDataParams{Destination: text(account)}
	if fee > 0 {
		p.ApplicationFeeAmount = number(fee)
	}
	p.AddExpand("latest_charge.transfer")
	p.AddExpand("latest_charge.application_fee")
	return p
}

func connectRules(t *testing.T, w *world) {
	t.Run("an account is not ready before its holder was asked", func(t *testing.T) {
		if w.real {
			t.Skip("leaves accounts behind in a test mode that is not ours")
		}
		account, err := w.api.Accounts.New(&stripe.AccountParams{
			Type: text("express"), Country: text("FR"), Email: text("creditor@example.com"),
			Capabilities: &stripe.AccountCapabilitiesParams{
				CardPayments: &stripe.AccountCapabilitiesCardPaymentsParams{Requested: yes()},
				Transfers:    &stripe.AccountCapabilitiesTransfersParams{Requested: yes()},
			},
		})
		must(t, account, err)
		got(t, "ready", account.ChargesEnabled || account.PayoutsEnabled || account.DetailsSubmitted, false)
		if len(account.Requirements.CurrentlyDue) == 0 {
			t.Error("nothing is asked of the holder")
		}
		link, err := w.api.AccountLinks.New(&stripe.AccountLinkParams{
			Account: text(account.ID), Type: text("account_onboarding"),
			RefreshURL: text("https://example.com/again"), ReturnURL: text("https://example.com/done"),
		})
		must(t, link, err)
		if link.URL == "" || link.ExpiresAt <= link.Created {
			t.Errorf("no way to ask: %+v", link)
		}
		_, err = w.api.PaymentIntents.New(w.destination(account.ID, 1000, 0))
		var refusal *stripe.Error
		if !asStripe(err, &refusal) || refusal.HTTPStatusCode != 400 {
			t.Errorf("an account that is not ready was paid: %v", err)
		}
	})
	t.Run("a creditor gets what was paid less our fee, and gives it back alike", func(t *testing.T) {
		account := w.account(t)
		intent, err := w.api.PaymentIntents.New(w.destination(account, 10000, 1200))
		must(t, intent, err)
		charge := intent.LatestCharge
		got(t, "destination", charge.TransferData.Destination.ID, account)
		got(t, "transferred", charge.Transfer.Amount, 10000)
		got(t, "transfer's destination", charge.Transfer.Destination.ID, account)
		got(t, "transfer's source", charge.Transfer.SourceTransaction.ID, charge.ID)
		got(t, "fee", charge.ApplicationFee.Amount, 1200)
		got(t, "fee's account", charge.ApplicationFee.Account.ID, account)

		r := &stripe.RefundParams{PaymentIntent: text(intent.ID), Amount: number(5000), ReverseTransfer: yes(), RefundApplicationFee: yes()}
		r.AddExpand("transfer_reversal")
		refund, err := w.api.Refunds.New(r)
		must(t, refund, err)
		got(t, "taken back", refund.TransferReversal.Amount, 5000)
		fee, err := w.api.ApplicationFees.Get(charge.ApplicationFee.ID, nil)
		got(t, "fee given back", must(t, fee, err).AmountRefunded, 600)
		transfer, err := w.api.Transfers.Get(charge.Transfer.ID, nil)
		must(t, transfer, err)
		got(t, "reversed so far", transfer.AmountReversed, 5000)
		got(t, "wholly reversed", transfer.Reversed, false)
	})
	t.Run("our fee is no more than the payment", func(t *testing.T) {
		_, err := w.api.PaymentIntents.New(w.destination(w.account(t), 1000, 1001))
		var refusal *stripe.Error
		if !asStripe(err, &refusal) || refusal.HTTPStatusCode != 400 {
			t.Errorf("a fee above the payment: %v", err)
		}
	})
	t.Run("a fee needs somebody to take it from", func(t *testing.T) {
		p := w.pay(1000, "pm_card_visa")
		p.ApplicationFeeAmount = number(100)
		_, err := w.api.PaymentIntents.New(p)
		var refusal *stripe.Error
		if !asStripe(err, &refusal) || refusal.HTTPStatusCode != 400 {
			t.Errorf("a fee from nobody: %v", err)
		}
	})
	t.Run("what is ours is not theirs", func(t *testing.T) {
		customer := w.customer(t)
		p := &stripe.CustomerParams{}
		p.SetStripeAccount(w.account(t))
		_, err := w.api.Customers.Get(customer.ID, p)
		refused(t, err, 404, badRequest, "resource_missing")
	})
	t.Run("a stranger's account is closed to us", func(t *testing.T) {
		p := &stripe.CustomerParams{}
		p.SetStripeAccount("acct_nobody")
		_, err := w.api.Customers.New(p)
		refused(t, err, 403, badRequest, "account_invalid")
	})
}

func transferRules(t *testing.T, w *world) {
	t.Run("a transfer is made once and taken back at most once", func(t *testing.T) {
		account := w.account(t)
		intent, err := w.api.PaymentIntents.New(w.pay(9000, "pm_card_bypassPending"))
		must(t, intent, err)
		p := &stripe.TransferParams{
			Amount: number(3000), Currency: text("eur"), Destination: text(account),
			SourceTransaction: text(intent.LatestCharge.ID), TransferGroup: text(w.run),
		}
		transfer, err := w.api.Transfers.New(p)
		must(t, transfer, err)
		got(t, "destination", transfer.Destination.ID, account)
		part, err := w.api.TransferReversals.New(&stripe.TransferReversalParams{ID: text(transfer.ID), Amount: number(1000)})
		got(t, "taken back", must(t, part, err).Amount, 1000)
		_, err = w.api.TransferReversals.New(&stripe.TransferReversalParams{ID: text(transfer.ID), Amount: number(2001)})
		var refusal *stripe.Error
		if !asStripe(err, &refusal) || refusal.HTTPStatusCode != 400 {
			t.Errorf("more taken back than given: %v", err)
		}
		rest, err := w.api.TransferReversals.New(&stripe.TransferReversalParams{ID: text(transfer.ID)})
		got(t, "rest", must(t, rest, err).Amount, 2000)
		again, err := w.api.Transfers.Get(transfer.ID, nil)
		got(t, "wholly reversed", must(t, again, err).Reversed, true)
		rows := w.api.Transfers.List(&stripe.TransferListParams{TransferGroup: text(w.run)})
		if !rows.Next() || rows.Transfer().ID != transfer.ID {
			t.Errorf("the group does not lead to its transfer (%v)", rows.Err())
		}
	})
	t.Run("no more is passed on than a payment brought", func(t *testing.T) {
		account := w.account(t)
		intent, err := w.api.PaymentIntents.New(w.pay(1000, "pm_card_bypassPending"))
		must(t, intent, err)
		_, err = w.api.Transfers.New(&stripe.TransferParams{
			Amount: number(1001), Currency: text("eur"), Destination: text(account), SourceTransaction: text(intent.LatestCharge.ID),
		})
		var refusal *stripe.Error
		if !asStripe(err, &refusal) || refusal.HTTPStatusCode != 400 {
			t.Errorf("more passed on than came in: %v", err)
		}
	})
	t.Run("no more is passed on than we have", func(t *testing.T) {
		_, err := w.api.Transfers.New(&stripe.TransferParams{Amount: number(99999999), Currency: text("eur"), Destination: text(w.account(t))})
		refused(t, err, 400, badRequest, "balance_insufficient")
	})
}
