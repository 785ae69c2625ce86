package negotiation

import (
	"context"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"amiable/negotiation/money"
)

// LettersPerBatch is how many first letters are made together at most: what
// one review can show and one print run can hold.
const LettersPerBatch = 500

// LetterBatch is first letters that are made, printed and posted together.
type LetterBatch struct {
	ID        string
	DatedOn   Day
	Site      string
	ByID      string
	ByName    string
	CreatedAt time.Time

	Cases    int64 `gorm:"->;-:migration"` // asked for
	Waiting  int64 `gorm:"->;-:migration"` // not made yet
	Unposted int64 `gorm:"->;-:migration"` // made, to be posted
}

// batchCase is one case of a batch and what became of it.
type batchCase struct {
	BatchID  string `gorm:"primaryKey"`
	CaseID   string `gorm:"primaryKey"`
	Position int64
	LetterID *string
	Refused  string
	DoneAt   *time.Time
}

// TableName names the table for gorm.
func (batchCase) TableName() string { return "letter_batch_cases" }

// OpenLetterBatch asks for the first letters of some cases, dated a day. The id
// is the caller's, made when the review was shown: the same review sent twice
// asks once. PrepareBatch makes them.
func (s *Service) OpenLetterBatch(ctx context.Context, by Actor, id string, caseIDs []string, datedOn Day, site string) (*LetterBatch, error) {
	if err := by.only(RoleAgent, RoleAdministrator, RoleSystem); err != nil {
		return nil, err
	}
	caseIDs = slices.DeleteFunc(slices.Clone(caseIDs), func(id string) bool { return !ValidID(id) })
	if !ValidID(id) || len(caseIDs) == 0 {
		return nil, Refuse(Invalid, "letters_none_chosen").On("case")
	}
	if len(caseIDs) > LettersPerBatch {
		return nil, Refuse(Invalid, "letters_too_many").On("case").With("most", LettersPerBatch)
	}
	var batch *LetterBatch
	err := s.write(ctx, func(t *Tx) error {
		if datedOn.IsZero() {
			datedOn = t.Today
		}
		if datedOn.Before(t.Today) || datedOn.After(t.Today.Add(letterAheadDays)) {
			return Refuse(Invalid, "letter_date_out_of_range").On("dated_on").With("days", letterAheadDays)
		}
		batch = &LetterBatch{ID: id, DatedOn: datedOn, Site: strings.TrimRight(site, "/"), ByID: by.ID, ByName: by.Name, CreatedAt: t.Now}
		made := t.Clauses(clause.OnConflict{DoNothing: true}).Omit("Cases", "Waiting", "Unposted").Create(batch)
		if made.Error != nil || made.RowsAffected == 0 {
			return fault(made.Error, "letter batch", id)
		}
		var known []string
		if err := t.Model(&Case{}).Where("id IN ?", caseIDs).Pluck("id", &known).Error; err != nil {
			return fault(err, "cases of letter batch", id)
		}
		rows := []*batchCase{}
		for i, caseID := range caseIDs {
			if slices.Contains(known, caseID) && !slices.ContainsFunc(rows, func(r *batchCase) bool { return r.CaseID == caseID }) {
				rows = append(rows, &batchCase{BatchID: id, CaseID: caseID, Position: int64(i + 1)})
			}
		}
		return insertAll(t.DB, rows)
	})
	if err != nil {
		return nil, err
	}
	return s.LetterBatch(ctx, by, id)
}

// batchDone notes what became of one case of a batch, unless that is known.
func (t *Tx) batchDone(batchID, caseID string, letterID *string, refused string) error {
	return fault(t.Model(&batchCase{}).Where("batch_id = ? AND case_id = ? AND done_at IS NULL", batchID, caseID).
		Updates(map[string]any{"letter_id": letterID, "refused": refused, "done_at": t.Now}).Error, "letter batch", batchID)
}

// PrepareBatch makes letters that a batch still waits for, at most limit, each
// in its own transaction; a case that is refused is noted with why and does not
// keep the others from their turn. Safe to repeat and to run twice at once; it
// stops where it is when ctx ends.
func (s *Service) PrepareBatch(ctx context.Context, by Actor, batchID string, limit int, order LetterOrder) (done int, err error) {
	batch, err := s.LetterBatch(ctx, by, batchID)
	if err != nil {
		return 0, err
	}
	var waiting []string
	err = s.db.Read(ctx).Model(&batchCase{}).Where("batch_id = ? AND done_at IS NULL", batchID).Order("position").Limit(limit).Pluck("case_id", &waiting).Error
	if err != nil {
		return 0, fault(err, "letter batch", batchID)
	}
	order.BatchID, order.DatedOn, order.Site = batch.ID, batch.DatedOn, batch.Site
	for _, caseID := range waiting {
		if ctx.Err() != nil {
			return done, nil
		}
		_, err := s.PrepareFirstLetter(ctx, by, caseID, order)
		if r := AsRefusal(err); r != nil {
			err = s.write(ctx, func(t *Tx) error { return t.batchDone(batchID, caseID, nil, refusedText(r)) })
		}
		if err != nil {
			return done, err
		}
		done++
	}
	return done, nil
}

// PrepareWaiting goes on with batches that were begun and not finished, oldest
// first, at most limit letters: for the job that picks up what a request left.
func (s *Service) PrepareWaiting(ctx context.Context, limit int, order LetterOrder) (done int, err error) {
	var batches []string
	err = s.db.Read(ctx).Model(&LetterBatch{}).Where("EXISTS (SELECT 1 FROM letter_batch_cases WHERE batch_id = letter_batches.id AND done_at IS NULL)").
		Order("created_at, id").Limit(limit).Pluck("id", &batches).Error
	if err != nil {
		return 0, fault(err, "letter batches", "")
	}
	for _, id := range batches {
		if done >= limit {
			break
		}
		n, err := s.PrepareBatch(ctx, System, id, limit-done, order)
		if done += n; err != nil {
			return done, err
		}
	}
	return done, nil
}

// refusedText keeps a refusal: its code, then its reasons or what it lacks.
func refusedText(r *Refusal) string {
	words := []string{r.Code}
	for _, reason := range r.Reasons {
		words = append(words, string(reason))
	}
	if mention, ok := r.Facts["mention"].(string); ok {
		words = append(words, mention)
	}
	return strings.Join(words, " ")
}

const batchCounts = `letter_batches.*,
	(SELECT COUNT(*) FROM letter_batch_cases WHERE batch_id = letter_batches.id) AS cases,
	(SELECT COUNT(*) FROM letter_batch_cases WHERE batch_id = letter_batches.id AND done_at IS NULL) AS waiting,
	(SELECT COUNT(*) FROM first_letters WHERE batch_id = letter_batches.id AND posted_on IS NULL AND cancelled_at IS NULL) AS unposted`

// LetterBatches returns the newest batches first.
func (s *Service) LetterBatches(ctx context.Context, by Actor, limit int) ([]LetterBatch, error) {
	if err := by.only(RoleAgent, RoleAdministrator, RoleSystem); err != nil {
		return nil, err
	}
	var batches []LetterBatch
	err := s.db.Read(ctx).Model(&LetterBatch{}).Select(batchCounts).Order("created_at DESC, id DESC").Limit(limit).Find(&batches).Error
	return batches, fault(err, "letter batches", "")
}

// LetterBatch returns a batch.
func (s *Service) LetterBatch(ctx context.Context, by Actor, id string) (*LetterBatch, error) {
	if err := by.only(RoleAgent, RoleAdministrator, RoleSystem); err != nil {
		return nil, err
	}
	if !ValidID(id) {
		return nil, errNotFound
	}
	var found []LetterBatch
	if err := s.db.Read(ctx).Model(&LetterBatch{}).Select(batchCounts).Where("id = ?", id).Limit(1).Find(&found).Error; err != nil {
		return nil, fault(err, "letter batch", id)
	}
	if len(found) == 0 {
		return nil, errNotFound
	}
	return &found[0], nil
}

// Batched is one case of a batch: the letter that was made for it, or why none
// was.
type Batched struct {
	CaseID   string
	Opening  *OpeningLetter // nil: none was made
	Case     *Case
	Total    money.Amount
	Refused  string   // code, then reasons
	Held     []Reason // made, and may not leave now
	Waiting  bool
	PostedOn Day
}

// ToPost says whether the letter is printed and to be posted now.
func (b *Batched) ToPost() bool {
	return b.Opening != nil && b.Opening.Live() && !b.Opening.Posted() && len(b.Held) == 0 &&
		b.Opening.Letter.Channel == ContactPost && b.Opening.Letter.State == LetterDueState
}

// BatchLetters returns what became of each case of a batch, in order.
func (s *Service) BatchLetters(ctx context.Context, by Actor, batchID string) ([]Batched, error) {
	if _, err := s.LetterBatch(ctx, by, batchID); err != nil {
		return nil, err
	}
	today, err := s.Today(ctx)
	if err != nil {
		return nil, err
	}
	var rows []batchCase
	if err := s.db.Read(ctx).Where("batch_id = ?", batchID).Order("position").Find(&rows).Error; err != nil {
		return nil, fault(err, "letter batch", batchID)
	}
	var list []Batched
	for _, row := range rows {
		b := Batched{CaseID: row.CaseID, Refused: row.Refused, Waiting: row.DoneAt == nil}
		if b.Case, err = s.Case(ctx, by, row.CaseID); err != nil {
			return nil, err
		}
		b.Total = b.Case.Balance()
		if row.LetterID != nil {
			if b.Opening, err = s.OpeningLetter(ctx, by, *row.LetterID); err != nil {
				return nil, err
			}
			owed, err := b.Opening.Statement.Owed()
			if err != nil {
				return nil, err
			}
			b.Total, b.PostedOn = owed.Total, b.Opening.PostedOn
			if b.Opening.Live() && !b.Opening.Posted() {
				b.Held = b.Case.FirstLetterHeld(b.Opening, today)
			}
		}
		list = append(list, b)
	}
	return list, nil
}

// PostBatch records that the printed letters of a batch were posted, which
// opens their cases. A letter that may not have left is refused and listed with
// why; the others are recorded all the same. Safe to repeat.
func (s *Service) PostBatch(ctx context.Context, by Actor, batchID string, on Day, proof string) (posted int, refused map[string]*Refusal, err error) {
	if _, err := s.LetterBatch(ctx, by, batchID); err != nil {
		return 0, nil, err
	}
	today, err := s.Today(ctx)
	switch proof = strings.TrimSpace(proof); {
	case err != nil:
		return 0, nil, err
	case on.IsZero():
		return 0, nil, Refuse(Invalid, "date_missing").On("sent_on")
	case on.After(today):
		return 0, nil, Refuse(Invalid, "date_in_future").On("sent_on")
	case proof == "":
		return 0, nil, Refuse(Invalid, "proof_missing").On("proof")
	}
	var made []OpeningLetter
	err = s.db.Read(ctx).Joins("JOIN letters ON letters.id = first_letters.letter_id").
		Where("first_letters.batch_id = ? AND first_letters.posted_on IS NULL AND first_letters.cancelled_at IS NULL AND letters.channel = ?", batchID, ContactPost).
		Order("first_letters.number").Find(&made).Error
	if err != nil {
		return 0, nil, fault(err, "letter batch", batchID)
	}
	refused = map[string]*Refusal{}
	for _, m := range made {
		err := s.RecordFirstLetter(ctx, by, m.CaseID, FirstLetter{Reference: m.Reference, SentOn: on, Channel: "post", Proof: proof})
		if r := AsRefusal(err); r != nil {
			if r.Code != "first_letter_recorded" { // somebody else was faster
				refused[m.LetterID] = r
			}
			continue
		}
		if err != nil {
			return posted, refused, err
		}
		posted++
	}
	return posted, refused, nil
}

// Unwritten is a placed case whose first letter is not made yet.
type Unwritten struct {
	Found
	PlacementID string
}

// UnwrittenPlacement is a placement with such cases.
type UnwrittenPlacement struct {
	PlacementID  string
	FileName     string
	CreditorName string
	PlacedAt     time.Time
	Cases        int64
}

func (s *Service) unwritten(ctx context.Context) *gorm.DB {
	return s.db.Read(ctx).Table("cases").Where("cases.state = 'placed'"). // in words: only so is their index found
										Where("NOT EXISTS (SELECT 1 FROM first_letters WHERE first_letters.case_id = cases.id AND first_letters.cancelled_at IS NULL)")
}

// UnwrittenPlacements returns the placements of which cases wait for their
// first letter, newest first.
func (s *Service) UnwrittenPlacements(ctx context.Context, by Actor, limit int) ([]UnwrittenPlacement, error) {
	if err := by.only(RoleAgent, RoleAdministrator, RoleSystem); err != nil {
		return nil, err
	}
	var found []UnwrittenPlacement
	err := s.unwritten(ctx).Joins("JOIN claims ON claims.case_id = cases.id").Joins("JOIN placements ON placements.id = claims.placement_id").
		Joins("JOIN creditors ON creditors.id = cases.creditor_id").
		Select(`placements.id AS placement_id, placements.file_name, placements.created_at AS placed_at,
			CASE WHEN COUNT(DISTINCT creditors.id) = 1 THEN MIN(creditors.name) ELSE '' END AS creditor_name, COUNT(DISTINCT cases.id) AS cases`).
		Group("placements.id, placements.file_name, placements.created_at").Order("placements.created_at DESC, placements.id").Limit(limit).Scan(&found).Error
	return found, fault(err, "placements without first letters", "")
}

// CountUnwritten counts the cases that wait for their first letter, up to most.
func (s *Service) CountUnwritten(ctx context.Context, most int) (n int64, err error) {
	err = s.db.Read(ctx).Table("(?) AS w", s.unwritten(ctx).Select("1 AS one").Limit(most)).Count(&n).Error
	return n, fault(err, "cases without first letter", "")
}

// Unwritten returns cases that wait for their first letter, of one placement or
// (with an empty id) of all, in the order in which they were made.
func (s *Service) Unwritten(ctx context.Context, by Actor, placementID string, limit int) ([]Unwritten, error) {
	if err := by.only(RoleAgent, RoleAdministrator, RoleSystem); err != nil {
		return nil, err
	}
	query := s.unwritten(ctx).Joins("JOIN debtors ON debtors.id = cases.debtor_id").Joins("JOIN creditors ON creditors.id = cases.creditor_id").
		Select(`cases.id, cases.reference, cases.state, cases.currency, cases.principal, cases.interest, cases.indemnity, cases.first_letter_on,
			debtors.name AS debtor_name, creditors.name AS creditor_name,
			(SELECT MIN(claims.due_on) FROM claims WHERE claims.case_id = cases.id) AS oldest_due`)
	if placementID != "" {
		if !ValidID(placementID) {
			return nil, errNotFound
		}
		query = query.Where("EXISTS (SELECT 1 FROM claims WHERE claims.case_id = cases.id AND claims.placement_id = ?)", placementID)
	}
	var found []Unwritten
	err := query.Order("cases.created_at, cases.id").Limit(limit).Scan(&found).Error
	return found, fault(err, "cases without first letter", "")
}
