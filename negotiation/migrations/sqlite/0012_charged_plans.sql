-- +goose Up

-- The card that the instalments of a plan are charged to, by the debtor's
-- leave; empty: each is paid by hand.
ALTER TABLE plans ADD COLUMN charged TEXT NOT NULL DEFAULT '';

-- 'charge': the debtor was told that the card will be charged on that day.
CREATE TABLE plan_notices_new (
	plan_id TEXT NOT NULL REFERENCES plans (id),
	number INTEGER NOT NULL,
	due_on TEXT NOT NULL CHECK (length(due_on) = 10),
	kind TEXT NOT NULL CHECK (kind IN ('soon', 'met', 'missed', 'to_agent', 'charge')),
	created_at DATETIME NOT NULL,
	PRIMARY KEY (plan_id, number, due_on, kind)
);
INSERT INTO plan_notices_new SELECT plan_id, number, due_on, kind, created_at FROM plan_notices;
DROP TABLE plan_notices;
ALTER TABLE plan_notices_new RENAME TO plan_notices;
