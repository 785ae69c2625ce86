//go:build bench

package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/pprof"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// benchServer is the binary at work.
type benchServer struct {
	address string
	command *exec.Cmd
	ready   time.Duration // from start to the first good answer
	stop    func()
}

func (b *bench) freeAddress() string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	b.must(err)
	defer l.Close()
	return l.Addr().String()
}

// serve starts `amiable serve` on a database and waits until it is ready.
func (b *bench) serve(url string, flags ...string) *benchServer {
	b.Helper()
	s := &benchServer{address: b.freeAddress()}
	log, err := os.Create(filepath.Join(b.folder, "serve.log"))
	b.must(err)
	began := time.Now()
	if b.profile != "" {
		s.stop = b.serveHere(url, s.address)
	} else {
		s.command = exec.Command(b.binary, append([]string{"serve"}, flags...)...)
		s.command.Env, s.command.Stderr = b.environment(url, s.address), log
		b.must(s.command.Start())
		s.stop = func() {
			_ = s.command.Process.Signal(syscall.SIGTERM)
			_ = s.command.Wait()
			_ = log.Close()
		}
	}
	for {
		if answer, err := http.Get("http://" + s.address + "/health/ready"); err == nil {
			answer.Body.Close()
			if answer.StatusCode == http.StatusOK {
				s.ready = time.Since(began)
				return s
			}
		}
		if time.Since(began) > 30*time.Second {
			s.stop()
			text, _ := os.ReadFile(log.Name())
			b.Fatalf("serve is not ready: %s", text)
		}
		time.Sleep(2 * time.Millisecond)
	}
}

// serveHere serves inside this process, so that it can be profiled.
func (b *bench) serveHere(url, address string) func() {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	command := &ServeCmd{NoJobs: true, Settings: Settings{
		Data: filepath.Join(b.folder, "data"), DatabaseURL: url, Addr: address, Secret: secret, StripeKey: "sk_test_bench",
		StripeWebhookSecret: []string{webhookSecret}, MailFolder: filepath.Join(b.folder, "mail"), LogLevel: "error", LogFormat: "text",
	}}
	go func() { done <- command.Run(ctx) }()
	return func() {
		cancel()
		if err := <-done; err != nil {
			b.Error(err)
		}
	}
}

// profiled writes a CPU profile of a group until what it returns is called.
func (b *bench) profiled(group string) (stop func()) {
	b.Helper()
	if b.profile == "" {
		return func() {}
	}
	f, err := os.Create(b.profile + "." + group)
	b.must(err)
	b.must(pprof.StartCPUProfile(f))
	return func() {
		pprof.StopCPUProfile()
		b.must(f.Close())
	}
}

// memory reads a line such as VmRSS of a process, in bytes.
func (b *bench) memory(pid int, line string) int64 {
	b.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	b.must(err)
	for l := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(l, line+":"); ok {
			kilobytes, err := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
			b.must(err)
			return kilobytes << 10
		}
	}
	b.Fatalf("no %s in /proc/%d/status", line, pid)
	return 0
}
