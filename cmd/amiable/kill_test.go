package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"amiable/negotiation"
	"amiable/negotiation/database/databasetest"
	"amiable/negotiation/money"
	"amiable/payments"
	"amiable/payments/stripe/sandbox"
)

// killRounds is how often the process is killed on each database.
const killRounds = 12

// TestKilledAtAnyMomentOfPayingNothingIsLostAndNothingDoubled runs the built
// program against the Stripe sandbox, kills it hard while debtors pay, starts it
// again, lets every debtor end what they began, and compares the ledger with
// the sandbox's own books.
func TestKilledAtAnyMomentOfPayingNothingIsLostAndNothingDoubled(t *testing.T) {
	if testing.Short() {
		t.Skip("kills real processes; left out with -short")
	}
	binary := filepath.Join(t.TempDir(), "amiable")
	if out, err := exec.Command("go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	for _, engine := range []string{"sqlite", "postgres"} {
		t.Run(engine, func(t *testing.T) {
			address := "sqlite:" + filepath.Join(t.TempDir(), "amiable.db")
			if engine == "postgres" {
				address = databasetest.PostgresURL(t)
			}
			v := newVictim(t, binary, address)
			for n := range killRounds {
				v.round(n)
			}
			v.settle()
		})
	}
}

// victim is the program under test, with everything that outlives it.
type victim struct {
	t       *testing.T
	ctx     context.Context
	binary  string
	env     []string
	base    string
	process *exec.Cmd
	output  bytes.Buffer

	box   *sandbox.Sandbox
	house *installation // on the same database, for setting up and looking
	cases []string
	links []string
}

func newVictim(t *testing.T, binary, address string) *victim {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	site, err := net.Listen("tcp", "127.0.0.1:0") // to find a free port that stays ours across restarts
	must(t, err)
	port := site.Addr().(*net.TCPAddr).Port
	must(t, site.Close())
	v := &victim{t: t, ctx: ctx, binary: binary, base: fmt.Sprintf("http://127.0.0.1:%d", port)}

	const secret = "whsec_of_the_tests"
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	stripeURL := fmt.Sprintf("http://localhost:%d", l.Addr().(*net.TCPAddr).Port)
	hook := sandbox.Endpoint{URL: v.base + "/webhooks/stripe", Secret: secret}
	ofAccounts := hook
	ofAccounts.Connect = true
	v.box = sandbox.New(sandbox.Options{Seed: 3, Now: time.Now, PublicURL: stripeURL, Endpoints: []sandbox.Endpoint{hook, ofAccounts}})
	go func() { _ = sandbox.Serve(ctx, l, v.box) }()

	settings := Settings{
		Data: t.TempDir(), DatabaseURL: address, Addr: strings.TrimPrefix(v.base, "http://"), BaseURL: v.base, Secret: "a secret of the tests, long enough to be one",
		MaxPerWeek: 2, StripeKey: "sk_test_amiable", StripeWebhookSecret: []string{secret}, StripeBaseURL: stripeURL, StripeSandbox: true,
		SMTPPort: 587, SMTPTLS: "starttls", MailFrom: "bonjour@aubrelle.example.com", LogLevel: "error", LogFormat: "text", PaymentMethods: []string{"card", "sepa_debit"},
	}
	settings.MailFolder = filepath.Join(settings.Data, "mail")
	v.env = environmentOf(settings)
	slog.SetDefault(slog.New(slog.DiscardHandler))
	bare, err := create(ctx, settings)
	must(t, err)
	_, err = bare.negotiation.FoundAgency(ctx, killer, negotiation.Agency{Name: "Agence Aubrelle", CollectorKind: negotiation.InHouse, Email: "agence@aubrelle.example.com", AgentName: "Nadia Ferrand"})
	must(t, err)
	must(t, bare.Close())
	v.house, err = openAll(ctx, settings)
	must(t, err)
	t.Cleanup(func() { _ = v.house.Close() })
	v.furnish()
	v.start()
	t.Cleanup(func() { v.kill() })
	return v
}

// environmentOf tells a process of its own what the settings say.
func environmentOf(s Settings) []string {
	return append(os.Environ(), "AMIABLE_DATA="+s.Data, "DATABASE_URL="+s.DatabaseURL, "AMIABLE_ADDR="+s.Addr, "AMIABLE_BASE_URL="+s.BaseURL,
		"AMIABLE_SECRET="+s.Secret, "STRIPE_SECRET_KEY="+s.StripeKey, "STRIPE_WEBHOOK_SECRET="+strings.Join(s.StripeWebhookSecret, ","), "STRIPE_BASE_URL="+s.StripeBaseURL,
		"AMIABLE_STRIPE_SANDBOX=true", "AMIABLE_MAIL_FOLDER="+s.MailFolder, "AMIABLE_MAIL_FROM="+s.MailFrom, "AMIABLE_LOG_LEVEL="+s.LogLevel,
		"AMIABLE_PAYMENT_METHODS="+strings.Join(s.PaymentMethods, ","))
}

var killer = negotiation.Actor{Role: negotiation.RoleAdministrator, ID: "test", Name: "Nadia Ferrand"}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// furnish makes an agency with a creditor that takes cards, and a case per
// round with its link.
func (v *victim) furnish() {
	t, ctx, house := v.t, v.ctx, v.house
	by := killer
	least := int64(10_00)
	creditor, err := house.negotiation.AddCreditor(ctx, by, negotiation.Creditor{
		Reference: "CRE-001", Name: "Atelier Boréal SARL", SIREN: "010185650", Email: "compta@boreal.example.com", PartPaymentMinimum: &least,
	})
	must(t, err)
	_, err = house.negotiation.SignMandate(ctx, by, negotiation.Mandate{
		CreditorID: creditor.ID, Reference: "M-1", SignedOn: "2024-01-02", Scope: "all", Proof: "p", FeeBasisPoints: 1000, VATBasisPoints: 2000, FeeWithheld: true, RestWaivedBelow: 100,
	})
	must(t, err)
	_, err = house.payments.OpenAccount(ctx, by, creditor.ID, "/creditor/connect")
	must(t, err)
	account, err := house.payments.AccountOf(ctx, creditor.ID)
	must(t, err)
	must(t, v.box.CompleteOnboarding(account.AccountID))
	_, err = house.payments.RefreshAccount(ctx, creditor.ID)
	must(t, err)

	today, err := house.negotiation.Today(ctx)
	must(t, err)
	file := "creditor_ref;invoice_number;issue_date;due_date;currency;amount_incl_vat;amount_paid;debtor_kind;debtor_name;email;postcode;city;country;language;description\n"
	for n := range killRounds {
		file += fmt.Sprintf("CRE-001;K-%02d;%s;%s;EUR;%d,45;0;consumer;Personne %02d;p%02d@example.com;33000;Bordeaux;FR;fr;x\n", n, today.Add(-90), today.Add(-60), 100+n, n, n)
	}
	_, _, err = house.negotiation.Place(ctx, by, negotiation.File{Name: "k.csv", Body: strings.NewReader(file)})
	must(t, err)
	for n := range killRounds {
		found, err := house.negotiation.Find(ctx, by, negotiation.Search{Text: fmt.Sprintf("K-%02d", n)})
		must(t, err)
		if len(found) != 1 {
			t.Fatalf("found %d cases of K-%02d", len(found), n)
		}
		must(t, house.negotiation.RecordFirstLetter(ctx, by, found[0].ID, negotiation.FirstLetter{Reference: "PL-1", SentOn: today.Add(-5), Channel: "post", Proof: "p"}))
		c, err := house.negotiation.Case(ctx, by, found[0].ID)
		must(t, err)
		token, err := house.access.CreateLink(ctx, c.ID, c.MainParty().ID)
		must(t, err)
		v.cases, v.links = append(v.cases, c.ID), append(v.links, v.base+"/l/"+token)
	}
}

func (v *victim) start() {
	v.t.Helper()
	v.process = exec.Command(v.binary, "serve")
	v.process.Env, v.process.Stdout, v.process.Stderr = v.env, &v.output, &v.output
	must(v.t, v.process.Start())
	v.await("the site", func() bool {
		answer, err := http.Get(v.base + "/health/ready")
		if err != nil {
			return false
		}
		defer answer.Body.Close()
		return answer.StatusCode == http.StatusOK
	})
}

func (v *victim) kill() {
	if v.process != nil && v.process.Process != nil {
		_ = v.process.Process.Kill()
		_ = v.process.Wait()
	}
}

func (v *victim) await(what string, done func() bool) {
	v.t.Helper()
	for deadline := time.Now().Add(60 * time.Second); !done(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			v.t.Fatalf("%s did not come within a minute; the program said:\n%s", what, v.output.String())
		}
	}
}

// round lets one debtor pay while the program is killed somewhere on the way,
// then lets them end it, as somebody would who sees the page fail.
func (v *victim) round(n int) {
	v.t.Helper()
	fatal := make(chan struct{})
	go func() {
		defer close(fatal)
		time.Sleep(time.Duration(rand.Int64N(int64(400 * time.Millisecond)))) // the moment is what is under test
		v.kill()
	}()
	_ = v.pay(n)
	<-fatal
	v.start()
	v.await(fmt.Sprintf("the end of payment %d", n), func() bool {
		c, err := v.house.negotiation.Case(v.ctx, negotiation.System, v.cases[n])
		must(v.t, err)
		if c.State == negotiation.CaseCleared {
			return true
		}
		_ = v.pay(n)
		return false
	})
}

var (
	sessionOf = regexp.MustCompile(`/c/pay/(cs_[A-Za-z0-9_]+)`)
	titleOf   = regexp.MustCompile(`<title>[^<]*`)
	// What the review sends back: the sum, of a plan its line, and the text beside the box.
	shownFields = regexp.MustCompile(`name="(shown|line|charges_text)" value="([^"]+)"`)
)

// pay walks the debtor's way from the link to the return page.
func (v *victim) pay(n int) error {
	return payer{base: v.base, link: v.links[n], postcode: "33000", box: v.box}.pay(url.Values{"choice": {"whole"}}, sandbox.Card{Number: "4242424242424242"})
}

// payer is a debtor with a browser and the link of a mail.
type payer struct {
	base, link, postcode string
	box                  *sandbox.Sandbox
}

// pay chooses how much, reads it again, pays on the gateway's page and comes
// back.
func (v payer) pay(choice url.Values, with sandbox.Card) error {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return err
	}
	browser := &http.Client{Jar: jar, Timeout: 10 * time.Second}
	post := func(path string, form url.Values) (string, string, error) {
		answer, err := browser.PostForm(path, form)
		if err != nil {
			return "", "", err
		}
		defer answer.Body.Close()
		body, err := io.ReadAll(answer.Body)
		return answer.Request.URL.String(), string(body), err
	}
	if _, _, err := post(v.link, url.Values{"answer": {v.postcode}}); err != nil {
		return err
	}
	_, body, err := post(v.base+"/case/pay", choice)
	if err != nil {
		return err
	}
	form := maps.Clone(choice)
	for _, shown := range shownFields.FindAllStringSubmatch(body, -1) {
		form.Set(shown[1], shown[2])
	}
	for _, box := range []string{"recognise", "charges"} { // nobody ticks what is not there
		if !strings.Contains(body, `name="`+box+`"`) {
			form.Del(box)
		}
	}
	at, body, err := post(v.base+"/case/payments", form)
	if err != nil {
		return err
	}
	session := sessionOf.FindStringSubmatch(at)
	if session == nil {
		return fmt.Errorf("the review led to %s: %s", at, titleOf.FindString(body))
	}
	result, err := v.box.CompleteCheckout(session[1], with)
	if err != nil {
		return err
	}
	if result.URL == "" {
		return fmt.Errorf("the gateway's page: %s %s", result.State, result.Code)
	}
	// The payer is sent back, also where they had paid before the kill and
	// nobody listened to the webhook: the return page asks Stripe.
	answer, err := browser.Get(result.URL)
	if err != nil {
		return err
	}
	return answer.Body.Close()
}

// settle waits until everything that is on its way has arrived, then compares
// the books.
func (v *victim) settle() {
	t := v.t
	waiting, cancel := context.WithTimeout(v.ctx, time.Minute)
	defer cancel()
	for _, e := range v.box.Events() {
		_ = v.box.Redeliver(e.ID) // what was lost while nobody listened comes again, as from Stripe
	}
	must(t, v.box.Quiesce(waiting))
	v.kill()

	ours := map[string]money.Amount{}
	var made []payments.Payment
	must(t, v.house.db.Read(v.ctx).Find(&made).Error)
	for _, p := range made {
		if p.State == payments.Succeeded {
			ours[p.CaseID] = ours[p.CaseID].Add(p.ReceivedAmount())
		}
	}
	theirs := v.collected()
	for id, sum := range theirs {
		if ours[id] != sum {
			t.Errorf("case %s: Stripe collected %v, we booked %v", id, sum, ours[id])
		}
	}
	if len(theirs) != killRounds || len(ours) != killRounds {
		t.Errorf("%d cases were paid at Stripe, %d with us, of %d", len(theirs), len(ours), killRounds)
	}
	for _, broken := range v.box.Invariants() {
		t.Errorf("the sandbox's books: %+v", broken)
	}
	var report bytes.Buffer
	verify := exec.Command(v.binary, "verify", "--json")
	verify.Env, verify.Stdout, verify.Stderr = v.env, &report, &report
	if err := verify.Run(); err != nil {
		t.Errorf("amiable verify: %v\n%s", err, report.String())
	}
}

// collected asks the sandbox, by Stripe's own interface, what it collected for
// each case.
func (v *victim) collected() map[string]money.Amount {
	v.t.Helper()
	request, err := http.NewRequest(http.MethodGet, v.box.PublicURL()+"/v1/payment_intents?limit=100", nil)
	must(v.t, err)
	request.Header.Set("Authorization", "Bearer sk_test_amiable")
	answer, err := http.DefaultClient.Do(request)
	must(v.t, err)
	defer answer.Body.Close()
	var list struct {
		HasMore bool `json:"has_more"`
		Data    []struct {
			Status         string            `json:"status"`
			AmountReceived int64             `json:"amount_received"`
			Metadata       map[string]string `json:"metadata"`
		} `json:"data"`
	}
	must(v.t, json.NewDecoder(answer.Body).Decode(&list))
	if list.HasMore {
		v.t.Error("more payments than one page holds")
	}
	sums := map[string]money.Amount{}
	for _, p := range list.Data {
		if p.Status == "succeeded" {
			sums[p.Metadata["case_id"]] = sums[p.Metadata["case_id"]].Add(money.Euros(p.AmountReceived))
		}
	}
	return sums
}
