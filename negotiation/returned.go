package negotiation

import (
	"fmt"
	"slices"
	"strings"

	"amiable/negotiation/ledger"
	"amiable/negotiation/money"
)

// Kept is what is left of a payment of which money went back to who paid it,
// or was taken back by their bank.
type Kept struct {
	PaymentID string
	Came      money.Amount // what came in once
	Amount    money.Amount // of it, what stays; nothing: all of it went back
	Fee, VAT  money.Amount // what stays of them, where they were withheld
}

// KeepOfPayment turns a payment round and allocates what stays of it on its own
// day, as if the rest had never come: an undue payment is given back as from the
// beginning (C. civ. 1352), and what a bank takes back never paid anything. What
// was too much goes back first, since it paid nothing; interest runs, plans and
// the state of the case follow. Keeping the whole again makes it as it was.
func (c *Case) KeepOfPayment(t *Tx, by Actor, k Kept) (*Allocation, error) {
	if k.Amount.Currency != c.Currency || k.Amount.IsNegative() || k.Amount.Cmp(k.Came) > 0 {
		return nil, fmt.Errorf("payment %s: %v would stay of %v", k.PaymentID, k.Amount, k.Came)
	}
	last := c.lastPosting(k.PaymentID)
	if last == nil {
		return nil, fmt.Errorf("payment %s is not in the books of case %s", k.PaymentID, c.ID)
	}
	paid := *facts(last)
	paid.Amount, paid.Returned = k.Amount, k.Came.Sub(k.Amount)
	if paid.Withheld {
		paid.Fee, paid.VAT = k.Fee, k.VAT
	} else {
		paid.ByMandate = true // what stays is what was collected
	}
	due := c.RefundsDue()
	acts, err := c.unwind(t, paid.On.Add(-1), "kept:"+k.PaymentID)
	if err != nil {
		return nil, err
	}
	ours := func(a act) bool { return a.paid != nil && a.paid.PaymentID == k.PaymentID }
	if at := slices.IndexFunc(acts, ours); at >= 0 {
		acts[at].paid = &paid
	} else {
		acts = append(acts, act{paid: &paid})
		slices.SortStableFunc(acts, func(a, b act) int { return strings.Compare(string(a.on()), string(b.on())) })
	}
	nothing := money.New(0, c.Currency)
	kept := &Allocation{Parts: map[ledger.Component]money.Amount{}, Allocated: nothing, Excess: nothing, Waived: nothing, Fee: nothing, VAT: nothing}
	for _, a := range acts {
		switch {
		case !ours(a):
			err = c.rewind(t, []act{a})
		case k.Amount.IsPositive():
			kept, err = c.allocate(t, paid)
		}
		if err != nil {
			return nil, err
		}
	}
	kept.Left = c.Balance()
	if err := c.tellRefund(t, by, due, map[string]any{"payment": k.PaymentID}); err != nil {
		return nil, err
	}
	return kept, c.settleState(t, by)
}

// lastPosting is how a payment was booked last, whether that stands or not.
func (c *Case) lastPosting(paymentID string) *ledger.Posting {
	for i := len(c.postings) - 1; i >= 0; i-- {
		if p := &c.postings[i]; p.Kind == ledger.KindPayment && p.Reverses == nil && facts(p).PaymentID == paymentID {
			return p
		}
	}
	return nil
}

// Excesses is how much of each payment that stands was not owed, by the
// payment's id. What a credit note made too much is of no payment.
func (c *Case) Excesses() map[string]money.Amount {
	excesses := map[string]money.Amount{}
	for _, p := range c.standing() {
		if p.Kind != ledger.KindPayment {
			continue
		}
		sum := money.New(0, c.Currency)
		for _, e := range p.Entries {
			if e.Account == ledger.RefundsDue {
				sum.Minor -= e.Amount
			}
		}
		if sum.IsPositive() {
			excesses[facts(p).PaymentID] = sum
		}
	}
	return excesses
}

// paidOf is how much a posting paid of what was owed.
func paidOf(p *ledger.Posting) (sum int64) {
	for _, e := range p.Entries {
		if e.Account == ledger.Receivable {
			sum -= e.Amount
		}
	}
	return sum
}

// lessened says whether money of a payment ever went back.
func (c *Case) lessened(paymentID string) bool {
	for i := range c.postings {
		if p := &c.postings[i]; p.Kind == ledger.KindPayment && p.Reverses == nil {
			if f := facts(p); f.PaymentID == paymentID && f.Returned.IsPositive() {
				return true
			}
		}
	}
	return false
}

// returned is what some payments had paid and do not pay now, since money of
// them went back.
func (c *Case) returned(ids []string) (back int64) {
	whole, now := map[string]int64{}, map[string]int64{}
	for _, p := range c.standing() {
		if p.Kind == ledger.KindPayment {
			now[facts(p).PaymentID] = paidOf(p)
		}
	}
	for i := range c.postings {
		if p := &c.postings[i]; p.Kind == ledger.KindPayment && p.Reverses == nil {
			if f := facts(p); !f.Returned.IsPositive() {
				whole[f.PaymentID] = paidOf(p)
			}
		}
	}
	for _, id := range ids {
		if c.lessened(id) {
			back += max(0, whole[id]-now[id])
		}
	}
	return back
}

// BookCost posts what the gateway keeps, or gives back where it is negative. It
// is the agency's, never the debtor's: no receivable follows.
func (c *Case) BookCost(t *Tx, source string, cost money.Amount) error {
	posting := ledger.New(ledger.KindCost, source, c.CreditorID, c.ID, t.Today, t.Now)
	return c.post(t, posting.Add(ledger.GatewayCost, cost).Add(ledger.Clearing, cost.Neg()))
}
