package stripe

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stripe/stripe-go/v76/webhook"

	"amiable/negotiation/money"
	"amiable/payments"
)

// event is the body of a delivery about an object.
func event(kind, version string, object map[string]any) []byte {
	body, err := json.Marshal(map[string]any{
		"id": "evt_1", "object": "event", "type": kind, "api_version": version, "created": 1767603600, "livemode": false,
		"pending_webhooks": 1, "data": map[string]any{"object": object},
	})
	if err != nil {
		panic(err) // a map of plain values
	}
	return body
}

func signed(body []byte, secret string, at time.Time) string {
	return webhook.GenerateTestSignedPayload(&webhook.UnsignedPayload{Payload: body, Secret: secret, Timestamp: at}).Header
}

func TestOnlyStripesWordIsTaken(t *testing.T) {
	now := time.Now()
	body := event("customer.created", APIVersion, map[string]any{"id": "cus_1", "object": "customer"})
	old := event("customer.created", "2024-04-10", map[string]any{"id": "cus_1", "object": "customer"})
	rotated := signed(body, "whsec_old", now) + "," + strings.SplitN(signed(body, "whsec_new", now), ",", 2)[1]
	for _, test := range []struct {
		name      string
		secrets   []string
		body      []byte
		signature string
		taken     bool
	}{
		{"signed", []string{"whsec_new"}, body, signed(body, "whsec_new", now), true},
		{"signed with the secret that is being rotated out", []string{"whsec_new", "whsec_old"}, body, signed(body, "whsec_old", now), true},
		{"signed with both", []string{"whsec_new"}, body, rotated, true},
		{"signed with another secret", []string{"whsec_new"}, body, signed(body, "whsec_other", now), false},
		{"not signed", []string{"whsec_new"}, body, "", false},
		{"signed with nothing", []string{"whsec_new"}, body, signed(body, "", now), false},
		{"we know no secret", nil, body, signed(body, "whsec_new", now), false},
		{"another body", []string{"whsec_new"}, append(body, ' '), signed(body, "whsec_new", now), false},
		{"six minutes old", []string{"whsec_new"}, body, signed(body, "whsec_new", now.Add(-6*time.Minute)), false},
		{"from six minutes ahead", []string{"whsec_new"}, body, signed(body, "whsec_new", now.Add(6*time.Minute)), false},
		{"of another API version", []string{"whsec_new"}, old, signed(old, "whsec_new", now), false},
		{"no JSON", []string{"whsec_new"}, []byte("hello"), signed([]byte("hello"), "whsec_new", now), false},
	} {
		t.Run(test.name, func(t *testing.T) {
			g, err := New(Config{Key: testKey, WebhookSecrets: test.secrets})
			if err != nil {
				t.Fatal(err)
			}
			n, err := g.ReadNotification(test.body, test.signature)
			switch {
			case test.taken && (err != nil || n.ID != "evt_1"):
				t.Errorf("%+v, %v", n, err)
			case !test.taken && !errors.Is(err, payments.ErrNotSigned):
				t.Errorf("want ErrNotSigned, got %+v, %v", n, err)
			case !test.taken && strings.Contains(err.Error(), "%!"):
				t.Errorf("a reason that cannot be read: %v", err)
			}
		})
	}
}

func TestWhatANotificationSays(t *testing.T) {
	created := time.Unix(1767603600, 0).UTC()
	ours := map[string]any{"case_id": "c1", "payment_id": "p1"}
	session := func(status, paid string) map[string]any {
		return map[string]any{"id": "cs_1", "object": "checkout.session", "status": status, "payment_status": paid,
			"amount_total": 8400, "currency": "eur", "payment_intent": "pi_1", "metadata": ours}
	}
	intent := func(status string, more map[string]any) map[string]any {
		object := map[string]any{"id": "pi_1", "object": "payment_intent", "status": status, "amount_received": 8400, "currency": "eur",
			"latest_charge": "ch_1", "metadata": ours}
		for k, v := range more {
			object[k] = v
		}
		return object
	}
	declined := map[string]any{"last_payment_error": map[string]any{"type": "card_error", "code": "card_declined", "decline_code": "lost_card"}}
	eightyFour := money.Euros(8400)
	for _, test := range []struct {
		kind   string
		object map[string]any
		want   *payments.Fact
	}{
		{"checkout.session.completed", session("complete", "paid"), &payments.Fact{PaymentID: "p1", CaseID: "c1", SessionID: "cs_1", IntentID: "pi_1", Over: true, Progress: payments.Collected, Amount: eightyFour, At: created}},
		{"checkout.session.completed", session("complete", "unpaid"), &payments.Fact{PaymentID: "p1", CaseID: "c1", SessionID: "cs_1", IntentID: "pi_1", Over: true, Progress: payments.Submitted, At: created}},
		{"checkout.session.async_payment_succeeded", session("complete", "paid"), &payments.Fact{PaymentID: "p1", CaseID: "c1", SessionID: "cs_1", IntentID: "pi_1", Over: true, Progress: payments.Collected, Amount: eightyFour, At: created}},
		{"checkout.session.async_payment_failed", session("complete", "unpaid"), &payments.Fact{PaymentID: "p1", CaseID: "c1", SessionID: "cs_1", IntentID: "pi_1", Over: true, Progress: payments.Failed}},
		{"checkout.session.expired", session("expired", "unpaid"), &payments.Fact{PaymentID: "p1", CaseID: "c1", SessionID: "cs_1", IntentID: "pi_1", Over: true, Progress: payments.Expired}},
		{"payment_intent.succeeded", intent("succeeded", nil), &payments.Fact{PaymentID: "p1", CaseID: "c1", IntentID: "pi_1", ChargeID: "ch_1", Progress: payments.Collected, Amount: eightyFour, At: created}},
		{"payment_intent.processing", intent("processing", nil), &payments.Fact{PaymentID: "p1", CaseID: "c1", IntentID: "pi_1", ChargeID: "ch_1", Progress: payments.Submitted, At: created}},
		{"payment_intent.payment_failed", intent("requires_payment_method", declined), &payments.Fact{PaymentID: "p1", CaseID: "c1", IntentID: "pi_1", ChargeID: "ch_1", Progress: payments.Failed, Failure: "lost_card"}},
		{"payment_intent.canceled", intent("canceled", nil), &payments.Fact{PaymentID: "p1", CaseID: "c1", IntentID: "pi_1", ChargeID: "ch_1", Progress: payments.Expired}},
		{"payment_intent.succeeded", intent("succeeded", map[string]any{"metadata": map[string]any{}}), nil}, // somebody else's
		{"customer.created", map[string]any{"id": "cus_1", "object": "customer"}, nil},
	} {
		t.Run(test.kind, func(t *testing.T) {
			g, err := New(Config{Key: testKey})
			if err != nil {
				t.Fatal(err)
			}
			n, err := g.RereadNotification(event(test.kind, APIVersion, test.object))
			if err != nil {
				t.Fatal(err)
			}
			if n.ID != "evt_1" || n.Type != test.kind || !n.Created.Equal(created) || n.Merchant != nil {
				t.Errorf("%+v", n)
			}
			switch {
			case (n.Payment == nil) != (test.want == nil):
				t.Errorf("fact %+v, want %+v", n.Payment, test.want)
			case n.Payment != nil && *n.Payment != *test.want:
				t.Errorf("fact %+v, want %+v", *n.Payment, *test.want)
			}
		})
	}
	t.Run("an account", func(t *testing.T) {
		g, err := New(Config{Key: testKey})
		if err != nil {
			t.Fatal(err)
		}
		n, err := g.RereadNotification(event("account.updated", APIVersion, map[string]any{
			"id": "acct_1", "object": "account", "charges_enabled": true, "requirements": map[string]any{"currently_due": []string{"external_account"}},
		}))
		if err != nil || n.Merchant == nil || n.Merchant.AccountID != "acct_1" || !n.Merchant.ChargesEnabled || len(n.Merchant.Requirements) != 1 {
			t.Errorf("%+v, %v", n, err)
		}
	})
	t.Run("nothing that makes sense", func(t *testing.T) {
		g, err := New(Config{Key: testKey})
		if err != nil {
			t.Fatal(err)
		}
		for _, body := range []string{"", "{}", "[]", `{"id":"evt_1"}`, `{"id":"evt_1","type":"payment_intent.succeeded","data":{"object":[]}}`, `{"id":"evt_1","type":"payment_intent.succeeded","data":{"object":{"amount":"x"}}}`} {
			if n, err := g.RereadNotification([]byte(body)); err == nil {
				t.Errorf("%s: %+v", body, n)
			}
		}
	})
}
