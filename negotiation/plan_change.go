package negotiation

import (
	"context"
	"strings"
	"unicode/utf8"

	"amiable/negotiation/money"
)

// planNoticeDays is for how long an instalment must have been missed before a
// person may end a plan over it.
const planNoticeDays = 8

// settlePlan moves a plan as the ledger has it: complete when nothing of it is
// left to pay, taken up again where a payment was turned round.
func (c *Case) settlePlan(t *Tx, by Actor) error {
	p := c.LastPlan()
	if p == nil || (p.State != PlanActive && p.State != PlanCompleted) || c.State == CaseWithdrawn {
		return nil
	}
	progress, err := c.Progress(p, t.Today)
	if err != nil {
		return err
	}
	facts := map[string]any{"plan": p.ID, "number": p.Number, "total": money.New(p.Total, c.Currency)}
	switch done := progress.Left.IsZero(); {
	case done && p.State == PlanActive:
		if err := c.closePlan(t, by, p, PlanCompleted, ""); err != nil {
			return err
		}
		if c.State == CaseInPlan { // what the plan did not cover is still owed
			if err := c.move(CaseOpen); err != nil {
				return err
			}
		}
		if err := t.Insert(c.event(t, by, PlanWasCompleted, facts)); err != nil {
			return err
		}
		return c.tellPlan(t, by, c.Offer(p.OfferID), LetterPlanCompleted, facts)
	case !done && p.State == PlanCompleted:
		if err := p.move(PlanActive); err != nil {
			return err
		}
		p.ClosedAt, p.ClosedOn, p.ClosedBy = nil, "", ""
		if err := t.updatePlan(p); err != nil {
			return err
		}
		if c.State == CaseOpen {
			if err := c.move(CaseInPlan); err != nil {
				return err
			}
		}
		return t.Insert(c.event(t, by, PlanTakenUp, facts))
	}
	return nil
}

// closePlan ends a plan, in whatever way.
func (c *Case) closePlan(t *Tx, by Actor, p *Plan, to PlanState, reason string) error {
	if err := p.move(to); err != nil {
		return err
	}
	p.ClosedAt, p.ClosedOn, p.ClosedBy, p.Reason = &t.Now, t.Today, by.Name, reason
	if err := t.updatePlan(p); err != nil {
		return err
	}
	if to == PlanReplaced {
		return t.Insert(c.event(t, by, PlanWasReplaced, map[string]any{"plan": p.ID, "number": p.Number}))
	}
	return nil
}

// updatePlan writes the state of a plan now: the database allows one active
// plan of a case, and the next may follow in this transaction.
func (t *Tx) updatePlan(p *Plan) error {
	return fault(t.Model(p).Where("id = ?", p.ID).Select("State", "Revision", "Charged", "ChargedMandate", "ChargedCreditor", "ClosedAt", "ClosedOn", "ClosedBy", "Reason").Updates(p).Error, "plan", p.ID)
}

// EndPlan ends a plan by a person's decision: interest runs again from
// tomorrow, and what is left is owed at once. An agent may only where the
// debtor asks for it, or where an instalment has been missing for a while and
// the letter about it brought nothing.
func (s *Service) EndPlan(ctx context.Context, by Actor, caseID, planID, reason string) error {
	if err := by.only(RoleAgent, RoleAdministrator); err != nil {
		return err
	}
	switch reason = strings.TrimSpace(reason); {
	case reason == "":
		return Refuse(Invalid, "reason_missing").On("reason")
	case utf8.RuneCountInString(reason) > offerWordsMax:
		return Refuse(Invalid, "words_too_long").On("reason").With("n", offerWordsMax)
	}
	return s.OnCase(ctx, by, caseID, func(t *Tx, c *Case) error {
		p := c.Plan(planID)
		if p == nil {
			return errNotFound
		}
		if p.State == PlanEnded {
			return nil // a second click changes nothing
		}
		if p.State != PlanActive {
			return Refuse(Conflict, "plan_is_"+string(p.State))
		}
		progress, err := c.Progress(p, t.Today.Add(-planNoticeDays))
		if err != nil {
			return err
		}
		if c.Party(by.OnBehalfOf) == nil && !progress.Late.IsPositive() {
			return Refuse(Conflict, "plan_not_late").With("n", planNoticeDays)
		}
		return c.endPlan(t, by, p, reason)
	})
}

// endPlan ends the plan and tells both sides.
func (c *Case) endPlan(t *Tx, by Actor, p *Plan, reason string) error {
	if err := c.closePlan(t, by, p, PlanEnded, reason); err != nil {
		return err
	}
	if c.State == CaseInPlan {
		if err := c.move(CaseOpen); err != nil {
			return err
		}
	}
	facts := map[string]any{"plan": p.ID, "number": p.Number, "reason": reason}
	if err := t.Insert(c.event(t, by, PlanWasEnded, facts)); err != nil {
		return err
	}
	return c.tellPlan(t, by, c.Offer(p.OfferID), LetterPlanEnded, facts)
}
