package negotiation

import (
	"context"
	"strings"
)

// Withdraw takes a case back on the creditor's word: nothing more is asked of
// anybody. Interest is fixed up to today, since the case leaves us with it.
// Open checkouts are closed by who keeps payments; money that arrives all the
// same is booked.
func (s *Service) Withdraw(ctx context.Context, by Actor, caseID, reason string) error {
	if err := by.only(RoleCreditor, RoleAgent, RoleAdministrator, RoleSystem); err != nil {
		return err
	}
	if reason = strings.TrimSpace(reason); reason == "" {
		return Refuse(Invalid, "reason_missing").On("reason")
	}
	return s.OnCase(ctx, by, caseID, func(t *Tx, c *Case) error {
		if c.State == CaseWithdrawn {
			return nil // withdrawn already: a second click changes nothing
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
			if err := c.endPlan(t, by, p, reason); err != nil {
				return err
			}
		}
		return t.Insert(c.event(t, by, CaseWasWithdrawn, map[string]any{"reason": reason}))
	})
}
