// Package day holds calendar days. A legal delay runs in days of a place, not
// in hours: a Day has no time and no zone. Instants become days in the zone of
// the jurisdiction (Europe/Paris) and nowhere else.
package day

import (
	"database/sql/driver"
	"fmt"
	"time"
)

// Day is a calendar day written YYYY-MM-DD, so that days compare as text does,
// in Go and in both databases. The zero value means "no day".
type Day string

const layout = "2006-01-02"

// Parse reads YYYY-MM-DD and refuses days that do not exist.
func Parse(s string) (Day, error) {
	t, err := time.Parse(layout, s)
	if err != nil || t.Year() < 1 {
		return "", fmt.Errorf("%q is not a day: write it as YYYY-MM-DD", s)
	}
	return Day(s), nil
}

// MustParse is Parse for constants; it panics on a bad one.
func MustParse(s string) Day {
	d, err := Parse(s)
	if err != nil {
		panic(err)
	}
	return d
}

// New returns the day of a year, month and day of the month; days beyond the
// end of the month run into the next, as time.Date has it.
func New(year int, month time.Month, dayOfMonth int) Day {
	return Of(time.Date(year, month, dayOfMonth, 0, 0, 0, 0, time.UTC))
}

// Of returns the day that t's own clock shows. Convert t to the legal zone
// before: Of(now.In(paris)).
func Of(t time.Time) Day { return Day(t.Format(layout)) }

// Time returns midnight UTC of the day, for arithmetic only. It panics on a
// value that did not come from this package.
func (d Day) Time() time.Time {
	t, err := time.Parse(layout, string(d))
	if err != nil {
		panic(fmt.Sprintf("day: %q is not a day", string(d)))
	}
	return t
}

// In returns midnight of the day in a zone.
func (d Day) In(zone *time.Location) time.Time {
	y, m, dom := d.Date()
	return time.Date(y, m, dom, 0, 0, 0, 0, zone)
}

// IsZero says whether there is no day.
func (d Day) IsZero() bool { return d == "" }

// Add returns the day n days later, or earlier for a negative n.
func (d Day) Add(n int) Day { return Of(d.Time().AddDate(0, 0, n)) }

// AddMonths returns the same day of the month n months on, or the last day of
// that month where it is shorter: 31 January plus one month is 28 February.
func (d Day) AddMonths(n int) Day {
	y, m, dom := d.Date()
	first := time.Date(y, m+time.Month(n), 1, 0, 0, 0, 0, time.UTC)
	last := first.AddDate(0, 1, -1).Day()
	return Of(first.AddDate(0, 0, min(dom, last)-1))
}

// AddYears is AddMonths of twelve months a year: a term that began on a
// 29 February ends on a 28 February in a common year.
func (d Day) AddYears(n int) Day { return d.AddMonths(12 * n) }

// Sub returns the number of days from other to d.
func (d Day) Sub(other Day) int { return int(d.Time().Sub(other.Time()) / (24 * time.Hour)) }

// Before says whether d is earlier than other.
func (d Day) Before(other Day) bool { return d < other }

// After says whether d is later than other.
func (d Day) After(other Day) bool { return d > other }

// Min returns the earlier of two days; "no day" is later than any.
func Min(a, b Day) Day {
	if a.IsZero() || (!b.IsZero() && b < a) {
		return b
	}
	return a
}

// Max returns the later of two days; "no day" is earlier than any.
func Max(a, b Day) Day {
	if a > b {
		return a
	}
	return b
}

// Date returns year, month and day of the month.
func (d Day) Date() (int, time.Month, int) { return d.Time().Date() }

// Weekday returns the day of the week.
func (d Day) Weekday() time.Weekday { return d.Time().Weekday() }

// DaysInYear returns 365 or 366, for the day's year.
func (d Day) DaysInYear() int {
	y, _, _ := d.Date()
	return New(y, time.December, 31).Time().YearDay()
}

// Value stores a day as text, and "no day" as NULL.
func (d Day) Value() (driver.Value, error) {
	if d == "" {
		return nil, nil
	}
	return string(d), nil
}

// Scan reads what Value stored, and a DATE column of either database.
func (d *Day) Scan(value any) error {
	switch v := value.(type) {
	case nil:
		*d = ""
		return nil
	case string:
		parsed, err := Parse(v[:min(len(v), len(layout))])
		*d = parsed
		return err
	case []byte:
		return d.Scan(string(v))
	case time.Time:
		*d = Of(v)
		return nil
	}
	return fmt.Errorf("a day cannot be read from %T", value)
}

// GormDataType tells gorm that a day is a string.
func (Day) GormDataType() string { return "string" }

// UnmarshalText refuses days that do not exist; the empty text is "no day".
func (d *Day) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*d = ""
		return nil
	}
	parsed, err := Parse(string(text))
	*d = parsed
	return err
}
