package camt

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"testing"
)

// shared returns the folder of sample files, or skips the test.
func shared(t *testing.T) string {
	t.Helper()
	root := os.Getenv("AMIABLE_SHARED_DATA")
	if root == "" {
		t.Skip("AMIABLE_SHARED_DATA does not name the folder of sample files")
	}
	return filepath.Join(root, "camt")
}

// table reads a file of expectations, each line by its titles.
func table(t *testing.T, path string) []map[string]string {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var rows []map[string]string
	for _, line := range lines[1:] {
		row := map[string]string{}
		for i, title := range lines[0] {
			row[title] = line[i]
		}
		rows = append(rows, row)
	}
	return rows
}

func readFile(t *testing.T, path string) (*Message, error) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	return Read(f)
}

// Another program read the same files: every field of every line agrees.
func TestTheSampleFilesAreReadAsAnotherProgramReadsThem(t *testing.T) {
	folder := shared(t)
	want := map[string][]map[string]string{}
	for _, row := range table(t, filepath.Join(folder, "expected.csv")) {
		want[row["file"]] = append(want[row["file"]], row)
	}
	files, err := filepath.Glob(filepath.Join(folder, "*.xml"))
	if err != nil || len(files) < 10 {
		t.Fatal(files, err)
	}
	for _, path := range files {
		name := filepath.Base(path)
		m, err := readFile(t, path)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		rows := m.Rows(name)
		if len(rows) != len(want[name]) {
			t.Errorf("%s has %d rows, want %d", name, len(rows), len(want[name]))
			continue
		}
		for i, row := range rows {
			text, err := json.Marshal(row)
			if err != nil {
				t.Fatal(err)
			}
			got := map[string]string{}
			if err := json.Unmarshal(text, &got); err != nil {
				t.Fatal(err)
			}
			if len(got) != len(want[name][i]) {
				t.Errorf("%s, row %d has %d fields, want %d", name, i+1, len(got), len(want[name][i]))
			}
			for field, value := range want[name][i] {
				if got[field] != value {
					t.Errorf("%s, row %d: %s is %q, want %q", name, i+1, field, got[field], value)
				}
			}
		}
	}
}

func TestTheSampleStatementsAddUpAsAnotherProgramAddsThem(t *testing.T) {
	folder := shared(t)
	for _, want := range table(t, filepath.Join(folder, "statements.csv")) {
		m, err := readFile(t, filepath.Join(folder, want["file"]))
		if err != nil {
			t.Errorf("%s: %v", want["file"], err)
			continue
		}
		n, err := strconv.Atoi(want["statement"])
		if err != nil {
			t.Fatal(err)
		}
		s := m.Statements[n-1]
		got := map[string]string{
			"file": want["file"], "message": m.Name, "statement": want["statement"], "statement_id": s.ID, "account": s.Account, "currency": s.SumCurrency(),
			"opening": s.Opening.String(), "closing": s.Closing.String(), "entries": strconv.Itoa(len(s.Entries)), "booked_net": s.BookedNet(), "balances_agree": s.BalancesAgree(),
		}
		for field, value := range want {
			if got[field] != value {
				t.Errorf("%s, statement %s: %s is %q, want %q", want["file"], want["statement"], field, got[field], value)
			}
		}
	}
}

func TestTheSampleFilesThatAreInvalidAreRefused(t *testing.T) {
	folder := filepath.Join(shared(t), "invalid")
	codes := map[string]Code{
		"amount-comma.xml": AmountWrong, "doctype-external-entity.xml": DocumentType, "other-message-pain001.xml": OtherMessage, "truncated.xml": CutOff, "zero-bytes.xml": Empty,
	}
	for _, want := range table(t, filepath.Join(folder, "expected.csv")) {
		_, err := readFile(t, filepath.Join(folder, want["file"]))
		var refused *FileError
		switch {
		case want["expectation"] != "reject":
			if err != nil {
				t.Errorf("%s: %v", want["file"], err)
			}
		case !errors.As(err, &refused):
			t.Errorf("%s is not refused: %v", want["file"], err)
		case codes[want["file"]] != "" && refused.Code != codes[want["file"]]:
			t.Errorf("%s is refused as %v", want["file"], refused)
		}
	}
}
