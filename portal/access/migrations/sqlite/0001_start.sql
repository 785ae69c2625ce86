-- +goose Up

-- A way into one case for one party. The token is known only to who holds the
-- mail; validity is by the product's clock.
CREATE TABLE links (
	id TEXT PRIMARY KEY,
	creditor_id TEXT NOT NULL REFERENCES creditors (id),
	case_id TEXT NOT NULL REFERENCES cases (id),
	party_id TEXT NOT NULL REFERENCES parties (id),
	token_hash BLOB NOT NULL UNIQUE,
	tries INTEGER NOT NULL DEFAULT 0 CHECK (tries BETWEEN 0 AND 5), -- wrong ones in a row
	locked_at DATETIME,
	revoked_at DATETIME,
	expires_at DATETIME NOT NULL,
	created_at DATETIME NOT NULL
);
CREATE INDEX links_of_case ON links (case_id, created_at);

-- The one mailed code of a link: asked for, then made when its letter leaves.
-- All by the wall clock.
CREATE TABLE link_codes (
	link_id TEXT PRIMARY KEY REFERENCES links (id),
	code_hash BLOB, -- NULL: asked for, not sent yet
	tries INTEGER NOT NULL DEFAULT 0 CHECK (tries BETWEEN 0 AND 5),
	asked_at DATETIME NOT NULL,
	expires_at DATETIME
);

-- Those who sign in with a password.
CREATE TABLE users (
	id TEXT PRIMARY KEY,
	role TEXT NOT NULL CHECK (role IN ('creditor', 'agent', 'administrator')),
	creditor_id TEXT REFERENCES creditors (id),
	email TEXT NOT NULL UNIQUE, -- small letters
	name TEXT NOT NULL DEFAULT '',
	language TEXT NOT NULL DEFAULT 'fr',
	password_hash TEXT NOT NULL DEFAULT '', -- empty until the invitation is accepted
	totp_secret BLOB, -- sealed; NULL until enrolled
	totp_step INTEGER NOT NULL DEFAULT 0, -- the last step used
	totp_generation INTEGER NOT NULL DEFAULT 0,
	invited_by TEXT NOT NULL DEFAULT '',
	accepted_at DATETIME,
	disabled_at DATETIME,
	created_at DATETIME NOT NULL,
	CHECK ((role = 'creditor') = (creditor_id IS NOT NULL))
);
CREATE INDEX users_of_creditor ON users (creditor_id);

-- Invitations and new passwords, each good for one use.
CREATE TABLE user_tokens (
	token_hash BLOB PRIMARY KEY,
	user_id TEXT NOT NULL REFERENCES users (id),
	kind TEXT NOT NULL CHECK (kind IN ('invitation', 'reset')),
	expires_at DATETIME NOT NULL,
	created_at DATETIME NOT NULL
);
CREATE INDEX user_tokens_of_user ON user_tokens (user_id);

CREATE TABLE sessions (
	id_hash BLOB PRIMARY KEY,
	kind TEXT NOT NULL CHECK (kind IN ('debtor', 'second_step', 'staff')),
	subject_id TEXT NOT NULL, -- the party, or the user
	case_id TEXT REFERENCES cases (id),
	link_id TEXT REFERENCES links (id),
	name TEXT NOT NULL DEFAULT '',
	data TEXT NOT NULL DEFAULT '{}',
	seen_at DATETIME NOT NULL,
	expires_at DATETIME NOT NULL,
	created_at DATETIME NOT NULL,
	CHECK ((kind = 'debtor') = (case_id IS NOT NULL))
);
CREATE INDEX sessions_of_subject ON sessions (subject_id);
CREATE INDEX sessions_of_case ON sessions (case_id);
CREATE INDEX sessions_ending ON sessions (expires_at);

-- What was typed when a session had ended, kept until the next sign-in.
CREATE TABLE parked_forms (
	ticket_hash BLOB PRIMARY KEY,
	owner TEXT NOT NULL,
	path TEXT NOT NULL,
	form BLOB NOT NULL, -- sealed
	expires_at DATETIME NOT NULL,
	created_at DATETIME NOT NULL
);

-- Somebody typed an address and asks for a link or a new password. Written
-- whether the address is known or not, and answered later by a job, so that
-- neither the answer nor its pace tells.
CREATE TABLE access_requests (
	id TEXT PRIMARY KEY,
	kind TEXT NOT NULL CHECK (kind IN ('link', 'reset')),
	address TEXT NOT NULL,
	created_at DATETIME NOT NULL
);

-- Counters of a sliding window: this window's hits and the last one's.
CREATE TABLE rate_counters (
	bucket TEXT NOT NULL,
	key_hash BLOB NOT NULL,
	window_number INTEGER NOT NULL,
	hits INTEGER NOT NULL,
	hits_before INTEGER NOT NULL,
	expires_at DATETIME NOT NULL,
	PRIMARY KEY (bucket, key_hash)
);
CREATE INDEX rate_counters_ending ON rate_counters (expires_at);

-- A new link is asked for by mail address.
CREATE INDEX contact_points_of_email ON contact_points (lower(value)) WHERE kind = 'email';
