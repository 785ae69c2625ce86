package main

import (
	"errors"

	"amiable/negotiation"
	"amiable/negotiation/money"
)

// demoPolicy is what the creditor of the story takes without being asked.
var demoPolicy = negotiation.Policy{
	InstalmentsMax: 6, MonthsMax: 6, InstalmentMin: 25_00, FirstDaysMax: 45, SkipsMax: 1, MoveDaysMax: 10, AtOnce: true, PersonAbove: 3_000_00, AnswerDays: 3,
	BreathingDays: 15, AgentOwedMax: 2_000_00, Rebates: []negotiation.Rebate{{DaysLate: 60, BasisPoints: 1000}, {DaysLate: 120, OwedMax: 1_000_00, BasisPoints: 1500}},
}

func (t *teller) policy() {
	mandates, err := t.negotiation.Mandates(t.ctx, t.creditor.CreditorID)
	if !t.try(err) {
		return
	}
	for _, m := range mandates {
		_, err := t.negotiation.SetPolicy(t.ctx, t.decider(), m.ID, demoPolicy)
		t.try(err)
	}
}

// decider is the creditor's user, who answers offers.
func (t *teller) decider() negotiation.Actor {
	by := t.creditor
	by.Decides = true
	return by
}

func monthly(n int, first negotiation.Day) negotiation.Terms {
	return negotiation.Terms{Instalments: n, Every: negotiation.Monthly, FirstDueOn: first}
}

// proposes puts a debtor's terms to the creditor; what the policy takes is
// agreed at once.
func (t *teller) proposes(who string, terms negotiation.Terms, words string) {
	t.on(who, func(c *negotiation.Case) error {
		_, err := t.negotiation.Propose(t.ctx, debtor(c), c.ID, negotiation.Proposal{
			Terms: terms, Recognition: negotiation.RecognitionText, Language: c.MainParty().Person.Language, Message: words, AskCreditor: true,
		})
		return err
	})
}

// lumpSum proposes to clear the case with so many hundredths less.
func (t *teller) lumpSum(who string, on negotiation.Day, percentOff int64) {
	t.on(who, func(c *negotiation.Case) error {
		today, err := t.negotiation.Today(t.ctx)
		if err != nil {
			return err
		}
		owed, err := c.Plannable(today)
		if err != nil {
			return err
		}
		reduced := money.New(owed.Minor-money.MulDivFloor(owed.Minor, percentOff, 100), owed.Currency)
		out, err := t.negotiation.Propose(t.ctx, debtor(c), c.ID, negotiation.Proposal{
			Terms:       negotiation.Terms{Instalments: 1, FirstDueOn: on, Total: reduced},
			Recognition: negotiation.RecognitionText, Language: c.MainParty().Person.Language,
		})
		if err == nil && out.Plan == nil {
			err = errNoPlan
		}
		return err
	})
}

var errNoPlan = errors.New("the policy did not take these terms")

// answering runs do on the open offer of a case.
func (t *teller) answering(who string, do func(c *negotiation.Case, o *negotiation.Offer) error) {
	t.on(who, func(c *negotiation.Case) error {
		if o := c.OpenOffer(); o != nil {
			return do(c, o)
		}
		return errNoOffer
	})
}

var errNoOffer = errors.New("no offer is open")

func (t *teller) accepts(who string) {
	t.answering(who, func(c *negotiation.Case, o *negotiation.Offer) error {
		_, err := t.negotiation.AcceptOffer(t.ctx, t.decider(), c.ID, o.ID, negotiation.Assent{Language: "fr"})
		return err
	})
}

func (t *teller) rejects(who, reason string) {
	t.answering(who, func(c *negotiation.Case, o *negotiation.Offer) error {
		return t.negotiation.RejectOffer(t.ctx, t.decider(), c.ID, o.ID, reason, "")
	})
}

func (t *teller) counters(who string, terms negotiation.Terms) {
	t.answering(who, func(c *negotiation.Case, o *negotiation.Offer) error {
		_, err := t.negotiation.Propose(t.ctx, t.decider(), c.ID, negotiation.Proposal{Terms: terms, Language: "fr", Answers: o.ID})
		return err
	})
}

// pays pays the next instalment of a plan by card.
func (t *teller) pays(who string) {
	t.on(who, func(c *negotiation.Case) error {
		plan := c.ActivePlan()
		if plan == nil {
			return errNoPlan
		}
		today, err := t.negotiation.Today(t.ctx)
		if err != nil {
			return err
		}
		progress, err := c.Progress(plan, today)
		if err != nil {
			return err
		}
		return t.card(c, progress.Next.Left.Minor)
	})
}
