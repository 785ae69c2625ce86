package sandbox_test

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/stripe/stripe-go/v76"
)

// disputed pays with a card whose payer disputes at once.
func (w *world) disputed(card string) (*stripe.PaymentIntent, *stripe.Dispute) {
	w.Helper()
	p := must[*stripe.PaymentIntent](w)(w.pay(card, nil))
	for rows := w.api.Disputes.List(&stripe.DisputeListParams{PaymentIntent: &p.ID}); rows.Next(); {
		return p, rows.Dispute()
	}
	w.Fatal("no dispute")
	return nil, nil
}

func evidence(words string) *stripe.DisputeParams {
	return &stripe.DisputeParams{Evidence: &stripe.DisputeEvidenceParams{UncategorizedText: &words}}
}

func TestADisputeTakesTheMoneyAndAWonOneBringsItBack(t *testing.T) {
	w := newWorld(t)
	p, d := w.disputed("pm_card_createDispute")
	if d.Status != "needs_response" || d.Amount != p.Amount || len(d.BalanceTransactions) != 1 || d.BalanceTransactions[0].Amount != -p.Amount || d.BalanceTransactions[0].Fee <= 0 {
		t.Errorf("%+v", d)
	}
	_, err := w.api.Refunds.New(&stripe.RefundParams{PaymentIntent: &p.ID})
	if refused := stripeError(t, err); refused.Code != "charge_disputed" {
		t.Errorf("a refund of what the bank took back: %v", refused)
	}
	staged := evidence("paid as agreed")
	staged.Submit = stripe.Bool(false)
	if d = must[*stripe.Dispute](w)(w.api.Disputes.Update(d.ID, staged)); d.Status != "needs_response" || !d.EvidenceDetails.HasEvidence {
		t.Errorf("kept, not sent: %+v", d)
	}
	if d = must[*stripe.Dispute](w)(w.api.Disputes.Update(d.ID, evidence("paid as agreed"))); d.Status != "under_review" || d.EvidenceDetails.SubmissionCount != 1 {
		t.Errorf("sent: %+v", d)
	}
	if _, err := w.api.Disputes.Update(d.ID, evidence("more")); err == nil {
		t.Error("evidence was sent twice")
	}
	if err := w.box.WinDispute(d.ID); err != nil {
		t.Fatal(err)
	}
	d = must[*stripe.Dispute](w)(w.api.Disputes.Get(d.ID, nil))
	if d.Status != "won" || len(d.BalanceTransactions) != 2 || d.BalanceTransactions[0].Net+d.BalanceTransactions[1].Net != 0 {
		t.Errorf("%+v", d)
	}
	w.quiet()
	var told []string
	for _, kind := range w.letter.types() {
		if len(kind) > 15 && kind[:15] == "charge.dispute." {
			told = append(told, kind[15:])
		}
	}
	if want := []string{"created", "funds_withdrawn", "updated", "updated", "closed", "funds_reinstated"}; !slices.Equal(told, want) {
		t.Errorf("told %v, want %v", told, want)
	}
}

func TestWhoDoesNotAnswerADisputeHasLostIt(t *testing.T) {
	w := newWorld(t)
	_, d := w.disputed("pm_card_createDisputeProductNotReceived")
	due := time.Unix(d.EvidenceDetails.DueBy, 0)
	if err := w.box.SetClock(due); err != nil {
		t.Fatal(err)
	}
	if now := must[*stripe.Dispute](w)(w.api.Disputes.Get(d.ID, nil)); now.Status != "needs_response" {
		t.Errorf("on its last second it is %s", now.Status)
	}
	if err := w.box.Advance(2 * time.Second); err != nil {
		t.Fatal(err)
	}
	if now := must[*stripe.Dispute](w)(w.api.Disputes.Get(d.ID, nil)); now.Status != "lost" || !now.EvidenceDetails.PastDue {
		t.Errorf("after it, it is %s, past due %v", now.Status, now.EvidenceDetails.PastDue)
	}
}

func TestAnInquiryTakesNothingUntilItIsEscalated(t *testing.T) {
	w := newWorld(t)
	p, d := w.disputed("pm_card_createDisputeInquiry")
	if d.Status != "warning_needs_response" || len(d.BalanceTransactions) != 0 || !d.IsChargeRefundable {
		t.Errorf("%+v", d)
	}
	must[*stripe.Dispute](w)(w.api.Disputes.Update(d.ID, evidence("escalate_inquiry_evidence")))
	d = must[*stripe.Dispute](w)(w.api.Disputes.Get(d.ID, nil))
	if d.Status != "needs_response" || len(d.BalanceTransactions) != 1 || d.BalanceTransactions[0].Amount != -p.Amount {
		t.Errorf("escalated: %+v", d)
	}

	p, d = w.disputed("pm_card_createDisputeInquiry")
	must[*stripe.Refund](w)(w.api.Refunds.New(&stripe.RefundParams{PaymentIntent: &p.ID}))
	if d = must[*stripe.Dispute](w)(w.api.Disputes.Get(d.ID, nil)); d.Status != "warning_closed" {
		t.Errorf("what was given back whole is still asked about: %s", d.Status)
	}
}

func TestAnyChargeCanBeDisputedByControl(t *testing.T) {
	w := newShop(t)
	status, paid := w.control("GET", "/_sandbox/disputes", "")
	if status != http.StatusOK || len(paid.rows("disputes")) != 0 {
		t.Errorf("%d %v", status, paid)
	}
	w.no("POST", "/_sandbox/disputes", `{"of":"ch_none"}`, 404, "no charge")
	w.no("POST", "/_sandbox/disputes/dp_none", `{"state":"won"}`, 404, "no dispute")
	w.no("POST", "/_sandbox/disputes/dp_none", `{"state":"undecided"}`, 400, "won, lost")
	w.no("POST", "/_sandbox/refunds/re_none/fail", ``, 400, "no refund")
}
