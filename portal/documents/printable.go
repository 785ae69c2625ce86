package documents

import (
	"errors"

	"amiable/portal/locale"
)

// ErrWindow says that a recipient's name and address do not fit the window of
// the envelope.
var ErrWindow = errors.New("the recipient's name and address do not fit the window of the envelope")

// Printable says what keeps the letter from being printed: a mention that is
// missing (*MissingError), or an address that does not fit (ErrWindow).
func (f FirstLetter) Printable() error {
	if err := f.check(); err != nil {
		return err
	}
	s := newSheet(locale.French, about{title: f.Reference, at: noon(f.Date)})
	return s.recipient(f.Debtor)
}

// OneLine is name and address in one line, as the letter's text has it.
func (i Identity) OneLine() string { return i.oneLine() }

// Lines are the lines of the address, the town last.
func (i Identity) Lines() []string { return i.address() }

// GroupedCode is the code as it is printed.
func (w Ways) GroupedCode() string { return grouped(w.Code, 5) }
