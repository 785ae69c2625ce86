package negotiation_test

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"amiable/negotiation"
	"amiable/negotiation/database"
	"amiable/negotiation/database/databasetest"
	"amiable/negotiation/ledger"
	"amiable/negotiation/money"
)

var admin = negotiation.Actor{Role: negotiation.RoleAdministrator, ID: "test-admin", Name: "Nadia Ferrand"}

// world is an agency with one creditor in force, at a fixed instant.
type world struct {
	*negotiation.Service
	t        *testing.T
	ctx      context.Context
	creditor *negotiation.Creditor
	mandate  *negotiation.Mandate
}

type movingClock struct{ at time.Time }

func (c *movingClock) Now(context.Context) (time.Time, error) { return c.at, nil }

func newWorld(t *testing.T, db *database.DB, clock negotiation.Clock) *world {
	t.Helper()
	w := &world{Service: negotiation.New(db, clock), t: t, ctx: context.Background()}
	_, err := w.FoundAgency(w.ctx, admin, negotiation.Agency{Name: "Agence Aubrelle", CollectorKind: negotiation.ThirdParty, City: "Bordeaux", Email: "agence@example.test"})
	w.must(err)
	for _, kind := range negotiation.PaperKinds {
		_, err := w.FilePaper(w.ctx, admin, negotiation.Paper{Kind: kind, Reference: "P-" + string(kind), ValidFrom: "2020-01-01", ValidUntil: "2030-12-31"})
		w.must(err)
	}
	part := int64(1000)
	w.creditor, err = w.AddCreditor(w.ctx, admin, negotiation.Creditor{
		Reference: "CRE-001", Name: "Atelier Boréal SARL", SIREN: "010185650", Email: "compta@boreal.example.com", PartPaymentMinimum: &part,
	})
	w.must(err)
	w.mandate, err = w.SignMandate(w.ctx, admin, negotiation.Mandate{
		CreditorID: w.creditor.ID, Reference: "MDT-001", SignedOn: "2024-01-02", Scope: "Toutes les factures", Proof: "signed-1",
		FeeBasisPoints: 1000, VATBasisPoints: 2000, FeeWithheld: true, RestWaivedBelow: 100,
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

func (w *world) place(lines ...string) *negotiation.Placement {
	w.t.Helper()
	var refused bytes.Buffer
	p, _, err := w.Place(w.ctx, admin, negotiation.File{Name: "claims.csv", Body: strings.NewReader(header + strings.Join(lines, "\n") + "\n"), Refused: &refused})
	w.must(err)
	if p.Refused > 0 {
		w.t.Fatalf("refused: %s", refused.String())
	}
	return p
}

// openCase places one business claim of 10,000.00 due on 2026-04-30 and opens
// its case.
func (w *world) openCase() *negotiation.Case {
	w.t.Helper()
	w.place("CRE-001,F-1,2026-03-31,2026-04-30,EUR,10000.00,0,business,Garage du Port SCOP,031093149,,,garage@example.test,,1 rue du Port,33000,Bordeaux,FR,fr,,MDT-001,Réparation")
	found, err := w.Find(w.ctx, admin, negotiation.Search{Text: "garage port"})
	w.must(err)
	if len(found) != 1 {
		w.t.Fatalf("found %d cases", len(found))
	}
	w.must(w.RecordFirstLetter(w.ctx, admin, found[0].ID, negotiation.FirstLetter{Reference: "PL-1", SentOn: "2026-05-10", Channel: "post", Proof: "LA-1"}))
	return w.load(found[0].ID)
}

func (w *world) load(id string) *negotiation.Case {
	w.t.Helper()
	c, err := w.Case(w.ctx, admin, id)
	w.must(err)
	return c
}

func (w *world) pay(c *negotiation.Case, id string, cents int64, on negotiation.Day, more ...func(*negotiation.Paid)) *negotiation.Allocation {
	w.t.Helper()
	paid := negotiation.Paid{PaymentID: id, Amount: money.Euros(cents), On: on, Into: ledger.Clearing}
	for _, change := range more {
		change(&paid)
	}
	var a *negotiation.Allocation
	w.must(w.OnCase(w.ctx, admin, c.ID, func(t *negotiation.Tx, c *negotiation.Case) (err error) {
		a, err = c.RecordPayment(t, negotiation.Gateway, paid)
		return err
	}))
	return a
}

func (w *world) holds() {
	w.t.Helper()
	invariants, err := w.Verify(w.ctx)
	w.must(err)
	for _, i := range invariants {
		for _, b := range i.Breaks {
			w.t.Errorf("%s: %s", i.Name, b)
		}
	}
}

var migrations = []database.Migrations{negotiation.Migrations}

func at(day string) negotiation.FixedClock {
	t, err := time.Parse("2006-01-02 15:04", day+" 10:00")
	if err != nil {
		panic(err)
	}
	return negotiation.FixedClock(t)
}

func TestAPaymentGoesToInterestThenIndemnityThenPrincipal(t *testing.T) {
	databasetest.Each(t, migrations, func(t *testing.T, db *database.DB) {
		w := newWorld(t, db, at("2026-08-31"))
		c := w.openCase()
		s, err := c.Statement("2026-08-31")
		w.must(err)
		if s.Interest != money.Euros(413_68) || s.Indemnity != money.Euros(40_00) || s.Total != money.Euros(10_453_68) {
			t.Fatalf("interest %v, indemnity %v, total %v", s.Interest, s.Indemnity, s.Total)
		}
		a := w.pay(c, "p1", 500_00, "2026-08-31")
		if a.Parts[ledger.Interest] != money.Euros(413_68) || a.Parts[ledger.Indemnity] != money.Euros(40_00) || a.Parts[ledger.Principal] != money.Euros(46_32) {
			t.Fatalf("allocated %v", a.Parts)
		}
		if a.Left != money.Euros(9_953_68) {
			t.Fatalf("left %v", a.Left)
		}
		w.holds()
	})
}

func TestAnEarlierPaymentThatTurnsUpLateIsAllocatedInOrder(t *testing.T) {
	databasetest.Each(t, migrations, func(t *testing.T, db *database.DB) {
		w := newWorld(t, db, at("2026-08-31"))
		c := w.openCase()
		w.pay(c, "late", 5_000_00, "2026-08-31")
		w.pay(c, "early", 5_000_00, "2026-06-30")
		got := w.load(c.ID)
		w.holds()

		straight := newWorld(t, databasetest.SQLite(t, migrations...), at("2026-08-31"))
		d := straight.openCase()
		straight.pay(d, "early", 5_000_00, "2026-06-30")
		straight.pay(d, "late", 5_000_00, "2026-08-31")
		if want := straight.load(d.ID); got.Balance() != want.Balance() || got.Interest != want.Interest || got.Principal != want.Principal {
			t.Fatalf("out of order %v (%d, %d), in order %v (%d, %d)", got.Balance(), got.Principal, got.Interest, want.Balance(), want.Principal, want.Interest)
		}
	})
}

func TestAReversedPaymentIsAsIfItHadNotBeen(t *testing.T) {
	databasetest.Each(t, migrations, func(t *testing.T, db *database.DB) {
		w := newWorld(t, db, at("2026-08-31"))
		c := w.openCase()
		before, err := c.Statement("2026-08-31")
		w.must(err)
		w.pay(c, "wrong", 10_453_68, "2026-08-31")
		if got := w.load(c.ID); got.State != negotiation.CaseCleared {
			t.Fatalf("paid in full, the case is %s with %v", got.State, got.Balance())
		}
		w.must(w.OnCase(w.ctx, admin, c.ID, func(t *negotiation.Tx, c *negotiation.Case) error {
			return c.ReversePayment(t, admin, "wrong")
		}))
		got := w.load(c.ID)
		after, err := got.Statement("2026-08-31")
		w.must(err)
		if got.State != negotiation.CaseOpen || after.Total != before.Total {
			t.Fatalf("after the reversal the case is %s and owes %v, not %v", got.State, after.Total, before.Total)
		}
		w.holds()
	})
}

func TestASumPaidInTimeClearsTheCaseAndWaivesTheInterestSince(t *testing.T) {
	databasetest.Each(t, migrations, func(t *testing.T, db *database.DB) {
		clock := &movingClock{at: time.Time(at("2026-08-30"))}
		w := newWorld(t, db, clock)
		c := w.openCase()
		s, err := c.Statement("2026-08-30")
		w.must(err)
		clock.at = time.Time(at("2026-08-31"))
		a := w.pay(c, "p1", s.Total.Minor, "2026-08-31", func(p *negotiation.Paid) {
			p.Asked, p.AskedOn, p.GoodUntil = s.Total, "2026-08-30", s.GoodUntil
		})
		if got := w.load(c.ID); got.State != negotiation.CaseCleared || !a.Waived.IsPositive() || !a.Excess.IsZero() {
			t.Fatalf("the case is %s with %v left, %v waived, %v too much", got.State, got.Balance(), a.Waived, a.Excess)
		}
		w.holds()
	})
}

func TestMoreThanIsOwedGoesToRefundsDue(t *testing.T) {
	databasetest.Each(t, migrations, func(t *testing.T, db *database.DB) {
		w := newWorld(t, db, at("2026-08-31"))
		c := w.openCase()
		a := w.pay(c, "p1", 10_500_00, "2026-08-31")
		if a.Excess != money.Euros(46_32) {
			t.Fatalf("excess %v", a.Excess)
		}
		again := w.pay(c, "p2", 100_00, "2026-08-31")
		if again.Excess != money.Euros(100_00) {
			t.Fatalf("a payment of a cleared case left an excess of %v", again.Excess)
		}
		w.holds()
	})
}

func TestAFileImportedTwiceAddsNothing(t *testing.T) {
	databasetest.Each(t, migrations, func(t *testing.T, db *database.DB) {
		w := newWorld(t, db, at("2026-03-02"))
		lines := []string{
			"CRE-001,F-1,2025-11-20,2026-01-19,EUR,2541.08,711.50,business,Garage du Port SCOP,010185650,,,garage@example.test,,1 rue A,33000,Bordeaux,FR,fr,,MDT-001,Un",
			"CRE-001,F-2,2025-11-20,2026-01-19,EUR,100.00,0,business,Garage du Port SCOP,010185650,,,garage@example.test,,1 rue A,33000,Bordeaux,FR,fr,,MDT-001,Deux",
			"CRE-001,F-3,2025-11-20,2026-04-19,EUR,50.00,0,consumer,Claire Vasseur,,,Claire Vasseur,claire@example.test,,2 rue B,31000,Toulouse,FR,fr,,MDT-001,Trois",
		}
		w.place(lines...)
		second := w.place(lines...)
		if second.Known != 3 {
			t.Fatalf("the second time %d claims were known", second.Known)
		}
		counts, err := w.CountByState(w.ctx, admin)
		w.must(err)
		if counts[negotiation.CasePlaced] != 1 || counts[negotiation.CaseWatched] != 1 {
			t.Fatalf("cases %v: one debtor's claims share a case, one not due is watched", counts)
		}
		w.holds()
	})
}

func TestACreditNoteLowersItsClaim(t *testing.T) {
	databasetest.Each(t, migrations, func(t *testing.T, db *database.DB) {
		w := newWorld(t, db, at("2026-08-31"))
		c := w.openCase()
		w.pay(c, "p1", 1_000_00, "2026-08-31")
		w.must(w.CreditNote(w.ctx, admin, c.ID, c.Claims[0].ID, "AV-1", money.Euros(2_000_00), "2026-06-30", negotiation.Word{Why: "Avoir"}))
		if err := w.CreditNote(w.ctx, admin, c.ID, c.Claims[0].ID, "AV-1", money.Euros(2_000_00), "2026-06-30", negotiation.Word{Why: "Avoir"}); negotiation.AsRefusal(err) == nil {
			t.Fatalf("the same credit note was taken twice: %v", err)
		}
		w.holds()
	})
}
