package negotiation

import (
	"time"

	"amiable/negotiation/day"
)

// WorkingDay says whether offices work on a day in France: Monday to Friday,
// but not on the eleven public holidays (C. trav. L3133-1). The two more of
// Alsace and Moselle are not counted.
func WorkingDay(d Day) bool {
	switch d.Weekday() {
	case time.Saturday, time.Sunday:
		return false
	}
	return !holiday(d)
}

// AddWorkingDays returns the n-th working day after a day.
func AddWorkingDays(from Day, n int) Day {
	d := from
	for n > 0 {
		d = d.Add(1)
		if WorkingDay(d) {
			n--
		}
	}
	return d
}

// BankingDay says whether euros move between banks on a day: Monday to Friday,
// but not on the six closing days of T2 (ECB, decision of 14 December 2000: New
// Year, Good Friday, Easter Monday, 1 May, 25 and 26 December).
func BankingDay(d Day) bool {
	switch d.Weekday() {
	case time.Saturday, time.Sunday:
		return false
	}
	year, month, dom := d.Date()
	switch [2]int{int(month), dom} {
	case [2]int{1, 1}, [2]int{5, 1}, [2]int{12, 25}, [2]int{12, 26}:
		return false
	}
	sunday := easter(year)
	return d != sunday.Add(-2) && d != sunday.Add(1)
}

func holiday(d Day) bool {
	year, month, dom := d.Date()
	switch [2]int{int(month), dom} {
	case [2]int{1, 1}, [2]int{5, 1}, [2]int{5, 8}, [2]int{7, 14}, [2]int{8, 15}, [2]int{11, 1}, [2]int{11, 11}, [2]int{12, 25}:
		return true
	}
	sunday := easter(year)
	return d == sunday.Add(1) || d == sunday.Add(39) || d == sunday.Add(50)
}

// easter returns Easter Sunday of a Gregorian year (the anonymous algorithm,
// also called Meeus/Jones/Butcher).
func easter(year int) Day {
	a, b, c := year%19, year/100, year%100
	d, e := b/4, b%4
	f := (b + 8) / 25
	g := (b - f + 1) / 3
	h := (19*a + b - d - g + 15) % 30
	i, k := c/4, c%4
	l := (32 + 2*e + 2*i - h - k) % 7
	m := (a + 11*h + 22*l) / 451
	n := h + l - 7*m + 114
	return day.New(year, time.Month(n/31), n%31+1)
}
