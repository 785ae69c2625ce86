package sandbox

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

// controlSheet is everything in one place, for people.
type controlSheet struct {
	sheet
	Clock      clockState
	Waiting    webhookState
	Invariants invariantState
	Events     []eventState
	Faults     []faultState
	Kinds      []FaultKind
	Scripts    []scriptRow
	Outcomes   []string
	Checkouts  []checkoutRow
	Accounts   []accountState
	Disputes   []disputeRow
	Books      []bookRow
	Controls   []controlRow
}

type scriptRow struct{ Card, Outcomes string }

type checkoutRow struct{ ID, Mode, Path, Sum, Until string }

type disputeRow struct {
	ID, Charge, Reason, Status, Sum, Until string
	Open, Inquiry                          bool
}

type bookRow struct{ Owner, Bucket, Currency, Sum string }

type controlRow struct{ Method, Path, Takes, Purpose string }

// showControls answers /_sandbox: a page to a browser, a list to a program.
func (x *site) showControls(w http.ResponseWriter, r *http.Request) {
	if err := x.guard(r); err != nil {
		answerError(w, http.StatusForbidden, err)
		return
	}
	if wantsPage(r) {
		x.controlPage(w, http.StatusOK, "")
		return
	}
	listed := []map[string]any{}
	for _, c := range x.controls() {
		listed = append(listed, map[string]any{"method": c.method, "path": c.path, "takes": strings.Fields(c.takes), "purpose": c.purpose})
	}
	answerJSON(w, http.StatusOK, map[string]any{"controls": listed})
}

func (x *site) controlPage(w http.ResponseWriter, status int, wrong string) {
	const lang = "en" // those who press these buttons read the docs, which are English
	p := controlSheet{sheet: sheet{Lang: lang, Title: say(lang, "control.title")},
		Clock: clockState{Now: x.Now(), Follows: x.options.Now != nil}, Waiting: x.webhooks(), Invariants: x.invariantsNow(),
		Events: x.eventsThat(mostShown, func(EventRecord) bool { return true }), Faults: x.faultsNow(), Kinds: kinds, Outcomes: outcomesKnown(), Accounts: x.connectedAccounts()}
	if wrong != "" {
		p.Problems = []problem{{"", wrong}}
	}
	scripts := x.DeclineScripts()
	for _, card := range slices.Sorted(maps.Keys(scripts)) {
		var words []string
		for _, o := range scripts[card] {
			words = append(words, string(o))
		}
		p.Scripts = append(p.Scripts, scriptRow{card, strings.Join(words, ", ")})
	}
	for _, c := range x.openCheckouts() {
		row := checkoutRow{ID: c.ID, Mode: c.Mode, Path: "/c/pay/" + c.ID, Until: c.ExpiresAt.Format(time.RFC3339)}
		if c.Mode != "setup" {
			row.Sum = printSum(lang, c.Amount, c.Currency)
		}
		p.Checkouts = append(p.Checkouts, row)
		if len(p.Checkouts) == mostShown {
			break
		}
	}
	for _, d := range x.disputesNow() {
		p.Disputes = append(p.Disputes, disputeRow{
			ID: d.ID, Charge: d.Charge, Reason: d.Reason, Status: d.Status, Sum: printSum(lang, d.Amount, d.Currency), Until: d.DueBy.Format(time.RFC3339),
			Open: disputeMoves.allow(d.Status, "lost"), Inquiry: disputeMoves.allow(d.Status, "warning_closed"),
		})
		if len(p.Disputes) == mostShown {
			break
		}
	}
	for _, b := range x.Books() {
		owner := b.Owner
		if owner == x.PlatformID() {
			owner += " (platform)"
		}
		p.Books = append(p.Books, bookRow{owner, b.Bucket, b.Currency, printSum(lang, b.Amount, b.Currency)})
	}
	for _, c := range x.controls() {
		p.Controls = append(p.Controls, controlRow{c.method, c.path, strings.Join(strings.Fields(c.takes), ", "), c.purpose})
	}
	show(w, status, "control.html", p)
}
