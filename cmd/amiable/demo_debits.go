package main

import (
	"fmt"

	"amiable/negotiation"
	"amiable/payments"
	"amiable/payments/stripe/sandbox"
)

// Accounts of the story: one whose bank pays, and one that was empty for a while.
const (
	steadyAccount = "FR1420041010050500013M02606"
	emptyAccount  = "AT611904300234573201"
)

// debitStory is whose instalments are debited from an account: one is on its way
// today, and one came back for lack of funds.
var debitStory = []act{
	{"2026-08-03", func(t *teller) { t.place("atelier-boreal-2026-08.csv") }},
	{"2026-08-05", (*teller).firstLetters},
	{"2026-08-25", func(t *teller) { t.proposes("Agathe Ormeau", monthly(6, "2026-09-05"), "") }},
	{"2026-08-28", func(t *teller) { t.debited("Agathe Ormeau", emptyAccount) }},
	{"2026-09-10", func(t *teller) { t.proposes("Marius Clairbois", monthly(5, "2026-09-24"), "") }},
	{"2026-09-15", func(t *teller) { t.debited("Marius Clairbois", steadyAccount) }},
	{"2026-11-01", func(t *teller) {
		t.try(t.box.DeclineDuring(sandbox.Spell{Card: emptyAccount, Outcome: "insufficient_funds", From: negotiation.Day("2026-11-01").Time(), Until: negotiation.Day("2026-11-15").Time()}))
	}},
}

// debited pays the next instalment from an account that is kept for those to
// come: it is on its way for some days.
func (t *teller) debited(who, iban string) {
	t.on(who, func(c *negotiation.Case) error {
		order := payments.Order{Of: payments.NextInstalment, Charges: negotiation.ChargesDebitText, Language: c.MainParty().Person.Language}
		if _, err := t.payments.Start(t.ctx, debtor(c), c.ID, order); err != nil {
			return err
		}
		made, err := t.payments.OfCase(t.ctx, c.ID)
		if err != nil {
			return err
		}
		last := made[len(made)-1]
		party := c.MainParty()
		mail, _ := party.Contact(negotiation.ContactEmail)
		if _, err := t.box.CompleteCheckout(*last.SessionID, sandbox.Card{IBAN: iban, Name: party.Person.Name, Email: mail.Value}); err != nil {
			return err
		}
		if err := t.box.Quiesce(t.ctx); err != nil {
			return err
		}
		paid, err := t.payments.Of(t.ctx, operator, last.ID)
		if err == nil && paid.State != payments.Processing {
			err = fmt.Errorf("%w: it is %s", errNotPaid, paid.State)
		}
		return err
	})
}
