package conformance

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stripe/stripe-go/v76/webhook"
)

//go:embed tools/second_client.mjs
var secondClientScript []byte

const secondClientDeadline = time.Minute

// proof is a delivery as stripe-node needs it to verify a signature.
type proof struct {
	Body      string `json:"body"`
	Signature string `json:"signature"`
	Secret    string `json:"secret"`
}

// secondClient is judge O7. version is the API version stripe-node asks for;
// empty leaves it the one it was built for.
func secondClient(t testing.TB, base, key, version string, deliveries []proof) error {
	t.Helper()
	node, folder := nodeWithStripe(t)
	input, err := json.Marshal(map[string]any{"base": base, "key": key, "version": version, "deliveries": deliveries})
	if err != nil {
		return err
	}
	script := filepath.Join(t.TempDir(), "second_client.mjs")
	if err := os.WriteFile(script, secondClientScript, 0o644); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), secondClientDeadline)
	defer cancel()
	command := exec.CommandContext(ctx, node, script, folder)
	command.Stdin = bytes.NewReader(input)
	if out, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("stripe-node: %w\n%s", err, out)
	}
	return nil
}

// TestSecondClientJudge shows that O7 is red on a Stripe with one fault.
func TestSecondClientJudge(t *testing.T) {
	const key = "sk_test_0123456789"
	body := []byte(`{"id":"evt_1","object":"event","type":"customer.created"}`)
	signed := webhook.GenerateTestSignedPayload(&webhook.UnsignedPayload{Payload: body, Secret: "whsec_a"})
	good := []proof{{string(body), signed.Header, "whsec_a"}}
	tests := []struct {
		rule       string
		complaint  string // empty when the judge should be content
		stripe     *smallStripe
		deliveries []proof
	}{
		{"all as it should be", "", &smallStripe{}, good},
		{"signed with another secret", "No signatures found", &smallStripe{}, []proof{{string(body), signed.Header, "whsec_b"}}},
		{"nothing delivered", "nothing was delivered", &smallStripe{}, []proof{}},
		{"forgets customers", "resource_missing", &smallStripe{forgets: true}, good},
		{"a row on two pages", "a row is on two pages", &smallStripe{overlaps: true}, good},
		{"oldest first", "newest first", &smallStripe{oldestFirst: true}, good},
		{"a decline of the wrong kind", "a decline is a", &smallStripe{plainDecline: true}, good},
		{"a repeated call acts twice", "acted twice", &smallStripe{keyless: true}, good},
	}
	nodeWithStripe(t)
	for _, test := range tests {
		t.Run(test.rule, func(t *testing.T) {
			server := httptest.NewServer(test.stripe)
			defer server.Close()
			err := secondClient(t, server.URL, key, "", test.deliveries)
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

// smallStripe knows what the second client asks, and one fault at a time. It
// is called by one client, one call after the other.
type smallStripe struct {
	forgets, overlaps, oldestFirst, plainDecline, keyless bool

	customers map[string]map[string]any
	products  []map[string]any // newest first
	keys      map[string]string
	params    map[string]string
}

func (s *smallStripe) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Request-Id", "req_1")
	if r.Header.Get("Authorization") == "Bearer sk_nobody" {
		s.refuse(w, 401, map[string]any{"type": "invalid_request_error", "message": "no such key"})
		return
	}
	if s.customers == nil {
		s.customers, s.keys, s.params = map[string]map[string]any{}, map[string]string{}, map[string]string{}
	}
	switch path := r.URL.Path; {
	case r.Method == "POST" && path == "/v1/customers":
		s.createCustomer(w, r)
	case r.Method == "GET" && strings.HasPrefix(path, "/v1/customers/"):
		customer, ok := s.customers[strings.TrimPrefix(path, "/v1/customers/")]
		if !ok || s.forgets {
			s.refuse(w, 404, map[string]any{"type": "invalid_request_error", "code": "resource_missing", "message": "resource_missing"})
			return
		}
		s.answer(w, customer)
	case r.Method == "POST" && path == "/v1/payment_intents":
		s.charge(w, r)
	case r.Method == "POST" && path == "/v1/products":
		product := map[string]any{"id": fmt.Sprintf("prod_%d", len(s.products)), "object": "product"}
		s.products = append([]map[string]any{product}, s.products...)
		s.answer(w, product)
	case r.Method == "GET" && path == "/v1/products":
		s.listProducts(w, r)
	default:
		s.refuse(w, 404, map[string]any{"type": "invalid_request_error", "message": "no such path"})
	}
}

func (s *smallStripe) createCustomer(w http.ResponseWriter, r *http.Request) {
	key := r.Header.Get("Idempotency-Key")
	if err := r.ParseForm(); err != nil {
		s.refuse(w, 400, map[string]any{"type": "invalid_request_error", "message": err.Error()})
		return
	}
	if id, known := s.keys[key]; key != "" && known && !s.keyless {
		if s.params[key] != r.PostForm.Encode() {
			s.refuse(w, 400, map[string]any{"type": "idempotency_error", "message": "another call"})
			return
		}
		s.answer(w, s.customers[id])
		return
	}
	id := fmt.Sprintf("cus_%d", len(s.customers))
	s.keys[key], s.params[key] = id, r.PostForm.Encode()
	s.customers[id] = map[string]any{
		"id": id, "object": "customer", "email": r.PostForm.Get("email"),
		"metadata": map[string]string{"run": r.PostForm.Get("metadata[run]")},
	}
	s.answer(w, s.customers[id])
}

func (s *smallStripe) charge(w http.ResponseWriter, r *http.Request) {
	if r.FormValue("payment_method") == "pm_card_visa" {
		s.answer(w, map[string]any{
			"id": "pi_1", "object": "payment_intent", "status": "succeeded", "amount_received": 1234,
			"latest_charge": map[string]any{"balance_transaction": map[string]any{"amount": 1234, "fee": 44, "net": 1190}},
		})
		return
	}
	decline := map[string]any{
		"type": "card_error", "code": "card_declined", "decline_code": "generic_decline", "message": "declined",
		"payment_intent": map[string]any{"id": "pi_2", "object": "payment_intent", "status": "requires_payment_method"},
	}
	if s.plainDecline {
		decline["type"] = "invalid_request_error"
		s.refuse(w, 400, decline)
		return
	}
	s.refuse(w, 402, decline)
}

func (s *smallStripe) listProducts(w http.ResponseWriter, r *http.Request) {
	rows := append([]map[string]any(nil), s.products...)
	if s.oldestFirst {
		for i, j := 0, len(rows)-1; i < j; i, j = i+1, j-1 {
			rows[i], rows[j] = rows[j], rows[i]
		}
	}
	after, before := r.URL.Query().Get("starting_after"), r.URL.Query().Get("ending_before")
	for i, row := range rows {
		if row["id"] == before {
			rows = rows[max(0, i-3):i]
			break
		}
		if row["id"] == after {
			if s.overlaps && i > 0 {
				i--
			}
			rows = rows[i+1:]
			break
		}
	}
	more := len(rows) > 3
	s.answer(w, map[string]any{"object": "list", "url": "/v1/products", "has_more": more, "data": rows[:min(3, len(rows))]})
}

func (s *smallStripe) refuse(w http.ResponseWriter, status int, failure map[string]any) {
	w.WriteHeader(status)
	s.answer(w, map[string]any{"error": failure})
}

func (s *smallStripe) answer(w io.Writer, value any) {
	_ = json.NewEncoder(w).Encode(value) // a client that hangs up is no finding
}
