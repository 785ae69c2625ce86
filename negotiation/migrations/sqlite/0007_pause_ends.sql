-- +goose Up

-- When it was told that a breathing space is about to end.
ALTER TABLE holds ADD COLUMN end_told_at DATETIME;
