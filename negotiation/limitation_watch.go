package negotiation

import (
	"context"
	"errors"

	"amiable/negotiation/limitation"
)

// LimitationNear is the event of a claim whose time to be brought before a
// judge runs short.
const LimitationNear EventKind = "limitation_near"

// LetterLimitation tells the creditor that a claim's limitation is near: at
// 180, 90 and 30 days before it, and when it has passed.
const LetterLimitation LetterKind = "limitation"

// WatchLimitation looks at the claims whose next limitation day has come, tells
// their creditors, and sets the next day. The dates kept with a claim may be
// early, never late: what interrupts is seen here, when the day comes. It takes
// at most limit claims and says how many creditors were told; it is safe to
// repeat.
func (s *Service) WatchLimitation(ctx context.Context, limit int) (told int, err error) {
	today, err := s.Today(ctx)
	if err != nil {
		return 0, err
	}
	var due []Claim
	err = s.db.Read(ctx).Model(&Claim{}).Select("claims.id, claims.case_id").
		Joins("JOIN cases ON cases.id = claims.case_id").
		Where("claims.limitation_alert_on <= ? AND cases.state IN ?", today, []CaseState{CaseWatched, CasePlaced, CaseOpen, CaseInPlan, CaseReferred}).
		Order("claims.limitation_alert_on, claims.id").Limit(limit).Find(&due).Error
	if err != nil {
		return 0, fault(err, "claims near their limitation", "")
	}
	var faults []error
	for i := range due {
		done := false
		err := s.OnCase(ctx, System, due[i].CaseID, func(t *Tx, c *Case) (err error) {
			done, err = c.watchLimitation(t, due[i].ID)
			return err
		})
		if err != nil {
			faults = append(faults, fault(err, "claim", due[i].ID))
		} else if done {
			told++
		}
	}
	return told, errors.Join(faults...)
}

// watchLimitation reckons a claim's limitation anew and, where it is near or
// over, tells the creditor once for the threshold that was reached.
func (c *Case) watchLimitation(t *Tx, claimID string) (told bool, err error) {
	claim := c.claim(claimID)
	if claim == nil || claim.LimitationAlertOn.IsZero() || claim.LimitationAlertOn.After(t.Today) {
		return false, nil
	}
	a, err := c.limitationOn(claim, t.Today)
	if err != nil {
		return false, err
	}
	claim.LimitationRegime, claim.LimitationOn, claim.LimitationAlertOn = a.Regime.Code, a.ExpiresOn, a.NextOn
	err = t.Model(&Claim{}).Where("id = ?", claim.ID).Select("LimitationRegime", "LimitationOn", "LimitationAlertOn").Updates(claim).Error
	if err != nil {
		return false, fault(err, "claim", claim.ID)
	}
	if a.State == limitation.Fine || !c.owed(claim.ID).Principal.IsPositive() {
		return false, nil
	}
	facts := map[string]any{"claim": claim.ID, "invoice": claim.InvoiceNumber, "on": a.ExpiresOn, "days": a.DaysLeft, "assumed": a.Assumed, "barred": a.Barred}
	if a.Assumed && a.Assumption != nil {
		facts["on"], facts["days"] = a.Assumption.ExpiresOn, a.Assumption.ExpiresOn.Sub(t.Today)
	}
	if err := t.Insert(c.event(t, System, LimitationNear, facts)); err != nil {
		return false, err
	}
	return true, c.TellCreditor(t, LetterLimitation, facts)
}
