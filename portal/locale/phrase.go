package locale

import (
	"embed"
	"encoding/json"
	"fmt"
	"html"
	"html/template"
	"io/fs"
	"path"
	"regexp"
	"sort"
	"strings"
	"time"

	"amiable/negotiation/day"
	"amiable/negotiation/money"
)

//go:embed phrases
var files embed.FS

// phrase is one entry of a dictionary: one text, or the forms of a text that
// counts.
type phrase struct{ one, other string }

// UnmarshalJSON reads "text" or {"one": "text", "other": "text"}.
func (p *phrase) UnmarshalJSON(data []byte) error {
	var text string
	if json.Unmarshal(data, &text) == nil {
		*p = phrase{one: text, other: text}
		return nil
	}
	var forms struct{ One, Other string }
	if err := json.Unmarshal(data, &forms); err != nil {
		return err
	}
	if forms.One == "" || forms.Other == "" {
		return fmt.Errorf(`a phrase that counts needs "one" and "other"`)
	}
	*p = phrase{one: forms.One, other: forms.Other}
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
			dictionary[key] = phrase{one: typeset(l, p.one), other: typeset(l, p.other)}
		}
	}
	return dictionary, nil
}

var (
	beforeHigh  = regexp.MustCompile(` ([;!?])`)
	beforeColon = regexp.MustCompile(` ([:%€»])`)
	afterNumber = regexp.MustCompile(`(\d|n°|n°s|\}) (h|€|%|Mo|Ko)(\W|$)`)
	quoted      = regexp.MustCompile(`"([^"]*)"`)
	afterNo     = regexp.MustCompile(`n° `)
)

// typeset puts in what is not typed: curly apostrophes and English quotes, and
// in French the spaces that must not break.
func typeset(l Language, text string) string {
	text = strings.ReplaceAll(text, "'", "’")
	if l != French {
		return quoted.ReplaceAllString(text, "“$1”")
	}
	text = beforeHigh.ReplaceAllString(text, narrow+"$1")
	text = beforeColon.ReplaceAllString(text, nbsp+"$1")
	text = strings.ReplaceAll(text, "« ", "«"+nbsp)
	text = afterNumber.ReplaceAllString(text, "$1"+nbsp+"$2$3")
	return afterNo.ReplaceAllString(text, "n°"+nbsp)
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

// T returns the phrase of a key with its values, given as name and value in
// turn, set in. A key that does not exist is shown as ⟦key⟧: visible, harmless,
// and looked for by the tests.
func T(l Language, key string, values ...any) string { return l.T(key, values...) }

// T is the same on the language.
func (l Language) T(key string, values ...any) string {
	text, found := l.form(key, values)
	if !found {
		return "⟦" + key + "⟧"
	}
	return l.fill(text, values, func(s, _ string) string { return s })
}

// HTML is T for a phrase with marks: **bold**, [text](name), a link whose
// address is the value of that name, and {name:whole}, a reference that no line
// may break. Values are escaped; an address that is
// neither a path, nor https, mailto or tel is left out.
func (l Language) HTML(key string, values ...any) template.HTML {
	text, found := l.form(key, values)
	if !found {
		return template.HTML(html.EscapeString("⟦" + key + "⟧"))
	}
	text = html.EscapeString(text)
	text = bold.ReplaceAllString(text, "<b>$1</b>")
	text = link.ReplaceAllStringFunc(text, func(mark string) string {
		parts := link.FindStringSubmatch(mark)
		address, _ := lookup(values, parts[2])
		return `<a href="` + html.EscapeString(safeAddress(fmt.Sprint(address))) + `">` + parts[1] + "</a>"
	})
	return template.HTML(l.fill(text, values, func(s, style string) string {
		if style == "whole" {
			return `<span class="nb">` + html.EscapeString(s) + "</span>"
		}
		return html.EscapeString(s)
	}))
}

var (
	bold        = regexp.MustCompile(`\*\*(.+?)\*\*`)
	link        = regexp.MustCompile(`\[([^\]]+)\]\((\w+)\)`)
	placeholder = regexp.MustCompile(`\{(\w+)(?::(\w+))?\}`)
)

func safeAddress(address string) string {
	for _, start := range []string{"/", "#", "?", "https://", "http://127.0.0.1", "http://localhost", "mailto:", "tel:"} {
		if strings.HasPrefix(address, start) {
			return address
		}
	}
	return "#"
}

func (l Language) form(key string, values []any) (text string, found bool) {
	p, found := dictionaries[l.Or()][key]
	if !found {
		return "", false
	}
	if n, counts := lookup(values, "n"); counts && l.one(n) {
		return p.one, true
	}
	return p.other, true
}

// one says whether a count takes the singular: 0 and 1 in French, 1 in English.
func (l Language) one(n any) bool {
	var count int64
	switch n := n.(type) {
	case int:
		count = int64(n)
	case int64:
		count = n
	default:
		return false
	}
	return count == 1 || (count == 0 && l.Or() == French)
}

func (l Language) fill(text string, values []any, set func(text, style string) string) string {
	return placeholder.ReplaceAllStringFunc(text, func(mark string) string {
		parts := placeholder.FindStringSubmatch(mark)
		value, found := lookup(values, parts[1])
		if !found {
			return mark
		}
		return set(l.write(value, parts[2]), parts[2])
	})
}

func (l Language) write(value any, style string) string {
	switch v := value.(type) {
	case money.Amount:
		switch style {
		case "round":
			return l.Round(v)
		case "figures":
			return l.Figures(v)
		}
		return l.Amount(v)
	case day.Day:
		switch style {
		case "date":
			return l.Date(v)
		case "short":
			return l.ShortDay(v)
		case "month":
			return l.Month(v)
		case "daymonth":
			return l.DayMonth(v)
		}
		return l.Day(v)
	case time.Time:
		if style == "time" {
			return l.Time(v)
		}
		return l.Moment(v)
	case int:
		return l.Number(int64(v))
	case int64:
		return l.Number(v)
	}
	return fmt.Sprint(value)
}

func lookup(values []any, name string) (any, bool) {
	for i := 0; i+1 < len(values); i += 2 {
		if values[i] == name {
			return values[i+1], true
		}
	}
	return nil, false
}
