package locale

import (
	"fmt"
	"html"
	"html/template"
	"strings"
	"time"

	"amiable/negotiation/day"
	"amiable/negotiation/money"
)

// T returns the phrase of a key with its values, given as name and value in
// turn, set in. A key that does not exist is shown as ⟦key⟧: visible, harmless,
// and looked for by the tests.
func T(l Language, key string, values ...any) string { return l.T(key, values...) }

// T is the same on the language.
func (l Language) T(key string, values ...any) string {
	chosen, found := l.form(key, values)
	if !found {
		return "⟦" + key + "⟧"
	}
	var b strings.Builder
	for _, p := range chosen.plain {
		if value, given := lookup(values, p.name); given {
			b.WriteString(l.write(value, p.style))
			continue
		}
		b.WriteString(p.words)
	}
	return b.String()
}

// HTML is T for a phrase with marks: **bold**, [text](name), a link whose
// address is the value of that name, and {name:whole}, a reference that no line
// may break. Values are escaped; an address that is neither a path, nor https,
// mailto or tel is left out.
func (l Language) HTML(key string, values ...any) template.HTML {
	chosen, found := l.form(key, values)
	if !found {
		return template.HTML(html.EscapeString("⟦" + key + "⟧"))
	}
	var b strings.Builder
	for _, p := range chosen.marked {
		value, given := lookup(values, p.name)
		switch {
		case !given:
			b.WriteString(p.words)
		case p.style == "address":
			b.WriteString(html.EscapeString(safeAddress(fmt.Sprint(value))))
		case p.style == "whole":
			b.WriteString(`<span class="nb">` + html.EscapeString(l.write(value, "")) + "</span>")
		default:
			b.WriteString(html.EscapeString(l.write(value, p.style)))
		}
	}
	return template.HTML(b.String())
}

// Complete says whether a phrase exists and every value it names is given.
func (l Language) Complete(key string, values ...any) bool {
	chosen, found := l.form(key, values)
	for _, p := range chosen.plain {
		if _, given := lookup(values, p.name); p.name != "" && !given {
			return false
		}
	}
	return found
}

func safeAddress(address string) string {
	for _, start := range []string{"/", "#", "?", "https://", "http://127.0.0.1", "http://localhost", "mailto:", "tel:"} {
		if strings.HasPrefix(address, start) {
			return address
		}
	}
	return "#"
}

func (l Language) form(key string, values []any) (text, bool) {
	p, found := dictionaries[l.Or()][key]
	if !found {
		return text{}, false
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

// write writes a value by its type, in the style named after the colon.
func (l Language) write(value any, style string) string {
	switch v := value.(type) {
	case string:
		return v
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
	if name == "" {
		return nil, false
	}
	for i := 0; i+1 < len(values); i += 2 {
		if values[i] == name {
			return values[i+1], true
		}
	}
	return nil, false
}
