package page

import (
	"time"

	"amiable/negotiation/day"
	"amiable/negotiation/money"
	"amiable/portal/documents"
)

// Letters is where first letters begin: the placements that wait for theirs,
// the cases of one of them, and the batches made before. POST /agent/letters/review
// with "placement", and "all" = "yes" or the ids of cases as "case".
type Letters struct {
	StaffBase
	Placements []LetterPlacement
	Open       *LetterPlacement // whose cases are shown
	Cases      []LetterCase
	Most       int // how many are made together at most
	Batches    []LetterBatchRow
	ByMail     bool   // where there is an address, first letters may leave by mail
	ByMailURL  string // POST "allowed" (yes or nothing); empty: not this reader's to set
	Form       Form
}

// LetterPlacement is a placement with cases that wait for their first letter.
type LetterPlacement struct {
	ID       string
	URL      string
	File     string
	Creditor string // empty: several
	At       time.Time
	Cases    int
}

// LetterCase is a case that waits for its first letter. Why is set where none
// may be made: reasons are phrases "hold.<reason>", Text wins over them.
type LetterCase struct {
	ID        string
	URL       string
	Debtor    string
	Creditor  string
	Reference string
	Sum       money.Amount
	Due       day.Day
	Channel   string // phrase "channel.<channel>"
	Reasons   []string
	Text      string
}

// LetterBatchRow is a batch in the list.
type LetterBatchRow struct {
	URL      string
	DatedOn  day.Day
	By       string
	At       time.Time
	Cases    int
	Waiting  int
	Unposted int
}

// LettersReview is read before letters are made: how many, by which channel,
// the sum, and what is blocked and why. POST Action with "batch", "dated_on"
// and the ids as "case".
type LettersReview struct {
	StaffBase
	Batch   string // the id of the batch to be: sent twice, it is made once
	Ready   []LetterCase
	Blocked []LetterCase
	ByPost  int
	ByMail  int
	Total   money.Amount
	Left    int // more wait than can be made together
	Action  string
	BackURL string
	Form    Form // field "dated_on"
}

// LettersBatch is a batch: print it, post it, say when it was posted. POST
// PostingURL (multipart) with "sent_on", "file", "file_reference".
type LettersBatch struct {
	StaffBase
	DatedOn     day.Day
	By          string
	At          time.Time
	Rows        []LetterMade
	Waiting     int    // not made yet
	ContinueURL string // POST: make the rest
	ToPost      int    // made, to be printed and posted
	PrintURL    string // PDF; with "?duplex=1" for both sides
	ToMail      int    // leaving by mail by themselves
	Left        int    // posted, or left by mail
	Refused     int    // none was made
	Held        int    // made, and may not leave now
	Total       money.Amount
	PostingURL  string
	Form        Form
}

// LetterMade is one letter of a batch, or why there is none. State is a phrase
// "letters.state.<state>": ready, mailing, left, held, cancelled, refused,
// waiting, failed.
type LetterMade struct {
	Case      LetterCase
	Reference string
	State     string
	On        day.Day // it left
	PDFURL    string
	CancelURL string
}

// LetterCancel asks why a letter is taken back. POST Action with "reason".
type LetterCancel struct {
	StaffBase
	Reference string
	Case      LetterCase
	DatedOn   day.Day
	Action    string
	BackURL   string
	Form      Form
}

// LetterPage is the first letter as a page: the accessible original of its PDF.
type LetterPage struct {
	Base
	Letter documents.FirstLetter
	SentOn day.Day
	PDFURL string
}

// Law is the text that the letter reproduces, word for word.
func (*LetterPage) Law() []string { return documents.L1118.Paragraphs }

// FrozenPage is a statement as it was sent.
type FrozenPage struct {
	Base
	Creditor string
	Owed     documents.Owed
	PDFURL   string
}

// What a typed code turned out to be.
const (
	CodeKnown   = "known"
	CodeUnknown = "unknown"
)

// LetterCode is the public page for who has a letter in hand: the code on it,
// or its reference and date, say who wrote for whom. It names nobody to whom
// and shows nothing of any case. POST Action with "code", or with "reference"
// and "date"; POST OpenAction with "code" leads to the second check.
type LetterCode struct {
	Base
	Agent      Agent
	Action     string
	OpenAction string
	Result     string // "", CodeKnown, CodeUnknown
	Writers    []string
	SentOn     day.Day
	Channel    string // post, mail; others read as a letter
	Code       string // what opens it; empty: known by its reference
	Form       Form
}

func (*Letters) template() string       { return "agent/letters" }
func (*LettersReview) template() string { return "agent/letters-review" }
func (*LettersBatch) template() string  { return "agent/letters-batch" }
func (*LetterCancel) template() string  { return "agent/letters-cancel" }
func (*LetterPage) template() string    { return "debtor/first-letter" }
func (*FrozenPage) template() string    { return "debtor/statement" }
func (*LetterCode) template() string    { return "debtor/letter-code" }
