package payments

// backRules are what must always hold of money that goes back.
var backRules = []rule{
	{
		"of a payment no more goes back than came, and what went is written down",
		`SELECT COUNT(*) FROM payments`,
		`SELECT 'payment ' || b.id || ': refunds of ' || b.gone || ', counted ' || b.refunded || '; taken ' || b.taken || ', counted ' || b.taken_back FROM (
			SELECT p.id, p.received, p.refunded, p.taken_back,
				COALESCE((SELECT SUM(r.amount) FROM refunds r WHERE r.payment_id = p.id AND r.state IN ('pending', 'succeeded')), 0) AS gone,
				COALESCE((SELECT SUM(c.taken) FROM chargebacks c WHERE c.payment_id = p.id), 0) AS taken
			FROM payments p) b
		 WHERE b.gone <> b.refunded OR b.taken <> b.taken_back OR b.refunded + b.taken_back > b.received`,
	},
	{
		"a payment of which nothing stays keeps no fee",
		`SELECT COUNT(*) FROM payments WHERE refunded + taken_back > 0`,
		`SELECT 'payment ' || p.id || ' keeps a fee of ' || (p.fee + p.vat) || ' on nothing' FROM payments p
		 WHERE p.state = 'succeeded' AND ` + kept + ` = 0 AND p.fee_withheld AND p.fee + p.vat <> 0`,
	},
	{
		"what moved between a creditor's account and ours is written down",
		`SELECT COUNT(*) FROM payments p WHERE p.state = 'succeeded' AND p.kind <> 'elsewhere'`,
		`SELECT 'payment ' || b.id || ': its creditor''s account lacks ' || b.pulled || ', by what was moved ' || b.moved FROM (
			SELECT p.id, p.received, p.pulled, CASE WHEN p.separate THEN p.received ELSE 0 END
				+ (SELECT COALESCE(SUM(r.amount), 0) FROM refunds r WHERE r.payment_id = p.id AND r.pulled)
				+ (SELECT COALESCE(SUM(CASE m.kind WHEN 'pull' THEN m.amount ELSE -m.amount END), 0) FROM transits m WHERE m.payment_id = p.id AND m.done_at IS NOT NULL) AS moved
			FROM payments p WHERE p.state = 'succeeded' AND p.kind <> 'elsewhere') b
		 WHERE b.pulled <> b.moved OR b.pulled NOT BETWEEN 0 AND b.received`,
	},
	{
		"a payment has one refund that is still to be sent at most",
		`SELECT COUNT(*) FROM refunds`,
		`SELECT 'payment ' || payment_id || ' has ' || COUNT(*) || ' refunds to be sent' FROM refunds
		 WHERE state IN ('wanted', 'approved', 'asked') GROUP BY payment_id HAVING COUNT(*) > 1`,
	},
	{
		"a refund is asked for with somebody's yes, in words written down before",
		`SELECT COUNT(*) FROM refunds WHERE state IN ('asked', 'pending', 'succeeded', 'failed')`,
		`SELECT 'refund ' || id || ' went without a yes, or without its words' FROM refunds
		 WHERE state IN ('asked', 'pending', 'succeeded', 'failed') AND reason <> 'gateway' AND (approved_at IS NULL OR asked_at IS NULL OR (request = '' AND NOT elsewhere))`,
	},
	{
		"nothing is refunded of what the payer's bank took back",
		`SELECT COUNT(*) FROM chargebacks`,
		`SELECT 'refund ' || r.id || ' is to be sent of a payment that was taken back' FROM refunds r JOIN chargebacks c ON c.payment_id = r.payment_id
		 WHERE r.state IN ('wanted', 'approved') AND c.taken > 0`,
	},
	{
		"the state of a chargeback is what its money says",
		`SELECT COUNT(*) FROM chargebacks`,
		`SELECT 'chargeback ' || id || ' is ' || state || ' and took ' || taken || ' of ' || amount FROM chargebacks
		 WHERE taken NOT IN (0, amount) OR (state IN ('inquiry', 'closed') AND taken > 0) OR (state IN ('open', 'lost') AND taken = 0)
			OR (state = 'won' AND taken > 0 AND moves > 1)`,
	},
	{
		"what the gateway keeps for chargebacks is booked",
		`SELECT COUNT(*) FROM chargebacks`,
		`SELECT 'case ' || b.case_id || ': ' || b.cost || ' kept, ' || b.booked || ' booked' FROM (
			SELECT c.case_id, SUM(c.cost) AS cost, (SELECT COALESCE(SUM(e.amount), 0) FROM ledger_postings l JOIN ledger_entries e ON e.posting_id = l.id
				WHERE l.case_id = c.case_id AND l.kind = 'cost' AND l.source LIKE 'chargeback:%' AND e.account = 'gateway_cost') AS booked
			FROM chargebacks c GROUP BY c.case_id) b WHERE b.cost <> b.booked`,
	},
	{
		"the creditor is told of all money that went back",
		`SELECT COUNT(*) FROM refunds WHERE made_at IS NOT NULL`,
		`SELECT 'case ' || b.case_id || ': ' || b.made || ' refunds made, the creditor is told of ' || b.told FROM (
			SELECT r.case_id, COUNT(*) AS made, (SELECT COUNT(*) FROM letters l WHERE l.case_id = r.case_id AND l.kind = 'refund_notice') AS told
			FROM refunds r WHERE r.made_at IS NOT NULL GROUP BY r.case_id) b WHERE b.told < b.made`,
	},
	{
		"the last receipt of a payment says what stays of it",
		`SELECT COUNT(*) FROM receipts WHERE corrects IS NOT NULL`,
		`SELECT 'payment ' || p.id || ' has no receipt of the ' || ` + kept + ` || ' that stay' FROM payments p
		 WHERE p.state = 'succeeded' AND ` + kept + ` > 0 AND NOT EXISTS (SELECT 1 FROM receipts r WHERE r.payment_id = p.id
			AND r.content LIKE '%"amount":{"minor":' || ` + kept + ` || ',"currency":"' || p.currency || '"}%')`,
	},
}
