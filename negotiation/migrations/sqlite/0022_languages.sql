-- +goose Up

-- In which language the mails to a creditor's and to the agency's mailbox are.
ALTER TABLE creditors ADD COLUMN language TEXT NOT NULL DEFAULT 'fr' CHECK (language IN ('fr', 'en'));
ALTER TABLE agencies ADD COLUMN language TEXT NOT NULL DEFAULT 'fr' CHECK (language IN ('fr', 'en'));
