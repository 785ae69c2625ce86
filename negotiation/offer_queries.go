package negotiation

import (
	"context"
	"time"

	"gorm.io/gorm"

	"amiable/negotiation/money"
)

// FoundOffer is an offer in a list, with what one knows a case by.
type FoundOffer struct {
	Offer
	Reference    string
	DebtorName   string
	CreditorName string
	Currency     money.Currency
}

// OwedAmount is what was owed when the offer was made.
func (f *FoundOffer) OwedAmount() money.Amount { return money.New(f.Owed, f.Currency) }

// offersSeenBy are the offers that an actor may list.
func (s *Service) offersSeenBy(ctx context.Context, by Actor) (*gorm.DB, error) {
	query := s.db.Read(ctx).Table("offers").Joins("JOIN cases ON cases.id = offers.case_id").
		Joins("JOIN debtors ON debtors.id = cases.debtor_id").Joins("JOIN creditors ON creditors.id = offers.creditor_id").
		Select("offers.*, cases.reference, cases.currency, debtors.name AS debtor_name, creditors.name AS creditor_name")
	switch {
	case by.IsStaff():
		return query, nil
	case by.Role == RoleCreditor && by.CreditorID != "":
		return query.Where("offers.creditor_id = ?", by.CreditorID), nil
	}
	return nil, Refuse(Forbidden, "not_your_role")
}

// OffersWaiting returns the open offers that wait for an actor's side, the
// first day to answer first: for a creditor their own, also those that went to
// the agency and that they may still answer; for the agency those that came to
// it.
func (s *Service) OffersWaiting(ctx context.Context, by Actor, limit int) ([]FoundOffer, error) {
	query, err := s.offersSeenBy(ctx, by)
	if err != nil {
		return nil, err
	}
	sides := []Side{SideAgency}
	if by.Role == RoleCreditor {
		sides = append(sides, SideCreditor)
	}
	var found []FoundOffer
	err = query.Where("offers.state = ? AND offers.answer_side IN ?", OfferOpen, sides).Order("offers.answer_by, offers.id").Limit(limit).Scan(&found).Error
	return found, fault(err, "offers waiting for", by.ID)
}

// OffersOpen returns every open offer that an actor may see, the first day to
// answer first.
func (s *Service) OffersOpen(ctx context.Context, by Actor, limit int) ([]FoundOffer, error) {
	query, err := s.offersSeenBy(ctx, by)
	if err != nil {
		return nil, err
	}
	var found []FoundOffer
	err = query.Where("offers.state = ?", OfferOpen).Order("offers.answer_by, offers.id").Limit(limit).Scan(&found).Error
	return found, fault(err, "open offers for", by.ID)
}

// OffersPast returns the offers that have their answer, newest answer first.
// Those that only gave way to a version on a new balance are left out.
func (s *Service) OffersPast(ctx context.Context, by Actor, limit, offset int) ([]FoundOffer, error) {
	query, err := s.offersSeenBy(ctx, by)
	if err != nil {
		return nil, err
	}
	var found []FoundOffer
	err = query.Where("offers.state <> ? AND offers.reason <> ?", OfferOpen, ReasonRenewed).
		Order("offers.answered_at DESC, offers.id DESC").Limit(limit).Offset(max(0, offset)).Scan(&found).Error
	return found, fault(err, "past offers for", by.ID)
}

// PlanToTakeUp is a plan that needs a person: an instalment has been missing
// for a while, or a second one is.
type PlanToTakeUp struct {
	CaseID       string
	Reference    string
	DebtorName   string
	CreditorName string
	Number       int64
	DueOn        Day
	ToldAt       time.Time // when it came to the agents
}

// PlansToTakeUp returns the running plans that came to the agents over an
// instalment that is still to pay, the oldest instalment first, each plan once.
// Whether it is still to pay is the ledger's to say, so each case is opened.
func (s *Service) PlansToTakeUp(ctx context.Context, by Actor, limit int) ([]PlanToTakeUp, error) {
	if err := by.only(RoleAgent, RoleAdministrator, RoleSystem); err != nil {
		return nil, err
	}
	today, err := s.Today(ctx)
	if err != nil {
		return nil, err
	}
	var told []PlanToTakeUp
	err = s.db.Read(ctx).Table("plan_notices n").
		Joins("JOIN plans p ON p.id = n.plan_id AND p.state = ?", PlanActive).
		Joins("JOIN instalments i ON i.plan_id = p.id AND i.revision = p.revision AND i.number = n.number AND i.due_on = n.due_on AND NOT i.skipped").
		Joins("JOIN cases c ON c.id = p.case_id").Joins("JOIN debtors d ON d.id = c.debtor_id").Joins("JOIN creditors r ON r.id = c.creditor_id").
		Select("c.id AS case_id, c.reference, d.name AS debtor_name, r.name AS creditor_name, n.number, n.due_on, n.created_at AS told_at").
		Where("n.kind = ?", "to_agent").Order("n.due_on, c.id").Limit(limit).Scan(&told).Error
	if err != nil {
		return nil, fault(err, "plans to take up", "")
	}
	var needed []PlanToTakeUp
	seen := map[string]bool{}
	for _, t := range told {
		if seen[t.CaseID] {
			continue
		}
		c, err := s.Case(ctx, by, t.CaseID)
		if err != nil {
			return nil, err
		}
		late, err := c.lateLine(int(t.Number), today)
		if err != nil {
			return nil, fault(err, "plan of case", t.CaseID)
		}
		if late {
			seen[t.CaseID] = true
			needed = append(needed, t)
		}
	}
	return needed, nil
}

// lateLine says whether a line of the running plan is still to pay after its
// day.
func (c *Case) lateLine(number int, today Day) (bool, error) {
	p := c.ActivePlan()
	if p == nil {
		return false, nil
	}
	progress, err := c.Progress(p, today)
	if err != nil {
		return false, err
	}
	for _, line := range progress.Lines {
		if int(line.Number) == number {
			return line.State == LineLate, nil
		}
	}
	return false, nil
}
