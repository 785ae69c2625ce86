// Package access decides who is at the door: debtors come by a link and a
// second check, staff by password and authenticator. It keeps links, sessions,
// users, and how often somebody may try. It knows no page and no URL.
//
// Two clocks run here. What is between a person and the case goes by the
// product's clock (how long a link is good for, the lines of the timeline).
// What guards the door goes by the wall clock (sessions, codes, tokens,
// authenticators, limits): moving the demo's clock must open nothing.
//
// No secret is stored in the clear: tokens, codes and session ids as HMACs
// under a key that is not in the database, passwords as argon2id, what must be
// read again sealed with AES-GCM.
package access

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"

	"github.com/google/uuid"
	"gorm.io/gorm"

	"amiable/negotiation"
	"amiable/negotiation/database"
)

//go:embed migrations
var files embed.FS

// Migrations is the schema of this package; it stands on negotiation's.
var Migrations = database.NewMigrations("access", files)

// Config is what the service is given.
type Config struct {
	Keys    Keys
	BaseURL string           // of the portal; cookies are Secure where it is https
	WallNow func() time.Time // nil: the wall clock
}

// Service is the door. Make it with New.
type Service struct {
	negotiation *negotiation.Service
	db          *database.DB
	keys        keyring
	wall        func() time.Time
	secure      bool
	hashing     chan struct{}
}

// New returns a service on a migrated database. It fails where the secret is
// too short to be one.
func New(n *negotiation.Service, config Config) (*Service, error) {
	keys, err := config.Keys.ring()
	if err != nil {
		return nil, err
	}
	if config.WallNow == nil {
		config.WallNow = database.Now
	}
	return &Service{
		negotiation: n, db: n.DB(), keys: keys, wall: config.WallNow,
		secure:  strings.HasPrefix(strings.ToLower(config.BaseURL), "https://"),
		hashing: make(chan struct{}, hashesAtOnce),
	}, nil
}

func (s *Service) wallNow() time.Time { return s.wall().UTC().Truncate(time.Microsecond) }

// write runs do in one transaction that concerns no case.
func (s *Service) write(ctx context.Context, do func(t *negotiation.Tx) error) error {
	now, err := s.negotiation.Now(ctx)
	if err != nil {
		return err
	}
	return s.db.Transaction(ctx, func(tx *gorm.DB) error {
		return do(&negotiation.Tx{DB: tx, Now: now, Today: negotiation.DayOf(now)})
	})
}

// Sweep removes what has ended: sessions, codes, tokens, parked forms and files,
// counters. It is safe to repeat at any time.
func (s *Service) Sweep(ctx context.Context) error {
	now := s.wallNow()
	return s.db.Transaction(ctx, func(tx *gorm.DB) error {
		for _, gone := range []struct {
			row    any
			before time.Time
		}{
			{&sessionRow{}, now.Add(-endedKept)}, {&linkCode{}, now}, {&userToken{}, now}, {&parkedForm{}, now}, {&DraftFile{}, now}, {&rateCounter{}, now},
		} {
			if err := tx.Where("expires_at < ?", gone.before).Delete(gone.row).Error; err != nil {
				return fmt.Errorf("sweep %T: %w", gone.row, err)
			}
		}
		return fault(tx.Where("created_at < ?", now.Add(-requestKept)).Delete(&accessRequest{}).Error, "sweep", "requests")
	})
}

func newID() string { return uuid.Must(uuid.NewV7()).String() }

// noID stands where there is no row to look for, so that the same queries run.
const noID = "00000000-0000-0000-0000-000000000000"

// clean makes of what somebody typed a text that every database stores: at
// most n characters, valid, without control characters but line ends.
func clean(s string, n int) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\ufffd"))
	return cut(strings.TrimSpace(s), n)
}

// cut shortens a text to at most n characters.
func cut(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n])
	}
	return s
}

// fault wraps an error once with the thing's name and id; nil stays nil, and a
// refusal stays bare.
func fault(err error, what, id string) error {
	if err == nil || negotiation.AsRefusal(err) != nil || errors.Is(err, context.Canceled) {
		return err
	}
	return fmt.Errorf("%s %s: %w", what, id, err)
}
