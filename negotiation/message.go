package negotiation

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

const (
	messageWordsMax = 4_000 // characters of one message
	messageFilesMax = 8     // of one message
	messagesADay    = 30    // of one side in a case: the agency's work is not to be buried

	pressedTwice = time.Minute // within which the same act of the same person is one
)

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
	HandledAt  *time.Time // answered by the agency, or found to need no answer
	HandledBy  string

	Files []MessageFile `gorm:"-"`
	Read  []MessageRead `gorm:"-"`
	Told  *Letter       `gorm:"-"` // of a message just written: the mail to the debtor's side, where this one made it
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

// Reaches says whether a side may read the message: its own, and what is meant
// for it.
func (m *Message) Reaches(side Side) bool { return m.Side == side || m.Audience.Reaches(side) }

// Waits says whether the message waits for the agency's word.
func (m *Message) Waits() bool { return m.Side != SideAgency && m.HandledAt == nil }

// NewTo says whether somebody has not had the message on their screen yet.
func (m *Message) NewTo(by Actor) bool {
	return m.Side != by.Side() && !slices.ContainsFunc(m.Read, func(r MessageRead) bool { return r.ReaderID == by.ID })
}

// audiences are to whom a side can write. A side never reaches the other
// without the agency.
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
// recognises nothing. What the agency writes to a side answers what that side
// had written.
func (s *Service) PostMessage(ctx context.Context, by Actor, caseID string, w Write) (*Message, error) {
	var m *Message
	err := s.OnCase(ctx, by, caseID, func(t *Tx, c *Case) error {
		side, party, err := c.contestSide(by)
		if err != nil {
			return err
		}
		if err := w.check(side); err != nil {
			return err
		}
		if m, err = c.writtenJustNow(t, by, w); err != nil || m != nil {
			return err
		}
		if err := c.mayWrite(t, side, w.Audience); err != nil {
			return err
		}
		m = &Message{
			ID: newID(), CreditorID: c.CreditorID, CaseID: c.ID, Side: side, Audience: w.Audience, Words: w.Words, Language: w.Language,
			ByRole: by.Role, ByID: by.ID, ByName: by.Name, OnBehalfOf: by.OnBehalfOf, At: t.Now, Files: w.Files,
		}
		if party != nil {
			m.PartyID = &party.ID
		}
		wrote, err := c.debtorWaits(t, m)
		if err != nil {
			return err
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
		if side == SideAgency {
			for _, other := range []Side{SideDebtor, SideCreditor} {
				if !m.Audience.Reaches(other) {
					continue
				}
				if _, err := c.handleMessages(t, by, other); err != nil {
					return err
				}
			}
		}
		return c.tellMessage(t, by, m, wrote)
	})
	return m, err
}

// check tidies what was written and refuses what cannot be kept.
func (w *Write) check(side Side) error {
	words, ok := tidyWords(w.Words)
	switch w.Words = words; {
	case !slices.Contains(audiences[side], w.Audience):
		return Refuse(Invalid, "audience_missing").On("audience")
	case !ok:
		return Refuse(Invalid, "words_unreadable").On("message")
	case w.Words == "" && len(w.Files) == 0:
		return Refuse(Invalid, "message_empty").On("message")
	case utf8.RuneCountInString(w.Words) > messageWordsMax:
		return Refuse(Invalid, "words_too_long").On("message").With("n", messageWordsMax)
	case len(w.Files) > messageFilesMax:
		return Refuse(Invalid, "too_many_files").On("files").With("n", messageFilesMax)
	}
	if w.Language != "en" {
		w.Language = "fr"
	}
	return nil
}

// tidyWords is a text as it is kept: lines end in one way, and nothing stands
// around it. ok is false where it holds what no keyboard types and no page
// shows: control characters, and those that turn the direction of what follows.
func tidyWords(text string) (tidy string, ok bool) {
	text = strings.TrimSpace(strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text))
	odd := func(r rune) bool {
		return (unicode.IsControl(r) && r != '\n' && r != '\t') || unicode.Is(unicode.Bidi_Control, r)
	}
	return text, utf8.ValidString(text) && !strings.ContainsFunc(text, odd)
}

// writtenJustNow returns the message that was sent already: a second press of
// the button, on a slow network, writes nothing more.
func (c *Case) writtenJustNow(t *Tx, by Actor, w Write) (*Message, error) {
	var same []Message
	err := t.Where("case_id = ? AND by_id = ? AND on_behalf_of = ? AND audience = ? AND words = ? AND at > ?",
		c.ID, by.ID, by.OnBehalfOf, w.Audience, w.Words, t.Now.Add(-pressedTwice)).Order("at DESC, id DESC").Limit(1).Find(&same).Error
	if err != nil || len(same) == 0 {
		return nil, fault(err, "messages of case", c.ID)
	}
	m := &same[0]
	if err := t.Where("message_id = ?", m.ID).Order("position").Find(&m.Files).Error; err != nil {
		return nil, fault(err, "files of message", m.ID)
	}
	sameFile := func(a, b MessageFile) bool { return a.Hash == b.Hash }
	if !slices.EqualFunc(m.Files, w.Files, sameFile) {
		return nil, nil
	}
	return m, nil
}

// mayWrite refuses a message that nobody should be asked to read: in a case that
// is put away, to a debtor whom the case cannot be shown to, or one too many.
func (c *Case) mayWrite(t *Tx, side Side, to Audience) error {
	if c.State == CaseArchived {
		return Refuse(Conflict, "case_is_archived")
	}
	if side != SideDebtor && to.Reaches(SideDebtor) && !c.IsClosed() {
		if reasons := c.Gate(t.Today).Blocking(Display); len(reasons) > 0 {
			r := Refuse(Blocked, "debtor_cannot_read").On("audience")
			r.Reasons = reasons
			return r
		}
	}
	if side == SideAgency {
		return nil
	}
	var written int64
	err := t.Model(&Message{}).Where("case_id = ? AND side = ? AND at > ?", c.ID, side, t.Now.Add(-24*time.Hour)).Count(&written).Error
	if err == nil && written >= messagesADay {
		return Refuse(Conflict, "messages_enough_today")
	}
	return fault(err, "messages of case", c.ID)
}

// handleMessages notes that what a side had written has had its answer, and says
// how many messages that were.
func (c *Case) handleMessages(t *Tx, by Actor, side Side) (int64, error) {
	done := t.Model(&Message{}).Where("case_id = ? AND side = ? AND handled_at IS NULL", c.ID, side).
		Updates(map[string]any{"handled_at": t.Now, "handled_by": by.Name})
	return done.RowsAffected, fault(done.Error, "messages of case", c.ID)
}

// SettleMessages says that what a side wrote needs no answer ("thank you").
func (s *Service) SettleMessages(ctx context.Context, by Actor, caseID string, side Side) error {
	if err := by.only(RoleAgent, RoleAdministrator); err != nil {
		return err
	}
	return s.OnCase(ctx, by, caseID, func(t *Tx, c *Case) error {
		n, err := c.handleMessages(t, by, side)
		switch {
		case err != nil:
			return err
		case n == 0:
			return Refuse(Conflict, "messages_answered_already")
		}
		return t.Insert(c.event(t, by, MessagesSettled, map[string]any{"side": side, "messages": n}))
	})
}
