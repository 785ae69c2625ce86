-- +goose Up

-- The card that the instalments of a plan are charged to, by the debtor's
-- leave; empty: each is paid by hand.
ALTER TABLE plans ADD COLUMN charged TEXT NOT NULL DEFAULT '';

-- 'charge': the debtor was told that the card will be charged on that day.
ALTER TABLE plan_notices DROP CONSTRAINT plan_notices_kind_check;
ALTER TABLE plan_notices ADD CONSTRAINT plan_notices_kind_check CHECK (kind IN ('soon', 'met', 'missed', 'to_agent', 'charge'));
