package negotiation

import "time"

// messageMailAgain is after how long somebody who was told that there is
// something to read, and has not looked, is told of what came since.
const messageMailAgain = 24 * time.Hour

// tellMessage tells the sides that a message is meant for, but for the one that
// wrote. Several messages in a row are one mail. What answers a message of the
// debtor is owed; what an agent or creditor writes of their own accord is a
// contact like another. wrote is what the debtor's side had said last, where it
// had the last word.
func (c *Case) tellMessage(t *Tx, by Actor, m, wrote *Message) error {
	facts := map[string]any{"message": m.ID, "side": m.Side, "case": c.Reference}
	if m.Side != SideDebtor && m.Audience.Reaches(SideDebtor) {
		if err := c.tellDebtorSide(t, by, m, wrote, facts); err != nil {
			return err
		}
	}
	if m.Side != SideCreditor && m.Audience.Reaches(SideCreditor) {
		known, err := c.knowsOfMessages(t, m, SideCreditor, ToCreditor, nil, true)
		if err != nil {
			return err
		}
		if !known {
			if err := c.TellCreditor(t, LetterMessage, facts); err != nil {
				return err
			}
		}
	}
	if m.Side == SideAgency {
		return nil
	}
	known, err := c.knowsOfMessages(t, m, SideAgency, ToAgent, nil, true)
	if err != nil || known {
		return err
	}
	return c.TellAgents(t, LetterMessageToAgency, facts)
}

// tellDebtorSide tells whoever of the debtor's side wrote last, and with them
// the adviser who did so for them; the main party where the agency or creditor
// begins.
func (c *Case) tellDebtorSide(t *Tx, by Actor, m, wrote *Message, facts map[string]any) error {
	party := c.MainParty()
	if wrote != nil && wrote.PartyID != nil && c.Party(*wrote.PartyID) != nil {
		party = c.Party(*wrote.PartyID)
	}
	if party == nil {
		return nil
	}
	tell := c.Tell
	if wrote != nil {
		tell = c.Answer
	}
	known, err := c.knowsOfMessages(t, m, SideDebtor, ToParty, party, wrote != nil)
	if err != nil {
		return err
	}
	if !known {
		if m.Told, err = tell(t, by, party, LetterMessage, facts); err != nil {
			return err
		}
	}
	if wrote == nil || wrote.ByRole != RoleAdviser {
		return nil
	}
	adviser := c.Party(wrote.ByID)
	if adviser == nil || !adviser.Stands(t.Today) {
		return nil
	}
	if known, err = c.knowsOfMessages(t, m, SideDebtor, ToParty, adviser, true); err != nil || known {
		return err
	}
	facts["for"], facts["until"] = party.Person.Name, adviser.UntilOn
	_, err = c.Answer(t, by, adviser, LetterMessage, facts)
	return err
}

// knowsOfMessages says whether a reader need not be told of a message: a mail
// that says there is something to read waits to leave, or left of late and was
// not followed by a look. One that may wait gives way to one that is owed.
func (c *Case) knowsOfMessages(t *Tx, m *Message, side Side, to Recipient, party *Party, owed bool) (bool, error) {
	query := t.Where("case_id = ? AND kind IN ? AND recipient = ? AND state IN ?", c.ID, []LetterKind{LetterMessage, LetterMessageToAgency}, to,
		[]LetterState{LetterDueState, LetterSentState, LetterDelivered})
	if party != nil {
		query = query.Where("party_id = ?", party.ID)
	}
	var last []Letter
	if err := query.Order("created_at DESC, id DESC").Limit(1).Find(&last).Error; err != nil || len(last) == 0 {
		return false, fault(err, "letters of case", c.ID)
	}
	l := &last[0]
	if l.State == LetterDueState {
		if party == nil || l.Owed || !owed {
			return true, nil
		}
		l.State, l.BlockedBy = LetterCancelled, string(Overtaken)
		return false, t.updateLetter(l)
	}
	if l.SentAt == nil || t.Now.Sub(*l.SentAt) >= messageMailAgain {
		return false, nil
	}
	looked, err := c.looked(t, m, side, party, *l.SentAt)
	return !looked, err
}

// looked says whether a reader has had the thread on their screen since an
// instant: who wrote has, too.
func (c *Case) looked(t *Tx, m *Message, side Side, party *Party, since time.Time) (bool, error) {
	reads := t.Model(&MessageRead{}).Where("side = ? AND at > ? AND message_id IN (SELECT id FROM messages WHERE case_id = ?)", side, since, c.ID)
	if party != nil {
		reads = reads.Where("reader_id = ?", party.ID)
	}
	var n int64
	if err := reads.Count(&n).Error; err != nil || n > 0 {
		return n > 0, fault(err, "readers of messages", c.ID)
	}
	written := t.Model(&Message{}).Where("case_id = ? AND side = ? AND at > ? AND id <> ?", c.ID, side, since, m.ID)
	if party != nil {
		written = written.Where("by_id = ?", party.ID)
	}
	err := written.Count(&n).Error
	return n > 0, fault(err, "messages of case", c.ID)
}

// debtorWaits returns the last message that the debtor could read before this
// one, where it was the debtor's own; nil where it was not.
func (c *Case) debtorWaits(t *Tx, before *Message) (*Message, error) {
	var last []Message
	err := t.Where("case_id = ? AND id <> ? AND (side = ? OR audience IN ?)", c.ID, before.ID, SideDebtor, []Audience{ToAll, ToDebtorOnly}).
		Order("at DESC, id DESC").Limit(1).Find(&last).Error
	if err != nil || len(last) == 0 || last[0].Side != SideDebtor {
		return nil, fault(err, "messages of case", c.ID)
	}
	return &last[0], nil
}

// messagesSeen says whether the party of a mail has had everything on their
// screen that it tells of: then it need not leave.
func (c *Case) messagesSeen(t *Tx, l *Letter) (bool, error) {
	if l.Kind != LetterMessage || l.PartyID == nil {
		return false, nil
	}
	var unseen int64
	by := Actor{Role: RoleDebtor, ID: *l.PartyID}
	err := t.Raw(selectUnread(by), unreadArgs(by, c.ID)...).Scan(&unseen).Error
	return unseen == 0, fault(err, "messages of case", c.ID)
}

// answerAwaited is since when somebody of the debtor's side waits for our
// answer; none where nobody does.
func (c *Case) answerAwaited(t *Tx) (Day, error) {
	var wishes, messages []time.Time
	if err := t.Model(&Wish{}).Where("case_id = ? AND handled_at IS NULL", c.ID).Order("created_at").Limit(1).Pluck("created_at", &wishes).Error; err != nil {
		return "", fault(err, "wishes of case", c.ID)
	}
	err := t.Model(&Message{}).Where("case_id = ? AND side = ? AND handled_at IS NULL", c.ID, SideDebtor).Order("at").Limit(1).Pluck("at", &messages).Error
	if err != nil {
		return "", fault(err, "messages of case", c.ID)
	}
	var since Day
	for _, at := range append(wishes, messages...) {
		if on := DayOf(at); since.IsZero() || on.Before(since) {
			since = on
		}
	}
	return since, nil
}
