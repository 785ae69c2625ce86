package sandbox

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

func missingText(name string) error { return fmt.Errorf("%s is missing", name) }

// faultState is a rule as the controls print it, with its delay in words.
type faultState struct {
	ID          string            `json:"id"`
	Kind        FaultKind         `json:"kind"`
	Method      string            `json:"method,omitempty"`
	Path        string            `json:"path,omitempty"`
	Metadata    map[string]string `json:"metadata,omitempty"`
	Event       string            `json:"event,omitempty"`
	Nth         int               `json:"nth,omitempty"`
	Count       int               `json:"count,omitempty"`
	Probability float64           `json:"probability,omitempty"`
	Delay       string            `json:"delay,omitempty"`
	Status      int               `json:"status,omitempty"`
	Code        string            `json:"code,omitempty"`
	ShouldRetry *bool             `json:"should_retry,omitempty"`
	After       bool              `json:"after,omitempty"`
	Times       int               `json:"times,omitempty"`
	Matched     int               `json:"matched"`
	Acted       int               `json:"acted"`
}

func (x *site) faultsNow() []faultState {
	rules := []faultState{}
	for _, f := range x.Faults() {
		state := faultState{ID: f.ID, Kind: f.Kind, Method: f.Method, Path: f.Path, Metadata: f.Metadata, Event: f.Event, Nth: f.Nth, Count: f.Count,
			Probability: f.Probability, Status: f.Status, Code: f.Code, ShouldRetry: f.ShouldRetry, After: f.After, Times: f.Times,
			Matched: f.matched, Acted: f.acted}
		if f.Delay > 0 {
			state.Delay = f.Delay.String()
		}
		rules = append(rules, state)
	}
	return rules
}

func (x *site) getFaults(*http.Request, asked) (any, error) {
	return map[string]any{"faults": x.faultsNow(), "kinds": kinds}, nil
}

func (x *site) addFault(_ *http.Request, a asked) (any, error) {
	f := Fault{Kind: FaultKind(a.text("kind")), Method: strings.ToUpper(a.text("method")), Path: a.text("path"), Metadata: a.metadata, Event: a.text("event"), Code: a.text("code")}
	if f.Kind == "" {
		return nil, missingText("kind")
	}
	var problems []error
	for name, field := range map[string]*int{"nth": &f.Nth, "count": &f.Count, "status": &f.Status, "times": &f.Times} {
		n, err := a.whole(name)
		problems = append(problems, err)
		*field = n
	}
	if f.Kind == WebhookDuplicate && f.Times > mostDuplicates {
		problems = append(problems, fmt.Errorf("times: %d at most", mostDuplicates))
	}
	if text := a.text("probability"); text != "" {
		p, err := strconv.ParseFloat(text, 64)
		if err != nil || !(p >= 0 && p <= 1) { // NaN is neither
			problems = append(problems, fmt.Errorf("probability must lie between 0 and 1, not %q", text))
		}
		f.Probability = p
	}
	if text := a.text("delay"); text != "" {
		span, err := parseSpan(text)
		problems = append(problems, err)
		f.Delay = span
	}
	retry, err := a.truth("should_retry")
	problems = append(problems, err)
	f.ShouldRetry = retry
	after, err := a.truth("after")
	problems = append(problems, err)
	f.After = after != nil && *after
	if err := errors.Join(problems...); err != nil {
		return nil, err
	}
	id, err := x.AddFault(f)
	if err != nil {
		return nil, err
	}
	return map[string]string{"id": id}, nil
}

// mostDuplicates bounds one rule's flood.
const mostDuplicates = 1000

func (x *site) clearFaults(r *http.Request, a asked) (any, error) {
	id := r.PathValue("fault")
	if id == "" {
		id = a.text("fault")
	}
	if id == "" {
		x.ClearFaults()
		return map[string]any{"faults": x.faultsNow()}, nil
	}
	if !slices.ContainsFunc(x.Faults(), func(f Fault) bool { return f.ID == id }) {
		return nil, unknownThing{fmt.Errorf("no fault %s", id)}
	}
	x.ClearFaults(id)
	return map[string]any{"faults": x.faultsNow()}, nil
}

type cardState struct {
	Number  string   `json:"number"`
	Brand   string   `json:"brand"`
	Country string   `json:"country"`
	Aliases []string `json:"aliases"`
	Effect  string   `json:"effect"`
}

func (x *site) getCards(*http.Request, asked) (any, error) {
	cards := make([]cardState, 0, len(testCards))
	for i := range testCards {
		t := &testCards[i]
		state := cardState{Number: t.number, Brand: t.brand, Country: t.country, Aliases: []string{}, Effect: t.effect("en")}
		for _, alias := range t.aliases {
			state.Aliases = append(state.Aliases, "pm_card_"+alias)
		}
		cards = append(cards, state)
	}
	now := x.scriptsNow()
	now["cards"] = cards
	accounts := map[string]string{}
	for _, offer := range debitOffers("en") {
		accounts[offer.IBAN] = offer.Effect
	}
	now["accounts"] = accounts
	return now, nil
}

func (x *site) scriptCard(_ *http.Request, a asked) (any, error) {
	card := plainCard(a.text("card"))
	if card == "" {
		return nil, missingText("card")
	}
	alias, isAlias := strings.CutPrefix(card, "pm_card_")
	switch known := strings.HasPrefix(card, "pm_") || strings.HasPrefix(card, "cus_"); {
	case isAlias && cardsByAlias[alias] == nil, !isAlias && !known && cardsByNumber[card] == nil && !listedDebit(card):
		return nil, fmt.Errorf("%q is no test number, pm_card_ alias, test IBAN, payment method or customer", card)
	}
	var outcomes []Outcome
	for _, text := range a.texts("outcomes") {
		outcomes = append(outcomes, Outcome(text))
	}
	if a.text("from") == "" && a.text("until") == "" {
		if err := x.DeclineScript(card, outcomes...); err != nil {
			return nil, err
		}
		return x.scriptsNow(), nil
	}
	if len(outcomes) != 1 {
		return nil, errors.New("outcomes: one for the time between from and until")
	}
	spell := Spell{Card: card, Outcome: outcomes[0]}
	var err error
	if spell.From, err = moment(a, "from"); err == nil {
		spell.Until, err = moment(a, "until")
	}
	if err == nil {
		err = x.DeclineDuring(spell)
	}
	if err != nil {
		return nil, err
	}
	return x.scriptsNow(), nil
}

// plainCard is a card's or an account's name as scripts have it.
func plainCard(text string) string {
	text = strings.ReplaceAll(text, " ", "")
	if iban := plainIBAN(text); listedDebit(iban) {
		return iban
	}
	return text
}

// moment reads a day, which begins at midnight UTC, or a moment; none is zero.
func moment(a asked, name string) (time.Time, error) {
	text := a.text(name)
	if text == "" {
		return time.Time{}, nil
	}
	for _, layout := range []string{time.DateOnly, time.RFC3339} {
		if at, err := time.Parse(layout, text); err == nil {
			return at.UTC(), nil
		}
	}
	return time.Time{}, fmt.Errorf("%s: a day (2026-12-05) or a moment (RFC 3339), not %q", name, text)
}

type spellState struct {
	Card    string     `json:"card"`
	Outcome Outcome    `json:"outcome"`
	From    *time.Time `json:"from,omitempty"`
	Until   *time.Time `json:"until,omitempty"`
}

// scriptsNow are the scripts in force: by count, and by time.
func (x *site) scriptsNow() map[string]any {
	spells := []spellState{}
	for _, s := range x.Spells() {
		state := spellState{Card: s.Card, Outcome: s.Outcome}
		if !s.From.IsZero() {
			state.From = &s.From
		}
		if !s.Until.IsZero() {
			state.Until = &s.Until
		}
		spells = append(spells, state)
	}
	return map[string]any{"scripts": x.DeclineScripts(), "spells": spells}
}

// outcomesKnown are all words that a script may hold.
func outcomesKnown() []string {
	words := []string{string(Approved), string(AuthRequired)}
	for o := range declines {
		words = append(words, string(o))
	}
	for o := range debitFailures {
		words = append(words, string(o))
	}
	slices.Sort(words)
	return slices.Compact(words)
}
