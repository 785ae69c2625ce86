package negotiation

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"
)

// WishKind is what a debtor would like to talk about.
type WishKind string

const (
	WishPlan     WishKind = "plan"
	WishTime     WishKind = "time"
	WishContest  WishKind = "contest"
	WishMessage  WishKind = "message"
	WishCallback WishKind = "callback"
	WishContact  WishKind = "contact" // how and when we may write
)

// wishLengthMax is how much of the debtor's own words is kept, in characters.
const wishLengthMax = 4_000

// Wish is what a debtor asked for in their own words, until a person has
// answered.
type Wish struct {
	ID           string
	CreditorID   string
	CaseID       string
	PartyID      string  // for whom
	AdviserID    *string // who wrote, where it was an adviser
	Kind         WishKind
	Words        string
	CallbackTo   string // the number to call; empty where none was asked for
	CallbackWhen string // morning, afternoon, evening, any
	HandledAt    *time.Time
	HandledBy    string
	CreatedAt    time.Time
}

// act is what a wish of the kind is, where an adviser has it.
func (k WishKind) act() Act {
	if k == WishPlan || k == WishTime {
		return ActPropose
	}
	return ActWrite
}

// Wish records a debtor's wish and tells the agents. It recognises nothing and
// changes nothing that is owed.
func (s *Service) Wish(ctx context.Context, by Actor, caseID string, w Wish) (*Wish, error) {
	if by.Role != RoleDebtor && by.Role != RoleAdviser && !(by.IsStaff() && by.OnBehalfOf != "") {
		return nil, Refuse(Forbidden, "not_your_role")
	}
	if err := w.check(); err != nil {
		return nil, err
	}
	err := s.OnCase(ctx, by, caseID, func(t *Tx, c *Case) error { return c.wish(t, by, &w) })
	return &w, err
}

// check trims what was typed and refuses what cannot be kept.
func (w *Wish) check() error {
	switch w.Kind {
	case WishPlan, WishTime, WishContest, WishMessage, WishCallback, WishContact:
	default:
		return Refuse(Invalid, "wish_unknown").On("kind")
	}
	w.Words, w.CallbackTo = strings.TrimSpace(w.Words), strings.TrimSpace(w.CallbackTo)
	switch {
	case w.Words == "" && w.CallbackTo == "":
		return Refuse(Invalid, "words_missing").On("message")
	case utf8.RuneCountInString(w.Words) > wishLengthMax:
		return Refuse(Invalid, "words_too_long").On("message").With("n", wishLengthMax)
	case w.Kind == WishCallback && w.CallbackTo == "":
		return Refuse(Invalid, "phone_missing").On("phone")
	case w.CallbackTo != "" && !telephone(w.CallbackTo):
		return Refuse(Invalid, "phone_wrong").On("phone")
	}
	return nil
}

// telephone says whether what was typed can be dialled: 8 to 15 digits, as
// people write them, from France or elsewhere.
func telephone(typed string) bool {
	digits := 0
	for i, r := range typed {
		switch {
		case r >= '0' && r <= '9':
			digits++
		case r == '+' && i == 0:
		case !strings.ContainsRune(" .-/()\u00a0\u202f", r):
			return false
		}
	}
	return digits >= 8 && digits <= 15 && utf8.RuneCountInString(typed) <= 40
}

// wish records a wish that was checked, on the locked case.
func (c *Case) wish(t *Tx, by Actor, w *Wish) error {
	if err := c.Permits(by, w.Kind.act(), t.Today); err != nil {
		return err
	}
	w.ID, w.CreditorID, w.CaseID, w.PartyID, w.CreatedAt = newID(), c.CreditorID, c.ID, by.ID, t.Now
	if by.Role == RoleAdviser {
		w.AdviserID = &by.ID
	}
	if by.OnBehalfOf != "" {
		w.PartyID = by.OnBehalfOf
	}
	if c.Party(w.PartyID) == nil {
		return errNotFound
	}
	if err := t.Insert(w, c.event(t, by, WishRecorded, map[string]any{"wish": w.ID, "wish_kind": w.Kind})); err != nil {
		return err
	}
	return c.TellAgents(t, LetterWish, map[string]any{"wish": w.ID, "wish_kind": w.Kind, "case": c.Reference})
}

// HandleWish marks a wish as answered by a person.
func (s *Service) HandleWish(ctx context.Context, by Actor, caseID, wishID string) error {
	if err := by.only(RoleAgent, RoleAdministrator); err != nil {
		return err
	}
	return s.OnCase(ctx, by, caseID, func(t *Tx, c *Case) error { return c.handleWish(t, by, wishID) })
}

func (c *Case) handleWish(t *Tx, by Actor, wishID string) error {
	done := t.Model(&Wish{}).Where("id = ? AND case_id = ? AND handled_at IS NULL", wishID, c.ID).
		Updates(map[string]any{"handled_at": t.Now, "handled_by": by.Name})
	if done.Error != nil {
		return fault(done.Error, "wish", wishID)
	}
	if done.RowsAffected == 0 {
		var known int64
		if err := t.Model(&Wish{}).Where("id = ? AND case_id = ?", wishID, c.ID).Count(&known).Error; err != nil {
			return fault(err, "wish", wishID)
		}
		if known == 0 {
			return Refuse(NotFound, "not_found")
		}
		return Refuse(Conflict, "wish_handled_already")
	}
	return t.Insert(c.event(t, by, WishHandled, map[string]any{"wish": wishID}))
}

// OpenWishes returns what waits for a person, oldest first.
func (s *Service) OpenWishes(ctx context.Context, limit int) ([]Wish, error) {
	var wishes []Wish
	err := s.db.Read(ctx).Where("handled_at IS NULL").Order("created_at, id").Limit(limit).Find(&wishes).Error
	return wishes, fault(err, "open wishes", "")
}

// WishesOf returns the wishes of a case, newest first.
func (s *Service) WishesOf(ctx context.Context, caseID string) ([]Wish, error) {
	var wishes []Wish
	err := s.db.Read(ctx).Where("case_id = ?", caseID).Order("created_at DESC, id").Find(&wishes).Error
	return wishes, fault(err, "wishes of case", caseID)
}
