-- +goose Up

-- The account at the gateway into which a creditor's payments go.
CREATE TABLE gateway_accounts (
	creditor_id TEXT PRIMARY KEY REFERENCES creditors (id),
	account_id TEXT NOT NULL UNIQUE,
	charges_enabled BOOLEAN NOT NULL,
	payouts_enabled BOOLEAN NOT NULL,
	details_submitted BOOLEAN NOT NULL,
	requirements TEXT NOT NULL DEFAULT '', -- what the gateway still asks for, one word per line
	disabled_reason TEXT NOT NULL DEFAULT '',
	updated_at DATETIME NOT NULL,
	created_at DATETIME NOT NULL
);

-- One attempt to collect, or money received elsewhere and recorded.
CREATE TABLE payments (
	id TEXT PRIMARY KEY,
	creditor_id TEXT NOT NULL,
	case_id TEXT NOT NULL REFERENCES cases (id),
	party_id TEXT REFERENCES parties (id),
	kind TEXT NOT NULL CHECK (kind IN ('checkout', 'elsewhere')),
	state TEXT NOT NULL CHECK (state IN ('started', 'processing', 'succeeded', 'failed', 'cancelled', 'reversed')),
	amount INTEGER NOT NULL CHECK (amount > 0), -- asked; received stands beside it
	received INTEGER NOT NULL DEFAULT 0 CHECK (received >= 0),
	currency TEXT NOT NULL,
	whole BOOLEAN NOT NULL,                    -- asked for as all that was owed
	claims TEXT NOT NULL DEFAULT '',           -- the claims that the debtor chose, comma between
	fee INTEGER NOT NULL DEFAULT 0 CHECK (fee >= 0),
	vat INTEGER NOT NULL DEFAULT 0 CHECK (vat >= 0),
	fee_withheld BOOLEAN NOT NULL DEFAULT FALSE,
	asked_on TEXT NOT NULL CHECK (length(asked_on) = 10),
	good_until TEXT NOT NULL CHECK (length(good_until) = 10),
	session_id TEXT UNIQUE,
	session_url TEXT NOT NULL DEFAULT '',
	request TEXT NOT NULL DEFAULT '',          -- what the gateway is asked, until its page is known
	intent_id TEXT UNIQUE,
	charge_id TEXT NOT NULL DEFAULT '',
	expires_at DATETIME,
	means TEXT NOT NULL DEFAULT '',
	reference TEXT NOT NULL DEFAULT '',        -- elsewhere: the bank's or the cheque's
	proof TEXT NOT NULL DEFAULT '',
	paid_on TEXT CHECK (length(paid_on) = 10),
	succeeded_at DATETIME,
	reversible_until TEXT CHECK (length(reversible_until) = 10),
	failure TEXT NOT NULL DEFAULT '',
	recognition TEXT NOT NULL DEFAULT '',      -- version of the text by which the debt was recognised
	excess INTEGER NOT NULL DEFAULT 0 CHECK (excess >= 0),
	problem TEXT NOT NULL DEFAULT '',          -- what a person must look at
	by_role TEXT NOT NULL,
	by_id TEXT NOT NULL,
	on_behalf_of TEXT NOT NULL DEFAULT '',
	created_at DATETIME NOT NULL
);
CREATE UNIQUE INDEX payments_one_open_checkout ON payments (case_id) WHERE kind = 'checkout' AND state = 'started';
CREATE INDEX payments_of_case ON payments (case_id);
CREATE INDEX payments_of_creditor ON payments (creditor_id, paid_on);
CREATE INDEX payments_unfinished ON payments (created_at) WHERE state IN ('started', 'processing');

-- The legal acknowledgement of one payment (CPCE R124-6).
CREATE TABLE receipts (
	id TEXT PRIMARY KEY,
	creditor_id TEXT NOT NULL,
	case_id TEXT NOT NULL REFERENCES cases (id),
	payment_id TEXT NOT NULL REFERENCES payments (id),
	number TEXT NOT NULL UNIQUE,
	corrects TEXT REFERENCES receipts (id),
	content TEXT NOT NULL,
	text_version TEXT NOT NULL,
	created_at DATETIME NOT NULL
);
CREATE INDEX receipts_of_case ON receipts (case_id);
CREATE UNIQUE INDEX receipts_of_payment ON receipts (payment_id) WHERE corrects IS NULL;

-- What the gateway told us, once per notification, as it came.
CREATE TABLE notifications (
	id TEXT PRIMARY KEY,
	type TEXT NOT NULL,
	account TEXT NOT NULL DEFAULT '',
	body TEXT NOT NULL,
	payment_id TEXT,
	problem TEXT NOT NULL DEFAULT '',
	attempts INTEGER NOT NULL DEFAULT 0,
	next_try_at DATETIME,
	applied_at DATETIME,
	created_at DATETIME NOT NULL
);
CREATE INDEX notifications_waiting ON notifications (next_try_at) WHERE applied_at IS NULL;
