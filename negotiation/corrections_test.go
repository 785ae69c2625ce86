package negotiation_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"amiable/negotiation"
	"amiable/negotiation/database/databasetest"
	"amiable/negotiation/interest"
	"amiable/negotiation/ledger"
	"amiable/negotiation/money"
)

// onSQLite is a world whose clock moves, where the engine does not matter.
func onSQLite(t *testing.T, day string) (*world, *movingClock) {
	clock := &movingClock{at: time.Time(at(day))}
	return newWorld(t, databasetest.SQLite(t, migrations...), clock), clock
}

// found returns the one case that a search finds.
func (w *world) found(text string) *negotiation.Case {
	w.t.Helper()
	cases, err := w.Find(w.ctx, admin, negotiation.Search{Text: text})
	w.must(err)
	if len(cases) != 1 {
		w.t.Fatalf("%q finds %d cases", text, len(cases))
	}
	return w.load(cases[0].ID)
}

func (w *world) open(c *negotiation.Case) {
	w.t.Helper()
	w.must(w.RecordFirstLetter(w.ctx, admin, c.ID, negotiation.FirstLetter{Reference: "PL-" + c.Reference, SentOn: "2026-05-10", Channel: "post", Proof: "LA-1"}))
}

const garage = ",business,Garage du Port SCOP,031093149,,,garage@example.test,,1 rue du Port,33000,Bordeaux,FR,fr,"

func TestAHoldThatStopsInterestCountsForWhatWasPaidOnItsDays(t *testing.T) {
	for _, from := range []negotiation.Day{"", "2026-08-10"} {
		w, _ := onSQLite(t, "2026-08-31")
		c := w.openCase()
		w.pay(c, "p1", 500_00, "2026-08-31")
		h, err := w.PlaceHold(w.ctx, admin, c.ID, negotiation.Hold{Reason: negotiation.HoldInsolvency, FromOn: from})
		w.must(err)
		w.holds()
		w.must(w.LiftHold(w.ctx, admin, c.ID, h.ID))
		w.holds()
	}
}

func TestAnIndemnityThatFellDueSinceDoesNotKeepASumPaidInTimeFromClearing(t *testing.T) {
	w, clock := onSQLite(t, "2026-08-30")
	w.place("CRE-001,F-1,2026-03-31,2026-04-30,EUR,1000.00,0"+garage+",MDT-001,Un", "CRE-001,F-2,2026-07-31,2026-08-30,EUR,500.00,0"+garage+",MDT-001,Deux")
	c := w.found("garage port")
	w.open(c)
	s, err := w.load(c.ID).Statement("2026-08-30")
	w.must(err)
	clock.on("2026-08-31")
	w.pay(c, "p1", s.Total.Minor, "2026-08-31", func(p *negotiation.Paid) {
		p.Asked, p.AskedOn, p.GoodUntil = s.Total, "2026-08-30", s.GoodUntil
	})
	if got := w.load(c.ID); got.State != negotiation.CaseCleared {
		t.Fatalf("paid what was asked, in time: the case is %s with %v", got.State, got.Balance())
	}
	w.holds()
}

func TestAWatchedCasePaidInPartBeforeItWakesOwesOneIndemnity(t *testing.T) {
	w, clock := onSQLite(t, "2026-08-28")
	w.place("CRE-001,F-1,2026-07-31,2026-08-30,EUR,1000.00,0" + garage + ",MDT-001,Un")
	c := w.found("garage port")
	clock.on("2026-08-31")
	w.pay(c, "p1", 300_00, "2026-08-31")
	_, err := w.WakeWatched(w.ctx, 10)
	w.must(err)
	if got := w.load(c.ID); got.Indemnity != 0 {
		t.Fatalf("the indemnity was paid, and %d is owed again", got.Indemnity)
	}
	w.holds()
}

func TestACaseThatWasNeverOpenedIsNotReopenedAsOpen(t *testing.T) {
	w, clock := onSQLite(t, "2026-08-31")
	w.place("CRE-001,F-1,2026-03-31,2026-04-30,EUR,1000.00,0"+garage+",MDT-001,Un",
		"CRE-001,F-2,2026-03-31,2026-09-30,EUR,90.00,0,consumer,Claire Vasseur,,,,claire@example.test,,2 rue B,31000,Toulouse,FR,fr,,MDT-001,Trois")
	placed, watched := w.found("garage port"), w.found("vasseur")
	for _, c := range []*negotiation.Case{placed, watched} {
		w.pay(c, "wrong-"+c.ID, 2000_00, "2026-08-31")
		w.must(w.OnCase(w.ctx, admin, c.ID, func(t *negotiation.Tx, c *negotiation.Case) error { return c.ReversePayment(t, admin, "wrong-"+c.ID) }))
		if got := w.load(c.ID); got.State != c.State {
			t.Errorf("it was %s; paid by mistake and turned round, it is %s", c.State, got.State)
		}
	}
	w.open(placed) // its first letter can still be sent
	clock.on("2026-10-01")
	if _, err := w.WakeWatched(w.ctx, 10); err != nil {
		t.Fatal(err)
	}
	if got := w.load(watched.ID); got.State != negotiation.CasePlaced {
		t.Errorf("past its due date the watched case is %s", got.State)
	}
	w.holds()
}

func TestWhatIsShownOfAPartIsWhatBecomesOfIt(t *testing.T) {
	w, _ := onSQLite(t, "2026-08-31")
	w.place("CRE-001,F-1,2026-03-31,2026-04-15,EUR,1000.00,0"+garage+",MDT-001,Un", "CRE-001,F-2,2026-03-31,2026-05-30,EUR,500.00,0"+garage+"15,MDT-001,Deux")
	c := w.found("garage port")
	w.open(c)
	shown, err := w.load(c.ID).Preview(money.Euros(90_00), nil, "2026-08-31")
	w.must(err)
	a := w.pay(c, "p1", 90_00, "2026-08-31")
	for _, part := range []ledger.Component{ledger.Interest, ledger.Indemnity, ledger.Principal} {
		if shown[part] != a.Parts[part] {
			t.Errorf("%s: shown %v, allocated %v", part, shown[part], a.Parts[part])
		}
	}
}

func TestMoneyThatTheLawForbidsToTakeGoesToRefundsDue(t *testing.T) {
	w, _ := onSQLite(t, "2026-08-31")
	c := w.openCase()
	a := w.pay(c, "p1", 500_00, "2026-08-31", func(p *negotiation.Paid) { p.Forbidden = true })
	if a.Excess != money.Euros(500_00) || !a.Allocated.IsZero() {
		t.Fatalf("allocated %v, to be given back %v", a.Allocated, a.Excess)
	}
	w.pay(c, "earlier", 10_00, "2026-08-01") // makes the later one again
	if got := w.load(c.ID); got.RefundsDue() != money.Euros(500_00) {
		t.Fatalf("to be given back: %v", got.RefundsDue())
	}
	w.holds()
}

func TestWhatMustBeGivenBackIsToldWhateverMadeItSo(t *testing.T) {
	w, _ := onSQLite(t, "2026-08-31")
	c := w.openCase()
	w.pay(c, "p1", 10_453_68, "2026-08-31")
	told := func() (sum money.Amount) {
		events, err := w.Chain(w.ctx, c.ID)
		w.must(err)
		for i := range events {
			if events[i].Kind != negotiation.OverpaymentFound {
				continue
			}
			_, what := events[i].What()
			text, err := json.Marshal(what["amount"])
			w.must(err)
			var one money.Amount
			w.must(json.Unmarshal(text, &one))
			sum = sum.Add(one)
		}
		return sum
	}
	w.must(w.CreditNote(w.ctx, admin, c.ID, c.Claims[0].ID, "AV-1", money.Euros(2_000_00), "2026-08-31", negotiation.Word{Why: "Avoir"}))
	if due := w.load(c.ID).RefundsDue(); due != money.Euros(2_000_00) || told() != due {
		t.Fatalf("%v is to be given back, the timeline tells of %v", due, told())
	}
	w.must(w.CreditNote(w.ctx, admin, c.ID, c.Claims[0].ID, "AV-2", money.Euros(1_000_00), "2026-06-30", negotiation.Word{Why: "Avoir"}))
	due := w.load(c.ID).RefundsDue()
	if due.Cmp(money.Euros(3_000_00)) <= 0 || told() != due {
		t.Fatalf("%v is to be given back (interest on the credited sum too), the timeline tells of %v", due, told())
	}
	letters, err := w.LettersDue(w.ctx, 50)
	w.must(err)
	n := 0
	for _, l := range letters {
		if l.Kind == negotiation.LetterOverpayment {
			n++
		}
	}
	if n != 2 {
		t.Fatalf("the agents are told %d times", n)
	}
	w.holds()
}

func TestNothingThatAsksLeavesAfterACaseWasWithdrawn(t *testing.T) {
	w, _ := onSQLite(t, "2026-08-31")
	c := w.openCase()
	tell := func(kind negotiation.LetterKind) (l *negotiation.Letter) {
		w.must(w.OnCase(w.ctx, admin, c.ID, func(t *negotiation.Tx, c *negotiation.Case) (err error) {
			l, err = c.Tell(t, admin, c.MainParty(), kind, nil)
			return err
		}))
		return l
	}
	before, receipt := tell(negotiation.LetterLink), tell(negotiation.LetterReceipt)
	w.must(w.Withdraw(w.ctx, admin, c.ID, negotiation.Word{Why: "paid in kind"}))
	after := tell(negotiation.LetterLink)
	for _, l := range []*negotiation.Letter{before, after} {
		if _, ok, err := w.PrepareLetter(w.ctx, l.ID); err != nil || ok {
			t.Errorf("a letter that asks left a withdrawn case: %v, %v", ok, err)
		}
	}
	if _, ok, err := w.PrepareLetter(w.ctx, receipt.ID); err != nil || !ok {
		t.Errorf("a receipt is owed all the same: %v, %v", ok, err)
	}
}

func TestWhatConcernsThePersonConcernsTheWholeCase(t *testing.T) {
	w, _ := onSQLite(t, "2026-08-31")
	w.place("CRE-001,F-1,2026-03-31,2026-04-15,EUR,1000.00,0"+garage+",MDT-001,Un", "CRE-001,F-2,2026-03-31,2026-05-30,EUR,500.00,0"+garage+",MDT-001,Deux")
	c := w.found("garage port")
	w.open(c)
	_, err := w.PlaceHold(w.ctx, admin, c.ID, negotiation.Hold{Reason: negotiation.HoldInsolvency, ClaimID: &c.Claims[0].ID})
	w.must(err)
	if err := w.load(c.ID).Gate("2026-08-31").Check(negotiation.Payment); err == nil {
		t.Fatal("a firm in insolvency proceedings may pay as long as one claim of two carries the hold")
	}
}

func TestTheFeeIsTakenOnWhatWasAllocated(t *testing.T) {
	w, clock := onSQLite(t, "2026-06-30")
	c := w.openCase()
	s, err := c.Statement("2026-06-30")
	w.must(err)
	clock.on("2026-07-01")
	var a *negotiation.Allocation
	w.must(w.OnCase(w.ctx, admin, c.ID, func(t *negotiation.Tx, c *negotiation.Case) (err error) {
		c.Mandate.FeeOn = negotiation.FeeOnPrincipal
		a, err = c.RecordPayment(t, admin, negotiation.Paid{
			PaymentID: "p1", Amount: s.Total, On: "2026-07-01", Into: ledger.Entrusted, Asked: s.Total, AskedOn: "2026-06-30", GoodUntil: s.GoodUntil, ByMandate: true,
		})
		return err
	}))
	if a.Fee != money.Euros(1_000_00) || a.VAT != money.Euros(200_00) {
		t.Fatalf("a tenth of the principal of 10,000.00 is a fee of %v and VAT of %v", a.Fee, a.VAT)
	}
	w.pay(c, "earlier", 3_000_00, "2026-06-01") // makes it again; the fee stays what was invoiced
	fee := money.Euros(0)
	for _, p := range w.load(c.ID).Postings() {
		for _, e := range p.Entries {
			if e.Account == ledger.Fee {
				fee = fee.Add(money.New(-e.Amount, e.Currency))
			}
		}
	}
	if fee != a.Fee {
		t.Fatalf("the books have a fee of %v", fee)
	}
	w.holds()
}

func TestVerifyIsNotStartledByWhatItReads(t *testing.T) {
	w, _ := onSQLite(t, "2026-08-31")
	c := w.openCase()
	stop, stopped := make(chan struct{}), make(chan error, 1)
	go func() {
		var err error
		for i := 0; err == nil; i++ {
			select {
			case <-stop:
				stopped <- nil
				return
			default:
			}
			err = w.OnCase(w.ctx, admin, c.ID, func(t *negotiation.Tx, c *negotiation.Case) error {
				_, err := c.RecordPayment(t, negotiation.Gateway, negotiation.Paid{PaymentID: "p" + strings.Repeat("i", i), Amount: money.Euros(1), On: "2026-08-31", Into: ledger.Clearing})
				if err != nil {
					return err
				}
				return c.Event(t, admin, negotiation.PaymentSucceeded, nil)
			})
		}
		stopped <- err
	}()
	for range 40 {
		w.holds()
	}
	close(stop)
	w.must(<-stopped)
}

func TestTheYearBeginsBeforeItsRatesArePublished(t *testing.T) {
	w, clock := onSQLite(t, "2026-12-31")
	line := func(n, siren, name string) string {
		return "CRE-001," + n + ",2026-03-31,2026-04-30,EUR,1000.00,0,business," + name + "," + siren + ",,,x@example.test,,1 rue du Port,33000,Bordeaux,FR,fr,,MDT-001,Un"
	}
	w.place(line("F-1", "031093149", "Garage du Port SCOP"), line("F-2", "010185650", "Menuiserie Aubin SARL"), line("F-3", "552100554", "Fonderie Caron SA"))
	whole, part, cheque := w.found("garage"), w.found("menuiserie"), w.found("fonderie")
	for _, c := range []*negotiation.Case{whole, part, cheque} {
		w.open(c)
	}
	last, err := w.load(whole.ID).Statement("2026-12-31")
	w.must(err)
	clock.on("2027-01-10")
	s, err := w.load(whole.ID).Statement("2027-01-10")
	w.must(err)
	if s.Total != last.Total || s.MissingRate == nil || s.GoodUntil != "2027-01-11" {
		t.Fatalf("on 10 January it owes %v (%v), on 31 December %v", s.Total, s.MissingRate, last.Total)
	}
	clock.on("2027-01-11")
	w.pay(whole, "w", s.Total.Minor, "2027-01-11", func(p *negotiation.Paid) { p.Asked, p.AskedOn, p.GoodUntil = s.Total, "2027-01-10", s.GoodUntil })
	w.pay(part, "p", 500_00, "2027-01-11")
	w.pay(cheque, "c", s.Total.Minor, "2027-01-11")
	w.holds()

	clock.on("2027-01-20")
	january := interest.HalfYearOf("2027-01-20")
	percents := map[interest.RateKind]string{interest.ECB: "2,15", interest.LegalIndividual: "6.67", interest.LegalOther: "2.62"}
	refused(t, w.EnterRates(w.ctx, admin, january.Next(), percents, "arrêté"), "half_year_ahead")
	refused(t, w.EnterRates(w.ctx, admin, january, map[interest.RateKind]string{interest.ECB: "215"}, "BCE"), "rate_out_of_range")
	refused(t, w.EnterRates(w.ctx, negotiation.Actor{Role: negotiation.RoleAgent}, january, percents, "arrêté"), "not_your_role")
	w.must(w.EnterRates(w.ctx, admin, january, percents, "arrêté \"du\" 15 décembre 2026, JO du 24"))
	if halves, err := w.Rates(w.ctx, 2); err != nil || !halves[0].Complete() || !halves[1].Complete() || halves[0].HalfYear != january {
		t.Fatalf("rates: %+v (%v)", halves, err)
	}
	for _, want := range []int{3, 0} {
		if n, err := w.Realign(w.ctx, 2); err != nil || n != want {
			t.Fatalf("%d cases were allocated anew, want %d: %v", n, want, err)
		}
	}
	w.holds()
	for _, c := range []*negotiation.Case{whole, cheque} {
		got := w.load(c.ID)
		s, err := got.Statement("2027-01-20")
		w.must(err)
		if got.State != negotiation.CaseCleared || !s.Total.IsZero() || !got.RefundsDue().IsZero() {
			t.Errorf("what cleared the case reopened it: %s, %v, %v due back", got.State, s.Total, got.RefundsDue())
		}
	}
	got, err := w.load(part.ID).Statement("2027-01-20")
	w.must(err)
	interest := got.Claims[0].Accrued
	if got.MissingRate != nil || interest.Cmp(last.Interest) <= 0 || got.Interest.IsZero() {
		t.Errorf("interest of January is not caught up: %v in all, %v owed, %v", interest, got.Interest, got.MissingRate)
	}
}

func TestAPersonsHoldCountsInTheirOtherCasesToo(t *testing.T) {
	w, clock := onSQLite(t, "2026-08-31")
	c := w.openCase()
	w.place("CRE-001,F-2,2026-03-31,2026-04-30,EUR,500.00,0" + garage + ",MDT-001,Deux")
	found, err := w.Find(w.ctx, admin, negotiation.Search{Text: "F-2"})
	w.must(err)
	w.open(w.load(found[0].ID))
	w.pay(c, "p1", 500_00, "2026-08-31")
	person := c.MainParty().PersonID
	_, err = w.PlaceHold(w.ctx, admin, found[0].ID, negotiation.Hold{Reason: negotiation.HoldInsolvency, FromOn: "2026-08-10", PersonID: &person})
	w.must(err)
	clock.on("2026-09-01")
	n, err := w.Realign(w.ctx, 10)
	w.must(err)
	if n != 1 {
		t.Errorf("%d cases were allocated anew", n)
	}
	w.holds()
}

func TestAClaimInAnotherCurrencyIsPaidElsewhereToTheCent(t *testing.T) {
	w, _ := onSQLite(t, "2026-08-31")
	w.place("CRE-001,F-1,2026-03-31,2026-04-30,USD,1000.00,0"+garage+",MDT-001,Un", "CRE-001,F-2,2026-03-31,2026-04-30,USD,200.00,0"+garage+",MDT-001,Deux")
	c := w.found("garage port")
	pay := func(id string, cents int64) (a *negotiation.Allocation) {
		w.must(w.OnCase(w.ctx, admin, c.ID, func(t *negotiation.Tx, c *negotiation.Case) (err error) {
			a, err = c.RecordPayment(t, admin, negotiation.Paid{PaymentID: id, Amount: money.New(cents, "USD"), On: "2026-08-31", Into: ledger.Entrusted, ByMandate: true})
			return err
		}))
		return a
	}
	if a := pay("p1", 300_00); a.Left != money.New(900_00, "USD") || a.Fee != money.New(30_00, "USD") {
		t.Fatalf("left %v, fee %v", a.Left, a.Fee)
	}
	w.must(w.CreditNote(w.ctx, admin, c.ID, c.Claims[0].ID, "AV-1", money.New(100_00, "USD"), "2026-08-31", negotiation.Word{Why: "Avoir"}))
	pay("p2", 900_00)
	if got := w.load(c.ID); got.State != negotiation.CaseCleared || got.RefundsDue() != money.New(100_00, "USD") {
		t.Fatalf("the case is %s, %v due back", got.State, got.RefundsDue())
	}
	w.holds()
}

func TestADayEndsAtMidnightInParis(t *testing.T) {
	for _, test := range []struct {
		at   string
		want negotiation.Day
	}{
		{"2026-08-31T21:59:59Z", "2026-08-31"}, {"2026-08-31T22:00:00Z", "2026-09-01"}, // summer
		{"2026-12-31T22:59:59Z", "2026-12-31"}, {"2026-12-31T23:00:00Z", "2027-01-01"}, // winter
		{"2026-10-25T00:30:00Z", "2026-10-25"}, {"2026-10-25T22:59:59Z", "2026-10-25"}, {"2026-10-25T23:00:00Z", "2026-10-26"}, // 25 hours
		{"2026-03-28T23:00:00Z", "2026-03-29"}, {"2026-03-29T21:59:59Z", "2026-03-29"}, {"2026-03-29T22:00:00Z", "2026-03-30"}, // 23 hours
	} {
		instant, err := time.Parse(time.RFC3339, test.at)
		if err != nil {
			t.Fatal(err)
		}
		if got := negotiation.DayOf(instant); got != test.want {
			t.Errorf("%s lies in %s, want %s", test.at, got, test.want)
		}
	}
}

func TestWhatIsOlderThanAnythingIsRefused(t *testing.T) {
	w, _ := onSQLite(t, "2026-08-31")
	c := w.openCase()
	err := w.CreditNote(w.ctx, admin, c.ID, c.Claims[0].ID, "AV-1", money.Euros(100), "1901-01-01", negotiation.Word{Why: "Avoir"})
	if negotiation.AsRefusal(err) == nil {
		t.Fatalf("a fault of ours: %v", err)
	}
	for _, h := range []negotiation.Hold{{FromOn: "1901-01-01"}, {UntilOn: "2999-12-31"}} {
		h.Reason = negotiation.HoldInsolvency
		_, err := w.PlaceHold(w.ctx, admin, c.ID, h)
		if negotiation.AsRefusal(err) == nil {
			t.Errorf("a hold from %q to %q: %v", h.FromOn, h.UntilOn, err)
		}
		if _, err := w.load(c.ID).Statement("2026-08-31"); err != nil {
			t.Errorf("the case can no longer be shown: %v", err)
		}
	}
}
