package sandbox

import "time"

// cancelPaymentIntent answers the cancel call.
func (c *call) cancelPaymentIntent() (any, error) {
	p, err := c.intentHere()
	if err != nil {
		return nil, err
	}
	if !intentMoves.allow(p.Status, "canceled") || p.Status == "processing" {
		return nil, c.unexpected(p, "You cannot cancel this PaymentIntent because it has a status of %s. Only a PaymentIntent with one of the following statuses may be canceled: requires_payment_method, requires_capture, requires_confirmation, requires_action, processing.", p.Status)
	}
	if session := c.tenant.sessionsOf[p.ID]; session != nil && session.Status == "open" {
		return nil, c.unexpected(p, "You cannot cancel the PaymentIntent of a Checkout Session. Expire the Checkout Session %s instead.", session.ID)
	}
	c.cancelIntent(c.tenant, p, c.form.optional("cancellation_reason"))
	return p, nil
}

// cancelIntent ends an intent and lets go of what it held on the card.
func (s *Sandbox) cancelIntent(t *tenant, p *paymentIntent, reason *string) {
	if p.Status == "requires_capture" {
		s.voidCharge(t, p)
	}
	s.move(intentMoves, p.ID, &p.Status, "canceled")
	p.CanceledAt, p.CancellationReason = number(s.now().Unix()), reason
	p.AmountCapturable, p.NextAction, p.waiting = 0, nil, nil
	s.emit(t, "payment_intent.canceled", p)
	s.releaseCash(t, p)
}

// voidCharge gives an uncaptured charge back. No money had moved.
func (s *Sandbox) voidCharge(t *tenant, p *paymentIntent) {
	ch, found := t.charges.get(value(p.LatestCharge))
	if !found {
		return
	}
	r := &refund{ID: s.mint.id("re_"), Object: "refund", Amount: ch.Amount, Charge: &ch.ID, Created: s.now().Unix(), Currency: ch.Currency,
		Metadata: map[string]string{}, PaymentIntent: &p.ID, charge: ch,
		DestinationDetails: &refundDestination{Type: "card", Card: &refundedCard{Type: "reversal"}}}
	s.move(refundMoves, r.ID, &r.Status, "succeeded")
	before := snapshot(ch)
	ch.AmountRefunded, ch.Refunded = ch.Amount, true
	t.refunds.add(r)
	t.refundsOf[ch.ID] = append(t.refundsOf[ch.ID], r)
	s.updated(t, "charge.refunded", ch, before)
}

func (c *call) capturePaymentIntent() (any, error) {
	p, err := c.intentHere()
	if err != nil {
		return nil, err
	}
	if p.Status != "requires_capture" {
		return nil, c.unexpected(p, "This PaymentIntent could not be captured because it has a status of %s. Only a PaymentIntent with one of the following statuses may be captured: requires_capture.", p.Status)
	}
	if c.form.has("final_capture") && !c.form.truth("final_capture") {
		return nil, unmodelled("final_capture=false")
	}
	amount := p.AmountCapturable
	if c.form.has("amount_to_capture") {
		amount = c.form.number("amount_to_capture")
	}
	if amount < 1 {
		return nil, invalid("amount_to_capture", "parameter_invalid_integer", "This value must be greater than or equal to 1.")
	}
	if amount > p.AmountCapturable {
		return nil, refuse("amount_to_capture", "amount_too_large", "The provided amount_to_capture is larger than the amount that can be captured: %d.", p.AmountCapturable)
	}
	ch, _ := c.tenant.charges.get(value(p.LatestCharge))
	fee := ch.ApplicationFeeAmount
	if c.form.has("application_fee_amount") {
		fee = number(c.form.number("application_fee_amount"))
	}
	to := p.TransferData
	if amt := c.form.at("transfer_data"); amt.has("amount") && to != nil {
		to = &transferData{Amount: number(amt.number("amount")), Destination: to.Destination}
	}
	if refused := c.checkConnect(amount, capped(fee, amount), to, nil, ""); refused != nil {
		return nil, refused
	}
	for name, field := range map[string]**string{"statement_descriptor": &p.StatementDescriptor, "statement_descriptor_suffix": &p.StatementDescriptorSuffix} {
		if c.form.has(name) {
			*field = c.form.optional(name)
		}
	}
	if c.form.has("metadata") {
		p.Metadata = merge(p.Metadata, c.form.at("metadata"))
	}
	before := snapshot(ch)
	ch.ApplicationFeeAmount, p.ApplicationFeeAmount = fee, fee
	if to != nil {
		ch.TransferData = &chargeTransferData{Amount: to.Amount, Destination: to.Destination}
	}
	c.collect(c.tenant, ch, amount)
	p.AmountCapturable = 0
	c.updated(c.tenant, "charge.captured", ch, before)
	c.succeed(c.tenant, p, amount)
	return p, nil
}

// capped keeps a fee that was set for the whole amount legal for a part of it.
func capped(fee *int64, amount int64) *int64 {
	if fee == nil || *fee <= amount {
		return fee
	}
	return &amount
}

// holdLife is how long an uncaptured charge is held on the card.
const holdLife = 7 * 24 * time.Hour

// succeed ends an intent well.
func (s *Sandbox) succeed(t *tenant, p *paymentIntent, amount int64) {
	p.AmountReceived, p.NextAction, p.waiting, p.LastPaymentError = amount, nil, nil, nil
	s.move(intentMoves, p.ID, &p.Status, "succeeded")
	s.emit(t, "payment_intent.succeeded", p)
	s.sessionPaid(t, p)
}
