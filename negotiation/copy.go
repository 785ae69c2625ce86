package negotiation

import "context"

// CopyTaken is the event of a debtor who took the copy of their file (GDPR,
// article 15).
const CopyTaken EventKind = "copy_taken"

// CopiesADay is how many copies of their file somebody takes in a day: each is
// gathered and signed anew.
const CopiesADay = 5

// TakeCopy notes, before it is sent, that a debtor takes the copy of their file.
func (s *Service) TakeCopy(ctx context.Context, by Actor, caseID string) error {
	if err := by.only(RoleDebtor); err != nil {
		return err
	}
	return s.OnCase(ctx, by, caseID, func(t *Tx, c *Case) error {
		var taken []Event
		err := t.Where("stream_id = ? AND kind = ? AND actor_id = ?", c.ID, CopyTaken, by.ID).Order("seq DESC").Limit(CopiesADay).Find(&taken).Error
		if err != nil {
			return fault(err, "copies of case", c.ID)
		}
		if len(taken) == CopiesADay && DayOf(taken[CopiesADay-1].At) == t.Today {
			return Refuse(Conflict, "copies_taken").With("n", CopiesADay)
		}
		return t.Insert(c.event(t, by, CopyTaken, nil))
	})
}
