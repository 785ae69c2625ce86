package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"amiable/negotiation"
	"amiable/payments"
	"amiable/payments/stripe/sandbox"
	"amiable/portal/outreach"
)

// DemoCmd serves the whole product with an invented world: `amiable demo`. It
// needs nothing: the database is a file, Stripe is our own sandbox, mail is
// caught, and the clock can be moved. Stopped and started again on the same
// folder it is the same world. docs/demo.md lists its controls.
type DemoCmd struct {
	JSON        bool   `name:"json" help:"Print one JSON object once ready."`
	Addr        string `placeholder:"HOST:PORT" help:"Where the site listens; by default 127.0.0.1:8080, or a free port where that is taken."`
	SandboxAddr string `placeholder:"HOST:PORT" help:"Where the Stripe sandbox listens; by default localhost:12111, or a free port."`
	Data        string `default:"data/demo" placeholder:"FOLDER" help:"Folder of the world; made if there is none."`
	LogLevel    string `default:"warn" enum:"debug,info,warn,error" placeholder:"LEVEL" help:"debug, info, warn or error."`
}

// Two hosts, so that the way to the payment page crosses origins and cookies
// as in production: cookies ignore ports.
const (
	demoAddr        = "127.0.0.1:8080"
	demoSandboxAddr = "localhost:12111"
)

// Run serves the demo until the context ends.
func (cmd *DemoCmd) Run(ctx context.Context, out io.Writer) error {
	d, err := cmd.open(ctx)
	if err != nil {
		return err
	}
	defer d.close()
	serving, stop := context.WithCancel(ctx)
	defer stop()
	ended := d.start(serving)
	if err := d.prepare(ctx); err != nil {
		stop()
		return errors.Join(err, <-ended)
	}
	if err := d.print(ctx, out, cmd.JSON); err != nil {
		stop()
		return errors.Join(err, <-ended)
	}
	return <-ended
}

// demo is everything that runs in it.
type demo struct {
	*installation
	state   *demoState
	clock   negotiation.RowClock
	box     *sandbox.Sandbox
	outbox  *outreach.Outbox
	gate    sync.RWMutex // held for writing while the world is built or walks
	walking sync.Mutex
	ahead   offset // of the product's clock before the wall's

	site, stripe       net.Listener
	baseURL, stripeURL string
	server             *http.Server
	fresh              bool // the world is still to be built
}

func (cmd *DemoCmd) open(ctx context.Context) (*demo, error) {
	if err := os.MkdirAll(cmd.Data, 0o700); err != nil {
		return nil, fmt.Errorf("--data: %w", err)
	}
	state, fresh, err := openDemoState(cmd.Data)
	if err != nil {
		return nil, err
	}
	d := &demo{state: state, fresh: fresh}
	if d.site, err = listen(cmd.Addr, demoAddr); err != nil {
		return nil, fmt.Errorf("--addr: %w", err)
	}
	if d.stripe, err = listen(cmd.SandboxAddr, demoSandboxAddr); err != nil {
		return nil, errors.Join(fmt.Errorf("--sandbox-addr: %w", err), d.site.Close())
	}
	d.baseURL, d.stripeURL = address(d.site, "127.0.0.1"), address(d.stripe, "localhost")
	if err := d.build(ctx, cmd); err != nil {
		return nil, errors.Join(err, d.close())
	}
	return d, nil
}

// listen takes the address that was asked for, or the usual one, or, where
// that is taken, a free port.
func listen(asked, usual string) (net.Listener, error) {
	if asked != "" {
		return net.Listen("tcp", asked)
	}
	if l, err := net.Listen("tcp", usual); err == nil {
		return l, nil
	}
	host, _, err := net.SplitHostPort(usual)
	if err != nil {
		return nil, err
	}
	return net.Listen("tcp", net.JoinHostPort(host, "0"))
}

// address names a listener by a host that is not the other one's.
func address(l net.Listener, host string) string {
	tcp := l.Addr().(*net.TCPAddr)
	if !tcp.IP.IsLoopback() && !tcp.IP.IsUnspecified() {
		host = tcp.IP.String()
	}
	return fmt.Sprintf("http://%s", net.JoinHostPort(host, fmt.Sprint(tcp.Port)))
}

// settings are those of an installation whose Stripe is the sandbox.
func (d *demo) settings(cmd *DemoCmd) Settings {
	return Settings{
		Data: cmd.Data, Addr: d.site.Addr().String(), BaseURL: d.baseURL, Secret: d.state.Secret, SealKey: d.state.SealKey, MaxPerWeek: 2,
		StripeKey: "sk_test_amiable_demo", StripeWebhookSecret: []string{d.state.WebhookSecret}, StripeBaseURL: d.stripeURL, StripeSandbox: true,
		MailFolder: filepath.Join(cmd.Data, "mail"), SMTPTLS: "none", LogLevel: cmd.LogLevel, LogFormat: "text",
	}
}

// build opens the database and everything around it, in the order in which a
// real installation does.
func (d *demo) build(ctx context.Context, cmd *DemoCmd) (err error) {
	if d.installation, err = create(ctx, d.settings(cmd)); err != nil {
		return err
	}
	d.clock = negotiation.RowClock{DB: d.db}
	d.installation.clock, d.demo = d.clock, true
	d.negotiation = negotiation.New(d.db, d.clock)
	d.negotiation.LimitContacts(d.installation.settings.MaxPerWeek)
	if d.fresh {
		if err := d.clock.Set(ctx, worldBegins); err != nil {
			return err
		}
	}
	if err := d.readClock(ctx); err != nil {
		return err
	}
	d.box = d.newSandbox()
	if err := d.withGateway(); err != nil {
		return err
	}
	// The sandbox forgets everything when it stops: what was under way then is
	// over, not lost.
	d.gateway = forgetful{d.gateway}
	d.payments = payments.New(d.negotiation, d.gateway, d.baseURL, false)
	d.payments.SetRefundRules(d.installation.settings.refundRules())
	if err := d.payments.Offer([]string{"card", "sepa_debit", "paypal"}); err != nil {
		return err
	}
	if err := d.withAccess(); err != nil {
		return err
	}
	if err := d.withFiles(); err != nil {
		return err
	}
	if d.fresh {
		if err := d.found(ctx); err != nil {
			return err
		}
	}
	if err := d.withOutreach(ctx); err != nil {
		return err
	}
	if d.outbox, err = outreach.NewOutbox(d.installation.settings.MailFolder); err != nil {
		return err
	}
	site, err := d.installation.site(d)
	if err != nil {
		return err
	}
	d.server = site.HTTPServer()
	return nil
}

// newSandbox makes a Stripe whose clock is the product's. It is drawn anew at
// each start, so that its identifiers never meet those of an earlier one.
func (d *demo) newSandbox() *sandbox.Sandbox {
	hook := sandbox.Endpoint{URL: d.baseURL + "/webhooks/stripe", Secret: d.state.WebhookSecret, Events: []string{
		"charge.succeeded", "charge.pending", "charge.failed", "payment_intent.succeeded", "payment_intent.processing", "payment_intent.payment_failed", "payment_intent.canceled",
		"checkout.session.completed", "checkout.session.expired", "checkout.session.async_payment_succeeded", "checkout.session.async_payment_failed",
		"setup_intent.succeeded", "payment_method.automatically_updated", "payment_method.detached", "mandate.updated", "account.updated", "payout.*",
		"refund.created", "charge.refund.updated",
		"charge.dispute.created", "charge.dispute.updated", "charge.dispute.closed", "charge.dispute.funds_withdrawn", "charge.dispute.funds_reinstated",
	}}
	ofAccounts := hook
	ofAccounts.Connect = true
	return sandbox.New(sandbox.Options{
		Seed: uint64(time.Now().UnixNano()), Now: d.ahead.now, PublicURL: d.stripeURL, Payouts: true, DebitsTake: 5 * 24 * time.Hour, Endpoints: []sandbox.Endpoint{hook, ofAccounts},
	})
}

// start serves the site, the sandbox and the background work.
func (d *demo) start(ctx context.Context) (ended <-chan error) {
	both := make(chan error, 2)
	ctx, stop := context.WithCancel(ctx)
	// Nothing runs by itself before the world stands.
	d.gate.Lock()
	go func() {
		defer stop()
		both <- sandbox.Serve(ctx, d.stripe, d.box)
	}()
	go func() {
		defer stop()
		both <- d.serve(ctx, d.site, d.server, true, &d.gate)
	}()
	joined := make(chan error, 1)
	go func() { joined <- errors.Join(<-both, <-both) }()
	return joined
}

// prepare builds the world, or wakes the one that is there, and lets the
// background work begin.
func (d *demo) prepare(ctx context.Context) error {
	defer d.gate.Unlock()
	if !d.fresh {
		return d.wake(ctx)
	}
	if err := d.live(ctx); err != nil {
		return fmt.Errorf("the demo's world: %w", err)
	}
	return d.state.save()
}

func (d *demo) close() error {
	var err error
	for _, l := range []net.Listener{d.site, d.stripe} {
		if l != nil {
			_ = l.Close() // served ones are closed already
		}
	}
	if d.installation != nil {
		err = d.installation.Close()
	}
	return err
}

// print says where everything is, one link per party.
func (d *demo) print(ctx context.Context, out io.Writer, asJSON bool) error {
	debtors, err := d.debtors(ctx)
	if err != nil {
		return err
	}
	ready := demoReady{
		BaseURL: d.baseURL, Debtor: debtors, Creditor: d.state.Creditor.at(d.baseURL), Agent: d.state.Agent.at(d.baseURL),
		OutboxURL: d.baseURL + "/demo/outbox", SandboxURL: d.stripeURL, ClockURL: d.baseURL + "/demo/clock",
	}
	if asJSON {
		return printJSON(out, ready)
	}
	now, err := d.clock.Now(ctx)
	if err != nil {
		return err
	}
	var b strings.Builder
	fmt.Fprintf(&b, "\nAmiable, demo. Everything is invented, no money moves.\n\n  site      %s\n  outbox    %s   (all mail is caught here)\n  clock     %s    (it is %s)\n  Stripe    %s\n\n",
		d.baseURL, ready.OutboxURL, ready.ClockURL, now.In(negotiation.Zone).Format("Monday 2 January 2006"), ready.SandboxURL+"/_sandbox")
	for _, s := range []struct {
		who string
		key staffKey
	}{{"creditor", ready.Creditor}, {"agent", ready.Agent}} {
		fmt.Fprintf(&b, "  %-9s %s\n            %s   %s   authenticator %s\n", s.who, s.key.URL, s.key.Email, s.key.Password, s.key.TOTPSecret)
	}
	b.WriteString("            (no authenticator at hand? amiable user code KEY, or: go run ./cmd/amiable user code KEY)\n")
	b.WriteString("\n  debtors   (the link, then what it asks for)\n")
	for i, one := range debtors {
		answer := one.Check.Value
		if answer == "" {
			answer = "a code, mailed to the outbox"
		}
		fmt.Fprintf(&b, "  %-10s %s\n             %s   %s\n", one.State, d.state.Debtors[i].About, one.Link, answer)
	}
	b.WriteString("\n  A card that works: 4242 4242 4242 4242, any date ahead, any CVC. Stop with Ctrl-C; the world stays.\n\n")
	_, err = io.WriteString(out, b.String())
	return err
}
