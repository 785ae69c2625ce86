package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riverdatabasesql"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivermigrate"
	"github.com/riverqueue/river/rivertype"

	"amiable/negotiation/database"
)

// job is one kind of background work: a name, how often it is asked for, and
// the method that does it. A method asks our own tables what is due, does at
// most one batch, says how much it did, and is safe to repeat at any time and
// beside itself.
type job struct {
	name  string
	every time.Duration
	do    func(ctx context.Context) (done int, err error)
}

// batch is how much one call of a job does at most.
const batch = 200

// jobs is what runs by itself, in the order in which a day owes it. River runs
// it by the wall clock; the demo runs the same table by direct call, day by
// day of its own clock.
func (i *installation) jobs() []job {
	return []job{
		{"wake_watched", time.Hour, func(ctx context.Context) (int, error) { return i.negotiation.WakeWatched(ctx, batch) }},
		{"watch_limitation", time.Hour, func(ctx context.Context) (int, error) { return i.negotiation.WatchLimitation(ctx, batch) }},
		{"realign", 6 * time.Hour, func(ctx context.Context) (int, error) { return i.negotiation.Realign(ctx, batch) }},
		{"retry_notifications", time.Minute, func(ctx context.Context) (int, error) { return i.payments.RetryNotifications(ctx, batch) }},
		{"check_unfinished", time.Minute, i.checkUnfinished},
		{"match_bank", 5 * time.Minute, func(ctx context.Context) (int, error) { return i.payments.MatchBank(ctx, batch) }},
		{"follow_transfers", time.Minute, func(ctx context.Context) (int, error) { return i.payments.FollowTransfers(ctx, batch) }},
		{"close_forbidden", time.Minute, func(ctx context.Context) (int, error) { return i.payments.CloseForbidden(ctx, batch) }},
		{"open_payouts", 5 * time.Minute, func(ctx context.Context) (int, error) { return i.payments.OpenPayouts(ctx, batch) }},
		{"find_payouts", 6 * time.Hour, i.findPayouts},
		{"check_balances", time.Hour, func(ctx context.Context) (int, error) { return i.payments.CheckBalances(ctx, batch) }},
		{"remit_months", time.Hour, func(ctx context.Context) (int, error) { return i.payments.RemitMonths(ctx, batch) }},
		{"total_months", time.Hour, i.totalMonths},
		{"invoice_fees", time.Hour, func(ctx context.Context) (int, error) { return i.payments.InvoiceFees(ctx, batch) }},
		// After what was paid is known, and before letters are made and leave.
		{"watch_offers", 10 * time.Minute, func(ctx context.Context) (int, error) { return i.negotiation.WatchOffers(ctx, batch) }},
		{"watch_disputes", 10 * time.Minute, func(ctx context.Context) (int, error) { return i.negotiation.WatchDisputes(ctx, batch) }},
		{"watch_promises", 10 * time.Minute, func(ctx context.Context) (int, error) { return i.negotiation.WatchPromises(ctx, batch) }},
		{"announce_instalments", time.Hour, func(ctx context.Context) (int, error) { return i.negotiation.AnnounceInstalments(ctx, batch) }},
		{"close_collections", time.Minute, func(ctx context.Context) (int, error) { return i.payments.CloseCollections(ctx, batch) }},
		{"collect", 5 * time.Minute, func(ctx context.Context) (int, error) { return i.payments.Collect(ctx, batch) }},
		{"offer_refunds", 10 * time.Minute, func(ctx context.Context) (int, error) { return i.payments.OfferRefunds(ctx, batch) }},
		{"make_refunds", time.Minute, func(ctx context.Context) (int, error) { return i.payments.MakeRefunds(ctx, batch) }},
		{"follow_creditors", time.Minute, func(ctx context.Context) (int, error) { return i.payments.FollowCreditors(ctx, batch) }},
		{"send_evidence", time.Minute, func(ctx context.Context) (int, error) { return i.payments.SendEvidence(ctx, batch) }},
		// Asked for each hour, it reads once a night.
		{"sweep_payments", time.Hour, i.sweepPayments},
		{"check_debits", time.Hour, func(ctx context.Context) (int, error) { return i.payments.CheckDebits(ctx, batch) }},
		{"check_authorities", 10 * time.Minute, func(ctx context.Context) (int, error) { return i.payments.CheckAuthorities(ctx, batch) }},
		{"watch_instalments", time.Hour, func(ctx context.Context) (int, error) { return i.negotiation.WatchInstalments(ctx, batch) }},
		{"watch_situations", time.Hour, func(ctx context.Context) (int, error) { return i.negotiation.WatchSituations(ctx, batch) }},
		{"announce_pause_ends", time.Hour, func(ctx context.Context) (int, error) { return i.negotiation.AnnouncePauseEnds(ctx, batch) }},
		{"align_worklist", time.Hour, func(ctx context.Context) (int, error) { return i.negotiation.AlignWork(ctx, batch) }},
		{"send_digests", time.Hour, func(ctx context.Context) (int, error) { return i.negotiation.SendDigests(ctx, batch) }},
		{"answer_requests", 5 * time.Second, i.access.AnswerRequests},
		{"prepare_letters", time.Minute, i.prepareLetters},
		{letters, 10 * time.Second, i.deliverLetters},
		{"sweep", time.Hour, func(ctx context.Context) (int, error) { return 0, i.access.Sweep(ctx) }},
		{"sweep_files", time.Hour, func(ctx context.Context) (int, error) { return i.files.Sweep(ctx, batch) }},
	}
}

// letters is the one job that is also asked for right after somebody did
// something, so that a receipt does not wait for its turn.
const letters = "deliver_letters"

// deliverLetters sends what is due. One process of a database at a time does,
// so that no letter leaves twice; who comes second waits and looks again.
func (i *installation) deliverLetters(ctx context.Context) (sent int, err error) {
	err = onAdvisoryLock(ctx, i.db, letterLock, func() error {
		sent, err = i.outreach.DeliverDue(ctx, batch)
		return err
	})
	return sent, err
}

// checkUnfinished never counts: what is unfinished stays so until the gateway
// says otherwise, and asking twice in a row is no use.
func (i *installation) checkUnfinished(ctx context.Context) (int, error) {
	_, err := i.payments.CheckUnfinished(ctx, batch)
	return 0, err
}

// totalMonths needs the gateway; what was asked about today is not asked again.
func (i *installation) totalMonths(ctx context.Context) (int, error) {
	if !i.collects() {
		return 0, nil
	}
	return i.payments.TotalMonths(ctx, batch)
}

// findPayouts never counts either: it looks for what nobody told of.
func (i *installation) findPayouts(ctx context.Context) (int, error) {
	if !i.collects() {
		return 0, nil
	}
	_, err := i.payments.FindPayouts(ctx)
	return 0, err
}

// sweepPayments reads again what the gateway says of everything that is not over.
func (i *installation) sweepPayments(ctx context.Context) (int, error) {
	if !i.collects() {
		return 0, nil
	}
	return i.payments.Sweep(ctx, batch)
}

// collects says whether there is a gateway to ask: without a key nothing was
// ever collected, and there is nothing to look for.
func (i *installation) collects() bool {
	_, none := i.gateway.(noGateway)
	return i.gateway != nil && !none
}

// runAll does everything that is due now, by direct call, in order, until
// nothing is left. A job that fails does not keep the next from its turn.
func runAll(ctx context.Context, jobs []job) (ran []string, err error) {
	const rounds = 50 // of one job: far more than a day can owe
	for _, j := range jobs {
		total := 0
		for range rounds {
			done, problem := j.do(ctx)
			total += done
			if problem != nil {
				err = errors.Join(err, fmt.Errorf("job %s: %w", j.name, problem))
				break
			}
			if done == 0 {
				break
			}
		}
		if total > 0 {
			ran = append(ran, fmt.Sprintf("%s %d", j.name, total))
		}
	}
	return ran, err
}

// due is River's row: which job of the table is asked for.
type due struct {
	Name string `json:"name" river:"unique"`
}

// Kind names the row's kind for River.
func (due) Kind() string { return "due" }

// runner is River with our table.
type runner struct {
	client  *river.Client[riverTx]
	orphans *orphans
	log     *slog.Logger
	nudges  chan struct{}
	all     sync.WaitGroup
	stop    context.CancelFunc
}

// worker runs jobs of the table by name.
type worker struct {
	river.WorkerDefaults[due]
	jobs map[string]job
	gate *sync.RWMutex // held for writing while the demo walks
	busy sync.Map      // ids of the rows that are being done
}

// Work does one batch after the other until nothing is due.
func (w *worker) Work(ctx context.Context, asked *river.Job[due]) error {
	j, known := w.jobs[asked.Args.Name]
	if !known {
		return nil // asked for by another version
	}
	w.busy.Store(asked.ID, true)
	defer w.busy.Delete(asked.ID)
	w.gate.RLock()
	defer w.gate.RUnlock()
	for {
		done, err := j.do(ctx)
		if err != nil || done == 0 || ctx.Err() != nil {
			return err
		}
	}
}

// Timeout bounds one run.
func (w *worker) Timeout(*river.Job[due]) time.Duration { return 10 * time.Minute }

// riverTx is the transaction that both drivers speak.
type riverTx = *sql.Tx

func riverDriver(db *database.DB) riverdriver.Driver[riverTx] {
	if db.Dialect() == database.Postgres {
		return riverdatabasesql.New(db.Pool())
	}
	return riversqlite.New(db.Pool())
}

func migrateRiver(ctx context.Context, db *database.DB) error {
	migrator, err := rivermigrate.New(riverDriver(db), &rivermigrate.Config{Logger: slog.New(slog.NewTextHandler(io.Discard, nil))})
	if err != nil {
		return fmt.Errorf("migrations of river: %w", err)
	}
	if _, err := migrator.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
		return fmt.Errorf("migrations of river: %w", err)
	}
	return nil
}

// riverConfig is what every client of ours has in common.
func riverConfig(log *slog.Logger) *river.Config {
	return &river.Config{
		Logger:            slog.New(quiet{log.Handler()}),
		FetchPollInterval: 500 * time.Millisecond,
		MaxAttempts:       1, // the next turn is the second try
		ErrorHandler:      &reporter{log},

		CompletedJobRetentionPeriod: time.Hour,
		CancelledJobRetentionPeriod: time.Hour,
		DiscardedJobRetentionPeriod: 24 * time.Hour,
		SoftStopTimeout:             20 * time.Second,
		SkipUnknownJobCheck:         true,
	}
}

// newRunner makes River ready. One that does not work only asks for work, for
// processes that serve pages alone.
func (i *installation) newRunner(works bool, gate *sync.RWMutex) (*runner, error) {
	r := &runner{log: i.log, nudges: make(chan struct{}, 1)}
	config := riverConfig(i.log)
	if works {
		table := map[string]job{}
		for _, j := range i.jobs() {
			table[j.name] = j
			config.PeriodicJobs = append(config.PeriodicJobs, river.NewPeriodicJob(river.PeriodicInterval(j.every),
				func() (river.JobArgs, *river.InsertOpts) { return due{j.name}, once() }, &river.PeriodicJobOpts{ID: j.name, RunOnStart: true}))
		}
		does := &worker{jobs: table, gate: gate}
		r.orphans = &orphans{db: i.db, log: i.log, busy: &does.busy}
		config.Workers = river.NewWorkers()
		if err := river.AddWorkerSafely(config.Workers, does); err != nil {
			return nil, fmt.Errorf("river: %w", err)
		}
		config.Queues = map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: 4}}
	}
	client, err := river.NewClient(riverDriver(i.db), config)
	if err != nil {
		return nil, fmt.Errorf("river: %w", err)
	}
	r.client = client
	if works {
		r.orphans.client = client
	}
	return r, nil
}

// once keeps a job that is asked for from being asked for again until it ran.
func once() *river.InsertOpts {
	return &river.InsertOpts{UniqueOpts: river.UniqueOpts{ByArgs: true, ByState: []rivertype.JobState{
		rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRunning, rivertype.JobStateScheduled,
	}}}
}

// Start begins to work, or only to pass nudges on.
func (r *runner) Start(ctx context.Context, works bool) error {
	beside, stop := context.WithCancel(context.WithoutCancel(ctx))
	r.stop = stop
	if works {
		if err := r.orphans.mark(ctx); err != nil {
			stop()
			return err
		}
		if err := r.client.Start(context.WithoutCancel(ctx)); err != nil {
			stop()
			r.orphans.unmark()
			return fmt.Errorf("river: %w", err)
		}
		r.all.Go(func() { r.orphans.watch(beside) })
	}
	r.all.Go(func() { r.pass(beside) })
	return nil
}

// Nudge says that something was done of which letters may tell. It never
// waits.
func (r *runner) Nudge() {
	select {
	case r.nudges <- struct{}{}:
	default: // one is waiting already
	}
}

// pass asks for letters once per short while, however many nudges come.
func (r *runner) pass(ctx context.Context) {
	const collect = 150 * time.Millisecond
	for {
		select {
		case <-ctx.Done():
			return
		case <-r.nudges:
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(collect):
		}
		// Not unique: a run that is ending may have looked already.
		if _, err := r.client.Insert(ctx, due{letters}, nil); err != nil && ctx.Err() == nil {
			r.log.Warn("letters wait for their turn", "error", err) // the periodic job finds them
		}
	}
}

// Stop lets running jobs finish.
func (r *runner) Stop(ctx context.Context, works bool) error {
	r.stop()
	r.all.Wait()
	if !works {
		return nil
	}
	defer r.orphans.unmark() // not before our own jobs have ended
	if err := r.client.Stop(ctx); err != nil {
		return fmt.Errorf("river: %w", err)
	}
	return nil
}

// reporter logs what a job could not do.
type reporter struct{ log *slog.Logger }

// HandleError logs a job's error.
func (r *reporter) HandleError(_ context.Context, row *rivertype.JobRow, err error) *river.ErrorHandlerResult {
	r.log.Error("job", "job", string(row.EncodedArgs), "error", err)
	return nil
}

// HandlePanic logs a defect of ours.
func (r *reporter) HandlePanic(_ context.Context, row *rivertype.JobRow, panicked any, trace string) *river.ErrorHandlerResult {
	r.log.Error("job panicked", "job", string(row.EncodedArgs), "panic", fmt.Sprint(panicked), "trace", trace)
	return nil
}

// quiet lets River's warnings and errors through, not its chatter.
type quiet struct{ slog.Handler }

// Enabled says what is worth a line.
func (q quiet) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= slog.LevelWarn && q.Handler.Enabled(ctx, level)
}

// WithAttrs keeps the silence.
func (q quiet) WithAttrs(attrs []slog.Attr) slog.Handler { return quiet{q.Handler.WithAttrs(attrs)} }

// WithGroup keeps the silence.
func (q quiet) WithGroup(name string) slog.Handler { return quiet{q.Handler.WithGroup(name)} }
