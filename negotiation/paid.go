package negotiation

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"amiable/negotiation/interest"
	"amiable/negotiation/ledger"
	"amiable/negotiation/money"
)

// Paid is money that came in for a case: the facts from which its allocation
// is worked out, and worked out again should an earlier payment turn up later.
type Paid struct {
	PaymentID string         `json:"payment"`
	Amount    money.Amount   `json:"amount"`
	On        Day            `json:"on"`     // effective day: when the debtor paid
	Into      ledger.Account `json:"into"`   // clearing, bank, or entrusted: straight to the creditor
	Claims    []string       `json:"claims"` // what the debtor chose to pay first; none: by law

	// Asked is the sum that was shown, as of AskedOn: paid by GoodUntil, it
	// clears what it names and the interest since is waived.
	Asked     money.Amount `json:"asked"`
	AskedOn   Day          `json:"asked_on"`
	GoodUntil Day          `json:"good_until"`

	Fee       money.Amount `json:"fee"`
	VAT       money.Amount `json:"vat"`
	Withheld  bool         `json:"withheld"`             // kept back from this very payment; else invoiced
	ByMandate bool         `json:"by_mandate,omitempty"` // Fee and VAT are still to be worked out, on what is allocated

	// Forbidden says that the law forbids to take the money (C. conso. L722-5,
	// C. com. L622-7): all of it goes to refunds due.
	Forbidden bool `json:"forbidden,omitempty"`

	// ByAnother says that somebody else than the debtor paid, in their own
	// name: that is no acknowledgment of the debtor's (C. civ. 2240).
	ByAnother bool `json:"by_another,omitempty"`

	// Returned is what went back of it since; Amount is what stays.
	Returned money.Amount `json:"returned,omitzero"`
}

// Allocation is what became of a payment.
type Allocation struct {
	Shares    []interest.Share
	Parts     map[ledger.Component]money.Amount
	Allocated money.Amount
	Excess    money.Amount // more than was owed: to be given back
	Waived    money.Amount
	Left      money.Amount // still owed after it, on the payment's day
	Fee, VAT  money.Amount
}

// RecordPayment allocates money that came in. Nothing is ever refused because
// of a state: what is not owed goes to refunds due. A payment earlier than one
// already allocated turns the later ones round and makes them again in order.
func (c *Case) RecordPayment(t *Tx, by Actor, p Paid) (*Allocation, error) {
	if p.Amount.Currency != c.Currency || !p.Amount.IsPositive() {
		return nil, fmt.Errorf("payment %s of %v on case %s in %s", p.PaymentID, p.Amount, c.ID, c.Currency)
	}
	due := c.RefundsDue()
	later, err := c.unwind(t, p.On, "payment:"+p.PaymentID)
	if err != nil {
		return nil, err
	}
	if p, err = c.byLetter(t, p); err != nil {
		return nil, err
	}
	allocation, err := c.allocate(t, p)
	if err != nil {
		return nil, err
	}
	if err := c.rewind(t, later); err != nil {
		return nil, err
	}
	if err := c.tellRefund(t, by, due, map[string]any{"payment": p.PaymentID}); err != nil {
		return nil, err
	}
	return allocation, c.settleState(t, by)
}

// tellRefund tells the timeline and the agents where more must be given back
// than before, whatever made it so.
func (c *Case) tellRefund(t *Tx, by Actor, before money.Amount, facts map[string]any) error {
	more := c.RefundsDue().Sub(before)
	if !more.IsPositive() {
		return nil
	}
	told := map[string]any{"amount": more}
	maps.Copy(told, facts)
	if err := t.Insert(c.event(t, by, OverpaymentFound, maps.Clone(told))); err != nil {
		return err
	}
	told["case"] = c.Reference
	return c.TellAgents(t, LetterOverpayment, told)
}

// ReversePayment turns a payment round, as if it had not been: interest runs
// again from before it. It is found by the payment's id; a payment that was
// turned round already stays so.
func (c *Case) ReversePayment(t *Tx, by Actor, paymentID string) error {
	var found *ledger.Posting
	for _, p := range c.standing() {
		if p.Kind == ledger.KindPayment && facts(p).PaymentID == paymentID {
			found = p
		}
	}
	if found == nil {
		return nil
	}
	due := c.RefundsDue()
	later, err := c.unwind(t, found.EffectiveOn.Add(-1), "reversal:"+paymentID)
	if err != nil {
		return err
	}
	later = slices.DeleteFunc(later, func(a act) bool { return a.paid != nil && a.paid.PaymentID == paymentID })
	if err := c.rewind(t, later); err != nil {
		return err
	}
	if err := c.tellRefund(t, by, due, nil); err != nil {
		return err
	}
	return c.settleState(t, by)
}

// act is something that was posted on a day and can be posted again: exactly
// one of its fields is set.
type act struct {
	paid   *Paid
	credit *creditNote
}

func (a act) on() Day {
	if a.paid != nil {
		return a.paid.On
	}
	return a.credit.On
}

// unwind turns round everything that rests on days after a day (payments,
// credit notes, waivers, interest fixed for them) and returns the acts among
// it, in the order in which they take effect.
func (c *Case) unwind(t *Tx, after Day, because string) ([]act, error) {
	standing := c.standing()
	slices.Reverse(standing) // the last posted is the first turned round
	var undone []act
	for _, p := range standing {
		if !p.EffectiveOn.After(after) {
			continue
		}
		switch p.Kind {
		case ledger.KindPayment:
			undone = append(undone, act{paid: facts(p)})
		case ledger.KindCreditNote:
			undone = append(undone, act{credit: creditFacts(p)})
		case ledger.KindWaiver, ledger.KindInterest:
		default:
			continue
		}
		if err := c.post(t, p.Reversal(fmt.Sprintf("%s:undoes:%s", because, p.ID), t.Now)); err != nil {
			return nil, err
		}
	}
	slices.Reverse(undone)
	slices.SortStableFunc(undone, func(a, b act) int { return strings.Compare(string(a.on()), string(b.on())) })
	return undone, nil
}

// rewind posts acts again, in order.
func (c *Case) rewind(t *Tx, later []act) error {
	for _, a := range later {
		var err error
		if a.paid != nil {
			_, err = c.allocate(t, *a.paid)
		} else {
			err = c.lower(t, *a.credit)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func facts(p *ledger.Posting) *Paid {
	var paid Paid
	if json.Unmarshal([]byte(p.Facts), &paid) != nil {
		return &Paid{}
	}
	return &paid
}

// accrue fixes interest and indemnity up to and including a day: it posts what
// the statement of that day has over what the ledger has.
func (c *Case) accrue(t *Tx, s *Statement, source string) error {
	posting := ledger.New(ledger.KindInterest, source, c.CreditorID, c.ID, s.On, t.Now)
	for _, cs := range s.Claims {
		booked := c.owed(cs.Claim.ID)
		for _, part := range []struct {
			component ledger.Component
			amount    money.Amount
		}{
			{ledger.Interest, cs.Interest.Sub(booked.Interest)},
			{ledger.Indemnity, cs.Indemnity.Sub(booked.Indemnity)},
		} {
			posting.AddReceivable(cs.Claim.ID, part.component, part.amount)
			posting.Add(ledger.Entrusted, part.amount.Neg())
		}
	}
	return c.post(t, posting)
}

// version numbers the postings made for one thing, since a payment can be
// allocated again; the first one's source carries no number, so that the
// database itself keeps a payment from being posted twice.
func (c *Case) version(source string) string {
	n := 0
	for i := range c.postings {
		if s := c.postings[i].Source; s == source || strings.HasPrefix(s, source+":v") {
			n++
		}
	}
	if n == 0 {
		return source
	}
	return fmt.Sprintf("%s:v%d", source, n+1)
}

// allocate posts one payment: what accrued until its day, a waiver where the
// sum asked was good until then, the payment, and a rest too small to ask for.
func (c *Case) allocate(t *Tx, p Paid) (*Allocation, error) {
	s, err := c.Statement(p.On)
	if err != nil {
		return nil, err
	}
	if err := c.accrue(t, s, c.version("accrual:"+p.PaymentID)); err != nil {
		return nil, err
	}
	if s.MissingRate != nil {
		p = p.beforeRates(s)
	}
	a := &Allocation{Parts: map[ledger.Component]money.Amount{}, Waived: money.New(0, c.Currency)}
	inTime := !p.Forbidden && !p.GoodUntil.IsZero() && !p.On.After(p.GoodUntil) && !p.Asked.IsZero() && p.Amount.Cmp(p.Asked) >= 0
	if inTime {
		if err := c.waiveSince(t, p, s, a); err != nil {
			return nil, err
		}
	}
	if err := c.share(t, p, a); err != nil {
		return nil, err
	}
	if err := c.waiveSettled(t, p, a); err != nil {
		return nil, err
	}
	if err := c.waiveRest(t, p, a); err != nil {
		return nil, err
	}
	a.Left = c.Balance()
	return a, nil
}

// waiveSince gives up the interest and indemnity that accrued between the day for which a sum
// was asked and the day on which it was paid in time.
func (c *Case) waiveSince(t *Tx, p Paid, s *Statement, a *Allocation) error {
	asked, err := c.Statement(earlier(p.AskedOn, p.On))
	if err != nil {
		return err
	}
	waiver := ledger.New(ledger.KindWaiver, c.version("waiver:"+p.PaymentID), c.CreditorID, c.ID, p.On, t.Now)
	for i, cs := range s.Claims {
		if len(p.Claims) > 0 && !slices.Contains(p.Claims, cs.Claim.ID) {
			continue
		}
		owed := c.owed(cs.Claim.ID)
		for _, part := range []struct {
			component ledger.Component
			since     money.Amount
		}{
			{ledger.Interest, cs.Interest.Sub(asked.Claims[i].Interest).Min(owed.Interest)},
			{ledger.Indemnity, cs.Indemnity.Sub(asked.Claims[i].Indemnity).Min(owed.Indemnity)},
		} {
			if part.since.IsPositive() {
				waiver.AddReceivable(cs.Claim.ID, part.component, part.since.Neg()).Add(ledger.Waived, part.since)
				a.Waived = a.Waived.Add(part.since)
			}
		}
	}
	return c.post(t, waiver)
}

// share divides the payment among the claims and posts it.
func (c *Case) share(t *Tx, p Paid, a *Allocation) error {
	var owed []interest.Owed
	for i := range c.Claims {
		if p.Forbidden {
			break // nothing of it may pay anything
		}
		claim := &c.Claims[i]
		o, err := c.ranked(claim, c.owed(claim.ID), p.On)
		if err != nil {
			return err
		}
		owed = append(owed, o)
	}
	var chosen []string
	for _, id := range p.Claims {
		if c.claim(id) != nil && !p.Forbidden {
			chosen = append(chosen, id)
		}
	}
	amount := c.settling(p)
	shares, excess, err := interest.Allocate(amount, p.On, owed, chosen...)
	if err != nil {
		return fault(err, "payment", p.PaymentID)
	}
	excess = excess.Add(p.Amount.Sub(amount))
	a.Shares, a.Excess, a.Allocated = shares, excess, p.Amount.Sub(excess)

	posting := ledger.New(ledger.KindPayment, c.version("payment:"+p.PaymentID), c.CreditorID, c.ID, p.On, t.Now)
	for _, share := range shares {
		for _, part := range []struct {
			component ledger.Component
			amount    money.Amount
		}{{ledger.Interest, share.Interest}, {ledger.Indemnity, share.Indemnity}, {ledger.Principal, share.Principal}} {
			posting.AddReceivable(share.ClaimID, part.component, part.amount.Neg())
			a.Parts[part.component] = a.Parts[part.component].Add(part.amount)
		}
	}
	if p.ByMandate && c.Mandate != nil { // once: an invoice may rest on it when it is made again
		p.Fee, p.VAT = c.Mandate.FeeFor(a.Parts)
	}
	p.ByMandate, a.Fee, a.VAT = false, p.Fee, p.VAT
	written, err := json.Marshal(p)
	if err != nil {
		return fault(err, "payment", p.PaymentID)
	}
	posting.Facts = string(written)
	p.whose(posting, a)
	return c.post(t, posting)
}

// ranked is what a claim owes, with the rate that gives it its turn.
func (c *Case) ranked(claim *Claim, balance interest.Balance, on Day) (interest.Owed, error) {
	o := interest.Owed{ClaimID: claim.ID, DueOn: claim.DueOn, Balance: balance}
	worked, err := c.forInterest(claim)
	if err != nil {
		return o, err
	}
	if quote, err := c.rates.RateOn(worked, on); err == nil {
		o.Rate = quote.Rate // without a published rate the oldest due date decides
	}
	return o, nil
}

// whose adds the entries that say where the money is and whose it is.
func (p Paid) whose(posting *ledger.Posting, a *Allocation) {
	fees := p.Fee.Add(p.VAT)
	posting.Add(ledger.RefundsDue, a.Excess.Neg())
	if p.Into == ledger.Entrusted { // it is with the creditor already
		posting.Add(ledger.Entrusted, a.Allocated).Add(ledger.Payable, a.Excess)
	} else {
		posting.Add(ledger.Entrusted, a.Allocated).Add(p.Into, p.Amount)
		if p.Withheld {
			posting.Add(ledger.Payable, a.Allocated.Sub(fees).Neg())
		} else {
			posting.Add(ledger.Payable, a.Allocated.Neg())
		}
	}
	if fees.IsZero() {
		return
	}
	posting.Add(ledger.Fee, p.Fee.Neg()).Add(ledger.VAT, p.VAT.Neg())
	if !p.Withheld || p.Into == ledger.Entrusted {
		posting.Add(ledger.FeeDue, fees)
	}
}

// Preview says what a payment would do today, without writing anything.
func (c *Case) Preview(amount money.Amount, chosen []string, on Day) (map[ledger.Component]money.Amount, error) {
	s, err := c.Statement(on)
	if err != nil {
		return nil, err
	}
	var owed []interest.Owed
	for _, cs := range s.Claims {
		o, err := c.ranked(cs.Claim, cs.Balance, on)
		if err != nil {
			return nil, err
		}
		owed = append(owed, o)
	}
	shares, _, err := interest.Allocate(amount, on, owed, chosen...)
	if err != nil {
		return nil, fault(err, "preview on case", c.ID)
	}
	parts := map[ledger.Component]money.Amount{}
	for _, share := range shares {
		parts[ledger.Interest] = parts[ledger.Interest].Add(share.Interest)
		parts[ledger.Indemnity] = parts[ledger.Indemnity].Add(share.Indemnity)
		parts[ledger.Principal] = parts[ledger.Principal].Add(share.Principal)
	}
	return parts, nil
}
