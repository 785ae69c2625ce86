package access

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"amiable/negotiation"
	"amiable/negotiation/database"
)

// SavedView is a set of filters of the worklist that somebody keeps under a
// name. It is theirs alone.
type SavedView struct {
	ID        string
	UserID    string
	Name      string
	Query     string // as it stands in the URL: ids, days and sums, no words of a person
	CreatedAt time.Time
}

const (
	viewNameMax  = 40 // characters
	viewQueryMax = 500
	viewsMax     = 20 // of one user
)

// SavedViews returns the views of a user, by name.
func (s *Service) SavedViews(ctx context.Context, by negotiation.Actor) ([]SavedView, error) {
	var views []SavedView
	err := s.db.Read(ctx).Where("user_id = ?", by.ID).Order("name").Limit(viewsMax).Find(&views).Error
	return views, fault(err, "views of user", by.ID)
}

// SaveView keeps a view under a name; one of that name is replaced.
func (s *Service) SaveView(ctx context.Context, by negotiation.Actor, name, query string) error {
	if err := staffOnly(by); err != nil {
		return err
	}
	name = strings.Join(strings.Fields(name), " ")
	switch {
	case name == "":
		return negotiation.Refuse(negotiation.Invalid, "name_missing").On("name")
	case utf8.RuneCountInString(name) > viewNameMax:
		return negotiation.Refuse(negotiation.Invalid, "words_too_long").On("name").With("n", viewNameMax)
	case len(query) > viewQueryMax:
		return negotiation.Refuse(negotiation.Invalid, "view_too_long").On("name")
	}
	known, err := s.SavedViews(ctx, by)
	if err != nil {
		return err
	}
	for _, v := range known {
		if v.Name == name {
			return fault(s.db.Read(ctx).Model(&SavedView{}).Where("id = ? AND user_id = ?", v.ID, by.ID).Update("query", query).Error, "view", v.ID)
		}
	}
	if len(known) >= viewsMax {
		return negotiation.Refuse(negotiation.Conflict, "views_enough").On("name").With("n", viewsMax)
	}
	v := &SavedView{ID: newID(), UserID: by.ID, Name: name, Query: query, CreatedAt: s.wallNow()}
	if err := s.db.Read(ctx).Create(v).Error; err != nil && !database.IsDuplicate(err) { // a second click was as fast
		return fault(err, "view of user", by.ID)
	}
	return nil
}

// DropView forgets a view.
func (s *Service) DropView(ctx context.Context, by negotiation.Actor, id string) error {
	if !negotiation.ValidID(id) {
		return negotiation.Refuse(negotiation.NotFound, "not_found")
	}
	return fault(s.db.Read(ctx).Where("id = ? AND user_id = ?", id, by.ID).Delete(&SavedView{}).Error, "view", id)
}
