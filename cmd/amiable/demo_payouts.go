package main

import (
	"context"
	"time"

	"amiable/negotiation/money"
	"amiable/payments"
)

// payoutStory is what happens to the money on its way to creditors. Payouts
// leave and are opened by themselves; these are the days on which somebody has
// to look.
var payoutStory = []act{
	// The bank sends the first payout back; it leaves again with the next round.
	{"2026-07-27", func(t *teller) { t.sentBack() }},
	{"2026-08-19", func(t *teller) { t.correction(2_40, "Remboursement de frais") }},
	{"2026-08-24", func(t *teller) {
		t.explains("Frais de juillet rendus par Stripe, avis du 19 août. La somme est à Atelier Boréal.")
	}},
	{"2026-10-21", func(t *teller) { t.correction(1_50, "Correction") }}, // nobody has explained it yet
}

// account is the gateway's account of the creditor whom the visitor plays.
func (t *teller) account() string {
	a, err := t.payments.AccountOf(t.ctx, t.creditor.CreditorID)
	if !t.try(err) || a == nil {
		return ""
	}
	return a.AccountID
}

// sentBack lets the creditor's bank send its last payout back.
func (t *teller) sentBack() {
	list, err := t.payments.Payouts(t.ctx, t.creditor, 1)
	if !t.try(err) || len(list) == 0 {
		return
	}
	t.try(t.box.FailPayout(list[0].GatewayID, "account_closed"))
	t.try(t.box.Quiesce(t.ctx))
}

// correction lets the gateway add money to the creditor's account that no
// payment explains.
func (t *teller) correction(cents int64, words string) {
	if account := t.account(); account != "" {
		t.try(t.box.Adjust(account, cents, words))
	}
}

// explains takes everything out of suspense that is in it.
func (t *teller) explains(words string) {
	rows, err := t.payments.InSuspense(t.ctx, 10)
	t.try(err)
	for i := range rows {
		t.try(t.payments.Explain(t.ctx, t.agent, rows[i].ID, words, "creditor"))
	}
}

// RecentPayouts knows of none on an account that was forgotten.
func (g forgetful) RecentPayouts(ctx context.Context, account string, since time.Time) ([]payments.PayoutFact, error) {
	facts, err := g.Gateway.RecentPayouts(ctx, account, since)
	if forgotten(err) || unknownAccount(err) {
		return nil, nil
	}
	return facts, err
}

// Movements knows of none on an account that was forgotten.
func (g forgetful) Movements(ctx context.Context, account string, from, until time.Time, after string) ([]payments.PayoutRowFact, string, error) {
	rows, next, err := g.Gateway.Movements(ctx, account, from, until, after)
	if forgotten(err) || unknownAccount(err) {
		return nil, "", nil
	}
	return rows, next, err
}

// BalanceOf has nothing on an account that was forgotten.
func (g forgetful) BalanceOf(ctx context.Context, account string, currency money.Currency) (money.Amount, error) {
	sum, err := g.Gateway.BalanceOf(ctx, account, currency)
	if forgotten(err) || unknownAccount(err) {
		return money.New(0, currency), nil
	}
	return sum, err
}
