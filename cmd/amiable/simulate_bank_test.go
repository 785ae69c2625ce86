package main

import (
	"fmt"
	"strings"

	"amiable/negotiation"
	"amiable/negotiation/ledger"
	"amiable/negotiation/money"
	"amiable/payments"
)

// Bank money in a simulated year: debtors make transfers, with their reference
// or without, to the agency's account or to their creditor's own; the bank takes
// some back; its statements come twice and overlap; agents say what nothing
// named, take it back, and pay over what the agency holds.

// ledgerOfBank is an account by its bank's own books.
type ledgerOfBank struct {
	iban     string
	ofAgency bool
	lines    []moved
	told     int // of them, how many stand on statements that were booked
}

// moved is one line of it.
type moved struct {
	bankLine
	cents int64  // below nothing: out of the account
	of    string // reference of the case that it is meant for
	to    string // creditor to whom it is paid over
	back  bool   // given back to who paid it
	gone  bool   // taken back
}

// moves writes a line.
func (b *ledgerOfBank) moves(m moved) {
	size := max(m.cents, -m.cents)
	m.amount, m.debit, m.number = fmt.Sprintf("%d.%02d", size/100, size%100), m.cents < 0, fmt.Sprintf("B%s%06d", b.iban[len(b.iban)-4:], len(b.lines)+1)
	b.lines = append(b.lines, m)
}

// opensAccounts puts the accounts on file: the first creditor's money comes to
// the agency's, the second's to its own.
func (y *year) opensAccounts(c *negotiation.Creditor, m *negotiation.Mandate) {
	b := &ledgerOfBank{iban: clientsIBAN, ofAgency: true}
	account := negotiation.BankAccount{Holder: "Agence Aubrelle, compte clients", IBAN: b.iban}
	if len(y.banks) > 0 {
		b = &ledgerOfBank{iban: "FR7630001007941234567890185"}
		account = negotiation.BankAccount{Holder: c.Name, IBAN: b.iban, CreditorID: &c.ID}
	}
	opened, err := y.house.negotiation.OpenBankAccount(y.ctx, operator, account)
	y.must(err)
	y.must(y.house.negotiation.SetWaysToPay(y.ctx, operator, m.ID, negotiation.WaysToPay{AccountID: opened.ID, Separate: m.SeparateTransfers}))
	y.banks = append(y.banks, b)
	y.bankOf[c.ID] = b
}

// orders lets a debtor order a transfer.
func (y *year) orders(p person, c *negotiation.Case) {
	today := negotiation.DayOf(y.now)
	m := moved{bankLine: bankLine{on: today, from: c.Debtor.Name, endToEnd: "E2E-" + y.word(), reference: c.BankReference()}, cents: int64(10_00 + y.luck.IntN(200_00)), of: c.Reference}
	if owed, err := c.Statement(today); err == nil && owed.Total.IsPositive() && y.draw(3) {
		m.cents = owed.Total.Minor
	} else if plan := c.ActivePlan(); plan != nil && y.draw(2) {
		lines := plan.Current()
		m.cents = lines[y.luck.IntN(len(lines))].Amount
	}
	if m.cents <= 0 { // a skipped line
		return
	}
	if y.draw(4) {
		m.reference, m.says = "", []string{"merci", "facture", "RF12" + c.Reference}[y.luck.IntN(3)]
	}
	y.bankOf[p.creditor.CreditorID].moves(m)
	y.note("order a transfer", nil, false)
}

// bankDay is what banks and agents do about transfers in a day.
func (y *year) bankDay() {
	for _, b := range y.banks {
		if !y.peaceful && y.draw(30) {
			y.bankTakesBack(b)
		}
		y.bankTells(b)
	}
	if y.draw(4) {
		y.looksAtEntries()
	}
	if y.draw(50) && !y.peaceful {
		y.doubts()
	}
	if y.draw(7) {
		y.paysOver()
	}
}

// bankTakesBack lets a bank undo a transfer that it booked.
func (y *year) bankTakesBack(b *ledgerOfBank) {
	var young []int
	for i, m := range b.lines {
		if m.cents > 0 && !m.gone && m.returned == "" && m.on.After(negotiation.DayOf(y.now).Add(-60)) {
			young = append(young, i)
		}
	}
	if len(young) == 0 {
		return
	}
	m := &b.lines[young[y.luck.IntN(len(young))]]
	m.gone = true
	back := moved{bankLine: bankLine{on: negotiation.DayOf(y.now), from: m.from, endToEnd: m.endToEnd, returned: "AC04"}, cents: -m.cents}
	b.moves(back)
	y.note("a bank takes a transfer back", nil, false)
}

// bankTells books a statement. It repeats some of the one before; one that was
// not booked to its end comes again.
func (y *year) bankTells(b *ledgerOfBank) {
	if b.told == len(b.lines) && !(b.told > 0 && y.draw(40)) {
		return
	}
	var lines []bankLine
	for _, m := range b.lines[max(0, b.told-y.luck.IntN(4)):] {
		lines = append(lines, m.bankLine)
	}
	number := fmt.Sprintf("REL%s", y.word())
	file, err := statementOf(b.iban, number+".xml", number, lines)
	y.must(err)
	if len(lines) == 0 {
		return
	}
	y.life("book a statement", func() error {
		_, err := y.house.payments.BookBankFile(y.ctx, adviser, nil, file)
		if err == nil {
			b.told = len(b.lines)
		}
		return err
	})
}

// meant is what the bank knows of an entry, by its own reference.
func (y *year) meant(e *payments.ListedEntry) moved {
	for _, b := range y.banks {
		for _, m := range b.lines {
			if m.number == e.Ref() {
				return m
			}
		}
	}
	y.t.Errorf("seed %d: bank entry %s is no line of the bank's", y.seed, e.ID)
	return moved{}
}

// looksAtEntries lets an agent say what an entry is that waits.
func (y *year) looksAtEntries() {
	waiting, err := y.house.payments.BankEntries(y.ctx, adviser, payments.EntryFilter{State: payments.BankWaiting, Limit: 50})
	y.must(err)
	if len(waiting) == 0 {
		return
	}
	y.saysWhat(&waiting[y.luck.IntN(len(waiting))])
}

func (y *year) saysWhat(e *payments.ListedEntry) {
	m, p := y.meant(e), y.house.payments
	switch {
	case m.to != "":
		y.life("explain a debit", func() error {
			return p.ExplainBankEntry(y.ctx, adviser, e.ID, payments.Said{What: payments.ExplainedPaidOver, CreditorID: m.to, Note: "reversement"})
		})
	case m.back:
		y.life("explain a debit", func() error {
			return p.ExplainBankEntry(y.ctx, adviser, e.ID, payments.Said{What: payments.ExplainedGivenBack, Note: "remboursement"})
		})
	case m.of != "" && y.draw(8) && e.Amount > 1:
		y.life("divide an entry", func() error {
			return p.DivideBankEntry(y.ctx, adviser, e.ID, money.Euros(1+int64(y.luck.IntN(int(e.Amount-1)))))
		})
	case m.of != "":
		y.life("match an entry", func() error { _, err := p.MatchBankEntry(y.ctx, adviser, e.ID, m.of); return err })
	}
}

// doubts lets an agent take back what was said of an entry.
func (y *year) doubts() {
	state := []payments.BankState{payments.BankMatched, payments.BankExplained}[y.luck.IntN(2)]
	said, err := y.house.payments.BankEntries(y.ctx, adviser, payments.EntryFilter{State: state, Latest: true, Limit: 5})
	y.must(err)
	if len(said) > 0 {
		e := said[y.luck.IntN(len(said))]
		y.life("take back what was said", func() error { return y.house.payments.ReleaseBankEntry(y.ctx, adviser, e.ID, "wrong case") })
	}
}

// sendsBack moves what was written down as given back of a transfer out of the
// agency's account.
func (y *year) sendsBack(p *payments.Payment, reference string) {
	if reference == "" || !strings.HasPrefix(p.Proof, "bank:") || !y.bankOf[p.CreditorID].ofAgency {
		return
	}
	refunds, _, err := y.house.payments.BackOf(y.ctx, p.CaseID)
	y.must(err)
	for _, r := range refunds {
		if r.Reference == reference {
			y.banks[0].moves(moved{bankLine: bankLine{on: negotiation.DayOf(y.now), from: "Agence Aubrelle", endToEnd: reference, says: reference}, cents: -r.Amount, back: true})
		}
	}
}

// paysOver sends on what the agency holds for a month.
func (y *year) paysOver() {
	remittances, err := y.house.payments.Remittances(y.ctx, operator, everything)
	y.must(err)
	for _, r := range remittances {
		if r.Kind != payments.PeriodRemittance || r.Net <= 0 || !r.PaidOverOn.IsZero() {
			continue
		}
		if today := negotiation.DayOf(y.now); !y.sentOn[r.ID] {
			y.sentOn[r.ID] = true
			y.banks[0].moves(moved{bankLine: bankLine{on: today, from: "Agence Aubrelle", endToEnd: r.Number, says: r.Number}, cents: -r.Net, to: r.CreditorID})
		}
		if y.draw(3) { // the bank may tell of it before anybody notes it
			return
		}
		y.life("pay over", func() error {
			return y.house.payments.PayOver(y.ctx, adviser, r.ID, negotiation.DayOf(y.now), "VIR-"+r.Number)
		})
		return
	}
}

// endsBank lets the last statements be booked and what went out be explained:
// until then it is noted by one side and not the other.
func (y *year) endsBank() {
	for _, b := range y.banks {
		y.bankTells(b)
	}
	waiting, err := y.house.payments.BankEntries(y.ctx, adviser, payments.EntryFilter{State: payments.BankWaiting, Limit: everything})
	y.must(err)
	for i := range waiting {
		if m := y.meant(&waiting[i]); m.to != "" || m.back {
			y.saysWhat(&waiting[i])
		}
	}
}

// banksAgree compares the bank's books with ours: each line is one entry, and
// what is on the agency's account is what the ledger has there.
func (y *year) banksAgree() {
	entries, err := y.house.payments.BankEntries(y.ctx, operator, payments.EntryFilter{Limit: everything})
	y.must(err)
	found := map[string]int64{}
	for _, e := range entries {
		y.happened["bank entry "+string(e.State)]++
		if e.ParentID != nil {
			continue
		}
		if _, twice := found[e.Ref()]; twice {
			y.t.Errorf("seed %d: line %s of the bank's is two entries", y.seed, e.Ref())
		}
		if found[e.Ref()] = e.Amount; !e.Credit {
			found[e.Ref()] = -e.Amount
		}
	}
	rests := int64(0)
	for _, b := range y.banks {
		for _, m := range b.lines {
			if have, known := found[m.number]; !known || have != m.cents {
				y.t.Errorf("seed %d: line %s of the bank's moves %d, ours %d", y.seed, m.number, m.cents, have)
			}
			delete(found, m.number)
			if b.ofAgency {
				rests += m.cents
			}
		}
	}
	if len(found) > 0 {
		y.t.Errorf("seed %d: entries that no bank told of: %v", y.seed, found)
	}
	var booked int64
	y.must(y.db.Read(y.ctx).Model(&ledger.Entry{}).Where("account = ?", ledger.Bank).Select("COALESCE(SUM(amount), 0)").Scan(&booked).Error)
	if booked != rests {
		y.t.Errorf("seed %d: %d are on the agency's account, the ledger has %d", y.seed, rests, booked)
	}
}
