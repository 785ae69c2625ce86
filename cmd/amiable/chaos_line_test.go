//go:build chaos

package main

import (
	"bytes"
	"context"
	"errors"
	"net"
	"sync"
	"testing"
)

// A line is what lies between two of the machines of a real installation: here
// it can be cut, before the other side heard what was said, or after it did what
// was asked and before the answer came back.
type line struct {
	listener net.Listener
	dial     func() (net.Conn, error)

	mu    sync.Mutex
	armed *cut
	cuts  tally
}

// cut is what happens to the next thing that is said on a line.
type cut struct {
	after bool   // the other side hears it, and its answer is lost
	at    []byte // only where this is part of it; empty: whatever it is
	then  func() // beside it
}

func newLine(t *testing.T, dial func() (net.Conn, error)) *line {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	made := &line{listener: l, dial: dial, cuts: tally{}}
	t.Cleanup(func() { _ = l.Close() })
	go made.serve()
	return made
}

// to always dials one address.
func to(address string) func() (net.Conn, error) {
	return func() (net.Conn, error) { return new(net.Dialer).DialContext(context.Background(), "tcp", address) }
}

func (l *line) address() string { return l.listener.Addr().String() }

func (l *line) serve() {
	for {
		near, err := l.listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err == nil {
			go l.carry(near)
		}
	}
}

// arm lets the next thing that is said, or nil nothing any more, go wrong.
func (l *line) arm(c *cut) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.armed = c
}

// struck takes the cut that what is being said meets, if it does.
func (l *line) struck(said []byte) *cut {
	l.mu.Lock()
	defer l.mu.Unlock()
	c := l.armed
	if c == nil || !bytes.Contains(said, c.at) {
		return nil
	}
	l.armed = nil
	l.cuts[map[bool]string{false: "before", true: "after"}[c.after]]++
	return c
}

// carry passes on what both sides say until one of them hangs up, or the line
// is cut: for both sides at once.
func (l *line) carry(near net.Conn) {
	defer near.Close()
	far, err := l.dial()
	if err != nil {
		return
	}
	defer far.Close()
	lost := make(chan *cut, 1) // the answer to come is lost
	heard := make(chan struct{})
	go func() {
		defer close(heard)
		defer near.Close()
		l.answers(near, far, lost)
	}()
	buffer := make([]byte, 64<<10)
	for {
		n, err := near.Read(buffer)
		if err != nil {
			break
		}
		c := l.struck(buffer[:n])
		if c != nil && !c.after {
			c.goOn()
			break
		}
		if c != nil {
			lost <- c
		}
		if _, err := far.Write(buffer[:n]); err != nil {
			break
		}
	}
	_ = far.Close()
	<-heard
}

func (l *line) answers(near, far net.Conn, lost <-chan *cut) {
	buffer := make([]byte, 64<<10)
	for {
		n, err := far.Read(buffer)
		if err != nil {
			return
		}
		select {
		case c := <-lost:
			c.goOn()
			return
		default:
		}
		if _, err := near.Write(buffer[:n]); err != nil {
			return
		}
	}
}

func (c *cut) goOn() {
	if c.then != nil {
		c.then()
	}
}
