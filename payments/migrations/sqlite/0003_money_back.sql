-- +goose Up

-- Of what came, what went back to who paid it, what their bank took back, what
-- of the fee went with both, and what was taken out of the creditor's account.
ALTER TABLE payments ADD COLUMN refunded INTEGER NOT NULL DEFAULT 0 CHECK (refunded >= 0);
ALTER TABLE payments ADD COLUMN taken_back INTEGER NOT NULL DEFAULT 0 CHECK (taken_back >= 0 AND refunded + taken_back <= received);
ALTER TABLE payments ADD COLUMN fee_back INTEGER NOT NULL DEFAULT 0 CHECK (fee_back >= 0);
ALTER TABLE payments ADD COLUMN vat_back INTEGER NOT NULL DEFAULT 0 CHECK (vat_back >= 0);
ALTER TABLE payments ADD COLUMN pulled INTEGER NOT NULL DEFAULT 0 CHECK (pulled >= 0);
CREATE INDEX payments_to_follow ON payments (id) WHERE pulled <> refunded + taken_back;
CREATE INDEX payments_of_charge ON payments (charge_id) WHERE charge_id <> '';

-- Money that goes back to who paid it.
CREATE TABLE refunds (
	id TEXT PRIMARY KEY,
	creditor_id TEXT NOT NULL,
	case_id TEXT NOT NULL REFERENCES cases (id),
	payment_id TEXT NOT NULL REFERENCES payments (id),
	state TEXT NOT NULL CHECK (state IN ('wanted', 'approved', 'asked', 'pending', 'succeeded', 'failed', 'cancelled')),
	reason TEXT NOT NULL,
	note TEXT NOT NULL DEFAULT '',
	amount INTEGER NOT NULL CHECK (amount > 0),
	currency TEXT NOT NULL,
	elsewhere BOOLEAN NOT NULL DEFAULT FALSE,
	reference TEXT NOT NULL DEFAULT '',
	request TEXT NOT NULL DEFAULT '',           -- what the gateway is asked, written before it is
	gateway_id TEXT UNIQUE,
	failure TEXT NOT NULL DEFAULT '',
	problem TEXT NOT NULL DEFAULT '',
	pulled BOOLEAN NOT NULL DEFAULT FALSE,      -- out of the creditor's account as well
	attempts INTEGER NOT NULL DEFAULT 0,
	next_try_at DATETIME,
	by_role TEXT NOT NULL,
	by_id TEXT NOT NULL,
	approved_role TEXT NOT NULL DEFAULT '',
	approved_id TEXT NOT NULL DEFAULT '',
	approved_at DATETIME,
	asked_at DATETIME,
	made_at DATETIME,
	ended_at DATETIME,
	created_at DATETIME NOT NULL,
	CHECK (state NOT IN ('pending', 'succeeded') OR made_at IS NOT NULL OR reason = 'gateway')
);
CREATE UNIQUE INDEX refunds_one_live ON refunds (payment_id) WHERE state IN ('wanted', 'approved', 'asked');
CREATE INDEX refunds_of_case ON refunds (case_id);
CREATE INDEX refunds_due ON refunds (next_try_at) WHERE state IN ('approved', 'asked', 'pending');

-- A payer's word to their bank against a payment.
CREATE TABLE chargebacks (
	id TEXT PRIMARY KEY,
	creditor_id TEXT NOT NULL,
	case_id TEXT NOT NULL REFERENCES cases (id),
	payment_id TEXT NOT NULL REFERENCES payments (id),
	gateway_id TEXT NOT NULL UNIQUE,
	state TEXT NOT NULL CHECK (state IN ('inquiry', 'open', 'answered', 'won', 'lost', 'closed')),
	reason TEXT NOT NULL DEFAULT '',
	amount INTEGER NOT NULL CHECK (amount > 0),
	taken INTEGER NOT NULL DEFAULT 0 CHECK (taken >= 0),
	cost INTEGER NOT NULL DEFAULT 0,            -- kept by the gateway for it: the agency's, never the debtor's
	currency TEXT NOT NULL,
	moves INTEGER NOT NULL DEFAULT 0,
	due_at DATETIME,
	evidence TEXT NOT NULL DEFAULT '',
	by_role TEXT NOT NULL DEFAULT '',
	by_id TEXT NOT NULL DEFAULT '',
	answered_at DATETIME,
	sent_at DATETIME,
	next_try_at DATETIME,
	attempts INTEGER NOT NULL DEFAULT 0,
	problem TEXT NOT NULL DEFAULT '',
	opened_at DATETIME NOT NULL,
	ended_at DATETIME,
	created_at DATETIME NOT NULL
);
CREATE INDEX chargebacks_of_case ON chargebacks (case_id);
CREATE INDEX chargebacks_open ON chargebacks (due_at) WHERE state IN ('inquiry', 'open', 'answered');

-- Money moved between a creditor's account at the gateway and the platform,
-- each written down before it is asked for, one after the other.
CREATE TABLE transits (
	id TEXT PRIMARY KEY,
	payment_id TEXT NOT NULL REFERENCES payments (id),
	number INTEGER NOT NULL CHECK (number > 0),
	kind TEXT NOT NULL CHECK (kind IN ('pull', 'put')),
	amount INTEGER NOT NULL CHECK (amount > 0),
	fee INTEGER NOT NULL DEFAULT 0,
	request TEXT NOT NULL,
	gateway_id TEXT NOT NULL DEFAULT '',
	attempts INTEGER NOT NULL DEFAULT 0,
	next_try_at DATETIME,
	asked_at DATETIME NOT NULL,
	done_at DATETIME,
	UNIQUE (payment_id, number)
);
CREATE UNIQUE INDEX transits_one_open ON transits (payment_id) WHERE done_at IS NULL;

-- Each night's reading of what may have been missed.
CREATE TABLE sweeps (
	id TEXT PRIMARY KEY,
	since DATETIME NOT NULL,
	started_at DATETIME NOT NULL,
	ended_at DATETIME,
	told INTEGER NOT NULL DEFAULT 0,
	missed INTEGER NOT NULL DEFAULT 0,
	asked INTEGER NOT NULL DEFAULT 0,
	problem TEXT NOT NULL DEFAULT ''
);
CREATE INDEX sweeps_started ON sweeps (started_at);
