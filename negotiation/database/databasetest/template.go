package databasetest

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"amiable/negotiation/database"
)

// Migrating takes longer than most tests. So each set of schemas is migrated
// once per test binary, and every test gets a copy of the result.
var templates = struct {
	sync.Mutex
	made map[string]string // engine and schemas → file, or name of a database
}{made: map[string]string{}}

func key(engine string, migrations []database.Migrations) string {
	names := []string{engine}
	for _, m := range migrations {
		names = append(names, m.Package)
	}
	return strings.Join(names, " ")
}

// migratedFile returns a migrated SQLite file to copy.
func migratedFile(t testing.TB, migrations []database.Migrations) string {
	t.Helper()
	templates.Lock()
	defer templates.Unlock()
	k := key("sqlite", migrations)
	if path, ok := templates.made[k]; ok {
		return path
	}
	folder, err := os.MkdirTemp("", "amiable-sqlite-")
	if err != nil {
		t.Fatal(err)
	}
	removeWithProcess(folder)
	path := filepath.Join(folder, "template.db")
	migrateOnce(t, "sqlite:"+path, migrations)
	templates.made[k] = path
	return path
}

// migratedDatabase returns the name of a migrated PostgreSQL database to copy.
func migratedDatabase(t testing.TB, server *Server, migrations []database.Migrations) string {
	t.Helper()
	templates.Lock()
	defer templates.Unlock()
	k := key("postgres", migrations)
	if name, ok := templates.made[k]; ok {
		return name
	}
	name := fmt.Sprintf("amiable_template_%d_%d", os.Getpid(), len(templates.made))
	admin(t, server, "CREATE DATABASE "+name)
	migrateOnce(t, server.url(name), migrations)
	templates.made[k] = name
	return name
}

func migrateOnce(t testing.TB, address string, migrations []database.Migrations) {
	t.Helper()
	db, err := database.Open(context.Background(), address)
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Migrate(context.Background(), migrations...); err != nil {
		t.Fatal(err)
	}
	if db.Dialect() == database.SQLite { // the copy is of one file: nothing may be left beside it
		if err := db.Read(context.Background()).Exec("PRAGMA wal_checkpoint(TRUNCATE)").Error; err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

// admin runs one statement of administration on the server.
func admin(t testing.TB, server *Server, statement string) {
	t.Helper()
	db, err := database.Open(context.Background(), server.url("postgres"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.Read(context.Background()).Exec(statement).Error; err != nil {
		t.Fatal(err)
	}
}
