package camt

import (
	"math/big"
	"strings"
)

// Bounds of an amount, as ISO 20022 has them.
const (
	digitsMax    = 18
	fractionsMax = 5
)

// Decimal is an amount as it was written: "8.850". It is never below zero: the
// direction stands beside it.
type Decimal string

// parseDecimal takes what XML Schema calls a decimal and nothing else. A comma
// is refused: 1517,30 may be read neither as 151730 nor as 1517.
func parseDecimal(text string) (Decimal, bool) {
	text = strings.TrimSpace(text)
	whole, fraction, _ := strings.Cut(strings.TrimPrefix(text, "+"), ".")
	if whole+fraction == "" || len(fraction) > fractionsMax || len(strings.TrimLeft(whole, "0"))+len(fraction) > digitsMax {
		return "", false
	}
	if strings.Trim(whole+fraction, "0123456789") != "" {
		return "", false
	}
	return Decimal(text), true
}

// Minor is the amount in minor units of a currency with so many decimals; ok is
// false where it holds a part of a minor unit, or is beyond any account.
func (d Decimal) Minor(decimals int) (minor int64, ok bool) {
	whole, fraction, _ := strings.Cut(strings.TrimPrefix(string(d), "+"), ".")
	if len(fraction) > decimals {
		if strings.Trim(fraction[decimals:], "0") != "" {
			return 0, false
		}
		fraction = fraction[:decimals]
	}
	fraction += strings.Repeat("0", decimals-len(fraction))
	for _, r := range whole + fraction {
		if minor > (1<<62)/10 {
			return 0, false
		}
		minor = minor*10 + int64(r-'0')
	}
	return minor, d != ""
}

// decimalSum adds amounts of any number of decimals, exactly.
type decimalSum struct {
	units  big.Int // in 10^-fractionsMax
	places int     // the most decimals of what was added
}

func (s *decimalSum) add(d Decimal, negative bool) {
	if d == "" {
		return
	}
	_, fraction, _ := strings.Cut(string(d), ".")
	s.places = max(s.places, len(fraction))
	n, ok := d.Minor(fractionsMax)
	unit := big.NewInt(n)
	if !ok { // more digits than an int64 holds: as text
		whole, _, _ := strings.Cut(strings.TrimPrefix(string(d), "+"), ".")
		unit.SetString(whole+fraction+strings.Repeat("0", fractionsMax-len(fraction)), 10)
	}
	if negative {
		unit.Neg(unit)
	}
	s.units.Add(&s.units, unit)
}

func (s *decimalSum) cmp(other *decimalSum) int { return s.units.Cmp(&other.units) }

// String writes the sum with as many decimals as the amounts had.
func (s *decimalSum) String() string {
	digits := new(big.Int).Abs(&s.units).String()
	if len(digits) <= fractionsMax {
		digits = strings.Repeat("0", fractionsMax+1-len(digits)) + digits
	}
	text := digits[:len(digits)-fractionsMax]
	if s.places > 0 {
		text += "." + digits[len(digits)-fractionsMax:][:s.places]
	}
	if s.units.Sign() < 0 {
		text = "-" + text
	}
	return text
}
