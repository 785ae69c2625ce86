package page

import (
	"amiable/negotiation/day"
	"amiable/negotiation/money"
)

// PaymentPage is one payment as the agents see it: what stays of it, what went
// back, and giving more of it back. POST Action with "amount", "reason", "note",
// "reference" (where it did not come through the gateway) and "once".
type PaymentPage struct {
	StaffBase
	Row         CaseRow
	Payment     PaymentRow
	Kept        money.Amount // what stays of it
	Most        money.Amount // what can still go back
	Shut        string       // phrase "refusal.<code>": why nothing can; empty: it can
	Refunds     []RefundRow
	Chargebacks []ChargebackRow
	Reasons     []string     // phrase "refund.reason.<reason>"
	ByTransfer  bool         // it was, or must be, given back by transfer: its reference is asked for
	TwoFrom     money.Amount // from this sum on two persons say yes; nothing: one does
	Action      string
	BackURL     string
	Form        Form
}

// RefundRow is one refund of a payment.
type RefundRow struct {
	On         day.Day
	Sum        money.Amount
	State      string // phrase "refund.state.<state>"
	Reason     string // phrase "refund.reason.<reason>"
	By         string // phrase "refund.by.<who>": system, person, gateway
	Note       string
	Problem    string // in words
	ApproveURL string // POST: says yes
	CancelURL  string // POST with "cancel_reason": takes it back
}

// ChargebackRow is one chargeback in a list.
type ChargebackRow struct {
	URL   string
	On    day.Day
	Sum   money.Amount
	State string // phrase "chargeback.state.<state>"
	Due   day.Day
}

// ChargebackPage is a payment that a payer's bank asks about or took back, and
// what is said to it. POST Action with "text".
type ChargebackPage struct {
	StaffBase
	Row        CaseRow
	Payment    PaymentRow
	Sum        money.Amount // contested
	Taken      money.Amount // out of the account now
	Cost       money.Amount // that the gateway keeps for it
	State      string       // phrase "chargeback.state.<state>"
	Reason     string       // phrase "chargeback.reason.<reason>"
	OpenedOn   day.Day
	Due        day.Day
	CanAnswer  bool
	Written    day.Day // when the answer was written; none: not yet
	Sent       day.Day // when the bank had it
	Evidence   EvidenceSheet
	Action     string
	PaymentURL string
	BackURL    string
	Form       Form
}

// EvidenceSheet is what is said to the bank beside the text.
type EvidenceSheet struct {
	Customer, Email, Product, PaidOn string
	Access                           []string // line by line
	Text                             string   // once it was written
}

func (*PaymentPage) template() string    { return "agent/payment" }
func (*ChargebackPage) template() string { return "agent/chargeback" }
