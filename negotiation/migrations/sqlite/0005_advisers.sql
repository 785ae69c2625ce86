-- +goose Up

-- An adviser stands in a case for the party who named them, within limits and
-- until a day. Every other party has none of these.
ALTER TABLE parties ADD COLUMN for_party_id TEXT REFERENCES parties (id);
ALTER TABLE parties ADD COLUMN may_write BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE parties ADD COLUMN may_propose BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE parties ADD COLUMN until_on TEXT CHECK (until_on IS NULL OR length(until_on) = 10)
	CHECK ((role = 'adviser') = (until_on IS NOT NULL AND for_party_id IS NOT NULL));
ALTER TABLE parties ADD COLUMN ended_at DATETIME; -- by a person, before that day

-- Who wrote, where it was an adviser; party_id is for whom.
ALTER TABLE wishes ADD COLUMN adviser_id TEXT REFERENCES parties (id);
