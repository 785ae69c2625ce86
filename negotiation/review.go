package negotiation

// Review is Consider for whom the case is about, before they send anything: it
// also refuses what Propose would.
func (c *Case) Review(p Policy, terms Terms, on Day) (*Considered, error) {
	considered, err := c.Consider(p, terms, on)
	if err != nil {
		return nil, err
	}
	if err := c.mayLast(considered, on); err != nil {
		return nil, err
	}
	if considered.Verdict.Answer == Refer || !p.IsSet() {
		err = inTime(p, terms, on)
	}
	return considered, err
}

// mayLast refuses what nobody may propose, whatever the policy says.
func (c *Case) mayLast(considered *Considered, on Day) error {
	switch {
	case considered.Schedule[0].DueOn.Before(on):
		return Refuse(Invalid, "date_past").On("first_due_on")
	case considered.Schedule.End().After(on.AddMonths(12 * longestYears)):
		return Refuse(Invalid, "terms_too_long").On("instalments")
	case considered.Total.Cmp(considered.Owed) < 0 && c.partlyContested(on):
		return Refuse(Conflict, "settlement_while_contested")
	}
	return nil
}

// inTime refuses terms that would begin before the creditor has to answer.
func inTime(p Policy, terms Terms, on Day) error {
	if by := p.AnswerBy(on); terms.FirstDueOn.Before(by) {
		return Refuse(Invalid, "first_before_answer").On("first_due_on").With("day", by)
	}
	return nil
}

// SuggestDays offers later days to pay the whole on that the policy takes.
func (c *Case) SuggestDays(p Policy, today Day) ([]Day, error) {
	owed, err := c.Plannable(today)
	if err != nil || !owed.IsPositive() {
		return nil, err
	}
	return p.SuggestDays(owed, c.oldestDue(), today), nil
}

// RebatePossible says whether the policy takes less than is owed today, paid at
// once.
func (c *Case) RebatePossible(p Policy, today Day) (bool, error) {
	owed, err := c.Plannable(today)
	if err != nil || !owed.IsPositive() || c.partlyContested(today) {
		return false, err
	}
	return p.rebates(c.asked(Terms{}, owed, today)), nil
}
