package payments

import (
	"context"
	"fmt"

	"amiable/negotiation"
	"amiable/negotiation/ledger"
	"amiable/negotiation/money"
)

// Remittances returns remittances, the latest first.
func (s *Service) Remittances(ctx context.Context, by negotiation.Actor, limit int) ([]Remittance, error) {
	query, err := ofCreditor(s.db.Read(ctx).Model(&Remittance{}), by, "creditor_id")
	if err != nil {
		return nil, err
	}
	var list []Remittance
	if err := query.Order("until_on DESC, number DESC").Limit(limit).Find(&list).Error; err != nil {
		return nil, fmt.Errorf("remittances: %w", err)
	}
	return list, nil
}

// Remittance returns a remittance that the actor may see.
func (s *Service) Remittance(ctx context.Context, by negotiation.Actor, id string) (*Remittance, error) {
	if !negotiation.ValidID(id) {
		return nil, negotiation.Refuse(negotiation.NotFound, "not_found")
	}
	query, err := ofCreditor(s.db.Read(ctx), by, "creditor_id")
	if err != nil {
		return nil, err
	}
	var found []Remittance
	if err := query.Where("id = ?", id).Limit(1).Find(&found).Error; err != nil {
		return nil, fmt.Errorf("remittance %s: %w", id, err)
	}
	if len(found) == 0 {
		return nil, negotiation.Refuse(negotiation.NotFound, "not_found")
	}
	return &found[0], nil
}

// ListedLine is a line of a remittance with whose payment it is, and what each
// euro of it settled.
type ListedLine struct {
	RemittanceLine
	CaseReference string
	DebtorName    string
	IntentID      string
	Means         string
	Principal     int64
	Interest      int64
	Indemnity     int64
	Claims        []ClaimPart `gorm:"-"`
}

// ClaimPart is what one invoice got of a payment.
type ClaimPart struct {
	ClaimID                        string
	Invoice                        string
	Principal, Interest, Indemnity money.Amount
}

// LinesOf returns the lines of a remittance. The caller has asked whether it may
// be seen.
func (s *Service) LinesOf(ctx context.Context, r *Remittance) ([]ListedLine, error) {
	var lines []ListedLine
	err := s.db.Read(ctx).Table("remittance_lines").
		Select(`remittance_lines.*, COALESCE(cases.reference, '') AS case_reference, COALESCE(debtors.name, '') AS debtor_name,
			COALESCE(payments.intent_id, '') AS intent_id, COALESCE(payments.means, '') AS means`).
		Joins("LEFT JOIN payments ON payments.id = remittance_lines.payment_id").Joins("LEFT JOIN cases ON cases.id = remittance_lines.case_id").
		Joins("LEFT JOIN debtors ON debtors.id = cases.debtor_id").
		Where("remittance_lines.remittance_id = ?", r.ID).Order("remittance_lines.line").Scan(&lines).Error
	if err != nil {
		return nil, fmt.Errorf("lines of remittance %s: %w", r.Number, err)
	}
	return lines, s.claimParts(ctx, r, lines)
}

// claimParts fills in what each payment settled, claim by claim, from the
// postings that stand.
func (s *Service) claimParts(ctx context.Context, r *Remittance, lines []ListedLine) error {
	var parts []struct {
		PaymentID, ClaimID, Invoice string
		Component                   ledger.Component
		Amount                      int64
	}
	err := s.db.Read(ctx).Raw(`SELECT CAST(x.payment_id AS TEXT) AS payment_id, CAST(e.claim_id AS TEXT) AS claim_id, claims.invoice_number AS invoice, e.component, -SUM(e.amount) AS amount
		FROM remittance_lines x JOIN payments p ON p.id = x.payment_id JOIN `+standing+`
		JOIN ledger_entries e ON e.posting_id = l.id AND e.account = 'receivable' JOIN claims ON claims.id = e.claim_id
		WHERE x.remittance_id = ? AND x.kind = 'payment' GROUP BY x.payment_id, e.claim_id, claims.invoice_number, e.component ORDER BY claims.invoice_number`, r.ID).Scan(&parts).Error
	if err != nil {
		return fmt.Errorf("lines of remittance %s: %w", r.Number, err)
	}
	at := map[string]*ListedLine{}
	for i := range lines {
		if lines[i].PaymentID != nil && lines[i].Kind == "payment" {
			at[*lines[i].PaymentID] = &lines[i]
		}
	}
	for _, part := range parts {
		line := at[part.PaymentID]
		if line == nil {
			continue
		}
		if n := len(line.Claims); n == 0 || line.Claims[n-1].ClaimID != part.ClaimID {
			zero := money.New(0, r.Currency)
			line.Claims = append(line.Claims, ClaimPart{ClaimID: part.ClaimID, Invoice: part.Invoice, Principal: zero, Interest: zero, Indemnity: zero})
		}
		claim, sum := &line.Claims[len(line.Claims)-1], money.New(part.Amount, r.Currency)
		switch part.Component {
		case ledger.Principal:
			claim.Principal, line.Principal = claim.Principal.Add(sum), line.Principal+part.Amount
		case ledger.Interest:
			claim.Interest, line.Interest = claim.Interest.Add(sum), line.Interest+part.Amount
		case ledger.Indemnity:
			claim.Indemnity, line.Indemnity = claim.Indemnity.Add(sum), line.Indemnity+part.Amount
		}
	}
	return nil
}

// FeeInvoices returns the agency's invoices, the latest first.
func (s *Service) FeeInvoices(ctx context.Context, by negotiation.Actor, limit int) ([]FeeInvoice, error) {
	query, err := ofCreditor(s.db.Read(ctx).Model(&FeeInvoice{}), by, "creditor_id")
	if err != nil {
		return nil, err
	}
	var list []FeeInvoice
	if err := query.Order("series_year DESC, ordinal DESC").Limit(limit).Find(&list).Error; err != nil {
		return nil, fmt.Errorf("invoices: %w", err)
	}
	return list, nil
}

// ListedFee is a line of an invoice with whose payment it is.
type ListedFee struct {
	FeeLine
	CaseReference string
	DebtorName    string
}

// FeeInvoice returns an invoice that the actor may see, with its lines.
func (s *Service) FeeInvoice(ctx context.Context, by negotiation.Actor, id string) (*FeeInvoice, []ListedFee, error) {
	if !negotiation.ValidID(id) {
		return nil, nil, negotiation.Refuse(negotiation.NotFound, "not_found")
	}
	query, err := ofCreditor(s.db.Read(ctx), by, "creditor_id")
	if err != nil {
		return nil, nil, err
	}
	var found []FeeInvoice
	if err := query.Where("id = ?", id).Limit(1).Find(&found).Error; err != nil {
		return nil, nil, fmt.Errorf("invoice %s: %w", id, err)
	}
	if len(found) == 0 {
		return nil, nil, negotiation.Refuse(negotiation.NotFound, "not_found")
	}
	var lines []ListedFee
	err = s.db.Read(ctx).Table("fee_lines").Select("fee_lines.*, cases.reference AS case_reference, debtors.name AS debtor_name").
		Joins("JOIN payments ON payments.id = fee_lines.payment_id").Joins("JOIN cases ON cases.id = payments.case_id").Joins("JOIN debtors ON debtors.id = cases.debtor_id").
		Where("fee_lines.invoice_id = ?", id).Order("fee_lines.line").Scan(&lines).Error
	if err != nil {
		return nil, nil, fmt.Errorf("invoice %s: %w", id, err)
	}
	return &found[0], lines, nil
}
