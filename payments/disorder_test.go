package payments_test

import (
	"errors"
	"testing"
	"time"

	"amiable/negotiation"
	"amiable/negotiation/money"
	"amiable/payments"
)

func TestInWhateverOrderTheNewsComesMoneyIsBookedOnce(t *testing.T) {
	at := time.Date(2026, 8, 31, 10, 5, 0, 0, time.UTC)
	news := []payments.Fact{
		{Progress: payments.Collected, IntentID: "pi_1", ChargeID: "ch_1", At: at, Means: "card visa 4242"},
		{Progress: payments.Collected, IntentID: "pi_1", At: at},
		{Progress: payments.Collected, SessionID: "cs_1", IntentID: "pi_1", Over: true, At: at},
		{Progress: payments.Expired, SessionID: "cs_1", Over: true},
		{Progress: payments.Failed, IntentID: "pi_1", Failure: "insufficient_funds"},
	}
	var permute func(done, left []int)
	permute = func(done, left []int) {
		if len(left) == 0 {
			w := newTill(t)
			p := w.start(0)
			for _, i := range done {
				w.hears(p, news[i])
			}
			got := w.last()
			if got.State != payments.Succeeded || got.Failure != "" || w.clearing() != got.Amount || w.file().State != negotiation.CaseCleared {
				t.Fatalf("%v: the payment is %s (%q), %d came in, the case is %s", done, got.State, got.Failure, w.clearing(), w.file().State)
			}
			w.holds()
			return
		}
		for i := range left {
			rest := append(append([]int{}, left[:i]...), left[i+1:]...)
			permute(append(append([]int{}, done...), left[i]), rest)
		}
	}
	for first := range news { // each first once, and each behind it
		for second := range news {
			if first == second {
				continue
			}
			order := []int{first, second}
			for i := range news {
				if i != first && i != second {
					order = append(order, i)
				}
			}
			permute(order, nil)
		}
	}
}

func TestADebitThatCameBackFreesTheCase(t *testing.T) {
	submitted := payments.Fact{Progress: payments.Submitted, SessionID: "cs_1", IntentID: "pi_1", Over: true}
	failed := payments.Fact{Progress: payments.Failed, SessionID: "cs_1", IntentID: "pi_1", Failure: "insufficient_funds", Over: true}
	for name, news := range map[string][]payments.Fact{
		"in order": {submitted, failed}, "the other way round": {failed, submitted}, "one was lost": {failed}, "twice": {submitted, failed, failed},
	} {
		t.Run(name, func(t *testing.T) {
			w := newTill(t)
			p := w.start(0)
			for _, f := range news {
				w.hears(p, f)
			}
			if got := w.last(); got.State != payments.FailedFor || got.Failure != "insufficient_funds" {
				t.Fatalf("the payment is %s (%q)", got.State, got.Failure)
			}
			letters, err := w.n.LettersOf(w.ctx, w.caseID)
			w.must(err)
			told := 0
			for _, l := range letters {
				if l.Kind == negotiation.LetterPaymentFailed {
					told++
				}
			}
			if told != 1 {
				t.Errorf("the payer is told %d times", told)
			}
			if again := w.start(0); again.ID == p.ID {
				t.Error("it cannot be paid again")
			}
			w.holds()
		})
	}
}

func TestADeclinedCardLeavesThePageOpen(t *testing.T) {
	w := newTill(t)
	p := w.start(0)
	w.hears(p, payments.Fact{Progress: payments.Failed, IntentID: "pi_1", Failure: "card_declined"})
	if got := w.last(); got.State != payments.Started || got.Failure != "card_declined" {
		t.Fatalf("the payment is %s (%q)", got.State, got.Failure)
	}
}

func TestADebitIsPaidTheDayItWasSubmitted(t *testing.T) {
	w := newTill(t)
	p := w.start(0)
	w.later(5 * time.Minute)
	w.hears(p, payments.Fact{Progress: payments.Submitted, SessionID: "cs_1", IntentID: "pi_1", Over: true, At: *w.now})
	if _, err := w.Start(w.ctx, w.debtor, w.caseID, payments.Order{}); negotiation.AsRefusal(err) == nil {
		t.Fatalf("what is on its way can be paid a second time: %v", err)
	}
	w.later(5 * 24 * time.Hour)
	w.hears(p, payments.Fact{Progress: payments.Collected, SessionID: "cs_1", IntentID: "pi_1", Over: true, At: *w.now})
	if got := w.last(); got.PaidOn != "2026-08-31" {
		t.Fatalf("paid on %s", got.PaidOn)
	}
	if c := w.file(); c.State != negotiation.CaseCleared {
		t.Fatalf("the case is %s", c.State)
	}
	w.holds()
}

func TestWhatIsOfTheOtherModeIsNeverApplied(t *testing.T) {
	w := newTill(t)
	p := w.start(0)
	w.notified(payments.Notification{ID: "evt_live", Livemode: true, Created: *w.now, Payment: &payments.Fact{PaymentID: p.ID, Progress: payments.Collected, Amount: p.Asked()}})
	w.later(time.Hour)
	_, _ = w.RetryNotifications(w.ctx, 10)
	if got := w.last(); got.State != payments.Started {
		t.Fatalf("live money was booked here: %s", got.State)
	}
	w.holds()
}

func TestAPageThatWasNeverOpenedBlocksNobody(t *testing.T) {
	w := newTill(t)
	w.g.down = payments.ErrUnavailable
	if _, err := w.Start(w.ctx, w.debtor, w.caseID, payments.Order{}); !errors.Is(err, payments.ErrUnavailable) {
		t.Fatal(err)
	}
	lost := w.last()
	// 35 minutes later the gateway is back, and takes no page that ends in 25.
	w.later(35 * time.Minute)
	w.g.down, w.g.refuses = nil, true
	_, _ = w.CheckUnfinished(w.ctx, 10)
	if got := w.state(lost.ID); got != payments.Cancelled {
		t.Fatalf("it is %s", got)
	}
	w.g.refuses = false
	if p := w.start(0); p.ID == lost.ID || p.SessionURL == "" {
		t.Fatalf("the new payment has the page %q", p.SessionURL)
	}
	w.holds()
}

func TestAPageWhoseAnswerWasLostIsFound(t *testing.T) {
	w := newTill(t)
	w.g.loses = true
	if _, err := w.Start(w.ctx, w.debtor, w.caseID, payments.Order{}); err == nil {
		t.Fatal("the answer was not lost")
	}
	p := w.last()
	// It is paid, and the news of it is lost too.
	page := w.g.pages["cs_1"]
	page.Progress, page.Amount, page.Over, page.At = payments.Collected, p.Asked(), true, *w.now
	w.later(2 * time.Hour)
	w.g.down = payments.ErrUnavailable
	_, _ = w.CheckUnfinished(w.ctx, 10)
	if got := w.state(p.ID); got != payments.Started {
		t.Fatalf("because the gateway did not answer it is %s", got)
	}
	w.g.down = nil
	if _, err := w.CheckUnfinished(w.ctx, 10); err != nil {
		t.Fatal(err)
	}
	if got := w.state(p.ID); got != payments.Succeeded {
		t.Fatalf("it is %s", got)
	}
	w.holds()
}

func TestWhatMayNoLongerBePaidIsClosedAtTheGateway(t *testing.T) {
	for name, shut := range map[string]func(w *till){
		"insolvency": func(w *till) {
			_, err := w.n.PlaceHold(w.ctx, w.agent, w.caseID, negotiation.Hold{Reason: negotiation.HoldInsolvency})
			w.must(err)
		},
		"withdrawn": func(w *till) { w.must(w.n.Withdraw(w.ctx, w.agent, w.caseID, negotiation.Word{Why: "paid in kind"})) },
		"paid elsewhere": func(w *till) {
			_, err := w.RecordElsewhere(w.ctx, w.agent, w.caseID, payments.Elsewhere{Amount: money.Euros(250_00), On: "2026-08-31", Means: "cheque", Reference: "1"})
			w.must(err)
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newTill(t)
			p := w.start(0)
			if n, err := w.CloseForbidden(w.ctx, 10); err != nil || n != 0 {
				t.Fatalf("nothing forbids it, %d were closed: %v", n, err)
			}
			shut(w)
			w.g.down = payments.ErrUnavailable
			if _, err := w.CloseForbidden(w.ctx, 10); err == nil {
				t.Fatal("the gateway did not answer, and nobody hears of it")
			}
			w.g.down = nil
			if n, err := w.CloseForbidden(w.ctx, 10); err != nil || n != 1 {
				t.Fatalf("%d were closed: %v", n, err)
			}
			if got := w.state(p.ID); got != payments.Cancelled || len(w.g.expired) != 1 {
				t.Fatalf("it is %s, the gateway closed %v", got, w.g.expired)
			}
			w.holds()
		})
	}
}

func TestMoneyThatComesAllTheSameIsBookedAndToBeGivenBack(t *testing.T) {
	w := newTill(t)
	p := w.start(0)
	_, err := w.n.PlaceHold(w.ctx, w.agent, w.caseID, negotiation.Hold{Reason: negotiation.HoldOverindebtednessAdmitted})
	w.must(err)
	w.hears(p, payments.Fact{Progress: payments.Collected, IntentID: "pi_1", At: *w.now})
	c := w.file()
	if c.RefundsDue() != p.Asked() || c.Balance() != money.Euros(250_00) || w.clearing() != p.Amount {
		t.Fatalf("%v is to be given back, %v is owed, %d came in", c.RefundsDue(), c.Balance(), w.clearing())
	}
	attention, err := w.NeedAttention(w.ctx, 10)
	w.must(err)
	if len(attention) != 1 || attention[0].Excess != p.Amount {
		t.Fatalf("the agents see %+v", attention)
	}
	w.holds()
}

func TestALiquidatorsPaymentIsRecorded(t *testing.T) {
	w := newTill(t)
	_, err := w.n.PlaceHold(w.ctx, w.agent, w.caseID, negotiation.Hold{Reason: negotiation.HoldInsolvency})
	w.must(err)
	_, err = w.RecordElsewhere(w.ctx, w.agent, w.caseID, payments.Elsewhere{Amount: money.Euros(50_00), On: "2026-08-31", Means: "transfer", Reference: "dividend"})
	w.must(err)
	if c := w.file(); c.Balance() != money.Euros(200_00) {
		t.Fatalf("%v is owed", c.Balance())
	}
	w.holds()
}

func TestADateOlderThanAnythingIsRefused(t *testing.T) {
	w := newTill(t)
	_, err := w.RecordElsewhere(w.ctx, w.agent, w.caseID, payments.Elsewhere{Amount: money.Euros(50_00), On: "1901-08-31", Means: "transfer", Reference: "slip"})
	if r := negotiation.AsRefusal(err); r == nil || r.Field != "on" {
		t.Fatalf("a fault of ours: %v", err)
	}
}

func TestAnOldWordOnAnAccountDoesNotUndoANewerOne(t *testing.T) {
	w := newTill(t)
	creditor := w.file().CreditorID
	w.notified(payments.Notification{ID: "evt_early", Created: *w.now, Merchant: &payments.AccountFact{AccountID: "acct_2"}}) // nobody's yet
	_, err := w.NameAccount(w.ctx, w.agent, creditor, "acct_2")
	w.must(err)
	w.later(time.Hour)
	_, err = w.RetryNotifications(w.ctx, 10)
	w.must(err)
	account, err := w.AccountOf(w.ctx, creditor)
	w.must(err)
	if !account.ChargesEnabled {
		t.Fatal("what was true before it was opened shut it again")
	}
}
