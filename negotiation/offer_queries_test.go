package negotiation_test

import (
	"testing"
	"time"

	"amiable/negotiation"
	"amiable/negotiation/database"
	"amiable/negotiation/database/databasetest"
	"amiable/negotiation/money"
)

func TestOffersWaitForWhoseTurnItIs(t *testing.T) {
	databasetest.Each(t, migrations, func(t *testing.T, db *database.DB) {
		asks := generous
		asks.AtOnce = false
		clock := &movingClock{at: time.Time(at("2026-11-09"))}
		w, c := negotiating(t, db, clock, &asks)
		out, err := w.Propose(w.ctx, debtorOf(c), c.ID, proposal(monthly(3, "2026-11-30")))
		w.must(err)
		stranger := decider(c)
		stranger.CreditorID = "0199aaaa-0000-7000-8000-000000000000"
		lists := func(by negotiation.Actor) (waiting, open, past int) {
			t.Helper()
			a, err := w.OffersWaiting(w.ctx, by, 10)
			w.must(err)
			b, err := w.OffersOpen(w.ctx, by, 10)
			w.must(err)
			p, err := w.OffersPast(w.ctx, by, 10, 0)
			w.must(err)
			return len(a), len(b), len(p)
		}
		is := func(what string, by negotiation.Actor, waiting, open, past int) {
			t.Helper()
			if a, b, p := lists(by); a != waiting || b != open || p != past {
				t.Fatalf("%s: %d waiting, %d open, %d past; want %d, %d, %d", what, a, b, p, waiting, open, past)
			}
		}
		is("the creditor's turn", decider(c), 1, 1, 0)
		is("another creditor", stranger, 0, 0, 0)
		is("not yet the agency's", admin, 0, 1, 0)
		_, err = w.OffersWaiting(w.ctx, debtorOf(c), 10)
		refused(t, err, "not_your_role")
		found, err := w.OffersWaiting(w.ctx, decider(c), 10)
		w.must(err)
		if f := found[0]; f.ID != out.Offer.ID || f.Reference != c.Reference || f.DebtorName != c.Debtor.Name || f.Of().Instalments != 3 || f.AnswerBy != "2026-11-13" || f.OwedAmount() != money.Euros(out.Offer.Owed) {
			t.Fatalf("found %+v", f)
		}
		clock.on("2026-11-16")
		_, err = w.WatchOffers(w.ctx, 10)
		w.must(err)
		is("silent, the creditor may still", decider(c), 1, 1, 0)
		is("the agency's turn", admin, 1, 1, 0)
		w.pay(c, "part", 100_00, "2026-11-16") // another version of the same offer is no past one
		is("renewed", decider(c), 1, 1, 0)
		_, err = w.Propose(w.ctx, decider(c), c.ID, negotiation.Proposal{Terms: monthly(2, "2026-12-01"), Answers: w.load(c.ID).OpenOffer().ID})
		w.must(err)
		is("the debtor's turn", decider(c), 0, 1, 1)
		is("nothing for the agency", admin, 0, 1, 1)
		w.must(w.WithdrawOffer(w.ctx, decider(c), c.ID, w.load(c.ID).OpenOffer().ID))
		is("all answered", decider(c), 0, 0, 2)
	})
}

func TestWhatThePastSuggests(t *testing.T) {
	databasetest.Each(t, migrations, func(t *testing.T, db *database.DB) {
		asks := generous
		asks.AtOnce = false
		clock := &movingClock{at: time.Time(at("2026-08-31"))}
		w, c := negotiating(t, db, clock, &generous)
		_, err := w.Propose(w.ctx, debtorOf(c), c.ID, proposal(monthly(3, "2026-09-05")))
		w.must(err)
		lines := w.load(c.ID).ActivePlan().Current()
		watch := func(day string) {
			clock.on(day)
			_, err := w.WatchInstalments(w.ctx, 10)
			w.must(err)
		}
		clock.on("2026-09-05")
		w.pay(c, "p1", lines[0].Amount, "2026-09-05")
		watch("2026-09-06")
		watch("2026-10-06") // the second is missing
		if plans, err := w.PlansToTakeUp(w.ctx, admin, 10); err != nil || len(plans) != 0 {
			t.Fatalf("one day late, agents are asked: %+v (%v)", plans, err)
		}
		watch("2026-10-14")
		plans, err := w.PlansToTakeUp(w.ctx, admin, 10)
		w.must(err)
		if len(plans) != 1 || plans[0].CaseID != c.ID || plans[0].Number != 2 || plans[0].DueOn != "2026-10-05" || plans[0].DebtorName != c.Debtor.Name {
			t.Fatalf("to take up: %+v", plans)
		}
		w.pay(c, "p2", lines[1].Amount, "2026-10-15")
		watch("2026-10-16")
		if plans, err := w.PlansToTakeUp(w.ctx, admin, 10); err != nil || len(plans) != 0 {
			t.Fatalf("paid after all, agents are still asked: %+v (%v)", plans, err)
		}
		_, err = w.SetPolicy(w.ctx, admin, w.mandate.ID, asks)
		w.must(err)
		out, err := w.Propose(w.ctx, debtorOf(c), c.ID, proposal(monthly(2, "2026-10-30")))
		w.must(err)
		h, err := w.HistoryOf(w.ctx, decider(c), w.load(c.ID), out.Offer)
		w.must(err)
		if h.Plans[negotiation.PlanActive] != 1 || h.OnTime != 1 || h.Missed != 1 || h.Similar.Offers != 0 {
			t.Fatalf("of this debtor: %+v", h)
		}
		// Another case of the same creditor is offered the like of it.
		w.place("CRE-001,F-9,2026-03-31,2026-04-30,EUR,900.00,0,business,Atelier Pluie,075242552,,,pluie@example.test,,1 rue X,33000,Bordeaux,FR,fr,,MDT-000,Neuf")
		other := w.found("pluie")
		w.open(other)
		ask, err := w.Propose(w.ctx, debtorOf(other), other.ID, proposal(monthly(3, "2026-10-30")))
		w.must(err)
		h, err = w.HistoryOf(w.ctx, decider(c), w.load(other.ID), ask.Offer)
		w.must(err)
		if h.Similar.Offers != 1 || h.Similar.Accepted != 1 || h.Similar.Plans[negotiation.PlanActive] != 1 || len(h.Plans) != 0 || h.OnTime != 0 {
			t.Fatalf("of the like: %+v", h)
		}
		stranger := decider(c)
		stranger.CreditorID = other.ID
		_, err = w.HistoryOf(w.ctx, stranger, w.load(other.ID), ask.Offer)
		refused(t, err, "not_found")
	})
}

func TestAnAgentWhoActsForSomebodyNotesHowTheySaidSo(t *testing.T) {
	w, c := negotiating(t, databasetest.SQLite(t, migrations...), at("2026-08-31"), nil)
	onThePhone := admin
	onThePhone.OnBehalfOf = c.MainParty().ID
	p := proposal(monthly(3, "2026-09-10"))
	_, err := w.Propose(w.ctx, onThePhone, c.ID, p)
	refused(t, err, "word_missing")
	p.Note = "« oui » dit au téléphone, après relecture"
	out, err := w.Propose(w.ctx, onThePhone, c.ID, p)
	w.must(err)
	if a := w.load(c.ID).OpenOffer().Acceptances[0]; a.Note != p.Note || a.How != negotiation.BySpeech || a.OnBehalfOf != onThePhone.OnBehalfOf {
		t.Fatalf("accepted: %+v", a)
	}
	forCreditor := admin
	forCreditor.OnBehalfOf = c.CreditorID
	_, err = w.AcceptOffer(w.ctx, forCreditor, c.ID, out.Offer.ID, negotiation.Assent{})
	refused(t, err, "word_missing")
	refused(t, w.RejectOffer(w.ctx, forCreditor, c.ID, out.Offer.ID, "La durée est trop longue.", ""), "word_missing")
	w.must(w.RejectOffer(w.ctx, forCreditor, c.ID, out.Offer.ID, "La durée est trop longue.", "Mme Boréal, par téléphone"))
	if o := w.load(c.ID).Offer(out.Offer.ID); o.State != negotiation.OfferRejected || o.Reason != "La durée est trop longue." {
		t.Fatalf("rejected: %+v", o)
	}
	events, err := w.Events(w.ctx, c.ID)
	w.must(err)
	for _, e := range events {
		if _, what := e.What(); e.Kind == negotiation.WordTaken && what["note"] == "Mme Boréal, par téléphone" {
			return
		}
	}
	t.Fatal("no event says how the creditor said no")
}
