package negotiation

import (
	"amiable/negotiation/day"
	"amiable/negotiation/money"
)

// The day of the month on which a first instalment is suggested, when wages
// have mostly come, and how many days ahead it is at least.
const (
	firstDayOfMonth = 5
	firstDaysLeast  = 7
)

// FirstDay is the day on which a first instalment is suggested: the 5th of a
// month, at least a week ahead and not before the creditor would have answered;
// an earlier one where the policy asks for it.
func (p Policy) FirstDay(on Day) Day {
	least := day.Max(on.Add(firstDaysLeast), p.AnswerBy(on))
	year, month, _ := least.Date()
	first := day.New(year, month, firstDayOfMonth)
	if first.Before(least) {
		first = first.AddMonths(1)
	}
	return day.Min(first, on.Add(max(p.FirstDaysMax, 0)))
}

// SuggestDays offers later days to pay the whole on: that of a first instalment
// and the same a month later, where the policy takes them.
func (p Policy) SuggestDays(balance money.Amount, oldestDue, today Day) []Day {
	var days []Day
	for _, d := range []Day{p.FirstDay(today), p.FirstDay(today).AddMonths(1)} {
		reasons, err := p.outside(Asked{Terms: Terms{Instalments: 1, FirstDueOn: d}, Balance: balance, OldestDue: oldestDue, Today: today})
		if err == nil && len(reasons) == 0 && d.After(today) {
			days = append(days, d)
		}
	}
	return days
}

// rebates says whether the policy takes a smaller sum paid at once.
func (p Policy) rebates(a Asked) bool { return p.leastTotal(a) < a.Balance.Minor }
