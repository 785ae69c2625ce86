package page

import (
	"io/fs"
	"regexp"
	"testing"

	"amiable/portal/locale"
	"amiable/views"
)

// TestEveryPhraseOfTheViewsExists reads the templates for the keys they name,
// so that a page no specimen shows cannot hide a missing one.
func TestEveryPhraseOfTheViewsExists(t *testing.T) {
	named := regexp.MustCompile(`[({ ](?:t|rich) "([^"]+)"`)
	known := map[string]bool{}
	for _, l := range locale.Languages {
		for _, key := range l.Keys() {
			known[key] = true
		}
	}
	count := 0
	err := fs.WalkDir(views.Files, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := fs.ReadFile(views.Files, name)
		if err != nil {
			return err
		}
		for _, match := range named.FindAllStringSubmatch(string(text), -1) {
			count++
			if !known[match[1]] {
				t.Errorf("%s names %q, which no dictionary has", name, match[1])
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if count < 300 {
		t.Fatalf("only %d keys were found in the views: the pattern no longer reads them", count)
	}
}

// TestEveryPageHasATitle: each template is some struct's, and
// each has its title in both languages.
func TestEveryPageHasATitle(t *testing.T) {
	shown := map[string]bool{}
	for _, s := range Gallery() {
		shown[s.Name] = true
		for _, l := range locale.Languages {
			if !l.Has("title." + s.Name) {
				t.Errorf("%s has no title in %s", s.Name, l)
			}
		}
	}
	for _, folder := range []string{"debtor", "payer", "site", "staff", "creditor", "agent"} {
		entries, err := fs.ReadDir(views.Files, folder)
		if err != nil {
			t.Fatal(err)
		}
		for _, entry := range entries {
			name := folder + "/" + entry.Name()[:len(entry.Name())-len(".html")]
			if !shown[name] {
				t.Errorf("%s is a template that no specimen of the gallery shows", name)
			}
		}
	}
}
