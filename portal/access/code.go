package access

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"math/big"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"amiable/negotiation"
)

// A mailed code is six figures: phones show figures' keys for it and take it
// from the mail by themselves. Five tries in ten minutes leave a guesser one
// chance in 200,000 per code, and codes are few (limitCodeOfLink).
const (
	codeDigits = 6
	codeGood   = 10 * time.Minute // by the wall clock, from when its letter leaves
)

// linkCode is the one code of a link.
type linkCode struct {
	LinkID    string `gorm:"primaryKey"`
	CodeHash  []byte // nil: asked for, not sent yet; or used up
	Tries     int64
	AskedAt   time.Time
	ExpiresAt *time.Time
}

// awaited says whether the visitor may still type a code: one is alive, or
// just asked for and on its way.
func (c *linkCode) awaited(now time.Time) bool {
	if c == nil {
		return false
	}
	return c.alive(now) || (c.CodeHash == nil && c.Tries == 0 && now.Before(c.AskedAt.Add(codeGood)))
}

func (c *linkCode) alive(now time.Time) bool {
	return c != nil && c.CodeHash != nil && c.Tries < wrongTriesMax && c.ExpiresAt != nil && now.Before(*c.ExpiresAt)
}

func findCode(tx *gorm.DB, linkID string) (*linkCode, error) {
	var found []linkCode
	if err := tx.Where("link_id = ?", linkID).Limit(1).Find(&found).Error; err != nil || len(found) == 0 {
		return nil, fault(err, "code of link", linkID)
	}
	return &found[0], nil
}

// codeFacts are the facts of a letter that carries a code.
type codeFacts struct {
	Link string `json:"link"`
}

// RequestCode writes the letter that will carry a code to the party's mail on
// file, and returns that address masked. Refusals: link_unknown,
// code_not_asked (the creditor asks for something else, and nothing is
// locked), no_email_on_file, too_many_tries.
func (s *Service) RequestCode(ctx context.Context, token, address string) (to string, err error) {
	return s.requestCode(ctx, s.byToken(token), address)
}

// RequestCodeOf is RequestCode for a session that has ended.
func (s *Service) RequestCodeOf(ctx context.Context, v *Visit, address string) (to string, err error) {
	return s.requestCode(ctx, byVisit(v), address)
}

func (s *Service) requestCode(ctx context.Context, ref linkRef, address string) (to string, err error) {
	if err := s.spent(ctx, limitAskByAddress.of(network(address))); err != nil {
		return "", err
	}
	at, err := s.threshold(ctx, ref)
	if err != nil {
		return "", err
	}
	if !at.Locked && at.Check != negotiation.CheckMailedCode {
		return "", negotiation.Refuse(negotiation.Conflict, "code_not_asked")
	}
	if err := s.take(ctx, limitAskByAddress.of(network(address)), limitCodeOfLink.of(at.LinkID), limitCodeOfPerson.of(at.personID)); err != nil {
		return "", err
	}
	by := actorOf(at.role, at.PartyID, at.CaseID)
	err = s.negotiation.OnCase(ctx, by, at.CaseID, func(t *negotiation.Tx, c *negotiation.Case) error {
		l, err := findLink(t.DB, linkRef{"id", at.LinkID}, t.Now)
		if err != nil {
			return err
		}
		party := c.Party(l.PartyID)
		if party == nil {
			return errNoLink()
		}
		if party.Role == negotiation.PartyAdviser {
			by.Name, by.OnBehalfOf = party.Person.Name, *party.ForPartyID
		}
		contact, ok := party.Contact(negotiation.ContactEmail)
		if !ok {
			return negotiation.Refuse(negotiation.Conflict, "no_email_on_file")
		}
		to = MaskedAddress(contact.Value)
		if _, err := c.Tell(t, by, party, negotiation.LetterCode, codeFacts{l.ID}); err != nil {
			return err
		}
		// A code still alive stays good until the new one leaves.
		code, now := linkCode{LinkID: l.ID, AskedAt: s.wallNow()}, s.wallNow()
		if old, err := findCode(t.DB, l.ID); err != nil {
			return err
		} else if old.alive(now) {
			code.CodeHash, code.Tries, code.ExpiresAt = old.CodeHash, old.Tries, old.ExpiresAt
		}
		return saveCode(t.DB, &code)
	})
	if err != nil {
		return "", fault(err, "link", at.LinkID)
	}
	return to, nil
}

func saveCode(tx *gorm.DB, code *linkCode) error {
	return fault(tx.Clauses(clause.OnConflict{UpdateAll: true}).Create(code).Error, "code of link", code.LinkID)
}

// NewCode makes the code that a letter of kind code carries, at the moment the
// letter leaves: no code waits anywhere in the clear. It ends the code before.
func (s *Service) NewCode(ctx context.Context, l *negotiation.Letter) (code string, err error) {
	var facts codeFacts
	if err := json.Unmarshal([]byte(l.Facts), &facts); err != nil || l.Kind != negotiation.LetterCode || l.CaseID == nil || !negotiation.ValidID(facts.Link) {
		return "", fmt.Errorf("letter %s is not one that carries a code", l.ID)
	}
	n, err := rand.Int(rand.Reader, big.NewInt(1_000_000))
	if err != nil {
		return "", fault(err, "code of link", facts.Link)
	}
	code = fmt.Sprintf("%0*d", codeDigits, n)
	err = s.negotiation.OnCase(ctx, negotiation.System, *l.CaseID, func(t *negotiation.Tx, c *negotiation.Case) error {
		link, err := findLink(t.DB, linkRef{"id", facts.Link}, t.Now)
		if err != nil {
			return err
		}
		now := s.wallNow()
		until := now.Add(codeGood)
		return saveCode(t.DB, &linkCode{LinkID: link.ID, CodeHash: mac(s.keys.codes, link.ID, code), AskedAt: now, ExpiresAt: &until})
	})
	if err != nil {
		return "", fault(err, "letter", l.ID)
	}
	return code, nil
}

// errCodeGone says that there is no code to compare with: ask for one.
func errCodeGone() error {
	return negotiation.Refuse(negotiation.Conflict, "code_gone").On("answer")
}

// tryCode judges a typed code under the case's lock and writes the try down.
func (s *Service) tryCode(t *negotiation.Tx, l *Link, answer string) (right bool, refused, err error) {
	code, err := findCode(t.DB, l.ID)
	if err != nil {
		return false, nil, err
	}
	if !code.alive(s.wallNow()) {
		if l.Locked() {
			return false, negotiation.Refuse(negotiation.Forbidden, "link_locked"), nil
		}
		return false, errCodeGone(), nil
	}
	typed := digits(answer)
	right = len(typed) == codeDigits && hmac.Equal(code.CodeHash, mac(s.keys.codes, l.ID, typed))
	if right {
		return true, nil, fault(t.Where("link_id = ?", l.ID).Delete(&linkCode{}).Error, "code of link", l.ID)
	}
	code.Tries++
	if code.Tries >= wrongTriesMax {
		code.CodeHash = nil
	}
	refused = negotiation.Refuse(negotiation.Invalid, "code_wrong").On("answer").With("tries_left", int(wrongTriesMax-code.Tries))
	return false, refused, saveCode(t.DB, code)
}
