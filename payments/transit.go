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

// transit is money moved between a creditor's account at the gateway and the
// platform after a payment, written down before the gateway is asked.
type transit struct {
	ID        string
	PaymentID string
	Number    int64
	Kind      MoveKind
	Amount    int64 // minor units of the payment
	Fee       int64 // of it, our fee's part
	Request   string
	GatewayID string
	Attempts  int64
	NextTryAt *time.Time
	AskedAt   time.Time
	DoneAt    *time.Time
}

// TableName names the table for gorm.
func (transit) TableName() string { return "transits" }

// FollowCreditors keeps what the creditors' accounts hold at the gateway in step
// with the books: what a bank took back is pulled out of the account it went to,
// what was won again, or came back from a refund, is put in. A refund made with
// its part of the creditor needs none. It looks at limit payments at most.
func (s *Service) FollowCreditors(ctx context.Context, limit int) (int, error) {
	now, err := s.negotiation.Now(ctx)
	if err != nil {
		return 0, err
	}
	var off []Payment
	err = s.db.Read(ctx).Where("pulled <> refunded + taken_back AND kind <> ?", ElsewherePayment).
		Where("NOT EXISTS (SELECT 1 FROM transits m WHERE m.payment_id = payments.id AND m.done_at IS NULL AND m.next_try_at > ?)", now).
		Order("id").Limit(limit).Find(&off).Error
	if err != nil {
		return 0, fmt.Errorf("payments to follow: %w", err)
	}
	w := newPace(ctx, limit, s.chargesPerSecond, s.chargesAtOnce)
	for i := range off {
		w.do(func(ctx context.Context) (bool, error) { return s.follow(ctx, &off[i]) })
	}
	return w.end()
}

// follow makes the one movement that a payment lacks.
func (s *Service) follow(ctx context.Context, p *Payment) (bool, error) {
	m, ask, err := s.nextTransit(ctx, p)
	if err != nil || m == nil {
		return false, err
	}
	calling, cancel := context.WithTimeout(ctx, gatewayDeadline)
	defer cancel()
	id, err := s.transfer(calling, m, ask)
	if err != nil {
		return false, errors.Join(fmt.Errorf("payment %s: %s %d: %w", p.ID, m.Kind, m.Amount, err), s.waitTransit(ctx, p, m, err))
	}
	return true, s.negotiation.OnCase(ctx, negotiation.System, p.CaseID, func(t *negotiation.Tx, _ *negotiation.Case) error {
		var now transit
		if err := t.Where("id = ?", m.ID).Take(&now).Error; err != nil || now.DoneAt != nil {
			return err
		}
		now.GatewayID, now.DoneAt, now.NextTryAt = id, &t.Now, nil
		if err := t.Update(&now, "GatewayID", "DoneAt", "NextTryAt"); err != nil {
			return err
		}
		pay, err := lock(t, p.ID)
		if err != nil {
			return err
		}
		if m.Kind == Pull {
			pay.Pulled += m.Amount
		} else {
			pay.Pulled -= m.Amount
		}
		return save(t, pay)
	})
}

// transfer makes a movement, or finds the one that was made before.
func (s *Service) transfer(ctx context.Context, m *transit, ask Move) (string, error) {
	if m.Attempts > 1 {
		id, err := s.gateway.FindMove(ctx, ask)
		if !errors.Is(err, ErrNothing) {
			return id, err
		}
	}
	if m.Kind == Pull {
		return s.gateway.PullBack(ctx, ask)
	}
	return s.gateway.PutBack(ctx, ask)
}

// nextTransit decides under the case's lock what is to be moved next of a
// payment, and writes it down: the one that was not answered, or a new one.
func (s *Service) nextTransit(ctx context.Context, found *Payment) (m *transit, ask Move, err error) {
	err = s.negotiation.OnCase(ctx, negotiation.System, found.CaseID, func(t *negotiation.Tx, c *negotiation.Case) error {
		p, err := lock(t, found.ID)
		if err != nil {
			return err
		}
		var all []transit
		if err := t.Where("payment_id = ?", p.ID).Order("number").Find(&all).Error; err != nil {
			return fmt.Errorf("transits of payment %s: %w", p.ID, err)
		}
		next := t.Now.Add(refundLease)
		if n := len(all); n > 0 && all[n-1].DoneAt == nil {
			if all[n-1].NextTryAt != nil && all[n-1].NextTryAt.After(t.Now) {
				return nil // somebody else was faster
			}
			m = &all[n-1]
			m.Attempts++
			m.NextTryAt = &next
			if err := json.Unmarshal([]byte(m.Request), &ask); err != nil {
				return fmt.Errorf("transit %s: its request: %w", m.ID, err)
			}
			return t.Update(m, "Attempts", "NextTryAt")
		}
		if p.Pulled == p.Refunded+p.TakenBack {
			return nil
		}
		account, err := accountOf(t.DB, c.CreditorID)
		if err != nil {
			return err
		}
		if account == nil || p.ChargeID == "" {
			return fmt.Errorf("payment %s: its charge or its creditor's account is not known", p.ID)
		}
		m = &transit{ID: newID(), PaymentID: p.ID, Number: int64(len(all)) + 1, Kind: Pull, AskedAt: t.Now, Attempts: 1, NextTryAt: &next}
		target := p.Refunded + p.TakenBack
		m.Amount = target - p.Pulled
		if m.Amount < 0 {
			m.Kind, m.Amount = Put, -m.Amount
		}
		m.Fee = feeBetween(p, target)
		ask = Move{
			Key: fmt.Sprintf("transit:%s:%d", p.ID, m.Number), ID: m.ID, Kind: m.Kind, ChargeID: p.ChargeID, Account: account.AccountID,
			Amount: money.New(m.Amount, p.Currency), Fee: money.New(m.Fee, p.Currency),
		}
		written, err := json.Marshal(ask)
		if err != nil {
			return fmt.Errorf("transit %s: %w", m.ID, err)
		}
		m.Request = string(written)
		return t.Insert(m)
	})
	return m, ask, err
}

// feeBetween is our fee's part of what is moved, as the gateway works it out.
func feeBetween(p *Payment, target int64) int64 {
	if !p.FeeWithheld {
		return 0
	}
	at := func(returned int64) int64 {
		feeBack, vatBack := feesBack(p.Fee+p.FeeBack, p.VAT+p.VATBack, returned, p.Received)
		return feeBack + vatBack
	}
	if target > p.Pulled {
		return at(target) - at(p.Pulled)
	}
	return at(p.Pulled) - at(target)
}

// waitTransit puts the next try off, further each time; what the gateway will
// not do is shown to a person, and asked for again all the same: an account that
// has no money today may have some tomorrow.
func (s *Service) waitTransit(ctx context.Context, p *Payment, m *transit, cause error) error {
	return s.negotiation.OnCase(ctx, negotiation.System, p.CaseID, func(t *negotiation.Tx, _ *negotiation.Case) error {
		next := t.Now.Add(time.Duration(1<<min(m.Attempts, 10)) * time.Minute)
		m.NextTryAt = &next
		if err := t.Update(m, "NextTryAt"); err != nil || m.Attempts < 3 && !errors.Is(cause, ErrRefused) {
			return err
		}
		now, err := lock(t, p.ID)
		if err != nil {
			return err
		}
		now.Problem = fmt.Sprintf("%s of %v with the creditor's account: %v", m.Kind, money.New(m.Amount, p.Currency), cause)
		return save(t, now)
	})
}
