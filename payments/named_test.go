package payments_test

import (
	"encoding/json"
	"testing"
	"time"

	"amiable/negotiation"
	"amiable/negotiation/database"
	"amiable/negotiation/database/databasetest"
	"amiable/payments"
)

// A notification that names its case is believed only where the payment is on
// it; whatever it names, money is booked once, where it belongs.
func TestTheCaseThatANotificationNamesIsOnlyWhereToLookFirst(t *testing.T) {
	const nowhere = "01990000-0000-7000-8000-000000000001"
	for name, names := range map[string]func(w *till, p *payments.Payment) payments.Fact{
		"both": func(_ *till, p *payments.Payment) payments.Fact {
			return payments.Fact{PaymentID: p.ID, CaseID: p.CaseID}
		},
		"no case": func(_ *till, p *payments.Payment) payments.Fact { return payments.Fact{PaymentID: p.ID} },
		"a case not there": func(_ *till, p *payments.Payment) payments.Fact {
			return payments.Fact{PaymentID: p.ID, CaseID: nowhere}
		},
		"a mangled case": func(_ *till, p *payments.Payment) payments.Fact { return payments.Fact{PaymentID: p.ID, CaseID: "42"} },
		"another's case": func(w *till, p *payments.Payment) payments.Fact {
			return payments.Fact{PaymentID: p.ID, CaseID: w.another()}
		},
		"only the page": func(_ *till, p *payments.Payment) payments.Fact {
			return payments.Fact{PaymentID: nowhere, CaseID: p.CaseID, SessionID: *p.SessionID}
		},
		"a payment mangled": func(_ *till, p *payments.Payment) payments.Fact {
			return payments.Fact{PaymentID: "7", CaseID: p.CaseID, SessionID: *p.SessionID}
		},
		"neither, the page": func(_ *till, p *payments.Payment) payments.Fact { return payments.Fact{SessionID: *p.SessionID} },
		"an unknown page": func(w *till, p *payments.Payment) payments.Fact {
			return payments.Fact{PaymentID: p.ID, CaseID: p.CaseID, SessionID: "cs_unknown"}
		},
	} {
		t.Run(name, func(t *testing.T) {
			databasetest.Each(t, []database.Migrations{negotiation.Migrations, payments.Migrations}, func(t *testing.T, db *database.DB) {
				w := newTillOn(t, db)
				p := w.start(0)
				f := names(w, p)
				f.Progress, f.Amount, f.Over, f.At = payments.Collected, p.Asked(), true, *w.now
				w.notified(payments.Notification{ID: "evt_1", Type: "paid", Created: *w.now, Payment: &f})
				if got := w.last(); got.State != payments.Succeeded || w.file().State != negotiation.CaseCleared {
					t.Errorf("the payment is %s, the case %s", got.State, w.file().State)
				}
				if n := w.notifications(); n != 1 {
					t.Errorf("%d notifications on file", n)
				}
				if waiting, err := w.WaitingNotifications(w.ctx, 10); err != nil || len(waiting) > 0 {
					t.Errorf("waiting: %+v, %v", waiting, err)
				}
				// Another process has not seen it, and files nothing either.
				body, err := json.Marshal(payments.Notification{ID: "evt_1", Type: "paid", Created: *w.now, Payment: &f})
				w.must(err)
				w.must(payments.New(w.n, w.g, "https://portal.example", false).Receive(w.ctx, body, ""))
				if n := w.notifications(); n != 1 {
					t.Errorf("%d notifications on file after another process had it", n)
				}
				w.holds()
			})
		})
	}
}

func TestAPaymentThatIsNotThereWaitsForAPerson(t *testing.T) {
	const nowhere = "01990000-0000-7000-8000-000000000001"
	databasetest.Each(t, []database.Migrations{negotiation.Migrations, payments.Migrations}, func(t *testing.T, db *database.DB) {
		w := newTillOn(t, db)
		w.start(0)
		w.notified(payments.Notification{ID: "evt_1", Type: "paid", Created: *w.now, Payment: &payments.Fact{PaymentID: nowhere, CaseID: w.caseID, Progress: payments.Collected, Amount: w.last().Asked()}})
		waiting, err := w.WaitingNotifications(w.ctx, 10)
		w.must(err)
		if len(waiting) != 1 || waiting[0].Problem == "" {
			t.Errorf("waiting: %+v", waiting)
		}
		w.later(time.Hour)
		w.holds()
	})
}

// notifications counts what is on file.
func (w *till) notifications() (n int64) {
	w.t.Helper()
	w.must(w.n.DB().Read(w.ctx).Table("notifications").Count(&n).Error)
	return n
}

// another places a second case, of somebody else.
func (w *till) another() string {
	w.t.Helper()
	w.place("F-2", "Paul Ormeau", "paul@example.test")
	found, err := w.n.Find(w.ctx, w.agent, negotiation.Search{Text: "ormeau"})
	w.must(err)
	return found[0].ID
}
