package payments

import (
	"encoding/json"
	"fmt"
	"time"

	"amiable/negotiation"
	"amiable/negotiation/ledger"
	"amiable/negotiation/money"
)

// succeed books money that came in: allocation, ledger, receipt, letters and
// events, in the transaction that holds the case. Whatever came is booked as it
// came; what a person must look at is written down beside it.
func (s *Service) succeed(t *negotiation.Tx, c *negotiation.Case, p *Payment, f Fact) error {
	if f.Amount.Currency != p.Currency || !f.Amount.IsPositive() {
		return fmt.Errorf("payment %s: expected %v, the gateway collected %v", p.ID, p.Asked(), f.Amount)
	}
	if f.Amount.Cmp(p.Asked()) != 0 {
		p.Problem = fmt.Sprintf("asked %v, received %v", p.Asked(), f.Amount)
		c.Stir(negotiation.WorkUnclear)
	}
	at := confirmed(f, t.Now)
	// A debit was paid on the day it was submitted, though the money is here
	// only now.
	if on := negotiation.DayOf(at); p.PaidOn.IsZero() || on.Before(p.PaidOn) {
		p.PaidOn = on
	}
	p.State, p.Received, p.SucceededAt, p.Failure, p.NextTryAt = Succeeded, f.Amount.Minor, &at, "", nil
	p.ReversibleUntil = provisional(p.Means, p.PaidOn, t.Today)
	if p.Separate {
		p.Pulled = p.Received // the creditor's account has nothing of it yet
	}
	allocation, err := s.book(t, c, p, negotiation.Gateway, ledger.Clearing)
	if err != nil {
		return err
	}
	return s.tell(t, c, p, negotiation.Gateway, negotiation.PaymentSucceeded, allocation)
}

// book posts a payment to the case.
func (s *Service) book(t *negotiation.Tx, c *negotiation.Case, p *Payment, by negotiation.Actor, into ledger.Account) (*negotiation.Allocation, error) {
	paid := negotiation.Paid{
		PaymentID: p.ID, Amount: p.ReceivedAmount(), On: p.PaidOn, Into: into, Claims: p.chosen(),
		Fee: money.New(p.Fee, p.Currency), VAT: money.New(p.VAT, p.Currency), Withheld: p.FeeWithheld,
		ByMandate: !p.FeeWithheld, ByAnother: p.ByPayer() || p.byAnother,
		// What a person records is theirs to know: a liquidator's dividend is
		// lawful. What came by itself may be what the law forbids to take.
		Forbidden: (p.ByGateway() || p.ByRole == negotiation.RoleSystem) && c.PaymentForbidden(p.PaidOn),
	}
	if p.Whole {
		paid.Asked, paid.AskedOn, paid.GoodUntil = p.Asked(), p.AskedOn, p.GoodUntil
	}
	allocation, err := c.RecordPayment(t, by, paid)
	if err != nil {
		return nil, err
	}
	p.Excess, p.Fee, p.VAT = allocation.Excess.Minor, allocation.Fee.Minor, allocation.VAT.Minor
	return allocation, save(t, p)
}

// tell writes the receipt, the event and the letters that a payment owes: to
// the payer (CPCE R124-6) and to the creditor (R124-5).
func (s *Service) tell(t *negotiation.Tx, c *negotiation.Case, p *Payment, by negotiation.Actor, kind negotiation.EventKind, a *negotiation.Allocation) error {
	what := map[string]any{"payment": p.ID, "amount": p.ReceivedAmount(), "means": p.Means, "left": a.Left}
	if p.ByPayer() {
		what["pay_link"] = p.ByID
	}
	if err := c.Event(t, by, kind, what); err != nil {
		return err
	}
	receipt, err := writeReceipt(t, c, p, a)
	if err != nil {
		return err
	}
	facts := map[string]any{"payment": p.ID, "receipt": receipt.Number}
	if party := c.MainParty(); party != nil {
		if _, err := c.Tell(t, by, party, negotiation.LetterReceipt, facts); err != nil {
			return err
		}
	}
	notice := map[string]any{
		"payment": p.ID, "amount": p.ReceivedAmount(), "on": p.PaidOn, "debtor": c.Debtor.Name, "case": c.Reference,
		"principal": a.Parts[ledger.Principal], "interest": a.Parts[ledger.Interest], "indemnity": a.Parts[ledger.Indemnity],
		"fee": p.Fees(), "left": a.Left,
	}
	said, err := receipt.Read()
	if err != nil {
		return err
	}
	return c.TellPayment(t, notice, said.Plan != nil)
}

// ReceiptContent is what a receipt says, frozen when it is written.
type ReceiptContent struct {
	Number      string          `json:"number"`
	Case        string          `json:"case"`
	FirstLetter string          `json:"first_letter"`
	LetterOn    negotiation.Day `json:"first_letter_on"`
	Payer       string          `json:"payer"`
	Creditor    string          `json:"creditor"`
	Agency      string          `json:"agency"`
	Amount      money.Amount    `json:"amount"`
	On          negotiation.Day `json:"on"`
	Means       string          `json:"means"`
	Reference   string          `json:"reference"`
	Reversible  bool            `json:"reversible"`
	Lines       []ReceiptLine   `json:"lines"`
	Excess      money.Amount    `json:"excess"`
	Waived      money.Amount    `json:"waived"`
	Left        money.Amount    `json:"left"`
	Plan        *ReceiptPlan    `json:"plan,omitempty"` // nil: the payment is of no plan
	ChainHead   string          `json:"chain_head"`
	WrittenAt   time.Time       `json:"written_at"`

	Corrects string `json:"corrects,omitempty"` // number of the receipt that it corrects

	// ByAnother says that it was paid with a pay-only link: Payer is then for
	// whom.
	ByAnother bool `json:"by_another,omitempty"`
}

// ReceiptLine is what one claim got.
type ReceiptLine struct {
	Invoice   string       `json:"invoice"`
	Interest  money.Amount `json:"interest"`
	Indemnity money.Amount `json:"indemnity"`
	Principal money.Amount `json:"principal"`
}

func writeReceipt(t *negotiation.Tx, c *negotiation.Case, p *Payment, a *negotiation.Allocation) (*Receipt, error) {
	c.Receipts++
	content := ReceiptContent{
		Number: fmt.Sprintf("%s-%d", c.Reference, c.Receipts), Case: c.Reference,
		FirstLetter: c.FirstLetterReference, LetterOn: c.FirstLetterOn,
		Payer: c.Debtor.Name, Creditor: c.Creditor.Name, Agency: c.Agency.Name,
		Amount: p.ReceivedAmount(), On: p.PaidOn, Means: p.Means, Reference: p.Reference,
		Reversible: p.ByGateway() && wayOf(p.Means).reversible > 0, Excess: a.Excess, Waived: a.Waived, Left: a.Left,
		ChainHead: c.ChainHead(), WrittenAt: t.Now, ByAnother: p.ByPayer(),
	}
	var err error
	if content.Plan, err = receiptPlan(t, c); err != nil {
		return nil, err
	}
	content.Lines = receiptLines(c, a)
	text, err := json.Marshal(content)
	if err != nil {
		return nil, fmt.Errorf("receipt of payment %s: %w", p.ID, err)
	}
	r := &Receipt{
		ID: newID(), CreditorID: c.CreditorID, CaseID: c.ID, PaymentID: p.ID, Number: content.Number,
		Content: string(text), TextVersion: negotiation.TextVersion, CreatedAt: t.Now,
	}
	return r, t.Insert(r)
}

// receiptLines say what each claim got of a payment.
func receiptLines(c *negotiation.Case, a *negotiation.Allocation) (lines []ReceiptLine) {
	for _, share := range a.Shares {
		if !share.Total().IsPositive() {
			continue
		}
		line := ReceiptLine{Interest: share.Interest, Indemnity: share.Indemnity, Principal: share.Principal}
		for _, claim := range c.Claims {
			if claim.ID == share.ClaimID {
				line.Invoice = claim.InvoiceNumber
			}
		}
		lines = append(lines, line)
	}
	return lines
}

// Read decodes what the receipt says.
func (r *Receipt) Read() (ReceiptContent, error) {
	var content ReceiptContent
	if err := json.Unmarshal([]byte(r.Content), &content); err != nil {
		return content, fmt.Errorf("receipt %s: %w", r.Number, err)
	}
	return content, nil
}
