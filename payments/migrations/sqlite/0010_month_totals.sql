-- +goose Up

-- A month of an account at the gateway, added up by the gateway's own list, by
-- the rows of payouts and by our postings, net and without payouts.
CREATE TABLE month_totals (
	account_id TEXT NOT NULL,                        -- empty: the agency's own
	month DATE NOT NULL,                             -- its first day
	creditor_id TEXT REFERENCES creditors (id),
	currency TEXT NOT NULL,
	row_count INTEGER NOT NULL,
	listed INTEGER NOT NULL,
	waiting INTEGER NOT NULL,
	opened INTEGER NOT NULL,
	booked INTEGER NOT NULL,
	strange INTEGER NOT NULL,
	shifted INTEGER NOT NULL,
	asked_at DATETIME NOT NULL,
	closed_at DATETIME,
	PRIMARY KEY (account_id, month),
	CHECK ((creditor_id IS NULL) = (account_id = ''))
);
