package camt

import (
	"strconv"
	"strings"
)

// summary is one of the bank's own totals.
type summary struct {
	count string
	sum   string
	of    func(*Entry) bool
}

func (s *Statement) summarise(sums summaryElement) {
	for _, t := range []struct {
		total *totalElement
		of    func(*Entry) bool
	}{
		{sums.All, func(*Entry) bool { return true }},
		{sums.Credits, func(e *Entry) bool { return e.Credit }},
		{sums.Debits, func(e *Entry) bool { return !e.Credit }},
	} {
		if t.total != nil {
			s.summary = append(s.summary, summary{clean(t.total.Count), clean(t.total.Sum), t.of})
		}
	}
}

// judge notes what the bank's own sums leave in doubt.
func (s *Statement) judge() {
	if s.BalancesAgree() == "no" {
		s.Doubts = append(s.Doubts, Doubt{Code: BalancesDisagree})
	}
	if !s.totalsAgree() {
		s.Doubts = append(s.Doubts, Doubt{Code: TotalsDisagree})
	}
	for _, e := range s.Entries {
		if len(e.Details) > 1 && !e.Divides() && e.detailed() {
			s.Doubts = append(s.Doubts, Doubt{Code: DetailsDisagree, Line: e.Line})
		}
	}
}

// SumCurrency is the currency in which a statement is added up: that of its
// closing balance, else of the account, else of its first entry.
func (s *Statement) SumCurrency() string {
	switch {
	case s.Closing != nil:
		return s.Closing.Currency
	case s.Opening != nil:
		return s.Opening.Currency
	case s.Currency != "":
		return s.Currency
	case len(s.Entries) > 0:
		return s.Entries[0].Currency
	}
	return ""
}

// booked adds the booked entries up.
func (s *Statement) booked() *decimalSum {
	var sum decimalSum
	for _, e := range s.Entries {
		if e.Booked() && e.Currency == s.SumCurrency() {
			sum.add(e.Amount, !e.Credit)
		}
	}
	return &sum
}

// BookedNet is what the booked entries come to, with its sign.
func (s *Statement) BookedNet() string { return s.booked().String() }

// BalancesAgree says whether the booked entries lead from the opening balance
// to the closing one: yes, no, or nothing where that cannot be told.
func (s *Statement) BalancesAgree() string {
	if s.Opening == nil || s.Closing == nil || s.Opening.Currency != s.Closing.Currency {
		return ""
	}
	sum := s.booked()
	sum.add(s.Opening.Amount, s.Opening.Negative)
	var closing decimalSum
	closing.add(s.Closing.Amount, s.Closing.Negative)
	if sum.cmp(&closing) == 0 {
		return "yes"
	}
	return "no"
}

// totalsAgree compares the bank's totals with its entries: all of them, or the
// booked ones, as banks do either.
func (s *Statement) totalsAgree() bool {
	for _, total := range s.summary {
		agrees := false
		for _, bookedOnly := range []bool{false, true} {
			count, sum := 0, decimalSum{}
			for _, e := range s.Entries {
				if total.of(e) && (!bookedOnly || e.Booked()) {
					count++
					sum.add(e.Amount, false)
				}
			}
			said, ok := parseDecimal(total.sum)
			var wanted decimalSum
			wanted.add(said, false)
			if (total.count == "" || total.count == strconv.Itoa(count)) && (total.sum == "" || (ok && wanted.cmp(&sum) == 0)) {
				agrees = true
			}
		}
		if !agrees {
			return false
		}
	}
	return true
}

// detailed says whether every transaction of the entry names its own amount.
func (e *Entry) detailed() bool {
	for _, t := range e.Details {
		if t.Amount == "" {
			return false
		}
	}
	return len(e.Details) > 0
}

// Divides says whether the entry's transactions add up to it, with or without
// the bank's charges, so that each can stand for itself.
func (e *Entry) Divides() bool {
	if len(e.Details) < 2 || !e.detailed() {
		return false
	}
	var whole, parts decimalSum
	whole.add(e.Amount, !e.Credit)
	for _, t := range e.Details {
		if t.Currency != e.Currency {
			return false
		}
		parts.add(t.Amount, t.Direction == "DBIT" || (t.Direction == "" && !e.Credit))
	}
	if parts.cmp(&whole) == 0 {
		return true
	}
	whole.units.Add(&whole.units, &e.charged.units) // gross of what was kept back
	return parts.cmp(&whole) == 0
}

// String writes a balance with its sign.
func (b *Balance) String() string {
	if b == nil {
		return ""
	}
	if b.Negative && strings.Trim(string(b.Amount), "0.") != "" {
		return "-" + string(b.Amount)
	}
	return string(b.Amount)
}
