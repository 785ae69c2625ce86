package payments

import (
	"context"
	"slices"
	"strings"

	"amiable/negotiation"
	"amiable/negotiation/database"
	"amiable/negotiation/ledger"
	"amiable/negotiation/money"
)

// Means are the ways in which money is received elsewhere.
var Means = []string{"transfer", "cheque", "cash", "other"}

// Elsewhere is a payment that did not come through the gateway.
type Elsewhere struct {
	Amount    money.Amount
	On        negotiation.Day // when the debtor paid: the booking day of a transfer, the day a cheque came
	Means     string
	Reference string // the bank's or the cheque's
	Proof     string // where the proof is, or the hash of its file
	AtAgency  bool   // on the agency's dedicated account; else with the creditor already
	Once      string // of the form, so that a second click records nothing
}

// RecordElsewhere records money received elsewhere; a receipt is written and
// everybody is told, as for any payment.
func (s *Service) RecordElsewhere(ctx context.Context, by negotiation.Actor, caseID string, e Elsewhere) (*Payment, error) {
	if !by.IsStaff() && by.Role != negotiation.RoleCreditor {
		return nil, negotiation.Refuse(negotiation.Forbidden, "not_your_role")
	}
	e.Reference, e.Proof = strings.TrimSpace(e.Reference), strings.TrimSpace(e.Proof)
	var p *Payment
	err := s.negotiation.OnCase(ctx, by, caseID, func(t *negotiation.Tx, c *negotiation.Case) error {
		switch {
		case !e.Amount.IsPositive() || e.Amount.Currency != c.Currency:
			return negotiation.Refuse(negotiation.Invalid, "amount_not_positive").On("amount")
		case e.On.IsZero():
			return negotiation.Refuse(negotiation.Invalid, "date_missing").On("on")
		case e.On.After(t.Today):
			return negotiation.Refuse(negotiation.Invalid, "date_in_future").On("on")
		case e.On.Before(negotiation.EarliestDay):
			return negotiation.Refuse(negotiation.Invalid, "date_unbelievable").On("on")
		case !slices.Contains(Means, e.Means):
			return negotiation.Refuse(negotiation.Invalid, "means_unknown").On("means")
		case e.Reference == "":
			return negotiation.Refuse(negotiation.Invalid, "reference_missing").On("reference")
		case by.Role == negotiation.RoleCreditor && e.AtAgency:
			return negotiation.Refuse(negotiation.Forbidden, "not_your_role")
		}
		id := newID()
		if negotiation.ValidID(e.Once) {
			id = e.Once
			var n int64
			if err := t.Model(&Payment{}).Where("id = ?", id).Count(&n).Error; err != nil {
				return err
			}
			if n > 0 {
				return negotiation.Refuse(negotiation.Conflict, "recorded_already")
			}
		}
		p = &Payment{
			ID: id, CreditorID: c.CreditorID, CaseID: c.ID, Kind: ElsewherePayment, State: Succeeded, Amount: e.Amount.Minor,
			Received: e.Amount.Minor, Currency: c.Currency, AskedOn: e.On, GoodUntil: e.On, PaidOn: e.On, SucceededAt: &t.Now,
			Means: e.Means, Reference: e.Reference, Proof: e.Proof,
			ByRole: by.Role, ByID: by.ID, OnBehalfOf: by.OnBehalfOf, CreatedAt: t.Now,
		}
		if err := t.InsertNow(p); database.IsDuplicate(err) {
			return negotiation.Refuse(negotiation.Conflict, "recorded_already")
		} else if err != nil {
			return err
		}
		into := ledger.Entrusted
		if e.AtAgency {
			into = ledger.Bank
		}
		allocation, err := s.book(t, c, p, by, into)
		if err != nil {
			return err
		}
		return s.tell(t, c, p, by, negotiation.PaymentRecorded, allocation)
	})
	return p, err
}

// Reverse turns a recorded payment round: a wrong entry is never edited. Only
// what a person recorded can be turned round by a person; the gateway's money
// goes back by a refund.
func (s *Service) Reverse(ctx context.Context, by negotiation.Actor, paymentID, reason string) error {
	if !by.IsStaff() && by.Role != negotiation.RoleCreditor {
		return negotiation.Refuse(negotiation.Forbidden, "not_your_role")
	}
	if reason = strings.TrimSpace(reason); reason == "" {
		return negotiation.Refuse(negotiation.Invalid, "reason_missing").On("reason")
	}
	found, err := s.byID(ctx, paymentID)
	if err != nil {
		return err
	}
	return s.negotiation.OnCase(ctx, by, found.CaseID, func(t *negotiation.Tx, c *negotiation.Case) error {
		p, err := lock(t, paymentID)
		if err != nil {
			return err
		}
		switch {
		case p.Kind != ElsewherePayment:
			return negotiation.Refuse(negotiation.Conflict, "only_recorded_payments_reverse")
		case p.Refunded > 0:
			return negotiation.Refuse(negotiation.Conflict, "reversal_of_refunded")
		case p.State == Reversed:
			return negotiation.Refuse(negotiation.Conflict, "reversed_already")
		case by.Role == negotiation.RoleCreditor && p.ByRole != negotiation.RoleCreditor:
			return negotiation.Refuse(negotiation.Forbidden, "not_yours_to_reverse")
		}
		p.State, p.Problem = Reversed, reason
		if err := save(t, p); err != nil {
			return err
		}
		if err := c.ReversePayment(t, by, p.ID); err != nil {
			return err
		}
		if err := s.releaseOf(t, by, p, reason); err != nil {
			return err
		}
		return c.Event(t, by, negotiation.PaymentReversed, map[string]any{"payment": p.ID, "amount": p.ReceivedAmount(), "reason": reason})
	})
}
