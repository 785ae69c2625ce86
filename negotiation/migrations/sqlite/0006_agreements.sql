-- +goose Up

-- What an agreement says, as it stood when the plan was accepted: what was owed,
-- line by line, and between whom.
ALTER TABLE plans ADD COLUMN statement_id TEXT REFERENCES statements (id);
ALTER TABLE plans ADD COLUMN agreed TEXT NOT NULL DEFAULT '';
