package negotiation

import (
	"context"
)

// verifyFirstLetters checks that the series has no gap, that what opened a case
// is what we made, and that no frozen statement was touched.
func (s *Service) verifyFirstLetters(ctx context.Context) ([]Invariant, error) {
	series := Invariant{Name: "the series of first letters has no gap"}
	var years []struct{ Year, N, Last int64 }
	err := s.db.Read(ctx).Model(&OpeningLetter{}).Select("year, COUNT(*) AS n, MAX(number) AS last").Group("year").Order("year").Scan(&years).Error
	if err != nil {
		return nil, fault(err, "first letters", "")
	}
	for _, y := range years {
		series.Checked += y.N
		if y.N != y.Last {
			series.Break("%d: %d letters, the last has number %d", y.Year, y.N, y.Last)
		}
	}

	opened := Invariant{Name: "a case that our first letter opened quotes it"}
	var off []string
	posted := s.db.Read(ctx).Table("first_letters").Where("posted_on IS NOT NULL")
	if err := posted.Count(&opened.Checked).Error; err != nil {
		return nil, fault(err, "first letters", "")
	}
	err = s.db.Read(ctx).Table("first_letters").Joins("JOIN cases ON cases.id = first_letters.case_id").Joins("JOIN letters ON letters.id = first_letters.letter_id").
		Where("first_letters.posted_on IS NOT NULL AND (cases.first_letter_reference <> first_letters.reference OR cases.first_letter_on <> first_letters.posted_on OR letters.state IN ?)",
			[]LetterState{LetterDueState, LetterStopped, LetterFailed, LetterCancelled}).
		Limit(breaksMax).Pluck("first_letters.reference", &off).Error
	if err != nil {
		return nil, fault(err, "first letters", "")
	}
	for _, reference := range off {
		opened.Break("first letter %s", reference)
	}

	frozen := Invariant{Name: "every frozen statement is what its event says"}
	statements, err := s.verifyFrozen(ctx, &frozen)
	if err != nil {
		return nil, err
	}
	frozen.Checked = statements
	return []Invariant{series, opened, frozen}, nil
}

// frozenAtOnce is how many statements are read at a time.
const frozenAtOnce = 500

func (s *Service) verifyFrozen(ctx context.Context, check *Invariant) (checked int64, err error) {
	after := ""
	for {
		var statements []FrozenStatement
		query := s.db.Read(ctx).Order("id").Limit(frozenAtOnce)
		if after != "" {
			query = query.Where("id > ?", after)
		}
		if err := query.Find(&statements).Error; err != nil {
			return checked, fault(err, "statements", "")
		}
		if len(statements) == 0 {
			return checked, nil
		}
		ids := make([]string, len(statements))
		for i := range statements {
			ids[i] = statements[i].CaseID
		}
		var events []Event
		if err := s.db.Read(ctx).Where("kind = ? AND stream_id IN ?", StatementFrozen, ids).Find(&events).Error; err != nil {
			return checked, fault(err, "events of statements", "")
		}
		said := map[string]string{}
		for i := range events {
			_, what := events[i].What()
			id, _ := what["statement"].(string)
			said[id], _ = what["sha256"].(string)
		}
		for i := range statements {
			if said[statements[i].ID] != digestOf(statements[i].Content) {
				check.Break("statement %s of %s", statements[i].ID, statements[i].AsOf)
			}
		}
		checked += int64(len(statements))
		after = statements[len(statements)-1].ID
	}
}
