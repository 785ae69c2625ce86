package negotiation

// What is told where money goes back: refunds, and what a payer's bank takes
// back. Both are package payments'.

// Letters about money that goes back.
const (
	LetterRefundMade       LetterKind = "refund_made"       // to a party: money went back, and what is left to pay
	LetterRefundFailed     LetterKind = "refund_failed"     // to a party: it came back to us; a person sees to it
	LetterRefundNotice     LetterKind = "refund_notice"     // to the creditor: money of theirs went back
	LetterRefundToAgency   LetterKind = "refund_to_agency"  // to the agents: a refund needs a person
	LetterChargeback       LetterKind = "chargeback"        // to a party: their bank took a payment back
	LetterChargebackWon    LetterKind = "chargeback_won"    // to a party: the payment counts again
	LetterChargebackNotice LetterKind = "chargeback_notice" // to the creditor: taken back, or there again
	LetterChargebackDue    LetterKind = "chargeback_due"    // to the agents: a bank waits for an answer
)

// Events of money that goes back.
const (
	RefundWanted       EventKind = "refund_wanted"
	RefundApproved     EventKind = "refund_approved"
	RefundMade         EventKind = "refund_made"
	RefundFailed       EventKind = "refund_failed"
	RefundCancelled    EventKind = "refund_cancelled"
	ChargebackOpened   EventKind = "chargeback_opened" // nothing has moved where the bank only asks
	ChargebackTaken    EventKind = "chargeback_taken"
	ChargebackAnswered EventKind = "chargeback_answered"
	ChargebackWon      EventKind = "chargeback_won"
	ChargebackLost     EventKind = "chargeback_lost"
	ChargebackClosed   EventKind = "chargeback_closed"
)
