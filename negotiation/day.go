package negotiation

import (
	"time"
	_ "time/tzdata" // the static binary runs where there are no zone files

	"amiable/negotiation/day"
)

// Day is a calendar day in the legal zone, see package day.
type Day = day.Day

// Zone is where the French pack reckons its days.
var Zone = func() *time.Location {
	zone, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		panic(err) // the zones are compiled in
	}
	return zone
}()

// The days that anything here can lie on; what a slip of the pen makes of a
// year is refused before it reaches a statement.
const (
	EarliestDay Day = "1970-01-01"
	LatestDay   Day = "2199-12-31"
)

// DayOf returns the legal day of an instant.
func DayOf(t time.Time) Day { return day.Of(t.In(Zone)) }
