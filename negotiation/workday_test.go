package negotiation

import "testing"

func TestEasterIsWhereTheCalendarHasIt(t *testing.T) {
	for year, want := range map[int]Day{2024: "2024-03-31", 2025: "2025-04-20", 2026: "2026-04-05", 2027: "2027-03-28", 2038: "2038-04-25"} {
		if got := easter(year); got != want {
			t.Errorf("Easter of %d is %s, want %s", year, got, want)
		}
	}
}

func TestWorkingDaysLeaveOutWeekendsAndHolidays(t *testing.T) {
	for _, row := range []struct {
		from Day
		n    int
		want Day
	}{
		{"2026-11-20", 1, "2026-11-23"}, // over a weekend
		{"2026-11-10", 1, "2026-11-12"}, // 11 November
		{"2026-05-13", 1, "2026-05-15"}, // Ascension Day
		{"2026-05-22", 1, "2026-05-26"}, // Whit Monday
		{"2026-12-24", 2, "2026-12-29"}, // Christmas on a Friday
		{"2026-04-03", 1, "2026-04-07"}, // Easter Monday
	} {
		if got := AddWorkingDays(row.from, row.n); got != row.want {
			t.Errorf("%d working days after %s is %s, want %s", row.n, row.from, got, row.want)
		}
	}
}
