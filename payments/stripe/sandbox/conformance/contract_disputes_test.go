package conformance

import (
	"testing"
	"time"

	"github.com/stripe/stripe-go/v76"
)

// disputeOf pays with a card whose payer disputes, and returns the dispute.
func (w *world) disputeOf(t *testing.T, card string) (*stripe.PaymentIntent, *stripe.Dispute) {
	t.Helper()
	intent, err := w.api.PaymentIntents.New(w.pay(5000, card))
	must(t, intent, err)
	for range 20 {
		for rows := w.api.Disputes.List(&stripe.DisputeListParams{PaymentIntent: text(intent.ID)}); rows.Next(); {
			return intent, rows.Dispute()
		}
		if !w.real {
			break
		}
		time.Sleep(time.Second) // Stripe's test mode may take a moment
	}
	t.Fatal("no dispute came")
	return nil, nil
}

func disputeRules(t *testing.T, w *world) {
	moved := func(d *stripe.Dispute) (sum int64) {
		for _, b := range d.BalanceTransactions {
			sum += b.Amount
		}
		return sum
	}
	evidence := func(words string) *stripe.DisputeParams {
		return &stripe.DisputeParams{Evidence: &stripe.DisputeEvidenceParams{UncategorizedText: text(words)}, Submit: yes()}
	}
	t.Run("a dispute takes the money at once and waits for evidence", func(t *testing.T) {
		intent, d := w.disputeOf(t, "pm_card_createDispute")
		got(t, "status", d.Status, stripe.DisputeStatusNeedsResponse)
		got(t, "reason", d.Reason, stripe.DisputeReasonFraudulent)
		got(t, "amount", d.Amount, 5000)
		got(t, "moved", moved(d), -5000)
		if d.EvidenceDetails.DueBy <= d.Created || d.EvidenceDetails.SubmissionCount != 0 {
			t.Errorf("evidence %+v", d.EvidenceDetails)
		}
		charge, err := w.api.Charges.Get(intent.LatestCharge.ID, nil)
		got(t, "disputed", must(t, charge, err).Disputed, true)
		_, err = w.api.Refunds.New(&stripe.RefundParams{PaymentIntent: text(intent.ID)})
		refused(t, err, 400, badRequest, "charge_disputed")
	})
	t.Run("evidence that convinces brings the money back", func(t *testing.T) {
		_, d := w.disputeOf(t, "pm_card_createDispute")
		_, err := w.api.Disputes.Update(d.ID, evidence("winning_evidence"))
		if err != nil {
			t.Fatal(err)
		}
		won := w.decided(t, d.ID)
		got(t, "status", won.Status, stripe.DisputeStatusWon)
		got(t, "moved", moved(won), 0)
	})
	t.Run("evidence that does not leaves it with the payer", func(t *testing.T) {
		_, d := w.disputeOf(t, "pm_card_createDispute")
		if _, err := w.api.Disputes.Update(d.ID, evidence("losing_evidence")); err != nil {
			t.Fatal(err)
		}
		lost := w.decided(t, d.ID)
		got(t, "status", lost.Status, stripe.DisputeStatusLost)
		got(t, "moved", moved(lost), -5000)
	})
	t.Run("who lets a dispute go has lost it", func(t *testing.T) {
		_, d := w.disputeOf(t, "pm_card_createDispute")
		lost, err := w.api.Disputes.Close(d.ID, nil)
		got(t, "status", must(t, lost, err).Status, stripe.DisputeStatusLost)
	})
	t.Run("an inquiry moves no money", func(t *testing.T) {
		_, d := w.disputeOf(t, "pm_card_createDisputeInquiry")
		got(t, "status", d.Status, stripe.DisputeStatusWarningNeedsResponse)
		got(t, "moved", moved(d), 0)
		got(t, "refundable", d.IsChargeRefundable, true)
	})
}

// decided waits until the bank has.
func (w *world) decided(t *testing.T, id string) *stripe.Dispute {
	t.Helper()
	for range 30 {
		d, err := w.api.Disputes.Get(id, nil)
		must(t, d, err)
		if d.Status != stripe.DisputeStatusUnderReview && d.Status != stripe.DisputeStatusNeedsResponse || !w.real {
			return d
		}
		time.Sleep(time.Second) // Stripe's test mode may take a moment
	}
	t.Fatal("the bank does not decide")
	return nil
}
