package sandbox

import (
	"fmt"
	"maps"
	"time"
)

// Reasons for which the sandbox's payers go to their bank.
const (
	reasonFraudulent    = "fraudulent"
	reasonNotReceived   = "product_not_received"
	reasonGeneral       = "general"
	reasonNotAuthorised = "debit_not_authorized"
)

// How long things take, by the sandbox's clock. They are modelled: networks and
// banks differ, and Stripe publishes no more than ranges.
const (
	evidenceTime = 21 * 24 * time.Hour  // to answer a dispute; then it is lost
	reviewTime   = 75 * 24 * time.Hour  // a bank that says nothing until then has kept the money
	inquiryTime  = 120 * 24 * time.Hour // an inquiry that was not escalated is closed
	disputeFee   = 2000                 // minor units; invented, as all fees here
)

// What Stripe's test mode reads in the evidence (docs.stripe.com/testing).
const (
	evidenceWins      = "winning_evidence"
	evidenceLoses     = "losing_evidence"
	evidenceEscalates = "escalate_inquiry_evidence"
)

// evidenceTexts and evidenceFiles are what can be said to the payer's bank.
var (
	evidenceTexts = []string{
		"access_activity_log", "billing_address", "cancellation_policy_disclosure", "cancellation_rebuttal", "customer_email_address", "customer_name",
		"customer_purchase_ip", "duplicate_charge_explanation", "duplicate_charge_id", "product_description", "refund_policy_disclosure",
		"refund_refusal_explanation", "service_date", "shipping_address", "shipping_carrier", "shipping_date", "shipping_tracking_number", "uncategorized_text",
	}
	evidenceFiles = []string{
		"cancellation_policy", "customer_communication", "customer_signature", "duplicate_charge_documentation", "receipt", "refund_policy",
		"service_documentation", "shipping_documentation", "uncategorized_file",
	}
)

// evidenceMost is how much all texts of an evidence may have together.
const evidenceMost = 150_000

type evidenceDetails struct {
	DueBy           *int64 `json:"due_by"`
	HasEvidence     bool   `json:"has_evidence"`
	PastDue         bool   `json:"past_due"`
	SubmissionCount int64  `json:"submission_count"`
}

type disputedCard struct {
	Brand             string  `json:"brand"`
	NetworkReasonCode *string `json:"network_reason_code"`
}

type disputedMethod struct {
	Card *disputedCard `json:"card"`
	Type string        `json:"type"`
}

// dispute is a payer's word to their bank against a charge.
type dispute struct {
	ID                   string                `json:"id"`
	Object               string                `json:"object"`
	Amount               int64                 `json:"amount"`
	BalanceTransactions  []*balanceTransaction `json:"balance_transactions"`
	Charge               string                `json:"charge"`
	Created              int64                 `json:"created"`
	Currency             string                `json:"currency"`
	Evidence             map[string]*string    `json:"evidence"`
	EvidenceDetails      evidenceDetails       `json:"evidence_details"`
	IsChargeRefundable   bool                  `json:"is_charge_refundable"`
	Livemode             bool                  `json:"livemode"`
	Metadata             map[string]string     `json:"metadata"`
	PaymentIntent        *string               `json:"payment_intent"`
	PaymentMethodDetails *disputedMethod       `json:"payment_method_details,omitempty"`
	Reason               string                `json:"reason"`
	Status               string                `json:"status"`

	charge *charge
}

func (d *dispute) identity() (string, int64) { return d.ID, d.Created }

// inquiry says whether the bank only asks: no money has moved.
func (d *dispute) inquiry() bool {
	return d.Status == "warning_needs_response" || d.Status == "warning_under_review" || d.Status == "warning_closed"
}

// disputable says how much of a charge a payer can still dispute.
func disputable(t *tenant, ch *charge) (int64, error) {
	switch {
	case ch.SourceTransfer != nil || ch.Status != "succeeded" || !ch.Captured:
		return 0, fmt.Errorf("charge %s collected nothing from a payer", ch.ID)
	case t.disputesOf[ch.ID] != nil:
		return 0, fmt.Errorf("charge %s was disputed before", ch.ID)
	case ch.AmountCaptured == ch.AmountRefunded:
		return 0, fmt.Errorf("charge %s has been refunded", ch.ID)
	}
	return ch.AmountCaptured - ch.AmountRefunded, nil
}

// openDispute lets a payer dispute a charge; of an inquiry no money moves yet.
func (s *Sandbox) openDispute(t *tenant, ch *charge, amount int64, reason string, inquiry bool) *dispute {
	now := s.now()
	d := &dispute{
		ID: s.mint.id("dp_"), Object: "dispute", Amount: amount, BalanceTransactions: []*balanceTransaction{}, Charge: ch.ID, Created: now.Unix(),
		Currency: ch.Currency, Evidence: map[string]*string{}, Metadata: map[string]string{}, PaymentIntent: ch.PaymentIntent, Reason: reason, charge: ch,
	}
	for _, name := range append(append([]string{}, evidenceTexts...), evidenceFiles...) {
		d.Evidence[name] = nil
	}
	if card := ch.PaymentMethodDetails.Card; card != nil {
		code := map[string]string{reasonFraudulent: "10.4", reasonNotReceived: "13.1"}[reason]
		d.PaymentMethodDetails = &disputedMethod{Type: "card", Card: &disputedCard{Brand: card.Brand, NetworkReasonCode: optional(code)}}
	}
	state := "needs_response"
	final := ch.PaymentMethodDetails.Type == "sepa_debit" // the scheme knows no appeal: the bank's word ends it
	switch {
	case final:
		state, inquiry = "lost", false
	case inquiry:
		state = "warning_needs_response"
	}
	s.move(disputeMoves, d.ID, &d.Status, state)
	if !final {
		s.askEvidence(t, d)
	}
	before := snapshot(ch)
	ch.Disputed = true
	t.disputes.add(d)
	t.disputesOf[ch.ID] = d
	if !inquiry {
		s.withdraw(t, d)
	}
	s.emit(t, "charge.dispute.created", d)
	if !inquiry {
		s.emit(t, "charge.dispute.funds_withdrawn", d)
	}
	s.updated(t, "charge.updated", ch, before)
	if final {
		s.emit(t, "charge.dispute.closed", d)
	}
	if inquiry {
		s.at(now.Add(inquiryTime), func() {
			if d.inquiry() {
				s.closeDispute(t, d, "warning_closed")
			}
		})
	}
	return d
}

// askEvidence sets the day by which a dispute is to be answered, at its end.
func (s *Sandbox) askEvidence(t *tenant, d *dispute) {
	due := s.now().Add(evidenceTime)
	due = time.Date(due.Year(), due.Month(), due.Day(), 23, 59, 59, 0, time.UTC)
	d.EvidenceDetails.DueBy = number(due.Unix())
	d.IsChargeRefundable = d.inquiry()
	s.at(due.Add(time.Second), func() {
		if !disputeOpen(d) || valueOr(d.EvidenceDetails.DueBy, 0) != due.Unix() {
			return
		}
		before := snapshot(d)
		d.EvidenceDetails.PastDue = true
		if d.inquiry() {
			s.updated(t, "charge.dispute.updated", d, before)
			return
		}
		s.closeDispute(t, d, "lost")
	})
}

// disputeOpen says whether an answer is still waited for.
func disputeOpen(d *dispute) bool {
	return d.Status == "needs_response" || d.Status == "warning_needs_response"
}

// withdraw takes the disputed money, and a fee, out of the account.
func (s *Sandbox) withdraw(t *tenant, d *dispute) {
	s.disputeRow(t, d, -d.Amount, disputeFee, "dispute", "Chargeback withdrawal for "+d.Charge)
}

// reinstate puts them back.
func (s *Sandbox) reinstate(t *tenant, d *dispute) {
	s.disputeRow(t, d, d.Amount, -disputeFee, "dispute_reversal", "Chargeback reversal for "+d.Charge)
}

func (s *Sandbox) disputeRow(t *tenant, d *dispute, amount, fee int64, category, description string) {
	b := s.row(t, movement{kind: "adjustment", category: category, amount: amount, currency: d.Currency, source: d.ID, description: &description,
		fees: []feeDetail{{Amount: fee, Currency: d.Currency, Description: optional("Dispute fee"), Type: "stripe_fee"}}, counter: payersBucket})
	d.BalanceTransactions = append(append([]*balanceTransaction{}, d.BalanceTransactions...), b)
}

// closeDispute ends a dispute as the bank decided.
func (s *Sandbox) closeDispute(t *tenant, d *dispute, state string) {
	if !disputeMoves.allow(d.Status, state) {
		return
	}
	before := snapshot(d)
	s.move(disputeMoves, d.ID, &d.Status, state)
	d.IsChargeRefundable = state != "lost"
	if state == "won" {
		s.reinstate(t, d)
	}
	s.updated(t, "charge.dispute.closed", d, before)
	if state == "won" {
		s.emit(t, "charge.dispute.funds_reinstated", d)
	}
}

// escalate makes a dispute of an inquiry: now the money is taken.
func (s *Sandbox) escalate(t *tenant, d *dispute) {
	before := snapshot(d)
	d.Amount = min(d.Amount, d.charge.AmountCaptured-d.charge.AmountRefunded)
	s.move(disputeMoves, d.ID, &d.Status, "needs_response")
	d.EvidenceDetails.HasEvidence, d.EvidenceDetails.PastDue = false, false
	s.askEvidence(t, d)
	s.withdraw(t, d)
	s.updated(t, "charge.dispute.updated", d, before)
	s.emit(t, "charge.dispute.funds_withdrawn", d)
}

// submit sends the evidence to the bank. What test mode reads in it decides at
// once; else the bank takes its time.
func (s *Sandbox) submit(t *tenant, d *dispute) {
	state := "under_review"
	if d.inquiry() {
		state = "warning_under_review"
	}
	s.move(disputeMoves, d.ID, &d.Status, state)
	d.EvidenceDetails.SubmissionCount++
	switch value(d.Evidence["uncategorized_text"]) {
	case evidenceWins:
		end := "won"
		if d.inquiry() {
			end = "warning_closed"
		}
		s.later(func() { s.closeDispute(t, d, end) })
	case evidenceLoses:
		end := "lost"
		if d.inquiry() {
			end = "warning_closed"
		}
		s.later(func() { s.closeDispute(t, d, end) })
	case evidenceEscalates:
		if d.inquiry() {
			s.later(func() { s.escalate(t, d) })
		}
	default:
		if !d.inquiry() {
			s.at(s.now().Add(reviewTime), func() { s.closeDispute(t, d, "lost") })
		}
	}
}

// settleInquiry closes an inquiry once its charge has been given back whole.
func (s *Sandbox) settleInquiry(t *tenant, ch *charge) {
	if d := t.disputesOf[ch.ID]; d != nil && ch.Refunded && d.inquiry() {
		s.later(func() { s.closeDispute(t, d, "warning_closed") })
	}
}

// keepsFromRefund says whether a dispute keeps a charge from being refunded.
func (t *tenant) keepsFromRefund(ch *charge) bool {
	d := t.disputesOf[ch.ID]
	return d != nil && !d.inquiry() && d.Status != "won"
}

func (c *call) disputeHere() (*dispute, error) {
	d, found := c.tenant.disputes.get(c.args[0])
	if !found {
		return nil, noSuchHere("dispute", "id", c.args[0])
	}
	return d, nil
}

func (c *call) getDispute() (any, error) { return c.disputeHere() }

func (c *call) listDisputes() (any, error) {
	return listAll(c, &c.tenant.disputes, func(d *dispute) bool {
		return c.same("charge", d.Charge) && c.same("payment_intent", value(d.PaymentIntent))
	})
}

func (c *call) updateDispute() (any, error) {
	d, err := c.disputeHere()
	if err != nil {
		return nil, err
	}
	given := c.form.at("evidence")
	for _, name := range evidenceFiles {
		if given.text(name) != "" {
			return nil, unmodelled("evidence[" + name + "]")
		}
	}
	says := given != nil || c.form.has("submit")
	if says && !disputeOpen(d) {
		return nil, refuse("", "", "This dispute is %s: its evidence can no longer be changed.", d.Status)
	}
	evidence, length := maps.Clone(d.Evidence), 0
	for _, name := range evidenceTexts {
		if given.has(name) {
			evidence[name] = given.optional(name)
		}
		length += len([]rune(value(evidence[name])))
	}
	if length > evidenceMost {
		return nil, invalid("evidence", "", "The combined character count of the evidence may be %d at most.", evidenceMost)
	}
	before := snapshot(d)
	d.Metadata = merge(d.Metadata, c.form.at("metadata"))
	if says {
		d.Evidence = evidence
		d.EvidenceDetails.HasEvidence = length > 0
		if d.EvidenceDetails.HasEvidence && c.form.text("submit") != "false" {
			c.submit(c.tenant, d)
		}
	}
	c.updated(c.tenant, "charge.dispute.updated", d, before)
	return d, nil
}

func (c *call) endDispute() (any, error) {
	d, err := c.disputeHere()
	if err != nil {
		return nil, err
	}
	if !disputeOpen(d) {
		return nil, refuse("", "", "This dispute is %s and cannot be closed.", d.Status)
	}
	end := "lost"
	if d.inquiry() {
		end = "warning_closed"
	}
	c.closeDispute(c.tenant, d, end)
	return d, nil
}
