package negotiation

import "context"

// verifyMessages checks that the thread of every case is told and read as it is
// marked.
func (s *Service) verifyMessages(ctx context.Context) ([]Invariant, error) {
	var list []Invariant
	for _, check := range []struct{ name, count, broken string }{
		{
			"every message is told once on the chain of its case",
			"SELECT COUNT(*) FROM messages",
			`SELECT m.id FROM messages m WHERE (SELECT COUNT(*) FROM events e WHERE e.stream_id = m.case_id AND e.kind = 'message_written' AND e.content IS NOT NULL
				AND e.content LIKE '%' || CAST(m.id AS TEXT) || '%') <> 1 AND NOT EXISTS (SELECT 1 FROM events e WHERE e.stream_id = m.case_id AND e.kind = 'message_written' AND e.content IS NULL)`,
		},
		{
			"a message is read by nobody but whom it is meant for",
			"SELECT COUNT(*) FROM message_reads",
			`SELECT r.message_id FROM message_reads r JOIN messages m ON m.id = r.message_id
				WHERE m.side = r.side OR (r.side <> 'agency' AND m.audience NOT IN ('all', r.side))`,
		},
		{
			"no mail tells a debtor of a message that is not meant for them",
			"SELECT COUNT(*) FROM letters WHERE kind = 'message' AND recipient = 'party'",
			`SELECT l.id FROM letters l WHERE l.kind = 'message' AND l.recipient = 'party' AND NOT EXISTS (SELECT 1 FROM messages m
				WHERE m.case_id = l.case_id AND m.side <> 'debtor' AND m.audience IN ('all', 'debtor') AND l.facts LIKE '%' || CAST(m.id AS TEXT) || '%')`,
		},
	} {
		i := Invariant{Name: check.name}
		if err := s.db.Read(ctx).Raw(check.count).Scan(&i.Checked).Error; err != nil {
			return nil, fault(err, "messages", "")
		}
		var broken []string
		if err := s.db.Read(ctx).Raw(check.broken+" LIMIT ?", breaksMax).Scan(&broken).Error; err != nil {
			return nil, fault(err, "messages", "")
		}
		for _, id := range broken {
			i.Break("%s", id)
		}
		list = append(list, i)
	}
	return list, nil
}
