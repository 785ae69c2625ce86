package database_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"gorm.io/gorm"

	"amiable/negotiation/database"
	"amiable/negotiation/database/databasetest"
)

// thing has a field of every kind that our models have.
type thing struct {
	ID     string
	Text   string
	Kind   kind
	Maybe  *string
	Count  int64
	Few    int
	Share  float64
	Yes    bool
	Bytes  []byte
	At     time.Time
	Seen   *time.Time
	Number *int64
}

type kind string

func things() database.Migrations {
	return database.NewMigrations("things", fstest.MapFS{"migrations/sqlite/0001_start.sql": &fstest.MapFile{Data: []byte(`-- +goose Up
CREATE TABLE things (id TEXT PRIMARY KEY, text TEXT NOT NULL, kind TEXT NOT NULL, maybe TEXT, count INTEGER NOT NULL, few INTEGER NOT NULL, share REAL NOT NULL,
	yes BOOLEAN NOT NULL, bytes BLOB, at DATETIME NOT NULL, seen DATETIME, number INTEGER);`)}})
}

// What is sent on SQLite runs beside the driver; both must leave and read the
// same.
func TestWhatIsSentOnSQLiteIsWhatTheDriverWouldHaveSent(t *testing.T) {
	db := databasetest.SQLite(t, things())
	text, number := "déjà vu 🌍", int64(-1)
	paris := now.In(time.FixedZone("", 7200))
	rows := []thing{
		{ID: "a", At: now},
		{ID: "b", Text: text, Kind: "k", Maybe: &text, Count: -1 << 62, Few: 7, Share: 0.1, Yes: true, Bytes: []byte{0, 1, 0xff}, At: now, Seen: &now, Number: &number},
		{ID: "c", Text: "it's ? and $1", Maybe: new(string), Share: 3, Bytes: []byte{}, At: time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC), Seen: &paris},
		{ID: "d", Text: strings.Repeat("é", 2<<10), Bytes: make([]byte, 3<<10), At: now.Truncate(time.Second)},
	}
	for i := range rows {
		row := rows[i]
		if err := db.Transaction(context.Background(), func(tx *gorm.DB) error { return database.Insert(tx, &row) }); err != nil {
			t.Fatal(err)
		}
		row.ID += " by the driver"
		if err := db.Read(context.Background()).Create(&row).Error; err != nil {
			t.Fatal(err)
		}
	}
	var sent, read []thing
	if err := db.Send(db.Read(context.Background()), database.Statement{SQL: "SELECT " + database.Columns[thing]("") + " FROM things ORDER BY id", Rows: database.Read(&sent)}); err != nil {
		t.Fatal(err)
	}
	if err := db.Read(context.Background()).Order("id").Find(&read).Error; err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(read, sent); diff != "" {
		t.Errorf("the driver and we read differently:\n%s", diff)
	}
	if len(sent) != 2*len(rows) {
		t.Fatalf("%d rows", len(sent))
	}
	for i := 0; i < len(sent); i += 2 {
		if sent[i+1].ID = sent[i].ID; !cmp.Equal(sent[i], sent[i+1]) {
			t.Errorf("the driver and we write differently: %s", cmp.Diff(sent[i+1], sent[i]))
		}
	}
	var kept []string
	if err := db.Read(context.Background()).Raw("SELECT typeof(at) || ' ' || at || ' ' || coalesce(seen, '') || typeof(bytes) || typeof(share) FROM things ORDER BY id").Scan(&kept).Error; err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(kept); i += 2 {
		if kept[i] != kept[i+1] {
			t.Errorf("kept as %q, by the driver as %q", kept[i], kept[i+1])
		}
	}
}

func TestALongTextIsKeptWhole(t *testing.T) {
	db := databasetest.SQLite(t, things())
	long := thing{ID: "a", Text: strings.Repeat("é", 2<<20), Bytes: bytes.Repeat([]byte{7}, 3<<20), At: now}
	short := thing{ID: "b", Text: "short", At: now}
	for _, row := range []thing{long, short} {
		if err := db.Transaction(context.Background(), func(tx *gorm.DB) error { return database.Insert(tx, &row) }); err != nil {
			t.Fatal(err)
		}
	}
	var sent []thing
	if err := db.Send(db.Read(context.Background()), database.Statement{SQL: "SELECT " + database.Columns[thing]("") + " FROM things ORDER BY id", Rows: database.Read(&sent)}); err != nil {
		t.Fatal(err)
	}
	if len(sent) != 2 || sent[0].Text != long.Text || !bytes.Equal(sent[0].Bytes, long.Bytes) || sent[1].Text != short.Text {
		t.Error("a long text, or a short one after it, came back changed")
	}
}

func TestWhatSQLiteHasNoPlaceForIsSaid(t *testing.T) {
	db := databasetest.SQLite(t, library())
	read := db.Read(context.Background())
	var text string
	var number int64
	var yes bool
	for _, wrong := range []database.Statement{
		{SQL: "SELECT 'a'", Rows: scan(&number)},
		{SQL: "SELECT 1", Rows: scan(&text)},
		{SQL: "SELECT 2", Rows: scan(&yes)},
		{SQL: "SELECT NULL", Rows: scan(&text)},
		{SQL: "SELECT 1, 2", Rows: scan(&number)},
		{SQL: "SELECT ?, ?", Args: []any{1}, Rows: scan(&number, &number)},
		{SQL: "SELECT ?", Args: []any{make(chan int)}, Rows: scan(&number)},
		{SQL: "SELECT 1; SELECT 2", Rows: scan(&number)},
		{SQL: "", Rows: scan(&number)},
		{SQL: "SELECT nothing", Rows: scan(&number)},
		{SQL: "INSERT INTO shelves (id, name, books, created_at) VALUES ('x', 'x', -1, 'x')"},
	} {
		wrong.What = "the wrong one"
		if err := db.Send(read, wrong); err == nil || !strings.Contains(err.Error(), "the wrong one") {
			t.Errorf("%s: %v", wrong.SQL, err)
		}
	}
	if err := db.Send(read, database.Statement{SQL: "SELECT 7", Rows: scan(&number)}); err != nil || number != 7 {
		t.Errorf("after mistakes: %d, %v", number, err)
	}
}

func scan(into ...any) func(database.Rows) error {
	return func(rows database.Rows) error {
		for rows.Next() {
			if err := rows.Scan(into...); err != nil {
				return err
			}
		}
		return rows.Err()
	}
}

// However many statements there are, and whatever becomes of the tables, a
// statement that was prepared before is still right.
func TestKeptStatementsStayRight(t *testing.T) {
	db := databasetest.SQLite(t, library())
	read := db.Read(context.Background())
	for round := range 3 {
		for n := range 500 {
			got := int64(0)
			if err := db.Send(read, database.Statement{SQL: fmt.Sprintf("SELECT ? + %d", n), Args: []any{round}, Rows: scan(&got)}); err != nil || got != int64(round+n) {
				t.Fatalf("%d + %d = %d, %v", round, n, got, err)
			}
		}
	}
	count := func() (n int64) {
		t.Helper()
		if err := db.Send(read, database.Statement{SQL: "SELECT COUNT(*) FROM shelves WHERE name <> ?", Args: []any{"south"}, Rows: scan(&n)}); err != nil {
			t.Fatal(err)
		}
		return n
	}
	put := func(n int) {
		t.Helper()
		if err := db.Transaction(context.Background(), func(tx *gorm.DB) error {
			return database.Insert(tx, &shelf{ID: id(n), Name: "north", CreatedAt: now})
		}); err != nil {
			t.Fatal(err)
		}
	}
	put(1)
	if n := count(); n != 1 {
		t.Errorf("%d shelves", n)
	}
	for _, change := range []string{"ALTER TABLE shelves ADD COLUMN colour TEXT", "CREATE INDEX shelves_by_name ON shelves (name)", "VACUUM"} {
		if err := read.Exec(change).Error; err != nil {
			t.Fatalf("%s: %v", change, err)
		}
	}
	put(2)
	if n := count(); n != 2 {
		t.Errorf("%d shelves after the table had changed", n)
	}
}

func TestWhoLeavesIsNotWaitedFor(t *testing.T) {
	db := databasetest.SQLite(t, library())
	var n int64
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	err := db.Send(db.Read(ctx), database.Statement{SQL: "WITH RECURSIVE c (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT COUNT(*) FROM c", Rows: scan(&n)})
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("an endless question to one who has left: %v", err)
	}
	for range 20 {
		if err := db.Send(db.Read(context.Background()), database.Statement{SQL: "SELECT 1", Rows: scan(&n)}); err != nil {
			t.Fatalf("the next question: %v", err)
		}
	}
}

// A statement that was kept would keep the file open, and its log beside it.
func TestAClosedDatabaseLeavesNothingOpen(t *testing.T) {
	path := filepath.Join(t.TempDir(), "amiable.db")
	db, err := database.Open(context.Background(), "sqlite:"+path)
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Transaction(context.Background(), func(tx *gorm.DB) error {
		return db.Send(tx, database.Statement{SQL: "CREATE TABLE t (n INTEGER)"}, database.Statement{SQL: "INSERT INTO t VALUES (?)", Args: []any{1}})
	}); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	for _, beside := range []string{"-wal", "-shm"} {
		if _, err := os.Stat(path + beside); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s is left: %v", beside, err)
		}
	}
}
