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
	path := filepath.Join(inMemory(t), "amiable.db")
	content, err := os.ReadFile(migratedFile(t, migrations))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return open(t, "sqlite:"+path)
}

// inMemory is a folder for one test, in memory where the machine has such a
// place: tests measure meaning, not the disk.
func inMemory(t testing.TB) string {
	t.Helper()
	folder, err := os.MkdirTemp("/dev/shm", "amiable-test-")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	return folder
}

// Postgres opens a fresh, migrated database, in the cluster that
// AMIABLE_TEST_POSTGRES names or in one of its own. Without any PostgreSQL on
// the machine the test is skipped, or fails under make test.
func Postgres(t testing.TB, migrations ...database.Migrations) *database.DB {
	t.Helper()
	server := required(t)
	return open(t, fresh(t, server, migratedDatabase(t, server, migrations)))
}

func open(t testing.TB, address string) *database.DB {
	t.Helper()
	db, err := database.Open(context.Background(), address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// required returns the server, or skips the test by name where there is none.
func required(t testing.TB) *Server {
	t.Helper()
	server, err := cluster()
	if err != nil {
		if os.Getenv(RequireAll) != "" {
			t.Fatalf("PostgreSQL is needed: %v", err)
		}
		t.Skipf("%s on PostgreSQL left out: %v", t.Name(), err)
	}
	return server
}

// PostgresURL makes an empty database and returns its address.
func PostgresURL(t testing.TB) string {
	t.Helper()
	return fresh(t, required(t), "template1")
}

// fresh makes a database as a copy of another; it goes with the test.
func fresh(t testing.TB, server *Server, template string) string {
	t.Helper()
	random := make([]byte, 8)
	_, _ = rand.Read(random)
	name := "amiable_" + hex.EncodeToString(random)
	admin(t, server, "CREATE DATABASE "+name+" TEMPLATE "+template)
	t.Cleanup(func() { admin(t, server, "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)") })
	return server.url(name)
}

// Server is a PostgreSQL server that tests may use as they like.
type Server struct {
	base    string // a URL with %s for the name of the database
	address string // where ours listens
	folder  string
	command *exec.Cmd        // that runs
	launch  func() *exec.Cmd // one like it
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

// URL is the address of a database of the server.
func (s *Server) URL(name string) string { return s.url(name) }

// Address is where the server listens.
func (s *Server) Address() string { return s.address }

// Folder is one that the server may read and write.
func (s *Server) Folder() string { return s.folder }

// Start makes a throw-away cluster and starts it; it stops with the process.
// As root it drops to another user, since PostgreSQL refuses to run as root.
// Settings ("fsync=on") overrule those of tests.
func Start(settings ...string) (*Server, error) {
	initdb, err := Binary("initdb")
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
	options := []string{"-D", data, "-p", strconv.Itoa(port), "-k", folder}
	for _, setting := range append([]string{"listen_addresses=127.0.0.1", "fsync=off", "max_connections=200", "shared_buffers=64MB"}, settings...) {
		options = append(options, "-c", setting)
	}
	s.launch = func() *exec.Cmd {
		command := run("postgres", options...)
		command.Stdout, command.Stderr = log, log
		return command
	}
	s.address = fmt.Sprintf("127.0.0.1:%d", port)
	s.base = fmt.Sprintf("postgres://%s@%s/%%s?sslmode=disable", owner, s.address)
	if err := s.start(); err != nil {
		return nil, err
	}
	stopWithProcess(s)
	return s, nil
}

// start starts the server and waits until it answers.
func (s *Server) start() error {
	s.command = s.launch()
	if err := s.command.Start(); err != nil {
		return fmt.Errorf("postgres: %w", err)
	}
	for deadline := time.Now().Add(30 * time.Second); ; {
		if db, err := database.Open(context.Background(), s.url("postgres")); err == nil {
			return db.Close()
		} else if time.Now().After(deadline) {
			text, _ := os.ReadFile(filepath.Join(s.folder, "log"))
			return fmt.Errorf("postgres did not start: %w: %s", err, text)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// Restart ends the server and starts it again, on the same address and data:
// by SIGINT, which is its fast mode and cuts every connection, or by SIGQUIT,
// its immediate mode, after which it recovers as from a crash. While it is down
// it stays so for a while.
func (s *Server) Restart(how syscall.Signal, down time.Duration) error {
	if s.command == nil {
		return fmt.Errorf("the server that AMIABLE_TEST_POSTGRES names is not ours to restart")
	}
	if err := s.command.Process.Signal(how); err != nil {
		return fmt.Errorf("postgres: %w", err)
	}
	_ = s.command.Wait() // in immediate mode it ends with an error, as it should
	time.Sleep(down)
	return s.start()
}

// stopWithProcess leaves a watcher behind that stops the server and removes
// its folder once this process is gone, however it went.
func stopWithProcess(s *Server) {
	// The server's own file says which process it is by then.
	watch(fmt.Sprintf("kill -QUIT $(head -n 1 '%[1]s/data/postmaster.pid') 2>/dev/null; sleep 0.5; rm -rf '%[1]s'", s.folder))
}

func removeWithProcess(folder string) { watch(fmt.Sprintf("rm -rf '%s'", folder)) }

func watch(then string) {
	watcher := exec.Command("/bin/sh", "-c", fmt.Sprintf("while kill -0 %d 2>/dev/null; do sleep 0.5; done; %s", os.Getpid(), then))
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

// Binary looks for a PostgreSQL program on PATH and in the usual folders,
// newest version first. Debian's wrapper on PATH is passed over: only the real
// folder has all the programs.
func Binary(name string) (string, error) {
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
