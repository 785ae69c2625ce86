package payments

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"amiable/negotiation"
	"amiable/negotiation/ledger"
	"amiable/negotiation/money"
)

// lockEntry reads an entry again inside a transaction, for change. A case is
// always locked before an entry.
func (s *Service) lockEntry(t *negotiation.Tx, id string) (*BankEntry, error) {
	if !negotiation.ValidID(id) {
		return nil, negotiation.Refuse(negotiation.NotFound, "not_found")
	}
	var found []BankEntry
	if err := s.db.ForUpdate(t.DB).Where("id = ?", id).Limit(1).Find(&found).Error; err != nil {
		return nil, fmt.Errorf("bank entry %s: %w", id, err)
	}
	if len(found) == 0 {
		return nil, negotiation.Refuse(negotiation.NotFound, "not_found")
	}
	return &found[0], nil
}

// decide writes down what became of an entry, and who said so.
func (e *BankEntry) decide(t *negotiation.Tx, by negotiation.Actor, to BankState) error {
	if !e.may(to) {
		return negotiation.Refuse(negotiation.Conflict, "bank_entry_decided")
	}
	e.State, e.ByID, e.ByName, e.DecidedAt = to, by.ID, by.Name, &t.Now
	e.Acts++
	return t.Update(e, "State", "Reason", "MatchedBy", "CaseID", "PaymentID", "UndoesID", "Explanation", "Note", "Acts", "ByID", "ByName", "TriedAt", "DecidedAt")
}

// bookTransfer makes a credit that waits a payment of a case.
func (s *Service) bookTransfer(ctx context.Context, by negotiation.Actor, entryID, caseID, how string) error {
	return s.negotiation.OnCase(ctx, by, caseID, func(t *negotiation.Tx, c *negotiation.Case) error {
		e, err := s.lockEntry(t, entryID)
		if err != nil {
			return err
		}
		switch {
		case e.State != BankWaiting:
			return negotiation.Refuse(negotiation.Conflict, "bank_entry_decided")
		case !e.Credit || e.Returned:
			return negotiation.Refuse(negotiation.Conflict, "bank_entry_no_payment")
		case e.Currency != c.Currency:
			return negotiation.Refuse(negotiation.Conflict, "bank_entry_other_currency")
		case e.BookedOn.After(t.Today):
			return negotiation.Refuse(negotiation.Conflict, "bank_entry_later").With("day", e.BookedOn)
		}
		if by.Role == negotiation.RoleSystem {
			if recorded, err := recordedByHand(t, c, e); err != nil || recorded {
				if err == nil {
					err = negotiation.Refuse(negotiation.Conflict, "bank_entry_recorded")
				}
				return err
			}
		}
		asked, err := askedForTransfer(c, e.Sum(), e.BookedOn)
		if err != nil {
			return err
		}
		p := &Payment{
			ID: newID(), CreditorID: c.CreditorID, CaseID: c.ID, Kind: ElsewherePayment, State: Succeeded, Amount: e.Amount, Received: e.Amount, Currency: e.Currency,
			AskedOn: e.BookedOn, GoodUntil: e.BookedOn, PaidOn: e.BookedOn, SucceededAt: &t.Now, Means: "transfer", Reference: e.Ref(), Proof: e.source(),
			ByRole: by.Role, ByID: by.ID, OnBehalfOf: by.OnBehalfOf, CreatedAt: t.Now, byAnother: e.paidByAnother(c.Debtor),
		}
		if !asked.IsZero() {
			p.Whole, p.AskedOn = true, asked
		}
		if p.Reference == "" {
			p.Reference = e.StatementID
		}
		if err := t.InsertNow(p); err != nil {
			return err
		}
		into := ledger.Entrusted
		if e.OfAgency {
			into = ledger.Suspense
		}
		allocation, err := s.book(t, c, p, by, into)
		if err != nil {
			return err
		}
		e.CaseID, e.PaymentID, e.MatchedBy, e.Reason, e.TriedAt = &c.ID, &p.ID, how, "", &t.Now
		if err := e.decide(t, by, BankMatched); err != nil {
			return err
		}
		return s.tell(t, c, p, by, negotiation.PaymentRecorded, allocation)
	})
}

// recordedByHand says whether somebody wrote this very transfer down before the
// bank told of it: a person says whether it is the same.
func recordedByHand(t *negotiation.Tx, c *negotiation.Case, e *BankEntry) (bool, error) {
	var n int64
	err := t.Model(&Payment{}).Where("case_id = ? AND kind = ? AND state = ? AND means = ? AND received = ? AND paid_on BETWEEN ? AND ? AND proof NOT LIKE ?",
		c.ID, ElsewherePayment, Succeeded, "transfer", e.Amount, e.BookedOn.Add(-recordedWithinDays), e.BookedOn.Add(recordedWithinDays), bankSource+"%").Count(&n).Error
	if err != nil {
		return false, fmt.Errorf("transfers recorded on case %s: %w", c.ID, err)
	}
	return n > 0, nil
}

// paidByAnother says whether somebody else than the debtor paid, as far as the
// bank tells: their payment acknowledges nothing for the debtor (C. civ. 2240).
func (e *BankEntry) paidByAnother(d *negotiation.Debtor) bool {
	if e.PartyName == "" {
		return false
	}
	if e.UltimateName != "" && negotiation.SearchName(e.UltimateName) != negotiation.SearchName(e.PartyName) {
		return true
	}
	theirs := strings.Fields(negotiation.SearchName(e.PartyName))
	for _, word := range strings.Fields(negotiation.SearchName(d.Name + " " + d.ContactName)) {
		if len(word) > 2 && slices.Contains(theirs, word) {
			return false
		}
	}
	return true
}

// MatchBankEntry is a person's word on which case a credit pays: named by its
// reference, or by the number of an invoice that only one case has.
func (s *Service) MatchBankEntry(ctx context.Context, by negotiation.Actor, entryID, named string) (*negotiation.Case, error) {
	if !by.IsStaff() {
		return nil, negotiation.Refuse(negotiation.Forbidden, "not_your_role")
	}
	e, err := s.BankEntry(ctx, by, entryID)
	if err != nil {
		return nil, err
	}
	account, err := s.bankAccount(ctx, e.AccountID)
	if err != nil {
		return nil, err
	}
	caseID, err := s.caseNamed(ctx, account, named)
	if err != nil {
		return nil, err
	}
	if err := s.bookTransfer(ctx, by, e.ID, caseID, ToldByHand); err != nil {
		return nil, err
	}
	return s.negotiation.Case(ctx, by, caseID)
}

func (s *Service) caseNamed(ctx context.Context, account *negotiation.BankAccount, named string) (string, error) {
	refs := readReferences(&BankEntry{Unstructured: named})
	cases, err := s.casesReferred(ctx, refs.cases())
	if err == nil && len(cases) == 0 {
		cases, err = s.casesOfInvoices(ctx, account, &BankEntry{Unstructured: named})
	}
	if err != nil {
		return "", err
	}
	ours := slices.DeleteFunc(slices.Clone(cases), func(c paidCase) bool { return !takes(account, c.CreditorID) })
	switch {
	case len(ours) == 1:
		return ours[0].ID, nil
	case len(ours) > 1:
		return "", negotiation.Refuse(negotiation.Invalid, "bank_case_several").On("case")
	case len(cases) > 0:
		return "", negotiation.Refuse(negotiation.Invalid, "bank_case_other_account").On("case")
	}
	return "", negotiation.Refuse(negotiation.Invalid, "bank_case_unknown").On("case")
}

// ReleaseBankEntry takes back what was said of an entry: it waits again. The
// payment that it was is turned round, and stays to be read.
func (s *Service) ReleaseBankEntry(ctx context.Context, by negotiation.Actor, entryID, reason string) error {
	if !by.IsStaff() {
		return negotiation.Refuse(negotiation.Forbidden, "not_your_role")
	}
	if reason = strings.TrimSpace(reason); reason == "" {
		return negotiation.Refuse(negotiation.Invalid, "reason_missing").On("reason")
	}
	e, err := s.BankEntry(ctx, by, entryID)
	if err != nil {
		return err
	}
	switch {
	case e.State == BankMatched:
		return s.Reverse(ctx, by, *e.PaymentID, reason)
	case e.State != BankExplained || e.Explanation == ExplainedReturn:
		return negotiation.Refuse(negotiation.Conflict, "bank_entry_decided")
	}
	return s.negotiation.OnAgency(ctx, func(t *negotiation.Tx, a *negotiation.Agency) error {
		e, err := s.lockEntry(t, entryID)
		if err != nil {
			return err
		}
		if e.State != BankExplained || e.Explanation == ExplainedReturn {
			return negotiation.Refuse(negotiation.Conflict, "bank_entry_decided")
		}
		if err := e.reverseExplanation(t); err != nil {
			return err
		}
		if err := s.notSentBy(t, e); err != nil {
			return err
		}
		e.Explanation, e.Note, e.Reason = "", reason, WaitsTakenBack
		if err := e.decide(t, by, BankWaiting); err != nil {
			return err
		}
		return a.Event(t, by, negotiation.BankEntryReleased, map[string]any{"entry": e.ID, "reason": reason})
	})
}

// releaseOf lets the entry of a payment that is turned round wait again, in the
// transaction that turns it round.
func (s *Service) releaseOf(t *negotiation.Tx, by negotiation.Actor, p *Payment, reason string) error {
	id, ok := strings.CutPrefix(p.Proof, bankSource)
	if !ok || !negotiation.ValidID(id) {
		return nil
	}
	e, err := s.lockEntry(t, id)
	if err != nil {
		return err
	}
	if e.PaymentID == nil || *e.PaymentID != p.ID {
		return nil
	}
	e.CaseID, e.PaymentID, e.MatchedBy, e.Reason, e.Note = nil, nil, "", WaitsTakenBack, reason
	return e.decide(t, by, BankWaiting)
}

// Said is what a person says of an entry that pays no case.
type Said struct {
	What       Explanation
	CreditorID string // of what was paid over
	Note       string
}

// ExplanationsOf are those that a person may give of an entry. Nothing but
// creditors' funds is on the agency's account; on a creditor's own nothing can
// be said by us but that it is of no case.
func ExplanationsOf(e *BankEntry) []Explanation {
	switch {
	case !e.OfAgency:
		return []Explanation{ExplainedNotOurs}
	case e.Credit:
		return []Explanation{ExplainedBankCost} // a cost that was given back
	}
	return []Explanation{ExplainedPaidOver, ExplainedGivenBack, ExplainedBankCost}
}

// ExplainBankEntry is a person's word on an entry that pays no case.
func (s *Service) ExplainBankEntry(ctx context.Context, by negotiation.Actor, entryID string, said Said) error {
	if !by.IsStaff() {
		return negotiation.Refuse(negotiation.Forbidden, "not_your_role")
	}
	said.Note = strings.TrimSpace(said.Note)
	switch {
	case !slices.Contains(Explanations, said.What):
		return negotiation.Refuse(negotiation.Invalid, "explanation_unknown").On("what")
	case said.Note == "":
		return negotiation.Refuse(negotiation.Invalid, "reason_missing").On("note")
	}
	if said.What == ExplainedPaidOver {
		if _, err := s.negotiation.Creditor(ctx, said.CreditorID); err != nil {
			return negotiation.Refuse(negotiation.Invalid, "creditor_missing").On("creditor")
		}
	}
	return s.negotiation.OnAgency(ctx, func(t *negotiation.Tx, a *negotiation.Agency) error {
		e, err := s.lockEntry(t, entryID)
		if err != nil {
			return err
		}
		switch {
		case e.State != BankWaiting:
			return negotiation.Refuse(negotiation.Conflict, "bank_entry_decided")
		case e.OfAgency == (said.What == ExplainedNotOurs):
			return negotiation.Refuse(negotiation.Invalid, "explanation_not_here").On("what")
		case !slices.Contains(ExplanationsOf(e), said.What):
			return negotiation.Refuse(negotiation.Invalid, "explanation_of_debits").On("what")
		}
		e.Explanation, e.Note, e.Reason = said.What, said.Note, ""
		if err := e.decide(t, by, BankExplained); err != nil {
			return err
		}
		owner, into := a.ID, explained[said.What]
		facts := map[string]any{"entry": e.ID, "what": said.What, "creditor": said.CreditorID, "amount": e.Sum()}
		noted := false // and so booked: only suspense is left to be settled
		switch said.What {
		case ExplainedPaidOver:
			owner = said.CreditorID
			var month string
			if month, noted, err = s.paidOverBy(t, e, owner); month != "" {
				facts["remittance"] = month
			}
		case ExplainedGivenBack:
			noted, err = s.sentBackBy(t, e)
		}
		if err != nil {
			return err
		}
		if noted {
			into = ledger.Bank
		}
		if err := e.postExplanation(t, owner, into); err != nil {
			return err
		}
		return a.Event(t, by, negotiation.BankEntryExplained, facts)
	})
}

// explained is where money goes that was explained.
var explained = map[Explanation]ledger.Account{
	ExplainedBankCost: ledger.GatewayCost, ExplainedPaidOver: ledger.Payable, ExplainedGivenBack: ledger.RefundsDue,
}

// postExplanation takes what was explained out of suspense.
func (e *BankEntry) postExplanation(t *negotiation.Tx, owner string, into ledger.Account) error {
	if into == "" || !e.OfAgency {
		return nil
	}
	sum := e.Sum()
	if !e.Credit {
		sum = sum.Neg()
	}
	p := ledger.New(ledger.KindBank, fmt.Sprintf("%s:said:%d", e.source(), e.Acts), owner, "", e.BookedOn, t.Now)
	p.Add(ledger.Suspense, sum).Add(into, sum.Neg())
	return ledger.Post(one(t), p)
}

func (e *BankEntry) reverseExplanation(t *negotiation.Tx) error {
	if _, ok := explained[e.Explanation]; !ok || !e.OfAgency {
		return nil
	}
	source := fmt.Sprintf("%s:said:%d", e.source(), e.Acts)
	var p ledger.Posting
	if err := t.Where("source = ?", source).Take(&p).Error; err != nil {
		return fmt.Errorf("posting %s: %w", source, err)
	}
	if err := t.Where("posting_id = ?", p.ID).Order("line").Find(&p.Entries).Error; err != nil {
		return fmt.Errorf("entries of %s: %w", source, err)
	}
	return ledger.Post(one(t), p.Reversal(source+":undone", t.Now))
}

// DivideBankEntry lets the parts of a credit stand for it: one transfer for two
// cases.
func (s *Service) DivideBankEntry(ctx context.Context, by negotiation.Actor, entryID string, first money.Amount) error {
	if !by.IsStaff() {
		return negotiation.Refuse(negotiation.Forbidden, "not_your_role")
	}
	return s.negotiation.OnAgency(ctx, func(t *negotiation.Tx, a *negotiation.Agency) error {
		e, err := s.lockEntry(t, entryID)
		if err != nil {
			return err
		}
		switch {
		case e.State != BankWaiting || !e.Credit || e.Returned:
			return negotiation.Refuse(negotiation.Conflict, "bank_entry_decided")
		case first.Currency != e.Currency || !first.IsPositive() || first.Minor >= e.Amount:
			return negotiation.Refuse(negotiation.Invalid, "bank_part_wrong").On("part").With("most", e.Sum())
		}
		for i, amount := range []int64{first.Minor, e.Amount - first.Minor} {
			part := *e
			part.ID, part.ParentID, part.Amount, part.CreatedAt, part.Reason, part.Acts = newID(), &e.ID, amount, t.Now, WaitsTakenBack, 0
			part.Fingerprint, part.Twin = e.ID, int64(i+1)
			if err := t.Insert(&part); err != nil {
				return err
			}
		}
		if err := e.decide(t, by, BankDivided); err != nil {
			return err
		}
		return a.Event(t, by, negotiation.BankEntryDivided, map[string]any{"entry": e.ID, "first": first})
	})
}
