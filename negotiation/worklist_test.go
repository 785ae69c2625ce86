package negotiation_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"amiable/negotiation"
	"amiable/negotiation/database"
	"amiable/negotiation/database/databasetest"
	"amiable/negotiation/money"
)

var (
	nadia = negotiation.Actor{Role: negotiation.RoleAgent, ID: "0199aaaa-0000-7000-8000-00000000000a", Name: "Nadia Ferrand"}
	malik = negotiation.Actor{Role: negotiation.RoleAgent, ID: "0199aaaa-0000-7000-8000-00000000000b", Name: "Malik Osei"}
	lead  = negotiation.Actor{Role: negotiation.RoleAgent, ID: "0199aaaa-0000-7000-8000-00000000000c", Name: "Irène Sauvage", Supervises: true}
)

// waits says which kinds of work wait, in the order of the list.
func (w *world) waits(f negotiation.WorkFilter) string {
	w.t.Helper()
	rows, err := w.Worklist(w.ctx, nadia, f, nil, 100)
	w.must(err)
	var kinds []string
	for _, r := range rows {
		kinds = append(kinds, string(r.Kind))
	}
	return strings.Join(kinds, " ")
}

func (w *world) wait(want string) {
	w.t.Helper()
	if got := w.waits(negotiation.WorkFilter{}); got != want {
		w.t.Errorf("%q waits, not %q", got, want)
	}
	w.holds()
}

func TestWhatWaitsStandsOnTheListUntilItIsDone(t *testing.T) {
	eachMoving(t, "2026-08-31", func(t *testing.T, w *world, clock *movingClock) {
		c := w.openCase()
		debtor := debtorOf(c)
		w.wait("")
		wish, err := w.Wish(w.ctx, debtor, c.ID, negotiation.Wish{Kind: negotiation.WishMessage, Words: "Et la roue ?"})
		w.must(err)
		w.wait("wish")
		call, err := w.Wish(w.ctx, debtor, c.ID, negotiation.Wish{Kind: negotiation.WishCallback, CallbackTo: "06 39 98 00 41"})
		w.must(err)
		w.wait("callback wish") // a call is owed sooner
		w.must(w.HandleWish(w.ctx, nadia, c.ID, wish.ID))
		_, err = w.PostMessage(w.ctx, debtor, c.ID, negotiation.Write{Audience: negotiation.ToTheAgencyOnly, Words: "Bonjour"})
		w.must(err)
		clock.at = clock.at.Add(time.Minute)
		_, err = w.PostMessage(w.ctx, debtor, c.ID, negotiation.Write{Audience: negotiation.ToTheAgencyOnly, Words: "Vous êtes là ?"})
		w.must(err)
		w.wait("callback message")
		rows, err := w.Worklist(w.ctx, nadia, negotiation.WorkFilter{Kinds: []negotiation.WorkKind{negotiation.WorkMessage}}, nil, 10)
		w.must(err)
		if r := rows[0]; r.Again != 1 || r.DueOn != "2026-09-02" || r.RankOn != "2026-08-29" || r.DebtorName != "Garage du Port SCOP" || r.CreditorName != "Atelier Boréal SARL" {
			t.Errorf("the message waits as %+v", r)
		}
		w.must(w.TellHardship(w.ctx, debtor, c.ID, "Le garage est en travaux."))
		w.wait("hardship callback message")
		rows, err = w.Worklist(w.ctx, nadia, negotiation.WorkFilter{}, nil, 10)
		w.must(err)
		for _, r := range rows {
			if !r.Care {
				t.Errorf("%s does not say to take care", r.Kind)
			}
		}
		clock.at = clock.at.Add(time.Minute)
		_, err = w.LogCall(w.ctx, nadia, c.ID, negotiation.CallNote{PartyID: debtor.ID, Outcome: negotiation.CallReached, Number: "06 39 98 00 41", Words: "Tout est dit.", WishID: call.ID})
		w.must(err)
		w.wait("") // one call answered all three
		if n := len(mustList(w, c)); n != 0 {
			t.Errorf("an answer counts as a contact: %d", n)
		}
		_, err = w.PlaceHold(w.ctx, nadia, c.ID, negotiation.Hold{Reason: negotiation.HoldOverindebtednessDeclared})
		w.must(err)
		w.wait("overindebtedness")
		w.must(w.Withdraw(w.ctx, admin, c.ID, negotiation.Word{Why: "Le créancier renonce"}))
		w.wait("") // with the case
	})
}

func mustList(w *world, c *negotiation.Case) []negotiation.ContactMade {
	w.t.Helper()
	var calls []negotiation.ContactMade
	w.must(w.DB().Read(w.ctx).Where("case_id = ? AND channel = ?", c.ID, negotiation.ContactPhone).Find(&calls).Error)
	return calls
}

func TestOffersDisputesAndPlansComeToTheListAndLeaveIt(t *testing.T) {
	databasetest.Each(t, migrations, func(t *testing.T, db *database.DB) {
		asks := generous
		asks.AtOnce = false
		clock := &movingClock{at: time.Time(at("2026-08-31"))}
		w, c := negotiating(t, db, clock, &asks)
		out, err := w.Propose(w.ctx, debtorOf(c), c.ID, proposal(monthly(3, "2026-09-30")))
		w.must(err)
		w.wait("")
		clock.on("2026-09-07")
		_, err = w.WatchOffers(w.ctx, 10)
		w.must(err)
		w.wait("offer")
		_, err = w.AcceptOffer(w.ctx, decider(c), c.ID, out.Offer.ID, negotiation.Assent{Language: "fr"})
		w.must(err)
		w.wait("")
		lines := w.load(c.ID).ActivePlan().Current()
		clock.on(string(lines[0].DueOn.Add(20)))
		for range 3 {
			_, err = w.WatchInstalments(w.ctx, 10)
			w.must(err)
		}
		w.wait("instalment")
		rows, err := w.Worklist(w.ctx, nadia, negotiation.WorkFilter{}, nil, 10)
		w.must(err)
		if n, on := rows[0].Line(); n != 1 || on != lines[0].DueOn {
			t.Errorf("the row is about line %d of %s", n, on)
		}
		today, err := w.Today(w.ctx)
		w.must(err)
		w.pay(c, "p1", lines[0].Amount, today)
		// RecordPayment alone tells no event: the payments' package does.
		w.must(w.OnCase(w.ctx, admin, c.ID, func(t *negotiation.Tx, c *negotiation.Case) error {
			return c.Event(t, admin, negotiation.PaymentSucceeded, nil)
		}))
		w.wait("")
		d, err := w.OpenDispute(w.ctx, debtorOf(c), c.ID, negotiation.Contest{ClaimID: c.Claims[0].ID, Ground: negotiation.GroundGoods, Amount: money.Euros(50_00)})
		w.must(err)
		w.wait("")
		w.must(w.TakeUpDispute(w.ctx, nadia, c.ID, d.ID))
		w.wait("dispute")
		w.must(w.WithdrawDispute(w.ctx, debtorOf(c), c.ID, d.ID, negotiation.Reply{}))
		w.wait("")
	})
}

func TestWhatOnlyTimeBringsAndWhatWasLostIsFoundByTheJob(t *testing.T) {
	eachMoving(t, "2026-08-31", func(t *testing.T, w *world, clock *movingClock) {
		c := w.openCase()
		other := w.samePerson()
		w.must(w.TellHardship(w.ctx, debtorOf(c), c.ID, "Un accident."))
		rows := w.waits(negotiation.WorkFilter{CaseID: other.ID})
		if rows != "" {
			t.Fatalf("the other case was changed without its lock: %q", rows)
		}
		n, err := w.AlignWork(w.ctx, 100)
		w.must(err)
		if rows = w.waits(negotiation.WorkFilter{CaseID: other.ID}); n != 1 || rows != "hardship" {
			t.Errorf("after %d: %q", n, rows)
		}
		if n, err = w.AlignWork(w.ctx, 100); err != nil || n != 0 {
			t.Errorf("a second look changed %d (%v)", n, err)
		}
		w.must(w.DB().Read(w.ctx).Exec("DELETE FROM work_items").Error)
		broken(t, w.Service, "what waits for a person stands on the worklist, and nothing else does")
		if n, err = w.AlignWork(w.ctx, 100); err != nil || n != 2 {
			t.Errorf("%d came back (%v)", n, err)
		}
		w.must(w.DB().Read(w.ctx).Exec("UPDATE work_items SET rank_on = '2020-01-01'").Error)
		broken(t, w.Service, "each row of the worklist stands where its terms put it")
		w.must(w.DB().Read(w.ctx).Exec("UPDATE holds SET lifted_at = created_at").Error)
		w.must(w.DB().Read(w.ctx).Exec("UPDATE situations SET state = 'ended', ended_at = created_at, ended_by = 'test', end_reason = 'lifted'").Error)
		broken(t, w.Service, "what waits for a person stands on the worklist, and nothing else does")
		if n, err = w.AlignWork(w.ctx, 100); err != nil || n != 2 {
			t.Errorf("%d went (%v)", n, err)
		}
		w.wait("")
		clock.on("2031-03-01") // the claims are of 2026
		n, err = w.AlignWork(w.ctx, 100)
		w.must(err)
		if got := w.waits(negotiation.WorkFilter{}); n != 2 || got != "limitation limitation" {
			t.Errorf("%d: %q", n, got)
		}
	})
}

func broken(t *testing.T, s *negotiation.Service, name string) {
	t.Helper()
	found, err := s.Verify(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(found, func(i negotiation.Invariant) bool { return i.Name == name })
	if i < 0 || len(found[i].Breaks) == 0 {
		t.Errorf("%q: harmed, it is not seen", name)
	}
}

func TestTheListIsReadPageByPageAndNarrowed(t *testing.T) {
	eachMoving(t, "2026-08-31", func(t *testing.T, w *world, clock *movingClock) {
		c, other := w.openCase(), w.samePerson()
		for _, words := range []string{"un", "deux", "trois"} {
			for _, on := range []*negotiation.Case{c, other} {
				_, err := w.Wish(w.ctx, debtorOf(on), on.ID, negotiation.Wish{Kind: negotiation.WishMessage, Words: words})
				w.must(err)
			}
		}
		_, err := w.PlaceHold(w.ctx, nadia, c.ID, negotiation.Hold{Reason: negotiation.HoldMoved})
		w.must(err)
		all, err := w.Worklist(w.ctx, nadia, negotiation.WorkFilter{}, nil, 100)
		w.must(err)
		var paged []negotiation.FoundWork
		var after *negotiation.WorkPlace
		for range 10 {
			rows, err := w.Worklist(w.ctx, nadia, negotiation.WorkFilter{}, after, 2)
			w.must(err)
			if len(rows) == 0 {
				break
			}
			paged = append(paged, rows...)
			place := rows[len(rows)-1].Place()
			after = &place
		}
		if len(all) != 7 || len(paged) != 7 || !slices.EqualFunc(all, paged, func(a, b negotiation.FoundWork) bool { return a.ID == b.ID }) {
			t.Errorf("%d rows at once, %d page by page", len(all), len(paged))
		}
		if !slices.IsSortedFunc(all, func(a, b negotiation.FoundWork) int {
			if a.Before(&b.WorkItem) {
				return -1
			}
			return 1
		}) {
			t.Error("the database orders otherwise than Before says")
		}
		nobody := ""
		w.must(w.Assign(w.ctx, nadia, c.ID, negotiation.Assignee{ID: nadia.ID, Name: nadia.Name}))
		for _, row := range []struct {
			name string
			f    negotiation.WorkFilter
			want int
		}{
			{"mine", negotiation.WorkFilter{Agent: &nadia.ID}, 4},
			{"nobody's", negotiation.WorkFilter{Agent: &nobody}, 3},
			{"one creditor's", negotiation.WorkFilter{CreditorID: other.CreditorID}, 3},
			{"of a kind", negotiation.WorkFilter{Kinds: []negotiation.WorkKind{negotiation.WorkAddress}}, 1},
			{"owed by Wednesday", negotiation.WorkFilter{DueBy: "2026-09-02"}, 6},
			{"of a sum", negotiation.WorkFilter{AmountMin: 1}, 0},
		} {
			rows, err := w.Worklist(w.ctx, nadia, row.f, nil, 100)
			w.must(err)
			n, err := w.CountWork(w.ctx, row.f, 1000)
			w.must(err)
			if len(rows) != row.want || n != row.want {
				t.Errorf("%s: %d rows, counted %d, want %d", row.name, len(rows), n, row.want)
			}
		}
		_, err = w.Worklist(w.ctx, debtorOf(c), negotiation.WorkFilter{}, nil, 10)
		refused(t, err, "not_your_role")
		_, err = w.Worklist(w.ctx, nadia, negotiation.WorkFilter{CreditorID: "x' OR 1=1"}, nil, 10)
		refused(t, err, "not_found")
	})
}
