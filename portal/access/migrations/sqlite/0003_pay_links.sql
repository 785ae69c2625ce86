-- +goose Up

-- A way to pay on one case and to see nothing of it but a sum and a reference,
-- made by a party for somebody else. Its token is worked out from its id under
-- a key that no database holds; here is only what finds it again. Validity is
-- by the product's clock.
CREATE TABLE pay_links (
	id TEXT PRIMARY KEY,
	creditor_id TEXT NOT NULL REFERENCES creditors (id),
	case_id TEXT NOT NULL REFERENCES cases (id),
	party_id TEXT NOT NULL REFERENCES parties (id), -- who made it
	token_hash BLOB NOT NULL UNIQUE,
	label TEXT NOT NULL DEFAULT '', -- for whom, in the party's words
	used_at DATETIME, -- last opened by its button
	revoked_at DATETIME,
	expires_at DATETIME NOT NULL,
	created_at DATETIME NOT NULL
);
CREATE INDEX pay_links_of_case ON pay_links (case_id, created_at);

-- Two more kinds of visitor: an adviser, and who holds a pay-only link.
CREATE TABLE sessions_new (
	id_hash BLOB PRIMARY KEY,
	kind TEXT NOT NULL CHECK (kind IN ('debtor', 'adviser', 'payer', 'second_step', 'staff')),
	subject_id TEXT NOT NULL, -- the party, the pay-only link, or the user
	case_id TEXT REFERENCES cases (id),
	link_id TEXT REFERENCES links (id),
	name TEXT NOT NULL DEFAULT '',
	data TEXT NOT NULL DEFAULT '{}',
	seen_at DATETIME NOT NULL,
	expires_at DATETIME NOT NULL,
	created_at DATETIME NOT NULL,
	CHECK ((kind IN ('debtor', 'adviser', 'payer')) = (case_id IS NOT NULL))
);
INSERT INTO sessions_new (id_hash, kind, subject_id, case_id, link_id, name, data, seen_at, expires_at, created_at)
	SELECT id_hash, kind, subject_id, case_id, link_id, name, data, seen_at, expires_at, created_at FROM sessions;
DROP TABLE sessions;
ALTER TABLE sessions_new RENAME TO sessions;
CREATE INDEX sessions_of_subject ON sessions (subject_id);
CREATE INDEX sessions_of_case ON sessions (case_id);
CREATE INDEX sessions_ending ON sessions (expires_at);
