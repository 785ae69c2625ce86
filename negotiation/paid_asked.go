package negotiation

import (
	"time"

	"amiable/negotiation/ledger"
	"amiable/negotiation/money"
)

// byLetter lets the sum of the first letter clear the case until the day it
// names: a payment that is short of today's sum by the interest since, and
// covers the letter's, is one that was asked by the letter.
func (c *Case) byLetter(t *Tx, p Paid) (Paid, error) {
	if len(p.Claims) > 0 || c.FirstLetterOn.IsZero() {
		return p, nil
	}
	made := c.opening
	if made == nil || !made.Posted() {
		return p, nil
	}
	frozen, err := frozenByID(t.DB, made.StatementID)
	if err != nil {
		return p, err
	}
	if p.On.Before(frozen.AsOf) || p.On.After(frozen.GoodUntil) {
		return p, nil
	}
	owed, err := frozen.Owed()
	if err != nil {
		return p, err
	}
	now, err := c.Statement(p.On)
	if err != nil {
		return p, err
	}
	left := owed.Total.Sub(c.loweredSince(frozen.CreatedAt, p.On))
	if left.IsPositive() && p.Amount.Cmp(left) >= 0 && p.Amount.Cmp(now.Total) < 0 {
		p.Asked, p.AskedOn, p.GoodUntil = left, frozen.AsOf, frozen.GoodUntil
	}
	return p, nil
}

// loweredSince is what payments and credit notes that were posted since an
// instant took off the case until a day.
func (c *Case) loweredSince(since time.Time, to Day) money.Amount {
	sum := money.New(0, c.Currency)
	for _, p := range c.standing() {
		if !p.CreatedAt.After(since) || p.EffectiveOn.After(to) || (p.Kind != ledger.KindPayment && p.Kind != ledger.KindCreditNote) {
			continue
		}
		for _, e := range p.Entries {
			if e.Account == ledger.Receivable {
				sum.Minor -= e.Amount
			}
		}
	}
	return sum
}

// beforeRates notes as of which day the sum was known that was paid while a
// half-year's rate was not published: what could not be told was not asked, and
// is not asked afterwards of who paid all that there was.
func (p Paid) beforeRates(s *Statement) Paid {
	known := s.MissingRate.LastDay()
	if p.Asked.IsZero() && len(p.Claims) == 0 && s.Total.IsPositive() && p.Amount.Cmp(s.Total) >= 0 {
		p.Asked, p.AskedOn, p.GoodUntil = s.Total, known, p.On
	}
	p.AskedOn = earlier(p.AskedOn, known)
	return p
}

func earlier(asked, paid Day) Day {
	if asked.IsZero() || asked.After(paid) {
		return paid
	}
	return asked
}
