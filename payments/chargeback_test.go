package payments_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"amiable/negotiation"
	"amiable/negotiation/money"
	"amiable/payments"
	"amiable/payments/stripe/sandbox"
)

const disputedCard = "4000000000000259"

func (w *bank) wantCharged(state payments.ChargebackState, taken int64) *payments.Chargeback {
	w.t.Helper()
	all := w.charged()
	if len(all) != 1 {
		w.t.Fatalf("%d chargebacks", len(all))
	}
	if all[0].State != state || all[0].Taken != taken {
		w.t.Fatalf("the chargeback is %s and took %d, want %s of %d", all[0].State, all[0].Taken, state, taken)
	}
	return &all[0]
}

func TestAPaymentThatABankTakesBackBringsTheDebtBack(t *testing.T) {
	eachBank(t, func(w *bank) {
		owed := w.file().Balance()
		p := w.pays(0, disputedCard)
		w.night()
		b := w.wantCharged(payments.ChargebackOpen, p.Received)
		c := w.file()
		if c.State != negotiation.CaseOpen || c.Balance() != owed {
			t.Errorf("the case is %s and owes %v of %v", c.State, c.Balance(), owed)
		}
		if w.letters(negotiation.LetterChargeback) != 1 || w.letters(negotiation.LetterChargebackNotice) != 1 || w.letters(negotiation.LetterChargebackDue) != 1 {
			t.Error("not everybody is told")
		}
		if b.DueAt == nil || b.CostAmount().IsZero() {
			t.Errorf("due %v, cost %v", b.DueAt, b.CostAmount())
		}
		_, err := w.AskRefund(w.ctx, w.agent, p.ID, payments.RefundOrder{Amount: money.Euros(10_00), Reason: payments.PaidTwice})
		if refused := negotiation.AsRefusal(err); refused == nil || refused.Code != "refund_charged_back" {
			t.Errorf("what the bank took can be given back as well: %v", err)
		}
		w.agrees()

		w.must(w.box.LoseDispute(b.GatewayID))
		w.quiet()
		w.night()
		w.wantCharged(payments.ChargebackLost, p.Received)
		if w.letters(negotiation.LetterChargebackNotice) != 2 {
			t.Error("the creditor does not hear that it is lost")
		}
		w.agrees()

		// Who pays again pays the debt.
		again := w.pays(0, "4242424242424242")
		if w.file().State != negotiation.CaseCleared || again.Received < owed.Minor {
			t.Errorf("the case is %s", w.file().State)
		}
		w.agrees()
	})
}

func TestEvidenceThatConvincesPutsThePaymentBack(t *testing.T) {
	eachBank(t, func(w *bank) {
		p := w.pays(0, disputedCard)
		w.night()
		b := w.wantCharged(payments.ChargebackOpen, p.Received)
		evidence := payments.Evidence{Customer: "Claire Vasseur", Product: "F-1", Text: "winning_evidence"}
		if refused := negotiation.AsRefusal(w.SubmitEvidence(w.ctx, w.agent, b.ID, payments.Evidence{})); refused == nil || refused.Code != "evidence_missing" {
			t.Errorf("nothing was said: %v", refused)
		}
		if refused := negotiation.AsRefusal(w.SubmitEvidence(w.ctx, w.debtor, b.ID, evidence)); refused == nil {
			t.Error("the debtor answered their own bank")
		}
		w.must(w.SubmitEvidence(w.ctx, w.agent, b.ID, evidence))
		if refused := negotiation.AsRefusal(w.SubmitEvidence(w.ctx, w.agent, b.ID, evidence)); refused == nil || refused.Code != "evidence_too_late" {
			t.Errorf("it was sent twice: %v", refused)
		}
		w.quiet()
		w.night()
		b = w.wantCharged(payments.ChargebackWon, 0)
		if c := w.file(); c.State != negotiation.CaseCleared || !b.CostAmount().IsZero() || b.SentAt == nil {
			t.Errorf("the case is %s, it cost %v, sent %v", c.State, b.CostAmount(), b.SentAt)
		}
		if w.letters(negotiation.LetterChargebackWon) != 1 {
			t.Error("the debtor does not hear that it counts again")
		}
		if now := w.payment(p.ID); now.TakenBack != 0 || now.FeeBack+now.VATBack != 0 || now.Pulled != 0 {
			t.Errorf("%+v", now)
		}
		w.agrees()
	})
}

func TestEvidenceThatWasLostOnItsWayIsSentOnce(t *testing.T) {
	for _, after := range []bool{false, true} {
		t.Run(fmt.Sprintf("acted %v", after), func(t *testing.T) {
			onSQLite(t, func(w *bank) {
				p := w.pays(0, disputedCard)
				w.night()
				b := w.wantCharged(payments.ChargebackOpen, p.Received)
				_, err := w.box.AddFault(sandbox.Fault{Kind: sandbox.WebhookNever, Event: "charge.dispute.*"})
				w.must(err)
				g := w.lossy()
				g.before, g.after = !after, after
				w.must(w.SubmitEvidence(w.ctx, w.agent, b.ID, payments.Evidence{Text: "paid as agreed"}))
				w.wantCharged(payments.ChargebackOpen, p.Received)
				g.before, g.after = false, false
				w.passes(25 * time.Hour)
				w.night()
				if b = w.wantCharged(payments.ChargebackAnswered, p.Received); b.SentAt == nil {
					t.Error("not sent")
				}
				w.agrees()
			})
		})
	}
}

func TestAnInquiryTakesNothingUntilTheBankDoes(t *testing.T) {
	onSQLite(t, func(w *bank) {
		p := w.pays(0, "4000000000001976")
		w.night()
		b := w.wantCharged(payments.ChargebackInquiry, 0)
		if w.file().State != negotiation.CaseCleared || w.letters(negotiation.LetterChargeback) != 0 || w.letters(negotiation.LetterChargebackDue) != 1 {
			t.Errorf("the case is %s", w.file().State)
		}
		w.agrees()
		w.must(w.SubmitEvidence(w.ctx, w.agent, b.ID, payments.Evidence{Text: "paid as agreed"}))
		w.quiet()
		w.wantCharged(payments.ChargebackAnswered, 0)
		w.must(w.box.EscalateInquiry(b.GatewayID))
		w.quiet()
		w.night()
		b = w.wantCharged(payments.ChargebackOpen, p.Received)
		if !b.CanBeAnswered(*w.now) {
			t.Error("it cannot be answered anew")
		}
		w.agrees()
	})
}

func TestAContestedInstalmentIsUnpaidAgainAndTheCardRests(t *testing.T) {
	onSQLite(t, func(w *bank) {
		w.agreed(3, "4242424242424242")
		w.until("2026-10-10")
		w.wantCollected(w.line(2))
		made, err := w.OfCase(w.ctx, w.caseID)
		w.must(err)
		p := made[len(made)-1]
		_, err = w.box.Dispute(*p.IntentID, 0, "", false)
		w.must(err)
		w.quiet()
		w.night()
		w.wantCharged(payments.ChargebackOpen, p.Received)
		plan := w.file().ActivePlan()
		progress, err := w.file().Progress(plan, negotiation.DayOf(*w.now))
		w.must(err)
		if progress.Lines[1].State == negotiation.LinePaid || plan.Charged != "" || w.leave() != nil {
			t.Errorf("the line is %s, the plan is charged to %q", progress.Lines[1].State, plan.Charged)
		}
		w.until("2026-11-20")
		if got := len(w.collected()); got > 1 {
			t.Errorf("a contested card was charged again: %v", w.collected())
		}
		w.agrees()
	})
}

// told are the facts of one dispute that was lost after an answer, and of one
// that was won, as the gateway tells them.
func toldOf(p *payments.Payment, won bool) []payments.ChargebackFact {
	of := func(state payments.ChargebackState, moves int64, taken money.Amount) payments.ChargebackFact {
		cost := money.Euros(0)
		if taken.IsPositive() {
			cost = money.Euros(20_00)
		}
		return payments.ChargebackFact{GatewayID: "dp_1", IntentID: "pi_1", State: state, Reason: "fraudulent", Amount: p.ReceivedAmount(), Taken: taken, Cost: cost, Moves: moves}
	}
	taken := p.ReceivedAmount()
	told := []payments.ChargebackFact{of(payments.ChargebackOpen, 1, taken), of(payments.ChargebackOpen, 1, taken), of(payments.ChargebackAnswered, 1, taken)}
	if won {
		return append(told, of(payments.ChargebackWon, 2, money.Euros(0)), of(payments.ChargebackWon, 2, money.Euros(0)))
	}
	return append(told, of(payments.ChargebackLost, 1, taken))
}

func TestInWhateverOrderABankIsHeardTheBooksEndAlike(t *testing.T) {
	for _, won := range []bool{true, false} {
		n := 4
		if won {
			n = 5
		}
		for first := range n {
			for last := range n {
				if first == last {
					continue
				}
				order := []int{first}
				for i := n - 1; i >= 0; i-- { // backwards in between
					if i != first && i != last {
						order = append(order, i)
					}
				}
				order = append(order, last)
				w := newTill(t)
				p := w.start(0)
				// The first news of the dispute overtakes that of the payment itself.
				tell := func(f payments.ChargebackFact) {
					w.told++
					w.notified(payments.Notification{ID: fmt.Sprintf("evt_%d", w.told), Type: string(f.State), Created: *w.now, Charged: &f})
				}
				news := toldOf(&payments.Payment{Received: p.Amount, Currency: p.Currency}, won)
				tell(news[order[0]])
				w.hears(p, payments.Fact{Progress: payments.Collected, IntentID: "pi_1", ChargeID: "ch_1", Means: "card visa 4242"})
				for _, i := range order[1:] {
					tell(news[i])
				}
				w.later(2 * time.Minute)
				if _, err := w.RetryNotifications(w.ctx, 20); err != nil {
					t.Fatal(err)
				}
				_, charged, err := w.BackOf(w.ctx, w.caseID)
				w.must(err)
				want, state, left := payments.ChargebackLost, negotiation.CaseOpen, p.Amount
				if won {
					want, state, left = payments.ChargebackWon, negotiation.CaseCleared, 0
				}
				if len(charged) != 1 || charged[0].State != want || w.last().TakenBack != left || w.file().State != state {
					t.Fatalf("%v: %+v, taken back %d, the case is %s", order, charged, w.last().TakenBack, w.file().State)
				}
				w.holds()
			}
		}
	}
}

func TestAnOldWordOfABankDoesNotUndoAnAnswer(t *testing.T) {
	w := newTill(t)
	p := w.start(0)
	w.hears(p, payments.Fact{Progress: payments.Collected, IntentID: "pi_1", ChargeID: "ch_1"})
	news := toldOf(w.last(), false)
	for i, f := range []payments.ChargebackFact{news[2], news[0]} { // answered, and only then that it began
		w.notified(payments.Notification{ID: fmt.Sprintf("evt_d%d", i), Created: *w.now, Charged: &f})
	}
	_, charged, err := w.BackOf(w.ctx, w.caseID)
	w.must(err)
	if len(charged) != 1 || charged[0].State != payments.ChargebackAnswered {
		t.Fatalf("%+v", charged)
	}
	w.holds()
}

func TestASweepFindsWhatNobodyTold(t *testing.T) {
	eachBank(t, func(w *bank) {
		for _, f := range []string{"charge.*", "payment_intent.*", "checkout.*", "refund.*"} {
			_, err := w.box.AddFault(sandbox.Fault{Kind: sandbox.WebhookNever, Event: f})
			w.must(err)
		}
		p := w.start(0)
		_, err := w.box.CompleteCheckout(*p.SessionID, sandbox.Card{Number: disputedCard})
		w.must(err)
		w.quiet()
		w.passes(2 * time.Hour)
		if w.state(p.ID) != payments.Started || len(w.charged()) != 0 {
			t.Fatal("somebody told")
		}
		_, err = w.Sweep(w.ctx, 50)
		w.must(err)
		w.night()
		w.wantCharged(payments.ChargebackOpen, w.payment(p.ID).Received)
		last, err := w.LastSweep(w.ctx)
		w.must(err)
		if last == nil || last.EndedAt == nil || last.Missed == 0 || last.Problem != "" {
			t.Fatalf("the sweep: %+v", last)
		}
		w.agrees()

		// Once a night; the next one finds nothing more.
		if _, err := w.Sweep(w.ctx, 50); err != nil {
			t.Fatal(err)
		}
		if again, err := w.LastSweep(w.ctx); err != nil || again.StartedAt != last.StartedAt {
			t.Errorf("two in a night: %v, %v", again, err)
		}
		w.passes(24 * time.Hour)
		_, err = w.Sweep(w.ctx, 50)
		w.must(err)
		if again, err := w.LastSweep(w.ctx); err != nil || again.Missed != 0 || again.Told == 0 || again.Asked == 0 {
			t.Errorf("the next night: %+v, %v", again, err)
		}
		w.agrees()
	})
}

func TestASweepThatIsCutOffIsMadeAgain(t *testing.T) {
	onSQLite(t, func(w *bank) {
		w.pays(0, "4242424242424242")
		down := &deaf{Gateway: w.g}
		w.Service = payments.New(w.n, down, "https://portal.example", false)
		if _, err := w.Sweep(w.ctx, 50); !errors.Is(err, payments.ErrUnavailable) {
			t.Fatal(err)
		}
		down.hears = true
		_, err := w.Sweep(w.ctx, 50)
		w.must(err)
		if last, err := w.LastSweep(w.ctx); err != nil || last.Problem != "" || last.Told == 0 {
			t.Errorf("%+v, %v", last, err)
		}
	})
}

// deaf is a gateway that does not list what it told.
type deaf struct {
	payments.Gateway
	hears bool
}

func (g *deaf) ListNotifications(ctx context.Context, since time.Time, after string) ([]payments.Told, string, error) {
	if !g.hears {
		return nil, "", payments.ErrUnavailable
	}
	return g.Gateway.ListNotifications(ctx, since, after)
}
