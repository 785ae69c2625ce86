package interest

import (
	"errors"
	"fmt"

	"amiable/negotiation/day"
	"amiable/negotiation/money"
)

// Balance is what a claim owes, by component.
type Balance struct {
	Interest, Indemnity, Principal money.Amount
}

// Total adds the components.
func (b Balance) Total() money.Amount { return money.Sum(b.Interest, b.Indemnity, b.Principal) }

// Line is what one movement did. Interest, Indemnity, Principal and Excess add
// up to Amount − Reversed.
type Line struct {
	Movement
	Reversed money.Amount // what was taken back of a payment since
	Interest, Indemnity, Principal,
	Excess money.Amount // more than the claim owed: it goes to refunds due
}

// Statement is what a claim owes at the end of a day, and how it came to that.
type Statement struct {
	Until    day.Day
	Segments []Segment // every day that bore interest, in order
	Lines    []Line    // payments, credit notes and waivers, in the order they acted

	Balance                 // still owed at the end of Until
	Accrued    money.Amount // interest of all segments
	Charged    money.Amount // the indemnity, from the first late day on; zero where none is owed
	ChargedLaw string       // the article that gives it
	Excess     money.Amount // paid beyond what was owed

	// PerDay is what the day after Until will add, rounded half up; shown as
	// "about". Where that day has no published rate yet, PerDayMissing names it
	// and PerDay is zero: nothing is guessed.
	PerDay        money.Amount
	PerDayMissing *MissingRateError

	Remarks []Remark
}

// Statement works out what a claim owes at the end of until, from its first
// day: interest accrues in segments that end at each half-year, movement and
// change of a suspension; a movement acts at the end of its day. Movements
// after until are left out. Nothing it returns is below zero. It fails with
// *MissingRateError where a day that bears interest has no published rate, and
// otherwise only on input that makes no sense.
func (r *Rates) Statement(c Claim, movements []Movement, until day.Day) (Statement, error) {
	if err := c.check(); err != nil {
		return Statement{}, err
	}
	if until.IsZero() {
		return Statement{}, fmt.Errorf("claim %s: a statement needs the day it is made for", c.ID)
	}
	if err := believable(until); err != nil {
		return Statement{}, err
	}
	acts, err := c.settle(movements, until)
	if err != nil {
		return Statement{}, err
	}

	nothing := c.Principal.Zero()
	s := Statement{
		Until: until, Balance: Balance{nothing, nothing, c.Principal},
		Accrued: nothing, Charged: nothing, Excess: nothing, PerDay: nothing,
	}
	worked := firstDay // every day before it is accounted for
	for _, act := range acts {
		if err := s.accrue(r, c, worked, act.Day); err != nil {
			return Statement{}, err
		}
		worked = act.Day.Add(1)
		s.apply(act)
	}
	if err := s.accrue(r, c, worked, until); err != nil {
		return Statement{}, err
	}
	if err := s.lookAhead(r, c); err != nil {
		return Statement{}, err
	}
	s.Remarks = r.remarks(c, &s)
	return s, nil
}

// accrue adds the interest of the days from to until, and the indemnity once
// the due date has passed on an unpaid claim.
func (s *Statement) accrue(r *Rates, c Claim, from, until day.Day) error {
	segments, err := r.accrue(c, s.Principal, from, until)
	if err != nil {
		return fmt.Errorf("claim %s: %w", c.ID, err)
	}
	for _, segment := range segments {
		s.Interest = s.Interest.Add(segment.Amount)
		s.Accrued = s.Accrued.Add(segment.Amount)
	}
	s.Segments = append(s.Segments, segments...)
	if late := until.After(c.DueOn) && s.Principal.IsPositive(); late && s.ChargedLaw == "" {
		s.Charged, s.ChargedLaw = c.Indemnity()
		s.Indemnity = s.Indemnity.Add(s.Charged)
	}
	return nil
}

// apply lets a movement act on the balance.
func (s *Statement) apply(act settled) {
	line := Line{Movement: act.Movement, Reversed: act.reversed}
	rest := act.Amount.Sub(act.reversed)
	order := []Component{InterestPart, IndemnityPart, PrincipalPart}
	switch {
	case act.Kind == CreditNote || act.Kind == TakenBack: // what exceeds the principal is set off against the rest (C. civ. 1347)
		order = []Component{PrincipalPart, InterestPart, IndemnityPart}
	case act.Only != "":
		order = []Component{act.Only}
	}
	line.Interest, line.Indemnity, line.Principal = rest.Zero(), rest.Zero(), rest.Zero()
	for _, component := range order {
		owed, share := s.of(component), line.of(component)
		taken := rest.Min(*owed)
		*owed, *share, rest = owed.Sub(taken), taken, rest.Sub(taken)
	}
	line.Excess = rest
	if act.Kind != Waiver { // giving up more than is owed gives nobody money back
		s.Excess = s.Excess.Add(rest)
	}
	s.Lines = append(s.Lines, line)
}

func (b *Balance) of(c Component) *money.Amount {
	switch c {
	case InterestPart:
		return &b.Interest
	case IndemnityPart:
		return &b.Indemnity
	}
	return &b.Principal
}

func (l *Line) of(c Component) *money.Amount {
	switch c {
	case InterestPart:
		return &l.Interest
	case IndemnityPart:
		return &l.Indemnity
	}
	return &l.Principal
}

// lookAhead works out what the next day will add.
func (s *Statement) lookAhead(r *Rates, c Claim) error {
	next := s.Until.Add(1)
	segments, err := r.accrue(c, s.Principal, next, next)
	if errors.As(err, &s.PerDayMissing) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("claim %s: %w", c.ID, err)
	}
	for _, segment := range segments {
		s.PerDay = s.PerDay.Add(segment.Amount)
	}
	return nil
}
