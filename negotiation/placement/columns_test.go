package placement

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"
)

func TestTitlesAsProgramsWriteThem(t *testing.T) {
	for title, want := range map[string]string{
		"N° de facture": "invoice_number", "Numéro facture": "invoice_number", "NUM_FACTURE": "invoice_number", "Invoice No.": "invoice_number", "Facture n°": "invoice_number",
		"Date d’échéance": "due_date", "Date d'échéance": "due_date", "ÉCHÉANCE": "due_date", "Due Date": "due_date", "À payer avant le": "due_date",
		"Date de facture": "issue_date", "Date de facturation": "issue_date", "Invoice date": "issue_date",
		"Montant TTC": "amount_incl_vat", "Total T.T.C. (€)": "amount_incl_vat", "Montant TTC (EUR)": "amount_incl_vat", "Amount incl. VAT": "amount_incl_vat",
		"Déjà réglé": "amount_paid", "Acompte versé": "amount_paid", "Raison sociale / Nom": "debtor_name", "Nom du client": "debtor_name",
		"Type de débiteur": "debtor_kind", "SIREN": "siren", "N° TVA": "vat_number", "TVA intracommunautaire": "vat_number",
		"E-mail": "email", "Courriel": "email", "Adresse e-mail": "email", "Tél.": "phone", "Code postal": "postcode", "CP": "postcode",
		"Ville": "city", "Pays": "country", "Langue": "language", "Taux contractuel (%)": "contract_rate_percent", "Réf. mandat": "mandate_ref",
		"Objet": "description", "Libellé": "description", "Réf. créancier": "creditor_ref", "  creditor_REF ": "creditor_ref", "Devise": "currency",
		"Type de document": "document_type", "Facture d'origine": "preceding_invoice",
	} {
		if got, known := titleIndex[fold(title)]; !known || fieldNames[got.field] != want {
			t.Errorf("%q means %q, want %q", title, fieldNames[got.field], want)
		}
		if got := Meaning(title); got != want {
			t.Errorf("Meaning(%q) is %q", title, got)
		}
	}
	for _, title := range []string{"Montant HT", "TVA", "Région", "IBAN", "", "Commercial", "Date de naissance"} {
		if got := Meaning(title); got != "" {
			t.Errorf("Meaning(%q) is %q", title, got)
		}
		if got, known := titleIndex[fold(title)]; known {
			t.Errorf("%q was taken for %s", title, fieldNames[got.field])
		}
	}
}

// TestNoTitleMeansTwoThings looks for a title in the list of two columns: the
// index would keep one of them by chance of order.
func TestNoTitleMeansTwoThings(t *testing.T) {
	owner := map[string]string{}
	for f := range fieldCount {
		for _, title := range strings.Fields(strings.ReplaceAll(titles[f], "|", " ")) {
			if other, taken := owner[title]; taken && other != fieldNames[f] {
				t.Errorf("%q means %s and %s", title, other, fieldNames[f])
			}
			owner[title] = fieldNames[f]
			if fold(title) != title {
				t.Errorf("%q of %s can never be met: it folds to %q", title, fieldNames[f], fold(title))
			}
		}
	}
}

func TestTheBetterTitleWins(t *testing.T) {
	h, err := readHeader([]string{"Nom", "Raison sociale", "Montant", "Montant TTC", "Téléphone", "Portable", "SIRET", "SIREN"})
	if err != nil {
		t.Fatal(err)
	}
	for f, want := range map[field]int{fieldDebtorName: 1, fieldAmount: 3, fieldPhone: 4, fieldSIREN: 7} {
		if h.at[f] != want {
			t.Errorf("%s is column %d, want %d", fieldNames[f], h.at[f], want)
		}
	}
	if want := []int{0, 2, 5, 6}; !slices.Equal(h.extra, want) {
		t.Errorf("kept under their titles: %v, want %v", h.extra, want)
	}
}

func TestFilesThatCannotBeUnderstood(t *testing.T) {
	header := string(file()[:lineEnd(file())])
	for _, row := range []struct {
		story, file string
		want        FileCode
		says        string
	}{
		{"nothing", "", EmptyFile, "empty"},
		{"blank lines", "\n \r\n;;;\n", EmptyFile, "empty"},
		{"a mark only", "\ufeff", EmptyFile, "empty"},
		{"no titles", "CRE-001;F1;12.50\n", MissingHeader, "creditor_ref, invoice_number, due_date, amount_incl_vat, debtor_name"},
		{"no due date", strings.Replace(header, "due_date", "x", 1), MissingHeader, "missing: due_date;"},
		{"two amounts", "facture;echeance;montant ttc;total ttc;client;creancier\n", DuplicateColumn, "montant ttc, total ttc"},
		{"two amounts of second choice", "facture;echeance;montant;reste dû;client;creancier\n", DuplicateColumn, "montant, reste dû"},
		{"the same title twice", "facture;echeance;montant ttc;client;client;creancier\n", DuplicateColumn, "client, client"},
		{"a spreadsheet", "PK\x03\x04....", NotText, "XLSX"},
		{"a PDF", "%PDF-1.7", NotText, "PDF"},
		{"a page", "<!DOCTYPE html><html>", NotText, "HTML"},
		{"a title of a megabyte", strings.Repeat("x", 2<<20), HeaderTooLong, "too long"},
		{"a thousand columns", strings.Repeat("x;", 1000) + "\n", HeaderTooLong, "too long"},
	} {
		_, err := Read(strings.NewReader(row.file), Options{Today: sampleToday}, func(Record) error { return nil })
		var refused *FileError
		if !errors.As(err, &refused) || refused.Code != row.want || !strings.Contains(err.Error(), row.says) {
			t.Errorf("%s: %v", row.story, err)
			continue
		}
		if fr := refused.Text("fr"); fr == "" || fr == refused.Text("en") {
			t.Errorf("%s: says %q in French", row.story, fr)
		}
	}
	if _, summary := readAll(t, []byte(header), Options{}); summary.Records != 0 || len(summary.Columns) != 22 {
		t.Errorf("a header alone: %+v", summary)
	}
	if _, summary := readAll(t, []byte("facture;echeance;montant ttc;client\nF1;01/01/2026;12;X\n"), Options{Creditor: "CRE-001"}); summary.Records != 1 {
		t.Errorf("a file of one creditor needs no such column: %+v", summary)
	}
}

func TestDelimitersAreGuessed(t *testing.T) {
	for _, d := range []string{",", ";", "\t", "|"} {
		text := strings.Join([]string{"facture", "date d'échéance", "montant ttc", "client", "creancier", "devise", "objet"}, d) + "\n" +
			strings.Join([]string{"F1", "01/02/2026", `"12,00"`, "Noé", "C1", "EUR", `"a; b, c	d | e"`}, d) + "\n"
		for _, begin := range []string{"", "sep=" + d + "\r\n", "\n\n"} {
			records, summary := readAll(t, []byte(begin+text), Options{})
			if summary.Delimiter != d[0] || len(records) != 1 || records[0].Claim.Amount.Minor != 12_00 || records[0].Claim.Description != "a; b, c\td | e" {
				t.Errorf("%q after %q: %q, %+v", d, begin, summary.Delimiter, records)
			}
		}
	}
	one := []byte("facture,echeance,montant ttc,client,creancier\n")
	if _, err := Read(bytes.NewReader(one), Options{Today: sampleToday, Delimiter: ';'}, nil); err == nil {
		t.Error("an overruled delimiter was not used")
	}
}

func TestColumnsWithoutATitle(t *testing.T) {
	text := "facture;;échéance;montant ttc;client;créancier;devise;;\n" +
		"F1;x;01/02/2026;12;Noé;C1;EUR\nF2;;01/02/2026;12;Noé;C1;EUR;;\nF3;;01/02/2026;12;Noé;C1;EUR;;y\n"
	records := wantCodes(t, []byte(text), Options{}, MissingIssueDate, MissingIssueDate, ExtraColumn)
	if extra := records[0].Extra; len(extra) != 1 || extra[0] != (Extra{"#2", "x"}) {
		t.Errorf("extra is %v", extra)
	}
}

func TestASeparatorLineIsNotTrustedBlindly(t *testing.T) {
	for _, text := range []string{"sep=", "sep=\n", "sep=\r\n", "sep=a\n", "sep=;;\n", "sep=\"\n"} {
		if _, err := Read(strings.NewReader(text), Options{Today: sampleToday}, nil); err == nil {
			t.Errorf("%q was taken for a file", text)
		}
	}
}

func TestACurrencyWrittenWithEachAmount(t *testing.T) {
	text := "facture;échéance;montant ttc;client;créancier\nF1;01/02/2026;12,50 €;Noé;C1\nF2;01/02/2026;12,50;Noé;C1\n"
	records := wantCodes(t, []byte(text), Options{}, MissingIssueDate, MissingCurrency)
	if got := records[0].Claim.Amount.String(); got != "12.50 EUR" {
		t.Errorf("12,50 € is %s", got)
	}
}

func FuzzHeader(f *testing.F) {
	f.Add("N° de facture;Date d’échéance;Montant TTC;Client;Réf. créancier")
	f.Add("sep=;\ninvoice_number;due_date")
	f.Add("\"a\nb\",c|d\te")
	f.Fuzz(func(t *testing.T, line string) {
		d := guessDelimiter([]byte(line))
		var r row
		r.cut([]byte(line), classesFor(d), true)
		cells := cellsOf(&r)
		h, err := readHeader(cells)
		if err != nil {
			return
		}
		meanings := map[string]bool{}
		for _, c := range h.columns {
			if c.Meaning != "" && meanings[c.Meaning] {
				t.Fatalf("%q: two columns mean %s", line, c.Meaning)
			}
			meanings[c.Meaning] = true
		}
		for field, at := range h.at {
			if at >= len(cells) || (at >= 0 && h.columns[at].Meaning != fieldNames[field]) {
				t.Fatalf("%q: %s is column %d", line, fieldNames[field], at)
			}
		}
	})
}
