package sandbox

import (
	"slices"
	"strings"
	"time"
)

// checkoutSession is one visit to the hosted payment page.
type checkoutSession struct {
	ID                        string             `json:"id"`
	Object                    string             `json:"object"`
	AfterExpiration           any                `json:"after_expiration"`
	AllowPromotionCodes       *bool              `json:"allow_promotion_codes"`
	AmountSubtotal            *int64             `json:"amount_subtotal"`
	AmountTotal               *int64             `json:"amount_total"`
	AutomaticTax              automaticTax       `json:"automatic_tax"`
	BillingAddressCollection  *string            `json:"billing_address_collection"`
	CancelURL                 *string            `json:"cancel_url"`
	ClientReferenceID         *string            `json:"client_reference_id"`
	ClientSecret              *string            `json:"client_secret"`
	Consent                   any                `json:"consent"`
	ConsentCollection         *consentCollection `json:"consent_collection"`
	Created                   int64              `json:"created"`
	Currency                  *string            `json:"currency"`
	CurrencyConversion        any                `json:"currency_conversion"`
	CustomFields              []string           `json:"custom_fields"`
	CustomText                customText         `json:"custom_text"`
	Customer                  *string            `json:"customer"`
	CustomerCreation          *string            `json:"customer_creation"`
	CustomerDetails           *customerDetails   `json:"customer_details"`
	CustomerEmail             *string            `json:"customer_email"`
	ExpiresAt                 int64              `json:"expires_at"`
	Invoice                   *string            `json:"invoice"`
	InvoiceCreation           *invoiceCreation   `json:"invoice_creation"`
	Livemode                  bool               `json:"livemode"`
	Locale                    *string            `json:"locale"`
	Metadata                  map[string]string  `json:"metadata"`
	Mode                      string             `json:"mode"`
	PaymentIntent             *string            `json:"payment_intent"`
	PaymentLink               *string            `json:"payment_link"`
	PaymentMethodCollection   string             `json:"payment_method_collection"`
	ConfigurationDetails      *string            `json:"payment_method_configuration_details"`
	PaymentMethodOptions      sessionOptions     `json:"payment_method_options"`
	PaymentMethodTypes        []string           `json:"payment_method_types"`
	PaymentStatus             string             `json:"payment_status"`
	PhoneNumberCollection     flag               `json:"phone_number_collection"`
	RecoveredFrom             *string            `json:"recovered_from"`
	SetupIntent               *string            `json:"setup_intent"`
	ShippingAddressCollection any                `json:"shipping_address_collection"`
	ShippingCost              any                `json:"shipping_cost"`
	ShippingDetails           any                `json:"shipping_details"`
	ShippingOptions           []string           `json:"shipping_options"`
	Status                    string             `json:"status"`
	SubmitType                *string            `json:"submit_type"`
	Subscription              *string            `json:"subscription"`
	SuccessURL                *string            `json:"success_url"`
	TotalDetails              *totalDetails      `json:"total_details"`
	UIMode                    string             `json:"ui_mode"`
	URL                       *string            `json:"url"`

	tenant *tenant
	lines  []*lineItem
	data   *param    // payment_intent_data or setup_intent_data
	payer  *customer // made on this visit, shown once the session is complete
}

func (x *checkoutSession) identity() (string, int64) { return x.ID, x.Created }

// How long a session stays open.
const (
	shortestSession = 30 * time.Minute
	longestSession  = 24 * time.Hour
)

var unmodelledOfSession = []string{"after_expiration", "custom_fields", "discounts", "shipping_address_collection", "shipping_options",
	"subscription_data", "payment_method_configuration", "return_url", "redirect_on_completion"}

// offUnlessEnabled are features that may only be said to be off.
var offUnlessEnabled = []string{"automatic_tax", "invoice_creation", "tax_id_collection"}

func (c *call) createCheckoutSession() (any, error) {
	f := c.form
	for _, name := range unmodelledOfSession {
		if f.has(name) {
			return nil, unmodelled(name)
		}
	}
	for _, name := range offUnlessEnabled {
		if f.at(name).truth("enabled") {
			return nil, unmodelled(name)
		}
	}
	if f.text("ui_mode") == "embedded" {
		return nil, unmodelled("ui_mode=embedded")
	}
	mode := f.text("mode")
	switch mode {
	case "subscription":
		return nil, unmodelled("mode=subscription")
	case "":
		mode = "payment"
	}
	if f.text("success_url") == "" {
		return nil, missing("success_url")
	}
	now := c.now()
	x := &checkoutSession{Object: "checkout.session", Created: now.Unix(), ExpiresAt: now.Add(longestSession).Unix(), Mode: mode, tenant: c.tenant,
		CustomFields: []string{}, ShippingOptions: []string{}, PaymentMethodTypes: []string{"card"}, PaymentMethodCollection: "if_required", UIMode: "hosted",
		CancelURL: f.optional("cancel_url"), ClientReferenceID: f.optional("client_reference_id"), CustomerEmail: f.optional("customer_email"),
		Locale: f.optional("locale"), SubmitType: f.optional("submit_type"), SuccessURL: f.optional("success_url"),
		BillingAddressCollection: f.optional("billing_address_collection"), Metadata: merge(nil, f.at("metadata")),
		PhoneNumberCollection: flag{f.at("phone_number_collection").truth("enabled")}, CustomText: readCustomText(f.at("custom_text"))}
	if f.has("allow_promotion_codes") {
		allow := f.truth("allow_promotion_codes")
		x.AllowPromotionCodes = &allow
	}
	if p := f.at("consent_collection"); p != nil {
		x.ConsentCollection = &consentCollection{Promotions: p.optional("promotions"), TermsOfService: p.optional("terms_of_service")}
		if where := p.at("payment_method_reuse_agreement").text("position"); where != "" {
			x.ConsentCollection.PaymentMethodReuseAgreement = &position{where}
		}
	}
	if f.has("expires_at") {
		at := time.Unix(f.number("expires_at"), 0)
		if at.Before(now.Add(shortestSession)) || at.After(now.Add(longestSession)) {
			return nil, invalid("expires_at", "", "The `expires_at` timestamp must be between 30 minutes and 24 hours from Checkout Session creation.")
		}
		x.ExpiresAt = at.Unix()
	}
	if id := f.text("customer"); id != "" {
		if x.CustomerEmail != nil {
			return nil, invalid("customer_email", "", "You may only specify one of these parameters: customer, customer_email.")
		}
		known, refused := c.customer(id, "customer")
		if refused != nil {
			return nil, refused
		}
		if f.has("customer_creation") {
			return nil, invalid("customer_creation", "", "You may only specify one of these parameters: customer, customer_creation.")
		}
		x.Customer = &id
		x.CustomerDetails = &customerDetails{Address: known.Address, Email: known.Email, Name: known.Name, Phone: known.Phone, TaxExempt: "none"}
	} else if x.CustomerEmail != nil {
		x.CustomerDetails = &customerDetails{Email: x.CustomerEmail, TaxExempt: "none"}
	}
	if kinds := f.texts("payment_method_types"); len(kinds) > 0 {
		for _, kind := range kinds {
			if !collectable[kind] {
				return nil, unmodelled("payment_method_types=" + kind)
			}
		}
		x.PaymentMethodTypes = kinds
	}
	wish := f.at("payment_method_options").at("card").text("request_three_d_secure")
	if wish == "" {
		wish = "automatic"
	}
	x.PaymentMethodOptions.Card = &sessionCardOptions{wish}

	if mode == "setup" {
		return c.createSetupSession(x)
	}
	return c.createPaymentSession(x)
}

func readCustomText(p *param) customText {
	read := func(name string) *message {
		if text := p.at(name).text("message"); text != "" {
			return &message{text}
		}
		return nil
	}
	return customText{AfterSubmit: read("after_submit"), ShippingAddress: read("shipping_address"), Submit: read("submit"), TermsOfServiceAcceptance: read("terms_of_service_acceptance")}
}

func (c *call) createPaymentSession(x *checkoutSession) (any, error) {
	f := c.form
	if f.has("setup_intent_data") {
		return nil, invalid("setup_intent_data", "", "You can not pass `setup_intent_data` in `payment` mode.")
	}
	items := f.list("line_items")
	if len(items) == 0 {
		return nil, missing("line_items")
	}
	if refused := c.readLines(x, items); refused != nil {
		return nil, refused
	}
	total := int64(0)
	for _, line := range x.lines {
		total += line.AmountTotal
	}
	if refused := checkAmount("line_items", total, *x.Currency); refused != nil {
		refused.Message = "The Checkout Session's total amount due: " + refused.Message
		return nil, refused
	}
	if slices.Contains(x.PaymentMethodTypes, bankTransfer) {
		x.PaymentMethodOptions.CustomerBalance = readCashOptions(f, nil)
		if x.Customer == nil {
			return nil, missing("customer")
		}
		if refused := x.PaymentMethodOptions.CustomerBalance.check(*x.Currency); refused != nil {
			return nil, refused
		}
	}
	d := f.at("payment_intent_data")
	if d.text("setup_future_usage") != "" {
		if refused := onlyNow(x.PaymentMethodTypes); refused != nil {
			return nil, refused
		}
	}
	if d.text("capture_method") == "automatic_async" {
		return nil, unmodelled("payment_intent_data[capture_method]=automatic_async")
	}
	fee, to := sessionConnect(d)
	if refused := c.checkConnect(total, fee, to, d.optional("on_behalf_of"), "payment_intent_data"); refused != nil {
		return nil, refused
	}
	if refused := checkMetadata("payment_intent_data[metadata]", d.at("metadata")); refused != nil {
		return nil, refused
	}
	// Only now, with everything judged, are the prices made that were described
	// in passing.
	for i, item := range items {
		if data := item.at("price_data"); data != nil {
			product := data.text("product")
			if product == "" {
				product = c.productOf(data.at("product_data")).ID
			}
			x.lines[i].Price = c.newPrice(data, product, false)
		}
		x.lines[i].ID = c.mint.id("li_")
	}
	x.AmountSubtotal, x.AmountTotal, x.TotalDetails = number(total), number(total), &totalDetails{}
	x.InvoiceCreation = &invoiceCreation{InvoiceData: map[string]any{"account_tax_ids": nil, "custom_fields": nil, "description": nil, "footer": nil, "issuer": nil, "metadata": map[string]string{}, "rendering_options": nil}}
	x.data = d
	if x.Customer == nil {
		x.CustomerCreation = optional("if_required")
		if wish := f.text("customer_creation"); wish != "" {
			x.CustomerCreation = &wish
		}
	}
	return c.open(x, "unpaid"), nil
}

func sessionConnect(d *param) (fee *int64, to *transferData) {
	if d.has("application_fee_amount") {
		fee = number(d.number("application_fee_amount"))
	}
	if t := d.at("transfer_data"); t != nil {
		to = &transferData{Destination: t.text("destination")}
		if t.has("amount") {
			to.Amount = number(t.number("amount"))
		}
	}
	return fee, to
}

func (c *call) createSetupSession(x *checkoutSession) (any, error) {
	f := c.form
	for _, name := range []string{"line_items", "payment_intent_data", "submit_type"} {
		if f.has(name) {
			return nil, invalid(name, "", "You can not pass `%s` in `setup` mode.", name)
		}
	}
	if refused := onlyNow(x.PaymentMethodTypes); refused != nil {
		return nil, refused
	}
	if !f.has("currency") && !f.has("payment_method_types") {
		return nil, missing("currency")
	}
	if f.has("currency") {
		if r := checkCurrency("currency", f.text("currency")); r != nil {
			return nil, r
		}
		x.Currency = f.optional("currency")
	}
	d := f.at("setup_intent_data")
	if refused := checkMetadata("setup_intent_data[metadata]", d.at("metadata")); refused != nil {
		return nil, refused
	}
	if id := d.text("on_behalf_of"); id != "" {
		if _, known := c.tenants[id]; !known {
			return nil, noSuch("account", "setup_intent_data[on_behalf_of]", id)
		}
	}
	x.PaymentMethodCollection = "always"
	x.data = d
	setup := &setupIntent{ID: c.mint.id("seti_"), Object: "setup_intent", Created: c.now().Unix(), Customer: x.Customer, Usage: "off_session",
		Description: d.optional("description"), OnBehalfOf: d.optional("on_behalf_of"), Metadata: merge(nil, d.at("metadata")), PaymentMethodTypes: x.PaymentMethodTypes,
		PaymentMethodOptions: setupOptions{Card: &setupCardOptions{RequestThreeDSecure: x.PaymentMethodOptions.Card.RequestThreeDSecure}}}
	setup.ClientSecret = c.mint.text(setup.ID+"_secret_", 25)
	c.tenant.setups.add(setup)
	c.owners[setup.ID] = c.tenant
	c.move(setupMoves, setup.ID, &setup.Status, "requires_payment_method")
	c.emit(c.tenant, "setup_intent.created", setup)
	x.SetupIntent = &setup.ID
	c.tenant.sessionsOf[setup.ID] = x
	return c.open(x, "no_payment_required"), nil
}

// open puts a session at its visitors' disposal until it expires.
func (c *call) open(x *checkoutSession, paymentStatus string) *checkoutSession {
	x.ID = c.mint.text("cs_test_a1", 56)
	x.URL = optional(c.options.PublicURL + "/c/pay/" + x.ID)
	c.move(sessionMoves, x.ID, &x.Status, "open")
	c.move(sessionPaymentMoves, x.ID, &x.PaymentStatus, paymentStatus)
	c.tenant.sessions.add(x)
	c.owners[x.ID] = c.tenant
	c.at(time.Unix(x.ExpiresAt, 0), func() {
		if x.Status == "open" {
			c.expireSession(x)
		}
	})
	return x
}

// expireSession closes a session; what it had begun is cancelled with it.
func (s *Sandbox) expireSession(x *checkoutSession) {
	s.move(sessionMoves, x.ID, &x.Status, "expired")
	x.URL = nil
	if p, found := x.tenant.intents.get(value(x.PaymentIntent)); found && !intentMoves.final(p.Status) {
		s.cancelIntent(x.tenant, p, optional("abandoned"))
	}
	if setup, found := x.tenant.setups.get(value(x.SetupIntent)); found && !setupMoves.final(setup.Status) {
		s.cancelSetup(x.tenant, setup, optional("abandoned"))
	}
	s.emit(x.tenant, "checkout.session.expired", x)
}

func (c *call) sessionHere() (*checkoutSession, error) {
	x, found := c.tenant.sessions.get(c.args[0])
	if !found {
		return nil, noSuchHere("checkout.session", "session", c.args[0])
	}
	return x, nil
}

func (c *call) getCheckoutSession() (any, error) { return c.sessionHere() }

func (c *call) listCheckoutSessions() (any, error) {
	f := c.form
	if f.has("subscription") || f.has("payment_link") {
		return nil, unmodelled("subscription and payment_link")
	}
	return listAll(c, &c.tenant.sessions, func(x *checkoutSession) bool {
		if !c.same("payment_intent", value(x.PaymentIntent)) || !c.same("customer", value(x.Customer)) || !c.same("status", x.Status) {
			return false
		}
		if email := f.at("customer_details").text("email"); email != "" {
			return x.CustomerDetails != nil && strings.EqualFold(value(x.CustomerDetails.Email), email)
		}
		return true
	})
}

func (c *call) expireCheckoutSession() (any, error) {
	x, err := c.sessionHere()
	if err != nil {
		return nil, err
	}
	if x.Status != "open" {
		return nil, refuse("", "", "Only Checkout Sessions with a status in [\"open\"] can be expired. This Checkout Session has a status of %s.", x.Status)
	}
	c.expireSession(x)
	return x, nil
}
