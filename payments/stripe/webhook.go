package stripe

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/stripe/stripe-go/v76"
	"github.com/stripe/stripe-go/v76/webhook"

	"amiable/payments"
)

// signatureAge is how old a signature may be, and how far ahead of our clock:
// stripe-go checks the past only.
const signatureAge = 5 * time.Minute

// ReadNotification checks the signature against each secret in use (two while
// one is rotated) and translates the event.
func (g *Gateway) ReadNotification(body []byte, signature string) (payments.Notification, error) {
	last := errors.New("no webhook secret is set")
	for _, secret := range g.secrets {
		event, err := webhook.ConstructEventWithOptions(body, signature, secret, webhook.ConstructEventOptions{Tolerance: signatureAge})
		if err == nil && ahead(signature, g.now()) {
			err = fmt.Errorf("the signature is of a time to come")
		}
		if err == nil {
			return notification(event)
		}
		last = err
	}
	return payments.Notification{}, fmt.Errorf("%w: %w", payments.ErrNotSigned, last)
}

// RereadNotification translates a body that was checked when it came.
func (g *Gateway) RereadNotification(body []byte) (payments.Notification, error) {
	var event stripe.Event
	if err := json.Unmarshal(body, &event); err != nil {
		return payments.Notification{}, fmt.Errorf("stripe event: %w", err)
	}
	return notification(event)
}

func ahead(signature string, now time.Time) bool {
	for _, part := range strings.Split(signature, ",") {
		if text, ok := strings.CutPrefix(strings.TrimSpace(part), "t="); ok {
			at, err := strconv.ParseInt(text, 10, 64)
			return err != nil || time.Unix(at, 0).After(now.Add(signatureAge))
		}
	}
	return true
}

// notification translates an event. What does not concern us comes without a
// fact.
func notification(e stripe.Event) (payments.Notification, error) {
	n := payments.Notification{
		ID: e.ID, Type: string(e.Type), Account: e.Account, Livemode: e.Livemode, Created: time.Unix(e.Created, 0).UTC(),
	}
	if e.ID == "" || e.Data == nil {
		return n, fmt.Errorf("stripe event %q without an object", e.ID)
	}
	decode := func(into any) error {
		if err := json.Unmarshal(e.Data.Raw, into); err != nil {
			return fmt.Errorf("stripe event %s: %w", e.ID, err)
		}
		return nil
	}
	switch e.Type {
	case "payment_intent.succeeded", "payment_intent.processing", "payment_intent.payment_failed", "payment_intent.canceled",
		"payment_intent.requires_action", "payment_intent.partially_funded":
		var intent stripe.PaymentIntent
		if err := decode(&intent); err != nil {
			return n, err
		}
		fact := factOfIntent(&intent)
		if fact.PaymentID == "" { // not a payment that we started
			return n, nil
		}
		if fact.Progress == payments.InProgress && e.Type == "payment_intent.requires_action" { // the payer's bank asks them
			return n, nil
		}
		if (fact.Progress == payments.Collected || fact.Progress == payments.Submitted) && fact.At.IsZero() {
			fact.At = n.Created // the event's charge is an id only
		}
		n.Payment = &fact
	case "charge.succeeded", "charge.pending", "charge.failed":
		// It tells of the same money as payment_intent.succeeded, and, unlike
		// that event, with what it was paid.
		var charge stripe.Charge
		if err := decode(&charge); err != nil {
			return n, err
		}
		// Of a card that was declined the intent tells, with what follows.
		if fact := factOfCharge(&charge); fact.PaymentID != "" && (fact.Progress != payments.InProgress || e.Type == "charge.succeeded") {
			n.Payment = &fact
		}
	case "checkout.session.completed", "checkout.session.async_payment_succeeded", "checkout.session.async_payment_failed", "checkout.session.expired":
		var session stripe.CheckoutSession
		if err := decode(&session); err != nil {
			return n, err
		}
		if session.Mode == stripe.CheckoutSessionModeSetup {
			// The card itself is told by setup_intent.succeeded.
			if fact := factOfCardPage(&session); fact.AuthorityID != "" && session.Status == stripe.CheckoutSessionStatusExpired {
				n.Card = &fact
			}
			return n, nil
		}
		fact := factOfSession(&session)
		if fact.PaymentID == "" {
			return n, nil
		}
		if e.Type == "checkout.session.async_payment_failed" {
			fact.Progress = payments.Failed
		}
		if (fact.Progress == payments.Collected || fact.Progress == payments.Submitted) && fact.At.IsZero() {
			fact.At = n.Created
		}
		n.Payment = &fact
	case "setup_intent.succeeded":
		var setup stripe.SetupIntent
		if err := decode(&setup); err != nil {
			return n, err
		}
		if fact := factOfSetup(&setup); fact.AuthorityID != "" {
			n.Card = &fact
		}
	case "payment_method.automatically_updated", "payment_method.detached":
		var method stripe.PaymentMethod
		if err := decode(&method); err != nil {
			return n, err
		}
		if method.Card != nil || method.SEPADebit != nil {
			gone := e.Type == "payment_method.detached"
			n.Card = &payments.CardFact{Card: cardOf(&method), Gone: gone, Renewed: !gone}
		}
	case "refund.created", "refund.updated", "charge.refund.updated":
		var refund stripe.Refund
		if err := decode(&refund); err != nil {
			return n, err
		}
		if refund.PaymentIntent != nil { // else of no payment that we could have made
			fact := factOfRefund(&refund)
			n.Refund = &fact
		}
	case "charge.dispute.created", "charge.dispute.updated", "charge.dispute.closed", "charge.dispute.funds_withdrawn", "charge.dispute.funds_reinstated":
		var dispute stripe.Dispute
		if err := decode(&dispute); err != nil {
			return n, err
		}
		if dispute.PaymentIntent != nil {
			fact := factOfDispute(&dispute)
			n.Charged = &fact
		}
	case "cash_balance.funds_available":
		var held stripe.CashBalance
		if err := decode(&held); err != nil {
			return n, err
		}
		n.Held = &payments.HeldFact{CustomerID: held.Customer}
	case "customer_cash_balance_transaction.created":
		var moved stripe.CustomerCashBalanceTransaction
		if err := decode(&moved); err != nil {
			return n, err
		}
		// What came is told of by the payment that it paid; what is left, here.
		if moved.Customer != nil && moved.EndingBalance > 0 {
			n.Held = &payments.HeldFact{CustomerID: moved.Customer.ID}
		}
	case "mandate.updated":
		var given stripe.Mandate
		if err := decode(&given); err != nil {
			return n, err
		}
		if given.Status == stripe.MandateStatusInactive {
			n.Card = &payments.CardFact{Card: payments.Card{MandateID: given.ID}, Revoked: true}
		}
	case "account.updated":
		var account stripe.Account
		if err := decode(&account); err != nil {
			return n, err
		}
		fact := factOfAccount(&account)
		n.Merchant = &fact
	case "payout.created", "payout.updated", "payout.paid", "payout.failed", "payout.canceled", "payout.reconciliation_completed":
		fact, err := payoutNotification(e, decode)
		if err != nil {
			return n, err
		}
		n.Payout = fact
	}
	return n, nil
}
