package placement

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

var update = flag.Bool("update", false, "write the golden files anew")

// mixture is a file as a small firm would send it: French titles, a column of its
// own, and one line of each trouble.
func mixture() string {
	return strings.ReplaceAll(`Réf. créancier;N° de facture;Date de facture;Date d’échéance;Devise;Montant TTC;Déjà réglé;Type de débiteur;Raison sociale / Nom;SIREN;E-mail;Téléphone;Adresse;Code postal;Ville;Pays;Type de document;Facture d’origine;Objet;Région
CRE-001;FA-2025-0001;20/11/2025;19/01/2026;EUR;2 541,08 €;711,50 €;professionnel;Garage du Port Imaginaire SCOP;010 185 650;garage@exemple.test;04.65.71.63.50;76, allée de l’Utopie;64100;Bayonne;FR;;;"Transport, chantier « Les Œillets »";Sud-Ouest
CRE-001;FA-2025-0002;20/11/2025;31/11/2025;EUR;99,00;;particulier;Noé Chimérel;;noe@exemple.test;+33 6 39 98 12 34;12, rue de l’Exemple;5100;Briançon;France;facture;;Cours de piano;
CRE-001;FA-2025-0003;20/11/2025;19/12/2025;EUR;184,50;;particulier;Inès Fablier;;ines@exemple.test;0639981235;3 bis, quai des Songes;5100;Briançon;France;;;"Garde d’enfants
mercredi et samedi";
CRE-001;AV-2026-0001;10/02/2026;;EUR;41,08 €;;professionnel;Garage du Port Imaginaire SCOP;010185650;garage@exemple.test;;76, allée de l’Utopie;64100;Bayonne;FR;avoir;FA-2025-0001;Retour de marchandise;

CRE-001;FA-2025-0001;20/11/2025;19/01/2026;EUR;2 541,08 €;711,50 €;professionnel;Garage du Port Imaginaire SCOP;010185650;garage@exemple.test;;76, allée de l’Utopie;64100;Bayonne;FR;;;=1+1;
CRE-002;FA-2025-0004;20/11/2025;19/12/2025;CHF;1'250.00;;société;Menuiserie Supposée SNC;031093149;;;4, impasse du Modèle;1200;Genève;CH;;;"+SUM(1;1)";
CRE-002;FA-2025-0005;01/01/2023;31/01/2023;EUR;60,00;;;Théo Leurrier;;theo@exemple.test;;9, cours de l’Imaginaire;75011;Paris;FR;;;Abonnement;
CRE-002;FA-2025-0006;20/11/2025;19/12/2025;EUR;"12;50`, "\n", "\r\n")
}

// TestGolden keeps what is made of that file; `go test -run Golden -update` writes it
// anew, for a person to read through the difference.
func TestGolden(t *testing.T) {
	input := filepath.Join("testdata", "mixture.csv")
	var b bytes.Buffer
	records, summary := readAll(t, toTable(t, mixture(), charmap.Windows1252), Options{})
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	for _, r := range records {
		if err := encoder.Encode(r); err != nil {
			t.Fatal(err)
		}
	}
	var refused bytes.Buffer
	if err := writeRefused(&refused, summary.Layout, "fr", records); err != nil {
		t.Fatal(err)
	}
	golden(t, input, toTable(t, mixture(), charmap.Windows1252))
	golden(t, strings.Replace(input, ".csv", ".jsonl", 1), b.Bytes())
	golden(t, strings.Replace(input, ".csv", "-refused.csv", 1), refused.Bytes())
}

func golden(t *testing.T, file string, got []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if want := read(t, file); !bytes.Equal(got, want) {
		t.Errorf("%s:\n got %s\nwant %s", file, got, want)
	}
}

func TestTheSummaryAddsUp(t *testing.T) {
	var told int64
	layouts := 0
	data := toTable(t, mixture(), charmap.Windows1252)
	records, s := readAll(t, data, Options{Progress: func(n int64) { told = n }, OnLayout: func(Layout) { layouts++ }})
	count := map[Outcome]int{}
	for _, r := range records {
		count[r.Outcome]++
	}
	if s.Accepted != count[Accept] || s.Warned != count[Warn] || s.Refused != count[Reject] || s.Skipped != count[Skip] || s.Records+s.Skipped != len(records) {
		t.Errorf("%+v, counted %v", s, count)
	}
	if told != int64(len(data)) || s.Bytes != told || layouts != 1 || s.Lines != 11 {
		t.Errorf("%d of %d bytes told, %d lines, %d layouts", told, len(data), s.Lines, layouts)
	}
	euros := s.Totals["EUR"]
	if euros.Claims != 2 || euros.CreditNotes != 1 || euros.Amount.String() != "2725.58 EUR" || euros.Credit.String() != "41.08 EUR" || s.Totals["CHF"].Amount.String() != "1250.00 CHF" {
		t.Errorf("totals %+v", s.Totals)
	}
	if got := s.Unknown(); len(got) != 1 || got[0] != "Région" {
		t.Errorf("kept under their titles: %q", got)
	}
}

func TestADayToReckonFromIsNeeded(t *testing.T) {
	if _, err := Read(bytes.NewReader(file(with())), Options{}, nil); err == nil {
		t.Error("a file was read without a day")
	}
}

// FuzzRead feeds whole files. Whatever they are, reading ends, every byte counts
// once, and what is taken over is fit to be a claim.
func FuzzRead(f *testing.F) {
	f.Add([]byte(mixture()))
	f.Add(toTable(f, mixture(), charmap.Windows1252))
	f.Add(toUTF16(mixture(), binary.LittleEndian))
	f.Add(file(with(), with(values{"document_type": "381", "preceding_invoice": "F1"})))
	f.Add([]byte("sep=;\nfacture;echeance;montant ttc;client;creancier;devise\nF1;01/02/2026;\"12\nF2;01/02/2026;12;\"a\"b;C1;EUR\n\x00;\xff"))
	f.Add([]byte("facture\techeance\tmontant ttc\tclient\tcreancier\tdevise\r\rF1\t01/02/2026\t1,5\tN\tC\tEUR\t\t\r"))
	f.Fuzz(func(t *testing.T, data []byte) {
		line, number, taken := 0, 0, 0
		var refused bytes.Buffer
		var out *RefusedWriter
		o := Options{Today: sampleToday, OnLayout: func(l Layout) { out = NewRefusedWriter(&refused, l, "fr") }}
		s, err := Read(bytes.NewReader(data), o, func(r Record) error {
			if r.Line <= line {
				t.Fatalf("line %d comes after line %d", r.Line, line)
			}
			line = r.Line
			if r.Outcome != Skip {
				if number++; r.Number != number {
					t.Fatalf("record %d is numbered %d", number, r.Number)
				}
			}
			if _, err := json.Marshal(r); err != nil {
				t.Fatal(err)
			}
			if r.Taken() {
				taken++
				checkClaim(t, r)
			}
			return out.Write(r)
		})
		if err != nil {
			return // refused as a whole, with its reason
		}
		if s.Bytes != int64(len(data)) || s.Records != number || s.Accepted+s.Warned != taken || s.Lines < line {
			t.Fatalf("%d of %d bytes; %+v", s.Bytes, len(data), s)
		}
		if err := out.Close(); err != nil || !utf8.Valid(refused.Bytes()) {
			t.Fatalf("refused file: %v", err)
		}
	})
}

func checkClaim(t *testing.T, r Record) {
	t.Helper()
	c := r.Claim
	if c.CreditorRef == "" || c.InvoiceNumber == "" || c.DebtorName == "" || c.Amount.Minor <= 0 || c.Amount.Minor > maxMinor ||
		c.Paid.Minor < 0 || c.Paid.Minor >= c.Amount.Minor || len(c.Amount.Currency) != 3 {
		t.Fatalf("taken over: %+v", c)
	}
	if r.Kind == KindClaim && (c.DueDate == "" || c.IssueDate > c.DueDate) || r.Kind == KindCreditNote && c.PrecedingInvoice == "" {
		t.Fatalf("taken over as %s: %+v", r.Kind, c)
	}
	for _, v := range []string{c.CreditorRef, c.InvoiceNumber, c.DebtorName, c.Email, c.Street, c.City} {
		if strings.ContainsAny(v, "\r\n\x00") || v != trim(v) || !utf8.ValidString(v) {
			t.Fatalf("a value of one line is %q", v)
		}
	}
	if len(c.DebtorName) > 4*limits[fieldDebtorName] || len(c.Description) > 4*maxCell {
		t.Fatal("a value longer than its limit")
	}
}
