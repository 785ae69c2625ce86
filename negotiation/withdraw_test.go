package negotiation_test

import (
	"testing"

	"amiable/negotiation"
	"amiable/negotiation/database"
	"amiable/negotiation/database/databasetest"
	"amiable/negotiation/money"
)

func TestAWithdrawnCaseLeavesWithItsInterestFixed(t *testing.T) {
	databasetest.Each(t, migrations, func(t *testing.T, db *database.DB) {
		w := newWorld(t, db, at("2026-08-31"))
		c := w.openCase()
		owner := negotiation.Actor{Role: negotiation.RoleCreditor, ID: "u1", Name: "Ada Boréal", CreditorID: c.CreditorID, Decides: true}
		if err := w.Withdraw(w.ctx, owner, c.ID, negotiation.Word{Why: " "}); negotiation.AsRefusal(err) == nil {
			t.Fatalf("withdrawn without a reason: %v", err)
		}
		for range 2 { // a second click changes nothing
			w.must(w.Withdraw(w.ctx, owner, c.ID, negotiation.Word{Why: "paid in kind"}))
		}
		got := w.load(c.ID)
		if got.State != negotiation.CaseWithdrawn || !got.IsClosed() || got.Balance() != money.Euros(10_453_68) {
			t.Fatalf("the case is %s with %v", got.State, got.Balance())
		}
		stranger := negotiation.Actor{Role: negotiation.RoleCreditor, ID: "u2", CreditorID: "0199aaaa-0000-7000-8000-000000000000", Decides: true}
		if r := negotiation.AsRefusal(w.Withdraw(w.ctx, stranger, c.ID, negotiation.Word{Why: "mine"})); r == nil || r.Kind != negotiation.NotFound {
			t.Fatalf("another creditor got %v", r)
		}
		w.pay(c, "late", 100_00, "2026-08-31") // money is never refused because of a state
		w.holds()
	})
}
