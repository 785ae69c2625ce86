package negotiation

import (
	"context"
	"errors"
	"slices"

	"amiable/negotiation/money"
)

// errTotalChanged is a fault of ours: a change of a plan lost or made money.
var errTotalChanged = errors.New("its lines do not add up to its total any more")

// Change is what a change of a line would make of a plan: read again before
// anything happens.
type Change struct {
	Plan   *Plan
	Line   Standing // as it stands
	Before []Standing
	After  []PlanLine
}

// LineChange works out the lines of a plan of which line i is changed.
type LineChange func(c *Case, p *Plan, lines []Standing, i int, today Day) ([]PlanLine, error)

// Moving gives a line of a plan another day, within what the plan allows;
// following moves the lines after it along, in the plan's rhythm.
func Moving(to Day, following bool) LineChange {
	return func(c *Case, p *Plan, lines []Standing, i int, today Day) ([]PlanLine, error) {
		line := lines[i]
		earliest, latest := p.MayMove(line.PlanLine, today)
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
		changed[i].DueOn, changed[i].MovedFrom = to, line.agreedOn()
		if following {
			rhythm := Terms{Instalments: len(lines), Every: c.Offer(p.OfferID).Of().Every, FirstDueOn: to}
			step, err := rhythm.step()
			if err != nil {
				return nil, err
			}
			for k := i + 1; k < len(changed); k++ {
				changed[k].MovedFrom = changed[k].agreedOn()
				changed[k].DueOn = step(k - i)
			}
		}
		return changed, nil
	}
}

// agreedOn is the day that was agreed first for a line.
func (l PlanLine) agreedOn() Day {
	if l.MovedFrom.IsZero() {
		return l.DueOn
	}
	return l.MovedFrom
}

// MayMove is between which days the debtor may move a line; the last lies
// before the first where there is none left.
func (p *Plan) MayMove(line PlanLine, today Day) (earliest, latest Day) {
	days := int(p.MoveDaysMax)
	return max(today, line.agreedOn().Add(-days)), line.agreedOn().Add(days)
}

// Skipping leaves out a line of a plan, within what the plan allows: what was
// left of it is spread over the lines after it, or, if there is none, is due
// one step later. The total stays.
func Skipping() LineChange {
	return func(c *Case, p *Plan, lines []Standing, i int, today Day) ([]PlanLine, error) {
		if p.SkipsLeft() == 0 {
			return nil, Refuse(Conflict, "no_skips_left")
		}
		return skipped(lines, i, c.Offer(p.OfferID).Of(), today)
	}
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

// Changed works out what a change of a line would make of the running plan, or
// refuses it. Nothing is written.
func (c *Case) Changed(by Actor, planID string, number int, change LineChange, today Day) (*Change, error) {
	side, _, err := c.sideOf(by)
	if err != nil {
		return nil, err
	}
	if side != SideDebtor {
		return nil, Refuse(Forbidden, "not_your_role")
	}
	p := c.Plan(planID)
	switch {
	case p == nil:
		return nil, errNotFound
	case p.State != PlanActive:
		return nil, Refuse(Conflict, "plan_is_"+string(p.State))
	}
	progress, err := c.Progress(p, today)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(progress.Lines, func(l Standing) bool { return l.Number == int64(number) })
	if i < 0 {
		return nil, errNotFound
	}
	line := progress.Lines[i]
	if !line.Left.IsPositive() {
		return nil, Refuse(Conflict, "instalment_is_"+string(line.State))
	}
	after, err := change(c, p, progress.Lines, i, today)
	if err != nil {
		return nil, err
	}
	return &Change{Plan: p, Line: line, Before: progress.Lines, After: after}, nil
}

// ChangeInstalment writes a new revision of the lines of a plan. Nothing of the
// old one is lost, and the total is the same to the cent.
func (s *Service) ChangeInstalment(ctx context.Context, by Actor, caseID, planID string, number int, change LineChange) error {
	return s.OnCase(ctx, by, caseID, func(t *Tx, c *Case) error {
		made, err := c.Changed(by, planID, number, change, t.Today)
		if err != nil {
			return err
		}
		p, lines := made.Plan, made.After
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
		was, is := made.Line, lines[slices.IndexFunc(lines, func(l PlanLine) bool { return l.Number == int64(number) })]
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
