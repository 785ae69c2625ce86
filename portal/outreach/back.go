package outreach

import (
	"encoding/json"
	"slices"

	"amiable/negotiation"
	"amiable/negotiation/day"
	"amiable/negotiation/money"
)

// backFacts are what is said of money that went back.
type backFacts struct {
	Amount money.Amount `json:"amount"`
	On     day.Day      `json:"on"` // of the payment; of a bank that waits, until when it does
	Paid   money.Amount `json:"paid"`
	Kept   money.Amount `json:"kept"` // what stays of it
	Left   money.Amount `json:"left"` // to pay on the case
	What   string       `json:"what"` // refund, refund_failed, taken, won, lost
	Step   string       `json:"step"` // what a person is to do
	Debtor string       `json:"debtor"`
}

// backKinds are the letters that name sums which went back. Those to a debtor
// name none: their page does.
var backKinds = []negotiation.LetterKind{
	negotiation.LetterRefundNotice, negotiation.LetterRefundToAgency, negotiation.LetterChargebackNotice, negotiation.LetterChargebackDue,
}

func (c *content) readBack(l *negotiation.Letter) error {
	if !slices.Contains(backKinds, l.Kind) {
		return nil
	}
	if err := json.Unmarshal([]byte(l.Facts), &c.Back); err != nil || !c.Back.Amount.IsPositive() {
		return unwritten(ProblemFacts)
	}
	c.Back.Debtor = line(c.Back.Debtor)
	return nil
}
