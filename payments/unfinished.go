package payments

import (
	"context"
	"errors"
	"fmt"
	"slices"
)

// Check asks the gateway how a payment stands and takes in what it says, in
// the gateway's name. The return page calls it; so does the sweep.
func (s *Service) Check(ctx context.Context, paymentID string) (*Payment, error) {
	p, err := s.byID(ctx, paymentID)
	if err != nil || p.Kind != CheckoutPayment || p.SessionID == nil || !slices.Contains([]State{Started, Processing}, p.State) {
		return p, err
	}
	calling, cancel := context.WithTimeout(ctx, returnDeadline)
	defer cancel()
	fact, err := s.gateway.FetchCheckout(calling, *p.SessionID)
	if err != nil {
		return p, fmt.Errorf("payment %s: %w", p.ID, err)
	}
	fact.PaymentID = p.ID
	if err := s.apply(ctx, p, fact, nil); err != nil {
		return p, err
	}
	return s.byID(ctx, p.ID)
}

// CheckUnfinished asks about payments that should have ended: nothing is left
// in doubt because a notification was lost. It returns how many it looked at.
func (s *Service) CheckUnfinished(ctx context.Context, limit int) (int, error) {
	now, err := s.negotiation.Now(ctx)
	if err != nil {
		return 0, err
	}
	var open []Payment
	// What is announced is awaited for days: the sweep asks.
	err = s.db.Read(ctx).Where("kind = ? AND state IN ? AND announced_at IS NULL AND created_at < ?", CheckoutPayment, []State{Started, Processing}, now.Add(-checkoutMargin)).
		Order("created_at").Limit(limit).Find(&open).Error
	if err != nil {
		return 0, fmt.Errorf("unfinished payments: %w", err)
	}
	var problems error
	for i := range open {
		p := &open[i]
		if p.TakenHeld {
			problems = errors.Join(problems, s.takeHeld(ctx, p))
			continue
		}
		if p.SessionID == nil {
			if err := s.recover(ctx, p); err != nil {
				// Only where the gateway says that there is no such page is it
				// given up: one that does not answer may have been paid.
				if errors.Is(err, ErrRefused) {
					err = s.cancel(ctx, p)
				}
				problems = errors.Join(problems, err)
				continue
			}
		}
		if _, err := s.Check(ctx, p.ID); err != nil {
			problems = errors.Join(problems, err)
		}
	}
	return len(open), problems
}

// cancel ends a payment that has no page.
func (s *Service) cancel(ctx context.Context, p *Payment) error {
	return s.apply(ctx, p, Fact{PaymentID: p.ID, Progress: Expired}, nil)
}
