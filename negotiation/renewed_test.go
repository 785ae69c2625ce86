package negotiation_test

import (
	"testing"
	"time"

	"amiable/negotiation"
	"amiable/negotiation/database"
	"amiable/negotiation/database/databasetest"
	"amiable/negotiation/money"
)

// The debtor's yes is to a sum: where more is to be paid since, the creditor's
// yes makes no plan of it.
func TestTheDebtorsYesDoesNotGrowWithWhatIsOwed(t *testing.T) {
	databasetest.Each(t, migrations, func(t *testing.T, db *database.DB) {
		clock := &movingClock{at: time.Time(at("2026-08-31"))}
		asks := generous
		asks.AtOnce = false
		w, c := negotiating(t, db, clock, &asks)
		d := w.contest(c, 400_00)
		out, err := w.Propose(w.ctx, debtorOf(c), c.ID, proposal(monthly(3, "2026-09-20")))
		w.must(err)
		if out.Offer == nil || out.Plan != nil {
			t.Fatalf("no open offer: %+v", out)
		}
		w.must(w.TakeUpDispute(w.ctx, admin, c.ID, d.ID))
		w.must(w.ResolveDispute(w.ctx, admin, c.ID, d.ID, negotiation.Resolution{Outcome: negotiation.DisputeRejected, Words: "La porte a été réglée."}))
		open := w.load(c.ID).OpenOffer()
		if open == nil || open.Total <= out.Offer.Total {
			t.Fatalf("the offer is %+v", open)
		}
		_, err = w.AcceptOffer(w.ctx, decider(c), c.ID, open.ID, yes)
		refused(t, err, "offer_total_grew")
		agent := admin
		_, err = w.AcceptOffer(w.ctx, agent, c.ID, open.ID, yes)
		refused(t, err, "offer_total_grew")
		// Put to the debtor, who reads it and says yes, it becomes a plan.
		counter, err := w.Propose(w.ctx, decider(c), c.ID, negotiation.Proposal{Terms: open.Of(), Answers: open.ID})
		w.must(err)
		agreed, err := w.AcceptOffer(w.ctx, debtorOf(c), c.ID, counter.Offer.ID, yes)
		w.must(err)
		if agreed.Plan == nil || agreed.Plan.Total != open.Total {
			t.Fatalf("no plan: %+v", agreed)
		}
		w.holds()
	})
}

// An offer of a smaller sum that was open when a part was contested would clear
// that part as well.
func TestASmallerSumIsNotAgreedWhileAPartIsContested(t *testing.T) {
	databasetest.Each(t, migrations, func(t *testing.T, db *database.DB) {
		clock := &movingClock{at: time.Time(at("2026-08-31"))}
		asks := generous
		asks.AtOnce = false
		w, c := negotiating(t, db, clock, &asks)
		owed, err := c.Plannable("2026-08-31")
		w.must(err)
		smaller := negotiation.Terms{Instalments: 1, FirstDueOn: "2026-09-20", Total: money.Euros(owed.Minor * 95 / 100)}
		out, err := w.Propose(w.ctx, debtorOf(c), c.ID, proposal(smaller))
		w.must(err)
		w.contest(c, 400_00)
		open := w.load(c.ID).OpenOffer()
		if open == nil {
			t.Fatalf("the offer %s is gone", out.Offer.ID)
		}
		_, err = w.AcceptOffer(w.ctx, decider(c), c.ID, open.ID, yes)
		refused(t, err, "settlement_while_contested")
		if w.load(c.ID).ActivePlan() != nil {
			t.Fatal("it was agreed")
		}
	})
}
