package negotiation

import (
	"slices"
	"strings"

	"amiable/negotiation/ledger"
	"amiable/negotiation/money"
)

// settlement is the agreed smaller sum that stands, or nil.
func (c *Case) settlement() *Plan {
	plan := c.LastPlan()
	if plan == nil || !plan.IsSettlement() || (plan.State != PlanActive && plan.State != PlanCompleted) {
		return nil
	}
	return plan
}

// settling is how much of a payment an agreed smaller sum still takes: what is
// beyond it is not owed any more, in however many payments it comes. What was
// paid before the sum was agreed is no part of it.
func (c *Case) settling(p Paid) money.Amount {
	plan := c.settlement()
	if plan == nil || slices.Contains(strings.Fields(plan.PaidBefore), p.PaymentID) {
		return p.Amount
	}
	left := money.New(plan.Total, c.Currency).Add(c.takenBack(plan)).Sub(c.towards(plan))
	return p.Amount.Min(left.Max(left.Zero()))
}

// takenBack is what payments from before a plan had paid and do not pay now:
// they were turned round, for good or to be allocated again. No agreement of
// the plan gave it up.
func (c *Case) takenBack(plan *Plan) money.Amount {
	missing := strings.Fields(plan.PaidBefore)
	back := money.New(c.returned(missing), c.Currency)
	missing = slices.DeleteFunc(missing, c.lessened)
	for _, posting := range c.standing() {
		if posting.Kind == ledger.KindPayment {
			missing = slices.DeleteFunc(missing, func(id string) bool { return id == facts(posting).PaymentID })
		}
	}
	for i := len(c.postings) - 1; i >= 0 && len(missing) > 0; i-- {
		posting := &c.postings[i]
		if posting.Kind != ledger.KindPayment || posting.Reverses != nil {
			continue
		}
		at := slices.Index(missing, facts(posting).PaymentID)
		if at < 0 {
			continue
		}
		missing = slices.Delete(missing, at, at+1) // as it was allocated last
		for _, e := range posting.Entries {
			if e.Account == ledger.Receivable {
				back.Minor -= e.Amount
			}
		}
	}
	return back
}

// waiveSettled gives up the rest once an agreed smaller sum is paid.
func (c *Case) waiveSettled(t *Tx, p Paid, a *Allocation) error {
	plan := c.settlement()
	if plan == nil || c.towards(plan).Minor < plan.Total {
		return nil
	}
	return c.waiveUpTo(t, "settled:"+p.PaymentID, p.On, c.Balance().Sub(c.takenBack(plan)), a)
}

// waiveRest gives up a rest that the mandate says is too small to ask for.
func (c *Case) waiveRest(t *Tx, p Paid, a *Allocation) error {
	rest := c.Balance()
	if !rest.IsPositive() || c.Mandate == nil || rest.Minor >= c.Mandate.RestWaivedBelow || !a.Allocated.IsPositive() {
		return nil
	}
	return c.waiveUpTo(t, "rest:"+p.PaymentID, p.On, rest, a)
}

// waiveUpTo gives up so much of what is left on the ledger: interest first, then
// indemnity, then principal.
func (c *Case) waiveUpTo(t *Tx, source string, on Day, most money.Amount, a *Allocation) error {
	if !most.IsPositive() {
		return nil
	}
	waiver := ledger.New(ledger.KindWaiver, c.version(source), c.CreditorID, c.ID, on, t.Now)
	for _, component := range []ledger.Component{ledger.Interest, ledger.Indemnity, ledger.Principal} {
		for i := range c.Claims {
			id := c.Claims[i].ID
			owed := c.owed(id)
			left := map[ledger.Component]money.Amount{ledger.Interest: owed.Interest, ledger.Indemnity: owed.Indemnity, ledger.Principal: owed.Principal}[component]
			if left = left.Min(most); !left.IsPositive() {
				continue
			}
			waiver.AddReceivable(id, component, left.Neg()).Add(ledger.Waived, left)
			most, a.Waived = most.Sub(left), a.Waived.Add(left)
		}
	}
	return c.post(t, waiver)
}

// settleState moves the case as its balance has it, and its plan and its open
// offer after it.
func (c *Case) settleState(t *Tx, by Actor) error {
	if err := c.settleCase(t, by); err != nil {
		return err
	}
	if !c.PromisedUntil.IsZero() {
		if err := c.settlePromise(t, by); err != nil {
			return err
		}
	}
	if c.OffersMade == 0 {
		return nil
	}
	if err := c.settlePlan(t, by); err != nil {
		return err
	}
	_, err := c.renewOffer(t, by)
	return err
}

// settleCase moves the case: cleared at nothing, open again where something is
// owed once more.
func (c *Case) settleCase(t *Tx, by Actor) error {
	switch {
	case c.Balance().IsZero() && (c.State == CaseOpen || c.State == CaseInPlan || c.State == CasePlaced || c.State == CaseWatched || c.State == CaseReferred):
		if err := c.move(CaseCleared); err != nil {
			return err
		}
		c.ClosedOn = t.Today
		return t.Insert(c.event(t, by, CaseWasCleared, nil))
	case c.Balance().IsPositive() && (c.State == CaseCleared || c.State == CaseArchived):
		if err := c.move(c.reopensAs(t.Today)); err != nil {
			return err
		}
		c.ClosedOn = ""
		return t.Insert(c.event(t, by, CaseWasReopened, nil))
	}
	return nil
}

// reopensAs is where a case that was cleared takes up again: one whose first
// letter never left is not open.
func (c *Case) reopensAs(today Day) CaseState {
	if !c.FirstLetterOn.IsZero() {
		return CaseOpen
	}
	for i := range c.Claims {
		if c.Claims[i].DueOn.Before(today) {
			return CasePlaced
		}
	}
	return CaseWatched
}
