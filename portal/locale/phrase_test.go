package locale

import (
	"regexp"
	"slices"
	"sort"
	"strings"
	"testing"

	"amiable/negotiation/day"
	"amiable/negotiation/money"
)

func TestBothLanguagesSayTheSame(t *testing.T) {
	for _, key := range French.Keys() {
		if !English.Has(key) {
			t.Errorf("%s is missing in English", key)
			continue
		}
		french, english := dictionaries[French][key], dictionaries[English][key]
		// A form for one may leave out {n} ("un dossier"), so the others count.
		if f, e := placeholders(french.other.written), placeholders(english.other.written); !slices.Equal(f, e) {
			t.Errorf("%s: French has %v, English %v", key, f, e)
		}
		if f, e := linkNames(french.other.written), linkNames(english.other.written); !slices.Equal(f, e) {
			t.Errorf("%s: French links to %v, English to %v", key, f, e)
		}
		for _, text := range []string{french.one.written, french.other.written, english.one.written, english.other.written} {
			if strings.TrimSpace(text) == "" {
				t.Errorf("%s says nothing", key)
			}
		}
	}
	for _, key := range English.Keys() {
		if !French.Has(key) {
			t.Errorf("%s is missing in French", key)
		}
	}
}

// forbidden are the words that shame, frighten or mislead (CP 433-13, C. conso
// L121-2 and L121-6, and our own taste), with the keys where a word stands for
// the plain institution or for the promise not to do it.
var forbidden = []struct {
	word   string
	unless []string
}{
	{`(?i)mauvais payeur`, nil},
	{`(?i)poursuites`, nil},
	{`(?i)\bsaisies?\b`, nil}, // of goods; what a person typed is « ce que vous avez écrit »
	{`(?i)huissier|tribunal`, nil},
	{`(?i)dernier avis|dernier rappel|dernière chance|ultime`, nil},
	{`(?i)commandement|\bsommation|contentieux`, nil},
	{`(?i)\bfich(age|ée?s?\b)`, nil},
	{`(?i)médiateur`, []string{"rights.mediator"}}, // the consumer mediator, an institution apart from us
	{`(?i)frais de recouvrement`, []string{"ledger.costs", "rights.text."}},
	{`(?i)\bcrédit\b`, []string{"help.microcredit"}},
	{`(?i)immédiatement|urgent|sans délai|impérativement`, nil},
	{`(?i)vous devez|vous êtes tenu`, nil},
	{`(?i)défaillan|retardataire|débiteur`, []string{
		"agent.", "party.", "creditor.", "title.agent", "title.creditor", "placement.", "legal.part.text", "rights.text."}},
	{`(?i)certifié conforme`, nil},
	{`(?i)bad payer|defaulter|final notice|last chance|bailiff|seizure|prosecut|blacklist`, []string{"real.who.declared", "agent.agency.prosecutor"}},
	{`(?i)immediately|urgent|\byou must\b`, nil},
	{`(?i)mediator`, []string{"rights.mediator"}},
	{`[!]`, nil},
	{`[A-ZÀ-Ý]{5,}`, nil}, // nobody is shouted at
}

// acronyms are capitals that are nobody's shouting.
var acronyms = strings.NewReplacer("SIREN", "", "SIRET", "", "CAMT", "")

func TestWordsShameAndFrightenNobody(t *testing.T) {
	for _, l := range Languages {
		for key, p := range dictionaries[l] {
			for _, rule := range forbidden {
				if slices.ContainsFunc(rule.unless, func(start string) bool { return strings.HasPrefix(key, start) }) {
					continue
				}
				if found := regexp.MustCompile(rule.word).FindString(acronyms.Replace(p.one.written + " " + p.other.written)); found != "" {
					t.Errorf("%s %s says %q: %s", l, key, found, p.other.written)
				}
			}
		}
	}
}

func TestNothingBreaksBeforeItsPunctuation(t *testing.T) {
	breaks := regexp.MustCompile(` [;:!?%€»]|« |'|\d h `)
	missing := regexp.MustCompile(`[^\s\x{202f}\x{00a0}][;!?]`)
	for key, p := range dictionaries[French] {
		for _, text := range []string{p.one.written, p.other.written} {
			if found := breaks.FindString(text); found != "" {
				t.Errorf("%s may break at %q: %s", key, found, text)
			}
			if found := missing.FindString(text); found != "" {
				t.Errorf("%s has no space before %q: %s", key, found, text)
			}
		}
	}
}

func TestPhrasesAreFilledByType(t *testing.T) {
	dictionaries[French]["test.good"] = newPhrase("x", "{sum} jusqu’au {day}, {name}")
	dictionaries[French]["test.files"] = newPhrase("{n} pièce", "{n} pièces")
	dictionaries[English]["test.files"] = newPhrase("{n} file", "{n} files")
	dictionaries[French]["test.link"] = newPhrase("x", "**Lisez** [la lettre de {name}](url), {name:whole}")
	defer func() {
		for _, key := range []string{"test.good", "test.files", "test.link"} {
			delete(dictionaries[French], key)
			delete(dictionaries[English], key)
		}
	}()
	same(t, T(French, "test.good", "sum", money.Euros(124860), "day", day.MustParse("2026-11-24"), "name", "Zoé"),
		"1\u202f248,60\u00a0€ jusqu’au mardi 24\u00a0novembre 2026, Zoé")
	same(t, French.T("test.files", "n", 0), "0 pièce")
	same(t, English.T("test.files", "n", 0), "0 files")
	same(t, English.T("test.files", "n", 1), "1 file")
	same(t, French.T("test.files", "n", 1200), "1\u202f200 pièces")
	same(t, French.T("test.none"), "⟦test.none⟧")
	if French.Complete("test.good", "sum", 1) || French.Complete("test.none") || !French.Complete("test.files", "n", 1) {
		t.Error("a phrase is complete when all it names is given")
	}
	same(t, string(French.HTML("test.link", "name", "<b>Zoé</b>", "url", `/a"b`)),
		`<b>Lisez</b> <a href="/a&#34;b">la lettre de &lt;b&gt;Zoé&lt;/b&gt;</a>, <span class="nb">&lt;b&gt;Zoé&lt;/b&gt;</span>`)
	same(t, string(French.HTML("test.link", "name", "x", "url", "javascript:alert(1)")),
		`<b>Lisez</b> <a href="#">la lettre de x</a>, <span class="nb">x</span>`)
}

func TestFineSpacesAreSetWhenRead(t *testing.T) {
	same(t, typeset(French, "Est-ce bien réel ? Oui : « c'est vrai » ; 8 % de 60 €, à 18 h."),
		"Est-ce bien réel\u202f? Oui\u00a0: «\u00a0c’est vrai\u00a0»\u202f; 8\u00a0% de 60\u00a0€, à 18\u00a0h.")
	same(t, typeset(English, `Is this "real"? It's here: 8%`), "Is this “real”? It’s here: 8%")
}

func placeholders(text string) []string {
	var names []string
	for _, match := range placeholder.FindAllStringSubmatch(text, -1) {
		names = append(names, match[1])
	}
	sort.Strings(names)
	return slices.Compact(names)
}

func linkNames(text string) []string {
	var names []string
	for _, match := range link.FindAllStringSubmatch(text, -1) {
		names = append(names, match[2])
	}
	sort.Strings(names)
	return names
}
