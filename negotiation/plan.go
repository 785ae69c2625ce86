package negotiation

import (
	"slices"
	"strings"
	"time"

	"amiable/negotiation/ledger"
	"amiable/negotiation/money"
)

// PlanState is where the life of a plan stands.
type PlanState string

const (
	PlanActive    PlanState = "active"
	PlanCompleted PlanState = "completed" // all of it was paid
	PlanReplaced  PlanState = "replaced"  // by the plan of a new offer
	PlanEnded     PlanState = "ended"     // by a person's decision; never by a machine alone
)

// planMoves is the life of a plan. A payment that is turned round takes a
// completed one up again.
var planMoves = map[PlanState][]PlanState{
	PlanActive:    {PlanCompleted, PlanReplaced, PlanEnded},
	PlanCompleted: {PlanActive},
	PlanReplaced:  {},
	PlanEnded:     {},
}

// Plan is an accepted schedule being carried out. The debt stays the same debt:
// a plan does not novate (C. civ. 1330). What was paid is worked out from the
// ledger.
type Plan struct {
	ID             string
	CreditorID     string
	CaseID         string
	OfferID        string
	Number         int64 // the offer's
	State          PlanState
	Owed           int64 // minor units when the offer was made
	Total          int64 // minor units to pay; less than Owed for a settlement
	Currency       money.Currency
	Revision       int64 // which version of its lines counts
	SkipsMax       int64
	MoveDaysMax    int64
	InterestWaived bool
	InterestFrom   Day    // the first day without interest, where it is waived
	PaidBefore     string // ids of the payments that Owed already counts
	StatementID    *string
	Agreed         string // JSON of Agreed
	Charged        string // what its instalments are charged to, such as "card visa 4242"; empty: each is paid by hand
	// ChargedMandate and ChargedCreditor name the SEPA mandate of an account that
	// is charged, and who debits it (ICS).
	ChargedMandate  string
	ChargedCreditor string
	AcceptedAt      time.Time
	ClosedAt        *time.Time
	ClosedOn        Day
	ClosedBy        string
	Reason          string
	CreatedAt       time.Time

	Lines []PlanLine `gorm:"-"` // of every revision
}

// PlanLine is one line of a revision of a plan.
type PlanLine struct {
	PlanID    string
	Revision  int64
	Number    int64
	DueOn     Day
	Amount    int64 // minor units; 0 for one that was skipped
	MovedFrom Day   // the day it was due before it was moved
	Skipped   bool
}

// TableName names the table for gorm.
func (PlanLine) TableName() string { return "instalments" }

func (p *Plan) move(to PlanState) error {
	if slices.Contains(planMoves[p.State], to) {
		p.State = to
		return nil
	}
	return Refuse(Conflict, "plan_is_"+string(p.State))
}

// IsSettlement says whether paying the plan clears more than it pays.
func (p *Plan) IsSettlement() bool { return p.Total < p.Owed }

// Current returns the lines that count, by number.
func (p *Plan) Current() []PlanLine {
	var lines []PlanLine
	for _, l := range p.Lines {
		if l.Revision == p.Revision {
			lines = append(lines, l)
		}
	}
	slices.SortFunc(lines, func(a, b PlanLine) int { return int(a.Number - b.Number) })
	return lines
}

// SkipsLeft is how many more instalments may be skipped. One date agreed on
// alone is not skipped: there is nothing to spread it over.
func (p *Plan) SkipsLeft() int {
	lines := p.Current()
	if len(lines) == 1 {
		return 0
	}
	left := int(p.SkipsMax)
	for _, l := range lines {
		if l.Skipped {
			left--
		}
	}
	return max(0, left)
}

// withoutInterest returns the days on which the plan keeps interest from
// running; ok is false where it does not. A plan that ends lets it run again
// from its end, never backwards.
func (p *Plan) withoutInterest() (from, to Day, ok bool) {
	if !p.InterestWaived {
		return "", "", false
	}
	if p.State == PlanActive {
		return p.InterestFrom, "", true
	}
	return p.InterestFrom, p.ClosedOn, !p.ClosedOn.Before(p.InterestFrom)
}

// ActivePlan returns the plan being carried out, or nil.
func (c *Case) ActivePlan() *Plan {
	for i := range c.plans {
		if c.plans[i].State == PlanActive {
			return &c.plans[i]
		}
	}
	return nil
}

// LastPlan returns the plan accepted last, or nil.
func (c *Case) LastPlan() *Plan {
	if len(c.plans) == 0 {
		return nil
	}
	return &c.plans[len(c.plans)-1]
}

// Plans returns the plans of the case, oldest first.
func (c *Case) Plans() []Plan { return c.plans }

// Plan returns a plan of the case, or nil.
func (c *Case) Plan(id string) *Plan {
	for i := range c.plans {
		if c.plans[i].ID == id {
			return &c.plans[i]
		}
	}
	return nil
}

// LineState is how a line of a plan stands on a day.
type LineState string

const (
	LinePaid      LineState = "paid"
	LineSkipped   LineState = "skipped"
	LineSuspended LineState = "suspended" // its sum is contested
	LineDropped   LineState = "dropped"   // no longer owed
	LineLate      LineState = "late"
	LineDue       LineState = "due" // today
	LineAhead     LineState = "ahead"
)

// Standing is a line of a plan as it stands on a day.
type Standing struct {
	PlanLine
	Paid  money.Amount
	Left  money.Amount // to pay of it
	State LineState
}

// Progress is how a plan stands on a day.
type Progress struct {
	Plan      *Plan
	Total     money.Amount
	Paid      money.Amount // towards it
	Left      money.Amount // to pay until it is complete
	Suspended money.Amount // of what is left, contested: not asked now
	Late      money.Amount // due before the day, and not here
	Lines     []Standing
	Next      *Standing // the first line with something to pay; nil: none
}

// towards is what came in for the plan: payments allocated since it was
// accepted, whenever they took effect.
func (c *Case) towards(p *Plan) money.Amount {
	known := strings.Fields(p.PaidBefore)
	paid := money.New(0, c.Currency)
	for _, posting := range c.standing() {
		if posting.Kind != ledger.KindPayment || slices.Contains(known, facts(posting).PaymentID) {
			continue
		}
		for _, e := range posting.Entries {
			if e.Account == ledger.Receivable {
				paid.Minor -= e.Amount
			}
		}
	}
	return paid
}

// paymentIDs are the payments allocated so far.
func (c *Case) paymentIDs() string {
	var ids []string
	for _, posting := range c.standing() {
		if posting.Kind == ledger.KindPayment {
			ids = append(ids, facts(posting).PaymentID)
		}
	}
	return strings.Join(ids, " ")
}

// Progress works out how a plan stands on a day. Money fills the lines in
// their order. What is no longer owed, and then what is contested, is taken
// from the last line backwards: what is to be paid next stays.
func (c *Case) Progress(p *Plan, on Day) (*Progress, error) {
	return c.ProgressWith(p, money.New(0, c.Currency), on)
}

// ProgressWith is how a plan will stand once money that is on its way is here.
func (c *Case) ProgressWith(p *Plan, coming money.Amount, on Day) (*Progress, error) {
	statement, err := c.Statement(on)
	if err != nil {
		return nil, err
	}
	return p.progress(c.towards(p).Add(coming), statement.Total.Sub(coming), c.contested(statement), on), nil
}

// Due is what is to be paid next: all that is late or due on the day, else the
// next line. Nothing where nothing is asked.
func (g *Progress) Due() money.Amount {
	due := money.New(0, g.Total.Currency)
	for _, l := range g.Lines {
		if l.State == LineLate || l.State == LineDue {
			due = due.Add(l.Left)
		}
	}
	if due.IsZero() && g.Next != nil {
		return g.Next.Left
	}
	return due
}

// Asked is what is left to pay of the plan, without what is contested.
func (g *Progress) Asked() money.Amount { return g.Left.Sub(g.Suspended) }

// progress is pure: paid came in for the plan, owed is what the case owes, of
// which contested may not be asked.
func (p *Plan) progress(paid, owed, contested money.Amount, on Day) *Progress {
	none := money.New(0, p.Currency)
	g := &Progress{Plan: p, Total: money.New(p.Total, p.Currency), Suspended: none, Late: none}
	g.Paid = paid.Max(none).Min(g.Total)
	g.Left = g.Total.Sub(g.Paid).Min(owed).Max(none)
	dropped := g.Total.Sub(g.Paid).Sub(g.Left)
	g.Suspended = g.Left.Sub(owed.Sub(contested)).Max(none).Min(g.Left)
	rest := g.Paid
	for _, line := range p.Current() {
		s := Standing{PlanLine: line, Paid: rest.Min(money.New(line.Amount, p.Currency))}
		rest = rest.Sub(s.Paid)
		s.Left = money.New(line.Amount, p.Currency).Sub(s.Paid)
		g.Lines = append(g.Lines, s)
	}
	suspended := g.Suspended
	for i := len(g.Lines) - 1; i >= 0; i-- {
		s := &g.Lines[i]
		lost := s.Left.Min(dropped)
		dropped, s.Left = dropped.Sub(lost), s.Left.Sub(lost)
		held := s.Left.Min(suspended)
		suspended, s.Left = suspended.Sub(held), s.Left.Sub(held)
		s.State = s.state(lost, held, on)
	}
	for i := range g.Lines {
		s := &g.Lines[i]
		if s.State == LineLate {
			g.Late = g.Late.Add(s.Left)
		}
		if g.Next == nil && s.Left.IsPositive() {
			g.Next = s
		}
	}
	return g
}

func (s *Standing) state(lost, held money.Amount, on Day) LineState {
	switch {
	case s.Skipped:
		return LineSkipped
	case s.Left.IsPositive() && s.DueOn.Before(on):
		return LineLate
	case s.Left.IsPositive() && s.DueOn == on:
		return LineDue
	case s.Left.IsPositive():
		return LineAhead
	case held.IsPositive():
		return LineSuspended
	case lost.IsPositive():
		return LineDropped
	}
	return LinePaid
}

// contested is how much of what a statement asks may not be planned: what is
// disputed, or stands in another way, on a part of the case.
func (c *Case) contested(s *Statement) money.Amount { return c.contestedBy(s, c.Gate(s.On)) }

// contestedBy is contested by what stands on the day of a gate.
func (c *Case) contestedBy(s *Statement, gate Gate) money.Amount {
	sum := money.New(0, c.Currency)
	for _, cs := range s.Claims {
		owed := money.Sum(cs.Principal, cs.Interest, cs.Indemnity)
		of := money.New(0, c.Currency)
		for _, closed := range gate.Closed {
			if closed.Reason == HoldOpenOffer || !closed.Reason.Blocks(PlanMaking) || (!closed.whole() && closed.ClaimID != cs.Claim.ID) {
				continue
			}
			part := closed.Amount
			if part.IsZero() {
				part = owed
			}
			of = of.Add(part).Min(owed)
		}
		sum = sum.Add(of)
	}
	return sum
}

// Plannable is how much of what is owed on a day terms can be made of: all but
// what is contested.
func (c *Case) Plannable(on Day) (money.Amount, error) {
	s, err := c.Statement(on)
	if err != nil {
		return money.Amount{}, err
	}
	return s.Total.Sub(c.contested(s)), nil
}
