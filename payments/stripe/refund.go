package stripe

import (
	"context"
	"time"

	"github.com/stripe/stripe-go/v76"

	"amiable/payments"
)

// metaRefund is our refund, metaTransit our movement with a creditor's account,
// on Stripe's objects.
const (
	metaRefund  = "refund_id"
	metaTransit = "transit_id"
)

// GiveBack refunds part of a destination charge: the creditor's account and our
// application fee give their part back in the same call.
func (g *Gateway) GiveBack(ctx context.Context, b payments.Back) (payments.RefundFact, error) {
	params := &stripe.RefundParams{
		PaymentIntent: stripe.String(b.IntentID), Amount: stripe.Int64(b.Amount.Minor), ReverseTransfer: stripe.Bool(true),
		Reason: stripe.String(string(stripe.RefundReasonRequestedByCustomer)),
	}
	if b.FeeToo {
		params.RefundApplicationFee = stripe.Bool(true)
	}
	if b.Duplicate {
		params.Reason = stripe.String(string(stripe.RefundReasonDuplicate))
	}
	params.Metadata = map[string]string{metaRefund: b.RefundID, metaPayment: b.PaymentID, metaCase: b.CaseID}
	params.AddExpand("charge.application_fee")
	params.Context = ctx
	params.SetIdempotencyKey(b.Key)
	made, err := g.api.Refunds.New(params)
	if err != nil {
		return payments.RefundFact{}, translate(err)
	}
	return factOfRefund(made), nil
}

// FetchRefund asks how a refund stands.
func (g *Gateway) FetchRefund(ctx context.Context, id string) (payments.RefundFact, error) {
	params := &stripe.RefundParams{}
	params.AddExpand("charge.application_fee")
	params.Context = ctx
	r, err := g.api.Refunds.Get(id, params)
	if err != nil {
		return payments.RefundFact{}, translate(err)
	}
	return factOfRefund(r), nil
}

// FindRefund looks through the refunds of a payment for the one with our id in
// its metadata.
func (g *Gateway) FindRefund(ctx context.Context, intentID, refundID string) (payments.RefundFact, error) {
	params := &stripe.RefundListParams{PaymentIntent: stripe.String(intentID)}
	params.Limit = stripe.Int64(100)
	params.AddExpand("data.charge.application_fee")
	params.Context = ctx
	list := g.api.Refunds.List(params)
	for list.Next() {
		if r := list.Refund(); r.Metadata[metaRefund] == refundID {
			return factOfRefund(r), nil
		}
	}
	if err := list.Err(); err != nil {
		return payments.RefundFact{}, translate(err)
	}
	return payments.RefundFact{}, payments.ErrNothing
}

func factOfRefund(r *stripe.Refund) payments.RefundFact {
	f := payments.RefundFact{
		RefundID: r.Metadata[metaRefund], CaseID: r.Metadata[metaCase], GatewayID: r.ID, Amount: amount(r.Amount, r.Currency),
		Failure: string(r.FailureReason), Pulled: r.TransferReversal != nil, Fee: -1, At: time.Unix(r.Created, 0).UTC(),
	}
	if r.PaymentIntent != nil {
		f.IntentID = r.PaymentIntent.ID
	}
	if r.Charge != nil {
		f.ChargeID = r.Charge.ID
		if fee := r.Charge.ApplicationFee; fee != nil && fee.Amount > 0 { // expanded
			f.Fee = fee.AmountRefunded
		}
	}
	switch r.Status {
	case stripe.RefundStatusSucceeded:
		f.State = payments.RefundSucceeded
	case stripe.RefundStatusFailed:
		f.State = payments.RefundFailed
	case stripe.RefundStatusCanceled:
		f.State = payments.RefundCancelled
	default: // pending, requires_action
		f.State = payments.RefundPending
	}
	return f
}

// PullBack reverses part of the transfer that a charge made, or of a later one
// that put its money back; our fee's part goes with the first.
func (g *Gateway) PullBack(ctx context.Context, m payments.Move) (string, error) {
	charge, transfers, err := g.transfersOf(ctx, m.ChargeID)
	if err != nil {
		return "", err
	}
	params := &stripe.TransferReversalParams{}
	for i := range transfers {
		x, sum := transfers[i], m.Amount.Minor
		first := charge.Transfer != nil && x.ID == charge.Transfer.ID
		if !first { // such a one carries no fee
			sum -= m.Fee.Minor
		}
		if x.Amount-x.AmountReversed < sum {
			continue
		}
		params.ID, params.Amount = stripe.String(x.ID), stripe.Int64(sum)
		if first && m.Fee.IsPositive() {
			params.RefundApplicationFee = stripe.Bool(true)
		}
		params.Metadata = map[string]string{metaTransit: m.ID}
		params.Context = ctx
		params.SetIdempotencyKey(m.Key)
		made, err := g.api.TransferReversals.New(params)
		if err != nil {
			return "", translate(err)
		}
		return made.ID, nil
	}
	return "", payments.ErrRefused
}

// PutBack transfers to the creditor's account what a charge had brought it, less
// the fee that we keep of it.
func (g *Gateway) PutBack(ctx context.Context, m payments.Move) (string, error) {
	params := &stripe.TransferParams{
		Amount: stripe.Int64(m.Amount.Minor - m.Fee.Minor), Currency: stripe.String(currency(m.Amount)), Destination: stripe.String(m.Account),
		SourceTransaction: stripe.String(m.ChargeID),
	}
	params.Metadata = map[string]string{metaTransit: m.ID}
	params.Context = ctx
	params.SetIdempotencyKey(m.Key)
	made, err := g.api.Transfers.New(params)
	if err != nil {
		return "", translate(err)
	}
	return made.ID, nil
}

// FindMove looks through the transfers of a charge, and what was reversed of
// them, for the one with our id in its metadata.
func (g *Gateway) FindMove(ctx context.Context, m payments.Move) (string, error) {
	_, transfers, err := g.transfersOf(ctx, m.ChargeID)
	if err != nil {
		return "", err
	}
	for _, x := range transfers {
		if m.Kind == payments.Put {
			if x.Metadata[metaTransit] == m.ID {
				return x.ID, nil
			}
			continue
		}
		params := &stripe.TransferReversalListParams{ID: stripe.String(x.ID)}
		params.Limit = stripe.Int64(100)
		params.Context = ctx
		reversals := g.api.TransferReversals.List(params)
		for reversals.Next() {
			if r := reversals.TransferReversal(); r.Metadata[metaTransit] == m.ID {
				return r.ID, nil
			}
		}
		if err := reversals.Err(); err != nil {
			return "", translate(err)
		}
	}
	return "", payments.ErrNothing
}

// transfersOf reads a charge and the transfers that it is the source of, the
// latest first.
func (g *Gateway) transfersOf(ctx context.Context, chargeID string) (*stripe.Charge, []*stripe.Transfer, error) {
	params := &stripe.ChargeParams{}
	params.Context = ctx
	charge, err := g.api.Charges.Get(chargeID, params)
	if err != nil {
		return nil, nil, translate(err)
	}
	list := &stripe.TransferListParams{TransferGroup: stripe.String(charge.TransferGroup)}
	list.Limit = stripe.Int64(100)
	list.Context = ctx
	var found []*stripe.Transfer
	rows := g.api.Transfers.List(list)
	for rows.Next() {
		x := rows.Transfer()
		if x.SourceTransaction != nil && x.SourceTransaction.ID == chargeID {
			found = append(found, x)
		}
	}
	if err := rows.Err(); err != nil {
		return nil, nil, translate(err)
	}
	return charge, found, nil
}
