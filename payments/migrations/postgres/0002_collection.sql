-- +goose Up

-- Whom the gateway knows a party as, so that a card can be kept for them.
CREATE TABLE gateway_customers (
	party_id UUID PRIMARY KEY REFERENCES parties (id),
	customer_id TEXT NOT NULL UNIQUE,
	created_at TIMESTAMPTZ NOT NULL
);

-- The leave that a debtor gave to be charged for a plan: which text they
-- ticked, and the card that they saved with it.
CREATE TABLE authorities (
	id UUID PRIMARY KEY,
	creditor_id UUID NOT NULL,
	case_id UUID NOT NULL REFERENCES cases (id),
	plan_id UUID NOT NULL REFERENCES plans (id),
	party_id UUID NOT NULL REFERENCES parties (id),
	state TEXT NOT NULL CHECK (state IN ('waiting', 'live', 'ended')),
	text_version TEXT NOT NULL CHECK (text_version <> ''),
	language TEXT NOT NULL,
	asked_at TIMESTAMPTZ NOT NULL,                -- when the box was ticked
	customer_id TEXT NOT NULL,
	method_id TEXT NOT NULL DEFAULT '',
	brand TEXT NOT NULL DEFAULT '',
	last4 TEXT NOT NULL DEFAULT '',
	exp_month BIGINT NOT NULL DEFAULT 0,
	exp_year BIGINT NOT NULL DEFAULT 0,
	session_id TEXT UNIQUE,                    -- of the page that only saves a card
	session_url TEXT NOT NULL DEFAULT '',
	request TEXT NOT NULL DEFAULT '',          -- what the gateway is asked, until its page is known
	expires_at TIMESTAMPTZ,
	given_at TIMESTAMPTZ,                         -- since when it may be charged
	warned_of TEXT NOT NULL DEFAULT '',        -- the expiry that the debtor was warned of, YYYY-MM
	ended_at TIMESTAMPTZ,
	ended_role TEXT NOT NULL DEFAULT '',
	why TEXT NOT NULL DEFAULT '',
	forgotten_at TIMESTAMPTZ,                     -- the gateway keeps the card no longer
	created_at TIMESTAMPTZ NOT NULL,
	CHECK ((state = 'ended') = (ended_at IS NOT NULL)),
	CHECK (state <> 'live' OR (given_at IS NOT NULL AND method_id <> '' AND customer_id <> ''))
);
CREATE UNIQUE INDEX authorities_one_live ON authorities (plan_id) WHERE state = 'live';
CREATE UNIQUE INDEX authorities_one_waiting ON authorities (plan_id) WHERE state = 'waiting';
CREATE INDEX authorities_of_case ON authorities (case_id);
CREATE INDEX authorities_to_forget ON authorities (ended_at) WHERE state = 'ended' AND forgotten_at IS NULL AND method_id <> '';
CREATE INDEX authorities_of_method ON authorities (method_id) WHERE method_id <> '';

-- An instalment that is charged by itself is a payment of its own kind.
ALTER TABLE payments DROP CONSTRAINT payments_kind_check;
ALTER TABLE payments ADD CONSTRAINT payments_kind_check CHECK (kind IN ('checkout', 'elsewhere', 'collection'));

ALTER TABLE payments ADD COLUMN plan_id UUID REFERENCES plans (id);
ALTER TABLE payments ADD COLUMN line BIGINT NOT NULL DEFAULT 0 CHECK (line >= 0);
ALTER TABLE payments ADD COLUMN authority_id UUID REFERENCES authorities (id)
	CHECK (kind <> 'collection' OR (authority_id IS NOT NULL AND plan_id IS NOT NULL AND line > 0));
ALTER TABLE payments ADD COLUMN attempts BIGINT NOT NULL DEFAULT 0;
ALTER TABLE payments ADD COLUMN next_try_at TIMESTAMPTZ; -- a collection: when it is tried again, or looked up
ALTER TABLE payments ADD COLUMN closed_at TIMESTAMPTZ;   -- a collection: the gateway can no longer charge it
CREATE UNIQUE INDEX payments_one_collection ON payments (plan_id, line) WHERE kind = 'collection' AND state IN ('started', 'processing');
CREATE INDEX payments_to_collect ON payments (next_try_at) WHERE kind = 'collection' AND state = 'started';
CREATE INDEX payments_to_close ON payments (created_at) WHERE kind = 'collection' AND state = 'failed' AND closed_at IS NULL;

-- Each time that a card was charged for an instalment: what was asked of the
-- gateway, written before it was asked, and what it answered.
CREATE TABLE charge_attempts (
	payment_id UUID NOT NULL REFERENCES payments (id),
	number BIGINT NOT NULL CHECK (number > 0),
	key TEXT NOT NULL UNIQUE,
	request TEXT NOT NULL,
	charge_id TEXT NOT NULL DEFAULT '',
	failure TEXT NOT NULL DEFAULT '',
	asked_at TIMESTAMPTZ NOT NULL,
	answered_at TIMESTAMPTZ,
	PRIMARY KEY (payment_id, number)
);
