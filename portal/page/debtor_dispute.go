package page

import (
	"time"

	"amiable/negotiation/day"
	"amiable/negotiation/money"
)

// Contest takes down what is contested, and why. POST /case/disputes with
// "claim", "part" (whole, sum), "amount", "ground", "message" and "files"; a
// closed dispute that is taken up again posts to its own address, and only asks
// for the sum, the words and the files.
type Contest struct {
	Base
	Creditor string
	Agent    Agent
	Left     money.Amount
	Claims   []ContestClaim // that can be contested
	Grounds  []string       // phrases "ground.<code>"
	Known    []DisputeLink  // what is contested, or was
	Shut     string         // why nothing can be contested: nothing, all, cleared, withdrawn, referred
	Action   string
	Reopens  string // the address of the dispute that is taken up again
	Form     Form
}

// ContestClaim is one claim that can be contested.
type ContestClaim struct {
	ID, Number, Note string
	Left             money.Amount
}

// DisputeLink leads to a dispute.
type DisputeLink struct {
	URL, Invoice, State string
}

// Dispute is where a dispute stands, for the debtor, and what can be done now.
type Dispute struct {
	Base
	Creditor string
	Agent    Agent
	URL      string
	Invoice  string
	Note     string // what the invoice is for, in the creditor's words
	Ground   string
	State    string       // opened, answered, mediation, upheld, partly_upheld, rejected, agreed, withdrawn
	Held     money.Amount // of it, now; zero once it ended
	Whole    bool         // the whole claim
	Left     money.Amount // of the case, all told
	Credited money.Amount // given up in it
	AnswerBy day.Day
	Sent     bool         // just now
	Silent   bool         // it is with the agency because somebody did not answer
	Answer   *DisputeStep // of the creditor, that waits for the reader's word
	Rounds   []DisputeRound
	Ways     []DisputeWay // put to the reader
	Outcome  string       // the address of the last outcome letter

	MayReply, MayWithdraw, MayReopen bool

	Form  Form        // of the reply, or of a word to a way out
	Error *FieldError // what a late click met
}

// DisputeRound is one round, its steps in order.
type DisputeRound struct {
	Number     int
	Steps      []DisputeStep
	OutcomeURL string // of its outcome letter, once it ended
}

// DisputeStep is one step that the reader may read: the sentence is the phrase
// "dispute.step.<kind>", or "dispute.step.<kind>.yours" where it is the reader's
// own.
type DisputeStep struct {
	At    time.Time
	Kind  string
	Who   string // of the other side, or of the agency
	Yours bool
	Sum   money.Amount // that it names; zero: none
	Way   string
	Words string
	Lang  string // of the words
	Files []DisputeFile
}

// DisputeFile is one file that came with a step.
type DisputeFile struct {
	Name, URL, Format string
	Bytes             int64
}

// DisputeWay is a way out that waits for the reader's word. POST to its URL
// with "takes" (yes, no) and "message".
type DisputeWay struct {
	URL, Way, Words, Lang string
	Sum                   money.Amount // what would still be owed of what is contested
	Said                  string       // yes or no, said before
	Other                 string       // yes or no, said by the creditor
}

// DisputeOutcome is an outcome letter as a page, for the debtor.
type DisputeOutcome struct {
	Base
	Letter  OutcomeLetter
	BackURL string
	PDFURL  string
}

// OutcomeLetter is what it says.
type OutcomeLetter struct {
	Creditor, Debtor, AgentName string
	Invoice, Ground, State      string
	Round                       int
	On                          day.Day
	Credited, Owed              money.Amount
	Words, Lang                 string
	Who                         string // whose words they are: creditor, debtor, agency
	ChainHead                   string
}

// StaffOutcome is an outcome letter as the creditor and the agency read it.
type StaffOutcome struct {
	StaffBase
	Letter  OutcomeLetter
	BackURL string
	PDFURL  string
}

func (*Contest) template() string        { return "debtor/contest" }
func (*Dispute) template() string        { return "debtor/dispute" }
func (*DisputeOutcome) template() string { return "debtor/dispute-outcome" }
func (*StaffOutcome) template() string   { return "staff/dispute-outcome" }
