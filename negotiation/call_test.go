package negotiation_test

import (
	"slices"
	"testing"
	"time"

	"amiable/negotiation"
	"amiable/negotiation/database"
	"amiable/negotiation/database/databasetest"
	"amiable/negotiation/money"
)

func TestACallCountsLikeALetterAndSaysWhyWhereItMayNotBe(t *testing.T) {
	eachMoving(t, "2026-08-31", func(t *testing.T, w *world, clock *movingClock) {
		c := w.openCase()
		party := c.MainParty().ID
		note := func(outcome negotiation.CallOutcome) negotiation.CallNote {
			return negotiation.CallNote{PartyID: party, Outcome: outcome, Number: "05 56 00 00 00"}
		}
		clock.goTo(t, "2026-09-01 10:00")
		_, err := w.LogCall(w.ctx, nadia, c.ID, note(negotiation.CallNoAnswer))
		w.must(err)
		clock.goTo(t, "2026-09-02 10:00") // two days between two contacts
		reasons, out, err := w.MayCall(w.ctx, w.load(c.ID), party)
		w.must(err)
		if len(reasons) > 0 || out.Reason != negotiation.ContactCap || !out.At.Equal(time.Date(2026, 9, 3, 10, 0, 0, 0, negotiation.Zone)) {
			t.Errorf("%v %+v", reasons, out)
		}
		_, err = w.LogCall(w.ctx, nadia, c.ID, note(negotiation.CallReached))
		refused(t, err, "call_not_now")
		if l := w.remind(c.ID); l.DelayedBy != negotiation.ContactCap {
			t.Errorf("a letter does not count the call: %+v", l)
		}
		because := note(negotiation.CallReached)
		because.Because = "Elle a demandé au guichet qu’on l’appelle."
		_, err = w.LogCall(w.ctx, nadia, c.ID, because)
		w.must(err)
		clock.goTo(t, "2026-09-12 11:00") // a Saturday
		_, err = w.LogCall(w.ctx, nadia, c.ID, note(negotiation.CallReached))
		refused(t, err, "call_not_now")
		in := note(negotiation.CallReached)
		in.Inbound = true
		_, err = w.LogCall(w.ctx, nadia, c.ID, in) // who calls us may
		w.must(err)
		if made := mustList(w, c); len(made) != 2 || !made[0].Judged || made[1].Judged {
			t.Errorf("counted: %+v", made)
		}
		in.Outcome = negotiation.CallNoAnswer
		_, err = w.LogCall(w.ctx, nadia, c.ID, in)
		refused(t, err, "outcome_not_inbound")
		_, err = w.LogCall(w.ctx, decider(c), c.ID, in)
		refused(t, err, "not_your_role")
		calls, err := w.Calls(w.ctx, c.ID)
		w.must(err)
		if len(calls) != 3 || !calls[0].Inbound || calls[1].Because == "" || w.told(c.ID, negotiation.CallLogged) != 3 {
			t.Errorf("the log: %+v", calls)
		}
		w.holds()
	})
}

func TestAWrongNumberIsUsedNoMoreAndACallBackWaits(t *testing.T) {
	eachMoving(t, "2026-08-31", func(t *testing.T, w *world, clock *movingClock) {
		c := w.openCase()
		party := c.MainParty().ID
		w.must(w.ChangeContact(w.ctx, nadia, c.ID, party, negotiation.ContactPhone, "+33 5 56 00 00 01", ""))
		clock.goTo(t, "2026-09-01 10:00")
		_, err := w.LogCall(w.ctx, nadia, c.ID, negotiation.CallNote{PartyID: party, Outcome: negotiation.CallWrong, Number: "05.56.00.00.01"})
		w.must(err)
		if _, ok := w.load(c.ID).MainParty().Contact(negotiation.ContactPhone); ok {
			t.Error("the wrong number is still used")
		}
		clock.goTo(t, "2026-09-04 10:00")
		again := negotiation.CallNote{PartyID: party, Outcome: negotiation.CallBackWish, Number: "06 39 98 00 41", Words: "Vendredi."}
		_, err = w.LogCall(w.ctx, nadia, c.ID, again)
		w.must(err)
		w.wait("callback")
	})
}

func TestAPromiseHoldsLettersUntilItsDayAndThenAPersonLooks(t *testing.T) {
	databasetest.Each(t, migrations, func(t *testing.T, db *database.DB) {
		clock := &movingClock{at: time.Time(at("2026-08-31"))}
		w, c := negotiating(t, db, clock, nil)
		party := c.MainParty().ID
		promise := func(cents int64, on negotiation.Day) error {
			_, err := w.LogCall(w.ctx, nadia, c.ID, negotiation.CallNote{PartyID: party, Inbound: true, Outcome: negotiation.CallPromised, Promised: money.Euros(cents), PromisedOn: on})
			return err
		}
		refused(t, promise(0, "2026-09-07"), "amount_not_positive")
		refused(t, promise(9_000_00, "2026-09-07"), "amount_above_owed")
		refused(t, promise(100_00, "2026-08-30"), "date_past")
		refused(t, promise(100_00, "2026-11-30"), "promise_too_far")
		w.must(promise(100_00, "2026-09-03"))
		w.must(promise(300_00, "2026-09-07")) // another takes its place
		held := func() bool { return w.load(c.ID).Gate(negotiation.DayOf(clock.at)).Stands(negotiation.Promised) }
		states := func() (states []negotiation.PromiseState) {
			found, err := w.Promises(w.ctx, c.ID)
			w.must(err)
			for _, p := range found {
				states = append(states, p.State)
			}
			return states
		}
		if !held() || w.remind(c.ID).State != negotiation.LetterStopped {
			t.Error("letters leave in spite of the promise")
		}
		w.pay(c, "p1", 120_00, "2026-08-31")
		if got := states(); !slices.Equal(got, []negotiation.PromiseState{negotiation.PromiseAwaited, negotiation.PromiseDropped}) {
			t.Errorf("%v", got)
		}
		w.pay(c, "p2", 180_00, "2026-08-31")
		if got := states(); got[0] != negotiation.PromiseIsKept || held() {
			t.Errorf("paid, it is %v", got)
		}
		w.must(promise(50_00, "2026-09-07"))
		clock.on("2026-09-10") // the last of the days that money takes
		if n, err := w.WatchPromises(w.ctx, 10); err != nil || n != 0 || !held() {
			t.Errorf("%d looked at too early (%v)", n, err)
		}
		clock.on("2026-09-11")
		if held() {
			t.Error("letters are held for ever")
		}
		if n, err := w.WatchPromises(w.ctx, 10); err != nil || n != 1 || states()[0] != negotiation.PromiseIsBroke {
			t.Errorf("%d ended (%v)", n, err)
		}
		w.wait("promise")
		clock.on("2026-09-14")
		_, err := w.LogCall(w.ctx, nadia, c.ID, negotiation.CallNote{PartyID: party, Outcome: negotiation.CallLeft})
		w.must(err)
		w.wait("") // somebody took it up
		w.must(promise(500_00, "2026-09-20"))
		w.must(w.Withdraw(w.ctx, admin, c.ID, negotiation.Word{Why: "Renonce"}))
		clock.on("2026-10-20")
		if _, err = w.WatchPromises(w.ctx, 10); err != nil || states()[0] != negotiation.PromiseDropped {
			t.Errorf("of a case that left us: %v (%v)", states(), err)
		}
		w.holds()
	})
}
