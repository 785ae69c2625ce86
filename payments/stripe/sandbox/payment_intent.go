package sandbox

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
	DisplayBankTransfer *transferInstructions `json:"display_bank_transfer_instructions,omitempty"`
	RedirectToURL       *redirect             `json:"redirect_to_url,omitempty"`
	Type                string                `json:"type"`
	UseStripeSDK        map[string]string     `json:"use_stripe_sdk,omitempty"`
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
	funded  int64 // of the amount, what bank transfers have brought
}

func (p *paymentIntent) identity() (string, int64) { return p.ID, p.Created }

type cardOptions struct {
	Installments        any     `json:"installments"`
	MandateOptions      any     `json:"mandate_options"`
	Network             *string `json:"network"`
	RequestThreeDSecure string  `json:"request_three_d_secure"`
}

type methodOptions struct {
	Card            *cardOptions   `json:"card,omitempty"`
	CustomerBalance *cashOptions   `json:"customer_balance,omitempty"`
	Paypal          *paypalOptions `json:"paypal,omitempty"`
	SepaDebit       *struct{}      `json:"sepa_debit,omitempty"`
}

// collectable are the kinds of payment method that the sandbox can charge.
var collectable = map[string]bool{"card": true, "sepa_debit": true, "paypal": true, bankTransfer: true}

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
	if p.funded > 0 && (c.form.has("amount") || c.form.has("customer") || c.form.has("currency")) {
		return nil, unmodelled("the update of a PaymentIntent that is partially funded")
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
