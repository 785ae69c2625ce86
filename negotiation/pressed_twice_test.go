package negotiation_test

import (
	"testing"
	"time"

	"amiable/negotiation"
	"amiable/negotiation/money"
)

// A way out that is put twice in the same minute, and a word on it that is said
// twice, are one of each, and tell nobody again; said later it is another.
func TestAStepPressedTwiceIsOneStep(t *testing.T) {
	eachMoving(t, "2026-08-31", func(t *testing.T, w *world, clock *movingClock) {
		c := w.openCase()
		d := w.contest(c, 400_00)
		w.must(w.TakeUpDispute(w.ctx, admin, c.ID, d.ID))
		steps := func() []negotiation.DisputeStep { return w.disputes(c, admin)[0].Steps }
		before := len(steps())
		took := func(what string, want int) {
			t.Helper()
			if got := len(steps()) - before; got != want {
				t.Errorf("%s: %d steps, not %d", what, got, want)
			}
		}
		put := func(amount int64) {
			t.Helper()
			w.must(w.WriteOnSheet(w.ctx, admin, c.ID, d.ID, negotiation.Sheet{Kind: negotiation.StepWay, Words: " On coupe en deux. ", Way: negotiation.WayCorrected, Amount: money.Euros(amount)}))
		}
		put(200_00)
		put(200_00)
		took("a way out put twice", 1)
		put(150_00)
		took("another sum", 2)
		put(200_00)
		took("the first again, after another", 3)
		way := steps()[len(steps())-1]
		say := func(takes bool) {
			t.Helper()
			w.must(w.AnswerWay(w.ctx, debtorOf(c), c.ID, d.ID, way.ID, takes, negotiation.Reply{}))
		}
		say(true)
		say(true)
		took("yes, twice", 4)
		say(false)
		say(true)
		took("no, then yes", 6)
		told := negotiation.Actor{Role: negotiation.RoleAgent, ID: nadia.ID, Name: nadia.Name, OnBehalfOf: c.CreditorID}
		for range 2 {
			w.must(w.AnswerWay(w.ctx, told, c.ID, d.ID, way.ID, true, negotiation.Reply{Note: "Au téléphone."}))
		}
		took("what an agent was told, with the note of it", 8)
		clock.at = clock.at.Add(2 * time.Minute)
		put(200_00)
		took("the same, later", 9)
		w.holds()
	})
}

// The form of who contests, pressed twice on a phone, opens one dispute and
// leads to it; another sum is refused, since one is open.
func TestAContestPressedTwiceIsOneDispute(t *testing.T) {
	eachMoving(t, "2026-08-31", func(t *testing.T, w *world, clock *movingClock) {
		c := w.openCase()
		first := w.contest(c, 400_00)
		clock.at = clock.at.Add(20 * time.Second)
		if again := w.contest(c, 400_00); again.ID != first.ID {
			t.Error("pressed twice, another dispute was opened")
		}
		_, err := w.OpenDispute(w.ctx, debtorOf(c), c.ID, negotiation.Contest{ClaimID: c.Claims[0].ID, Amount: money.Euros(300_00), Ground: negotiation.GroundGoods, Words: "La porte ferme mal."})
		if r := negotiation.AsRefusal(err); r == nil || r.Kind != negotiation.Conflict {
			t.Errorf("another sum: %v", err)
		}
		if d := w.disputes(c, admin); len(d) != 1 || len(d[0].Steps) != 1 || w.told(c.ID, negotiation.DisputeWasOpened) != 1 {
			t.Errorf("it stands as %+v", d)
		}
		w.holds()
	})
}

// A call that is noted twice in the same minute counts once among those that a
// debtor may be made; another outcome, promise or wish is another call.
func TestACallPressedTwiceIsOneCall(t *testing.T) {
	eachMoving(t, "2026-08-31", func(t *testing.T, w *world, clock *movingClock) {
		c := w.openCase()
		clock.goTo(t, "2026-09-01 10:00")
		n := negotiation.CallNote{PartyID: c.MainParty().ID, Outcome: negotiation.CallNoAnswer, Number: "05 56 00 00 00"}
		logged := func(what string, n negotiation.CallNote, want int) {
			t.Helper()
			_, err := w.LogCall(w.ctx, nadia, c.ID, n)
			w.must(err)
			calls, err := w.Calls(w.ctx, c.ID)
			w.must(err)
			if len(calls) != want || w.told(c.ID, negotiation.CallLogged) != want {
				t.Errorf("%s: %d calls, not %d", what, len(calls), want)
			}
		}
		logged("once", n, 1)
		logged("pressed twice", n, 1)
		n.Inbound, n.Outcome, n.Promised, n.PromisedOn = true, negotiation.CallPromised, money.Euros(100_00), "2026-09-10"
		logged("a promise", n, 2)
		logged("a promise, pressed twice", n, 2)
		n.PromisedOn = "2026-09-11"
		logged("a promise for another day", n, 3)
		n.Outcome, n.Promised, n.PromisedOn = negotiation.CallReached, money.Amount{}, ""
		for i := range 2 {
			wish, err := w.Wish(w.ctx, debtorOf(c), c.ID, negotiation.Wish{Kind: negotiation.WishMessage, Words: "Rappelez-moi."})
			w.must(err)
			n.WishID = wish.ID
			logged("an answer to a wish", n, 4+i)
			logged("an answer to a wish, pressed twice", n, 4+i)
		}
		w.holds()
	})
}
