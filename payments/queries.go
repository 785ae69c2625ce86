package payments

import (
	"context"
	"fmt"

	"amiable/negotiation"
	"amiable/negotiation/database"
	"amiable/negotiation/ledger"
	"amiable/negotiation/money"
)

// Of returns a payment that the actor may see.
func (s *Service) Of(ctx context.Context, by negotiation.Actor, paymentID string) (*Payment, error) {
	if !negotiation.ValidID(paymentID) {
		return nil, negotiation.Refuse(negotiation.NotFound, "not_found")
	}
	p, err := s.byID(ctx, paymentID)
	if err != nil {
		return nil, err
	}
	if !by.MaySee(&negotiation.Case{ID: p.CaseID, CreditorID: p.CreditorID}) {
		return nil, negotiation.Refuse(negotiation.NotFound, "not_found")
	}
	return p, nil
}

// OfCase returns the payments of a case, oldest first. The caller has asked
// whether the case may be seen.
func (s *Service) OfCase(ctx context.Context, caseID string) ([]Payment, error) {
	var payments []Payment
	if err := s.db.Send(s.db.Read(ctx), SelectOfCase(caseID, &payments)); err != nil {
		return nil, fmt.Errorf("payments of case %s: %w", caseID, err)
	}
	return payments, nil
}

// SelectOfCase reads the payments of a case, oldest first, along with the case.
func SelectOfCase(caseID string, into *[]Payment) database.Statement {
	return database.Statement{
		SQL: "SELECT " + database.Columns[Payment]("") + " FROM payments WHERE case_id = ? ORDER BY created_at, id", Args: []any{caseID}, Rows: database.Read(into),
		What: "payments of case " + caseID,
	}
}

// SelectAccount reads the account of a case's creditor at the gateway, if it has
// one, along with the case.
func SelectAccount(caseID string, into *[]Account) database.Statement {
	return database.Statement{
		SQL:  "SELECT " + database.Columns[Account]("") + " FROM gateway_accounts WHERE creditor_id = (SELECT creditor_id FROM cases WHERE id = ?)",
		Args: []any{caseID}, Rows: database.Read(into), What: "payment account of case " + caseID,
	}
}

// ReceiptsOf returns the receipts of a case, oldest first.
func (s *Service) ReceiptsOf(ctx context.Context, caseID string) ([]Receipt, error) {
	var receipts []Receipt
	if err := s.db.Read(ctx).Where("case_id = ?", caseID).Order("created_at, id").Find(&receipts).Error; err != nil {
		return nil, fmt.Errorf("receipts of case %s: %w", caseID, err)
	}
	return receipts, nil
}

// Listed is a payment in a list, with what each euro of it is.
type Listed struct {
	Payment
	CaseReference string
	DebtorName    string
	Principal     int64 // minor units, as are the others
	Interest      int64
	Indemnity     int64
}

// List returns payments that came in, newest first, of one creditor or (staff)
// of all. It reads at most limit of them.
func (s *Service) List(ctx context.Context, by negotiation.Actor, limit int) ([]Listed, error) {
	query := s.db.Read(ctx).Table("payments").
		Select("payments.*, cases.reference AS case_reference, debtors.name AS debtor_name").
		Joins("JOIN cases ON cases.id = payments.case_id").Joins("JOIN debtors ON debtors.id = cases.debtor_id").
		Where("payments.state IN ?", []State{Processing, Succeeded, Reversed}).
		Order("payments.created_at DESC, payments.id DESC").Limit(limit)
	switch {
	case by.IsStaff():
	case by.Role == negotiation.RoleCreditor && by.CreditorID != "":
		query = query.Where("payments.creditor_id = ?", by.CreditorID)
	default:
		return nil, negotiation.Refuse(negotiation.Forbidden, "not_your_role")
	}
	var list []Listed
	if err := query.Scan(&list).Error; err != nil {
		return nil, fmt.Errorf("payments of creditor %s: %w", by.CreditorID, err)
	}
	return list, s.allocations(ctx, list)
}

// allocations fills in what became of payments, from the postings that stand.
func (s *Service) allocations(ctx context.Context, list []Listed) error {
	if len(list) == 0 {
		return nil
	}
	cases := make([]string, len(list))
	for i, p := range list {
		cases[i] = p.CaseID
	}
	parts, err := s.negotiation.PaymentParts(ctx, cases)
	if err != nil {
		return err
	}
	for i := range list {
		part := parts[list[i].ID]
		list[i].Principal, list[i].Interest, list[i].Indemnity = part[ledger.Principal], part[ledger.Interest], part[ledger.Indemnity]
	}
	return nil
}

// OfCaseListed returns the payments of a case with what became of each, newest
// first. The caller has asked whether the case may be seen.
func (s *Service) OfCaseListed(ctx context.Context, file *negotiation.Case) ([]Listed, error) {
	made, err := s.OfCase(ctx, file.ID)
	if err != nil {
		return nil, err
	}
	list := make([]Listed, 0, len(made))
	for i := len(made) - 1; i >= 0; i-- {
		list = append(list, Listed{Payment: made[i], CaseReference: file.Reference, DebtorName: file.Debtor.Name})
	}
	return list, s.allocations(ctx, list)
}

// CameIn is what came in on a day.
type CameIn struct {
	On       negotiation.Day
	Currency money.Currency
	Amount   int64 // minor units
}

// CameIn returns what came in for a creditor and stays, day by day, since a day.
func (s *Service) CameIn(ctx context.Context, by negotiation.Actor, since negotiation.Day) ([]CameIn, error) {
	if by.Role != negotiation.RoleCreditor || by.CreditorID == "" {
		return nil, negotiation.Refuse(negotiation.Forbidden, "not_your_role")
	}
	var days []CameIn
	err := s.db.Read(ctx).Model(&Payment{}).Select("paid_on AS \"on\", currency, SUM(received - refunded - taken_back) AS amount").
		Where("creditor_id = ? AND state = ? AND paid_on >= ? AND received > refunded + taken_back", by.CreditorID, Succeeded, since).
		Group("paid_on, currency").Order("paid_on").Scan(&days).Error
	if err != nil {
		return nil, fmt.Errorf("what came in for creditor %s: %w", by.CreditorID, err)
	}
	return days, nil
}

// NeedAttention returns payments that a person must look at: more came in than
// was owed and is not on its way back, or another sum than was asked.
func (s *Service) NeedAttention(ctx context.Context, limit int) ([]Listed, error) {
	var list []Listed
	err := s.db.Read(ctx).Table("payments").
		Select("payments.*, cases.reference AS case_reference, debtors.name AS debtor_name").
		Joins("JOIN cases ON cases.id = payments.case_id").Joins("JOIN debtors ON debtors.id = cases.debtor_id").
		Where(`payments.state = ? AND (payments.problem <> '' OR payments.excess > 0
			AND NOT EXISTS (SELECT 1 FROM refunds r WHERE r.payment_id = payments.id AND r.state IN ?))`, Succeeded, liveRefund).
		Order("payments.created_at, payments.id").Limit(limit).Scan(&list).Error
	if err != nil {
		return nil, fmt.Errorf("payments that need attention: %w", err)
	}
	return list, nil
}
