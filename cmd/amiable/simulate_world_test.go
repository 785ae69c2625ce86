package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/mail"
	"strings"
	"testing"
	"time"

	"amiable/negotiation"
	"amiable/negotiation/database"
	"amiable/payments"
	"amiable/payments/stripe"
	"amiable/payments/stripe/sandbox"
	"amiable/portal/access"
	"amiable/portal/outreach"
)

// year is one simulated world: a house that can die, a sandbox that cannot.
type year struct {
	t    *testing.T
	ctx  context.Context
	seed uint64
	luck *rand.Rand
	db   *database.DB
	now  time.Time
	box  *sandbox.Sandbox

	house  *installation
	left   map[string]bool // jobs that have nothing to do with a case
	folk   []person
	gone   []person // whose case is closed
	joined int
	diary  []string // the last acts, for whoever has to find out

	accounts  []string         // of the creditors at the gateway
	corrected map[string]int64 // on each, by the gateway itself
	banks     []*ledgerOfBank
	bankOf    map[string]*ledgerOfBank // creditor → where its transfers go
	sentOn    map[string]bool          // remittances whose money left the agency's account

	peaceful bool // no faults any more
	crowded  bool // others write to the database as well: it may be busy
	unsafe   bool // the process may die in what runs now
	steps    int  // statements and calls until it dies; below zero: it does not
	dead     bool
	deaths   int
	cut      int // calls whose answer never came
	happened tally
}

const (
	simulatedSecret  = "whsec_simulated"
	simulatedKey     = "sk_test_simulated"
	diaryLength      = 40
	simulatedWebhook = "http://portal.simulated/webhooks/stripe"
)

var errDied = errors.New("the process died here")

// remembers begins what the year keeps count of.
func (y *year) remembers() {
	y.happened, y.corrected, y.bankOf, y.sentOn = tally{}, map[string]int64{}, map[string]*ledgerOfBank{}, map[string]bool{}
}

func newYear(t *testing.T, seed uint64, db *database.DB) *year {
	y := &year{
		t: t, ctx: context.Background(), seed: seed, luck: rand.New(rand.NewPCG(seed, 0)), db: db, now: morningOf(yearBegins), steps: -1,
		left: map[string]bool{"answer_requests": true, "sweep": true, "sweep_files": true},
	}
	y.remembers()
	y.db.Interrupt(y.step)
	y.box = sandbox.New(sandbox.Options{
		Seed: seed, Start: y.now, PublicURL: "http://sandbox.simulated", Payouts: true, DebitsTake: time.Duration(seed%12) * 24 * time.Hour, DeliveryClient: &http.Client{Transport: postman{y}},
		Endpoints: []sandbox.Endpoint{
			{URL: simulatedWebhook, Secret: simulatedSecret}, {URL: simulatedWebhook, Secret: simulatedSecret, Connect: true},
		},
	})
	y.box.PauseWebhooks() // they come when the year lets them in
	y.build()
	return y
}

// Now makes the year the clock of everything in it.
func (y *year) Now(context.Context) (time.Time, error) { return y.now, nil }

// build builds the services, as a process does that starts.
func (y *year) build() {
	y.dead, y.steps = false, -1
	gateway, err := stripe.New(stripe.Config{
		Key: simulatedKey, WebhookSecrets: []string{simulatedSecret}, BaseURL: "http://sandbox.simulated", OwnSandbox: true, Transport: wire{y},
	})
	y.must(err)
	i := &installation{
		settings: Settings{BaseURL: "http://portal.simulated", Secret: strings.Repeat("s", secretMin), MaxPerWeek: 2},
		log:      slog.New(slog.DiscardHandler), db: y.db, clock: y, demo: true, negotiation: negotiation.New(y.db, y), gateway: gateway,
	}
	i.negotiation.LimitContacts(2)
	i.payments = payments.New(i.negotiation, gateway, "http://portal.simulated", false)
	y.must(i.payments.Offer([]string{"sepa_debit", "paypal", "customer_balance"}))
	i.payments.ChargeAt(1_000_000, 1) // no time passes between charges, and they come in one order
	i.access, err = access.New(i.negotiation, access.Config{Keys: access.Keys{Secret: []byte(i.settings.Secret)}, BaseURL: i.settings.BaseURL})
	y.must(err)
	i.outreach, err = outreach.New(i.negotiation, outreach.Config{
		Mailer: pigeon{y}, Links: i.access, BaseURL: i.settings.BaseURL, From: mail.Address{Address: "agence@example.test"}, Log: i.log,
	})
	y.must(err)
	y.house = i
}

func (y *year) must(err error) {
	y.t.Helper()
	if err != nil {
		y.t.Fatalf("seed %d, %s: %v", y.seed, y.now.Format(time.DateOnly), err)
	}
}

// draw is true once in n times.
func (y *year) draw(n int) bool { return y.luck.IntN(n) == 0 }

// life lets something happen, in which the process may die. What is refused is
// no failure, nor what a dead line explains; anything else is.
func (y *year) life(what string, do func() error) {
	y.t.Helper()
	deadly := 12
	if what == "job collect" { // where dying costs most
		deadly = 3
	}
	y.unsafe, y.steps = !y.peaceful && y.draw(deadly), -1
	if y.unsafe {
		y.steps = y.luck.IntN(1 << y.luck.IntN(8))
	}
	err := do()
	y.unsafe = false
	died := y.dead
	y.steps = -1
	if died {
		y.deaths++
		y.build()
	}
	y.note(what, err, died)
	var gone *outreach.RefusedError
	switch {
	case err == nil, died, negotiation.AsRefusal(err) != nil, !y.peaceful && lineDown(err), y.crowded && errors.Is(err, database.ErrBusy), errors.As(err, &gone):
	default:
		y.t.Errorf("seed %d, %s, %s: %v", y.seed, y.now.Format(time.DateTime), what, err)
	}
}

// lineDown says whether an error is the gateway's line.
func lineDown(err error) bool {
	return errors.Is(err, payments.ErrUnavailable) || errors.Is(err, payments.ErrRefused) || errors.Is(err, outreach.ErrUnreachable)
}

func (y *year) note(what string, err error, died bool) {
	if err == nil && !died && strings.HasPrefix(what, "job ") {
		return
	}
	line := y.now.Format(time.DateTime) + " " + what
	if err != nil {
		line += ": " + err.Error()
	}
	if died {
		line += " — died"
	}
	if y.diary = append(y.diary, line); len(y.diary) > diaryLength {
		y.diary = y.diary[1:]
	}
}

// step is asked before every statement, and around every call.
func (y *year) step() error {
	switch {
	case y.dead:
		return errDied
	case y.steps == 0:
		y.dead = true
		return errDied
	case y.steps > 0:
		y.steps--
	}
	return nil
}

// wire is the line to the sandbox. Calls get lost on it in both directions.
type wire struct{ y *year }

// RoundTrip carries one call.
func (w wire) RoundTrip(r *http.Request) (answer *http.Response, err error) {
	if err := w.y.step(); err != nil {
		return nil, err
	}
	recorded := httptest.NewRecorder()
	defer func() {
		if cut := recover(); cut != nil { // the sandbox cuts a connection as net/http does
			answer, err = nil, io.ErrUnexpectedEOF
			w.y.cut++
		}
	}()
	if r.Body == nil {
		r.Body = http.NoBody
	}
	w.y.box.ServeHTTP(recorded, r)
	if err := w.y.step(); err != nil {
		return nil, err
	}
	answer = recorded.Result()
	answer.Request = r
	return answer, nil
}

// postman brings webhooks. The process may die over each.
type postman struct{ y *year }

// RoundTrip delivers one event.
func (p postman) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	status := http.StatusOK
	p.y.life("webhook", func() error {
		err := p.y.house.payments.Receive(p.y.ctx, body, r.Header.Get("Stripe-Signature"))
		if err != nil {
			status = http.StatusInternalServerError
		}
		if errors.Is(err, payments.ErrNotSigned) {
			return nil
		}
		return err
	})
	return &http.Response{StatusCode: status, Body: http.NoBody, Request: r, Header: http.Header{}}, nil
}

// news lets the webhooks in that are due. Nothing else runs meanwhile.
func (y *year) news() {
	y.box.ResumeWebhooks()
	waiting, cancel := context.WithTimeout(y.ctx, time.Minute)
	defer cancel()
	y.must(y.box.Quiesce(waiting))
	y.box.PauseWebhooks()
}

// pigeon takes letters, mostly.
type pigeon struct{ y *year }

// Send loses a letter now and then.
func (p pigeon) Send(context.Context, outreach.Message) error {
	if err := p.y.step(); err != nil {
		return err
	}
	if !p.y.peaceful && p.y.draw(50) {
		return fmt.Errorf("%w: no wind", outreach.ErrUnreachable)
	}
	return p.y.step()
}

// faults puts the sandbox's faults in force, or ends them.
func (y *year) faults(on bool) {
	y.box.ClearFaults()
	if !on {
		return
	}
	for _, f := range []sandbox.Fault{
		{Kind: sandbox.DropBefore, Probability: .02}, {Kind: sandbox.DropAfter, Probability: .02},
		{Kind: sandbox.DropAfter, Method: http.MethodPost, Path: "/v1/payment_intents", Probability: .1},
		{Kind: sandbox.Status, Status: 500, Probability: .01}, {Kind: sandbox.Status, Status: 500, After: true, Probability: .01},
		{Kind: sandbox.Status, Status: 429, Code: "rate_limit", Probability: .01}, {Kind: sandbox.Status, Status: 409, Code: "lock_timeout", Probability: .005},
		{Kind: sandbox.Truncated, Probability: .005}, {Kind: sandbox.Garbage, Probability: .003}, {Kind: sandbox.HTMLBody, Probability: .003},
		{Kind: sandbox.WebhookDuplicate, Probability: .05}, {Kind: sandbox.WebhookReorder, Probability: .1},
		{Kind: sandbox.WebhookDelay, Delay: 30 * time.Hour, Probability: .05}, {Kind: sandbox.WebhookDrop, Probability: .05},
		{Kind: sandbox.WebhookNever, Probability: .02}, {Kind: sandbox.WebhookBadSignature, Probability: .01}, {Kind: sandbox.WebhookUnknownType, Probability: .01},
	} {
		_, err := y.box.AddFault(f)
		y.must(err)
	}
}
