package negotiation

import (
	"context"

	"amiable/negotiation/placement"
)

// ClaimByInvoice returns the claim of a creditor with an invoice number,
// however it is written.
func (s *Service) ClaimByInvoice(ctx context.Context, creditorID, invoiceNumber string) (*Claim, error) {
	var found []Claim
	err := s.db.Read(ctx).Where("creditor_id = ? AND invoice_key = ?", creditorID, placement.Key(invoiceNumber)).Limit(1).Find(&found).Error
	if err != nil {
		return nil, fault(err, "claim", invoiceNumber)
	}
	if len(found) == 0 {
		return nil, errNotFound
	}
	return &found[0], nil
}

// AttachInvoice attaches the invoice's PDF, kept under its hash, to a claim.
func (s *Service) AttachInvoice(ctx context.Context, by Actor, caseID, claimID, fileHash string) error {
	if err := by.only(RoleCreditor, RoleAgent, RoleAdministrator, RoleSystem); err != nil {
		return err
	}
	return s.OnCase(ctx, by, caseID, func(t *Tx, c *Case) error {
		claim := c.claim(claimID)
		if claim == nil {
			return errNotFound
		}
		if claim.InvoiceFile == fileHash {
			return nil
		}
		if err := t.Model(&Claim{}).Where("id = ?", claimID).Update("invoice_file", fileHash).Error; err != nil {
			return fault(err, "claim", claimID)
		}
		return t.Insert(c.event(t, by, InvoiceAttached, map[string]any{"claim": claimID, "invoice": claim.InvoiceNumber, "file": fileHash}))
	})
}

// RecordNotice records the day on which a debtor received the notice to pay
// (mise en demeure), from which a consumer's interest runs. It can be recorded
// while nothing rests on the claim's interest yet.
func (s *Service) RecordNotice(ctx context.Context, by Actor, caseID, claimID string, on Day) error {
	if err := by.only(RoleCreditor, RoleAgent, RoleAdministrator, RoleSystem); err != nil {
		return err
	}
	return s.OnCase(ctx, by, caseID, func(t *Tx, c *Case) error {
		claim := c.claim(claimID)
		switch {
		case claim == nil:
			return errNotFound
		case on.IsZero():
			return Refuse(Invalid, "date_missing").On("notice_on")
		case on.After(t.Today):
			return Refuse(Invalid, "date_in_future").On("notice_on")
		case on.Before(claim.DueOn):
			return Refuse(Invalid, "notice_before_due").On("notice_on")
		case len(c.movements(claimID)) > 0:
			return Refuse(Conflict, "notice_too_late")
		}
		if err := t.Model(&Claim{}).Where("id = ?", claimID).Update("notice_on", on).Error; err != nil {
			return fault(err, "claim", claimID)
		}
		claim.NoticeOn = on
		return t.Insert(c.event(t, by, NoticeRecorded, map[string]any{"claim": claimID, "on": on}))
	})
}
