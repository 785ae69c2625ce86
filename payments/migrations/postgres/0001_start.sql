-- +goose Up

-- The account at the gateway into which a creditor's payments go.
CREATE TABLE gateway_accounts (
	creditor_id UUID PRIMARY KEY REFERENCES creditors (id),
	account_id TEXT NOT NULL UNIQUE,
	charges_enabled BOOLEAN NOT NULL,
	payouts_enabled BOOLEAN NOT NULL,
	details_submitted BOOLEAN NOT NULL,
	requirements TEXT NOT NULL DEFAULT '', -- what the gateway still asks for, one word per line
	disabled_reason TEXT NOT NULL DEFAULT '',
	updated_at TIMESTAMPTZ NOT NULL,
	created_at TIMESTAMPTZ NOT NULL
);

-- One attempt to collect, or money received elsewhere and recorded.
CREATE TABLE payments (
	id UUID PRIMARY KEY,
	creditor_id UUID NOT NULL,
	case_id UUID NOT NULL REFERENCES cases (id),
	party_id UUID REFERENCES parties (id),
	kind TEXT NOT NULL CHECK (kind IN ('checkout', 'elsewhere')),
	state TEXT NOT NULL CHECK (state IN ('started', 'processing', 'succeeded', 'failed', 'cancelled', 'reversed')),
	amount BIGINT NOT NULL CHECK (amount > 0), -- asked; received stands beside it
	received BIGINT NOT NULL DEFAULT 0 CHECK (received >= 0),
	currency TEXT NOT NULL,
	whole BOOLEAN NOT NULL,                    -- asked for as all that was owed
	claims TEXT NOT NULL DEFAULT '',           -- the claims that the debtor chose, comma between
	fee BIGINT NOT NULL DEFAULT 0 CHECK (fee >= 0),
	vat BIGINT NOT NULL DEFAULT 0 CHECK (vat >= 0),
	fee_withheld BOOLEAN NOT NULL DEFAULT FALSE,
	asked_on DATE NOT NULL,
	good_until DATE NOT NULL,
	session_id TEXT UNIQUE,
	session_url TEXT NOT NULL DEFAULT '',
	request TEXT NOT NULL DEFAULT '',          -- what the gateway is asked, until its page is known
	intent_id TEXT UNIQUE,
	charge_id TEXT NOT NULL DEFAULT '',
	expires_at TIMESTAMPTZ,
	means TEXT NOT NULL DEFAULT '',
	reference TEXT NOT NULL DEFAULT '',        -- elsewhere: the bank's or the cheque's
	proof TEXT NOT NULL DEFAULT '',
	paid_on DATE,
	succeeded_at TIMESTAMPTZ,
	reversible_until DATE,
	failure TEXT NOT NULL DEFAULT '',
	recognition TEXT NOT NULL DEFAULT '',      -- version of the text by which the debt was recognised
	excess BIGINT NOT NULL DEFAULT 0 CHECK (excess >= 0),
	problem TEXT NOT NULL DEFAULT '',          -- what a person must look at
	by_role TEXT NOT NULL,
	by_id TEXT NOT NULL,
	on_behalf_of TEXT NOT NULL DEFAULT '',
	created_at TIMESTAMPTZ NOT NULL
);
CREATE UNIQUE INDEX payments_one_open_checkout ON payments (case_id) WHERE kind = 'checkout' AND state = 'started';
CREATE INDEX payments_of_case ON payments (case_id);
CREATE INDEX payments_of_creditor ON payments (creditor_id, paid_on);
CREATE INDEX payments_unfinished ON payments (created_at) WHERE state IN ('started', 'processing');

-- The legal acknowledgement of one payment (CPCE R124-6).
CREATE TABLE receipts (
	id UUID PRIMARY KEY,
	creditor_id UUID NOT NULL,
	case_id UUID NOT NULL REFERENCES cases (id),
	payment_id UUID NOT NULL REFERENCES payments (id),
	number TEXT NOT NULL UNIQUE,
	corrects UUID REFERENCES receipts (id),
	content TEXT NOT NULL,
	text_version TEXT NOT NULL,
	created_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX receipts_of_case ON receipts (case_id);
CREATE UNIQUE INDEX receipts_of_payment ON receipts (payment_id) WHERE corrects IS NULL;

-- What the gateway told us, once per notification, as it came.
CREATE TABLE notifications (
	id TEXT PRIMARY KEY,
	type TEXT NOT NULL,
	account TEXT NOT NULL DEFAULT '',
	body TEXT NOT NULL,
	payment_id UUID,
	problem TEXT NOT NULL DEFAULT '',
	attempts BIGINT NOT NULL DEFAULT 0,
	next_try_at TIMESTAMPTZ,
	applied_at TIMESTAMPTZ,
	created_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX notifications_waiting ON notifications (next_try_at) WHERE applied_at IS NULL;
