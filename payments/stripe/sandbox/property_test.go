package sandbox_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"amiable/payments/stripe/sandbox"
)

// caller makes random calls at a sandbox, as a client on a bad line does: it
// asks again with the same key until it has understood an answer.
type caller struct {
	t     failer
	box   *sandbox.Sandbox
	draw  func(n int) int // 0 … n-1
	calls int

	accounts, customers, cards, intents, charges, transfers, fees, sessions []string

	sent  []request         // with their keys and understood answers
	state map[string]string // of intents and sessions, as last seen
	told  map[string]string // events, as first seen
}

type failer interface {
	Helper()
	Fatalf(format string, args ...any)
	Errorf(format string, args ...any)
}

type request struct {
	path, form, key, account string
	status                   int
	body                     string
	at                       time.Time
}

func newCaller(t failer, seed uint64, draw func(int) int) *caller {
	c := &caller{t: t, draw: draw, state: map[string]string{}, told: map[string]string{}}
	c.box = sandbox.New(sandbox.Options{Seed: seed})
	for range 2 {
		id, _ := c.post("/v1/accounts", "type=express&country=FR", "")["id"].(string)
		if err := c.box.CompleteOnboarding(id); err != nil {
			t.Fatalf("%v", err)
		}
		c.accounts = append(c.accounts, id)
	}
	return c
}

// faults makes the line bad.
func (c *caller) faults() {
	for _, f := range []sandbox.Fault{
		{Kind: sandbox.DropBefore, Method: "POST", Probability: 0.05},
		{Kind: sandbox.DropAfter, Method: "POST", Probability: 0.05},
		{Kind: sandbox.Status, Status: 500, Method: "POST", Probability: 0.03},
		{Kind: sandbox.Status, Status: 503, Method: "POST", Probability: 0.03},
		{Kind: sandbox.Truncated, Method: "POST", Probability: 0.03},
		{Kind: sandbox.HTMLBody, Method: "POST", Probability: 0.02},
	} {
		if _, err := c.box.AddFault(f); err != nil {
			c.t.Fatalf("%v", err)
		}
	}
}

// do sends one request; cut says that no answer came.
func (c *caller) do(method, path, form, key, account string) (status int, body string, cut bool) {
	c.calls++
	recorder := httptest.NewRecorder()
	target := path
	if method == http.MethodGet && form != "" {
		target += "?" + form
	}
	r := httptest.NewRequest(method, target, strings.NewReader(form))
	r.Header.Set("Authorization", "Bearer sk_test_random")
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if key != "" {
		r.Header.Set("Idempotency-Key", key)
	}
	if account != "" {
		r.Header.Set("Stripe-Account", account)
	}
	func() {
		defer func() {
			if p := recover(); p != nil {
				if p != http.ErrAbortHandler {
					panic(p)
				}
				cut = true
			}
		}()
		c.box.ServeHTTP(recorder, r)
	}()
	return recorder.Code, recorder.Body.String(), cut
}

// post sends a call until its answer is understood.
func (c *caller) post(path, form, account string) map[string]any {
	c.t.Helper()
	key := fmt.Sprintf("key-%d", len(c.sent))
	form += "&metadata[call]=" + key
	if strings.HasSuffix(path, "/cancel") || strings.HasSuffix(path, "/confirm") || strings.HasSuffix(path, "/attach") || strings.HasSuffix(path, "/expire") || strings.HasSuffix(path, "/capture") {
		form = strings.TrimSuffix(form, "&metadata[call]="+key)
	}
	at := c.box.Now()
	for range 60 {
		status, body, cut := c.do(http.MethodPost, path, form, key, account)
		var answer map[string]any
		if cut || status >= 500 || json.Unmarshal([]byte(body), &answer) != nil {
			continue
		}
		c.sent = append(c.sent, request{path, form, key, account, status, body, at})
		return answer
	}
	c.t.Fatalf("%s %s: no answer to sixty calls", path, form)
	return nil
}

func (c *caller) get(path, form, account string) map[string]any {
	c.t.Helper()
	_, body, _ := c.do(http.MethodGet, path, form, "", account)
	var answer map[string]any
	if err := json.Unmarshal([]byte(body), &answer); err != nil {
		c.t.Fatalf("%s: %v", path, err)
	}
	return answer
}

func (c *caller) pick(ids []string) string {
	if len(ids) == 0 {
		return ""
	}
	return ids[c.draw(len(ids))]
}

func (c *caller) keep(list *[]string, answer map[string]any) {
	if id, ok := answer["id"].(string); ok {
		*list = append(*list, id)
	}
}

var aliases = []string{"pm_card_visa", "pm_card_visa", "pm_card_bypassPending", "pm_card_visa_chargeDeclined", "pm_card_authenticationRequired", "pm_card_refundFail", "pm_card_mastercard"}

// announced are the options of a payment by bank transfer.
const announced = "&payment_method_types[]=customer_balance&payment_method_options[customer_balance][funding_type]=bank_transfer" +
	"&payment_method_options[customer_balance][bank_transfer][type]=eu_bank_transfer&payment_method_options[customer_balance][bank_transfer][eu_bank_transfer][country]=FR"

// step makes one random call, or lets time or a person act.
func (c *caller) step() {
	amount := 50 + c.draw(20000)
	switch c.draw(20) {
	case 0:
		c.keep(&c.customers, c.post("/v1/customers", "name=A", ""))
	case 1:
		if x := c.pick(c.customers); x != "" {
			c.keep(&c.cards, c.post("/v1/payment_methods/"+aliases[c.draw(len(aliases))]+"/attach", "customer="+x, ""))
		}
	case 2, 3: // a destination charge
		form := fmt.Sprintf("amount=%d&currency=eur&confirm=true&payment_method=%s&transfer_data[destination]=%s", amount, aliases[c.draw(len(aliases))], c.pick(c.accounts))
		if c.draw(2) == 0 {
			form += fmt.Sprintf("&application_fee_amount=%d", c.draw(amount))
		} else if c.draw(2) == 0 {
			form += fmt.Sprintf("&transfer_data[amount]=%d", 1+c.draw(amount))
		}
		c.paid(c.post("/v1/payment_intents", form, ""))
	case 4: // held, or waiting for a card
		form := fmt.Sprintf("amount=%d&currency=%s", amount, []string{"eur", "chf"}[c.draw(2)])
		if c.draw(2) == 0 {
			form += "&confirm=true&payment_method=pm_card_visa&capture_method=manual"
		}
		c.paid(c.post("/v1/payment_intents", form, ""))
	case 5: // an instalment
		if card := c.pick(c.cards); card != "" {
			m := c.get("/v1/payment_methods/"+card, "", "")
			if owner, ok := m["customer"].(string); ok {
				c.paid(c.post("/v1/payment_intents", fmt.Sprintf("amount=%d&currency=eur&confirm=true&off_session=true&customer=%s&payment_method=%s", amount, owner, card), ""))
			}
		}
	case 6:
		if p := c.pick(c.intents); p != "" {
			c.paid(c.post("/v1/payment_intents/"+p+"/confirm", "payment_method="+aliases[c.draw(len(aliases))], ""))
		}
	case 7:
		if p := c.pick(c.intents); p != "" {
			c.paid(c.post("/v1/payment_intents/"+p+"/cancel", "", ""))
		}
	case 8:
		if p := c.pick(c.intents); p != "" {
			form := ""
			if c.draw(2) == 0 {
				form = fmt.Sprintf("amount_to_capture=%d", 1+c.draw(amount))
			}
			c.paid(c.post("/v1/payment_intents/"+p+"/capture", form, ""))
		}
	case 9, 10:
		if ch := c.pick(c.charges); ch != "" {
			form := "charge=" + ch
			if c.draw(3) > 0 {
				form += fmt.Sprintf("&amount=%d", 1+c.draw(amount))
			}
			if c.draw(2) == 0 {
				form += "&reverse_transfer=true"
			}
			if c.draw(2) == 0 {
				form += "&refund_application_fee=true"
			}
			c.post("/v1/refunds", form, "")
		}
	case 11:
		form := fmt.Sprintf("amount=%d&currency=eur&destination=%s", amount, c.pick(c.accounts))
		if ch := c.pick(c.charges); ch != "" && c.draw(2) == 0 {
			form += "&source_transaction=" + ch
		}
		c.keep(&c.transfers, c.post("/v1/transfers", form, ""))
	case 12:
		if x := c.pick(c.transfers); x != "" {
			form := fmt.Sprintf("amount=%d", 1+c.draw(amount))
			if c.draw(2) == 0 {
				form += "&refund_application_fee=true"
			}
			c.post("/v1/transfers/"+x+"/reversals", form, "")
		}
	case 13:
		if x := c.pick(c.fees); x != "" {
			c.post("/v1/application_fees/"+x+"/refunds", fmt.Sprintf("amount=%d", 1+c.draw(amount)), "")
		}
	case 14:
		form := fmt.Sprintf("mode=payment&success_url=https://a.test&line_items[0][quantity]=1&line_items[0][price_data][currency]=eur&line_items[0][price_data][unit_amount]=%d&line_items[0][price_data][product_data][name]=x", amount)
		c.keep(&c.sessions, c.post("/v1/checkout/sessions", form, ""))
	case 15:
		if id := c.pick(c.sessions); id != "" {
			if c.draw(4) == 0 {
				c.post("/v1/checkout/sessions/"+id+"/expire", "", "")
			} else if _, err := c.box.CompleteCheckout(id, sandbox.Card{Number: sandbox.TestNumbers()[c.draw(len(sandbox.TestNumbers()))], CVC: "123"}); err != nil {
				c.t.Fatalf("%v", err)
			}
			c.see("/v1/checkout/sessions/" + id)
		}
	case 16:
		if p := c.pick(c.intents); p != "" {
			if c.draw(2) == 0 {
				_ = c.box.Approve3DS(p) // those that ask for no proof say so
			} else {
				_ = c.box.Fail3DS(p)
			}
			c.see("/v1/payment_intents/" + p)
		}
		// A direct charge on a creditor's own account.
		account := c.pick(c.accounts)
		p := c.post("/v1/payment_intents", fmt.Sprintf("amount=%d&currency=eur&confirm=true&payment_method=pm_card_visa&application_fee_amount=%d", amount, c.draw(amount)), account)
		if c.draw(2) == 0 {
			c.post("/v1/refunds", fmt.Sprintf("payment_intent=%v&refund_application_fee=true&amount=%d", p["id"], 1+c.draw(amount)), account)
		}
	case 17, 18: // a transfer is announced, or comes, for that or for nothing
		x := c.pick(c.customers)
		switch {
		case x == "":
		case c.draw(2) == 0:
			c.paid(c.post("/v1/payment_intents", fmt.Sprintf("amount=%d&currency=eur&confirm=true&customer=%s&payment_method_data[type]=customer_balance", amount, x)+announced, ""))
		default:
			if err := c.box.SendTransfer(sandbox.Transfer{To: x, Amount: int64(1 + c.draw(20000))}); err != nil {
				c.t.Fatalf("%v", err)
			}
			if c.draw(4) == 0 {
				c.post("/v1/refunds", fmt.Sprintf("origin=customer_balance&customer=%s&currency=eur&amount=%d", x, 1+c.draw(amount)), "")
			}
		}
	case 19:
		if c.draw(4) == 0 {
			c.box.Settle()
		} else if err := c.box.Advance(time.Duration(c.draw(30)) * time.Hour); err != nil {
			c.t.Fatalf("%v", err)
		}
		c.repeat()
		if c.draw(6) == 0 {
			c.listen()
		}
	}
}

// listen checks that events tell of the past as they always did: an event is
// what was, and must not change with its object.
func (c *caller) listen() {
	c.t.Helper()
	for _, e := range c.box.Events() {
		if was, known := c.told[e.ID]; known && was != string(e.Body) {
			c.t.Errorf("%s told %s, and now tells %s", e.ID, was, e.Body)
		}
		c.told[e.ID] = string(e.Body)
	}
}

// paid takes note of what an intent's call brought.
func (c *caller) paid(answer map[string]any) {
	if problem, refused := answer["error"].(map[string]any); refused {
		answer, _ = problem["payment_intent"].(map[string]any)
		if answer == nil {
			return
		}
	}
	id := answer["id"].(string)
	if _, known := c.state[id]; !known {
		c.intents = append(c.intents, id)
	}
	c.saw(answer)
	if ch, ok := answer["latest_charge"].(string); ok {
		c.charges = append(c.charges, ch)
		full := c.get("/v1/charges/"+ch, "", "")
		if x, ok := full["transfer"].(string); ok {
			c.transfers = append(c.transfers, x)
		}
		if x, ok := full["application_fee"].(string); ok {
			c.fees = append(c.fees, x)
		}
	}
}

// lives are the states of intents and sessions that may ever follow one
// another, written down here once more, apart from the engine's own tables.
var lives = map[string][]string{
	"payment_intent requires_payment_method": {"requires_confirmation", "requires_action", "processing", "requires_capture", "succeeded", "canceled"},
	"payment_intent requires_confirmation":   {"requires_payment_method", "requires_action", "processing", "requires_capture", "succeeded", "canceled"},
	"payment_intent requires_action":         {"requires_payment_method", "requires_confirmation", "processing", "requires_capture", "succeeded", "canceled"},
	"payment_intent processing":              {"requires_payment_method", "succeeded", "requires_action", "requires_capture", "canceled"},
	"payment_intent requires_capture":        {"succeeded", "canceled"},
	"payment_intent succeeded":               {},
	"payment_intent canceled":                {},
	"checkout.session open":                  {"complete", "expired"},
	"checkout.session complete":              {},
	"checkout.session expired":               {},
}

func (c *caller) see(path string) { c.saw(c.get(path, "", "")) }

func (c *caller) saw(object map[string]any) {
	c.t.Helper()
	id, _ := object["id"].(string)
	now, _ := object["status"].(string)
	was, known := c.state[id]
	c.state[id] = now
	if !known || was == now {
		return
	}
	for _, next := range lives[fmt.Sprint(object["object"], " ", was)] {
		if next == now {
			return
		}
	}
	c.t.Errorf("%s went from %s to %s", id, was, now)
}

// repeat sends an old call again with its old key. Whatever it was, nothing
// may happen again, and within a day the answer must be the same.
func (c *caller) repeat() {
	if len(c.sent) == 0 {
		return
	}
	r := c.sent[max(0, len(c.sent)-1-c.draw(5))]
	if c.box.Now().Sub(r.at) >= 24*time.Hour {
		return // the key is new again, and would rightly act
	}
	c.box.ClearFaults()
	before := c.box.Books()
	status, body, _ := c.do(http.MethodPost, r.path, r.form, r.key, r.account)
	after := c.box.Books()
	c.faults()
	if status == r.status && body == r.body && fmt.Sprint(before) == fmt.Sprint(after) {
		return
	}
	if r.status == 400 {
		return // a mistake that never began is not remembered; it may be none by now
	}
	c.t.Errorf("%s %s %s acted again: %d then %d", r.key, r.path, r.form, r.status, status)
}

// all lists every row of a noun, page by page.
func (c *caller) all(path, account string) []map[string]any {
	var rows []map[string]any
	form := url.Values{"limit": {"100"}}
	for {
		answer := c.get(path, form.Encode(), account)
		data, ok := answer["data"].([]any)
		if !ok {
			c.t.Fatalf("%s: %v", path, answer)
		}
		for _, row := range data {
			rows = append(rows, row.(map[string]any))
		}
		if answer["has_more"] != true {
			return rows
		}
		form.Set("starting_after", rows[len(rows)-1]["id"].(string))
	}
}

// judge checks the sandbox from outside, by what its interface says, and then
// asks it for its own invariants.
func (c *caller) judge() {
	c.t.Helper()
	c.box.ClearFaults()
	// What all accounts have, and what Stripe kept, is what came in less what
	// went back.
	have, kept, cameIn, wentBack := map[string]int64{}, map[string]int64{}, map[string]int64{}, map[string]int64{}
	minor := func(row map[string]any, field string) int64 { return int64(row[field].(float64)) }
	calls := map[string]string{}
	for _, account := range append([]string{""}, c.accounts...) {
		for _, row := range c.all("/v1/balance_transactions", account) {
			currency := row["currency"].(string)
			have[currency] += minor(row, "net")
			if category := fmt.Sprint(row["reporting_category"]); category == "dispute" || category == "dispute_reversal" {
				wentBack[currency] -= minor(row, "amount") // to the bank of who paid
			}
			for _, fee := range row["fee_details"].([]any) {
				if fee := fee.(map[string]any); fee["type"] == "stripe_fee" {
					kept[currency] += minor(fee, "amount")
				}
			}
		}
		for _, ch := range c.all("/v1/charges", account) {
			if ch["source_transfer"] == nil && ch["status"] == "succeeded" && ch["captured"] == true {
				cameIn[ch["currency"].(string)] += minor(ch, "amount_captured")
				wentBack[ch["currency"].(string)] += minor(ch, "amount_refunded")
			}
		}
		for _, noun := range []string{"payment_intents", "refunds", "transfers", "customers", "checkout/sessions"} {
			for _, row := range c.all("/v1/"+noun, account) {
				metadata, _ := row["metadata"].(map[string]any)
				key, _ := metadata["call"].(string)
				if key == "" {
					continue
				}
				if other, twice := calls[noun+key]; twice {
					c.t.Errorf("one call made two of %s: %s and %v", noun, other, row["id"])
				}
				calls[noun+key] = row["id"].(string)
			}
		}
	}
	for currency := range have {
		if have[currency]+kept[currency] != cameIn[currency]-wentBack[currency] {
			c.t.Errorf("%s: accounts have %d and Stripe kept %d, but %d came in and %d went back", currency, have[currency], kept[currency], cameIn[currency], wentBack[currency])
		}
	}
	for _, p := range c.intents {
		c.see("/v1/payment_intents/" + p)
	}
	for _, id := range c.sessions {
		c.see("/v1/checkout/sessions/" + id)
	}
	c.listen()
	for _, v := range c.box.Invariants() {
		c.t.Errorf("invariant: %s", v)
	}
}

func TestAThousandCallsOnABadLine(t *testing.T) {
	for seed := range uint64(6) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			random := rand.New(rand.NewPCG(seed, 1))
			c := newCaller(t, seed, random.IntN)
			c.faults()
			for c.calls < 1000 {
				c.step()
			}
			c.judge()
		})
	}
}

// The same, shorter and shrinking to the shortest story that goes wrong.
func TestAnyFewCallsKeepMoneyZeroSum(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := newCaller(t, rapid.Uint64().Draw(t, "seed"), func(n int) int { return rapid.IntRange(0, n-1).Draw(t, "choice") })
		if rapid.Bool().Draw(t, "bad line") {
			c.faults()
		}
		for range rapid.IntRange(1, 25).Draw(t, "steps") {
			c.step()
		}
		c.judge()
	})
}
