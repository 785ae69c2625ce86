package placement

import (
	"bytes"
	"encoding/csv"
	"io"
	"strings"
	"testing"
)

func TestRefusedLinesComeBackAsTheyWere(t *testing.T) {
	lines := file(
		with(values{"due_date": "", "debtor_name": `=HYPERLINK("http://example.invalid")`, "description": "un\ndeux; \"trois\""}),
		with(values{"invoice_number": "F2"}),
		with(values{"invoice_number": "F3", "amount_incl_vat": "-20.00", "amount_paid": "", "phone": "+33 4 65 71 63 50", "city": "\t=1+1", "currency": ""}),
	)
	records, summary := readAll(t, lines, Options{})
	for _, language := range []string{"en", "fr"} {
		var b bytes.Buffer
		if err := writeRefused(&b, summary.Layout, language, records); err != nil {
			t.Fatal(err)
		}
		if !bytes.HasPrefix(b.Bytes(), []byte("\ufeffamiable_line,amiable_reason_code,amiable_reason,creditor_ref,")) {
			t.Errorf("begins %.80q", b.String())
		}
		rows, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(b.Bytes(), []byte("\ufeff")))).ReadAll()
		if err != nil || len(rows) != 3 {
			t.Fatal(len(rows), err)
		}
		at := func(row int, name string) string {
			for i, n := range rows[0] {
				if n == name {
					return rows[row][i]
				}
			}
			t.Fatalf("no column %s", name)
			return ""
		}
		for _, want := range []struct {
			row         int
			name, value string
		}{
			{1, "amiable_line", "2"}, {1, "amiable_reason_code", "missing_due_date"}, {1, "debtor_name", `'=HYPERLINK("http://example.invalid")`},
			{1, "description", "un\ndeux; \"trois\""}, {1, "amount_incl_vat", "2541.08"},
			{2, "amiable_line", "5"}, {2, "amiable_reason_code", "missing_currency"}, {2, "amount_incl_vat", "-20.00"},
			{2, "phone", "+33 4 65 71 63 50"}, {2, "city", "'\t=1+1"},
		} {
			if got := at(want.row, want.name); got != want.value {
				t.Errorf("%s of row %d is %q, want %q", want.name, want.row, got, want.value)
			}
		}
		word := map[string]string{"en": "currency: no currency. Fill in", "fr": "currency: aucune devise. Indiquez"}[language]
		if reason := at(2, "amiable_reason"); !strings.HasPrefix(reason, word) || !strings.Contains(reason, " | amount_incl_vat: ") {
			t.Errorf("the reason in %s is %q", language, reason)
		}
	}
}

// TestACorrectedRefusedFileCanBeSentAgain has only the missing date filled in.
func TestACorrectedRefusedFileCanBeSentAgain(t *testing.T) {
	broken := with(values{"due_date": "", "debtor_name": "=1+1 SARL", "Région": "Sud"})
	records, summary := readAll(t, file(broken), Options{})
	var b bytes.Buffer
	if err := writeRefused(&b, summary.Layout, "fr", records); err != nil {
		t.Fatal(err)
	}
	refusedAgain, summary := readAll(t, b.Bytes(), Options{})
	var second bytes.Buffer
	if err := writeRefused(&second, summary.Layout, "fr", refusedAgain); err != nil || second.String() != b.String() {
		t.Errorf("sent again uncorrected, it comes back as\n%s%v, not\n%s", second.String(), err, b.String())
	}
	corrected := strings.Replace(b.String(), "2025-11-20,,EUR", "2025-11-20,2026-01-19,EUR", 1)
	again, summary := readAll(t, []byte(corrected), Options{})
	broken["due_date"] = "2026-01-19"
	want, _ := readAll(t, file(broken), Options{})
	sameClaims(t, "corrected", again, want)
	if len(again[0].Extra) != 1 || len(summary.Unknown()) != 1 {
		t.Errorf("our own columns came back as the creditor's: %v", summary.Unknown())
	}
}

func TestNeutral(t *testing.T) {
	for s, want := range map[string]string{
		"": "", "Dupont": "Dupont", "-": "-", "-12,50": "-12,50", "+33 1 99 00 46 44": "+33 1 99 00 46 44", "12": "12", "'=": "'=",
		"=1": "'=1", "+1+1": "'+1+1", "-1-1": "'-1-1", "-1/2": "'-1/2", "@A1": "'@A1", "\tx": "'\tx", "\rx": "'\rx", " =1": "' =1", "- remise": "'- remise",
		"\uff1d1": "'\uff1d1", "-A1": "'-A1", "+cmd|' /C calc'!A0": "'+cmd|' /C calc'!A0", "\u00a0=1": "'\u00a0=1",
	} {
		if got := Neutral(s); got != want {
			t.Errorf("%q becomes %q, want %q", s, got, want)
		}
		if v := trim(s); formula(v) != "" && plainText(Neutral(v)) != v {
			t.Errorf("%q comes back as %q", v, plainText(Neutral(v)))
		}
	}
}

// writeRefused writes the refused ones among records.
func writeRefused(w io.Writer, layout Layout, language string, records []Record) error {
	out := NewRefusedWriter(w, layout, language)
	for _, r := range records {
		if err := out.Write(r); err != nil {
			return err
		}
	}
	return out.Close()
}
