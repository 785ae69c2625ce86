package negotiation

import (
	"context"
	"fmt"
	"time"

	"amiable/negotiation/database"
)

// Clock tells the product's time. In production it is the wall clock. In the
// demo and in tests it is a row that every process reads, so that a year can
// pass in a minute and everybody sees the same day.
type Clock interface {
	Now(ctx context.Context) (time.Time, error)
}

// WallClock is real time.
type WallClock struct{}

// Now returns the wall time, UTC.
func (WallClock) Now(context.Context) (time.Time, error) { return database.Now(), nil }

// FixedClock always says the same.
type FixedClock time.Time

// Now returns the fixed instant.
func (c FixedClock) Now(context.Context) (time.Time, error) { return time.Time(c).UTC(), nil }

// RowClock reads the clock row: the instant it was set to plus the wall time
// since. Without a row it is the wall clock.
type RowClock struct{ DB *database.DB }

type clockRow struct {
	ID       int
	StandsAt time.Time
	SetAt    time.Time
}

func (clockRow) TableName() string { return "clock" }

// Now reads the row.
func (c RowClock) Now(ctx context.Context) (time.Time, error) {
	var rows []clockRow
	if err := c.DB.Read(ctx).Limit(1).Find(&rows).Error; err != nil {
		return time.Time{}, fmt.Errorf("clock: %w", err)
	}
	wall := database.Now()
	if len(rows) == 0 {
		return wall, nil
	}
	return rows[0].StandsAt.UTC().Add(wall.Sub(rows[0].SetAt)), nil
}

// Set moves the clock. It only ever moves forward.
func (c RowClock) Set(ctx context.Context, to time.Time) error {
	now, err := c.Now(ctx)
	if err != nil {
		return err
	}
	if to.Before(now) && !c.unset(ctx) {
		return Refuse(Invalid, "clock_only_forward").On("to")
	}
	wall := database.Now()
	err = c.DB.Read(ctx).Exec(`INSERT INTO clock (id, stands_at, set_at) VALUES (1, ?, ?)
		ON CONFLICT (id) DO UPDATE SET stands_at = excluded.stands_at, set_at = excluded.set_at`, to.UTC(), wall).Error
	if err != nil {
		return fmt.Errorf("clock: %w", err)
	}
	return nil
}

func (c RowClock) unset(ctx context.Context) bool {
	var rows []clockRow
	return c.DB.Read(ctx).Limit(1).Find(&rows).Error == nil && len(rows) == 0
}
