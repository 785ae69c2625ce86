package payments_test

import (
	"fmt"
	"strings"
	"testing"

	"amiable/negotiation"
	"amiable/negotiation/banking"
	"amiable/negotiation/ledger"
	"amiable/payments"
	"amiable/payments/camt"
)

// Whatever names the case is read, the surest first.
func TestATransferFindsItsCase(t *testing.T) {
	atTheBank(t, func(w *till) {
		w.account(agencyIBAN, false)
		names := []string{"Anna Ardent", "Boris Boudin", "Chloe Cerise", "Denis Dubois", "Elsa Etang", "Felix Fournil", "Gina Garance", "Hugo Houblon"}
		for i, name := range names {
			w.place(fmt.Sprintf("FAC-2026-%04d", 117+i), name, fmt.Sprintf("p%d@example.test", i))
		}
		c := func(i int) *negotiation.Case { return w.caseNamed(strings.Fields(names[i])[1]) }
		grouped := negotiation.GroupedReference(c(2).Reference)
		lines := []line{
			{ref: "R0", amount: "10.00", scor: c(0).BankReference(), e2e: "NOTPROVIDED", name: names[0]},
			{ref: "R1", amount: "11.00", e2e: c(1).BankReference(), name: names[1]},
			{ref: "R2", amount: "12.00", text: "REGLEMENT " + grouped + " MERCI", name: names[2]},
			{ref: "R3", amount: "13.00", text: strings.ToLower(banking.Grouped(c(3).BankReference())), name: names[3]},
			{ref: "R4", amount: "14.00", text: "Facture FAC-2026-0121", name: names[4]},
			{ref: "R5", amount: "15.00", e2e: "FAC20260122", name: names[5]},
			{ref: "R6", amount: "16.00", text: "acompte fac 2026 0123", name: names[6]},
			{ref: "R7", amount: "17.00", scor: c(7).Reference, name: names[7]},
		}
		made := w.books(w.bankFile(camt.Statement053, agencyIBAN, lines...))
		if made.Added != 8 || made.Known != 0 {
			t.Errorf("%+v", made)
		}
		want := []string{
			payments.ToldByReference, payments.ToldByEndToEnd, payments.ToldByReference, payments.ToldByReference, payments.ToldByInvoice, payments.ToldByInvoice,
			payments.ToldByInvoice, payments.ToldByReference,
		}
		for _, e := range w.entries() {
			var i int
			if _, err := fmt.Sscanf(e.StatementRef, "R%d", &i); err != nil {
				t.Fatal(err)
			}
			if e.State != payments.BankMatched || e.CaseID == nil || *e.CaseID != c(i).ID || e.MatchedBy != want[i] {
				t.Errorf("%s is %s, by %q, waits for %q", e.StatementRef, e.State, e.MatchedBy, e.Reason)
				continue
			}
			paid, err := w.OfCase(w.ctx, c(i).ID)
			w.must(err)
			if len(paid) != 1 || paid[0].Received != e.Amount || paid[0].PaidOn != "2026-08-28" || paid[0].Means != "transfer" || paid[0].Reference != e.StatementRef {
				t.Errorf("%s: %+v", e.StatementRef, paid)
			}
			if receipts, err := w.ReceiptsOf(w.ctx, c(i).ID); err != nil || len(receipts) != 1 {
				t.Errorf("%s has %d receipts, %v", e.StatementRef, len(receipts), err)
			}
		}
		if bank, suspense := w.ledgerSum(ledger.Bank), w.ledgerSum(ledger.Suspense); bank != 108_00 || suspense != 0 {
			t.Errorf("the account holds %d, suspense %d", bank, suspense)
		}
	})
}

// The same statement, the same statement made again, and the notice of one of
// its entries add nothing; a second payment that says the very same counts.
func TestWhatABankTellsTwiceCountsOnce(t *testing.T) {
	atTheBank(t, func(w *till) {
		w.account(agencyIBAN, false)
		same := line{amount: "31.80", scor: w.file().BankReference(), name: "Claire Vasseur", iban: payerIBAN}
		first, second := same, same
		first.ref, second.ref = "REL-4", "REL-5"
		notice := same
		notice.ref = "AVI-1"
		statement := func() payments.BankFile { return w.bankFile(camt.Statement053, agencyIBAN, first, second) }

		if made := w.books(w.bankFile(camt.Notice054, agencyIBAN, notice)); made.Added != 1 {
			t.Errorf("the notice: %+v", made)
		}
		if made := w.books(statement()); made.Added != 1 || made.Known != 1 {
			t.Errorf("the statement that tells it with another: %+v", made)
		}
		for range 2 {
			if made := w.books(statement()); made.Added != 0 || made.Known != 2 {
				t.Errorf("the statement again: %+v", made)
			}
		}
		if made := w.books(w.bankFile(camt.Notice054, agencyIBAN, notice)); made.Added != 0 {
			t.Errorf("the notice again: %+v", made)
		}
		week := line{on: "2026-08-27", ref: "REL-1", amount: "5.00", scor: same.scor, name: same.name}
		if made := w.books(w.bankFile(camt.Statement053, agencyIBAN, week, first, second)); made.Added != 1 || made.Known != 2 {
			t.Errorf("a week that repeats its days: %+v", made)
		}
		bare := line{on: "2026-08-26", amount: "7.00", scor: same.scor, name: same.name} // a bank without references
		for _, want := range []int64{2, 0} {
			if made := w.books(w.bankFile(camt.Statement053, agencyIBAN, bare, bare)); made.Added != want {
				t.Errorf("two alike without a reference: %+v, want %d added", made, want)
			}
		}
		if got := w.ledgerSum(ledger.Bank); got != 2*31_80+5_00+2*7_00 {
			t.Errorf("the account holds %d", got)
		}
	})
}

// A notice that tells of an entry in its parts, which the statement tells
// whole, is the same money.
func TestANoticeInPartsIsTheStatementsEntry(t *testing.T) {
	atTheBank(t, func(w *till) {
		w.account(agencyIBAN, false)
		part := func(amount, text string) string {
			return `<TxDtls><AmtDtls><TxAmt><Amt Ccy="EUR">` + amount + `</Amt></TxAmt></AmtDtls><RmtInf><Ustrd>` + text + `</Ustrd></RmtInf></TxDtls>`
		}
		entry := func(details string) string {
			return `<Ntry><Amt Ccy="EUR">30.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts><BookgDt><Dt>2026-08-28</Dt></BookgDt><AcctSvcrRef>B-1</AcctSvcrRef>` + details + `</Ntry>`
		}
		parts := entry("<NtryDtls>" + part("20.00", w.file().Reference) + part("10.00", "sans rien") + "</NtryDtls>")
		w.books(w.rawFile(camt.Notice054, agencyIBAN, parts))
		if made := w.books(w.rawFile(camt.Statement053, agencyIBAN, entry(""))); made.Added != 0 {
			t.Errorf("the statement: %+v", made)
		}
		if made := w.books(w.rawFile(camt.Notice054, agencyIBAN, parts)); made.Added != 0 {
			t.Errorf("the notice again: %+v", made)
		}
		if bank, suspense := w.ledgerSum(ledger.Bank), w.ledgerSum(ledger.Suspense); bank != 30_00 || suspense != -10_00 {
			t.Errorf("the account holds %d, suspense %d", bank, suspense)
		}
	})
}

// A payout net of what the bank kept is booked gross, and the rest is its cost.
func TestChargesThatWereKeptAreACost(t *testing.T) {
	atTheBank(t, func(w *till) {
		w.account(agencyIBAN, false)
		part := func(amount, text string) string {
			return `<TxDtls><AmtDtls><TxAmt><Amt Ccy="EUR">` + amount + `</Amt></TxAmt></AmtDtls><RmtInf><Ustrd>` + text + `</Ustrd></RmtInf></TxDtls>`
		}
		w.books(w.rawFile(camt.Statement053, agencyIBAN, `<Ntry><Amt Ccy="EUR">291.20</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts><BookgDt><Dt>2026-08-28</Dt></BookgDt><AcctSvcrRef>R6</AcctSvcrRef>
			<Chrgs><Amt Ccy="EUR">3.80</Amt><CdtDbtInd>DBIT</CdtDbtInd></Chrgs><NtryDtls>`+part("120.00", w.file().Reference)+part("175.00", "?")+`</NtryDtls></Ntry>`))
		if bank, cost, suspense := w.ledgerSum(ledger.Bank), w.ledgerSum(ledger.GatewayCost), w.ledgerSum(ledger.Suspense); bank != 291_20 || cost != 3_80 || suspense != -175_00 {
			t.Errorf("the account holds %d, the bank kept %d, suspense %d", bank, cost, suspense)
		}
	})
}

// Paid twice is never refused and never kept silently: the second goes to
// refunds due.
func TestPaidTwiceIsGivenBack(t *testing.T) {
	atTheBank(t, func(w *till) {
		w.account(agencyIBAN, false)
		statement, err := w.file().Statement("2026-08-28")
		w.must(err)
		sum := fmt.Sprintf("%d.%02d", statement.Total.Minor/100, statement.Total.Minor%100)
		l := line{amount: sum, scor: w.file().BankReference(), name: "Claire Vasseur"}
		one, two := l, l
		one.ref, two.ref = "R1", "R2"
		w.books(w.bankFile(camt.Statement053, agencyIBAN, one, two))
		if c := w.file(); c.State != negotiation.CaseCleared || c.RefundsDue().Cmp(statement.Total) != 0 {
			t.Errorf("the case is %s, %v to be given back", c.State, c.RefundsDue())
		}
	})
}

// The sum of the page clears what it names while the transfer is on its way.
func TestTheSumOfThePageClearsWhileItTravels(t *testing.T) {
	atTheBank(t, func(w *till) {
		w.account(agencyIBAN, false)
		shown, err := w.file().Statement("2026-08-24")
		w.must(err)
		sum := fmt.Sprintf("%d.%02d", shown.Total.Minor/100, shown.Total.Minor%100)
		w.books(w.bankFile(camt.Statement053, agencyIBAN, line{ref: "R1", amount: sum, scor: w.file().BankReference(), name: "Claire Vasseur"}))
		if c := w.file(); c.State != negotiation.CaseCleared {
			t.Errorf("the case is %s, %v is left", c.State, c.Balance())
		}
	})
}
