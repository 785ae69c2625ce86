package sandbox

// address as it stands in customers, billing details and shipping.
type address struct {
	City       *string `json:"city"`
	Country    *string `json:"country"`
	Line1      *string `json:"line1"`
	Line2      *string `json:"line2"`
	PostalCode *string `json:"postal_code"`
	State      *string `json:"state"`
}

func readAddress(p *param) *address {
	if p == nil || len(p.keys) == 0 {
		return nil
	}
	return &address{City: p.optional("city"), Country: p.optional("country"), Line1: p.optional("line1"),
		Line2: p.optional("line2"), PostalCode: p.optional("postal_code"), State: p.optional("state")}
}

type shipping struct {
	Address        *address `json:"address,omitempty"`
	Carrier        *string  `json:"carrier"`
	Name           string   `json:"name,omitempty"`
	Phone          *string  `json:"phone"`
	TrackingNumber *string  `json:"tracking_number"`
}

func readShipping(p *param) *shipping {
	if p == nil || len(p.keys) == 0 {
		return nil
	}
	return &shipping{Address: readAddress(p.at("address")), Carrier: p.optional("carrier"), Name: p.text("name"),
		Phone: p.optional("phone"), TrackingNumber: p.optional("tracking_number")}
}

// customerShipping has no carrier: a customer is not a parcel.
type customerShipping struct {
	Address *address `json:"address,omitempty"`
	Name    string   `json:"name,omitempty"`
	Phone   *string  `json:"phone"`
}

type invoiceSettings struct {
	CustomFields         any     `json:"custom_fields"`
	DefaultPaymentMethod *string `json:"default_payment_method"`
	Footer               *string `json:"footer"`
	RenderingOptions     any     `json:"rendering_options"`
}

// customer is somebody who pays.
type customer struct {
	ID                  string            `json:"id"`
	Object              string            `json:"object"`
	Address             *address          `json:"address"`
	Balance             int64             `json:"balance"`
	Created             int64             `json:"created"`
	Currency            *string           `json:"currency"`
	DefaultSource       *string           `json:"default_source"`
	Delinquent          bool              `json:"delinquent"`
	Description         *string           `json:"description"`
	Discount            any               `json:"discount"`
	Email               *string           `json:"email"`
	InvoicePrefix       string            `json:"invoice_prefix"`
	InvoiceSettings     invoiceSettings   `json:"invoice_settings"`
	Livemode            bool              `json:"livemode"`
	Metadata            map[string]string `json:"metadata"`
	Name                *string           `json:"name"`
	NextInvoiceSequence int64             `json:"next_invoice_sequence"`
	Phone               *string           `json:"phone"`
	PreferredLocales    []string          `json:"preferred_locales"`
	Shipping            *customerShipping `json:"shipping"`
	TaxExempt           string            `json:"tax_exempt"`
	TestClock           *string           `json:"test_clock"`

	deleted bool
	sources []*cardSource
	cash    cash
}

func (x *customer) identity() (string, int64) { return x.ID, x.Created }

// customer finds a living customer named by a parameter.
func (c *call) customer(id, param string) (*customer, *refusal) {
	found, ok := c.tenant.customers.get(id)
	if !ok || found.deleted {
		return nil, noSuch("customer", param, id)
	}
	return found, nil
}

var unmodelledOfCustomer = []string{"source", "coupon", "promotion_code", "tax_id_data", "test_clock", "cash_balance", "tax", "default_source", "default_card", "default_alipay_account", "default_bank_account", "card", "bank_account", "alipay_account", "trial_end"}

func (c *call) createCustomer() (any, error) {
	x := &customer{ID: "", Object: "customer", Metadata: map[string]string{}, NextInvoiceSequence: 1, TaxExempt: "none", PreferredLocales: []string{}}
	if err := c.fillCustomer(x); err != nil {
		return nil, err
	}
	x.ID = c.mint.text("cus_", 14)
	x.InvoicePrefix = upper(c.mint.text("", 8))
	x.Created = c.now().Unix()
	c.tenant.customers.add(x)
	c.emit(c.tenant, "customer.created", x)
	if id := c.form.text("payment_method"); id != "" {
		m, err := c.methodNamed(id, "payment_method")
		if err == nil {
			err = c.attach(m, x)
		}
		if err != nil {
			x.deleted = true
			return nil, err
		}
		x.InvoiceSettings.DefaultPaymentMethod = c.form.at("invoice_settings").optional("default_payment_method")
	}
	return x, nil
}

func upper(text string) string {
	raised := []byte(text)
	for i, b := range raised {
		if b >= 'a' && b <= 'z' {
			raised[i] = b - 'a' + 'A'
		}
	}
	return string(raised)
}

// fillCustomer takes over what a create or an update says.
func (c *call) fillCustomer(x *customer) error {
	f := c.form
	for _, name := range unmodelledOfCustomer {
		if f.has(name) {
			return unmodelled(name)
		}
	}
	if id := f.at("invoice_settings").text("default_payment_method"); id != "" && f.text("payment_method") != id {
		m, err := c.methodNamed(id, "invoice_settings[default_payment_method]")
		if err != nil {
			return err
		}
		if x.ID == "" || value(m.Customer) != x.ID {
			return refuse("invoice_settings[default_payment_method]", "resource_missing", "The customer does not have a payment method with the ID %s. The payment method must be attached to the customer.", id)
		}
	}
	if f.has("address") {
		x.Address = readAddress(f.at("address"))
	}
	if f.has("balance") {
		x.Balance = f.number("balance")
	}
	for name, field := range map[string]**string{"description": &x.Description, "email": &x.Email, "name": &x.Name, "phone": &x.Phone} {
		if f.has(name) {
			*field = f.optional(name)
		}
	}
	if f.has("invoice_prefix") {
		x.InvoicePrefix = f.text("invoice_prefix")
	}
	if s := f.at("invoice_settings"); s != nil {
		if s.has("custom_fields") || s.has("rendering_options") {
			return unmodelled("invoice_settings")
		}
		if s.has("default_payment_method") {
			x.InvoiceSettings.DefaultPaymentMethod = s.optional("default_payment_method")
		}
		if s.has("footer") {
			x.InvoiceSettings.Footer = s.optional("footer")
		}
	}
	if f.has("next_invoice_sequence") {
		x.NextInvoiceSequence = f.number("next_invoice_sequence")
	}
	if f.has("preferred_locales") {
		x.PreferredLocales = append([]string{}, f.texts("preferred_locales")...)
	}
	if f.has("shipping") {
		x.Shipping = nil
		if s := readShipping(f.at("shipping")); s != nil {
			x.Shipping = &customerShipping{Address: s.Address, Name: s.Name, Phone: s.Phone}
		}
	}
	if t := f.text("tax_exempt"); t != "" {
		x.TaxExempt = t
	}
	x.Metadata = merge(x.Metadata, f.at("metadata"))
	return nil
}

func (c *call) customerHere() (*customer, error) {
	x, found := c.tenant.customers.get(c.args[0])
	if !found || x.deleted {
		return nil, noSuchHere("customer", "id", c.args[0])
	}
	return x, nil
}

func (c *call) getCustomer() (any, error) {
	x, found := c.tenant.customers.get(c.args[0])
	if found && x.deleted {
		return deleted{ID: x.ID, Object: x.Object, Deleted: true}, nil
	}
	return c.customerHere()
}

func (c *call) updateCustomer() (any, error) {
	x, err := c.customerHere()
	if err != nil {
		return nil, err
	}
	before := snapshot(x)
	changed := *x
	if err := c.fillCustomer(&changed); err != nil {
		return nil, err
	}
	*x = changed
	c.updated(c.tenant, "customer.updated", x, before)
	return x, nil
}

func (c *call) deleteCustomer() (any, error) {
	x, err := c.customerHere()
	if err != nil {
		return nil, err
	}
	if len(x.cash.available) > 0 {
		return nil, refuse("", "", "You cannot delete a customer with a cash balance, even if it is 0.")
	}
	for _, m := range append([]*paymentMethod(nil), c.tenant.methodsOf[x.ID]...) {
		c.detach(m)
	}
	x.deleted = true
	c.emit(c.tenant, "customer.deleted", x)
	return deleted{ID: x.ID, Object: x.Object, Deleted: true}, nil
}

func (c *call) listCustomers() (any, error) {
	if c.form.has("test_clock") {
		return nil, unmodelled("test_clock")
	}
	return listAll(c, &c.tenant.customers, func(x *customer) bool {
		return !x.deleted && c.same("email", value(x.Email))
	})
}

func (c *call) listMethodsOfCustomer() (any, error) {
	x, err := c.customerHere()
	if err != nil {
		return nil, err
	}
	return list(c, c.tenant.methodsOf[x.ID], func(m *paymentMethod) bool { return c.same("type", m.Type) })
}

func (c *call) getMethodOfCustomer() (any, error) {
	x, err := c.customerHere()
	if err != nil {
		return nil, err
	}
	m, found := c.tenant.paymentMethods.get(c.args[1])
	if !found || value(m.Customer) != x.ID {
		return nil, noSuchHere("payment_method", "payment_method", c.args[1])
	}
	return m, nil
}
