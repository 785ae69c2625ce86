package access

import (
	"context"

	"amiable/negotiation"
)

// verified are what must always hold of the door: of each row of a table, and
// how to find those that break it.
var verified = []struct{ name, table, broken string }{
	{
		"every link leads a party to its own case", "links",
		`SELECT l.id FROM links l JOIN parties p ON p.id = l.party_id JOIN cases c ON c.id = l.case_id
			WHERE p.case_id <> l.case_id OR c.creditor_id <> l.creditor_id`,
	},
	{
		"every letter code leads a party to the case of its letter", "letter_codes",
		`SELECT k.letter_id FROM letter_codes k JOIN letters l ON l.id = k.letter_id
			WHERE l.case_id <> k.case_id OR l.party_id <> k.party_id OR l.creditor_id <> k.creditor_id`,
	},
	{
		"a link is locked exactly when five tries were wrong", "links",
		`SELECT l.id FROM links l WHERE (l.locked_at IS NOT NULL) <> (l.tries >= 5)`,
	},
	{
		"every pay-only link is of a party on its own case", "pay_links",
		`SELECT l.id FROM pay_links l JOIN parties p ON p.id = l.party_id JOIN cases c ON c.id = l.case_id
			WHERE p.case_id <> l.case_id OR c.creditor_id <> l.creditor_id OR p.role = 'adviser'`,
	},
	{
		"every session is that of a party or pay-only link on its case, or of a user", "sessions",
		`SELECT s.subject_id FROM sessions s LEFT JOIN parties p ON p.id = s.subject_id LEFT JOIN users u ON u.id = s.subject_id
			LEFT JOIN links l ON l.id = s.link_id LEFT JOIN pay_links pl ON pl.id = s.subject_id
			WHERE CASE WHEN s.kind IN ('debtor', 'adviser')
				THEN p.id IS NULL OR p.case_id <> s.case_id OR (p.role = 'adviser') <> (s.kind = 'adviser') OR (l.id IS NOT NULL AND l.party_id <> s.subject_id)
				WHEN s.kind = 'payer' THEN pl.id IS NULL OR pl.case_id <> s.case_id
				ELSE u.id IS NULL OR u.disabled_at IS NOT NULL END`,
	},
	{
		"only a creditor's people decide, and delegations stay between them", "users",
		`SELECT u.id FROM users u WHERE (u.role <> 'creditor' AND u.decides) OR u.decides_up_to < 0
			UNION SELECT d.id FROM delegations d JOIN users f ON f.id = d.from_user_id JOIN users o ON o.id = d.to_user_id
			WHERE f.creditor_id <> d.creditor_id OR o.creditor_id <> d.creditor_id`,
	},
	{
		"recovery codes are of users with an authenticator", "recovery_codes",
		`SELECT DISTINCT u.id FROM recovery_codes r JOIN users u ON u.id = r.user_id WHERE u.totp_secret IS NULL`,
	},
}

// breaksMax bounds how many breaks of one invariant are told.
const breaksMax = 50

// Verify checks the invariants of this package over the whole database.
func (s *Service) Verify(ctx context.Context) ([]negotiation.Invariant, error) {
	var invariants []negotiation.Invariant
	for _, v := range verified {
		check := negotiation.Invariant{Name: v.name}
		if err := s.db.Read(ctx).Table(v.table).Count(&check.Checked).Error; err != nil {
			return nil, fault(err, "verify", v.table)
		}
		var broken []string
		if err := s.db.Read(ctx).Raw(v.broken+" LIMIT ?", breaksMax).Scan(&broken).Error; err != nil {
			return nil, fault(err, "verify", v.table)
		}
		for _, id := range broken {
			check.Break("%s: %s", v.table, id)
		}
		invariants = append(invariants, check)
	}
	return invariants, nil
}
