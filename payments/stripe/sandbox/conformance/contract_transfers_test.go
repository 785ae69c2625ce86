package conformance

import (
	"testing"

	"github.com/stripe/stripe-go/v76"
)

// announced is a payment that waits for a bank transfer.
func (w *world) announced(t *testing.T, customer string, amount int64) *stripe.PaymentIntent {
	t.Helper()
	p := &stripe.PaymentIntentParams{
		Amount: number(amount), Currency: text("eur"), Customer: text(customer), PaymentMethodTypes: texts("customer_balance"), Confirm: yes(),
		PaymentMethodData: &stripe.PaymentIntentPaymentMethodDataParams{Type: text("customer_balance")},
		PaymentMethodOptions: &stripe.PaymentIntentPaymentMethodOptionsParams{CustomerBalance: &stripe.PaymentIntentPaymentMethodOptionsCustomerBalanceParams{
			FundingType: text("bank_transfer"), BankTransfer: &stripe.PaymentIntentPaymentMethodOptionsCustomerBalanceBankTransferParams{
				Type:           text("eu_bank_transfer"),
				EUBankTransfer: &stripe.PaymentIntentPaymentMethodOptionsCustomerBalanceBankTransferEUBankTransferParams{Country: text("FR")},
			},
		}},
	}
	p.AddMetadata("run", w.run)
	intent, err := w.api.PaymentIntents.New(p)
	return must(t, intent, err)
}

// transferredRules: what we rely on of Stripe's bank transfers.
func transferredRules(t *testing.T, w *world) {
	arrives := func(t *testing.T, customer string, amount int64) {
		t.Helper()
		row, err := w.api.TestHelpersCustomers.FundCashBalance(customer, &stripe.TestHelpersCustomerFundCashBalanceParams{Amount: number(amount), Currency: text("eur")})
		got(t, "what arrived", must(t, row, err).Type, stripe.CustomerCashBalanceTransactionTypeFunded)
	}
	held := func(t *testing.T, customer string) int64 {
		t.Helper()
		cash, err := w.api.CashBalances.Get(&stripe.CashBalanceParams{Customer: text(customer)})
		return must(t, cash, err).Available["eur"]
	}
	t.Run("the payer is told where to send how much, and a part is not the whole", func(t *testing.T) {
		customer := w.customer(t).ID
		intent := w.announced(t, customer, 12000)
		got(t, "status", intent.Status, stripe.PaymentIntentStatusRequiresAction)
		got(t, "next action", string(intent.NextAction.Type), "display_bank_transfer_instructions")
		told := intent.NextAction.DisplayBankTransferInstructions
		got(t, "remaining", told.AmountRemaining, 12000)
		if told.Reference == "" || told.HostedInstructionsURL == "" || len(told.FinancialAddresses) == 0 || told.FinancialAddresses[0].IBAN == nil {
			t.Fatalf("the payer is not told where to send it: %+v", told)
		}
		arrives(t, customer, 5000)
		intent, err := w.api.PaymentIntents.Get(intent.ID, nil)
		must(t, intent, err)
		got(t, "status", intent.Status, stripe.PaymentIntentStatusRequiresAction)
		got(t, "received", intent.AmountReceived, 0)
		got(t, "remaining", intent.NextAction.DisplayBankTransferInstructions.AmountRemaining, 7000)
		arrives(t, customer, 7500)
		p := &stripe.PaymentIntentParams{}
		p.AddExpand("latest_charge")
		intent, err = w.api.PaymentIntents.Get(intent.ID, p)
		must(t, intent, err)
		got(t, "status", intent.Status, stripe.PaymentIntentStatusSucceeded)
		got(t, "received", intent.AmountReceived, 12000)
		got(t, "means", string(intent.LatestCharge.PaymentMethodDetails.Type), "customer_balance")
		got(t, "held", held(t, customer), 500)
	})
	t.Run("what was called off gives back what had come for it", func(t *testing.T) {
		customer := w.customer(t).ID
		intent := w.announced(t, customer, 12000)
		arrives(t, customer, 5000)
		gone, err := w.api.PaymentIntents.Cancel(intent.ID, nil)
		got(t, "status", must(t, gone, err).Status, stripe.PaymentIntentStatusCanceled)
		got(t, "held", held(t, customer), 5000)
	})
	t.Run("a page for a transfer needs somebody whose it is", func(t *testing.T) {
		p := w.session(t)
		p.PaymentIntentData.SetupFutureUsage = nil
		p.PaymentMethodTypes = texts("customer_balance")
		p.PaymentMethodOptions = &stripe.CheckoutSessionPaymentMethodOptionsParams{CustomerBalance: &stripe.CheckoutSessionPaymentMethodOptionsCustomerBalanceParams{
			FundingType: text("bank_transfer"), BankTransfer: &stripe.CheckoutSessionPaymentMethodOptionsCustomerBalanceBankTransferParams{
				Type:           text("eu_bank_transfer"),
				EUBankTransfer: &stripe.CheckoutSessionPaymentMethodOptionsCustomerBalanceBankTransferEUBankTransferParams{Country: text("FR")},
			},
		}}
		session, err := w.api.CheckoutSessions.New(p)
		got(t, "status", must(t, session, err).Status, stripe.CheckoutSessionStatusOpen)
		p.Customer = nil
		_, err = w.api.CheckoutSessions.New(p)
		var refusal *stripe.Error
		if !asStripe(err, &refusal) || refusal.HTTPStatusCode != 400 {
			t.Errorf("a page of nobody's was opened: %v", err)
		}
	})
}
