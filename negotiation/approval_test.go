package negotiation_test

import (
	"sync"
	"testing"

	"amiable/negotiation"
	"amiable/negotiation/money"
)

func TestWhatAnAgentMayNotGiveUpAloneTakesASecondPerson(t *testing.T) {
	eachMoving(t, "2026-08-31", func(t *testing.T, w *world, clock *movingClock) {
		c := w.openCase()
		limited, other := nadia, malik
		limited.GivesUpTo, other.GivesUpTo = 500_00, 2_000_00
		w.must(w.CreditNote(w.ctx, limited, c.ID, c.Claims[0].ID, "AV-1", money.Euros(500_00), "2026-08-31", negotiation.Word{Why: "Avoir"}))
		over := func(by negotiation.Actor) error {
			return w.CreditNote(w.ctx, by, c.ID, c.Claims[0].ID, "AV-2", money.Euros(900_00), "2026-08-31", negotiation.Word{Why: "Avoir"})
		}
		refused(t, over(limited), "second_person")
		ask := negotiation.Approval{Act: negotiation.ActCredit, SubjectID: c.Claims[0].ID, Amount: 900_00, Words: "La roue manquait."}
		small := ask
		small.Amount = 400_00
		_, err := w.AskApproval(w.ctx, limited, c.ID, small)
		refused(t, err, "approval_not_needed")
		stray := ask
		stray.SubjectID = c.ID
		_, err = w.AskApproval(w.ctx, limited, c.ID, stray)
		refused(t, err, "approval_subject")
		a, err := w.AskApproval(w.ctx, limited, c.ID, ask)
		w.must(err)
		w.wait("approval")
		_, err = w.AskApproval(w.ctx, limited, c.ID, ask)
		refused(t, err, "approval_asked_already")
		refused(t, over(limited), "second_person") // asked is not given
		leading := limited
		leading.Supervises = true
		refused(t, w.AnswerApproval(w.ctx, leading, c.ID, a.ID, true, ""), "approval_your_own")
		narrow := other
		narrow.GivesUpTo = negotiation.NothingAlone
		refused(t, w.AnswerApproval(w.ctx, narrow, c.ID, a.ID, true, ""), "approval_above_yours")
		w.must(w.AnswerApproval(w.ctx, other, c.ID, a.ID, true, "Vu avec le créancier."))
		w.must(w.AnswerApproval(w.ctx, other, c.ID, a.ID, true, "Vu avec le créancier.")) // a second click
		w.wait("approved")
		refused(t, over(narrow), "second_person") // it is the asker's
		w.must(over(limited))
		w.wait("")
		refused(t, w.CreditNote(w.ctx, limited, c.ID, c.Claims[0].ID, "AV-3", money.Euros(900_00), "2026-08-31", negotiation.Word{Why: "Avoir"}), "second_person") // used up
		refused(t, w.Withdraw(w.ctx, limited, c.ID, negotiation.Word{Why: "Renonce"}), "second_person")
		w.must(w.CreditNote(w.ctx, decider(c), c.ID, c.Claims[0].ID, "AV-4", money.Euros(900_00), "2026-08-31", negotiation.Word{Why: "Avoir"})) // the creditor's own money

		ask.Act, ask.Amount = negotiation.ActWithdraw, 8_000_00
		b, err := w.AskApproval(w.ctx, limited, c.ID, ask)
		w.must(err)
		refused(t, w.AnswerApproval(w.ctx, lead, c.ID, b.ID, false, " "), "reason_missing")
		w.must(w.AnswerApproval(w.ctx, lead, c.ID, b.ID, false, "Attendons la pièce."))
		refused(t, w.DropApproval(w.ctx, limited, c.ID, b.ID), "approval_is_refused")
		d, err := w.AskApproval(w.ctx, limited, c.ID, ask)
		w.must(err)
		refused(t, w.DropApproval(w.ctx, narrow, c.ID, d.ID), "not_your_role")
		w.must(w.DropApproval(w.ctx, limited, c.ID, d.ID))
		w.wait("")
		if n := w.told(c.ID, negotiation.ApprovalUsed); n != 1 {
			t.Errorf("%d uses are told", n)
		}
		if err := w.DB().Read(w.ctx).Exec("UPDATE approvals SET second_id = by_id WHERE state = 'given' OR state = 'used'").Error; err == nil {
			t.Error("the database lets somebody approve their own")
		}
	})
}

func TestOneYesIsUsedOnce(t *testing.T) {
	eachMoving(t, "2026-08-31", func(t *testing.T, w *world, clock *movingClock) {
		c := w.openCase()
		limited := nadia
		limited.GivesUpTo = negotiation.NothingAlone
		a, err := w.AskApproval(w.ctx, limited, c.ID, negotiation.Approval{Act: negotiation.ActCredit, SubjectID: c.Claims[0].ID, Amount: 100_00, Words: "Geste."})
		w.must(err)
		w.must(w.AnswerApproval(w.ctx, malik, c.ID, a.ID, true, ""))
		var wait sync.WaitGroup
		done := make([]error, 4)
		for i := range done {
			wait.Go(func() {
				done[i] = w.CreditNote(w.ctx, limited, c.ID, c.Claims[0].ID, "AV-"+string(rune('A'+i)), money.Euros(100_00), "2026-08-31", negotiation.Word{Why: "Avoir"})
			})
		}
		wait.Wait()
		n := 0
		for _, err := range done {
			if err == nil {
				n++
			} else {
				refused(t, err, "second_person")
			}
		}
		if n != 1 {
			t.Errorf("one yes was used %d times", n)
		}
		w.holds()
	})
}

func TestCasesAreGivenTakenAndHandedOver(t *testing.T) {
	eachMoving(t, "2026-08-31", func(t *testing.T, w *world, clock *movingClock) {
		c, other := w.openCase(), w.samePerson()
		_, err := w.Wish(w.ctx, debtorOf(c), c.ID, negotiation.Wish{Kind: negotiation.WishMessage, Words: "Bonjour"})
		w.must(err)
		to := func(a negotiation.Actor) negotiation.Assignee { return negotiation.Assignee{ID: a.ID, Name: a.Name} }
		w.must(w.Assign(w.ctx, nadia, c.ID, to(nadia)))
		w.must(w.Assign(w.ctx, nadia, c.ID, to(nadia)))
		if n := w.told(c.ID, negotiation.CaseAssigned); n != 1 {
			t.Errorf("a second click wrote %d events", n)
		}
		refused(t, w.Assign(w.ctx, malik, c.ID, to(malik)), "case_is_a_colleagues")
		refused(t, w.Assign(w.ctx, decider(c), c.ID, to(malik)), "not_your_role")
		w.must(w.Assign(w.ctx, nadia, c.ID, to(malik)))
		if got := w.waits(negotiation.WorkFilter{Agent: &malik.ID}); got != "wish" {
			t.Errorf("the rows did not go with the case: %q", got)
		}
		_, err = w.Wish(w.ctx, debtorOf(c), c.ID, negotiation.Wish{Kind: negotiation.WishMessage, Words: "Encore"})
		w.must(err)
		if got := w.waits(negotiation.WorkFilter{Agent: &malik.ID}); got != "wish wish" {
			t.Errorf("what comes later is not theirs: %q", got)
		}
		n, err := w.AssignMany(w.ctx, nadia, []string{c.ID, other.ID, other.ID}, to(nadia))
		w.must(err)
		if n != 1 || w.load(other.ID).AgentID != nadia.ID || w.load(c.ID).AgentID != malik.ID {
			t.Errorf("%d changed hands", n)
		}
		_, err = w.Team(w.ctx, nadia)
		refused(t, err, "not_your_role")
		_, err = w.HandOver(w.ctx, nadia, malik.ID, to(nadia), 10)
		refused(t, err, "not_your_role")
		clock.on("2026-09-10")
		team, err := w.Team(w.ctx, lead)
		w.must(err)
		for _, r := range team {
			if r.AgentID == malik.ID && (r.Cases != 1 || r.Waiting != 2 || r.Late != 2 || r.Oldest != "2026-09-02") {
				t.Errorf("Malik: %+v", r)
			}
		}
		if n, err = w.HandOver(w.ctx, lead, malik.ID, to(nadia), 10); err != nil || n != 1 {
			t.Errorf("%d handed over (%v)", n, err)
		}
		if n, err = w.HandOver(w.ctx, lead, nadia.ID, negotiation.Assignee{}, 1); err != nil || n != 1 || w.load(c.ID).AgentID != "" {
			t.Errorf("the most urgent one was not the first of %d (%v)", n, err)
		}
		w.holds()
	})
}
