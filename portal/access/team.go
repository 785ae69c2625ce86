package access

import (
	"context"

	"amiable/negotiation"
)

// AgentRightsSet is the event of an agent's rights; it stands on the agency's
// chain.
const AgentRightsSet negotiation.EventKind = "agent_rights_set"

// AgentRights are what an agent may do beyond their own cases, and alone.
type AgentRights struct {
	Supervises bool
	GivesUpTo  int64 // minor units of a creditor's money, at most; 0: any sum; negotiation.NothingAlone: none
}

// Rights are an agent's.
func (u *User) Rights() AgentRights { return AgentRights{u.Supervises, u.GivesUpTo} }

// SetAgentRights says what an agent may do. Administrators may; nobody for
// themselves, or nobody would need a second person.
func (s *Service) SetAgentRights(ctx context.Context, by negotiation.Actor, userID string, r AgentRights) error {
	switch {
	case by.Role != negotiation.RoleAdministrator && by.Role != negotiation.RoleSystem:
		return negotiation.Refuse(negotiation.Forbidden, "not_your_role")
	case by.ID == userID:
		return negotiation.Refuse(negotiation.Conflict, "not_yourself")
	case r.GivesUpTo < negotiation.NothingAlone:
		return negotiation.Refuse(negotiation.Invalid, "amount_not_positive").On("up_to")
	}
	return s.onUser(ctx, by, userID, func(t *negotiation.Tx, a *negotiation.Agency, u *User) error {
		switch {
		case u.Role == negotiation.RoleCreditor:
			return negotiation.Refuse(negotiation.NotFound, "not_found")
		case u.Rights() == r:
			return nil
		}
		u.Supervises, u.GivesUpTo = r.Supervises, r.GivesUpTo
		if err := updateUser(t.DB, u, "Supervises", "GivesUpTo"); err != nil {
			return err
		}
		return a.Event(t, by, AgentRightsSet, map[string]any{"user": u.ID, "name": u.Called(), "supervises": r.Supervises, "gives_up_to": r.GivesUpTo})
	})
}

// Team returns the agency's people who can work on cases, by name.
func (s *Service) Team(ctx context.Context, by negotiation.Actor) ([]User, error) {
	if err := staffOnly(by); err != nil {
		return nil, err
	}
	var users []User
	err := s.db.Read(ctx).Where("role IN ? AND accepted_at IS NOT NULL AND disabled_at IS NULL", []negotiation.Role{negotiation.RoleAgent, negotiation.RoleAdministrator}).
		Order("name, email").Find(&users).Error
	return users, fault(err, "team", "")
}
