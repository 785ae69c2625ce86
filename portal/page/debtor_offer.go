package page

import (
	"time"

	"amiable/negotiation/day"
)

// How an offer stands for the debtor who reads it. They name phrases
// "offered.<state>.…".
const (
	OfferSent      = "sent"      // theirs, waits for the creditor
	OfferAgency    = "agency"    // theirs, the creditor was silent: the agency answers
	OfferYours     = "yours"     // a counter-offer that waits for them
	OfferAccepted  = "accepted"  // by both
	OfferRefused   = "refused"   // theirs, by the creditor
	OfferDeclined  = "declined"  // a counter-offer, by them
	OfferAnswered  = "answered"  // other terms took its place
	OfferWithdrawn = "withdrawn" // by them
	OfferTakenBack = "taken"     // by the creditor
	OfferRenewed   = "renewed"   // put anew on what is owed since
	OfferSettled   = "settled"   // nothing is left to plan
	OfferExpired   = "expired"   // nobody answered in time
)

// Offer is one offer as it stands, with all that was put before and since. A
// counter-offer is accepted by POST <URL>/acceptance with the box "recognise" =
// "yes", refused by POST <URL>/rejection with "reason"; one's own is withdrawn
// by POST <URL>/withdrawal.
type Offer struct {
	Base
	Creditor string
	Agent    Agent
	URL      string
	ID       string
	Number   int64
	State    string
	AnswerBy day.Day
	Shown    TermsShown
	Rests    bool // no interest runs while it is kept
	Replaces bool // a running plan would give way
	Message  string
	Reason   string
	ByName   string // who made it, where it is not the reader
	Thread   []OfferVersion
	Current  string // the offer to look at instead; empty: this one
	PlanURL  string // where the plan is carried out; empty: none is

	AskCharges  bool   // the box "charges" is shown beside the acceptance
	ChargesText string // version of its text

	Late string // a phrase "offered.late.<late>": what was pressed came too late
	Form Form
}

// OfferVersion is one offer of the thread, the newest first.
type OfferVersion struct {
	URL     string
	Here    bool // the one on the page
	Side    string
	Name    string // who wrote it
	At      time.Time
	Shown   TermsShown
	Message string
	State   string // an Offer constant
	Reason  string // why it was refused
	EndedAt time.Time
}

func (*Offer) template() string { return "debtor/offer" }
