package payments

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Limits of the nightly sweep.
const (
	sweepEvery   = 20 * time.Hour      // one a night, whenever it is asked for
	sweepBack    = 3 * 24 * time.Hour  // how far it reads back at least
	sweepMost    = 29 * 24 * time.Hour // the gateway keeps what it told for 30 days
	sweepOverlap = time.Hour
	sweepPages   = 500 // of a hundred: far more than a night holds
	staleAfter   = time.Hour
)

// sweep is one reading of everything that may have been missed.
type sweep struct {
	ID        string
	Since     time.Time
	StartedAt time.Time
	EndedAt   *time.Time
	Told      int64 // notifications listed
	Missed    int64 // of them, those that had never come
	Asked     int64 // things that were not over, asked about
	Problem   string
}

// TableName names the table for gorm.
func (sweep) TableName() string { return "sweeps" }

// Swept is what the last sweep found.
type Swept struct {
	StartedAt time.Time
	EndedAt   *time.Time
	Told      int64
	Missed    int64
	Asked     int64
	Problem   string
}

// LastSweep returns the last sweep, nil before the first.
func (s *Service) LastSweep(ctx context.Context) (*Swept, error) {
	var found []sweep
	if err := s.db.Read(ctx).Order("started_at DESC, id DESC").Limit(1).Find(&found).Error; err != nil {
		return nil, fmt.Errorf("last sweep: %w", err)
	}
	if len(found) == 0 {
		return nil, nil
	}
	last := found[0]
	return &Swept{StartedAt: last.StartedAt, EndedAt: last.EndedAt, Told: last.Told, Missed: last.Missed, Asked: last.Asked, Problem: last.Problem}, nil
}

// Sweep finds, once a night, what was missed: it reads the gateway's
// notifications of the last days and files those that never came, under their
// own ids and by the way of the others, and then asks about everything that is
// not over. It makes nothing anew. One that was cut off begins where the last
// that ended began. It returns how much it found.
func (s *Service) Sweep(ctx context.Context, limit int) (int, error) {
	now, err := s.negotiation.Now(ctx)
	if err != nil {
		return 0, err
	}
	var ended []sweep
	if err := s.db.Read(ctx).Where("ended_at IS NOT NULL AND problem = ''").Order("started_at DESC").Limit(1).Find(&ended).Error; err != nil {
		return 0, fmt.Errorf("last sweep: %w", err)
	}
	since := now.Add(-sweepMost)
	if len(ended) > 0 {
		last := ended[0].StartedAt
		if now.Sub(last) < sweepEvery {
			return 0, nil
		}
		since = latest(earliest(last.Add(-sweepOverlap), now.Add(-sweepBack)), now.Add(-sweepMost))
	}
	run := &sweep{ID: newID(), Since: since, StartedAt: now}
	if err := s.db.Read(ctx).Create(run).Error; err != nil {
		return 0, fmt.Errorf("sweep: %w", err)
	}
	problems := s.readMissed(ctx, run)
	problems = errors.Join(problems, s.askUnfinished(ctx, run, limit))
	if problems != nil {
		run.Problem = "it could not read everything; the log says what"
	}
	over, err := s.negotiation.Now(ctx)
	if err != nil {
		return 0, errors.Join(problems, err)
	}
	run.EndedAt = &over
	err = s.db.Read(ctx).Model(run).Where("id = ?", run.ID).Select("EndedAt", "Told", "Missed", "Asked", "Problem").Updates(run).Error
	if err != nil {
		err = fmt.Errorf("sweep %s: %w", run.ID, err)
	}
	// Never counted as work: asking twice in a row is no use.
	return 0, errors.Join(problems, err)
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func earliest(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// readMissed pages through what the gateway told since a moment.
func (s *Service) readMissed(ctx context.Context, run *sweep) error {
	var problems error
	after := ""
	for range sweepPages {
		calling, cancel := context.WithTimeout(ctx, gatewayDeadline)
		page, next, err := s.gateway.ListNotifications(calling, run.Since, after)
		cancel()
		if err != nil {
			return errors.Join(problems, fmt.Errorf("notifications since %s: %w", run.Since.Format(time.RFC3339), err))
		}
		run.Told += int64(len(page))
		missed, err := s.missing(ctx, page)
		problems = errors.Join(problems, err)
		for _, told := range missed {
			run.Missed++
			problems = errors.Join(problems, s.fileMissed(ctx, told))
		}
		if next == "" {
			return problems
		}
		after = next
		select {
		case <-ctx.Done():
			return errors.Join(problems, ctx.Err())
		case <-time.After(s.gap()):
		}
	}
	return errors.Join(problems, errors.New("there is more to read than a sweep does"))
}

// missing are those of a page that never came.
func (s *Service) missing(ctx context.Context, page []Told) (missed []Told, err error) {
	ids := make([]string, len(page))
	for i := range page {
		ids[i] = page[i].ID
	}
	var known []string
	if err := s.db.Read(ctx).Model(&notification{}).Where("id IN ?", ids).Pluck("id", &known).Error; err != nil {
		return nil, fmt.Errorf("notifications on file: %w", err)
	}
	on := make(map[string]bool, len(known))
	for _, id := range known {
		on[id] = true
	}
	for i := len(page) - 1; i >= 0; i-- { // the gateway lists the newest first
		if !on[page[i].ID] {
			missed = append(missed, page[i])
		}
	}
	return missed, nil
}

// fileMissed takes in a notification that never came: the gateway itself listed
// it, so that no signature is needed.
func (s *Service) fileMissed(ctx context.Context, told Told) error {
	n, err := s.gateway.RereadNotification(told.Body)
	if err != nil {
		return err
	}
	return s.receive(ctx, n, told.Body)
}

// askUnfinished asks about everything that is not over: what the quick jobs ask
// about sooner, and what only news would have told.
func (s *Service) askUnfinished(ctx context.Context, run *sweep, limit int) error {
	stale := run.StartedAt.Add(-staleAfter)
	checked, problems := s.CheckUnfinished(ctx, limit)
	run.Asked += int64(checked)
	for _, ask := range []func(context.Context, *sweep, time.Time, int) error{s.askCollections, s.askRefunds, s.askChargebacks, s.askTransits, s.askTransfers} {
		problems = errors.Join(problems, ask(ctx, run, stale, limit))
	}
	_, err := s.CheckAuthorities(ctx, limit)
	return errors.Join(problems, err)
}

// askCollections asks about charges of kept means that are under way.
func (s *Service) askCollections(ctx context.Context, run *sweep, stale time.Time, limit int) error {
	after := ""
	return s.paged(ctx, func() (int, error) {
		var open []Payment
		err := s.db.Read(ctx).Where("kind = ? AND state IN ? AND intent_id IS NOT NULL AND created_at < ? AND CAST(id AS TEXT) > ?", Collection, []State{Started, Processing}, stale, after).
			Order("CAST(id AS TEXT)").Limit(limit).Find(&open).Error
		if err != nil {
			return 0, fmt.Errorf("collections under way: %w", err)
		}
		var problems error
		for i := range open {
			p := &open[i]
			after = p.ID
			run.Asked++
			calling, cancel := context.WithTimeout(ctx, gatewayDeadline)
			fact, err := s.gateway.FetchPayment(calling, *p.IntentID)
			cancel()
			if err == nil {
				fact.PaymentID = p.ID
				err = s.apply(ctx, p, fact, nil)
			}
			if err != nil {
				problems = errors.Join(problems, fmt.Errorf("payment %s: %w", p.ID, err))
			}
		}
		return len(open), problems
	})
}

// askRefunds asks about refunds that were asked for and are not over.
func (s *Service) askRefunds(ctx context.Context, run *sweep, stale time.Time, limit int) error {
	after := ""
	return s.paged(ctx, func() (int, error) {
		var open []Refund
		err := s.db.Read(ctx).Where("state IN ? AND asked_at < ? AND gateway_id IS NOT NULL AND CAST(id AS TEXT) > ?", []RefundState{RefundAsked, RefundPending}, stale, after).
			Order("CAST(id AS TEXT)").Limit(limit).Find(&open).Error
		if err != nil {
			return 0, fmt.Errorf("refunds under way: %w", err)
		}
		var problems error
		for i := range open {
			r := &open[i]
			after = r.ID
			run.Asked++
			calling, cancel := context.WithTimeout(ctx, gatewayDeadline)
			fact, err := s.gateway.FetchRefund(calling, *r.GatewayID)
			cancel()
			if err == nil {
				fact.RefundID = r.ID
				err = s.applyRefund(ctx, fact, nil)
			}
			if err != nil {
				problems = errors.Join(problems, fmt.Errorf("refund %s: %w", r.ID, err))
			}
		}
		return len(open), problems
	})
}

// askChargebacks asks about chargebacks that are not over.
func (s *Service) askChargebacks(ctx context.Context, run *sweep, _ time.Time, limit int) error {
	after := ""
	return s.paged(ctx, func() (int, error) {
		var open []Chargeback
		err := s.db.Read(ctx).Where("(state NOT IN ? OR (state = ? AND taken > 0)) AND CAST(id AS TEXT) > ?", overChargeback, ChargebackWon, after).
			Order("CAST(id AS TEXT)").Limit(limit).Find(&open).Error
		if err != nil {
			return 0, fmt.Errorf("chargebacks under way: %w", err)
		}
		var problems error
		for i := range open {
			b := &open[i]
			after = b.ID
			run.Asked++
			calling, cancel := context.WithTimeout(ctx, gatewayDeadline)
			fact, err := s.gateway.FetchChargeback(calling, b.GatewayID)
			cancel()
			if errors.Is(err, ErrNothing) {
				continue // the gateway has forgotten it, and will not say more
			}
			if err == nil {
				err = s.applyChargeback(ctx, fact, nil)
			}
			if err != nil {
				problems = errors.Join(problems, fmt.Errorf("chargeback %s: %w", b.ID, err))
			}
		}
		return len(open), problems
	})
}

// askTransits asks about movements with creditors' accounts of which it is not
// known that they were made. It makes none.
func (s *Service) askTransits(ctx context.Context, run *sweep, stale time.Time, limit int) error {
	after := ""
	return s.paged(ctx, func() (int, error) {
		var open []transit
		err := s.db.Read(ctx).Where("done_at IS NULL AND asked_at < ? AND CAST(id AS TEXT) > ?", stale, after).Order("CAST(id AS TEXT)").Limit(limit).Find(&open).Error
		if err != nil {
			return 0, fmt.Errorf("movements under way: %w", err)
		}
		var problems error
		for i := range open {
			m := &open[i]
			after = m.ID
			run.Asked++
			ask, err := m.ask()
			if err != nil {
				return len(open), errors.Join(problems, err)
			}
			calling, cancel := context.WithTimeout(ctx, gatewayDeadline)
			id, err := s.gateway.FindMove(calling, ask)
			cancel()
			if errors.Is(err, ErrNothing) {
				continue // FollowCreditors makes it
			}
			if err == nil {
				err = s.moved(ctx, m, id)
			}
			if err != nil {
				problems = errors.Join(problems, fmt.Errorf("payment %s: %w", m.PaymentID, err))
			}
		}
		return len(open), problems
	})
}

// gap is how long to wait between two pages.
func (s *Service) gap() time.Duration { return time.Second / time.Duration(s.chargesPerSecond) }

// paged reads page after page until one is empty, at a pace the gateway takes.
func (s *Service) paged(ctx context.Context, page func() (int, error)) error {
	var problems error
	for {
		n, err := page()
		problems = errors.Join(problems, err)
		if n == 0 || ctx.Err() != nil {
			return errors.Join(problems, ctx.Err())
		}
		select {
		case <-ctx.Done():
		case <-time.After(s.gap()):
		}
	}
}
