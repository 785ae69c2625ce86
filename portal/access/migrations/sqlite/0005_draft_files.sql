-- +goose Up

-- A file that somebody sent with a form that could not be taken yet: it is
-- theirs to send with the next try. owner is a party on its case, or a user.
CREATE TABLE draft_files (
	id TEXT PRIMARY KEY,
	owner TEXT NOT NULL,
	hash TEXT NOT NULL REFERENCES files (hash),
	name TEXT NOT NULL,
	expires_at DATETIME NOT NULL,
	created_at DATETIME NOT NULL
);
CREATE INDEX draft_files_of_owner ON draft_files (owner);
CREATE INDEX draft_files_by_hash ON draft_files (hash);
CREATE INDEX draft_files_end ON draft_files (expires_at);
