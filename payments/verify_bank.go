package payments

// ofBank are the postings by which bank money comes into suspense and leaves
// it: those of entries and of what was said of them, payments, and what turned
// any of them round.
const ofBank = `(l.source LIKE 'bank:%' OR l.kind = 'payment' OR EXISTS (SELECT 1 FROM ledger_postings o WHERE o.id = l.reverses AND o.kind = 'payment'))`

// bankRules are what must always hold of bank money.
var bankRules = []rule{
	{
		"every entry on the agency's account is posted once, and none on a creditor's own",
		`SELECT COUNT(*) FROM bank_entries`,
		`SELECT 'bank entry ' || b.id || ' is posted ' || b.posted || ' times' FROM (
			SELECT e.id, e.of_agency, e.parent_id,
				(SELECT COUNT(*) FROM ledger_postings l JOIN ledger_entries n ON n.posting_id = l.id WHERE l.source = 'bank:' || CAST(e.id AS TEXT)
					AND n.account = 'bank' AND n.amount = CASE WHEN e.credit THEN e.amount ELSE -e.amount END) AS posted
			FROM bank_entries e) b
		 WHERE b.posted <> CASE WHEN b.of_agency AND b.parent_id IS NULL THEN 1 ELSE 0 END`,
	},
	{
		"what is posted as bank money is an entry of ours",
		`SELECT COUNT(*) FROM ledger_postings WHERE source LIKE 'bank:%'`,
		`SELECT 'posting ' || l.id || ' books what is no bank entry of ours' FROM ledger_postings l
		 WHERE l.source LIKE 'bank:%' AND NOT EXISTS (SELECT 1 FROM bank_entries e WHERE CAST(e.id AS TEXT) = SUBSTR(l.source, 6, 36))`,
	},
	{
		"what is in suspense is what waits, to the cent",
		`SELECT COUNT(*) FROM bank_entries WHERE of_agency`,
		`SELECT 'suspense holds ' || s.held || ' and ' || s.waiting || ' waits' FROM (SELECT
			(SELECT COALESCE(-SUM(n.amount), 0) FROM ledger_entries n JOIN ledger_postings l ON l.id = n.posting_id WHERE n.account = 'suspense' AND ` + ofBank + `) AS held,
			(SELECT COALESCE(SUM(CASE WHEN credit THEN amount ELSE -amount END), 0) FROM bank_entries WHERE of_agency AND state = 'waiting') AS waiting) s
		 WHERE s.held <> s.waiting`,
	},
	{
		"an entry that pays a case is one payment of its sum on that case, and stands with it",
		`SELECT COUNT(*) FROM bank_entries WHERE payment_id IS NOT NULL`,
		`SELECT 'bank entry ' || e.id || ' is ' || e.state || ' and its payment ' || COALESCE(p.state, 'gone') FROM bank_entries e LEFT JOIN payments p ON p.id = e.payment_id
		 WHERE e.payment_id IS NOT NULL AND (p.id IS NULL OR p.received <> e.amount OR p.case_id <> e.case_id OR p.paid_on <> e.booked_on
			OR p.state <> CASE WHEN e.state = 'matched' THEN 'succeeded' ELSE 'reversed' END)`,
	},
	{
		"a payment that is a bank entry's belongs to it while it stands",
		`SELECT COUNT(*) FROM payments WHERE proof LIKE 'bank:%'`,
		`SELECT 'payment ' || p.id || ' stands and is no entry''s' FROM payments p
		 WHERE p.proof LIKE 'bank:%' AND p.state = 'succeeded' AND NOT EXISTS (SELECT 1 FROM bank_entries e WHERE e.payment_id = p.id AND e.state = 'matched')`,
	},
	{
		"what the bank took back undid one credit of its sum",
		`SELECT COUNT(*) FROM bank_entries WHERE undoes_id IS NOT NULL OR state = 'undone'`,
		`SELECT 'bank entry ' || e.id || ' undoes what is ' || c.state FROM bank_entries e JOIN bank_entries c ON c.id = e.undoes_id
		 WHERE c.state <> 'undone' OR NOT c.credit OR c.amount <> e.amount OR c.account_id <> e.account_id OR e.explanation <> 'return'
		 UNION ALL SELECT 'bank entry ' || c.id || ' is undone by nothing' FROM bank_entries c
		 WHERE c.state = 'undone' AND NOT EXISTS (SELECT 1 FROM bank_entries e WHERE e.undoes_id = c.id)`,
	},
	{
		"the parts of an entry add up to it",
		`SELECT COUNT(*) FROM bank_entries WHERE state = 'divided'`,
		`SELECT 'bank entry ' || w.id || ' of ' || w.amount || ' has parts of ' || w.parts FROM (
			SELECT e.id, e.amount, e.state, (SELECT COALESCE(SUM(c.amount), 0) FROM bank_entries c WHERE c.parent_id = e.id) AS parts FROM bank_entries e) w
		 WHERE w.parts <> CASE WHEN w.state = 'divided' THEN w.amount ELSE 0 END`,
	},
	{
		"what a debit paid over is one month of its sum, and booked once",
		`SELECT COUNT(*) FROM remittances WHERE bank_entry_id IS NOT NULL`,
		`SELECT 'remittance ' || m.number || ' of ' || m.net || ' was paid over by an entry of ' || e.amount || ', ' || e.state || ', and settled ' || m.settled || ' times' FROM (
			SELECT r.number, r.net, r.bank_entry_id, (SELECT COUNT(*) FROM ledger_postings l JOIN ledger_entries n ON n.posting_id = l.id
				WHERE n.account = 'payable' AND (l.source = 'paid_over:' || CAST(r.id AS TEXT) OR l.source LIKE 'bank:' || CAST(r.bank_entry_id AS TEXT) || ':said:%')
					AND l.reverses IS NULL AND NOT EXISTS (SELECT 1 FROM ledger_postings u WHERE u.reverses = l.id)) AS settled
			FROM remittances r WHERE r.bank_entry_id IS NOT NULL) m JOIN bank_entries e ON e.id = m.bank_entry_id
		 WHERE e.amount <> m.net OR e.state <> 'explained' OR e.explanation <> 'paid_over' OR m.settled <> 1`,
	},
}
