package negotiation_test

import (
	"encoding/hex"
	"slices"
	"testing"
	"time"

	"amiable/negotiation"
	"amiable/negotiation/database"
	"amiable/negotiation/database/databasetest"
	"amiable/negotiation/money"
)

func (w *world) disputes(c *negotiation.Case, by negotiation.Actor) []negotiation.DisputeFile {
	w.t.Helper()
	list, err := w.Disputes(w.ctx, by, w.load(c.ID))
	w.must(err)
	return list
}

func (w *world) contest(c *negotiation.Case, cents int64) *negotiation.Dispute {
	w.t.Helper()
	d, err := w.OpenDispute(w.ctx, debtorOf(c), c.ID, negotiation.Contest{
		ClaimID: c.Claims[0].ID, Amount: money.Euros(cents), Ground: negotiation.GroundGoods, Words: "La porte ferme mal.",
		Files: []negotiation.StepFile{{Hash: "h1", Name: "porte.jpg", MediaType: "image/jpeg", Bytes: 1000}},
	})
	w.must(err)
	return d
}

func TestWhatIsContestedIsHeldAtOnceAndTheRestStaysPayable(t *testing.T) {
	databasetest.Each(t, migrations, func(t *testing.T, db *database.DB) {
		w, c := negotiating(t, db, at("2026-08-31"), &generous)
		d := w.contest(c, 400_00)
		c = w.load(c.ID)
		gate := c.Gate("2026-08-31")
		if len(gate.BlockingClaim(negotiation.Letters, c.Claims[0].ID)) != 1 || len(gate.Blocking(negotiation.Payment)) != 0 || d.AnswerBy != "2026-09-07" {
			t.Fatalf("gate: %+v, answer by %s", gate.Closed, d.AnswerBy)
		}
		_, err := w.OpenDispute(w.ctx, debtorOf(c), c.ID, negotiation.Contest{ClaimID: c.Claims[0].ID, Ground: negotiation.GroundPaid})
		refused(t, err, "dispute_open_already")
		events, err := w.Events(w.ctx, c.ID)
		w.must(err)
		for _, e := range events {
			if e.Kind == negotiation.DebtRecognised {
				t.Fatal("contesting recognised the debt")
			}
		}
		owed, err := c.Plannable("2026-08-31")
		w.must(err)
		out, err := w.Propose(w.ctx, debtorOf(c), c.ID, proposal(monthly(3, "2026-09-10")))
		w.must(err)
		if out.Plan == nil || out.Plan.Total != owed.Minor || owed.Minor > 1_090_00-400_00 {
			t.Fatalf("the rest is not plannable: %v, %+v", owed, out)
		}
		w.pay(c, "p1", 100_00, "2026-08-31")
		w.holds()
	})
}

func TestACreditorWhoAcceptsGivesItUpOnTheLedger(t *testing.T) {
	databasetest.Each(t, migrations, func(t *testing.T, db *database.DB) {
		clock := &movingClock{at: time.Time(at("2026-08-31"))}
		w, c := negotiating(t, db, clock, &generous)
		d := w.contest(c, 400_00)
		clock.on("2026-09-03")
		before, err := w.load(c.ID).Statement("2026-09-03")
		w.must(err)
		viewer := decider(c)
		viewer.Decides = false
		refused(t, w.AnswerDispute(w.ctx, viewer, c.ID, d.ID, negotiation.StepAccepted, negotiation.Reply{}), "not_decider")
		refused(t, w.AnswerDispute(w.ctx, debtorOf(c), c.ID, d.ID, negotiation.StepAccepted, negotiation.Reply{}), "not_your_role")
		w.must(w.AnswerDispute(w.ctx, decider(c), c.ID, d.ID, negotiation.StepAccepted, negotiation.Reply{Words: "C'est exact."}))
		c = w.load(c.ID)
		after, err := c.Statement("2026-09-03")
		w.must(err)
		given := before.Total.Sub(after.Total).Minor
		if list := w.disputes(c, admin); list[0].State != negotiation.DisputeUpheld || given < 400_00-50 || given > 400_00+50 || len(c.Gate("2026-09-03").Closed) != 0 {
			t.Fatalf("%s, given up %d, still closed %+v", list[0].State, given, c.Gate("2026-09-03").Closed)
		}
		refused(t, w.AnswerDispute(w.ctx, decider(c), c.ID, d.ID, negotiation.StepAccepted, negotiation.Reply{}), "dispute_is_upheld")
		w.holds()
	})
}

func TestTheWholeClaimContestedAndAcceptedClearsTheCase(t *testing.T) {
	w, c := negotiating(t, databasetest.SQLite(t, migrations...), at("2026-08-31"), &generous)
	d := w.contest(c, 0)
	w.must(w.AnswerDispute(w.ctx, decider(c), c.ID, d.ID, negotiation.StepAccepted, negotiation.Reply{}))
	if c = w.load(c.ID); c.State != negotiation.CaseCleared || c.RefundsDue().IsPositive() {
		t.Fatalf("the case is %s with %v, %v to give back", c.State, c.Balance(), c.RefundsDue())
	}
	w.holds()
}

func TestAPartIsGivenUpTheRestIsMediatedAndAgreed(t *testing.T) {
	databasetest.Each(t, migrations, func(t *testing.T, db *database.DB) {
		w, c := negotiating(t, db, at("2026-08-31"), &generous)
		d := w.contest(c, 400_00)
		refused(t, w.AnswerDispute(w.ctx, decider(c), c.ID, d.ID, negotiation.StepPart, negotiation.Reply{Amount: money.Euros(400_00)}), "part_out_of_range")
		w.must(w.AnswerDispute(w.ctx, decider(c), c.ID, d.ID, negotiation.StepPart, negotiation.Reply{Amount: money.Euros(100_00), Words: "La porte, oui."}))
		w.must(w.ReplyToAnswer(w.ctx, debtorOf(c), c.ID, d.ID, false, negotiation.Reply{Words: "Et le joint ?"}))
		list := w.disputes(c, admin)
		if list[0].State != negotiation.DisputeMediation || *list[0].Amount != 300_00 {
			t.Fatalf("%s on %v", list[0].State, list[0].Amount)
		}
		w.must(w.WriteOnSheet(w.ctx, admin, c.ID, d.ID, negotiation.Sheet{Kind: negotiation.StepCall, Words: "Appelé Mme V. : elle accepte 150."}))
		w.must(w.WriteOnSheet(w.ctx, admin, c.ID, d.ID, negotiation.Sheet{Kind: negotiation.StepLine, Audience: negotiation.ToCreditorOnly, Words: "Entre nous."}))
		w.must(w.WriteOnSheet(w.ctx, admin, c.ID, d.ID, negotiation.Sheet{Kind: negotiation.StepWay, Words: "On coupe en deux.", Way: negotiation.WayCorrected, Amount: money.Euros(150_00)}))
		for by, hidden := range map[*negotiation.Actor][]negotiation.StepKind{
			ref(debtorOf(c)): {negotiation.StepCall, negotiation.StepLine}, ref(decider(c)): {negotiation.StepCall},
		} {
			for _, step := range w.disputes(c, *by)[0].Steps {
				for _, kind := range hidden {
					if step.Kind == kind {
						t.Errorf("%s reads a %s", by.Role, kind)
					}
				}
			}
		}
		steps := w.disputes(c, admin)[0].Steps
		way := steps[len(steps)-1]
		outcome := negotiation.Resolution{Outcome: negotiation.DisputeAgreed, WayID: way.ID, Words: "Chacun fait un pas."}
		refused(t, w.ResolveDispute(w.ctx, admin, c.ID, d.ID, outcome), "way_not_taken")
		refused(t, w.ResolveDispute(w.ctx, admin, c.ID, d.ID, negotiation.Resolution{Outcome: negotiation.DisputeUpheld, Words: "x"}), "creditor_must_agree")
		w.must(w.AnswerWay(w.ctx, debtorOf(c), c.ID, d.ID, way.ID, true, negotiation.Reply{}))
		w.must(w.AnswerWay(w.ctx, decider(c), c.ID, d.ID, way.ID, false, negotiation.Reply{Words: "non"}))
		refused(t, w.ResolveDispute(w.ctx, admin, c.ID, d.ID, outcome), "way_not_taken")
		w.must(w.AnswerWay(w.ctx, decider(c), c.ID, d.ID, way.ID, true, negotiation.Reply{Words: "soit"}))
		w.must(w.ResolveDispute(w.ctx, admin, c.ID, d.ID, outcome))
		got := w.disputes(c, admin)[0]
		if got.State != negotiation.DisputeAgreed || got.Credited != 250_00 {
			t.Fatalf("%s, credited %d", got.State, got.Credited)
		}
		w.holds()
		refused(t, w.ReopenDispute(w.ctx, debtorOf(c), c.ID, d.ID, negotiation.Contest{}), "new_facts_missing")
		w.must(w.ReopenDispute(w.ctx, debtorOf(c), c.ID, d.ID, negotiation.Contest{Words: "Le joint a lâché.", Amount: money.Euros(50_00)}))
		again := w.disputes(c, admin)[0]
		if again.State != negotiation.DisputeOpened || again.Round != 2 || len(again.Steps) <= len(steps) || w.load(c.ID).Gate("2026-08-31").Stands(negotiation.HoldDisputed) != true {
			t.Fatalf("reopened: %+v", again.Dispute)
		}
		w.must(w.WithdrawDispute(w.ctx, debtorOf(c), c.ID, d.ID, negotiation.Reply{}))
		w.holds()
	})
}

func ref[T any](v T) *T { return &v }

func TestSilenceInADisputeGoesToTheAgents(t *testing.T) {
	databasetest.Each(t, migrations, func(t *testing.T, db *database.DB) {
		clock := &movingClock{at: time.Time(at("2026-08-31"))}
		w, c := negotiating(t, db, clock, &generous)
		w.contest(c, 400_00)
		for _, day := range []struct {
			on   string
			done int
		}{{"2026-09-03", 0}, {"2026-09-04", 1}, {"2026-09-05", 0}, {"2026-09-07", 0}, {"2026-09-08", 1}, {"2026-09-20", 0}} {
			clock.on(day.on)
			if n, err := w.WatchDisputes(w.ctx, 10); err != nil || n != day.done {
				t.Fatalf("%s: %d (%v)", day.on, n, err)
			}
		}
		if d := w.disputes(c, admin)[0]; d.State != negotiation.DisputeMediation || d.AnswerSide != negotiation.SideAgency {
			t.Fatalf("%+v", d.Dispute)
		}
		w.holds()
	})
}

// A creditor that missed its day may still answer: the agent goes on from it.
func TestALateCreditorAnswersInTheMediation(t *testing.T) {
	databasetest.Each(t, migrations, func(t *testing.T, db *database.DB) {
		w, c := negotiating(t, db, at("2026-08-31"), &generous)
		d := w.contest(c, 400_00)
		w.must(w.TakeUpDispute(w.ctx, admin, c.ID, d.ID))
		viewer := decider(c)
		viewer.Decides = false
		refused(t, w.AnswerDispute(w.ctx, viewer, c.ID, d.ID, negotiation.StepPart, negotiation.Reply{Amount: money.Euros(100_00)}), "not_decider")
		w.must(w.AnswerDispute(w.ctx, decider(c), c.ID, d.ID, negotiation.StepPart, negotiation.Reply{Amount: money.Euros(100_00), Words: "La porte, oui."}))
		if d := w.disputes(c, admin)[0]; d.State != negotiation.DisputeMediation || d.AnswerSide != negotiation.SideAgency || *d.Amount != 300_00 || d.Credited != 100_00 {
			t.Fatalf("after a part: %+v", d.Dispute)
		}
		w.must(w.AnswerDispute(w.ctx, decider(c), c.ID, d.ID, negotiation.StepMaintains, negotiation.Reply{Words: "Le reste est dû."}))
		w.must(w.AnswerDispute(w.ctx, decider(c), c.ID, d.ID, negotiation.StepAccepted, negotiation.Reply{Words: "Soit."}))
		if d := w.disputes(c, admin)[0]; d.State != negotiation.DisputeUpheld || d.Credited != 400_00 {
			t.Fatalf("at the end: %+v", d.Dispute)
		}
		refused(t, w.AnswerDispute(w.ctx, decider(c), c.ID, d.ID, negotiation.StepAccepted, negotiation.Reply{}), "dispute_is_upheld")
		w.holds()
	})
}

// What was given up in an earlier round says nothing of this one.
func TestARoundSettledWithoutACreditIsWithdrawn(t *testing.T) {
	databasetest.Each(t, migrations, func(t *testing.T, db *database.DB) {
		w, c := negotiating(t, db, at("2026-08-31"), &generous)
		d := w.contest(c, 400_00)
		w.must(w.AnswerDispute(w.ctx, decider(c), c.ID, d.ID, negotiation.StepPart, negotiation.Reply{Amount: money.Euros(100_00), Words: "La porte, oui."}))
		w.must(w.ReplyToAnswer(w.ctx, debtorOf(c), c.ID, d.ID, true, negotiation.Reply{}))
		if d := w.disputes(c, admin)[0]; d.State != negotiation.DisputePartly {
			t.Fatalf("the first round: %s", d.State)
		}
		w.must(w.ReopenDispute(w.ctx, debtorOf(c), c.ID, d.ID, negotiation.Contest{Words: "Le joint a lâché.", Amount: money.Euros(50_00)}))
		w.must(w.AnswerDispute(w.ctx, decider(c), c.ID, d.ID, negotiation.StepMaintains, negotiation.Reply{Words: "Le joint tient."}))
		w.must(w.ReplyToAnswer(w.ctx, debtorOf(c), c.ID, d.ID, true, negotiation.Reply{}))
		if d := w.disputes(c, admin)[0]; d.State != negotiation.DisputeWasWithdraw {
			t.Fatalf("the second round: %s", d.State)
		}
		w.holds()
	})
}

func TestAnOutcomeSaysWhatWasWrittenDownWhenItEnded(t *testing.T) {
	databasetest.Each(t, migrations, func(t *testing.T, db *database.DB) {
		w, c := negotiating(t, db, at("2026-08-31"), &generous)
		d := w.contest(c, 400_00)
		w.must(w.AnswerDispute(w.ctx, decider(c), c.ID, d.ID, negotiation.StepPart, negotiation.Reply{Amount: money.Euros(100_00), Words: "La porte, oui."}))
		w.must(w.ReplyToAnswer(w.ctx, debtorOf(c), c.ID, d.ID, true, negotiation.Reply{}))
		ended := w.load(c.ID)
		statement, err := ended.Statement("2026-08-31")
		w.must(err)
		w.must(w.ReopenDispute(w.ctx, debtorOf(c), c.ID, d.ID, negotiation.Contest{Words: "Le joint a lâché.", Amount: money.Euros(50_00)}))
		w.must(w.AnswerDispute(w.ctx, decider(c), c.ID, d.ID, negotiation.StepAccepted, negotiation.Reply{Words: "Le joint aussi."}))
		events, err := w.Events(w.ctx, c.ID)
		w.must(err)
		list := negotiation.Outcomes(events)
		if len(list) != 2 {
			t.Fatalf("%d outcomes: %+v", len(list), list)
		}
		first, second, file := list[0], list[1], w.disputes(c, debtorOf(c))[0]
		if first.State != negotiation.DisputePartly || first.Round != 1 || first.Credited.Minor != 100_00 || first.Owed.Cmp(statement.Total) != 0 || first.On != "2026-08-31" {
			t.Errorf("the first: %+v, owed %v", first, statement.Total)
		}
		var heads []string
		for _, e := range events {
			if e.Kind == negotiation.DisputeClosed {
				heads = append(heads, hex.EncodeToString(e.Hash)[:16])
			}
		}
		if !slices.Equal(heads, []string{first.ChainHead, second.ChainHead}) {
			t.Errorf("the heads are %s and %s, not %v", first.ChainHead, second.ChainHead, heads)
		}
		if second.State != negotiation.DisputeUpheld || second.Credited.Minor != 150_00 {
			t.Errorf("the second: %+v", second)
		}
		if why := file.Why(1); why == nil || why.Words != "La porte, oui." {
			t.Errorf("the first round ended because of %+v", why)
		}
		if why := file.Why(2); why == nil || why.Words != "Le joint aussi." {
			t.Errorf("the second round ended because of %+v", why)
		}
	})
}

// What the agent writes for one side, or for nobody, says so in its event: a
// timeline reads the event and not the step.
func TestTheEventOfAStepSaysForWhomItIs(t *testing.T) {
	w, c := negotiating(t, databasetest.SQLite(t, migrations...), at("2026-08-31"), &generous)
	d := w.contest(c, 400_00)
	w.must(w.TakeUpDispute(w.ctx, admin, c.ID, d.ID))
	w.must(w.WriteOnSheet(w.ctx, admin, c.ID, d.ID, negotiation.Sheet{Kind: negotiation.StepLine, Audience: negotiation.ToCreditorOnly, Words: "Entre nous."}))
	events, err := w.Events(w.ctx, c.ID)
	w.must(err)
	last := events[len(events)-1]
	if _, what := last.What(); last.Kind != negotiation.DisputeStepTaken || what["audience"] != "creditor" || what["side"] != "agency" {
		t.Errorf("%s tells %v", last.Kind, what)
	}
}

// An agent who writes down what a side said of a dispute notes how they said
// it: nobody's money is given up, and nothing is settled, on an agent's word.
func TestNobodysWordOnADisputeIsTakenWithoutANote(t *testing.T) {
	w, c := negotiating(t, databasetest.SQLite(t, migrations...), at("2026-08-31"), &generous)
	d := w.contest(c, 400_00)
	forCreditor, forDebtor := admin, admin
	forCreditor.OnBehalfOf, forDebtor.OnBehalfOf = c.CreditorID, c.MainParty().ID
	refused(t, w.AnswerDispute(w.ctx, forCreditor, c.ID, d.ID, negotiation.StepAccepted, negotiation.Reply{Words: "Oui"}), "word_missing")
	refused(t, w.WithdrawDispute(w.ctx, forDebtor, c.ID, d.ID, negotiation.Reply{Note: " "}), "word_missing")
	w.must(w.TakeUpDispute(w.ctx, admin, c.ID, d.ID))
	w.must(w.WriteOnSheet(w.ctx, admin, c.ID, d.ID, negotiation.Sheet{Kind: negotiation.StepWay, Way: negotiation.WayRebate, Words: "Rien", Amount: money.Euros(0)}))
	var way string
	for _, step := range w.disputes(c, admin)[0].Steps {
		if step.Kind == negotiation.StepWay {
			way = step.ID
		}
	}
	refused(t, w.AnswerWay(w.ctx, forCreditor, c.ID, d.ID, way, true, negotiation.Reply{}), "word_missing")
	refused(t, w.AnswerWay(w.ctx, forDebtor, c.ID, d.ID, way, true, negotiation.Reply{}), "word_missing")
	w.must(w.AnswerWay(w.ctx, forCreditor, c.ID, d.ID, way, true, negotiation.Reply{Note: "Au téléphone, Mme Boréal"}))
}

func TestWhoseTurnItIsInADisputeIsListed(t *testing.T) {
	databasetest.Each(t, migrations, func(t *testing.T, db *database.DB) {
		w, c := negotiating(t, db, at("2026-08-31"), &generous)
		waiting := func(by negotiation.Actor) []negotiation.FoundDispute {
			found, err := w.DisputesWaiting(w.ctx, by, 10)
			w.must(err)
			return found
		}
		other := decider(c)
		other.CreditorID = c.ID
		d := w.contest(c, 400_00)
		list := waiting(decider(c))
		if len(list) != 1 || list[0].ID != d.ID || list[0].Reference != c.Reference || list[0].DebtorName != c.Debtor.Name || list[0].InvoiceNumber != c.Claims[0].InvoiceNumber || list[0].WayWaits {
			t.Fatalf("the creditor's: %+v", list)
		}
		if sum, part := list[0].Sum(); !part || sum.Minor != 400_00 {
			t.Errorf("contested: %v, %t", sum, part)
		}
		if n := len(waiting(admin)) + len(waiting(other)); n != 0 {
			t.Errorf("%d wait for the agency or another creditor", n)
		}
		_, err := w.DisputesWaiting(w.ctx, debtorOf(c), 10)
		refused(t, err, "not_your_role")

		w.must(w.TakeUpDispute(w.ctx, admin, c.ID, d.ID))
		if len(waiting(decider(c))) != 0 || len(waiting(admin)) != 1 {
			t.Fatal("what the agency took up does not wait for it alone")
		}
		w.must(w.WriteOnSheet(w.ctx, admin, c.ID, d.ID, negotiation.Sheet{Kind: negotiation.StepWay, Words: "On coupe en deux.", Way: negotiation.WayCorrected, Amount: money.Euros(150_00)}))
		if list = waiting(decider(c)); len(list) != 1 || !list[0].WayWaits {
			t.Fatalf("a way out does not wait for the creditor: %+v", list)
		}
		steps := w.disputes(c, admin)[0].Steps
		way := steps[len(steps)-1].ID

		// Who writes down what a side said notes how it said so, for the agency.
		phone := admin
		phone.OnBehalfOf = c.CreditorID
		refused(t, w.AnswerWay(w.ctx, phone, c.ID, d.ID, way, true, negotiation.Reply{}), "word_missing")
		w.must(w.AnswerWay(w.ctx, phone, c.ID, d.ID, way, true, negotiation.Reply{Note: "Au téléphone, le 31 août."}))
		if len(waiting(decider(c))) != 0 {
			t.Error("what is answered still waits")
		}
		noted := func(by negotiation.Actor) bool {
			return slices.ContainsFunc(w.disputes(c, by)[0].Steps, func(s negotiation.DisputeStep) bool { return s.Words == "Au téléphone, le 31 août." })
		}
		if !noted(admin) || noted(decider(c)) || noted(debtorOf(c)) {
			t.Error("how the creditor said so is not the agency's to read, alone")
		}
		phone.OnBehalfOf = c.MainParty().ID
		refused(t, w.WithdrawDispute(w.ctx, phone, c.ID, d.ID, negotiation.Reply{}), "word_missing")
		w.must(w.WithdrawDispute(w.ctx, phone, c.ID, d.ID, negotiation.Reply{Note: "Par courrier."}))
		if len(waiting(admin)) != 0 {
			t.Error("what is over still waits")
		}
		w.holds()
	})
}
