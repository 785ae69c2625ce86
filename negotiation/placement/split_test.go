package placement

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"pgregory.net/rapid"
)

type line struct {
	at     int
	cells  []string
	broken Code
}

func (l line) String() string { return fmt.Sprintf("%d %q %s", l.at, l.cells, l.broken) }

func split(t testing.TB, r io.Reader, delimiter byte, columns int) []line {
	t.Helper()
	s := newSplitter(r)
	s.separate(delimiter)
	s.columns = columns
	var lines []line
	for {
		r, err := s.next()
		if errors.Is(err, io.EOF) {
			return lines
		}
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, line{r.line, cellsOf(r), r.broken})
	}
}

func TestLinesAndQuotes(t *testing.T) {
	for _, row := range []struct {
		story, file string
		want        []line
	}{
		{"every end of line", "a,b\nc,d\r\ne,f\rg,h", []line{{1, []string{"a", "b"}, ""}, {2, []string{"c", "d"}, ""}, {3, []string{"e", "f"}, ""}, {4, []string{"g", "h"}, ""}}},
		{"blank lines count", "a,b\n\n\r\n\rc,d\n", []line{{1, []string{"a", "b"}, ""}, {2, []string{""}, ""}, {3, []string{""}, ""}, {4, []string{""}, ""}, {5, []string{"c", "d"}, ""}}},
		{"lines inside quotes count", "\"a\nb\r\nc\rd\",e\nf,g\n", []line{{1, []string{"a\nb\r\nc\rd", "e"}, ""}, {5, []string{"f", "g"}, ""}}},
		{"doubled quotes", `"say ""no""",b` + "\n", []line{{1, []string{`say "no"`, "b"}, ""}}},
		{"quotes inside a cell are its own", `L"Exemple",12" tube` + "\n", []line{{1, []string{`L"Exemple"`, `12" tube`}, ""}}},
		{"text behind a quote is kept", `"Le Port" SARL,b` + "\n", []line{{1, []string{"Le Port SARL", "b"}, ""}}},
		{"empty quotes", `"",""` + "\n", []line{{1, []string{"", ""}, ""}}},
		{"cut off inside quotes", "a,b\nc,\"d", []line{{1, []string{"a", "b"}, ""}, {2, []string{"c", "d"}, TruncatedLine}}},
		{"cut off inside a cell of several lines", "a,b\nc,\"d\ne", []line{{1, []string{"a", "b"}, ""}, {2, []string{"c", "d\ne"}, TruncatedLine}}},
		{"a quote never closed costs one line", "a,\"b\nc,d\ne,f\n", []line{{1, []string{"a", `"b`}, UnclosedQuote}, {2, []string{"c", "d"}, ""}, {3, []string{"e", "f"}, ""}}},
		{"also where the next quote would close it", "a,\"b\nc,\"d\"\ne,f\n", []line{{1, []string{"a", `"b`}, UnclosedQuote}, {2, []string{"c", "d"}, ""}, {3, []string{"e", "f"}, ""}}},
	} {
		for name, r := range map[string]io.Reader{
			"at once": strings.NewReader(row.file), "byte by byte": iotest.OneByteReader(strings.NewReader(row.file)),
			"with EOF at once": iotest.DataErrReader(strings.NewReader(row.file)),
		} {
			if got := split(t, r, ',', 2); fmt.Sprint(got) != fmt.Sprint(row.want) {
				t.Errorf("%s, %s:\n got %v\nwant %v", row.story, name, got, row.want)
			}
		}
	}
}

func TestARecordLongerThanARecordCanBe(t *testing.T) {
	long := strings.Repeat("x", 3*maxRecordBytes)
	for story, file := range map[string]string{
		"a line":             "a,b\n" + long + ",c\nd,e\n",
		"a quoted cell":      "a,b\n\"" + long + "\nmore\",c\nd,e\n",
		"ended by CR":        "a,b\n" + long + ",c\rd,e\n",
		"ended by CRLF":      "a,b\n" + long + ",c\r\nd,e\n",
		"with quotes inside": "a,b\n" + long + `,"c ""d"" ` + "\ne\"\nd,e\n",
	} {
		got := split(t, strings.NewReader(file), ',', 2)
		if len(got) != 3 || got[1].broken != LineTooLong || !slices.Equal(got[2].cells, []string{"d", "e"}) {
			t.Errorf("%s: %d rows, the second %s on line %d", story, len(got), got[1].broken, got[1].at)
			continue
		}
		if want := 2 + strings.Count(strings.ReplaceAll(strings.ReplaceAll(file[4:], "\r\n", "\n"), "\r", "\n"), "\n") - 1; got[2].at != want {
			t.Errorf("%s: the next record is on line %d, want %d", story, got[2].at, want)
		}
	}
	// A quote that is never closed, in a file longer than a record.
	file := "a,\"b\n" + strings.Repeat("c,d\n", maxRecordBytes)
	if got := split(t, strings.NewReader(file), ',', 2); len(got) != 1+maxRecordBytes || got[0].broken != UnclosedQuote || got[1].broken != "" {
		t.Errorf("%d rows, first %v", len(got), got[0])
	}
}

func TestAFaultOfTheFileIsReported(t *testing.T) {
	fault := errors.New("the disk is gone")
	_, err := Read(io.MultiReader(bytes.NewReader(file(with(), with())), iotest.ErrReader(fault)), Options{Today: sampleToday}, func(Record) error { return nil })
	if !errors.Is(err, fault) {
		t.Errorf("got %v", err)
	}
	stop := errors.New("enough")
	n := 0
	_, err = Read(bytes.NewReader(file(with(), with())), Options{Today: sampleToday}, func(Record) error { n++; return stop })
	if !errors.Is(err, stop) || n != 1 {
		t.Errorf("got %v after %d", err, n)
	}
}

// TestWhatACSVWriterWritesIsReadBack compares with the standard library.
func TestWhatACSVWriterWritesIsReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		columns := rapid.IntRange(2, 5).Draw(t, "columns")
		cell := rapid.StringOf(rapid.SampledFrom([]rune("ab,;\"'\n é€|\t =")))
		rows := rapid.SliceOfN(rapid.SliceOfN(cell, columns, columns), 1, 20).Draw(t, "rows")
		delimiter := rapid.SampledFrom([]byte(",;\t|")).Draw(t, "delimiter")
		var b bytes.Buffer
		w := csv.NewWriter(&b)
		w.Comma = rune(delimiter)
		w.UseCRLF = rapid.Bool().Draw(t, "CRLF")
		if err := w.WriteAll(rows); err != nil {
			t.Fatal(err)
		}
		s := newSplitter(iotest.HalfReader(&b))
		s.separate(delimiter)
		s.columns = columns
		for i, want := range rows {
			r, err := s.next()
			if err != nil {
				t.Fatal(err)
			}
			got := cellsOf(r)
			for j := range got {
				got[j] = strings.ReplaceAll(got[j], "\r\n", "\n")
			}
			if !slices.Equal(got, want) || r.broken != "" {
				t.Fatalf("row %d is %q %s, want %q", i, got, r.broken, want)
			}
		}
	})
}

func TestTooManyAndTooFewValues(t *testing.T) {
	header := "facture;echeance;montant ttc;client;creancier;devise\n"
	for _, row := range []struct {
		story, file string
		want        []Code
	}{
		{"too few", "F1;01/02/2026;12\nF2;01/02/2026;12;Noé;C1;EUR\n", []Code{MissingColumns, MissingIssueDate}},
		{"too many", "F1;01/02/2026;12;Noé;C1;EUR;x\n", []Code{ExtraColumn}},
		{"empty ones behind are nothing", "F1;01/02/2026;12;Noé;C1;EUR;;; \n", []Code{MissingIssueDate}},
		{"the file ends with a whole line", "F1;01/02/2026;12;Noé;C1;EUR", []Code{MissingIssueDate}},
		{"the file ends in a line", "F1;01/02/2026;12;No", []Code{TruncatedLine}},
		{"the file ends in a quoted cell", "F1;01/02/2026;12;\"No", []Code{TruncatedLine}},
		{"the end of a DOS file", "F1;01/02/2026;12;Noé;C1;EUR\r\n\x1a", []Code{MissingIssueDate, BlankLine}},
		{"blank lines", "\n;;;;;\n \t\u00a0\nF1;01/02/2026;12;Noé;C1;EUR\n", []Code{BlankLine, BlankLine, BlankLine, MissingIssueDate}},
	} {
		t.Run(row.story, func(t *testing.T) {
			records := wantCodes(t, []byte(header+row.file), Options{}, row.want...)
			number := 0
			for _, r := range records {
				if r.Outcome != Skip {
					number++
				}
				if want := number; r.Outcome != Skip && r.Number != want || r.Outcome == Skip && r.Number != 0 {
					t.Errorf("line %d is record %d, want %d", r.Line, r.Number, want)
				}
			}
		})
	}
	records, _ := readAll(t, []byte(header+"F1;01/02/2026;12;Noé;C1;EUR;x;y\n"), Options{})
	if main, _ := records[0].Main(); main.Text("en") != "2 values too many on the line" || records[0].InvoiceNumber != "F1" {
		t.Errorf("%q, %q", main.Text("en"), records[0].InvoiceNumber)
	}
}
