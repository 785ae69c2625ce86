package payments

import (
	"strings"

	"amiable/negotiation"
	"amiable/negotiation/banking"
	"amiable/negotiation/database"
)

// accountEnd is how much of an account's number people say it by, and all that
// is kept of one that is debited.
const accountEnd = 4

// putInSearch lets the agency's people find a case by the last characters of
// the account that its debtor pays from: one that transfers came from, or that
// is or was debited. An account's number is not the creditor's to look for.
func putInSearch(n *negotiation.Service) {
	last := "RIGHT(b.party_iban, 4)"
	if n.DB().Dialect() == database.SQLite {
		last = "SUBSTR(b.party_iban, -4)"
	}
	n.AlsoFind(func(by negotiation.Actor, text string) (sql string, values []any, ok bool) {
		number, ok := endOfAccount(text)
		if !ok || !(by.IsStaff() || by.Role == negotiation.RoleSystem) {
			return "", nil, false
		}
		end := number[len(number)-accountEnd:]
		sql = "SELECT b.case_id FROM bank_entries b WHERE b.case_id IS NOT NULL AND " + last + " = ? AND b.party_iban LIKE ?"
		values = []any{end, "%" + number}
		if _, whole := banking.ParseIBAN(number); whole || number == end {
			sql += ` UNION SELECT a.case_id FROM authorities a WHERE a.method = 'sepa_debit' AND a.last4 = ?
				UNION SELECT p.case_id FROM payments p WHERE p.means LIKE 'sepa_debit %' AND p.means = ?`
			values = append(values, end, string(DebitMethod)+" "+end)
		}
		return sql, values, true
	})
}

// endOfAccount reads the last characters of an account's number, or all of
// them; ok is false where a text is none.
func endOfAccount(text string) (number string, ok bool) {
	number = strings.ToUpper(strings.Join(strings.Fields(text), ""))
	strange := strings.ContainsFunc(number, func(r rune) bool { return (r < '0' || r > '9') && (r < 'A' || r > 'Z') })
	return number, len(number) >= accountEnd && !strange && strings.ContainsAny(number, "0123456789")
}
