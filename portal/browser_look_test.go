package portal_test

import (
	"bytes"
	"context"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// shotsVariable names the folder that pictures of the journeys are put in.
const shotsVariable = "AMIABLE_SHOTS"

// looked is what was inspected already: a page that differs in nothing but an
// identifier is looked at once per test binary.
var looked = struct {
	sync.Mutex
	pages map[string]int
}{pages: map[string]int{}}

var identifiers = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f-]{27}|/[lp]/[^/]+|cs_test_[^/]+|pi_[^/]+|acct_[^/]+|/invitations?/[^/]+|[0-9A-Z]{8,}(-[0-9]+)?`)

// tools are axe and the script that asks what axe does not.
var tools = sync.OnceValues(func() (axe, inspect string) {
	read := func(name string) string {
		content, err := os.ReadFile(filepath.Join("page", "testdata", name))
		if err != nil {
			panic(err)
		}
		return string(content)
	}
	return read("axe/axe.min.js"), read("inspect.js")
})

// pageLook is what the browser says of one page.
type pageLook struct {
	Styled   bool
	Wide     int
	Widest   string
	H1       int
	Unnamed  []string
	Small    []string
	Findings []struct {
		ID, Help string
		Targets  []string
	}
}

type pageHead struct {
	Lang, Title, H1, Focus string
	Wide                   int
}

// inspect holds every page to what holds for all: it has a language, a title
// and one h1; the browser has nothing to complain of; it fits its window, and
// one of 320 px; axe finds nothing; the focus can be seen on each control.
func (b *tab) inspect() {
	b.t.Helper()
	b.mu.Lock()
	complaints := b.wrong
	b.wrong = nil
	b.mu.Unlock()
	for _, complaint := range complaints {
		b.t.Errorf("%s: the browser complains: %s", b.document, complaint)
	}
	head := evaluate[pageHead](b, `JSON.stringify({Lang: document.documentElement.lang, Title: document.title, H1: [...document.querySelectorAll("h1")].map((h) => h.innerText).join(" / "),
Wide: document.documentElement.scrollWidth - window.innerWidth, Focus: document.activeElement ? document.activeElement.id : ""})`)
	u, _ := url.Parse(b.document)
	if u == nil || u.Scheme == "about" || !strings.HasPrefix(u.Scheme, "http") {
		return
	}
	if head.Lang != "fr" && head.Lang != "en" {
		b.t.Errorf("%s: its language is %q", b.document, head.Lang)
	}
	if strings.TrimSpace(head.Title) == "" {
		b.t.Errorf("%s has no title", b.document)
	}
	if head.Wide > 0 {
		b.t.Errorf("%s is %d px wider than its window", b.document, head.Wide)
	}
	if !b.look {
		return
	}
	name := fmt.Sprintf("%s %s %s %s", u.Hostname(), identifiers.ReplaceAllString(u.Path, "/…"), head.Lang, head.H1)
	looked.Lock()
	looked.pages[name]++
	first := looked.pages[name] == 1
	number := len(looked.pages)
	looked.Unlock()
	if !first {
		return
	}
	b.shoot(fmt.Sprintf("%03d-%s", number, slug(name)))
	b.inspectNarrow(name)
}

// inspectNarrow asks axe and the ruler, in a window of 320 px.
func (b *tab) inspectNarrow(name string) {
	b.t.Helper()
	axe, script := tools()
	if b.mail { // landmarks and the look of the focus are the mail reader's
		script = strings.Replace(script, `, "best-practice"`, "", 1)
	}
	size := evaluate[[2]int64](b, `JSON.stringify([window.innerWidth, window.innerHeight])`)
	held := chromedp.Evaluate[chromedp.Void](`window.amiableHeld = document.activeElement; window.amiableTop = window.scrollY; void 0`)
	b.do(held, chromedp.EmulateViewport(320, 640), chromedp.Evaluate[chromedp.Void](axe+";void 0"))
	seen := evaluate[pageLook](b, script)
	b.do(chromedp.EmulateViewport(size[0], size[1]),
		chromedp.Evaluate[chromedp.Void](`if (window.amiableHeld && window.amiableHeld.focus) window.amiableHeld.focus(); window.scrollTo(0, window.amiableTop); void 0`))
	if !seen.Styled && !b.mail {
		b.t.Errorf("%s: the style sheet was not applied", name)
	}
	if seen.Wide > 0 {
		b.t.Errorf("%s is %d px wider than a window of 320 px: %s", name, seen.Wide, seen.Widest)
	}
	if seen.H1 != 1 {
		b.t.Errorf("%s has %d h1", name, seen.H1)
	}
	for _, control := range seen.Unnamed {
		if b.mail {
			break
		}
		b.t.Errorf("%s: the focus of %s cannot be seen", name, control)
	}
	for _, control := range seen.Small {
		b.t.Errorf("%s: %s is too small to be touched", name, control)
	}
	for _, f := range seen.Findings {
		b.t.Errorf("%s: axe %s: %s: %s", name, f.ID, f.Help, strings.Join(f.Targets, " | "))
	}
}

// shoot takes pictures of the page on a phone and at a desk, in light and dark,
// where asked for.
func (b *tab) shoot(name string) {
	b.t.Helper()
	dir := os.Getenv(shotsVariable)
	if dir == "" {
		return
	}
	size := evaluate[[2]int64](b, `JSON.stringify([window.innerWidth, window.innerHeight])`)
	for _, d := range []device{phone, desk} {
		for _, scheme := range []string{"light", "dark"} {
			b.do(chromedp.EmulateViewport(d.width, d.height), prefers(scheme))
			ctx, cancel := context.WithTimeout(b.ctx, stepMax)
			picture, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
			cancel()
			if err != nil {
				b.t.Fatal(err)
			}
			file := fmt.Sprintf("%s-%d-%s.png", name, d.width, scheme)
			if err := os.WriteFile(filepath.Join(dir, file), picture, 0o644); err != nil {
				b.t.Fatal(err)
			}
		}
	}
	b.do(chromedp.EmulateViewport(size[0], size[1]), prefers(""))
}

// prefers sets what the reader's device asks for: colours, if any are named,
// and no motion, so that nothing is looked at halfway.
func prefers(scheme string) chromedp.Action[chromedp.Void] {
	features := []*emulation.MediaFeature{{Name: "prefers-reduced-motion", Value: "reduce"}}
	if scheme != "" {
		features = append(features, &emulation.MediaFeature{Name: "prefers-color-scheme", Value: scheme})
	}
	return call(emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: features})
}

func slug(name string) string {
	var out bytes.Buffer
	for _, r := range strings.ToLower(name) {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			out.WriteRune(r)
		case out.Len() > 0 && out.Bytes()[out.Len()-1] != '-':
			out.WriteByte('-')
		}
	}
	return strings.Trim(out.String()[:min(out.Len(), 70)], "-")
}

// oneRequest says that the page came in one request of at most so many bytes,
// its head included: a round trip on a bad line.
func (b *tab) oneRequest(t *testing.T, page string) *tab {
	t.Helper()
	const most = 14_600
	b.mu.Lock()
	asked, bytes := b.asked, b.bytes
	b.mu.Unlock()
	if len(asked) != 1 {
		t.Errorf("%s took %d requests: %q", page, len(asked), asked)
	}
	if bytes == 0 || bytes > most {
		t.Errorf("%s is %d bytes compressed, more than %d", page, bytes, most)
	}
	t.Logf("%s: %d bytes in %d request", page, bytes, len(asked))
	return b
}
