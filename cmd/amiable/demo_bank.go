package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"fmt"
	"strings"

	"amiable/negotiation"
	"amiable/payments"
	"amiable/payments/camt"
)

// bankStory is what comes by transfer: one that finds its case, one that the
// bank takes back, and one that nobody can place.
var bankStory = []act{
	{"2026-07-02", (*teller).transfers},
	{"2026-11-16", func(t *teller) {
		t.statement("releve-2026-11-13.xml", "REL20261113", []bankLine{
			{on: "2026-11-13", amount: "60.00", from: "M THOMAS BELLEAU", debtor: "Thomas Belleau"},
			{on: "2026-11-13", amount: "120.00", from: "IMPRIMERIE ECHO", debtor: "Imprimerie Écho", endToEnd: "ECHO-77"},
			{on: "2026-11-13", amount: "96.40", from: "MME ODILE FICTIF", says: "pour le compte de mon fils, merci"},
		})
	}},
	{"2026-11-19", func(t *teller) {
		t.statement("releve-2026-11-18.xml", "REL20261118", []bankLine{
			{on: "2026-11-18", amount: "120.00", from: "IMPRIMERIE ECHO", endToEnd: "ECHO-77", returned: "AC04"},
		})
	}},
}

// clientsIBAN is the agency's account of the story: no bank has this number.
const clientsIBAN = "FR7699999000010000000011755"

// transfers opens the agency's account for creditors' funds and lets mandates
// use it.
func (t *teller) transfers() {
	administrator := t.agent
	account, err := t.negotiation.OpenBankAccount(t.ctx, administrator, negotiation.BankAccount{Holder: "Agence Aubrelle, compte clients", IBAN: clientsIBAN})
	if !t.try(err) {
		return
	}
	creditors, err := t.negotiation.Creditors(t.ctx)
	t.try(err)
	for _, c := range creditors {
		mandates, err := t.negotiation.Mandates(t.ctx, c.ID)
		t.try(err)
		for _, m := range mandates {
			ways := negotiation.WaysToPay{AccountID: account.ID}
			if c.Reference == "CRE-002" { // who takes no cards takes cheques, too
				ways.ChequeTo = c.Name
			}
			t.try(t.negotiation.SetWaysToPay(t.ctx, administrator, m.ID, ways))
		}
	}
}

// bankLine is one entry of a statement.
type bankLine struct {
	on        negotiation.Day
	amount    string
	from      string
	debtor    string // whose case the reference names; none: nobody's
	reference string // of the case
	says      string
	endToEnd  string
	debit     bool
	returned  string // the bank's reason: it takes the money back
	number    string // the bank's reference; none: its place on the statement
}

// statement books a statement of the agency's account, as its bank sends it.
func (t *teller) statement(name, number string, lines []bankLine) {
	for i, l := range lines {
		if l.debtor != "" {
			t.on(l.debtor, func(c *negotiation.Case) error {
				lines[i].reference = c.BankReference()
				return nil
			})
		}
	}
	file, err := statementOf(clientsIBAN, name, number, lines)
	if !t.try(err) {
		return
	}
	_, err = t.payments.BookBankFile(t.ctx, t.agent, nil, file)
	t.try(err)
}

// statementOf writes a statement of an account as its bank does, and reads it.
func statementOf(iban, name, number string, lines []bankLine) (payments.BankFile, error) {
	var entries strings.Builder
	for i, l := range lines {
		direction, remittance := "CRDT", "<Ustrd>"+escaped(l.says)+"</Ustrd>"
		if l.returned != "" {
			remittance = ""
		}
		if l.debit || l.returned != "" {
			direction = "DBIT"
		}
		if l.reference != "" {
			remittance = "<Strd><CdtrRefInf><Tp><CdOrPrtry><Cd>SCOR</Cd></CdOrPrtry></Tp><Ref>" + l.reference + "</Ref></CdtrRefInf></Strd>"
		}
		if l.number == "" {
			l.number = fmt.Sprintf("%s-%04d", number, i+1)
		}
		ending := ""
		if l.returned != "" {
			ending = "<RtrInf><Rsn><Cd>" + l.returned + "</Cd></Rsn></RtrInf>"
		}
		endToEnd := l.endToEnd
		if endToEnd == "" {
			endToEnd = "NOTPROVIDED"
		}
		fmt.Fprintf(&entries, `<Ntry><NtryRef>%d</NtryRef><Amt Ccy="EUR">%s</Amt><CdtDbtInd>%s</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>%s</Dt></BookgDt><AcctSvcrRef>%s</AcctSvcrRef>`+
			`<NtryDtls><TxDtls><Refs><EndToEndId>%s</EndToEndId></Refs><RltdPties><Dbtr><Pty><Nm>%s</Nm></Pty></Dbtr></RltdPties><RmtInf>%s</RmtInf>%s</TxDtls></NtryDtls></Ntry>`,
			i+1, l.amount, direction, l.on, l.number, endToEnd, escaped(l.from), remittance, ending)
	}
	file := `<?xml version="1.0" encoding="UTF-8"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><GrpHdr><MsgId>` + number + `</MsgId></GrpHdr><Stmt><Id>` + number +
		`-1</Id><Acct><Id><IBAN>` + iban + `</IBAN></Id><Ccy>EUR</Ccy></Acct>` + entries.String() + `</Stmt></BkToCstmrStmt></Document>`
	m, err := camt.Read(strings.NewReader(file))
	sum := sha256.Sum256([]byte(file))
	return payments.BankFile{Name: name, Hash: hex.EncodeToString(sum[:]), Message: m}, err
}

func escaped(text string) string {
	var b strings.Builder
	if err := xml.EscapeText(&b, []byte(text)); err != nil {
		return ""
	}
	return b.String()
}
