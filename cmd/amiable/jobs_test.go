package main

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"amiable/negotiation"
	"amiable/negotiation/database"
	"amiable/negotiation/database/databasetest"
	"amiable/portal"
)

// counted is a job that has so much to do and fails when told to.
type counted struct {
	left, calls atomic.Int64
	fail        error
}

func (c *counted) do(context.Context) (int, error) {
	c.calls.Add(1)
	if c.fail != nil {
		return 0, c.fail
	}
	if c.left.Load() == 0 {
		return 0, nil
	}
	c.left.Add(-1)
	return 1, nil
}

func TestADayDoesEverythingInOrderAndOneFailureStopsNoOther(t *testing.T) {
	first, broken, last := &counted{}, &counted{fail: errors.New("no")}, &counted{}
	first.left.Store(3)
	last.left.Store(2)
	ran, err := runAll(context.Background(), []job{{"first", 0, first.do}, {"broken", 0, broken.do}, {"last", 0, last.do}})
	if err == nil || !errors.Is(err, broken.fail) {
		t.Fatalf("the failure is not told: %v", err)
	}
	if len(ran) != 2 || ran[0] != "first 3" || ran[1] != "last 2" {
		t.Fatalf("ran %v", ran)
	}
}

// River v0.42 with its two drivers, one of them v0.41: that they work together
// on both databases is what a bump of versions must show again.
func TestRiverRunsWhatIsAskedForOnBothDatabases(t *testing.T) {
	databasetest.Each(t, migrations, func(t *testing.T, db *database.DB) {
		ctx := context.Background()
		for range 2 { // safe to repeat
			if err := migrate(ctx, db); err != nil {
				t.Fatal(err)
			}
		}
		work := &counted{}
		work.left.Store(5)
		gate := &sync.RWMutex{}
		client := newTestClient(t, db, map[string]job{"work": {"work", time.Hour, work.do}}, gate)
		gate.Lock() // the demo walks: nothing may begin
		for range 3 {
			if _, err := client.Insert(ctx, due{"work"}, once()); err != nil {
				t.Fatal(err)
			}
		}
		var asked int64
		if err := db.Read(ctx).Table("river_job").Count(&asked).Error; err != nil {
			t.Fatal(err)
		}
		if asked != 1 {
			t.Errorf("asked for three times before it ran, it stands %d times in the queue", asked)
		}
		if work.calls.Load() != 0 {
			t.Error("it began while the gate was closed")
		}
		gate.Unlock()
		await(t, "all is done", func() bool { return work.left.Load() == 0 })
	})
}

func newTestClient(t *testing.T, db *database.DB, table map[string]job, gate *sync.RWMutex) *river.Client[riverTx] {
	t.Helper()
	config := riverConfig(slog.New(slog.DiscardHandler))
	config.Workers = river.NewWorkers()
	river.AddWorker(config.Workers, &worker{jobs: table, gate: gate})
	config.Queues = map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: 4}}
	client, err := river.NewClient(riverDriver(db), config)
	if err != nil {
		t.Fatal(err)
	}
	if err := client.Start(context.Background()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := client.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return client
}

// A process that serves pages alone asks for letters all the same; another one
// sends them.
func TestPagesAloneAskForLetters(t *testing.T) {
	databasetest.Each(t, migrations, func(t *testing.T, db *database.DB) {
		ctx := context.Background()
		if err := migrate(ctx, db); err != nil {
			t.Fatal(err)
		}
		i := &installation{db: db, log: slog.New(slog.DiscardHandler)}
		pages, err := i.newRunner(false, &sync.RWMutex{})
		if err != nil {
			t.Fatal(err)
		}
		if err := pages.Start(ctx, false); err != nil {
			t.Fatal(err)
		}
		for range 20 {
			pages.Nudge() // never waits
		}
		asked := func() (n int64) {
			if err := db.Read(ctx).Table("river_job").Count(&n).Error; err != nil {
				t.Fatal(err)
			}
			return n
		}
		await(t, "letters are asked for", func() bool { return asked() > 0 })
		if err := pages.Stop(ctx, false); err != nil {
			t.Fatal(err)
		}
		if n := asked(); n > 2 {
			t.Errorf("twenty nudges in a moment asked %d times", n)
		}
		letterJob := &counted{}
		letterJob.left.Store(1)
		newTestClient(t, db, map[string]job{letters: {letters, time.Hour, letterJob.do}}, &sync.RWMutex{})
		await(t, "the other process did it", func() bool { return letterJob.left.Load() == 0 })
	})
}

// The page of background work reads it where River keeps it, and asks for a job
// once however often it is pressed.
func TestHowBackgroundWorkStandsIsRead(t *testing.T) {
	databasetest.Each(t, migrations, func(t *testing.T, db *database.DB) {
		ctx := context.Background()
		if err := migrate(ctx, db); err != nil {
			t.Fatal(err)
		}
		i := &installation{db: db, log: slog.New(slog.DiscardHandler)}
		if list, err := i.Jobs(ctx); err != nil || len(list) != len(i.jobs()) {
			t.Fatalf("before anything runs: %d jobs, %v", len(list), err)
		}
		asks, err := i.newRunner(false, &sync.RWMutex{})
		if err != nil {
			t.Fatal(err)
		}
		i.work.Store(asks)
		for range 3 {
			if err := i.RunJob(ctx, "sweep"); err != nil {
				t.Fatal(err)
			}
		}
		if err := i.RunJob(ctx, "watch_offers"); err != nil {
			t.Fatal(err)
		}
		if err := i.RunJob(ctx, "rm"); negotiation.AsRefusal(err) == nil {
			t.Errorf("a job that is none: %v", err)
		}
		newTestClient(t, db, map[string]job{
			"sweep":        {"sweep", time.Hour, func(context.Context) (int, error) { return 0, nil }},
			"watch_offers": {"watch_offers", time.Hour, func(context.Context) (int, error) { return 0, errors.New("offer 1: out of order") }},
		}, &sync.RWMutex{})
		named := func(name string) portal.Job {
			t.Helper()
			list, err := i.Jobs(ctx)
			if err != nil {
				t.Fatal(err)
			}
			for _, j := range list {
				if j.Name == name {
					return j
				}
			}
			t.Fatalf("%s is not in the table", name)
			return portal.Job{}
		}
		await(t, "one went well", func() bool { return !named("sweep").RanAt.IsZero() })
		await(t, "one failed", func() bool { return named("watch_offers").Failed == 1 })
		if bad := named("watch_offers"); !bad.Failing() || !strings.Contains(bad.Problem, "out of order") || bad.Every != 10*time.Minute {
			t.Errorf("the failing one: %+v", bad)
		}
		if well := named("sweep"); well.Failing() || well.Failed != 0 {
			t.Errorf("the other: %+v", well)
		}
		var rows int64
		if err := db.Read(ctx).Table("river_job").Count(&rows).Error; err != nil || rows != 2 {
			t.Errorf("three presses and one made %d rows, %v", rows, err)
		}
	})
}

// What a process was doing when it was killed is taken up by another: until
// then nobody could so much as ask for it. What a living one does is left to it.
func TestTheWorkOfADeadProcessIsTakenUp(t *testing.T) {
	databasetest.Each(t, migrations, func(t *testing.T, db *database.DB) {
		ctx := context.Background()
		if err := migrate(ctx, db); err != nil {
			t.Fatal(err)
		}
		begun, ends := make(chan struct{}), make(chan struct{})
		dying := newTestClient(t, db, map[string]job{"work": {"work", time.Hour, func(context.Context) (int, error) {
			close(begun)
			<-ends
			return 0, nil
		}}}, &sync.RWMutex{})
		defer close(ends)
		if _, err := dying.Insert(ctx, due{"work"}, once()); err != nil {
			t.Fatal(err)
		}
		<-begun
		lives := &orphans{db: db, client: dying, log: slog.New(slog.DiscardHandler), busy: &sync.Map{}}
		if err := lives.mark(ctx); err != nil {
			t.Fatal(err)
		}
		work := &counted{}
		work.left.Store(1)
		other := newTestClient(t, db, map[string]job{"work": {"work", time.Hour, work.do}}, &sync.RWMutex{})
		finds := &orphans{db: db, client: other, log: lives.log, busy: &sync.Map{}}
		defer finds.unmark()
		if db.Dialect() == database.Postgres { // on SQLite there is no other that lives
			if err := finds.adopt(ctx); err != nil {
				t.Fatal(err)
			}
			if asked, err := other.Insert(ctx, due{"work"}, once()); err != nil || asked.Job.State != rivertype.JobStateRunning {
				t.Fatalf("the work of a living process: %+v, %v", asked.Job, err)
			}
		}
		lives.unmark() // as when it is killed
		await(t, "the other did it", func() bool {
			if err := finds.adopt(ctx); err != nil {
				t.Fatal(err)
			}
			return work.left.Load() == 0
		})
	})
}

// A row that a living process took without being told, or could not hand in, is
// let go by itself at the second look; what it is doing it keeps.
func TestARowThatWasTakenAndLostIsDoneAgain(t *testing.T) {
	databasetest.Each(t, migrations, func(t *testing.T, db *database.DB) {
		ctx := context.Background()
		if err := migrate(ctx, db); err != nil {
			t.Fatal(err)
		}
		begun, ends := make(chan struct{}, 2), make(chan struct{})
		client := newTestClient(t, db, map[string]job{"work": {"work", time.Hour, func(context.Context) (int, error) {
			begun <- struct{}{}
			<-ends
			return 0, nil
		}}}, &sync.RWMutex{})
		asked, err := client.Insert(ctx, due{"work"}, once())
		if err != nil {
			t.Fatal(err)
		}
		<-begun
		finds := &orphans{db: db, client: client, log: slog.New(slog.DiscardHandler), busy: &sync.Map{}}
		defer finds.unmark()
		look := func() {
			if err := finds.adopt(ctx); err != nil {
				t.Fatal(err)
			}
		}
		finds.busy.Store(asked.Job.ID, true)
		look()
		look()
		if len(begun) > 0 || len(finds.idle) > 0 {
			t.Fatal("what is being done was taken away")
		}
		finds.busy.Delete(asked.Job.ID) // it is not known to be done by anybody
		look()
		look()
		await(t, "it is done again", func() bool { return len(begun) == 1 })
		close(ends)
	})
}
