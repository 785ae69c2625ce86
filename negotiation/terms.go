package negotiation

import (
	"encoding/json"

	"amiable/negotiation/money"
)

// Rhythm is how often an instalment falls due.
type Rhythm string

const (
	Weekly      Rhythm = "weekly"
	Fortnightly Rhythm = "fortnightly"
	Monthly     Rhythm = "monthly"
)

// instalmentsMax is the most instalments that any terms may have; what a
// creditor takes is in its policy.
const instalmentsMax = 120

// Terms is how a party would like to pay. Paying in several times, having more
// time and a smaller lump sum are one idea in different numbers:
//
//	instalments := Terms{Instalments: 3, Every: Monthly, FirstDueOn: february}
//	extraTime   := Terms{Instalments: 1, FirstDueOn: june}
//	settlement  := Terms{Instalments: 1, FirstDueOn: february, Total: reduced}
type Terms struct {
	Instalments int          `json:"instalments"`
	Every       Rhythm       `json:"every,omitempty"` // of no matter for one instalment
	FirstDueOn  Day          `json:"first_due_on"`
	First       money.Amount `json:"first,omitzero"` // first sum; nothing: like the others
	Total       money.Amount `json:"total,omitzero"` // reduced total; nothing: all that is owed
}

// Instalment is one line of a schedule.
type Instalment struct {
	Number int          `json:"number"` // from 1
	DueOn  Day          `json:"due_on"`
	Amount money.Amount `json:"amount"`
}

// Schedule is terms worked out in dated amounts.
type Schedule []Instalment

// Total adds up the schedule.
func (s Schedule) Total() money.Amount {
	var total money.Amount
	for _, i := range s {
		total = total.Add(i.Amount)
	}
	return total
}

// End is the last due day.
func (s Schedule) End() Day {
	if len(s) == 0 {
		return ""
	}
	return s[len(s)-1].DueOn
}

// InstalmentsFor is how many instalments pay a balance with at most so much each
// time. It refuses a sum that is none, and one that would take for ever.
func InstalmentsFor(balance, each money.Amount) (int, error) {
	if !each.IsPositive() {
		return 0, Refuse(Invalid, "amount_not_positive").On("amount")
	}
	n := (balance.Minor + each.Minor - 1) / each.Minor
	if n > instalmentsMax {
		least := money.New((balance.Minor+instalmentsMax-1)/instalmentsMax, balance.Currency)
		return 0, Refuse(Invalid, "terms_amount_too_small").On("amount").With("most", instalmentsMax).With("least", least)
	}
	return int(max(n, 1)), nil
}

// totalOf is what the terms pay of a balance.
func (t Terms) totalOf(balance money.Amount) money.Amount {
	if t.Total.IsZero() {
		return balance
	}
	return t.Total
}

// IsSettlement says whether the terms ask to pay less than is owed.
func (t Terms) IsSettlement(balance money.Amount) bool {
	return t.totalOf(balance).Cmp(balance) < 0
}

// Schedule works the terms out on what is owed. It adds up to its total to the
// cent: the leftover cents go to the first instalments. A monthly schedule
// keeps the day of the month it began with, and takes the last day of a month
// that is too short for it. It refuses terms that make no schedule.
func (t Terms) Schedule(balance money.Amount) (Schedule, error) {
	total := t.totalOf(balance)
	switch {
	case t.Instalments < 1:
		return nil, Refuse(Invalid, "terms_no_instalment").On("instalments")
	case t.Instalments > instalmentsMax:
		return nil, Refuse(Invalid, "terms_too_many").On("instalments").With("most", instalmentsMax)
	case t.FirstDueOn.IsZero():
		return nil, Refuse(Invalid, "date_missing").On("first_due_on")
	case !total.IsPositive() || total.Cmp(balance) > 0:
		return nil, Refuse(Invalid, "terms_total_wrong").On("total").With("most", balance)
	case t.First.IsNegative() || t.First.Cmp(total) > 0 || (t.Instalments == 1 && !t.First.IsZero() && t.First.Cmp(total) != 0):
		return nil, Refuse(Invalid, "terms_first_wrong").On("first").With("most", total)
	}
	step, err := t.step()
	if err != nil {
		return nil, err
	}
	amounts := t.amounts(total)
	schedule := make(Schedule, t.Instalments)
	for i, amount := range amounts {
		if !amount.IsPositive() {
			return nil, Refuse(Invalid, "terms_too_many").On("instalments").With("most", total.Minor)
		}
		schedule[i] = Instalment{Number: i + 1, DueOn: step(i), Amount: amount}
	}
	return schedule, nil
}

// amounts divides the total.
func (t Terms) amounts(total money.Amount) []money.Amount {
	if t.First.IsZero() || t.Instalments == 1 {
		return total.Split(t.Instalments)
	}
	return append([]money.Amount{t.First}, total.Sub(t.First).Split(t.Instalments-1)...)
}

// step returns the due day of the instalment after i others.
func (t Terms) step() (func(i int) Day, error) {
	switch {
	case t.Every == Monthly, t.Instalments == 1:
		return t.FirstDueOn.AddMonths, nil
	case t.Every == Weekly:
		return func(i int) Day { return t.FirstDueOn.Add(7 * i) }, nil
	case t.Every == Fortnightly:
		return func(i int) Day { return t.FirstDueOn.Add(14 * i) }, nil
	}
	return nil, Refuse(Invalid, "terms_rhythm_unknown").On("every")
}

// written is the terms as they are kept.
func (t Terms) written() (string, error) {
	text, err := json.Marshal(t)
	return string(text), err
}

// on returns the same terms on another balance: a reduced total stays reduced
// by as much as it was, a first sum stays if it can, and instalments that would
// have nothing to pay fall away. ok is false where nothing is left to pay.
func (t Terms) on(balance, before money.Amount) (Terms, bool) {
	if !balance.IsPositive() {
		return t, false
	}
	if !t.Total.IsZero() {
		if t.Total = balance.Sub(before.Sub(t.Total)); !t.Total.IsPositive() {
			return t, false
		}
	}
	total := t.totalOf(balance)
	if t.First.Cmp(total) >= 0 {
		t.First = money.Amount{}
	}
	rest := total.Sub(t.First).Minor
	if !t.First.IsZero() {
		rest++
	}
	t.Instalments = int(min(int64(t.Instalments), rest))
	if t.Instalments == 1 {
		t.First = money.Amount{}
	}
	return t, true
}
