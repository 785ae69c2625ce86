-- +goose Up

-- Whether the creditor's account takes SEPA debits, and the identifier (ICS) by
-- which the debtor's bank knows who debits.
ALTER TABLE gateway_accounts ADD COLUMN debits_enabled BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE gateway_accounts ADD COLUMN creditor_identifier TEXT NOT NULL DEFAULT '';

-- By what the debtor lets themselves be charged, and of an account the mandate.
ALTER TABLE authorities ADD COLUMN method TEXT NOT NULL DEFAULT 'card' CHECK (method IN ('card', 'sepa_debit'));
ALTER TABLE authorities ADD COLUMN mandate_id TEXT NOT NULL DEFAULT '';
ALTER TABLE authorities ADD COLUMN mandate_reference TEXT NOT NULL DEFAULT '';
ALTER TABLE authorities ADD COLUMN mandate_url TEXT NOT NULL DEFAULT '';
ALTER TABLE authorities ADD COLUMN creditor_identifier TEXT NOT NULL DEFAULT '';

-- A debit waits for days between being handed in and being here.
CREATE INDEX payments_on_their_way ON payments (created_at) WHERE state = 'processing';
