package sandbox

import "strings"

// bankAccount is where an account's money is paid out to.
type bankAccount struct {
	ID                     string            `json:"id"`
	Object                 string            `json:"object"`
	Account                *string           `json:"account"`
	AccountHolderName      *string           `json:"account_holder_name"`
	AccountHolderType      *string           `json:"account_holder_type"`
	AccountType            *string           `json:"account_type"`
	AvailablePayoutMethods []string          `json:"available_payout_methods"`
	BankName               *string           `json:"bank_name"`
	Country                string            `json:"country"`
	Currency               string            `json:"currency"`
	DefaultForCurrency     bool              `json:"default_for_currency"`
	Fingerprint            string            `json:"fingerprint"`
	Last4                  string            `json:"last4"`
	Metadata               map[string]string `json:"metadata"`
	RoutingNumber          *string           `json:"routing_number"`
	Status                 string            `json:"status"`

	created int64
}

func (b *bankAccount) identity() (string, int64) { return b.ID, b.created }

// readBank reads an external account: a hash, or one of Stripe's test tokens.
func (c *call) readBank(p *param, name string) (*bankAccount, error) {
	b := &bankAccount{ID: c.mint.id("ba_"), Object: "bank_account", AvailablePayoutMethods: []string{"standard"},
		BankName: optional("STRIPE TEST BANK"), Status: "new", Metadata: map[string]string{}, created: c.now().Unix()}
	if len(p.keys) == 0 {
		country, isToken := strings.CutPrefix(p.value, "btok_")
		if !isToken || len(country) != 2 {
			return nil, noSuch("token", name, p.value)
		}
		b.Country, b.Last4 = strings.ToUpper(country), "6789"
		b.Currency = defaultCurrency(b.Country)
		b.Fingerprint = fingerprint(p.value)
		return b, nil
	}
	if kind := p.text("object"); kind != "" && kind != "bank_account" {
		return nil, unmodelled(name + "[object]=" + kind)
	}
	account := strings.ReplaceAll(p.text("account_number"), " ", "")
	if account == "" {
		return nil, missing(name + "[account_number]")
	}
	b.Country = p.text("country")
	if b.Country == "" {
		return nil, missing(name + "[country]")
	}
	if b.Currency = p.text("currency"); b.Currency == "" {
		b.Currency = defaultCurrency(b.Country)
	}
	if r := checkCurrency(name+"[currency]", b.Currency); r != nil {
		return nil, r
	}
	if account[0] >= 'A' && account[0] <= 'Z' && !validIBAN(account) {
		return nil, refuse(name+"[account_number]", "account_number_invalid", "The IBAN you provided is invalid.")
	}
	b.Last4 = account[max(len(account)-4, 0):]
	b.Fingerprint = fingerprint(account)
	b.AccountHolderName, b.AccountHolderType = p.optional("account_holder_name"), p.optional("account_holder_type")
	b.RoutingNumber = p.optional("routing_number")
	b.Metadata = merge(nil, p.at("metadata"))
	return b, nil
}

// testBank is the bank account that completed onboarding leaves.
func (s *Sandbox) testBank(x *account) *bankAccount {
	return &bankAccount{ID: s.mint.id("ba_"), Object: "bank_account", AvailablePayoutMethods: []string{"standard"}, BankName: optional("STRIPE TEST BANK"),
		Country: x.Country, Currency: x.DefaultCurrency, Fingerprint: fingerprint(x.ID), Last4: "3000", Metadata: map[string]string{}, Status: "new", created: s.now().Unix()}
}

func (x *account) addBank(b *bankAccount) {
	b.Account = &x.ID
	b.DefaultForCurrency = true
	for _, other := range x.banks {
		if other.Currency == b.Currency {
			b.DefaultForCurrency = false
		}
	}
	x.banks = append(x.banks, b)
	x.showBanks()
}

func (x *account) showBanks() {
	x.ExternalAccounts = newestFirst(x.banks, "/v1/accounts/"+x.ID+"/external_accounts")
}

func (c *call) createExternalAccount() (any, error) {
	t, err := c.accountHere()
	if err != nil {
		return nil, err
	}
	name := "external_account"
	if !c.form.has(name) {
		name = "bank_account"
	}
	if !c.form.has(name) {
		return nil, missing("external_account")
	}
	b, err := c.readBank(c.form.at(name), name)
	if err != nil {
		return nil, err
	}
	before := snapshot(t.self)
	t.self.addBank(b)
	if t != c.platform {
		c.reviewed(t)
	}
	c.emit(t, "account.external_account.created", b)
	c.updated(t, "account.updated", t.self, before)
	return b, nil
}

func (c *call) bankHere() (*tenant, *bankAccount, error) {
	t, err := c.accountHere()
	if err != nil {
		return nil, nil, err
	}
	for _, b := range t.self.banks {
		if b.ID == c.args[1] {
			return t, b, nil
		}
	}
	return nil, nil, noSuchHere("external account", "id", c.args[1])
}

func (c *call) getExternalAccount() (any, error) {
	_, b, err := c.bankHere()
	return b, err
}

func (c *call) listExternalAccounts() (any, error) {
	t, err := c.accountHere()
	if err != nil {
		return nil, err
	}
	return list(c, t.self.banks, func(b *bankAccount) bool { return c.same("object", b.Object) })
}

func (c *call) deleteExternalAccount() (any, error) {
	t, b, err := c.bankHere()
	if err != nil {
		return nil, err
	}
	if b.DefaultForCurrency && len(t.self.banks) > 1 {
		return nil, refuse("", "", "You cannot delete the default external account for your default currency. Please make another external account the default using the `default_for_currency` param, and then delete this one.")
	}
	t.self.banks = without(t.self.banks, b)
	t.self.showBanks()
	c.emit(t, "account.external_account.deleted", b)
	return map[string]any{"id": b.ID, "object": b.Object, "deleted": true, "currency": b.Currency}, nil
}
