package negotiation_test

import (
	"testing"
	"time"

	"amiable/negotiation"
	"amiable/negotiation/database"
	"amiable/negotiation/database/databasetest"
)

func TestAMessageIsReadByThoseItIsMeantForAlone(t *testing.T) {
	databasetest.Each(t, migrations, func(t *testing.T, db *database.DB) {
		clock := &movingClock{at: time.Time(at("2026-08-31"))}
		w, c := negotiating(t, db, clock, &generous)
		write := func(by negotiation.Actor, to negotiation.Audience, words string) {
			t.Helper()
			clock.at = clock.at.Add(time.Minute)
			_, err := w.PostMessage(w.ctx, by, c.ID, negotiation.Write{Audience: to, Words: words})
			w.must(err)
		}
		_, err := w.PostMessage(w.ctx, debtorOf(c), c.ID, negotiation.Write{Audience: negotiation.ToCreditorOnly, Words: "x"})
		refused(t, err, "audience_missing")
		_, err = w.PostMessage(w.ctx, debtorOf(c), c.ID, negotiation.Write{Audience: negotiation.ToAll, Words: "  "})
		refused(t, err, "message_empty")
		write(debtorOf(c), negotiation.ToTheAgencyOnly, "to the agency")
		write(decider(c), negotiation.ToTheAgencyOnly, "creditor to the agency")
		waiting, err := w.UnansweredMessages(w.ctx, 10)
		w.must(err)
		if len(waiting) != 2 || waiting[0].Side != negotiation.SideDebtor {
			t.Fatalf("waiting: %+v", waiting)
		}
		write(admin, negotiation.ToDebtorOnly, "to the debtor")
		write(admin, negotiation.ToAll, "to all")
		write(admin, negotiation.ToTheAgencyOnly, "a note")
		if waiting, err = w.UnansweredMessages(w.ctx, 10); err != nil || len(waiting) != 0 {
			t.Fatalf("still waiting: %+v (%v)", waiting, err)
		}
		for by, want := range map[*negotiation.Actor][]string{
			ref(debtorOf(c)): {"to the agency", "to the debtor", "to all"},
			ref(decider(c)):  {"creditor to the agency", "to all"},
			ref(admin):       {"to the agency", "creditor to the agency", "to the debtor", "to all", "a note"},
		} {
			thread, err := w.Thread(w.ctx, *by, w.load(c.ID))
			w.must(err)
			var got []string
			for _, m := range thread {
				got = append(got, m.Words)
			}
			if len(got) != len(want) {
				t.Fatalf("%s reads %q, want %q", by.Role, got, want)
			}
			for i := range want {
				if got[i] != want[i] {
					t.Fatalf("%s reads %q, want %q", by.Role, got, want)
				}
			}
			w.must(w.MarkRead(w.ctx, *by, thread))
			w.must(w.MarkRead(w.ctx, *by, thread)) // once
		}
		thread, err := w.Thread(w.ctx, admin, w.load(c.ID))
		w.must(err)
		if n := len(thread[3].Read); n != 2 {
			t.Fatalf("%d read what was to all", n)
		}
		letters, err := w.LettersOf(w.ctx, c.ID)
		w.must(err)
		owed := 0
		for _, l := range letters {
			if l.Kind == negotiation.LetterMessage && l.Recipient == negotiation.ToParty && l.Owed {
				owed++
			}
		}
		if owed != 1 { // the answer is owed, what came after it of our own accord is not
			t.Fatalf("%d letters were answers", owed)
		}
		w.holds()
	})
}
