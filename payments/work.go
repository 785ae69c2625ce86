package payments

import "amiable/negotiation"

// putOnWorklist names what of a payment waits for a person.
func putOnWorklist(n *negotiation.Service) {
	after := []negotiation.EventKind{negotiation.OverpaymentFound, negotiation.PaymentReversed, negotiation.PaymentFailed}
	n.WorkLivesIn(negotiation.WorkRefund, after, `SELECT p.case_id, p.id AS subject_id, p.created_at AS since, p.excess AS amount
		FROM payments p WHERE p.state = 'succeeded' AND p.excess > 0`, "p.case_id")
	n.WorkLivesIn(negotiation.WorkUnclear, after, `SELECT p.case_id, p.id AS subject_id, p.created_at AS since, p.received AS amount
		FROM payments p WHERE p.state = 'succeeded' AND p.problem <> '' AND p.excess = 0`, "p.case_id")
}
