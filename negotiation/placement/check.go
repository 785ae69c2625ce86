package placement

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"amiable/negotiation/day"
	"amiable/negotiation/money"
)

// Limits of law.md §3 that decide acceptance where the sector is not known.
const (
	consumerYears      = 2
	businessYears      = 5
	limitationNearDays = 30
)

// indemnityMinor is the fixed indemnity of C. com. D441-5, in cents.
const indemnityMinor = 40_00

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

// filled returns the number of values, without empty ones behind the header's
// last column: spreadsheets write those.
func (c *checker) filled(columns int) int {
	n := len(c.ends)
	for n > columns && trim(c.cell(n-1)) == "" {
		n--
	}
	return n
}

func (c *checker) cell(i int) string {
	begin := 0
	if i > 0 {
		begin = c.ends[i-1]
	}
	return c.text[begin:c.ends[i]]
}

func (c *checker) cells() []string {
	all := make([]string, len(c.ends))
	for i := range all {
		all[i] = c.cell(i)
	}
	return all
}

// raw returns the value of a column of ours as the file has it.
func (c *checker) raw(f field) string {
	if at := c.header.at[f]; at >= 0 && at < len(c.ends) {
		return c.cell(at)
	}
	return ""
}

// value returns the value of a column that is read, not kept: dates, amounts,
// words of a list.
func (c *checker) value(f field) string {
	raw := c.raw(f)
	c.measure(raw, fieldNames[f], limits[f])
	return c.trimmed(raw, fieldNames[f])
}

// words returns the value of a column that is kept as text.
func (c *checker) words(f field) string {
	v := c.clean(c.raw(f), fieldNames[f], limits[f], f == fieldDescription)
	if f != fieldEmail { // after what is said of the address itself
		c.formula(v, fieldNames[f])
	}
	return v
}

func (c *checker) formula(v, column string) {
	if code := formula(v); code != "" {
		c.found(Reason{Code: code, Column: column})
	}
}

func (c *checker) measure(raw, column string, limit int) {
	if len(raw) > limit {
		if n := utf8.RuneCountInString(raw); n > limit {
			c.found(Reason{Code: VeryLongCell, Column: column, Count: n})
		}
	}
}

func (c *checker) trimmed(raw, column string) string {
	v := trim(raw)
	if len(v) != len(raw) && v != "" && !c.spaced {
		c.spaced = true
		c.found(Reason{Code: SpacesAround, Column: column})
	}
	return plainText(v)
}

func (c *checker) clean(raw, column string, limit int, manyLines bool) string {
	c.measure(raw, column, limit)
	v := c.trimmed(raw, column)
	if c.plain || v == "" {
		return v
	}
	breaks, hidden, damaged := false, false, false
	previous := rune(0)
	for _, r := range v {
		switch {
		case r == '\n' || r == '\r':
			breaks = true
		case (r < ' ' && r != '\t') || (r >= 0x7f && r < 0xa0) || invisible(r):
			hidden = true
		case r == utf8.RuneError, previous == 'Ã' && r >= 0x80 && r < 0xc0, previous == 'Â' && r >= 0xa0 && r < 0xc0:
			damaged = true // é written in UTF-8 and read in Windows-1252 is Ã©
		}
		previous = r
	}
	if breaks && !c.lines {
		c.lines = true
		c.found(Reason{Code: MultiLineCell, Column: column})
	}
	if hidden {
		c.found(Reason{Code: ControlCharacters, Column: column})
	}
	if damaged {
		c.found(Reason{Code: DamagedText, Column: column})
	}
	if !hidden && (!breaks || manyLines) {
		return v
	}
	v = strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\r':
			if manyLines {
				return r
			}
			return ' '
		case r == '\t':
			return r
		case unicode.IsControl(r) || invisible(r):
			return -1
		}
		return r
	}, v)
	return trim(v)
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

// date reads a date; a reason says why there is none.
func (c *checker) date(f field) day.Day {
	s := c.value(f)
	if s == "" {
		return ""
	}
	year, month, dom, ok := parseDate(s)
	if !ok {
		c.found(Reason{Code: ImpossibleDate, Column: fieldNames[f], Value: s})
		return ""
	}
	return c.days.of(s, year, month, dom)
}

// limitation says what follows from the two dates, once both were read.
func (c *checker) limitation(claim *Claim) {
	today, issued, due := c.options.Today, claim.IssueDate, claim.DueDate
	c.missingDates(claim)
	switch {
	case due == "":
		return
	case issued != "" && due < issued:
		c.say(DueBeforeIssue, fieldDueDate)
	}
	consumer := claim.DebtorKind != Business
	switch {
	case due > today:
		c.say(NotDueYet, fieldDueDate)
	case consumer && due <= c.consumerLook:
		// The period ends with the last day of the term (C. civ. 2229).
		if last := due.AddYears(consumerYears); last < today {
			c.say(TimeBarredConsumer, fieldDueDate)
		} else if last <= today.Add(limitationNearDays) {
			c.say(LimitationNear, fieldDueDate)
		}
	case !consumer && due <= c.consumerLook:
		if due > c.businessLook {
			if due.AddYears(consumerYears) < today {
				c.say(OldButNotBarred, fieldDueDate)
			}
		} else if last := due.AddYears(businessYears); last < today {
			c.say(TimeBarredBusiness, fieldDueDate)
		} else if last <= today.Add(limitationNearDays) {
			c.say(LimitationNear, fieldDueDate)
		} else {
			c.say(OldButNotBarred, fieldDueDate)
		}
	}
}

// missingDates says which date is not in the file. A date that is there and does
// not exist has its own reason already.
func (c *checker) missingDates(claim *Claim) {
	if claim.IssueDate == "" && trim(c.raw(fieldIssueDate)) == "" {
		c.say(MissingIssueDate, fieldIssueDate)
	} else if claim.IssueDate > c.options.Today {
		c.say(IssueDateInFuture, fieldIssueDate)
	}
	if claim.DueDate == "" && trim(c.raw(fieldDueDate)) == "" {
		c.say(MissingDueDate, fieldDueDate)
	}
}

// money reads currency and amounts.
func (c *checker) money(claim *Claim, credit bool) {
	amount := trim(c.raw(fieldAmount))
	currency, decimals, code := c.currency(amount)
	if code != "" {
		c.say(code, fieldCurrency)
	}
	claim.Amount.Currency, claim.Paid.Currency = currency, currency

	minor, ok := c.amount(fieldAmount, decimals, currency)
	switch {
	case !ok:
	case credit && minor < 0:
		minor = -minor // some write what lowers a claim with a minus
	case minor < 0:
		c.say(NegativeAmount, fieldAmount)
	}
	if ok && minor == 0 {
		c.say(ZeroAmount, fieldAmount)
	}
	claim.Amount.Minor = minor
	if ok && !credit && minor > 0 {
		c.costs(claim)
	}

	if credit {
		return // what was paid is of the invoice, not of its credit note
	}
	if trim(c.raw(fieldPaid)) == "" {
		return
	}
	paid, paidOK := c.amount(fieldPaid, decimals, currency)
	switch {
	case !paidOK:
	case paid < 0:
		c.say(NegativePaid, fieldPaid)
	case ok && minor > 0 && paid >= minor:
		c.say(PaidMoreThanDue, fieldPaid)
	}
	claim.Paid.Minor = paid
}

// currency reads the currency. Only a file without such a column may say it with
// the amount; where the column is there and empty, it was forgotten.
func (c *checker) currency(amount string) (currency money.Currency, decimals int, code Code) {
	s := c.value(fieldCurrency)
	if s == "EUR" {
		return money.EUR, 2, ""
	}
	if s == "" {
		if c.header.at[fieldCurrency] < 0 {
			if _, written, _, ok := stripAmount(amount); ok && written != "" {
				s = string(written)
			}
		}
		if s == "" {
			return "", 2, MissingCurrency
		}
	}
	s = strings.ToUpper(s)
	decimals, known := currencies[s]
	switch {
	case !known:
		return "", 2, UnknownCurrency
	case s != "EUR":
		return money.Currency(s), decimals, OtherCurrency
	}
	return money.EUR, decimals, ""
}

func (c *checker) amount(f field, decimals int, currency money.Currency) (int64, bool) {
	s := c.value(f)
	if s == "" {
		c.say(MissingAmount, f)
		return 0, false
	}
	minor, written, code := parseAmount(s, decimals)
	if code == "" && written != "" && currency != "" && written != currency {
		code = CurrencyMismatch
	}
	if code != "" {
		c.found(Reason{Code: code, Column: fieldNames[f], Value: s})
		return 0, false
	}
	return minor, true
}

// costs looks for what no debtor, or no consumer, may be asked for (law.md §0 G4).
func (c *checker) costs(claim *Claim) {
	found := costsIn(c.raw(fieldDescription))
	forty := claim.Amount.Minor == indemnityMinor
	consumer := claim.DebtorKind != Business
	switch {
	case found == noCosts:
	case found == otherCosts && !forty: // of exactly 40.00 it is the indemnity by another name
		c.say(CollectionCosts, fieldAmount)
	case consumer && forty:
		c.say(ConsumerIndemnityLine, fieldAmount)
	case consumer:
		c.say(ConsumerIndemnityInside, fieldAmount)
	case forty:
		c.say(BusinessIndemnityLine, fieldAmount)
	default:
		c.say(BusinessIndemnityInside, fieldAmount)
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

// debtorKind reads the debtor's quality. Without a word the debtor is treated as
// a consumer.
func debtorKind(s string) (DebtorKind, Code) {
	switch s {
	case "business":
		return Business, ""
	case "consumer":
		return Consumer, ""
	case "":
		return Consumer, MissingDebtorKind
	}
	switch fold(s) {
	case "business", "professionnel", "professionnelle", "pro", "professional", "entreprise", "societe", "company", "b2b",
		"btob", "commercant", "firm":
		return Business, ""
	case "consumer", "particulier", "particuliere", "consommateur", "consommatrice", "individual", "private",
		"privateindividual", "b2c", "btoc", "nonprofessionnel":
		return Consumer, ""
	}
	return "", UnknownDebtorKind
}

// documentKind reads the type of a document: a code of UNTDID 1001 or a word.
func documentKind(s string) (kind Kind, known bool) {
	switch fold(s) {
	case "", "380", "386", "326", "389", "invoice", "facture", "fact", "fac", "fa", "in", "claim", "creance":
		return KindClaim, true
	case "381", "396", "261", "creditnote", "creditmemo", "credit", "avoir", "facturedavoir", "factureavoir", "av", "avo",
		"notedecredit", "cn":
		return KindCreditNote, true
	}
	return KindClaim, false
}
