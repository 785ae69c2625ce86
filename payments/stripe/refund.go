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

// GiveBack refunds part of a charge: the creditor's account and our application
// fee give their part back in the same call, unless it is made apart.
func (g *Gateway) GiveBack(ctx context.Context, b payments.Back) (payments.RefundFact, error) {
	params := &stripe.RefundParams{
		PaymentIntent: stripe.String(b.IntentID), Amount: stripe.Int64(b.Amount.Minor),
		Reason: stripe.String(string(stripe.RefundReasonRequestedByCustomer)),
	}
	if !b.Apart {
		params.ReverseTransfer = stripe.Bool(true)
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

// PullBack reverses part of a transfer: of the one that the charge made, with our
// fee's part of it, or of a later one, which carries no fee.
func (g *Gateway) PullBack(ctx context.Context, m payments.Move) (string, error) {
	transfer, err := g.takenFrom(ctx, m)
	if err != nil {
		return "", err
	}
	params := &stripe.TransferReversalParams{ID: stripe.String(transfer), Amount: stripe.Int64(m.Amount.Minor)}
	switch {
	case m.Of != "":
		params.Amount = stripe.Int64(m.Amount.Minor - m.Fee.Minor)
	case m.Fee.IsPositive():
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

// takenFrom is the transfer that a movement takes money back from.
func (g *Gateway) takenFrom(ctx context.Context, m payments.Move) (string, error) {
	if m.Of != "" {
		return m.Of, nil
	}
	charge, err := g.charge(ctx, m.ChargeID)
	if err != nil {
		return "", err
	}
	if charge.Transfer == nil {
		return "", payments.ErrRefused
	}
	return charge.Transfer.ID, nil
}

// PutBack transfers to the creditor's account what it has not of a charge, less
// the fee that we keep of it. The charge stands for the money: it can be used
// when the charge's own can, whatever else the balance holds.
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

// FindMove looks through the transfers of a charge's group, or what was reversed
// of one, for the one with our id in its metadata.
func (g *Gateway) FindMove(ctx context.Context, m payments.Move) (string, error) {
	if m.Kind == payments.Put {
		return g.findTransfer(ctx, m)
	}
	transfer, err := g.takenFrom(ctx, m)
	if err != nil {
		return "", err
	}
	params := &stripe.TransferReversalListParams{ID: stripe.String(transfer)}
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
	return "", payments.ErrNothing
}

func (g *Gateway) findTransfer(ctx context.Context, m payments.Move) (string, error) {
	charge, err := g.charge(ctx, m.ChargeID)
	if err != nil {
		return "", err
	}
	params := &stripe.TransferListParams{TransferGroup: stripe.String(charge.TransferGroup)}
	params.Limit = stripe.Int64(100)
	params.Context = ctx
	transfers := g.api.Transfers.List(params)
	for transfers.Next() {
		if x := transfers.Transfer(); x.Metadata[metaTransit] == m.ID {
			return x.ID, nil
		}
	}
	if err := transfers.Err(); err != nil {
		return "", translate(err)
	}
	return "", payments.ErrNothing
}

func (g *Gateway) charge(ctx context.Context, id string) (*stripe.Charge, error) {
	params := &stripe.ChargeParams{}
	params.Context = ctx
	charge, err := g.api.Charges.Get(id, params)
	if err != nil {
		return nil, translate(err)
	}
	return charge, nil
}
