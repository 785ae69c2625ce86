package payments_test

import (
	"testing"

	"amiable/negotiation"
	"amiable/payments"
	"amiable/payments/stripe/sandbox"
)

// TestADebitTakenBackAfterThePlanWasKept: for eight weeks the payer's bank gives a
// debit back without a reason. The plan that it completed runs again, the debt
// and its interest are as if it had not come, and nobody is asked to answer a
// bank that hears no answer.
func TestADebitTakenBackAfterThePlanWasKept(t *testing.T) {
	eachBank(t, func(w *bank) {
		w.debited(2, goodAccount)
		w.until("2026-09-20")
		owed := w.file().Balance()
		w.until("2026-10-20")
		if c := w.file(); c.State != negotiation.CaseCleared || c.LastPlan().State != negotiation.PlanCompleted {
			w.t.Fatalf("%s, plan %s", c.State, c.LastPlan().State)
		}
		p := w.collection()
		_, err := w.box.Dispute(*p.IntentID, 0, "", false)
		w.must(err)
		w.quiet()
		c := w.file()
		if c.State == negotiation.CaseCleared || c.LastPlan().State != negotiation.PlanActive || c.Balance().Cmp(owed) != 0 {
			w.t.Fatalf("%s, plan %s, owed %v and was %v", c.State, c.LastPlan().State, c.Balance(), owed)
		}
		if w.letters(negotiation.LetterChargeback) != 1 || w.letters(negotiation.LetterChargebackDue) != 0 {
			w.t.Fatalf("%d letters to the debtor, %d to answer by a day", w.letters(negotiation.LetterChargeback), w.letters(negotiation.LetterChargebackDue))
		}
		// It is paid another way.
		next := w.order(payments.Order{Of: payments.NextInstalment, Language: "fr"})
		w.visit(*next.SessionID, goodCard)
		if c := w.file(); c.State != negotiation.CaseCleared {
			w.t.Fatal(c.State)
		}
		w.holds()
		for _, v := range w.box.Invariants() {
			w.t.Errorf("sandbox: %s", v)
		}
	})
}

// TestAnAccountWhoseBankTakesItBackAtOnce is Stripe's test account for it.
func TestAnAccountWhoseBankTakesItBackAtOnce(t *testing.T) {
	onSQLite(t, func(w *bank) {
		p := w.start(0)
		owed := w.file().Balance()
		if _, err := w.box.CompleteCheckout(*p.SessionID, sandbox.Card{IBAN: "FR5720041010050500013M02608", Name: "Claire Vasseur", Email: "claire@example.test"}); err != nil {
			t.Fatal(err)
		}
		w.quiet()
		w.until("2026-09-08")
		if c := w.file(); c.State != negotiation.CaseOpen || c.Balance().Cmp(owed) < 0 {
			t.Fatalf("%s, owed %v and was %v", c.State, c.Balance(), owed)
		}
		w.holds()
	})
}
