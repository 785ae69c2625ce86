package day

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestMonthEnds(t *testing.T) {
	for _, row := range []struct {
		from   Day
		months int
		want   Day
	}{
		{"2026-01-31", 1, "2026-02-28"},
		{"2028-01-31", 1, "2028-02-29"},
		{"2026-01-31", 3, "2026-04-30"},
		{"2026-03-31", -1, "2026-02-28"},
		{"2026-11-30", 3, "2027-02-28"},
		{"2024-02-29", 12, "2025-02-28"},
	} {
		if got := row.from.AddMonths(row.months); got != row.want {
			t.Errorf("%s plus %d months is %s, want %s", row.from, row.months, got, row.want)
		}
	}
}

func TestImpossibleDaysAreRefused(t *testing.T) {
	for _, s := range []string{"2026-02-30", "2025-13-05", "2025-00-10", "25-01-01", "2025-1-1", "", "2025-01-01T00:00:00Z"} {
		if d, err := Parse(s); err == nil {
			t.Errorf("%q was read as %s", s, d)
		}
	}
}

func TestAddAndSubAgree(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := New(rapid.IntRange(1990, 2100).Draw(t, "year"), time.Month(rapid.IntRange(1, 12).Draw(t, "month")), rapid.IntRange(1, 28).Draw(t, "dom"))
		n := rapid.IntRange(-20_000, 20_000).Draw(t, "n")
		if got := d.Add(n).Sub(d); got != n {
			t.Fatalf("%s plus %d days is %d days later", d, n, got)
		}
		if (n > 0) != d.Add(n).After(d) {
			t.Fatalf("%s and %s are out of order", d, d.Add(n))
		}
	})
}

func TestScanReadsWhatTheDatabasesGive(t *testing.T) {
	for _, v := range []any{"2026-11-21", []byte("2026-11-21"), "2026-11-21T00:00:00Z", time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)} {
		var d Day
		if err := d.Scan(v); err != nil || d != "2026-11-21" {
			t.Errorf("%v was read as %q, %v", v, d, err)
		}
	}
}
