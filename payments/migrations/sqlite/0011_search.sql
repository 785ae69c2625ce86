-- +goose Up

-- What agents look for is the end of the number of the account that paid.
CREATE INDEX bank_entries_by_account_end ON bank_entries (SUBSTR(party_iban, -4)) WHERE case_id IS NOT NULL;
CREATE INDEX authorities_by_account_end ON authorities (last4) WHERE method = 'sepa_debit';
CREATE INDEX payments_by_account_end ON payments (means) WHERE means LIKE 'sepa_debit %';

-- What must soon be paid over, or should have been, stands on the worklist.
CREATE INDEX payments_by_day ON payments (paid_on, id) WHERE state = 'succeeded';
