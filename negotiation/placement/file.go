package placement

import (
	"bytes"
	"fmt"
	"strings"
)

// FileCode says why a whole file is refused.
type FileCode string

const (
	EmptyFile          FileCode = "empty_file"
	NotText            FileCode = "not_text"
	MissingHeader      FileCode = "missing_header"
	DuplicateColumn    FileCode = "duplicate_column"
	HeaderTooLong      FileCode = "header_too_long"
	maxColumns                  = 500
	maxHeaderBytes              = 64 << 10
	describeAtMost              = 12
	separatorDirective          = "sep="
)

// FileError is why nothing of a file can be read.
type FileError struct {
	Code    FileCode
	Kind    string   // of a file that is no text: XLSX, PDF …
	Missing []string // columns of ours that the header lacks
	Columns []string // titles that the header has, or the two that mean the same
	Meaning string   // what both mean
}

func (e *FileError) Error() string { return e.Text("en") }

// Text says in "en" or "fr" what is wrong and what to do.
func (e *FileError) Text(language string) string {
	french := tongue(language) == 1
	pick := func(en, fr string) string {
		if french {
			return fr
		}
		return en
	}
	list := func(names []string) string {
		more := ""
		if len(names) > describeAtMost {
			names, more = names[:describeAtMost], " …"
		}
		return strings.Join(names, ", ") + more
	}
	switch e.Code {
	case EmptyFile:
		return pick("the file is empty: export it again", "le fichier est vide : exportez-le de nouveau")
	case NotText:
		return fmt.Sprintf(pick("this is a file of type %s: save it as CSV (semicolon-separated) and try again",
			"ce fichier est de type %s : enregistrez-le en CSV (séparateur point-virgule) et réessayez"), e.Kind)
	case MissingHeader:
		return fmt.Sprintf(pick("the first line must name the columns; missing: %s; found: %s",
			"la première ligne doit nommer les colonnes ; il manque : %s ; trouvé : %s"), list(e.Missing), list(e.Columns))
	case DuplicateColumn:
		return fmt.Sprintf(pick("the columns %s both mean %s: remove or rename one",
			"les colonnes %s signifient toutes deux %s : retirez ou renommez l’une d’elles"), list(e.Columns), e.Meaning)
	case HeaderTooLong:
		return pick("the first line is too long to be the titles of columns", "la première ligne est trop longue pour des titres de colonnes")
	}
	return string(e.Code)
}

// signatures are the beginnings of files that people send instead of a CSV.
var signatures = []struct{ kind, begin string }{
	{"XLSX or ZIP", "PK\x03\x04"}, {"XLS", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"}, {"PDF", "%PDF-"},
	{"gzip", "\x1f\x8b"}, {"XML", "<?xml"}, {"HTML", "<!doctype html"}, {"HTML", "<html"}, {"RTF", `{\rtf`},
	{"PNG", "\x89PNG"}, {"JPEG", "\xff\xd8\xff"},
}

func signature(sample []byte) string {
	sample = bytes.TrimPrefix(sample, []byte("\xef\xbb\xbf"))
	for _, s := range signatures {
		if len(sample) >= len(s.begin) && strings.EqualFold(string(sample[:len(s.begin)]), s.begin) {
			return s.kind
		}
	}
	return ""
}
