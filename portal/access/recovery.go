package access

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"time"

	"gorm.io/gorm"

	"amiable/negotiation"
)

// Recovery codes let somebody in whose authenticator is lost.
const (
	RecoveryCodes      = 10 // made at once
	recoveryCodeLength = 12 // of the alphabet of letters' codes: more than 55 bits
)

// recoveryCode is one of them. It is known only to who wrote it down.
type recoveryCode struct {
	UserID    string `gorm:"primaryKey"`
	CodeHash  []byte `gorm:"primaryKey"`
	UsedAt    *time.Time
	CreatedAt time.Time
}

// What was done about somebody's access, in the letter that tells them.
const (
	ToldRecoveryMade     = "recovery_made"
	ToldRecoveryUsed     = "recovery_used"
	ToldAuthenticatorOff = "authenticator_off"
	ToldSessionsEnded    = "sessions_ended"
)

// securityFacts are the facts of a letter about a user's access.
type securityFacts struct {
	User string `json:"user"`
	What string `json:"what"`
	Left int    `json:"codes_left"`
}

// tellSecurity writes a user what was done about their access, so that who did
// not do it hears of it.
func tellSecurity(t *negotiation.Tx, u *User, what string, left int) error {
	return tellUserOf(t, u, negotiation.LetterSecurity, securityFacts{u.ID, what, left})
}

// NewRecoveryCodes makes codes, each good for one sign-in, in place of all that
// the user had, and returns them: they are shown once, and only their hashes
// stay. The password is asked again, since a session left open must not be
// enough. Refusals: password_wrong, not_enrolled, too_many_tries.
func (s *Service) NewRecoveryCodes(ctx context.Context, userID, password string) ([]string, error) {
	u, err := s.User(ctx, userID)
	if err != nil {
		return nil, err
	}
	if err := s.take(ctx, limitPasswordOfUser.of(u.ID)); err != nil {
		return nil, err
	}
	if ok, err := s.matches(ctx, password, u.PasswordHash); err != nil {
		return nil, err
	} else if !ok {
		return nil, negotiation.Refuse(negotiation.Invalid, "password_wrong").On("current")
	}
	codes := make([]string, RecoveryCodes)
	for i := range codes {
		codes[i] = newRecoveryCode()
	}
	err = s.negotiation.OnAgency(ctx, func(t *negotiation.Tx, a *negotiation.Agency) error {
		u, err := s.lockUser(t.DB, userID)
		if err != nil {
			return err
		}
		if !u.Enrolled() || u.DisabledAt != nil {
			return negotiation.Refuse(negotiation.Conflict, "not_enrolled")
		}
		if err := endRecoveryCodes(t.DB, u.ID); err != nil {
			return err
		}
		rows, now := make([]recoveryCode, len(codes)), s.wallNow()
		for i, code := range codes {
			rows[i] = recoveryCode{UserID: u.ID, CodeHash: s.recoveryHash(u.ID, code), CreatedAt: now}
		}
		if err := t.DB.Create(&rows).Error; err != nil {
			return err
		}
		if err := tellSecurity(t, u, ToldRecoveryMade, len(rows)); err != nil {
			return err
		}
		return a.Event(t, u.Actor(), UserRecoveryMade, map[string]any{"user": u.ID, "codes": len(rows)})
	})
	if err != nil {
		return nil, fault(err, "recovery codes of user", userID)
	}
	return codes, s.forget(ctx, limitPasswordOfUser.of(u.ID))
}

// Recover takes one of the user's recovery codes in place of their
// authenticator, once, also for two sign-ins at the same moment, and tells them
// by mail. The authenticator stays. Refusals: recovery_wrong, not_enrolled,
// too_many_tries.
func (s *Service) Recover(ctx context.Context, userID, code string) (*User, error) {
	if err := s.take(ctx, limitAuthenticator.of(userID)); err != nil {
		return nil, err
	}
	var u *User
	err := s.negotiation.OnAgency(ctx, func(t *negotiation.Tx, a *negotiation.Agency) (err error) {
		if u, err = s.lockUser(t.DB, userID); err != nil {
			return err
		}
		if !u.Enrolled() || u.DisabledAt != nil {
			return negotiation.Refuse(negotiation.Conflict, "not_enrolled")
		}
		used := t.Model(&recoveryCode{}).Where("user_id = ? AND code_hash = ? AND used_at IS NULL", u.ID, s.recoveryHash(u.ID, code)).Update("used_at", s.wallNow())
		if used.Error != nil {
			return used.Error
		}
		if used.RowsAffected == 0 {
			return negotiation.Refuse(negotiation.Invalid, "recovery_wrong").On("code")
		}
		left, err := recoveryLeft(t.DB, u.ID)
		if err != nil {
			return err
		}
		if err := tellSecurity(t, u, ToldRecoveryUsed, left); err != nil {
			return err
		}
		return a.Event(t, u.Actor(), UserRecovered, map[string]any{"user": u.ID, "left": left})
	})
	if err != nil {
		return nil, fault(err, "user", userID)
	}
	return u, s.forget(ctx, limitAuthenticator.of(userID))
}

// RecoveryLeft is how many codes the user can still use.
func (s *Service) RecoveryLeft(ctx context.Context, userID string) (int, error) {
	return recoveryLeft(s.db.Read(ctx), userID)
}

func recoveryLeft(tx *gorm.DB, userID string) (int, error) {
	var left int64
	err := tx.Model(&recoveryCode{}).Where("user_id = ? AND used_at IS NULL", userID).Count(&left).Error
	return int(left), fault(err, "recovery codes of user", userID)
}

func endRecoveryCodes(tx *gorm.DB, userID string) error {
	return fault(tx.Where("user_id = ?", userID).Delete(&recoveryCode{}).Error, "recovery codes of user", userID)
}

func (s *Service) recoveryHash(userID, code string) []byte {
	return mac(s.keys.recovery, userID, plain(code))
}

// newRecoveryCode draws a code as it is shown: three groups of four.
func newRecoveryCode() string {
	random := make([]byte, 8)
	_, _ = rand.Read(random) // crypto/rand never fails: it stops the process instead
	n := binary.BigEndian.Uint64(random)
	var code []byte
	for i := range recoveryCodeLength {
		if i > 0 && i%4 == 0 {
			code = append(code, ' ')
		}
		code = append(code, letterCodeAlphabet[n%uint64(len(letterCodeAlphabet))])
		n /= uint64(len(letterCodeAlphabet))
	}
	return string(code)
}
