package negotiation

import "context"

// verifySituations checks that every hold of a special situation has the
// situation behind it, that both end together, and that what needs a proof was
// not confirmed without one.
func (s *Service) verifySituations(ctx context.Context) (Invariant, error) {
	check := Invariant{Name: "a special situation and its hold stand and end together"}
	if err := s.db.Read(ctx).Model(&Situation{}).Count(&check.Checked).Error; err != nil {
		return check, fault(err, "situations", "")
	}
	today, err := s.Today(ctx)
	if err != nil {
		return check, err
	}
	look := func(what, where string, args ...any) error {
		var ids []string
		err := s.db.Read(ctx).Table("holds").Joins("LEFT JOIN situations ON situations.hold_id = holds.id").
			Where("holds.reason IN ?", Situations).Where(where, args...).Limit(breaksMax).Pluck("holds.id", &ids).Error
		for _, id := range ids {
			check.Break("hold %s: %s", id, what)
		}
		return fault(err, "situations", "")
	}
	for _, broken := range []struct {
		what, where string
		args        []any
	}{
		{"nothing says how it is known", "situations.id IS NULL", nil},
		{"its situation is of another reason", "situations.reason <> holds.reason", nil},
		{"it was lifted and its situation was not ended", "holds.lifted_at IS NOT NULL AND situations.state <> ?", []any{SituationEnded}},
		{"its situation ended and it still stands", "holds.lifted_at IS NULL AND situations.state = ? AND (holds.until_on IS NULL OR holds.until_on >= ?)", []any{SituationEnded, today}},
	} {
		if err := look(broken.what, broken.where, broken.args...); err != nil {
			return check, err
		}
	}
	return check, nil
}
