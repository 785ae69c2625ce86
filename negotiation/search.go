package negotiation

import (
	"context"
	"strings"
	"unicode"

	"gorm.io/gorm"

	"amiable/negotiation/database"
	"amiable/negotiation/money"
)

// Found is a case in a list.
type Found struct {
	ID            string
	Reference     string
	State         CaseState
	Currency      money.Currency
	Principal     int64
	Interest      int64
	Indemnity     int64
	DebtorName    string
	CreditorName  string
	FirstLetterOn Day
	OldestDue     Day
}

// Balance is the balance row of the case found.
func (f *Found) Balance() money.Amount {
	return money.New(f.Principal+f.Interest+f.Indemnity, f.Currency)
}

// Search says which cases to list.
type Search struct {
	Text   string      // name, reference, invoice number, mail or phone
	States []CaseState // none: all
	Limit  int
	Offset int
}

// Find lists the cases that an actor may see, by what people remember: name
// without accents or order, reference, invoice number, mail, phone.
func (s *Service) Find(ctx context.Context, by Actor, search Search) ([]Found, error) {
	cases := s.db.Read(ctx).Table("cases")
	switch {
	case by.IsStaff() || by.Role == RoleSystem:
	case by.Role == RoleCreditor && by.CreditorID != "":
		cases = cases.Where("cases.creditor_id = ?", by.CreditorID)
	default:
		return nil, Refuse(Forbidden, "not_your_role")
	}
	if len(search.States) > 0 {
		cases = cases.Where("cases.state IN ?", search.States)
	}
	// A list is read in the order of its key, which is that of time; what a text
	// means is looked up first, and sorted.
	order := "cases.id DESC"
	if text := strings.TrimSpace(search.Text); text != "" {
		cases, order = s.matching(cases, by, text), "cases.created_at DESC, cases.id DESC"
	}
	if search.Limit <= 0 || search.Limit > 500 {
		search.Limit = 50
	}
	cases = cases.Select("cases.*").Order(order).Limit(search.Limit).Offset(max(0, search.Offset))
	// The rows of the page first; who they are about only then.
	query := s.db.Read(ctx).Table("(?) AS cases", cases).
		Select(`cases.id, cases.reference, cases.state, cases.currency, cases.principal, cases.interest, cases.indemnity, cases.first_letter_on,
			debtors.name AS debtor_name, creditors.name AS creditor_name,
			(SELECT MIN(claims.due_on) FROM claims WHERE claims.case_id = cases.id) AS oldest_due`).
		Joins("JOIN debtors ON debtors.id = cases.debtor_id").Joins("JOIN creditors ON creditors.id = cases.creditor_id")
	var found []Found
	err := query.Order(order).Scan(&found).Error
	return found, fault(err, "search", "")
}

// namesakesMax bounds how many debtors of one name a search looks at: who finds
// more asks more precisely.
const namesakesMax = 2_000

// matching narrows a search to what a text means: a reference is one case; an
// address, a number and a name are each looked for in an index of their own.
func (s *Service) matching(query *gorm.DB, by Actor, text string) *gorm.DB {
	if reference, ok := ParseCaseReference(text); ok {
		return query.Where("cases.reference = ?", reference)
	}
	var ways []string
	var values []any
	way := func(sql string, with ...any) { ways, values = append(ways, sql), append(values, with...) }
	if strings.Contains(text, "@") {
		from, to := between(strings.ToLower(text))
		way("SELECT p.case_id FROM contact_points t JOIN parties p ON p.person_id = t.person_id WHERE t.kind = 'email' AND "+s.plainly("LOWER(t.value)")+" >= ? AND "+s.plainly("LOWER(t.value)")+" < ?", from, to)
	}
	if digits := lastDigits(text); digits != "" {
		way("SELECT p.case_id FROM contact_points t JOIN parties p ON p.person_id = t.person_id WHERE t.kind = 'phone' AND "+s.numberOf("t.value")+" = ?", digits)
	}
	if key := strings.ToUpper(strings.Join(strings.Fields(text), "")); key != "" {
		from, to := between(key)
		way("SELECT k.case_id FROM claims k WHERE "+s.plainly("k.invoice_key")+" >= ? AND "+s.plainly("k.invoice_key")+" < ?", from, to)
	}
	if words := strings.Fields(SearchName(text)); len(words) > 0 && !strings.Contains(text, "@") {
		where, with := []string{}, []any{}
		for _, word := range words {
			where, with = append(where, s.contains("d.search_name")), append(with, word)
		}
		if by.Role == RoleCreditor {
			where, with = append(where, "d.creditor_id = ?"), append(with, by.CreditorID)
		}
		way("SELECT c.id FROM cases c JOIN (SELECT d.id FROM debtors d WHERE "+strings.Join(where, " AND ")+" LIMIT ?) n ON c.debtor_id = n.id", append(with, namesakesMax)...)
	}
	for _, more := range s.foundElsewhere {
		if sql, with, ok := more(by, text); ok {
			way(sql, with...)
		}
	}
	if len(ways) == 0 {
		return query.Where("1 = 0")
	}
	return query.Where("cases.id IN ("+strings.Join(ways, " UNION ")+")", values...)
}

// AlsoFind lets a package to the left say where else a text may be found: one
// select of case ids, with its values, or that the text means nothing there to
// who asks.
func (s *Service) AlsoFind(where func(by Actor, text string) (sql string, values []any, ok bool)) {
	s.foundElsewhere = append(s.foundElsewhere, where)
}

// between are the bounds of the texts that begin with one.
func between(prefix string) (from, to string) { return prefix, prefix + string(rune(unicode.MaxRune)) }

// plainly compares letter by letter, whatever the language of the database: only
// then do the texts that begin alike stand together.
func (s *Service) plainly(column string) string {
	if s.db.Dialect() == database.Postgres {
		return column + ` COLLATE "C"`
	}
	return column
}

func (s *Service) contains(column string) string {
	if s.db.Dialect() == database.Postgres {
		return "STRPOS(" + column + ", ?) > 0"
	}
	return "INSTR(" + column + ", ?) > 0"
}

// phoneDigits is how much of a number tells it from others, however its country
// is written.
const phoneDigits = 9

// numberOf is the end of a number as it is written, in words of the index.
func (s *Service) numberOf(column string) string {
	for _, sign := range []string{" ", ".", "-", "/", "(", ")"} {
		column = "REPLACE(" + column + ", '" + sign + "', '')"
	}
	if s.db.Dialect() == database.Postgres {
		return "RIGHT(" + column + ", 9)"
	}
	return "SUBSTR(" + column + ", -9)"
}

// lastDigits is the end of a telephone number; empty where the text is none.
func lastDigits(text string) string {
	digits := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, text)
	if !telephone(strings.TrimSpace(text)) || len(digits) < phoneDigits {
		return ""
	}
	return digits[len(digits)-phoneDigits:]
}
