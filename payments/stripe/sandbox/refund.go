package sandbox

import (
	"fmt"
	"time"
)

type refundDestination struct {
	Card           *refundedCard     `json:"card,omitempty"`
	EUBankTransfer *refundedTransfer `json:"eu_bank_transfer,omitempty"`
	Type           string            `json:"type"`
}

type refundedTransfer struct {
	Reference       *string `json:"reference"`
	ReferenceStatus string  `json:"reference_status"`
}

type refundedCard struct {
	Reference       string `json:"reference,omitempty"`
	ReferenceStatus string `json:"reference_status,omitempty"`
	ReferenceType   string `json:"reference_type,omitempty"`
	Type            string `json:"type"`
}

// refund gives money of a charge back.
type refund struct {
	ID                        string             `json:"id"`
	Object                    string             `json:"object"`
	Amount                    int64              `json:"amount"`
	BalanceTransaction        *string            `json:"balance_transaction"`
	Charge                    *string            `json:"charge"`
	Created                   int64              `json:"created"`
	Currency                  string             `json:"currency"`
	DestinationDetails        *refundDestination `json:"destination_details,omitempty"`
	FailureBalanceTransaction string             `json:"failure_balance_transaction,omitempty"`
	FailureReason             string             `json:"failure_reason,omitempty"`
	Metadata                  map[string]string  `json:"metadata"`
	PaymentIntent             *string            `json:"payment_intent"`
	Reason                    *string            `json:"reason"`
	ReceiptNumber             *string            `json:"receipt_number"`
	SourceTransferReversal    *string            `json:"source_transfer_reversal"`
	Status                    string             `json:"status"`
	TransferReversal          *string            `json:"transfer_reversal"`

	charge *charge
	of     *customer // whose cash balance it returns; nil: it is of a charge
}

func (r *refund) identity() (string, int64) { return r.ID, r.Created }

func (c *call) createRefund() (any, error) {
	f := c.form
	if f.has("instructions_email") { // whose account money came from is always known here
		return nil, unmodelled("instructions_email")
	}
	if f.text("origin") == bankTransfer {
		return c.returnCash()
	}
	for _, name := range []string{"customer", "currency"} {
		if f.has(name) {
			return nil, invalid(name, "", "You may only pass `%s` together with `origin=customer_balance`.", name)
		}
	}
	var ch *charge
	switch {
	case f.has("charge") && f.has("payment_intent"):
		return nil, invalid("", "", "You may only specify one of these parameters: charge, payment_intent.")
	case f.text("charge") != "":
		known, found := c.tenant.charges.get(f.text("charge"))
		if !found {
			return nil, noSuch("charge", "charge", f.text("charge"))
		}
		ch = known
	case f.text("payment_intent") != "":
		p, found := c.tenant.intents.get(f.text("payment_intent"))
		if !found {
			return nil, noSuch("payment_intent", "payment_intent", f.text("payment_intent"))
		}
		known, found := c.tenant.charges.get(value(p.LatestCharge))
		if !found || known.Status != "succeeded" {
			return nil, refuse("payment_intent", "", "This PaymentIntent (%s) does not have a successful charge to refund.", p.ID)
		}
		ch = known
	default:
		return nil, invalid("", "parameter_missing", "One of the following params should be provided for this request: payment_intent or charge.")
	}
	return c.refundCharge(ch)
}

// refundOfCharge is the call under /v1/charges/{charge}/refunds.
func (c *call) createRefundOfCharge() (any, error) {
	ch, err := c.chargeHere()
	if err != nil {
		return nil, err
	}
	return c.refundCharge(ch)
}

func (c *call) refundCharge(ch *charge) (any, error) {
	f := c.form
	amount := ch.AmountCaptured - ch.AmountRefunded
	if f.has("amount") {
		if amount = f.number("amount"); amount < 1 {
			return nil, invalid("amount", "parameter_invalid_integer", "Invalid positive integer")
		}
	}
	if refused := c.refundable(ch, amount); refused != nil {
		return nil, refused
	}
	var x *transfer
	if f.truth("reverse_transfer") {
		if x, _ = c.tenant.transfers.get(ch.Transfer); x == nil {
			return nil, refuse("reverse_transfer", "", "Cannot reverse transfer on charge (%s) because it does not have an associated transfer.", ch.ID)
		}
	}
	var fee *applicationFee
	if f.truth("refund_application_fee") {
		if fee, _ = c.platform.fees.get(value(ch.ApplicationFee)); fee == nil {
			return nil, refuse("refund_application_fee", "", "Cannot refund application fee on charge (%s) because it does not have an application fee.", ch.ID)
		}
	}
	r := c.repay(c.tenant, ch, amount, x, fee, f.optional("reason"), merge(nil, f.at("metadata")))
	return r, nil
}

func (c *call) refundable(ch *charge, amount int64) *refusal {
	left := ch.AmountCaptured - ch.AmountRefunded
	switch {
	case c.tenant.keepsFromRefund(ch):
		return refuse("", "charge_disputed", "Charge %s has been charged back; cannot issue a refund.", ch.ID)
	case ch.SourceTransfer != nil:
		return refuse("", "", "This payment came by transfer; the platform reverses the transfer instead.")
	case ch.Status == "failed":
		return refuse("", "", "Charge %s has failed, so there is nothing to refund.", ch.ID)
	case ch.Status == "pending":
		return refuse("", "charge_not_refundable", "Charge %s is pending and cannot be refunded yet.", ch.ID)
	case !ch.Captured:
		return refuse("", "charge_not_refundable", "Charge %s was not captured. Cancel its PaymentIntent instead.", ch.ID)
	case left == 0:
		return refuse("", "charge_already_refunded", "Charge %s has already been refunded.", ch.ID)
	case amount > left:
		return refuse("amount", "", "Refund amount (%s) is greater than unrefunded amount on charge (%s)", shown(amount, ch.Currency), shown(left, ch.Currency))
	}
	return nil
}

// shown writes an amount for a message, in the form that Stripe's own have.
func shown(amount int64, currency string) string {
	if zeroDecimal[currency] {
		return fmt.Sprintf("%d %s", amount, currency)
	}
	return fmt.Sprintf("%d.%02d %s", amount/100, amount%100, currency)
}

// repay books a refund: the money back to the payer and, as far as they are
// asked for, the transfer and the platform's fee in proportion.
func (s *Sandbox) repay(t *tenant, ch *charge, amount int64, x *transfer, fee *applicationFee, reason *string, metadata map[string]string) *refund {
	r := &refund{ID: s.mint.id("re_"), Object: "refund", Amount: amount, Charge: &ch.ID, Created: s.now().Unix(), Currency: ch.Currency,
		Metadata: metadata, PaymentIntent: ch.PaymentIntent, Reason: reason, charge: ch}
	state := "succeeded"
	if ch.card != nil {
		r.DestinationDetails = &refundDestination{Type: "card", Card: &refundedCard{Type: "refund", ReferenceStatus: "pending", ReferenceType: "acquirer_reference_number"}}
		if ch.card.number == pendingRefundCard {
			state = "pending"
		}
	}
	if ch.PaymentMethodDetails.Type == bankTransfer {
		r.DestinationDetails, state = toBank(), "pending"
	}
	before := snapshot(ch)
	feeBack := int64(0)
	if fee != nil {
		feeBack = min(share(fee.Amount, amount, ch.AmountCaptured, ch.feeReturned), fee.Amount-fee.AmountRefunded)
		ch.feeReturned += amount
	}
	var fees []feeDetail
	if direct := t != s.platform; direct && feeBack > 0 {
		fees = []feeDetail{{Amount: -feeBack, Application: optional(s.application()), Currency: ch.Currency, Description: optional("Amiable application fee refund"), Type: "application_fee"}}
	}
	s.move(refundMoves, r.ID, &r.Status, state)
	b := s.row(t, movement{kind: "refund", amount: -amount, currency: ch.Currency, fees: fees, source: r.ID,
		description: optional("REFUND FOR CHARGE"), availableOn: t.usableOn(ch), counter: payersBucket})
	r.BalanceTransaction = &b.ID
	if x != nil {
		back := min(share(x.Amount, amount, ch.AmountCaptured, ch.pulledBack), x.Amount-x.AmountReversed)
		ch.pulledBack += amount
		if back > 0 {
			reversal := s.reverse(t, x, back, feeBack, r, map[string]string{})
			r.TransferReversal = &reversal.ID
		} else {
			x = nil
		}
	}
	if feeBack > 0 {
		// Without a reversal the account is credited by a row of its own.
		var credited *tenant
		if x == nil && t == s.platform {
			credited = s.tenants[fee.Account]
		}
		s.giveFeeBack(fee, feeBack, credited)
	}
	ch.AmountRefunded += amount
	ch.Refunded = ch.AmountRefunded == ch.AmountCaptured
	t.refunds.add(r)
	t.refundsOf[ch.ID] = append(t.refundsOf[ch.ID], r)
	s.emit(t, "refund.created", r)
	s.updated(t, "charge.refunded", ch, before)
	s.settleInquiry(t, ch)
	switch {
	case ch.card != nil && ch.card.refundFails:
		s.at(s.now().Add(refundDelay), func() { s.failRefund(t, r, "lost_or_stolen_card") })
	case state == "pending":
		s.arriveLater(t, r)
	}
	return r
}

// arriveLater lets a refund that takes a while come to its end.
func (s *Sandbox) arriveLater(t *tenant, r *refund) {
	s.at(s.now().Add(refundDelay), func() {
		if r.Status == "pending" {
			was := snapshot(r)
			s.move(refundMoves, r.ID, &r.Status, "succeeded")
			s.updated(t, "charge.refund.updated", r, was)
		}
	})
}

// pendingRefundCard is the test card whose refunds take a while; refundDelay is
// how long that, and the late failure of the other one, takes here.
const (
	pendingRefundCard = "4000000000007726"
	refundDelay       = 10 * time.Minute
)

// failRefund brings the money of a refund back: the payer's bank refused it.
func (s *Sandbox) failRefund(t *tenant, r *refund, reason string) {
	if !refundMoves.allow(r.Status, "failed") {
		return
	}
	if r.of != nil {
		before := snapshot(r)
		s.move(refundMoves, r.ID, &r.Status, "failed")
		r.FailureReason = reason
		s.keepCash(t, r)
		s.updated(t, "charge.refund.updated", r, before)
		return
	}
	before, chargeBefore := snapshot(r), snapshot(r.charge)
	s.move(refundMoves, r.ID, &r.Status, "failed")
	r.FailureReason = reason
	s.bringBack(t, r)
	s.updated(t, "charge.refund.updated", r, before)
	s.updated(t, "charge.updated", r.charge, chargeBefore)
}

// bringBack books a refund that did not happen after all.
func (s *Sandbox) bringBack(t *tenant, r *refund) {
	b := s.row(t, movement{kind: "refund_failure", amount: r.Amount, currency: r.Currency, source: r.ID,
		description: optional("REFUND FAILURE"), counter: payersBucket})
	r.FailureBalanceTransaction = b.ID
	r.charge.AmountRefunded -= r.Amount
	r.charge.Refunded = false
	// A later refund starts anew; what was taken back from the account stays.
	r.charge.pulledBack = min(r.charge.pulledBack, r.charge.AmountRefunded)
	r.charge.feeReturned = min(r.charge.feeReturned, r.charge.AmountRefunded)
}

// FailRefund makes a refund fail late, as a closed account at the payer's bank does.
func (s *Sandbox) FailRefund(id string) error {
	return s.act(func() error {
		for _, t := range s.tenants {
			if r, found := t.refunds.get(id); found {
				if !refundMoves.allow(r.Status, "failed") {
					return fmt.Errorf("refund %s is %s", id, r.Status)
				}
				s.failRefund(t, r, "lost_or_stolen_card")
				return nil
			}
		}
		return fmt.Errorf("no refund %s", id)
	})
}

// payBack is the refund that a reversed transfer leaves at its destination.
func (s *Sandbox) payBack(at *tenant, payment *charge, amount, feeBack int64, reversal *transferReversal) *refund {
	r := &refund{ID: s.mint.id("pyr_"), Object: "refund", Amount: amount, Charge: &payment.ID, Created: s.now().Unix(), Currency: payment.Currency,
		Metadata: map[string]string{}, SourceTransferReversal: &reversal.ID, charge: payment}
	s.move(refundMoves, r.ID, &r.Status, "succeeded")
	var fees []feeDetail
	if feeBack > 0 {
		fees = []feeDetail{{Amount: -feeBack, Application: optional(s.application()), Currency: payment.Currency, Description: optional("Amiable application fee refund"), Type: "application_fee"}}
	}
	b := s.row(at, movement{kind: "payment_refund", category: "refund", amount: -amount, currency: payment.Currency, fees: fees, source: r.ID,
		availableOn: at.usableOn(payment), counter: clearing})
	r.BalanceTransaction = &b.ID
	before := snapshot(payment)
	payment.AmountRefunded += amount
	payment.Refunded = payment.AmountRefunded == payment.AmountCaptured
	at.refunds.add(r)
	at.refundsOf[payment.ID] = append(at.refundsOf[payment.ID], r)
	s.later(func() { s.updated(at, "charge.refunded", payment, before) })
	return r
}

func (c *call) refundHere() (*refund, error) {
	r, found := c.tenant.refunds.get(c.args[len(c.args)-1])
	if !found || len(c.args) == 2 && value(r.Charge) != c.args[0] {
		return nil, noSuchHere("refund", "id", c.args[len(c.args)-1])
	}
	return r, nil
}

func (c *call) getRefund() (any, error) { return c.refundHere() }

func (c *call) updateRefund() (any, error) {
	r, err := c.refundHere()
	if err != nil {
		return nil, err
	}
	before := snapshot(r)
	r.Metadata = merge(r.Metadata, c.form.at("metadata"))
	c.updated(c.tenant, "charge.refund.updated", r, before)
	return r, nil
}

func (c *call) cancelRefund() (any, error) {
	r, err := c.refundHere()
	if err != nil {
		return nil, err
	}
	if r.Status != "requires_action" {
		return nil, refuse("", "", "You cannot cancel this refund: only refunds with the status requires_action can be cancelled, and this one is %s.", r.Status)
	}
	return r, nil
}

func (c *call) listRefunds() (any, error) {
	keep := func(r *refund) bool { return c.same("payment_intent", value(r.PaymentIntent)) }
	if ch := c.form.text("charge"); ch != "" {
		return list(c, c.tenant.refundsOf[ch], keep)
	}
	return listAll(c, &c.tenant.refunds, keep)
}

func (c *call) listRefundsOfCharge() (any, error) {
	ch, err := c.chargeHere()
	if err != nil {
		return nil, err
	}
	return list(c, c.tenant.refundsOf[ch.ID], nil)
}
