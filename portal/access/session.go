package access

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/gorilla/sessions"
	"gorm.io/gorm"

	"amiable/negotiation"
)

// Kind is what a session lets its bearer do.
type Kind string

const (
	KindDebtor     Kind = "debtor"      // a party, on one case
	KindAdviser    Kind = "adviser"     // a party whom a debtor named, on one case, within limits
	KindPayer      Kind = "payer"       // who holds a pay-only link, on one case, to pay and no more
	KindSecondStep Kind = "second_step" // a user whose password was right, and no more
	KindStaff      Kind = "staff"       // a user, signed in
)

// life is how long a session stands: untouched, and at most. Wall clock.
type life struct{ idle, most time.Duration }

var lives = map[Kind]life{
	KindDebtor:     {30 * time.Minute, 12 * time.Hour},
	KindAdviser:    {30 * time.Minute, 12 * time.Hour},
	KindPayer:      {30 * time.Minute, 2 * time.Hour},
	KindSecondStep: {10 * time.Minute, 10 * time.Minute},
	KindStaff:      {12 * time.Hour, 7 * 24 * time.Hour},
}

const (
	touchEvery = time.Minute    // how often "last seen" is written at most
	endedKept  = 24 * time.Hour // how long one can tell whose an ended session was
	dataMax    = 4096           // bytes of what a session remembers
)

// Door is one of the cookies: whoever is staff can open a debtor's link in the
// same browser without being signed out, and a debtor their own pay-only link.
type Door string

const (
	DoorDebtor Door = "amiable"
	DoorPayer  Door = "amiable_pay"
	DoorStaff  Door = "amiable_staff"
)

// Door is by which cookie the kind travels.
func (k Kind) Door() Door {
	switch k {
	case KindDebtor, KindAdviser:
		return DoorDebtor
	case KindPayer:
		return DoorPayer
	}
	return DoorStaff
}

// onCase says whether a session of the kind is bound to one case.
func (k Kind) onCase() bool { return k.Door() != DoorStaff }

// Visit is a session: who is at the door.
type Visit struct {
	Kind      Kind
	SubjectID string // the party's id, the pay-only link's, or the user's
	CaseID    string // empty for users
	LinkID    string // parties only: the link they came by
	Name      string // parties only
	Device    string // users only: what they signed in with, "Firefox, Mac"
	CreatedAt time.Time
	SeenAt    time.Time
	ExpiresAt time.Time

	// Ended says that its time is over: it opens nothing, but tells whose it
	// was, so that what was typed can be kept and the same check asked again.
	Ended bool

	// Data is a few short texts that must outlive a redirect, given when the
	// session begins.
	Data map[string]string

	hash []byte
}

// sessionRow is a session as it is stored.
type sessionRow struct {
	IDHash    []byte `gorm:"primaryKey"`
	Kind      Kind
	SubjectID string
	CaseID    *string
	LinkID    *string
	Name      string
	Device    string
	Data      string
	SeenAt    time.Time
	ExpiresAt time.Time
	CreatedAt time.Time
}

// TableName names the table for gorm.
func (sessionRow) TableName() string { return "sessions" }

func (row *sessionRow) visit(now time.Time) (*Visit, error) {
	v := &Visit{
		Kind: row.Kind, SubjectID: row.SubjectID, Name: row.Name, Device: row.Device, CreatedAt: row.CreatedAt.UTC(), SeenAt: row.SeenAt.UTC(),
		ExpiresAt: row.ExpiresAt.UTC(), Ended: !now.Before(row.ExpiresAt), hash: row.IDHash,
	}
	if row.CaseID != nil {
		v.CaseID = *row.CaseID
	}
	if row.LinkID != nil {
		v.LinkID = *row.LinkID
	}
	if err := json.Unmarshal([]byte(row.Data), &v.Data); err != nil {
		return nil, fmt.Errorf("session of %s %s: %w", row.Kind, row.SubjectID, err)
	}
	return v, nil
}

func (k Kind) expiry(created, seen time.Time) time.Time {
	idle, most := seen.Add(lives[k].idle), created.Add(lives[k].most)
	if most.Before(idle) {
		return most
	}
	return idle
}

// Visit reads the session that a request carries at a door, or nil where there
// is none. One that has ended has Ended set. Being read counts as being seen,
// written down at most once a minute.
func (s *Service) Visit(r *http.Request, door Door) (*Visit, error) {
	session, err := s.Store().Get(r, s.cookieName(door))
	if err != nil {
		return nil, err
	}
	return visitOf(session), nil
}

// Begin signs in: a new session with a new id, whatever the request carried.
// The session that the same cookie named ends. Set Kind, SubjectID and, for who
// is bound to a case, CaseID, LinkID and Name.
func (s *Service) Begin(w http.ResponseWriter, r *http.Request, v Visit) error {
	store := s.Store()
	session, err := store.Get(r, s.cookieName(v.Kind.Door()))
	if err != nil {
		return err
	}
	session.Values = map[any]any{beginKey{}: &v}
	return store.Save(r, w, session)
}

// End signs out at a door.
func (s *Service) End(w http.ResponseWriter, r *http.Request, door Door) error {
	store := s.Store()
	session, err := store.Get(r, s.cookieName(door))
	if err != nil {
		return err
	}
	session.Options.MaxAge = -1
	return store.Save(r, w, session)
}

var errDataTooLarge = errors.New("a session remembers at most 4096 bytes")

func dataOf(v *Visit) (string, error) {
	if v.Data == nil {
		return "{}", nil
	}
	data, err := json.Marshal(v.Data)
	if err == nil && len(data) > dataMax {
		err = errDataTooLarge
	}
	return string(data), fault(err, "session of", v.SubjectID)
}

// SignOutEverywhere ends every session of a user.
func (s *Service) SignOutEverywhere(ctx context.Context, userID string) error {
	return s.db.Transaction(ctx, func(tx *gorm.DB) error { return signOutEverywhere(tx, userID) })
}

func signOutEverywhere(tx *gorm.DB, userID string) error {
	return fault(tx.Where("subject_id = ? AND kind IN ?", userID, []Kind{KindSecondStep, KindStaff}).Delete(&sessionRow{}).Error, "sessions of user", userID)
}

// Actor says as whom a visit acts, from nil or an ended one nobody. A user who
// was disabled, and one who still owes the second step, is nobody too; so is an
// adviser whose time is over, and who came by a pay-only link that has ended.
func (s *Service) Actor(ctx context.Context, v *Visit) (by negotiation.Actor, ok bool, err error) {
	if v == nil || v.Ended {
		return by, false, nil
	}
	switch v.Kind {
	case KindDebtor:
		return negotiation.Actor{Role: negotiation.RoleDebtor, ID: v.SubjectID, Name: v.Name, CaseID: v.CaseID}, true, nil
	case KindAdviser:
		return s.adviser(ctx, v)
	case KindPayer:
		l, err := s.payLink(ctx, "id", v.SubjectID)
		if negotiation.AsRefusal(err) != nil {
			return by, false, nil
		}
		if err != nil {
			return by, false, err
		}
		return negotiation.Actor{Role: negotiation.RolePayer, ID: l.ID, Name: l.Label, CaseID: l.CaseID}, true, nil
	case KindStaff:
		by, u, err := s.Staff(ctx, v)
		return by, u != nil, err
	}
	return by, false, nil
}

// Staff returns who signed in with a password, and as whom they act now; no
// user where nobody did, or may any more.
func (s *Service) Staff(ctx context.Context, v *Visit) (by negotiation.Actor, u *User, err error) {
	if v == nil || v.Ended || v.Kind != KindStaff {
		return by, nil, nil
	}
	u, err = s.User(ctx, v.SubjectID)
	if negotiation.AsRefusal(err) != nil {
		return by, nil, nil
	}
	if err != nil || u.DisabledAt != nil {
		return by, nil, err
	}
	if by, err = s.actor(ctx, u); err != nil {
		return by, nil, err
	}
	return by, u, nil
}

// adviser reads what an adviser may do now: the debtor may have ended it since
// they came in.
func (s *Service) adviser(ctx context.Context, v *Visit) (by negotiation.Actor, ok bool, err error) {
	today, err := s.negotiation.Today(ctx)
	if err != nil {
		return by, false, err
	}
	var found []negotiation.Party
	if err := s.db.Read(ctx).Where("id = ? AND case_id = ?", v.SubjectID, v.CaseID).Limit(1).Find(&found).Error; err != nil {
		return by, false, fault(err, "adviser", v.SubjectID)
	}
	if len(found) == 0 || found[0].Role != negotiation.PartyAdviser || !found[0].Stands(today) {
		return by, false, nil
	}
	return negotiation.Actor{
		Role: negotiation.RoleAdviser, ID: v.SubjectID, Name: v.Name, CaseID: v.CaseID, OnBehalfOf: *found[0].ForPartyID, Limits: found[0].Limits,
	}, true, nil
}

func visitOf(session *sessions.Session) *Visit {
	v, _ := session.Values[visitKey{}].(*Visit)
	return v
}

// Keys of a gorilla session's values: the visit as read, and the one to begin.
type (
	visitKey struct{}
	beginKey struct{}
)
