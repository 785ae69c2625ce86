package stripe

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/stripe/stripe-go/v76"

	"amiable/negotiation/money"
	"amiable/payments"
)

// Keys of our metadata on Stripe's objects.
const (
	metaPayment = "payment_id"
	metaCase    = "case_id"
)

// groupOf names what belongs to a payment whose money is transferred afterwards:
// the charge, and each transfer made of it.
func groupOf(paymentID string) *string { return stripe.String("payment_" + paymentID) }

// takesWay says which way the money of a charge takes: to the creditor's account
// with the charge, less the fee, or to the platform's, to be transferred.
func takesWay(params *stripe.PaymentIntentParams, c payments.Charge) {
	if c.Separate {
		params.TransferGroup = groupOf(c.PaymentID)
		return
	}
	params.TransferData = &stripe.PaymentIntentTransferDataParams{Destination: stripe.String(c.Account)}
	if c.Fee.IsPositive() {
		params.ApplicationFeeAmount = stripe.Int64(c.Fee.Minor)
	}
}

// StartCheckout opens a hosted Checkout page for one payment on behalf of the
// creditor: a destination charge with the fee withheld, or a charge of the
// platform's of which the creditor's part is transferred afterwards. Payment
// methods are those that are named, else those that the account offers. A card is
// kept for later only where a customer is named: then the holder's proof is asked
// for.
func (g *Gateway) StartCheckout(ctx context.Context, c payments.Checkout) (payments.Session, error) {
	metadata := map[string]string{metaPayment: c.PaymentID, metaCase: c.CaseID}
	intent := &stripe.CheckoutSessionPaymentIntentDataParams{
		Metadata: metadata, Description: stripe.String(c.Reference), OnBehalfOf: stripe.String(c.Account),
	}
	if c.Separate {
		intent.TransferGroup = groupOf(c.PaymentID)
	} else {
		intent.TransferData = &stripe.CheckoutSessionPaymentIntentDataTransferDataParams{Destination: stripe.String(c.Account)}
		if c.Fee.IsPositive() {
			intent.ApplicationFeeAmount = stripe.Int64(c.Fee.Minor)
		}
	}
	params := &stripe.CheckoutSessionParams{
		Mode: stripe.String(string(stripe.CheckoutSessionModePayment)), ClientReferenceID: stripe.String(c.PaymentID),
		SuccessURL: stripe.String(c.SuccessURL), CancelURL: stripe.String(c.CancelURL), ExpiresAt: stripe.Int64(c.ExpiresAt.Unix()),
		PaymentIntentData: intent,
	}
	params.Metadata = metadata
	switch {
	case c.Customer != "":
		params.Customer = stripe.String(c.Customer)
		intent.SetupFutureUsage = stripe.String(string(stripe.PaymentIntentSetupFutureUsageOffSession))
		params.PaymentMethodTypes, params.PaymentMethodOptions = methodTypes(c.Methods), withProof()
	case c.Transfers != "": // who pays by transfer is known, and nothing is kept
		params.Customer = stripe.String(c.Transfers)
		params.PaymentMethodOptions = &stripe.CheckoutSessionPaymentMethodOptionsParams{CustomerBalance: fundedByTransfer()}
	case c.Email != "":
		params.CustomerEmail = stripe.String(c.Email)
	}
	if params.PaymentMethodTypes == nil && len(c.Methods) > 0 {
		params.PaymentMethodTypes = methodTypes(c.Methods)
	}
	if c.Language == "fr" || c.Language == "en" {
		params.Locale = stripe.String(c.Language)
	}
	for _, line := range c.Lines {
		params.LineItems = append(params.LineItems, &stripe.CheckoutSessionLineItemParams{
			Quantity: stripe.Int64(1),
			PriceData: &stripe.CheckoutSessionLineItemPriceDataParams{
				Currency: stripe.String(currency(line.Amount)), UnitAmount: stripe.Int64(line.Amount.Minor),
				ProductData: &stripe.CheckoutSessionLineItemPriceDataProductDataParams{Name: stripe.String(line.Name)},
			},
		})
	}
	params.Context = ctx
	params.SetIdempotencyKey(c.Key)
	session, err := g.api.CheckoutSessions.New(params)
	if err != nil {
		return payments.Session{}, translate(err)
	}
	return payments.Session{ID: session.ID, URL: session.URL, ExpiresAt: time.Unix(session.ExpiresAt, 0).UTC()}, nil
}

// ExpireCheckout closes a page. Stripe refuses where it was completed: that
// makes it the compare-and-swap between paying and closing.
func (g *Gateway) ExpireCheckout(ctx context.Context, sessionID string) error {
	params := &stripe.CheckoutSessionExpireParams{}
	params.Context = ctx
	_, err := g.api.CheckoutSessions.Expire(sessionID, params)
	var failure *stripe.Error
	if !errors.As(err, &failure) || failure.HTTPStatusCode != 400 {
		if err != nil {
			return translate(err)
		}
		return nil
	}
	session, fetching := g.session(ctx, sessionID)
	switch {
	case fetching != nil:
		return fetching
	case session.Status == stripe.CheckoutSessionStatusExpired: // closed already
		return nil
	case session.Status == stripe.CheckoutSessionStatusComplete:
		return payments.ErrCompleted
	}
	return translate(err)
}

// FetchCheckout asks how a page stands, with its payment.
func (g *Gateway) FetchCheckout(ctx context.Context, sessionID string) (payments.Fact, error) {
	session, err := g.session(ctx, sessionID)
	if err != nil {
		return payments.Fact{}, err
	}
	return g.complete(ctx, factOfSession(session))
}

// FetchPayment asks how a payment stands.
func (g *Gateway) FetchPayment(ctx context.Context, intentID string) (payments.Fact, error) {
	params := &stripe.PaymentIntentParams{}
	params.Context = ctx
	params.AddExpand("latest_charge")
	intent, err := g.api.PaymentIntents.Get(intentID, params)
	if err != nil {
		return payments.Fact{}, translate(err)
	}
	return factOfIntent(intent), nil
}

func (g *Gateway) session(ctx context.Context, id string) (*stripe.CheckoutSession, error) {
	params := &stripe.CheckoutSessionParams{}
	params.Context = ctx
	params.AddExpand("payment_intent.latest_charge")
	session, err := g.api.CheckoutSessions.Get(id, params)
	if err != nil {
		return nil, translate(err)
	}
	return session, nil
}

// complete fetches what a session's fact lacks.
func (g *Gateway) complete(ctx context.Context, f payments.Fact) (payments.Fact, error) {
	if f.Progress != payments.Collected || !f.At.IsZero() || f.IntentID == "" {
		return f, nil
	}
	intent, err := g.FetchPayment(ctx, f.IntentID)
	if err != nil {
		return f, err
	}
	intent.SessionID, intent.Over = f.SessionID, f.Over
	if intent.PaymentID == "" {
		intent.PaymentID = f.PaymentID
	}
	return intent, nil
}

func factOfSession(s *stripe.CheckoutSession) payments.Fact {
	f := payments.Fact{PaymentID: s.Metadata[metaPayment], CaseID: s.Metadata[metaCase], SessionID: s.ID, Progress: payments.InProgress}
	if f.PaymentID == "" {
		f.PaymentID = s.ClientReferenceID
	}
	if s.PaymentIntent != nil {
		f.IntentID = s.PaymentIntent.ID
		if s.PaymentIntent.Status != "" { // expanded
			f = factOfIntent(s.PaymentIntent)
			f.SessionID = s.ID
			if f.PaymentID == "" {
				f.PaymentID = s.Metadata[metaPayment]
			}
		}
	}
	f.Over = s.Status == stripe.CheckoutSessionStatusExpired || s.Status == stripe.CheckoutSessionStatusComplete
	switch {
	case s.Status == stripe.CheckoutSessionStatusExpired:
		f.Progress = payments.Expired
	case s.Status == stripe.CheckoutSessionStatusComplete && s.PaymentStatus == stripe.CheckoutSessionPaymentStatusPaid:
		f.Progress = payments.Collected
		f.Amount = amount(s.AmountTotal, s.Currency)
	case f.Progress == payments.Collected || f.Progress == payments.Submitted || f.Progress == payments.Awaiting:
		// The intent knows more than the session does.
	case s.Status == stripe.CheckoutSessionStatusComplete && f.Progress == payments.Failed:
		// A debit that came back: its session stays complete and unpaid.
	case s.Status == stripe.CheckoutSessionStatusComplete && slices.Contains(s.PaymentMethodTypes, string(payments.TransferMethod)):
		// A debit was handed in, or a transfer announced: the intent's own event says which.
		f.Progress = payments.InProgress
	case s.Status == stripe.CheckoutSessionStatusComplete:
		f.Progress = payments.Submitted
	default:
		f.Progress = payments.InProgress
	}
	return f
}

func factOfIntent(p *stripe.PaymentIntent) payments.Fact {
	f := payments.Fact{PaymentID: p.Metadata[metaPayment], CaseID: p.Metadata[metaCase], IntentID: p.ID, Progress: payments.InProgress}
	if p.LatestCharge != nil {
		f.ChargeID = p.LatestCharge.ID
		if p.LatestCharge.Created > 0 {
			f.At = time.Unix(p.LatestCharge.Created, 0).UTC()
		}
		f.Means = means(p.LatestCharge.PaymentMethodDetails)
		f.Card = cardOfCharge(p.LatestCharge)
	}
	switch p.Status {
	case stripe.PaymentIntentStatusSucceeded:
		f.Progress, f.Amount = payments.Collected, amount(p.AmountReceived, p.Currency)
	case stripe.PaymentIntentStatusProcessing:
		f.Progress = payments.Submitted
	case stripe.PaymentIntentStatusRequiresAction:
		if f.Transfer = announcement(p); f.Transfer != nil {
			f.Progress = payments.Awaiting
		}
	case stripe.PaymentIntentStatusCanceled:
		f.Progress = payments.Expired
	case stripe.PaymentIntentStatusRequiresPaymentMethod:
		if p.LastPaymentError != nil {
			f.Progress, f.Failure = payments.Failed, failure(p.LastPaymentError)
			if p.LatestCharge != nil && p.LatestCharge.FailureCode != "" && p.LastPaymentError.DeclineCode == "" {
				f.Failure = p.LatestCharge.FailureCode // of a debit the charge says more
			}
		}
	}
	return f
}

// factOfCharge translates a charge, which carries its intent's metadata.
func factOfCharge(c *stripe.Charge) payments.Fact {
	f := payments.Fact{
		PaymentID: c.Metadata[metaPayment], CaseID: c.Metadata[metaCase], ChargeID: c.ID, Progress: payments.InProgress, Means: means(c.PaymentMethodDetails), Card: cardOfCharge(c),
	}
	if c.PaymentIntent != nil {
		f.IntentID = c.PaymentIntent.ID
	}
	slow := c.PaymentMethodDetails != nil && c.PaymentMethodDetails.SEPADebit != nil
	switch {
	case slow && c.Status == stripe.ChargeStatusPending:
		f.Progress, f.At = payments.Submitted, time.Unix(c.Created, 0).UTC()
	case slow && c.Status == stripe.ChargeStatusFailed:
		f.Progress, f.Failure = payments.Failed, c.FailureCode
	}
	if c.Status == stripe.ChargeStatusSucceeded && c.Paid && c.Captured {
		f.Progress, f.Amount, f.At = payments.Collected, amount(c.Amount, c.Currency), time.Unix(c.Created, 0).UTC()
	}
	return f
}

// cardOfCharge is the customer's card that was charged, or their account.
func cardOfCharge(c *stripe.Charge) payments.Card {
	if c.Customer == nil || c.PaymentMethodDetails == nil {
		return payments.Card{}
	}
	if d := c.PaymentMethodDetails.SEPADebit; d != nil {
		return payments.Card{Kind: payments.DebitMethod, CustomerID: c.Customer.ID, MethodID: c.PaymentMethod, Last4: d.Last4, MandateID: d.Mandate}
	}
	if c.PaymentMethodDetails.Card == nil {
		return payments.Card{}
	}
	d := c.PaymentMethodDetails.Card
	return payments.Card{
		CustomerID: c.Customer.ID, MethodID: c.PaymentMethod, Brand: string(d.Brand), Last4: d.Last4, ExpMonth: d.ExpMonth, ExpYear: d.ExpYear,
	}
}

// currency names the currency of an amount as Stripe does.
func currency(a money.Amount) string { return strings.ToLower(string(a.Currency)) }

func amount(minor int64, currency stripe.Currency) money.Amount {
	return money.New(minor, money.Currency(strings.ToUpper(string(currency))))
}

// failure keeps the code that says most.
func failure(e *stripe.Error) string {
	if e.DeclineCode != "" {
		return string(e.DeclineCode)
	}
	return string(e.Code)
}

// means names what was paid with, such as "card visa 4242".
func means(d *stripe.ChargePaymentMethodDetails) string {
	if d == nil {
		return ""
	}
	if d.SEPADebit != nil {
		return strings.TrimSpace(string(d.Type) + " " + d.SEPADebit.Last4)
	}
	if d.Card == nil {
		return string(d.Type)
	}
	words := []string{string(d.Type), string(d.Card.Brand), d.Card.Last4}
	if d.Card.Wallet != nil {
		words[0] = string(d.Card.Wallet.Type)
	}
	return strings.Join(words, " ")
}
