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
				return l.db.named(err, "insert "+lot.table.schema.Name)
			}
		}
		return nil
	}
	type part struct {
		lot Lot
		*copyText
		err error
	}
	parts, empty := make(chan part, 1), make(chan *copyText, 3)
	go func() {
		defer close(parts)
		for _, lot := range lots {
			if lot.rows == 0 {
				continue
			}
			var text *copyText
			select {
			case text = <-empty:
				text.out = text.out[:0]
			default:
				text = &copyText{}
			}
			err := text.lot(lot)
			parts <- part{lot, text, err}
		}
	}()
	var problem error
	for p := range parts {
		if problem == nil {
			if problem = p.err; problem == nil {
				problem = l.copyIn(ctx, p.lot, p.out)
			}
		}
		empty <- p.copyText
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
		if _, err := l.conn.ExecContext(ctx, lot.table.insert(end-start), values...); err != nil {
			return err
		}
	}
	return nil
}

// copyText writes rows as COPY reads them: tabs between columns, a line a row.
type copyText struct {
	out     []byte
	at      time.Time // the last instant written, and how: most rows of a lot have the same
	instant []byte
}

func (t *copyText) lot(lot Lot) error {
	ctx := context.Background()
	for i := range lot.rows {
		row := lot.row(i)
		for n, f := range lot.table.fields {
			if n > 0 {
				t.out = append(t.out, '\t')
			}
			if err := t.field(f.ReflectValueOf(ctx, row)); err != nil {
				return fmt.Errorf("%s of %s: %w", f.Name, lot.table.schema.Name, err)
			}
		}
		t.out = append(t.out, '\n')
	}
	return nil
}

// field writes one value; what knows itself how a database wants it (a
// driver.Valuer) is asked. A pointer to the field has all methods of its value,
// and is no copy of it.
func (t *copyText) field(field reflect.Value) error {
	if field.Kind() == reflect.Pointer {
		if field.IsNil() {
			t.out = append(t.out, nothing...)
			return nil
		}
		return t.field(field.Elem())
	}
	switch value := field.Addr().Interface().(type) {
	case *string:
		t.out = appendText(t.out, *value)
	case *time.Time:
		if t.instant == nil || !value.Equal(t.at) {
			t.at, t.instant = *value, value.UTC().AppendFormat(t.instant[:0], copyInstant)
		}
		t.out = append(t.out, t.instant...)
	case driver.Valuer:
		kept, err := value.Value()
		if err != nil {
			return err
		}
		t.out, err = appendValue(t.out, reflect.ValueOf(kept))
		return err
	default:
		var err error
		t.out, err = appendValue(t.out, field)
		return err
	}
	return nil
}

const copyInstant = "2006-01-02 15:04:05.999999Z"

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
			return at.UTC().AppendFormat(out, copyInstant), nil
		}
	}
	return out, fmt.Errorf("cannot be copied: %v", v.Type())
}

// appendText writes a text; a backslash and what ends columns and lines are
// escaped.
func appendText(out []byte, text string) []byte {
	from := 0
	for i := range len(text) {
		var escape byte
		switch text[i] {
		case '\\':
			escape = '\\'
		case '\t':
			escape = 't'
		case '\n':
			escape = 'n'
		case '\r':
			escape = 'r'
		default:
			continue
		}
		out = append(append(out, text[from:i]...), '\\', escape)
		from = i + 1
	}
	return append(out, text[from:]...)
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

// Pairs makes pairs of an id and a text into a table, asked (id, text), with one
// argument however many there are.
func (db *DB) Pairs(pairs [][2]string) (table string, args []any) {
	text, err := json.Marshal(pairs)
	if err != nil {
		panic(err) // texts can always be written
	}
	if db.dialect == SQLite {
		return "(SELECT json_extract(value, '$[0]') AS id, json_extract(value, '$[1]') AS text FROM json_each(?)) asked", []any{string(text)}
	}
	return "(SELECT CAST(listed ->> 0 AS uuid) AS id, listed ->> 1 AS text FROM json_array_elements(CAST(? AS json)) AS pairs (listed)) asked", []any{string(text)}
}

// IDs makes a list of texts one of ids, as PostgreSQL wants it.
func (db *DB) IDs(list string) string {
	if db.dialect == SQLite {
		return list
	}
	return "(SELECT CAST(listed AS uuid) FROM " + list + " AS ids (listed))"
}
