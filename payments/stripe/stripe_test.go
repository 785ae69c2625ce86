package stripe

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"amiable/negotiation"
	"amiable/negotiation/money"
	"amiable/payments"
	"amiable/payments/stripe/sandbox"
)

const testKey = "sk_test_adapter"

// TestWhereAKeyMayGo: a live key is only ever sent to Stripe, and another Stripe
// has to be asked for.
func TestWhereAKeyMayGo(t *testing.T) {
	for _, test := range []struct {
		name    string
		config  Config
		refused string // part of the reason; empty when it is taken
		live    bool
	}{
		{"test key to Stripe", Config{Key: "sk_test_1"}, "", false},
		{"live key to Stripe", Config{Key: "sk_live_1"}, "", true},
		{"restricted live key to Stripe", Config{Key: "rk_live_1"}, "", true},
		{"live key, Stripe spelt out", Config{Key: "sk_live_1", BaseURL: "https://api.stripe.com/"}, "", true},
		{"test key to the sandbox", Config{Key: "sk_test_1", BaseURL: "http://localhost:1", OwnSandbox: true}, "", false},
		{"live key to the sandbox", Config{Key: "sk_live_1", BaseURL: "http://localhost:1", OwnSandbox: true}, "only ever sent to Stripe", false},
		{"restricted live key to the sandbox", Config{Key: "rk_live_1", BaseURL: "http://localhost:1", OwnSandbox: true}, "only ever sent to Stripe", false},
		{"sandbox without its flag", Config{Key: "sk_test_1", BaseURL: "http://localhost:1"}, "needs the flag", false},
		{"a look-alike of Stripe", Config{Key: "sk_live_1", BaseURL: "https://api.stripe.com.example"}, "only ever sent to Stripe", false},
		{"no URL", Config{Key: "sk_test_1", BaseURL: "localhost", OwnSandbox: true}, "is no URL", false},
		{"publishable key", Config{Key: "pk_test_1"}, "must begin with", false},
		{"no key", Config{}, "must begin with", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			g, err := New(test.config)
			switch {
			case test.refused == "" && err != nil:
				t.Fatal(err)
			case test.refused == "":
				if g.Live() != test.live {
					t.Errorf("live is %v", g.Live())
				}
			case err == nil || !strings.Contains(err.Error(), test.refused):
				t.Errorf("want a refusal with %q, got %v", test.refused, err)
			case strings.Contains(err.Error(), test.config.Key) && test.config.Key != "":
				t.Errorf("the reason tells the key: %v", err)
			}
		})
	}
}

// world is an adapter and the sandbox that it talks to.
type world struct {
	*Gateway
	box     *sandbox.Sandbox
	account string
}

func newWorld(t *testing.T) *world {
	t.Helper()
	box := sandbox.New(sandbox.Options{})
	server := httptest.NewServer(box)
	t.Cleanup(server.Close)
	box.SetPublicURL(server.URL)
	g, err := New(Config{Key: testKey, BaseURL: server.URL, OwnSandbox: true})
	if err != nil {
		t.Fatal(err)
	}
	account, err := g.OpenAccount(context.Background(), "account:c1", &negotiation.Creditor{ID: "c1", Name: "Verne & Fils", Country: "FR"})
	if err != nil {
		t.Fatal(err)
	}
	if account.ChargesEnabled || len(account.Requirements) == 0 {
		t.Errorf("an account that was just opened: %+v", account)
	}
	if err := box.CompleteOnboarding(account.AccountID); err != nil {
		t.Fatal(err)
	}
	return &world{g, box, account.AccountID}
}

func (w *world) checkout(key string) payments.Checkout {
	return payments.Checkout{
		Key: key, PaymentID: key, CaseID: "case-1", Reference: "K7QM-2XWP", Creditor: "Verne & Fils", Email: "ada@example.com", Language: "fr",
		Lines: []payments.Line{{Name: "F-2025-017", Amount: money.Euros(8400)}}, Fee: money.Euros(1000), Account: w.account,
		ExpiresAt: w.box.Now().Add(time.Hour), SuccessURL: "https://amiable.example/ok", CancelURL: "https://amiable.example/no",
	}
}

func (w *world) open(t *testing.T, key string) payments.Session {
	t.Helper()
	session, err := w.StartCheckout(context.Background(), w.checkout(key))
	if err != nil {
		t.Fatal(err)
	}
	return session
}

func (w *world) fact(t *testing.T, session string) payments.Fact {
	t.Helper()
	fact, err := w.FetchCheckout(context.Background(), session)
	if err != nil {
		t.Fatal(err)
	}
	return fact
}

func TestACheckoutIsPaid(t *testing.T) {
	w := newWorld(t)
	session := w.open(t, "p1")
	if again := w.open(t, "p1"); again != session {
		t.Errorf("the same key opened another page: %+v, %+v", session, again)
	}
	if f := w.fact(t, session.ID); f.Progress != payments.InProgress || f.PaymentID != "p1" {
		t.Errorf("before paying: %+v", f)
	}
	if r, err := w.box.CompleteCheckout(session.ID, sandbox.Card{Number: "4000000000000002"}); err != nil || r.State != sandbox.CheckoutDeclined {
		t.Fatalf("%+v, %v", r, err)
	}
	if f := w.fact(t, session.ID); f.Progress != payments.InProgress {
		t.Errorf("after a declined try the page is still open: %+v", f)
	}
	if r, err := w.box.CompleteCheckout(session.ID, sandbox.Card{Number: "4242424242424242"}); err != nil || r.State != sandbox.CheckoutComplete {
		t.Fatalf("%+v, %v", r, err)
	}
	f := w.fact(t, session.ID)
	want := payments.Fact{
		PaymentID: "p1", CaseID: "case-1", SessionID: session.ID, IntentID: f.IntentID, ChargeID: f.ChargeID,
		Progress: payments.Collected, Over: true, Amount: money.Euros(8400), At: w.box.Now(), Means: "card visa 4242",
	}
	if f != want || f.IntentID == "" || f.ChargeID == "" {
		t.Errorf("after paying: %+v, want %+v", f, want)
	}
	if err := w.ExpireCheckout(context.Background(), session.ID); !errors.Is(err, payments.ErrCompleted) {
		t.Errorf("closing it now: %v", err)
	}
}

func TestACheckoutIsClosed(t *testing.T) {
	w := newWorld(t)
	session := w.open(t, "p1")
	for range 2 {
		if err := w.ExpireCheckout(context.Background(), session.ID); err != nil {
			t.Fatal(err)
		}
	}
	if f := w.fact(t, session.ID); f.Progress != payments.Expired {
		t.Errorf("after closing: %+v", f)
	}
	if err := w.ExpireCheckout(context.Background(), "cs_test_nobody"); err == nil || errors.Is(err, payments.ErrCompleted) {
		t.Errorf("closing what never was: %v", err)
	}
}

// TestADebitFailsLater: a debit that came back leaves its session complete and
// unpaid. Asked about it without any notification, we must learn that it failed.
func TestADebitFailsLater(t *testing.T) {
	for _, test := range []struct {
		intent string
		want   payments.Progress
	}{
		{`{"id":"pi_1","object":"payment_intent","status":"processing","latest_charge":null}`, payments.Submitted},
		{`{"id":"pi_1","object":"payment_intent","status":"requires_payment_method","last_payment_error":{"type":"card_error","code":"charge_exceeds_source_limit"}}`, payments.Failed},
		{`{"id":"pi_1","object":"payment_intent","status":"succeeded","amount_received":8400,"currency":"eur","latest_charge":{"id":"ch_1","object":"charge","created":1}}`, payments.Collected}, // the session is behind
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.WriteString(w, `{"id":"cs_1","object":"checkout.session","status":"complete","payment_status":"unpaid","payment_intent":`+test.intent+`}`)
		}))
		g, err := New(Config{Key: testKey, BaseURL: server.URL, OwnSandbox: true})
		if err != nil {
			t.Fatal(err)
		}
		f, err := g.FetchCheckout(context.Background(), "cs_1")
		server.Close()
		if err != nil || f.Progress != test.want || (test.want == payments.Failed) != (f.Failure != "") {
			t.Errorf("%s: %+v, %v, want %s", test.intent, f, err, test.want)
		}
	}
}

// TestWhatAnErrorMeans: only what may be over by itself is "does not answer",
// and no error repeats what was sent.
func TestWhatAnErrorMeans(t *testing.T) {
	for _, test := range []struct {
		name        string
		status      int
		body        string
		unavailable bool
	}{
		{"a fault of theirs", 500, `{"error":{"type":"api_error","message":"x"}}`, true},
		{"out of service", 503, `{"error":{"type":"api_error","message":"x"}}`, true},
		{"too fast", 429, `{"error":{"type":"invalid_request_error","code":"rate_limit","message":"x"}}`, true},
		{"the key is in use", 409, `{"error":{"type":"idempotency_error","code":"idempotency_key_in_use","message":"x"}}`, true},
		{"HTML from something between", 200, `<html>welcome</html>`, true},
		{"cut off", 200, `{"id":"cs_test_1","obj`, true},
		{"a wrong parameter", 400, `{"error":{"type":"invalid_request_error","code":"parameter_invalid_integer","param":"amount","message":"ada@example.com is no amount"}}`, false},
		{"a wrong key", 401, `{"error":{"type":"invalid_request_error","message":"Invalid API Key provided: sk_test_adapter"}}`, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Stripe-Should-Retry", "false")
				w.WriteHeader(test.status)
				_, _ = io.WriteString(w, test.body)
			}))
			defer server.Close()
			g, err := New(Config{Key: testKey, BaseURL: server.URL, OwnSandbox: true})
			if err != nil {
				t.Fatal(err)
			}
			_, err = g.FetchAccount(context.Background(), "acct_1")
			if err == nil || errors.Is(err, payments.ErrUnavailable) != test.unavailable {
				t.Errorf("%v: unavailable should be %v", err, test.unavailable)
			}
			if err != nil && (strings.Contains(err.Error(), "ada@example.com") || strings.Contains(err.Error(), testKey)) {
				t.Errorf("the error repeats what was sent: %v", err)
			}
		})
	}
	t.Run("nobody there", func(t *testing.T) {
		g, err := New(Config{Key: testKey, BaseURL: "http://127.0.0.1:1", OwnSandbox: true})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(context.Background(), 200*time.Millisecond)
		defer cancel()
		if _, err := g.FetchAccount(ctx, "acct_1"); !errors.Is(err, payments.ErrUnavailable) {
			t.Error(err)
		}
	})
}
