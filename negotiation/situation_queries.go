package negotiation

import (
	"context"
	"time"

	"gorm.io/gorm"
)

// readingLasts is how long somebody who said why they need it sees what was
// told of a situation.
const readingLasts = 15 * time.Minute

func situationWith(tx *gorm.DB, where, value string) (*Situation, error) {
	var found []Situation
	if err := tx.Where(where, value).Limit(1).Find(&found).Error; err != nil {
		return nil, fault(err, "situation", value)
	}
	if len(found) == 0 {
		return nil, errNotFound
	}
	err := tx.Where("situation_id = ?", found[0].ID).Order("position").Find(&found[0].Files).Error
	return &found[0], fault(err, "papers of situation", found[0].ID)
}

func situationByID(t *Tx, id string) (*Situation, error) { return situationWith(t.DB, "id = ?", id) }

// situationOf is the situation behind a hold.
func situationOf(t *Tx, holdID string) (*Situation, error) {
	found, err := situationWith(t.DB, "hold_id = ?", holdID)
	if r := AsRefusal(err); r != nil {
		return nil, wrongSituation(holdID)
	}
	return found, err
}

// Situations returns the special situations of a case, oldest first, each with
// its hold. They are for the agency; the others know what follows from them, by
// the gate.
func (s *Service) Situations(ctx context.Context, by Actor, c *Case) ([]Situation, error) {
	if err := by.only(RoleAgent, RoleAdministrator, RoleSystem); err != nil {
		return nil, err
	}
	return s.situationsOf(ctx, c)
}

func (s *Service) situationsOf(ctx context.Context, c *Case) ([]Situation, error) {
	holds := map[string]*Hold{}
	var ids []string
	for i := range c.Holds {
		if c.Holds[i].Reason.IsSituation() {
			holds[c.Holds[i].ID] = &c.Holds[i]
			ids = append(ids, c.Holds[i].ID)
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	var found []Situation
	var files []SituationFile
	tx := s.db.Read(ctx)
	if err := tx.Where("hold_id IN ?", ids).Order("created_at, id").Find(&found).Error; err != nil {
		return nil, fault(err, "situations of case", c.ID)
	}
	err := s.db.Read(ctx).Where("situation_id IN (SELECT id FROM situations WHERE hold_id IN ?)", ids).Order("situation_id, position").Find(&files).Error
	if err != nil {
		return nil, fault(err, "papers of situations of case", c.ID)
	}
	for i := range found {
		found[i].Hold = holds[found[i].HoldID]
		for _, f := range files {
			if f.SituationID == found[i].ID {
				found[i].Files = append(found[i].Files, f)
			}
		}
	}
	return found, nil
}

// Situation returns one special situation of a case.
func (s *Service) Situation(ctx context.Context, by Actor, caseID, situationID string) (*Case, *Situation, error) {
	c, err := s.Case(ctx, by, caseID)
	if err != nil {
		return nil, nil, err
	}
	all, err := s.Situations(ctx, by, c)
	if err != nil {
		return nil, nil, err
	}
	for i := range all {
		if all[i].ID == situationID {
			return c, &all[i], nil
		}
	}
	return nil, nil, errNotFound
}

// MayRead says until when an actor, who said why they need it, sees what was
// told of a situation; zero where they did not, or it is over.
func (s *Service) MayRead(ctx context.Context, by Actor, situationID string) (until time.Time, err error) {
	now, err := s.Now(ctx)
	if err != nil {
		return until, err
	}
	var last []Reading
	err = s.db.Read(ctx).Where("subject = ? AND subject_id = ? AND by_id = ? AND at > ?", ReadSituation, situationID, by.ID, now.Add(-readingLasts)).
		Order("at DESC").Limit(1).Find(&last).Error
	if err != nil || len(last) == 0 {
		return until, fault(err, "readings of situation", situationID)
	}
	return last[0].At.Add(readingLasts), nil
}

// MySituation is what a debtor told of an over-indebtedness that still stands:
// so much is theirs to see. Nil where there is none.
func (s *Service) MySituation(ctx context.Context, by Actor, c *Case, on Day) (*Situation, error) {
	if by.Role != RoleDebtor || !by.MaySee(c) {
		return nil, errNotFound
	}
	all, err := s.situationsOf(ctx, c)
	if err != nil {
		return nil, err
	}
	for i := range all {
		if h := all[i].Hold; all[i].Reason == HoldOverindebtednessDeclared && all[i].State != SituationEnded && h != nil && h.Runs(on) {
			return &all[i], nil
		}
	}
	return nil, nil
}

// SituationDue is a situation that a person has to look at.
type SituationDue struct {
	Situation
	DebtorName   string
	CreditorName string
	DueOn        Day // the day from which
	Unproved     bool
}

// SituationsDue returns the situations whose day of review has come, or whose
// paper did not, the oldest day first.
func (s *Service) SituationsDue(ctx context.Context, limit int) ([]SituationDue, error) {
	today, err := s.Today(ctx)
	if err != nil {
		return nil, err
	}
	var due []SituationDue
	err = s.db.Read(ctx).Table("situations").Joins("JOIN cases ON cases.id = situations.case_id").Joins("JOIN debtors ON debtors.id = cases.debtor_id").
		Joins("JOIN creditors ON creditors.id = situations.creditor_id").
		Select("situations.*, debtors.name AS debtor_name, creditors.name AS creditor_name").
		Where("situations.state <> ? AND (situations.review_on <= ? OR (situations.state = ? AND situations.proof_by < ?))", SituationEnded, today, SituationTold, today).
		Order("COALESCE(situations.proof_by, situations.review_on), situations.id").Limit(limit).Scan(&due).Error
	for i := range due {
		due[i].DueOn, due[i].Unproved = due[i].ReviewOn, false
		if !due[i].ProofBy.IsZero() && due[i].State == SituationTold && today.After(due[i].ProofBy) {
			due[i].DueOn, due[i].Unproved = due[i].ProofBy, true
		}
	}
	return due, fault(err, "situations to look at", "")
}
