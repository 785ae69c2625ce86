package main

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/kong"
	"github.com/stripe/stripe-go/v76"
	"github.com/stripe/stripe-go/v76/client"
	"github.com/stripe/stripe-go/v76/webhook"
)

// sandboxTyped reads a command line as it would be typed.
func sandboxTyped(t *testing.T, typed ...string) *SandboxCmd {
	t.Helper()
	var cli struct {
		Sandbox SandboxCmd `cmd:""`
	}
	parser, err := kong.New(&cli)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := parser.Parse(append([]string{"sandbox"}, typed...)); err != nil {
		t.Fatal(err)
	}
	return &cli.Sandbox
}

// started is what a running sandbox told on its way up.
type started struct {
	api, key, secret string
	stop             func() error
}

func startSandbox(t *testing.T, cmd *SandboxCmd) started {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	reader, writer := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		err := cmd.Run(ctx, writer)
		writer.CloseWithError(io.EOF)
		ended <- err
	}()
	var s started
	lines := bufio.NewScanner(reader)
	for lines.Scan() {
		name, rest, _ := strings.Cut(lines.Text(), " ")
		word, _, _ := strings.Cut(strings.TrimSpace(rest), " ")
		switch name {
		case "API":
			s.api = word
		case "Key":
			s.key = word
		case "Secret":
			s.secret = word
		}
		if name == "Secret" || name == "Webhooks" && strings.Contains(rest, "nowhere") {
			break
		}
	}
	s.stop = func() error {
		cancel()
		select {
		case err := <-ended:
			return err
		case <-time.After(20 * time.Second):
			t.Fatal("the sandbox did not stop")
			return nil
		}
	}
	return s
}

// What it prints is enough to talk to it and to believe its webhooks.
func TestSandboxTellsHowToUseIt(t *testing.T) {
	arrived := make(chan stripe.Event, 100)
	secret := secretOf(7)
	portal := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		event, err := webhook.ConstructEvent(body, r.Header.Get("Stripe-Signature"), secret)
		if err != nil {
			t.Errorf("a webhook that cannot be believed: %v", err)
		}
		arrived <- event
	}))
	defer portal.Close()

	s := startSandbox(t, sandboxTyped(t, "--addr", "127.0.0.1:0", "--forward-to", portal.URL+"/webhooks/stripe", "--seed", "7"))
	if s.secret != secret || !strings.HasPrefix(s.key, "sk_test_") {
		t.Errorf("told %+v", s)
	}
	backend := stripe.GetBackendWithConfig(stripe.APIBackend, &stripe.BackendConfig{URL: &s.api, LeveledLogger: &stripe.LeveledLogger{Level: stripe.LevelNull}})
	api := client.New(s.key, &stripe.Backends{API: backend, Connect: backend, Uploads: backend})
	if _, err := api.Customers.New(&stripe.CustomerParams{Name: stripe.String("Ada")}); err != nil {
		t.Fatal(err)
	}
	account, err := api.Accounts.New(&stripe.AccountParams{Type: stripe.String("express"), Country: stripe.String("FR")})
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.Post(s.api+"/_sandbox/accounts/"+account.ID, "application/json", strings.NewReader(`{"state":"enabled"}`))
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	wanted := map[string]bool{"customer.created": true, "account.updated": true} // ours, and a connected account's
	for len(wanted) > 0 {
		select {
		case event := <-arrived:
			delete(wanted, string(event.Type))
			if event.APIVersion != "2023-10-16" {
				t.Errorf("%s of version %s", event.Type, event.APIVersion)
			}
		case <-time.After(20 * time.Second):
			t.Fatalf("never came: %v", wanted)
		}
	}
	page, err := http.Get(s.api + "/_sandbox/clock")
	if err != nil {
		t.Fatal(err)
	}
	page.Body.Close()
	if page.StatusCode != http.StatusOK {
		t.Errorf("controls: %d", page.StatusCode)
	}
	if err := s.stop(); err != nil {
		t.Errorf("stopped with %v", err)
	}
}

func TestSandboxRefusesWhatItCannotServe(t *testing.T) {
	for want, typed := range map[string][]string{
		"--forward-to portal is not a web address":  {"--forward-to", "portal"},
		"--public-url ftp://x is not a web address": {"--public-url", "ftp://x"},
		"--start yesterday":                         {"--start", "yesterday"},
		"sandbox: listen":                           {"--addr", "256.0.0.1:0"},
	} {
		err := sandboxTyped(t, typed...).Run(t.Context(), io.Discard)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: %v, want %q", typed, err, want)
		}
	}
}

// Cookies do not tell ports apart: the name that was typed is the one that is
// printed, and it is not the site's.
func TestSandboxIsReachedByTheNameThatWasTyped(t *testing.T) {
	for typed, want := range map[string]string{"localhost:0": "http://localhost:", "127.0.0.1:0": "http://127.0.0.1:", "0.0.0.0:0": "http://localhost:", ":0": "http://localhost:"} {
		s := startSandbox(t, sandboxTyped(t, "--addr", typed))
		if !strings.HasPrefix(s.api, want) {
			t.Errorf("--addr %s is reached at %s", typed, s.api)
		}
		if err := s.stop(); err != nil {
			t.Error(err)
		}
	}
	if byDefault := sandboxTyped(t).Addr; byDefault != demoSandboxAddr {
		t.Errorf("by default it listens on %s", byDefault)
	}
}

// A portal that was set up once goes on understanding a sandbox that restarts.
func TestSandboxKeepsItsSecretFromStartToStart(t *testing.T) {
	if secretOf(1) != secretOf(1) || secretOf(1) == secretOf(2) {
		t.Error("the secret does not follow the seed")
	}
	cmd := sandboxTyped(t, "--forward-to", "http://localhost:8080/webhooks/stripe", "--secret", "whsec_mine", "--start", "2026-03-01T00:00:00Z")
	options, err := cmd.options()
	if err != nil {
		t.Fatal(err)
	}
	if len(options.Endpoints) != 2 || options.Endpoints[0].Secret != "whsec_mine" || options.Endpoints[1].Secret != "whsec_mine" || !options.Endpoints[1].Connect {
		t.Errorf("endpoints %+v", options.Endpoints)
	}
	if options.Now != nil || options.Start.Format("2006-01-02") != "2026-03-01" {
		t.Errorf("clock from %v", options.Start)
	}
}
