//go:build bench

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"time"

	"amiable/negotiation/database"
)

// process measures the binary itself: its size, how soon it is ready on a
// database that exists, and what it holds in memory.
func (b *bench) process() {
	size, err := os.Stat(b.binary)
	b.must(err)
	b.limit("size", "MB of the binary", []float64{float64(size.Size()) / 1e6}, 45, 40, "")
	b.profile = "" // a process of its own is measured
	url := "sqlite:" + filepath.Join(b.folder, "process.db")
	db, err := database.Open(b.Context(), url)
	b.must(err)
	b.settle(db)
	b.must(db.Close())
	var ready, resident []float64
	for round := range b.rounds {
		site := b.serve(url)
		ready = append(ready, site.ready.Seconds())
		if round == b.rounds-1 {
			time.Sleep(30 * time.Second) // what the budget says; nothing is awaited
			resident = append(resident, float64(b.memory(site.command.Process.Pid, "VmRSS"))/1e6)
		}
		site.stop()
	}
	b.limit("ready", "s from start to the first good answer, on an existing database", ready, 1, 0.5, "")
	b.limit("RSS", "MB, 30 s after ready", resident, 80, 60, "")
}

var nanoseconds = regexp.MustCompile(`([0-9.]+) ns/op`)

// sandbox measures our Stripe: it must not be what a load test measures.
func (b *bench) sandbox() {
	binary := filepath.Join(b.folder, "sandbox.test")
	if out, err := exec.Command("go", "test", "-c", "-o", binary, "amiable/payments/stripe/sandbox").CombinedOutput(); err != nil {
		b.Fatalf("go test -c: %v: %s", err, out)
	}
	measure := func(name string) float64 {
		out, err := exec.Command(binary, "-test.run=^$", "-test.bench=^"+name+"$", "-test.benchtime="+b.turn.String()).CombinedOutput()
		found := nanoseconds.FindSubmatch(out)
		if err != nil || found == nil {
			b.Fatalf("%s: %v: %s", name, err, out)
		}
		ns, err := strconv.ParseFloat(string(found[1]), 64)
		b.must(err)
		return ns
	}
	var over []float64
	for range b.rounds {
		bare, ours := measure("BenchmarkBare"), measure("BenchmarkCreateAndConfirm")
		over = append(over, bare/ours)
	}
	b.goal("sandbox", "create and confirm in one call over bare net/http with the same bytes", over, 0.3, 0.5, "")
}
