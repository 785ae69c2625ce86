package database_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"gorm.io/gorm"
	"pgregory.net/rapid"

	"amiable/negotiation/database"
	"amiable/negotiation/database/databasetest"
)

// shelf and book are two tables of which one refers to the other.
type shelf struct {
	ID        string
	Name      string
	Books     int64
	SeenAt    *time.Time
	CreatedAt time.Time
}

type book struct {
	ID      string
	ShelfID string
	Title   string
	Mark    []byte
	Lent    bool
}

func (shelf) TableName() string { return "shelves" }
func (book) TableName() string  { return "books" }

func library() database.Migrations {
	table := func(id, when, bytes string) *fstest.MapFile {
		return &fstest.MapFile{Data: []byte(fmt.Sprintf(`-- +goose Up
CREATE TABLE shelves (id %[1]s PRIMARY KEY, name TEXT NOT NULL, books BIGINT NOT NULL CHECK (books >= 0), seen_at %[2]s, created_at %[2]s NOT NULL);
CREATE TABLE books (id %[1]s PRIMARY KEY, shelf_id %[1]s NOT NULL REFERENCES shelves (id), title TEXT NOT NULL UNIQUE, mark %[3]s, lent BOOLEAN NOT NULL);
`, id, when, bytes))}
	}
	return database.NewMigrations("library", fstest.MapFS{
		"migrations/postgres/0001_start.sql": table("UUID", "TIMESTAMPTZ", "BYTEA"),
		"migrations/sqlite/0001_start.sql":   table("TEXT", "DATETIME", "BLOB"),
	})
}

func each(t *testing.T, test func(t *testing.T, db *database.DB)) {
	databasetest.Each(t, []database.Migrations{library()}, test)
}

var now = time.Date(2026, 11, 21, 9, 0, 0, 123456000, time.UTC)

func id(n int) string { return fmt.Sprintf("01940000-0000-7000-8000-%012d", n) }

func titles(t *testing.T, db *database.DB) []string {
	t.Helper()
	var found []string
	if err := db.Read(context.Background()).Model(&book{}).Order("title").Pluck("title", &found).Error; err != nil {
		t.Fatal(err)
	}
	return found
}

func TestWhatIsKeptForLaterIsThereForEveryReadAndAtTheEnd(t *testing.T) {
	each(t, func(t *testing.T, db *database.DB) {
		err := db.Transaction(context.Background(), func(tx *gorm.DB) error {
			first := &shelf{ID: id(1), Name: "north", CreatedAt: now}
			if err := errors.Join(database.Insert(tx, first), database.Insert(tx, &book{ID: id(2), ShelfID: id(1), Title: "a"})); err != nil {
				return err
			}
			first.Name = "changed after it was handed over"
			var n int64
			if err := tx.Model(&book{}).Where("shelf_id = ?", id(1)).Count(&n).Error; err != nil || n != 1 {
				t.Errorf("%d books, %v", n, err)
			}
			// The second shelf is written before the book that stands on it,
			// though books were written already.
			return errors.Join(
				database.Insert(tx, &book{ID: id(3), ShelfID: id(1), Title: "b"}), database.Insert(tx, &shelf{ID: id(4), Name: "south", CreatedAt: now}),
				database.Insert(tx, &book{ID: id(5), ShelfID: id(4), Title: "c"}), database.Update(tx, &shelf{ID: id(4), Books: 1}, "Books"),
			)
		})
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(titles(t, db), ""); got != "abc" {
			t.Errorf("books %q", got)
		}
		var shelves []shelf
		if err := db.Send(db.Read(context.Background()), database.Statement{
			SQL: "SELECT " + database.Columns[shelf]("s.") + " FROM shelves s WHERE name <> ? ORDER BY s.id", Args: []any{"east"}, Rows: database.Read(&shelves),
		}); err != nil {
			t.Fatal(err)
		}
		if len(shelves) != 2 || shelves[0].Name != "north" || shelves[1].Books != 1 || !shelves[1].CreatedAt.Equal(now) {
			t.Errorf("shelves %+v", shelves)
		}
	})
}

func TestAMistakeThatComesLateUndoesEverything(t *testing.T) {
	each(t, func(t *testing.T, db *database.DB) {
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		must(db.Transaction(context.Background(), func(tx *gorm.DB) error {
			return errors.Join(database.Insert(tx, &shelf{ID: id(1), Name: "north", CreatedAt: now}), database.Insert(tx, &book{ID: id(2), ShelfID: id(1), Title: "a"}))
		}))
		twice := db.Transaction(context.Background(), func(tx *gorm.DB) error {
			return errors.Join(database.Insert(tx, &book{ID: id(3), ShelfID: id(1), Title: "b"}), database.Insert(tx, &book{ID: id(4), ShelfID: id(1), Title: "a"}))
		})
		if !database.IsDuplicate(twice) {
			t.Errorf("the same title again: %v", twice)
		}
		seen := db.Transaction(context.Background(), func(tx *gorm.DB) error {
			if err := database.Insert(tx, &book{ID: id(4), ShelfID: id(1), Title: "a"}); err != nil {
				return err
			}
			return database.Flush(tx)
		})
		if !database.IsDuplicate(seen) {
			t.Errorf("the same title again, asked at once: %v", seen)
		}
		func() {
			defer func() { _ = recover() }()
			_ = db.Transaction(context.Background(), func(tx *gorm.DB) error {
				must(errors.Join(database.Insert(tx, &book{ID: id(5), ShelfID: id(1), Title: "c"}), database.Flush(tx)))
				panic("in the middle")
			})
		}()
		ended, cancel := context.WithCancel(context.Background())
		gone := db.Transaction(ended, func(tx *gorm.DB) error {
			must(errors.Join(database.Insert(tx, &book{ID: id(6), ShelfID: id(1), Title: "d"}), database.Flush(tx)))
			cancel()
			return nil
		})
		if gone == nil {
			t.Error("a caller who has left had his transaction committed")
		}
		// Every connection is good for the next.
		for n := range 30 {
			must(db.Transaction(context.Background(), func(tx *gorm.DB) error { return database.Update(tx, &shelf{ID: id(1), Books: int64(n)}, "Books") }))
		}
		if got := strings.Join(titles(t, db), ""); got != "a" {
			t.Errorf("books %q", got)
		}
	})
}

func TestAFailureThatNobodyMindedIsNotCommitted(t *testing.T) {
	db := databasetest.Postgres(t, library())
	err := db.Transaction(context.Background(), func(tx *gorm.DB) error {
		_ = tx.Exec("INSERT INTO books (id) VALUES (NULL)").Error
		return database.Insert(tx, &shelf{ID: id(1), Name: "north", CreatedAt: now})
	})
	if err == nil {
		t.Error("PostgreSQL had given the transaction up, and nobody was told")
	}
}

// Whatever is inserted, updated and read in whatever order, what is kept for
// later leaves the rows that gorm leaves one by one.
func TestTheFastWayLeavesTheRowsOfThePlainOne(t *testing.T) {
	databases := map[string][2]*database.DB{
		"sqlite":   {databasetest.SQLite(t, library()), databasetest.SQLite(t, library())},
		"postgres": {databasetest.Postgres(t, library()), databasetest.Postgres(t, library())},
	}
	for engine, pair := range databases {
		t.Run(engine, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				steps := rapid.SliceOfN(rapid.IntRange(0, 5), 1, 60).Draw(t, "steps")
				var left [2]string
				var failed [2]bool
				for way, db := range pair {
					clear := db.Read(context.Background())
					if err := errors.Join(clear.Exec("DELETE FROM books").Error, clear.Exec("DELETE FROM shelves").Error); err != nil {
						t.Fatal(err)
					}
					failed[way] = act(db, steps, way == 0) != nil
					left[way] = told(t, db)
				}
				if failed[0] != failed[1] {
					t.Fatalf("fast failed: %v, plain failed: %v", failed[0], failed[1])
				}
				if diff := cmp.Diff(left[1], left[0]); diff != "" {
					t.Fatalf("plain and fast differ:\n%s", diff)
				}
			})
		})
	}
}

// act takes steps in transactions of seven; the same steps make the same rows.
func act(db *database.DB, steps []int, fast bool) error {
	insert := func(tx *gorm.DB, row any) error { return tx.Create(row).Error }
	update := func(tx *gorm.DB, row any, fields ...string) error {
		return tx.Model(row).Select(fields).Updates(row).Error
	}
	if fast {
		insert, update = database.Insert, database.Update
	}
	made := 0
	for start := 0; start < len(steps); start += 7 {
		err := db.Transaction(context.Background(), func(tx *gorm.DB) error {
			for i, step := range steps[start:min(start+7, len(steps))] {
				n := start + i
				var err error
				switch {
				case step == 0 || made == 0:
					made = n + 1
					err = insert(tx, &shelf{ID: id(made), Name: fmt.Sprint("shelf ", n), SeenAt: &now, CreatedAt: now})
				case step == 1:
					err = update(tx, &shelf{ID: id(made), Books: int64(n), Name: "seen"}, "Books", "Name")
				case step == 2:
					var count int64
					if err = tx.Model(&book{}).Count(&count).Error; err == nil {
						err = insert(tx, &book{ID: id(1000 + n), ShelfID: id(made), Title: fmt.Sprintf("%d: the %dth", n, count)})
					}
				case step == 3 && n%13 == 12: // a title that is there already, perhaps
					err = insert(tx, &book{ID: id(1000 + n), ShelfID: id(made), Title: fmt.Sprint("book ", n-1)})
				default:
					err = insert(tx, &book{ID: id(1000 + n), ShelfID: id(made), Title: fmt.Sprint("book ", n), Mark: []byte{byte(n)}, Lent: step == 4})
				}
				if err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func told(t *rapid.T, db *database.DB) string {
	var shelves []shelf
	var books []book
	read := db.Read(context.Background())
	if err := errors.Join(read.Order("id").Find(&shelves).Error, read.Order("id").Find(&books).Error); err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	for _, s := range shelves {
		fmt.Fprintln(&out, s.ID, s.Name, s.Books, s.SeenAt.UTC(), s.CreatedAt.UTC())
	}
	for _, b := range books {
		fmt.Fprintln(&out, b)
	}
	return out.String()
}

func TestRowsAreCopiedAsTheyAre(t *testing.T) {
	each(t, func(t *testing.T, db *database.DB) {
		texts := []string{"", `\N`, `back\slash \t`, "tab\tline\nreturn\r\r\n", "é — « \u202f »", `"quoted", 'twice'`, "\\.", "$1 ?"}
		shelves, books := []*shelf{{ID: id(1), Name: texts[3], SeenAt: &now, CreatedAt: now}, {ID: id(2), Books: 7, CreatedAt: now.Add(time.Microsecond)}}, []*book{}
		for i, text := range texts {
			b := &book{ID: id(10 + i), ShelfID: id(1 + i%2), Title: text, Lent: i%3 == 0}
			if i%2 == 0 {
				b.Mark = []byte{0, byte(i), '\\', 0xff}
			}
			books = append(books, b)
		}
		err := db.Transaction(context.Background(), func(tx *gorm.DB) error { return database.Copy(tx, database.Table(shelves), database.Table(books)) })
		if err != nil {
			t.Fatal(err)
		}
		var left []*book
		var stood []*shelf
		read := db.Read(context.Background())
		if err := errors.Join(read.Order("id").Find(&left).Error, read.Order("id").Find(&stood).Error); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(books, left); diff != "" {
			t.Errorf("books:\n%s", diff)
		}
		if diff := cmp.Diff(shelves, stood); diff != "" {
			t.Errorf("shelves:\n%s", diff)
		}
		again := db.Transaction(context.Background(), func(tx *gorm.DB) error { return database.Copy(tx, database.Table(shelves)) })
		if !database.IsDuplicate(again) {
			t.Errorf("the same rows again: %v", again)
		}
	})
}
