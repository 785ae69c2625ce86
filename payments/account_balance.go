package payments

import (
	"context"
	"fmt"
	"time"

	"amiable/negotiation/money"
)

// CheckBalances asks the gateway what accounts have, for those below nothing:
// their creditors owe the gateway, and the agency answers for them. An account
// is asked about once a day.
func (s *Service) CheckBalances(ctx context.Context, limit int) (checked int, err error) {
	now, err := s.negotiation.Now(ctx)
	if err != nil {
		return 0, err
	}
	var due []Account
	err = s.db.Read(ctx).Where("details_submitted AND (balance_at IS NULL OR balance_at <= ?)", now.Add(-24*time.Hour)).Order("balance_at, creditor_id").Limit(limit).Find(&due).Error
	if err != nil {
		return 0, fmt.Errorf("accounts to check: %w", err)
	}
	for i := range due {
		calling, cancel := context.WithTimeout(ctx, gatewayDeadline)
		balance, err := s.gateway.BalanceOf(calling, due[i].AccountID, money.EUR)
		cancel()
		if err != nil {
			return checked, fmt.Errorf("balance of account %s: %w", due[i].AccountID, err)
		}
		err = s.db.Read(ctx).Model(&Account{}).Where("creditor_id = ?", due[i].CreditorID).Updates(map[string]any{"balance": balance.Minor, "balance_at": now}).Error
		if err != nil {
			return checked, fmt.Errorf("account %s: %w", due[i].AccountID, err)
		}
		checked++
	}
	return checked, nil
}

// StoppedPlans returns the creditors whose account takes no cards while plans
// are charged to one: the charges wait, and their debtors need another way.
func (s *Service) StoppedPlans(ctx context.Context) ([]string, error) {
	var ids []string
	err := s.db.Read(ctx).Raw("SELECT CAST(creditor_id AS TEXT) FROM gateway_accounts WHERE " + stopped + " ORDER BY creditor_id").Scan(&ids).Error
	if err != nil {
		return nil, fmt.Errorf("plans of stopped accounts: %w", err)
	}
	return ids, nil
}

// BelowNothing returns the accounts that owe the gateway.
func (s *Service) BelowNothing(ctx context.Context) ([]Account, error) {
	var accounts []Account
	if err := s.db.Read(ctx).Where(belowNothing).Order("balance").Find(&accounts).Error; err != nil {
		return nil, fmt.Errorf("accounts below nothing: %w", err)
	}
	return accounts, nil
}
