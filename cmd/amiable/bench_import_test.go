//go:build bench

package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"amiable/negotiation/database"
)

// benchImport is one run of `amiable import`.
type benchImport struct {
	*benchWorld
	took time.Duration
	peak int64         // bytes
	work time.Duration // of our own processor time
}

// placed are the tables that an import fills, in the order of their keys.
const placed = "placements persons contact_points debtors cases parties claims events ledger_postings ledger_entries"

// imports measures placing a file: B1, B2 and M1.
func (b *bench) imports() {
	path := b.file("claims.csv", b.lines)
	single := b.file("one.csv", 1)
	rounds := max(1, min(b.rounds, 200_000/b.lines))
	var overCopy, again, memory []float64
	note := ""
	for round := range rounds {
		name := fmt.Sprintf("world_%d", round+1)
		first := b.imported(name, path)
		if n := b.count(first.db, "claims"); n != b.lines {
			b.Errorf("%d lines left %d claims", b.lines, n)
		}
		limit := b.copyBack(name, first.db)
		second := b.importInto(first.url, path)
		if n := b.count(first.db, "claims"); n != b.lines {
			b.Errorf("the same file again: %d claims", n)
		}
		empty := b.create("idle", "")
		b.settle(empty)
		b.must(empty.Close())
		idle := b.importInto(b.server().URL("idle"), single)
		overCopy = append(overCopy, first.took.Seconds()/limit.Seconds())
		again = append(again, second.took.Seconds()/first.took.Seconds())
		memory = append(memory, float64(first.peak-idle.peak)/(1<<20))
		b.Logf("import %v (%v of work of our own), COPY %v, again %v; peak %d and %d MiB", first.took, first.work, limit, second.took, first.peak>>20, idle.peak>>20)
		note += fmt.Sprintf(" %.1f/%.1f/%.1f", first.took.Seconds(), limit.Seconds(), second.took.Seconds())
		if b.world == nil {
			b.world = first.benchWorld
		}
	}
	b.limit("B1", fmt.Sprintf("import of %d lines over COPY of the rows it leaves", b.lines), overCopy, 1.7, 1.3, "s, import/COPY/again:"+note)
	b.limit("B2", "the same file again over the first time", again, 0.5, 0.3, "")
	b.limit("M1", "MiB at its peak over an import of one line", memory, 64, 32, "")
}

// imported places a file in a new database.
func (b *bench) imported(name, path string) benchImport {
	b.Helper()
	db := b.create(name, "")
	b.settle(db)
	b.run(db, "CHECKPOINT")
	got := b.importInto(b.server().URL(name), path)
	got.benchWorld = &benchWorld{url: b.server().URL(name), db: db}
	return got
}

func (b *bench) importInto(url, path string) benchImport {
	b.Helper()
	command := exec.Command(b.binary, "import", path)
	command.Env = b.environment(url, "127.0.0.1:1")
	began := time.Now()
	if out, err := command.CombinedOutput(); err != nil {
		b.Fatalf("import: %v: %s", err, out)
	}
	took := time.Since(began)
	usage := command.ProcessState.SysUsage().(*syscall.Rusage)
	return benchImport{benchWorld: &benchWorld{url: url}, took: took, peak: usage.Maxrss << 10,
		work: command.ProcessState.UserTime() + command.ProcessState.SystemTime()}
}

// copyBack copies the rows that an import left out, and back into the same
// tables of a new database, with their indexes and triggers.
func (b *bench) copyBack(name string, from *database.DB) time.Duration {
	b.Helper()
	into := b.create("copied", "")
	b.settle(into)
	// Whatever the import left must refer to the creditors that it referred to.
	for _, table := range names("papers mandates creditors events agencies") {
		b.run(into, "TRUNCATE "+table+" CASCADE")
	}
	folder := b.server().Folder()
	all := append(names("agencies creditors mandates"), names(placed)...)
	for _, table := range all {
		b.run(from, fmt.Sprintf("COPY %s TO '%s'", table, filepath.Join(folder, name+"."+table)))
	}
	for _, table := range names("agencies creditors mandates") {
		b.run(into, fmt.Sprintf("COPY %s FROM '%s'", table, filepath.Join(folder, name+"."+table)))
	}
	b.run(into, "CHECKPOINT")
	began := time.Now()
	for _, table := range names(placed) {
		b.run(into, fmt.Sprintf("COPY %s FROM '%s'", table, filepath.Join(folder, name+"."+table)))
	}
	took := time.Since(began)
	for _, table := range all {
		if a, c := b.count(from, table), b.count(into, table); a != c {
			b.Errorf("%s: %d rows imported, %d copied", table, a, c)
		}
		_ = os.Remove(filepath.Join(folder, name+"."+table))
	}
	b.must(into.Close())
	return took
}
