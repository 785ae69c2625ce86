package placement

import (
	"testing"
	"time"

	"amiable/negotiation/day"

	"pgregory.net/rapid"
)

func date(s string) (day.Day, bool) {
	year, month, dom, ok := parseDate(s)
	if !ok {
		return "", false
	}
	return days{}.of(s, year, month, dom), true
}

func TestDatesAsPeopleWriteThem(t *testing.T) {
	for s, want := range map[string]day.Day{
		"2026-03-02": "2026-03-02", "2026/03/02": "2026-03-02", "20260302": "2026-03-02", "2026-3-2": "2026-03-02",
		"02/03/2026": "2026-03-02", "02.03.2026": "2026-03-02", "02-03-2026": "2026-03-02", "2/3/2026": "2026-03-02",
		"2026-03-02T00:00:00": "2026-03-02", "2026-03-02 00:00:00.000": "2026-03-02", "02/03/2026 00:00": "2026-03-02", "2026-03-02T00:00:00Z": "2026-03-02",
		"29/02/2024": "2024-02-29", "31/12/2025": "2025-12-31",
	} {
		if got, ok := date(s); got != want || !ok {
			t.Errorf("%q is %q %v, want %s", s, got, ok, want)
		}
	}
	for _, s := range []string{
		"2026-02-30", "2025-13-05", "2025-00-10", "29/02/2025", "31/04/2026", "00/01/2026", "01/19/2026", "02/03/26", "26-03-02",
		"2026-03-02T23:00:00", "2026-03-02 00:30", "29/02/2100", "02/03-2026", "2026-03", "fin mars", "45000", "0225-01-01", "9999-12-31", "2026-03-02-01", "", "//", "2026--02",
		"123456789", "1/1/20260", "２０２６-03-02",
	} {
		if got, ok := date(s); ok {
			t.Errorf("%q was read as %s", s, got)
		}
	}
}

func TestEveryDayComesBackHoweverItIsWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := time.Date(firstYear, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, rapid.IntRange(0, 91_000).Draw(t, "days"))
		layout := rapid.SampledFrom([]string{"2006-01-02", "02/01/2006", "2.1.2006", "20060102", "02-01-2006", "2006-01-02T00:00:00"}).Draw(t, "layout")
		if got, ok := date(d.Format(layout)); !ok || got != day.Of(d) {
			t.Fatalf("%q is %q, want %s", d.Format(layout), got, day.Of(d))
		}
	})
}

func FuzzDate(f *testing.F) {
	for _, s := range []string{"2026-03-02", "29/02/2024", "31.04.2026", "20260302", "2026-03-02T00:00:00Z", "-/.", "9999999999"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, ok := date(s)
		if !ok {
			return
		}
		if parsed, err := day.Parse(string(got)); err != nil || parsed != got {
			t.Fatalf("%q was read as %q: %v", s, got, err)
		}
	})
}
