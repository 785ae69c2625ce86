package portal_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/mail"
	"net/url"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/net/html"

	"amiable/negotiation"
	"amiable/negotiation/database"
	"amiable/negotiation/database/databasetest"
	"amiable/negotiation/money"
	"amiable/payments"
	"amiable/payments/stripe"
	"amiable/payments/stripe/sandbox"
	"amiable/portal"
	"amiable/portal/access"
	"amiable/portal/casefile"
	"amiable/portal/outreach"
	"amiable/portal/store"
)

var migrations = []database.Migrations{negotiation.Migrations, payments.Migrations, access.Migrations}

var admin = negotiation.Actor{Role: negotiation.RoleAdministrator, ID: "test-admin", Name: "Nadia Ferrand"}

// site is the whole product on one database, with the Stripe sandbox on a
// host of its own, as in production.
type site struct {
	t           *testing.T
	ctx         context.Context
	db          *database.DB
	negotiation *negotiation.Service
	payments    *payments.Service
	access      *access.Service
	outreach    *outreach.Outreach
	outbox      *outreach.Outbox
	server      *portal.Server
	files       portal.Files
	stripe      *sandbox.Sandbox
	base        string
	stripeURL   string
	log         *bytes.Buffer
	creditor    *negotiation.Creditor
	ahead       atomic.Int64 // by how much the wall clock is ahead, as a time.Duration
}

func each(t *testing.T, test func(t *testing.T, s *site)) {
	databasetest.Each(t, migrations, func(t *testing.T, db *database.DB) { test(t, newSite(t, db)) })
}

// start is when these tests play: a Monday morning in Paris.
var start = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

func newSite(t *testing.T, db *database.DB) *site {
	t.Helper()
	s := bareSite(t, db)
	s.found()
	return s
}

// bareSite is the product as installed: no agency, no creditor, nobody.
func bareSite(t *testing.T, db *database.DB) *site {
	t.Helper()
	s := &site{t: t, ctx: context.Background(), db: db, log: &bytes.Buffer{}}
	portalListener, stripeListener := listen(t), listen(t)
	s.base = "http://127.0.0.1:" + port(portalListener)
	s.stripeURL = "http://localhost:" + port(stripeListener)

	clock := negotiation.RowClock{DB: db}
	s.must(clock.Set(s.ctx, start))
	s.stripe = sandbox.New(sandbox.Options{Seed: 7, PublicURL: s.stripeURL, Now: func() time.Time {
		now, err := clock.Now(s.ctx)
		if err != nil {
			return start
		}
		return now
	}})
	_, secret := s.stripe.AddEndpoint(sandbox.Endpoint{URL: s.base + "/webhooks/stripe"})
	_, connectSecret := s.stripe.AddEndpoint(sandbox.Endpoint{URL: s.base + "/webhooks/stripe", Connect: true})
	serve(t, stripeListener, s.stripe.Handler())

	gateway, err := stripe.New(stripe.Config{Key: "sk_test_amiable", WebhookSecrets: []string{secret, connectSecret}, BaseURL: s.stripeURL, OwnSandbox: true})
	s.must(err)
	s.negotiation = negotiation.New(db, clock)
	s.payments = payments.New(s.negotiation, gateway, s.base, false)
	s.access, err = access.New(s.negotiation, access.Config{Keys: access.Keys{Secret: []byte("a secret of the tests, long enough to be one")}, BaseURL: s.base, WallNow: s.wall})
	s.must(err)
	s.outbox, err = outreach.NewOutbox(filepath.Join(t.TempDir(), "outbox"))
	s.must(err)
	s.outreach, err = outreach.New(s.negotiation, outreach.Config{
		Mailer: s.outbox, Links: s.access, BaseURL: s.base, From: mail.Address{Address: "bonjour@aubrelle.example"}, Log: slog.New(slog.DiscardHandler),
	})
	s.must(err)
	s.files = portal.Files{Store: store.Folder{Path: filepath.Join(t.TempDir(), "files")}, DB: db}
	keys, err := casefile.ParseKeys("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", nil)
	s.must(err)
	s.server, err = portal.New(portal.Config{
		BaseURL: s.base, PaymentsURL: s.stripeURL, Banner: "sandbox", Log: slog.New(slog.NewTextHandler(s.log, nil)),
		Files:    s.files,
		SealKeys: keys,
	}, s.negotiation, s.payments, s.access)
	s.must(err)
	serve(t, portalListener, s.server)
	return s
}

func listen(t *testing.T) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func port(l net.Listener) string {
	_, port, _ := net.SplitHostPort(l.Addr().String())
	return port
}

func serve(t *testing.T, l net.Listener, h http.Handler) {
	server := &httptest.Server{Listener: l, Config: &http.Server{Handler: h}}
	server.Start()
	t.Cleanup(server.Close)
}

func (s *site) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// found sets up an agency with one creditor whose account takes cards.
func (s *site) found() {
	_, err := s.negotiation.FoundAgency(s.ctx, admin, negotiation.Agency{
		Name: "Agence Aubrelle", CollectorKind: negotiation.ThirdParty, City: "Bordeaux", Phone: "0536491230", Email: "agence@aubrelle.example", AgentName: "Nadia Ferrand",
	})
	s.must(err)
	for _, kind := range negotiation.PaperKinds {
		_, err := s.negotiation.FilePaper(s.ctx, admin, negotiation.Paper{Kind: kind, Reference: "papier " + string(kind), ValidFrom: "2024-01-01", ValidUntil: "2030-12-31"})
		s.must(err)
	}
	part := int64(20_00)
	s.creditor = s.addCreditor("CRE-001", "Atelier Boréal SARL", &part)
	s.enable(s.creditor)
}

func (s *site) addCreditor(reference, name string, part *int64) *negotiation.Creditor {
	s.t.Helper()
	c, err := s.negotiation.AddCreditor(s.ctx, admin, negotiation.Creditor{
		Reference: reference, Name: name, SIREN: "010185650", Email: "compta@boreal.example.com", PartPaymentMinimum: part,
	})
	s.must(err)
	_, err = s.negotiation.SignMandate(s.ctx, admin, negotiation.Mandate{
		CreditorID: c.ID, Reference: "MDT-1", SignedOn: "2024-01-02", Scope: "Toutes les factures", Proof: "papier",
		FeeBasisPoints: 1000, VATBasisPoints: 2000, FeeWithheld: true, RestWaivedBelow: 100, InterestWaivedInPlans: true,
	})
	s.must(err)
	return c
}

// pay pays on the gateway's page with a test card.
func (v *visitor) pay(card string) *visitor {
	v.t.Helper()
	return v.submit("#form", "number", card, "expiry", "12 / 34", "cvc", "123", "name", "Claire Vasseur")
}

// enable opens the creditor's account at Stripe, as the creditor would.
func (s *site) enable(c *negotiation.Creditor) {
	s.t.Helper()
	by := negotiation.Actor{Role: negotiation.RoleCreditor, ID: "user", CreditorID: c.ID}
	_, err := s.payments.OpenAccount(s.ctx, by, c.ID, "/creditor/connect")
	s.must(err)
	account, err := s.payments.AccountOf(s.ctx, c.ID)
	s.must(err)
	s.must(s.stripe.CompleteOnboarding(account.AccountID))
	_, err = s.payments.RefreshAccount(s.ctx, c.ID)
	s.must(err)
}

const header = "creditor_ref,invoice_number,issue_date,due_date,currency,amount_incl_vat,amount_paid,debtor_kind,debtor_name,siren,vat_number,contact_name,email,phone,street,postcode,city,country,language,contract_rate_percent,mandate_ref,description\n"

// openCase places one claim and records its first letter.
func (s *site) openCase(line string) *negotiation.Case {
	s.t.Helper()
	var refused bytes.Buffer
	p, _, err := s.negotiation.Place(s.ctx, admin, negotiation.File{Name: "claims.csv", Body: strings.NewReader(header + line + "\n"), Refused: &refused})
	s.must(err)
	if p.Refused+p.Known > 0 {
		s.t.Fatalf("refused: %s", refused.String())
	}
	invoice := strings.Split(line, ",")[1]
	id := s.ofInvoice(invoice)
	s.must(s.negotiation.RecordFirstLetter(s.ctx, admin, id, negotiation.FirstLetter{Reference: "PL-2026-0412", SentOn: "2026-11-06", Channel: "post", Proof: "bordereau 12"}))
	return s.load(id)
}

// vasseur is a consumer's claim, with a part paid before.
const vasseur = "CRE-001,2026-0318,2026-03-03,2026-04-02,EUR,1827.60,600.00,consumer,Claire Vasseur,,,Mme Claire Vasseur,claire.vasseur@example.test,0639980001,4 rue des Lilas,33000,Bordeaux,FR,fr,,MDT-1,la verrière intérieure posée le 3 mars 2026"

// garage is a firm's claim.
const garage = "CRE-001,2026-0400,2026-03-31,2026-04-30,EUR,10000.00,0,business,Garage du Port SCOP,031093149,,,compta@garage.example.test,,1 quai du Port,33000,Bordeaux,FR,fr,,MDT-1,Réparation"

func (s *site) load(id string) *negotiation.Case {
	s.t.Helper()
	c, err := s.negotiation.Case(s.ctx, admin, id)
	s.must(err)
	return c
}

// mailTo delivers what is due and returns the newest mail to an address.
func (s *site) mailTo(address string) *outreach.Mail {
	s.t.Helper()
	if _, err := s.outreach.DeliverDue(s.ctx, 100); err != nil {
		s.t.Fatal(err)
	}
	mails, err := s.outbox.List(100)
	s.must(err)
	for i := range mails {
		if strings.Contains(mails[i].To, address) {
			m, err := s.outbox.Get(mails[i].ID)
			s.must(err)
			return m
		}
	}
	return nil
}

// linkTo sends the debtor of a case a link and returns it out of the mail.
func (s *site) linkTo(c *negotiation.Case, address string) string {
	s.t.Helper()
	_, err := s.negotiation.SendLink(s.ctx, admin, c.ID, c.MainParty().ID)
	s.must(err)
	m := s.mailTo(address)
	if m == nil {
		s.t.Fatal("no mail came")
	}
	for _, link := range m.Links {
		if strings.HasPrefix(link, s.base+"/l/") && !strings.HasSuffix(link, "/not-me") {
			return link
		}
	}
	s.t.Fatalf("no link in %q", m.Text)
	return ""
}

func (s *site) verify() {
	s.t.Helper()
	invariants, err := s.negotiation.Verify(s.ctx)
	s.must(err)
	for _, i := range invariants {
		for _, b := range i.Breaks {
			s.t.Errorf("%s: %s", i.Name, b)
		}
	}
	for _, v := range s.stripe.Invariants() {
		s.t.Errorf("the sandbox's books: %+v", v)
	}
}

// visitor is a browser without script: it keeps cookies, follows redirects and
// fills in forms.
type visitor struct {
	t      *testing.T
	client *http.Client
	status int
	at     *url.URL
	body   string
	head   http.Header
	doc    *html.Node
}

func newVisitor(s *site) *visitor {
	jar, err := cookiejar.New(nil)
	s.must(err)
	return &visitor{t: s.t, client: &http.Client{Jar: jar, Timeout: 30 * time.Second}}
}

func (v *visitor) do(r *http.Request) *visitor {
	v.t.Helper()
	r.Header.Set("Accept-Language", "fr")
	response, err := v.client.Do(r)
	if err != nil {
		v.t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		v.t.Fatal(err)
	}
	v.status, v.at, v.body, v.head = response.StatusCode, response.Request.URL, string(body), response.Header
	if v.doc, err = html.Parse(strings.NewReader(v.body)); err != nil {
		v.t.Fatal(err)
	}
	return v
}

func (v *visitor) get(address string) *visitor {
	v.t.Helper()
	r, err := http.NewRequest(http.MethodGet, v.absolute(address), nil)
	if err != nil {
		v.t.Fatal(err)
	}
	return v.do(r)
}

func (v *visitor) post(address string, form url.Values) *visitor {
	v.t.Helper()
	r, err := http.NewRequest(http.MethodPost, v.absolute(address), strings.NewReader(form.Encode()))
	if err != nil {
		v.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return v.do(r)
}

func (v *visitor) absolute(address string) string {
	if v.at == nil || strings.HasPrefix(address, "http") {
		return address
	}
	u, err := v.at.Parse(address)
	if err != nil {
		v.t.Fatal(err)
	}
	return u.String()
}

// submit sends the first form whose action holds a text, with what stands in
// it and the values given (name, value, …).
func (v *visitor) submit(action string, values ...string) *visitor {
	v.t.Helper()
	var form *html.Node
	walk(v.doc, func(n *html.Node) {
		if form == nil && n.Data == "form" && strings.EqualFold(attribute(n, "method"), "post") && (strings.Contains(attribute(n, "action"), action) || "#"+attribute(n, "id") == action) {
			form = n
		}
	})
	if form == nil {
		v.t.Fatalf("no form to %q on %s (status %d):\n%s", action, v.at, v.status, v.text())
	}
	sent := url.Values{}
	walk(form, func(n *html.Node) {
		name := attribute(n, "name")
		switch n.Data {
		case "input":
			kind := attribute(n, "type")
			if name != "" && kind != "submit" && kind != "file" && ((kind != "radio" && kind != "checkbox") || has(n, "checked")) {
				sent.Set(name, attribute(n, "value"))
			}
		case "textarea":
			if n.FirstChild != nil {
				sent.Set(name, n.FirstChild.Data)
			}
		case "select":
			walk(n, func(o *html.Node) {
				if o.Data == "option" && (has(o, "selected") || sent.Get(name) == "") {
					sent.Set(name, attribute(o, "value"))
				}
			})
		}
	})
	for i := 0; i+1 < len(values); i += 2 {
		sent.Set(values[i], values[i+1])
	}
	target := attribute(form, "action")
	if target == "" {
		target = v.at.String()
	}
	return v.post(target, sent)
}

func walk(n *html.Node, visit func(*html.Node)) {
	visit(n)
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		walk(c, visit)
	}
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func has(n *html.Node, name string) bool {
	for _, a := range n.Attr {
		if a.Key == name {
			return true
		}
	}
	return false
}

// text is what a reader sees, with plain spaces.
func (v *visitor) text() string {
	var out strings.Builder
	walk(v.doc, func(n *html.Node) {
		if n.Type == html.TextNode && n.Parent != nil && n.Parent.Data != "style" && n.Parent.Data != "script" {
			out.WriteString(n.Data + " ")
		}
	})
	plain := strings.NewReplacer("\u00a0", " ", "\u202f", " ").Replace(out.String())
	return strings.Join(strings.Fields(plain), " ")
}

func (v *visitor) sees(texts ...string) *visitor {
	v.t.Helper()
	for _, text := range texts {
		if !strings.Contains(v.text(), text) {
			v.t.Errorf("%s (status %d) does not say %q:\n%s", v.at.Path, v.status, text, v.text())
		}
	}
	return v
}

func (v *visitor) seesNot(texts ...string) *visitor {
	v.t.Helper()
	for _, text := range texts {
		if strings.Contains(v.text(), text) {
			v.t.Errorf("%s says %q", v.at.Path, text)
		}
	}
	return v
}

func (v *visitor) answered(status int) *visitor {
	v.t.Helper()
	if v.status != status {
		v.t.Fatalf("%s answered %d, not %d:\n%s", v.at, v.status, status, v.text())
	}
	return v
}

func euros(cents int64) money.Amount { return money.Euros(cents) }

// wall is the time that sessions and authenticators go by: the real one, moved
// ahead by who waits in a story.
func (s *site) wall() time.Time { return database.Now().Add(time.Duration(s.ahead.Load())) }

// wait lets time pass at the door.
func (s *site) wait(d time.Duration) { s.ahead.Add(int64(d)) }
