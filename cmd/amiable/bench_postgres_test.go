//go:build bench

package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"amiable/negotiation/database"
	"amiable/negotiation/database/databasetest"
)

// benchPostgres is a server of the bench's own, set up as one that keeps money.
type benchPostgres struct {
	*databasetest.Server
	pgbench string
}

func (b *bench) server() *benchPostgres {
	if b.postgres != nil {
		return b.postgres
	}
	pgbench, err := databasetest.Binary("pgbench")
	b.must(err)
	server, err := databasetest.Start("fsync=on", "synchronous_commit=on", "shared_buffers=2GB", "max_wal_size=8GB", "checkpoint_timeout=30min")
	b.must(err)
	b.postgres = &benchPostgres{Server: server, pgbench: pgbench}
	return b.postgres
}

// create makes a database, empty or as a copy of another, and opens it.
func (b *bench) create(name, like string) *database.DB {
	server := b.server()
	statement := "CREATE DATABASE " + name
	if like != "" {
		statement += " TEMPLATE " + like
	}
	admin, err := database.Open(context.Background(), server.URL("postgres"))
	b.must(err)
	b.must(admin.Read(context.Background()).Exec("DROP DATABASE IF EXISTS " + name + " WITH (FORCE)").Error)
	b.must(admin.Read(context.Background()).Exec(statement).Error)
	b.must(admin.Close())
	db, err := database.Open(context.Background(), server.URL(name))
	b.must(err)
	b.Cleanup(func() { _ = db.Close() })
	return db
}

// rate is what a closed loop reached.
type rate struct {
	tps float64
	p99 time.Duration
}

var pgbenchTPS = regexp.MustCompile(`tps = ([0-9.]+) \(without`)

// pgbench runs scripts with equal weight at c connections for one turn.
func (b *bench) pgbench(database string, c int, scripts ...string) rate {
	b.Helper()
	server := b.server()
	folder := b.TempDir()
	args := []string{"-n", "-M", "prepared", "-c", strconv.Itoa(c), "-j", "2", "-T", strconv.Itoa(int(b.turn.Seconds())), "-l", "--log-prefix", filepath.Join(folder, "log")}
	for i, script := range scripts {
		path := filepath.Join(folder, fmt.Sprintf("%d.sql", i))
		b.must(os.WriteFile(path, []byte(script), 0o600))
		args = append(args, "-f", path)
	}
	command := exec.Command(server.pgbench, append(args, server.URL(database))...)
	command.Env = append(os.Environ(), "PGOPTIONS=-c plan_cache_mode=force_generic_plan") // the limit loses no time by planning
	out, err := command.CombinedOutput()
	found := pgbenchTPS.FindSubmatch(out)
	if err != nil || found == nil || strings.Contains(string(out), "aborted") {
		b.Fatalf("pgbench: %v: %s", err, out)
	}
	tps, err := strconv.ParseFloat(string(found[1]), 64)
	b.must(err)
	return rate{tps, p99(readLog(b, folder))}
}

// readLog takes the third column, microseconds, of pgbench's logs.
func readLog(b *bench, folder string) []time.Duration {
	var took []time.Duration
	logs, _ := filepath.Glob(filepath.Join(folder, "log.*"))
	for _, name := range logs {
		f, err := os.Open(name)
		b.must(err)
		for lines := bufio.NewScanner(f); lines.Scan(); {
			if columns := strings.Fields(lines.Text()); len(columns) > 2 {
				micros, _ := strconv.ParseInt(columns[2], 10, 64)
				took = append(took, time.Duration(micros)*time.Microsecond)
			}
		}
		_ = f.Close()
	}
	return took
}

func p99(took []time.Duration) time.Duration {
	if len(took) == 0 {
		return 0
	}
	slices.Sort(took)
	return took[len(took)*99/100]
}

// multiTables and multi are `limit_multi`: an event, three entries and one
// balance in three statements of a transaction, and no more.
const multiTables = `
create table pl_event(id bigserial primary key, ext_key text not null unique, kind text not null, amount bigint not null, currency char(3) not null, created_at timestamptz not null default now());
create table pl_entry(id bigserial primary key, event_id bigint not null references pl_event(id), account_id bigint not null, amount bigint not null, currency char(3) not null);
create index pl_entry_acc on pl_entry(account_id, id);
create table pl_balance(account_id bigint primary key, balance bigint not null, version bigint not null) with (fillfactor=70);
insert into pl_balance select g,0,0 from generate_series(1,10000) g;
insert into pl_balance select -g,0,0 from generate_series(1,50) g;
insert into pl_balance select -1000000-g,0,0 from generate_series(1,50) g;
analyze;`

const multi = `\set acc random(1, 10000)
\set cred 0 - random(1, 50)
\set fee :cred - 1000000
BEGIN;
INSERT INTO pl_event(ext_key,kind,amount,currency) VALUES ('pb-'||:client_id||'-'||txid_current()||'-'||clock_timestamp(),'payment',10000,'EUR') RETURNING id AS eid \gset
INSERT INTO pl_entry(event_id,account_id,amount,currency) VALUES (:eid,:acc,-10000,'EUR'),(:eid,:cred,9000,'EUR'),(:eid,:fee,1000,'EUR');
UPDATE pl_balance SET balance=balance-10000, version=version+1 WHERE account_id=:acc;
COMMIT;
`
