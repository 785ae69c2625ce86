-- +goose Up

-- Who read what is nobody else's to read, and who took the file of a case. A
-- line is written before anything is shown, and never changed.
CREATE TABLE readings (
	id TEXT PRIMARY KEY,
	creditor_id TEXT NOT NULL REFERENCES creditors (id),
	case_id TEXT NOT NULL REFERENCES cases (id),
	subject TEXT NOT NULL CHECK (subject IN ('file', 'situation')),
	subject_id TEXT NOT NULL DEFAULT '',
	need TEXT NOT NULL,
	by_role TEXT NOT NULL,
	by_id TEXT NOT NULL,
	by_name TEXT NOT NULL,
	at DATETIME NOT NULL
);
CREATE INDEX readings_of_case ON readings (case_id, at);

-- +goose StatementBegin
CREATE TRIGGER readings_never_update BEFORE UPDATE ON readings
BEGIN SELECT RAISE(ABORT, 'readings are append-only'); END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER readings_never_delete BEFORE DELETE ON readings
BEGIN SELECT RAISE(ABORT, 'readings are append-only'); END;
-- +goose StatementEnd

-- A special situation of the person a case is with: what is behind a hold, how
-- it is known, and how it ended. What was said of it is the hold's note.
CREATE TABLE situations (
	id TEXT PRIMARY KEY,
	creditor_id TEXT NOT NULL REFERENCES creditors (id),
	case_id TEXT NOT NULL REFERENCES cases (id),
	hold_id TEXT NOT NULL UNIQUE REFERENCES holds (id),
	reason TEXT NOT NULL CHECK (reason IN ('overindebtedness_declared', 'overindebtedness_admitted', 'measures_adopted', 'debt_erased', 'insolvency',
		'deceased', 'minor', 'guardianship', 'vulnerable', 'not_me', 'identity_theft', 'moved')),
	state TEXT NOT NULL CHECK (state IN ('confirmed', 'ended', 'told')),
	file_number TEXT NOT NULL DEFAULT '',
	proof_by TEXT CHECK (length(proof_by) = 10),
	review_on TEXT CHECK (length(review_on) = 10),
	by_role TEXT NOT NULL,
	by_id TEXT NOT NULL,
	by_name TEXT NOT NULL,
	on_behalf_of TEXT NOT NULL DEFAULT '',
	confirmed_at DATETIME,
	confirmed_by TEXT NOT NULL DEFAULT '',
	ended_at DATETIME,
	ended_by TEXT NOT NULL DEFAULT '',
	end_reason TEXT NOT NULL DEFAULT '',
	end_note TEXT NOT NULL DEFAULT '',
	created_at DATETIME NOT NULL,
	CHECK ((state = 'ended') = (ended_at IS NOT NULL)),
	CHECK (state <> 'ended' OR end_reason <> '')
);
CREATE INDEX situations_of_case ON situations (case_id);
CREATE INDEX situations_to_review ON situations (review_on) WHERE state <> 'ended';
CREATE INDEX situations_to_prove ON situations (proof_by) WHERE state = 'told';

-- What proves a situation.
CREATE TABLE situation_files (
	situation_id TEXT NOT NULL REFERENCES situations (id),
	position INTEGER NOT NULL CHECK (position > 0),
	hash TEXT NOT NULL,
	name TEXT NOT NULL,
	media_type TEXT NOT NULL,
	bytes INTEGER NOT NULL CHECK (bytes > 0),
	by_role TEXT NOT NULL,
	by_name TEXT NOT NULL,
	at DATETIME NOT NULL,
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
