package sandbox

import (
	"errors"
	"fmt"
	"strings"
)

// Card is what a visitor types on the hosted payment page.
type Card struct {
	Number             string // a listed test number
	ExpMonth, ExpYear  int    // zero means some date ahead
	CVC                string
	Name, Email, Phone string
	Country            string // of the billing address
	PostalCode         string
	IBAN               string // instead of a number: pay by SEPA debit
	Wallet             string // "", apple_pay or google_pay
	PayPal             bool   // instead of both
	Transfer           bool   // instead of all: it is announced, and made later
}

// CheckoutState is how a visit to the payment page stands.
type CheckoutState string

// States of a visit.
const (
	CheckoutOpen     CheckoutState = "open"
	CheckoutComplete CheckoutState = "complete"
	CheckoutExpired  CheckoutState = "expired"
	CheckoutDeclined CheckoutState = "declined"        // another card may be tried
	CheckoutProof    CheckoutState = "requires_action" // go on at URL
)

// CheckoutResult is what the payment page does next.
type CheckoutResult struct {
	State   CheckoutState
	URL     string // where the visitor goes: the success page, or the 3-D Secure page
	Message string // of a decline
	Code    string // its code
}

// Checkout is what the payment page shows.
type Checkout struct {
	ID, Mode                string
	State                   CheckoutState
	PaymentStatus           string
	Amount                  int64
	Currency                string
	Lines                   []CheckoutLine
	Email, Merchant, Locale string
	SuccessURL, CancelURL   string
	Methods                 []string // card, sepa_debit, paypal, customer_balance
	Saves                   bool     // the card is kept for later charges
	Problem                 string   // of the latest attempt
	Intent                  string   // that waits for proof, if any
	Announced               string   // where it says how to make the bank transfer that it waits for
}

// CheckoutLine is one line of what is paid for.
type CheckoutLine struct {
	Description string
	Quantity    int64
	Amount      int64
}

// ErrNoSession is returned for a session that does not exist.
var ErrNoSession = errors.New("no such checkout session")

// Checkout describes a session to the page that shows it.
func (s *Sandbox) Checkout(id string) (Checkout, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.enter(cause{})
	x := s.session(id)
	if x == nil {
		return Checkout{}, ErrNoSession
	}
	v := Checkout{ID: x.ID, Mode: x.Mode, State: CheckoutState(x.Status), PaymentStatus: x.PaymentStatus, Amount: valueOr(x.AmountTotal, 0), Currency: value(x.Currency),
		Locale: value(x.Locale), CancelURL: value(x.CancelURL), SuccessURL: x.successURL(), Methods: x.PaymentMethodTypes, Merchant: "Amiable sandbox",
		Saves: x.Mode == "setup" || x.data.text("setup_future_usage") != ""}
	if x.CustomerDetails != nil {
		v.Email = value(x.CustomerDetails.Email)
	}
	if merchant := s.tenants[x.data.text("on_behalf_of")]; merchant != nil && value(merchant.self.BusinessProfile.Name) != "" {
		v.Merchant = *merchant.self.BusinessProfile.Name
	}
	for _, line := range x.lines {
		v.Lines = append(v.Lines, CheckoutLine{line.Description, line.Quantity, line.AmountTotal})
	}
	if p, found := x.tenant.intents.get(value(x.PaymentIntent)); found {
		if p.LastPaymentError != nil {
			v.Problem = p.LastPaymentError.Message
		}
		if p.remaining() > 0 {
			v.Announced = *p.NextAction.DisplayBankTransfer.HostedInstructionsURL
		} else if p.Status == "requires_action" {
			v.Intent = p.ID
		}
	}
	if setup, found := x.tenant.setups.get(value(x.SetupIntent)); found {
		if setup.LastSetupError != nil {
			v.Problem = setup.LastSetupError.Message
		}
		if setup.Status == "requires_action" {
			v.Intent = setup.ID
		}
	}
	return v, nil
}

func (s *Sandbox) session(id string) *checkoutSession {
	t := s.owners[id]
	if t == nil {
		return nil
	}
	x, _ := t.sessions.get(id)
	return x
}

// successURL fills the session's identifier in, as Stripe does.
func (x *checkoutSession) successURL() string {
	return strings.ReplaceAll(value(x.SuccessURL), "{CHECKOUT_SESSION_ID}", x.ID)
}

// CompleteCheckout is a visitor submitting the payment page. A declined card is
// a result, not an error; an error means that the page itself cannot go on.
func (s *Sandbox) CompleteCheckout(id string, card Card) (CheckoutResult, error) {
	var result CheckoutResult
	err := s.act(func() error {
		x := s.session(id)
		if x == nil {
			return ErrNoSession
		}
		if x.Status != "open" {
			result = CheckoutResult{State: CheckoutState(x.Status)}
			if x.Status == "complete" {
				result.URL = x.successURL()
			}
			return nil
		}
		m, refused := s.cardOf(x, card)
		if refused == nil {
			refused = s.pay(x, m)
		}
		result = x.result(refused)
		return nil
	})
	return result, err
}

func (x *checkoutSession) result(refused *refusal) CheckoutResult {
	if refused != nil {
		code := refused.DeclineCode
		if code == "" {
			code = refused.Code
		}
		return CheckoutResult{State: CheckoutDeclined, Message: refused.Message, Code: code}
	}
	if x.Status == "complete" {
		if p, found := x.tenant.intents.get(value(x.PaymentIntent)); found && p.remaining() > 0 { // where to send the money stands there
			return CheckoutResult{State: CheckoutComplete, URL: *p.NextAction.DisplayBankTransfer.HostedInstructionsURL}
		}
		return CheckoutResult{State: CheckoutComplete, URL: x.successURL()}
	}
	var action *nextAction
	if p, found := x.tenant.intents.get(value(x.PaymentIntent)); found {
		action = p.NextAction
	}
	if setup, found := x.tenant.setups.get(value(x.SetupIntent)); found {
		action = setup.NextAction
	}
	if action != nil && action.RedirectToURL != nil {
		return CheckoutResult{State: CheckoutProof, URL: action.RedirectToURL.URL}
	}
	return CheckoutResult{State: CheckoutState(x.Status)}
}

// cardOf makes the payment method that a visitor describes.
func (s *Sandbox) cardOf(x *checkoutSession, card Card) (*paymentMethod, *refusal) {
	form := &param{}
	put := func(name, text string) {
		if text != "" {
			_ = form.put(name, text) // the names below are well formed
		}
	}
	if card.Transfer {
		put("type", bankTransfer)
	} else if card.PayPal {
		put("type", "paypal")
	} else if card.IBAN != "" {
		put("type", "sepa_debit")
		put("sepa_debit[iban]", card.IBAN)
	} else {
		put("type", "card")
		put("card[number]", card.Number)
		month, year := card.ExpMonth, card.ExpYear
		if month == 0 && year == 0 {
			month, year = 12, s.now().Year()+3
		}
		put("card[exp_month]", fmt.Sprint(month))
		put("card[exp_year]", fmt.Sprint(year))
		put("card[cvc]", card.CVC)
	}
	put("billing_details[name]", card.Name)
	put("billing_details[email]", card.Email)
	put("billing_details[phone]", card.Phone)
	put("billing_details[address][country]", card.Country)
	put("billing_details[address][postal_code]", card.PostalCode)
	c := &call{Sandbox: s, tenant: x.tenant, form: form}
	m, err := c.makeMethod(form, "")
	if err != nil {
		var refused *refusal
		if !errors.As(err, &refused) {
			refused = fault("%v", err)
		}
		return nil, refused
	}
	if m.Card != nil && (card.Wallet == "apple_pay" || card.Wallet == "google_pay") {
		m.Card.Wallet = map[string]any{"type": card.Wallet, card.Wallet: map[string]any{}, "dynamic_last4": m.Card.Last4}
	}
	return m, nil
}

// pay tries to complete an open session with a payment method.
func (s *Sandbox) pay(x *checkoutSession, m *paymentMethod) *refusal {
	t := x.tenant
	if refused := usable(m, x.Customer, x.PaymentMethodTypes); refused != nil {
		return refused
	}
	payer := x.Customer
	if payer == nil && (x.Mode == "setup" || value(x.CustomerCreation) == "always" || x.data.text("setup_future_usage") != "") {
		payer = &s.payerOf(x, m).ID
	}
	if m.Type == "sepa_debit" && m.mandate == "" {
		given := s.newMandate(t, m, nil)
		given.onBehalfOf = x.data.text("on_behalf_of")
		m.mandate = given.ID
	}
	a := attempt{method: m, returnURL: s.options.PublicURL + "/c/pay/" + x.ID}
	x.noteDetails(m)
	if x.Mode == "setup" {
		setup, _ := t.setups.get(value(x.SetupIntent))
		setup.Customer, setup.Mandate = payer, optional(m.mandate)
		return s.setUp(t, setup, a)
	}
	p, begun := t.intents.get(value(x.PaymentIntent))
	if !begun {
		p = s.intentOf(x)
	}
	p.Customer, p.mandate = payer, optional(m.mandate)
	return s.attempt(t, p, a)
}

// payerOf makes the customer of a session that came without one.
func (s *Sandbox) payerOf(x *checkoutSession, m *paymentMethod) *customer {
	if x.payer == nil {
		x.payer = &customer{ID: s.mint.text("cus_", 14), Object: "customer", Created: s.now().Unix(), Metadata: map[string]string{}, NextInvoiceSequence: 1,
			TaxExempt: "none", PreferredLocales: []string{}, InvoicePrefix: upper(s.mint.text("", 8)), Name: m.BillingDetails.Name, Email: m.BillingDetails.Email, Phone: m.BillingDetails.Phone}
		if x.payer.Email == nil {
			x.payer.Email = x.CustomerEmail
		}
		x.tenant.customers.add(x.payer)
		s.emit(x.tenant, "customer.created", x.payer)
	}
	return x.payer
}

// noteDetails remembers what the visitor said about themselves.
func (x *checkoutSession) noteDetails(m *paymentMethod) {
	d := customerDetails{TaxExempt: "none", TaxIDs: []string{}}
	if x.CustomerDetails != nil {
		d = *x.CustomerDetails
		d.TaxIDs = []string{}
	}
	b := m.BillingDetails
	if d.Email == nil {
		d.Email = b.Email
	}
	if b.Name != nil {
		d.Name = b.Name
	}
	if b.Phone != nil && x.PhoneNumberCollection.Enabled {
		d.Phone = b.Phone
	}
	home := b.Address
	d.Address = &home
	x.CustomerDetails = &d
}

// intentOf makes the payment intent of a session, at its first attempt.
func (s *Sandbox) intentOf(x *checkoutSession) *paymentIntent {
	d, t := x.data, x.tenant
	fee, to := sessionConnect(d)
	p := &paymentIntent{ID: s.mint.id("pi_"), Object: "payment_intent", Amount: *x.AmountTotal, Currency: *x.Currency, Created: s.now().Unix(),
		ApplicationFeeAmount: fee, TransferData: to, OnBehalfOf: d.optional("on_behalf_of"), CaptureMethod: "automatic", ConfirmationMethod: "automatic",
		Description: d.optional("description"), Metadata: merge(nil, d.at("metadata")), PaymentMethodTypes: x.PaymentMethodTypes, ReceiptEmail: d.optional("receipt_email"),
		SetupFutureUsage: d.optional("setup_future_usage"), Shipping: readShipping(d.at("shipping")), StatementDescriptor: d.optional("statement_descriptor"),
		StatementDescriptorSuffix: d.optional("statement_descriptor_suffix"), TransferGroup: d.optional("transfer_group")}
	if method := d.text("capture_method"); method != "" {
		p.CaptureMethod = method
	}
	for _, kind := range x.PaymentMethodTypes {
		switch kind {
		case "card":
			p.PaymentMethodOptions.Card = &cardOptions{RequestThreeDSecure: x.PaymentMethodOptions.Card.RequestThreeDSecure}
		case bankTransfer:
			p.PaymentMethodOptions.CustomerBalance = x.PaymentMethodOptions.CustomerBalance
		case "paypal":
			p.PaymentMethodOptions.Paypal = &paypalOptions{}
		case "sepa_debit":
			p.PaymentMethodOptions.SepaDebit = &struct{}{}
		}
	}
	p.ClientSecret = s.mint.text(p.ID+"_secret_", 25)
	if t != s.platform {
		p.Application = optional(s.application())
	}
	t.intents.add(p)
	if owner := value(x.Customer); owner != "" {
		t.intentsOf[owner] = append(t.intentsOf[owner], p)
	}
	s.owners[p.ID] = t
	t.sessionsOf[p.ID] = x
	x.PaymentIntent = &p.ID
	s.move(intentMoves, p.ID, &p.Status, "requires_payment_method")
	s.emit(t, "payment_intent.created", p)
	return p
}

// complete closes a session that did what it was for.
func (s *Sandbox) complete(x *checkoutSession) {
	if x.Status != "open" {
		return
	}
	s.move(sessionMoves, x.ID, &x.Status, "complete")
	x.URL = nil
	if x.payer != nil {
		x.Customer = &x.payer.ID
	}
	s.emit(x.tenant, "checkout.session.completed", x)
}

// sessionPaid tells the session of an intent that it succeeded.
func (s *Sandbox) sessionPaid(t *tenant, p *paymentIntent) {
	x := t.sessionsOf[p.ID]
	if x == nil || x.PaymentStatus == "paid" {
		return
	}
	s.move(sessionPaymentMoves, x.ID, &x.PaymentStatus, "paid")
	if x.Status == "open" {
		s.complete(x)
		return
	}
	s.emit(t, "checkout.session.async_payment_succeeded", x)
}

// sessionProcessing completes a session whose money is still under way.
func (s *Sandbox) sessionProcessing(t *tenant, p *paymentIntent) {
	if x := t.sessionsOf[p.ID]; x != nil {
		s.complete(x)
	}
}

// sessionFailed tells a completed session that its money did not come.
func (s *Sandbox) sessionFailed(t *tenant, p *paymentIntent) {
	if x := t.sessionsOf[p.ID]; x != nil && x.Status == "complete" {
		s.emit(t, "checkout.session.async_payment_failed", x)
	}
}

// sessionSetUp completes the session of a setup intent.
func (s *Sandbox) sessionSetUp(t *tenant, setup *setupIntent) {
	if x := t.sessionsOf[setup.ID]; x != nil {
		s.complete(x)
	}
}
