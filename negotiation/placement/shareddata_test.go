package placement

import (
	"bytes"
	"encoding/binary"
	"encoding/csv"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"amiable/negotiation/day"
	"amiable/negotiation/money"

	"golang.org/x/text/encoding/charmap"
)

// sampleToday is the day that the ages in the sample files are reckoned from.
const sampleToday day.Day = "2026-03-02"

// sharedClaims returns the folder of sample files, or skips the test.
func sharedClaims(t *testing.T) string {
	t.Helper()
	root := os.Getenv("AMIABLE_SHARED_DATA")
	if root == "" {
		t.Skip("AMIABLE_SHARED_DATA does not name the folder of sample files")
	}
	return filepath.Join(root, "claims")
}

// readAll reads a file of any size that a test has in memory.
func readAll(t testing.TB, file []byte, o Options) ([]Record, Summary) {
	t.Helper()
	if o.Today == "" {
		o.Today = sampleToday
	}
	var records []Record
	summary, err := Read(bytes.NewReader(file), o, func(r Record) error {
		records = append(records, r)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return records, summary
}

func read(t testing.TB, file string) []byte {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// expectedRow is a record in the form of dirty-200.expected.csv.
func expectedRow(r Record) []string {
	number, text := "", ""
	if r.Number > 0 {
		number = strconv.Itoa(r.Number)
	}
	main, any := r.Main()
	if any {
		text = main.Text("en")
	}
	return []string{strconv.Itoa(r.Line), number, r.InvoiceNumber, string(r.Outcome), string(main.Code), text}
}

func TestTheDirtySampleIsReadAsExpected(t *testing.T) {
	dir := sharedClaims(t)
	records, _ := readAll(t, read(t, filepath.Join(dir, "dirty-200.csv")), Options{})
	compare(t, records, read(t, filepath.Join(dir, "dirty-200.expected.csv")), nil)
}

func TestTheDirtySampleInUTF16(t *testing.T) {
	dir := sharedClaims(t)
	text := strings.TrimPrefix(string(read(t, filepath.Join(dir, "dirty-200.csv"))), "\ufeff")
	for name, data := range map[string][]byte{
		"LE": toUTF16(text, binary.LittleEndian), "BE": toUTF16(text, binary.BigEndian),
		"LE with BOM": toUTF16("\ufeff"+text, binary.LittleEndian), "BE with BOM": toUTF16("\ufeff"+text, binary.BigEndian),
		"Windows-1252": toTable(t, text, charmap.Windows1252),
	} {
		t.Run(name, func(t *testing.T) {
			records, _ := readAll(t, data, Options{})
			compare(t, records, read(t, filepath.Join(dir, "dirty-200.expected.csv")), nil)
		})
	}
}

// compare compares records with an expected file, all of its columns, but for
// lines that an excuse is given for.
func compare(t *testing.T, records []Record, expected []byte, excuse func(want []string) bool) {
	t.Helper()
	want, err := csv.NewReader(bytes.NewReader(expected)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if want = want[1:]; len(want) != len(records) {
		t.Errorf("%d records, want %d", len(records), len(want))
	}
	for i := range min(len(want), len(records)) {
		got := expectedRow(records[i])
		if strings.Join(got, "\x00") != strings.Join(want[i], "\x00") && (excuse == nil || !excuse(want[i])) {
			t.Errorf("line %s:\n got %q\nwant %q", want[i][0], got, want[i])
		}
	}
}

func TestTheCleanSamplesHoldTheSameClaims(t *testing.T) {
	dir := sharedClaims(t)
	first, _ := readAll(t, read(t, filepath.Join(dir, "clean-200.csv")), Options{})
	for name, encoding := range map[string]Encoding{"french-200.csv": Windows1252, "french-headers-200.csv": UTF8BOM} {
		records, summary := readAll(t, read(t, filepath.Join(dir, name)), Options{})
		if summary.Encoding != encoding || summary.Delimiter != ';' {
			t.Errorf("%s was read as %s, %q", name, summary.Encoding, summary.Delimiter)
		}
		sameClaims(t, name, records, first)
		if summary.Accepted != 200 {
			t.Errorf("%s: %d accepted", name, summary.Accepted)
		}
	}
}

func sameClaims(t *testing.T, name string, got, want []Record) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d records, want %d", name, len(got), len(want))
	}
	for i := range want {
		if got[i].Claim != want[i].Claim {
			t.Errorf("%s, record %d:\n got %+v\nwant %+v", name, i+1, got[i].Claim, want[i].Claim)
		}
		if got[i].Claim.ContentHash() != want[i].Claim.ContentHash() {
			t.Errorf("%s, record %d: another content hash", name, i+1)
		}
	}
}

func TestTheTotalsOfTheSamples(t *testing.T) {
	dir := sharedClaims(t)
	rows, err := csv.NewReader(bytes.NewReader(read(t, filepath.Join(dir, "totals.csv")))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows[1:] {
		name, which, _ := strings.Cut(row[0], " ")
		records, _ := readAll(t, read(t, filepath.Join(dir, name)), Options{})
		var amount, paid, open money.Amount
		var claims, business, consumer int
		for _, r := range records {
			if !r.Taken() || (which == "(accept)" && r.Outcome != Accept) {
				continue
			}
			claims++
			amount, paid, open = amount.Add(r.Claim.Amount), paid.Add(r.Claim.Paid), open.Add(r.Claim.Open())
			if r.Claim.DebtorKind == Business {
				business++
			} else {
				consumer++
			}
		}
		plain := func(a money.Amount) string { return strings.TrimSuffix(a.String(), " EUR") }
		got := []string{row[0], strconv.Itoa(claims), plain(amount), plain(paid), plain(open), strconv.Itoa(business), strconv.Itoa(consumer)}
		if strings.Join(got, ",") != strings.Join(row, ",") {
			t.Errorf("got %v, want %v", got, row)
		}
	}
}

// manyFiles drives the generator of the sample files, in one process: the folder
// to import it from, then the one to write to.
const manyFiles = `
import sys
from datetime import date
sys.dont_write_bytecode = True
sys.path.insert(0, sys.argv[1])
import generate
for seed in range(100, 120):
    for style in ("plain", "french", "french-headers", "messy"):
        for rate in (0.2, 0.5, 0.9):
            records = generate.rows(str(seed), 160, rate, date(2026, 3, 2))
            data, expected = generate.write(records, style, str(seed))
            name = "%s/%d-%s-%d" % (sys.argv[2], seed, style, rate * 10)
            with open(name + ".csv", "wb") as f:
                f.write(data)
            generate.save_expected(name + ".expected", expected)
`

// TestFilesOfTheGenerator compares files of other seeds, rates of errors and
// styles with what the generator expects of them, record by record.
func TestFilesOfTheGenerator(t *testing.T) {
	dir := sharedClaims(t)
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("python3 is not installed")
	}
	out := t.TempDir()
	if output, err := exec.Command(python, "-c", manyFiles, dir, out).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	files, err := filepath.Glob(filepath.Join(out, "*.csv"))
	if err != nil || len(files) != 20*4*3 {
		t.Fatal(len(files), err)
	}
	excused, all := 0, 0
	for _, file := range files {
		data := read(t, file)
		records, _ := readAll(t, data, Options{})
		all += len(records)
		cells := cellsByLine(t, data)
		t.Run(filepath.Base(file), func(t *testing.T) {
			compare(t, records, read(t, strings.TrimSuffix(file, ".csv")+".expected"), func(want []string) bool {
				slip := generatorSlips(want, cells[want[0]])
				if slip {
					excused++
				}
				return slip
			})
		})
	}
	if excused*500 > all {
		t.Errorf("%d of %d records differ where the generator slips: too many to be so", excused, all)
	}
	t.Logf("%d records in %d files, %d slips of the generator", all, len(files), excused)
}

// cellsByLine reads a file once more, plainly, for the excuses.
func cellsByLine(t *testing.T, data []byte) map[string]map[string]string {
	t.Helper()
	cells := map[string]map[string]string{}
	s := newSplitter(bytes.NewReader(bytes.TrimPrefix(data, []byte("\ufeff"))))
	beginning, _ := s.peek(2000)
	s.separate(guessDelimiter(beginning))
	var names []Column
	for {
		r, err := s.next()
		if err != nil {
			return cells
		}
		values := cellsOf(r)
		if names == nil {
			h, err := readHeader(values)
			if err != nil {
				t.Fatal(err)
			}
			names = h.columns
			s.columns = len(names)
			continue
		}
		byName := map[string]string{}
		for i, v := range values {
			if i < len(names) {
				byName[names[i].Meaning] = v
			}
		}
		cells[strconv.Itoa(r.line)] = byName
	}
}

// generatorSlips says where the generator expects what its own file does not
// hold: it spoils an amount of fewer than two decimals (900 or 12.5) by one more
// digit, which gives an amount that is right; and of a line that lacks its last
// three values it expects the invoice number even where that is one of the three.
func generatorSlips(want []string, cells map[string]string) bool {
	switch want[4] {
	case "three_decimals":
		_, fraction, _ := strings.Cut(cells["amount_incl_vat"], ".")
		return len(fraction) < 3
	case "missing_columns":
		return cells["invoice_number"] == ""
	}
	return false
}
