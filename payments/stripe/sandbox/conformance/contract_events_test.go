package conformance

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stripe/stripe-go/v76"
)

// eventWithin is how long Stripe's own log may lag behind its answers.
const eventWithin = 20 * time.Second

// told waits until the log tells of an object, and returns the event.
func (w *world) told(t *testing.T, kind, id string) *stripe.Event {
	t.Helper()
	for deadline := time.Now().Add(eventWithin); ; {
		rows := w.api.Events.List(&stripe.EventListParams{Type: text(kind)})
		for seen := 0; seen < 100 && rows.Next(); seen++ {
			var object struct{ ID string }
			if err := json.Unmarshal(rows.Event().Data.Raw, &object); err == nil && object.ID == id {
				return rows.Event()
			}
		}
		if rows.Err() != nil || !w.real || time.Now().After(deadline) {
			t.Fatalf("no %s tells of %s (%v)", kind, id, rows.Err())
		}
		time.Sleep(time.Second) // only against Stripe, whose log we cannot await otherwise
	}
}

func eventRules(t *testing.T, w *world) {
	t.Run("a payment is told once by every object it concerns", func(t *testing.T) {
		p := w.pay(2600, "pm_card_visa")
		p.SetIdempotencyKey(w.run + ":told")
		intent, err := w.api.PaymentIntents.New(p)
		must(t, intent, err)
		w.told(t, "payment_intent.created", intent.ID)
		event := w.told(t, "payment_intent.succeeded", intent.ID)
		w.told(t, "charge.succeeded", intent.LatestCharge.ID)
		got(t, "API version", event.APIVersion, APIVersion)
		got(t, "key of the request", event.Request.IdempotencyKey, w.run+":told")
		got(t, "live", event.Livemode, false)
		again, err := w.api.Events.Get(event.ID, nil)
		got(t, "type", string(must(t, again, err).Type), "payment_intent.succeeded")
	})
	t.Run("a refund tells what was before", func(t *testing.T) {
		intent, err := w.api.PaymentIntents.New(w.pay(2600, "pm_card_visa"))
		must(t, intent, err)
		refund, err := w.api.Refunds.New(&stripe.RefundParams{PaymentIntent: text(intent.ID), Amount: number(600)})
		must(t, refund, err)
		event := w.told(t, "charge.refunded", intent.LatestCharge.ID)
		got(t, "refunded before", event.GetPreviousValue("amount_refunded"), "0")
		got(t, "refunded now", event.GetObjectValue("amount_refunded"), "600")
	})
	t.Run("a decline is told", func(t *testing.T) {
		_, err := w.api.PaymentIntents.New(w.pay(2600, "pm_card_chargeDeclined"))
		refusal := refused(t, err, 402, badCard, "card_declined")
		event := w.told(t, "payment_intent.payment_failed", refusal.PaymentIntent.ID)
		got(t, "error told", event.GetObjectValue("last_payment_error", "code"), "card_declined")
		w.told(t, "charge.failed", refusal.ChargeID)
	})
	t.Run("a change of data is told with what it was", func(t *testing.T) {
		customer := w.customer(t)
		changed, err := w.api.Customers.Update(customer.ID, &stripe.CustomerParams{Name: text("Ada Lovelace")})
		must(t, changed, err)
		event := w.told(t, "customer.updated", customer.ID)
		got(t, "name before", event.GetPreviousValue("name"), "Ada Example")
	})
	t.Run("one type or several may be asked for", func(t *testing.T) {
		rows := w.api.Events.List(&stripe.EventListParams{Types: texts("customer.created", "customer.updated")})
		for seen := 0; seen < 20 && rows.Next(); seen++ {
			if kind := rows.Event().Type; kind != "customer.created" && kind != "customer.updated" {
				t.Errorf("asked for customers, was told %s", kind)
			}
		}
		if rows.Err() != nil {
			t.Error(rows.Err())
		}
	})
}

func endpointRules(t *testing.T, w *world) {
	t.Run("an endpoint tells its secret once", func(t *testing.T) {
		endpoint, err := w.api.WebhookEndpoints.New(&stripe.WebhookEndpointParams{
			URL: text("https://example.com/hook"), EnabledEvents: texts("charge.refunded"), APIVersion: text(APIVersion),
		})
		must(t, endpoint, err)
		defer func() {
			gone, err := w.api.WebhookEndpoints.Del(endpoint.ID, nil)
			got(t, "deleted", must(t, gone, err).Deleted, true)
			_, err = w.api.WebhookEndpoints.Get(endpoint.ID, nil)
			refused(t, err, 404, badRequest, "resource_missing")
		}()
		if endpoint.Secret == "" {
			t.Error("no secret at the start")
		}
		got(t, "API version", endpoint.APIVersion, APIVersion)
		got(t, "status", endpoint.Status, "enabled")
		again, err := w.api.WebhookEndpoints.Get(endpoint.ID, nil)
		got(t, "secret told again", must(t, again, err).Secret, "")
		off, err := w.api.WebhookEndpoints.Update(endpoint.ID, &stripe.WebhookEndpointParams{Disabled: yes()})
		got(t, "status", must(t, off, err).Status, "disabled")
	})
	t.Run("an event that is none cannot be subscribed to", func(t *testing.T) {
		_, err := w.api.WebhookEndpoints.New(&stripe.WebhookEndpointParams{URL: text("https://example.com/hook"), EnabledEvents: texts("charge.paid")})
		var refusal *stripe.Error
		if !asStripe(err, &refusal) || refusal.HTTPStatusCode != 400 {
			t.Errorf("an invented event was subscribed to: %v", err)
		}
	})
}
