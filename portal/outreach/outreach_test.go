package outreach

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"amiable/negotiation"
	"amiable/negotiation/money"
	"amiable/portal/access"
)

// What the door makes is what letters carry.
var _ Links = (*access.Service)(nil)

func TestALinkReachesTheDebtorAndIsReported(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		c := w.openCase("Chloé Vasseur", "chloe@example.test", "fr")
		l, err := w.negotiation.SendLink(w.ctx, administrator, c.ID, c.MainParty().ID)
		w.must(err)
		sent, err := w.DeliverDue(w.ctx, 10)
		w.must(err)
		if sent != 1 || len(w.post.sent) != 1 {
			t.Fatalf("%d letters left", sent)
		}
		m := w.post.sent[0]
		if m.ID != l.ID || m.To.Address != "chloe@example.test" || m.To.Name != "Chloé Vasseur" || m.From.Name != "Agence Aubrelle" || m.ReplyTo.Address != "bonjour@aubrelle.example" {
			t.Errorf("id %s, to %v, from %v, answers to %v", m.ID, m.To, m.From, m.ReplyTo)
		}
		for _, want := range []string{"Agence Aubrelle vous écrit pour Atelier Boréal SARL", "référence PL-2026-0001, envoyée le 10\u00a0mai 2026",
			"https://portail.aubrelle.example/l/link-token-1", "/l/link-token-1/not-me", "05\u00a036\u00a049\u00a012\u00a030"} {
			if !strings.Contains(strings.ReplaceAll(m.Text, "\n", " "), want) {
				t.Errorf("no %q in:\n%s", want, m.Text)
			}
		}
		got := w.letter(l.ID)
		if got.State != negotiation.LetterSentState || got.Address != "chloe@example.test" || got.SentAt == nil {
			t.Errorf("the letter is %s, to %q", got.State, got.Address)
		}
		if sent, err := w.DeliverDue(w.ctx, 10); sent != 0 || err != nil || len(w.post.sent) != 1 {
			t.Errorf("it left again: %d, %v", sent, err)
		}
		for _, secret := range []string{"chloe", "Vasseur", "link-token", "aubrelle"} {
			if strings.Contains(w.log.String(), secret) {
				t.Errorf("the log says %q: %s", secret, w.log)
			}
		}
	})
}

func TestTheGatesAreAskedRightBeforeALetterLeaves(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		c := w.openCase("Chloé Vasseur", "chloe@example.test", "fr")
		l := w.tell(c, negotiation.LetterLink, nil)
		_, err := w.negotiation.PlaceHold(w.ctx, administrator, c.ID, negotiation.Hold{Reason: negotiation.HoldNotMe})
		w.must(err)
		if left, err := w.Deliver(w.ctx, l.ID); left || err != nil {
			t.Fatalf("left: %v, %v", left, err)
		}
		if got := w.letter(l.ID); got.State != negotiation.LetterStopped || w.links.made != 0 || len(w.post.sent) != 0 {
			t.Errorf("the letter is %s, %d links were made, %d messages sent", got.State, w.links.made, len(w.post.sent))
		}
	})
}

func TestALetterThatCannotBeSentIsKeptWithItsReason(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		c := w.openCase("Chloé Vasseur", "chloe@example.test", "fr")

		l := w.tell(c, negotiation.LetterLink, nil)
		w.post.fail = &RefusedError{Code: 451, Enhanced: "4.7.1", Temporary: true}
		w.stays(l, "refused 451 4.7.1 for now")
		if sent, err := w.DeliverDue(w.ctx, 10); sent != 0 || err != nil {
			t.Errorf("it was tried again at once: %d, %v", sent, err)
		}
		w.post.fail, w.clock.at = nil, w.clock.at.Add(time.Hour)
		w.must(second(w.DeliverDue(w.ctx, 10)))
		if got := w.letter(l.ID); got.State != negotiation.LetterSentState || got.Problem != "" {
			t.Errorf("an hour later it is %s with the problem %q", got.State, got.Problem)
		}
		w.clock.at = w.clock.at.AddDate(0, 0, 7) // one was sent: the next may not leave before

		l = w.tell(c, negotiation.LetterLink, nil)
		w.post.fail = &RefusedError{Code: 550, Enhanced: "5.1.1"}
		if left, err := w.Deliver(w.ctx, l.ID); left || err != nil {
			t.Fatalf("left: %v, %v", left, err)
		}
		if got := w.letter(l.ID); got.State != negotiation.LetterFailed || got.Problem != "refused 550 5.1.1 for good" || got.Attempts != 1 {
			t.Errorf("refused for good it is %s after %d tries: %q", got.State, got.Attempts, got.Problem)
		}
		w.post.fail = nil
		// Nobody writes to that address again.
		w.stays(w.tell(c, negotiation.LetterCleared, nil), ProblemNoAddress)
		if l := w.tell(c, negotiation.LetterLink, nil); l.State != negotiation.LetterStopped || l.BlockedBy != string(negotiation.WrongRecipient) {
			t.Errorf("what reminds is %s by %q", l.State, l.BlockedBy)
		}
		w.must(w.negotiation.DB().Read(w.ctx).Exec("UPDATE contact_points SET bounced_at = NULL").Error)
		l = w.tell(c, negotiation.LetterLink, nil)
		w.post.fail = &RefusedError{Code: 554, Enhanced: "5.7.1"} // what it says was refused, not to whom
		if left, err := w.Deliver(w.ctx, l.ID); left || err != nil || w.letter(l.ID).State != negotiation.LetterFailed {
			t.Fatalf("left: %v, %v, %s", left, err, w.letter(l.ID).State)
		}

		l = w.tell(c, negotiation.LetterLink, nil)
		w.post.fail = fmt.Errorf("%w: dial tcp: chloe@example.test", ErrUnreachable)
		w.stays(l, "mailer_unreachable")
		w.post.fail = nil

		// Before a link is made for it, whatever can be wrong is found.
		made := w.links.made
		w.must(w.negotiation.DB().Read(w.ctx).Exec("UPDATE contact_points SET bounced_at = ? WHERE person_id = ?", w.clock.at, c.MainParty().PersonID).Error)
		w.stays(w.tell(c, negotiation.LetterCleared, nil), ProblemNoAddress)
		w.must(w.negotiation.DB().Read(w.ctx).Exec("UPDATE contact_points SET bounced_at = NULL").Error)
		l = w.tell(c, negotiation.LetterLink, nil)
		w.must(w.negotiation.DB().Read(w.ctx).Exec("UPDATE letters SET text_version = '1999-01' WHERE id = ?", l.ID).Error)
		w.stays(l, ProblemUnknownText)
		l = w.tell(c, negotiation.LetterKind("poem"), nil)
		w.stays(l, ProblemUnknownKind)
		if w.links.made != made {
			t.Errorf("%d links were made for letters that could not leave", w.links.made-made)
		}
		if strings.Contains(w.log.String(), "chloe") {
			t.Errorf("the log names the reader: %s", w.log)
		}
	})
}

// CPCE R124-4, last paragraph.
func TestNoLetterLeavesWithoutTheFirstOne(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		c := w.openCase("Chloé Vasseur", "chloe@example.test", "fr")
		for column, nothing := range map[string]string{"first_letter_reference": "''", "first_letter_on": "NULL"} {
			letters := []*negotiation.Letter{}
			for _, kind := range append(slices.Clone(quoting), toBoth...) {
				if kind == negotiation.LetterFirst {
					continue // it is the first one
				}
				letters = append(letters, w.tell(c, kind, map[string]any{"link": c.ID}))
			}
			w.must(w.negotiation.DB().Read(w.ctx).Exec("UPDATE cases SET "+column+" = "+nothing+" WHERE id = ?", c.ID).Error)
			for _, l := range letters {
				if left, err := w.Deliver(w.ctx, l.ID); left || err != nil {
					t.Fatalf("%s without %s: left %v, %v", l.Kind, column, left, err)
				}
				if got := w.letter(l.ID); got.State == negotiation.LetterDueState && got.Problem != ProblemNoFirstLetter {
					t.Errorf("%s without %s: %s %q", l.Kind, column, got.State, got.Problem)
				}
			}
			w.must(w.negotiation.DB().Read(w.ctx).Exec("UPDATE cases SET first_letter_reference = 'PL-1', first_letter_on = '2026-05-10'").Error)
		}
		if len(w.post.sent) != 0 {
			t.Errorf("%d left", len(w.post.sent))
		}
	})
}

func TestEachReaderGetsTheirOwnLanguage(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		cases := map[string]*negotiation.Case{}
		for i := range 6 {
			language := []string{"fr", "en"}[i%2]
			email := fmt.Sprintf("reader%d@example.test", i)
			cases[email] = w.openCase(fmt.Sprintf("Reader %d", i), email, language)
		}
		for _, c := range cases {
			w.tell(c, negotiation.LetterLink, nil)
		}
		w.must(second(w.DeliverDue(w.ctx, 100)))
		if len(w.post.sent) != len(cases) {
			t.Fatalf("%d left", len(w.post.sent))
		}
		for _, m := range w.post.sent {
			want := cases[m.To.Address].MainParty().Person.Language
			french := strings.Contains(m.Text, "Bonjour") && strings.Contains(m.Subject, "un message vous attend")
			english := strings.Contains(m.Text, "Hello") && strings.Contains(m.Subject, "a message is waiting")
			if string(m.Language) != want || french == english || french != (want == "fr") || !strings.Contains(m.HTML, `<html lang="`+want+`">`) {
				t.Errorf("%s reads %s and got %s: %s", m.To.Address, want, m.Language, m.Subject)
			}
			other := cases[m.To.Address].FirstLetterReference
			if !strings.Contains(m.Text, other) {
				t.Errorf("%s got the reference of somebody else", m.To.Address)
			}
		}
	})
}

func TestTheCreditorLearnsWhatEachEuroIs(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		c := w.openCase("Chloé Vasseur", "chloe@example.test", "fr")
		facts := map[string]any{
			"payment": "p", "amount": money.Euros(130_00), "on": "2026-08-30", "debtor": "Chloé Vasseur", "case": c.Reference,
			"principal": money.Euros(126_40), "interest": money.Euros(3_60), "indemnity": money.Euros(0), "fee": money.Euros(15_60), "left": money.Euros(1_122_20),
		}
		w.must(w.negotiation.OnCase(w.ctx, negotiation.System, c.ID, func(tx *negotiation.Tx, c *negotiation.Case) error {
			return c.TellCreditor(tx, negotiation.LetterPaymentNotice, facts)
		}))
		w.must(second(w.DeliverDue(w.ctx, 10)))
		m := w.post.sent[0]
		if m.To.Address != "compta@boreal.example" || w.links.made != 0 {
			t.Errorf("to %v, with %d links", m.To, w.links.made)
		}
		for _, want := range []string{"Montant payé\u00a0: 130,00\u00a0€", "Principal\u00a0: 126,40\u00a0€", "Intérêts\u00a0: 3,60\u00a0€", "Nos honoraires, taxes comprises\u00a0: 15,60\u00a0€",
			"Reste à régler sur le dossier\u00a0: 1\u202f122,20\u00a0€", "/creditor/payments"} {
			if !strings.Contains(m.Text, want) {
				t.Errorf("no %q in:\n%s", want, m.Text)
			}
		}
	})
}

func TestStaffGetTheirsWithoutAFirstLetter(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.must(w.negotiation.OnAgency(w.ctx, func(tx *negotiation.Tx, _ *negotiation.Agency) error {
			if err := tx.TellUser("new@boreal.example", "en", negotiation.ToCreditor, negotiation.LetterInvitation, map[string]any{"user": "u"}); err != nil {
				return err
			}
			return tx.TellUser("agent@aubrelle.example", "fr", negotiation.ToAgent, negotiation.LetterReset, map[string]any{"user": "u"})
		}))
		w.must(second(w.DeliverDue(w.ctx, 10)))
		if len(w.post.sent) != 2 {
			t.Fatalf("%d left", len(w.post.sent))
		}
		all := w.post.sent[0].Text + w.post.sent[1].Text
		for _, want := range []string{"/invitation/invitation-token-", "/reset/reset-token-", "to your files", "Choisir un mot de passe"} {
			if !strings.Contains(all, want) {
				t.Errorf("no %q in:\n%s", want, all)
			}
		}
	})
}

func TestOneLetterLeavesOnceHoweverManyPressTheButton(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		c := w.openCase("Chloé Vasseur", "chloe@example.test", "fr")
		l := w.tell(c, negotiation.LetterLink, nil)
		// Nobody's message is taken before all others have either come as far or
		// gone away.
		const callers = 8
		var mu sync.Mutex
		settled, there := sync.NewCond(&mu), 0
		arrive := func() {
			mu.Lock()
			defer mu.Unlock()
			there++
			settled.Broadcast()
		}
		w.post.hold = func() {
			arrive()
			mu.Lock()
			defer mu.Unlock()
			for there < callers {
				settled.Wait()
			}
		}
		var group sync.WaitGroup
		for range callers {
			group.Go(func() {
				if left, _ := w.Deliver(w.ctx, l.ID); !left {
					arrive()
				}
			})
		}
		group.Wait()
		if len(w.post.sent) != 1 {
			t.Errorf("it left %d times", len(w.post.sent))
		}
	})
}

func TestAMailerThatIsGoneStopsTheRound(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		c := w.openCase("Chloé Vasseur", "chloe@example.test", "fr")
		for range 3 {
			w.tell(c, negotiation.LetterReceipt, nil)
		}
		w.post.fail = ErrUnreachable
		sent, err := w.DeliverDue(w.ctx, 10)
		if sent != 0 || !errors.Is(err, ErrUnreachable) {
			t.Fatalf("%d, %v", sent, err)
		}
		due, err := w.negotiation.LettersDue(w.ctx, 10)
		w.must(err)
		if len(due) != 2 {
			t.Errorf("%d letters are still due at once, not 2: the others lost a try for nothing", len(due))
		}
	})
}

func second(_ int, err error) error { return err }
