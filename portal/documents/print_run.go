package documents

import (
	"fmt"

	"amiable/negotiation/day"
	"amiable/portal/locale"
)

// PrintRun is many first letters in one file, ready for the printer and its
// envelopes: each begins on a new sheet and counts its own pages.
type PrintRun struct {
	Letters []ToPrint
	Duplex  bool // printed on both sides: an odd letter gets an empty back
}

// ToPrint is one letter of a run in its reader's language.
type ToPrint struct {
	Letter   FirstLetter
	Language locale.Language
}

// PDF draws the run, titled in l. It fails on the first letter that cannot be
// made, by its reference, and then makes none: a run is posted whole.
func (r PrintRun) PDF(l locale.Language) ([]byte, error) {
	if len(r.Letters) == 0 {
		return nil, &MissingError{Document: "print run", Mention: "list of letters"}
	}
	newest := day.Day("")
	for i := range r.Letters {
		f := &r.Letters[i].Letter
		if err := f.check(); err != nil {
			return nil, fmt.Errorf("letter %s: %w", f.Reference, err)
		}
		newest = day.Max(newest, f.Date)
	}
	title := l.T("paper.run.title", "n", len(r.Letters))
	s := newSheet(l, about{title: title, subject: title, author: r.Letters[0].Letter.Agency.Name, at: noon(newest)})
	for i, one := range r.Letters {
		if i > 0 {
			s.number()
			s.next(one.Language, r.Duplex)
		} else {
			s.l = one.Language.Or()
		}
		if err := one.Letter.draw(s); err != nil {
			return nil, fmt.Errorf("letter %s: %w", one.Letter.Reference, err)
		}
	}
	return s.bytes("print run")
}
