package outreach

import (
	"strings"
	"unicode/utf8"

	"amiable/portal/locale"
)

// The kinds of block a text is made of.
const (
	blockText    = "text"
	blockHeading = "heading"
	blockButton  = "button"
	blockCode    = "code"
	blockFacts   = "facts"
)

// block is one paragraph of a letter, from which both the plain text and the
// HTML are made: they cannot say different things.
type block struct {
	Kind    string
	Text    string
	Address string // of a button
	Facts   []fact
	Lines   []span // of a text
}

type fact struct{ Label, Value string }

// span is a stretch of text; with an address it is a link.
type span struct{ Text, Address string }

// parse reads the marks of views/letters.
func parse(body string) []block {
	var blocks []block
	for _, part := range strings.Split(strings.ReplaceAll(body, "\r", ""), "\n\n") {
		part = strings.TrimSpace(part)
		switch {
		case part == "":
		case strings.HasPrefix(part, "## "):
			blocks = append(blocks, block{Kind: blockHeading, Text: part[len("## "):]})
		case strings.HasPrefix(part, "# "):
			blocks = append(blocks, block{Kind: blockCode, Text: part[len("# "):]})
		case strings.HasPrefix(part, "=> "):
			text, address := cutLast(part[len("=> "):], " | ")
			blocks = append(blocks, block{Kind: blockButton, Text: text, Address: address})
		case strings.HasPrefix(part, "| "):
			b := block{Kind: blockFacts}
			for _, row := range strings.Split(part, "\n") {
				row, isFact := strings.CutPrefix(strings.TrimSpace(row), "| ")
				if label, value, ok := strings.Cut(row, " | "); isFact && ok {
					b.Facts = append(b.Facts, fact{strings.TrimSpace(label), strings.TrimSpace(value)})
				}
			}
			blocks = append(blocks, b)
		default:
			text := oneLine(part)
			blocks = append(blocks, block{Kind: blockText, Text: text, Lines: spans(text)})
		}
	}
	return blocks
}

// oneLine joins lines with plain spaces and leaves no-break spaces alone.
func oneLine(text string) string {
	words := strings.FieldsFunc(text, func(r rune) bool { return r == ' ' || r == '\n' || r == '\t' })
	return strings.Join(words, " ")
}

func cutLast(text, separator string) (before, after string) {
	at := strings.LastIndex(text, separator)
	if at < 0 {
		return text, ""
	}
	return text[:at], text[at+len(separator):]
}

// spans finds the addresses in a text. An address ends at a space, and a full
// stop or comma after it is not its own.
func spans(text string) []span {
	var found []span
	for text != "" {
		at := strings.Index(text, "https://")
		if plain := strings.Index(text, "http://"); plain >= 0 && (at < 0 || plain < at) {
			at = plain
		}
		if at < 0 {
			return append(found, span{Text: text})
		}
		if at > 0 {
			found = append(found, span{Text: text[:at]})
		}
		end := at + strings.IndexAny(text[at:]+" ", " \u00a0\u202f")
		address := strings.TrimRight(text[at:end], ".,;:)")
		found = append(found, span{Text: address, Address: address})
		text = text[at+len(address):]
	}
	return found
}

// textWidth is where lines of the plain text break.
const textWidth = 76

// plainText writes a letter for readers without HTML.
func plainText(w written) string {
	var b strings.Builder
	for _, block := range w.Blocks {
		switch block.Kind {
		case blockHeading:
			b.WriteString(block.Text + "\n" + strings.Repeat("-", utf8.RuneCountInString(block.Text)) + "\n\n")
		case blockButton:
			b.WriteString(block.Text + "\n" + block.Address + "\n\n")
		case blockCode:
			b.WriteString("    " + block.Text + "\n\n")
		case blockFacts:
			for _, f := range block.Facts {
				b.WriteString(f.Label + w.colon() + f.Value + "\n")
			}
			b.WriteString("\n")
		default:
			b.WriteString(fold(block.Text) + "\n\n")
		}
	}
	b.WriteString("-- \n" + strings.Join(w.Foot, "\n") + "\n")
	return b.String()
}

func (w written) colon() string {
	if w.Language == locale.French {
		return "\u00a0: "
	}
	return ": "
}

// fold breaks a paragraph at plain spaces.
func fold(text string) string {
	var b strings.Builder
	width := 0
	for i, word := range strings.Split(text, " ") {
		n := utf8.RuneCountInString(word)
		switch {
		case i == 0:
		case width+1+n > textWidth:
			b.WriteByte('\n')
			width = 0
		default:
			b.WriteByte(' ')
			width++
		}
		b.WriteString(word)
		width += n
	}
	return b.String()
}
