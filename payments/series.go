package payments

import (
	"fmt"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// series counts something whose numbers follow one another without a gap: the
// number is taken in the transaction that uses it, and given back with it.
type series struct {
	Name string `gorm:"primaryKey"`
	Last int64
}

// TableName names the table for gorm.
func (series) TableName() string { return "series" }

// next returns the next number of a series. Who asks second waits for the
// first to end its transaction.
func next(tx *gorm.DB, name string) (int64, error) {
	err := tx.Clauses(clause.OnConflict{Columns: []clause.Column{{Name: "name"}}, DoUpdates: clause.Assignments(map[string]any{"last": gorm.Expr("series.last + 1")})}).
		Create(&series{Name: name, Last: 1}).Error
	if err != nil {
		return 0, fmt.Errorf("series %s: %w", name, err)
	}
	var s series
	if err := tx.Where("name = ?", name).Take(&s).Error; err != nil {
		return 0, fmt.Errorf("series %s: %w", name, err)
	}
	return s.Last, nil
}
