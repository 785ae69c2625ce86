package payments_test

import (
	"testing"
	"time"

	"amiable/negotiation"
	"amiable/negotiation/ledger"
	"amiable/negotiation/money"
	"amiable/payments"
	"amiable/payments/camt"
)

// held is a till whose agency holds 50.00 of August for its creditor, and whose
// bank tells of the debit that sent them on. It returns the month and the debit.
func held(w *till) (payments.Remittance, payments.ListedEntry) {
	w.t.Helper()
	w.account(agencyIBAN, false)
	w.books(w.bankFile(camt.Statement053, agencyIBAN, line{ref: "P1", amount: "50.00", scor: w.file().BankReference(), name: "Claire Vasseur"}))
	*w.now = time.Date(2026, 9, 4, 8, 0, 0, 0, time.UTC)
	_, err := w.RemitMonths(w.ctx, 10)
	w.must(err)
	months, err := w.Remittances(w.ctx, w.agent, 10)
	w.must(err)
	w.books(w.bankFile(camt.Statement053, agencyIBAN, line{ref: "P2", on: "2026-09-03", amount: "50.00", debit: true, text: "VIR ATELIER BOREAL"}))
	entries := w.entries()
	if len(months) != 1 || months[0].Net != 50_00 || len(entries) != 2 || entries[1].Credit {
		w.t.Fatalf("%+v, %+v", months, entries)
	}
	return months[0], entries[1]
}

// settled says that the creditor has its money and nothing is left anywhere.
func settled(w *till) {
	w.t.Helper()
	w.holds()
	if bank, suspense := w.ledgerSum(ledger.Bank), w.ledgerSum(ledger.Suspense); bank != 0 || suspense != 0 {
		w.t.Errorf("the account holds %d, suspense %d", bank, suspense)
	}
}

// What the agency holds for a month is sent on once; the person who sends it
// says so, and so does the bank.
func TestAMonthIsPaidOverOnceWhoeverSaysItFirst(t *testing.T) {
	said := func(w *till) payments.Said {
		return payments.Said{What: payments.ExplainedPaidOver, CreditorID: w.file().CreditorID, Note: "août"}
	}
	atTheBank(t, func(w *till) { // the person, then the bank
		month, debit := held(w)
		w.must(w.PayOver(w.ctx, w.agent, month.ID, "2026-09-03", "VIR 2209"))
		w.must(w.ExplainBankEntry(w.ctx, w.agent, debit.ID, said(w)))
		settled(w)
		// Taken back, the debit waits; what was noted by hand stays noted.
		w.must(w.ReleaseBankEntry(w.ctx, w.agent, debit.ID, "autre mois"))
		w.holds()
		if r, err := w.Remittance(w.ctx, w.agent, month.ID); err != nil || r.PaidOverOn != "2026-09-03" || r.PaidOverReference != "VIR 2209" || r.BankEntryID != nil {
			w.t.Errorf("%+v, %v", r, err)
		}
		w.must(w.ExplainBankEntry(w.ctx, w.agent, debit.ID, said(w)))
		settled(w)
	})
	atTheBank(t, func(w *till) { // the bank alone
		month, debit := held(w)
		w.must(w.ExplainBankEntry(w.ctx, w.agent, debit.ID, said(w)))
		settled(w)
		if r, err := w.Remittance(w.ctx, w.agent, month.ID); err != nil || r.PaidOverOn != "2026-09-03" || r.PaidOverReference != "P2" {
			w.t.Errorf("%+v, %v", r, err)
		}
		if way, err := w.Underway(w.ctx, w.agent, 0, 10); err != nil || len(way) != 0 {
			w.t.Errorf("still on its way: %+v, %v", way, err)
		}
		if err := w.PayOver(w.ctx, w.agent, month.ID, "2026-09-03", "VIR 2209"); negotiation.AsRefusal(err) == nil {
			w.t.Error("paid over twice")
		}
		w.must(w.ReleaseBankEntry(w.ctx, w.agent, debit.ID, "autre créancier"))
		w.holds()
		if r, err := w.Remittance(w.ctx, w.agent, month.ID); err != nil || !r.PaidOverOn.IsZero() {
			w.t.Errorf("%+v, %v", r, err)
		}
	})
}

// What was transferred too much goes back once: a person writes it down, and the
// bank tells of the debit.
func TestATransferGivenBackLeavesTheAccountOnce(t *testing.T) {
	atTheBank(t, func(w *till) {
		w.account(agencyIBAN, false)
		w.books(w.bankFile(camt.Statement053, agencyIBAN, line{ref: "G1", amount: "50.00", scor: w.file().BankReference(), name: "Claire Vasseur"}))
		paid := w.last()
		_, err := w.AskRefund(w.ctx, w.agent, paid.ID, payments.RefundOrder{Amount: money.Euros(20_00), Reason: payments.PaidTwice, Reference: "VIR 31"})
		w.must(err)
		w.holds()
		w.books(w.bankFile(camt.Statement053, agencyIBAN, line{ref: "G2", on: "2026-08-30", amount: "20.00", debit: true, text: "VIR VASSEUR"}))
		w.holds()
		debit := w.entries()[1]
		back := payments.Said{What: payments.ExplainedGivenBack, Note: "payé deux fois"}
		for range 2 {
			w.must(w.ExplainBankEntry(w.ctx, w.agent, debit.ID, back))
			w.holds()
			if bank, suspense := w.ledgerSum(ledger.Bank), w.ledgerSum(ledger.Suspense); bank != 30_00 || suspense != 0 {
				t.Errorf("the account holds %d, suspense %d", bank, suspense)
			}
			w.must(w.ReleaseBankEntry(w.ctx, w.agent, debit.ID, "un autre"))
			w.holds()
		}
		// A bank that takes the whole transfer back takes what is gone already: a
		// person looks.
		w.books(w.bankFile(camt.Statement053, agencyIBAN, line{ref: "G3", on: "2026-08-31", amount: "50.00", debit: true, why: "AC04", scor: w.file().BankReference()}))
		w.holds()
		if e := w.entries()[2]; e.State != payments.BankWaiting || e.Reason != payments.WaitsReturn {
			t.Errorf("the return is %s for %q", e.State, e.Reason)
		}
	})
}
