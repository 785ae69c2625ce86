package negotiation_test

import (
	"testing"

	"amiable/negotiation"
	"amiable/negotiation/money"
)

const zinc = "CRE-001,F-2,2026-03-31,2026-04-30,EUR,2000.00,0" + garage + ",MDT-001,Deux"

// twoClaims is an open case of 10,000.00 and 2,000.00, both due on 2026-04-30.
func (w *world) twoClaims() *negotiation.Case {
	w.t.Helper()
	w.place("CRE-001,F-1,2026-03-31,2026-04-30,EUR,10000.00,0"+garage+",MDT-001,Un", zinc)
	c := w.found("garage port")
	w.open(c)
	return w.load(c.ID)
}

func (w *world) lettersOf(c *negotiation.Case, kind negotiation.LetterKind) (to []negotiation.Recipient) {
	w.t.Helper()
	letters, err := w.LettersOf(w.ctx, c.ID)
	w.must(err)
	for _, l := range letters {
		if l.Kind == kind && l.State != negotiation.LetterStopped {
			to = append(to, l.Recipient)
		}
	}
	return to
}

// TestACreditNoteRestsOnTheCreditorsWord: an agent who enters one says how it
// was given, both sides are told, and the word stays beside the entry.
func TestACreditNoteRestsOnTheCreditorsWord(t *testing.T) {
	eachMoving(t, "2026-08-31", func(t *testing.T, w *world, clock *movingClock) {
		c := w.openCase()
		enter := func(by negotiation.Actor, number string, word negotiation.Word) error {
			return w.CreditNote(w.ctx, by, c.ID, c.Claims[0].ID, number, money.Euros(900_00), "2026-08-31", word)
		}
		refused(t, enter(nadia, "AV-1", negotiation.Word{Why: " "}), "creditor_must_agree")
		clerk, capped := decider(c), decider(c)
		clerk.Decides, capped.DecidesUpTo = false, 500_00
		refused(t, enter(clerk, "AV-1", negotiation.Word{}), "not_decider")
		refused(t, enter(capped, "AV-1", negotiation.Word{}), "above_your_limit")
		w.must(enter(nadia, "AV-1", negotiation.Word{Why: "Mme Boréal, au téléphone le 31.", Proof: "aa", ProofName: "avoir.pdf"}))
		refused(t, enter(nadia, "AV-1", negotiation.Word{Why: "Encore."}), "credit_note_known")
		if to := w.lettersOf(c, negotiation.LetterLowered); len(to) != 2 {
			t.Errorf("told: %v", to)
		}
		w.must(enter(decider(c), "AV-2", negotiation.Word{}))
		if to := w.lettersOf(c, negotiation.LetterLowered); len(to) != 3 || to[2] != negotiation.ToParty {
			t.Errorf("the creditor knows what it said itself: %v", to)
		}
		got := w.load(c.ID)
		if owed := got.Owed(c.Claims[0].ID).Principal; owed != money.Euros(8_200_00) {
			t.Errorf("%v is left of the principal", owed)
		}
		given, err := w.GivenUp(w.ctx, decider(c), got)
		w.must(err)
		if len(given) != 2 || given[0].Words == "" || given[0].ProofName != "avoir.pdf" || given[0].ByName != nadia.Name || given[1].Number != "AV-2" {
			t.Errorf("given up: %+v", given)
		}
		if _, err := w.GivenUp(w.ctx, debtorOf(c), got); negotiation.AsRefusal(err) == nil {
			t.Error("a debtor reads what the creditor told the agency")
		}
		if err := w.DB().Read(w.ctx).Exec("UPDATE given_up SET words = ''").Error; err == nil {
			t.Error("the database lets a word be changed")
		}
		w.holds()
	})
}

// TestAClaimIsTakenBackAndTheRestGoesOn: all that is owed on it leaves, also
// after a payment that turns up later; the other claim, plan and offer go on.
func TestAClaimIsTakenBackAndTheRestGoesOn(t *testing.T) {
	eachMoving(t, "2026-08-31", func(t *testing.T, w *world, clock *movingClock) {
		c := w.twoClaims()
		gone, stays := c.Claims[1].ID, c.Claims[0].ID
		offer, err := w.Propose(w.ctx, debtorOf(c), c.ID, func() negotiation.Proposal {
			p := proposal(monthly(3, "2026-09-20"))
			p.AskCreditor = true
			return p
		}())
		w.must(err)
		before := w.load(c.ID)
		w.must(w.WithdrawClaim(w.ctx, nadia, c.ID, gone, negotiation.Word{Why: "Repris par courriel."}))
		w.must(w.WithdrawClaim(w.ctx, nadia, c.ID, gone, negotiation.Word{Why: "Repris par courriel."})) // a second click
		got := w.load(c.ID)
		if owed := got.Owed(gone).Total(); !owed.IsZero() || !got.TakenBack(gone) || got.TakenBack(stays) || got.State != negotiation.CaseOpen {
			t.Fatalf("%v is owed on what was taken back; the case is %s", owed, got.State)
		}
		statement, err := got.Statement("2026-08-31")
		w.must(err)
		was, err := before.Statement("2026-08-31")
		w.must(err)
		for i, cs := range statement.Claims {
			if cs.Claim.ID == stays && cs.Total() != was.Claims[i].Total() {
				t.Errorf("the other claim owes %v, and owed %v", cs.Total(), was.Claims[i].Total())
			}
		}
		if o := got.OpenOffer(); o == nil || o.ID == offer.Offer.ID || o.Owed != statement.Total.Minor {
			t.Errorf("the offer does not stand on what is left: %+v", o)
		}
		if n := w.told(c.ID, negotiation.ClaimTakenBack); n != 1 || len(w.lettersOf(c, negotiation.LetterLowered)) != 2 {
			t.Errorf("told %d times, letters %v", n, w.lettersOf(c, negotiation.LetterLowered))
		}

		// Money that the debtor had sent for it before is theirs to have paid: what
		// was taken back is less then, and nothing goes back to them.
		w.pay(c, "earlier", 500_00, "2026-08-20", func(p *negotiation.Paid) { p.Claims = []string{gone} })
		got = w.load(c.ID)
		if !got.Owed(gone).Total().IsZero() || !got.RefundsDue().IsZero() || !got.TakenBack(gone) {
			t.Errorf("after an earlier payment %v is owed on it, %v to be given back", got.Owed(gone).Total(), got.RefundsDue())
		}
		w.must(w.OnCase(w.ctx, admin, c.ID, func(t *negotiation.Tx, c *negotiation.Case) error {
			return c.ReversePayment(t, negotiation.Gateway, "earlier")
		}))
		if got = w.load(c.ID); !got.Owed(gone).Total().IsZero() {
			t.Errorf("a payment that was taken back brings back %v of a claim that is not ours", got.Owed(gone).Total())
		}
		w.holds()

		// The last one takes the case with it.
		w.must(w.WithdrawClaim(w.ctx, decider(c), c.ID, stays, negotiation.Word{Why: "Le reste aussi."}))
		if got = w.load(c.ID); got.State != negotiation.CaseWithdrawn || got.OpenOffer() != nil || !got.Balance().IsPositive() {
			t.Errorf("the case is %s with %v", got.State, got.Balance())
		}
		refused(t, w.CreditNote(w.ctx, nadia, c.ID, "0199aaaa-0000-7000-8000-000000000000", "AV", money.Euros(1_00), "2026-08-31", negotiation.Word{Why: "Oui"}), "claim_unknown")
		w.holds()
	})
}

// TestAContestedClaimIsTakenBackWhereItIsContested, and above an agent's limit
// only with a second person.
func TestAContestedClaimIsTakenBackWhereItIsContested(t *testing.T) {
	eachMoving(t, "2026-08-31", func(t *testing.T, w *world, clock *movingClock) {
		c := w.twoClaims()
		gone := c.Claims[1].ID
		word := negotiation.Word{Why: "Mme Boréal l’a écrit."}
		_, err := w.OpenDispute(w.ctx, debtorOf(c), c.ID, negotiation.Contest{ClaimID: gone, Ground: negotiation.GroundPaid})
		w.must(err)
		refused(t, w.WithdrawClaim(w.ctx, nadia, c.ID, gone, word), "claim_disputed")
		w.must(w.WithdrawDispute(w.ctx, debtorOf(c), c.ID, w.disputes(c, admin)[0].ID, negotiation.Reply{}))
		limited := nadia
		limited.GivesUpTo = 500_00
		refused(t, w.WithdrawClaim(w.ctx, limited, c.ID, gone, word), "second_person")
		refused(t, w.WithdrawClaim(w.ctx, debtorOf(c), c.ID, gone, word), "not_your_role")
		refused(t, w.WithdrawClaim(w.ctx, nadia, c.ID, gone, negotiation.Word{Proof: "aa"}), "reason_missing")
		w.must(w.WithdrawClaim(w.ctx, nadia, c.ID, gone, word))
		w.holds()
	})
}

// TestACaseTakenBackTellsBoth, in a plan too; who was never written to is not
// written to for it.
func TestACaseTakenBackTellsBoth(t *testing.T) {
	eachMoving(t, "2026-08-31", func(t *testing.T, w *world, clock *movingClock) {
		c := w.openCase()
		w.must(w.Withdraw(w.ctx, nadia, c.ID, negotiation.Word{Why: "Réglé en travaux."}))
		w.must(w.Withdraw(w.ctx, nadia, c.ID, negotiation.Word{Why: "Réglé en travaux."})) // a second click
		if to := w.lettersOf(c, negotiation.LetterWithdrawn); len(to) != 2 {
			t.Errorf("told: %v", to)
		}
		given, err := w.GivenUp(w.ctx, nadia, w.load(c.ID))
		w.must(err)
		if len(given) != 1 || given[0].Kind != negotiation.GivenCase || given[0].ClaimID != nil || given[0].Amount != w.load(c.ID).Balance().Minor {
			t.Errorf("given up: %+v", given)
		}
		w.place("CRE-001,F-9,2026-05-31,2026-06-30,EUR,100.00,0,individual,Anne Neuve,,,,anne@example.test,,2 rue du Port,33000,Bordeaux,FR,fr,,MDT-001,Neuf")
		silent := w.found("anne neuve")
		w.must(w.Withdraw(w.ctx, nadia, silent.ID, negotiation.Word{Why: "Erreur de client."}))
		if to := w.lettersOf(silent, negotiation.LetterWithdrawn); len(to) != 1 || to[0] != negotiation.ToCreditor {
			t.Errorf("before the first letter %v are told", to)
		}
		w.holds()
	})
}
