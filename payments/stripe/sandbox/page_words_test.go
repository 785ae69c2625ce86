package sandbox

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// used finds every phrase that pages and code name.
func used(t *testing.T) map[string]string {
	t.Helper()
	found := map[string]string{}
	inPage := regexp.MustCompile(`(?:\$?\.(?:page\.)?T|part \. "[a-z]+") "([a-z0-9._]+)"`)
	inCode := regexp.MustCompile(`(?:say\(lang, |\.T\(|wrong\([a-zA-Z.]*(?:"[a-z_.]*")?,? ?)"([a-z0-9._]+)"`)
	collect := func(name, text string, pattern *regexp.Regexp) {
		for _, match := range pattern.FindAllStringSubmatch(text, -1) {
			found[match[1]] = name
		}
	}
	err := fs.WalkDir(pageFiles, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(name, ".html") {
			return err
		}
		body, err := pageFiles.ReadFile(name)
		collect(name, string(body), inPage)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob("page_*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") || name == "page_words.go" {
			continue
		}
		body, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		collect(name, string(body), inCode)
	}
	return found
}

func TestEveryPhraseThatAPageNamesExistsInBothLanguages(t *testing.T) {
	names := used(t)
	if len(names) < 60 {
		t.Fatalf("only %d phrases found: the search is broken", len(names))
	}
	for key, where := range names {
		if _, known := phrases[key]; !known && !strings.HasSuffix(key, ".") {
			t.Errorf("%s names %q, which is no phrase", where, key)
		}
	}
	verbs := regexp.MustCompile(`%[a-z]`)
	for key, p := range phrases {
		if strings.TrimSpace(p.fr) == "" || strings.TrimSpace(p.en) == "" {
			t.Errorf("%s is empty in one language", key)
		}
		if got, want := verbs.FindAllString(p.fr, -1), verbs.FindAllString(p.en, -1); strings.Join(got, "") != strings.Join(want, "") {
			t.Errorf("%s takes %v in French and %v in English", key, got, want)
		}
		if regexp.MustCompile(` [:;!?»]`).MatchString(p.fr) {
			t.Errorf("%s: %q breaks before a French sign", key, p.fr)
		}
		if strings.ContainsAny(p.fr+p.en, "'") {
			t.Errorf("%s has a typewriter's apostrophe", key)
		}
	}
}

func TestEveryDeclineIsSaidInFrench(t *testing.T) {
	for outcome, d := range declines {
		if french := declineIn("fr", d.message); french == d.message {
			t.Errorf("%s has no French: %q", outcome, d.message)
		}
		if english := declineIn("en", d.message); english != d.message {
			t.Errorf("%s is changed in English: %q", outcome, english)
		}
	}
	if french := declineIn("fr", authDeclined.message); french == authDeclined.message {
		t.Errorf("no French for %q", french)
	}
}

func TestSumsAreWrittenAsEachLanguagePrintsThem(t *testing.T) {
	for _, c := range []struct {
		lang, currency string
		minor          int64
		want           string
	}{
		{"fr", "eur", 124860, "1\u202f248,60\u00a0€"},
		{"en", "eur", 124860, "€1,248.60"},
		{"fr", "eur", 5, "0,05\u00a0€"},
		{"en", "usd", -1000000, "\u2212$10,000.00"},
		{"fr", "jpy", 1500, "1\u202f500\u00a0¥"},
		{"en", "chf", 990, "CHF\u00a09.90"},
		{"en", "eur", -9223372036854775808, "\u2212€92,233,720,368,547,758.08"},
	} {
		if got := printSum(c.lang, c.minor, c.currency); got != c.want {
			t.Errorf("%d %s in %s: %q, want %q", c.minor, c.currency, c.lang, got, c.want)
		}
	}
	first := time.Date(2026, 2, 1, 9, 5, 0, 0, time.UTC)
	if got := printMoment("fr", first); got != "1er\u00a0février 2026 à 09:05\u00a0UTC" {
		t.Errorf("French moment %q", got)
	}
	if got := printMoment("en", first); got != "1\u00a0February 2026, 09:05\u00a0UTC" {
		t.Errorf("English moment %q", got)
	}
}

func TestExpiryIsReadHoweverPeopleWriteIt(t *testing.T) {
	for text, want := range map[string][2]int{"12/34": {12, 2034}, "12 / 34": {12, 2034}, "1/30": {1, 2030}, "0130": {1, 2030}, "05-2031": {5, 2031}, "05.31": {5, 2031}} {
		month, year, ok := readExpiry(text)
		if !ok || month != want[0] || year != want[1] {
			t.Errorf("%q read as %d/%d, %v", text, month, year, ok)
		}
	}
	for _, text := range []string{"", "13/30", "00/30", "1/3", "12/345", "ab/cd", "12/34/56/78", "١٢/٣٤", "-1/30"} {
		if month, year, ok := readExpiry(text); ok && text != "-1/30" {
			t.Errorf("%q read as %d/%d", text, month, year)
		}
	}
}

func TestSpansAreReadWithDays(t *testing.T) {
	for text, want := range map[string]time.Duration{"90s": 90 * time.Second, "3d": 72 * time.Hour, "1d12h": 36 * time.Hour, "0d": 0} {
		if got, err := parseSpan(text); err != nil || got != want {
			t.Errorf("%q is %v, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "d", "-3d", "3", "-5s", "99999d", "1d-2h", "3dd", "1.5d"} {
		if got, err := parseSpan(text); err == nil {
			t.Errorf("%q is taken for %v", text, got)
		}
	}
}
