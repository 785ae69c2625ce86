package payments

import (
	"context"
	"fmt"

	"amiable/negotiation"
)

// A payer came by a pay-only link: they may pay on one case and see nothing of
// it. What they pay is paid in their own name: it recognises nothing for the
// debtor, and interrupts nothing.

// door is as whom a case is opened for a payment. A payer may not see it; their
// link says on which one they pay.
func door(by negotiation.Actor, caseID string) (negotiation.Actor, error) {
	switch {
	case !by.May(negotiation.ActPay):
		return by, negotiation.Refuse(negotiation.Forbidden, "adviser_may_not")
	case by.Role != negotiation.RolePayer:
		return by, nil
	case by.CaseID == "" || by.CaseID != caseID:
		return by, negotiation.Refuse(negotiation.NotFound, "not_found")
	}
	return negotiation.System, nil
}

// ByPayer says whether the payment was started with a pay-only link.
func (p *Payment) ByPayer() bool { return p.ByRole == negotiation.RolePayer }

// OfPayer returns a payment that a payer started with the link that they hold.
func (s *Service) OfPayer(ctx context.Context, by negotiation.Actor, paymentID string) (*Payment, error) {
	if !negotiation.ValidID(paymentID) {
		return nil, negotiation.Refuse(negotiation.NotFound, "not_found")
	}
	p, err := s.byID(ctx, paymentID)
	if err != nil {
		return nil, err
	}
	if by.Role != negotiation.RolePayer || !p.ByPayer() || p.ByID != by.ID || p.CaseID != by.CaseID {
		return nil, negotiation.Refuse(negotiation.NotFound, "not_found")
	}
	return p, nil
}

// QuotePayer is Quote for a payer, with the case they pay on: what may not be
// shown may not be paid by them either. Nothing of the case but its reference
// is theirs to see.
func (s *Service) QuotePayer(ctx context.Context, by negotiation.Actor, o Order) (*negotiation.Case, *Quote, error) {
	if by.Role != negotiation.RolePayer {
		return nil, nil, negotiation.Refuse(negotiation.Forbidden, "not_your_role")
	}
	c, err := s.negotiation.Case(ctx, negotiation.System, by.CaseID)
	if err != nil {
		return nil, nil, err
	}
	today, err := s.negotiation.Today(ctx)
	if err != nil {
		return nil, nil, err
	}
	if err := c.Gate(today).Check(negotiation.Display); err != nil {
		return c, nil, err
	}
	q, err := s.Quote(ctx, c, o)
	if q != nil {
		q.Methods = withoutTransfer(q.Methods)
	}
	return c, q, err
}

// CloseCheckoutOf expires the page that was opened with a pay-only link which
// has ended. Where the payer was faster, what they paid is taken in.
func (s *Service) CloseCheckoutOf(ctx context.Context, caseID, linkID string) error {
	var open []Payment
	err := s.db.Read(ctx).Where("case_id = ? AND kind = ? AND state = ? AND by_role = ? AND by_id = ?",
		caseID, CheckoutPayment, Started, negotiation.RolePayer, linkID).Limit(1).Find(&open).Error
	if err != nil {
		return fmt.Errorf("open checkout of pay link %s: %w", linkID, err)
	}
	if len(open) == 0 {
		return nil
	}
	if err := s.close(ctx, &open[0]); negotiation.AsRefusal(err) == nil {
		return err
	}
	return nil
}
