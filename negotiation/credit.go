package negotiation

import (
	"context"
	"encoding/json"
	"strings"

	"amiable/negotiation/ledger"
	"amiable/negotiation/money"
)

// CreditNote lowers a claim, as a ledger entry on its effective day; later
// payments are allocated again, plan and offer follow, and both sides are told.
func (s *Service) CreditNote(ctx context.Context, by Actor, caseID, claimID, number string, amount money.Amount, on Day, word Word) error {
	if err := by.only(RoleAgent, RoleAdministrator, RoleCreditor, RoleSystem); err != nil {
		return err
	}
	if number = strings.TrimSpace(number); number == "" {
		return Refuse(Invalid, "reference_missing").On("number")
	}
	word, err := word.check(by)
	if err != nil {
		return err
	}
	return s.OnCase(ctx, by, caseID, func(t *Tx, c *Case) error {
		claim := c.claim(claimID)
		switch {
		case claim == nil:
			return Refuse(Invalid, "claim_unknown").On("claim")
		case !amount.IsPositive() || amount.Currency != c.Currency:
			return Refuse(Invalid, "amount_not_positive").On("amount")
		case on.IsZero() || on.After(t.Today):
			return Refuse(Invalid, "date_in_future").On("on")
		case on.Before(EarliestDay):
			return Refuse(Invalid, "date_unbelievable").On("on")
		}
		if err := by.mayDecide(amount); err != nil {
			return err
		}
		if err := c.givesUp(t, by, ActCredit, claimID, amount); err != nil {
			return err
		}
		credited, err := c.creditNote(t, by, creditNote{ClaimID: claimID, Number: number, Amount: amount, On: on})
		switch {
		case err != nil:
			return err
		case !credited:
			return Refuse(Conflict, "credit_note_known").On("number")
		}
		return c.giveUp(t, by, GivenUp{Kind: GivenCredit, ClaimID: &claimID, Number: number, Amount: amount.Minor}, word, LetterLowered,
			map[string]any{"invoice": claim.InvoiceNumber, "credit": number, "on": on})
	})
}

// creditNote is what is needed to post a credit note, and to post it again.
type creditNote struct {
	ClaimID string       `json:"claim"`
	Number  string       `json:"number"`
	Amount  money.Amount `json:"amount"`
	On      Day          `json:"on"`

	// All says that the creditor took the claim back: whatever is owed on it
	// that day, and nothing to give back.
	All bool `json:"all,omitempty"`
}

func (n creditNote) source() string {
	if n.All {
		return "taken_back:" + n.ClaimID
	}
	return "credit_note:" + n.ClaimID + ":" + n.Number
}

func creditFacts(p *ledger.Posting) *creditNote {
	var n creditNote
	if json.Unmarshal([]byte(p.Facts), &n) != nil {
		return &creditNote{}
	}
	return &n
}

// creditNote takes a credit note in. It returns false where the note was
// posted before.
func (c *Case) creditNote(t *Tx, by Actor, n creditNote) (bool, error) {
	for i := range c.postings {
		if c.postings[i].Source == n.source() {
			return false, nil
		}
	}
	due := c.RefundsDue()
	later, err := c.unwind(t, n.On, n.source())
	if err != nil {
		return false, err
	}
	if err := c.lower(t, n); err != nil {
		return false, err
	}
	if err := c.rewind(t, later); err != nil {
		return false, err
	}
	kind, told := CreditNoteRecorded, map[string]any{"claim": n.ClaimID, "number": n.Number, "amount": n.Amount}
	if n.All {
		kind, told = ClaimTakenBack, map[string]any{"claim": n.ClaimID, "invoice": c.claim(n.ClaimID).InvoiceNumber, "amount": n.Amount}
	}
	if err := t.Insert(c.event(t, by, kind, told)); err != nil {
		return false, err
	}
	if err := c.tellRefund(t, by, due, nil); err != nil {
		return false, err
	}
	return true, c.settleState(t, by)
}

// lower posts a credit note: principal first, then interest, then indemnity;
// what is beyond goes to refunds due. Of a claim that was taken back it is all
// that is owed, however much that has become since.
func (c *Case) lower(t *Tx, n creditNote) error {
	statement, err := c.Statement(n.On)
	if err != nil {
		return err
	}
	if err := c.accrue(t, statement, c.version("accrual:"+n.source())); err != nil {
		return err
	}
	posting := ledger.New(ledger.KindCreditNote, c.version(n.source()), c.CreditorID, c.ID, n.On, t.Now)
	written, err := json.Marshal(n)
	if err != nil {
		return fault(err, "credit note", n.Number)
	}
	posting.Facts = string(written)
	owed, rest := c.owed(n.ClaimID), n.Amount
	if n.All {
		rest = owed.Total()
	}
	for _, part := range []struct {
		component ledger.Component
		owed      money.Amount
	}{{ledger.Principal, owed.Principal}, {ledger.Interest, owed.Interest}, {ledger.Indemnity, owed.Indemnity}} {
		taken := rest.Min(part.owed)
		posting.AddReceivable(n.ClaimID, part.component, taken.Neg()).Add(ledger.Entrusted, taken)
		rest = rest.Sub(taken)
	}
	// The creditor owes the debtor the rest: it took more than was due.
	posting.Add(ledger.RefundsDue, rest.Neg()).Add(ledger.Payable, rest)
	return c.post(t, posting)
}

// takenBack is what a posting took back of a claim; nil where it is no such one.
func takenBack(p *ledger.Posting) *creditNote {
	if p.Kind != ledger.KindCreditNote {
		return nil
	}
	if n := creditFacts(p); n.All {
		return n
	}
	return nil
}

// CreditNumber is the number of the credit note that a posting booked; empty
// where it booked none.
func (c *Case) CreditNumber(postingID string) string {
	for i := range c.postings {
		if p := &c.postings[i]; p.ID == postingID && p.Kind == ledger.KindCreditNote {
			return creditFacts(p).Number
		}
	}
	return ""
}
