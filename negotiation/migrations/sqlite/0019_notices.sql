-- +goose Up

-- How a creditor likes to be told by mail of money that came in.
ALTER TABLE creditors ADD COLUMN notices TEXT NOT NULL DEFAULT 'at_once' CHECK (notices IN ('at_once', 'daily', 'none'));
CREATE INDEX letters_for_digest ON letters (creditor_id) WHERE state = 'blocked' AND blocked_by = 'digest';
