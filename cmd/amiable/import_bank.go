package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"amiable/payments"
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

// bookBankFile books a bank's file and says what became of it.
func (cmd *ImportCmd) bookBankFile(ctx context.Context, out io.Writer) error {
	m, err := readBankFile(cmd.File)
	if err != nil {
		return err
	}
	content, err := os.ReadFile(cmd.File)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(content)
	i, err := open(ctx, cmd.Settings)
	if err != nil {
		return err
	}
	defer i.Close()
	if err := i.withGateway(); err != nil {
		return err
	}
	made, err := i.payments.BookBankFile(ctx, operator, nil, payments.BankFile{
		Name: filepath.Base(cmd.File), Hash: hex.EncodeToString(sum[:]), Message: m, Despite: cmd.Despite,
	})
	if err != nil {
		return err
	}
	entries, err := i.payments.BankEntries(ctx, operator, payments.EntryFilter{ImportID: made.ID, Limit: int(made.Added) + 1})
	if err != nil {
		return err
	}
	states := map[payments.BankState]int{}
	for _, e := range entries {
		states[e.State]++
	}
	if cmd.JSON {
		return printJSON(out, map[string]any{
			"import": made.ID, "message": made.Message, "statements": made.Statements, "entries": made.Entries, "added": made.Added, "known": made.Known,
			"pending": made.Pending, "matched": states[payments.BankMatched], "waiting": states[payments.BankWaiting], "explained": states[payments.BankExplained],
			"undone": states[payments.BankUndone], "doubts": strings.Fields(made.Doubts),
		})
	}
	fmt.Fprintf(out, "%s: %d entries: %d new, %d known already; %d told of and not booked by the bank\n", made.FileName, made.Entries, made.Added, made.Known, made.Pending)
	for _, d := range strings.Fields(made.Doubts) {
		fmt.Fprintf(out, "doubt: %s\n", camt.Doubt{Code: camt.Code(d)}.Text("en"))
	}
	_, err = fmt.Fprintf(out, "of the new: %d pay cases, %d wait for a person, %d explain themselves, %d were taken back\n",
		states[payments.BankMatched], states[payments.BankWaiting], states[payments.BankExplained], states[payments.BankUndone])
	return err
}
