package interest

import (
	"fmt"

	"amiable/negotiation/day"
)

// RemarkCode names something a person should know about a statement. The words
// for the reader are the caller's; String is for the command line and logs.
type RemarkCode string

const (
	RemarkBelowFloor      RemarkCode = "contract_rate_below_floor" // shown to a person, never raised by itself
	RemarkFloorUnknown    RemarkCode = "contract_floor_unknown"    // the legal rate of that half-year is not entered
	RemarkNotVerified     RemarkCode = "rate_not_verified"
	RemarkNoNotice        RemarkCode = "no_notice_no_interest"
	RemarkContractIgnored RemarkCode = "contract_rate_not_applicable" // a public buyer's rate is the code's
	RemarkNotCommercial   RemarkCode = "individual_creditor_civil_rules"
	RemarkNotDue          RemarkCode = "not_due_yet"
)

// Remark is one such thing; HalfYear, Rate and Floor are set where it is about
// them.
type Remark struct {
	Code     RemarkCode
	HalfYear HalfYear
	Rate     Rate
	Floor    Rate
	Day      day.Day
}

func (m Remark) String() string {
	switch m.Code {
	case RemarkBelowFloor:
		return fmt.Sprintf("the contract rate of %s %% is below three times the legal rate in %s (%s %%, C. com. L441-10 II): it was used as it is; a person should look at the contract", m.Rate, m.HalfYear, m.Floor)
	case RemarkFloorUnknown:
		return fmt.Sprintf("whether the contract rate reaches three times the legal rate cannot be told for %s: the legal rate of that half-year is not entered", m.HalfYear)
	case RemarkNotVerified:
		return fmt.Sprintf("the published rate behind the %s %% of %s is not verified yet", m.Rate, m.HalfYear)
	case RemarkNoNotice:
		return "no interest runs: it would begin on the day after a notice to pay (mise en demeure), and none is known"
	case RemarkContractIgnored:
		return "the contract rate was not used: the rate a public buyer owes is set by the public procurement code"
	case RemarkNotCommercial:
		return "the creditor is a private individual: the rules between businesses (C. com. L441-10) do not apply, so the legal rate runs from the notice to pay and there is no fixed indemnity"
	case RemarkNotDue:
		return fmt.Sprintf("the claim is not due before the end of %s: nothing is late", m.Day)
	}
	return string(m.Code)
}

// remarks collects what is odd about a statement, at most once per half-year.
func (r *Rates) remarks(c Claim, s *Statement) []Remark {
	var remarks []Remark
	law := c.regime()
	if !s.Until.After(c.DueOn) {
		remarks = append(remarks, Remark{Code: RemarkNotDue, Day: c.DueOn})
	}
	if c.Debtor == Business && c.Creditor == IndividualCreditor {
		remarks = append(remarks, Remark{Code: RemarkNotCommercial})
	}
	if law.noticeFirst && c.NoticeOn.IsZero() {
		remarks = append(remarks, Remark{Code: RemarkNoNotice})
	}
	if c.ContractRate != nil && !law.contract {
		remarks = append(remarks, Remark{Code: RemarkContractIgnored, Rate: *c.ContractRate})
	}
	var seen HalfYear
	for _, segment := range s.Segments {
		half := HalfYearOf(segment.From)
		if half == seen {
			continue
		}
		seen = half
		if !segment.Verified {
			remarks = append(remarks, Remark{Code: RemarkNotVerified, HalfYear: half, Rate: segment.Rate})
		}
		if segment.Kind != Contractual || !law.floored {
			continue
		}
		switch floor, err := r.Floor(half); {
		case err != nil:
			remarks = append(remarks, Remark{Code: RemarkFloorUnknown, HalfYear: half, Rate: segment.Rate})
		case segment.Rate < floor.Rate:
			remarks = append(remarks, Remark{Code: RemarkBelowFloor, HalfYear: half, Rate: segment.Rate, Floor: floor.Rate})
		}
	}
	return remarks
}
