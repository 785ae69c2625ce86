package portal

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"amiable/negotiation"
	"amiable/negotiation/database"
	"amiable/portal/evidence"
	"amiable/portal/store"
)

// Files are what people upload: contents in the store, by hash, and what they
// are called in the database.
type Files struct {
	Store store.Store
	DB    *database.DB
}

// fileRow says what a file is called.
type fileRow struct {
	Hash      string `gorm:"primaryKey"`
	Name      string
	MediaType string
	Bytes     int64
	Cleaned   bool // drawn or copied anew by us: it may be looked at in the browser
	Draft     bool // only forms have kept it so far
	Pages     int
	Width     int
	Height    int
	KeptAt    *time.Time
	LeavingAt *time.Time // its removal began
	CreatedAt time.Time
}

// TableName names the table for gorm.
func (fileRow) TableName() string { return "files" }

const (
	// leavingMax is how long a removal takes at most; one that began earlier
	// was broken off.
	leavingMax = 2 * time.Minute
	// draftKept is how long a content stays that no row names: longer than any
	// form can take to name it.
	draftKept = 48 * time.Hour
)

// Put keeps a file as it is. The same content is kept once. It is in the store
// before the row says that it is.
func (f Files) Put(ctx context.Context, name, mediaType string, content []byte) (string, error) {
	row := fileRow{Hash: store.Hash(content), Name: filepath.Base(name), MediaType: mediaType}
	return row.Hash, f.keep(ctx, row, content)
}

// Keep keeps a file that was cleaned. It stays while a row names it.
func (f Files) Keep(ctx context.Context, e *evidence.File) error {
	return f.keep(ctx, fileRow{
		Hash: e.Hash, Name: e.Name, MediaType: e.MediaType, Cleaned: true, Draft: true, Pages: e.Pages, Width: e.Width, Height: e.Height,
	}, e.Content)
}

func (f Files) keep(ctx context.Context, row fileRow, content []byte) error {
	for {
		if err := f.Store.Put(ctx, row.Hash, content); err != nil {
			return err
		}
		noted, err := f.note(ctx, row, int64(len(content)))
		if err != nil {
			return fmt.Errorf("file %s: %w", row.Hash, err)
		}
		if noted {
			break
		}
		select { // the same content is being removed this moment: let it go first
		case <-ctx.Done():
			return fmt.Errorf("file %s: %w", row.Hash, ctx.Err())
		case <-time.After(100 * time.Millisecond):
		}
	}
	// A removal that ended between the two took the content; none begins now.
	return f.Store.Put(ctx, row.Hash, content)
}

// note writes the row of a content, or says that it is being removed.
func (f Files) note(ctx context.Context, row fileRow, bytes int64) (noted bool, err error) {
	now := database.Now()
	row.Bytes, row.CreatedAt, row.KeptAt = bytes, now, &now
	known := clause.OnConflict{
		Columns: []clause.Column{{Name: "hash"}},
		DoUpdates: clause.Set{
			{Column: clause.Column{Name: "kept_at"}, Value: now},
			{Column: clause.Column{Name: "leaving_at"}, Value: nil},
			{Column: clause.Column{Name: "draft"}, Value: gorm.Expr("files.draft AND excluded.draft")},
		},
		Where: clause.Where{Exprs: []clause.Expression{gorm.Expr("files.leaving_at IS NULL OR files.leaving_at < ?", now.Add(-leavingMax))}},
	}
	if row.Cleaned {
		for _, column := range []string{"cleaned", "media_type", "pages", "width", "height"} {
			known.DoUpdates = append(known.DoUpdates, clause.Assignment{Column: clause.Column{Name: column}, Value: gorm.Expr("excluded." + column)})
		}
	}
	err = f.DB.Transaction(ctx, func(tx *gorm.DB) error {
		done := tx.Clauses(known).Create(&row)
		noted = done.RowsAffected > 0
		return done.Error
	})
	return noted, err
}

// row returns what is known of a file.
func (f Files) row(ctx context.Context, hash string) (*fileRow, error) {
	var found []fileRow
	if err := f.DB.Read(ctx).Where("hash = ?", hash).Limit(1).Find(&found).Error; err != nil {
		return nil, fmt.Errorf("file %s: %w", hash, err)
	}
	if len(found) == 0 {
		return nil, negotiation.Refuse(negotiation.NotFound, "not_found")
	}
	return &found[0], nil
}

// open returns a file with its content, which is checked while it is read.
func (f Files) open(ctx context.Context, hash string) (*fileRow, io.ReadCloser, error) {
	row, err := f.row(ctx, hash)
	if err != nil {
		return nil, nil, err
	}
	content, err := store.Read(ctx, f.Store, hash)
	return row, content, err
}

// Get returns a file with what it is called.
func (f Files) Get(ctx context.Context, hash string) (name, mediaType string, content []byte, err error) {
	row, reader, err := f.open(ctx, hash)
	if err != nil {
		return "", "", nil, err
	}
	defer reader.Close()
	if content, err = io.ReadAll(reader); err != nil {
		return "", "", nil, fmt.Errorf("file %s: %w", hash, err)
	}
	return row.Name, row.MediaType, content, nil
}
