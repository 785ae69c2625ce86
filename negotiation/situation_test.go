package negotiation_test

import (
	"strings"
	"testing"
	"time"

	"amiable/negotiation"
	"amiable/negotiation/database"
	"amiable/negotiation/database/databasetest"
)

var paperOf = negotiation.SituationFile{Hash: strings.Repeat("a", 64), Name: "courrier.pdf", MediaType: "application/pdf", Bytes: 12}

func (w *world) situations(c *negotiation.Case) []negotiation.Situation {
	w.t.Helper()
	all, err := w.Situations(w.ctx, admin, w.load(c.ID))
	w.must(err)
	return all
}

// TestOverIndebtednessFromTheFirstWordToTheErasedDebt: told by the debtor,
// proved, admitted, and at its end nothing is owed. What follows from each step
// is the gate's.
func TestOverIndebtednessFromTheFirstWordToTheErasedDebt(t *testing.T) {
	databasetest.Each(t, migrations, func(t *testing.T, db *database.DB) {
		clock := &movingClock{at: time.Time(at("2026-08-31"))}
		w, c := negotiating(t, db, clock, &generous)
		blocked := func(day negotiation.Day, e negotiation.Effect) bool {
			return len(w.load(c.ID).Gate(day).Blocking(e)) > 0
		}

		err := w.TellOverindebtedness(w.ctx, decider(c), c.ID, "", negotiation.Proof{})
		refused(t, err, "not_your_role")
		w.must(w.TellOverindebtedness(w.ctx, debtorOf(c), c.ID, "Dossier déposé lundi.", negotiation.Proof{}))
		w.must(w.TellOverindebtedness(w.ctx, debtorOf(c), c.ID, "", negotiation.Proof{})) // a second press
		all := w.situations(c)
		if len(all) != 1 || all[0].State != negotiation.SituationTold || all[0].ProofBy != "2026-09-30" || all[0].Hold.UntilOn != "2026-09-30" {
			t.Fatalf("told: %+v", all)
		}
		if !blocked("2026-09-30", negotiation.Letters) || blocked("2026-09-30", negotiation.Payment) || blocked("2026-10-01", negotiation.Letters) {
			t.Error("the debtor's word rests letters for thirty days, and nothing else")
		}
		id := all[0].ID
		refused(t, w.ConfirmSituation(w.ctx, admin, c.ID, id), "situation_unproved")
		refused(t, w.ConfirmSituation(w.ctx, debtorOf(c), c.ID, id), "not_your_role")

		// The letter of the commission comes: an agent has seen it, and the pause
		// has no last day any more.
		clock.on("2026-09-10")
		w.must(w.TellOverindebtedness(w.ctx, debtorOf(c), c.ID, "", negotiation.Proof{Number: " 000426011234 ", Files: []negotiation.SituationFile{paperOf}}))
		w.must(w.ConfirmSituation(w.ctx, admin, c.ID, id))
		w.must(w.ConfirmSituation(w.ctx, admin, c.ID, id))
		if s := w.situations(c)[0]; s.State != negotiation.SituationConfirmed || s.FileNumber != "000426011234" || len(s.Files) != 1 || !s.Hold.UntilOn.IsZero() {
			t.Fatalf("confirmed: %+v", s)
		}
		if w.told(c.ID, negotiation.SituationProved) != 1 || w.told(c.ID, negotiation.SituationWasSure) != 1 {
			t.Error("each step is one event")
		}

		// Admitted: to pay is forbidden by law, and the creditor has to know.
		refused(t, w.TurnSituation(w.ctx, admin, c.ID, id, negotiation.HoldOverindebtednessAdmitted, negotiation.Proof{}), "proof_missing")
		refused(t, w.TurnSituation(w.ctx, admin, c.ID, id, negotiation.HoldDebtErased, negotiation.Proof{Number: "1"}), "hold_reason_unknown")
		w.must(w.TurnSituation(w.ctx, admin, c.ID, id, negotiation.HoldOverindebtednessAdmitted, negotiation.Proof{Number: "R-2026-77"}))
		all = w.situations(c)
		if len(all) != 2 || all[0].EndReason != negotiation.EndTurned || all[1].State != negotiation.SituationConfirmed || all[1].ReviewOn != "2028-09-10" {
			t.Fatalf("admitted: %+v", all)
		}
		if !blocked("2026-09-10", negotiation.Payment) || !w.load(c.ID).PaymentForbidden("2026-09-10") {
			t.Error("paying is not forbidden")
		}
		w.must(w.TurnSituation(w.ctx, admin, c.ID, all[1].ID, negotiation.HoldMeasuresAdopted, negotiation.Proof{Number: "M-1"}))
		if blocked("2026-09-10", negotiation.Payment) || !blocked("2026-09-10", negotiation.PlanMaking) || !blocked("2026-09-10", negotiation.Interest) {
			t.Error("what the commission fixed may be paid, and nothing else be asked")
		}
		w.must(w.TurnSituation(w.ctx, admin, c.ID, w.situations(c)[2].ID, negotiation.HoldDebtErased, negotiation.Proof{Number: "E-1"}))
		last := w.situations(c)[3]
		if !w.load(c.ID).PaymentForbidden("2026-09-10") {
			t.Error("an erased debt may be paid")
		}
		refused(t, w.EndSituation(w.ctx, admin, c.ID, last.ID, negotiation.Ending{Reason: "kept"}), "end_reason_missing")
		w.must(w.EndSituation(w.ctx, admin, c.ID, last.ID, negotiation.Ending{Reason: "mistaken", Note: "Un homonyme."}))
		refused(t, w.EndSituation(w.ctx, admin, c.ID, last.ID, negotiation.Ending{Reason: "mistaken"}), "situation_is_ended")
		if blocked("2026-09-10", negotiation.Payment) {
			t.Error("its end frees nothing")
		}
		letters, err := w.LettersOf(w.ctx, c.ID)
		w.must(err)
		told := map[negotiation.LetterKind]int{}
		for _, l := range letters {
			told[l.Kind]++
		}
		if told[negotiation.LetterSituation] != 3 || told[negotiation.LetterSituationTold] != 2 {
			t.Errorf("letters: %v", told)
		}
		w.holds()
	})
}

// TestAWordWithoutAPaperEndsByItself, and then waits for nobody.
func TestAWordWithoutAPaperEndsByItself(t *testing.T) {
	databasetest.Each(t, migrations, func(t *testing.T, db *database.DB) {
		clock := &movingClock{at: time.Time(at("2026-08-31"))}
		w, c := negotiating(t, db, clock, &generous)
		w.must(w.TellOverindebtedness(w.ctx, debtorOf(c), c.ID, "", negotiation.Proof{}))
		for _, day := range []struct {
			on    string
			ended int
		}{{"2026-09-30", 0}, {"2026-10-01", 1}, {"2026-10-02", 0}} {
			clock.on(day.on)
			if n, err := w.WatchSituations(w.ctx, 10); err != nil || n != day.ended {
				t.Fatalf("%s: %d ended (%v)", day.on, n, err)
			}
		}
		if s := w.situations(c)[0]; s.State != negotiation.SituationEnded || s.EndReason != negotiation.EndTime {
			t.Errorf("it is %+v", s)
		}
		// It can be told again.
		w.must(w.TellOverindebtedness(w.ctx, debtorOf(c), c.ID, "", negotiation.Proof{Number: "12"}))
		if all := w.situations(c); len(all) != 2 || all[1].State != negotiation.SituationTold || all[1].FileNumber != "12" {
			t.Errorf("told again: %+v", all)
		}
		w.holds()
	})
}

// TestEverySituationHasARuleAndARow: each of law.md §5.2 can be told, is held by
// the gate, reviewed or proved, and ended.
func TestEverySituationHasARuleAndARow(t *testing.T) {
	databasetest.Each(t, migrations, func(t *testing.T, db *database.DB) {
		clock := &movingClock{at: time.Time(at("2026-08-31"))}
		w, c := negotiating(t, db, clock, &generous)
		for _, reason := range negotiation.Situations {
			rule := reason.Rule()
			if len(rule.Ends) == 0 || (rule.AskDays == 0 && rule.ReviewMonths == 0) {
				t.Errorf("%s: %+v", reason, rule)
			}
			h, err := w.PlaceHold(w.ctx, admin, c.ID, negotiation.Hold{Reason: reason})
			w.must(err)
			all := w.situations(c)
			s := all[len(all)-1]
			if want := map[bool]negotiation.SituationState{true: negotiation.SituationTold, false: negotiation.SituationConfirmed}[rule.NeedsProof]; s.HoldID != h.ID || s.State != want {
				t.Errorf("%s, said by an agent without a proof, is %s", reason, s.State)
			}
			w.must(w.EndSituation(w.ctx, admin, c.ID, s.ID, negotiation.Ending{Reason: rule.Ends[0]}))
		}
		if g := w.load(c.ID).Gate("2026-08-31"); len(g.Closed) > 0 {
			t.Errorf("all have ended, and the gate says %v", g.Closed)
		}
		w.holds()
	})
}

// TestWhoReadsASituationIsNoted: without a need nothing is noted, and nothing is
// shown; a line of the log can be neither changed nor taken out.
func TestWhoReadsASituationIsNoted(t *testing.T) {
	databasetest.Each(t, migrations, func(t *testing.T, db *database.DB) {
		clock := &movingClock{at: time.Time(at("2026-08-31"))}
		w, c := negotiating(t, db, clock, &generous)
		w.must(w.TellHardship(w.ctx, debtorOf(c), c.ID, "Je sors de l’hôpital."))
		s := w.situations(c)[0]
		refused(t, w.ReadSituation(w.ctx, admin, c.ID, s.ID, " "), "need_missing")
		refused(t, w.ReadSituation(w.ctx, decider(c), c.ID, s.ID, "answer"), "not_your_role")
		refused(t, w.ReadSituation(w.ctx, debtorOf(c), c.ID, s.ID, "answer"), "not_your_role")
		if until, err := w.MayRead(w.ctx, admin, s.ID); err != nil || !until.IsZero() {
			t.Fatalf("it is shown unasked: %v %v", until, err)
		}
		w.must(w.ReadSituation(w.ctx, admin, c.ID, s.ID, "answer"))
		if until, err := w.MayRead(w.ctx, admin, s.ID); err != nil || until.IsZero() {
			t.Fatalf("it is not shown: %v %v", until, err)
		}
		other := admin
		other.ID = "another agent"
		if until, err := w.MayRead(w.ctx, other, s.ID); err != nil || !until.IsZero() {
			t.Fatalf("it is shown to another: %v %v", until, err)
		}
		clock.at = clock.at.Add(16 * time.Minute)
		if until, err := w.MayRead(w.ctx, admin, s.ID); err != nil || !until.IsZero() {
			t.Fatalf("it stays on the screen: %v %v", until, err)
		}
		readings, err := w.Readings(w.ctx, admin, w.load(c.ID))
		w.must(err)
		if len(readings) != 1 || readings[0].SubjectID != s.ID || readings[0].Need != "answer" || readings[0].ByName != admin.Name {
			t.Errorf("noted: %+v", readings)
		}
		for _, harm := range []string{"UPDATE readings SET need = 'x'", "DELETE FROM readings"} {
			if err := db.Read(w.ctx).Exec(harm).Error; err == nil {
				t.Errorf("%s: the log was changed", harm)
			}
		}
		w.holds()
	})
}

func TestASituationThatLostItsHoldIsSeen(t *testing.T) {
	db := databasetest.SQLite(t, migrations...)
	clock := &movingClock{at: time.Time(at("2026-08-31"))}
	w, c := negotiating(t, db, clock, &generous)
	h, err := w.PlaceHold(w.ctx, admin, c.ID, negotiation.Hold{Reason: negotiation.HoldInsolvency})
	w.must(err)
	for _, harm := range []string{
		"UPDATE situations SET state = 'ended', ended_at = created_at, end_reason = 'x'", "UPDATE situations SET reason = 'moved'", "DELETE FROM situations",
	} {
		w.must(db.Read(w.ctx).Exec(harm).Error)
		invariants, err := w.Verify(w.ctx)
		w.must(err)
		seen := false
		for _, i := range invariants {
			for _, b := range i.Breaks {
				seen = seen || strings.Contains(b, h.ID)
			}
		}
		if !seen {
			t.Errorf("%s is not seen", harm)
		}
	}
}
