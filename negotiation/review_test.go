package negotiation_test

import (
	"sync"
	"testing"

	"amiable/negotiation"
	"amiable/negotiation/database"
	"amiable/negotiation/database/databasetest"
	"amiable/negotiation/money"
)

func TestAnAmountAMonthIsANumberOfInstalments(t *testing.T) {
	for _, row := range []struct {
		owed, each int64
		n          int
		refused    string
	}{
		{1_227_60, 60_00, 21, ""},
		{1_227_60, 1_227_60, 1, ""},
		{1_227_60, 5_000_00, 1, ""},
		{1_200_00, 100_00, 12, ""},
		{1_200_01, 100_00, 13, ""},
		{1_200_00, 10_00, 120, ""},
		{1_200_01, 10_00, 0, "terms_amount_too_small"},
		{1_200_00, 0, 0, "amount_not_positive"},
	} {
		n, err := negotiation.InstalmentsFor(money.Euros(row.owed), money.Euros(row.each))
		if r := negotiation.AsRefusal(err); n != row.n || (r == nil) != (row.refused == "") || (r != nil && r.Code != row.refused) {
			t.Errorf("%d at %d a time: %d, %v", row.owed, row.each, n, err)
			continue
		}
		if err == nil { // nothing larger than was said, to the cent
			terms := monthly(n, "2026-12-05")
			schedule, err := terms.Schedule(money.Euros(row.owed))
			if err != nil || schedule.Total().Minor != row.owed || schedule[0].Amount.Minor > row.each {
				t.Errorf("%d at %d a time: %v (%v)", row.owed, row.each, schedule, err)
			}
		}
	}
}

func TestTheFirstDayIsAfterTheWagesAndTheAnswer(t *testing.T) {
	for _, row := range []struct {
		on     negotiation.Day
		policy negotiation.Policy
		first  negotiation.Day
	}{
		{"2026-11-23", negotiation.Policy{FirstDaysMax: 45}, "2026-12-05"},
		{"2026-11-28", negotiation.Policy{FirstDaysMax: 45}, "2026-12-05"},                 // a week ahead
		{"2026-11-29", negotiation.Policy{FirstDaysMax: 45}, "2027-01-05"},                 // less than a week
		{"2026-12-28", negotiation.Policy{FirstDaysMax: 45}, "2027-01-05"},                 // over the year
		{"2026-11-23", negotiation.Policy{FirstDaysMax: 45, AnswerDays: 15}, "2027-01-05"}, // the answer may come on 14 December
		{"2026-11-23", negotiation.Policy{FirstDaysMax: 10}, "2026-12-03"},                 // the creditor wants it sooner
	} {
		if got := row.policy.FirstDay(row.on); got != row.first {
			t.Errorf("on %s with %+v: %s, not %s", row.on, row.policy, got, row.first)
		}
	}
}

func TestALaterDayIsSuggestedOnlyWhereThePolicyTakesIt(t *testing.T) {
	for _, row := range []struct {
		most int
		days int
	}{{45, 2}, {20, 1}, {0, 0}} {
		p := negotiation.Policy{InstalmentsMax: 1, FirstDaysMax: row.most}
		if got := p.SuggestDays(money.Euros(1_000_00), "2026-04-30", "2026-11-23"); len(got) != row.days {
			t.Errorf("at most %d days ahead: %v", row.most, got)
		}
	}
}

func TestTheReviewRefusesWhatSendingWould(t *testing.T) {
	w, c := negotiating(t, databasetest.SQLite(t, migrations...), at("2026-08-31"), nil)
	policy, err := w.PolicyOf(w.ctx, c)
	w.must(err)
	for _, row := range []struct {
		terms negotiation.Terms
		code  string
	}{
		{monthly(3, "2026-08-30"), "date_past"},
		{monthly(3, "2026-09-02"), "first_before_answer"}, // the creditor answers by the 3rd
		{monthly(120, "2027-09-30"), "terms_too_long"},
		{monthly(121, "2026-09-30"), "terms_too_many"},
		{monthly(3, "2026-09-03"), ""},
		{monthly(100, "2026-09-02"), "first_before_answer"},
	} {
		_, err := c.Review(policy, row.terms, "2026-08-31")
		if r := negotiation.AsRefusal(err); (r == nil) != (row.code == "") || (r != nil && r.Code != row.code) {
			t.Errorf("%+v: %v, not %q", row.terms, err, row.code)
		}
	}
	set := generous
	set.Version = 1
	if _, err := c.Review(set, monthly(100, "2026-09-02"), "2026-08-31"); err != nil {
		t.Errorf("outside, only asking all the same has to wait for the answer: %v", err)
	}
	if possible, err := c.RebatePossible(generous, "2026-08-31"); err != nil || !possible {
		t.Errorf("a rebate of a claim four months late: %v, %v", possible, err)
	}
	if possible, err := c.RebatePossible(policy, "2026-08-31"); err != nil || possible {
		t.Errorf("a rebate that nobody gives: %v, %v", possible, err)
	}
}

// Who presses "accept" twice, or on two phones, has one plan.
func TestTwentyProposalsReadOnOnePageMakeOnePlan(t *testing.T) {
	databasetest.Each(t, migrations, func(t *testing.T, db *database.DB) {
		w, c := negotiating(t, db, at("2026-08-31"), &generous)
		p := proposal(monthly(3, "2026-09-05"))
		p.Replacing = negotiation.NoPlan
		var all sync.WaitGroup
		for range 20 {
			all.Go(func() {
				_, err := w.Propose(w.ctx, debtorOf(c), c.ID, p)
				if r := negotiation.AsRefusal(err); err != nil && (r == nil || r.Code != "plan_changed") {
					t.Errorf("a second press: %v", err)
				}
			})
		}
		all.Wait()
		c = w.load(c.ID)
		if len(c.Plans()) != 1 || len(c.Offers()) != 1 {
			t.Fatalf("%d plans of %d offers", len(c.Plans()), len(c.Offers()))
		}
		other := proposal(monthly(2, "2026-09-05"))
		other.Replacing = c.ActivePlan().ID
		out, err := w.Propose(w.ctx, debtorOf(c), c.ID, other)
		w.must(err)
		if out.Offer == nil || w.load(c.ID).OpenOffer() == nil { // a second plan is for a person to look at
			t.Fatalf("what would replace the plan was not sent: %+v", out)
		}
		w.holds()
	})
}
