package payments_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"amiable/negotiation"
	"amiable/negotiation/database"
	"amiable/negotiation/database/databasetest"
	"amiable/negotiation/ledger"
	"amiable/negotiation/money"
	"amiable/payments"
	"amiable/payments/stripe/sandbox"
)

// pays lets the debtor pay a part by card.
func (w *bank) paysPart(part int64) *payments.Payment {
	w.t.Helper()
	p := w.start(part)
	w.visit(*p.SessionID, "4242424242424242")
	return p
}

// days lets days go by at the gateway and here, with the jobs of money.
func (w *bank) days(n int) {
	w.t.Helper()
	for range n {
		*w.now = w.now.Add(24 * time.Hour)
		w.must(w.box.SetClock(*w.now))
		w.quiet()
		w.settles()
	}
}

func (w *bank) settles() {
	w.t.Helper()
	for _, job := range []func(context.Context, int) (int, error){w.RetryNotifications, w.OpenPayouts, w.RemitMonths, w.InvoiceFees, w.CheckBalances} {
		_, err := job(w.ctx, 50)
		w.must(err)
	}
}

func (w *bank) account() string {
	w.t.Helper()
	a, err := w.AccountOf(w.ctx, w.file().CreditorID)
	w.must(err)
	return a.AccountID
}

func (w *bank) creditor() negotiation.Actor {
	return negotiation.Actor{Role: negotiation.RoleCreditor, ID: "camille", Name: "Camille Roussel", CreditorID: w.file().CreditorID}
}

// theirs are the payouts that the creditor sees, the latest first.
func (w *bank) theirs() []payments.ListedPayout {
	w.t.Helper()
	list, err := w.Payouts(w.ctx, w.creditor(), 50)
	w.must(err)
	return list
}

// booked is what the ledger has of an account, over all postings.
func (w *till) booked(account ledger.Account) (sum int64) {
	w.t.Helper()
	w.must(w.n.DB().Read(w.ctx).Model(&ledger.Entry{}).Where("account = ?", account).Select("COALESCE(SUM(amount), 0)").Scan(&sum).Error)
	return sum
}

// paidOut holds our books against the gateway's own.
func (w *bank) paidOut() {
	w.t.Helper()
	w.holds()
	for _, v := range w.box.Invariants() {
		w.t.Errorf("sandbox: %s", v)
	}
	atGateway, atBank := int64(0), int64(0)
	for _, b := range w.box.Books() {
		if b.Owner == w.account() {
			atGateway += b.Amount
		}
	}
	for _, p := range w.box.Payouts() {
		if p.Account == w.account() && p.Status != "failed" && p.Status != "canceled" {
			atBank += p.Amount
		}
	}
	way, err := w.Underway(w.ctx, w.creditor(), 0, 1000)
	w.must(err)
	ours, in, out := int64(0), int64(0), int64(0)
	for i := range way {
		ours += way[i].Net().Minor
		if !way[i].ArrivesOn.IsZero() {
			in += way[i].Net().Minor // it left the gateway, and has not arrived
		}
	}
	for _, p := range w.theirs() {
		if p.State == payments.PayoutPaid {
			out += p.Amount
		}
	}
	if ours-in != atGateway || out+in != atBank {
		w.t.Errorf("on its way %d, of it %d in a payout, paid out %d; the gateway has %d and sent %d", ours, in, out, atGateway, atBank)
	}
}

func TestWhatADebtorPaysReachesTheCreditorToTheCent(t *testing.T) {
	eachBank(t, func(w *bank) {
		first, second := w.paysPart(60_00), w.paysPart(33_33)
		w.paidOut()
		way, err := w.Underway(w.ctx, w.creditor(), 0, 10)
		w.must(err)
		if len(way) != 2 || way[0].Place != payments.AtGateway {
			w.t.Fatalf("%+v", way)
		}
		w.days(14)
		made := w.theirs()
		if len(made) != 1 || made[0].State != payments.PayoutPaid || !made[0].IsOpen() || made[0].Suspense != 0 || made[0].Bank == "" {
			w.t.Fatalf("%+v", made)
		}
		// 10 % and 20 % on it are kept back: 7.20 and 4.00.
		if want := int64(60_00-7_20) + 33_33 - 4_00; made[0].Amount != want {
			w.t.Errorf("paid out %d, want %d", made[0].Amount, want)
		}
		r, err := w.Remittance(w.ctx, w.creditor(), made[0].RemittanceID)
		w.must(err)
		lines, err := w.LinesOf(w.ctx, r)
		w.must(err)
		if len(lines) != 2 || r.Gross != 93_33 || r.Fee != 6_00+3_33 || r.VAT != 1_20+67 || r.Net != made[0].Amount || r.Number != "RV-2026-001" {
			w.t.Errorf("%+v: %+v", r, lines)
		}
		for _, line := range lines {
			settled := int64(0)
			for _, claim := range line.Claims {
				settled += claim.Principal.Minor + claim.Interest.Minor + claim.Indemnity.Minor
			}
			if settled != line.Gross || line.IntentID == "" || line.Net != line.Gross-line.Fee-line.VAT {
				w.t.Errorf("a line does not open into its claims: %+v", line)
			}
		}
		if *lines[0].PaymentID != first.ID || *lines[1].PaymentID != second.ID {
			w.t.Error("the lines are not in their order")
		}
		if w.booked(ledger.Payable) != 0 {
			w.t.Errorf("%d is still payable to the creditor", w.booked(ledger.Payable))
		}
		w.paidOut()
		// The agency's own payout: what it kept, less the gateway's cost, which
		// neither side else bears.
		all, err := w.Payouts(w.ctx, w.agent, 50)
		w.must(err)
		own := 0
		for _, p := range all {
			if p.CreditorID == nil {
				own++
				if p.Suspense != 0 || !p.IsOpen() {
					rows, err := w.RowsOf(w.ctx, p.ID, 50)
					w.must(err)
					for _, row := range rows {
						w.t.Errorf("%s %s %d: %s %s", row.Kind, row.Source, row.Amount, row.Verdict, row.Reason)
					}
				}
			}
		}
		if own == 0 || w.booked(ledger.GatewayCost) == 0 {
			w.t.Errorf("%d payouts of the agency's, cost %d", own, w.booked(ledger.GatewayCost))
		}
		stranger := negotiation.Actor{Role: negotiation.RoleCreditor, ID: "x", CreditorID: w.another()}
		if _, err := w.Payout(w.ctx, stranger, made[0].ID); negotiation.AsRefusal(err) == nil {
			w.t.Error("another creditor sees it")
		}
		if _, err := w.Remittance(w.ctx, stranger, r.ID); negotiation.AsRefusal(err) == nil {
			w.t.Error("another creditor sees the remittance")
		}
	})
}

func TestMoneyThatNothingExplainsWaitsForAPerson(t *testing.T) {
	eachBank(t, func(w *bank) {
		w.paysPart(60_00)
		w.days(7)
		w.must(w.box.Adjust(w.account(), 1_50, "a correction"))
		w.days(7)
		made := w.theirs()
		if len(made) != 1 || made[0].Amount != 60_00-7_20+1_50 || made[0].Suspense != 1 {
			w.t.Fatalf("%+v", made)
		}
		waiting, err := w.InSuspense(w.ctx, 10)
		w.must(err)
		if len(waiting) != 1 || waiting[0].Reason != payments.NothingBehindIt || waiting[0].Net != 1_50 || w.booked(ledger.Suspense) != -1_50 {
			w.t.Fatalf("%+v, in suspense %d", waiting, w.booked(ledger.Suspense))
		}
		w.holds()
		if err := w.Explain(w.ctx, w.creditor(), waiting[0].ID, "mine", "creditor"); negotiation.AsRefusal(err) == nil {
			w.t.Error("a creditor explained it away")
		}
		w.must(w.Explain(w.ctx, w.agent, waiting[0].ID, "Correction des frais de juillet, avis du 3 septembre", "creditor"))
		if err := w.Explain(w.ctx, w.agent, waiting[0].ID, "again", "agency"); negotiation.AsRefusal(err) == nil {
			w.t.Error("explained twice")
		}
		if w.booked(ledger.Suspense) != 0 || w.booked(ledger.Payable) != 0 {
			w.t.Errorf("suspense %d, payable %d", w.booked(ledger.Suspense), w.booked(ledger.Payable))
		}
		w.holds()
	})
}

func TestAPayoutThatTheBankSendsBack(t *testing.T) {
	eachBank(t, func(w *bank) {
		w.paysPart(60_00)
		w.days(12)
		first := w.theirs()[0]
		if first.State != payments.PayoutPaid {
			w.t.Fatalf("%+v", first)
		}
		w.must(w.box.FailPayout(first.GatewayID, "account_closed"))
		w.quiet()
		if again := w.theirs()[0]; again.State != payments.PayoutFailed || again.Failure != "account_closed" {
			w.t.Fatalf("%+v", again)
		}
		if w.booked(ledger.Payable) != -(60_00 - 7_20) {
			w.t.Errorf("payable %d: the money is not the creditor's any more", w.booked(ledger.Payable))
		}
		w.holds()
		way, err := w.Underway(w.ctx, w.creditor(), 0, 10)
		w.must(err)
		if len(way) != 1 || !way[0].ArrivesOn.IsZero() {
			w.t.Errorf("it came back, and is on its way again: %+v", way)
		}
		w.days(7)
		made := w.theirs()
		if len(made) != 2 || made[0].Suspense != 0 || !made[0].IsOpen() || made[0].State != payments.PayoutPaid {
			w.t.Fatalf("%+v", made)
		}
		rows, err := w.RowsOf(w.ctx, made[0].ID, 10)
		w.must(err)
		if len(rows) != 1 || rows[0].Kind != payments.RowReturned || rows[0].Verdict != payments.Matched {
			w.t.Errorf("%+v", rows)
		}
		if way, err = w.Underway(w.ctx, w.creditor(), 0, 10); err != nil || len(way) != 0 {
			w.t.Errorf("still on its way: %+v, %v", way, err)
		}
		if w.booked(ledger.Payable) != 0 {
			w.t.Errorf("payable %d", w.booked(ledger.Payable))
		}
		w.holds()
	})
}

func TestPayoutsThatNoNotificationToldOfAreFound(t *testing.T) {
	onSQLite(t, func(w *bank) {
		w.paysPart(60_00)
		if _, err := w.box.AddFault(sandbox.Fault{Kind: sandbox.WebhookNever, Event: "payout.*"}); err != nil {
			w.t.Fatal(err)
		}
		w.days(14)
		if len(w.theirs()) != 0 {
			w.t.Fatal("somebody told")
		}
		w.must(w.n.DB().Read(w.ctx).Exec("UPDATE gateway_accounts SET payouts_enabled = TRUE").Error)
		if _, err := w.FindPayouts(w.ctx); err != nil {
			w.t.Fatal(err)
		}
		w.settles()
		if made := w.theirs(); len(made) != 1 || !made[0].IsOpen() || made[0].State != payments.PayoutPaid {
			w.t.Fatalf("%+v", made)
		}
		w.paidOut()
	})
}

// paying is a gateway in memory that pays out what a test says.
type paying struct {
	*counter
	rows  []payments.PayoutRowFact
	cut   int // of the pages to come, the one whose answer is lost
	asked int
}

func (g *paying) PayoutRows(_ context.Context, _, _, after string) ([]payments.PayoutRowFact, bool, error) {
	if g.asked++; g.asked == g.cut {
		return nil, false, payments.ErrUnavailable
	}
	from := 0
	for i := range g.rows {
		if g.rows[i].ID == after {
			from = i + 1
		}
	}
	until := min(from+100, len(g.rows))
	return g.rows[from:until], until < len(g.rows), nil
}

// treasury is a till whose case has been paid in many parts, each by a charge.
type treasury struct {
	*till
	g    *paying
	paid []*payments.Payment
}

func newTreasury(t *testing.T, db *database.DB, n int) *treasury {
	t.Helper()
	w := &treasury{till: newTillOn(t, db)}
	w.g = &paying{counter: w.till.g}
	w.Service = payments.New(w.n, w.g, "https://portal.example", false)
	for range n {
		p := w.start(10_00)
		w.arrives(p)
		w.paid = append(w.paid, p)
	}
	return w
}

func (w *treasury) row(i int) payments.PayoutRowFact {
	return payments.PayoutRowFact{
		ID: fmt.Sprintf("txn_%04d", i), Kind: payments.RowPayment, Source: fmt.Sprintf("py_%04d", i), ChargeID: "ch_" + w.paid[i].ID,
		Amount: money.Euros(10_00), Fee: money.Euros(1_20), MadeAt: *w.now, AvailableAt: *w.now,
	}
}

// paysOut tells of a payout of the rows, with what they add up to.
func (w *treasury) paysOut(id string, rows ...payments.PayoutRowFact) {
	w.t.Helper()
	sum := money.Euros(0)
	for _, r := range rows {
		sum = sum.Add(r.Amount).Sub(r.Fee)
	}
	w.g.rows, w.g.asked = rows, 0
	w.tells(w.fact(id, sum.Minor, payments.PayoutPaid))
}

func (w *treasury) fact(id string, cents int64, state payments.PayoutState) payments.PayoutFact {
	return payments.PayoutFact{ID: id, Account: "acct_1", State: state, Amount: money.Euros(cents), Automatic: true, Itemised: true, ArrivesOn: *w.now, MadeAt: *w.now}
}

func (w *treasury) tells(f payments.PayoutFact) {
	w.t.Helper()
	w.told++
	w.notified(payments.Notification{ID: fmt.Sprintf("evt_%d", w.told), Type: "payout", Account: f.Account, Created: *w.now, Payout: &f})
}

func eachTreasury(t *testing.T, n int, test func(w *treasury)) {
	t.Helper()
	databasetest.Each(t, []database.Migrations{negotiation.Migrations, payments.Migrations}, func(t *testing.T, db *database.DB) { test(newTreasury(t, db, n)) })
}

func (w *treasury) opens() error {
	_, err := w.OpenPayouts(w.ctx, 10)
	return err
}

func (w *treasury) reasons() (reasons []string) {
	w.t.Helper()
	rows, err := w.InSuspense(w.ctx, 50)
	w.must(err)
	for _, r := range rows {
		reasons = append(reasons, r.ID+" "+r.Reason)
	}
	return reasons
}

func TestEveryDifferenceIsFoundAndNamed(t *testing.T) {
	eachTreasury(t, 7, func(w *treasury) {
		rows := []payments.PayoutRowFact{w.row(0), w.row(1), w.row(2), w.row(3), w.row(4)}
		rows[1].Amount = money.Euros(10_01)
		rows[2].Fee = money.Euros(1_00)
		rows[3].ChargeID = "ch_nobody"
		twice := w.row(4)
		twice.ID = "txn_again"
		refund := w.row(4)
		refund.ID, refund.Kind, refund.Amount, refund.Fee = "txn_refund", payments.RowRefund, money.Euros(-10_00), money.Euros(-1_20)
		w.paysOut("po_1", append(rows, twice, refund)...)
		w.must(w.opens())
		want := "txn_0001 amount_differs txn_0002 fee_differs txn_0003 unknown_charge txn_again paid_out_before txn_refund not_our_refund"
		if got := strings.Join(w.reasons(), " "); got != want {
			w.t.Errorf("got  %s\nwant %s", got, want)
		}
		w.holds()
		// What stands in one payout is not paid out by another.
		w.later(24 * time.Hour)
		before := w.row(0)
		before.ID = "txn_later"
		w.paysOut("po_2", before, w.row(5))
		w.must(w.opens())
		if got := strings.Join(w.reasons(), " "); got != want+" txn_later paid_out_before" {
			w.t.Errorf("got %s", got)
		}
		w.holds()
		way, err := w.Underway(w.ctx, w.agent, 0, 50)
		w.must(err)
		// The seventh is in no payout; of the two that differ no posting is paid out.
		if len(way) != 4 {
			w.t.Errorf("%d payments are on their way", len(way))
		}
	})
}

func TestAPayoutIsOpenedWholeOrNotAtAll(t *testing.T) {
	eachTreasury(t, 4, func(w *treasury) {
		var rows []payments.PayoutRowFact
		for i := range 250 { // three pages
			r := w.row(i % 4)
			r.ID = fmt.Sprintf("txn_%04d", i)
			rows = append(rows, r)
		}
		w.paysOut("po_1", rows...)
		for cut := 1; cut <= 3; cut++ {
			w.g.cut, w.g.asked = cut, 0
			if err := w.opens(); err == nil {
				w.t.Fatalf("opened although page %d never came", cut)
			}
			list, err := w.Payouts(w.ctx, w.agent, 1)
			w.must(err)
			if list[0].IsOpen() || list[0].Problem == "" || len(w.reasons()) > 0 {
				w.t.Fatalf("%+v", list[0])
			}
			w.later(time.Hour)
		}
		w.g.cut = 0
		w.must(w.opens())
		w.must(w.opens())
		list, err := w.Payouts(w.ctx, w.agent, 1)
		w.must(err)
		if !list[0].IsOpen() || list[0].RowCount != 250 || list[0].Suspense != 246 {
			w.t.Errorf("%+v", list[0])
		}
		w.holds()
		// Rows that do not add up to what is paid are not kept.
		w.later(time.Hour)
		w.paysOut("po_2", func() payments.PayoutRowFact { r := w.row(0); r.ID = "txn_x"; return r }())
		w.g.rows[0].Amount = money.Euros(10_05)
		if err := w.opens(); err == nil || !strings.Contains(err.Error(), "add up to") {
			w.t.Errorf("got %v", err)
		}
		w.holds()
	})
}

func TestFactsOfAPayoutComeInAnyOrder(t *testing.T) {
	eachTreasury(t, 1, func(w *treasury) {
		life := []payments.PayoutState{payments.PayoutPending, payments.PayoutInTransit, payments.PayoutPaid, payments.PayoutFailed}
		for seed := range uint64(12) {
			id := fmt.Sprintf("po_%d", seed)
			facts := append([]payments.PayoutState{}, life...)
			rand.New(rand.NewPCG(seed, 1)).Shuffle(len(facts), func(i, j int) { facts[i], facts[j] = facts[j], facts[i] })
			for _, state := range facts {
				w.tells(w.fact(id, 5_00, state))
			}
		}
		list, err := w.Payouts(w.ctx, w.agent, 50)
		w.must(err)
		for _, p := range list {
			if p.State != payments.PayoutFailed {
				w.t.Errorf("%s is %s", p.GatewayID, p.State)
			}
		}
		w.holds()
	})
}

func TestAFeeIsInvoicedOnceAMonthAndGivenBackByACreditNote(t *testing.T) {
	databasetest.Each(t, []database.Migrations{negotiation.Migrations, payments.Migrations}, func(t *testing.T, db *database.DB) {
		w := newTreasury(t, db, 2) // paid on 31 August
		elsewhere, err := w.RecordElsewhere(w.ctx, w.agent, w.caseID, payments.Elsewhere{Amount: money.Euros(50_00), On: "2026-08-20", Means: "transfer", Reference: "VIR-1", AtAgency: true})
		w.must(err)
		months := func() {
			for range 2 { // a job comes more than once
				_, err := w.InvoiceFees(w.ctx, 10)
				w.must(err)
				_, err = w.RemitMonths(w.ctx, 10)
				w.must(err)
			}
		}
		months()
		if list, err := w.FeeInvoices(w.ctx, w.agent, 10); err != nil || len(list) != 0 {
			w.t.Fatalf("before the month is over: %v %v", list, err)
		}
		*w.now = time.Date(2026, 9, 1, 8, 0, 0, 0, time.UTC)
		months()
		list, err := w.FeeInvoices(w.ctx, w.agent, 10)
		w.must(err)
		if len(list) != 1 || list[0].Number != "F-2026-001" || list[0].Fee != 1_00+1_00+5_00 || list[0].VAT != 20+20+1_00 || list[0].Withheld != 2_40 || list[0].Due().Minor != 6_00 {
			w.t.Fatalf("%+v", list)
		}
		way, err := w.Underway(w.ctx, w.agent, 20, 10)
		w.must(err)
		if len(way) != 0 {
			w.t.Errorf("alarm after 12 days: %+v", way)
		}
		*w.now = time.Date(2026, 9, 9, 8, 0, 0, 0, time.UTC)
		if way, err = w.Underway(w.ctx, w.agent, 20, 10); err != nil || len(way) != 1 || way[0].Place != payments.AtAgency || way[0].Stands("2026-09-09") != payments.Alarm || way[0].Stands("2026-09-21") != payments.TooLate {
			w.t.Errorf("%+v %v", way, err)
		}
		// The agency sends on what was on its account.
		remitted, err := w.Remittances(w.ctx, w.agent, 10)
		w.must(err)
		if len(remitted) != 1 || remitted[0].Kind != payments.PeriodRemittance || remitted[0].Net != 50_00 || remitted[0].UntilOn != "2026-08-31" {
			w.t.Fatalf("%+v", remitted)
		}
		w.must(w.PayOver(w.ctx, w.agent, remitted[0].ID, "2026-09-09", "VIR SEPA 2209"))
		if err := w.PayOver(w.ctx, w.agent, remitted[0].ID, "2026-09-09", "VIR SEPA 2209"); negotiation.AsRefusal(err) == nil {
			w.t.Error("paid over twice")
		}
		if w.booked(ledger.Bank) != 0 {
			w.t.Errorf("%d is still on the agency's account", w.booked(ledger.Bank))
		}
		w.holds()
		// The payment is undone: its fee is given back, on its own number.
		w.must(w.Reverse(w.ctx, w.agent, elsewhere.ID, "la banque l'a repris"))
		*w.now = time.Date(2026, 10, 2, 8, 0, 0, 0, time.UTC)
		months()
		list, err = w.FeeInvoices(w.ctx, w.agent, 10)
		w.must(err)
		if len(list) != 2 || list[0].Kind != payments.CreditNote || list[0].Number != "F-2026-002" || list[0].Total().Minor != 6_00 {
			w.t.Fatalf("%+v", list)
		}
		_, lines, err := w.FeeInvoice(w.ctx, w.agent, list[0].ID)
		w.must(err)
		if len(lines) != 1 || lines[0].Corrects != "F-2026-001" {
			w.t.Errorf("%+v", lines)
		}
		w.holds()
	})
}
