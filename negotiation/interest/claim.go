package interest

import (
	"errors"
	"fmt"

	"amiable/negotiation/day"
	"amiable/negotiation/money"
)

// DebtorKind is what the debtor is. It decides nearly everything; unknown is
// treated as consumer.
type DebtorKind string

const (
	Business        DebtorKind = "business"
	Consumer        DebtorKind = "consumer"
	NonProfessional DebtorKind = "non_professional" // an association, a property company: interest as for a consumer
	Public          DebtorKind = "public"           // a public buyer under the public procurement code
)

// CreditorKind is what the creditor is; the zero value is a business.
type CreditorKind string

const (
	BusinessCreditor   CreditorKind = "business"
	IndividualCreditor CreditorKind = "individual" // a private person outside any trade
)

// DayCount says how many days a year has when a rate of the year is turned
// into days.
type DayCount string

const (
	// Actual is 366 in a leap year, else 365, by the year each day lies in:
	// the default, and never dearer than the other.
	Actual DayCount = "actual"
	// Fixed365 is 365 in every year. A year of 360 days is not offered:
	// Cass. 1re civ. 19 June 2013, n° 12-16.651.
	Fixed365 DayCount = "365"
)

// Span is a run of days (both inclusive; no To is "until further notice") in
// which interest does not run, on the whole claim or on a part of it. A hold
// of the case is a Span; so is the end of interest at the acceptance of a plan
// or the opening of insolvency proceedings.
type Span struct {
	From, To day.Day
	Of       money.Amount // the part of the principal that bears none; zero is all of it
}

// Claim is what must be known of one claim to work out its interest.
type Claim struct {
	ID        string
	Principal money.Amount // including VAT, before any movement
	DueOn     day.Day
	Debtor    DebtorKind
	Creditor  CreditorKind

	// NoticeOn is the day the debtor had the notice to pay (mise en demeure),
	// or the end of the time that notice grants. Where interest runs from a
	// notice only, there is none without it.
	NoticeOn day.Day

	// ContractRate is the rate of the signed contract, nil where it sets none.
	ContractRate *Rate

	DayCount  DayCount // zero is Actual
	Suspended []Span

	// NoIndemnity leaves the fixed indemnity out: insolvency forbade paying on
	// the due date, or the creditor gave it up (C. com. L441-10 II, last sentence).
	NoIndemnity bool
}

// Bounds on what is taken, far beyond any real claim, so that no sum overflows.
const (
	maxMinor = 1_000_000_000_000_000 // ten thousand billion euros
	firstDay = day.Day("1970-01-01")
	lastDay  = day.Day("2199-12-31")
)

func (c Claim) check() error {
	if err := c.problem(); err != nil {
		return fmt.Errorf("claim %s: %w", c.ID, err)
	}
	return nil
}

func (c Claim) problem() error {
	switch {
	case c.Principal.Currency != money.EUR:
		return fmt.Errorf("late interest is worked out in %s only, not in %q", money.EUR, c.Principal.Currency)
	case !c.Principal.IsPositive():
		return fmt.Errorf("the principal is %v: it must be more than nothing", c.Principal)
	case c.Principal.Minor > maxMinor:
		return fmt.Errorf("the principal %v is beyond what is taken", c.Principal)
	case c.ContractRate != nil && (*c.ContractRate < 0 || *c.ContractRate > MaxRate):
		return fmt.Errorf("the contract rate of %s %% is not between 0 and %s", *c.ContractRate, MaxRate)
	}
	switch c.Debtor {
	case Business, Consumer, NonProfessional, Public:
	default:
		return fmt.Errorf("%q is not a kind of debtor", c.Debtor)
	}
	switch c.Creditor {
	case "", BusinessCreditor, IndividualCreditor:
	default:
		return fmt.Errorf("%q is not a kind of creditor", c.Creditor)
	}
	switch c.DayCount {
	case "", Actual, Fixed365:
	default:
		return fmt.Errorf("%q is not a way to count days: %s or %s", c.DayCount, Actual, Fixed365)
	}
	if c.DueOn.IsZero() {
		return errors.New("it has no due date")
	}
	for _, d := range []day.Day{c.DueOn, c.NoticeOn} {
		if err := believable(d); err != nil {
			return err
		}
	}
	for _, s := range c.Suspended {
		switch {
		case s.From.IsZero():
			return errors.New("a suspension of interest has no first day")
		case !s.To.IsZero() && s.To.Before(s.From):
			return fmt.Errorf("a suspension of interest ends on %s, before it begins on %s", s.To, s.From)
		case s.Of.IsNegative() || (!s.Of.IsZero() && s.Of.Currency != c.Principal.Currency):
			return fmt.Errorf("a suspension of interest is of %v", s.Of)
		}
		for _, d := range []day.Day{s.From, s.To} {
			if err := believable(d); err != nil {
				return err
			}
		}
	}
	return nil
}

func believable(d day.Day) error {
	if d.IsZero() {
		return nil
	}
	if _, err := day.Parse(string(d)); err != nil {
		return err
	}
	if d.Before(firstDay) || d.After(lastDay) {
		return fmt.Errorf("%s is not between %s and %s", d, firstDay, lastDay)
	}
	return nil
}

// yearDays returns the divisor for a day's interest.
func (c Claim) yearDays(d day.Day) int {
	if c.DayCount == Fixed365 {
		return 365
	}
	return d.DaysInYear()
}

// bearing returns how much of principal bears interest on a day, and the last
// day up to which that stays so for the suspensions' part.
func (c Claim) bearing(principal money.Amount, d day.Day) (base money.Amount, through day.Day) {
	base, through = principal, lastDay
	for _, s := range c.Suspended {
		switch {
		case d.Before(s.From):
			through = day.Min(through, s.From.Add(-1))
		case s.To.IsZero() || !d.After(s.To):
			if s.Of.IsZero() {
				base = base.Zero()
			} else {
				base = base.Sub(s.Of.Min(base))
			}
			if !s.To.IsZero() {
				through = day.Min(through, s.To)
			}
		}
	}
	return base, through
}
