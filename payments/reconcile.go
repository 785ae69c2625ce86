package payments

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"amiable/negotiation/database"
	"amiable/negotiation/ledger"
	"amiable/negotiation/money"
)

// draft is a row of a payout as it is read, before all are here.
type draft struct {
	PayoutID    string
	ID          string
	Kind        RowKind
	Category    string
	Source      string
	ChargeID    string
	About       string
	Amount      int64
	Fee         int64
	Net         int64
	Currency    money.Currency
	Words       string
	MadeAt      time.Time
	AvailableAt time.Time
}

// TableName names the table for gorm.
func (draft) TableName() string { return "payout_drafts" }

// Verdict is what became of a row of a payout.
type Verdict string

const (
	Matched   Verdict = "matched"   // exactly one posting of ours says the same
	Suspense  Verdict = "suspense"  // nothing of ours does: a person looks
	Explained Verdict = "explained" // a person has looked
)

// PayoutRow is one row of a payout with what it is in our books.
type PayoutRow struct {
	ID          string
	PayoutID    string
	CreditorID  *string
	Kind        RowKind
	Category    string
	Source      string
	ChargeID    string
	Amount      int64
	Fee         int64
	Net         int64
	Currency    money.Currency
	Words       string
	MadeAt      time.Time
	AvailableAt time.Time
	PaymentID   *string
	PostingID   *string
	TransitID   *string // which movement of ours with the creditor's account it is
	Verdict     Verdict
	Reason      string
	Explanation string
	BelongsTo   string
	ExplainedBy string
	ExplainedAt *time.Time
}

// Why a row is in suspense. Each is a phrase "suspense.<reason>".
const (
	UnknownCharge   = "unknown_charge"    // it leads to no payment of ours
	AmountDiffers   = "amount_differs"    // another sum than we booked
	FeeDiffers      = "fee_differs"       // another fee than the mandate's
	OtherCurrency   = "other_currency"    // not the payment's
	OtherCreditor   = "other_creditor"    // the payment is another creditor's
	PaidOutBefore   = "paid_out_before"   // the same posting stands in another payout
	NotBooked       = "not_booked"        // our payment has not come in
	NotOurRefund    = "not_our_refund"    // given back without us
	NotOurDispute   = "not_our_dispute"   // taken back, and we have not been told
	UnknownPayout   = "unknown_payout"    // an earlier payout that we do not know came back
	NothingBehindIt = "nothing_behind_it" // a correction or cost of the gateway's
	NotOurTransfer  = "not_our_transfer"  // transferred without us, or another sum than we said
)

// match is what decides on the rows of one payout, in one statement: PostgreSQL
// and SQLite read the same. The posting of a payment is the first that booked
// it, whose source is the payment's own; which row of the gateway's says how
// much of it depends on the row's kind.
//
// What went back was booked by making the payment's posting anew with what
// stays, so a row of it is matched where a refund, a chargeback or a movement of
// ours has its sum; nothing more is posted for it.
//
// A posting is paid out once: of two rows that say the same the second is in
// suspense, in this payout (t) or another (x, and payout_rows_once).
const match = `
INSERT INTO payout_rows (id, payout_id, creditor_id, kind, category, source, charge_id, amount, fee, net, currency, words, made_at, available_at, payment_id, posting_id, verdict, reason)
SELECT id, payout_id, creditor_id, kind, category, source, charge_id, amount, fee, net, currency, words, made_at, available_at,
	payment_id, CASE WHEN reason = '' THEN posting_id END, CASE WHEN reason = '' THEN 'matched' ELSE 'suspense' END, reason
FROM (
	SELECT d.id, d.payout_id, o.creditor_id, d.kind, d.category, d.source, d.charge_id, d.amount, d.fee, d.net, d.currency, d.words, d.made_at, d.available_at,
		p.id AS payment_id, COALESCE(l.id, b.id) AS posting_id,
		CASE
			WHEN d.kind = 'returned' THEN CASE WHEN e.id IS NULL THEN 'unknown_payout' WHEN d.amount <> e.amount OR d.fee <> 0 THEN 'amount_differs' ELSE '' END
			WHEN d.kind IN ('refund', 'transfer_in', 'fee_back', 'chargeback') THEN CASE
				WHEN l.id IS NULL OR (o.creditor_id IS NOT NULL AND p.creditor_id <> o.creditor_id) THEN CASE WHEN d.kind = 'chargeback' THEN 'not_our_dispute' ELSE 'not_our_refund' END
				WHEN d.kind = 'fee_back' AND p.fee_withheld AND ABS(d.amount) <= p.fee + p.vat + p.fee_back + p.vat_back THEN ''
				WHEN d.kind = 'chargeback' AND EXISTS (SELECT 1 FROM chargebacks k WHERE k.payment_id = p.id AND k.amount = ABS(d.amount)) THEN ''
				WHEN EXISTS (SELECT 1 FROM refunds f WHERE f.payment_id = p.id AND f.amount = ABS(d.amount)) THEN ''
				WHEN EXISTS (SELECT 1 FROM transits m WHERE m.payment_id = p.id AND m.amount = ABS(d.amount)) THEN ''
				WHEN d.kind = 'chargeback' THEN 'not_our_dispute'
				ELSE 'not_our_refund' END
			WHEN d.kind = 'other' THEN 'nothing_behind_it'
			WHEN p.id IS NULL THEN 'unknown_charge'
			WHEN p.currency <> d.currency THEN 'other_currency'
			WHEN o.creditor_id IS NOT NULL AND p.creditor_id <> o.creditor_id THEN 'other_creditor'
			WHEN l.id IS NULL THEN 'not_booked'
			WHEN d.kind IN ('payment', 'charge') AND d.amount <> p.received THEN 'amount_differs'
			WHEN d.kind = 'transfer' AND d.amount <> -p.received THEN 'amount_differs'
			WHEN d.kind = 'payment' AND d.fee <> CASE WHEN p.fee_withheld THEN p.fee + p.vat + p.fee_back + p.vat_back ELSE 0 END THEN 'fee_differs'
			WHEN d.kind = 'fee' AND d.amount <> CASE WHEN p.fee_withheld THEN p.fee + p.vat + p.fee_back + p.vat_back ELSE 0 END THEN 'fee_differs'
			WHEN d.id > t.first THEN 'paid_out_before'
			WHEN x.id IS NOT NULL THEN 'paid_out_before'
			ELSE ''
		END AS reason
	FROM payout_drafts d
	JOIN payouts o ON o.id = d.payout_id
	LEFT JOIN payments p ON p.charge_id = d.charge_id AND d.charge_id <> ''
	LEFT JOIN ledger_postings l ON l.source = 'payment:' || CAST(p.id AS TEXT)
	LEFT JOIN (SELECT charge_id, kind, MIN(id) AS first FROM payout_drafts WHERE payout_id = ? AND charge_id <> '' GROUP BY charge_id, kind HAVING COUNT(*) > 1) t
		ON t.charge_id = d.charge_id AND t.kind = d.kind
	LEFT JOIN payout_rows x ON x.payment_id = p.id AND x.kind = d.kind AND x.verdict = 'matched'
		AND x.kind NOT IN ('refund', 'transfer_in', 'fee_back', 'chargeback') -- of those a payment may have several
	LEFT JOIN payouts e ON e.gateway_id = d.about AND d.about <> '' AND e.account_id = o.account_id AND e.state = 'failed'
	LEFT JOIN ledger_postings b ON b.source = 'payout:' || e.gateway_id || ':returned'
	WHERE d.payout_id = ?
) judged`

// errEmpty says that the gateway lists nothing of a payout, yet.
var errEmpty = errors.New("the gateway lists no rows yet")

// Reconcile opens a payout into its rows: each is matched to the one posting of
// ours that says the same, or put in suspense with a reason. The rows add up to
// the payout to the cent, or nothing is kept but the problem. Interrupted, it
// begins anew; done, it does nothing.
func (s *Service) Reconcile(ctx context.Context, p *Payout, pages iter.Seq2[[]PayoutRowFact, error]) error {
	if err := s.dropDrafts(ctx, p.ID); err != nil {
		return err
	}
	for page, err := range pages {
		if err != nil {
			return fmt.Errorf("payout %s: %w", p.GatewayID, err)
		}
		if err := s.draftPage(ctx, p.ID, page); err != nil {
			return err
		}
	}
	now, err := s.negotiation.Now(ctx)
	if err != nil {
		return err
	}
	err = s.db.Transaction(ctx, func(tx *gorm.DB) error {
		p, err := s.lockOpening(tx, p.ID)
		if err != nil || p.IsOpen() {
			return err
		}
		var drafted struct{ Rows, Sum, Foreign int64 }
		err = tx.Raw(`SELECT COUNT(*) AS "rows", COALESCE(SUM(net), 0) AS "sum", COUNT(CASE WHEN currency <> ? THEN 1 END) AS "foreign" FROM payout_drafts WHERE payout_id = ?`, p.Currency, p.ID).
			Scan(&drafted).Error
		switch {
		case err != nil:
			return fmt.Errorf("payout %s: %w", p.GatewayID, err)
		case drafted.Rows == 0:
			return fmt.Errorf("payout %s: %w", p.GatewayID, errEmpty)
		case drafted.Sum != p.Amount || drafted.Foreign > 0:
			return fmt.Errorf("payout %s pays %v; its %d rows add up to %v, %d are in another currency", p.GatewayID, p.Sum(), drafted.Rows, money.New(drafted.Sum, p.Currency), drafted.Foreign)
		}
		p.OpenedAt, p.RowCount, p.RowSum, p.Problem = &now, drafted.Rows, drafted.Sum, ""
		if err := s.judgeTransfers(tx, p); err != nil {
			return err
		}
		if err := s.judge(tx, p); err != nil {
			return err
		}
		if err := tx.Model(&Payout{}).Where("id = ?", p.ID).Select("OpenedAt", "RowCount", "RowSum", "Problem").Updates(p).Error; err != nil {
			return fmt.Errorf("payout %s: %w", p.GatewayID, err)
		}
		if err := s.bookRows(tx, p, now); err != nil {
			return err
		}
		return s.remit(tx, p, now)
	})
	if err != nil {
		return err
	}
	return s.dropDrafts(ctx, p.ID)
}

// largePayout is from how many rows on a payout is compared as a whole.
const largePayout = 20_000

// judge matches the drafts of a payout and keeps them.
func (s *Service) judge(tx *gorm.DB, p *Payout) error {
	if s.db.Dialect() == database.Postgres {
		// A payout of a million rows is compared in memory, not row by row, and
		// the statistics of a table that was just filled say nothing.
		for _, setting := range []string{"SET LOCAL work_mem = '128MB'", "SET LOCAL enable_nestloop = off"} {
			if p.RowCount >= largePayout {
				if err := tx.Exec(setting).Error; err != nil {
					return fmt.Errorf("payout %s: %w", p.GatewayID, err)
				}
			}
		}
	}
	if err := tx.Exec(match, p.ID, p.ID).Error; err != nil {
		return fmt.Errorf("payout %s: %w", p.GatewayID, err)
	}
	return nil
}

func (s *Service) draftPage(ctx context.Context, payoutID string, page []PayoutRowFact) error {
	rows := make([]*draft, 0, len(page))
	for _, f := range page {
		rows = append(rows, &draft{
			PayoutID: payoutID, ID: f.ID, Kind: f.Kind, Category: f.Category, Source: f.Source, ChargeID: f.ChargeID, About: f.About,
			Amount: f.Amount.Minor, Fee: f.Fee.Minor, Net: f.Amount.Sub(f.Fee).Minor, Currency: f.Amount.Currency, Words: f.Words,
			MadeAt: f.MadeAt, AvailableAt: f.AvailableAt,
		})
	}
	err := s.db.Transaction(ctx, func(tx *gorm.DB) error { return database.Copy(tx, database.Table(rows)) })
	if err != nil {
		return fmt.Errorf("rows of payout %s: %w", payoutID, err)
	}
	return nil
}

func (s *Service) dropDrafts(ctx context.Context, payoutID string) error {
	if err := s.db.Read(ctx).Where("payout_id = ?", payoutID).Delete(&draft{}).Error; err != nil {
		return fmt.Errorf("rows of payout %s: %w", payoutID, err)
	}
	return nil
}

// bookRows posts what the rows of a payout say that no posting of ours did:
// money that nothing explains is in suspense, and what the gateway keeps of a
// payment is the agency's cost, never the debtor's (CMF L112-12).
func (s *Service) bookRows(tx *gorm.DB, p *Payout, now time.Time) error {
	insert := func(row any) error { return tx.Omit(clause.Associations).Create(row).Error }
	if p.CreditorID != nil {
		var strange []PayoutRow
		if err := tx.Where("payout_id = ? AND verdict = ?", p.ID, Suspense).Order("id").Find(&strange).Error; err != nil {
			return fmt.Errorf("payout %s: %w", p.GatewayID, err)
		}
		for i := range strange {
			row := &strange[i]
			// What we booked ourselves is with the posting of its payment already:
			// in suspense is the difference.
			unexplained, err := s.unexplained(tx, row)
			if err != nil {
				return err
			}
			posting := ledger.New(ledger.KindSuspense, "suspense:"+row.ID, *p.CreditorID, "", p.ArrivesOn, now).
				Add(ledger.Clearing, unexplained).Add(ledger.Suspense, unexplained.Neg())
			if err := ledger.Post(insert, posting); err != nil {
				return err
			}
		}
		return nil
	}
	var costs []struct {
		ID, CreditorID string
		Fee            int64
		Currency       money.Currency
	}
	err := tx.Raw(`SELECT r.id, CAST(p.creditor_id AS TEXT) AS creditor_id, r.fee, r.currency FROM payout_rows r JOIN payments p ON p.id = r.payment_id
		WHERE r.payout_id = ? AND r.kind = 'charge' AND r.verdict = 'matched' AND r.fee <> 0 ORDER BY r.id`, p.ID).Scan(&costs).Error
	if err != nil {
		return fmt.Errorf("payout %s: %w", p.GatewayID, err)
	}
	for _, c := range costs {
		cost := money.New(c.Fee, c.Currency)
		posting := ledger.New(ledger.KindCost, "cost:"+c.ID, c.CreditorID, "", p.ArrivesOn, now).
			Add(ledger.GatewayCost, cost).Add(ledger.Clearing, cost.Neg())
		if err := ledger.Post(insert, posting); err != nil {
			return err
		}
	}
	return nil
}

// unexplained is what a row brings beyond what our ledger has of it: nothing of
// it, or the difference to the payment that it leads to.
func (s *Service) unexplained(tx *gorm.DB, row *PayoutRow) (money.Amount, error) {
	net := money.New(row.Net, row.Currency)
	if row.PaymentID == nil || row.Reason != AmountDiffers && row.Reason != FeeDiffers {
		return net, nil
	}
	var p Payment
	if err := tx.Where("id = ?", *row.PaymentID).Take(&p).Error; err != nil {
		return net, fmt.Errorf("payment %s: %w", *row.PaymentID, err)
	}
	came := p.ReceivedAmount() // as it came in, whatever went back since
	if p.FeeWithheld {
		came = came.Sub(money.New(p.Fee+p.VAT+p.FeeBack+p.VATBack, p.Currency))
	}
	return net.Sub(came), nil
}
