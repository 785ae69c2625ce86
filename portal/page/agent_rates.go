package page

import "amiable/negotiation/day"

// RatesPage shows the published rates of the last half-years and takes those of
// one that is missing. POST /agent/rates with "half_year" (its first day),
// "ecb_mro", "fr_legal_individual_creditor", "fr_legal_other_creditor" (percent)
// and "source".
type RatesPage struct {
	StaffBase
	Rows  []HalfYearRow
	Half  day.Day // the first day of the half-year of the form
	Kinds []string
	Form  Form
}

// HalfYearRow is one half-year.
type HalfYearRow struct {
	From, To day.Day
	Rates    []RateCell // in the order of Kinds
}

// RateCell is one rate; without a percent it is missing.
type RateCell struct {
	Percent  string
	Source   string
	Verified bool
}

func (*RatesPage) template() string { return "agent/rates" }
