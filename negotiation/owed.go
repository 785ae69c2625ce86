package negotiation

import (
	"errors"

	"amiable/negotiation/interest"
	"amiable/negotiation/ledger"
	"amiable/negotiation/money"
)

// ClaimStatement is what one claim owes on a day, line by line.
type ClaimStatement struct {
	Claim *Claim
	interest.Statement
}

// Statement is what a case owes at the end of a day, line by line.
type Statement struct {
	On        Day
	GoodUntil Day // paid until then, the total clears the case
	Claims    []ClaimStatement
	Principal money.Amount
	Interest  money.Amount
	Indemnity money.Amount
	Total     money.Amount
	PerDay    money.Amount // about what each day after On adds

	// MissingRate is set where a day has no published rate yet: the statement
	// then stands as of the last day that has one. Nothing is extrapolated.
	MissingRate *interest.MissingRateError
}

// goodUntilDays is how long the sum on a page clears what it names.
const goodUntilDays = 1

// Statement works out what the case owes at the end of a day.
func (c *Case) Statement(on Day) (*Statement, error) {
	nothing := money.New(0, c.Currency)
	s := &Statement{
		On: on, GoodUntil: on.Add(goodUntilDays),
		Principal: nothing, Interest: nothing, Indemnity: nothing, Total: nothing, PerDay: nothing,
	}
	for i := range c.Claims {
		claim := &c.Claims[i]
		worked, err := c.claimStatement(claim, on, s)
		if err != nil {
			return nil, err
		}
		s.Claims = append(s.Claims, ClaimStatement{Claim: claim, Statement: worked})
		s.Principal = s.Principal.Add(worked.Principal)
		s.Interest = s.Interest.Add(worked.Interest)
		s.Indemnity = s.Indemnity.Add(worked.Indemnity)
		s.PerDay = s.PerDay.Add(worked.PerDay)
	}
	s.Total = money.Sum(s.Principal, s.Interest, s.Indemnity)
	return s, nil
}

// claimStatement works out one claim; where a rate is missing it stands as of
// the last day that has one, and s says so.
func (c *Case) claimStatement(claim *Claim, on Day, s *Statement) (interest.Statement, error) {
	worked, err := c.forInterest(claim)
	if err != nil {
		return interest.Statement{}, err
	}
	if claim.Currency != money.EUR { // kept, but nothing can be worked out or asked
		none := money.New(0, claim.Currency)
		return interest.Statement{Until: on, Balance: interest.Balance{Interest: none, Indemnity: none, Principal: claim.Principal()},
			Accrued: none, Charged: none, Excess: none, PerDay: none}, nil
	}
	movements := c.movements(claim.ID)
	result, err := c.rates.Statement(worked, movements, on)
	var missing *interest.MissingRateError
	if errors.As(err, &missing) {
		s.MissingRate = missing
		until := missing.LastDay()
		for _, m := range movements { // money is never left out for want of a rate
			if m.Day.After(until) {
				worked.Suspended = append(worked.Suspended, interest.Span{From: until.Add(1)})
				until = on
				break
			}
		}
		result, err = c.rates.Statement(worked, movements, until)
	}
	return result, fault(err, "statement of case", c.ID)
}

// movements returns what changed a claim since it was placed, as the ledger
// has it: each posting that was not turned round is one movement per kind.
func (c *Case) movements(claimID string) []interest.Movement {
	var movements []interest.Movement
	for _, p := range c.standing() {
		kind, counts := map[ledger.Kind]interest.MovementKind{
			ledger.KindPayment: interest.Payment, ledger.KindCreditNote: interest.CreditNote, ledger.KindWaiver: interest.Waiver,
		}[p.Kind]
		if !counts {
			continue
		}
		if takenBack(p) != nil {
			kind = interest.TakenBack
		}
		parts := map[ledger.Component]int64{}
		total := int64(0)
		for _, e := range p.Entries {
			if e.Account == ledger.Receivable && *e.ClaimID == claimID {
				parts[e.Component] -= e.Amount
				total -= e.Amount
			}
		}
		if total == 0 {
			continue
		}
		m := interest.Movement{ID: p.ID, Day: p.EffectiveOn, Kind: kind}
		if kind != interest.Waiver {
			m.Amount = money.New(total, c.Currency)
			movements = append(movements, m)
			continue
		}
		for _, component := range []ledger.Component{ledger.Interest, ledger.Indemnity, ledger.Principal} {
			if parts[component] != 0 {
				m.Amount, m.Only = money.New(parts[component], c.Currency), interest.Component(component)
				movements = append(movements, m)
			}
		}
	}
	return movements
}

// standing returns the postings that no reversal turned round, in the order in
// which they were made.
func (c *Case) standing() []*ledger.Posting {
	turned := map[string]bool{}
	for i := range c.postings {
		if r := c.postings[i].Reverses; r != nil {
			turned[*r] = true
		}
	}
	var standing []*ledger.Posting
	for i := range c.postings {
		if p := &c.postings[i]; p.Reverses == nil && !turned[p.ID] {
			standing = append(standing, p)
		}
	}
	return standing
}

// owed is what the ledger says a claim owes, without interest accrued since.
func (c *Case) owed(claimID string) interest.Balance {
	nothing := money.New(0, c.Currency)
	b := interest.Balance{Interest: nothing, Indemnity: nothing, Principal: nothing}
	for i := range c.postings {
		for _, e := range c.postings[i].Entries {
			if e.Account != ledger.Receivable || *e.ClaimID != claimID {
				continue
			}
			switch e.Component {
			case ledger.Principal:
				b.Principal.Minor += e.Amount
			case ledger.Interest:
				b.Interest.Minor += e.Amount
			case ledger.Indemnity:
				b.Indemnity.Minor += e.Amount
			}
		}
	}
	return b
}

// Owed is what the ledger says a claim owes, without interest accrued since.
func (c *Case) Owed(claimID string) interest.Balance { return c.owed(claimID) }

// RefundsDue is what must be given back to who paid it.
func (c *Case) RefundsDue() money.Amount {
	due := money.New(0, c.Currency)
	for i := range c.postings {
		for _, e := range c.postings[i].Entries {
			if e.Account == ledger.RefundsDue {
				due.Minor -= e.Amount
			}
		}
	}
	return due
}

// post writes postings and moves the balance row with them.
func (c *Case) post(t *Tx, postings ...*ledger.Posting) error {
	if err := ledger.Post(t.insert, postings...); err != nil {
		return err
	}
	for _, p := range postings {
		if len(p.Entries) == 0 {
			continue
		}
		c.postings = append(c.postings, *p)
		for _, e := range p.Entries {
			if e.Account != ledger.Receivable {
				continue
			}
			switch e.Component {
			case ledger.Principal:
				c.Principal += e.Amount
			case ledger.Interest:
				c.Interest += e.Amount
			case ledger.Indemnity:
				c.Indemnity += e.Amount
			}
		}
	}
	return nil
}
