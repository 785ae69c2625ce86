package page

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"amiable/portal/locale"
)

// browser opens one headless Chromium for a test. It skips by name where there
// is none, unless AMIABLE_REQUIRE_ALL=1 asks for everything.
func browser(t *testing.T) context.Context {
	t.Helper()
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
		t.Skip("no Chromium on PATH: pages are not checked with axe, nor at 320 px")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox,
		chromedp.DisableGPU, chromedp.Flag("disable-background-networking", true), chromedp.Flag("hide-scrollbars", true),
		chromedp.WSURLReadTimeout(time.Minute))
	allocator, stop := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(stop)
	ctx, cancel := chromedp.NewContext(allocator)
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("starting %s: %v", path, err)
	}
	return ctx
}

// gallerySite serves the gallery as it is served in life: the console's files
// under /static/, debtor pages with their content security policy.
func gallerySite(t *testing.T) (*httptest.Server, []Specimen) {
	t.Helper()
	pages, err := New()
	if err != nil {
		t.Fatal(err)
	}
	specimens := Gallery()
	stylePath, style := ConsoleStyle()
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+stylePath, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/css")
		_, _ = w.Write(style)
	})
	for _, s := range specimens {
		mux.HandleFunc("GET /"+s.File(), func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			w.Header().Set("Content-Security-Policy", "default-src 'none'; img-src data:; style-src 'self' "+DebtorStyleHash())
			_ = pages.Render(w, s.Page)
		})
	}
	site := httptest.NewServer(mux)
	t.Cleanup(site.Close)
	return site, specimens
}

// A look is what the browser says of one page.
type look struct {
	Styled   bool
	Wide     int // how far the page is wider than its window
	Widest   string
	H1       int
	Unnamed  []string // controls without a visible focus
	Findings []struct {
		ID, Help string
		Targets  []string
	}
	Small []string // targets below 24 px, links in running text apart
}

// TestEveryPageIsAccessible runs axe over the whole gallery on a small phone, in
// light and dark, and looks for what axe does not: a page wider than 320 px,
// more or fewer than one h1, a control whose focus cannot be seen.
func TestEveryPageIsAccessible(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: the browser is left out")
	}
	ctx := browser(t)
	site, specimens := gallerySite(t)
	axe, err := os.ReadFile("testdata/axe/axe.min.js")
	if err != nil {
		t.Fatal(err)
	}
	inspect, err := os.ReadFile("testdata/inspect.js")
	if err != nil {
		t.Fatal(err)
	}
	for _, scheme := range []string{"light", "dark"} {
		once := map[string]bool{}
		for _, s := range specimens {
			// Every state in French, by daylight. What dark and English change,
			// they change for the page, hardly for its state.
			if english := s.Page.base().Lang == locale.English; english || scheme == "dark" {
				if key := fmt.Sprint(s.Name, english); once[key] || (english && scheme == "dark") {
					continue
				} else {
					once[key] = true
				}
			}
			run, cancel := context.WithTimeout(ctx, 2*time.Minute)
			err := chromedp.Do(run, chromedp.EmulateViewport(320, 640), prefer(scheme), chromedp.Navigate(site.URL+"/"+s.File()),
				chromedp.Evaluate[chromedp.Void](string(axe)))
			if err != nil {
				t.Fatalf("%s (%s): %v", s.Name, s.In, err)
			}
			// One press of Tab: from here on the browser takes the reader for one who
			// uses the keyboard, and shows the focus.
			if err := chromedp.Do(run, chromedp.KeyEvent("\t")); err != nil {
				t.Fatalf("%s (%s): %v", s.Name, s.In, err)
			}
			result, err := chromedp.Run(run, chromedp.Evaluate[string](string(inspect), chromedp.EvalAwaitPromise))
			cancel()
			if err != nil {
				t.Fatalf("%s (%s): %v", s.Name, s.In, err)
			}
			var seen look
			if err := json.Unmarshal([]byte(result), &seen); err != nil {
				t.Fatal(err)
			}
			name := fmt.Sprintf("%s (%s, %s, %s)", s.Name, s.In, s.Page.base().Lang, scheme)
			if !seen.Styled {
				t.Errorf("%s: the style sheet was not applied", name)
			}
			if seen.Wide > 0 {
				t.Errorf("%s is %d px wider than a 320 px window: %s", name, seen.Wide, seen.Widest)
			}
			if seen.H1 != 1 {
				t.Errorf("%s has %d h1", name, seen.H1)
			}
			for _, control := range seen.Unnamed {
				t.Errorf("%s: the focus of %s cannot be seen", name, control)
			}
			for _, control := range seen.Small {
				t.Errorf("%s: %s is too small to be touched", name, control)
			}
			for _, f := range seen.Findings {
				t.Errorf("%s: axe %s: %s: %s", name, f.ID, f.Help, strings.Join(f.Targets, " | "))
			}
		}
	}
}

// TestPictures writes pictures of chosen pages where AMIABLE_PICTURES says.
func TestPictures(t *testing.T) {
	dir := os.Getenv("AMIABLE_PICTURES")
	if dir == "" {
		t.Skip("AMIABLE_PICTURES names no folder: no pictures are taken")
	}
	ctx := browser(t)
	site, specimens := gallerySite(t)
	wanted := strings.Fields(os.Getenv("AMIABLE_PICTURES_OF"))
	for _, s := range specimens {
		if len(wanted) > 0 && !matches(s.File(), wanted) {
			continue
		}
		width, height := int64(390), int64(844)
		if !strings.HasPrefix(s.Name, "debtor/") && !strings.HasPrefix(s.Name, "site/") {
			width, height = 1280, 800
		}
		if strings.Contains(os.Getenv("AMIABLE_PICTURES_AS"), "narrow") {
			width = 390
		}
		scheme := "light"
		if strings.Contains(os.Getenv("AMIABLE_PICTURES_AS"), "dark") {
			scheme = "dark"
		}
		err := chromedp.Do(ctx, chromedp.EmulateViewport(width, height), prefer(scheme), chromedp.Navigate(site.URL+"/"+s.File()))
		if err != nil {
			t.Fatal(err)
		}
		picture, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, strings.TrimSuffix(s.File(), ".html")+".png"), picture, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func matches(file string, wanted []string) bool {
	for _, w := range wanted {
		if strings.HasPrefix(file, w) {
			return true
		}
	}
	return false
}

// prefer sets the colour scheme the reader's device asks for.
func prefer(scheme string) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}})
		return err
	})
}
