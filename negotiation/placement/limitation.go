package placement

import "amiable/negotiation/day"

// Limits of law.md §3 that decide acceptance where the sector is not known.
const (
	consumerYears      = 2
	businessYears      = 5
	limitationNearDays = 30
)

// date reads a date; a reason says why there is none.
func (c *checker) date(f field) day.Day {
	s := c.value(f)
	if s == "" {
		return ""
	}
	year, month, dom, ok := parseDate(s)
	if !ok {
		c.found(Reason{Code: ImpossibleDate, Column: fieldNames[f], Value: s})
		return ""
	}
	return c.days.of(s, year, month, dom)
}

// limitation says what follows from the two dates, once both were read.
func (c *checker) limitation(claim *Claim) {
	today, issued, due := c.options.Today, claim.IssueDate, claim.DueDate
	c.missingDates(claim)
	switch {
	case due == "":
		return
	case issued != "" && due < issued:
		c.say(DueBeforeIssue, fieldDueDate)
	}
	consumer := claim.DebtorKind != Business
	switch {
	case due > today:
		c.say(NotDueYet, fieldDueDate)
	case consumer && due <= c.consumerLook:
		// The period ends with the last day of the term (C. civ. 2229).
		if last := due.AddYears(consumerYears); last < today {
			c.say(TimeBarredConsumer, fieldDueDate)
		} else if last <= today.Add(limitationNearDays) {
			c.say(LimitationNear, fieldDueDate)
		}
	case !consumer && due <= c.consumerLook:
		if due > c.businessLook {
			if due.AddYears(consumerYears) < today {
				c.say(OldButNotBarred, fieldDueDate)
			}
		} else if last := due.AddYears(businessYears); last < today {
			c.say(TimeBarredBusiness, fieldDueDate)
		} else if last <= today.Add(limitationNearDays) {
			c.say(LimitationNear, fieldDueDate)
		} else {
			c.say(OldButNotBarred, fieldDueDate)
		}
	}
}

// missingDates says which date is not in the file. A date that is there and does
// not exist has its own reason already.
func (c *checker) missingDates(claim *Claim) {
	if claim.IssueDate == "" && trim(c.raw(fieldIssueDate)) == "" {
		c.say(MissingIssueDate, fieldIssueDate)
	} else if claim.IssueDate > c.options.Today {
		c.say(IssueDateInFuture, fieldIssueDate)
	}
	if claim.DueDate == "" && trim(c.raw(fieldDueDate)) == "" {
		c.say(MissingDueDate, fieldDueDate)
	}
}
