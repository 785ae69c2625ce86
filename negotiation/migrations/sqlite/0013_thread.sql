-- +goose Up

-- A message waits until the agency has written to the side it came from, or has
-- said that it needs no answer.
ALTER TABLE messages ADD COLUMN handled_at DATETIME;
ALTER TABLE messages ADD COLUMN handled_by TEXT NOT NULL DEFAULT '';
CREATE INDEX messages_waiting ON messages (at) WHERE handled_at IS NULL AND side <> 'agency';
CREATE INDEX messages_to_creditor ON messages (creditor_id, at) WHERE side <> 'creditor' AND audience IN ('all', 'creditor');

-- Who may read a message is said once. Its words may be erased, not changed.

-- +goose StatementBegin
CREATE TRIGGER messages_reach_whom_they_may BEFORE INSERT ON messages
WHEN NEW.side <> 'agency' AND NEW.audience NOT IN ('agency', 'all')
BEGIN SELECT RAISE(ABORT, 'a side writes to the agency, or to all'); END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER messages_stay BEFORE UPDATE ON messages
WHEN (NEW.words <> OLD.words AND NEW.words <> '') OR NEW.id <> OLD.id OR NEW.case_id <> OLD.case_id OR NEW.creditor_id <> OLD.creditor_id
	OR NEW.party_id IS NOT OLD.party_id OR NEW.side <> OLD.side OR NEW.audience <> OLD.audience OR NEW.by_role <> OLD.by_role OR NEW.by_id <> OLD.by_id
	OR NEW.by_name <> OLD.by_name OR NEW.on_behalf_of <> OLD.on_behalf_of OR NEW.at <> OLD.at
	OR (OLD.handled_at IS NOT NULL AND (NEW.handled_at IS NOT OLD.handled_at OR NEW.handled_by <> OLD.handled_by))
BEGIN SELECT RAISE(ABORT, 'a message stays as it was written'); END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER messages_never_delete BEFORE DELETE ON messages
BEGIN SELECT RAISE(ABORT, 'a message stays as it was written'); END;
-- +goose StatementEnd

-- Reads are a log: they are added to, by whom the message is meant for.

-- +goose StatementBegin
CREATE TRIGGER message_reads_by_readers BEFORE INSERT ON message_reads
WHEN NOT EXISTS (SELECT 1 FROM messages m WHERE m.id = NEW.message_id AND m.side <> NEW.side AND (NEW.side = 'agency' OR m.audience IN ('all', NEW.side)))
BEGIN SELECT RAISE(ABORT, 'a message is read by whom it is meant for'); END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER message_reads_never_update BEFORE UPDATE ON message_reads
BEGIN SELECT RAISE(ABORT, 'what was read stays read'); END;
-- +goose StatementEnd

-- Texts that agents begin a message with.
CREATE TABLE message_templates (
	id TEXT PRIMARY KEY,
	name TEXT NOT NULL CHECK (name <> ''),
	words_fr TEXT NOT NULL DEFAULT '',
	words_en TEXT NOT NULL DEFAULT '',
	by_id TEXT NOT NULL,
	by_name TEXT NOT NULL,
	changed_at DATETIME NOT NULL,
	retired_at DATETIME,
	created_at DATETIME NOT NULL,
	CHECK (words_fr <> '' OR words_en <> '')
);
CREATE UNIQUE INDEX message_templates_in_use ON message_templates (name) WHERE retired_at IS NULL;
