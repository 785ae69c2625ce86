package interest

import (
	"bytes"
	_ "embed"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"

	"amiable/negotiation/day"
)

// RateKind names a published series of rates.
type RateKind string

const (
	ECB             RateKind = "ecb_mro"                      // the ECB's main refinancing rate
	LegalIndividual RateKind = "fr_legal_individual_creditor" // French legal rate when the creditor is a private individual
	LegalOther      RateKind = "fr_legal_other_creditor"      // French legal rate for every other creditor
	Contractual     RateKind = "contract"                     // the rate of the contract; never in a table
)

// DatedRate is one published rate with the days it covers (both inclusive; no
// To means until the next row) and where it was seen.
type DatedRate struct {
	Kind       RateKind
	From, To   day.Day
	Rate       Rate
	Source     string
	Confidence string
	Verified   bool // false: to be checked before anyone relies on it, and shown so
}

// Rates is a table of published rates. It is never changed once made, and may
// be used by many goroutines.
type Rates struct {
	asOf  day.Day
	kinds map[RateKind][]DatedRate // by ascending From, without overlap
}

// MissingRateError says which rate is not published, or not entered yet.
// Nothing is put in its place: whoever asked decides what to do without it,
// for instance state the debt up to LastDay.
type MissingRateError struct {
	Kind     RateKind
	HalfYear HalfYear
	AsOf     day.Day // the day the table was last checked against its sources
	Begins   day.Day // where the table begins only later: its first day
}

// LastDay returns the last day before the half-year without a rate: how far a
// statement can go, unless it is the table's beginning that is missing.
func (e *MissingRateError) LastDay() day.Day { return e.HalfYear.First().Add(-1) }

func (e *MissingRateError) Error() string {
	if !e.Begins.IsZero() {
		return fmt.Sprintf("no %s rate for %s: the rates known here begin on %s; enter the one published then", e.Kind, e.HalfYear, e.Begins)
	}
	return fmt.Sprintf("no %s rate for %s: the rates known here were checked on %s; enter the published one (its value on %s), or stop at %s",
		e.Kind, e.HalfYear, e.AsOf, e.HalfYear.First(), e.LastDay())
}

//go:embed rates.csv
var frenchRates []byte

// French returns the rates that come with the program.
var French = sync.OnceValue(func() *Rates {
	rates, err := ReadRates(bytes.NewReader(frenchRates))
	if err != nil {
		panic("interest: the program's own rates.csv: " + err.Error()) // a test reads it
	}
	return rates
})

// AsOf returns the day the table was last checked against its sources.
func (r *Rates) AsOf() day.Day { return r.asOf }

// InForce returns the rate of a kind in force on the first day of a half-year,
// which holds for the whole of it (C. com. L441-10 II; CMF L313-2). It fails
// with *MissingRateError where no row covers that day. A row without an end
// covers no half-year that begins after the day the table was last checked:
// the ECB may move in between.
func (r *Rates) InForce(kind RateKind, h HalfYear) (DatedRate, error) {
	first := h.First()
	rows := r.kinds[kind]
	i, exact := slices.BinarySearchFunc(rows, first, func(row DatedRate, d day.Day) int {
		return strings.Compare(string(row.From), string(d))
	})
	if !exact {
		i--
	}
	if i < 0 {
		missing := &MissingRateError{Kind: kind, HalfYear: h, AsOf: r.asOf}
		if len(rows) > 0 {
			missing.Begins = rows[0].From
		}
		return DatedRate{}, missing
	}
	last := rows[i].To
	if last.IsZero() {
		last = r.asOf
	}
	if first.After(last) {
		return DatedRate{}, &MissingRateError{Kind: kind, HalfYear: h, AsOf: r.asOf}
	}
	return rows[i], nil
}

// Floor returns three times the legal rate of "other" creditors: a contract
// between businesses may not set less (C. com. L441-10 II).
func (r *Rates) Floor(h HalfYear) (DatedRate, error) {
	floor, err := r.InForce(LegalOther, h)
	floor.Rate *= 3
	return floor, err
}

// With returns the table with the rows of another added, as last checked on
// the later of their two days. It is how a new half-year is entered without a
// new version of the program. A row that starts on the same day as a known one
// of its kind replaces it; a known row without an end ends where the next one
// begins.
func (r *Rates) With(more *Rates) (*Rates, error) {
	joined := &Rates{asOf: day.Max(r.asOf, more.asOf), kinds: map[RateKind][]DatedRate{}}
	for _, table := range []*Rates{r, more} {
		for kind, rows := range table.kinds {
			joined.kinds[kind] = append(slices.Clone(joined.kinds[kind]), rows...)
		}
	}
	return joined, joined.arrange()
}

// ReadRates reads a table: comment lines begin with #, one of them is
// "# as of YYYY-MM-DD"; then CSV with the header
// kind,from,to,rate_percent,verified,source,confidence.
func ReadRates(in io.Reader) (*Rates, error) {
	text, err := io.ReadAll(io.LimitReader(in, 1<<20))
	if err != nil {
		return nil, fmt.Errorf("rates: %w", err)
	}
	rates := &Rates{kinds: map[RateKind][]DatedRate{}}
	for line := range strings.Lines(string(text)) {
		if written, ok := strings.CutPrefix(line, "# as of "); ok {
			if rates.asOf, err = day.Parse(strings.TrimSpace(written)); err != nil {
				return nil, fmt.Errorf("rates: as of: %w", err)
			}
		}
	}
	if rates.asOf.IsZero() {
		return nil, errors.New(`rates: no line "# as of YYYY-MM-DD" says when they were checked`)
	}
	table := csv.NewReader(bytes.NewReader(text))
	table.Comment, table.FieldsPerRecord = '#', 7
	for first := true; ; first = false {
		record, err := table.Read()
		if err == io.EOF {
			return rates, rates.arrange()
		}
		if err != nil {
			return nil, fmt.Errorf("rates: %w", err)
		}
		if first && record[0] == "kind" {
			continue
		}
		line, _ := table.FieldPos(0)
		row, err := readRate(record)
		if err != nil {
			return nil, fmt.Errorf("rates, line %d: %w", line, err)
		}
		rates.kinds[row.Kind] = append(rates.kinds[row.Kind], row)
	}
}

func readRate(record []string) (DatedRate, error) {
	row := DatedRate{Kind: RateKind(record[0]), Source: record[5], Confidence: record[6], Verified: record[4] == "yes"}
	switch row.Kind {
	case ECB, LegalIndividual, LegalOther:
	default:
		return row, fmt.Errorf("%q is not a kind of rate: %s, %s or %s", record[0], ECB, LegalIndividual, LegalOther)
	}
	if record[4] != "yes" && record[4] != "no" {
		return row, fmt.Errorf("verified is %q: write yes or no", record[4])
	}
	if row.Source == "" {
		return row, errors.New("a rate needs its source")
	}
	var err error
	if row.From, err = day.Parse(record[1]); err != nil {
		return row, err
	}
	if record[2] != "" {
		if row.To, err = day.Parse(record[2]); err != nil {
			return row, err
		}
		if row.To.Before(row.From) {
			return row, fmt.Errorf("ends on %s, before it begins on %s", row.To, row.From)
		}
	} else if row.Kind != ECB {
		return row, errors.New("a legal rate is set for a half-year: it needs its last day")
	}
	row.Rate, err = ParseRate(record[3])
	return row, err
}

// arrange sorts the rows, keeps the last of two that begin on the same day,
// ends open rows where the next begins, and refuses overlaps.
func (r *Rates) arrange() error {
	for kind, rows := range r.kinds {
		slices.SortStableFunc(rows, func(a, b DatedRate) int { return strings.Compare(string(a.From), string(b.From)) })
		kept := rows[:0]
		for _, row := range rows {
			if n := len(kept); n > 0 && kept[n-1].From == row.From {
				kept[n-1] = row
				continue
			}
			kept = append(kept, row)
		}
		for i := range kept[:len(kept)-1] {
			next := kept[i+1].From
			if kept[i].To.IsZero() {
				kept[i].To = next.Add(-1)
			} else if !kept[i].To.Before(next) {
				return fmt.Errorf("rates: %s from %s and from %s overlap", kind, kept[i].From, next)
			}
		}
		r.kinds[kind] = kept
	}
	return nil
}
