package negotiation

import (
	"context"

	"amiable/negotiation/money"
)

// Withdraw takes a case back on the creditor's word: nothing more is asked of
// anybody, and both sides are told. Interest is fixed up to today, since the
// case leaves us with it. Open checkouts are closed by who keeps payments; money
// that arrives all the same is booked.
func (s *Service) Withdraw(ctx context.Context, by Actor, caseID string, word Word) error {
	word, err := mayWithdraw(by, word)
	if err != nil {
		return err
	}
	return s.OnCase(ctx, by, caseID, func(t *Tx, c *Case) error { return c.withdraw(t, by, word) })
}

// WithdrawClaim takes one claim out of a case on the creditor's word: what is
// owed on it is not asked for here any more, and the rest goes on. The last one
// with something owed takes the case with it. A contested claim is withdrawn
// where it is contested, so that the dispute ends too.
func (s *Service) WithdrawClaim(ctx context.Context, by Actor, caseID, claimID string, word Word) error {
	word, err := mayWithdraw(by, word)
	if err != nil {
		return err
	}
	return s.OnCase(ctx, by, caseID, func(t *Tx, c *Case) error {
		claim := c.claim(claimID)
		if claim == nil {
			return Refuse(Invalid, "claim_unknown").On("claim")
		}
		statement, err := c.Statement(t.Today)
		if err != nil {
			return err
		}
		owed, elsewhere := money.New(0, c.Currency), false
		for _, cs := range statement.Claims {
			if cs.Claim.ID == claimID {
				owed = cs.Total()
			} else if cs.Total().IsPositive() {
				elsewhere = true
			}
		}
		switch {
		case c.TakenBack(claimID):
			return nil // taken back already: a second click changes nothing
		case c.IsClosed():
			return Refuse(Conflict, "case_is_"+string(c.State))
		case !owed.IsPositive():
			return Refuse(Conflict, "claim_settled").On("claim")
		case !elsewhere:
			return c.withdraw(t, by, word)
		}
		disputes, err := disputesOf(t.DB, c.ID)
		if err != nil {
			return err
		}
		for i := range disputes {
			if disputes[i].ClaimID == claimID && disputes[i].IsOpen() {
				return Refuse(Conflict, "claim_disputed").On("claim")
			}
		}
		if err := by.mayDecide(owed); err != nil {
			return err
		}
		if err := c.givesUp(t, by, ActCredit, claimID, owed); err != nil {
			return err
		}
		if _, err := c.creditNote(t, by, creditNote{ClaimID: claimID, Amount: owed, On: t.Today, All: true}); err != nil {
			return err
		}
		return c.giveUp(t, by, GivenUp{Kind: GivenClaim, ClaimID: &claimID, Amount: owed.Minor}, word, LetterLowered, map[string]any{"invoice": claim.InvoiceNumber})
	})
}

// mayWithdraw refuses whoever cannot speak for the creditor, or says no reason.
func mayWithdraw(by Actor, word Word) (Word, error) {
	if err := by.only(RoleCreditor, RoleAgent, RoleAdministrator, RoleSystem); err != nil {
		return word, err
	}
	word, err := word.check(by)
	if err == nil && word.Why == "" {
		err = Refuse(Invalid, "reason_missing").On("reason")
	}
	return word, err
}

// TakenBack says whether the creditor took a claim out of the case.
func (c *Case) TakenBack(claimID string) bool {
	for _, p := range c.standing() {
		if n := takenBack(p); n != nil && n.ClaimID == claimID {
			return true
		}
	}
	return false
}

func (c *Case) withdraw(t *Tx, by Actor, word Word) error {
	if c.State == CaseWithdrawn {
		return nil // withdrawn already: a second click changes nothing
	}
	if err := by.mayDecide(c.Balance()); err != nil {
		return err
	}
	if err := c.givesUp(t, by, ActWithdraw, c.ID, c.Balance()); err != nil {
		return err
	}
	if err := c.move(CaseWithdrawn); err != nil {
		return err
	}
	statement, err := c.Statement(t.Today)
	if err != nil {
		return err
	}
	if err := c.accrue(t, statement, "accrual:withdrawn:"+c.ID); err != nil {
		return err
	}
	c.ClosedOn = t.Today
	if o := c.OpenOffer(); o != nil {
		if err := c.endOffer(t, System, o, OfferWithdrawn, OfferWasWithdrawn, "case_withdrawn"); err != nil {
			return err
		}
	}
	if p := c.ActivePlan(); p != nil {
		if err := c.endPlan(t, by, p, word.Why); err != nil {
			return err
		}
	}
	if err := t.Insert(c.event(t, by, CaseWasWithdrawn, map[string]any{"reason": word.Why})); err != nil {
		return err
	}
	return c.giveUp(t, by, GivenUp{Kind: GivenCase, Amount: c.Balance().Minor}, word, LetterWithdrawn, map[string]any{})
}
