package sandbox_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stripe/stripe-go/v76"
	"github.com/stripe/stripe-go/v76/client"
	"github.com/stripe/stripe-go/v76/webhook"

	"amiable/payments/stripe/sandbox"
)

// world is a sandbox, the official client talking to it, and a listener for
// its webhooks.
type world struct {
	*testing.T
	box    *sandbox.Sandbox
	url    string
	api    *client.API
	letter *letterbox
}

// letterbox keeps the events that arrived with a good signature.
type letterbox struct {
	mu      sync.Mutex
	secret  string
	events  []stripe.Event
	refused int
	answer  int
}

func (l *letterbox) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	l.mu.Lock()
	defer l.mu.Unlock()
	body, err := io.ReadAll(io.LimitReader(r.Body, 256<<10))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	if l.answer >= 300 {
		w.WriteHeader(l.answer)
		return
	}
	e, err := webhook.ConstructEvent(body, r.Header.Get("Stripe-Signature"), l.secret)
	if err != nil {
		l.refused++
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	l.events = append(l.events, e)
}

func (l *letterbox) types() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var types []string
	for _, e := range l.events {
		types = append(types, string(e.Type))
	}
	return types
}

func (l *letterbox) replyWith(status int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.answer = status
}

func newWorld(t *testing.T) *world {
	t.Helper()
	return newWorldWith(t, sandbox.Options{})
}

// newWorldWith is newWorld with further givens.
func newWorldWith(t *testing.T, options sandbox.Options) *world {
	t.Helper()
	w := &world{T: t, letter: &letterbox{secret: "whsec_test"}}
	listener := httptest.NewServer(w.letter)
	t.Cleanup(listener.Close)
	options.Seed, options.PublicURL = 7, "http://sandbox.localhost"
	options.Endpoints = []sandbox.Endpoint{{URL: listener.URL, Secret: "whsec_test"}, {URL: listener.URL, Secret: "whsec_test", Connect: true}}
	w.box = sandbox.New(options)
	server := httptest.NewServer(w.box)
	t.Cleanup(server.Close)
	w.url = server.URL
	w.api = w.clientWith(0)
	t.Cleanup(func() {
		for _, v := range w.box.Invariants() {
			t.Errorf("invariant: %s", v)
		}
	})
	return w
}

func (w *world) clientWith(retries int64) *client.API {
	backend := stripe.GetBackendWithConfig(stripe.APIBackend, &stripe.BackendConfig{
		URL: stripe.String(w.url), MaxNetworkRetries: stripe.Int64(retries), LeveledLogger: &stripe.LeveledLogger{Level: stripe.LevelNull}})
	return client.New("sk_test_story", &stripe.Backends{API: backend, Connect: backend, Uploads: backend})
}

func (w *world) quiet() {
	w.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	if err := w.box.Quiesce(ctx); err != nil {
		w.Fatal(err)
	}
}

func must[T any](w *world) func(T, error) T {
	w.Helper()
	return func(got T, err error) T {
		w.Helper()
		if err != nil {
			w.Fatal(err)
		}
		return got
	}
}

// stripeError returns what the client made of a refusal.
func stripeError(t *testing.T, err error) *stripe.Error {
	t.Helper()
	var refused *stripe.Error
	if !errors.As(err, &refused) {
		t.Fatalf("no refusal by Stripe: %v", err)
	}
	return refused
}

// raw speaks plain HTTP to the sandbox and returns what came back.
func (w *world) raw(method, path, form string, headers ...string) (*http.Response, map[string]any) {
	w.Helper()
	var body io.Reader
	target := w.url + path
	if method == http.MethodPost {
		body = strings.NewReader(form)
	} else if form != "" {
		target += "?" + form
	}
	request, err := http.NewRequest(method, target, body)
	if err != nil {
		w.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer sk_test_story")
	if method == http.MethodPost {
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		w.Fatal(err)
	}
	defer response.Body.Close()
	var answer map[string]any
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		w.Fatalf("%s %s: %v", method, path, err)
	}
	return response, answer
}

// creditor is a connected account that may be paid.
func (w *world) creditor() *stripe.Account {
	w.Helper()
	a := must[*stripe.Account](w)(w.api.Accounts.New(&stripe.AccountParams{Type: stripe.String("express"), Country: stripe.String("FR"),
		Capabilities: &stripe.AccountCapabilitiesParams{CardPayments: &stripe.AccountCapabilitiesCardPaymentsParams{Requested: stripe.Bool(true)},
			Transfers: &stripe.AccountCapabilitiesTransfersParams{Requested: stripe.Bool(true)}}}))
	if err := w.box.CompleteOnboarding(a.ID); err != nil {
		w.Fatal(err)
	}
	return a
}

func (w *world) customer() *stripe.Customer {
	w.Helper()
	return must[*stripe.Customer](w)(w.api.Customers.New(&stripe.CustomerParams{Name: stripe.String("Ada Morel"), Email: stripe.String("ada@example.com")}))
}

// savedCard attaches a test card to a customer.
func (w *world) savedCard(x *stripe.Customer, alias string) *stripe.PaymentMethod {
	w.Helper()
	return must[*stripe.PaymentMethod](w)(w.api.PaymentMethods.Attach(alias, &stripe.PaymentMethodAttachParams{Customer: &x.ID}))
}

func TestADestinationChargePaysTheCreditorAndKeepsTheFee(t *testing.T) {
	w := newWorld(t)
	creditor := w.creditor()
	p := must[*stripe.PaymentIntent](w)(w.api.PaymentIntents.New(&stripe.PaymentIntentParams{
		Amount: stripe.Int64(10000), Currency: stripe.String("eur"), Confirm: stripe.Bool(true), PaymentMethod: stripe.String("pm_card_visa"),
		PaymentMethodTypes: stripe.StringSlice([]string{"card"}), ApplicationFeeAmount: stripe.Int64(1000), OnBehalfOf: &creditor.ID,
		TransferData: &stripe.PaymentIntentTransferDataParams{Destination: &creditor.ID},
		Params:       stripe.Params{Expand: []*string{stripe.String("latest_charge.balance_transaction"), stripe.String("latest_charge.transfer.destination_payment.balance_transaction"), stripe.String("latest_charge.application_fee")}},
	}))
	if p.Status != "succeeded" || p.AmountReceived != 10000 {
		t.Fatalf("status %s, received %d", p.Status, p.AmountReceived)
	}
	ch := p.LatestCharge
	if ch.BalanceTransaction.Amount != 10000 || ch.BalanceTransaction.Fee != 175 || ch.BalanceTransaction.Net != 9825 {
		t.Errorf("platform row %+v", ch.BalanceTransaction)
	}
	if fee := ch.ApplicationFee; fee.Amount != 1000 || fee.Account.ID != creditor.ID {
		t.Errorf("fee %+v", fee)
	}
	payment := ch.Transfer.DestinationPayment
	if payment.BalanceTransaction.Amount != 10000 || payment.BalanceTransaction.Net != 9000 {
		t.Errorf("creditor's row %+v", payment.BalanceTransaction)
	}

	// The creditor's own balance says the same, seen with its own eyes.
	theirs := must[*stripe.Balance](w)(w.api.Balance.Get(&stripe.BalanceParams{Params: stripe.Params{StripeAccount: &creditor.ID}}))
	if theirs.Pending[0].Amount != 9000 || theirs.Available[0].Amount != 0 {
		t.Errorf("creditor's balance %+v %+v", theirs.Pending[0], theirs.Available[0])
	}
	w.box.Settle()
	theirs = must[*stripe.Balance](w)(w.api.Balance.Get(&stripe.BalanceParams{Params: stripe.Params{StripeAccount: &creditor.ID}}))
	if theirs.Pending[0].Amount != 0 || theirs.Available[0].Amount != 9000 {
		t.Errorf("after settling: %+v %+v", theirs.Pending[0], theirs.Available[0])
	}

	// A refund of 40 % takes 40 % back from everybody.
	r := must[*stripe.Refund](w)(w.api.Refunds.New(&stripe.RefundParams{PaymentIntent: &p.ID, Amount: stripe.Int64(4000),
		ReverseTransfer: stripe.Bool(true), RefundApplicationFee: stripe.Bool(true)}))
	if r.Status != "succeeded" || r.TransferReversal == nil {
		t.Fatalf("refund %+v", r)
	}
	theirs = must[*stripe.Balance](w)(w.api.Balance.Get(&stripe.BalanceParams{Params: stripe.Params{StripeAccount: &creditor.ID}}))
	if theirs.Available[0].Amount != 5400 {
		t.Errorf("creditor keeps %d, not 5400", theirs.Available[0].Amount)
	}
	ours := must[*stripe.Balance](w)(w.api.Balance.Get(nil))
	if ours.Available[0].Amount != 600-175 {
		t.Errorf("platform keeps %d, not %d", ours.Available[0].Amount, 600-175)
	}
	_, err := w.api.Refunds.New(&stripe.RefundParams{PaymentIntent: &p.ID, Amount: stripe.Int64(6001)})
	if refused := stripeError(t, err); refused.Param != "amount" {
		t.Errorf("refund of more than is left: %+v", refused)
	}
	w.quiet()
	got := strings.Join(w.letter.types(), " ")
	for _, want := range []string{"payment_intent.created", "charge.succeeded", "payment_intent.succeeded", "transfer.created", "application_fee.created",
		"account.updated", "charge.refunded", "transfer.reversed", "application_fee.refunded", "refund.created", "balance.available"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %s among %s", want, got)
		}
	}
	if w.letter.refused > 0 {
		t.Errorf("%d deliveries were not properly signed", w.letter.refused)
	}
}
