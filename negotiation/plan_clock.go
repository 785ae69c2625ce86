package negotiation

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/google/uuid"
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
	Kind      string // soon, charge, met, missed, to_agent
	CreatedAt time.Time
}

// TableName names the table for gorm.
func (planNotice) TableName() string { return "plan_notices" }

// span is days between which a line is due, of which nothing of some kinds was
// noted.
type span struct {
	from, to Day
	without  []string
	charged  bool // of plans whose card is charged
}

// linesWithout finds cases with such a line of an active plan, by id, after one.
func (s *Service) linesWithout(ctx context.Context, in span, after string, limit int) ([]string, error) {
	var ids []string
	query := s.db.Read(ctx).Table("instalments").Joins("JOIN plans ON plans.id = instalments.plan_id AND plans.revision = instalments.revision")
	if in.charged {
		query = query.Where("plans.charged <> ''")
	}
	err := query.
		Where("plans.state = ? AND instalments.skipped = ? AND instalments.due_on BETWEEN ? AND ? AND plans.case_id > ?", PlanActive, false, in.from, in.to, after).
		Where(`NOT EXISTS (SELECT 1 FROM plan_notices n WHERE n.plan_id = instalments.plan_id AND n.number = instalments.number
			AND n.due_on = instalments.due_on AND n.kind IN ?)`, in.without).
		Distinct("plans.case_id").Order("plans.case_id").Limit(limit).Pluck("case_id", &ids).Error
	return ids, fault(err, "instalments", "")
}

// eachWith does something on the cases with a line in one of some spans, at most
// limit of them. Cases on which there is nothing to do yet, as in a pause, do
// not keep those after them from their turn.
func (s *Service) eachWith(ctx context.Context, limit int, spans []span, do func(t *Tx, c *Case) (bool, error)) (int, error) {
	after := uuid.Nil.String()
	for {
		var ids []string
		for _, in := range spans {
			found, err := s.linesWithout(ctx, in, after, limit)
			if err != nil {
				return 0, err
			}
			ids = append(ids, found...)
		}
		slices.Sort(ids)
		ids = slices.Compact(ids)
		ids = ids[:min(limit, len(ids))]
		n, err := s.each(ctx, ids, "instalment", do)
		if n > 0 || err != nil || len(ids) < limit {
			return n, err
		}
		after = ids[len(ids)-1]
	}
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
	spans := []span{
		{from: today, to: today.Add(soonDays), without: []string{"soon"}},
		{from: today, to: today.Add(chargeAhead), without: []string{"charge"}, charged: true},
	}
	return s.eachWith(ctx, limit, spans, func(t *Tx, c *Case) (bool, error) {
		if len(c.Gate(t.Today).Blocking(Letters)) > 0 {
			return false, nil // a pause: if it ends in time, it is told then
		}
		return c.onLines(t, func(p *Plan, line Standing, told map[planNotice]bool) (bool, error) {
			if did, err := c.announceCharge(t, p, line, told); did || err != nil {
				return did, err
			}
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
	spans := []span{
		{from: today.Add(-missedSpan), to: today.Add(-1), without: []string{"met", "missed", "to_agent"}},
		{from: today.Add(-missedSpan), to: today.Add(-planNoticeDays), without: []string{"met", "to_agent"}},
	}
	return s.eachWith(ctx, limit, spans, func(t *Tx, c *Case) (bool, error) {
		if len(c.Gate(t.Today).Blocking(Letters)) > 0 {
			return false, nil // a pause: it is told when the pause is over
		}
		late := 0
		return c.onLines(t, func(p *Plan, line Standing, told map[planNotice]bool) (bool, error) {
			if !line.DueOn.Before(t.Today) || line.Skipped || p.chargeComes(line, told, t.Today) {
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

// onLines does something for each line of the active plan, but for those whose
// money is on its way: who handed it in has done their part, and what became of
// it is told when it is known.
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
	then, err := c.ProgressWith(p, c.OnItsWay(), t.Today)
	if err != nil {
		return false, err
	}
	did := false
	for i, line := range progress.Lines {
		if line.Left.IsPositive() && !then.Lines[i].Left.IsPositive() {
			continue
		}
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
	_, err := c.Tell(t, System, party, kind, c.lineFacts(p, line))
	return err
}

// lineFacts are what a letter tells of a line.
func (c *Case) lineFacts(p *Plan, line Standing) map[string]any {
	return map[string]any{
		"plan": p.ID, "number": line.Number, "due": line.DueOn, "left": line.Left, "total": money.New(p.Total, c.Currency), "lines": len(p.Current()),
	}
}

// overtaken says whether a letter about a line of a plan, which may have waited
// for the morning or for the cap, came too late: the money is there, the line
// was moved, or the day that it announces has gone by. Nobody is reminded of
// what they have done.
func (c *Case) overtaken(l *Letter, today Day) (bool, error) {
	if l.Kind != LetterInstalmentSoon && l.Kind != LetterMissed && l.Kind != LetterChargeDeclined {
		return false, nil
	}
	var told struct {
		Plan   string `json:"plan"`
		Number int64  `json:"number"`
		Due    Day    `json:"due"`
	}
	if err := json.Unmarshal([]byte(l.Facts), &told); err != nil {
		return false, fault(err, "letter", l.ID)
	}
	p := c.ActivePlan()
	if p == nil || p.ID != told.Plan {
		return true, nil
	}
	progress, err := c.ProgressWith(p, c.OnItsWay(), today)
	if err != nil {
		return false, err
	}
	stands := slices.ContainsFunc(progress.Lines, func(line Standing) bool {
		return line.Number == told.Number && line.DueOn == told.Due && line.Left.IsPositive()
	})
	return !stands || (l.Kind == LetterInstalmentSoon && told.Due.Before(today)), nil
}
