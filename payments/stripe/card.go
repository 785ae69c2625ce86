package stripe

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"github.com/stripe/stripe-go/v76"

	"amiable/payments"
)

// metaAuthority is our leave to charge, metaParty our party, on Stripe's objects.
const (
	metaAuthority = "authority_id"
	metaParty     = "party_id"
)

// KeepCustomer makes a customer on the platform, with no more than a receipt
// would need.
func (g *Gateway) KeepCustomer(ctx context.Context, c payments.Customer) (string, error) {
	return g.keepCustomer(ctx, c, map[string]string{metaParty: c.PartyID})
}

func (g *Gateway) keepCustomer(ctx context.Context, c payments.Customer, metadata map[string]string) (string, error) {
	params := &stripe.CustomerParams{Metadata: metadata}
	if c.Email != "" {
		params.Email = stripe.String(c.Email)
	}
	if c.Language == "fr" || c.Language == "en" {
		params.PreferredLocales = stripe.StringSlice([]string{c.Language})
	}
	params.Context = ctx
	params.SetIdempotencyKey(c.Key)
	made, err := g.api.Customers.New(params)
	if err != nil {
		return "", translate(err)
	}
	return made.ID, nil
}

// withProof asks the card's holder to prove who they are, wherever their card
// can: that is what later charges rest on (RTS 2018/389).
func withProof() *stripe.CheckoutSessionPaymentMethodOptionsParams {
	return &stripe.CheckoutSessionPaymentMethodOptionsParams{
		Card: &stripe.CheckoutSessionPaymentMethodOptionsCardParams{RequestThreeDSecure: stripe.String("any")},
	}
}

// methodTypes names the methods of a page as Stripe does; none is a card.
func methodTypes(methods []payments.Method) []*string {
	if len(methods) == 0 {
		return stripe.StringSlice([]string{string(payments.CardMethod)})
	}
	names := make([]string, len(methods))
	for i, m := range methods {
		names[i] = string(m)
	}
	return stripe.StringSlice(names)
}

// StartCardPage opens a hosted Checkout page in setup mode.
func (g *Gateway) StartCardPage(ctx context.Context, c payments.CardPage) (payments.Session, error) {
	metadata := map[string]string{metaAuthority: c.AuthorityID, metaCase: c.CaseID}
	params := &stripe.CheckoutSessionParams{
		Mode: stripe.String(string(stripe.CheckoutSessionModeSetup)), ClientReferenceID: stripe.String(c.AuthorityID), Customer: stripe.String(c.Customer),
		SuccessURL: stripe.String(c.SuccessURL), CancelURL: stripe.String(c.CancelURL), ExpiresAt: stripe.Int64(c.ExpiresAt.Unix()),
		PaymentMethodTypes: methodTypes(c.Methods), PaymentMethodOptions: withProof(),
		SetupIntentData: &stripe.CheckoutSessionSetupIntentDataParams{Metadata: metadata, Description: stripe.String(c.Reference), OnBehalfOf: stripe.String(c.Account)},
	}
	params.Metadata = metadata
	if c.Language == "fr" || c.Language == "en" {
		params.Locale = stripe.String(c.Language)
	}
	params.Context = ctx
	params.SetIdempotencyKey(c.Key)
	session, err := g.api.CheckoutSessions.New(params)
	if err != nil {
		return payments.Session{}, translate(err)
	}
	return payments.Session{ID: session.ID, URL: session.URL, ExpiresAt: time.Unix(session.ExpiresAt, 0).UTC()}, nil
}

// FetchCardPage asks how such a page stands, with the card that was saved.
func (g *Gateway) FetchCardPage(ctx context.Context, sessionID string) (payments.CardFact, error) {
	params := &stripe.CheckoutSessionParams{}
	params.Context = ctx
	params.AddExpand("setup_intent.payment_method")
	session, err := g.api.CheckoutSessions.Get(sessionID, params)
	if err != nil {
		return payments.CardFact{}, translate(err)
	}
	return factOfCardPage(session), nil
}

func factOfCardPage(s *stripe.CheckoutSession) payments.CardFact {
	f := payments.CardFact{
		AuthorityID: s.Metadata[metaAuthority], SessionID: s.ID,
		Over: s.Status == stripe.CheckoutSessionStatusExpired || s.Status == stripe.CheckoutSessionStatusComplete,
	}
	if s.SetupIntent != nil && s.SetupIntent.Status == stripe.SetupIntentStatusSucceeded {
		f.Card = cardOf(s.SetupIntent.PaymentMethod)
		byMandate(&f.Card, s.SetupIntent.Mandate)
		if s.Customer != nil {
			f.Card.CustomerID = s.Customer.ID
		}
	}
	return f
}

// factOfSetup translates a setup intent; its payment method may be an id only.
func factOfSetup(s *stripe.SetupIntent) payments.CardFact {
	f := payments.CardFact{AuthorityID: s.Metadata[metaAuthority], Card: cardOf(s.PaymentMethod)}
	byMandate(&f.Card, s.Mandate)
	if s.Customer != nil {
		f.Card.CustomerID = s.Customer.ID
	}
	return f
}

// byMandate notes the mandate that came with a method. Only an account has one
// here: mandates of cards are of countries that we do not collect in.
func byMandate(c *payments.Card, m *stripe.Mandate) {
	if m != nil && m.ID != "" {
		c.MandateID, c.Kind = m.ID, payments.DebitMethod
	}
}

func cardOf(m *stripe.PaymentMethod) payments.Card {
	var c payments.Card
	if m == nil {
		return c
	}
	c.MethodID = m.ID
	if m.Customer != nil {
		c.CustomerID = m.Customer.ID
	}
	if m.Card != nil {
		c.Brand, c.Last4, c.ExpMonth, c.ExpYear = string(m.Card.Brand), m.Card.Last4, m.Card.ExpMonth, m.Card.ExpYear
	}
	if m.SEPADebit != nil {
		c.Kind, c.Last4 = payments.DebitMethod, m.SEPADebit.Last4
	}
	return c
}

// FetchMandate asks what the payer of a debit accepted.
func (g *Gateway) FetchMandate(ctx context.Context, mandateID string) (payments.Mandate, error) {
	params := &stripe.MandateParams{}
	params.Context = ctx
	given, err := g.api.Mandates.Get(mandateID, params)
	if err != nil {
		return payments.Mandate{}, translate(err)
	}
	m := payments.Mandate{ID: given.ID}
	if d := given.PaymentMethodDetails; d != nil && d.SEPADebit != nil {
		m.Reference, m.URL = d.SEPADebit.Reference, d.SEPADebit.URL
	}
	return m, nil
}

// FetchCard asks what a kept card is.
func (g *Gateway) FetchCard(ctx context.Context, methodID string) (payments.Card, error) {
	params := &stripe.PaymentMethodParams{}
	params.Context = ctx
	method, err := g.api.PaymentMethods.Get(methodID, params)
	if err != nil {
		return payments.Card{}, translate(err)
	}
	return cardOf(method), nil
}

// ForgetCard detaches a card from its customer: it can never be charged again.
func (g *Gateway) ForgetCard(ctx context.Context, methodID string) error {
	params := &stripe.PaymentMethodDetachParams{}
	params.Context = ctx
	if _, err := g.api.PaymentMethods.Detach(methodID, params); err != nil {
		return translate(err)
	}
	return nil
}

// ChargeCard makes one off-session payment intent, confirmed at once, or
// confirms the one that was declined before: the intent itself forbids a second
// success.
func (g *Gateway) ChargeCard(ctx context.Context, c payments.Charge) (payments.Fact, error) {
	var intent *stripe.PaymentIntent
	var err error
	kind := c.Kind
	if kind == "" {
		kind = payments.CardMethod
	}
	if c.IntentID != "" {
		params := &stripe.PaymentIntentConfirmParams{OffSession: stripe.Bool(true), PaymentMethod: stripe.String(c.Method)}
		if c.Mandate != "" {
			params.Mandate = stripe.String(c.Mandate)
		}
		params.Context = ctx
		params.AddExpand("latest_charge")
		params.SetIdempotencyKey(c.Key)
		intent, err = g.api.PaymentIntents.Confirm(c.IntentID, params)
	} else {
		params := &stripe.PaymentIntentParams{
			Amount: stripe.Int64(c.Amount.Minor), Currency: stripe.String(currency(c.Amount)), Customer: stripe.String(c.Customer), PaymentMethod: stripe.String(c.Method),
			PaymentMethodTypes: stripe.StringSlice([]string{string(kind)}), OffSession: stripe.Bool(true), Confirm: stripe.Bool(true),
			Description: stripe.String(c.Reference), OnBehalfOf: stripe.String(c.Account),
		}
		if c.Mandate != "" {
			params.Mandate = stripe.String(c.Mandate)
		}
		takesWay(params, c)
		params.Metadata = map[string]string{metaPayment: c.PaymentID, metaCase: c.CaseID}
		params.Context = ctx
		params.AddExpand("latest_charge")
		params.SetIdempotencyKey(c.Key)
		intent, err = g.api.PaymentIntents.New(params)
	}
	if err == nil {
		return factOfIntent(intent), nil
	}
	var failure *stripe.Error
	if !errors.As(err, &failure) {
		return payments.Fact{}, translate(err)
	}
	switch {
	case failure.HTTPStatusCode == http.StatusPaymentRequired && failure.PaymentIntent != nil:
		return factOfDecline(failure), nil
	case failure.HTTPStatusCode == http.StatusBadRequest && c.IntentID != "" && failure.Code == stripe.ErrorCodePaymentIntentUnexpectedState:
		return g.FetchPayment(ctx, c.IntentID) // it succeeded, or was given up, meanwhile
	}
	return payments.Fact{}, translate(err)
}

// factOfDecline translates the refusal of a card, which carries its intent.
func factOfDecline(e *stripe.Error) payments.Fact {
	f := payments.Fact{
		PaymentID: e.PaymentIntent.Metadata[metaPayment], IntentID: e.PaymentIntent.ID, ChargeID: e.ChargeID, Progress: payments.Failed, Failure: failure(e), Advice: advice(e),
	}
	if f.ChargeID == "" && e.PaymentIntent.LatestCharge != nil {
		f.ChargeID = e.PaymentIntent.LatestCharge.ID
	}
	return f
}

// advice is what the card's bank says beside its code. This API version has no
// field for it; newer ones send it all the same.
func advice(e *stripe.Error) string {
	if e.LastResponse == nil {
		return ""
	}
	var body struct {
		Error struct {
			Advice string `json:"advice_code"`
		} `json:"error"`
	}
	if json.Unmarshal(e.LastResponse.RawJSON, &body) != nil {
		return ""
	}
	return body.Error.Advice
}

// FindPayment looks through a customer's payments for the one with our id in
// its metadata. Lists are told what was made a moment ago; the search is not.
func (g *Gateway) FindPayment(ctx context.Context, customerID, paymentID string) (payments.Fact, error) {
	params := &stripe.PaymentIntentListParams{Customer: stripe.String(customerID)}
	params.Limit = stripe.Int64(100)
	params.Context = ctx
	params.AddExpand("data.latest_charge")
	list := g.api.PaymentIntents.List(params)
	for list.Next() {
		if intent := list.PaymentIntent(); intent.Metadata[metaPayment] == paymentID {
			return factOfIntent(intent), nil
		}
	}
	if err := list.Err(); err != nil {
		return payments.Fact{}, translate(err)
	}
	return payments.Fact{}, payments.ErrNothing
}

// CancelPayment cancels an intent. Stripe refuses where it succeeded: that makes
// it the compare-and-swap between charging and giving up.
func (g *Gateway) CancelPayment(ctx context.Context, intentID string) error {
	params := &stripe.PaymentIntentCancelParams{}
	params.Context = ctx
	_, err := g.api.PaymentIntents.Cancel(intentID, params)
	if err == nil {
		return nil
	}
	var failure *stripe.Error
	if !errors.As(err, &failure) || failure.Code != stripe.ErrorCodePaymentIntentUnexpectedState {
		return translate(err)
	}
	fact, fetching := g.FetchPayment(ctx, intentID)
	switch {
	case fetching != nil:
		return fetching
	case fact.Progress == payments.Expired: // cancelled already
		return nil
	case fact.Progress == payments.Collected || fact.Progress == payments.Submitted:
		return payments.ErrCompleted
	}
	return translate(err)
}
