package outreach

import (
	"encoding/json"

	"amiable/negotiation"
)

// messageFacts are what a letter tells of a message in the thread: who wrote,
// and where it is read. Its words are never in a mail.
type messageFacts struct {
	FromAgency, FromCreditor bool
	ToAdviser                bool // who wrote what this answers, for a party
	Who, Debtor              string
	CreditorURL, AgentURL    string
}

// readMessage takes what a letter tells of a message, from its facts.
func (c *content) readMessage(s *negotiation.Sending, places places) error {
	l := s.Letter
	if l.Kind != negotiation.LetterMessage && l.Kind != negotiation.LetterMessageToAgency {
		return nil
	}
	var facts struct {
		Message string           `json:"message"`
		Side    negotiation.Side `json:"side"`
	}
	if err := json.Unmarshal([]byte(l.Facts), &facts); err != nil || s.Case == nil || facts.Message == "" {
		return unwritten(ProblemFacts)
	}
	c.Message = messageFacts{
		FromAgency: facts.Side == negotiation.SideAgency, FromCreditor: facts.Side == negotiation.SideCreditor, ToAdviser: c.For != "", Debtor: line(s.Case.Debtor.Name),
		CreditorURL: places.messages(places.creditorCase(s.Case.ID)), AgentURL: places.messages(places.agentCase(s.Case.ID)),
	}
	c.Message.Who = c.Message.Debtor
	if c.Message.FromAgency {
		c.Message.Who = c.AgentName
	}
	return nil
}
