package sandbox_test

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/stripe/stripe-go/v76"
)

// browser opens one headless Chromium for a test. It skips by name where there
// is none, unless AMIABLE_REQUIRE_ALL=1 asks for everything.
func browser(t *testing.T) context.Context {
	t.Helper()
	if testing.Short() {
		t.Skip("-short: the browser is left out")
	}
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"} {
		if found, err := exec.LookPath(name); err == nil {
			path = found
			break
		}
	}
	if path == "" {
		if os.Getenv("AMIABLE_REQUIRE_ALL") == "1" {
			t.Fatal("no Chromium on PATH, and AMIABLE_REQUIRE_ALL=1 wants the pages looked at in one")
		}
		t.Skip("no Chromium on PATH: the sandbox's pages are not checked with axe, nor at 320 px")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("hide-scrollbars", true), chromedp.WSURLReadTimeout(time.Minute))
	allocator, stop := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(stop)
	ctx, cancel := chromedp.NewContext(allocator)
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("starting %s: %v", path, err)
	}
	return ctx
}

// look is what the browser says of one page; portal/page/testdata/inspect.js asks it.
type look struct {
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

func prefer(scheme string) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
			{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"}}})
		return err
	})
}

// Every page in a window of 320 px, those with other colours in the dark too: it fits, axe finds nothing,
// the focus is seen, and what is to be touched is large enough.
func TestPagesAreWholeInABrowser(t *testing.T) {
	ctx := browser(t)
	w := newShop(t)
	script := func(name string) string {
		body, err := os.ReadFile("../../../portal/page/testdata/" + name)
		if err != nil {
			t.Fatal(err)
		}
		return string(body)
	}
	axe, inspect := script("axe/axe.min.js"), script("inspect.js")

	french := w.checkout(func(p *stripe.CheckoutSessionParams) {
		p.Locale, p.CustomerEmail = stripe.String("fr"), nil
		p.PaymentMethodTypes = stripe.StringSlice([]string{"card", "sepa_debit"})
	})
	declined, waiting, done, closed := w.checkout(), w.checkout(), w.checkout(), w.checkout()
	visit(t, declined.URL).click("4000 0000 0000 9995").press("Pay €84.00")
	proof := visit(t, waiting.URL).click("4000 0027 6000 3184").press("Pay €84.00").To
	visit(t, done.URL).press("Apple Pay")
	must[*stripe.CheckoutSession](w.world)(w.api.CheckoutSessions.Expire(closed.ID, nil))
	_, link := w.newcomer()
	creditor := w.creditor()
	w.ok("POST", "/_sandbox/faults", `{"kind":"drop_after","path":"/v1/payment_intents/*/confirm","nth":2}`)
	w.ok("POST", "/_sandbox/cards", `{"card":"4242424242424242","outcomes":["lost_card"]}`)

	pages := []struct{ name, address, press string }{
		{"checkout", french.URL, ""},
		{"checkout with a card chosen", french.URL + "?card=378282246310005", ""},
		{"checkout with things to correct", french.URL, "#form button"},
		{"checkout after a decline", declined.URL, ""},
		{"checkout that waits for a proof", waiting.URL, ""},
		{"proof", proof, ""},
		{"done", done.URL, ""},
		{"closed", closed.URL, ""},
		{"onboarding", link.URL, ""},
		{"onboarding with things to correct", "", "button[value=complete]"},
		{"balance", w.url + "/express/" + creditor.ID, ""},
		{"nothing", w.url + "/nothing", ""},
		{"controls", w.url + "/_sandbox", ""},
	}
	// Between them these use every colour.
	inDark := map[string]bool{"checkout with a card chosen": true, "checkout with things to correct": true, "checkout that waits for a proof": true, "controls": true}
	for _, scheme := range []string{"light", "dark"} {
		for _, p := range pages {
			if scheme == "dark" && !inDark[p.name] {
				continue
			}
			name, address := p.name+", "+scheme, p.address
			run, cancel := context.WithTimeout(ctx, time.Minute)
			actions := []chromedp.Action[chromedp.Void]{chromedp.EmulateViewport(320, 640), prefer(scheme)}
			if address != "" {
				actions = append(actions, chromedp.Navigate(address))
			}
			if p.press != "" {
				press := chromedp.Evaluate[chromedp.Void](`document.querySelector("` + p.press + `").click(); void 0`)
				actions = append(actions, chromedp.Func(func(ctx context.Context, t *chromedp.Target) (err error) {
					_, err = chromedp.Run(ctx, chromedp.WaitEvent(page.LoadEventFired, nil, press))
					return err
				}))
			}
			actions = append(actions, chromedp.Evaluate[chromedp.Void](axe+";void 0"), chromedp.KeyEvent("\t"))
			for _, action := range actions {
				if err := chromedp.Do(run, action); err != nil {
					t.Fatalf("%s: %v", name, err)
				}
			}
			result, err := chromedp.Run(run, chromedp.Evaluate[string](inspect, chromedp.EvalAwaitPromise))
			cancel()
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			var seen look
			if err := json.Unmarshal([]byte(result), &seen); err != nil {
				t.Fatal(err)
			}
			if !seen.Styled || seen.H1 != 1 || seen.Wide > 0 {
				t.Errorf("%s: styled %v, %d h1, %d px too wide: %s", name, seen.Styled, seen.H1, seen.Wide, seen.Widest)
			}
			for _, control := range append(seen.Unnamed, seen.Small...) {
				t.Errorf("%s: no focus seen, or too small: %s", name, control)
			}
			for _, f := range seen.Findings {
				t.Errorf("%s: axe %s: %s: %s", name, f.ID, f.Help, strings.Join(f.Targets, " | "))
			}
		}
	}
}
