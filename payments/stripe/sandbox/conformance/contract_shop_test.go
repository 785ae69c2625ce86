package conformance

import (
	"testing"
	"time"

	"github.com/stripe/stripe-go/v76"
)

// session returns the parameters of a hosted checkout as our adapter opens it.
func (w *world) session(t *testing.T) *stripe.CheckoutSessionParams {
	p := &stripe.CheckoutSessionParams{
		Mode: text("payment"), Customer: text(w.customer(t).ID), ClientReferenceID: text(w.run),
		SuccessURL: text("https://example.com/ok"), CancelURL: text("https://example.com/back"),
		LineItems: []*stripe.CheckoutSessionLineItemParams{{
			Quantity: number(1),
			PriceData: &stripe.CheckoutSessionLineItemPriceDataParams{
				Currency: text("eur"), UnitAmount: number(8400),
				ProductData: &stripe.CheckoutSessionLineItemPriceDataProductDataParams{Name: text("Invoice 2025-17")},
			},
		}},
		PaymentIntentData: &stripe.CheckoutSessionPaymentIntentDataParams{
			SetupFutureUsage: text("off_session"), Metadata: map[string]string{"run": w.run},
		},
	}
	p.AddMetadata("run", w.run)
	return p
}

func checkoutRules(t *testing.T, w *world) {
	t.Run("a session is open until it expires, and then for good", func(t *testing.T) {
		session, err := w.api.CheckoutSessions.New(w.session(t))
		must(t, session, err)
		got(t, "status", session.Status, stripe.CheckoutSessionStatusOpen)
		got(t, "payment status", session.PaymentStatus, stripe.CheckoutSessionPaymentStatusUnpaid)
		got(t, "total", session.AmountTotal, 8400)
		got(t, "reference", session.ClientReferenceID, w.run)
		if session.URL == "" {
			t.Error("a session without a page")
		}
		if session.PaymentIntent != nil {
			t.Error("an open session has a payment before anybody pays")
		}
		got(t, "life", time.Unix(session.ExpiresAt, 0).Sub(time.Unix(session.Created, 0)), 24*time.Hour)
		gone, err := w.api.CheckoutSessions.Expire(session.ID, nil)
		must(t, gone, err)
		got(t, "status", gone.Status, stripe.CheckoutSessionStatusExpired)
		got(t, "page", gone.URL, "")
		_, err = w.api.CheckoutSessions.Expire(session.ID, nil)
		var refusal *stripe.Error
		if !asStripe(err, &refusal) || refusal.HTTPStatusCode != 400 {
			t.Errorf("an expired session expired again: %v", err)
		}
	})
	t.Run("a session lists what is paid for", func(t *testing.T) {
		session, err := w.api.CheckoutSessions.New(w.session(t))
		must(t, session, err)
		rows := w.api.CheckoutSessions.ListLineItems(&stripe.CheckoutSessionListLineItemsParams{Session: text(session.ID)})
		if !rows.Next() {
			t.Fatalf("no line: %v", rows.Err())
		}
		got(t, "line's total", rows.LineItem().AmountTotal, 8400)
		got(t, "line's text", rows.LineItem().Description, "Invoice 2025-17")
		got(t, "line's price", rows.LineItem().Price.UnitAmount, 8400)
		p := &stripe.CheckoutSessionParams{}
		p.AddExpand("line_items")
		again, err := w.api.CheckoutSessions.Get(session.ID, p)
		got(t, "lines on request", len(must(t, again, err).LineItems.Data), 1)
	})
	t.Run("a session lives for half an hour at least, a day at most", func(t *testing.T) {
		base, err := w.api.CheckoutSessions.New(w.session(t))
		must(t, base, err)
		for _, life := range []time.Duration{29 * time.Minute, 25 * time.Hour} {
			p := w.session(t)
			p.ExpiresAt = number(time.Unix(base.Created, 0).Add(life).Unix())
			_, err := w.api.CheckoutSessions.New(p)
			got(t, "param", refused(t, err, 400, badRequest, "").Param, "expires_at")
		}
	})
	t.Run("a session without lines is refused", func(t *testing.T) {
		p := w.session(t)
		p.LineItems = nil
		_, err := w.api.CheckoutSessions.New(p)
		var refusal *stripe.Error
		if !asStripe(err, &refusal) || refusal.HTTPStatusCode != 400 {
			t.Errorf("a session for nothing: %v", err)
		}
	})
	t.Run("a session may save a card without taking money", func(t *testing.T) {
		session, err := w.api.CheckoutSessions.New(&stripe.CheckoutSessionParams{
			Mode: text("setup"), Customer: text(w.customer(t).ID), Currency: text("eur"), SuccessURL: text("https://example.com/ok"),
			PaymentMethodTypes: texts("card"),
		})
		must(t, session, err)
		got(t, "payment status", session.PaymentStatus, stripe.CheckoutSessionPaymentStatusNoPaymentRequired)
		if session.SetupIntent == nil {
			t.Error("a set-up session without its set-up")
		}
	})
}

func catalogueRules(t *testing.T, w *world) {
	t.Run("a price is of a product and cannot change its amount", func(t *testing.T) {
		product, err := w.api.Products.New(&stripe.ProductParams{Name: text("Invoice")})
		must(t, product, err)
		price, err := w.api.Prices.New(&stripe.PriceParams{Product: text(product.ID), Currency: text("eur"), UnitAmount: number(1500)})
		must(t, price, err)
		got(t, "type", price.Type, stripe.PriceTypeOneTime)
		got(t, "product", price.Product.ID, product.ID)
		err = w.raw("POST", "/v1/prices/"+price.ID, map[string][]string{"unit_amount": {"1"}}, nil)
		refused(t, err, 400, badRequest, "parameter_unknown")
		_, err = w.api.Prices.New(&stripe.PriceParams{Product: text("prod_nobody"), Currency: text("eur"), UnitAmount: number(1)})
		refused(t, err, 400, badRequest, "resource_missing")
	})
	t.Run("a session may sell a price", func(t *testing.T) {
		product, err := w.api.Products.New(&stripe.ProductParams{Name: text("Invoice")})
		must(t, product, err)
		price, err := w.api.Prices.New(&stripe.PriceParams{Product: text(product.ID), Currency: text("eur"), UnitAmount: number(1500)})
		must(t, price, err)
		p := w.session(t)
		p.LineItems = []*stripe.CheckoutSessionLineItemParams{{Price: text(price.ID), Quantity: number(3)}}
		session, err := w.api.CheckoutSessions.New(p)
		got(t, "total", must(t, session, err).AmountTotal, 4500)
	})
}
