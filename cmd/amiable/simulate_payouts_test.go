package main

import (
	"encoding/json"
	"time"

	"amiable/negotiation"
	"amiable/payments"
	"amiable/payments/stripe/sandbox"
)

// Money reaches its creditors in a simulated year. The gateway pays out by
// itself; banks send some of it back, and now and then something moves on an
// account that no payment explains.

// everything is more than a year has of anything.
const everything = 1_000_000

// payoutActs lets a bank, the gateway or an agent do something about payouts, or
// nothing.
func (y *year) payoutActs() {
	if y.draw(10) {
		y.explains()
	}
	if y.peaceful {
		return
	}
	if y.draw(40) {
		y.bankSendsBack()
	}
	if y.draw(60) {
		cents := int64(y.luck.IntN(400)) - 100
		account := y.accounts[y.luck.IntN(len(y.accounts))]
		if cents != 0 {
			y.must(y.box.Adjust(account, cents, "correction"))
			y.corrected[account] += cents
			y.note("a correction of the gateway's", nil, false)
		}
	}
}

// bankSendsBack lets a bank refuse a payout, even one that has arrived.
func (y *year) bankSendsBack() {
	var young []string
	for _, p := range y.box.Payouts() {
		if p.Status == "in_transit" || p.Status == "paid" && y.now.Before(p.Arrives.Add(7*24*time.Hour)) {
			young = append(young, p.ID)
		}
	}
	if len(young) > 0 {
		y.note("a bank sends a payout back", y.box.FailPayout(young[y.luck.IntN(len(young))], ""), false)
	}
}

// explains says of a row that nothing explained what it is.
func (y *year) explains() {
	rows, err := y.house.payments.InSuspense(y.ctx, 5)
	y.must(err)
	if len(rows) == 0 {
		return
	}
	owner := []string{"creditor", "agency"}[y.luck.IntN(2)]
	y.life("explain a row", func() error {
		return y.house.payments.Explain(y.ctx, adviser, rows[y.luck.IntN(len(rows))].ID, "Avis du prestataire", owner)
	})
}

// paidOut is what became of the money on its way to creditors, by our books and
// the gateway's.
type paidOut struct {
	ours   map[string]payments.ListedPayout // by the gateway's id
	theirs map[string]sandbox.PayoutView
	again  map[string]string                // payout that came back → the one in which its money left once more
	in     map[string]string                // payment → payout
	sent   map[string]int64                 // from an account to its bank, and kept there
	lines  map[string]payments.ListedLine   // of remittances of payouts, by the gateway's row
	of     map[string]payments.Remittance   // by the remittance's id
	paid   map[string][]payments.ListedLine // by payment
	way    map[string]payments.Underway     // payments that have not reached a bank
	owners map[string]negotiation.Creditor  // by the gateway's account
	moved  map[string]int64                 // what a transfer of ours, less the fee, was made of: by the gateway's row
	put    map[string]int64                 // what the first transfer of a payment was made of
}

// arrived says whether the money of a payout is at its bank now.
func (o *paidOut) arrived(id string) bool {
	switch next, left := o.again[id]; o.theirs[id].Status {
	case "paid":
		return true
	case "failed":
		return left && o.arrived(next)
	}
	return false
}

// gross is what a row of the gateway's was before the fee: its own amount, or
// what the transfer was made of that it is.
func (o *paidOut) gross(row string, amount int64) int64 {
	of, ours := o.moved[row]
	switch {
	case !ours:
		return amount
	case amount < 0:
		return -of
	}
	return of
}

// creditorsAgree compares, for each creditor, what came in less fees, refunds
// and chargebacks with what was paid out and what is on its way, to the cent;
// each payout with the gateway's own; and each of its rows with the one
// remittance that tells of it.
func (y *year) creditorsAgree() {
	o := y.paidOut()
	came := map[string]int64{} // for a creditor's account, and not gone back
	for _, m := range y.allPayments() {
		if !m.ByGateway() {
			continue
		}
		if m.State == payments.Succeeded {
			came[m.CreditorID] += m.Net().Minor
		}
		if m.Pulled != m.Refunded+m.TakenBack {
			y.t.Errorf("seed %d: payment %s: %d went back, %d was pulled (%s)", y.seed, m.ID, m.Refunded+m.TakenBack, m.Pulled, m.Problem)
		}
	}
	y.payoutsAgree(o)
	for _, account := range y.accounts {
		creditor, rests := o.owners[account], int64(0)
		for _, b := range y.box.Books() {
			if b.Owner == account {
				rests += b.Amount
			}
		}
		if want, have := came[creditor.ID]+y.corrected[account], o.sent[account]+rests; want != have {
			y.t.Errorf("seed %d: creditor %s: %d came in for it, corrections %d; %d were paid out and %d are on their way",
				y.seed, creditor.Reference, came[creditor.ID], y.corrected[account], o.sent[account], rests)
		}
	}
	y.remittancesAgree(o)
	y.invoicesAgree()
	for _, p := range o.theirs {
		y.happened["payout "+p.Status]++
	}
	y.happened["on its way"] += len(o.way)
}

// paidOut reads what our side says of payouts, by the services that pages ask.
func (y *year) paidOut() *paidOut {
	o := &paidOut{
		ours: map[string]payments.ListedPayout{}, theirs: map[string]sandbox.PayoutView{}, again: map[string]string{}, in: map[string]string{}, sent: map[string]int64{}, lines: map[string]payments.ListedLine{},
		of: map[string]payments.Remittance{}, paid: map[string][]payments.ListedLine{}, way: map[string]payments.Underway{}, owners: map[string]negotiation.Creditor{},
		moved: map[string]int64{}, put: map[string]int64{},
	}
	var moved []struct {
		ID, PaymentID string
		Amount        int64
		First         bool
	}
	y.must(y.house.db.Read(y.ctx).Raw(`SELECT r.id, CAST(m.payment_id AS TEXT) AS payment_id, m.amount, m.number = 1 AND m.kind = 'put' AND r.kind = 'payment' AS first
		FROM payout_rows r JOIN transits m ON m.id = r.transit_id WHERE r.fee = 0 AND r.creditor_id IS NOT NULL`).Scan(&moved).Error)
	for _, m := range moved {
		o.moved[m.ID] = m.Amount
		if m.First {
			o.put[m.PaymentID] = m.Amount
		}
	}
	creditors, err := y.house.negotiation.Creditors(y.ctx)
	y.must(err)
	for _, c := range creditors {
		account, err := y.house.payments.AccountOf(y.ctx, c.ID)
		y.must(err)
		o.owners[account.AccountID] = c
	}
	payouts, err := y.house.payments.Payouts(y.ctx, operator, everything)
	y.must(err)
	for _, p := range payouts {
		o.ours[p.GatewayID] = p
	}
	remittances, err := y.house.payments.Remittances(y.ctx, operator, everything)
	y.must(err)
	for _, r := range remittances {
		o.of[r.ID] = r
		lines, err := y.house.payments.LinesOf(y.ctx, &r)
		y.must(err)
		for _, line := range lines {
			if line.PaymentID != nil && (line.Kind == "payment" || line.Kind == "reversal") {
				o.paid[*line.PaymentID] = append(o.paid[*line.PaymentID], line)
			}
			if line.RowID == "" {
				continue
			}
			if before, twice := o.lines[line.RowID]; twice {
				y.t.Errorf("seed %d: row %s stands on remittances %s and %s", y.seed, line.RowID, o.of[before.RemittanceID].Number, r.Number)
			}
			o.lines[line.RowID] = line
		}
	}
	way, err := y.house.payments.Underway(y.ctx, operator, 0, everything)
	y.must(err)
	for _, w := range way {
		o.way[w.ID] = w
	}
	return o
}

// payoutsAgree compares each payout of the gateway's with ours, and its rows
// with those that its creditor's remittance tells of.
func (y *year) payoutsAgree(o *paidOut) {
	for _, p := range y.box.Payouts() {
		ours, known := o.ours[p.ID]
		o.theirs[p.ID] = p
		delete(o.ours, p.ID)
		account := p.Account
		if account == y.box.PlatformID() {
			account = ""
		}
		opened := p.Reconciliation == "completed"
		if !known || ours.AccountID != account || string(ours.State) != p.Status || ours.Amount != p.Amount || ours.IsOpen() != opened {
			y.t.Errorf("seed %d: payout %s: the gateway has %+v, we have %+v", y.seed, p.ID, p, ours.Payout)
			continue
		}
		if p.Status != "failed" {
			o.sent[p.Account] += p.Amount
		}
		if account == "" || !opened {
			continue
		}
		y.rowsOn(account, "/v1/balance_transactions", "&payout="+p.ID, func(row json.RawMessage) {
			var b struct {
				ID, Type, Source string
				Amount, Fee, Net int64
			}
			y.must(json.Unmarshal(row, &b))
			if b.Type == "payout" {
				return
			}
			if b.Type == "payout_failure" {
				o.again[b.Source] = p.ID
			}
			line, told := o.lines[b.ID]
			if told && line.PaymentID != nil && line.Kind == "payment" {
				o.in[*line.PaymentID] = p.ID
			}
			delete(o.lines, b.ID)
			y.happened["row of payouts"]++
			if r := o.of[line.RemittanceID]; !told || r.PayoutID == nil || *r.PayoutID != ours.ID || line.Gross != o.gross(b.ID, b.Amount) || line.Net != b.Net || line.Fee+line.VAT != line.Gross-line.Net {
				y.t.Errorf("seed %d: payout %s pays row %+v out, remittance %s tells of %+v", y.seed, p.ID, b, r.Number, line.RemittanceLine)
			}
		})
	}
	for id, p := range o.ours {
		y.t.Errorf("seed %d: payout %s is %s here, the gateway made none", y.seed, id, p.State)
	}
	for id, line := range o.lines {
		y.t.Errorf("seed %d: remittance %s tells of row %s, which no payout paid out", y.seed, o.of[line.RemittanceID].Number, id)
	}
}

// remittancesAgree finds each payment on one remittance, or not yet on any; and
// among those on their way for as long as its money is at no bank.
func (y *year) remittancesAgree(o *paidOut) {
	until := y.monthsEnd()
	for _, m := range y.allPayments() {
		lines := o.paid[m.ID]
		delete(o.paid, m.ID)
		_, waits := o.way[m.ID]
		here := o.arrived(o.in[m.ID]) || (m.Separate && o.in[m.ID] == "" && m.Received-m.Refunded-m.TakenBack <= m.Fees().Minor) // all of it went back before it was transferred
		if m.ByGateway() && m.State == payments.Succeeded && waits == here {
			y.t.Errorf("seed %d: payment %s is in payout %q: it is on its way: %v", y.seed, m.ID, o.in[m.ID], waits)
		}
		want := 0
		switch {
		case m.ByGateway() && m.State == payments.Succeeded && len(lines) > 0:
			want = 1
		case m.ByGateway():
		case m.State == payments.Succeeded && !m.PaidOn.After(until):
			want = 1
		case m.State == payments.Reversed && len(lines) > 0:
			want = 2
		}
		sum := int64(0)
		for _, line := range lines {
			if o.of[line.RemittanceID].CreditorID != m.CreditorID {
				y.t.Errorf("seed %d: payment %s stands on another creditor's remittance", y.seed, m.ID)
			}
			sum += line.Gross
		}
		gross := m.Received
		if put, ours := o.put[m.ID]; ours { // what went back before was never the creditor's
			gross = put
		}
		if len(lines) != want || want == 1 && sum != gross || want != 1 && sum != 0 {
			y.t.Errorf("seed %d: payment %s of %d, %s on %s, stands %d times on remittances, with %d", y.seed, m.ID, m.Received, m.State, m.PaidOn, len(lines), sum)
		}
	}
	for id := range o.paid {
		y.t.Errorf("seed %d: remittances tell of payment %s, which nobody made", y.seed, id)
	}
}

// invoicesAgree compares the fees that stand on invoices, payment by payment,
// with those that were earned until the last month's end.
func (y *year) invoicesAgree() {
	type fees struct{ fee, vat int64 }
	billed := map[string]fees{}
	invoices, err := y.house.payments.FeeInvoices(y.ctx, operator, everything)
	y.must(err)
	y.happened["fee invoice"] += len(invoices)
	for _, i := range invoices {
		_, lines, err := y.house.payments.FeeInvoice(y.ctx, operator, i.ID)
		y.must(err)
		for _, line := range lines {
			b, sign := billed[line.PaymentID], int64(1)
			if i.Kind == payments.CreditNote {
				sign = -1
			}
			billed[line.PaymentID] = fees{b.fee + sign*line.Fee, b.vat + sign*line.VAT}
		}
	}
	until := y.monthsEnd()
	for _, m := range y.allPayments() {
		earned := fees{}
		if m.State == payments.Succeeded && !m.PaidOn.After(until) {
			earned = fees{m.Fee, m.VAT}
		}
		if billed[m.ID] != earned {
			y.t.Errorf("seed %d: payment %s, %s on %s: the fee is %+v, billed are %+v", y.seed, m.ID, m.State, m.PaidOn, earned, billed[m.ID])
		}
		delete(billed, m.ID)
	}
	for id := range billed {
		y.t.Errorf("seed %d: a fee of payment %s is billed, which nobody made", y.seed, id)
	}
}

// monthsEnd is the last day of the month before.
func (y *year) monthsEnd() negotiation.Day {
	today := negotiation.DayOf(y.now)
	return (today[:8] + "01").Add(-1)
}
