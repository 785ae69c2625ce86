package placement

import (
	"os"
	"strings"
	"testing"
)

func TestEveryCodeSpeaksBothLanguages(t *testing.T) {
	for code, s := range sentences {
		for i, language := range []string{"en", "fr"} {
			if s.text[i] == "" {
				t.Errorf("%s says nothing in %s", code, language)
			}
			if s.outcome == Reject && s.advice[i] == "" {
				t.Errorf("%s refuses and does not say in %s what to do", code, language)
			}
			text := ReasonText(code, language)
			if strings.ContainsAny(text, "{}") || text[0] >= 'a' && text[0] <= 'z' || strings.Contains(text, "  ") {
				t.Errorf("%s in %s: %q", code, language, text)
			}
		}
		if s.text[0] == s.text[1] {
			t.Errorf("%s says the same in both languages", code)
		}
	}
	if got := ReasonText(TimeBarredConsumer, "en"); !strings.Contains(got, "legal review") {
		t.Errorf("a time-barred line has no way out: %q", got)
	}
	if got := ReasonText(VeryLongCell, "fr"); !strings.Contains(got, "10\u202f000") {
		t.Errorf("thousands in French: %q", got)
	}
}

func TestEveryCodeIsInTheDocument(t *testing.T) {
	doc, err := os.ReadFile("../../docs/placement.md")
	if err != nil {
		t.Fatal(err)
	}
	for code, s := range sentences {
		row := "| `" + string(code) + "` | " + string(s.outcome) + " |"
		if !strings.Contains(string(doc), row) {
			t.Errorf("docs/placement.md lacks the row %s", row)
		}
	}
	for f, name := range fieldNames {
		if name != "" && !strings.Contains(string(doc), "`"+name+"`") {
			t.Errorf("docs/placement.md does not know column %d, %s", f, name)
		}
	}
}
