package access

import (
	"context"
	"encoding/hex"
	"slices"
	"time"

	"gorm.io/gorm"

	"amiable/negotiation"
)

// Session is one place where a user is signed in.
type Session struct {
	Handle    string // names it among the user's own; opens nothing
	Device    string // "Firefox, Mac", as it was when they signed in; may be empty
	Current   bool   // the one that asks
	CreatedAt time.Time
	SeenAt    time.Time // to the minute

	hash []byte
}

// SessionsOf returns where a user is signed in, the one that asks first, then
// the last seen first. here is that one; nil where another asks.
func (s *Service) SessionsOf(ctx context.Context, userID string, here *Visit) ([]Session, error) {
	var rows []sessionRow
	err := s.db.Read(ctx).Where("subject_id = ? AND kind = ? AND expires_at > ?", userID, KindStaff, s.wallNow()).Order("seen_at DESC, id_hash").Find(&rows).Error
	if err != nil {
		return nil, fault(err, "sessions of user", userID)
	}
	list := make([]Session, len(rows))
	for i, row := range rows {
		list[i] = Session{
			Handle: hex.EncodeToString(row.IDHash[:12]), Device: row.Device, CreatedAt: row.CreatedAt.UTC(), SeenAt: row.SeenAt.UTC(),
			Current: here != nil && slices.Equal(row.IDHash, here.hash), hash: row.IDHash,
		}
	}
	slices.SortStableFunc(list, func(a, b Session) int {
		switch {
		case a.Current == b.Current:
			return 0
		case a.Current:
			return -1
		}
		return 1
	})
	return list, nil
}

// EndSession ends one of a user's sessions; one that is over already stays so.
func (s *Service) EndSession(ctx context.Context, userID, handle string) error {
	list, err := s.SessionsOf(ctx, userID, nil)
	if err != nil {
		return err
	}
	for _, one := range list {
		if one.Handle == handle {
			return s.db.Transaction(ctx, func(tx *gorm.DB) error {
				return fault(tx.Where("id_hash = ? AND subject_id = ?", one.hash, userID).Delete(&sessionRow{}).Error, "session of user", userID)
			})
		}
	}
	return nil
}

// EndOtherSessions ends every session of a visit's user but the visit's own.
func (s *Service) EndOtherSessions(ctx context.Context, here *Visit) error {
	return s.db.Transaction(ctx, func(tx *gorm.DB) error {
		others := tx.Where("subject_id = ? AND kind IN ? AND id_hash <> ?", here.SubjectID, []Kind{KindSecondStep, KindStaff}, here.hash)
		return fault(others.Delete(&sessionRow{}).Error, "sessions of user", here.SubjectID)
	})
}

// EndSessionsOf signs somebody out everywhere, for who governs them, and tells
// them.
func (s *Service) EndSessionsOf(ctx context.Context, by negotiation.Actor, userID string) error {
	return s.onUser(ctx, by, userID, func(t *negotiation.Tx, a *negotiation.Agency, u *User) error {
		if err := signOutEverywhere(t.DB, u.ID); err != nil {
			return err
		}
		if err := tellSecurity(t, u, ToldSessionsEnded, 0); err != nil {
			return err
		}
		return a.Event(t, by, UserSessionsEnded, map[string]any{"user": u.ID})
	})
}
