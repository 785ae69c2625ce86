package negotiation_test

import (
	"testing"
	"time"

	"amiable/negotiation"
	"amiable/negotiation/database"
	"amiable/negotiation/database/databasetest"
	"amiable/negotiation/money"
)

// Who contests a claim and proposes a plan for the rest recognises the rest.
func TestAnOfferRecognisesNothingOfAClaimThatIsContested(t *testing.T) {
	databasetest.Each(t, migrations, func(t *testing.T, db *database.DB) {
		clock := &movingClock{at: time.Time(at("2026-08-30"))}
		w := newWorld(t, db, clock)
		var err error
		w.mandate, err = w.SignMandate(w.ctx, admin, negotiation.Mandate{
			CreditorID: w.creditor.ID, Reference: "MDT-000", SignedOn: "2024-01-01", Scope: "Toutes", Proof: "signed-0", InterestWaivedInPlans: true,
		})
		w.must(err)
		// Five years from 10 October 2021: 41 days are left.
		w.place("CRE-001,F-0,2021-09-10,2021-10-10,EUR,200.00,0"+garage+",MDT-000,Zéro", "CRE-001,F-1,2026-03-31,2026-04-30,EUR,1000.00,0"+garage+",MDT-000,Un")
		c := w.found("garage port")
		w.open(c)
		c = w.load(c.ID)
		old := c.Claims[0]
		if len(c.Claims) != 2 || old.InvoiceNumber != "F-0" {
			t.Fatalf("claims: %+v", c.Claims)
		}
		clock.on("2026-08-31")
		_, err = w.OpenDispute(w.ctx, debtorOf(c), c.ID, negotiation.Contest{ClaimID: old.ID, Ground: negotiation.GroundPaid})
		w.must(err)
		clock.on("2026-09-01")
		ask := proposal(monthly(3, "2026-09-20"))
		ask.AskCreditor = true
		out, err := w.Propose(w.ctx, debtorOf(c), c.ID, ask)
		w.must(err)
		if out.Offer == nil {
			t.Fatalf("no offer: %+v", out)
		}
		barred := func(c *negotiation.Case, claimID string, on negotiation.Day) bool {
			for _, closed := range c.Gate(on).BlockingClaim(negotiation.Letters, claimID) {
				if closed.Reason == negotiation.TimeBarred {
					return true
				}
			}
			return false
		}
		if c = w.load(c.ID); !barred(c, old.ID, "2026-10-01") {
			t.Error("nine days before its time is over, what is contested counts as recognised")
		}
		// The rest is, on the day on which the debtor said so: not on that of a
		// credit note for which the offer was put anew.
		rest := c.Claims[1]
		clock.on("2026-09-03")
		w.must(w.CreditNote(w.ctx, admin, c.ID, rest.ID, "A-1", money.Euros(50_00), "2026-09-03", negotiation.Word{Why: "Avoir"}))
		if c = w.load(c.ID); len(c.Offers()) != 2 {
			t.Fatalf("%d offers", len(c.Offers()))
		}
		if barred(c, rest.ID, "2031-08-01") || !barred(c, rest.ID, "2031-08-02") {
			t.Error("the rest was recognised on another day than the debtor's")
		}
	})
}
