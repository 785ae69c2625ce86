package conformance

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stripe/stripe-go/v76"
	"github.com/stripe/stripe-go/v76/client"
)

// The contract is what we rely on of Stripe, each rule with the calls that show
// it. It is written once and runs against whatever world it is given: our
// sandbox in every test run, Stripe's real test mode when a user offers a key.

// world is one Stripe.
type world struct {
	api  *client.API
	base string
	key  string
	// run is new each time, for objects that must be told from those of others.
	run string
	// account returns a connected account that may be paid.
	account func(t *testing.T) string
	// real is Stripe's own: other people's objects are in it, and its books
	// are written a moment later.
	real bool
}

func newWorld(base, key string, transport http.RoundTripper) *world {
	backend := func(kind stripe.SupportedBackend) stripe.Backend {
		return stripe.GetBackendWithConfig(kind, &stripe.BackendConfig{
			URL:               stripe.String(base),
			HTTPClient:        &http.Client{Transport: transport, Timeout: 30 * time.Second},
			MaxNetworkRetries: stripe.Int64(0),
			LeveledLogger:     &stripe.LeveledLogger{Level: stripe.LevelNull},
			EnableTelemetry:   stripe.Bool(false),
		})
	}
	return &world{
		base: base, key: key, run: fmt.Sprintf("run-%d", rand.Uint64()),
		api: client.New(key, &stripe.Backends{
			API: backend(stripe.APIBackend), Connect: backend(stripe.ConnectBackend), Uploads: backend(stripe.UploadsBackend),
		}),
	}
}

// contract runs every rule against a world.
func contract(t *testing.T, w *world) {
	for _, part := range []struct {
		name  string
		rules func(*testing.T, *world)
	}{
		{"calls", callRules},
		{"customers", customerRules},
		{"payment methods", paymentMethodRules},
		{"payments", paymentRules},
		{"payments without the payer", offSessionRules},
		{"bank transfers", transferredRules},
		{"authorisations", captureRules},
		{"refunds", refundRules},
		{"disputes", disputeRules},
		{"set-ups", setupRules},
		{"checkout", checkoutRules},
		{"catalogue", catalogueRules},
		{"connect", connectRules},
		{"transfers", transferRules},
		{"events", eventRules},
		{"endpoints", endpointRules},
	} {
		t.Run(part.name, func(t *testing.T) { part.rules(t, w) })
	}
}

// TestContractAgainstStripe is the only proof of what Stripe does. It needs a
// test key of the user's own and is no part of `make test`.
func TestContractAgainstStripe(t *testing.T) {
	key := os.Getenv("STRIPE_LIVE_KEY")
	if key == "" {
		t.Skip("STRIPE_LIVE_KEY is not set: the contract is not shown to be Stripe's (see make stripe-live)")
	}
	if !strings.HasPrefix(key, "sk_test_") {
		t.Fatal("STRIPE_LIVE_KEY must be a key of Stripe's test mode, sk_test_…")
	}
	w := newWorld("https://api.stripe.com", key, http.DefaultTransport)
	w.real = true
	w.account = func(t *testing.T) string {
		account := os.Getenv("STRIPE_LIVE_ACCOUNT")
		if account == "" {
			t.Skip("STRIPE_LIVE_ACCOUNT is not set: it names a test-mode connected account with the transfers capability, which only a person can onboard")
		}
		return account
	}
	contract(t, w)
}

// must ends the rule when a call that had to succeed did not.
func must[T any](t *testing.T, value T, err error) T {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	return value
}

// got fails unless a field has the value the rule says.
func got[T comparable](t *testing.T, what string, is, want T) {
	t.Helper()
	if is != want {
		t.Errorf("%s is %v, want %v", what, is, want)
	}
}

// refused returns Stripe's error, which the call had to end with.
func refused(t *testing.T, err error, status int, kind stripe.ErrorType, code stripe.ErrorCode) *stripe.Error {
	t.Helper()
	var refusal *stripe.Error
	if !errors.As(err, &refusal) {
		t.Fatalf("want a refusal with status %d and code %q, got error %v", status, code, err)
	}
	if refusal.HTTPStatusCode != status || refusal.Type != kind || refusal.Code != code {
		t.Errorf("refused with %d %s %q, want %d %s %q (%s)",
			refusal.HTTPStatusCode, refusal.Type, refusal.Code, status, kind, code, refusal.Msg)
	}
	return refusal
}

const (
	badRequest = stripe.ErrorTypeInvalidRequest
	badCard    = stripe.ErrorTypeCard
)

// text and number keep the calls readable.
func text(s string) *string { return &s }
func number(n int64) *int64 { return &n }
func yes() *bool            { return stripe.Bool(true) }
func texts(s ...string) []*string {
	return stripe.StringSlice(s)
}

// pay returns the parameters of a confirmed card payment.
func (w *world) pay(amount int64, method string) *stripe.PaymentIntentParams {
	p := &stripe.PaymentIntentParams{
		Amount: number(amount), Currency: text("eur"), PaymentMethod: text(method),
		PaymentMethodTypes: texts("card"), Confirm: yes(),
	}
	p.AddMetadata("run", w.run)
	return p
}

func (w *world) customer(t *testing.T) *stripe.Customer {
	t.Helper()
	p := &stripe.CustomerParams{Email: text("ada@example.com"), Name: text("Ada Example")}
	p.AddMetadata("run", w.run)
	customer, err := w.api.Customers.New(p)
	return must(t, customer, err)
}

// savedCard returns a customer and a card attached to them.
func (w *world) savedCard(t *testing.T, alias string) (*stripe.Customer, string) {
	t.Helper()
	customer := w.customer(t)
	method, err := w.api.PaymentMethods.Attach(alias, &stripe.PaymentMethodAttachParams{Customer: text(customer.ID)})
	return customer, must(t, method, err).ID
}
