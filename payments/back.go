package payments

import (
	"encoding/json"
	"fmt"

	"amiable/negotiation"
	"amiable/negotiation/money"
)

// rebook books anew what stays of a payment, after Refunded or TakenBack changed, in the
// transaction that holds its case: what is owed, the plan, the fee, what the
// creditor gets and the state of the case follow. A corrected receipt is written
// where something stays.
func (s *Service) rebook(t *negotiation.Tx, c *negotiation.Case, p *Payment) (*negotiation.Allocation, error) {
	if p.State != Succeeded {
		return nil, fmt.Errorf("payment %s is %s: nothing of it can go back", p.ID, p.State)
	}
	if p.FeeWithheld {
		fee, vat := p.Fee+p.FeeBack, p.VAT+p.VATBack
		feeBack, vatBack := feesBack(fee, vat, p.Refunded+p.TakenBack, p.Received)
		p.FeeBack, p.VATBack, p.Fee, p.VAT = feeBack, vatBack, fee-feeBack, vat-vatBack
	}
	allocation, err := c.KeepOfPayment(t, negotiation.System, negotiation.Kept{
		PaymentID: p.ID, Came: p.ReceivedAmount(), Amount: p.Kept(), Fee: money.New(p.Fee, p.Currency), VAT: money.New(p.VAT, p.Currency),
	})
	if err != nil {
		return nil, err
	}
	p.Excess = allocation.Excess.Minor
	if !p.FeeWithheld {
		p.Fee, p.VAT = allocation.Fee.Minor, allocation.VAT.Minor
	}
	if err := save(t, p); err != nil {
		return nil, err
	}
	return allocation, correctReceipt(t, c, p, allocation)
}

// feesBack is what of fee and VAT goes back with part of a payment: in
// proportion, rounded down as the gateway does, VAT half-up within it. Parts add
// up, in whatever steps the money goes.
func feesBack(fee, vat, returned, received int64) (feeBack, vatBack int64) {
	all := fee + vat
	if all == 0 || received == 0 {
		return 0, 0
	}
	total := all * returned / received
	vatBack = min((2*total*vat+all)/(2*all), vat)
	feeBack = total - vatBack
	if feeBack > fee { // the rounding of the VAT left a cent over
		feeBack, vatBack = fee, total-fee
	}
	return feeBack, vatBack
}

// correctReceipt writes the receipt of what stays of a payment. The first one
// stays as it was issued.
func correctReceipt(t *negotiation.Tx, c *negotiation.Case, p *Payment, a *negotiation.Allocation) error {
	if !p.Kept().IsPositive() {
		return nil // nothing is acknowledged any more; the page of the first says so
	}
	var receipts []Receipt
	if err := t.Where("payment_id = ?", p.ID).Order("created_at, id").Find(&receipts).Error; err != nil {
		return fmt.Errorf("receipts of payment %s: %w", p.ID, err)
	}
	if len(receipts) == 0 {
		return fmt.Errorf("payment %s has no receipt to correct", p.ID)
	}
	first := &receipts[0]
	content, err := first.Read()
	if err != nil {
		return err
	}
	content.Corrects, content.Number = first.Number, fmt.Sprintf("%s-R%d", first.Number, len(receipts))
	content.Amount, content.Lines, content.Excess, content.Waived, content.Left = p.Kept(), receiptLines(c, a), a.Excess, a.Waived, a.Left
	content.ChainHead, content.WrittenAt = c.ChainHead(), t.Now
	if content.Plan, err = receiptPlan(t, c); err != nil {
		return err
	}
	text, err := json.Marshal(content)
	if err != nil {
		return fmt.Errorf("receipt %s: %w", content.Number, err)
	}
	return t.Insert(&Receipt{
		ID: newID(), CreditorID: c.CreditorID, CaseID: c.ID, PaymentID: p.ID, Number: content.Number, Corrects: &first.ID, Content: string(text),
		TextVersion: negotiation.TextVersion, CreatedAt: t.Now,
	})
}

// tellBack writes to the debtor and to the creditor that money of a payment went
// back, or came again.
func tellBack(t *negotiation.Tx, c *negotiation.Case, p *Payment, toParty negotiation.LetterKind, toCreditor negotiation.LetterKind, what string, sum money.Amount) error {
	facts := map[string]any{
		"payment": p.ID, "amount": sum, "on": p.PaidOn, "paid": p.ReceivedAmount(), "kept": p.Kept(), "left": c.Balance(), "what": what,
		"debtor": c.Debtor.Name, "case": c.Reference, "means": p.Means, "another": p.ByPayer(),
	}
	if party := c.MainParty(); party != nil && toParty != "" {
		if _, err := c.Tell(t, negotiation.System, party, toParty, facts); err != nil {
			return err
		}
	}
	return c.TellCreditor(t, toCreditor, facts)
}
