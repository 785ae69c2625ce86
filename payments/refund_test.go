package payments_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"amiable/negotiation"
	"amiable/negotiation/ledger"
	"amiable/negotiation/money"
	"amiable/payments"
	"amiable/payments/stripe/sandbox"
)

// lossy is a gateway whose answers about money that goes back can be lost.
type lossy struct {
	payments.Gateway
	mu     sync.Mutex
	before bool // nothing reaches the gateway
	after  bool // it acts, and nobody hears
	asked  int  // refunds
}

func (g *lossy) cut(call func() error) error {
	g.mu.Lock()
	before, after := g.before, g.after
	g.mu.Unlock()
	if before {
		return payments.ErrUnavailable
	}
	err := call()
	if after {
		return payments.ErrUnavailable
	}
	return err
}

func (g *lossy) GiveBack(ctx context.Context, b payments.Back) (f payments.RefundFact, err error) {
	err = g.cut(func() (err error) {
		g.mu.Lock()
		g.asked++
		g.mu.Unlock()
		f, err = g.Gateway.GiveBack(ctx, b)
		return err
	})
	return f, err
}

func (g *lossy) PullBack(ctx context.Context, m payments.Move) (id string, err error) {
	err = g.cut(func() (err error) { id, err = g.Gateway.PullBack(ctx, m); return err })
	return id, err
}

func (g *lossy) PutBack(ctx context.Context, m payments.Move) (id string, err error) {
	err = g.cut(func() (err error) { id, err = g.Gateway.PutBack(ctx, m); return err })
	return id, err
}

func (g *lossy) SendEvidence(ctx context.Context, key, id string, e payments.Evidence) (f payments.ChargebackFact, err error) {
	err = g.cut(func() (err error) { f, err = g.Gateway.SendEvidence(ctx, key, id, e); return err })
	return f, err
}

// lossy puts a gateway that loses answers before the sandbox.
func (w *bank) lossy() *lossy {
	g := &lossy{Gateway: w.g}
	w.Service = payments.New(w.n, g, "https://portal.example", false)
	return g
}

// pays pays in Checkout and returns the payment.
func (w *bank) pays(sum int64, card string) *payments.Payment {
	w.t.Helper()
	p := w.start(sum)
	w.visit(*p.SessionID, card)
	return w.payment(p.ID)
}

func (w *bank) payment(id string) *payments.Payment {
	w.t.Helper()
	p, err := w.Of(w.ctx, w.agent, id)
	w.must(err)
	return p
}

// night runs what runs by itself about money that goes back, until nothing is
// left.
func (w *bank) night() {
	w.t.Helper()
	for range 4 {
		for _, job := range []func(context.Context, int) (int, error){w.RetryNotifications, w.OfferRefunds, w.MakeRefunds, w.FollowCreditors, w.SendEvidence} {
			if _, err := job(w.ctx, 50); err != nil && !errors.Is(err, payments.ErrUnavailable) {
				w.t.Fatal(err)
			}
		}
		w.quiet()
	}
}

func (w *bank) refunds() []payments.Refund {
	w.t.Helper()
	refunds, _, err := w.BackOf(w.ctx, w.caseID)
	w.must(err)
	return refunds
}

func (w *bank) charged() []payments.Chargeback {
	w.t.Helper()
	_, charged, err := w.BackOf(w.ctx, w.caseID)
	w.must(err)
	return charged
}

// passes lets time go by for both.
func (w *bank) passes(d time.Duration) {
	w.t.Helper()
	w.later(d)
	w.must(w.box.SetClock(*w.now))
	w.quiet()
}

// agrees compares the creditor's money: what the books say belongs to it is what
// its account at the gateway holds, and everything else holds as well.
func (w *bank) agrees() {
	w.t.Helper()
	account, err := w.AccountOf(w.ctx, w.file().CreditorID)
	w.must(err)
	at, ours := int64(0), int64(0)
	for _, b := range w.box.Books() {
		if b.Owner == account.AccountID {
			at += b.Amount
		}
	}
	for _, p := range w.box.Payouts() {
		if p.Account == account.AccountID && p.Status != "failed" && p.Status != "canceled" {
			at += p.Amount // it is the creditor's all the same, at its bank
		}
	}
	for _, p := range w.file().Postings() {
		for _, e := range p.Entries {
			if e.Account == ledger.Payable {
				ours -= e.Amount
			}
		}
	}
	if at != ours {
		w.t.Errorf("the creditor's account holds %d, the books say %d", at, ours)
	}
	for _, v := range w.box.Invariants() {
		w.t.Errorf("sandbox: %s", v)
	}
	w.holds()
}

func (w *bank) wantRefund(n int, state payments.RefundState, sum int64) *payments.Refund {
	w.t.Helper()
	all := w.refunds()
	if len(all) < n {
		w.t.Fatalf("%d refunds, want %d", len(all), n)
	}
	r := &all[n-1]
	if r.State != state || r.Amount != sum {
		w.t.Fatalf("refund %d is %s of %d (%s %s), want %s of %d", n, r.State, r.Amount, r.Problem, r.Failure, state, sum)
	}
	return r
}

func TestWhatWasPaidTooMuchAsksForItsOwnWayBack(t *testing.T) {
	eachBank(t, func(w *bank) {
		p := w.pays(0, "4242424242424242")
		_, err := w.RecordElsewhere(w.ctx, w.agent, w.caseID, payments.Elsewhere{Amount: money.Euros(100_00), On: "2026-08-20", Means: "cheque", Reference: "1"})
		w.must(err)
		due := w.file().RefundsDue()
		if !due.IsPositive() {
			t.Fatalf("%v is due back", due)
		}
		w.night()
		r := w.wantRefund(1, payments.RefundWanted, due.Minor)
		if r.PaymentID != p.ID {
			t.Fatal("it goes back another way than it came")
		}
		todo, err := w.RefundsForPersons(w.ctx, 10)
		w.must(err)
		if len(todo) != 1 || todo[0].ID != r.ID {
			t.Fatalf("the agents see %+v", todo)
		}
		w.must(w.ApproveRefund(w.ctx, w.agent, r.ID))
		w.night()
		w.wantRefund(1, payments.RefundSucceeded, due.Minor)
		if left := w.file().RefundsDue(); !left.IsZero() || w.file().State != negotiation.CaseCleared {
			t.Fatalf("%v is still due, the case is %s", left, w.file().State)
		}
		if w.letters(negotiation.LetterRefundMade) != 1 || w.letters(negotiation.LetterRefundNotice) != 1 {
			t.Error("nobody is told")
		}
		w.agrees()
		w.night()
		if len(w.refunds()) != 1 {
			t.Error("it was offered again")
		}
	})
}

func TestBelowTheRulesSumItGoesBackByItself(t *testing.T) {
	onSQLite(t, func(w *bank) {
		w.SetRefundRules(payments.RefundRules{ByItselfUpTo: 300_00})
		w.pays(0, "4242424242424242")
		_, err := w.RecordElsewhere(w.ctx, w.agent, w.caseID, payments.Elsewhere{Amount: money.Euros(100_00), On: "2026-08-20", Means: "cheque", Reference: "1"})
		w.must(err)
		due := w.file().RefundsDue()
		w.night()
		w.wantRefund(1, payments.RefundSucceeded, due.Minor)
		w.agrees()
	})
}

func TestWhatPaidADebtComesBackWithTheDebt(t *testing.T) {
	eachBank(t, func(w *bank) {
		owed := w.file().Balance()
		p := w.pays(0, "4242424242424242")
		if w.file().State != negotiation.CaseCleared {
			t.Fatal(w.file().State)
		}
		r, err := w.AskRefund(w.ctx, w.agent, p.ID, payments.RefundOrder{Amount: money.Euros(40_00), Reason: payments.NotTheirs})
		w.must(err)
		w.night()
		w.wantRefund(1, payments.RefundSucceeded, 40_00)
		now := w.payment(p.ID)
		if now.Kept() != money.Euros(p.Received-40_00) || now.FeeBack+now.VATBack == 0 || now.Fee+now.VAT+now.FeeBack+now.VATBack != p.Fee+p.VAT {
			t.Errorf("kept %v, fee %d+%d, back %d+%d", now.Kept(), now.Fee, now.VAT, now.FeeBack, now.VATBack)
		}
		if c := w.file(); c.State != negotiation.CaseOpen || c.Balance().Minor < 40_00 || c.Balance().Cmp(owed) > 0 {
			t.Errorf("the case is %s and owes %v", c.State, c.Balance())
		}
		receipts, err := w.ReceiptsOf(w.ctx, w.caseID)
		w.must(err)
		if len(receipts) != 2 {
			t.Fatalf("%d receipts", len(receipts))
		}
		corrected, err := receipts[1].Read()
		w.must(err)
		if receipts[1].Corrects == nil || corrected.Amount != now.Kept() || corrected.Corrects != receipts[0].Number {
			t.Errorf("the corrected receipt: %+v", corrected)
		}
		w.agrees()

		// The rest as well: nothing stays, no fee either.
		_, err = w.AskRefund(w.ctx, w.agent, p.ID, payments.RefundOrder{Reason: payments.NotTheirs})
		w.must(err)
		w.night()
		if now = w.payment(p.ID); !now.Kept().IsZero() || now.Fee+now.VAT != 0 {
			t.Errorf("kept %v, fee %d+%d", now.Kept(), now.Fee, now.VAT)
		}
		if w.file().Balance() != owed {
			t.Errorf("owed %v, and now %v", owed, w.file().Balance())
		}
		_, err = w.AskRefund(w.ctx, w.agent, p.ID, payments.RefundOrder{Reason: payments.NotTheirs})
		if refused := negotiation.AsRefusal(err); refused == nil || refused.Code != "refund_nothing_left" {
			t.Errorf("once more: %v", err)
		}
		_ = r
		w.agrees()
	})
}

func TestARefundIsMadeOnceWhateverIsLost(t *testing.T) {
	for name, lost := range map[string]func(*lossy, bool){
		"before it reaches the gateway": func(g *lossy, on bool) { g.mu.Lock(); g.before = on; g.mu.Unlock() },
		"after the gateway acted":       func(g *lossy, on bool) { g.mu.Lock(); g.after = on; g.mu.Unlock() },
	} {
		t.Run(name, func(t *testing.T) {
			onSQLite(t, func(w *bank) {
				p := w.pays(0, "4242424242424242")
				g := w.lossy()
				_, err := w.box.AddFault(sandbox.Fault{Kind: sandbox.WebhookNever, Event: "refund.*"})
				w.must(err)
				lost(g, true)
				_, err = w.AskRefund(w.ctx, w.agent, p.ID, payments.RefundOrder{Amount: money.Euros(40_00), Reason: payments.PaidTwice})
				w.must(err)
				if _, err := w.MakeRefunds(w.ctx, 10); !errors.Is(err, payments.ErrUnavailable) {
					t.Fatal(err)
				}
				w.wantRefund(1, payments.RefundAsked, 40_00)
				// A key is forgotten after a day; what is asked then is asked anew.
				lost(g, false)
				w.passes(25 * time.Hour)
				w.night()
				w.wantRefund(1, payments.RefundSucceeded, 40_00)
				if w.payment(p.ID).Refunded != 40_00 {
					t.Error(w.payment(p.ID).Refunded)
				}
				w.agrees()
			})
		})
	}
}

func TestFromASumOnTwoPersonsSayYes(t *testing.T) {
	onSQLite(t, func(w *bank) {
		p := w.pays(0, "4242424242424242")
		w.SetRefundRules(payments.RefundRules{TwoPersonsFrom: 50_00})
		r, err := w.AskRefund(w.ctx, w.agent, p.ID, payments.RefundOrder{Amount: money.Euros(60_00), Reason: payments.PaidTwice})
		w.must(err)
		w.night()
		w.wantRefund(1, payments.RefundWanted, 60_00)
		if refused := negotiation.AsRefusal(w.ApproveRefund(w.ctx, w.agent, r.ID)); refused == nil || refused.Code != "refund_second_person" {
			t.Fatalf("one person was two: %v", refused)
		}
		if refused := negotiation.AsRefusal(w.ApproveRefund(w.ctx, w.debtor, r.ID)); refused == nil {
			t.Fatal("the debtor said yes to it")
		}
		second := negotiation.Actor{Role: negotiation.RoleAgent, ID: "second", Name: "Paul Roy"}
		w.must(w.ApproveRefund(w.ctx, second, r.ID))
		w.night()
		w.wantRefund(1, payments.RefundSucceeded, 60_00)
		w.agrees()
	})
}

func TestARefundThatTheBankSendsBackIsForAPerson(t *testing.T) {
	onSQLite(t, func(w *bank) {
		p := w.pays(0, "4000000000005126")
		_, err := w.AskRefund(w.ctx, w.agent, p.ID, payments.RefundOrder{Amount: money.Euros(40_00), Reason: payments.PaidTwice})
		w.must(err)
		w.night()
		w.wantRefund(1, payments.RefundSucceeded, 40_00)
		w.passes(time.Hour) // the sandbox's bank takes ten minutes to say no
		w.night()
		r := w.wantRefund(1, payments.RefundFailed, 40_00)
		if r.Failure == "" || w.payment(p.ID).Refunded != 0 || w.file().State != negotiation.CaseCleared {
			t.Errorf("%q, refunded %d, the case is %s", r.Failure, w.payment(p.ID).Refunded, w.file().State)
		}
		if w.letters(negotiation.LetterRefundFailed) != 1 || w.letters(negotiation.LetterRefundToAgency) != 1 {
			t.Error("nobody is told")
		}
		todo, err := w.RefundsForPersons(w.ctx, 10)
		w.must(err)
		if len(todo) != 1 {
			t.Errorf("the agents see %d", len(todo))
		}
		w.agrees()

		// It is given back by transfer: the creditor's account gives its part all the same.
		_, err = w.AskRefund(w.ctx, w.agent, p.ID, payments.RefundOrder{Amount: money.Euros(40_00), Reason: payments.PaidTwice, Reference: "VIR-1"})
		w.must(err)
		w.night()
		w.wantRefund(2, payments.RefundSucceeded, 40_00)
		if todo, err = w.RefundsForPersons(w.ctx, 10); err != nil || len(todo) != 0 {
			t.Errorf("the agents still see %d, %v", len(todo), err)
		}
		w.agrees()
	})
}

func TestWhatSomebodyRefundedAtTheGatewayIsBookedAllTheSame(t *testing.T) {
	onSQLite(t, func(w *bank) {
		p := w.pays(0, "4242424242424242")
		_, err := w.g.Gateway.GiveBack(w.ctx, payments.Back{Key: "by hand", IntentID: *p.IntentID, Amount: money.Euros(30_00), FeeToo: true})
		w.must(err)
		w.quiet()
		w.night()
		r := w.wantRefund(1, payments.RefundSucceeded, 30_00)
		if r.Reason != payments.AtTheGateway {
			t.Error(r.Reason)
		}
		w.agrees()
	})
}

func TestWhatCameElsewhereIsWrittenDownAsGivenBack(t *testing.T) {
	onSQLite(t, func(w *bank) {
		p, err := w.RecordElsewhere(w.ctx, w.agent, w.caseID, payments.Elsewhere{Amount: money.Euros(300_00), On: "2026-08-20", Means: "transfer", Reference: "V1", AtAgency: true})
		w.must(err)
		_, err = w.AskRefund(w.ctx, w.agent, p.ID, payments.RefundOrder{Amount: money.Euros(p.Excess), Reason: payments.Overpaid})
		if refused := negotiation.AsRefusal(err); refused == nil || refused.Field != "reference" {
			t.Fatalf("without its proof: %v", err)
		}
		_, err = w.AskRefund(w.ctx, w.agent, p.ID, payments.RefundOrder{Amount: money.Euros(p.Excess), Reason: payments.Overpaid, Reference: "V2"})
		w.must(err)
		w.wantRefund(1, payments.RefundSucceeded, p.Excess)
		if !w.file().RefundsDue().IsZero() {
			t.Error(w.file().RefundsDue())
		}
		w.holds()
	})
}
