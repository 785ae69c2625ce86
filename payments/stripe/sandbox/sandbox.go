// Package sandbox is a Stripe of our own: a stateful server that an unmodified
// stripe-go v76 talks to, for the demo, for tests and for load tests. No card
// is real in it and no money moves; only test keys are accepted.
//
//	s := sandbox.New(sandbox.Options{Seed: 1, Start: time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC)})
//	server := httptest.NewServer(s)
//	stripe.SetBackend(stripe.APIBackend, stripe.GetBackendWithConfig(stripe.APIBackend,
//		&stripe.BackendConfig{URL: stripe.String(server.URL)}))
//
// How a call travels: serve.go reads it, routes.go names the method of its
// noun, schema.go checks its parameters, the noun's file carries it out under
// one lock, books.go writes every movement of money twice, event.go records
// what happened, delivery.go tells the endpoints, respond.go writes the answer.
//
// What it is not: Stripe. Issuers, Radar, fees, identity checks and retry
// times are modelled, not known. The judges in conformance/ hold its shapes
// against Stripe's own documents and clients; only Stripe's test mode proves
// Stripe's behaviour.
package sandbox

import (
	"net/http"
	"strings"
	"sync"
	"time"
)

// APIVersion is the one version of Stripe's interface that is spoken here.
const APIVersion = "2023-10-16"

// Options are the givens of a sandbox. The zero value works.
type Options struct {
	// Seed makes identifiers and fault draws repeatable.
	Seed uint64
	// Start is where the clock stands; zero means 2026-01-05 09:00 UTC.
	Start time.Time
	// Now, when set, makes the clock follow another one instead of standing
	// still. Advance and SetClock then move it ahead of that clock.
	Now func() time.Time
	// PublicURL is where the hosted pages are reached, without a final slash.
	PublicURL string
	// Country and Currency are the platform's; empty means FR and eur.
	Country, Currency string
	// Endpoints are registered at the start, as if by the webhook_endpoints API.
	Endpoints []Endpoint
	// Fee is what Stripe keeps of a charge. It is invented and can be set;
	// nil means 1.5 % and 25 minor units.
	Fee func(amount int64, currency string) int64
	// SettlesAfter is how long money stays pending; zero means two days.
	SettlesAfter time.Duration
	// Payouts pays balances out by each account's schedule. Without it only a
	// call makes a payout, and money rests where a story has put it.
	Payouts bool
	// DebitsTake is how long every debit is under way at least; zero means that
	// listed accounts answer at once, as in Stripe's test mode.
	DebitsTake time.Duration
	// DeliveryClient sends webhooks; nil means a client with a 10 s deadline.
	DeliveryClient *http.Client
	// Deliverers is how many webhooks may be under way at once; zero means
	// one, so that they leave in order.
	Deliverers int
}

// Endpoint is a webhook endpoint given at the start.
type Endpoint struct {
	URL string
	// Secret signs; empty means that one is made (see Sandbox.Secrets).
	Secret string
	// Events are the types wanted; none means all.
	Events []string
	// Connect says that events of connected accounts are wanted, not the platform's.
	Connect bool
}

// Sandbox is one Stripe world in memory. It is safe for concurrent use.
type Sandbox struct {
	options Options

	mu       sync.Mutex // everything below
	clock    clock
	moment   time.Time // of the call being carried out
	ringing  time.Time // of the alarm being rung, zero outside
	seq      uint64    // orders alarms and deliveries of one moment
	alarms   alarms
	mint     *minter
	cause    cause
	deferred []func() // events of the present act, told at its end

	platform *tenant
	tenants  map[string]*tenant
	owners   map[string]*tenant      // of sessions and intents, for the pages
	accounts table[*account]         // the connected ones
	links    map[string]*accountLink // the latest of each account

	books      books
	batches    map[batchKey]*batch // money that becomes available later
	keys       keyring
	faults     faultRules
	scripts    map[string][]Outcome
	spells     []Spell
	stale      map[string]*version
	violations []Violation

	outbox     outbox
	attemptLog []Attempt
}

// cause is the request that events made now will name.
type cause struct {
	request string
	key     string
}

// New returns an empty world.
func New(options Options) *Sandbox {
	s := &Sandbox{}
	if options.Start.IsZero() {
		options.Start = time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC)
	}
	if options.Country == "" {
		options.Country = "FR"
	}
	if options.Currency == "" {
		options.Currency = "eur"
	}
	if options.Fee == nil {
		options.Fee = inventedFee
	}
	if options.SettlesAfter == 0 {
		options.SettlesAfter = 48 * time.Hour
	}
	if options.DeliveryClient == nil {
		options.DeliveryClient = &http.Client{Timeout: 10 * time.Second}
	}
	if options.Deliverers == 0 {
		options.Deliverers = 1
	}
	options.PublicURL = strings.TrimSuffix(options.PublicURL, "/")
	s.options = options

	s.begin()
	return s
}

// inventedFee is not anybody's price list.
func inventedFee(amount int64, _ string) int64 { return (amount*150+5000)/10000 + 25 }

// Reset empties the world and starts it again from the same seed and moment.
// Endpoints given in the options are there again, under their first secrets.
func (s *Sandbox) Reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.begin()
}

func (s *Sandbox) begin() {
	start := s.options.Start
	now := s.options.Now
	if now == nil {
		now = func() time.Time { return start }
	}
	s.clock = clock{now: now}
	s.moment = s.clock.read()
	s.seq = 0
	s.alarms = nil
	s.attemptLog = nil
	s.mint = newMinter(s.options.Seed)
	s.tenants = map[string]*tenant{}
	s.owners = map[string]*tenant{}
	s.accounts = table[*account]{}
	s.links = map[string]*accountLink{}
	s.books = newBooks()
	s.batches = map[batchKey]*batch{}
	s.keys = newKeyring()
	s.faults = faultRules{}
	s.scripts, s.spells = map[string][]Outcome{}, nil
	s.stale = map[string]*version{}
	s.violations = nil
	s.outbox.clear()
	s.platform = s.newTenant(s.mint.id("acct_"))
	s.platform.self = s.newPlatformAccount()
	for _, e := range s.options.Endpoints {
		s.register(e)
	}
	s.startPayouts()
}

// SetPublicURL tells the sandbox where its pages are reached, for servers that
// learn their address only once they listen.
func (s *Sandbox) SetPublicURL(url string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.options.PublicURL = strings.TrimSuffix(url, "/")
}

// PlatformID is the account that test keys belong to.
func (s *Sandbox) PlatformID() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.platform.id
}

// enter begins an act at the clock's present moment, letting what fell due
// before it happen first. The lock is held.
func (s *Sandbox) enter(c cause) {
	s.cause = cause{}
	s.moment = s.clock.read()
	s.tick()
	s.cause = c
}
