package page

import (
	"time"

	"amiable/negotiation/day"
)

// ContactPage tells a debtor how often and when somebody wrote of our own
// accord, what the rules are, and takes down how the reader wants to be
// contacted. POST /case/contact with the fields of ContactFields and "message".
type ContactPage struct {
	Base
	Creditor string
	Agent    Agent
	Budget   ContactBudget
	Form     Form
	Saved    bool    // what was chosen is kept
	AnswerBy day.Day // a message was sent with it: until when a person answers
}

// ContactBudget is how often somebody was contacted, and how often and when they
// may be.
type ContactBudget struct {
	Made     []ContactLine // in the last Days days, oldest first
	Most     int
	Days     int
	Between  int // hours
	From, To int // hours of the person's day, Monday to Friday
}

// Count is how often, in words of the reader.
func (b ContactBudget) Count() int { return len(b.Made) }

// ContactLine is one contact.
type ContactLine struct {
	At      time.Time
	Kind    string // phrase "letter.<kind>"
	Channel string // phrase "channel.<channel>"
}

// ContactFields are the names of the choices in a form: "channel" and "hours"
// (ContactChannels, ContactHours), "no_email" and "no_sms" (yes).
const (
	AnyChannel = "any"
	AnyHour    = "any"
)

// EditChoices is where an agent keeps what a party said about how to be
// contacted. POST Action with the same fields and "consent" (how it was said).
type EditChoices struct {
	AgentForm
	Party  PartyRow
	Budget ContactBudget
}

// Wants is what a party chose; empty words where nothing was.
type Wants struct {
	Channel string // phrase "wants.channel.<channel>"
	Hours   string // phrase "wants.hours.<hours>"
	NoEmail bool
	NoSMS   bool
}

// Any says whether anything was chosen.
func (w Wants) Any() bool { return w != Wants{} }

func (*ContactPage) template() string { return "debtor/contact" }
func (*EditChoices) template() string { return "agent/choices" }
