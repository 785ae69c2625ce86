package stripe

import (
	"github.com/stripe/stripe-go/v76"
	"github.com/stripe/stripe-go/v76/account"
	"github.com/stripe/stripe-go/v76/accountlink"
	"github.com/stripe/stripe-go/v76/balance"
	"github.com/stripe/stripe-go/v76/balancetransaction"
	"github.com/stripe/stripe-go/v76/cashbalance"
	"github.com/stripe/stripe-go/v76/charge"
	checkout "github.com/stripe/stripe-go/v76/checkout/session"
	"github.com/stripe/stripe-go/v76/customer"
	"github.com/stripe/stripe-go/v76/dispute"
	events "github.com/stripe/stripe-go/v76/event"
	"github.com/stripe/stripe-go/v76/mandate"
	"github.com/stripe/stripe-go/v76/paymentintent"
	"github.com/stripe/stripe-go/v76/paymentmethod"
	"github.com/stripe/stripe-go/v76/payout"
	"github.com/stripe/stripe-go/v76/refund"
	"github.com/stripe/stripe-go/v76/transfer"
	"github.com/stripe/stripe-go/v76/transferreversal"
	"github.com/stripe/stripe-go/v76/webhookendpoint"
)

// resources are those of Stripe's that we speak to. Its own list of all of them
// (client.API) would bring a hundred packages into the binary.
type resources struct {
	AccountLinks        accountlink.Client
	Accounts            account.Client
	Balance             balance.Client
	BalanceTransactions balancetransaction.Client
	CashBalances        cashbalance.Client
	Charges             charge.Client
	CheckoutSessions    checkout.Client
	Customers           customer.Client
	Disputes            dispute.Client
	Events              events.Client
	Mandates            mandate.Client
	PaymentIntents      paymentintent.Client
	PaymentMethods      paymentmethod.Client
	Payouts             payout.Client
	Refunds             refund.Client
	TransferReversals   transferreversal.Client
	Transfers           transfer.Client
	WebhookEndpoints    webhookendpoint.Client
}

func newResources(b stripe.Backend, key string) resources {
	return resources{
		AccountLinks:        accountlink.Client{B: b, Key: key},
		Accounts:            account.Client{B: b, Key: key},
		Balance:             balance.Client{B: b, Key: key},
		BalanceTransactions: balancetransaction.Client{B: b, Key: key},
		CashBalances:        cashbalance.Client{B: b, Key: key},
		Charges:             charge.Client{B: b, Key: key},
		CheckoutSessions:    checkout.Client{B: b, Key: key},
		Customers:           customer.Client{B: b, Key: key},
		Disputes:            dispute.Client{B: b, Key: key},
		Events:              events.Client{B: b, Key: key},
		Mandates:            mandate.Client{B: b, Key: key},
		PaymentIntents:      paymentintent.Client{B: b, Key: key},
		PaymentMethods:      paymentmethod.Client{B: b, Key: key},
		Payouts:             payout.Client{B: b, Key: key},
		Refunds:             refund.Client{B: b, Key: key},
		TransferReversals:   transferreversal.Client{B: b, Key: key},
		Transfers:           transfer.Client{B: b, Key: key},
		WebhookEndpoints:    webhookendpoint.Client{B: b, Key: key},
	}
}
