package negotiation

import (
	"encoding/json"
	"time"

	"amiable/negotiation/money"
)

// Side is on whose side of the table somebody sits. The agency acts for the
// creditor, within its mandate.
type Side string

const (
	SideDebtor   Side = "debtor"
	SideCreditor Side = "creditor"
	SideAgency   Side = "agency"
)

// OfferState is where the life of an offer stands.
type OfferState string

const (
	OfferOpen      OfferState = "open"
	OfferAccepted  OfferState = "accepted"
	OfferRejected  OfferState = "rejected"  // with a reason
	OfferCountered OfferState = "countered" // other terms were put in its place
	OfferWithdrawn OfferState = "withdrawn" // by who made it, or because what is owed changed
	OfferExpired   OfferState = "expired"   // the day to answer, or its own first day, went by
)

// Why an open offer was withdrawn without anybody's asking.
const (
	ReasonRenewed     = "renewed"      // put anew, on what is owed since
	ReasonNothingLeft = "nothing_left" // to plan
)

// offerMoves is the life of an offer.
var offerMoves = map[OfferState][]OfferState{
	OfferOpen:      {OfferAccepted, OfferRejected, OfferCountered, OfferWithdrawn, OfferExpired},
	OfferAccepted:  {},
	OfferRejected:  {},
	OfferCountered: {},
	OfferWithdrawn: {},
	OfferExpired:   {},
}

// Offer is terms put by one side to the other on what was owed on a day, with
// a day to answer by. Nothing of it is changed but its state and who must
// answer; other terms, or another balance, are another offer.
type Offer struct {
	ID            string
	CreditorID    string
	CaseID        string
	PartyID       string // the party of the debtor's side
	Number        int64  // of the case, from 1
	State         OfferState
	Side          Side   // whose offer it is
	Terms         string // JSON of Terms
	AsOf          Day    // the day for which Owed was worked out
	Owed          int64  // minor units that could be planned
	Total         int64  // minor units that the terms pay
	PolicyVersion int64  // 0: the creditor has set none
	Verdict       Answer // what the policy said
	Message       string
	AnswerSide    Side // whose turn it is
	AnswerBy      Day  // last day
	RemindOn      Day
	Reason        string // why it was rejected, withdrawn or renewed
	Replaces      *string
	ByRole        Role
	ByID          string
	ByName        string
	OnBehalfOf    string
	AnsweredAt    *time.Time
	AnsweredBy    string
	CreatedAt     time.Time

	Acceptances []Acceptance `gorm:"-"`
}

// Of returns the terms of the offer.
func (o *Offer) Of() Terms {
	var t Terms
	if json.Unmarshal([]byte(o.Terms), &t) != nil {
		return Terms{}
	}
	return t
}

// Schedule works the offer out in dated amounts, on what was owed when it was
// made.
func (o *Offer) Schedule(currency money.Currency) (Schedule, error) {
	return o.Of().Schedule(money.New(o.Owed, currency))
}

// WasRenewed says whether the offer only gave way to the same terms on another
// balance.
func (o *Offer) WasRenewed() bool { return o.State == OfferWithdrawn && o.Reason == ReasonRenewed }

// IsSettlement says whether the offer pays less than was owed.
func (o *Offer) IsSettlement() bool { return o.Total < o.Owed }

// WaitsFor says whether it is a side's turn. The creditor may still answer
// what has gone to the agency.
func (o *Offer) WaitsFor(side Side) bool {
	return o.State == OfferOpen && (o.AnswerSide == side || (o.AnswerSide == SideAgency && side == SideCreditor))
}

func (o *Offer) move(to OfferState) error {
	for _, allowed := range offerMoves[o.State] {
		if allowed == to {
			o.State = to
			return nil
		}
	}
	return Refuse(Conflict, "offer_is_"+string(o.State))
}

// How is in which way somebody said yes.
type How string

const (
	ByPage       How = "page"       // on their own page
	BySpeech     How = "spoken"     // told to an agent, who wrote it down
	ByPolicy     How = "policy"     // the creditor's policy says yes in advance
	ByDelegation How = "delegation" // an agent, within what the policy lets agents decide
	ByRenewal    How = "renewed"    // the same terms on the balance that a payment left
)

// Acceptance is one side's yes to an offer: who, when, and to which text.
type Acceptance struct {
	ID          string
	CreditorID  string
	CaseID      string
	OfferID     string
	Side        Side // debtor or creditor
	How         How
	ByRole      Role
	ByID        string
	ByName      string
	OnBehalfOf  string
	Note        string
	TextVersion string // of the text that was ticked; for a policy its version
	Language    string
	ChargesText string // version of the consent to later charges; empty: none was given
	At          time.Time
}

// OpenOffer returns the offer that waits for an answer, or nil.
func (c *Case) OpenOffer() *Offer {
	for i := range c.offers {
		if c.offers[i].State == OfferOpen {
			return &c.offers[i]
		}
	}
	return nil
}

// Offers returns the offers of the case, oldest first.
func (c *Case) Offers() []Offer { return c.offers }

// Offer returns an offer of the case, or nil.
func (c *Case) Offer(id string) *Offer {
	for i := range c.offers {
		if c.offers[i].ID == id {
			return &c.offers[i]
		}
	}
	return nil
}

// Accepted returns a side's yes to an offer, or nil.
func (o *Offer) Accepted(side Side) *Acceptance { return o.acceptance(side) }

// acceptance returns a side's yes to an offer, or nil.
func (o *Offer) acceptance(side Side) *Acceptance {
	for i := range o.Acceptances {
		if o.Acceptances[i].Side == side {
			return &o.Acceptances[i]
		}
	}
	return nil
}

// facts are what an event and a letter tell of an offer.
func (o *Offer) facts(c *Case) map[string]any {
	terms := o.Of()
	return map[string]any{
		"offer": o.ID, "number": o.Number, "side": o.Side, "instalments": terms.Instalments, "every": terms.Every,
		"first": terms.FirstDueOn, "total": money.New(o.Total, c.Currency), "owed": money.New(o.Owed, c.Currency), "answer_by": o.AnswerBy,
	}
}
