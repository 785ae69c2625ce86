package negotiation_test

import (
	"errors"
	"io/fs"
	"strings"
	"sync"
	"testing"
	"time"

	"amiable/negotiation"
	"amiable/negotiation/database"
)

// goTo moves the clock to an hour of a day in Paris.
func (c *movingClock) goTo(t *testing.T, text string) {
	t.Helper()
	to, err := time.ParseInLocation("2006-01-02 15:04", text, negotiation.Zone)
	if err != nil {
		t.Fatal(err)
	}
	c.at = to
}

// remind writes a letter that asks or reminds, as a job does.
func (w *world) remind(caseID string) *negotiation.Letter {
	w.t.Helper()
	return w.tell(negotiation.System, caseID, negotiation.LetterLink)
}

func (w *world) tell(by negotiation.Actor, caseID string, kind negotiation.LetterKind) (l *negotiation.Letter) {
	w.t.Helper()
	w.must(w.OnCase(w.ctx, by, caseID, func(t *negotiation.Tx, c *negotiation.Case) (err error) {
		l, err = c.Tell(t, by, c.MainParty(), kind, nil)
		return err
	}))
	return l
}

// leaves takes a letter and, where it may leave, sends it.
func (w *world) leaves(letterID string) bool {
	w.t.Helper()
	_, ok, err := w.PrepareLetter(w.ctx, letterID)
	w.must(err)
	if ok {
		w.must(w.LetterSent(w.ctx, letterID, "garage@example.test"))
	}
	return ok
}

// now is a letter as it stands.
func (w *world) now(caseID, letterID string) negotiation.Letter {
	w.t.Helper()
	letters, err := w.LettersOf(w.ctx, caseID)
	w.must(err)
	for _, l := range letters {
		if l.ID == letterID {
			return l
		}
	}
	w.t.Fatalf("letter %s is not of the case", letterID)
	return negotiation.Letter{}
}

func (w *world) told(caseID string, kind negotiation.EventKind) (n int) {
	w.t.Helper()
	events, err := w.Chain(w.ctx, caseID)
	w.must(err)
	for i := range events {
		if events[i].Kind == kind {
			n++
		}
	}
	return n
}

// samePerson opens a case of the person of openCase with another creditor.
func (w *world) samePerson() *negotiation.Case {
	w.t.Helper()
	other, err := w.AddCreditor(w.ctx, admin, negotiation.Creditor{Reference: "CRE-002", Name: "Lenoir SAS", SIREN: "007684269", Email: "lenoir@example.test"})
	w.must(err)
	_, err = w.SignMandate(w.ctx, admin, negotiation.Mandate{CreditorID: other.ID, Reference: "MDT-002", SignedOn: "2024-01-02", Scope: "Toutes les factures", Proof: "signed-2", RestWaivedBelow: 100})
	w.must(err)
	w.place("CRE-002,L-1,2026-03-31,2026-04-30,EUR,500.00,0,business,Garage du Port SCOP,031093149,,,garage@example.test,,1 rue du Port,33000,Bordeaux,FR,fr,,MDT-002,Plans")
	found, err := w.Find(w.ctx, negotiation.Actor{Role: negotiation.RoleCreditor, CreditorID: other.ID}, negotiation.Search{})
	w.must(err)
	w.must(w.RecordFirstLetter(w.ctx, admin, found[0].ID, negotiation.FirstLetter{Reference: "PL-2", SentOn: "2026-05-10", Channel: "post", Proof: "LA-2"}))
	return w.load(found[0].ID)
}

func TestWhatRemindsWaitsForTheMorningAndWhatIsOwedDoesNot(t *testing.T) {
	eachMoving(t, "2026-08-31", func(t *testing.T, w *world, clock *movingClock) {
		c := w.openCase()
		clock.goTo(t, "2026-09-04 19:30") // a Friday
		l := w.remind(c.ID)
		monday := time.Date(2026, 9, 7, 9, 0, 0, 0, negotiation.Zone)
		if l.State != negotiation.LetterDueState || l.DelayedBy != negotiation.QuietHours || !l.DueAt.Equal(monday) {
			t.Fatalf("it is %s until %v because of %q", l.State, l.DueAt, l.DelayedBy)
		}
		if kept := w.now(c.ID, l.ID); kept.DelayedBy != negotiation.QuietHours || !kept.DueAt.Equal(monday) {
			t.Fatalf("kept: %+v", kept)
		}
		if !w.leaves(w.tell(negotiation.System, c.ID, negotiation.LetterReceipt).ID) {
			t.Error("a receipt waits for the morning")
		}
		due, err := w.LettersDue(w.ctx, 10)
		w.must(err)
		if len(due) != 0 || w.leaves(l.ID) {
			t.Error("it left in the evening")
		}
		clock.goTo(t, "2026-09-07 09:00")
		if due, err = w.LettersDue(w.ctx, 10); err != nil || len(due) != 1 {
			t.Fatalf("%d letters are due on Monday (%v)", len(due), err)
		}
		if !w.leaves(l.ID) {
			t.Error("it does not leave on Monday")
		}
		if n := w.told(c.ID, negotiation.LetterDelayed); n != 1 {
			t.Errorf("%d events tell of the delay", n)
		}

		// Due in the day, taken in the evening: asked again at the door.
		clock.goTo(t, "2026-09-14 18:00")
		l = w.remind(c.ID)
		clock.goTo(t, "2026-09-14 19:01")
		if l.DelayedBy != "" || w.leaves(l.ID) {
			t.Error("it left in the evening")
		}
		if kept := w.now(c.ID, l.ID); kept.DelayedBy != negotiation.QuietHours || !kept.DueAt.Equal(time.Date(2026, 9, 15, 9, 0, 0, 0, negotiation.Zone)) {
			t.Errorf("kept: %s until %v", kept.DelayedBy, kept.DueAt)
		}
		w.holds()
	})
}

func TestTheCapIsOfThePersonAcrossCasesAndCreditors(t *testing.T) {
	eachMoving(t, "2026-08-31", func(t *testing.T, w *world, clock *movingClock) {
		one, two := w.openCase(), w.samePerson()
		if one.MainParty().PersonID != two.MainParty().PersonID {
			t.Fatal("they are two persons")
		}
		clock.goTo(t, "2026-08-31 10:00") // a Monday
		first, second, third := w.remind(one.ID), w.remind(two.ID), w.remind(one.ID)
		if !w.leaves(first.ID) {
			t.Fatal("the first does not leave")
		}
		if w.leaves(second.ID) {
			t.Fatal("two left on one day, for two creditors")
		}
		if kept := w.now(two.ID, second.ID); kept.DelayedBy != negotiation.ContactCap || !kept.DueAt.Equal(time.Date(2026, 9, 2, 10, 0, 0, 0, negotiation.Zone)) {
			t.Fatalf("kept: %s until %v", kept.DelayedBy, kept.DueAt)
		}
		clock.goTo(t, "2026-09-02 10:00")
		if !w.leaves(second.ID) || w.leaves(third.ID) {
			t.Error("not the second, or the third too")
		}
		if kept := w.now(one.ID, third.ID); !kept.DueAt.Equal(time.Date(2026, 9, 7, 10, 0, 0, 0, negotiation.Zone)) {
			t.Errorf("the third waits until %v", kept.DueAt)
		}
		w.remind(one.ID)
		week := clock.at.Add(-7 * 24 * time.Hour)
		for c, want := range map[*negotiation.Case]int{one: 1, two: 1} {
			made, err := w.ContactsMade(w.ctx, c.MainParty().PersonID, c.CreditorID, week)
			w.must(err)
			if len(made) != want || made[0].CaseID != c.ID {
				t.Errorf("creditor %s is shown %d contacts", c.CreditorID, len(made))
			}
		}
		w.holds()
	})
}

func TestAgencyMayBeStricter(t *testing.T) {
	w, clock := onSQLite(t, "2026-08-31")
	c := w.openCase()
	w.LimitContacts(1)
	if !w.leaves(w.remind(c.ID).ID) {
		t.Fatal("the first does not leave")
	}
	clock.goTo(t, "2026-09-04 12:00")
	if l := w.remind(c.ID); l.DelayedBy != negotiation.ContactCap || !l.DueAt.Equal(time.Date(2026, 9, 7, 12, 0, 0, 0, negotiation.Zone)) {
		t.Errorf("the second: %s, %v", l.DelayedBy, l.DueAt)
	}
	w.LimitContacts(9)
	if w.ContactRules("2026-09-04").Most != 2 {
		t.Error("an agency was let off the rules")
	}
}

func TestTwoCasesOfOnePersonNeverBothUseTheLastContact(t *testing.T) {
	eachMoving(t, "2026-08-31", func(t *testing.T, w *world, clock *movingClock) {
		one, two := w.openCase(), w.samePerson()
		for week := range 4 {
			clock.goTo(t, "2026-09-01 10:00")
			clock.at = clock.at.AddDate(0, 0, 14*week)
			letters := []string{w.remind(one.ID).ID, w.remind(two.ID).ID, w.remind(one.ID).ID, w.remind(two.ID).ID}
			var all sync.WaitGroup
			won := make(chan string, len(letters))
			for _, id := range letters {
				all.Go(func() {
					for {
						_, ok, err := w.PrepareLetter(w.ctx, id)
						if errors.Is(err, database.ErrBusy) {
							continue
						}
						if err != nil {
							t.Error(err)
						}
						if ok {
							won <- id
						}
						return
					}
				})
			}
			all.Wait()
			close(won)
			n := 0
			for id := range won {
				n++
				w.must(w.LetterSent(w.ctx, id, "garage@example.test"))
			}
			if n != 1 {
				t.Fatalf("%d letters left at once", n)
			}
			clock.at = clock.at.AddDate(0, 0, 2)
			due, err := w.LettersDue(w.ctx, 10)
			w.must(err)
			left := 0
			for _, l := range due {
				if w.leaves(l.ID) {
					left++
				}
			}
			if left != 1 {
				t.Fatalf("%d letters left two days later", left)
			}
			w.holds()
			clock.at = clock.at.AddDate(0, 0, 8)
			if due, err = w.LettersDue(w.ctx, 10); err != nil {
				t.Fatal(err)
			}
			for _, l := range due { // what is left over, for the next round
				w.must(w.LetterRefused(w.ctx, l.ID, "other@example.test", false, "refused 550 for good"))
			}
		}
	})
}

func TestWhatDidNotLeaveIsNotCounted(t *testing.T) {
	eachMoving(t, "2026-08-31", func(t *testing.T, w *world, clock *movingClock) {
		one, two := w.openCase(), w.samePerson()
		clock.goTo(t, "2026-08-31 10:00")
		for _, back := range []func(id string) error{
			func(id string) error { return w.LetterReleased(w.ctx, id) },
			func(id string) error { return w.LetterNotSent(w.ctx, id, "refused 451 for now") },
			func(id string) error {
				return w.LetterRefused(w.ctx, id, "garage@example.test", false, "refused 554 for good")
			},
		} {
			l := w.remind(one.ID)
			if _, ok, err := w.PrepareLetter(w.ctx, l.ID); !ok || err != nil {
				t.Fatalf("it may not leave: %s, %v", w.now(one.ID, l.ID).DelayedBy, err)
			}
			w.must(back(l.ID))
		}
		l := w.remind(two.ID)
		if _, ok, err := w.PrepareLetter(w.ctx, l.ID); !ok || err != nil { // and its sender dies
			t.Fatalf("it may not leave: %v", err)
		}
		clock.at = clock.at.Add(6 * time.Minute)
		if !w.leaves(l.ID) {
			t.Error("its own first try stands in its way")
		}
		w.holds()
	})
}

func TestAFirstLetterCountsHoweverItWent(t *testing.T) {
	eachMoving(t, "2026-08-31", func(t *testing.T, w *world, clock *movingClock) {
		c := w.openCase() // posted in May
		clock.goTo(t, "2026-05-11 10:00")
		if l := w.remind(c.ID); l.DelayedBy != negotiation.ContactCap || !l.DueAt.Equal(time.Date(2026, 5, 12, 12, 0, 0, 0, negotiation.Zone)) {
			t.Errorf("a day after the first letter: %s, %v", l.DelayedBy, l.DueAt)
		}
		w.holds()
	})
}

func TestAMailedFirstLetterKeepsToTheHoursToo(t *testing.T) {
	eachMoving(t, "2026-08-31", func(t *testing.T, w *world, clock *movingClock) {
		w.must(w.AllowFirstLetterByEmail(w.ctx, admin, true))
		clock.goTo(t, "2026-08-31 20:00")
		id := w.placed(firm)[0]
		made := w.prepare(id)
		if w.leaves(made.LetterID) {
			t.Fatal("it left in the evening")
		}
		clock.goTo(t, "2026-09-01 09:00")
		if !w.leaves(made.LetterID) || w.load(id).State != negotiation.CaseOpen {
			t.Fatal("it does not leave in the morning")
		}
		if l := w.remind(id); l.DelayedBy != negotiation.ContactCap {
			t.Errorf("a reminder minutes later: %q until %v", l.DelayedBy, l.DueAt)
		}
		w.holds()
	})
}

func TestAChannelThatWasRefusedOrIsWrongCarriesOnlyWhatIsOwed(t *testing.T) {
	eachMoving(t, "2026-08-31", func(t *testing.T, w *world, clock *movingClock) {
		one, two := w.openCase(), w.samePerson()
		waiting := w.remind(one.ID)
		debtor := negotiation.Actor{Role: negotiation.RoleDebtor, ID: two.MainParty().ID, Name: "Garage", CaseID: two.ID}
		w.must(w.ChooseContact(w.ctx, debtor, two.ID, negotiation.ContactChoices{NoEmail: true, PrefersChannel: negotiation.ContactPost}, "", ""))
		if l := w.remind(two.ID); l.State != negotiation.LetterStopped || l.BlockedBy != string(negotiation.OptedOut) {
			t.Errorf("a reminder is %s by %q", l.State, l.BlockedBy)
		}
		// Said in one case, it holds for the person.
		if w.leaves(waiting.ID) {
			t.Error("what was due already left")
		}
		if l := w.now(one.ID, waiting.ID); l.State != negotiation.LetterStopped || l.BlockedBy != string(negotiation.OptedOut) {
			t.Errorf("it is %s by %q", l.State, l.BlockedBy)
		}
		if l := w.tell(negotiation.Gateway, one.ID, negotiation.LetterReceipt); !w.leaves(l.ID) {
			t.Error("a receipt is not owed any more")
		}
		w.must(w.ChooseContact(w.ctx, debtor, two.ID, negotiation.ContactChoices{}, "", ""))

		bad := w.remind(two.ID)
		if _, ok, err := w.PrepareLetter(w.ctx, bad.ID); !ok || err != nil {
			t.Fatalf("it may not leave: %v", err)
		}
		w.must(w.LetterRefused(w.ctx, bad.ID, "garage@example.test", true, "refused 550 5.1.1 for good"))
		astray := w.remind(one.ID)
		if astray.State != negotiation.LetterStopped || astray.BlockedBy != string(negotiation.WrongRecipient) {
			t.Errorf("a reminder is %s by %q", astray.State, astray.BlockedBy)
		}
		failed, err := w.Worklist(w.ctx, nadia, negotiation.WorkFilter{Kinds: []negotiation.WorkKind{negotiation.WorkUndelivered}}, nil, 10)
		w.must(err)
		if len(failed) != 2 {
			t.Errorf("the agents see %d letters that reach nobody", len(failed))
		}
		w.must(w.ChangeContact(w.ctx, admin, one.ID, one.MainParty().ID, negotiation.ContactEmail, "port@example.test", ""))
		if l := w.remind(one.ID); l.State != negotiation.LetterDueState {
			t.Errorf("with a new address a reminder is %s by %q", l.State, l.BlockedBy)
		}
		w.holds()
	})
}

func TestAFirstLetterGoesByTheChannelThatIsLeft(t *testing.T) {
	w, _ := onSQLite(t, "2026-08-31")
	w.must(w.AllowFirstLetterByEmail(w.ctx, admin, true))
	c := w.openCase()
	debtor := negotiation.Actor{Role: negotiation.RoleDebtor, ID: c.MainParty().ID, CaseID: c.ID}
	w.must(w.ChooseContact(w.ctx, debtor, c.ID, negotiation.ContactChoices{NoEmail: true}, "", ""))
	w.place("CRE-001,F-2,2026-03-31,2026-04-30,EUR,100.00,0,business,Autre SARL,007684269,,,autre@example.test,,1 rue du Port,33000,Bordeaux,FR,fr,,MDT-001,Autre")
	if made := w.prepare(w.found("autre").ID); made.Letter.Channel != negotiation.ContactEmail {
		t.Errorf("who chose nothing gets it by %s", made.Letter.Channel)
	}
	other := w.samePersonPlaced()
	if made := w.prepare(other); made.Letter.Channel != negotiation.ContactPost {
		t.Errorf("who wants no mail gets it by %s", made.Letter.Channel)
	}
}

// samePersonPlaced places a claim of another creditor on the person of openCase.
func (w *world) samePersonPlaced() string {
	w.t.Helper()
	other, err := w.AddCreditor(w.ctx, admin, negotiation.Creditor{Reference: "CRE-003", Name: "Mirage SAS", SIREN: "008465635", Email: "mirage@example.test"})
	w.must(err)
	_, err = w.SignMandate(w.ctx, admin, negotiation.Mandate{CreditorID: other.ID, Reference: "MDT-003", SignedOn: "2024-01-02", Scope: "Toutes les factures", Proof: "signed-3", RestWaivedBelow: 100})
	w.must(err)
	w.place("CRE-003,M-1,2026-03-31,2026-04-30,EUR,500.00,0,business,Garage du Port SCOP,031093149,,,garage@example.test,,1 rue du Port,33000,Bordeaux,FR,fr,,MDT-003,Plans")
	found, err := w.Find(w.ctx, negotiation.Actor{Role: negotiation.RoleCreditor, CreditorID: other.ID}, negotiation.Search{})
	w.must(err)
	return found[0].ID
}

func TestOnlyAPersonWritesToWhoIsVulnerable(t *testing.T) {
	eachMoving(t, "2026-08-31", func(t *testing.T, w *world, clock *movingClock) {
		c := w.openCase()
		due := w.remind(c.ID)
		_, err := w.PlaceHold(w.ctx, admin, c.ID, negotiation.Hold{Reason: negotiation.HoldVulnerable})
		w.must(err)
		if l := w.remind(c.ID); l.State != negotiation.LetterStopped || l.BlockedBy != string(negotiation.HoldVulnerable) {
			t.Errorf("a machine's letter is %s by %q", l.State, l.BlockedBy)
		}
		if w.leaves(due.ID) {
			t.Error("a machine's letter that was due already left")
		}
		if l := w.tell(admin, c.ID, negotiation.LetterLink); !w.leaves(l.ID) {
			t.Error("a person's letter does not leave")
		}
		if l := w.tell(negotiation.Gateway, c.ID, negotiation.LetterReceipt); !w.leaves(l.ID) {
			t.Error("a receipt does not leave")
		}
		w.holds()
	})
}

func TestACreditorAsksForAPauseAndForNothingElse(t *testing.T) {
	eachMoving(t, "2026-08-31", func(t *testing.T, w *world, clock *movingClock) {
		c := w.openCase()
		owner := negotiation.Actor{Role: negotiation.RoleCreditor, ID: "u1", Name: "Ada Boréal", CreditorID: c.CreditorID}
		for _, reason := range negotiation.HoldReasons {
			_, err := w.PlaceHold(w.ctx, owner, c.ID, negotiation.Hold{Reason: reason, UntilOn: "2026-09-10"})
			if r := negotiation.AsRefusal(err); (r == nil) != (reason == negotiation.HoldCreditorRequest) {
				t.Errorf("a creditor and %s: %v", reason, err)
			}
		}
		if l := w.tell(admin, c.ID, negotiation.LetterLink); l.BlockedBy != string(negotiation.HoldCreditorRequest) {
			t.Errorf("a letter is held by %q", l.BlockedBy)
		}
		clock.goTo(t, "2026-09-11 10:00") // it ends by itself
		if l := w.remind(c.ID); !w.leaves(l.ID) {
			t.Errorf("the day after, a letter is %s by %q", l.State, l.BlockedBy)
		}
		for _, reason := range []negotiation.Reason{negotiation.HoldMinor, negotiation.HoldMoved} {
			h, err := w.PlaceHold(w.ctx, admin, c.ID, negotiation.Hold{Reason: reason})
			w.must(err)
			if l := w.tell(admin, c.ID, negotiation.LetterLink); l.BlockedBy != string(reason) {
				t.Errorf("%s: a letter is held by %q", reason, l.BlockedBy)
			}
			if l := w.tell(negotiation.Gateway, c.ID, negotiation.LetterReceipt); l.State != negotiation.LetterDueState {
				t.Errorf("%s: a receipt is %s", reason, l.State)
			}
			w.must(w.LiftHold(w.ctx, admin, c.ID, h.ID))
		}
		w.holds()
	})
}

func TestNothingRemindsWhileAMessageWaitsForItsAnswer(t *testing.T) {
	eachMoving(t, "2026-08-31", func(t *testing.T, w *world, clock *movingClock) {
		c := w.openCase()
		debtor := negotiation.Actor{Role: negotiation.RoleDebtor, ID: c.MainParty().ID, Name: "Garage", CaseID: c.ID}
		clock.goTo(t, "2026-09-04 10:00") // a Friday
		wish, err := w.Wish(w.ctx, debtor, c.ID, negotiation.Wish{Kind: negotiation.WishMessage, Words: "Et la garantie ?"})
		w.must(err)
		l := w.remind(c.ID)
		if l.DelayedBy != negotiation.AnswerAwaited || !l.DueAt.Equal(time.Date(2026, 9, 9, 9, 0, 0, 0, negotiation.Zone)) {
			t.Fatalf("it waits until %v because of %q", l.DueAt, l.DelayedBy)
		}
		clock.goTo(t, "2026-09-09 09:00")
		if w.leaves(l.ID) {
			t.Error("it left before the answer")
		}
		w.must(w.HandleWish(w.ctx, admin, c.ID, wish.ID))
		clock.goTo(t, "2026-09-10 09:00")
		if !w.leaves(l.ID) {
			t.Error("it does not leave after the answer")
		}
		w.holds()
	})
}

func TestALinkThatWasAskedForOnThePhoneIsAnAnswer(t *testing.T) {
	w, clock := onSQLite(t, "2026-08-31")
	c := w.openCase()
	clock.goTo(t, "2026-08-31 20:00")
	by := admin
	by.OnBehalfOf = c.MainParty().ID
	l, err := w.SendLink(w.ctx, by, c.ID, c.MainParty().ID)
	w.must(err)
	if !l.Owed || !w.leaves(l.ID) {
		t.Error("who asks for a link at eight waits until nine")
	}
	if l := w.remind(c.ID); l.DelayedBy != negotiation.QuietHours {
		t.Errorf("the answer counted: %s", l.DelayedBy)
	}
}

func TestAPersonChoosesHowToBeContacted(t *testing.T) {
	eachMoving(t, "2026-08-31", func(t *testing.T, w *world, clock *movingClock) {
		c := w.openCase()
		clock.goTo(t, "2026-08-31 10:00")
		debtor := negotiation.Actor{Role: negotiation.RoleDebtor, ID: c.MainParty().ID, Name: "Garage", CaseID: c.ID}
		afternoons := negotiation.ContactChoices{NoSMS: true, PrefersChannel: negotiation.ContactEmail, PrefersHours: negotiation.Afternoon}
		for range 2 { // a second click changes nothing
			w.must(w.ChooseContact(w.ctx, debtor, c.ID, afternoons, "", ""))
		}
		if got := w.load(c.ID).MainParty().Person.ContactChoices; got != afternoons {
			t.Errorf("kept: %+v", got)
		}
		if n := w.told(c.ID, negotiation.ContactChosen); n != 1 {
			t.Errorf("%d events tell of it", n)
		}
		if l := w.remind(c.ID); !l.DueAt.Equal(time.Date(2026, 8, 31, 14, 0, 0, 0, negotiation.Zone)) {
			t.Errorf("a reminder leaves at %v", l.DueAt)
		}
		w.must(w.ChooseContact(w.ctx, debtor, c.ID, afternoons, "  Jamais au travail. ", ""))
		wishes, err := w.WishesOf(w.ctx, c.ID)
		w.must(err)
		if len(wishes) != 1 || wishes[0].Kind != negotiation.WishContact || wishes[0].Words != "Jamais au travail." {
			t.Errorf("wishes: %+v", wishes)
		}

		agent := negotiation.Actor{Role: negotiation.RoleAgent, ID: "a1", Name: "Nadia"}
		onPhone := agent
		onPhone.OnBehalfOf = c.MainParty().ID
		w.must(w.ChooseContact(w.ctx, onPhone, c.ID, negotiation.ContactChoices{NoEmail: true}, "", "au téléphone le 31 août"))
		events, err := w.Chain(w.ctx, c.ID)
		w.must(err)
		last := events[len(events)-1]
		if _, what := last.What(); last.Kind != negotiation.ContactChosen || last.OnBehalfOf != c.MainParty().ID || what["said"] != "au téléphone le 31 août" || what["no_email"] != true {
			t.Errorf("the last event: %+v", last)
		}

		stranger := negotiation.Actor{Role: negotiation.RoleDebtor, ID: c.MainParty().ID, CaseID: "0199aaaa-0000-7000-8000-000000000000"}
		owner := negotiation.Actor{Role: negotiation.RoleCreditor, ID: "u1", CreditorID: c.CreditorID, OnBehalfOf: c.MainParty().ID}
		for _, row := range []struct {
			by      negotiation.Actor
			choices negotiation.ContactChoices
			words   string
			said    string
			code    string
		}{
			{stranger, afternoons, "", "", "not_found"},
			{owner, afternoons, "", "heard", "not_your_role"},
			{agent, afternoons, "", "heard", "not_your_role"},
			{onPhone, afternoons, "", " ", "consent_missing"},
			{debtor, negotiation.ContactChoices{PrefersChannel: "pigeon"}, "", "", "contact_channel_unknown"},
			{debtor, negotiation.ContactChoices{PrefersHours: "night"}, "", "", "contact_hours_unknown"},
			{debtor, negotiation.ContactChoices{NoEmail: true, PrefersChannel: negotiation.ContactEmail}, "", "", "contact_channel_refused"},
			{debtor, afternoons, strings.Repeat("a", 5_000), "", "words_too_long"},
		} {
			if r := negotiation.AsRefusal(w.ChooseContact(w.ctx, row.by, c.ID, row.choices, row.words, row.said)); r == nil || r.Code != row.code {
				t.Errorf("%s: %v", row.code, r)
			}
		}
		w.holds()
	})
}

func TestVerifySeesContactsThatTheRulesForbid(t *testing.T) {
	eachMoving(t, "2026-08-31", func(t *testing.T, w *world, clock *movingClock) {
		c := w.openCase()
		clock.goTo(t, "2026-09-01 10:00")
		w.leaves(w.remind(c.ID).ID)
		clock.goTo(t, "2026-09-03 10:00")
		w.leaves(w.remind(c.ID).ID)
		w.holds()
		var made []negotiation.ContactMade
		db := w.DB().Read(w.ctx)
		w.must(db.Where("judged").Order("at").Find(&made).Error)
		if len(made) != 2 {
			t.Fatalf("%d were judged", len(made))
		}
		put := func(m negotiation.ContactMade, at time.Time) {
			w.must(db.Model(&negotiation.ContactMade{}).Where("id = ?", m.ID).Updates(map[string]any{"at": at.UTC(), "created_at": at.UTC()}).Error)
		}
		for _, row := range []struct {
			invariant string
			harm      func()
		}{
			{"no letter that asks or reminds left in quiet hours", func() { put(made[1], made[1].At.Add(12*time.Hour)) }},
			{"nobody is contacted more often than the rules let us", func() { put(made[1], made[1].At.Add(-time.Hour)) }},
			{"every letter that asks or reminds is counted once it left", func() { w.must(db.Where("id = ?", made[1].ID).Delete(&negotiation.ContactMade{}).Error) }},
		} {
			row.harm()
			broken := map[string]int{}
			invariants, err := w.Verify(w.ctx)
			w.must(err)
			for _, i := range invariants {
				broken[i.Name] += len(i.Breaks)
			}
			if broken[row.invariant] != 1 {
				t.Errorf("%q does not see it: %v", row.invariant, broken)
			}
			put(made[1], made[1].At)
		}
	})
}

// What an older version sent is counted after the upgrade as if it had been
// counted then.
func TestWhatLeftBeforeTheUpgradeIsCounted(t *testing.T) {
	eachMoving(t, "2026-08-31", func(t *testing.T, w *world, clock *movingClock) {
		byOtherMeans := w.openCase()
		clock.goTo(t, "2026-08-31 10:00")
		if !w.leaves(w.remind(byOtherMeans.ID).ID) {
			t.Fatal("nothing left")
		}
		w.leaves(w.tell(negotiation.Gateway, byOtherMeans.ID, negotiation.LetterReceipt).ID)
		w.place("CRE-001,F-2,2026-03-31,2026-04-30,EUR,100.00,0,business,Autre SARL,007684269,,,autre@example.test,,1 rue du Port,33000,Bordeaux,FR,fr,,MDT-001,Autre")
		id := w.found("autre").ID
		made := w.prepare(id)
		w.must(w.RecordFirstLetter(w.ctx, admin, id, negotiation.FirstLetter{Reference: made.Reference, SentOn: "2026-08-31", Channel: "post", Proof: "LA-2"}))

		db := w.DB().Read(w.ctx)
		read := func() (all []negotiation.ContactMade) {
			w.must(db.Order("id").Find(&all).Error)
			return all
		}
		want := read()
		w.must(db.Exec("DELETE FROM contacts_made").Error)
		file, err := fs.ReadFile(negotiation.Migrations.Files, string(w.DB().Dialect())+"/0004_contact_rules.sql")
		w.must(err)
		ran := 0
		for _, statement := range strings.Split(string(file), ";\n") {
			if at := strings.Index(statement, "INSERT INTO contacts_made"); at >= 0 {
				w.must(db.Exec(statement[at:]).Error)
				ran++
			}
		}
		got := read()
		if ran != 2 || len(want) != 3 || len(got) != len(want) {
			t.Fatalf("%d statements counted %d of %d contacts", ran, len(got), len(want))
		}
		for i := range want {
			g, k := got[i], want[i]
			if g.ID != k.ID || g.PersonID != k.PersonID || g.CaseID != k.CaseID || g.CreditorID != k.CreditorID || g.Kind != k.Kind || g.Channel != k.Channel || g.Judged ||
				negotiation.DayOf(g.At) != negotiation.DayOf(k.At) {
				t.Errorf("counted as %+v, was %+v", g, k)
			}
		}
		// Both databases compare the instants with those that we write.
		if recent, err := w.ContactsMade(w.ctx, byOtherMeans.MainParty().PersonID, byOtherMeans.CreditorID, clock.at.Add(-time.Hour)); err != nil || len(recent) != 1 {
			t.Errorf("%d contacts in the last hour (%v)", len(recent), err)
		}
		w.holds()
	})
}
