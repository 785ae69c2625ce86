package outreach

import (
	"encoding/json"
	"slices"

	"amiable/negotiation"
	"amiable/negotiation/day"
	"amiable/negotiation/money"
)

// disputeFacts are what a letter tells of a dispute. What anybody wrote in it is
// read behind the sign-in.
type disputeFacts struct {
	ID, Ground, State, Invoice, Debtor string
	Round                              int64
	Amount                             money.Amount // contested; zero: the whole invoice
	AnswerBy                           day.Day
	Credited, Left                     money.Amount // of an outcome
}

// ofDisputes are the kinds that tell of a dispute, and are not written without
// it.
var ofDisputes = []negotiation.LetterKind{
	negotiation.LetterDispute, negotiation.LetterDisputeReminder, negotiation.LetterDisputeReceived, negotiation.LetterDisputeAnswered,
	negotiation.LetterDisputeNews, negotiation.LetterDisputeToAgency, negotiation.LetterDisputeOutcome,
}

// readDispute takes what a letter tells of a dispute, from its facts.
func (c *content) readDispute(s *negotiation.Sending, places places) error {
	l := s.Letter
	if !slices.Contains(ofDisputes, l.Kind) {
		return nil
	}
	var facts struct {
		Dispute  string       `json:"dispute"`
		Ground   string       `json:"ground"`
		State    string       `json:"state"`
		Round    int64        `json:"round"`
		Invoice  string       `json:"invoice"`
		Amount   money.Amount `json:"amount"`
		AnswerBy day.Day      `json:"answer_by"`
		Credited money.Amount `json:"credited"`
		Owed     money.Amount `json:"owed"`
	}
	if err := json.Unmarshal([]byte(l.Facts), &facts); err != nil || s.Case == nil || facts.Dispute == "" || facts.AnswerBy.IsZero() {
		return unwritten(ProblemFacts)
	}
	c.Dispute = disputeFacts{
		ID: facts.Dispute, Ground: facts.Ground, State: facts.State, Round: facts.Round, Invoice: line(facts.Invoice), Debtor: line(s.Case.Debtor.Name),
		Amount: facts.Amount, AnswerBy: facts.AnswerBy, Credited: facts.Credited, Left: facts.Owed,
	}
	c.DisputeURL, c.AgentDisputeURL = places.creditorDispute(s.Case.ID, facts.Dispute), places.agentDispute(s.Case.ID, facts.Dispute)
	c.OutcomeURL = places.creditorOutcome(s.Case.ID, facts.Dispute, facts.Round)
	return nil
}
