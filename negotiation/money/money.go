// Package money holds amounts as whole minor units with their currency, and
// splits them without losing any. There is no floating point in it, and no
// conversion between currencies: adding euros to dollars is a programming
// error and panics.
package money

import (
	"fmt"
	"math"
	"math/bits"
	"strings"
)

// Currency is an ISO 4217 code in capitals, such as "EUR".
type Currency string

// EUR is the one currency that can be collected today; claims in another are
// kept, but their case cannot be opened.
const EUR Currency = "EUR"

// Amount is a sum in minor units (cents for EUR) of one currency. The zero
// value is "nothing, of no currency": it may be added to any other amount.
type Amount struct {
	Minor    int64    `json:"minor"`
	Currency Currency `json:"currency"`
}

// New returns minor units of a currency.
func New(minor int64, currency Currency) Amount { return Amount{Minor: minor, Currency: currency} }

// Euros returns an amount of so many euro cents.
func Euros(cents int64) Amount { return Amount{Minor: cents, Currency: EUR} }

// Zero returns nothing, of the currency of a.
func (a Amount) Zero() Amount { return Amount{Currency: a.Currency} }

// IsZero says whether the amount is nothing, whatever its currency.
func (a Amount) IsZero() bool { return a.Minor == 0 }

// IsPositive says whether the amount is more than nothing.
func (a Amount) IsPositive() bool { return a.Minor > 0 }

// IsNegative says whether the amount is less than nothing.
func (a Amount) IsNegative() bool { return a.Minor < 0 }

// Neg returns the amount with its sign turned.
func (a Amount) Neg() Amount { return Amount{Minor: -a.Minor, Currency: a.Currency} }

// Add returns a + b. It panics when the currencies differ or the sum overflows.
func (a Amount) Add(b Amount) Amount {
	currency := same(a, b)
	sum := a.Minor + b.Minor
	if (b.Minor > 0 && sum < a.Minor) || (b.Minor < 0 && sum > a.Minor) {
		panic(fmt.Sprintf("money: %v + %v overflows", a, b))
	}
	return Amount{Minor: sum, Currency: currency}
}

// Sub returns a − b. It panics as Add does.
func (a Amount) Sub(b Amount) Amount { return a.Add(b.Neg()) }

// Cmp returns −1, 0 or 1 as a is less than, equal to or more than b.
func (a Amount) Cmp(b Amount) int {
	same(a, b)
	switch {
	case a.Minor < b.Minor:
		return -1
	case a.Minor > b.Minor:
		return 1
	}
	return 0
}

// Min returns the smaller of a and b.
func (a Amount) Min(b Amount) Amount {
	if a.Cmp(b) <= 0 {
		return Amount{Minor: a.Minor, Currency: same(a, b)}
	}
	return Amount{Minor: b.Minor, Currency: same(a, b)}
}

// Max returns the larger of a and b.
func (a Amount) Max(b Amount) Amount {
	if a.Cmp(b) >= 0 {
		return Amount{Minor: a.Minor, Currency: same(a, b)}
	}
	return Amount{Minor: b.Minor, Currency: same(a, b)}
}

// Sum adds amounts of one currency.
func Sum(amounts ...Amount) Amount {
	var total Amount
	for _, a := range amounts {
		total = total.Add(a)
	}
	return total
}

// String writes the amount plainly, as in "1248.60 EUR". It is for logs and
// faults; pages and letters use portal/locale.
func (a Amount) String() string {
	sign, minor := "", uint64(a.Minor)
	if a.Minor < 0 {
		sign, minor = "-", uint64(-(a.Minor+1))+1
	}
	return strings.TrimSpace(fmt.Sprintf("%s%d.%02d %s", sign, minor/100, minor%100, a.Currency))
}

// Split divides a into n parts that add up to it exactly and differ by at most
// one minor unit; the larger parts come first. n must be at least 1.
func (a Amount) Split(n int) []Amount {
	if n < 1 {
		panic("money: split into fewer than one part")
	}
	parts := make([]Amount, n)
	quotient, rest := a.Minor/int64(n), a.Minor%int64(n)
	for i := range parts {
		parts[i] = Amount{Minor: quotient, Currency: a.Currency}
		switch {
		case rest > 0:
			parts[i].Minor++
			rest--
		case rest < 0:
			parts[i].Minor--
			rest++
		}
	}
	return parts
}

// Share divides a in proportion to weights (none negative), so that the parts
// add up to it exactly. Leftover units go to the first weights in order. With
// no positive weight the whole goes to the first part.
func (a Amount) Share(weights []int64) []Amount {
	parts := make([]Amount, len(weights))
	var total int64
	for i, w := range weights {
		if w < 0 {
			panic("money: negative weight")
		}
		parts[i].Currency = a.Currency
		total += w
	}
	if len(parts) == 0 {
		return parts
	}
	if total == 0 {
		parts[0] = a
		return parts
	}
	rest := a
	for i, w := range weights {
		parts[i].Minor = MulDivFloor(a.Minor, w, total)
		rest = rest.Sub(parts[i])
	}
	for i := 0; !rest.IsZero(); i = (i + 1) % len(parts) {
		if weights[i] == 0 {
			continue
		}
		parts[i].Minor++
		rest.Minor--
	}
	return parts
}

// BasisPoints returns so many hundredths of a percent of a, rounded half up
// (away from zero) once.
func (a Amount) BasisPoints(bp int64) Amount {
	return Amount{Minor: MulDivHalfUp(a.Minor, bp, 10_000), Currency: a.Currency}
}

// MulDivHalfUp returns a × b ÷ c rounded half away from zero, without overflow
// in between. c must be positive. It panics when the result does not fit.
func MulDivHalfUp(a, b, c int64) int64 {
	negative, high, low := product(a, b)
	quotient, rest := divide(high, low, c)
	if rest >= uint64(c)-rest { // the same as 2 × rest ≥ c, which could overflow
		quotient++
	}
	return signed(negative, quotient)
}

// MulDivFloor returns a × b ÷ c rounded down (towards minus infinity), without
// overflow in between. c must be positive.
func MulDivFloor(a, b, c int64) int64 {
	negative, high, low := product(a, b)
	quotient, rest := divide(high, low, c)
	if negative && rest > 0 {
		quotient++
	}
	return signed(negative, quotient)
}

func product(a, b int64) (negative bool, high, low uint64) {
	high, low = bits.Mul64(magnitude(a), magnitude(b))
	return (a < 0) != (b < 0), high, low
}

func divide(high, low uint64, c int64) (quotient, rest uint64) {
	if c <= 0 || high >= uint64(c) {
		panic("money: division out of range")
	}
	return bits.Div64(high, low, uint64(c))
}

func signed(negative bool, magnitude uint64) int64 {
	if magnitude > math.MaxInt64 {
		panic("money: result out of range")
	}
	if negative {
		return -int64(magnitude)
	}
	return int64(magnitude)
}

func magnitude(n int64) uint64 {
	if n < 0 {
		return uint64(-(n + 1)) + 1
	}
	return uint64(n)
}

func same(a, b Amount) Currency {
	switch {
	case a.Currency == b.Currency, b.Currency == "" && b.Minor == 0:
		return a.Currency
	case a.Currency == "" && a.Minor == 0:
		return b.Currency
	}
	panic(fmt.Sprintf("money: %v and %v are of different currencies", a, b))
}
