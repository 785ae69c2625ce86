package page

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"regexp"
	"strings"
	"testing"

	"amiable/negotiation"
	"amiable/negotiation/day"
	"amiable/negotiation/money"
	"amiable/portal/locale"

	"pgregory.net/rapid"
)

func specimen(t *testing.T, name, in string, l locale.Language) string {
	t.Helper()
	pages, err := New()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range Gallery() {
		if s.Name == name && s.In == in && s.Page.base().Lang == l {
			var out bytes.Buffer
			if err := pages.Render(&out, s.Page); err != nil {
				t.Fatal(err)
			}
			return out.String()
		}
	}
	t.Fatalf("no %s in %q", name, in)
	return ""
}

// said is what a reader hears of a page: what is hidden from readers is left
// out, and tags are spaces.
func said(page string) string {
	_, page, _ = strings.Cut(page, "</h1>")
	page, _, _ = strings.Cut(page, "</main>")
	for _, hidden := range []string{`(?s)<svg[^>]*aria-hidden="true".*?</svg>`, `(?s)<span aria-hidden="true">.*?</span>`, `<[^>]*>`} {
		page = regexp.MustCompile(hidden).ReplaceAllString(page, " ")
	}
	return strings.Join(strings.Fields(page), " ")
}

func TestThePicturesOfAPlanSayInWordsWhatTheyShow(t *testing.T) {
	for in, want := range map[string]string{
		"nothing paid":                    "0 échéance réglée sur 6. Reste 1 248,60 € Déjà réglé 0,00 € Date après date samedi 5 décembre 2026 : 208,10 €, prochaine date. mardi 5 janvier 2027 : 208,10 €, à venir.",
		"half paid":                       "3 échéances réglées sur 6. Reste 624,30 € Déjà réglé 624,30 € Date après date samedi 5 décembre 2026 : 208,10 €, réglé.",
		"all paid":                        "6 échéances réglées sur 6. Reste 0,00 € Déjà réglé 1 248,60 €",
		"one late, part of the next paid": "vendredi 5 février 2027 : 208,10 €, à régler, date passée. vendredi 5 mars 2027 : 208,10 €, prochaine date. Déjà réglé : 100,00 €. lundi 5 avril",
		"one skipped, one moved":          "vendredi 5 février 2027 : date sautée, rien à régler. samedi 20 mars 2027 : 178,37 €, prochaine date. Date changée : c’était le 5 mars 2027.",
		"the last contested":              "mercredi 5 mai 2027 : 208,10 €, en suspens car contesté.",
		"36 monthly":                      "7 échéances réglées sur 36. Reste 6 034,90 € Déjà réglé 1 456,70 € Date après date 2026 : une échéance, 208,10 €",
		"sums alone":                      "Reste 832,40 € Déjà réglé 416,20 €",
	} {
		if text := said(specimen(t, "gallery/plan", in, locale.French)); !strings.Contains(text, strings.Join(strings.Fields(want), " ")) {
			t.Errorf("%s: %q is not said in %s", in, want, text)
		}
	}
	if text := said(specimen(t, "gallery/plan", "one skipped, one moved", locale.English)); !strings.Contains(text, "Friday 5 February 2027: skipped, nothing to pay. Saturday 20 March 2027: €178.37, the next date. Date changed: it was 5 March 2027.") {
		t.Errorf("in English: %s", text)
	}
}

// Whatever a plan looks like, its pictures are whole, hold no style and no id,
// and stay inside their frames; every date of it is in the strip once.
func TestWhateverThePlanItsPicturesAreWhole(t *testing.T) {
	states := []string{MonthPaid, MonthDue, MonthLate, MonthSkipped, MonthHeld, MonthDropped, MonthFuture}
	coordinate := regexp.MustCompile(`-?\d+(\.\d+)?`)
	rapid.Check(t, func(t *rapid.T) {
		l := rapid.SampledFrom(locale.Languages).Draw(t, "language")
		ring := PlanRing{Paid: money.Euros(0), Left: money.Euros(0)}
		var months PlanMonths
		at := day.Day("2026-12-31")
		for range rapid.IntRange(1, 120).Draw(t, "dates") {
			amount := money.Euros(rapid.Int64Range(1, 20_000_000).Draw(t, "amount"))
			m := PlanMonth{DueOn: at, Amount: amount, State: rapid.SampledFrom(states).Draw(t, "state"), Paid: money.Euros(rapid.Int64Range(0, amount.Minor).Draw(t, "paid"))}
			if rapid.Bool().Draw(t, "moved") {
				m.MovedFrom = at.Add(-3)
			}
			months = append(months, m)
			ring.Parts = append(ring.Parts, RingPart{m.Amount, m.Paid})
			ring.Paid, ring.Left = ring.Paid.Add(m.Paid), ring.Left.Add(m.Amount.Sub(m.Paid))
			at = at.Add(rapid.IntRange(1, 31).Draw(t, "days"))
		}
		shown, open := 0, 0
		drawn := []string{string(drawRing(l, ring))}
		for _, y := range months.years(l) {
			if !y.Folded {
				open += len(y.Cells)
			}
			for _, c := range y.Cells {
				if c.DueOn != months[shown].DueOn {
					t.Fatalf("date %d is %s, not %s", shown, c.DueOn, months[shown].DueOn)
				}
				shown++
				drawn = append(drawn, string(drawMonth(c)))
			}
			if y.Columns < 3 || y.Columns > 6 {
				t.Fatalf("%d bars in a row", y.Columns)
			}
		}
		if shown != len(months) || open == 0 {
			t.Fatalf("%d of %d dates, %d in sight", shown, len(months), open)
		}
		for _, svg := range drawn {
			for reader := xml.NewDecoder(strings.NewReader(svg)); ; {
				token, err := reader.Token()
				if err == io.EOF {
					break
				} else if err != nil {
					t.Fatalf("%v: %s", err, svg)
				}
				element, ok := token.(xml.StartElement)
				for _, a := range element.Attr {
					if a.Name.Local == "style" || a.Name.Local == "id" {
						t.Fatalf("%s has a %s: %s", element.Name.Local, a.Name.Local, svg)
					}
					if ok && a.Name.Local == "d" {
						for _, n := range coordinate.FindAllString(a.Value, -1) {
							var value float64
							if _, err := fmt.Sscan(n, &value); err != nil || value < -ringSide || value > ringSide {
								t.Fatalf("%s leads out of the picture: %s", n, svg)
							}
						}
					}
				}
			}
		}
	})
}

// A plan as the domain has it becomes its pictures: the first line with
// something to pay is next, and what is not asked is no part of the ring.
func TestAPlanBecomesItsPictures(t *testing.T) {
	line := func(number int64, due day.Day, amount, paid int64, state negotiation.LineState) negotiation.Standing {
		return negotiation.Standing{
			PlanLine: negotiation.PlanLine{Number: number, DueOn: due, Amount: amount}, Paid: money.Euros(paid), Left: money.Euros(amount - paid), State: state,
		}
	}
	g := &negotiation.Progress{Paid: money.Euros(140_00), Left: money.Euros(260_00), Lines: []negotiation.Standing{
		line(1, "2026-12-05", 100_00, 100_00, negotiation.LinePaid), line(2, "2027-01-05", 0, 0, negotiation.LineSkipped),
		line(3, "2027-02-05", 100_00, 40_00, negotiation.LineAhead), line(4, "2027-03-05", 100_00, 0, negotiation.LineAhead),
		line(5, "2027-04-05", 100_00, 0, negotiation.LineSuspended), line(6, "2027-05-05", 100_00, 0, negotiation.LineDropped),
	}}
	g.Lines[2].MovedFrom, g.Next = "2027-02-01", &g.Lines[2]
	ring, months := PlanPictures(g)
	var states []string
	for _, m := range months {
		states = append(states, m.State)
	}
	if got := strings.Join(states, " "); got != "paid skipped due future held dropped" {
		t.Errorf("the strip shows %s", got)
	}
	if m := months[2]; !m.Moved() || !m.Part() || m.Amount != money.Euros(100_00) || m.Paid != money.Euros(40_00) {
		t.Errorf("next is %+v", m)
	}
	if len(ring.Parts) != 4 || ring.Settled() != 1 || ring.Percent() != 35 {
		t.Errorf("the ring has %d parts, %d settled, %d %%", len(ring.Parts), ring.Settled(), ring.Percent())
	}
	g.Lines[2].State = negotiation.LineLate
	if _, months = PlanPictures(g); months[2].State != MonthLate || months[3].State != MonthFuture {
		t.Errorf("late: %+v", months)
	}
	for _, state := range []negotiation.LineState{negotiation.LinePaid, negotiation.LineSkipped, negotiation.LineSuspended, negotiation.LineDropped,
		negotiation.LineLate, negotiation.LineDue, negotiation.LineAhead} {
		for _, l := range locale.Languages {
			if !l.Has("plan.month." + monthStates[state]) {
				t.Errorf("%s: no words for %s", l, state)
			}
		}
	}
}

// A ring is full only when nothing is left, and empty only when nothing is paid.
func TestARingNeverRoundsToTheEnds(t *testing.T) {
	for _, c := range []struct {
		paid, left int64
		percent    int
	}{{0, 0, 0}, {0, 100, 0}, {1, 1_000_000, 1}, {1_000_000, 1, 99}, {100, 0, 100}, {416_20, 832_40, 33}} {
		if got := (PlanRing{Paid: money.Euros(c.paid), Left: money.Euros(c.left)}).Percent(); got != c.percent {
			t.Errorf("%d paid and %d left are %d %%, not %d", c.paid, c.left, got, c.percent)
		}
	}
	thick := func(parts ...RingPart) int {
		return strings.Count(string(drawRing(locale.French, PlanRing{Parts: parts})), `stroke-width="14"`)
	}
	paid, part, none := RingPart{money.Euros(100), money.Euros(100)}, RingPart{money.Euros(100), money.Euros(40)}, RingPart{money.Euros(100), money.Euros(0)}
	if got := []int{thick(none, none), thick(paid, none), thick(paid, part, none), thick(paid, paid)}; fmt.Sprint(got) != "[0 1 2 2]" {
		t.Errorf("thick arcs: %v", got)
	}
}

// A row of the strip is as long as look and labels allow.
func TestRowsOfTheStrip(t *testing.T) {
	for _, c := range []struct{ months, widest, columns int }{
		{1, 8, 3}, {3, 6, 3}, {4, 6, 4}, {5, 6, 5}, {6, 6, 6}, {7, 6, 4}, {8, 6, 4}, {9, 6, 5}, {10, 6, 5}, {12, 6, 6}, {36, 6, 6},
		{6, 7, 5}, {12, 8, 4}, {12, 9, 4}, {12, 10, 3}, {8, 10, 3},
	} {
		if got := columns(c.months, c.widest); got != c.columns {
			t.Errorf("%d dates with %d characters: %d in a row, not %d", c.months, c.widest, got, c.columns)
		}
	}
}

// A long plan shows the years with what is next and folds the others; a short
// one within a year names none.
func TestALongPlanIsFoldedByYear(t *testing.T) {
	w := world{locale.French}
	story := func(n, paid int, every negotiation.Rhythm) string {
		p := w.plan(int64(n)*100_00, negotiation.Terms{Instalments: n, Every: every, FirstDueOn: "2026-12-05"}, paid)
		var years []string
		for _, y := range p.Months.years(locale.French) {
			text := fmt.Sprintf("%d", len(y.Cells))
			if y.Named {
				text = string(y.Year)[:4] + ":" + text
			}
			if y.Folded {
				text = "(" + text + ")"
			}
			years = append(years, text)
		}
		return strings.Join(years, " ")
	}
	for _, c := range []struct {
		n, paid int
		every   negotiation.Rhythm
		want    string
	}{
		{6, 2, negotiation.Monthly, "6"},
		{12, 0, negotiation.Monthly, "12"},
		{13, 0, negotiation.Monthly, "2026:1 2027:12"},
		{24, 0, negotiation.Weekly, "2026:4 2027:20"},
		{36, 0, negotiation.Monthly, "2026:1 2027:12 (2028:12) (2029:11)"},
		{36, 14, negotiation.Monthly, "(2026:1) (2027:12) 2028:12 (2029:11)"},
		{36, 36, negotiation.Monthly, "(2026:1) (2027:12) (2028:12) 2029:11"},
	} {
		if got := story(c.n, c.paid, c.every); got != c.want {
			t.Errorf("%d %s, %d paid: %s, not %s", c.n, c.every, c.paid, got, c.want)
		}
	}
}
