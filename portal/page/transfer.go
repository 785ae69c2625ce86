package page

import (
	"amiable/negotiation/day"
	"amiable/negotiation/money"
)

// Transfer is an account to send a bank transfer to, and the code that fills
// the transfer in.
type Transfer struct {
	Holder, IBAN, BIC, Reference string // IBAN and reference in groups of four
	Sum                          money.Amount
	Code                         [][]bool // of the QR code; none: it is not shown
}

// PayTransfer says how to pay by transfer, or by cheque.
type PayTransfer struct {
	Base
	Creditor  string
	Sum       money.Amount
	GoodUntil day.Day // until when a transfer that arrives clears the case; no day: nothing is added to the sum
	InPlan    bool    // the sum is what the plan asks for now
	Transfer  *Transfer
	Cheque    *Cheque
	Card      bool // the card is possible, too
}

// PayerTransfer says it to who holds a pay-only link.
type PayerTransfer struct {
	Base
	Reference string
	Sum       money.Amount
	GoodUntil day.Day
	Transfer  *Transfer
	Card      bool
}

func (*PayTransfer) template() string   { return "debtor/pay-transfer" }
func (*PayerTransfer) template() string { return "payer/transfer" }
