-- +goose Up

-- The debit by which what the agency held for a month reached its creditor.
ALTER TABLE remittances ADD COLUMN bank_entry_id TEXT REFERENCES bank_entries (id);
CREATE UNIQUE INDEX remittances_once_by_entry ON remittances (bank_entry_id) WHERE bank_entry_id IS NOT NULL;

-- The debit by which money of a transfer went back.
ALTER TABLE refunds ADD COLUMN bank_entry_id TEXT REFERENCES bank_entries (id);
CREATE UNIQUE INDEX refunds_once_by_entry ON refunds (bank_entry_id) WHERE bank_entry_id IS NOT NULL;
