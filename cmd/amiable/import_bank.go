package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"amiable/payments/camt"
)

// sniffed is how much of a file tells its kind.
const sniffed = 4 << 10

// isBankFile says whether a file is what a bank sends, or means to be: XML that
// is no invoice. A table of claims is none.
func isBankFile(path string) (bool, error) {
	f, err := os.Open(path)
	if err != nil {
		return false, err
	}
	defer f.Close()
	head := make([]byte, sniffed)
	n, err := io.ReadFull(f, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return false, fmt.Errorf("%s: %w", path, err)
	}
	head = bytes.ReplaceAll(head[:n], []byte{0}, nil) // UTF-16
	for _, invoice := range []string{"urn:oasis:names:specification:ubl", "CrossIndustryInvoice"} {
		if bytes.Contains(head, []byte(invoice)) {
			return false, nil
		}
	}
	text := bytes.TrimLeft(head, " \t\r\n\xef\xbb\xbf\xfe\xff")
	return bytes.HasPrefix(text, []byte("<")) || (len(text) == 0 && strings.EqualFold(filepath.Ext(path), ".xml")), nil
}

func readBankFile(path string) (*camt.Message, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	m, err := camt.Read(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", filepath.Base(path), err)
	}
	return m, nil
}

// runBankDryRun reads a bank's file and writes what it tells, without a
// database. As JSON it is one object for each transaction, or for an entry of
// which the bank gives no details, in the order of the file. Nothing is written
// of a file that is refused.
func runBankDryRun(w io.Writer, path string, asJSON bool) (err error) {
	m, err := readBankFile(path)
	if err != nil {
		return err
	}
	out := bufio.NewWriter(w)
	defer func() {
		if flushed := out.Flush(); err == nil {
			err = flushed
		}
	}()
	if asJSON {
		encoder := json.NewEncoder(out)
		encoder.SetEscapeHTML(false)
		for _, row := range m.Rows(filepath.Base(path)) {
			if err := encoder.Encode(row); err != nil {
				return err
			}
		}
		return nil
	}
	fmt.Fprintf(out, "%s %s: %d statements\n", m.Name, m.ID, len(m.Statements))
	for _, s := range m.Statements {
		fmt.Fprintf(out, "\nstatement %s of %s: %d entries, booked %s %s", s.ID, s.Account, len(s.Entries), s.BookedNet(), s.SumCurrency())
		if s.Opening != nil && s.Closing != nil {
			fmt.Fprintf(out, ", from %s to %s", s.Opening, s.Closing)
		}
		fmt.Fprintln(out)
		for _, d := range s.Doubts {
			fmt.Fprintf(out, "doubt      %s: %s\n", d.Code, d.Text("en"))
		}
		for _, e := range s.Entries {
			what := e.Additional
			for _, t := range e.Details {
				what = strings.Join(append(append([]string{t.Debtor.Name, t.GivenEndToEndID()}, t.Structured...), t.Unstructured...), " ")
			}
			fmt.Fprintf(out, "entry %d\t%s\t%s\t%s %s %s\t%s\n", e.Number, e.BookedOn, e.Status, e.Direction(), e.Amount, e.Currency, strings.Join(strings.Fields(what), " "))
		}
	}
	return nil
}
