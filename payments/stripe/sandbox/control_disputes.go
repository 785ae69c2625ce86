package sandbox

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"
)

type disputeState struct {
	ID       string    `json:"id"`
	Charge   string    `json:"charge"`
	Intent   string    `json:"payment_intent"`
	Amount   int64     `json:"amount"`
	Currency string    `json:"currency"`
	Reason   string    `json:"reason"`
	Status   string    `json:"status"`
	DueBy    time.Time `json:"due_by"`

	created int64
}

// disputesNow lists the disputes, newest first.
func (x *site) disputesNow() []disputeState {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.enter(cause{})
	all := []disputeState{}
	for _, t := range x.tenants {
		for _, d := range t.disputes.rows {
			all = append(all, disputeState{ID: d.ID, Charge: d.Charge, Intent: value(d.PaymentIntent), Amount: d.Amount, Currency: d.Currency, Reason: d.Reason,
				Status: d.Status, DueBy: time.Unix(valueOr(d.EvidenceDetails.DueBy, 0), 0).UTC(), created: d.Created})
		}
	}
	slices.SortFunc(all, func(a, b disputeState) int { return cmp.Or(cmp.Compare(b.created, a.created), cmp.Compare(a.ID, b.ID)) })
	return all
}

func (x *site) getDisputes(*http.Request, asked) (any, error) {
	return map[string]any{"disputes": x.disputesNow()}, nil
}

func (x *site) openDisputeOf(_ *http.Request, a asked) (any, error) {
	amount, err := a.whole("amount")
	if err != nil {
		return nil, err
	}
	inquiry, err := a.truth("inquiry")
	if err != nil {
		return nil, err
	}
	reason := a.text("reason")
	if reason != "" && !slices.Contains([]string{reasonFraudulent, reasonNotReceived, reasonGeneral, "duplicate", "credit_not_processed", "unrecognized"}, reason) {
		return nil, fmt.Errorf("reason: %q is none that is modelled", reason)
	}
	id, err := x.Dispute(a.text("of"), int64(amount), reason, inquiry != nil && *inquiry)
	if err != nil {
		return nil, err
	}
	return x.oneDispute(id)
}

func (x *site) decideDispute(r *http.Request, a asked) (any, error) {
	id := r.PathValue("dispute")
	decide, known := map[string]func(string) error{"won": x.WinDispute, "lost": x.LoseDispute, "closed": x.CloseInquiry, "escalated": x.EscalateInquiry}[a.text("state")]
	if !known {
		return nil, errors.New("state: won, lost, closed or escalated")
	}
	if err := decide(id); err != nil {
		return nil, err
	}
	return x.oneDispute(id)
}

func (x *site) oneDispute(id string) (any, error) {
	for _, d := range x.disputesNow() {
		if d.ID == id {
			return d, nil
		}
	}
	return nil, unknownThing{fmt.Errorf("no dispute %s", id)}
}

// refundState is a refund as the controls show it.
type refundState struct {
	ID     string `json:"id"`
	Status string `json:"status"`
}

func (x *site) failRefundOf(r *http.Request, _ asked) (any, error) {
	id := r.PathValue("refund")
	if err := x.FailRefund(id); err != nil {
		return nil, err
	}
	return refundState{ID: id, Status: "failed"}, nil
}
