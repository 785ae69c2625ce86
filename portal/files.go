package portal

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"gorm.io/gorm/clause"

	"amiable/negotiation"
	"amiable/negotiation/database"
)

// Folder keeps files by the hash of their content, in a folder, with what they
// are called in the database.
type Folder struct {
	Path string
	DB   *database.DB
}

var _ Files = Folder{}

// fileRow says what a file is called.
type fileRow struct {
	Hash      string
	Name      string
	MediaType string
	Bytes     int64
	CreatedAt time.Time
}

// TableName names the table for gorm.
func (fileRow) TableName() string { return "files" }

// Put keeps a file. The same content is kept once. It is on disk, under its
// whole name, before the row says that it is.
func (f Folder) Put(ctx context.Context, name, mediaType string, content []byte) (string, error) {
	sum := sha256.Sum256(content)
	hash := hex.EncodeToString(sum[:])
	path := f.path(hash)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return "", fmt.Errorf("file %s: %w", hash, err)
	}
	if _, err := os.Stat(path); err != nil {
		if err := writeWhole(path, content); err != nil {
			return "", fmt.Errorf("file %s: %w", hash, err)
		}
	}
	row := fileRow{Hash: hash, Name: filepath.Base(name), MediaType: mediaType, Bytes: int64(len(content)), CreatedAt: database.Now()}
	if err := f.DB.Read(ctx).Clauses(clause.OnConflict{DoNothing: true}).Create(&row).Error; err != nil {
		return "", fmt.Errorf("file %s: %w", hash, err)
	}
	return hash, nil
}

// writeWhole writes a file so that it is there whole or not at all.
func writeWhole(path string, content []byte) error {
	temporary, err := os.CreateTemp(filepath.Dir(path), ".part-*")
	if err != nil {
		return err
	}
	defer os.Remove(temporary.Name())
	if _, err := temporary.Write(content); err != nil {
		temporary.Close()
		return err
	}
	if err := temporary.Sync(); err != nil {
		temporary.Close()
		return err
	}
	if err := temporary.Close(); err != nil {
		return err
	}
	return os.Rename(temporary.Name(), path)
}

// Get returns a file with what it is called.
func (f Folder) Get(ctx context.Context, hash string) (name, mediaType string, content []byte, err error) {
	var found []fileRow
	if err := f.DB.Read(ctx).Where("hash = ?", hash).Limit(1).Find(&found).Error; err != nil {
		return "", "", nil, fmt.Errorf("file %s: %w", hash, err)
	}
	if len(found) == 0 {
		return "", "", nil, negotiation.Refuse(negotiation.NotFound, "not_found")
	}
	content, err = os.ReadFile(f.path(hash))
	if err != nil {
		return "", "", nil, fmt.Errorf("file %s: %w", hash, err)
	}
	return found[0].Name, found[0].MediaType, content, nil
}

func (f Folder) path(hash string) string { return filepath.Join(f.Path, hash[:2], hash) }
