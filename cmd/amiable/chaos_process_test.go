//go:build chaos

package main

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// member is one process of the built binary with its own lines to the database
// and to the gateway. Whatever ends it, it is started again, as a service
// manager does.
type member struct {
	t       *testing.T
	name    string
	command []string
	env     []string
	address string // where it serves pages; empty: nowhere
	log     *os.File

	database, gateway *line // nil where there is nothing to cut: SQLite

	mu      sync.Mutex
	process *os.Process
	killed  bool // by us
	resting bool // it is not to be started again
	kills   int
	faints  int // it ended by itself
	over    chan struct{}
	end     error // of the last life
}

// run keeps the process alive until it is told to rest.
func (m *member) run() {
	defer close(m.over)
	for {
		life := exec.Command(m.command[0], m.command[1:]...)
		life.Env, life.Stdout, life.Stderr = m.env, m.log, m.log
		m.mu.Lock()
		if m.resting {
			m.mu.Unlock()
			return
		}
		if err := life.Start(); err != nil {
			m.mu.Unlock()
			m.t.Errorf("%s: %v", m.name, err)
			return
		}
		m.process, m.killed = life.Process, false
		m.mu.Unlock()
		err := life.Wait()
		m.mu.Lock()
		m.process, m.end = nil, err
		if !m.killed && !m.resting {
			m.faints++
		}
		m.mu.Unlock()
		time.Sleep(50 * time.Millisecond) // a service manager waits a little as well
	}
}

// kill ends it as the kernel does, at once.
func (m *member) kill() {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.process != nil && !m.killed && m.process.Kill() == nil {
		m.killed = true
		m.kills++
	}
}

// rest asks it to end and waits until it has.
func (m *member) rest() error {
	m.mu.Lock()
	m.resting = true
	if m.process != nil {
		_ = m.process.Signal(syscall.SIGTERM)
	}
	m.mu.Unlock()
	select {
	case <-m.over:
		return m.end
	case <-time.After(shutdownPatience + 5*time.Second):
		m.kill()
		<-m.over
		return fmt.Errorf("%s did not end when asked to", m.name)
	}
}

// ready says whether it serves pages, where it does.
func (m *member) ready() bool {
	if m.address == "" {
		return true
	}
	answer, err := http.Get("http://" + m.address + "/health/ready")
	if err != nil {
		return false
	}
	defer answer.Body.Close()
	return answer.StatusCode == http.StatusOK
}

// enlist starts a process on the chaos's database and gateway, each by a line
// of its own.
func (c *chaos) enlist(name string, arguments ...string) {
	c.t.Helper()
	log, err := os.Create(filepath.Join(c.t.TempDir(), name+".log"))
	must(c.t, err)
	m := &member{t: c.t, name: name, command: append([]string{c.binary}, arguments...), log: log, over: make(chan struct{})}
	settings := c.house.settings
	if name != "jobs" {
		m.address = freeAddress(c.t)
		settings.Addr = m.address
	}
	m.gateway = newLine(c.t, to(strings.TrimPrefix(settings.StripeBaseURL, "http://")))
	settings.StripeBaseURL = "http://" + m.gateway.address()
	if c.server != nil {
		at := c.server.Address()
		m.database = newLine(c.t, to(at))
		settings.DatabaseURL = strings.Replace(settings.DatabaseURL, at, m.database.address(), 1)
	}
	m.env = environmentOf(settings)
	c.oddsMu.Lock()
	c.members = append(c.members, m)
	c.oddsMu.Unlock()
	go m.run()
	c.t.Cleanup(func() { _ = m.rest(); _ = log.Close() })
}

// frontDoor dials one of the processes that serve pages, as a proxy in front of
// them does: any that answers.
func (c *chaos) frontDoor() (conn net.Conn, err error) {
	err = net.ErrClosed
	for _, m := range c.shuffled() {
		if m.address == "" {
			continue
		}
		if conn, err = to(m.address)(); err == nil {
			return conn, nil
		}
	}
	return nil, err
}
