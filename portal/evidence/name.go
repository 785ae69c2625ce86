package evidence

import (
	"path"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// nameMax is the length of a name, in characters.
const nameMax = 80

// CleanName makes of what a browser calls a file something that can be shown:
// its last part, without characters that cannot be seen or that turn the
// writing round, and short. It may be empty.
func CleanName(declared string) string {
	name := strings.ToValidUTF8(declared, "")
	name = name[strings.LastIndexAny(name, `/\`)+1:]
	name = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.In(r, unicode.C, unicode.Zl, unicode.Zp), strings.ContainsRune(`<>:"|?*`, r):
			return -1 // controls, bidirectional and invisible signs, what no folder takes
		}
		return r
	}, norm.NFC.String(name))
	name = strings.Trim(strings.Join(strings.Fields(name), " "), ". ")
	if utf8.RuneCountInString(name) <= nameMax {
		return name
	}
	ending := path.Ext(name)
	if utf8.RuneCountInString(ending) > 6 {
		ending = ""
	}
	stem := []rune(strings.TrimSuffix(name, ending))
	return strings.TrimRight(string(stem[:nameMax-1-utf8.RuneCountInString(ending)]), ". ") + "…" + ending
}

// withEnding gives a cleaned name the ending of what the file is.
func withEnding(name, mediaType string) string {
	stem, ending := "photo", ".jpg"
	if mediaType == PDF {
		stem, ending = "document", ".pdf"
	}
	if old := path.Ext(name); known[strings.ToLower(old)] {
		name = strings.TrimSuffix(name, old)
	}
	if name = strings.TrimRight(name, ". "); name != "" {
		stem = name
	}
	return stem + ending
}

// known are the endings that are replaced rather than kept as part of a name:
// "photo.heic.jpg" and "contract.exe.pdf" say what they were.
var known = map[string]bool{".jpg": true, ".jpeg": true, ".png": true, ".webp": true, ".pdf": true, ".jfif": true}
