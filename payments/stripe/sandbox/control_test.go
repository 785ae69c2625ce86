package sandbox_test

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stripe/stripe-go/v76"

	"amiable/payments/stripe/sandbox"
)

// answer is what a control says.
type answer map[string]any

// control calls a control as a program does: JSON in, JSON out.
func (w *shop) control(method, path, body string) (int, answer) {
	w.Helper()
	request, err := http.NewRequest(method, w.url+path, strings.NewReader(body))
	if err != nil {
		w.Fatal(err)
	}
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		w.Fatal(err)
	}
	defer response.Body.Close()
	raw, err := io.ReadAll(response.Body)
	if err != nil {
		w.Fatal(err)
	}
	var said answer
	if err := json.Unmarshal(raw, &said); err != nil {
		w.Fatalf("%s %s: %v: %s", method, path, err, raw)
	}
	return response.StatusCode, said
}

// ok calls a control that must work.
func (w *shop) ok(method, path, body string) answer {
	w.Helper()
	status, said := w.control(method, path, body)
	if status != http.StatusOK {
		w.Fatalf("%s %s %s: %d %v", method, path, body, status, said)
	}
	return said
}

// no calls a control that must refuse, with a sentence that holds the text.
func (w *shop) no(method, path, body string, status int, text string) {
	w.Helper()
	got, said := w.control(method, path, body)
	inner, _ := said["error"].(map[string]any)
	message, _ := inner["message"].(string)
	if got != status || !strings.Contains(message, text) {
		w.Errorf("%s %s %s: %d %q, want %d with %q", method, path, body, got, message, status, text)
	}
}

func (a answer) rows(name string) []answer {
	var rows []answer
	list, _ := a[name].([]any)
	for _, one := range list {
		row, _ := one.(map[string]any)
		rows = append(rows, row)
	}
	return rows
}

func TestTheClockIsReadAndMoved(t *testing.T) {
	w := newShop(t)
	if got := w.ok("GET", "/_sandbox/clock", ""); got["now"] != "2026-01-05T09:00:00Z" || got["follows"] != false {
		t.Errorf("clock %v", got)
	}
	if got := w.ok("POST", "/_sandbox/clock", `{"advance":"1d12h"}`); got["now"] != "2026-01-06T21:00:00Z" {
		t.Errorf("moved ahead to %v", got)
	}
	if got := w.ok("POST", "/_sandbox/clock", `{"now":"2026-02-01T08:30:00+01:00"}`); got["now"] != "2026-02-01T07:30:00Z" {
		t.Errorf("set to %v", got)
	}
	w.no("POST", "/_sandbox/clock", `{"now":"2026-01-01T00:00:00Z"}`, 400, "does not go back")
	w.no("POST", "/_sandbox/clock", `{"advance":"soon"}`, 400, "a span is written")
	w.no("POST", "/_sandbox/clock", `{"now":"9999-01-01T00:00:00Z"}`, 400, "twenty years")
	w.no("POST", "/_sandbox/clock", `{}`, 400, "either advance or now")
	w.no("POST", "/_sandbox/clock", `{"by":"1d"}`, 400, `no parameter "by"; known: advance, now`)
	w.no("POST", "/_sandbox/clock", `[`, 400, "not a JSON object")
	w.no("PUT", "/_sandbox/clock", `{}`, 404, "no control PUT /_sandbox/clock")
	if got := w.box.Now(); !got.Equal(time.Date(2026, 2, 1, 7, 30, 0, 0, time.UTC)) {
		t.Errorf("the engine's clock stands at %v", got)
	}
}

func TestAProgramPaysAPageAndReadsTheBooks(t *testing.T) {
	w := newShop(t)
	session := w.checkout()
	open := w.ok("GET", "/_sandbox/checkout", "").rows("checkouts")
	if len(open) != 1 || open[0]["id"] != session.ID || open[0]["amount"] != 8400.0 {
		t.Errorf("open pages %v", open)
	}
	pay := "/_sandbox/checkout/" + session.ID + "/pay"
	w.no("POST", pay, `{"card":"4111111111111111"}`, 400, "no listed test card")
	w.no("POST", pay, `{"card":"4242424242424242","proof":"maybe"}`, 400, "approve, fail or abandon")
	w.no("POST", pay, `{"wallet":"cash"}`, 400, "apple_pay or google_pay")
	w.no("POST", "/_sandbox/checkout/cs_nobody/pay", `{}`, 404, "no such checkout session")
	if got := w.ok("POST", pay, `{"card":"pm_card_chargeDeclinedInsufficientFunds"}`); got["state"] != "declined" || got["code"] != "insufficient_funds" {
		t.Errorf("declined: %v", got)
	}
	if got := w.ok("POST", pay, `{"card":"4000002760003184","proof":"fail"}`); got["state"] != "declined" || got["payment_status"] != "unpaid" {
		t.Errorf("failed proof: %v", got)
	}
	if got := w.ok("POST", pay, `{"card":"4000002760003184","proof":"abandon"}`); got["state"] != "requires_action" || !strings.Contains(got["next"].(string), "/3ds/pi_") {
		t.Errorf("abandoned: %v", got)
	}
	intent := w.session(session.ID).PaymentIntent.ID
	w.no("POST", "/_sandbox/3ds/"+intent, `{"answer":"perhaps"}`, 400, "approve or fail")
	w.no("POST", "/_sandbox/3ds/pi_nobody", `{"answer":"fail"}`, 404, "no intent")
	if got := w.ok("POST", "/_sandbox/3ds/"+intent, `{"answer":"fail"}`); got["status"] != "requires_payment_method" {
		t.Errorf("proof failed: %v", got)
	}
	got := w.ok("POST", pay, `{"card":"4000 0027 6000 3184"}`)
	if got["state"] != "complete" || got["payment_status"] != "paid" || got["next"] != "https://portal.example.com/paid?session="+session.ID {
		t.Errorf("paid: %v", got)
	}
	if again := w.ok("POST", pay, `{}`); again["state"] != "complete" {
		t.Errorf("paid again: %v", again)
	}

	sum, pending := 0.0, 0.0
	for _, row := range w.ok("GET", "/_sandbox/books", "").rows("books") {
		sum += row["amount"].(float64)
		if row["owner"] == w.box.PlatformID() && row["bucket"] == "pending" {
			pending = row["amount"].(float64)
		}
	}
	if sum != 0 || pending != 8400-151 {
		t.Errorf("books add up to %v, the platform has %v", sum, pending)
	}
	if got := w.ok("POST", "/_sandbox/settle", ""); got["settled"] != 1.0 {
		t.Errorf("settled %v", got)
	}
	if got := w.ok("GET", "/_sandbox/invariants", ""); got["ok"] != true || len(got.rows("violations")) > 0 {
		t.Errorf("invariants %v", got)
	}
	w.ok("POST", "/_sandbox/reset", "")
	if events := w.ok("GET", "/_sandbox/events", "").rows("events"); len(events) > 0 {
		t.Errorf("%d events after a reset", len(events))
	}
	visit(t, session.URL).shows("There is nothing here")
}

func TestACardFollowsItsScript(t *testing.T) {
	w := newShop(t)
	w.ok("POST", "/_sandbox/cards", `{"card":"4242 4242 4242 4242","outcomes":["do_not_honor","ok"]}`)
	session := w.checkout()
	page := visit(t, session.URL).click("4242 4242 4242 4242").press("Pay €84.00").shows("The card was declined")
	page.click("4242 4242 4242 4242").press("Pay €84.00")
	w.arrives(page, session)

	w.no("POST", "/_sandbox/cards", `{"card":"4242424242424242","outcomes":["gremlins"]}`, 400, "gremlins")
	w.no("POST", "/_sandbox/cards", `{"card":"1234","outcomes":["ok"]}`, 400, "no test number")
	w.no("POST", "/_sandbox/cards", `{"outcomes":["ok"]}`, 400, "card is missing")
	w.ok("POST", "/_sandbox/cards", `{"card":"pm_card_visa","outcomes":"lost_card, ok"}`)
	if scripts := w.ok("GET", "/_sandbox/cards", "")["scripts"].(map[string]any); len(scripts) != 1 || len(scripts["pm_card_visa"].([]any)) != 2 {
		t.Errorf("scripts %v", scripts)
	}
	w.ok("POST", "/_sandbox/cards", `{"card":"pm_card_visa"}`)
	if scripts := w.box.DeclineScripts(); len(scripts) > 0 {
		t.Errorf("scripts left %v", scripts)
	}
	if cards := w.ok("GET", "/_sandbox/cards", "").rows("cards"); len(cards) != len(sandbox.TestNumbers()) {
		t.Errorf("%d cards listed", len(cards))
	}
}

func TestWebhooksArePausedListedAndDeliveredAgain(t *testing.T) {
	w := newShop(t)
	w.ok("POST", "/_sandbox/webhooks", `{"paused":true}`)
	w.customer()
	state := w.ok("POST", "/_sandbox/webhooks/wait", "")
	if state["paused"] != true || state["waiting"] != 1.0 || len(w.letter.types()) > 0 {
		t.Fatalf("paused: %v, arrived %v", state, w.letter.types())
	}
	w.ok("POST", "/_sandbox/webhooks", `{"paused":false}`)
	state = w.ok("POST", "/_sandbox/webhooks/wait", "")
	if got := w.letter.types(); state["waiting"] != 0.0 || !slices.Equal(got, []string{"customer.created"}) {
		t.Fatalf("let go: %v, arrived %v", state, got)
	}
	if attempts := state.rows("attempts"); len(attempts) != 1 || attempts[0]["status"] != 200.0 {
		t.Errorf("attempts %v", attempts)
	}
	if endpoints := state.rows("endpoints"); len(endpoints) != 2 || endpoints[0]["secret"] != "whsec_test" {
		t.Errorf("endpoints %v", endpoints)
	}

	event := w.ok("GET", "/_sandbox/events?type=customer.*", "").rows("events")[0]
	w.ok("POST", "/_sandbox/events/"+event["id"].(string)+"/redeliver", "")
	w.ok("POST", "/_sandbox/webhooks/wait", "")
	if got := len(w.letter.types()); got != 2 {
		t.Errorf("%d deliveries after one redelivery", got)
	}
	w.no("POST", "/_sandbox/events/evt_nobody/redeliver", "", 404, "evt_nobody")
	w.no("POST", "/_sandbox/webhooks", `{}`, 400, "paused is missing")
	w.no("POST", "/_sandbox/webhooks", `{"paused":"perhaps"}`, 400, "true or false")
	w.no("GET", "/_sandbox/events?kind=x", "", 400, "no parameter")
}

// What a fault lost, what was refused and what was given up all come in the end.
func TestEverythingUndeliveredIsTriedAgain(t *testing.T) {
	w := newShop(t)
	w.ok("POST", "/_sandbox/faults", `{"kind":"webhook_never","event":"customer.created"}`)
	w.customer()
	w.ok("DELETE", "/_sandbox/faults", "")
	w.letter.replyWith(http.StatusServiceUnavailable)
	creditor := w.creditor() // events of a connected account, refused for now
	w.ok("POST", "/_sandbox/webhooks/wait", "")
	refused := len(w.ok("GET", "/_sandbox/events?undelivered=true", "").rows("events"))
	if refused < 2 {
		t.Fatalf("%d events undelivered", refused)
	}
	w.letter.replyWith(http.StatusOK)
	if got := w.ok("POST", "/_sandbox/events/redeliver", ""); got["redelivered"] != float64(refused) {
		t.Errorf("tried again: %v, undelivered %d", got, refused)
	}
	w.ok("POST", "/_sandbox/webhooks/wait", "")
	if left := w.ok("GET", "/_sandbox/events?undelivered=true", "").rows("events"); len(left) > 0 {
		t.Errorf("still undelivered: %v", left)
	}
	if got := w.letter.types(); len(got) != refused || !slices.Contains(got, "customer.created") || !slices.Contains(got, "account.updated") {
		t.Errorf("arrived: %v", got)
	}
	if got := w.ok("POST", "/_sandbox/events/redeliver", ""); got["redelivered"] != 0.0 {
		t.Errorf("nothing is undelivered, yet tried again: %v (%s)", got, creditor.ID)
	}
}

func TestFaultsAreAddedListedAndCleared(t *testing.T) {
	w := newShop(t)
	id := w.ok("POST", "/_sandbox/faults", `{"kind":"status","status":503,"method":"post","path":"/v1/customers","nth":2,"delay":"2s","should_retry":false,"metadata":{"case":"7"}}`)["id"].(string)
	rule := w.ok("GET", "/_sandbox/faults", "").rows("faults")[0]
	if rule["id"] != id || rule["method"] != "POST" || rule["delay"] != "2s" || rule["should_retry"] != false || rule["metadata"].(map[string]any)["case"] != "7" {
		t.Errorf("rule %v", rule)
	}
	for range 2 {
		p := &stripe.CustomerParams{}
		p.AddMetadata("case", "7")
		if _, err := w.api.Customers.New(p); err != nil {
			if got := stripeError(t, err).HTTPStatusCode; got != 503 {
				t.Errorf("status %d", got)
			}
		}
	}
	if rule := w.ok("GET", "/_sandbox/faults", "").rows("faults")[0]; rule["matched"] != 2.0 || rule["acted"] != 1.0 {
		t.Errorf("matched %v, acted %v", rule["matched"], rule["acted"])
	}
	other := w.ok("POST", "/_sandbox/faults", `{"kind":"latency","delay":"1s","path":"/v1/never"}`)["id"].(string)
	w.ok("DELETE", "/_sandbox/faults/"+id, "")
	if rules := w.box.Faults(); len(rules) != 1 || rules[0].ID != other {
		t.Errorf("left %v", rules)
	}
	w.ok("DELETE", "/_sandbox/faults", "")
	if rules := w.box.Faults(); len(rules) > 0 {
		t.Errorf("left %v", rules)
	}
	for body, why := range map[string]string{
		`{}`:                                           "kind is missing",
		`{"kind":"gremlins"}`:                          "unknown fault",
		`{"kind":"status"}`:                            "not an error status",
		`{"kind":"hang","probability":"NaN"}`:          "between 0 and 1",
		`{"kind":"hang","nth":"second"}`:               "whole number",
		`{"kind":"webhook_delay","delay":"soon"}`:      "a span is written",
		`{"kind":"hang","nth":{"a":1}}`:                "must be a text",
		`{"kind":"webhook_duplicate","times":1000000}`: "at most",
	} {
		w.no("POST", "/_sandbox/faults", body, 400, why)
	}
	w.no("DELETE", "/_sandbox/faults/fault_nobody", "", 404, "fault_nobody")
}

func TestAnAccountIsEnabledAndRestrictedByHand(t *testing.T) {
	w := newShop(t)
	account, _ := w.newcomer()
	path := "/_sandbox/accounts/" + account.ID
	if got := w.ok("POST", path, `{"state":"enabled"}`); got["enabled"] != true {
		t.Errorf("enabled: %v", got)
	}
	if got := w.ok("POST", path, `{"state":"restricted"}`); got["enabled"] != false {
		t.Errorf("restricted: %v", got)
	}
	if got := w.ok("POST", path, `{"state":"enabled"}`); got["enabled"] != true {
		t.Errorf("restored: %v", got)
	}
	w.no("POST", path, `{"state":"happy"}`, 400, "enabled or restricted")
	w.no("POST", "/_sandbox/accounts/acct_nobody", `{"state":"enabled"}`, 404, "acct_nobody")
	if rows := w.ok("GET", "/_sandbox/accounts", "").rows("accounts"); len(rows) != 1 || rows[0]["name"] != "Atelier Boréal" {
		t.Errorf("accounts %v", rows)
	}
}

func TestTheControlPageDoesTheSameForPeople(t *testing.T) {
	w := newShop(t)
	session := w.checkout()
	creditor := w.creditor()
	page := visit(t, w.url+"/_sandbox")
	page.shows("Controls of the sandbox", "all hold", "Monday 2026-01-05 09:00:00 UTC", session.ID, creditor.ID, "can be paid", "whsec_test", "account.updated", "No money has moved.")

	page.press("Move the clock", "advance", "2h").follow().shows("11:00:00 UTC")
	page.press("Move the clock", "advance", "soon")
	if page.Status != http.StatusUnprocessableEntity {
		t.Errorf("status %d", page.Status)
	}
	page.shows("a span is written", "11:00:00 UTC")
	page.press("Pause").follow().shows("paused").press("Let them go").follow()
	page.press("Script it", "card", "pm_card_visa", "outcomes", "lost_card, ok").follow().shows("lost_card, ok")
	page.press("End the script").follow().shows("No script is in force")
	page.press("Put in force", "kind", "webhook_delay", "event", "charge.*", "delay", "1h").follow().shows("webhook_delay", "charge.*", "1h0m0s")
	page.press("Remove all").follow().shows("None is in force.")
	page.press("Restrict").follow().shows("cannot be paid", "individual.verification.document")
	page.press("Enable").follow()
	page.press("Pay "+session.ID+" with 4242").follow().shows("None is open.", "checkout.session.completed", "€82.49")
	page.press("Settle").follow().shows("available")
	page.press("Send again").follow()
	page.press("Try everything undelivered again").follow()
	page.press("Reset").follow().shows("Nothing has happened yet.")
}

func TestControlsAnswerThisMachineOnly(t *testing.T) {
	box := sandbox.New(sandbox.Options{Seed: 1})
	for _, c := range []struct {
		from, host, header string
		open               bool
		want               int
	}{
		{"127.0.0.1:5000", "127.0.0.1:12111", "", false, 200},
		{"[::1]:5000", "localhost:12111", "", false, 200},
		{"127.0.0.1:5000", "sandbox.localhost:12111", "", false, 200},
		{"[::ffff:127.0.0.1]:5000", "[::1]:12111", "", false, 200},
		{"10.0.0.7:5000", "127.0.0.1:12111", "", false, 403},              // another machine
		{"127.0.0.1:5000", "evil.example:12111", "", false, 403},          // a name bent to us
		{"127.0.0.1:5000", "127.0.0.1:12111", "10.0.0.7", false, 403},     // through a proxy
		{"@", "127.0.0.1:12111", "", false, 403},                          // no address to judge
		{"10.0.0.7:5000", "sandbox.example:12111", "10.0.0.8", true, 200}, // opened on purpose
	} {
		handler := box.Handler()
		if c.open {
			handler = box.HandlerWith(sandbox.Anyone)
		}
		for _, path := range []string{"/_sandbox", "/_sandbox/clock", "/_sandbox/books"} {
			request, err := http.NewRequest(http.MethodGet, "http://"+c.host+path, nil)
			if err != nil {
				t.Fatal(err)
			}
			request.RemoteAddr = c.from
			if c.header != "" {
				request.Header.Set("X-Forwarded-For", c.header)
			}
			got := record(handler, request)
			if got.Code != c.want {
				t.Errorf("%s from %s at %s (%q): %d, want %d", path, c.from, c.host, c.header, got.Code, c.want)
			}
		}
	}
}

func TestEveryControlIsListedAndInTheDocs(t *testing.T) {
	w := newShop(t)
	listed := w.ok("GET", "/_sandbox", "").rows("controls")
	docs, err := os.ReadFile("../../../docs/stripe-sandbox.md")
	if err != nil {
		t.Fatal(err)
	}
	if len(listed) < 20 {
		t.Errorf("only %d controls listed", len(listed))
	}
	for _, c := range listed {
		call := c["method"].(string) + " " + c["path"].(string)
		if !strings.Contains(string(docs), "`"+call+"`") {
			t.Errorf("docs/stripe-sandbox.md says nothing of `%s`", call)
		}
		for _, name := range c["takes"].([]any) {
			if !strings.Contains(string(docs), name.(string)) {
				t.Errorf("docs/stripe-sandbox.md says nothing of the parameter %s", name)
			}
		}
	}
}
