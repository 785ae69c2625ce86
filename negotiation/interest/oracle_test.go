package interest

import (
	"fmt"
	"math/big"
	"testing"
	"time"

	"amiable/negotiation/day"
	"amiable/negotiation/money"

	"pgregory.net/rapid"
)

// The oracle works a statement out another way: a diary. It walks the calendar
// one day at a time with time.Time, earns each day's interest as an exact
// fraction, reads rates from the CSV's rows by scanning them all, and rounds
// only when a run of days ends. It shares no arithmetic, no calendar and no
// rate lookup with the code it judges.
type diary struct {
	t      *rapid.T
	claim  Claim
	rates  []DatedRate
	earned *big.Rat // of the run that is open; nil when none is
	bases  []int64  // of each run, in order
	runs   []int64  // its rounded interest

	interest, indemnity, principal, excess int64
	charged                                bool
	paid                                   [][4]int64 // of each payment: interest, indemnity, principal, excess
}

func (d *diary) close() {
	if d.earned == nil {
		return
	}
	half := new(big.Rat).Add(d.earned, big.NewRat(1, 2))
	cents := new(big.Int).Div(half.Num(), half.Denom()).Int64() // floor(x + ½): half up
	d.runs = append(d.runs, cents)
	d.interest += cents
	d.earned = nil
}

func (d *diary) rate(today time.Time, began time.Time) *big.Rat {
	lookup := func(kind RateKind, at time.Time) *big.Rat {
		month := time.January
		if at.Month() > 6 {
			month = time.July
		}
		first := time.Date(at.Year(), month, 1, 0, 0, 0, 0, time.UTC).Format("2006-01-02")
		for _, row := range d.rates {
			if row.Kind == kind && string(row.From) <= first && (row.To == "" || first <= string(row.To)) {
				r, _ := new(big.Rat).SetString(row.Rate.String())
				return r
			}
		}
		d.t.Fatalf("the oracle knows no %s of %s", kind, first)
		return nil
	}
	c := d.claim
	switch {
	case c.Debtor == "public":
		return new(big.Rat).Add(lookup("ecb_mro", began), big.NewRat(8, 1))
	case c.ContractRate != nil:
		r, _ := new(big.Rat).SetString(c.ContractRate.String())
		return r
	case c.Debtor == "business" && c.Creditor != "individual":
		return new(big.Rat).Add(lookup("ecb_mro", today), big.NewRat(10, 1))
	case c.Creditor == "individual":
		return lookup("fr_legal_individual_creditor", today)
	}
	return lookup("fr_legal_other_creditor", today)
}

func (d *diary) write(moves []Movement, until day.Day) {
	c := d.claim
	d.principal = c.Principal.Minor
	commercial := c.Debtor == "public" || (c.Debtor == "business" && c.Creditor != "individual")
	due, _ := time.Parse("2006-01-02", string(c.DueOn))
	began := due.AddDate(0, 0, 1)
	runs := commercial
	if !commercial && c.NoticeOn != "" {
		runs = true
		if notice, _ := time.Parse("2006-01-02", string(c.NoticeOn)); notice.After(due) {
			began = notice.AddDate(0, 0, 1)
		}
	}
	first := due.AddDate(-1, 0, 0)
	for today := first; today.Format("2006-01-02") <= string(until); today = today.AddDate(0, 0, 1) {
		written := today.Format("2006-01-02")
		if today.After(due) && !d.charged && d.principal > 0 {
			d.charged = true
			if commercial && !c.NoIndemnity {
				d.indemnity = 4000
			}
		}
		base := d.principal
		if !runs || today.Before(began) {
			base = 0
		}
		for _, s := range c.Suspended {
			if string(s.From) <= written && (s.To == "" || written <= string(s.To)) {
				if s.Of.Minor == 0 {
					base = 0
				} else {
					base = max(0, base-s.Of.Minor)
				}
			}
			// A suspension begins or ends a run, whatever it is of.
			if string(s.From) == written || (s.To != "" && today.AddDate(0, 0, -1).Format("2006-01-02") == string(s.To)) {
				d.close()
			}
		}
		if today.Day() == 1 && (today.Month() == 1 || today.Month() == 7) {
			d.close()
		}
		if base > 0 {
			yearDays := int64(365)
			if c.DayCount != "365" && time.Date(today.Year(), 2, 29, 0, 0, 0, 0, time.UTC).Month() == 2 {
				yearDays = 366
			}
			one := new(big.Rat).Mul(big.NewRat(base, 100*yearDays), d.rate(today, began))
			if d.earned == nil {
				d.earned = new(big.Rat)
				d.bases = append(d.bases, base)
			}
			d.earned.Add(d.earned, one)
		} else {
			d.close()
		}
		for _, m := range moves {
			if string(m.Day) != written {
				continue
			}
			d.close()
			left := m.Amount.Minor
			take := func(from *int64) int64 {
				n := min(left, *from)
				*from, left = *from-n, left-n
				return n
			}
			var line [4]int64
			if m.Kind == CreditNote {
				line[2], line[0], line[1] = take(&d.principal), take(&d.interest), take(&d.indemnity)
			} else {
				line[0], line[1], line[2] = take(&d.interest), take(&d.indemnity), take(&d.principal)
			}
			line[3] = left
			d.excess += left
			d.paid = append(d.paid, line)
		}
	}
	d.close()
}

func dayBetween(from, to day.Day) *rapid.Generator[day.Day] {
	return rapid.Custom(func(t *rapid.T) day.Day {
		if rapid.IntRange(0, 9).Draw(t, "edge") == 0 { // the days on which things go wrong
			edges := []day.Day{"2019-12-31", "2020-01-01", "2020-02-29", "2020-12-31", "2021-01-01", "2023-06-30", "2023-07-01", "2024-02-29", "2024-06-30", "2024-12-31", "2025-01-01", "2026-06-30", "2026-07-01", "2026-12-31"}
			if d := rapid.SampledFrom(edges).Draw(t, "day"); d >= from && d <= to {
				return d
			}
		}
		return from.Add(rapid.IntRange(0, to.Sub(from)).Draw(t, "days"))
	})
}

func drawClaim(t *rapid.T) Claim {
	c := Claim{
		ID:        "F",
		Principal: euros(rapid.OneOf(rapid.Int64Range(1, 500_00), rapid.Int64Range(1, 50_000_00), rapid.Int64Range(1, 90_000_000_00)).Draw(t, "principal")),
		DueOn:     dayBetween("2016-01-01", "2026-12-31").Draw(t, "due"),
		Debtor:    rapid.SampledFrom([]DebtorKind{Business, Consumer, NonProfessional, Public}).Draw(t, "debtor"),
		Creditor:  rapid.SampledFrom([]CreditorKind{"", BusinessCreditor, IndividualCreditor}).Draw(t, "creditor"),
		DayCount:  rapid.SampledFrom([]DayCount{"", Actual, Fixed365}).Draw(t, "count"),
	}
	if rapid.Bool().Draw(t, "noticed") {
		c.NoticeOn = dayBetween(c.DueOn.Add(-60), c.DueOn.Add(400)).Draw(t, "notice")
	}
	if rapid.IntRange(0, 3).Draw(t, "contract") == 0 {
		c.ContractRate = new(Rate(rapid.Int64Range(0, int64(MaxRate)).Draw(t, "rate")))
	}
	c.NoIndemnity = rapid.IntRange(0, 9).Draw(t, "no indemnity") == 0
	for range rapid.IntRange(0, 5).Draw(t, "suspensions") - 3 {
		s := Span{From: dayBetween(c.DueOn.Add(-30), c.DueOn.Add(500)).Draw(t, "from")}
		if rapid.Bool().Draw(t, "ends") {
			s.To = s.From.Add(rapid.IntRange(0, 400).Draw(t, "long"))
		}
		if rapid.Bool().Draw(t, "part") {
			s.Of = euros(rapid.Int64Range(1, c.Principal.Minor+1).Draw(t, "of"))
		}
		c.Suspended = append(c.Suspended, s)
	}
	return c
}

func drawMoves(t *rapid.T, c Claim, until day.Day) []Movement {
	var moves []Movement
	last := day.Max(until, c.DueOn)
	for i := range rapid.IntRange(0, 6).Draw(t, "moves") {
		moves = append(moves, Movement{
			ID: fmt.Sprint(i), Kind: rapid.SampledFrom([]MovementKind{Payment, Payment, Payment, CreditNote}).Draw(t, "kind"),
			Day:    dayBetween(c.DueOn.Add(-60), last.Add(60)).Draw(t, "on"),
			Amount: euros(rapid.Int64Range(1, max(1, c.Principal.Minor/2+100_00)).Draw(t, "amount")),
		})
	}
	return moves
}

func TestStatementAgreesWithADiary(t *testing.T) {
	rows := allRows(French())
	rapid.Check(t, func(t *rapid.T) {
		c := drawClaim(t)
		until := dayBetween(c.DueOn.Add(-20), "2026-12-31").Draw(t, "until")
		moves := drawMoves(t, c, until)
		s, err := French().Statement(c, moves, until)
		if err != nil {
			t.Fatal(err)
		}
		want := diary{t: t, claim: c, rates: rows}
		want.write(inOrder(moves), until)

		if got := []int64{s.Interest.Minor, s.Indemnity.Minor, s.Principal.Minor, s.Excess.Minor}; fmt.Sprint(got) != fmt.Sprint([]int64{want.interest, want.indemnity, want.principal, want.excess}) {
			t.Fatalf("interest, indemnity, principal, excess: %v; the diary has %v", got, []int64{want.interest, want.indemnity, want.principal, want.excess})
		}
		var amounts, bases []int64
		accrued := int64(0)
		for _, g := range s.Segments {
			amounts, bases, accrued = append(amounts, g.Amount.Minor), append(bases, g.Base.Minor), accrued+g.Amount.Minor
		}
		if fmt.Sprint(amounts) != fmt.Sprint(want.runs) || fmt.Sprint(bases) != fmt.Sprint(want.bases) || accrued != s.Accrued.Minor {
			t.Fatalf("segments of %v on %v, together %v; the diary has %v on %v", amounts, bases, s.Accrued, want.runs, want.bases)
		}
		var lines [][4]int64
		for _, l := range s.Lines {
			lines = append(lines, [4]int64{l.Interest.Minor, l.Indemnity.Minor, l.Principal.Minor, l.Excess.Minor})
			if l.Interest.Minor+l.Indemnity.Minor+l.Principal.Minor+l.Excess.Minor != l.Amount.Minor {
				t.Fatalf("the movement of %s does not add up", l.Day)
			}
		}
		if fmt.Sprint(lines) != fmt.Sprint(want.paid) {
			t.Fatalf("allocations %v; the diary has %v", lines, want.paid)
		}
	})
}

// inOrder sorts by day, slowly, keeping those of one day as they were.
func inOrder(moves []Movement) []Movement {
	var sorted []Movement
	for _, m := range moves {
		at := len(sorted)
		for at > 0 && sorted[at-1].Day > m.Day {
			at--
		}
		sorted = append(sorted[:at:at], append([]Movement{m}, sorted[at:]...)...)
	}
	return sorted
}

func allRows(r *Rates) []DatedRate {
	var rows []DatedRate
	for _, kind := range []RateKind{ECB, LegalIndividual, LegalOther} {
		rows = append(rows, r.kinds[kind]...)
	}
	return rows
}

// What must hold of every statement, whatever the case.
func TestStatementProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := drawClaim(t)
		until := dayBetween(c.DueOn.Add(-20), "2026-12-31").Draw(t, "until")
		moves := drawMoves(t, c, until)
		s, err := French().Statement(c, moves, until)
		if err != nil {
			t.Fatal(err)
		}
		for _, amount := range []money.Amount{s.Interest, s.Indemnity, s.Principal, s.Excess, s.Accrued, s.PerDay} {
			if amount.IsNegative() {
				t.Fatalf("%v is below zero", amount)
			}
		}
		// What came in and what is left is what was ever owed.
		moved := money.Euros(0)
		for _, l := range s.Lines {
			moved = moved.Add(l.Amount).Sub(l.Reversed)
		}
		if owed := money.Sum(c.Principal, s.Accrued, s.Charged); s.Total().Add(moved).Sub(s.Excess) != owed {
			t.Fatalf("left %v + moved %v − excess %v is not the %v that was owed", s.Total(), moved, s.Excess, owed)
		}
		var before day.Day
		for _, g := range s.Segments {
			if g.From <= before || g.To < g.From || g.Days != g.To.Sub(g.From)+1 || g.From < c.InterestStarts() || g.To > until || HalfYearOf(g.From) != HalfYearOf(g.To) {
				t.Fatalf("the segment %s..%s of %d days stands wrong", g.From, g.To, g.Days)
			}
			before = g.To
		}
		// Interest only grows with time, and a payment never makes it dearer.
		if later, err := French().Statement(c, moves, day.Min(until.Add(rapid.IntRange(1, 300).Draw(t, "later")), "2026-12-31")); err == nil && later.Accrued.Minor < s.Accrued.Minor-int64(len(moves))-2 {
			t.Fatalf("accrued %v, later %v", s.Accrued, later.Accrued)
		}
		if free, err := French().Statement(c, nil, until); err == nil && s.Accrued.Minor > free.Accrued.Minor+int64(len(moves)) {
			t.Fatalf("accrued %v with payments, %v without", s.Accrued, free.Accrued) // but for a cent of rounding each
		}
		// A claim cleared by what the statement asks for owes nothing more, ever.
		if s.Total().IsPositive() && until >= c.DueOn {
			cleared, err := French().Statement(c, append(inOrder(kept(moves, until)), Movement{ID: "last", Kind: Payment, Day: until, Amount: s.Total()}), until.Add(3000))
			if err == nil && (!cleared.Total().IsZero() || cleared.Excess != s.Excess) {
				t.Fatalf("paid %v on %s, and %v is left", s.Total(), until, cleared.Total())
			} else if err != nil {
				t.Fatalf("a cleared claim asked for a rate: %v", err)
			}
		}
		// A payment taken back whole leaves the total as if it had not been.
		undone := append(kept(moves, until), paid("undone", until, 77_00), Movement{Kind: Reversal, Reverses: "undone", Day: until, Amount: euros(77_00)})
		if again, err := French().Statement(c, undone, until); err != nil || again.Balance != s.Balance {
			t.Fatalf("%v: %v, was %v", err, again.Balance, s.Balance)
		}
	})
}

func kept(moves []Movement, until day.Day) []Movement {
	var in []Movement
	for _, m := range moves {
		if !m.Day.After(until) {
			in = append(in, m)
		}
	}
	return in
}

// A case that keeps what it posted and accrues since then comes to the same
// cent as the statement from the first day, if it posts where segments end.
func TestAccruingSinceTheLastPostingIsTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := drawClaim(t)
		posted := dayBetween(c.DueOn, "2026-12-31").Draw(t, "posted")
		until := dayBetween(posted, "2026-12-31").Draw(t, "until")
		s, err := French().Statement(c, []Movement{paid("P", posted, 1)}, until)
		if err != nil {
			t.Fatal(err)
		}
		then, err := French().Statement(c, []Movement{paid("P", posted, 1)}, posted)
		if err != nil {
			t.Fatal(err)
		}
		since, err := French().Accrue(c, then.Principal, posted.Add(1), until)
		if err != nil {
			t.Fatal(err)
		}
		sum := then.Interest
		for _, g := range since {
			sum = sum.Add(g.Amount)
		}
		if sum.Minor != s.Interest.Minor {
			t.Fatalf("%v by posting, %v from the first day", sum, s.Interest)
		}
	})
}
