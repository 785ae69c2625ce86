// Package negotiation is the heart of Amiable: what is owed, who may say what,
// what was agreed, and the ledger of it. It knows neither HTTP nor HTML nor
// any payment service provider.
//
// Every change goes through one door: a method of Service opens the one
// transaction, locks the case (or the creditor, or the agency), lets pure code
// decide, and saves. What is refused is a *Refusal, with a code that becomes a
// sentence; everything else that fails is a fault of ours.
package negotiation

import (
	"context"
	"embed"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"gorm.io/gorm"

	"amiable/negotiation/database"
)

//go:embed migrations
var migrationFiles embed.FS

// Migrations is the schema of this package.
var Migrations = database.NewMigrations("negotiation", migrationFiles)

// Service is the door to everything in this package. Make it with New.
type Service struct {
	db    *database.DB
	clock Clock
	rates atomic.Pointer[knownRates]

	contactsMost int // see LimitContacts

	workElsewhere  map[WorkKind]WorkRule // see WorkLivesIn
	foundElsewhere []func(by Actor, text string) (sql string, values []any, ok bool)
}

// New returns a service on a migrated database.
func New(db *database.DB, clock Clock) *Service {
	return &Service{db: db, clock: clock}
}

// DB is the database, for the packages to the left that keep tables of their
// own beside ours.
func (s *Service) DB() *database.DB { return s.db }

// Now is the product's time, UTC.
func (s *Service) Now(ctx context.Context) (time.Time, error) {
	now, err := s.clock.Now(ctx)
	return now.UTC().Truncate(time.Microsecond), err
}

// Today is the product's day in the legal zone.
func (s *Service) Today(ctx context.Context) (Day, error) {
	now, err := s.Now(ctx)
	return DayOf(now), err
}

// Tx is one writing transaction, with the instant and day that everything in
// it happens at.
type Tx struct {
	*gorm.DB
	Now   time.Time
	Today Day

	service *Service
}

// Insert writes new rows, in order, before the transaction reads, writes
// otherwise or commits; what is wrong with them is said then. An error in place
// of a row fails at once. Who must know here whether a row exists already uses
// InsertNow.
func (t *Tx) Insert(rows ...any) error {
	for _, r := range rows {
		switch r := r.(type) {
		case nil:
			continue
		case error:
			return r
		}
		if err := database.Insert(t.DB, r); err != nil {
			return fmt.Errorf("insert %T: %w", r, err)
		}
	}
	return nil
}

func (t *Tx) insert(row any) error { return t.Insert(row) }

// InsertNow writes new rows at once.
func (t *Tx) InsertNow(rows ...any) error {
	if err := t.Insert(rows...); err != nil {
		return err
	}
	return database.Flush(t.DB)
}

// Update writes the named fields of a row, found by its id, before the
// transaction reads, writes otherwise or commits.
func (t *Tx) Update(row any, fields ...string) error {
	return database.Update(t.DB, row, fields...)
}

// write runs do in one transaction.
func (s *Service) write(ctx context.Context, do func(t *Tx) error) error {
	now, err := s.Now(ctx)
	if err != nil {
		return err
	}
	return s.db.Transaction(ctx, func(tx *gorm.DB) error {
		return do(&Tx{DB: tx, Now: now, Today: DayOf(now), service: s})
	})
}

// OnCase locks a case, lets do decide and write, and saves the case. It is the
// one door for whatever changes a case. An actor who may not see the case gets
// "not found".
func (s *Service) OnCase(ctx context.Context, by Actor, caseID string, do func(t *Tx, c *Case) error) error {
	return s.OnCaseWithin(ctx, by, caseID, 0, do)
}

// OnCaseWithin is OnCase for callers who may not wait long: where the lock is
// not had within limit it fails with database.ErrBusy. Zero waits for as long
// as it takes. What the caller wants done under the lock before it decides
// (such as reading a row of its own) goes along with reading the case.
func (s *Service) OnCaseWithin(ctx context.Context, by Actor, caseID string, limit time.Duration, do func(t *Tx, c *Case) error, along ...database.Statement) error {
	return s.write(ctx, func(t *Tx) error {
		if limit > 0 {
			if err := s.db.LockTimeout(t.DB, limit); err != nil {
				return fault(err, "case", caseID)
			}
		}
		c, err := t.lockCase(caseID, along...)
		if err != nil {
			return err
		}
		if !by.MaySee(c) || !c.admits(by, t.Today) {
			return errNotFound
		}
		before := c.saved()
		if err := do(t, c); err != nil {
			return err
		}
		if err := t.settleWork(c); err != nil {
			return fault(err, "worklist of case", caseID)
		}
		return t.saveCase(c, before)
	})
}

func (s *Service) onCreditor(ctx context.Context, creditorID string, do func(t *Tx, c *Creditor) error) error {
	return s.write(ctx, func(t *Tx) error {
		var found []Creditor
		if err := s.db.ForUpdate(t.DB).Where("id = ?", creditorID).Limit(1).Find(&found).Error; err != nil {
			return fault(err, "creditor", creditorID)
		}
		if len(found) == 0 {
			return errNotFound
		}
		c := &found[0]
		if err := do(t, c); err != nil {
			return err
		}
		return fault(t.Model(c).Where("id = ?", c.ID).Select("EventSeq", "EventHead").Updates(c).Error, "creditor", creditorID)
	})
}

func (s *Service) onAgency(ctx context.Context, do func(t *Tx, a *Agency) error) error {
	return s.write(ctx, func(t *Tx) error {
		a, err := loadAgency(s.db.ForUpdate(t.DB))
		if err != nil {
			return err
		}
		if err := do(t, a); err != nil {
			return err
		}
		return fault(t.Model(a).Where("id = ?", a.ID).Select("EventSeq", "EventHead").Updates(a).Error, "agency", a.ID)
	})
}

func newID() string { return uuid.Must(uuid.NewV7()).String() }

// ValidID says whether a text can be an id, so that a mangled URL is "not
// found" and never reaches the database.
func ValidID(id string) bool { return uuid.Validate(id) == nil && len(id) == 36 }

// fault wraps an error once with the thing's name and id; nil stays nil, and a
// refusal stays bare.
func fault(err error, what, id string) error {
	if err == nil || AsRefusal(err) != nil {
		return err
	}
	return fmt.Errorf("%s %s: %w", what, id, err)
}
