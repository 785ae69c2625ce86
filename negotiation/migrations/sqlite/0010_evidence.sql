-- +goose Up

-- What is known of a file that was cleaned before it was kept: such a one may be
-- looked at in the browser. A draft is one that only forms have kept so far: it
-- is removed when no row names it. kept_at is when somebody last kept it,
-- leaving_at when its removal began.
ALTER TABLE files ADD COLUMN cleaned BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE files ADD COLUMN draft BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE files ADD COLUMN pages INTEGER NOT NULL DEFAULT 0;
ALTER TABLE files ADD COLUMN width INTEGER NOT NULL DEFAULT 0;
ALTER TABLE files ADD COLUMN height INTEGER NOT NULL DEFAULT 0;
ALTER TABLE files ADD COLUMN kept_at DATETIME;
ALTER TABLE files ADD COLUMN leaving_at DATETIME;
CREATE INDEX files_drafts ON files (kept_at) WHERE draft;
