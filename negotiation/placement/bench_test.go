package placement

import (
	"bytes"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/text/encoding/charmap"
)

const titlesOfTheSamples = "creditor_ref,invoice_number,issue_date,due_date,currency,amount_incl_vat,amount_paid,debtor_kind,debtor_name," +
	"siren,vat_number,contact_name,email,phone,street,postcode,city,country,language,contract_rate_percent,mandate_ref,description\n"

// invented writes a file of n claims, one in fifty with a date that does not
// exist: as a database exports it, or as a French spreadsheet does.
func invented(n int, french bool) string {
	var b strings.Builder
	b.WriteString(titlesOfTheSamples)
	line := "CRE-%03[1]d,FA-2025-%07[2]d,2024-12-01,2025-%02[3]d-%02[4]d,EUR,1%03[5]d.%02[6]d,0.00,business,Ébénisterie du Port Imaginaire SARL,010185650," +
		"FR22010185650,Éloïse Inventaire-Faux,compta%[2]d@exemple.test,04.65.71.63.50,\"%[5]d, allée de l’Utopie\",64100,Bayonne,FR,fr,12.15," +
		"MDT-%03[1]d-2026,\"Transport de marchandises, chantier « Les Œillets » n° %[2]d\"\n"
	if french {
		line = "CRE-%03[1]d;FA-2025-%07[2]d;01/12/2024;%02[4]d/%02[3]d/2025;EUR;1\u00a0%03[5]d,%02[6]d\u00a0€;0,00\u00a0€;professionnel;Ébénisterie du Port Imaginaire SARL;010185650;" +
			"FR22010185650;Éloïse Inventaire-Faux;compta%[2]d@exemple.test;04.65.71.63.50;%[5]d, allée de l’Utopie;64100;Bayonne;FR;fr;12,15;" +
			"MDT-%03[1]d-2026;Transport de marchandises, chantier « Les Œillets » n° %[2]d\r\n"
	}
	for i := range n {
		month, dom := 1+i%12, 1+i%28
		if i%50 == 7 {
			month, dom = 2, 30
		}
		fmt.Fprintf(&b, line, i%200, i, month, dom, i%1000, i%100)
	}
	if french {
		return strings.Replace(b.String(), titlesOfTheSamples, strings.ReplaceAll(titlesOfTheSamples, ",", ";"), 1)
	}
	return b.String()
}

// BenchmarkRead says what a line of 22 columns costs the reader: of a database's
// file, and of a French spreadsheet's in UTF-8 and Windows-1252.
func BenchmarkRead(b *testing.B) {
	const lines = 20_000
	french := invented(lines, true)
	for name, file := range map[string][]byte{
		"plain": []byte(invented(lines, false)), "french": []byte(french), "windows-1252": toTable(b, french, charmap.Windows1252),
	} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(file)))
			b.ReportAllocs()
			for b.Loop() {
				s, err := Read(bytes.NewReader(file), Options{Today: sampleToday}, func(Record) error { return nil })
				if err != nil || s.Records != lines || s.Refused != lines/50 {
					b.Fatal(s.Records, s.Codes, err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/lines, "ns/line")
		})
	}
}

// stream gives a file of n claims without holding it.
type stream struct {
	n, made int
	rest    []byte
}

func (e *stream) Read(p []byte) (int, error) {
	if len(e.rest) == 0 {
		if e.made >= e.n {
			return 0, io.EOF
		}
		var b bytes.Buffer
		for range min(500, e.n-e.made) {
			fmt.Fprintf(&b, "CRE-%03d;FA-2025-%07d;01/12/2024;31/01/2025;EUR;1 %03d,%02d;;professionnel;Garage Fictif SARL;garage%d@exemple.test;%s\n",
				e.made%200, e.made, e.made%1000, e.made%100, e.made, "Réparation de la chaudière, n° 4 à 9")
			e.made++
		}
		e.rest = b.Bytes()
	}
	n := copy(p, e.rest)
	e.rest = e.rest[n:]
	return n, nil
}

// TestAMillionLinesInBoundedMemory reads a million claims and looks at the heap
// that is in use when all of them are remembered.
func TestAMillionLinesInBoundedMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("a million lines take some seconds")
	}
	const lines, limit = 1_000_000, 40 << 20
	header := "creancier;facture;date facture;echeance;devise;montant ttc;deja regle;type de debiteur;nom;email;objet\n"
	var before, during runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	n := 0
	s, err := Read(io.MultiReader(bytes.NewReader([]byte(header)), &stream{n: lines}), Options{Today: sampleToday}, func(r Record) error {
		if n++; n == lines {
			runtime.GC()
			runtime.ReadMemStats(&during)
		}
		return nil
	})
	if err != nil || s.Records != lines || s.Refused != 0 {
		t.Fatal(s.Records, s.Refused, err)
	}
	held := int64(during.HeapAlloc) - int64(before.HeapAlloc)
	t.Logf("%.1f MB held for a million claims", float64(held)/(1<<20))
	if held > limit {
		t.Errorf("%d bytes held, at most %d allowed", held, limit)
	}
}
