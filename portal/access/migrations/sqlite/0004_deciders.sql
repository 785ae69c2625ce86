-- +goose Up

-- Who of a creditor's people may answer offers, and on which sums. Whoever
-- could sign in before deciders were told apart goes on deciding.
ALTER TABLE users ADD COLUMN decides BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE users ADD COLUMN decides_up_to INTEGER NOT NULL DEFAULT 0; -- minor units owed; 0: any sum
UPDATE users SET decides = TRUE WHERE role = 'creditor';

-- A decider lets a colleague decide in their place until a day.
CREATE TABLE delegations (
	id TEXT PRIMARY KEY,
	creditor_id TEXT NOT NULL REFERENCES creditors (id),
	from_user_id TEXT NOT NULL REFERENCES users (id),
	to_user_id TEXT NOT NULL REFERENCES users (id),
	until_on TEXT NOT NULL CHECK (length(until_on) = 10),
	ended_at DATETIME,
	created_at DATETIME NOT NULL,
	CHECK (from_user_id <> to_user_id)
);
CREATE UNIQUE INDEX delegations_one_each ON delegations (from_user_id, to_user_id) WHERE ended_at IS NULL;
CREATE INDEX delegations_of_creditor ON delegations (creditor_id);
CREATE INDEX delegations_to ON delegations (to_user_id);
