package sandbox_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stripe/stripe-go/v76"

	"amiable/payments/stripe/sandbox"
)

func TestTheSameKeyActsOnce(t *testing.T) {
	const form = "amount=2500&currency=eur&confirm=true&payment_method=pm_card_visa"
	w := newWorld(t)
	first, one := w.raw(http.MethodPost, "/v1/payment_intents", form, "Idempotency-Key", "k1")
	second, two := w.raw(http.MethodPost, "/v1/payment_intents", form, "Idempotency-Key", "k1")
	if one["id"] != two["id"] || second.Header.Get("Idempotent-Replayed") != "true" || first.Header.Get("Idempotent-Replayed") != "" {
		t.Errorf("replay: %v %v %q", one["id"], two["id"], second.Header.Get("Idempotent-Replayed"))
	}
	if second.Header.Get("Original-Request") != first.Header.Get("Request-Id") {
		t.Error("the replay does not name the request that it repeats")
	}
	response, answer := w.raw(http.MethodPost, "/v1/payment_intents", strings.Replace(form, "2500", "2600", 1), "Idempotency-Key", "k1")
	if problem := answer["error"].(map[string]any); response.StatusCode != 400 || problem["type"] != "idempotency_error" {
		t.Errorf("other parameters: %d %v", response.StatusCode, problem)
	}
	// Another account has keys of its own.
	creditor := w.creditor()
	if _, theirs := w.raw(http.MethodPost, "/v1/payment_intents", form, "Idempotency-Key", "k1", "Stripe-Account", creditor.ID); theirs["id"] == one["id"] || theirs["error"] != nil {
		t.Errorf("the key reached across accounts: %v", theirs)
	}
	// A decline is remembered too, status and all.
	const declined = "amount=2500&currency=eur&confirm=true&payment_method=pm_card_visa_chargeDeclined"
	a, first402 := w.raw(http.MethodPost, "/v1/payment_intents", declined, "Idempotency-Key", "k2")
	b, second402 := w.raw(http.MethodPost, "/v1/payment_intents", declined, "Idempotency-Key", "k2")
	if a.StatusCode != 402 || b.StatusCode != 402 || fmt.Sprint(first402) != fmt.Sprint(second402) {
		t.Errorf("%d then %d", a.StatusCode, b.StatusCode)
	}
	// What never began is not remembered.
	if r, _ := w.raw(http.MethodPost, "/v1/payment_intents", "amount=abc&currency=eur", "Idempotency-Key", "k3"); r.StatusCode != 400 {
		t.Error(r.StatusCode)
	}
	if r, _ := w.raw(http.MethodPost, "/v1/payment_intents", "amount=5&currency=eur", "Idempotency-Key", "k3"); r.StatusCode != 400 {
		t.Error(r.StatusCode)
	}
	if r, answer := w.raw(http.MethodPost, "/v1/payment_intents", form, "Idempotency-Key", "k3"); r.StatusCode != 200 {
		t.Errorf("a key that only saw mistakes: %v", answer)
	}
	// A day later the key is new again.
	if err := w.box.Advance(23*time.Hour + 59*time.Minute); err != nil {
		t.Fatal(err)
	}
	if _, still := w.raw(http.MethodPost, "/v1/payment_intents", form, "Idempotency-Key", "k1"); still["id"] != one["id"] {
		t.Error("forgotten within a day")
	}
	if err := w.box.Advance(2 * time.Minute); err != nil {
		t.Fatal(err)
	}
	if _, later := w.raw(http.MethodPost, "/v1/payment_intents", form, "Idempotency-Key", "k1"); later["id"] == one["id"] {
		t.Error("still remembered after a day")
	}
}

func TestTwoCallsAtOnceWithOneKey(t *testing.T) {
	w := newWorld(t)
	if _, err := w.box.AddFault(sandbox.Fault{Kind: sandbox.Latency, Delay: 300 * time.Millisecond, Method: "POST", Path: "/v1/customers", Nth: 1}); err != nil {
		t.Fatal(err)
	}
	var wait sync.WaitGroup
	statuses := make([]int, 2)
	started := make(chan struct{})
	wait.Add(1)
	go func() {
		defer wait.Done()
		close(started)
		r, _ := w.raw(http.MethodPost, "/v1/customers", "name=A", "Idempotency-Key", "same")
		statuses[0] = r.StatusCode
	}()
	<-started
	// The first call is known to be under way once the rule has matched.
	for w.box.Faults()[0].Matched() == 0 {
		time.Sleep(time.Millisecond)
	}
	r, answer := w.raw(http.MethodPost, "/v1/customers", "name=A", "Idempotency-Key", "same")
	statuses[1] = r.StatusCode
	wait.Wait()
	if statuses[0] != 200 || statuses[1] != 409 || answer["error"].(map[string]any)["code"] != "idempotency_key_in_use" {
		t.Errorf("%v %v", statuses, answer)
	}
	if len(w.api.Customers.List(&stripe.CustomerListParams{}).CustomerList().Data) != 1 {
		t.Error("not exactly one customer was made")
	}
}

func TestWhatIsRefusedBeforeAnythingHappens(t *testing.T) {
	w := newWorld(t)
	creditor := w.creditor()
	unready := must[*stripe.Account](w)(w.api.Accounts.New(&stripe.AccountParams{Type: stripe.String("express"), Country: stripe.String("FR")}))
	const pi = "/v1/payment_intents"
	for _, row := range []struct {
		path, form, param, code string
	}{
		{pi, "currency=eur", "amount", "parameter_missing"},
		{pi, "amount=1000", "currency", "parameter_missing"},
		{pi, "amount=1000&currency=eur&nope=1", "nope", "parameter_unknown"},
		{pi, "amount=1000&currency=eur&transfer_data[nope]=1", "transfer_data[nope]", "parameter_unknown"},
		{pi, "amount=1000&currency=eur&transfer_data[amount]=1", "transfer_data[destination]", "parameter_missing"},
		{pi, "amount=ten&currency=eur", "amount", "parameter_invalid_integer"},
		{pi, "amount=1000&currency=zzz", "currency", ""},
		{pi, "amount=49&currency=eur", "amount", "amount_too_small"},
		{pi, "amount=29&currency=gbp", "amount", "amount_too_small"},
		{pi, "amount=-5&currency=eur", "amount", "parameter_invalid_integer"},
		{pi, "amount=100000000&currency=eur", "amount", "amount_too_large"},
		{pi, "amount=1000&currency=eur&setup_future_usage=never", "setup_future_usage", ""},
		{pi, "amount=1000&currency=eur&confirm=perhaps", "confirm", ""},
		{pi, "amount=1000&currency=eur&customer=cus_none", "customer", "resource_missing"},
		{pi, "amount=1000&currency=eur&payment_method=pm_none", "payment_method", "resource_missing"},
		{pi, "amount=1000&currency=eur&application_fee_amount=100", "application_fee_amount", ""},
		{pi, "amount=1000&currency=eur&application_fee_amount=1001&transfer_data[destination]=" + creditor.ID, "application_fee_amount", ""},
		{pi, "amount=1000&currency=eur&transfer_data[destination]=acct_none", "transfer_data[destination]", "resource_missing"},
		{pi, "amount=1000&currency=eur&transfer_data[destination]=" + unready.ID, "", "insufficient_capabilities_for_transfer"},
		{pi, "amount=1000&currency=eur&on_behalf_of=" + unready.ID, "on_behalf_of", ""},
		{pi, "amount=1000&currency=eur&statement_descriptor=" + strings.Repeat("x", 23), "statement_descriptor", ""},
		{pi, "amount=1000&currency=eur&metadata[" + strings.Repeat("k", 41) + "]=v", "metadata", ""},
		{"/v1/refunds", "charge=ch_none", "charge", "resource_missing"},
		{"/v1/refunds", "", "", "parameter_missing"},
		{"/v1/transfers", "amount=1000&currency=eur&destination=" + creditor.ID, "", "balance_insufficient"},
		{"/v1/webhook_endpoints", "url=https://a.test&enabled_events[]=no.such.event", "enabled_events[0]", ""},
		{"/v1/checkout/sessions", "mode=payment&success_url=https://a.test", "line_items", "parameter_missing"},
		{"/v1/checkout/sessions", "mode=payment&success_url=https://a.test&line_items[0][price_data][currency]=eur&line_items[0][price_data][unit_amount]=900&line_items[0][price_data][product_data][name]=x", "line_items[0][quantity]", "parameter_missing"},
		{"/v1/checkout/sessions", "mode=payment&success_url=https://a.test&payment_intent_data[nope]=1", "payment_intent_data[nope]", "parameter_unknown"},
	} {
		response, answer := w.raw(http.MethodPost, row.path, row.form)
		problem, _ := answer["error"].(map[string]any)
		if response.StatusCode != 400 || problem == nil {
			t.Errorf("%s %s: %d %v", row.path, row.form, response.StatusCode, answer)
			continue
		}
		param, _ := problem["param"].(string)
		code, _ := problem["code"].(string)
		if param != row.param || code != row.code || problem["type"] != "invalid_request_error" || problem["message"] == "" {
			t.Errorf("%s %s: param %q code %q: %v", row.path, row.form, param, code, problem["message"])
		}
		if response.Header.Get("Request-Id") == "" || response.Header.Get("Stripe-Version") != "2023-10-16" || response.Header.Get("Stripe-Should-Retry") != "false" {
			t.Errorf("headers %v", response.Header)
		}
	}
}

func TestWhoMayCall(t *testing.T) {
	w := newWorld(t)
	for header, want := range map[string]int{"": 401, "Bearer sk_live_1234567890": 401, "Bearer pk_test_123": 401, "Basic c2tfdGVzdF9hOg==": 200, "Bearer sk_test_a": 200} {
		request, err := http.NewRequest(http.MethodGet, w.url+"/v1/balance", nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Authorization", header)
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode != want {
			t.Errorf("%q: %d", header, response.StatusCode)
		}
	}
	if r, _ := w.raw(http.MethodGet, "/v1/balance", "", "Stripe-Account", "acct_none"); r.StatusCode != 403 {
		t.Errorf("foreign account: %d", r.StatusCode)
	}
	if r, _ := w.raw(http.MethodGet, "/v1/balance", "", "Stripe-Version", "yesterday"); r.StatusCode != 400 {
		t.Errorf("no version at all: %d", r.StatusCode)
	}
	if r, _ := w.raw(http.MethodGet, "/v1/balance", "", "Stripe-Version", "2026-10-28.endive"); r.StatusCode != 200 || r.Header.Get("Stripe-Version") != "2023-10-16" {
		t.Errorf("another version: %d, answered as %s", r.StatusCode, r.Header.Get("Stripe-Version"))
	}
	if r, _ := w.raw(http.MethodGet, "/v1/nowhere", ""); r.StatusCode != 404 {
		t.Errorf("unknown address: %d", r.StatusCode)
	}
	if r, _ := w.raw(http.MethodPost, "/v1/customers", `{"name":"A"}`, "Content-Type", "application/json"); r.StatusCode != 400 {
		t.Errorf("JSON: %d", r.StatusCode)
	}
	// One account sees nothing of another.
	creditor := w.creditor()
	x := w.customer()
	if r, _ := w.raw(http.MethodGet, "/v1/customers/"+x.ID, "", "Stripe-Account", creditor.ID); r.StatusCode != 404 {
		t.Errorf("a customer was seen from another account: %d", r.StatusCode)
	}
}

func TestPagingLosesAndRepeatsNothing(t *testing.T) {
	w := newWorld(t)
	var made []string
	for i := range 23 {
		made = append(made, must[*stripe.Customer](w)(w.api.Customers.New(&stripe.CustomerParams{Name: stripe.String(fmt.Sprint(i))})).ID)
		if err := w.box.Advance(time.Second); err != nil {
			t.Fatal(err)
		}
	}
	params := &stripe.CustomerListParams{}
	params.Limit = stripe.Int64(5)
	var seen []string
	for it := w.api.Customers.List(params); it.Next(); {
		seen = append(seen, it.Customer().ID)
	}
	if len(seen) != len(made) {
		t.Fatalf("%d of %d", len(seen), len(made))
	}
	for i := range made {
		if seen[i] != made[len(made)-1-i] {
			t.Fatalf("place %d: %s", i, seen[i])
		}
	}
	_, back := w.raw(http.MethodGet, "/v1/customers", "limit=3&ending_before="+made[10])
	if rows := back["data"].([]any); len(rows) != 3 || rows[2].(map[string]any)["id"] != made[11] || back["has_more"] != true {
		t.Errorf("backwards: %v", back)
	}
	since := w.box.Now().Add(-3 * time.Second).Unix()
	_, recent := w.raw(http.MethodGet, "/v1/customers", fmt.Sprintf("created[gte]=%d", since))
	if rows := recent["data"].([]any); len(rows) != 3 {
		t.Errorf("%d rows since", len(rows))
	}
	for _, form := range []string{"limit=0", "limit=101", "starting_after=cus_none", "starting_after=" + made[0] + "&ending_before=" + made[1]} {
		if r, _ := w.raw(http.MethodGet, "/v1/customers", form); r.StatusCode != 400 {
			t.Errorf("%s: %d", form, r.StatusCode)
		}
	}
}

func TestExpansion(t *testing.T) {
	w := newWorld(t)
	p := must[*stripe.PaymentIntent](w)(w.pay("pm_card_visa", nil))
	_, answer := w.raw(http.MethodGet, "/v1/payment_intents", "expand[]=data.latest_charge.balance_transaction.source")
	ch := answer["data"].([]any)[0].(map[string]any)["latest_charge"].(map[string]any)
	if source := ch["balance_transaction"].(map[string]any)["source"].(map[string]any); source["id"] != ch["id"] {
		t.Errorf("%v", source)
	}
	if _, ok := ch["refunds"]; ok {
		t.Error("refunds are there unasked")
	}
	for _, path := range []string{"nope", "latest_charge.nope", "amount", "latest_charge.balance_transaction.source.payment_intent.customer"} {
		if r, answer := w.raw(http.MethodGet, "/v1/payment_intents/"+p.ID, "expand[]="+path); r.StatusCode != 400 {
			t.Errorf("expand %s: %v", path, answer)
		}
	}
}

func TestTheSameSeedTellsTheSameStory(t *testing.T) {
	tell := func() string {
		w := newWorld(t)
		creditor := w.creditor()
		p := must[*stripe.PaymentIntent](w)(w.pay("pm_card_visa", func(p *stripe.PaymentIntentParams) {
			p.TransferData = &stripe.PaymentIntentTransferDataParams{Destination: &creditor.ID}
		}))
		told := p.ID + p.LatestCharge.ID
		for _, e := range w.box.Events() {
			told += e.ID + e.Type
		}
		return told
	}
	if one, two := tell(), tell(); one != two {
		t.Errorf("%s\n%s", one, two)
	}
}
