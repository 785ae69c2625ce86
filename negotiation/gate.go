package negotiation

import (
	"slices"

	"amiable/negotiation/limitation"
	"amiable/negotiation/money"
)

// Effect is something that a reason can forbid.
type Effect string

const (
	Letters    Effect = "letters"    // anything that asks or reminds; see LetterKind for what is owed all the same
	Display    Effect = "display"    // showing the debtor what is owed
	Interest   Effect = "interest"   // late interest running
	Collection Effect = "collection" // a charge that we start by ourselves
	Payment    Effect = "payment"    // a payment that the debtor starts
	PlanMaking Effect = "plan"       // proposing or accepting terms
)

// Effects are all of them, in the order of the table in design/domain.md.
var Effects = []Effect{Letters, Display, Interest, Collection, Payment, PlanMaking}

// row is one line of the table: what a reason blocks.
type row struct {
	effects      []Effect
	revokesLinks bool
	byPerson     bool // letters are not forbidden, but only a person may send them
	byChannel    bool // binds one channel or one hour of it: see Case.leaves, which every letter that asks or reminds goes through
}

// blocks is the gate: what each hold or missing document forbids. Pages, jobs,
// API and command line all ask it through Case.Gate.
var blocks = map[Reason]row{
	NoMandate:                    {effects: []Effect{Letters, Display, Collection, Payment, PlanMaking}},
	PapersMissing:                {effects: []Effect{Letters, Display, Collection, Payment, PlanMaking}},
	FirstLetterMissing:           {effects: []Effect{Letters, Display, Collection, Payment, PlanMaking}},
	HoldDisputed:                 {effects: []Effect{Letters, Interest, Collection, PlanMaking}}, // of the contested part
	HoldBreathingSpace:           {effects: []Effect{Letters, Interest, Collection}},
	HoldOpenOffer:                {effects: []Effect{Letters, Collection, PlanMaking}},
	HoldOverindebtednessDeclared: {effects: []Effect{Letters, Collection}},
	HoldOverindebtednessAdmitted: {effects: []Effect{Letters, Interest, Collection, Payment, PlanMaking}}, // paying is forbidden by law
	HoldMeasuresAdopted:          {effects: []Effect{Letters, Interest, Collection, PlanMaking}},          // what the commission fixed may be paid
	HoldDebtErased:               {effects: []Effect{Letters, Interest, Collection, Payment, PlanMaking}}, // nothing is owed any more
	HoldInsolvency:               {effects: []Effect{Letters, Interest, Collection, Payment, PlanMaking}},
	HoldDeceased:                 {effects: []Effect{Letters, Display, Interest, Collection, PlanMaking}, revokesLinks: true},
	HoldMinor:                    {effects: []Effect{Letters, Collection, PlanMaking}},
	HoldGuardianship:             {effects: []Effect{Letters, Collection, PlanMaking}},
	HoldIdentityTheft:            {effects: []Effect{Letters, Display, Collection, PlanMaking}, revokesLinks: true},
	HoldNotMe:                    {effects: []Effect{Letters, Display, Collection, PlanMaking}, revokesLinks: true},
	HoldMoved:                    {effects: []Effect{Letters}},
	TimeBarred:                   {effects: []Effect{Letters, Interest, Collection, PlanMaking}},
	HoldVulnerable:               {byPerson: true},
	HoldCreditorRequest:          {effects: []Effect{Letters, Collection}},
	QuietHours:                   {byChannel: true},
	ContactCap:                   {byChannel: true},
	AnswerAwaited:                {byChannel: true},
	OptedOut:                     {byChannel: true},
	WrongRecipient:               {byChannel: true},
	NotDueYet:                    {effects: []Effect{Letters, Display, Collection, Payment, PlanMaking}},
	ForeignCurrency:              {effects: []Effect{Letters, Display, Collection, Payment, PlanMaking}},
}

// Blocks says whether a reason forbids an effect.
func (r Reason) Blocks(e Effect) bool { return slices.Contains(blocks[r].effects, e) }

// RevokesLinks says whether a reason closes the links already sent.
func (r Reason) RevokesLinks() bool { return blocks[r].revokesLinks }

// Closed is a reason that stands on a day, with how far it reaches.
type Closed struct {
	Reason  Reason
	Until   Day          // last day; none: until a person ends it
	ClaimID string       // empty: the whole case
	Amount  money.Amount // of the claim; zero: all of it
}

func (c Closed) whole() bool { return c.ClaimID == "" }

// Gate is what stands in the way of a case on a day.
type Gate struct {
	On     Day
	Closed []Closed
}

// Gate works out what stands in the way on a day: documents that are missing,
// limitation, and the holds that run. A reason that covers every claim with
// something owed covers the case.
func (c *Case) Gate(on Day) Gate {
	g := Gate{On: on}
	add := func(r Reason) { g.Closed = append(g.Closed, Closed{Reason: r}) }
	if !c.Mandate.InForce(on) {
		add(NoMandate)
	}
	if c.Agency == nil || len(c.Agency.MissingPapers(on)) > 0 {
		add(PapersMissing)
	}
	if c.FirstLetterOn.IsZero() || c.FirstLetterReference == "" {
		add(FirstLetterMissing)
	}
	if c.State == CaseWatched {
		add(NotDueYet)
	}
	if c.Currency != money.EUR {
		add(ForeignCurrency)
	}
	if o := c.OpenOffer(); o != nil && !on.Before(o.AsOf) {
		g.Closed = append(g.Closed, Closed{Reason: HoldOpenOffer, Until: o.AnswerBy})
	}
	open := 0
	reached := map[Reason]map[string]bool{}
	var partial []Closed
	for i := range c.Claims {
		claim := &c.Claims[i]
		if !c.owed(claim.ID).Principal.IsPositive() {
			continue
		}
		open++
		// A claim whose limitation cannot be told is in doubt: a person looks.
		if a, err := c.limitationOn(claim, on); err != nil || a.State == limitation.Held {
			partial = append(partial, Closed{Reason: TimeBarred, ClaimID: claim.ID})
		}
	}
	for i := range c.Holds {
		h := &c.Holds[i]
		if !h.Runs(on) {
			continue
		}
		closed := Closed{Reason: h.Reason, Until: h.UntilOn}
		// What forbids to pay, or to be shown anything, is of the person, on
		// whatever claim it was noted.
		if h.ClaimID == nil || h.Reason.Blocks(Payment) || h.Reason.Blocks(Display) {
			g.Closed = append(g.Closed, closed)
			continue
		}
		closed.ClaimID = *h.ClaimID
		if h.Amount != nil {
			closed.Amount = money.New(*h.Amount, c.Currency)
		}
		partial = append(partial, closed)
	}
	for _, p := range partial {
		if p.Amount.IsZero() || !p.Amount.Sub(c.owed(p.ClaimID).Total()).IsNegative() {
			if reached[p.Reason] == nil {
				reached[p.Reason] = map[string]bool{}
			}
			reached[p.Reason][p.ClaimID] = true
		}
	}
	for _, p := range partial {
		if open > 0 && len(reached[p.Reason]) >= open {
			p.ClaimID, p.Amount = "", money.Amount{}
		}
		g.Closed = append(g.Closed, p)
	}
	return g
}

// Blocking returns the reasons that forbid an effect on the whole case, each
// once, in the order found.
func (g Gate) Blocking(e Effect) []Reason {
	var reasons []Reason
	for _, c := range g.Closed {
		if c.whole() && c.Reason.Blocks(e) && !slices.Contains(reasons, c.Reason) {
			reasons = append(reasons, c.Reason)
		}
	}
	return reasons
}

// BlockingClaim returns the reasons that forbid an effect on a claim.
func (g Gate) BlockingClaim(e Effect, claimID string) []Closed {
	var closed []Closed
	for _, c := range g.Closed {
		if (c.whole() || c.ClaimID == claimID) && c.Reason.Blocks(e) {
			closed = append(closed, c)
		}
	}
	return closed
}

// Check refuses when an effect is forbidden on the whole case.
func (g Gate) Check(e Effect) error {
	reasons := g.Blocking(e)
	if len(reasons) == 0 {
		return nil
	}
	r := Refuse(Blocked, "gate_"+string(e))
	r.Reasons = reasons
	return r
}

// PaymentForbidden says whether the law itself forbids to take a payment on a
// day, as in insolvency: it is not ours to waive, and what came must go back.
func (c *Case) PaymentForbidden(on Day) bool {
	return slices.ContainsFunc(c.Gate(on).Blocking(Payment), func(r Reason) bool { return slices.Contains(HoldReasons, r) })
}

// Stands says whether a reason stands, on the whole case or on a part.
func (g Gate) Stands(r Reason) bool {
	return slices.ContainsFunc(g.Closed, func(c Closed) bool { return c.Reason == r })
}

// ByPersonOnly says whether letters may only be sent by a person.
func (g Gate) ByPersonOnly() bool {
	return slices.ContainsFunc(g.Closed, func(c Closed) bool { return blocks[c.Reason].byPerson })
}
