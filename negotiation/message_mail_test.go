package negotiation_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"amiable/negotiation"
	"amiable/negotiation/database"
	"amiable/negotiation/database/databasetest"
)

// write posts a message a minute later.
func (w *world) write(clock *movingClock, by negotiation.Actor, caseID string, to negotiation.Audience) *negotiation.Message {
	w.t.Helper()
	clock.at = clock.at.Add(time.Minute)
	m, err := w.PostMessage(w.ctx, by, caseID, negotiation.Write{Audience: to, Words: "Bonjour"})
	w.must(err)
	return m
}

// mails are the letters of a case about its thread, to a recipient.
func (w *world) mails(caseID string, to negotiation.Recipient) []negotiation.Letter {
	w.t.Helper()
	letters, err := w.LettersOf(w.ctx, caseID)
	w.must(err)
	var of []negotiation.Letter
	for _, l := range letters {
		if l.Recipient == to && (l.Kind == negotiation.LetterMessage || l.Kind == negotiation.LetterMessageToAgency) {
			of = append(of, l)
		}
	}
	return of
}

// reads has somebody look at the thread.
func (w *world) reads(by negotiation.Actor, caseID string) {
	w.t.Helper()
	thread, err := w.Thread(w.ctx, by, w.load(caseID))
	w.must(err)
	w.must(w.MarkRead(w.ctx, by, thread))
}

// What an agent writes of their own accord waits for the hours and counts; an
// answer to the debtor's own message leaves at once, in place of what waited.
func TestAnAnswerLeavesWhereAWordOfOurOwnWaits(t *testing.T) {
	eachMoving(t, "2026-08-31", func(t *testing.T, w *world, clock *movingClock) {
		c := w.openCase()
		clock.goTo(t, "2026-08-31 21:00")
		first := w.write(clock, admin, c.ID, negotiation.ToDebtorOnly)
		if first.Told == nil || first.Told.DelayedBy != negotiation.QuietHours {
			t.Fatalf("at nine in the evening: %+v", first.Told)
		}
		if again := w.write(clock, admin, c.ID, negotiation.ToAll); again.Told != nil {
			t.Error("a second mail waits for the morning")
		}
		w.reads(debtorOf(c), c.ID)
		w.write(clock, debtorOf(c), c.ID, negotiation.ToTheAgencyOnly)
		answer := w.write(clock, admin, c.ID, negotiation.ToDebtorOnly)
		if answer.Told == nil || !answer.Told.Owed || answer.Told.DelayedBy != "" {
			t.Fatalf("the answer: %+v", answer.Told)
		}
		if l := w.now(c.ID, first.Told.ID); l.State != negotiation.LetterCancelled {
			t.Errorf("what waited is %s", l.State)
		}
		if !w.leaves(answer.Told.ID) {
			t.Error("the answer waits")
		}
		w.holds()
	})
}

func TestAMailDoesNotLeaveOnceEverythingIsRead(t *testing.T) {
	eachMoving(t, "2026-08-31", func(t *testing.T, w *world, clock *movingClock) {
		c := w.openCase()
		clock.goTo(t, "2026-08-31 21:00")
		m := w.write(clock, admin, c.ID, negotiation.ToDebtorOnly)
		w.reads(debtorOf(c), c.ID) // of themselves, in the night
		clock.goTo(t, "2026-09-01 10:00")
		if w.leaves(m.Told.ID) {
			t.Error("somebody is told of what they have read")
		}
		if l := w.now(c.ID, m.Told.ID); l.BlockedBy != string(negotiation.Overtaken) {
			t.Errorf("it is %s by %q", l.State, l.BlockedBy)
		}
		w.holds()
	})
}

func TestAMailIsSentAgainOnceSomebodyLookedOrADayWentBy(t *testing.T) {
	eachMoving(t, "2026-08-31", func(t *testing.T, w *world, clock *movingClock) {
		c := w.openCase()
		clock.goTo(t, "2026-08-31 10:00")
		told := func(want int, why string) {
			t.Helper()
			mails := w.mails(c.ID, negotiation.ToAgent)
			if len(mails) != want {
				t.Fatalf("%s: the agency has %d mails, not %d", why, len(mails), want)
			}
			if l := mails[want-1]; l.State == negotiation.LetterDueState {
				w.must(w.LetterSent(w.ctx, l.ID, "agence@example.test"))
			}
		}
		w.write(clock, debtorOf(c), c.ID, negotiation.ToTheAgencyOnly)
		told(1, "the first")
		w.write(clock, debtorOf(c), c.ID, negotiation.ToTheAgencyOnly)
		told(1, "in a row")
		w.write(clock, decider(c), c.ID, negotiation.ToTheAgencyOnly)
		told(1, "another side, before anybody looked")
		w.reads(admin, c.ID)
		w.write(clock, debtorOf(c), c.ID, negotiation.ToTheAgencyOnly)
		told(2, "after a look")
		clock.at = clock.at.Add(25 * time.Hour)
		w.write(clock, debtorOf(c), c.ID, negotiation.ToTheAgencyOnly)
		told(3, "a day later")
		w.holds()
	})
}

// A debtor who asks is answered, and not reminded meanwhile; "thank you" needs no
// answer, and an agent says so.
func TestNothingRemindsWhileAWordInTheThreadWaits(t *testing.T) {
	eachMoving(t, "2026-08-31", func(t *testing.T, w *world, clock *movingClock) {
		c := w.openCase()
		clock.goTo(t, "2026-09-04 09:59") // a Friday
		w.write(clock, debtorOf(c), c.ID, negotiation.ToTheAgencyOnly)
		l := w.remind(c.ID)
		if l.DelayedBy != negotiation.AnswerAwaited || !l.DueAt.Equal(time.Date(2026, 9, 9, 9, 0, 0, 0, negotiation.Zone)) {
			t.Fatalf("it waits until %v because of %q", l.DueAt, l.DelayedBy)
		}
		w.refused(w.SettleMessages(w.ctx, decider(c), c.ID, negotiation.SideDebtor), "not_your_role")
		w.must(w.SettleMessages(w.ctx, admin, c.ID, negotiation.SideDebtor))
		w.refused(w.SettleMessages(w.ctx, admin, c.ID, negotiation.SideDebtor), "messages_answered_already")
		clock.goTo(t, "2026-09-09 09:00")
		if !w.leaves(l.ID) {
			t.Error("it does not leave though no answer is awaited")
		}
		w.holds()
	})
}

func TestTheOneWhoAskedIsAnswered(t *testing.T) {
	eachMoving(t, "2026-08-31", func(t *testing.T, w *world, clock *movingClock) {
		c := w.openCase()
		a := w.name(c, negotiation.Adviser{MayWrite: true})
		clock.goTo(t, "2026-08-31 10:00")
		m := w.write(clock, a, c.ID, negotiation.ToTheAgencyOnly)
		if m.ByName != "Inès Marchetti" || *m.PartyID != c.MainParty().ID || m.Side != negotiation.SideDebtor {
			t.Errorf("the message: %+v", m)
		}
		w.write(clock, admin, c.ID, negotiation.ToDebtorOnly)
		to := map[string]negotiation.Letter{}
		for _, l := range w.mails(c.ID, negotiation.ToParty) {
			to[*l.PartyID] = l
		}
		if l, told := to[a.ID]; !told || !l.Owed || !strings.Contains(l.Facts, "Garage du Port") {
			t.Errorf("the adviser is told %+v", l)
		}
		if l, told := to[c.MainParty().ID]; !told || !l.Owed {
			t.Errorf("the debtor is told %+v", l)
		}
		w.holds()
	})
}

func TestAMessageThatCannotBeKeptIsRefused(t *testing.T) {
	eachMoving(t, "2026-08-31", func(t *testing.T, w *world, clock *movingClock) {
		c := w.openCase()
		post := func(by negotiation.Actor, m negotiation.Write) error {
			_, err := w.PostMessage(w.ctx, by, c.ID, m)
			return err
		}
		for _, words := range []string{"a\x00b", "a\x1b[31mb", "a\u202eb", "a\u2066b", "a\xffb"} {
			w.refused(post(debtorOf(c), negotiation.Write{Audience: negotiation.ToAll, Words: words}), "words_unreadable")
		}
		w.refused(post(debtorOf(c), negotiation.Write{Audience: negotiation.ToAll, Words: strings.Repeat("é", 4001)}), "words_too_long")
		w.refused(post(debtorOf(c), negotiation.Write{Audience: negotiation.ToAll, Files: make([]negotiation.MessageFile, 9)}), "too_many_files")
		w.must(post(debtorOf(c), negotiation.Write{Audience: negotiation.ToAll, Words: " Une ligne\r\net\tune autre 👩🏽‍🌾\r "}))
		thread, err := w.Thread(w.ctx, admin, w.load(c.ID))
		w.must(err)
		if thread[0].Words != "Une ligne\net\tune autre 👩🏽‍🌾" {
			t.Errorf("kept: %q", thread[0].Words)
		}
		// Nobody writes to a debtor whom the case cannot be shown to, and nobody
		// without end.
		h, err := w.PlaceHold(w.ctx, admin, c.ID, negotiation.Hold{Reason: negotiation.HoldNotMe})
		w.must(err)
		w.refused(post(admin, negotiation.Write{Audience: negotiation.ToAll, Words: "Bonjour"}), "debtor_cannot_read")
		w.must(post(admin, negotiation.Write{Audience: negotiation.ToCreditorOnly, Words: "Ce n’est pas la bonne personne."}))
		w.must(w.LiftHold(w.ctx, admin, c.ID, h.ID))
		for n := 0; ; n++ {
			err := post(debtorOf(c), negotiation.Write{Audience: negotiation.ToTheAgencyOnly, Words: fmt.Sprint("Encore ", n)})
			if err != nil {
				w.refused(err, "messages_enough_today")
				if n < 5 || n > 50 {
					t.Errorf("after %d messages", n)
				}
				break
			}
		}
		w.must(post(admin, negotiation.Write{Audience: negotiation.ToDebtorOnly, Words: "Nous lisons."}))
		w.holds()
	})
}

// On a slow network the button is pressed twice.
func TestTheSameWordsPressedTwiceAreOneMessage(t *testing.T) {
	eachMoving(t, "2026-08-31", func(t *testing.T, w *world, clock *movingClock) {
		c := w.openCase()
		photo := negotiation.MessageFile{Hash: "a", Name: "porte.jpg", MediaType: "image/jpeg", Bytes: 1}
		send := func(words string, files ...negotiation.MessageFile) string {
			t.Helper()
			m, err := w.PostMessage(w.ctx, debtorOf(c), c.ID, negotiation.Write{Audience: negotiation.ToAll, Words: words, Files: files})
			w.must(err)
			return m.ID
		}
		first := send("Voici", photo)
		clock.at = clock.at.Add(20 * time.Second)
		if send("Voici", photo) != first {
			t.Error("pressed twice, it was written twice")
		}
		if send("Voici") == first || send("Et encore", photo) == first {
			t.Error("another message was taken for the same")
		}
		clock.at = clock.at.Add(time.Minute)
		if send("Voici", photo) == first {
			t.Error("said again later, it is said again")
		}
		if n := w.told(c.ID, negotiation.MessageWritten); n != 4 {
			t.Errorf("%d events tell of four messages", n)
		}
		w.holds()
	})
}

// What would survive no bug of ours: a private line is not read by the debtor,
// and a message stays as it was written.
func TestTheDatabaseKeepsMessagesAndTheirReaders(t *testing.T) {
	databasetest.Each(t, migrations, func(t *testing.T, db *database.DB) {
		clock := &movingClock{at: time.Time(at("2026-08-31"))}
		w, c := negotiating(t, db, clock, &generous)
		private := w.write(clock, admin, c.ID, negotiation.ToCreditorOnly)
		asked := w.write(clock, debtorOf(c), c.ID, negotiation.ToTheAgencyOnly)
		for what, statement := range map[string]string{
			"the debtor reads a private line":  "INSERT INTO message_reads (message_id, reader_id, side, at) VALUES ('" + private.ID + "', 'x', 'debtor', '2026-09-01 10:00:00+00:00')",
			"the creditor reads another's":     "INSERT INTO message_reads (message_id, reader_id, side, at) VALUES ('" + asked.ID + "', 'x', 'creditor', '2026-09-01 10:00:00+00:00')",
			"a side reads its own":             "INSERT INTO message_reads (message_id, reader_id, side, at) VALUES ('" + asked.ID + "', 'x', 'debtor', '2026-09-01 10:00:00+00:00')",
			"the words change":                 "UPDATE messages SET words = 'autre' WHERE id = '" + asked.ID + "'",
			"a private line is shown to all":   "UPDATE messages SET audience = 'all' WHERE id = '" + private.ID + "'",
			"a message is gone":                "DELETE FROM messages WHERE id = '" + private.ID + "'",
			"a debtor writes to the creditor":  "INSERT INTO messages (id, creditor_id, case_id, side, audience, words, language, by_role, by_id, by_name, at) SELECT '01a20101-0000-7000-8000-000000000000', creditor_id, case_id, 'debtor', 'creditor', 'x', 'fr', 'debtor', 'x', 'x', at FROM messages WHERE id = '" + asked.ID + "'",
			"a template without words is kept": "INSERT INTO message_templates (id, name, by_id, by_name, changed_at, created_at) VALUES ('01a20101-0000-7000-8000-000000000000', 'x', 'x', 'x', '2026-09-01 10:00:00+00:00', '2026-09-01 10:00:00+00:00')",
		} {
			if err := db.Read(w.ctx).Exec(statement).Error; err == nil {
				t.Errorf("%s", what)
			}
		}
		w.must(db.Read(w.ctx).Exec("UPDATE messages SET words = '' WHERE id = '" + asked.ID + "'").Error) // erased, on request
		w.holds()
	})
}

func TestATemplateIsFilledWithWhatIsSo(t *testing.T) {
	eachMoving(t, "2026-08-31", func(t *testing.T, w *world, clock *movingClock) {
		save := func(m negotiation.MessageTemplate) (*negotiation.MessageTemplate, error) {
			return w.SaveTemplate(w.ctx, admin, m)
		}
		_, err := w.SaveTemplate(w.ctx, decider(w.openCase()), negotiation.MessageTemplate{Name: "x", WordsFR: "x"})
		w.refused(err, "not_your_role")
		_, err = save(negotiation.MessageTemplate{Name: " ", WordsFR: "x"})
		w.refused(err, "template_name_missing")
		_, err = save(negotiation.MessageTemplate{Name: "Vide"})
		w.refused(err, "template_empty")
		_, err = save(negotiation.MessageTemplate{Name: "Faux", WordsEN: "Dear [debtr]"})
		w.refused(err, "placeholder_unknown")
		m, err := save(negotiation.MessageTemplate{Name: " Bien  reçu ", WordsFR: "Bonjour [Client], [left] […] [1]"})
		w.must(err)
		_, err = save(negotiation.MessageTemplate{Name: "BIEN reçu", WordsFR: "x"})
		w.refused(err, "template_named_already")
		words, in := m.Fill("en", map[string]string{"debtor": "[left]", "left": "10 €"})
		if words != "Bonjour [left], 10 € […] [1]" || in != "fr" {
			t.Errorf("filled in %s: %q", in, words)
		}
		m.WordsEN = "Dear [debtor]"
		m, err = save(*m)
		w.must(err)
		if words, in := m.Fill("en", map[string]string{"debtor": "Ada"}); words != "Dear Ada" || in != "en" {
			t.Errorf("filled in %s: %q", in, words)
		}
		w.must(w.RetireTemplate(w.ctx, admin, m.ID))
		w.must(w.RetireTemplate(w.ctx, admin, m.ID))
		used, err := w.Templates(w.ctx)
		w.must(err)
		if len(used) != 0 {
			t.Errorf("in use: %+v", used)
		}
		_, err = save(*m)
		w.refused(err, "not_found")
		w.holds()
	})
}
