package main

import (
	"bufio"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"

	"amiable/negotiation/day"
	"amiable/negotiation/placement"
)

// runImportDryRun reads a creditor's file as an import would and writes what
// would become of each record, without a database: creditors and mandates named
// in the file count as known. As JSON it is one object a line, blank lines of the
// file included, in the order of the file; otherwise a summary with every record
// that somebody has to look at.
func runImportDryRun(w io.Writer, file string, today day.Day, encoding string, asJSON bool) (err error) {
	forced, err := placement.ParseEncoding(encoding)
	if err != nil {
		return err
	}
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()

	out := bufio.NewWriterSize(w, 64<<10)
	defer func() {
		if flushed := out.Flush(); err == nil {
			err = flushed
		}
	}()
	options := placement.Options{Today: today, Encoding: forced}
	if asJSON {
		encoder := json.NewEncoder(out)
		encoder.SetEscapeHTML(false)
		_, err = placement.Read(f, options, func(r placement.Record) error { return encoder.Encode(r) })
	} else {
		err = writeDryRun(out, f, options)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	return nil
}

// writeDryRun writes for a person.
func writeDryRun(out io.Writer, f io.Reader, options placement.Options) error {
	options.OnLayout = func(l placement.Layout) {
		how := "as asked"
		if l.EncodingGuessed {
			how = "guessed; --encoding overrules it"
		}
		fmt.Fprintf(out, "encoding   %s (%s)\nseparator  %s\n", l.Encoding, how, separatorName(l.Delimiter))
		for _, c := range l.Columns {
			if c.Meaning != "" {
				fmt.Fprintf(out, "column     %s = %s\n", c.Name, c.Meaning)
			}
		}
		if unknown := l.Unknown(); len(unknown) > 0 {
			fmt.Fprintf(out, "kept as is %s\n", strings.Join(unknown, ", "))
		}
		fmt.Fprintln(out)
	}
	summary, err := placement.Read(f, options, func(r placement.Record) error {
		if r.Outcome != placement.Reject && r.Outcome != placement.Warn {
			return nil
		}
		main, _ := r.Main()
		_, err := fmt.Fprintf(out, "line %d\t%s\t%s\t%s: %s\n", r.Line, r.Outcome, r.InvoiceNumber, main.Code, main.Text("en"))
		return err
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "\n%d records: %d accepted, %d accepted with a warning, %d refused; %d blank lines\n",
		summary.Records, summary.Accepted, summary.Warned, summary.Refused, summary.Skipped)
	writeReasons(out, summary)
	writeTotals(out, summary)
	return nil
}

// writeTotals says what the accepted claims come to, a line for each currency.
func writeTotals(out io.Writer, summary placement.Summary) {
	for _, c := range slices.Sorted(maps.Keys(summary.Totals)) {
		t := summary.Totals[c]
		fmt.Fprintf(out, "%d claims: %v, of which paid %v, open %v\n", t.Claims, t.Amount, t.Paid, t.Amount.Sub(t.Paid))
		if t.CreditNotes > 0 {
			fmt.Fprintf(out, "%d credit notes: %v\n", t.CreditNotes, t.Credit)
		}
	}
}

// writeReasons counts what was found and says what to do about it, the most
// frequent first.
func writeReasons(out io.Writer, summary placement.Summary) {
	var codes []placement.Code
	for code := range summary.Codes {
		codes = append(codes, code)
	}
	slices.SortFunc(codes, func(a, b placement.Code) int {
		return cmp.Or(cmp.Compare(summary.Codes[b], summary.Codes[a]), cmp.Compare(a, b))
	})
	for _, code := range codes {
		fmt.Fprintf(out, "%5d  %s: %s\n", summary.Codes[code], code, placement.ReasonText(code, "en"))
	}
}

func separatorName(delimiter byte) string {
	switch delimiter {
	case ',':
		return "comma"
	case ';':
		return "semicolon"
	case '\t':
		return "tab"
	}
	return string(delimiter)
}
