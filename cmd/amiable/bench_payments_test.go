//go:build bench

package main

import (
	"fmt"
	"strings"
	"sync"
	"time"

	"amiable/negotiation/database"
)

// written are the tables that a payment's notification writes, and two that it
// must not.
const written = "notifications ledger_postings ledger_entries events letters receipts payments cases"

// payments measures signed notifications that pay started payments: W1, W3 to
// W6.
func (b *bench) payments() {
	w := b.openWorld()
	site := b.serve(w.url, "--no-jobs")
	defer site.stop()
	limits := b.create("limit_posting", "limit_template")
	b.run(limits, "CREATE TABLE bench_files AS SELECT row_number() OVER (PARTITION BY d.kind ORDER BY c.id) AS n, d.kind, c.id AS case_id FROM cases c JOIN debtors d ON d.id = c.debtor_id")
	b.run(limits, "CREATE UNIQUE INDEX ON bench_files (kind, n)")
	b.run(limits, "VACUUM ANALYZE bench_files")
	// The limit pays a case more than once: the index keeps its cost, not its rule.
	b.run(limits, "DROP INDEX receipts_of_payment")
	b.run(limits, "CREATE INDEX receipts_of_payment ON receipts (payment_id) WHERE corrects IS NULL")
	b.run(b.create("limit_multi", ""), multiTables)
	posting := []string{limitPosting(false, b.lines/2), limitPosting(true, b.lines/2)}

	firsts, others := &benchQueue{}, &benchQueue{}
	for _, p := range w.paid {
		if p.creditor == creditorReference(0) {
			firsts.add(p)
		} else {
			others.add(p)
		}
	}
	fresh := func(q *benchQueue) func() []byte {
		return func() []byte {
			p, ok := q.take()
			if !ok {
				return nil
			}
			return signed(site.address, webhookSecret, p, p.payment, time.Now())
		}
	}
	// Warm: plans, connections, caches.
	b.pgbench("limit_multi", 16, multi)
	b.sameRows(limits, posting)
	before := b.rows(w.db)
	b.sound(b.load(site.address, 16, fresh(others)), w.db, "warm")
	b.Logf("rows per posting of ours: %s", each(before, b.rows(w.db)))

	defer b.profiled("payments")()
	var overPosting, overMulti, slow, beyond, hot, replayed []float64
	var note string
	for range b.rounds {
		m, l := b.pgbench("limit_multi", 16, multi), b.pgbench("limit_posting", 16, posting...)
		ours := b.sound(b.load(site.address, 16, fresh(others)), w.db, "c=16")
		many := b.sound(b.load(site.address, 64, fresh(others)), w.db, "c=64")
		one := b.sound(b.load(site.address, 16, fresh(firsts)), w.db, "one creditor")
		known := w.paid[0]
		b.load(site.address, 1, single(signed(site.address, webhookSecret, known, "known", time.Now())))
		before = b.rows(w.db)
		again := b.load(site.address, 16, func() []byte { return signed(site.address, webhookSecret, known, "known", time.Now()) })
		if after := b.rows(w.db); again.other > 0 || fmt.Sprint(before) != fmt.Sprint(after) {
			b.Errorf("replays: %d were not taken (%s); rows %v became %v", again.other, again.sample, before, after)
		}
		overPosting, overMulti = append(overPosting, ours.tps/l.tps), append(overMulti, ours.tps/m.tps)
		slow, beyond = append(slow, ours.p99.Seconds()/m.p99.Seconds()), append(beyond, many.tps/ours.tps)
		hot, replayed = append(hot, one.tps/ours.tps), append(replayed, again.tps/ours.tps)
		note += fmt.Sprintf(" %.0f/%.0f/%.0f", ours.tps, l.tps, m.tps)
	}
	note = "per s, ours/limit_posting/limit_multi:" + note
	b.goal("W1", "signed webhook, c=16, over limit_posting", overPosting, 0.45, 0.7, note)
	b.goal("W1", "the same over limit_multi", overMulti, 0.25, 0.6, "")
	b.limit("W3", "p99 over that of limit_multi", slow, 3, 2, "")
	b.goal("W4", "c=64 over c=16", beyond, 0.8, 0.95, "")
	b.goal("W5", "one creditor over fifty", hot, 0.8, 0.95, "")
	b.goal("W6", "replays over W1, no new row", replayed, 1, 2, "")
}

// openWorld is the imported world with its payments started, and a copy of it
// for the limit.
func (b *bench) openWorld() *benchWorld {
	b.Helper()
	if b.world == nil {
		b.world = b.imported("world_1", b.file("claims.csv", b.lines)).benchWorld
	}
	if len(b.world.paid) > 0 {
		return b.world
	}
	b.begin(b.world)
	b.must(b.world.db.Close()) // a template has no visitors
	name := b.world.url[strings.LastIndex(b.world.url, "/")+1:]
	name, _, _ = strings.Cut(name, "?")
	_ = b.create("limit_template", name).Close()
	var err error
	b.world.db, err = database.Open(b.Context(), b.world.url)
	b.must(err)
	b.Cleanup(func() { _ = b.world.db.Close() })
	return b.world
}

// rows counts what must be durable.
func (b *bench) rows(db *database.DB) map[string]int {
	counts := map[string]int{}
	for _, table := range names(written) {
		counts[table] = b.count(db, table)
	}
	return counts
}

// sound fails where an answer was not 200, or where there are not as many
// postings of payments as answers.
func (b *bench) sound(got answers, db *database.DB, what string) answers {
	b.Helper()
	if got.other > 0 {
		b.Errorf("%s: %d requests failed, such as %s", what, got.other, got.sample)
	}
	b.settled += got.ok
	if posted := b.count(db, "ledger_postings WHERE kind = 'payment'"); posted != b.settled {
		b.Errorf("%s: %d answers of 200 in all, %d postings", what, b.settled, posted)
	}
	return got
}

// sameRows logs that the limit writes the rows that we write, table by table.
func (b *bench) sameRows(limits *database.DB, scripts []string) {
	b.Helper()
	before := b.rows(limits)
	b.pgbench("limit_posting", 16, scripts...)
	b.Logf("rows per posting of the limit: %s", each(before, b.rows(limits)))
}

// each says how many rows of each table came with one notification.
func each(before, after map[string]int) string {
	n := float64(max(1, after["notifications"]-before["notifications"]))
	text := ""
	for _, table := range names(written) {
		text += fmt.Sprintf("%s %.2f, ", table, float64(after[table]-before[table])/n)
	}
	return strings.TrimSuffix(text, ", ")
}

// benchQueue hands out each payment once.
type benchQueue struct {
	mu   sync.Mutex
	list []benchPayment
	next int
}

func (q *benchQueue) add(p benchPayment) { q.list = append(q.list, p) }

func (q *benchQueue) take() (benchPayment, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.next == len(q.list) {
		return benchPayment{}, false
	}
	q.next++
	return q.list[q.next-1], true
}

func single(request []byte) func() []byte {
	return func() []byte {
		defer func() { request = nil }()
		return request
	}
}

// limitPosting is the SQL of our own posting in its best form: one locking
// select and one data-modifying statement, on the very tables, writing the very
// rows. A firm owes interest and an indemnity besides.
func limitPosting(firm bool, files int) string {
	kind := "consumer"
	postings := `(:posting::uuid, 'payment', 'payment:' || :mark::text)`
	entries := `(:posting::uuid, 1, 'receivable', :claim_id::uuid, 'principal', -10000), (:posting::uuid, 2, 'entrusted', NULL, '', 10000),
		(:posting::uuid, 3, 'clearing', NULL, '', 10000), (:posting::uuid, 4, 'payable', NULL, '', -8800), (:posting::uuid, 5, 'fee', NULL, '', -1000), (:posting::uuid, 6, 'vat', NULL, '', -200)`
	if firm {
		kind = "business"
		postings = `(:accrual::uuid, 'interest', 'accrual:' || :mark::text), ` + postings
		entries = `(:accrual::uuid, 1, 'receivable', :claim_id::uuid, 'interest', 2000), (:accrual::uuid, 2, 'entrusted', NULL, '', -2000),
		(:posting::uuid, 1, 'receivable', :claim_id::uuid, 'interest', -2000), (:posting::uuid, 2, 'receivable', :claim_id::uuid, 'indemnity', -4000),
		(:posting::uuid, 3, 'receivable', :claim_id::uuid, 'principal', -4000), (:posting::uuid, 4, 'entrusted', NULL, '', 10000),
		(:posting::uuid, 5, 'clearing', NULL, '', 10000), (:posting::uuid, 6, 'payable', NULL, '', -8800), (:posting::uuid, 7, 'fee', NULL, '', -1000), (:posting::uuid, 8, 'vat', NULL, '', -200)`
	}
	text := func(bytes int) string { return "'" + strings.Repeat("x", bytes) + "'" }
	digest := "'\\x" + strings.Repeat("5a", 32) + "'::bytea"
	return fmt.Sprintf(`\set n random(1, %d)
BEGIN;
SELECT c.id AS case_id, c.creditor_id, p.id AS payment_id, l.id AS claim_id, t.id AS party_id, t.person_id, c.event_seq AS seq,
	bench_id() AS posting, bench_id() AS accrual, bench_id() AS mark
FROM bench_files b JOIN cases c ON c.id = b.case_id JOIN payments p ON p.case_id = c.id JOIN claims l ON l.case_id = c.id JOIN parties t ON t.case_id = c.id
WHERE b.kind = '%s' AND b.n = :n FOR UPDATE OF c \gset
WITH note AS (INSERT INTO notifications (id, type, body, payment_id, applied_at, created_at)
		VALUES ('evt_' || :mark::text, 'payment_intent.succeeded', %s, :payment_id::uuid, now(), now())),
	post AS (INSERT INTO ledger_postings (id, kind, source, creditor_id, case_id, effective_on, facts, created_at)
		SELECT v.id, v.kind, v.source, :creditor_id::uuid, :case_id::uuid, current_date, %s, now() FROM (VALUES %s) v (id, kind, source)),
	entry AS (INSERT INTO ledger_entries (posting_id, line, account, creditor_id, case_id, claim_id, component, amount, currency)
		SELECT v.id, v.line, v.account, :creditor_id::uuid, :case_id::uuid, v.claim, v.component, v.amount, 'EUR' FROM (VALUES %s) v (id, line, account, claim, component, amount)),
	event AS (INSERT INTO events (id, stream, stream_id, seq, kind, at, actor_role, actor_id, salt, digest, hash, content)
		SELECT bench_id(), 'case', :case_id::uuid, :seq::bigint + v.n, v.kind, now(), 'gateway', 'gateway', '\x000102030405060708090a0b0c0d0e0f'::bytea, %s, %s, %s
		FROM (VALUES (1, 'payment_succeeded'), (2, 'letter_due')) v (n, kind)),
	letter AS (INSERT INTO letters (id, creditor_id, case_id, party_id, person_id, recipient, kind, owed, channel, language, facts, text_version, state, due_at, created_at)
		VALUES (bench_id(), :creditor_id::uuid, :case_id::uuid, :party_id::uuid, :person_id::uuid, 'party', 'receipt', TRUE, 'email', 'fr', %s, '2026-11', 'due', now(), now()),
			(bench_id(), :creditor_id::uuid, :case_id::uuid, NULL, NULL, 'creditor', 'payment_notice', FALSE, 'email', 'fr', %s, '2026-11', 'due', now(), now())),
	receipt AS (INSERT INTO receipts (id, creditor_id, case_id, payment_id, number, content, text_version, created_at)
		VALUES (bench_id(), :creditor_id::uuid, :case_id::uuid, :payment_id::uuid, 'R-' || :mark::text, %s, '2026-11', now())),
	paid AS (UPDATE payments SET state = 'succeeded', received = 10000, charge_id = 'ch_' || :mark::text, means = 'card', paid_on = current_date, succeeded_at = now() WHERE id = :payment_id::uuid)
	UPDATE cases SET principal = principal + 0, receipts = receipts + 1, event_seq = event_seq + 2, event_head = %s WHERE id = :case_id::uuid;
COMMIT;
`, files, kind, text(420), text(330), postings, entries, digest, digest, text(170), text(90), text(330), text(650), digest)
}
