package main

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/url"
	"strings"
	"time"

	"amiable/payments/stripe/sandbox"
)

// SandboxCmd runs a Stripe of our own: `amiable sandbox`. It keeps everything
// in memory, accepts test keys only, and moves no money.
type SandboxCmd struct {
	Addr      string `help:"Address to listen on; port 0 takes a free one. Another host name than the site's, because cookies do not tell ports apart." default:"localhost:12111" placeholder:"HOST:PORT"`
	ForwardTo string `help:"Where webhooks go: all events, of connected accounts too." placeholder:"URL"`
	Secret    string `help:"Signs the webhooks; made from the seed when not given." env:"AMIABLE_SANDBOX_WEBHOOK_SECRET" placeholder:"whsec_…"`
	PublicURL string `help:"How browsers reach the hosted pages; the address itself when not given." name:"public-url" placeholder:"URL"`
	Seed      uint64 `help:"Makes identifiers and fault draws repeatable." default:"1"`
	Start     string `help:"Let the clock stand still at this moment instead of following real time." placeholder:"2026-01-05T09:00:00Z"`
	Open      bool   `help:"Let the controls under /_sandbox answer other machines too, for a container of its own."`
}

// Run serves until the process is asked to stop, then lets calls under way finish.
func (cmd *SandboxCmd) Run(ctx context.Context, out io.Writer) error {
	options, err := cmd.options()
	if err != nil {
		return err
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", cmd.Addr)
	if err != nil {
		return fmt.Errorf("sandbox: %w", err)
	}
	box := sandbox.New(options)
	if options.PublicURL == "" {
		box.SetPublicURL("http://" + cmd.reachable(listener.Addr()))
	}
	handler := box.Handler()
	if cmd.Open {
		handler = box.HandlerWith(sandbox.Anyone)
	}
	cmd.tell(out, listener.Addr(), box, options)
	return sandbox.ServeHandler(ctx, listener, box, handler)
}

func (cmd *SandboxCmd) options() (sandbox.Options, error) {
	options := sandbox.Options{Seed: cmd.Seed, Now: time.Now, Payouts: true, PublicURL: strings.TrimSuffix(cmd.PublicURL, "/")}
	if cmd.Start != "" {
		start, err := time.Parse(time.RFC3339, cmd.Start)
		if err != nil {
			return options, fmt.Errorf("--start %s: write it as 2026-01-05T09:00:00Z", cmd.Start)
		}
		options.Now, options.Start = nil, start
	}
	if options.PublicURL != "" && !isWebAddress(options.PublicURL) {
		return options, fmt.Errorf("--public-url %s is not a web address", cmd.PublicURL)
	}
	if cmd.ForwardTo == "" {
		return options, nil
	}
	if !isWebAddress(cmd.ForwardTo) {
		return options, fmt.Errorf("--forward-to %s is not a web address", cmd.ForwardTo)
	}
	secret := cmd.Secret
	if secret == "" {
		secret = secretOf(cmd.Seed)
	}
	options.Endpoints = []sandbox.Endpoint{
		{URL: cmd.ForwardTo, Secret: secret},
		{URL: cmd.ForwardTo, Secret: secret, Connect: true},
	}
	return options, nil
}

// secretOf keeps the signing secret the same from one start to the next, so
// that a portal set up once goes on understanding its webhooks.
func secretOf(seed uint64) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "amiable sandbox %d", seed))
	return "whsec_" + base64.RawURLEncoding.EncodeToString(sum[:24])
}

func isWebAddress(text string) bool {
	u, err := url.Parse(text)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != ""
}

// reachable is the address as browsers reach it: by the name that was typed,
// which keeps its cookies apart from the site's, and never that of all
// interfaces.
func (cmd *SandboxCmd) reachable(addr net.Addr) string {
	host, port, err := net.SplitHostPort(addr.String())
	if err != nil {
		return addr.String()
	}
	if typed, _, err := net.SplitHostPort(cmd.Addr); err == nil && typed != "" {
		host = typed
	}
	if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
		host = "localhost"
	}
	return net.JoinHostPort(host, port)
}

// testKey is any key: the sandbox takes whatever begins with sk_test_.
const testKey = "sk_test_amiable_sandbox"

func (cmd *SandboxCmd) tell(out io.Writer, addr net.Addr, box *sandbox.Sandbox, options sandbox.Options) {
	local := "http://" + cmd.reachable(addr)
	fmt.Fprintf(out, "Sandbox Stripe: no card is real, no money moves. All is forgotten when it stops.\n")
	fmt.Fprintf(out, "API       %s\n", local)
	fmt.Fprintf(out, "Pages     %s\n", box.PublicURL())
	fmt.Fprintf(out, "Controls  %s/_sandbox\n", local)
	fmt.Fprintf(out, "Key       %s (any sk_test_ key will do)\n", testKey)
	if len(options.Endpoints) == 0 {
		fmt.Fprintf(out, "Webhooks  go nowhere; --forward-to URL sends them\n")
		return
	}
	fmt.Fprintf(out, "Webhooks  %s (API version %s)\n", options.Endpoints[0].URL, sandbox.APIVersion)
	fmt.Fprintf(out, "Secret    %s\n", options.Endpoints[0].Secret)
}
