package conformance

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stripe/stripe-go/v76/webhook"
)

// deliveryDeadline is how long a named event may take to arrive after the
// command line has played its scenario.
const deliveryDeadline = 5 * time.Second

// delivery is one event as it came in at our endpoint.
type delivery struct {
	ID, Type string
	Problem  error // why stripe-go would not have it
	Body     []byte
	Proof    proof
}

// mailbox is a webhook endpoint that keeps what it is sent.
type mailbox struct {
	*httptest.Server
	mu      sync.Mutex
	secrets map[string]string // by path
	got     []delivery
	arrived chan struct{}
}

func openMailbox(t testing.TB) *mailbox {
	m := &mailbox{secrets: map[string]string{}, arrived: make(chan struct{}, 1)}
	m.Server = httptest.NewServer(http.HandlerFunc(m.receive))
	t.Cleanup(m.Close)
	return m
}

func (m *mailbox) receive(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	event, err := webhook.ConstructEvent(body, r.Header.Get("Stripe-Signature"), m.secrets[r.URL.Path])
	d := delivery{ID: event.ID, Type: string(event.Type), Problem: err, Body: body,
		Proof: proof{string(body), r.Header.Get("Stripe-Signature"), m.secrets[r.URL.Path]}}
	if err != nil {
		var envelope struct{ ID, Type string }
		_ = json.Unmarshal(body, &envelope) // the problem is already known
		d.ID, d.Type = envelope.ID, envelope.Type
	}
	m.got = append(m.got, d)
	select {
	case m.arrived <- struct{}{}:
	default:
	}
}

// await returns the first delivery that fits, or nil when the time is up.
func (m *mailbox) await(limit time.Duration, fits func(delivery) bool) *delivery {
	deadline := time.NewTimer(limit)
	defer deadline.Stop()
	for {
		m.mu.Lock()
		for _, d := range m.got {
			if fits(d) {
				m.mu.Unlock()
				return &d
			}
		}
		m.mu.Unlock()
		select {
		case <-m.arrived:
		case <-deadline.C:
			return nil
		}
	}
}

func (m *mailbox) deliveries() []delivery {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]delivery(nil), m.got...)
}

// proofs returns what was delivered as the second client verifies it.
func (m *mailbox) proofs() []proof {
	proofs := []proof{}
	for _, d := range m.deliveries() {
		proofs = append(proofs, d.Proof)
	}
	return proofs
}

// allSecrets returns the secrets of both endpoints.
func (m *mailbox) allSecrets() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Collect(maps.Values(m.secrets))
}

// subscribe registers the mailbox for every event of the platform and of its
// connected accounts.
func (m *mailbox) subscribe(base, key string) error {
	for path, connect := range map[string]string{"/platform": "false", "/connected": "true"} {
		form := url.Values{
			"url": {m.URL + path}, "enabled_events[]": {"*"}, "api_version": {APIVersion}, "connect": {connect},
		}
		var endpoint struct{ Secret string }
		if err := rawCall(base, key, "POST", "/v1/webhook_endpoints", form, &endpoint); err != nil {
			return err
		}
		if endpoint.Secret == "" {
			return fmt.Errorf("a new endpoint came without its secret")
		}
		m.mu.Lock()
		m.secrets[path] = endpoint.Secret
		m.mu.Unlock()
	}
	return nil
}

// trigger is judge O6: it has the official command line play Stripe's own
// scenario for an event against base, and says what was wrong with the outcome.
func trigger(cli, base, key, event string, m *mailbox, home string, more ...string) error {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	command := exec.CommandContext(ctx, cli, append([]string{"trigger", event, "--api-base", base, "--api-key", key}, more...)...)
	command.Env = append(os.Environ(), "HOME="+home, "XDG_CONFIG_HOME="+home, "STRIPE_CLI_TELEMETRY_OPTOUT=1")
	var output bytes.Buffer
	command.Stdout, command.Stderr = &output, &output
	before := map[string]bool{}
	for _, d := range m.deliveries() {
		before[d.ID] = true
	}
	if err := command.Run(); err != nil {
		return fmt.Errorf("the scenario does not run through: %w\n%s", err, output.Bytes())
	}
	d := m.await(deliveryDeadline, func(d delivery) bool { return d.Type == event && !before[d.ID] })
	if d == nil {
		var types []string
		for _, got := range m.deliveries() {
			if !before[got.ID] {
				types = append(types, got.Type)
			}
		}
		return fmt.Errorf("%s did not arrive within %s; came: %v\n%s", event, deliveryDeadline, types, output.Bytes())
	}
	if d.Problem != nil {
		return fmt.Errorf("%s arrived and stripe-go refuses it: %w", event, d.Problem)
	}
	var list struct{ Data []struct{ ID string } }
	if err := rawCall(base, key, "GET", "/v1/events", url.Values{"type": {event}}, &list); err != nil {
		return err
	}
	for _, row := range list.Data {
		if row.ID == d.ID {
			return nil
		}
	}
	return fmt.Errorf("%s arrived as %s and is not listed under /v1/events?type=%s", event, d.ID, event)
}

// TestTriggerJudge shows that O6 is red when a Stripe does not do its part.
func TestTriggerJudge(t *testing.T) {
	cli := stripeCommand(t)
	tests := []struct {
		rule      string
		complaint string // empty when the judge should be content
		stripe    halfStripe
	}{
		{"all as it should be", "", halfStripe{}},
		{"a call of the scenario is refused", "does not run through", halfStripe{refuses: true}},
		{"no event", "did not arrive", halfStripe{silent: true}},
		{"another event", "did not arrive", halfStripe{sends: "customer.updated"}},
		{"signed with another secret", "refuses it", halfStripe{signs: "whsec_other"}},
		{"of another API version", "refuses it", halfStripe{version: "2024-04-10"}},
		{"not listed", "not listed", halfStripe{forgets: true}},
	}
	for _, test := range tests {
		t.Run(test.rule, func(t *testing.T) {
			t.Parallel()
			m := openMailbox(t)
			server := httptest.NewServer(&test.stripe)
			defer server.Close()
			if err := m.subscribe(server.URL, "sk_test_0123456789"); err != nil {
				t.Fatal(err)
			}
			err := trigger(cli, server.URL, "sk_test_0123456789", "customer.created", m, t.TempDir())
			switch {
			case test.complaint == "" && err != nil:
				t.Error(err)
			case test.complaint != "" && err == nil:
				t.Error("the judge did not complain")
			case err != nil && !strings.Contains(err.Error(), test.complaint):
				t.Errorf("the judge complained of something else: %v", err)
			}
		})
	}
}

// halfStripe knows one scenario, customer.created, and one way to spoil it.
type halfStripe struct {
	refuses, silent, forgets bool
	sends, signs, version    string
	endpoint                 string
}

func (h *halfStripe) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	const secret = "whsec_half"
	switch r.Method + " " + r.URL.Path {
	case "POST /v1/webhook_endpoints":
		if r.FormValue("connect") == "false" {
			h.endpoint = r.FormValue("url")
		}
		_, _ = io.WriteString(w, `{"secret":"`+secret+`"}`)
	case "POST /v1/customers":
		if h.refuses {
			w.WriteHeader(http.StatusBadRequest)
			_, _ = io.WriteString(w, `{"error":{"type":"invalid_request_error","message":"no"}}`)
			return
		}
		_, _ = io.WriteString(w, `{"id":"cus_1","object":"customer"}`)
		if h.silent {
			return
		}
		event := map[string]any{"id": "evt_1", "object": "event", "type": either(h.sends, "customer.created"), "api_version": either(h.version, APIVersion)}
		payload, err := json.Marshal(event)
		if err != nil {
			return
		}
		signed := webhook.GenerateTestSignedPayload(&webhook.UnsignedPayload{Payload: payload, Secret: either(h.signs, secret)})
		request, err := http.NewRequest("POST", h.endpoint, bytes.NewReader(payload))
		if err != nil {
			return
		}
		request.Header.Set("Stripe-Signature", signed.Header)
		if response, err := http.DefaultClient.Do(request); err == nil {
			response.Body.Close()
		}
	case "GET /v1/events":
		if h.forgets {
			_, _ = io.WriteString(w, `{"object":"list","data":[]}`)
			return
		}
		_, _ = io.WriteString(w, `{"object":"list","data":[{"id":"evt_1"}]}`)
	default:
		http.NotFound(w, r)
	}
}

func either(a, b string) string {
	if a != "" {
		return a
	}
	return b
}
