package negotiation

import (
	"context"
	"strings"

	"amiable/negotiation/ledger"
	"amiable/negotiation/money"
)

// CreditNote lowers a claim, as a ledger entry on its effective day; later
// payments are allocated again.
func (s *Service) CreditNote(ctx context.Context, by Actor, caseID, claimID, number string, amount money.Amount, on Day) error {
	if err := by.only(RoleAgent, RoleAdministrator, RoleCreditor, RoleSystem); err != nil {
		return err
	}
	if number = strings.TrimSpace(number); number == "" {
		return Refuse(Invalid, "reference_missing").On("number")
	}
	return s.OnCase(ctx, by, caseID, func(t *Tx, c *Case) error {
		switch {
		case c.claim(claimID) == nil:
			return Refuse(Invalid, "claim_unknown").On("claim")
		case !amount.IsPositive() || amount.Currency != c.Currency:
			return Refuse(Invalid, "amount_not_positive").On("amount")
		case on.IsZero() || on.After(t.Today):
			return Refuse(Invalid, "date_in_future").On("on")
		}
		credited, err := c.creditNote(t, by, claimID, number, amount, on)
		if err == nil && !credited {
			return Refuse(Conflict, "credit_note_known").On("number")
		}
		return err
	})
}

// creditNote posts a credit note: principal first, then interest, then
// indemnity; what is beyond goes to refunds due. It returns false where the
// note was posted before.
func (c *Case) creditNote(t *Tx, by Actor, claimID, number string, amount money.Amount, on Day) (bool, error) {
	source := "credit_note:" + claimID + ":" + number
	for i := range c.postings {
		if c.postings[i].Source == source {
			return false, nil
		}
	}
	later, err := c.unwind(t, on, source)
	if err != nil {
		return false, err
	}
	statement, err := c.Statement(on)
	if err != nil {
		return false, err
	}
	if err := c.accrue(t, statement, "accrual:"+source); err != nil {
		return false, err
	}
	posting := ledger.New(ledger.KindCreditNote, source, c.CreditorID, c.ID, on, t.Now)
	owed, rest := c.owed(claimID), amount
	for _, part := range []struct {
		component ledger.Component
		owed      money.Amount
	}{{ledger.Principal, owed.Principal}, {ledger.Interest, owed.Interest}, {ledger.Indemnity, owed.Indemnity}} {
		taken := rest.Min(part.owed)
		posting.AddReceivable(claimID, part.component, taken.Neg()).Add(ledger.Entrusted, taken)
		rest = rest.Sub(taken)
	}
	// The creditor owes the debtor the rest: it took more than was due.
	posting.Add(ledger.RefundsDue, rest.Neg()).Add(ledger.Payable, rest)
	if err := c.post(t, posting); err != nil {
		return false, err
	}
	if err := c.rewind(t, later); err != nil {
		return false, err
	}
	if err := t.Insert(c.event(t, by, CreditNoteRecorded, map[string]any{"claim": claimID, "number": number, "amount": amount})); err != nil {
		return false, err
	}
	return true, c.settleState(t, by)
}
