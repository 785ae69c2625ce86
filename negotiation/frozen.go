package negotiation

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"time"

	"gorm.io/gorm"

	"amiable/negotiation/interest"
	"amiable/negotiation/money"
)

// FrozenStatement is a statement as it was sent: the row is never changed, and
// working out anew makes another.
type FrozenStatement struct {
	ID         string
	CreditorID string
	CaseID     string
	AsOf       Day
	GoodUntil  Day
	Content    string // JSON of FrozenOwed
	CreatedAt  time.Time
}

// TableName names the table for gorm.
func (FrozenStatement) TableName() string { return "statements" }

// FrozenOwed is what a frozen statement says, line by line.
type FrozenOwed struct {
	On        Day           `json:"on"`
	GoodUntil Day           `json:"good_until"`
	PerDay    money.Amount  `json:"per_day"`
	Principal money.Amount  `json:"principal"`
	Interest  money.Amount  `json:"interest"`
	Indemnity money.Amount  `json:"indemnity"`
	Total     money.Amount  `json:"total"`
	Claims    []FrozenClaim `json:"claims"`
}

// FrozenClaim is one claim of a frozen statement.
type FrozenClaim struct {
	ID         string           `json:"id"`
	Invoice    string           `json:"invoice"`
	Subject    string           `json:"subject"`
	IssuedOn   Day              `json:"issued_on"`
	DueOn      Day              `json:"due_on"`
	NoticeOn   Day              `json:"notice_on"`
	Invoiced   money.Amount     `json:"invoiced"`
	PaidBefore money.Amount     `json:"paid_before"`
	Charged    money.Amount     `json:"charged"`
	ChargedLaw string           `json:"charged_law"`
	Movements  []FrozenMovement `json:"movements"`
	Segments   []FrozenSegment  `json:"segments"`
	Principal  money.Amount     `json:"principal"`
	Interest   money.Amount     `json:"interest"`
	Indemnity  money.Amount     `json:"indemnity"`
}

// FrozenMovement is what lowered a claim.
type FrozenMovement struct {
	On        Day                   `json:"on"`
	Kind      interest.MovementKind `json:"kind"`
	Interest  money.Amount          `json:"interest"`
	Indemnity money.Amount          `json:"indemnity"`
	Principal money.Amount          `json:"principal"`
}

// FrozenSegment is a run of days with one rate on one base. Rates are
// percentages with a point.
type FrozenSegment struct {
	From      Day               `json:"from"`
	To        Day               `json:"to"`
	Days      int               `json:"days"`
	Base      money.Amount      `json:"base"`
	Kind      interest.RateKind `json:"kind"`
	Rate      string            `json:"rate"`
	Published string            `json:"published"`
	Margin    string            `json:"margin"`
	InForce   Day               `json:"in_force"`
	Article   string            `json:"article"`
	Amount    money.Amount      `json:"amount"`
}

// Frozen is the statement as it would be kept.
func (s *Statement) Frozen() FrozenOwed {
	f := FrozenOwed{
		On: s.On, GoodUntil: s.GoodUntil, PerDay: s.PerDay, Principal: s.Principal, Interest: s.Interest, Indemnity: s.Indemnity, Total: s.Total,
	}
	for _, cs := range s.Claims {
		claim := cs.Claim
		c := FrozenClaim{
			ID: claim.ID, Invoice: claim.InvoiceNumber, Subject: claim.Description, IssuedOn: claim.IssueOn, DueOn: claim.DueOn, NoticeOn: claim.NoticeOn,
			Invoiced: money.New(claim.Amount, claim.Currency), PaidBefore: money.New(claim.PaidBefore, claim.Currency),
			Charged: cs.Charged, ChargedLaw: cs.ChargedLaw, Principal: cs.Principal, Interest: cs.Interest, Indemnity: cs.Indemnity,
		}
		for _, l := range cs.Lines {
			c.Movements = append(c.Movements, FrozenMovement{On: l.Day, Kind: l.Kind, Interest: l.Interest, Indemnity: l.Indemnity, Principal: l.Principal})
		}
		for _, segment := range cs.Segments {
			c.Segments = append(c.Segments, FrozenSegment{
				From: segment.From, To: segment.To, Days: segment.Days, Base: segment.Base, Kind: segment.Kind, Rate: segment.Rate.String(),
				Published: segment.Published.String(), Margin: segment.Margin.String(), InForce: segment.InForce, Article: segment.Article, Amount: segment.Amount,
			})
		}
		f.Claims = append(f.Claims, c)
	}
	return f
}

// Owed reads what the statement says.
func (s *FrozenStatement) Owed() (FrozenOwed, error) {
	var f FrozenOwed
	return f, fault(json.Unmarshal([]byte(s.Content), &f), "statement", s.ID)
}

func digestOf(content string) string {
	sum := sha256.Sum256([]byte(content))
	return hex.EncodeToString(sum[:])
}

// freeze keeps a statement; the event carries the hash of its content.
func (c *Case) freeze(t *Tx, by Actor, s *Statement) (*FrozenStatement, error) {
	content, err := json.Marshal(s.Frozen())
	if err != nil {
		return nil, fault(err, "statement of case", c.ID)
	}
	row := &FrozenStatement{
		ID: newID(), CreditorID: c.CreditorID, CaseID: c.ID, AsOf: s.On, GoodUntil: s.GoodUntil, Content: string(content), CreatedAt: t.Now,
	}
	return row, t.Insert(row, c.event(t, by, StatementFrozen, map[string]any{
		"statement": row.ID, "as_of": row.AsOf, "good_until": row.GoodUntil, "sha256": digestOf(row.Content),
	}))
}

// FrozenStatement returns one frozen statement, if the actor may see its case.
func (s *Service) FrozenStatement(ctx context.Context, by Actor, id string) (*FrozenStatement, error) {
	if !ValidID(id) {
		return nil, errNotFound
	}
	found, err := frozenByID(s.db.Read(ctx), id)
	if err != nil {
		return nil, err
	}
	if !by.MaySee(&Case{ID: found.CaseID, CreditorID: found.CreditorID}) {
		return nil, errNotFound
	}
	return found, nil
}

func frozenByID(tx *gorm.DB, id string) (*FrozenStatement, error) {
	var found []FrozenStatement
	if err := tx.Where("id = ?", id).Limit(1).Find(&found).Error; err != nil {
		return nil, fault(err, "statement", id)
	}
	if len(found) == 0 {
		return nil, errNotFound
	}
	return &found[0], nil
}

// StatementsOf returns the frozen statements of a case, oldest first. The
// caller has asked whether the case may be seen.
func (s *Service) StatementsOf(ctx context.Context, caseID string) ([]FrozenStatement, error) {
	var found []FrozenStatement
	err := s.db.Read(ctx).Where("case_id = ?", caseID).Order("created_at, id").Find(&found).Error
	return found, fault(err, "statements of case", caseID)
}
