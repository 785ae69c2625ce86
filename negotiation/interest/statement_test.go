package interest

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"amiable/negotiation/day"
	"amiable/negotiation/money"

	"github.com/google/go-cmp/cmp"
)

func TestStatement(t *testing.T) {
	for _, tell := range append(lawVectors, ownVectors...) {
		t.Run(tell.name, func(t *testing.T) {
			s, err := French().Statement(tell.claim, tell.moves, tell.until)
			if err != nil {
				t.Fatal(err)
			}
			var segments []string
			for _, g := range s.Segments {
				segments = append(segments, fmt.Sprintf("%s..%s %d %d %s %d", g.From, g.To, g.Days, g.Base.Minor, g.Rate, g.Amount.Minor))
				if g.Source == "" || g.Article == "" {
					t.Errorf("the segment from %s names no source or article", g.From)
				}
			}
			if diff := cmp.Diff(tell.segments, segments); diff != "" {
				t.Errorf("segments (− told, + worked out):\n%s", diff)
			}
			left := [3]int64{s.Interest.Minor, s.Indemnity.Minor, s.Principal.Minor}
			if left != tell.left {
				t.Errorf("interest, indemnity, principal left: %v, told %v", left, tell.left)
			}
			if s.Accrued.Minor != tell.accrued || s.Excess.Minor != tell.excess {
				t.Errorf("accrued %v, excess %v; told %v and %v", s.Accrued, s.Excess, euros(tell.accrued), euros(tell.excess))
			}
			var remarks []RemarkCode
			for _, m := range s.Remarks {
				remarks = append(remarks, m.Code)
				if m.String() == string(m.Code) {
					t.Errorf("%s has no words", m.Code)
				}
			}
			if diff := cmp.Diff(tell.remarks, remarks); diff != "" {
				t.Errorf("remarks (− told, + made):\n%s", diff)
			}
		})
	}
}

// law 2.5: 500.00 and 30.00 of interest, 100.00 paid: 30.00 to interest, 70.00
// to principal, 430.00 left.
func TestLawVectorOfImputation(t *testing.T) {
	owed := Balance{Interest: euros(30_00), Principal: euros(500_00)}
	got := owed.Take(euros(100_00))
	if got.Interest != euros(30_00) || got.Principal != euros(70_00) || owed.Principal.Sub(got.Principal) != euros(430_00) {
		t.Errorf("100.00 on 500.00 + 30.00 paid %v of interest and %v of principal", got.Interest, got.Principal)
	}
}

func TestPaymentLinesNameWhatTheyPaid(t *testing.T) {
	s, err := French().Statement(business(10_000_00, "2026-04-30"), []Movement{paid("P1", "2026-06-30", 5_000_00)}, "2026-08-31")
	if err != nil {
		t.Fatal(err)
	}
	want := Line{
		Movement: paid("P1", "2026-06-30", 5_000_00), Reversed: euros(0),
		Interest: euros(203_05), Indemnity: euros(40_00), Principal: euros(4_756_95), Excess: euros(0),
	}
	if diff := cmp.Diff([]Line{want}, s.Lines); diff != "" {
		t.Error(diff)
	}
}

func TestWhatOneMoreDayCosts(t *testing.T) {
	for _, row := range []struct {
		name  string
		claim Claim
		until day.Day
		cents int64
	}{
		{"10 000 × 12.40 % ÷ 365 = 3.397…", business(10_000_00, "2026-04-30"), "2026-08-31", 340},
		{"a consumer's 850 × 2.75 % ÷ 365 = 0.064…", consumer(850_00, "2025-09-30", "2025-11-14"), "2026-09-30", 6},
		{"due today: tomorrow is the first day, 0.0333…", business(100_00, "2026-04-30"), "2026-04-30", 3},
		{"due tomorrow: nothing yet", business(100_00, "2026-04-30"), "2026-04-29", 0},
		{"no notice: nothing", consumer(850_00, "2025-09-30", ""), "2026-09-30", 0},
	} {
		s, err := French().Statement(row.claim, nil, row.until)
		if err != nil {
			t.Fatal(err)
		}
		if s.PerDay != euros(row.cents) || s.PerDayMissing != nil {
			t.Errorf("%s: %v a day, want %v", row.name, s.PerDay, euros(row.cents))
		}
	}
}

// 2027 H1 is not published: a statement may end on 31 December 2026 and says
// that the day after cannot be told; one that reaches 2027 fails by name.
func TestAMissingRateFailsByName(t *testing.T) {
	for _, row := range []struct {
		claim Claim
		kind  RateKind
	}{
		{business(1_000_00, "2026-04-30"), ECB},
		{consumer(1_000_00, "2026-04-30", "2026-05-31"), LegalOther},
		{with(consumer(1_000_00, "2026-04-30", "2026-05-31"), func(c *Claim) { c.Creditor = IndividualCreditor }), LegalIndividual},
	} {
		s, err := French().Statement(row.claim, nil, "2026-12-31")
		if err != nil || s.PerDayMissing == nil || s.PerDayMissing.HalfYear != (HalfYear{2027, 1}) || !s.PerDay.IsZero() {
			t.Errorf("%s on 2026-12-31: %v, one more day costs %v, missing: %v", row.kind, err, s.PerDay, s.PerDayMissing)
		}
		_, err = French().Statement(row.claim, nil, "2027-01-02")
		var missing *MissingRateError
		if !errors.As(err, &missing) || missing.Kind != row.kind || missing.HalfYear != (HalfYear{2027, 1}) || missing.LastDay() != "2026-12-31" {
			t.Errorf("%s on 2027-01-02: %v", row.kind, err)
		}
		if err != nil && (!strings.Contains(err.Error(), string(row.kind)) || !strings.Contains(err.Error(), "2027 H1")) {
			t.Errorf("%q does not name the rate and its half-year", err)
		}
	}
	// A claim whose interest began before the table does.
	_, err := French().Statement(consumer(1_000_00, "2014-01-31", "2014-02-28"), nil, "2026-08-31")
	var missing *MissingRateError
	if !errors.As(err, &missing) || missing.Begins != "2015-01-01" || missing.HalfYear != (HalfYear{2014, 1}) {
		t.Errorf("a legal rate of 2014, before the table begins: %v", err)
	}
	// Cleared in time, the year without a rate is never asked for.
	if _, err := French().Statement(business(1_000_00, "2026-04-30"), []Movement{paid("P1", "2026-04-30", 1_000_00)}, "2030-01-01"); err != nil {
		t.Error(err)
	}
}

func TestInputThatMakesNoSenseIsRefused(t *testing.T) {
	good := business(1_000_00, "2026-04-30")
	for name, try := range map[string]struct {
		claim Claim
		moves []Movement
		until day.Day
	}{
		"no principal":           {claim: with(good, func(c *Claim) { c.Principal = euros(0) })},
		"below zero":             {claim: with(good, func(c *Claim) { c.Principal = euros(-1) })},
		"beyond belief":          {claim: with(good, func(c *Claim) { c.Principal = euros(maxMinor + 1) })},
		"dollars":                {claim: with(good, func(c *Claim) { c.Principal = money.New(1, "USD") })},
		"no due date":            {claim: with(good, func(c *Claim) { c.DueOn = "" })},
		"30 February":            {claim: with(good, func(c *Claim) { c.DueOn = "2026-02-30" })},
		"year 9999":              {claim: good, until: "9999-12-31"},
		"unknown debtor":         {claim: with(good, func(c *Claim) { c.Debtor = "firm" })},
		"unknown creditor":       {claim: with(good, func(c *Claim) { c.Creditor = "firm" })},
		"360 days":               {claim: with(good, func(c *Claim) { c.DayCount = "360" })},
		"contract rate below 0":  {claim: with(good, func(c *Claim) { c.ContractRate = new(Rate(-1)) })},
		"suspension backwards":   {claim: with(good, func(c *Claim) { c.Suspended = []Span{{From: "2026-05-02", To: "2026-05-01"}} })},
		"suspension of nothing":  {claim: with(good, func(c *Claim) { c.Suspended = []Span{{From: "2026-05-02", Of: euros(-1)}} })},
		"payment of nothing":     {claim: good, moves: []Movement{paid("P", "2026-05-01", 0)}},
		"payment below zero":     {claim: good, moves: []Movement{paid("P", "2026-05-01", -5)}},
		"payment without a day":  {claim: good, moves: []Movement{paid("P", "", 5)}},
		"payment in dollars":     {claim: good, moves: []Movement{{Kind: Payment, Day: "2026-05-01", Amount: money.New(5, "USD")}}},
		"unknown movement":       {claim: good, moves: []Movement{{Kind: "gift", Day: "2026-05-01", Amount: euros(5)}}},
		"reversal of nothing":    {claim: good, moves: []Movement{{Kind: Reversal, Day: "2026-05-01", Amount: euros(5)}}},
		"reversal of unknown":    {claim: good, moves: []Movement{{Kind: Reversal, Reverses: "P", Day: "2026-05-01", Amount: euros(5)}}},
		"reversal too big":       {claim: good, moves: []Movement{paid("P", "2026-05-01", 4), {Kind: Reversal, Reverses: "P", Day: "2026-05-01", Amount: euros(5)}}},
		"two reversals too big":  {claim: good, moves: []Movement{paid("P", "2026-05-01", 5), {Kind: Reversal, Reverses: "P", Day: "2026-05-01", Amount: euros(3)}, {Kind: Reversal, Reverses: "P", Day: "2026-05-01", Amount: euros(3)}}},
		"reversal too early":     {claim: good, moves: []Movement{paid("P", "2026-05-02", 5), {Kind: Reversal, Reverses: "P", Day: "2026-05-01", Amount: euros(5)}}},
		"payment of a component": {claim: good, moves: []Movement{{Kind: Payment, Only: InterestPart, Day: "2026-05-01", Amount: euros(5)}}},
	} {
		if try.until == "" {
			try.until = "2026-06-30"
		}
		if _, err := French().Statement(try.claim, try.moves, try.until); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
	if _, err := French().Statement(good, nil, ""); err == nil {
		t.Error("a statement for no day: taken")
	}
}
