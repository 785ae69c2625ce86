-- +goose Up

-- Money that the gateway sent to a bank account: a creditor's, or the agency's.
CREATE TABLE payouts (
	id UUID PRIMARY KEY,
	creditor_id UUID REFERENCES creditors (id),      -- none: the agency's own
	account_id TEXT NOT NULL DEFAULT '',             -- at the gateway; empty: the agency's own
	gateway_id TEXT NOT NULL UNIQUE,
	state TEXT NOT NULL CHECK (state IN ('pending', 'in_transit', 'paid', 'failed', 'cancelled')),
	amount BIGINT NOT NULL,
	currency TEXT NOT NULL,
	automatic BOOLEAN NOT NULL,                      -- one made by hand cannot be opened
	itemised BOOLEAN NOT NULL DEFAULT FALSE,         -- the gateway says that its rows can be listed
	arrives_on DATE NOT NULL,
	bank TEXT NOT NULL DEFAULT '',                   -- last figures of the account
	failure TEXT NOT NULL DEFAULT '',
	opened_at TIMESTAMPTZ,                           -- its rows are in payout_rows, all of them
	row_count BIGINT NOT NULL DEFAULT 0,
	row_sum BIGINT NOT NULL DEFAULT 0,
	attempts BIGINT NOT NULL DEFAULT 0,
	next_try_at TIMESTAMPTZ,
	problem TEXT NOT NULL DEFAULT '',
	made_at TIMESTAMPTZ NOT NULL,
	created_at TIMESTAMPTZ NOT NULL,
	CHECK ((creditor_id IS NULL) = (account_id = '')),
	CHECK (opened_at IS NULL OR row_sum = amount)    -- to the cent, or it is not opened
);
CREATE INDEX payouts_of_creditor ON payouts (creditor_id, arrives_on);
CREATE INDEX payouts_to_open ON payouts (next_try_at) WHERE opened_at IS NULL;

-- Rows of a payout as they are read, page by page; they leave for payout_rows
-- together, once the last is here.
CREATE UNLOGGED TABLE payout_drafts (
	payout_id UUID NOT NULL,
	id TEXT NOT NULL,
	kind TEXT NOT NULL,
	category TEXT NOT NULL,
	source TEXT NOT NULL,
	charge_id TEXT NOT NULL,
	about TEXT NOT NULL,
	amount BIGINT NOT NULL,
	fee BIGINT NOT NULL,
	net BIGINT NOT NULL,
	currency TEXT NOT NULL,
	words TEXT NOT NULL,
	made_at TIMESTAMPTZ NOT NULL,
	available_at TIMESTAMPTZ NOT NULL
);

-- What a payout pays out, row by row, each with what it is in our books. No
-- foreign keys: a payout has a million rows, they are matched and kept in one
-- statement under the payout's lock, and the invariants look after them.
CREATE TABLE payout_rows (
	id TEXT COLLATE "C" PRIMARY KEY,                 -- the gateway's: nothing is paid out twice
	payout_id UUID NOT NULL,
	creditor_id UUID,
	kind TEXT NOT NULL,
	category TEXT NOT NULL,
	source TEXT NOT NULL,
	charge_id TEXT NOT NULL,
	amount BIGINT NOT NULL,
	fee BIGINT NOT NULL,
	net BIGINT NOT NULL,
	currency TEXT NOT NULL,
	words TEXT NOT NULL,
	made_at TIMESTAMPTZ NOT NULL,
	available_at TIMESTAMPTZ NOT NULL,
	payment_id UUID,
	posting_id UUID,
	verdict TEXT NOT NULL CHECK (verdict IN ('matched', 'suspense', 'explained')),
	reason TEXT NOT NULL DEFAULT '',                 -- why it is, or was, in suspense
	explanation TEXT NOT NULL DEFAULT '',
	belongs_to TEXT NOT NULL DEFAULT '' CHECK (belongs_to IN ('', 'creditor', 'agency')),
	explained_by TEXT NOT NULL DEFAULT '',
	explained_at TIMESTAMPTZ,
	CHECK (net = amount - fee),
	CHECK ((verdict = 'matched') = (reason = '')),
	CHECK ((verdict = 'explained') = (explanation <> '' AND belongs_to <> '' AND explained_at IS NOT NULL))
);
CREATE INDEX payout_rows_of_payout ON payout_rows USING brin (payout_id) WITH (pages_per_range = 16); -- the rows of a payout lie together
-- Each row is one posting's, and no posting is paid out twice.
CREATE UNIQUE INDEX payout_rows_once ON payout_rows (payment_id, kind, posting_id) WHERE verdict = 'matched' AND payment_id IS NOT NULL AND kind NOT IN ('refund', 'transfer_in', 'fee_back', 'chargeback');
CREATE INDEX payout_rows_in_suspense ON payout_rows (made_at) WHERE verdict = 'suspense';


-- What a creditor is told of its money: per payout, and per month for what did
-- not pass through the gateway.
CREATE TABLE remittances (
	id UUID PRIMARY KEY,
	creditor_id UUID NOT NULL REFERENCES creditors (id),
	number TEXT NOT NULL UNIQUE,
	kind TEXT NOT NULL CHECK (kind IN ('payout', 'period')),
	payout_id UUID UNIQUE REFERENCES payouts (id),
	from_on DATE NOT NULL,
	until_on DATE NOT NULL,
	currency TEXT NOT NULL,
	gross BIGINT NOT NULL,
	fee BIGINT NOT NULL,
	vat BIGINT NOT NULL,
	net BIGINT NOT NULL,                             -- what reaches the creditor with it
	paid_over_on DATE, -- money that was with the agency: when it was sent on
	paid_over_reference TEXT NOT NULL DEFAULT '',
	created_at TIMESTAMPTZ NOT NULL,
	CHECK ((kind = 'payout') = (payout_id IS NOT NULL))
);
CREATE INDEX remittances_of_creditor ON remittances (creditor_id, until_on);

CREATE TABLE remittance_lines (
	remittance_id UUID NOT NULL REFERENCES remittances (id),
	line BIGINT NOT NULL,
	subject TEXT NOT NULL UNIQUE,                    -- each euro is on one remittance
	kind TEXT NOT NULL CHECK (kind IN ('payment', 'refund', 'chargeback', 'reversal', 'returned', 'other')),
	payment_id UUID,
	case_id UUID,
	row_id TEXT NOT NULL DEFAULT '',
	on_day DATE NOT NULL,
	place TEXT NOT NULL CHECK (place IN ('gateway', 'agency', 'creditor')),
	gross BIGINT NOT NULL,
	fee BIGINT NOT NULL,
	vat BIGINT NOT NULL,
	net BIGINT NOT NULL,
	words TEXT NOT NULL DEFAULT '',
	PRIMARY KEY (remittance_id, line)
);
CREATE INDEX remittance_lines_of_payment ON remittance_lines (payment_id);

-- The agency's own invoices to its creditors, numbered without a gap by year.
CREATE TABLE fee_invoices (
	id UUID PRIMARY KEY,
	creditor_id UUID NOT NULL REFERENCES creditors (id),
	number TEXT NOT NULL UNIQUE,
	series_year BIGINT NOT NULL,
	ordinal BIGINT NOT NULL CHECK (ordinal > 0),
	kind TEXT NOT NULL CHECK (kind IN ('invoice', 'credit_note')),
	from_on DATE NOT NULL,
	until_on DATE NOT NULL,
	issued_on DATE NOT NULL,
	due_on DATE NOT NULL,
	currency TEXT NOT NULL,
	fee BIGINT NOT NULL CHECK (fee >= 0),
	vat BIGINT NOT NULL CHECK (vat >= 0),
	withheld BIGINT NOT NULL CHECK (withheld >= 0),  -- kept back from payments already, VAT included
	content TEXT NOT NULL,
	created_at TIMESTAMPTZ NOT NULL,
	UNIQUE (series_year, ordinal)
);
CREATE INDEX fee_invoices_of_creditor ON fee_invoices (creditor_id, issued_on);

CREATE TABLE fee_lines (
	invoice_id UUID NOT NULL REFERENCES fee_invoices (id),
	line BIGINT NOT NULL,
	subject TEXT NOT NULL UNIQUE,                    -- a payment and a number: what is billed of it changes once per subject
	payment_id UUID NOT NULL REFERENCES payments (id),
	corrects TEXT NOT NULL DEFAULT '',               -- number of the invoice that a credit note corrects
	on_day DATE NOT NULL,
	received BIGINT NOT NULL,
	fee BIGINT NOT NULL CHECK (fee >= 0),
	vat BIGINT NOT NULL CHECK (vat >= 0),
	withheld BOOLEAN NOT NULL,
	PRIMARY KEY (invoice_id, line)
);

CREATE INDEX fee_lines_of_payment ON fee_lines (payment_id);

-- Numbers that follow one another: who counts holds the row.
CREATE TABLE series (
	name TEXT PRIMARY KEY,
	last BIGINT NOT NULL
);

-- More of what the gateway says of an account.
ALTER TABLE gateway_accounts ADD COLUMN checking TEXT NOT NULL DEFAULT '';  -- given, and looked at by the gateway
ALTER TABLE gateway_accounts ADD COLUMN overdue TEXT NOT NULL DEFAULT '';
ALTER TABLE gateway_accounts ADD COLUMN wanted_by DATE;
ALTER TABLE gateway_accounts ADD COLUMN bank TEXT NOT NULL DEFAULT '';
ALTER TABLE gateway_accounts ADD COLUMN balance BIGINT NOT NULL DEFAULT 0;  -- below nothing: owed to the gateway
ALTER TABLE gateway_accounts ADD COLUMN balance_at TIMESTAMPTZ;
