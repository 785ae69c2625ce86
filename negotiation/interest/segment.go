package interest

import (
	"amiable/negotiation/day"
	"amiable/negotiation/money"
)

// Segment is a run of days (both inclusive) on one base at one rate, within
// one half-year. Its amount is base × rate × days ÷ days of the year, rounded
// half up once.
type Segment struct {
	From, To day.Day
	Days     int
	Base     money.Amount
	Quote
	Amount money.Amount
}

// Accrue returns the interest on principal over the days from to until, both
// included, one segment per half-year and suspension crossed; days that bear
// none have no segment. It fails with *MissingRateError where a day that bears
// interest has no published rate.
//
// A case that keeps what it has posted needs only this: the interest since is
// Accrue(claim, principal left, day after the last posting, today).
func (r *Rates) Accrue(c Claim, principal money.Amount, from, until day.Day) ([]Segment, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	for _, d := range []day.Day{from, until} {
		if err := believable(d); err != nil {
			return nil, err
		}
	}
	return r.accrue(c, principal, from, until)
}

func (r *Rates) accrue(c Claim, principal money.Amount, from, until day.Day) ([]Segment, error) {
	start := c.InterestStarts()
	if start.IsZero() || !principal.IsPositive() {
		return nil, nil
	}
	var segments []Segment
	for d := day.Max(from, start); !d.After(until); {
		half := HalfYearOf(d)
		base, through := c.bearing(principal, d)
		through = day.Min(day.Min(through, half.Last()), until)
		if base.IsPositive() {
			quote, err := r.quote(c, start, half)
			if err != nil {
				return nil, err
			}
			days := through.Sub(d) + 1
			segments = append(segments, Segment{
				From: d, To: through, Days: days, Base: base, Quote: quote,
				Amount: earned(base, quote.Rate, days, c.yearDays(d)),
			})
		}
		d = through.Add(1)
	}
	return segments, nil
}

// earned is the one place where interest is multiplied out.
func earned(base money.Amount, rate Rate, days, yearDays int) money.Amount {
	return money.New(money.MulDivHalfUp(base.Minor, int64(rate)*int64(days), int64(100*percent)*int64(yearDays)), base.Currency)
}
