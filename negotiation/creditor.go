package negotiation

import (
	"context"
	"slices"
	"strings"
	"time"

	"amiable/negotiation/database"
	"amiable/negotiation/money"
)

// SecondCheck is what a link asks for before it shows anything.
type SecondCheck string

const (
	CheckPostcode      SecondCheck = "postcode"
	CheckInvoiceNumber SecondCheck = "invoice_number"
	CheckMailedCode    SecondCheck = "mailed_code"
)

// CreditorKind decides the legal interest rate: it goes by who is owed, not by
// who owes (CMF L313-2).
type CreditorKind string

const (
	CreditorBusiness   CreditorKind = "business"
	CreditorIndividual CreditorKind = "individual"
)

// Creditor is the party owed.
type Creditor struct {
	ID                 string
	AgencyID           string
	Reference          string
	Name               string
	Kind               CreditorKind
	SIREN              string `gorm:"column:siren"`
	Street             string
	Postcode           string
	City               string
	Country            string
	Email              string
	Phone              string
	SecondCheck        SecondCheck
	PartPaymentMinimum *int64 // minor units; nil: only the whole may be paid
	Notices            Notices
	Language           string // of the mails to Email
	Head               `gorm:"embedded"`
	CreatedAt          time.Time
}

// PartMinimum returns the least that may be paid of a sum still owed: a minimum
// above the balance becomes the balance. ok is false where the creditor takes
// only the whole (C. civ. 1342-4).
func (c *Creditor) PartMinimum(owed money.Amount) (least money.Amount, ok bool) {
	if c.PartPaymentMinimum == nil {
		return owed, false
	}
	return money.New(*c.PartPaymentMinimum, owed.Currency).Min(owed), true
}

func (c *Creditor) check() error {
	c.Reference, c.Name = strings.TrimSpace(c.Reference), strings.TrimSpace(c.Name)
	c.SIREN = strings.Join(strings.Fields(c.SIREN), "")
	if c.Kind == "" {
		c.Kind = CreditorBusiness
	}
	if c.Notices == "" {
		c.Notices = NoticesAtOnce
	}
	if c.Language == "" {
		c.Language = Languages[0]
	}
	if c.SecondCheck == "" {
		c.SecondCheck = CheckPostcode
	}
	if c.Country == "" {
		c.Country = "FR"
	}
	switch {
	case c.Reference == "":
		return Refuse(Invalid, "reference_missing").On("reference")
	case c.Name == "":
		return Refuse(Invalid, "name_missing").On("name")
	case c.Kind != CreditorBusiness && c.Kind != CreditorIndividual:
		return Refuse(Invalid, "creditor_kind_unknown").On("kind")
	case c.Kind == CreditorBusiness && c.Country == "FR" && c.SIREN == "":
		return Refuse(Invalid, "siren_missing").On("siren")
	case c.SIREN != "" && !ValidSIREN(c.SIREN):
		return Refuse(Invalid, "siren_wrong").On("siren")
	case c.Email != "" && !plausibleEmail(c.Email):
		return Refuse(Invalid, "email_wrong").On("email")
	case !slices.Contains(Languages, c.Language):
		return Refuse(Invalid, "language_unknown").On("language")
	case c.SecondCheck != CheckPostcode && c.SecondCheck != CheckInvoiceNumber && c.SecondCheck != CheckMailedCode:
		return Refuse(Invalid, "second_check_unknown").On("second_check")
	case c.PartPaymentMinimum != nil && *c.PartPaymentMinimum <= 0:
		return Refuse(Invalid, "amount_not_positive").On("part_payment_minimum")
	}
	return nil
}

// AddCreditor takes a creditor on.
func (s *Service) AddCreditor(ctx context.Context, by Actor, c Creditor) (*Creditor, error) {
	if err := by.only(RoleAdministrator, RoleAgent, RoleSystem); err != nil {
		return nil, err
	}
	if err := c.check(); err != nil {
		return nil, err
	}
	err := s.write(ctx, func(t *Tx) error {
		agency, err := loadAgency(t.DB)
		if err != nil {
			return err
		}
		c.ID, c.AgencyID, c.CreatedAt = newID(), agency.ID, t.Now
		event, err := c.next(StreamCreditor, c.ID, by, CreditorAdded, map[string]any{"name": c.Name, "reference": c.Reference}, t.Now)
		if err != nil {
			return err
		}
		if err := t.InsertNow(&c, event); database.IsDuplicate(err) {
			return Refuse(Conflict, "creditor_reference_taken").On("reference")
		} else if err != nil {
			return err
		}
		return nil
	})
	return &c, err
}

// OnCreditor locks a creditor, lets do decide and write, and saves its chain:
// for the packages to the left, whose acts belong to no case.
func (s *Service) OnCreditor(ctx context.Context, creditorID string, do func(t *Tx, c *Creditor) error) error {
	if !ValidID(creditorID) {
		return errNotFound
	}
	return s.onCreditor(ctx, creditorID, do)
}

// Event records an event on the creditor's chain.
func (c *Creditor) Event(t *Tx, by Actor, kind EventKind, content any) error {
	e, err := c.next(StreamCreditor, c.ID, by, kind, content, t.Now)
	if err != nil {
		return err
	}
	return t.Insert(e)
}

// ChangeCreditor changes name, address, contact and rules of a creditor.
func (s *Service) ChangeCreditor(ctx context.Context, by Actor, changed Creditor) error {
	if err := by.only(RoleAdministrator, RoleAgent, RoleSystem); err != nil {
		return err
	}
	if err := changed.check(); err != nil {
		return err
	}
	return s.onCreditor(ctx, changed.ID, func(t *Tx, c *Creditor) error {
		event, err := c.next(StreamCreditor, c.ID, by, CreditorChanged, map[string]any{"name": changed.Name}, t.Now)
		if err != nil {
			return err
		}
		if err := t.Insert(event); err != nil {
			return err
		}
		return t.Model(c).Where("id = ?", c.ID).Select(
			"Name", "Kind", "SIREN", "Street", "Postcode", "City", "Country", "Email", "Phone", "Language", "SecondCheck", "PartPaymentMinimum",
		).Updates(changed).Error
	})
}
