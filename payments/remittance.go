package payments

import (
	"context"
	"fmt"
	"strings"
	"time"

	"gorm.io/gorm"

	"amiable/negotiation"
	"amiable/negotiation/database"
	"amiable/negotiation/ledger"
	"amiable/negotiation/money"
)

// RemittanceKind says what a remittance is about.
type RemittanceKind string

const (
	PayoutRemittance RemittanceKind = "payout" // one payout of the gateway's
	PeriodRemittance RemittanceKind = "period" // a month's money that did not pass through it
)

// Remittance tells a creditor what was collected, what was kept back and what
// reaches it, to the cent.
type Remittance struct {
	ID                string
	CreditorID        string
	Number            string
	Kind              RemittanceKind
	PayoutID          *string
	FromOn            negotiation.Day
	UntilOn           negotiation.Day
	Currency          money.Currency
	Gross             int64
	Fee               int64
	VAT               int64 `gorm:"column:vat"`
	Net               int64
	PaidOverOn        negotiation.Day
	PaidOverReference string
	BankEntryID       *string // the debit that paid it over, once the bank has told of it
	CreatedAt         time.Time
}

// Place is where money was when it came in.
type Place string

const (
	AtGateway  Place = "gateway"
	AtAgency   Place = "agency"   // on the dedicated account: to be paid over (CPCE R124-6)
	AtCreditor Place = "creditor" // there already: nothing is to be paid over
)

// RemittanceLine is one line of a remittance.
type RemittanceLine struct {
	RemittanceID string
	Line         int64
	Subject      string
	Kind         string
	PaymentID    *string
	CaseID       *string
	RowID        string
	OnDay        negotiation.Day
	Place        Place
	Gross        int64
	Fee          int64
	VAT          int64 `gorm:"column:vat"`
	Net          int64
	Words        string
}

// remitLines writes the lines of a payout's remittance from its rows. Fee and
// VAT are the payment's where it was withheld, in proportion where a part goes
// back; of a transfer that was made without the fee, what it was made for is the
// gross. A subject stands on one remittance: the payment, or else the row.
const remitLines = `
INSERT INTO remittance_lines (remittance_id, line, subject, kind, payment_id, case_id, row_id, on_day, place, gross, fee, vat, net, words)
SELECT %s, ROW_NUMBER() OVER (ORDER BY made_at, payment_id, id), subject, kind, payment_id, case_id, id, on_day, 'gateway', gross, gross - net - vat, vat, net, words
FROM (
	SELECT id, made_at, subject, kind, payment_id, case_id, on_day, gross, CASE WHEN fees > 0 THEN (gross - net) * vats / fees ELSE 0 END AS vat, net, words
	FROM (
	SELECT r.id, r.made_at, CASE WHEN r.kind = 'payment' AND r.verdict = 'matched' THEN 'payment:' || CAST(r.payment_id AS TEXT) ELSE 'row:' || r.id END AS subject,
		CASE WHEN r.verdict = 'matched' THEN r.kind ELSE 'other' END AS kind, r.payment_id, p.case_id,
		CASE WHEN r.kind = 'payment' THEN COALESCE(p.paid_on, %s) ELSE %[2]s END AS on_day, CASE WHEN w.id IS NULL OR r.fee <> 0 THEN r.amount WHEN r.net < 0 THEN -w.amount ELSE w.amount END AS gross,
		CASE WHEN p.fee_withheld THEN p.fee + p.vat + p.fee_back + p.vat_back ELSE 0 END AS fees, COALESCE(p.vat + p.vat_back, 0) AS vats, r.net, r.words
	FROM payout_rows r LEFT JOIN payments p ON p.id = r.payment_id LEFT JOIN transits w ON w.id = r.transit_id WHERE r.payout_id = ?) told
) lines`

// remit writes the remittance of a payout that was opened just now.
func (s *Service) remit(tx *gorm.DB, p *Payout, now time.Time) error {
	if p.CreditorID == nil {
		return nil
	}
	r := &Remittance{
		ID: newID(), CreditorID: *p.CreditorID, Kind: PayoutRemittance, PayoutID: &p.ID, FromOn: p.ArrivesOn, UntilOn: p.ArrivesOn,
		Currency: p.Currency, CreatedAt: now,
	}
	var err error
	if r.Number, err = remittanceNumber(tx, p.ArrivesOn); err != nil {
		return err
	}
	if err := tx.Create(r).Error; err != nil {
		return fmt.Errorf("remittance of payout %s: %w", p.GatewayID, err)
	}
	made, remittance := "date(r.made_at)", "'"+r.ID+"'"
	if s.db.Dialect() == database.Postgres {
		made, remittance = "CAST(r.made_at AT TIME ZONE 'Europe/Paris' AS date)", "CAST('"+r.ID+"' AS uuid)"
	}
	if err := tx.Exec(fmt.Sprintf(remitLines, remittance, made), p.ID).Error; err != nil {
		return fmt.Errorf("remittance of payout %s: %w", p.GatewayID, err)
	}
	if err := total(tx, r); err != nil {
		return err
	}
	if r.Net != p.Amount {
		return fmt.Errorf("remittance %s: its lines add up to %v, the payout is %v", r.Number, money.New(r.Net, r.Currency), p.Sum())
	}
	return nil
}

func remittanceNumber(tx *gorm.DB, on negotiation.Day) (string, error) {
	year := string(on[:4])
	n, err := next(tx, "remittance:"+year)
	return fmt.Sprintf("RV-%s-%03d", year, n), err
}

// total adds the lines of a remittance up and keeps the sums with it.
func total(tx *gorm.DB, r *Remittance) error {
	var sums struct {
		Gross, Fee, VAT, Net int64
		FromOn, UntilOn      negotiation.Day
	}
	err := tx.Model(&RemittanceLine{}).Where("remittance_id = ?", r.ID).
		Select("SUM(gross) AS gross, SUM(fee) AS fee, SUM(vat) AS vat, SUM(net) AS net, MIN(on_day) AS from_on, MAX(on_day) AS until_on").Scan(&sums).Error
	if err != nil {
		return fmt.Errorf("remittance %s: %w", r.Number, err)
	}
	r.Gross, r.Fee, r.VAT, r.Net = sums.Gross, sums.Fee, sums.VAT, sums.Net
	if r.Kind == PayoutRemittance {
		r.FromOn, r.UntilOn = sums.FromOn, sums.UntilOn
	}
	if err := tx.Model(&Remittance{}).Where("id = ?", r.ID).Select("Gross", "Fee", "VAT", "Net", "FromOn", "UntilOn").Updates(r).Error; err != nil {
		return fmt.Errorf("remittance %s: %w", r.Number, err)
	}
	return nil
}

// notYet selects payments that did not pass through the gateway and stand on no
// remittance, and those turned round since theirs.
const notYet = `p.kind NOT IN ('checkout', 'collection') AND p.paid_on <= ? AND (
	p.state = 'succeeded' AND NOT EXISTS (SELECT 1 FROM remittance_lines l WHERE l.subject = 'payment:' || CAST(p.id AS TEXT))
	OR p.state = 'reversed' AND EXISTS (SELECT 1 FROM remittance_lines l WHERE l.subject = 'payment:' || CAST(p.id AS TEXT))
		AND NOT EXISTS (SELECT 1 FROM remittance_lines l WHERE l.subject = 'reversal:' || CAST(p.id AS TEXT)))`

// RemitMonths writes, once a month is over, each creditor's remittance of what
// came in elsewhere: with itself already, or on the agency's dedicated account
// and to be paid over. It is safe to repeat.
func (s *Service) RemitMonths(ctx context.Context, limit int) (written int, err error) {
	today, err := s.negotiation.Today(ctx)
	if err != nil {
		return 0, err
	}
	from, until := lastMonth(today)
	var due []struct {
		CreditorID string
		Currency   money.Currency
	}
	err = s.db.Read(ctx).Raw("SELECT DISTINCT CAST(p.creditor_id AS TEXT) AS creditor_id, p.currency FROM payments p WHERE "+notYet+" ORDER BY 1, 2 LIMIT ?", until, limit).Scan(&due).Error
	if err != nil {
		return 0, fmt.Errorf("months to remit: %w", err)
	}
	for _, d := range due {
		err := s.negotiation.OnCreditor(ctx, d.CreditorID, func(t *negotiation.Tx, c *negotiation.Creditor) error {
			return s.remitMonth(t, c, d.Currency, from, until)
		})
		if err != nil {
			return written, fmt.Errorf("remittance of creditor %s: %w", d.CreditorID, err)
		}
		written++
	}
	return written, nil
}

// lastMonth is the month that ended before today.
func lastMonth(today negotiation.Day) (from, until negotiation.Day) {
	until = today[:8] + "01"
	until = until.Add(-1)
	return until[:8] + "01", until
}

func (s *Service) remitMonth(t *negotiation.Tx, c *negotiation.Creditor, currency money.Currency, from, until negotiation.Day) error {
	var due []struct {
		Payment
		Bank int64
	}
	err := t.Raw(`SELECT p.*, (SELECT COUNT(*) FROM ledger_postings l JOIN ledger_entries e ON e.posting_id = l.id
		WHERE l.source = 'payment:' || CAST(p.id AS TEXT) AND e.account IN ('bank', 'suspense')) AS bank
		FROM payments p WHERE p.creditor_id = ? AND p.currency = ? AND `+notYet+` ORDER BY p.paid_on, p.id`, c.ID, currency, until).Scan(&due).Error
	if err != nil || len(due) == 0 {
		return err
	}
	r := &Remittance{ID: newID(), CreditorID: c.ID, Kind: PeriodRemittance, FromOn: from, UntilOn: until, Currency: currency, CreatedAt: t.Now}
	if r.Number, err = remittanceNumber(t.DB, until); err != nil {
		return err
	}
	lines := make([]*RemittanceLine, 0, len(due))
	for i := range due {
		p := &due[i].Payment
		line := &RemittanceLine{
			RemittanceID: r.ID, Line: int64(i + 1), Subject: "payment:" + p.ID, Kind: "payment", PaymentID: &p.ID, CaseID: &p.CaseID, OnDay: p.PaidOn,
			Place: AtCreditor, Gross: p.Received, Words: p.Reference,
		}
		if due[i].Bank > 0 {
			line.Place, line.Net = AtAgency, p.Received
		}
		if p.State == Reversed {
			line.Subject, line.Kind, line.Gross, line.Net, line.OnDay = "reversal:"+p.ID, "reversal", -line.Gross, -line.Net, until
		}
		r.Gross, r.Net = r.Gross+line.Gross, r.Net+line.Net
		lines = append(lines, line)
	}
	if err := t.InsertNow(r); err != nil {
		return err
	}
	if err := t.Create(&lines).Error; err != nil {
		return fmt.Errorf("remittance %s: %w", r.Number, err)
	}
	return c.Event(t, negotiation.System, negotiation.RemittanceWritten, map[string]any{"remittance": r.Number, "until": until})
}

// PayOver records that the agency sent on what was on its dedicated account:
// the day and the reference of its bank.
func (s *Service) PayOver(ctx context.Context, by negotiation.Actor, remittanceID string, on negotiation.Day, reference string) error {
	if !by.IsStaff() {
		return negotiation.Refuse(negotiation.Forbidden, "not_your_role")
	}
	reference = strings.TrimSpace(reference)
	found, err := s.Remittance(ctx, by, remittanceID)
	if err != nil {
		return err
	}
	return s.negotiation.OnCreditor(ctx, found.CreditorID, func(t *negotiation.Tx, c *negotiation.Creditor) error {
		var r Remittance
		if err := s.db.ForUpdate(t.DB).Where("id = ?", remittanceID).Take(&r).Error; err != nil {
			return fmt.Errorf("remittance %s: %w", remittanceID, err)
		}
		switch {
		case r.Kind != PeriodRemittance || r.Net <= 0:
			return negotiation.Refuse(negotiation.Conflict, "nothing_to_pay_over")
		case !r.PaidOverOn.IsZero():
			return negotiation.Refuse(negotiation.Conflict, "paid_over_already")
		case on.IsZero():
			return negotiation.Refuse(negotiation.Invalid, "date_missing").On("on")
		case on.After(t.Today):
			return negotiation.Refuse(negotiation.Invalid, "date_in_future").On("on")
		case on.Before(r.FromOn):
			return negotiation.Refuse(negotiation.Invalid, "date_unbelievable").On("on")
		case reference == "":
			return negotiation.Refuse(negotiation.Invalid, "reference_missing").On("reference")
		}
		posting := ledger.New(ledger.KindPayout, r.paidOver(), c.ID, "", on, t.Now).
			Add(ledger.Payable, r.sum(r.Net)).Add(ledger.Bank, r.sum(r.Net).Neg())
		if err := ledger.Post(func(row any) error { return t.InsertNow(row) }, posting); err != nil {
			return err
		}
		changed := map[string]any{"paid_over_on": on, "paid_over_reference": reference}
		if err := t.Model(&Remittance{}).Where("id = ?", r.ID).Updates(changed).Error; err != nil {
			return fmt.Errorf("remittance %s: %w", r.Number, err)
		}
		return c.Event(t, by, negotiation.PaidOver, map[string]any{"remittance": r.Number, "amount": r.sum(r.Net), "on": on, "reference": reference})
	})
}

func (r *Remittance) sum(minor int64) money.Amount { return money.New(minor, r.Currency) }

// Sums are the totals of a remittance.
func (r *Remittance) Sums() (gross, fee, vat, net money.Amount) {
	return r.sum(r.Gross), r.sum(r.Fee), r.sum(r.VAT), r.sum(r.Net)
}
