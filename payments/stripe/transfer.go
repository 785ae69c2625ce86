package stripe

import (
	"context"

	"github.com/stripe/stripe-go/v76"

	"amiable/negotiation/money"
	"amiable/payments"
)

// Stripe calls it the cash balance of a customer: transfers to the customer's own
// account number land there, and pay what was asked for by themselves.

// transferCountry is where the account numbers are that transfers go to.
const transferCountry = "FR"

// fundedByTransfer says how a payment from the cash balance may be funded.
func fundedByTransfer() *stripe.CheckoutSessionPaymentMethodOptionsCustomerBalanceParams {
	return &stripe.CheckoutSessionPaymentMethodOptionsCustomerBalanceParams{
		FundingType: stripe.String("bank_transfer"),
		BankTransfer: &stripe.CheckoutSessionPaymentMethodOptionsCustomerBalanceBankTransferParams{
			Type: stripe.String("eu_bank_transfer"),
			EUBankTransfer: &stripe.CheckoutSessionPaymentMethodOptionsCustomerBalanceBankTransferEUBankTransferParams{
				Country: stripe.String(transferCountry),
			},
		},
	}
}

// OpenTransferAccount makes a customer for the transfers of one case: money meant
// for one creditor never settles what is owed to another.
func (g *Gateway) OpenTransferAccount(ctx context.Context, c payments.Customer) (string, error) {
	return g.keepCustomer(ctx, c, map[string]string{metaParty: c.PartyID, metaCase: c.CaseID})
}

// FetchHeld asks for a customer's cash balance.
func (g *Gateway) FetchHeld(ctx context.Context, customerID string, c money.Currency) (money.Amount, error) {
	params := &stripe.CashBalanceParams{Customer: stripe.String(customerID)}
	params.Context = ctx
	held, err := g.api.CashBalances.Get(params)
	if err != nil {
		return money.New(0, c), translate(err)
	}
	return money.New(held.Available[currency(money.New(0, c))], c), nil
}

// TakeHeld makes one payment of a customer's cash balance: a destination charge
// like any other.
func (g *Gateway) TakeHeld(ctx context.Context, c payments.Charge) (payments.Fact, error) {
	kind := string(payments.TransferMethod)
	params := &stripe.PaymentIntentParams{
		Amount: stripe.Int64(c.Amount.Minor), Currency: stripe.String(currency(c.Amount)), Customer: stripe.String(c.Customer), Confirm: stripe.Bool(true),
		PaymentMethodTypes: stripe.StringSlice([]string{kind}), PaymentMethodData: &stripe.PaymentIntentPaymentMethodDataParams{Type: stripe.String(kind)},
		PaymentMethodOptions: &stripe.PaymentIntentPaymentMethodOptionsParams{CustomerBalance: &stripe.PaymentIntentPaymentMethodOptionsCustomerBalanceParams{
			FundingType: stripe.String("bank_transfer"), BankTransfer: &stripe.PaymentIntentPaymentMethodOptionsCustomerBalanceBankTransferParams{
				Type:           stripe.String("eu_bank_transfer"),
				EUBankTransfer: &stripe.PaymentIntentPaymentMethodOptionsCustomerBalanceBankTransferEUBankTransferParams{Country: stripe.String(transferCountry)},
			},
		}},
		Description: stripe.String(c.Reference), OnBehalfOf: stripe.String(c.Account),
	}
	takesWay(params, c)
	params.Metadata = map[string]string{metaPayment: c.PaymentID, metaCase: c.CaseID}
	params.Context = ctx
	params.AddExpand("latest_charge")
	params.SetIdempotencyKey(c.Key)
	intent, err := g.api.PaymentIntents.New(params)
	if err != nil {
		return payments.Fact{}, translate(err)
	}
	return factOfIntent(intent), nil
}

// announcement is where the transfer goes that an intent waits for, nil where it
// waits for none.
func announcement(p *stripe.PaymentIntent) *payments.Announcement {
	if p.NextAction == nil || p.NextAction.DisplayBankTransferInstructions == nil {
		return nil
	}
	told := p.NextAction.DisplayBankTransferInstructions
	for _, address := range told.FinancialAddresses {
		if to := address.IBAN; to != nil {
			return &payments.Announcement{Holder: to.AccountHolderName, IBAN: to.IBAN, BIC: to.BIC, Reference: told.Reference, Remaining: amount(told.AmountRemaining, p.Currency)}
		}
	}
	return nil
}
