package page

import (
	"time"

	"amiable/negotiation/day"
	"amiable/negotiation/money"
)

// AgentHome is the worklist: what waits for a person, in its order.
type AgentHome struct {
	StaffBase
	Today    day.Day
	House    []WorkRow // what waits of the agency itself, not of a case
	Work     []WorkRow
	Total    int
	AtLeast  bool // there are more than Total
	Filter   WorkFilter
	Views    []ViewLink
	NextURL  string
	FirstURL string // back to the first row; empty on the first page
	Agents   []Choice
	Form     Form // "name" of the view to keep
}

// WorkFilter are the filters of the worklist as they stand in its URL.
type WorkFilter struct {
	Who, Kind, Creditor, Due, Min string
	Whos, Kinds, Creditors, Dues  []Choice
	Query                         string // all of them, to keep under a name
}

// ViewLink is a set of filters that somebody keeps, or that is always there.
type ViewLink struct {
	Name    string
	URL     string
	On      bool   // it is what is shown
	DropURL string // POST: forgets it; empty for those that are always there
}

// WorkRow is one thing to take up: the next best step, and why. Step and Why
// are phrases "step.<code>" and "why.<code>" unless given in words.
type WorkRow struct {
	ID     string // of the row; empty outside the list
	CaseID string // empty: not of a case
	URL    string
	Who    string // "Vasseur · Atelier Boréal"
	Case   string // its reference
	Due    day.Day
	DueAt  time.Time // when the hour counts
	Late   bool
	Step   string
	Why    string
	Values []any
	Tag    string // phrase "hold.<reason>", for exceptions only
	Terms  []WorkTerm
	Agent  string // who follows the case; empty: nobody, or not said
}

// WorkTerm is why a row stands where it does: phrase "term.<name>".
type WorkTerm struct {
	Name string
	Days int
	On   day.Day
}

// Team is how the work of each agent stands. POST /agent/hand-overs with
// "from", "to" and "most".
type Team struct {
	StaffBase
	Rows   []TeamRow
	Nobody *TeamRow // what no one follows
	Agents []Choice
	Form   Form
}

// TeamRow is one agent's.
type TeamRow struct {
	Name    string
	URL     string // their part of the worklist
	Cases   int
	Waiting int
	Late    int
	Oldest  day.Day
	Kept    int
	Decided int
	Leads   bool
}

// Follow is who follows a case, and whom it can be given to. POST URL with
// "to"; TakeURL is the same for oneself.
type Follow struct {
	Agent  string // empty: nobody
	Yours  bool
	URL    string // empty: it is a colleague's
	You    string // the reader's id, to take it; empty where it is theirs
	Agents []Choice
}

// CallRow is one call of the log.
type CallRow struct {
	At      time.Time
	Who     string
	Inbound bool
	Outcome string // phrase "call.<outcome>"
	By      string
	Words   string
	Because string
}

// PromiseRow is a promise to pay.
type PromiseRow struct {
	State string // phrase "promise.<state>"
	Sum   money.Amount
	DueOn day.Day
	Until day.Day
	By    string
}

// ApprovalRow is something that was asked of a second person.
type ApprovalRow struct {
	URL    string
	Act    string // phrase "approval.act.<act>"
	State  string // phrase "approval.<state>"
	Sum    money.Amount
	By     string
	Second string
	On     day.Day
}

// LogCall writes down a call. POST Action with "direction" (out, in), "party",
// "outcome", "number", "message", "because", "amount" and "promised_on" of a
// promise, "wish" that it answers.
type LogCall struct {
	AgentForm
	Parties  []Choice
	Numbers  []NumberRow
	Outcomes []string
	Promise  PromiseLimits
	Wish     *WishRow
	NotNow   []string  // reasons that forbid to call now
	From     time.Time // from when one may; zero: now
}

// PromiseLimits are what a promise may be.
type PromiseLimits struct {
	Most  money.Amount
	Until day.Day
}

// NumberRow is a number that somebody can be called at.
type NumberRow struct{ Who, Number string }

// AskApproval asks a second person. POST Action with "subject" (act:id),
// "amount", "message".
type AskApproval struct {
	AgentForm
	Alone    money.Amount // what the reader gives up alone
	Subjects []Choice
}

// AnswerApproval is the second person's page. POST Action with "answer" (yes,
// no) and "message".
type AnswerApproval struct {
	AgentForm
	Act, State, By, Words string
	Second, Answer        string
	Sum                   money.Amount
	On                    day.Day
	Mine                  bool   // the reader asked it
	MayYes                bool   // the reader may say yes
	DropURL               string // POST: the asker takes it back
}

// AgentRightsForm says what an agent may do. POST Action with "supervises"
// (yes), "alone" (all, up_to, none) and "up_to".
type AgentRightsForm struct {
	StaffBase
	Name    string
	Action  string
	BackURL string
	Form    Form
}

func (*AgentHome) template() string       { return "agent/home" }
func (*Team) template() string            { return "agent/team" }
func (*LogCall) template() string         { return "agent/call" }
func (*AskApproval) template() string     { return "agent/ask-approval" }
func (*AnswerApproval) template() string  { return "agent/approval" }
func (*AgentRightsForm) template() string { return "agent/rights" }
