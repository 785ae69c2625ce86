package negotiation

import (
	"slices"
	"strings"
	"testing"
	"time"

	"amiable/negotiation/ledger"
	"amiable/negotiation/money"
)

// theTable is the gate as the law and the design have it, written out once
// more by hand: ● is blocked, p only a person may, c a channel or an hour of it.
const theTable = `
                          | Letters | Display | Interest | Collection | Payment | Plan
no_mandate                |    ●    |    ●    |          |     ●      |    ●    |  ●
papers_missing            |    ●    |    ●    |          |     ●      |    ●    |  ●
first_letter_not_sent     |    ●    |    ●    |          |     ●      |    ●    |  ●
disputed                  |    ●    |         |    ●     |     ●      |         |  ●
breathing_space           |    ●    |         |    ●     |     ●      |         |
open_offer                |    ●    |         |          |     ●      |         |  ●
overindebtedness_declared |    ●    |         |          |     ●      |         |
overindebtedness_admitted |    ●    |         |    ●     |     ●      |    ●    |  ●
measures_adopted          |    ●    |         |    ●     |     ●      |         |  ●
debt_erased               |    ●    |         |    ●     |     ●      |    ●    |  ●
insolvency                |    ●    |         |    ●     |     ●      |    ●    |  ●
deceased                  |    ●    |    ●    |    ●     |     ●      |         |  ●
minor                     |    ●    |         |          |     ●      |         |  ●
guardianship              |    ●    |         |          |     ●      |         |  ●
identity_theft            |    ●    |    ●    |          |     ●      |         |  ●
not_me                    |    ●    |    ●    |          |     ●      |         |  ●
moved                     |    ●    |         |          |            |         |
time_barred               |    ●    |         |    ●     |     ●      |         |  ●
vulnerable                |    p    |         |          |            |         |
quiet_hours               |    c    |         |          |            |         |
contact_cap               |    c    |         |          |            |         |
answer_awaited            |    c    |         |          |            |         |
opt_out                   |    c    |         |          |            |         |
wrong_recipient           |    c    |         |          |            |         |
creditor_request          |    ●    |         |          |     ●      |         |
not_due_yet               |    ●    |    ●    |          |     ●      |    ●    |  ●
foreign_currency          |    ●    |    ●    |          |     ●      |    ●    |  ●
`

func TestTheGateIsTheTableOfTheDesign(t *testing.T) {
	rows := strings.Split(strings.TrimSpace(theTable), "\n")[1:]
	seen := map[Reason]bool{}
	for _, line := range rows {
		cells := strings.Split(line, "|")
		reason := Reason(strings.TrimSpace(cells[0]))
		seen[reason] = true
		for i, e := range Effects {
			if want := strings.TrimSpace(cells[i+1]) == "●"; reason.Blocks(e) != want {
				t.Errorf("%s blocks %s: %t, the table says %t", reason, e, reason.Blocks(e), want)
			}
		}
		letters := strings.TrimSpace(cells[1])
		if blocks[reason].byPerson != (letters == "p") || blocks[reason].byChannel != (letters == "c") {
			t.Errorf("%s: by a person %t, by channel %t, the table says %q", reason, blocks[reason].byPerson, blocks[reason].byChannel, letters)
		}
	}
	for reason := range blocks {
		if !seen[reason] {
			t.Errorf("%s is not in the table of this test", reason)
		}
	}
	for _, reason := range []Reason{HoldDeceased, HoldNotMe, HoldIdentityTheft} {
		if !reason.RevokesLinks() {
			t.Errorf("%s does not revoke links", reason)
		}
	}
}

// openFile is a case against which nothing stands on 2026-11-23.
func openFile() *Case {
	claim := Claim{ID: "claim-1", DueOn: "2026-04-02", Currency: money.EUR, Amount: 100_00}
	c := &Case{
		ID: "case", CreditorID: "creditor", Currency: money.EUR, State: CaseOpen, Principal: 100_00,
		FirstLetterReference: "PL-1", FirstLetterOn: "2026-11-06",
		Agency: &Agency{CollectorKind: ThirdParty}, Creditor: &Creditor{Kind: CreditorBusiness}, Debtor: &Debtor{Kind: DebtorConsumer},
		Mandate: &Mandate{SignedOn: "2024-01-01"}, Claims: []Claim{claim},
	}
	for _, kind := range PaperKinds {
		c.Agency.Papers = append(c.Agency.Papers, Paper{Kind: kind, ValidFrom: "2024-01-01", ValidUntil: "2027-12-31"})
	}
	p := ledger.New(ledger.KindPlacement, "claim:claim-1", c.CreditorID, c.ID, "2026-11-01", at())
	c.postings = append(c.postings, *p.AddReceivable("claim-1", ledger.Principal, money.Euros(100_00)).Add(ledger.Entrusted, money.Euros(-100_00)))
	return c
}

func at() time.Time { return time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC) }

func TestEachReasonStandsWhenItShould(t *testing.T) {
	const today Day = "2026-11-23"
	if g := openFile().Gate(today); len(g.Closed) > 0 {
		t.Fatalf("an ordinary case is stopped by %v", g.Closed)
	}
	claim := "claim-1"
	half := int64(50_00)
	for _, row := range []struct {
		name   string
		change func(c *Case)
		reason Reason
		whole  bool
	}{
		{"no mandate", func(c *Case) { c.Mandate = nil }, NoMandate, true},
		{"a mandate that ended", func(c *Case) { c.Mandate.ValidUntil = "2026-11-22" }, NoMandate, true},
		{"a mandate revoked today", func(c *Case) { c.Mandate.RevokedOn = today }, NoMandate, true},
		{"a mandate signed tomorrow", func(c *Case) { c.Mandate.SignedOn = "2026-11-24" }, NoMandate, true},
		{"no insurance", func(c *Case) { c.Agency.Papers = c.Agency.Papers[1:] }, PapersMissing, true},
		{"an insurance that expired", func(c *Case) { c.Agency.Papers[0].ValidUntil = "2026-11-22" }, PapersMissing, true},
		{"no first letter", func(c *Case) { c.FirstLetterOn = "" }, FirstLetterMissing, true},
		{"not yet due", func(c *Case) { c.State = CaseWatched }, NotDueYet, true},
		{"dollars", func(c *Case) { c.Currency = "USD" }, ForeignCurrency, true},
		{"two years old", func(c *Case) { c.Claims[0].DueOn = "2024-11-01" }, TimeBarred, true},
		{"two years old in 30 days", func(c *Case) { c.Claims[0].DueOn = "2024-12-23" }, TimeBarred, true},
		{"a sector nobody knows", func(c *Case) { c.Claims[0].Sector = "moon" }, TimeBarred, true},
		{"contested", func(c *Case) { c.Holds = []Hold{{Reason: HoldDisputed, FromOn: today}} }, HoldDisputed, true},
		{"contested, its only claim", func(c *Case) { c.Holds = []Hold{{Reason: HoldDisputed, FromOn: today, ClaimID: &claim}} }, HoldDisputed, true},
		{"contested in part", func(c *Case) {
			c.Holds = []Hold{{Reason: HoldDisputed, FromOn: today, ClaimID: &claim, Amount: &half}}
		}, HoldDisputed, false},
		{"over-indebtedness declared", func(c *Case) {
			c.Holds = []Hold{{Reason: HoldOverindebtednessDeclared, FromOn: "2026-11-01", UntilOn: "2026-12-01"}}
		}, HoldOverindebtednessDeclared, true},
		{"over-indebtedness admitted", func(c *Case) { c.Holds = []Hold{{Reason: HoldOverindebtednessAdmitted, FromOn: today}} }, HoldOverindebtednessAdmitted, true},
		{"insolvency", func(c *Case) { c.Holds = []Hold{{Reason: HoldInsolvency, FromOn: today}} }, HoldInsolvency, true},
		{"deceased", func(c *Case) { c.Holds = []Hold{{Reason: HoldDeceased, FromOn: today}} }, HoldDeceased, true},
		{"not me", func(c *Case) { c.Holds = []Hold{{Reason: HoldNotMe, FromOn: today}} }, HoldNotMe, true},
		{"breathing space to its last day", func(c *Case) {
			c.Holds = []Hold{{Reason: HoldBreathingSpace, FromOn: "2026-11-01", UntilOn: today}}
		}, HoldBreathingSpace, true},
		{"an open offer", func(c *Case) { c.Holds = []Hold{{Reason: HoldOpenOffer, FromOn: today}} }, HoldOpenOffer, true},
		{"a minor", func(c *Case) { c.Holds = []Hold{{Reason: HoldMinor, FromOn: today}} }, HoldMinor, true},
		{"moved", func(c *Case) { c.Holds = []Hold{{Reason: HoldMoved, FromOn: today}} }, HoldMoved, true},
		{"vulnerable", func(c *Case) { c.Holds = []Hold{{Reason: HoldVulnerable, FromOn: today}} }, HoldVulnerable, true},
		{"the creditor's request to its last day", func(c *Case) {
			c.Holds = []Hold{{Reason: HoldCreditorRequest, FromOn: "2026-11-01", UntilOn: today}}
		}, HoldCreditorRequest, true},
	} {
		c := openFile()
		row.change(c)
		g := c.Gate(today)
		if !g.Stands(row.reason) {
			t.Errorf("%s: %s does not stand: %v", row.name, row.reason, g.Closed)
		}
		for _, e := range Effects {
			if blocked := slices.Contains(g.Blocking(e), row.reason); blocked != (row.whole && row.reason.Blocks(e)) {
				t.Errorf("%s: blocks %s on the whole case: %t", row.name, e, blocked)
			}
		}
		if row.reason.Blocks(Letters) && row.whole && g.Check(Letters) == nil {
			t.Errorf("%s: a letter may leave", row.name)
		}
	}
}

func TestAHoldStandsOnItsDaysOnly(t *testing.T) {
	c := openFile()
	c.Holds = []Hold{{Reason: HoldBreathingSpace, FromOn: "2026-11-10", UntilOn: "2026-11-20"}}
	for day, want := range map[Day]bool{"2026-11-09": false, "2026-11-10": true, "2026-11-20": true, "2026-11-21": false} {
		if got := c.Gate(day).Stands(HoldBreathingSpace); got != want {
			t.Errorf("on %s it stands: %t", day, got)
		}
	}
	now := at()
	c.Holds[0].LiftedAt = &now
	if c.Gate("2026-11-15").Stands(HoldBreathingSpace) {
		t.Error("a lifted hold stands")
	}
}

func TestOwedLettersPassTheGatesButThoseOfTheWrongPerson(t *testing.T) {
	c := openFile()
	c.Holds = []Hold{{Reason: HoldInsolvency, FromOn: "2026-11-01"}}
	if got := c.letterBlocked(LetterReceipt.Owed(), "2026-11-23"); len(got) > 0 {
		t.Errorf("a receipt is stopped by %v", got)
	}
	if got := c.letterBlocked(LetterLink.Owed(), "2026-11-23"); len(got) == 0 {
		t.Error("a link leaves in spite of insolvency")
	}
	for _, reason := range []Reason{HoldDeceased, HoldNotMe} {
		c.Holds = []Hold{{Reason: reason, FromOn: "2026-11-01"}}
		if got := c.letterBlocked(LetterReceipt.Owed(), "2026-11-23"); len(got) == 0 {
			t.Errorf("a receipt leaves in spite of %s", reason)
		}
	}
}

func TestTheLivesAreClosedTables(t *testing.T) {
	for from, moves := range caseMoves {
		for _, to := range moves {
			if _, known := caseMoves[to]; !known {
				t.Errorf("a case goes from %s to %s, which has no row", from, to)
			}
		}
	}
	for from, moves := range letterMoves {
		for _, to := range moves {
			if _, known := letterMoves[to]; !known {
				t.Errorf("a letter goes from %s to %s, which has no row", from, to)
			}
		}
	}
	c := openFile()
	c.State = CaseReferred
	if err := c.move(CaseInPlan); err == nil {
		t.Error("a case handed to court took a new plan")
	}
}

func TestCaseReferencesCatchSlips(t *testing.T) {
	for range 200 {
		reference, err := newCaseReference()
		if err != nil {
			t.Fatal(err)
		}
		if got, ok := ParseCaseReference(strings.ToLower(GroupedReference(reference))); !ok || got != reference {
			t.Fatalf("%s was read back as %s, %t", reference, got, ok)
		}
		for i := 2; i < 10; i++ {
			for _, wrong := range []byte(caseAlphabet) {
				if slip := reference[:i] + string(wrong) + reference[i+1:]; slip != reference {
					if _, ok := ParseCaseReference(slip); ok {
						t.Fatalf("%s was taken for %s", slip, reference)
					}
				}
			}
			if i < 9 && reference[i] != reference[i+1] {
				swapped := reference[:i] + string(reference[i+1]) + string(reference[i]) + reference[i+2:]
				if _, ok := ParseCaseReference(swapped); ok {
					t.Fatalf("%s was taken for %s", swapped, reference)
				}
			}
		}
	}
}
