package payments

import (
	"context"
	"fmt"
	"strings"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"amiable/negotiation"
	"amiable/negotiation/database"
)

// AccountOf returns a creditor's account at the gateway, or nil.
func (s *Service) AccountOf(ctx context.Context, creditorID string) (*Account, error) {
	return accountOf(s.db.Read(ctx), creditorID)
}

func accountOf(tx *gorm.DB, creditorID string) (*Account, error) {
	var found []Account
	if err := tx.Where("creditor_id = ?", creditorID).Limit(1).Find(&found).Error; err != nil {
		return nil, fmt.Errorf("account of creditor %s: %w", creditorID, err)
	}
	if len(found) == 0 {
		return nil, nil
	}
	return &found[0], nil
}

// NameAccount ties a creditor to an account that exists at the gateway
// already.
func (s *Service) NameAccount(ctx context.Context, by negotiation.Actor, creditorID, accountID string) (*Account, error) {
	if !by.IsStaff() && by.Role != negotiation.RoleSystem {
		return nil, negotiation.Refuse(negotiation.Forbidden, "not_your_role")
	}
	calling, cancel := context.WithTimeout(ctx, gatewayDeadline)
	defer cancel()
	fact, err := s.gateway.FetchAccount(calling, accountID)
	if err != nil {
		return nil, fmt.Errorf("account %s: %w", accountID, err)
	}
	return s.keep(ctx, creditorID, fact)
}

// OpenAccount opens an account for a creditor at the gateway if there is none,
// and returns the page on which it says who it is. The page leads back to
// path, of the portal.
func (s *Service) OpenAccount(ctx context.Context, by negotiation.Actor, creditorID, path string) (url string, err error) {
	if !by.IsStaff() && by.Role != negotiation.RoleSystem && (by.Role != negotiation.RoleCreditor || by.CreditorID != creditorID) {
		return "", negotiation.Refuse(negotiation.Forbidden, "not_your_role")
	}
	account, err := s.AccountOf(ctx, creditorID)
	if err != nil {
		return "", err
	}
	calling, cancel := context.WithTimeout(ctx, gatewayDeadline)
	defer cancel()
	if account == nil {
		creditor, err := s.negotiation.Creditor(ctx, creditorID)
		if err != nil {
			return "", err
		}
		fact, err := s.gateway.OpenAccount(calling, "account:"+creditorID, creditor)
		if err != nil {
			return "", fmt.Errorf("account of creditor %s: %w", creditorID, err)
		}
		if account, err = s.keep(ctx, creditorID, fact); err != nil {
			return "", err
		}
	}
	url, err = s.gateway.OnboardingLink(calling, account.AccountID, s.baseURL+path+"?back=1", s.baseURL+path+"?again=1")
	if err != nil {
		return "", fmt.Errorf("account of creditor %s: %w", creditorID, err)
	}
	return url, nil
}

// RefreshAccount asks the gateway what a creditor's account may do.
func (s *Service) RefreshAccount(ctx context.Context, creditorID string) (*Account, error) {
	account, err := s.AccountOf(ctx, creditorID)
	if err != nil || account == nil {
		return account, err
	}
	calling, cancel := context.WithTimeout(ctx, returnDeadline)
	defer cancel()
	fact, err := s.gateway.FetchAccount(calling, account.AccountID)
	if err != nil {
		return account, fmt.Errorf("account of creditor %s: %w", creditorID, err)
	}
	return s.keep(ctx, creditorID, fact)
}

// keep writes down what an account may do, and returns it.
func (s *Service) keep(ctx context.Context, creditorID string, f AccountFact) (*Account, error) {
	now, err := s.negotiation.Now(ctx)
	if err != nil {
		return nil, err
	}
	row := &Account{
		CreditorID: creditorID, AccountID: f.AccountID, ChargesEnabled: f.ChargesEnabled, PayoutsEnabled: f.PayoutsEnabled,
		DetailsSubmitted: f.DetailsSubmitted, Requirements: strings.Join(f.Requirements, "\n"), DisabledReason: f.DisabledReason,
		Checking: strings.Join(f.Checking, "\n"), Overdue: strings.Join(f.Overdue, "\n"), WantedBy: f.wantedBy(), Bank: f.Bank,
		DebitsEnabled: f.DebitsEnabled, CreditorIdentifier: f.CreditorIdentifier, TransfersEnabled: f.TransfersEnabled, UpdatedAt: now, CreatedAt: now,
	}
	err = s.db.Transaction(ctx, func(tx *gorm.DB) error {
		kept := tx.Clauses(clause.OnConflict{
			Columns: []clause.Column{{Name: "creditor_id"}},
			DoUpdates: clause.AssignmentColumns([]string{
				"account_id", "charges_enabled", "payouts_enabled", "details_submitted", "requirements", "disabled_reason", "debits_enabled", "creditor_identifier", "transfers_enabled",
				"checking", "overdue", "wanted_by", "bank", "updated_at",
			}),
		}).Create(row)
		if kept.Error != nil || !f.ChargesEnabled {
			return kept.Error
		}
		return transferAgain(tx, f.AccountID, now)
	})
	if database.IsDuplicate(err) {
		return nil, negotiation.Refuse(negotiation.Conflict, "account_of_other_creditor").On("stripe_account")
	}
	if err != nil {
		return nil, fmt.Errorf("account of creditor %s: %w", creditorID, err)
	}
	return row, nil
}

// wantedBy is the legal day by which the gateway wants what it asks for.
func (f AccountFact) wantedBy() negotiation.Day {
	if f.WantedBy.IsZero() {
		return ""
	}
	return negotiation.DayOf(f.WantedBy)
}

// applyAccount takes in that an account changed, filing the notification that
// said so in the same transaction; row is nil where we asked.
func (s *Service) applyAccount(ctx context.Context, f AccountFact, row *notification) error {
	return s.db.Transaction(ctx, func(tx *gorm.DB) error {
		if row != nil {
			filed := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(row)
			if filed.Error != nil || filed.RowsAffected == 0 {
				return filed.Error
			}
		}
		now, err := s.negotiation.Now(ctx)
		if err != nil {
			return err
		}
		var before []Account
		if err := tx.Where("account_id = ?", f.AccountID).Limit(1).Find(&before).Error; err != nil {
			return fmt.Errorf("account %s: %w", f.AccountID, err)
		}
		if len(before) == 1 && before[0].ChargesEnabled && !f.ChargesEnabled {
			if err := s.negotiation.TellCreditorOf(tx, now, before[0].CreditorID, negotiation.LetterAccountProblem); err != nil {
				return err
			}
		}
		changed := tx.Model(&Account{}).Where("account_id = ?", f.AccountID).Updates(map[string]any{
			"charges_enabled": f.ChargesEnabled, "payouts_enabled": f.PayoutsEnabled, "details_submitted": f.DetailsSubmitted,
			"requirements": strings.Join(f.Requirements, "\n"), "disabled_reason": f.DisabledReason,
			"checking": strings.Join(f.Checking, "\n"), "overdue": strings.Join(f.Overdue, "\n"), "wanted_by": f.wantedBy(), "bank": f.Bank,
			"debits_enabled": f.DebitsEnabled, "creditor_identifier": f.CreditorIdentifier, "transfers_enabled": f.TransfersEnabled, "updated_at": now,
		})
		if changed.Error == nil && changed.RowsAffected == 0 {
			return fmt.Errorf("account %s "+saysNoAccount, f.AccountID)
		}
		if changed.Error != nil || !f.ChargesEnabled {
			return changed.Error
		}
		return transferAgain(tx, f.AccountID, now)
	})
}
