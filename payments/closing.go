package payments

import (
	"context"
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
