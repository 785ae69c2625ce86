-- +goose Up

-- A first letter by mail alone is for the agency to allow (CPCE R124-4 says
-- "letter"; whether a mail is one is for counsel): paper is what it is without.
ALTER TABLE agencies ADD COLUMN first_letter_by_email BOOLEAN NOT NULL DEFAULT FALSE;

-- A letter that was made and never left can be cancelled.
ALTER TABLE letters DROP CONSTRAINT letters_state_check;
ALTER TABLE letters ADD CONSTRAINT letters_state_check CHECK (state IN ('due', 'blocked', 'sent', 'delivered', 'bounced', 'failed', 'cancelled'));
CREATE INDEX letters_failed ON letters (created_at) WHERE state = 'failed';

-- First letters that are made and posted together.
CREATE TABLE letter_batches (
	id UUID PRIMARY KEY,
	dated_on DATE NOT NULL,
	site TEXT NOT NULL, -- address of the portal, as it is printed
	by_id TEXT NOT NULL,
	by_name TEXT NOT NULL,
	created_at TIMESTAMPTZ NOT NULL
);

-- The letter that opens a case, as it was made: its number, what it says, and
-- what became of it. The number is the year's next; a cancelled letter keeps
-- its number, so that the series has no gap.
CREATE TABLE first_letters (
	letter_id UUID PRIMARY KEY REFERENCES letters (id),
	creditor_id UUID NOT NULL REFERENCES creditors (id),
	case_id UUID NOT NULL REFERENCES cases (id),
	party_id UUID NOT NULL REFERENCES parties (id),
	batch_id UUID REFERENCES letter_batches (id),
	year BIGINT NOT NULL,
	number BIGINT NOT NULL CHECK (number > 0),
	reference TEXT NOT NULL UNIQUE,
	dated_on DATE NOT NULL, -- the day printed on it
	statement_id UUID NOT NULL UNIQUE REFERENCES statements (id),
	content TEXT NOT NULL,
	posted_on DATE,
	cancelled_at TIMESTAMPTZ,
	cancelled_by TEXT NOT NULL DEFAULT '',
	cancelled_why TEXT NOT NULL DEFAULT '',
	created_at TIMESTAMPTZ NOT NULL,
	CHECK (posted_on IS NULL OR cancelled_at IS NULL),
	UNIQUE (year, number)
);
CREATE UNIQUE INDEX first_letters_live ON first_letters (case_id) WHERE cancelled_at IS NULL;
CREATE INDEX first_letters_of_batch ON first_letters (batch_id, number);

-- What a batch was asked to make, and what became of each.
CREATE TABLE letter_batch_cases (
	batch_id UUID NOT NULL REFERENCES letter_batches (id),
	case_id UUID NOT NULL REFERENCES cases (id),
	position BIGINT NOT NULL,
	letter_id UUID REFERENCES letters (id),
	refused TEXT NOT NULL DEFAULT '', -- code of the refusal, then its reasons
	done_at TIMESTAMPTZ,
	PRIMARY KEY (batch_id, case_id)
);
CREATE INDEX letter_batch_cases_waiting ON letter_batch_cases (batch_id, position) WHERE done_at IS NULL;

CREATE INDEX cases_of_first_letter ON cases (first_letter_reference) WHERE first_letter_reference <> '';

CREATE TRIGGER statements_never_change BEFORE UPDATE OR DELETE ON statements FOR EACH ROW EXECUTE FUNCTION never_change();

-- +goose StatementBegin
CREATE FUNCTION first_letter_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF (NEW.content, NEW.reference, NEW.dated_on, NEW.statement_id, NEW.case_id, NEW.number, NEW.year)
		IS DISTINCT FROM (OLD.content, OLD.reference, OLD.dated_on, OLD.statement_id, OLD.case_id, OLD.number, OLD.year)
		OR (OLD.posted_on IS NOT NULL AND NEW.posted_on IS DISTINCT FROM OLD.posted_on)
		OR (OLD.cancelled_at IS NOT NULL AND NEW.cancelled_at IS DISTINCT FROM OLD.cancelled_at) THEN
		RAISE EXCEPTION 'a first letter stays as it was made';
	END IF;
	RETURN NEW;
END $$;
-- +goose StatementEnd

CREATE TRIGGER first_letters_keep_what_they_say BEFORE UPDATE ON first_letters FOR EACH ROW EXECUTE FUNCTION first_letter_stays();
CREATE TRIGGER first_letters_never_delete BEFORE DELETE ON first_letters FOR EACH ROW EXECUTE FUNCTION never_change();
