//go:build bench

package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"amiable/negotiation"
	"amiable/negotiation/database"
)

// The bench's world: an agency, creditors with a mandate each, and one case
// per line of a file, every second debtor a firm. The first fifth of the lines
// belong to the first creditor, so that all load can fall on one.
const (
	creditors     = 50
	paidMinor     = 100_00
	feeMinor      = 10_00
	vatMinor      = 2_00
	webhookSecret = "whsec_bench0123456789abcdef"
	secret        = "a secret of the bench, long enough to be one"
)

type benchWorld struct {
	url  string
	db   *database.DB
	paid []benchPayment
	next int // of paid
}

// benchPayment is a payment whose page is open.
type benchPayment struct {
	payment, file, creditor, party string
	firm                           bool
}

// settle founds the agency with its creditors on an empty database.
func (b *bench) settle(db *database.DB) {
	b.Helper()
	ctx := context.Background()
	b.must(migrate(ctx, db))
	n := negotiation.New(db, negotiation.WallClock{})
	_, err := n.FoundAgency(ctx, operator, negotiation.Agency{
		Name: "Agence Aubrelle", CollectorKind: negotiation.ThirdParty, City: "Bordeaux", Street: "12 rue des Chartrons", Postcode: "33000",
		Phone: "0536491230", Email: "bonjour@aubrelle.example", AgentName: "Nadia Ferrand", Hours: "du lundi au vendredi, de 9 h à 18 h",
	})
	b.must(err)
	for _, kind := range negotiation.PaperKinds {
		_, err := n.FilePaper(ctx, operator, negotiation.Paper{Kind: kind, Reference: "papier " + string(kind), ValidFrom: "2020-01-01", ValidUntil: "2090-12-31"})
		b.must(err)
	}
	for i := range creditors {
		part := int64(20_00)
		c, err := n.AddCreditor(ctx, operator, negotiation.Creditor{
			Reference: creditorReference(i), Name: fmt.Sprintf("Atelier Boréal %d SARL", i+1), SIREN: siren(i), Email: fmt.Sprintf("compta%d@boreal.example", i+1),
			PartPaymentMinimum: &part,
		})
		b.must(err)
		_, err = n.SignMandate(ctx, operator, negotiation.Mandate{
			CreditorID: c.ID, Reference: "MDT-" + creditorReference(i), SignedOn: "2024-01-02", Scope: "Toutes les factures", Proof: "mandat signé",
			FeeBasisPoints: 1000, VATBasisPoints: 2000, FeeWithheld: true, RestWaivedBelow: 100,
		})
		b.must(err)
	}
}

func creditorReference(i int) string { return fmt.Sprintf("CRE-%03d", i+1) }

// siren makes the ith number that passes Luhn's check.
func siren(i int) string {
	digits := fmt.Sprintf("%08d", 10_000_000+i)
	sum := 0
	for at, d := range digits {
		n := int(d - '0')
		if at%2 == 1 {
			if n *= 2; n > 9 {
				n -= 9
			}
		}
		sum += n
	}
	return digits + string(rune('0'+(10-sum%10)%10))
}

// file writes a file of claims, one debtor a line.
func (b *bench) file(name string, lines int) string {
	b.Helper()
	path := filepath.Join(b.folder, name)
	f, err := os.Create(path)
	b.must(err)
	defer f.Close()
	out := bufio.NewWriterSize(f, 1<<20)
	fmt.Fprintln(out, "creditor_ref,invoice_number,issue_date,due_date,currency,amount_incl_vat,amount_paid,debtor_kind,debtor_name,siren,vat_number,contact_name,email,phone,street,postcode,city,country,language,contract_rate_percent,mandate_ref,description")
	today := negotiation.DayOf(time.Now())
	for i := range lines {
		creditor := i % creditors
		if i < lines/5 {
			creditor = 0
		}
		kind, person, number, contact := "consumer", fmt.Sprintf("Claire Vasseur-Inventée %d", i), "", ""
		if i%2 == 1 {
			kind, person, number, contact = "business", fmt.Sprintf("Garage du Port Imaginaire %d SCOP", i), siren(1000+i), fmt.Sprintf("Éloïse Faux %d", i)
		}
		fmt.Fprintf(out, "%s,F2026/%07d,%s,%s,EUR,%d.%02d,0.00,%s,%s,%s,,%s,debtor%d@example.com,04.65.71.63.%02d,\"%d, allée de l’Utopie\",%05d,Bayonne,FR,fr,,MDT-%s,\"Transport de marchandises, chantier « Les Œillets » %d\"\n",
			creditorReference(creditor), i, today.Add(-90-i%30), today.Add(-60-i%30), 500+i%1500, i%100, kind, person, number, contact, i, i%100,
			1+i%400, 10_000+i%80_000, creditorReference(creditor), i)
	}
	b.must(out.Flush())
	return path
}

// begin opens every case of a world and starts a payment of 100.00 on each.
func (b *bench) begin(w *benchWorld) {
	b.Helper()
	id := `(lower(hex(randomblob(4))) || '-' || lower(hex(randomblob(2))) || '-7' || substr(lower(hex(randomblob(2))), 2) || '-8' || substr(lower(hex(randomblob(2))), 2) || '-' || lower(hex(randomblob(6))))`
	if w.db.Dialect() == database.Postgres {
		b.run(w.db, benchID)
		id = "bench_id()"
	}
	now, today := database.Now(), negotiation.DayOf(time.Now())
	b.run(w.db, `UPDATE cases SET state = 'open', first_letter_reference = 'PL-' || reference, first_letter_on = ?, first_letter_channel = 'post', first_letter_proof = 'bench', opened_on = ?`, today.Add(-20), today.Add(-20))
	b.run(w.db, `INSERT INTO payments (id, creditor_id, case_id, party_id, kind, state, amount, currency, whole, fee, vat, fee_withheld, asked_on, good_until, session_id, session_url, expires_at, by_role, by_id, created_at)
		SELECT `+id+`, p.creditor_id, p.case_id, p.id, 'checkout', 'started', ?, 'EUR', FALSE, ?, ?, TRUE, ?, ?, 'cs_test_' || p.case_id, 'https://checkout.stripe.example/c/pay/cs_test_' || p.case_id, ?, 'debtor', CAST(p.id AS TEXT), ?
		FROM parties p`, paidMinor, feeMinor, vatMinor, today, today.Add(1), now.Add(time.Hour), now)
	if w.db.Dialect() == database.Postgres {
		b.run(w.db, "VACUUM ANALYZE")
	}
	rows, err := w.db.Read(context.Background()).Raw(`SELECT p.id, p.case_id, c.reference, p.party_id, d.kind FROM payments p
		JOIN cases f ON f.id = p.case_id JOIN creditors c ON c.id = p.creditor_id JOIN debtors d ON d.id = f.debtor_id ORDER BY p.case_id`).Rows()
	b.must(err)
	defer rows.Close()
	for rows.Next() {
		var p benchPayment
		var kind string
		b.must(rows.Scan(&p.payment, &p.file, &p.creditor, &p.party, &kind))
		p.firm = kind == "business"
		w.paid = append(w.paid, p)
	}
	b.must(rows.Err())
}

// benchID makes ids in the order of time, as the product does.
const benchID = `CREATE OR REPLACE FUNCTION bench_id() RETURNS uuid LANGUAGE sql VOLATILE AS $$
	SELECT overlay(gen_random_uuid()::text PLACING regexp_replace(lpad(to_hex((extract(epoch FROM clock_timestamp()) * 1000)::bigint), 12, '0'), '^(.{8})', '\1-') || '-7' FROM 1 FOR 15)::uuid $$`

func (b *bench) run(db *database.DB, statement string, values ...any) {
	b.Helper()
	if err := db.Read(context.Background()).Exec(statement, values...).Error; err != nil {
		b.Fatalf("%.200s: %v", statement, err)
	}
}

func (b *bench) count(db *database.DB, table string) int {
	b.Helper()
	var n int64
	b.must(db.Read(context.Background()).Raw("SELECT COUNT(*) FROM " + table).Scan(&n).Error)
	return int(n)
}

// environment is what the binary is told.
func (b *bench) environment(url, address string) []string {
	return append(os.Environ(),
		"DATABASE_URL="+url, "AMIABLE_DATA="+filepath.Join(b.folder, "data"), "AMIABLE_ADDR="+address, "AMIABLE_SECRET="+secret,
		"STRIPE_SECRET_KEY=sk_test_bench", "STRIPE_WEBHOOK_SECRET="+webhookSecret, "AMIABLE_MAIL_FOLDER="+filepath.Join(b.folder, "mail"),
		"AMIABLE_LOG_LEVEL=info", "SMTP_HOST=", "STRIPE_BASE_URL=", "AMIABLE_BASE_URL=http://"+address)
}

func names(tables string) []string { return strings.Fields(tables) }
