package access

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"amiable/negotiation"
	"amiable/negotiation/database"
	"amiable/negotiation/database/databasetest"
)

var migrations = []database.Migrations{negotiation.Migrations, Migrations}

var administrator = negotiation.Actor{Role: negotiation.RoleAdministrator, ID: "test-admin", Name: "Nadia Ferrand"}

const home = "192.0.2.7"

// hand is a clock that the test moves.
type hand struct {
	mu sync.Mutex
	at time.Time
}

func (h *hand) Now(context.Context) (time.Time, error) { return h.now(), nil }

func (h *hand) now() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.at
}

func (h *hand) forward(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.at = h.at.Add(d)
}

// world is an agency with one creditor, and a door with two clocks.
type world struct {
	*Service
	t             *testing.T
	ctx           context.Context
	product, wall *hand
	creditor      *negotiation.Creditor
	placed        int
}

func each(t *testing.T, test func(t *testing.T, w *world)) {
	t.Helper()
	databasetest.Each(t, migrations, func(t *testing.T, db *database.DB) { test(t, newWorld(t, db)) })
}

func newWorld(t *testing.T, db *database.DB) *world {
	t.Helper()
	w := &world{t: t, ctx: context.Background(),
		product: &hand{at: time.Date(2026, 8, 31, 10, 0, 0, 0, time.UTC)}, wall: &hand{at: time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)}}
	n := negotiation.New(db, w.product)
	var err error
	w.Service, err = New(n, Config{Keys: Keys{Secret: []byte(strings.Repeat("k", 32))}, BaseURL: "http://127.0.0.1:8080", WallNow: w.wall.now})
	w.must(err)
	_, err = n.FoundAgency(w.ctx, administrator, negotiation.Agency{Name: "Agence Aubrelle", CollectorKind: negotiation.ThirdParty, Email: "agence@example.test"})
	w.must(err)
	for _, kind := range negotiation.PaperKinds {
		_, err := n.FilePaper(w.ctx, administrator, negotiation.Paper{Kind: kind, Reference: "P-" + string(kind), ValidFrom: "2020-01-01", ValidUntil: "2030-12-31"})
		w.must(err)
	}
	w.creditor, err = n.AddCreditor(w.ctx, administrator, negotiation.Creditor{Reference: "CRE-001", Name: "Atelier Boréal SARL", SIREN: "010185650", Email: "compta@boreal.example.com"})
	w.must(err)
	_, err = n.SignMandate(w.ctx, administrator, negotiation.Mandate{CreditorID: w.creditor.ID, Reference: "MDT-001", SignedOn: "2024-01-02", Scope: "Toutes les factures", Proof: "signed-1", VATBasisPoints: 2000})
	w.must(err)
	return w
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// refused fails unless err is the refusal with a code.
func (w *world) refused(err error, code string) *negotiation.Refusal {
	w.t.Helper()
	r := negotiation.AsRefusal(err)
	if r == nil || r.Code != code {
		w.t.Fatalf("got %v, want the refusal %s", err, code)
	}
	return r
}

func (w *world) checks(by negotiation.SecondCheck) {
	w.t.Helper()
	w.creditor.SecondCheck = by
	w.must(w.negotiation.ChangeCreditor(w.ctx, administrator, *w.creditor))
}

const header = "creditor_ref,invoice_number,issue_date,due_date,currency,amount_incl_vat,amount_paid,debtor_kind,debtor_name,siren,vat_number,contact_name,email,phone,street,postcode,city,country,language,contract_rate_percent,mandate_ref,description\n"

// debtor is a party of an open case.
type debtor struct {
	caseID, partyID, email, invoice string
}

// openCase opens the case of a consumer in 33000 Bordeaux, invoice FA-2026/n.
func (w *world) openCase() debtor {
	w.t.Helper()
	w.placed++
	n := string(rune('a' + w.placed - 1))
	d := debtor{email: "chloe." + n + "@example.test", invoice: "FA-2026/00" + n}
	line := "CRE-001," + d.invoice + ",2026-03-31,2026-04-30,EUR,250.00,0,consumer,Chloé Test " + n + ",,,," + d.email + ",,1 rue du Port,33 000,Bordeaux,FR,fr,,MDT-001,Réparation\n"
	var refused strings.Builder
	p, _, err := w.negotiation.Place(w.ctx, administrator, negotiation.File{Name: "claims.csv", Body: strings.NewReader(header + line), Refused: &refused})
	w.must(err)
	if p.Refused > 0 {
		w.t.Fatal(refused.String())
	}
	found, err := w.negotiation.Find(w.ctx, administrator, negotiation.Search{Text: d.invoice})
	w.must(err)
	if len(found) != 1 {
		w.t.Fatalf("found %d cases", len(found))
	}
	d.caseID = found[0].ID
	w.must(w.negotiation.RecordFirstLetter(w.ctx, administrator, d.caseID, negotiation.FirstLetter{Reference: "PL-" + n, SentOn: "2026-05-10", Channel: "post", Proof: "LA-" + n}))
	d.partyID = w.load(d).MainParty().ID
	return d
}

func (w *world) load(d debtor) *negotiation.Case {
	w.t.Helper()
	c, err := w.negotiation.Case(w.ctx, administrator, d.caseID)
	w.must(err)
	return c
}

func (w *world) link(d debtor) string {
	w.t.Helper()
	token, err := w.CreateLink(w.ctx, d.caseID, d.partyID)
	w.must(err)
	return token
}

// wrong gives n wrong answers.
func (w *world) wrong(token string, n int) (last error) {
	w.t.Helper()
	for range n {
		_, last = w.CheckLink(w.ctx, token, "99999", home)
		if last == nil {
			w.t.Fatal("a wrong answer opened the door")
		}
	}
	return last
}

// mailed plays outreach: it makes the code of the newest code letter that is
// due, and sends the letter.
func (w *world) mailed(d debtor) string {
	w.t.Helper()
	letter := w.lastLetter(negotiation.LetterCode)
	code, err := w.NewCode(w.ctx, letter)
	w.must(err)
	w.must(w.negotiation.LetterSent(w.ctx, letter.ID, d.email))
	return code
}

func (w *world) lastLetter(kind negotiation.LetterKind) *negotiation.Letter {
	w.t.Helper()
	letters := w.letters(kind)
	if len(letters) == 0 {
		w.t.Fatalf("no letter of kind %s is due", kind)
	}
	return &letters[len(letters)-1]
}

func (w *world) letters(kind negotiation.LetterKind) []negotiation.Letter {
	w.t.Helper()
	var letters []negotiation.Letter
	w.must(w.db.Read(w.ctx).Where("kind = ? AND state = 'due'", kind).Order("id").Find(&letters).Error)
	return letters
}

func (w *world) events(d debtor, kind negotiation.EventKind) int {
	w.t.Helper()
	events, err := w.negotiation.Events(w.ctx, d.caseID)
	w.must(err)
	n := 0
	for _, e := range events {
		if e.Kind == kind {
			n++
		}
	}
	return n
}

// rows counts everything that is stored, so that a test can say "nothing".
func (w *world) rows() map[string]int64 {
	w.t.Helper()
	counts := map[string]int64{}
	for _, table := range []string{"links", "pay_links", "link_codes", "users", "user_tokens", "sessions", "parked_forms", "access_requests", "rate_counters", "events", "letters", "holds"} {
		var n int64
		w.must(w.db.Read(w.ctx).Table(table).Count(&n).Error)
		counts[table] = n
	}
	return counts
}

// browser keeps cookies between requests.
type browser struct {
	w       *world
	cookies map[string]string
}

func (w *world) browser() *browser { return &browser{w, map[string]string{}} }

func (b *browser) request() *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/", nil)
	for name, value := range b.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	return r
}

func (b *browser) take(rec *httptest.ResponseRecorder) []*http.Cookie {
	set := rec.Result().Cookies()
	for _, c := range set {
		if c.MaxAge < 0 {
			delete(b.cookies, c.Name)
		} else {
			b.cookies[c.Name] = c.Value
		}
	}
	return set
}

func (b *browser) begin(v Visit) []*http.Cookie {
	b.w.t.Helper()
	rec := httptest.NewRecorder()
	b.w.must(b.w.Begin(rec, b.request(), v))
	return b.take(rec)
}

func (b *browser) end(door Door) {
	b.w.t.Helper()
	rec := httptest.NewRecorder()
	b.w.must(b.w.End(rec, b.request(), door))
	b.take(rec)
}

func (b *browser) visit(door Door) *Visit {
	b.w.t.Helper()
	v, err := b.w.Visit(b.request(), door)
	b.w.must(err)
	return v
}

func (d debtor) visit(w *world) Visit {
	w.t.Helper()
	links, err := w.LinksOfCase(w.ctx, administrator, d.caseID)
	w.must(err)
	return Visit{Kind: KindDebtor, SubjectID: d.partyID, CaseID: d.caseID, LinkID: links[0].ID, Name: "Chloé Test"}
}

const goodPassword = "trois petits pas"

// user invites somebody and accepts for them.
func (w *world) user(i Invitation) *User {
	w.t.Helper()
	_, err := w.Invite(w.ctx, administrator, i)
	w.must(err)
	u, err := w.AcceptInvitation(w.ctx, w.invitation(), "Camille Roussel", goodPassword)
	w.must(err)
	return u
}

// invitation plays outreach: the token of the newest invitation's letter.
func (w *world) invitation() string {
	w.t.Helper()
	token, err := w.InvitationToken(w.ctx, w.lastLetter(negotiation.LetterInvitation))
	w.must(err)
	return token
}

func (w *world) agent() *User {
	w.t.Helper()
	return w.user(Invitation{Email: "camille@agence.example.test", Role: negotiation.RoleAgent})
}

// together runs n calls at once and returns their errors.
func together(n int, do func(i int) error) []error {
	start := make(chan struct{})
	errs := make([]error, n)
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() {
			<-start
			for {
				errs[i] = do(i)
				if !errors.Is(errs[i], database.ErrBusy) {
					return
				}
			}
		})
	}
	close(start)
	all.Wait()
	return errs
}

func form(pairs ...string) url.Values {
	v := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		v.Set(pairs[i], pairs[i+1])
	}
	return v
}
