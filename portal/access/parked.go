package access

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"gorm.io/gorm"
)

const (
	parkedGood    = time.Hour // wall clock
	parkedMax     = 64 << 10  // bytes of a form
	parkedPathMax = 512
)

// neverParked are fields that are not kept, in any form: secrets.
var neverParked = []string{"password", "again", "current", "code", "answer", "token", "secret"}

// parkedForm is what was typed when a session had ended.
type parkedForm struct {
	TicketHash []byte `gorm:"primaryKey"`
	Owner      string
	Path       string
	Form       []byte
	ExpiresAt  time.Time
	CreatedAt  time.Time
}

// owner is for whom a form is kept: a party on its case, or a user.
func (v *Visit) owner() string {
	if v.Kind.onCase() {
		return "party " + v.SubjectID + " " + v.CaseID
	}
	return "user " + v.SubjectID
}

// Park keeps a form that was posted to a path after the session had ended, and
// returns the ticket to take it back with. Only whose session it was gets it.
// ok is false where nothing was kept: nobody's, too large, or no path of ours.
// Secrets and files are never kept.
func (s *Service) Park(ctx context.Context, v *Visit, path string, form url.Values) (ticket string, ok bool, err error) {
	kept := url.Values{}
	for name, values := range form {
		if !slices.ContainsFunc(neverParked, func(secret string) bool { return strings.Contains(strings.ToLower(name), secret) }) {
			kept[name] = values
		}
	}
	text := kept.Encode()
	if v == nil || len(text) > parkedMax || !localPath(path) {
		return "", false, nil
	}
	ticket = newToken()
	now := s.wallNow()
	row := parkedForm{
		TicketHash: mac(s.keys.tickets, ticket), Owner: v.owner(), Path: path, Form: seal(s.keys.forms, v.owner(), []byte(text)),
		ExpiresAt: now.Add(parkedGood), CreatedAt: now,
	}
	if err := s.db.Transaction(ctx, func(tx *gorm.DB) error { return tx.Create(&row).Error }); err != nil {
		return "", false, fault(err, "parked form of", v.owner())
	}
	return ticket, true, nil
}

// Unpark gives a parked form back, once, to the one whose it is. ok is false
// where there is none for them.
func (s *Service) Unpark(ctx context.Context, v *Visit, ticket string) (path string, form url.Values, ok bool, err error) {
	if v == nil || v.Ended || v.Kind == KindSecondStep || ticket == "" {
		return "", nil, false, nil
	}
	var taken []parkedForm
	err = s.db.Transaction(ctx, func(tx *gorm.DB) error {
		return tx.Raw("DELETE FROM parked_forms WHERE ticket_hash = ? AND owner = ? AND expires_at > ? RETURNING *",
			mac(s.keys.tickets, ticket), v.owner(), s.wallNow()).Scan(&taken).Error
	})
	if err != nil || len(taken) == 0 {
		return "", nil, false, fault(err, "parked form of", v.owner())
	}
	text, err := unseal(s.keys.forms, v.owner(), taken[0].Form)
	if err != nil {
		return "", nil, false, fault(err, "parked form of", v.owner())
	}
	if form, err = url.ParseQuery(string(text)); err != nil {
		return "", nil, false, fault(err, "parked form of", v.owner())
	}
	return taken[0].Path, form, true, nil
}

// localPath says whether a path stays on this site, wherever a browser would
// take it.
func localPath(path string) bool {
	return len(path) <= parkedPathMax && utf8.ValidString(path) && strings.HasPrefix(path, "/") && !strings.HasPrefix(path, "//") &&
		!strings.ContainsFunc(path, func(r rune) bool { return r == '\\' || r < ' ' || r == 0x7f })
}
