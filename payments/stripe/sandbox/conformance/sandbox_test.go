package conformance

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"

	"amiable/payments/stripe/sandbox"
)

const sandboxKey = "sk_test_0123456789abcdef"

// subject is a sandbox under judgement.
type subject struct {
	*sandbox.Sandbox
	base     string // for clients in this process, which record by themselves
	watched  string // the same, with the recorder at the door, for those outside
	recorder *Recorder
}

func openSandbox(t *testing.T) *subject {
	t.Helper()
	box := sandbox.New(sandbox.Options{})
	recorder := &Recorder{Document: document(t), Next: http.DefaultTransport}
	plain, watched := httptest.NewServer(box), httptest.NewServer(recorder.Handler(box))
	t.Cleanup(func() { plain.Close(); watched.Close() })
	box.SetPublicURL(plain.URL)
	return &subject{box, plain.URL, watched.URL, recorder}
}

// account returns a connected account whose holder has told everything.
func (s *subject) account(t *testing.T) string {
	t.Helper()
	var account struct{ ID string }
	form := url.Values{
		"type": {"express"}, "country": {"FR"},
		"capabilities[card_payments][requested]": {"true"}, "capabilities[transfers][requested]": {"true"},
	}
	if err := rawCall(s.base, sandboxKey, http.MethodPost, "/v1/accounts", form, &account); err != nil {
		t.Fatal(err)
	}
	if err := s.CompleteOnboarding(account.ID); err != nil {
		t.Fatal(err)
	}
	return account.ID
}

func (s *subject) crawler() *crawler {
	return &crawler{s.recorder.Document, s.recorder, s.base, sandboxKey}
}

// verdict fails the test with everything that the judges said.
func verdict(t *testing.T, complaints []Complaint) {
	t.Helper()
	for _, c := range complaints {
		t.Error(c)
	}
}

// sound fails the test where the sandbox's own books do not hold.
func (s *subject) sound(t *testing.T) {
	t.Helper()
	for _, v := range s.Invariants() {
		t.Errorf("the sandbox's books: %+v", v)
	}
}

// TestContractAgainstSandbox: the sandbox does what we believe Stripe does, and
// everything that is said on the way is said as Stripe says it.
func TestContractAgainstSandbox(t *testing.T) {
	s := openSandbox(t)
	w := newWorld(s.base, sandboxKey, s.recorder)
	w.account = s.account
	contract(t, w)
	verdict(t, s.recorder.Complaints())
	s.sound(t)
}

// TestWalkThroughTheSandbox goes to every operation it serves, then reads
// everything again with every field expanded that can be. An operation that
// nothing here answers with success is named.
func TestWalkThroughTheSandbox(t *testing.T) {
	s := openSandbox(t)
	c := s.crawler()
	walk(t, c, map[string]string{"acct": s.account(t)})
	tried, err := c.expandEverything()
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d reads with expansion", tried)
	verdict(t, s.recorder.Complaints())
	s.sound(t)

	answered := map[string]bool{}
	for _, e := range s.recorder.Exchanges() {
		if e.Status == http.StatusOK {
			answered[e.Method+" "+e.Template] = true
		}
	}
	served, err := c.served()
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range served {
		if !answered[r.method+" "+r.template] && noWayThere[r.method+" "+r.template] == "" {
			t.Errorf("%s %s is served, and no step of the walk is answered with success", r.method, r.template)
		}
	}
	t.Logf("%d of Stripe's operations are served", len(served))
}

// noWayThere are operations that no object of ours can be brought to allow.
var noWayThere = map[string]string{
	"POST /v1/charges/{charge}/capture": "charges are made by payment intents, which capture them",
	"POST /v1/refunds/{refund}/cancel":  "only a refund that waits for the payer's bank details can be cancelled; those of cards and debits never do",
}

// TestEveryParameterOfTheSandbox calls every operation with every parameter
// that Stripe's document gives it.
func TestEveryParameterOfTheSandbox(t *testing.T) {
	s := openSandbox(t)
	c := s.crawler()
	walk(t, c, map[string]string{"acct": s.account(t)})
	served, err := c.served()
	if err != nil {
		t.Fatal(err)
	}
	done := s.recorder.Exchanges()
	slices.Reverse(done)
	tried := 0
	for _, r := range served {
		like := slices.IndexFunc(done, func(e Exchange) bool {
			return e.Status == http.StatusOK && e.Method == r.method && e.Template == r.template && e.RequestHeader.Get("Stripe-Account") == ""
		})
		if like < 0 {
			continue // named by the walk
		}
		needed := url.Values{}
		for name, values := range done[like].Params {
			if !strings.HasPrefix(name, "expand") {
				needed[name] = values
			}
		}
		n, err := c.everyParameter(r, done[like].Path, needed)
		if err != nil {
			t.Error(err)
		}
		tried += n
	}
	t.Logf("%d parameters tried", tried)
	verdict(t, s.recorder.Complaints())
	s.sound(t)
}

// stripesScenarios are the events of the CLI whose objects the sandbox serves.
// That of payment_intent.partially_funded asks for a kind of Japanese transfer
// that Stripe's document does not have.
// Those of payouts are not among them: they pay out dollars, and the platform
// has a bank account in euros alone.
var stripesScenarios = strings.Fields(`
	account.application.deauthorized account.updated
	balance.available
	cash_balance.funds_available customer_cash_balance_transaction.created
	charge.captured charge.dispute.closed charge.dispute.created charge.dispute.updated charge.failed charge.refund.updated charge.refunded charge.succeeded
	checkout.session.completed checkout.session.expired
	customer.created customer.deleted customer.updated
	checkout.session.async_payment_failed checkout.session.async_payment_succeeded payment_intent.processing
	customer.source.created customer.source.updated
	payment_intent.amount_capturable_updated payment_intent.canceled payment_intent.created
	payment_intent.payment_failed payment_intent.requires_action payment_intent.succeeded
	payment_method.attached payment_method.detached payment_method.updated
	price.created price.updated product.created product.deleted product.updated
	setup_intent.canceled setup_intent.created setup_intent.requires_action setup_intent.setup_failed setup_intent.succeeded
	transfer.created transfer.reversed transfer.updated
`)

// TestStripesOwnScenarios is O6: each scenario on a sandbox of its own, as a
// user of the command line meets it.
func TestStripesOwnScenarios(t *testing.T) {
	cli := stripeCommand(t)
	scenarios := stripesScenarios
	if more := os.Getenv("STRIPE_TRIGGERS"); more != "" { // to try others by hand
		scenarios = strings.Fields(more)
	}
	for _, event := range scenarios {
		t.Run(event, func(t *testing.T) {
			t.Parallel()
			s := openSandbox(t)
			s.recorder.OnlyAnswers = true // the command line is newer than the document
			m := openMailbox(t)
			if err := m.subscribe(s.watched, sandboxKey); err != nil {
				t.Fatal(err)
			}
			if err := trigger(cli, s.watched, sandboxKey, event, m, t.TempDir()); err != nil {
				t.Error(err)
			}
			verdict(t, s.recorder.Complaints())
			for _, d := range m.deliveries() {
				verdict(t, s.recorder.Document.Event(d.Body))
			}
			s.sound(t)
		})
	}
}

// TestSecondClientAgainstSandbox is O7, with the API version that stripe-node
// was built for and with ours.
func TestSecondClientAgainstSandbox(t *testing.T) {
	nodeWithStripe(t)
	s := openSandbox(t)
	s.recorder.OnlyAnswers = true
	m := openMailbox(t)
	if err := m.subscribe(s.watched, sandboxKey); err != nil {
		t.Fatal(err)
	}
	if err := rawCall(s.watched, sandboxKey, http.MethodPost, "/v1/customers", nil, nil); err != nil {
		t.Fatal(err)
	}
	if m.await(deliveryDeadline, func(d delivery) bool { return d.Type == "customer.created" }) == nil {
		t.Fatal("nothing was delivered to verify")
	}
	for _, version := range []string{APIVersion, ""} {
		if err := secondClient(t, s.watched, sandboxKey, version, m.proofs()); err != nil {
			t.Errorf("version %q: %v", version, err)
		}
	}
	verdict(t, s.recorder.Complaints())
}
