package database

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"gorm.io/gorm"
)

// Statement is one of several that are sent to the database at once. On
// PostgreSQL they travel in one round trip, which is most of what a short
// statement costs; each still sees what the ones before it locked and wrote,
// as a single statement with subqueries would not.
type Statement struct {
	SQL  string // placeholders are ? on both engines
	Args []any
	Rows func(Rows) error // reads the answer; nil where there is none to read
	Done func(affected int64) error
	What string // for the sentence of an error
}

// Rows is an answer being read.
type Rows interface {
	Next() bool
	Scan(into ...any) error
	Err() error
}

// Send runs statements in order, after what the transaction still has to
// write. Outside a transaction they run on one connection, each on its own.
func (db *DB) Send(tx *gorm.DB, statements ...Statement) error {
	ctx := tx.Statement.Context
	db.sent.Add(int64(len(statements)))
	if l, ok := tx.Statement.ConnPool.(*line); ok {
		return l.send(ctx, statements...)
	}
	conn, err := db.sql.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	return (&line{db: db, conn: conn, begun: true}).send(ctx, statements...)
}

// Interrupt makes every statement ask first: an error ends what runs, as if the
// process had died before it. What runs then can only be rolled back. Tests use
// it to stop between any two statements; it is called before the first one.
func (db *DB) Interrupt(ask func() error) {
	db.ask = ask
	before := func(tx *gorm.DB) {
		if _, ours := tx.Statement.ConnPool.(*line); !ours {
			_ = tx.AddError(ask())
		}
	}
	all := db.gorm.Callback()
	for _, err := range []error{
		all.Query().Before("gorm:query").Register("interrupt", before), all.Row().Before("gorm:row").Register("interrupt", before),
		all.Raw().Before("gorm:raw").Register("interrupt", before), all.Create().Before("gorm:create").Register("interrupt", before),
		all.Update().Before("gorm:update").Register("interrupt", before), all.Delete().Before("gorm:delete").Register("interrupt", before),
	} {
		if err != nil {
			panic(err) // a name that gorm does not know: our mistake
		}
	}
}

func (db *DB) alive() error {
	if db.ask == nil {
		return nil
	}
	return db.ask()
}

// Sent counts the statements that Send was given since the database was opened.
// gorm's callbacks count the others.
func (db *DB) Sent() int64 { return db.sent.Load() }

// Later keeps a statement until the transaction reads, writes otherwise or
// commits; its error comes then. Outside a transaction it runs at once.
func Later(tx *gorm.DB, s Statement) error {
	l, ok := tx.Statement.ConnPool.(*line)
	if !ok {
		return tx.Exec(s.SQL, s.Args...).Error
	}
	l.later = append(l.later, pending{statement: s})
	return nil
}

// Flush writes what was kept for later.
func Flush(tx *gorm.DB) error {
	l, ok := tx.Statement.ConnPool.(*line)
	if !ok {
		return nil
	}
	return l.send(tx.Statement.Context)
}

// line is the connection of one transaction. gorm speaks through it; whatever
// it sends is preceded by what was kept for later, so that the order of things
// stays as written.
type line struct {
	db    *DB
	conn  *sql.Conn
	begun bool
	over  bool
	later []pending
}

var _ gorm.TxCommitter = (*line)(nil) // nested transactions become savepoints

const rollbackPatience = 5 * time.Second

// begin tells the statement that opens the transaction, once.
func (l *line) begin() []Statement {
	if l.begun {
		return nil
	}
	l.begun = true
	if l.db.dialect == SQLite {
		return []Statement{{SQL: "BEGIN IMMEDIATE"}}
	}
	return []Statement{{SQL: "BEGIN"}}
}

func (l *line) send(ctx context.Context, statements ...Statement) error {
	all := append(l.begin(), l.kept()...)
	all = append(all, statements...)
	if len(all) == 0 {
		return nil
	}
	if err := l.db.alive(); err != nil {
		return err
	}
	if l.db.dialect == Postgres {
		return l.sendAtOnce(ctx, all)
	}
	for i := range all {
		if i > 0 {
			if err := l.db.alive(); err != nil {
				return err
			}
		}
		if err := l.sendOne(ctx, &all[i]); err != nil {
			return l.db.named(err, all[i].What)
		}
	}
	return nil
}

func (l *line) sendOne(ctx context.Context, s *Statement) error {
	if s.Rows == nil {
		done, err := l.conn.ExecContext(ctx, s.SQL, s.Args...)
		if err != nil || s.Done == nil {
			return err
		}
		affected, err := done.RowsAffected()
		if err != nil {
			return err
		}
		return s.Done(affected)
	}
	rows, err := l.conn.QueryContext(ctx, s.SQL, s.Args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	if err := s.Rows(rows); err != nil {
		return err
	}
	return rows.Err()
}

// sendAtOnce sends all statements before it reads the first answer.
func (l *line) sendAtOnce(ctx context.Context, statements []Statement) error {
	return l.conn.Raw(func(raw any) error {
		conn, ok := raw.(*stdlib.Conn)
		if !ok {
			return fmt.Errorf("a connection of %T", raw)
		}
		var batch pgx.Batch
		for i := range statements {
			args, err := plain(statements[i].Args)
			if err != nil {
				return fmt.Errorf("%s: %w", statements[i].What, err)
			}
			batch.Queue(numbered(statements[i].SQL), args...)
		}
		answers := conn.Conn().SendBatch(ctx, &batch)
		var problem error
		for i := range statements {
			if err := answer(answers, &statements[i]); err != nil {
				problem = l.db.named(err, statements[i].What)
				break
			}
		}
		if err := answers.Close(); problem == nil && err != nil {
			problem = l.db.named(err, "")
		}
		return problem
	})
}

func answer(answers pgx.BatchResults, s *Statement) error {
	if s.Rows != nil {
		rows, err := answers.Query()
		if err != nil {
			return err
		}
		defer rows.Close()
		if err := s.Rows(rows); err != nil {
			return err
		}
		rows.Close()
		return rows.Err()
	}
	tag, err := answers.Exec()
	if err != nil {
		return err
	}
	if s.SQL == "COMMIT" && tag.String() == "ROLLBACK" {
		return errRolledBack
	}
	if s.Done != nil {
		return s.Done(tag.RowsAffected())
	}
	return nil
}

// errRolledBack says that a statement had failed and nobody had noticed: the
// engine turns such a commit into a rollback.
var errRolledBack = errors.New("the transaction had failed and was rolled back")

// plain turns arguments into what a driver takes, as database/sql does.
func plain(args []any) ([]any, error) {
	values := make([]any, len(args))
	for i, arg := range args {
		value, err := driver.DefaultParameterConverter.ConvertValue(arg)
		if err != nil {
			return nil, err
		}
		values[i] = value
	}
	return values, nil
}

// named gives an error the name of what it befell, and the engines' errors
// their common names.
func (db *DB) named(err error, what string) error {
	if err == nil {
		return nil
	}
	if translator, ok := db.gorm.Dialector.(gorm.ErrorTranslator); ok {
		if translated := translator.Translate(err); !errors.Is(err, translated) {
			err = fmt.Errorf("%w: %w", translated, err)
		}
	}
	if what == "" {
		return err
	}
	return fmt.Errorf("%s: %w", what, err)
}

// What gorm needs of a connection.

// ready sends what was kept for later before a statement of gorm's own.
func (l *line) ready(ctx context.Context) error {
	if err := l.send(ctx); err != nil {
		return err
	}
	return l.db.alive()
}

// PrepareContext prepares a statement.
func (l *line) PrepareContext(ctx context.Context, query string) (*sql.Stmt, error) {
	if err := l.ready(ctx); err != nil {
		return nil, err
	}
	return l.conn.PrepareContext(ctx, query)
}

// ExecContext runs a statement.
func (l *line) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	if err := l.ready(ctx); err != nil {
		return nil, err
	}
	return l.conn.ExecContext(ctx, query, args...)
}

// QueryContext asks.
func (l *line) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if err := l.ready(ctx); err != nil {
		return nil, err
	}
	return l.conn.QueryContext(ctx, query, args...)
}

// QueryRowContext asks for one row.
func (l *line) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	if err := l.ready(ctx); err != nil {
		failed, cancel := context.WithCancelCause(ctx)
		cancel(err) // a Row carries no error of ours; a context does
		return l.conn.QueryRowContext(failed, query, args...)
	}
	return l.conn.QueryRowContext(ctx, query, args...)
}

// Commit writes what was kept and ends the transaction, in one round trip.
func (l *line) Commit() error { return l.commit(context.Background()) }

func (l *line) commit(ctx context.Context) error {
	if l.over {
		return sql.ErrTxDone
	}
	if !l.begun && len(l.later) == 0 {
		l.over = true
		return nil
	}
	err := ctx.Err() // who has left wants nothing done
	if err == nil {
		err = l.send(ctx, Statement{SQL: "COMMIT"})
	}
	if err != nil {
		return errors.Join(err, l.Rollback())
	}
	l.over = true
	return nil
}

// Rollback undoes everything. A connection on which that is not possible is
// closed, which undoes it too.
func (l *line) Rollback() error {
	if l.over {
		return sql.ErrTxDone
	}
	l.over, l.later = true, nil
	if !l.begun {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), rollbackPatience)
	defer cancel()
	if _, err := l.conn.ExecContext(ctx, "ROLLBACK"); err != nil {
		_ = l.conn.Raw(func(any) error { return driver.ErrBadConn })
	}
	return nil
}
