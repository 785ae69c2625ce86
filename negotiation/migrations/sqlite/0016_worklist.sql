-- +goose Up

-- Who of the agency follows a case; empty: nobody yet. Users are kept by another
-- package: no foreign key points to them.
ALTER TABLE cases ADD COLUMN agent_id TEXT NOT NULL DEFAULT '';
CREATE INDEX cases_of_agent ON cases (agent_id) WHERE agent_id <> '';

-- Until when a promise to pay holds letters back; NULL: none is awaited.
ALTER TABLE cases ADD COLUMN promised_until TEXT CHECK (length(promised_until) = 10);

-- What waits for a person of the agency, one row per case, kind and thing. It is
-- made from the tables that the things live in, and can be made again.
CREATE TABLE work_items (
	id TEXT PRIMARY KEY,
	creditor_id TEXT NOT NULL REFERENCES creditors (id),
	case_id TEXT NOT NULL REFERENCES cases (id),
	kind TEXT NOT NULL,
	subject_id TEXT NOT NULL,
	since DATETIME NOT NULL,
	due_on TEXT NOT NULL CHECK (length(due_on) = 10),
	amount INTEGER NOT NULL DEFAULT 0 CHECK (amount >= 0),
	again INTEGER NOT NULL DEFAULT 0 CHECK (again >= 0), -- how often it was asked before
	care BOOLEAN NOT NULL DEFAULT FALSE,                 -- somebody to be treated with care
	note TEXT NOT NULL DEFAULT '',
	rank_on TEXT NOT NULL CHECK (length(rank_on) = 10),  -- the day that all its terms come to: the order
	agent_id TEXT NOT NULL DEFAULT '',                   -- that of its case
	created_at DATETIME NOT NULL,
	UNIQUE (case_id, kind, subject_id)
);
CREATE INDEX work_items_in_order ON work_items (rank_on, amount DESC, id);
CREATE INDEX work_items_of_agent ON work_items (agent_id, rank_on, amount DESC, id);
CREATE INDEX work_items_of_kind ON work_items (kind, rank_on, amount DESC, id);
CREATE INDEX work_items_of_creditor ON work_items (creditor_id, rank_on, amount DESC, id);

-- What a debtor said they would pay, and by when.
CREATE TABLE promises (
	id TEXT PRIMARY KEY,
	creditor_id TEXT NOT NULL REFERENCES creditors (id),
	case_id TEXT NOT NULL REFERENCES cases (id),
	party_id TEXT NOT NULL REFERENCES parties (id),
	state TEXT NOT NULL CHECK (state IN ('awaited', 'kept', 'broken', 'dropped')),
	amount INTEGER NOT NULL CHECK (amount > 0),
	due_on TEXT NOT NULL CHECK (length(due_on) = 10),
	until_on TEXT NOT NULL CHECK (length(until_on) = 10), -- with the days that money takes
	paid_before TEXT NOT NULL DEFAULT '', -- payments that were there when it was made
	agent_id TEXT NOT NULL,               -- who noted it
	by_name TEXT NOT NULL,
	decided_at DATETIME,
	created_at DATETIME NOT NULL,
	CHECK ((state = 'awaited') = (decided_at IS NULL)),
	CHECK (until_on >= due_on)
);
CREATE UNIQUE INDEX promises_one_awaited ON promises (case_id) WHERE state = 'awaited';
CREATE INDEX promises_awaited ON promises (until_on) WHERE state = 'awaited';
CREATE INDEX promises_of_case ON promises (case_id, created_at);
CREATE INDEX promises_decided ON promises (decided_at) WHERE decided_at IS NOT NULL;

-- The log of calls, with what came of each.
CREATE TABLE calls (
	id TEXT PRIMARY KEY,
	creditor_id TEXT NOT NULL REFERENCES creditors (id),
	case_id TEXT NOT NULL REFERENCES cases (id),
	party_id TEXT NOT NULL REFERENCES parties (id),
	inbound BOOLEAN NOT NULL,
	outcome TEXT NOT NULL CHECK (outcome IN ('reached', 'promised', 'callback', 'message_left', 'no_answer', 'wrong_number')),
	number TEXT NOT NULL DEFAULT '',
	words TEXT NOT NULL DEFAULT '',
	because TEXT NOT NULL DEFAULT '', -- why it was made where the rules of contact say not now
	promise_id TEXT REFERENCES promises (id),
	by_id TEXT NOT NULL,
	by_name TEXT NOT NULL,
	at DATETIME NOT NULL,
	CHECK ((outcome = 'promised') = (promise_id IS NOT NULL))
);
CREATE INDEX calls_of_case ON calls (case_id, at);

-- What an agent may not do alone: asked of a second person, who says yes or no.
CREATE TABLE approvals (
	id TEXT PRIMARY KEY,
	creditor_id TEXT NOT NULL REFERENCES creditors (id),
	case_id TEXT NOT NULL REFERENCES cases (id),
	act TEXT NOT NULL CHECK (act IN ('settlement', 'credit', 'withdrawal')),
	subject_id TEXT NOT NULL,
	amount INTEGER NOT NULL CHECK (amount > 0), -- minor units that the creditor would give up
	words TEXT NOT NULL,
	state TEXT NOT NULL CHECK (state IN ('asked', 'given', 'refused', 'used', 'dropped')),
	by_id TEXT NOT NULL,
	by_name TEXT NOT NULL,
	second_id TEXT NOT NULL DEFAULT '',
	second_name TEXT NOT NULL DEFAULT '',
	answer TEXT NOT NULL DEFAULT '',
	answered_at DATETIME,
	created_at DATETIME NOT NULL,
	CHECK (second_id <> by_id),
	CHECK ((state IN ('given', 'refused', 'used')) = (second_id <> ''))
);
CREATE UNIQUE INDEX approvals_one_open ON approvals (case_id, act, subject_id, by_id) WHERE state IN ('asked', 'given');
CREATE INDEX approvals_of_case ON approvals (case_id);

-- Searching what people remember.
CREATE INDEX debtors_by_name ON debtors (search_name, id);
CREATE INDEX claims_by_invoice ON claims (invoice_key);
CREATE INDEX contact_points_by_mail ON contact_points (LOWER(value)) WHERE kind = 'email';
CREATE INDEX contact_points_by_phone ON contact_points (SUBSTR(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(value, ' ', ''), '.', ''), '-', ''), '/', ''), '(', ''), ')', ''), -9)) WHERE kind = 'phone';
CREATE INDEX letters_undelivered ON letters (case_id) WHERE state IN ('failed', 'bounced');
CREATE INDEX cases_placed ON cases (created_at, id) WHERE state = 'placed';
