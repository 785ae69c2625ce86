package payments

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"amiable/negotiation"
	"amiable/negotiation/database"
	"amiable/negotiation/money"
)

// TransferAccount is the account number at the gateway that is one case's alone.
// What is sent there and pays nothing that was asked for (late, too much, a part
// of what was called off) lies on it, and is the case's: it is taken in as a
// payment like any other, the excess goes to refunds due.
type TransferAccount struct {
	CaseID     string `gorm:"primaryKey"`
	CreditorID string
	CustomerID string // as whom the gateway knows it
	Held       int64  // minor units that lie on it, as far as was asked
	Currency   money.Currency
	HeldSince  *time.Time
	NextLookAt *time.Time // when the gateway is asked what lies there; nil: nothing says that something does
	CreatedAt  time.Time
}

// TableName names the table for gorm.
func (TransferAccount) TableName() string { return "transfer_accounts" }

// Transfers are what we need of a provider that takes bank transfers.
type Transfers interface {
	// OpenTransferAccount makes somebody known to the provider whose transfers
	// are a case's; the same key gives the same.
	OpenTransferAccount(ctx context.Context, c Customer) (customerID string, err error)
	// FetchHeld asks what came by transfer and pays nothing yet.
	FetchHeld(ctx context.Context, customerID string, currency money.Currency) (money.Amount, error)
	// TakeHeld makes a payment of what is held. It is a fact at once, or the
	// payment waits for a transfer (Awaiting) because less is held by now.
	TakeHeld(ctx context.Context, c Charge) (Fact, error)
}

// HeldFact says that something lies on a transfer account. What lies there now
// is for the provider to say: such facts come late and in any order.
type HeldFact struct {
	CustomerID string
}

// failedTakeAgain is how long to wait after the gateway would not hand out what
// it holds: a person has seen it on the worklist by then.
const failedTakeAgain = 24 * time.Hour

// transferAccount is as whom the gateway knows a case's transfers; empty where
// transfers are not offered to who pays.
func (s *Service) transferAccount(ctx context.Context, by negotiation.Actor, caseID string, o Order) (string, error) {
	if o.Charges != "" || by.Role == negotiation.RolePayer || !s.offersTransfers() {
		return "", nil // another's page must not show the debtor's address
	}
	known, err := s.transferAccountOf(ctx, caseID)
	if err != nil || known != nil {
		return known.customer(), err
	}
	c, err := s.negotiation.Case(ctx, by, caseID)
	if err != nil {
		return "", err
	}
	if account, err := s.AccountOf(ctx, c.CreditorID); err != nil || account == nil || !account.TransfersEnabled {
		return "", err
	}
	who := Customer{Key: "transfers:" + caseID, CaseID: caseID, Language: o.Language}
	if party := c.MainParty(); party != nil {
		who.PartyID = party.ID
		if mail, ok := party.Contact(negotiation.ContactEmail); ok {
			who.Email = mail.Value // to which the gateway writes about money that goes back
		}
	}
	calling, cancel := context.WithTimeout(ctx, gatewayDeadline)
	defer cancel()
	id, err := s.gateway.OpenTransferAccount(calling, who)
	if err != nil {
		return "", fmt.Errorf("transfer account of case %s: %w", caseID, err)
	}
	err = s.negotiation.OnCase(ctx, negotiation.System, caseID, func(t *negotiation.Tx, c *negotiation.Case) error {
		var mine []TransferAccount
		if err := t.Where("case_id = ?", caseID).Limit(1).Find(&mine).Error; err != nil || len(mine) > 0 {
			known = first(mine)
			return err
		}
		known = &TransferAccount{CaseID: caseID, CreditorID: c.CreditorID, CustomerID: id, Currency: c.Currency, CreatedAt: t.Now}
		return t.Insert(known)
	})
	return known.customer(), err
}

func (a *TransferAccount) customer() string {
	if a == nil {
		return ""
	}
	return a.CustomerID
}

func (s *Service) transferAccountOf(ctx context.Context, caseID string) (*TransferAccount, error) {
	var found []TransferAccount
	if err := s.db.Read(ctx).Where("case_id = ?", caseID).Limit(1).Find(&found).Error; err != nil {
		return nil, fmt.Errorf("transfer account of case %s: %w", caseID, err)
	}
	return first(found), nil
}

// applyHeld notes that something may lie on a transfer account, filing what said
// so in the same transaction. One that is none of ours is filed alone.
func (s *Service) applyHeld(ctx context.Context, f HeldFact, row *notification) error {
	var found []TransferAccount
	if err := s.db.Read(ctx).Where("customer_id = ?", f.CustomerID).Limit(1).Find(&found).Error; err != nil {
		return fmt.Errorf("transfer account %s: %w", f.CustomerID, err)
	}
	if len(found) == 0 {
		if row == nil {
			return nil
		}
		return s.file(ctx, row)
	}
	filed := int64(1)
	var along []database.Statement
	if row != nil {
		along = append(along, row.file(&filed))
	}
	return s.negotiation.OnCaseWithin(ctx, negotiation.Gateway, found[0].CaseID, lockWait, func(t *negotiation.Tx, _ *negotiation.Case) error {
		if filed == 0 {
			return nil
		}
		found[0].NextLookAt = &t.Now
		return t.Update(&found[0], "NextLookAt")
	}, along...)
}

// FollowTransfers calls off what was announced too long ago, asks what lies on
// the transfer accounts that something was said of, and takes it in. It looks at
// limit of each at most.
func (s *Service) FollowTransfers(ctx context.Context, limit int) (int, error) {
	now, err := s.negotiation.Now(ctx)
	if err != nil {
		return 0, err
	}
	done, problems := s.callOffOld(ctx, now, limit)
	var due []TransferAccount
	err = s.db.Read(ctx).Where("next_look_at <= ?", now).Order("next_look_at, case_id").Limit(limit).Find(&due).Error
	if err != nil {
		return done, errors.Join(problems, fmt.Errorf("transfer accounts to look at: %w", err))
	}
	for i := range due {
		if err := s.lookAt(ctx, due[i].CaseID); err != nil {
			problems = errors.Join(problems, err)
			continue
		}
		done++
	}
	return done, problems
}

// lookAt asks what lies on the transfer account of a case, and takes it in.
func (s *Service) lookAt(ctx context.Context, caseID string) error {
	account, err := s.transferAccountOf(ctx, caseID)
	if err != nil || account == nil {
		return err
	}
	calling, cancel := context.WithTimeout(ctx, gatewayDeadline)
	defer cancel()
	held, err := s.gateway.FetchHeld(calling, account.CustomerID, account.Currency)
	if err != nil {
		return fmt.Errorf("transfer account of case %s: %w", caseID, err)
	}
	p, err := s.prepareTake(ctx, caseID, held)
	if err != nil || p == nil {
		return err
	}
	return s.takeHeld(ctx, p)
}

// prepareTake notes what is held, and writes a payment of it down, which is then
// asked for: on its way, as it is with the gateway already. It is nil where
// nothing is held, or something else of the case is being paid: then that is
// seen to first.
func (s *Service) prepareTake(ctx context.Context, caseID string, held money.Amount) (p *Payment, err error) {
	err = s.negotiation.OnCase(ctx, negotiation.System, caseID, func(t *negotiation.Tx, c *negotiation.Case) error {
		var a TransferAccount
		if err := t.Where("case_id = ?", caseID).Take(&a).Error; err != nil {
			return fmt.Errorf("transfer account of case %s: %w", caseID, err)
		}
		a.Held, a.NextLookAt = held.Minor, nil
		if held.IsZero() {
			a.HeldSince = nil
		} else {
			if a.HeldSince == nil {
				a.HeldSince = &t.Now
			}
			again := t.Now.Add(checkoutMargin)
			a.NextLookAt = &again
		}
		c.Stir(negotiation.WorkUnclear)
		if err := t.Update(&a, "Held", "HeldSince", "NextLookAt"); err != nil || held.IsZero() {
			return err
		}
		made, err := paymentsOf(t, caseID)
		if err != nil || openCheckout(made) != nil || openTake(made) != nil {
			return err
		}
		account, err := accountOf(t.DB, c.CreditorID)
		if err != nil || account == nil {
			return err
		}
		p = &Payment{
			ID: newID(), CreditorID: c.CreditorID, CaseID: c.ID, Kind: CheckoutPayment, State: Processing, TakenHeld: true, Amount: held.Minor, Currency: held.Currency,
			AskedOn: t.Today, GoodUntil: t.Today, Means: string(TransferMethod), ByRole: negotiation.RoleSystem, ByID: negotiation.System.ID, CreatedAt: t.Now,
		}
		if party := c.MainParty(); party != nil {
			p.PartyID = &party.ID
		}
		if err := underMandate(p, c, nil, t.Today); err != nil {
			return err
		}
		request := Charge{Key: "held:" + p.ID, PaymentID: p.ID, CaseID: c.ID, Reference: c.Reference, Amount: held, Account: account.AccountID, Customer: a.CustomerID, Separate: p.Separate, Kind: TransferMethod, Fee: money.New(0, held.Currency)}
		if p.FeeWithheld {
			request.Fee = p.Fees()
		}
		written, err := json.Marshal(request)
		if err != nil {
			return fmt.Errorf("payment %s: %w", p.ID, err)
		}
		p.Request = string(written)
		c.Coming += p.coming()
		return t.Insert(p)
	})
	return p, err
}

// openTake is what is being taken of the case's transfer account.
func openTake(made []Payment) *Payment {
	for i := range made {
		if made[i].TakenHeld && made[i].State == Processing {
			return &made[i]
		}
	}
	return nil
}

// takeHeld asks the gateway for a payment of what it holds. What an earlier call did
// is looked up first, so that it is safe to repeat at any time.
func (s *Service) takeHeld(ctx context.Context, p *Payment) error {
	var request Charge
	if err := json.Unmarshal([]byte(p.Request), &request); err != nil {
		return fmt.Errorf("payment %s: its request: %w", p.ID, err)
	}
	calling, cancel := context.WithTimeout(ctx, gatewayDeadline)
	defer cancel()
	fact, err := s.gateway.FindPayment(calling, request.Customer, p.ID)
	if errors.Is(err, ErrNothing) {
		fact, err = s.gateway.TakeHeld(calling, request)
	}
	if err == nil && fact.Progress == Awaiting { // less is held by now: it is not waited for
		if err = s.gateway.CancelPayment(calling, fact.IntentID); errors.Is(err, ErrCompleted) {
			fact, err = s.gateway.FetchPayment(calling, fact.IntentID)
		} else if err == nil {
			fact = Fact{IntentID: fact.IntentID, Progress: Expired}
		}
	}
	refused := errors.Is(err, ErrRefused)
	if refused {
		fact, err = Fact{Progress: Failed, Over: true}, nil
	}
	if err != nil {
		return fmt.Errorf("payment %s: %w", p.ID, err)
	}
	fact.PaymentID = p.ID
	if err := s.apply(ctx, p, fact, nil); err != nil {
		return err
	}
	return s.lookAgain(ctx, p.CaseID, refused)
}

// lookAgain has a transfer account looked at once more: soon, to see that it is
// empty, or after a day where the gateway would not hand out what it holds.
func (s *Service) lookAgain(ctx context.Context, caseID string, refused bool) error {
	return s.negotiation.OnCase(ctx, negotiation.System, caseID, func(t *negotiation.Tx, c *negotiation.Case) error {
		c.Stir(negotiation.WorkUnclear)
		if refused {
			tomorrow := t.Now.Add(failedTakeAgain)
			return t.Update(&TransferAccount{CaseID: caseID, NextLookAt: &tomorrow}, "NextLookAt")
		}
		return t.Update(&TransferAccount{CaseID: caseID, NextLookAt: &t.Now}, "Held", "HeldSince", "NextLookAt")
	})
}

// somethingHeld says whether money of a case lies with the gateway and is not
// taken in yet.
func somethingHeld(t *negotiation.Tx, caseID string) (bool, error) {
	var n int64
	if err := t.Model(&TransferAccount{}).Where("case_id = ? AND held > 0", caseID).Count(&n).Error; err != nil {
		return false, fmt.Errorf("transfer account of case %s: %w", caseID, err)
	}
	return n > 0, nil
}

// askTransfers asks, in a sweep, about transfers that are awaited, and what lies
// on the accounts of the cases that were told of one.
func (s *Service) askTransfers(ctx context.Context, run *sweep, stale time.Time, limit int) error {
	after := ""
	problems := s.paged(ctx, func() (int, error) {
		var open []Payment
		err := s.db.Read(ctx).Where("kind = ? AND state = ? AND announced_at < ? AND CAST(id AS TEXT) > ?", CheckoutPayment, Started, stale, after).
			Order("CAST(id AS TEXT)").Limit(limit).Find(&open).Error
		if err != nil {
			return 0, fmt.Errorf("transfers awaited: %w", err)
		}
		var problems error
		for i := range open {
			after = open[i].ID
			run.Asked++
			_, err := s.Check(ctx, open[i].ID)
			problems = errors.Join(problems, err)
		}
		return len(open), problems
	})
	after = ""
	return errors.Join(problems, s.paged(ctx, func() (int, error) {
		var accounts []TransferAccount
		err := s.db.Read(ctx).Where("CAST(case_id AS TEXT) > ?", after).
			Where("held > 0 OR EXISTS (SELECT 1 FROM payments p WHERE p.case_id = transfer_accounts.case_id AND p.announced_at > ?)", run.StartedAt.AddDate(0, 0, -heldLook)).
			Order("CAST(case_id AS TEXT)").Limit(limit).Find(&accounts).Error
		if err != nil {
			return 0, fmt.Errorf("transfer accounts: %w", err)
		}
		var problems error
		for i := range accounts {
			after = accounts[i].CaseID
			run.Asked++
			problems = errors.Join(problems, s.lookAt(ctx, accounts[i].CaseID))
		}
		return len(accounts), problems
	}))
}

// heldLook is for how many days after a transfer was announced a sweep asks what
// came: long after it was called off.
const heldLook = 120
