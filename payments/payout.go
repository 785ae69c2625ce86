package payments

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"amiable/negotiation"
	"amiable/negotiation/ledger"
	"amiable/negotiation/money"
)

// Payout is money that the gateway sent to a bank account.
type Payout struct {
	ID         string
	CreditorID *string // none: the agency's own
	AccountID  string
	GatewayID  string
	State      PayoutState
	Amount     int64
	Currency   money.Currency
	Automatic  bool
	Itemised   bool
	ArrivesOn  negotiation.Day
	Bank       string
	Failure    string
	OpenedAt   *time.Time
	RowCount   int64
	RowSum     int64
	Attempts   int64
	NextTryAt  *time.Time
	Problem    string
	MadeAt     time.Time
	CreatedAt  time.Time
}

// Sum is what the payout pays.
func (p *Payout) Sum() money.Amount { return money.New(p.Amount, p.Currency) }

// IsOpen says whether its rows are here, all of them.
func (p *Payout) IsOpen() bool { return p.OpenedAt != nil }

func (p *Payout) may(to PayoutState) bool {
	for _, allowed := range payoutMoves[p.State] {
		if allowed == to {
			return true
		}
	}
	return false
}

// source names the posting of a payout in the ledger.
func (p *Payout) source() string { return "payout:" + p.GatewayID }

// openTries is how often opening a payout is tried before a person looks; it
// is tried still, once a day.
const openTries = 10

// applyPayout takes in what the gateway said of a payout, filing the
// notification that said so in the same transaction; row is nil where we asked.
// A fact that comes twice, or late, changes nothing.
func (s *Service) applyPayout(ctx context.Context, f PayoutFact, row *notification) error {
	if f.ID == "" || f.State == "" {
		return fmt.Errorf("payout %q is %q", f.ID, f.State)
	}
	now, err := s.negotiation.Now(ctx)
	if err != nil {
		return err
	}
	return s.db.Transaction(ctx, func(tx *gorm.DB) error {
		if row != nil {
			filed := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(row)
			if filed.Error != nil || filed.RowsAffected == 0 {
				return filed.Error
			}
		}
		p, err := s.lockPayout(tx, f, now)
		if err != nil {
			return err
		}
		return s.learnPayout(tx, p, f, now)
	})
}

// lockPayout reads a payout inside the transaction, making the row first where
// this is the first that is heard of it.
func (s *Service) lockPayout(tx *gorm.DB, f PayoutFact, now time.Time) (*Payout, error) {
	var owner *string
	if f.Account != "" {
		var accounts []Account
		if err := tx.Where("account_id = ?", f.Account).Limit(1).Find(&accounts).Error; err != nil {
			return nil, fmt.Errorf("payout %s: %w", f.ID, err)
		}
		if len(accounts) == 0 {
			return nil, fmt.Errorf("payout %s: account %s belongs to no creditor of ours", f.ID, f.Account)
		}
		owner = &accounts[0].CreditorID
		if f.Bank == "" {
			f.Bank = accounts[0].Bank
		}
	}
	fresh := &Payout{
		ID: newID(), CreditorID: owner, AccountID: f.Account, GatewayID: f.ID, State: PayoutPending, Amount: f.Amount.Minor, Currency: f.Amount.Currency,
		Automatic: f.Automatic, ArrivesOn: negotiation.DayOf(f.ArrivesOn), Bank: f.Bank, NextTryAt: &now, MadeAt: f.MadeAt, CreatedAt: now,
	}
	if err := tx.Clauses(clause.OnConflict{Columns: []clause.Column{{Name: "gateway_id"}}, DoNothing: true}).Create(fresh).Error; err != nil {
		return nil, fmt.Errorf("payout %s: %w", f.ID, err)
	}
	var p Payout
	if err := s.db.ForUpdate(tx).Where("gateway_id = ?", f.ID).Take(&p).Error; err != nil {
		return nil, fmt.Errorf("payout %s: %w", f.ID, err)
	}
	if p.AccountID != f.Account || p.Amount != f.Amount.Minor || p.Currency != f.Amount.Currency {
		return nil, fmt.Errorf("payout %s: %v on account %q, before it was %v on %q", f.ID, f.Amount, f.Account, p.Sum(), p.AccountID)
	}
	return &p, nil
}

// learnPayout changes a payout by what the gateway said of it.
func (s *Service) learnPayout(tx *gorm.DB, p *Payout, f PayoutFact, now time.Time) error {
	changed := map[string]any{}
	if f.Itemised && !p.Itemised {
		// What had not been listed yet is asked for now.
		changed["itemised"], changed["next_try_at"] = true, now
	}
	if f.Bank != "" && p.Bank == "" {
		changed["bank"] = f.Bank
	}
	if p.may(f.State) {
		was := p.State
		p.State = f.State
		changed["state"], changed["failure"], changed["arrives_on"] = f.State, f.Failure, negotiation.DayOf(f.ArrivesOn)
		p.ArrivesOn = negotiation.DayOf(f.ArrivesOn)
		if err := s.postPayout(tx, p, was, now); err != nil {
			return err
		}
	}
	if len(changed) == 0 {
		return nil
	}
	if err := tx.Model(&Payout{}).Where("id = ?", p.ID).Updates(changed).Error; err != nil {
		return fmt.Errorf("payout %s: %w", p.GatewayID, err)
	}
	return nil
}

// postPayout books that money left the gateway for its creditor's bank, and that
// it came back. The agency's own payouts move nobody else's money: the ledger
// does not know the agency's bank.
func (s *Service) postPayout(tx *gorm.DB, p *Payout, was PayoutState, now time.Time) error {
	if p.CreditorID == nil || p.State != PayoutPaid && p.State != PayoutFailed {
		return nil
	}
	insert := func(row any) error { return tx.Omit(clause.Associations).Create(row).Error }
	posting := ledger.New(ledger.KindPayout, p.source(), *p.CreditorID, "", p.ArrivesOn, now).
		Add(ledger.Payable, p.Sum()).Add(ledger.Clearing, p.Sum().Neg())
	if p.State == PayoutFailed && was == PayoutPaid {
		var sent ledger.Posting
		if err := tx.Where("source = ?", p.source()).Take(&sent).Error; err != nil {
			return fmt.Errorf("payout %s: %w", p.GatewayID, err)
		}
		posting.ID = sent.ID
	} else if err := ledger.Post(insert, posting); err != nil {
		return err
	}
	if p.State == PayoutFailed {
		if err := ledger.Post(insert, posting.Reversal(p.source()+":returned", now)); err != nil {
			return err
		}
		return s.negotiation.TellCreditorOf(tx, now, *p.CreditorID, negotiation.LetterPayoutFailed)
	}
	return nil
}

// OpenPayouts opens payouts into their rows: what is not here yet is read page
// by page, then matched and kept in one transaction, or not at all. What the
// gateway does not list yet, or does not answer, is tried again.
func (s *Service) OpenPayouts(ctx context.Context, limit int) (opened int, err error) {
	now, err := s.negotiation.Now(ctx)
	if err != nil {
		return 0, err
	}
	var due []Payout
	err = s.db.Read(ctx).Where("opened_at IS NULL AND automatic AND (itemised OR state IN ?) AND next_try_at <= ?", []PayoutState{PayoutPaid, PayoutFailed}, now).
		Order("made_at, id").Limit(limit).Find(&due).Error
	if err != nil {
		return 0, fmt.Errorf("payouts to open: %w", err)
	}
	for i := range due {
		problem := s.openPayout(ctx, &due[i])
		if problem == nil {
			opened++
			continue
		}
		if kept := s.notOpened(ctx, &due[i], problem); kept != nil {
			err = errors.Join(err, kept)
		}
		if due[i].Itemised { // else it is only early
			err = errors.Join(err, problem)
		}
	}
	return opened, err
}

// notOpened writes down why a payout could not be opened, and when it is tried
// again: at first soon, in the end daily.
func (s *Service) notOpened(ctx context.Context, p *Payout, problem error) error {
	now, err := s.negotiation.Now(ctx)
	if err != nil {
		return err
	}
	wait := min(time.Duration(1<<min(p.Attempts, 11))*time.Minute, 24*time.Hour)
	err = s.db.Read(ctx).Model(&Payout{}).Where("id = ? AND opened_at IS NULL", p.ID).
		Updates(map[string]any{"attempts": p.Attempts + 1, "next_try_at": now.Add(wait), "problem": problem.Error()}).Error
	if err != nil {
		return fmt.Errorf("payout %s: %w", p.GatewayID, err)
	}
	return nil
}

// openPayout reads the rows of a payout and keeps them.
func (s *Service) openPayout(ctx context.Context, p *Payout) error {
	rows := func(yield func([]PayoutRowFact, error) bool) {
		after := ""
		for {
			calling, cancel := context.WithTimeout(ctx, gatewayDeadline)
			page, more, err := s.gateway.PayoutRows(calling, p.AccountID, p.GatewayID, after)
			cancel()
			if !yield(page, err) || err != nil || !more || len(page) == 0 {
				return
			}
			after = page[len(page)-1].ID
		}
	}
	return s.Reconcile(ctx, p, rows)
}

// FindPayouts asks the gateway for payouts that no notification told of, and
// for those that have not ended: every account's, of the last weeks.
func (s *Service) FindPayouts(ctx context.Context) (found int, err error) {
	now, err := s.negotiation.Now(ctx)
	if err != nil {
		return 0, err
	}
	var accounts []Account
	if err := s.db.Read(ctx).Where("payouts_enabled OR balance <> 0").Order("creditor_id").Find(&accounts).Error; err != nil {
		return 0, fmt.Errorf("accounts: %w", err)
	}
	ids := []string{""}
	for i := range accounts {
		ids = append(ids, accounts[i].AccountID)
	}
	for _, account := range ids {
		calling, cancel := context.WithTimeout(ctx, gatewayDeadline)
		facts, asking := s.gateway.RecentPayouts(calling, account, now.Add(-payoutsSince))
		cancel()
		if asking != nil {
			err = errors.Join(err, fmt.Errorf("payouts of account %q: %w", account, asking))
			continue
		}
		for _, f := range facts {
			var known int64
			counting := s.db.Read(ctx).Model(&Payout{}).Where("gateway_id = ? AND state = ? AND itemised = ?", f.ID, f.State, f.Itemised).Count(&known).Error
			if counting == nil && known == 0 {
				counting = s.applyPayout(ctx, f, nil)
				found++
			}
			err = errors.Join(err, counting)
		}
	}
	return found, err
}

// payoutsSince is how far back payouts are looked for: longer than a bank takes
// to send one back.
const payoutsSince = 21 * 24 * time.Hour

// lockOpening takes a payout for the transaction that opens it.
func (s *Service) lockOpening(tx *gorm.DB, id string) (*Payout, error) {
	var p Payout
	if err := s.db.ForUpdate(tx).Where("id = ?", id).Take(&p).Error; err != nil {
		return nil, fmt.Errorf("payout %s: %w", id, err)
	}
	return &p, nil
}
