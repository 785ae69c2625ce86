package interest

import (
	"go/scanner"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// No floating point near money: neither its types, nor a literal with a point,
// nor a way to read one.
func TestNoFloatNearMoney(t *testing.T) {
	for _, folder := range []string{"../money", ".", "../limitation"} {
		files, err := filepath.Glob(filepath.Join(folder, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		if len(files) == 0 {
			t.Errorf("%s holds no Go file: the test looks in the wrong place", folder)
		}
		for _, name := range files {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			source, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			for _, found := range floats(name, source) {
				t.Errorf("%s: %s", name, found)
			}
		}
	}
}

func TestTheSearchForFloatsFindsThem(t *testing.T) {
	for _, line := range []string{"var x float64", "x := 0.5", "var f func() float32", "strconv.ParseFloat(s, 64)", "big.NewFloat(1)", "x := 1e3"} {
		if len(floats("x.go", []byte("package x\n"+line))) == 0 {
			t.Errorf("%q went unseen", line)
		}
	}
	if found := floats("x.go", []byte("package x\n// no float64 here\nvar s = \"0.5\"; var n = 5")); len(found) != 0 {
		t.Errorf("a comment or a text is not a float: %v", found)
	}
}

func floats(name string, source []byte) (found []string) {
	files := token.NewFileSet()
	var s scanner.Scanner
	s.Init(files.AddFile(name, files.Base(), len(source)), source, nil, 0)
	for {
		at, kind, text := s.Scan()
		switch {
		case kind == token.EOF:
			return found
		case kind == token.FLOAT, kind == token.IDENT && strings.Contains(strings.ToLower(text), "float"):
			found = append(found, files.Position(at).String()+": "+text)
		}
	}
}
