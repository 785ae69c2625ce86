package page

import (
	"io/fs"
	"regexp"
	"strings"
	"testing"

	"amiable/views"
)

// TestTemplatesHoldNoWords finds words written into a template instead of a
// dictionary: they would be the same in every language.
func TestTemplatesHoldNoWords(t *testing.T) {
	actions := regexp.MustCompile(`(?s)\{\{.*?\}\}`)
	tags := regexp.MustCompile(`(?s)<[^>]*>`)
	words := regexp.MustCompile(`\p{L}{2,}`)
	said := regexp.MustCompile(`(?:aria-label|title|alt|placeholder)="([^"{]+)"`)
	// Names that are the same in French and English.
	same := strings.NewReplacer("&nbsp;", " ", "IBAN", "", "BIC", "", "SIREN", "", "PDF", "", "Amiable", "")
	err := fs.WalkDir(views.Files, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := fs.ReadFile(views.Files, name)
		if err != nil {
			return err
		}
		text := string(data)
		for _, match := range said.FindAllStringSubmatch(text, -1) {
			t.Errorf("%s says %q in one language only", name, match[1])
		}
		// Actions first: they may stand inside tags and hold ">".
		text = tags.ReplaceAllString(actions.ReplaceAllString(text, ""), " ")
		if found := words.FindAllString(same.Replace(text), -1); len(found) > 0 {
			t.Errorf("%s holds words: %v", name, found)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
