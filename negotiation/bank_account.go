package negotiation

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"amiable/negotiation/banking"
	"amiable/negotiation/database"
	"amiable/negotiation/money"
)

// holderMax is how long the name of an account's holder may be, in characters:
// no longer fits into a transfer.
const holderMax = 70

// BankAccount is where a transfer goes: the agency's account that holds nothing
// but creditors' funds (CPCE R124-2), or a creditor's own. The mandate says
// which.
type BankAccount struct {
	ID         string
	AgencyID   string
	CreditorID *string // nil: the agency's
	Holder     string  // the exact name: the payer's bank compares it
	IBAN       string  `gorm:"column:iban"`
	BIC        string  `gorm:"column:bic"`
	Currency   money.Currency
	ClosedAt   *time.Time
	CreatedAt  time.Time
}

// OfAgency says whether the money rests with the agency.
func (b *BankAccount) OfAgency() bool { return b.CreditorID == nil }

// Owner is whose the account is: the creditor's id, or the agency's.
func (b *BankAccount) Owner() string {
	if b.CreditorID == nil {
		return b.AgencyID
	}
	return *b.CreditorID
}

// Ends are the last four characters of the IBAN, by which people tell accounts
// apart.
func (b *BankAccount) Ends() string { return b.IBAN[max(0, len(b.IBAN)-4):] }

// Transfer is where a transfer on a case goes, as it is shown and printed.
type Transfer struct {
	Holder    string `json:"holder"`
	IBAN      string `json:"iban"`
	BIC       string `json:"bic,omitempty"`
	Reference string `json:"reference"` // ISO 11649, made of the case's
	ToAgency  bool   `json:"-"`         // to the agency's account: its name tells nothing of the creditor
}

// BankReference is the reference by which a transfer finds the case.
func (c *Case) BankReference() string {
	reference, err := banking.Reference(c.Reference)
	if err != nil { // a case's reference is made of letters and digits
		return c.Reference
	}
	return reference
}

// Transfer returns where a transfer on the case goes on a day, or nil where
// none may be asked for: the mandate names no account, the account is closed,
// or it is the agency's and the agency may not hold creditors' funds.
func (c *Case) Transfer(on Day) *Transfer {
	account := c.account
	if account == nil || account.ClosedAt != nil || account.Currency != c.Currency || !c.Mandate.InForce(on) {
		return nil
	}
	if account.OfAgency() {
		for _, missing := range c.Agency.MissingPapers(on) {
			if missing == PaperAccount {
				return nil
			}
		}
	}
	return &Transfer{Holder: account.Holder, IBAN: account.IBAN, BIC: account.BIC, Reference: c.BankReference(), ToAgency: account.OfAgency()}
}

// ChequeTo is to whose order a cheque on the case is made out on a day; empty:
// none are taken.
func (c *Case) ChequeTo(on Day) string {
	if !c.Mandate.InForce(on) {
		return ""
	}
	return c.Mandate.ChequeTo
}

// OpenBankAccount puts an account on file, of the agency or of a creditor.
func (s *Service) OpenBankAccount(ctx context.Context, by Actor, b BankAccount) (*BankAccount, error) {
	if err := by.only(RoleAdministrator, RoleSystem); err != nil {
		return nil, err
	}
	if err := b.check(); err != nil {
		return nil, err
	}
	if b.CreditorID != nil {
		if _, err := s.Creditor(ctx, *b.CreditorID); err != nil {
			return nil, err
		}
	}
	err := s.onAgency(ctx, func(t *Tx, a *Agency) error {
		b.ID, b.AgencyID, b.ClosedAt, b.CreatedAt = newID(), a.ID, nil, t.Now
		event, err := a.next(StreamAgency, a.ID, by, BankAccountOpened, map[string]any{"account": b.ID, "ends": b.Ends(), "creditor": b.CreditorID}, t.Now)
		if err != nil {
			return err
		}
		if err := t.InsertNow(&b, event); database.IsDuplicate(err) {
			return Refuse(Conflict, "bank_account_known").On("iban")
		} else if err != nil {
			return err
		}
		return nil
	})
	return &b, err
}

func (b *BankAccount) check() error {
	if b.Holder = strings.Join(strings.Fields(b.Holder), " "); b.Holder == "" {
		return Refuse(Invalid, "holder_missing").On("holder")
	}
	if utf8.RuneCountInString(b.Holder) > holderMax {
		return Refuse(Invalid, "holder_too_long").On("holder").With("most", holderMax)
	}
	iban, ok := banking.ParseIBAN(b.IBAN)
	if !ok {
		return Refuse(Invalid, "iban_wrong").On("iban")
	}
	b.IBAN = iban
	if strings.TrimSpace(b.BIC) != "" {
		if b.BIC, ok = banking.ParseBIC(b.BIC); !ok {
			return Refuse(Invalid, "bic_wrong").On("bic")
		}
	}
	if b.Currency == "" {
		b.Currency = money.EUR
	}
	if b.Currency != money.EUR {
		return Refuse(Invalid, "bank_account_currency").On("currency")
	}
	return nil
}

// CloseBankAccount takes an account out of use: nobody is asked for a transfer
// to it any more. What still arrives on it is taken in as before.
func (s *Service) CloseBankAccount(ctx context.Context, by Actor, id string) error {
	if err := by.only(RoleAdministrator, RoleSystem); err != nil {
		return err
	}
	return s.onAgency(ctx, func(t *Tx, a *Agency) error {
		b, err := bankAccount(t, id)
		if err != nil || b.ClosedAt != nil {
			return err
		}
		if err := t.Model(b).Where("id = ?", id).Update("closed_at", t.Now).Error; err != nil {
			return fault(err, "bank account", id)
		}
		event, err := a.next(StreamAgency, a.ID, by, BankAccountClosed, map[string]any{"account": id, "ends": b.Ends()}, t.Now)
		if err != nil {
			return err
		}
		return t.Insert(event)
	})
}

func bankAccount(t *Tx, id string) (*BankAccount, error) {
	if !ValidID(id) {
		return nil, errNotFound
	}
	var found []BankAccount
	if err := t.Where("id = ?", id).Limit(1).Find(&found).Error; err != nil {
		return nil, fault(err, "bank account", id)
	}
	if len(found) == 0 {
		return nil, errNotFound
	}
	return &found[0], nil
}

// WaysToPay says which way money takes under a mandate.
type WaysToPay struct {
	AccountID string // where transfers go; empty: none
	ChequeTo  string // to whose order cheques are made out, sent to the agency; empty: none
	Separate  bool   // card money comes to the platform first, see Mandate.SeparateTransfers
}

// SetWaysToPay says where the money of a mandate goes. The account is the
// creditor's own or the agency's: the mandate is the order to receive for the
// creditor (CPCE R124-3).
func (s *Service) SetWaysToPay(ctx context.Context, by Actor, mandateID string, ways WaysToPay) error {
	if err := by.only(RoleAdministrator, RoleSystem); err != nil {
		return err
	}
	if !ValidID(mandateID) {
		return errNotFound
	}
	m, err := s.mandate(ctx, mandateID)
	if err != nil {
		return err
	}
	return s.onCreditor(ctx, m.CreditorID, func(t *Tx, c *Creditor) error {
		changed := Mandate{ChequeTo: strings.Join(strings.Fields(ways.ChequeTo), " "), SeparateTransfers: ways.Separate}
		said := map[string]any{"mandate": m.Reference, "cheque_to": changed.ChequeTo, "separate_transfers": ways.Separate}
		if ways.AccountID != "" {
			account, err := bankAccount(t, ways.AccountID)
			switch {
			case err != nil:
				return err
			case account.CreditorID != nil && *account.CreditorID != m.CreditorID:
				return Refuse(Invalid, "bank_account_of_other").On("account")
			case account.ClosedAt != nil:
				return Refuse(Conflict, "bank_account_closed").On("account")
			}
			changed.AccountID, said["account"], said["ends"] = &account.ID, account.ID, account.Ends()
		}
		if err := t.Model(m).Where("id = ?", m.ID).Select("AccountID", "ChequeTo", "SeparateTransfers").Updates(changed).Error; err != nil {
			return fault(err, "mandate", m.ID)
		}
		event, err := c.next(StreamCreditor, c.ID, by, WaysToPaySet, said, t.Now)
		if err != nil {
			return err
		}
		return t.Insert(event)
	})
}

// BankAccounts returns all accounts, the agency's first, closed ones last.
func (s *Service) BankAccounts(ctx context.Context) ([]BankAccount, error) {
	var accounts []BankAccount
	err := s.db.Read(ctx).Order("closed_at IS NOT NULL, creditor_id IS NOT NULL, created_at, id").Find(&accounts).Error
	return accounts, fault(err, "bank accounts", "")
}
