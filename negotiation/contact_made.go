package negotiation

import (
	"context"
	"time"

	"gorm.io/gorm/clause"

	"amiable/negotiation/database"
)

// ContactMade is one time that somebody was contacted of our own accord: a
// letter that asks or reminds, or the first letter however it went. It is
// written where the letter is let go, under the lock of its person, so that two
// cases of one person never both use the last one allowed.
type ContactMade struct {
	ID         string // the letter's; of a first letter sent by other means, the case's
	PersonID   string
	CreditorID string
	CaseID     string
	Kind       LetterKind
	Channel    ContactKind
	Place      Place // where the hours were judged
	Judged     bool  // the rules were asked before it left; not so for what a person posted
	At         time.Time
	CreatedAt  time.Time
}

// TableName names the table for gorm.
func (ContactMade) TableName() string { return "contacts_made" }

// LimitContacts makes the agency stricter than the rules: at most so many
// contacts within the rules' time. Zero, or more than the rules allow, changes
// nothing.
func (s *Service) LimitContacts(most int) { s.contactsMost = most }

// ContactRules are the rules of contact that hold on a day in this
// installation.
func (s *Service) ContactRules(on Day) ContactRules {
	r := ContactRulesOn(on)
	if s.contactsMost > 0 {
		r.Most = min(r.Most, s.contactsMost)
	}
	return r
}

// ContactsMade returns how often and when somebody was contacted for one
// creditor after an instant, oldest first. What other creditors had sent is
// counted, and never shown.
func (s *Service) ContactsMade(ctx context.Context, personID, creditorID string, after time.Time) ([]ContactMade, error) {
	var made []ContactMade
	err := s.db.Read(ctx).Where("person_id = ? AND creditor_id = ? AND at > ?", personID, creditorID, after.UTC()).Order("at, id").Find(&made).Error
	return made, fault(err, "contacts with person", personID)
}

// lockPerson makes whoever else would contact the person wait. The case is
// always locked first.
func (t *Tx) lockPerson(id string) error {
	if t.service.db.Dialect() != database.Postgres {
		return nil // one writer
	}
	// Not FOR UPDATE: rows that merely point to the person do not wait.
	return fault(t.Exec("SELECT 1 FROM persons WHERE id = ? FOR NO KEY UPDATE", id).Error, "person", id)
}

// outlook asks the rules when a letter that asks or reminds may leave.
func (c *Case) outlook(t *Tx, l *Letter, party *Party) (Outlook, error) {
	rules := t.service.ContactRules(t.Today)
	q := asked{channel: l.Channel, place: c.placeOfParty(party), wants: party.Person.PrefersHours}
	// The letter's own earlier try, if it was taken and nobody came back, is
	// not another contact.
	err := t.Model(&ContactMade{}).Where("person_id = ? AND at > ? AND id <> ?", party.PersonID, t.Now.Add(-rules.Within), l.ID).Pluck("at", &q.before).Error
	if err != nil {
		return Outlook{}, fault(err, "contacts with person", party.PersonID)
	}
	// A person of the agency who writes has read what waits.
	if !l.ByPerson {
		if q.waiting, err = c.answerAwaited(t); err != nil {
			return Outlook{}, err
		}
	}
	return rules.outlook(q, t.Now), nil
}

// contacted notes that a letter is let go. Taken a second time, it counts from
// then.
func (c *Case) contacted(t *Tx, l *Letter) error {
	party := c.Party(*l.PartyID)
	return t.contacted(&ContactMade{
		ID: l.ID, PersonID: *l.PersonID, CreditorID: c.CreditorID, CaseID: c.ID, Kind: l.Kind, Channel: l.Channel,
		Place: c.placeOfParty(party), Judged: true, At: t.Now, CreatedAt: t.Now,
	})
}

func (t *Tx) contacted(made *ContactMade) error {
	err := t.Clauses(clause.OnConflict{Columns: []clause.Column{{Name: "id"}}, DoUpdates: clause.AssignmentColumns([]string{"at"})}).Create(made).Error
	return fault(err, "contact", made.ID)
}

// notContacted takes back what was noted of a letter that did not leave.
func (t *Tx) notContacted(l *Letter) error {
	if !l.counts() {
		return nil
	}
	return fault(t.Where("id = ?", l.ID).Delete(&ContactMade{}).Error, "contact", l.ID)
}

// firstContact notes that the first letter was posted, or sent by other means.
// It is an act of a person, or has happened already: the cap does not stop it,
// and it counts.
func (c *Case) firstContact(t *Tx, made *OpeningLetter, letter FirstLetter) error {
	party := c.MainParty()
	if party == nil {
		return nil
	}
	m := &ContactMade{
		ID: c.ID, PersonID: party.PersonID, CreditorID: c.CreditorID, CaseID: c.ID, Kind: LetterFirst, Channel: ContactPost,
		Place: c.placeOfParty(party), At: t.Now, CreatedAt: t.Now,
	}
	if made != nil {
		m.ID = made.LetterID
	}
	if letter.Channel == "mail" || letter.Channel == string(ContactEmail) {
		m.Channel = ContactEmail
	}
	if letter.SentOn != t.Today {
		m.At = clock(letter.SentOn, 12, Zone).UTC()
	}
	return t.contacted(m)
}

// counts says whether the letter is one of those that the rules of contact
// bind.
func (l *Letter) counts() bool {
	return l.Recipient == ToParty && !l.Owed && l.CaseID != nil && l.PartyID != nil && l.PersonID != nil
}

// leaves asks the rules of contact about a letter that no gate stops: what
// blocks its channel, or when it may leave.
func (c *Case) leaves(t *Tx, l *Letter) (blocked []Reason, out Outlook, err error) {
	party := c.Party(*l.PartyID)
	if party == nil {
		return nil, Outlook{}, errNotFound
	}
	// Of a first letter, its own gate has asked.
	if l.Kind != LetterFirst && !l.ByPerson && c.Gate(t.Today).ByPersonOnly() {
		blocked = append(blocked, HoldVulnerable)
	}
	if party.Person.Refuses(l.Channel) {
		blocked = append(blocked, OptedOut)
	}
	if party.lost(l.Channel) {
		blocked = append(blocked, WrongRecipient)
	}
	if len(blocked) > 0 {
		return blocked, Outlook{}, nil
	}
	out, err = c.outlook(t, l, party)
	return nil, out, err
}

// lost says whether all that was known of a channel turned out to be wrong.
func (p *Party) lost(channel ContactKind) bool {
	if _, ok := p.Contact(channel); ok {
		return false
	}
	for _, contact := range p.Contacts {
		if contact.Kind == channel && contact.RemovedAt == nil && contact.BouncedAt != nil {
			return true
		}
	}
	return false
}

// delay puts a letter off and tells so the first time.
func (c *Case) delay(t *Tx, by Actor, l *Letter, out Outlook) any {
	first := l.DelayedBy == ""
	l.DueAt, l.DelayedBy = out.At, out.Reason
	if !first {
		return nil
	}
	return c.event(t, by, LetterDelayed, map[string]any{"letter": l.ID, "letter_kind": l.Kind, "reason": out.Reason, "until": out.At})
}
