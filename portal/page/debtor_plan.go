package page

import (
	"amiable/negotiation/day"
	"amiable/negotiation/money"
)

// The three ways of putting terms, each with a page of its own under /case.
// They name phrases "terms.<kind>.…".
const (
	TermsPlan       = "plan"       // in several times
	TermsTime       = "time"       // the whole on a later day
	TermsSettlement = "settlement" // a smaller sum, once
)

// Desk is what every page on terms carries.
type Desk struct {
	Creditor  string
	Agent     Agent
	Left      money.Amount // that can be put in terms
	Contested money.Amount // that cannot, because it is contested; zero: none
	Rests     bool         // no interest runs while what is agreed is kept
	Replaces  bool         // a running plan would give way
	Answers   string       // the counter-offer that these terms would answer; may be empty
	AnswerBy  day.Day      // until when the creditor answers what goes to them
	Hidden    []Hidden     // fields sent along as they are
}

// Hidden is a field of a form that the reader does not see.
type Hidden struct{ Name, Value string }

// PlanChoice asks in how many times, or how much each time. Nothing is chosen
// beforehand. POST /case/plan with "way" (a number of a suggestion, "amount" or
// "own"), "amount", "count", "every", "first" and "first_on"; the answer is
// TermsReview, or this page again with 422.
type PlanChoice struct {
	Base
	Desk
	Live
	Suggestions []Suggestion
	AtOnce      bool // the suggestions are accepted as soon as they are sent
	Rebate      bool // a smaller sum at once is possible
	Form        Form
}

// Suggestion is a number of monthly instalments. Its way is that number.
type Suggestion struct {
	Count int
	Each  money.Amount // the largest
	End   day.Day
	Tall  int // of its bar, percent of the tallest suggested
}

// TimeChoice asks for one later day. POST /case/time with "way" (one of Days,
// or "own") and "first_on".
type TimeChoice struct {
	Base
	Desk
	Live
	Days   []day.Day
	AtOnce bool // these days are accepted as soon as they are sent
	Pause  int  // days of a pause that can be taken without a reason; 0: none
	Form   Form
}

// RebateChoice asks which smaller sum could be paid at once. Possible says that
// the creditor takes one; which is not said before the reader has named a sum:
// nobody is led by it. POST /case/settlement with "total" and "first_on".
type RebateChoice struct {
	Base
	Desk
	Live
	Possible bool
	Form     Form
}

// What became of terms that were put to a creditor's policy.
const (
	VerdictYes   = "yes"   // accepted as soon as they are sent
	VerdictNo    = "no"    // outside: the creditor can be asked all the same
	VerdictRefer = "refer" // the creditor answers
)

// TermsReview is read again before anything is sent. POST /case/offers with the
// hidden fields, the box "recognise" = "yes" and "message"; another POST to the
// page of its kind, with "step" = "change", goes back with everything kept.
type TermsReview struct {
	Base
	Desk
	Kind    string
	Shown   TermsShown
	Verdict string
	Reasons []Reason
	Nearest *Nearest

	AskCharges  bool   // the box "charges" is shown: leave to charge, apart from all else
	ChargesText string // version of its text

	AskFrom day.Day // VerdictNo: the first day that leaves the creditor time to answer; none where the day is late enough
	Form    Form
}

// Reason says which limit terms are outside of: a phrase "terms.outside.<code>".
type Reason struct {
	Code   string
	Values []any
}

// Nearest is the terms that change least and are inside.
type Nearest struct {
	Kind   string
	Shown  TermsShown
	Hidden []Hidden
}

// TermsShown is terms worked out in dated amounts.
type TermsShown struct {
	Kind   string // as a reader would call them
	Count  int
	Every  string       // weekly, fortnightly, monthly
	Each   money.Amount // of those after a first sum, the largest
	First  money.Amount // a first sum of its own; zero: none
	Owed   money.Amount
	Total  money.Amount
	Waived money.Amount
	Start  day.Day
	End    day.Day
	Dates  []DatedSum
}

// DatedSum is one line of a schedule.
type DatedSum struct {
	On     day.Day
	Amount money.Amount
}

// datesInSight is how many dates a list shows before the rest is folded.
const datesInSight = 12

// About is the end of the phrase's key where the sums differ by a cent.
func (t TermsShown) About() string {
	if n := len(t.Dates); n > 1 && t.Dates[n-1].Amount != t.Each {
		return ".about"
	}
	return ""
}

// InSight returns the dates that are always shown.
func (t TermsShown) InSight() []DatedSum { return t.Dates[:min(len(t.Dates), datesInSight)] }

// Folded returns the other dates.
func (t TermsShown) Folded() []DatedSum { return t.Dates[min(len(t.Dates), datesInSight):] }

// Months is the strip of the dates.
func (t TermsShown) Months() PlanMonths {
	months := make(PlanMonths, len(t.Dates))
	for i, d := range t.Dates {
		months[i] = PlanMonth{DueOn: d.On, Amount: d.Amount, State: MonthFuture}
	}
	return months
}

// NoTerms says why no terms can be made now, and whom to speak to. Shut names
// the reason as a Door does.
type NoTerms struct {
	Base
	Creditor string
	Left     money.Amount
	Shut     string
	Pause    int // as in TimeChoice
	Agent    Agent
}

// Budget works out what a month leaves. What is typed is on this page only: it
// is kept nowhere, and nothing of it but the figure at the end goes anywhere.
// POST /case/plan/budget with BudgetFields. Its script takes one sum from another
// on the reader's own device: until the button is pressed no figure leaves it.
type Budget struct {
	Base
	Live
	Left    money.Amount
	Answers string
	Done    bool
	Rest    money.Amount // Done: a month's, in whole euros; zero: nothing is left
	Count   int          // Done: so many months with it; 0: more than can be proposed
	Form    Form
}

// BudgetFields are the four questions.
var BudgetFields = []string{"income", "fixed", "others", "kept"}

func (*PlanChoice) template() string   { return "debtor/plan" }
func (*TimeChoice) template() string   { return "debtor/time" }
func (*RebateChoice) template() string { return "debtor/settlement" }
func (*TermsReview) template() string  { return "debtor/terms-review" }
func (*NoTerms) template() string      { return "debtor/no-terms" }
func (*Budget) template() string       { return "debtor/budget" }
