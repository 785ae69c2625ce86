package payments

import (
	"context"
	"errors"
	"fmt"

	"amiable/negotiation"
	"amiable/negotiation/database"
)

// errNotKnown says that a fact is about a payment that we have not heard of, or
// not yet: news comes in any order. It is tried again with what the gateway says
// of the payment itself.
var errNotKnown = errors.New("no payment of ours, or none that came in yet")

// paymentBehind finds the payment that money goes back of: by our own refund,
// else by the gateway's names. known says that the notification is on file.
func (s *Service) paymentBehind(ctx context.Context, refundID, intentID, chargeID string, row *notification) (p *Payment, known bool, err error) {
	if row != nil {
		var n int64
		if err := s.db.Read(ctx).Model(&notification{}).Where("id = ?", row.ID).Count(&n).Error; err != nil || n > 0 {
			return nil, n > 0, err
		}
	}
	for _, by := range []struct{ where, value string }{
		{"id = (SELECT payment_id FROM refunds WHERE id = ?)", refundID}, {"intent_id = ?", intentID}, {"charge_id = ?", chargeID},
	} {
		if by.value == "" || by.value == refundID && !negotiation.ValidID(refundID) {
			continue
		}
		var found []Payment
		if err := s.db.Read(ctx).Where(by.where, by.value).Limit(1).Find(&found).Error; err != nil {
			return nil, false, fmt.Errorf("payment of %s: %w", by.value, err)
		}
		if len(found) > 0 {
			return &found[0], false, nil
		}
	}
	return nil, false, nil
}

// onFiled does something under the lock of a payment's case, filing the
// notification that brought it in the same transaction; nil where we asked.
func (s *Service) onFiled(ctx context.Context, p *Payment, row *notification, do func(t *negotiation.Tx, c *negotiation.Case) error) error {
	filed := int64(1)
	var along []database.Statement
	if row != nil {
		row.PaymentID = &p.ID
		along = append(along, row.file(&filed))
	}
	err := s.negotiation.OnCaseWithin(ctx, negotiation.Gateway, p.CaseID, lockWait, func(t *negotiation.Tx, c *negotiation.Case) error {
		if filed == 0 {
			return nil
		}
		return do(t, c)
	}, along...)
	if err != nil && row != nil {
		row.PaymentID = nil
	}
	return err
}

// catchUp asks the gateway about the payment behind a fact that could not be
// applied, and takes in what it says. ours is false where it is none of ours.
func (s *Service) catchUp(ctx context.Context, intentID string) (ours bool, err error) {
	if intentID == "" {
		return false, nil
	}
	calling, cancel := context.WithTimeout(ctx, gatewayDeadline)
	defer cancel()
	fact, err := s.gateway.FetchPayment(calling, intentID)
	if err != nil {
		return true, fmt.Errorf("payment behind %s: %w", intentID, err)
	}
	if !negotiation.ValidID(fact.PaymentID) {
		return false, nil
	}
	p, err := s.byID(ctx, fact.PaymentID)
	if negotiation.AsRefusal(err) != nil {
		return false, nil
	}
	if err != nil {
		return true, err
	}
	return true, s.apply(ctx, p, fact, nil)
}

// applyBack takes in news of money that goes back.
func (s *Service) applyBack(ctx context.Context, n Notification, row *notification) error {
	if n.Refund != nil {
		return s.applyRefund(ctx, *n.Refund, row)
	}
	return s.applyChargeback(ctx, *n.Charged, row)
}

// retryBack applies such news again, after asking about the payment itself.
func (s *Service) retryBack(ctx context.Context, n Notification) error {
	err := s.applyBack(ctx, n, nil)
	if !errors.Is(err, errNotKnown) {
		return err
	}
	intent := ""
	if n.Refund != nil {
		intent = n.Refund.IntentID
	} else {
		intent = n.Charged.IntentID
	}
	ours, problem := s.catchUp(ctx, intent)
	if problem != nil {
		return problem
	}
	if !ours {
		return nil // of something else that the account sells: on file, and no affair of ours
	}
	return s.applyBack(ctx, n, nil)
}
