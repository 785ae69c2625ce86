package conformance

import (
	"fmt"
	"net/http"
	"net/url"
	"testing"

	"github.com/stripe/stripe-go/v76"
)

// callRules: keys, versions, parameters, idempotency, paging and expansion.
func callRules(t *testing.T, w *world) {
	t.Run("a key that is none is refused", func(t *testing.T) {
		_, err := newWorld(w.base, "nobody", http.DefaultTransport).api.Customers.New(&stripe.CustomerParams{})
		refused(t, err, 401, badRequest, "")
	})
	t.Run("an address that is none is refused", func(t *testing.T) {
		err := w.raw("GET", "/v1/customer", nil, nil)
		refused(t, err, 404, badRequest, "")
	})
	t.Run("an unknown parameter is refused by its name", func(t *testing.T) {
		err := w.raw("POST", "/v1/customers", url.Values{"nmae": {"Ada"}}, nil)
		got(t, "param", refused(t, err, 400, badRequest, "parameter_unknown").Param, "nmae")
		err = w.raw("POST", "/v1/payment_intents", url.Values{"amount": {"100"}, "currency": {"eur"}, "transfer_data[nope]": {"1"}}, nil)
		got(t, "param", refused(t, err, 400, badRequest, "parameter_unknown").Param, "transfer_data[nope]")
	})
	t.Run("a missing parameter is refused by its name", func(t *testing.T) {
		err := w.raw("POST", "/v1/payment_intents", url.Values{"amount": {"100"}}, nil)
		got(t, "param", refused(t, err, 400, badRequest, "parameter_missing").Param, "currency")
	})
	t.Run("a word is not a number", func(t *testing.T) {
		err := w.raw("POST", "/v1/payment_intents", url.Values{"amount": {"ten"}, "currency": {"eur"}}, nil)
		got(t, "param", refused(t, err, 400, badRequest, "parameter_invalid_integer").Param, "amount")
	})
	t.Run("a repeated call acts once", func(t *testing.T) {
		p := &stripe.CustomerParams{Name: text("once")}
		p.SetIdempotencyKey(w.run + ":customer")
		one, err := w.api.Customers.New(p)
		must(t, one, err)
		two, err := w.api.Customers.New(p)
		must(t, two, err)
		got(t, "customer of the repeated call", two.ID, one.ID)
		got(t, "Idempotent-Replayed", two.LastResponse.Header.Get("Idempotent-Replayed"), "true")
		p.Name = text("twice")
		_, err = w.api.Customers.New(p)
		refused(t, err, 400, stripe.ErrorTypeIdempotency, "")
	})
	t.Run("a repeated decline stays the decline it was", func(t *testing.T) {
		p := w.pay(700, "pm_card_chargeDeclined")
		p.SetIdempotencyKey(w.run + ":decline")
		_, err := w.api.PaymentIntents.New(p)
		one := refused(t, err, 402, badCard, "card_declined")
		_, err = w.api.PaymentIntents.New(p)
		two := refused(t, err, 402, badCard, "card_declined")
		got(t, "payment of the repeated decline", two.PaymentIntent.ID, one.PaymentIntent.ID)
	})
	t.Run("a call refused for its form may be repeated in another", func(t *testing.T) {
		key := w.run + ":form"
		p := &stripe.PaymentIntentParams{Amount: number(100)}
		p.SetIdempotencyKey(key)
		_, err := w.api.PaymentIntents.New(p)
		refused(t, err, 400, badRequest, "parameter_missing")
		p = &stripe.PaymentIntentParams{Amount: number(100), Currency: text("eur")}
		p.SetIdempotencyKey(key)
		intent, err := w.api.PaymentIntents.New(p)
		must(t, intent, err)
	})
	t.Run("pages neither repeat nor drop a row, newest first", func(t *testing.T) {
		customer := w.customer(t)
		var made []string
		for i := range 7 {
			p := &stripe.PaymentIntentParams{Amount: number(100 + int64(i)), Currency: text("eur"), Customer: text(customer.ID)}
			intent, err := w.api.PaymentIntents.New(p)
			made = append([]string{must(t, intent, err).ID}, made...)
		}
		list := &stripe.PaymentIntentListParams{Customer: text(customer.ID)}
		list.Limit = number(3)
		var seen []string
		for rows := w.api.PaymentIntents.List(list); rows.Next(); {
			seen = append(seen, rows.PaymentIntent().ID)
		}
		got(t, "all rows", fmt.Sprint(seen), fmt.Sprint(made))

		var page struct {
			Data    []struct{ ID string }
			HasMore bool `json:"has_more"`
		}
		query := url.Values{"customer": {customer.ID}, "limit": {"2"}, "ending_before": {made[3]}}
		if err := w.raw("GET", "/v1/payment_intents", query, &page); err != nil {
			t.Fatal(err)
		}
		if len(page.Data) != 2 || page.Data[0].ID != made[1] || page.Data[1].ID != made[2] || !page.HasMore {
			t.Errorf("the two rows before %s are %+v, want %v with more", made[3], page, made[1:3])
		}
	})
	t.Run("a page has 1 to 100 rows", func(t *testing.T) {
		for _, limit := range []string{"0", "101"} {
			err := w.raw("GET", "/v1/customers", url.Values{"limit": {limit}}, nil)
			var refusal *stripe.Error
			if !asStripe(err, &refusal) || refusal.HTTPStatusCode != 400 || refusal.Param != "limit" {
				t.Errorf("limit %s: %v", limit, err)
			}
		}
	})
	t.Run("a field that is no object cannot be expanded", func(t *testing.T) {
		customer := w.customer(t)
		p := &stripe.CustomerParams{}
		p.AddExpand("email")
		_, err := w.api.Customers.Get(customer.ID, p)
		refused(t, err, 400, badRequest, "")
	})
	t.Run("expansion reaches through the objects between", func(t *testing.T) {
		customer := w.customer(t)
		p := w.pay(4200, "pm_card_visa")
		p.Customer = text(customer.ID)
		p.AddExpand("latest_charge.balance_transaction")
		p.AddExpand("customer")
		intent, err := w.api.PaymentIntents.New(p)
		must(t, intent, err)
		got(t, "customer's name", intent.Customer.Name, "Ada Example")
		got(t, "entry's amount", intent.LatestCharge.BalanceTransaction.Amount, 4200)
		list := &stripe.PaymentIntentListParams{Customer: text(customer.ID)}
		list.AddExpand("data.latest_charge.payment_intent")
		rows := w.api.PaymentIntents.List(list)
		if !rows.Next() {
			t.Fatalf("no row: %v", rows.Err())
		}
		got(t, "payment of the charge of the payment", rows.PaymentIntent().LatestCharge.PaymentIntent.Amount, 4200)
	})
}

// raw sends what stripe-go would not let through. Errors are *stripe.Error.
func (w *world) raw(method, path string, form url.Values, into any) error {
	return rawCall(w.base, w.key, method, path, form, into)
}
