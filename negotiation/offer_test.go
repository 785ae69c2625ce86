package negotiation_test

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"amiable/negotiation"
	"amiable/negotiation/database"
	"amiable/negotiation/database/databasetest"
	"amiable/negotiation/money"
)

// generous is a policy that says yes at once to up to six months.
var generous = negotiation.Policy{
	InstalmentsMax: 6, MonthsMax: 6, InstalmentMin: 50_00, FirstDaysMax: 45, SkipsMax: 1, MoveDaysMax: 10, AtOnce: true, AnswerDays: 3, BreathingDays: 15,
	AgentOwedMax: 20_000_00, Rebates: []negotiation.Rebate{{DaysLate: 60, BasisPoints: 1000}},
}

// negotiating is an open case whose creditor waives interest in plans and has
// the policy; none where it is nil.
func negotiating(t *testing.T, db *database.DB, clock negotiation.Clock, policy *negotiation.Policy) (*world, *negotiation.Case) {
	t.Helper()
	w := newWorld(t, db, clock)
	var err error
	w.mandate, err = w.SignMandate(w.ctx, admin, negotiation.Mandate{
		CreditorID: w.creditor.ID, Reference: "MDT-000", SignedOn: "2024-01-01", Scope: "Toutes les factures", Proof: "signed-0",
		FeeBasisPoints: 1000, VATBasisPoints: 2000, FeeWithheld: true, RestWaivedBelow: 100, InterestWaivedInPlans: true,
	})
	w.must(err)
	w.place("CRE-001,F-1,2026-03-31,2026-04-30,EUR,1000.00,0" + garage + ",MDT-000,Un")
	c := w.found("garage port")
	w.open(c)
	if policy != nil {
		_, err = w.SetPolicy(w.ctx, admin, w.mandate.ID, *policy)
		w.must(err)
	}
	return w, w.load(c.ID)
}

func debtorOf(c *negotiation.Case) negotiation.Actor {
	p := c.MainParty()
	return negotiation.Actor{Role: negotiation.RoleDebtor, ID: p.ID, Name: p.Person.Name, CaseID: c.ID}
}

func decider(c *negotiation.Case) negotiation.Actor {
	return negotiation.Actor{Role: negotiation.RoleCreditor, ID: "u1", Name: "Ada Boréal", CreditorID: c.CreditorID, Decides: true}
}

func monthly(n int, first negotiation.Day) negotiation.Terms {
	return negotiation.Terms{Instalments: n, Every: negotiation.Monthly, FirstDueOn: first}
}

func proposal(terms negotiation.Terms) negotiation.Proposal {
	return negotiation.Proposal{Terms: terms, Recognition: negotiation.RecognitionText, Language: "fr"}
}

func refused(t *testing.T, err error, code string) {
	t.Helper()
	if r := negotiation.AsRefusal(err); r == nil || r.Code != code {
		t.Fatalf("want refusal %s, got %v", code, err)
	}
}

var yes = negotiation.Assent{Recognition: negotiation.RecognitionText, Language: "fr"}

func TestTermsInsideThePolicyAreAPlanAtOnceAndRunUntilTheCaseIsCleared(t *testing.T) {
	databasetest.Each(t, migrations, func(t *testing.T, db *database.DB) {
		clock := &movingClock{at: time.Time(at("2026-08-31"))}
		w, c := negotiating(t, db, clock, &generous)
		owed, err := c.Plannable("2026-08-31")
		w.must(err)
		out, err := w.Propose(w.ctx, debtorOf(c), c.ID, proposal(monthly(3, "2026-09-05")))
		w.must(err)
		if out.Plan == nil || out.Verdict.Answer != negotiation.Yes {
			t.Fatalf("no plan: %+v", out)
		}
		c = w.load(c.ID)
		if c.State != negotiation.CaseInPlan || c.ActivePlan() == nil || c.OpenOffer() != nil {
			t.Fatalf("the case is %s", c.State)
		}
		w.holds()
		// Interest rests for as long as the plan runs.
		if s, err := c.Statement("2026-11-30"); err != nil || s.Total != owed {
			t.Fatalf("in plan, %v are owed in November, not %v (%v)", s.Total, owed, err)
		}
		lines := c.ActivePlan().Current()
		for i, line := range lines {
			clock.on(string(line.DueOn))
			w.pay(c, "p"+string(rune('1'+i)), line.Amount, line.DueOn)
			w.holds()
		}
		c = w.load(c.ID)
		if c.State != negotiation.CaseCleared || c.LastPlan().State != negotiation.PlanCompleted {
			t.Fatalf("all paid: the case is %s, its plan %s", c.State, c.LastPlan().State)
		}
		w.must(w.OnCase(w.ctx, admin, c.ID, func(t *negotiation.Tx, c *negotiation.Case) error { return c.ReversePayment(t, admin, "p2") }))
		c = w.load(c.ID)
		progress, err := c.Progress(c.LastPlan(), "2026-11-06")
		w.must(err)
		if c.State != negotiation.CaseInPlan || c.ActivePlan() == nil || progress.Left.Minor != lines[1].Amount {
			t.Fatalf("a payment turned round: the case is %s, %v left", c.State, progress.Left)
		}
		w.holds()
	})
}

func TestAProposalNeedsTheTickAndTheRightHands(t *testing.T) {
	w, c := negotiating(t, databasetest.SQLite(t, migrations...), at("2026-08-31"), &generous)
	bare := proposal(monthly(3, "2026-09-05"))
	bare.Recognition = ""
	_, err := w.Propose(w.ctx, debtorOf(c), c.ID, bare)
	refused(t, err, "recognition_not_ticked")
	stranger := debtorOf(c)
	stranger.ID = "0199aaaa-0000-7000-8000-000000000000"
	_, err = w.Propose(w.ctx, stranger, c.ID, proposal(monthly(3, "2026-09-05")))
	refused(t, err, "not_your_role")
	stranger.CaseID = stranger.ID
	_, err = w.Propose(w.ctx, stranger, c.ID, proposal(monthly(3, "2026-09-05")))
	refused(t, err, "not_found")
	_, err = w.Propose(w.ctx, debtorOf(c), c.ID, proposal(monthly(3, "2026-08-30")))
	if negotiation.AsRefusal(err) == nil && w.load(c.ID).OpenOffer() != nil {
		t.Fatal("a first day that is past was taken")
	}
	seen := proposal(monthly(3, "2026-09-05"))
	seen.Seen = money.Euros(1)
	_, err = w.Propose(w.ctx, debtorOf(c), c.ID, seen)
	refused(t, err, "amount_changed")
}

func TestOutsideThePolicyTheNearestIsNamedAndTheCreditorMayBeAsked(t *testing.T) {
	databasetest.Each(t, migrations, func(t *testing.T, db *database.DB) {
		w, c := negotiating(t, db, at("2026-08-31"), &generous)
		out, err := w.Propose(w.ctx, debtorOf(c), c.ID, proposal(monthly(10, "2026-09-10")))
		w.must(err)
		if out.Offer != nil || out.Verdict.Answer != negotiation.No || out.Verdict.Nearest == nil || out.Verdict.Nearest.Instalments != 6 {
			t.Fatalf("outside: %+v", out)
		}
		ask := proposal(monthly(10, "2026-09-10"))
		ask.AskCreditor = true
		out, err = w.Propose(w.ctx, debtorOf(c), c.ID, ask)
		w.must(err)
		if out.Offer == nil || out.Plan != nil || out.Offer.AnswerBy != "2026-09-03" || out.Offer.AnswerSide != negotiation.SideCreditor {
			t.Fatalf("asked: %+v", out.Offer)
		}
		_, err = w.Propose(w.ctx, debtorOf(c), c.ID, ask)
		refused(t, err, "offer_is_open")
		viewer := decider(c)
		viewer.Decides = false
		_, err = w.AcceptOffer(w.ctx, viewer, c.ID, out.Offer.ID, yes)
		refused(t, err, "not_decider")
		small := decider(c)
		small.DecidesUpTo = 500_00
		_, err = w.AcceptOffer(w.ctx, small, c.ID, out.Offer.ID, yes)
		refused(t, err, "above_your_limit")
		_, err = w.AcceptOffer(w.ctx, admin, c.ID, out.Offer.ID, yes) // an agent, outside the policy
		refused(t, err, "outside_policy")
		// The creditor counters, the debtor says yes.
		counter, err := w.Propose(w.ctx, decider(c), c.ID, negotiation.Proposal{Terms: monthly(8, "2026-09-10"), Answers: out.Offer.ID})
		w.must(err)
		_, err = w.AcceptOffer(w.ctx, debtorOf(c), c.ID, out.Offer.ID, yes)
		refused(t, err, "offer_is_countered")
		_, err = w.AcceptOffer(w.ctx, decider(c), c.ID, counter.Offer.ID, yes)
		refused(t, err, "offer_waits_for_other")
		done, err := w.AcceptOffer(w.ctx, debtorOf(c), c.ID, counter.Offer.ID, yes)
		w.must(err)
		if done.Plan == nil || len(w.load(c.ID).ActivePlan().Current()) != 8 {
			t.Fatalf("agreed: %+v", done)
		}
		w.holds()
	})
}

func TestTwentyWhoAnswerAtOnceMakeOnePlan(t *testing.T) {
	databasetest.Each(t, migrations, func(t *testing.T, db *database.DB) {
		asks := generous
		asks.AtOnce = false
		w, c := negotiating(t, db, at("2026-08-31"), &asks)
		out, err := w.Propose(w.ctx, debtorOf(c), c.ID, proposal(monthly(3, "2026-09-10")))
		w.must(err)
		var accepted, countered atomic.Int64
		var all sync.WaitGroup
		for i := range 20 {
			all.Go(func() {
				switch i % 4 {
				case 0:
					if _, err := w.Propose(w.ctx, decider(c), c.ID, negotiation.Proposal{Terms: monthly(2, "2026-09-10"), Answers: out.Offer.ID}); err == nil {
						countered.Add(1)
					} else if negotiation.AsRefusal(err) == nil {
						t.Error(err)
					}
				case 1:
					open := w.load(c.ID).OpenOffer()
					if open == nil {
						return
					}
					if _, err := w.AcceptOffer(w.ctx, debtorOf(c), c.ID, open.ID, yes); err == nil {
						accepted.Add(1)
					} else if negotiation.AsRefusal(err) == nil {
						t.Error(err)
					}
				default:
					if _, err := w.AcceptOffer(w.ctx, decider(c), c.ID, out.Offer.ID, yes); err == nil {
						accepted.Add(1)
					} else if negotiation.AsRefusal(err) == nil {
						t.Error(err)
					}
				}
			})
		}
		all.Wait()
		c = w.load(c.ID)
		if accepted.Load() > 1 || (accepted.Load() == 1) != (c.ActivePlan() != nil) || len(c.Plans()) > 1 || accepted.Load()+countered.Load() == 0 {
			t.Fatalf("%d accepted, %d countered, %d plans", accepted.Load(), countered.Load(), len(c.Plans()))
		}
		w.holds()
	})
}

func TestAPaymentDuringAnOfferMakesANewVersionOrWithdrawsIt(t *testing.T) {
	databasetest.Each(t, migrations, func(t *testing.T, db *database.DB) {
		asks := generous
		asks.AtOnce = false
		w, c := negotiating(t, db, at("2026-08-31"), &asks)
		out, err := w.Propose(w.ctx, debtorOf(c), c.ID, proposal(monthly(3, "2026-09-10")))
		w.must(err)
		w.pay(c, "part", 200_00, "2026-08-31")
		fresh := w.load(c.ID).OpenOffer()
		if fresh == nil || fresh.ID == out.Offer.ID || fresh.Owed != out.Offer.Owed-200_00 || fresh.AnswerBy != out.Offer.AnswerBy {
			t.Fatalf("the new version: %+v", fresh)
		}
		_, err = w.AcceptOffer(w.ctx, decider(c), c.ID, out.Offer.ID, yes)
		refused(t, err, "offer_is_withdrawn")
		w.holds()
		w.pay(c, "rest", fresh.Owed, "2026-08-31")
		if c = w.load(c.ID); c.OpenOffer() != nil || c.State != negotiation.CaseCleared {
			t.Fatalf("paid in full, the offer is %+v, the case %s", c.OpenOffer(), c.State)
		}
		w.holds()
	})
}

func TestASettlementClearsTheRestOnceItsSumIsPaid(t *testing.T) {
	databasetest.Each(t, migrations, func(t *testing.T, db *database.DB) {
		w, c := negotiating(t, db, at("2026-08-31"), &generous)
		owed, err := c.Plannable("2026-08-31")
		w.must(err)
		terms := negotiation.Terms{Instalments: 1, FirstDueOn: "2026-09-10", Total: money.Euros(owed.Minor - owed.Minor/10)}
		out, err := w.Propose(w.ctx, debtorOf(c), c.ID, proposal(terms))
		w.must(err)
		if out.Plan == nil {
			t.Fatalf("a tenth less was not accepted: %+v", out.Verdict)
		}
		w.pay(c, "p1", terms.Total.Minor-100_00, "2026-08-31")
		if c = w.load(c.ID); c.State != negotiation.CaseInPlan {
			t.Fatalf("paid short, the case is %s", c.State)
		}
		w.pay(c, "p2", 100_00, "2026-08-31")
		if c = w.load(c.ID); c.State != negotiation.CaseCleared || c.RefundsDue().IsPositive() {
			t.Fatalf("the agreed sum was paid, the case is %s with %v to give back", c.State, c.RefundsDue())
		}
		w.holds()
		w.must(w.OnCase(w.ctx, admin, c.ID, func(t *negotiation.Tx, c *negotiation.Case) error { return c.ReversePayment(t, admin, "p2") }))
		w.pay(c, "p3", 150_00, "2026-08-31") // more than the rest of the agreed sum
		if c = w.load(c.ID); c.State != negotiation.CaseCleared || c.RefundsDue() != money.Euros(50_00) {
			t.Fatalf("paid beyond the agreed sum, the case is %s with %v to give back", c.State, c.RefundsDue())
		}
		w.holds()
		w.must(w.OnCase(w.ctx, admin, c.ID, func(t *negotiation.Tx, c *negotiation.Case) error { return c.ReversePayment(t, admin, "p3") }))
		if c = w.load(c.ID); c.State != negotiation.CaseInPlan || c.Balance().Minor != owed.Minor-(terms.Total.Minor-100_00) {
			t.Fatalf("turned round, the case is %s with %v", c.State, c.Balance())
		}
		w.holds()
	})
}

func TestConsumersGetNoPlanWhoseCreditorKeepsInterestRunning(t *testing.T) {
	w, _ := onSQLite(t, "2026-08-31")
	w.place("CRE-001,C-1,2026-03-31,2026-06-30,EUR,90.00,0,consumer,Claire Vasseur,,,,claire@example.test,,2 rue B,31000,Toulouse,FR,fr,,MDT-001,Trois")
	c := w.found("vasseur")
	w.open(c)
	_, err := w.Propose(w.ctx, debtorOf(c), c.ID, proposal(monthly(3, "2026-09-10")))
	refused(t, err, "plan_needs_waiver")
}

func TestAnswerClocksOverAWeekendAndAHoliday(t *testing.T) {
	databasetest.Each(t, migrations, func(t *testing.T, db *database.DB) {
		asks := generous
		asks.AtOnce = false
		clock := &movingClock{at: time.Time(at("2026-11-09"))} // a Monday before Armistice Day
		w, c := negotiating(t, db, clock, &asks)
		out, err := w.Propose(w.ctx, debtorOf(c), c.ID, proposal(monthly(3, "2026-11-30")))
		w.must(err)
		if out.Offer.AnswerBy != "2026-11-13" || out.Offer.RemindOn != "2026-11-12" {
			t.Fatalf("answer by %s, reminder on %s", out.Offer.AnswerBy, out.Offer.RemindOn)
		}
		run := func(day string) int {
			clock.on(day)
			n, err := w.WatchOffers(w.ctx, 10)
			w.must(err)
			again, err := w.WatchOffers(w.ctx, 10)
			w.must(err)
			if again != 0 {
				t.Fatalf("%s: done twice", day)
			}
			return n
		}
		if run("2026-11-11") != 0 || run("2026-11-12") != 1 || run("2026-11-13") != 0 {
			t.Fatal("one reminder, on the day before the last")
		}
		if run("2026-11-14") != 1 {
			t.Fatal("the creditor was silent: nobody was told")
		}
		o := w.load(c.ID).OpenOffer()
		if o.AnswerSide != negotiation.SideAgency || o.AnswerBy != "2026-11-20" {
			t.Fatalf("%s answers by %s", o.AnswerSide, o.AnswerBy)
		}
		// The creditor may still, and puts other terms, to which the debtor is silent.
		_, err = w.Propose(w.ctx, decider(c), c.ID, negotiation.Proposal{Terms: monthly(2, "2026-12-01"), Answers: out.Offer.ID})
		w.must(err)
		if o = w.load(c.ID).OpenOffer(); o.AnswerBy != "2026-11-28" {
			t.Fatalf("the debtor answers by %s", o.AnswerBy)
		}
		if run("2026-11-28") != 0 || run("2026-11-29") != 1 || w.load(c.ID).OpenOffer() != nil {
			t.Fatal("the counter-offer did not expire on its day")
		}
		w.holds()
	})
}

func TestWhatIsProposedRecognisesTheDebt(t *testing.T) {
	w, c := negotiating(t, databasetest.SQLite(t, migrations...), at("2026-08-31"), &generous)
	_, err := w.Propose(w.ctx, debtorOf(c), c.ID, proposal(monthly(3, "2026-09-10")))
	w.must(err)
	events, err := w.Events(w.ctx, c.ID)
	w.must(err)
	for _, e := range events {
		if e.Kind == negotiation.DebtRecognised {
			return
		}
	}
	t.Fatal("no event says so")
}
