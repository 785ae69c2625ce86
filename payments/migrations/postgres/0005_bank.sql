-- +goose Up

-- A file of a bank, as it was booked.
CREATE TABLE bank_imports (
	id UUID PRIMARY KEY,
	file_name TEXT NOT NULL,
	file_hash TEXT NOT NULL,
	message TEXT NOT NULL,                  -- camt.053.001.02
	state TEXT NOT NULL CHECK (state IN ('read', 'booked')),
	statements BIGINT NOT NULL DEFAULT 0,
	entries BIGINT NOT NULL DEFAULT 0,     -- booked ones, each of its transactions counted
	added BIGINT NOT NULL DEFAULT 0,
	known BIGINT NOT NULL DEFAULT 0,
	pending BIGINT NOT NULL DEFAULT 0,     -- told of, and not booked by the bank
	doubts TEXT NOT NULL DEFAULT '',        -- what the bank's own sums leave in doubt, one word per line
	by_id TEXT NOT NULL,
	by_name TEXT NOT NULL,
	booked_at TIMESTAMPTZ,
	created_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX bank_imports_latest ON bank_imports (created_at);

-- What moved on an account, as its bank tells: one row for each transaction
-- that can stand for itself, else for the whole entry.
CREATE TABLE bank_entries (
	id UUID PRIMARY KEY,
	import_id UUID NOT NULL REFERENCES bank_imports (id),
	account_id UUID NOT NULL REFERENCES bank_accounts (id),
	parent_id UUID REFERENCES bank_entries (id), -- what it is a part of
	of_agency BOOLEAN NOT NULL,                  -- the money rests with the agency
	state TEXT NOT NULL CHECK (state IN ('waiting', 'matched', 'undone', 'explained', 'divided')),
	credit BOOLEAN NOT NULL,
	returned BOOLEAN NOT NULL,                   -- it turns an earlier entry round
	amount BIGINT NOT NULL CHECK (amount > 0),
	currency TEXT NOT NULL CHECK (length(currency) = 3),
	entry_amount BIGINT NOT NULL CHECK (entry_amount > 0),
	booked_on DATE NOT NULL,
	value_on DATE,
	fingerprint TEXT NOT NULL,                   -- of what it says
	twin BIGINT NOT NULL CHECK (twin > 0),      -- which one of those that say the same
	statement_ref TEXT NOT NULL DEFAULT '',      -- the bank's reference of it in statements
	notice_ref TEXT NOT NULL DEFAULT '',         -- and in notices
	in_statement BOOLEAN NOT NULL,
	in_notice BOOLEAN NOT NULL,
	statement_id TEXT NOT NULL DEFAULT '',
	code TEXT NOT NULL DEFAULT '',
	end_to_end_id TEXT NOT NULL DEFAULT '',
	structured TEXT NOT NULL DEFAULT '',         -- references, one per line
	unstructured TEXT NOT NULL DEFAULT '',       -- what the payer wrote, one per line
	party_name TEXT NOT NULL DEFAULT '',         -- the other side: who paid, or was paid
	party_iban TEXT NOT NULL DEFAULT '',
	ultimate_name TEXT NOT NULL DEFAULT '',
	return_reason TEXT NOT NULL DEFAULT '',
	reason TEXT NOT NULL DEFAULT '',             -- why it waits
	matched_by TEXT NOT NULL DEFAULT '',         -- what told its case
	case_id UUID REFERENCES cases (id),
	payment_id UUID UNIQUE REFERENCES payments (id),
	undoes_id UUID UNIQUE REFERENCES bank_entries (id),
	explanation TEXT NOT NULL DEFAULT '' CHECK (explanation IN ('', 'return', 'bank_cost', 'paid_over', 'given_back', 'not_ours')),
	note TEXT NOT NULL DEFAULT '',
	acts BIGINT NOT NULL DEFAULT 0,             -- how often a person or rule decided on it
	by_id TEXT NOT NULL DEFAULT '',
	by_name TEXT NOT NULL DEFAULT '',
	tried_at TIMESTAMPTZ,
	decided_at TIMESTAMPTZ,
	created_at TIMESTAMPTZ NOT NULL,
	UNIQUE (account_id, fingerprint, twin),
	CHECK (state <> 'matched' OR (credit AND NOT returned AND payment_id IS NOT NULL)),
	CHECK (payment_id IS NULL OR (state IN ('matched', 'undone') AND case_id IS NOT NULL)),
	CHECK ((state = 'explained') = (explanation <> '')),
	CHECK (undoes_id IS NULL OR (returned AND NOT credit))
);
CREATE INDEX bank_entries_of_import ON bank_entries (import_id);
CREATE INDEX bank_entries_of_day ON bank_entries (account_id, booked_on, amount);
CREATE INDEX bank_entries_waiting ON bank_entries (booked_on) WHERE state = 'waiting';
CREATE INDEX bank_entries_to_match ON bank_entries (created_at) WHERE state = 'waiting' AND tried_at IS NULL;
CREATE INDEX bank_entries_of_party ON bank_entries (party_iban) WHERE party_iban <> '';
CREATE INDEX bank_entries_of_case ON bank_entries (case_id) WHERE case_id IS NOT NULL;
