// Package page prints pages: one typed struct per page, filled by the handlers
// of portal, and a template in views for each. Structs hold plain values
// (sums, days, words); templates hold no sums and no states, and write
// everything through locale in the reader's language.
//
// Debtor pages are one response: their style is inline, allowed in the content
// security policy by DebtorStyleHash. Consoles link one immutable file,
// ConsoleStyle. There is no inline script and no style attribute anywhere.
//
// Gallery gives every page in every state with an invented world, so that a
// change can be looked at and a test can run each template.
package page

import (
	"bytes"
	"fmt"
	"html"
	"html/template"
	"io"
	"io/fs"
	"regexp"
	"strings"
	"time"

	"amiable/portal/locale"
	"amiable/views"
)

// Pages holds every template, once per language. It is safe for concurrent use.
type Pages struct {
	byLanguage map[locale.Language]*template.Template
}

// New reads every template. An error is a broken build, not a bad day: the
// templates are part of the program.
func New() (*Pages, error) {
	zone, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		return nil, fmt.Errorf("pages: %w", err)
	}
	p := &Pages{byLanguage: map[locale.Language]*template.Template{}}
	for _, l := range locale.Languages {
		set := template.New("").Option("missingkey=error").Funcs(functions(l, zone))
		err := fs.WalkDir(views.Files, ".", func(name string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			text, err := fs.ReadFile(views.Files, name)
			if err != nil {
				return err
			}
			told, err := fold(l, string(text))
			if err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			_, err = set.New(strings.TrimSuffix(name, ".html")).Parse(told)
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("pages: %w", err)
		}
		p.byLanguage[l] = set
	}
	return p, nil
}

// Render writes one page. Nothing is written when it fails, so that an error
// page can still be sent.
func (p *Pages) Render(w io.Writer, data Page) error {
	set := p.byLanguage[data.base().Lang.Or()]
	var out bytes.Buffer
	if err := set.ExecuteTemplate(&out, data.template(), data); err != nil {
		return fmt.Errorf("page %s: %w", data.template(), err)
	}
	_, err := out.WriteTo(w)
	return err
}

var constant = regexp.MustCompile(`\{\{t "([^"]+)"\}\}`)

// fold writes the phrases that hold no value into a template before it is read.
// They are most of a page, and are looked up once here instead of each time.
func fold(l locale.Language, text string) (string, error) {
	var missing error
	told := constant.ReplaceAllStringFunc(text, func(mark string) string {
		key := constant.FindStringSubmatch(mark)[1]
		phrase, err := known(l, key, l.T(key))
		if err != nil {
			missing = err
		}
		return html.EscapeString(phrase)
	})
	return told, missing
}
