package page

import (
	"time"

	"amiable/negotiation/day"
	"amiable/negotiation/money"
)

// NextDue is what a running plan asks for next.
type NextDue struct {
	Sum   money.Amount
	On    day.Day // of the first line of it
	Line  int64   // its number
	Lines int     // how many lines the sum is of
	Late  bool
	Today bool
	Last  bool // nothing of the plan is left after it
}

// PlanStep is how far a plan is.
type PlanStep struct {
	Settled, Of int // instalments
	Left        money.Amount
	NextOn      day.Day // none: nothing is to be paid any more
	Next        money.Amount
}

// Instalments is the plan of a case as it stands: running, or over.
type Instalments struct {
	Base
	Creditor   string
	State      string // active, completed, replaced, ended
	AcceptedOn day.Day
	ClosedOn   day.Day
	Why        string // ended: in the words of who ended it
	Cleared    bool   // nothing is owed in the case any more
	Owed       money.Amount

	Total  money.Amount
	Waived money.Amount // given up once the plan is kept; nothing where it pays all
	Ring   PlanRing
	Months PlanMonths
	Next   *NextDue // nil: nothing is asked now
	Lines  []InstalmentLine

	Suspended money.Amount // contested, not asked
	OnItsWay  money.Amount
	Resting   bool // no interest while the plan runs
	SkipsLeft int
	SkipsMax  int
	MoveDays  int
	PayShut   string // why nothing may be paid now; empty: it may

	ProposeURL   string // other terms; empty: not now
	AgreementURL string
	DischargeURL string

	Charges *Charges // how the instalments are paid; nil: by hand, and nothing to choose

	Done    string // what was just done: moved, skipped, card, account, no_card, checking, stopped, stopped_debit
	Problem string // why something was not done, in words
	Agent   Agent
}

// Charges is the debtor's leave to have instalments charged to a card. POST
// /case/card with "charges" = "yes" saves one, or a new one in its place; POST
// /case/card/end takes it back.
type Charges struct {
	Agency              string
	Live                bool
	Card                string // "Visa ·· 4242"; may be empty
	Since               day.Day
	Expired             bool
	Ask                 bool   // the creditor takes cards
	Text                string // version of the text of the leave
	Debit               bool   // Card is an account, debited by mandate
	Mandate, Identifier string // its reference, and who debits (ICS); may be empty for a moment
	MandateURL          string // where it can be read
	Form                Form   // field "charges"
}

// InstalmentLine is one line of a plan with what can be done with it.
type InstalmentLine struct {
	Number    int64
	DueOn     day.Day
	MovedFrom day.Day
	Amount    money.Amount
	Paid      money.Amount
	Left      money.Amount
	State     string // phrase "instalment.<state>": paid, coming, late, due, next, ahead, skipped, suspended, dropped
	MoveURL   string
	SkipURL   string
}

// Part says whether some of it is paid, but not all.
func (l InstalmentLine) Part() bool { return l.Paid.IsPositive() && l.Left.IsPositive() }

// MoveDay asks for another day. POST Action with "new_day" and "following" (yes);
// the answer is ChangeReview, or this page again with 422.
type MoveDay struct {
	Base
	Creditor    string
	Line        InstalmentLine
	From, Until day.Day // the days that can be chosen
	Later       bool    // there are dates after it
	Action      string
	Form        Form
}

// ChangeReview shows what a change makes of the dates, before it is made. POST
// Action with "confirm" = "yes" and what the review rests on.
type ChangeReview struct {
	Base
	Creditor  string
	Kind      string // moved, skipped
	Line      InstalmentLine
	To        day.Day // moved: the new day
	Following bool
	Rows      []ChangeRow
	End       day.Day // the last date
	EndMoved  bool
	Total     money.Amount
	SkipsLeft int // once this one is used
	Action    string
	BackURL   string
	PlanID    string
	Revision  int64
	Form      Form // what is to be said about it
}

// ChangeRow is one date before and after.
type ChangeRow struct {
	On, WasOn   day.Day // WasOn: none where it is new
	Amount, Was money.Amount
	Skipped     bool
	New         bool // a date that was not there
}

// DayChanges says whether the date is another one.
func (r ChangeRow) DayChanges() bool { return !r.New && r.On != r.WasOn }

// SumChanges says whether the sum is another one.
func (r ChangeRow) SumChanges() bool { return !r.New && !r.Skipped && r.Amount != r.Was }

// Agreement is an accepted plan as it was agreed: the same as its paper.
type Agreement struct {
	Base
	Number     string
	Creditor   string
	Debtor     string
	Collector  string
	Mandate    string
	MandateOn  day.Day
	State      string // active, completed, replaced, ended
	ClosedOn   day.Day
	AcceptedOn day.Day
	Changed    bool // dates were moved or skipped since

	AsOf      day.Day
	Claims    []AgreedClaim
	Owed      money.Amount
	Contested money.Amount
	Waived    money.Amount
	Total     money.Amount
	Resting   bool // no interest while it runs
	Lines     []AgreedLine

	Text        string       // version of the wording: phrases "paper.agreement.<text>.…"
	Clauses     []string     // phrases "paper.<clause>"
	Agreed      money.Amount // what was owed and is not contested
	Acceptances []AgreedBy
	ChainHead   string

	PDFURL, CalendarURL string
	Charges             *AgreedCharges // the leave to charge that was given with it; nil: none
	Debit               *AgreedDebit   // from where its instalments are debited now; nil: from nowhere
	Pay                 *NextDue       // what can be paid in this visit; nil: nothing now
}

// End is the last date.
func (a *Agreement) End() day.Day { return a.Lines[len(a.Lines)-1].On }

// AgreedCharges is the leave to charge that was given with an agreement.
type AgreedCharges struct {
	By      string
	At      time.Time
	Wording string
	Text    string
}

// AgreedDebit is the account from which instalments are debited, and by which
// mandate.
type AgreedDebit struct {
	Account, Mandate, Identifier string
}

// AgreedClaim is one invoice of an agreement.
type AgreedClaim struct {
	Invoice                               string
	DueOn                                 day.Day
	Interest, Indemnity, Principal, Total money.Amount
}

// AgreedLine is one date of an agreement.
type AgreedLine struct {
	Number int
	On     day.Day
	Amount money.Amount
	After  money.Amount // left after it
}

// AgreedBy is one side's acceptance.
type AgreedBy struct {
	For     string // whose side
	Name    string
	Quality string // phrase "paper.quality.<quality>"
	Behalf  string // may be empty
	At      time.Time
	How     string // phrase "paper.how.<how>"
	Text    string
	Lang    string // fr, en
}

func (*Instalments) template() string  { return "debtor/instalments" }
func (*MoveDay) template() string      { return "debtor/instalment-day" }
func (*ChangeReview) template() string { return "debtor/instalment-change" }
func (*Agreement) template() string    { return "debtor/agreement" }
