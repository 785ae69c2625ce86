package negotiation

import (
	"maps"
	"slices"
)

// Life is the table of a noun's states and moves, as data: docs/states.md is
// drawn from it, and the database's constraints are compared with it.
type Life struct {
	Noun   string
	Table  string // of the database; its column is state
	Start  []string
	States []string // in alphabetical order
	Moves  map[string][]string
}

// Lives are the lives of this package's nouns.
func Lives() []Life {
	return []Life{
		NewLife("case", "cases", caseMoves, CaseWatched, CasePlaced),
		NewLife("letter", "letters", letterMoves, LetterDueState, LetterStopped),
		NewLife("offer", "offers", offerMoves, OfferOpen),
		NewLife("dispute", "disputes", disputeMoves, DisputeOpened),
		NewLife("plan", "plans", planMoves, PlanActive),
		NewLife("situation", "situations", situationMoves, SituationTold, SituationConfirmed),
	}
}

// NewLife turns a moves table into a Life; starts are the states in which a
// noun can come into the world.
func NewLife[S ~string](noun, table string, moves map[S][]S, starts ...S) Life {
	l := Life{Noun: noun, Table: table, Moves: map[string][]string{}}
	seen := map[string]bool{}
	for from, tos := range moves {
		seen[string(from)] = true
		for _, to := range tos {
			seen[string(to)] = true
			l.Moves[string(from)] = append(l.Moves[string(from)], string(to))
		}
	}
	for _, s := range starts {
		l.Start = append(l.Start, string(s))
	}
	l.States = slices.Sorted(maps.Keys(seen))
	return l
}
