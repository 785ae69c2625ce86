package access

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"gorm.io/gorm"

	"amiable/negotiation"
)

// How long the tokens of users' letters are good, by the wall clock, from when
// the letter leaves.
const (
	invitationGood = 7 * 24 * time.Hour
	resetGood      = time.Hour
	nameMax        = 120
)

type tokenKind string

const (
	tokenInvitation tokenKind = "invitation"
	tokenReset      tokenKind = "reset"
)

// userToken is what a letter to a user carries; it is good for one use.
type userToken struct {
	TokenHash []byte `gorm:"primaryKey"`
	UserID    string
	Kind      tokenKind
	ExpiresAt time.Time
	CreatedAt time.Time
}

// InvitationToken makes the token that a letter of kind invitation carries, at
// the moment it leaves.
func (s *Service) InvitationToken(ctx context.Context, l *negotiation.Letter) (string, error) {
	return s.letterToken(ctx, l, negotiation.LetterInvitation, tokenInvitation, invitationGood)
}

// ResetToken makes the token that a letter of kind reset carries, at the
// moment it leaves.
func (s *Service) ResetToken(ctx context.Context, l *negotiation.Letter) (string, error) {
	return s.letterToken(ctx, l, negotiation.LetterReset, tokenReset, resetGood)
}

// NewInvitation makes an invitation's token without a letter, for the command
// line of an installation that cannot send mail yet.
func (s *Service) NewInvitation(ctx context.Context, by negotiation.Actor, userID string) (string, error) {
	if by.Role != negotiation.RoleSystem && by.Role != negotiation.RoleAdministrator {
		return "", negotiation.Refuse(negotiation.Forbidden, "not_your_role")
	}
	return s.newUserToken(ctx, userID, tokenInvitation, invitationGood)
}

func (s *Service) letterToken(ctx context.Context, l *negotiation.Letter, letter negotiation.LetterKind, kind tokenKind, good time.Duration) (string, error) {
	var facts userFacts
	if err := json.Unmarshal([]byte(l.Facts), &facts); err != nil || l.Kind != letter {
		return "", fmt.Errorf("letter %s is not one of kind %s", l.ID, letter)
	}
	return s.newUserToken(ctx, facts.User, kind, good)
}

func (s *Service) newUserToken(ctx context.Context, userID string, kind tokenKind, good time.Duration) (string, error) {
	if !negotiation.ValidID(userID) {
		return "", negotiation.Refuse(negotiation.NotFound, "not_found")
	}
	token := newToken()
	err := s.db.Transaction(ctx, func(tx *gorm.DB) error {
		u, err := s.lockUser(tx, userID)
		if err != nil {
			return err
		}
		if u.DisabledAt != nil || (kind == tokenInvitation) != (u.AcceptedAt == nil) {
			return negotiation.Refuse(negotiation.Conflict, string(kind)+"_gone")
		}
		now := s.wallNow()
		return tx.Create(&userToken{TokenHash: mac(s.keys.tokens, string(kind), token), UserID: u.ID, Kind: kind, ExpiresAt: now.Add(good), CreatedAt: now}).Error
	})
	if err != nil {
		return "", fault(err, string(kind)+" of user", userID)
	}
	return token, nil
}

// FindInvitation returns whom a token invites, or the refusal invitation_gone.
// It changes nothing.
func (s *Service) FindInvitation(ctx context.Context, token string) (*User, error) {
	return s.findByToken(ctx, tokenInvitation, token)
}

// FindReset returns whose password a token renews, or the refusal reset_gone.
// It changes nothing.
func (s *Service) FindReset(ctx context.Context, token string) (*User, error) {
	return s.findByToken(ctx, tokenReset, token)
}

func (s *Service) findByToken(ctx context.Context, kind tokenKind, token string) (*User, error) {
	var found []User
	err := s.db.Read(ctx).Table("users").Select("users.*").Joins("JOIN user_tokens ON user_tokens.user_id = users.id").
		Where("user_tokens.token_hash = ? AND user_tokens.kind = ? AND user_tokens.expires_at > ? AND users.disabled_at IS NULL",
			mac(s.keys.tokens, string(kind), token), kind, s.wallNow()).Limit(1).Find(&found).Error
	if err != nil {
		return nil, fault(err, string(kind), "")
	}
	if len(found) == 0 {
		return nil, negotiation.Refuse(negotiation.NotFound, string(kind)+"_gone")
	}
	return &found[0], nil
}

// useToken uses a token up with all others of the user: the second of two uses
// at once finds none.
func (s *Service) useToken(tx *gorm.DB, kind tokenKind, token, userID string) error {
	used := tx.Where("token_hash = ? AND kind = ? AND user_id = ? AND expires_at > ?",
		mac(s.keys.tokens, string(kind), token), kind, userID, s.wallNow()).Delete(&userToken{})
	if used.Error != nil {
		return fault(used.Error, string(kind)+" of user", userID)
	}
	if used.RowsAffected == 0 {
		return negotiation.Refuse(negotiation.NotFound, string(kind)+"_gone")
	}
	return endTokens(tx, userID)
}

func endTokens(tx *gorm.DB, userID string) error {
	return fault(tx.Where("user_id = ?", userID).Delete(&userToken{}).Error, "tokens of user", userID)
}

// AcceptInvitation makes the invited person's account: name and password, once.
// Refusals: invitation_gone, name_missing, and those of a password.
func (s *Service) AcceptInvitation(ctx context.Context, token, name, password string) (*User, error) {
	u, err := s.FindInvitation(ctx, token)
	if err != nil {
		return nil, err
	}
	if name = clean(name, nameMax); name == "" {
		return nil, negotiation.Refuse(negotiation.Invalid, "name_missing").On("name")
	}
	hash, err := s.newHash(ctx, u, password)
	if err != nil {
		return nil, err
	}
	err = s.negotiation.OnAgency(ctx, func(t *negotiation.Tx, a *negotiation.Agency) error {
		if u, err = s.lockUser(t.DB, u.ID); err != nil {
			return err
		}
		if u.DisabledAt != nil || u.AcceptedAt != nil {
			return negotiation.Refuse(negotiation.NotFound, "invitation_gone")
		}
		if err := s.useToken(t.DB, tokenInvitation, token, u.ID); err != nil {
			return err
		}
		now := s.wallNow()
		u.Name, u.PasswordHash, u.AcceptedAt = name, hash, &now
		if err := updateUser(t.DB, u, "Name", "PasswordHash", "AcceptedAt"); err != nil {
			return err
		}
		return a.Event(t, u.Actor(), UserAccepted, map[string]any{"user": u.ID})
	})
	if err != nil {
		return nil, fault(err, "invitation", "")
	}
	return u, nil
}

// ResetPassword sets a new password with a token from a letter, once, and ends
// every session. The authenticator stays: a mailbox alone opens nothing.
func (s *Service) ResetPassword(ctx context.Context, token, password string) (*User, error) {
	u, err := s.FindReset(ctx, token)
	if err != nil {
		return nil, err
	}
	hash, err := s.newHash(ctx, u, password)
	if err != nil {
		return nil, err
	}
	err = s.setPassword(ctx, u, hash, "reset", func(tx *gorm.DB) error { return s.useToken(tx, tokenReset, token, u.ID) })
	if err != nil {
		return nil, err
	}
	return u, nil
}

// ChangePassword sets a new password for a user who knows the old one, and
// ends every session, the caller's too: begin a new one.
func (s *Service) ChangePassword(ctx context.Context, userID, current, password string) error {
	u, err := s.User(ctx, userID)
	if err != nil {
		return err
	}
	if err := s.take(ctx, limitPasswordOfUser.of(u.ID)); err != nil {
		return err
	}
	if ok, err := s.matches(ctx, current, u.PasswordHash); err != nil {
		return err
	} else if !ok {
		return negotiation.Refuse(negotiation.Invalid, "password_wrong").On("current")
	}
	hash, err := s.newHash(ctx, u, password)
	if err != nil {
		return err
	}
	old := u.PasswordHash
	if err := s.setPassword(ctx, u, hash, "changed", func(tx *gorm.DB) error {
		now, err := findUser(tx, "id = ?", u.ID)
		if err == nil && now.PasswordHash != old {
			return negotiation.Refuse(negotiation.Conflict, "password_changed_meanwhile")
		}
		return err
	}); err != nil {
		return err
	}
	return s.forget(ctx, limitPasswordOfUser.of(u.ID))
}

func (s *Service) setPassword(ctx context.Context, u *User, hash, how string, may func(tx *gorm.DB) error) error {
	err := s.negotiation.OnAgency(ctx, func(t *negotiation.Tx, a *negotiation.Agency) error {
		if _, err := s.lockUser(t.DB, u.ID); err != nil {
			return err
		}
		if err := may(t.DB); err != nil {
			return err
		}
		if err := endTokens(t.DB, u.ID); err != nil {
			return err
		}
		if err := signOutEverywhere(t.DB, u.ID); err != nil {
			return err
		}
		u.PasswordHash = hash
		if err := updateUser(t.DB, u, "PasswordHash"); err != nil {
			return err
		}
		return a.Event(t, u.Actor(), UserPasswordChanged, map[string]any{"user": u.ID, "how": how})
	})
	return fault(err, "user", u.ID)
}
