package payments

import (
	"context"
	"fmt"

	"amiable/negotiation"
	"amiable/negotiation/money"
)

func (s *Service) bankAccount(ctx context.Context, id string) (*negotiation.BankAccount, error) {
	var found []negotiation.BankAccount
	if err := s.db.Read(ctx).Where("id = ?", id).Limit(1).Find(&found).Error; err != nil {
		return nil, fmt.Errorf("bank account %s: %w", id, err)
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("bank account %s is gone", id)
	}
	return &found[0], nil
}

func (s *Service) bankEntry(ctx context.Context, id string) (*BankEntry, error) {
	var found []BankEntry
	if negotiation.ValidID(id) {
		if err := s.db.Read(ctx).Where("id = ?", id).Limit(1).Find(&found).Error; err != nil {
			return nil, fmt.Errorf("bank entry %s: %w", id, err)
		}
	}
	if len(found) == 0 {
		return nil, negotiation.Refuse(negotiation.NotFound, "not_found")
	}
	return &found[0], nil
}

// BankEntry returns an entry, for the agency.
func (s *Service) BankEntry(ctx context.Context, by negotiation.Actor, id string) (*BankEntry, error) {
	if !by.IsStaff() && by.Role != negotiation.RoleSystem {
		return nil, negotiation.Refuse(negotiation.NotFound, "not_found")
	}
	return s.bankEntry(ctx, id)
}

// ListedEntry is an entry in a list, with the account it stands on and the case
// it pays.
type ListedEntry struct {
	BankEntry
	AccountHolder string
	AccountIBAN   string `gorm:"column:account_iban"`
	CaseReference string
	DebtorName    string
}

// EntryFilter says which entries are wanted, oldest first.
type EntryFilter struct {
	ID       string    // empty: any
	State    BankState // empty: any
	ImportID string    // empty: any
	CaseID   string    // empty: any
	Latest   bool      // newest first
	Limit    int
}

// BankEntries returns entries, for the agency.
func (s *Service) BankEntries(ctx context.Context, by negotiation.Actor, f EntryFilter) ([]ListedEntry, error) {
	if !by.IsStaff() && by.Role != negotiation.RoleSystem {
		return nil, negotiation.Refuse(negotiation.Forbidden, "not_your_role")
	}
	query := s.db.Read(ctx).Table("bank_entries").
		Select("bank_entries.*, bank_accounts.holder AS account_holder, bank_accounts.iban AS account_iban, " +
			"COALESCE(cases.reference, '') AS case_reference, COALESCE(debtors.name, '') AS debtor_name").
		Joins("JOIN bank_accounts ON bank_accounts.id = bank_entries.account_id").
		Joins("LEFT JOIN cases ON cases.id = bank_entries.case_id").Joins("LEFT JOIN debtors ON debtors.id = cases.debtor_id")
	if f.ID != "" {
		query = query.Where("bank_entries.id = ?", f.ID)
	}
	switch f.State {
	case "":
	case BankWaiting:
		query = query.Where(bankWaits)
	default:
		query = query.Where("bank_entries.state = ?", f.State)
	}
	if f.ImportID != "" {
		query = query.Where("bank_entries.import_id = ?", f.ImportID)
	}
	if f.CaseID != "" {
		query = query.Where("bank_entries.case_id = ?", f.CaseID)
	}
	order := "bank_entries.booked_on, bank_entries.created_at, bank_entries.id"
	if f.Latest {
		order = "bank_entries.booked_on DESC, bank_entries.created_at DESC, bank_entries.id DESC"
	}
	var list []ListedEntry
	if err := query.Order(order).Limit(f.Limit).Scan(&list).Error; err != nil {
		return nil, fmt.Errorf("bank entries: %w", err)
	}
	return list, nil
}

// Unidentified is what waits on the accounts.
type Unidentified struct {
	Entries int64
	Credits money.Amount
	Debits  money.Amount
	Oldest  negotiation.Day
}

// Unidentified says how much waits, and since when.
func (s *Service) Unidentified(ctx context.Context) (Unidentified, error) {
	var sums struct {
		Entries, Credits, Debits int64
		Oldest                   negotiation.Day
	}
	err := s.db.Read(ctx).Model(&BankEntry{}).
		Select("COUNT(*) AS entries, COALESCE(SUM(CASE WHEN credit THEN amount ELSE 0 END), 0) AS credits, "+
			"COALESCE(SUM(CASE WHEN credit THEN 0 ELSE amount END), 0) AS debits, MIN(booked_on) AS oldest").
		Where("state = ?", BankWaiting).Scan(&sums).Error
	if err != nil {
		return Unidentified{}, fmt.Errorf("unidentified bank money: %w", err)
	}
	return Unidentified{Entries: sums.Entries, Credits: money.Euros(sums.Credits), Debits: money.Euros(sums.Debits), Oldest: sums.Oldest}, nil
}

// BankImports returns what was imported last, newest first.
func (s *Service) BankImports(ctx context.Context, by negotiation.Actor, limit int) ([]BankImport, error) {
	if !by.IsStaff() {
		return nil, negotiation.Refuse(negotiation.Forbidden, "not_your_role")
	}
	var list []BankImport
	if err := s.db.Read(ctx).Order("created_at DESC, id DESC").Limit(limit).Find(&list).Error; err != nil {
		return nil, fmt.Errorf("bank files: %w", err)
	}
	return list, nil
}

// BankImport returns one bank's file.
func (s *Service) BankImport(ctx context.Context, by negotiation.Actor, id string) (*BankImport, error) {
	var found []BankImport
	if (by.IsStaff() || by.Role == negotiation.RoleSystem) && negotiation.ValidID(id) {
		if err := s.db.Read(ctx).Where("id = ?", id).Limit(1).Find(&found).Error; err != nil {
			return nil, fmt.Errorf("bank file %s: %w", id, err)
		}
	}
	if len(found) == 0 {
		return nil, negotiation.Refuse(negotiation.NotFound, "not_found")
	}
	return &found[0], nil
}

// Previewed is what would become of one entry of a file.
type Previewed struct {
	BankEntry
	Known  bool   // it is filed already
	CaseID string // which it would pay
	By     string // what told it
	Why    string // why it would wait
}

// PreviewBankFile says what booking a file would do. Nothing is written.
func (s *Service) PreviewBankFile(ctx context.Context, by negotiation.Actor, f BankFile) (list []Previewed, pending int, err error) {
	if !by.IsStaff() && by.Role != negotiation.RoleSystem {
		return nil, 0, negotiation.Refuse(negotiation.Forbidden, "not_your_role")
	}
	f.Despite = true
	items, pending, err := s.bankItems(ctx, f)
	if err != nil {
		return nil, 0, err
	}
	stored, err := storedEntries(&negotiation.Tx{DB: s.db.Read(ctx)}, items)
	if err != nil {
		return nil, 0, err
	}
	told := newClaims()
	for _, item := range items {
		p := Previewed{BankEntry: item.BankEntry}
		switch {
		case told.take(item, stored) != nil:
			p.Known = true
		case p.State == BankWaiting && p.Credit && !p.Returned:
			g, err := s.guess(ctx, &p.BankEntry)
			if err != nil {
				return nil, 0, err
			}
			p.CaseID, p.By, p.Why = g.caseID, g.by, g.reason
		case p.State == BankWaiting && p.Credit:
			p.Why = WaitsMoneyBack
		case p.State == BankWaiting && p.Returned:
			p.Why = "" // the credit that it undoes is found when it is booked
		case p.State == BankWaiting:
			p.Why = WaitsDebit
		}
		list = append(list, p)
	}
	return list, pending, nil
}

// ListedBankEntry returns one entry as it stands in a list.
func (s *Service) ListedBankEntry(ctx context.Context, by negotiation.Actor, id string) (*ListedEntry, error) {
	if _, err := s.BankEntry(ctx, by, id); err != nil {
		return nil, err
	}
	list, err := s.BankEntries(ctx, by, EntryFilter{ID: id, Limit: 1})
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, negotiation.Refuse(negotiation.NotFound, "not_found")
	}
	return &list[0], nil
}

// OtherSide returns the credit that a return undid, or the return that undid a
// credit; nil where there is none.
func (s *Service) OtherSide(ctx context.Context, e *BankEntry) (*BankEntry, error) {
	query := s.db.Read(ctx).Where("undoes_id = ?", e.ID)
	if e.UndoesID != nil {
		query = s.db.Read(ctx).Where("id = ?", *e.UndoesID)
	}
	var found []BankEntry
	if err := query.Limit(1).Find(&found).Error; err != nil {
		return nil, fmt.Errorf("other side of bank entry %s: %w", e.ID, err)
	}
	if len(found) == 0 {
		return nil, nil
	}
	return &found[0], nil
}
