package locale

import (
	"embed"
	"encoding/json"
	"fmt"
	"html"
	"io/fs"
	"path"
	"regexp"
	"sort"
	"strings"
)

//go:embed phrases
var files embed.FS

// phrase is one entry of a dictionary: one text, or the forms of a text that
// counts.
type phrase struct{ one, other text }

// text is a text of a phrase, cut once when it is read: as plain words for T,
// and with its marks turned into tags for HTML.
type text struct {
	written       string
	plain, marked []part
}

// part is a stretch of words, or the name of a value and how to write it.
type part struct{ words, name, style string }

// UnmarshalJSON reads "text" or {"one": "text", "other": "text"}.
func (p *phrase) UnmarshalJSON(data []byte) error {
	var only string
	if json.Unmarshal(data, &only) == nil {
		*p = phrase{one: text{written: only}, other: text{written: only}}
		return nil
	}
	var forms struct{ One, Other string }
	if err := json.Unmarshal(data, &forms); err != nil {
		return err
	}
	if forms.One == "" || forms.Other == "" {
		return fmt.Errorf(`a phrase that counts needs "one" and "other"`)
	}
	*p = phrase{one: text{written: forms.One}, other: text{written: forms.Other}}
	return nil
}

var dictionaries = mustLoad()

// mustLoad reads the embedded dictionaries. They are part of the program: a
// file that cannot be read is a broken build, which the tests find first.
func mustLoad() map[Language]map[string]phrase {
	all := map[Language]map[string]phrase{}
	for _, l := range Languages {
		dictionary, err := load(l)
		if err != nil {
			panic(err)
		}
		all[l] = dictionary
	}
	return all
}

func load(l Language) (map[string]phrase, error) {
	names, err := fs.Glob(files, path.Join("phrases", string(l), "*.json"))
	if err != nil {
		return nil, err
	}
	dictionary := map[string]phrase{}
	for _, name := range names {
		data, err := files.ReadFile(name)
		if err != nil {
			return nil, err
		}
		var area map[string]phrase
		if err := json.Unmarshal(data, &area); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		for key, p := range area {
			if _, twice := dictionary[key]; twice {
				return nil, fmt.Errorf("%s: %q is already defined in another file", name, key)
			}
			dictionary[key] = newPhrase(typeset(l, p.one.written), typeset(l, p.other.written))
		}
	}
	return dictionary, nil
}

// newPhrase cuts the two forms of a phrase.
func newPhrase(one, other string) phrase {
	first := newText(one)
	if one == other {
		return phrase{one: first, other: first}
	}
	return phrase{one: first, other: newText(other)}
}

var (
	bold        = regexp.MustCompile(`\*\*(.+?)\*\*`)
	link        = regexp.MustCompile(`\[([^\]]+)\]\((\w+)\)`)
	placeholder = regexp.MustCompile(`\{(\w+)(?::(\w+))?\}`)
)

func newText(written string) text {
	marked := html.EscapeString(written)
	marked = bold.ReplaceAllString(marked, "<b>$1</b>")
	marked = link.ReplaceAllString(marked, `<a href="{$2:address}">$1</a>`)
	return text{written: written, plain: cut(written), marked: cut(marked)}
}

func cut(written string) []part {
	var parts []part
	end := 0
	for _, at := range placeholder.FindAllStringSubmatchIndex(written, -1) {
		if at[0] > end {
			parts = append(parts, part{words: written[end:at[0]]})
		}
		p := part{words: written[at[0]:at[1]], name: written[at[2]:at[3]]}
		if at[4] >= 0 {
			p.style = written[at[4]:at[5]]
		}
		parts, end = append(parts, p), at[1]
	}
	if end < len(written) {
		parts = append(parts, part{words: written[end:]})
	}
	return parts
}

var (
	beforeHigh  = regexp.MustCompile(` ([;!?])`)
	beforeColon = regexp.MustCompile(` ([:%€»])`)
	afterNumber = regexp.MustCompile(`(\d|\}) (h|€|%|Mo|Ko)(\W|$)`)
	afterNo     = regexp.MustCompile(`n° `)
	quoted      = regexp.MustCompile(`"([^"]*)"`)
)

// typeset puts in what is not typed: curly apostrophes and English quotes, and
// in French the spaces that must not break.
func typeset(l Language, written string) string {
	written = strings.ReplaceAll(written, "'", "’")
	if l != French {
		return quoted.ReplaceAllString(written, "“$1”")
	}
	written = beforeHigh.ReplaceAllString(written, narrow+"$1")
	written = beforeColon.ReplaceAllString(written, nbsp+"$1")
	written = strings.ReplaceAll(written, "« ", "«"+nbsp)
	written = afterNumber.ReplaceAllString(written, "$1"+nbsp+"$2$3")
	return afterNo.ReplaceAllString(written, "n°"+nbsp)
}

// Has says whether a phrase exists.
func (l Language) Has(key string) bool {
	_, found := dictionaries[l.Or()][key]
	return found
}

// Keys lists every phrase of the language, sorted.
func (l Language) Keys() []string {
	keys := make([]string, 0, len(dictionaries[l]))
	for key := range dictionaries[l] {
		keys = append(keys, key)
	}
	sort.Strings(keys)
	return keys
}
