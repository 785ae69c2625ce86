package payments_test

import (
	"testing"
	"time"

	"amiable/negotiation"
	"amiable/negotiation/database"
	"amiable/negotiation/database/databasetest"
	"amiable/negotiation/money"
	"amiable/payments"
)

// agree makes a plan of terms on the till's case.
func (w *till) agree(terms negotiation.Terms) *negotiation.Plan {
	w.t.Helper()
	_, err := w.n.SetPolicy(w.ctx, w.agent, w.file().Mandate.ID, negotiation.Policy{
		InstalmentsMax: 40, MonthsMax: 40, InstalmentMin: 5_00, FirstDaysMax: 45, SkipsMax: 1, MoveDaysMax: 10, AtOnce: true, AnswerDays: 3,
	})
	w.must(err)
	out, err := w.n.Propose(w.ctx, w.debtor, w.caseID, negotiation.Proposal{Terms: terms, Recognition: negotiation.RecognitionText, Language: "fr", AskCreditor: true})
	w.must(err)
	if out.Plan == nil { // outside the policy: the creditor says yes
		creditor := negotiation.Actor{Role: negotiation.RoleCreditor, ID: "u1", Name: "Ada Boréal", CreditorID: w.file().CreditorID, Decides: true}
		out, err = w.n.AcceptOffer(w.ctx, creditor, w.caseID, out.Offer.ID, negotiation.Assent{Language: "fr"})
		w.must(err)
	}
	return out.Plan
}

func monthly(n int) negotiation.Terms {
	return negotiation.Terms{Instalments: n, Every: negotiation.Monthly, FirstDueOn: "2026-09-10"}
}

// order starts a payment and returns its row.
func (w *till) order(o payments.Order) *payments.Payment {
	w.t.Helper()
	_, err := w.Start(w.ctx, w.debtor, w.caseID, o)
	w.must(err)
	return w.last()
}

func (w *till) arrives(p *payments.Payment) {
	w.t.Helper()
	w.hears(p, payments.Fact{Progress: payments.Collected, IntentID: "pi_" + p.ID, ChargeID: "ch_" + p.ID, Over: true, At: *w.now, Means: "card visa 4242"})
}

func (w *till) refusedTo(o payments.Order, code string) {
	w.t.Helper()
	_, err := w.Start(w.ctx, w.debtor, w.caseID, o)
	if r := negotiation.AsRefusal(err); r == nil || r.Code != code {
		w.t.Fatalf("want refusal %s, got %v", code, err)
	}
}

func (w *till) recognitions() int {
	w.t.Helper()
	events, err := w.n.Events(w.ctx, w.caseID)
	w.must(err)
	n := 0
	for _, e := range events {
		if e.Kind == negotiation.DebtRecognised {
			n++
		}
	}
	return n
}

// The plan holds the recognition, and what it asks may be paid though the
// creditor takes no part that small.
func TestAnInstalmentIsPaidByItsPlan(t *testing.T) {
	databasetest.Each(t, []database.Migrations{negotiation.Migrations, payments.Migrations}, func(t *testing.T, db *database.DB) {
		w := newTillOn(t, db)
		w.refusedTo(payments.Order{Of: payments.NextInstalment}, "plan_moved_on") // none runs
		plan := w.agree(monthly(36))
		lines := plan.Current()
		if lines[0].Amount >= 10_00 {
			t.Fatalf("the instalments are too large for this story: %d", lines[0].Amount)
		}
		before := w.recognitions()
		q, err := w.Quote(w.ctx, w.file(), payments.Order{Of: payments.NextInstalment})
		w.must(err)
		if q.NeedsRecognition() || q.Amount.Minor != lines[0].Amount || q.Plan.Line != 1 || q.Least.Minor != lines[0].Amount || !q.PartsOK {
			t.Fatalf("quote: %+v", q)
		}
		p := w.order(payments.Order{Of: payments.NextInstalment, Line: 1})
		if p.Amount != lines[0].Amount || p.Whole || p.Recognition != negotiation.RecognitionText {
			t.Fatalf("payment: %+v", p)
		}
		again := w.order(payments.Order{Of: payments.NextInstalment, Line: 1}) // from another tab
		if again.ID != p.ID {
			t.Fatal("a second tab opened a second page")
		}
		w.arrives(p)
		w.refusedTo(payments.Order{Of: payments.NextInstalment, Line: 1}, "plan_moved_on") // the other tab, too late
		if w.recognitions() != before {
			t.Fatal("an instalment recognised the debt anew")
		}
		receipts, err := w.ReceiptsOf(w.ctx, w.caseID)
		w.must(err)
		content, err := receipts[0].Read()
		w.must(err)
		if r := content.Plan; r == nil || r.Settled != 1 || r.Of != 36 || r.NextOn != lines[1].DueOn || r.Next.Minor != lines[1].Amount || r.Left.Minor != plan.Total-lines[0].Amount {
			t.Fatalf("the receipt says of the plan: %+v", content.Plan)
		}
		w.holds()
	})
}

func TestLateInstalmentsArePaidTogetherAndTheRestAtOnce(t *testing.T) {
	w := newTill(t)
	plan := w.agree(monthly(4))
	lines := plan.Current()
	*w.now = time.Date(2026, 10, 11, 10, 0, 0, 0, time.UTC)
	p := w.order(payments.Order{Of: payments.NextInstalment})
	if p.Amount != lines[0].Amount+lines[1].Amount {
		t.Fatalf("late: %d asked", p.Amount)
	}
	rest := w.order(payments.Order{Of: payments.RestOfPlan})
	if rest.ID == p.ID || rest.Amount != plan.Total || !rest.Whole || len(w.g.expired) != 1 {
		t.Fatalf("the rest: %+v", rest)
	}
	w.arrives(rest)
	if c := w.file(); c.State != negotiation.CaseCleared || c.LastPlan().State != negotiation.PlanCompleted {
		t.Fatalf("all paid: %s, %s", c.State, c.LastPlan().State)
	}
	receipts, err := w.ReceiptsOf(w.ctx, w.caseID)
	w.must(err)
	content, err := receipts[0].Read()
	w.must(err)
	if r := content.Plan; r == nil || r.Settled != 4 || !r.NextOn.IsZero() || !r.Left.IsZero() {
		t.Fatalf("the last receipt says of the plan: %+v", content.Plan)
	}
	w.holds()
}

// What is on its way is not asked for again: neither the same instalment nor
// more than is left.
func TestADebitOnItsWayCountsTowardsThePlan(t *testing.T) {
	w := newTill(t)
	plan := w.agree(monthly(3))
	lines := plan.Current()
	p := w.order(payments.Order{Of: payments.NextInstalment})
	w.hears(p, payments.Fact{Progress: payments.Submitted, IntentID: "pi_1", Over: true, At: *w.now})
	q, err := w.Quote(w.ctx, w.file(), payments.Order{Of: payments.NextInstalment})
	w.must(err)
	if q.Plan.Line != 2 || q.Amount.Minor != lines[1].Amount {
		t.Fatalf("with one on its way: %+v", q.Plan)
	}
	w.refusedTo(payments.Order{}, "payment_being_checked")
	rest := w.order(payments.Order{Of: payments.RestOfPlan})
	if rest.Amount != lines[1].Amount+lines[2].Amount {
		t.Fatalf("the rest: %d", rest.Amount)
	}
	w.hears(rest, payments.Fact{Progress: payments.Submitted, IntentID: "pi_2", Over: true, At: *w.now})
	w.refusedTo(payments.Order{Of: payments.NextInstalment}, "payment_being_checked")
	w.holds()
}

// What is too little for the gateway is told before it is asked, and can be paid
// with what comes next.
func TestARestThatNoCardTakesIsPaidWithTheNextInstalment(t *testing.T) {
	w := newTill(t)
	plan := w.agree(monthly(2))
	_, err := w.RecordElsewhere(w.ctx, w.agent, w.caseID, payments.Elsewhere{
		Amount: money.Euros(plan.Current()[0].Amount - 30), On: "2026-08-31", Means: "transfer", Reference: "VIR-1",
	})
	w.must(err)
	w.refusedTo(payments.Order{Of: payments.NextInstalment}, "too_little_for_a_card")
	if p := w.order(payments.Order{Of: payments.RestOfPlan}); p.Amount != plan.Current()[1].Amount+30 {
		t.Fatalf("the rest: %d", p.Amount)
	}
	w.holds()
}

// A settlement is never asked for more than its rest: that clears the case.
func TestASettlementIsPaidAtItsRest(t *testing.T) {
	databasetest.Each(t, []database.Migrations{negotiation.Migrations, payments.Migrations}, func(t *testing.T, db *database.DB) {
		w := newTillOn(t, db)
		plan := w.agree(negotiation.Terms{Instalments: 2, Every: negotiation.Monthly, FirstDueOn: "2026-09-10", Total: money.Euros(210_00)})
		q, err := w.Quote(w.ctx, w.file(), payments.Order{})
		w.must(err)
		if q.Total.Minor != 210_00 || !q.Whole || q.Amount.Minor != 210_00 {
			t.Fatalf("the whole of a settlement: %+v", q)
		}
		w.refusedTo(payments.Order{Amount: money.Euros(210_01)}, "amount_above_owed")
		w.arrives(w.order(payments.Order{Of: payments.NextInstalment}))
		stale := w.order(payments.Order{Of: payments.RestOfPlan})
		if stale.Amount != 105_00 || !stale.Whole {
			t.Fatalf("the rest: %+v", stale)
		}
		_, err = w.RecordElsewhere(w.ctx, w.agent, w.caseID, payments.Elsewhere{Amount: money.Euros(50_00), On: "2026-08-31", Means: "transfer", Reference: "VIR"})
		w.must(err)
		closed, err := w.CloseForbidden(w.ctx, 10) // it asks for more than is left
		w.must(err)
		if closed != 1 {
			t.Fatalf("%d pages closed", closed)
		}
		last := w.order(payments.Order{})
		if last.Amount != 55_00 {
			t.Fatalf("the last: %+v", last)
		}
		w.arrives(last)
		c := w.file()
		if c.State != negotiation.CaseCleared || c.Plan(plan.ID).State != negotiation.PlanCompleted || c.RefundsDue().IsPositive() {
			t.Fatalf("%s, plan %s, %v to give back", c.State, c.Plan(plan.ID).State, c.RefundsDue())
		}
		w.holds()
	})
}

// More than the plan asks, on a case of which a part is contested, is a part
// that no plan recognised.
func TestMoreThanThePlanNeedsTheTick(t *testing.T) {
	w := newTill(t)
	contested := int64(100_00)
	c := w.file()
	_, err := w.n.PlaceHold(w.ctx, w.agent, w.caseID, negotiation.Hold{Reason: negotiation.HoldDisputed, ClaimID: &c.Claims[0].ID, Amount: &contested})
	w.must(err)
	plan := w.agree(monthly(3))
	w.refusedTo(payments.Order{Amount: money.Euros(plan.Total + 10_00)}, "recognition_not_ticked")
	rest := w.order(payments.Order{Of: payments.RestOfPlan})
	if rest.Amount != plan.Total || rest.Whole || rest.Recognition != negotiation.RecognitionText {
		t.Fatalf("the rest of the plan: %+v", rest)
	}
	w.holds()
}
