package payments_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"amiable/negotiation"
	"amiable/negotiation/database"
	"amiable/negotiation/database/databasetest"
	"amiable/negotiation/ledger"
	"amiable/negotiation/money"
	"amiable/payments"
)

// counter is a gateway in memory whose answers the test writes. Its
// notifications are JSON of our own words.
type counter struct {
	payments.MoneyBack // of which it knows nothing
	payments.Transfers
	sync.Mutex
	pages   map[string]*payments.Fact // by session id
	keys    map[string]string         // key → session id
	down    error                     // of every call, if set
	loses   bool                      // the answer to the next page is lost on its way
	refuses bool                      // pages that it has not opened yet
	expired []string
}

var _ payments.Gateway = (*counter)(nil)

func (g *counter) StartCheckout(_ context.Context, c payments.Checkout) (payments.Session, error) {
	g.Lock()
	defer g.Unlock()
	if g.down != nil {
		return payments.Session{}, g.down
	}
	id, known := g.keys[c.Key]
	if !known {
		if g.refuses {
			return payments.Session{}, fmt.Errorf("%w: it ends too soon", payments.ErrRefused)
		}
		id = fmt.Sprintf("cs_%d", len(g.keys)+1)
		g.keys[c.Key] = id
		g.pages[id] = &payments.Fact{PaymentID: c.PaymentID, CaseID: c.CaseID, SessionID: id, IntentID: "pi_" + id, Progress: payments.InProgress}
	}
	if g.loses {
		g.loses = false
		return payments.Session{}, payments.ErrUnavailable
	}
	return payments.Session{ID: id, URL: "https://pay.example/" + id, ExpiresAt: c.ExpiresAt}, nil
}

func (g *counter) ExpireCheckout(_ context.Context, id string) error {
	g.Lock()
	defer g.Unlock()
	if g.down != nil {
		return g.down
	}
	if page := g.pages[id]; page.Over && page.Progress != payments.Expired {
		return payments.ErrCompleted
	}
	g.pages[id].Progress, g.pages[id].Over = payments.Expired, true
	g.expired = append(g.expired, id)
	return nil
}

func (g *counter) FetchCheckout(_ context.Context, id string) (payments.Fact, error) {
	g.Lock()
	defer g.Unlock()
	if g.down != nil {
		return payments.Fact{}, g.down
	}
	return *g.pages[id], nil
}

func (g *counter) FetchPayment(context.Context, string) (payments.Fact, error) {
	return payments.Fact{}, payments.ErrUnavailable
}

func (g *counter) KeepCustomer(_ context.Context, c payments.Customer) (string, error) {
	return "cus_" + c.PartyID, g.down
}

func (g *counter) StartCardPage(context.Context, payments.CardPage) (payments.Session, error) {
	return payments.Session{}, payments.ErrUnavailable
}

func (g *counter) FetchCardPage(context.Context, string) (payments.CardFact, error) {
	return payments.CardFact{}, payments.ErrUnavailable
}

func (g *counter) FetchCard(context.Context, string) (payments.Card, error) {
	return payments.Card{}, payments.ErrUnavailable
}

func (g *counter) FetchMandate(context.Context, string) (payments.Mandate, error) {
	return payments.Mandate{}, payments.ErrUnavailable
}

func (g *counter) ForgetCard(context.Context, string) error { return payments.ErrUnavailable }

func (g *counter) ChargeCard(context.Context, payments.Charge) (payments.Fact, error) {
	return payments.Fact{}, payments.ErrUnavailable
}

func (g *counter) FindPayment(context.Context, string, string) (payments.Fact, error) {
	return payments.Fact{}, payments.ErrUnavailable
}

func (g *counter) CancelPayment(context.Context, string) error { return payments.ErrUnavailable }

func (g *counter) OpenAccount(context.Context, string, *negotiation.Creditor) (payments.AccountFact, error) {
	return payments.AccountFact{}, payments.ErrUnavailable
}

func (g *counter) OnboardingLink(context.Context, string, string, string) (string, error) {
	return "", payments.ErrUnavailable
}

func (g *counter) FetchAccount(_ context.Context, id string) (payments.AccountFact, error) {
	return payments.AccountFact{AccountID: id, ChargesEnabled: true, PayoutsEnabled: true, DetailsSubmitted: true}, nil
}

func (g *counter) ReadNotification(body []byte, _ string) (payments.Notification, error) {
	return g.RereadNotification(body)
}

func (g *counter) RereadNotification(body []byte) (n payments.Notification, err error) {
	return n, json.Unmarshal(body, &n)
}

// till is an open case of a consumer who owes 250.00, whose creditor takes
// cards, and the counter at which it is paid.
type till struct {
	*payments.Service
	t      *testing.T
	ctx    context.Context
	n      *negotiation.Service
	g      *counter
	now    *time.Time
	caseID string
	debtor negotiation.Actor
	agent  negotiation.Actor
	told   int
}

// Now makes the till its own clock.
func (w *till) Now(context.Context) (time.Time, error) { return *w.now, nil }

func newTill(t *testing.T) *till {
	t.Helper()
	return newTillOn(t, databasetest.SQLite(t, negotiation.Migrations, payments.Migrations))
}

func newTillOn(t *testing.T, db *database.DB) *till {
	t.Helper()
	now := time.Date(2026, 8, 31, 10, 0, 0, 0, time.UTC)
	w := &till{
		t: t, ctx: context.Background(), now: &now, g: &counter{pages: map[string]*payments.Fact{}, keys: map[string]string{}},
		agent: negotiation.Actor{Role: negotiation.RoleAdministrator, ID: "test", Name: "Nadia Ferrand"},
	}
	w.n = negotiation.New(db, w)
	w.Service = payments.New(w.n, w.g, "https://portal.example", false)
	_, err := w.n.FoundAgency(w.ctx, w.agent, negotiation.Agency{Name: "Agence Aubrelle", CollectorKind: negotiation.InHouse, Email: "agence@example.test"})
	w.must(err)
	least := int64(1000)
	c, err := w.n.AddCreditor(w.ctx, w.agent, negotiation.Creditor{Reference: "CRE-001", Name: "Atelier Boréal SARL", SIREN: "010185650", Email: "compta@boreal.example.com", PartPaymentMinimum: &least})
	w.must(err)
	_, err = w.n.SignMandate(w.ctx, w.agent, negotiation.Mandate{
		CreditorID: c.ID, Reference: "MDT-001", SignedOn: "2024-01-02", Scope: "Tout", Proof: "signed-1", FeeBasisPoints: 1000, VATBasisPoints: 2000, FeeWithheld: true, RestWaivedBelow: 100, InterestWaivedInPlans: true,
	})
	w.must(err)
	_, err = w.NameAccount(w.ctx, w.agent, c.ID, "acct_1")
	w.must(err)
	w.place("F-1", "Claire Vasseur", "claire@example.test")
	found, err := w.n.Find(w.ctx, w.agent, negotiation.Search{Text: "vasseur"})
	w.must(err)
	w.caseID = found[0].ID
	w.must(w.n.RecordFirstLetter(w.ctx, w.agent, w.caseID, negotiation.FirstLetter{Reference: "PL-1", SentOn: "2026-05-10", Channel: "post", Proof: "LA-1"}))
	w.debtor = negotiation.Actor{Role: negotiation.RoleDebtor, ID: w.file().MainParty().ID, CaseID: w.caseID}
	return w
}

// place hands a claim over.
func (w *till) place(invoice, debtor, email string) {
	w.t.Helper()
	_, _, err := w.n.Place(w.ctx, w.agent, negotiation.File{Name: "claims.csv", Body: strings.NewReader(
		"creditor_ref,invoice_number,issue_date,due_date,currency,amount_incl_vat,amount_paid,debtor_kind,debtor_name,siren,vat_number,contact_name,email,phone,street,postcode,city,country,language,contract_rate_percent,mandate_ref,description\n" +
			"CRE-001," + invoice + ",2026-03-31,2026-04-30,EUR,250.00,0,consumer," + debtor + ",,,," + email + ",,2 rue B,31000,Toulouse,FR,fr,,MDT-001,Trois\n")})
	w.must(err)
}

func (w *till) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *till) file() *negotiation.Case {
	w.t.Helper()
	c, err := w.n.Case(w.ctx, w.agent, w.caseID)
	w.must(err)
	return c
}

// start opens the page for the whole, or for a part, and returns its payment.
func (w *till) start(part int64) *payments.Payment {
	w.t.Helper()
	_, err := w.Start(w.ctx, w.debtor, w.caseID, payments.Order{Amount: w.sum(part), Recognition: "text"})
	w.must(err)
	return w.last()
}

func (w *till) sum(part int64) money.Amount {
	if part == 0 {
		return money.Amount{}
	}
	return money.Euros(part)
}

func (w *till) last() *payments.Payment {
	w.t.Helper()
	made, err := w.OfCase(w.ctx, w.caseID)
	w.must(err)
	return &made[len(made)-1]
}

func (w *till) state(id string) payments.State {
	w.t.Helper()
	made, err := w.OfCase(w.ctx, w.caseID)
	w.must(err)
	for _, p := range made {
		if p.ID == id {
			return p.State
		}
	}
	return ""
}

// hears lets the gateway tell of a payment.
func (w *till) hears(p *payments.Payment, f payments.Fact) {
	w.t.Helper()
	f.PaymentID = p.ID
	if w.told%2 == 0 { // what we started names its case as well
		f.CaseID = p.CaseID
	}
	if f.Progress == payments.Collected && f.Amount.IsZero() {
		f.Amount = p.Asked()
	}
	w.told++
	w.notified(payments.Notification{ID: fmt.Sprintf("evt_%d", w.told), Type: string(f.Progress), Created: *w.now, Payment: &f})
}

func (w *till) notified(n payments.Notification) {
	w.t.Helper()
	body, err := json.Marshal(n)
	w.must(err)
	for range 2 { // every delivery can come twice
		w.must(w.Receive(w.ctx, body, ""))
	}
}

func (w *till) later(d time.Duration) { *w.now = w.now.Add(d) }

// holds asks every invariant of both packages.
func (w *till) holds() {
	w.t.Helper()
	ours, err := w.Verify(w.ctx)
	w.must(err)
	theirs, err := w.n.Verify(w.ctx)
	w.must(err)
	for _, i := range append(ours, theirs...) {
		for _, b := range i.Breaks {
			w.t.Errorf("%s: %s", i.Name, b)
		}
	}
}

func (w *till) clearing() int64 {
	sum := int64(0)
	for _, p := range w.file().Postings() {
		for _, e := range p.Entries {
			if e.Account == ledger.Clearing {
				sum += e.Amount
			}
		}
	}
	return sum
}

func (g *counter) FetchPayout(context.Context, string, string) (payments.PayoutFact, error) {
	return payments.PayoutFact{}, payments.ErrUnavailable
}

func (g *counter) PayoutRows(context.Context, string, string, string) ([]payments.PayoutRowFact, bool, error) {
	return nil, false, payments.ErrUnavailable
}

func (g *counter) RecentPayouts(context.Context, string, time.Time) ([]payments.PayoutFact, error) {
	return nil, payments.ErrUnavailable
}

func (g *counter) Movements(context.Context, string, time.Time, time.Time, string) ([]payments.PayoutRowFact, string, error) {
	return nil, "", payments.ErrUnavailable
}

func (g *counter) BalanceOf(context.Context, string, money.Currency) (money.Amount, error) {
	return money.Amount{}, payments.ErrUnavailable
}
