package payments_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"amiable/negotiation"
	"amiable/negotiation/banking"
	"amiable/negotiation/ledger"
	"amiable/negotiation/money"
	"amiable/payments"
	"amiable/payments/camt"
)

// What nothing names waits with its reason, until somebody has said what it is.
func TestWhatNothingNamesWaitsWithItsReason(t *testing.T) {
	atTheBank(t, func(w *till) {
		w.account(agencyIBAN, false)
		w.place("G-77", "Zoe Zelande", "zoe@example.test")
		wrong := []byte(w.file().BankReference())
		if wrong[6]++; wrong[6] > 'Z' || wrong[6] == '9'+1 {
			wrong[6] = 'A'
		}
		unknown, err := banking.Reference("AM" + "34679ACD" + "N")
		w.must(err)
		reasons := map[string]string{
			"W1": payments.WaitsNoReference, "W2": payments.WaitsWrong, "W3": payments.WaitsUnknown, "W4": payments.WaitsSeveral, "W5": payments.WaitsDebit, "W6": payments.WaitsReturn, "W7": payments.WaitsBookedLater,
		}
		lines := []line{
			{ref: "W1", amount: "50.00", text: "merci", name: "Inconnu"},
			{ref: "W2", amount: "51.00", scor: string(wrong), name: "Claire Vasseur"},
			{ref: "W3", amount: "52.00", scor: unknown, name: "Claire Vasseur"},
			{ref: "W4", amount: "53.00", text: w.file().Reference + " et " + w.caseNamed("zelande").Reference, name: "Claire Vasseur"},
			{ref: "W5", amount: "54.00", debit: true, text: "VIR ATELIER BOREAL"},
			{ref: "W6", amount: "55.00", debit: true, why: "AC04", text: "?"},
			{ref: "W7", amount: "56.00", on: "2026-09-03", scor: w.file().BankReference(), name: "Claire Vasseur"},
			{ref: "W8", amount: "57.00", pending: true, scor: w.file().BankReference()},
		}
		if made := w.books(w.bankFile(camt.Statement053, agencyIBAN, lines...)); made.Added != 7 || made.Pending != 1 {
			t.Errorf("%+v", made)
		}
		byRef := map[string]payments.ListedEntry{}
		for _, e := range w.entries() {
			byRef[e.StatementRef] = e
			if e.State != payments.BankWaiting || e.Reason != reasons[e.StatementRef] {
				t.Errorf("%s is %s for %q, want %q", e.StatementRef, e.State, e.Reason, reasons[e.StatementRef])
			}
		}
		waiting, err := w.Unidentified(w.ctx)
		w.must(err)
		if waiting.Entries != 7 || waiting.Credits != money.Euros(262_00) || waiting.Debits != money.Euros(109_00) || waiting.Oldest != "2026-08-28" {
			t.Errorf("%+v", waiting)
		}

		// By hand: by the case's reference, or its invoice.
		if _, err := w.MatchBankEntry(w.ctx, w.agent, byRef["W1"].ID, "AM 0000 0000 0"); negotiation.AsRefusal(err) == nil || negotiation.AsRefusal(err).Code != "bank_case_unknown" {
			t.Errorf("an unknown case: %v", err)
		}
		c, err := w.MatchBankEntry(w.ctx, w.agent, byRef["W1"].ID, "g-77")
		w.must(err)
		if c.ID != w.caseNamed("zelande").ID {
			t.Errorf("matched to %s", c.Reference)
		}
		w.holds()
		if _, err := w.MatchBankEntry(w.ctx, w.agent, byRef["W1"].ID, "g-77"); negotiation.AsRefusal(err) == nil {
			t.Errorf("matched twice: %v", err)
		}
		// Taken back, it waits again, and what it paid is turned round.
		w.must(w.ReleaseBankEntry(w.ctx, w.agent, byRef["W1"].ID, "mauvais dossier"))
		w.holds()
		if e, err := w.BankEntry(w.ctx, w.agent, byRef["W1"].ID); err != nil || e.State != payments.BankWaiting || e.PaymentID != nil {
			t.Errorf("%+v, %v", e, err)
		}
		if _, err := w.MatchBank(w.ctx, 100); err != nil {
			t.Fatal(err)
		}
		_, err = w.MatchBankEntry(w.ctx, w.agent, byRef["W1"].ID, w.file().Reference)
		w.must(err)
		w.holds()
		// A payment taken back on its own page lets its entry wait, too.
		paid := w.last()
		w.must(w.Reverse(w.ctx, w.agent, paid.ID, "erreur"))
		w.holds()
		if e, err := w.BankEntry(w.ctx, w.agent, byRef["W1"].ID); err != nil || e.State != payments.BankWaiting {
			t.Errorf("%+v, %v", e, err)
		}

		// One transfer for two cases is divided.
		w.must(w.DivideBankEntry(w.ctx, w.agent, byRef["W4"].ID, money.Euros(20_00)))
		w.holds()
		for _, e := range w.entries() {
			if e.ParentID != nil {
				target := w.file().Reference
				if e.Amount == 33_00 {
					target = w.caseNamed("zelande").Reference
				}
				_, err := w.MatchBankEntry(w.ctx, w.agent, e.ID, target)
				w.must(err)
			}
		}
		w.holds()

		// What went out is explained, and can be taken back.
		paidOver := payments.Said{What: payments.ExplainedPaidOver, CreditorID: w.file().CreditorID, Note: "Reversement d'août"}
		w.must(w.ExplainBankEntry(w.ctx, w.agent, byRef["W5"].ID, paidOver))
		w.holds()
		w.must(w.ReleaseBankEntry(w.ctx, w.agent, byRef["W5"].ID, "autre mois"))
		w.holds()
		w.must(w.ExplainBankEntry(w.ctx, w.agent, byRef["W5"].ID, paidOver))
		w.holds()
		if err := w.ExplainBankEntry(w.ctx, w.agent, byRef["W2"].ID, payments.Said{What: payments.ExplainedNotOurs, Note: "?"}); negotiation.AsRefusal(err) == nil {
			t.Errorf("creditors' funds are explained away: %v", err)
		}

		// On its day, what was booked ahead is matched by itself.
		w.later(4 * 24 * time.Hour)
		if _, err := w.MatchBank(w.ctx, 100); err != nil {
			t.Fatal(err)
		}
		if e, err := w.BankEntry(w.ctx, w.agent, byRef["W7"].ID); err != nil || e.State != payments.BankMatched {
			t.Errorf("%+v, %v", e, err)
		}
		w.holds()
		if bank, suspense := w.ledgerSum(ledger.Bank), w.ledgerSum(ledger.Suspense); bank != 153_00 || suspense != -(50_00+51_00+52_00-55_00) {
			t.Errorf("the account holds %d, suspense %d", bank, suspense)
		}
	})
}

// What the bank takes back is owed again, and both entries stay to be read.
func TestAReturnUndoesItsCredit(t *testing.T) {
	atTheBank(t, func(w *till) {
		w.account(agencyIBAN, false)
		before, err := w.file().Statement("2026-08-31")
		w.must(err)
		paid := line{ref: "R1", amount: "250.00", e2e: "VIR-77", scor: w.file().BankReference(), name: "Claire Vasseur", iban: payerIBAN}
		other := line{ref: "R2", amount: "250.00", e2e: "VIR-78", text: "merci", name: "Autre", iban: creditorIBAN}
		w.books(w.bankFile(camt.Statement053, agencyIBAN, paid, other))
		back := line{on: "2026-08-30", ref: "R3", amount: "250.00", debit: true, why: "AC04", e2e: "VIR-77", name: "Claire Vasseur", iban: payerIBAN}
		w.books(w.bankFile(camt.Statement053, agencyIBAN, back))
		after, err := w.file().Statement("2026-08-31")
		w.must(err)
		if after.Total.Cmp(before.Total) != 0 {
			t.Errorf("%v was owed, %v is", before.Total, after.Total)
		}
		var credit, debit payments.ListedEntry
		for _, e := range w.entries() {
			switch e.StatementRef {
			case "R1":
				credit = e
			case "R3":
				debit = e
			}
		}
		if credit.State != payments.BankUndone || credit.PaymentID == nil || debit.UndoesID == nil || *debit.UndoesID != credit.ID || debit.Explanation != payments.ExplainedReturn {
			t.Errorf("%+v, %+v", credit, debit)
		}
		if w.state(*credit.PaymentID) != payments.Reversed {
			t.Errorf("the payment is %s", w.state(*credit.PaymentID))
		}
		if err := w.ReleaseBankEntry(w.ctx, w.agent, debit.ID, "non"); negotiation.AsRefusal(err) == nil {
			t.Errorf("a return is taken back: %v", err)
		}
		w.books(w.bankFile(camt.Statement053, agencyIBAN, back)) // once more: nothing
		if bank, suspense := w.ledgerSum(ledger.Bank), w.ledgerSum(ledger.Suspense); bank != 250_00 || suspense != -250_00 {
			t.Errorf("the account holds %d, suspense %d", bank, suspense)
		}
		// What waits is taken back, too.
		w.books(w.bankFile(camt.Statement053, agencyIBAN, line{on: "2026-08-30", ref: "R4", amount: "250.00", debit: true, why: "MD06", e2e: "VIR-78", name: "Autre", iban: creditorIBAN}))
		if waiting, err := w.Unidentified(w.ctx); err != nil || waiting.Entries != 0 {
			t.Errorf("%+v, %v", waiting, err)
		}
	})
}

// A second transfer without a word, from the account that paid before and of
// the sum that is asked, finds its case.
func TestSumAndAccountFindTheCase(t *testing.T) {
	atTheBank(t, func(w *till) {
		w.account(agencyIBAN, false)
		w.books(w.bankFile(camt.Statement053, agencyIBAN, line{on: "2026-08-20", ref: "R1", amount: "100.00", scor: w.file().BankReference(), name: "Claire Vasseur", iban: payerIBAN}))
		left, err := w.file().Statement("2026-08-28")
		w.must(err)
		sum := fmt.Sprintf("%d.%02d", left.Total.Minor/100, left.Total.Minor%100)
		w.books(w.bankFile(camt.Statement053, agencyIBAN,
			line{ref: "R2", amount: "149.99", text: "suite", name: "Claire Vasseur", iban: payerIBAN},
			line{ref: "R3", amount: sum, text: "suite", name: "Claire Vasseur", iban: payerIBAN}))
		for _, e := range w.entries() {
			switch {
			case e.StatementRef == "R2" && e.State != payments.BankWaiting:
				t.Errorf("another sum is %s", e.State)
			case e.StatementRef == "R3" && (e.State != payments.BankMatched || e.MatchedBy != payments.ToldBySum):
				t.Errorf("the sum that is asked is %s by %q", e.State, e.MatchedBy)
			}
		}
	})
}

// Money on the creditor's own account is none of ours: only what pays a case is
// posted, and another creditor's case is not paid by it.
func TestMoneyOnTheCreditorsOwnAccount(t *testing.T) {
	atTheBank(t, func(w *till) {
		w.account(creditorIBAN, true)
		other, err := w.n.AddCreditor(w.ctx, w.agent, negotiation.Creditor{Reference: "CRE-002", Name: "Lenoir SARL", SIREN: "010185650", Email: "compta@lenoir.example.com"})
		w.must(err)
		account, err := w.n.OpenBankAccount(w.ctx, w.agent, negotiation.BankAccount{CreditorID: &other.ID, Holder: "Lenoir SARL", IBAN: agencyIBAN})
		w.must(err)
		if err := w.n.SetWaysToPay(w.ctx, w.agent, *w.file().MandateID, negotiation.WaysToPay{AccountID: account.ID}); negotiation.AsRefusal(err) == nil {
			t.Errorf("another creditor's account takes the mandate's money: %v", err)
		}
		mine := line{ref: "R1", amount: "20.00", scor: w.file().BankReference(), name: "Claire Vasseur"}
		w.books(w.bankFile(camt.Statement053, creditorIBAN, mine, line{ref: "R2", amount: "9.00", debit: true, text: "loyer"}, line{ref: "R3", amount: "8.00", text: "client"}))
		w.books(w.bankFile(camt.Statement053, agencyIBAN, mine))
		states := map[string]int{}
		for _, e := range w.entries() {
			states[string(e.State)+" "+e.Reason]++
		}
		if states["matched "] != 1 || states["explained "] != 1 || states["waiting no_reference"] != 1 || states["waiting other_account"] != 1 {
			t.Errorf("%v", states)
		}
		if bank, suspense := w.ledgerSum(ledger.Bank), w.ledgerSum(ledger.Suspense); bank != 0 || suspense != 0 {
			t.Errorf("we hold %d, and %d in suspense", bank, suspense)
		}
	})
}

// A file that cannot be booked to the cent on an account of ours is not taken
// in part.
func TestAFileIsBookedWholeOrNotAtAll(t *testing.T) {
	atTheBank(t, func(w *till) {
		w.account(agencyIBAN, false)
		good := line{ref: "R1", amount: "20.00", scor: w.file().BankReference()}
		balance := func(code, amount string) string {
			return `<Bal><Tp><CdOrPrtry><Cd>` + code + `</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">` + amount + `</Amt><CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-08-28</Dt></Dt></Bal>`
		}
		unbalanced := balance("OPBD", "1.00") + balance("CLBD", "2.00") + good.xml()
		for code, f := range map[string]payments.BankFile{
			"bank_account_unknown":        w.bankFile(camt.Statement053, "NL08INGB0000001234", good),
			"bank_entry_fraction":         w.bankFile(camt.Statement053, agencyIBAN, good, line{ref: "R2", amount: "1.005"}),
			"bank_entry_currency":         w.rawFile(camt.Statement053, agencyIBAN, good.xml()+strings.Replace(good.xml(), "EUR", "CHF", 1)),
			"bank_entry_undated":          w.rawFile(camt.Statement053, agencyIBAN, good.xml()+strings.Replace(good.xml(), "<BookgDt><Dt>2026-08-28</Dt></BookgDt>", "", 1)),
			"bank_sums_balances_disagree": w.rawFile(camt.Statement053, agencyIBAN, unbalanced),
		} {
			_, err := w.BookBankFile(w.ctx, w.agent, nil, f)
			if r := negotiation.AsRefusal(err); r == nil || r.Code != code {
				t.Errorf("%s: %v", code, err)
			}
		}
		if list := w.entries(); len(list) > 0 {
			t.Errorf("taken in part: %+v", list)
		}
		f := w.rawFile(camt.Statement053, agencyIBAN, unbalanced)
		f.Despite = true
		if made := w.books(f); made.Added != 1 || made.Doubts != "balances_disagree" {
			t.Errorf("%+v", made)
		}
	})
}

// Two people book the same file at once, and the job runs beside them.
func TestTheSameFileAtOnceIsBookedOnce(t *testing.T) {
	atTheBank(t, func(w *till) {
		w.account(agencyIBAN, false)
		var lines []line
		for i := range 30 {
			lines = append(lines, line{ref: fmt.Sprintf("R%d", i), amount: "1.00", scor: w.file().BankReference(), name: "Claire Vasseur"})
		}
		f := w.bankFile(camt.Statement053, agencyIBAN, lines...)
		var all sync.WaitGroup
		for range 3 {
			all.Go(func() {
				if _, err := w.BookBankFile(w.ctx, w.agent, nil, f); err != nil {
					t.Error(err)
				}
			})
			all.Go(func() {
				if _, err := w.MatchBank(w.ctx, 10); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		w.holds()
		if got := w.ledgerSum(ledger.Bank); got != 30_00 {
			t.Errorf("the account holds %d", got)
		}
		if waiting, err := w.Unidentified(w.ctx); err != nil || waiting.Entries != 0 {
			t.Errorf("%+v, %v", waiting, err)
		}
	})
}

// A transfer that somebody wrote down before the bank told of it is not counted
// twice: a person says whether it is the same.
func TestATransferNotedByHandWaits(t *testing.T) {
	atTheBank(t, func(w *till) {
		w.account(agencyIBAN, false)
		_, err := w.RecordElsewhere(w.ctx, w.agent, w.caseID, payments.Elsewhere{Amount: money.Euros(80_00), On: "2026-08-27", Means: "transfer", Reference: "vu sur le compte", AtAgency: true})
		w.must(err)
		noted := w.last()
		w.books(w.bankFile(camt.Statement053, agencyIBAN, line{ref: "R1", amount: "80.00", scor: w.file().BankReference(), name: "Claire Vasseur"}))
		e := w.entries()[0]
		if e.State != payments.BankWaiting || e.Reason != payments.WaitsRecorded {
			t.Fatalf("%s, %s", e.State, e.Reason)
		}
		w.must(w.Reverse(w.ctx, w.agent, noted.ID, "le relevé le dit"))
		_, err = w.MatchBankEntry(w.ctx, w.agent, e.ID, w.file().Reference)
		w.must(err)
		w.holds()
		if paid := w.last(); paid.State != payments.Succeeded || paid.Received != 80_00 {
			t.Errorf("%+v", paid)
		}
	})
}

// The sample files of another hand: the notice, the statement that repeats it,
// and the statement made again later.
func TestTheSampleStatementIsBookedOnce(t *testing.T) {
	root := os.Getenv("AMIABLE_SHARED_DATA")
	if root == "" {
		t.Skip("AMIABLE_SHARED_DATA does not name the folder of sample files")
	}
	atTheBank(t, func(w *till) {
		w.account(creditorIBAN, false)
		w.place("FAC-2026-0117", "Hotel Imaginaire des Ecrins", "hotel@example.test")
		for _, step := range []struct {
			file         string
			added, known int64
		}{{"own-fr-avis-1.xml", 1, 0}, {"own-fr-releve-1.xml", 10, 1}, {"own-fr-releve-1.xml", 0, 11}, {"invalid/same-statement-again.xml", 0, 11}, {"own-fr-avis-1.xml", 0, 1}} {
			f, err := os.Open(filepath.Join(root, "camt", step.file))
			w.must(err)
			m, err := camt.Read(f)
			w.must(errors.Join(err, f.Close()))
			made := w.books(payments.BankFile{Name: step.file, Hash: "h", Message: m})
			if made.Added != step.added || made.Known != step.known {
				t.Errorf("%s: %d added, %d known; want %d and %d", step.file, made.Added, made.Known, step.added, step.known)
			}
		}
		// The bank's own closing balance less its opening one.
		if got := w.ledgerSum(ledger.Bank); got != 4825_55-1204_55 {
			t.Errorf("the account moved by %d", got)
		}
		if paid, err := w.OfCase(w.ctx, w.caseNamed("ecrins").ID); err != nil || len(paid) != 1 || paid[0].Received != 1517_30 {
			t.Errorf("%+v, %v", paid, err)
		}
	})
}
