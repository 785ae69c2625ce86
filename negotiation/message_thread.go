package negotiation

import (
	"context"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"amiable/negotiation/database"
)

var (
	selectMessages     = "SELECT " + database.Columns[Message]("") + " FROM messages WHERE case_id = ? ORDER BY at, id"
	selectMessageFiles = "SELECT " + database.Columns[MessageFile]("f.") + " FROM message_files f JOIN messages m ON m.id = f.message_id WHERE m.case_id = ? ORDER BY f.message_id, f.position"
	selectMessageReads = "SELECT " + database.Columns[MessageRead]("r.") + " FROM message_reads r JOIN messages m ON m.id = r.message_id WHERE m.case_id = ? ORDER BY r.at"
)

// Thread returns the messages of a case that a side may read, oldest first.
func (s *Service) Thread(ctx context.Context, by Actor, c *Case) ([]Message, error) {
	if !by.MaySee(c) {
		return nil, errNotFound
	}
	var (
		all   []Message
		files []MessageFile
		reads []MessageRead
	)
	err := s.db.Send(s.db.Read(ctx),
		database.Statement{SQL: selectMessages, Args: []any{c.ID}, Rows: database.Read(&all), What: "messages"},
		database.Statement{SQL: selectMessageFiles, Args: []any{c.ID}, Rows: database.Read(&files), What: "files of messages"},
		database.Statement{SQL: selectMessageReads, Args: []any{c.ID}, Rows: database.Read(&reads), What: "readers of messages"},
	)
	if err != nil {
		return nil, fault(err, "messages of case", c.ID)
	}
	side, at := by.Side(), map[string]int{}
	thread := []Message{}
	for _, m := range all {
		if m.Reaches(side) {
			at[m.ID] = len(thread)
			thread = append(thread, m)
		}
	}
	for _, f := range files {
		if i, readable := at[f.MessageID]; readable {
			thread[i].Files = append(thread[i].Files, f)
		}
	}
	for _, r := range reads {
		if i, readable := at[r.MessageID]; readable {
			thread[i].Read = append(thread[i].Read, r)
		}
	}
	return thread, nil
}

// Side is on whose side somebody reads.
func (a Actor) Side() Side {
	switch a.Role {
	case RoleDebtor, RoleAdviser:
		return SideDebtor
	case RoleCreditor:
		return SideCreditor
	}
	return SideAgency
}

// MarkRead notes that somebody has messages on their screen, in a session that
// they signed in to. It is a line of the access log, not an act: who only looks
// changes nothing of the case. Nobody but a person reads.
func (s *Service) MarkRead(ctx context.Context, by Actor, shown []Message) error {
	if by.only(RoleDebtor, RoleAdviser, RoleCreditor, RoleAgent, RoleAdministrator) != nil {
		return nil
	}
	var rows []MessageRead
	for i := range shown {
		if m := &shown[i]; m.Reaches(by.Side()) && m.NewTo(by) {
			rows = append(rows, MessageRead{MessageID: m.ID, ReaderID: by.ID, Side: by.Side()})
		}
	}
	if len(rows) == 0 {
		return nil
	}
	now, err := s.Now(ctx)
	if err != nil {
		return err
	}
	for i := range rows {
		rows[i].At = now
	}
	err = s.db.Transaction(ctx, func(tx *gorm.DB) error {
		return tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&rows).Error
	})
	return fault(err, "readers of messages", "")
}

// selectUnread counts the messages of a case that somebody may read and has not
// had on their screen; unreadArgs are its arguments.
func selectUnread(by Actor) string {
	reaches := " AND m.audience IN ('all', ?)"
	if by.Side() == SideAgency {
		reaches = ""
	}
	return "SELECT COUNT(*) FROM messages m WHERE m.case_id = ? AND m.side <> ?" + reaches +
		" AND NOT EXISTS (SELECT 1 FROM message_reads r WHERE r.message_id = m.id AND r.reader_id = ?)"
}

func unreadArgs(by Actor, caseID string) []any {
	side := string(by.Side())
	if by.Side() == SideAgency {
		return []any{caseID, side, by.ID}
	}
	return []any{caseID, side, side, by.ID}
}

// SelectUnread counts what is new to somebody in the thread of a case, in the
// same trip to the database as the case.
func SelectUnread(by Actor, caseID string, n *int64) database.Statement {
	return database.Statement{SQL: selectUnread(by), Args: unreadArgs(by, caseID), What: "unread messages", Rows: func(rows database.Rows) error {
		for rows.Next() {
			if err := rows.Scan(n); err != nil {
				return err
			}
		}
		return rows.Err()
	}}
}

// Unread is SelectUnread for who has the case already.
func (s *Service) Unread(ctx context.Context, by Actor, caseID string) (n int64, err error) {
	err = s.db.Send(s.db.Read(ctx), SelectUnread(by, caseID, &n))
	return n, fault(err, "messages of case", caseID)
}

// Unanswered is the first message of a side in a case that waits for somebody.
type Unanswered struct {
	CaseID       string
	Reference    string
	DebtorName   string
	CreditorName string
	Side         Side
	Since        time.Time
}

// UnansweredMessages returns what waits for the agency's word, the longest first:
// one row for each side of a case.
func (s *Service) UnansweredMessages(ctx context.Context, limit int) ([]Unanswered, error) {
	var rows []Unanswered
	err := s.db.Read(ctx).Table("messages m").
		Joins("JOIN cases c ON c.id = m.case_id").Joins("JOIN debtors d ON d.id = c.debtor_id").Joins("JOIN creditors k ON k.id = c.creditor_id").
		Select("m.case_id, c.reference, d.name AS debtor_name, k.name AS creditor_name, m.side, m.at AS since").
		Where("m.handled_at IS NULL AND m.side <> ?", SideAgency).
		Where(`NOT EXISTS (SELECT 1 FROM messages e WHERE e.case_id = m.case_id AND e.side = m.side AND e.handled_at IS NULL
			AND (e.at < m.at OR (e.at = m.at AND e.id < m.id)))`).
		Order("m.at, m.id").Limit(limit).Scan(&rows).Error
	return rows, fault(err, "messages to answer", "")
}

// UnreadByCreditor returns what nobody of a creditor's has had on their screen,
// the longest first: one row for each case.
func (s *Service) UnreadByCreditor(ctx context.Context, by Actor, limit int) ([]Unanswered, error) {
	if by.Role != RoleCreditor {
		return nil, Refuse(Forbidden, "not_your_role")
	}
	unread := func(m string) string {
		return m + ".side <> 'creditor' AND " + m + ".audience IN ('all', 'creditor') AND NOT EXISTS (SELECT 1 FROM message_reads r WHERE r.message_id = " + m + ".id AND r.side = 'creditor')"
	}
	var rows []Unanswered
	err := s.db.Read(ctx).Table("messages m").
		Joins("JOIN cases c ON c.id = m.case_id").Joins("JOIN debtors d ON d.id = c.debtor_id").Joins("JOIN creditors k ON k.id = c.creditor_id").
		Select("m.case_id, c.reference, d.name AS debtor_name, k.name AS creditor_name, m.side, m.at AS since").
		Where("m.creditor_id = ? AND "+unread("m"), by.CreditorID).
		Where("NOT EXISTS (SELECT 1 FROM messages e WHERE e.case_id = m.case_id AND " + unread("e") + " AND (e.at < m.at OR (e.at = m.at AND e.id < m.id)))").
		Order("m.at, m.id").Limit(limit).Scan(&rows).Error
	return rows, fault(err, "messages to read", by.CreditorID)
}
