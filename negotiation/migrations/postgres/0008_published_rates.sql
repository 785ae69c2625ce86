-- +goose Up

-- Rates that were published after this version of the program was made. What
-- was entered last for a half-year counts; nothing is changed.
CREATE TABLE published_rates (
	id UUID PRIMARY KEY,
	kind TEXT NOT NULL CHECK (kind IN ('ecb_mro', 'fr_legal_individual_creditor', 'fr_legal_other_creditor')),
	from_on DATE NOT NULL,
	to_on DATE NOT NULL,
	percent TEXT NOT NULL,
	source TEXT NOT NULL,
	by_id TEXT NOT NULL,
	by_name TEXT NOT NULL,
	created_at TIMESTAMPTZ NOT NULL,
	CHECK (to_on > from_on)
);
