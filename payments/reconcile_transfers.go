package payments

import (
	"fmt"

	"gorm.io/gorm"
)

// matchTransfers decides, before anything else is matched, on the rows of a
// payout that are movements of ours with a creditor's account: each is known by
// the gateway's own id of it, one row on the creditor's side and one on ours. The
// first transfer of a payment that came by the platform is that payment's money,
// for the posting that booked it. One after it puts in what had gone back, and
// counts as that. Of such a payment nothing else was transferred: what was is in
// suspense.
const matchTransfers = `
INSERT INTO payout_rows (id, payout_id, creditor_id, kind, category, source, charge_id, amount, fee, net, currency, words, made_at, available_at, payment_id, posting_id, transit_id, verdict, reason)
SELECT id, payout_id, creditor_id, kind, category, source, charge_id, amount, fee, net, currency, words, made_at, available_at, payment_id,
	CASE WHEN reason = '' THEN posting_id END, CASE WHEN reason = '' THEN transit_id END, CASE WHEN reason = '' THEN 'matched' ELSE 'suspense' END, reason
FROM (
	SELECT d.id, d.payout_id, o.creditor_id, d.category, d.source, d.charge_id, d.amount, d.fee, d.net, d.currency, d.words, d.made_at, d.available_at,
		CASE WHEN w.id IS NULL OR w.kind = 'pull' OR p.separate AND w.number = 1 THEN d.kind WHEN d.kind = 'payment' THEN 'refund' ELSE 'transfer_in' END AS kind,
		p.id AS payment_id, l.id AS posting_id, w.id AS transit_id,
		CASE
			WHEN p.currency <> d.currency THEN 'other_currency'
			WHEN o.creditor_id IS NOT NULL AND p.creditor_id <> o.creditor_id THEN 'other_creditor'
			WHEN l.id IS NULL THEN 'not_booked'
			WHEN w.payment_id = p.id AND (w.kind = 'put') = (d.kind IN ('payment', 'transfer')) AND (ABS(d.amount) = w.amount - w.fee OR w.kind = 'pull' AND ABS(d.amount) = w.amount) THEN ''
			WHEN d.kind IN ('refund', 'transfer_in') THEN 'not_our_refund'
			ELSE 'not_our_transfer' END AS reason
	FROM payout_drafts d JOIN payouts o ON o.id = d.payout_id JOIN payments p ON p.charge_id = d.charge_id
	LEFT JOIN transits w ON w.gateway_id = d.about AND d.about <> ''
	LEFT JOIN ledger_postings l ON l.source = 'payment:' || CAST(p.id AS TEXT)
	WHERE d.payout_id = ? AND d.charge_id <> '' AND (w.id IS NOT NULL AND d.kind IN ('payment', 'transfer', 'refund', 'transfer_in') OR p.separate AND d.kind IN ('payment', 'transfer'))
) judged`

// unheard counts the rows of a payout that a transfer can have brought which was
// asked for, and of which it was not heard that it was made.
const unheard = `SELECT COUNT(*) FROM payout_drafts d WHERE d.payout_id = ? AND d.kind IN ('payment', 'transfer')
	AND d.charge_id IN (SELECT p.charge_id FROM transits m JOIN payments p ON p.id = m.payment_id WHERE m.done_at IS NULL AND m.kind = 'put' AND p.separate)
	AND NOT EXISTS (SELECT 1 FROM transits w WHERE w.gateway_id = d.about)`

// judgeTransfers keeps the rows of a payout that are movements of ours, and takes
// them out of the drafts. A payout with a transfer that was not heard of is not
// opened: in some minutes it is. Where nothing was ever moved this costs nothing.
func (s *Service) judgeTransfers(tx *gorm.DB, p *Payout) error {
	var moved bool
	if err := tx.Raw("SELECT EXISTS (SELECT 1 FROM transits) OR EXISTS (SELECT 1 FROM payments WHERE separate)").Scan(&moved).Error; err != nil || !moved {
		return err
	}
	var waits int64
	if err := tx.Raw(unheard, p.ID).Scan(&waits).Error; err != nil {
		return fmt.Errorf("payout %s: %w", p.GatewayID, err)
	}
	if waits > 0 {
		return fmt.Errorf("payout %s: of %d transfers in it we have not heard that they were made", p.GatewayID, waits)
	}
	for _, statement := range []string{matchTransfers, "DELETE FROM payout_drafts WHERE payout_id = ? AND id IN (SELECT r.id FROM payout_rows r WHERE r.payout_id = payout_drafts.payout_id)"} {
		if err := tx.Exec(statement, p.ID).Error; err != nil {
			return fmt.Errorf("payout %s: %w", p.GatewayID, err)
		}
	}
	return nil
}
