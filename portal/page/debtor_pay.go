package page

import (
	"slices"
	"time"

	"amiable/negotiation/day"
	"amiable/negotiation/money"
)

// PayChoice asks how much to pay: the whole or a part, where the creditor
// allows a part; in a plan the next instalment, its rest, or another sum.
// Nothing is chosen beforehand. POST /case/pay with "choice" (instalment, plan,
// whole, part) and "part" (the sum as typed); the answer is PayReview, or this
// page again with 422.
type PayChoice struct {
	Base
	Creditor    string
	Left        money.Amount
	GoodUntil   day.Day // no day: nothing is added to the sum, whenever it is paid
	PartMin     money.Amount
	Plan        *PayPlan // nil: none runs
	Form        Form     // fields "choice", "part"
	TransferURL string   // where the way by transfer is shown; empty: there is none
}

// PayPlan is what can be paid of a running plan.
type PayPlan struct {
	Next       *NextDue     // nil: it asks for nothing now
	Rest       money.Amount // all that is left of it; zero where Next is all
	Clears     bool         // the rest closes the case
	Settlement bool
	Whole      money.Amount // all that is owed, where that is more than the plan asks
}

// PayReview is read again before leaving to pay. POST /case/payments with
// "choice", "part" and, where it is asked for, the box "recognise" = "yes". The
// sum and the line of the plan are sent back too, so that what changed meanwhile
// is noticed.
type PayReview struct {
	Base
	Creditor  string
	Left      money.Amount
	Amount    money.Amount
	After     money.Amount // what is left once paid
	GoodUntil day.Day      // no day: nothing is added to the sum, whenever it is paid
	Part      bool
	Tick      bool      // it recognises the debt: the box is asked for
	Choice    string    // as it was made
	PartTyped string    // as typed, sent along
	CanPart   bool      // a part is allowed: "change" leads back to the choice
	Methods   []string  // card, apple_pay, google_pay, direct_debit, paypal, transfer: what the account offers
	Next      *NextDue  // in a plan: what it asks for next, before this is paid
	Step      *PlanStep // in a plan: how far it is once this is paid
	Form      Form      // fields "recognise", "charges"

	AskCharges  bool   // in a plan: the box "charges" is shown, for the card to be kept
	ChargesText string // version of its text

	// Allocation of a part: what it clears first.
	ToInterest, ToIndemnity, ToPrincipal money.Amount
	TransferURL                          string // where the way by transfer is shown; empty: there is none
}

// PayOtherWays is shown where no card can be taken: the creditor's account is
// not ready, or a hold forbids paying. Shut names the reason as a Door does.
type PayOtherWays struct {
	Base
	Creditor  string
	Left      money.Amount
	GoodUntil day.Day // no day: nothing is added to the sum, whenever it is paid
	Shut      string  // "card_not_ready": the ways below are open; a hold's reason: none is
	Transfer  *Transfer
	Cheque    *Cheque
	Agent     Agent
}

// Cheque is where to send a cheque.
type Cheque struct{ PayableTo, Address string }

// How a visit to the payment page ended.
const (
	ReturnSucceeded  = "succeeded"
	ReturnAnnounced  = "announced"  // a transfer is awaited, or the rest of one
	ReturnProcessing = "processing" // a slow means: the bank confirms in some days
	ReturnChecking   = "checking"   // we do not know yet; nobody is to pay again
	ReturnFailed     = "failed"
	ReturnCancelled  = "cancelled"
)

// PayReturn is where the payment page comes back to.
type PayReturn struct {
	Base
	State    string // one of the Return constants
	Creditor string
	Amount   money.Amount
	Left     money.Amount // after it; as now where nothing was paid
	PaidAt   time.Time
	Receipt  *ReceiptLine // when one exists
	InPlan   bool         // a plan runs
	Step     *PlanStep    // how far the payment brought it; nil: no plan, or not known yet
	Agent    Agent

	Transfer *Transfer    // where an awaited one goes, and what of it is to come
	Come     money.Amount // what of it has come
}

// ReceiptLine is one receipt in a list.
type ReceiptLine struct {
	Number      string
	On          day.Day
	Amount      money.Amount
	ToPrincipal money.Amount
	ToInterest  money.Amount
	ToIndemnity money.Amount
	Left        money.Amount
	URL, PDFURL string
}

// Receipts lists the receipts of a case.
type Receipts struct {
	Base
	Creditor string
	List     []ReceiptLine
}

// Receipt is the legal acknowledgement of one payment (CPCE R124-6).
type Receipt struct {
	Base
	Number          string
	Payer           string
	ByAnother       bool   // somebody else paid, with a pay-only link, for the payer
	Label           string // the debtor's word for whom the link was; may be empty
	Creditor        string
	CreditorAddress string
	On              day.Day // the day it counts from
	Amount          money.Amount
	Method          string // phrase "method.<method>": card, transfer, cheque, cash, direct_debit, other
	MethodDetail    string // "Visa ·· 4242"; may be empty
	Lines           []ReceiptShare
	Before, Left    money.Amount
	ProvisionalTo   day.Day      // until when the bank could take it back; no day: final
	Clears          bool         // the case is closed by it
	Step            *PlanStep    // how far it brought the plan; nil: it is of none
	Corrects        string       // number of the receipt this one corrects; may be empty
	Refunded        money.Amount // since it was issued, what went back of it
	TakenBack       money.Amount // and what the payer's bank took back
	Void            bool         // nothing of it is left
	PDFURL          string
	ChainHead       string // the link of the case's chain that it was written with
}

// ReceiptShare is what a payment went to, claim by claim.
type ReceiptShare struct {
	Component string // principal, interest, indemnity, excess: phrase "component.<component>"
	Invoice   string
	Amount    money.Amount
}

func (*PayChoice) template() string { return "debtor/pay-choice" }

// Debits says whether a debit is offered, which comes in some days.
func (p *PayReview) Debits() bool { return slices.Contains(p.Methods, "direct_debit") }

func (*PayReview) template() string    { return "debtor/pay-review" }
func (*PayOtherWays) template() string { return "debtor/pay-other" }
func (*PayReturn) template() string    { return "debtor/pay-return" }
func (*Receipts) template() string     { return "debtor/receipts" }
func (*Receipt) template() string      { return "debtor/receipt" }
