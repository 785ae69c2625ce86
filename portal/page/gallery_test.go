package page

import (
	"bytes"
	"os"
	"regexp"
	"strings"
	"testing"
)

// TestEveryPageInEveryState renders the gallery: the errors of html/template
// show only when a page is printed.
func TestEveryPageInEveryState(t *testing.T) {
	pages, err := New()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range Gallery() {
		var out bytes.Buffer
		if err := pages.Render(&out, s.Page); err != nil {
			t.Errorf("%s (%s): %v", s.Name, s.In, err)
			continue
		}
		text := out.String()
		for _, hole := range []string{"⟦", "%!", "<nil>", "ZgotmplZ", " style=", "<no value>"} {
			if at := strings.Index(text, hole); at >= 0 {
				t.Errorf("%s (%s) shows %q: …%s…", s.Name, s.In, hole, text[max(0, at-80):min(len(text), at+80)])
			}
		}
		if unfilled := placeholderLeft.FindString(strings.ReplaceAll(text, debtorStyle, "")); unfilled != "" {
			t.Errorf("%s (%s) leaves %s unfilled", s.Name, s.In, unfilled)
		}
	}
}

// TestWriteGallery writes the gallery where AMIABLE_GALLERY says, to be looked
// at; else to a folder that goes away.
func TestWriteGallery(t *testing.T) {
	dir := os.Getenv("AMIABLE_GALLERY")
	if dir == "" {
		dir = t.TempDir()
	}
	if err := WriteGallery(dir); err != nil {
		t.Fatal(err)
	}
}

var placeholderLeft = regexp.MustCompile(`\{[a-z_]+(:[a-z]+)?\}`)
