-- +goose Up

-- Whether the creditor's account takes bank transfers.
ALTER TABLE gateway_accounts ADD COLUMN transfers_enabled BOOLEAN NOT NULL DEFAULT FALSE;

-- A transfer that is awaited: where it goes, and what has come of it.
ALTER TABLE payments ADD COLUMN announced_at TIMESTAMPTZ;
ALTER TABLE payments ADD COLUMN announcement TEXT NOT NULL DEFAULT '';
ALTER TABLE payments ADD COLUMN funded BIGINT NOT NULL DEFAULT 0 CHECK (funded = 0 OR (funded > 0 AND funded < amount AND state = 'started'));
-- It was made of what lay on the case's transfer account.
ALTER TABLE payments ADD COLUMN taken_held BOOLEAN NOT NULL DEFAULT FALSE;
CREATE INDEX payments_announced ON payments (announced_at) WHERE state = 'started' AND announced_at IS NOT NULL;
CREATE UNIQUE INDEX payments_one_take ON payments (case_id) WHERE taken_held AND state = 'processing';

-- The account number at the gateway that is a case's alone, and what lies on it.
CREATE TABLE transfer_accounts (
	case_id UUID PRIMARY KEY REFERENCES cases (id),
	creditor_id UUID NOT NULL,
	customer_id TEXT NOT NULL UNIQUE,
	held BIGINT NOT NULL DEFAULT 0 CHECK (held >= 0),
	currency TEXT NOT NULL,
	held_since TIMESTAMPTZ,
	next_look_at TIMESTAMPTZ,
	created_at TIMESTAMPTZ NOT NULL,
	CHECK ((held = 0) = (held_since IS NULL)),
	CHECK (held = 0 OR next_look_at IS NOT NULL)  -- nothing lies there that nobody looks at
);
CREATE INDEX transfer_accounts_to_look_at ON transfer_accounts (next_look_at) WHERE next_look_at IS NOT NULL;
