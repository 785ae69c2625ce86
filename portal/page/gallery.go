package page

import (
	"bytes"
	"fmt"
	"html"
	"os"
	"path/filepath"
	"strings"

	"amiable/portal/locale"
)

// Specimen is one page in one state and one language, with invented data.
type Specimen struct {
	Name string // "debtor/case"
	In   string // the state, in English: "over-indebtedness admitted"
	Page Page
}

// File is the specimen's own file name in a folder: "fr-debtor-case-open.html".
func (s Specimen) File() string {
	slug := strings.NewReplacer("/", "-", " ", "-", ",", "", "'", "").Replace(s.Name + "-" + s.In)
	return string(s.Page.base().Lang) + "-" + strings.ToLower(slug) + ".html"
}

// Gallery returns every page in every state, in every language.
func Gallery() []Specimen {
	var all []Specimen
	for _, l := range locale.Languages {
		w := world{l}
		for _, part := range [][]Specimen{
			w.links(), w.cases(), w.paying(), w.site(), w.access(), w.creditor(), w.agent(), w.worklist(), w.setup(), w.letterPages(), w.pauses(),
			w.rates(), w.planPictures(), w.sharing(), w.histories(), w.files(), w.offers(), w.terms(), w.myOffers(), w.living(),
			w.disputes(), w.mediation(), w.threads(), w.caseFiles(), w.situations(), w.givenUp(), w.bank(), w.security(), w.back(), w.payouts(),
		} {
			all = append(all, part...)
		}
	}
	for i := range all {
		all[i].Name = all[i].Page.template()
	}
	return all
}

// WriteGallery writes every specimen as a file one can open from disk, and an
// index of them.
func WriteGallery(dir string) error {
	pages, err := New()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Join(dir, "static"), 0o755); err != nil {
		return err
	}
	stylePath, style := ConsoleStyle()
	jsPath, js := ConsoleScript()
	livePath, live := LiveScript()
	for path, data := range map[string][]byte{stylePath: style, jsPath: js, livePath: live} {
		if err := os.WriteFile(filepath.Join(dir, filepath.FromSlash(path)), data, 0o644); err != nil {
			return err
		}
	}
	var index strings.Builder
	index.WriteString("<!DOCTYPE html>\n<html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\"><title>Gallery</title>\n<h1>Every page, in every state</h1>\n")
	for _, s := range Gallery() {
		var out bytes.Buffer
		if err := pages.Render(&out, s.Page); err != nil {
			return fmt.Errorf("%s (%s): %w", s.Name, s.In, err)
		}
		// Opened from disk, /static/ would be the root of the disk.
		text := strings.ReplaceAll(out.String(), `"/static/`, `"static/`)
		if err := os.WriteFile(filepath.Join(dir, s.File()), []byte(text), 0o644); err != nil {
			return err
		}
		fmt.Fprintf(&index, "<p><a href=\"%s\">%s</a> · %s · %s</p>\n", s.File(), s.Name, html.EscapeString(s.In), s.Page.base().Lang)
	}
	return os.WriteFile(filepath.Join(dir, "index.html"), []byte(index.String()), 0o644)
}
