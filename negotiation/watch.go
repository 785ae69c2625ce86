package negotiation

import (
	"context"
	"errors"

	"amiable/negotiation/ledger"
	"amiable/negotiation/money"
)

// CaseFellDue is the event of a watched case whose first claim is late.
const CaseFellDue EventKind = "case_fell_due"

// WakeWatched hands the agency those watched cases of which a claim is late:
// they become placed, and the fixed indemnity of what is late is posted. It
// takes at most limit of them, each under its own lock, and says how many it
// woke; it is safe to repeat.
func (s *Service) WakeWatched(ctx context.Context, limit int) (woken int, err error) {
	today, err := s.Today(ctx)
	if err != nil {
		return 0, err
	}
	var ids []string
	err = s.db.Read(ctx).Model(&Case{}).Where("state = ?", CaseWatched).
		Where("EXISTS (SELECT 1 FROM claims WHERE claims.case_id = cases.id AND claims.due_on < ?)", today).
		Order("id").Limit(limit).Pluck("id", &ids).Error
	if err != nil {
		return 0, fault(err, "watched cases", "")
	}
	var faults []error
	for _, id := range ids {
		done := false
		err := s.OnCase(ctx, System, id, func(t *Tx, c *Case) (err error) {
			done, err = c.wake(t)
			return err
		})
		if err != nil {
			faults = append(faults, fault(err, "case", id))
		} else if done {
			woken++
		}
	}
	return woken, errors.Join(faults...)
}

// wake moves a watched case on if one of its claims is late; ok is false where
// somebody else was faster.
func (c *Case) wake(t *Tx) (ok bool, err error) {
	if c.State != CaseWatched {
		return false, nil
	}
	late := false
	for i := range c.Claims {
		claim := &c.Claims[i]
		if !claim.DueOn.Before(t.Today) {
			continue
		}
		late = true
		if err := c.postIndemnity(t, claim); err != nil {
			return false, err
		}
	}
	if !late {
		return false, nil
	}
	if err := c.move(CasePlaced); err != nil {
		return false, err
	}
	return true, t.Insert(c.event(t, System, CaseFellDue, nil))
}

// postIndemnity posts the fixed indemnity of a late claim (C. com. D441-5), if
// it is owed and not posted yet. It falls due on the day after the due date.
func (c *Case) postIndemnity(t *Tx, claim *Claim) error {
	if c.Currency != money.EUR {
		return nil
	}
	var s Statement
	worked, err := c.claimStatement(claim, t.Today, &s)
	if err != nil {
		return err
	}
	// A payment may have brought it into the ledger already, and paid it.
	indemnity := worked.Indemnity.Sub(c.owed(claim.ID).Indemnity)
	if !indemnity.IsPositive() {
		return nil
	}
	posting := ledger.New(ledger.KindIndemnity, "indemnity:"+claim.ID, c.CreditorID, c.ID, claim.DueOn.Add(1), t.Now)
	posting.AddReceivable(claim.ID, ledger.Indemnity, indemnity).Add(ledger.Entrusted, indemnity.Neg())
	return c.post(t, posting)
}
