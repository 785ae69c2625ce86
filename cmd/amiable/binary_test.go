package main

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// binaryBytesMax is the budget of the binary.
const binaryBytesMax = 45_000_000

// buildBinary builds what the Dockerfile builds.
func buildBinary(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "amiable")
	build := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", path, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return path
}

// The image is nothing but the binary: it must run where there is no library,
// no shell and no zone file, as a user who may write nowhere but in /data.
func TestTheBinaryRunsInAnEmptyPlace(t *testing.T) {
	binary := buildBinary(t)
	info, err := os.Stat(binary)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d bytes", info.Size())
	if info.Size() > binaryBytesMax {
		t.Errorf("the binary has %d bytes, its budget is %d", info.Size(), binaryBytesMax)
	}
	if os.Geteuid() != 0 {
		t.Skip("an empty root needs root: the run in a chroot as uid 65532 is left out")
	}
	const nobody = 65532
	root := emptyRoot(t, binary, nobody)
	inside := func(args ...string) *exec.Cmd {
		cmd := exec.Command("/amiable", args...)
		cmd.Dir = "/"
		cmd.Env = []string{
			"AMIABLE_DATA=/data", "AMIABLE_SECRET=" + strings.Repeat("k3", 24), "STRIPE_SECRET_KEY=sk_test_x", "STRIPE_WEBHOOK_SECRET=whsec_x",
			"AMIABLE_MAIL_FOLDER=/data/mail", "AMIABLE_LOG_FORMAT=json",
		}
		cmd.SysProcAttr = &syscall.SysProcAttr{Chroot: root, Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
		return cmd
	}
	for _, args := range [][]string{
		{"version"},
		{"agency", "found", "--name", "Agence Aubrelle", "--email", "agence@example.test"},
		{"verify"},
		{"statement", "--amount", "1000", "--due", "2026-01-31", "--until", "2026-06-30", "--debtor", "business"},
	} {
		if out, err := inside(args...).CombinedOutput(); err != nil {
			t.Fatalf("amiable %s: %v\n%s", strings.Join(args, " "), err, out)
		}
	}

	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := free.Addr().String()
	_ = free.Close()
	serving := inside("serve", "--addr", address)
	var log bytes.Buffer
	serving.Stderr = &log
	if err := serving.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = serving.Process.Kill() })
	await(t, "the site is ready", func() bool {
		answer, err := http.Get(fmt.Sprintf("http://%s/health/ready", address))
		if err != nil {
			return false
		}
		defer answer.Body.Close()
		return answer.StatusCode == http.StatusOK
	})
	if err := serving.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := serving.Wait(); err != nil {
		t.Fatalf("it did not end well: %v\n%s", err, log.String())
	}
}

// emptyRoot is a root folder with the binary and two folders, of which the
// user may write into one.
func emptyRoot(t *testing.T, binary string, user int) string {
	t.Helper()
	root, err := os.MkdirTemp("", "amiable-root-") // t.TempDir is closed to other users
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(root) })
	content, err := os.ReadFile(binary)
	if err == nil {
		err = os.WriteFile(filepath.Join(root, "amiable"), content, 0o555)
	}
	if err == nil {
		err = os.Mkdir(filepath.Join(root, "data"), 0o700)
	}
	if err == nil {
		err = os.Chown(filepath.Join(root, "data"), user, user)
	}
	if err == nil {
		err = os.Chmod(root, 0o555)
	}
	if err != nil {
		t.Fatal(err)
	}
	return root
}

// A database of several processes is served by pages here and jobs there.
func TestPagesAndJobsCanBeTwoProcesses(t *testing.T) {
	eachDatabase(t, func(t *testing.T, url string) {
		s := newShell(t, url)
		s.founded(map[string]string{"CRE-001": "003667128"}, map[string]string{"MDT-001": "CRE-001"})
		settings := s.open().settings
		settings.Secret, settings.MailFolder, settings.LogLevel = strings.Repeat("k3", 24), filepath.Join(t.TempDir(), "mail"), "error"
		settings.StripeKey, settings.StripeWebhookSecret, settings.SMTPTLS = "sk_test_x", []string{"whsec_x"}, "none"
		ctx, stop := context.WithCancel(context.Background())
		ended := make(chan error, 1)
		go func() { ended <- (&ServeCmd{Settings: settings, OnlyJobs: true}).Run(ctx) }()
		// Written by another process: only the jobs can send it.
		s.do("user", "invite", "--email", "ada@example.com", "--role", "creditor", "--creditor", "CRE-001")
		await(t, "the invitation is sent", func() bool {
			mails, _ := os.ReadDir(settings.MailFolder)
			return len(mails) == 1
		})
		stop()
		if err := <-ended; err != nil {
			t.Fatal(err)
		}
	})
}
