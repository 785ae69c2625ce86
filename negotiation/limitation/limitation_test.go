package limitation

import (
	"fmt"
	"slices"
	"testing"

	"amiable/negotiation/day"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestTheTermsOfTheLaw(t *testing.T) {
	for _, row := range []struct {
		debtor DebtorKind
		sector Sector
		start  day.Day
		ends   day.Day
	}{
		{Consumer, "", "2024-03-02", "2026-03-02"},
		{Consumer, "", "2024-02-29", "2026-02-28"}, // no 29 February two years on
		{Business, "", "2021-03-02", "2026-03-02"},
		{NonProfessional, "", "2021-03-02", "2026-03-02"}, // the two years are for natural persons
		{Public, "", "2021-03-02", "2025-12-31"},          // four whole years from 1 January 2022
		{Public, "", "2021-12-31", "2025-12-31"},
		{Consumer, Ordinary, "2024-03-02", "2026-03-02"},
		{Consumer, Telecom, "2025-03-02", "2026-03-02"},
		{Business, Telecom, "2025-03-02", "2026-03-02"},
		{Business, Carriage, "2025-03-02", "2026-03-02"},
		{Business, ShipSupplies, "2025-03-02", "2026-03-02"},
		{Consumer, EnergyWater, "2024-03-02", "2026-03-02"},
		{Business, EnergyWater, "2021-03-02", "2026-03-02"}, // L218-2 is for consumers: the general term
		{Consumer, ResidentialRent, "2023-03-02", "2026-03-02"},
		{Consumer, ConsumerCredit, "2024-03-02", "2026-03-02"},
		{Business, InsurancePremium, "2024-03-02", "2026-03-02"},
		{Consumer, LawyerFees, "2024-03-02", "2026-03-02"},
		{Consumer, CoOwnership, "2021-03-02", "2026-03-02"},
	} {
		a, err := Assess(Claim{row.debtor, row.sector, row.start}, nil, row.start)
		if err != nil || a.ExpiresOn != row.ends || a.Regime.Article == "" {
			t.Errorf("%s %s from %s: until %s (%s), %v; want %s", row.debtor, row.sector, row.start, a.ExpiresOn, a.Regime.Code, err, row.ends)
		}
		// The last day is still in time, the day after is not.
		for _, at := range []struct {
			today  day.Day
			barred bool
		}{{row.ends, false}, {row.ends.Add(1), true}} {
			if a, err := Assess(Claim{row.debtor, row.sector, row.start}, nil, at.today); err != nil || a.Barred != at.barred || a.State != Held {
				t.Errorf("%s %s from %s, on %s: barred %v, %s", row.debtor, row.sector, row.start, at.today, a.Barred, a.State)
			}
		}
	}
	if _, err := RegimeFor("firm", ""); err == nil {
		t.Error("a kind of debtor that does not exist has a term")
	}
	if _, err := RegimeFor(Consumer, "fishing"); err == nil {
		t.Error("a sector that does not exist has a term")
	}
}

func TestEveryRowHasItsSource(t *testing.T) {
	codes := map[string]bool{}
	for _, r := range append(slices.Clone(Regimes), judgment) {
		if codes[r.Code] || r.Article == "" || r.Confidence == "" || r.Starts == "" || r.Years < 1 || len(r.Debtors) == 0 {
			t.Errorf("the row %q is not whole, or there twice: %+v", r.Code, r)
		}
		codes[r.Code] = true
		if _, err := day.Parse(string(r.Since)); err != nil {
			t.Errorf("%s: %v", r.Code, err)
		}
	}
	for kind, rule := range Rules {
		if rule.Article == "" || rule.Why == "" || rule.Effect == "" {
			t.Errorf("%s has no source or reason", kind)
		}
	}
	for _, debtor := range everybody {
		if _, err := RegimeFor(debtor, ""); err != nil {
			t.Error(err)
		}
	}
}

// Each row: what happened, and until when the claim can be brought then.
func TestWhatInterruptsAndWhatDoesNot(t *testing.T) {
	consumer := Claim{Consumer, Ordinary, "2024-03-02"} // until 2026-03-02
	business := Claim{Business, Ordinary, "2024-03-02"} // until 2029-03-02
	credit := Claim{Consumer, ConsumerCredit, "2024-03-02"}
	on := func(kind EventKind, d day.Day) Event { return Event{Kind: kind, On: d} }
	between := func(kind EventKind, from, to day.Day) Event { return Event{Kind: kind, On: from, To: to} }
	for _, row := range []struct {
		name   string
		claim  Claim
		events []Event
		today  day.Day
		ends   day.Day
	}{
		{"nothing", consumer, nil, "2025-06-01", "2026-03-02"},
		{"a payment", consumer, []Event{on(PaymentReceived, "2025-05-10")}, "2025-06-01", "2027-05-10"},
		{"a payment later than today", consumer, []Event{on(PaymentReceived, "2025-06-10")}, "2025-06-01", "2026-03-02"},
		{"an acknowledgment", business, []Event{on(WrittenAcknowledgment, "2025-05-10")}, "2025-06-01", "2030-05-10"},
		{"a plan accepted", consumer, []Event{on(PlanAccepted, "2025-05-10")}, "2025-06-01", "2027-05-10"},
		{"an act of enforcement", consumer, []Event{on(EnforcementAct, "2025-05-10")}, "2025-06-01", "2027-05-10"},
		{"twice: the later counts, in any order", consumer, []Event{on(PlanAccepted, "2025-05-10"), on(PaymentReceived, "2025-03-10")}, "2025-06-01", "2027-05-10"},
		{"on the last day", consumer, []Event{on(PaymentReceived, "2026-03-02")}, "2026-06-01", "2028-03-02"},
		{"a day too late", consumer, []Event{on(PaymentReceived, "2026-03-03")}, "2026-06-01", "2026-03-02"},
		{"in time only because of an earlier one", consumer, []Event{on(PaymentReceived, "2026-03-03"), on(PaymentReceived, "2025-03-03")}, "2026-06-01", "2028-03-03"},
		{"a payment before its time began", consumer, []Event{on(PaymentReceived, "2024-02-01")}, "2025-06-01", "2026-03-02"},

		{"a reminder", consumer, []Event{on(Reminder, "2025-05-10")}, "2025-06-01", "2026-03-02"},
		{"a registered notice to pay", consumer, []Event{on(FormalNotice, "2025-05-10")}, "2025-06-01", "2026-03-02"},
		{"the link opened", consumer, []Event{on(LinkOpened, "2025-05-10")}, "2025-06-01", "2026-03-02"},
		{"the debt viewed", consumer, []Event{on(DebtViewed, "2025-05-10")}, "2025-06-01", "2026-03-02"},
		{"a question", consumer, []Event{on(QuestionAsked, "2025-05-10")}, "2025-06-01", "2026-03-02"},
		{"contested", consumer, []Event{on(Contested, "2025-05-10")}, "2025-06-01", "2026-03-02"},
		{"a plan proposed: in doubt, the earlier date", consumer, []Event{on(PlanProposed, "2025-05-10")}, "2025-06-01", "2026-03-02"},
		{"a remission by the creditor", consumer, []Event{on(CreditorWaiver, "2025-05-10")}, "2025-06-01", "2026-03-02"},
		{"a waiver by the debtor after the term: legal review", consumer, []Event{on(DebtorWaiver, "2026-05-10")}, "2026-06-01", "2026-03-02"},

		{"a claim in court, still open: its first day", consumer, []Event{on(CourtClaim, "2025-05-10")}, "2025-06-01", "2027-05-10"},
		{"a claim in court that ended: its last", consumer, []Event{between(CourtClaim, "2025-05-10", "2025-11-30")}, "2026-01-15", "2027-11-30"},
		{"a judgment: ten years", consumer, []Event{on(Judgment, "2025-05-10")}, "2025-06-01", "2035-05-10"},
		{"a payment after a judgment: ten more", consumer, []Event{on(Judgment, "2025-05-10"), on(PaymentReceived, "2025-05-20")}, "2025-06-01", "2035-05-20"},

		{"mediation of 31 days: 31 days more", consumer, []Event{between(Mediation, "2025-03-01", "2025-03-31")}, "2025-06-01", "2026-04-02"},
		{"mediation at the end: six months are left", consumer, []Event{between(Mediation, "2026-02-25", "2026-03-31")}, "2026-04-01", "2026-09-30"},
		{"mediation not over: it rests until today", consumer, []Event{on(Mediation, "2025-03-01")}, "2025-03-31", "2026-04-02"},
		{"mediation begun too late", consumer, []Event{on(Mediation, "2026-03-03")}, "2026-06-01", "2026-03-02"},
		{"two that overlap count once", consumer, []Event{between(Mediation, "2025-03-01", "2025-03-20"), between(SmallClaimsAgreement, "2025-03-10", "2025-03-31")}, "2025-06-01", "2026-04-02"},
		{"a payment in mediation: a new term, which rests until its end", consumer, []Event{between(Mediation, "2025-03-01", "2025-03-31"), on(PaymentReceived, "2025-03-11")}, "2025-06-01", "2027-03-31"},

		{"consumer credit: a payment does not stop a foreclosure", credit, []Event{on(PaymentReceived, "2025-05-10")}, "2025-06-01", "2026-03-02"},
		{"nor does mediation", credit, []Event{between(Mediation, "2025-03-01", "2025-03-31")}, "2025-06-01", "2026-03-02"},
		{"a claim in court does", credit, []Event{on(CourtClaim, "2025-05-10")}, "2025-06-01", "2027-05-10"},
		{"a public body's new term begins on 1 January", Claim{Public, "", "2022-03-02"}, []Event{on(PaymentReceived, "2025-05-10")}, "2025-06-01", "2029-12-31"},
	} {
		a, err := Assess(row.claim, row.events, row.today)
		if err != nil || a.ExpiresOn != row.ends {
			t.Errorf("%s: until %s, %v; want %s", row.name, a.ExpiresOn, err, row.ends)
		}
		for _, e := range a.Events {
			if e.Why == "" || e.Article == "" {
				t.Errorf("%s: %s is judged without a reason", row.name, e.Kind)
			}
		}
	}
}

// Consumer, until 2026-03-02.
func TestStatesByTheDay(t *testing.T) {
	known := Claim{Consumer, Ordinary, "2024-03-02"}
	unknown := Claim{Consumer, "", "2024-03-02"} // could be a telephone bill: 2025-03-02
	for _, row := range []struct {
		claim     Claim
		today     day.Day
		state     State
		threshold int
		assumed   bool
		next      day.Day
	}{
		{known, "2025-09-02", Fine, 0, false, "2025-09-03"},
		{known, "2025-09-03", Alert, 180, false, "2025-12-02"}, // 180 days left
		{known, "2025-12-01", Alert, 180, false, "2025-12-02"},
		{known, "2025-12-02", Alert, 90, false, "2026-01-31"},
		{known, "2026-01-30", Alert, 90, false, "2026-01-31"},
		{known, "2026-01-31", Held, 30, false, "2026-03-03"}, // 30 days left
		{known, "2026-03-02", Held, 30, false, "2026-03-03"},
		{known, "2026-03-03", Held, 30, false, ""}, // over
		{known, "2030-01-01", Held, 30, false, ""},

		{unknown, "2024-09-02", Fine, 0, false, "2024-09-03"},
		{unknown, "2024-09-03", Alert, 180, true, "2024-12-02"},
		{unknown, "2025-02-01", Alert, 30, true, "2025-09-03"}, // told, not held
		{unknown, "2025-06-01", Alert, 30, true, "2025-09-03"}, // until somebody says what was sold
		{unknown, "2025-09-03", Alert, 180, false, "2025-12-02"},
		{unknown, "2026-01-31", Held, 30, false, "2026-03-03"},
	} {
		a, err := Assess(row.claim, nil, row.today)
		if err != nil {
			t.Fatal(err)
		}
		type seen struct {
			State     State
			Threshold int
			Assumed   bool
			Next      day.Day
		}
		if diff := cmp.Diff(seen{row.state, row.threshold, row.assumed, row.next}, seen{a.State, a.Threshold, a.Assumed, a.NextOn}); diff != "" {
			t.Errorf("%q on %s (− told, + assessed):\n%s", row.claim.Sector, row.today, diff)
		}
		if a.Barred != (row.today > "2026-03-02") {
			t.Errorf("on %s barred is %v", row.today, a.Barred)
		}
	}
}

func TestAnAssumptionIsMarkedAndGoesWithTheSector(t *testing.T) {
	a, err := Assess(Claim{Business, "", "2025-06-01"}, nil, "2025-07-01")
	if err != nil || a.Assumption == nil || a.Assumption.ExpiresOn != "2026-06-01" || a.ExpiresOn != "2030-06-01" {
		t.Errorf("a business whose sector is not known: %+v, %v", a, err)
	}
	if a, _ := Assess(Claim{Business, Ordinary, "2025-06-01"}, nil, "2025-07-01"); a.Assumption != nil {
		t.Errorf("a person looked, and %s is assumed all the same", a.Assumption.Regime.Code)
	}
	if a, _ := Assess(Claim{Business, InsurancePremium, "2025-06-01"}, nil, "2025-07-01"); a.Assumption != nil || a.ExpiresOn != "2027-06-01" {
		t.Errorf("what was sold is known, and %+v is assumed all the same", a.Assumption)
	}
	if a, _ := Assess(Claim{Business, "", "2025-06-01"}, []Event{{Kind: Judgment, On: "2025-06-15"}}, "2025-07-01"); a.Assumption != nil {
		t.Error("after a judgment nothing shorter can apply")
	}
	moved, _ := Assess(Claim{Business, "", "2025-06-01"}, []Event{{Kind: PaymentReceived, On: "2026-01-10"}}, "2026-02-01")
	if moved.Assumption == nil || moved.Assumption.ExpiresOn != "2027-01-10" {
		t.Errorf("a payment interrupts the assumed term too: %+v", moved.Assumption)
	}
}

func TestAnEventSaysWhetherItCounted(t *testing.T) {
	c := Claim{Consumer, Ordinary, "2024-03-02"}
	for _, row := range []struct {
		event   Event
		counted bool
	}{
		{Event{Kind: PaymentReceived, On: "2025-05-10"}, true},
		{Event{Kind: PaymentReceived, On: "2024-03-02"}, true},
		{Event{Kind: PaymentReceived, On: "2024-03-01"}, false}, // its time had not begun
		{Event{Kind: Mediation, On: "2024-02-01", To: "2024-02-20"}, false},
		{Event{Kind: Mediation, On: "2024-02-01", To: "2024-04-20"}, true},
		{Event{Kind: PaymentReceived, On: "2026-03-03"}, false}, // over
		{Event{Kind: FormalNotice, On: "2025-05-10"}, false},
	} {
		a, err := Assess(c, []Event{row.event}, "2026-06-01")
		if err != nil || len(a.Events) != 1 || a.Events[0].Counted != row.counted || a.Events[0].Why == "" {
			t.Errorf("%+v: %+v, %v", row.event, a.Events, err)
		}
	}
}

func TestEventsThatMakeNoSenseAreRefused(t *testing.T) {
	good := Claim{Consumer, "", "2024-03-02"}
	for name, try := range map[string]func() error{
		"unknown kind": func() error {
			_, err := Assess(good, []Event{{Kind: "dance", On: "2025-01-01"}}, "2025-06-01")
			return err
		},
		"no day": func() error { _, err := Assess(good, []Event{{Kind: Mediation}}, "2025-06-01"); return err },
		"no such day": func() error {
			_, err := Assess(good, []Event{{Kind: Mediation, On: "2025-02-30"}}, "2025-06-01")
			return err
		},
		"backwards": func() error {
			_, err := Assess(good, []Event{{Kind: Mediation, On: "2025-02-20", To: "2025-02-10"}}, "2025-06-01")
			return err
		},
		"no start": func() error { _, err := Assess(Claim{Debtor: Consumer}, nil, "2025-06-01"); return err },
		"year 9999": func() error {
			_, err := Assess(Claim{Consumer, "", "9999-12-31"}, nil, "2025-06-01")
			return err
		},
		"no today": func() error { _, err := Assess(good, nil, ""); return err },
	} {
		if try() == nil {
			t.Errorf("%s: taken", name)
		}
	}
}

func drawEvent(t *rapid.T, start day.Day) Event {
	kinds := make([]EventKind, 0, len(Rules))
	for kind := range Rules {
		kinds = append(kinds, kind)
	}
	slices.Sort(kinds)
	e := Event{Kind: rapid.SampledFrom(kinds).Draw(t, "kind"), On: start.Add(rapid.IntRange(-100, 3000).Draw(t, "on"))}
	if rapid.Bool().Draw(t, "ends") {
		e.To = e.On.Add(rapid.IntRange(0, 300).Draw(t, "long"))
	}
	return e
}

func drawCase(t *rapid.T) (Claim, []Event, day.Day) {
	c := Claim{
		Debtor:   rapid.SampledFrom(everybody).Draw(t, "debtor"),
		Sector:   rapid.SampledFrom([]Sector{"", Ordinary, Telecom, Carriage, ResidentialRent, ConsumerCredit}).Draw(t, "sector"),
		StartsOn: day.Day("2019-01-01").Add(rapid.IntRange(0, 1500).Draw(t, "start")),
	}
	var events []Event
	for range rapid.IntRange(0, 6).Draw(t, "events") {
		events = append(events, drawEvent(t, c.StartsOn))
	}
	return c, events, c.StartsOn.Add(rapid.IntRange(0, 4000).Draw(t, "today"))
}

func TestLimitationProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c, events, today := drawCase(t)
		a, err := Assess(c, events, today)
		if err != nil {
			t.Fatal(err)
		}
		general, _ := RegimeFor(c.Debtor, c.Sector)
		if a.ExpiresOn < general.ends(c.StartsOn) {
			t.Fatalf("until %s, before the plain term ends on %s", a.ExpiresOn, general.ends(c.StartsOn))
		}
		if a.Barred != (today > a.ExpiresOn) || a.DaysLeft != a.ExpiresOn.Sub(today) || (a.State == Held) != (a.DaysLeft <= heldDays) {
			t.Fatalf("%s on %s with %d days left: %+v", a.ExpiresOn, today, a.DaysLeft, a)
		}
		// One more event that restarts never makes the date earlier; one that does nothing never moves it.
		more := drawEvent(t, c.StartsOn)
		b, err := Assess(c, append(slices.Clone(events), more), today)
		if err != nil {
			t.Fatal(err)
		}
		switch effect := Rules[more.Kind].Effect; {
		case effect != Nothing && b.ExpiresOn < a.ExpiresOn:
			t.Fatalf("%s on %s moved the date from %s to %s", more.Kind, more.On, a.ExpiresOn, b.ExpiresOn)
		case effect == Nothing && b.ExpiresOn != a.ExpiresOn:
			t.Fatalf("%s moved the date from %s to %s", more.Kind, a.ExpiresOn, b.ExpiresOn)
		}
		// Once over, it stays over, whatever comes later.
		if a.Barred {
			later := Event{Kind: PaymentReceived, On: today.Add(rapid.IntRange(0, 100).Draw(t, "later"))}
			if d, err := Assess(c, append(slices.Clone(events), later), today.Add(200)); err != nil || d.ExpiresOn > a.ExpiresOn && !stillOpen(events, today) {
				t.Fatalf("a payment of %s revived a claim that ended on %s: %s, %v", later.On, a.ExpiresOn, d.ExpiresOn, err)
			}
		}
		// NextOn is the very next day on which something changes by itself.
		if !a.NextOn.IsZero() && !slices.ContainsFunc(events, func(e Event) bool { return e.On > today || e.To > today || e.To.IsZero() }) {
			if a.NextOn <= today {
				t.Fatalf("what comes next is on %s, before %s", a.NextOn, today)
			}
			eve, err := Assess(c, events, a.NextOn.Add(-1))
			if err != nil || eve.State != a.State || eve.Threshold != a.Threshold || eve.Barred != a.Barred || eve.Assumed != a.Assumed {
				t.Fatalf("%s %d on %s became %s %d before %s", a.State, a.Threshold, today, eve.State, eve.Threshold, a.NextOn)
			}
		}
	})
}

// stillOpen says whether a later day may yet bring news of the same events.
func stillOpen(events []Event, today day.Day) bool {
	return slices.ContainsFunc(events, func(e Event) bool { return e.On > today || e.To > today || e.To.IsZero() })
}

func ExampleAssess() {
	a, err := Assess(Claim{Debtor: Consumer, Sector: Ordinary, StartsOn: "2024-03-02"},
		[]Event{{Kind: FormalNotice, On: "2025-01-10"}, {Kind: PaymentReceived, On: "2025-05-10"}}, "2025-06-01")
	fmt.Println(a.ExpiresOn, a.State, err)
	for _, e := range a.Events {
		fmt.Println(e.Kind, e.Counted)
	}
	// Output:
	// 2027-05-10 fine <nil>
	// formal_notice false
	// payment_received true
}
