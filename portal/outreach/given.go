package outreach

import (
	"encoding/json"

	"amiable/negotiation"
	"amiable/negotiation/money"
)

// givenFacts are what a creditor is told of what it gave up. A debtor reads the
// sums on their page alone.
type givenFacts struct {
	What    negotiation.GivenKind `json:"what"`
	Number  string                `json:"credit"` // of a credit note
	Invoice string                `json:"invoice"`
	Amount  money.Amount          `json:"amount"`
	Left    money.Amount          `json:"left"`
}

func (c *content) readGiven(l *negotiation.Letter, places places) error {
	if l.Kind != negotiation.LetterLowered && l.Kind != negotiation.LetterWithdrawn {
		return nil
	}
	if err := json.Unmarshal([]byte(l.Facts), &c.Given); err != nil || c.Given.What == "" || l.CaseID == nil {
		return unwritten(ProblemFacts)
	}
	c.Given.Number, c.Given.Invoice, c.CreditorCaseURL = line(c.Given.Number), line(c.Given.Invoice), places.creditorCase(*l.CaseID)
	return nil
}
