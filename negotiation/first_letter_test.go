package negotiation_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"

	"amiable/negotiation"
	"amiable/negotiation/database"
	"amiable/negotiation/database/databasetest"
	"amiable/negotiation/ledger"
	"amiable/negotiation/money"
)

const firm = "CRE-001,F-1,2026-03-31,2026-04-30,EUR,10000.00,0,business,Garage du Port SCOP,031093149,,,garage@example.test,,1 rue du Port,33000,Bordeaux,FR,fr,,MDT-001,Réparation"

// eachMoving is a world whose clock the test moves, on both databases.
func eachMoving(t *testing.T, day string, test func(t *testing.T, w *world, clock *movingClock)) {
	databasetest.Each(t, migrations, func(t *testing.T, db *database.DB) {
		clock := &movingClock{}
		clock.on(day)
		test(t, newWorld(t, db, clock), clock)
	})
}

func (c *movingClock) on(day string) {
	c.at, _ = at(day).Now(context.Background())
}

// placed places lines and returns the ids of their cases, in order.
func (w *world) placed(lines ...string) []string {
	w.t.Helper()
	p := w.place(lines...)
	ids, err := w.CasesOfPlacement(w.ctx, p.ID)
	w.must(err)
	return ids
}

func (w *world) prepare(caseID string) *negotiation.OpeningLetter {
	w.t.Helper()
	made, err := w.PrepareFirstLetter(w.ctx, admin, caseID, negotiation.LetterOrder{Site: "https://portail.example"})
	w.must(err)
	return made
}

func (w *world) refused(err error, code string) *negotiation.Refusal {
	w.t.Helper()
	r := negotiation.AsRefusal(err)
	if r == nil || r.Code != code {
		w.t.Fatalf("got %v, want the refusal %s", err, code)
	}
	return r
}

func TestAFirstLetterIsMadeOnceFreezesItsStatementAndOpensTheCase(t *testing.T) {
	eachMoving(t, "2026-08-31", func(t *testing.T, w *world, clock *movingClock) {
		id := w.placed(firm)[0]
		made := w.prepare(id)
		owed, err := made.Statement.Owed()
		w.must(err)
		if made.Reference != "PL-2026-0001" || made.Letter.Channel != negotiation.ContactPost || owed.GoodUntil != "2026-09-15" || owed.On != "2026-08-31" {
			t.Fatalf("made %s by %s, good until %s", made.Reference, made.Letter.Channel, owed.GoodUntil)
		}
		if owed.Total != money.Euros(10_453_68) || len(owed.Claims[0].Segments) != 2 || owed.Claims[0].Segments[0].Article == "" {
			t.Fatalf("it asks %v: %+v", owed.Total, owed.Claims)
		}
		if c := w.load(id); c.State != negotiation.CasePlaced || !c.FirstLetterOn.IsZero() {
			t.Fatalf("a letter that was only made opened the case: %s", c.State)
		}
		_, err = w.PrepareFirstLetter(w.ctx, admin, id, negotiation.LetterOrder{})
		w.refused(err, "first_letter_prepared")
		due, err := w.LettersDue(w.ctx, 10)
		w.must(err)
		if len(due) != 0 {
			t.Fatal("a letter for the post is due by mail")
		}
		// One by other means is refused while ours is on the table.
		w.refused(w.RecordFirstLetter(w.ctx, admin, id, negotiation.FirstLetter{Reference: "LRAR-9", SentOn: "2026-08-31", Channel: "registered", Proof: "x"}), "first_letter_prepared")

		clock.on("2026-09-02")
		w.must(w.RecordFirstLetter(w.ctx, admin, id, negotiation.FirstLetter{Reference: made.Reference, SentOn: "2026-09-01", Channel: "post", Proof: "bordereau 1"}))
		c := w.load(id)
		if c.State != negotiation.CaseOpen || c.FirstLetterReference != made.Reference || c.FirstLetterOn != "2026-09-01" {
			t.Fatalf("posted, the case is %s with %s of %s", c.State, c.FirstLetterReference, c.FirstLetterOn)
		}
		_, err = w.PrepareFirstLetter(w.ctx, admin, id, negotiation.LetterOrder{})
		w.refused(err, "first_letter_recorded")
		w.refused(w.CancelFirstLetter(w.ctx, admin, made.LetterID, "trop tard"), "first_letter_posted")

		before := made.Statement.Content
		w.pay(c, "p1", 500_00, "2026-09-02")
		again, err := w.FirstLetterOf(w.ctx, admin, w.load(id))
		w.must(err)
		if again.Statement.Content != before || again.Content != made.Content {
			t.Error("a payment changed what the letter said")
		}
		stranger := negotiation.Actor{Role: negotiation.RoleDebtor, ID: "x", CaseID: w.creditor.ID}
		_, err = w.FirstLetterOf(w.ctx, stranger, w.load(id))
		w.refused(err, "not_found")
		w.holds()
	})
}

func TestTheDatabaseItselfKeepsWhatWasFrozen(t *testing.T) {
	eachMoving(t, "2026-08-31", func(t *testing.T, w *world, _ *movingClock) {
		made := w.prepare(w.placed(firm)[0])
		for _, statement := range []string{
			"UPDATE statements SET content = '{}'", "DELETE FROM statements", "UPDATE first_letters SET content = '{}'",
			"UPDATE first_letters SET reference = 'PL-2026-0007'", "DELETE FROM first_letters",
		} {
			if err := w.DB().Read(w.ctx).Exec(statement).Error; err == nil {
				t.Errorf("the database let through: %s", statement)
			}
		}
		w.must(w.CancelFirstLetter(w.ctx, admin, made.LetterID, "adresse à vérifier"))
		if err := w.DB().Read(w.ctx).Exec("UPDATE first_letters SET cancelled_at = NULL").Error; err == nil {
			t.Error("a cancelled letter came back")
		}
	})
}

func TestACancelledLetterKeepsItsNumberAndAnotherIsMade(t *testing.T) {
	eachMoving(t, "2026-08-31", func(t *testing.T, w *world, clock *movingClock) {
		id := w.placed(firm)[0]
		first := w.prepare(id)
		w.refused(w.CancelFirstLetter(w.ctx, admin, first.LetterID, " "), "reason_missing")
		w.must(w.CancelFirstLetter(w.ctx, admin, first.LetterID, "adresse à vérifier"))
		w.must(w.CancelFirstLetter(w.ctx, admin, first.LetterID, "deux fois"))
		clock.on("2026-09-10")
		second := w.prepare(id)
		if second.Reference != "PL-2026-0002" || second.StatementID == first.StatementID {
			t.Fatalf("the second is %s", second.Reference)
		}
		w.refused(w.RecordFirstLetter(w.ctx, admin, id, negotiation.FirstLetter{Reference: first.Reference, SentOn: "2026-09-10", Channel: "post", Proof: "x"}), "first_letter_prepared")
		clock.on("2026-09-16")
		w.refused(w.RecordFirstLetter(w.ctx, admin, id, negotiation.FirstLetter{Reference: second.Reference, SentOn: "2026-09-16", Channel: "post", Proof: "x"}), "letter_too_old")
		w.refused(w.RecordFirstLetter(w.ctx, admin, id, negotiation.FirstLetter{Reference: second.Reference, SentOn: "2026-09-09", Channel: "post", Proof: "x"}), "letter_posted_before_made")
		w.holds()
	})
}

func TestALetterIsNotPostedOnAStatementThatChanged(t *testing.T) {
	eachMoving(t, "2026-08-31", func(t *testing.T, w *world, clock *movingClock) {
		id := w.placed(firm)[0]
		made := w.prepare(id)
		clock.at = clock.at.Add(1e9)
		w.pay(w.load(id), "p1", 100_00, "2026-08-31", func(p *negotiation.Paid) { p.Into = ledger.Entrusted })
		r := w.refused(w.RecordFirstLetter(w.ctx, admin, id, negotiation.FirstLetter{Reference: made.Reference, SentOn: "2026-08-31", Channel: "post", Proof: "x"}), "gate_letters")
		if r.Reasons[0] != negotiation.StatementChanged {
			t.Errorf("refused for %v", r.Reasons)
		}
		w.must(w.CancelFirstLetter(w.ctx, admin, made.LetterID, "un paiement est arrivé"))
		owed, err := w.prepare(id).Statement.Owed()
		w.must(err)
		if owed.Total != money.Euros(10_353_68) || len(owed.Claims[0].Movements) == 0 {
			t.Errorf("the new letter asks %v", owed.Total)
		}
		w.holds()
	})
}

func TestWhatKeepsAFirstLetterFromBeingMadeIsNamed(t *testing.T) {
	for name, row := range map[string]struct {
		line   string
		before func(w *world, id string)
		reason negotiation.Reason
	}{
		"no mandate": {strings.Replace(firm, "MDT-001", "MDT-001", 1), func(w *world, id string) {
			w.must(w.DB().Read(w.ctx).Exec("UPDATE mandates SET revoked_on = '2026-08-30'").Error)
		}, negotiation.NoMandate},
		"papers missing": {firm, func(w *world, id string) {
			w.must(w.DB().Read(w.ctx).Exec("UPDATE papers SET valid_until = '2026-08-30' WHERE kind = 'insurance'").Error)
		}, negotiation.PapersMissing},
		"soon time-barred": {"CRE-001,F-1,2024-08-01,2024-09-15,EUR,100.00,0,consumer,Chloé Test,,,,chloe@example.test,,1 rue du Port,33000,Bordeaux,FR,fr,,MDT-001,x", nil, negotiation.TimeBarred},
		"foreign currency": {strings.Replace(firm, "EUR", "USD", 1), nil, negotiation.ForeignCurrency},
		"not due yet":      {strings.Replace(firm, "2026-04-30", "2026-12-30", 1), nil, negotiation.NotDueYet},
		"a hold": {firm, func(w *world, id string) {
			_, err := w.PlaceHold(w.ctx, admin, id, negotiation.Hold{Reason: negotiation.HoldMoved})
			w.must(err)
		}, negotiation.HoldMoved},
		"a person writes": {firm, func(w *world, id string) {
			_, err := w.PlaceHold(w.ctx, admin, id, negotiation.Hold{Reason: negotiation.HoldVulnerable})
			w.must(err)
		}, negotiation.HoldVulnerable},
		"a part is disputed": {firm, func(w *world, id string) {
			claim, amount := w.load(id).Claims[0].ID, int64(10_00)
			_, err := w.PlaceHold(w.ctx, admin, id, negotiation.Hold{Reason: negotiation.HoldDisputed, ClaimID: &claim, Amount: &amount})
			w.must(err)
		}, negotiation.HoldDisputed},
	} {
		t.Run(name, func(t *testing.T) {
			eachMoving(t, "2026-08-31", func(t *testing.T, w *world, _ *movingClock) {
				id := w.placed(row.line)[0]
				if row.before != nil {
					row.before(w, id)
				}
				_, err := w.PrepareFirstLetter(w.ctx, admin, id, negotiation.LetterOrder{})
				r := w.refused(err, "gate_letters")
				found := false
				for _, reason := range r.Reasons {
					found = found || reason == row.reason
				}
				if !found {
					t.Errorf("it is refused for %v, not for %s", r.Reasons, row.reason)
				}
			})
		})
	}
}

func TestNoRateIsGuessedForAFirstLetter(t *testing.T) {
	eachMoving(t, "2027-01-20", func(t *testing.T, w *world, _ *movingClock) {
		w.must(w.DB().Read(w.ctx).Exec("UPDATE papers SET valid_until = '2031-01-01'").Error)
		_, err := w.PrepareFirstLetter(w.ctx, admin, w.placed(firm)[0], negotiation.LetterOrder{})
		if r := w.refused(err, "gate_letters"); r.Reasons[0] != negotiation.RateMissing {
			t.Errorf("refused for %v", r.Reasons)
		}
	})
}

// The sum of a letter clears the case until the day it names, whatever interest
// has run since.
func TestTheSumOfTheLetterClearsTheCaseInTime(t *testing.T) {
	for _, row := range []struct {
		paid    int64
		on      negotiation.Day
		cleared bool
	}{
		{10_453_68, "2026-09-15", true}, {10_453_68, "2026-09-16", false}, {10_453_67, "2026-09-15", false}, {10_453_68, "2026-08-31", true},
	} {
		eachMoving(t, "2026-08-31", func(t *testing.T, w *world, clock *movingClock) {
			w.must(w.DB().Read(w.ctx).Exec("UPDATE mandates SET rest_waived_below = 0").Error)
			id := w.placed(firm)[0]
			made := w.prepare(id)
			w.must(w.RecordFirstLetter(w.ctx, admin, id, negotiation.FirstLetter{Reference: made.Reference, SentOn: "2026-08-31", Channel: "post", Proof: "x"}))
			clock.on("2026-09-20")
			a := w.pay(w.load(id), "p1", row.paid, row.on)
			if got := w.load(id).State == negotiation.CaseCleared; got != row.cleared || (row.cleared && !a.Excess.IsZero()) {
				t.Errorf("%d paid on %s: cleared %t, excess %v, left %v", row.paid, row.on, got, a.Excess, a.Left)
			}
			w.holds()
		})
	}
}

func TestABatchIsMadeOnceWhoeverRepeatsItAndLosesNobody(t *testing.T) {
	eachMoving(t, "2026-08-31", func(t *testing.T, w *world, clock *movingClock) {
		var lines []string
		for _, n := range []string{"1", "2", "3", "4", "5", "6", "7", "8"} {
			lines = append(lines, "CRE-001,F-"+n+",2026-03-31,2026-04-30,EUR,"+n+"00.00,0,consumer,Chloé Test "+n+",,,,chloe"+n+"@example.test,,"+n+" rue du Port,33000,Bordeaux,FR,fr,,MDT-001,x")
		}
		ids := w.placed(lines...)
		waiting, err := w.Unwritten(w.ctx, admin, "", 100)
		w.must(err)
		groups, err := w.UnwrittenPlacements(w.ctx, admin, 10)
		w.must(err)
		if len(waiting) != 8 || len(groups) != 1 || groups[0].Cases != 8 || groups[0].CreditorName != "Atelier Boréal SARL" {
			t.Fatalf("%d wait, by %+v", len(waiting), groups)
		}
		_, err = w.PlaceHold(w.ctx, admin, ids[2], negotiation.Hold{Reason: negotiation.HoldDeceased})
		w.must(err)
		order := negotiation.LetterOrder{Complete: func(d *negotiation.LetterDraft) error {
			if strings.Contains(d.Content.Debtor.Name, "Test 5") {
				return negotiation.Refuse(negotiation.Invalid, "letter_incomplete").With("mention", "debtor's address")
			}
			return nil
		}}
		const batch = "0190f000-0000-7000-8000-000000000001"
		for range 2 { // a double click
			b, err := w.OpenLetterBatch(w.ctx, admin, batch, append(ids, ids[0]), "2026-09-01", "https://portail.example/")
			w.must(err)
			if b.Cases != 8 || b.Waiting != 8 || b.Site != "https://portail.example" {
				t.Fatalf("the batch is %+v", b)
			}
		}
		done, err := w.PrepareBatch(w.ctx, admin, batch, 2, order)
		w.must(err)
		if done != 2 {
			t.Fatalf("%d were made", done)
		}
		var all sync.WaitGroup // and two who go on at once, one of them the job
		for i := range 2 {
			all.Go(func() {
				for {
					n, err := w.PrepareWaiting(w.ctx, 3, order)
					if i == 0 {
						n, err = w.PrepareBatch(w.ctx, admin, batch, 3, order)
					}
					if err != nil && !errors.Is(err, database.ErrBusy) {
						t.Error(err)
						return
					}
					if n == 0 && err == nil {
						return
					}
				}
			})
		}
		all.Wait()
		list, err := w.BatchLetters(w.ctx, admin, batch)
		w.must(err)
		made, numbers := 0, map[string]bool{}
		for i, b := range list {
			if b.Waiting {
				t.Errorf("%d still waits", i)
			}
			if b.Opening != nil {
				made++
				numbers[b.Opening.Reference] = true
			}
		}
		if made != 6 || len(numbers) != 6 || list[2].Refused != "gate_letters deceased" || list[4].Refused != "letter_incomplete debtor's address" {
			t.Fatalf("%d letters, %q, %q", made, list[2].Refused, list[4].Refused)
		}
		// One is found to have moved before the post goes.
		_, err = w.PlaceHold(w.ctx, admin, ids[0], negotiation.Hold{Reason: negotiation.HoldMoved})
		w.must(err)
		clock.on("2026-09-01")
		_, _, err = w.PostBatch(w.ctx, admin, batch, "2026-09-01", " ")
		w.refused(err, "proof_missing")
		posted, refused, err := w.PostBatch(w.ctx, admin, batch, "2026-09-01", "bordereau 7")
		w.must(err)
		if posted != 5 || len(refused) != 1 {
			t.Fatalf("%d posted, refused %v", posted, refused)
		}
		posted, _, err = w.PostBatch(w.ctx, admin, batch, "2026-09-01", "bordereau 7")
		w.must(err)
		if posted != 0 {
			t.Fatalf("%d were posted twice", posted)
		}
		w.holds()
	})
}

func TestAMailedFirstLetterOpensTheCaseWhenItLeaves(t *testing.T) {
	eachMoving(t, "2026-08-31", func(t *testing.T, w *world, clock *movingClock) {
		w.must(w.AllowFirstLetterByEmail(w.ctx, admin, true))
		id := w.placed(firm)[0]
		made := w.prepare(id)
		if made.Letter.Channel != negotiation.ContactEmail {
			t.Fatalf("it goes by %s", made.Letter.Channel)
		}
		sending, ok, err := w.PrepareLetter(w.ctx, made.LetterID)
		w.must(err)
		if !ok || sending.Opening == nil || sending.Opening.Reference != made.Reference {
			t.Fatalf("it may not leave: %+v", sending)
		}
		if _, again, err := w.PrepareLetter(w.ctx, made.LetterID); again || err != nil {
			t.Errorf("two senders were given one letter (%v)", err)
		}
		w.must(w.LetterSent(w.ctx, made.LetterID, "garage@example.test"))
		c := w.load(id)
		if c.State != negotiation.CaseOpen || c.FirstLetterOn != "2026-08-31" || c.FirstLetterChannel != "mail" {
			t.Fatalf("the case is %s, %s by %s", c.State, c.FirstLetterOn, c.FirstLetterChannel)
		}
		w.holds()
	})
}

// senders says how many of those who ask for a letter at once are given it.
func (w *world) senders(letterID string) (n int) {
	const many = 16
	var all sync.WaitGroup
	won := make(chan bool, many)
	for range many {
		all.Go(func() {
			_, ok, err := w.PrepareLetter(w.ctx, letterID)
			if err != nil && !errors.Is(err, database.ErrBusy) {
				w.t.Error(err)
			}
			won <- ok
		})
	}
	all.Wait()
	close(won)
	for ok := range won {
		if ok {
			n++
		}
	}
	return n
}

func TestALetterIsOneSendersAloneForAWhile(t *testing.T) {
	eachMoving(t, "2026-08-31", func(t *testing.T, w *world, clock *movingClock) {
		c := w.openCase()
		letter, err := w.SendLink(w.ctx, admin, c.ID, c.MainParty().ID)
		w.must(err)
		w.must(w.OnAgency(w.ctx, func(t *negotiation.Tx, a *negotiation.Agency) error { // a letter of no case has no lock of its own
			return t.TellUser(a.Email, "fr", negotiation.ToAgent, negotiation.LetterCodeAlarm, nil)
		}))
		due, err := w.LettersDue(w.ctx, 10)
		w.must(err)
		if len(due) != 2 {
			t.Fatalf("%d letters are due", len(due))
		}
		for _, l := range due {
			if n := w.senders(l.ID); n != 1 {
				t.Fatalf("%d senders were given the letter of kind %s", n, l.Kind)
			}
		}
		take := func() bool {
			_, ok, err := w.PrepareLetter(w.ctx, letter.ID)
			w.must(err)
			return ok
		}
		if take() {
			t.Error("it was given away again")
		}
		w.must(w.LetterReleased(w.ctx, letter.ID))
		if !take() {
			t.Error("what was given back is not due")
		}
		clock.at = clock.at.Add(6 * 60 * 1e9) // its sender died
		if !take() {
			t.Error("a dead sender's letter is lost")
		}
		w.must(w.LetterRefused(w.ctx, letter.ID, "GARAGE@example.test", true, "refused 550 5.1.1 for good"))
		c = w.load(c.ID)
		if _, usable := c.MainParty().Contact(negotiation.ContactEmail); usable {
			t.Error("an address that was refused is still written to")
		}
		failed, err := w.Worklist(w.ctx, nadia, negotiation.WorkFilter{Kinds: []negotiation.WorkKind{negotiation.WorkUndelivered}}, nil, 10)
		w.must(err)
		if len(failed) != 1 || failed[0].CaseID != c.ID || failed[0].SubjectID != c.MainParty().ID {
			t.Fatalf("failed: %+v", failed)
		}
		w.holds()
	})
}
