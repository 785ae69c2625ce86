package portal

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"regexp"
	"strings"

	"gorm.io/gorm"

	"amiable/negotiation"
	"amiable/negotiation/database"
	"amiable/portal/store"
)

// fileColumns are the columns that name files: by the hash alone, or in a text
// that may hold it. A draft that none of the first kind names is removed; a
// test finds a column that is missing here.
var fileColumns = []struct {
	table, column string
	hash          bool
}{
	{"draft_files", "hash", true},
	{"dispute_files", "hash", true},
	{"message_files", "hash", true},
	{"situation_files", "hash", true},
	{"claims", "invoice_file", false},
	{"placements", "refused_file", false},
	{"papers", "file_hash", false},
	{"mandates", "proof", false},
	{"cases", "first_letter_proof", false},
	{"payments", "proof", false},
	{"given_up", "proof", false},
}

// Sweep removes up to limit contents that were sent with forms and that no row
// names. It is safe to repeat, and beside whoever sends the same again.
func (f Files) Sweep(ctx context.Context, limit int) (removed int, err error) {
	now := database.Now()
	var unnamed strings.Builder
	for _, c := range fileColumns {
		if c.hash {
			fmt.Fprintf(&unnamed, " AND NOT EXISTS (SELECT 1 FROM %s r WHERE r.%s = files.hash)", c.table, c.column)
		}
	}
	condition := "draft AND kept_at < ? AND (leaving_at IS NULL OR leaving_at < ?)" + unnamed.String()
	args := []any{now.Add(-draftKept), now.Add(-leavingMax)}
	var hashes []string
	if err := f.DB.Read(ctx).Model(&fileRow{}).Where(condition, args...).Order("kept_at").Limit(limit).Pluck("hash", &hashes).Error; err != nil {
		return 0, fmt.Errorf("sweep of files: %w", err)
	}
	for _, hash := range hashes {
		var marked int64
		err := f.DB.Transaction(ctx, func(tx *gorm.DB) error {
			done := tx.Model(&fileRow{}).Where("hash = ?", hash).Where(condition, args...).Update("leaving_at", now)
			marked = done.RowsAffected
			return done.Error
		})
		if err != nil {
			return removed, fmt.Errorf("sweep of files: %w", err)
		}
		if marked == 0 {
			continue // somebody sent it again
		}
		if err := f.remove(ctx, hash); err != nil {
			return removed, err
		}
		removed++
	}
	return removed, nil
}

// remove takes away what was marked, within the time that whoever sends the
// same again waits.
func (f Files) remove(ctx context.Context, hash string) error {
	ctx, cancel := context.WithTimeout(ctx, leavingMax/2)
	defer cancel()
	if err := f.Store.Remove(ctx, hash); err != nil {
		return err
	}
	return f.DB.Transaction(ctx, func(tx *gorm.DB) error {
		return tx.Where("hash = ? AND leaving_at IS NOT NULL", hash).Delete(&fileRow{}).Error
	})
}

// hashIn finds the hashes in a text.
var hashIn = regexp.MustCompile(`\b[0-9a-f]{64}\b`)

// verifyBatch is how much is read at a time.
const verifyBatch = 500

// Verify checks what must always hold of files. It reads every content.
func (f Files) Verify(ctx context.Context) ([]negotiation.Invariant, error) {
	named, err := f.verifyNamed(ctx)
	if err != nil {
		return nil, err
	}
	kept, err := f.verifyKept(ctx)
	return []negotiation.Invariant{named, kept}, err
}

func (f Files) verifyNamed(ctx context.Context) (negotiation.Invariant, error) {
	check := negotiation.Invariant{Name: "every file that a row names is on record"}
	for _, c := range fileColumns {
		after := ""
		for {
			var texts []string
			err := f.DB.Read(ctx).Raw(fmt.Sprintf("SELECT DISTINCT %[1]s FROM %[2]s WHERE length(%[1]s) >= 64 AND %[1]s > ? ORDER BY %[1]s LIMIT ?", c.column, c.table),
				after, verifyBatch).Scan(&texts).Error
			if err != nil {
				return check, fmt.Errorf("verify %s: %w", c.table, err)
			}
			if len(texts) == 0 {
				break
			}
			after = texts[len(texts)-1]
			var hashes []string
			for _, text := range texts {
				hashes = append(hashes, hashIn.FindAllString(text, -1)...)
			}
			if err := f.verifyRows(ctx, &check, c.table, hashes); err != nil {
				return check, err
			}
		}
	}
	return check, nil
}

func (f Files) verifyRows(ctx context.Context, check *negotiation.Invariant, table string, hashes []string) error {
	var known []string
	if err := f.DB.Read(ctx).Model(&fileRow{}).Where("hash IN ? AND leaving_at IS NULL", hashes).Pluck("hash", &known).Error; err != nil {
		return fmt.Errorf("verify files: %w", err)
	}
	there := map[string]bool{}
	for _, hash := range known {
		there[hash] = true
	}
	for _, hash := range hashes {
		check.Checked++
		if !there[hash] {
			check.Break("%s: file %s", table, hash)
		}
	}
	return nil
}

func (f Files) verifyKept(ctx context.Context) (negotiation.Invariant, error) {
	check := negotiation.Invariant{Name: "every file on record is kept, and is what its hash says"}
	after := ""
	for {
		var hashes []string
		err := f.DB.Read(ctx).Model(&fileRow{}).Where("hash > ? AND leaving_at IS NULL", after).Order("hash").Limit(verifyBatch).Pluck("hash", &hashes).Error
		if err != nil {
			return check, fmt.Errorf("verify files: %w", err)
		}
		if len(hashes) == 0 {
			return check, nil
		}
		after = hashes[len(hashes)-1]
		for _, hash := range hashes {
			check.Checked++
			switch err := f.readWhole(ctx, hash); {
			case errors.Is(err, fs.ErrNotExist):
				check.Break("file %s is not kept", hash)
			case errors.Is(err, store.ErrChanged):
				check.Break("file %s is another", hash)
			case err != nil:
				return check, err
			}
		}
	}
}

func (f Files) readWhole(ctx context.Context, hash string) error {
	content, err := store.Read(ctx, f.Store, hash)
	if err != nil {
		return err
	}
	defer content.Close()
	_, err = io.Copy(io.Discard, content)
	return err
}
