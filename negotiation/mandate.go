package negotiation

import (
	"context"
	"strings"
	"time"

	"amiable/negotiation/database"
	"amiable/negotiation/ledger"
	"amiable/negotiation/money"
)

// FeeBasis says which components of what is collected the fee is taken on.
type FeeBasis string

const (
	FeeOnAll       FeeBasis = "all"
	FeeOnPrincipal FeeBasis = "principal"
)

// Mandate is the creditor's written order to collect (CPCE R124-3). Nothing
// may be asked of anybody without one.
type Mandate struct {
	ID                    string
	CreditorID            string
	Reference             string
	SignedOn              Day
	ValidUntil            Day // none: until revoked
	Scope                 string
	Proof                 string // reference of the signed document, or the hash of its file
	FeeBasisPoints        int64
	FeeOn                 FeeBasis
	FeeMinimum            int64 // minor units, per payment
	VATBasisPoints        int64 `gorm:"column:vat_basis_points"`
	FeeWithheld           bool  // the creditor lets the fee be kept back from each payment; else it is invoiced
	InterestWaivedInPlans bool
	RestWaivedBelow       int64 // minor units: a smaller rest is waived, never asked
	RevokedOn             Day
	AccountID             *string // where transfers go; nil: none are asked for
	ChequeTo              string  // to whose order cheques are made out; empty: none are taken
	SeparateTransfers     bool    // card money comes to the platform first and is transferred from there; else it lands with the creditor by itself
	CreatedAt             time.Time
}

// InForce says whether the mandate covers a day.
func (m *Mandate) InForce(on Day) bool {
	return m != nil && !on.Before(m.SignedOn) &&
		(m.ValidUntil.IsZero() || !on.After(m.ValidUntil)) &&
		(m.RevokedOn.IsZero() || on.Before(m.RevokedOn))
}

// FeeFor returns the fee and the VAT on it for one payment allocated so: basis
// points of the components that the mandate names, at least its minimum, never
// more than was collected; each rounded half up once.
func (m *Mandate) FeeFor(allocated map[ledger.Component]money.Amount) (fee, vat money.Amount) {
	var base, collected money.Amount
	for component, amount := range allocated {
		collected = collected.Add(amount)
		if m.FeeOn == FeeOnAll || component == ledger.Principal {
			base = base.Add(amount)
		}
	}
	if !collected.IsPositive() {
		return collected.Zero(), collected.Zero()
	}
	fee = money.New(0, collected.Currency).Add(base.BasisPoints(m.FeeBasisPoints)).Max(money.New(m.FeeMinimum, collected.Currency))
	if vat = fee.BasisPoints(m.VATBasisPoints); fee.Add(vat).Cmp(collected) > 0 {
		fee = money.New(money.MulDivFloor(collected.Minor, 10_000, 10_000+m.VATBasisPoints), collected.Currency)
		vat = fee.BasisPoints(m.VATBasisPoints).Min(collected.Sub(fee))
	}
	return fee, vat
}

func (m *Mandate) check() error {
	m.Reference, m.Scope, m.Proof = strings.TrimSpace(m.Reference), strings.TrimSpace(m.Scope), strings.TrimSpace(m.Proof)
	if m.FeeOn == "" {
		m.FeeOn = FeeOnAll
	}
	switch {
	case m.Reference == "":
		return Refuse(Invalid, "reference_missing").On("reference")
	case m.SignedOn.IsZero():
		return Refuse(Invalid, "date_missing").On("signed_on")
	case !m.ValidUntil.IsZero() && m.ValidUntil.Before(m.SignedOn):
		return Refuse(Invalid, "dates_reversed").On("valid_until")
	case m.Scope == "":
		return Refuse(Invalid, "mandate_scope_missing").On("scope")
	case m.Proof == "":
		return Refuse(Invalid, "mandate_proof_missing").On("proof")
	case m.FeeBasisPoints < 0 || m.FeeBasisPoints > 10_000:
		return Refuse(Invalid, "rate_out_of_range").On("fee_percent")
	case m.VATBasisPoints < 0 || m.VATBasisPoints > 10_000:
		return Refuse(Invalid, "rate_out_of_range").On("vat_percent")
	case m.FeeOn != FeeOnAll && m.FeeOn != FeeOnPrincipal:
		return Refuse(Invalid, "fee_basis_unknown").On("fee_on")
	case m.FeeMinimum < 0 || m.RestWaivedBelow < 0:
		return Refuse(Invalid, "amount_not_positive").On("fee_minimum")
	}
	return nil
}

// SignMandate records a mandate that a creditor signed.
func (s *Service) SignMandate(ctx context.Context, by Actor, m Mandate) (*Mandate, error) {
	if err := by.only(RoleAdministrator, RoleAgent, RoleSystem); err != nil {
		return nil, err
	}
	if err := m.check(); err != nil {
		return nil, err
	}
	err := s.onCreditor(ctx, m.CreditorID, func(t *Tx, c *Creditor) error {
		m.ID, m.CreatedAt = newID(), t.Now
		event, err := c.next(StreamCreditor, c.ID, by, MandateSigned, map[string]any{"reference": m.Reference, "signed_on": m.SignedOn, "fee_basis_points": m.FeeBasisPoints}, t.Now)
		if err != nil {
			return err
		}
		if err := t.InsertNow(&m, event); database.IsDuplicate(err) {
			return Refuse(Conflict, "mandate_reference_taken").On("reference")
		} else if err != nil {
			return err
		}
		return nil
	})
	return &m, err
}

// Mandates returns a creditor's mandates, newest first.
func (s *Service) Mandates(ctx context.Context, creditorID string) ([]Mandate, error) {
	var mandates []Mandate
	err := s.db.Read(ctx).Where("creditor_id = ?", creditorID).Order("signed_on DESC, reference").Find(&mandates).Error
	return mandates, fault(err, "mandates of creditor", creditorID)
}
