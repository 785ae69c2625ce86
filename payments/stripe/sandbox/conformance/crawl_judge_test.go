package conformance

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// crawlerOn returns a crawler on a Stripe that is one handler.
func crawlerOn(t *testing.T, stripe http.HandlerFunc) *crawler {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Request-Id", "req_1")
		stripe(w, r)
	}))
	t.Cleanup(server.Close)
	d := document(t)
	return &crawler{d, &Recorder{Document: d, Next: http.DefaultTransport}, server.URL, "sk_test_1"}
}

func refuse(w http.ResponseWriter, status int, code string) {
	w.WriteHeader(status)
	_, _ = io.WriteString(w, `{"error":{"type":"invalid_request_error","code":"`+code+`","message":"no"}}`)
}

// TestExpansionCrawler: it finds the field that refuses to be expanded and the
// one that stays an id, below another one as well.
func TestExpansionCrawler(t *testing.T) {
	intent, charge := fixture(t, "payment_intent"), fixture(t, "charge")
	intent["id"], intent["customer"], intent["latest_charge"] = "pi_1", "cus_1", "ch_1"
	charge["balance_transaction"] = "txn_1"
	c := crawlerOn(t, func(w http.ResponseWriter, r *http.Request) {
		asked := r.URL.Query().Get("expand[]")
		answer := map[string]any{}
		for k, v := range intent {
			answer[k] = v
		}
		switch {
		case asked == "customer":
			refuse(w, 400, "")
			return
		case strings.HasPrefix(asked, "latest_charge"):
			answer["latest_charge"] = charge // whose own fields stay ids, whatever is asked
		}
		_ = json.NewEncoder(w).Encode(answer)
	})
	if _, _, err := c.do("GET", "/v1/payment_intents/pi_1", "", nil); err != nil {
		t.Fatal(err)
	}
	expect(t, "", c.recorder.Complaints())
	if _, err := c.expandEverything(); err != nil {
		t.Fatal(err)
	}
	said := map[string]bool{}
	for _, complaint := range c.recorder.Complaints() {
		said[complaint.Path] = true
	}
	for _, path := range []string{"customer", "latest_charge.balance_transaction", "latest_charge.refunds"} {
		if !said[path] {
			t.Errorf("nothing was said of %s; complaints: %v", path, c.recorder.Complaints())
		}
	}
}

// TestParameterCrawler: it finds the nested parameter that is not known and
// the one that brings the other side down.
func TestParameterCrawler(t *testing.T) {
	c := crawlerOn(t, func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.FormValue("transfer_data[amount]") != "":
			refuse(w, 400, "parameter_unknown")
		case r.FormValue("shipping[address][city]") != "":
			refuse(w, 500, "")
		default:
			_ = json.NewEncoder(w).Encode(fixture(t, "payment_intent"))
		}
	})
	r, ok := c.document.route("POST", "/v1/payment_intents")
	if !ok {
		t.Fatal("no such operation")
	}
	tried, err := c.everyParameter(r, "/v1/payment_intents", url.Values{"amount": {"100"}, "currency": {"eur"}})
	if err != nil || tried < 300 {
		t.Fatalf("tried %d parameters, %v", tried, err)
	}
	said := map[string]bool{}
	for _, complaint := range c.recorder.Complaints() {
		said[complaint.Path] = true
	}
	for _, path := range []string{"transfer_data[amount]", "shipping[address][city]"} {
		if !said[path] {
			t.Errorf("nothing was said of %s", path)
		}
	}
}

// TestServedOperations: an address that a Stripe does not know is told from
// one that knows it and refuses.
func TestServedOperations(t *testing.T) {
	c := crawlerOn(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Method == "GET" && strings.HasPrefix(r.URL.Path, "/v1/customers/") {
			refuse(w, 404, "resource_missing")
			return
		}
		w.WriteHeader(404)
		_, _ = io.WriteString(w, `{"error":{"type":"invalid_request_error","message":"Unrecognized request URL (GET: /x)."}}`)
	})
	served, err := c.served()
	if err != nil {
		t.Fatal(err)
	}
	var customer bool
	for _, r := range served {
		customer = customer || r.method+r.template == "GET/v1/customers/{customer}"
		if r.method != "GET" || !strings.HasPrefix(r.template, "/v1/customers/") {
			t.Errorf("%s %s is not served", r.method, r.template)
		}
	}
	if !customer {
		t.Error("GET /v1/customers/{customer} is served")
	}
}
