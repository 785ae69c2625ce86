package page

import (
	"fmt"
	"html/template"
	"math"
	"strings"

	"amiable/portal/locale"
)

// The ring, in its own units: as wide as it is high.
const (
	ringSide   = 150
	ringRadius = 64.0
	ringThick  = 14 // paid
	ringMedium = 7  // next
	ringThin   = 3  // to come
	ringParts  = 12 // more parts than this are one arc
	ringApart  = 3.5
)

// drawRing draws one arc per instalment, thick where it is paid, medium where
// it is next, thin where it is to come; many instalments are one arc. The words
// beside it say the same, so it is hidden from readers.
func drawRing(l locale.Language, r PlanRing) template.HTML {
	var b strings.Builder
	fmt.Fprintf(&b, `<svg viewBox="0 0 %d %d" width="%d" height="%d" aria-hidden="true">`, ringSide, ringSide, ringSide, ringSide)
	if n := len(r.Parts); n < 2 || n > ringParts {
		drawWholeRing(&b, r.Percent())
	} else {
		drawParts(&b, r.Parts)
	}
	count, word := l.T("plan.ring.percent", "percent", l.Percent(int64(r.Percent())*100)), l.T("plan.ring.word", "n", 1)
	if n := len(r.Parts); n > 0 {
		count, word = l.T("plan.ring.count", "paid", r.Settled(), "of", n), l.T("plan.ring.words", "n", r.Settled())
	}
	size := 24
	if len(count) > 8 {
		size = 20
	}
	if len(count) > 10 {
		size = 17
	}
	fmt.Fprintf(&b, `<text x="75" y="78" text-anchor="middle" font-size="%d">%s</text><text x="75" y="98" text-anchor="middle" font-size="15">%s</text></svg>`,
		size, template.HTMLEscapeString(count), template.HTMLEscapeString(word))
	return template.HTML(b.String())
}

func drawWholeRing(b *strings.Builder, percent int) {
	if percent < 100 {
		fmt.Fprintf(b, `<circle class="edgeline" stroke-width="%d" cx="75" cy="75" r="%.0f"/>`, ringThin, ringRadius)
	}
	switch {
	case percent == 100:
		fmt.Fprintf(b, `<circle class="stroke" stroke-width="%d" cx="75" cy="75" r="%.0f"/>`, ringThick, ringRadius)
	case percent > 0:
		arc(b, "stroke", ringThick, 0, float64(percent)*3.6)
	}
}

// drawParts draws the arcs in proportion to their amounts. What is paid of an
// instalment is the thick beginning of its arc.
func drawParts(b *strings.Builder, parts []RingPart) {
	whole := int64(0)
	for _, p := range parts {
		whole += max(p.Amount.Minor, 0)
	}
	next, from := true, int64(0)
	for _, p := range parts {
		begin := float64(from)/float64(max(whole, 1))*360 + ringApart/2
		from += max(p.Amount.Minor, 0)
		end := max(float64(from)/float64(max(whole, 1))*360-ringApart/2, begin+0.5)
		paid := begin + (end-begin)*float64(percentOf(p.Paid.Minor, p.Amount.Minor))/100
		switch {
		case p.settled():
			arc(b, "stroke", ringThick, begin, end)
			continue
		case next:
			arc(b, "stroke", ringMedium, begin, end)
			next = false
		default:
			arc(b, "edgeline", ringThin, begin, end)
		}
		if p.Paid.IsPositive() {
			arc(b, "stroke", ringThick, begin, paid)
		}
	}
}

// arc draws from one angle to another, in degrees from the top, clockwise.
func arc(b *strings.Builder, class string, width int, from, to float64) {
	large := 0
	if to-from > 180 {
		large = 1
	}
	x1, y1 := onRing(from)
	x2, y2 := onRing(to)
	fmt.Fprintf(b, `<path class="%s" stroke-width="%d" d="M%.1f %.1fA%.0f %.0f 0 %d 1 %.1f %.1f"/>`, class, width, x1, y1, ringRadius, ringRadius, large, x2, y2)
}

func onRing(degrees float64) (x, y float64) {
	sin, cos := math.Sincos(degrees * math.Pi / 180)
	return ringSide/2 + ringRadius*sin, ringSide/2 - ringRadius*cos
}

// A bar stands on the lower edge of its cell; the dots of time are above it.
const (
	barCell  = 48
	barWidth = 24
	barLeft  = (barCell - barWidth) / 2
	barMost  = 48
	barLeast = 8
	barFloor = 60 // height of the cell
)

// drawMonth draws the bar of one date: full what is paid, outlined what is due,
// soft what is to come, hatched what is contested, a dashed stub where nothing
// is asked; dots are time: above a bar that was moved, inside one whose day has
// passed.
func drawMonth(c planCell) template.HTML {
	var b strings.Builder
	fmt.Fprintf(&b, `<svg viewBox="0 0 %d %d" width="%d" height="%d" aria-hidden="true">`, barCell, barFloor, barCell, barFloor)
	tall := max(barMost*c.Tall/100, barLeast)
	top := barFloor - tall
	outline := func(class string, width, inset float64) {
		fmt.Fprintf(&b, `<path class="%s" stroke-width="%g" d="M%g %dV%gh%gV%d"/>`, class, width, barLeft+inset, barFloor, float64(top)+inset, barWidth-2*inset, barFloor)
	}
	switch c.State {
	case MonthPaid:
		fmt.Fprintf(&b, `<path class="fill" d="M%d %dh%dv%dh-%dz"/>`, barLeft, top, barWidth, tall, barWidth)
	case MonthDue:
		outline("hollow", 3, 1.5)
	case MonthLate:
		outline("waiting", 3, 1.5)
		dots(&b, "waits", barFloor-barLeast)
	case MonthSkipped, MonthDropped:
		fmt.Fprintf(&b, `<path class="edgeline" stroke-width="1.5" stroke-dasharray="3 3" d="M%d %dv-10h%dv10"/>`, barLeft, barFloor, barWidth)
	case MonthHeld:
		outline("stroke", 1.5, .75)
		hatched(&b, barLeft, top, barWidth, tall)
	default:
		outline("soft", 1.5, .75)
	}
	if full := tall * c.Full / 100; c.Part() && full > 0 {
		fmt.Fprintf(&b, `<path class="fill" d="M%d %dh%dv%dh-%dz"/>`, barLeft, barFloor-full, barWidth, full, barWidth)
	}
	if c.Moved() && c.State != MonthPaid && !c.nothing() {
		dots(&b, "fill", max(top-6, 4))
	}
	b.WriteString("</svg>")
	return template.HTML(b.String())
}

func dots(b *strings.Builder, class string, y int) {
	for x := barCell/2 - 7; x <= barCell/2+7; x += 7 {
		fmt.Fprintf(b, `<circle class="%s" cx="%d" cy="%d" r="2"/>`, class, x, y)
	}
}

// hatched fills a box with slanting lines. They are cut to the box here: a
// pattern would need an id of its own for every bar.
func hatched(b *strings.Builder, x, y, width, height int) {
	var path strings.Builder
	for sum := 5; sum < width+height; sum += 6 {
		x1, y1 := min(sum, width), max(sum-width, 0)
		x2, y2 := max(sum-height, 0), min(sum, height)
		fmt.Fprintf(&path, "M%d %dL%d %d", x+x1, y+y1, x+x2, y+y2)
	}
	fmt.Fprintf(b, `<path class="stroke" stroke-width="2" d="%s"/>`, path.String())
}

// drawTerms draws how a suggestion compares with the others: a bar for each
// instalment, as tall as its sum. Past a dozen they say nothing that one can see.
func drawTerms(n, tall int) template.HTML {
	if n > ringParts {
		return ""
	}
	const floor, most, step = 29, 26, 6
	height := max(most*tall/100, 4)
	var path strings.Builder
	for i := range n {
		fmt.Fprintf(&path, "M%d %dh4v%dh-4z", i*step+1, floor-height, height)
	}
	return template.HTML(fmt.Sprintf(`<svg class="mini" width="72" height="30" viewBox="0 0 72 30" aria-hidden="true"><path class="fill" d="%s"/><path class="stroke" stroke-width="2" d="M0 29h72"/></svg>`, path.String()))
}
