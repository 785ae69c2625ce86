-- +goose Up

-- How many offers were made on a case: their running number, and the sign that
-- offers and plans hang on it.
ALTER TABLE cases ADD COLUMN offers BIGINT NOT NULL DEFAULT 0;

-- What a creditor says yes to in advance: part of its mandate. A version is
-- never changed.
CREATE TABLE policies (
	id UUID PRIMARY KEY,
	creditor_id UUID NOT NULL REFERENCES creditors (id),
	mandate_id UUID NOT NULL REFERENCES mandates (id),
	version BIGINT NOT NULL CHECK (version > 0),
	content TEXT NOT NULL,
	by_id TEXT NOT NULL,
	by_name TEXT NOT NULL,
	created_at TIMESTAMPTZ NOT NULL,
	UNIQUE (mandate_id, version)
);

-- Terms put by one side to the other.
CREATE TABLE offers (
	id UUID PRIMARY KEY,
	creditor_id UUID NOT NULL REFERENCES creditors (id),
	case_id UUID NOT NULL REFERENCES cases (id),
	party_id UUID NOT NULL REFERENCES parties (id),
	number BIGINT NOT NULL CHECK (number > 0),
	state TEXT NOT NULL CHECK (state IN ('open', 'accepted', 'rejected', 'countered', 'withdrawn', 'expired')),
	side TEXT NOT NULL CHECK (side IN ('debtor', 'creditor', 'agency')),
	terms TEXT NOT NULL,
	as_of DATE NOT NULL,
	owed BIGINT NOT NULL CHECK (owed > 0),
	total BIGINT NOT NULL CHECK (total > 0 AND total <= owed),
	policy_version BIGINT NOT NULL,
	verdict TEXT NOT NULL CHECK (verdict IN ('yes', 'no', 'refer')),
	message TEXT NOT NULL DEFAULT '',
	answer_side TEXT NOT NULL CHECK (answer_side IN ('debtor', 'creditor', 'agency')),
	answer_by DATE NOT NULL,
	remind_on DATE,
	reason TEXT NOT NULL DEFAULT '',
	replaces UUID REFERENCES offers (id),
	by_role TEXT NOT NULL,
	by_id TEXT NOT NULL,
	by_name TEXT NOT NULL,
	on_behalf_of TEXT NOT NULL DEFAULT '',
	answered_at TIMESTAMPTZ,
	answered_by TEXT NOT NULL DEFAULT '',
	created_at TIMESTAMPTZ NOT NULL,
	UNIQUE (case_id, number),
	CHECK ((state = 'open') = (answered_at IS NULL))
);
CREATE UNIQUE INDEX offers_one_open ON offers (case_id) WHERE state = 'open';
CREATE INDEX offers_to_answer ON offers (answer_by) WHERE state = 'open';
CREATE INDEX offers_of_creditor ON offers (creditor_id, created_at);

-- Who said yes to an offer, when, and to which text: one of each side.
CREATE TABLE acceptances (
	id UUID PRIMARY KEY,
	creditor_id UUID NOT NULL,
	case_id UUID NOT NULL REFERENCES cases (id),
	offer_id UUID NOT NULL REFERENCES offers (id),
	side TEXT NOT NULL CHECK (side IN ('debtor', 'creditor')),
	how TEXT NOT NULL CHECK (how IN ('page', 'spoken', 'policy', 'delegation', 'renewed')),
	by_role TEXT NOT NULL,
	by_id TEXT NOT NULL,
	by_name TEXT NOT NULL,
	on_behalf_of TEXT NOT NULL DEFAULT '',
	note TEXT NOT NULL DEFAULT '',
	text_version TEXT NOT NULL,
	language TEXT NOT NULL,
	charges_text TEXT NOT NULL DEFAULT '', -- empty: no leave to charge later was given
	at TIMESTAMPTZ NOT NULL,
	UNIQUE (offer_id, side)
);
CREATE INDEX acceptances_of_case ON acceptances (case_id);

-- An accepted schedule being carried out.
CREATE TABLE plans (
	id UUID PRIMARY KEY,
	creditor_id UUID NOT NULL REFERENCES creditors (id),
	case_id UUID NOT NULL REFERENCES cases (id),
	offer_id UUID NOT NULL UNIQUE REFERENCES offers (id),
	number BIGINT NOT NULL CHECK (number > 0),
	state TEXT NOT NULL CHECK (state IN ('active', 'completed', 'replaced', 'ended')),
	owed BIGINT NOT NULL CHECK (owed > 0),
	total BIGINT NOT NULL CHECK (total > 0 AND total <= owed),
	currency TEXT NOT NULL CHECK (length(currency) = 3),
	revision BIGINT NOT NULL DEFAULT 1,
	skips_max BIGINT NOT NULL CHECK (skips_max >= 0),
	move_days_max BIGINT NOT NULL CHECK (move_days_max >= 0),
	interest_waived BOOLEAN NOT NULL,
	interest_from DATE NOT NULL,      -- the first day without interest, where it is waived
	paid_before TEXT NOT NULL DEFAULT '', -- ids of the payments that the total already counts
	accepted_at TIMESTAMPTZ NOT NULL,
	closed_at TIMESTAMPTZ,
	closed_on DATE,
	closed_by TEXT NOT NULL DEFAULT '',
	reason TEXT NOT NULL DEFAULT '',
	created_at TIMESTAMPTZ NOT NULL,
	CHECK ((state = 'active') = (closed_at IS NULL))
);
CREATE UNIQUE INDEX plans_one_active ON plans (case_id) WHERE state = 'active';
CREATE INDEX plans_of_case ON plans (case_id);

-- The lines of a plan. A change writes a new revision of all of them.
CREATE TABLE instalments (
	plan_id UUID NOT NULL REFERENCES plans (id),
	revision BIGINT NOT NULL CHECK (revision > 0),
	number BIGINT NOT NULL CHECK (number > 0),
	due_on DATE NOT NULL,
	amount BIGINT NOT NULL,
	moved_from DATE,
	skipped BOOLEAN NOT NULL DEFAULT FALSE,
	PRIMARY KEY (plan_id, revision, number),
	CHECK (amount > 0 OR (skipped AND amount = 0))
);
CREATE INDEX instalments_due ON instalments (due_on);

-- What a plan's debtor was told of a day, so that it is told once.
CREATE TABLE plan_notices (
	plan_id UUID NOT NULL REFERENCES plans (id),
	number BIGINT NOT NULL,
	due_on DATE NOT NULL,
	kind TEXT NOT NULL CHECK (kind IN ('soon', 'met', 'missed', 'to_agent')),
	created_at TIMESTAMPTZ NOT NULL,
	PRIMARY KEY (plan_id, number, due_on, kind)
);
