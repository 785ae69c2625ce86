package negotiation

import (
	"context"
	"errors"
)

// WatchDisputes does what the answer clocks of disputes owe: one reminder to the
// creditor; silence of either side goes to the agents. It ends nothing.
func (s *Service) WatchDisputes(ctx context.Context, limit int) (int, error) {
	today, err := s.Today(ctx)
	if err != nil {
		return 0, err
	}
	var rows []Dispute
	err = s.db.Read(ctx).Where("closed_at IS NULL AND answer_side <> ? AND (answer_by < ? OR remind_on <= ?)", SideAgency, today, today).
		Order("answer_by, id").Limit(limit).Find(&rows).Error
	if err != nil {
		return 0, fault(err, "disputes to answer", "")
	}
	done := 0
	var faults []error
	for _, row := range rows {
		err := s.onDispute(ctx, System, row.CaseID, row.ID, func(t *Tx, c *Case, d *Dispute) error {
			switch {
			case !d.IsOpen() || d.AnswerSide == SideAgency:
			case t.Today.After(d.AnswerBy):
				done++
				if err := c.step(t, System, d, &DisputeStep{Kind: StepSilence, Side: d.AnswerSide, Audience: ToAll}, DisputeStepTaken); err != nil {
					return err
				}
				return c.toMediation(t, System, d)
			case !d.RemindOn.IsZero() && !t.Today.Before(d.RemindOn):
				done++
				d.RemindOn = ""
				if err := t.updateDispute(d); err != nil {
					return err
				}
				return c.TellCreditor(t, LetterDisputeReminder, d.facts(c))
			}
			return nil
		})
		if err != nil {
			faults = append(faults, fault(err, "dispute", row.ID)) // the others have their turn
		}
	}
	return done, errors.Join(faults...)
}
