package negotiation

import (
	"context"
	"fmt"
	"slices"

	"amiable/negotiation/ledger"
	"amiable/negotiation/money"
)

// Invariant is one thing that must always hold, with how many places were
// looked at and what was found broken.
type Invariant struct {
	Name    string   `json:"name"`
	Checked int64    `json:"checked"`
	Breaks  []string `json:"breaks"`
}

// breaksMax bounds how many breaks of one invariant are told.
const breaksMax = 50

// Break notes a broken place.
func (i *Invariant) Break(format string, args ...any) {
	if len(i.Breaks) < breaksMax {
		i.Breaks = append(i.Breaks, fmt.Sprintf(format, args...))
	}
}

// Verify checks the invariants of this package over the whole database. It
// reads case by case, so that it can run beside the work of the day.
func (s *Service) Verify(ctx context.Context) ([]Invariant, error) {
	zero, err := s.verifyZeroSum(ctx)
	if err != nil {
		return nil, err
	}
	cases, err := s.verifyCases(ctx)
	if err != nil {
		return nil, err
	}
	chains, err := s.verifyOtherChains(ctx)
	if err != nil {
		return nil, err
	}
	letters, err := s.verifyLetters(ctx)
	if err != nil {
		return nil, err
	}
	first, err := s.verifyFirstLetters(ctx)
	if err != nil {
		return nil, err
	}
	plans, err := s.verifyPlans(ctx)
	if err != nil {
		return nil, err
	}
	contacts, err := s.verifyContacts(ctx)
	if err != nil {
		return nil, err
	}
	advisers, err := s.verifyAdvisers(ctx)
	if err != nil {
		return nil, err
	}
	messages, err := s.verifyMessages(ctx)
	if err != nil {
		return nil, err
	}
	situations, err := s.verifySituations(ctx)
	if err != nil {
		return nil, err
	}
	return slices.Concat([]Invariant{zero}, cases, []Invariant{chains, letters}, first, plans, contacts, advisers, messages, []Invariant{situations}), nil
}

func (s *Service) verifyZeroSum(ctx context.Context) (Invariant, error) {
	check := Invariant{Name: "each posting adds up to zero"}
	if err := s.db.Read(ctx).Model(&ledger.Posting{}).Count(&check.Checked).Error; err != nil {
		return check, fault(err, "postings", "")
	}
	var off []struct {
		PostingID string
		Currency  money.Currency
		Total     int64
	}
	err := s.db.Read(ctx).Model(&ledger.Entry{}).Select("posting_id, currency, SUM(amount) AS total").
		Group("posting_id, currency").Having("SUM(amount) <> 0").Limit(breaksMax).Scan(&off).Error
	if err != nil {
		return check, fault(err, "entries", "")
	}
	for _, o := range off {
		check.Break("posting %s is %d %s off", o.PostingID, o.Total, o.Currency)
	}
	var bare []string
	err = s.db.Read(ctx).Model(&ledger.Posting{}).Where("NOT EXISTS (SELECT 1 FROM ledger_entries e WHERE e.posting_id = ledger_postings.id)").
		Limit(breaksMax).Pluck("id", &bare).Error
	for _, id := range bare {
		check.Break("posting %s has lost its entries", id)
	}
	return check, fault(err, "postings", "")
}

// caseChecks are the invariants that can be said of a case alone.
type caseChecks struct{ balance, derived, below, state, chain Invariant }

func newCaseChecks() *caseChecks {
	return &caseChecks{
		balance: Invariant{Name: "a case's balance is the sum of its receivable entries"},
		derived: Invariant{Name: "the ledger of a case is what its statement works out"},
		below:   Invariant{Name: "no claim owes less than nothing"},
		state:   Invariant{Name: "a case with nothing left to pay is cleared, and no other"},
		chain:   Invariant{Name: "the chain of a case verifies"},
	}
}

func (k *caseChecks) all() []Invariant {
	return []Invariant{k.balance, k.derived, k.below, k.state, k.chain}
}

// VerifyCase checks the invariants of one case.
func (s *Service) VerifyCase(ctx context.Context, id string) ([]Invariant, error) {
	checks := newCaseChecks()
	err := s.verifyCase(ctx, id, checks)
	return checks.all(), err
}

// verifyCase reads a case beside the work of the day, in several steps between
// which it may move on; what looks broken so is looked at again under its lock.
func (s *Service) verifyCase(ctx context.Context, id string, k *caseChecks) error {
	c, err := s.Case(ctx, System, id)
	if err != nil {
		return err
	}
	events, err := s.Chain(ctx, id)
	if err != nil {
		return err
	}
	first := newCaseChecks()
	first.look(c, events)
	if first.broken() {
		first, events = newCaseChecks(), nil
		err := s.write(ctx, func(t *Tx) error {
			if c, err = t.lockCase(id); err != nil {
				return err
			}
			if err := t.Where("stream_id = ?", id).Order("seq").Find(&events).Error; err != nil {
				return err
			}
			first.look(c, events)
			return nil
		})
		if err != nil {
			return fault(err, "case", id)
		}
	}
	k.add(first)
	return nil
}

func (k *caseChecks) each() []*Invariant {
	return []*Invariant{&k.balance, &k.derived, &k.below, &k.state, &k.chain}
}

func (k *caseChecks) broken() bool {
	return slices.ContainsFunc(k.each(), func(i *Invariant) bool { return len(i.Breaks) > 0 })
}

func (k *caseChecks) add(more *caseChecks) {
	from := more.each()
	for n, check := range k.each() {
		check.Checked += from[n].Checked
		for _, b := range from[n].Breaks {
			check.Break("%s", b)
		}
	}
}

// look checks a case that was read whole.
func (k *caseChecks) look(c *Case, events []Event) {
	k.balance.Checked++
	if sum := c.ledgerTotal(); sum != c.Balance() {
		k.balance.Break("case %s: row %v, ledger %v", c.Reference, c.Balance(), sum)
	}
	c.verifyClaims(&k.derived, &k.below)
	k.state.Checked++
	if cleared := c.State == CaseCleared || c.State == CaseArchived; cleared != c.Balance().IsZero() && c.State != CaseWithdrawn && len(c.Claims) > 0 {
		k.state.Break("case %s is %s with a balance of %v", c.Reference, c.State, c.Balance())
	}
	k.chain.Checked += int64(len(events))
	for _, b := range VerifyChain(events, c.EventSeq, c.EventHead) {
		k.chain.Break("case %s: %s", c.Reference, b)
	}
}

// verifyCases checks every case.
func (s *Service) verifyCases(ctx context.Context) ([]Invariant, error) {
	checks := newCaseChecks()
	after := ""
	for {
		var ids []string
		query := s.db.Read(ctx).Model(&Case{}).Order("id").Limit(500)
		if after != "" {
			query = query.Where("id > ?", after)
		}
		if err := query.Pluck("id", &ids).Error; err != nil {
			return nil, fault(err, "cases", "")
		}
		if len(ids) == 0 {
			return checks.all(), nil
		}
		for _, id := range ids {
			if err := s.verifyCase(ctx, id, checks); err != nil {
				return nil, err
			}
		}
		after = ids[len(ids)-1]
	}
}

func (c *Case) ledgerTotal() money.Amount {
	total := money.New(0, c.Currency)
	for i := range c.Claims {
		total = total.Add(c.owed(c.Claims[i].ID).Total())
	}
	return total
}

// verifyClaims works each claim out anew and compares it with the ledger as of
// the last day on which anything was fixed.
func (c *Case) verifyClaims(derived, below *Invariant) {
	var last Day
	for _, p := range c.standing() {
		if p.Kind == ledger.KindPayment || p.Kind == ledger.KindCreditNote || p.Kind == ledger.KindInterest {
			last = max(last, p.EffectiveOn)
		}
	}
	for i := range c.Claims {
		claim := &c.Claims[i]
		owed := c.owed(claim.ID)
		below.Checked++
		if owed.Principal.IsNegative() || owed.Interest.IsNegative() || owed.Indemnity.IsNegative() {
			below.Break("case %s, invoice %s: %+v", c.Reference, claim.InvoiceNumber, owed)
		}
		if last.IsZero() || c.Currency != money.EUR {
			continue
		}
		derived.Checked++
		var s Statement
		worked, err := c.claimStatement(claim, last, &s)
		if err != nil {
			derived.Break("case %s, invoice %s: %v", c.Reference, claim.InvoiceNumber, err)
			continue
		}
		// What is too small to ask for, or was waived because it was paid in
		// time, is in both.
		if worked.Balance != owed {
			derived.Break("case %s, invoice %s: ledger %+v, statement of %s %+v", c.Reference, claim.InvoiceNumber, owed, last, worked.Balance)
		}
	}
}

func (s *Service) verifyOtherChains(ctx context.Context) (Invariant, error) {
	check := Invariant{Name: "the chains of creditors and of the agency verify"}
	creditors, err := s.Creditors(ctx)
	if err != nil {
		return check, err
	}
	verify := func(name, id string, h Head) error {
		events, err := s.Chain(ctx, id)
		if err != nil {
			return err
		}
		check.Checked += int64(len(events))
		for _, b := range VerifyChain(events, h.EventSeq, h.EventHead) {
			check.Break("%s: %s", name, b)
		}
		return nil
	}
	for _, c := range creditors {
		if err := verify("creditor "+c.Reference, c.ID, c.Head); err != nil {
			return check, err
		}
	}
	agency, err := s.Agency(ctx)
	if AsRefusal(err) != nil {
		return check, nil
	} else if err != nil {
		return check, err
	}
	return check, verify("agency", agency.ID, agency.Head)
}

// verifyLetters checks that what asks or reminds left only after the first
// letter, and quotes it.
func (s *Service) verifyLetters(ctx context.Context) (Invariant, error) {
	check := Invariant{Name: "every letter to a debtor comes after the first letter"}
	sent := s.db.Read(ctx).Table("letters").Joins("JOIN cases ON cases.id = letters.case_id").
		Where("letters.recipient = ? AND letters.state IN ?", ToParty, []LetterState{LetterSentState, LetterDelivered})
	if err := sent.Count(&check.Checked).Error; err != nil {
		return check, fault(err, "letters", "")
	}
	var early []string
	err := s.db.Read(ctx).Table("letters").Joins("JOIN cases ON cases.id = letters.case_id").
		Where("letters.recipient = ? AND letters.state IN ?", ToParty, []LetterState{LetterSentState, LetterDelivered}).
		Where("letters.owed = ? AND cases.first_letter_reference = ''", false).Limit(breaksMax).Pluck("letters.id", &early).Error
	for _, id := range early {
		check.Break("letter %s left before any first letter", id)
	}
	return check, fault(err, "letters", "")
}
