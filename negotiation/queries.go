package negotiation

import (
	"context"
	"encoding/hex"
	"strings"

	"amiable/negotiation/database"
	"amiable/negotiation/ledger"
	"amiable/negotiation/money"
)

// Case returns a case whole, read outside any transaction, if the actor may
// see it.
//
// What goes along is asked for in the same trip; where the case may not be seen
// its answer is not to be looked at.
func (s *Service) Case(ctx context.Context, by Actor, id string, along ...database.Statement) (*Case, error) {
	if !ValidID(id) {
		return nil, errNotFound
	}
	c, err := s.loadCase(s.db.Read(ctx), id, false, along...)
	if err != nil {
		return nil, err
	}
	if !by.MaySee(c) {
		return nil, errNotFound
	}
	if by.Role == RoleAdviser {
		today, err := s.Today(ctx)
		if err != nil {
			return nil, err
		}
		if !c.admits(by, today) {
			return nil, errNotFound
		}
	}
	return c, nil
}

// CaseByReference returns the case with a human reference, however it is
// written.
func (s *Service) CaseByReference(ctx context.Context, by Actor, reference string) (*Case, error) {
	parsed, ok := ParseCaseReference(reference)
	if !ok {
		return nil, errNotFound
	}
	var ids []string
	if err := s.db.Read(ctx).Model(&Case{}).Where("reference = ?", parsed).Limit(1).Pluck("id", &ids).Error; err != nil {
		return nil, fault(err, "case", parsed)
	}
	if len(ids) == 0 {
		return nil, errNotFound
	}
	return s.Case(ctx, by, ids[0])
}

// ChainHead is the first sixteen hexadecimal digits of the end of the case's
// chain, as printed on documents.
func (c *Case) ChainHead() string {
	text := hex.EncodeToString(c.EventHead)
	return text[:min(16, len(text))]
}

// Events returns the timeline of a case, oldest first. The caller has asked
// whether the case may be seen.
func (s *Service) Events(ctx context.Context, caseID string) ([]Event, error) {
	return s.Chain(ctx, caseID)
}

// Chain returns a whole chain, oldest event first.
func (s *Service) Chain(ctx context.Context, streamID string) ([]Event, error) {
	var events []Event
	if !ValidID(streamID) {
		return nil, nil
	}
	return events, fault(s.db.Send(s.db.Read(ctx), SelectEvents(streamID, &events)), "events of", streamID)
}

// SelectEvents reads a whole chain, oldest event first, along with its case.
func SelectEvents(streamID string, into *[]Event) database.Statement {
	return database.Statement{SQL: selectEvents, Args: []any{streamID}, Rows: database.Read(into), What: "events"}
}

// LettersOf returns the letters of a case, oldest first.
func (s *Service) LettersOf(ctx context.Context, caseID string) ([]Letter, error) {
	var letters []Letter
	err := s.db.Read(ctx).Where("case_id = ?", caseID).Order("created_at, id").Find(&letters).Error
	return letters, fault(err, "letters of case", caseID)
}

// Creditor returns a creditor.
func (s *Service) Creditor(ctx context.Context, id string) (*Creditor, error) {
	return s.oneCreditor(ctx, "id = ?", id)
}

// CreditorByReference returns the creditor with a reference.
func (s *Service) CreditorByReference(ctx context.Context, reference string) (*Creditor, error) {
	return s.oneCreditor(ctx, "reference = ?", strings.TrimSpace(reference))
}

func (s *Service) oneCreditor(ctx context.Context, where, value string) (*Creditor, error) {
	var found []Creditor
	if err := s.db.Read(ctx).Where(where, value).Limit(1).Find(&found).Error; err != nil {
		return nil, fault(err, "creditor", value)
	}
	if len(found) == 0 {
		return nil, Refuse(NotFound, "creditor_unknown").On("creditor")
	}
	return &found[0], nil
}

// Creditors returns all creditors by name.
func (s *Service) Creditors(ctx context.Context) ([]Creditor, error) {
	var creditors []Creditor
	err := s.db.Read(ctx).Order("name, reference").Find(&creditors).Error
	return creditors, fault(err, "creditors", "")
}

// CreditorNames returns all creditors by name, with nothing but id and name.
func (s *Service) CreditorNames(ctx context.Context) ([]Creditor, error) {
	var creditors []Creditor
	err := s.db.Send(s.db.Read(ctx), database.Statement{
		SQL: "SELECT id, name FROM creditors ORDER BY name, reference", What: "creditors",
		Rows: func(rows database.Rows) error {
			for rows.Next() {
				var c Creditor
				if err := rows.Scan(&c.ID, &c.Name); err != nil {
					return err
				}
				creditors = append(creditors, c)
			}
			return rows.Err()
		},
	})
	return creditors, err
}

// CountByState counts a creditor's cases, or all for staff.
func (s *Service) CountByState(ctx context.Context, by Actor) (map[CaseState]int64, error) {
	query := s.db.Read(ctx).Model(&Case{}).Select("state, COUNT(*) AS n").Group("state")
	if by.Role == RoleCreditor {
		query = query.Where("creditor_id = ?", by.CreditorID)
	}
	var rows []struct {
		State CaseState
		N     int64
	}
	if err := query.Scan(&rows).Error; err != nil {
		return nil, fault(err, "cases by state", "")
	}
	counts := map[CaseState]int64{}
	for _, r := range rows {
		counts[r.State] = r.N
	}
	return counts, nil
}

// Placements returns the placements of a creditor, or all for staff, newest
// first.
func (s *Service) Placements(ctx context.Context, by Actor, limit int) ([]Placement, error) {
	query := s.db.Read(ctx).Order("created_at DESC, id").Limit(limit)
	if by.Role == RoleCreditor {
		query = query.Where("creditor_id = ?", by.CreditorID)
	}
	var placements []Placement
	return placements, fault(query.Find(&placements).Error, "placements", "")
}

// PaymentParts returns what became of the payments of some cases: per payment
// and component the minor units that it paid, by the postings that stand.
func (s *Service) PaymentParts(ctx context.Context, caseIDs []string) (map[string]map[ledger.Component]int64, error) {
	parts := map[string]map[ledger.Component]int64{}
	seen := map[string]bool{}
	for _, id := range caseIDs {
		if seen[id] {
			continue
		}
		seen[id] = true
		postings, err := ledger.OfCase(s.db.Read(ctx), id)
		if err != nil {
			return nil, err
		}
		c := &Case{postings: postings}
		for _, p := range c.standing() {
			if p.Kind != ledger.KindPayment {
				continue
			}
			of := map[ledger.Component]int64{}
			for _, e := range p.Entries {
				if e.Account == ledger.Receivable {
					of[e.Component] -= e.Amount
				}
			}
			parts[facts(p).PaymentID] = of
		}
	}
	return parts, nil
}

// Postings returns the ledger of a case, as it was loaded.
func (c *Case) Postings() []ledger.Posting { return c.postings }

// Placement returns a placement that the actor may see.
func (s *Service) Placement(ctx context.Context, by Actor, id string) (*Placement, error) {
	if !ValidID(id) {
		return nil, errNotFound
	}
	var found []Placement
	if err := s.db.Read(ctx).Where("id = ?", id).Limit(1).Find(&found).Error; err != nil {
		return nil, fault(err, "placement", id)
	}
	if len(found) == 0 {
		return nil, errNotFound
	}
	if p := &found[0]; by.IsStaff() || by.Role == RoleSystem || (by.Role == RoleCreditor && p.CreditorID != nil && *p.CreditorID == by.CreditorID) {
		return p, nil
	}
	return nil, errNotFound
}

// Placed is what a placement left.
type Placed struct {
	Claims int
	Cases  int
	Amount int64 // minor units of what was left to pay, EUR
}

// PlacedBy counts what a placement left.
func (s *Service) PlacedBy(ctx context.Context, placementID string) (Placed, error) {
	var p Placed
	err := s.db.Read(ctx).Model(&Claim{}).Where("placement_id = ? AND currency = ?", placementID, money.EUR).
		Select("COUNT(*) AS claims, COUNT(DISTINCT case_id) AS cases, COALESCE(SUM(amount - paid_before), 0) AS amount").Scan(&p).Error
	return p, fault(err, "placement", placementID)
}

// Sums are what a creditor entrusted.
type Sums struct {
	Cases   int
	Balance int64 // minor units, EUR, of the balance rows
}

// Sums returns how many cases a creditor has and what they owe.
func (s *Service) Sums(ctx context.Context, creditorID string) (Sums, error) {
	var sums Sums
	err := s.db.Read(ctx).Model(&Case{}).Where("creditor_id = ? AND currency = ?", creditorID, money.EUR).
		Select("COUNT(*) AS cases, COALESCE(SUM(principal + interest + indemnity), 0) AS balance").Scan(&sums).Error
	return sums, fault(err, "sums of creditor", creditorID)
}
