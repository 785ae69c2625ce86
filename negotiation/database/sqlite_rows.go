package database

import (
	"bytes"
	"database/sql"
	"fmt"
	"reflect"
	"time"

	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"
)

// sqliteRows is the answer of a statement that runs on SQLite, row by row.
type sqliteRows struct {
	conn      *sqliteConn
	statement *prepared
	over      bool
	err       error
}

// Next goes to the next row.
func (r *sqliteRows) Next() bool {
	if r.over {
		return false
	}
	switch rc := sqlite3.Xsqlite3_step(r.conn.tls, r.statement.handle); rc {
	case sqlite3.SQLITE_ROW:
		return true
	case sqlite3.SQLITE_DONE:
	default:
		r.err = r.conn.refused(rc)
	}
	r.over = true
	return false
}

// Err tells what ended the rows early.
func (r *sqliteRows) Err() error { return r.err }

// Scan reads the columns of a row.
func (r *sqliteRows) Scan(into ...any) error {
	if len(into) != r.statement.columns {
		return fmt.Errorf("%d places for %d columns", len(into), r.statement.columns)
	}
	for i, place := range into {
		if err := r.scan(i, place); err != nil {
			return fmt.Errorf("column %d: %w", i, err)
		}
	}
	return nil
}

func (r *sqliteRows) scan(i int, place any) error {
	tls, handle, n := r.conn.tls, r.statement.handle, int32(i)
	kind := sqlite3.Xsqlite3_column_type(tls, handle, n)
	switch place := place.(type) { // what columns mostly are
	case *string:
		if kind == sqlite3.SQLITE_TEXT && !r.statement.instant[i] {
			*place = string(r.bytes(n))
			return nil
		}
	case *int64:
		if kind == sqlite3.SQLITE_INTEGER {
			*place = sqlite3.Xsqlite3_column_int64(tls, handle, n)
			return nil
		}
	}
	switch kind {
	case sqlite3.SQLITE_INTEGER:
		return assign(place, sqlite3.Xsqlite3_column_int64(tls, handle, n))
	case sqlite3.SQLITE_FLOAT:
		return assign(place, sqlite3.Xsqlite3_column_double(tls, handle, n))
	case sqlite3.SQLITE_TEXT:
		text := string(r.bytes(n))
		if r.statement.instant[i] {
			if at, ok := instant(text); ok {
				return assign(place, at)
			}
		}
		return assign(place, text)
	case sqlite3.SQLITE_BLOB:
		if at := sqlite3.Xsqlite3_column_blob(tls, handle, n); at != 0 {
			return assign(place, bytes.Clone(libc.GoBytes(at, int(sqlite3.Xsqlite3_column_bytes(tls, handle, n)))))
		}
	}
	return assign(place, nil)
}

// bytes are those of a text, valid until the next row.
func (r *sqliteRows) bytes(n int32) []byte {
	at := sqlite3.Xsqlite3_column_text(r.conn.tls, r.statement.handle, n)
	if at == 0 {
		return nil
	}
	return libc.GoBytes(at, int(sqlite3.Xsqlite3_column_bytes(r.conn.tls, r.statement.handle, n)))
}

// instant reads an instant as sqliteInstant writes it, or as SQLite itself
// does, which is UTC.
func instant(text string) (time.Time, bool) {
	for _, layout := range []string{sqliteInstant, "2006-01-02 15:04:05", "2006-01-02T15:04:05.999999999Z07:00", "2006-01-02"} {
		if at, err := time.ParseInLocation(layout, text, time.UTC); err == nil {
			return at, true
		}
	}
	return time.Time{}, false
}

// assign puts a value of SQLite where a field wants it. What it does not know
// is refused: nothing is guessed.
func assign(place, value any) error {
	if scanner, ok := place.(sql.Scanner); ok {
		return scanner.Scan(value)
	}
	to := reflect.ValueOf(place)
	if to.Kind() != reflect.Pointer || to.IsNil() {
		return fmt.Errorf("%T is not a place", place)
	}
	to = to.Elem()
	if to.Kind() == reflect.Pointer {
		if value == nil {
			to.SetZero()
			return nil
		}
		to.Set(reflect.New(to.Type().Elem()))
		return assign(to.Interface(), value)
	}
	switch v := value.(type) {
	case string:
		if to.Kind() == reflect.String {
			to.SetString(v)
			return nil
		}
		if to.Kind() == reflect.Slice && to.Type().Elem().Kind() == reflect.Uint8 {
			to.SetBytes([]byte(v))
			return nil
		}
	case int64:
		switch to.Kind() {
		case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
			if !to.OverflowInt(v) {
				to.SetInt(v)
				return nil
			}
		case reflect.Bool:
			if v == 0 || v == 1 {
				to.SetBool(v == 1)
				return nil
			}
		case reflect.Float32, reflect.Float64:
			to.SetFloat(float64(v))
			return nil
		}
	case float64:
		if to.Kind() == reflect.Float64 {
			to.SetFloat(v)
			return nil
		}
	case []byte:
		if to.Kind() == reflect.Slice && to.Type().Elem().Kind() == reflect.Uint8 {
			to.SetBytes(v)
			return nil
		}
	case time.Time:
		if to.Type() == reflect.TypeFor[time.Time]() {
			to.Set(reflect.ValueOf(v))
			return nil
		}
	case nil:
		if to.Kind() == reflect.Slice {
			to.SetZero()
			return nil
		}
	}
	return fmt.Errorf("a value of %T into %v", value, to.Type())
}
