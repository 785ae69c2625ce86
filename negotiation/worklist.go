package negotiation

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"amiable/negotiation/money"
)

// The worklist is what waits for a person of the agency. Its order is a day:
// that by which a thing is owed, brought forward by so many days for the harm
// that waiting does. It is worked out when the thing begins to wait and holds
// until the thing itself changes, so a list of a hundred thousand rows is read
// in the order of an index, today as next month (docs/adr/0017).

// WorkKind is what waits.
type WorkKind string

const (
	WorkIdentity     WorkKind = "identity"         // somebody says that it is not them
	WorkLimitation   WorkKind = "limitation"       // a claim grows old
	WorkHardship     WorkKind = "hardship"         // a debtor told of a hard time
	WorkRefund       WorkKind = "refund"           // more came in than was owed
	WorkUnclear      WorkKind = "unclear_payment"  // another sum came in than was asked
	WorkIndebted     WorkKind = "overindebtedness" // a file was declared: its document is awaited
	WorkSituation    WorkKind = "situation"        // a special situation wants to be looked at again
	WorkDispute      WorkKind = "dispute"          // both sides wait for the agency
	WorkOffer        WorkKind = "offer"            // the creditor was silent
	WorkCallback     WorkKind = "callback"         // somebody asked to be called
	WorkWish         WorkKind = "wish"             // somebody asked for a person
	WorkMessage      WorkKind = "message"          // somebody wrote
	WorkApproval     WorkKind = "approval"         // a colleague asks for a second pair of eyes
	WorkApproved     WorkKind = "approved"         // a second person said yes
	WorkPromise      WorkKind = "promise"          // a promise to pay was not kept
	WorkInstalment   WorkKind = "instalment"       // a plan needs a person
	WorkUndelivered  WorkKind = "undelivered"      // a letter reached nobody
	WorkAddress      WorkKind = "address"          // somebody moved
	workAnswerDays            = 2                  // working days within which the agency answers
	workSoonDays              = 1                  // working days for what cannot wait
	limitationSoon            = 90                 // days before its limitation at which a claim stands on the list
	limitationClosed          = 30                 // days before it at which the gate closes
)

// WorkItem is one thing that waits for a person.
type WorkItem struct {
	ID         string
	CreditorID string
	CaseID     string
	Kind       WorkKind
	SubjectID  string // the offer, the dispute, the wish…
	Since      time.Time
	DueOn      Day   // by when it is owed
	Amount     int64 // minor units that it is about; 0: none
	Again      int64 // how often it was asked before
	Care       bool  // somebody to be treated with care; why is read where the case is open
	Note       string
	RankOn     Day    // the order: see Terms
	AgentID    string // who follows the case; empty: nobody yet
	CreatedAt  time.Time
}

// TableName names the table for gorm.
func (WorkItem) TableName() string { return "work_items" }

// Due says by when a kind of thing is owed.
type due func(w *WorkItem) Day

func withinWorkingDays(n int) due {
	return func(w *WorkItem) Day { return AddWorkingDays(DayOf(w.Since), n) }
}

// asKept takes the day that the thing itself carries.
func asKept(w *WorkItem) Day {
	if w.DueOn.IsZero() {
		return AddWorkingDays(DayOf(w.Since), workAnswerDays)
	}
	return w.DueOn
}

// beforeTheGate is the day before the last month of a limitation.
func beforeTheGate(w *WorkItem) Day { return w.DueOn.Add(-limitationClosed) }

// WorkRule is one line of the table: docs/worklist.md is drawn from it.
type WorkRule struct {
	Kind   WorkKind
	Step   string // the next best step: phrase "step.<step>"
	Harm   int    // days that it comes forward, for the harm that waiting does
	Due    due
	DueIn  string // Due in words, for the table
	Why    string // why it waits, and why so much harm, for the table
	Closes bool   // it ends with the case

	after []EventKind                                         // what begins or ends it
	from  []source                                            // where it lives
	stays func(c *Case, w *WorkItem, today Day) (bool, error) // what only the ledger knows
	may   func(c *Case, today Day) bool                       // false: the case cannot have any, and nothing is asked
}

// workRules is the worklist as a table: what waits, by when, and how far each
// kind comes forward. The order of the rows is that of the documentation alone.
var workRules = []WorkRule{
	{Kind: WorkIdentity, Step: "check_identity", Harm: 14, Due: withinWorkingDays(workSoonDays), DueIn: "1 working day", Closes: true,
		Why: "the wrong person may have been told of a debt"},
	{Kind: WorkLimitation, Step: "check_age", Harm: 14, Due: beforeTheGate, DueIn: "30 days before limitation", Closes: true,
		Why: "past its day nothing can be asked, and the creditor has lost"},
	{Kind: WorkHardship, Step: "call_with_care", Harm: 10, Due: withinWorkingDays(workSoonDays), DueIn: "1 working day", Closes: true,
		Why: "only a person may write, and somebody is in difficulty"},
	{Kind: WorkRefund, Step: "refund", Harm: 10, Due: withinWorkingDays(workAnswerDays), DueIn: "2 working days",
		Why: "money of the debtor that nobody may keep"},
	{Kind: WorkUnclear, Step: "match_payment", Harm: 7, Due: withinWorkingDays(workAnswerDays), DueIn: "2 working days",
		Why: "somebody paid and may be asked again"},
	{Kind: WorkIndebted, Step: "ask_document", Harm: 7, Due: asKept, DueIn: "the end of the declared pause", Closes: true,
		Why: "after the pause letters would leave again (law: 30 days)"},
	{Kind: WorkSituation, Step: "look_again", Harm: 7, Due: asKept, DueIn: "its day of review, or the end of the days for its paper", Closes: true,
		Why: "what holds a person's case may be over, or unproved"},
	{Kind: WorkDispute, Step: "find_way", Harm: 5, Due: asKept, DueIn: "its day to answer",
		Why: "a debt may not be owed, and both sides wait; whoever paid it meanwhile may get it back"},
	{Kind: WorkOffer, Step: "answer_offer", Harm: 5, Due: asKept, DueIn: "its day to answer", Closes: true,
		Why: "somebody wants to pay and was not answered"},
	{Kind: WorkCallback, Step: "call_back", Harm: 4, Due: withinWorkingDays(workSoonDays), DueIn: "1 working day",
		Why: "a promise of ours"},
	{Kind: WorkWish, Step: "answer_wish", Harm: 3, Due: withinWorkingDays(workAnswerDays), DueIn: "2 working days",
		Why: "nothing else is said to them meanwhile"},
	{Kind: WorkMessage, Step: "answer_message", Harm: 3, Due: withinWorkingDays(workAnswerDays), DueIn: "2 working days",
		Why: "somebody waits for a word"},
	{Kind: WorkApproval, Step: "second_look", Harm: 3, Due: withinWorkingDays(workSoonDays), DueIn: "1 working day", Closes: true,
		Why: "a colleague, and behind them both sides, wait"},
	{Kind: WorkApproved, Step: "do_approved", Harm: 3, Due: withinWorkingDays(workSoonDays), DueIn: "1 working day", Closes: true,
		Why: "a second person said yes: it can be done"},
	{Kind: WorkPromise, Step: "talk_promise", Harm: 2, Due: withinWorkingDays(workAnswerDays), DueIn: "2 working days", Closes: true,
		Why: "what was promised did not come: something happened"},
	{Kind: WorkInstalment, Step: "talk_plan", Harm: 2, Due: withinWorkingDays(workAnswerDays), DueIn: "2 working days", Closes: true,
		Why: "a plan fails quietly unless somebody asks"},
	{Kind: WorkUndelivered, Step: "fix_contact", Harm: 1, Due: withinWorkingDays(workAnswerDays), DueIn: "2 working days",
		Why: "somebody does not know what is said to them"},
	{Kind: WorkAddress, Step: "find_address", Harm: 0, Due: withinWorkingDays(2 * workAnswerDays), DueIn: "4 working days", Closes: true,
		Why: "nothing can be sent until they are found"},
}

// WorkRules are the lines of the table, in its order.
func WorkRules() []WorkRule { return slices.Clone(workRules) }

// Days that a row comes forward besides its kind's.
const (
	CareDays     = 5 // somebody to be treated with care
	AgainDaysMax = 5 // one for each time it was asked before, at most so many
)

// SumStep is how far a sum brings a row forward.
type SumStep struct {
	From int64 // minor units
	Days int
}

// SumSteps grow slowly: a small creditor's invoice weighs as much to them.
var SumSteps = []SumStep{{500_00, 1}, {2_000_00, 2}, {10_000_00, 3}, {50_000_00, 5}}

// WorkTerm is one term of a row's place: why it stands where it does.
type WorkTerm struct {
	Name string // due, harm, care, sum, again
	Days int    // that it brings the row forward; 0 for due
	On   Day    // of due
}

// rule finds the line of a kind; an unknown one comes last and says nothing.
func (k WorkKind) rule() WorkRule {
	for _, r := range workRules {
		if r.Kind == k {
			return r
		}
	}
	return WorkRule{Kind: k, Step: "other", Due: asKept}
}

// Step is the next best step for what waits.
func (w *WorkItem) Step() string { return w.Kind.rule().Step }

// Terms are why a row stands where it does: the day by which it is owed, then
// what brings it forward. What adds nothing is left out.
func (w *WorkItem) Terms() []WorkTerm {
	terms := []WorkTerm{{Name: "due", On: w.DueOn}}
	add := func(name string, days int) {
		if days > 0 {
			terms = append(terms, WorkTerm{Name: name, Days: days})
		}
	}
	add("harm", w.Kind.rule().Harm)
	if w.Care {
		add("care", CareDays)
	}
	sum := 0
	for _, step := range SumSteps {
		if w.Amount >= step.From {
			sum = step.Days
		}
	}
	add("sum", sum)
	add("again", int(min(w.Again, AgainDaysMax)))
	return terms
}

// place works out where a row stands.
func (w *WorkItem) place() {
	w.RankOn = w.DueOn
	for _, t := range w.Terms() {
		w.RankOn = w.RankOn.Add(-t.Days)
	}
}

// Before says whether a row stands before another: the earlier day, then the
// greater sum, then what began to wait first.
func (w *WorkItem) Before(o *WorkItem) bool {
	switch {
	case w.RankOn != o.RankOn:
		return w.RankOn.Before(o.RankOn)
	case w.Amount != o.Amount:
		return w.Amount > o.Amount
	}
	return w.ID < o.ID
}

// Line is the line of a plan that an instalment's row is about, and its day.
func (w *WorkItem) Line() (number int, dueOn Day) {
	n, on, _ := strings.Cut(w.Note, " ")
	number, _ = strconv.Atoi(n)
	return number, Day(on)
}

// Sum is what a row is about, in the currency of its case.
func (w *WorkItem) Sum(currency money.Currency) money.Amount { return money.New(w.Amount, currency) }

// WorkKinds are all kinds, in the order of the table.
func WorkKinds() []WorkKind {
	kinds := make([]WorkKind, len(workRules))
	for i, r := range workRules {
		kinds[i] = r.Kind
	}
	return kinds
}

// KnownWork says whether a text names a kind.
func KnownWork(kind string) bool { return slices.Contains(WorkKinds(), WorkKind(kind)) }
