package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"amiable/negotiation/placement"
)

const fourClaimLines = "facture;échéance;montant ttc;client;créancier;devise;type de débiteur\r\n" +
	"F1;01/02/2026;1 250,00 €;Garage Fictif SARL;CRE-001;EUR;professionnel\r\n" +
	"\r\n" +
	"F2;31/02/2026;12,00;Noé Chimérel;CRE-001;EUR;particulier\r\n" +
	"F1;01/02/2026;1 250,00 €;Garage Fictif SARL;CRE-001;EUR;professionnel\r\n"

func claimsFile(t *testing.T, content string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "claims.csv")
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestDryRunWritesOneObjectARecord(t *testing.T) {
	var out bytes.Buffer
	if err := runImportDryRun(&out, claimsFile(t, fourClaimLines), "2026-03-02", "", true); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
	if len(lines) != 4 {
		t.Fatalf("%d objects:\n%s", len(lines), out.String())
	}
	type object struct {
		Line          int
		Record        *int
		InvoiceNumber string `json:"invoice_number"`
		Outcome       string
		ReasonCode    string `json:"reason_code"`
		Reason        string
		Reasons       []map[string]any
		Claim         map[string]any
	}
	var got [4]object
	for i, line := range lines {
		if err := json.Unmarshal([]byte(line), &got[i]); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
	}
	if o := got[0]; o.Line != 2 || *o.Record != 1 || o.Outcome != "warn" || o.ReasonCode != "missing_issue_date" ||
		o.Claim["amount_incl_vat"] != 125000.0 || o.Claim["due_date"] != "2026-02-01" || len(o.Claim) != 22 {
		t.Errorf("the first record is %s", lines[0])
	}
	if o := got[1]; o.Line != 3 || o.Record != nil || o.Outcome != "skip" || o.ReasonCode != "blank_line" || o.Claim != nil {
		t.Errorf("the blank line is %s", lines[1])
	}
	if o := got[2]; o.Line != 4 || *o.Record != 2 || o.Outcome != "reject" || o.ReasonCode != "impossible_date" || o.InvoiceNumber != "F2" || o.Claim != nil || len(o.Reasons) < 2 {
		t.Errorf("the refused record is %s", lines[2])
	}
	if o := got[3]; o.ReasonCode != "duplicate_line" || o.Reason != "the same claim as an earlier line (line 2)" {
		t.Errorf("the duplicate is %s", lines[3])
	}
}

func TestDryRunForAPerson(t *testing.T) {
	var out bytes.Buffer
	if err := runImportDryRun(&out, claimsFile(t, fourClaimLines), "2026-03-02", "", false); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"    1  duplicate_line: The same claim as an earlier line. Nothing to do: the earlier line was taken over.\n",
		"encoding   utf-8 (guessed; --encoding overrules it)\n", "separator  semicolon\n", "column     montant ttc = amount_incl_vat\n",
		"line 4\treject\tF2\timpossible_date: a date that does not exist\n",
		"3 records: 0 accepted, 1 accepted with a warning, 2 refused; 1 blank lines\n", "1 claims: 1250.00 EUR, of which paid 0.00 EUR, open 1250.00 EUR\n",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("lacks %q:\n%s", want, out.String())
		}
	}
}

func TestDryRunSaysWhyAFileIsRefused(t *testing.T) {
	for content, want := range map[string]string{"": "the file is empty", "a;b\n1;2\n": "missing: creditor_ref, invoice_number", "%PDF-1.7": "PDF"} {
		err := runImportDryRun(&bytes.Buffer{}, claimsFile(t, content), "2026-03-02", "", true)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", content, err)
		}
	}
	if err := runImportDryRun(&bytes.Buffer{}, claimsFile(t, fourClaimLines), "2026-03-02", "klingon", true); err == nil {
		t.Error("an encoding that does not exist was accepted")
	}
	if err := runImportDryRun(&bytes.Buffer{}, filepath.Join(t.TempDir(), "none.csv"), "2026-03-02", "", true); err == nil {
		t.Error("a file that does not exist was read")
	}
}

// TestDryRunOfTheSamples checks that every line of the sample is an object whose
// claim, where there is one, is complete.
func TestDryRunOfTheSamples(t *testing.T) {
	root := os.Getenv("AMIABLE_SHARED_DATA")
	if root == "" {
		t.Skip("AMIABLE_SHARED_DATA does not name the folder of sample files")
	}
	var out bytes.Buffer
	if err := runImportDryRun(&out, filepath.Join(root, "claims", "dirty-200.csv"), "2026-03-02", "", true); err != nil {
		t.Fatal(err)
	}
	outcomes := map[placement.Outcome]int{}
	decoder := json.NewDecoder(&out)
	for decoder.More() {
		var o struct {
			Outcome placement.Outcome
			Claim   map[string]any
		}
		if err := decoder.Decode(&o); err != nil {
			t.Fatal(err)
		}
		if taken := o.Outcome == placement.Accept || o.Outcome == placement.Warn; taken != (len(o.Claim) == 22) {
			t.Errorf("%s with %d values", o.Outcome, len(o.Claim))
		}
		outcomes[o.Outcome]++
	}
	if outcomes[placement.Accept] != 123 || outcomes[placement.Warn] != 26 || outcomes[placement.Reject] != 52 || outcomes[placement.Skip] != 4 {
		t.Errorf("outcomes %v", outcomes)
	}
}
