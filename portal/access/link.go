package access

import (
	"context"
	"time"

	"gorm.io/gorm"

	"amiable/negotiation"
)

// linkGood is how long a link opens anything, by the product's clock.
const linkGood = 90 * 24 * time.Hour

// Link is a way into one case for one party. Opening it uses nothing up, and
// a newer one leaves it as it is.
type Link struct {
	ID         string
	CreditorID string
	CaseID     string
	PartyID    string
	TokenHash  []byte `json:"-"`
	Tries      int64  // wrong ones in a row
	LockedAt   *time.Time
	RevokedAt  *time.Time
	ExpiresAt  time.Time
	CreatedAt  time.Time

	role negotiation.PartyRole // of the party, where the link was found
}

// actor is as whom the bearer of a found link acts.
func (l *Link) actor() negotiation.Actor {
	return actorOf(l.role, l.PartyID, l.CaseID)
}

func actorOf(role negotiation.PartyRole, partyID, caseID string) negotiation.Actor {
	by := negotiation.Actor{Role: negotiation.RoleDebtor, ID: partyID, CaseID: caseID}
	if role == negotiation.PartyAdviser {
		by.Role = negotiation.RoleAdviser
	}
	return by
}

// Locked says whether wrong tries closed the link.
func (l *Link) Locked() bool { return l.LockedAt != nil }

// Good says whether the link opens anything at an instant of the product's
// clock; a locked link is good: a mailed code opens it.
func (l *Link) Good(now time.Time) bool { return l.RevokedAt == nil && now.Before(l.ExpiresAt) }

// errNoLink is the one answer to a token that is unknown, expired or revoked.
func errNoLink() error { return negotiation.Refuse(negotiation.NotFound, "link_unknown") }

// CreateLink makes a link for a party and returns its token, which nobody can
// ever read again. It is called when the letter that carries it leaves for a
// contact on file, and therefore lifts the locks of the party's other links.
func (s *Service) CreateLink(ctx context.Context, caseID, partyID string) (token string, err error) {
	token = newToken()
	err = s.negotiation.OnCase(ctx, negotiation.System, caseID, func(t *negotiation.Tx, c *negotiation.Case) error {
		party := c.Party(partyID)
		if party == nil {
			return negotiation.Refuse(negotiation.NotFound, "not_found")
		}
		for _, closed := range c.Gate(t.Today).Closed {
			if closed.Reason.RevokesLinks() {
				r := negotiation.Refuse(negotiation.Blocked, "gate_letters")
				r.Reasons = []negotiation.Reason{closed.Reason}
				return r
			}
		}
		good := t.Now.Add(linkGood)
		if party.Role == negotiation.PartyAdviser {
			if !party.Stands(t.Today) {
				return negotiation.Refuse(negotiation.Conflict, "adviser_is_over")
			}
			if end := party.UntilOn.Add(1).In(negotiation.Zone).UTC(); end.Before(good) {
				good = end
			}
		}
		var locked []Link
		if err := t.Where("party_id = ? AND locked_at IS NOT NULL AND revoked_at IS NULL", party.ID).Order("id").Find(&locked).Error; err != nil {
			return err
		}
		for i := range locked {
			if err := s.unlock(t, c, negotiation.System, &locked[i], "new_link"); err != nil {
				return err
			}
		}
		return t.Insert(&Link{
			ID: newID(), CreditorID: c.CreditorID, CaseID: c.ID, PartyID: party.ID, TokenHash: mac(s.keys.links, token),
			ExpiresAt: good, CreatedAt: t.Now,
		})
	})
	if err != nil {
		return "", fault(err, "link of case", caseID)
	}
	return token, nil
}

// linkRef is how a visitor names their link: by its token, or by the session
// that they once opened with it.
type linkRef struct {
	column string
	value  any
}

func (s *Service) byToken(token string) linkRef {
	return linkRef{"token_hash", mac(s.keys.links, token)}
}

// byVisit is the link of a party's session, also of one that has ended.
func byVisit(v *Visit) linkRef {
	if v == nil || (v.Kind != KindDebtor && v.Kind != KindAdviser) || v.LinkID == "" {
		return linkRef{"id", noID}
	}
	return linkRef{"id", v.LinkID}
}

// find reads the link that is named, or answers errNoLink. What is unknown,
// expired, revoked, or closed by a hold costs the same two queries.
func (s *Service) find(ctx context.Context, ref linkRef) (*Link, error) {
	now, err := s.negotiation.Now(ctx)
	if err != nil {
		return nil, err
	}
	return findLink(s.db.Read(ctx), ref, now)
}

func findLink(tx *gorm.DB, ref linkRef, now time.Time) (*Link, error) {
	var found []struct {
		Link
		PersonID  string
		PartyRole negotiation.PartyRole
		UntilOn   negotiation.Day
		EndedAt   *time.Time
	}
	err := tx.Table("links").Select("links.*, parties.person_id, parties.role AS party_role, parties.until_on, parties.ended_at").Joins("JOIN parties ON parties.id = links.party_id").
		Where("links."+ref.column+" = ?", ref.value).Limit(1).Find(&found).Error
	if err != nil {
		return nil, fault(err, "link", "")
	}
	caseID, personID := noID, noID
	if len(found) > 0 {
		caseID, personID = found[0].CaseID, found[0].PersonID
	}
	closed, err := linksClosed(tx, caseID, personID, now)
	if err != nil {
		return nil, err
	}
	if len(found) == 0 || closed || !found[0].Good(now) {
		return nil, errNoLink()
	}
	f := &found[0]
	party := negotiation.Party{Role: f.PartyRole, Limits: negotiation.Limits{UntilOn: f.UntilOn, EndedAt: f.EndedAt}}
	if !party.Stands(negotiation.DayOf(now)) {
		return nil, errNoLink()
	}
	f.role = f.PartyRole
	return &f.Link, nil
}

// LinksOfCase returns the links of a case, newest first, for its agents.
func (s *Service) LinksOfCase(ctx context.Context, by negotiation.Actor, caseID string) ([]Link, error) {
	if err := staffOnly(by); err != nil {
		return nil, err
	}
	if !negotiation.ValidID(caseID) {
		return nil, negotiation.Refuse(negotiation.NotFound, "not_found")
	}
	var links []Link
	err := s.db.Read(ctx).Where("case_id = ?", caseID).Order("created_at DESC, id DESC").Find(&links).Error
	return links, fault(err, "links of case", caseID)
}

// RevokeLinks ends the links of a party, or of the whole case where partyID is
// empty, the pay-only links, the codes of letters, and the sessions opened with
// them.
func (s *Service) RevokeLinks(ctx context.Context, by negotiation.Actor, caseID, partyID string) error {
	if err := staffOnly(by); err != nil {
		return err
	}
	return s.negotiation.OnCase(ctx, by, caseID, func(t *negotiation.Tx, c *negotiation.Case) error {
		if partyID != "" && c.Party(partyID) == nil {
			return negotiation.Refuse(negotiation.NotFound, "not_found")
		}
		return revoke(t, c, by, partyID)
	})
}

func revoke(t *negotiation.Tx, c *negotiation.Case, by negotiation.Actor, partyID string) error {
	links := t.Model(&Link{}).Where("case_id = ? AND revoked_at IS NULL", c.ID)
	codes := t.Model(&letterCode{}).Where("case_id = ? AND revoked_at IS NULL", c.ID)
	pay := t.Model(&PayLink{}).Where("case_id = ? AND revoked_at IS NULL", c.ID)
	sessions := t.Where("case_id = ?", c.ID)
	if partyID != "" {
		links, codes, pay = links.Where("party_id = ?", partyID), codes.Where("party_id = ?", partyID), pay.Where("party_id = ?", partyID)
		sessions = sessions.Where("subject_id = ? OR subject_id IN (SELECT id FROM pay_links WHERE party_id = ?)", partyID, partyID)
	}
	done := links.Update("revoked_at", t.Now)
	if done.Error != nil {
		return fault(done.Error, "links of case", c.ID)
	}
	if err := codes.Update("revoked_at", t.Now).Error; err != nil {
		return fault(err, "codes of case", c.ID)
	}
	paid := pay.Update("revoked_at", t.Now)
	if paid.Error != nil {
		return fault(paid.Error, "pay links of case", c.ID)
	}
	if err := sessions.Delete(&sessionRow{}).Error; err != nil {
		return fault(err, "sessions of case", c.ID)
	}
	if done.RowsAffected+paid.RowsAffected == 0 {
		return nil // none left to revoke: nothing happened
	}
	return c.Event(t, by, negotiation.LinksRevoked, map[string]any{"links": done.RowsAffected, "pay_links": paid.RowsAffected, "party": partyID})
}

// LiftLock opens a link that wrong tries had closed.
func (s *Service) LiftLock(ctx context.Context, by negotiation.Actor, caseID, linkID string) error {
	if err := staffOnly(by); err != nil {
		return err
	}
	if !negotiation.ValidID(linkID) {
		return negotiation.Refuse(negotiation.NotFound, "not_found")
	}
	return s.negotiation.OnCase(ctx, by, caseID, func(t *negotiation.Tx, c *negotiation.Case) error {
		var found []Link
		if err := t.Where("id = ? AND case_id = ?", linkID, c.ID).Limit(1).Find(&found).Error; err != nil {
			return fault(err, "link", linkID)
		}
		if len(found) == 0 {
			return negotiation.Refuse(negotiation.NotFound, "not_found")
		}
		if !found[0].Locked() {
			return nil // lifted already: a second click changes nothing
		}
		return s.unlock(t, c, by, &found[0], "agent")
	})
}

func (s *Service) unlock(t *negotiation.Tx, c *negotiation.Case, by negotiation.Actor, l *Link, how string) error {
	l.Tries, l.LockedAt = 0, nil
	if err := saveTries(t, l); err != nil {
		return err
	}
	return c.Event(t, by, negotiation.LinkUnlocked, map[string]any{"link": l.ID, "how": how})
}

func saveTries(t *negotiation.Tx, l *Link) error {
	return fault(t.Model(l).Where("id = ?", l.ID).Select("Tries", "LockedAt").Updates(l).Error, "link", l.ID)
}

func staffOnly(by negotiation.Actor) error {
	if by.IsStaff() || by.Role == negotiation.RoleSystem {
		return nil
	}
	return negotiation.Refuse(negotiation.Forbidden, "not_your_role")
}
