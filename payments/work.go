package payments

import "amiable/negotiation"

// putOnWorklist names what of a payment waits for a person.
func putOnWorklist(n *negotiation.Service) {
	after := []negotiation.EventKind{
		negotiation.OverpaymentFound, negotiation.PaymentReversed, negotiation.PaymentFailed, negotiation.RefundWanted, negotiation.RefundApproved,
		negotiation.RefundMade, negotiation.RefundFailed, negotiation.RefundCancelled, negotiation.ChargebackTaken, negotiation.ChargebackWon,
		negotiation.TransferInPart, negotiation.PaymentSucceeded, negotiation.CheckoutExpired,
	}
	// What is on its way back waits for nobody, or in a list of its own.
	n.WorkLivesIn(negotiation.WorkRefund, after, `SELECT p.case_id, p.id AS subject_id, p.created_at AS since, p.excess AS amount
		FROM payments p WHERE p.state = 'succeeded' AND p.excess > 0
		AND NOT EXISTS (SELECT 1 FROM refunds r WHERE r.payment_id = p.id AND r.state IN ('wanted', 'approved', 'asked', 'failed'))`, "p.case_id")
	n.WorkLivesIn(negotiation.WorkUnclear, after, `SELECT p.case_id, p.id AS subject_id, p.created_at AS since, p.received AS amount
		FROM payments p WHERE p.state = 'succeeded' AND p.problem <> '' AND p.excess = 0`, "p.case_id",
		// A part of a transfer that is awaited, and what lies with the gateway.
		`SELECT p.case_id, p.id AS subject_id, p.announced_at AS since, p.funded AS amount FROM payments p WHERE p.state = 'started' AND p.funded > 0`, "p.case_id",
		`SELECT h.case_id, h.case_id AS subject_id, h.held_since AS since, h.held AS amount FROM transfer_accounts h WHERE h.held > 0`, "h.case_id")
}
