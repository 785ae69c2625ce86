// Package databasetest gives tests real databases: a fresh SQLite file, and a
// fresh database in a throw-away PostgreSQL cluster that it makes with initdb,
// once per test binary, and removes afterwards.
package databasetest

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"amiable/negotiation/database"
)

// RequireAll names the variable that turns "left out" into "failed": make test
// sets it, so that nothing is skipped there.
const RequireAll = "AMIABLE_REQUIRE_ALL"

// Each runs a test on both engines, each time on a fresh, migrated database.
func Each(t *testing.T, migrations []database.Migrations, test func(t *testing.T, db *database.DB)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { test(t, SQLite(t, migrations...)) })
	t.Run("postgres", func(t *testing.T) { test(t, Postgres(t, migrations...)) })
}

// SQLite opens a fresh, migrated SQLite file.
func SQLite(t testing.TB, migrations ...database.Migrations) *database.DB {
	t.Helper()
	return open(t, "sqlite:"+filepath.Join(t.TempDir(), "amiable.db"), migrations)
}

// Postgres opens a fresh, migrated database, in the cluster that
// AMIABLE_TEST_POSTGRES names or in one of its own. Without any PostgreSQL on
// the machine the test is skipped, or fails under make test.
func Postgres(t testing.TB, migrations ...database.Migrations) *database.DB {
	t.Helper()
	return open(t, PostgresURL(t), migrations)
}

func open(t testing.TB, address string, migrations []database.Migrations) *database.DB {
	t.Helper()
	db, err := database.Open(context.Background(), address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	if err := db.Migrate(context.Background(), migrations...); err != nil {
		t.Fatal(err)
	}
	return db
}

// PostgresURL makes an empty database and returns its address.
func PostgresURL(t testing.TB) string {
	t.Helper()
	server, err := cluster()
	if err != nil {
		if os.Getenv(RequireAll) != "" {
			t.Fatalf("PostgreSQL is needed: %v", err)
		}
		t.Skipf("%s on PostgreSQL left out: %v", t.Name(), err)
	}
	random := make([]byte, 8)
	_, _ = rand.Read(random)
	name := "amiable_" + hex.EncodeToString(random)
	admin, err := database.Open(context.Background(), server.url("postgres"))
	if err != nil {
		t.Fatal(err)
	}
	defer admin.Close()
	if err := admin.Read(context.Background()).Exec("CREATE DATABASE " + name).Error; err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		admin, err := database.Open(context.Background(), server.url("postgres"))
		if err == nil {
			_ = admin.Read(context.Background()).Exec("DROP DATABASE IF EXISTS " + name + " WITH (FORCE)").Error
			_ = admin.Close()
		}
	})
	return server.url(name)
}

// Server is a PostgreSQL server that tests may use as they like.
type Server struct {
	base    string // a URL with %s for the name of the database
	folder  string
	command *exec.Cmd
}

func (s *Server) url(name string) string { return fmt.Sprintf(s.base, name) }

var cluster = sync.OnceValues(func() (*Server, error) {
	if address := os.Getenv("AMIABLE_TEST_POSTGRES"); address != "" {
		head, query, _ := strings.Cut(address, "?")
		slash := strings.LastIndex(head, "/")
		if slash < len("postgres://") {
			return nil, fmt.Errorf("AMIABLE_TEST_POSTGRES names no database: write postgres://user@host:port/postgres")
		}
		base := strings.ReplaceAll(head[:slash], "%", "%%") + "/%s"
		if query != "" {
			base += "?" + strings.ReplaceAll(query, "%", "%%")
		}
		return &Server{base: base}, nil
	}
	return Start()
})

// Start makes a throw-away cluster and starts it; it stops with the process.
// As root it drops to another user, since PostgreSQL refuses to run as root.
func Start() (*Server, error) {
	initdb, err := findBinary("initdb")
	if err != nil {
		return nil, err
	}
	folder, err := os.MkdirTemp("", "amiable-postgres-")
	if err != nil {
		return nil, err
	}
	s := &Server{folder: folder}
	credential, owner, err := unprivileged(folder)
	if err != nil {
		return nil, err
	}
	run := func(binary string, args ...string) *exec.Cmd {
		cmd := exec.Command(filepath.Join(filepath.Dir(initdb), binary), args...)
		cmd.Dir = folder
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: credential}
		return cmd
	}
	data := filepath.Join(folder, "data")
	if out, err := run("initdb", "-D", data, "-U", owner, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync").CombinedOutput(); err != nil {
		return nil, fmt.Errorf("initdb: %w: %s", err, out)
	}
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	log, err := os.Create(filepath.Join(folder, "log"))
	if err != nil {
		return nil, err
	}
	// Tests measure meaning, not the disk; the benchmarks start a server of
	// their own, with fsync.
	s.command = run("postgres", "-D", data, "-p", strconv.Itoa(port), "-k", folder, "-c", "listen_addresses=127.0.0.1",
		"-c", "fsync=off", "-c", "max_connections=200", "-c", "shared_buffers=64MB")
	s.command.Stdout, s.command.Stderr = log, log
	if err := s.command.Start(); err != nil {
		return nil, fmt.Errorf("postgres: %w", err)
	}
	s.base = fmt.Sprintf("postgres://%s@127.0.0.1:%d/%%s?sslmode=disable", owner, port)
	stopWithProcess(s)
	for deadline := time.Now().Add(30 * time.Second); ; {
		if db, err := database.Open(context.Background(), s.url("postgres")); err == nil {
			return s, db.Close()
		} else if time.Now().After(deadline) {
			text, _ := os.ReadFile(log.Name())
			return nil, fmt.Errorf("postgres did not start: %w: %s", err, text)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// stopWithProcess leaves a watcher behind that stops the server and removes
// its folder once this process is gone, however it went: Pdeathsig alone would
// leave the files.
func stopWithProcess(s *Server) {
	script := fmt.Sprintf("while kill -0 %d 2>/dev/null; do sleep 0.5; done; kill -QUIT %d 2>/dev/null; sleep 0.5; rm -rf '%s'",
		os.Getpid(), s.command.Process.Pid, s.folder)
	watcher := exec.Command("/bin/sh", "-c", script)
	watcher.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	_ = watcher.Start()
}

func unprivileged(folder string) (*syscall.Credential, string, error) {
	if os.Geteuid() != 0 {
		me, err := user.Current()
		if err != nil {
			return nil, "", err
		}
		return nil, me.Username, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		account, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, _ := strconv.Atoi(account.Uid)
		gid, _ := strconv.Atoi(account.Gid)
		if err := os.Chown(folder, uid, gid); err != nil {
			return nil, "", err
		}
		return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, name, nil
	}
	return nil, "", fmt.Errorf("running as root, and there is neither a user postgres nor nobody to run PostgreSQL as")
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}

// findBinary looks for a PostgreSQL program on PATH and in the usual folders,
// newest version first. Debian's wrapper on PATH is passed over: only the real
// folder has all the programs.
func findBinary(name string) (string, error) {
	folders, _ := filepath.Glob("/usr/lib/postgresql/*/bin")
	more, _ := filepath.Glob("/usr/pgsql-*/bin")
	folders = append(folders, more...)
	sort.Sort(sort.Reverse(sort.StringSlice(folders)))
	if path, err := exec.LookPath(name); err == nil {
		if real, err := filepath.EvalSymlinks(path); err == nil {
			folders = append(folders, filepath.Dir(real))
		}
	}
	folders = append(folders, "/usr/local/pgsql/bin", "/opt/homebrew/bin")
	for _, folder := range folders {
		path := filepath.Join(folder, name)
		if _, err := os.Stat(path); err != nil {
			continue
		}
		if _, err := os.Stat(filepath.Join(folder, "postgres")); err == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("%s was found neither on PATH nor in /usr/lib/postgresql: install postgresql, or name a server in AMIABLE_TEST_POSTGRES", name)
}
