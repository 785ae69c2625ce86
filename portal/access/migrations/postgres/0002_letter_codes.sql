-- +goose Up

-- The code printed on a first letter. It is worked out from the letter's id
-- under a key that no database holds; here is only what finds it again.
CREATE TABLE letter_codes (
	letter_id UUID PRIMARY KEY REFERENCES letters (id),
	creditor_id UUID NOT NULL REFERENCES creditors (id),
	case_id UUID NOT NULL REFERENCES cases (id),
	party_id UUID NOT NULL REFERENCES parties (id),
	code_hash BYTEA NOT NULL UNIQUE,
	draw SMALLINT NOT NULL, -- which try gave a code that no other letter has
	revoked_at TIMESTAMPTZ,
	expires_at TIMESTAMPTZ NOT NULL,
	created_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX letter_codes_of_case ON letter_codes (case_id);
