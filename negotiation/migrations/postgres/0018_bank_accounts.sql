-- +goose Up

-- Where a transfer goes: the agency's account for creditors' funds alone (CPCE
-- R124-2), or a creditor's own.
CREATE TABLE bank_accounts (
	id UUID PRIMARY KEY,
	agency_id UUID NOT NULL REFERENCES agencies (id),
	creditor_id UUID REFERENCES creditors (id), -- none: the agency's
	holder TEXT NOT NULL CHECK (holder <> ''),  -- the exact name: the payer's bank compares it
	iban TEXT NOT NULL UNIQUE CHECK (length(iban) BETWEEN 15 AND 34),
	bic TEXT NOT NULL DEFAULT '',
	currency TEXT NOT NULL CHECK (length(currency) = 3),
	closed_at TIMESTAMPTZ,
	created_at TIMESTAMPTZ NOT NULL
);

ALTER TABLE mandates ADD COLUMN account_id UUID REFERENCES bank_accounts (id); -- none: no transfers
ALTER TABLE mandates ADD COLUMN cheque_to TEXT NOT NULL DEFAULT '';            -- to whose order cheques are made out; empty: none are taken

-- A transfer that names only an invoice is looked up by it.
CREATE INDEX claims_of_invoice ON claims (invoice_key);
