package payments_test

import (
	"strings"
	"testing"

	"amiable/negotiation"
	"amiable/negotiation/database"
	"amiable/negotiation/database/databasetest"
	"amiable/negotiation/ledger"
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
