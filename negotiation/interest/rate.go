package interest

import (
	"fmt"
	"strings"
)

// Rate is a yearly rate in millionths: 12.15 % is 121 500. That is finer than
// any published rate, and integers all the way.
type Rate int64

// percent is one percent; a rate has at most four decimals of it.
const percent Rate = 10_000

// MaxRate is the highest rate taken from a contract or a file. Anything above
// is a slip of the pen (a rate of the day, or an amount in the wrong column).
const MaxRate = 100 * percent

// ParseRate reads a percentage such as "12.15", "10,5" or "12": up to four
// decimals, point or comma, no sign, at most 100.
func ParseRate(s string) (Rate, error) {
	whole, fraction, hasFraction := strings.Cut(strings.Replace(s, ",", ".", 1), ".")
	if !digits(whole) || len(whole) > 3 || (hasFraction && !digits(fraction)) || len(fraction) > 4 {
		return 0, fmt.Errorf("%q is not a rate: write the percentage a year with at most four decimals, such as 10.5", s)
	}
	var r Rate
	for _, d := range whole + (fraction + "0000")[:4] {
		r = r*10 + Rate(d-'0')
	}
	if r > MaxRate {
		return 0, fmt.Errorf("a rate of %s %% a year is not believable: the highest taken is %s %%", r, MaxRate)
	}
	return r, nil
}

// String writes the percentage with a point and two decimals, or more where
// the rate has more: "12.15", "10.00", "10.125".
func (r Rate) String() string {
	sign := ""
	if r < 0 {
		sign, r = "-", -r
	}
	s := fmt.Sprintf("%s%d.%04d", sign, int64(r/percent), int64(r%percent))
	for range 2 {
		s = strings.TrimSuffix(s, "0")
	}
	return s
}

func digits(s string) bool {
	for _, c := range []byte(s) {
		if c < '0' || c > '9' {
			return false
		}
	}
	return s != ""
}
