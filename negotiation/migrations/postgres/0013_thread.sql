-- +goose Up

-- A message waits until the agency has written to the side it came from, or has
-- said that it needs no answer.
ALTER TABLE messages ADD COLUMN handled_at TIMESTAMPTZ;
ALTER TABLE messages ADD COLUMN handled_by TEXT NOT NULL DEFAULT '';
CREATE INDEX messages_waiting ON messages (at) WHERE handled_at IS NULL AND side <> 'agency';
CREATE INDEX messages_to_creditor ON messages (creditor_id, at) WHERE side <> 'creditor' AND audience IN ('all', 'creditor');

-- Who may read a message is said once. Its words may be erased, not changed.
ALTER TABLE messages ADD CONSTRAINT messages_reach_whom_they_may CHECK (side = 'agency' OR audience IN ('agency', 'all'));

-- +goose StatementBegin
CREATE FUNCTION message_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF (NEW.words <> OLD.words AND NEW.words <> '')
		OR (NEW.id, NEW.case_id, NEW.creditor_id, NEW.party_id, NEW.side, NEW.audience, NEW.by_role, NEW.by_id, NEW.by_name, NEW.on_behalf_of, NEW.at)
		IS DISTINCT FROM (OLD.id, OLD.case_id, OLD.creditor_id, OLD.party_id, OLD.side, OLD.audience, OLD.by_role, OLD.by_id, OLD.by_name, OLD.on_behalf_of, OLD.at)
		OR (OLD.handled_at IS NOT NULL AND (NEW.handled_at, NEW.handled_by) IS DISTINCT FROM (OLD.handled_at, OLD.handled_by)) THEN
		RAISE EXCEPTION 'a message stays as it was written';
	END IF;
	RETURN NEW;
END $$;
-- +goose StatementEnd

CREATE TRIGGER messages_stay BEFORE UPDATE ON messages FOR EACH ROW EXECUTE FUNCTION message_stays();
CREATE TRIGGER messages_never_delete BEFORE DELETE ON messages FOR EACH ROW EXECUTE FUNCTION never_change();

-- Reads are a log: they are added to, by whom the message is meant for.

-- +goose StatementBegin
CREATE FUNCTION message_read_by_reader() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF NOT EXISTS (SELECT 1 FROM messages m WHERE m.id = NEW.message_id AND m.side <> NEW.side AND (NEW.side = 'agency' OR m.audience IN ('all', NEW.side))) THEN
		RAISE EXCEPTION 'a message is read by whom it is meant for';
	END IF;
	RETURN NEW;
END $$;
-- +goose StatementEnd

CREATE TRIGGER message_reads_by_readers BEFORE INSERT ON message_reads FOR EACH ROW EXECUTE FUNCTION message_read_by_reader();
CREATE TRIGGER message_reads_never_update BEFORE UPDATE ON message_reads FOR EACH ROW EXECUTE FUNCTION never_change();

-- Texts that agents begin a message with.
CREATE TABLE message_templates (
	id UUID PRIMARY KEY,
	name TEXT NOT NULL CHECK (name <> ''),
	words_fr TEXT NOT NULL DEFAULT '',
	words_en TEXT NOT NULL DEFAULT '',
	by_id TEXT NOT NULL,
	by_name TEXT NOT NULL,
	changed_at TIMESTAMPTZ NOT NULL,
	retired_at TIMESTAMPTZ,
	created_at TIMESTAMPTZ NOT NULL,
	CHECK (words_fr <> '' OR words_en <> '')
);
CREATE UNIQUE INDEX message_templates_in_use ON message_templates (name) WHERE retired_at IS NULL;
