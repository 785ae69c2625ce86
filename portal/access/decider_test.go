package access

import (
	"testing"
	"time"

	"amiable/negotiation"
	"amiable/negotiation/money"
)

// colleague is a user of the world's creditor who has accepted.
func (w *world) colleague(email string, p *Powers) *User {
	w.t.Helper()
	u := w.user(Invitation{Email: email, Role: negotiation.RoleCreditor, CreditorID: w.creditor.ID, Powers: p})
	u.Name = email
	w.must(updateUser(w.db.Read(w.ctx), u, "Name"))
	return u
}

// acting is as whom a signed-in user acts today.
func (w *world) acting(u *User) negotiation.Actor {
	w.t.Helper()
	by, ok, err := w.Actor(w.ctx, &Visit{Kind: KindStaff, SubjectID: u.ID})
	w.must(err)
	if !ok {
		w.t.Fatalf("%s is nobody", u.Email)
	}
	return by
}

func TestPowersAreComparedByWhatTheyReach(t *testing.T) {
	none, small, large, full := Powers{}, Powers{true, 100}, Powers{true, 500}, Powers{Decides: true}
	for _, row := range []struct{ a, b, want Powers }{
		{none, none, none}, {none, small, small}, {small, none, small}, {small, large, large}, {large, small, large}, {large, full, full}, {full, small, full},
	} {
		if got := row.a.wider(row.b); got != row.want {
			t.Errorf("%+v and %+v: %+v", row.a, row.b, got)
		}
	}
	for owed, want := range map[int64]bool{500: true, 501: false} {
		if large.reach(money.Euros(owed)) != want {
			t.Errorf("%d of 500: %v", owed, !want)
		}
	}
	if none.reach(money.Euros(1)) || !full.reach(money.Euros(1_000_000_00)) {
		t.Error("who decides nothing, or anything")
	}
}

func TestAFullDeciderSaysWhatColleaguesMayAnswer(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		head, clerk := w.colleague("head@boreal.example.com", nil), w.colleague("clerk@boreal.example.com", &Powers{})
		if by := w.acting(head); !by.DecidesAll() {
			t.Fatalf("who is invited without a word decides: %+v", by)
		}
		if by := w.acting(clerk); by.Decides {
			t.Fatalf("a viewer decides: %+v", by)
		}
		w.refused(w.SetPowers(w.ctx, w.acting(clerk), head.ID, Powers{}), "needs_full_decider")
		w.refused(w.SetPowers(w.ctx, w.acting(head), head.ID, Powers{}), "not_yourself")
		w.refused(w.SetPowers(w.ctx, negotiation.Actor{Role: negotiation.RoleAgent, ID: newID()}, clerk.ID, Powers{Decides: true}), "not_found")
		stranger := w.acting(head)
		stranger.CreditorID = newID()
		w.refused(w.SetPowers(w.ctx, stranger, clerk.ID, Powers{Decides: true}), "not_found")
		w.must(w.SetPowers(w.ctx, w.acting(head), clerk.ID, Powers{true, 500_00}))
		if by := w.acting(clerk); !by.MayAnswer(money.Euros(500_00)) || by.MayAnswer(money.Euros(500_01)) || by.DecidesAll() {
			t.Fatalf("up to 500: %+v", by)
		}
		w.must(w.SetPowers(w.ctx, administrator, head.ID, Powers{}))
		if by := w.acting(head); by.Decides {
			t.Fatal("an administrator's word counts too")
		}
		chain, err := w.negotiation.Chain(w.ctx, w.creditor.ID)
		w.must(err)
		n := 0
		for _, e := range chain {
			if e.Kind == DeciderSet {
				n++
			}
		}
		creditor, err := w.negotiation.Creditor(w.ctx, w.creditor.ID)
		w.must(err)
		if breaks := negotiation.VerifyChain(chain, creditor.EventSeq, creditor.EventHead); n != 2 || len(breaks) > 0 {
			t.Fatalf("%d events on the creditor's chain, %v", n, breaks)
		}
	})
}

func TestADelegationRunsUntilItsDayAndNoFurther(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		head, limited, clerk := w.colleague("head@boreal.example.com", nil), w.colleague("limited@boreal.example.com", &Powers{true, 500_00}), w.colleague("clerk@boreal.example.com", &Powers{})
		today, err := w.negotiation.Today(w.ctx)
		w.must(err)
		w.refused(w.Delegate(w.ctx, w.acting(head), head.ID, today), "not_yourself")
		w.refused(w.Delegate(w.ctx, w.acting(clerk), head.ID, today), "not_decider")
		w.refused(w.Delegate(w.ctx, w.acting(head), clerk.ID, today.Add(-1)), "date_past")
		w.refused(w.Delegate(w.ctx, w.acting(head), clerk.ID, today.Add(93)), "delegation_too_long")
		w.must(w.Delegate(w.ctx, w.acting(limited), clerk.ID, today.Add(10)))
		if by := w.acting(clerk); !by.MayAnswer(money.Euros(500_00)) || by.MayAnswer(money.Euros(500_01)) {
			t.Fatalf("in the place of one who decides up to 500: %+v", by)
		}
		w.must(w.Delegate(w.ctx, w.acting(head), clerk.ID, today.Add(1)))
		w.must(w.Delegate(w.ctx, w.acting(head), clerk.ID, today.Add(2))) // in the place of the first
		by := w.acting(clerk)
		if !by.MayAnswer(money.Euros(1_000_000_00)) || !by.Deputy || by.DecidesAll() {
			t.Fatalf("in the head's place: %+v", by)
		}
		w.refused(w.SetPowers(w.ctx, by, limited.ID, Powers{}), "needs_full_decider")
		w.refused(w.Delegate(w.ctx, by, limited.ID, today.Add(1)), "not_decider")
		colleagues, err := w.Colleagues(w.ctx, w.acting(head), w.creditor.ID)
		w.must(err)
		if len(colleagues) != 3 || colleagues[0].Called() != "clerk@boreal.example.com" || !colleagues[0].MayAnswer(money.Euros(900_00)) || len(colleagues[0].Received) != 2 || len(colleagues[1].Given) != 1 {
			t.Fatalf("colleagues: %+v", colleagues)
		}
		// The one who is away loses access: what hung on it is gone at once.
		w.must(w.Disable(w.ctx, administrator, head.ID))
		if by := w.acting(clerk); by.MayAnswer(money.Euros(500_01)) {
			t.Fatalf("in nobody's place: %+v", by)
		}
		w.must(w.Enable(w.ctx, administrator, head.ID))
		w.product.forward(2 * 24 * time.Hour)
		if by := w.acting(clerk); !by.MayAnswer(money.Euros(500_01)) {
			t.Fatal("its last day is the day that was said")
		}
		w.product.forward(24 * time.Hour)
		if by := w.acting(clerk); by.MayAnswer(money.Euros(500_01)) || !by.MayAnswer(money.Euros(500_00)) {
			t.Fatalf("after its day: %+v", by)
		}
		colleagues, err = w.Colleagues(w.ctx, w.acting(limited), w.creditor.ID)
		w.must(err)
		given := colleagues[2].Given
		if len(given) != 1 {
			t.Fatalf("given: %+v", colleagues)
		}
		w.refused(w.EndDelegation(w.ctx, w.acting(clerk), given[0].ID), "needs_full_decider")
		w.must(w.EndDelegation(w.ctx, w.acting(limited), given[0].ID))
		w.must(w.EndDelegation(w.ctx, w.acting(limited), given[0].ID)) // a second click
		if by := w.acting(clerk); by.Decides {
			t.Fatalf("ended: %+v", by)
		}
		invariants, err := w.Verify(w.ctx)
		w.must(err)
		for _, i := range invariants {
			if len(i.Breaks) > 0 {
				t.Errorf("%s: %v", i.Name, i.Breaks)
			}
		}
	})
}
