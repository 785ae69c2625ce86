package stripe

import (
	"context"
	"time"

	"github.com/stripe/stripe-go/v76"

	"amiable/negotiation/money"
	"amiable/payments"
)

// FetchChargeback asks how a dispute stands.
func (g *Gateway) FetchChargeback(ctx context.Context, id string) (payments.ChargebackFact, error) {
	params := &stripe.DisputeParams{}
	params.Context = ctx
	d, err := g.api.Disputes.Get(id, params)
	if err != nil {
		return payments.ChargebackFact{}, translate(err)
	}
	return factOfDispute(d), nil
}

// SendEvidence submits evidence, as text: the bank reads it once.
func (g *Gateway) SendEvidence(ctx context.Context, key, id string, e payments.Evidence) (payments.ChargebackFact, error) {
	evidence := &stripe.DisputeEvidenceParams{UncategorizedText: stripe.String(e.Text)}
	for _, part := range []struct {
		text string
		into **string
	}{
		{e.Customer, &evidence.CustomerName}, {e.Email, &evidence.CustomerEmailAddress}, {e.Product, &evidence.ProductDescription},
		{e.PaidOn, &evidence.ServiceDate}, {e.Access, &evidence.AccessActivityLog},
	} {
		if part.text != "" {
			*part.into = stripe.String(part.text)
		}
	}
	params := &stripe.DisputeParams{Evidence: evidence, Submit: stripe.Bool(true)}
	params.Context = ctx
	params.SetIdempotencyKey(key)
	d, err := g.api.Disputes.Update(id, params)
	if err != nil {
		return payments.ChargebackFact{}, translate(err)
	}
	return factOfDispute(d), nil
}

// disputeStates are Stripe's words in ours.
var disputeStates = map[stripe.DisputeStatus]payments.ChargebackState{
	stripe.DisputeStatusWarningNeedsResponse: payments.ChargebackInquiry, stripe.DisputeStatusWarningUnderReview: payments.ChargebackAnswered,
	stripe.DisputeStatusWarningClosed: payments.ChargebackClosed, stripe.DisputeStatusNeedsResponse: payments.ChargebackOpen,
	stripe.DisputeStatusUnderReview: payments.ChargebackAnswered, stripe.DisputeStatusWon: payments.ChargebackWon, stripe.DisputeStatusLost: payments.ChargebackLost,
}

// factOfDispute translates a dispute. What moved is told by its balance
// transactions, of which there are only ever more.
func factOfDispute(d *stripe.Dispute) payments.ChargebackFact {
	f := payments.ChargebackFact{
		GatewayID: d.ID, State: disputeStates[d.Status], Reason: string(d.Reason), Amount: amount(d.Amount, d.Currency), Moves: int64(len(d.BalanceTransactions)),
		At: time.Unix(d.Created, 0).UTC(),
	}
	taken, cost := int64(0), int64(0)
	for _, b := range d.BalanceTransactions {
		taken -= b.Amount
		cost += b.Fee
	}
	f.Taken, f.Cost = money.New(taken, f.Amount.Currency), money.New(cost, f.Amount.Currency)
	if d.PaymentIntent != nil {
		f.IntentID = d.PaymentIntent.ID
	}
	if d.Charge != nil {
		f.ChargeID = d.Charge.ID
	}
	if details := d.EvidenceDetails; details != nil {
		if details.DueBy > 0 {
			f.DueBy = time.Unix(details.DueBy, 0).UTC()
		}
		waits := d.Status == stripe.DisputeStatusNeedsResponse || d.Status == stripe.DisputeStatusWarningNeedsResponse
		f.Answered = details.SubmissionCount > 0 && !waits
	}
	return f
}
