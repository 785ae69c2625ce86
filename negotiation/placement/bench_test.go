package placement

import (
	"bytes"
	"fmt"
	"io"
	"runtime"
	"testing"
)

// invented writes a file of n claims, one in fifty with something wrong.
func invented(n int) []byte {
	var b bytes.Buffer
	b.WriteString("creditor_ref,invoice_number,issue_date,due_date,currency,amount_incl_vat,amount_paid,debtor_kind,debtor_name," +
		"siren,vat_number,contact_name,email,phone,street,postcode,city,country,language,contract_rate_percent,mandate_ref,description\n")
	for i := 0; i < n; i++ {
		due := fmt.Sprintf("2025-%02d-%02d", 1+i%12, 1+i%28)
		if i%50 == 7 {
			due = "2025-02-30"
		}
		fmt.Fprintf(&b, "CRE-%03d,FA-2025-%07d,2024-12-01,%s,EUR,%d.%02d,0.00,business,Ébénisterie du Port Imaginaire SARL,010185650,"+
			"FR22010185650,Éloïse Inventaire-Faux,compta%d@exemple.test,04.65.71.63.50,\"%d, allée de l’Utopie\",64100,Bayonne,FR,fr,12.15,"+
			"MDT-%03d-2026,\"Transport de marchandises, chantier « Les Œillets » n° %d\"\n",
			i%200, i, due, 20+i%5000, i%100, i, i%140, i%200, i)
	}
	return b.Bytes()
}

func BenchmarkRead(b *testing.B) {
	const lines = 20_000
	file := invented(lines)
	b.SetBytes(int64(len(file)))
	b.ReportAllocs()
	for b.Loop() {
		s, err := Read(bytes.NewReader(file), Options{Today: sampleToday}, func(Record) error { return nil })
		if err != nil || s.Records != lines {
			b.Fatal(s.Records, err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/lines, "ns/line")
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
