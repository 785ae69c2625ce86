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

// A transfer that was chosen on the gateway's page is money announced: the payer
// was told where to send how much, and their bank does it in some days, in other
// sums, or never. Nothing of the case changes until it is here. Its payment
// stays open as a page does: whoever pays otherwise, and whatever forbids
// paying, calls it off first. What the gateway has all the same lies on the
// transfer account of the case, and is taken from there (held.go).

// announcedDays is how long a transfer is awaited before it is called off. That
// keeps nothing out: what comes later is taken in as well.
const announcedDays = 30

// Announcement is where the payer of a transfer was told to send how much.
type Announcement struct {
	Holder    string
	IBAN      string
	BIC       string
	Reference string
	Remaining money.Amount // of the sum, what has not come
}

// Announced says whether a transfer is awaited, and where it goes.
func (p *Payment) Announced() (to Announcement, awaited bool, err error) {
	if p.State != Started || p.AnnouncedAt == nil {
		return to, false, nil
	}
	if err := json.Unmarshal([]byte(p.Announcement), &to); err != nil {
		return to, false, fmt.Errorf("payment %s: its announcement: %w", p.ID, err)
	}
	to.Remaining = money.New(p.Amount-p.Funded, p.Currency)
	return to, true, nil
}

// InPart is what has come of an awaited transfer.
func (p *Payment) InPart() money.Amount { return money.New(p.Funded, p.Currency) }

// announce takes in that a transfer is awaited, and how much of it has come. A
// part is told of once, and by what is most: facts come in any order.
func (s *Service) announce(t *negotiation.Tx, c *negotiation.Case, p *Payment, f Fact) error {
	if p.State != Started || f.Transfer == nil {
		return save(t, p)
	}
	if p.AnnouncedAt == nil {
		to, err := json.Marshal(f.Transfer)
		if err != nil {
			return fmt.Errorf("payment %s: %w", p.ID, err)
		}
		p.AnnouncedAt, p.Announcement, p.Means = &t.Now, string(to), string(TransferMethod)
		p.GoodUntil = laterDay(p.GoodUntil, t.Today.Add(TransferGoodDays))
		if err := c.Event(t, negotiation.Gateway, negotiation.TransferAnnounced, map[string]any{"payment": p.ID, "amount": p.Asked()}); err != nil {
			return err
		}
	}
	if come := p.Amount - f.Transfer.Remaining.Minor; come > p.Funded && come < p.Amount {
		p.Funded = come
		if err := c.Event(t, negotiation.Gateway, negotiation.TransferInPart, map[string]any{"payment": p.ID, "amount": p.InPart(), "left": p.Asked().Sub(p.InPart())}); err != nil {
			return err
		}
	}
	return save(t, p)
}

// callOff makes sure that an awaited transfer no longer pays what it was asked
// for, and marks its payment. What had come of it, or comes later, is on the
// case's transfer account. Where the gateway has collected it, that is taken in
// and the caller is told to look again.
func (s *Service) callOff(ctx context.Context, p *Payment) error {
	calling, cancel := context.WithTimeout(ctx, gatewayDeadline)
	defer cancel()
	err := s.gateway.CancelPayment(calling, *p.IntentID)
	if errors.Is(err, ErrCompleted) {
		if _, err := s.Check(ctx, p.ID); err != nil {
			return err
		}
		return negotiation.Refuse(negotiation.Conflict, "payment_being_checked")
	}
	if err != nil {
		return fmt.Errorf("payment %s: %w", p.ID, err)
	}
	if err := s.apply(ctx, p, Fact{PaymentID: p.ID, IntentID: *p.IntentID, Progress: Expired}, nil); err != nil {
		return err
	}
	return s.lookAt(ctx, p.CaseID) // what had come of it
}

// callOffOld calls off what was announced a long time ago.
func (s *Service) callOffOld(ctx context.Context, now time.Time, limit int) (done int, problems error) {
	var old []Payment
	err := s.db.Read(ctx).Where("kind = ? AND state = ? AND announced_at < ?", CheckoutPayment, Started, now.AddDate(0, 0, -announcedDays)).
		Order("announced_at, id").Limit(limit).Find(&old).Error
	if err != nil {
		return 0, fmt.Errorf("old announcements: %w", err)
	}
	for i := range old {
		if err := s.callOff(ctx, &old[i]); err == nil || negotiation.AsRefusal(err) != nil {
			done++
		} else {
			problems = errors.Join(problems, err)
		}
	}
	return done, problems
}

// returnURL is where the gateway's page leads back to.
func (s *Service) returnURL(p *Payment) string {
	return s.baseURL + "/case/payments/" + p.ID + "/return"
}
