-- +goose Up

-- By which way a payment's money reaches its creditor, as its mandate said when
-- it was begun.
ALTER TABLE payments ADD COLUMN separate BOOLEAN NOT NULL DEFAULT FALSE;
CREATE INDEX payments_separate ON payments (creditor_id) WHERE separate;

-- A transfer that is taken back is one of ours, or (0) the charge's own.
ALTER TABLE transits ADD COLUMN reverses INTEGER NOT NULL DEFAULT 0 CHECK (reverses >= 0);
ALTER TABLE transits ADD COLUMN problem TEXT NOT NULL DEFAULT '';
CREATE INDEX transits_at_gateway ON transits (gateway_id);
CREATE INDEX transits_waiting ON transits (next_try_at) WHERE done_at IS NULL;

-- Which movement of ours a row of a payout is.
ALTER TABLE payout_rows ADD COLUMN transit_id TEXT;
