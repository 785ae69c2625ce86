package sandbox

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
	f.into(&q.Description, "description")
	f.into(&q.ReceiptEmail, "receipt_email")
	f.into(&q.TransferGroup, "transfer_group")
	f.into(&q.SetupFutureUsage, "setup_future_usage")
	f.into(&q.StatementDescriptor, "statement_descriptor")
	f.into(&q.StatementDescriptorSuffix, "statement_descriptor_suffix")
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
		case bankTransfer:
			made.CustomerBalance = readCashOptions(c.form, have.CustomerBalance)
		case "paypal":
			made.Paypal = &paypalOptions{}
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
