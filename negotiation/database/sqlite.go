package database

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"encoding/binary"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"time"

	gosqlite "github.com/glebarez/go-sqlite"
	"gorm.io/gorm"
	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"
)

// SQLite is embedded: nothing travels, and most of what a short statement costs
// is its preparation. The driver prepares each anew, so what is sent (see
// Statement) runs here, on the driver's own connection, prepared once and kept
// for as long as the connection is open. Everything else goes through the
// driver.

// openSQLite makes the pool of connections to a file.
func openSQLite(dsn string) *sql.DB { return sql.OpenDB(sqliteConnector{dsn: dsn}) }

type sqliteConnector struct {
	driver gosqlite.Driver
	dsn    string
}

// Driver is the driver of the connections.
func (c sqliteConnector) Driver() driver.Driver { return &c.driver }

// Connect opens a connection.
func (c sqliteConnector) Connect(context.Context) (driver.Conn, error) {
	inner, err := c.driver.Open(c.dsn)
	if err != nil {
		return nil, err
	}
	conn, err := keeping(inner)
	if err != nil {
		return nil, errors.Join(err, inner.Close())
	}
	return conn, nil
}

// driverConn is what the driver's connection can do.
type driverConn interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.QueryerContext
	driver.Pinger
}

// sqliteConn is a connection with the statements that it keeps. database/sql
// lets one goroutine at a time use it.
type sqliteConn struct {
	driverConn
	db         uintptr
	tls        *libc.TLS
	statements map[string]*prepared
	memory     uintptr // where arguments lie while a statement runs
	size       int
}

// statementsKept bounds how many statements a connection keeps: several times
// as many as the product has.
const statementsKept = 400

// keeping finds SQLite's own handle in a connection of the driver, which does
// not give it away.
func keeping(inner driver.Conn) (*sqliteConn, error) {
	conn, ok := inner.(driverConn)
	value := reflect.ValueOf(inner)
	if !ok || value.Kind() != reflect.Pointer || value.Elem().Kind() != reflect.Struct {
		return nil, fmt.Errorf("a SQLite driver with a connection of %T", inner)
	}
	db, tls := value.Elem().FieldByName("db"), value.Elem().FieldByName("tls")
	if !db.IsValid() || db.Kind() != reflect.Uintptr || !tls.IsValid() || tls.Type() != reflect.TypeFor[*libc.TLS]() {
		return nil, fmt.Errorf("a SQLite driver whose %T has no db and tls", inner)
	}
	return &sqliteConn{driverConn: conn, db: uintptr(db.Uint()), tls: (*libc.TLS)(tls.UnsafePointer()), statements: map[string]*prepared{}}, nil
}

// Close gives the statements back and closes the connection.
func (c *sqliteConn) Close() error {
	c.forget()
	if c.memory != 0 {
		libc.Xfree(c.tls, c.memory)
		c.memory, c.size = 0, 0
	}
	return c.driverConn.Close()
}

// forget finalizes what is kept; what was wrong with a statement was said when
// it ran.
func (c *sqliteConn) forget() {
	for _, p := range c.statements {
		sqlite3.Xsqlite3_finalize(c.tls, p.handle)
	}
	clear(c.statements)
}

// prepared is a statement that can run at any time.
type prepared struct {
	handle  uintptr
	args    int
	columns int
	instant []bool // columns that hold an instant, which is kept as text
}

const wordBytes = 32 << (^uint(0) >> 63) / 8

func (c *sqliteConn) prepare(text string) (*prepared, error) {
	if known, ok := c.statements[text]; ok {
		return known, nil
	}
	if len(c.statements) >= statementsKept {
		c.forget()
	}
	at, err := c.room(2*wordBytes + len(text) + 1)
	if err != nil {
		return nil, err
	}
	source := at + 2*wordBytes
	copy(libc.GoBytes(source, len(text)+1), text+"\x00")
	if rc := sqlite3.Xsqlite3_prepare_v3(c.tls, c.db, source, int32(len(text)+1), sqlite3.SQLITE_PREPARE_PERSISTENT, at, at+wordBytes); rc != sqlite3.SQLITE_OK {
		return nil, c.refused(rc)
	}
	p := &prepared{handle: word(at)}
	if rest := word(at + wordBytes); p.handle == 0 || rest != source+uintptr(len(text)) {
		sqlite3.Xsqlite3_finalize(c.tls, p.handle)
		return nil, fmt.Errorf("not one statement: %.80s", text)
	}
	p.args = int(sqlite3.Xsqlite3_bind_parameter_count(c.tls, p.handle))
	p.columns = int(sqlite3.Xsqlite3_column_count(c.tls, p.handle))
	for i := range p.columns {
		kind := strings.ToUpper(libc.GoString(sqlite3.Xsqlite3_column_decltype(c.tls, p.handle, int32(i))))
		p.instant = append(p.instant, kind == "DATE" || kind == "DATETIME" || kind == "TIMESTAMP")
	}
	c.statements[text] = p
	return p, nil
}

func word(at uintptr) uintptr {
	if wordBytes == 8 {
		return uintptr(binary.NativeEndian.Uint64(libc.GoBytes(at, 8)))
	}
	return uintptr(binary.NativeEndian.Uint32(libc.GoBytes(at, 4)))
}

// room is memory of SQLite's for the arguments of one statement.
func (c *sqliteConn) room(size int) (uintptr, error) {
	const least, most = 4 << 10, 1 << 20
	if size <= c.size && (c.size <= most || size > most) {
		return c.memory, nil
	}
	if c.memory != 0 {
		libc.Xfree(c.tls, c.memory)
	}
	c.size = max(2*size, least)
	if c.memory = libc.Xmalloc(c.tls, libc.Tsize_t(c.size)); c.memory == 0 {
		c.size = 0
		return 0, errors.New("SQLite has no memory left")
	}
	return c.memory, nil
}

// send runs statements in order, on a connection that nobody else uses.
func (c *sqliteConn) send(ctx context.Context, statements []Statement) (at int, err error) {
	if ctx.Done() != nil {
		interrupted := make(chan struct{})
		stop := context.AfterFunc(ctx, func() {
			defer close(interrupted)
			tls := libc.NewTLS()
			defer tls.Close()
			sqlite3.Xsqlite3_interrupt(tls, c.db)
		})
		defer func() {
			if !stop() { // or it would befall the next statement
				<-interrupted
			}
		}()
	}
	for i := range statements {
		err := ctx.Err()
		if err == nil {
			err = c.run(&statements[i])
		}
		if gone := ctx.Err(); err != nil && gone != nil {
			err = errors.Join(gone, err)
		}
		if err != nil {
			return i, err
		}
	}
	return 0, nil
}

// run runs one statement.
func (c *sqliteConn) run(s *Statement) error {
	p, err := c.prepare(s.SQL)
	if err != nil {
		return err
	}
	defer func() {
		sqlite3.Xsqlite3_reset(c.tls, p.handle)
		sqlite3.Xsqlite3_clear_bindings(c.tls, p.handle)
	}()
	if err := c.bind(p, s.Args); err != nil {
		return err
	}
	rows := &sqliteRows{conn: c, statement: p}
	if s.Rows != nil {
		if err := s.Rows(rows); err != nil {
			return err
		}
		return rows.err
	}
	for rows.Next() {
	}
	if rows.err != nil || s.Done == nil {
		return rows.err
	}
	return s.Done(int64(sqlite3.Xsqlite3_changes(c.tls, c.db)))
}

// sqliteInstant is how an instant is written, as the driver does.
const sqliteInstant = "2006-01-02 15:04:05.999999999-07:00"

func (c *sqliteConn) bind(p *prepared, args []any) error {
	if len(args) != p.args {
		return fmt.Errorf("%d arguments for %d places", len(args), p.args)
	}
	values, err := plain(args)
	if err != nil {
		return err
	}
	size := 0
	for i, value := range values {
		switch v := value.(type) {
		case string:
			size += len(v) + 1
		case []byte:
			size += len(v) + 1
		case time.Time:
			text := v.Format(sqliteInstant)
			values[i], size = text, size+len(text)+1
		}
	}
	at, err := c.room(size)
	if err != nil {
		return err
	}
	for i, value := range values {
		n := int32(i + 1)
		var rc int32
		switch v := value.(type) {
		case nil:
			rc = sqlite3.Xsqlite3_bind_null(c.tls, p.handle, n)
		case int64:
			rc = sqlite3.Xsqlite3_bind_int64(c.tls, p.handle, n, v)
		case float64:
			rc = sqlite3.Xsqlite3_bind_double(c.tls, p.handle, n, v)
		case bool:
			rc = sqlite3.Xsqlite3_bind_int64(c.tls, p.handle, n, oneIf(v))
		case string:
			copy(libc.GoBytes(at, len(v)), v)
			rc = sqlite3.Xsqlite3_bind_text(c.tls, p.handle, n, at, int32(len(v)), 0)
			at += uintptr(len(v) + 1)
		case []byte:
			if v == nil {
				rc = sqlite3.Xsqlite3_bind_null(c.tls, p.handle, n)
				break
			}
			copy(libc.GoBytes(at, len(v)), v)
			rc = sqlite3.Xsqlite3_bind_blob(c.tls, p.handle, n, at, int32(len(v)), 0)
			at += uintptr(len(v) + 1)
		default:
			return fmt.Errorf("argument %d of %T", n, value)
		}
		if rc != sqlite3.SQLITE_OK {
			return c.refused(rc)
		}
	}
	return nil
}

func oneIf(yes bool) int64 {
	if yes {
		return 1
	}
	return 0
}

// sqliteError is what SQLite refused.
type sqliteError struct {
	code int32
	text string
}

func (e *sqliteError) Error() string { return e.text }

// refused makes an error of what SQLite answered, in the driver's words.
func (c *sqliteConn) refused(rc int32) error {
	text := libc.GoString(sqlite3.Xsqlite3_errstr(c.tls, rc))
	if detail := libc.GoString(sqlite3.Xsqlite3_errmsg(c.tls, c.db)); detail != text {
		text += ": " + detail
	}
	text = fmt.Sprintf("%s (%d)", text, rc)
	if rc&0xff == sqlite3.SQLITE_BUSY {
		text += " (SQLITE_BUSY)"
	}
	return &sqliteError{code: rc, text: text}
}

// translated gives the violations that both engines know their common names.
func (e *sqliteError) translated() error {
	switch e.code {
	case sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY:
		return gorm.ErrDuplicatedKey
	case sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY:
		return gorm.ErrForeignKeyViolated
	}
	return nil
}
