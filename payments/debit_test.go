package payments_test

import (
	"slices"
	"testing"
	"time"

	"amiable/negotiation"
	"amiable/negotiation/database"
	"amiable/negotiation/database/databasetest"
	"amiable/payments"
	"amiable/payments/stripe/sandbox"
)

const (
	goodAccount  = "FR1420041010050500013M02606"
	emptyAccount = "FR9720041010050000002222227"
)

// debited is a plan of some months whose first instalment was paid by SEPA debit,
// with the box ticked, and is on its way.
func (w *bank) debited(n int, iban string) *payments.Payment {
	w.t.Helper()
	w.plan = w.agree(monthly(n))
	p := w.order(payments.Order{Of: payments.NextInstalment, Charges: negotiation.ChargesDebitText, Language: "fr"})
	w.debits(*p.SessionID, iban)
	if got := w.state(p.ID); got != payments.Processing {
		w.t.Fatalf("the first instalment is %s", got)
	}
	return w.last()
}

// debits fills the gateway's page in with an account.
func (w *bank) debits(session, iban string) {
	w.t.Helper()
	r, err := w.box.CompleteCheckout(session, sandbox.Card{IBAN: iban, Name: "Claire Vasseur", Email: "claire@example.test"})
	w.must(err)
	if r.State != sandbox.CheckoutComplete {
		w.t.Fatalf("the page is %s: %s", r.State, r.Message)
	}
	w.quiet()
}

func (w *bank) coming(want int64) {
	w.t.Helper()
	if got := w.file().OnItsWay().Minor; got != want {
		w.t.Fatalf("%s: %d on its way, want %d", negotiation.DayOf(*w.now), got, want)
	}
}

func (w *bank) refused(err error, code string) {
	w.t.Helper()
	if r := negotiation.AsRefusal(err); r == nil || r.Code != code {
		w.t.Fatalf("want %s, got %v", code, err)
	}
}

func TestInstalmentsAreDebitedSoThatTheyComeOnTheirDays(t *testing.T) {
	eachBank(t, func(w *bank) {
		first := w.debited(3, goodAccount)
		w.coming(first.Amount)
		// While it is on its way nothing is asked for twice, and nobody is reminded.
		_, err := w.Start(w.ctx, w.debtor, w.caseID, payments.Order{Language: "fr"})
		w.refused(err, "payment_being_checked")
		a := w.leave()
		if a == nil || a.Method != payments.DebitMethod || a.Last4 != "2606" || a.MandateID == "" || a.TextVersion != negotiation.ChargesDebitText {
			w.t.Fatalf("the leave: %+v", a)
		}
		w.until("2026-09-15")
		w.coming(0)
		if p := w.last(); p.State != payments.Succeeded || p.PaidOn != first.PaidOn || p.ReversibleUntil.Sub(p.PaidOn) < 56 {
			w.t.Fatalf("the first instalment: %+v", p)
		}
		if a = w.leave(); a.MandateReference == "" || a.CreditorIdentifier == "" || w.file().ActivePlan().ChargedMandate != a.MandateReference {
			w.t.Fatalf("the mandate is not known: %+v", a)
		}
		// 10 October is a Saturday: the bank is asked two banking days before, and
		// the debtor was told seven days before.
		w.until("2026-10-02")
		if w.letters(negotiation.LetterInstalmentSoon) != 0 {
			w.t.Fatal("announced too early")
		}
		w.until("2026-10-03")
		if w.letters(negotiation.LetterInstalmentSoon) != 1 {
			w.t.Fatal("not announced")
		}
		w.until("2026-10-07")
		if w.collection() != nil {
			w.t.Fatal("handed in too early")
		}
		w.until("2026-10-08")
		p := w.collection()
		if p == nil || p.State != payments.Processing || p.PaidOn != "2026-10-08" {
			w.t.Fatalf("handed in: %+v", p)
		}
		w.coming(p.Amount)
		w.until("2026-10-16")
		w.wantCollected(w.line(2))
		w.until("2026-11-30")
		w.wantCollected(w.line(2), w.line(3))
		if c := w.file(); c.State != negotiation.CaseCleared || c.LastPlan().State != negotiation.PlanCompleted {
			w.t.Fatalf("%s, plan %s", c.State, c.LastPlan().State)
		}
		if w.letters(negotiation.LetterMissed)+w.letters(negotiation.LetterChargeDeclined) != 0 || w.leave() != nil {
			w.t.Fatal("somebody was reminded, or the leave outlives its plan")
		}
		w.ends()
	})
}

func TestADebitThatComesBackIsHandedInOnceMoreNearPayday(t *testing.T) {
	eachBank(t, func(w *bank) {
		w.debited(3, goodAccount)
		w.until("2026-09-20")
		w.must(w.box.DeclineScript(goodAccount, "insufficient_funds", sandbox.Approved))
		before := w.file().Balance()
		w.until("2026-10-14") // handed in on the 8th, it came back on the 13th
		p := w.collection()
		if p.State != payments.Started || p.Failure != "insufficient_funds" || p.NextTryAt == nil || !p.PaidOn.IsZero() {
			w.t.Fatalf("after it came back: %+v", p)
		}
		w.coming(0)
		if got := w.file().Balance(); got.Cmp(before) != 0 {
			w.t.Fatalf("owed %v, was %v", got, before)
		}
		if w.letters(negotiation.LetterChargeDeclined) != 1 || w.letters(negotiation.LetterMissed) != 0 || w.leave() == nil {
			w.t.Fatal("not one letter, or the mandate ended")
		}
		// Seven days of notice lead past the 6th of no month: 1 November is a
		// Sunday, so the bank is asked on Thursday 29 October.
		if on := negotiation.DayOf(*p.NextTryAt); on != "2026-10-29" {
			w.t.Fatalf("next on %s", on)
		}
		intent := *p.IntentID
		w.until("2026-11-20")
		if p = w.collection(); w.plan.Current()[1].Number != 2 {
			w.t.Fatal(p)
		}
		if !slices.Contains(w.collected(), w.line(2)) {
			w.t.Fatalf("collected %v", w.collected())
		}
		made, err := w.OfCase(w.ctx, w.caseID)
		w.must(err)
		for _, one := range made {
			if one.Line == 2 && *one.IntentID != intent {
				w.t.Fatal("another intent for the same instalment")
			}
		}
		w.ends()
	})
}

func TestAnAccountThatCanNoLongerBeDebitedEndsItsMandate(t *testing.T) {
	onSQLite(t, func(w *bank) {
		w.debited(3, goodAccount)
		w.until("2026-09-20")
		w.must(w.box.DeclineScript(goodAccount, "account_closed"))
		w.until("2026-10-15")
		p := w.collection()
		if p.State != payments.FailedFor || w.leave() != nil || w.file().ActivePlan().Charged != "" || w.letters(negotiation.LetterAuthorityEnded) != 1 {
			w.t.Fatalf("after a closed account: %+v", p)
		}
		// Another means is one step away.
		a := w.saves(goodCard)
		if a.State != payments.AuthorityLive || a.Method != payments.CardMethod {
			w.t.Fatalf("the new leave: %+v", a)
		}
		w.ends()
	})
}

func TestAFirstDebitThatFailsIsToldKindlyAndOwedAgain(t *testing.T) {
	eachBank(t, func(w *bank) {
		p := w.start(0)
		owed := w.file().Balance()
		w.debits(*p.SessionID, emptyAccount)
		w.coming(p.Amount)
		*w.now = w.now.Add(6 * 24 * time.Hour)
		w.must(w.box.SetClock(*w.now))
		w.quiet()
		w.coming(0)
		if got := w.last(); got.State != payments.FailedFor || got.Failure != "insufficient_funds" || w.letters(negotiation.LetterPaymentFailed) != 1 {
			w.t.Fatalf("after it failed: %+v", got)
		}
		if got := w.file().Balance(); got.Cmp(owed) != 0 {
			w.t.Fatalf("owed %v, was %v", got, owed)
		}
		// It is paid another way.
		p = w.start(0)
		w.visit(*p.SessionID, goodCard)
		if c := w.file(); c.State != negotiation.CaseCleared {
			w.t.Fatal(c.State)
		}
		w.ends()
	})
}

// TestADebitEndsTheSameHoweverItsNotificationsCome: one after the other or the
// last first, each twice, the end is the gateway's word.
func TestADebitEndsTheSameHoweverItsNotificationsCome(t *testing.T) {
	submitted := payments.Fact{Progress: payments.Submitted, ChargeID: "py_1", Means: "sepa_debit 2606"}
	failed := payments.Fact{Progress: payments.Failed, ChargeID: "py_1", Failure: "insufficient_funds", Means: "sepa_debit 2606"}
	session := payments.Fact{Progress: payments.Failed, Over: true, Failure: "insufficient_funds"}
	collected := payments.Fact{Progress: payments.Collected, ChargeID: "py_1", Means: "sepa_debit 2606"}
	for _, test := range []struct {
		name string
		told []payments.Fact
		end  payments.State
	}{
		{"as it happened", []payments.Fact{submitted, failed, session}, payments.FailedFor},
		{"the failure first", []payments.Fact{failed, session, submitted}, payments.FailedFor},
		{"the failure alone, its page unheard of", []payments.Fact{failed, submitted}, payments.FailedFor},
		{"it came", []payments.Fact{submitted, collected}, payments.Succeeded},
		{"it came, and was submitted afterwards", []payments.Fact{collected, submitted, submitted}, payments.Succeeded},
	} {
		t.Run(test.name, func(t *testing.T) {
			databasetest.Each(t, []database.Migrations{negotiation.Migrations, payments.Migrations}, func(t *testing.T, db *database.DB) {
				w := newTillOn(t, db)
				p := w.start(0)
				owed := w.file().Balance()
				for _, f := range test.told {
					w.hears(p, f)
				}
				w.g.Lock()
				end := session
				if test.end == payments.Succeeded {
					end = collected
					end.Amount = p.Asked()
				}
				end.PaymentID, end.SessionID, end.Over = p.ID, *p.SessionID, true
				*w.g.pages[*p.SessionID] = end
				w.g.Unlock()
				w.later(time.Hour)
				_, err := w.CheckUnfinished(w.ctx, 10)
				w.must(err)
				if got := w.state(p.ID); got != test.end {
					t.Fatalf("it is %s, want %s", got, test.end)
				}
				if coming := w.file().OnItsWay(); !coming.IsZero() {
					t.Fatalf("%v is on its way for ever", coming)
				}
				if test.end == payments.FailedFor && w.file().Balance().Cmp(owed) != 0 {
					t.Fatalf("owed %v, was %v", w.file().Balance(), owed)
				}
				w.holds()
			})
		})
	}
}

func TestVerifySeesWhatIsWrongWithADebit(t *testing.T) {
	for _, test := range []struct{ harm, rule string }{
		{"UPDATE cases SET coming = coming + 1", "a case says what is on its way to it"},
		{"UPDATE authorities SET mandate_reference = ''", "an account is debited by a mandate that has a reference"},
		{"UPDATE authorities SET text_version = 'charges-2026-11'", "an account is debited by the text that lets it be"},
		{"DELETE FROM plan_notices", "what is charged by itself was announced"},
		{"UPDATE payments SET reversible_until = paid_on", "what came by the gateway is provisional for a while"},
	} {
		t.Run(test.rule, func(t *testing.T) {
			onSQLite(t, func(w *bank) {
				w.debited(3, goodAccount)
				w.until("2026-10-08")
				if names := broken(w.t, w.Service); len(names) > 0 {
					t.Fatalf("unharmed, it is broken: %v", names)
				}
				w.must(w.n.DB().Read(w.ctx).Exec(test.harm).Error)
				if names := broken(w.t, w.Service); !names[test.rule] {
					t.Fatalf("not seen; broken: %v", names)
				}
			})
		})
	}
}

// TestNobodyIsRemindedOfWhatIsOnItsWay: a debit handed in before the day is heard
// of after it; the letter about a date that nothing came for waits for that.
func TestNobodyIsRemindedOfWhatIsOnItsWay(t *testing.T) {
	onSQLite(t, func(w *bank) {
		w.plan = w.agree(monthly(3))
		w.until("2026-09-09")
		p := w.order(payments.Order{Of: payments.NextInstalment, Language: "fr"})
		w.debits(*p.SessionID, emptyAccount)
		w.until("2026-09-13")
		w.coming(p.Amount)
		if n := w.letters(negotiation.LetterMissed); n != 0 {
			t.Fatalf("reminded %d times while it is on its way", n)
		}
		w.until("2026-09-16")
		w.coming(0)
		if w.letters(negotiation.LetterPaymentFailed) != 1 || w.letters(negotiation.LetterMissed) != 1 {
			t.Fatalf("%d letters that it failed, %d that it is missed", w.letters(negotiation.LetterPaymentFailed), w.letters(negotiation.LetterMissed))
		}
		w.ends()
	})
}
