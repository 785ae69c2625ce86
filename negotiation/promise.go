package negotiation

import (
	"context"
	"slices"
	"strings"
	"time"

	"amiable/negotiation/ledger"
	"amiable/negotiation/money"
)

// PromiseState is where the life of a promise to pay stands.
type PromiseState string

const (
	PromiseAwaited PromiseState = "awaited"
	PromiseIsKept  PromiseState = "kept"
	PromiseIsBroke PromiseState = "broken"
	PromiseDropped PromiseState = "dropped" // another took its place, or the case left us
)

var promiseMoves = map[PromiseState][]PromiseState{
	PromiseAwaited: {PromiseIsKept, PromiseIsBroke, PromiseDropped},
	PromiseIsKept:  {},
	PromiseIsBroke: {},
	PromiseDropped: {},
}

// PromiseAheadMax is how far ahead a promise may lie, in days: who needs longer is
// better off with an offer, which the creditor answers.
const PromiseAheadMax = 31

// promiseGraceDays are the working days that money takes after its day.
const promiseGraceDays = 3

// Promise is what a debtor said they would pay, and by when. It recognises
// nothing and binds nobody: until its day and the days that money takes, nothing
// that asks is sent, and then a person looks.
type Promise struct {
	ID         string
	CreditorID string
	CaseID     string
	PartyID    string
	State      PromiseState
	Amount     int64 // minor units
	DueOn      Day
	UntilOn    Day    // with the days that money takes
	PaidBefore string // payments that were there when it was made
	AgentID    string // who noted it
	ByName     string
	DecidedAt  *time.Time
	CreatedAt  time.Time
}

// promise notes a promise on the locked case; one that was awaited gives way.
func (c *Case) promise(t *Tx, by Actor, party *Party, amount money.Amount, on Day) (*Promise, error) {
	statement, err := c.Statement(t.Today)
	if err != nil {
		return nil, err
	}
	switch {
	case c.State != CaseOpen && c.State != CaseInPlan:
		return nil, Refuse(Conflict, "case_is_"+string(c.State))
	case !amount.IsPositive() || amount.Currency != c.Currency:
		return nil, Refuse(Invalid, "amount_not_positive").On("amount")
	case amount.Cmp(statement.Total) > 0:
		return nil, Refuse(Invalid, "amount_above_owed").On("amount").With("most", statement.Total)
	case on.IsZero():
		return nil, Refuse(Invalid, "date_missing").On("promised_on")
	case on.Before(t.Today):
		return nil, Refuse(Invalid, "date_past").On("promised_on")
	case on.After(t.Today.Add(PromiseAheadMax)):
		return nil, Refuse(Invalid, "promise_too_far").On("promised_on").With("day", t.Today.Add(PromiseAheadMax))
	}
	if err := c.decidePromise(t, by, PromiseDropped); err != nil {
		return nil, err
	}
	p := &Promise{
		ID: newID(), CreditorID: c.CreditorID, CaseID: c.ID, PartyID: party.ID, State: PromiseAwaited, Amount: amount.Minor, DueOn: on,
		UntilOn: AddWorkingDays(on, promiseGraceDays), PaidBefore: c.paymentIDs(), AgentID: by.ID, ByName: by.Name, CreatedAt: t.Now,
	}
	c.PromisedUntil = p.UntilOn
	return p, t.Insert(p, c.event(t, by, PromiseNoted, map[string]any{"promise": p.ID, "amount": amount, "due": on, "until": p.UntilOn}))
}

// awaited returns the promise that a case awaits, or nil.
func (c *Case) awaited(t *Tx) (*Promise, error) {
	if c.PromisedUntil.IsZero() {
		return nil, nil
	}
	var found []Promise
	if err := t.Where("case_id = ? AND state = ?", c.ID, PromiseAwaited).Limit(1).Find(&found).Error; err != nil {
		return nil, fault(err, "promise of case", c.ID)
	}
	if len(found) == 0 {
		return nil, nil
	}
	return &found[0], nil
}

// decidePromise ends the promise that a case awaits, if any.
func (c *Case) decidePromise(t *Tx, by Actor, to PromiseState) error {
	p, err := c.awaited(t)
	if p == nil || err != nil {
		return err
	}
	c.PromisedUntil = ""
	p.State, p.DecidedAt = to, &t.Now
	if err := t.Model(p).Where("id = ?", p.ID).Select("State", "DecidedAt").Updates(p).Error; err != nil {
		return fault(err, "promise", p.ID)
	}
	facts := map[string]any{"promise": p.ID, "amount": money.New(p.Amount, c.Currency), "due": p.DueOn}
	switch to {
	case PromiseIsKept:
		return t.Insert(c.event(t, by, PromiseKept, facts))
	case PromiseIsBroke:
		return t.Insert(c.event(t, by, PromiseBroken, facts))
	}
	return nil
}

// since is what came in for a case after a promise was made.
func (c *Case) since(p *Promise) money.Amount {
	known := strings.Fields(p.PaidBefore)
	paid := money.New(0, c.Currency)
	for _, posting := range c.standing() {
		if posting.Kind != ledger.KindPayment || slices.Contains(known, facts(posting).PaymentID) {
			continue
		}
		for _, e := range posting.Entries {
			if e.Account == ledger.Receivable {
				paid.Minor -= e.Amount
			}
		}
	}
	return paid
}

// settlePromise looks, after money came, whether what was promised is here.
func (c *Case) settlePromise(t *Tx, by Actor) error {
	p, err := c.awaited(t)
	switch {
	case p == nil || err != nil:
		return err
	case c.IsClosed(), c.since(p).Minor >= p.Amount:
		return c.decidePromise(t, by, PromiseIsKept)
	}
	return nil
}

// WatchPromises ends the promises whose day, and the days that money takes, went
// by: kept where the money is here, else broken, and a person looks.
func (s *Service) WatchPromises(ctx context.Context, limit int) (int, error) {
	today, err := s.Today(ctx)
	if err != nil {
		return 0, err
	}
	var ids []string
	err = s.db.Read(ctx).Model(&Promise{}).Where("state = ? AND until_on < ?", PromiseAwaited, today).Order("until_on, id").Limit(limit).Pluck("case_id", &ids).Error
	if err != nil {
		return 0, fault(err, "promises to look at", "")
	}
	return s.each(ctx, ids, "promise", func(t *Tx, c *Case) (bool, error) {
		p, err := c.awaited(t)
		switch {
		case err != nil || p == nil || !t.Today.After(p.UntilOn):
			return false, err
		case c.State == CaseWithdrawn || c.State == CaseReferred:
			return true, c.decidePromise(t, System, PromiseDropped)
		case c.IsClosed() || c.since(p).Minor >= p.Amount:
			return true, c.decidePromise(t, System, PromiseIsKept)
		}
		if plan := c.ActivePlan(); plan != nil && plan.AcceptedAt.After(p.CreatedAt) {
			return true, c.decidePromise(t, System, PromiseDropped) // something better took its place
		}
		return true, c.decidePromise(t, System, PromiseIsBroke)
	})
}

// Promises returns the promises of a case, newest first. The caller has asked
// whether the case may be seen.
func (s *Service) Promises(ctx context.Context, caseID string) ([]Promise, error) {
	var found []Promise
	err := s.db.Read(ctx).Where("case_id = ?", caseID).Order("created_at DESC, id DESC").Find(&found).Error
	return found, fault(err, "promises of case", caseID)
}
