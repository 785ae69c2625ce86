package placement

import (
	"strings"

	"amiable/negotiation/money"
)

// indemnityMinor is the fixed indemnity of C. com. D441-5, in cents.
const indemnityMinor = 40_00

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
