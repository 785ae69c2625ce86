package limitation

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"amiable/negotiation/day"
)

// The sample files say which claims are too old on 2 March 2026, by kind of
// debtor; the rule here must say the same.
func TestAgeRuleAgreesWithTheSampleFiles(t *testing.T) {
	shared := os.Getenv("AMIABLE_SHARED_DATA")
	if shared == "" {
		t.Skip("AMIABLE_SHARED_DATA is not set: the sample files are in its folder claims")
	}
	today := day.Day("2026-03-02")
	for _, file := range []struct {
		name, expected string
		barred, judged int
	}{{"clean-200.csv", "", 0, 200}, {"dirty-200.csv", "dirty-200.expected.csv", 4, 5}} {
		reasons := map[string]string{} // by invoice number
		if file.expected != "" {
			for _, r := range records(t, filepath.Join(shared, "claims", file.expected)) {
				reasons[r["invoice_number"]] = r["reason_code"]
			}
		}
		judged, barred := 0, 0
		for _, r := range records(t, filepath.Join(shared, "claims", file.name)) {
			reason := reasons[r["invoice_number"]]
			if file.expected != "" && !strings.HasPrefix(reason, "time_barred") && reason != "old_but_not_barred" {
				continue // other flaws may sit in the very columns read here
			}
			due, err := day.Parse(r["due_date"])
			if err != nil {
				t.Fatalf("%s: invoice %s: %v", file.name, r["invoice_number"], err)
			}
			kind := DebtorKind(r["debtor_kind"])
			if kind == "" {
				kind = Consumer
			}
			a, err := Assess(Claim{Debtor: kind, StartsOn: due}, nil, today)
			ok := !a.Barred
			if err != nil || ok == strings.HasPrefix(reason, "time_barred") {
				t.Errorf("%s: invoice %s of a %s, due %s: accepted %v, %v; the file says %q", file.name, r["invoice_number"], kind, due, ok, err, reason)
			}
			judged++
			if !ok {
				barred++
			}
		}
		if judged < file.judged || barred < file.barred {
			t.Errorf("%s: only %d judged, %d too old", file.name, judged, barred)
		}
	}
}

func records(t *testing.T, name string) []map[string]string {
	t.Helper()
	file, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	reader := csv.NewReader(file)
	reader.FieldsPerRecord, reader.LazyQuotes = -1, true
	rows, err := reader.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var all []map[string]string
	for _, row := range rows[1:] {
		r := map[string]string{}
		for i, cell := range row {
			if i < len(rows[0]) {
				r[rows[0][i]] = cell
			}
		}
		all = append(all, r)
	}
	return all
}
