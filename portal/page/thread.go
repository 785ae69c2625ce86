package page

import (
	"time"

	"amiable/negotiation/day"
)

// Thread shows the messages of a case to the debtor's side, the oldest first.
// POST /case/message with "audience", "message" and "files".
type Thread struct {
	Base
	Creditor  string
	Agent     Agent
	Messages  []ThreadMessage
	Earlier   int          // that are not shown; "?all=1" shows them
	To        []Choice     // to whom can be written; "to" of a choice is a phrase of its own
	Shut      string       // why nothing can be written: phrase "thread.shut.<shut>"; empty: it can
	Sent      bool         // just now
	AnswerBy  day.Day      // Sent: until when a person answers
	Elsewhere []ThreadLink // what was said on a proposal or a dispute, and is read there
	Form      Form
	Error     *FieldError // what a late click met
}

// ThreadMessage is one message that the reader may read.
type ThreadMessage struct {
	At      time.Time
	Who     string
	For     string // an adviser wrote, for whom
	By      string // an agent wrote it down, as it was said
	Yours   bool   // of the reader's side
	New     bool   // the reader has not had it on their screen
	Waits   bool   // for the agency's answer; said to the agency only
	Visible []string
	Words   string
	Lang    string // of the words
	Files   []DisputeFile
	Read    []ThreadRead // Yours: who of the others has had it on their screen
	Unread  bool         // Yours: none of them has
}

// ThreadRead is when a side first had a message on its screen.
type ThreadRead struct {
	Who string
	At  time.Time
}

// ThreadLink leads to where more was said: phrase "thread.elsewhere.<kind>".
type ThreadLink struct {
	URL, Kind, Number string
	On                day.Day
}

// StaffThread shows the messages of a case to the creditor or the agency. POST
// Action with "audience", "message", "language" and "files"; for agents, POST
// the SettleURL of a side that waits, and GET "?template=" fills the form.
type StaffThread struct {
	StaffBase
	Row       CaseRow
	Action    string
	Messages  []ThreadMessage
	Earlier   int
	To        []Choice
	Shut      string
	Waiting   []ThreadWait // agents only
	Elsewhere []ThreadLink
	Templates []Choice // agents only
	Problem   string   // why what was tried did not happen
	Form      Form
}

// ThreadWait is a side that waits for the agency's answer. POST SettleURL with
// "side": none is needed.
type ThreadWait struct {
	Side, Who, SettleURL string
	Since                day.Day
}

// CaseThread is the thread on the page of a case of a console.
type CaseThread struct {
	URL   string
	Count int
	New   int
	Waits bool           // for the agency's answer
	Last  *ThreadMessage // nil: none
}

// Templates lists the texts that agents begin a message with, and takes a new
// one. POST /agent/templates, or /agent/templates/<id>, with "name", "words_fr",
// "words_en"; POST RetireURL.
type Templates struct {
	StaffBase
	Rows         []TemplateRow
	Action       string
	Changes      string // the name of the one that is changed; empty: a new one
	RetireURL    string
	Placeholders []Choice // as it is written, and what takes its place
	Form         Form
}

// TemplateRow is one template in use.
type TemplateRow struct {
	URL, Name, By string
	FR, EN        bool // there are words in the language
	On            day.Day
}

func (*Thread) template() string      { return "debtor/thread" }
func (*StaffThread) template() string { return "staff/thread" }
func (*Templates) template() string   { return "agent/templates" }
