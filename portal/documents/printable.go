package documents

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"amiable/negotiation/money"
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
	measure.Lock()
	defer measure.Unlock()
	if _, _, ok := measure.sheet().inWindow(f.Debtor); !ok {
		return fmt.Errorf("first letter: %w", ErrWindow)
	}
	return nil
}

// measure is a sheet to measure text on; nothing is ever drawn on it.
var measure = struct {
	sync.Mutex
	sheet func() *sheet
}{sheet: sync.OnceValue(func() *sheet { return newSheet(locale.French, about{title: "measure", at: time.Unix(0, 0)}) })}

// OneLine is name and address in one line, as the letter's text has it.
func (i Identity) OneLine() string { return i.oneLine() }

// Lines are the lines of the address, the town last.
func (i Identity) Lines() []string { return i.address() }

// GroupedCode is the code as it is printed.
func (w Ways) GroupedCode() string { return grouped(w.Code, 5) }

// Accrued is the interest of all segments.
func (c OwedClaim) Accrued() money.Amount {
	sum := c.Interest.Zero()
	for _, s := range c.Segments {
		sum = sum.Add(s.Amount)
	}
	return sum
}

// Left is what the claim still owes.
func (c OwedClaim) Left() money.Amount { return money.Sum(c.Interest, c.Indemnity, c.Principal) }

// Total is what the movement took off in all.
func (m Movement) Total() money.Amount { return m.total() }

// Law is the article that gives what is charged, in a language.
func (c OwedClaim) Law(language string) string {
	return (&sheet{l: locale.Language(language).Or()}).article(c.ChargedLaw)
}

// RateIn writes the rate of a segment in a language.
func (g Segment) RateIn(language string) string {
	return (&sheet{l: locale.Language(language).Or()}).percent(g.Rate)
}

// Source says where the rate comes from, in a language, with its article.
func (g Segment) Source(language string) string {
	return (&sheet{l: locale.Language(language).Or()}).source(g)
}
