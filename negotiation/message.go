package negotiation

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"gorm.io/gorm/clause"

	"amiable/negotiation/database"
)

// messageWordsMax is how long a message may be, in characters.
const messageWordsMax = 4_000

// Message is one message of the thread of a case, between the debtor, the
// creditor and the agency. Who reads it stands on it, for everybody who does.
type Message struct {
	ID         string
	CreditorID string
	CaseID     string
	PartyID    *string // of the debtor's side, where one wrote or is written to
	Side       Side    // who wrote
	Audience   Audience
	Words      string
	Language   string
	ByRole     Role
	ByID       string
	ByName     string
	OnBehalfOf string
	At         time.Time

	Files []MessageFile `gorm:"-"`
	Read  []MessageRead `gorm:"-"`
}

// MessageFile is a file that came with a message.
type MessageFile struct {
	MessageID string
	Position  int64
	Hash      string
	Name      string
	MediaType string
	Bytes     int64
}

// MessageRead says that somebody of a side had a message on their screen, in a
// session they had signed in to.
type MessageRead struct {
	MessageID string
	ReaderID  string
	Side      Side
	At        time.Time
}

// reaches says whether a side may read the message: its own, and what is meant
// for it.
func (m *Message) reaches(side Side) bool { return m.Side == side || m.Audience.Reaches(side) }

// audiences are to whom a side can write.
var audiences = map[Side][]Audience{
	SideDebtor:   {ToTheAgencyOnly, ToAll},
	SideCreditor: {ToTheAgencyOnly, ToAll},
	SideAgency:   {ToDebtorOnly, ToCreditorOnly, ToAll, ToTheAgencyOnly},
}

// AudiencesOf returns to whom a side can write, in the order of the page.
func AudiencesOf(side Side) []Audience { return audiences[side] }

// Write is what somebody writes in the thread.
type Write struct {
	Audience Audience
	Words    string
	Language string
	Files    []MessageFile
}

// PostMessage adds to the thread and tells those for whom it is meant. Writing
// recognises nothing.
func (s *Service) PostMessage(ctx context.Context, by Actor, caseID string, w Write) (*Message, error) {
	w.Words = strings.TrimSpace(w.Words)
	var m *Message
	err := s.OnCase(ctx, by, caseID, func(t *Tx, c *Case) error {
		side, party, err := c.contestSide(by)
		if err != nil {
			return err
		}
		switch {
		case !slices.Contains(audiences[side], w.Audience):
			return Refuse(Invalid, "audience_missing").On("audience")
		case w.Words == "" && len(w.Files) == 0:
			return Refuse(Invalid, "words_missing").On("message")
		case utf8.RuneCountInString(w.Words) > messageWordsMax:
			return Refuse(Invalid, "words_too_long").On("message").With("n", messageWordsMax)
		case len(w.Files) > disputeFilesMax:
			return Refuse(Invalid, "too_many_files").On("files").With("n", disputeFilesMax)
		}
		if w.Language == "" {
			w.Language = "fr"
		}
		m = &Message{
			ID: newID(), CreditorID: c.CreditorID, CaseID: c.ID, Side: side, Audience: w.Audience, Words: w.Words, Language: w.Language,
			ByRole: by.Role, ByID: by.ID, ByName: by.Name, OnBehalfOf: by.OnBehalfOf, At: t.Now, Files: w.Files,
		}
		if party != nil {
			m.PartyID = &party.ID
		}
		facts := map[string]any{"message": m.ID, "side": side, "audience": w.Audience, "files": len(w.Files)}
		if err := t.Insert(m, c.event(t, by, MessageWritten, facts)); err != nil {
			return err
		}
		for i := range m.Files {
			f := &m.Files[i]
			f.MessageID, f.Position = m.ID, int64(i+1)
			if err := t.Insert(f); err != nil {
				return err
			}
		}
		return c.tellMessage(t, by, m)
	})
	return m, err
}

// tellMessage tells the other sides that there is something to read. What
// answers a message of the debtor is owed; what an agent or creditor writes of
// their own accord is a contact like another.
func (c *Case) tellMessage(t *Tx, by Actor, m *Message) error {
	facts := map[string]any{"message": m.ID, "side": m.Side, "case": c.Reference}
	if m.Side != SideDebtor && m.Audience.Reaches(SideDebtor) {
		if party := c.MainParty(); party != nil {
			wrote, err := c.debtorWaits(t, m)
			if err != nil {
				return err
			}
			tell := c.Tell
			if wrote {
				tell = c.Answer
			}
			if _, err := tell(t, by, party, LetterMessage, facts); err != nil {
				return err
			}
		}
	}
	if m.Side != SideCreditor && m.Audience.Reaches(SideCreditor) {
		if err := c.TellCreditor(t, LetterMessage, facts); err != nil {
			return err
		}
	}
	if m.Side != SideAgency {
		return c.TellAgents(t, LetterMessage, facts)
	}
	return nil
}

// debtorWaits says whether the last message that the debtor could read before
// this one was the debtor's own.
func (c *Case) debtorWaits(t *Tx, before *Message) (bool, error) {
	var last []Message
	err := t.Where("case_id = ? AND id <> ? AND (side = ? OR audience IN ?)", c.ID, before.ID, SideDebtor, []Audience{ToAll, ToDebtorOnly}).
		Order("at DESC, id DESC").Limit(1).Find(&last).Error
	return len(last) > 0 && last[0].Side == SideDebtor, fault(err, "messages of case", c.ID)
}

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
	side := readerSide(by)
	thread := []Message{}
	for _, m := range all {
		if !m.reaches(side) {
			continue
		}
		for _, f := range files {
			if f.MessageID == m.ID {
				m.Files = append(m.Files, f)
			}
		}
		for _, r := range reads {
			if r.MessageID == m.ID {
				m.Read = append(m.Read, r)
			}
		}
		thread = append(thread, m)
	}
	return thread, nil
}

// readerSide is on whose side somebody reads.
func readerSide(by Actor) Side {
	switch by.Role {
	case RoleDebtor, RoleAdviser:
		return SideDebtor
	case RoleCreditor:
		return SideCreditor
	}
	return SideAgency
}

// MarkRead notes that somebody has the thread on their screen. It is a line of
// the access log, not an act: who only looks changes nothing of the case.
func (s *Service) MarkRead(ctx context.Context, by Actor, thread []Message) error {
	side := readerSide(by)
	var rows []MessageRead
	for i := range thread {
		m := &thread[i]
		seen := slices.ContainsFunc(m.Read, func(r MessageRead) bool { return r.ReaderID == by.ID })
		if m.Side != side && !seen {
			rows = append(rows, MessageRead{MessageID: m.ID, ReaderID: by.ID, Side: side})
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
	err = s.db.Read(ctx).Clauses(clause.OnConflict{DoNothing: true}).Create(&rows).Error
	return fault(err, "readers of messages", "")
}

// Unanswered is a message of a debtor or creditor after which the agency has
// not written.
type Unanswered struct {
	CaseID     string
	Reference  string
	DebtorName string
	Side       Side
	Since      time.Time
}

// UnansweredMessages returns what waits for the agency's word, oldest first.
func (s *Service) UnansweredMessages(ctx context.Context, limit int) ([]Unanswered, error) {
	var rows []Unanswered
	err := s.db.Read(ctx).Table("messages m").Joins("JOIN cases c ON c.id = m.case_id").Joins("JOIN debtors d ON d.id = c.debtor_id").
		Select("m.case_id, c.reference, d.name AS debtor_name, m.side, m.at AS since").
		Where("m.side <> ?", SideAgency).
		Where("NOT EXISTS (SELECT 1 FROM messages a WHERE a.case_id = m.case_id AND a.side = ? AND a.at > m.at AND (a.audience = 'all' OR a.audience = m.side))", SideAgency).
		Order("m.at, m.id").Limit(4 * limit).Scan(&rows).Error // several of one side count once
	first := make([]Unanswered, 0, len(rows))
	for _, r := range rows {
		if !slices.ContainsFunc(first, func(f Unanswered) bool { return f.CaseID == r.CaseID && f.Side == r.Side }) && len(first) < limit {
			first = append(first, r)
		}
	}
	return first, fault(err, "messages to answer", "")
}
