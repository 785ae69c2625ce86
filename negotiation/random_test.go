package negotiation_test

import (
	"context"
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"amiable/negotiation"
	"amiable/negotiation/database/databasetest"
	"amiable/negotiation/day"
	"amiable/negotiation/ledger"
	"amiable/negotiation/money"
)

// TestWhateverHappensTheBooksHold lets payments come in any order of their
// days, be taken back, and claims be lowered, and asks every invariant after
// each act.
func TestWhateverHappensTheBooksHold(t *testing.T) {
	db := databasetest.SQLite(t, migrations...)
	w := newWorld(t, db, at("2026-08-31"))
	_, err := w.SignMandate(w.ctx, admin, negotiation.Mandate{
		CreditorID: w.creditor.ID, Reference: "MDT-000", SignedOn: "2024-01-01", Scope: "Toutes les factures", Proof: "signed-0",
		FeeBasisPoints: 1000, VATBasisPoints: 2000, FeeWithheld: true, RestWaivedBelow: 100, InterestWaivedInPlans: true,
	})
	w.must(err)
	n := 0
	rapid.Check(t, func(r *rapid.T) {
		n++
		ctx := context.Background()
		var lines []string
		mandate := rapid.SampledFrom([]string{"MDT-000", "MDT-001"}).Draw(r, "mandate")
		claims := rapid.IntRange(1, 3).Draw(r, "claims")
		for i := range claims {
			lines = append(lines, fmt.Sprintf("CRE-001,R-%d-%d,2026-02-01,2026-0%d-15,EUR,%d.%02d,0,business,Firme %d SARL,,,,f%d@example.test,,1 rue A,33000,Bordeaux,FR,fr,%s,%s,x",
				n, i, rapid.IntRange(3, 6).Draw(r, "month"), rapid.IntRange(1, 900).Draw(r, "euros"), rapid.IntRange(0, 99).Draw(r, "cents"), n, n,
				rapid.SampledFrom([]string{"", "10.5", "15"}).Draw(r, "rate"), mandate))
		}
		w.place(lines...)
		found, err := w.Find(ctx, admin, negotiation.Search{Text: fmt.Sprintf("R-%d-0", n)})
		if err != nil || len(found) != 1 {
			r.Fatalf("found %d cases: %v", len(found), err)
		}
		id := found[0].ID
		if err := w.RecordFirstLetter(ctx, admin, id, negotiation.FirstLetter{Reference: "PL", SentOn: "2026-05-10", Channel: "post", Proof: "p"}); err != nil {
			r.Fatal(err)
		}
		var paid []string
		received, back := int64(0), map[string]int64{}
		for step := range rapid.IntRange(1, 10).Draw(r, "steps") {
			on := day.New(2026, 3, 1).Add(rapid.IntRange(0, 180).Draw(r, "on"))
			switch act := rapid.IntRange(0, 14).Draw(r, "act"); {
			case act < 6:
				p := negotiation.Paid{PaymentID: fmt.Sprintf("p-%d-%d", n, step), Amount: money.Euros(int64(rapid.IntRange(1, 60_000).Draw(r, "sum"))), On: on, Into: ledger.Clearing}
				err = w.OnCase(ctx, admin, id, func(t *negotiation.Tx, c *negotiation.Case) error {
					if rapid.Bool().Draw(r, "fee") {
						p.Fee, p.VAT, p.Withheld = money.Euros(p.Amount.Minor/10), money.Euros(p.Amount.Minor/50), true
					}
					_, err := c.RecordPayment(t, negotiation.Gateway, p)
					return err
				})
				paid = append(paid, p.PaymentID)
				received += p.Amount.Minor
				back[p.PaymentID] = p.Amount.Minor
			case act < 8 && len(paid) > 0:
				which := rapid.SampledFrom(paid).Draw(r, "which")
				err = w.OnCase(ctx, admin, id, func(t *negotiation.Tx, c *negotiation.Case) error { return c.ReversePayment(t, admin, which) })
				received -= back[which]
				back[which] = 0
			case act >= 10:
				err = w.negotiate(r, id, act)
			default:
				c := w.load(id)
				err = w.CreditNote(ctx, admin, id, c.Claims[0].ID, fmt.Sprintf("AV-%d-%d", n, step), money.Euros(int64(rapid.IntRange(1, 20_000).Draw(r, "credit"))), on, negotiation.Word{Why: "Avoir"})
			}
			if err != nil {
				r.Fatal(err)
			}
		}
		c := w.load(id)
		for i := range c.Plans() {
			addsUp(r, c, &c.Plans()[i])
		}
		clearing := int64(0)
		for _, p := range c.Postings() {
			for _, e := range p.Entries {
				if e.Account == ledger.Clearing {
					clearing += e.Amount
				}
			}
		}
		if clearing != received {
			r.Fatalf("%d came in, the ledger has %d", received, clearing)
		}
		invariants, err := w.VerifyCase(ctx, id)
		if err != nil {
			r.Fatal(err)
		}
		for _, i := range invariants {
			for _, b := range i.Breaks {
				r.Errorf("%s: %s", i.Name, b)
			}
		}
	})
}

// negotiate does something with the offer or plan of a case; what is refused is
// no failure.
func (w *world) negotiate(r *rapid.T, id string, act int) (err error) {
	c := w.load(id)
	open := c.OpenOffer()
	switch act {
	case 10, 11:
		p := proposal(negotiation.Terms{
			Instalments: rapid.IntRange(1, 12).Draw(r, "instalments"), Every: negotiation.Monthly,
			FirstDueOn: day.New(2026, 9, 3).Add(rapid.IntRange(0, 30).Draw(r, "first")),
		})
		if owed, err := c.Plannable("2026-08-31"); err == nil && owed.Minor > 200 && rapid.Bool().Draw(r, "settlement") {
			p.Terms.Total = money.Euros(owed.Minor - int64(rapid.IntRange(1, 100).Draw(r, "rebate")))
		}
		p.AskCreditor = true
		if open != nil && open.WaitsFor(negotiation.SideDebtor) {
			p.Answers = open.ID
		}
		_, err = w.Propose(w.ctx, debtorOf(c), id, p)
	case 12:
		if open != nil && open.WaitsFor(negotiation.SideCreditor) {
			_, err = w.AcceptOffer(w.ctx, decider(c), id, open.ID, yes)
		}
	case 13:
		if plan := c.ActivePlan(); plan != nil {
			err = w.EndPlan(w.ctx, negotiation.Actor{Role: negotiation.RoleAgent, ID: "a", OnBehalfOf: c.MainParty().ID}, id, plan.ID, "asked for")
		}
	case 14:
		part := int64(rapid.IntRange(1, 20_000).Draw(r, "contested"))
		_, err = w.PlaceHold(w.ctx, admin, id, negotiation.Hold{Reason: negotiation.HoldDisputed, ClaimID: &c.Claims[0].ID, Amount: &part})
	}
	if negotiation.AsRefusal(err) != nil {
		return nil
	}
	return err
}

// addsUp checks that whatever came in, a plan is paid, left, or no longer owed,
// to the cent.
func addsUp(r *rapid.T, c *negotiation.Case, p *negotiation.Plan) {
	for _, on := range []negotiation.Day{"2026-08-31", "2026-10-15"} {
		g, err := c.Progress(p, on)
		if err != nil {
			r.Fatal(err)
		}
		lines, left := int64(0), int64(0)
		for _, l := range g.Lines {
			lines += l.Amount
			left += l.Left.Minor
		}
		if lines != p.Total || left != g.Left.Sub(g.Suspended).Minor || g.Paid.Add(g.Left).Minor > p.Total {
			r.Fatalf("plan of %d: lines %d, paid %v, left %v, of which suspended %v, on lines %d", p.Total, lines, g.Paid, g.Left, g.Suspended, left)
		}
	}
}
