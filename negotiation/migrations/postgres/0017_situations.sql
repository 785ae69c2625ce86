-- +goose Up

-- Who read what is nobody else's to read, and who took the file of a case. A
-- line is written before anything is shown, and never changed.
CREATE TABLE readings (
	id UUID PRIMARY KEY,
	creditor_id UUID NOT NULL REFERENCES creditors (id),
	case_id UUID NOT NULL REFERENCES cases (id),
	subject TEXT NOT NULL CHECK (subject IN ('file', 'situation')),
	subject_id TEXT NOT NULL DEFAULT '',
	need TEXT NOT NULL,
	by_role TEXT NOT NULL,
	by_id TEXT NOT NULL,
	by_name TEXT NOT NULL,
	at TIMESTAMPTZ NOT NULL
);
CREATE INDEX readings_of_case ON readings (case_id, at);

CREATE TRIGGER readings_never_change BEFORE UPDATE OR DELETE ON readings FOR EACH ROW EXECUTE FUNCTION never_change();

-- A special situation of the person a case is with: what is behind a hold, how
-- it is known, and how it ended. What was said of it is the hold's note.
CREATE TABLE situations (
	id UUID PRIMARY KEY,
	creditor_id UUID NOT NULL REFERENCES creditors (id),
	case_id UUID NOT NULL REFERENCES cases (id),
	hold_id UUID NOT NULL UNIQUE REFERENCES holds (id),
	reason TEXT NOT NULL CHECK (reason IN ('overindebtedness_declared', 'overindebtedness_admitted', 'measures_adopted', 'debt_erased', 'insolvency',
		'deceased', 'minor', 'guardianship', 'vulnerable', 'not_me', 'identity_theft', 'moved')),
	state TEXT NOT NULL CHECK (state IN ('confirmed', 'ended', 'told')),
	file_number TEXT NOT NULL DEFAULT '',
	proof_by DATE,
	review_on DATE,
	by_role TEXT NOT NULL,
	by_id TEXT NOT NULL,
	by_name TEXT NOT NULL,
	on_behalf_of TEXT NOT NULL DEFAULT '',
	confirmed_at TIMESTAMPTZ,
	confirmed_by TEXT NOT NULL DEFAULT '',
	ended_at TIMESTAMPTZ,
	ended_by TEXT NOT NULL DEFAULT '',
	end_reason TEXT NOT NULL DEFAULT '',
	end_note TEXT NOT NULL DEFAULT '',
	created_at TIMESTAMPTZ NOT NULL,
	CHECK ((state = 'ended') = (ended_at IS NOT NULL)),
	CHECK (state <> 'ended' OR end_reason <> '')
);
CREATE INDEX situations_of_case ON situations (case_id);
CREATE INDEX situations_to_review ON situations (review_on) WHERE state <> 'ended';
CREATE INDEX situations_to_prove ON situations (proof_by) WHERE state = 'told';

-- What proves a situation.
CREATE TABLE situation_files (
	situation_id UUID NOT NULL REFERENCES situations (id),
	position BIGINT NOT NULL CHECK (position > 0),
	hash TEXT NOT NULL,
	name TEXT NOT NULL,
	media_type TEXT NOT NULL,
	bytes BIGINT NOT NULL CHECK (bytes > 0),
	by_role TEXT NOT NULL,
	by_name TEXT NOT NULL,
	at TIMESTAMPTZ NOT NULL,
	PRIMARY KEY (situation_id, position)
);

-- Holds of special situations that were placed before there was more to say of
-- them.
INSERT INTO situations (id, creditor_id, case_id, hold_id, reason, state, by_role, by_id, by_name, confirmed_at, confirmed_by, ended_at, ended_by, end_reason, created_at)
SELECT h.id, c.creditor_id, c.id, h.id, h.reason, CASE WHEN h.lifted_at IS NOT NULL THEN 'ended' WHEN h.reason = 'overindebtedness_declared' THEN 'told' ELSE 'confirmed' END,
	'system', h.by_id, h.by_name, CASE WHEN h.reason = 'overindebtedness_declared' THEN NULL ELSE h.created_at END, CASE WHEN h.reason = 'overindebtedness_declared' THEN '' ELSE h.by_name END,
	h.lifted_at, h.lifted_by, CASE WHEN h.lifted_at IS NOT NULL THEN 'lifted' ELSE '' END, h.created_at
FROM holds h JOIN cases c ON c.id = COALESCE(h.case_id, (SELECT p.case_id FROM parties p WHERE p.person_id = h.person_id ORDER BY p.created_at, p.id LIMIT 1))
WHERE h.reason IN ('overindebtedness_declared', 'overindebtedness_admitted', 'insolvency', 'deceased', 'minor', 'vulnerable', 'not_me', 'moved');
