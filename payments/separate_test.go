package payments_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"

	"amiable/negotiation"
	"amiable/negotiation/ledger"
	"amiable/negotiation/money"
	"amiable/payments"
	"amiable/payments/stripe/sandbox"
)

// separate has the mandate say that card money comes to the platform first.
func (w *bank) separate(is bool) {
	w.t.Helper()
	w.must(w.n.SetWaysToPay(w.ctx, w.agent, w.file().Mandate.ID, negotiation.WaysToPay{Separate: is}))
}

// eachSeparate lives a story on both databases, the card money of which comes to the
// platform first.
func eachSeparate(t *testing.T, test func(w *bank)) {
	t.Helper()
	eachBank(t, func(w *bank) {
		w.separate(true)
		test(w)
	})
}

// has is what the creditor has, at the gateway or sent to its bank.
func (w *bank) has() (sum int64) {
	w.t.Helper()
	for _, b := range w.box.Books() {
		if b.Owner == w.account() {
			sum += b.Amount
		}
	}
	for _, p := range w.box.Payouts() {
		if p.Account == w.account() && p.Status != "failed" && p.Status != "canceled" {
			sum += p.Amount
		}
	}
	return sum
}

func (w *bank) wantHas(want int64) {
	w.t.Helper()
	if got := w.has(); got != want {
		w.t.Fatalf("the creditor has %d, want %d", got, want)
	}
}

// tries runs what moves money between accounts, whatever the gateway answers.
func (w *bank) tries() {
	w.t.Helper()
	for range 3 {
		if _, err := w.FollowCreditors(w.ctx, 50); err != nil && !errors.Is(err, payments.ErrUnavailable) && !errors.Is(err, payments.ErrRefused) {
			w.t.Fatal(err)
		}
	}
	w.quiet()
}

func (w *bank) held() (sum int64) {
	w.t.Helper()
	held, err := w.HeldBack(w.ctx)
	w.must(err)
	for _, h := range held {
		sum += h.Amount
	}
	return sum
}

func TestMoneyThatComesToThePlatformIsTransferredLessTheFee(t *testing.T) {
	eachSeparate(t, func(w *bank) {
		p := w.pays(60_00, goodCard)
		if !p.Separate || !p.FeeWithheld || p.Pulled != p.Received {
			t.Fatalf("%+v", p)
		}
		w.wantHas(0) // between the charge and the transfer nothing is lost if we die
		w.holds()
		w.night()
		w.wantHas(60_00 - 7_20)
		w.agrees()
		w.night()
		w.wantHas(60_00 - 7_20)
		// Who changes the mandate changes what begins after.
		open := w.start(33_33)
		w.separate(false)
		w.visit(*open.SessionID, goodCard)
		later := w.pays(10_00, goodCard)
		if later.Separate || !w.payment(open.ID).Separate {
			t.Error("the mandate changed a payment that was under way")
		}
		w.night()
		w.agrees()
	})
}

func TestATransferIsMadeOnceWhateverBecomesOfItsAnswer(t *testing.T) {
	for _, after := range []bool{false, true} {
		t.Run(fmt.Sprintf("acted %v", after), func(t *testing.T) {
			eachSeparate(t, func(w *bank) {
				g := w.lossy()
				p := w.pays(60_00, goodCard)
				g.before, g.after = !after, after
				w.tries()
				if w.payment(p.ID).Pulled != p.Received {
					t.Fatal("booked though nobody heard of it")
				}
				g.before, g.after = false, false
				w.passes(time.Hour)
				w.night()
				w.wantHas(60_00 - 7_20)
				w.agrees()
			})
		})
	}
}

func TestANightFindsATransferOfWhichNobodyHeard(t *testing.T) {
	onSQLite(t, func(w *bank) {
		w.separate(true)
		g := w.lossy()
		p := w.pays(60_00, goodCard)
		g.after = true
		w.tries()
		w.passes(2 * time.Hour)
		_, err := w.Sweep(w.ctx, 50) // it reads only
		w.must(err)
		if now := w.payment(p.ID); now.Pulled != 0 {
			t.Fatalf("%d is not known to be there", now.Pulled)
		}
		g.after = false
		w.night()
		w.agrees()
	})
}

func TestWhatGoesBackIsTakenOutOfTheTransfer(t *testing.T) {
	eachSeparate(t, func(w *bank) {
		p := w.pays(60_00, goodCard)
		w.night()
		_, err := w.AskRefund(w.ctx, w.agent, p.ID, payments.RefundOrder{Amount: money.Euros(20_00), Reason: payments.PaidTwice})
		w.must(err)
		w.night()
		w.wantRefund(1, payments.RefundSucceeded, 20_00)
		w.wantHas(40_00 - 4_80)
		w.agrees()
		// Its bank sends it back: it is the creditor's again, by a second transfer.
		w.must(w.box.FailRefund(*w.refunds()[0].GatewayID))
		w.quiet()
		w.night()
		w.wantHas(60_00 - 7_20)
		w.agrees()
		// And then all of it goes: out of both.
		_, err = w.box.Dispute(*p.IntentID, 0, "", false)
		w.must(err)
		w.quiet()
		w.night()
		w.wantHas(0)
		w.agrees()
		w.must(w.box.WinDispute(w.charged()[0].GatewayID))
		w.quiet()
		w.night()
		w.wantHas(60_00 - 7_20)
		w.agrees()
	})
}

// TestARefundOfWhatWasWonBack: the transfer that the charge made is gone with the
// chargeback; what was won came by another.
func TestARefundOfWhatWasWonBack(t *testing.T) {
	onSQLite(t, func(w *bank) {
		p := w.pays(60_00, disputedCard)
		w.night()
		w.must(w.box.WinDispute(w.charged()[0].GatewayID))
		w.quiet()
		w.night()
		w.agrees()
		_, err := w.AskRefund(w.ctx, w.agent, p.ID, payments.RefundOrder{Amount: money.Euros(20_00), Reason: payments.PaidTwice})
		w.must(err)
		w.night()
		w.wantRefund(1, payments.RefundSucceeded, 20_00)
		w.agrees()
	})
}

func TestAnAccountThatTakesNothingIsWaitedFor(t *testing.T) {
	eachSeparate(t, func(w *bank) {
		p := w.pays(60_00, goodCard)
		second := w.pays(30_00, goodCard)
		w.must(w.box.RestrictAccount(w.account()))
		w.quiet()
		w.tries()
		if w.held() != 90_00-10_80 {
			t.Fatalf("the agents see that %d waits", w.held())
		}
		// Meanwhile one is given back, in part, and the other wholly taken back.
		_, err := w.AskRefund(w.ctx, w.agent, p.ID, payments.RefundOrder{Amount: money.Euros(20_00), Reason: payments.PaidTwice})
		w.must(err)
		if _, err := w.MakeRefunds(w.ctx, 10); err != nil {
			t.Fatal(err)
		}
		dispute, err := w.box.Dispute(*second.IntentID, 0, "", false)
		w.must(err)
		w.quiet()
		w.passes(48 * time.Hour)
		w.tries()
		if w.held() != 40_00-4_80 {
			t.Errorf("%d waits", w.held())
		}
		w.must(w.box.RestoreAccount(w.account()))
		w.quiet() // the account says so itself, and nobody waits for the next try
		w.tries()
		w.wantHas(40_00 - 4_80)
		if w.held() != 0 {
			t.Errorf("%d waits still", w.held())
		}
		w.agrees()
		w.must(w.box.WinDispute(dispute))
		w.quiet()
		w.passes(time.Hour)
		w.night()
		w.wantHas(40_00 - 4_80 + 30_00 - 3_60)
		w.agrees()
	})
}

func TestADebitIsTransferredOnceItIsHere(t *testing.T) {
	eachSeparate(t, func(w *bank) {
		first := w.debited(2, goodAccount)
		w.night()
		w.wantHas(0)
		w.until("2026-09-15")
		w.night()
		first = w.payment(first.ID)
		if first.State != payments.Succeeded || w.has() != first.Net().Minor {
			t.Fatalf("%s, the account has %d", first.State, w.has())
		}
		w.agrees()
		// The second comes back before it was here, and is handed in again.
		w.until("2026-09-20")
		w.must(w.box.DeclineScript(goodAccount, "insufficient_funds", sandbox.Approved))
		w.until("2026-10-14")
		w.night()
		w.wantHas(first.Net().Minor)
		w.until("2026-11-20")
		w.night()
		w.agrees()
		second := w.collection()
		if second.State != payments.Succeeded || !second.Separate || w.has() != first.Net().Minor+second.Net().Minor {
			t.Fatalf("%+v, the account has %d", second, w.has())
		}
		// And its bank takes it back in the eight weeks.
		_, err := w.box.Dispute(*second.IntentID, 0, "", false)
		w.must(err)
		w.quiet()
		w.night()
		w.wantHas(first.Net().Minor)
		w.agrees()
	})
}

func TestInstalmentsAreChargedAndTransferred(t *testing.T) {
	onSQLite(t, func(w *bank) {
		w.separate(true)
		w.agreed(3, goodCard)
		w.until("2026-10-10")
		w.wantCollected(w.line(2))
		w.night()
		w.agrees()
		// Restricted in the middle of the plan: nothing is charged, what came waits.
		w.must(w.box.RestrictAccount(w.account()))
		w.quiet()
		w.until("2026-11-12")
		w.wantCollected(w.line(2))
		w.must(w.box.RestoreAccount(w.account()))
		w.quiet()
		w.until("2026-11-16")
		w.wantCollected(w.line(2), w.line(3))
		w.night()
		w.agrees()
	})
}

func TestNoFeeIsKeptBackThatWouldLeaveNothing(t *testing.T) {
	onSQLite(t, func(w *bank) {
		w.separate(true)
		w.must(w.n.DB().Read(w.ctx).Exec("UPDATE mandates SET fee_minimum = 5000, vat_basis_points = 0").Error)
		p := w.pays(20_00, goodCard)
		w.night()
		w.wantHas(20_00)
		if p.FeeWithheld {
			t.Error("nothing was left to transfer")
		}
		w.agrees()
	})
}

func TestATransferIsOneRowOfAPayoutAndOneLineOfARemittance(t *testing.T) {
	eachSeparate(t, func(w *bank) {
		w.paysPart(60_00)
		back := w.paysPart(30_00)
		w.must(w.box.RestrictAccount(w.account()))
		w.quiet()
		w.tries()
		_, err := w.AskRefund(w.ctx, w.agent, back.ID, payments.RefundOrder{Amount: money.Euros(10_00), Reason: payments.PaidTwice})
		w.must(err)
		_, err = w.MakeRefunds(w.ctx, 10)
		w.must(err)
		w.must(w.box.RestoreAccount(w.account()))
		w.quiet()
		w.passes(time.Hour)
		w.night()
		w.wantHas(80_00 - 9_60)
		w.paidOut()
		w.days(14)
		made := w.theirs()
		if len(made) != 1 || made[0].State != payments.PayoutPaid || made[0].Suspense != 0 || made[0].Amount != 80_00-9_60 {
			w.t.Fatalf("%+v", made)
		}
		r, err := w.Remittance(w.ctx, w.creditor(), made[0].RemittanceID)
		w.must(err)
		if r.Gross != 80_00 || r.Fee != 8_00 || r.VAT != 1_60 || r.Net != made[0].Amount {
			w.t.Errorf("%+v", r)
		}
		if w.booked(ledger.Payable) != 0 {
			w.t.Errorf("%d is still payable", w.booked(ledger.Payable))
		}
		w.paidOut()
		// A payment that was won back comes in a payout of its own, and is no second
		// payment.
		w.pays(45_00, disputedCard)
		w.night()
		w.days(14)
		w.must(w.box.WinDispute(w.charged()[0].GatewayID))
		w.quiet()
		w.night()
		w.wantHas(80_00 - 9_60 + 45_00 - 5_40)
		w.days(14)
		w.noSuspense()
		w.holds()
		if w.booked(ledger.Payable) != 0 {
			w.t.Errorf("%d is still payable", w.booked(ledger.Payable))
		}
	})
}

// noSuspense wants every payout open and explained, the agency's own too.
func (w *bank) noSuspense() {
	w.t.Helper()
	rows, err := w.InSuspense(w.ctx, 50)
	w.must(err)
	for _, row := range rows {
		w.t.Errorf("%s %s %s of %d: %s", row.CreditorName, row.Kind, row.Source, row.Amount, row.Reason)
	}
	all, err := w.Payouts(w.ctx, w.agent, 50)
	w.must(err)
	for _, p := range all {
		if !p.IsOpen() && (p.Itemised || p.State == payments.PayoutPaid) {
			w.t.Errorf("payout %s of %v is not open: %s", p.GatewayID, p.Sum(), p.Problem)
		}
	}
}

// TestAWonPaymentOfTheUsualWayIsExplainedToo: what was pulled and put in again is
// no difference.
func TestAWonPaymentOfTheUsualWayIsExplainedToo(t *testing.T) {
	onSQLite(t, func(w *bank) {
		w.paysPart(60_00)
		w.pays(30_00, disputedCard)
		w.night()
		w.must(w.box.WinDispute(w.charged()[0].GatewayID))
		w.quiet()
		w.night()
		w.days(14)
		w.noSuspense()
		w.paidOut()
	})
}

func TestAPayoutWaitsUntilItsTransfersAreHeardOf(t *testing.T) {
	onSQLite(t, func(w *bank) {
		w.separate(true)
		g := w.lossy()
		w.paysPart(60_00)
		g.after = true
		w.tries() // made, and nobody heard
		for range 8 {
			*w.now = w.now.Add(24 * time.Hour)
			w.must(w.box.SetClock(*w.now))
			w.quiet()
			if _, err := w.OpenPayouts(w.ctx, 50); err == nil && len(w.theirs()) > 0 && w.theirs()[0].Itemised {
				w.t.Fatal("opened, though a row of it is of a transfer that is not known here")
			}
		}
		g.after = false
		w.night()
		w.days(3)
		w.noSuspense()
		w.paidOut()
	})
}

func TestMoneyThatSomebodyElseTransferredIsASuspense(t *testing.T) {
	eachTreasury(t, 3, func(w *treasury) {
		w.must(w.n.DB().Read(w.ctx).Exec("UPDATE payments SET separate = TRUE, pulled = received").Error)
		known := func(i int, about string, net int64) payments.PayoutRowFact {
			r := w.row(i)
			r.About, r.Amount, r.Fee = about, money.Euros(net), money.Euros(0)
			return r
		}
		for i, p := range w.paid[:2] {
			id := uuid.NewString()
			w.must(w.n.DB().Read(w.ctx).Exec(`INSERT INTO transits (id, payment_id, number, kind, amount, fee, request, gateway_id, asked_at, done_at) VALUES (?, ?, 1, 'put', 1000, 120, '{}', ?, ?, ?)`,
				id, p.ID, fmt.Sprintf("tr_%d", i), *w.now, *w.now).Error)
			w.must(w.n.DB().Read(w.ctx).Exec("UPDATE payments SET pulled = 0 WHERE id = ?", p.ID).Error)
		}
		w.holds()
		w.paysOut("po_1", known(0, "tr_0", 8_80), known(1, "tr_1", 8_81), known(2, "tr_2", 8_80))
		w.must(w.opens())
		if got := fmt.Sprint(w.reasons()); got != "[txn_0001 not_our_transfer txn_0002 not_our_transfer]" {
			t.Error(got)
		}
		w.holds()
	})
}

// TestTransfersAtTheSameMoment: however many processes follow the creditors at
// once, a payment is transferred once.
func TestTransfersAtTheSameMoment(t *testing.T) {
	eachSeparate(t, func(w *bank) {
		w.pays(60_00, goodCard)
		w.pays(30_00, goodCard)
		const n = 6
		errs := make(chan error, n)
		for range n {
			go func() {
				_, err := w.FollowCreditors(context.Background(), 50)
				errs <- err
			}()
		}
		for range n {
			w.must(<-errs)
		}
		w.wantHas(90_00 - 10_80)
		w.agrees()
	})
}
