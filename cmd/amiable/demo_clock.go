package main

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"sync/atomic"
	"time"

	"amiable/negotiation"
	"amiable/payments"
	"amiable/portal"
)

// demo is the portal's Demo: a clock that can be moved and mail that was
// caught.
var _ portal.Demo = (*demo)(nil)

// dayBegins is the hour of the legal day at which its work is done.
const dayBegins = 9

// offset is how far the product's clock is ahead of the wall's. The row in the
// database decides; this is its copy for the sandbox, which asks at every turn.
type offset struct{ by atomic.Int64 }

func (o *offset) now() time.Time { return time.Now().Add(time.Duration(o.by.Load())) }

func (d *demo) readClock(ctx context.Context) error {
	now, err := d.clock.Now(ctx)
	if err != nil {
		return err
	}
	d.ahead.by.Store(int64(time.Until(now)))
	return nil
}

// setClock moves the product's clock and takes the sandbox's along; what falls
// due there happens, and its webhooks arrive, before it returns.
func (d *demo) setClock(ctx context.Context, to time.Time) error {
	if err := d.clock.Set(ctx, to); err != nil {
		return err
	}
	if err := d.readClock(ctx); err != nil {
		return err
	}
	if err := d.box.Advance(0); err != nil {
		return err
	}
	waiting, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	// Paused webhooks are not waited for: who paused them wants to see that.
	return d.box.Quiesce(waiting)
}

// Walk moves the clock day by day to a day, doing what each day owes. Nothing
// else runs by itself meanwhile.
func (d *demo) Walk(ctx context.Context, to negotiation.Day) (ran []string, now time.Time, err error) {
	d.walking.Lock()
	defer d.walking.Unlock()
	d.gate.Lock()
	defer d.gate.Unlock()
	// A visitor who goes away does not stop the day in the middle.
	ran, err = d.walk(context.WithoutCancel(ctx), to)
	if err != nil {
		return ran, now, err
	}
	now, err = d.clock.Now(ctx)
	return ran, now, err
}

// walk does the work of each day up to and including one. The clock is moved
// to the morning of each, and on a day that passes whole to every later hour at
// which a letter falls due (somebody lives in another zone, or wants to be
// written to in the afternoon); today's work is done at the hour that it is.
func (d *demo) walk(ctx context.Context, to negotiation.Day) (ran []string, err error) {
	now, err := d.clock.Now(ctx)
	if err != nil {
		return nil, err
	}
	var problems error
	for day := negotiation.DayOf(now); !day.After(to); day = day.Add(1) {
		if morning := morningOf(day); morning.After(now) {
			if err := d.setClock(ctx, morning); err != nil {
				return ran, fmt.Errorf("%s: %w", day, err)
			}
		}
		work := func() {
			did, err := runAll(ctx, d.jobs())
			if err != nil {
				problems = errors.Join(problems, fmt.Errorf("%s: %w", day, err))
			}
			for _, what := range did {
				ran = append(ran, string(day)+": "+strings.ReplaceAll(what, "_", " "))
			}
		}
		work()
		if day == to {
			break
		}
		for range hoursInDay {
			later, err := d.laterToday(ctx, day)
			if err != nil {
				return ran, fmt.Errorf("%s: %w", day, err)
			}
			if later.IsZero() {
				break
			}
			if err := d.setClock(ctx, later); err != nil {
				return ran, fmt.Errorf("%s: %w", day, err)
			}
			work()
		}
	}
	return ran, problems
}

// hoursInDay bounds how often the clock stops on one day.
const hoursInDay = 24

// laterToday is the next instant of a day at which a letter falls due; zero if
// there is none.
func (d *demo) laterToday(ctx context.Context, day negotiation.Day) (time.Time, error) {
	now, err := d.clock.Now(ctx)
	if err != nil {
		return time.Time{}, err
	}
	next, err := d.negotiation.NextLetterDue(ctx, now)
	if err != nil || next.IsZero() || negotiation.DayOf(next).After(day) {
		return time.Time{}, err
	}
	return next, nil
}

func morningOf(d negotiation.Day) time.Time {
	midnight, err := time.ParseInLocation(time.DateOnly, string(d), negotiation.Zone)
	if err != nil {
		return time.Time{} // a Day is one by its type; zero moves nothing
	}
	return time.Date(midnight.Year(), midnight.Month(), midnight.Day(), dayBegins, 0, 0, 0, negotiation.Zone)
}

// mailsShown bounds what the outbox page lists.
const mailsShown = 500

var linkInMail = regexp.MustCompile(`https?://[^\s<>"]+`)

// Mails are the letters caught, newest first.
func (d *demo) Mails(context.Context) ([]portal.Mail, error) {
	caught, err := d.outbox.List(mailsShown)
	if err != nil {
		return nil, err
	}
	mails := make([]portal.Mail, len(caught))
	for i, m := range caught {
		mails[i] = portal.Mail{ID: m.ID, At: m.At, To: m.To, Subject: m.Subject, Text: m.Text, HTML: m.HTML}
		for _, link := range linkInMail.FindAllString(m.Text, -1) {
			mails[i].Links = append(mails[i].Links, strings.TrimRight(link, ".,;)"))
		}
	}
	return mails, nil
}

// forgetful is the demo's gateway. The sandbox keeps everything in memory: a
// checkout that it does not know any more can never be paid, so it is over.
type forgetful struct{ payments.Gateway }

func forgotten(err error) bool {
	return err != nil && strings.Contains(err.Error(), "resource_missing")
}

func unknownAccount(err error) bool {
	return err != nil && strings.Contains(err.Error(), "account_invalid")
}

// FetchCheckout says that a forgotten page has ended.
func (g forgetful) FetchCheckout(ctx context.Context, sessionID string) (payments.Fact, error) {
	fact, err := g.Gateway.FetchCheckout(ctx, sessionID)
	if forgotten(err) {
		return payments.Fact{SessionID: sessionID, Progress: payments.Expired}, nil
	}
	return fact, err
}

// FetchPayment says that a forgotten payment comes no more.
func (g forgetful) FetchPayment(ctx context.Context, intentID string) (payments.Fact, error) {
	fact, err := g.Gateway.FetchPayment(ctx, intentID)
	if forgotten(err) {
		return payments.Fact{IntentID: intentID, Progress: payments.Expired}, nil
	}
	return fact, err
}

// CancelPayment has nothing to do on a forgotten one.
func (g forgetful) CancelPayment(ctx context.Context, intentID string) error {
	if err := g.Gateway.CancelPayment(ctx, intentID); !forgotten(err) {
		return err
	}
	return nil
}

// ExpireCheckout has nothing to do on a forgotten page.
func (g forgetful) ExpireCheckout(ctx context.Context, sessionID string) error {
	if err := g.Gateway.ExpireCheckout(ctx, sessionID); !forgotten(err) {
		return err
	}
	return nil
}

// FetchChargeback says of a forgotten one what was known: that its bank decided
// nothing more can be told of it here.
func (g forgetful) FetchChargeback(ctx context.Context, id string) (payments.ChargebackFact, error) {
	fact, err := g.Gateway.FetchChargeback(ctx, id)
	if forgotten(err) {
		return fact, fmt.Errorf("%w: the sandbox was started again since", payments.ErrNothing)
	}
	return fact, err
}
