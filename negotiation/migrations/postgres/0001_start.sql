-- +goose Up

-- Who runs this installation. Its papers are what the law wants on file before
-- anything is collected for others (CPCE R124-2).
CREATE TABLE agencies (
	id UUID PRIMARY KEY,
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
	event_seq BIGINT NOT NULL DEFAULT 0,
	event_head BYTEA,
	created_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE papers (
	id UUID PRIMARY KEY,
	agency_id UUID NOT NULL REFERENCES agencies (id),
	kind TEXT NOT NULL CHECK (kind IN ('insurance', 'account', 'declaration')),
	reference TEXT NOT NULL,
	file_hash TEXT NOT NULL DEFAULT '',
	valid_from DATE NOT NULL,
	valid_until DATE,
	created_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE creditors (
	id UUID PRIMARY KEY,
	agency_id UUID NOT NULL REFERENCES agencies (id),
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
	part_payment_minimum BIGINT CHECK (part_payment_minimum > 0), -- NULL: only the whole
	event_seq BIGINT NOT NULL DEFAULT 0,
	event_head BYTEA,
	created_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE mandates (
	id UUID PRIMARY KEY,
	creditor_id UUID NOT NULL REFERENCES creditors (id),
	reference TEXT NOT NULL,
	signed_on DATE NOT NULL,
	valid_until DATE,
	scope TEXT NOT NULL,
	proof TEXT NOT NULL, -- reference of the signed document, or the hash of its file
	fee_basis_points BIGINT NOT NULL CHECK (fee_basis_points BETWEEN 0 AND 10000),
	fee_on TEXT NOT NULL CHECK (fee_on IN ('all', 'principal')),
	fee_minimum BIGINT NOT NULL DEFAULT 0 CHECK (fee_minimum >= 0),
	vat_basis_points BIGINT NOT NULL CHECK (vat_basis_points BETWEEN 0 AND 10000),
	fee_withheld BOOLEAN NOT NULL,
	interest_waived_in_plans BOOLEAN NOT NULL,
	rest_waived_below BIGINT NOT NULL DEFAULT 100 CHECK (rest_waived_below >= 0),
	revoked_on DATE,
	created_at TIMESTAMPTZ NOT NULL,
	UNIQUE (creditor_id, reference)
);

-- Whom we contact, across creditors; never shown across creditors.
CREATE TABLE persons (
	id UUID PRIMARY KEY,
	kind TEXT NOT NULL CHECK (kind IN ('individual', 'firm')),
	name TEXT NOT NULL,
	match_key TEXT UNIQUE, -- exact SIREN, or mail and name: the two ways two debtors are known to be one person
	language TEXT NOT NULL DEFAULT 'fr',
	created_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE contact_points (
	id UUID PRIMARY KEY,
	person_id UUID NOT NULL REFERENCES persons (id),
	kind TEXT NOT NULL CHECK (kind IN ('email', 'phone', 'post')),
	value TEXT NOT NULL,
	source TEXT NOT NULL,
	preferred BOOLEAN NOT NULL DEFAULT FALSE,
	verified_at TIMESTAMPTZ,
	bounced_at TIMESTAMPTZ,
	removed_at TIMESTAMPTZ,
	created_at TIMESTAMPTZ NOT NULL,
	UNIQUE (person_id, kind, value)
);

CREATE TABLE debtors (
	id UUID PRIMARY KEY,
	creditor_id UUID NOT NULL REFERENCES creditors (id),
	person_id UUID NOT NULL REFERENCES persons (id),
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
	created_at TIMESTAMPTZ NOT NULL,
	UNIQUE (creditor_id, person_id)
);

CREATE TABLE placements (
	id UUID PRIMARY KEY,
	creditor_id UUID REFERENCES creditors (id),
	file_name TEXT NOT NULL,
	file_hash TEXT NOT NULL,
	encoding TEXT NOT NULL DEFAULT '',
	accepted BIGINT NOT NULL DEFAULT 0,
	warned BIGINT NOT NULL DEFAULT 0,
	refused BIGINT NOT NULL DEFAULT 0,
	skipped BIGINT NOT NULL DEFAULT 0,
	known BIGINT NOT NULL DEFAULT 0,
	refused_file TEXT NOT NULL DEFAULT '', -- hash of the file of refused lines
	by_id TEXT NOT NULL,
	by_name TEXT NOT NULL,
	done_at TIMESTAMPTZ,
	created_at TIMESTAMPTZ NOT NULL
);

-- The file: one creditor, one debtor, one currency. The balance is the sum of
-- the receivable entries of the ledger, and the only sum that is updated.
CREATE TABLE cases (
	id UUID PRIMARY KEY,
	creditor_id UUID NOT NULL REFERENCES creditors (id),
	debtor_id UUID NOT NULL REFERENCES debtors (id),
	mandate_id UUID REFERENCES mandates (id),
	reference TEXT NOT NULL UNIQUE,
	currency TEXT NOT NULL CHECK (length(currency) = 3),
	state TEXT NOT NULL CHECK (state IN ('watched', 'placed', 'open', 'in_plan', 'cleared', 'archived', 'withdrawn', 'referred')),
	principal BIGINT NOT NULL DEFAULT 0 CHECK (principal >= 0),
	interest BIGINT NOT NULL DEFAULT 0 CHECK (interest >= 0),
	indemnity BIGINT NOT NULL DEFAULT 0 CHECK (indemnity >= 0),
	receipts BIGINT NOT NULL DEFAULT 0,
	first_letter_reference TEXT NOT NULL DEFAULT '',
	first_letter_on DATE,
	first_letter_channel TEXT NOT NULL DEFAULT '',
	first_letter_proof TEXT NOT NULL DEFAULT '',
	opened_on DATE,
	closed_on DATE,
	event_seq BIGINT NOT NULL DEFAULT 0,
	event_head BYTEA,
	created_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX cases_of_creditor ON cases (creditor_id, state);
CREATE INDEX cases_of_debtor ON cases (debtor_id);

CREATE TABLE parties (
	id UUID PRIMARY KEY,
	creditor_id UUID NOT NULL,
	case_id UUID NOT NULL REFERENCES cases (id),
	person_id UUID NOT NULL REFERENCES persons (id),
	role TEXT NOT NULL CHECK (role IN ('debtor', 'co_debtor', 'guarantor', 'representative', 'adviser', 'heir')),
	created_at TIMESTAMPTZ NOT NULL,
	UNIQUE (case_id, person_id, role)
);
CREATE INDEX parties_of_person ON parties (person_id);

CREATE TABLE claims (
	id UUID PRIMARY KEY,
	creditor_id UUID NOT NULL REFERENCES creditors (id),
	case_id UUID NOT NULL REFERENCES cases (id),
	placement_id UUID REFERENCES placements (id),
	position BIGINT NOT NULL,
	invoice_number TEXT NOT NULL,
	invoice_key TEXT NOT NULL, -- without spaces, in capitals: two ways to write one number
	issue_on DATE,
	due_on DATE NOT NULL,
	currency TEXT NOT NULL,
	amount BIGINT NOT NULL CHECK (amount > 0),         -- incl. VAT, as invoiced
	paid_before BIGINT NOT NULL CHECK (paid_before >= 0 AND paid_before < amount),
	contract_rate TEXT NOT NULL DEFAULT '',            -- percent a year, as written in the contract
	notice_on DATE,                                     -- day the mise en demeure was received
	sector TEXT NOT NULL DEFAULT '',
	description TEXT NOT NULL DEFAULT '',
	limitation_regime TEXT NOT NULL DEFAULT '',
	limitation_on DATE,
	limitation_alert_on DATE,
	warnings TEXT NOT NULL DEFAULT '',
	invoice_file TEXT NOT NULL DEFAULT '',             -- hash of the invoice's PDF
	created_at TIMESTAMPTZ NOT NULL,
	UNIQUE (creditor_id, invoice_key)
);
CREATE INDEX claims_of_case ON claims (case_id, position);

-- Dated reasons why something may not happen now. The scope is the narrowest
-- id that is set.
CREATE TABLE holds (
	id UUID PRIMARY KEY,
	person_id UUID REFERENCES persons (id),
	case_id UUID REFERENCES cases (id),
	claim_id UUID REFERENCES claims (id),
	amount BIGINT CHECK (amount > 0),
	reason TEXT NOT NULL,
	note TEXT NOT NULL DEFAULT '',
	from_on DATE NOT NULL,
	until_on DATE,
	by_id TEXT NOT NULL,
	by_name TEXT NOT NULL,
	lifted_at TIMESTAMPTZ,
	lifted_by TEXT NOT NULL DEFAULT '',
	created_at TIMESTAMPTZ NOT NULL,
	CHECK (person_id IS NOT NULL OR case_id IS NOT NULL)
);
CREATE INDEX holds_of_case ON holds (case_id);
CREATE INDEX holds_of_person ON holds (person_id);

-- One hash chain per stream. content may be erased; digest and hash stay.
CREATE TABLE events (
	id UUID PRIMARY KEY,
	stream TEXT NOT NULL CHECK (stream IN ('case', 'creditor', 'agency')),
	stream_id UUID NOT NULL,
	seq BIGINT NOT NULL,
	kind TEXT NOT NULL,
	at TIMESTAMPTZ NOT NULL,
	actor_role TEXT NOT NULL,
	actor_id TEXT NOT NULL,
	on_behalf_of TEXT NOT NULL DEFAULT '',
	salt BYTEA NOT NULL,
	digest BYTEA NOT NULL,
	hash BYTEA NOT NULL,
	content TEXT,
	UNIQUE (stream_id, seq)
);

CREATE TABLE letters (
	id UUID PRIMARY KEY,
	creditor_id UUID REFERENCES creditors (id),
	case_id UUID REFERENCES cases (id),
	party_id UUID REFERENCES parties (id),
	person_id UUID REFERENCES persons (id),
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
	attempts BIGINT NOT NULL DEFAULT 0,
	problem TEXT NOT NULL DEFAULT '',
	due_at TIMESTAMPTZ NOT NULL,
	sent_at TIMESTAMPTZ,
	created_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX letters_due ON letters (due_at) WHERE state = 'due';
CREATE INDEX letters_of_case ON letters (case_id);

CREATE TABLE statements (
	id UUID PRIMARY KEY,
	creditor_id UUID NOT NULL,
	case_id UUID NOT NULL REFERENCES cases (id),
	as_of DATE NOT NULL,
	good_until DATE NOT NULL,
	content TEXT NOT NULL,
	created_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX statements_of_case ON statements (case_id);

-- What a debtor asked for in their own words, until a person has answered.
CREATE TABLE wishes (
	id UUID PRIMARY KEY,
	creditor_id UUID NOT NULL,
	case_id UUID NOT NULL REFERENCES cases (id),
	party_id UUID NOT NULL REFERENCES parties (id),
	kind TEXT NOT NULL CHECK (kind IN ('plan', 'time', 'contest', 'message', 'callback', 'contact')),
	words TEXT NOT NULL,
	callback_to TEXT NOT NULL DEFAULT '',   -- the number to call, where a call was asked for
	callback_when TEXT NOT NULL DEFAULT '',
	handled_at TIMESTAMPTZ,
	handled_by TEXT NOT NULL DEFAULT '',
	created_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX wishes_open ON wishes (created_at) WHERE handled_at IS NULL;

CREATE TABLE files (
	hash TEXT PRIMARY KEY,
	name TEXT NOT NULL,
	media_type TEXT NOT NULL,
	bytes BIGINT NOT NULL,
	created_at TIMESTAMPTZ NOT NULL
);

-- Double entry, append-only. source is what the posting rests on; unique, so
-- that nothing is ever posted twice.
CREATE TABLE ledger_postings (
	id UUID PRIMARY KEY,
	kind TEXT NOT NULL,
	source TEXT NOT NULL UNIQUE,
	creditor_id UUID NOT NULL,
	case_id UUID,
	effective_on DATE NOT NULL,
	facts TEXT NOT NULL DEFAULT '', -- what is needed to make the posting again
	reverses UUID UNIQUE REFERENCES ledger_postings (id),
	created_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX ledger_postings_of_case ON ledger_postings (case_id);

CREATE TABLE ledger_entries (
	posting_id UUID NOT NULL REFERENCES ledger_postings (id),
	line BIGINT NOT NULL,
	account TEXT NOT NULL CHECK (account IN ('receivable', 'entrusted', 'clearing', 'bank', 'payable', 'fee', 'vat', 'fee_due', 'gateway_cost', 'waived', 'suspense', 'refunds_due')),
	creditor_id UUID NOT NULL,
	case_id UUID,
	claim_id UUID,
	component TEXT NOT NULL DEFAULT '' CHECK (component IN ('', 'principal', 'interest', 'indemnity')),
	amount BIGINT NOT NULL CHECK (amount <> 0),
	currency TEXT NOT NULL,
	PRIMARY KEY (posting_id, line),
	CHECK (account <> 'receivable' OR (case_id IS NOT NULL AND claim_id IS NOT NULL AND component <> ''))
);
CREATE INDEX ledger_entries_of_case ON ledger_entries (case_id);
CREATE INDEX ledger_entries_of_creditor ON ledger_entries (creditor_id, account);

-- The product's clock in the demo and in tests. No row: the wall clock.
CREATE TABLE clock (
	id BIGINT PRIMARY KEY CHECK (id = 1),
	stands_at TIMESTAMPTZ NOT NULL,
	set_at TIMESTAMPTZ NOT NULL
);

-- +goose StatementBegin
CREATE FUNCTION never_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '% is append-only: correct by a reversal', TG_TABLE_NAME; END $$;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE FUNCTION only_erase_content() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF NEW.content IS NOT NULL OR (NEW.id, NEW.stream, NEW.stream_id, NEW.seq, NEW.kind, NEW.at, NEW.actor_role, NEW.actor_id, NEW.on_behalf_of, NEW.salt, NEW.digest, NEW.hash)
		IS DISTINCT FROM (OLD.id, OLD.stream, OLD.stream_id, OLD.seq, OLD.kind, OLD.at, OLD.actor_role, OLD.actor_id, OLD.on_behalf_of, OLD.salt, OLD.digest, OLD.hash) THEN
		RAISE EXCEPTION 'events are append-only: only their content may be erased';
	END IF;
	RETURN NEW;
END $$;
-- +goose StatementEnd

CREATE TRIGGER ledger_postings_never_change BEFORE UPDATE OR DELETE ON ledger_postings FOR EACH ROW EXECUTE FUNCTION never_change();
CREATE TRIGGER ledger_entries_never_change BEFORE UPDATE OR DELETE ON ledger_entries FOR EACH ROW EXECUTE FUNCTION never_change();
CREATE TRIGGER events_never_delete BEFORE DELETE ON events FOR EACH ROW EXECUTE FUNCTION never_change();
CREATE TRIGGER events_never_update BEFORE UPDATE ON events FOR EACH ROW EXECUTE FUNCTION only_erase_content();
