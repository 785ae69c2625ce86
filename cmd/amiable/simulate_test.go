package main

import (
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"amiable/negotiation"
	"amiable/negotiation/database/databasetest"
)

// A simulated year: the services of one process, every job of the table, the
// sandbox in memory, and a clock that the simulation moves. Debtors, creditors
// and agents do what they like; the process dies between any two statements and
// calls and is built again; calls are lost before and after they did something,
// webhooks come twice, late, in any order or never. At the end the faults stop,
// some quiet days pass, and then everything must be right to the cent: our own
// invariants, the sandbox's, and the one's books against the other's; for each
// creditor what came in less fees, refunds and chargebacks against what its bank
// has and what is on its way, each euro on one remittance; and the books of the
// bank to which transfers go.
//
// Each year is drawn from a seed. A year that breaks something prints it:
//
//	make simulate SEED=4711      lives it again
//	make simulate SEEDS=1000     lives a thousand, from 1 on
const (
	seedsVariable = "AMIABLE_SIMULATE_SEEDS" // how many years; a few where it is not set
	seedVariable  = "AMIABLE_SIMULATE_SEED"  // one year only
	seedsUsual    = 4
	seedsPostgres = 25 // every so many years, one is lived on PostgreSQL
)

func TestSimulatedYears(t *testing.T) {
	seeds := seedsToLive(t)
	defer debug.SetGCPercent(debug.SetGCPercent(400)) // a year keeps little and throws much away
	happened := tally{}
	var counting sync.Mutex
	year := func(t *testing.T, seed uint64) {
		open := databasetest.SQLite
		if seed%seedsPostgres == 1 && len(seeds) > seedsUsual {
			open = databasetest.Postgres
		}
		y := newYear(t, seed, open(t, migrations...))
		y.live()
		counting.Lock()
		defer counting.Unlock()
		happened.add(y.happened)
	}
	if len(seeds) == 1 {
		year(t, seeds[0])
		return
	}
	var all sync.WaitGroup
	next := make(chan uint64)
	began := time.Now()
	for range runtime.GOMAXPROCS(0) {
		all.Go(func() {
			for seed := range next {
				t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) { year(t, seed) })
			}
		})
	}
	for _, seed := range seeds {
		next <- seed
	}
	close(next)
	all.Wait()
	t.Logf("%d years in %s: %v", len(seeds), time.Since(began).Round(time.Second), happened)
	for _, what := range mustHappen {
		if happened[what] == 0 && !t.Failed() {
			t.Errorf("in %d years: no %s", len(seeds), what)
		}
	}
}

// tally counts what happened: a year in which nothing did proves nothing.
type tally map[string]int

func (a tally) add(b tally) {
	for what, n := range b {
		a[what] += n
	}
}

// mustHappen is what no few years are without.
var mustHappen = []string{
	"plans", "disputes", "payment checkout", "payment collection", "payment elsewhere", "refund succeeded", "chargeback won", "chargeback lost", "payout paid", "payout failed",
	"row of payouts", "fee invoice", "bank entry matched", "bank entry undone", "bank entry explained", "death", "call cut",
}

func seedsToLive(t *testing.T) []uint64 {
	t.Helper()
	number := func(name string, usual uint64) uint64 {
		text := os.Getenv(name)
		if text == "" {
			return usual
		}
		n, err := strconv.ParseUint(text, 10, 64)
		if err != nil || n == 0 {
			t.Fatalf("%s=%q is no number", name, text)
		}
		return n
	}
	if one := number(seedVariable, 0); one > 0 {
		return []uint64{one}
	}
	seeds := make([]uint64, number(seedsVariable, seedsUsual))
	for i := range seeds {
		seeds[i] = uint64(i) + 1
	}
	return seeds
}

// yearBegins is the first day of every year.
const yearBegins negotiation.Day = "2026-02-02"

const (
	yearDays  = 365
	quietDays = 40 // after the faults stop: what waits for another try has its turn
)

// live lives the year.
func (y *year) live() {
	defer func() {
		if y.t.Failed() {
			y.t.Logf("this year again: make simulate SEED=%d\nlast acts:\n%s", y.seed, strings.Join(y.diary, "\n"))
		}
	}()
	y.begin()
	y.faults(true)
	for range yearDays {
		y.day()
		if y.t.Failed() {
			return
		}
	}
	y.faults(false)
	y.peaceful = true
	for range quietDays {
		y.day()
		if y.t.Failed() {
			return
		}
	}
	y.balance()
}

// day is one day: morning's news and jobs, what people do, evening's news.
func (y *year) day() {
	y.setClock(y.now.Add(24 * time.Hour).Truncate(24 * time.Hour).Add(8 * time.Hour))
	y.news()
	y.work()
	y.setClock(y.now.Add(10 * time.Minute)) // past every lease, and before any news of what was done
	y.work("check_unfinished", "close_collections", "collect")
	for n := range y.folk {
		y.acts(n)
	}
	y.payoutActs()
	y.bankDay()
	y.setClock(y.now.Add(9 * time.Hour))
	y.news()
	if y.draw(5) || y.peaceful {
		y.work()
	}
}

// work runs the table of jobs, or some of them. Each may die anywhere, and has
// its turn again.
func (y *year) work(some ...string) {
	for _, j := range y.house.jobs() {
		if len(some) > 0 && !slices.Contains(some, j.name) {
			continue
		}
		if all := j.name == "realign" || j.name == "align_worklist"; y.left[j.name] || (all && len(some) == 0 && !y.draw(10)) { // they read everything there is
			continue
		}
		y.life("job "+j.name, func() error {
			for range 20 {
				done, err := j.do(y.ctx)
				if err != nil || done == 0 {
					return err
				}
			}
			return nil
		})
	}
}

// setClock moves the product's clock and the sandbox's together.
func (y *year) setClock(to time.Time) {
	y.now = to
	y.must(y.box.SetClock(to))
}
