-- +goose Up

-- Card money under this mandate comes to the platform's account first, and is
-- transferred to the creditor's from there; else each payment lands on the
-- creditor's account by itself.
ALTER TABLE mandates ADD COLUMN separate_transfers BOOLEAN NOT NULL DEFAULT FALSE;
