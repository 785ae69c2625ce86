package negotiation

import (
	"context"
	"time"

	"gorm.io/gorm"

	"amiable/negotiation/money"
)

// WorkFilter says which part of the worklist to show.
type WorkFilter struct {
	Agent      *string // who follows the case; empty text: nobody; nil: whoever
	Kinds      []WorkKind
	CreditorID string
	DueBy      Day   // owed by this day or before
	AmountMin  int64 // minor units
	CaseID     string
}

// WorkPlace is where a page of the worklist ends, so that the next begins after
// it whatever has been done meanwhile.
type WorkPlace struct {
	RankOn Day
	Amount int64
	ID     string
}

// Place is where a row stands.
func (w *WorkItem) Place() WorkPlace { return WorkPlace{w.RankOn, w.Amount, w.ID} }

// FoundWork is a row of the worklist with what one knows its case by.
type FoundWork struct {
	WorkItem
	Reference    string
	Currency     money.Currency
	DebtorName   string
	CreditorName string
}

func (f WorkFilter) of(query *gorm.DB) *gorm.DB {
	if f.Agent != nil {
		query = query.Where("w.agent_id = ?", *f.Agent)
	}
	if len(f.Kinds) > 0 {
		query = query.Where("w.kind IN ?", f.Kinds)
	}
	if f.CreditorID != "" {
		query = query.Where("w.creditor_id = ?", f.CreditorID)
	}
	if f.CaseID != "" {
		query = query.Where("w.case_id = ?", f.CaseID)
	}
	if !f.DueBy.IsZero() {
		query = query.Where("w.due_on <= ?", f.DueBy)
	}
	if f.AmountMin > 0 {
		query = query.Where("w.amount >= ?", f.AmountMin)
	}
	return query
}

// Worklist returns what waits, in its order, from a place on (none: from the
// first row).
func (s *Service) Worklist(ctx context.Context, by Actor, f WorkFilter, after *WorkPlace, limit int) ([]FoundWork, error) {
	if err := by.only(RoleAgent, RoleAdministrator, RoleSystem); err != nil {
		return nil, err
	}
	if (f.CreditorID != "" && !ValidID(f.CreditorID)) || (f.CaseID != "" && !ValidID(f.CaseID)) {
		return nil, errNotFound
	}
	rows := f.of(s.db.Read(ctx).Table("work_items w"))
	if after != nil {
		rows = rows.Where("w.rank_on >= ? AND (w.rank_on > ? OR w.amount < ? OR (w.amount = ? AND w.id > ?))", after.RankOn, after.RankOn, after.Amount, after.Amount, after.ID)
	}
	// The rows of the page first, by the index of its order; who they are about
	// only then.
	rows = rows.Select("w.*").Order("w.rank_on, w.amount DESC, w.id").Limit(limit)
	var found []FoundWork
	err := s.db.Read(ctx).Table("(?) AS w", rows).Joins("JOIN cases c ON c.id = w.case_id").Joins("JOIN debtors d ON d.id = c.debtor_id").Joins("JOIN creditors o ON o.id = c.creditor_id").
		Select("w.*, c.reference, c.currency, d.name AS debtor_name, o.name AS creditor_name").Order("w.rank_on, w.amount DESC, w.id").Scan(&found).Error
	return found, fault(err, "worklist", "")
}

// CountWork counts what waits, up to most: nobody reads a greater number.
func (s *Service) CountWork(ctx context.Context, f WorkFilter, most int) (int, error) {
	if (f.CreditorID != "" && !ValidID(f.CreditorID)) || (f.CaseID != "" && !ValidID(f.CaseID)) {
		return 0, errNotFound
	}
	var n int64
	some := f.of(s.db.Read(ctx).Table("work_items w")).Select("1 AS one").Limit(most)
	err := s.db.Read(ctx).Table("(?) AS w", some).Count(&n).Error
	return int(n), fault(err, "worklist", "")
}

// TeamRow is how the work of one agent stands.
type TeamRow struct {
	AgentID string
	Cases   int // that they follow and that are open
	Waiting int // rows of the worklist
	Late    int // of them, past their day
	Oldest  Day // since when the oldest of them waits
	Kept    int // promises that they noted and that were kept
	Decided int // of so many that came to their day
}

// teamDays is how far back promises are looked at.
const teamDays = 90

// Team tells how the work of each agent stands; the row without an agent is
// what nobody follows.
func (s *Service) Team(ctx context.Context, by Actor) ([]TeamRow, error) {
	if !by.Leads() {
		return nil, Refuse(Forbidden, "not_your_role")
	}
	now, err := s.Now(ctx)
	if err != nil {
		return nil, err
	}
	var work []struct {
		AgentID       string
		Waiting, Late int
		Oldest        Day
	}
	today := DayOf(now)
	err = s.db.Read(ctx).Raw(`SELECT agent_id, COUNT(*) AS waiting, SUM(CASE WHEN due_on < ? THEN 1 ELSE 0 END) AS late, MIN(due_on) AS oldest FROM work_items GROUP BY agent_id`, today).Scan(&work).Error
	if err != nil {
		return nil, fault(err, "team", "")
	}
	var cases []struct {
		AgentID string
		N       int
	}
	err = s.db.Read(ctx).Raw("SELECT agent_id, COUNT(*) AS n FROM cases WHERE agent_id <> '' AND state IN " + stillOpen + " GROUP BY agent_id").Scan(&cases).Error
	if err != nil {
		return nil, fault(err, "team", "")
	}
	var promises []struct {
		AgentID       string
		Kept, Decided int
	}
	err = s.db.Read(ctx).Raw(`SELECT agent_id, SUM(CASE WHEN state = 'kept' THEN 1 ELSE 0 END) AS kept, COUNT(*) AS decided FROM promises
		WHERE decided_at IS NOT NULL AND decided_at > ? AND state IN ('kept', 'broken') GROUP BY agent_id`, now.Add(-teamDays*24*time.Hour)).Scan(&promises).Error
	if err != nil {
		return nil, fault(err, "team", "")
	}
	rows := map[string]*TeamRow{}
	of := func(id string) *TeamRow {
		if rows[id] == nil {
			rows[id] = &TeamRow{AgentID: id}
		}
		return rows[id]
	}
	for _, w := range work {
		r := of(w.AgentID)
		r.Waiting, r.Late, r.Oldest = w.Waiting, w.Late, w.Oldest
	}
	for _, c := range cases {
		of(c.AgentID).Cases = c.N
	}
	for _, p := range promises {
		r := of(p.AgentID)
		r.Kept, r.Decided = p.Kept, p.Decided
	}
	team := make([]TeamRow, 0, len(rows))
	for _, r := range rows {
		team = append(team, *r)
	}
	return team, nil
}
