package payments

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"

	"amiable/negotiation"
	"amiable/negotiation/database"
	"amiable/negotiation/ledger"
	"amiable/negotiation/money"
)

// RefundOrder is what a person wants to go back.
type RefundOrder struct {
	Amount    money.Amount // nothing: all that can
	Reason    RefundReason
	Note      string
	Reference string // of the bank transfer by which it was given back: always for money that did not come through the gateway
	Once      string // of the form, so that a second click asks for nothing
}

// RefundRules say who says yes to a refund, in minor units.
type RefundRules struct {
	TwoPersonsFrom int64 // from this sum on two persons must; 0: one is enough
	ByItselfUpTo   int64 // up to this sum what was paid too much goes back by itself; 0: never
}

// SetRefundRules sets them; it is called once, before the service is used.
func (s *Service) SetRefundRules(r RefundRules) {
	s.twoPersons, s.byItself = r.TwoPersonsFrom, r.ByItselfUpTo
}

// TwoPersonsFrom is the sum, in minor units, from which two persons say yes to a
// refund; 0: one is enough.
func (s *Service) TwoPersonsFrom() int64 { return s.twoPersons }

// NeedsTwo says whether two persons must say yes to a refund.
func (s *Service) NeedsTwo(sum money.Amount) bool {
	return s.twoPersons > 0 && sum.Minor >= s.twoPersons
}

// AskRefund asks that money of a payment go back to who paid it. What came
// through the gateway goes back through it, once the second person has said yes
// where one must. What came elsewhere is recorded as given back, and so is what
// could not go back the way it came, with the reference of the transfer.
func (s *Service) AskRefund(ctx context.Context, by negotiation.Actor, paymentID string, o RefundOrder) (*Refund, error) {
	if !by.IsStaff() {
		return nil, negotiation.Refuse(negotiation.Forbidden, "not_your_role")
	}
	o.Note, o.Reference = strings.TrimSpace(o.Note), strings.TrimSpace(o.Reference)
	found, err := s.Of(ctx, by, paymentID)
	if err != nil {
		return nil, err
	}
	var r *Refund
	err = s.negotiation.OnCase(ctx, by, found.CaseID, func(t *negotiation.Tx, c *negotiation.Case) error {
		p, refunds, charged, err := backOf(t, paymentID)
		if err != nil {
			return err
		}
		if negotiation.ValidID(o.Once) && slices.ContainsFunc(refunds, func(r Refund) bool { return r.ID == o.Once }) {
			return negotiation.Refuse(negotiation.Conflict, "recorded_already")
		}
		if o.Amount.IsZero() {
			o.Amount = refundable(p, refunds)
		}
		switch {
		case !slices.Contains(RefundReasons, o.Reason):
			return negotiation.Refuse(negotiation.Invalid, "refund_reason").On("reason")
		case o.Reason == Agreed && o.Note == "":
			return negotiation.Refuse(negotiation.Invalid, "reason_missing").On("note")
		case p.ByGateway() && o.Reference != "" && !slices.ContainsFunc(refunds, func(r Refund) bool { return r.PaymentID == p.ID && r.State == RefundFailed }):
			return negotiation.Refuse(negotiation.Invalid, "refund_the_way_it_came").On("reference")
		case !p.ByGateway() && o.Reference == "":
			return negotiation.Refuse(negotiation.Invalid, "reference_missing").On("reference")
		}
		if err := mayGiveBack(p, refunds, charged, o.Amount); err != nil {
			return err
		}
		if r, err = s.want(t, c, by, p, o); err != nil {
			return err
		}
		switch {
		case r.Elsewhere:
			return s.recordBack(t, c, by, p, r)
		case s.NeedsTwo(r.Sum()):
			return c.TellAgents(t, negotiation.LetterRefundToAgency, refundFacts(c, r, "approve"))
		}
		return approve(t, c, by, r)
	})
	return r, err
}

// backOf reads a payment and everything that goes back of its case, under the
// lock of it.
func backOf(t *negotiation.Tx, paymentID string) (*Payment, []Refund, []Chargeback, error) {
	p, err := lock(t, paymentID)
	if err != nil {
		return nil, nil, nil, err
	}
	refunds, err := refundsOf(t, p.CaseID)
	if err != nil {
		return nil, nil, nil, err
	}
	charged, err := chargebacksOf(t, p.CaseID)
	return p, refunds, charged, err
}

// want writes a refund down that waits for its yes.
func (s *Service) want(t *negotiation.Tx, c *negotiation.Case, by negotiation.Actor, p *Payment, o RefundOrder) (*Refund, error) {
	id := newID()
	if negotiation.ValidID(o.Once) {
		id = o.Once
	}
	r := &Refund{
		ID: id, CreditorID: c.CreditorID, CaseID: c.ID, PaymentID: p.ID, State: RefundWanted, Reason: o.Reason, Note: o.Note,
		Amount: o.Amount.Minor, Currency: o.Amount.Currency, Elsewhere: !p.ByGateway() || o.Reference != "", Reference: o.Reference,
		ByRole: by.Role, ByID: by.ID, CreatedAt: t.Now,
	}
	if err := t.InsertNow(r); database.IsDuplicate(err) {
		return nil, negotiation.Refuse(negotiation.Conflict, "recorded_already")
	} else if err != nil {
		return nil, err
	}
	return r, c.Event(t, by, negotiation.RefundWanted, map[string]any{"refund": r.ID, "payment": p.ID, "amount": r.Sum(), "why": r.Reason})
}

func refundFacts(c *negotiation.Case, r *Refund, step string) map[string]any {
	return map[string]any{"refund": r.ID, "payment": r.PaymentID, "case": c.Reference, "amount": r.Sum(), "step": step}
}

// approve says yes to a refund: the next run of MakeRefunds asks for it.
func approve(t *negotiation.Tx, c *negotiation.Case, by negotiation.Actor, r *Refund) error {
	if !r.move(RefundApproved) {
		return negotiation.Refuse(negotiation.Conflict, "refund_moved_on")
	}
	r.ApprovedRole, r.ApprovedID, r.ApprovedAt, r.NextTryAt = by.Role, by.ID, &t.Now, &t.Now
	if err := saveRefund(t, r); err != nil {
		return err
	}
	return c.Event(t, by, negotiation.RefundApproved, map[string]any{"refund": r.ID, "payment": r.PaymentID, "amount": r.Sum()})
}

// ApproveRefund says yes to a refund that waits for it: one that offered itself,
// or one that two persons must want, of whom the second is another.
func (s *Service) ApproveRefund(ctx context.Context, by negotiation.Actor, refundID string) error {
	return s.onRefund(ctx, by, refundID, func(t *negotiation.Tx, c *negotiation.Case, p *Payment, r *Refund, charged []Chargeback) error {
		switch {
		case r.State != RefundWanted:
			return negotiation.Refuse(negotiation.Conflict, "refund_moved_on")
		case s.NeedsTwo(r.Sum()) && r.ByRole != negotiation.RoleSystem && r.ByID == by.ID:
			return negotiation.Refuse(negotiation.Forbidden, "refund_second_person")
		}
		if err := mayGiveBack(p, nil, charged, r.Sum()); err != nil {
			return err
		}
		return approve(t, c, by, r)
	})
}

// CancelRefund takes a refund back that was not asked of the gateway yet.
func (s *Service) CancelRefund(ctx context.Context, by negotiation.Actor, refundID, reason string) error {
	if reason = strings.TrimSpace(reason); reason == "" {
		return negotiation.Refuse(negotiation.Invalid, "reason_missing").On("reason")
	}
	return s.onRefund(ctx, by, refundID, func(t *negotiation.Tx, c *negotiation.Case, _ *Payment, r *Refund, _ []Chargeback) error {
		if r.State != RefundWanted && r.State != RefundApproved {
			return negotiation.Refuse(negotiation.Conflict, "refund_moved_on")
		}
		r.Problem = reason
		return s.dropRefund(t, c, by, r)
	})
}

func (s *Service) onRefund(ctx context.Context, by negotiation.Actor, refundID string, do func(t *negotiation.Tx, c *negotiation.Case, p *Payment, r *Refund, charged []Chargeback) error) error {
	if !by.IsStaff() && by.Role != negotiation.RoleSystem {
		return negotiation.Refuse(negotiation.Forbidden, "not_your_role")
	}
	r, err := s.Refund(ctx, by, refundID)
	if err != nil {
		return err
	}
	return s.negotiation.OnCase(ctx, by, r.CaseID, func(t *negotiation.Tx, c *negotiation.Case) error {
		p, refunds, charged, err := backOf(t, r.PaymentID)
		if err != nil {
			return err
		}
		at := slices.IndexFunc(refunds, func(r Refund) bool { return r.ID == refundID })
		if at < 0 {
			return fmt.Errorf("refund %s is not on its case", refundID)
		}
		return do(t, c, p, &refunds[at], charged)
	})
}

// dropRefund ends a refund of which nothing was sent.
func (s *Service) dropRefund(t *negotiation.Tx, c *negotiation.Case, by negotiation.Actor, r *Refund) error {
	if !r.move(RefundCancelled) {
		return nil
	}
	r.NextTryAt, r.EndedAt = nil, &t.Now
	if err := saveRefund(t, r); err != nil {
		return err
	}
	return c.Event(t, by, negotiation.RefundCancelled, map[string]any{"refund": r.ID, "payment": r.PaymentID, "amount": r.Sum()})
}

// OfferRefunds lets what was paid too much ask for its own way back: for each
// case with refunds due, one refund per payment, which waits for a person's yes
// or has the rule's. It reads limit cases at a time and says how many it made.
func (s *Service) OfferRefunds(ctx context.Context, limit int) (made int, err error) {
	var problems error
	after := uuid.Nil.String()
	for {
		var ids []string
		err := s.db.Read(ctx).Raw(`SELECT e.case_id FROM ledger_entries e WHERE e.account = ? AND e.case_id > ?
			GROUP BY e.case_id HAVING -SUM(e.amount) > (SELECT COALESCE(SUM(r.amount), 0) FROM refunds r WHERE r.case_id = e.case_id AND r.state IN ?)
			ORDER BY e.case_id LIMIT ?`, ledger.RefundsDue, after, liveRefund, limit).Scan(&ids).Error
		if err != nil {
			return made, errors.Join(problems, fmt.Errorf("cases with refunds due: %w", err))
		}
		if len(ids) == 0 {
			return made, problems
		}
		for _, id := range ids {
			n := 0
			err := s.negotiation.OnCase(ctx, negotiation.System, id, func(t *negotiation.Tx, c *negotiation.Case) (err error) {
				n, err = s.offer(t, c)
				return err
			})
			if err == nil {
				made += n
			}
			problems = errors.Join(problems, err)
		}
		after = ids[len(ids)-1]
	}
}

// offer makes a refund for each payment of which something was not owed, and of
// what a credit note made too much from the latest payments.
func (s *Service) offer(t *negotiation.Tx, c *negotiation.Case) (made int, err error) {
	refunds, err := refundsOf(t, c.ID)
	if err != nil {
		return 0, err
	}
	charged, err := chargebacksOf(t, c.ID)
	if err != nil {
		return 0, err
	}
	came, err := paymentsOf(t, c.ID)
	if err != nil {
		return 0, err
	}
	due, excesses := c.RefundsDue(), c.Excesses()
	for i := range refunds {
		// What a person said no to, or what came back from the bank, is theirs.
		r := &refunds[i]
		if over := r.State == RefundCancelled || r.State == RefundFailed; r.Live() || over && r.Reason == Overpaid {
			due = due.Sub(r.Sum())
			if e, ok := excesses[r.PaymentID]; ok {
				excesses[r.PaymentID] = e.Sub(r.Sum())
			}
		}
	}
	slices.SortStableFunc(came, func(a, b Payment) int { return b.CreatedAt.Compare(a.CreatedAt) })
	for _, first := range []bool{true, false} { // what was too much in itself, then what became so
		for i := range came {
			p := &came[i]
			amount := due.Min(refundable(p, refunds))
			if first {
				of, known := excesses[p.ID]
				if !known {
					continue
				}
				amount = amount.Min(of)
			}
			// Money that did not come through the gateway cannot go back by itself:
			// an agent sees it on the list, and writes down how it did.
			if !amount.IsPositive() || !p.ByGateway() || mayGiveBack(p, refunds, charged, amount) != nil {
				continue
			}
			r, err := s.want(t, c, negotiation.System, p, RefundOrder{Amount: amount, Reason: Overpaid})
			if err != nil {
				return made, err
			}
			if amount.Minor <= s.byItself {
				if err := approve(t, c, negotiation.System, r); err != nil {
					return made, err
				}
			}
			refunds, due, made = append(refunds, *r), due.Sub(amount), made+1
		}
	}
	return made, nil
}
