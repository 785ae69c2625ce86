package conformance

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"amiable/payments/stripe/sandbox"
)

// visitor fills in the hosted pages' forms.
type visitor struct {
	*testing.T
	client *http.Client
}

// send submits a form and says where it leads.
func (v visitor) send(address string, form url.Values) string {
	v.Helper()
	answer, err := v.client.PostForm(address, form)
	if err != nil {
		v.Fatal(err)
	}
	answer.Body.Close()
	return answer.Header.Get("Location")
}

// TestWhatThePagesLeaveBehind: wallets, proofs, debits and onboarding come
// about by people's clicks only. What they leave behind is judged like what
// calls make.
func TestWhatThePagesLeaveBehind(t *testing.T) {
	box := sandbox.New(sandbox.Options{})
	recorder := &Recorder{Document: document(t), Next: http.DefaultTransport}
	server := httptest.NewServer(box.Handler())
	t.Cleanup(server.Close)
	box.SetPublicURL(server.URL)
	s := &subject{box, server.URL, server.URL, recorder}
	c := s.crawler()
	api := visit{t, s, c}
	person := visitor{t, &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}

	_, account := api.call(http.MethodPost, "/v1/accounts", "type=express&country=FR&capabilities[card_payments][requested]=true&capabilities[transfers][requested]=true")
	creditor, _ := account["id"].(string)
	for _, choice := range []string{"restrict", "complete"} {
		_, link := api.call(http.MethodPost, "/v1/account_links", "type=account_onboarding&return_url=https://a.example&refresh_url=https://b.example&account="+creditor)
		address, _ := link["url"].(string)
		page, err := person.client.Get(address)
		if err != nil {
			t.Fatal(err)
		}
		page.Body.Close()
		_, token, _ := strings.Cut(address, "link=")
		to := person.send(server.URL+"/onboarding/"+creditor, url.Values{"link": {token}, "do": {choice}, "individual.verification.document": {"yes"}})
		if to != "https://a.example" {
			t.Fatalf("%s led to %q", choice, to)
		}
		api.get("/v1/accounts/" + creditor)
	}

	purchase := "mode=payment&line_items[0][quantity]=1&line_items[0][price_data][currency]=eur&line_items[0][price_data][unit_amount]=8400&line_items[0][price_data][product_data][name]=Invoice" +
		"&payment_intent_data[on_behalf_of]=" + creditor + "&payment_intent_data[transfer_data][destination]=" + creditor
	card := func(number string) url.Values {
		return url.Values{"method": {"card"}, "number": {number}, "expiry": {"12/34"}, "cvc": {"123"}, "name": {"Ada"}, "email": {"ada@example.com"}}
	}
	for _, try := range []struct {
		form  url.Values
		state string
	}{
		{url.Values{"wallet": {"apple_pay"}}, "complete"},
		{url.Values{"wallet": {"google_pay"}}, "complete"},
		{card("4000002760003184"), "complete"},
		{card("4000000000009995"), "open"},
		{url.Values{"method": {"sepa_debit"}, "iban": {"AT611904300234573201"}, "email": {"ada@example.com"}}, "complete"},
		{url.Values{"method": {"paypal"}}, "complete"},
	} {
		for _, mode := range []string{purchase, "mode=setup"} {
			kinds := "&payment_method_types[]=card&payment_method_types[]=sepa_debit"
			if try.form.Get("method") == "paypal" {
				if mode != purchase {
					continue
				}
				kinds += "&payment_method_types[]=paypal"
			}
			_, session := api.call(http.MethodPost, "/v1/checkout/sessions", mode+kinds+"&success_url=https://a.example")
			address, _ := session["url"].(string)
			if step := person.send(address, try.form); strings.Contains(step, "/3ds/") || strings.Contains(step, "/paypal/") {
				person.send(step, url.Values{"answer": {"fail"}})
				person.send(person.send(address, try.form), url.Values{"answer": {"approve"}})
			}
			id, _ := session["id"].(string)
			if _, after := api.call(http.MethodGet, "/v1/checkout/sessions/"+id, ""); after["status"] != try.state {
				t.Errorf("%v in %.12s: session is %v, not %s", try.form, mode, after["status"], try.state)
			}
		}
	}
	for _, list := range []string{"payment_intents", "charges", "setup_intents", "transfers", "checkout/sessions", "customers", "payment_methods", "events"} {
		api.everyPage("/v1/" + list)
	}
	if _, err := c.expandEverything(); err != nil {
		t.Fatal(err)
	}
	verdict(t, recorder.Complaints())
	s.sound(t)
}
