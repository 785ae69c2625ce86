package negotiation

import (
	"context"
	"errors"
	"slices"
	"strings"

	"amiable/negotiation/money"
)

// errTotalChanged is a fault of ours: a change of a plan lost or made money.
var errTotalChanged = errors.New("its lines do not add up to its total any more")

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
	return fault(t.Model(p).Where("id = ?", p.ID).Select("State", "Revision", "ClosedAt", "ClosedOn", "ClosedBy", "Reason").Updates(p).Error, "plan", p.ID)
}

// EndPlan ends a plan by a person's decision: interest runs again from
// tomorrow, and what is left is owed at once. An agent may only where the
// debtor asks for it, or where an instalment has been missing for a while and
// the letter about it brought nothing.
func (s *Service) EndPlan(ctx context.Context, by Actor, caseID, planID, reason string) error {
	if err := by.only(RoleAgent, RoleAdministrator); err != nil {
		return err
	}
	if reason = strings.TrimSpace(reason); reason == "" {
		return Refuse(Invalid, "reason_missing").On("reason")
	}
	return s.OnCase(ctx, by, caseID, func(t *Tx, c *Case) error {
		p := c.Plan(planID)
		if p == nil {
			return errNotFound
		}
		if p.State == PlanEnded {
			return nil // a second click changes nothing
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

// MoveInstalment gives a line of a plan another day, within what the plan
// allows; following moves the lines after it along, in the plan's rhythm.
func (s *Service) MoveInstalment(ctx context.Context, by Actor, caseID, planID string, number int, to Day, following bool) error {
	return s.changePlan(ctx, by, caseID, planID, number, func(c *Case, p *Plan, lines []Standing, i int, today Day) ([]PlanLine, error) {
		line := lines[i]
		from := line.MovedFrom
		if from.IsZero() {
			from = line.DueOn
		}
		latest := from.Add(int(p.MoveDaysMax))
		earliest := max(today, from.Add(-int(p.MoveDaysMax)))
		switch {
		case to.IsZero():
			return nil, Refuse(Invalid, "date_missing").On("to")
		case p.MoveDaysMax == 0:
			return nil, Refuse(Conflict, "no_moves")
		case to.Before(earliest) || to.After(latest):
			return nil, Refuse(Invalid, "move_too_far").On("to").With("from", earliest).With("until", latest)
		case to == line.DueOn:
			return nil, Refuse(Invalid, "same_day").On("to")
		case i > 0 && !to.After(lines[i-1].DueOn):
			return nil, Refuse(Invalid, "before_the_last").On("to").With("day", lines[i-1].DueOn)
		case !following && i+1 < len(lines) && !to.Before(lines[i+1].DueOn):
			return nil, Refuse(Invalid, "after_the_next").On("to").With("day", lines[i+1].DueOn)
		}
		changed := bare(lines)
		changed[i].DueOn, changed[i].MovedFrom = to, from
		if following {
			rhythm := Terms{Instalments: len(lines), Every: c.Offer(p.OfferID).Of().Every, FirstDueOn: to}
			step, err := rhythm.step()
			if err != nil {
				return nil, err
			}
			for k := i + 1; k < len(changed); k++ {
				if changed[k].MovedFrom.IsZero() {
					changed[k].MovedFrom = changed[k].DueOn
				}
				changed[k].DueOn = step(k - i)
			}
		}
		return changed, nil
	})
}

// SkipInstalment leaves out a line of a plan, within what the plan allows: what
// was left of it is spread over the lines after it, or, if there is none, is
// due one step later. The total stays.
func (s *Service) SkipInstalment(ctx context.Context, by Actor, caseID, planID string, number int) error {
	return s.changePlan(ctx, by, caseID, planID, number, func(c *Case, p *Plan, lines []Standing, i int, today Day) ([]PlanLine, error) {
		if p.SkipsLeft() == 0 {
			return nil, Refuse(Conflict, "no_skips_left")
		}
		return skipped(lines, i, c.Offer(p.OfferID).Of(), today)
	})
}

// skipped works out the lines of a plan of which one is left out.
func skipped(lines []Standing, i int, terms Terms, today Day) ([]PlanLine, error) {
	changed := bare(lines)
	rest := money.New(changed[i].Amount, lines[i].Paid.Currency).Sub(lines[i].Paid)
	changed[i].Amount, changed[i].Skipped = lines[i].Paid.Minor, true
	var later []int
	for k := range changed {
		if k != i && !changed[k].Skipped && changed[k].Number > changed[i].Number && lines[k].DueOn.After(today) {
			later = append(later, k)
		}
	}
	if len(later) == 0 {
		last := changed[len(changed)-1]
		step, err := (Terms{Instalments: 2, Every: terms.Every, FirstDueOn: max(last.DueOn, today)}).step()
		if err != nil {
			return nil, err
		}
		return append(changed, PlanLine{PlanID: last.PlanID, Number: last.Number + 1, DueOn: step(1), Amount: rest.Minor}), nil
	}
	for n, part := range rest.Split(len(later)) {
		changed[later[n]].Amount += part.Minor
	}
	return changed, nil
}

func bare(lines []Standing) []PlanLine {
	changed := make([]PlanLine, len(lines))
	for i, l := range lines {
		changed[i] = l.PlanLine
	}
	return changed
}

// changePlan writes a new revision of the lines of a plan. Nothing of the old
// one is lost, and the total is the same to the cent.
func (s *Service) changePlan(ctx context.Context, by Actor, caseID, planID string, number int, change func(c *Case, p *Plan, lines []Standing, i int, today Day) ([]PlanLine, error)) error {
	return s.OnCase(ctx, by, caseID, func(t *Tx, c *Case) error {
		side, _, err := c.sideOf(by)
		if err != nil {
			return err
		}
		if side != SideDebtor {
			return Refuse(Forbidden, "not_your_role")
		}
		p := c.Plan(planID)
		switch {
		case p == nil:
			return errNotFound
		case p.State != PlanActive:
			return Refuse(Conflict, "plan_is_"+string(p.State))
		}
		progress, err := c.Progress(p, t.Today)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(progress.Lines, func(l Standing) bool { return l.Number == int64(number) })
		if i < 0 {
			return errNotFound
		}
		if line := progress.Lines[i]; !line.Left.IsPositive() {
			return Refuse(Conflict, "instalment_is_"+string(line.State))
		}
		lines, err := change(c, p, progress.Lines, i, t.Today)
		if err != nil {
			return err
		}
		p.Revision++
		total := int64(0)
		for k := range lines {
			lines[k].Revision = p.Revision
			total += lines[k].Amount
			if err := t.Insert(&lines[k]); err != nil {
				return err
			}
		}
		if total != p.Total {
			return fault(errTotalChanged, "plan", p.ID)
		}
		p.Lines = append(p.Lines, lines...)
		if err := t.updatePlan(p); err != nil {
			return err
		}
		was, is := progress.Lines[i], lines[i]
		facts := map[string]any{
			"plan": p.ID, "number": number, "revision": p.Revision, "was_due": was.DueOn, "due": is.DueOn, "skipped": is.Skipped,
			"was": money.New(was.Amount, c.Currency), "end": lines[len(lines)-1].DueOn,
		}
		if err := t.Insert(c.event(t, by, PlanChanged, facts)); err != nil {
			return err
		}
		return c.tellPlan(t, by, c.Offer(p.OfferID), LetterPlanChanged, facts)
	})
}
