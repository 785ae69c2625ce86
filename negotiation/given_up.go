package negotiation

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"amiable/negotiation/money"
)

// ClaimTakenBack is the event of a claim that its creditor took out of a case.
const ClaimTakenBack EventKind = "claim_taken_back"

// The letters that follow where a creditor asks for less, or for nothing more.
const (
	LetterLowered   LetterKind = "lowered"   // to both: a credit note, or a claim taken back
	LetterWithdrawn LetterKind = "withdrawn" // to both: the creditor took the case back
)

// GivenKind is in which way a creditor asks for less.
type GivenKind string

const (
	GivenCredit GivenKind = "credit_note"
	GivenClaim  GivenKind = "claim"
	GivenCase   GivenKind = "case"
)

// Word is a creditor's word about its own money: why, and the paper that shows
// it. An agent who acts on it writes down how it was given, or files the paper.
type Word struct {
	Why       string
	Proof     string // a file's hash; empty: none
	ProofName string
}

// GivenUp is what a creditor gave up outside a dispute, and by which word. It is
// for the agency and the creditor; what follows from it the ledger says.
type GivenUp struct {
	ID         string
	CreditorID string
	CaseID     string
	ClaimID    *string // none: the case
	Kind       GivenKind
	Number     string // of the credit note
	Amount     int64  // minor units that are not asked for any more
	Words      string
	Proof      string
	ProofName  string
	ByRole     Role
	ByID       string
	ByName     string
	At         time.Time
}

// TableName names the table for gorm.
func (GivenUp) TableName() string { return "given_up" }

const givenWordsMax = 2_000

// check refuses words too long, and an agent's act that no word of the creditor
// stands behind.
func (w Word) check(by Actor) (Word, error) {
	w.Why = strings.TrimSpace(w.Why)
	switch {
	case utf8.RuneCountInString(w.Why) > givenWordsMax:
		return w, Refuse(Invalid, "words_too_long").On("reason").With("n", givenWordsMax)
	case by.IsStaff() && w.Why == "" && w.Proof == "":
		return w, Refuse(Invalid, "creditor_must_agree").On("reason")
	}
	return w, nil
}

// giveUp keeps the word behind what was given up, and tells both sides. A debtor
// to whom nothing was written yet is told by the first letter.
func (c *Case) giveUp(t *Tx, by Actor, g GivenUp, w Word, letter LetterKind, facts map[string]any) error {
	g.ID, g.CreditorID, g.CaseID, g.Words, g.Proof, g.ProofName = newID(), c.CreditorID, c.ID, w.Why, w.Proof, w.ProofName
	g.ByRole, g.ByID, g.ByName, g.At = by.Role, by.ID, by.Name, t.Now
	if err := t.Insert(&g); err != nil {
		return err
	}
	facts["given"], facts["what"], facts["amount"], facts["left"] = g.ID, g.Kind, money.New(g.Amount, c.Currency), c.Balance()
	if party := c.MainParty(); party != nil && !c.FirstLetterOn.IsZero() {
		if _, err := c.Tell(t, by, party, letter, facts); err != nil {
			return err
		}
	}
	if by.Role == RoleCreditor {
		return nil // it knows: it said so
	}
	return c.TellCreditor(t, letter, facts)
}

// GivenUp returns what a creditor gave up in a case, oldest first. It is for the
// agency and the creditor.
func (s *Service) GivenUp(ctx context.Context, by Actor, c *Case) ([]GivenUp, error) {
	if err := by.only(RoleCreditor, RoleAgent, RoleAdministrator, RoleSystem); err != nil {
		return nil, err
	}
	var found []GivenUp
	err := s.db.Read(ctx).Where("case_id = ?", c.ID).Order("at, id").Find(&found).Error
	return found, fault(err, "what was given up in case", c.ID)
}
