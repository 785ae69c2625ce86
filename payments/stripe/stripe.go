// Package stripe is the adapter to Stripe: the only package that knows its
// words. It speaks API version 2023-10-16 through stripe-go v76 and translates
// both ways; it decides nothing and keeps nothing.
package stripe

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/stripe/stripe-go/v76"

	"amiable/payments"
)

// APIVersion is the one version that this adapter speaks. Webhook endpoints
// must be created with it: stripe-go refuses events of any other.
const APIVersion = "2023-10-16"

// host is where Stripe's API lives.
const host = "https://api.stripe.com"

// Config says how to reach Stripe.
type Config struct {
	Key            string
	WebhookSecrets []string // the first is current; the others are being rotated out
	BaseURL        string   // empty: Stripe itself
	// OwnSandbox allows another base URL, with a test key only.
	OwnSandbox bool
	// Transport carries the calls; nil: the net, and a call that failed on it is
	// made again at once, twice. With another nothing is: its failures are meant.
	Transport http.RoundTripper
}

// Gateway implements payments.Gateway.
type Gateway struct {
	api     resources
	secrets []string
	live    bool
	now     func() time.Time
}

var _ payments.Gateway = (*Gateway)(nil)

// New checks the configuration and returns the adapter. A base URL other than
// Stripe's is refused, save with a test key and the flag that asks for it.
func New(c Config) (*Gateway, error) {
	if stripe.APIVersion != APIVersion {
		return nil, fmt.Errorf("stripe-go speaks API version %s, this adapter %s", stripe.APIVersion, APIVersion)
	}
	live := strings.HasPrefix(c.Key, "sk_live_") || strings.HasPrefix(c.Key, "rk_live_")
	test := strings.HasPrefix(c.Key, "sk_test_") || strings.HasPrefix(c.Key, "rk_test_")
	if !live && !test {
		return nil, errors.New("the Stripe key must begin with sk_test_ or sk_live_ (or rk_…)")
	}
	base := strings.TrimSuffix(c.BaseURL, "/")
	if base == "" {
		base = host
	}
	if base != host {
		switch {
		case live:
			return nil, errors.New("a live Stripe key is only ever sent to Stripe: remove the base URL")
		case !c.OwnSandbox:
			return nil, errors.New("another base URL than Stripe's needs the flag --stripe-sandbox")
		}
		if u, err := url.Parse(base); err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
			return nil, fmt.Errorf("the Stripe base URL %q is no URL", base)
		}
	}
	retries := int64(2)
	if c.Transport != nil {
		retries = 0
	}
	backend := stripe.GetBackendWithConfig(stripe.APIBackend, &stripe.BackendConfig{
		URL: stripe.String(base), HTTPClient: &http.Client{Timeout: 20 * time.Second, Transport: c.Transport}, MaxNetworkRetries: &retries,
		LeveledLogger: &stripe.LeveledLogger{Level: stripe.LevelNull}, EnableTelemetry: stripe.Bool(false),
	})
	return &Gateway{api: newResources(backend, c.Key), secrets: c.WebhookSecrets, live: live, now: time.Now}, nil
}

// Live says whether real money moves.
func (g *Gateway) Live() bool { return g.live }

// CheckEndpoints says what is wrong with the webhook endpoints of the account,
// one sentence each; doctor prints them.
func (g *Gateway) CheckEndpoints(ctx context.Context, portalURL string) ([]string, error) {
	var problems []string
	found := false
	params := &stripe.WebhookEndpointListParams{}
	params.Context = ctx
	list := g.api.WebhookEndpoints.List(params)
	for list.Next() {
		e := list.WebhookEndpoint()
		if !strings.HasPrefix(e.URL, portalURL) {
			continue
		}
		found = true
		if e.APIVersion != APIVersion {
			problems = append(problems, fmt.Sprintf("webhook endpoint %s is of API version %q: create it anew with api_version=%s", e.ID, e.APIVersion, APIVersion))
		}
		if e.Status != "enabled" {
			problems = append(problems, fmt.Sprintf("webhook endpoint %s is %s", e.ID, e.Status))
		}
	}
	if err := list.Err(); err != nil {
		return nil, translate(err)
	}
	if !found {
		problems = append(problems, "no webhook endpoint points to "+portalURL)
	}
	return problems, nil
}

// translate gives Stripe's errors our names.
func translate(err error) error {
	var failure *stripe.Error
	if !errors.As(err, &failure) {
		return fmt.Errorf("%w: %w", payments.ErrUnavailable, err)
	}
	if failure.HTTPStatusCode == http.StatusTooManyRequests {
		return fmt.Errorf("%w: %s %s, request %s", payments.ErrTooFast, failure.Type, failure.Code, failure.RequestID)
	}
	if failure.HTTPStatusCode >= 500 || failure.HTTPStatusCode == http.StatusConflict {
		return fmt.Errorf("%w: HTTP %d, %s %s, request %s", payments.ErrUnavailable, failure.HTTPStatusCode, failure.Type, failure.Code, failure.RequestID)
	}
	// A key that came with other words before may have opened something then.
	if status := failure.HTTPStatusCode; (status == 400 || status == 402 || status == 404) && failure.Type != stripe.ErrorTypeIdempotency {
		return fmt.Errorf("%w: HTTP %d, %s %s %s, request %s", payments.ErrRefused, status, failure.Type, failure.Code, failure.Param, failure.RequestID)
	}
	// The message may repeat what was sent; the code and the request say
	// enough to look it up.
	return fmt.Errorf("stripe: HTTP %d, %s %s %s, request %s", failure.HTTPStatusCode, failure.Type, failure.Code, failure.Param, failure.RequestID)
}
