package outreach

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/mail"
	"strings"
	"sync"
	"testing"
	"time"

	"amiable/negotiation"
	"amiable/negotiation/database"
	"amiable/negotiation/database/databasetest"
)

var administrator = negotiation.Actor{Role: negotiation.RoleAdministrator, ID: "test-admin", Name: "Nadia Ferrand"}

// hand is a clock that the test moves.
type hand struct{ at time.Time }

func (h *hand) Now(context.Context) (time.Time, error) { return h.at, nil }

// fakeLinks makes tokens that say what they are for, and counts them.
type fakeLinks struct {
	mu   sync.Mutex
	made int
	err  error
}

func (f *fakeLinks) next(what string) (string, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.made++
	return fmt.Sprintf("%s-token-%d", what, f.made), f.err
}

func (f *fakeLinks) CreateLink(context.Context, string, string) (string, error) {
	return f.next("link")
}
func (f *fakeLinks) NewCode(context.Context, *negotiation.Letter) (string, error) {
	f.made++
	return "482913", f.err
}
func (f *fakeLinks) InvitationToken(context.Context, *negotiation.Letter) (string, error) {
	return f.next("invitation")
}
func (f *fakeLinks) ResetToken(context.Context, *negotiation.Letter) (string, error) {
	return f.next("reset")
}

func (f *fakeLinks) LetterCodes(_ context.Context, ids ...string) (map[string]string, error) {
	codes := map[string]string{}
	for _, id := range ids {
		codes[id] = "7K4P9XWD3M"
	}
	return codes, f.err
}

// post is a mailer that keeps what it is given, or fails as it is told.
type post struct {
	mu   sync.Mutex
	sent []Message
	fail error
	hold func() // called before a message is taken
}

func (p *post) Send(_ context.Context, m Message) error {
	if p.hold != nil {
		p.hold()
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.fail != nil {
		return p.fail
	}
	p.sent = append(p.sent, m)
	return nil
}

// world is an agency with one creditor and its debtors.
type world struct {
	*Outreach
	t      *testing.T
	ctx    context.Context
	clock  *hand
	links  *fakeLinks
	post   *post
	log    *bytes.Buffer
	placed int
}

func each(t *testing.T, test func(t *testing.T, w *world)) {
	t.Helper()
	databasetest.Each(t, []database.Migrations{negotiation.Migrations}, func(t *testing.T, db *database.DB) { test(t, newWorld(t, db)) })
}

func newWorld(t *testing.T, db *database.DB) *world {
	t.Helper()
	w := &world{t: t, ctx: context.Background(), clock: &hand{time.Date(2026, 8, 31, 10, 0, 0, 0, time.UTC)},
		links: &fakeLinks{}, post: &post{}, log: &bytes.Buffer{}}
	n := negotiation.New(db, w.clock)
	_, err := n.FoundAgency(w.ctx, administrator, negotiation.Agency{
		Name: "Agence Aubrelle", CollectorKind: negotiation.ThirdParty, Email: "bonjour@aubrelle.example", Phone: "+33536491230",
		Hours: "du lundi au vendredi, de 9 h à 18 h", AgentName: "Nadia Ferrand", Street: "12 rue de la Paix", Postcode: "69002", City: "Lyon",
	})
	w.must(err)
	for _, kind := range negotiation.PaperKinds {
		_, err := n.FilePaper(w.ctx, administrator, negotiation.Paper{Kind: kind, Reference: "P-" + string(kind), ValidFrom: "2020-01-01", ValidUntil: "2030-12-31"})
		w.must(err)
	}
	creditor, err := n.AddCreditor(w.ctx, administrator, negotiation.Creditor{Reference: "CRE-001", Name: "Atelier Boréal SARL", SIREN: "010185650", Email: "compta@boreal.example"})
	w.must(err)
	_, err = n.SignMandate(w.ctx, administrator, negotiation.Mandate{CreditorID: creditor.ID, Reference: "MDT-001", SignedOn: "2024-01-02", Scope: "Toutes les factures", Proof: "signed-1", VATBasisPoints: 2000})
	w.must(err)
	w.Outreach, err = New(n, Config{
		Mailer: w.post, Links: w.links, BaseURL: "https://portail.aubrelle.example/", From: mail.Address{Address: "courrier@aubrelle.example"},
		Log: slog.New(slog.NewTextHandler(w.log, nil)),
	})
	w.must(err)
	return w
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

const header = "creditor_ref,invoice_number,issue_date,due_date,currency,amount_incl_vat,amount_paid,debtor_kind,debtor_name,siren,vat_number,contact_name,email,phone,street,postcode,city,country,language,contract_rate_percent,mandate_ref,description\n"

// openCase opens the case of a consumer who reads a language, first letter
// sent.
func (w *world) openCase(name, email, language string) *negotiation.Case {
	w.t.Helper()
	w.placed++
	invoice := fmt.Sprintf("FA-2026-%03d", w.placed)
	line := fmt.Sprintf("CRE-001,%s,2026-03-31,2026-04-30,EUR,1248.60,0,consumer,%s,,,,%s,,1 rue du Port,33000,Bordeaux,FR,%s,,MDT-001,Verrière intérieure\n", invoice, name, email, language)
	var refused strings.Builder
	p, _, err := w.negotiation.Place(w.ctx, administrator, negotiation.File{Name: "claims.csv", Body: strings.NewReader(header + line), Refused: &refused})
	w.must(err)
	if p.Refused > 0 {
		w.t.Fatal(refused.String())
	}
	found, err := w.negotiation.Find(w.ctx, administrator, negotiation.Search{Text: invoice})
	w.must(err)
	if len(found) != 1 {
		w.t.Fatalf("found %d cases", len(found))
	}
	w.must(w.negotiation.RecordFirstLetter(w.ctx, administrator, found[0].ID, negotiation.FirstLetter{
		Reference: fmt.Sprintf("PL-2026-%04d", w.placed), SentOn: "2026-05-10", Channel: "post", Proof: "LA-1"}))
	return w.load(found[0].ID)
}

func (w *world) load(caseID string) *negotiation.Case {
	w.t.Helper()
	c, err := w.negotiation.Case(w.ctx, administrator, caseID)
	w.must(err)
	return c
}

// tell writes a letter to the debtor of a case.
func (w *world) tell(c *negotiation.Case, kind negotiation.LetterKind, facts any) *negotiation.Letter {
	w.t.Helper()
	var l *negotiation.Letter
	w.must(w.negotiation.OnCase(w.ctx, negotiation.System, c.ID, func(t *negotiation.Tx, c *negotiation.Case) (err error) {
		l, err = c.Tell(t, negotiation.System, c.MainParty(), kind, facts)
		return err
	}))
	return l
}

func (w *world) letter(id string) negotiation.Letter {
	w.t.Helper()
	var found negotiation.Letter
	w.must(w.negotiation.DB().Read(w.ctx).Where("id = ?", id).Take(&found).Error)
	return found
}

// stays wants a letter that does not leave, with a problem, and says nothing of
// anybody in the log.
func (w *world) stays(l *negotiation.Letter, problem string) {
	w.t.Helper()
	left, err := w.Deliver(w.ctx, l.ID)
	if err != nil && !errors.Is(err, ErrUnreachable) {
		w.t.Fatal(err)
	}
	if got := w.letter(l.ID); left || got.Problem != problem || got.State != negotiation.LetterDueState || got.Attempts == 0 {
		w.t.Fatalf("left: %v; the letter is %s after %d tries, with the problem %q, not %q", left, got.State, got.Attempts, got.Problem, problem)
	}
}
