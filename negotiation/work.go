package negotiation

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"

	"amiable/negotiation/database"
)

// This file keeps the worklist true: in the transaction of each act on a case,
// what the act may have begun or ended is looked up where it lives.

// sighting is something that waits, as its source tells of it.
type sighting struct {
	CaseID    string
	SubjectID string
	Since     time.Time
	DueOn     Day
	Amount    int64
	Again     int64
	Note      string
}

// WorkLivesIn lets a package to the left put things of its own on the worklist:
// where they live, and after which events one looks. The text ends in a
// condition; byCase is its column of the case. more are further such pairs.
func (s *Service) WorkLivesIn(kind WorkKind, after []EventKind, sql, byCase string, more ...string) {
	if s.workElsewhere == nil {
		s.workElsewhere = map[WorkKind]WorkRule{}
	}
	rule := WorkRule{after: after, from: []source{{sql: sql, byCase: byCase}}}
	for pair := range slices.Chunk(more, 2) {
		rule.from = append(rule.from, source{sql: pair[0], byCase: pair[1]})
	}
	s.workElsewhere[kind] = rule
}

// sources are where things of a kind live.
func (s *Service) sources(r WorkRule) []source {
	if r.from != nil {
		return r.from
	}
	return s.workElsewhere[r.Kind].from
}

// Stir says that something of a kind may have begun or ended to wait, where no
// event of the case tells so. A case that is nil stirs nothing.
func (c *Case) Stir(kinds ...WorkKind) {
	if c != nil {
		c.stirred = append(c.stirred, kinds...)
	}
}

// stirs notes what an event may have begun or ended.
func (c *Case) stirs(t *Tx, event EventKind) {
	for _, r := range workRules {
		if event == CaseWasReopened || slices.Contains(r.after, event) || slices.Contains(t.service.workElsewhere[r.Kind].after, event) {
			// A payment is not made slower for what its case cannot have.
			if event != PaymentSucceeded || r.may == nil || r.may(c, t.Today) {
				c.Stir(r.Kind)
			}
		}
	}
	if event == CaseWasCleared || event == CaseWasWithdrawn {
		c.Stir(workOfOpenCases...)
	}
}

// workOfOpenCases are the kinds that end with the case.
var workOfOpenCases = func() (kinds []WorkKind) {
	for _, r := range workRules {
		if r.Closes {
			kinds = append(kinds, r.Kind)
		}
	}
	return kinds
}()

// settleWork writes the rows of the worklist that the acts of this transaction
// changed.
func (t *Tx) settleWork(c *Case) error {
	if len(c.stirred) == 0 {
		return nil
	}
	stirred := c.stirred
	c.stirred = nil
	slices.Sort(stirred)
	stirred = slices.Compact(stirred)
	var look []WorkRule
	for _, r := range workRules {
		switch {
		case !slices.Contains(stirred, r.Kind):
		case r.Closes && c.IsClosed():
		default:
			look = append(look, r)
		}
	}
	if c.IsClosed() {
		// Nothing is asked: one statement travels with what is written anyway.
		if err := database.Later(t.DB, database.Statement{SQL: deleteClosedWork, Args: anys(c.ID, workOfOpenCases), What: "worklist"}); err != nil {
			return err
		}
	}
	if len(look) == 0 {
		return nil
	}
	var found []WorkItem
	for _, r := range look {
		items, err := t.sighted(c, r)
		if err != nil {
			return err
		}
		found = append(found, items...)
	}
	return t.writeWork(c, look, found)
}

var deleteClosedWork = "DELETE FROM work_items WHERE case_id = ? AND kind IN (?" + repeat(", ?", len(workOfOpenCases)-1) + ")"

func repeat(text string, n int) string {
	out := ""
	for range n {
		out += text
	}
	return out
}

func anys[T any](first any, rest []T) []any {
	all := []any{first}
	for _, r := range rest {
		all = append(all, r)
	}
	return all
}

// sighted returns what waits of a kind in a case, once per subject.
func (t *Tx) sighted(c *Case, r WorkRule) ([]WorkItem, error) {
	var items []WorkItem
	for _, from := range t.service.sources(r) {
		var seen []sighting
		args := from.args(t.Today)
		if err := t.Raw(from.sql+" AND "+from.byCase+" = ?", append(args, c.ID)...).Scan(&seen).Error; err != nil {
			return nil, fault(err, "what waits: "+string(r.Kind)+" in case", c.ID)
		}
		for _, s := range seen {
			w := WorkItem{CreditorID: c.CreditorID, CaseID: c.ID, Kind: r.Kind, SubjectID: s.SubjectID, Since: s.Since.UTC(), DueOn: s.DueOn, Amount: max(0, s.Amount), Again: s.Again, Note: s.Note}
			if r.stays != nil {
				stays, err := r.stays(c, &w, t.Today)
				if err != nil {
					return nil, err
				}
				if !stays {
					continue
				}
			}
			w.DueOn, w.AgentID = r.Due(&w), c.AgentID
			items = append(items, w)
		}
	}
	// Of several on one subject the longest waiting stands for all.
	slices.SortStableFunc(items, func(a, b WorkItem) int { return a.Since.Compare(b.Since) })
	var once []WorkItem
	for _, w := range items {
		if !slices.ContainsFunc(once, func(o WorkItem) bool { return o.SubjectID == w.SubjectID }) {
			once = append(once, w)
		}
	}
	return once, nil
}

func (s source) args(today Day) []any {
	var args []any
	for _, n := range s.days {
		args = append(args, today.Add(n))
	}
	return args
}

// writeWork writes the difference between what waits and what the list says.
func (t *Tx) writeWork(c *Case, looked []WorkRule, found []WorkItem) error {
	var before []WorkItem
	if err := t.Where("case_id = ?", c.ID).Find(&before).Error; err != nil {
		return fault(err, "worklist of case", c.ID)
	}
	care := c.needsCare(t.Today)
	for i := range found {
		found[i].Care = care
		found[i].place()
	}
	var gone []string
	for i := range before {
		old := &before[i]
		k := slices.IndexFunc(found, func(w WorkItem) bool { return w.Kind == old.Kind && w.SubjectID == old.SubjectID })
		switch {
		case k >= 0:
			now := found[k]
			now.ID, now.CreatedAt = old.ID, old.CreatedAt
			found = slices.Delete(found, k, k+1)
			if err := t.changeWork(c, old, &now); err != nil {
				return err
			}
		case slices.ContainsFunc(looked, func(r WorkRule) bool { return r.Kind == old.Kind }):
			gone = append(gone, old.ID)
		case old.Care != care:
			now := *old
			now.Care = care
			now.place()
			if err := t.changeWork(c, old, &now); err != nil {
				return err
			}
		}
	}
	if len(gone) > 0 {
		c.waiting += len(gone)
		if err := t.Where("id IN ?", gone).Delete(&WorkItem{}).Error; err != nil {
			return fault(err, "worklist of case", c.ID)
		}
	}
	for i := range found {
		w := &found[i]
		w.ID, w.CreatedAt = newID(), t.Now
		c.waiting++
		if err := t.Insert(w); err != nil {
			return err
		}
	}
	return nil
}

func (t *Tx) changeWork(c *Case, old, now *WorkItem) error {
	same := *now
	same.Since = old.Since
	if now.Since.Equal(old.Since) && same == *old {
		return nil
	}
	c.waiting++
	err := t.Model(now).Where("id = ?", now.ID).Select("Since", "DueOn", "Amount", "Again", "Care", "Note", "RankOn", "AgentID").Updates(now).Error
	return fault(err, "row of the worklist", now.ID)
}

// careful are the holds that tell of somebody to be treated with care. Which it
// is stands in no list.
var careful = []Reason{HoldVulnerable, HoldMinor, HoldDeceased, HoldOverindebtednessDeclared, HoldOverindebtednessAdmitted, HoldMeasuresAdopted, HoldDebtErased, HoldGuardianship}

func (c *Case) needsCare(on Day) bool {
	return slices.ContainsFunc(c.Holds, func(h Hold) bool { return slices.Contains(careful, h.Reason) && h.Runs(on) })
}

// AlignWork makes the worklist say what the tables say: what only time brought
// (a limitation that came near), what a hold on a person means for their other
// cases, and whatever was there before the list. It changes at most limit cases
// and says how many; it is safe to repeat.
func (s *Service) AlignWork(ctx context.Context, limit int) (int, error) {
	today, err := s.Today(ctx)
	if err != nil {
		return 0, err
	}
	done := 0
	for _, r := range workRules {
		after := uuid.Nil.String()
		for done < limit {
			ids, err := s.unaligned(ctx, r, today, after, limit)
			if err != nil {
				return done, err
			}
			n, err := s.each(ctx, ids, "worklist", func(t *Tx, c *Case) (bool, error) {
				c.Stir(r.Kind)
				err := t.settleWork(c)
				return c.waiting > 0, err
			})
			done += n
			if err != nil || len(ids) < limit {
				if err != nil {
					return done, err
				}
				break
			}
			after = ids[len(ids)-1] // on some there was nothing to do: those after them have their turn
		}
	}
	return done, nil
}

// unaligned finds cases whose rows of a kind are not what their sources say, by
// id, after one.
func (s *Service) unaligned(ctx context.Context, r WorkRule, today Day, after string, limit int) ([]string, error) {
	var ids []string
	sources := s.sources(r)
	stale := s.db.Read(ctx).Table("work_items w").Where("w.kind = ? AND w.case_id > ?", r.Kind, after)
	for _, from := range sources {
		var missing []string
		err := s.db.Read(ctx).Raw("SELECT DISTINCT q.case_id FROM ("+from.sql+") q WHERE q.case_id > ? AND NOT EXISTS (SELECT 1 FROM work_items w WHERE w.case_id = q.case_id AND w.kind = ? AND w.subject_id = q.subject_id) ORDER BY q.case_id LIMIT ?",
			append(from.args(today), after, r.Kind, limit)...).Scan(&missing).Error
		if err != nil {
			return nil, fault(err, "what waits:", string(r.Kind))
		}
		ids = append(ids, missing...)
		stale = stale.Where("NOT EXISTS (SELECT 1 FROM ("+from.sql+") q WHERE q.case_id = w.case_id AND q.subject_id = w.subject_id)", from.args(today)...)
	}
	var old, careless []string
	if err := stale.Distinct("w.case_id").Order("w.case_id").Limit(limit).Pluck("w.case_id", &old).Error; err != nil {
		return nil, fault(err, "worklist:", string(r.Kind))
	}
	err := s.db.Read(ctx).Table("work_items w").Where("w.kind = ? AND w.case_id > ? AND NOT w.care", r.Kind, after).
		Where(`EXISTS (SELECT 1 FROM holds h JOIN parties p ON p.person_id = h.person_id AND p.role <> 'adviser'
			WHERE p.case_id = w.case_id AND h.reason IN ? AND h.lifted_at IS NULL AND h.from_on <= ? AND (h.until_on IS NULL OR h.until_on >= ?))`, careful, today, today).
		Distinct("w.case_id").Order("w.case_id").Limit(limit).Pluck("w.case_id", &careless).Error
	if err != nil {
		return nil, fault(err, "worklist:", string(r.Kind))
	}
	ids = slices.Concat(ids, old, careless)
	slices.Sort(ids)
	ids = slices.Compact(ids)
	return ids[:min(limit, len(ids))], nil
}

// giveWork brings the rows of a case to an agent, with the case.
func (t *Tx) giveWork(caseID, agentID string) error {
	return fault(t.Model(&WorkItem{}).Where("case_id = ?", caseID).Update("agent_id", agentID).Error, "worklist of case", caseID)
}
