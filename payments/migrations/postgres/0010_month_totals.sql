-- +goose Up

-- A month of an account at the gateway, added up by the gateway's own list, by
-- the rows of payouts and by our postings, net and without payouts.
CREATE TABLE month_totals (
	account_id TEXT NOT NULL,                        -- empty: the agency's own
	month DATE NOT NULL,                             -- its first day
	creditor_id UUID REFERENCES creditors (id),
	currency TEXT NOT NULL,
	row_count BIGINT NOT NULL,
	listed BIGINT NOT NULL,
	waiting BIGINT NOT NULL,
	opened BIGINT NOT NULL,
	booked BIGINT NOT NULL,
	strange BIGINT NOT NULL,
	shifted BIGINT NOT NULL,
	asked_at TIMESTAMPTZ NOT NULL,
	closed_at TIMESTAMPTZ,
	PRIMARY KEY (account_id, month),
	CHECK ((creditor_id IS NULL) = (account_id = ''))
);
