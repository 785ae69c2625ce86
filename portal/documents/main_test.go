package documents

import (
	"bytes"
	"errors"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"amiable/negotiation/money"
	"amiable/portal/locale"

	"github.com/pdfcpu/pdfcpu/pkg/api"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/model"
)

// -write keeps the documents the tests draw, to be looked at.
var write = flag.String("write", "", "folder to write the drawn documents to")

// document is what every document of this package is.
type document interface {
	PDF(l locale.Language) ([]byte, error)
}

var (
	agency = Identity{
		Name: "Accord & Cie", Street: "12 rue de la Paix-Notre-Dame", Postcode: "69002", City: "Lyon", Country: "FR",
		SIREN: "732829320", Phone: "+33536491230", Hours: "du lundi au vendredi, de 9 h à 18 h", Email: "bonjour@accord.example",
	}
	creditor = Identity{Name: "Atelier Boréal SARL", Street: "3 quai des Œuvres", Postcode: "44000", City: "Nantes", SIREN: "404833048"}
	debtor   = Identity{Name: "Maëlle Vasseur", Street: "8 allée de l’Île-Mystérieuse", Postcode: "44300", City: "Nantes"}
	opening  = FirstLetterRef{Reference: "PL-2026-0412", SentOn: "2026-11-02"}
	issued   = time.Date(2026, 11, 21, 9, 30, 0, 0, time.UTC)
)

func euros(cents int64) money.Amount { return money.Euros(cents) }

// draw makes a document, checks that it is a valid file with a language and a
// title, and that making it again gives the same bytes.
func draw(t *testing.T, name string, d document, l locale.Language) []byte {
	t.Helper()
	file, err := d.PDF(l)
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		again, err := d.PDF(l)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(file, again) {
			t.Errorf("%s: made twice, two files", name)
		}
	}
	for _, stamp := range regexp.MustCompile(`/(?:Creation|Mod)Date \(D:(\d{8})`).FindAllSubmatch(file, -1) {
		if day := string(stamp[1]); day != "20261121" && day != "20261102" {
			t.Errorf("%s: dated %s, which is no date of its own", name, day)
		}
	}
	model.ConfigPath = "disable"
	config := model.NewDefaultConfiguration()
	config.Offline = true
	if err := api.Validate(bytes.NewReader(file), config); err != nil {
		t.Errorf("%s: not a valid PDF: %v", name, err)
	}
	if marks, err := api.Bookmarks(bytes.NewReader(file), config); err != nil || len(marks) == 0 {
		t.Errorf("%s: %d bookmarks, %v", name, len(marks), err)
	}
	if !bytes.Contains(file, []byte("/Lang ("+string(l)+")")) {
		t.Errorf("%s: does not say its language", name)
	}
	if *write != "" {
		if err := os.WriteFile(filepath.Join(*write, name+"."+string(l)+".pdf"), file, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return file
}

// read returns the text of a document in the order in which it is in the file,
// with every run of spaces made one.
func read(t *testing.T, file []byte) string {
	t.Helper()
	command, err := exec.LookPath("pdftotext")
	if err != nil {
		if os.Getenv("AMIABLE_REQUIRE_ALL") == "1" {
			t.Fatal("pdftotext is missing: install poppler-utils")
		}
		t.Skip("pdftotext is missing: the text of the documents is not read back (poppler-utils)")
	}
	run := exec.Command(command, "-raw", "-enc", "UTF-8", "-", "-")
	run.Stdin = bytes.NewReader(file)
	text, err := run.Output()
	if err != nil {
		t.Fatal(err)
	}
	return flat(string(text))
}

// flat makes every run of spaces and line ends one plain space. No-break
// spaces count as spaces: whether they are there is asked elsewhere.
func flat(text string) string { return strings.Join(strings.Fields(text), " ") }

// inOrder wants each text after the one before.
func inOrder(t *testing.T, text string, wanted ...string) {
	t.Helper()
	at := 0
	for _, want := range wanted {
		found := strings.Index(text[at:], flat(want))
		if found < 0 {
			t.Errorf("%q is not there, or not in its place, in:\n%s", want, text)
			return
		}
		at += found + len(flat(want))
	}
}

// lacks wants an error that names what is missing.
func lacks(t *testing.T, d document, mention string) {
	t.Helper()
	_, err := d.PDF(locale.French)
	var missing *MissingError
	if !errors.As(err, &missing) || missing.Mention != mention {
		t.Errorf("without the %s: %v", mention, err)
	}
}
