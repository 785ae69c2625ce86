package negotiation

import (
	"context"
	"slices"
)

// Assignee is an agent whom a case is given to; none where the id is empty. Who
// may be one is for the package to say that keeps the users.
type Assignee struct{ ID, Name string }

// Assign gives a case, and what waits of it, to an agent. An agent takes what is
// nobody's and gives on what is theirs; who leads the team gives anything.
func (s *Service) Assign(ctx context.Context, by Actor, caseID string, to Assignee) error {
	if err := by.only(RoleAgent, RoleAdministrator); err != nil {
		return err
	}
	return s.OnCase(ctx, by, caseID, func(t *Tx, c *Case) error { return c.assign(t, by, to) })
}

func (c *Case) assign(t *Tx, by Actor, to Assignee) error {
	switch {
	case c.AgentID == to.ID:
		return nil // given already: a second click changes nothing
	case !by.Leads() && c.AgentID != "" && c.AgentID != by.ID:
		return Refuse(Forbidden, "case_is_a_colleagues")
	}
	from := c.AgentID
	c.AgentID = to.ID
	if err := t.giveWork(c.ID, to.ID); err != nil {
		return err
	}
	return t.Insert(c.event(t, by, CaseAssigned, map[string]any{"from": from, "to": to.ID, "name": to.Name}))
}

// AssignMany gives several cases to an agent, each in a transaction of its own,
// and says how many changed hands. What may not be given is left where it is.
func (s *Service) AssignMany(ctx context.Context, by Actor, caseIDs []string, to Assignee) (given int, err error) {
	if err := by.only(RoleAgent, RoleAdministrator); err != nil {
		return 0, err
	}
	caseIDs = slices.Clone(caseIDs)
	slices.Sort(caseIDs)
	for _, id := range slices.Compact(caseIDs) {
		changed := false
		err := s.OnCase(ctx, by, id, func(t *Tx, c *Case) error {
			before := c.AgentID
			err := c.assign(t, by, to)
			changed = err == nil && c.AgentID != before
			return err
		})
		switch {
		case err != nil && AsRefusal(err) == nil:
			return given, err
		case changed:
			given++
		}
	}
	return given, nil
}

// handOverMax bounds how many cases change hands in one act.
const handOverMax = 500

// HandOver gives what one agent follows, most urgent first, to another: for who
// leads the team. It says how many cases changed hands; more of them wait where
// it is the most that one act does.
func (s *Service) HandOver(ctx context.Context, by Actor, from string, to Assignee, most int) (int, error) {
	if !by.Leads() {
		return 0, Refuse(Forbidden, "not_your_role")
	}
	if most <= 0 || most > handOverMax {
		most = handOverMax
	}
	var ids []string
	// What waits first, then what nobody waits for. Nobody's cases are given
	// out as far as something of theirs waits: they may be all there are.
	err := s.db.Read(ctx).Raw("SELECT case_id FROM work_items WHERE agent_id = ? GROUP BY case_id ORDER BY MIN(rank_on), case_id LIMIT ?", from, most).Scan(&ids).Error
	if err != nil {
		return 0, fault(err, "cases of agent", from)
	}
	if from != "" && len(ids) < most {
		var rest []string
		err := s.db.Read(ctx).Model(&Case{}).Where("agent_id = ? AND NOT EXISTS (SELECT 1 FROM work_items w WHERE w.case_id = cases.id)", from).
			Order("id").Limit(most-len(ids)).Pluck("id", &rest).Error
		if err != nil {
			return 0, fault(err, "cases of agent", from)
		}
		ids = append(ids, rest...)
	}
	return s.AssignMany(ctx, by, ids, to)
}
