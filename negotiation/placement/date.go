package placement

import (
	"strings"

	"amiable/negotiation/day"
)

// Years outside of these are slips of the pen, such as 0225.
const (
	firstYear = 1950
	lastYear  = 2199
)

// parseDate reads 2026-03-02, 2026/03/02, 20260302, 02/03/2026, 02.03.2026,
// 02-03-2026, 2/3/2026, each with or without a midnight behind it. The day comes
// before the month: a file with American dates is refused line by line, not
// misread, as soon as a day is after the 12th. A year has four digits.
func parseDate(s string) (year, month, dom int, ok bool) {
	s = withoutMidnight(s)
	var parts [3]int
	var lengths [3]int
	n, sep := 0, byte(0)
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c >= '0' && c <= '9':
			if lengths[n]++; lengths[n] > 8 {
				return 0, 0, 0, false
			}
			parts[n] = parts[n]*10 + int(c-'0')
		case (c == '-' || c == '/' || c == '.') && n < 2 && (sep == 0 || c == sep):
			sep = c
			n++
		default:
			return 0, 0, 0, false
		}
	}
	switch {
	case n == 0 && lengths[0] == 8:
		year, month, dom = parts[0]/10_000, parts[0]/100%100, parts[0]%100
	case n == 2 && lengths[0] == 4 && short(lengths[1]) && short(lengths[2]):
		year, month, dom = parts[0], parts[1], parts[2]
	case n == 2 && lengths[2] == 4 && short(lengths[0]) && short(lengths[1]):
		year, month, dom = parts[2], parts[1], parts[0]
	default:
		return 0, 0, 0, false
	}
	return year, month, dom, exists(year, month, dom)
}

func short(length int) bool { return length == 1 || length == 2 }

func exists(year, month, dom int) bool {
	if year < firstYear || year > lastYear || month < 1 || month > 12 || dom < 1 {
		return false
	}
	return dom <= daysIn(year, month)
}

func daysIn(year, month int) int {
	switch month {
	case 4, 6, 9, 11:
		return 30
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	}
	return 31
}

// withoutMidnight takes the time off a date that a database wrote; any other
// time than midnight is left, and the date refused.
func withoutMidnight(s string) string {
	if len(s) <= len("2026-03-02") {
		return s
	}
	at := strings.IndexAny(s, "T ")
	if at < 0 {
		return s
	}
	for i, c := range []byte(strings.TrimSuffix(s[at+1:], "Z")) {
		if c != '0' && c != ':' && c != '.' || (i == 0 && c != '0') {
			return s
		}
	}
	return s[:at]
}

// days makes the text of a day once: a file of a million lines has a few
// hundred different ones.
type days map[int]day.Day

// of returns the day, taking the text of the file where it is already written as
// we write it.
func (d days) of(s string, year, month, dom int) day.Day {
	if len(s) == 10 && s[4] == '-' && s[7] == '-' {
		return day.Day(s)
	}
	key := year<<9 | month<<5 | dom
	known, found := d[key]
	if !found {
		known = day.Day([]byte{
			byte('0' + year/1000), byte('0' + year/100%10), byte('0' + year/10%10), byte('0' + year%10), '-',
			byte('0' + month/10), byte('0' + month%10), '-', byte('0' + dom/10), byte('0' + dom%10),
		})
		if len(d) < 1<<16 {
			d[key] = known
		}
	}
	return known
}
