package database

import (
	"context"
	"fmt"
	"io/fs"
	"log/slog"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/database"
	"github.com/pressly/goose/v3/lock"
)

// Migrations is the schema of one package: numbered SQL files in one folder
// per dialect. Each package has a version table of its own, so that packages
// can grow apart; they are applied in the order of the arrow.
type Migrations struct {
	Package string // names the version table
	Files   fs.FS  // holds the folders sqlite and postgres
}

// NewMigrations takes the folder "migrations" of an embedded file system.
func NewMigrations(name string, files fs.FS) Migrations {
	folder, err := fs.Sub(files, "migrations")
	if err != nil {
		panic(err) // the name is a constant of the caller and well formed
	}
	return Migrations{Package: name, Files: folder}
}

// Migrate brings the schema up to date. Several processes may start at once:
// on PostgreSQL one of them migrates under a session lock while the others
// wait.
func (db *DB) Migrate(ctx context.Context, packages ...Migrations) error {
	for _, m := range packages {
		files, err := fs.Sub(m.Files, string(db.dialect))
		if err != nil {
			return fmt.Errorf("migrations of %s: %w", m.Package, err)
		}
		dialect, options := goose.DialectSQLite3, []goose.ProviderOption{goose.WithSlog(slog.New(slog.DiscardHandler))}
		if db.dialect == Postgres {
			locker, err := lock.NewPostgresSessionLocker()
			if err != nil {
				return fmt.Errorf("migrations of %s: %w", m.Package, err)
			}
			dialect, options = goose.DialectPostgres, append(options, goose.WithSessionLocker(locker))
		}
		store, err := database.NewStore(database.Dialect(dialect), "schema_"+m.Package)
		if err != nil {
			return fmt.Errorf("migrations of %s: %w", m.Package, err)
		}
		provider, err := goose.NewProvider("", db.sql, files, append(options, goose.WithStore(store))...)
		if err != nil {
			return fmt.Errorf("migrations of %s: %w", m.Package, err)
		}
		if _, err := provider.Up(ctx); err != nil {
			return fmt.Errorf("migrations of %s: %w", m.Package, err)
		}
	}
	return nil
}
