-- +goose Up

-- Of rows that say the same of money that goes back, which one it is: as many
-- are matched as we made such movements.
ALTER TABLE payout_rows ADD COLUMN nth BIGINT;
UPDATE payout_rows SET nth = n.nth FROM (
	SELECT id, ROW_NUMBER() OVER (PARTITION BY payment_id, kind, creditor_id IS NULL, CASE WHEN kind = 'fee_back' THEN 0 ELSE amount END ORDER BY made_at, id) AS nth
	FROM payout_rows WHERE verdict = 'matched' AND kind IN ('refund', 'transfer_in', 'fee_back', 'chargeback')
) n WHERE n.id = payout_rows.id;
CREATE UNIQUE INDEX payout_rows_back_once ON payout_rows (payment_id, kind, amount, nth, (creditor_id IS NULL)) WHERE verdict = 'matched' AND kind IN ('refund', 'transfer_in', 'fee_back', 'chargeback');
CREATE INDEX refunds_of_payment ON refunds (payment_id);
CREATE INDEX chargebacks_of_payment ON chargebacks (payment_id);
