package sandbox

import (
	"net/http"
	"time"
)

type transferData struct {
	Amount      *int64 `json:"amount,omitempty"`
	Destination string `json:"destination"`
}

type automaticMethods struct {
	AllowRedirects string `json:"allow_redirects,omitempty"`
	Enabled        bool   `json:"enabled"`
}

type redirect struct {
	ReturnURL *string `json:"return_url"`
	URL       string  `json:"url"`
}

type nextAction struct {
	RedirectToURL *redirect         `json:"redirect_to_url,omitempty"`
	Type          string            `json:"type"`
	UseStripeSDK  map[string]string `json:"use_stripe_sdk,omitempty"`
}

type amountDetails struct {
	Tip struct{} `json:"tip"`
}

// paymentIntent is the wish to collect an amount, through all its attempts.
type paymentIntent struct {
	ID                        string            `json:"id"`
	Object                    string            `json:"object"`
	Amount                    int64             `json:"amount"`
	AmountCapturable          int64             `json:"amount_capturable"`
	AmountDetails             amountDetails     `json:"amount_details"`
	AmountReceived            int64             `json:"amount_received"`
	Application               *string           `json:"application"`
	ApplicationFeeAmount      *int64            `json:"application_fee_amount"`
	AutomaticPaymentMethods   *automaticMethods `json:"automatic_payment_methods"`
	CanceledAt                *int64            `json:"canceled_at"`
	CancellationReason        *string           `json:"cancellation_reason"`
	CaptureMethod             string            `json:"capture_method"`
	ClientSecret              string            `json:"client_secret"`
	ConfirmationMethod        string            `json:"confirmation_method"`
	Created                   int64             `json:"created"`
	Currency                  string            `json:"currency"`
	Customer                  *string           `json:"customer"`
	Description               *string           `json:"description"`
	Invoice                   *string           `json:"invoice"`
	LastPaymentError          *refusal          `json:"last_payment_error"`
	LatestCharge              *string           `json:"latest_charge"`
	Livemode                  bool              `json:"livemode"`
	Metadata                  map[string]string `json:"metadata"`
	NextAction                *nextAction       `json:"next_action"`
	OnBehalfOf                *string           `json:"on_behalf_of"`
	PaymentMethod             *string           `json:"payment_method"`
	ConfigurationDetails      *string           `json:"payment_method_configuration_details"`
	PaymentMethodOptions      methodOptions     `json:"payment_method_options"`
	PaymentMethodTypes        []string          `json:"payment_method_types"`
	Processing                *string           `json:"processing"`
	ReceiptEmail              *string           `json:"receipt_email"`
	Review                    *string           `json:"review"`
	SetupFutureUsage          *string           `json:"setup_future_usage"`
	Shipping                  *shipping         `json:"shipping"`
	StatementDescriptor       *string           `json:"statement_descriptor"`
	StatementDescriptorSuffix *string           `json:"statement_descriptor_suffix"`
	Status                    string            `json:"status"`
	TransferData              *transferData     `json:"transfer_data"`
	TransferGroup             *string           `json:"transfer_group"`

	waiting *attempt // for the holder's proof, in requires_action
	proven  *attempt // with confirmation_method=manual: the proof is there, the server confirms again
	mandate *string
}

func (p *paymentIntent) identity() (string, int64) { return p.ID, p.Created }

type cardOptions struct {
	Installments        any     `json:"installments"`
	MandateOptions      any     `json:"mandate_options"`
	Network             *string `json:"network"`
	RequestThreeDSecure string  `json:"request_three_d_secure"`
}

type methodOptions struct {
	Card      *cardOptions `json:"card,omitempty"`
	SepaDebit *struct{}    `json:"sepa_debit,omitempty"`
}

// collectable are the kinds of payment method that the sandbox can charge.
var collectable = map[string]bool{"card": true, "sepa_debit": true}

var unmodelledOfIntent = []string{"radar_options", "payment_method_configuration", "confirmation_token"}

func (c *call) createPaymentIntent() (any, error) {
	f := c.form
	p := &paymentIntent{Object: "payment_intent", Created: c.now().Unix(), CaptureMethod: "automatic", ConfirmationMethod: "automatic",
		Metadata: map[string]string{}, Status: "", PaymentMethodTypes: []string{"card"}}
	if how := f.text("confirmation_method"); how != "" {
		p.ConfirmationMethod = how
	}
	confirming := f.truth("confirm")
	if f.has("off_session") && !confirming {
		return nil, invalid("off_session", "", "`off_session` can only be used when `confirm=true`.")
	}
	for _, name := range []string{"return_url", "error_on_requires_action", "use_stripe_sdk", "mandate", "mandate_data"} {
		if f.has(name) && !confirming && name != "use_stripe_sdk" {
			return nil, invalid(name, "", "The parameter `%s` cannot be passed when creating a PaymentIntent unless `confirm` is set to true.", name)
		}
	}
	method, refused := c.fillIntent(p)
	if refused != nil {
		return nil, refused
	}
	a, refused := c.readAttempt(p, method)
	if confirming && refused != nil {
		return nil, refused
	}
	p.ID = c.mint.id("pi_")
	p.ClientSecret = c.mint.text(p.ID+"_secret_", 25)
	if c.tenant != c.platform {
		p.Application = optional(c.application())
	}
	c.tenant.intents.add(p)
	if x := value(p.Customer); x != "" {
		c.tenant.intentsOf[x] = append(c.tenant.intentsOf[x], p)
	}
	c.owners[p.ID] = c.tenant
	state := "requires_payment_method"
	if method != nil {
		p.PaymentMethod = &method.ID
		state = "requires_confirmation"
	}
	c.move(intentMoves, p.ID, &p.Status, state)
	c.emit(c.tenant, "payment_intent.created", p)
	if confirming {
		if refused := c.attempt(c.tenant, p, a); refused != nil {
			return nil, refused
		}
	}
	return p, nil
}

// fillIntent takes over what a create or an update says. It returns the
// payment method that was named or described, and changes p only as a whole.
func (c *call) fillIntent(p *paymentIntent) (*paymentMethod, *refusal) {
	f := c.form
	for _, name := range unmodelledOfIntent {
		if f.has(name) {
			return nil, unmodelled(name)
		}
	}
	q := *p
	if f.has("amount") {
		q.Amount = f.number("amount")
	}
	if f.has("currency") {
		q.Currency = f.text("currency")
	}
	if r := checkCurrency("currency", q.Currency); r != nil {
		return nil, r
	}
	if r := checkAmount("amount", q.Amount, q.Currency); r != nil {
		return nil, r
	}
	if f.has("application_fee_amount") {
		q.ApplicationFeeAmount = nil
		if f.text("application_fee_amount") != "" {
			q.ApplicationFeeAmount = number(f.number("application_fee_amount"))
		}
	}
	if d := f.at("transfer_data"); d != nil {
		if d.has("destination") {
			q.TransferData = &transferData{Destination: d.text("destination")}
		} else if q.TransferData != nil {
			same := *q.TransferData
			q.TransferData = &same
		}
		if d.has("amount") && q.TransferData != nil {
			q.TransferData.Amount = number(d.number("amount"))
		}
	}
	if f.has("on_behalf_of") {
		q.OnBehalfOf = f.optional("on_behalf_of")
	}
	if r := c.checkConnect(q.Amount, q.ApplicationFeeAmount, q.TransferData, q.OnBehalfOf, ""); r != nil {
		return nil, r
	}
	if f.has("customer") {
		q.Customer = f.optional("customer")
		if q.Customer != nil {
			if _, r := c.customer(*q.Customer, "customer"); r != nil {
				return nil, r
			}
		}
	}
	if m := f.text("capture_method"); m != "" {
		if m == "automatic_async" {
			return nil, unmodelled("capture_method=automatic_async")
		}
		q.CaptureMethod = m
	}
	if r := c.readMethodTypes(&q.PaymentMethodTypes, &q.AutomaticPaymentMethods, p.ID == ""); r != nil {
		return nil, r
	}
	q.PaymentMethodOptions = c.readOptions(q.PaymentMethodTypes, q.PaymentMethodOptions)
	for name, field := range map[string]**string{"description": &q.Description, "receipt_email": &q.ReceiptEmail, "transfer_group": &q.TransferGroup,
		"setup_future_usage": &q.SetupFutureUsage, "statement_descriptor": &q.StatementDescriptor, "statement_descriptor_suffix": &q.StatementDescriptorSuffix} {
		if f.has(name) {
			*field = f.optional(name)
		}
	}
	if f.has("shipping") {
		q.Shipping = readShipping(f.at("shipping"))
	}
	q.Metadata = merge(p.Metadata, f.at("metadata"))
	method, r := c.chosenMethod(&q)
	if r != nil {
		return nil, r
	}
	*p = q
	return method, nil
}

// checkConnect judges the parts of a charge that concern other accounts. Names
// of parameters are put under prefix, as checkout sessions have them.
func (c *call) checkConnect(amount int64, fee *int64, to *transferData, onBehalfOf *string, prefix string) *refusal {
	name := func(s string) string {
		if prefix == "" {
			return s
		}
		return prefix + "[" + s + "]"
	}
	if fee != nil {
		switch {
		case *fee < 0:
			return invalid(name("application_fee_amount"), "parameter_invalid_integer", "This value must be greater than or equal to 0.")
		case *fee > amount:
			return invalid(name("application_fee_amount"), "", "The application fee (%d) cannot be greater than the amount of the charge (%d).", *fee, amount)
		case to == nil && c.tenant == c.platform && *fee > 0:
			return invalid(name("application_fee_amount"), "", "Can only apply an application_fee_amount when the PaymentIntent is attempting a direct payment (using an OAuth key or Stripe-Account header) or destination payment (using `transfer_data[destination]`).")
		}
	}
	if to != nil {
		account, known := c.tenants[to.Destination]
		if !known || account == c.tenant {
			return noSuch("destination", name("transfer_data[destination]"), to.Destination)
		}
		if c.tenant != c.platform {
			return unmodelled("transfer_data on a connected account")
		}
		if to.Amount != nil {
			if *to.Amount < 1 || *to.Amount > amount {
				return invalid(name("transfer_data[amount]"), "", "The transfer amount (%d) must be positive and not greater than the amount of the charge (%d).", *to.Amount, amount)
			}
			if fee != nil {
				return invalid(name("transfer_data[amount]"), "", "You may not pass both transfer_data[amount] and application_fee_amount.")
			}
		}
		if r := account.canReceive(); r != nil {
			return r
		}
	}
	if id := value(onBehalfOf); id != "" {
		account, known := c.tenants[id]
		if !known {
			return noSuch("account", name("on_behalf_of"), id)
		}
		if account != c.platform && account.self.capability("card_payments") != "active" {
			return refuse(name("on_behalf_of"), "", "The account referenced in the 'on_behalf_of' parameter is missing the required capabilities: card_payments.")
		}
	}
	return nil
}

// readMethodTypes settles which kinds of payment method an intent takes. When
// nothing is said, they are the ones switched on in the Dashboard; in the
// sandbox that is the card, which needs no return_url.
func (c *call) readMethodTypes(types *[]string, automatic **automaticMethods, fresh bool) *refusal {
	f := c.form
	asked := f.at("automatic_payment_methods")
	if f.has("payment_method_types") {
		if asked.truth("enabled") {
			return invalid("payment_method_types", "", "You may only specify one of these parameters: automatic_payment_methods, payment_method_types.")
		}
		given := f.texts("payment_method_types")
		for _, kind := range given {
			if !collectable[kind] {
				return unmodelled("payment_method_types=" + kind)
			}
		}
		if len(given) > 0 {
			*types, *automatic = given, nil
			return nil
		}
	}
	if fresh && (asked == nil || asked.truth("enabled")) {
		redirects := asked.text("allow_redirects")
		if redirects == "" {
			redirects = "always"
		}
		*types, *automatic = []string{"card"}, &automaticMethods{AllowRedirects: redirects, Enabled: true}
	}
	return nil
}

func (c *call) readOptions(types []string, have methodOptions) methodOptions {
	made := methodOptions{}
	for _, kind := range types {
		switch kind {
		case "card":
			made.Card = &cardOptions{RequestThreeDSecure: "automatic"}
			if have.Card != nil {
				*made.Card = *have.Card
			}
			if wish := c.form.at("payment_method_options").at("card").text("request_three_d_secure"); wish != "" {
				made.Card.RequestThreeDSecure = wish
			}
		case "sepa_debit":
			made.SepaDebit = &struct{}{}
		}
	}
	return made
}

// chosenMethod finds or makes the payment method that a call names, and judges
// whether it may be used with the intent.
func (c *call) chosenMethod(p *paymentIntent) (*paymentMethod, *refusal) {
	m, err := c.namedMethod()
	if err != nil || m == nil {
		return nil, err
	}
	return m, usable(m, p.Customer, p.PaymentMethodTypes)
}

// namedMethod reads payment_method or payment_method_data.
func (c *call) namedMethod() (*paymentMethod, *refusal) {
	var m *paymentMethod
	var err error
	switch f := c.form; {
	case f.text("payment_method") != "":
		m, err = c.methodNamed(f.text("payment_method"), "payment_method")
	case f.has("payment_method_data"):
		m, err = c.makeMethod(f.at("payment_method_data"), "payment_method_data")
	}
	if r, is := err.(*refusal); is {
		return nil, r
	}
	return m, nil
}

func usable(m *paymentMethod, customer *string, types []string) *refusal {
	switch {
	case m.spent:
		return spentMethod()
	case m.Customer != nil && customer == nil:
		return refuse("payment_method", "", "The PaymentMethod supplied (%s) belongs to the Customer %s. Please include the Customer in the `customer` parameter on the PaymentIntent.", m.ID, *m.Customer)
	case m.Customer != nil && *m.Customer != *customer:
		return refuse("payment_method", "", "The PaymentMethod supplied (%s) belongs to a different Customer. Please use a PaymentMethod that belongs to %s.", m.ID, *customer)
	}
	for _, kind := range types {
		if kind == m.Type {
			return nil
		}
	}
	return refuse("payment_method", "", "The PaymentMethod provided (%s) is not allowed for this PaymentIntent. Please attach a different type of PaymentMethod and try again.", m.Type)
}

func (c *call) intentHere() (*paymentIntent, error) {
	p, found := c.tenant.intents.get(c.args[0])
	if !found {
		return nil, noSuchHere("payment_intent", "intent", c.args[0])
	}
	return p, nil
}

func (c *call) getPaymentIntent() (any, error) {
	p, err := c.intentHere()
	if err != nil {
		return nil, err
	}
	if secret := c.form.text("client_secret"); secret != "" && secret != p.ClientSecret {
		return nil, refuse("client_secret", "payment_intent_invalid_parameter", "The client_secret provided does not match the client_secret associated with this PaymentIntent.")
	}
	return p, nil
}

func (c *call) listPaymentIntents() (any, error) {
	if x := c.form.text("customer"); x != "" {
		return list(c, c.tenant.intentsOf[x], nil)
	}
	return listAll(c, &c.tenant.intents, nil)
}

// changeableAlways may be changed in every state, also the final ones.
var changeableAlways = map[string]bool{"metadata": true, "description": true, "expand": true, "receipt_email": true, "transfer_group": true}

func (c *call) updatePaymentIntent() (any, error) {
	p, err := c.intentHere()
	if err != nil {
		return nil, err
	}
	open := p.Status == "requires_payment_method" || p.Status == "requires_confirmation" || p.Status == "requires_action"
	for _, name := range c.form.keys {
		if !open && !changeableAlways[name] {
			return nil, c.unexpected(p, "This PaymentIntent's %s could not be updated because it has a status of %s. You may only update the %s of a PaymentIntent with one of the following statuses: requires_payment_method, requires_confirmation, requires_action.", name, p.Status, name)
		}
	}
	owner := value(p.Customer)
	method, refused := c.fillIntent(p)
	if refused != nil {
		return nil, refused
	}
	if now := value(p.Customer); now != owner {
		if owner != "" {
			c.tenant.intentsOf[owner] = without(c.tenant.intentsOf[owner], p)
		}
		if now != "" {
			c.tenant.intentsOf[now] = append(c.tenant.intentsOf[now], p)
		}
	}
	switch {
	case method != nil:
		p.PaymentMethod, p.NextAction, p.waiting = &method.ID, nil, nil
		c.move(intentMoves, p.ID, &p.Status, "requires_confirmation")
	case open && c.form.has("payment_method"):
		p.PaymentMethod, p.NextAction, p.waiting = nil, nil, nil
		c.move(intentMoves, p.ID, &p.Status, "requires_payment_method")
	case p.Status == "requires_action" && c.form.has("amount"):
		// What the holder was asked to approve is no longer what is asked for.
		p.NextAction, p.waiting = nil, nil
		c.move(intentMoves, p.ID, &p.Status, "requires_confirmation")
	}
	return p, nil
}

func without[T comparable](rows []T, row T) []T {
	kept := make([]T, 0, len(rows))
	for _, r := range rows {
		if r != row {
			kept = append(kept, r)
		}
	}
	return kept
}

// unexpected refuses what the intent's state does not allow.
func (c *call) unexpected(p *paymentIntent, format string, args ...any) *refusal {
	r := refuse("", "payment_intent_unexpected_state", format, args...)
	shown := *p
	r.PaymentIntent = &shown
	return r
}

func (c *call) confirmPaymentIntent() (any, error) {
	p, err := c.intentHere()
	if err != nil {
		return nil, err
	}
	switch p.Status {
	case "succeeded":
		return nil, c.unexpected(p, "You cannot confirm this PaymentIntent because it has already succeeded after being previously confirmed.")
	case "canceled", "processing", "requires_capture":
		return nil, c.unexpected(p, "This PaymentIntent's status is %s, but must be one of requires_payment_method, requires_confirmation, requires_action to be confirmed.", p.Status)
	}
	q := *p
	method, refused := c.fillIntent(&q)
	if refused != nil {
		return nil, refused
	}
	if method == nil && q.PaymentMethod != nil {
		method, _ = c.tenant.paymentMethods.get(*q.PaymentMethod)
		if refused := usable(method, q.Customer, q.PaymentMethodTypes); refused != nil {
			return nil, refused
		}
	}
	a, refused := c.readAttempt(&q, method)
	if q.proven != nil && q.proven.method == method {
		a.proof = q.proven.proof
	}
	if refused != nil {
		if refused.Code == "payment_intent_unexpected_state" {
			shown := *p
			refused.PaymentIntent = &shown
		}
		return nil, refused
	}
	*p = q
	if refused := c.attempt(c.tenant, p, a); refused != nil {
		return nil, refused
	}
	return p, nil
}

// cancelPaymentIntent answers the cancel call.
func (c *call) cancelPaymentIntent() (any, error) {
	p, err := c.intentHere()
	if err != nil {
		return nil, err
	}
	if !intentMoves.allow(p.Status, "canceled") || p.Status == "processing" {
		return nil, c.unexpected(p, "You cannot cancel this PaymentIntent because it has a status of %s. Only a PaymentIntent with one of the following statuses may be canceled: requires_payment_method, requires_capture, requires_confirmation, requires_action, processing.", p.Status)
	}
	if session := c.tenant.sessionsOf[p.ID]; session != nil && session.Status == "open" {
		return nil, c.unexpected(p, "You cannot cancel the PaymentIntent of a Checkout Session. Expire the Checkout Session %s instead.", session.ID)
	}
	c.cancelIntent(c.tenant, p, c.form.optional("cancellation_reason"))
	return p, nil
}

// cancelIntent ends an intent and lets go of what it held on the card.
func (s *Sandbox) cancelIntent(t *tenant, p *paymentIntent, reason *string) {
	if p.Status == "requires_capture" {
		s.voidCharge(t, p)
	}
	s.move(intentMoves, p.ID, &p.Status, "canceled")
	p.CanceledAt, p.CancellationReason = number(s.now().Unix()), reason
	p.AmountCapturable, p.NextAction, p.waiting = 0, nil, nil
	s.emit(t, "payment_intent.canceled", p)
}

// voidCharge gives an uncaptured charge back. No money had moved.
func (s *Sandbox) voidCharge(t *tenant, p *paymentIntent) {
	ch, found := t.charges.get(value(p.LatestCharge))
	if !found {
		return
	}
	r := &refund{ID: s.mint.id("re_"), Object: "refund", Amount: ch.Amount, Charge: &ch.ID, Created: s.now().Unix(), Currency: ch.Currency,
		Metadata: map[string]string{}, PaymentIntent: &p.ID, charge: ch,
		DestinationDetails: &refundDestination{Type: "card", Card: &refundedCard{Type: "reversal"}}}
	s.move(refundMoves, r.ID, &r.Status, "succeeded")
	before := snapshot(ch)
	ch.AmountRefunded, ch.Refunded = ch.Amount, true
	t.refunds.add(r)
	t.refundsOf[ch.ID] = append(t.refundsOf[ch.ID], r)
	s.updated(t, "charge.refunded", ch, before)
}

func (c *call) capturePaymentIntent() (any, error) {
	p, err := c.intentHere()
	if err != nil {
		return nil, err
	}
	if p.Status != "requires_capture" {
		return nil, c.unexpected(p, "This PaymentIntent could not be captured because it has a status of %s. Only a PaymentIntent with one of the following statuses may be captured: requires_capture.", p.Status)
	}
	if c.form.has("final_capture") && !c.form.truth("final_capture") {
		return nil, unmodelled("final_capture=false")
	}
	amount := p.AmountCapturable
	if c.form.has("amount_to_capture") {
		amount = c.form.number("amount_to_capture")
	}
	if amount < 1 {
		return nil, invalid("amount_to_capture", "parameter_invalid_integer", "This value must be greater than or equal to 1.")
	}
	if amount > p.AmountCapturable {
		return nil, refuse("amount_to_capture", "amount_too_large", "The provided amount_to_capture is larger than the amount that can be captured: %d.", p.AmountCapturable)
	}
	ch, _ := c.tenant.charges.get(value(p.LatestCharge))
	fee := ch.ApplicationFeeAmount
	if c.form.has("application_fee_amount") {
		fee = number(c.form.number("application_fee_amount"))
	}
	to := p.TransferData
	if amt := c.form.at("transfer_data"); amt.has("amount") && to != nil {
		to = &transferData{Amount: number(amt.number("amount")), Destination: to.Destination}
	}
	if refused := c.checkConnect(amount, capped(fee, amount), to, nil, ""); refused != nil {
		return nil, refused
	}
	for name, field := range map[string]**string{"statement_descriptor": &p.StatementDescriptor, "statement_descriptor_suffix": &p.StatementDescriptorSuffix} {
		if c.form.has(name) {
			*field = c.form.optional(name)
		}
	}
	if c.form.has("metadata") {
		p.Metadata = merge(p.Metadata, c.form.at("metadata"))
	}
	before := snapshot(ch)
	ch.ApplicationFeeAmount, p.ApplicationFeeAmount = fee, fee
	if to != nil {
		ch.TransferData = &chargeTransferData{Amount: to.Amount, Destination: to.Destination}
	}
	c.collect(c.tenant, ch, amount)
	p.AmountCapturable = 0
	c.updated(c.tenant, "charge.captured", ch, before)
	c.succeed(c.tenant, p, amount)
	return p, nil
}

// capped keeps a fee that was set for the whole amount legal for a part of it.
func capped(fee *int64, amount int64) *int64 {
	if fee == nil || *fee <= amount {
		return fee
	}
	return &amount
}

// holdLife is how long an uncaptured charge is held on the card.
const holdLife = 7 * 24 * time.Hour

// succeed ends an intent well.
func (s *Sandbox) succeed(t *tenant, p *paymentIntent, amount int64) {
	p.AmountReceived, p.NextAction, p.waiting, p.LastPaymentError = amount, nil, nil, nil
	s.move(intentMoves, p.ID, &p.Status, "succeeded")
	s.emit(t, "payment_intent.succeeded", p)
	s.sessionPaid(t, p)
}

// declined makes the answer to a refused card.
func declined(o Outcome, ch *charge, context string) *refusal {
	d := declines[o]
	r := &refusal{Status: http.StatusPaymentRequired, Type: "card_error", Code: d.code, DocURL: documented(d.code), Message: d.message, Param: context, DeclineCode: d.reason}
	if ch != nil {
		r.Charge = ch.ID
	}
	return r
}
