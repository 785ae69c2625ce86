// Package database opens the one database of an installation, brings its
// schema up to date and runs transactions on it. Two engines are served alike:
// an embedded SQLite file for one machine, PostgreSQL wherever more than one
// process writes.
//
// The rules that keep them alike: times are UTC and whole microseconds; a
// transaction is for writing and starts by taking its lock (BEGIN IMMEDIATE on
// SQLite, FOR UPDATE of the case's row on PostgreSQL); reads stay outside.
package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	"github.com/glebarez/sqlite"
	"gorm.io/driver/postgres"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"
	"gorm.io/gorm/logger"
)

// Dialect says which engine runs; its value names the folder of migrations.
type Dialect string

const (
	SQLite   Dialect = "sqlite"
	Postgres Dialect = "postgres"
)

// Limits of the connections. SQLite has one writer at a time, whatever the
// number of connections; the rest of the pool reads.
const (
	sqliteBusyMillis    = 2_000
	sqliteLogPages      = 4_000 // of the write-ahead log, before they go into the file: a page that many postings touch goes once
	sqliteConnections   = 8
	postgresConnections = 20
	lockWaitMax         = 2 * time.Second
)

// ErrBusy says that the lock was not had in time; the same call may succeed
// later.
var ErrBusy = errors.New("the database is busy: try again")

// DB is an open database. Read through Read; write through Transaction.
type DB struct {
	gorm    *gorm.DB
	sql     *sql.DB
	dialect Dialect
	writer  chan struct{} // SQLite only: in-process writers queue here instead of polling
	sent    atomic.Int64
	ask     func() error // before each statement, where tests let a process die
}

// Open connects to a PostgreSQL URL (postgres://…) or opens a SQLite file
// (sqlite:PATH, or a plain path), making its folder.
func Open(ctx context.Context, address string) (*DB, error) {
	dialect, dialector, err := dialectOf(address)
	if err != nil {
		return nil, err
	}
	g, err := gorm.Open(dialector, &gorm.Config{
		SkipDefaultTransaction: true, // transactions are explicit, see Transaction
		TranslateError:         true, // unique and foreign key violations have one name on both engines
		DisableAutomaticPing:   true,
		NowFunc:                Now,
		Logger:                 logger.NewSlogLogger(slog.Default(), logger.Config{LogLevel: logger.Silent}), // statements hold personal data
	})
	if err != nil {
		return nil, fmt.Errorf("database %s: %w", dialect, err)
	}
	pool, err := g.DB()
	if err != nil {
		return nil, fmt.Errorf("database %s: %w", dialect, err)
	}
	db := &DB{gorm: g, sql: pool, dialect: dialect}
	if dialect == SQLite {
		db.writer = make(chan struct{}, 1)
		pool.SetMaxOpenConns(sqliteConnections)
		pool.SetMaxIdleConns(sqliteConnections)
	} else {
		pool.SetMaxOpenConns(postgresConnections)
		pool.SetMaxIdleConns(postgresConnections)
	}
	if err := pool.PingContext(ctx); err != nil {
		_ = pool.Close()
		return nil, fmt.Errorf("database %s: %w", dialect, err)
	}
	return db, nil
}

func dialectOf(address string) (Dialect, gorm.Dialector, error) {
	if strings.HasPrefix(address, "postgres://") || strings.HasPrefix(address, "postgresql://") {
		return Postgres, postgres.New(postgres.Config{DSN: address}), nil
	}
	path := strings.TrimPrefix(address, "sqlite:")
	if path == "" || strings.Contains(path, "://") {
		return "", nil, fmt.Errorf("database address %q is neither postgres://… nor sqlite:PATH", redact(address))
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return "", nil, fmt.Errorf("database folder: %w", err)
	}
	dsn := (&url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath(), RawQuery: fmt.Sprintf(
		"_pragma=busy_timeout(%d)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=foreign_keys(1)&_pragma=wal_autocheckpoint(%d)&_txlock=immediate",
		sqliteBusyMillis, sqliteLogPages)}).String()
	return SQLite, sqlite.Open(dsn), nil
}

func redact(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "(unreadable)"
	}
	return u.Redacted()
}

// Now is the wall clock as both databases keep it: UTC, whole microseconds.
func Now() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }

// Dialect says which engine runs.
func (db *DB) Dialect() Dialect { return db.dialect }

// Pool is the underlying pool, for libraries that bring their own statements.
func (db *DB) Pool() *sql.DB { return db.sql }

// Close closes every connection.
func (db *DB) Close() error { return db.sql.Close() }

// Read returns a handle for queries outside any transaction.
func (db *DB) Read(ctx context.Context) *gorm.DB { return db.gorm.WithContext(ctx) }

// Transaction runs do in one writing transaction and commits if it returns
// nil. It waits at most two seconds for SQLite's one writer, then fails with
// ErrBusy. Nothing that leaves the process may happen inside do.
func (db *DB) Transaction(ctx context.Context, do func(tx *gorm.DB) error) error {
	if db.writer != nil {
		wait := time.NewTimer(lockWaitMax)
		defer wait.Stop()
		select {
		case db.writer <- struct{}{}:
			defer func() { <-db.writer }()
		case <-wait.C:
			return ErrBusy
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return busy(db.transact(ctx, do))
}

func (db *DB) transact(ctx context.Context, do func(tx *gorm.DB) error) (err error) {
	conn, err := db.sql.Conn(ctx)
	if err != nil {
		return err
	}
	l := &line{db: db, conn: conn}
	defer func() {
		if !l.over { // an error, or a panic
			err = errors.Join(err, l.Rollback())
		}
		_ = conn.Close()
	}()
	if db.dialect == SQLite { // the transaction is the lock: take it before anything is looked at
		if err := l.send(ctx); err != nil {
			return err
		}
	}
	tx := db.gorm.Session(&gorm.Session{NewDB: true, Context: ctx})
	tx.Statement.ConnPool = l
	if err := do(tx); err != nil {
		return err
	}
	return l.commit(ctx)
}

// busy gives the engines' "could not have the lock in time" one name.
func busy(err error) error {
	if err == nil || errors.Is(err, ErrBusy) {
		return err
	}
	text := err.Error()
	for _, sign := range []string{"database is locked", "SQLITE_BUSY", "SQLSTATE 55P03", "SQLSTATE 40P01", "SQLSTATE 40001"} {
		if strings.Contains(text, sign) {
			return fmt.Errorf("%w (%w)", ErrBusy, err)
		}
	}
	return err
}

// ForUpdate locks the rows that the query reads until the transaction ends.
// On SQLite the immediate transaction is the lock already.
func (db *DB) ForUpdate(tx *gorm.DB) *gorm.DB {
	if db.dialect == SQLite {
		return tx
	}
	return tx.Clauses(clause.Locking{Strength: "UPDATE"})
}

// LockTimeout bounds how long the transaction waits for a row lock on
// PostgreSQL; past it the transaction fails with ErrBusy.
func (db *DB) LockTimeout(tx *gorm.DB, limit time.Duration) error {
	if db.dialect == SQLite {
		return nil
	}
	return Later(tx, Statement{SQL: fmt.Sprintf("SET LOCAL lock_timeout = %d", limit.Milliseconds())})
}

// ByIndex keeps PostgreSQL from reading whole tables in this transaction: a plan
// that was made while a table was small is kept while it grows.
func (db *DB) ByIndex(tx *gorm.DB) error {
	if db.dialect == SQLite {
		return nil
	}
	for _, way := range []string{"enable_seqscan", "enable_hashjoin", "enable_mergejoin"} {
		if err := Later(tx, Statement{SQL: "SET LOCAL " + way + " = off"}); err != nil {
			return err
		}
	}
	return nil
}

// IsDuplicate says whether err is a violated unique index: the row exists.
func IsDuplicate(err error) bool { return errors.Is(err, gorm.ErrDuplicatedKey) }
