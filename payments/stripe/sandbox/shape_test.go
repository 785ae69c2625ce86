package sandbox

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestEveryRouteHasItsParametersAndEveryParameterItsRoute(t *testing.T) {
	for endpoint := range routes {
		if shapes[endpoint] == nil {
			t.Errorf("%s is answered, but params.txt does not say what it takes", endpoint)
		}
	}
	for endpoint := range shapes {
		if routes[endpoint] == nil {
			t.Errorf("%s is in params.txt, but nobody answers it", endpoint)
		}
	}
}

func TestShapes(t *testing.T) {
	all := readShapes("POST /x\n\tamount* int\n\twhen object/int\n\t\tgt int\n\tkinds []enum(a|b)\n\tnote string<=3/empty\n\tto object\n\t\tname* string\n\trows []object\n\t\tn* int\n\tmetadata map/empty\n")
	for form, want := range map[string]string{
		"amount=1":                            "",
		"amount=1&when=5":                     "",
		"amount=1&when[gt]=5":                 "",
		"amount=1&note=":                      "",
		"amount=1&kinds[]=a&kinds[]=b":        "",
		"amount=1&rows[0][n]=1&rows[1][n]=2":  "",
		"amount=1&rows[][n]=1&rows[][n]=2":    "",
		"amount=1&metadata[a]=b":              "",
		"amount=1&metadata=":                  "",
		"":                                    "amount",
		"amount=":                             "amount",
		"amount=x":                            "amount",
		"amount[a]=1":                         "amount",
		"amount=1&when[after]=5":              "when[after]",
		"amount=1&kinds[]=c":                  "kinds[0]",
		"amount=1&note=abcd":                  "note",
		"amount=1&to[x]=1":                    "to[x]",
		"amount=1&to[name]=":                  "to[name]",
		"amount=1&to=1":                       "to",
		"amount=1&rows[0][m]=1":               "rows[0][m]",
		"amount=1&rows[0]=1":                  "rows[0]",
		"amount=1&rows[a][n]=1":               "rows",
		"amount=1&metadata[a][b]=c":           "metadata[a]",
		"amount=1&other=1":                    "other",
		"amount=1&rows[0][n]=1&rows[1][n]=ii": "rows[1][n]",
	} {
		p, err := parseForm(form)
		if err != nil {
			t.Errorf("%q: %v", form, err)
			continue
		}
		got := ""
		if r := all["POST /x"].check(p); r != nil {
			got = r.Param
		}
		if got != want {
			t.Errorf("%q: refused for %q, not %q", form, got, want)
		}
	}
	for _, form := range []string{"a[=1", "[a]=1", "=1", "%zz=1", "a=%zz", "a" + strings.Repeat("[b]", 20) + "=1"} {
		if _, err := parseForm(form); err == nil {
			t.Errorf("%q was taken", form)
		}
	}
}

// monkey calls every route with parameters that are legal by shape and mad by
// meaning. Whatever comes back, it is not a defect of ours.
func TestNoLegalShapeBreaksTheSandbox(t *testing.T) {
	endpoints := make([]string, 0, len(routes))
	for endpoint := range routes {
		endpoints = append(endpoints, endpoint)
	}
	slices.Sort(endpoints)
	rapid.Check(t, func(t *rapid.T) {
		s := New(Options{Seed: 3})
		ids := populate(t, s)
		for range rapid.IntRange(1, 40).Draw(t, "calls") {
			endpoint := rapid.SampledFrom(endpoints).Draw(t, "endpoint")
			method, path, _ := strings.Cut(endpoint, " ")
			for strings.Contains(path, "{") {
				before, rest, _ := strings.Cut(path, "{")
				_, rest, _ = strings.Cut(rest, "}")
				parts := strings.Split(strings.TrimSuffix(before, "/"), "/")
				path = before + ids.draw(t, strings.TrimSuffix(parts[len(parts)-1], "s")) + rest
			}
			form := url.Values{}
			fill(t, form, "", shapes[endpoint], ids, 0)
			target, body := path, ""
			if method == http.MethodPost {
				body = form.Encode()
			} else {
				target += "?" + form.Encode()
			}
			r := httptest.NewRequest(method, target, strings.NewReader(body))
			r.Header.Set("Authorization", "Bearer sk_test_monkey")
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			w := httptest.NewRecorder()
			s.ServeHTTP(w, r)
			if w.Code >= 500 {
				t.Fatalf("%s %s: %d %s", endpoint, form.Encode(), w.Code, w.Body)
			}
			if answer, err := decode(w.Body.Bytes()); err != nil {
				t.Fatalf("%s: %v", endpoint, err)
			} else {
				ids.note(answer)
			}
		}
		for _, v := range s.Invariants() {
			t.Errorf("%s", v)
		}
	})
}

// fill draws some legal parameters, the required ones always.
func fill(t *rapid.T, form url.Values, prefix string, s *shape, ids names, depth int) {
	names := make([]string, 0, len(s.below))
	for name := range s.below {
		names = append(names, name)
	}
	slices.Sort(names)
	chosen := slices.Clone(s.needs)
	if len(names) > 0 {
		for range max(0, rapid.IntRange(-4, 4).Draw(t, "more")) {
			chosen = append(chosen, rapid.SampledFrom(names).Draw(t, "name"))
		}
	}
	slices.Sort(chosen)
	for _, name := range slices.Compact(chosen) {
		at := name
		if prefix != "" {
			at = prefix + "[" + name + "]"
		}
		child := s.below[name]
		kind := rapid.SampledFrom(child.kinds).Draw(t, "kind")
		if kind.array {
			if kind.base == "object" {
				fill(t, form, at+"[0]", child, ids, depth+1)
			} else {
				form.Set(at+"[0]", valueOf(t, name, kind, ids))
			}
			continue
		}
		switch kind.base {
		case "object":
			fill(t, form, at, child, ids, depth+1)
		case "mapof":
			fill(t, form, at+"[x]", child, ids, depth+1)
		case "map":
			form.Set(at+"[key]", "value")
		default:
			form.Set(at, valueOf(t, name, kind, ids))
		}
	}
}

func valueOf(t *rapid.T, name string, k kind, ids names) string {
	switch k.base {
	case "empty":
		return ""
	case "int":
		return fmt.Sprint(rapid.SampledFrom([]int64{0, 1, 50, 1000, 99999999, -1, 1 << 40, 1767603600 + 3600}).Draw(t, "int"))
	case "number":
		return "1.5"
	case "bool":
		return rapid.SampledFrom([]string{"true", "false"}).Draw(t, "bool")
	case "enum":
		return rapid.SampledFrom(k.options).Draw(t, "option")
	}
	switch name {
	case "currency", "default_currency":
		return "eur"
	case "amount", "unit_amount":
		return "1000"
	case "number":
		return rapid.SampledFrom(TestNumbers()).Draw(t, "number")
	case "iban":
		return "FR1420041010050500013M02606"
	case "country":
		return "FR"
	case "url", "success_url", "return_url", "refresh_url":
		return "https://a.test"
	}
	return ids.draw(t, name)
}

// names are the identifiers to draw from, by prefix.
type names map[string][]string

// prefixes says what kind of identifier a parameter or a part of a path names.
var prefixes = map[string]string{
	"customer": "cus", "payment_method": "pm", "payment_intent": "pi", "charge": "ch", "refund": "re", "setup_intent": "seti", "session": "cs",
	"payment_page": "cs", "account": "acct", "destination": "acct", "on_behalf_of": "acct", "transfer": "tr", "reversal": "trr", "application_fee": "fee",
	"product": "prod", "price": "price", "event": "evt", "webhook_endpoint": "we", "mandate": "mandate", "balance_transaction": "txn",
	"source_transaction": "ch", "capabilitie": "transfers", "external_account": "ba", "default_payment_method": "pm", "token": "tok",
}

func (n names) draw(t *rapid.T, name string) string {
	prefix := prefixes[name]
	if known := n[prefix]; len(known) > 0 && rapid.IntRange(0, 9).Draw(t, "known") > 0 {
		return rapid.SampledFrom(known).Draw(t, "id")
	}
	return "none"
}

// note keeps the identifiers of an answer, and of what hangs on it.
func (n names) note(answer map[string]any) {
	for _, field := range []string{"id", "latest_charge", "payment_method", "transfer", "application_fee", "balance_transaction", "payment_intent", "setup_intent"} {
		id, ok := answer[field].(string)
		if !ok {
			continue
		}
		prefix, _, _ := strings.Cut(id, "_")
		if prefix == "py" {
			prefix = "ch"
		}
		if !slices.Contains(n[prefix], id) {
			n[prefix] = append(n[prefix], id)
		}
	}
	if problem, refused := answer["error"].(map[string]any); refused {
		for _, field := range []string{"payment_intent", "setup_intent"} {
			if quoted, ok := problem[field].(map[string]any); ok {
				n.note(quoted)
			}
		}
	}
}

// populate makes a small world, so that the calls have something to act upon.
func populate(t *rapid.T, s *Sandbox) names {
	n := names{"pm": {"pm_card_visa", "pm_card_authenticationRequired", "pm_card_chargeDeclined"}, "tok": {"tok_visa"}, "transfers": {"transfers", "card_payments"}}
	post := func(path, form string) map[string]any {
		r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(form))
		r.Header.Set("Authorization", "Bearer sk_test_monkey")
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		answer, err := decode(w.Body.Bytes())
		if err != nil || w.Code != http.StatusOK {
			t.Fatalf("%s %s: %d %s", path, form, w.Code, w.Body)
		}
		n.note(answer)
		return answer
	}
	account, _ := post("/v1/accounts", "type=express&country=FR")["id"].(string)
	if err := s.CompleteOnboarding(account); err != nil {
		t.Fatal(err)
	}
	post("/v1/customers", "name=A")
	ch, _ := post("/v1/payment_intents", "amount=5000&currency=eur&confirm=true&payment_method=pm_card_bypassPending&application_fee_amount=500&transfer_data[destination]="+account)["latest_charge"].(string)
	if x, found := s.platform.charges.get(ch); found {
		n.note(map[string]any{"transfer": x.Transfer, "application_fee": *x.ApplicationFee})
	}
	post("/v1/payment_intents", "amount=9000&currency=eur&confirm=true&payment_method=pm_card_bypassPending")
	post("/v1/payment_intents", "amount=5000&currency=eur&confirm=true&payment_method=pm_card_visa&capture_method=manual")
	post("/v1/payment_intents", "amount=5000&currency=eur&confirm=true&payment_method=pm_card_authenticationRequired")
	post("/v1/setup_intents", "payment_method=pm_card_visa")
	post("/v1/checkout/sessions", "mode=payment&success_url=https://a.test&line_items[0][quantity]=2&line_items[0][price_data][currency]=eur&line_items[0][price_data][unit_amount]=900&line_items[0][price_data][product_data][name]=x")
	post("/v1/checkout/sessions", "mode=setup&currency=eur&success_url=https://a.test")
	post("/v1/products", "name=P&default_price_data[currency]=eur&default_price_data[unit_amount]=500")
	return n
}
