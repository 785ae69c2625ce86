package sandbox

type setupCardOptions struct {
	MandateOptions      any     `json:"mandate_options"`
	Network             *string `json:"network"`
	RequestThreeDSecure string  `json:"request_three_d_secure"`
}

type setupOptions struct {
	Card      *setupCardOptions `json:"card,omitempty"`
	SepaDebit *struct{}         `json:"sepa_debit,omitempty"`
}

// setupIntent saves a payment method for later, without money.
type setupIntent struct {
	ID                      string            `json:"id"`
	Object                  string            `json:"object"`
	Application             *string           `json:"application"`
	AutomaticPaymentMethods *automaticMethods `json:"automatic_payment_methods"`
	CancellationReason      *string           `json:"cancellation_reason"`
	ClientSecret            string            `json:"client_secret"`
	Created                 int64             `json:"created"`
	Customer                *string           `json:"customer"`
	Description             *string           `json:"description"`
	FlowDirections          []string          `json:"flow_directions"`
	LastSetupError          *refusal          `json:"last_setup_error"`
	LatestAttempt           *string           `json:"latest_attempt"`
	Livemode                bool              `json:"livemode"`
	Mandate                 *string           `json:"mandate"`
	Metadata                map[string]string `json:"metadata"`
	NextAction              *nextAction       `json:"next_action"`
	OnBehalfOf              *string           `json:"on_behalf_of"`
	PaymentMethod           *string           `json:"payment_method"`
	ConfigurationDetails    *string           `json:"payment_method_configuration_details"`
	PaymentMethodOptions    setupOptions      `json:"payment_method_options"`
	PaymentMethodTypes      []string          `json:"payment_method_types"`
	SingleUseMandate        *string           `json:"single_use_mandate"`
	Status                  string            `json:"status"`
	Usage                   string            `json:"usage"`

	waiting *attempt
}

func (x *setupIntent) identity() (string, int64) { return x.ID, x.Created }

type attemptedCard struct {
	Brand        string      `json:"brand"`
	Checks       *cardChecks `json:"checks"`
	Country      string      `json:"country"`
	ExpMonth     int64       `json:"exp_month"`
	ExpYear      int64       `json:"exp_year"`
	Fingerprint  string      `json:"fingerprint"`
	Funding      string      `json:"funding"`
	Last4        string      `json:"last4"`
	Network      string      `json:"network"`
	ThreeDSecure *setupProof `json:"three_d_secure"`
	Wallet       any         `json:"wallet"`
}

// setupProof is threeDSecure without what only charges have.
type setupProof struct {
	AuthenticationFlow          *string `json:"authentication_flow"`
	ElectronicCommerceIndicator *string `json:"electronic_commerce_indicator"`
	Result                      *string `json:"result"`
	ResultReason                *string `json:"result_reason"`
	TransactionID               *string `json:"transaction_id"`
	Version                     *string `json:"version"`
}

type attemptDetails struct {
	Card      *attemptedCard `json:"card,omitempty"`
	SepaDebit *struct{}      `json:"sepa_debit,omitempty"`
	Type      string         `json:"type"`
}

// setupAttempt is one try to set a payment method up.
type setupAttempt struct {
	ID                   string         `json:"id"`
	Object               string         `json:"object"`
	Application          *string        `json:"application"`
	Created              int64          `json:"created"`
	Customer             *string        `json:"customer"`
	FlowDirections       []string       `json:"flow_directions"`
	Livemode             bool           `json:"livemode"`
	OnBehalfOf           *string        `json:"on_behalf_of"`
	PaymentMethod        string         `json:"payment_method"`
	PaymentMethodDetails attemptDetails `json:"payment_method_details"`
	SetupError           *refusal       `json:"setup_error"`
	SetupIntent          string         `json:"setup_intent"`
	Status               string         `json:"status"`
	Usage                string         `json:"usage"`
}

func (x *setupAttempt) identity() (string, int64) { return x.ID, x.Created }

var unmodelledOfSetup = []string{"single_use", "flow_directions", "attach_to_self", "payment_method_configuration"}

func (c *call) createSetupIntent() (any, error) {
	f := c.form
	x := &setupIntent{Object: "setup_intent", Created: c.now().Unix(), Usage: "off_session", Metadata: map[string]string{}, PaymentMethodTypes: []string{"card"}}
	confirming := f.truth("confirm")
	for _, name := range []string{"return_url", "mandate_data"} {
		if f.has(name) && !confirming {
			return nil, invalid(name, "", "The parameter `%s` cannot be passed when creating a SetupIntent unless `confirm` is set to true.", name)
		}
	}
	m, refused := c.fillSetup(x)
	if refused != nil {
		return nil, refused
	}
	if confirming && m == nil {
		return nil, setupWithoutMethod()
	}
	x.ID = c.mint.id("seti_")
	x.ClientSecret = c.mint.text(x.ID+"_secret_", 25)
	if c.tenant != c.platform {
		x.Application = optional(c.application())
	}
	c.tenant.setups.add(x)
	c.owners[x.ID] = c.tenant
	state := "requires_payment_method"
	if m != nil {
		x.PaymentMethod = &m.ID
		state = "requires_confirmation"
	}
	c.move(setupMoves, x.ID, &x.Status, state)
	c.emit(c.tenant, "setup_intent.created", x)
	if confirming {
		if refused := c.confirmSetup(x, m); refused != nil {
			return nil, refused
		}
	}
	return x, nil
}

func setupWithoutMethod() *refusal {
	return refuse("", "setup_intent_unexpected_state", "You cannot confirm this SetupIntent because it's missing a payment method. Update the SetupIntent with a payment method and then confirm it again.")
}

func (c *call) fillSetup(x *setupIntent) (*paymentMethod, *refusal) {
	f := c.form
	for _, name := range unmodelledOfSetup {
		if f.has(name) {
			return nil, unmodelled(name)
		}
	}
	q := *x
	if f.has("customer") {
		q.Customer = f.optional("customer")
		if q.Customer != nil {
			if _, r := c.customer(*q.Customer, "customer"); r != nil {
				return nil, r
			}
		}
	}
	if id := f.text("on_behalf_of"); id != "" {
		if _, known := c.tenants[id]; !known {
			return nil, noSuch("account", "on_behalf_of", id)
		}
		q.OnBehalfOf = &id
	}
	if r := c.readMethodTypes(&q.PaymentMethodTypes, &q.AutomaticPaymentMethods, x.ID == ""); r != nil {
		return nil, r
	}
	if r := onlyNow(q.PaymentMethodTypes); r != nil {
		return nil, r
	}
	q.PaymentMethodOptions = setupOptions{}
	for _, kind := range q.PaymentMethodTypes {
		switch kind {
		case "card":
			o := &setupCardOptions{RequestThreeDSecure: "automatic"}
			if x.PaymentMethodOptions.Card != nil {
				*o = *x.PaymentMethodOptions.Card
			}
			if wish := f.at("payment_method_options").at("card").text("request_three_d_secure"); wish != "" {
				o.RequestThreeDSecure = wish
			}
			q.PaymentMethodOptions.Card = o
		case "sepa_debit":
			q.PaymentMethodOptions.SepaDebit = &struct{}{}
		}
	}
	if f.has("description") {
		q.Description = f.optional("description")
	}
	if u := f.text("usage"); u != "" {
		q.Usage = u
	}
	q.Metadata = merge(x.Metadata, f.at("metadata"))
	m, r := c.namedMethod()
	if r == nil && m != nil {
		r = usable(m, q.Customer, q.PaymentMethodTypes)
	}
	if r != nil {
		return nil, r
	}
	*x = q
	return m, nil
}

// confirmSetup begins an attempt with the parameters of the present call.
func (c *call) confirmSetup(x *setupIntent, m *paymentMethod) *refusal {
	a := attempt{method: m, returnURL: c.form.text("return_url")}
	if m.Type == "sepa_debit" {
		if !c.form.has("mandate_data") && m.mandate == "" {
			return refuse("mandate_data", "setup_intent_mandate_invalid", "You must provide `mandate_data` when confirming with the payment method type sepa_debit.")
		}
		if c.form.has("mandate_data") {
			m.mandate = c.newMandate(c.tenant, m, c.form.at("mandate_data").at("customer_acceptance")).ID
		}
		x.Mandate = optional(m.mandate)
	}
	return c.setUp(c.tenant, x, a)
}

// setUp tries to set a payment method up. An issuer that wants proof gets it
// here, where the holder is present.
func (s *Sandbox) setUp(t *tenant, x *setupIntent, a attempt) *refusal {
	m := a.method
	x.PaymentMethod, x.NextAction, x.waiting = &m.ID, nil, nil
	if x.Status == "requires_payment_method" {
		s.move(setupMoves, x.ID, &x.Status, "requires_confirmation")
	}
	try := s.newAttempt(t, x, m, a.proof)
	verdict, demand := Approved, false
	if m.card != nil {
		if next, scripted := s.scripted(x.ID, x.Metadata, m); a.proof == nil && scripted {
			verdict, demand = next, next == AuthRequired
		} else {
			demand = a.proof == nil && (m.card.auth != authNever && !m.card.wasSaved || s.proofWished(x))
			if m.card.onAttach != "" {
				verdict, demand = m.card.onAttach, false
			}
		}
	}
	switch {
	case demand:
		s.move(setupAttemptMoves, try.ID, &try.Status, "requires_action")
		x.waiting = &a
		x.NextAction = s.proofAction(x.ID, a.returnURL)
		s.move(setupMoves, x.ID, &x.Status, "requires_action")
		s.emit(t, "setup_intent.requires_action", x)
		return nil
	case verdict != Approved:
		problem := declined(verdict, nil, "")
		s.failSetup(t, x, m, problem)
		answer := *problem
		shown := *x
		answer.SetupIntent = &shown
		return &answer
	}
	s.move(setupAttemptMoves, try.ID, &try.Status, "succeeded")
	x.LastSetupError = nil
	s.move(setupMoves, x.ID, &x.Status, "succeeded")
	if x.Usage == "off_session" {
		m.saved = true
	}
	if x.Customer != nil && m.Customer == nil {
		s.attached(t, m, *x.Customer)
	}
	s.emit(t, "setup_intent.succeeded", x)
	s.sessionSetUp(t, x)
	return nil
}

func (s *Sandbox) proofWished(x *setupIntent) bool {
	o := x.PaymentMethodOptions.Card
	return o != nil && o.RequestThreeDSecure != "automatic"
}

// newAttempt begins a setup attempt, or goes on with the one that waits for proof.
func (s *Sandbox) newAttempt(t *tenant, x *setupIntent, m *paymentMethod, proof *threeDSecure) *setupAttempt {
	if latest, found := t.attempts.get(value(x.LatestAttempt)); found && latest.Status == "requires_action" {
		if proof != nil {
			if latest.PaymentMethodDetails.Card != nil {
				latest.PaymentMethodDetails.Card.ThreeDSecure = &setupProof{proof.AuthenticationFlow, proof.ElectronicCommerceIndicator,
					proof.Result, proof.ResultReason, proof.TransactionID, proof.Version}
			}
			return latest
		}
		s.move(setupAttemptMoves, latest.ID, &latest.Status, "abandoned")
	}
	try := &setupAttempt{ID: s.mint.id("setatt_"), Object: "setup_attempt", Application: x.Application, Created: s.now().Unix(),
		Customer: x.Customer, OnBehalfOf: x.OnBehalfOf, PaymentMethod: m.ID, SetupIntent: x.ID, Usage: x.Usage,
		PaymentMethodDetails: attemptDetails{Type: m.Type}}
	if d := m.Card; d != nil {
		try.PaymentMethodDetails.Card = &attemptedCard{Brand: d.Brand, Checks: d.Checks, Country: d.Country, ExpMonth: d.ExpMonth,
			ExpYear: d.ExpYear, Fingerprint: d.Fingerprint, Funding: d.Funding, Last4: d.Last4, Network: d.Brand}
	} else {
		try.PaymentMethodDetails.SepaDebit = &struct{}{}
	}
	t.attempts.add(try)
	x.LatestAttempt = &try.ID
	return try
}

// failSetup sends a setup back to wait for another payment method.
func (s *Sandbox) failSetup(t *tenant, x *setupIntent, m *paymentMethod, problem *refusal) {
	problem.PaymentMethod = copied(m)
	if try, found := t.attempts.get(value(x.LatestAttempt)); found {
		try.SetupError = problem
		s.move(setupAttemptMoves, try.ID, &try.Status, "failed")
	}
	x.LastSetupError, x.PaymentMethod, x.NextAction, x.waiting = problem, nil, nil, nil
	s.move(setupMoves, x.ID, &x.Status, "requires_payment_method")
	s.emit(t, "setup_intent.setup_failed", x)
}

func (c *call) setupHere() (*setupIntent, error) {
	x, found := c.tenant.setups.get(c.args[0])
	if !found {
		return nil, noSuchHere("setupintent", "intent", c.args[0])
	}
	return x, nil
}

func (c *call) getSetupIntent() (any, error) {
	x, err := c.setupHere()
	if err != nil {
		return nil, err
	}
	if secret := c.form.text("client_secret"); secret != "" && secret != x.ClientSecret {
		return nil, refuse("client_secret", "setup_intent_invalid_parameter", "The client_secret provided does not match the client_secret associated with this SetupIntent.")
	}
	return x, nil
}

// unexpectedSetup refuses what the setup's state does not allow.
func unexpectedSetup(x *setupIntent, format string, args ...any) *refusal {
	r := refuse("", "setup_intent_unexpected_state", format, args...)
	shown := *x
	r.SetupIntent = &shown
	return r
}

func (c *call) updateSetupIntent() (any, error) {
	x, err := c.setupHere()
	if err != nil {
		return nil, err
	}
	if setupMoves.final(x.Status) {
		for _, name := range c.form.keys {
			if !changeableAlways[name] {
				return nil, unexpectedSetup(x, "You cannot update this SetupIntent's %s because it has a status of %s.", name, x.Status)
			}
		}
	}
	m, refused := c.fillSetup(x)
	if refused != nil {
		return nil, refused
	}
	if m != nil {
		x.PaymentMethod, x.NextAction, x.waiting = &m.ID, nil, nil
		c.move(setupMoves, x.ID, &x.Status, "requires_confirmation")
	}
	return x, nil
}

func (c *call) confirmSetupIntent() (any, error) {
	x, err := c.setupHere()
	if err != nil {
		return nil, err
	}
	if setupMoves.final(x.Status) || x.Status == "processing" {
		return nil, unexpectedSetup(x, "You cannot confirm this SetupIntent because it has a status of %s.", x.Status)
	}
	q := *x
	m, refused := c.fillSetup(&q)
	if refused != nil {
		return nil, refused
	}
	if m == nil {
		known, found := c.tenant.paymentMethods.get(value(q.PaymentMethod))
		if !found {
			return nil, unexpectedSetup(x, "%s", setupWithoutMethod().Message)
		}
		if refused := usable(known, q.Customer, q.PaymentMethodTypes); refused != nil {
			return nil, refused
		}
		m = known
	}
	*x = q
	if refused := c.confirmSetup(x, m); refused != nil {
		return nil, refused
	}
	return x, nil
}

func (c *call) cancelSetupIntent() (any, error) {
	x, err := c.setupHere()
	if err != nil {
		return nil, err
	}
	if !setupMoves.allow(x.Status, "canceled") {
		return nil, unexpectedSetup(x, "You cannot cancel this SetupIntent because it has a status of %s. Only a SetupIntent with one of the following statuses may be canceled: requires_payment_method, requires_confirmation, requires_action.", x.Status)
	}
	if session := c.tenant.sessionsOf[x.ID]; session != nil && session.Status == "open" {
		return nil, unexpectedSetup(x, "You cannot cancel the SetupIntent of a Checkout Session. Expire the Checkout Session %s instead.", session.ID)
	}
	c.cancelSetup(c.tenant, x, c.form.optional("cancellation_reason"))
	return x, nil
}

func (s *Sandbox) cancelSetup(t *tenant, x *setupIntent, reason *string) {
	if try, found := t.attempts.get(value(x.LatestAttempt)); found && try.Status == "requires_action" {
		s.move(setupAttemptMoves, try.ID, &try.Status, "abandoned")
	}
	s.move(setupMoves, x.ID, &x.Status, "canceled")
	x.CancellationReason, x.NextAction, x.waiting = reason, nil, nil
	s.emit(t, "setup_intent.canceled", x)
}

func (c *call) listSetupIntents() (any, error) {
	if c.form.has("attach_to_self") {
		return nil, unmodelled("attach_to_self")
	}
	return listAll(c, &c.tenant.setups, func(x *setupIntent) bool {
		return c.same("customer", value(x.Customer)) && c.same("payment_method", value(x.PaymentMethod))
	})
}

func (c *call) listSetupAttempts() (any, error) {
	return listAll(c, &c.tenant.attempts, func(x *setupAttempt) bool { return x.SetupIntent == c.form.text("setup_intent") })
}
