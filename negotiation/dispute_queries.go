package negotiation

import (
	"context"

	"gorm.io/gorm"

	"amiable/negotiation/money"
)

// FoundDispute is a dispute in a list, with what one knows a case by.
type FoundDispute struct {
	Dispute
	Reference     string
	DebtorName    string
	CreditorName  string
	InvoiceNumber string
	Currency      money.Currency
	WayWaits      bool // a way out waits for the word of the reader's side
}

// Sum is what is contested by it; false where it is the whole invoice.
func (f *FoundDispute) Sum() (money.Amount, bool) {
	if f.Amount == nil {
		return money.Amount{}, false
	}
	return money.New(*f.Amount, f.Currency), true
}

// wayWithout says that a way out of the round under way has no word of a side.
const wayWithout = `EXISTS (SELECT 1 FROM dispute_steps w WHERE w.dispute_id = disputes.id AND w.round = disputes.round AND w.kind = 'way'
	AND NOT EXISTS (SELECT 1 FROM dispute_steps a WHERE a.dispute_id = w.dispute_id AND a."of" = w.id AND a.side = ?))`

// DisputesWaiting returns the open disputes that wait for an actor's side, the
// first day to answer first: for a creditor their own that they have not
// answered, and those with a way out on which they have not said a word; for
// the agency those that it mediates.
func (s *Service) DisputesWaiting(ctx context.Context, by Actor, limit int) ([]FoundDispute, error) {
	query := s.db.Read(ctx).Table("disputes").Joins("JOIN cases ON cases.id = disputes.case_id").Joins("JOIN claims ON claims.id = disputes.claim_id").
		Joins("JOIN debtors ON debtors.id = cases.debtor_id").Joins("JOIN creditors ON creditors.id = disputes.creditor_id").
		Where("disputes.closed_at IS NULL")
	const known = "disputes.*, cases.reference, cases.currency, claims.invoice_number, debtors.name AS debtor_name, creditors.name AS creditor_name"
	switch {
	case by.IsStaff():
		query = query.Select(known).Where("disputes.answer_side = ?", SideAgency)
	case by.Role == RoleCreditor && by.CreditorID != "":
		query = query.Select(known+", disputes.state = ? AS way_waits", DisputeMediation).Where("disputes.creditor_id = ?", by.CreditorID).
			Where(gorm.Expr("(disputes.answer_side = ? OR (disputes.state = ? AND "+wayWithout+"))", SideCreditor, DisputeMediation, SideCreditor))
	default:
		return nil, Refuse(Forbidden, "not_your_role")
	}
	var found []FoundDispute
	err := query.Order("disputes.answer_by, disputes.id").Limit(limit).Scan(&found).Error
	return found, fault(err, "disputes waiting for", by.ID)
}
