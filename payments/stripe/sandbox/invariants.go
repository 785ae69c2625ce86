package sandbox

import (
	"fmt"
	"maps"
	"slices"
)

// Invariants checks everything that must hold at any moment between two calls,
// and returns what does not, with every breach that was recorded on the way.
func (s *Sandbox) Invariants() []Violation {
	s.mu.Lock()
	defer s.mu.Unlock()
	found := slices.Clone(s.violations)
	say := func(rule, format string, args ...any) {
		found = append(found, Violation{rule, fmt.Sprintf(format, args...)})
	}
	s.checkBooks(say)
	s.checkCash(say)
	for _, id := range slices.Sorted(maps.Keys(s.tenants)) {
		t := s.tenants[id]
		s.checkRows(t, say)
		s.checkCharges(t, say)
		s.checkDisputes(t, say)
		s.checkTransfers(t, say)
		s.checkFees(t, say)
		s.checkIntents(t, say)
		s.checkPayouts(t, say)
	}
	return found
}

type reporter func(rule, format string, args ...any)

// checkBooks: money is zero-sum per currency, and nothing is between accounts.
func (s *Sandbox) checkBooks(say reporter) {
	sums := map[string]int64{}
	for account, amount := range s.books.standing {
		sums[account.Currency] += amount
		if account.Bucket == clearing && amount != 0 {
			say("books", "%d %s is on its way between two accounts and never arrived", amount, account.Currency)
		}
	}
	for currency, sum := range sums {
		if sum != 0 {
			say("books", "all accounts in %s add up to %d, not to zero", currency, sum)
		}
	}
}

// checkRows: the statement of an account adds up to what the books say.
func (s *Sandbox) checkRows(t *tenant, say reporter) {
	sums := map[Account]int64{}
	for _, b := range t.rows.rows {
		if b.Net != b.Amount-b.Fee {
			say("rows", "%s: net %d is not amount %d less fee %d", b.ID, b.Net, b.Amount, b.Fee)
		}
		fees := int64(0)
		for _, f := range b.FeeDetails {
			fees += f.Amount
		}
		if fees != b.Fee {
			say("rows", "%s: fee details add up to %d, the fee is %d", b.ID, fees, b.Fee)
		}
		sums[Account{t.id, b.Currency, b.Status}] += b.Net
	}
	for currency := range t.currencies {
		for _, bucket := range []string{pendingBucket, availableBucket} {
			at := Account{t.id, currency, bucket}
			if sums[at] != s.books.standing[at] {
				say("rows", "%s: rows in %s %s add up to %d, the books say %d", t.id, bucket, currency, sums[at], s.books.standing[at])
			}
		}
	}
}

func (s *Sandbox) checkCharges(t *tenant, say reporter) {
	for _, ch := range t.charges.rows {
		refunded := int64(0)
		for _, r := range t.refundsOf[ch.ID] {
			if r.Status != "failed" && r.Status != "canceled" {
				refunded += r.Amount
			}
		}
		if refunded != ch.AmountRefunded {
			say("charge", "%s: refunds add up to %d, amount_refunded is %d", ch.ID, refunded, ch.AmountRefunded)
		}
		most := ch.AmountCaptured
		if !ch.Captured {
			most = ch.Amount // an authorisation given back
		}
		if ch.AmountRefunded > most {
			say("charge", "%s: %d refunded of %d", ch.ID, ch.AmountRefunded, most)
		}
		if ch.Captured && ch.Status == "succeeded" {
			b, known := t.rows.get(value(ch.BalanceTransaction))
			if !known || b.Amount != ch.AmountCaptured || value(b.Source) != ch.ID {
				say("charge", "%s: its balance transaction does not tell of %d", ch.ID, ch.AmountCaptured)
			}
		}
		if ch.Status == "failed" && ch.BalanceTransaction != nil {
			say("charge", "%s failed and yet moved money", ch.ID)
		}
	}
}

func (s *Sandbox) checkTransfers(t *tenant, say reporter) {
	for _, x := range t.transfers.rows {
		reversed := int64(0)
		for _, r := range x.made {
			reversed += r.Amount
		}
		if reversed != x.AmountReversed || reversed > x.Amount {
			say("transfer", "%s: reversals add up to %d, amount_reversed is %d of %d", x.ID, reversed, x.AmountReversed, x.Amount)
		}
		if x.payment.AmountRefunded != x.AmountReversed {
			say("transfer", "%s: %d reversed here, %d paid back at the destination", x.ID, x.AmountReversed, x.payment.AmountRefunded)
		}
	}
}

func (s *Sandbox) checkFees(t *tenant, say reporter) {
	for _, x := range t.fees.rows {
		refunded := int64(0)
		for _, r := range x.made {
			refunded += r.Amount
		}
		if refunded != x.AmountRefunded || refunded > x.Amount {
			say("fee", "%s: refunds add up to %d, amount_refunded is %d of %d", x.ID, refunded, x.AmountRefunded, x.Amount)
		}
	}
}

// checkIntents: an intent succeeds once, for what its charge collected.
func (s *Sandbox) checkIntents(t *tenant, say reporter) {
	for _, p := range t.intents.rows {
		collected, successes := int64(0), 0
		for _, ch := range t.chargesOf[p.ID] {
			if ch.Status == "succeeded" {
				successes++
				collected += ch.AmountCaptured
			}
		}
		if successes > 1 {
			say("intent", "%s has %d successful charges", p.ID, successes)
		}
		if p.Status == "succeeded" && (p.AmountReceived != collected || successes != 1) {
			say("intent", "%s received %d, its charge collected %d", p.ID, p.AmountReceived, collected)
		}
		if p.Status != "succeeded" && collected != 0 {
			say("intent", "%s is %s and yet collected %d", p.ID, p.Status, collected)
		}
	}
}

// checkPayouts: what an automatic payout pays out adds up to it, each row is
// paid out once, and a payout that came back left nothing at the bank.
func (s *Sandbox) checkPayouts(t *tenant, say reporter) {
	seen := map[string]string{}
	for _, x := range t.payouts.rows {
		if x.Automatic {
			sum := int64(0)
			for _, b := range x.rows[1:] { // the first is its own
				sum += b.Net
				if other := seen[b.ID]; other != "" {
					say("payout", "%s is paid out by %s and by %s", b.ID, other, x.ID)
				}
				seen[b.ID] = x.ID
			}
			if sum != x.Amount || x.Amount <= 0 {
				say("payout", "%s: its rows add up to %d, it pays %d", x.ID, sum, x.Amount)
			}
		}
		at := int64(0)
		for _, b := range t.rowsOf[x.ID] {
			at -= b.Net
		}
		stands := x.Amount
		if x.Status == "failed" || x.Status == "canceled" {
			stands = 0
		}
		if at != stands {
			say("payout", "%s is %s and left %d at the bank", x.ID, x.Status, at)
		}
	}
	for _, b := range t.unpaid {
		if b.payout != nil {
			say("payout", "%s waits although %s pays it out", b.ID, b.payout.ID)
		}
	}
}
