-- +goose Up

-- Agents: who gives out the work of others, and how much of a creditor's money
-- each gives up alone.
ALTER TABLE users ADD COLUMN supervises BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE users ADD COLUMN gives_up_to INTEGER NOT NULL DEFAULT 0 CHECK (gives_up_to >= -1); -- minor units; 0: any sum; -1: none

-- Filters of the worklist that somebody keeps under a name.
CREATE TABLE saved_views (
	id TEXT PRIMARY KEY,
	user_id TEXT NOT NULL REFERENCES users (id),
	name TEXT NOT NULL CHECK (name <> ''),
	query TEXT NOT NULL,
	created_at DATETIME NOT NULL,
	UNIQUE (user_id, name)
);
