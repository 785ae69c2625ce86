package payments

import (
	"context"
	"errors"
	"fmt"

	"amiable/negotiation"
)

// CloseCheckout expires the page on which a case can be paid, if one is open:
// for a case that was withdrawn, or whose paying was forbidden, meanwhile.
// Where the payer was faster, what they paid is taken in and the refusal
// payment_being_checked says so.
func (s *Service) CloseCheckout(ctx context.Context, by negotiation.Actor, caseID string) error {
	if !by.IsStaff() && by.Role != negotiation.RoleSystem && by.Role != negotiation.RoleCreditor {
		return negotiation.Refuse(negotiation.Forbidden, "not_your_role")
	}
	if _, err := s.negotiation.Case(ctx, by, caseID); err != nil {
		return err
	}
	var open []Payment
	err := s.db.Read(ctx).Where("case_id = ? AND kind = ? AND state = ?", caseID, CheckoutPayment, Started).Limit(1).Find(&open).Error
	if err != nil {
		return fmt.Errorf("open checkout of case %s: %w", caseID, err)
	}
	if len(open) == 0 {
		return nil
	}
	return s.close(ctx, &open[0])
}

// CloseForbidden expires every open page on which nothing may be paid any more,
// or not as much as it asks: a hold was placed, the case was withdrawn, money
// came another way. It asks the table of the gates, so that whoever closes a
// gate need not think of it; what the gateway does not do now is tried again by
// the next call. It reads limit pages at a time and says how many it closed.
func (s *Service) CloseForbidden(ctx context.Context, limit int) (closed int, err error) {
	today, err := s.negotiation.Today(ctx)
	if err != nil {
		return 0, err
	}
	var problems error
	after := ""
	for {
		var open []Payment
		query := s.db.Read(ctx).Where("kind = ? AND state = ?", CheckoutPayment, Started).Order("id").Limit(limit)
		if after != "" {
			query = query.Where("id > ?", after)
		}
		if err := query.Find(&open).Error; err != nil {
			return closed, errors.Join(problems, fmt.Errorf("open checkouts: %w", err))
		}
		if len(open) == 0 {
			return closed, problems
		}
		for i := range open {
			done, err := s.closeForbidden(ctx, &open[i], today)
			problems = errors.Join(problems, err)
			if done {
				closed++
			}
		}
		after = open[len(open)-1].ID
	}
}

func (s *Service) closeForbidden(ctx context.Context, p *Payment, today negotiation.Day) (done bool, err error) {
	c, err := s.negotiation.Case(ctx, negotiation.System, p.CaseID)
	if err != nil {
		return false, err
	}
	statement, err := c.Statement(today)
	if err != nil {
		return false, err
	}
	total, err := most(c, statement.Total, today)
	if err != nil {
		return false, err
	}
	forbidden := payable(c, total, today)
	if forbidden == nil && p.Asked().Cmp(total) <= 0 {
		return false, nil
	}
	if negotiation.AsRefusal(forbidden) == nil && forbidden != nil {
		return false, forbidden
	}
	if err = s.close(ctx, p); negotiation.AsRefusal(err) != nil {
		return true, nil // the payer was faster: what they paid is taken in
	}
	return err == nil, err
}
