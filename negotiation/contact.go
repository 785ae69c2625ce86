package negotiation

import (
	"context"
	"strings"

	"gorm.io/gorm/clause"
)

// ChangeContact adds a contact point to a party's person and prefers it; the
// one it replaces, if named, is used no more but kept.
func (s *Service) ChangeContact(ctx context.Context, by Actor, caseID, partyID string, kind ContactKind, value, replaces string) error {
	if err := by.only(RoleAgent, RoleAdministrator); err != nil {
		return err
	}
	value = strings.TrimSpace(value)
	switch kind {
	case ContactEmail:
		if !plausibleEmail(value) {
			return Refuse(Invalid, "email_wrong").On("value")
		}
	case ContactPhone, ContactPost:
		if value == "" {
			return Refuse(Invalid, "contact_missing").On("value")
		}
	default:
		return Refuse(Invalid, "contact_kind_unknown").On("kind")
	}
	return s.OnCase(ctx, by, caseID, func(t *Tx, c *Case) error {
		party := c.Party(partyID)
		if party == nil {
			return errNotFound
		}
		if err := t.Model(&ContactPoint{}).Where("person_id = ? AND kind = ?", party.PersonID, kind).Update("preferred", false).Error; err != nil {
			return fault(err, "contacts of person", party.PersonID)
		}
		if ValidID(replaces) {
			err := t.Model(&ContactPoint{}).Where("id = ? AND person_id = ? AND removed_at IS NULL", replaces, party.PersonID).Update("removed_at", t.Now).Error
			if err != nil {
				return fault(err, "contact", replaces)
			}
		}
		point := &ContactPoint{ID: newID(), PersonID: party.PersonID, Kind: kind, Value: value, Source: "agent:" + by.ID, Preferred: true, CreatedAt: t.Now}
		err := t.Clauses(clause.OnConflict{
			Columns:   []clause.Column{{Name: "person_id"}, {Name: "kind"}, {Name: "value"}},
			DoUpdates: clause.Assignments(map[string]any{"preferred": true, "removed_at": nil, "bounced_at": nil}),
		}).Create(point).Error
		if err != nil {
			return fault(err, "contact of person", party.PersonID)
		}
		return t.Insert(c.event(t, by, ContactChanged, map[string]any{"party": partyID, "contact_kind": kind}))
	})
}

// TellWayIn writes a letter with a new way in, by the words meant for who the
// party is; tell is Tell or Answer.
func (c *Case) TellWayIn(t *Tx, by Actor, party *Party, facts any, tell func(*Tx, Actor, *Party, LetterKind, any) (*Letter, error)) (*Letter, error) {
	if party.Role != PartyAdviser {
		return tell(t, by, party, LetterLink, facts)
	}
	if !party.Stands(t.Today) {
		return nil, Refuse(Conflict, "adviser_is_over")
	}
	name := ""
	if forWhom := c.Party(*party.ForPartyID); forWhom != nil {
		name = forWhom.Person.Name
	}
	return tell(t, by, party, LetterAdviser, map[string]any{"for": name, "until": party.UntilOn})
}

// SendLink writes a letter with a new way in to a party of the case. The gates
// and the rules of contact decide whether it leaves, and when. Where the party
// asked for it on the phone (OnBehalfOf), it is an answer and owed.
func (s *Service) SendLink(ctx context.Context, by Actor, caseID, partyID string) (*Letter, error) {
	if err := by.only(RoleAgent, RoleAdministrator, RoleSystem); err != nil {
		return nil, err
	}
	var letter *Letter
	err := s.OnCase(ctx, by, caseID, func(t *Tx, c *Case) (err error) {
		party := c.Party(partyID)
		if party == nil {
			return errNotFound
		}
		if _, ok := party.Contact(ContactEmail); !ok {
			return Refuse(Conflict, "no_email_on_file")
		}
		if by.OnBehalfOf == party.ID {
			letter, err = c.TellWayIn(t, by, party, nil, c.Answer)
			return err
		}
		letter, err = c.TellWayIn(t, by, party, nil, c.Tell)
		return err
	})
	return letter, err
}
