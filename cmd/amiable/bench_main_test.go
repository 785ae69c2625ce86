//go:build bench

package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// TestBench measures the product and, in the same run and turn by turn, the
// limit that each figure is a share of. Absolute figures say more about the
// machine than about us; only ratios count. docs/performance.md tells what is
// measured, how, and what came out.
//
//	BENCH_ONLY     groups to run, comma between: import payments sqlite pages worklist reconcile collection sandbox process
//	BENCH_LINES    lines of the imported file, and cases of the world (100000)
//	BENCH_ROUNDS   rounds of each comparison (3)
//	BENCH_SECONDS  seconds of each turn of a round (1)
//	BENCH_STRICT   1: a floor that is missed fails
//	BENCH_PROFILE  a file: serve inside this process and write CPU profiles to FILE.payments and FILE.pages
func TestBench(t *testing.T) {
	b := &bench{
		T: t, lines: number(t, "BENCH_LINES", 100_000), rounds: number(t, "BENCH_ROUNDS", 3),
		turn: time.Duration(number(t, "BENCH_SECONDS", 1)) * time.Second, folder: t.TempDir(), profile: os.Getenv("BENCH_PROFILE"),
	}
	b.build()
	defer b.report()
	for _, group := range []struct {
		name string
		run  func()
	}{
		{"import", b.imports}, {"payments", b.payments}, {"pages", b.pages}, {"worklist", b.worklist}, {"sqlite", b.embedded}, {"reconcile", b.reconciling}, {"collection", b.collecting}, {"sandbox", b.sandbox}, {"process", b.process},
	} {
		if only := os.Getenv("BENCH_ONLY"); only != "" && !slices.Contains(strings.Split(only, ","), group.name) {
			continue
		}
		began := time.Now()
		group.run()
		b.Logf("%s took %s", group.name, time.Since(began).Round(time.Second))
	}
}

// bench is one run.
type bench struct {
	*testing.T
	lines   int
	rounds  int
	turn    time.Duration
	folder  string
	profile string
	binary  string

	postgres *benchPostgres
	world    *benchWorld // on PostgreSQL, made by the import
	settled  int         // payments that were answered with 200
	figures  []figure
}

func number(t *testing.T, name string, otherwise int) int {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		t.Fatalf("%s=%q is not a number above nothing", name, text)
	}
	return n
}

func (b *bench) must(err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}

// build makes the binary, without its symbols.
func (b *bench) build() {
	b.binary = filepath.Join(b.folder, "amiable")
	command := exec.Command("go", "build", "-ldflags=-s -w", "-o", b.binary, ".")
	if out, err := command.CombinedOutput(); err != nil {
		b.Fatalf("go build: %v: %s", err, out)
	}
}

// figure is one goal with what was measured.
type figure struct {
	name, what     string
	values         []float64 // one per round
	floor, stretch float64
	atMost         bool // the goal is not to exceed
	note           string
}

// goal adds a figure that must reach floor.
func (b *bench) goal(name, what string, values []float64, floor, stretch float64, note string) {
	b.figures = append(b.figures, figure{name: name, what: what, values: values, floor: floor, stretch: stretch, note: note})
}

// limit adds a figure that must not exceed floor.
func (b *bench) limit(name, what string, values []float64, floor, stretch float64, note string) {
	b.figures = append(b.figures, figure{name: name, what: what, values: values, floor: floor, stretch: stretch, note: note, atMost: true})
}

func median(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(values))
	if middle := len(sorted) / 2; len(sorted)%2 == 1 {
		return sorted[middle]
	} else {
		return (sorted[middle-1] + sorted[middle]) / 2
	}
}

func (f figure) verdict() string {
	reached := func(mark float64) bool {
		if f.atMost {
			return median(f.values) <= mark
		}
		return median(f.values) >= mark
	}
	switch {
	case reached(f.stretch):
		return "stretch"
	case reached(f.floor):
		return "pass"
	}
	return "FAIL"
}

// report prints the table; in a strict run a missed floor fails.
func (b *bench) report() {
	sign := map[bool]string{false: "≥", true: "≤"}
	var table strings.Builder
	load, _ := os.ReadFile("/proc/loadavg")
	fmt.Fprintf(&table, "\n%s, load %s\n", time.Now().UTC().Format("2006-01-02 15:04 UTC"), strings.Join(strings.Fields(string(load))[:min(3, len(strings.Fields(string(load))))], " "))
	fmt.Fprintln(&table, "| # | what | measured, median [min..max] | floor | stretch | |")
	fmt.Fprintln(&table, "| --- | --- | --- | --- | --- | --- |")
	for _, f := range b.figures {
		fmt.Fprintf(&table, "| %s | %s | %s [%s..%s] | %s %s | %s %s | %s | %s\n", f.name, f.what,
			short(median(f.values)), short(slices.Min(f.values)), short(slices.Max(f.values)),
			sign[f.atMost], short(f.floor), sign[f.atMost], short(f.stretch), f.verdict(), f.note)
		if f.verdict() == "FAIL" && os.Getenv("BENCH_STRICT") == "1" {
			b.Errorf("%s missed its floor", f.name)
		}
	}
	b.Log(table.String())
}

func short(v float64) string {
	if v >= 100 {
		return strconv.FormatFloat(v, 'f', 0, 64)
	}
	return strconv.FormatFloat(v, 'f', 2, 64)
}
