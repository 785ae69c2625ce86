package sandbox

import "time"

// transfer is money sent from the platform to a connected account.
type transfer struct {
	ID                 string            `json:"id"`
	Object             string            `json:"object"`
	Amount             int64             `json:"amount"`
	AmountReversed     int64             `json:"amount_reversed"`
	BalanceTransaction *string           `json:"balance_transaction"`
	Created            int64             `json:"created"`
	Currency           string            `json:"currency"`
	Description        *string           `json:"description"`
	Destination        *string           `json:"destination"`
	DestinationPayment string            `json:"destination_payment,omitempty"`
	Livemode           bool              `json:"livemode"`
	Metadata           map[string]string `json:"metadata"`
	Reversals          *page             `json:"reversals"`
	Reversed           bool              `json:"reversed"`
	SourceTransaction  *string           `json:"source_transaction"`
	SourceType         string            `json:"source_type"`
	TransferGroup      *string           `json:"transfer_group"`

	made    []*transferReversal
	payment *charge // at the destination
	charge  *charge // the source transaction
}

func (x *transfer) identity() (string, int64) { return x.ID, x.Created }

// transferReversal brings money of a transfer back.
type transferReversal struct {
	ID                       string            `json:"id"`
	Object                   string            `json:"object"`
	Amount                   int64             `json:"amount"`
	BalanceTransaction       *string           `json:"balance_transaction"`
	Created                  int64             `json:"created"`
	Currency                 string            `json:"currency"`
	DestinationPaymentRefund *string           `json:"destination_payment_refund"`
	Metadata                 map[string]string `json:"metadata"`
	SourceRefund             *string           `json:"source_refund"`
	Transfer                 string            `json:"transfer"`
}

func (x *transferReversal) identity() (string, int64) { return x.ID, x.Created }

func (t *tenant) reversal(id string) any {
	for _, x := range t.transfers.rows {
		for _, r := range x.made {
			if r.ID == id {
				return r
			}
		}
	}
	return nil
}

// sending is what a transfer is made of.
type sending struct {
	amount      int64
	currency    string
	destination *tenant
	source      *charge // nil for a transfer out of the available balance
	group       *string
	description *string
	metadata    map[string]string
	availableOn time.Time
	feeOwed     int64 // of a destination charge, kept back from the destination
}

// send moves money from the platform to a connected account.
func (s *Sandbox) send(from *tenant, g sending) *transfer {
	x := &transfer{ID: s.mint.id("tr_"), Object: "transfer", Amount: g.amount, Created: s.now().Unix(), Currency: g.currency,
		Description: g.description, Destination: &g.destination.id, Metadata: g.metadata, SourceType: "card", TransferGroup: g.group, charge: g.source}
	x.Reversals = emptyPage("/v1/transfers/" + x.ID + "/reversals")
	if g.source != nil {
		x.SourceTransaction = &g.source.ID
		g.source.transferred += g.amount
	}
	out := s.row(from, movement{kind: "transfer", amount: -g.amount, currency: g.currency, source: x.ID, description: g.description,
		availableOn: g.availableOn, counter: clearing})
	x.BalanceTransaction = &out.ID

	payment := &charge{ID: s.mint.id("py_"), Object: "charge", Amount: g.amount, AmountCaptured: g.amount, Captured: true, Created: x.Created,
		Currency: g.currency, FraudDetails: map[string]string{}, Metadata: map[string]string{}, Paid: true, SourceTransfer: &x.ID,
		Outcome: approvedOutcome(), PaymentMethodDetails: &methodDetails{Type: "stripe_account", StripeAccount: &map[string]any{}}}
	payment.Outcome.RiskLevel, payment.Outcome.RiskScore = "not_assessed", 0
	var fees []feeDetail
	if g.feeOwed > 0 {
		fees = []feeDetail{{Amount: g.feeOwed, Application: optional(s.application()), Currency: g.currency, Description: optional("Amiable application fee"), Type: "application_fee"}}
		payment.ApplicationFeeAmount = number(g.feeOwed)
	}
	s.move(chargeMoves, payment.ID, &payment.Status, "succeeded")
	in := s.row(g.destination, movement{kind: "payment", category: "charge", amount: g.amount, currency: g.currency, fees: fees, source: payment.ID,
		availableOn: g.availableOn, counter: clearing})
	payment.BalanceTransaction = &in.ID
	g.destination.charges.add(payment)
	x.DestinationPayment, x.payment = payment.ID, payment
	from.transfers.add(x)
	return x
}

// forward carries out the Connect half of a destination charge.
func (s *Sandbox) forward(t *tenant, ch *charge, amount, owed int64) {
	to := s.tenants[ch.TransferData.Destination]
	part := amount
	if ch.TransferData.Amount != nil {
		part = min(*ch.TransferData.Amount, amount)
	}
	x := s.send(t, sending{amount: part, currency: ch.Currency, destination: to, source: ch, group: ch.TransferGroup,
		metadata: map[string]string{}, availableOn: t.usableOn(ch), feeOwed: owed})
	ch.Transfer = x.ID
	if owed > 0 {
		fee := s.levy(to, x.payment, ch, owed)
		x.payment.ApplicationFee = &fee.ID
		x.payment.Application = optional(s.application())
	}
	s.later(func() { s.emit(t, "transfer.created", x) })
}

func (c *call) createTransfer() (any, error) {
	if c.tenant != c.platform {
		return nil, refuse("", "", "Transfers can only be made by the platform.")
	}
	f := c.form
	currency := f.text("currency")
	if r := checkCurrency("currency", currency); r != nil {
		return nil, r
	}
	to, known := c.tenants[f.text("destination")]
	if !known || to == c.platform {
		return nil, noSuch("destination", "destination", f.text("destination"))
	}
	if r := to.canReceive(); r != nil {
		return nil, r
	}
	g := sending{amount: f.number("amount"), currency: currency, destination: to, group: f.optional("transfer_group"),
		description: f.optional("description"), metadata: merge(nil, f.at("metadata"))}
	if f.has("amount") && g.amount < 1 {
		return nil, invalid("amount", "parameter_invalid_integer", "Invalid positive integer")
	}
	if id := f.text("source_transaction"); id != "" {
		ch, found := c.tenant.charges.get(id)
		if !found {
			return nil, noSuch("charge", "source_transaction", id)
		}
		if !ch.Paid || !ch.Captured {
			return nil, refuse("source_transaction", "", "The source_transaction must be a charge that succeeded and was captured.")
		}
		if ch.Currency != currency {
			return nil, refuse("currency", "", "The currency of source_transaction's balance transaction (%s) must be the same as the transfer currency (%s)", ch.Currency, currency)
		}
		left := ch.AmountCaptured - ch.transferred
		if g.amount == 0 {
			g.amount = left
		}
		if g.amount > left {
			return nil, refuse("amount", "", "Transfers using this transaction as a source must not exceed the source amount of %d. (There is already %d in transfers using this source)", ch.AmountCaptured, ch.transferred)
		}
		if group := value(g.group); group != "" && value(ch.TransferGroup) != "" && value(ch.TransferGroup) != group {
			return nil, refuse("transfer_group", "", "The transfer_group must be that of the source_transaction.")
		}
		if g.group == nil {
			g.group = ch.TransferGroup
			if g.group == nil {
				g.group = optional("group_" + value(ch.PaymentIntent))
			}
		}
		g.source, g.availableOn = ch, c.tenant.usableOn(ch)
	} else {
		if !f.has("amount") {
			return nil, missing("amount")
		}
		if have := c.standing(c.tenant, currency, availableBucket); g.amount > have {
			return nil, refuse("", "balance_insufficient", "You have insufficient available funds in your Stripe account. Try adding funds directly to your available balance by creating Charges using the 4000000000000077 test card. See: https://stripe.com/docs/testing#available-balance")
		}
	}
	x := c.send(c.tenant, g)
	c.emit(c.tenant, "transfer.created", x)
	return x, nil
}

func (c *call) transferHere() (*transfer, error) {
	x, found := c.tenant.transfers.get(c.args[0])
	if !found {
		return nil, noSuchHere("transfer", "id", c.args[0])
	}
	return x, nil
}

func (c *call) getTransfer() (any, error) { return c.transferHere() }

func (c *call) updateTransfer() (any, error) {
	x, err := c.transferHere()
	if err != nil {
		return nil, err
	}
	before := snapshot(x)
	if c.form.has("description") {
		x.Description = c.form.optional("description")
	}
	x.Metadata = merge(x.Metadata, c.form.at("metadata"))
	c.updated(c.tenant, "transfer.updated", x, before)
	return x, nil
}

func (c *call) listTransfers() (any, error) {
	return listAll(c, &c.tenant.transfers, func(x *transfer) bool {
		return c.same("destination", value(x.Destination)) && c.same("transfer_group", value(x.TransferGroup))
	})
}

// reverse brings part of a transfer back. refund is the refund of the source
// charge that causes it, or nil; feeBack is what the platform gives back of its
// fee at the same time.
func (s *Sandbox) reverse(from *tenant, x *transfer, amount, feeBack int64, refund *refund, metadata map[string]string) *transferReversal {
	r := &transferReversal{ID: s.mint.id("trr_"), Object: "transfer_reversal", Amount: amount, Created: s.now().Unix(), Currency: x.Currency,
		Metadata: metadata, Transfer: x.ID}
	back := s.row(from, movement{kind: "transfer_refund", category: "transfer_reversal", amount: amount, currency: x.Currency, source: r.ID,
		description: x.Description, availableOn: s.tenants[*x.Destination].usableOn(x.payment), counter: clearing})
	r.BalanceTransaction = &back.ID
	if refund != nil {
		r.SourceRefund = &refund.ID
	}
	at := s.tenants[*x.Destination]
	paid := s.payBack(at, x.payment, amount, feeBack, r)
	r.DestinationPaymentRefund = &paid.ID

	before := snapshot(x)
	x.AmountReversed += amount
	x.Reversed = x.AmountReversed == x.Amount
	x.made = append(x.made, r)
	x.Reversals = newestFirst(x.made, "/v1/transfers/"+x.ID+"/reversals")
	if x.charge != nil {
		x.charge.transferred -= amount
	}
	s.later(func() { s.updated(from, "transfer.reversed", x, before) })
	return r
}

func (c *call) createReversal() (any, error) {
	x, err := c.transferHere()
	if err != nil {
		return nil, err
	}
	left := x.Amount - x.AmountReversed
	amount := left
	if c.form.has("amount") {
		if amount = c.form.number("amount"); amount < 1 {
			return nil, invalid("amount", "parameter_invalid_integer", "Invalid positive integer")
		}
	}
	if left == 0 {
		return nil, refuse("", "", "Transfer %s is already fully reversed.", x.ID)
	}
	if amount > left {
		return nil, refuse("amount", "", "Reversal amount (%d) is greater than unreversed amount on transfer (%d)", amount, left)
	}
	at := c.tenants[*x.Destination]
	have := c.standing(at, x.Currency, availableBucket) + c.standing(at, x.Currency, pendingBucket)
	if x.charge == nil && amount > have {
		return nil, refuse("", "balance_insufficient", "Insufficient funds in the connected account %s to reverse this transfer.", at.id)
	}
	feeBack := int64(0)
	var fee *applicationFee
	if c.form.truth("refund_application_fee") {
		if id := value(x.payment.ApplicationFee); id != "" {
			fee, _ = c.tenant.fees.get(id)
			feeBack = min(share(fee.Amount, amount, x.Amount, x.AmountReversed), fee.Amount-fee.AmountRefunded)
		}
	}
	r := c.reverse(c.tenant, x, amount, feeBack, nil, merge(nil, c.form.at("metadata")))
	if feeBack > 0 {
		c.giveFeeBack(fee, feeBack, nil)
	}
	return r, nil
}

func (c *call) reversalHere() (*transferReversal, *transfer, error) {
	x, err := c.transferHere()
	if err != nil {
		return nil, nil, err
	}
	for _, r := range x.made {
		if r.ID == c.args[1] {
			return r, x, nil
		}
	}
	return nil, nil, noSuchHere("transfer reversal", "id", c.args[1])
}

func (c *call) getReversal() (any, error) {
	r, _, err := c.reversalHere()
	return r, err
}

func (c *call) updateReversal() (any, error) {
	r, _, err := c.reversalHere()
	if err != nil {
		return nil, err
	}
	r.Metadata = merge(r.Metadata, c.form.at("metadata"))
	return r, nil
}

func (c *call) listReversals() (any, error) {
	x, err := c.transferHere()
	if err != nil {
		return nil, err
	}
	return list(c, x.made, nil)
}
