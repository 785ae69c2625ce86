package access

import (
	"context"

	"amiable/negotiation"
)

// NotMe takes the word of whoever holds the link that they are not the party:
// letters stop, the links of the case end, the agents are told, nothing is
// shown. relation and note are what the visitor chose to say. A second press
// changes nothing. An adviser who says so ends what they may do, and nothing of
// the debtor's.
func (s *Service) NotMe(ctx context.Context, token, relation, note string) error {
	l, err := s.find(ctx, s.byToken(token))
	if err != nil {
		return err
	}
	note, relation = clean(note, noteMax), clean(relation, relationMax)
	by := l.actor()
	return s.negotiation.OnCase(ctx, by, l.CaseID, func(t *negotiation.Tx, c *negotiation.Case) error {
		if _, err := findLink(t.DB, linkRef{"id", l.ID}, t.Now); err != nil {
			if negotiation.AsRefusal(err) != nil {
				return nil // said by another press in the meantime
			}
			return err
		}
		if l.role == negotiation.PartyAdviser {
			if err := c.EndAdviser(t, by, l.PartyID); err != nil {
				return err
			}
			if err := revoke(t, c, by, l.PartyID); err != nil {
				return err
			}
			return c.TellAgents(t, negotiation.LetterNotMe, map[string]any{"party": l.PartyID, "relation": relation, "note": note, "reference": c.Reference})
		}
		if err := c.PlaceHold(t, by, &negotiation.Hold{Reason: negotiation.HoldNotMe, Note: note}); err != nil {
			return err
		}
		if err := c.Event(t, by, negotiation.NotMeDeclared, map[string]any{"party": l.PartyID, "relation": relation}); err != nil {
			return err
		}
		if err := revoke(t, c, by, ""); err != nil {
			return err
		}
		return c.TellAgents(t, negotiation.LetterNotMe, map[string]any{"party": l.PartyID, "relation": relation, "note": note, "reference": c.Reference})
	})
}

const (
	noteMax     = 1000
	relationMax = 40
)
