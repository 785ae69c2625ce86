-- +goose Up

-- A first letter by mail alone is for the agency to allow (CPCE R124-4 says
-- "letter"; whether a mail is one is for counsel): paper is what it is without.
ALTER TABLE agencies ADD COLUMN first_letter_by_email BOOLEAN NOT NULL DEFAULT FALSE;

-- A letter that was made and never left can be cancelled.
CREATE TABLE letters_new (
	id TEXT PRIMARY KEY,
	creditor_id TEXT REFERENCES creditors (id),
	case_id TEXT REFERENCES cases (id),
	party_id TEXT REFERENCES parties (id),
	person_id TEXT REFERENCES persons (id),
	recipient TEXT NOT NULL CHECK (recipient IN ('party', 'creditor', 'agent')),
	kind TEXT NOT NULL,
	owed BOOLEAN NOT NULL,
	channel TEXT NOT NULL CHECK (channel IN ('email', 'post', 'sms')),
	address TEXT NOT NULL DEFAULT '', -- empty: the preferred contact at sending
	language TEXT NOT NULL,
	facts TEXT NOT NULL,
	text_version TEXT NOT NULL,
	state TEXT NOT NULL CHECK (state IN ('due', 'blocked', 'sent', 'delivered', 'bounced', 'failed', 'cancelled')),
	blocked_by TEXT NOT NULL DEFAULT '',
	attempts INTEGER NOT NULL DEFAULT 0,
	problem TEXT NOT NULL DEFAULT '',
	due_at DATETIME NOT NULL,
	sent_at DATETIME,
	created_at DATETIME NOT NULL
);
INSERT INTO letters_new (id, creditor_id, case_id, party_id, person_id, recipient, kind, owed, channel, address, language, facts, text_version, state, blocked_by, attempts, problem, due_at, sent_at, created_at)
	SELECT id, creditor_id, case_id, party_id, person_id, recipient, kind, owed, channel, address, language, facts, text_version, state, blocked_by, attempts, problem, due_at, sent_at, created_at FROM letters;
DROP TABLE letters;
ALTER TABLE letters_new RENAME TO letters;
CREATE INDEX letters_due ON letters (due_at) WHERE state = 'due';
CREATE INDEX letters_of_case ON letters (case_id);
CREATE INDEX letters_failed ON letters (created_at) WHERE state = 'failed';

-- First letters that are made and posted together.
CREATE TABLE letter_batches (
	id TEXT PRIMARY KEY,
	dated_on TEXT NOT NULL CHECK (length(dated_on) = 10),
	site TEXT NOT NULL, -- address of the portal, as it is printed
	by_id TEXT NOT NULL,
	by_name TEXT NOT NULL,
	created_at DATETIME NOT NULL
);

-- The letter that opens a case, as it was made: its number, what it says, and
-- what became of it. The number is the year's next; a cancelled letter keeps
-- its number, so that the series has no gap.
CREATE TABLE first_letters (
	letter_id TEXT PRIMARY KEY REFERENCES letters (id),
	creditor_id TEXT NOT NULL REFERENCES creditors (id),
	case_id TEXT NOT NULL REFERENCES cases (id),
	party_id TEXT NOT NULL REFERENCES parties (id),
	batch_id TEXT REFERENCES letter_batches (id),
	year INTEGER NOT NULL,
	number INTEGER NOT NULL CHECK (number > 0),
	reference TEXT NOT NULL UNIQUE,
	dated_on TEXT NOT NULL CHECK (length(dated_on) = 10), -- the day printed on it
	statement_id TEXT NOT NULL UNIQUE REFERENCES statements (id),
	content TEXT NOT NULL,
	posted_on TEXT CHECK (length(posted_on) = 10),
	cancelled_at DATETIME,
	cancelled_by TEXT NOT NULL DEFAULT '',
	cancelled_why TEXT NOT NULL DEFAULT '',
	created_at DATETIME NOT NULL,
	CHECK (posted_on IS NULL OR cancelled_at IS NULL),
	UNIQUE (year, number)
);
CREATE UNIQUE INDEX first_letters_live ON first_letters (case_id) WHERE cancelled_at IS NULL;
CREATE INDEX first_letters_of_batch ON first_letters (batch_id, number);

-- What a batch was asked to make, and what became of each.
CREATE TABLE letter_batch_cases (
	batch_id TEXT NOT NULL REFERENCES letter_batches (id),
	case_id TEXT NOT NULL REFERENCES cases (id),
	position INTEGER NOT NULL,
	letter_id TEXT REFERENCES letters (id),
	refused TEXT NOT NULL DEFAULT '', -- code of the refusal, then its reasons
	done_at DATETIME,
	PRIMARY KEY (batch_id, case_id)
);
CREATE INDEX letter_batch_cases_waiting ON letter_batch_cases (batch_id, position) WHERE done_at IS NULL;

CREATE INDEX cases_of_first_letter ON cases (first_letter_reference) WHERE first_letter_reference <> '';

-- +goose StatementBegin
CREATE TRIGGER statements_never_update BEFORE UPDATE ON statements
BEGIN SELECT RAISE(ABORT, 'a statement is frozen: make a new one'); END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER statements_never_delete BEFORE DELETE ON statements
BEGIN SELECT RAISE(ABORT, 'a statement is frozen: make a new one'); END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER first_letters_keep_what_they_say BEFORE UPDATE ON first_letters
WHEN NEW.content <> OLD.content OR NEW.reference <> OLD.reference OR NEW.dated_on <> OLD.dated_on OR NEW.statement_id <> OLD.statement_id
	OR NEW.case_id <> OLD.case_id OR NEW.number <> OLD.number OR NEW.year <> OLD.year
	OR (OLD.posted_on IS NOT NULL AND NEW.posted_on IS NOT OLD.posted_on) OR (OLD.cancelled_at IS NOT NULL AND NEW.cancelled_at IS NOT OLD.cancelled_at)
BEGIN SELECT RAISE(ABORT, 'a first letter stays as it was made'); END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER first_letters_never_delete BEFORE DELETE ON first_letters
BEGIN SELECT RAISE(ABORT, 'a first letter stays as it was made'); END;
-- +goose StatementEnd
