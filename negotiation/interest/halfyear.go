package interest

import (
	"fmt"
	"time"

	"amiable/negotiation/day"
)

// HalfYear is the first (January to June) or the second (July to December)
// half of a calendar year: legal rates are set, and the ECB's rate is read,
// once for each.
type HalfYear struct {
	Year int
	Half int // 1 or 2
}

// HalfYearOf returns the half-year that a day lies in.
func HalfYearOf(d day.Day) HalfYear {
	year, month, _ := d.Date()
	if month <= time.June {
		return HalfYear{year, 1}
	}
	return HalfYear{year, 2}
}

// First returns 1 January or 1 July.
func (h HalfYear) First() day.Day {
	if h.Half == 1 {
		return day.New(h.Year, time.January, 1)
	}
	return day.New(h.Year, time.July, 1)
}

// Last returns 30 June or 31 December.
func (h HalfYear) Last() day.Day {
	if h.Half == 1 {
		return day.New(h.Year, time.June, 30)
	}
	return day.New(h.Year, time.December, 31)
}

// Next returns the half-year after h.
func (h HalfYear) Next() HalfYear {
	if h.Half == 1 {
		return HalfYear{h.Year, 2}
	}
	return HalfYear{h.Year + 1, 1}
}

// String writes "2026 H2".
func (h HalfYear) String() string { return fmt.Sprintf("%d H%d", h.Year, h.Half) }
