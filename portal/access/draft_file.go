package access

import (
	"context"
	"time"

	"github.com/google/uuid"
	"gorm.io/gorm"

	"amiable/negotiation"
)

const (
	draftFileGood = 24 * time.Hour // wall clock: a day to find the other paper
	draftFilesMax = 64             // of one owner, at one time
)

// DraftFile is a file that was sent with a form which could not be taken yet.
// Its content is kept by its hash elsewhere; here is whose it is until then.
type DraftFile struct {
	ID        string `gorm:"primaryKey"`
	Owner     string
	Hash      string
	Name      string // as its owner calls it
	ExpiresAt time.Time
	CreatedAt time.Time
}

// TableName names the table for gorm.
func (DraftFile) TableName() string { return "draft_files" }

// KeepDraftFile notes a file for the one whose visit it is.
func (s *Service) KeepDraftFile(ctx context.Context, v *Visit, hash, name string) (*DraftFile, error) {
	now := s.wallNow()
	d := &DraftFile{ID: newID(), Owner: v.owner(), Hash: hash, Name: name, ExpiresAt: now.Add(draftFileGood), CreatedAt: now}
	err := s.db.Transaction(ctx, func(tx *gorm.DB) error {
		var n int64
		if err := tx.Model(&DraftFile{}).Where("owner = ? AND expires_at > ?", d.Owner, now).Count(&n).Error; err != nil {
			return err
		}
		if n >= draftFilesMax {
			return negotiation.Refuse(negotiation.Invalid, "evidence_drafts").With("name", name)
		}
		return tx.Create(d).Error
	})
	return d, fault(err, "draft file of", d.Owner)
}

// DraftFiles returns those of the named files that are kept for the one whose
// visit it is, in the order of the ids. What is not theirs, or no longer there,
// is left out.
func (s *Service) DraftFiles(ctx context.Context, v *Visit, ids []string) ([]DraftFile, error) {
	var asked []string
	for _, id := range ids {
		if parsed, err := uuid.Parse(id); err == nil {
			asked = append(asked, parsed.String())
		}
	}
	if len(asked) == 0 {
		return nil, nil
	}
	var found []DraftFile
	err := s.db.Read(ctx).Where("owner = ? AND id IN ? AND expires_at > ?", v.owner(), asked, s.wallNow()).Find(&found).Error
	if err != nil {
		return nil, fault(err, "draft files of", v.owner())
	}
	var inOrder []DraftFile
	for _, id := range asked {
		for i := range found {
			if found[i].ID == id {
				inOrder = append(inOrder, found[i])
			}
		}
	}
	return inOrder, nil
}
