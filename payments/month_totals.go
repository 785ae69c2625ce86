package payments

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm/clause"

	"amiable/negotiation"
	"amiable/negotiation/money"
)

// MonthTotal is a month of one account at the gateway, added up three times: by
// the gateway's own list of all that moved, by the rows that payouts were opened
// into, and by our postings. Sums are net, in minor units; payouts themselves
// are left out.
type MonthTotal struct {
	AccountID  string          `gorm:"primaryKey"` // empty: the agency's own
	Month      negotiation.Day `gorm:"primaryKey"` // its first day
	CreditorID *string
	Currency   money.Currency
	RowCount   int64
	Listed     int64 // by the gateway
	Waiting    int64 // of it, in no payout that was opened
	Opened     int64 // by the rows of payouts
	Booked     int64 // by our postings; the agency's: its fees, less what the gateway keeps
	Strange    int64 // of Opened, what a person explains, or has explained
	Shifted    int64 // listed in this month and booked in another, less the other way round
	AskedAt    time.Time
	ClosedAt   *time.Time // it agreed, and nothing waited: it is asked about no more
}

// Lost is what of the list is neither in a payout nor waits for one.
func (m *MonthTotal) Lost() int64 { return m.Listed - m.Waiting - m.Opened }

// Unbooked is what of the list our postings do not have, and nothing explains.
func (m *MonthTotal) Unbooked() int64 { return m.Listed - m.Booked - m.Strange - m.Shifted }

// Agrees says whether the three sums are the same, or each difference has its
// reason.
func (m *MonthTotal) Agrees() bool { return m.Lost() == 0 && m.Unbooked() == 0 }

const (
	monthsAsked = 2              // that ended last: a month waits for its last payout
	monthAsked  = 20 * time.Hour // how often one is asked about
)

// TotalMonths adds up, for each account at the gateway, the months that ended
// last, until each agrees and nothing of it waits. Safe to repeat; asking again
// writes the same row.
func (s *Service) TotalMonths(ctx context.Context, limit int) (asked int, err error) {
	now, err := s.negotiation.Now(ctx)
	if err != nil {
		return 0, err
	}
	var accounts []Account
	if err := s.db.Read(ctx).Where("account_id <> ''").Order("account_id").Find(&accounts).Error; err != nil {
		return 0, fmt.Errorf("accounts: %w", err)
	}
	today := negotiation.DayOf(now)
	running := negotiation.Day(today[:8] + "01")
	for _, a := range append([]Account{{}}, accounts...) {
		for back := range monthsAsked {
			m := MonthTotal{AccountID: a.AccountID, Month: running.AddMonths(-1 - back), Currency: money.EUR, AskedAt: now}
			if a.AccountID != "" {
				m.CreditorID = &a.CreditorID
			}
			var fresh int64
			err := s.db.Read(ctx).Model(&MonthTotal{}).Where("account_id = ? AND month = ? AND (closed_at IS NOT NULL OR asked_at > ?)", m.AccountID, m.Month, now.Add(-monthAsked)).Count(&fresh).Error
			if err != nil {
				return asked, fmt.Errorf("month %s of account %q: %w", m.Month, m.AccountID, err)
			}
			if fresh > 0 {
				continue
			}
			if asked == limit {
				return asked, nil
			}
			if err := s.totalMonth(ctx, &m); err != nil {
				return asked, fmt.Errorf("month %s of account %q: %w", m.Month, m.AccountID, err)
			}
			asked++
		}
	}
	return asked, nil
}

// totalMonth adds one month up and keeps it.
func (s *Service) totalMonth(ctx context.Context, m *MonthTotal) error {
	from, until := atHour(m.Month, 0), atHour(m.Month.AddMonths(1), 0)
	costs := int64(0)
	for after := ""; ; {
		calling, cancel := context.WithTimeout(ctx, gatewayDeadline)
		rows, next, err := s.gateway.Movements(calling, m.AccountID, from, until, after)
		cancel()
		if err != nil {
			return err
		}
		fees, err := s.addListed(ctx, m, rows)
		if err != nil {
			return err
		}
		costs += fees
		if after = next; next == "" {
			break
		}
	}
	whose, booked := "TRUE", []any{from, until}
	if m.CreditorID != nil {
		whose, booked = "l.creditor_id = ?", append([]any{*m.CreditorID}, booked...)
	}
	var rows struct{ Opened, Strange int64 }
	err := errors.Join(
		s.db.Read(ctx).Raw(monthOpened, m.AccountID, from, until).Scan(&rows).Error,
		s.db.Read(ctx).Raw(fmt.Sprintf(monthBooked, m.accounts(), whose), booked...).Scan(&m.Booked).Error,
		s.db.Read(ctx).Raw(fmt.Sprintf(monthShifted, m.worth()), from, until, from, until, m.AccountID, from, until, from, until).Scan(&m.Shifted).Error,
	)
	if err != nil {
		return err
	}
	m.Opened, m.Strange = rows.Opened, rows.Strange
	if m.AccountID == "" {
		m.Booked = -m.Booked - costs
	}
	if m.Agrees() && m.Waiting == 0 {
		m.ClosedAt = &m.AskedAt
	}
	return s.db.Read(ctx).Clauses(clause.OnConflict{UpdateAll: true}).Create(m).Error
}

// addListed adds a page of the gateway's list, and what of it no payout has.
func (s *Service) addListed(ctx context.Context, m *MonthTotal, rows []PayoutRowFact) (fees int64, err error) {
	ids := make([]string, 0, len(rows))
	for _, r := range rows {
		if r.Amount.Currency == m.Currency {
			ids = append(ids, r.ID)
		}
	}
	var opened []string
	list, args := s.db.List(ids)
	if err := s.db.Read(ctx).Raw("SELECT id FROM payout_rows WHERE id IN "+list, args...).Scan(&opened).Error; err != nil {
		return 0, err
	}
	known := map[string]bool{}
	for _, id := range opened {
		known[id] = true
	}
	for _, r := range rows {
		if r.Amount.Currency != m.Currency {
			continue
		}
		net := r.Amount.Sub(r.Fee).Minor
		m.RowCount, m.Listed, fees = m.RowCount+1, m.Listed+net, fees+r.Fee.Minor
		if !known[r.ID] {
			m.Waiting += net
		}
	}
	return fees, nil
}

// monthOpened is what the rows of opened payouts have of an account's month, and
// of it what is or was in suspense, beyond the payment that it leads to.
const monthOpened = `SELECT COALESCE(SUM(r.net), 0) AS opened, COALESCE(SUM(CASE WHEN r.verdict = 'matched' THEN 0
		WHEN r.reason IN ('amount_differs', 'fee_differs') THEN r.net - p.received + CASE WHEN p.fee_withheld THEN p.fee + p.vat + p.fee_back + p.vat_back ELSE 0 END
		ELSE r.net END), 0) AS strange
	FROM payout_rows r JOIN payouts o ON o.id = r.payout_id LEFT JOIN payments p ON p.id = r.payment_id
	WHERE o.account_id = ? AND r.made_at >= ? AND r.made_at < ?`

// monthBooked is what our postings of a month, of payments through the gateway
// and of what went back of them, have of an account.
const monthBooked = `SELECT COALESCE(SUM(e.amount), 0) FROM ledger_postings l JOIN ledger_entries e ON e.posting_id = l.id LEFT JOIN ledger_postings u ON u.id = l.reverses
	WHERE COALESCE(u.kind, l.kind) = 'payment' AND e.account IN (%s) AND %s AND l.created_at >= ? AND l.created_at < ?
	AND EXISTS (SELECT 1 FROM ledger_entries c WHERE c.posting_id = l.id AND c.account = 'clearing')`

// monthShifted is what moved in a month and was booked in another, less what was
// booked in it and moved in another: around midnight, or where news came late.
const monthShifted = `SELECT COALESCE(SUM(CASE WHEN r.made_at >= ? AND r.made_at < ? THEN %[1]s ELSE 0 END - CASE WHEN l.created_at >= ? AND l.created_at < ? THEN %[1]s ELSE 0 END), 0)
	FROM payout_rows r JOIN payouts o ON o.id = r.payout_id JOIN ledger_postings l ON l.id = r.posting_id
	WHERE o.account_id = ? AND r.verdict = 'matched' AND r.kind IN ('payment', 'charge', 'transfer', 'fee')
	AND (r.made_at >= ? AND r.made_at < ? OR l.created_at >= ? AND l.created_at < ?)`

// accounts are those of the ledger in which the month is booked: of a creditor
// what came in less our fee, of the agency the fee. What is invoiced is with the
// creditor (fee_due), and both cancel.
func (m *MonthTotal) accounts() string {
	if m.AccountID == "" {
		return "'fee', 'vat', 'fee_due'"
	}
	return "'clearing', 'fee', 'vat', 'fee_due'"
}

// worth is what a row counts: the gateway's cost is booked by the list's own
// word.
func (m *MonthTotal) worth() string {
	if m.AccountID == "" {
		return "r.amount"
	}
	return "r.net"
}

// ListedMonth is a month in a list.
type ListedMonth struct {
	MonthTotal
	CreditorName string // empty: the agency's own
}

// MonthTotals returns the months in which anything moved, the latest first and
// those that do not agree before the others; for staff.
func (s *Service) MonthTotals(ctx context.Context, by negotiation.Actor, limit int) ([]ListedMonth, error) {
	if !by.IsStaff() {
		return nil, negotiation.Refuse(negotiation.Forbidden, "not_your_role")
	}
	var list []ListedMonth
	err := s.db.Read(ctx).Table("month_totals m").Select("m.*, COALESCE(c.name, '') AS creditor_name").Joins("LEFT JOIN creditors c ON c.id = m.creditor_id").
		Where("m.row_count > 0 OR m.opened <> 0 OR m.booked <> 0").
		Order("CASE WHEN m.listed = m.waiting + m.opened AND m.listed = m.booked + m.strange + m.shifted THEN 1 ELSE 0 END, m.month DESC, creditor_name, m.account_id").
		Limit(limit).Scan(&list).Error
	if err != nil {
		return nil, fmt.Errorf("month totals: %w", err)
	}
	return list, nil
}
