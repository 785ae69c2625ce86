-- +goose Up

-- A way into one case for one party. The token is known only to who holds the
-- mail; validity is by the product's clock.
CREATE TABLE links (
	id UUID PRIMARY KEY,
	creditor_id UUID NOT NULL REFERENCES creditors (id),
	case_id UUID NOT NULL REFERENCES cases (id),
	party_id UUID NOT NULL REFERENCES parties (id),
	token_hash BYTEA NOT NULL UNIQUE,
	tries BIGINT NOT NULL DEFAULT 0 CHECK (tries BETWEEN 0 AND 5), -- wrong ones in a row
	locked_at TIMESTAMPTZ,
	revoked_at TIMESTAMPTZ,
	expires_at TIMESTAMPTZ NOT NULL,
	created_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX links_of_case ON links (case_id, created_at);

-- The one mailed code of a link: asked for, then made when its letter leaves.
-- All by the wall clock.
CREATE TABLE link_codes (
	link_id UUID PRIMARY KEY REFERENCES links (id),
	code_hash BYTEA, -- NULL: asked for, not sent yet
	tries BIGINT NOT NULL DEFAULT 0 CHECK (tries BETWEEN 0 AND 5),
	asked_at TIMESTAMPTZ NOT NULL,
	expires_at TIMESTAMPTZ
);

-- Those who sign in with a password.
CREATE TABLE users (
	id UUID PRIMARY KEY,
	role TEXT NOT NULL CHECK (role IN ('creditor', 'agent', 'administrator')),
	creditor_id UUID REFERENCES creditors (id),
	email TEXT NOT NULL UNIQUE, -- small letters
	name TEXT NOT NULL DEFAULT '',
	language TEXT NOT NULL DEFAULT 'fr',
	password_hash TEXT NOT NULL DEFAULT '', -- empty until the invitation is accepted
	totp_secret BYTEA, -- sealed; NULL until enrolled
	totp_step BIGINT NOT NULL DEFAULT 0, -- the last step used
	totp_generation BIGINT NOT NULL DEFAULT 0,
	invited_by TEXT NOT NULL DEFAULT '',
	accepted_at TIMESTAMPTZ,
	disabled_at TIMESTAMPTZ,
	created_at TIMESTAMPTZ NOT NULL,
	CHECK ((role = 'creditor') = (creditor_id IS NOT NULL))
);
CREATE INDEX users_of_creditor ON users (creditor_id);

-- Invitations and new passwords, each good for one use.
CREATE TABLE user_tokens (
	token_hash BYTEA PRIMARY KEY,
	user_id UUID NOT NULL REFERENCES users (id),
	kind TEXT NOT NULL CHECK (kind IN ('invitation', 'reset')),
	expires_at TIMESTAMPTZ NOT NULL,
	created_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX user_tokens_of_user ON user_tokens (user_id);

CREATE TABLE sessions (
	id_hash BYTEA PRIMARY KEY,
	kind TEXT NOT NULL CHECK (kind IN ('debtor', 'second_step', 'staff')),
	subject_id UUID NOT NULL, -- the party, or the user
	case_id UUID REFERENCES cases (id),
	link_id UUID REFERENCES links (id),
	name TEXT NOT NULL DEFAULT '',
	data TEXT NOT NULL DEFAULT '{}',
	seen_at TIMESTAMPTZ NOT NULL,
	expires_at TIMESTAMPTZ NOT NULL,
	created_at TIMESTAMPTZ NOT NULL,
	CHECK ((kind = 'debtor') = (case_id IS NOT NULL))
);
CREATE INDEX sessions_of_subject ON sessions (subject_id);
CREATE INDEX sessions_of_case ON sessions (case_id);
CREATE INDEX sessions_ending ON sessions (expires_at);

-- What was typed when a session had ended, kept until the next sign-in.
CREATE TABLE parked_forms (
	ticket_hash BYTEA PRIMARY KEY,
	owner TEXT NOT NULL,
	path TEXT NOT NULL,
	form BYTEA NOT NULL, -- sealed
	expires_at TIMESTAMPTZ NOT NULL,
	created_at TIMESTAMPTZ NOT NULL
);

-- Somebody typed an address and asks for a link or a new password. Written
-- whether the address is known or not, and answered later by a job, so that
-- neither the answer nor its pace tells.
CREATE TABLE access_requests (
	id UUID PRIMARY KEY,
	kind TEXT NOT NULL CHECK (kind IN ('link', 'reset')),
	address TEXT NOT NULL,
	created_at TIMESTAMPTZ NOT NULL
);

-- Counters of a sliding window: this window's hits and the last one's.
CREATE TABLE rate_counters (
	bucket TEXT NOT NULL,
	key_hash BYTEA NOT NULL,
	window_number BIGINT NOT NULL,
	hits BIGINT NOT NULL,
	hits_before BIGINT NOT NULL,
	expires_at TIMESTAMPTZ NOT NULL,
	PRIMARY KEY (bucket, key_hash)
);
CREATE INDEX rate_counters_ending ON rate_counters (expires_at);

-- A new link is asked for by mail address.
CREATE INDEX contact_points_of_email ON contact_points (lower(value)) WHERE kind = 'email';
