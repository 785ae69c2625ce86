-- +goose Up

-- A way to pay on one case and to see nothing of it but a sum and a reference,
-- made by a party for somebody else. Its token is worked out from its id under
-- a key that no database holds; here is only what finds it again. Validity is
-- by the product's clock.
CREATE TABLE pay_links (
	id UUID PRIMARY KEY,
	creditor_id UUID NOT NULL REFERENCES creditors (id),
	case_id UUID NOT NULL REFERENCES cases (id),
	party_id UUID NOT NULL REFERENCES parties (id), -- who made it
	token_hash BYTEA NOT NULL UNIQUE,
	label TEXT NOT NULL DEFAULT '', -- for whom, in the party's words
	used_at TIMESTAMPTZ, -- last opened by its button
	revoked_at TIMESTAMPTZ,
	expires_at TIMESTAMPTZ NOT NULL,
	created_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX pay_links_of_case ON pay_links (case_id, created_at);

-- Two more kinds of visitor: an adviser, and who holds a pay-only link.
ALTER TABLE sessions DROP CONSTRAINT sessions_kind_check;
ALTER TABLE sessions ADD CONSTRAINT sessions_kind_check CHECK (kind IN ('debtor', 'adviser', 'payer', 'second_step', 'staff'));
ALTER TABLE sessions DROP CONSTRAINT sessions_check;
ALTER TABLE sessions ADD CONSTRAINT sessions_check CHECK ((kind IN ('debtor', 'adviser', 'payer')) = (case_id IS NOT NULL));
