package sandbox_test

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"amiable/payments/stripe/sandbox"
)

func record(h http.Handler, r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// Pages never crash, whatever is typed: they answer with a page or send on, the
// books hold, and what is not a listed card takes nothing.
func TestPagesStandWhateverIsTyped(t *testing.T) {
	w := newShop(t)
	handler := w.box.Handler()
	fields := []string{"method", "number", "expiry", "cvc", "name", "email", "iban", "wallet", "answer", "link", "do",
		"business_type", "business_profile.mcc", "business_profile.url", "external_account", "tos_acceptance", "individual.verification.document"}
	telling := rapid.SampledFrom([]string{"", "card", "sepa_debit", "4242424242424242", "4000002760003184", "4000000000000002", "378282246310005", "12/34", "01/20", "123", "1234",
		"AT611904300234573201", "apple_pay", "approve", "fail", "abandon", "complete", "leave", "restrict", "company", "7399", "https://example.com", "yes",
		"FR1420041010050500013M02606", "ada@example.com", "\x00", "<script>alert(1)</script>", strings.Repeat("9", 5000), "\xff\xfe", "{{.}}", "%s"})
	value := rapid.OneOf(telling, rapid.String())
	rapid.Check(t, func(t *rapid.T) {
		session := w.checkout()
		account, link := w.newcomer()
		intent := w.asking("")
		paths := []string{"/c/pay/" + session.ID, "/3ds/" + intent.ID, strings.TrimPrefix(link.URL, w.url), "/onboarding/" + account.ID}
		for range rapid.IntRange(1, 6).Draw(t, "steps") {
			path := rapid.SampledFrom(paths).Draw(t, "path")
			form := url.Values{}
			for range rapid.IntRange(0, 8).Draw(t, "fields") {
				form.Add(rapid.SampledFrom(fields).Draw(t, "field"), value.Draw(t, "value"))
			}
			body := form.Encode()
			if rapid.IntRange(0, 9).Draw(t, "broken") == 0 {
				body = rapid.String().Draw(t, "body")
			}
			method := rapid.SampledFrom([]string{"GET", "POST", "HEAD"}).Draw(t, "method")
			request, err := http.NewRequest(method, w.url+path, strings.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			request.Header.Set("Accept-Language", rapid.SampledFrom([]string{"fr", "en", "", ";;;", "x-\x01"}).Draw(t, "language"))
			got := record(handler, request)
			if got.Code >= 500 || got.Code == 0 {
				t.Fatalf("%s %s %q: %d %s", method, path, body, got.Code, got.Body)
			}
			if strings.Contains(got.Body.String(), "<script>") {
				t.Fatalf("%s: what was typed came back as markup", path)
			}
		}
		if broken := w.box.Invariants(); len(broken) > 0 {
			t.Fatalf("invariants: %v", broken)
		}
	})
}

// The controls refuse what they do not understand, and never fail.
func TestControlsStandWhateverIsSent(t *testing.T) {
	box := sandbox.New(sandbox.Options{Seed: 1})
	handler := box.HandlerWith(sandbox.Anyone)
	paths := []string{"/_sandbox/clock", "/_sandbox/settle", "/_sandbox/cards", "/_sandbox/webhooks", "/_sandbox/events/redeliver", "/_sandbox/faults",
		"/_sandbox/faults/clear", "/_sandbox/checkout/cs_1/pay", "/_sandbox/3ds/pi_1", "/_sandbox/accounts/acct_1", "/_sandbox/events", "/_sandbox/reset"}
	names := rapid.SampledFrom([]string{"advance", "now", "card", "outcomes", "paused", "kind", "nth", "probability", "delay", "status", "metadata", "metadata[a]", "limit", "state", "answer"})
	value := rapid.OneOf(rapid.SampledFrom([]string{"1d", "ok", "true", "hang", "status", "503", "-1", "1e309", "NaN", "9223372036854775808", "4242424242424242", "2026-01-05T09:00:01Z"}), rapid.String())
	rapid.Check(t, func(t *rapid.T) {
		form := url.Values{}
		for range rapid.IntRange(0, 5).Draw(t, "fields") {
			form.Add(names.Draw(t, "name"), value.Draw(t, "value"))
		}
		body, kind := form.Encode(), "application/x-www-form-urlencoded"
		if rapid.Bool().Draw(t, "json") {
			body, kind = rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"{}", "null", `{"now":null}`, `{"metadata":{"a":[]}}`, `{"kind":["hang","hang"]}`, `{"paused":true} x`})).Draw(t, "body"), "application/json"
		}
		request, err := http.NewRequest(rapid.SampledFrom([]string{"GET", "POST", "DELETE"}).Draw(t, "method"), "http://localhost"+rapid.SampledFrom(paths).Draw(t, "path"), strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Content-Type", kind)
		request.Header.Set("Accept", rapid.SampledFrom([]string{"text/html", "application/json"}).Draw(t, "accept"))
		if got := record(handler, request); got.Code >= 500 {
			t.Fatalf("%s %s %q: %d %s", request.Method, request.URL, body, got.Code, got.Body)
		}
	})
}

func TestServeAnswersUntilItIsAskedToStop(t *testing.T) {
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	box := sandbox.New(sandbox.Options{Seed: 1})
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- sandbox.Serve(ctx, listener, box) }()
	address := "http://" + listener.Addr().String()
	response, err := http.Get(address + "/_sandbox/invariants")
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode != http.StatusOK || box.PublicURL() != address {
		t.Errorf("status %d, pages at %q", response.StatusCode, box.PublicURL())
	}
	stop()
	select {
	case err := <-ended:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("it did not stop")
	}
	if _, err := http.Get(address + "/_sandbox/invariants"); err == nil {
		t.Error("it still answers")
	}
}

// The pages' policy lets exactly their own style through.
func TestThePolicyMatchesTheStyle(t *testing.T) {
	w := newShop(t)
	request, err := http.NewRequest(http.MethodGet, w.checkout().URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	got := record(w.box.Handler(), request)
	policy := got.Header().Get("Content-Security-Policy")
	_, rest, _ := strings.Cut(got.Body.String(), "<style>")
	style, _, _ := strings.Cut(rest, "</style>")
	if hash := sha(style); !strings.Contains(policy, "style-src '"+hash+"'") || strings.Contains(policy, "unsafe") || strings.Contains(policy, "form-action") {
		t.Errorf("policy %q, style %s", policy, hash)
	}
	if got := got.Header().Get("Referrer-Policy"); got != "same-origin" {
		t.Errorf("referrer policy %q", got)
	}
}

func sha(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}
