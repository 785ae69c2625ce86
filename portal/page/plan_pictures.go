package page

import (
	"unicode/utf8"

	"amiable/negotiation"
	"amiable/negotiation/day"
	"amiable/negotiation/money"
	"amiable/portal/locale"
)

// PlanRing is the ring of what is paid and left: the partial "plan-ring". The
// sums stand beside it in words.
type PlanRing struct {
	Paid, Left money.Amount

	// Parts are the instalments that count, in order; those skipped are left
	// out. Without parts the ring shows the two sums alone.
	Parts []RingPart
}

// RingPart is one instalment of a ring.
type RingPart struct{ Amount, Paid money.Amount }

func (p RingPart) settled() bool { return p.Paid.Minor >= p.Amount.Minor }

// Settled counts the parts that are paid in full.
func (r PlanRing) Settled() int {
	n := 0
	for _, p := range r.Parts {
		if p.settled() {
			n++
		}
	}
	return n
}

// Percent is how much of it all is paid: 100 only when nothing is left, 0 only
// when nothing is paid.
func (r PlanRing) Percent() int { return percentOf(r.Paid.Minor, r.Paid.Minor+r.Left.Minor) }

func percentOf(part, whole int64) int {
	switch {
	case part <= 0 || whole <= 0:
		return 0
	case part >= whole:
		return 100
	}
	return int(min(max(money.MulDivFloor(part, 100, whole), 1), 99))
}

// monthStates are the states of a plan's lines as the strip shows them.
var monthStates = map[negotiation.LineState]string{
	negotiation.LinePaid: MonthPaid, negotiation.LineSkipped: MonthSkipped, negotiation.LineSuspended: MonthHeld, negotiation.LineDropped: MonthDropped,
	negotiation.LineLate: MonthLate, negotiation.LineDue: MonthDue, negotiation.LineAhead: MonthFuture,
}

// PlanPictures turns a plan as it stands into its ring and its strip.
func PlanPictures(g *negotiation.Progress) (PlanRing, PlanMonths) {
	ring, months := PlanRing{Paid: g.Paid, Left: g.Left}, make(PlanMonths, 0, len(g.Lines))
	for i := range g.Lines {
		line := &g.Lines[i]
		month := PlanMonth{
			DueOn: line.DueOn, MovedFrom: line.MovedFrom, Amount: money.New(line.Amount, line.Paid.Currency), Paid: line.Paid, State: monthStates[line.State],
		}
		if line == g.Next && line.State == negotiation.LineAhead {
			month.State = MonthDue
		}
		months = append(months, month)
		if !month.nothing() {
			ring.Parts = append(ring.Parts, RingPart{Amount: month.Amount, Paid: month.Paid})
		}
	}
	return ring, months
}

// The states of an instalment on its day, each with its phrases
// "plan.month.<state>" and, but for those to come, "plan.month.word.<state>".
const (
	MonthPaid    = "paid"
	MonthDue     = "due"     // the next date
	MonthLate    = "late"    // its day has passed
	MonthSkipped = "skipped" // nothing is asked for that day
	MonthHeld    = "held"    // rests, because it is contested
	MonthDropped = "dropped" // no longer owed
	MonthFuture  = "future"
)

// PlanMonths is the strip of a plan's dates: the partial "plan-months". Under
// each bar stands what it says; a reader hears a sentence for each.
type PlanMonths []PlanMonth

// PlanMonth is one instalment of the strip.
type PlanMonth struct {
	DueOn     day.Day
	MovedFrom day.Day // the day it was due before it was moved; none if it was not
	Amount    money.Amount
	Paid      money.Amount // so far
	State     string       // a Month constant
}

// Moved says whether the day was changed.
func (m PlanMonth) Moved() bool { return !m.MovedFrom.IsZero() }

// Part says whether some of it is paid, but not all.
func (m PlanMonth) Part() bool { return m.State != MonthPaid && m.Paid.IsPositive() }

// Asked says whether its amount is to be shown.
func (m PlanMonth) Asked() bool { return m.State != MonthPaid && !m.nothing() }

// nothing says whether nothing is asked on its day.
func (m PlanMonth) nothing() bool { return m.State == MonthSkipped || m.State == MonthDropped }

// Marked says whether it is the one to look at.
func (m PlanMonth) Marked() bool { return m.State == MonthDue || m.State == MonthLate }

// Word is the code of the word under a bar; empty where the amount says it all.
func (m PlanMonth) Word() string {
	switch {
	case m.State == MonthDue, m.State == MonthFuture:
		if m.Moved() {
			return "moved"
		}
		return ""
	}
	return m.State
}

// planCell is a bar of the strip: how tall, of the tallest, and how much of it
// is full.
type planCell struct {
	PlanMonth
	Tall, Full int // percent
}

// planYear is the bars of one year. Folded years can be opened.
type planYear struct {
	Year    day.Day // a day of it
	Named   bool
	Folded  bool
	Columns int
	Wide    bool // its dates or words need more room than six in a row have on a narrow phone
	Cells   []planCell
	Total   money.Amount // asked for or paid in it
}

const (
	monthsOneRun = 12 // dates that are shown without naming their years
	monthsOpen   = 24 // more dates than this, and years further away are folded
	monthsSeen   = 6  // dates that stay in sight all the same
)

// years lays the strip out: in one run where it is short, else by year. A long
// plan shows the years with what is next, and folds the others.
func (m PlanMonths) years(l locale.Language) []planYear {
	if len(m) == 0 {
		return nil
	}
	named := len(m) > monthsOneRun || m[len(m)-1].DueOn.Sub(m[0].DueOn) >= 365
	tallest, widest, wide := int64(1), 0, false
	for _, month := range m {
		tallest = max(tallest, month.Amount.Minor)
		if month.Asked() {
			widest = max(widest, utf8.RuneCountInString(l.Figures(month.Amount)))
		}
		_, _, dayOfMonth := month.DueOn.Date()
		wide = wide || dayOfMonth >= 10 || dayOfMonth == 1 || month.Word() == MonthHeld || month.Word() == "moved"
	}
	var years []planYear
	for _, month := range m {
		last := len(years) - 1
		if last < 0 || (named && !sameYear(years[last].Year, month.DueOn)) {
			years = append(years, planYear{Year: month.DueOn, Named: named, Total: month.Amount.Zero()})
			last++
		}
		years[last].Cells = append(years[last].Cells, planCell{
			PlanMonth: month, Tall: percentOf(month.Amount.Minor, tallest), Full: percentOf(month.Paid.Minor, month.Amount.Minor),
		})
		if !month.nothing() {
			years[last].Total = years[last].Total.Add(month.Amount)
		}
	}
	for i := range years {
		years[i].Columns, years[i].Wide = columns(len(m), widest), wide
	}
	m.fold(years)
	return years
}

// fold closes the years of a long plan but those with what is next.
func (m PlanMonths) fold(years []planYear) {
	if len(m) <= monthsOpen {
		return
	}
	seen := 0
	for i := range years {
		open := false
		for _, c := range years[i].Cells {
			open = open || (c.State != MonthPaid && !c.nothing())
		}
		years[i].Folded = !open || seen >= monthsSeen
		if !years[i].Folded {
			seen += len(years[i].Cells)
		}
	}
	if seen == 0 { // all is paid
		years[len(years)-1].Folded = false
	}
}

func sameYear(a, b day.Day) bool {
	first, _, _ := a.Date()
	second, _, _ := b.Date()
	return first == second
}

// columns is how many bars stand in a row: rows of like length where they can
// be, and as few as the amounts need on a narrow phone.
func columns(months, widest int) int {
	row := 6
	switch {
	case months <= 3:
		row = 3
	case months <= 5:
		row = months
	case months == 7, months == 8:
		row = 4
	case months == 9, months == 10:
		row = 5
	}
	switch {
	case widest <= 6:
		return row
	case widest <= 7:
		return min(row, 5)
	case widest <= 9:
		return min(row, 4)
	}
	return 3
}
