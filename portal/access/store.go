package access

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/gorilla/sessions"
	"gorm.io/gorm"

	"amiable/negotiation/database"
)

// Store keeps gorilla's sessions in the database. The cookie holds a random id
// and nothing else; the row holds only its HMAC.
type Store struct{ s *Service }

var _ sessions.Store = Store{}

// Store is the sessions' store.
func (s *Service) Store() Store { return Store{s} }

// cookieName carries the prefix that makes browsers hold us to Secure, Path=/
// and no Domain, where there is https.
func (s *Service) cookieName(door Door) string {
	if s.secure {
		return "__Host-" + string(door)
	}
	return string(door)
}

// options end with the browser's own session: the times are the row's.
func (s *Service) options() *sessions.Options {
	return &sessions.Options{Path: "/", HttpOnly: true, Secure: s.secure, SameSite: http.SameSiteLaxMode}
}

// Get returns the request's session, read once per request.
func (st Store) Get(r *http.Request, name string) (*sessions.Session, error) {
	return sessions.GetRegistry(r).Get(st, name)
}

// New reads the session that the cookie names. An id that we did not give, or
// whose session is over for long, makes an empty session: no id from outside
// is ever adopted.
func (st Store) New(r *http.Request, name string) (*sessions.Session, error) {
	session := sessions.NewSession(st, name)
	session.Options, session.IsNew = st.s.options(), true
	cookie, err := r.Cookie(name)
	if err != nil || cookie.Value == "" {
		return session, nil
	}
	v, err := st.s.loadVisit(r.Context(), cookie.Value)
	if err != nil || v == nil || st.s.cookieName(v.Kind.Door()) != name {
		return session, err
	}
	session.ID, session.IsNew = cookie.Value, false
	session.Values[visitKey{}] = v
	return session, nil
}

// Save begins the visit under beginKey with a new id, or removes the session
// where MaxAge is negative. A session that was only read needs no saving.
func (st Store) Save(r *http.Request, w http.ResponseWriter, session *sessions.Session) error {
	s := st.s
	begin, _ := session.Values[beginKey{}].(*Visit)
	over := session.Options != nil && session.Options.MaxAge < 0
	if begin == nil && !over {
		return nil
	}
	var row *sessionRow
	id := ""
	if begin != nil && !over {
		var err error
		if id, row, err = s.newRow(begin); err != nil {
			return err
		}
	}
	err := s.db.Transaction(r.Context(), func(tx *gorm.DB) error {
		if session.ID != "" {
			if err := tx.Where("id_hash = ?", mac(s.keys.sessions, session.ID)).Delete(&sessionRow{}).Error; err != nil {
				return err
			}
		}
		if row == nil {
			return nil
		}
		return tx.Create(row).Error
	})
	if err != nil {
		return fault(err, "session", session.Name())
	}
	session.ID, session.Values, session.IsNew = id, map[any]any{}, row == nil
	options := s.options()
	if row == nil {
		options.MaxAge = -1
	} else {
		v, err := row.visit(s.wallNow())
		if err != nil {
			return err
		}
		session.Values[visitKey{}] = v
	}
	http.SetCookie(w, sessions.NewCookie(session.Name(), id, options))
	return nil
}

func (s *Service) newRow(v *Visit) (id string, row *sessionRow, err error) {
	if _, ok := lives[v.Kind]; !ok || v.SubjectID == "" || v.Kind.onCase() != (v.CaseID != "") {
		return "", nil, fmt.Errorf("a session of kind %q needs a subject, and all but a user's a case", v.Kind)
	}
	data, err := dataOf(v)
	if err != nil {
		return "", nil, err
	}
	id = newToken() + newToken()
	now := s.wallNow()
	row = &sessionRow{
		IDHash: mac(s.keys.sessions, id), Kind: v.Kind, SubjectID: v.SubjectID, Name: v.Name, Device: cut(v.Device, nameMax), Data: data,
		SeenAt: now, CreatedAt: now, ExpiresAt: v.Kind.expiry(now, now),
	}
	if v.CaseID != "" {
		row.CaseID = &v.CaseID
	}
	if v.LinkID != "" {
		row.LinkID = &v.LinkID
	}
	return id, row, nil
}

var selectSession = "SELECT " + database.Columns[sessionRow]("") + " FROM sessions WHERE id_hash = ?"

// loadVisit reads a session by its id and touches it; nil where there is none.
func (s *Service) loadVisit(ctx context.Context, id string) (*Visit, error) {
	now := s.wallNow()
	var found []sessionRow
	if err := s.db.Send(s.db.Read(ctx), database.Statement{SQL: selectSession, Args: []any{mac(s.keys.sessions, id)}, Rows: database.Read(&found)}); err != nil {
		return nil, fault(err, "session", "")
	}
	if len(found) == 0 || !now.Before(found[0].ExpiresAt.Add(endedKept)) {
		return nil, nil
	}
	v, err := found[0].visit(now)
	if err != nil || v.Ended || now.Sub(v.SeenAt) < touchEvery {
		return v, err
	}
	v.SeenAt, v.ExpiresAt = now, v.Kind.expiry(v.CreatedAt, now)
	// Two requests at once touch it once; a sign-out in between stays one.
	err = s.db.Transaction(ctx, func(tx *gorm.DB) error {
		return tx.Model(&sessionRow{}).Where("id_hash = ? AND seen_at <= ?", v.hash, now.Add(-touchEvery)).
			Updates(map[string]any{"seen_at": v.SeenAt, "expires_at": v.ExpiresAt}).Error
	})
	if errors.Is(err, database.ErrBusy) {
		err = nil // the next request touches it: no page fails for that
	}
	return v, fault(err, "session of", v.SubjectID)
}
