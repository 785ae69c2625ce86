-- +goose Up

-- An adviser stands in a case for the party who named them, within limits and
-- until a day. Every other party has none of these.
ALTER TABLE parties ADD COLUMN for_party_id UUID REFERENCES parties (id);
ALTER TABLE parties ADD COLUMN may_write BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE parties ADD COLUMN may_propose BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE parties ADD COLUMN until_on DATE;
ALTER TABLE parties ADD COLUMN ended_at TIMESTAMPTZ; -- by a person, before that day
ALTER TABLE parties ADD CHECK ((role = 'adviser') = (until_on IS NOT NULL AND for_party_id IS NOT NULL));

-- Who wrote, where it was an adviser; party_id is for whom.
ALTER TABLE wishes ADD COLUMN adviser_id UUID REFERENCES parties (id);
