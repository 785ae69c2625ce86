package payments

import "amiable/negotiation"

// Lives are the lives of this package's nouns. A payment received elsewhere
// begins where it is recorded: it has succeeded already.
func Lives() []negotiation.Life {
	return []negotiation.Life{
		negotiation.NewLife("payment", "payments", moves, Started, Succeeded),
		negotiation.NewLife("payout", "payouts", payoutMoves, PayoutPending),
		negotiation.NewLife("authority", "authorities", authorityMoves, AuthorityWaiting),
		negotiation.NewLife("refund", "refunds", refundMoves, RefundWanted, RefundPending, RefundSucceeded),
		negotiation.NewLife("chargeback", "chargebacks", chargebackMoves, ChargebackInquiry, ChargebackOpen, ChargebackAnswered, ChargebackWon, ChargebackLost, ChargebackClosed),
		negotiation.NewLife("bank entry", "bank_entries", bankMoves, BankWaiting, BankExplained),
	}
}
