package page

import (
	"amiable/negotiation/day"
	"amiable/negotiation/money"
)

// Case is the debtor's first screen after the check. Where Closed is set the
// doors give way to the way the case ended.
type Case struct {
	Base
	Greeting string // "Mme Vasseur"; empty for a firm without a named person
	Creditor string // "Atelier Boréal SARL"
	Subject  string // "la verrière intérieure posée chez vous le 3 mars 2026"; after "Il s’agit de"; may be empty

	InvoiceURL string // the invoice to read; may be empty

	Left      money.Amount
	GoodUntil day.Day
	OnHold    bool         // others decide about it: it is not asked for
	PerDay    money.Amount // what a day later adds; zero when interest rests

	Closed string // "", cleared, withdrawn, referred
	On     day.Day

	Plan *CasePlan // that runs; nil: none

	Doors     Doors
	Notices   []Notice
	Ledger    Ledger
	Timeline  Timeline
	Documents []Document
	Receipts  int
	Unread    int // messages that the reader has not had on their screen
	Agent     Agent
	Contacts  Contacts
	OtherOpen []CaseLink // further open cases of the same person with the same creditor
	Closeds   int        // closed cases, apart
}

// CasePlan is the running plan in short.
type CasePlan struct {
	Next        *NextDue // nil: it asks for nothing now
	Left, Total money.Amount
}

// Doors are the four ways on, always all four, in this order, of equal weight.
type Doors struct{ Pay, Plan, Time, Contest Door }

// Door is one way on. Shut names the reason why it cannot be taken now, a
// phrase "shut.<door>.<reason>" (or "shut.<reason>"); empty means open.
// Name wins over the door's own words: phrases "door.<name>" and
// "door.<name>.note".
type Door struct {
	URL  string
	Shut string
	Name string // phrase "door.<name>", where it leads elsewhere than it usually does
}

// Notice is one thing the reader should know before choosing. Text wins over
// Code, a phrase "notice.<code>" filled with Values.
type Notice struct {
	Tone   string // "plain", "wait" (a date counts, something is held), "good"
	Code   string
	Values []any
	Text   string
	URL    string // a way on, with the phrase "notice.<code>.link"
}

// Ledger says where an amount comes from, line by line, and closes to the cent.
type Ledger struct {
	Lines []LedgerLine
	Total money.Amount
	AsOf  day.Day // the last day of interest counted
}

// LedgerLine is one line; its label is the phrase "ledger.<kind>" filled with
// number, day and name, its second line "ledger.<kind>.note" where there is one.
type LedgerLine struct {
	Kind   string // see LedgerKinds
	Number string // of the invoice or credit note
	Day    day.Day
	Note   string // the creditor's words on the line: "verrière intérieure, posée le 3 mars 2026"
	Amount money.Amount

	// Interest lines only: every segment, from when, and why.
	Segments  []Segment
	StartedOn day.Day
	Basis     string // legal (from the formal notice), commercial, contract
	SourceURL string // the text of law and the published rates
	Resting   bool   // interest does not run at present
}

// LedgerKinds are the lines a ledger may hold, each with its phrase.
var LedgerKinds = []string{
	"invoice", "paid_before", "payment", "credit_note", "taken_back", "interest", "indemnity",
	"waiver", "reversal", "costs",
}

// Segment is a stretch of days with one rate on one base.
type Segment struct {
	From, To        day.Day
	Days            int
	RateBasisPoints int64  // 262 for 2.62 %
	Article         string // that gives it: "C. com. art. L441-10, II"
	Base            money.Amount
	Amount          money.Amount
}

// Timeline is what happened, the newest first; More counts the lines left out.
type Timeline struct {
	Events []Event
	More   int
}

// Event is one line. Title wins over Kind, a phrase "event.<kind>" filled with
// Values.
type Event struct {
	On       day.Day
	Kind     string
	Values   []any
	Title    string
	Note     string
	URL      string // to read more, with LinkText
	LinkText string
	Now      bool // the present: the next step lies with the reader
}

// Document is one paper to read or download.
type Document struct {
	Kind    string // phrase "document.<kind>": invoice, first_letter, letter, statement, receipt, agreement, discharge, other
	Number  string
	On      day.Day
	Title   string // wins over Kind
	Format  string // "PDF"
	Bytes   int64  // 0: not known
	URL     string
	ReadURL string // the same as a page; may be empty
}

// Contacts is what was sent of our own accord in the last seven days, and the
// most we ever send in as many.
type Contacts struct {
	Made       int
	MaxPerWeek int
}

// CaseLink leads to another case.
type CaseLink struct {
	URL, Creditor, Reference string
	Left                     money.Amount
	Closed                   string
	On                       day.Day
}

// Documents lists every paper of the case.
type Documents struct {
	Base
	Creditor string
	List     []Document
}

// History is the whole timeline.
type History struct {
	Base
	Creditor string
	Timeline Timeline
}

// ClosedCases lists the cases that are over, apart from the open one.
type ClosedCases struct {
	Base
	List []CaseLink
}

// What a wish is about. They name phrases "wish.<kind>.…".
const (
	WishPlan     = "plan" // as an adviser asks; whoever owes puts terms
	WishTime     = "time" // the same
	WishCallback = "callback"
	WishMessage  = "message" // from before there was a thread
)

// Wish says how to reach a person and records what the reader would like, where
// an adviser may not put terms, and for "call me back". POST
// /case/wishes with "kind", "message", "callback" (yes), "phone", "when"
// (morning, afternoon, evening, any).
type Wish struct {
	Base
	Kind     string
	Creditor string
	Left     money.Amount
	Agent    Agent
	Form     Form
	Sent     bool
	AnswerBy day.Day // Sent: until when a person answers
	Callback bool    // Sent: by phone
}

func (*Case) template() string        { return "debtor/case" }
func (*Documents) template() string   { return "debtor/documents" }
func (*History) template() string     { return "debtor/timeline" }
func (*ClosedCases) template() string { return "debtor/closed" }
func (*Wish) template() string        { return "debtor/wish" }
