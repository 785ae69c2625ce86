package camt

// The elements of the messages that are read, in all their versions: an element
// that moved or changed its form stands twice. Names of XML are case-sensitive
// and those of another namespace never stand where these are looked for.

type amountElement struct {
	Text     string `xml:",chardata"`
	Currency string `xml:"Ccy,attr"`
}

type dateElement struct {
	Date string `xml:"Dt"`
	Time string `xml:"DtTm"`
}

// codeElement is a word of its own, or a Cd or Prtry inside: a status was text
// until version 04.
type codeElement struct {
	Text        string `xml:",chardata"`
	Code        string `xml:"Cd"`
	Proprietary string `xml:"Prtry"`
}

type accountElement struct {
	IBAN     string `xml:"Id>IBAN"`
	Other    string `xml:"Id>Othr>Id"`
	Currency string `xml:"Ccy"`
}

type balanceElement struct {
	Code      string        `xml:"Tp>CdOrPrtry>Cd"`
	Amount    amountElement `xml:"Amt"`
	Direction string        `xml:"CdtDbtInd"`
	On        dateElement   `xml:"Dt"`
}

type totalElement struct {
	Count string `xml:"NbOfNtries"`
	Sum   string `xml:"Sum"`
}

type summaryElement struct {
	All     *totalElement `xml:"TtlNtries"`
	Credits *totalElement `xml:"TtlCdtNtries"`
	Debits  *totalElement `xml:"TtlDbtNtries"`
}

type bankCodeElement struct {
	Domain    string `xml:"Domn>Cd"`
	Family    string `xml:"Domn>Fmly>Cd"`
	SubFamily string `xml:"Domn>Fmly>SubFmlyCd"`
}

type chargeElement struct {
	Amount    amountElement `xml:"Amt"`
	Direction string        `xml:"CdtDbtInd"`
	Included  string        `xml:"ChrgInclInd"`
}

type chargesElement struct {
	chargeElement
	Total   amountElement   `xml:"TtlChrgsAndTaxAmt"`
	Records []chargeElement `xml:"Rcrd"` // since version 03
}

type entryElement struct {
	Reference  string            `xml:"NtryRef"`
	Amount     amountElement     `xml:"Amt"`
	Direction  string            `xml:"CdtDbtInd"`
	Reversal   string            `xml:"RvslInd"`
	Status     codeElement       `xml:"Sts"`
	Booked     dateElement       `xml:"BookgDt"`
	Value      dateElement       `xml:"ValDt"`
	BankRef    string            `xml:"AcctSvcrRef"`
	Code       bankCodeElement   `xml:"BkTxCd"`
	Charges    []chargesElement  `xml:"Chrgs"`
	Details    []txDetailElement `xml:"NtryDtls>TxDtls"`
	Additional string            `xml:"AddtlNtryInf"`
}

type partyElement struct {
	Name  string `xml:"Nm"`
	Party struct {
		Name string `xml:"Nm"`
	} `xml:"Pty"` // since version 08
	Agent struct {
		Name string `xml:"FinInstnId>Nm"`
	} `xml:"Agt"`
}

func (p partyElement) name() string {
	for _, name := range []string{p.Name, p.Party.Name, p.Agent.Name} {
		if name = clean(name); name != "" {
			return name
		}
	}
	return ""
}

type txDetailElement struct {
	BankRef       string         `xml:"Refs>AcctSvcrRef"`
	InstructionID string         `xml:"Refs>InstrId"`
	EndToEndID    string         `xml:"Refs>EndToEndId"`
	TransactionID string         `xml:"Refs>TxId"`
	UETR          string         `xml:"Refs>UETR"`
	MandateID     string         `xml:"Refs>MndtId"`
	Amount        *amountElement `xml:"Amt"` // since version 03
	Direction     string         `xml:"CdtDbtInd"`
	TxAmount      *amountElement `xml:"AmtDtls>TxAmt>Amt"`
	Parties       struct {
		Debtor           partyElement   `xml:"Dbtr"`
		DebtorAccount    accountElement `xml:"DbtrAcct"`
		UltimateDebtor   partyElement   `xml:"UltmtDbtr"`
		Creditor         partyElement   `xml:"Cdtr"`
		CreditorAccount  accountElement `xml:"CdtrAcct"`
		UltimateCreditor partyElement   `xml:"UltmtCdtr"`
	} `xml:"RltdPties"`
	Unstructured []string `xml:"RmtInf>Ustrd"`
	Structured   []struct {
		Reference string `xml:"CdtrRefInf>Ref"`
	} `xml:"RmtInf>Strd"`
	Return struct {
		Reason codeElement `xml:"Rsn"`
	} `xml:"RtrInf"`
	Additional string `xml:"AddtlTxInf"`
}
