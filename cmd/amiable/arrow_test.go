package main

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// arrow is the order in which packages may know each other: each may import
// what stands below it, nothing above. The longest matching path decides.
var arrow = []struct {
	path string
	rank int
}{
	{"amiable/cmd", 0},
	{"amiable/portal", 1},
	{"amiable/payments/stripe/sandbox/conformance", 1}, // the judges, a module of their own
	{"amiable/payments/stripe", 2},
	{"amiable/payments/camt", 5}, // a format, and nothing of ours
	{"amiable/payments", 3},
	{"amiable/negotiation", 4},
	{"amiable/negotiation/", 5}, // money, day, interest, ledger, limitation, placement, database
	{"amiable/views", 6},
	{"amiable/static", 6},
}

// only says who alone may import some things from outside, and some of ours
// that stand in a corner.
var only = []struct {
	imported string
	by       []string
}{
	{"github.com/stripe/stripe-go/", []string{"amiable/payments/stripe"}},
	{"github.com/riverqueue/river", []string{"amiable/cmd/amiable"}},
	{"github.com/alecthomas/kong", []string{"amiable/cmd/amiable"}},
	{"amiable/payments/stripe", []string{"amiable/cmd/amiable", "amiable/payments/stripe"}},
}

func rankOf(path string) int {
	rank, longest := -1, -1
	for _, a := range arrow {
		if (path == a.path || strings.HasPrefix(path, strings.TrimSuffix(a.path, "/")+"/")) && len(a.path) > longest {
			if strings.HasSuffix(a.path, "/") && path+"/" == a.path {
				continue
			}
			rank, longest = a.rank, len(a.path)
		}
	}
	return rank
}

// against says what is wrong with an import, or nothing. Tests may use the
// sandbox and the adapter wherever they stand.
func against(importer, imported string, test bool) string {
	ours := strings.HasPrefix(imported, "amiable/")
	for _, o := range only {
		if test || !strings.HasPrefix(imported+"/", o.imported) && !strings.HasPrefix(imported, o.imported) {
			continue
		}
		if !slices.ContainsFunc(o.by, func(by string) bool { return importer == by || strings.HasPrefix(importer, by+"/") }) {
			return importer + " imports " + imported + ", which is for " + strings.Join(o.by, " and ") + " alone"
		}
	}
	if !ours || test && strings.HasPrefix(imported, "amiable/payments/stripe") {
		return ""
	}
	from, to := rankOf(importer), rankOf(imported)
	switch {
	case from < 0 || to < 0:
		return importer + " imports " + imported + ": one of them has no place on the arrow"
	case to < from:
		return importer + " imports " + imported + ", which stands to its left"
	}
	return ""
}

func TestImportsFollowTheArrow(t *testing.T) {
	root := filepath.Join("..", "..")
	seen := 0
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if name := entry.Name(); path != root && (strings.HasPrefix(name, ".") && name != ".." || name == "node_modules" || name == "testdata" || name == "bin" || name == "data") {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(path, ".go") {
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(root, filepath.Dir(path))
		if err != nil {
			return err
		}
		importer := "amiable/" + filepath.ToSlash(relative)
		seen++
		for _, spec := range file.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			if problem := against(importer, imported, strings.HasSuffix(path, "_test.go")); problem != "" {
				t.Errorf("%s: %s", path, problem)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if seen < 100 {
		t.Fatalf("only %d files were read: the test looks at the wrong place", seen)
	}
	if _, err := os.Stat(filepath.Join(root, "go.mod")); err != nil {
		t.Fatal(err)
	}
}

// The test above is worth nothing unless it fails when an import is turned
// round.
func TestAnImportTurnedRoundIsSeen(t *testing.T) {
	for _, test := range []struct {
		importer, imported string
		test, wrong        bool
	}{
		{"amiable/negotiation", "amiable/payments", false, true},
		{"amiable/negotiation/ledger", "amiable/negotiation", false, true},
		{"amiable/payments", "amiable/portal", false, true},
		{"amiable/payments", "amiable/payments/stripe", false, true},
		{"amiable/portal/access", "amiable/cmd/amiable", false, true},
		{"amiable/portal", "github.com/stripe/stripe-go/v76", false, true},
		{"amiable/portal", "amiable/payments/stripe/sandbox", false, true},
		{"amiable/payments", "github.com/riverqueue/river", false, true},
		{"amiable/negotiation", "amiable/utils", false, true},
		{"amiable/negotiation", "amiable/payments", true, true}, // tests too

		{"amiable/negotiation", "amiable/negotiation/ledger", false, false},
		{"amiable/payments", "amiable/negotiation/money", false, false},
		{"amiable/payments/stripe", "amiable/payments", false, false},
		{"amiable/payments/stripe", "github.com/stripe/stripe-go/v76/client", false, false},
		{"amiable/portal/page", "amiable/views", false, false},
		{"amiable/cmd/amiable", "amiable/payments/stripe/sandbox", false, false},
		{"amiable/portal", "amiable/payments/stripe/sandbox", true, false},
		{"amiable/negotiation", "gorm.io/gorm", false, false},
	} {
		if problem := against(test.importer, test.imported, test.test); (problem != "") != test.wrong {
			t.Errorf("%s → %s (test %v): %q", test.importer, test.imported, test.test, problem)
		}
	}
}
