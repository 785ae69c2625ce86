package stripe

import (
	"context"
	"time"

	"github.com/stripe/stripe-go/v76"

	"amiable/negotiation"
	"amiable/payments"
)

// OpenAccount opens an Express account for a creditor. Stripe asks it for who
// it is; payouts are automatic, so that each can be itemised.
func (g *Gateway) OpenAccount(ctx context.Context, key string, c *negotiation.Creditor) (payments.AccountFact, error) {
	params := &stripe.AccountParams{
		Type: stripe.String(string(stripe.AccountTypeExpress)), Country: stripe.String(c.Country),
		Capabilities: &stripe.AccountCapabilitiesParams{
			CardPayments:         &stripe.AccountCapabilitiesCardPaymentsParams{Requested: stripe.Bool(true)},
			SEPADebitPayments:    &stripe.AccountCapabilitiesSEPADebitPaymentsParams{Requested: stripe.Bool(true)},
			BankTransferPayments: &stripe.AccountCapabilitiesBankTransferPaymentsParams{Requested: stripe.Bool(true)},
			Transfers:            &stripe.AccountCapabilitiesTransfersParams{Requested: stripe.Bool(true)},
		},
		BusinessProfile: &stripe.AccountBusinessProfileParams{Name: stripe.String(c.Name)},
	}
	if c.Email != "" {
		params.Email = stripe.String(c.Email)
	}
	params.Metadata = map[string]string{"creditor_id": c.ID}
	params.Context = ctx
	params.SetIdempotencyKey(key)
	account, err := g.api.Accounts.New(params)
	if err != nil {
		return payments.AccountFact{}, translate(err)
	}
	return factOfAccount(account), nil
}

// OnboardingLink returns a page that is good once and for some minutes.
func (g *Gateway) OnboardingLink(ctx context.Context, accountID, returnURL, refreshURL string) (string, error) {
	params := &stripe.AccountLinkParams{
		Account: stripe.String(accountID), ReturnURL: stripe.String(returnURL), RefreshURL: stripe.String(refreshURL),
		Type: stripe.String(string(stripe.AccountLinkTypeAccountOnboarding)),
	}
	params.Context = ctx
	link, err := g.api.AccountLinks.New(params)
	if err != nil {
		return "", translate(err)
	}
	return link.URL, nil
}

// FetchAccount asks what an account may do.
func (g *Gateway) FetchAccount(ctx context.Context, accountID string) (payments.AccountFact, error) {
	params := &stripe.AccountParams{}
	params.Context = ctx
	account, err := g.api.Accounts.GetByID(accountID, params)
	if err != nil {
		return payments.AccountFact{}, translate(err)
	}
	return factOfAccount(account), nil
}

func factOfAccount(a *stripe.Account) payments.AccountFact {
	f := payments.AccountFact{
		AccountID: a.ID, ChargesEnabled: a.ChargesEnabled, PayoutsEnabled: a.PayoutsEnabled, DetailsSubmitted: a.DetailsSubmitted,
	}
	if a.Capabilities != nil {
		f.TransfersEnabled = a.ChargesEnabled && a.Capabilities.BankTransferPayments == stripe.AccountCapabilityStatusActive
		f.DebitsEnabled = a.ChargesEnabled && a.Capabilities.SEPADebitPayments == stripe.AccountCapabilityStatusActive
	}
	if a.Settings != nil && a.Settings.SEPADebitPayments != nil {
		f.CreditorIdentifier = a.Settings.SEPADebitPayments.CreditorID
	}
	if a.Requirements != nil {
		f.Requirements, f.DisabledReason = a.Requirements.CurrentlyDue, string(a.Requirements.DisabledReason)
		f.Checking, f.Overdue = a.Requirements.PendingVerification, a.Requirements.PastDue
		if a.Requirements.CurrentDeadline > 0 {
			f.WantedBy = time.Unix(a.Requirements.CurrentDeadline, 0).UTC()
		}
	}
	if a.ExternalAccounts != nil {
		for _, external := range a.ExternalAccounts.Data {
			if b := external.BankAccount; b != nil && (b.DefaultForCurrency || f.Bank == "") {
				f.Bank = b.Last4
			}
		}
	}
	return f
}
