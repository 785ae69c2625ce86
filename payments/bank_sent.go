package payments

import (
	"fmt"
	"strings"

	"amiable/negotiation"
	"amiable/negotiation/ledger"
)

// What leaves the agency's account leaves it once, and is told twice: by the
// person who sends it (PayOver, AskRefund), and by the bank, whose debit somebody
// explains. Whichever comes first books it; the other finds it booked.

// paidOverBy ties a debit to the month that it pays over: the creditor's first
// of that sum which no debit has paid yet, those noted by hand before the
// others. It returns its number (none: the sum is no month's) and whether it was
// noted, and so booked, before.
func (s *Service) paidOverBy(t *negotiation.Tx, e *BankEntry, creditorID string) (month string, noted bool, err error) {
	var found []Remittance
	err = s.db.ForUpdate(t.DB).Where("creditor_id = ? AND kind = ? AND net = ? AND currency = ? AND bank_entry_id IS NULL", creditorID, PeriodRemittance, e.Amount, e.Currency).
		Order("paid_over_on IS NULL, until_on, number").Limit(1).Find(&found).Error
	if err != nil {
		return "", false, fmt.Errorf("month paid over by bank entry %s: %w", e.ID, err)
	}
	if len(found) == 0 {
		return "", false, nil
	}
	r := &found[0]
	noted = !r.PaidOverOn.IsZero()
	r.BankEntryID = &e.ID
	if !noted {
		r.PaidOverOn, r.PaidOverReference = e.BookedOn, e.Ref()
	}
	return r.Number, noted, t.Update(r, "BankEntryID", "PaidOverOn", "PaidOverReference")
}

// notSentBy unties a debit of which somebody took back what was said. What was
// noted by hand stays noted.
func (s *Service) notSentBy(t *negotiation.Tx, e *BankEntry) error {
	if err := t.Model(&Refund{}).Where("bank_entry_id = ?", e.ID).Update("bank_entry_id", nil).Error; err != nil {
		return fmt.Errorf("refund made by bank entry %s: %w", e.ID, err)
	}
	var found []Remittance
	if err := s.db.ForUpdate(t.DB).Where("bank_entry_id = ?", e.ID).Limit(1).Find(&found).Error; err != nil {
		return fmt.Errorf("month paid over by bank entry %s: %w", e.ID, err)
	}
	if len(found) == 0 {
		return nil
	}
	r := &found[0]
	var noted int64
	if err := t.Model(&ledger.Posting{}).Where("source = ?", r.paidOver()).Count(&noted).Error; err != nil {
		return fmt.Errorf("remittance %s: %w", r.Number, err)
	}
	r.BankEntryID = nil
	if noted == 0 {
		r.PaidOverOn, r.PaidOverReference = "", ""
	}
	return t.Update(r, "BankEntryID", "PaidOverOn", "PaidOverReference")
}

// paidOver names the posting by which a month was noted as paid over by hand.
func (r *Remittance) paidOver() string { return "paid_over:" + r.ID }

// sendBack books that money of a transfer to the agency's account was sent back
// from it: the payment, booked anew, took that much less out of suspense.
func (s *Service) sendBack(t *negotiation.Tx, p *Payment, r *Refund) error {
	id, ok := strings.CutPrefix(p.Proof, bankSource)
	if !ok || !negotiation.ValidID(id) {
		return nil
	}
	e, err := s.lockEntry(t, id)
	if err != nil || !e.OfAgency {
		return err
	}
	posting := ledger.New(ledger.KindBank, e.source()+":back:"+r.ID, p.CreditorID, "", t.Today, t.Now).
		Add(ledger.Suspense, r.Sum()).Add(ledger.Bank, r.Sum().Neg())
	return ledger.Post(one(t), posting)
}

// sentBackBy ties a debit to the refund that it made: the first of that sum that
// was written down of money on the agency's account, and that no debit has made
// yet. It says whether there is one.
func (s *Service) sentBackBy(t *negotiation.Tx, e *BankEntry) (bool, error) {
	var found []Refund
	err := s.db.ForUpdate(t.DB).Where("elsewhere AND state = ? AND amount = ? AND currency = ? AND bank_entry_id IS NULL", RefundSucceeded, e.Amount, e.Currency).
		Where(`EXISTS (SELECT 1 FROM ledger_postings l JOIN ledger_entries n ON n.posting_id = l.id WHERE l.source = 'payment:' || CAST(refunds.payment_id AS TEXT) AND n.account IN ('bank', 'suspense'))`).
		Order("made_at, id").Limit(1).Find(&found).Error
	if err != nil {
		return false, fmt.Errorf("refund made by bank entry %s: %w", e.ID, err)
	}
	if len(found) == 0 {
		return false, nil
	}
	found[0].BankEntryID = &e.ID
	return true, t.Update(&found[0], "BankEntryID")
}
