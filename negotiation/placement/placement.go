// Package placement reads a creditor's file into claims. It is pure: no
// database, no network, no clock. Each record of the file comes back accepted,
// accepted with a warning, refused or skipped, with every reason in words; what
// to do about a reason is in docs/placement.md and in ReasonText.
//
// A file is read as a stream. What is kept of a line that was taken over are
// sixteen bytes, to find its duplicates; a file of a million lines needs some
// twenty megabytes, whatever the length of its lines.
//
//	summary, err := placement.Read(file, placement.Options{Today: today},
//		func(r placement.Record) error {
//			…
//		})
//
// Nothing is rounded, guessed or repaired in silence: an amount of three
// decimals is refused, a zero that a spreadsheet ate is put back and said.
package placement

import (
	"io"

	"amiable/negotiation/day"
	"amiable/negotiation/money"
)

// Options say how a file is to be read. Only Today is needed.
type Options struct {
	// Today is the day that limitation and "not due yet" are reckoned from.
	Today day.Day

	// Encoding overrules the guess; empty means guess.
	Encoding Encoding

	// Delimiter overrules the guess; zero means guess among , ; tab and |.
	Delimiter byte

	// Creditor is the one creditor whose file this is. A line that names
	// another is refused, a line that names none is this creditor's. Empty means
	// that the column creditor_ref decides.
	Creditor string

	// KnownCreditor says whether a creditor has a file with the agency. Nil means
	// that every creditor named counts as known, as in a dry run.
	KnownCreditor func(creditorRef string) bool

	// KnownMandate says whether a creditor's mandate is in force. The reference
	// is empty where the line names none. Nil means that all are.
	KnownMandate func(creditorRef, mandateRef string) bool

	// OnLayout is told how the file was understood, before the first record.
	OnLayout func(Layout)

	// Progress is told now and then how many bytes of the file have been read,
	// and once more at the end.
	Progress func(bytesRead int64)
}

// Layout is how a file was understood.
type Layout struct {
	Encoding        Encoding `json:"encoding"`
	EncodingGuessed bool     `json:"encoding_guessed"`
	Delimiter       byte     `json:"-"`
	Columns         []Column `json:"columns"`
}

// Column is one column of the file.
type Column struct {
	// Name is the title as the file has it.
	Name string `json:"name"`
	// Meaning is the name of a column of ours, or empty where the title is none
	// that we know: its values are then kept under their title.
	Meaning string `json:"meaning"`
	// Ours marks the columns that a refused file has in front; they are passed over.
	Ours bool `json:"-"`
}

// Unknown returns the titles of the columns whose values are kept as they are.
func (l Layout) Unknown() []string {
	var names []string
	for _, c := range l.Columns {
		if c.Meaning == "" && c.Name != "" && !c.Ours {
			names = append(names, c.Name)
		}
	}
	return names
}

// Summary is what became of a file.
type Summary struct {
	Layout
	Bytes    int64 // read
	Lines    int   // physical lines
	Records  int   // without blank lines
	Accepted int
	Warned   int
	Refused  int
	Skipped  int // blank lines
	Codes    map[Code]int
	Totals   map[money.Currency]Total // of what was taken over
}

// Total is the sum of the claims taken over in one currency.
type Total struct {
	Claims      int
	CreditNotes int
	Amount      money.Amount // of the claims, including VAT
	Paid        money.Amount
	Credit      money.Amount // of the credit notes
}

// Read reads a file and calls each for every record in the order of the file,
// blank lines included. It stops at the first error of each and returns it.
// A file that cannot be understood at all is refused with a *FileError. The
// summary is right up to where reading stopped.
//
// A record may be kept after each has returned.
func Read(r io.Reader, o Options, each func(Record) error) (Summary, error) {
	rd, err := open(r, o)
	if err != nil {
		return Summary{Layout: rd.layout, Bytes: rd.input.n}, err
	}
	if o.OnLayout != nil {
		o.OnLayout(rd.layout)
	}
	err = rd.run(each)
	return rd.summary, err
}
