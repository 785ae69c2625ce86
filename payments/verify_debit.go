package payments

// debitRules are what must hold of debits, which wait for days.
var debitRules = []rule{
	{
		"a case says what is on its way to it",
		`SELECT COUNT(*) FROM payments WHERE state = 'processing'`,
		`SELECT 'case ' || c.reference || ' says that ' || c.coming || ' is on its way, and ' || c.handed || ' is' FROM (
			SELECT cases.reference, cases.coming, COALESCE((SELECT SUM(p.amount) FROM payments p WHERE p.case_id = cases.id AND p.state = 'processing'), 0) AS handed
			FROM cases) c WHERE c.coming <> c.handed`,
	},
	{
		"an account is debited by a mandate that has a reference",
		`SELECT COUNT(*) FROM payments p JOIN authorities a ON a.id = p.authority_id WHERE p.kind = 'collection' AND a.method = 'sepa_debit'`,
		`SELECT 'payment ' || p.id || ' was debited without a mandate' FROM payments p JOIN authorities a ON a.id = p.authority_id
		 WHERE p.kind = 'collection' AND a.method = 'sepa_debit' AND (a.mandate_id = '' OR a.mandate_reference = '')`,
	},
	{
		"an account is debited by the text that lets it be",
		`SELECT COUNT(*) FROM authorities WHERE method = 'sepa_debit'`,
		`SELECT 'authority ' || id || ' debits an account by text ' || text_version FROM authorities
		 WHERE method = 'sepa_debit' AND text_version NOT LIKE 'charges-debit-%'`,
	},
	{
		"what is charged by itself was announced",
		`SELECT COUNT(*) FROM payments WHERE kind = 'collection'`,
		`SELECT 'payment ' || p.id || ' was not announced' FROM payments p WHERE p.kind = 'collection'
		 AND NOT EXISTS (SELECT 1 FROM plan_notices n WHERE n.plan_id = p.plan_id AND n.number = p.line AND n.kind = 'charge' AND n.created_at <= p.created_at)`,
	},
	{
		"what came by the gateway is provisional for a while",
		`SELECT COUNT(*) FROM payments WHERE kind <> 'elsewhere' AND means NOT LIKE 'customer_balance%' AND state = 'succeeded'`,
		`SELECT 'payment ' || id || ' is final as it comes' FROM payments
		 WHERE kind <> 'elsewhere' AND means NOT LIKE 'customer_balance%' AND state = 'succeeded' AND (reversible_until IS NULL OR reversible_until <= paid_on)`,
	},
}
