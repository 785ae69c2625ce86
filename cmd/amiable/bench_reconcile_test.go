//go:build bench

package main

import (
	"context"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"amiable/negotiation"
	"amiable/negotiation/database"
	"amiable/negotiation/money"
	"amiable/payments"
)

// booked makes so many payments, each with the posting that books it: on one
// case, since a match asks of neither.
const booked = `
INSERT INTO payments (id, creditor_id, case_id, kind, state, amount, received, currency, whole, fee_withheld, fee, vat, asked_on, good_until, intent_id, charge_id, paid_on, succeeded_at, by_role, by_id, created_at)
SELECT ('00000000-0000-7000-8000-' || lpad(to_hex(i), 12, '0'))::uuid, c.creditor_id, c.id, 'checkout', 'succeeded', a, a, 'EUR', FALSE, TRUE, a / 50, 0, '2026-11-01', '2026-11-02', 'pi_' || i, 'ch_' || lpad(i::text, 8, '0'), '2026-11-01', now(), 'debtor', 'x', now()
FROM (SELECT i, 1000 + (i::bigint * 7919) %% 200000 AS a FROM generate_series(1, %d) i) q, (SELECT id, creditor_id FROM cases LIMIT 1) c;
INSERT INTO ledger_postings (id, kind, source, creditor_id, case_id, effective_on, created_at)
SELECT id, 'payment', 'payment:' || id::text, creditor_id, case_id, paid_on, created_at FROM payments;
VACUUM ANALYZE payments; VACUUM ANALYZE ledger_postings`

// limitTables and limitJoin are the bare SQL of the same work: performance.md
// has it written out.
const limitTables = `
CREATE TABLE b_ledger (id bigserial PRIMARY KEY, ext_key text NOT NULL, amount bigint NOT NULL);
INSERT INTO b_ledger (ext_key, amount) SELECT 'ch_' || lpad(i::text, 8, '0'), 1000 + (i::bigint * 7919) %% 200000 FROM generate_series(1, %d) i;
CREATE UNIQUE INDEX ON b_ledger (ext_key);
CREATE TABLE b_payout (ext_key text, amount bigint, fee bigint);
VACUUM ANALYZE b_ledger`

const limitJoin = `CREATE TABLE b_recon AS SELECT p.ext_key pk, l.id lid, CASE WHEN l.id IS NULL THEN 'unknown' WHEN p.ext_key IS NULL THEN 'missing' WHEN l.amount <> p.amount THEN 'differs' ELSE 'matched' END st
FROM b_payout p FULL JOIN b_ledger l ON l.ext_key = p.ext_key`

// planted is row i of the payout: of each thousand one is of another amount and
// one of a charge that nobody knows.
func planted(i int) (charge string, amount int64) {
	amount = 1000 + int64(i)*7919%200000
	charge = fmt.Sprintf("ch_%08d", i)
	switch i % 1000 {
	case 1:
		amount++
	case 2:
		charge = "ch_x" + charge[3:]
	}
	return charge, amount
}

// reconciling measures B3: a payout of so many rows is loaded, matched to as
// many postings, and each verdict stored, over the bare SQL of the same.
func (b *bench) reconciling() {
	db := b.create("reconcile", "")
	b.settle(db)
	b.importInto(b.server().URL("reconcile"), b.file("one.csv", 1))
	for _, statement := range splitStatements(fmt.Sprintf(booked, b.lines)) {
		b.run(db, statement)
	}
	for _, statement := range splitStatements(fmt.Sprintf(limitTables, b.lines)) {
		b.run(db, statement)
	}
	path := filepath.Join(b.server().Folder(), "payouts.csv")
	file, err := os.Create(path)
	b.must(err)
	total := int64(0)
	for i := 1; i <= b.lines; i++ {
		charge, amount := planted(i)
		fmt.Fprintf(file, "%s,%d,%d\n", charge, amount, amount/50)
		total += amount - feeOf(i)
	}
	b.must(file.Close())
	n := negotiation.New(db, negotiation.RowClock{DB: db})
	service := payments.New(n, noGateway{}, "http://127.0.0.1", false)
	var creditor string
	b.must(db.Read(context.Background()).Raw("SELECT creditor_id::text FROM cases LIMIT 1").Scan(&creditor).Error)
	var matching, whole []float64
	note := ""
	for round := range b.rounds {
		b.run(db, "TRUNCATE b_payout")
		b.run(db, "DROP TABLE IF EXISTS b_recon")
		began := time.Now()
		b.run(db, "COPY b_payout FROM '"+path+"' WITH (FORMAT csv)")
		b.run(db, "ANALYZE b_payout")
		b.run(db, limitJoin)
		limit := time.Since(began)
		// The creditor's payout, with the remittance that is written of it; and the
		// agency's of the same rows, which has none: loading, matching, storing.
		mine := b.reconcile(db, service, &creditor, round, payments.RowPayment, total)
		ours := b.reconcile(db, service, nil, round, payments.RowTransfer, 0)
		whole, matching = append(whole, mine.Seconds()/limit.Seconds()), append(matching, ours.Seconds()/limit.Seconds())
		note += fmt.Sprintf(" %.1f/%.1f/%.1f", limit.Seconds(), ours.Seconds(), mine.Seconds())
	}
	b.limit("B3", fmt.Sprintf("a payout of %d rows matched, verdicts stored, over the bare SQL", b.lines), matching, 3, 1.5, "s, SQL/matched/with its remittance:"+note)
	b.limit("B3r", "the same with its remittance written", whole, 9, 6, "")
}

func feeOf(i int) int64 { return (1000 + int64(i)*7919%200000) / 50 }

// reconcile opens one payout and checks that every planted difference is found.
func (b *bench) reconcile(db *database.DB, service *payments.Service, creditor *string, round int, kind payments.RowKind, net int64) time.Duration {
	ctx := context.Background()
	b.run(db, "TRUNCATE payout_rows, remittance_lines, remittances, payouts CASCADE")
	account := ""
	if creditor != nil {
		account = "acct_bench"
	}
	sign := int64(1)
	if kind == payments.RowTransfer {
		sign, net = -1, 0
		for i := 1; i <= b.lines; i++ {
			_, amount := planted(i)
			net -= amount
		}
	}
	now := time.Now().UTC()
	p := payments.Payout{ID: fmt.Sprintf("00000000-0000-7000-9000-%012d", round), CreditorID: creditor, AccountID: account, GatewayID: "po_" + strconv.Itoa(round), State: payments.PayoutPaid,
		Amount: net, Currency: money.EUR, Automatic: true, Itemised: true, ArrivesOn: "2026-11-20", MadeAt: now, CreatedAt: now}
	b.must(db.Read(ctx).Create(&p).Error)
	b.run(db, "CHECKPOINT")
	// As the gateway gives them, though not a hundred at a time: making them is
	// not what is measured.
	facts := make([]payments.PayoutRowFact, b.lines)
	for i := range facts {
		charge, amount := planted(i + 1)
		fee := int64(0)
		if kind == payments.RowPayment {
			fee = feeOf(i + 1)
		}
		facts[i] = payments.PayoutRowFact{
			ID: fmt.Sprintf("txn_%d_%08d", round, i+1), Kind: kind, Category: "charge", Source: fmt.Sprintf("py_%08d", i+1), ChargeID: charge,
			Amount: money.Euros(sign * amount), Fee: money.Euros(fee), MadeAt: now, AvailableAt: now,
		}
	}
	var loaded time.Time
	pages := iter.Seq2[[]payments.PayoutRowFact, error](func(yield func([]payments.PayoutRowFact, error) bool) {
		for page := range slices.Chunk(facts, 20_000) {
			if !yield(page, nil) {
				return
			}
		}
		loaded = time.Now()
	})
	runtime.GC()
	began := time.Now()
	b.must(service.Reconcile(ctx, &p, pages))
	took := time.Since(began)
	b.Logf("loaded after %v of %v", loaded.Sub(began), took)
	verdicts := map[string]int{}
	var counted []struct {
		Reason string
		N      int
	}
	b.must(db.Read(ctx).Raw("SELECT reason, COUNT(*) AS n FROM payout_rows GROUP BY reason").Scan(&counted).Error)
	for _, c := range counted {
		verdicts[c.Reason] = c.N
	}
	var missing int
	b.must(db.Read(ctx).Raw("SELECT COUNT(*) FROM payments p WHERE NOT EXISTS (SELECT 1 FROM payout_rows r WHERE r.payment_id = p.id)").Scan(&missing).Error)
	differ, unknown := (b.lines+999)/1000, (b.lines+998)/1000
	if verdicts["amount_differs"] != differ || verdicts["unknown_charge"] != unknown || missing != unknown || verdicts[""] != b.lines-differ-unknown {
		b.Errorf("planted %d, %d and %d; found %v, missing %d", differ, unknown, unknown, verdicts, missing)
	}
	return took
}

func splitStatements(text string) (all []string) {
	for s := range strings.SplitSeq(text, ";") {
		if s = strings.TrimSpace(s); s != "" {
			all = append(all, s)
		}
	}
	return all
}
