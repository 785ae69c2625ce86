// Package documents makes the papers of a case as PDF: the first letter, the
// statement, the agreement of a plan, receipts and the final discharge; and the
// dates of a plan as a file for a calendar.
//
// A document is a struct of plain values (sums, days, names) with one method,
// PDF. The same values give the same bytes, always: what is kept is the values
// and their language, and the file can be made again. Each document checks
// itself before it is drawn; one that lacks what the law wants in it is not
// made, and the error says which mention is empty.
//
// The words are phrases "paper.*" of package locale. The files carry their
// fonts, a title, a language, bookmarks, and text in the order in which it is
// read; the accessible original of a document is its page, which it links to.
package documents

import (
	"fmt"
	"strings"
	"time"

	"amiable/negotiation/day"
	"amiable/negotiation/money"
)

// Identity is who somebody is, as it is printed. Contact is the person inside a
// firm. Empty fields are left out, but for those a document cannot do without.
type Identity struct {
	Name, Contact                   string
	Street, Postcode, City, Country string // Country as its ISO code; FR is not printed
	SIREN                           string
	Phone, Hours, Email, Website    string
}

// address returns the lines under the name, the town last.
func (i Identity) address() []string {
	lines := []string{}
	for _, part := range strings.Split(i.Street, "\n") {
		if part = strings.TrimSpace(part); part != "" {
			lines = append(lines, part)
		}
	}
	if town := strings.TrimSpace(i.Postcode + " " + i.City); town != "" {
		lines = append(lines, town)
	}
	if i.Country != "" && i.Country != "FR" {
		lines = append(lines, i.Country)
	}
	return lines
}

// oneLine is name and address in one line.
func (i Identity) oneLine() string {
	return strings.Join(append([]string{i.Name}, i.address()...), ", ")
}

// FirstLetterRef is what every contact after the first letter quotes (CPCE
// R124-4, last paragraph).
type FirstLetterRef struct {
	Reference string
	SentOn    day.Day
}

// MissingError says which thing a document cannot be made without is empty.
type MissingError struct {
	Document string // "first letter"
	Mention  string // "creditor's address"
	Article  string // the text that wants it; may be empty
}

func (e *MissingError) Error() string {
	because := ""
	if e.Article != "" {
		because = " (" + e.Article + ")"
	}
	return fmt.Sprintf("%s: the %s is missing%s", e.Document, e.Mention, because)
}

// mention is one thing a document must say, and whether it is there.
type mention struct {
	name    string
	article string
	present bool
}

// complete returns the first mention that is missing.
func complete(document string, mentions []mention) error {
	for _, m := range mentions {
		if !m.present {
			return &MissingError{Document: document, Mention: m.name, Article: m.article}
		}
	}
	return nil
}

func filled(parts ...string) bool {
	for _, part := range parts {
		if strings.TrimSpace(part) == "" {
			return false
		}
	}
	return true
}

func (i Identity) hasAddress() bool { return filled(i.Postcode, i.City) }

func (r FirstLetterRef) complete() bool { return filled(r.Reference) && !r.SentOn.IsZero() }

// closes says whether parts add up to a total; a document never shows a sum
// that its lines do not give.
func closes(document, what string, total money.Amount, parts ...money.Amount) error {
	sum := total.Zero()
	for _, part := range parts {
		if part.Currency != total.Currency && !part.IsZero() {
			return fmt.Errorf("%s: %v and %v do not mix", document, part, total)
		}
		sum.Minor += part.Minor
	}
	if sum.Minor != total.Minor {
		return fmt.Errorf("%s: %s add up to %v, not to %v", document, what, sum, total)
	}
	return nil
}

// noon is the instant a file is dated with when only its day is known: the file
// must not depend on when it is made.
func noon(d day.Day) time.Time { return d.Time().Add(12 * time.Hour) }
