package main

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"gorm.io/gorm/schema"

	"amiable/negotiation"
	"amiable/negotiation/database"
	"amiable/negotiation/database/databasetest"
	"amiable/payments"
	"amiable/portal"
	"amiable/portal/access"
)

// kinds are the kinds of column that hold a kind of field.
var kinds = map[schema.DataType][]string{
	schema.String: {"text", "uuid", "varchar", "character varying", "bpchar", "char", "date", "jsonb", "json"},
	schema.Int:    {"integer", "bigint", "smallint", "int", "int4", "int8"},
	schema.Uint:   {"integer", "bigint", "int4", "int8"},
	schema.Bool:   {"boolean", "bool"},
	schema.Time:   {"datetime", "timestamptz", "timestamp with time zone"},
	schema.Bytes:  {"blob", "bytea"},
}

func TestEveryModelIsWhatTheSchemaSays(t *testing.T) {
	models := slices.Concat(negotiation.Models(), payments.Models(), access.Models(), portal.Models())
	databasetest.Each(t, migrations, func(t *testing.T, db *database.DB) {
		mapped := map[string]bool{}
		for _, model := range models {
			parsed, err := schema.Parse(model, &sync.Map{}, db.Read(context.Background()).NamingStrategy)
			if err != nil {
				t.Fatal(err)
			}
			mapped[parsed.Table] = true
			compare(t, parsed, columnsOf(t, db, parsed.Table))
		}
		for _, table := range tablesOf(t, db) {
			if !mapped[table] {
				t.Errorf("table %s has no model", table)
			}
		}
	})
}

// compare reports where a model and its table differ.
func compare(t *testing.T, model *schema.Schema, columns map[string]string) {
	t.Helper()
	fields := map[string]bool{}
	for _, f := range model.Fields {
		if f.DBName == "" || f.IgnoreMigration {
			continue
		}
		fields[f.DBName] = true
		kind, known := columns[f.DBName]
		if !known {
			t.Errorf("%s.%s: the table %s has no column %s", model.Name, f.Name, model.Table, f.DBName)
		} else if want := kinds[f.GORMDataType]; !slices.Contains(want, kind) {
			t.Errorf("%s.%s is %s, the column is %s", model.Name, f.Name, f.GORMDataType, kind)
		}
	}
	for _, column := range slices.Sorted(maps.Keys(columns)) {
		if !fields[column] {
			t.Errorf("%s.%s: the model %s has no such field", model.Table, column, model.Name)
		}
	}
}

func columnsOf(t *testing.T, db *database.DB, table string) map[string]string {
	t.Helper()
	query := `SELECT name, type AS kind FROM pragma_table_info(?)`
	if db.Dialect() == database.Postgres {
		query = `SELECT column_name AS name, data_type AS kind FROM information_schema.columns WHERE table_schema = 'public' AND table_name = ?`
	}
	var rows []struct{ Name, Kind string }
	if err := db.Read(context.Background()).Raw(query, table).Scan(&rows).Error; err != nil {
		t.Fatal(err)
	}
	columns := map[string]string{}
	for _, r := range rows {
		columns[r.Name] = strings.ToLower(r.Kind)
	}
	return columns
}

func tablesOf(t *testing.T, db *database.DB) []string {
	t.Helper()
	query := `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' AND name NOT LIKE 'schema%'`
	if db.Dialect() == database.Postgres {
		query = `SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' AND table_name NOT LIKE 'schema%'`
	}
	var names []string
	if err := db.Read(context.Background()).Raw(query).Scan(&names).Error; err != nil {
		t.Fatal(err)
	}
	return names
}

// A comparison that sees nothing would pass as well.
func TestAModelThatDiffersIsSeen(t *testing.T) {
	type Wish struct{ ID, Extra string }
	parsed, err := schema.Parse(&Wish{}, &sync.Map{}, schema.NamingStrategy{})
	if err != nil {
		t.Fatal(err)
	}
	for name, columns := range map[string]map[string]string{
		"a field without a column": {"id": "text"},
		"a column without a field": {"id": "text", "extra": "text", "more": "text"},
		"another kind":             {"id": "text", "extra": "bigint"},
	} {
		probe := &testing.T{}
		compare(probe, parsed, columns)
		if !probe.Failed() {
			t.Errorf("%s was not seen", name)
		}
	}
}
