package page

import (
	"time"

	"amiable/negotiation/day"
	"amiable/negotiation/money"
	"amiable/portal/locale"
)

// TermsLine is terms as one line tells them.
type TermsLine struct {
	Instalments int
	Every       string // weekly, fortnightly, monthly; of no matter for one instalment
	First       money.Amount
	Each        money.Amount // the others; what one instalment pays, where there is one
	From, To    day.Day
	Total       money.Amount
	Owed        money.Amount
}

// IsSettlement says whether the terms pay less than is owed.
func (t TermsLine) IsSettlement() bool { return t.Total.Cmp(t.Owed) < 0 }

// Rest is what would never be asked again.
func (t TermsLine) Rest() money.Amount { return t.Owed.Sub(t.Total) }

// Words tells the terms in one line.
func (t TermsLine) Words(l locale.Language) string {
	values := []any{"n", t.Instalments, "rest", t.Instalments - 1, "each", t.Each, "first", t.First, "from", t.From, "to", t.To, "total", t.Total, "owed", t.Owed}
	switch {
	case t.Instalments <= 1 && t.IsSettlement():
		return l.T("offers.terms.settlement", values...)
	case t.Instalments <= 1:
		return l.T("offers.terms.once", values...)
	}
	key := "offers.terms." + t.Every
	if t.First.Minor != t.Each.Minor {
		key = "offers.terms.first." + t.Every
	}
	if t.IsSettlement() {
		return l.T(key, values...) + ", " + l.T("offers.terms.instead", values...)
	}
	return l.T(key, values...)
}

// OfferRow is one offer in a list.
type OfferRow struct {
	URL      string
	Debtor   string
	Creditor string // agents only
	Case     string
	Number   int
	Side     string // phrase "offers.side.<side>"
	State    string // phrase "offers.state.<state>"
	Turn     string // whose answer is awaited: debtor, creditor, agency; empty: nobody's
	AnswerBy day.Day
	Terms    TermsLine
	At       time.Time
	By       string // who answered
	Reason   string
	Mine     bool // it waits for the reader's side
	Current  bool // it is the one shown
}

// Offers lists offers: those that wait for the reader first, then the other
// open ones, then the past.
type Offers struct {
	StaffBase
	Waiting []OfferRow
	Open    []OfferRow
	Past    []OfferRow
	NextURL string
}

// PolicySays is what a policy says of terms.
type PolicySays struct {
	Answer  string // yes, no, refer
	Reasons []PolicyWhy
	Nearest *TermsLine
	Version int // 0: none was set
}

// PolicyWhy is one limit: phrase "offers.why.<code>".
type PolicyWhy struct {
	Code   string
	Values []any
}

// OfferHistory is what the past suggests.
type OfferHistory struct {
	Payments     int // on this case
	Paid         money.Amount
	PlansKept    int // of this debtor with this creditor
	PlansRunning int
	PlansEnded   int
	OnTime       int
	Missed       int

	Similar        int
	Accepted       int
	Countered      int
	Rejected       int
	Lapsed         int
	SimilarKept    int
	SimilarRunning int
	SimilarEnded   int
}

// KnowsDebtor says whether anything is known of how the debtor kept their word.
func (h OfferHistory) KnowsDebtor() bool {
	return h.Payments+h.PlansKept+h.PlansRunning+h.PlansEnded+h.OnTime+h.Missed > 0
}

// OfferProof is one dated trace of an offer: phrase "offers.proof.<code>".
type OfferProof struct {
	Code   string
	At     time.Time
	Values []any
}

// OfferActs are what the reader may do about an offer now, by address; empty
// where they may not.
type OfferActs struct {
	Accept, Reject, Counter, Withdraw string

	Delegated   bool     // agents: the creditor lets them decide this one
	AfterSilent bool     // agents: the creditor was silent, so they may refuse
	ForCreditor bool     // agents: they may write down what the creditor decided
	Parties     []Choice // agents: for whom on the phone they may answer
	Presets     []string // reasons at one tap: phrase "offers.preset.<code>"
}

// Any says whether anything may be done.
func (a OfferActs) Any() bool {
	return a.Accept != "" || a.Reject != "" || a.Counter != "" || a.Withdraw != ""
}

// OfferPage is one offer on one page, for both consoles. POST Acts.Accept with
// "as", "note", "recognise"; POST Acts.Reject with "preset" or "reason", "as",
// "note"; POST Acts.Withdraw.
type OfferPage struct {
	StaffBase
	Row      CaseRow
	Number   int
	State    string
	Side     string
	Turn     string
	AnswerBy day.Day
	Late     bool // the creditor's days have gone by
	Terms    TermsLine
	Schedule []InstalmentRow
	Message  string
	MadeBy   string
	MadeAt   time.Time
	Reason   string
	Answered time.Time
	By       string
	NowURL   string // the version that stands now, where this one does not
	Says     PolicySays
	History  OfferHistory
	Proof    []OfferProof
	Versions []OfferRow
	Acts     OfferActs
	Shut     string   // why the reader cannot answer: phrase "offers.shut.<code>"
	May      []string // who can
	Limit    money.Amount
	Problem  string // what came of a click that was too late, in words
	Form     Form
}

// InstalmentRow is one dated amount.
type InstalmentRow struct {
	Number int
	DueOn  day.Day
	Amount money.Amount
}

// OfferForm puts terms to the other side: a counter-offer, or an agent's own.
// POST Action with "instalments", "every", "first_due_on", "first", "total",
// "message", "seen" (what was shown), and for agents "as", "note", "recognise";
// "step" = see shows the dates and sends nothing.
type OfferForm struct {
	StaffBase
	Row      CaseRow
	Number   int // of the offer answered; 0: none
	Asked    *TermsLine
	Owed     money.Amount
	Action   string
	BackURL  string
	As       []Choice // agents: in whose name; empty for a creditor
	Terms    *TermsLine
	Schedule []InstalmentRow
	Seen     string
	Reread   bool // the terms are not those whose dates were shown
	Says     *PolicySays
	Form     Form
}

// PlanRow is a plan with how far it is.
type PlanRow struct {
	State             string // phrase "offers.plan.<state>"
	Number            int
	Total, Paid, Left money.Amount
	Late, Suspended   money.Amount
	Next              *InstalmentRow
	Count             int
	OfferURL          string
	URL               string // of its agreement; may be empty
}

// CaseOffers is what a case's page says of offers and plans.
type CaseOffers struct {
	Open       *OfferRow
	Versions   []OfferRow
	Plan       *PlanRow
	ProposeURL string // agents
	Shut       string // why nothing can be proposed now, in words
}

// Policy is the form of what a creditor says yes to in advance. POST Action
// with its fields; "step" = preview shows what it would mean and saves nothing,
// "step" = save sets it.
//
// Fields: mandate, instalments_max, months_max, instalment_min, first_days_max,
// rebate_<i>_days, rebate_<i>_percent, rebate_<i>_owed, skips_max,
// move_days_max, at_once (yes, no), person_above, answer_days, breathing_days,
// agent_owed_max, and for the preview sample_owed, sample_days, sample_ask.
type Policy struct {
	StaffBase
	Creditor  string
	Mandate   string // its reference
	MandateID string
	Others    []Choice // other mandates: address and label
	Action    string
	BackURL   string
	Rebates   []int // the rows of the form, from 1
	ReadOnly  bool  // seen by who may not change it
	Versions  []PolicyVersionRow
	Version   int // in force; 0: none was set
	Preview   *PolicyPreview
	Form      Form
}

// PolicyVersionRow is one version: who set it, and when.
type PolicyVersionRow struct {
	Version int
	By      string
	At      time.Time
}

// PolicyPreview is what a policy would mean.
type PolicyPreview struct {
	Owed        money.Amount
	Days        int
	Suggestions []TermsLine
	Least       money.Amount // the smallest lump sum taken; as much as is owed: no rebate
	Asked       TermsLine
	Says        PolicySays
	Replay      []ReplayRow
	Now         ReplayCount
}

// ReplayRow is a past offer with what the policy would have said of it.
type ReplayRow struct {
	On    day.Day
	Case  string
	URL   string
	Terms TermsLine
	State string
	Says  PolicySays
}

// ReplayCount counts the answers over the past offers.
type ReplayCount struct{ Of, Yes, Refer, No int }

// People are a creditor's users with what each may answer. POST
// /creditor/delegations with "colleague", "until"; POST EndURL of a delegation.
type People struct {
	StaffBase
	Rows        []PersonRow
	Choices     []Choice // colleagues to hand over to; empty: the reader cannot
	Until       day.Day  // the last day possible
	Form        Form
	MayGovern   bool
	Delegations []DelegationRow
}

// PersonRow is one colleague.
type PersonRow struct {
	Name    string
	Email   string
	You     bool
	Decides bool
	UpTo    money.Amount // zero: any sum
	Deputy  bool
	Invited bool
	EditURL string
}

// DelegationRow is one colleague deciding in another's place.
type DelegationRow struct {
	From, To string
	Until    day.Day
	EndURL   string // POST; empty: not the reader's to end
}

// PowersForm says what a creditor's user may answer. POST Action with "power"
// (all, up_to, none) and "up_to".
type PowersForm struct {
	StaffBase
	Name    string
	Works   string // for whom
	Action  string
	BackURL string
	Form    Form
}

func (*Offers) template() string     { return "staff/offers" }
func (*OfferPage) template() string  { return "staff/offer" }
func (*OfferForm) template() string  { return "staff/offer-form" }
func (*Policy) template() string     { return "staff/policy" }
func (*People) template() string     { return "creditor/people" }
func (*PowersForm) template() string { return "staff/powers" }
