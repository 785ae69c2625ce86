package payments

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"time"

	"gorm.io/gorm"

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
	Nth         *int64  // of rows that say the same of money that goes back
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

// match decides on the rows of one payout, in one statement: PostgreSQL and
// SQLite read the same. The posting of a payment is the first that booked it,
// whose source is the payment's own; which row of the gateway's says how much of
// it depends on the row's kind.
//
// What went back was booked by making the payment's posting anew with what
// stays, so a row of it is matched where a refund, a chargeback or a movement of
// ours has its sum; nothing more is posted for it. Of rows that say the same no
// more are matched than there are such movements: nth counts them, over all
// payouts.
const match = `
INSERT INTO payout_rows (id, payout_id, creditor_id, kind, category, source, charge_id, amount, fee, net, currency, words, made_at, available_at, payment_id, posting_id, nth, verdict, reason)
SELECT id, payout_id, creditor_id, kind, category, source, charge_id, amount, fee, net, currency, words, made_at, available_at, payment_id,
	CASE WHEN reason = '' THEN posting_id END, CASE WHEN reason = '' THEN nth END, CASE WHEN reason = '' THEN 'matched' ELSE 'suspense' END, reason
FROM (
	SELECT f.*, CASE
		WHEN f.kind = 'returned' THEN CASE WHEN f.returned IS NULL THEN 'unknown_payout' WHEN f.amount <> f.returned OR f.fee <> 0 THEN 'amount_differs' ELSE '' END
		WHEN f.kind IN ` + backKinds + ` THEN CASE
			WHEN f.posting_id IS NOT NULL AND (f.creditor_id IS NULL OR f.creditor_id = f.booked_for) AND f.nth <= ` + movements + `
				AND (f.kind <> 'fee_back' OR f.fee_withheld AND ABS(f.amount) <= f.booked_fee) THEN ''
			WHEN f.kind = 'chargeback' THEN 'not_our_dispute'
			ELSE 'not_our_refund' END
		WHEN f.kind = 'other' THEN 'nothing_behind_it'
		WHEN f.payment_id IS NULL THEN 'unknown_charge'
		WHEN f.currency <> f.booked_in THEN 'other_currency'
		WHEN f.creditor_id <> f.booked_for THEN 'other_creditor'
		WHEN f.posting_id IS NULL THEN 'not_booked'
		WHEN f.kind IN ('payment', 'charge') AND f.amount <> f.received THEN 'amount_differs'
		WHEN f.kind = 'transfer' AND f.amount <> -f.received THEN 'amount_differs'
		WHEN f.kind = 'payment' AND f.fee <> f.booked_fee THEN 'fee_differs'
		WHEN f.kind = 'fee' AND f.amount <> f.booked_fee THEN 'fee_differs'
		WHEN f.repeated THEN 'paid_out_before'
		ELSE '' END AS reason
	FROM (
		SELECT d.*, o.creditor_id, p.id AS payment_id, p.currency AS booked_in, p.creditor_id AS booked_for, p.received, p.fee_withheld,
			CASE WHEN p.fee_withheld THEN p.fee + p.vat + p.fee_back + p.vat_back ELSE 0 END AS booked_fee, e.amount AS returned,
			CASE WHEN e.id IS NULL THEN l.id ELSE (SELECT b.id FROM ledger_postings b WHERE b.source = 'payout:' || e.gateway_id || ':returned') END AS posting_id,
			CASE WHEN g.nth IS NOT NULL THEN g.nth + (SELECT COUNT(*) FROM payout_rows x WHERE x.payment_id = p.id AND x.kind = d.kind AND (x.creditor_id IS NULL) = (o.creditor_id IS NULL)
				AND (x.amount = d.amount OR d.kind = 'fee_back') AND x.verdict = 'matched' AND x.kind IN ` + backKinds + `) END AS nth,
			%s AS repeated
		FROM payout_drafts d
		JOIN payouts o ON o.id = d.payout_id
		LEFT JOIN payments p ON p.charge_id = d.charge_id AND d.charge_id <> ''
		LEFT JOIN ledger_postings l ON l.source = 'payment:' || CAST(p.id AS TEXT)
		LEFT JOIN payouts e ON e.gateway_id = d.about AND d.about <> '' AND e.account_id = o.account_id AND e.state = 'failed'
		LEFT JOIN (SELECT id, ROW_NUMBER() OVER (PARTITION BY charge_id, kind, CASE WHEN kind = 'fee_back' THEN 0 ELSE amount END ORDER BY id) AS nth
			FROM payout_drafts WHERE payout_id = ? AND kind IN ` + backKinds + `) g ON g.id = d.id
		%s
		WHERE d.payout_id = ?
	) f
	LIMIT 1000000000 -- the reason is worked out once, and not wherever it is asked for
) judged`

// backKinds are the rows of money that goes back: of one payment there may be
// many, even of the same sum.
const backKinds = `('refund', 'transfer_in', 'fee_back', 'chargeback')`

// movements counts what of ours can be behind a row of money that goes back. A
// refund is a row of the agency's, and where it is pulled, as a movement with
// the account is, one of the creditor's, of the transfer and of the fee.
const movements = `CASE WHEN f.kind = 'chargeback' THEN (SELECT COUNT(*) FROM chargebacks k WHERE k.payment_id = f.payment_id AND k.amount = ABS(f.amount))
	ELSE (SELECT COUNT(*) FROM refunds r WHERE r.payment_id = f.payment_id AND r.gateway_id IS NOT NULL
			AND (r.pulled OR f.kind = 'refund' AND f.creditor_id IS NULL) AND (r.amount = ABS(f.amount) OR f.kind = 'fee_back'))
		+ (SELECT COUNT(*) FROM transits m WHERE m.payment_id = f.payment_id AND m.kind = 'pull'
			AND NOT (f.kind = 'refund' AND f.creditor_id IS NULL) AND (m.amount = ABS(f.amount) OR f.kind = 'fee_back')) END`

// A posting is paid out once: of two rows that say the same the second is in
// suspense, in this payout (t) or after another (x). They are looked for only
// where payout_rows_once or payout_rows_back_once says that there are any.
const (
	repeated      = `(d.id > t.first OR x.id IS NOT NULL)`
	repeatedJoins = `LEFT JOIN (SELECT charge_id, kind, MIN(id) AS first FROM payout_drafts WHERE payout_id = ? AND charge_id <> '' GROUP BY charge_id, kind HAVING COUNT(*) > 1) t
			ON t.charge_id = d.charge_id AND t.kind = d.kind
		LEFT JOIN payout_rows x ON x.payment_id = p.id AND x.kind = d.kind AND x.verdict = 'matched' AND x.kind NOT IN ` + backKinds
)

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

const (
	largePayout  = 50_000 // from so many rows on a payout is compared as a whole
	draftsAtOnce = 2_000
)

// judge matches the drafts of a payout and keeps them.
func (s *Service) judge(tx *gorm.DB, p *Payout) error {
	if s.db.Dialect() == database.Postgres && p.RowCount >= largePayout {
		// A payout of a million rows is compared in memory, not row by row, and what
		// was read just now has to be known for a good plan. Compiling the statement
		// takes seconds longer than it saves.
		for _, setting := range []string{"ANALYZE payout_drafts (payout_id, kind, charge_id)", "SET LOCAL work_mem = '256MB'", "SET LOCAL enable_nestloop = off", "SET LOCAL jit = off"} {
			if err := tx.Exec(setting).Error; err != nil {
				return fmt.Errorf("payout %s: %w", p.GatewayID, err)
			}
		}
	}
	err := tx.Transaction(func(tx *gorm.DB) error { return tx.Exec(fmt.Sprintf(match, "FALSE", ""), p.ID, p.ID).Error })
	if database.IsDuplicate(err) {
		err = tx.Exec(fmt.Sprintf(match, repeated, repeatedJoins), p.ID, p.ID, p.ID).Error
	}
	if err != nil {
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
	var lots []database.Lot // each is made ready while the one before is taken in
	for lot := range slices.Chunk(rows, draftsAtOnce) {
		lots = append(lots, database.Table(lot))
	}
	err := s.db.Transaction(ctx, func(tx *gorm.DB) error { return database.Copy(tx, lots...) })
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
	var rows []struct {
		ID, CreditorID string
		Sum            int64
		Currency       money.Currency
	}
	book, values := costs, []any{p.ID}
	if p.CreditorID != nil {
		book, values = strange, []any{*p.CreditorID, p.ID}
	}
	if err := tx.Raw(book, values...).Scan(&rows).Error; err != nil {
		return fmt.Errorf("payout %s: %w", p.GatewayID, err)
	}
	for some := range slices.Chunk(rows, draftsAtOnce) {
		postings := make([]*ledger.Posting, 0, len(some))
		for _, r := range some {
			sum := money.New(r.Sum, r.Currency)
			if p.CreditorID != nil {
				postings = append(postings, ledger.New(ledger.KindSuspense, "suspense:"+r.ID, r.CreditorID, "", p.ArrivesOn, now).
					Add(ledger.Clearing, sum).Add(ledger.Suspense, sum.Neg()))
			} else {
				postings = append(postings, ledger.New(ledger.KindCost, "cost:"+r.ID, r.CreditorID, "", p.ArrivesOn, now).
					Add(ledger.GatewayCost, sum).Add(ledger.Clearing, sum.Neg()))
			}
		}
		if err := postMany(tx, postings); err != nil {
			return err
		}
	}
	return nil
}

// strange is what rows in suspense bring beyond what our ledger has of them. What
// we booked ourselves is with the posting of its payment already, as it came in,
// whatever went back since: in suspense is the difference.
const strange = `SELECT r.id, CAST(? AS TEXT) AS creditor_id, r.currency, r.net - CASE WHEN p.id IS NULL OR r.reason NOT IN ('amount_differs', 'fee_differs') THEN 0
		ELSE p.received - CASE WHEN p.fee_withheld THEN p.fee + p.vat + p.fee_back + p.vat_back ELSE 0 END END AS "sum"
	FROM payout_rows r LEFT JOIN payments p ON p.id = r.payment_id WHERE r.payout_id = ? AND r.verdict = 'suspense' ORDER BY r.id`

// costs are what the gateway keeps of payments.
const costs = `SELECT r.id, CAST(p.creditor_id AS TEXT) AS creditor_id, r.currency, r.fee AS "sum" FROM payout_rows r JOIN payments p ON p.id = r.payment_id
	WHERE r.payout_id = ? AND r.kind = 'charge' AND r.verdict = 'matched' AND r.fee <> 0 ORDER BY r.id`

// postMany posts table by table: a payout has as many costs as payments.
func postMany(tx *gorm.DB, postings []*ledger.Posting) error {
	var heads []*ledger.Posting
	var entries []*ledger.Entry
	err := ledger.Post(func(row any) error {
		switch r := row.(type) {
		case *ledger.Posting:
			heads = append(heads, r)
		case *ledger.Entry:
			entries = append(entries, r)
		}
		return nil
	}, postings...)
	if err != nil {
		return err
	}
	return database.Copy(tx, database.Table(heads), database.Table(entries))
}
