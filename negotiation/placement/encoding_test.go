package placement

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// lettersOfFrance has what Latin-1 lacks, and a letter of two UTF-16 units for
// those encodings that have it.
var lettersOfFrance = []map[string]string{
	with(values{"debtor_name": "Œuvrefaux, Fils et Sœur", "description": "Main-d’œuvre « Les Œillets » – 12 €"}),
	with(values{"invoice_number": "F2", "debtor_name": "Æther Ÿvon", "city": "L’Haÿ-les-Roses"}),
}

func toUTF16(text string, order binary.AppendByteOrder) []byte {
	var b []byte
	for _, unit := range utf16.Encode([]rune(text)) {
		b = order.AppendUint16(b, unit)
	}
	return b
}

func toTable(t testing.TB, text string, m *charmap.Charmap) []byte {
	t.Helper()
	b, err := m.NewEncoder().Bytes([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestTheSameClaimsInEveryEncoding(t *testing.T) {
	text := string(file(lettersOfFrance...))
	want, _ := readAll(t, []byte(text), Options{})
	beyond := strings.ReplaceAll(text, "Fils", "Fils 🏢")
	wantBeyond, _ := readAll(t, []byte(beyond), Options{})
	for _, row := range []struct {
		name    string
		file    []byte
		asked   Encoding
		found   Encoding
		guessed bool
		want    []Record
	}{
		{"UTF-8", []byte(beyond), "", UTF8, true, wantBeyond},
		{"UTF-8 with BOM", []byte("\ufeff" + beyond), "", UTF8BOM, true, wantBeyond},
		{"Windows-1252", toTable(t, text, charmap.Windows1252), "", Windows1252, true, want},
		{"UTF-16 LE with BOM", toUTF16("\ufeff"+beyond, binary.LittleEndian), "", UTF16LE, true, wantBeyond},
		{"UTF-16 BE with BOM", toUTF16("\ufeff"+beyond, binary.BigEndian), "", UTF16BE, true, wantBeyond},
		{"UTF-16 LE without", toUTF16(beyond, binary.LittleEndian), "", UTF16LE, true, wantBeyond},
		{"UTF-16 BE without", toUTF16(beyond, binary.BigEndian), "", UTF16BE, true, wantBeyond},
		{"Windows-1252, asked for", toTable(t, text, charmap.Windows1252), Windows1252, Windows1252, false, want},
		{"UTF-16 LE, asked for", toUTF16(text, binary.LittleEndian), UTF16LE, UTF16LE, false, want},
	} {
		t.Run(row.name, func(t *testing.T) {
			records, summary := readAll(t, row.file, Options{Encoding: row.asked})
			if summary.Encoding != row.found || summary.EncodingGuessed != row.guessed {
				t.Errorf("read as %s, guessed %v", summary.Encoding, summary.EncodingGuessed)
			}
			sameClaims(t, row.name, records, row.want)
		})
	}
}

func TestUTF16InPiecesOfAnySize(t *testing.T) {
	text := "a🏢é\n🏢"
	for _, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
		data := toUTF16(text, order)
		for name, wrap := range map[string]func(io.Reader) io.Reader{"bytes": iotest.OneByteReader, "halves": iotest.HalfReader, "EOF": iotest.DataErrReader} {
			got, err := io.ReadAll(newUTF16Reader(wrap(bytes.NewReader(data)), order == binary.AppendByteOrder(binary.BigEndian)))
			if err != nil || string(got) != text {
				t.Errorf("%s of %v: %q, %v", name, order, got, err)
			}
		}
	}
}

func TestAGuessCanBeOverruled(t *testing.T) {
	for asked, m := range map[Encoding]*charmap.Charmap{Latin9: charmap.ISO8859_15, Macintosh: charmap.Macintosh, IBM850: charmap.CodePage850} {
		text := string(file(with(values{"debtor_name": "Éloïse à l’été"}))) // ’ is in none of them but Macintosh
		text = strings.ReplaceAll(text, "’", "'")
		records, summary := readAll(t, toTable(t, text, m), Options{Encoding: asked})
		if got := records[0].Claim.DebtorName; got != "Éloïse à l'été" || summary.Encoding != asked {
			t.Errorf("%s: %q, %s", asked, got, summary.Encoding)
		}
	}
	if _, err := ParseEncoding("klingon"); err == nil {
		t.Error("an encoding that does not exist was accepted")
	}
	for _, name := range []string{"UTF-8", "utf8", "Windows-1252", "cp1252", "latin1", "UTF-16LE", "auto", ""} {
		if _, err := ParseEncoding(name); err != nil {
			t.Error(err)
		}
	}
	for _, e := range Encodings {
		if got, err := ParseEncoding(string(e)); got != e || err != nil {
			t.Errorf("%s is read as %s, %v", e, got, err)
		}
	}
}

// TestTheFirstAccentFarIntoTheFileDecides has nothing but ASCII in the sample
// that the first guess rests on.
func TestTheFirstAccentFarIntoTheFileDecides(t *testing.T) {
	lines := make([]map[string]string, 0, 600)
	ascii := values{"contact_name": "", "street": "1, rue Fictive", "description": "Livraison"}
	for i := range 600 {
		lines = append(lines, with(ascii, values{"invoice_number": fmt.Sprint("F", i)}))
	}
	lines[599] = with(ascii, values{"invoice_number": "F599", "debtor_name": "Hôtel Œuvrefaux"})
	text := string(file(lines...))
	if len(text) < sampleBytes {
		t.Fatal("the file is too short for its story")
	}
	for found, data := range map[Encoding][]byte{UTF8: []byte(text), Windows1252: toTable(t, text, charmap.Windows1252)} {
		records, summary := readAll(t, data, Options{})
		if got := records[599].Claim.DebtorName; got != "Hôtel Œuvrefaux" || summary.Encoding != found || summary.Warned != 0 {
			t.Errorf("%s: %q, read as %s, %d warnings", found, got, summary.Encoding, summary.Warned)
		}
	}
}

// TestALinePastedFromAnotherFile has one line of Windows-1252 in a file of UTF-8.
func TestALinePastedFromAnotherFile(t *testing.T) {
	utf := file(with(), with(values{"invoice_number": "F2"}))
	pasted := toTable(t, string(file(with(values{"invoice_number": "F3", "debtor_name": "Hôtel Œuvrefaux"}))), charmap.Windows1252)
	records, summary := readAll(t, append(utf, pasted[lineEnd(pasted):]...), Options{})
	if r := records[2]; !r.Has(MixedEncoding) || r.Outcome != Warn || r.Claim.DebtorName != "Hôtel Œuvrefaux" {
		t.Errorf("%s %v %q", r.Outcome, r.Reasons, r.Claim.DebtorName)
	}
	if summary.Encoding != UTF8 || summary.Accepted != 2 {
		t.Errorf("read as %s, %d accepted", summary.Encoding, summary.Accepted)
	}
}

func FuzzDecode(f *testing.F) {
	text := string(file(lettersOfFrance...))
	f.Add([]byte(text), uint8(0))
	f.Add(toUTF16("\ufeff"+text, binary.LittleEndian), uint8(1))
	f.Add([]byte("\xff\xfe\x00\xd8\x00"), uint8(2))
	f.Add([]byte("a\xe9b\xc3\xa9c\xf0\x9f"), uint8(3))
	f.Fuzz(func(t *testing.T, data []byte, which uint8) {
		r := row{text: bytes.Clone(data), ends: []int{len(data) / 3, len(data)}}
		e := Encodings[int(which)%len(Encodings)]
		d := newDecoder(e, which&1 == 0)
		d.decode(&r)
		if e != UTF16LE && e != UTF16BE && !utf8.Valid(r.text) {
			t.Fatalf("%s: %q is decoded to %q", e, data, r.text)
		}
		if len(r.ends) != 2 || r.ends[1] != len(r.text) || r.ends[0] > r.ends[1] {
			t.Fatalf("%s: cells end at %v of %d", e, r.ends, len(r.text))
		}
		var b bytes.Buffer
		if _, err := b.ReadFrom(newUTF16Reader(bytes.NewReader(data), which&1 == 0)); err != nil || !utf8.Valid(b.Bytes()) {
			t.Fatalf("UTF-16: %q gives %q, %v", data, b.Bytes(), err)
		}
		guess(data, which&1 == 0)
	})
}
