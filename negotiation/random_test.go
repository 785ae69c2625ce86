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
	n := 0
	rapid.Check(t, func(r *rapid.T) {
		n++
		ctx := context.Background()
		var lines []string
		claims := rapid.IntRange(1, 3).Draw(r, "claims")
		for i := range claims {
			lines = append(lines, fmt.Sprintf("CRE-001,R-%d-%d,2026-02-01,2026-0%d-15,EUR,%d.%02d,0,business,Firme %d SARL,,,,f%d@example.test,,1 rue A,33000,Bordeaux,FR,fr,%s,MDT-001,x",
				n, i, rapid.IntRange(3, 6).Draw(r, "month"), rapid.IntRange(1, 900).Draw(r, "euros"), rapid.IntRange(0, 99).Draw(r, "cents"), n, n,
				rapid.SampledFrom([]string{"", "10.5", "15"}).Draw(r, "rate")))
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
		for step := range rapid.IntRange(1, 8).Draw(r, "steps") {
			on := day.New(2026, 3, 1).Add(rapid.IntRange(0, 180).Draw(r, "on"))
			switch act := rapid.IntRange(0, 9).Draw(r, "act"); {
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
			default:
				c := w.load(id)
				err = w.CreditNote(ctx, admin, id, c.Claims[0].ID, fmt.Sprintf("AV-%d-%d", n, step), money.Euros(int64(rapid.IntRange(1, 20_000).Draw(r, "credit"))), on)
			}
			if err != nil {
				r.Fatal(err)
			}
		}
		c := w.load(id)
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
