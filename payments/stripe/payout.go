package stripe

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/stripe/stripe-go/v76"

	"amiable/negotiation/money"
	"amiable/payments"
)

// rowsPerPage is the most that Stripe lists at once.
const rowsPerPage = 100

func on(account string) stripe.Params {
	if account == "" {
		return stripe.Params{}
	}
	return stripe.Params{StripeAccount: stripe.String(account)}
}

// FetchPayout asks how a payout stands.
func (g *Gateway) FetchPayout(ctx context.Context, account, payoutID string) (payments.PayoutFact, error) {
	params := &stripe.PayoutParams{Params: on(account)}
	params.Context = ctx
	params.AddExpand("destination")
	p, err := g.api.Payouts.Get(payoutID, params)
	if err != nil {
		return payments.PayoutFact{}, translate(err)
	}
	return factOfPayout(p, account), nil
}

// RecentPayouts lists the payouts of an account made since a moment.
func (g *Gateway) RecentPayouts(ctx context.Context, account string, since time.Time) ([]payments.PayoutFact, error) {
	params := &stripe.PayoutListParams{CreatedRange: &stripe.RangeQueryParams{GreaterThanOrEqual: since.Unix()}}
	params.Context = ctx
	params.Limit = stripe.Int64(rowsPerPage)
	if account != "" {
		params.SetStripeAccount(account)
	}
	var facts []payments.PayoutFact
	list := g.api.Payouts.List(params)
	for list.Next() {
		facts = append(facts, factOfPayout(list.Payout(), account))
	}
	if err := list.Err(); err != nil {
		return nil, translate(err)
	}
	return facts, nil
}

// PayoutRows lists one page of what an automatic payout pays out.
func (g *Gateway) PayoutRows(ctx context.Context, account, payoutID, after string) (rows []payments.PayoutRowFact, more bool, err error) {
	params := &stripe.BalanceTransactionListParams{Payout: stripe.String(payoutID)}
	params.Context = ctx
	params.Single = true
	params.Limit = stripe.Int64(rowsPerPage)
	if after != "" {
		params.StartingAfter = stripe.String(after)
	}
	// What leads from a row to the charge that a payment of ours knows: of money
	// on a creditor's account, the transfer that brought it.
	params.AddExpand("data.source")
	if account == "" {
		params.AddExpand("data.source.transfer")
		params.AddExpand("data.source.fee")
	} else {
		params.SetStripeAccount(account)
		params.AddExpand("data.source.source_transfer")
		params.AddExpand("data.source.charge.source_transfer")
	}
	list := g.api.BalanceTransactions.List(params)
	own := ""
	for list.Next() {
		b := list.BalanceTransaction()
		if b.Type == stripe.BalanceTransactionTypePayout && b.Source != nil && b.Source.ID == payoutID {
			own = b.ID
			continue
		}
		rows = append(rows, rowOf(b, account == ""))
	}
	if err := list.Err(); err != nil {
		return nil, false, translate(err)
	}
	more = list.Meta().HasMore
	if more && len(rows) == 0 {
		// A page of nothing but the payout itself: the cursor is there.
		return g.PayoutRows(ctx, account, payoutID, own)
	}
	return rows, more, nil
}

// Movements lists one page of what moved on an account in a span of time.
func (g *Gateway) Movements(ctx context.Context, account string, from, until time.Time, after string) (rows []payments.PayoutRowFact, next string, err error) {
	params := &stripe.BalanceTransactionListParams{CreatedRange: &stripe.RangeQueryParams{GreaterThanOrEqual: from.Unix(), LesserThan: until.Unix()}}
	params.Context = ctx
	params.Single = true
	params.Limit = stripe.Int64(rowsPerPage)
	if after != "" {
		params.StartingAfter = stripe.String(after)
	}
	if account != "" {
		params.SetStripeAccount(account)
	}
	list := g.api.BalanceTransactions.List(params)
	last := ""
	for list.Next() {
		b := list.BalanceTransaction()
		if last = b.ID; b.Type != stripe.BalanceTransactionTypePayout {
			rows = append(rows, rowOf(b, account == ""))
		}
	}
	if err := list.Err(); err != nil {
		return nil, "", translate(err)
	}
	if list.Meta().HasMore {
		next = last
	}
	return rows, next, nil
}

// BalanceOf asks what an account has, pending or available.
func (g *Gateway) BalanceOf(ctx context.Context, account string, currency money.Currency) (money.Amount, error) {
	params := &stripe.BalanceParams{Params: on(account)}
	params.Context = ctx
	b, err := g.api.Balance.Get(params)
	if err != nil {
		return money.Amount{}, translate(err)
	}
	sum := money.New(0, currency)
	for _, list := range [][]*stripe.Amount{b.Available, b.Pending} {
		for _, a := range list {
			if strings.EqualFold(string(a.Currency), string(currency)) {
				sum.Minor += a.Amount
			}
		}
	}
	return sum, nil
}

var payoutStates = map[stripe.PayoutStatus]payments.PayoutState{
	stripe.PayoutStatusPending:   payments.PayoutPending,
	stripe.PayoutStatusInTransit: payments.PayoutInTransit,
	stripe.PayoutStatusPaid:      payments.PayoutPaid,
	stripe.PayoutStatusFailed:    payments.PayoutFailed,
	stripe.PayoutStatusCanceled:  payments.PayoutCancelled,
}

func factOfPayout(p *stripe.Payout, account string) payments.PayoutFact {
	f := payments.PayoutFact{
		ID: p.ID, Account: account, State: payoutStates[p.Status], Amount: money.New(p.Amount, money.Currency(strings.ToUpper(string(p.Currency)))),
		Automatic: p.Automatic, Itemised: p.ReconciliationStatus == stripe.PayoutReconciliationStatusCompleted,
		ArrivesOn: time.Unix(p.ArrivalDate, 0).UTC(), MadeAt: time.Unix(p.Created, 0).UTC(), Failure: string(p.FailureCode),
	}
	if p.Destination != nil && p.Destination.BankAccount != nil {
		f.Bank = p.Destination.BankAccount.Last4
	}
	return f
}

func rowOf(b *stripe.BalanceTransaction, ours bool) payments.PayoutRowFact {
	currency := money.Currency(strings.ToUpper(string(b.Currency)))
	r := payments.PayoutRowFact{
		ID: b.ID, Category: string(b.ReportingCategory), Amount: money.New(b.Amount, currency), Fee: money.New(b.Fee, currency), Words: b.Description,
		MadeAt: time.Unix(b.Created, 0).UTC(), AvailableAt: time.Unix(b.AvailableOn, 0).UTC(), Kind: kindOfRow(b, ours),
	}
	if b.Source == nil {
		return r
	}
	r.Source = b.Source.ID
	r.ChargeID, r.About = leadsTo(b.Source)
	switch s := b.Source; {
	case s.Transfer != nil:
		r.About = s.Transfer.ID
	case s.Charge != nil && s.Charge.SourceTransfer != nil:
		r.About = s.Charge.SourceTransfer.ID
	case s.TransferReversal != nil:
		r.About = s.TransferReversal.ID
	}
	if refund := b.Source.Refund; refund != nil && refund.SourceTransferReversal != nil {
		r.About = refund.SourceTransferReversal.ID // what was taken back from the account, and for which refund
	}
	return r
}

// kindOfRow names a row. Money of a payment is the creditor's on its account,
// and passes through ours.
func kindOfRow(b *stripe.BalanceTransaction, ours bool) payments.RowKind {
	switch b.Type {
	case stripe.BalanceTransactionTypeCharge, stripe.BalanceTransactionTypePayment:
		if ours {
			return payments.RowCharge
		}
		return payments.RowPayment
	case stripe.BalanceTransactionTypeRefund, stripe.BalanceTransactionTypePaymentRefund, stripe.BalanceTransactionTypeRefundFailure,
		stripe.BalanceTransactionTypePaymentFailureRefund:
		return payments.RowRefund
	case stripe.BalanceTransactionTypeTransfer:
		return payments.RowTransfer
	case stripe.BalanceTransactionTypeTransferRefund:
		return payments.RowTransferIn
	case stripe.BalanceTransactionTypeApplicationFee:
		return payments.RowFee
	case stripe.BalanceTransactionTypeApplicationFeeRefund:
		return payments.RowFeeBack
	case stripe.BalanceTransactionTypePayoutFailure, stripe.BalanceTransactionTypePayoutCancel:
		return payments.RowReturned
	}
	if b.Source != nil && b.Source.Dispute != nil {
		return payments.RowChargeback
	}
	return payments.RowOther
}

// leadsTo follows what a row comes from to the charge that was made for a
// payment, or to the earlier payout that came back.
func leadsTo(s *stripe.BalanceTransactionSource) (charge, payout string) {
	switch {
	case s.Charge != nil:
		return chargeBehind(s.Charge), ""
	case s.Refund != nil:
		return chargeBehind(s.Refund.Charge), ""
	case s.Dispute != nil:
		return chargeBehind(s.Dispute.Charge), ""
	case s.Transfer != nil:
		return idOf(s.Transfer.SourceTransaction), ""
	case s.TransferReversal != nil && s.TransferReversal.Transfer != nil:
		return idOf(s.TransferReversal.Transfer.SourceTransaction), ""
	case s.ApplicationFee != nil:
		return originOf(s.ApplicationFee), ""
	case s.FeeRefund != nil:
		return originOf(s.FeeRefund.Fee), ""
	case s.Payout != nil:
		return "", s.Payout.ID
	}
	return "", ""
}

// chargeBehind is the charge on our own account behind one on a creditor's.
func chargeBehind(c *stripe.Charge) string {
	if c == nil {
		return ""
	}
	if c.SourceTransfer != nil && c.SourceTransfer.SourceTransaction != nil {
		return c.SourceTransfer.SourceTransaction.ID
	}
	return c.ID
}

func originOf(f *stripe.ApplicationFee) string {
	if f == nil {
		return ""
	}
	if f.OriginatingTransaction != nil {
		return f.OriginatingTransaction.ID
	}
	return idOf(f.Charge)
}

func idOf(c *stripe.Charge) string {
	if c == nil {
		return ""
	}
	return c.ID
}

// payoutNotification translates an event about a payout.
func payoutNotification(e stripe.Event, decode func(any) error) (*payments.PayoutFact, error) {
	var p stripe.Payout
	if err := decode(&p); err != nil {
		return nil, err
	}
	fact := factOfPayout(&p, e.Account)
	if fact.State == "" {
		return nil, fmt.Errorf("stripe event %s: payout %s is %q", e.ID, p.ID, p.Status)
	}
	return &fact, nil
}
