package access

import (
	"context"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"amiable/negotiation"
)

const (
	payLinksMax  = 5  // good at once, of a case
	payLinkLabel = 60 // characters
)

// PayLinkDays are how long a pay-only link can be good, by the product's clock.
var PayLinkDays = []int{7, 30, 90}

// PayLink lets whoever holds it pay on a case, and see nothing of it but a sum
// and a reference. A party makes it for a relative or an accountant.
type PayLink struct {
	ID         string
	CreditorID string
	CaseID     string
	PartyID    string // who made it
	TokenHash  []byte `json:"-"`
	Label      string // for whom, in the party's words
	UsedAt     *time.Time
	RevokedAt  *time.Time
	ExpiresAt  time.Time
	CreatedAt  time.Time
}

// Good says whether the link opens anything at an instant of the product's
// clock.
func (l *PayLink) Good(now time.Time) bool { return l.RevokedAt == nil && now.Before(l.ExpiresAt) }

// errNoPayLink is the one answer to a pay-only link that is unknown, expired or
// ended.
func errNoPayLink() error { return negotiation.Refuse(negotiation.NotFound, "link_unknown") }

// PayLinkToken is the token of a pay-only link: the same each time it is shown
// to who made it, and nobody's to read out of the database.
func (s *Service) PayLinkToken(l *PayLink) string { return s.payTokenOf(l.ID) }

func (s *Service) payTokenOf(id string) string { return tokenFrom(mac(s.keys.payTokens, id)) }

func (s *Service) payHash(token string) []byte { return mac(s.keys.payHashes, token) }

// MakePayLink makes a pay-only link for so many days, with a word for whom it
// is. Refusals: days_unknown, pay_links_enough, nothing_to_pay_now.
func (s *Service) MakePayLink(ctx context.Context, by negotiation.Actor, caseID, label string, days int) (*PayLink, error) {
	if !slices.Contains(PayLinkDays, days) {
		return nil, negotiation.Refuse(negotiation.Invalid, "days_unknown").On("days")
	}
	var made *PayLink
	err := s.negotiation.OnCase(ctx, by, caseID, func(t *negotiation.Tx, c *negotiation.Case) error {
		if err := c.Permits(by, negotiation.ActShare, t.Today); err != nil {
			return err
		}
		party := c.Party(by.ID)
		switch {
		case party == nil: // staff end such links, they make none
			return negotiation.Refuse(negotiation.Forbidden, "not_your_role")
		case c.State != negotiation.CaseOpen && c.State != negotiation.CaseInPlan:
			return negotiation.Refuse(negotiation.Conflict, "nothing_to_pay_now")
		}
		var good int64
		if err := t.Model(&PayLink{}).Where("case_id = ? AND revoked_at IS NULL AND expires_at > ?", c.ID, t.Now).Count(&good).Error; err != nil {
			return fault(err, "pay links of case", c.ID)
		}
		if good >= payLinksMax {
			return negotiation.Refuse(negotiation.Conflict, "pay_links_enough").With("n", payLinksMax)
		}
		id := newID()
		made = &PayLink{
			ID: id, CreditorID: c.CreditorID, CaseID: c.ID, PartyID: party.ID, TokenHash: s.payHash(s.payTokenOf(id)),
			Label: clean(strings.Join(strings.Fields(label), " "), payLinkLabel), ExpiresAt: t.Now.AddDate(0, 0, days), CreatedAt: t.Now,
		}
		if err := t.Insert(made); err != nil {
			return err
		}
		return c.Event(t, by, negotiation.PayLinkMade, map[string]any{"link": id, "label": made.Label, "until": negotiation.DayOf(made.ExpiresAt)})
	})
	if err != nil {
		return nil, fault(err, "pay link of case", caseID)
	}
	return made, nil
}

// PayLinksOf returns the pay-only links of a case, newest first, for its
// debtor and its agents.
func (s *Service) PayLinksOf(ctx context.Context, by negotiation.Actor, caseID string) ([]PayLink, error) {
	if !by.IsStaff() && (by.Role != negotiation.RoleDebtor || by.CaseID != caseID) {
		return nil, negotiation.Refuse(negotiation.Forbidden, "not_your_role")
	}
	var links []PayLink
	err := s.db.Read(ctx).Where("case_id = ?", caseID).Order("created_at DESC, id DESC").Find(&links).Error
	return links, fault(err, "pay links of case", caseID)
}

// EndPayLink ends a pay-only link and the sessions opened with it: its debtor's
// to do, or an agent's. A second press changes nothing.
func (s *Service) EndPayLink(ctx context.Context, by negotiation.Actor, caseID, linkID string) error {
	if !negotiation.ValidID(linkID) {
		return negotiation.Refuse(negotiation.NotFound, "not_found")
	}
	return s.negotiation.OnCase(ctx, by, caseID, func(t *negotiation.Tx, c *negotiation.Case) error {
		if err := c.Permits(by, negotiation.ActShare, t.Today); err != nil {
			return err
		}
		var found []PayLink
		if err := t.Where("id = ? AND case_id = ?", linkID, c.ID).Limit(1).Find(&found).Error; err != nil {
			return fault(err, "pay link", linkID)
		}
		if len(found) == 0 {
			return negotiation.Refuse(negotiation.NotFound, "not_found")
		}
		if found[0].RevokedAt != nil {
			return nil
		}
		if err := t.Model(&PayLink{}).Where("id = ?", linkID).Update("revoked_at", t.Now).Error; err != nil {
			return fault(err, "pay link", linkID)
		}
		if err := t.Where("subject_id = ? AND kind = ?", linkID, KindPayer).Delete(&sessionRow{}).Error; err != nil {
			return fault(err, "sessions of pay link", linkID)
		}
		return c.Event(t, by, negotiation.PayLinkEnded, map[string]any{"link": linkID, "label": found[0].Label})
	})
}

// FindPayLink returns the pay-only link that a token opens, or the refusal
// link_unknown. It changes nothing, however often it is called.
func (s *Service) FindPayLink(ctx context.Context, token string) (*PayLink, error) {
	return s.payLink(ctx, "token_hash", s.payHash(token))
}

// OpenPayLink is FindPayLink for who pressed its button: it notes the use.
func (s *Service) OpenPayLink(ctx context.Context, token string) (*PayLink, error) {
	l, err := s.FindPayLink(ctx, token)
	if err != nil {
		return nil, err
	}
	err = s.write(ctx, func(t *negotiation.Tx) error {
		l.UsedAt = &t.Now
		return t.Model(&PayLink{}).Where("id = ?", l.ID).Update("used_at", t.Now).Error
	})
	return l, fault(err, "pay link", l.ID)
}

func (s *Service) payLink(ctx context.Context, column string, value any) (*PayLink, error) {
	now, err := s.negotiation.Now(ctx)
	if err != nil {
		return nil, err
	}
	return findPayLink(s.db.Read(ctx), column, value, now)
}

func findPayLink(tx *gorm.DB, column string, value any, now time.Time) (*PayLink, error) {
	var found []struct {
		PayLink  `gorm:"embedded"`
		PersonID string
	}
	err := tx.Table("pay_links").Select("pay_links.*, parties.person_id").Joins("JOIN parties ON parties.id = pay_links.party_id").
		Where("pay_links."+column+" = ?", value).Limit(1).Find(&found).Error
	if err != nil {
		return nil, fault(err, "pay link", "")
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
		return nil, errNoPayLink()
	}
	return &found[0].PayLink, nil
}

// PayLinkHolds refuses, under the case's lock, where a pay-only link has ended
// meanwhile: what is started after that is not.
func (s *Service) PayLinkHolds(t *negotiation.Tx, linkID string) error {
	_, err := findPayLink(t.DB, "id", linkID, t.Now)
	return err
}
