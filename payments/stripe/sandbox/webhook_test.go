package sandbox_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stripe/stripe-go/v76"
	"github.com/stripe/stripe-go/v76/webhook"

	"amiable/payments/stripe/sandbox"
)

func TestWhatCannotBeDeliveredIsTriedAgain(t *testing.T) {
	w := newWorld(t)
	w.letter.replyWith(500)
	w.customer()
	w.quiet()
	pending := func() int {
		_, answer := w.raw(http.MethodGet, "/v1/events", "delivery_success=false&type=customer.created")
		return len(answer["data"].([]any))
	}
	if pending() != 1 || len(w.letter.events) != 0 {
		t.Fatalf("%d pending", pending())
	}
	if err := w.box.Advance(6 * time.Minute); err != nil {
		t.Fatal(err)
	}
	w.quiet()
	w.letter.replyWith(200)
	if err := w.box.Advance(31 * time.Minute); err != nil {
		t.Fatal(err)
	}
	w.quiet()
	if pending() != 0 || !slices.Equal(w.letter.types(), []string{"customer.created"}) {
		t.Errorf("%d pending, got %v", pending(), w.letter.types())
	}
	// What fails for three days is given up, and stays listed.
	w.letter.replyWith(500)
	w.customer()
	if err := w.box.Advance(4 * 24 * time.Hour); err != nil {
		t.Fatal(err)
	}
	w.quiet()
	w.letter.replyWith(200)
	if err := w.box.Advance(4 * 24 * time.Hour); err != nil {
		t.Fatal(err)
	}
	w.quiet()
	if pending() != 1 || len(w.letter.types()) != 1 {
		t.Errorf("after four days: %d pending, got %v", pending(), w.letter.types())
	}
	tries := 0
	for _, a := range w.box.Attempts() {
		if a.Status == 500 {
			tries++
		}
	}
	if tries != 2+8 {
		t.Errorf("%d tries", tries)
	}
	// By hand it still goes.
	_, answer := w.raw(http.MethodGet, "/v1/events", "delivery_success=false")
	if err := w.box.Redeliver(answer["data"].([]any)[0].(map[string]any)["id"].(string)); err != nil {
		t.Fatal(err)
	}
	w.quiet()
	if len(w.letter.types()) != 2 {
		t.Error("not redelivered")
	}
	// After thirty days an event is forgotten.
	if err := w.box.Advance(31 * 24 * time.Hour); err != nil {
		t.Fatal(err)
	}
	if _, answer := w.raw(http.MethodGet, "/v1/events", ""); len(answer["data"].([]any)) != 0 {
		t.Error("events are kept for ever")
	}
}

func TestPausedWebhooksWaitAndKeepTheirOrder(t *testing.T) {
	w := newWorld(t)
	w.box.PauseWebhooks()
	must[*stripe.PaymentIntent](w)(w.pay("pm_card_visa", nil))
	w.quiet()
	if len(w.letter.types()) != 0 {
		t.Fatal("delivered while paused")
	}
	w.box.ResumeWebhooks()
	w.quiet()
	if got := w.letter.types(); !slices.Equal(got, []string{"payment_intent.created", "charge.succeeded", "payment_intent.succeeded"}) {
		t.Error(got)
	}
}

func TestConnectEndpointsHearOfAccounts(t *testing.T) {
	w := newWorld(t)
	creditor := w.creditor()
	w.quiet()
	found := false
	for _, e := range w.letter.events {
		if e.Type == "account.updated" && e.Account == creditor.ID {
			found = true
			if e.Data.PreviousAttributes["charges_enabled"] != false {
				t.Errorf("previous attributes %v", e.Data.PreviousAttributes)
			}
		}
	}
	if !found {
		t.Error(w.letter.types())
	}
}

func TestEndpointsByAPI(t *testing.T) {
	w := newWorld(t)
	var mu sync.Mutex
	var heard []string
	var secret string
	listener := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		mu.Lock()
		defer mu.Unlock()
		e, err := webhook.ConstructEvent(body, r.Header.Get("Stripe-Signature"), secret)
		if err != nil {
			t.Error(err)
		}
		heard = append(heard, string(e.Type))
	}))
	defer listener.Close()
	made := must[*stripe.WebhookEndpoint](w)(w.api.WebhookEndpoints.New(&stripe.WebhookEndpointParams{URL: &listener.URL, APIVersion: stripe.String("2023-10-16"),
		EnabledEvents: stripe.StringSlice([]string{"charge.failed", "customer.created"})}))
	secret = made.Secret
	if !strings.HasPrefix(secret, "whsec_") || made.APIVersion != "2023-10-16" {
		t.Fatalf("%+v", made)
	}
	if again := must[*stripe.WebhookEndpoint](w)(w.api.WebhookEndpoints.Get(made.ID, nil)); again.Secret != "" {
		t.Error("the secret was shown a second time")
	}
	must[*stripe.PaymentIntent](w)(w.pay("pm_card_visa", nil))
	w.customer()
	w.quiet()
	if !slices.Equal(heard, []string{"customer.created"}) {
		t.Error(heard)
	}
	must[*stripe.WebhookEndpoint](w)(w.api.WebhookEndpoints.Update(made.ID, &stripe.WebhookEndpointParams{Disabled: stripe.Bool(true)}))
	w.customer()
	w.quiet()
	if len(heard) != 1 {
		t.Error("a disabled endpoint was told")
	}
	must[*stripe.WebhookEndpoint](w)(w.api.WebhookEndpoints.Del(made.ID, nil))
	if _, err := w.api.WebhookEndpoints.Get(made.ID, nil); err == nil {
		t.Error("a deleted endpoint is still there")
	}
}

func TestFalsifiedWebhooks(t *testing.T) {
	for _, row := range []struct {
		kind    sandbox.FaultKind
		refused int // by stripe-go itself
		taken   int // in all, the true ones included
	}{
		{sandbox.WebhookBadSignature, 1, 1},
		{sandbox.WebhookOldTimestamp, 1, 1},
		{sandbox.WebhookFuture, 0, 2}, // v76 takes it; the product must not
		{sandbox.WebhookRotatedSecret, 0, 1},
		{sandbox.WebhookWrongVersion, 1, 1},
		{sandbox.WebhookLivemode, 0, 2},
		{sandbox.WebhookUnknownType, 0, 2},
		{sandbox.WebhookForeign, 0, 2},
		{sandbox.WebhookOversized, 1, 1},
		{sandbox.WebhookDuplicate, 0, 4},
		{sandbox.WebhookNever, 0, 0},
	} {
		t.Run(string(row.kind), func(t *testing.T) {
			w := newWorld(t)
			if _, err := w.box.AddFault(sandbox.Fault{Kind: row.kind, Event: "customer.*", Times: 3}); err != nil {
				t.Fatal(err)
			}
			w.customer()
			w.quiet()
			if w.letter.refused != row.refused || len(w.letter.events) != row.taken {
				t.Errorf("%d refused, %d taken", w.letter.refused, len(w.letter.events))
			}
			ids := map[string]int{}
			for _, e := range w.letter.events {
				ids[e.ID]++
			}
			if row.kind == sandbox.WebhookDuplicate && len(ids) != 1 {
				t.Errorf("duplicates have ids of their own: %v", ids)
			}
			_, answer := w.raw(http.MethodGet, "/v1/events", "delivery_success=false")
			if waiting := len(answer["data"].([]any)); (waiting == 1) != (row.kind == sandbox.WebhookNever) {
				t.Errorf("%d not delivered", waiting)
			}
		})
	}
}

func TestLateAndReorderedWebhooks(t *testing.T) {
	w := newWorld(t)
	for _, f := range []sandbox.Fault{
		{Kind: sandbox.WebhookDelay, Event: "payment_intent.created", Delay: time.Hour},
		{Kind: sandbox.WebhookDrop, Event: "charge.succeeded"},
	} {
		if _, err := w.box.AddFault(f); err != nil {
			t.Fatal(err)
		}
	}
	must[*stripe.PaymentIntent](w)(w.pay("pm_card_visa", nil))
	w.quiet()
	if got := w.letter.types(); !slices.Equal(got, []string{"payment_intent.succeeded"}) {
		t.Error(got)
	}
	if err := w.box.Advance(2 * time.Hour); err != nil {
		t.Fatal(err)
	}
	w.quiet()
	if got := w.letter.types(); !slices.Equal(got, []string{"payment_intent.succeeded", "charge.succeeded", "payment_intent.created"}) {
		t.Error(got)
	}
	// Reordered: the last overtakes what waits.
	w = newWorld(t)
	w.box.PauseWebhooks()
	if _, err := w.box.AddFault(sandbox.Fault{Kind: sandbox.WebhookReorder, Event: "payment_intent.succeeded"}); err != nil {
		t.Fatal(err)
	}
	must[*stripe.PaymentIntent](w)(w.pay("pm_card_visa", nil))
	w.box.ResumeWebhooks()
	w.quiet()
	if got := w.letter.types(); got[0] != "payment_intent.succeeded" {
		t.Error(got)
	}
}

func TestAWebhookMayOvertakeItsOwnAnswer(t *testing.T) {
	w := newWorld(t)
	if _, err := w.box.AddFault(sandbox.Fault{Kind: sandbox.WebhookFirst, Path: "/v1/customers"}); err != nil {
		t.Fatal(err)
	}
	w.customer()
	if got := w.letter.types(); !slices.Equal(got, []string{"customer.created"}) {
		t.Errorf("when the answer came, heard: %v", got)
	}
}

func TestTheClockFollowsAnother(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	box := sandbox.New(sandbox.Options{Now: func() time.Time { return now }})
	if !box.Now().Equal(now) {
		t.Error(box.Now())
	}
	if err := box.Advance(time.Hour); err != nil {
		t.Fatal(err)
	}
	now = now.Add(time.Minute)
	if want := time.Date(2026, 3, 1, 13, 1, 0, 0, time.UTC); !box.Now().Equal(want) {
		t.Error(box.Now())
	}
	if err := box.SetClock(now.Add(-24 * time.Hour)); err == nil {
		t.Error("the clock went back")
	}
}

// When the clock moves by itself, so does everything that waits for it.
func TestWhatFallsDueHappensByItself(t *testing.T) {
	arrived := make(chan string, 10)
	listener := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		e, err := webhook.ConstructEvent(body, r.Header.Get("Stripe-Signature"), "whsec_test")
		if err != nil {
			t.Error(err)
		}
		arrived <- string(e.Type)
	}))
	defer listener.Close()
	// A clock an hour of which passes in a second.
	begun := time.Now()
	box := sandbox.New(sandbox.Options{Now: func() time.Time { return begun.Add(3600 * time.Since(begun)) },
		Endpoints: []sandbox.Endpoint{{URL: listener.URL, Secret: "whsec_test", Events: []string{"checkout.session.expired"}}}})
	server := httptest.NewServer(box)
	defer server.Close()
	w := &world{T: t, box: box, url: server.URL}
	_, answer := w.raw(http.MethodPost, "/v1/checkout/sessions", "mode=setup&currency=eur&success_url=https://a.test&expires_at="+
		strconv.FormatInt(box.Now().Add(35*time.Minute).Unix(), 10))
	if answer["status"] != "open" {
		t.Fatal(answer)
	}
	select {
	case kind := <-arrived:
		if kind != "checkout.session.expired" {
			t.Error(kind)
		}
	case <-time.After(20 * time.Second):
		t.Error("the session's expiry was never told")
	}
}

func TestSeveralDeliverersAtOnce(t *testing.T) {
	var mu sync.Mutex
	heard := map[string]int{}
	both := make(chan struct{}, 100)
	listener := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		e, err := webhook.ConstructEvent(body, r.Header.Get("Stripe-Signature"), "whsec_test")
		if err != nil {
			t.Error(err)
		}
		// Nobody is let go before two are here: duplicates really are concurrent.
		both <- struct{}{}
		for len(both) < 2 {
			time.Sleep(time.Millisecond)
		}
		mu.Lock()
		defer mu.Unlock()
		heard[e.ID]++
	}))
	defer listener.Close()
	box := sandbox.New(sandbox.Options{Deliverers: 4, Endpoints: []sandbox.Endpoint{{URL: listener.URL, Secret: "whsec_test"}}})
	if _, err := box.AddFault(sandbox.Fault{Kind: sandbox.WebhookDuplicate, Times: 3}); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(box)
	defer server.Close()
	w := &world{T: t, box: box, url: server.URL}
	w.raw(http.MethodPost, "/v1/customers", "name=A")
	w.quiet()
	if len(heard) != 1 {
		t.Fatal(heard)
	}
	for id, times := range heard {
		if times != 4 {
			t.Errorf("%s arrived %d times", id, times)
		}
	}
}
