//go:build chaos

package main

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"maps"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"amiable/negotiation"
	"amiable/negotiation/database/databasetest"
	"amiable/payments/stripe/sandbox"
)

// Chaos is the simulated year lived by real processes: the built binary, three
// times on PostgreSQL and once on SQLite, killed hard at any moment, while
// debtors pay, creditors answer and agents act, while days pass and instalments
// are charged; with PostgreSQL restarted, every line cut before and after what
// was said on it took effect, and the gateway as unreliable as in a simulated
// year. At the end the faults stop, quiet days pass, and then everything must be
// right to the cent, by the very comparison of the simulated years.
//
//	make chaos                   draws its faults from a number that it prints
//	make chaos CHAOS_SEED=4711   draws the same faults again; their moments are the machine's
const chaosSeed = "CHAOS_SEED"

// chaosFolk is how many cases there are at any time: enough for somebody to be
// charged on most days.
const chaosFolk = 16

func TestChaos(t *testing.T) {
	seed := uint64(time.Now().UnixMilli())
	if text := os.Getenv(chaosSeed); text != "" {
		if _, err := fmt.Sscan(text, &seed); err != nil || seed == 0 {
			t.Fatalf("%s=%q is no number", chaosSeed, text)
		}
	}
	t.Logf("this draw again: make chaos CHAOS_SEED=%d", seed)
	slog.SetDefault(slog.New(slog.DiscardHandler))
	binary := buildBinary(t)
	t.Run("postgres", func(t *testing.T) {
		server, err := databasetest.Start("synchronous_commit=on")
		must(t, err)
		c := newChaos(t, seed, binary, server.URL("postgres"), server)
		c.enlist("all", "serve")
		c.enlist("pages", "serve", "--no-jobs")
		c.enlist("jobs", "serve", "--only-jobs")
		c.rage(70)
		c.settle()
	})
	t.Run("sqlite", func(t *testing.T) {
		c := newChaos(t, seed, binary, "sqlite:"+filepath.Join(t.TempDir(), "amiable.db"), nil)
		c.enlist("all", "serve")
		c.rage(30)
		c.settle()
	})
}

// chaos is a simulated year whose house is not the only one: the processes are
// others on the same database and gateway, and the year's own house is where
// people act who are not on the web, and where everything is compared.
type chaos struct {
	*year
	binary string
	server *databasetest.Server // nil on SQLite
	front  *line                // where people and webhooks come in
	clock  negotiation.RowClock
	days   int
	spoilt tally // calls and webhooks, by the sandbox's faults

	oddsMu  sync.Mutex
	odds    *rand.Rand // of what is cut and killed
	members []*member

	mu     sync.Mutex        // what the visitors know
	links  map[string]string // by case
	visits tally
}

func newChaos(t *testing.T, seed uint64, binary, address string, server *databasetest.Server) *chaos {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	c := &chaos{binary: binary, server: server, links: map[string]string{}, visits: tally{}, odds: rand.New(rand.NewPCG(seed, 1)), spoilt: tally{}}
	c.year = &year{t: t, ctx: ctx, seed: seed, luck: rand.New(rand.NewPCG(seed, 0)), now: morningOf(yearBegins), steps: -1, crowded: true}
	c.remembers()
	c.front = newLine(t, c.frontDoor)

	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	began := time.Now()
	hook := sandbox.Endpoint{URL: "http://" + c.front.address() + "/webhooks/stripe", Secret: simulatedSecret}
	ofAccounts := hook
	ofAccounts.Connect = true
	c.box = sandbox.New(sandbox.Options{
		Seed: seed, Now: func() time.Time { return morningOf(yearBegins).Add(time.Since(began)) }, PublicURL: "http://" + l.Addr().String(),
		DebitsTake: time.Duration(seed%12) * 24 * time.Hour, Endpoints: []sandbox.Endpoint{hook, ofAccounts}, Deliverers: 3,
	})
	go func() { _ = sandbox.Serve(ctx, l, c.box) }()

	folder := t.TempDir()
	settings := Settings{
		Data: folder, DatabaseURL: address, BaseURL: "http://" + c.front.address(), Secret: "a secret of the tests, long enough to be one", MaxPerWeek: 2,
		StripeKey: simulatedKey, StripeWebhookSecret: []string{simulatedSecret}, StripeBaseURL: c.box.PublicURL(), StripeSandbox: true,
		PaymentMethods: []string{"card", "sepa_debit", "paypal"}, SMTPPort: 587, SMTPTLS: "starttls", MailFrom: "agence@example.test",
		MailFolder: filepath.Join(folder, "mail"), LogLevel: "warn", LogFormat: "text",
	}
	bare, err := create(ctx, settings)
	must(t, err)
	must(t, negotiation.RowClock{DB: bare.db}.Set(ctx, c.now)) // from now on every process reads the row
	must(t, bare.Close())
	c.house, err = create(ctx, settings)
	must(t, err)
	t.Cleanup(func() { _ = c.house.Close() })
	c.db, c.clock = c.house.db, negotiation.RowClock{DB: c.house.db}
	must(t, c.house.withGateway())
	must(t, c.house.withFiles())
	must(t, c.house.withAccess())
	c.begin()
	for range chaosFolk - folkCount {
		c.folk = append(c.folk, c.join())
	}
	must(t, c.house.withOutreach(ctx))
	asks, err := c.house.newRunner(false, &sync.RWMutex{})
	must(t, err)
	c.house.work.Store(asks)
	t.Cleanup(c.says)
	return c
}

// rage lives days full of faults until so many processes were killed.
func (c *chaos) rage(kills int) {
	c.t.Helper()
	c.awaitReady()
	c.faults(true)
	for _, f := range []sandbox.Fault{ // what takes time, of which a simulated year has none
		{Kind: sandbox.Latency, Delay: 300 * time.Millisecond, Probability: .02}, {Kind: sandbox.Hang, Delay: 3 * time.Second, Probability: .003},
	} {
		_, err := c.box.AddFault(f)
		must(c.t, err)
	}
	raging, stop := context.WithCancel(c.ctx)
	defer stop()
	var all sync.WaitGroup
	all.Go(func() { c.killing(raging) })
	all.Go(func() { c.cutting(raging) })
	for n := range 3 {
		all.Go(func() { c.visiting(raging, rand.New(rand.NewPCG(c.seed, uint64(2+n)))) })
	}
	restarts := []syscall.Signal{}
	if c.server != nil {
		restarts = []syscall.Signal{syscall.SIGINT, syscall.SIGQUIT, syscall.SIGQUIT}
	}
	for n := 0; c.killed() < kills; {
		c.raging()
		if len(restarts) > n && c.killed() > kills*(n+1)/(len(restarts)+1) {
			c.restart(restarts[n])
			n++
		}
		if c.t.Failed() {
			break
		}
	}
	stop()
	all.Wait()
	for _, f := range c.box.Faults() {
		c.spoilt[string(f.Kind)] += f.Acted()
	}
	c.faults(false)
	for _, l := range c.lines() {
		l.arm(nil)
	}
}

// raging is one day.
func (c *chaos) raging() {
	c.days++
	c.turnTo(c.now.Add(24 * time.Hour).Truncate(24 * time.Hour).Add(8*time.Hour + 10*time.Minute))
	c.askForEverything()
	for n := range c.folk {
		c.acts(n)
	}
	c.invite()
	_ = c.idle(2 * time.Second) // what is not done by then has its turn tomorrow
	c.turnTo(c.now.Add(9 * time.Hour))
	c.askForEverything()
	_ = c.idle(time.Second)
}

// turnTo moves the clock of everybody.
func (c *chaos) turnTo(to time.Time) {
	c.t.Helper()
	c.now = to
	c.eventually("the clock", func() error { return c.clock.Set(c.ctx, to) })
	must(c.t, c.box.SetClock(to))
}

// eventually tries again what a busy database kept from.
func (c *chaos) eventually(what string, do func() error) {
	c.t.Helper()
	var err error
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		if err = do(); err == nil {
			return
		}
	}
	c.t.Fatalf("%s: %v", what, err)
}

// askForEverything asks for each job of the table once, as its hour does.
func (c *chaos) askForEverything() {
	c.t.Helper()
	for _, j := range c.house.jobs() {
		c.eventually("ask for "+j.name, func() error { return c.house.RunJob(c.ctx, j.name) })
	}
}

// idle waits until no job is asked for or runs any more.
func (c *chaos) idle(patience time.Duration) error {
	asked := river.NewJobListParams().States(rivertype.JobStateAvailable, rivertype.JobStateRunning).First(shownMax)
	for deadline := time.Now().Add(patience); ; time.Sleep(30 * time.Millisecond) {
		left, err := c.house.work.Load().client.JobList(c.ctx, asked)
		if err == nil && len(left.Jobs) == 0 {
			return nil
		}
		if time.Now().Before(deadline) {
			continue
		}
		if err != nil {
			return err
		}
		var names []string
		for _, row := range left.Jobs {
			names = append(names, nameIn(row.EncodedArgs)+" "+string(row.State))
		}
		return fmt.Errorf("work is left: %v", names)
	}
}

// restart ends PostgreSQL under everybody and starts it again.
func (c *chaos) restart(how syscall.Signal) {
	c.t.Helper()
	must(c.t, c.server.Restart(how, time.Duration(c.draws(1_000))*time.Millisecond))
	c.visited("PostgreSQL restarted by " + how.String())
	// The house is not what is tested: it begins with new connections.
	c.db.Pool().SetMaxIdleConns(0)
	c.db.Pool().SetMaxIdleConns(5)
}

// killing kills one process after the other.
func (c *chaos) killing(ctx context.Context) {
	for ctx.Err() == nil {
		m := c.shuffled()[0]
		for !m.ready() && c.pause(ctx, 50) { // one that never comes up does nothing worth dying in
		}
		c.pause(ctx, 4_000)
		m.kill()
	}
}

// cutting arms one line after the other. Some cuts come with the death of the
// process that was speaking.
func (c *chaos) cutting(ctx context.Context) {
	words := map[*line][]string{c.front: {"", "POST /webhooks"}}
	for _, m := range c.members {
		words[m.gateway] = []string{"", "POST ", "POST /v1/payment_intents"}
		if m.database != nil {
			words[m.database] = []string{"", "commit", "COMMIT"}
		}
	}
	for c.pause(ctx, 1_200) {
		lines := c.lines()
		l := lines[c.draws(len(lines))]
		made := &cut{after: c.draws(2) == 0, at: []byte(words[l][c.draws(len(words[l]))])}
		for _, m := range c.members {
			if (l == m.gateway || l == m.database) && c.draws(6) == 0 {
				made.then = m.kill
			}
		}
		l.arm(made)
	}
}

// pause waits a drawn while; false says that it is over.
func (c *chaos) pause(ctx context.Context, most int) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(time.Duration(c.draws(most)) * time.Millisecond):
		return ctx.Err() == nil
	}
}

func (c *chaos) draws(n int) int {
	c.oddsMu.Lock()
	defer c.oddsMu.Unlock()
	return c.odds.IntN(n)
}

func (c *chaos) shuffled() []*member {
	c.oddsMu.Lock()
	defer c.oddsMu.Unlock()
	all := slices.Clone(c.members)
	c.odds.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all
}

func (c *chaos) lines() []*line {
	lines := []*line{c.front}
	for _, m := range c.members {
		lines = append(lines, m.gateway)
		if m.database != nil {
			lines = append(lines, m.database)
		}
	}
	return lines
}

func (c *chaos) killed() (n int) {
	for _, m := range c.members {
		m.mu.Lock()
		n += m.kills
		m.mu.Unlock()
	}
	return n
}

func (c *chaos) awaitReady() {
	c.t.Helper()
	await(c.t, "every process is ready", func() bool {
		return !slices.ContainsFunc(c.members, func(m *member) bool { return !m.ready() })
	})
}

// settle lets quiet days pass and compares everything.
func (c *chaos) settle() {
	c.t.Helper()
	c.peaceful = true
	c.awaitReady()
	for range quietDays {
		c.turnTo(c.now.Add(24 * time.Hour).Truncate(24 * time.Hour).Add(8*time.Hour + 10*time.Minute))
		waiting, cancel := context.WithTimeout(c.ctx, 30*time.Second)
		must(c.t, c.box.Quiesce(waiting))
		cancel()
		c.askForEverything()
		if err := c.idle(30 * time.Second); err != nil {
			c.t.Fatalf("a quiet day: %v", err)
		}
	}
	waiting, cancel := context.WithTimeout(c.ctx, 30*time.Second)
	defer cancel()
	must(c.t, c.box.Quiesce(waiting))
	for _, m := range c.members {
		if err := m.rest(); err != nil {
			c.t.Errorf("%s, asked to end: %v", m.name, err)
		}
	}
	var report bytes.Buffer
	verify := exec.Command(c.binary, "verify")
	verify.Env, verify.Stdout, verify.Stderr = environmentOf(c.house.settings), &report, &report
	if err := verify.Run(); err != nil {
		c.t.Errorf("amiable verify: %v\n%s", err, report.String())
	}
	c.balance()
}

// says tells what was done to whom: a chaos in which nothing was proves nothing.
func (c *chaos) says() {
	cuts := tally{}
	for _, m := range c.members {
		c.t.Logf("%s: killed %d times, ended by itself %d times", m.name, m.kills, m.faints)
		if m.database != nil {
			cuts["database before"] += m.database.cuts["before"]
			cuts["database after"] += m.database.cuts["after"]
		}
		cuts["gateway before"] += m.gateway.cuts["before"]
		cuts["gateway after"] += m.gateway.cuts["after"]
	}
	cuts["front before"], cuts["front after"] = c.front.cuts["before"], c.front.cuts["after"]
	c.t.Logf("%d days and %d quiet ones; %d killed; lines cut %s; faults of the gateway %s; visits %s", c.days, quietDays, c.killed(), cuts, c.spoilt, c.visits)
	for _, m := range c.members {
		text, err := os.ReadFile(m.log.Name())
		must(c.t, err)
		said := tally{}
		for l := range strings.Lines(string(text)) {
			said[unnamed(cause.ReplaceAllString(l, ""))]++
			if strings.Contains(l, "panic") {
				c.t.Errorf("%s: %s", m.name, l)
			}
		}
		c.t.Logf("%s said:\n%s", m.name, strings.Join(said.list(), "\n"))
	}
}

// String lists what was counted, in the order of names.
func (a tally) String() string { return strings.Join(a.list(), ", ") }

func (a tally) list() (text []string) {
	for _, name := range slices.Sorted(maps.Keys(a)) {
		text = append(text, fmt.Sprintf("%d × %s", a[name], strings.TrimSpace(name)))
	}
	return text
}
