package main

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"amiable/negotiation"
	"amiable/negotiation/database"
	"amiable/negotiation/database/databasetest"
)

// walked is an installation whose days go by as the demo's do: the table of
// jobs, in order, on each morning.
type walked struct {
	*installation
	t     *testing.T
	ctx   context.Context
	clock negotiation.RowClock
	today negotiation.Day
}

func newWalked(t *testing.T, db *database.DB, today negotiation.Day) *walked {
	t.Helper()
	folder := t.TempDir()
	w := &walked{t: t, ctx: context.Background(), clock: negotiation.RowClock{DB: db}, today: today, installation: &installation{
		db: db, log: slog.New(slog.DiscardHandler), demo: true, settings: Settings{
			Data: folder, BaseURL: "http://127.0.0.1:8080", Secret: strings.Repeat("k3", 24), MailFolder: folder + "/mail", SMTPTLS: "none", MaxPerWeek: 2,
		}}}
	w.must(migrate(w.ctx, db))
	w.must(w.clock.Set(w.ctx, morningOf(today)))
	w.installation.clock, w.negotiation = w.clock, negotiation.New(db, w.clock)
	n := w.negotiation
	second := func(_ any, err error) { t.Helper(); w.must(err) }
	second(n.FoundAgency(w.ctx, operator, negotiation.Agency{Name: "Agence Aubrelle", CollectorKind: negotiation.ThirdParty, City: "Bordeaux", Phone: "0536491230", Email: "agence@aubrelle.example", AgentName: "Nadia Ferrand"}))
	for _, kind := range negotiation.PaperKinds {
		second(n.FilePaper(w.ctx, operator, negotiation.Paper{Kind: kind, Reference: "P-" + string(kind), ValidFrom: "2020-01-01", ValidUntil: "2030-12-31"}))
	}
	w.must(w.withGateway())
	w.must(w.withAccess())
	w.must(w.withFiles())
	w.must(w.withOutreach(w.ctx))
	return w
}

func (w *walked) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// openCase is a firm's case of 1,000.00 whose creditor has a policy.
func (w *walked) openCase(policy negotiation.Policy) *negotiation.Case {
	w.t.Helper()
	n := w.negotiation
	creditor, err := n.AddCreditor(w.ctx, operator, negotiation.Creditor{Reference: "CRE-001", Name: "Atelier Boréal SARL", SIREN: "010185650", Email: "compta@boreal.example"})
	w.must(err)
	mandate, err := n.SignMandate(w.ctx, operator, negotiation.Mandate{CreditorID: creditor.ID, Reference: "MDT-001", SignedOn: "2024-01-02", Scope: "Tout", Proof: "P", InterestWaivedInPlans: true})
	w.must(err)
	_, err = n.SetPolicy(w.ctx, operator, mandate.ID, policy)
	w.must(err)
	text, err := worldFiles.ReadFile("world/atelier-boreal-2026-07.csv")
	w.must(err)
	head, _, _ := strings.Cut(string(text), "\n")
	line := "CRE-001,F-1,2026-03-31,2026-04-30,EUR,1000.00,0,business,Garage du Port SCOP,031093149,,,compta@garage.example.test,,1 quai du Port,33000,Bordeaux,FR,fr,,MDT-001,Réparation\n"
	batch, _, err := n.Place(w.ctx, operator, negotiation.File{Name: "claims.csv", Body: strings.NewReader(head + "\n" + line)})
	w.must(err)
	found, err := n.Find(w.ctx, operator, negotiation.Search{Text: "F-1"})
	w.must(err)
	if batch.Refused > 0 || len(found) != 1 {
		w.t.Fatalf("%d refused, %d found", batch.Refused, len(found))
	}
	w.must(n.RecordFirstLetter(w.ctx, operator, found[0].ID, negotiation.FirstLetter{Reference: "PL-1", SentOn: w.today, Channel: "post", Proof: "LA"}))
	return w.load(found[0].ID)
}

func (w *walked) load(id string) *negotiation.Case {
	w.t.Helper()
	c, err := w.negotiation.Case(w.ctx, operator, id)
	w.must(err)
	return c
}

// until lives every day up to one, and returns what letters each day brought,
// as "day kind".
func (w *walked) until(c *negotiation.Case, day negotiation.Day) (told []string) {
	w.t.Helper()
	known := w.kinds(c)
	for w.today.Before(day) {
		w.today = w.today.Add(1)
		w.must(w.clock.Set(w.ctx, morningOf(w.today).Add(time.Minute)))
		if _, err := runAll(w.ctx, w.jobs()); err != nil {
			w.t.Fatalf("%s: %v", w.today, err)
		}
		now := w.kinds(c)
		for _, kind := range now[len(known):] {
			told = append(told, string(w.today)+" "+kind)
		}
		known = now
	}
	return told
}

func (w *walked) kinds(c *negotiation.Case) (kinds []string) {
	w.t.Helper()
	letters, err := w.negotiation.LettersOf(w.ctx, c.ID)
	w.must(err)
	slices.SortStableFunc(letters, func(a, b negotiation.Letter) int { return a.CreatedAt.Compare(b.CreatedAt) })
	for _, l := range letters {
		if l.State == negotiation.LetterFailed || l.Problem != "" {
			w.t.Errorf("%s is %s: %s", l.Kind, l.State, l.Problem)
		}
		kinds = append(kinds, string(l.Kind))
	}
	return kinds
}

func (w *walked) brought(c *negotiation.Case, day negotiation.Day, want ...string) {
	w.t.Helper()
	if told := w.until(c, day); !slices.Equal(told, want) {
		w.t.Fatalf("until %s:\n%s\nwanted:\n%s", day, strings.Join(told, "\n"), strings.Join(want, "\n"))
	}
}

func TestTheDaysOfAnOfferOfAPlanAndOfAPause(t *testing.T) {
	databasetest.Each(t, migrations, func(t *testing.T, db *database.DB) {
		w := newWalked(t, db, "2026-09-01") // a Tuesday
		c := w.openCase(negotiation.Policy{InstalmentsMax: 6, MonthsMax: 6, FirstDaysMax: 45, AtOnce: true, AnswerDays: 3, BreathingDays: 15})
		propose := func(terms negotiation.Terms, ask bool) *negotiation.Outcome {
			t.Helper()
			out, err := w.negotiation.Propose(w.ctx, debtor(c), c.ID, negotiation.Proposal{Terms: terms, Recognition: negotiation.RecognitionText, Language: "fr", AskCreditor: ask})
			w.must(err)
			return out
		}
		monthly := func(n int, first negotiation.Day) negotiation.Terms {
			return negotiation.Terms{Instalments: n, Every: negotiation.Monthly, FirstDueOn: first}
		}

		// Beyond the policy: asked on Tuesday, to be answered by Friday. One
		// reminder, then the agency, over the weekend; then its own first day
		// has gone by.
		propose(monthly(10, "2026-09-10"), true)
		w.brought(c, "2026-09-03", "2026-09-03 offer_reminder")
		w.brought(c, "2026-09-11", "2026-09-05 offer_to_agency")
		w.brought(c, "2026-09-13", "2026-09-12 offer_ended", "2026-09-12 offer_ended")
		if c = w.load(c.ID); c.OpenOffer() != nil || c.Offers()[0].State != negotiation.OfferExpired {
			t.Fatalf("the offer is %s", c.Offers()[0].State)
		}

		// Inside it: a plan. Its first day is announced, missed, and after eight
		// days an agent's.
		if out := propose(monthly(2, "2026-10-05"), false); out.Plan == nil {
			t.Fatalf("no plan: %+v", out.Verdict)
		}
		w.brought(c, "2026-10-05", "2026-10-02 instalment_soon")
		w.brought(c, "2026-10-20", "2026-10-06 missed", "2026-10-14 plan_missed")

		// A pause: nothing is asked meanwhile, and its end is told.
		_, err := w.negotiation.TakePause(w.ctx, debtor(c), c.ID)
		w.must(err)
		w.brought(c, "2026-11-04", "2026-10-31 pause_ends", "2026-11-04 instalment_soon")
		w.brought(c, "2026-11-07", "2026-11-06 missed", "2026-11-06 plan_missed")

		w.brought(c, "2026-11-11") // what waited for a weekday, or for the cap, has left
		sent, err := w.negotiation.LettersOf(w.ctx, c.ID)
		w.must(err)
		for _, l := range sent {
			if l.State == negotiation.LetterDueState {
				t.Errorf("%s never left", l.Kind)
			}
		}
	})
}

func TestTheDaysOfADispute(t *testing.T) {
	databasetest.Each(t, migrations, func(t *testing.T, db *database.DB) {
		w := newWalked(t, db, "2026-09-01") // a Tuesday
		c := w.openCase(negotiation.Policy{InstalmentsMax: 6, MonthsMax: 6, FirstDaysMax: 45, AnswerDays: 3})
		d, err := w.negotiation.OpenDispute(w.ctx, debtor(c), c.ID, negotiation.Contest{ClaimID: c.Claims[0].ID, Ground: negotiation.GroundPaid})
		w.must(err)
		if d.AnswerBy != "2026-09-08" {
			t.Fatalf("the creditor answers by %s", d.AnswerBy)
		}
		// One reminder on the day before, then silence is the agency's; the
		// debtor is not written to for it.
		w.brought(c, "2026-09-08", "2026-09-07 dispute_reminder")
		w.brought(c, "2026-09-25", "2026-09-09 dispute_to_agency")
	})
}
