package payments_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"amiable/negotiation"
	"amiable/negotiation/database"
	"amiable/negotiation/database/databasetest"
	"amiable/negotiation/money"
	"amiable/payments"
)

// bookkeeping is an open case of 250.00 with one payment of 100.00 recorded.
func bookkeeping(t *testing.T, db *database.DB) (*payments.Service, *payments.Payment) {
	t.Helper()
	ctx, by := context.Background(), negotiation.Actor{Role: negotiation.RoleAdministrator, ID: "test", Name: "Nadia Ferrand"}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	n := negotiation.New(db, negotiation.FixedClock(time.Date(2026, 8, 31, 10, 0, 0, 0, time.UTC)))
	_, err := n.FoundAgency(ctx, by, negotiation.Agency{Name: "Agence Aubrelle", CollectorKind: negotiation.InHouse, Email: "agence@example.test"})
	must(err)
	c, err := n.AddCreditor(ctx, by, negotiation.Creditor{Reference: "CRE-001", Name: "Atelier Boréal SARL", SIREN: "010185650", Email: "compta@boreal.example.com"})
	must(err)
	_, err = n.SignMandate(ctx, by, negotiation.Mandate{CreditorID: c.ID, Reference: "MDT-001", SignedOn: "2024-01-02", Scope: "Tout", Proof: "signed-1", FeeBasisPoints: 1000, VATBasisPoints: 2000})
	must(err)
	_, _, err = n.Place(ctx, by, negotiation.File{Name: "claims.csv", Body: strings.NewReader(
		"creditor_ref,invoice_number,issue_date,due_date,currency,amount_incl_vat,amount_paid,debtor_kind,debtor_name,siren,vat_number,contact_name,email,phone,street,postcode,city,country,language,contract_rate_percent,mandate_ref,description\n" +
			"CRE-001,F-1,2026-03-31,2026-04-30,EUR,250.00,0,consumer,Claire Vasseur,,,,claire@example.test,,2 rue B,31000,Toulouse,FR,fr,,MDT-001,Trois\n")})
	must(err)
	found, err := n.Find(ctx, by, negotiation.Search{Text: "vasseur"})
	must(err)
	must(n.RecordFirstLetter(ctx, by, found[0].ID, negotiation.FirstLetter{Reference: "PL-1", SentOn: "2026-05-10", Channel: "post", Proof: "LA-1"}))
	s := payments.New(n, nil, "http://127.0.0.1", false)
	p, err := s.RecordElsewhere(ctx, by, found[0].ID, payments.Elsewhere{Amount: money.Euros(100_00), On: "2026-08-20", Means: "transfer", Reference: "VIR-1"})
	must(err)
	return s, p
}

func broken(t *testing.T, s *payments.Service) map[string]bool {
	t.Helper()
	checks, err := s.Verify(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for _, c := range checks {
		if len(c.Breaks) > 0 {
			names[c.Name] = true
		}
	}
	return names
}

func TestVerifySeesWhatIsBroken(t *testing.T) {
	for _, test := range []struct {
		harm, rule string
	}{
		{`DELETE FROM receipts`, "every payment that came in has one receipt"},
		{`UPDATE payments SET received = received + 1`, "a payment is booked to the cent: owed, given back, fee and VAT"},
		{`UPDATE payments SET fee = fee + 1`, "a payment is booked to the cent: owed, given back, fee and VAT"},
		{`UPDATE payments SET state = 'reversed'`, "every payment that came in is booked once, and no other is"},
		{`UPDATE payments SET state = 'failed'`, "every payment that came in has one line on its case's timeline"},
		{`DELETE FROM letters WHERE kind = 'payment_notice'`, "the creditor is told of every payment that came in"},
		{`UPDATE cases SET receipts = receipts + 1`, "receipts of a case are numbered without a gap"},
		{`UPDATE receipts SET number = number || '0'`, "receipts of a case are numbered without a gap"},
		{`UPDATE receipts SET content = REPLACE(content, '10000', '10001')`, "a receipt says what came in"},
		{`DROP INDEX payments_one_open_checkout;
			INSERT INTO payments (id, creditor_id, case_id, kind, state, amount, currency, whole, asked_on, good_until, by_role, by_id, created_at)
			SELECT '00000000-0000-7000-8000-000000000001', creditor_id, case_id, 'checkout', 'started', 1, 'EUR', FALSE, '2026-08-31', '2026-09-01', 'debtor', 'x', '2026-08-31 10:00:00' FROM payments WHERE kind = 'elsewhere';
			INSERT INTO payments (id, creditor_id, case_id, kind, state, amount, currency, whole, asked_on, good_until, by_role, by_id, created_at)
			SELECT '00000000-0000-7000-8000-000000000002', creditor_id, case_id, 'checkout', 'started', 1, 'EUR', FALSE, '2026-08-31', '2026-09-01', 'debtor', 'x', '2026-08-31 10:00:00' FROM payments WHERE kind = 'elsewhere'`, "a case has one open checkout at most"},
		{`UPDATE payments SET by_role = 'payer', recognition = 'legal.part'`, "what is paid with a pay-only link recognises nothing"},
		{`UPDATE payments SET by_role = 'payer'`, "what is paid with a pay-only link recognises nothing"},
		{`DELETE FROM receipts; DELETE FROM payments`, "what is booked as a payment is one of ours"},
		{`INSERT INTO notifications (id, type, body, created_at) VALUES ('evt_1', 'x', '{}', '2026-08-31 10:00:00')`, "a notification is applied, or its problem is written down"},
		{`INSERT INTO notifications (id, type, body, payment_id, applied_at, created_at) VALUES ('evt_1', 'x', '{}', '00000000-0000-0000-0000-000000000000', '2026-08-31 10:00:00', '2026-08-31 10:00:00')`,
			"a notification that was applied is of a payment of ours"},
	} {
		t.Run(test.rule, func(t *testing.T) {
			databasetest.Each(t, []database.Migrations{negotiation.Migrations, payments.Migrations}, func(t *testing.T, db *database.DB) {
				s, _ := bookkeeping(t, db)
				if names := broken(t, s); len(names) > 0 {
					t.Fatalf("unharmed, it is broken: %v", names)
				}
				for _, statement := range strings.Split(test.harm, ";") {
					if err := db.Read(context.Background()).Exec(statement).Error; err != nil {
						t.Fatal(err)
					}
				}
				if names := broken(t, s); !names[test.rule] {
					t.Fatalf("%s was not seen; broken: %v", test.harm, names)
				}
			})
		})
	}
}

func TestAReversedPaymentKeepsItsReceiptAndVerifies(t *testing.T) {
	databasetest.Each(t, []database.Migrations{negotiation.Migrations, payments.Migrations}, func(t *testing.T, db *database.DB) {
		s, p := bookkeeping(t, db)
		by := negotiation.Actor{Role: negotiation.RoleAgent, ID: "test", Name: "Nadia Ferrand"}
		if err := s.Reverse(context.Background(), by, p.ID, "entered twice"); err != nil {
			t.Fatal(err)
		}
		if names := broken(t, s); len(names) > 0 {
			t.Fatalf("broken: %v", names)
		}
	})
}
