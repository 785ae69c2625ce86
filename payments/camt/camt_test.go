package camt

import (
	"errors"
	"strings"
	"testing"
)

// document puts the parts of a statement into a whole message.
func document(version, inside string) string {
	body, part := "BkToCstmrStmt", "Stmt"
	if strings.HasPrefix(version, Notice054) {
		body, part = "BkToCstmrDbtCdtNtfctn", "Ntfctn"
	}
	return `<?xml version="1.0" encoding="UTF-8"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:` + version + `"><` + body + `><GrpHdr><MsgId>M1</MsgId></GrpHdr><` + part +
		`><Id>S1</Id><Acct><Id><IBAN>FR7699999000010000000011755</IBAN></Id></Acct>` + inside + `</` + part + `></` + body + `></Document>`
}

const entry = `<Ntry><Amt Ccy="EUR">12.30</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts><BookgDt><Dt>2026-03-06</Dt></BookgDt></Ntry>`

func read(t *testing.T, text string) *Message {
	t.Helper()
	m, err := Read(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// What is hostile, broken or another message is refused whole, by name.
func TestWhatIsNoStatementIsRefusedByName(t *testing.T) {
	whole := document("camt.053.001.02", entry)
	for name, c := range map[string]struct {
		file string
		want Code
	}{
		"nothing":                       {"", Empty},
		"blanks":                        {" \n\t ", Empty},
		"a table":                       {"date;amount\n2026-03-06;12,30\n", NotXML},
		"a PDF":                         {"%PDF-1.7\n", NotXML},
		"a page":                        {"<html><body>404</body></html>", NotISO20022},
		"an invoice":                    {`<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"/>`, NotISO20022},
		"no namespace":                  {"<Document><BkToCstmrStmt/></Document>", NotISO20022},
		"a foreign namespace":           {`<Document xmlns="urn:example"><BkToCstmrStmt/></Document>`, NotISO20022},
		"a payment order":               {`<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.001.001.03"><CstmrCdtTrfInitn/></Document>`, OtherMessage},
		"a direct debit order":          {`<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.008.001.02"/>`, OtherMessage},
		"an interbank payment":          {`<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pacs.008.001.08"/>`, OtherMessage},
		"a report of the day":           {`<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.052.001.02"><BkToCstmrAcctRpt/></Document>`, DayReport},
		"a version before the first":    {document("camt.053.001.01", entry), UnknownVersion},
		"a version after the last":      {document("camt.053.001.14", entry), UnknownVersion},
		"a variant of the message":      {document("camt.053.002.02", entry), UnknownVersion},
		"the body of the other message": {strings.ReplaceAll(whole, "BkToCstmrStmt", "BkToCstmrDbtCdtNtfctn"), Malformed},
		"no body":                       {`<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"></Document>`, Malformed},
		"two messages":                  {`<Envelope>` + strings.Repeat(strings.TrimPrefix(whole, `<?xml version="1.0" encoding="UTF-8"?>`), 2) + `</Envelope>`, SeveralMessages},
		"cut off in a tag":              {whole[:len(whole)-30], CutOff},
		"cut off in a text":             {whole[:strings.Index(whole, "12.30")+3], CutOff},
		"cut off before the last tag":   {strings.TrimSuffix(whole, "</Document>"), CutOff},
		"tags that do not match":        {strings.Replace(whole, "</Ntry>", "</Ntri>", 1), Malformed},
		"an entity of its own":          {strings.Replace(whole, "12.30", "&amount;", 1), Malformed},
		"a document type":               {strings.Replace(whole, "<Document", `<!DOCTYPE Document [<!ENTITY x SYSTEM "file:///etc/passwd">]><Document`, 1), DocumentType},
		"a billion laughs": {strings.Replace(whole, "<Document", `<!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY lol2 "&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;">]><Document`, 1),
			DocumentType},
		"a document type further in":   {strings.Replace(whole, "<Ntry>", "<!DOCTYPE x><Ntry>", 1), DocumentType},
		"elements without end":         {strings.Replace(whole, "<Ntry>", strings.Repeat("<Ntry>", 200), 1), TooDeep},
		"a text without end":           {strings.Replace(whole, "S1", strings.Repeat("S", 3*tokenBytesMax), 1), TextTooLong},
		"a tag without end":            {strings.Replace(whole, `Ccy="EUR"`, `Ccy="`+strings.Repeat("E", 3*tokenBytesMax)+`"`, 1), TextTooLong},
		"Latin-1 that says UTF-8":      {strings.Replace(whole, "S1", "Ann\xe9e", 1), WrongEncoding},
		"an encoding nobody knows":     {strings.Replace(whole, "UTF-8", "EBCDIC-42", 1), UnknownEncoding},
		"a control character":          {strings.Replace(whole, "S1", "S\x01", 1), Malformed},
		"no account":                   {strings.Replace(whole, "FR7699999000010000000011755", " ", 1), NoAccount},
		"an amount with a comma":       {strings.Replace(whole, "12.30", "1517,30", 1), AmountWrong},
		"an amount with blanks":        {strings.Replace(whole, "12.30", "1 517.30", 1), AmountWrong},
		"an amount below nil":          {strings.Replace(whole, "12.30", "-12.30", 1), AmountWrong},
		"an amount with an exponent":   {strings.Replace(whole, "12.30", "1e9", 1), AmountWrong},
		"two decimal points":           {strings.Replace(whole, "12.30", "1.517.30", 1), AmountWrong},
		"more decimals than ISO has":   {strings.Replace(whole, "12.30", "12.300000", 1), AmountWrong},
		"more digits than ISO has":     {strings.Replace(whole, "12.30", strings.Repeat("9", 19), 1), AmountWrong},
		"no amount":                    {strings.Replace(whole, `<Amt Ccy="EUR">12.30</Amt>`, "", 1), AmountWrong},
		"no currency":                  {strings.Replace(whole, ` Ccy="EUR"`, "", 1), CurrencyWrong},
		"a currency in small letters":  {strings.Replace(whole, `"EUR"`, `"eur"`, 1), CurrencyWrong},
		"no direction":                 {strings.Replace(whole, "<CdtDbtInd>CRDT</CdtDbtInd>", "", 1), DirectionWrong},
		"a direction that is a letter": {strings.Replace(whole, "CRDT", "C", 1), DirectionWrong},
		"no status":                    {strings.Replace(whole, "<Sts>BOOK</Sts>", "", 1), StatusMissing},
		"a day that is none":           {strings.Replace(whole, "2026-03-06", "2026-02-30", 1), DateWrong},
		"a day the French way":         {strings.Replace(whole, "2026-03-06", "06/03/2026", 1), DateWrong},
	} {
		m, err := Read(strings.NewReader(c.file))
		var refused *FileError
		switch {
		case !errors.As(err, &refused):
			t.Errorf("%s: %v, %v", name, m, err)
		case refused.Code != c.want:
			t.Errorf("%s is refused as %s: %v; want %s", name, refused.Code, refused, c.want)
		case m != nil:
			t.Errorf("%s: something of it was taken", name)
		case refused.Text("en") == string(refused.Code) || refused.Text("fr") == string(refused.Code) || refused.Text("fr") == refused.Text("en"):
			t.Errorf("%s is refused without words: %q, %q", name, refused.Text("en"), refused.Text("fr"))
		}
	}
}

// A file may say the same in other encodings, with a prefix, in an envelope.
func TestTheSameStatementInOtherClothes(t *testing.T) {
	plain := strings.Replace(document("camt.053.001.02", entry), "S1", "Année", 1)
	wide := "\xfe\xff"
	for _, r := range strings.Replace(plain, "UTF-8", "UTF-16", 1) {
		wide += string([]byte{byte(r >> 8), byte(r)})
	}
	prefixed := strings.NewReplacer("</", "</c:", "<?", "<?", "<", "<c:", "xmlns=", "xmlns:c=").Replace(plain)
	for name, file := range map[string]string{
		"as it is":           plain,
		"with a BOM":         "\xef\xbb\xbf" + plain,
		"with blanks before": "\n  " + strings.TrimPrefix(plain, `<?xml version="1.0" encoding="UTF-8"?>`),
		"in Latin-1":         strings.NewReplacer("UTF-8", "ISO-8859-1", "é", "\xe9").Replace(plain),
		"in Windows-1252":    strings.NewReplacer("UTF-8", "windows-1252", "é", "\xe9").Replace(plain),
		"in UTF-16":          wide,
		"with a prefix":      prefixed,
		"in an envelope":     `<?xml version="1.0"?><Envelope xmlns="urn:example"><Header/>` + strings.TrimPrefix(plain, `<?xml version="1.0" encoding="UTF-8"?>`) + `</Envelope>`,
		"in a bank's own namespace": strings.Replace(plain, "urn:iso:std:iso:20022:tech:xsd:camt.053.001.02",
			"ISO:camt.053.001.02:APC:STUZZA:payments:003", 1),
	} {
		m, err := Read(strings.NewReader(file))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if s := m.Statements[0]; m.Name != "camt.053.001.02" || s.ID != "Année" || len(s.Entries) != 1 || s.Entries[0].Amount != "12.30" || !s.Entries[0].Booked() {
			t.Errorf("%s: %+v of %+v", name, s, m)
		}
	}
}

// What moved from version to version is found in each.
func TestEveryVersionSaysTheSame(t *testing.T) {
	old := `<Ntry><NtryRef>7</NtryRef><Amt Ccy="EUR">98.50</Amt><CdtDbtInd>CRDT</CdtDbtInd><RvslInd>false</RvslInd><Sts>BOOK</Sts><BookgDt><DtTm>2026-03-06T23:59:00+01:00</DtTm></BookgDt>
		<AcctSvcrRef>R7</AcctSvcrRef><BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>RCDT</Cd><SubFmlyCd>ESCT</SubFmlyCd></Fmly></Domn></BkTxCd><Chrgs><Amt Ccy="EUR">1.50</Amt></Chrgs>
		<NtryDtls><TxDtls><Refs><EndToEndId>NOTPROVIDED</EndToEndId></Refs><AmtDtls><TxAmt><Amt Ccy="EUR">100.00</Amt></TxAmt></AmtDtls><RltdPties><Dbtr><Nm>Mme Odile</Nm></Dbtr>
		<DbtrAcct><Id><IBAN>FR76 3000 1007 9412 3456 7890 185</IBAN></Id></DbtrAcct><UltmtDbtr><Nm>Noé</Nm></UltmtDbtr></RltdPties>
		<RmtInf><Ustrd>pour mon fils</Ustrd><Strd><CdtrRefInf><Ref>RF68AB2G5</Ref></CdtrRefInf></Strd></RmtInf></TxDtls></NtryDtls></Ntry>`
	recent := `<Ntry><NtryRef>7</NtryRef><Amt Ccy="EUR">98.50</Amt><CdtDbtInd>CRDT</CdtDbtInd><RvslInd>false</RvslInd><Sts><Cd>BOOK</Cd></Sts><BookgDt><DtTm>2026-03-06T23:59:00+01:00</DtTm></BookgDt>
		<AcctSvcrRef>R7</AcctSvcrRef><BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>RCDT</Cd><SubFmlyCd>ESCT</SubFmlyCd></Fmly></Domn></BkTxCd>
		<Chrgs><TtlChrgsAndTaxAmt Ccy="EUR">1.50</TtlChrgsAndTaxAmt><Rcrd><Amt Ccy="EUR">1.50</Amt></Rcrd></Chrgs>
		<NtryDtls><TxDtls><Refs><EndToEndId>NOTPROVIDED</EndToEndId></Refs><Amt Ccy="EUR">100.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><RltdPties><Dbtr><Pty><Nm>Mme Odile</Nm></Pty></Dbtr>
		<DbtrAcct><Id><IBAN>FR7630001007941234567890185</IBAN></Id></DbtrAcct><UltmtDbtr><Pty><Nm>Noé</Nm></Pty></UltmtDbtr></RltdPties>
		<RmtInf><Ustrd>pour mon fils</Ustrd><Strd><CdtrRefInf><Ref>RF68AB2G5</Ref></CdtrRefInf></Strd></RmtInf></TxDtls></NtryDtls>
		<SplmtryData><Envlp><Ntry>no entry of ours</Ntry></Envlp></SplmtryData></Ntry>`
	want := Row{
		Message: "", Statement: "1", Entry: "1", Transaction: "1", Account: "FR7699999000010000000011755", BookingDate: "2026-03-06", Status: "BOOK", Amount: "98.50", Currency: "EUR",
		CreditDebit: "CRDT", EndToEndID: "NOTPROVIDED", StructuredRef: "RF68AB2G5", Unstructured: "pour mon fils", DebtorName: "Mme Odile", DebtorIBAN: "FR7630001007941234567890185",
		UltimateDebtor: "Noé", Reversal: "false", BankRef: "R7", AmountFrom: "entry", EntryAmount: "98.50", EntryCurrency: "EUR", EntryDirection: "CRDT", EntryCharges: "1.50",
	}
	for _, kind := range []string{Statement053, Notice054} {
		for version := versionFirst; version <= versionLast; version++ {
			name := kind + ".001." + string(rune('0'+version/10)) + string(rune('0'+version%10))
			for form, inside := range map[string]string{"old": old, "recent": recent} {
				rows := read(t, document(name, inside)).Rows("")
				want.Message = name
				if len(rows) != 1 || rows[0] != want {
					t.Errorf("%s, %s form: %+v", name, form, rows)
				}
			}
		}
	}
}

// A bank's own sums are compared, and what they leave in doubt is told.
func TestABanksOwnSumsAreCompared(t *testing.T) {
	balance := func(code, amount, direction string) string {
		return `<Bal><Tp><CdOrPrtry><Cd>` + code + `</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">` + amount + `</Amt><CdtDbtInd>` + direction + `</CdtDbtInd><Dt><Dt>2026-03-06</Dt></Dt></Bal>`
	}
	totals := func(count, sum string) string {
		return `<TxsSummry><TtlNtries><NbOfNtries>` + count + `</NbOfNtries><Sum>` + sum + `</Sum></TtlNtries></TxsSummry>`
	}
	detail := func(amount string) string { return `<TxDtls><Amt Ccy="EUR">` + amount + `</Amt></TxDtls>` }
	two := strings.Replace(entry, "</Ntry>", "<NtryDtls>"+detail("10.00")+detail("2.30")+"</NtryDtls></Ntry>", 1)
	pending := strings.Replace(entry, "BOOK", "PDNG", 1)
	for name, c := range map[string]struct {
		inside string
		want   []Code
	}{
		"balances that agree":                  {balance("OPBD", "5.00", "DBIT") + balance("CLBD", "7.3", "CRDT") + entry, nil},
		"balances that do not":                 {balance("OPBD", "5.00", "CRDT") + balance("CLBD", "7.30", "CRDT") + entry, []Code{BalancesDisagree}},
		"what is pending is in no balance":     {balance("OPBD", "5.00", "CRDT") + balance("CLBD", "17.30", "CRDT") + entry + pending, nil},
		"totals that agree":                    {totals("1", "12.3") + entry, nil},
		"totals of the booked entries alone":   {totals("1", "12.30") + entry + pending, nil},
		"totals of one entry too many":         {totals("2", "12.30") + entry, []Code{TotalsDisagree}},
		"totals of another sum":                {totals("1", "12.31") + entry, []Code{TotalsDisagree}},
		"details that add up":                  {two, nil},
		"details that do not":                  {strings.Replace(two, ">2.30", ">2.31", 1), []Code{DetailsDisagree}},
		"details that add up before charges":   {strings.Replace(strings.Replace(two, ">2.30", ">4.30", 1), "<NtryDtls>", `<Chrgs><Rcrd><Amt Ccy="EUR">2.00</Amt><CdtDbtInd>DBIT</CdtDbtInd></Rcrd></Chrgs><NtryDtls>`, 1), nil},
		"balances of which one is not in euro": {balance("OPBD", "5.00", "CRDT") + strings.Replace(balance("CLBD", "9.00", "CRDT"), "EUR", "CHF", 1) + entry, nil},
	} {
		s := read(t, document("camt.053.001.08", c.inside)).Statements[0]
		var got []Code
		for _, d := range s.Doubts {
			got = append(got, d.Code)
			if d.Text("fr") == string(d.Code) || d.Text("en") == string(d.Code) {
				t.Errorf("%s: the doubt %s has no words", name, d.Code)
			}
		}
		if len(got) != len(c.want) || (len(got) > 0 && got[0] != c.want[0]) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

func TestAmountsAreExact(t *testing.T) {
	for _, c := range []struct {
		text  string
		minor int64
		ok    bool
	}{{"8.850", 885, true}, {"8.855", 0, false}, {"200000", 20000000, true}, {"0", 0, true}, {".5", 50, true}, {"5.", 500, true}, {"+5", 500, true}, {"92233720368547758", 0, false}} {
		d, ok := parseDecimal(c.text)
		if !ok {
			t.Errorf("%s is no amount", c.text)
			continue
		}
		if minor, ok := d.Minor(2); minor != c.minor && c.ok || ok != c.ok {
			t.Errorf("%s is %d, %v", c.text, minor, ok)
		}
	}
}

// Whatever a file holds, reading it ends, and what is taken is whole.
func FuzzRead(f *testing.F) {
	f.Add(document("camt.053.001.02", entry))
	f.Add(document("camt.054.001.13", entry))
	f.Add(`<!DOCTYPE x><Document/>`)
	f.Fuzz(func(t *testing.T, file string) {
		m, err := Read(strings.NewReader(file))
		if (err == nil) == (m == nil) {
			t.Fatalf("%v, %v", m, err)
		}
		if m == nil {
			return
		}
		for _, s := range m.Statements {
			if s.Account == "" {
				t.Fatal("a statement without its account")
			}
			for _, e := range s.Entries {
				if _, ok := parseDecimal(string(e.Amount)); !ok || len(e.Currency) != 3 || e.Status == "" {
					t.Fatalf("an entry of %q %q, %q", e.Amount, e.Currency, e.Status)
				}
			}
		}
		m.Rows("file")
	})
}
