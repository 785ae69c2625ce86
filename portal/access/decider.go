package access

import (
	"context"
	"time"

	"amiable/negotiation"
	"amiable/negotiation/day"
	"amiable/negotiation/money"
)

// Who of a creditor's people answers offers stands on the creditor's chain.
const (
	DeciderSet      negotiation.EventKind = "decider_set"
	DelegationGiven negotiation.EventKind = "delegation_given"
	DelegationEnded negotiation.EventKind = "delegation_ended"
)

// Powers are what a creditor's user may answer.
type Powers struct {
	Decides bool
	UpTo    int64 // minor units owed, at most; 0: any sum
}

// full says whether the powers have no limit.
func (p Powers) full() bool { return p.Decides && p.UpTo == 0 }

// reach says whether the powers cover a sum owed.
func (p Powers) reach(owed money.Amount) bool {
	return p.Decides && (p.UpTo == 0 || owed.Minor <= p.UpTo)
}

// wider returns the wider of two powers.
func (p Powers) wider(q Powers) Powers {
	if q.full() || (q.Decides && (!p.Decides || (!p.full() && q.UpTo > p.UpTo))) {
		return q
	}
	return p
}

// Powers are the user's own, without what others let them decide.
func (u *User) Powers() Powers {
	return Powers{Decides: u.Role == negotiation.RoleCreditor && u.Decides, UpTo: u.DecidesUpTo}
}

// Delegation lets one user of a creditor decide in another's place.
type Delegation struct {
	ID         string
	CreditorID string
	FromUserID string
	ToUserID   string
	UntilOn    day.Day // last day, the product's
	EndedAt    *time.Time
	CreatedAt  time.Time
}

// DelegationDaysMax bounds an absence: whoever is away for longer hands their
// powers over by name.
const DelegationDaysMax = 92

// SetPowers says what a creditor's user may answer. Administrators may, and who
// decides on any sum for the same creditor; nobody for themselves, so that one
// full decider always stays.
func (s *Service) SetPowers(ctx context.Context, by negotiation.Actor, userID string, p Powers) error {
	switch {
	case by.ID == userID:
		return negotiation.Refuse(negotiation.Conflict, "not_yourself")
	case p.UpTo < 0 || (p.UpTo > 0 && !p.Decides):
		return negotiation.Refuse(negotiation.Invalid, "amount_not_positive").On("up_to")
	}
	u, err := s.UserOfCreditor(ctx, by, userID)
	if err != nil {
		return err
	}
	if by.Role == negotiation.RoleCreditor && !by.DecidesAll() {
		return negotiation.Refuse(negotiation.Forbidden, "needs_full_decider")
	}
	err = s.negotiation.OnCreditor(ctx, *u.CreditorID, func(t *negotiation.Tx, c *negotiation.Creditor) error {
		u, err := s.lockUser(t.DB, userID)
		if err != nil || u.Powers() == p {
			return err
		}
		u.Decides, u.DecidesUpTo = p.Decides, p.UpTo
		if err := updateUser(t.DB, u, "Decides", "DecidesUpTo"); err != nil {
			return err
		}
		return c.Event(t, by, DeciderSet, map[string]any{"user": u.ID, "name": u.Called(), "decides": p.Decides, "up_to": p.UpTo})
	})
	return fault(err, "powers of user", userID)
}

// UserOfCreditor returns a user of a creditor whose powers the actor may see:
// administrators every creditor's, a creditor's people their colleagues'.
func (s *Service) UserOfCreditor(ctx context.Context, by negotiation.Actor, userID string) (*User, error) {
	u, err := s.User(ctx, userID)
	if err != nil {
		return nil, err
	}
	own := by.Role == negotiation.RoleCreditor && by.CreditorID != "" && u.CreditorID != nil && *u.CreditorID == by.CreditorID
	governs := (by.Role == negotiation.RoleAdministrator || by.Role == negotiation.RoleSystem) && u.CreditorID != nil
	if !own && !governs {
		return nil, negotiation.Refuse(negotiation.NotFound, "not_found")
	}
	return u, nil
}

// Delegate lets a colleague decide in the actor's place, up to and including a
// day. What the actor has by delegation is not theirs to hand on. A second one
// to the same colleague takes the place of the first.
func (s *Service) Delegate(ctx context.Context, by negotiation.Actor, toUserID string, until day.Day) error {
	if by.Role != negotiation.RoleCreditor {
		return negotiation.Refuse(negotiation.Forbidden, "not_your_role")
	}
	if by.ID == toUserID {
		return negotiation.Refuse(negotiation.Invalid, "not_yourself").On("colleague")
	}
	from, err := s.User(ctx, by.ID)
	if err != nil {
		return err
	}
	if !from.Powers().Decides {
		return negotiation.Refuse(negotiation.Forbidden, "not_decider")
	}
	to, err := s.UserOfCreditor(ctx, by, toUserID)
	if err != nil {
		return err
	}
	if to.AcceptedAt == nil || to.DisabledAt != nil {
		return negotiation.Refuse(negotiation.Invalid, "colleague_away").On("colleague")
	}
	err = s.negotiation.OnCreditor(ctx, by.CreditorID, func(t *negotiation.Tx, c *negotiation.Creditor) error {
		switch {
		case until.IsZero():
			return negotiation.Refuse(negotiation.Invalid, "date_missing").On("until")
		case until.Before(t.Today):
			return negotiation.Refuse(negotiation.Invalid, "date_past").On("until")
		case until.After(t.Today.Add(DelegationDaysMax)):
			return negotiation.Refuse(negotiation.Invalid, "delegation_too_long").On("until").With("day", t.Today.Add(DelegationDaysMax))
		}
		earlier := t.Model(&Delegation{}).Where("from_user_id = ? AND to_user_id = ? AND ended_at IS NULL", from.ID, to.ID).Update("ended_at", t.Now)
		if earlier.Error != nil {
			return earlier.Error
		}
		d := &Delegation{ID: newID(), CreditorID: c.ID, FromUserID: from.ID, ToUserID: to.ID, UntilOn: until, CreatedAt: t.Now}
		if err := t.Insert(d); err != nil {
			return err
		}
		return c.Event(t, by, DelegationGiven, map[string]any{"delegation": d.ID, "from": from.Called(), "to": to.Called(), "until": until})
	})
	return fault(err, "delegation by", by.ID)
}

// EndDelegation ends a delegation before its day: who gave it may, and who
// decides on any sum.
func (s *Service) EndDelegation(ctx context.Context, by negotiation.Actor, id string) error {
	if !negotiation.ValidID(id) {
		return negotiation.Refuse(negotiation.NotFound, "not_found")
	}
	var found []Delegation
	if err := s.db.Read(ctx).Where("id = ?", id).Limit(1).Find(&found).Error; err != nil {
		return fault(err, "delegation", id)
	}
	if len(found) == 0 || (by.Role == negotiation.RoleCreditor && found[0].CreditorID != by.CreditorID) {
		return negotiation.Refuse(negotiation.NotFound, "not_found")
	}
	if by.Role != negotiation.RoleAdministrator && found[0].FromUserID != by.ID && (by.Role != negotiation.RoleCreditor || !by.DecidesAll()) {
		return negotiation.Refuse(negotiation.Forbidden, "needs_full_decider")
	}
	err := s.negotiation.OnCreditor(ctx, found[0].CreditorID, func(t *negotiation.Tx, c *negotiation.Creditor) error {
		done := t.Model(&Delegation{}).Where("id = ? AND ended_at IS NULL", id).Update("ended_at", t.Now)
		if done.Error != nil || done.RowsAffected == 0 {
			return done.Error // a second click changes nothing
		}
		return c.Event(t, by, DelegationEnded, map[string]any{"delegation": id})
	})
	return fault(err, "delegation", id)
}

// Colleague is a user of a creditor with what they may decide today.
type Colleague struct {
	User
	Effective Powers       // their own, or what a colleague lets them decide
	Deputy    bool         // by delegation only: their own reach less
	Given     []Delegation // by them, that run
	Received  []Delegation // to them, that run
}

// Called is the user's name, or the address where none is known yet.
func (u *User) Called() string {
	if u.Name == "" {
		return u.Email
	}
	return u.Name
}

// Colleagues returns the people of a creditor who have not lost their access,
// with what each may decide today, by name.
func (s *Service) Colleagues(ctx context.Context, by negotiation.Actor, creditorID string) ([]Colleague, error) {
	if by.Role == negotiation.RoleCreditor && by.CreditorID != creditorID {
		return nil, negotiation.Refuse(negotiation.NotFound, "not_found")
	}
	if by.Role == negotiation.RoleDebtor {
		return nil, negotiation.Refuse(negotiation.Forbidden, "not_your_role")
	}
	var users []User
	if err := s.db.Read(ctx).Where("creditor_id = ? AND disabled_at IS NULL", creditorID).Order("name, email").Find(&users).Error; err != nil {
		return nil, fault(err, "users of creditor", creditorID)
	}
	running, err := s.delegations(ctx, "creditor_id = ?", creditorID)
	if err != nil {
		return nil, err
	}
	own := map[string]Powers{}
	for i := range users {
		own[users[i].ID] = users[i].Powers()
	}
	colleagues := make([]Colleague, len(users))
	for i := range users {
		c := Colleague{User: users[i], Effective: users[i].Powers()}
		for _, d := range running {
			switch users[i].ID {
			case d.ToUserID:
				c.Received = append(c.Received, d)
				c.Effective = c.Effective.wider(own[d.FromUserID]) // of one whose access ended: nothing
			case d.FromUserID:
				c.Given = append(c.Given, d)
			}
		}
		c.Deputy = c.Effective != c.Powers()
		colleagues[i] = c
	}
	return colleagues, nil
}

// MayAnswer says whether a colleague may answer an offer on a sum owed.
func (c *Colleague) MayAnswer(owed money.Amount) bool {
	return c.AcceptedAt != nil && c.Effective.reach(owed)
}

// delegations returns those that run on the product's day.
func (s *Service) delegations(ctx context.Context, where string, value any) ([]Delegation, error) {
	today, err := s.negotiation.Today(ctx)
	if err != nil {
		return nil, err
	}
	var running []Delegation
	err = s.db.Read(ctx).Where(where, value).Where("ended_at IS NULL AND until_on >= ?", today).Order("until_on, id").Find(&running).Error
	return running, fault(err, "delegations", "")
}

// actor is as whom a user acts today, with what colleagues let them decide.
func (s *Service) actor(ctx context.Context, u *User) (negotiation.Actor, error) {
	a := u.Actor()
	if u.Role != negotiation.RoleCreditor || u.Powers().full() {
		return a, nil
	}
	running, err := s.delegations(ctx, "to_user_id = ?", u.ID)
	if err != nil || len(running) == 0 {
		return a, err
	}
	effective := u.Powers()
	for _, d := range running {
		from, err := s.User(ctx, d.FromUserID)
		if err != nil {
			return a, err
		}
		if from.DisabledAt == nil && from.CreditorID != nil && *from.CreditorID == a.CreditorID {
			effective = effective.wider(from.Powers())
		}
	}
	a.Deputy = effective != u.Powers()
	a.Decides, a.DecidesUpTo = effective.Decides, effective.UpTo
	return a, nil
}
