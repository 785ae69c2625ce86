package negotiation

import (
	"context"
	"slices"
)

// verifyWork checks that the worklist says what the tables say, that its rows
// stand where their terms put them, and that what holds letters back for a
// promise is a promise.
func (s *Service) verifyWork(ctx context.Context) ([]Invariant, error) {
	listed := Invariant{Name: "what waits for a person stands on the worklist, and nothing else does"}
	placed := Invariant{Name: "each row of the worklist stands where its terms put it"}
	promised := Invariant{Name: "letters are held for a promise exactly while it is awaited"}
	today, err := s.Today(ctx)
	if err != nil {
		return nil, err
	}
	if err := s.db.Read(ctx).Model(&WorkItem{}).Count(&listed.Checked).Error; err != nil {
		return nil, fault(err, "worklist", "")
	}
	for _, r := range workRules {
		for _, from := range s.sources(r) {
			var missing []sighting
			err := s.db.Read(ctx).Raw("SELECT q.case_id, q.subject_id FROM ("+from.sql+") q WHERE NOT EXISTS (SELECT 1 FROM work_items w WHERE w.case_id = q.case_id AND w.kind = ? AND w.subject_id = q.subject_id) LIMIT ?",
				append(from.args(today), r.Kind, breaksMax)...).Scan(&missing).Error
			if err != nil {
				return nil, fault(err, "what waits:", string(r.Kind))
			}
			if len(from.days) > 0 {
				missing = nil // what time brings stands there once the job has looked
			}
			for _, m := range missing {
				if waits, err := s.reallyWaits(ctx, r, m, today); err != nil {
					return nil, err
				} else if waits {
					listed.Break("%s %s of case %s waits and is not on it", r.Kind, m.SubjectID, m.CaseID)
				}
			}
		}
	}
	var rows []WorkItem
	last := ""
	for {
		query := s.db.Read(ctx).Order("id").Limit(contactsAtOnce)
		if last != "" {
			query = query.Where("id > ?", last)
		}
		rows = rows[:0]
		if err := query.Find(&rows).Error; err != nil {
			return nil, fault(err, "worklist", "")
		}
		for i := range rows {
			w := rows[i]
			placed.Checked++
			if w.place(); w.RankOn != rows[i].RankOn {
				placed.Break("%s of case %s stands at %s, its terms say %s", w.Kind, w.CaseID, rows[i].RankOn, w.RankOn)
			}
		}
		if len(rows) < contactsAtOnce {
			break
		}
		last = rows[len(rows)-1].ID
	}
	for _, r := range workRules {
		stale := s.db.Read(ctx).Table("work_items w").Where("w.kind = ?", r.Kind)
		for _, from := range s.sources(r) {
			stale = stale.Where("NOT EXISTS (SELECT 1 FROM ("+from.sql+") q WHERE q.case_id = w.case_id AND q.subject_id = w.subject_id)", from.args(today)...)
		}
		var gone []string
		if err := stale.Limit(breaksMax).Pluck("w.case_id", &gone).Error; err != nil {
			return nil, fault(err, "worklist:", string(r.Kind))
		}
		for _, id := range gone {
			listed.Break("%s of case %s is on it and waits no more", r.Kind, id)
		}
	}
	if err := s.db.Read(ctx).Model(&Promise{}).Count(&promised.Checked).Error; err != nil {
		return nil, fault(err, "promises", "")
	}
	var off []string
	err = s.db.Read(ctx).Raw(`SELECT c.id FROM cases c WHERE c.promised_until IS NOT NULL AND NOT EXISTS (SELECT 1 FROM promises p WHERE p.case_id = c.id AND p.state = 'awaited' AND p.until_on = c.promised_until)
		UNION SELECT p.case_id FROM promises p JOIN cases c ON c.id = p.case_id WHERE p.state = 'awaited' AND (c.promised_until IS NULL OR c.promised_until <> p.until_on) LIMIT ?`, breaksMax).Scan(&off).Error
	for _, id := range off {
		promised.Break("case %s", id)
	}
	return []Invariant{listed, placed, promised}, fault(err, "promises", "")
}

// reallyWaits asks the ledger of a case where its table alone cannot tell.
func (s *Service) reallyWaits(ctx context.Context, r WorkRule, m sighting, today Day) (bool, error) {
	if r.stays == nil {
		return true, nil
	}
	c, err := s.Case(ctx, System, m.CaseID)
	if err != nil {
		return false, err
	}
	now, err := s.Now(ctx)
	if err != nil {
		return false, err
	}
	items, err := (&Tx{DB: s.db.Read(ctx), Now: now, Today: today, service: s}).sighted(c, r)
	return slices.ContainsFunc(items, func(w WorkItem) bool { return w.SubjectID == m.SubjectID }), err
}
