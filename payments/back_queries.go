package payments

import (
	"context"
	"fmt"

	"amiable/negotiation"
	"amiable/negotiation/money"
)

// Refund returns a refund that the actor may see.
func (s *Service) Refund(ctx context.Context, by negotiation.Actor, id string) (*Refund, error) {
	var found []Refund
	if negotiation.ValidID(id) {
		if err := s.db.Read(ctx).Where("id = ?", id).Limit(1).Find(&found).Error; err != nil {
			return nil, fmt.Errorf("refund %s: %w", id, err)
		}
	}
	if len(found) == 0 || !by.MaySee(&negotiation.Case{ID: found[0].CaseID, CreditorID: found[0].CreditorID}) {
		return nil, negotiation.Refuse(negotiation.NotFound, "not_found")
	}
	return &found[0], nil
}

// Chargeback returns a chargeback that the actor may see.
func (s *Service) Chargeback(ctx context.Context, by negotiation.Actor, id string) (*Chargeback, error) {
	var found []Chargeback
	if negotiation.ValidID(id) {
		if err := s.db.Read(ctx).Where("id = ?", id).Limit(1).Find(&found).Error; err != nil {
			return nil, fmt.Errorf("chargeback %s: %w", id, err)
		}
	}
	if len(found) == 0 || !by.MaySee(&negotiation.Case{ID: found[0].CaseID, CreditorID: found[0].CreditorID}) {
		return nil, negotiation.Refuse(negotiation.NotFound, "not_found")
	}
	return &found[0], nil
}

// BackOf returns the refunds and chargebacks of a case, oldest first. The caller
// has asked whether the case may be seen.
func (s *Service) BackOf(ctx context.Context, caseID string) (refunds []Refund, charged []Chargeback, err error) {
	if err := s.db.Read(ctx).Where("case_id = ?", caseID).Order("created_at, id").Find(&refunds).Error; err != nil {
		return nil, nil, fmt.Errorf("refunds of case %s: %w", caseID, err)
	}
	if err := s.db.Read(ctx).Where("case_id = ?", caseID).Order("created_at, id").Find(&charged).Error; err != nil {
		return nil, nil, fmt.Errorf("chargebacks of case %s: %w", caseID, err)
	}
	return refunds, charged, nil
}

// Refundable says how much of a payment a person may still give back, or why
// nothing.
func Refundable(p *Payment, refunds []Refund, charged []Chargeback) error {
	return mayGiveBack(p, refunds, charged, refundable(p, refunds))
}

// RefundableSum is how much of a payment can still go back.
func RefundableSum(p *Payment, refunds []Refund) money.Amount { return refundable(p, refunds) }

// RefundTodo is a refund that waits for a person.
type RefundTodo struct {
	Refund
	CaseReference string
	DebtorName    string
}

// RefundsForPersons are the refunds that wait for somebody's yes, or went wrong
// and have not been seen to: of those of which money is still due. Oldest first.
func (s *Service) RefundsForPersons(ctx context.Context, limit int) ([]RefundTodo, error) {
	var todo []RefundTodo
	err := s.db.Read(ctx).Table("refunds").Select("refunds.*, cases.reference AS case_reference, debtors.name AS debtor_name").
		Joins("JOIN cases ON cases.id = refunds.case_id").Joins("JOIN debtors ON debtors.id = cases.debtor_id").
		Where(forPersons).
		Order("refunds.created_at, refunds.id").Limit(limit).Scan(&todo).Error
	if err != nil {
		return nil, fmt.Errorf("refunds for persons: %w", err)
	}
	return todo, nil
}

// ChargebackTodo is a chargeback that waits for an answer.
type ChargebackTodo struct {
	Chargeback
	CaseReference string
	DebtorName    string
}

// ChargebacksToAnswer are those that a payer's bank waits for an answer to, the
// most urgent first.
func (s *Service) ChargebacksToAnswer(ctx context.Context, limit int) ([]ChargebackTodo, error) {
	var todo []ChargebackTodo
	err := s.db.Read(ctx).Table("chargebacks").Select("chargebacks.*, cases.reference AS case_reference, debtors.name AS debtor_name").
		Joins("JOIN cases ON cases.id = chargebacks.case_id").Joins("JOIN debtors ON debtors.id = cases.debtor_id").
		Where(toAnswer).
		Order("chargebacks.due_at, chargebacks.id").Limit(limit).Scan(&todo).Error
	if err != nil {
		return nil, fmt.Errorf("chargebacks to answer: %w", err)
	}
	return todo, nil
}
