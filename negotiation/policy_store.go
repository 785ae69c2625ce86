package negotiation

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"gorm.io/gorm"

	"amiable/negotiation/money"
)

// policyRow is a version of a policy, as it was set. It is never changed.
type policyRow struct {
	ID         string
	CreditorID string
	MandateID  string
	Version    int64
	Content    string // JSON of Policy
	ByID       string
	ByName     string
	CreatedAt  time.Time
}

// TableName names the table for gorm.
func (policyRow) TableName() string { return "policies" }

func (r policyRow) policy() (Policy, error) {
	var p Policy
	err := json.Unmarshal([]byte(r.Content), &p)
	p.Version = int(r.Version)
	return p, fault(err, "policy", r.ID)
}

// The bounds of what a policy may say. What it says about consumers is lawful
// whatever it says: a plan never asks more than is owed.
const (
	policyMonthsMax    = 60
	policyFirstDaysMax = 180
	policyAnswerMax    = 15
	policyMoveMax      = 31
)

// Check refuses a policy that nobody can have meant.
func (p Policy) Check() error {
	for _, bound := range []struct {
		field       string
		value       int64
		least, most int64
	}{
		{"instalments_max", int64(p.InstalmentsMax), 1, instalmentsMax},
		{"months_max", int64(p.MonthsMax), 0, policyMonthsMax},
		{"instalment_min", p.InstalmentMin, 0, 1_000_000_00},
		{"first_days_max", int64(p.FirstDaysMax), 0, policyFirstDaysMax},
		{"skips_max", int64(p.SkipsMax), 0, 12},
		{"move_days_max", int64(p.MoveDaysMax), 0, policyMoveMax},
		{"person_above", p.PersonAbove, 0, 1_000_000_000_00},
		{"answer_days", int64(p.AnswerDays), 0, policyAnswerMax},
		{"agent_owed_max", p.AgentOwedMax, 0, 1_000_000_000_00},
	} {
		if bound.value < bound.least || bound.value > bound.most {
			return Refuse(Invalid, "number_out_of_range").On(bound.field).With("least", bound.least).With("most", bound.most)
		}
	}
	switch p.BreathingDays {
	case 0, 15, 30:
	default:
		return Refuse(Invalid, "breathing_days_wrong").On("breathing_days")
	}
	for i, r := range p.Rebates {
		if r.DaysLate < 0 || r.OwedMax < 0 || r.BasisPoints <= 0 || r.BasisPoints > 9_000 {
			return Refuse(Invalid, "rebate_wrong").On(fmt.Sprintf("rebate_%d", i+1))
		}
	}
	return nil
}

// SetPolicy gives a mandate another version of its policy. What was offered or
// agreed before stays under the version of its day. An agent does not set what
// agents may decide: where the creditor asks the agency to, its administrator
// does.
func (s *Service) SetPolicy(ctx context.Context, by Actor, mandateID string, p Policy) (*Policy, error) {
	if err := by.only(RoleCreditor, RoleAdministrator, RoleSystem); err != nil {
		return nil, err
	}
	if err := p.Check(); err != nil {
		return nil, err
	}
	m, err := s.mandate(ctx, mandateID)
	if err != nil {
		return nil, err
	}
	if by.Role == RoleCreditor {
		if by.CreditorID != m.CreditorID {
			return nil, errNotFound
		}
		if !by.DecidesAll() {
			return nil, Refuse(Forbidden, "policy_needs_full_decider")
		}
	}
	err = s.onCreditor(ctx, m.CreditorID, func(t *Tx, c *Creditor) error {
		last, err := policyRows(t.DB, mandateID, 1)
		if err != nil {
			return err
		}
		p.Version = 1
		if len(last) > 0 {
			p.Version = int(last[0].Version) + 1
		}
		content, err := json.Marshal(p)
		if err != nil {
			return fault(err, "policy of mandate", mandateID)
		}
		row := &policyRow{ID: newID(), CreditorID: c.ID, MandateID: mandateID, Version: int64(p.Version), Content: string(content), ByID: by.ID, ByName: by.Name, CreatedAt: t.Now}
		event, err := c.next(StreamCreditor, c.ID, by, PolicySet, map[string]any{"mandate": m.Reference, "version": p.Version, "policy": p}, t.Now)
		if err != nil {
			return err
		}
		return t.Insert(row, event)
	})
	return &p, err
}

func (s *Service) mandate(ctx context.Context, id string) (*Mandate, error) {
	if !ValidID(id) {
		return nil, errNotFound
	}
	var found []Mandate
	if err := s.db.Read(ctx).Where("id = ?", id).Limit(1).Find(&found).Error; err != nil {
		return nil, fault(err, "mandate", id)
	}
	if len(found) == 0 {
		return nil, errNotFound
	}
	return &found[0], nil
}

func policyRows(tx *gorm.DB, mandateID string, limit int) ([]policyRow, error) {
	var rows []policyRow
	err := tx.Where("mandate_id = ?", mandateID).Order("version DESC").Limit(limit).Find(&rows).Error
	return rows, fault(err, "policy of mandate", mandateID)
}

func readPolicy(tx *gorm.DB, mandateID *string) (Policy, error) {
	if mandateID == nil {
		return NoPolicy(), nil
	}
	rows, err := policyRows(tx, *mandateID, 1)
	if err != nil || len(rows) == 0 {
		return NoPolicy(), err
	}
	return rows[0].policy()
}

func (t *Tx) policyOf(c *Case) (Policy, error) { return readPolicy(t.DB, c.MandateID) }

// PolicyOf returns the policy that stands for a case today.
func (s *Service) PolicyOf(ctx context.Context, c *Case) (Policy, error) {
	return readPolicy(s.db.Read(ctx), c.MandateID)
}

// PolicyVersion is a version of a policy with who set it and when.
type PolicyVersion struct {
	Policy
	ByName string
	At     time.Time
}

// Policies returns the versions of a mandate's policy, newest first.
func (s *Service) Policies(ctx context.Context, mandateID string) ([]PolicyVersion, error) {
	rows, err := policyRows(s.db.Read(ctx), mandateID, 100)
	if err != nil {
		return nil, err
	}
	var versions []PolicyVersion
	for _, r := range rows {
		p, err := r.policy()
		if err != nil {
			return nil, err
		}
		versions = append(versions, PolicyVersion{Policy: p, ByName: r.ByName, At: r.CreatedAt})
	}
	return versions, nil
}

// Replayed is what a policy says of an offer that was made.
type Replayed struct {
	Offer   Offer
	Case    string // its reference
	Verdict Verdict
}

// Replay asks a policy about the offers that debtors made to a creditor, newest
// first, on what was owed on their days.
func (s *Service) Replay(ctx context.Context, creditorID string, p Policy, limit int) ([]Replayed, error) {
	var rows []struct {
		Offer
		Reference string
		OldestDue Day
	}
	err := s.db.Read(ctx).Table("offers").Joins("JOIN cases ON cases.id = offers.case_id").
		Select("offers.*, cases.reference, (SELECT MIN(claims.due_on) FROM claims WHERE claims.case_id = offers.case_id) AS oldest_due").
		Where("offers.creditor_id = ? AND offers.side = ? AND cases.currency = ?", creditorID, SideDebtor, money.EUR).
		Order("offers.created_at DESC, offers.id").Limit(limit).Scan(&rows).Error
	if err != nil {
		return nil, fault(err, "offers of creditor", creditorID)
	}
	replayed := make([]Replayed, 0, len(rows))
	for _, r := range rows {
		verdict, err := p.Judge(Asked{Terms: r.Of(), Balance: money.Euros(r.Owed), OldestDue: r.OldestDue, Today: r.AsOf})
		if err != nil {
			return nil, err
		}
		replayed = append(replayed, Replayed{Offer: r.Offer, Case: r.Reference, Verdict: verdict})
	}
	return replayed, nil
}
