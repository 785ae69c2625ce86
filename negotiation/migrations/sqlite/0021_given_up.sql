-- +goose Up

-- What a creditor gave up outside a dispute (a credit note, a claim or a case
-- taken back), and by which word. A line is never changed.
CREATE TABLE given_up (
	id TEXT PRIMARY KEY,
	creditor_id TEXT NOT NULL REFERENCES creditors (id),
	case_id TEXT NOT NULL REFERENCES cases (id),
	claim_id TEXT REFERENCES claims (id),
	kind TEXT NOT NULL CHECK (kind IN ('credit_note', 'claim', 'case')),
	number TEXT NOT NULL DEFAULT '',
	amount INTEGER NOT NULL CHECK (amount >= 0),
	words TEXT NOT NULL DEFAULT '',
	proof TEXT NOT NULL DEFAULT '',
	proof_name TEXT NOT NULL DEFAULT '',
	by_role TEXT NOT NULL,
	by_id TEXT NOT NULL,
	by_name TEXT NOT NULL,
	at DATETIME NOT NULL,
	CHECK ((kind = 'case') = (claim_id IS NULL)),
	CHECK ((kind = 'credit_note') = (number <> ''))
);
CREATE INDEX given_up_of_case ON given_up (case_id, at);

-- +goose StatementBegin
CREATE TRIGGER given_up_never_updates BEFORE UPDATE ON given_up
BEGIN SELECT RAISE(ABORT, 'given_up is append-only'); END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER given_up_never_deletes BEFORE DELETE ON given_up
BEGIN SELECT RAISE(ABORT, 'given_up is append-only'); END;
-- +goose StatementEnd
