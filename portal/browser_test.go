package portal_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/audits"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	cdpage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"amiable/negotiation/database/databasetest"
)

// chromium is the one browser of this test binary; every tab is a window of
// its own in it.
var chromium struct {
	once sync.Once
	ctx  context.Context
	stop context.CancelFunc
	path string
	err  error
}

func TestMain(m *testing.M) {
	code := m.Run()
	if chromium.stop != nil {
		chromium.stop()
	}
	os.Exit(code)
}

// needBrowser starts the browser at the first test that wants one. Without
// Chromium the test is left out by name, or fails under make test.
func needBrowser(t *testing.T) context.Context {
	t.Helper()
	if testing.Short() {
		t.Skip("-short: the browser is left out")
	}
	chromium.once.Do(func() {
		for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"} {
			if found, err := exec.LookPath(name); err == nil {
				chromium.path = found
				break
			}
		}
		if chromium.path == "" {
			return
		}
		options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(chromium.path), chromedp.NoSandbox, chromedp.DisableGPU,
			chromedp.Flag("disable-background-networking", true), chromedp.Flag("hide-scrollbars", true),
			chromedp.Flag("allow-pre-commit-input", true), // else a click on a page that is loaded and not yet painted is thrown away
			chromedp.Flag("disable-features", "BackForwardCache,Translate"), chromedp.WSURLReadTimeout(time.Minute))
		allocator, stop := chromedp.NewExecAllocator(context.Background(), options...)
		ctx, cancel := chromedp.NewContext(allocator)
		chromium.ctx, chromium.stop = ctx, func() { cancel(); stop() }
		chromium.err = chromedp.Do(ctx)
	})
	if chromium.path == "" {
		if os.Getenv(databasetest.RequireAll) != "" {
			t.Fatal("no Chromium on PATH, and everything is asked for")
		}
		t.Skipf("%s left out: no Chromium on PATH", t.Name())
	}
	if chromium.err != nil {
		t.Fatalf("starting %s: %v", chromium.path, chromium.err)
	}
	return chromium.ctx
}

// inBrowser runs a story on a fresh site with SQLite.
func inBrowser(t *testing.T, story func(t *testing.T, s *site)) {
	needBrowser(t)
	story(t, newSite(t, databasetest.SQLite(t, migrations...)))
}

// tab is one tab of a person's browser. It reads, presses and types as a
// person does, and looks at each page it arrives at.
type tab struct {
	t    *testing.T
	s    *site
	ctx  context.Context
	look bool // whether pages are inspected on arrival
	mail bool // whether it shows mails, which are part of the mail reader's page

	mu       sync.Mutex
	asked    []string // addresses asked for since the last step, data: apart
	bytes    int64    // received for them, heads included
	status   int64    // of the last document
	document string   // the last document's address
	wrong    []string // complaints of the browser since the last look
}

// device is how a person looks at the site.
type device struct {
	width, height int64
	language      string
	noScript      bool
}

var (
	phone   = device{width: 390, height: 844, language: "fr"}
	desk    = device{width: 1280, height: 800, language: "fr"}
	english = device{width: 390, height: 844, language: "en"}
)

// person opens a browser of their own, with no cookies.
func (s *site) person(d device) *tab {
	s.t.Helper()
	return s.open(needBrowser(s.t), d, chromedp.WithNewBrowserContext())
}

// another opens a second tab of the same browser.
func (b *tab) another(d device) *tab {
	b.t.Helper()
	return b.s.open(b.ctx, d)
}

func (s *site) open(parent context.Context, d device, options ...chromedp.ContextOption) *tab {
	s.t.Helper()
	// axe is a script: asked of a tab that runs none, it never answers.
	b := &tab{t: s.t, s: s, look: !d.noScript}
	ctx, cancel := chromedp.NewContext(parent, append(options, chromedp.WithListener(b.hear))...)
	s.t.Cleanup(cancel)
	b.ctx = ctx
	if err := chromedp.Do(ctx); err != nil { // the tab lives as long as the context of its first step
		s.t.Fatal(err)
	}
	b.do(chromedp.EmulateViewport(d.width, d.height), prefers(""),
		call(audits.Enable, cdp.Empty{}),
		call(network.SetExtraHTTPHeaders, network.SetExtraHTTPHeadersParams{Headers: network.Headers{"Accept-Language": d.language}}),
		call(emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: d.noScript}))
	return b
}

// call is a command of the protocol as a step.
func call[P, R any](command cdp.Command[P, R], params P) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, command, params)
		return err
	})
}

// stepMax bounds one step; a page that takes longer has failed.
const stepMax = 30 * time.Second

func (b *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, stepMax)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		b.t.Fatalf("%s: %v", b.document, err)
	}
}

// hear notes what the browser says while a page is opened.
func (b *tab) hear(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		if !strings.HasPrefix(e.Request.URL, "data:") && !strings.HasPrefix(e.Request.URL, "blob:") {
			b.asked = append(b.asked, e.Request.URL)
		}
	case *network.EventResponseReceived:
		if e.Type == network.ResourceTypeDocument {
			b.status, b.document = e.Response.Status, e.Response.URL
		}
	case *network.EventLoadingFinished:
		b.bytes += int64(e.EncodedDataLength)
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError || e.Type == runtime.ConsoleAPICalledTypeWarning {
			b.wrong = append(b.wrong, fmt.Sprintf("console.%s", e.Type))
		}
	case *runtime.EventExceptionThrown:
		b.wrong = append(b.wrong, "exception: "+e.ExceptionDetails.Text)
	case *log.EventEntryAdded:
		// A form that is refused answers 4xx, which the browser logs as well.
		refused := e.Entry.Source == log.EntrySourceNetwork && strings.Contains(e.Entry.Text, "status of 4")
		if (e.Entry.Level == log.EntryLevelError || e.Entry.Level == log.EntryLevelWarning) && !refused {
			b.wrong = append(b.wrong, fmt.Sprintf("%s: %s", e.Entry.Source, e.Entry.Text))
		}
	case *audits.EventIssueAdded:
		if d := e.Issue.Details; d != nil && d.ContentSecurityPolicyIssueDetails != nil {
			b.wrong = append(b.wrong, "content security policy: "+d.ContentSecurityPolicyIssueDetails.ViolatedDirective+" "+d.ContentSecurityPolicyIssueDetails.BlockedURL)
		}
	}
}

// arrive does what opens a page, waits until it is loaded, and looks at it.
func (b *tab) arrive(what string, do chromedp.Action[chromedp.Void]) *tab {
	b.t.Helper()
	b.mu.Lock()
	b.asked, b.bytes, b.status = nil, 0, 0
	b.mu.Unlock()
	ctx, cancel := context.WithTimeout(b.ctx, stepMax)
	defer cancel()
	if _, err := chromedp.Run(ctx, chromedp.WaitEvent(cdpage.LoadEventFired, nil, do)); err != nil {
		b.t.Fatalf("%s led nowhere from %s: %v", what, b.document, err)
	}
	b.painted()
	b.inspect()
	return b
}

// painted waits until the page is on the screen: nobody clicks before, and the
// browser throws a click away that comes earlier. A tab without script has no
// animation frames to wait for, so it is asked.
func (b *tab) painted() {
	b.t.Helper()
	for until := time.Now().Add(stepMax); !evaluate[bool](b, `JSON.stringify(performance.getEntriesByType("paint").length > 0)`); time.Sleep(time.Millisecond) {
		if time.Now().After(until) {
			b.t.Fatalf("%s was loaded and never painted", b.document)
		}
	}
}

// visit opens an address.
func (b *tab) visit(address string) *tab {
	b.t.Helper()
	if strings.HasPrefix(address, "/") {
		address = b.s.base + address
	}
	return b.arrive(address, call(cdpage.Navigate, cdpage.NavigateParams{URL: address}))
}

func (b *tab) reload() *tab {
	b.t.Helper()
	return b.arrive("reload", call(cdpage.Reload, cdpage.ReloadParams{}))
}

// back presses the browser's Back button.
func (b *tab) back() *tab {
	b.t.Helper()
	return b.arrive("Back", chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		history, err := cdp.Call(ctx, t, cdpage.GetNavigationHistory, cdp.Empty{})
		if err != nil {
			return err
		}
		at := history.CurrentIndex - 1
		if at < 0 {
			return fmt.Errorf("there is no page to go back to")
		}
		_, err = cdp.Call(ctx, t, cdpage.NavigateToHistoryEntry, cdpage.NavigateToHistoryEntryParams{EntryID: history.Entries[at].ID})
		return err
	}))
}

// evaluate asks the page. It works with the page's own scripts switched off.
func evaluate[T any](b *tab, script string) T {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, stepMax)
	defer cancel()
	text, err := chromedp.Run(ctx, chromedp.Evaluate[string](script, chromedp.EvalAwaitPromise))
	if err != nil {
		b.t.Fatalf("%s: %v", b.document, err)
	}
	var result T
	if err := json.Unmarshal([]byte(text), &result); err != nil {
		b.t.Fatalf("%s: %v in %s", b.document, err, text)
	}
	return result
}

// quoted is a text as a script writes it.
func quoted(text string) string {
	out, _ := json.Marshal(text)
	return string(out)
}

// helpers are what every script of the tests stands on: texts with plain
// spaces, and what of the page can be seen.
const helpers = `
const plain = (s) => (s || "").replace(/[\s\u00a0\u202f]+/g, " ").trim();
const shown = (e) => { const b = e.getBoundingClientRect(); return b.width > 1 && b.height > 1 && getComputedStyle(e).visibility !== "hidden"; };
const named = (e) => plain(e.getAttribute("aria-label") || e.innerText || e.textContent);
const pick = (all, wanted) => all.find((e) => named(e) === wanted) || all.find((e) => named(e).startsWith(wanted)) || all.find((e) => named(e).includes(wanted));
`

// place is where on the window something stands.
type place struct {
	Found   bool
	X, Y    float64
	Covered string   // what lies over it
	Others  []string // what else could be pressed
}

// What leads on, and what is only set.
const (
	leading = "a[href], button, summary"
	setting = "label, summary"
)

// find looks for what can be pressed under a name.
func (b *tab) find(kind, name string) place {
	b.t.Helper()
	p := evaluate[place](b, `(() => {`+helpers+`
const all = [...document.querySelectorAll(`+quoted(kind)+`)].filter(shown);
const e = pick(all, `+quoted(name)+`);
if (!e) return JSON.stringify({Found: false, Others: all.map(named)});
e.scrollIntoView({block: "center", inline: "nearest", behavior: "instant"});
const box = e.getClientRects()[0], x = box.x + box.width / 2, y = box.y + box.height / 2;
const top = document.elementFromPoint(x, y);
const free = top && (e.contains(top) || top.contains(e) || (e.control && e.control === top));
return JSON.stringify({Found: true, X: x, Y: y, Covered: free ? "" : (top ? top.outerHTML.slice(0, 90) : "outside the window")});
})()`)
	if !p.Found {
		b.t.Fatalf("%s (%d) has nothing to press named %q, but %q:\n%s", b.document, b.status, name, p.Others, b.text())
	}
	if p.Covered != "" {
		b.t.Errorf("%s: %q is covered by %s", b.document, name, p.Covered)
	}
	return p
}

// press clicks what bears a name and waits for the page it leads to.
func (b *tab) press(name string) *tab {
	b.t.Helper()
	p := b.find(leading, name)
	return b.arrive(name, chromedp.MouseClickXY(p.X, p.Y))
}

// choose clicks what bears a name and leads nowhere: a radio, a box, details.
func (b *tab) choose(name string) *tab {
	b.t.Helper()
	p := b.find(setting, name)
	b.do(chromedp.MouseClickXY(p.X, p.Y))
	return b
}

// fill types into the field with a label, or picks from it.
func (b *tab) fill(label, value string) *tab {
	b.t.Helper()
	kind := evaluate[string](b, `(() => {`+helpers+`
const label = pick([...document.querySelectorAll("label")].filter(shown), `+quoted(label)+`);
if (!label || !label.control) return JSON.stringify("none");
const field = label.control, value = `+quoted(value)+`;
field.scrollIntoView({block: "center", behavior: "instant"});
field.focus();
if (field.tagName === "SELECT") {
  const option = pick([...field.options], value) || [...field.options].find((o) => o.value === value);
  if (!option) return JSON.stringify("no option of " + [...field.options].map(named));
  field.value = option.value;
  return JSON.stringify("done");
}
if (field.type === "date") { field.value = value; return JSON.stringify("done"); }
if (field.select) field.select();
return JSON.stringify("type");
})()`)
	switch kind {
	case "done":
	case "type":
		b.do(call(input.InsertText, input.InsertTextParams{Text: value}))
	default:
		b.t.Fatalf("%s has no field %q (%s):\n%s", b.document, label, kind, b.text())
	}
	return b
}

// value is what stands in the field with a label.
func (b *tab) value(label string) string {
	b.t.Helper()
	return evaluate[string](b, `(() => {`+helpers+`
const label = pick([...document.querySelectorAll("label")], `+quoted(label)+`);
return JSON.stringify(label && label.control ? label.control.value : "(no such field)");
})()`)
}

// text is what a reader sees, with plain spaces.
func (b *tab) text() string {
	b.t.Helper()
	return evaluate[string](b, `JSON.stringify(document.body.innerText.replace(/[\s\u00a0\u202f]+/g, " ").trim())`)
}

func (b *tab) sees(texts ...string) *tab {
	b.t.Helper()
	seen := b.text()
	for _, text := range texts {
		if !strings.Contains(seen, text) {
			b.t.Errorf("%s (%d) does not say %q:\n%s", b.document, b.status, text, seen)
		}
	}
	return b
}

func (b *tab) seesNot(texts ...string) *tab {
	b.t.Helper()
	seen := b.text()
	for _, text := range texts {
		if strings.Contains(seen, text) {
			b.t.Errorf("%s (%d) says %q:\n%s", b.document, b.status, text, seen)
		}
	}
	return b
}

// at says where the tab must be now: a path of the portal, or a host.
func (b *tab) at(want string) *tab {
	b.t.Helper()
	u, err := url.Parse(b.document)
	if err != nil || (u.Path != want && u.Hostname() != want && !(strings.HasPrefix(want, "…") && strings.HasSuffix(u.Path, strings.TrimPrefix(want, "…")))) {
		b.t.Fatalf("the tab is at %s (%d), not at %s:\n%s", b.document, b.status, want, b.text())
	}
	return b
}

// answered says which status the page came with.
func (b *tab) answered(status int64) *tab {
	b.t.Helper()
	if b.status != status {
		b.t.Fatalf("%s came with %d, not %d:\n%s", b.document, b.status, status, b.text())
	}
	return b
}
