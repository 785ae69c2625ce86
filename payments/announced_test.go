package payments_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"amiable/negotiation"
	"amiable/negotiation/database"
	"amiable/negotiation/database/databasetest"
	"amiable/negotiation/money"
	"amiable/payments"
)

// vault is a counter at which transfers can be announced: what came and pays
// nothing yet lies in it.
type vault struct {
	*counter
	held      int64
	asked     payments.Checkout         // the latest page
	taken     map[string]*payments.Fact // by our payment
	called    []string                  // intents that were called off
	collected map[string]bool           // intents that cannot be
	shut      bool                      // it hands nothing out
	silent    bool                      // it does, and its answer is lost
}

func (v *vault) FetchAccount(_ context.Context, id string) (payments.AccountFact, error) {
	return payments.AccountFact{AccountID: id, ChargesEnabled: true, TransfersEnabled: true}, nil
}

func (v *vault) StartCheckout(ctx context.Context, c payments.Checkout) (payments.Session, error) {
	v.asked = c
	return v.counter.StartCheckout(ctx, c)
}

func (v *vault) OpenTransferAccount(_ context.Context, c payments.Customer) (string, error) {
	return "cus_" + c.CaseID, nil
}

func (v *vault) FetchHeld(_ context.Context, _ string, currency money.Currency) (money.Amount, error) {
	return money.New(v.held, currency), nil
}

func (v *vault) TakeHeld(_ context.Context, c payments.Charge) (payments.Fact, error) {
	intent := "pi_held_" + fmt.Sprint(len(v.taken))
	switch {
	case v.shut:
		return payments.Fact{}, payments.ErrRefused
	case c.Amount.Minor > v.held:
		return payments.Fact{IntentID: intent, Progress: payments.Awaiting}, nil
	}
	v.held -= c.Amount.Minor
	v.taken[c.PaymentID] = &payments.Fact{IntentID: intent, ChargeID: "py_" + intent, Progress: payments.Collected, Amount: c.Amount, Means: "customer_balance"}
	if v.silent {
		v.silent = false
		return payments.Fact{}, payments.ErrUnavailable
	}
	return *v.taken[c.PaymentID], nil
}

func (v *vault) FindPayment(_ context.Context, _, paymentID string) (payments.Fact, error) {
	if f := v.taken[paymentID]; f != nil {
		return *f, nil
	}
	return payments.Fact{}, payments.ErrNothing
}

func (v *vault) CancelPayment(_ context.Context, intentID string) error {
	if v.collected[intentID] {
		return payments.ErrCompleted
	}
	v.called = append(v.called, intentID)
	return nil
}

// vaultTill is a till whose creditor takes transfers.
func vaultTill(t *testing.T, db *database.DB) (*till, *vault) {
	t.Helper()
	w := newTillOn(t, db)
	v := &vault{counter: w.g, taken: map[string]*payments.Fact{}, collected: map[string]bool{}}
	w.Service = payments.New(w.n, v, "https://portal.example", false)
	w.must(w.Offer([]string{"customer_balance"}))
	_, err := w.NameAccount(w.ctx, w.agent, w.file().CreditorID, "acct_1")
	w.must(err)
	return w, v
}

// announces lets the debtor choose a transfer on the page of a payment.
func (w *till) announces(p *payments.Payment, come int64) {
	w.t.Helper()
	w.hears(p, payments.Fact{SessionID: *p.SessionID, IntentID: "pi_" + *p.SessionID, Progress: payments.Awaiting, Transfer: &payments.Announcement{
		Holder: "Stripe", IBAN: "FR7699999000000000000000000", BIC: "SNDBFR2AXXX", Reference: "ABCDEF123456", Remaining: money.Euros(p.Amount - come)}})
}

// works are what of a kind stands on the agents' list.
func (w *till) works(kind negotiation.WorkKind) (sums []int64) {
	w.t.Helper()
	found, err := w.n.Worklist(w.ctx, w.agent, negotiation.WorkFilter{}, nil, 50)
	w.must(err)
	for _, f := range found {
		if f.Kind == kind {
			sums = append(sums, f.Amount)
		}
	}
	return sums
}

func eachVault(t *testing.T, story func(t *testing.T, w *till, v *vault)) {
	databasetest.Each(t, []database.Migrations{negotiation.Migrations, payments.Migrations}, func(t *testing.T, db *database.DB) {
		w, v := vaultTill(t, db)
		story(t, w, v)
		w.holds()
	})
}

// TestATransferIsAnnouncedAndOwedUntilItIsHere: the debtor may see again where
// it goes, a part of it is on the agents' list, and only the whole is booked.
func TestATransferIsAnnouncedAndOwedUntilItIsHere(t *testing.T) {
	eachVault(t, func(t *testing.T, w *till, v *vault) {
		p := w.start(0)
		if v.asked.Transfers != "cus_"+w.caseID || len(v.asked.Methods) != 2 {
			t.Fatalf("the page offers %v to %q", v.asked.Methods, v.asked.Transfers)
		}
		owed := w.file().Balance()
		w.announces(p, 0)
		p = w.last()
		to, awaited, err := p.Announced()
		w.must(err)
		if !awaited || to.Reference != "ABCDEF123456" || to.Remaining != p.Asked() || p.State != payments.Started || p.GoodUntil.Before(p.AskedOn.Add(payments.TransferGoodDays)) {
			t.Fatalf("%+v, %+v", to, p)
		}
		if c := w.file(); c.Balance() != owed || c.Coming != 0 || len(w.works(negotiation.WorkUnclear)) > 0 {
			t.Errorf("what was announced counts: %v, %d", c.Balance(), c.Coming)
		}
		url, err := w.Start(w.ctx, w.debtor, w.caseID, payments.Order{})
		w.must(err)
		if !strings.HasPrefix(url, "https://portal.example/case/payments/"+p.ID) {
			t.Errorf("asked again, it leads to %s", url)
		}

		w.announces(p, 100_00)
		w.announces(p, 40_00) // late: what came does not go
		if p = w.last(); p.InPart() != money.Euros(100_00) || w.file().Balance() != owed {
			t.Fatalf("%v has come, %v is owed", p.InPart(), w.file().Balance())
		}
		if on := w.works(negotiation.WorkUnclear); len(on) != 1 || on[0] != 100_00 {
			t.Errorf("on the list: %v", on)
		}
		w.later(48 * time.Hour)
		w.hears(p, payments.Fact{IntentID: *p.IntentID, Progress: payments.Collected, ChargeID: "py_1", Means: "customer_balance", At: *w.now})
		p = w.last()
		if p.State != payments.Succeeded || p.Funded != 0 || p.ReversibleUntil != p.PaidOn || w.file().State != negotiation.CaseCleared {
			t.Fatalf("%+v, the case is %s", p, w.file().State)
		}
		w.announces(p, 0) // and a late word of it changes nothing
		if len(w.works(negotiation.WorkUnclear)) > 0 || w.last().State != payments.Succeeded {
			t.Error("a transfer that is here is still waited for")
		}
	})
}

// TestWhatCameForATransferThatWasCalledOffIsTakenIn: the debtor pays otherwise,
// the part that had come is a payment of its own, and both are on the case.
func TestWhatCameForATransferThatWasCalledOffIsTakenIn(t *testing.T) {
	eachVault(t, func(t *testing.T, w *till, v *vault) {
		p := w.start(0)
		w.announces(p, 100_00)
		owed := w.file().Balance()
		v.held = 100_00 // as the gateway gives it back once it is called off
		if _, err := w.Start(w.ctx, w.debtor, w.caseID, payments.Order{Amount: money.Euros(50_00), Recognition: "text"}); err != nil {
			t.Fatal(err)
		}
		if len(v.called) != 1 || w.state(p.ID) != payments.Cancelled {
			t.Fatalf("%v, %s", v.called, w.state(p.ID))
		}
		if now := w.file().Balance(); owed.Sub(now) != money.Euros(100_00) || v.held != 0 {
			t.Fatalf("%v was owed, %v is; %d lie with the gateway", owed, now, v.held)
		}
		// The open page for 50.00 does not keep the next from being taken in later.
		v.held = 30_00
		w.notified(payments.Notification{ID: "evt_held", Type: "held", Created: *w.now, Held: &payments.HeldFact{CustomerID: "cus_" + w.caseID}})
		_, err := w.FollowTransfers(w.ctx, 10)
		w.must(err)
		if v.held != 30_00 || len(w.works(negotiation.WorkUnclear)) != 1 {
			t.Fatalf("%d, %v", v.held, w.works(negotiation.WorkUnclear))
		}
		w.must(w.CloseCheckout(w.ctx, w.agent, w.caseID))
		if _, err = w.Start(w.ctx, w.debtor, w.caseID, payments.Order{}); negotiation.AsRefusal(err) == nil || negotiation.AsRefusal(err).Code != "payment_being_checked" {
			t.Errorf("a page was opened for a sum that changes at once: %v", err)
		}
		w.later(time.Hour)
		for range 2 { // it is asked once more, and finds nothing
			_, err = w.FollowTransfers(w.ctx, 10)
			w.must(err)
		}
		if now := w.file().Balance(); owed.Sub(now) != money.Euros(130_00) || v.held != 0 || len(w.works(negotiation.WorkUnclear)) != 0 {
			t.Errorf("%v, %d, %v", now, v.held, w.works(negotiation.WorkUnclear))
		}
		receipts, err := w.ReceiptsOf(w.ctx, w.caseID)
		w.must(err)
		if len(receipts) != 2 {
			t.Errorf("%d receipts", len(receipts))
		}
	})
}

// TestMoneyThatComesAfterTheCaseIsPaidGoesToRefundsDue: late and too much is
// never refused and never kept silently.
func TestMoneyThatComesAfterTheCaseIsPaidGoesToRefundsDue(t *testing.T) {
	eachVault(t, func(t *testing.T, w *till, v *vault) {
		p := w.start(0)
		w.announces(p, 0)
		w.hears(p, payments.Fact{IntentID: "pi_" + *p.SessionID, Progress: payments.Collected, Means: "customer_balance"})
		v.held = 25_00
		w.notified(payments.Notification{ID: "evt_late", Type: "held", Created: *w.now, Held: &payments.HeldFact{CustomerID: "cus_" + w.caseID}})
		w.notified(payments.Notification{ID: "evt_other", Type: "held", Created: *w.now, Held: &payments.HeldFact{CustomerID: "cus_of_somebody"}})
		for range 3 {
			_, err := w.FollowTransfers(w.ctx, 10)
			w.must(err)
		}
		if c := w.file(); c.RefundsDue() != money.Euros(25_00) || c.Coming != 0 || v.held != 0 {
			t.Errorf("%v to be given back, %d on its way, %d with the gateway", c.RefundsDue(), c.Coming, v.held)
		}
		if on := w.works(negotiation.WorkRefund); len(on) != 1 || on[0] != 25_00 {
			t.Errorf("on the list: %v", on)
		}
	})
}

// TestTakingIsDoneOnce: whatever answer is lost, and however often it is asked.
func TestTakingIsDoneOnce(t *testing.T) {
	eachVault(t, func(t *testing.T, w *till, v *vault) {
		p := w.start(0)
		w.announces(p, 0)
		owed := w.file().Balance()
		w.later(31 * 24 * time.Hour)
		v.held, v.silent = 60_00, true
		_, err := w.FollowTransfers(w.ctx, 10) // called off, for it is old; what was taken is not heard of
		if err == nil {
			t.Fatal("an answer that was lost is no trouble")
		}
		if w.state(p.ID) != payments.Cancelled || w.last().State != payments.Processing || w.file().Coming != 60_00 {
			t.Fatalf("%s, %s, %d on its way", w.state(p.ID), w.last().State, w.file().Coming)
		}
		w.later(time.Hour)
		for range 3 {
			_, err = w.CheckUnfinished(w.ctx, 10)
			w.must(err)
			_, err = w.FollowTransfers(w.ctx, 10)
			w.must(err)
		}
		if c := w.file(); w.last().State != payments.Succeeded || len(v.taken) != 1 || c.Coming != 0 || w.last().Received != 60_00 {
			t.Fatalf("%s, taken %d times, %v of %v is owed", w.last().State, len(v.taken), c.Balance(), owed)
		}

		// The gateway holds something and hands nothing out: a person sees it, and
		// it is tried once a day.
		v.held, v.shut = 10_00, true
		w.notified(payments.Notification{ID: "evt_shut", Type: "held", Created: *w.now, Held: &payments.HeldFact{CustomerID: "cus_" + w.caseID}})
		for range 3 {
			_, err = w.FollowTransfers(w.ctx, 10)
			w.must(err)
			w.later(time.Hour)
		}
		made, err := w.OfCase(w.ctx, w.caseID)
		w.must(err)
		if last := made[len(made)-1]; last.State != payments.FailedFor || len(made) != 3 || w.file().Coming != 0 {
			t.Fatalf("%d payments, the last is %s", len(made), last.State)
		}
		if on := w.works(negotiation.WorkUnclear); len(on) != 1 || on[0] != 10_00 {
			t.Errorf("on the list: %v", on)
		}
		v.shut = false
		w.later(24 * time.Hour)
		for range 2 {
			_, err = w.FollowTransfers(w.ctx, 10)
			w.must(err)
		}
		if v.held != 0 || len(w.works(negotiation.WorkUnclear)) != 0 {
			t.Errorf("%d still lie there, on the list: %v", v.held, w.works(negotiation.WorkUnclear))
		}
	})
}

// TestATransferThatCameWhileItWasCalledOff: the gateway's word decides.
func TestATransferThatCameWhileItWasCalledOff(t *testing.T) {
	eachVault(t, func(t *testing.T, w *till, v *vault) {
		p := w.start(0)
		w.announces(p, 0)
		intent := "pi_" + *p.SessionID
		v.collected[intent] = true
		*v.pages[*p.SessionID] = payments.Fact{PaymentID: p.ID, CaseID: w.caseID, SessionID: *p.SessionID, IntentID: intent, Progress: payments.Collected, Over: true, Amount: p.Asked(), Means: "customer_balance"}
		_, err := w.Start(w.ctx, w.debtor, w.caseID, payments.Order{Amount: money.Euros(50_00), Recognition: "text"})
		if r := negotiation.AsRefusal(err); r == nil || r.Code != "payment_being_checked" {
			t.Fatalf("%v", err)
		}
		if w.state(p.ID) != payments.Succeeded || w.file().State != negotiation.CaseCleared {
			t.Errorf("%s, the case is %s", w.state(p.ID), w.file().State)
		}
	})
}

// TestWhoIsOfferedATransfer: nobody with a pay-only link, nobody whose means are
// kept, nobody where the creditor's account takes none.
func TestWhoIsOfferedATransfer(t *testing.T) {
	w, v := vaultTill(t, databasetest.SQLite(t, negotiation.Migrations, payments.Migrations))
	payer := negotiation.Actor{Role: negotiation.RolePayer, ID: "link-1", CaseID: w.caseID}
	_, q, err := w.QuotePayer(w.ctx, payer, payments.Order{})
	w.must(err)
	if len(q.Methods) != 1 || q.Methods[0] != payments.CardMethod {
		t.Errorf("a payer is offered %v", q.Methods)
	}
	_, err = w.Start(w.ctx, payer, w.caseID, payments.Order{})
	w.must(err)
	if v.asked.Transfers != "" || len(v.asked.Methods) != 1 {
		t.Errorf("a payer's page offers %v to %q", v.asked.Methods, v.asked.Transfers)
	}
	account := &payments.Account{ChargesEnabled: true}
	if got := w.Offered(account, money.Euros(10_00), ""); len(got) != 1 {
		t.Errorf("an account that takes no transfers offers %v", got)
	}
	account.TransfersEnabled = true
	if got := w.Offered(account, money.Euros(10_00), negotiation.ChargesDebitText); len(got) != 1 {
		t.Errorf("kept for a plan: %v", got)
	}
	if got := w.Offered(account, money.Euros(10_00), ""); len(got) != 2 {
		t.Errorf("%v", got)
	}
}
