package conformance

import (
	"testing"

	"github.com/stripe/stripe-go/v76"
)

func customerRules(t *testing.T, w *world) {
	t.Run("a customer is kept, changed and found", func(t *testing.T) {
		customer := w.customer(t)
		p := &stripe.CustomerParams{Phone: text("+33123456789")}
		p.AddMetadata("case", "17")
		changed, err := w.api.Customers.Update(customer.ID, p)
		must(t, changed, err)
		again, err := w.api.Customers.Get(customer.ID, nil)
		must(t, again, err)
		got(t, "email", again.Email, "ada@example.com")
		got(t, "phone", again.Phone, "+33123456789")
		got(t, "old metadata", again.Metadata["run"], w.run)
		got(t, "new metadata", again.Metadata["case"], "17")
		rows := w.api.Customers.List(&stripe.CustomerListParams{Email: text("ada@example.com")})
		if !rows.Next() || rows.Customer().ID != customer.ID {
			t.Errorf("the newest customer of that address is not %s (%v)", customer.ID, rows.Err())
		}
	})
	t.Run("an empty metadata value takes the key away", func(t *testing.T) {
		customer := w.customer(t)
		p := &stripe.CustomerParams{}
		p.AddMetadata("run", "")
		changed, err := w.api.Customers.Update(customer.ID, p)
		if _, there := must(t, changed, err).Metadata["run"]; there {
			t.Error("the key is still there")
		}
	})
	t.Run("a deleted customer is remembered as deleted", func(t *testing.T) {
		customer := w.customer(t)
		gone, err := w.api.Customers.Del(customer.ID, nil)
		got(t, "deleted", must(t, gone, err).Deleted, true)
		again, err := w.api.Customers.Get(customer.ID, nil)
		got(t, "deleted", must(t, again, err).Deleted, true)
		_, err = w.api.PaymentIntents.New(&stripe.PaymentIntentParams{Amount: number(100), Currency: text("eur"), Customer: text(customer.ID)})
		refused(t, err, 400, badRequest, "resource_missing")
	})
	t.Run("an unknown customer is missing", func(t *testing.T) {
		_, err := w.api.Customers.Get("cus_nobody", nil)
		got(t, "param", refused(t, err, 404, badRequest, "resource_missing").Param, "id")
	})
}

func paymentMethodRules(t *testing.T, w *world) {
	t.Run("an alias makes a card of one's own", func(t *testing.T) {
		customer, method := w.savedCard(t, "pm_card_visa")
		card, err := w.api.PaymentMethods.Get(method, nil)
		must(t, card, err)
		got(t, "last digits", card.Card.Last4, "4242")
		got(t, "brand", card.Card.Brand, stripe.PaymentMethodCardBrandVisa)
		got(t, "customer", card.Customer.ID, customer.ID)
		var seen int
		for rows := w.api.PaymentMethods.List(&stripe.PaymentMethodListParams{Customer: text(customer.ID), Type: text("card")}); rows.Next(); {
			got(t, "listed card", rows.PaymentMethod().ID, method)
			seen++
		}
		got(t, "cards listed", seen, 1)
	})
	t.Run("the same card has the same fingerprint", func(t *testing.T) {
		_, one := w.savedCard(t, "pm_card_visa")
		_, two := w.savedCard(t, "pm_card_visa")
		a, err := w.api.PaymentMethods.Get(one, nil)
		must(t, a, err)
		b, err := w.api.PaymentMethods.Get(two, nil)
		got(t, "fingerprint", must(t, b, err).Card.Fingerprint, a.Card.Fingerprint)
	})
	t.Run("a detached card cannot be used again", func(t *testing.T) {
		customer, method := w.savedCard(t, "pm_card_visa")
		gone, err := w.api.PaymentMethods.Detach(method, nil)
		if must(t, gone, err).Customer != nil {
			t.Error("a detached card still has its customer")
		}
		p := w.pay(500, method)
		p.Customer = text(customer.ID)
		_, err = w.api.PaymentIntents.New(p)
		refused(t, err, 400, badRequest, "")
	})
	t.Run("a card that the bank refuses is not attached", func(t *testing.T) {
		customer := w.customer(t)
		_, err := w.api.PaymentMethods.Attach("pm_card_chargeDeclined", &stripe.PaymentMethodAttachParams{Customer: text(customer.ID)})
		got(t, "decline", refused(t, err, 402, badCard, "card_declined").DeclineCode, "generic_decline")
	})
}

func setupRules(t *testing.T, w *world) {
	setup := func(alias string) *stripe.SetupIntentParams {
		p := &stripe.SetupIntentParams{PaymentMethod: text(alias), PaymentMethodTypes: texts("card"), Confirm: yes()}
		p.AddMetadata("run", w.run)
		return p
	}
	t.Run("a set-up attaches its card, for payments without the payer", func(t *testing.T) {
		customer := w.customer(t)
		p := setup("pm_card_visa")
		p.Customer = text(customer.ID)
		intent, err := w.api.SetupIntents.New(p)
		must(t, intent, err)
		got(t, "status", intent.Status, stripe.SetupIntentStatusSucceeded)
		got(t, "usage", intent.Usage, stripe.SetupIntentUsageOffSession)
		method, err := w.api.PaymentMethods.Get(intent.PaymentMethod.ID, nil)
		got(t, "customer of the card", must(t, method, err).Customer.ID, customer.ID)
	})
	t.Run("an issuer may ask the payer first", func(t *testing.T) {
		p := setup("pm_card_authenticationRequired")
		p.ReturnURL = text("https://example.com/back")
		intent, err := w.api.SetupIntents.New(p)
		must(t, intent, err)
		got(t, "status", intent.Status, stripe.SetupIntentStatusRequiresAction)
		got(t, "next action", intent.NextAction.Type, stripe.SetupIntentNextActionTypeRedirectToURL)
		gone, err := w.api.SetupIntents.Cancel(intent.ID, nil)
		got(t, "status", must(t, gone, err).Status, stripe.SetupIntentStatusCanceled)
		_, err = w.api.SetupIntents.Confirm(intent.ID, nil)
		refused(t, err, 400, badRequest, "setup_intent_unexpected_state")
	})
	t.Run("a declined card leaves the set-up wanting another", func(t *testing.T) {
		_, err := w.api.SetupIntents.New(setup("pm_card_chargeDeclined"))
		refusal := refused(t, err, 402, badCard, "card_declined")
		got(t, "status", refusal.SetupIntent.Status, stripe.SetupIntentStatusRequiresPaymentMethod)
		intent, err := w.api.SetupIntents.Get(refusal.SetupIntent.ID, nil)
		got(t, "last error", must(t, intent, err).LastSetupError.Code, "card_declined")
	})
}
