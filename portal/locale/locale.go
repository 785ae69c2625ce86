// Package locale says things in the reader's language: phrases, sums, days,
// times and sizes, as they are written in print. French and English are known.
//
// A phrase is looked up by key in phrases/<language>/*.json, one flat
// dictionary spread over a file per area; an area that is new gets a file of
// its own, in every language. Values are passed as name and value in turn, and
// are written by their type:
//
//	fr.T("case.good_until", "day", until, "sum", left)
//
// In the files, {day} writes a day in full with its weekday, {day:date}
// without, {day:short} as "24 nov.". A phrase that counts has forms "one" and
// "other", chosen by {n}. The files hold plain spaces and apostrophes: the
// fine spaces before ; ! ? : % € and inside « » are set when they are read, so
// that nobody has to type what nobody can see.
package locale

import (
	"sort"
	"strconv"
	"strings"
)

// Language is a language pages and letters exist in, as its BCP 47 code, which
// is also what the lang attribute of a page says.
type Language string

// The languages there are. French comes first: it is what a reader gets who
// asks for none of them.
const (
	French  Language = "fr"
	English Language = "en"
)

// Languages lists every language, the default first.
var Languages = []Language{French, English}

// Parse reads a language code such as "en" or "en-GB"; ok says whether it is
// one of ours.
func Parse(code string) (l Language, ok bool) {
	primary, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(code)), "-")
	for _, l := range Languages {
		if string(l) == primary {
			return l, true
		}
	}
	return "", false
}

// Or returns l, or French where l is none of ours.
func (l Language) Or() Language {
	if known, ok := Parse(string(l)); ok {
		return known
	}
	return French
}

// Other returns the language a page offers to switch to.
func (l Language) Other() Language {
	if l.Or() == French {
		return English
	}
	return French
}

// Match chooses the language for an Accept-Language header: the best liked of
// ours, the first named among equals, French when none is named. It takes any
// text and never fails.
func Match(acceptLanguage string) Language {
	type wish struct {
		language Language
		weight   float64 // between 0 and 1, only ever compared
	}
	var wishes []wish
	for _, part := range strings.Split(acceptLanguage, ",") {
		code, rest, _ := strings.Cut(part, ";")
		l, ok := Parse(code)
		if !ok {
			continue
		}
		weight := 1.0
		if q, found := strings.CutPrefix(strings.ReplaceAll(rest, " ", ""), "q="); found {
			parsed, err := strconv.ParseFloat(q, 64)
			if err != nil || !(parsed > 0 && parsed <= 1) { // NaN is no weight either
				continue
			}
			weight = parsed
		}
		wishes = append(wishes, wish{l, weight})
	}
	if len(wishes) == 0 {
		return French
	}
	sort.SliceStable(wishes, func(i, j int) bool { return wishes[i].weight > wishes[j].weight })
	return wishes[0].language
}
