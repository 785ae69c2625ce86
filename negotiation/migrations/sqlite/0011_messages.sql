-- +goose Up

-- The thread of a case: who wrote, and who may read.
CREATE TABLE messages (
	id TEXT PRIMARY KEY,
	creditor_id TEXT NOT NULL REFERENCES creditors (id),
	case_id TEXT NOT NULL REFERENCES cases (id),
	party_id TEXT REFERENCES parties (id),
	side TEXT NOT NULL CHECK (side IN ('debtor', 'creditor', 'agency')),
	audience TEXT NOT NULL CHECK (audience IN ('all', 'debtor', 'creditor', 'agency')),
	words TEXT NOT NULL DEFAULT '',
	language TEXT NOT NULL,
	by_role TEXT NOT NULL,
	by_id TEXT NOT NULL,
	by_name TEXT NOT NULL,
	on_behalf_of TEXT NOT NULL DEFAULT '',
	at DATETIME NOT NULL
);
CREATE INDEX messages_of_case ON messages (case_id, at);

CREATE TABLE message_files (
	message_id TEXT NOT NULL REFERENCES messages (id),
	position INTEGER NOT NULL CHECK (position > 0),
	hash TEXT NOT NULL,
	name TEXT NOT NULL,
	media_type TEXT NOT NULL,
	bytes INTEGER NOT NULL CHECK (bytes > 0),
	PRIMARY KEY (message_id, position)
);

CREATE TABLE message_reads (
	message_id TEXT NOT NULL REFERENCES messages (id),
	reader_id TEXT NOT NULL,
	side TEXT NOT NULL CHECK (side IN ('debtor', 'creditor', 'agency')),
	at DATETIME NOT NULL,
	PRIMARY KEY (message_id, reader_id)
);
