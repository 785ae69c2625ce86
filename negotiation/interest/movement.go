package interest

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"amiable/negotiation/day"
	"amiable/negotiation/money"
)

// MovementKind is what changed a claim after it arose.
type MovementKind string

const (
	Payment    MovementKind = "payment"     // money from the debtor: interest, then indemnity, then principal
	CreditNote MovementKind = "credit_note" // the creditor lowers the invoice: principal first
	TakenBack  MovementKind = "taken_back"  // the creditor takes the claim back: as a credit note of all that is owed
	Waiver     MovementKind = "waiver"      // the creditor gives up a part: as a payment, or of one component
	Reversal   MovementKind = "reversal"    // a payment that failed or was taken back: as if it had not been
)

// Component is a part of what a claim owes.
type Component string

const (
	InterestPart  Component = "interest"
	IndemnityPart Component = "indemnity"
	PrincipalPart Component = "principal"
)

// Movement is one change on its effective day. It acts at the end of that day:
// the day itself still bears interest on what was owed before (a payment's own
// day counts). Movements of one day act in the order they are given.
type Movement struct {
	ID     string // what a reversal names, and what its line in the statement shows
	Day    day.Day
	Amount money.Amount // always more than nothing
	Kind   MovementKind

	// Reverses is, for a reversal, the ID of the payment that it undoes, wholly
	// or for its Amount.
	Reverses string
	// Only is, for a waiver, the one component given up; empty is any, in the
	// order of a payment.
	Only Component
}

// settled is a movement with what was taken back of it.
type settled struct {
	Movement
	reversed money.Amount
}

// settle checks the movements, leaves those after until out, orders the others
// by day and takes reversals off the payments they name. A reversal later than
// until is left out too: the statement of a day knows what was known then.
func (c Claim) settle(movements []Movement, until day.Day) ([]settled, error) {
	var acts []settled
	for _, m := range movements {
		if err := c.checkMovement(m); err != nil {
			return nil, fmt.Errorf("claim %s: %s %s of %s: %w", c.ID, m.Kind, m.ID, m.Day, err)
		}
		if m.Kind != Reversal && !m.Day.After(until) {
			acts = append(acts, settled{m, m.Amount.Zero()})
		}
	}
	for _, m := range movements {
		if m.Kind != Reversal || m.Day.After(until) {
			continue
		}
		if err := takeBack(acts, m); err != nil {
			return nil, fmt.Errorf("claim %s: reversal %s of %s: %w", c.ID, m.ID, m.Day, err)
		}
	}
	slices.SortStableFunc(acts, func(a, b settled) int { return strings.Compare(string(a.Day), string(b.Day)) })
	return acts, nil
}

func takeBack(acts []settled, m Movement) error {
	for i := range acts {
		act := &acts[i]
		if act.Kind != Payment || act.ID != m.Reverses {
			continue
		}
		if m.Day.Before(act.Day) {
			return fmt.Errorf("it is earlier than the payment %s of %s that it undoes", act.ID, act.Day)
		}
		act.reversed = act.reversed.Add(m.Amount)
		if act.reversed.Cmp(act.Amount) > 0 {
			return fmt.Errorf("%v is taken back of the payment %s, which was %v", act.reversed, act.ID, act.Amount)
		}
		return nil
	}
	return fmt.Errorf("there is no payment %q to undo", m.Reverses)
}

func (c Claim) checkMovement(m Movement) error {
	switch m.Kind {
	case Payment, CreditNote, TakenBack, Waiver:
	case Reversal:
		if m.Reverses == "" {
			return errors.New("it names no payment to undo")
		}
	default:
		return fmt.Errorf("%q is not a kind of movement", m.Kind)
	}
	switch m.Only {
	case "":
	case InterestPart, IndemnityPart, PrincipalPart:
		if m.Kind != Waiver {
			return errors.New("only a waiver may name a component")
		}
	default:
		return fmt.Errorf("%q is not a component of a claim", m.Only)
	}
	switch {
	case m.Amount.Currency != c.Principal.Currency:
		return fmt.Errorf("%v is not in the claim's currency", m.Amount)
	case !m.Amount.IsPositive() || m.Amount.Minor > maxMinor:
		return fmt.Errorf("the amount %v must be more than nothing and not beyond belief", m.Amount)
	case m.Day.IsZero():
		return errors.New("it has no day")
	}
	return believable(m.Day)
}
