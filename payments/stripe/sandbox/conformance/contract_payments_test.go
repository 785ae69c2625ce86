package conformance

import (
	"testing"

	"github.com/stripe/stripe-go/v76"
)

func paymentRules(t *testing.T, w *world) {
	t.Run("a payment goes from wanting a card to succeeded, and stays there", func(t *testing.T) {
		intent, err := w.api.PaymentIntents.New(&stripe.PaymentIntentParams{Amount: number(12000), Currency: text("eur"), PaymentMethodTypes: texts("card")})
		must(t, intent, err)
		got(t, "status", intent.Status, stripe.PaymentIntentStatusRequiresPaymentMethod)
		got(t, "received", intent.AmountReceived, 0)
		intent, err = w.api.PaymentIntents.Update(intent.ID, &stripe.PaymentIntentParams{PaymentMethod: text("pm_card_visa")})
		got(t, "status", must(t, intent, err).Status, stripe.PaymentIntentStatusRequiresConfirmation)
		p := &stripe.PaymentIntentConfirmParams{}
		p.AddExpand("latest_charge.balance_transaction")
		intent, err = w.api.PaymentIntents.Confirm(intent.ID, p)
		must(t, intent, err)
		got(t, "status", intent.Status, stripe.PaymentIntentStatusSucceeded)
		got(t, "received", intent.AmountReceived, 12000)
		charge := intent.LatestCharge
		got(t, "charge's status", charge.Status, stripe.ChargeStatusSucceeded)
		got(t, "paid", charge.Paid && charge.Captured && !charge.Refunded && !charge.Disputed, true)
		got(t, "outcome", charge.Outcome.Type, "authorized")
		got(t, "card", charge.PaymentMethodDetails.Card.Last4, "4242")
		entry := charge.BalanceTransaction
		got(t, "entry's type", entry.Type, stripe.BalanceTransactionTypeCharge)
		got(t, "entry's net", entry.Net, entry.Amount-entry.Fee)
		var fees int64
		for _, fee := range entry.FeeDetails {
			fees += fee.Amount
		}
		got(t, "sum of the fees", fees, entry.Fee)

		_, err = w.api.PaymentIntents.Confirm(intent.ID, nil)
		refused(t, err, 400, badRequest, "payment_intent_unexpected_state")
		_, err = w.api.PaymentIntents.Cancel(intent.ID, nil)
		refusal := refused(t, err, 400, badRequest, "payment_intent_unexpected_state")
		got(t, "payment in the refusal", refusal.PaymentIntent.ID, intent.ID)
		_, err = w.api.PaymentIntents.Update(intent.ID, &stripe.PaymentIntentParams{Amount: number(1)})
		refused(t, err, 400, badRequest, "payment_intent_unexpected_state")
	})
	t.Run("a cancelled payment is never made", func(t *testing.T) {
		intent, err := w.api.PaymentIntents.New(&stripe.PaymentIntentParams{Amount: number(900), Currency: text("eur"), PaymentMethod: text("pm_card_visa"), PaymentMethodTypes: texts("card")})
		must(t, intent, err)
		gone, err := w.api.PaymentIntents.Cancel(intent.ID, &stripe.PaymentIntentCancelParams{CancellationReason: text("abandoned")})
		must(t, gone, err)
		got(t, "status", gone.Status, stripe.PaymentIntentStatusCanceled)
		got(t, "reason", gone.CancellationReason, stripe.PaymentIntentCancellationReasonAbandoned)
		got(t, "cancelled at some time", gone.CanceledAt > 0, true)
		_, err = w.api.PaymentIntents.Confirm(intent.ID, nil)
		refused(t, err, 400, badRequest, "payment_intent_unexpected_state")
	})
	for _, card := range []struct {
		alias, last4 string
		code         stripe.ErrorCode
		decline      stripe.DeclineCode
	}{
		{"pm_card_chargeDeclined", "0002", "card_declined", "generic_decline"},
		{"pm_card_visa_chargeDeclined", "0002", "card_declined", "generic_decline"},
		{"pm_card_chargeDeclinedInsufficientFunds", "9995", "card_declined", "insufficient_funds"},
		{"pm_card_visa_chargeDeclinedInsufficientFunds", "9995", "card_declined", "insufficient_funds"},
		{"pm_card_visa_chargeDeclinedLostCard", "9987", "card_declined", "lost_card"},
		{"pm_card_visa_chargeDeclinedStolenCard", "9979", "card_declined", "stolen_card"},
		{"pm_card_chargeDeclinedExpiredCard", "0069", "expired_card", ""},
		{"pm_card_chargeDeclinedIncorrectCvc", "0127", "incorrect_cvc", ""},
		{"pm_card_chargeDeclinedProcessingError", "0119", "processing_error", ""},
	} {
		t.Run(card.alias+" is declined", func(t *testing.T) {
			_, err := w.api.PaymentIntents.New(w.pay(3300, card.alias))
			refusal := refused(t, err, 402, badCard, card.code)
			if card.decline != "" { // where the code is its own reason, Stripe's pages do not agree on one
				got(t, "decline code", refusal.DeclineCode, card.decline)
			}
			if refusal.PaymentIntent == nil || refusal.ChargeID == "" {
				t.Fatalf("a decline names its payment and its charge: %+v", refusal)
			}
			intent, err := w.api.PaymentIntents.Get(refusal.PaymentIntent.ID, nil)
			must(t, intent, err)
			got(t, "status", intent.Status, stripe.PaymentIntentStatusRequiresPaymentMethod)
			got(t, "last error", intent.LastPaymentError.Code, card.code)
			got(t, "card of the last error", intent.LastPaymentError.PaymentMethod.Card.Last4, card.last4)
			charge, err := w.api.Charges.Get(refusal.ChargeID, nil)
			must(t, charge, err)
			got(t, "charge's status", charge.Status, stripe.ChargeStatusFailed)
			got(t, "charge's failure", charge.FailureCode, string(card.code))
			if charge.Paid || charge.BalanceTransaction != nil {
				t.Error("a failed charge moved money")
			}
			again, err := w.api.PaymentIntents.Confirm(intent.ID, &stripe.PaymentIntentConfirmParams{PaymentMethod: text("pm_card_visa")})
			got(t, "status with another card", must(t, again, err).Status, stripe.PaymentIntentStatusSucceeded)
		})
	}
	t.Run("an issuer may ask the payer first", func(t *testing.T) {
		p := w.pay(2000, "pm_card_authenticationRequired")
		p.ReturnURL = text("https://example.com/back")
		intent, err := w.api.PaymentIntents.New(p)
		must(t, intent, err)
		got(t, "status", intent.Status, stripe.PaymentIntentStatusRequiresAction)
		got(t, "next action", intent.NextAction.Type, stripe.PaymentIntentNextActionTypeRedirectToURL)
		got(t, "way back", intent.NextAction.RedirectToURL.ReturnURL, "https://example.com/back")
		if intent.NextAction.RedirectToURL.URL == "" {
			t.Error("nowhere to go")
		}
		gone, err := w.api.PaymentIntents.Cancel(intent.ID, nil)
		got(t, "status", must(t, gone, err).Status, stripe.PaymentIntentStatusCanceled)
	})
	t.Run("amounts have bounds", func(t *testing.T) {
		for amount, code := range map[int64]stripe.ErrorCode{1: "amount_too_small", 0: "parameter_invalid_integer", -5: "parameter_invalid_integer", 100000000: "amount_too_large"} {
			_, err := w.api.PaymentIntents.New(&stripe.PaymentIntentParams{Amount: number(amount), Currency: text("eur"), PaymentMethodTypes: texts("card")})
			got(t, "param", refused(t, err, 400, badRequest, code).Param, "amount")
		}
	})
	t.Run("a currency is one", func(t *testing.T) {
		_, err := w.api.PaymentIntents.New(&stripe.PaymentIntentParams{Amount: number(500), Currency: text("zzz")})
		got(t, "param", refused(t, err, 400, badRequest, "").Param, "currency")
	})
}

func offSessionRules(t *testing.T, w *world) {
	t.Run("without the payer means now", func(t *testing.T) {
		p := w.pay(1000, "pm_card_visa")
		p.Confirm, p.OffSession = nil, yes()
		_, err := w.api.PaymentIntents.New(p)
		refused(t, err, 400, badRequest, "")
	})
	t.Run("a saved card pays", func(t *testing.T) {
		customer, method := w.savedCard(t, "pm_card_visa")
		p := w.pay(1000, method)
		p.Customer, p.OffSession = text(customer.ID), yes()
		intent, err := w.api.PaymentIntents.New(p)
		got(t, "status", must(t, intent, err).Status, stripe.PaymentIntentStatusSucceeded)
	})
	t.Run("another customer's card does not", func(t *testing.T) {
		_, method := w.savedCard(t, "pm_card_visa")
		p := w.pay(1000, method)
		p.Customer, p.OffSession = text(w.customer(t).ID), yes()
		_, err := w.api.PaymentIntents.New(p)
		refused(t, err, 400, badRequest, "")
	})
	t.Run("a card that fails later attaches and is declined", func(t *testing.T) {
		customer, method := w.savedCard(t, "pm_card_chargeCustomerFail")
		p := w.pay(1000, method)
		p.Customer, p.OffSession = text(customer.ID), yes()
		_, err := w.api.PaymentIntents.New(p)
		refused(t, err, 402, badCard, "card_declined")
	})
	t.Run("an issuer that wants the payer says so, and the same payment can be tried again", func(t *testing.T) {
		customer, method := w.savedCard(t, "pm_card_authenticationRequired")
		p := w.pay(1000, method)
		p.Customer, p.OffSession = text(customer.ID), yes()
		_, err := w.api.PaymentIntents.New(p)
		refusal := refused(t, err, 402, badCard, "authentication_required")
		got(t, "decline code", refusal.DeclineCode, "authentication_required")
		intent := refusal.PaymentIntent
		got(t, "status", intent.Status, stripe.PaymentIntentStatusRequiresPaymentMethod)
		own, err := w.api.PaymentMethods.Attach("pm_card_visa", &stripe.PaymentMethodAttachParams{Customer: text(customer.ID)})
		must(t, own, err)
		again, err := w.api.PaymentIntents.Confirm(intent.ID, &stripe.PaymentIntentConfirmParams{PaymentMethod: text(own.ID), OffSession: yes()})
		got(t, "status", must(t, again, err).Status, stripe.PaymentIntentStatusSucceeded)
	})
}

func captureRules(t *testing.T, w *world) {
	authorise := func(t *testing.T) *stripe.PaymentIntent {
		p := w.pay(5000, "pm_card_visa")
		p.CaptureMethod = text("manual")
		intent, err := w.api.PaymentIntents.New(p)
		must(t, intent, err)
		got(t, "status", intent.Status, stripe.PaymentIntentStatusRequiresCapture)
		got(t, "capturable", intent.AmountCapturable, 5000)
		return intent
	}
	t.Run("part of an authorisation may be taken, once", func(t *testing.T) {
		intent := authorise(t)
		_, err := w.api.PaymentIntents.Capture(intent.ID, &stripe.PaymentIntentCaptureParams{AmountToCapture: number(5001)})
		refused(t, err, 400, badRequest, "amount_too_large")
		taken, err := w.api.PaymentIntents.Capture(intent.ID, &stripe.PaymentIntentCaptureParams{AmountToCapture: number(3000)})
		must(t, taken, err)
		got(t, "status", taken.Status, stripe.PaymentIntentStatusSucceeded)
		got(t, "received", taken.AmountReceived, 3000)
		got(t, "capturable", taken.AmountCapturable, 0)
		_, err = w.api.PaymentIntents.Capture(intent.ID, nil)
		refused(t, err, 400, badRequest, "payment_intent_unexpected_state")
	})
	t.Run("an authorisation may be let go", func(t *testing.T) {
		intent := authorise(t)
		gone, err := w.api.PaymentIntents.Cancel(intent.ID, nil)
		got(t, "status", must(t, gone, err).Status, stripe.PaymentIntentStatusCanceled)
		got(t, "capturable", gone.AmountCapturable, 0)
	})
}

func refundRules(t *testing.T, w *world) {
	t.Run("no more goes back than came in", func(t *testing.T) {
		intent, err := w.api.PaymentIntents.New(w.pay(10000, "pm_card_visa"))
		must(t, intent, err)
		p := &stripe.RefundParams{PaymentIntent: text(intent.ID), Amount: number(4000), Reason: text("requested_by_customer")}
		p.AddExpand("balance_transaction")
		p.AddExpand("charge")
		part, err := w.api.Refunds.New(p)
		must(t, part, err)
		got(t, "status", part.Status, stripe.RefundStatusSucceeded)
		got(t, "entry", part.BalanceTransaction.Amount, -4000)
		got(t, "refunded so far", part.Charge.AmountRefunded, 4000)
		got(t, "wholly refunded", part.Charge.Refunded, false)
		_, err = w.api.Refunds.New(&stripe.RefundParams{PaymentIntent: text(intent.ID), Amount: number(6001)})
		got(t, "param", refused(t, err, 400, badRequest, "").Param, "amount")
		rest, err := w.api.Refunds.New(&stripe.RefundParams{Charge: text(intent.LatestCharge.ID)})
		got(t, "rest", must(t, rest, err).Amount, 6000)
		_, err = w.api.Refunds.New(&stripe.RefundParams{PaymentIntent: text(intent.ID)})
		refused(t, err, 400, badRequest, "charge_already_refunded")
		c := &stripe.ChargeParams{}
		c.AddExpand("refunds")
		charge, err := w.api.Charges.Get(intent.LatestCharge.ID, c)
		must(t, charge, err)
		got(t, "wholly refunded", charge.Refunded, true)
		got(t, "refunds listed", len(charge.Refunds.Data), 2)
		var listed int
		for rows := w.api.Refunds.List(&stripe.RefundListParams{PaymentIntent: text(intent.ID)}); rows.Next(); {
			listed++
		}
		got(t, "refunds found", listed, 2)
	})
	t.Run("what was not paid is not refunded", func(t *testing.T) {
		intent, err := w.api.PaymentIntents.New(&stripe.PaymentIntentParams{Amount: number(500), Currency: text("eur"), PaymentMethodTypes: texts("card")})
		must(t, intent, err)
		_, err = w.api.Refunds.New(&stripe.RefundParams{PaymentIntent: text(intent.ID)})
		var refusal *stripe.Error
		if !asStripe(err, &refusal) || refusal.HTTPStatusCode != 400 {
			t.Errorf("a refund of nothing: %v", err)
		}
	})
}
