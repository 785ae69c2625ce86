package negotiation

import (
	"fmt"

	"amiable/negotiation/money"
)

// Policy is what a creditor says yes to in advance. It is part of the mandate
// and versioned: a new version never touches what was agreed under an old one.
type Policy struct {
	Version        int      `json:"version"`
	InstalmentsMax int      `json:"instalments_max"` // 1: no instalments
	MonthsMax      int      `json:"months_max"`      // from today to the last instalment
	InstalmentMin  int64    `json:"instalment_min"`  // minor units; the whole at once may be less
	FirstDaysMax   int      `json:"first_days_max"`  // how far ahead the first instalment may be
	Rebates        []Rebate `json:"rebates"`
	SkipsMax       int      `json:"skips_max"`      // instalments that may be skipped in a plan
	MoveDaysMax    int      `json:"move_days_max"`  // how far an instalment may be moved
	AtOnce         bool     `json:"at_once"`        // inside is accepted at once; else the creditor answers
	PersonAbove    int64    `json:"person_above"`   // minor units owed from which a person always answers; 0: none
	AnswerDays     int      `json:"answer_days"`    // working days within which the creditor answers; 0: answerDays
	BreathingDays  int      `json:"breathing_days"` // the first breathing space, for the asking; 0: none
	AgentOwedMax   int64    `json:"agent_owed_max"` // minor units owed up to which agents may decide inside the policy; 0: never
}

// answerDays is how long a creditor has where its policy does not say.
const answerDays = 3

func (p Policy) answerDays() int {
	if p.AnswerDays > 0 {
		return p.AnswerDays
	}
	return answerDays
}

// AnswerBy is the last day for the creditor to answer terms put on a day.
func (p Policy) AnswerBy(on Day) Day { return AddWorkingDays(on, p.answerDays()) }

// NoPolicy stands for a creditor who has not set one: usual terms are
// suggested, and a person answers each.
func NoPolicy() Policy {
	return Policy{InstalmentsMax: 12, MonthsMax: 12, InstalmentMin: 20_00, FirstDaysMax: 45, MoveDaysMax: 10, BreathingDays: 15}
}

// IsSet says whether a creditor has set it: what the usual terms of NoPolicy are
// not made for is no refusal of anybody's.
func (p Policy) IsSet() bool { return p.Version > 0 }

// VersionName is what an acceptance by policy says it rests on.
func (p Policy) VersionName() string { return fmt.Sprintf("policy-%d", p.Version) }

// delegates refuses what the creditor has not let agents decide.
func (p Policy) delegates(owed money.Amount, v Verdict) error {
	switch {
	case p.AgentOwedMax == 0:
		return Refuse(Forbidden, "not_delegated")
	case owed.Minor > p.AgentOwedMax:
		return Refuse(Forbidden, "above_delegation").With("most", money.New(p.AgentOwedMax, owed.Currency))
	case v.Answer == No:
		return Refuse(Forbidden, "outside_policy")
	}
	return nil
}

// Rebate is what the creditor gives up for a lump sum.
type Rebate struct {
	DaysLate    int   `json:"days_late"`    // from so many days after the oldest due date
	OwedMax     int64 `json:"owed_max"`     // minor units owed at most; 0: any
	BasisPoints int64 `json:"basis_points"` // of what is owed, at most
}

// Asked is a question to a policy.
type Asked struct {
	Terms     Terms
	Balance   money.Amount
	OldestDue Day
	Today     Day
	Earlier   bool // there was a plan on the case before: a person looks
}

// Answer is what a policy says.
type Answer string

const (
	Yes   Answer = "yes"   // accepted at once
	No    Answer = "no"    // outside; the reasons and the nearest terms inside say how far
	Refer Answer = "refer" // a person answers
)

// PolicyReason says which limit terms are outside of.
type PolicyReason struct {
	Code  string // policy.<code> in the locale
	Limit int64  // the limit: a number, days, months or minor units, as the code says
}

// Verdict is a policy's answer, with what would have been accepted.
type Verdict struct {
	Answer  Answer
	Reasons []PolicyReason
	Nearest *Terms // for No: the nearest terms that pass; nil where none do
}

// Judge answers terms. Terms that make no schedule are refused before.
func (p Policy) Judge(a Asked) (Verdict, error) {
	reasons, err := p.outside(a)
	if err != nil {
		return Verdict{}, err
	}
	switch {
	case len(reasons) > 0:
		return Verdict{Answer: No, Reasons: reasons, Nearest: p.nearest(a)}, nil
	case !p.AtOnce:
		return Verdict{Answer: Refer, Reasons: []PolicyReason{{Code: "creditor_answers"}}}, nil
	case a.Earlier:
		return Verdict{Answer: Refer, Reasons: []PolicyReason{{Code: "earlier_plan"}}}, nil
	case p.PersonAbove > 0 && a.Balance.Minor > p.PersonAbove:
		return Verdict{Answer: Refer, Reasons: []PolicyReason{{"person_above", p.PersonAbove}}}, nil
	}
	return Verdict{Answer: Yes}, nil
}

// outside returns every limit that terms are outside of.
func (p Policy) outside(a Asked) ([]PolicyReason, error) {
	schedule, err := a.Terms.Schedule(a.Balance)
	if err != nil {
		return nil, err
	}
	var reasons []PolicyReason
	if n := len(schedule); n > max(p.InstalmentsMax, 1) {
		reasons = append(reasons, PolicyReason{"instalments_max", int64(max(p.InstalmentsMax, 1))})
	}
	if schedule[0].DueOn.After(a.Today.Add(p.FirstDaysMax)) {
		reasons = append(reasons, PolicyReason{"first_days_max", int64(p.FirstDaysMax)})
	}
	if schedule[0].DueOn.Before(a.Today) {
		reasons = append(reasons, PolicyReason{Code: "first_past"})
	}
	if len(schedule) > 1 && schedule.End().After(a.Today.AddMonths(p.MonthsMax)) {
		reasons = append(reasons, PolicyReason{"months_max", int64(p.MonthsMax)})
	}
	for _, i := range schedule {
		if len(schedule) > 1 && i.Amount.Minor < p.InstalmentMin {
			reasons = append(reasons, PolicyReason{"instalment_min", p.InstalmentMin})
			break
		}
	}
	if least := p.leastTotal(a); a.Terms.totalOf(a.Balance).Minor < least || (a.Terms.IsSettlement(a.Balance) && len(schedule) > 1) {
		reasons = append(reasons, PolicyReason{"rebate_max", a.Balance.Minor - least})
	}
	return reasons, nil
}

// leastTotal is the smallest lump sum that clears what is owed.
func (p Policy) leastTotal(a Asked) int64 {
	best := int64(0)
	for _, r := range p.Rebates {
		if a.Today.Sub(a.OldestDue) >= r.DaysLate && (r.OwedMax == 0 || a.Balance.Minor <= r.OwedMax) {
			best = max(best, r.BasisPoints)
		}
	}
	return a.Balance.Minor - money.MulDivFloor(a.Balance.Minor, min(best, 10_000), 10_000)
}

// nearest returns the terms that change least and pass: the total is raised to
// what a rebate allows (a smaller total in several times becomes the whole);
// the first day is moved into its bounds; then, since every limit left only
// ever asks for fewer instalments, as few as are needed are taken away.
func (p Policy) nearest(a Asked) *Terms {
	near := a
	switch least := p.leastTotal(a); {
	case !a.Terms.IsSettlement(a.Balance):
	case a.Terms.Instalments > 1:
		near.Terms.Total = money.Amount{}
	case a.Terms.Total.Minor < least:
		near.Terms.Total = money.New(least, a.Balance.Currency)
		if least == a.Balance.Minor {
			near.Terms.Total = money.Amount{}
		}
	}
	if latest := a.Today.Add(p.FirstDaysMax); near.Terms.FirstDueOn.After(latest) {
		near.Terms.FirstDueOn = latest
	}
	if near.Terms.FirstDueOn.Before(a.Today) {
		near.Terms.FirstDueOn = a.Today
	}
	if !near.Terms.First.IsZero() && near.Terms.First.Minor < p.InstalmentMin {
		near.Terms.First = money.New(p.InstalmentMin, a.Balance.Currency)
	}
	for n := near.Terms.Instalments; n >= 1; n-- {
		near.Terms.Instalments = n
		if n == 1 {
			near.Terms.First = money.Amount{}
		}
		if reasons, err := p.outside(near); err == nil && len(reasons) == 0 {
			return &near.Terms
		}
	}
	return nil
}

// Suggest offers up to three ways to pay in several times, the largest sums
// first. Each passes, their numbers differ, and none is the most that the
// policy takes: no floor to anchor on.
func (p Policy) Suggest(balance money.Amount, oldestDue, today, first Day) []Terms {
	var passing []int
	for n := 2; n <= min(p.InstalmentsMax, instalmentsMax); n++ {
		terms := Terms{Instalments: n, Every: Monthly, FirstDueOn: first}
		reasons, err := p.outside(Asked{Terms: terms, Balance: balance, OldestDue: oldestDue, Today: today})
		if err == nil && len(reasons) == 0 {
			passing = append(passing, n)
		}
	}
	if len(passing) > 0 { // the longest that passes is never suggested
		passing = passing[:len(passing)-1]
	}
	var picked []Terms
	last := 0
	for _, quarter := range []int{1, 2, 3} {
		if len(passing) == 0 {
			break
		}
		n := passing[min(len(passing)-1, (len(passing)*quarter)/4)]
		if n != last {
			picked = append(picked, Terms{Instalments: n, Every: Monthly, FirstDueOn: first})
			last = n
		}
	}
	return picked
}
