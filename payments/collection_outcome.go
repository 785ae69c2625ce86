package payments

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"amiable/negotiation"
)

// learnCharge changes a collection by what the gateway said of it. A decline
// may be told several times, and late: each is known by its charge.
func (s *Service) learnCharge(t *negotiation.Tx, c *negotiation.Case, p *Payment, f Fact) error {
	tries, err := attemptsOf(t, p)
	if err != nil {
		return err
	}
	switch f.Progress {
	case Collected:
		if !p.may(Succeeded) {
			return save(t, p)
		}
		if len(tries) > 0 {
			if err := answer(t, &tries[len(tries)-1], f); err != nil {
				return err
			}
		}
		p.ClosedAt = &t.Now
		return s.succeed(t, c, p, f)
	case Submitted:
		last := len(tries) - 1
		if !p.may(Processing) || last < 0 || tries[last].AnsweredAt != nil || known(tries[:last], f) {
			return save(t, p) // of a try that came to its end before
		}
		if f.ChargeID != "" && tries[last].ChargeID != f.ChargeID {
			if err := noteCharge(t, &tries[last], f.ChargeID); err != nil {
				return err
			}
		}
		p.State, p.PaidOn, p.NextTryAt = Processing, negotiation.DayOf(confirmed(f, t.Now)), nil
		what := map[string]any{"payment": p.ID, "plan": *p.PlanID, "number": p.Line, "amount": p.Asked()}
		if err := c.Event(t, negotiation.Gateway, negotiation.PaymentSubmitted, what); err != nil {
			return err
		}
	case Failed:
		if p.State == Started || p.State == Processing {
			return s.declined(t, c, p, f, tries)
		}
	case Expired:
		return s.givenUp(t, c, p)
	}
	return save(t, p)
}

// declined takes in that a card was declined: by the table of declines it is
// tried again, or it is not, and the debtor is told what comes next.
func (s *Service) declined(t *negotiation.Tx, c *negotiation.Case, p *Payment, f Fact, tries []attempt) error {
	if known(tries, f) || len(tries) == 0 || tries[len(tries)-1].AnsweredAt != nil {
		return save(t, p) // an old story
	}
	if err := answer(t, &tries[len(tries)-1], f); err != nil {
		return err
	}
	leave, err := lockAuthority(t, *p.AuthorityID)
	if err != nil {
		return err
	}
	d, byHand := afterDecline(f.Failure, f.Advice), false
	if leave.Method == DebitMethod {
		r := afterReturn(f.Failure)
		d, byHand = r.decline, r.byHand
	}
	if p.State == Processing { // nothing of it is on its way any more
		p.State = Started
	}
	p.Failure, p.NextTryAt, p.PaidOn = f.Failure, nil, ""
	facts := map[string]any{"payment": p.ID, "plan": *p.PlanID, "number": p.Line, "amount": p.Asked(), "try": p.Attempts, "course": d.course, "card": leave.Card()}
	switch d.course {
	case TryAgain:
		due, next := s.around(c, p)
		rule := negotiation.CardRule
		on, ok := nextTry(due, int(p.Attempts), t.Today, next)
		if leave.Method == DebitMethod {
			rule = negotiation.DebitRule
			on, ok = nextDebit(int(p.Attempts), t.Today, next)
		}
		if !ok {
			p.State, facts["course"] = FailedFor, GiveUp
			break
		}
		at := chargeTime(rule.AskOn(on))
		p.NextTryAt, facts["again"] = &at, on
	case NeedCard:
		if p.Attempts > 1 { // it was tried with what the gateway learnt of it
			p.State = FailedFor
		}
	default:
		p.State = FailedFor
	}
	facts["over"] = p.State == FailedFor
	if err := save(t, p); err != nil {
		return err
	}
	if err := c.Event(t, negotiation.Gateway, negotiation.ChargeDeclined, facts); err != nil {
		return err
	}
	if byHand {
		if err := c.TellAgents(t, negotiation.LetterPlanMissed, map[string]any{"case": c.Reference, "number": p.Line, "due": p.AskedOn, "left": p.Asked()}); err != nil {
			return err
		}
	} else if err := c.TellCharge(t, *p.PlanID, p.Line, map[string]any{
		"payment": p.ID, "course": facts["course"], "again": facts["again"], "card": leave.Card(),
	}); err != nil {
		return err
	}
	if d.ends == "" {
		return nil
	}
	return end(t, c, leave, negotiation.Gateway, d.ends)
}

// around returns the day of the instalment that is collected, and that of the
// one after it with something to pay.
func (s *Service) around(c *negotiation.Case, p *Payment) (due, next negotiation.Day) {
	due = p.AskedOn
	for _, l := range c.Plan(*p.PlanID).Current() {
		switch {
		case l.Number == p.Line:
			due = l.DueOn
		case l.Number > p.Line && !l.Skipped && next.IsZero():
			next = l.DueOn
		}
	}
	return due, next
}

// known says whether what is told is of a try that came to its end.
func known(tries []attempt, f Fact) bool {
	return f.ChargeID != "" && slices.ContainsFunc(tries, func(a attempt) bool { return a.AnsweredAt != nil && a.ChargeID == f.ChargeID })
}

// givenUp notes that the gateway can no longer collect.
func (s *Service) givenUp(t *negotiation.Tx, c *negotiation.Case, p *Payment) error {
	if p.ClosedAt == nil {
		p.ClosedAt = &t.Now
	}
	p.NextTryAt = nil
	if p.State != Started && p.State != Processing {
		return save(t, p)
	}
	if p.State == Processing {
		p.State = FailedFor
	} else {
		p.State = Cancelled
	}
	if err := save(t, p); err != nil {
		return err
	}
	return c.Event(t, negotiation.Gateway, negotiation.ChargeStopped, map[string]any{"payment": p.ID, "plan": *p.PlanID, "number": p.Line, "amount": p.Asked()})
}

// retryCharge goes on with a collection whose time has come: one that was not
// answered is looked up, and only made again where the gateway did nothing; one
// that was declined is tried again, if it still may be.
func (s *Service) retryCharge(ctx context.Context, p *Payment, now time.Time) (bool, error) {
	asked, err := s.unanswered(ctx, p)
	if err != nil {
		return false, err
	}
	if asked != nil {
		fact, err := s.lookUp(ctx, p, asked)
		if err != nil && !errors.Is(err, ErrNothing) {
			return false, err
		}
		if err == nil && fact.Progress != InProgress && !s.knows(ctx, p, fact) {
			return true, s.apply(ctx, p, fact, nil)
		}
	}
	charge, give, err := s.again(ctx, p)
	switch {
	case err != nil:
		return false, err
	case give:
		err := s.giveUp(ctx, p)
		if negotiation.AsRefusal(err) != nil {
			return true, nil
		}
		return err == nil, err
	case charge == nil:
		return false, nil
	}
	return true, s.charge(ctx, p, *charge)
}

// unanswered returns the try of which nothing is known, if there is one.
func (s *Service) unanswered(ctx context.Context, p *Payment) (*attempt, error) {
	var open []attempt
	err := s.db.Read(ctx).Where("payment_id = ? AND answered_at IS NULL", p.ID).Order("number DESC").Limit(1).Find(&open).Error
	if err != nil {
		return nil, fmt.Errorf("tries of payment %s: %w", p.ID, err)
	}
	if len(open) == 0 {
		return nil, nil
	}
	return &open[0], nil
}

// knows says whether a decline was taken in before: then the try after it never
// reached the card.
func (s *Service) knows(ctx context.Context, p *Payment, f Fact) bool {
	if f.Progress != Failed || f.ChargeID == "" {
		return false
	}
	var n int64
	err := s.db.Read(ctx).Model(&attempt{}).Where("payment_id = ? AND charge_id = ? AND answered_at IS NOT NULL", p.ID, f.ChargeID).Count(&n).Error
	return err == nil && n > 0
}

// lookUp asks the gateway what became of a payment, by its own id for it or by
// ours.
func (s *Service) lookUp(ctx context.Context, p *Payment, asked *attempt) (fact Fact, err error) {
	calling, cancel := context.WithTimeout(ctx, gatewayDeadline)
	defer cancel()
	if p.IntentID != nil {
		fact, err = s.gateway.FetchPayment(calling, *p.IntentID)
	} else {
		var charge Charge
		if err := json.Unmarshal([]byte(asked.Request), &charge); err != nil {
			return fact, fmt.Errorf("payment %s: its request: %w", p.ID, err)
		}
		fact, err = s.gateway.FindPayment(calling, charge.Customer, p.ID)
	}
	if err != nil {
		return fact, fmt.Errorf("payment %s: %w", p.ID, err)
	}
	fact.PaymentID = p.ID
	return fact, nil
}

// again decides under the case's lock how a collection goes on: with a charge,
// by giving it up, or (neither) not now. A try that was not answered is made
// again with the very same words.
func (s *Service) again(ctx context.Context, found *Payment) (charge *Charge, give bool, err error) {
	err = s.negotiation.OnCase(ctx, negotiation.System, found.CaseID, func(t *negotiation.Tx, c *negotiation.Case) error {
		p, err := lock(t, found.ID)
		if err != nil || p.State != Started || p.NextTryAt == nil || p.NextTryAt.After(t.Now) {
			return err // somebody else was faster
		}
		plan, line := c.Plan(*p.PlanID), (*negotiation.Standing)(nil)
		if plan != nil && plan.State == negotiation.PlanActive {
			coming, err := onItsWay(t.DB, c)
			if err != nil {
				return err
			}
			progress, err := c.ProgressWith(plan, coming, t.Today)
			if err != nil {
				return err
			}
			for i := range progress.Lines {
				if progress.Lines[i].Number == p.Line {
					line = &progress.Lines[i]
				}
			}
		}
		leave, err := liveOf(t, *p.PlanID)
		if err != nil {
			return err
		}
		made, err := paymentsOf(t, c.ID)
		if err != nil {
			return err
		}
		asked, err := lockAuthority(t, *p.AuthorityID)
		if err != nil {
			return err
		}
		// What changed since it was asked: its plan, its leave, its sum. A debtor
		// who is paying by hand goes first.
		if line == nil || leave == nil || leave.Method != asked.Method || line.Left.Cmp(p.Asked()) != 0 || openCheckout(made) != nil || t.Today.After(line.DueOn.Add(leave.span())) {
			give = true
			return hold(t, p, chargeLease)
		}
		account, err := s.mayCharge(t, c)
		if err != nil {
			return err
		}
		if account == nil { // a pause: it is asked again tomorrow
			tomorrow := chargeTime(t.Today.Add(1))
			p.NextTryAt = &tomorrow
			return t.Update(p, "NextTryAt")
		}
		tries, err := attemptsOf(t, p)
		if err != nil {
			return err
		}
		if last := len(tries) - 1; last >= 0 && tries[last].AnsweredAt == nil {
			if leave.ID != *p.AuthorityID { // its words name a card of which the leave has ended
				give = true
				return hold(t, p, chargeLease)
			}
			charge = &Charge{}
			if err := json.Unmarshal([]byte(tries[last].Request), charge); err != nil {
				return fmt.Errorf("payment %s: its request: %w", p.ID, err)
			}
			err := t.Model(&attempt{}).Where("payment_id = ? AND number = ?", p.ID, tries[last].Number).Update("asked_at", t.Now).Error
			if err != nil {
				return fmt.Errorf("payment %s: %w", p.ID, err)
			}
			return hold(t, p, chargeLease)
		}
		next, err := ask(t, c, p, leave, account)
		charge = &next
		return err
	})
	return charge, give, err
}

// hold keeps others from a collection for a while.
func hold(t *negotiation.Tx, p *Payment, d time.Duration) error {
	until := t.Now.Add(d)
	p.NextTryAt = &until
	return t.Update(p, "NextTryAt")
}

// giveUp makes sure that a collection can no longer happen, and marks it. The
// gateway's word is what decides: where it has collected, that is taken in and
// the caller is told to look again.
func (s *Service) giveUp(ctx context.Context, p *Payment) error {
	now, err := s.negotiation.Now(ctx)
	if err != nil {
		return err
	}
	asked, err := s.unanswered(ctx, p)
	if err != nil {
		return err
	}
	if asked != nil {
		if now.Sub(asked.AskedAt) < chargeLease { // the call may still be under way
			return negotiation.Refuse(negotiation.Conflict, "payment_being_checked")
		}
		fact, err := s.lookUp(ctx, p, asked)
		if errors.Is(err, ErrNothing) {
			return s.apply(ctx, p, Fact{PaymentID: p.ID, Progress: Expired}, nil)
		}
		if err != nil {
			return err
		}
		if fact.IntentID != "" {
			p.IntentID = &fact.IntentID
		}
	}
	if p.IntentID == nil {
		return s.apply(ctx, p, Fact{PaymentID: p.ID, Progress: Expired}, nil)
	}
	calling, cancel := context.WithTimeout(ctx, gatewayDeadline)
	defer cancel()
	err = s.gateway.CancelPayment(calling, *p.IntentID)
	if errors.Is(err, ErrCompleted) {
		fact, err := s.gateway.FetchPayment(calling, *p.IntentID)
		if err != nil {
			return fmt.Errorf("payment %s: %w", p.ID, err)
		}
		if err := s.apply(ctx, p, fact, nil); err != nil {
			return err
		}
		return negotiation.Refuse(negotiation.Conflict, "payment_being_checked")
	}
	if err != nil {
		return fmt.Errorf("payment %s: %w", p.ID, err)
	}
	return s.apply(ctx, p, Fact{PaymentID: p.ID, IntentID: *p.IntentID, Progress: Expired}, nil)
}

// learnCard takes in the card that was kept with a payment, whenever it is told.
func (s *Service) learnCard(t *negotiation.Tx, c *negotiation.Case, p *Payment, f Fact) error {
	if p.AuthorityID == nil {
		return nil
	}
	switch {
	case (f.Progress == Collected || f.Progress == Submitted) && f.Card.Saved(): // a mandate is given before the money is here
		a, err := lockAuthority(t, *p.AuthorityID)
		if err != nil {
			return err
		}
		return keep(t, c, a, f.Card)
	case f.Progress == Expired && p.State == Started:
		a, err := lockAuthority(t, *p.AuthorityID)
		if err != nil || a.State != AuthorityWaiting {
			return err
		}
		return end(t, c, a, negotiation.Gateway, WhyNotSaved)
	}
	return nil
}

// CloseCollections makes sure that what was given up can no longer be collected
// at the gateway either, and gives up what lost its leave or its plan.
func (s *Service) CloseCollections(ctx context.Context, limit int) (int, error) {
	now, err := s.negotiation.Now(ctx)
	if err != nil {
		return 0, err
	}
	var open []Payment
	err = s.db.Read(ctx).Where("kind = ? AND closed_at IS NULL", Collection).
		Where(`state = ? OR (state = ? AND (
			NOT EXISTS (SELECT 1 FROM plans WHERE plans.id = payments.plan_id AND plans.state = ?)
			OR NOT EXISTS (SELECT 1 FROM authorities a WHERE a.plan_id = payments.plan_id AND a.state = ?)
			OR (next_try_at IS NULL AND created_at < ?)))`, FailedFor, Started, negotiation.PlanActive, AuthorityLive, now.AddDate(0, 0, -chargeSpan)).
		Order("created_at, id").Limit(limit).Find(&open).Error
	if err != nil {
		return 0, fmt.Errorf("collections to close: %w", err)
	}
	var problems error
	done := 0
	for i := range open {
		err := s.giveUp(ctx, &open[i])
		switch {
		case err == nil:
			done++
		case negotiation.AsRefusal(err) == nil:
			problems = errors.Join(problems, err)
		}
	}
	return done, problems
}
