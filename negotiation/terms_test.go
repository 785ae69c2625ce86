package negotiation

import (
	"testing"

	"pgregory.net/rapid"

	"amiable/negotiation/day"
	"amiable/negotiation/money"
)

func TestSchedules(t *testing.T) {
	for _, row := range []struct {
		name  string
		terms Terms
		owed  int64
		want  Schedule
	}{
		{"three times, the leftover cent first", Terms{Instalments: 3, Every: Monthly, FirstDueOn: "2027-02-05"}, 100_00, Schedule{
			{1, "2027-02-05", money.Euros(33_34)}, {2, "2027-03-05", money.Euros(33_33)}, {3, "2027-04-05", money.Euros(33_33)}}},
		{"the end of the month stays the end", Terms{Instalments: 4, Every: Monthly, FirstDueOn: "2027-01-31"}, 40_00, Schedule{
			{1, "2027-01-31", money.Euros(10_00)}, {2, "2027-02-28", money.Euros(10_00)}, {3, "2027-03-31", money.Euros(10_00)}, {4, "2027-04-30", money.Euros(10_00)}}},
		{"a larger first sum", Terms{Instalments: 3, Every: Fortnightly, FirstDueOn: "2026-12-28", First: money.Euros(50_00)}, 100_01, Schedule{
			{1, "2026-12-28", money.Euros(50_00)}, {2, "2027-01-11", money.Euros(25_01)}, {3, "2027-01-25", money.Euros(25_00)}}},
		{"more time", Terms{Instalments: 1, FirstDueOn: "2027-06-01"}, 100_00, Schedule{{1, "2027-06-01", money.Euros(100_00)}}},
		{"a smaller sum", Terms{Instalments: 1, FirstDueOn: "2027-02-01", Total: money.Euros(80_00)}, 100_00, Schedule{{1, "2027-02-01", money.Euros(80_00)}}},
	} {
		got, err := row.terms.Schedule(money.Euros(row.owed))
		if err != nil || len(got) != len(row.want) {
			t.Errorf("%s: %v, %v", row.name, got, err)
			continue
		}
		for i := range got {
			if got[i] != row.want[i] {
				t.Errorf("%s: instalment %d is %v, want %v", row.name, i+1, got[i], row.want[i])
			}
		}
	}
}

func TestTermsThatMakeNoScheduleAreRefused(t *testing.T) {
	for name, terms := range map[string]Terms{
		"no instalment":            {Every: Monthly, FirstDueOn: "2027-01-01"},
		"too many":                 {Instalments: 121, Every: Monthly, FirstDueOn: "2027-01-01"},
		"more than cents":          {Instalments: 101, Every: Monthly, FirstDueOn: "2027-01-01"},
		"no day":                   {Instalments: 2, Every: Monthly},
		"no rhythm":                {Instalments: 2, FirstDueOn: "2027-01-01"},
		"more than is owed":        {Instalments: 1, FirstDueOn: "2027-01-01", Total: money.Euros(101)},
		"a first sum above it all": {Instalments: 2, Every: Weekly, FirstDueOn: "2027-01-01", First: money.Euros(101)},
		"nothing after the first":  {Instalments: 2, Every: Weekly, FirstDueOn: "2027-01-01", First: money.Euros(100)},
	} {
		if s, err := terms.Schedule(money.Euros(100)); AsRefusal(err) == nil {
			t.Errorf("%s: %v, %v", name, s, err)
		}
	}
}

// anyTerms draws terms, most of which make a schedule.
func anyTerms(t *rapid.T, balance money.Amount) Terms {
	terms := Terms{
		Instalments: rapid.IntRange(1, 40).Draw(t, "n"), Every: rapid.SampledFrom([]Rhythm{Weekly, Fortnightly, Monthly}).Draw(t, "every"),
		FirstDueOn: day.New(2026, 11, 23).Add(rapid.IntRange(-10, 300).Draw(t, "first")),
	}
	if rapid.IntRange(0, 4).Draw(t, "with") == 0 {
		terms.First = money.Euros(rapid.Int64Range(1, balance.Minor).Draw(t, "sum"))
	}
	if rapid.IntRange(0, 3).Draw(t, "less") == 0 {
		terms.Total = money.Euros(rapid.Int64Range(1, balance.Minor).Draw(t, "total"))
	}
	return terms
}

func TestASchedulesAddsUpOnDaysThatExist(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		balance := money.Euros(rapid.Int64Range(1, 5_000_000).Draw(t, "owed"))
		terms := anyTerms(t, balance)
		s, err := terms.Schedule(balance)
		if err != nil {
			if AsRefusal(err) == nil {
				t.Fatal(err)
			}
			return
		}
		if s.Total() != terms.totalOf(balance) || len(s) != terms.Instalments {
			t.Fatalf("%v adds up to %v, not %v", s, s.Total(), terms.totalOf(balance))
		}
		for i, one := range s {
			if _, err := day.Parse(string(one.DueOn)); err != nil || !one.Amount.IsPositive() || (i > 0 && !one.DueOn.After(s[i-1].DueOn)) {
				t.Fatalf("instalment %d of %v", i+1, s)
			}
		}
	})
}

func anyPolicy(t *rapid.T) Policy {
	p := Policy{
		InstalmentsMax: rapid.IntRange(1, 24).Draw(t, "max"), MonthsMax: rapid.IntRange(1, 24).Draw(t, "months"),
		InstalmentMin: rapid.Int64Range(0, 200_00).Draw(t, "min"), FirstDaysMax: rapid.IntRange(0, 60).Draw(t, "days"),
		AtOnce: rapid.Bool().Draw(t, "once"), PersonAbove: rapid.SampledFrom([]int64{0, 1_000_00}).Draw(t, "person"),
	}
	if rapid.Bool().Draw(t, "rebate") {
		p.Rebates = []Rebate{{DaysLate: rapid.IntRange(0, 400).Draw(t, "late"), OwedMax: rapid.SampledFrom([]int64{0, 500_00}).Draw(t, "upto"), BasisPoints: rapid.Int64Range(0, 5_000).Draw(t, "bp")}}
	}
	return p
}

func TestAPolicyNeverAcceptsOutsideItsLimits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := anyPolicy(t)
		balance := money.Euros(rapid.Int64Range(1, 5_000_00).Draw(t, "owed"))
		a := Asked{Terms: anyTerms(t, balance), Balance: balance, OldestDue: "2026-01-15", Today: "2026-11-23"}
		v, err := p.Judge(a)
		if err != nil {
			return
		}
		s, err := a.Terms.Schedule(balance)
		if err != nil {
			t.Fatal(err)
		}
		if v.Answer == Yes {
			rebate := balance.Sub(s.Total()).Minor
			allowed := int64(0)
			for _, r := range p.Rebates {
				if r.DaysLate <= 312 && (r.OwedMax == 0 || balance.Minor <= r.OwedMax) {
					allowed = balance.Minor * r.BasisPoints / 10_000
				}
			}
			switch {
			case len(s) > p.InstalmentsMax, s[0].DueOn > day.New(2026, 11, 23).Add(p.FirstDaysMax), s[0].DueOn < "2026-11-23",
				len(s) > 1 && s.End() > day.New(2026, 11, 23).AddMonths(p.MonthsMax), rebate > allowed, rebate > 0 && len(s) > 1,
				!p.AtOnce, p.PersonAbove > 0 && balance.Minor > p.PersonAbove:
				t.Fatalf("%+v accepted %+v of %v", p, a.Terms, balance)
			}
			for _, i := range s {
				if len(s) > 1 && i.Amount.Minor < p.InstalmentMin {
					t.Fatalf("%+v accepted an instalment of %v", p, i.Amount)
				}
			}
		}
		if v.Answer != No || v.Nearest == nil {
			return
		}
		inside := func(terms Terms) bool {
			reasons, err := p.outside(Asked{Terms: terms, Balance: balance, OldestDue: a.OldestDue, Today: a.Today})
			return err == nil && len(reasons) == 0
		}
		if !inside(*v.Nearest) {
			t.Fatalf("the nearest to %+v by %+v does not pass: %+v", a.Terms, p, *v.Nearest)
		}
		if n := v.Nearest; n.Instalments > a.Terms.Instalments {
			t.Fatalf("asked for %d instalments, the nearest has %d", a.Terms.Instalments, n.Instalments)
		}
		// Nothing nearer: one instalment more, with all else as in the nearest,
		// does not pass; nor does a first day nearer to the one asked for.
		if v.Nearest.Instalments < a.Terms.Instalments {
			more := *v.Nearest
			more.Instalments++
			if more.Instalments > 1 && v.Nearest.Instalments == 1 {
				more.First = a.Terms.First
				if !more.First.IsZero() && more.First.Minor < p.InstalmentMin {
					more.First = money.Euros(p.InstalmentMin)
				}
			}
			if inside(more) {
				t.Fatalf("by %+v the nearest to %+v was %+v, but %+v passes", p, a.Terms, *v.Nearest, more)
			}
		}
		if asked := a.Terms.FirstDueOn; v.Nearest.FirstDueOn != asked {
			closer := *v.Nearest
			closer.FirstDueOn = closer.FirstDueOn.Add(1)
			if asked < v.Nearest.FirstDueOn {
				closer.FirstDueOn = v.Nearest.FirstDueOn.Add(-1)
			}
			if inside(closer) {
				t.Fatalf("the first day %s was moved to %s, but %s passes", asked, v.Nearest.FirstDueOn, closer.FirstDueOn)
			}
		}
	})
}

func TestSuggestionsDifferPassAndAnchorOnNoFloor(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := anyPolicy(t)
		balance := money.Euros(rapid.Int64Range(1, 5_000_00).Draw(t, "owed"))
		const today Day = "2026-11-23"
		seen := map[int]bool{}
		for _, terms := range p.Suggest(balance, "2026-01-15", today, today.Add(min(p.FirstDaysMax, 10))) {
			reasons, err := p.outside(Asked{Terms: terms, Balance: balance, OldestDue: "2026-01-15", Today: today})
			if err != nil || len(reasons) > 0 {
				t.Fatalf("%+v suggests %+v, which is outside: %v %v", p, terms, reasons, err)
			}
			if seen[terms.Instalments] || terms.Instalments >= p.InstalmentsMax {
				t.Fatalf("%+v suggests %d instalments", p, terms.Instalments)
			}
			seen[terms.Instalments] = true
		}
	})
	p := Policy{InstalmentsMax: 12, MonthsMax: 14, InstalmentMin: 20_00, FirstDaysMax: 45, AtOnce: true}
	if got := p.Suggest(money.Euros(1_248_60), "2026-04-07", "2026-11-23", "2026-12-05"); len(got) != 3 {
		t.Errorf("an ordinary case is offered %v", got)
	}
}
