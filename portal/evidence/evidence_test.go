package evidence

import (
	"bytes"
	"errors"
	"io"
	"os"
	"strings"
	"testing"
	"testing/iotest"

	"amiable/negotiation"
)

func take(t *testing.T, name string, sent []byte) *File {
	t.Helper()
	f, err := Intake(t.Context(), bytes.NewReader(sent), name)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return f
}

func refusal(t *testing.T, name string, sent []byte) *negotiation.Refusal {
	t.Helper()
	_, err := Intake(t.Context(), bytes.NewReader(sent), name)
	r := negotiation.AsRefusal(err)
	if r == nil {
		t.Fatalf("%s: taken (%v)", name, err)
	}
	return r
}

func TestWhatIsNotTakenIsRefusedByName(t *testing.T) {
	photo := jpegOf(t, quarters(64, 48))
	svg := `<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`
	for _, test := range []struct {
		why, name, code string
		sent            []byte
	}{
		{"nothing", "photo.jpg", "evidence_empty", nil},
		{"a drawing with a script, called an image", "photo.png", "evidence_type", []byte(svg)},
		{"a page, called an image", "photo.jpg", "evidence_type", []byte("<!DOCTYPE html><script>alert(1)</script>")},
		{"a page that has a PDF further on", "facture.pdf", "evidence_type", append([]byte("<html><script>alert(1)</script>"), onePage()...)},
		{"a program", "facture.pdf", "evidence_type", []byte("MZ\x90\x00\x03")},
		{"a zip", "preuve.zip", "evidence_type", []byte("PK\x03\x04")},
		{"a moving picture", "rire.gif", "evidence_type", []byte("GIF89a\x01\x00\x01\x00")},
		{"a phone's own kind", "IMG_0412.HEIC", "evidence_heic", []byte("\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic")},
		{"eleven megabytes", "photo.jpg", "evidence_size", append(bytes.Clone(photo), make([]byte, 11_000_000)...)},
		{"a photo cut in the middle", "photo.jpg", "evidence_broken", photo[:len(photo)/2]},
		{"the beginning of a photo", "photo.jpg", "evidence_broken", photo[:4]},
		{"the beginning of an image", "photo.png", "evidence_broken", pngOf(t, quarters(64, 48))[:40]},
		{"half of an image", "photo.webp", "evidence_broken", tinyWebP(t)[:30]},
		{"a wall in a hundred bytes", "photo.png", "evidence_pixels", claimedPNG(50_000, 50_000)},
		{"the widest there is", "photo.png", "evidence_broken", claimedPNG(1<<31-1, 1<<31-1)},
		{"no width", "photo.png", "evidence_broken", claimedPNG(0, 10)},
		{"a size within bounds, and no pixels", "photo.png", "evidence_broken", claimedPNG(5000, 4999)},
		{"a PDF in name only", "facture.pdf", "evidence_pdf_broken", []byte("%PDF-1.7\n<script>")},
		{"a PDF cut in the middle", "facture.pdf", "evidence_pdf_broken", onePage()[:200]},
		{"a PDF without a page", "facture.pdf", "evidence_pdf_broken", pdfOf("<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[]/Count 0>>")},
		{"a PDF under a password", "facture.pdf", "evidence_pdf_locked", locked(t, "secret")},
		{"a PDF that opens but may not be copied", "facture.pdf", "evidence_pdf_locked", locked(t, "")},
		{"a PDF of gigabytes", "facture.pdf", "evidence_pdf_broken", packed(t, 40, 8<<20-100)},
		{"a PDF of lists", "facture.pdf", "evidence_pdf_broken", packed(t, pdfListsMax+1, 10)},
		{"a book", "livre.pdf", "evidence_pdf_pages", manyPages(pagesMax + 1)},
	} {
		r := refusal(t, "../../tmp/\u202e"+test.name+"\x00", test.sent)
		if r.Kind != negotiation.Invalid || r.Code != test.code || r.Facts["name"] != test.name {
			t.Errorf("%s: %v %v, want %s of %s", test.why, r, r.Facts, test.code, test.name)
		}
	}
}

func TestAnUploadThatBreaksOffIsAFaultNotAFile(t *testing.T) {
	_, err := Intake(t.Context(), iotest.TimeoutReader(iotest.OneByteReader(bytes.NewReader(onePage()))), "facture.pdf")
	if !errors.Is(err, iotest.ErrTimeout) || negotiation.AsRefusal(err) != nil {
		t.Fatalf("%v", err)
	}
	if _, err := Intake(t.Context(), io.MultiReader(bytes.NewReader(onePage()[:50]), iotest.ErrReader(io.ErrUnexpectedEOF)), "x"); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Fatalf("%v", err)
	}
}

func TestNothingIsWrittenToDisk(t *testing.T) {
	folder := t.TempDir()
	for _, variable := range []string{"TMPDIR", "HOME", "XDG_CONFIG_HOME"} {
		t.Setenv(variable, folder)
	}
	take(t, "a.jpg", jpegOf(t, quarters(40, 30)))
	take(t, "b.pdf", onePage())
	refusal(t, "c.pdf", onePage()[:100])
	refusal(t, "d.png", claimedPNG(100, 100))
	if left, err := os.ReadDir(folder); err != nil || len(left) > 0 {
		t.Fatalf("left behind: %v (%v)", left, err)
	}
}

func TestTheSameFileTwiceIsOne(t *testing.T) {
	for name, sent := range map[string][]byte{"a.jpg": jpegOf(t, quarters(300, 200)), "a.pdf": scripted()} {
		first, again := take(t, name, sent), take(t, "autre-"+name, sent)
		if first.Hash != again.Hash || len(first.Hash) != 64 || !bytes.Equal(first.Content, again.Content) {
			t.Errorf("%s: %s and %s", name, first.Hash, again.Hash)
		}
	}
}

func TestNames(t *testing.T) {
	long := strings.Repeat("é", 300)
	for declared, want := range map[string]string{
		"facture mars.jpg":                    "facture mars.jpg",
		"../../etc/passwd":                    "passwd",
		`C:\Users\Claire\photo.jpg`:           "photo.jpg",
		"/":                                   "",
		"..":                                  "",
		".htaccess":                           "htaccess",
		"a\x00b\r\nc\td.pdf":                  "ab c d.pdf",
		"fac\u202egpj.exe":                    "facgpj.exe",
		"\u2066x\u2069\u200e\u061c.pdf":       "x.pdf",
		"zero\u200bwidth\ufeff.pdf":           "zerowidth.pdf",
		"un  blanc\u00a0\u2003large.pdf":      "un blanc large.pdf",
		"\xff\xfephoto.jpg":                   "photo.jpg",
		`x<script>"y".png`:                    "xscripty.png",
		"e\u0301te\u0301.jpg":                 "été.jpg",
		"preuve.":                             "preuve",
		long + ".jpg":                         strings.Repeat("é", nameMax-5) + "….jpg",
		long:                                  strings.Repeat("é", nameMax-1) + "…",
		"a." + strings.Repeat("b", 200):       "a." + strings.Repeat("b", nameMax-3) + "…",
		"\ud7ff 👍 \U000e0041photo \ue000.pdf": "👍 photo .pdf",
	} {
		if got := CleanName(declared); got != want {
			t.Errorf("%q becomes %q, want %q", declared, got, want)
		}
	}
	for _, test := range []struct{ name, media, want string }{
		{"capture.png", JPEG, "capture.jpg"}, {"IMG.JPEG", JPEG, "IMG.jpg"}, {"", JPEG, "photo.jpg"}, {"", PDF, "document.pdf"},
		{".png", JPEG, "photo.jpg"}, {"photo.html", JPEG, "photo.html.jpg"}, {"facture", PDF, "facture.pdf"}, {"v1.2", PDF, "v1.2.pdf"},
	} {
		if got := withEnding(test.name, test.media); got != test.want {
			t.Errorf("%q as %s is called %q, want %q", test.name, test.media, got, test.want)
		}
	}
}
