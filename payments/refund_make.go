package payments

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"amiable/negotiation"
	"amiable/negotiation/money"
)

// Limits of refunds.
const (
	refundLease   = 5 * time.Minute // longer than any call takes: what is not answered by then is looked up
	refundWatch   = 24 * time.Hour  // how often one that the gateway sends is asked about
	refundTries   = 8               // failed calls after which a person looks
	refundsAtOnce = 100
)

// MakeRefunds asks the gateway for the refunds that have their yes, looks those
// up whose answer was not heard, and asks about those under way; at most limit.
// The outcome of a call that was not answered is looked up by our own id and
// never asked for anew blindly.
func (s *Service) MakeRefunds(ctx context.Context, limit int) (int, error) {
	now, err := s.negotiation.Now(ctx)
	if err != nil {
		return 0, err
	}
	var due []Refund
	err = s.db.Read(ctx).Where("state IN ? AND next_try_at <= ?", []RefundState{RefundApproved, RefundAsked, RefundPending}, now).
		Order("next_try_at, id").Limit(min(limit, refundsAtOnce)).Find(&due).Error
	if err != nil {
		return 0, fmt.Errorf("refunds to make: %w", err)
	}
	w := newPace(ctx, limit, s.chargesPerSecond, s.chargesAtOnce)
	for i := range due {
		w.do(func(ctx context.Context) (bool, error) { return true, s.goOn(ctx, &due[i]) })
	}
	return w.end()
}

// goOn takes the next step with a refund whose time has come.
func (s *Service) goOn(ctx context.Context, found *Refund) error {
	r, p, err := s.lease(ctx, found)
	if err != nil || r == nil {
		return err
	}
	calling, cancel := context.WithTimeout(ctx, gatewayDeadline)
	defer cancel()
	fact, err := s.askBack(calling, r, p)
	if err == nil {
		fact.RefundID = r.ID
		return s.applyRefund(ctx, fact, nil)
	}
	if errors.Is(err, ErrRefused) && r.State == RefundAsked {
		return s.refusedBack(ctx, r, err)
	}
	return errors.Join(fmt.Errorf("refund %s: %w", r.ID, err), s.waitBack(ctx, r, err))
}

// askBack asks the gateway: for a refund under way how it stands, for one that
// was asked before what became of it, and else for it.
func (s *Service) askBack(ctx context.Context, r *Refund, p *Payment) (RefundFact, error) {
	if r.GatewayID != nil {
		return s.gateway.FetchRefund(ctx, *r.GatewayID)
	}
	var b Back
	if err := json.Unmarshal([]byte(r.Request), &b); err != nil {
		return RefundFact{}, fmt.Errorf("its request: %w", err)
	}
	if r.Attempts > 1 {
		fact, err := s.gateway.FindRefund(ctx, b.IntentID, r.ID)
		if !errors.Is(err, ErrNothing) {
			return fact, err
		}
		// Nothing was done with it: it may be asked for again, under its key.
	}
	return s.gateway.GiveBack(ctx, b)
}

// lease decides, under the case's lock, that a refund is asked for now, and
// writes it down before it is; nil where somebody else was faster, or it may not
// go any more.
func (s *Service) lease(ctx context.Context, found *Refund) (r *Refund, p *Payment, err error) {
	err = s.negotiation.OnCase(ctx, negotiation.System, found.CaseID, func(t *negotiation.Tx, c *negotiation.Case) error {
		pay, refunds, charged, err := backOf(t, found.PaymentID)
		if err != nil {
			return err
		}
		for i := range refunds {
			if refunds[i].ID == found.ID {
				r = &refunds[i]
			}
		}
		if r == nil || r.NextTryAt == nil || r.NextTryAt.After(t.Now) {
			r = nil
			return nil
		}
		p = pay
		next := t.Now.Add(refundLease)
		switch r.State {
		case RefundPending:
			next = t.Now.Add(refundWatch)
		case RefundAsked:
		case RefundApproved:
			// Asked again right before: what changed since the yes.
			if refused := mayGiveBack(p, nil, charged, r.Sum()); refused != nil {
				if negotiation.AsRefusal(refused) == nil {
					return refused
				}
				r.Problem = negotiation.AsRefusal(refused).Code
				gone := r
				r = nil
				return s.dropRefund(t, c, negotiation.System, gone)
			}
			if err := s.writeBack(t, p, r); err != nil {
				return err
			}
		default:
			r = nil
			return nil
		}
		r.NextTryAt = &next
		r.Attempts++
		return saveRefund(t, r)
	})
	return r, p, err
}

// writeBack stores what the gateway is asked, with its key.
func (s *Service) writeBack(t *negotiation.Tx, p *Payment, r *Refund) error {
	if p.IntentID == nil {
		return fmt.Errorf("payment %s has no intent at the gateway", p.ID)
	}
	moved, err := transitsOf(t, p.ID)
	if err != nil {
		return err
	}
	refunds, err := refundsOf(t, p.CaseID)
	if err != nil {
		return err
	}
	// What the charge's own transfer brought goes back with the refund; what was
	// transferred otherwise is pulled afterwards.
	apart := carried(p, moved, refunds) < r.Amount
	b := Back{
		Key: r.key(), RefundID: r.ID, PaymentID: p.ID, CaseID: p.CaseID, IntentID: *p.IntentID, Amount: r.Sum(), Apart: apart,
		FeeToo: p.FeeWithheld && p.Fee+p.VAT > 0 && !apart, Duplicate: r.Reason == PaidTwice,
	}
	written, err := json.Marshal(b)
	if err != nil {
		return fmt.Errorf("refund %s: %w", r.ID, err)
	}
	r.move(RefundAsked)
	r.Request, r.AskedAt, r.Attempts = string(written), &t.Now, 0
	return nil
}

// refusedBack ends a refund that the gateway will never make.
func (s *Service) refusedBack(ctx context.Context, r *Refund, cause error) error {
	return s.negotiation.OnCase(ctx, negotiation.System, r.CaseID, func(t *negotiation.Tx, c *negotiation.Case) error {
		now, err := lockRefund(t, r.ID)
		if err != nil || now.State != RefundAsked {
			return err
		}
		now.Problem = cause.Error()
		if err := s.dropRefund(t, c, negotiation.Gateway, now); err != nil {
			return err
		}
		return c.TellAgents(t, negotiation.LetterRefundToAgency, refundFacts(c, now, "refused"))
	})
}

// waitBack puts the next look at a refund off, further each time; after some
// tries a person is told.
func (s *Service) waitBack(ctx context.Context, r *Refund, cause error) error {
	return s.negotiation.OnCase(ctx, negotiation.System, r.CaseID, func(t *negotiation.Tx, c *negotiation.Case) error {
		now, err := lockRefund(t, r.ID)
		if err != nil || !(now.State == RefundAsked || now.State == RefundPending) {
			return err
		}
		next := t.Now.Add(time.Duration(1<<min(now.Attempts, 9)) * time.Minute)
		now.NextTryAt = &next
		if now.Attempts == refundTries {
			now.Problem = cause.Error()
			if err := c.TellAgents(t, negotiation.LetterRefundToAgency, refundFacts(c, now, "unanswered")); err != nil {
				return err
			}
		}
		return saveRefund(t, now)
	})
}

// applyRefund takes in what the gateway says of a refund, under the lock of its
// payment's case. row is the notification that brought it; nil where we asked.
func (s *Service) applyRefund(ctx context.Context, f RefundFact, row *notification) error {
	p, known, err := s.paymentBehind(ctx, f.RefundID, f.IntentID, f.ChargeID, row)
	if err != nil || known {
		return err
	}
	if p == nil {
		return fmt.Errorf("refund %s: %w", f.GatewayID, errNotKnown)
	}
	return s.onFiled(ctx, p, row, func(t *negotiation.Tx, c *negotiation.Case) error {
		now, refunds, _, err := backOf(t, p.ID)
		if err != nil {
			return err
		}
		if now.State != Succeeded {
			return fmt.Errorf("refund %s: payment %s is %s: %w", f.GatewayID, p.ID, now.State, errNotKnown)
		}
		r, err := s.refundFor(t, c, now, refunds, f)
		if err != nil || r == nil {
			return err
		}
		return s.learnRefund(t, c, now, r, f)
	})
}

// refundFor is the refund that a fact is about. One that somebody made on the
// gateway's own pages is written down as it is: the money is gone all the same.
func (s *Service) refundFor(t *negotiation.Tx, c *negotiation.Case, p *Payment, refunds []Refund, f RefundFact) (*Refund, error) {
	for i := range refunds {
		if refunds[i].ID == f.RefundID || refunds[i].GatewayID != nil && *refunds[i].GatewayID == f.GatewayID {
			return &refunds[i], nil
		}
	}
	if f.State != RefundPending && f.State != RefundSucceeded {
		return nil, nil // nothing is gone
	}
	if f.Amount.Currency != p.Currency || f.Amount.Cmp(p.Kept()) > 0 {
		return nil, fmt.Errorf("refund %s of %v: of payment %s only %v is left", f.GatewayID, f.Amount, p.ID, p.Kept())
	}
	// What was to be sent of the same money is not sent as well.
	for i := range refunds {
		if r := &refunds[i]; r.PaymentID == p.ID && (r.State == RefundWanted || r.State == RefundApproved) && r.Sum().Cmp(p.Kept().Sub(f.Amount)) > 0 {
			r.Problem = "refund_nothing_left"
			if err := s.dropRefund(t, c, negotiation.Gateway, r); err != nil {
				return nil, err
			}
		}
	}
	r := &Refund{
		ID: newID(), CreditorID: c.CreditorID, CaseID: c.ID, PaymentID: p.ID, State: RefundPending, Reason: AtTheGateway, Amount: f.Amount.Minor,
		Currency: f.Amount.Currency, ByRole: negotiation.RoleGateway, ByID: negotiation.Gateway.ID, CreatedAt: t.Now,
	}
	return r, t.InsertNow(r)
}

// learnRefund changes a refund by what the gateway said of it. Facts come twice,
// late and in any order.
func (s *Service) learnRefund(t *negotiation.Tx, c *negotiation.Case, p *Payment, r *Refund, f RefundFact) error {
	if r.GatewayID == nil && f.GatewayID != "" {
		r.GatewayID = &f.GatewayID
	}
	if f.Pulled && !r.Pulled {
		r.Pulled = true
		p.Pulled += r.Amount
	}
	counted := r.MadeAt != nil && r.Gone()
	moved := r.State != f.State && r.move(f.State)
	if moved && f.Failure != "" {
		r.Failure = f.Failure
	}
	fresh := r.Gone() && !counted
	if fresh {
		r.MadeAt, r.Problem = &t.Now, ""
	}
	watch := t.Now.Add(refundWatch)
	switch {
	case r.State == RefundPending:
		r.NextTryAt = &watch
	case !r.Live():
		r.NextTryAt = nil
		if moved || r.EndedAt == nil {
			r.EndedAt = &t.Now
		}
	}
	s.compareFee(p, r, f, fresh)
	if moved && r.State == RefundFailed {
		r.Problem = "sent back by the payer's bank"
	}
	if err := saveRefund(t, r); err != nil {
		return err
	}
	switch {
	case fresh:
		return s.gone(t, c, p, r)
	case moved && counted && !r.Gone():
		return s.cameBack(t, c, p, r)
	case moved && r.State == RefundFailed: // before it was heard that it was sent
		if err := c.TellAgents(t, negotiation.LetterRefundToAgency, refundFacts(c, r, "came_back")); err != nil {
			return err
		}
	}
	return save(t, p)
}

// compareFee notes where the gateway gave another part of the fee back than the
// books do, as far as one refund can tell.
func (s *Service) compareFee(p *Payment, r *Refund, f RefundFact, fresh bool) {
	back := p.Refunded + r.Amount
	if !fresh || f.Fee < 0 || !p.FeeWithheld || p.TakenBack > 0 || p.Pulled != back {
		return
	}
	feeBack, vatBack := feesBack(p.Fee+p.FeeBack, p.VAT+p.VATBack, back, p.Received)
	if f.Fee != feeBack+vatBack {
		p.Problem = fmt.Sprintf("the gateway gave %v of the fee back, the books %v", money.New(f.Fee, p.Currency), money.New(feeBack+vatBack, p.Currency))
	}
}

// gone books money that went back.
func (s *Service) gone(t *negotiation.Tx, c *negotiation.Case, p *Payment, r *Refund) error {
	p.Refunded += r.Amount
	if _, err := s.rebook(t, c, p); err != nil {
		return err
	}
	by := negotiation.Gateway
	if r.Elsewhere {
		by = negotiation.Actor{Role: r.ByRole, ID: r.ByID}
	}
	err := c.Event(t, by, negotiation.RefundMade, map[string]any{"refund": r.ID, "payment": p.ID, "amount": r.Sum(), "why": r.Reason, "left": c.Balance()})
	if err != nil {
		return err
	}
	return tellBack(t, c, p, negotiation.LetterRefundMade, negotiation.LetterRefundNotice, "refund", r.Sum())
}

// cameBack books that the payer's bank sent a refund back: the money is ours to
// give back in another way, and a person sees to it.
func (s *Service) cameBack(t *negotiation.Tx, c *negotiation.Case, p *Payment, r *Refund) error {
	p.Refunded -= r.Amount
	if _, err := s.rebook(t, c, p); err != nil {
		return err
	}
	if err := c.Event(t, negotiation.Gateway, negotiation.RefundFailed, map[string]any{"refund": r.ID, "payment": p.ID, "amount": r.Sum()}); err != nil {
		return err
	}
	if err := c.TellAgents(t, negotiation.LetterRefundToAgency, refundFacts(c, r, "came_back")); err != nil {
		return err
	}
	return tellBack(t, c, p, negotiation.LetterRefundFailed, negotiation.LetterRefundNotice, "refund_failed", r.Sum())
}

// recordBack books what a person gave back by other means.
func (s *Service) recordBack(t *negotiation.Tx, c *negotiation.Case, by negotiation.Actor, p *Payment, r *Refund) error {
	if err := approve(t, c, by, r); err != nil {
		return err
	}
	r.move(RefundAsked)
	r.move(RefundSucceeded)
	r.MadeAt, r.EndedAt, r.AskedAt, r.NextTryAt = &t.Now, &t.Now, &t.Now, nil
	if err := saveRefund(t, r); err != nil {
		return err
	}
	if err := s.sendBack(t, p, r); err != nil {
		return err
	}
	return s.gone(t, c, p, r)
}
