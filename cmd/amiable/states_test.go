package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"amiable/negotiation"
	"amiable/negotiation/database"
	"amiable/negotiation/database/databasetest"
	"amiable/payments"
)

func lives() []negotiation.Life { return append(negotiation.Lives(), payments.Lives()...) }

// drawStates draws docs/states.md from the tables of moves.
func drawStates() string {
	var b strings.Builder
	b.WriteString("# Lives\n\nWhat can happen to each noun, drawn from the tables of moves in the code by `make states`. Do not edit.\n")
	for _, l := range lives() {
		fmt.Fprintf(&b, "\n## %s\n\n```mermaid\nstateDiagram-v2\n", strings.ToUpper(l.Noun[:1])+l.Noun[1:])
		for _, s := range l.Start {
			fmt.Fprintf(&b, "    [*] --> %s\n", s)
		}
		for _, from := range l.States {
			for _, to := range l.Moves[from] {
				fmt.Fprintf(&b, "    %s --> %s\n", from, to)
			}
		}
		b.WriteString("```\n\n| From | To |\n|---|---|\n")
		for _, from := range l.States {
			to := strings.Join(l.Moves[from], " · ")
			if to == "" {
				to = "— (the end)"
			}
			fmt.Fprintf(&b, "| %s | %s |\n", from, to)
		}
	}
	return b.String()
}

func TestStatesAreDrawnAsTheyAre(t *testing.T) {
	path := filepath.Join("..", "..", "docs", "states.md")
	want := drawStates()
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
		t.Error("docs/states.md is not what the tables of moves say: make states")
	}
}

// Every state can be reached, and the database allows the states of the table,
// and no other.
func TestTheDatabaseKnowsTheSameStates(t *testing.T) {
	for _, l := range lives() {
		reached := map[string]bool{}
		var visit func(string)
		visit = func(s string) {
			if reached[s] {
				return
			}
			reached[s] = true
			for _, to := range l.Moves[s] {
				visit(to)
			}
		}
		for _, s := range l.Start {
			visit(s)
		}
		for _, s := range l.States {
			if !reached[s] {
				t.Errorf("%s: no way leads to %s", l.Noun, s)
			}
		}
	}
	databasetest.Each(t, migrations, func(t *testing.T, db *database.DB) {
		for _, l := range lives() {
			if got := statesAllowed(t, db, l.Table); !slices.Equal(got, l.States) {
				t.Errorf("%s: the database allows %v, the moves know %v", l.Table, got, l.States)
			}
		}
	})
}

var quoted = regexp.MustCompile(`'([a-z_]+)'`)

func statesAllowed(t *testing.T, db *database.DB, table string) []string {
	t.Helper()
	var definition string
	query := `SELECT sql FROM sqlite_master WHERE type = 'table' AND name = ?`
	if db.Dialect() == database.Postgres {
		query = `SELECT string_agg(pg_get_constraintdef(oid), E'\n') FROM pg_constraint WHERE conrelid = CAST(? AS regclass) AND contype = 'c' AND pg_get_constraintdef(oid) LIKE '%(state =%'`
	}
	if err := db.Read(context.Background()).Raw(query, table).Scan(&definition).Error; err != nil {
		t.Fatal(err)
	}
	if db.Dialect() == database.SQLite {
		_, definition, _ = strings.Cut(definition, "CHECK (state IN (")
		definition, _, _ = strings.Cut(definition, "))")
	}
	var states []string
	for _, match := range quoted.FindAllStringSubmatch(definition, -1) {
		states = append(states, match[1])
	}
	slices.Sort(states)
	return slices.Compact(states)
}
