package negotiation

import (
	"context"
	"slices"
	"strings"
	"time"
)

// Reason is why something may not happen now. The first group are holds,
// placed by somebody; the second are worked out for the day one asks.
type Reason string

const (
	HoldDisputed                 Reason = "disputed"
	HoldBreathingSpace           Reason = "breathing_space"
	HoldOpenOffer                Reason = "open_offer"
	HoldOverindebtednessDeclared Reason = "overindebtedness_declared"
	HoldOverindebtednessAdmitted Reason = "overindebtedness_admitted"
	HoldInsolvency               Reason = "insolvency"
	HoldDeceased                 Reason = "deceased"
	HoldMeasuresAdopted          Reason = "measures_adopted" // of over-indebtedness: a plan of the commission
	HoldDebtErased               Reason = "debt_erased"      // by a personal recovery
	HoldMinor                    Reason = "minor"
	HoldGuardianship             Reason = "guardianship"
	HoldNotMe                    Reason = "not_me"
	HoldIdentityTheft            Reason = "identity_theft"
	HoldMoved                    Reason = "moved"
	HoldVulnerable               Reason = "vulnerable"
	HoldCreditorRequest          Reason = "creditor_request"

	NoMandate          Reason = "no_mandate"
	PapersMissing      Reason = "papers_missing"
	FirstLetterMissing Reason = "first_letter_not_sent"
	TimeBarred         Reason = "time_barred"
	NotDueYet          Reason = "not_due_yet"
	ForeignCurrency    Reason = "foreign_currency"
)

// HoldReasons are the reasons for which a person can place a hold today.
var HoldReasons = []Reason{
	HoldDisputed, HoldOverindebtednessDeclared, HoldOverindebtednessAdmitted, HoldMeasuresAdopted, HoldDebtErased, HoldInsolvency, HoldDeceased,
	HoldMinor, HoldGuardianship, HoldNotMe, HoldIdentityTheft, HoldMoved, HoldVulnerable, HoldBreathingSpace, HoldCreditorRequest,
}

// declaredPause is how long a declared over-indebtedness file pauses a case,
// in days, while the document is asked for (law.md §5.2).
const declaredPause = 30

// Hold is a dated reason why something may not happen now, on a person, a
// case, a claim of it, or an amount of that claim.
type Hold struct {
	ID        string
	PersonID  *string
	CaseID    *string
	ClaimID   *string
	Amount    *int64 // minor units of the claim; nil: all of it
	Reason    Reason
	Note      string
	FromOn    Day
	UntilOn   Day // last day; none: until lifted
	ByID      string
	ByName    string
	LiftedAt  *time.Time
	LiftedBy  string
	EndToldAt *time.Time // breathing space: when its end was announced
	CreatedAt time.Time

	Proof Proof `gorm:"-"` // of a special situation, when it is told
}

// Runs says whether the hold stands on a day.
func (h *Hold) Runs(on Day) bool {
	return h.LiftedAt == nil && !on.Before(h.FromOn) && (h.UntilOn.IsZero() || !on.After(h.UntilOn))
}

// span returns the days on which the hold stood or will stand; ok is false
// where it was lifted before it began.
func (h *Hold) span() (from, to Day, ok bool) {
	to = h.UntilOn
	if h.LiftedAt != nil {
		// The day of lifting itself is free again.
		if lifted := DayOf(*h.LiftedAt).Add(-1); to.IsZero() || lifted.Before(to) {
			to = lifted
		}
	}
	return h.FromOn, to, to.IsZero() || !to.Before(h.FromOn)
}

// PlaceHold places a hold on a case, or on part of it.
func (s *Service) PlaceHold(ctx context.Context, by Actor, caseID string, h Hold) (*Hold, error) {
	if err := by.only(RoleAgent, RoleAdministrator, RoleCreditor, RoleDebtor, RoleSystem); err != nil {
		return nil, err
	}
	err := s.OnCase(ctx, by, caseID, func(t *Tx, c *Case) error { return c.PlaceHold(t, by, &h) })
	return &h, err
}

// PlaceHold places a hold inside a transaction on the locked case.
func (c *Case) PlaceHold(t *Tx, by Actor, h *Hold) error {
	if !slices.Contains(HoldReasons, h.Reason) {
		return Refuse(Invalid, "hold_reason_unknown").On("reason")
	}
	if by.Role == RoleCreditor && h.Reason != HoldCreditorRequest {
		return Refuse(Forbidden, "not_your_role")
	}
	return c.hold(t, by, h)
}

// hold places a hold that somebody may place, or that follows from their act.
func (c *Case) hold(t *Tx, by Actor, h *Hold) error {
	h.ID, h.CaseID, h.ByID, h.ByName, h.CreatedAt = newID(), &c.ID, by.ID, by.Name, t.Now
	h.Note = strings.TrimSpace(h.Note)
	if h.FromOn.IsZero() {
		h.FromOn = t.Today
	}
	if h.Reason == HoldOverindebtednessDeclared && h.UntilOn.IsZero() {
		h.UntilOn = h.FromOn.Add(declaredPause)
	}
	if h.Reason == HoldBreathingSpace && h.UntilOn.IsZero() {
		return Refuse(Invalid, "hold_end_missing").On("until")
	}
	if h.FromOn.Before(EarliestDay) || h.FromOn.After(LatestDay) || h.UntilOn.After(LatestDay) {
		return Refuse(Invalid, "date_unbelievable").On("until")
	}
	if !h.UntilOn.IsZero() && h.UntilOn.Before(h.FromOn) {
		return Refuse(Invalid, "dates_reversed").On("until")
	}
	if h.ClaimID != nil && c.claim(*h.ClaimID) == nil {
		return Refuse(Invalid, "claim_unknown").On("claim")
	}
	if h.Amount != nil && (h.ClaimID == nil || *h.Amount <= 0) {
		return Refuse(Invalid, "amount_not_positive").On("amount")
	}
	if err := t.Insert(h, c.event(t, by, HoldPlaced, map[string]any{"reason": h.Reason, "until": h.UntilOn, "hold": h.ID})); err != nil {
		return err
	}
	if err := c.openSituation(t, by, h); err != nil {
		return err
	}
	return c.onInterest(t, by, h.Reason, h.FromOn, "hold:"+h.ID, func() { c.Holds = append(c.Holds, *h) })
}

// onInterest changes the holds of a case. What was allocated on days for which
// interest runs or rests otherwise now is allocated again: a hold can begin
// before the day on which it is placed, and end on one on which money came.
func (c *Case) onInterest(t *Tx, by Actor, reason Reason, from Day, because string, change func()) error {
	if !reason.Blocks(Interest) {
		change()
		return nil
	}
	due := c.RefundsDue()
	later, err := c.unwind(t, from.Add(-1), because)
	if err != nil {
		return err
	}
	change()
	if err := c.rewind(t, later); err != nil {
		return err
	}
	if err := c.tellRefund(t, by, due, nil); err != nil {
		return err
	}
	return c.settleState(t, by)
}

// LiftHold ends a hold today.
func (s *Service) LiftHold(ctx context.Context, by Actor, caseID, holdID string) error {
	if err := by.only(RoleAgent, RoleAdministrator); err != nil {
		return err
	}
	return s.OnCase(ctx, by, caseID, func(t *Tx, c *Case) error {
		for i := range c.Holds {
			h := &c.Holds[i]
			if h.ID != holdID {
				continue
			}
			if h.LiftedAt != nil {
				return nil // lifted already: a second click changes nothing
			}
			return c.liftHold(t, by, h)
		}
		return errNotFound
	})
}

// liftHold ends a hold of the locked case.
func (c *Case) liftHold(t *Tx, by Actor, h *Hold) error {
	return c.endHold(t, by, h, Ending{Reason: EndLifted})
}

// endHold ends a hold, and the situation behind it, for a reason.
func (c *Case) endHold(t *Tx, by Actor, h *Hold, why Ending) error {
	err := c.onInterest(t, by, h.Reason, t.Today, "lifted:"+h.ID, func() { h.LiftedAt, h.LiftedBy = &t.Now, by.Name })
	if err != nil {
		return err
	}
	if err := t.Model(h).Where("id = ?", h.ID).Select("LiftedAt", "LiftedBy").Updates(h).Error; err != nil {
		return err
	}
	what := map[string]any{"reason": h.Reason, "hold": h.ID}
	if h.Reason.IsSituation() {
		what["ended"] = why.Reason
		if err := closeSituation(t, by, h.ID, why); err != nil {
			return err
		}
	}
	return t.Insert(c.event(t, by, HoldLifted, what))
}
