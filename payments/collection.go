package payments

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"amiable/negotiation"
	"amiable/negotiation/money"
)

// Limits of charging.
const (
	chargeLease      = 5 * time.Minute // longer than any call takes: what is not answered by then is looked up
	chargesAtOnce    = 10              // unless ChargeAt says otherwise: as many as a gateway that takes half a second answers
	chargesPerSecond = 20              // well under what the gateway takes
	chargeWaits      = 20              // times that a charge waits for its part of a second, where others ask as well
	chargeSpan       = 28              // days after which an instalment is no longer tried again
)

// leastCharge is the smallest sum that the gateway charges to a card.
var leastCharge = money.Euros(50)

// attempt is one time that a card was charged for an instalment: what was asked
// of the gateway, written before it was asked, and what it answered.
type attempt struct {
	PaymentID  string `gorm:"primaryKey"`
	Number     int64  `gorm:"primaryKey"`
	Key        string
	Request    string // JSON of the Charge
	ChargeID   string
	Failure    string
	AskedAt    time.Time
	AnsweredAt *time.Time
}

// TableName names the table for gorm.
func (attempt) TableName() string { return "charge_attempts" }

// ChargeAt sets how many cards are charged in a second at most, and how many at
// once, in the place of what is usual. It is called before the first charge.
func (s *Service) ChargeAt(perSecond, atOnce int) {
	s.chargesPerSecond, s.chargesAtOnce = perSecond, atOnce
}

// Collect charges the cards of the instalments whose day it is, and those whose
// next try has come, at most limit. Before each charge everything is asked again
// under the case's lock: the gates, the plan, the leave, and that nothing else
// is being paid. It is safe beside itself, in as many processes as there are.
func (s *Service) Collect(ctx context.Context, limit int) (int, error) {
	now, err := s.negotiation.Now(ctx)
	if err != nil {
		return 0, err
	}
	today := negotiation.DayOf(now)
	if now.Before(chargeTime(today)) {
		return 0, nil
	}
	var again []Payment
	err = s.db.Read(ctx).Where("kind = ? AND state = ? AND next_try_at <= ?", Collection, Started, now).Order("next_try_at, id").Limit(limit).Find(&again).Error
	if err != nil {
		return 0, fmt.Errorf("collections to try again: %w", err)
	}
	w := newPace(ctx, limit, s.chargesPerSecond, s.chargesAtOnce)
	for i := range again {
		w.do(func(ctx context.Context) (bool, error) { return s.retryCharge(ctx, &again[i], now) })
	}
	after := ""
	for w.room() {
		cases, err := s.dueCases(ctx, today, after)
		if err != nil {
			w.problem(err)
			break
		}
		if len(cases) == 0 {
			break
		}
		for _, id := range cases {
			w.do(func(ctx context.Context) (bool, error) { return s.collectCase(ctx, id) })
		}
		after = cases[len(cases)-1]
	}
	return w.end()
}

// pace does some things at once, not too many in a second, and stops when as
// many as asked for were done.
type pace struct {
	ctx      context.Context
	limit    int
	tick     *time.Ticker
	slots    chan struct{}
	all      sync.WaitGroup
	mu       sync.Mutex
	done     int
	problems error
}

func newPace(ctx context.Context, limit, perSecond, atOnce int) *pace {
	return &pace{ctx: ctx, limit: limit, tick: time.NewTicker(time.Second / time.Duration(perSecond)), slots: make(chan struct{}, atOnce)}
}

func (w *pace) room() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.done < w.limit && w.ctx.Err() == nil
}

func (w *pace) problem(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.problems = errors.Join(w.problems, err)
}

// do runs one thing when its turn has come. Only what charged counts, and only
// after it the next waits for its part of the second.
func (w *pace) do(thing func(ctx context.Context) (bool, error)) {
	w.slots <- struct{}{}
	if !w.room() {
		<-w.slots
		return
	}
	w.all.Go(func() {
		defer func() { <-w.slots }()
		did, err := thing(w.ctx)
		w.problem(err)
		if !did {
			return
		}
		w.mu.Lock()
		w.done++
		w.mu.Unlock()
		select {
		case <-w.tick.C:
		case <-w.ctx.Done():
		}
	})
}

func (w *pace) end() (int, error) {
	w.all.Wait()
	w.tick.Stop()
	return w.done, w.problems
}

// dueCases finds cases with an instalment to charge for the first time, a page
// at a time.
func (s *Service) dueCases(ctx context.Context, today negotiation.Day, after string) ([]string, error) {
	query := s.db.Read(ctx).Table("authorities").
		Joins("JOIN plans ON plans.id = authorities.plan_id").
		Joins("JOIN instalments ON instalments.plan_id = plans.id AND instalments.revision = plans.revision").
		Where("authorities.state = ? AND plans.state = ?", AuthorityLive, negotiation.PlanActive).
		Where("instalments.skipped = ? AND instalments.due_on >= ?", false, today.Add(-negotiation.ChargeDays)).
		Where("instalments.due_on <= ? OR (authorities.method = ? AND instalments.due_on <= ?)", today, DebitMethod, debitAhead(today)).
		Where(`NOT EXISTS (SELECT 1 FROM payments p WHERE p.plan_id = plans.id AND p.line = instalments.number AND p.kind = ? AND p.state <> ?)`, Collection, Cancelled)
	if after != "" {
		query = query.Where("authorities.case_id > ?", after)
	}
	const page = 200
	var ids []string
	err := query.Distinct("authorities.case_id").Order("authorities.case_id").Limit(page).Pluck("case_id", &ids).Error
	if err != nil {
		return nil, fmt.Errorf("instalments to charge: %w", err)
	}
	return ids, nil
}

// collectCase charges the first instalment of a case whose day has come.
func (s *Service) collectCase(ctx context.Context, caseID string) (bool, error) {
	for range 3 {
		p, charge, stale, err := s.begin(ctx, caseID)
		if err != nil {
			return false, err
		}
		if stale != nil { // what is open is closed first; where that fails nothing is charged
			if err := s.close(ctx, stale); err != nil {
				if negotiation.AsRefusal(err) != nil {
					return false, nil // the debtor was faster
				}
				return false, err
			}
			continue
		}
		if p == nil {
			return false, nil
		}
		return true, s.charge(ctx, p, charge)
	}
	return false, nil
}

// begin decides under the case's lock what is to be charged, and writes it down
// before anybody is asked for it: the payment, and the words of the call under
// its key.
func (s *Service) begin(ctx context.Context, caseID string) (p *Payment, charge Charge, stale *Payment, err error) {
	err = s.negotiation.OnCase(ctx, negotiation.System, caseID, func(t *negotiation.Tx, c *negotiation.Case) error {
		plan := c.ActivePlan()
		if plan == nil {
			return nil
		}
		leave, err := liveOf(t, plan.ID)
		if err != nil || leave == nil || !leave.ready() {
			return err
		}
		account, err := s.mayCharge(t, c)
		if err != nil || account == nil {
			return err
		}
		made, err := paymentsOf(t, c.ID)
		if err != nil {
			return err
		}
		announced, err := c.ChargesAnnounced(t, plan)
		if err != nil {
			return err
		}
		progress, err := c.Progress(plan, t.Today)
		if err != nil {
			return err
		}
		coming, err := onItsWay(t.DB, c)
		if err != nil {
			return err
		}
		then, err := c.ProgressWith(plan, coming, t.Today)
		if err != nil {
			return err
		}
		line := toCharge(progress, then, leave, announced, made, t.Today)
		if line == nil {
			return nil
		}
		if stale = openCheckout(made); stale != nil {
			return nil
		}
		statement, err := c.Statement(t.Today)
		if err != nil {
			return err
		}
		total, err := most(c, statement.Total, t.Today)
		if err != nil {
			return err
		}
		amount := line.Left.Min(total.Sub(coming))
		if amount.Cmp(leastCharge) < 0 {
			return nil
		}
		p = &Payment{
			ID: newID(), CreditorID: c.CreditorID, CaseID: c.ID, PartyID: &leave.PartyID, Kind: Collection, State: Started,
			Amount: amount.Minor, Currency: amount.Currency, Whole: amount.Cmp(total) == 0 && coming.IsZero(), AskedOn: t.Today, GoodUntil: laterDay(statement.GoodUntil, t.Today),
			PlanID: &plan.ID, Line: line.Number, AuthorityID: &leave.ID, Attempts: tried(made, plan.ID, line.Number),
			ByRole: negotiation.System.Role, ByID: negotiation.System.ID, CreatedAt: t.Now,
		}
		if yes := c.Offer(plan.OfferID).Accepted(negotiation.SideDebtor); yes != nil && !p.Whole {
			p.Recognition = yes.TextVersion // held when the plan was accepted
		}
		if err := underMandate(p, c, nil, t.Today); err != nil {
			return err
		}
		if err := t.Insert(p); err != nil {
			return err
		}
		charge, err = ask(t, c, p, leave, account)
		return err
	})
	return p, charge, stale, err
}

// mayCharge asks whether cards may be charged on a case at all; a nil account
// says no.
func (s *Service) mayCharge(t *negotiation.Tx, c *negotiation.Case) (*Account, error) {
	if c.State != negotiation.CaseInPlan || len(c.Gate(t.Today).Blocking(negotiation.Collection)) > 0 || len(c.Gate(t.Today).Blocking(negotiation.Payment)) > 0 {
		return nil, nil
	}
	account, err := accountOf(t.DB, c.CreditorID)
	if err != nil || account == nil || !account.ChargesEnabled {
		return nil, err
	}
	return account, nil
}

// toCharge is the first line whose day to be charged has come, of which nobody
// tried it yet and nothing is on its way. It is pure; then is how the plan will
// stand with what is.
func toCharge(g, then *negotiation.Progress, leave *Authority, announced map[int64]time.Time, made []Payment, today negotiation.Day) *negotiation.Standing {
	rule := g.Plan.ChargeRule()
	for i := range g.Lines {
		line := &g.Lines[i]
		at, told := announced[line.Number]
		if !told || !line.Left.IsPositive() || then.Lines[i].Left.Cmp(line.Left) != 0 ||
			today.Before(rule.From(line.DueOn, negotiation.DayOf(at), negotiation.DayOf(*leave.GivenAt))) ||
			today.After(line.DueOn.Add(negotiation.ChargeDays)) || attempted(made, g.Plan.ID, line.Number) {
			continue
		}
		return line
	}
	return nil
}

func attempted(made []Payment, planID string, number int64) bool {
	for i := range made {
		if made[i].isOf(planID, number) && made[i].State != Cancelled {
			return true
		}
	}
	return false
}

// tried counts the tries on a line by payments that were given up.
func tried(made []Payment, planID string, number int64) int64 {
	sum := int64(0)
	for i := range made {
		if made[i].isOf(planID, number) {
			sum = max(sum, made[i].Attempts)
		}
	}
	return sum
}

func (p *Payment) isOf(planID string, number int64) bool {
	return p.Kind == Collection && p.PlanID != nil && *p.PlanID == planID && p.Line == number
}

// openCheckout is the page on which the case can be paid, if one is open.
func openCheckout(made []Payment) *Payment {
	for i := range made {
		if made[i].Kind == CheckoutPayment && made[i].State == Started {
			return &made[i]
		}
	}
	return nil
}

func paymentsOf(t *negotiation.Tx, caseID string) ([]Payment, error) {
	var made []Payment
	if err := t.Where("case_id = ?", caseID).Order("created_at, id").Find(&made).Error; err != nil {
		return nil, fmt.Errorf("payments of case %s: %w", caseID, err)
	}
	return made, nil
}

// ask writes the next try of a payment down: its key and the words of the call.
func ask(t *negotiation.Tx, c *negotiation.Case, p *Payment, leave *Authority, account *Account) (Charge, error) {
	p.Attempts++
	p.AuthorityID = &leave.ID
	charge := Charge{
		Key: fmt.Sprintf("charge:%s:%d:%d", *p.PlanID, p.Line, p.Attempts), PaymentID: p.ID, CaseID: c.ID, Reference: c.Reference, Amount: p.Asked(),
		Fee: money.New(0, p.Currency), Account: account.AccountID, Separate: p.Separate, Customer: leave.CustomerID, Method: leave.MethodID, Kind: leave.Method, Mandate: leave.MandateID,
	}
	if p.FeeWithheld {
		charge.Fee = p.Fees()
	}
	if p.IntentID != nil {
		charge.IntentID = *p.IntentID
	}
	written, err := json.Marshal(charge)
	if err != nil {
		return charge, fmt.Errorf("payment %s: %w", p.ID, err)
	}
	lease := t.Now.Add(chargeLease)
	p.NextTryAt = &lease
	if err := save(t, p); err != nil {
		return charge, err
	}
	if err := t.Insert(&attempt{PaymentID: p.ID, Number: p.Attempts, Key: charge.Key, Request: string(written), AskedAt: t.Now}); err != nil {
		return charge, err
	}
	return charge, c.Event(t, negotiation.System, negotiation.ChargeAsked, map[string]any{
		"payment": p.ID, "plan": *p.PlanID, "number": p.Line, "amount": p.Asked(), "try": p.Attempts, "card": leave.Card(),
	})
}

// charge makes the call that was written down and takes in what it brought. A
// call of which nothing is known stays unanswered: it is looked up later.
func (s *Service) charge(ctx context.Context, p *Payment, charge Charge) error {
	calling, cancel := context.WithTimeout(ctx, gatewayDeadline)
	defer cancel()
	fact, err := s.gateway.ChargeCard(calling, charge)
	for range chargeWaits { // nothing was taken in: it is the same call
		if !errors.Is(err, ErrTooFast) || !sleep(calling, time.Second/time.Duration(s.chargesPerSecond)) {
			break
		}
		fact, err = s.gateway.ChargeCard(calling, charge)
	}
	if errors.Is(err, ErrRefused) { // nothing was done, and would not be if it were asked again
		fact, err = Fact{Progress: Failed, Failure: "refused"}, nil
	}
	if err != nil {
		return fmt.Errorf("payment %s: %w", p.ID, err)
	}
	fact.PaymentID = p.ID
	return s.apply(ctx, p, fact, nil)
}

// sleep waits a while; it says whether there was time.
func sleep(ctx context.Context, d time.Duration) bool {
	select {
	case <-time.After(d):
		return true
	case <-ctx.Done():
		return false
	}
}

// attemptsOf reads the tries of a payment, oldest first.
func attemptsOf(t *negotiation.Tx, p *Payment) ([]attempt, error) {
	var all []attempt
	if err := t.Where("payment_id = ?", p.ID).Order("number").Find(&all).Error; err != nil {
		return nil, fmt.Errorf("tries of payment %s: %w", p.ID, err)
	}
	return all, nil
}

// noteCharge writes down which charge a try has become, before its end is known.
func noteCharge(t *negotiation.Tx, a *attempt, chargeID string) error {
	a.ChargeID = chargeID
	err := t.Model(&attempt{}).Where("payment_id = ? AND number = ?", a.PaymentID, a.Number).Update("charge_id", chargeID).Error
	if err != nil {
		return fmt.Errorf("try %d of payment %s: %w", a.Number, a.PaymentID, err)
	}
	return nil
}

func answer(t *negotiation.Tx, a *attempt, f Fact) error {
	a.ChargeID, a.Failure, a.AnsweredAt = f.ChargeID, f.Failure, &t.Now
	err := t.Model(&attempt{}).Where("payment_id = ? AND number = ?", a.PaymentID, a.Number).
		Select("ChargeID", "Failure", "AnsweredAt").Updates(a).Error
	if err != nil {
		return fmt.Errorf("try %d of payment %s: %w", a.Number, a.PaymentID, err)
	}
	return nil
}
