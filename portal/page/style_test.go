package page

import (
	"bytes"
	"compress/gzip"
	"regexp"
	"slices"
	"strings"
	"testing"

	"amiable/portal/locale"
)

// forbidden are the features that Safari 13 or Chrome 80 do not know, or that
// the content security policy blocks.
var forbidden = map[string]*regexp.Regexp{
	"@layer":              regexp.MustCompile(`@layer`),
	"@container":          regexp.MustCompile(`@container`),
	":has, :is, :where":   regexp.MustCompile(`:(has|is|where)\(`),
	"nesting":             regexp.MustCompile(`&`),
	"clamp, min, max":     regexp.MustCompile(`\b(clamp|min|max)\(`),
	"color-mix":           regexp.MustCompile(`color-mix|oklch|lab\(|light-dark\(`),
	"inset":               regexp.MustCompile(`[;{]inset`),
	"aspect-ratio":        regexp.MustCompile(`aspect-ratio`),
	"two-sided shorthand": regexp.MustCompile(`[;{](margin|padding|border)-(inline|block):`),
	"new viewport units":  regexp.MustCompile(`\d(dvh|svh|lvh|dvw|svw)\b`),
	"range media queries": regexp.MustCompile(`@media[^{]*[<>]`),
	"imports and urls":    regexp.MustCompile(`@import|url\(`),
	"backdrop, accent of": regexp.MustCompile(`backdrop-filter|:user-valid|:user-invalid|text-wrap`),
	"shadow":              regexp.MustCompile(`box-shadow:(?:[^n])`),
	"important":           regexp.MustCompile(`!important`),
}

// oldPhone returns what a style sheet holds that an old phone cannot read.
func oldPhone(css string) []string {
	var found []string
	for name, pattern := range forbidden {
		if pattern.MatchString(css) {
			found = append(found, name+": "+pattern.FindString(css))
		}
	}
	for _, rule := range regexp.MustCompile(`([^{}]+)\{([^{}]*)\}`).FindAllStringSubmatch(css, -1) {
		selector, body := rule[1], rule[2]
		// Safari 13 knows gap in a grid only, and there by its old name too.
		if regexp.MustCompile(`(^|;)(row-|column-)?gap:`).MatchString(body) {
			found = append(found, "gap without grid-: "+selector)
		}
		if strings.Contains(body, "grid-gap") || strings.Contains(body, "grid-column-gap") {
			if !strings.Contains(body, "display:grid") {
				found = append(found, "grid gap outside a grid: "+selector)
			}
		}
		// A selector list with an unknown pseudo-class is dropped whole.
		if strings.Contains(selector, ":focus-visible") && !strings.Contains(selector, ":not(:focus-visible)") {
			found = append(found, ":focus-visible alone: "+selector)
		}
		if strings.Contains(selector, ":not(:focus-visible)") && strings.Contains(selector, ",") {
			found = append(found, ":focus-visible in a list: "+selector)
		}
	}
	slices.Sort(found)
	return found
}

func TestDebtorStyleIsWholeOnOldPhones(t *testing.T) {
	for _, problem := range oldPhone(debtorStyle) {
		t.Error(problem)
	}
	if !strings.Contains(debtorStyle, "*,*::before,*::after{box-sizing:border-box}") {
		t.Error("pseudo-elements need their own box-sizing")
	}
}

// The check itself is seen to fail, so that its silence means something.
func TestTheOldPhoneCheckSees(t *testing.T) {
	for _, css := range []string{
		"@layer a{b{c:d}}", ".a:has(b){c:d}", ".a:is(b,c){d:e}", ".a{width:clamp(1px,2px,3px)}", ".a{inset:0}",
		".a{display:flex;gap:8px}", ".a{display:flex;grid-gap:8px}", ".a{margin-inline:8px}", ".a:focus-visible{b:c}",
		".a{aspect-ratio:1}", ".a{color:color-mix(in srgb,red,blue)}", ".a{&:hover{b:c}}", "@media (width<360px){a{b:c}}",
	} {
		if len(oldPhone(css)) == 0 {
			t.Errorf("%s passes as old", css)
		}
	}
	for _, css := range []string{".a{display:grid;grid-gap:8px}", ".a:focus{b:c}", ".a:focus:not(:focus-visible){b:c}", ".a{margin-inline-start:8px}"} {
		if found := oldPhone(css); len(found) > 0 {
			t.Errorf("%s is refused: %v", css, found)
		}
	}
}

// TestOneResponseIsSmall holds the two pages that decide everything to one
// round trip each (14,600 bytes compressed; the aim is 8,000).
func TestOneResponseIsSmall(t *testing.T) {
	pages, err := New()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range Gallery() {
		if s.Name != "debtor/link" && s.Name != "debtor/case" {
			continue
		}
		var page, packed bytes.Buffer
		if err := pages.Render(&page, s.Page); err != nil {
			t.Fatal(err)
		}
		writer, err := gzip.NewWriterLevel(&packed, 6)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = writer.Write(page.Bytes())
		_ = writer.Close()
		if packed.Len() > 14_600 {
			t.Errorf("%s (%s, %s) weighs %d bytes", s.Name, s.In, s.Page.base().Lang, packed.Len())
		}
		if s.Page.base().Lang == locale.French {
			t.Logf("%s (%s): %d bytes, %d compressed", s.Name, s.In, page.Len(), packed.Len())
		}
		if bytes.Contains(page.Bytes(), []byte("<script")) || bytes.Contains(page.Bytes(), []byte("<link rel=\"stylesheet")) {
			t.Errorf("%s (%s) asks for a second response", s.Name, s.In)
		}
	}
}

// TestTheHashIsOfWhatIsSent: the browser compares the bytes between the tags.
func TestTheHashIsOfWhatIsSent(t *testing.T) {
	pages, err := New()
	if err != nil {
		t.Fatal(err)
	}
	var page bytes.Buffer
	if err := pages.Render(&page, Gallery()[0].Page); err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(page.String(), "<style>")
	sent, _, _ := strings.Cut(rest, "</style>")
	if sent != debtorStyle {
		t.Fatalf("the style that is sent differs from the one that is hashed: %.200q", sent)
	}
	if !regexp.MustCompile(`^'sha256-[A-Za-z0-9+/]{43}='$`).MatchString(DebtorStyleHash()) {
		t.Fatalf("not a source expression: %s", DebtorStyleHash())
	}
}
