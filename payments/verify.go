package payments

import (
	"context"
	"fmt"
	"slices"

	"amiable/negotiation"
)

// breaksRead bounds how many breaks of one invariant are read.
const breaksRead = 50

// rule is one thing that must always hold, told by two queries: how many
// places there are, and a sentence for each that is broken.
type rule struct {
	name   string
	places string
	breaks string // one column, a sentence without personal data
}

// cameIn are payments of which money came in, whatever became of it since.
const cameIn = `state IN ('succeeded', 'reversed')`

// standing joins payments (p) with the postings (l) that book them and were
// not turned round. The source of such a posting is "payment:" and the
// payment's id, with a version behind it where it was made again.
const standing = `ledger_postings l ON l.kind = 'payment' AND l.case_id = p.case_id AND l.reverses IS NULL
	AND SUBSTR(l.source, 9, 36) = CAST(p.id AS TEXT) AND NOT EXISTS (SELECT 1 FROM ledger_postings r WHERE r.reverses = l.id)`

// kept is what stays of a payment (p).
const kept = `(p.received - p.refunded - p.taken_back)`

var rules = []rule{
	{
		"every payment that came in has one receipt",
		`SELECT COUNT(*) FROM payments WHERE ` + cameIn,
		`SELECT 'payment ' || p.id || ' has ' || COUNT(r.id) || ' receipts' FROM payments p
		 LEFT JOIN receipts r ON r.payment_id = p.id AND r.corrects IS NULL
		 GROUP BY p.id, p.state HAVING COUNT(r.id) <> CASE WHEN p.` + cameIn + ` THEN 1 ELSE 0 END`,
	},
	{
		"every payment that came in has one line on its case's timeline",
		`SELECT COUNT(*) FROM payments WHERE ` + cameIn,
		`SELECT 'case ' || c.reference || ': ' || c.came || ' payments came in, its timeline tells of ' || c.told FROM (
			SELECT cases.reference,
				(SELECT COUNT(*) FROM payments p WHERE p.case_id = cases.id AND p.` + cameIn + `) AS came,
				(SELECT COUNT(*) FROM events e WHERE e.stream_id = cases.id AND e.kind IN ('payment_succeeded', 'payment_recorded')) AS told
			FROM cases) c WHERE c.came <> c.told`,
	},
	{
		"every payment that came in is booked once, and no other is",
		`SELECT COUNT(*) FROM payments`,
		`SELECT 'payment ' || p.id || ' is ' || p.state || ' and booked ' || COUNT(l.id) || ' times' FROM payments p
		 LEFT JOIN ` + standing + ` GROUP BY p.id, p.state, p.received, p.refunded, p.taken_back
		 HAVING COUNT(l.id) <> CASE WHEN p.state = 'succeeded' AND ` + kept + ` > 0 THEN 1 ELSE 0 END`,
	},
	{
		"what is booked as a payment is one of ours",
		`SELECT COUNT(*) FROM ledger_postings WHERE kind = 'payment'`,
		`SELECT 'posting ' || l.id || ' books what is no payment of ours' FROM ledger_postings l
		 WHERE l.kind = 'payment' AND NOT EXISTS (SELECT 1 FROM payments p WHERE CAST(p.id AS TEXT) = SUBSTR(l.source, 9, 36) AND p.case_id = l.case_id)`,
	},
	{
		"a payment is booked to the cent: owed, given back, fee and VAT",
		`SELECT COUNT(*) FROM payments WHERE state = 'succeeded'`,
		`SELECT 'payment ' || b.id || ': received ' || b.received || ', booked ' || b.booked || '; fee and VAT ' || b.fees || ', booked ' || b.charged FROM (
			SELECT p.id, ` + kept + ` AS received, p.fee + p.vat AS fees,
				-SUM(CASE WHEN e.account IN ('receivable', 'refunds_due') THEN e.amount ELSE 0 END) AS booked,
				-SUM(CASE WHEN e.account IN ('fee', 'vat') THEN e.amount ELSE 0 END) AS charged
			FROM payments p JOIN ` + standing + ` JOIN ledger_entries e ON e.posting_id = l.id
			WHERE p.state = 'succeeded' GROUP BY p.id, p.received, p.refunded, p.taken_back, p.fee, p.vat) b
		 WHERE b.received <> b.booked OR b.fees <> b.charged`,
	},
	{
		"receipts of a case are numbered without a gap",
		`SELECT COUNT(*) FROM receipts`,
		`SELECT 'case ' || n.reference || ' counts ' || n.receipts || ' receipts and has ' || n.written FROM (
			SELECT cases.reference, cases.receipts,
				(SELECT COUNT(*) FROM receipts r WHERE r.case_id = cases.id AND r.corrects IS NULL AND r.number LIKE cases.reference || '-%') AS written
			FROM cases) n WHERE n.receipts <> n.written
		 UNION ALL SELECT 'receipt ' || w.number || ' is missing' FROM (
			SELECT cases.reference || '-' || ROW_NUMBER() OVER (PARTITION BY r.case_id ORDER BY r.created_at, r.id) AS number
			FROM receipts r JOIN cases ON cases.id = r.case_id WHERE r.corrects IS NULL) w
		 WHERE NOT EXISTS (SELECT 1 FROM receipts x WHERE x.number = w.number)`,
	},
	{
		"a receipt says what came in",
		`SELECT COUNT(*) FROM receipts`,
		`SELECT 'receipt ' || r.number || ' does not say ' || p.received FROM receipts r JOIN payments p ON p.id = r.payment_id
		 WHERE r.corrects IS NULL AND r.content NOT LIKE '%"amount":{"minor":' || p.received || ',"currency":"' || p.currency || '"}%'`,
	},
	{
		"the creditor is told of every payment that came in",
		`SELECT COUNT(*) FROM payments WHERE ` + cameIn,
		`SELECT 'case ' || c.reference || ': ' || c.came || ' payments came in, the creditor is told of ' || c.told FROM (
			SELECT cases.reference,
				(SELECT COUNT(*) FROM payments p WHERE p.case_id = cases.id AND p.` + cameIn + `) AS came,
				(SELECT COUNT(*) FROM letters t WHERE t.case_id = cases.id AND t.kind = 'payment_notice') AS told
			FROM cases) c WHERE c.came <> c.told`,
	},
	{
		"what is paid with a pay-only link recognises nothing",
		`SELECT COUNT(*) FROM payments WHERE by_role = 'payer'`,
		`SELECT 'payment ' || p.id || ' recognises a debt in somebody else''s name' FROM payments p
		 WHERE p.by_role = 'payer' AND (p.recognition <> '' OR p.on_behalf_of <> '' OR p.party_id IS NOT NULL)
		 UNION ALL SELECT 'payment ' || p.id || ' is booked as if the debtor had paid' FROM payments p JOIN ` + standing + `
		 WHERE p.by_role = 'payer' AND CAST(l.facts AS TEXT) NOT LIKE '%"by_another":true%'`,
	},
	{
		"a case has one open checkout at most",
		`SELECT COUNT(*) FROM payments WHERE kind = 'checkout' AND state = 'started'`,
		`SELECT 'case ' || case_id || ' has ' || COUNT(*) || ' open checkouts' FROM payments
		 WHERE kind = 'checkout' AND state = 'started' GROUP BY case_id HAVING COUNT(*) > 1`,
	},
	{
		"an instalment is collected by itself once at most",
		`SELECT COUNT(*) FROM payments WHERE kind = 'collection'`,
		`SELECT 'plan ' || plan_id || ': instalment ' || line || ' was collected ' || COUNT(*) || ' times' FROM payments
		 WHERE kind = 'collection' AND state = 'succeeded' GROUP BY plan_id, line HAVING COUNT(*) > 1`,
	},
	{
		"a card is charged by a leave that was given to its text, on the plan it was given for",
		`SELECT COUNT(*) FROM payments WHERE kind = 'collection'`,
		`SELECT 'payment ' || p.id || ' was charged without a leave' FROM payments p LEFT JOIN authorities a ON a.id = p.authority_id
		 WHERE p.kind = 'collection' AND (a.id IS NULL OR a.plan_id <> p.plan_id OR a.text_version = '' OR a.given_at IS NULL
			OR EXISTS (SELECT 1 FROM charge_attempts t WHERE t.payment_id = p.id AND t.number = p.attempts AND (t.asked_at < a.given_at OR t.asked_at > a.ended_at)))`,
	},
	{
		"every try to charge a card was written down before it was made, under a key of its own",
		`SELECT COUNT(*) FROM payments WHERE kind = 'collection' AND state IN ('succeeded', 'reversed')`,
		`SELECT 'payment ' || p.id || ' came in without a try' FROM payments p
		 WHERE p.kind = 'collection' AND p.state IN ('succeeded', 'reversed') AND NOT EXISTS (SELECT 1 FROM charge_attempts t WHERE t.payment_id = p.id)`,
	},
	{
		"a plan says which card is charged, and no other does",
		`SELECT COUNT(*) FROM plans`,
		`SELECT 'plan ' || p.id || ' is charged to "' || p.charged || '" and has ' || COUNT(a.id) || ' leaves' FROM plans p
		 LEFT JOIN authorities a ON a.plan_id = p.id AND a.state = 'live' GROUP BY p.id, p.charged HAVING (p.charged <> '') <> (COUNT(a.id) = 1)`,
	},
	{
		"a notification is applied, or its problem is written down",
		`SELECT COUNT(*) FROM notifications`,
		`SELECT 'notification ' || id || ' is neither applied nor waiting' FROM notifications
		 WHERE applied_at IS NULL AND (problem = '' OR next_try_at IS NULL)`,
	},
	{
		"a notification that was applied is of a payment of ours",
		`SELECT COUNT(*) FROM notifications WHERE payment_id IS NOT NULL`,
		`SELECT 'notification ' || n.id || ' names payment ' || n.payment_id || ', which is not ours' FROM notifications n
		 WHERE n.payment_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM payments p WHERE p.id = n.payment_id)`,
	},
}

// Verify checks the invariants of this package over the whole database.
func (s *Service) Verify(ctx context.Context) ([]negotiation.Invariant, error) {
	all := slices.Concat(rules, bankRules, debitRules, backRules, ofPayouts)
	checks := make([]negotiation.Invariant, 0, len(all))
	for _, r := range all {
		check := negotiation.Invariant{Name: r.name}
		if err := s.db.Read(ctx).Raw(r.places).Scan(&check.Checked).Error; err != nil {
			return nil, fmt.Errorf("invariant %q: %w", r.name, err)
		}
		var broken []string
		if err := s.db.Read(ctx).Raw(fmt.Sprintf("%s LIMIT %d", r.breaks, breaksRead)).Scan(&broken).Error; err != nil {
			return nil, fmt.Errorf("invariant %q: %w", r.name, err)
		}
		for _, sentence := range broken {
			check.Break("%s", sentence)
		}
		checks = append(checks, check)
	}
	return checks, nil
}
