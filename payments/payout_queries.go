package payments

import (
	"context"
	"fmt"
	"strings"

	"gorm.io/gorm"

	"amiable/negotiation"
	"amiable/negotiation/ledger"
	"amiable/negotiation/money"
)

// ofCreditor narrows a query to what the actor may see: a creditor its own,
// staff all.
func ofCreditor(query *gorm.DB, by negotiation.Actor, column string) (*gorm.DB, error) {
	switch {
	case by.IsStaff() || by.Role == negotiation.RoleSystem:
		return query, nil
	case by.Role == negotiation.RoleCreditor && by.CreditorID != "":
		return query.Where(column+" = ?", by.CreditorID), nil
	}
	return nil, negotiation.Refuse(negotiation.Forbidden, "not_your_role")
}

// ListedPayout is a payout in a list.
type ListedPayout struct {
	Payout
	CreditorName string // empty: the agency's own
	RemittanceID string
	Number       string // of its remittance
	Suspense     int64  // rows that nothing explains
}

// Payouts returns payouts, the latest first: of one creditor, or (staff) all.
func (s *Service) Payouts(ctx context.Context, by negotiation.Actor, limit int) ([]ListedPayout, error) {
	query, err := ofCreditor(s.payoutList(ctx), by, "payouts.creditor_id")
	if err != nil {
		return nil, err
	}
	var list []ListedPayout
	if err := query.Order("payouts.arrives_on DESC, payouts.made_at DESC, payouts.id").Limit(limit).Scan(&list).Error; err != nil {
		return nil, fmt.Errorf("payouts: %w", err)
	}
	return list, nil
}

func (s *Service) payoutList(ctx context.Context) *gorm.DB {
	return s.db.Read(ctx).Table("payouts").
		Select(`payouts.*, COALESCE(creditors.name, '') AS creditor_name, COALESCE(CAST(remittances.id AS TEXT), '') AS remittance_id, COALESCE(remittances.number, '') AS number,
			(SELECT COUNT(*) FROM payout_rows WHERE payout_rows.payout_id = payouts.id AND payout_rows.verdict = 'suspense') AS suspense`).
		Joins("LEFT JOIN creditors ON creditors.id = payouts.creditor_id").Joins("LEFT JOIN remittances ON remittances.payout_id = payouts.id")
}

// Payout returns a payout that the actor may see.
func (s *Service) Payout(ctx context.Context, by negotiation.Actor, id string) (*ListedPayout, error) {
	if !negotiation.ValidID(id) {
		return nil, negotiation.Refuse(negotiation.NotFound, "not_found")
	}
	query, err := ofCreditor(s.payoutList(ctx), by, "payouts.creditor_id")
	if err != nil {
		return nil, err
	}
	var found []ListedPayout
	if err := query.Where("payouts.id = ?", id).Limit(1).Scan(&found).Error; err != nil {
		return nil, fmt.Errorf("payout %s: %w", id, err)
	}
	if len(found) == 0 {
		return nil, negotiation.Refuse(negotiation.NotFound, "not_found")
	}
	return &found[0], nil
}

// ListedRow is a row of a payout with whose payment it is.
type ListedRow struct {
	PayoutRow
	CaseID        string
	CaseReference string
	DebtorName    string
	PaidOn        negotiation.Day
	PayoutName    string // of the gateway
	CreditorName  string
	Booked        *int64 // what our books say the payment brought
	BookedFee     *int64 // withheld of it
}

const rowColumns = `payout_rows.*, COALESCE(CAST(cases.id AS TEXT), '') AS case_id, COALESCE(cases.reference, '') AS case_reference, COALESCE(debtors.name, '') AS debtor_name,
	payments.paid_on, payouts.gateway_id AS payout_name, COALESCE(creditors.name, '') AS creditor_name,
	payments.received AS booked, CASE WHEN payments.fee_withheld THEN payments.fee + payments.vat ELSE 0 END AS booked_fee`

func (s *Service) rowList(ctx context.Context) *gorm.DB {
	return s.db.Read(ctx).Table("payout_rows").Select(rowColumns).Joins("JOIN payouts ON payouts.id = payout_rows.payout_id").
		Joins("LEFT JOIN creditors ON creditors.id = payouts.creditor_id").Joins("LEFT JOIN payments ON payments.id = payout_rows.payment_id").
		Joins("LEFT JOIN cases ON cases.id = payments.case_id").Joins("LEFT JOIN debtors ON debtors.id = cases.debtor_id")
}

// RowsOf returns rows of a payout in their order, those in suspense first. The
// caller has asked whether the payout may be seen.
func (s *Service) RowsOf(ctx context.Context, payoutID string, limit int) ([]ListedRow, error) {
	var rows []ListedRow
	err := s.rowList(ctx).Where("payout_rows.payout_id = ?", payoutID).
		Order("CASE payout_rows.verdict WHEN 'suspense' THEN 0 WHEN 'explained' THEN 1 ELSE 2 END, payout_rows.made_at, payout_rows.id").Limit(limit).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("rows of payout %s: %w", payoutID, err)
	}
	return rows, nil
}

// InSuspense returns the rows that nothing of ours explains, oldest first.
func (s *Service) InSuspense(ctx context.Context, limit int) ([]ListedRow, error) {
	var rows []ListedRow
	err := s.rowList(ctx).Where(inSuspense).Order("payout_rows.made_at, payout_rows.id").Limit(limit).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("rows in suspense: %w", err)
	}
	return rows, nil
}

// Row returns one row of a payout; they are for staff.
func (s *Service) Row(ctx context.Context, by negotiation.Actor, id string) (*ListedRow, error) {
	if !by.IsStaff() {
		return nil, negotiation.Refuse(negotiation.Forbidden, "not_your_role")
	}
	var rows []ListedRow
	if err := s.rowList(ctx).Where("payout_rows.id = ?", id).Limit(1).Scan(&rows).Error; err != nil {
		return nil, fmt.Errorf("row %s: %w", id, err)
	}
	if len(rows) == 0 {
		return nil, negotiation.Refuse(negotiation.NotFound, "not_found")
	}
	return &rows[0], nil
}

// StuckPayouts returns payouts that could not be opened after some tries, and
// those that no one can open.
func (s *Service) StuckPayouts(ctx context.Context, limit int) ([]ListedPayout, error) {
	var list []ListedPayout
	err := s.payoutList(ctx).Where(stuck).
		Order("payouts.made_at, payouts.id").Limit(limit).Scan(&list).Error
	if err != nil {
		return nil, fmt.Errorf("payouts that are not opened: %w", err)
	}
	return list, nil
}

// Explain takes a row out of suspense: a person says in words what it is, and
// whose money that is. The ledger follows; the row keeps why it was there.
func (s *Service) Explain(ctx context.Context, by negotiation.Actor, rowID, words, belongsTo string) error {
	if !by.IsStaff() {
		return negotiation.Refuse(negotiation.Forbidden, "not_your_role")
	}
	words = strings.TrimSpace(words)
	switch {
	case words == "":
		return negotiation.Refuse(negotiation.Invalid, "reason_missing").On("words")
	case belongsTo != "creditor" && belongsTo != "agency":
		return negotiation.Refuse(negotiation.Invalid, "belongs_to_missing").On("belongs_to")
	}
	var found []PayoutRow
	if err := s.db.Read(ctx).Where("id = ?", rowID).Limit(1).Find(&found).Error; err != nil {
		return fmt.Errorf("row %s: %w", rowID, err)
	}
	if len(found) == 0 {
		return negotiation.Refuse(negotiation.NotFound, "not_found")
	}
	if found[0].CreditorID == nil {
		return s.negotiation.OnAgency(ctx, func(t *negotiation.Tx, a *negotiation.Agency) error {
			row, err := s.explained(t, by, rowID, words, belongsTo)
			if err != nil {
				return err
			}
			return a.Event(t, by, negotiation.SuspenseExplained, explanationOf(row))
		})
	}
	return s.negotiation.OnCreditor(ctx, *found[0].CreditorID, func(t *negotiation.Tx, c *negotiation.Creditor) error {
		row, err := s.explained(t, by, rowID, words, belongsTo)
		if err != nil {
			return err
		}
		var held []ledger.Entry
		err = t.Raw(`SELECT e.* FROM ledger_entries e JOIN ledger_postings p ON p.id = e.posting_id WHERE p.source = ? AND e.account = 'suspense'`, "suspense:"+row.ID).Scan(&held).Error
		if err != nil {
			return fmt.Errorf("row %s: %w", rowID, err)
		}
		for _, e := range held {
			sum, into := money.New(e.Amount, e.Currency), ledger.Payable
			if belongsTo == "agency" {
				into = ledger.GatewayCost
			}
			posting := ledger.New(ledger.KindSuspense, "explained:"+row.ID, c.ID, "", t.Today, t.Now).Add(ledger.Suspense, sum.Neg()).Add(into, sum)
			if err := ledger.Post(func(row any) error { return t.InsertNow(row) }, posting); err != nil {
				return err
			}
		}
		return c.Event(t, by, negotiation.SuspenseExplained, explanationOf(row))
	})
}

func explanationOf(row *PayoutRow) map[string]any {
	return map[string]any{"row": row.ID, "amount": money.New(row.Net, row.Currency), "reason": row.Reason, "words": row.Explanation, "belongs_to": row.BelongsTo}
}

func (s *Service) explained(t *negotiation.Tx, by negotiation.Actor, rowID, words, belongsTo string) (*PayoutRow, error) {
	var row PayoutRow
	if err := s.db.ForUpdate(t.DB).Where("id = ?", rowID).Take(&row).Error; err != nil {
		return nil, fmt.Errorf("row %s: %w", rowID, err)
	}
	if row.Verdict != Suspense {
		return nil, negotiation.Refuse(negotiation.Conflict, "explained_already")
	}
	row.Verdict, row.Explanation, row.BelongsTo, row.ExplainedBy, row.ExplainedAt = Explained, words, belongsTo, by.ID, &t.Now
	return &row, t.Model(&PayoutRow{}).Where("id = ?", row.ID).Select("Verdict", "Explanation", "BelongsTo", "ExplainedBy", "ExplainedAt").Updates(&row).Error
}

// Underway is a payment whose money has not reached its creditor's bank.
type Underway struct {
	Payment
	CaseReference string
	DebtorName    string
	CreditorName  string
	Place         Place
	ArrivesOn     negotiation.Day // of the payout that it is in; none: in none yet
}

// Days is how long ago the money came in.
func (o *Underway) Days(today negotiation.Day) int { return today.Sub(o.PaidOn) }

// Money that was collected reaches its creditor within one month, unless agreed
// otherwise (CPCE R124-6, paragraph 2); the agents are told before.
const PayOverAlarmDays = 20

// PayOverState is how far the month has run.
type PayOverState string

const (
	InTime  PayOverState = "in_time"
	Alarm   PayOverState = "alarm"  // twenty days
	TooLate PayOverState = "breach" // one month
)

// Stands says how far the month for paying a payment over has run.
func (o *Underway) Stands(today negotiation.Day) PayOverState {
	switch {
	case today.After(o.PaidOn.AddMonths(1)):
		return TooLate
	case o.Days(today) >= PayOverAlarmDays:
		return Alarm
	}
	return InTime
}

// again leads from each payout that came back to those in which its money left
// once more: the last of them says where it is.
const again = `WITH RECURSIVE again (first_id, payout_id) AS (
	SELECT o.id, r.payout_id FROM payouts o JOIN payout_rows r ON r.kind = 'returned' AND r.source = o.gateway_id WHERE o.state = 'failed'
	UNION ALL SELECT a.first_id, r.payout_id FROM again a JOIN payouts o ON o.id = a.payout_id AND o.state = 'failed' JOIN payout_rows r ON r.kind = 'returned' AND r.source = o.gateway_id
) `

// underway selects money that has not arrived: at the gateway and in no payout
// that reached a bank and stayed there, or on the agency's account and not paid
// over.
const underway = `FROM payments p
	JOIN cases ON cases.id = p.case_id JOIN debtors ON debtors.id = cases.debtor_id JOIN creditors ON creditors.id = p.creditor_id
	LEFT JOIN payout_rows r ON r.payment_id = p.id AND r.kind = 'payment' AND r.verdict = 'matched'
	LEFT JOIN payouts o ON o.id = r.payout_id
	LEFT JOIN remittance_lines l ON l.subject = 'payment:' || CAST(p.id AS TEXT)
	LEFT JOIN remittances m ON m.id = l.remittance_id
	WHERE p.state = 'succeeded' AND (
		p.kind IN ('checkout', 'collection') AND (o.id IS NULL OR o.state IN ('pending', 'in_transit')
			OR o.state = 'failed' AND NOT EXISTS (SELECT 1 FROM again a JOIN payouts x ON x.id = a.payout_id WHERE a.first_id = o.id AND x.state = 'paid'))
			AND NOT (p.separate AND p.received - p.refunded - p.taken_back <= CASE WHEN p.fee_withheld THEN p.fee + p.vat ELSE 0 END)
		OR p.kind NOT IN ('checkout', 'collection') AND m.paid_over_on IS NULL AND EXISTS (
			SELECT 1 FROM ledger_postings b JOIN ledger_entries e ON e.posting_id = b.id WHERE b.source = 'payment:' || CAST(p.id AS TEXT) AND e.account IN ('bank', 'suspense')))`

// Underway returns the money that has not reached its creditor's bank, oldest
// first: of one creditor, or (staff) of all. Since is how old it must be at
// least, in days.
func (s *Service) Underway(ctx context.Context, by negotiation.Actor, since, limit int) ([]Underway, error) {
	today, err := s.negotiation.Today(ctx)
	if err != nil {
		return nil, err
	}
	sql := again + `SELECT p.*, cases.reference AS case_reference, debtors.name AS debtor_name, creditors.name AS creditor_name,
		CASE WHEN p.kind IN ('checkout', 'collection') THEN 'gateway' ELSE 'agency' END AS place,
		CASE WHEN o.state <> 'failed' THEN o.arrives_on ELSE (SELECT MAX(x.arrives_on) FROM again a JOIN payouts x ON x.id = a.payout_id WHERE a.first_id = o.id AND x.state IN ('pending', 'in_transit')) END AS arrives_on ` + underway + ` AND p.paid_on <= ?`
	values := []any{today.Add(-since)}
	switch {
	case by.IsStaff() || by.Role == negotiation.RoleSystem:
	case by.Role == negotiation.RoleCreditor && by.CreditorID != "":
		sql += " AND p.creditor_id = ?"
		values = append(values, by.CreditorID)
	default:
		return nil, negotiation.Refuse(negotiation.Forbidden, "not_your_role")
	}
	var list []Underway
	if err := s.db.Read(ctx).Raw(sql+" ORDER BY p.paid_on, p.id LIMIT ?", append(values, limit)...).Scan(&list).Error; err != nil {
		return nil, fmt.Errorf("money on its way: %w", err)
	}
	return list, nil
}
