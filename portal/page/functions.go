package page

import (
	"fmt"
	"html/template"
	"slices"
	"time"

	"amiable/negotiation/banking"
	"amiable/negotiation/day"
	"amiable/negotiation/money"
	"amiable/portal/evidence"
	"amiable/portal/locale"
)

// functions are what templates may call, bound to one language. They write
// values; none of them decides or adds up.
func functions(l locale.Language, zone *time.Location) template.FuncMap {
	return template.FuncMap{
		// phrases
		"t":    func(key string, values ...any) (string, error) { return known(l, key, l.T(key, values...)) },
		"rich": func(key string, values ...any) (template.HTML, error) { return rich(l, key, values...) },
		"has":  func(parts ...any) bool { return l.Has(fmt.Sprint(parts...)) },
		"say": func(fallback, prefix, code string, values ...any) (string, error) {
			return say(l, fallback, prefix, code, values)
		},
		"fill": func(fallback, prefix, code string, values []any) (string, error) {
			return say(l, fallback, prefix, code, values)
		},
		"for": func(who string, parts ...any) string { return wordsFor(l, who, fmt.Sprint(parts...)) },
		"fillFor": func(who, fallback, prefix, code string, values []any) (string, error) {
			if key := prefix + code + "." + who; l.Complete(key, values...) {
				return l.T(key, values...), nil
			}
			return say(l, fallback, prefix, code, values)
		},
		"title":     func(p Page) (string, error) { return title(l, p) },
		"words":     func(words ...string) []string { return words },
		"emptyForm": func() Form { return Form{} },
		"link":      trusted,
		"errorKey":  errorKey,
		"menu":      menu,
		"shut":      func(door, reason string) (string, error) { return shut(l, door, reason) },
		"cents":     func(a money.Amount) string { return cents(l, a) },
		"lang":      func() string { return string(l) },
		"terms":     func(t TermsLine) string { return t.Words(l) },
		"choices":   func(prefix string, codes []string) ([]Choice, error) { return choices(l, prefix, codes) },

		// values
		"sum":    l.Amount,
		"plain":  l.Figures,
		"round":  l.Round,
		"signed": l.Signed,
		"entry":  l.Entry,
		"day":    l.Day,
		"date":   l.Date,
		"short":  l.ShortDay,
		"shortd": l.ShortDate,
		"dm":     l.DayMonth,
		"month":  l.Month,
		"year":   func(d day.Day) string { return string(d)[:4] },
		"moment": func(t time.Time) string { return l.Moment(inZone(t, zone)) },
		"shortm": func(t time.Time) string { return l.ShortMoment(inZone(t, zone)) },
		"hour":   func(t time.Time) string { return l.Time(inZone(t, zone)) },
		"pct":    l.Percent,
		"num":    func(n int) string { return l.Number(int64(n)) },
		"bytes":  l.Bytes,
		"phone":  l.Phone,
		"fours":  banking.Grouped,
		"list":   l.List,

		// the page's own parts
		"accept":       func() string { return evidence.Accept },
		"debtorStyle":  func() template.CSS { return template.CSS(debtorStyle) },
		"consoleStyle": func() string { return consolePath },
		"consoleJS":    func() string { return scriptPath },
		"scriptOf":     scriptOf,
		"tel":          telephone,
		"args":         args,
		"field":        func(f Form, name string, options ...any) (map[string]any, error) { return field(f, name, options) },
		"termsBars":    drawTerms,
		"less":         func(n int) int { return n - 1 },
		"isSum":        func(a money.Amount) bool { return !a.IsZero() },
		"isDay":        func(d day.Day) bool { return !d.IsZero() },
		"qr":           drawCode,
		"bars":         drawWeeks,
		"stretch":      drawStates,
		"key":          drawKey,
		"ring":         func(r PlanRing) template.HTML { return drawRing(l, r) },
		"years":        func(m PlanMonths) []planYear { return m.years(l) },
		"monthBar":     drawMonth,
	}
}

// known turns a missing phrase into an error, so that a page is never sent with
// a hole in it.
func known(l locale.Language, key, text string) (string, error) {
	if !l.Has(key) {
		return "", fmt.Errorf("no phrase %q in %s", key, l)
	}
	return text, nil
}

func rich(l locale.Language, key string, values ...any) (template.HTML, error) {
	if !l.Has(key) {
		return "", fmt.Errorf("no phrase %q in %s", key, l)
	}
	return l.HTML(key, values...), nil
}

// say gives a phrase whose key comes from the domain. A code without a phrase,
// or one that lacks a value, yields the fallback phrase, or the code itself: a
// new reason must not take a page down, nor show a brace.
func say(l locale.Language, fallback, prefix, code string, values []any) (string, error) {
	if key := prefix + code; l.Complete(key, values...) {
		return l.T(key, values...), nil
	}
	if fallback == "" {
		return code, nil
	}
	return known(l, fallback, l.T(fallback, values...))
}

func inZone(t time.Time, zone *time.Location) time.Time {
	if t.IsZero() {
		return t
	}
	return t.In(zone)
}

// args gives a partial several values by name.
func args(pairs ...any) (map[string]any, error) {
	named := map[string]any{}
	for i := 0; i+1 < len(pairs); i += 2 {
		name, ok := pairs[i].(string)
		if !ok {
			return nil, fmt.Errorf("%v is not a name", pairs[i])
		}
		named[name] = pairs[i+1]
	}
	if len(pairs)%2 != 0 {
		return nil, fmt.Errorf("a name without a value")
	}
	return named, nil
}

// field gives the partials of a form what they need of one field.
func field(f Form, name string, options []any) (map[string]any, error) {
	named, err := args(options...)
	if err != nil {
		return nil, err
	}
	for _, option := range []string{"label", "hint", "type", "inputmode", "autocomplete", "class", "suffix", "accept", "rows"} {
		if _, given := named[option]; !given {
			named[option] = ""
		}
	}
	for _, option := range []string{"required", "optional"} {
		if _, given := named[option]; !given {
			named[option] = false
		}
	}
	if _, given := named["choices"]; !given {
		named["choices"] = []Choice(nil)
	}
	if _, given := named["legend"]; !given {
		named["legend"] = ""
	}
	if _, given := named["max"]; !given {
		named["max"] = ""
	}
	named["name"], named["value"], named["error"] = name, f.Value(name), f.Error(name)
	named["errors"], named["kept"] = f.AllErrors(name), f.Kept[name]
	return named, nil
}

// telephone is the address that dials a number.
func telephone(number string) template.URL {
	digits := make([]rune, 0, len(number))
	for _, r := range number {
		if r >= '0' && r <= '9' || (r == '+' && len(digits) == 0) {
			digits = append(digits, r)
		}
	}
	return template.URL("tel:" + string(digits))
}

// wordsFor names the phrase meant for a reader: "key.staff" where what is told to
// a debtor ("received, thank you") would sound odd, else the phrase itself.
func wordsFor(l locale.Language, who, key string) string {
	if l.Has(key + "." + who) {
		return key + "." + who
	}
	return key
}

// title is what the window and the history show: never a person's name.
func title(l locale.Language, p Page) (string, error) {
	base := p.base()
	if base.Title != "" {
		return base.Title + " · " + base.Agency.Name, nil
	}
	key := "title." + p.template()
	text, err := known(l, key, l.T(key))
	return text + " · " + base.Agency.Name, err
}

// choices labels the values of a list by their phrases.
func choices(l locale.Language, prefix string, codes []string) ([]Choice, error) {
	list := make([]Choice, len(codes))
	for i, code := range codes {
		label, err := known(l, prefix+code, l.T(prefix+code))
		if err != nil {
			return nil, err
		}
		list[i] = Choice{Value: code, Label: label}
	}
	return list, nil
}

// shut says why a door is not open now: the reason for this door if there is
// one, else the reason in general, else that we explain it on the phone.
func shut(l locale.Language, door, reason string) (string, error) {
	for _, key := range []string{"shut." + door + "." + reason, "shut." + reason} {
		if l.Has(key) {
			return l.T(key), nil
		}
	}
	return known(l, "shut.other", l.T("shut.other"))
}

// cents writes a small sum as one says it: "9 centimes", "9 cents".
func cents(l locale.Language, a money.Amount) string {
	if a.Minor < 100 && a.Minor > 0 {
		return l.T("cents", "n", a.Minor)
	}
	return l.Amount(a)
}

// trusted lets the addresses written in our own templates through, tel:
// included, which html/template would not.
func trusted(address string) template.URL { return template.URL(address) }

// errorKey names the words of an error page; a status without words of its own
// reads as our mistake.
func errorKey(status int, part string) string {
	switch status {
	case 403, 404, 405, 413, 422, 429, 503:
		return fmt.Sprintf("page.%d%s", status, part)
	}
	return "page.500" + part
}

// menuEntry is one entry of a console's menu.
type menuEntry struct{ Key, URL string }

// menu lists the rooms of a console.
func menu(console string, administrator, leads, demo bool) []menuEntry {
	entries := []menuEntry{
		{"home", "/creditor"}, {"offers", "/creditor/offers"}, {"cases", "/creditor/cases"}, {"payments", "/creditor/payments"}, {"payouts", "/creditor/payouts"},
		{"placements", "/creditor/placements"}, {"policy", "/creditor/policy"}, {"people", "/creditor/people"}, {"account", "/creditor/connect"},
	}
	if console == "agent" {
		entries = []menuEntry{
			{"work", "/agent"}, {"letters", "/agent/letters"}, {"cases", "/agent/cases"}, {"offers", "/agent/offers"}, {"payments", "/agent/payments"}, {"bank", "/agent/bank"}, {"payouts", "/agent/payouts"}, {"wishes", "/agent/wishes"},
			{"creditors", "/agent/creditors"},
		}
		if leads {
			entries = slices.Insert(entries, 1, menuEntry{"team", "/agent/team"})
		}
		if administrator {
			entries = append(entries, menuEntry{"users", "/agent/users"}, menuEntry{"agency", "/agent/agency"}, menuEntry{"background", "/agent/work"})
		}
	}
	if demo {
		entries = append(entries, menuEntry{"outbox", "/demo/outbox"}, menuEntry{"clock", "/demo/clock"})
	}
	return entries
}
