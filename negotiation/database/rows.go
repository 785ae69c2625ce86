package database

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"

	"gorm.io/gorm"
	"gorm.io/gorm/schema"
)

// table is what is known of a model: its columns, in the order of its fields.
type table struct {
	schema  *schema.Schema
	fields  []*schema.Field
	columns string // quoted, comma between
	inserts sync.Map
}

var (
	tables  sync.Map // reflect.Type → *table
	schemas sync.Map
)

func tableOf(model reflect.Type) (*table, error) {
	if known, ok := tables.Load(model); ok {
		return known.(*table), nil
	}
	parsed, err := schema.Parse(reflect.New(model).Interface(), &schemas, schema.NamingStrategy{})
	if err != nil {
		return nil, fmt.Errorf("model %v: %w", model, err)
	}
	t := &table{schema: parsed}
	quoted := []string{}
	for _, f := range parsed.Fields {
		if f.DBName != "" && f.Readable && f.Creatable {
			t.fields, quoted = append(t.fields, f), append(quoted, `"`+f.DBName+`"`)
		}
	}
	t.columns = strings.Join(quoted, ", ")
	tables.Store(model, t)
	return t, nil
}

// Columns lists the columns of a model as Read expects them, each behind a
// prefix such as "c.".
func Columns[T any](prefix string) string {
	t, err := tableOf(reflect.TypeFor[T]())
	if err != nil {
		panic(err) // a model that gorm cannot read is a defect of the build
	}
	return prefix + strings.ReplaceAll(t.columns, ", ", ", "+prefix)
}

// Read scans rows of the columns of a model and appends them.
func Read[T any](into *[]T) func(Rows) error {
	return func(rows Rows) error {
		for rows.Next() {
			var row T
			places, err := Places(nil, &row)
			if err != nil {
				return err
			}
			if err := rows.Scan(places...); err != nil {
				return err
			}
			*into = append(*into, row)
		}
		return rows.Err()
	}
}

// Places appends where the columns of a model belong in a row, for a statement
// that reads the columns of several models at once.
func Places[T any](places []any, row *T) ([]any, error) {
	t, err := tableOf(reflect.TypeFor[T]())
	if err != nil {
		return nil, err
	}
	places = slices.Grow(places, len(t.fields))
	value := reflect.ValueOf(row).Elem()
	for _, f := range t.fields {
		places = append(places, f.ReflectValueOf(context.Background(), value).Addr().Interface())
	}
	return places, nil
}

// pending is what a transaction still has to write: a statement, or rows for
// one table.
type pending struct {
	statement Statement
	table     *table
	values    []any
	rows      int
	keys      []string // primary keys of the rows
}

// names says whether a row's values name a row of p.
func (p *pending) names(values []any) bool {
	for _, v := range values {
		text, ok := v.(string)
		if other, also := v.(*string); also && other != nil {
			text, ok = *other, true
		}
		if ok && slices.Contains(p.keys, text) {
			return true
		}
	}
	return false
}

// rowsAtOnce bounds the rows of one INSERT, and with them the number of
// different statements that the engines keep prepared.
const rowsAtOnce = 24

// Insert keeps a new row until the transaction reads, writes otherwise or
// commits: rows for one table are then written together. Outside a transaction
// it is written at once.
func Insert(tx *gorm.DB, row any) error {
	value := reflect.ValueOf(row)
	if value.Kind() != reflect.Pointer || value.IsNil() || value.Elem().Kind() != reflect.Struct {
		return fmt.Errorf("insert %T: not a row", row)
	}
	l, ok := tx.Statement.ConnPool.(*line)
	if !ok {
		return tx.Create(row).Error
	}
	t, err := tableOf(value.Elem().Type())
	if err != nil {
		return err
	}
	values := make([]any, len(t.fields))
	for i, f := range t.fields {
		v, zero := f.ValueOf(context.Background(), value.Elem())
		if zero && f.AutoCreateTime > 0 {
			v = Now()
		}
		values[i] = v
	}
	key := ""
	if primary := t.schema.PrioritizedPrimaryField; primary != nil {
		id, _ := primary.ValueOf(context.Background(), value.Elem())
		key, _ = id.(string)
	}
	l.insert(t, key, values)
	return nil
}

// insert adds a row to those of its table, unless there stands between what
// must be written first: a row that it names, or any other statement, since an
// update may be what makes room for it.
func (l *line) insert(t *table, key string, values []any) {
	for i := len(l.later) - 1; i >= 0; i-- {
		p := &l.later[i]
		if p.table == t && p.rows < rowsAtOnce {
			p.values, p.rows, p.keys = append(p.values, values...), p.rows+1, append(p.keys, key)
			return
		}
		if p.table == nil || p.names(values) {
			break
		}
	}
	l.later = append(l.later, pending{table: t, values: values, rows: 1, keys: []string{key}})
}

// kept takes what was kept for later as statements.
func (l *line) kept() []Statement {
	if len(l.later) == 0 {
		return nil
	}
	statements := make([]Statement, len(l.later))
	for i, p := range l.later {
		statements[i] = p.statement
		if p.table != nil {
			statements[i] = Statement{SQL: p.table.insert(p.rows), Args: p.values, What: "insert " + p.table.schema.Name}
		}
	}
	l.later = l.later[:0]
	return statements
}

// insert is the statement that writes so many rows.
func (t *table) insert(rows int) string {
	if known, ok := t.inserts.Load(rows); ok {
		return known.(string)
	}
	one := "(" + strings.TrimSuffix(strings.Repeat("?, ", len(t.fields)), ", ") + ")"
	text := `INSERT INTO "` + t.schema.Table + `" (` + t.columns + ") VALUES " + strings.TrimSuffix(strings.Repeat(one+", ", rows), ", ")
	t.inserts.Store(rows, text)
	return text
}

// Update keeps an update of the named fields of a row, found by its primary
// key, until the transaction reads, writes otherwise or commits.
func Update(tx *gorm.DB, row any, fields ...string) error {
	value := reflect.ValueOf(row).Elem()
	t, err := tableOf(value.Type())
	if err != nil {
		return err
	}
	var text strings.Builder
	args := make([]any, 0, len(fields)+1)
	text.WriteString(`UPDATE "` + t.schema.Table + `" SET `)
	for i, name := range fields {
		f := t.schema.LookUpField(name)
		if f == nil {
			return fmt.Errorf("update %s: no field %s", t.schema.Name, name)
		}
		if i > 0 {
			text.WriteString(", ")
		}
		text.WriteString(`"` + f.DBName + `" = ?`)
		v, _ := f.ValueOf(context.Background(), value)
		args = append(args, v)
	}
	key := t.schema.PrioritizedPrimaryField
	text.WriteString(` WHERE "` + key.DBName + `" = ?`)
	id, _ := key.ValueOf(context.Background(), value)
	return Later(tx, Statement{SQL: text.String(), Args: append(args, id), What: fmt.Sprintf("update %s %v", t.schema.Name, id)})
}

var numberedTexts sync.Map

// numbered writes $1, $2… for each ?, as PostgreSQL wants it. No statement
// sent this way has a question mark in a text of its own.
func numbered(text string) string {
	if known, ok := numberedTexts.Load(text); ok {
		return known.(string)
	}
	var out strings.Builder
	n := 0
	for _, part := range strings.SplitAfter(text, "?") {
		if head, ok := strings.CutSuffix(part, "?"); ok {
			n++
			out.WriteString(head + "$" + strconv.Itoa(n))
			continue
		}
		out.WriteString(part)
	}
	numberedTexts.Store(text, out.String())
	return out.String()
}
