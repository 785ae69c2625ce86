package interest

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"amiable/negotiation/day"
	"amiable/negotiation/money"
)

// Owed is what one claim owes on the day of a payment: its balance with the
// interest up to that day, and the rate it bears then.
type Owed struct {
	ClaimID string
	DueOn   day.Day
	Rate    Rate
	Balance
}

// Share is what one claim gets of a payment.
type Share struct {
	ClaimID string
	Balance // the part that pays interest, indemnity and principal
}

// Allocate divides a payment made on a day among claims (C. civ. 1342-10):
// first those the debtor chose, in the order chosen; then those already due,
// the highest rate of that day first, then the oldest due date, then in
// proportion, leftover cents going by the order of the claims given; those not
// yet due come last, in the same order. Inside a claim interest is paid first,
// then the indemnity, then the principal (1343-1).
//
// The shares come in the order of the claims given, every claim once, and with
// excess add up to the payment; excess is what no claim owed. It fails when
// a chosen claim is not among those given, or an amount is below zero.
func Allocate(payment money.Amount, on day.Day, owed []Owed, chosen ...string) (shares []Share, excess money.Amount, err error) {
	if payment.IsNegative() {
		return nil, money.Amount{}, fmt.Errorf("a payment of %v cannot be allocated", payment)
	}
	seen := make(map[string]int, len(owed))
	for i, o := range owed {
		if _, twice := seen[o.ClaimID]; twice {
			return nil, money.Amount{}, fmt.Errorf("claim %s is given twice", o.ClaimID)
		}
		if o.Interest.IsNegative() || o.Indemnity.IsNegative() || o.Principal.IsNegative() {
			return nil, money.Amount{}, fmt.Errorf("claim %s owes less than nothing", o.ClaimID)
		}
		seen[o.ClaimID] = i
	}
	turn := make([]int, len(owed)) // whose turn a claim is; unchosen ones share the last
	for i := range turn {
		turn[i] = len(chosen)
	}
	for n, id := range chosen {
		i, known := seen[id]
		if !known {
			return nil, money.Amount{}, fmt.Errorf("the payment is for claim %s, which is not among those owed", id)
		}
		turn[i] = min(turn[i], n)
	}

	order := make([]int, len(owed)) // sorted so that equals stay in the order given
	for i := range order {
		order[i] = i
	}
	before := func(a, b int) int {
		return cmp.Or(
			cmp.Compare(turn[a], turn[b]),
			cmp.Compare(waits(owed[a], on), waits(owed[b], on)),
			cmp.Compare(owed[b].Rate, owed[a].Rate),
			strings.Compare(string(owed[a].DueOn), string(owed[b].DueOn)),
		)
	}
	slices.SortStableFunc(order, before)

	shares = make([]Share, len(owed))
	for i, o := range owed {
		shares[i] = Share{o.ClaimID, o.Take(payment.Zero())}
	}
	excess = payment
	for start := 0; start < len(order); {
		end := start + 1
		for end < len(order) && before(order[start], order[end]) == 0 {
			end++
		}
		equals := order[start:end]
		weights := make([]int64, len(equals))
		group := payment.Zero()
		for i, claim := range equals {
			weights[i] = owed[claim].Total().Minor
			group = group.Add(owed[claim].Total())
		}
		paid := excess.Min(group)
		for i, part := range paid.Share(weights) {
			shares[equals[i]].Balance = owed[equals[i]].Take(part)
		}
		excess = excess.Sub(paid)
		start = end
	}
	return shares, excess, nil
}

// Take says what an amount pays of a balance: interest, then indemnity, then
// principal. What is beyond the balance is not in it.
func (b Balance) Take(amount money.Amount) Balance {
	var paid Balance
	paid.Interest = amount.Min(b.Interest)
	amount = amount.Sub(paid.Interest)
	paid.Indemnity = amount.Min(b.Indemnity)
	amount = amount.Sub(paid.Indemnity)
	paid.Principal = amount.Min(b.Principal)
	return paid
}

// waits is 0 for a claim already due, 1 for one that is not.
func waits(o Owed, on day.Day) int {
	if o.DueOn.After(on) {
		return 1
	}
	return 0
}
