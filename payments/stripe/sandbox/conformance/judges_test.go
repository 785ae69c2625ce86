package conformance

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/stripe/stripe-mock/embedded"
)

// The judges are judged here: each accepts what Stripe's own fixtures say and
// complains about one deliberately wrong thing.

func document(t testing.TB) *Document {
	t.Helper()
	d, err := Open()
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// fixture returns a copy of Stripe's own example of a resource.
func fixture(t testing.TB, name string) map[string]any {
	t.Helper()
	var all struct{ Resources map[string]json.RawMessage }
	if err := json.Unmarshal(embedded.OpenAPIFixtures, &all); err != nil {
		t.Fatal(err)
	}
	var object map[string]any
	if err := json.Unmarshal(all.Resources[name], &object); err != nil {
		t.Fatalf("fixture %s: %v", name, err)
	}
	for _, field := range onRequestOnly[name] { // the fixtures show what can be asked for
		delete(object, field)
	}
	return object
}

// TestStripesOwnFixturesPass: a judge that is red on what Stripe publishes
// would be wrong itself.
func TestStripesOwnFixturesPass(t *testing.T) {
	d := document(t)
	var all struct{ Resources map[string]any }
	if err := json.Unmarshal(embedded.OpenAPIFixtures, &all); err != nil {
		t.Fatal(err)
	}
	var passed int
	for name, object := range all.Resources {
		ref := d.closed.Components.Schemas[name]
		if ref == nil {
			continue
		}
		complaints := against("O3", name, ref.Value, object)
		if stripesOwnSlips[name] {
			if len(complaints) == 0 {
				t.Errorf("%s is excepted and passes", name)
			}
			continue
		}
		passed++
		for _, c := range complaints {
			t.Error(c)
		}
	}
	if passed < 130 {
		t.Errorf("only %d fixtures were judged", passed)
	}
}

// stripesOwnSlips are the fixtures that carry a field their schema does not
// list. None is of a resource that we serve.
var stripesOwnSlips = map[string]bool{
	"identity.verification_report": true,
	"token":                        true,
	"treasury.outbound_payment":    true,
}

func TestRequestJudge(t *testing.T) {
	const form = "application/x-www-form-urlencoded"
	legal := url.Values{
		"amount": {"12000"}, "currency": {"eur"}, "customer": {"cus_1"}, "payment_method": {"pm_1"},
		"off_session": {"true"}, "confirm": {"true"}, "on_behalf_of": {"acct_1"},
		"application_fee_amount": {"1200"}, "transfer_data[destination]": {"acct_1"},
		"metadata[payment]": {"pay_1"}, "expand[0]": {"latest_charge.balance_transaction"},
	}
	tests := []struct {
		rule   string
		judge  string // which one has to complain; empty when nobody should
		method string
		path   string
		change func(url.Values, http.Header)
	}{
		{rule: "a legal off-session charge passes"},
		{rule: "no such path", judge: "O1", path: "/v1/payment_intent"},
		{rule: "no such method", judge: "O1", method: "DELETE"},
		{rule: "no key", judge: "O1", change: func(_ url.Values, h http.Header) { h.Del("Authorization") }},
		{rule: "a live key", judge: "O1", change: func(_ url.Values, h http.Header) { h.Set("Authorization", "Bearer sk_live_1") }},
		{rule: "another API version", judge: "O1", change: func(_ url.Values, h http.Header) { h.Set("Stripe-Version", "2024-04-10") }},
		{rule: "unknown parameter", judge: "O1", change: func(v url.Values, _ http.Header) { v.Set("amonut", "1") }},
		{rule: "a required parameter is missing", judge: "O1", change: func(v url.Values, _ http.Header) { v.Del("currency") }},
		{rule: "a word for a number", judge: "O1", change: func(v url.Values, _ http.Header) { v.Set("amount", "120 euros") }},
		{rule: "no such value", judge: "O1", change: func(v url.Values, _ http.Header) { v.Set("setup_future_usage", "never") }},
		{rule: "unknown nested parameter", judge: "O4", change: func(v url.Values, _ http.Header) { v.Set("transfer_data[nope]", "1") }},
		{rule: "unknown parameter two levels down", judge: "O4", change: func(v url.Values, _ http.Header) {
			v.Set("payment_method_options[card][nope]", "1")
		}},
		{rule: "nested required parameter is missing", judge: "O4", change: func(v url.Values, _ http.Header) {
			v.Del("transfer_data[destination]")
			v.Set("transfer_data[amount]", "5")
		}},
		{rule: "unknown key in a range", judge: "O4", method: "GET", change: func(v url.Values, _ http.Header) {
			clear(v)
			v.Set("created[since]", "1")
		}},
		{rule: "a range passes", method: "GET", change: func(v url.Values, _ http.Header) {
			clear(v)
			v.Set("created[gte]", "1")
			v.Set("limit", "3")
		}},
	}
	d := document(t)
	for _, test := range tests {
		t.Run(test.rule, func(t *testing.T) {
			values := url.Values{}
			for k, v := range legal {
				values[k] = v
			}
			header := http.Header{"Authorization": {"Bearer sk_test_1"}, "Content-Type": {form}, "Stripe-Version": {APIVersion}}
			if test.change != nil {
				test.change(values, header)
			}
			if test.method == "" {
				test.method = "POST"
			}
			if test.path == "" {
				test.path = "/v1/payment_intents"
			}
			target, body := test.path, values.Encode()
			if test.method == "GET" {
				target, body = target+"?"+body, ""
				header.Del("Content-Type")
			}
			request := httptest.NewRequest(test.method, target, strings.NewReader(body))
			request.Header = header
			expect(t, test.judge, d.Request(request, []byte(body)))
		})
	}
}

func TestAnswerJudge(t *testing.T) {
	tests := []struct {
		rule   string
		judge  string
		path   string
		change func(object map[string]any, header http.Header)
		params url.Values
		status int
		body   string // instead of the object
	}{
		{rule: "Stripe's own payment intent passes"},
		{rule: "required field is missing", judge: "O2", change: func(o map[string]any, _ http.Header) { delete(o, "amount") }},
		{rule: "amount as text", judge: "O2", change: func(o map[string]any, _ http.Header) { o["amount"] = "2000" }},
		{rule: "amount in euros", judge: "O2", change: func(o map[string]any, _ http.Header) { o["amount"] = 20.5 }},
		{rule: "no such status", judge: "O2", change: func(o map[string]any, _ http.Header) { o["status"] = "paid" }},
		{rule: "another object", judge: "O2", change: func(o map[string]any, _ http.Header) { o["object"] = "charge" }},
		{rule: "metadata that is not text", judge: "O2", change: func(o map[string]any, _ http.Header) { o["metadata"] = map[string]any{"n": 3} }},
		{rule: "null where null is not allowed", judge: "O2", change: func(o map[string]any, _ http.Header) { o["currency"] = nil }},
		{rule: "half-filled next action", judge: "O2", change: func(o map[string]any, _ http.Header) {
			o["next_action"] = map[string]any{"redirect_to_url": map[string]any{"url": "https://example.com"}}
		}},
		{rule: "half-filled expanded charge", judge: "O2", params: url.Values{"expand[]": {"latest_charge"}},
			change: func(o map[string]any, _ http.Header) {
				o["latest_charge"] = map[string]any{"id": "ch_1", "object": "charge"}
			}},
		{rule: "not JSON", judge: "O2", body: "<html>"},
		{rule: "two values", judge: "O2", body: "{}{}"},
		{rule: "created instead of ok", judge: "O2", status: 201},
		{rule: "HTML by its header", judge: "O2", change: func(_ map[string]any, h http.Header) { h.Set("Content-Type", "text/html") }},
		{rule: "no request id", judge: "O2", change: func(_ map[string]any, h http.Header) { h.Del("Request-Id") }},
		{rule: "no such operation", judge: "O2", path: "/v1/intents/pi_1"},
		{rule: "invented field", judge: "O3", change: func(o map[string]any, _ http.Header) { o["amount_paid"] = 1 }},
		{rule: "invented nested field", judge: "O3", change: func(o map[string]any, _ http.Header) {
			o["transfer_data"] = map[string]any{"destination": "acct_1", "nope": 1}
		}},
		{rule: "expanded unasked", judge: "O3", change: func(o map[string]any, _ http.Header) { o["customer"] = fixture(t, "customer") }},
		{rule: "asked for and not expanded", judge: "O3", params: url.Values{"expand[0]": {"customer"}},
			change: func(o map[string]any, _ http.Header) { o["customer"] = "cus_1" }},
		{rule: "expanded as asked passes", params: url.Values{"expand[0]": {"customer"}},
			change: func(o map[string]any, _ http.Header) { o["customer"] = fixture(t, "customer") }},
		{rule: "expanding a child expands its parent", judge: "O3", params: url.Values{"expand[]": {"latest_charge.balance_transaction"}},
			change: func(o map[string]any, _ http.Header) { o["latest_charge"] = "ch_1" }},

		{rule: "a decline passes", status: 402, body: `{"error":{"type":"card_error","code":"card_declined","decline_code":"generic_decline","message":"Your card was declined.","charge":"ch_1"}}`},
		{rule: "error of no known type", judge: "O2b", status: 400, body: `{"error":{"type":"validation_error","message":"no"}}`},
		{rule: "error without type", judge: "O2b", status: 400, body: `{"error":{"message":"no"}}`},
		{rule: "error without its envelope", judge: "O2b", status: 400, body: `{"type":"api_error","message":"no"}`},
		{rule: "error without a word", judge: "O2b", status: 400, body: `{"error":{"type":"api_error"}}`},
		{rule: "invented field in an error", judge: "O2b", status: 400, body: `{"error":{"type":"api_error","message":"no","advice_code":"try_again_later"}}`},
		{rule: "decline that is called a bad request", judge: "O2b", status: 402, body: `{"error":{"type":"invalid_request_error","code":"card_declined","message":"no"}}`},
		{rule: "decline with the wrong status", judge: "O2b", status: 400, body: `{"error":{"type":"card_error","code":"card_declined","message":"no"}}`},
		{rule: "decline code without a card", judge: "O2b", status: 400, body: `{"error":{"type":"api_error","decline_code":"fraudulent","message":"no"}}`},
		{rule: "half-filled intent in an error", judge: "O2b", status: 402, body: `{"error":{"type":"card_error","message":"no","payment_intent":{"id":"pi_1","object":"payment_intent"}}}`},
	}
	d := document(t)
	for _, test := range tests {
		t.Run(test.rule, func(t *testing.T) {
			object := fixture(t, "payment_intent")
			header := http.Header{"Content-Type": {"application/json"}, "Request-Id": {"req_1"}}
			if test.change != nil {
				test.change(object, header)
			}
			body, err := json.Marshal(object)
			if err != nil {
				t.Fatal(err)
			}
			if test.body != "" {
				body = []byte(test.body)
			}
			if test.status == 0 {
				test.status = 200
			}
			if test.path == "" {
				test.path = "/v1/payment_intents/pi_1"
			}
			expect(t, test.judge, d.Answer("GET", test.path, test.params, test.status, header, body))
		})
	}
}

func TestListAnswerJudge(t *testing.T) {
	d := document(t)
	list := func(row map[string]any) []byte {
		body, err := json.Marshal(map[string]any{"object": "list", "url": "/v1/charges", "has_more": false, "data": []any{row}})
		if err != nil {
			t.Fatal(err)
		}
		return body
	}
	header := http.Header{"Content-Type": {"application/json"}, "Request-Id": {"req_1"}}
	judge := func(row map[string]any) []Complaint {
		return d.Answer("GET", "/v1/charges", nil, 200, header, list(row))
	}
	expect(t, "", judge(fixture(t, "charge")))
	row := fixture(t, "charge")
	row["refunds"] = map[string]any{"object": "list", "url": "/v1/charges/ch_1/refunds", "has_more": false, "data": []any{}}
	expect(t, "O3", judge(row)) // a charge lists its refunds only when asked
	row = fixture(t, "charge")
	delete(row, "billing_details")
	expect(t, "O2", judge(row)) // the wrong row of a list is found too
}

func TestEventJudge(t *testing.T) {
	event := func() map[string]any {
		charge := fixture(t, "charge")
		charge["amount_refunded"] = 50
		return map[string]any{
			"id": "evt_1", "object": "event", "api_version": APIVersion, "created": 1, "livemode": false,
			"pending_webhooks": 1, "type": "charge.refunded", "request": map[string]any{"id": "req_1", "idempotency_key": nil},
			"data": map[string]any{"object": charge, "previous_attributes": map[string]any{"amount_refunded": 0}},
		}
	}
	inside := func(e map[string]any) map[string]any { return e["data"].(map[string]any)["object"].(map[string]any) }
	before := func(e map[string]any) map[string]any {
		return e["data"].(map[string]any)["previous_attributes"].(map[string]any)
	}
	tests := []struct {
		rule   string
		judge  string
		change func(e map[string]any)
	}{
		{"a refund's event passes", "", func(map[string]any) {}},
		{"no such type", "O5", func(e map[string]any) { e["type"] = "charge.paid" }},
		{"of another API version", "O5", func(e map[string]any) { e["api_version"] = "2017-08-15" }},
		{"without API version", "O5", func(e map[string]any) { delete(e, "api_version") }},
		{"without id", "O5", func(e map[string]any) { delete(e, "id") }},
		{"live in a sandbox", "O5", func(e map[string]any) { e["livemode"] = true }},
		{"without its request", "O5", func(e map[string]any) { delete(e, "request") }},
		{"with an invented field", "O5", func(e map[string]any) { e["kind"] = "refund" }},
		{"tells of another object", "O5", func(e map[string]any) { e["data"].(map[string]any)["object"] = fixture(t, "refund") }},
		{"tells of nothing", "O5", func(e map[string]any) { e["data"].(map[string]any)["object"] = map[string]any{} }},
		{"half-filled object", "O5", func(e map[string]any) { delete(inside(e), "billing_details") }},
		{"invented field in the object", "O5", func(e map[string]any) { inside(e)["paid_out"] = true }},
		{"expanded object inside", "O5", func(e map[string]any) { inside(e)["customer"] = fixture(t, "customer") }},
		{"a past that is no attribute", "O5", func(e map[string]any) { before(e)["refunded_before"] = 0 }},
		{"a past that is the present", "O5", func(e map[string]any) { before(e)["amount_refunded"] = inside(e)["amount_refunded"] }},
		{"a past of another kind", "O5", func(e map[string]any) { before(e)["amount_refunded"] = "nothing" }},
		{"an empty past", "O5", func(e map[string]any) { clear(before(e)) }},
		{"new metadata", "", func(e map[string]any) {
			inside(e)["metadata"] = map[string]any{"case": "1"}
			before(e)["metadata"] = map[string]any{"case": nil}
		}},
		{"an attribute that was not there before", "", func(e map[string]any) {
			inside(e)["source_transfer"] = "tr_1"
			before(e)["source_transfer"] = nil
		}},
		{"null before, of what is never null", "O5", func(e map[string]any) { before(e)["amount"] = nil }},
		{"changed part of a nested object", "", func(e map[string]any) {
			inside(e)["billing_details"] = fixture(t, "charge")["billing_details"]
			inside(e)["billing_details"].(map[string]any)["name"] = "Ada"
			before(e)["billing_details"] = map[string]any{"name": nil}
		}},
		{"past part of a nested object that is unknown", "O5", func(e map[string]any) {
			before(e)["billing_details"] = map[string]any{"surname": nil}
		}},
		{"an update that does not say of what", "O5", func(e map[string]any) {
			e["type"] = "charge.updated"
			delete(e["data"].(map[string]any), "previous_attributes")
		}},
	}
	d := document(t)
	for _, test := range tests {
		t.Run(test.rule, func(t *testing.T) {
			e := event()
			test.change(e)
			body, err := json.Marshal(e)
			if err != nil {
				t.Fatal(err)
			}
			expect(t, test.judge, d.Event(body))
		})
	}
}

// TestRecorderHandsEverythingToTheJudges: what passes through is judged, and
// passes unchanged.
func TestRecorderHandsEverythingToTheJudges(t *testing.T) {
	wrong := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Request-Id", "req_1")
		_, _ = io.WriteString(w, `{"id":"cus_1","object":"customer"}`)
	})
	upstream := httptest.NewServer(wrong)
	defer upstream.Close()
	direct := &Recorder{Document: document(t), Next: http.DefaultTransport, EveryRequestLegal: true}
	between := &Recorder{Document: document(t)}
	server := httptest.NewServer(between.Handler(wrong))
	defer server.Close()
	for _, way := range []struct {
		recorder *Recorder
		client   *http.Client
		base     string
	}{{direct, &http.Client{Transport: direct}, upstream.URL}, {between, http.DefaultClient, server.URL}} {
		request, err := http.NewRequest("POST", way.base+"/v1/customers", strings.NewReader("nope=1"))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		request.Header.Set("Authorization", "Bearer sk_test_1")
		response, err := way.client.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(response.Body)
		response.Body.Close()
		if err != nil || string(body) != `{"id":"cus_1","object":"customer"}` {
			t.Fatalf("the answer came through as %q, %v", body, err)
		}
		for _, judge := range []string{"O1", "O2", "O4"} {
			expectAmong(t, judge, way.recorder.Complaints())
		}
		if e := way.recorder.Exchanges(); len(e) != 1 || e[0].Template != "/v1/customers" || e[0].Params.Get("nope") != "1" {
			t.Fatalf("recorded %+v", e)
		}
	}
}

// expect wants a complaint of the judge, or none at all from anybody.
func expect(t *testing.T, judge string, complaints []Complaint) {
	t.Helper()
	if judge != "" {
		expectAmong(t, judge, complaints)
		return
	}
	for _, c := range complaints {
		t.Error(c)
	}
}

func expectAmong(t *testing.T, judge string, complaints []Complaint) {
	t.Helper()
	for _, c := range complaints {
		if c.Judge == judge {
			return
		}
	}
	t.Errorf("%s did not complain; complaints: %v", judge, complaints)
}
