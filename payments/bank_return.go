package payments

import (
	"context"
	"fmt"

	"amiable/negotiation"
)

// matchReturn finds the credit that a bank takes back and undoes it: the
// payment that it was is turned round, and what was owed is owed again. Both
// entries stay, each naming the other.
func (s *Service) matchReturn(ctx context.Context, e *BankEntry) error {
	credit, err := s.creditOf(ctx, e)
	if err != nil {
		return err
	}
	if credit == nil {
		return s.waits(ctx, e, WaitsReturn)
	}
	if credit.State != BankMatched {
		return s.negotiation.OnAgency(ctx, func(t *negotiation.Tx, _ *negotiation.Agency) error {
			_, err := s.undo(t, credit.ID, e.ID, BankWaiting)
			return err
		})
	}
	paid, err := s.byID(ctx, *credit.PaymentID)
	if err != nil {
		return err
	}
	if paid.Refunded > 0 { // gone twice: a person looks
		return s.waits(ctx, e, WaitsReturn)
	}
	err = s.negotiation.OnCase(ctx, negotiation.System, *credit.CaseID, func(t *negotiation.Tx, c *negotiation.Case) error {
		credit, err := s.undo(t, credit.ID, e.ID, BankMatched)
		if err != nil || credit == nil {
			return err
		}
		p, err := lock(t, *credit.PaymentID)
		if err != nil {
			return err
		}
		if p.Refunded > 0 { // since we looked
			return negotiation.Refuse(negotiation.Conflict, "reversal_of_refunded")
		}
		reason := "retour bancaire"
		if e.ReturnReason != "" {
			reason += " " + e.ReturnReason
		}
		p.State, p.Problem = Reversed, reason
		if err := save(t, p); err != nil {
			return err
		}
		if err := c.ReversePayment(t, negotiation.System, p.ID); err != nil {
			return err
		}
		if err := c.Event(t, negotiation.System, negotiation.PaymentReversed, map[string]any{"payment": p.ID, "amount": p.ReceivedAmount(), "reason": reason}); err != nil {
			return err
		}
		party := c.MainParty()
		if party == nil {
			return nil
		}
		_, err = c.Tell(t, negotiation.System, party, negotiation.LetterPaymentFailed, map[string]any{"payment": p.ID})
		return err
	})
	if r := negotiation.AsRefusal(err); r != nil && r.Code == "reversal_of_refunded" { // the next turn sees how it stands
		return nil
	}
	return err
}

// undo ties a return to its credit, under both locks. Nothing is done where one
// of them moved on meanwhile: the return is tried again.
func (s *Service) undo(t *negotiation.Tx, creditID, returnID string, as BankState) (*BankEntry, error) {
	credit, err := s.lockEntry(t, creditID)
	if err != nil {
		return nil, err
	}
	e, err := s.lockEntry(t, returnID)
	if err != nil {
		return nil, err
	}
	if credit.State != as || e.State != BankWaiting {
		return nil, nil
	}
	if err := credit.decide(t, negotiation.System, BankUndone); err != nil {
		return nil, err
	}
	e.UndoesID, e.Explanation, e.Reason, e.TriedAt = &credit.ID, ExplainedReturn, "", &t.Now
	return credit, e.decide(t, negotiation.System, BankExplained)
}

// creditOf finds the credit that a return undoes: the same sum on the same
// account, by the payer's reference, else by the payer's account and text; of
// several alike, the last.
func (s *Service) creditOf(ctx context.Context, e *BankEntry) (*BankEntry, error) {
	var found []*BankEntry
	err := s.db.Read(ctx).Where("account_id = ? AND credit AND NOT returned AND state IN ? AND amount = ? AND currency = ? AND booked_on BETWEEN ? AND ?",
		e.AccountID, []BankState{BankWaiting, BankMatched}, e.Amount, e.Currency, e.BookedOn.Add(-returnedWithinDays), e.BookedOn).
		Order("booked_on DESC, created_at DESC, id DESC").Limit(200).Find(&found).Error
	if err != nil {
		return nil, fmt.Errorf("credits of return %s: %w", e.ID, err)
	}
	var best *BankEntry
	most := 0
	for _, credit := range found {
		if n := alike(credit, e); n > most {
			best, most = credit, n
		}
	}
	return best, nil
}

// alike weighs how surely a return is of a credit; 0: it is not.
func alike(credit, e *BankEntry) int {
	same := func(a, b string) bool { return plainText(a) != "" && plainText(a) == plainText(b) }
	differ := func(a, b string) bool {
		return plainText(a) != "" && plainText(b) != "" && plainText(a) != plainText(b)
	}
	if differ(credit.EndToEndID, e.EndToEndID) || differ(credit.PartyIBAN, e.PartyIBAN) {
		return 0
	}
	n := 0
	for weight, ok := range map[int]bool{
		8: same(credit.EndToEndID, e.EndToEndID), 4: same(credit.Structured, e.Structured), 2: same(credit.PartyIBAN, e.PartyIBAN), 1: same(credit.Unstructured, e.Unstructured),
	} {
		if ok {
			n += weight
		}
	}
	if n == 1 && plainText(e.Unstructured) == "" {
		return 0
	}
	return n
}
