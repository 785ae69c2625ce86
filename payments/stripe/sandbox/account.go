package sandbox

import (
	"fmt"
	"maps"
	"strings"
)

// account is a Stripe account: the platform's own or a connected one.
type account struct {
	ID                 string            `json:"id"`
	Object             string            `json:"object"`
	BusinessProfile    *businessProfile  `json:"business_profile"`
	BusinessType       *string           `json:"business_type"`
	Capabilities       map[string]string `json:"capabilities"`
	ChargesEnabled     bool              `json:"charges_enabled"`
	Company            *company          `json:"company,omitempty"`
	Controller         controller        `json:"controller"`
	Country            string            `json:"country"`
	Created            int64             `json:"created"`
	DefaultCurrency    string            `json:"default_currency"`
	DetailsSubmitted   bool              `json:"details_submitted"`
	Email              *string           `json:"email"`
	ExternalAccounts   *page             `json:"external_accounts"`
	FutureRequirements requirements      `json:"future_requirements"`
	Metadata           map[string]string `json:"metadata"`
	PayoutsEnabled     bool              `json:"payouts_enabled"`
	Requirements       requirements      `json:"requirements"`
	Settings           *accountSettings  `json:"settings"`
	TOSAcceptance      *tosAcceptance    `json:"tos_acceptance"`
	Type               string            `json:"type"`

	state   string
	asked   map[string]int64 // capabilities requested, and when
	banks   []*bankAccount
	deleted bool
	legacy  bool // made without a type: Stripe's own scenarios transfer to such accounts at once
}

func (x *account) identity() (string, int64) { return x.ID, x.Created }

func (x *account) capability(name string) string { return x.Capabilities[name] }

// canReceive says whether money may be transferred to the account.
func (t *tenant) canReceive() *refusal {
	if t.self.capability("transfers") == "active" || t.self.capability("legacy_payments") == "active" {
		return nil
	}
	return refuse("", "insufficient_capabilities_for_transfer", "Your destination account needs to have at least one of the following capabilities enabled: transfers, crypto_transfers, legacy_payments")
}

var currencyOf = map[string]string{"US": "usd", "GB": "gbp", "CH": "chf", "CA": "cad", "AU": "aud", "JP": "jpy", "SE": "sek", "NO": "nok", "DK": "dkk", "PL": "pln", "CZ": "czk", "HU": "huf", "RO": "ron", "BG": "bgn"}

func defaultCurrency(country string) string {
	if currency, known := currencyOf[country]; known {
		return currency
	}
	return "eur"
}

func (s *Sandbox) blankAccount(id, kind, country string) *account {
	x := &account{ID: id, Object: "account", BusinessProfile: &businessProfile{}, Capabilities: map[string]string{}, Controller: controller{Type: "account"},
		Country: country, Created: s.now().Unix(), DefaultCurrency: defaultCurrency(country), Metadata: map[string]string{},
		FutureRequirements: nothingDue(), Requirements: nothingDue(), TOSAcceptance: &tosAcceptance{}, Type: kind, asked: map[string]int64{}}
	if kind == "express" || kind == "custom" {
		x.Controller = controller{Type: "application", IsController: true}
	}
	x.ExternalAccounts = emptyPage("/v1/accounts/" + id + "/external_accounts")
	x.Settings = &accountSettings{
		BacsDebitPayments: map[string]any{"display_name": nil, "service_user_number": nil},
		Branding:          map[string]any{"icon": nil, "logo": nil, "primary_color": nil, "secondary_color": nil},
		CardIssuing:       map[string]any{"tos_acceptance": map[string]any{"date": nil, "ip": nil}},
		CardPayments: map[string]any{"decline_on": map[string]bool{"avs_failure": false, "cvc_failure": false},
			"statement_descriptor_prefix": nil, "statement_descriptor_prefix_kana": nil, "statement_descriptor_prefix_kanji": nil},
		Dashboard:         map[string]any{"display_name": nil, "timezone": "Etc/UTC"},
		Invoices:          map[string]any{"default_account_tax_ids": nil},
		Payments:          map[string]any{"statement_descriptor": nil, "statement_descriptor_kana": nil, "statement_descriptor_kanji": nil},
		Payouts:           payoutSettings{DebitNegativeBalances: kind != "custom", Schedule: payoutSchedule{DelayDays: 7, Interval: "daily"}},
		SepaDebitPayments: map[string]string{},
	}
	return x
}

// newPlatformAccount is the account that the test keys belong to: all set.
func (s *Sandbox) newPlatformAccount() *account {
	x := s.blankAccount(s.platform.id, "standard", s.options.Country)
	x.DefaultCurrency = s.options.Currency
	x.ChargesEnabled, x.PayoutsEnabled, x.DetailsSubmitted = true, true, true
	x.Capabilities = map[string]string{"card_payments": "active", "sepa_debit_payments": "active", "transfers": "active"}
	x.Email = optional("platform@example.com")
	x.Settings.Dashboard["display_name"] = "Amiable sandbox"
	x.Settings.Payouts.Schedule.DelayDays = 2
	x.addBank(s.testBank(x))
	s.move(accountMoves, x.ID, &x.state, "new")
	s.move(accountMoves, x.ID, &x.state, "enabled")
	return x
}

var unmodelledOfAccount = []string{"account_token", "documents", "future_requirements", "groups"}

func (c *call) createAccount() (any, error) {
	if c.tenant != c.platform {
		return nil, refuse("", "", "Accounts can only be created by the platform.")
	}
	f := c.form
	kind := f.text("type")
	bare := kind == ""
	if bare {
		kind = "standard"
	}
	country := f.text("country")
	if country == "" {
		country = c.options.Country
	}
	if len(country) != 2 || strings.ToUpper(country) != country {
		return nil, invalid("country", "country_code_invalid", "Country '%s' is unknown.", country)
	}
	x := c.blankAccount("", kind, country)
	if kind == "custom" && !f.has("capabilities") {
		return nil, invalid("capabilities", "", "You must request at least one capability when creating a custom account.")
	}
	if kind != "custom" && !f.has("capabilities") && !bare {
		x.asked = map[string]int64{"card_payments": c.now().Unix(), "transfers": c.now().Unix()}
	}
	x.legacy = bare
	banks, err := c.fillAccount(x)
	if err != nil {
		return nil, err
	}
	t := c.newTenant(c.mint.text("acct_1", 16))
	x.ID = t.id
	t.self = x
	x.ExternalAccounts = emptyPage("/v1/accounts/" + x.ID + "/external_accounts")
	for _, b := range banks {
		x.addBank(b)
	}
	c.accounts.add(x)
	c.move(accountMoves, x.ID, &x.state, "new")
	c.review(t)
	return x, nil
}

// fillAccount takes over what a create or an update says. Bank accounts are
// returned, since they need the account's identifier.
func (c *call) fillAccount(x *account) ([]*bankAccount, error) {
	f := c.form
	for _, name := range unmodelledOfAccount {
		if f.has(name) {
			return nil, unmodelled(name)
		}
	}
	if email := f.text("email"); f.has("email") {
		x.Email = optional(email)
	}
	if kind := f.text("business_type"); kind != "" {
		x.BusinessType = &kind
	}
	if currency := f.text("default_currency"); currency != "" {
		if r := checkCurrency("default_currency", currency); r != nil {
			return nil, r
		}
		x.DefaultCurrency = currency
	}
	if p := f.at("business_profile"); p != nil {
		b := *x.BusinessProfile
		for name, field := range map[string]**string{"mcc": &b.MCC, "name": &b.Name, "product_description": &b.ProductDescription,
			"support_email": &b.SupportEmail, "support_phone": &b.SupportPhone, "support_url": &b.SupportURL, "url": &b.URL} {
			if p.has(name) {
				*field = p.optional(name)
			}
		}
		if p.has("support_address") {
			b.SupportAddress = readAddress(p.at("support_address"))
		}
		if p.has("estimated_worker_count") {
			b.EstimatedWorkerCount = number(p.number("estimated_worker_count"))
		}
		x.BusinessProfile = &b
	}
	if p := f.at("company"); p != nil {
		b := company{}
		if x.Company != nil {
			b = *x.Company
		}
		for name, field := range map[string]**string{"name": &b.Name, "phone": &b.Phone, "name_kana": &b.NameKana, "name_kanji": &b.NameKanji} {
			if p.has(name) {
				*field = p.optional(name)
			}
		}
		if p.has("address") {
			b.Address = readAddress(p.at("address"))
		}
		if p.has("structure") {
			b.Structure = p.text("structure")
		}
		b.TaxIDProvided = b.TaxIDProvided || p.text("tax_id") != ""
		b.VATIDProvided = b.VATIDProvided || p.text("vat_id") != ""
		b.DirectorsProvided = b.DirectorsProvided || p.truth("directors_provided")
		b.ExecutivesProvided = b.ExecutivesProvided || p.truth("executives_provided")
		b.OwnersProvided = b.OwnersProvided || p.truth("owners_provided")
		x.Company = &b
	}
	if p := f.at("tos_acceptance"); p != nil {
		t := *x.TOSAcceptance
		if p.has("date") {
			t.Date = number(p.number("date"))
		}
		if p.has("ip") {
			t.IP = p.optional("ip")
		}
		if p.has("user_agent") {
			t.UserAgent = p.optional("user_agent")
		}
		if a := p.text("service_agreement"); a != "" {
			t.ServiceAgreement = a
		}
		x.TOSAcceptance = &t
	}
	if p := f.at("settings").at("payouts"); p != nil {
		settings := *x.Settings
		if p.has("debit_negative_balances") {
			settings.Payouts.DebitNegativeBalances = p.truth("debit_negative_balances")
		}
		if p.has("statement_descriptor") {
			settings.Payouts.StatementDescriptor = p.optional("statement_descriptor")
		}
		if sched := p.at("schedule"); sched != nil {
			if i := sched.text("interval"); i != "" {
				settings.Payouts.Schedule.Interval = i
			}
			if d := sched.text("delay_days"); d != "" && d != "minimum" {
				settings.Payouts.Schedule.DelayDays = sched.number("delay_days")
			}
			settings.Payouts.Schedule.WeeklyAnchor = sched.text("weekly_anchor")
			settings.Payouts.Schedule.MonthlyAnchor = sched.number("monthly_anchor")
		}
		x.Settings = &settings
	}
	if p := f.at("capabilities"); p != nil {
		asked := maps.Clone(x.asked)
		for _, name := range p.keys {
			if p.at(name).truth("requested") {
				if _, already := asked[name]; !already {
					asked[name] = c.now().Unix()
				}
			} else {
				delete(asked, name)
			}
		}
		x.asked = asked
	}
	x.Metadata = merge(x.Metadata, f.at("metadata"))
	for _, name := range []string{"external_account", "bank_account"} {
		if f.has(name) {
			b, err := c.readBank(f.at(name), name)
			if err != nil {
				return nil, err
			}
			return []*bankAccount{b}, nil
		}
	}
	return nil, nil
}

func (c *call) accountHere() (*tenant, error) {
	if len(c.args) == 0 {
		return c.tenant, nil
	}
	t, known := c.tenants[c.args[0]]
	if !known || t.self.deleted || c.tenant != c.platform && t != c.tenant {
		r := noSuchHere("account", "account", c.args[0])
		r.Status, r.Code, r.Param = 403, "account_invalid", ""
		r.DocURL = documented(r.Code)
		r.Message = fmt.Sprintf("The provided key does not have access to account '%s' (or that account does not exist). Application access may have been revoked.", c.args[0])
		return nil, r
	}
	return t, nil
}

func (c *call) getAccount() (any, error) {
	t, err := c.accountHere()
	if err != nil {
		return nil, err
	}
	return t.self, nil
}

func (c *call) updateAccount() (any, error) {
	t, err := c.accountHere()
	if err != nil {
		return nil, err
	}
	before := snapshot(t.self)
	changed := *t.self
	banks, err := c.fillAccount(&changed)
	if err != nil {
		return nil, err
	}
	*t.self = changed
	for _, b := range banks {
		t.self.addBank(b)
	}
	if t != c.platform {
		c.reviewed(t)
	}
	c.updated(t, "account.updated", t.self, before)
	return t.self, nil
}

func (c *call) deleteAccount() (any, error) {
	t, err := c.accountHere()
	if err != nil {
		return nil, err
	}
	if t == c.platform {
		return nil, refuse("account", "", "You cannot delete your own account.")
	}
	for currency := range t.currencies {
		if c.standing(t, currency, availableBucket)+c.standing(t, currency, pendingBucket) != 0 {
			return nil, refuse("account", "", "Account %s cannot be deleted because its balance is not zero.", t.id)
		}
	}
	t.self.deleted = true
	c.emit(t, "account.application.deauthorized", application{ID: c.application(), Object: "application", Name: "Amiable sandbox"})
	return deleted{ID: t.id, Object: "account", Deleted: true}, nil
}

func (c *call) rejectAccount() (any, error) {
	t, err := c.accountHere()
	if err != nil {
		return nil, err
	}
	if t == c.platform {
		return nil, refuse("account", "", "You cannot reject your own account.")
	}
	before := snapshot(t.self)
	c.move(accountMoves, t.id, &t.self.state, "rejected")
	c.reviewed(t)
	t.self.Requirements.DisabledReason = optional("rejected." + c.form.text("reason"))
	c.updated(t, "account.updated", t.self, before)
	return t.self, nil
}

func (c *call) listAccounts() (any, error) {
	return listAll(c, &c.accounts, func(x *account) bool { return !x.deleted })
}

// application is the platform as accounts see it.
type application struct {
	ID     string `json:"id"`
	Object string `json:"object"`
	Name   string `json:"name"`
}
