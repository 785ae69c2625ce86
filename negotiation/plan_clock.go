package negotiation

import (
	"context"
	"slices"
	"time"

	"gorm.io/gorm"

	"amiable/negotiation/money"
)

// soonDays is how long before its day the next instalment is announced.
const soonDays = 3

// planNotice is what the debtor of a plan was told of a line and day, so that
// it is told once.
type planNotice struct {
	PlanID    string
	Number    int64
	DueOn     Day
	Kind      string // soon, met, missed, to_agent
	CreatedAt time.Time
}

// TableName names the table for gorm.
func (planNotice) TableName() string { return "plan_notices" }

// linesWithout finds cases with a line of an active plan due in a span of days
// of which nothing of some kinds was noted.
func (s *Service) linesWithout(ctx context.Context, from, to Day, limit int, kinds ...string) ([]string, error) {
	var ids []string
	err := s.db.Read(ctx).Table("instalments").Joins("JOIN plans ON plans.id = instalments.plan_id AND plans.revision = instalments.revision").
		Where("plans.state = ? AND instalments.skipped = ? AND instalments.due_on BETWEEN ? AND ?", PlanActive, false, from, to).
		Where(`NOT EXISTS (SELECT 1 FROM plan_notices n WHERE n.plan_id = instalments.plan_id AND n.number = instalments.number
			AND n.due_on = instalments.due_on AND n.kind IN ?)`, kinds).
		Distinct("plans.case_id").Order("plans.case_id").Limit(limit).Pluck("case_id", &ids).Error
	return ids, fault(err, "instalments", "")
}

func (t *Tx) note(p *Plan, line PlanLine, kind string) error {
	return t.Insert(&planNotice{PlanID: p.ID, Number: line.Number, DueOn: line.DueOn, Kind: kind, CreatedAt: t.Now})
}

func (t *Tx) notes(p *Plan) (map[planNotice]bool, error) {
	var rows []planNotice
	if err := t.Session(&gorm.Session{NewDB: true}).Where("plan_id = ?", p.ID).Find(&rows).Error; err != nil {
		return nil, fault(err, "notices of plan", p.ID)
	}
	told := map[planNotice]bool{}
	for _, r := range rows {
		r.CreatedAt = time.Time{}
		told[r] = true
	}
	return told, nil
}

// AnnounceInstalments tells debtors of the instalment that is due in some days.
func (s *Service) AnnounceInstalments(ctx context.Context, limit int) (int, error) {
	today, err := s.Today(ctx)
	if err != nil {
		return 0, err
	}
	ids, err := s.linesWithout(ctx, today, today.Add(soonDays), limit, "soon")
	if err != nil {
		return 0, err
	}
	return s.each(ctx, ids, "instalment", func(t *Tx, c *Case) (bool, error) {
		return c.onLines(t, func(p *Plan, line Standing, told map[planNotice]bool) (bool, error) {
			if line.DueOn.Before(t.Today) || line.DueOn.After(t.Today.Add(soonDays)) || told[planNotice{PlanID: p.ID, Number: line.Number, DueOn: line.DueOn, Kind: "soon"}] {
				return false, nil
			}
			if err := t.note(p, line.PlanLine, "soon"); err != nil || !line.Left.IsPositive() {
				return err == nil, err
			}
			return true, c.tellLine(t, p, line, LetterInstalmentSoon)
		})
	})
}

// missedSpan is how far back a missed instalment is still looked for, in days.
const missedSpan = 400

// WatchInstalments looks at the lines whose day went by: it writes kindly of
// what did not come, once, and after a while, or at a second one, asks an agent.
// It ends nothing.
func (s *Service) WatchInstalments(ctx context.Context, limit int) (int, error) {
	today, err := s.Today(ctx)
	if err != nil {
		return 0, err
	}
	fresh, err := s.linesWithout(ctx, today.Add(-missedSpan), today.Add(-1), limit, "met", "missed", "to_agent")
	if err != nil {
		return 0, err
	}
	stale, err := s.linesWithout(ctx, today.Add(-missedSpan), today.Add(-planNoticeDays), limit, "met", "to_agent")
	if err != nil {
		return 0, err
	}
	for _, id := range stale {
		if !slices.Contains(fresh, id) {
			fresh = append(fresh, id)
		}
	}
	return s.each(ctx, fresh, "instalment", func(t *Tx, c *Case) (bool, error) {
		if len(c.Gate(t.Today).Blocking(Letters)) > 0 {
			return false, nil // a pause: it is told when the pause is over
		}
		late := 0
		return c.onLines(t, func(p *Plan, line Standing, told map[planNotice]bool) (bool, error) {
			if !line.DueOn.Before(t.Today) || line.Skipped {
				return false, nil
			}
			key := func(kind string) planNotice {
				return planNotice{PlanID: p.ID, Number: line.Number, DueOn: line.DueOn, Kind: kind}
			}
			if !line.Left.IsPositive() {
				if told[key("met")] || line.State == LineSuspended {
					return false, nil
				}
				return true, t.note(p, line.PlanLine, "met")
			}
			late++
			if !told[key("missed")] {
				if err := t.note(p, line.PlanLine, "missed"); err != nil {
					return false, err
				}
				if err := t.Insert(c.event(t, System, InstalmentMissed, map[string]any{"plan": p.ID, "number": line.Number, "due": line.DueOn, "left": line.Left})); err != nil {
					return false, err
				}
				if err := c.tellLine(t, p, line, LetterMissed); err != nil {
					return false, err
				}
				if late < 2 {
					return true, nil
				}
			} else if !line.DueOn.Before(t.Today.Add(-planNoticeDays)) && late < 2 {
				return false, nil
			}
			if told[key("to_agent")] {
				return false, nil
			}
			if err := t.note(p, line.PlanLine, "to_agent"); err != nil {
				return false, err
			}
			return true, c.TellAgents(t, LetterPlanMissed, map[string]any{"case": c.Reference, "number": line.Number, "due": line.DueOn, "left": line.Left})
		})
	})
}

// onLines does something for each line of the active plan.
func (c *Case) onLines(t *Tx, do func(p *Plan, line Standing, told map[planNotice]bool) (bool, error)) (bool, error) {
	p := c.ActivePlan()
	if p == nil {
		return false, nil
	}
	told, err := t.notes(p)
	if err != nil {
		return false, err
	}
	progress, err := c.Progress(p, t.Today)
	if err != nil {
		return false, err
	}
	did := false
	for _, line := range progress.Lines {
		done, err := do(p, line, told)
		if err != nil {
			return false, err
		}
		did = did || done
	}
	return did, nil
}

func (c *Case) tellLine(t *Tx, p *Plan, line Standing, kind LetterKind) error {
	o := c.Offer(p.OfferID)
	party := c.Party(o.PartyID)
	if party == nil {
		return nil
	}
	_, err := c.Tell(t, System, party, kind, map[string]any{
		"plan": p.ID, "number": line.Number, "due": line.DueOn, "left": line.Left, "total": money.New(p.Total, c.Currency), "lines": len(p.Current()),
	})
	return err
}
