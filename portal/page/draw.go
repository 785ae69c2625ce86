package page

import (
	"fmt"
	"html/template"
	"strings"
)

// drawCode draws a matrix of dark squares (a QR code) with its quiet margin of
// four, one path for all of it. The words beside it say the same.
func drawCode(matrix [][]bool) template.HTML {
	const margin = 4
	side := len(matrix) + 2*margin
	var path strings.Builder
	for y, line := range matrix {
		for x := 0; x < len(line); x++ {
			if !line[x] {
				continue
			}
			run := 1
			for x+run < len(line) && line[x+run] {
				run++
			}
			fmt.Fprintf(&path, "M%d %dh%dv1h-%dz", x+margin, y+margin, run, run)
			x += run
		}
	}
	return template.HTML(fmt.Sprintf(
		`<svg viewBox="0 0 %d %d" width="220" height="220" aria-hidden="true" shape-rendering="crispEdges"><rect width="%d" height="%d" fill="#fff"/><path fill="#000" d="%s"/></svg>`,
		side, side, side, side, path.String()))
}

// drawWeeks draws the bars of a chart on their baseline: full what came in,
// soft the week under way. The table beside it says the same in figures.
func drawWeeks(weeks []WeekBar) template.HTML {
	const height, step, width = 180, 64, 40
	full := len(weeks) * step
	var b strings.Builder
	fmt.Fprintf(&b, `<svg viewBox="0 0 %d %d" width="100%%" preserveAspectRatio="xMinYMax meet" aria-hidden="true">`, full, height+2)
	fmt.Fprintf(&b, `<path class="faint" d="M0 0h%dv1H0zM0 %dh%dv1H0z"/>`, full, height/2, full)
	for i, week := range weeks {
		class, tall := "fill", height*min(max(week.Percent, 0), 100)/100
		if week.Current {
			class = "soft"
		}
		fmt.Fprintf(&b, `<rect class="%s" x="%d" y="%d" width="%d" height="%d"/>`, class, i*step+(step-width)/2, height-tall, width, tall)
	}
	fmt.Fprintf(&b, `<path class="inkline" stroke-width="1.5" d="M0 %dh%d"/></svg>`, height, full)
	return template.HTML(b.String())
}

// stateLooks gives each group of cases its filling: full, soft, hollow, hatched.
var stateLooks = map[string]string{
	"cleared": "fill", "in_plan": "soft", "open": "hollow", "disputed": "hatch",
}

// drawStates draws the bar of cases by state, each stretch in its filling.
func drawStates(states []StateCount) template.HTML {
	var b strings.Builder
	b.WriteString(`<svg viewBox="0 0 400 28" width="100%" height="28" preserveAspectRatio="none" aria-hidden="true">` + hatch("hatch-states"))
	x := 0
	for _, s := range states {
		width := s.Percent * 4
		class, known := stateLooks[s.State]
		switch {
		case class == "hatch":
			fmt.Fprintf(&b, `<rect class="stroke" x="%d" y="1" width="%d" height="26"/><rect fill="url(#hatch-states)" x="%d" y="1" width="%d" height="26"/>`, x+1, max(width-3, 1), x+1, max(width-3, 1))
		case !known:
			fmt.Fprintf(&b, `<rect class="edgeline" stroke-dasharray="3 3" x="%d" y="1" width="%d" height="26"/>`, x+1, max(width-3, 1))
		default:
			fmt.Fprintf(&b, `<rect class="%s" x="%d" y="1" width="%d" height="26"/>`, class, x+1, max(width-3, 1))
		}
		x += width
	}
	b.WriteString("</svg>")
	return template.HTML(b.String())
}

// drawKey draws the small square of a legend.
func drawKey(state string) template.HTML {
	class, known := stateLooks[state]
	inner := `<rect class="edgeline" stroke-dasharray="3 2" x="1" y="1" width="12" height="12"/>`
	switch {
	case class == "hatch":
		inner = hatch("hatch-key") + `<rect class="stroke" x="1" y="1" width="12" height="12"/><rect fill="url(#hatch-key)" x="1" y="1" width="12" height="12"/>`
	case known:
		inner = `<rect class="` + class + `" x="1" y="1" width="12" height="12"/>`
	}
	return template.HTML(`<svg viewBox="0 0 14 14" width="14" height="14" aria-hidden="true">` + inner + `</svg>`)
}

func hatch(id string) string {
	return `<defs><pattern id="` + id + `" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><path class="stroke" stroke-width="3" d="M0 0v5"/></pattern></defs>`
}
