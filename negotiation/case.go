package negotiation

import (
	"context"
	"crypto/rand"
	"fmt"
	"strings"
	"time"

	"amiable/negotiation/interest"
	"amiable/negotiation/ledger"
	"amiable/negotiation/money"
)

// CaseState is where the life of a case stands.
type CaseState string

const (
	CaseWatched   CaseState = "watched"   // not yet due: nothing may be asked
	CasePlaced    CaseState = "placed"    // handed over, first letter not sent
	CaseOpen      CaseState = "open"      // first letter sent
	CaseInPlan    CaseState = "in_plan"   // an accepted plan is being carried out
	CaseCleared   CaseState = "cleared"   // nothing left to pay; a chargeback reopens it
	CaseArchived  CaseState = "archived"  // put away
	CaseWithdrawn CaseState = "withdrawn" // taken back by the creditor
	CaseReferred  CaseState = "referred"  // handed to a court
)

// caseMoves is the life of a case: from where to where. docs/states.md is drawn
// from it.
var caseMoves = map[CaseState][]CaseState{
	CaseWatched:   {CasePlaced, CaseCleared, CaseWithdrawn},
	CasePlaced:    {CaseOpen, CaseCleared, CaseWithdrawn},
	CaseOpen:      {CaseInPlan, CaseCleared, CaseWithdrawn, CaseReferred},
	CaseInPlan:    {CaseOpen, CaseCleared, CaseWithdrawn, CaseReferred},
	CaseCleared:   {CaseOpen, CasePlaced, CaseWatched, CaseArchived}, // not final: a chargeback reopens it, as far as it had come
	CaseArchived:  {CaseOpen, CasePlaced, CaseWatched},
	CaseWithdrawn: {},
	CaseReferred:  {CaseCleared, CaseWithdrawn},
}

// Case is the file: one creditor, one debtor, one currency, its claims and
// parties. Its balance row is the sum of the receivable entries of its ledger.
type Case struct {
	ID                   string
	CreditorID           string
	DebtorID             string
	MandateID            *string
	Reference            string // AM + 8 + 1 check character, no look-alikes
	Currency             money.Currency
	State                CaseState
	Principal            int64 // minor units; as are Interest and Indemnity
	Interest             int64
	Indemnity            int64
	Coming               int64 // handed in and not here yet; package payments keeps it
	Receipts             int64 // the last receipt's running number
	OffersMade           int64 `gorm:"column:offers"` // the last offer's running number; 0: neither offers nor plans hang on it
	FirstLetterReference string
	FirstLetterOn        Day
	FirstLetterChannel   string
	FirstLetterProof     string
	OpenedOn             Day
	ClosedOn             Day
	Head                 `gorm:"embedded"`
	CreatedAt            time.Time

	Agency   *Agency   `gorm:"-"`
	Creditor *Creditor `gorm:"-"`
	Debtor   *Debtor   `gorm:"-"`
	Mandate  *Mandate  `gorm:"-"`
	Parties  []Party   `gorm:"-"`
	Claims   []Claim   `gorm:"-"`
	Holds    []Hold    `gorm:"-"`

	offers   []Offer
	plans    []Plan
	postings []ledger.Posting
	opening  *OpeningLetter // the first letter that we made, if any, as it stood when the case was read
	account  *BankAccount   // where transfers go by the mandate, if anywhere
	rates    *interest.Rates
}

// Balance is the balance row: what is owed without interest accrued since the
// last posting.
func (c *Case) Balance() money.Amount {
	return money.New(c.Principal+c.Interest+c.Indemnity, c.Currency)
}

// IsClosed says whether nothing more is expected of anybody.
func (c *Case) IsClosed() bool {
	switch c.State {
	case CaseCleared, CaseArchived, CaseWithdrawn:
		return true
	}
	return false
}

func (c *Case) move(to CaseState) error {
	for _, allowed := range caseMoves[c.State] {
		if allowed == to {
			c.State = to
			return nil
		}
	}
	return Refuse(Conflict, "case_is_"+string(c.State))
}

func (c *Case) claim(id string) *Claim {
	for i := range c.Claims {
		if c.Claims[i].ID == id {
			return &c.Claims[i]
		}
	}
	return nil
}

// Party returns a party of the case, or nil.
func (c *Case) Party(id string) *Party {
	for i := range c.Parties {
		if c.Parties[i].ID == id {
			return &c.Parties[i]
		}
	}
	return nil
}

// MainParty is the debtor as a party.
func (c *Case) MainParty() *Party {
	for i := range c.Parties {
		if c.Parties[i].Role == PartyDebtor {
			return &c.Parties[i]
		}
	}
	return nil
}

// event makes the next event of the case's chain, or the error that prevents
// it; Tx.Insert takes either.
func (c *Case) event(t *Tx, by Actor, kind EventKind, content any) any {
	e, err := c.next(StreamCase, c.ID, by, kind, content, t.Now)
	if err != nil {
		return err
	}
	return e
}

// Event records an event on the case's chain, for the packages to the left.
func (c *Case) Event(t *Tx, by Actor, kind EventKind, content any) error {
	return t.Insert(c.event(t, by, kind, content))
}

// caseAlphabet has no 0 O 1 I L 5 S 8 B 2 Z: none can be taken for another,
// read aloud or written by hand.
const caseAlphabet = "34679ACDEFGHJKMNPQRTUVWXY"

// newCaseReference draws AM, eight characters, and one to check them.
func newCaseReference() (string, error) {
	random := make([]byte, 32)
	body := make([]byte, 0, 8)
	for len(body) < 8 {
		if _, err := rand.Read(random); err != nil {
			return "", fmt.Errorf("case reference: %w", err)
		}
		for _, b := range random {
			// 250 is the largest multiple of 25 in a byte: above it the draw
			// would lean to the first letters.
			if b < 250 && len(body) < 8 {
				body = append(body, caseAlphabet[int(b)%len(caseAlphabet)])
			}
		}
	}
	return "AM" + string(body) + string(checkCharacter(body)), nil
}

// checkCharacter weighs each place differently, so that a wrong character and
// two swapped neighbours are both seen. The alphabet has 25 characters, so the
// weights are prime to 5.
func checkCharacter(body []byte) byte {
	weights := [...]int{1, 2, 3, 4, 6, 7, 8, 9}
	sum := 0
	for i, b := range body {
		sum += weights[i%len(weights)] * strings.IndexByte(caseAlphabet, b)
	}
	return caseAlphabet[sum%len(caseAlphabet)]
}

// ParseCaseReference reads a reference as people write it, with or without
// groups and capitals; ok is false where it cannot be one.
func ParseCaseReference(s string) (reference string, ok bool) {
	s = strings.ToUpper(strings.Map(func(r rune) rune {
		if r == ' ' || r == '-' || r == '\u00a0' || r == '\u202f' {
			return -1
		}
		return r
	}, s))
	if len(s) != 11 || !strings.HasPrefix(s, "AM") {
		return "", false
	}
	body := []byte(s[2:10])
	for _, b := range append(body, s[10]) {
		if strings.IndexByte(caseAlphabet, b) < 0 {
			return "", false
		}
	}
	return s, checkCharacter(body) == s[10]
}

// GroupedReference writes a reference as it is shown: AM 7K4P 9XWD 3.
func GroupedReference(reference string) string {
	if len(reference) != 11 {
		return reference
	}
	return reference[:2] + " " + reference[2:6] + " " + reference[6:10] + " " + reference[10:]
}

// FirstLetter is the letter that opens a case by law (CPCE R124-4). Every later
// contact quotes its reference and date.
type FirstLetter struct {
	Reference string
	SentOn    Day
	Channel   string // post, mail, registered…
	Proof     string // reference of the proof of sending, or the hash of its file
}

// RecordFirstLetter records that the first letter went out, by us or by other
// means; it opens the case.
func (s *Service) RecordFirstLetter(ctx context.Context, by Actor, caseID string, letter FirstLetter) error {
	if err := by.only(RoleAgent, RoleAdministrator, RoleSystem); err != nil {
		return err
	}
	return s.OnCase(ctx, by, caseID, func(t *Tx, c *Case) error { return c.recordFirstLetter(t, by, letter, true) })
}

// recordFirstLetter opens the case. asked is false where the letter has left
// already, by mail: what left is recorded whatever has come in between.
func (c *Case) recordFirstLetter(t *Tx, by Actor, letter FirstLetter, asked bool) error {
	letter.Reference, letter.Channel, letter.Proof = strings.TrimSpace(letter.Reference), strings.TrimSpace(letter.Channel), strings.TrimSpace(letter.Proof)
	switch {
	case letter.Reference == "":
		return Refuse(Invalid, "reference_missing").On("reference")
	case letter.SentOn.IsZero():
		return Refuse(Invalid, "date_missing").On("sent_on")
	case letter.SentOn.After(t.Today):
		return Refuse(Invalid, "date_in_future").On("sent_on")
	case letter.Channel == "":
		return Refuse(Invalid, "channel_missing").On("channel")
	case letter.Proof == "":
		return Refuse(Invalid, "proof_missing").On("proof")
	case !c.FirstLetterOn.IsZero():
		return Refuse(Conflict, "first_letter_recorded")
	}
	// The first letter may not go out where anything but its own absence
	// forbids letters.
	gate := c.Gate(t.Today)
	if reasons := without(gate.Blocking(Letters), FirstLetterMissing); asked && len(reasons) > 0 {
		return blockedLetter(reasons)
	}
	made, err := liveFirstLetter(t.DB, c.ID)
	switch {
	case err != nil:
		return err
	case made != nil && made.Reference != letter.Reference:
		return Refuse(Conflict, "first_letter_prepared").With("reference", made.Reference)
	case made != nil:
		if err := c.posted(t, made, letter, asked); err != nil {
			return err
		}
	}
	if asked { // else it was counted when it was let go
		if err := c.firstContact(t, made, letter); err != nil {
			return err
		}
	}
	if err := c.move(CaseOpen); err != nil {
		return err
	}
	c.FirstLetterReference, c.FirstLetterOn = letter.Reference, letter.SentOn
	c.FirstLetterChannel, c.FirstLetterProof, c.OpenedOn = letter.Channel, letter.Proof, t.Today
	return t.Insert(c.event(t, by, FirstLetterRecorded, map[string]any{
		"reference": letter.Reference, "sent_on": letter.SentOn, "channel": letter.Channel,
	}))
}

func without(reasons []Reason, left Reason) []Reason {
	var kept []Reason
	for _, r := range reasons {
		if r != left {
			kept = append(kept, r)
		}
	}
	return kept
}
