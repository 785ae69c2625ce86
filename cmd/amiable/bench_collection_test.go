//go:build bench

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"time"

	"amiable/negotiation"
	"amiable/negotiation/database"
	"amiable/payments"
)

// collecting measures B4 and B5: instalments claimed to be charged, over the
// bare SQL that marks rows, and cards charged at the pace that a gateway takes.
func (b *bench) collecting() {
	db := b.create("collection", "")
	b.settle(db)
	plans := max(b.lines/planLines, 1000)
	b.importInto(b.server().URL("collection"), b.file("collection.csv", plans))
	b.plan(db)
	today := negotiation.DayOf(time.Now())
	noon := negotiation.FixedClock(time.Date(today.Time().Year(), today.Time().Month(), today.Time().Day(), 12, 0, 0, 0, time.UTC))
	b.claiming(db, noon, plans)
	b.charging(db, noon)
}

// planLines is how many instalments a plan of the bench has; the first is due.
const planLines = 10

// plan puts every case of a database on a plan whose card is kept.
func (b *bench) plan(db *database.DB) {
	today := negotiation.DayOf(time.Now())
	past, now := today.Add(-20), database.Now()
	b.run(db, `UPDATE cases SET state = 'in_plan', first_letter_reference = 'PL-' || reference, first_letter_on = ?, first_letter_channel = 'post', first_letter_proof = 'bench', opened_on = ?, offers = 1`, past, past)
	b.run(db, `INSERT INTO gateway_accounts (creditor_id, account_id, charges_enabled, payouts_enabled, details_submitted, updated_at, created_at)
		SELECT id, 'acct_' || reference, TRUE, TRUE, TRUE, ?, ? FROM creditors`, now, now)
	b.run(db, `INSERT INTO offers (id, creditor_id, case_id, party_id, number, state, side, terms, as_of, owed, total, policy_version, verdict, answer_side, answer_by, by_role, by_id, by_name, answered_at, created_at)
		SELECT md5('offer' || case_id)::uuid, creditor_id, case_id, id, 1, 'accepted', 'debtor', '{}', ?, ?, ?, 0, 'yes', 'creditor', ?, 'debtor', 'bench', 'bench', ?, ? FROM parties`,
		past, planLines*20_00, planLines*20_00, today, now, now)
	b.run(db, `INSERT INTO plans (id, creditor_id, case_id, offer_id, number, state, owed, total, currency, skips_max, move_days_max, interest_waived, interest_from, charged, accepted_at, created_at)
		SELECT md5('plan' || case_id)::uuid, creditor_id, case_id, id, 1, 'active', owed, total, 'EUR', 0, 0, TRUE, as_of, 'card visa 4242', ?, ? FROM offers`, now, now)
	b.run(db, fmt.Sprintf(`INSERT INTO instalments (plan_id, revision, number, due_on, amount)
		SELECT id, 1, n, CAST(? AS date) + 30 * (n - 1), 2000 FROM plans, generate_series(1, %d) n`, planLines), today)
	b.run(db, `INSERT INTO plan_notices (plan_id, number, due_on, kind, created_at) SELECT id, 1, ?, 'charge', ? FROM plans`, today, now.AddDate(0, 0, -10))
	b.run(db, `INSERT INTO authorities (id, creditor_id, case_id, plan_id, party_id, state, text_version, language, asked_at, customer_id, method_id, brand, last4, exp_month, exp_year, given_at, created_at)
		SELECT md5('leave' || p.case_id)::uuid, p.creditor_id, p.case_id, p.id, o.party_id, 'live', ?, 'fr', ?, 'cus_bench', 'pm_bench', 'visa', '4242', 12, 2090, ?, ? FROM plans p JOIN offers o ON o.id = p.offer_id`,
		negotiation.ChargesText, now.AddDate(0, 0, -20), now.AddDate(0, 0, -20), now.AddDate(0, 0, -20))
	b.run(db, "VACUUM ANALYZE")
}

// dueTable and dueClaim are the limit of B4: of a million instalments the half
// is due, and is marked in batches of a hundred.
const dueTable = `
CREATE TABLE b_inst (id bigserial PRIMARY KEY, plan_id bigint NOT NULL, due_on date NOT NULL, state text NOT NULL, amount bigint NOT NULL, locked_at timestamptz);
INSERT INTO b_inst (plan_id, due_on, state, amount) SELECT i / 6, current_date + (i % 60) - 30, 'due', 1000 FROM generate_series(1, 1000000) i;
CREATE INDEX ON b_inst (due_on, id) WHERE state = 'due';
VACUUM ANALYZE b_inst`

const dueClaim = `WITH d AS (SELECT id FROM b_inst WHERE state = 'due' AND due_on <= current_date ORDER BY due_on, id LIMIT %d FOR UPDATE SKIP LOCKED)
UPDATE b_inst i SET state = 'charging', locked_at = now() FROM d WHERE i.id = d.id RETURNING i.id, i.plan_id, i.amount;
`

// claiming measures B4: one worker finds what is due, asks everything again
// under the case's lock and writes down what will be asked of the gateway, which
// does not answer: what is claimed stays claimed.
func (b *bench) claiming(db *database.DB, clock negotiation.Clock, plans int) {
	for _, statement := range splitStatements(dueTable) {
		b.run(db, statement)
	}
	service := payments.New(negotiation.New(db, clock), noGateway{}, "http://127.0.0.1", false)
	service.ChargeAt(1_000_000, 1)
	each := min(500, plans/(b.rounds+1)/2) // what B5 charges is left over
	var batch, single []float64
	note := ""
	for range b.rounds {
		hundred, one := b.pgbench("collection", 1, fmt.Sprintf(dueClaim, 100)).tps*100, b.pgbench("collection", 1, fmt.Sprintf(dueClaim, 1)).tps
		before, began := b.count(db, "charge_attempts"), time.Now()
		_, _ = service.Collect(context.Background(), each) // each is an error: nobody answered
		claimed := b.count(db, "charge_attempts") - before
		if claimed != each {
			b.Fatalf("claimed %d of %d", claimed, each)
		}
		rate := float64(claimed) / time.Since(began).Seconds()
		batch, single = append(batch, rate/hundred), append(single, rate/one)
		note += fmt.Sprintf(" %.0f/%.0f/%.0f", hundred, one, rate)
	}
	b.goal("B4", "instalments claimed over due_claim in batches of 100", batch, 0.4, 0.8, "a second, batches/one at a time/ours:"+note)
	b.goal("B4s", "the same over due_claim one at a time", single, 0.4, 0.8, "")
}

// What the gateway of B5 takes.
const (
	gatewayTakes   = 25 // charges a second,
	gatewayBurst   = 3  // and so many at once
	gatewayAnswers = 200 * time.Millisecond
)

// charging measures B5: two workers, each with connections of its own, charge
// cards at a gateway that answers after a while and refuses what comes too fast.
func (b *bench) charging(db *database.DB, clock negotiation.Clock) {
	b.run(db, "UPDATE payments SET next_try_at = ? WHERE state = 'started'", database.Now().AddDate(1, 0, 0)) // B4's are not asked about
	before := b.count(db, "payments WHERE state = 'succeeded'")
	second, err := database.Open(context.Background(), b.server().URL("collection"))
	b.must(err)
	defer func() { b.must(second.Close()) }()
	var shares []float64
	total, note := 0, ""
	for range b.rounds {
		psp := &fakeGateway{charged: map[string]int{}}
		server := httptest.NewServer(psp)
		each := int(10*b.turn.Seconds()) * gatewayTakes / 2
		var all sync.WaitGroup
		for _, on := range []*database.DB{db, second} {
			service := payments.New(negotiation.New(on, clock), fakeClient{url: server.URL}, "http://127.0.0.1", false)
			service.ChargeAt(gatewayTakes/2+1, 6) // the two together a little more than it takes
			all.Go(func() {
				if _, err := service.Collect(context.Background(), each); err != nil {
					b.Error(err)
				}
			})
		}
		all.Wait()
		server.Close()
		for payment, times := range psp.charged {
			if times != 1 {
				b.Errorf("payment %s was charged %d times", payment, times)
			}
		}
		total += len(psp.charged)
		shares = append(shares, float64(len(psp.charged)-1)/psp.last.Sub(psp.first).Seconds()/gatewayTakes)
		note += fmt.Sprintf(" %d charged, %d too fast;", len(psp.charged), psp.refused)
	}
	if got := b.count(db, "payments WHERE state = 'succeeded'") - before; got != total {
		b.Errorf("the gateway charged %d, the books have %d", total, got)
	}
	var twice int
	b.must(db.Read(context.Background()).Raw("SELECT COUNT(*) FROM (SELECT plan_id, line FROM payments WHERE state <> 'cancelled' GROUP BY plan_id, line HAVING COUNT(*) > 1) t").Scan(&twice).Error)
	if twice > 0 {
		b.Errorf("%d instalments were charged twice", twice)
	}
	b.goal("B5", fmt.Sprintf("cards charged by two workers over the %d a second that the gateway takes", gatewayTakes), shares, 0.95, 0.99, note)
}

// fakeGateway answers after a while, and takes so many charges in a second.
type fakeGateway struct {
	mu                 sync.Mutex
	room               float64        // charges that it would take now
	charged            map[string]int // by payment
	refused            int
	first, asked, last time.Time
}

func (g *fakeGateway) ServeHTTP(out http.ResponseWriter, r *http.Request) {
	var c payments.Charge
	if err := json.NewDecoder(r.Body).Decode(&c); err != nil {
		http.Error(out, err.Error(), http.StatusBadRequest)
		return
	}
	if !g.takes(c) {
		http.Error(out, "too fast", http.StatusTooManyRequests)
		return
	}
	time.Sleep(gatewayAnswers)
	_ = json.NewEncoder(out).Encode(payments.Fact{
		PaymentID: c.PaymentID, CaseID: c.CaseID, IntentID: "pi_" + c.PaymentID, ChargeID: "ch_" + c.PaymentID, Progress: payments.Collected, Over: true,
		Amount: c.Amount, At: time.Now().UTC(), Means: "card visa 4242",
	})
}

func (g *fakeGateway) takes(c payments.Charge) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	now := time.Now()
	if g.first.IsZero() {
		g.first, g.room = now, gatewayBurst
	} else {
		g.room = min(gatewayBurst, g.room+now.Sub(g.asked).Seconds()*gatewayTakes)
	}
	g.asked = now
	if g.room < 1 {
		g.refused++
		return false
	}
	g.room--
	g.charged[c.PaymentID]++
	g.last = now
	return true
}

// fakeClient speaks to it.
type fakeClient struct {
	noGateway
	url string
}

// ChargeCard charges.
func (g fakeClient) ChargeCard(ctx context.Context, c payments.Charge) (f payments.Fact, err error) {
	body, err := json.Marshal(c)
	if err != nil {
		return f, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, g.url, bytes.NewReader(body))
	if err != nil {
		return f, err
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return f, fmt.Errorf("%w: %w", payments.ErrUnavailable, err)
	}
	defer answer.Body.Close()
	if answer.StatusCode == http.StatusTooManyRequests {
		return f, payments.ErrTooFast
	}
	return f, json.NewDecoder(answer.Body).Decode(&f)
}
