-- +goose Up

-- How a person wants to be contacted. It binds what asks or reminds, for every
-- creditor; what the law owes comes all the same.
ALTER TABLE persons ADD COLUMN no_email BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE persons ADD COLUMN no_sms BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE persons ADD COLUMN prefers_channel TEXT NOT NULL DEFAULT '' CHECK (prefers_channel IN ('', 'email', 'sms', 'post', 'phone'));
ALTER TABLE persons ADD COLUMN prefers_hours TEXT NOT NULL DEFAULT '' CHECK (prefers_hours IN ('', 'morning', 'afternoon', 'evening'));

-- Why a letter waits until due_at, and whether a person of the agency wrote it.
ALTER TABLE letters ADD COLUMN delayed_by TEXT NOT NULL DEFAULT '';
ALTER TABLE letters ADD COLUMN by_person BOOLEAN NOT NULL DEFAULT FALSE;
CREATE INDEX letters_astray ON letters (created_at) WHERE state = 'blocked' AND blocked_by = 'wrong_recipient';

-- Each time that somebody was contacted of our own accord. The cap is counted
-- here, over all cases and creditors of a person.
CREATE TABLE contacts_made (
	id TEXT PRIMARY KEY, -- the letter's; of a first letter sent by other means, the case's
	person_id TEXT NOT NULL REFERENCES persons (id),
	creditor_id TEXT NOT NULL REFERENCES creditors (id),
	case_id TEXT NOT NULL REFERENCES cases (id),
	kind TEXT NOT NULL,
	channel TEXT NOT NULL CHECK (channel IN ('email', 'post', 'sms', 'phone')),
	place TEXT NOT NULL,      -- where the hours were judged
	judged BOOLEAN NOT NULL,  -- the rules were asked before it left
	at DATETIME NOT NULL,
	created_at DATETIME NOT NULL
);
CREATE INDEX contacts_made_with ON contacts_made (person_id, at);

-- What left before the rules were asked.
INSERT INTO contacts_made (id, person_id, creditor_id, case_id, kind, channel, place, judged, at, created_at)
	SELECT id, person_id, creditor_id, case_id, kind, channel, 'FR', FALSE, sent_at, sent_at FROM letters
	WHERE recipient = 'party' AND NOT owed AND kind <> 'first_letter' AND state IN ('sent', 'delivered', 'bounced')
		AND sent_at IS NOT NULL AND person_id IS NOT NULL AND case_id IS NOT NULL AND creditor_id IS NOT NULL;
INSERT INTO contacts_made (id, person_id, creditor_id, case_id, kind, channel, place, judged, at, created_at)
	SELECT COALESCE((SELECT f.letter_id FROM first_letters f WHERE f.case_id = c.id AND f.cancelled_at IS NULL), c.id),
		d.person_id, c.creditor_id, c.id, 'first_letter', CASE WHEN c.first_letter_channel IN ('mail', 'email') THEN 'email' ELSE 'post' END, 'FR', FALSE,
		c.first_letter_on || ' 11:00:00+00:00', c.first_letter_on || ' 11:00:00+00:00'
	FROM cases c JOIN debtors d ON d.id = c.debtor_id WHERE c.first_letter_on IS NOT NULL;
