package access

import (
	"context"
	"crypto/subtle"
	"encoding/base32"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/boombuler/barcode/qr"
	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"
	"gorm.io/gorm"

	"amiable/negotiation"
)

// What every authenticator understands (RFC 6238): SHA-1, six figures, thirty
// seconds; one step of grace on either side.
const (
	totpStepSeconds = 30
	totpGrace       = 1
	totpSecretBytes = 20
)

var totpOptions = hotp.ValidateOpts{Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1}

var base32Plain = base32.StdEncoding.WithPadding(base32.NoPadding)

// Enrolment is what an authenticator is given.
type Enrolment struct {
	Secret  string   // base32, as one types it
	URL     string   // otpauth://…
	QR      [][]bool // true is dark; without its quiet margin
	Account string
}

// Enrolment returns the key that the user's next authenticator will have. It
// is worked out, not stored: showing it again shows the same, and changes
// nothing. issuer is the name that the authenticator shows.
func (s *Service) Enrolment(ctx context.Context, userID, issuer string) (*Enrolment, error) {
	u, err := s.User(ctx, userID)
	if err != nil {
		return nil, err
	}
	if u.Enrolled() {
		return nil, negotiation.Refuse(negotiation.Conflict, "already_enrolled")
	}
	e := &Enrolment{Secret: s.nextSecret(u), Account: u.Email}
	query := url.Values{"secret": {e.Secret}, "issuer": {issuer}, "algorithm": {"SHA1"}, "digits": {"6"}, "period": {strconv.Itoa(totpStepSeconds)}}
	// Authenticators show a "+" as it is: a space must be %20.
	e.URL = "otpauth://totp/" + url.PathEscape(issuer+":"+u.Email) + "?" + strings.ReplaceAll(query.Encode(), "+", "%20")
	picture, err := qr.Encode(e.URL, qr.M, qr.Auto)
	if err != nil {
		return nil, fault(err, "enrolment of user", u.ID)
	}
	size := picture.Bounds()
	for y := size.Min.Y; y < size.Max.Y; y++ {
		row := make([]bool, 0, size.Dx())
		for x := size.Min.X; x < size.Max.X; x++ {
			r, _, _, _ := picture.At(x, y).RGBA()
			row = append(row, r == 0)
		}
		e.QR = append(e.QR, row)
	}
	return e, nil
}

func (s *Service) nextSecret(u *User) string {
	return base32Plain.EncodeToString(mac(s.keys.enrolment, u.ID, strconv.FormatInt(u.TOTPGeneration, 10))[:totpSecretBytes])
}

// Enrol adds the authenticator whose code proves that it holds the key of
// Enrolment. Refusals: totp_wrong, already_enrolled, too_many_tries.
func (s *Service) Enrol(ctx context.Context, userID, code string) error {
	if err := s.take(ctx, limitAuthenticator.of(userID)); err != nil {
		return err
	}
	err := s.negotiation.OnAgency(ctx, func(t *negotiation.Tx, a *negotiation.Agency) error {
		u, err := s.lockUser(t.DB, userID)
		if err != nil {
			return err
		}
		if u.Enrolled() {
			return negotiation.Refuse(negotiation.Conflict, "already_enrolled")
		}
		secret := s.nextSecret(u)
		step, err := s.stepOf(secret, code, 0)
		if err != nil {
			return err
		}
		u.TOTPSecret, u.TOTPStep = seal(s.keys.authenticators, u.ID, []byte(secret)), step
		if err := updateUser(t.DB, u, "TOTPSecret", "TOTPStep"); err != nil {
			return err
		}
		return a.Event(t, u.Actor(), UserEnrolled, map[string]any{"user": u.ID})
	})
	if err != nil {
		return fault(err, "user", userID)
	}
	return s.forget(ctx, limitAuthenticator.of(userID))
}

// VerifyCode takes a code of the user's authenticator. Each is good once, also
// for two sign-ins at the same moment. Refusals: totp_wrong, not_enrolled,
// too_many_tries.
func (s *Service) VerifyCode(ctx context.Context, userID, code string) (*User, error) {
	if err := s.take(ctx, limitAuthenticator.of(userID)); err != nil {
		return nil, err
	}
	var u *User
	err := s.db.Transaction(ctx, func(tx *gorm.DB) (err error) {
		if u, err = s.lockUser(tx, userID); err != nil {
			return err
		}
		if !u.Enrolled() || u.DisabledAt != nil {
			return negotiation.Refuse(negotiation.Conflict, "not_enrolled")
		}
		secret, err := unseal(s.keys.authenticators, u.ID, u.TOTPSecret)
		if err != nil {
			return err
		}
		if u.TOTPStep, err = s.stepOf(string(secret), code, u.TOTPStep); err != nil {
			return err
		}
		return updateUser(tx, u, "TOTPStep")
	})
	if err != nil {
		return nil, fault(err, "user", userID)
	}
	return u, s.forget(ctx, limitAuthenticator.of(userID))
}

// RemoveAuthenticator takes a lost authenticator away with its recovery codes,
// ends the user's sessions and tells them; an agent must add another at the next
// sign-in. Users do not do it themselves: who has lost it asks a person who
// knows them.
func (s *Service) RemoveAuthenticator(ctx context.Context, by negotiation.Actor, userID string) error {
	return s.onUser(ctx, by, userID, func(t *negotiation.Tx, a *negotiation.Agency, u *User) error {
		switch {
		case by.ID == u.ID:
			return negotiation.Refuse(negotiation.Conflict, "not_yourself")
		case !u.Enrolled():
			return nil
		}
		u.TOTPSecret, u.TOTPStep, u.TOTPGeneration = nil, 0, u.TOTPGeneration+1
		if err := updateUser(t.DB, u, "TOTPSecret", "TOTPStep", "TOTPGeneration"); err != nil {
			return err
		}
		if err := endRecoveryCodes(t.DB, u.ID); err != nil {
			return err
		}
		if err := signOutEverywhere(t.DB, u.ID); err != nil {
			return err
		}
		if err := tellSecurity(t, u, ToldAuthenticatorOff, 0); err != nil {
			return err
		}
		return a.Event(t, by, UserAuthenticatorOff, map[string]any{"user": u.ID})
	})
}

// stepOf returns the step that a code belongs to, later than the last one
// used.
func (s *Service) stepOf(secret, code string, used int64) (int64, error) {
	now := s.wallNow().Unix() / totpStepSeconds
	typed := digits(code)
	step := int64(0)
	for n := now - totpGrace; n <= now+totpGrace; n++ {
		want, err := hotp.GenerateCodeCustom(secret, uint64(n), totpOptions)
		if err != nil {
			return 0, fmt.Errorf("authenticator: %w", err)
		}
		if subtle.ConstantTimeCompare([]byte(want), []byte(typed)) == 1 && n > used && step == 0 {
			step = n
		}
	}
	if step == 0 {
		return 0, negotiation.Refuse(negotiation.Invalid, "totp_wrong").On("code")
	}
	return step, nil
}
