package main

import (
	"errors"

	"amiable/negotiation"
	"amiable/payments"
)

// backStory is money that goes back: one debtor paid twice, and got back what
// was too much; a bank took a payment back for good; another bank waits for an
// answer.
var backStory = []act{
	{"2026-07-27", func(t *teller) { t.elsewhere("Studio Hirondelle", 45_00, "2026-07-13", "VIR 7790") }},
	{"2026-07-28", func(t *teller) { t.saysYes("Studio Hirondelle") }},
	{"2026-09-21", func(t *teller) { t.bankTakes("Boulangerie des Nuages", "product_not_received") }},
	{"2026-10-07", func(t *teller) { t.bankKeeps("Boulangerie des Nuages") }},
	{"2026-11-16", func(t *teller) { t.bankTakes("Sarah Quintin", "fraudulent") }},
}

// saysYes approves the refund that offered itself to a debtor.
func (t *teller) saysYes(who string) {
	t.on(who, func(c *negotiation.Case) error {
		refunds, _, err := t.payments.BackOf(t.ctx, c.ID)
		if err == nil && len(refunds) != 1 {
			err = errors.New("no refund offers itself")
		}
		if err != nil {
			return err
		}
		return t.payments.ApproveRefund(t.ctx, t.agent, refunds[0].ID)
	})
}

// bankTakes lets a debtor's bank take their last payment by card back.
func (t *teller) bankTakes(who, reason string) {
	t.on(who, func(c *negotiation.Case) error {
		made, err := t.payments.OfCase(t.ctx, c.ID)
		if err != nil {
			return err
		}
		for i := len(made) - 1; i >= 0; i-- {
			if p := &made[i]; p.Kind == payments.CheckoutPayment && p.IntentID != nil {
				if _, err := t.box.Dispute(*p.IntentID, 0, reason, false); err != nil {
					return err
				}
				return t.box.Quiesce(t.ctx)
			}
		}
		return errors.New("nothing was paid by card")
	})
}

// bankKeeps lets a bank decide for the debtor.
func (t *teller) bankKeeps(who string) {
	t.on(who, func(c *negotiation.Case) error {
		_, charged, err := t.payments.BackOf(t.ctx, c.ID)
		if err == nil && len(charged) == 0 {
			err = errors.New("no bank took anything")
		}
		if err != nil {
			return err
		}
		if err := t.box.LoseDispute(charged[0].GatewayID); err != nil {
			return err
		}
		return t.box.Quiesce(t.ctx)
	})
}
