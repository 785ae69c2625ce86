package payments_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"amiable/negotiation"
	"amiable/negotiation/banking"
	"amiable/negotiation/database"
	"amiable/negotiation/database/databasetest"
	"amiable/negotiation/ledger"
	"amiable/negotiation/money"
	"amiable/payments"
	"amiable/payments/camt"
)

const (
	agencyIBAN   = "FR7630001007941234567890185"
	creditorIBAN = "FR7699999000010000000011755"
	payerIBAN    = "FR0399998000100000000117A48"
)

// line is one entry of a bank's file, in a test's words.
type line struct {
	on, ref, amount   string
	debit, pending    bool
	e2e, scor, text   string
	name, iban, why   string // why: the reason of a return
	further, ultimate string
}

func (l line) xml() string {
	direction, status, details := "CRDT", "BOOK", ""
	if l.debit {
		direction = "DBIT"
	}
	if l.pending {
		status = "PDNG"
	}
	if l.e2e != "" {
		details += "<Refs><EndToEndId>" + l.e2e + "</EndToEndId></Refs>"
	}
	details += "<RltdPties><Dbtr><Nm>" + l.name + "</Nm></Dbtr>"
	if l.iban != "" {
		details += "<DbtrAcct><Id><IBAN>" + l.iban + "</IBAN></Id></DbtrAcct>"
	}
	if l.ultimate != "" {
		details += "<UltmtDbtr><Nm>" + l.ultimate + "</Nm></UltmtDbtr>"
	}
	details += "</RltdPties><RmtInf>"
	if l.text != "" {
		details += "<Ustrd>" + l.text + "</Ustrd>"
	}
	if l.scor != "" {
		details += "<Strd><CdtrRefInf><Ref>" + l.scor + "</Ref></CdtrRefInf></Strd>"
	}
	details += "</RmtInf>"
	if l.why != "" {
		details += "<RtrInf><Rsn><Cd>" + l.why + "</Cd></Rsn></RtrInf>"
	}
	on := l.on
	if on == "" {
		on = "2026-08-28"
	}
	ref := ""
	if l.ref != "" {
		ref = "<AcctSvcrRef>" + l.ref + "</AcctSvcrRef>"
	}
	return `<Ntry><Amt Ccy="EUR">` + l.amount + `</Amt><CdtDbtInd>` + direction + `</CdtDbtInd><Sts>` + status + `</Sts><BookgDt><Dt>` + on + `</Dt></BookgDt>` + ref + l.further +
		`<NtryDtls><TxDtls>` + details + `</TxDtls></NtryDtls></Ntry>`
}

// file is a bank's file of an account, as it was read.
func (w *till) bankFile(kind, iban string, lines ...line) payments.BankFile {
	w.t.Helper()
	inside := ""
	for _, l := range lines {
		inside += l.xml()
	}
	return w.rawFile(kind, iban, inside)
}

func (w *till) rawFile(kind, iban, inside string) payments.BankFile {
	w.t.Helper()
	body, part := "BkToCstmrStmt", "Stmt"
	if kind == camt.Notice054 {
		body, part = "BkToCstmrDbtCdtNtfctn", "Ntfctn"
	}
	m, err := camt.Read(strings.NewReader(`<Document xmlns="urn:iso:std:iso:20022:tech:xsd:` + kind + `.001.02"><` + body + `><GrpHdr><MsgId>M</MsgId></GrpHdr><` + part +
		`><Id>S-1</Id><Acct><Id><IBAN>` + iban + `</IBAN></Id></Acct>` + inside + `</` + part + `></` + body + `></Document>`))
	w.must(err)
	return payments.BankFile{Name: "statement.xml", Hash: "hash", Message: m}
}

// books books a bank's file and returns what became of it.
func (w *till) books(f payments.BankFile) *payments.BankImport {
	w.t.Helper()
	made, err := w.BookBankFile(w.ctx, w.agent, nil, f)
	w.must(err)
	w.holds()
	return made
}

// entries are all bank entries, oldest first.
func (w *till) entries() []payments.ListedEntry {
	w.t.Helper()
	list, err := w.BankEntries(w.ctx, w.agent, payments.EntryFilter{Limit: 100})
	w.must(err)
	return list
}

// account puts an account on file and lets the one mandate use it.
func (w *till) account(iban string, ofCreditor bool) *negotiation.BankAccount {
	w.t.Helper()
	b := negotiation.BankAccount{Holder: "Agence Aubrelle, compte clients", IBAN: iban, BIC: "BDFEFRPP"}
	if ofCreditor {
		b.CreditorID = &w.file().CreditorID
	}
	opened, err := w.n.OpenBankAccount(w.ctx, w.agent, b)
	w.must(err)
	w.must(w.n.SetWaysToPay(w.ctx, w.agent, *w.file().MandateID, negotiation.WaysToPay{AccountID: opened.ID}))
	return opened
}

func (w *till) caseNamed(debtor string) *negotiation.Case {
	w.t.Helper()
	found, err := w.n.Find(w.ctx, w.agent, negotiation.Search{Text: debtor})
	w.must(err)
	if len(found) != 1 {
		w.t.Fatalf("%d cases of %s", len(found), debtor)
	}
	c, err := w.n.Case(w.ctx, w.agent, found[0].ID)
	w.must(err)
	return c
}

// sums are what the ledger holds on an account, whosever it is.
func (w *till) ledgerSum(account ledger.Account) int64 {
	w.t.Helper()
	var sum int64
	w.must(w.n.DB().Read(w.ctx).Table("ledger_entries").Where("account = ?", account).Select("COALESCE(SUM(amount), 0)").Scan(&sum).Error)
	return sum
}

func atTheBank(t *testing.T, story func(w *till)) {
	t.Helper()
	databasetest.Each(t, []database.Migrations{negotiation.Migrations, payments.Migrations}, func(t *testing.T, db *database.DB) {
		story(newTillOn(t, db))
	})
}

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
