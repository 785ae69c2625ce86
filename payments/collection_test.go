package payments_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"amiable/negotiation"
	"amiable/negotiation/database"
	"amiable/negotiation/database/databasetest"
	"amiable/payments"
	"amiable/payments/stripe"
	"amiable/payments/stripe/sandbox"
)

// cutoff is the real adapter, which the test can cut off.
type cutoff struct {
	payments.Gateway
	mu     sync.Mutex
	before error // charges fail before they reach the gateway
	after  error // charges are made, and nobody hears of it
	asked  int
}

func (g *cutoff) ChargeCard(ctx context.Context, c payments.Charge) (payments.Fact, error) {
	g.mu.Lock()
	g.asked++
	before, after := g.before, g.after
	g.mu.Unlock()
	if before != nil {
		return payments.Fact{}, before
	}
	fact, err := g.Gateway.ChargeCard(ctx, c)
	if after != nil {
		return payments.Fact{}, after
	}
	return fact, err
}

// bank is a till whose gateway is the sandbox, spoken to by the real adapter.
type bank struct {
	*till
	box  *sandbox.Sandbox
	g    *cutoff
	plan *negotiation.Plan
}

const hookSecret = "whsec_collection"

func newBank(t *testing.T, db *database.DB) *bank {
	t.Helper()
	w := &bank{till: newTillOn(t, db)}
	hook := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err == nil {
			err = w.Receive(r.Context(), body, r.Header.Get("Stripe-Signature"))
		}
		if err != nil {
			http.Error(out, err.Error(), http.StatusInternalServerError)
		}
	}))
	t.Cleanup(hook.Close)
	events := []string{"charge.succeeded", "charge.pending", "charge.failed", "mandate.updated", "payment_intent.*", "checkout.session.*", "setup_intent.succeeded", "payment_method.automatically_updated", "payment_method.detached", "payout.*", "refund.created", "charge.refund.updated", "charge.dispute.*"}
	w.box = sandbox.New(sandbox.Options{Seed: 11, Now: func() time.Time { return *w.now }, PublicURL: "http://sandbox.localhost", Payouts: true, DebitsTake: 5 * 24 * time.Hour, Endpoints: []sandbox.Endpoint{
		{URL: hook.URL, Secret: hookSecret, Events: events}, {URL: hook.URL, Secret: hookSecret, Events: append(events, "account.updated"), Connect: true},
	}})
	server := httptest.NewServer(w.box)
	t.Cleanup(server.Close)
	adapter, err := stripe.New(stripe.Config{Key: "sk_test_collection", WebhookSecrets: []string{hookSecret}, BaseURL: server.URL, OwnSandbox: true})
	w.must(err)
	w.g = &cutoff{Gateway: adapter}
	w.Service = payments.New(w.n, w.g, "https://portal.example", false)
	w.must(w.Offer([]string{"sepa_debit", "paypal"}))
	creditor, err := w.n.Creditor(w.ctx, w.file().CreditorID)
	w.must(err)
	w.box.PauseWebhooks() // nobody knows the account yet
	account, err := adapter.OpenAccount(w.ctx, "account:"+creditor.ID, creditor)
	w.must(err)
	w.must(w.box.CompleteOnboarding(account.AccountID))
	_, err = w.NameAccount(w.ctx, w.agent, creditor.ID, account.AccountID)
	w.must(err)
	w.box.ResumeWebhooks()
	w.quiet()
	return w
}

func eachBank(t *testing.T, test func(w *bank)) {
	t.Helper()
	databasetest.Each(t, []database.Migrations{negotiation.Migrations, payments.Migrations}, func(t *testing.T, db *database.DB) { test(newBank(t, db)) })
}

// onSQLite runs a story on one database: what it is about is decided in code
// that other stories run on both.
func onSQLite(t *testing.T, test func(w *bank)) {
	t.Helper()
	test(newBank(t, databasetest.SQLite(t, negotiation.Migrations, payments.Migrations)))
}

// agreed is a plan of some months from 10 September of which the first
// instalment is paid, and its card kept.
func (w *bank) agreed(n int, card string) {
	w.t.Helper()
	w.plan = w.agree(monthly(n))
	w.keeps(payments.NextInstalment, card)
}

// keeps pays a portion in Checkout with the box ticked.
func (w *bank) keeps(of payments.Portion, card string) *payments.Payment {
	w.t.Helper()
	p := w.order(payments.Order{Of: of, Charges: negotiation.ChargesText, Language: "fr"})
	w.visit(*p.SessionID, card)
	if w.state(p.ID) != payments.Succeeded {
		w.t.Fatalf("the first instalment is %s", w.state(p.ID))
	}
	return p
}

// saves saves a card for the plan without paying anything.
func (w *bank) saves(card string) *payments.Authority {
	w.t.Helper()
	for range 2 { // a second tab gets the same page
		_, err := w.SaveCard(w.ctx, w.debtor, w.caseID, negotiation.ChargesText, "fr")
		w.must(err)
	}
	all, err := w.AuthoritiesOf(w.ctx, w.caseID)
	w.must(err)
	w.visit(*all[len(all)-1].SessionID, card)
	a, err := w.CheckCard(w.ctx, all[len(all)-1].ID)
	w.must(err)
	return a
}

// visit fills the gateway's page in and proves who they are where it asks.
func (w *bank) visit(session, card string) {
	w.t.Helper()
	r, err := w.box.CompleteCheckout(session, sandbox.Card{Number: card})
	w.must(err)
	if r.State == sandbox.CheckoutProof {
		visit, err := w.box.Checkout(session)
		w.must(err)
		w.must(w.box.Approve3DS(visit.Intent))
	}
	w.quiet()
}

func (w *bank) quiet() {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.ctx, 20*time.Second)
	defer cancel()
	w.must(w.box.Quiesce(ctx))
}

// until lives the mornings up to a day, with the jobs of each.
func (w *bank) until(day negotiation.Day) {
	w.t.Helper()
	for today := negotiation.DayOf(*w.now); today.Before(day); {
		today = today.Add(1)
		*w.now = today.Time().Add(10 * time.Hour)
		w.must(w.box.SetClock(*w.now))
		w.morning()
	}
}

// morning runs the jobs of a day.
func (w *bank) morning() {
	w.t.Helper()
	for _, job := range []func(context.Context, int) (int, error){
		w.n.AnnounceInstalments, w.Collect, w.CloseCollections, w.CheckAuthorities, w.CheckDebits, w.n.WatchInstalments, w.CheckUnfinished, w.RetryNotifications,
	} {
		if _, err := job(w.ctx, 50); err != nil && !errors.Is(err, payments.ErrUnavailable) {
			w.t.Fatal(err)
		}
	}
	w.quiet()
}

// collected lists what was charged by itself and came in, as "line amount".
func (w *bank) collected() (came []string) {
	w.t.Helper()
	made, err := w.OfCase(w.ctx, w.caseID)
	w.must(err)
	for _, p := range made {
		if p.Kind == payments.Collection && p.State == payments.Succeeded {
			came = append(came, fmt.Sprintf("%d %d", p.Line, p.Received))
		}
	}
	return came
}

func (w *bank) wantCollected(want ...string) {
	w.t.Helper()
	if got := w.collected(); !slices.Equal(got, want) {
		w.t.Fatalf("%s: collected %q, want %q", negotiation.DayOf(*w.now), got, want)
	}
}

// line is how a line of the plan reads in collected.
func (w *bank) line(n int) string {
	return fmt.Sprintf("%d %d", n, w.plan.Current()[n-1].Amount)
}

// collection is the last payment that was made by itself.
func (w *bank) collection() *payments.Payment {
	w.t.Helper()
	made, err := w.OfCase(w.ctx, w.caseID)
	w.must(err)
	for _, p := range slices.Backward(made) {
		if p.Kind == payments.Collection {
			return &p
		}
	}
	return nil
}

func (w *bank) letters(kind negotiation.LetterKind) (n int) {
	w.t.Helper()
	all, err := w.n.LettersOf(w.ctx, w.caseID)
	w.must(err)
	for _, l := range all {
		if l.Kind == kind {
			n++
		}
	}
	return n
}

func (w *bank) leave() *payments.Authority {
	w.t.Helper()
	a, err := w.AuthorityOf(w.ctx, w.plan.ID)
	w.must(err)
	return a
}

// ends asks every invariant, ours and the sandbox's, and that the sandbox
// charged what we have.
func (w *bank) ends() {
	w.t.Helper()
	w.quiet()
	w.holds()
	for _, v := range w.box.Invariants() {
		w.t.Errorf("sandbox: %s", v)
	}
	if waiting, err := w.WaitingNotifications(w.ctx, 10); err != nil || len(waiting) > 0 {
		w.t.Errorf("waiting: %+v, %v", waiting, err)
	}
	charged := 0
	for _, e := range w.box.Events() {
		if e.Type == "payment_intent.succeeded" {
			charged++
		}
	}
	made, err := w.OfCase(w.ctx, w.caseID)
	w.must(err)
	for _, p := range made {
		if p.State == payments.Succeeded {
			charged--
		}
	}
	if charged != 0 {
		w.t.Errorf("the gateway collected %d times more than we know", charged)
	}
}

const (
	goodCard  = "4242424242424242"
	laterFail = "4000000000000341" // is saved, and declined ever after
	proofCard = "4000002500003155" // asks for proof once
	alwaysAsk = "4000002760003184" // asks for proof each time
)

func TestInstalmentsAreChargedOnTheirDays(t *testing.T) {
	eachBank(t, func(w *bank) {
		w.agreed(4, proofCard)
		a := w.leave()
		if a == nil || a.Last4 != "3155" || a.Brand != "visa" || a.ExpYear == 0 || a.TextVersion != negotiation.ChargesText || a.Language != "fr" || w.letters(negotiation.LetterAuthorityGiven) != 1 {
			t := w.t
			t.Fatalf("the leave: %+v", a)
		}
		w.wantCollected()
		w.until("2026-10-06")
		if w.letters(negotiation.LetterInstalmentSoon) != 0 {
			w.t.Fatal("announced too early")
		}
		w.until("2026-10-09")
		w.wantCollected()
		if w.letters(negotiation.LetterInstalmentSoon) != 1 {
			w.t.Fatal("not announced")
		}
		*w.now = time.Date(2026, 10, 10, 6, 30, 0, 0, time.UTC) // half past eight in Paris
		w.morning()
		w.wantCollected()
		*w.now = time.Date(2026, 10, 10, 7, 0, 0, 0, time.UTC)
		w.must(w.box.SetClock(*w.now))
		w.morning()
		w.wantCollected(w.line(2))
		w.morning()
		w.until("2026-11-15")
		w.wantCollected(w.line(2), w.line(3))
		w.until("2026-12-20")
		w.wantCollected(w.line(2), w.line(3), w.line(4))
		if c := w.file(); c.State != negotiation.CaseCleared || c.LastPlan().State != negotiation.PlanCompleted {
			w.t.Fatalf("%s, plan %s", c.State, c.LastPlan().State)
		}
		if w.leave() != nil || w.letters(negotiation.LetterMissed) != 0 {
			w.t.Fatal("the leave outlives its plan, or somebody was reminded")
		}
		w.ends()
	})
}

func TestASoftDeclineIsTriedAgainWithTheSameIntent(t *testing.T) {
	eachBank(t, func(w *bank) {
		w.agreed(3, goodCard)
		w.must(w.box.DeclineScript(goodCard, "insufficient_funds", "do_not_honor", sandbox.Approved))
		w.until("2026-10-10")
		p := w.collection()
		if p.State != payments.Started || p.Failure != "insufficient_funds" || p.NextTryAt == nil || negotiation.DayOf(*p.NextTryAt) != "2026-10-13" {
			w.t.Fatalf("after the first try: %+v", p)
		}
		intent := *p.IntentID
		w.until("2026-10-12")
		w.wantCollected()
		w.until("2026-10-13")
		if p = w.collection(); negotiation.DayOf(*p.NextTryAt) != "2026-10-17" || p.Attempts != 2 {
			w.t.Fatalf("after the second try: %+v", p)
		}
		w.until("2026-10-18")
		w.wantCollected(w.line(2))
		if *w.collection().IntentID != intent || w.letters(negotiation.LetterChargeDeclined) != 2 || w.letters(negotiation.LetterMissed) != 0 {
			w.t.Fatalf("another intent, or %d letters", w.letters(negotiation.LetterChargeDeclined))
		}
		w.ends()
	})
}

func TestTriesAreUsedUpThenAPersonTalks(t *testing.T) {
	onSQLite(t, func(w *bank) {
		w.plan = w.agree(monthly(2))
		w.saves(laterFail)
		w.until("2026-10-08")
		p := w.collection()
		if p.State != payments.FailedFor || p.Attempts != 4 || p.ClosedAt == nil || w.letters(negotiation.LetterPlanMissed) != 1 {
			w.t.Fatalf("used up: %+v, %d to agents", p, w.letters(negotiation.LetterPlanMissed))
		}
		if w.leave() == nil {
			w.t.Fatal("no money is no reason to end the leave")
		}
		w.ends()
	})
}

func TestAHardDeclineIsNeverTriedAgain(t *testing.T) {
	eachBank(t, func(w *bank) {
		w.agreed(3, goodCard)
		w.must(w.box.DeclineScript(goodCard, "stolen_card"))
		w.until("2026-11-20")
		p := w.collection()
		if p.State != payments.FailedFor || p.Attempts != 1 || w.leave() != nil || w.letters(negotiation.LetterChargeDeclined) != 1 || w.letters(negotiation.LetterAuthorityEnded) != 1 {
			w.t.Fatalf("hard: %+v", p)
		}
		w.wantCollected()
		w.keeps(payments.NextInstalment, goodCard) // by hand, with a new card in one step
		if w.leave() == nil {
			w.t.Fatal("the new card is not kept")
		}
		w.ends()
	})
}

func TestProofIsAskedForByALinkToTheInstalment(t *testing.T) {
	eachBank(t, func(w *bank) {
		w.agreed(3, alwaysAsk)
		w.until("2026-10-11")
		p := w.collection()
		if p.State != payments.FailedFor || p.Failure != "authentication_required" || p.ClosedAt == nil || w.letters(negotiation.LetterChargeDeclined) != 1 {
			w.t.Fatalf("proof: %+v", p)
		}
		if w.leave() == nil {
			w.t.Fatal("the leave ended")
		}
		w.keeps(payments.NextInstalment, goodCard)
		w.until("2026-11-12")
		w.wantCollected(w.line(3))
		w.ends()
	})
}

func TestRevokingStopsAtOnceAndAHoldPauses(t *testing.T) {
	eachBank(t, func(w *bank) {
		w.agreed(4, goodCard)
		w.until("2026-10-09")
		h, err := w.n.PlaceHold(w.ctx, w.agent, w.caseID, negotiation.Hold{Reason: negotiation.HoldCreditorRequest})
		w.must(err)
		w.until("2026-10-12")
		w.wantCollected()
		w.must(w.n.LiftHold(w.ctx, w.agent, w.caseID, h.ID))
		w.until("2026-10-13")
		w.wantCollected(w.line(2))
		w.must(w.box.DeclineScript(goodCard, "insufficient_funds"))
		w.until("2026-11-10")
		if w.collection().State != payments.Started {
			w.t.Fatal("nothing is to be tried again")
		}
		adviser := negotiation.Actor{Role: negotiation.RolePayer, ID: "x", CaseID: w.caseID}
		if negotiation.AsRefusal(w.Revoke(w.ctx, adviser, w.caseID, w.plan.ID)) == nil {
			w.t.Fatal("a payer revokes")
		}
		for range 2 {
			w.must(w.Revoke(w.ctx, w.debtor, w.caseID, w.plan.ID))
		}
		if w.leave() != nil || w.letters(negotiation.LetterAuthorityEnded) != 1 {
			w.t.Fatal("not revoked, or told twice")
		}
		*w.now = time.Date(2026, 11, 13, 10, 0, 0, 0, time.UTC) // when it would have been tried again
		_, err = w.Collect(w.ctx, 10)
		w.must(err)
		w.until("2026-12-20")
		w.wantCollected(w.line(2))
		if p := w.collection(); p.State != payments.Cancelled || p.ClosedAt == nil {
			w.t.Fatalf("what was to be tried again is %s", p.State)
		}
		all, err := w.AuthoritiesOf(w.ctx, w.caseID)
		w.must(err)
		if all[0].ForgottenAt == nil || w.letters(negotiation.LetterMissed) == 0 {
			w.t.Fatal("the gateway keeps the card, or nobody says that it is paid by hand again")
		}
		w.ends()
	})
}

func TestManyWorkersMakeOneCharge(t *testing.T) {
	eachBank(t, func(w *bank) {
		w.agreed(2, goodCard)
		w.until("2026-10-09")
		*w.now = time.Date(2026, 10, 10, 10, 0, 0, 0, time.UTC)
		var all sync.WaitGroup
		for range 6 {
			all.Go(func() {
				_, err := w.Collect(w.ctx, 10)
				for errors.Is(err, database.ErrBusy) {
					_, err = w.Collect(w.ctx, 10)
				}
				if err != nil {
					w.t.Error(err)
				}
			})
		}
		all.Go(func() { // and the debtor, at the same moment
			_, err := w.Start(w.ctx, w.debtor, w.caseID, payments.Order{Of: payments.NextInstalment})
			for errors.Is(err, database.ErrBusy) {
				_, err = w.Start(w.ctx, w.debtor, w.caseID, payments.Order{Of: payments.NextInstalment})
			}
			if err != nil && negotiation.AsRefusal(err) == nil {
				w.t.Error(err)
			}
		})
		all.Wait()
		w.morning()
		w.wantCollected(w.line(2))
		if w.g.asked != 1 {
			w.t.Errorf("the gateway was asked %d times", w.g.asked)
		}
		w.ends()
	})
}

func TestAWorkerThatDiesChargesOnce(t *testing.T) {
	for name, cut := range map[string]func(g *cutoff, err error){
		"before the call": func(g *cutoff, err error) { g.before = err },
		"after the call":  func(g *cutoff, err error) { g.after = err },
	} {
		for _, told := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s, webhooks %v", name, told), func(t *testing.T) {
				eachBank(t, func(w *bank) {
					w.agreed(3, goodCard)
					w.until("2026-10-09")
					if !told {
						w.box.PauseWebhooks()
					}
					cut(w.g, payments.ErrUnavailable)
					*w.now = time.Date(2026, 10, 10, 10, 0, 0, 0, time.UTC)
					for range 3 { // nobody charges again before it is known what happened
						_, _ = w.Collect(w.ctx, 10)
					}
					if w.g.asked != 1 {
						w.t.Fatalf("asked %d times", w.g.asked)
					}
					cut(w.g, nil)
					w.later(map[bool]time.Duration{true: time.Hour, false: 30 * time.Hour}[told]) // or after the gateway forgot the key
					_, err := w.Collect(w.ctx, 10)
					w.must(err)
					w.wantCollected(w.line(2))
					w.box.ResumeWebhooks()
					w.quiet()
					w.box.RedeliverAll() // and all of them once more
					w.until("2026-10-20")
					w.wantCollected(w.line(2))
					w.ends()
				})
			})
		}
	}
}

// A second try whose answer was lost is looked up: a decline that is known
// already means that it never reached the card.
func TestASecondTryThatWasLostIsMadeAgain(t *testing.T) {
	for name, cut := range map[string]func(g *cutoff, err error){
		"before the call": func(g *cutoff, err error) { g.before = err },
		"after the call":  func(g *cutoff, err error) { g.after = err },
	} {
		t.Run(name, func(t *testing.T) {
			onSQLite(t, func(w *bank) {
				w.agreed(3, goodCard)
				w.must(w.box.DeclineScript(goodCard, "insufficient_funds", "insufficient_funds"))
				w.until("2026-10-12")
				w.box.PauseWebhooks()
				cut(w.g, payments.ErrUnavailable)
				w.until("2026-10-13")
				cut(w.g, nil)
				w.later(time.Hour)
				_, err := w.Collect(w.ctx, 10)
				w.must(err)
				if p := w.collection(); p.Attempts != 2 || p.State != payments.Started || negotiation.DayOf(*p.NextTryAt) != "2026-10-17" {
					w.t.Fatalf("after the second: %+v", p)
				}
				w.box.ResumeWebhooks()
				w.until("2026-10-17")
				w.wantCollected(w.line(2))
				w.ends()
			})
		})
	}
}

// A try of which nothing was heard names the card of its day: with a new card it
// is given up, not made again.
func TestALostTryIsNotMadeAgainWithACardThatWasReplaced(t *testing.T) {
	eachBank(t, func(w *bank) {
		w.agreed(3, goodCard)
		w.g.before = payments.ErrUnavailable
		w.until("2026-10-10")
		if p := w.collection(); p == nil || p.State != payments.Started {
			w.t.Fatalf("the try that was lost: %+v", p)
		}
		old := w.leave()
		w.saves(proofCard)
		w.g.before = nil
		w.until("2026-10-13")
		w.wantCollected(w.line(2))
		if p, now := w.collection(), w.leave(); now.ID == old.ID || *p.AuthorityID != now.ID || p.Means != now.Card() {
			w.t.Fatalf("charged %s by leave %s, not %s", p.Means, *p.AuthorityID, now.ID)
		}
		w.ends()
	})
}

func TestAnOpenPageIsClosedFirstOrNothingIsCharged(t *testing.T) {
	eachBank(t, func(w *bank) {
		w.agreed(3, goodCard)
		w.until("2026-10-09")
		*w.now = time.Date(2026, 10, 10, 9, 50, 0, 0, time.UTC)
		page := w.order(payments.Order{Of: payments.NextInstalment})
		fault, err := w.box.AddFault(sandbox.Fault{Kind: sandbox.Status, Status: 500, Path: "/v1/checkout/sessions/*/expire"})
		w.must(err)
		_, err = w.Collect(w.ctx, 10)
		if !errors.Is(err, payments.ErrUnavailable) || w.g.asked != 0 {
			w.t.Fatalf("charged beside an open page: %v", err)
		}
		w.box.ClearFaults(fault)
		_, err = w.Collect(w.ctx, 10)
		w.must(err)
		w.wantCollected(w.line(2))
		if w.state(page.ID) != payments.Cancelled {
			w.t.Fatalf("the page is %s", w.state(page.ID))
		}
		w.until("2026-11-09")
		late := w.order(payments.Order{Of: payments.NextInstalment}) // the debtor is faster
		w.box.PauseWebhooks()
		r, err := w.box.CompleteCheckout(*late.SessionID, sandbox.Card{Number: goodCard})
		w.must(err)
		if r.State != sandbox.CheckoutComplete {
			w.t.Fatalf("%+v", r)
		}
		w.until("2026-11-10")
		w.box.ResumeWebhooks()
		w.until("2026-11-12")
		w.wantCollected(w.line(2))
		w.ends()
	})
}

func TestPayingByHandGoesBeforeAnotherTry(t *testing.T) {
	onSQLite(t, func(w *bank) {
		w.agreed(3, goodCard)
		w.must(w.box.DeclineScript(goodCard, "insufficient_funds"))
		w.until("2026-10-11")
		p := w.collection()
		byHand := w.order(payments.Order{Of: payments.NextInstalment})
		if w.state(p.ID) != payments.Cancelled {
			w.t.Fatalf("the collection is %s beside an open page", w.state(p.ID))
		}
		w.visit(*byHand.SessionID, goodCard)
		w.until("2026-10-25")
		w.wantCollected()
		if w.file().RefundsDue().IsPositive() {
			w.t.Fatal("paid twice")
		}
		w.ends()
	})
}

func TestACardIsSavedWithoutPayingAndReplaced(t *testing.T) {
	onSQLite(t, func(w *bank) {
		w.plan = w.agree(monthly(4))
		if _, err := w.SaveCard(w.ctx, w.debtor, w.caseID, "", "fr"); negotiation.AsRefusal(err) == nil {
			w.t.Fatal("without the tick")
		}
		if _, err := w.SaveCard(w.ctx, w.agent, w.caseID, negotiation.ChargesText, "fr"); negotiation.AsRefusal(err) == nil {
			w.t.Fatal("an agent gives the debtor's leave")
		}
		first := w.saves(goodCard)
		if first.State != payments.AuthorityLive || first.Last4 != "4242" || w.file().ActivePlan().Charged != "card visa 4242" {
			w.t.Fatalf("saved: %+v", first)
		}
		w.until("2026-09-12")
		w.wantCollected(w.line(1))
		second := w.saves("5555555555554444")
		all, err := w.AuthoritiesOf(w.ctx, w.caseID)
		w.must(err)
		if len(all) != 2 || all[0].State != payments.AuthorityEnded || all[0].Why != payments.WhyReplaced || second.Last4 != "4444" {
			w.t.Fatalf("replaced: %+v", all)
		}
		w.until("2026-10-12")
		if w.wantCollected(w.line(1), w.line(2)); w.collection().Means != "card mastercard 4444" {
			w.t.Fatalf("charged to %s", w.collection().Means)
		}
		w.ends()
	})
}

func TestACardThatEndsIsWarnedOfAndItsNewDataTried(t *testing.T) {
	onSQLite(t, func(w *bank) {
		w.plan = w.agree(monthly(6))
		p := w.order(payments.Order{Of: payments.NextInstalment, Charges: negotiation.ChargesText, Language: "fr"})
		r, err := w.box.CompleteCheckout(*p.SessionID, sandbox.Card{Number: goodCard, ExpMonth: 11, ExpYear: 2026})
		w.must(err)
		if r.State == sandbox.CheckoutProof {
			visit, err := w.box.Checkout(*p.SessionID)
			w.must(err)
			w.must(w.box.Approve3DS(visit.Intent))
		}
		w.quiet()
		w.until("2026-11-10")
		if w.letters(negotiation.LetterCardExpires) != 1 {
			w.t.Fatalf("warned %d times", w.letters(negotiation.LetterCardExpires))
		}
		w.must(w.box.DeclineScript(goodCard, "expired_card"))
		w.until("2026-12-11")
		stuck := w.collection()
		if stuck.State != payments.Started || stuck.NextTryAt != nil || stuck.Failure != "expired_card" {
			w.t.Fatalf("expired: %+v", stuck)
		}
		w.must(w.box.UpdateCard(w.leave().MethodID, 11, 2030))
		w.quiet()
		if w.leave().ExpYear != 2030 {
			w.t.Fatal("the new data was not taken in")
		}
		w.until("2026-12-13")
		w.wantCollected(w.line(2), w.line(3), w.line(4))
		w.ends()
	})
}

func TestVerifySeesChargesThatNobodyLet(t *testing.T) {
	for harm, rule := range map[string]string{
		`UPDATE payments SET line = 2 WHERE kind = 'collection'`:                   "an instalment is collected by itself once at most",
		`UPDATE authorities SET ended_at = '2026-10-01 10:00:00', state = 'ended'`: "a card is charged by a leave that was given to its text, on the plan it was given for",
		`DELETE FROM charge_attempts`:                                              "every try to charge a card was written down before it was made, under a key of its own",
		`UPDATE plans SET charged = ''`:                                            "a plan says which card is charged, and no other does",
	} {
		t.Run(rule, func(t *testing.T) {
			db := databasetest.SQLite(t, negotiation.Migrations, payments.Migrations)
			w := newBank(t, db)
			w.agreed(4, goodCard)
			w.until("2026-11-12")
			w.wantCollected(w.line(2), w.line(3))
			if names := broken(t, w.Service); len(names) > 0 {
				t.Fatalf("unharmed, it is broken: %v", names)
			}
			w.must(db.Read(w.ctx).Exec(harm).Error)
			if names := broken(t, w.Service); !names[rule] {
				t.Fatalf("not seen; broken: %v", names)
			}
		})
	}
}
