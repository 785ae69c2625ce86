package payments

// ofPayouts are the invariants of money on its way to creditors: what the
// gateway says was paid out, what our books say, and what creditors were told
// are the same, to the cent.
var ofPayouts = []rule{
	{
		"the rows of a payout add up to it",
		`SELECT COUNT(*) FROM payouts WHERE opened_at IS NOT NULL`,
		`SELECT 'payout ' || o.gateway_id || ' pays ' || o.amount || ', its ' || COUNT(r.id) || ' rows of ' || o.row_count || ' add up to ' || COALESCE(SUM(r.net), 0)
		 FROM payouts o LEFT JOIN payout_rows r ON r.payout_id = o.id WHERE o.opened_at IS NOT NULL
		 GROUP BY o.id, o.gateway_id, o.amount, o.row_count HAVING COALESCE(SUM(r.net), 0) <> o.amount OR COUNT(r.id) <> o.row_count`,
	},
	{
		"a row belongs to a payout that was opened",
		`SELECT COUNT(*) FROM payout_rows`,
		`SELECT 'row ' || r.id || ' belongs to no payout that was opened' FROM payout_rows r WHERE NOT EXISTS (SELECT 1 FROM payouts o WHERE o.id = r.payout_id AND o.opened_at IS NOT NULL)`,
	},
	{
		"a row that is matched says what our books say",
		`SELECT COUNT(*) FROM payout_rows WHERE verdict = 'matched' AND kind = 'payment'`,
		`SELECT 'row ' || r.id || ' pays ' || r.amount || ' less ' || r.fee || ', payment ' || r.payment_id || ' brought ' || p.received FROM payout_rows r
		 JOIN payments p ON p.id = r.payment_id JOIN payouts o ON o.id = r.payout_id
		 WHERE r.verdict = 'matched' AND r.kind = 'payment' AND (NOT p.separate AND (r.amount <> p.received OR r.fee <> CASE WHEN p.fee_withheld THEN p.fee + p.vat + p.fee_back + p.vat_back ELSE 0 END)
			OR p.separate AND NOT EXISTS (SELECT 1 FROM transits w WHERE w.id = r.transit_id AND w.payment_id = p.id AND w.kind = 'put' AND w.amount - w.fee = r.net)
			OR p.creditor_id <> o.creditor_id OR r.currency <> p.currency)
		 UNION ALL SELECT 'row ' || r.id || ' is matched to a posting that is not there' FROM payout_rows r
		 WHERE r.verdict = 'matched' AND r.creditor_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM ledger_postings l WHERE l.id = r.posting_id)`,
	},
	{
		"money that left for a creditor's bank is booked once, and not where it came back",
		`SELECT COUNT(*) FROM payouts WHERE creditor_id IS NOT NULL`,
		`SELECT 'payout ' || b.gateway_id || ' is ' || b.state || ' and stands in the ledger ' || b.stands || ' times' FROM (
			SELECT o.gateway_id, o.state, (SELECT COUNT(*) FROM ledger_postings l WHERE l.source = 'payout:' || o.gateway_id AND l.creditor_id = o.creditor_id
				AND NOT EXISTS (SELECT 1 FROM ledger_postings r WHERE r.reverses = l.id)) AS stands
			FROM payouts o WHERE o.creditor_id IS NOT NULL) b WHERE b.stands <> CASE WHEN b.state = 'paid' THEN 1 ELSE 0 END`,
	},
	{
		"for every creditor, what is at the gateway is what came in less what was paid out",
		`SELECT COUNT(*) FROM creditors`,
		`SELECT 'creditor ' || t.reference || ': the ledger has ' || t.booked || ' at the gateway, payments less payouts are ' || t.counted FROM (
			SELECT c.reference,
				(SELECT COALESCE(SUM(e.amount), 0) FROM ledger_entries e JOIN ledger_postings l ON l.id = e.posting_id LEFT JOIN ledger_postings u ON u.id = l.reverses
				 WHERE e.creditor_id = c.id AND e.account = 'clearing' AND COALESCE(u.kind, l.kind) IN ('payment', 'payout', 'suspense', 'cost')) AS booked,
				(SELECT COALESCE(SUM(p.received - p.refunded - p.taken_back), 0) FROM payments p JOIN ` + standing + ` WHERE p.creditor_id = c.id AND p.kind IN ('checkout', 'collection'))
				- (SELECT COALESCE(SUM(o.amount), 0) FROM payouts o WHERE o.creditor_id = c.id AND o.state = 'paid')
				- (SELECT COALESCE(SUM(r.fee), 0) FROM payout_rows r JOIN payments p ON p.id = r.payment_id WHERE p.creditor_id = c.id AND r.kind = 'charge' AND r.verdict = 'matched')
				- (SELECT COALESCE(SUM(k.cost), 0) FROM chargebacks k WHERE k.creditor_id = c.id)
				+ (SELECT COALESCE(SUM(r.net - CASE WHEN p.id IS NULL OR r.reason NOT IN ('amount_differs', 'fee_differs') THEN 0
						ELSE p.received - CASE WHEN p.fee_withheld THEN p.fee + p.vat + p.fee_back + p.vat_back ELSE 0 END END), 0)
				   FROM payout_rows r LEFT JOIN payments p ON p.id = r.payment_id WHERE r.creditor_id = c.id AND r.verdict <> 'matched') AS counted
			FROM creditors c) t WHERE t.booked <> t.counted`,
	},
	{
		"a row that nothing explains is in suspense in the ledger",
		`SELECT COUNT(*) FROM payout_rows WHERE verdict <> 'matched' AND creditor_id IS NOT NULL`,
		`SELECT 'row ' || s.id || ' is ' || s.verdict || ' and ' || s.held || ' of it in suspense' FROM (
			SELECT r.id, r.verdict, (SELECT COALESCE(SUM(e.amount), 0) FROM ledger_entries e JOIN ledger_postings l ON l.id = e.posting_id
				WHERE e.account = 'suspense' AND l.source IN ('suspense:' || r.id, 'explained:' || r.id)) AS held,
				(SELECT COUNT(*) FROM ledger_postings l WHERE l.source = 'suspense:' || r.id) AS found
			FROM payout_rows r WHERE r.verdict <> 'matched' AND r.creditor_id IS NOT NULL) s
		 WHERE s.verdict = 'explained' AND s.held <> 0 OR s.verdict = 'suspense' AND s.found > 0 AND s.held = 0`,
	},
	{
		"every payment that was paid out stands on the remittance of its payout, and on no other",
		`SELECT COUNT(*) FROM payout_rows WHERE verdict = 'matched' AND kind = 'payment'`,
		`SELECT 'payment ' || r.payment_id || ' was paid out and stands on no remittance of its payout' FROM payout_rows r
		 WHERE r.verdict = 'matched' AND r.kind = 'payment' AND NOT EXISTS (SELECT 1 FROM remittance_lines l JOIN remittances m ON m.id = l.remittance_id
			WHERE l.subject = 'payment:' || CAST(r.payment_id AS TEXT) AND m.payout_id = r.payout_id AND l.net = r.net)
		 UNION ALL SELECT 'remittance ' || m.number || ' tells of payment ' || l.payment_id || ', which is another creditor''s' FROM remittance_lines l
		 JOIN remittances m ON m.id = l.remittance_id JOIN payments p ON p.id = l.payment_id WHERE l.kind <> 'other' AND p.creditor_id <> m.creditor_id`,
	},
	{
		"a remittance adds up to its lines and to its payout",
		`SELECT COUNT(*) FROM remittances`,
		`SELECT 'remittance ' || m.number || ' says ' || m.net || ', its lines add up to ' || COALESCE(SUM(l.net), 0) FROM remittances m
		 LEFT JOIN remittance_lines l ON l.remittance_id = m.id LEFT JOIN payouts o ON o.id = m.payout_id
		 GROUP BY m.id, m.number, m.gross, m.fee, m.vat, m.net, o.amount
		 HAVING COALESCE(SUM(l.net), 0) <> m.net OR COALESCE(SUM(l.gross), 0) <> m.gross OR COALESCE(SUM(l.fee), 0) <> m.fee OR COALESCE(SUM(l.vat), 0) <> m.vat
			OR o.amount IS NOT NULL AND o.amount <> m.net
		 UNION ALL SELECT 'payout ' || o.gateway_id || ' has no remittance' FROM payouts o
		 WHERE o.opened_at IS NOT NULL AND o.creditor_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM remittances m WHERE m.payout_id = o.id)`,
	},
	{
		"a fee is invoiced as it was booked, and an invoice adds up to its lines",
		`SELECT COUNT(*) FROM fee_invoices`,
		`SELECT 'invoice ' || i.number || ' says ' || i.fee || ' and ' || i.vat || ', its lines ' || COALESCE(SUM(l.fee), 0) || ' and ' || COALESCE(SUM(l.vat), 0) FROM fee_invoices i
		 LEFT JOIN fee_lines l ON l.invoice_id = i.id GROUP BY i.id, i.number, i.fee, i.vat, i.withheld
		 HAVING COALESCE(SUM(l.fee), 0) <> i.fee OR COALESCE(SUM(l.vat), 0) <> i.vat OR COALESCE(SUM(CASE WHEN l.withheld THEN l.fee + l.vat ELSE 0 END), 0) <> i.withheld
		 UNION ALL SELECT 'invoice ' || i.number || ' bills another creditor''s payment ' || p.id FROM fee_lines l
		 JOIN fee_invoices i ON i.id = l.invoice_id JOIN payments p ON p.id = l.payment_id WHERE p.creditor_id <> i.creditor_id
		 UNION ALL SELECT 'payment ' || b.id || ' bore ' || b.borne || ' at most, ' || b.billed || ' stand on invoices' FROM (
			SELECT p.id, p.fee + p.vat + p.fee_back + p.vat_back AS borne, SUM(CASE WHEN i.kind = 'invoice' THEN l.fee + l.vat ELSE -l.fee - l.vat END) AS billed
			FROM fee_lines l JOIN fee_invoices i ON i.id = l.invoice_id JOIN payments p ON p.id = l.payment_id WHERE p.fee_withheld OR p.refunded + p.taken_back = 0
			GROUP BY p.id, p.fee, p.vat, p.fee_back, p.vat_back) b WHERE b.billed < 0 OR b.billed > b.borne`,
	},
	{
		"invoices are numbered without a gap",
		`SELECT COUNT(*) FROM fee_invoices`,
		`SELECT 'invoices of ' || n.series_year || ': ' || n.made || ' were issued, the last is number ' || n.highest FROM (
			SELECT series_year, COUNT(*) AS made, MAX(ordinal) AS highest FROM fee_invoices GROUP BY series_year) n WHERE n.made <> n.highest`,
	},
}
