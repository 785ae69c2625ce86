package payments

import (
	"amiable/negotiation"
)

// underMandate writes down what the mandate says of a payment that begins: which
// way its money takes, and what is kept back of it. Of one that is transferred
// afterwards no fee is kept back that would leave nothing to transfer: it is
// invoiced.
func underMandate(p *Payment, c *negotiation.Case, claims []string, today negotiation.Day) error {
	p.Separate = c.Mandate.SeparateTransfers
	if !c.Mandate.FeeWithheld {
		return nil
	}
	parts, err := c.Preview(p.Asked(), claims, today)
	if err != nil {
		return err
	}
	fee, vat := c.Mandate.FeeFor(parts)
	if p.Separate && fee.Add(vat).Cmp(p.Asked()) >= 0 {
		return nil
	}
	p.Fee, p.VAT, p.FeeWithheld = fee.Minor, vat.Minor, true
	return nil
}

// movement is what is to be moved of a payment between its creditor's account at
// the gateway and the platform. None: the account has what stays of it.
type movement struct {
	kind     MoveKind
	amount   int64 // minor units of the payment
	fee      int64 // of it, our fee's part
	reverses int64 // of a pull: the number of the movement whose transfer is taken back; 0: the one that the charge made
}

// nothing says that the creditor's account is in step.
func (m movement) nothing() bool { return m.amount == 0 }

// nextMovement works out what a payment lacks, given what was moved so far. It is
// pure. Transfers are taken back the latest first: each then gives back the very
// fee that was kept of it.
func nextMovement(p *Payment, moved []transit, refunds []Refund) movement {
	target := p.Refunded + p.TakenBack
	if p.Pulled >= target {
		return movement{kind: Put, amount: p.Pulled - target, fee: feeBetween(p, target, p.Pulled)}
	}
	m := movement{kind: Pull, amount: target - p.Pulled}
	for i := len(moved) - 1; i >= 0; i-- {
		if left := transferred(&moved[i], moved); left > 0 {
			m.reverses, m.amount = moved[i].Number, min(m.amount, left)
			break
		}
	}
	if left := carried(p, moved, refunds); m.reverses == 0 && left > 0 {
		m.amount = min(m.amount, left)
	}
	m.fee = feeBetween(p, p.Pulled, p.Pulled+m.amount)
	return m
}

// transferred is what of a transfer of ours is still with the creditor.
func transferred(put *transit, moved []transit) int64 {
	if put.Kind != Put || put.DoneAt == nil {
		return 0
	}
	left := put.Amount
	for i := range moved {
		if m := &moved[i]; m.Kind == Pull && m.DoneAt != nil && m.Reverses == put.Number {
			left -= m.Amount
		}
	}
	return left
}

// carried is what of the transfer that the charge itself made is still with the
// creditor.
func carried(p *Payment, moved []transit, refunds []Refund) int64 {
	if p.Separate {
		return 0
	}
	left := p.Received
	for i := range refunds {
		if refunds[i].PaymentID == p.ID && refunds[i].Pulled {
			left -= refunds[i].Amount
		}
	}
	for i := range moved {
		if m := &moved[i]; m.Kind == Pull && m.DoneAt != nil && m.Reverses == 0 {
			left -= m.Amount
		}
	}
	return left
}

// feeBetween is our fee's part of what lies between two sums that the creditor's
// account does not have, as the gateway works it out.
func feeBetween(p *Payment, less, more int64) int64 {
	if !p.FeeWithheld {
		return 0
	}
	at := func(returned int64) int64 {
		feeBack, vatBack := feesBack(p.Fee+p.FeeBack, p.VAT+p.VATBack, returned, p.Received)
		return feeBack + vatBack
	}
	return at(more) - at(less)
}
