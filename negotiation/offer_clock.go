package negotiation

import (
	"context"
	"errors"
)

// each does something on cases, each under its own lock, and counts where it
// did; a case that fails does not keep the others from their turn.
func (s *Service) each(ctx context.Context, ids []string, what string, do func(t *Tx, c *Case) (bool, error)) (int, error) {
	n := 0
	var faults []error
	for _, id := range ids {
		done := false
		err := s.OnCase(ctx, System, id, func(t *Tx, c *Case) (err error) {
			done, err = do(t, c)
			return err
		})
		if err != nil {
			faults = append(faults, fault(err, what+" of case", id))
		} else if done {
			n++
		}
	}
	return n, errors.Join(faults...)
}

// WatchOffers does what the answer clocks of open offers owe: one reminder to a
// creditor; a creditor's silence goes to the agency; a debtor's ends the offer,
// as does a first day that went by.
func (s *Service) WatchOffers(ctx context.Context, limit int) (int, error) {
	today, err := s.Today(ctx)
	if err != nil {
		return 0, err
	}
	var ids []string
	err = s.db.Read(ctx).Model(&Offer{}).Where("state = ? AND (answer_by < ? OR remind_on <= ?)", OfferOpen, today, today).
		Order("answer_by, id").Limit(limit).Pluck("case_id", &ids).Error
	if err != nil {
		return 0, fault(err, "offers to answer", "")
	}
	return s.each(ctx, ids, "offer", func(t *Tx, c *Case) (bool, error) { return c.watchOffer(t) })
}

func (c *Case) watchOffer(t *Tx) (bool, error) {
	o := c.OpenOffer()
	if o == nil {
		return false, nil
	}
	late := t.Today.After(o.AnswerBy)
	remind := !o.RemindOn.IsZero() && !t.Today.Before(o.RemindOn)
	switch {
	case late && (o.AnswerSide == SideDebtor || (o.AnswerSide == SideAgency && o.Of().FirstDueOn.Before(t.Today))):
		return true, c.endOffer(t, System, o, OfferExpired, OfferHasExpired, "")
	case late:
		o.AnswerSide, o.AnswerBy, o.RemindOn = SideAgency, AddWorkingDays(t.Today, agencyAnswerDays), ""
		if err := t.updateClock(o); err != nil {
			return false, err
		}
		if err := t.Insert(c.event(t, System, OfferWentToAgency, o.facts(c))); err != nil {
			return false, err
		}
		facts := o.facts(c)
		facts["case"] = c.Reference
		return true, c.TellAgents(t, LetterOfferToAgency, facts)
	case remind:
		o.RemindOn = ""
		if err := t.updateClock(o); err != nil {
			return false, err
		}
		if err := t.Insert(c.event(t, System, OfferReminded, o.facts(c))); err != nil {
			return false, err
		}
		return true, c.TellCreditor(t, LetterOfferReminder, o.facts(c))
	}
	return false, nil
}

func (t *Tx) updateClock(o *Offer) error {
	return fault(t.Model(o).Where("id = ?", o.ID).Select("AnswerSide", "AnswerBy", "RemindOn").Updates(o).Error, "offer", o.ID)
}
