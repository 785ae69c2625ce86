package payments

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"

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
	Reverses  int64 // see movement
	Request   string
	GatewayID string
	Attempts  int64
	NextTryAt *time.Time // none, and not done: nothing is to be moved for now
	Problem   string     // what a person must look at
	AskedAt   time.Time
	DoneAt    *time.Time
}

// TableName names the table for gorm.
func (transit) TableName() string { return "transits" }

// wants is what the movement was written down for.
func (m *transit) wants() movement {
	return movement{kind: m.Kind, amount: m.Amount, fee: m.Fee, reverses: m.Reverses}
}

// FollowCreditors keeps what the creditors' accounts hold at the gateway in step
// with the books: what came in by the platform's account is transferred, what a
// bank took back is pulled out of the account it went to, what was won again, or
// came back from a refund, is put in. A refund made with its part of the creditor
// needs none. It looks at limit payments at most.
func (s *Service) FollowCreditors(ctx context.Context, limit int) (int, error) {
	now, err := s.negotiation.Now(ctx)
	if err != nil {
		return 0, err
	}
	var off []Payment
	// Two ways to be found, and an index for each. What was asked for and not
	// answered is looked up even where nothing is to be moved any more.
	err = s.db.Read(ctx).Where(`id IN (
			SELECT p.id FROM payments p WHERE p.pulled <> p.refunded + p.taken_back AND p.kind <> ?
				AND NOT EXISTS (SELECT 1 FROM transits m WHERE m.payment_id = p.id AND m.done_at IS NULL AND m.next_try_at > ?)
			UNION SELECT m.payment_id FROM transits m WHERE m.done_at IS NULL AND m.next_try_at <= ?)`, ElsewherePayment, now, now).
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
	if p.ChargeID == "" && p.IntentID != nil { // what told of it did not name the charge
		if err := s.nameCharge(ctx, p); err != nil {
			return false, err
		}
	}
	m, ask, overtaken, err := s.nextTransit(ctx, p)
	if err != nil || m == nil {
		return false, err
	}
	calling, cancel := context.WithTimeout(ctx, gatewayDeadline)
	defer cancel()
	id, err := s.transfer(calling, m, ask, overtaken)
	if overtaken && errors.Is(err, ErrNothing) {
		return true, s.restate(ctx, p, m)
	}
	if err != nil {
		return false, errors.Join(fmt.Errorf("payment %s: %s %d: %w", p.ID, m.Kind, m.Amount, err), s.waitTransit(ctx, p, m, err))
	}
	return true, s.moved(ctx, m, id)
}

// nameCharge asks with which charge a payment came in.
func (s *Service) nameCharge(ctx context.Context, p *Payment) error {
	calling, cancel := context.WithTimeout(ctx, gatewayDeadline)
	defer cancel()
	fact, err := s.gateway.FetchPayment(calling, *p.IntentID)
	if err != nil {
		return fmt.Errorf("payment %s: %w", p.ID, err)
	}
	fact.PaymentID = p.ID
	return s.apply(ctx, p, fact, nil)
}

// transfer makes a movement, or finds the one that was made before. One that was
// overtaken is only looked for.
func (s *Service) transfer(ctx context.Context, m *transit, ask Move, overtaken bool) (string, error) {
	if m.Attempts > 1 || overtaken {
		id, err := s.gateway.FindMove(ctx, ask)
		if overtaken || !errors.Is(err, ErrNothing) {
			return id, err
		}
	}
	if m.Kind == Pull {
		return s.gateway.PullBack(ctx, ask)
	}
	return s.gateway.PutBack(ctx, ask)
}

// moved books that a movement was made.
func (s *Service) moved(ctx context.Context, m *transit, id string) error {
	of, err := s.byID(ctx, m.PaymentID)
	if err != nil {
		return err
	}
	return s.negotiation.OnCase(ctx, negotiation.System, of.CaseID, func(t *negotiation.Tx, c *negotiation.Case) error {
		var now transit
		if err := t.Where("id = ?", m.ID).Take(&now).Error; err != nil || now.DoneAt != nil {
			return err
		}
		p, err := lock(t, now.PaymentID)
		if err != nil {
			return err
		}
		if now.Problem != "" && p.Problem == now.Problem { // it is over
			p.Problem = ""
			c.Stir(negotiation.WorkUnclear)
		}
		now.GatewayID, now.DoneAt, now.NextTryAt, now.Problem = id, &t.Now, nil, ""
		if err := t.Update(&now, "GatewayID", "DoneAt", "NextTryAt", "Problem"); err != nil {
			return err
		}
		return follows(t, p, &now)
	})
}

// follows keeps with a payment what a movement changed of it.
func follows(t *negotiation.Tx, p *Payment, m *transit) error {
	if m.Kind == Pull {
		p.Pulled += m.Amount
	} else {
		p.Pulled -= m.Amount
	}
	return save(t, p)
}

// nextTransit decides under the case's lock what is to be moved next of a
// payment, and writes it down: the one that was not answered, or a new one. One
// that was not answered may be overtaken by what happened since.
func (s *Service) nextTransit(ctx context.Context, found *Payment) (m *transit, ask Move, overtaken bool, err error) {
	err = s.negotiation.OnCase(ctx, negotiation.System, found.CaseID, func(t *negotiation.Tx, c *negotiation.Case) error {
		p, refunds, _, err := backOf(t, found.ID)
		if err != nil {
			return err
		}
		all, err := transitsOf(t, p.ID)
		if err != nil {
			return err
		}
		next := t.Now.Add(refundLease)
		want := nextMovement(p, all, refunds)
		if n := len(all); n > 0 && all[n-1].DoneAt == nil {
			if all[n-1].NextTryAt != nil && all[n-1].NextTryAt.After(t.Now) {
				return nil // somebody else was faster
			}
			m = &all[n-1]
			m.Attempts++
			m.NextTryAt = &next
			overtaken = m.wants() != want
			if ask, err = m.ask(); err != nil {
				return err
			}
			return t.Update(m, "Attempts", "NextTryAt")
		}
		if want.nothing() {
			return nil
		}
		fresh := &transit{ID: newID(), PaymentID: p.ID, Number: int64(len(all)) + 1, AskedAt: t.Now, NextTryAt: &next}
		if err := fresh.state(t, c, p, want, all); err != nil {
			return err
		}
		if ask, err = fresh.ask(); err != nil {
			return err
		}
		fresh.Attempts = 1
		if (want.kind == Put || want.reverses > 0) && want.amount <= want.fee {
			// All of it is our fee: nothing moves, and it is written down all the same.
			fresh.DoneAt, fresh.NextTryAt = &t.Now, nil
			if err := t.Insert(fresh); err != nil {
				return err
			}
			return follows(t, p, fresh)
		}
		m = fresh
		return t.Insert(m)
	})
	return m, ask, overtaken, err
}

func transitsOf(t *negotiation.Tx, paymentID string) ([]transit, error) {
	var all []transit
	if err := t.Where("payment_id = ?", paymentID).Order("number").Find(&all).Error; err != nil {
		return nil, fmt.Errorf("transits of payment %s: %w", paymentID, err)
	}
	return all, nil
}

// state writes what is to be moved into a movement, with the words of the call.
// Other words have another key.
func (m *transit) state(t *negotiation.Tx, c *negotiation.Case, p *Payment, want movement, all []transit) error {
	account, err := accountOf(t.DB, c.CreditorID)
	if err != nil {
		return err
	}
	if account == nil || p.ChargeID == "" {
		return fmt.Errorf("payment %s: its charge or its creditor's account is not known", p.ID)
	}
	m.Kind, m.Amount, m.Fee, m.Reverses = want.kind, want.amount, want.fee, want.reverses
	ask := Move{
		ID: m.ID, Kind: m.Kind, ChargeID: p.ChargeID, Account: account.AccountID,
		Amount: money.New(m.Amount, p.Currency), Fee: money.New(m.Fee, p.Currency),
	}
	for i := range all {
		if m.Reverses > 0 && all[i].Number == m.Reverses {
			ask.Of = all[i].GatewayID
		}
	}
	return m.word(ask)
}

// word writes the words of the next call down, under a key of their own.
func (m *transit) word(ask Move) error {
	ask.Key = fmt.Sprintf("transit:%s:%d:%d", m.PaymentID, m.Number, m.Attempts+1)
	written, err := json.Marshal(ask)
	if err != nil {
		return fmt.Errorf("transit %s: %w", m.ID, err)
	}
	m.Request = string(written)
	return nil
}

// ask reads the words of the call.
func (m *transit) ask() (ask Move, err error) {
	if err := json.Unmarshal([]byte(m.Request), &ask); err != nil {
		return ask, fmt.Errorf("transit %s: its request: %w", m.ID, err)
	}
	return ask, nil
}

// restate gives a movement that was overtaken, and that the gateway knows nothing
// of, other words: what is to be moved now, or nothing until there is something.
func (s *Service) restate(ctx context.Context, found *Payment, overtaken *transit) error {
	return s.negotiation.OnCase(ctx, negotiation.System, found.CaseID, func(t *negotiation.Tx, c *negotiation.Case) error {
		p, refunds, _, err := backOf(t, found.ID)
		if err != nil {
			return err
		}
		all, err := transitsOf(t, p.ID)
		if err != nil {
			return err
		}
		m := &all[len(all)-1]
		if m.ID != overtaken.ID || m.DoneAt != nil || m.Attempts != overtaken.Attempts {
			return nil // somebody else was faster
		}
		m.NextTryAt, m.Problem = nil, ""
		if want := nextMovement(p, all, refunds); !want.nothing() {
			if err := m.state(t, c, p, want, all); err != nil {
				return err
			}
			m.NextTryAt = &t.Now
		}
		return t.Update(m, "Kind", "Amount", "Fee", "Reverses", "Request", "NextTryAt", "Problem")
	})
}

// waitTransit puts the next try off, further each time; what the gateway will
// not do is shown to a person, and asked for again all the same: an account that
// has no money today may have some tomorrow, and one that may take none, too.
// After a refusal, by which nothing was done, it is asked for under another key,
// since the gateway answers the same one alike.
func (s *Service) waitTransit(ctx context.Context, p *Payment, m *transit, cause error) error {
	return s.negotiation.OnCase(ctx, negotiation.System, p.CaseID, func(t *negotiation.Tx, c *negotiation.Case) error {
		next := t.Now.Add(time.Duration(1<<min(m.Attempts, 10)) * time.Minute)
		m.NextTryAt = &next
		refused := errors.Is(cause, ErrRefused)
		if refused {
			ask, err := m.ask()
			if err != nil {
				return err
			}
			if err := m.word(ask); err != nil {
				return err
			}
		}
		if m.Attempts < 3 && !refused {
			return t.Update(m, "NextTryAt")
		}
		m.Problem = fmt.Sprintf("%s of %v with the creditor's account: %v", m.Kind, money.New(m.Amount, p.Currency), cause)
		if err := t.Update(m, "NextTryAt", "Request", "Problem"); err != nil || m.Kind == Put {
			return err // what an account does not take is shown once for all its payments
		}
		now, err := lock(t, p.ID)
		if err != nil {
			return err
		}
		now.Problem = m.Problem
		c.Stir(negotiation.WorkUnclear)
		return save(t, now)
	})
}

// HeldBack is money that a creditor's account at the gateway does not take.
type HeldBack struct {
	CreditorID string
	Amount     int64           // minor units
	Since      negotiation.Day // the oldest of it was paid
}

// HeldBack returns what waits to be transferred to creditors because the gateway
// refuses, or does not answer.
func (s *Service) HeldBack(ctx context.Context) ([]HeldBack, error) {
	var held []HeldBack
	err := s.db.Read(ctx).Raw(`SELECT CAST(p.creditor_id AS TEXT) AS creditor_id, SUM(transits.amount - transits.fee) AS amount, MIN(p.paid_on) AS since
		FROM transits JOIN payments p ON p.id = transits.payment_id WHERE ` + heldBack + ` GROUP BY p.creditor_id ORDER BY 3`).Scan(&held).Error
	if err != nil {
		return nil, fmt.Errorf("transfers that wait: %w", err)
	}
	return held, nil
}

// transferAgain has what an account did not take tried again at once.
func transferAgain(tx *gorm.DB, accountID string, now time.Time) error {
	err := tx.Exec(`UPDATE transits SET next_try_at = ? WHERE done_at IS NULL AND next_try_at > ? AND problem <> ''
		AND payment_id IN (SELECT p.id FROM payments p JOIN gateway_accounts a ON a.creditor_id = p.creditor_id WHERE a.account_id = ?)`, now, now, accountID).Error
	if err != nil {
		return fmt.Errorf("transfers to account %s: %w", accountID, err)
	}
	return nil
}
