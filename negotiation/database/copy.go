package database

import (
	"bytes"
	"context"
	"database/sql/driver"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/stdlib"
	"gorm.io/gorm"
)

// Lot is many new rows of one table.
type Lot struct {
	table *table
	rows  int
	row   func(i int) reflect.Value
	err   error
}

// Table makes a lot of rows.
func Table[T any](rows []*T) Lot {
	t, err := tableOf(reflect.TypeFor[T]())
	return Lot{table: t, rows: len(rows), err: err, row: func(i int) reflect.Value { return reflect.ValueOf(rows[i]).Elem() }}
}

// Copy writes many new rows in a transaction, lot by lot: by COPY on
// PostgreSQL, by statements of many rows on SQLite. Rows are made ready while
// the server takes in those before them.
func Copy(tx *gorm.DB, lots ...Lot) error {
	l, ok := tx.Statement.ConnPool.(*line)
	if !ok {
		return fmt.Errorf("copying wants a transaction")
	}
	for _, lot := range lots {
		if lot.err != nil {
			return lot.err
		}
	}
	ctx := tx.Statement.Context
	if err := l.send(ctx); err != nil {
		return err
	}
	if l.db.dialect == SQLite {
		for _, lot := range lots {
			if err := l.insertMany(ctx, lot); err != nil {
				return err
			}
		}
		return nil
	}
	type part struct {
		lot  Lot
		text []byte
		err  error
	}
	parts := make(chan part, 1)
	go func() {
		defer close(parts)
		for _, lot := range lots {
			if lot.rows == 0 {
				continue
			}
			text, err := lot.text()
			parts <- part{lot, text, err}
		}
	}()
	var problem error
	for p := range parts {
		if problem == nil {
			if problem = p.err; problem == nil {
				problem = l.copyIn(ctx, p.lot, p.text)
			}
		}
	}
	return problem
}

func (l *line) copyIn(ctx context.Context, lot Lot, text []byte) error {
	return l.conn.Raw(func(raw any) error {
		conn, ok := raw.(*stdlib.Conn)
		if !ok {
			return fmt.Errorf("a connection of %T", raw)
		}
		_, err := conn.Conn().PgConn().CopyFrom(ctx, bytes.NewReader(text), `COPY "`+lot.table.schema.Table+`" (`+lot.table.columns+`) FROM STDIN`)
		return l.db.named(err, "insert "+lot.table.schema.Name)
	})
}

// manyRows is how many rows one statement of SQLite writes at most.
const manyRows = 200

func (l *line) insertMany(ctx context.Context, lot Lot) error {
	for start := 0; start < lot.rows; start += manyRows {
		end := min(start+manyRows, lot.rows)
		values := make([]any, 0, (end-start)*len(lot.table.fields))
		for i := start; i < end; i++ {
			for _, f := range lot.table.fields {
				v, _ := f.ValueOf(ctx, lot.row(i))
				values = append(values, v)
			}
		}
		if err := l.send(ctx, Statement{SQL: lot.table.insert(end - start), Args: values, What: "insert " + lot.table.schema.Name}); err != nil {
			return err
		}
	}
	return nil
}

// text writes the lot as COPY reads it: tabs between columns, a line a row.
func (lot Lot) text() ([]byte, error) {
	out := make([]byte, 0, lot.rows*400)
	ctx := context.Background()
	for i := range lot.rows {
		row := lot.row(i)
		for n, f := range lot.table.fields {
			if n > 0 {
				out = append(out, '\t')
			}
			var err error
			if out, err = appendField(out, f.ReflectValueOf(ctx, row)); err != nil {
				return nil, fmt.Errorf("%s of %s: %w", f.Name, lot.table.schema.Name, err)
			}
		}
		out = append(out, '\n')
	}
	return out, nil
}

// appendField writes one value; what knows itself how a database wants it
// (a driver.Valuer) is asked.
func appendField(out []byte, field reflect.Value) ([]byte, error) {
	if valuer, ok := field.Interface().(driver.Valuer); ok && field.Kind() != reflect.Pointer {
		value, err := valuer.Value()
		if err != nil {
			return nil, err
		}
		return appendValue(out, reflect.ValueOf(value))
	}
	if field.Kind() == reflect.Pointer && !field.IsNil() {
		return appendField(out, field.Elem())
	}
	return appendValue(out, field)
}

var nothing = []byte(`\N`)

func appendValue(out []byte, v reflect.Value) ([]byte, error) {
	switch v.Kind() {
	case reflect.Invalid, reflect.Pointer:
		return append(out, nothing...), nil
	case reflect.String:
		return appendText(out, v.String()), nil
	case reflect.Int, reflect.Int64, reflect.Int32:
		return strconv.AppendInt(out, v.Int(), 10), nil
	case reflect.Bool:
		return strconv.AppendBool(out, v.Bool()), nil
	case reflect.Slice:
		if v.IsNil() {
			return append(out, nothing...), nil
		}
		if v.Type().Elem().Kind() == reflect.Uint8 {
			return hex.AppendEncode(append(out, `\\x`...), v.Bytes()), nil
		}
	case reflect.Struct:
		if at, ok := v.Interface().(time.Time); ok {
			return at.UTC().AppendFormat(out, "2006-01-02 15:04:05.999999Z"), nil
		}
	}
	return out, fmt.Errorf("cannot be copied: %v", v.Type())
}

// appendText writes a text; a backslash and what ends columns and lines are
// escaped.
func appendText(out []byte, text string) []byte {
	for {
		at := strings.IndexAny(text, "\\\t\n\r")
		if at < 0 {
			return append(out, text...)
		}
		out = append(append(out, text[:at]...), '\\')
		switch text[at] {
		case '\t':
			out = append(out, 't')
		case '\n':
			out = append(out, 'n')
		case '\r':
			out = append(out, 'r')
		default:
			out = append(out, '\\')
		}
		text = text[at+1:]
	}
}

// List makes a list of texts into what stands behind IN, with one argument
// however many there are.
func (db *DB) List(texts []string) (list string, args []any) {
	text, err := json.Marshal(texts)
	if err != nil {
		panic(err) // texts can always be written
	}
	if db.dialect == SQLite {
		return "(SELECT value FROM json_each(?))", []any{string(text)}
	}
	return "(SELECT json_array_elements_text(CAST(? AS json)))", []any{string(text)}
}

// IDs makes a list of texts one of ids, as PostgreSQL wants it.
func (db *DB) IDs(list string) string {
	if db.dialect == SQLite {
		return list
	}
	return "(SELECT CAST(listed AS uuid) FROM " + list + " AS ids (listed))"
}
