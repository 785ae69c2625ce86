-- +goose Up

-- What a debtor contests: a claim, or a sum of it.
CREATE TABLE disputes (
	id TEXT PRIMARY KEY,
	creditor_id TEXT NOT NULL REFERENCES creditors (id),
	case_id TEXT NOT NULL REFERENCES cases (id),
	claim_id TEXT NOT NULL REFERENCES claims (id),
	party_id TEXT NOT NULL REFERENCES parties (id),
	number INTEGER NOT NULL CHECK (number > 0),
	state TEXT NOT NULL CHECK (state IN ('opened', 'answered', 'mediation', 'upheld', 'partly_upheld', 'rejected', 'agreed', 'withdrawn')),
	ground TEXT NOT NULL CHECK (ground IN ('not_mine', 'already_paid', 'wrong_amount', 'goods_or_service', 'cancelled', 'time_barred', 'other')),
	amount INTEGER CHECK (amount > 0), -- NULL: the whole claim
	hold_id TEXT REFERENCES holds (id),
	round INTEGER NOT NULL CHECK (round > 0),
	credited INTEGER NOT NULL DEFAULT 0 CHECK (credited >= 0),
	answer_side TEXT NOT NULL CHECK (answer_side IN ('debtor', 'creditor', 'agency')),
	answer_by TEXT NOT NULL CHECK (length(answer_by) = 10),
	remind_on TEXT CHECK (length(remind_on) = 10),
	opened_at DATETIME NOT NULL,
	closed_at DATETIME,
	closed_by TEXT NOT NULL DEFAULT '',
	created_at DATETIME NOT NULL,
	UNIQUE (case_id, number),
	CHECK ((state IN ('opened', 'answered', 'mediation')) = (closed_at IS NULL))
);
CREATE UNIQUE INDEX disputes_one_open ON disputes (claim_id) WHERE closed_at IS NULL;
CREATE INDEX disputes_to_answer ON disputes (answer_by) WHERE closed_at IS NULL;
CREATE INDEX disputes_of_creditor ON disputes (creditor_id, created_at);

-- What was said and done in it. Nothing is changed.
CREATE TABLE dispute_steps (
	id TEXT PRIMARY KEY,
	case_id TEXT NOT NULL REFERENCES cases (id),
	dispute_id TEXT NOT NULL REFERENCES disputes (id),
	round INTEGER NOT NULL CHECK (round > 0),
	kind TEXT NOT NULL,
	side TEXT NOT NULL CHECK (side IN ('debtor', 'creditor', 'agency')),
	audience TEXT NOT NULL CHECK (audience IN ('all', 'debtor', 'creditor', 'agency')),
	words TEXT NOT NULL DEFAULT '',
	amount INTEGER CHECK (amount >= 0),
	way TEXT NOT NULL DEFAULT '',
	of TEXT REFERENCES dispute_steps (id),
	by_role TEXT NOT NULL,
	by_id TEXT NOT NULL,
	by_name TEXT NOT NULL,
	on_behalf_of TEXT NOT NULL DEFAULT '',
	language TEXT NOT NULL,
	at DATETIME NOT NULL
);
CREATE INDEX dispute_steps_of_case ON dispute_steps (case_id);
CREATE INDEX dispute_steps_of_dispute ON dispute_steps (dispute_id);

CREATE TABLE dispute_files (
	step_id TEXT NOT NULL REFERENCES dispute_steps (id),
	position INTEGER NOT NULL CHECK (position > 0),
	hash TEXT NOT NULL,
	name TEXT NOT NULL,
	media_type TEXT NOT NULL,
	bytes INTEGER NOT NULL CHECK (bytes > 0),
	PRIMARY KEY (step_id, position)
);
