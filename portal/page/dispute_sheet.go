package page

import (
	"time"

	"amiable/negotiation/day"
	"amiable/negotiation/money"
)

// DisputeSheet is a dispute on one screen, for both consoles: what is contested,
// whose turn it is, the steps that the reader's side may read, the papers of
// each side, the ways out, and what the reader may do now.
//
// POST Acts.Answer with "answer" (accepted, part, maintained), "amount",
// "message", "files", and for agents "note". POST Acts.Ways with "out" (the
// way), "takes" (yes, no), and for agents "as", "words", "note". The rest is for
// agents: POST Acts.Reply with "as", "answer" (settles, disagrees), "message",
// "files", "note"; Acts.Write with "line", "audience", "message", "way",
// "amount", "files"; Acts.Resolve with "outcome", "taken" (the way), "credit",
// "reasons", "agreed"; Acts.Withdraw with "party", "told"; Acts.TakeUp.
type DisputeSheet struct {
	StaffBase
	Row        CaseRow
	Invoice    string
	InvoiceURL string // of its paper; may be empty
	Note       string // what the invoice is for
	Ground     string
	State      string
	Whole      bool
	Held       money.Amount // of it, now; zero once it ended
	Credited   money.Amount // given up in it
	Turn       string       // debtor, creditor, agency; empty: it ended
	AnswerBy   day.Day
	Silent     bool // it is with the agency because somebody did not answer
	Agreed     []SheetStep
	Contested  []SheetStep
	Ways       []SheetWay
	Papers     []SheetPapers
	Rounds     []SheetRound
	Acts       SheetActs
	Shut       string   // why the reader cannot answer: phrase "mediation.shut.<code>"
	May        []string // who can
	Limit      money.Amount
	Problem    string // what came of a click that was too late, in words
	Form       Form
}

// SheetRound is one round, its steps in order.
type SheetRound struct {
	Number     int
	Steps      []SheetStep
	OutcomeURL string
}

// SheetStep is one step: phrase "mediation.step.<kind>", and who may read it:
// phrase "audience.<audience>".
type SheetStep struct {
	At       time.Time
	Kind     string
	Who      string
	By       string // who wrote it down for them
	Sum      money.Amount
	Way      string
	Words    string
	Lang     string
	Audience string
	Files    []DisputeFile
}

// SheetPapers are the papers that one side sent.
type SheetPapers struct {
	Who   string
	Files []DisputeFile
}

// SheetWay is a way out with the last word of each side: yes, no, or none.
type SheetWay struct {
	ID, Way, Words, Lang string
	Sum                  money.Amount // what would still be owed of what is contested
	Debtor, Creditor     string
	Mine                 bool // the reader may say yes or no
}

// SheetActs are what the reader may do now, by address; empty where they may
// not.
type SheetActs struct {
	Answer, Ways                            string
	Reply, TakeUp, Write, Resolve, Withdraw string

	Parties []Choice // agents: for whom on the phone they may write
	Sides   []Choice // agents: whose word on a way out they may write down
	Put     []Choice // the ways out that stand
	Taken   []Choice // those that both sides took
}

// SheetLink leads to a dispute from its case.
type SheetLink struct {
	URL, Invoice, State string
	Whole               bool
	Sum                 money.Amount // contested, where it is not the whole
	AnswerBy            day.Day      // zero: it ended
}

func (*DisputeSheet) template() string { return "staff/dispute" }
