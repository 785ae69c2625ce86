package placement

import "amiable/negotiation/day"

// checker turns the cells of one record into a claim and reasons. It is used for
// one record after the other.
type checker struct {
	options Options
	header  header
	seen    *seen
	days    days

	// Claims due on or before these days need a look at their limitation.
	consumerLook, businessLook day.Day

	text    string
	ends    []int
	plain   bool
	spaced  bool // spaces_around has been said of this record
	lines   bool // multi_line_cell has
	reasons []Reason
	verdict verdict
	looked  bool
}

func newChecker(o Options, h header) *checker {
	return &checker{
		options: o, header: h, seen: newSeen(), days: days{},
		consumerLook: o.Today.AddYears(-consumerYears).Add(limitationNearDays + 3),
		businessLook: o.Today.AddYears(-businessYears).Add(limitationNearDays + 3),
	}
}

func (c *checker) begin(text string, ends []int, plain bool) {
	c.text, c.ends, c.plain = text, ends, plain
	c.spaced, c.lines, c.looked = false, false, false
	c.reasons = c.reasons[:0]
}

// found notes a reason.
func (c *checker) found(r Reason) { c.reasons = append(c.reasons, r) }

func (c *checker) say(code Code, f field) { c.found(Reason{Code: code, Column: fieldNames[f]}) }

// taken returns the reasons for keeping.
func (c *checker) taken() []Reason {
	if len(c.reasons) == 0 {
		return nil
	}
	return append([]Reason(nil), c.reasons...)
}

// examine reads every column in the order in which reasons count.
func (c *checker) examine(record *Record) {
	claim := &record.Claim
	kindOfDocument, paperKnown := documentKind(trim(c.raw(fieldDocumentType)))
	record.Kind = kindOfDocument
	credit := kindOfDocument == KindCreditNote

	c.creditor(claim)
	claim.InvoiceNumber = c.words(fieldInvoiceNumber)
	record.InvoiceNumber = claim.InvoiceNumber
	if claim.InvoiceNumber == "" {
		c.say(MissingInvoiceNumber, fieldInvoiceNumber)
	}
	afterNumber := len(c.reasons) // where duplicates are said

	issued := c.date(fieldIssueDate)
	due := c.date(fieldDueDate)
	claim.IssueDate, claim.DueDate = issued, due
	kind, kindCode := debtorKind(trim(c.raw(fieldDebtorKind)))
	claim.DebtorKind = kind
	if !credit {
		c.limitation(claim)
	}
	c.money(claim, credit)
	c.value(fieldDebtorKind)
	if kindCode != "" {
		c.say(kindCode, fieldDebtorKind)
	}
	c.debtor(claim)
	c.address(claim)
	c.rest(claim)

	if credit || c.header.at[fieldPreceding] >= 0 {
		claim.PrecedingInvoice = c.words(fieldPreceding)
		if credit && claim.PrecedingInvoice == "" {
			c.say(MissingPreceding, fieldPreceding)
		}
	}
	if !paperKnown {
		c.say(UnknownDocumentType, fieldDocumentType)
	}
	c.extra(record)
	c.duplicate(claim, afterNumber)
}

func (c *checker) creditor(claim *Claim) {
	claim.CreditorRef = c.words(fieldCreditorRef)
	switch only := c.options.Creditor; {
	case claim.CreditorRef == "" && only == "":
		c.say(MissingCreditor, fieldCreditorRef)
		return
	case claim.CreditorRef == "":
		claim.CreditorRef = only
	case only != "" && Key(claim.CreditorRef) != Key(only):
		c.say(OtherCreditor, fieldCreditorRef)
		return
	case only != "":
		claim.CreditorRef = only
	}
	if known := c.options.KnownCreditor; known != nil && !known(claim.CreditorRef) {
		c.say(UnknownCreditor, fieldCreditorRef)
	}
}

func (c *checker) debtor(claim *Claim) {
	claim.DebtorName = c.words(fieldDebtorName)
	if claim.DebtorName == "" {
		c.say(MissingDebtorName, fieldDebtorName)
	}
	if s := c.words(fieldSIREN); s != "" {
		siren, codes := sirenOf(s)
		claim.SIREN = siren
		for _, code := range codes {
			c.found(Reason{Code: code, Column: fieldNames[fieldSIREN], Value: s})
		}
		if claim.DebtorKind == Consumer && trim(c.raw(fieldDebtorKind)) != "" {
			c.say(ConsumerWithSIREN, fieldSIREN)
		}
	}
	if s := c.words(fieldVATNumber); s != "" {
		number, code := vatNumber(s, claim.SIREN)
		claim.VATNumber = number
		if code != "" {
			c.say(code, fieldVATNumber)
		}
	}
	claim.ContactName = c.words(fieldContactName)
	claim.Email = c.words(fieldEmail)
	if claim.Email == "" {
		c.say(MissingEmail, fieldEmail)
	} else {
		if !usableEmail(claim.Email) {
			c.say(BadEmail, fieldEmail)
		}
		c.formula(claim.Email, fieldNames[fieldEmail])
	}
	claim.Phone = c.words(fieldPhone)
}

func (c *checker) address(claim *Claim) {
	claim.Street = c.words(fieldStreet)
	code, known := c.countryOf()
	french := code == "FR" || code == "" && known
	if claim.Street == "" || trim(c.raw(fieldCity)) == "" || (french && trim(c.raw(fieldPostcode)) == "") {
		c.say(MissingAddress, fieldStreet)
	}
	claim.Postcode = c.words(fieldPostcode)
	if french && claim.Postcode != "" {
		switch digits := compact(claim.Postcode); {
		case !allDigits(digits) || len(digits) < 4 || len(digits) > 5:
			c.say(BadPostcode, fieldPostcode)
		case len(digits) == 4:
			c.found(Reason{Code: LostZero, Column: fieldNames[fieldPostcode], Value: digits})
			claim.Postcode = "0" + digits
		default:
			claim.Postcode = digits
		}
	}
	claim.City = c.words(fieldCity)
	claim.Country = c.words(fieldCountry)
	if known {
		claim.Country = code
	} else if claim.Country != "" {
		c.say(UnknownCountry, fieldCountry)
	}
}

// countryOf reads the country ahead of its turn: the postcode needs it. No
// country is a home address.
func (c *checker) countryOf() (code string, known bool) {
	s := plainText(trim(c.raw(fieldCountry)))
	if s == "" {
		return "", true
	}
	return country(s)
}

func (c *checker) rest(claim *Claim) {
	if s := c.words(fieldLanguage); s != "" {
		code, known := language(s)
		claim.Language = code
		if !known {
			claim.Language = s
			c.say(UnknownLanguage, fieldLanguage)
		}
	}
	if s := c.value(fieldContractRate); s != "" {
		rate, ok := parseRate(s)
		claim.ContractRate = rate
		if !ok {
			c.found(Reason{Code: BadContractRate, Column: fieldNames[fieldContractRate], Value: s})
		}
	}
	claim.MandateRef = c.words(fieldMandateRef)
	if known := c.options.KnownMandate; known != nil && claim.CreditorRef != "" && !known(claim.CreditorRef, claim.MandateRef) {
		c.say(NoMandate, fieldMandateRef)
	}
	claim.Description = c.words(fieldDescription)
}

// extra keeps the values of columns that we have no name for.
func (c *checker) extra(record *Record) {
	for _, at := range c.header.extra {
		column := c.header.columns[at].Name
		if v := c.clean(c.cell(at), column, maxCell-1, true); v != "" {
			c.formula(v, column)
			record.Extra = append(record.Extra, Extra{Column: column, Value: v})
		}
	}
}

// duplicate compares with the claims taken over so far; what it finds belongs to
// the invoice number, so it is put before the reasons of later columns.
func (c *checker) duplicate(claim *Claim, at int) {
	if claim.InvoiceNumber == "" || claim.CreditorRef == "" {
		return
	}
	rest := digest(digest(digest(0xcbf29ce484222325, claim.DebtorName), string(claim.DueDate)), string(claim.IssueDate))
	rest ^= mix(uint64(claim.Paid.Minor))
	amounts := digest(uint64(claim.Amount.Minor), string(claim.Amount.Currency))
	c.verdict = c.seen.look(Key(claim.CreditorRef), claim.InvoiceKey(), amounts, rest)
	c.looked = true
	reason := Reason{Column: fieldNames[fieldInvoiceNumber], Line: c.verdict.line}
	switch v := c.verdict; {
	case v.line > 0 && v.sameAmount && v.sameDetails:
		reason.Code = DuplicateLine
	case v.line > 0:
		reason.Code = DuplicateInvoiceNumber
		if v.sameAmount {
			reason.Value = claim.InvoiceNumber
		}
	case v.otherCreditor:
		reason.Code = SameNumberOtherCreditor
	default:
		return
	}
	c.reasons = append(c.reasons, Reason{})
	copy(c.reasons[at+1:], c.reasons[at:])
	c.reasons[at] = reason
}

// remember keeps a claim that was taken over, for its duplicates.
func (c *checker) remember(line int) {
	if c.looked {
		c.seen.add(c.verdict, line)
	}
}
