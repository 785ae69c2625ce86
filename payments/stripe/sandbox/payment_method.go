package sandbox

import (
	"fmt"
	"hash/fnv"
	"net/http"
	"strings"
)

type billingDetails struct {
	Address address `json:"address"`
	Email   *string `json:"email"`
	Name    *string `json:"name"`
	Phone   *string `json:"phone"`
}

func readBilling(p *param) billingDetails {
	b := billingDetails{Email: p.optional("email"), Name: p.optional("name"), Phone: p.optional("phone")}
	if a := readAddress(p.at("address")); a != nil {
		b.Address = *a
	}
	return b
}

type cardChecks struct {
	AddressLine1Check      *string `json:"address_line1_check"`
	AddressPostalCodeCheck *string `json:"address_postal_code_check"`
	CVCCheck               *string `json:"cvc_check"`
}

type cardNetworks struct {
	Available []string `json:"available"`
	Preferred *string  `json:"preferred"`
}

type cardDetails struct {
	Brand             string         `json:"brand"`
	Checks            *cardChecks    `json:"checks"`
	Country           string         `json:"country"`
	DisplayBrand      string         `json:"display_brand"`
	ExpMonth          int64          `json:"exp_month"`
	ExpYear           int64          `json:"exp_year"`
	Fingerprint       string         `json:"fingerprint"`
	Funding           string         `json:"funding"`
	GeneratedFrom     any            `json:"generated_from"`
	Last4             string         `json:"last4"`
	Networks          *cardNetworks  `json:"networks"`
	ThreeDSecureUsage map[string]any `json:"three_d_secure_usage"`
	Wallet            any            `json:"wallet"`
}

type sepaDetails struct {
	BankCode      *string `json:"bank_code"`
	BranchCode    *string `json:"branch_code"`
	Country       *string `json:"country"`
	Fingerprint   *string `json:"fingerprint"`
	GeneratedFrom any     `json:"generated_from"`
	Last4         *string `json:"last4"`
}

// paymentMethod is a card or a bank account that can be charged.
type paymentMethod struct {
	ID             string            `json:"id"`
	Object         string            `json:"object"`
	BillingDetails billingDetails    `json:"billing_details"`
	Card           *cardDetails      `json:"card,omitempty"`
	Created        int64             `json:"created"`
	Customer       *string           `json:"customer"`
	CashBalance    *struct{}         `json:"customer_balance,omitempty"`
	Livemode       bool              `json:"livemode"`
	Metadata       map[string]string `json:"metadata"`
	Paypal         *paypalDetails    `json:"paypal,omitempty"`
	SepaDebit      *sepaDetails      `json:"sepa_debit,omitempty"`
	Type           string            `json:"type"`

	card    *testCard
	iban    string
	saved   bool   // its holder has agreed, with proof, to off-session charges
	mandate string // the payer's leave to debit it, if given
	spent   bool   // charged without a customer, or detached: never to be used again
}

func (m *paymentMethod) identity() (string, int64) { return m.ID, m.Created }

// methodNamed finds a payment method; pm_card_visa and its like make a new one
// at each use, as they do at Stripe.
func (c *call) methodNamed(id, param string) (*paymentMethod, error) {
	if alias, isAlias := strings.CutPrefix(id, "pm_card_"); isAlias {
		card := cardsByAlias[alias]
		if card == nil {
			return nil, noSuch("PaymentMethod", param, id)
		}
		return c.newCard(card), nil
	}
	m, found := c.tenant.paymentMethods.get(id)
	if !found {
		return nil, noSuch("PaymentMethod", param, id)
	}
	return m, nil
}

// newCardIn makes a payment method of a test card, valid for some years yet.
func (s *Sandbox) newCardIn(t *tenant, card *testCard) *paymentMethod {
	pass := "pass"
	m := &paymentMethod{
		ID: s.mint.id("pm_"), Object: "payment_method", Created: s.now().Unix(), Metadata: map[string]string{}, Type: "card",
		Card: &cardDetails{
			Brand: card.brand, Checks: &cardChecks{CVCCheck: &pass}, Country: card.country, DisplayBrand: card.brand,
			ExpMonth: int64(s.now().Month()), ExpYear: int64(s.now().Year() + 3), Fingerprint: fingerprint(t.id + card.number),
			Funding: card.funding, Last4: card.last4(), Networks: &cardNetworks{Available: []string{card.brand}},
			ThreeDSecureUsage: map[string]any{"supported": true},
		},
		card: card, saved: card.wasSaved,
	}
	t.paymentMethods.add(m)
	return m
}

func (c *call) newCard(card *testCard) *paymentMethod { return c.newCardIn(c.tenant, card) }

// fingerprint is the same for the same number within one account.
func fingerprint(text string) string {
	h := fnv.New64a()
	_, _ = h.Write([]byte(text)) // a hash does not fail
	sum := h.Sum64()
	made := make([]byte, 16)
	for i := range made {
		made[i] = alphabet[sum%62]
		if sum /= 62; sum == 0 {
			sum = h.Sum64() ^ uint64(i+7)
		}
	}
	return string(made)
}

// makeMethod reads the payment_method_data of a call or a create.
func (c *call) makeMethod(p *param, prefix string) (*paymentMethod, error) {
	var m *paymentMethod
	switch kind := p.text("type"); kind {
	case "card":
		made, err := c.makeCard(p.at("card"), prefix)
		if err != nil {
			return nil, err
		}
		m = made
	case "sepa_debit":
		iban := plainIBAN(p.at("sepa_debit").text("iban"))
		if iban == "" {
			return nil, missing(prefix + "sepa_debit")
		}
		if !validIBAN(iban) && !listedDebit(iban) {
			return nil, refuse(prefix+"sepa_debit[iban]", "invalid_bank_account_iban", "The IBAN you provided is invalid.")
		}
		country, last4, print := iban[:2], iban[len(iban)-4:], fingerprint(c.tenant.id+iban)
		m = &paymentMethod{ID: c.mint.id("pm_"), Object: "payment_method", Created: c.now().Unix(), Type: kind, Metadata: map[string]string{},
			SepaDebit: &sepaDetails{BankCode: optional(iban[4:min(12, len(iban))]), Country: &country, Last4: &last4, Fingerprint: &print}, iban: iban}
		c.tenant.paymentMethods.add(m)
	case "paypal":
		m = &paymentMethod{ID: c.mint.id("pm_"), Object: "payment_method", Created: c.now().Unix(), Type: kind, Metadata: map[string]string{}, Paypal: &paypalDetails{}}
		c.tenant.paymentMethods.add(m)
	case bankTransfer:
		m = &paymentMethod{ID: c.mint.id("pm_"), Object: "payment_method", Created: c.now().Unix(), Type: kind, Metadata: map[string]string{}, CashBalance: &struct{}{}}
		c.tenant.paymentMethods.add(m)
	case "":
		return nil, missing(prefix + "type")
	default:
		return nil, unmodelled(prefix + "type=" + kind)
	}
	m.BillingDetails = readBilling(p.at("billing_details"))
	m.Metadata = merge(nil, p.at("metadata"))
	return m, nil
}

func (c *call) makeCard(p *param, prefix string) (*paymentMethod, error) {
	if p == nil {
		return nil, missing(prefix + "card")
	}
	if token := p.text("token"); token != "" {
		alias, isAlias := strings.CutPrefix(token, "tok_")
		card := cardsByAlias[alias]
		if !isAlias || card == nil {
			return nil, noSuch("token", prefix+"card[token]", token)
		}
		return c.newCard(card), nil
	}
	number := strings.NewReplacer(" ", "", "-", "").Replace(p.text("number"))
	if number == "" {
		return nil, missing(prefix + "card[number]")
	}
	card := cardsByNumber[number]
	if card == nil {
		return nil, cardNumberRefused(prefix)
	}
	month, year := p.number("exp_month"), p.number("exp_year")
	if year < 100 {
		year += 2000
	}
	if refused := c.checkExpiry(month, year, prefix+"card[exp_month]", prefix+"card[exp_year]"); refused != nil {
		return nil, refused
	}
	m := c.newCard(card)
	m.Card.ExpMonth, m.Card.ExpYear = month, year
	if p.text("cvc") == "" {
		m.Card.Checks.CVCCheck = nil
	}
	return m, nil
}

// checkExpiry refuses a card that has expired, or says so of no possible month.
func (c *call) checkExpiry(month, year int64, monthParam, yearParam string) *refusal {
	now := c.now()
	var r *refusal
	switch {
	case month < 1 || month > 12:
		r = refuse(monthParam, "invalid_expiry_month", "Your card's expiration month is invalid.")
	case year < int64(now.Year()) || year == int64(now.Year()) && month < int64(now.Month()) || year > int64(now.Year())+50:
		r = refuse(yearParam, "invalid_expiry_year", "Your card's expiration year is invalid.")
	default:
		return nil
	}
	r.Status, r.Type = http.StatusPaymentRequired, "card_error"
	return r
}

func cardNumberRefused(prefix string) *refusal {
	r := refuse(prefix+"card[number]", "incorrect_number", "Your card number is incorrect. (The sandbox accepts listed test numbers only.)")
	r.Status, r.Type = http.StatusPaymentRequired, "card_error"
	return r
}

// validIBAN checks the two control digits of an IBAN (ISO 7064, mod 97).
func validIBAN(iban string) bool {
	return len(iban) >= 15 && len(iban) <= 34 && validCheck(iban[4:]+iban[:4])
}

// validCheck says whether digits and letters leave 1 when divided by 97.
func validCheck(text string) bool {
	remainder := 0
	for _, b := range []byte(text) {
		switch {
		case b >= '0' && b <= '9':
			remainder = (remainder*10 + int(b-'0')) % 97
		case b >= 'A' && b <= 'Z':
			remainder = (remainder*100 + int(b-'A') + 10) % 97
		default:
			return false
		}
	}
	return remainder == 1
}

func (c *call) createPaymentMethod() (any, error) {
	for _, name := range []string{"customer", "payment_method"} {
		if c.form.has(name) {
			return nil, unmodelled(name)
		}
	}
	return c.makeMethod(c.form, "")
}

func (c *call) methodHere() (*paymentMethod, error) {
	m, found := c.tenant.paymentMethods.get(c.args[0])
	if !found {
		return nil, noSuchHere("PaymentMethod", "payment_method", c.args[0])
	}
	return m, nil
}

func (c *call) getPaymentMethod() (any, error) { return c.methodHere() }

func (c *call) updatePaymentMethod() (any, error) {
	m, err := c.methodHere()
	if err != nil {
		return nil, err
	}
	if m.Customer == nil {
		return nil, refuse("", "", "You must save this PaymentMethod to a customer before you can update it.")
	}
	before := snapshot(m)
	if card := c.form.at("card"); card != nil && m.Card != nil {
		changed := *m.Card
		if card.has("exp_month") {
			changed.ExpMonth = card.number("exp_month")
		}
		if card.has("exp_year") {
			changed.ExpYear = card.number("exp_year")
		}
		if refused := c.checkExpiry(changed.ExpMonth, changed.ExpYear, "card[exp_month]", "card[exp_year]"); refused != nil {
			return nil, refused
		}
		m.Card = &changed
	}
	if b := c.form.at("billing_details"); b != nil {
		now := readBilling(b)
		if b.has("address") {
			m.BillingDetails.Address = now.Address
		}
		if b.has("email") {
			m.BillingDetails.Email = now.Email
		}
		if b.has("name") {
			m.BillingDetails.Name = now.Name
		}
		if b.has("phone") {
			m.BillingDetails.Phone = now.Phone
		}
	}
	m.Metadata = merge(m.Metadata, c.form.at("metadata"))
	c.updated(c.tenant, "payment_method.updated", m, before)
	return m, nil
}

// UpdateCard is the card network telling of a new expiry date, as it does when
// a bank has sent its customer a new card.
func (s *Sandbox) UpdateCard(id string, expMonth, expYear int) error {
	return s.act(func() error {
		for _, t := range s.tenants {
			m, found := t.paymentMethods.get(id)
			if !found {
				continue
			}
			if m.Card == nil || expMonth < 1 || expMonth > 12 {
				return fmt.Errorf("payment method %s: %d/%d is no expiry date of a card", id, expMonth, expYear)
			}
			before := snapshot(m)
			changed := *m.Card
			changed.ExpMonth, changed.ExpYear = int64(expMonth), int64(expYear)
			m.Card = &changed
			s.updated(t, "payment_method.automatically_updated", m, before)
			return nil
		}
		return fmt.Errorf("no payment method %s", id)
	})
}

func (c *call) listPaymentMethods() (any, error) {
	id := c.form.text("customer")
	if id == "" {
		// Stripe lists what belongs to nobody yet; there is little use in it.
		return listAll(c, &c.tenant.paymentMethods, func(m *paymentMethod) bool { return m.Customer == nil && c.same("type", m.Type) })
	}
	if _, refused := c.customer(id, "customer"); refused != nil {
		return nil, refused
	}
	return list(c, c.tenant.methodsOf[id], func(m *paymentMethod) bool { return c.same("type", m.Type) })
}

func (c *call) attachPaymentMethod() (any, error) {
	x, refused := c.customer(c.form.text("customer"), "customer")
	if refused != nil {
		return nil, refused
	}
	m, err := c.methodNamed(c.args[0], "payment_method")
	if err != nil {
		if r, ok := err.(*refusal); ok {
			r.Status = http.StatusNotFound
		}
		return nil, err
	}
	if err := c.attach(m, x); err != nil {
		return nil, err
	}
	return m, nil
}

// attach saves a payment method to a customer, if the card lets itself be saved.
func (c *call) attach(m *paymentMethod, x *customer) error {
	switch {
	case value(m.Customer) == x.ID:
		return nil
	case m.Customer != nil:
		return refuse("", "", "The payment method you provided has already been attached to a customer.")
	case m.spent:
		return spentMethod()
	case m.Type == bankTransfer:
		return refuse("", "", "Payment methods of the type customer_balance cannot be attached to a customer.")
	case m.card != nil && m.card.onAttach != "":
		return declined(m.card.onAttach, nil, "")
	}
	c.attached(c.tenant, m, x.ID)
	return nil
}

func spentMethod() *refusal {
	return refuse("", "", "The provided PaymentMethod was previously used with a PaymentIntent without Customer attachment, shared with a connected account without Customer attachment, or was detached from a Customer. It may not be used again. To use a PaymentMethod multiple times, you must attach it to a Customer first.")
}

// attached records that a payment method now belongs to a customer.
func (s *Sandbox) attached(t *tenant, m *paymentMethod, customer string) {
	m.Customer = &customer
	t.methodsOf[customer] = append(t.methodsOf[customer], m)
	s.emit(t, "payment_method.attached", m)
}

func (c *call) detachPaymentMethod() (any, error) {
	m, err := c.methodHere()
	if err != nil {
		return nil, err
	}
	if m.Customer == nil {
		return nil, refuse("", "", "The payment method you provided is not attached to a customer so detachment is impossible.")
	}
	c.detach(m)
	return m, nil
}

func (c *call) detach(m *paymentMethod) {
	before := snapshot(m)
	owner := value(m.Customer)
	kept := c.tenant.methodsOf[owner][:0:0]
	for _, other := range c.tenant.methodsOf[owner] {
		if other != m {
			kept = append(kept, other)
		}
	}
	c.tenant.methodsOf[owner] = kept
	if x, found := c.tenant.customers.get(owner); found && value(x.InvoiceSettings.DefaultPaymentMethod) == m.ID {
		x.InvoiceSettings.DefaultPaymentMethod = nil
	}
	m.Customer, m.spent = nil, true
	c.updated(c.tenant, "payment_method.detached", m, before)
}
