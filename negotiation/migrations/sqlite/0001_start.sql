-- +goose Up

-- Who runs this installation. Its papers are what the law wants on file before
-- anything is collected for others (CPCE R124-2).
CREATE TABLE agencies (
	id TEXT PRIMARY KEY,
	name TEXT NOT NULL,
	siren TEXT NOT NULL DEFAULT '',
	street TEXT NOT NULL DEFAULT '',
	postcode TEXT NOT NULL DEFAULT '',
	city TEXT NOT NULL DEFAULT '',
	country TEXT NOT NULL DEFAULT 'FR',
	phone TEXT NOT NULL DEFAULT '',
	email TEXT NOT NULL DEFAULT '',
	hours TEXT NOT NULL DEFAULT '',
	agent_name TEXT NOT NULL DEFAULT '',
	collector_kind TEXT NOT NULL CHECK (collector_kind IN ('third_party', 'in_house', 'regulated')),
	event_seq INTEGER NOT NULL DEFAULT 0,
	event_head BLOB,
	created_at DATETIME NOT NULL
);

CREATE TABLE papers (
	id TEXT PRIMARY KEY,
	agency_id TEXT NOT NULL REFERENCES agencies (id),
	kind TEXT NOT NULL CHECK (kind IN ('insurance', 'account', 'declaration')),
	reference TEXT NOT NULL,
	file_hash TEXT NOT NULL DEFAULT '',
	valid_from TEXT NOT NULL CHECK (length(valid_from) = 10),
	valid_until TEXT CHECK (length(valid_until) = 10),
	created_at DATETIME NOT NULL
);

CREATE TABLE creditors (
	id TEXT PRIMARY KEY,
	agency_id TEXT NOT NULL REFERENCES agencies (id),
	reference TEXT NOT NULL UNIQUE,
	name TEXT NOT NULL,
	kind TEXT NOT NULL CHECK (kind IN ('business', 'individual')),
	siren TEXT NOT NULL DEFAULT '',
	street TEXT NOT NULL DEFAULT '',
	postcode TEXT NOT NULL DEFAULT '',
	city TEXT NOT NULL DEFAULT '',
	country TEXT NOT NULL DEFAULT 'FR',
	email TEXT NOT NULL DEFAULT '',
	phone TEXT NOT NULL DEFAULT '',
	second_check TEXT NOT NULL CHECK (second_check IN ('postcode', 'invoice_number', 'mailed_code')),
	part_payment_minimum INTEGER CHECK (part_payment_minimum > 0), -- NULL: only the whole
	event_seq INTEGER NOT NULL DEFAULT 0,
	event_head BLOB,
	created_at DATETIME NOT NULL
);

CREATE TABLE mandates (
	id TEXT PRIMARY KEY,
	creditor_id TEXT NOT NULL REFERENCES creditors (id),
	reference TEXT NOT NULL,
	signed_on TEXT NOT NULL CHECK (length(signed_on) = 10),
	valid_until TEXT CHECK (length(valid_until) = 10),
	scope TEXT NOT NULL,
	proof TEXT NOT NULL, -- reference of the signed document, or the hash of its file
	fee_basis_points INTEGER NOT NULL CHECK (fee_basis_points BETWEEN 0 AND 10000),
	fee_on TEXT NOT NULL CHECK (fee_on IN ('all', 'principal')),
	fee_minimum INTEGER NOT NULL DEFAULT 0 CHECK (fee_minimum >= 0),
	vat_basis_points INTEGER NOT NULL CHECK (vat_basis_points BETWEEN 0 AND 10000),
	fee_withheld BOOLEAN NOT NULL,
	interest_waived_in_plans BOOLEAN NOT NULL,
	rest_waived_below INTEGER NOT NULL DEFAULT 100 CHECK (rest_waived_below >= 0),
	revoked_on TEXT CHECK (length(revoked_on) = 10),
	created_at DATETIME NOT NULL,
	UNIQUE (creditor_id, reference)
);

-- Whom we contact, across creditors; never shown across creditors.
CREATE TABLE persons (
	id TEXT PRIMARY KEY,
	kind TEXT NOT NULL CHECK (kind IN ('individual', 'firm')),
	name TEXT NOT NULL,
	match_key TEXT UNIQUE, -- exact SIREN, or mail and name: the two ways two debtors are known to be one person
	language TEXT NOT NULL DEFAULT 'fr',
	created_at DATETIME NOT NULL
);

CREATE TABLE contact_points (
	id TEXT PRIMARY KEY,
	person_id TEXT NOT NULL REFERENCES persons (id),
	kind TEXT NOT NULL CHECK (kind IN ('email', 'phone', 'post')),
	value TEXT NOT NULL,
	source TEXT NOT NULL,
	preferred BOOLEAN NOT NULL DEFAULT FALSE,
	verified_at DATETIME,
	bounced_at DATETIME,
	removed_at DATETIME,
	created_at DATETIME NOT NULL,
	UNIQUE (person_id, kind, value)
);

CREATE TABLE debtors (
	id TEXT PRIMARY KEY,
	creditor_id TEXT NOT NULL REFERENCES creditors (id),
	person_id TEXT NOT NULL REFERENCES persons (id),
	kind TEXT NOT NULL CHECK (kind IN ('business', 'consumer', 'public')),
	name TEXT NOT NULL,
	contact_name TEXT NOT NULL DEFAULT '',
	siren TEXT NOT NULL DEFAULT '',
	vat_number TEXT NOT NULL DEFAULT '',
	street TEXT NOT NULL DEFAULT '',
	postcode TEXT NOT NULL DEFAULT '',
	city TEXT NOT NULL DEFAULT '',
	country TEXT NOT NULL DEFAULT '',
	search_name TEXT NOT NULL DEFAULT '', -- without accents, capitals or order
	created_at DATETIME NOT NULL,
	UNIQUE (creditor_id, person_id)
);

CREATE TABLE placements (
	id TEXT PRIMARY KEY,
	creditor_id TEXT REFERENCES creditors (id),
	file_name TEXT NOT NULL,
	file_hash TEXT NOT NULL,
	encoding TEXT NOT NULL DEFAULT '',
	accepted INTEGER NOT NULL DEFAULT 0,
	warned INTEGER NOT NULL DEFAULT 0,
	refused INTEGER NOT NULL DEFAULT 0,
	skipped INTEGER NOT NULL DEFAULT 0,
	known INTEGER NOT NULL DEFAULT 0,
	refused_file TEXT NOT NULL DEFAULT '', -- hash of the file of refused lines
	by_id TEXT NOT NULL,
	by_name TEXT NOT NULL,
	done_at DATETIME,
	created_at DATETIME NOT NULL
);

-- The file: one creditor, one debtor, one currency. The balance is the sum of
-- the receivable entries of the ledger, and the only sum that is updated.
CREATE TABLE cases (
	id TEXT PRIMARY KEY,
	creditor_id TEXT NOT NULL REFERENCES creditors (id),
	debtor_id TEXT NOT NULL REFERENCES debtors (id),
	mandate_id TEXT REFERENCES mandates (id),
	reference TEXT NOT NULL UNIQUE,
	currency TEXT NOT NULL CHECK (length(currency) = 3),
	state TEXT NOT NULL CHECK (state IN ('watched', 'placed', 'open', 'in_plan', 'cleared', 'archived', 'withdrawn', 'referred')),
	principal INTEGER NOT NULL DEFAULT 0 CHECK (principal >= 0),
	interest INTEGER NOT NULL DEFAULT 0 CHECK (interest >= 0),
	indemnity INTEGER NOT NULL DEFAULT 0 CHECK (indemnity >= 0),
	receipts INTEGER NOT NULL DEFAULT 0,
	first_letter_reference TEXT NOT NULL DEFAULT '',
	first_letter_on TEXT CHECK (length(first_letter_on) = 10),
	first_letter_channel TEXT NOT NULL DEFAULT '',
	first_letter_proof TEXT NOT NULL DEFAULT '',
	opened_on TEXT CHECK (length(opened_on) = 10),
	closed_on TEXT CHECK (length(closed_on) = 10),
	event_seq INTEGER NOT NULL DEFAULT 0,
	event_head BLOB,
	created_at DATETIME NOT NULL
);
CREATE INDEX cases_of_creditor ON cases (creditor_id, state);
CREATE INDEX cases_of_debtor ON cases (debtor_id);

CREATE TABLE parties (
	id TEXT PRIMARY KEY,
	creditor_id TEXT NOT NULL,
	case_id TEXT NOT NULL REFERENCES cases (id),
	person_id TEXT NOT NULL REFERENCES persons (id),
	role TEXT NOT NULL CHECK (role IN ('debtor', 'co_debtor', 'guarantor', 'representative', 'adviser', 'heir')),
	created_at DATETIME NOT NULL,
	UNIQUE (case_id, person_id, role)
);
CREATE INDEX parties_of_person ON parties (person_id);

CREATE TABLE claims (
	id TEXT PRIMARY KEY,
	creditor_id TEXT NOT NULL REFERENCES creditors (id),
	case_id TEXT NOT NULL REFERENCES cases (id),
	placement_id TEXT REFERENCES placements (id),
	position INTEGER NOT NULL,
	invoice_number TEXT NOT NULL,
	invoice_key TEXT NOT NULL, -- without spaces, in capitals: two ways to write one number
	issue_on TEXT CHECK (length(issue_on) = 10),
	due_on TEXT NOT NULL CHECK (length(due_on) = 10),
	currency TEXT NOT NULL,
	amount INTEGER NOT NULL CHECK (amount > 0),         -- incl. VAT, as invoiced
	paid_before INTEGER NOT NULL CHECK (paid_before >= 0 AND paid_before < amount),
	contract_rate TEXT NOT NULL DEFAULT '',            -- percent a year, as written in the contract
	notice_on TEXT CHECK (length(notice_on) = 10),                                     -- day the mise en demeure was received
	sector TEXT NOT NULL DEFAULT '',
	description TEXT NOT NULL DEFAULT '',
	limitation_regime TEXT NOT NULL DEFAULT '',
	limitation_on TEXT CHECK (length(limitation_on) = 10),
	limitation_alert_on TEXT CHECK (length(limitation_alert_on) = 10),
	warnings TEXT NOT NULL DEFAULT '',
	invoice_file TEXT NOT NULL DEFAULT '',             -- hash of the invoice's PDF
	created_at DATETIME NOT NULL,
	UNIQUE (creditor_id, invoice_key)
);
CREATE INDEX claims_of_case ON claims (case_id, position);

-- Dated reasons why something may not happen now. The scope is the narrowest
-- id that is set.
CREATE TABLE holds (
	id TEXT PRIMARY KEY,
	person_id TEXT REFERENCES persons (id),
	case_id TEXT REFERENCES cases (id),
	claim_id TEXT REFERENCES claims (id),
	amount INTEGER CHECK (amount > 0),
	reason TEXT NOT NULL,
	note TEXT NOT NULL DEFAULT '',
	from_on TEXT NOT NULL CHECK (length(from_on) = 10),
	until_on TEXT CHECK (length(until_on) = 10),
	by_id TEXT NOT NULL,
	by_name TEXT NOT NULL,
	lifted_at DATETIME,
	lifted_by TEXT NOT NULL DEFAULT '',
	created_at DATETIME NOT NULL,
	CHECK (person_id IS NOT NULL OR case_id IS NOT NULL)
);
CREATE INDEX holds_of_case ON holds (case_id);
CREATE INDEX holds_of_person ON holds (person_id);

-- One hash chain per stream. content may be erased; digest and hash stay.
CREATE TABLE events (
	id TEXT PRIMARY KEY,
	stream TEXT NOT NULL CHECK (stream IN ('case', 'creditor', 'agency')),
	stream_id TEXT NOT NULL,
	seq INTEGER NOT NULL,
	kind TEXT NOT NULL,
	at DATETIME NOT NULL,
	actor_role TEXT NOT NULL,
	actor_id TEXT NOT NULL,
	on_behalf_of TEXT NOT NULL DEFAULT '',
	salt BLOB NOT NULL,
	digest BLOB NOT NULL,
	hash BLOB NOT NULL,
	content TEXT,
	UNIQUE (stream_id, seq)
);

CREATE TABLE letters (
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
	state TEXT NOT NULL CHECK (state IN ('due', 'blocked', 'sent', 'delivered', 'bounced', 'failed')),
	blocked_by TEXT NOT NULL DEFAULT '',
	attempts INTEGER NOT NULL DEFAULT 0,
	problem TEXT NOT NULL DEFAULT '',
	due_at DATETIME NOT NULL,
	sent_at DATETIME,
	created_at DATETIME NOT NULL
);
CREATE INDEX letters_due ON letters (due_at) WHERE state = 'due';
CREATE INDEX letters_of_case ON letters (case_id);

CREATE TABLE statements (
	id TEXT PRIMARY KEY,
	creditor_id TEXT NOT NULL,
	case_id TEXT NOT NULL REFERENCES cases (id),
	as_of TEXT NOT NULL CHECK (length(as_of) = 10),
	good_until TEXT NOT NULL CHECK (length(good_until) = 10),
	content TEXT NOT NULL,
	created_at DATETIME NOT NULL
);
CREATE INDEX statements_of_case ON statements (case_id);

-- What a debtor asked for in their own words, until a person has answered.
CREATE TABLE wishes (
	id TEXT PRIMARY KEY,
	creditor_id TEXT NOT NULL,
	case_id TEXT NOT NULL REFERENCES cases (id),
	party_id TEXT NOT NULL REFERENCES parties (id),
	kind TEXT NOT NULL CHECK (kind IN ('plan', 'time', 'contest', 'message', 'callback', 'contact')),
	words TEXT NOT NULL,
	callback_to TEXT NOT NULL DEFAULT '',   -- the number to call, where a call was asked for
	callback_when TEXT NOT NULL DEFAULT '',
	handled_at DATETIME,
	handled_by TEXT NOT NULL DEFAULT '',
	created_at DATETIME NOT NULL
);
CREATE INDEX wishes_open ON wishes (created_at) WHERE handled_at IS NULL;

CREATE TABLE files (
	hash TEXT PRIMARY KEY,
	name TEXT NOT NULL,
	media_type TEXT NOT NULL,
	bytes INTEGER NOT NULL,
	created_at DATETIME NOT NULL
);

-- Double entry, append-only. source is what the posting rests on; unique, so
-- that nothing is ever posted twice.
CREATE TABLE ledger_postings (
	id TEXT PRIMARY KEY,
	kind TEXT NOT NULL,
	source TEXT NOT NULL UNIQUE,
	creditor_id TEXT NOT NULL,
	case_id TEXT,
	effective_on TEXT NOT NULL CHECK (length(effective_on) = 10),
	facts TEXT NOT NULL DEFAULT '', -- what is needed to make the posting again
	reverses TEXT UNIQUE REFERENCES ledger_postings (id),
	created_at DATETIME NOT NULL
);
CREATE INDEX ledger_postings_of_case ON ledger_postings (case_id);

CREATE TABLE ledger_entries (
	posting_id TEXT NOT NULL REFERENCES ledger_postings (id),
	line INTEGER NOT NULL,
	account TEXT NOT NULL CHECK (account IN ('receivable', 'entrusted', 'clearing', 'bank', 'payable', 'fee', 'vat', 'fee_due', 'gateway_cost', 'waived', 'suspense', 'refunds_due')),
	creditor_id TEXT NOT NULL,
	case_id TEXT,
	claim_id TEXT,
	component TEXT NOT NULL DEFAULT '' CHECK (component IN ('', 'principal', 'interest', 'indemnity')),
	amount INTEGER NOT NULL CHECK (amount <> 0),
	currency TEXT NOT NULL,
	PRIMARY KEY (posting_id, line),
	CHECK (account <> 'receivable' OR (case_id IS NOT NULL AND claim_id IS NOT NULL AND component <> ''))
);
CREATE INDEX ledger_entries_of_case ON ledger_entries (case_id);
CREATE INDEX ledger_entries_of_creditor ON ledger_entries (creditor_id, account);

-- The product's clock in the demo and in tests. No row: the wall clock.
CREATE TABLE clock (
	id INTEGER PRIMARY KEY CHECK (id = 1),
	stands_at DATETIME NOT NULL,
	set_at DATETIME NOT NULL
);

-- +goose StatementBegin
CREATE TRIGGER ledger_postings_never_update BEFORE UPDATE ON ledger_postings
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only: correct by a reversal'); END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER ledger_postings_never_delete BEFORE DELETE ON ledger_postings
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only: correct by a reversal'); END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER ledger_entries_never_update BEFORE UPDATE ON ledger_entries
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only: correct by a reversal'); END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER ledger_entries_never_delete BEFORE DELETE ON ledger_entries
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only: correct by a reversal'); END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER events_never_delete BEFORE DELETE ON events
BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER events_never_update BEFORE UPDATE ON events
WHEN NEW.content IS NOT NULL OR NEW.id <> OLD.id OR NEW.stream <> OLD.stream OR NEW.stream_id <> OLD.stream_id OR NEW.seq <> OLD.seq
	OR NEW.kind <> OLD.kind OR NEW.at <> OLD.at OR NEW.actor_role <> OLD.actor_role OR NEW.actor_id <> OLD.actor_id
	OR NEW.on_behalf_of <> OLD.on_behalf_of OR NEW.salt <> OLD.salt OR NEW.digest <> OLD.digest OR NEW.hash <> OLD.hash
BEGIN SELECT RAISE(ABORT, 'events are append-only: only their content may be erased'); END;
-- +goose StatementEnd
