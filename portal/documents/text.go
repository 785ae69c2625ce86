package documents

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// run is text in one weight; textLine is what fits on a line.
type run struct {
	text string
	bold bool
}

type textLine struct {
	runs  []run
	width float64
}

// plain is a value that came from outside: clean, and none of it read as marks.
func plain(text string) string {
	text = clean(text)
	for strings.Contains(text, "**") {
		text = strings.ReplaceAll(text, "**", "* *")
	}
	return text
}

// clean keeps what can be printed: composed accents, no control characters,
// nothing beyond what the fonts can hold.
func clean(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n':
			return r
		case unicode.IsControl(r) || r == '\u2028' || r == '\u2029':
			return ' '
		case unicode.In(r, unicode.Cf): // invisible: joiners, direction marks
			return -1
		case r >= 0xffff || r == unicode.ReplacementChar: // emoji and the like have no glyph
			return '?'
		}
		return r
	}, norm.NFC.String(text))
}

// wrap breaks text into lines of at most width. It breaks at plain spaces only,
// so that no-break spaces hold; at a line feed always; inside a word only when
// the word is wider than the line. **Stars** set words in bold.
func (s *sheet) wrap(text string, f face, width float64) []textLine {
	var lines []textLine
	bold := false
	for _, part := range strings.Split(clean(text), "\n") {
		var l textLine
		for _, w := range strings.Split(part, " ") {
			word, after := s.word(w, f, bold)
			bold = after
			space := 0.0
			if len(l.runs) > 0 {
				space = s.width(" ", f, false)
			}
			if len(l.runs) > 0 && l.width+space+word.width > width {
				lines, l, space = append(lines, l), textLine{}, 0
			}
			for word.width > width {
				head, tail := s.cut(word, f, width)
				lines, word = append(lines, head), tail
			}
			if space > 0 {
				l.add(run{text: " ", bold: l.runs[len(l.runs)-1].bold && len(word.runs) > 0 && word.runs[0].bold}, space)
			}
			for _, r := range word.runs {
				l.add(r, s.width(r.text, f, r.bold))
			}
		}
		lines = append(lines, l)
	}
	return lines
}

// word reads one word with its marks; it returns whether bold goes on after it.
func (s *sheet) word(w string, f face, bold bool) (textLine, bool) {
	var l textLine
	for i, piece := range strings.Split(w, "**") {
		if i > 0 {
			bold = !bold
		}
		if piece != "" {
			l.add(run{piece, bold}, s.width(piece, f, bold))
		}
	}
	return l, bold
}

// cut breaks a word too wide for a line; at least one character goes before.
func (s *sheet) cut(word textLine, f face, width float64) (head, tail textLine) {
	for i, r := range word.runs {
		for at, c := range r.text {
			w := s.width(string(c), f, r.bold)
			if head.width+w > width && head.width > 0 {
				rest := run{r.text[at:], r.bold}
				tail.add(rest, s.width(rest.text, f, rest.bold))
				for _, later := range word.runs[i+1:] {
					tail.add(later, s.width(later.text, f, later.bold))
				}
				return head, tail
			}
			head.add(run{string(c), r.bold}, w)
		}
	}
	return head, tail
}

// add appends a run, joined to the last where the weight is the same: text is
// searched and read aloud by runs.
func (l *textLine) add(r run, width float64) {
	if n := len(l.runs); n > 0 && l.runs[n-1].bold == r.bold {
		l.runs[n-1].text += r.text
	} else {
		l.runs = append(l.runs, r)
	}
	l.width += width
}

func (s *sheet) width(text string, f face, bold bool) float64 {
	f.bold = f.bold || bold
	s.use(f)
	return s.pdf.GetStringWidth(text)
}
