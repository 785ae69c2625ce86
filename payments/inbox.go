package payments

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"amiable/negotiation"
	"amiable/negotiation/database"
)

// Limits of retrying what could not be applied at once.
const (
	lockWait        = 2 * time.Second // the gateway is answered within this
	notificationTry = 10              // after so many, a person looks
)

// notification is one thing the gateway told us, as it came.
type notification struct {
	ID        string
	Type      string
	Account   string
	Body      string
	PaymentID *string
	Problem   string
	Attempts  int64
	NextTryAt *time.Time
	AppliedAt *time.Time
	CreatedAt time.Time
}

// TableName names the table for gorm.
func (notification) TableName() string { return "notifications" }

// Receive takes in a notification: its signature is checked, it is filed under
// the gateway's id and applied in one transaction. If applying fails it is
// filed with its problem in a second one and tried again by RetryNotifications.
// It returns nil when the notification is on disk, ErrNotSigned when it did not
// come from the gateway, and any other error when the gateway should send it
// again.
func (s *Service) Receive(ctx context.Context, body []byte, signature string) error {
	n, err := s.gateway.ReadNotification(body, signature)
	if err != nil {
		return err
	}
	return s.receive(ctx, n, body)
}

// receive takes in a notification that is known to be the gateway's.
func (s *Service) receive(ctx context.Context, n Notification, body []byte) error {
	now, err := s.negotiation.Now(ctx)
	if err != nil {
		return err
	}
	row := &notification{ID: n.ID, Type: n.Type, Account: n.Account, Body: string(body), CreatedAt: now}
	problem := s.take(ctx, n, row)
	if problem == nil {
		return nil
	}
	row.Problem, row.Attempts, row.AppliedAt = problem.Error(), 1, nil
	next := now.Add(time.Minute)
	row.NextTryAt = &next
	err = s.db.Read(ctx).Clauses(clause.OnConflict{DoNothing: true}).Create(row).Error
	if err != nil {
		return fmt.Errorf("notification %s: %w (could not be applied: %w)", n.ID, err, problem)
	}
	return nil
}

// take files and applies a notification in one transaction.
func (s *Service) take(ctx context.Context, n Notification, row *notification) error {
	if err := s.ofOurMode(n); err != nil {
		return err
	}
	row.AppliedAt = &row.CreatedAt
	switch {
	case n.Payment != nil:
		if done, err := s.applyNamed(ctx, *n.Payment, row); done {
			return err
		}
		p, known, err := s.paymentOf(ctx, *n.Payment, n.ID)
		if err != nil || known {
			return err
		}
		row.PaymentID = &p.ID
		return s.apply(ctx, p, *n.Payment, row)
	case n.Merchant != nil:
		return s.applyAccount(ctx, *n.Merchant, row)
	case n.Card != nil:
		return s.applyCard(ctx, *n.Card, row)
	case n.Refund != nil || n.Charged != nil:
		return s.applyBack(ctx, n, row)
	case n.Payout != nil:
		return s.applyPayout(ctx, *n.Payout, row)
	case n.Held != nil:
		return s.applyHeld(ctx, *n.Held, row)
	}
	return s.file(ctx, row)
}

// file files a notification that changes nothing.
func (s *Service) file(ctx context.Context, row *notification) error {
	return s.db.Read(ctx).Clauses(clause.OnConflict{DoNothing: true}).Create(row).Error
}

// applyNamed applies a fact that names its payment and its case, without
// looking for them first. done is false where they are not there, or not each
// other's: then nothing was written. A notification that was filed here before
// takes the other way too, which needs no lock to find it.
func (s *Service) applyNamed(ctx context.Context, f Fact, row *notification) (done bool, err error) {
	if !negotiation.ValidID(f.PaymentID) || !negotiation.ValidID(f.CaseID) || s.filed.has(row.ID) {
		return false, nil
	}
	row.PaymentID = &f.PaymentID
	err = s.apply(ctx, &Payment{ID: f.PaymentID, CaseID: f.CaseID}, f, row)
	if refused := negotiation.AsRefusal(err); errors.Is(err, errGone) || errors.Is(err, gorm.ErrForeignKeyViolated) || refused != nil && refused.Kind == negotiation.NotFound {
		row.PaymentID = nil
		return false, nil
	}
	if err == nil {
		s.filed.add(row.ID)
	}
	return true, err
}

// errGone says that a payment is not, or not on that case.
var errGone = errors.New("the payment is not on the case")

// ofOurMode keeps test money out of real books, and the reverse.
func (s *Service) ofOurMode(n Notification) error {
	if n.Livemode != s.livemode {
		return fmt.Errorf("notification %s is of %s, "+saysOtherMode, n.ID, modeName(n.Livemode))
	}
	return nil
}

func modeName(live bool) string {
	if live {
		return "live mode"
	}
	return "test mode"
}

// paymentOf finds the payment that a fact is about: by our own id in the
// metadata, else by the gateway's. known says that the notification is on file
// already: what was filed stays so, and need not wait for the case's lock.
func (s *Service) paymentOf(ctx context.Context, f Fact, notificationID string) (found *Payment, known bool, err error) {
	var ids []string
	filed := database.Statement{
		SQL: "SELECT id FROM notifications WHERE id = ?", Args: []any{notificationID}, What: "notification " + notificationID,
		Rows: func(rows database.Rows) error {
			for rows.Next() {
				ids = append(ids, "")
				if err := rows.Scan(&ids[len(ids)-1]); err != nil {
					return err
				}
			}
			return rows.Err()
		},
	}
	for _, by := range []struct{ column, value string }{{"id", f.PaymentID}, {"session_id", f.SessionID}, {"intent_id", f.IntentID}} {
		if by.value == "" || (by.column == "id" && !negotiation.ValidID(by.value)) {
			continue
		}
		var payments []Payment
		if err := s.db.Send(s.db.Read(ctx), selectPayment(by.column, by.value, &payments), filed); err != nil {
			return nil, false, err
		}
		if len(payments) > 0 || len(ids) > 0 {
			return first(payments), len(ids) > 0, nil
		}
	}
	return nil, false, fmt.Errorf(saysNoPayment+": payment %q, session %q, intent %q", f.PaymentID, f.SessionID, f.IntentID)
}

func first[T any](rows []T) *T {
	if len(rows) == 0 {
		return nil
	}
	return &rows[0]
}

// apply takes a fact in, under the lock of the payment's case. It is monotone:
// a fact that comes twice, or late, changes nothing. row is the notification
// that brought it, filed in the same transaction; nil where we asked.
func (s *Service) apply(ctx context.Context, p *Payment, f Fact, row *notification) error {
	var locked []Payment
	along := []database.Statement{{
		SQL: "SELECT " + database.Columns[Payment]("") + " FROM payments WHERE id = ? AND case_id = ?", Args: []any{p.ID, p.CaseID}, Rows: database.Read(&locked),
		What: "payment " + p.ID,
	}}
	filed := int64(1)
	if row != nil {
		along = append(along, row.file(&filed))
	}
	return s.negotiation.OnCaseWithin(ctx, negotiation.Gateway, p.CaseID, lockWait, func(t *negotiation.Tx, c *negotiation.Case) error {
		if filed == 0 { // known already
			return nil
		}
		if len(locked) == 0 {
			return fmt.Errorf("payment %s: %w", p.ID, errGone)
		}
		return s.learn(t, c, &locked[0], f)
	}, along...)
}

// file is the statement that files a notification, once; filed gets how many
// rows that made.
func (n *notification) file(filed *int64) database.Statement {
	return database.Statement{
		SQL: `INSERT INTO notifications (id, type, account, body, payment_id, problem, attempts, next_try_at, applied_at, created_at)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
		Args: []any{n.ID, n.Type, n.Account, n.Body, n.PaymentID, n.Problem, n.Attempts, n.NextTryAt, n.AppliedAt, n.CreatedAt},
		Done: func(affected int64) error {
			*filed = affected
			return nil
		},
		What: "notification " + n.ID,
	}
}

// learn changes a payment by what the gateway said of it, and with it what is on
// its way for its case.
func (s *Service) learn(t *negotiation.Tx, c *negotiation.Case, p *Payment, f Fact) error {
	before := p.coming()
	err := s.learned(t, c, p, f)
	c.Coming += p.coming() - before
	return err
}

func (s *Service) learned(t *negotiation.Tx, c *negotiation.Case, p *Payment, f Fact) error {
	if f.SessionID != "" && p.SessionID == nil {
		p.SessionID = &f.SessionID
	}
	if f.IntentID != "" && p.IntentID == nil {
		p.IntentID = &f.IntentID
	}
	if f.ChargeID != "" {
		p.ChargeID = f.ChargeID
	}
	if f.Means != "" {
		p.Means = f.Means
	}
	if p.Kind == Collection {
		return s.learnCharge(t, c, p, f)
	}
	if f.Progress != Awaiting && f.Progress != InProgress {
		p.Funded = 0 // it is part of what was collected, or on the case's transfer account
	}
	if err := s.learnCard(t, c, p, f); err != nil {
		return err
	}
	switch f.Progress {
	case Collected:
		if p.may(Succeeded) {
			return s.succeed(t, c, p, f) // which saves it
		}
	case Awaiting:
		return s.announce(t, c, p, f)
	case Submitted:
		if p.may(Processing) {
			p.State, p.PaidOn = Processing, negotiation.DayOf(confirmed(f, t.Now))
			if err := c.Event(t, negotiation.Gateway, negotiation.PaymentSubmitted, map[string]any{"payment": p.ID, "amount": p.Asked()}); err != nil {
				return err
			}
		}
	case Failed:
		switch {
		case p.State == Processing, p.State == Started && f.Over:
			if err := s.fail(t, c, p, f); err != nil {
				return err
			}
		case p.State == Started:
			// A try that failed on an open page is not the end: the payer can
			// use another card.
			p.Failure = f.Failure
		}
	case Expired:
		switch p.State {
		case Processing:
			if err := s.fail(t, c, p, f); err != nil {
				return err
			}
		case Started:
			p.State = Cancelled
			if err := c.Event(t, negotiation.Gateway, negotiation.CheckoutExpired, map[string]any{"payment": p.ID, "amount": p.Asked()}); err != nil {
				return err
			}
		}
	}
	return save(t, p)
}

// fail ends a payment that did not go through after all, and tells the payer.
func (s *Service) fail(t *negotiation.Tx, c *negotiation.Case, p *Payment, f Fact) error {
	p.State, p.Failure, p.PaidOn = FailedFor, f.Failure, ""
	if p.TakenHeld { // nobody tried to pay: what was to be taken is still there, and seen to
		return nil
	}
	if err := c.Event(t, negotiation.Gateway, negotiation.PaymentFailed, map[string]any{"payment": p.ID, "amount": p.Asked()}); err != nil {
		return err
	}
	if err := mandateFailed(t, c, p); err != nil {
		return err
	}
	party := c.MainParty()
	if party == nil || p.ByPayer() { // whose payment it was has the gateway's word; the debtor did nothing
		return nil
	}
	_, err := c.Tell(t, negotiation.Gateway, party, negotiation.LetterPaymentFailed, map[string]any{"payment": p.ID})
	return err
}

// confirmed is when the payer confirmed, as the gateway says; never later than
// now.
func confirmed(f Fact, now time.Time) time.Time {
	if f.At.IsZero() || f.At.After(now) {
		return now
	}
	return f.At
}

// Waiting is a notification that could not be applied, for the page that
// shows them.
type Waiting struct {
	ID        string
	Type      string
	Problem   string
	Attempts  int64
	CreatedAt time.Time
}

// WaitingNotifications returns what is on disk but not applied, oldest first.
func (s *Service) WaitingNotifications(ctx context.Context, limit int) ([]Waiting, error) {
	var rows []Waiting
	err := s.db.Read(ctx).Model(&notification{}).Where(notificationWaits).Order("created_at").Limit(limit).Find(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("waiting notifications: %w", err)
	}
	return rows, nil
}

// RetryNotifications tries again what could not be applied. What fails ten
// times stays on the list for a person.
func (s *Service) RetryNotifications(ctx context.Context, limit int) (applied int, err error) {
	now, err := s.negotiation.Now(ctx)
	if err != nil {
		return 0, err
	}
	var rows []notification
	err = s.db.Read(ctx).Where("applied_at IS NULL AND attempts < ? AND next_try_at <= ?", notificationTry, now).
		Order("created_at").Limit(limit).Find(&rows).Error
	if err != nil {
		return 0, fmt.Errorf("notifications to retry: %w", err)
	}
	for i := range rows {
		problem := s.retry(ctx, &rows[i], now)
		if problem == nil {
			applied++
			continue
		}
		err = errors.Join(err, problem)
	}
	return applied, err
}

func (s *Service) retry(ctx context.Context, row *notification, now time.Time) error {
	n, problem := s.reread(row)
	if problem == nil {
		problem = s.ofOurMode(n)
	}
	if problem == nil && n.Payment != nil {
		var p *Payment
		if p, _, problem = s.paymentOf(ctx, *n.Payment, ""); problem == nil {
			row.PaymentID = &p.ID
			problem = s.apply(ctx, p, *n.Payment, nil)
		}
	} else if problem == nil && n.Merchant != nil {
		problem = s.refreshed(ctx, n.Merchant.AccountID)
	} else if problem == nil && n.Card != nil {
		problem = s.applyCard(ctx, *n.Card, nil)
	} else if problem == nil && (n.Refund != nil || n.Charged != nil) {
		problem = s.retryBack(ctx, n)
	} else if problem == nil && n.Payout != nil {
		problem = s.applyPayout(ctx, *n.Payout, nil)
	} else if problem == nil && n.Held != nil {
		problem = s.applyHeld(ctx, *n.Held, nil)
	}
	row.Attempts++
	row.Problem = ""
	row.AppliedAt = &now
	if problem != nil {
		next := now.Add(time.Duration(1<<min(row.Attempts, 9)) * time.Minute)
		row.Problem, row.AppliedAt, row.NextTryAt = problem.Error(), nil, &next
	}
	err := s.db.Read(ctx).Model(row).Where("id = ?", row.ID).Select("PaymentID", "Problem", "Attempts", "NextTryAt", "AppliedAt").Updates(row).Error
	if err != nil {
		return fmt.Errorf("notification %s: %w", row.ID, err)
	}
	return problem
}

// refreshed asks how an account stands now: what a notification said of it a
// while ago may have been overtaken.
func (s *Service) refreshed(ctx context.Context, accountID string) error {
	calling, cancel := context.WithTimeout(ctx, gatewayDeadline)
	defer cancel()
	fact, err := s.gateway.FetchAccount(calling, accountID)
	if err != nil {
		return fmt.Errorf("account %s: %w", accountID, err)
	}
	return s.applyAccount(ctx, fact, nil)
}

// reread translates a filed notification again. Its signature was checked
// when it came, and its age no longer matters.
func (s *Service) reread(row *notification) (Notification, error) {
	if !json.Valid([]byte(row.Body)) {
		return Notification{}, fmt.Errorf("notification %s "+saysNotJSON, row.ID)
	}
	return s.gateway.RereadNotification([]byte(row.Body))
}
