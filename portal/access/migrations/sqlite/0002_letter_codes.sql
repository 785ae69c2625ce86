-- +goose Up

-- The code printed on a first letter. It is worked out from the letter's id
-- under a key that no database holds; here is only what finds it again.
CREATE TABLE letter_codes (
	letter_id TEXT PRIMARY KEY REFERENCES letters (id),
	creditor_id TEXT NOT NULL REFERENCES creditors (id),
	case_id TEXT NOT NULL REFERENCES cases (id),
	party_id TEXT NOT NULL REFERENCES parties (id),
	code_hash BLOB NOT NULL UNIQUE,
	draw INTEGER NOT NULL, -- which try gave a code that no other letter has
	revoked_at DATETIME,
	expires_at DATETIME NOT NULL,
	created_at DATETIME NOT NULL
);
CREATE INDEX letter_codes_of_case ON letter_codes (case_id);
