package negotiation

import (
	"slices"
	"strings"
	"time"

	"amiable/negotiation/interest"
	"amiable/negotiation/ledger"
	"amiable/negotiation/limitation"
	"amiable/negotiation/money"
	"amiable/negotiation/placement"
)

// Claim is one thing owed, usually one invoice.
type Claim struct {
	ID                string
	CreditorID        string
	CaseID            string
	PlacementID       *string
	Position          int64
	InvoiceNumber     string
	InvoiceKey        string // two ways to write one number have one key
	IssueOn           Day
	DueOn             Day
	Currency          money.Currency
	Amount            int64 // minor units incl. VAT, as invoiced
	PaidBefore        int64 // minor units paid before the claim was placed
	ContractRate      string
	NoticeOn          Day // the day the mise en demeure was received
	Sector            string
	Description       string
	LimitationRegime  string
	LimitationOn      Day
	LimitationAlertOn Day
	Warnings          string
	InvoiceFile       string
	CreatedAt         time.Time
}

// Principal is what was left of the invoice when the claim was placed. What
// was paid before is taken as paid by the due date: the date is not known, and
// this is the reading that favours the debtor.
func (c *Claim) Principal() money.Amount {
	return money.New(c.Amount-c.PaidBefore, c.Currency)
}

// isIndemnity says whether the claim is the fixed recovery indemnity, invoiced
// as a line of its own.
func (c *Claim) isIndemnity() bool {
	return slices.Contains(strings.Fields(c.Warnings), string(placement.BusinessIndemnityLine))
}

// forInterest says what the arithmetic must know of a claim. Interest is
// suspended where the gate's column Interest says so.
func (c *Case) forInterest(claim *Claim) (interest.Claim, error) {
	debtor := interest.Consumer
	switch c.Debtor.Kind {
	case DebtorBusiness:
		debtor = interest.Business
	case DebtorPublic:
		debtor = interest.Public
	}
	creditor := interest.BusinessCreditor
	if c.Creditor.Kind == CreditorIndividual {
		creditor = interest.IndividualCreditor
	}
	worked := interest.Claim{
		ID: claim.ID, Principal: claim.Principal(), DueOn: claim.DueOn, NoticeOn: claim.NoticeOn,
		Debtor: debtor, Creditor: creditor,
	}
	if claim.isIndemnity() { // the fixed indemnity itself bears neither interest nor an indemnity
		worked.NoIndemnity = true
		worked.Suspended = append(worked.Suspended, interest.Span{From: claim.DueOn})
	}
	if claim.ContractRate != "" {
		rate, err := interest.ParseRate(claim.ContractRate)
		if err != nil {
			return worked, fault(err, "claim", claim.ID)
		}
		worked.ContractRate = &rate
	}
	for i := range c.Holds {
		h := &c.Holds[i]
		if !h.Reason.Blocks(Interest) || (h.ClaimID != nil && *h.ClaimID != claim.ID) {
			continue
		}
		from, to, ok := h.span()
		if !ok {
			continue
		}
		span := interest.Span{From: from, To: to}
		if h.Amount != nil {
			span.Of = money.New(*h.Amount, c.Currency)
		}
		worked.Suspended = append(worked.Suspended, span)
	}
	for i := range c.plans {
		if from, to, ok := c.plans[i].withoutInterest(); ok {
			worked.Suspended = append(worked.Suspended, interest.Span{From: from, To: to})
		}
	}
	return worked, nil
}

// limitationOn says until when a claim may still be brought before a judge.
// What the debtor paid on it, proposed or accepted interrupts (C. civ. 2240);
// what somebody else paid in their own name does not, nor what the debtor's
// offer left aside, nor an offer that we put anew: the debtor did nothing then.
func (c *Case) limitationOn(claim *Claim, on Day) (limitation.Assessment, error) {
	var events []limitation.Event
	for _, p := range c.standing() {
		if p.Kind != ledger.KindPayment || facts(p).ByAnother {
			continue
		}
		for _, e := range p.Entries {
			if e.Account == ledger.Receivable && *e.ClaimID == claim.ID {
				events = append(events, limitation.Event{ID: p.ID, Kind: limitation.PaymentReceived, On: p.EffectiveOn})
				break
			}
		}
	}
	worked := limitation.Claim{Debtor: limitation.DebtorKind(c.Debtor.Kind), Sector: limitation.Sector(claim.Sector), StartsOn: claim.DueOn}
	for i := range c.offers {
		yes := c.offers[i].acceptance(SideDebtor) // what the debtor proposed or accepted recognises the debt
		if yes == nil || yes.How == ByRenewal || claim.CreatedAt.After(yes.At) || c.contestedWhole(claim.ID, yes.At) {
			continue
		}
		said := DayOf(yes.At)
		if before, err := limitation.Assess(worked, events, said); err != nil || before.State == limitation.Held {
			continue // the offer left it aside: a person was to look first
		}
		events = append(events, limitation.Event{ID: yes.ID, Kind: limitation.WrittenAcknowledgment, On: said})
	}
	a, err := limitation.Assess(worked, events, on)
	return a, fault(err, "limitation of claim", claim.ID)
}

// contestedWhole says whether all of a claim was contested at a moment: what
// the debtor recognised then was the rest.
func (c *Case) contestedWhole(claimID string, at time.Time) bool {
	return slices.ContainsFunc(c.Holds, func(h Hold) bool {
		return h.Reason == HoldDisputed && h.Amount == nil && (h.ClaimID == nil || *h.ClaimID == claimID) &&
			!h.CreatedAt.After(at) && (h.LiftedAt == nil || h.LiftedAt.After(at))
	})
}

// Limitation is until when a claim of the case may still be brought before a
// judge, as it stands on a day, with what was made of each event.
func (c *Case) Limitation(claim *Claim, on Day) (limitation.Assessment, error) {
	return c.limitationOn(claim, on)
}
