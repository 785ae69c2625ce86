package main

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"
	"gorm.io/gorm"

	"amiable/negotiation/database"
)

// A row that River gave to a process which was then killed stays "running", and
// as long as it does its job is asked for in vain (see once). The same happens
// where the line to the database breaks between the row being taken and the
// process being told, or for too long after the job was done. River takes such
// rows back after an hour, because it cannot know who lives. An hour in which
// no card is charged and no letter leaves is long, and we can know: on
// PostgreSQL every process that works holds an advisory lock, which ends with
// it; on SQLite there is one process, so that whatever another did is over; and
// what a process itself is doing it knows best.
const (
	orphansEvery       = 10 * time.Second
	aliveLock    int32 = 0x6c697665 // "live" in ASCII; the second half is the hash of the client's id
)

// orphans lets the rows that nobody is doing be done.
type orphans struct {
	db     *database.DB
	client *river.Client[riverTx]
	log    *slog.Logger
	busy   *sync.Map      // ids of the rows that this process is doing
	idle   map[int64]bool // rows that are ours and that nobody was doing at the last look
	alive  *sql.Conn      // on PostgreSQL: holds the lock that says that we live
}

// mark says that this process lives, until it ends. A line that broke is taken
// up again; what another process takes from us meanwhile runs twice, which every
// job of the table is safe to do.
func (o *orphans) mark(ctx context.Context) error {
	if o.db.Dialect() != database.Postgres {
		return nil
	}
	if o.alive != nil {
		if o.alive.PingContext(ctx) == nil {
			return nil
		}
		o.unmark()
	}
	line, err := o.db.Pool().Conn(ctx)
	if err != nil {
		return fmt.Errorf("mark of a working process: %w", err)
	}
	o.alive = line
	if _, err := line.ExecContext(ctx, "SELECT pg_advisory_lock($1, hashtext($2))", aliveLock, o.client.ID()); err != nil {
		return fmt.Errorf("mark of a working process: %w", err)
	}
	return nil
}

func (o *orphans) unmark() {
	if o.alive != nil {
		discard(o.alive)
		o.alive = nil
	}
}

// watch looks for orphans until the context ends.
func (o *orphans) watch(ctx context.Context) {
	turn := time.NewTicker(orphansEvery)
	defer turn.Stop()
	for {
		if err := o.adopt(ctx); err != nil && ctx.Err() == nil {
			o.log.Warn("jobs that nobody does wait", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-turn.C:
		}
	}
}

// adopt lets every job that nobody is doing be done by whoever comes first.
func (o *orphans) adopt(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, orphansEvery)
	defer cancel()
	if err := o.mark(ctx); err != nil {
		return err
	}
	running, err := o.client.JobList(ctx, river.NewJobListParams().Kinds(due{}.Kind()).States(rivertype.JobStateRunning).First(shownMax))
	if err != nil {
		return fmt.Errorf("jobs that run: %w", err)
	}
	before, dead := o.idle, map[string]bool{}
	o.idle = map[int64]bool{}
	for _, row := range running.Jobs {
		if len(row.AttemptedBy) == 0 {
			continue
		}
		by := row.AttemptedBy[len(row.AttemptedBy)-1]
		if by == o.client.ID() {
			// Begun a moment ago, or ended and not yet written down: twice idle is lost.
			if _, busy := o.busy.Load(row.ID); busy {
				continue
			}
			if !before[row.ID] {
				o.idle[row.ID] = true
				continue
			}
		} else {
			if _, asked := dead[by]; !asked {
				if dead[by], err = o.isDead(ctx, by); err != nil {
					return err
				}
			}
			if !dead[by] {
				continue
			}
		}
		err := o.db.Transaction(ctx, func(tx *gorm.DB) error { // the attempt says that nobody took it up meanwhile
			return tx.Exec("UPDATE river_job SET state = 'available' WHERE id = ? AND state = 'running' AND attempt = ?", row.ID, row.Attempt).Error
		})
		if err != nil {
			return fmt.Errorf("job %d that nobody does: %w", row.ID, err)
		}
		o.log.Warn("nobody was doing a job that was begun; it is done again", "job", nameIn(row.EncodedArgs))
	}
	return nil
}

// isDead says whether the lock of a process can be had.
func (o *orphans) isDead(ctx context.Context, id string) (dead bool, err error) {
	if o.db.Dialect() != database.Postgres {
		return true, nil
	}
	err = o.alive.QueryRowContext(ctx, "SELECT pg_try_advisory_lock($1, hashtext($2))", aliveLock, id).Scan(&dead)
	if err == nil && dead {
		_, err = o.alive.ExecContext(ctx, "SELECT pg_advisory_unlock($1, hashtext($2))", aliveLock, id)
	}
	if err != nil {
		return false, fmt.Errorf("does process %s live: %w", id, err)
	}
	return dead, nil
}
