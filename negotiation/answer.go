package negotiation

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"amiable/negotiation/ledger"
	"amiable/negotiation/money"
)

// Assent is what somebody says when they accept an offer.
type Assent struct {
	Recognition string // version of the text whose box the debtor ticked
	Charges     string // version of the consent to later charges that was ticked
	Language    string
	Note        string // of an agent who accepts for somebody: how they said so
}

// AcceptOffer says yes to an offer: with it, both sides have, and the plan
// begins. However many say yes at once, one plan is made.
func (s *Service) AcceptOffer(ctx context.Context, by Actor, caseID, offerID string, y Assent) (*Outcome, error) {
	var out *Outcome
	err := s.OnCase(ctx, by, caseID, func(t *Tx, c *Case) error {
		side, _, err := c.sideOf(by)
		if err != nil {
			return err
		}
		o, err := c.mine(offerID, side)
		if err != nil {
			return err
		}
		if err := c.PlansPossible(t.Today); err != nil {
			return err
		}
		if o.Of().FirstDueOn.Before(t.Today) {
			return Refuse(Conflict, "offer_first_past")
		}
		stands, err := c.stillOwed(o, t.Today)
		if err != nil {
			return err
		}
		if !stands { // something changed that nobody was told of
			fresh, err := c.renewOffer(t, by)
			out = &Outcome{Offer: fresh, Renewed: true}
			return err
		}
		if err := c.mayAgree(o, t.Today); err != nil {
			return err
		}
		yes, err := c.yesTo(t, by, o, side, y)
		if err != nil {
			return err
		}
		out = &Outcome{Offer: o}
		out.Plan, err = c.agree(t, by, o, yes)
		return err
	})
	return out, err
}

// mayAgree refuses to agree to an offer that is not any more what its maker said
// yes to, or that would clear what is contested.
func (c *Case) mayAgree(o *Offer, on Day) error {
	if o.IsSettlement() && c.partlyContested(on) {
		return Refuse(Conflict, "settlement_while_contested")
	}
	first := o
	for first.Replaces != nil && slices.ContainsFunc(first.Acceptances, func(a Acceptance) bool { return a.How == ByRenewal }) {
		before := c.Offer(*first.Replaces)
		if before == nil {
			break
		}
		first = before
	}
	// The debtor said yes to a sum, whoever made the creditor's offer may have
	// been let decide up to one: neither grows by itself.
	if (o.Side == SideDebtor && o.Total > first.Total) || (o.Side != SideDebtor && o.Owed > first.Owed) {
		return Refuse(Conflict, "offer_total_grew")
	}
	return nil
}

// stillOwed says whether what an offer rests on is what it was: nothing was
// paid, credited, turned round or contested since. That days went by changes
// nothing.
func (c *Case) stillOwed(o *Offer, on Day) (bool, error) {
	s, err := c.Statement(o.AsOf)
	if err != nil {
		return false, err
	}
	moved := slices.ContainsFunc(c.standing(), func(p *ledger.Posting) bool {
		return p.EffectiveOn.After(o.AsOf) && p.Kind != ledger.KindInterest
	})
	return !moved && s.Total.Sub(c.contestedBy(s, c.Gate(on))).Minor == o.Owed, nil
}

// mine finds an open offer that it is a side's turn to answer.
func (c *Case) mine(offerID string, side Side) (*Offer, error) {
	o := c.Offer(offerID)
	switch {
	case o == nil:
		return nil, errNotFound
	case o.State != OfferOpen:
		return nil, Refuse(Conflict, "offer_is_"+string(o.State))
	case side == SideAgency && o.WaitsFor(SideCreditor), o.WaitsFor(side):
		return o, nil
	}
	return nil, Refuse(Conflict, "offer_waits_for_other")
}

// yesTo makes the acceptance of an offer, if its actor may give it.
func (c *Case) yesTo(t *Tx, by Actor, o *Offer, side Side, y Assent) (*Acceptance, error) {
	yes := c.yes(t, by, o, side, y.Recognition, y.Charges, y.Language)
	yes.Note = strings.TrimSpace(y.Note)
	owed := money.New(o.Owed, c.Currency)
	if err := by.said(yes.Note); err != nil {
		return nil, err
	}
	switch side {
	case SideDebtor:
		if y.Recognition == "" {
			return nil, Refuse(Invalid, "recognition_not_ticked").On("recognise")
		}
	case SideCreditor:
		if err := by.mayDecide(owed); err != nil {
			return nil, err
		}
		yes.TextVersion = RecognitionText
	case SideAgency:
		policy, err := t.policyOf(c)
		if err != nil {
			return nil, err
		}
		verdict, err := c.JudgeOffer(policy, o)
		if err != nil {
			return nil, err
		}
		if err := policy.delegates(owed, verdict); err != nil {
			return nil, err
		}
		yes.Side, yes.How, yes.TextVersion = SideCreditor, ByDelegation, policy.VersionName()
	}
	return yes, nil
}

// agree makes the plan of an offer that both sides said yes to.
func (c *Case) agree(t *Tx, by Actor, o *Offer, yes *Acceptance) (*Plan, error) {
	if other := o.acceptance(SideDebtor); yes.Side == SideCreditor && other == nil || yes.Side == SideDebtor && o.acceptance(SideCreditor) == nil {
		return nil, fmt.Errorf("offer %s: accepted by one side only", o.ID)
	}
	schedule, err := o.Schedule(c.Currency)
	if err != nil {
		return nil, err
	}
	policy, err := t.policyOf(c)
	if err != nil {
		return nil, err
	}
	if err := c.closeOffer(t, by, c.Offer(o.ID), OfferAccepted, ""); err != nil {
		return nil, err
	}
	*o = *c.Offer(o.ID)
	o.Acceptances = append(o.Acceptances, *yes)
	plan := &Plan{
		ID: newID(), CreditorID: c.CreditorID, CaseID: c.ID, OfferID: o.ID, Number: o.Number, State: PlanActive, Owed: o.Owed, Total: o.Total, Currency: c.Currency,
		Revision: 1, SkipsMax: int64(policy.SkipsMax), MoveDaysMax: int64(policy.MoveDaysMax), InterestWaived: c.Mandate.InterestWaivedInPlans, InterestFrom: o.AsOf.Add(1),
		PaidBefore: c.paymentIDs(), AcceptedAt: t.Now, CreatedAt: t.Now,
	}
	if err := c.keepAgreement(t, by, plan, o.AsOf); err != nil {
		return nil, err
	}
	for _, i := range schedule {
		plan.Lines = append(plan.Lines, PlanLine{PlanID: plan.ID, Revision: 1, Number: int64(i.Number), DueOn: i.DueOn, Amount: i.Amount.Minor})
	}
	if old := c.ActivePlan(); old != nil {
		if err := c.closePlan(t, by, old, PlanReplaced, ""); err != nil {
			return nil, err
		}
	}
	if err := t.Insert(yes, plan); err != nil {
		return nil, err
	}
	for i := range plan.Lines {
		if err := t.Insert(&plan.Lines[i]); err != nil {
			return nil, err
		}
	}
	c.plans = append(c.plans, *plan)
	if err := c.fixInterest(t, o); err != nil {
		return nil, err
	}
	if c.State != CaseInPlan {
		if err := c.move(CaseInPlan); err != nil {
			return nil, err
		}
	}
	facts := o.facts(c)
	facts["plan"], facts["end"], facts["how"] = plan.ID, schedule.End(), yes.How
	if err := t.Insert(c.event(t, by, PlanAgreed, facts)); err != nil {
		return nil, err
	}
	return plan, c.tellPlan(t, by, o, LetterPlanAgreed, facts)
}

// fixInterest posts what had accrued on the day for which the terms were worked
// out: it is part of what the plan pays.
func (c *Case) fixInterest(t *Tx, o *Offer) error {
	statement, err := c.Statement(o.AsOf)
	if err != nil {
		return err
	}
	return c.accrue(t, statement, "accrual:offer:"+o.ID)
}

// tellPlan tells both sides of what became of a plan.
func (c *Case) tellPlan(t *Tx, by Actor, o *Offer, kind LetterKind, facts map[string]any) error {
	if party := c.Party(o.PartyID); party != nil {
		if _, err := c.Tell(t, by, party, kind, facts); err != nil {
			return err
		}
	}
	return c.TellCreditor(t, kind, facts)
}

// RejectOffer says no to an offer, and why. The note of an agent who writes
// down somebody's no says how they told it.
func (s *Service) RejectOffer(ctx context.Context, by Actor, caseID, offerID, reason, note string) error {
	reason, note = strings.TrimSpace(reason), strings.TrimSpace(note)
	if err := by.said(note); err != nil {
		return err
	}
	switch {
	case reason == "":
		return Refuse(Invalid, "reason_missing").On("reason")
	case utf8.RuneCountInString(reason) > offerWordsMax:
		return Refuse(Invalid, "words_too_long").On("reason").With("n", offerWordsMax)
	}
	return s.OnCase(ctx, by, caseID, func(t *Tx, c *Case) error {
		side, _, err := c.sideOf(by)
		if err != nil {
			return err
		}
		o, err := c.mine(offerID, side)
		if err != nil {
			return err
		}
		if side == SideCreditor {
			if err := by.mayDecide(money.New(o.Owed, c.Currency)); err != nil {
				return err
			}
		}
		if side == SideAgency && o.AnswerSide != SideAgency {
			return Refuse(Forbidden, "creditor_answers_first")
		}
		if note != "" {
			if err := t.Insert(c.event(t, by, WordTaken, map[string]any{"offer": o.ID, "note": note})); err != nil {
				return err
			}
		}
		return c.endOffer(t, by, o, OfferRejected, OfferWasRejected, reason)
	})
}

// WithdrawOffer takes an offer back, by the side that made it.
func (s *Service) WithdrawOffer(ctx context.Context, by Actor, caseID, offerID string) error {
	return s.OnCase(ctx, by, caseID, func(t *Tx, c *Case) error {
		side, _, err := c.sideOf(by)
		if err != nil {
			return err
		}
		o := c.Offer(offerID)
		switch {
		case o == nil:
			return errNotFound
		case o.State == OfferWithdrawn && o.Side == side:
			return nil // a second click changes nothing
		case o.State != OfferOpen:
			return Refuse(Conflict, "offer_is_"+string(o.State))
		case o.Side != side && !(o.Side == SideCreditor && side == SideAgency):
			return Refuse(Forbidden, "offer_not_yours")
		}
		return c.endOffer(t, by, o, OfferWithdrawn, OfferWasWithdrawn, "")
	})
}

// endOffer ends an offer without a plan, and tells the side that did not.
func (c *Case) endOffer(t *Tx, by Actor, o *Offer, to OfferState, event EventKind, reason string) error {
	if err := c.closeOffer(t, by, o, to, reason); err != nil {
		return err
	}
	facts := o.facts(c)
	facts["reason"], facts["outcome"] = reason, to
	if err := t.Insert(c.event(t, by, event, facts)); err != nil {
		return err
	}
	if o.Side == SideDebtor && to == OfferWithdrawn && by.Role != RoleSystem {
		return c.TellCreditor(t, LetterOfferEnded, facts)
	}
	return c.tellPlan(t, by, o, LetterOfferEnded, facts)
}

// renewOffer puts an open offer anew on what is owed now: a part payment came,
// or a part was contested. Where nothing is left to plan, it is withdrawn. Who
// had said yes to the old version has said yes to this one where it asks no
// more of them: mayAgree looks. The new version is nil where there is none.
func (c *Case) renewOffer(t *Tx, by Actor) (*Offer, error) {
	old := c.OpenOffer()
	if old == nil {
		return nil, nil
	}
	if stands, err := c.stillOwed(old, t.Today); err != nil || stands {
		return old, err
	}
	owed, err := c.Plannable(t.Today)
	if err != nil {
		return nil, err
	}
	terms, ok := old.Of().on(owed, money.New(old.Owed, c.Currency))
	if !ok {
		return nil, c.endOffer(t, System, old, OfferWithdrawn, OfferWasWithdrawn, ReasonNothingLeft)
	}
	policy, err := t.policyOf(c)
	if err != nil {
		return nil, err
	}
	verdict, err := policy.Judge(c.asked(terms, owed, t.Today))
	if err != nil {
		return nil, err
	}
	fresh := *old
	fresh.ID, fresh.AsOf, fresh.Owed, fresh.Total, fresh.CreatedAt = newID(), t.Today, owed.Minor, terms.totalOf(owed).Minor, t.Now
	fresh.Replaces, fresh.Verdict, fresh.PolicyVersion, fresh.Acceptances = &old.ID, verdict.Answer, int64(policy.Version), nil
	if fresh.Terms, err = terms.written(); err != nil {
		return nil, fault(err, "offer", old.ID)
	}
	maker := old.acceptance(SideDebtor)
	if old.Side != SideDebtor {
		maker = old.acceptance(SideCreditor)
	}
	if maker == nil {
		return nil, fmt.Errorf("offer %s: nobody's yes", old.ID)
	}
	yes := *maker
	yes.ID, yes.OfferID, yes.How, yes.At = newID(), fresh.ID, ByRenewal, t.Now
	if err := c.closeOffer(t, System, old, OfferWithdrawn, ReasonRenewed); err != nil {
		return nil, err
	}
	if err := c.putOffer(t, System, &fresh, &yes); err != nil {
		return nil, err
	}
	return &fresh, c.tellPlan(t, System, &fresh, LetterOfferRenewed, fresh.facts(c))
}
