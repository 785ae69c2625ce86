package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"amiable/negotiation"
	"amiable/negotiation/money"
	"amiable/portal/locale"
)

// drawWorklist draws docs/worklist.md from the table in the code.
func drawWorklist() string {
	var b strings.Builder
	b.WriteString(`# The agents' worklist

What waits for a person of the agency, and in which order. Drawn from ` + "`negotiation/worklist.go`" + ` by ` + "`make states`" + `. Do not edit.

The order is a day: that by which a thing is owed, brought forward by some days for the harm that waiting does. On that day it stands level with what is owed then and harms nobody. Each row of the list shows its terms, and a row that is worse in any of them never stands lower (` + "`TestWhatIsWorseInAnyTermNeverRanksLower`" + `). Level rows: the greater sum first, then what began to wait first. No term knows what day it is today, so the order only changes when the thing itself does ([ADR 17](adr/0017-the-order-of-the-worklist-is-a-day.md)).

## What waits, by when it is owed, and how far it comes forward

| Waits | Next best step | Owed within | Days forward | Why |
|---|---|---|---|---|
`)
	for _, r := range negotiation.WorkRules() {
		fmt.Fprintf(&b, "| %s | %s | %s | %d | %s |\n", r.Kind, locale.English.T("step."+r.Step, "sum", "the sum"), r.DueIn, r.Harm, r.Why)
	}
	b.WriteString("\n## What brings any of them further forward\n\n| Term | Days |\n|---|---|\n")
	fmt.Fprintf(&b, "| somebody to be treated with care (which hold says so stands in no list) | %d |\n", negotiation.CareDays)
	fmt.Fprintf(&b, "| each time that it was asked before | 1, at most %d |\n", negotiation.AgainDaysMax)
	for _, s := range negotiation.SumSteps {
		fmt.Fprintf(&b, "| a sum of at least %s | %d |\n", locale.English.Amount(money.Euros(s.From)), s.Days)
	}
	b.WriteString("\nWhat ends with its case leaves the list when the case is cleared, withdrawn or put away. A job (`align_worklist`) looks every hour for what only time brings; `amiable verify` says where list and tables differ.\n")
	return b.String()
}

func TestTheWorklistIsDrawnAsItIs(t *testing.T) {
	path := filepath.Join("..", "..", "docs", "worklist.md")
	want := drawWorklist()
	if os.Getenv("UPDATE_STATES") != "" {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Error("docs/worklist.md is not what the table in negotiation/worklist.go says: make states")
	}
}
