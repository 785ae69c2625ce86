package payments_test

import (
	"strings"
	"testing"
	"time"

	"amiable/negotiation"
	"amiable/negotiation/database"
	"amiable/negotiation/database/databasetest"
	"amiable/negotiation/money"
	"amiable/payments"
)

// letters are the letters to the creditor of a kind, as "state reason".
func (w *till) letters(kind negotiation.LetterKind) (states []string) {
	w.t.Helper()
	var found []negotiation.Letter
	w.must(w.n.DB().Read(w.ctx).Where("kind = ?", kind).Order("created_at, id").Find(&found).Error)
	for _, l := range found {
		states = append(states, strings.TrimSpace(string(l.State)+" "+l.BlockedBy))
	}
	return states
}

func TestACreditorIsToldAsItLikes(t *testing.T) {
	databasetest.Each(t, []database.Migrations{negotiation.Migrations, payments.Migrations}, func(t *testing.T, db *database.DB) {
		w := newTillOn(t, db)
		camille := negotiation.Actor{Role: negotiation.RoleCreditor, ID: "camille", Name: "Camille Roussel", CreditorID: w.file().CreditorID}
		pays := func(reference string) {
			_, err := w.RecordElsewhere(w.ctx, w.agent, w.caseID, payments.Elsewhere{Amount: money.Euros(20_00), On: negotiation.DayOf(*w.now), Means: "transfer", Reference: reference})
			w.must(err)
		}
		pays("VIR-1")
		w.must(w.n.SetNotices(w.ctx, camille, camille.CreditorID, negotiation.NoticesDaily, "en"))
		pays("VIR-2")
		pays("VIR-3")
		digest := func() {
			for range 2 {
				_, err := w.n.SendDigests(w.ctx, 10)
				w.must(err)
			}
		}
		digest()
		if got := strings.Join(w.letters(negotiation.LetterPaymentNotice), ", "); got != "due, blocked digest, blocked digest" {
			t.Fatalf("on the day itself: %s", got)
		}
		*w.now = time.Date(2026, 9, 1, 4, 0, 0, 0, time.UTC) // six in the morning in Paris
		digest()
		if got := w.letters(negotiation.LetterDigest); len(got) != 0 {
			t.Fatalf("before the morning: %v", got)
		}
		*w.now = w.now.Add(2 * time.Hour)
		digest()
		if got := w.letters(negotiation.LetterDigest); len(got) != 1 || got[0] != "due" {
			t.Fatalf("in the morning: %v", got)
		}
		if got := strings.Join(w.letters(negotiation.LetterPaymentNotice), ", "); got != "due, cancelled digest, cancelled digest" {
			t.Fatalf("after it: %s", got)
		}
		// Told as little as possible: a payment of no plan is told all the same.
		w.must(w.n.SetNotices(w.ctx, camille, camille.CreditorID, negotiation.NoticesNone, "en"))
		pays("VIR-4")
		w.agree(monthly(2))
		p := w.order(payments.Order{Of: payments.NextInstalment, Language: "fr"})
		w.arrives(p)
		got := w.letters(negotiation.LetterPaymentNotice)
		if last := strings.Join(got[3:], ", "); last != "blocked digest, blocked not_by_mail" {
			t.Errorf("as little as possible: %s", last)
		}
		stranger := negotiation.Actor{Role: negotiation.RoleCreditor, ID: "x", CreditorID: w.another()}
		if err := w.n.SetNotices(w.ctx, stranger, camille.CreditorID, negotiation.NoticesAtOnce, "fr"); negotiation.AsRefusal(err) == nil {
			t.Error("another creditor chose")
		}
		w.holds()
	})
}
