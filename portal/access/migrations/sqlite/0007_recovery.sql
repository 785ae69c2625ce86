-- +goose Up

-- With what a user signed in, as people call it: "Firefox, Mac".
ALTER TABLE sessions ADD COLUMN device TEXT NOT NULL DEFAULT '';

-- What lets a user in whose authenticator is lost: each is good once.
CREATE TABLE recovery_codes (
	user_id TEXT NOT NULL REFERENCES users (id),
	code_hash BLOB NOT NULL,
	used_at DATETIME,
	created_at DATETIME NOT NULL,
	PRIMARY KEY (user_id, code_hash)
);
