package access

import (
	"context"
	"net/mail"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"amiable/negotiation"
	"amiable/negotiation/database"
)

// User is somebody who signs in with a password: a creditor's people and the
// agency's.
type User struct {
	ID             string
	Role           negotiation.Role
	CreditorID     *string // creditors only
	Email          string  // small letters
	Name           string
	Language       string // of the mails to them, and of their pages
	PasswordHash   string `json:"-"`                           // empty until the invitation is accepted
	TOTPSecret     []byte `json:"-" gorm:"column:totp_secret"` // sealed; nil until enrolled
	TOTPStep       int64  `gorm:"column:totp_step"`            // the last one used
	TOTPGeneration int64  `gorm:"column:totp_generation"`
	Decides        bool   // creditors only: may answer offers
	DecidesUpTo    int64  // minor units owed, at most; 0: any sum
	Supervises     bool   // agents only: gives out the work of others
	GivesUpTo      int64  // agents only; see AgentRights
	InvitedBy      string
	AcceptedAt     *time.Time
	DisabledAt     *time.Time
	CreatedAt      time.Time
}

// What happens to users stands on the agency's chain.
const (
	UserInvited          negotiation.EventKind = "user_invited"
	UserAccepted         negotiation.EventKind = "user_accepted"
	UserDisabled         negotiation.EventKind = "user_disabled"
	UserEnabled          negotiation.EventKind = "user_enabled"
	UserPasswordChanged  negotiation.EventKind = "user_password_changed"
	UserEnrolled         negotiation.EventKind = "user_enrolled"          // an authenticator was added
	UserAuthenticatorOff negotiation.EventKind = "user_authenticator_off" // and taken away
	UserRecoveryMade     negotiation.EventKind = "user_recovery_made"     // new recovery codes
	UserRecovered        negotiation.EventKind = "user_recovered"         // one of them was used
	UserSessionsEnded    negotiation.EventKind = "user_sessions_ended"    // by who governs access
)

// Enrolled says whether the user has an authenticator.
func (u *User) Enrolled() bool { return len(u.TOTPSecret) > 0 }

// MustEnrol says whether the user may not go on without an authenticator.
func (u *User) MustEnrol() bool { return u.Role != negotiation.RoleCreditor && !u.Enrolled() }

// Actor is as whom the user acts by themselves; what colleagues let them decide
// comes on top where a visit asks, see Service.Actor.
func (u *User) Actor() negotiation.Actor {
	a := negotiation.Actor{Role: u.Role, ID: u.ID, Name: u.Called(), Decides: u.Powers().Decides, DecidesUpTo: u.Powers().UpTo}
	if u.CreditorID != nil {
		a.CreditorID = *u.CreditorID
	} else {
		a.Supervises, a.GivesUpTo = u.Supervises, u.GivesUpTo
	}
	return a
}

// User returns a user by id.
func (s *Service) User(ctx context.Context, id string) (*User, error) {
	if !negotiation.ValidID(id) {
		return nil, negotiation.Refuse(negotiation.NotFound, "not_found")
	}
	return findUser(s.db.Read(ctx), "id = ?", id)
}

// Users returns the users of a creditor, or all of them where creditorID is
// empty, for the agency's people.
func (s *Service) Users(ctx context.Context, by negotiation.Actor, creditorID string) ([]User, error) {
	if err := staffOnly(by); err != nil {
		return nil, err
	}
	query := s.db.Read(ctx).Order("role, email")
	if creditorID != "" {
		if !negotiation.ValidID(creditorID) {
			return nil, negotiation.Refuse(negotiation.NotFound, "not_found")
		}
		query = query.Where("creditor_id = ?", creditorID)
	}
	var users []User
	err := query.Find(&users).Error
	return users, fault(err, "users", creditorID)
}

func findUser(tx *gorm.DB, where string, value any) (*User, error) {
	var found []User
	if err := tx.Where(where, value).Limit(1).Find(&found).Error; err != nil {
		return nil, fault(err, "user", "")
	}
	if len(found) == 0 {
		return nil, negotiation.Refuse(negotiation.NotFound, "not_found")
	}
	return &found[0], nil
}

// emailMax is the longest address that mail knows.
const emailMax = 254

// mailAddress reads an address as it is typed: small letters, no name around
// it.
func mailAddress(typed string) (string, bool) {
	typed = strings.ToLower(strings.TrimSpace(typed))
	a, err := mail.ParseAddress(typed)
	if err != nil || a.Address != typed || len(typed) > emailMax {
		return typed, false
	}
	_, domain, _ := strings.Cut(typed, "@")
	return typed, strings.Contains(strings.Trim(domain, "."), ".")
}

// Invitation is who is to become a user.
type Invitation struct {
	Email      string
	Name       string
	Role       negotiation.Role
	CreditorID string // creditors only
	Language   string
	Powers     *Powers // creditors only; nil: decides on any sum
}

// powers are what the invited person is to decide.
func (i Invitation) powers() Powers {
	switch {
	case i.Role != negotiation.RoleCreditor:
		return Powers{}
	case i.Powers == nil:
		return Powers{Decides: true}
	}
	return *i.Powers
}

// Invite makes a user who has no password yet, and writes the letter that will
// carry the invitation. Inviting again somebody who has not accepted sends
// another letter and changes role and creditor to what is now said.
// Administrators (and the command line) invite anybody, agents only creditors.
func (s *Service) Invite(ctx context.Context, by negotiation.Actor, i Invitation) (*User, error) {
	if err := staffOnly(by); err != nil {
		return nil, err
	}
	if by.Role == negotiation.RoleAgent && i.Role != negotiation.RoleCreditor {
		return nil, negotiation.Refuse(negotiation.Forbidden, "not_your_role")
	}
	email, ok := mailAddress(i.Email)
	if i.Language == "" {
		i.Language = negotiation.Languages[0]
	}
	switch {
	case !ok:
		return nil, negotiation.Refuse(negotiation.Invalid, "email_wrong").On("email")
	case i.Role != negotiation.RoleCreditor && i.Role != negotiation.RoleAgent && i.Role != negotiation.RoleAdministrator:
		return nil, negotiation.Refuse(negotiation.Invalid, "role_unknown").On("role")
	case (i.Role == negotiation.RoleCreditor) != (i.CreditorID != ""), i.CreditorID != "" && !negotiation.ValidID(i.CreditorID):
		return nil, negotiation.Refuse(negotiation.Invalid, "creditor_unknown").On("creditor")
	case i.powers().UpTo < 0 || (i.powers().UpTo > 0 && !i.powers().Decides):
		return nil, negotiation.Refuse(negotiation.Invalid, "amount_not_positive").On("up_to")
	case !slices.Contains(negotiation.Languages, i.Language):
		return nil, negotiation.Refuse(negotiation.Invalid, "language_unknown").On("language")
	}
	var u *User
	err := s.negotiation.OnAgency(ctx, func(t *negotiation.Tx, a *negotiation.Agency) error {
		var creditor *string
		if i.CreditorID != "" {
			creditor = &i.CreditorID
			var n int64
			if err := t.Model(&negotiation.Creditor{}).Where("id = ?", i.CreditorID).Count(&n).Error; err != nil {
				return err
			}
			if n == 0 {
				return negotiation.Refuse(negotiation.Invalid, "creditor_unknown").On("creditor")
			}
		}
		var err error
		u, err = findUser(t.DB, "email = ?", email)
		switch {
		case negotiation.AsRefusal(err) != nil:
			u = &User{ID: newID(), Email: email, CreatedAt: s.wallNow()}
			u.Role, u.CreditorID, u.Name, u.Language, u.InvitedBy = i.Role, creditor, clean(i.Name, nameMax), i.Language, by.Name
			u.Decides, u.DecidesUpTo = i.powers().Decides, i.powers().UpTo
			if err := t.InsertNow(u); database.IsDuplicate(err) {
				return negotiation.Refuse(negotiation.Conflict, "user_exists").On("email")
			} else if err != nil {
				return err
			}
		case err != nil:
			return err
		case u.AcceptedAt != nil, u.DisabledAt != nil:
			return negotiation.Refuse(negotiation.Conflict, "user_exists").On("email")
		case by.Role == negotiation.RoleAgent && u.Role != negotiation.RoleCreditor:
			return negotiation.Refuse(negotiation.Forbidden, "not_your_role")
		default:
			u.Role, u.CreditorID, u.Name, u.Language, u.InvitedBy = i.Role, creditor, clean(i.Name, nameMax), i.Language, by.Name
			u.Decides, u.DecidesUpTo = i.powers().Decides, i.powers().UpTo
			if err := updateUser(t.DB, u, "Role", "CreditorID", "Name", "Language", "InvitedBy", "Decides", "DecidesUpTo"); err != nil {
				return err
			}
		}
		if err := tellUser(t, u, negotiation.LetterInvitation); err != nil {
			return err
		}
		return a.Event(t, by, UserInvited, map[string]any{"user": u.ID, "role": u.Role, "email": u.Email, "decides": u.Decides, "up_to": u.DecidesUpTo})
	})
	if err != nil {
		return nil, fault(err, "invitation by", by.ID)
	}
	return u, nil
}

// SetLanguage changes in which language a user is written to, and reads where
// their browser has not been told otherwise.
func (s *Service) SetLanguage(ctx context.Context, userID, language string) error {
	if !slices.Contains(negotiation.Languages, language) {
		return negotiation.Refuse(negotiation.Invalid, "language_unknown").On("language")
	}
	return updateUser(s.db.Read(ctx), &User{ID: userID, Language: language}, "Language")
}

// Disable ends a user's access at once, sessions included; Enable gives it
// back. Nobody disables themselves.
func (s *Service) Disable(ctx context.Context, by negotiation.Actor, userID string) error {
	if by.ID == userID {
		return negotiation.Refuse(negotiation.Conflict, "not_yourself")
	}
	return s.onUser(ctx, by, userID, func(t *negotiation.Tx, a *negotiation.Agency, u *User) error {
		if u.DisabledAt != nil {
			return nil
		}
		now := s.wallNow()
		u.DisabledAt = &now
		if err := endTokens(t.DB, u.ID); err != nil {
			return err
		}
		if err := signOutEverywhere(t.DB, u.ID); err != nil {
			return err
		}
		if err := updateUser(t.DB, u, "DisabledAt"); err != nil {
			return err
		}
		return a.Event(t, by, UserDisabled, map[string]any{"user": u.ID})
	})
}

// Enable gives a disabled user their access back.
func (s *Service) Enable(ctx context.Context, by negotiation.Actor, userID string) error {
	return s.onUser(ctx, by, userID, func(t *negotiation.Tx, a *negotiation.Agency, u *User) error {
		if u.DisabledAt == nil {
			return nil
		}
		u.DisabledAt = nil
		if err := updateUser(t.DB, u, "DisabledAt"); err != nil {
			return err
		}
		return a.Event(t, by, UserEnabled, map[string]any{"user": u.ID})
	})
}

// onUser runs do on a locked user whom the actor may govern: administrators
// everybody, agents the creditors' people.
func (s *Service) onUser(ctx context.Context, by negotiation.Actor, userID string, do func(t *negotiation.Tx, a *negotiation.Agency, u *User) error) error {
	if err := staffOnly(by); err != nil {
		return err
	}
	if !negotiation.ValidID(userID) {
		return negotiation.Refuse(negotiation.NotFound, "not_found")
	}
	err := s.negotiation.OnAgency(ctx, func(t *negotiation.Tx, a *negotiation.Agency) error {
		u, err := s.lockUser(t.DB, userID)
		if err != nil {
			return err
		}
		if by.Role == negotiation.RoleAgent && u.Role != negotiation.RoleCreditor {
			return negotiation.Refuse(negotiation.Forbidden, "not_your_role")
		}
		return do(t, a, u)
	})
	return fault(err, "user", userID)
}

func (s *Service) lockUser(tx *gorm.DB, id string) (*User, error) {
	return findUser(s.db.ForUpdate(tx), "id = ?", id)
}

func updateUser(tx *gorm.DB, u *User, column string, more ...any) error {
	return fault(tx.Model(u).Where("id = ?", u.ID).Select(column, more...).Updates(u).Error, "user", u.ID)
}

// tellUser writes a letter to a user's mailbox. Its facts name the user; the
// token that it will carry is made when it leaves.
func tellUser(t *negotiation.Tx, u *User, kind negotiation.LetterKind) error {
	return tellUserOf(t, u, kind, userFacts{u.ID})
}

func tellUserOf(t *negotiation.Tx, u *User, kind negotiation.LetterKind, facts any) error {
	to := negotiation.ToAgent
	if u.Role == negotiation.RoleCreditor {
		to = negotiation.ToCreditor
	}
	return t.TellUser(u.Email, u.Language, to, kind, facts)
}

// userFacts are the facts of a letter to a user.
type userFacts struct {
	User string `json:"user"`
}
