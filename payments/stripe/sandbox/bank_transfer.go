package sandbox

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// A bank transfer is announced by the payer and made by their bank, days later
// or never. Each customer has an account number of their own; what arrives there
// lands on their cash balance, from which open payments are funded by
// themselves (docs.stripe.com/payments/customer-balance/reconciliation).

// bankTransfer is the kind of payment method that a cash balance is paid with.
const bankTransfer = "customer_balance"

type euBankTransfer struct {
	Country string `json:"country"`
}

type fundingTransfer struct {
	EUBankTransfer        *euBankTransfer `json:"eu_bank_transfer,omitempty"`
	RequestedAddressTypes []string        `json:"requested_address_types,omitempty"`
	Type                  *string         `json:"type"`
}

// cashOptions say how a payment may be funded where the balance does not do.
type cashOptions struct {
	BankTransfer *fundingTransfer `json:"bank_transfer,omitempty"`
	FundingType  *string          `json:"funding_type"`
}

// readCashOptions takes over payment_method_options[customer_balance].
func readCashOptions(f *param, have *cashOptions) *cashOptions {
	made := &cashOptions{}
	if have != nil {
		*made = *have
	}
	p := f.at("payment_method_options").at(bankTransfer)
	p.into(&made.FundingType, "funding_type")
	if b := p.at("bank_transfer"); b != nil {
		made.BankTransfer = &fundingTransfer{Type: b.optional("type"), RequestedAddressTypes: b.texts("requested_address_types")}
		if country := b.at("eu_bank_transfer").text("country"); country != "" {
			made.BankTransfer.EUBankTransfer = &euBankTransfer{Country: country}
		}
	}
	return made
}

// check refuses options by which nothing could be funded here.
func (o *cashOptions) check(currency string) *refusal {
	const at = "payment_method_options[customer_balance]"
	switch {
	case value(o.FundingType) == "":
		return missing(at + "[funding_type]")
	case o.BankTransfer == nil:
		return missing(at + "[bank_transfer]")
	}
	country := ""
	if o.BankTransfer.EUBankTransfer != nil {
		country = o.BankTransfer.EUBankTransfer.Country
	}
	return checkFunding(at+"[bank_transfer]", value(o.BankTransfer.Type), country, currency)
}

// ibanLengths are the countries of the accounts that transfers are made to, and
// how long an account number is there.
var ibanLengths = map[string]int{"BE": 16, "DE": 22, "ES": 24, "FR": 27, "IE": 22, "NL": 18}

func checkFunding(at, kind, country, currency string) *refusal {
	switch {
	case kind != "eu_bank_transfer":
		return unmodelled(at + "[type]=" + kind)
	case ibanLengths[country] == 0:
		return invalid(at+"[eu_bank_transfer][country]", "", "The country %q is not one of BE, DE, ES, FR, IE, NL.", country)
	case currency != "eur":
		return refuse("currency", "", "The bank transfer type eu_bank_transfer only supports eur.")
	}
	return nil
}

// virtualIBAN is the account number of a customer in a country, always the same.
// Its bank is invented: no bank has that code.
func (s *Sandbox) virtualIBAN(x *customer, country string) string {
	if x.cash.ibans == nil {
		x.cash.ibans = map[string]string{}
	}
	if x.cash.ibans[country] == "" {
		bank := "99999"
		if country == "IE" || country == "NL" {
			bank = "SNDB"
		}
		number := bank
		for len(number) < ibanLengths[country]-4 {
			number += fmt.Sprint(s.mint.random.IntN(10))
		}
		for check := range 100 {
			if iban := fmt.Sprintf("%s%02d%s", country, check, number); validIBAN(iban) && check > 1 {
				x.cash.ibans[country] = iban
			}
		}
	}
	return x.cash.ibans[country]
}

type ibanRecord struct {
	AccountHolderName string `json:"account_holder_name"`
	BIC               string `json:"bic"`
	Country           string `json:"country"`
	IBAN              string `json:"iban"`
}

type financialAddress struct {
	IBAN              *ibanRecord `json:"iban,omitempty"`
	SupportedNetworks []string    `json:"supported_networks"`
	Type              string      `json:"type"`
}

type fundingInstructions struct {
	Object       string                `json:"object"`
	BankTransfer fundingByBankTransfer `json:"bank_transfer"`
	Currency     string                `json:"currency"`
	FundingType  string                `json:"funding_type"`
	Livemode     bool                  `json:"livemode"`
}

type fundingByBankTransfer struct {
	Country            string             `json:"country"`
	FinancialAddresses []financialAddress `json:"financial_addresses"`
	Type               string             `json:"type"`
}

// transferInstructions tell a payer where to send how much, and under which words.
type transferInstructions struct {
	AmountRemaining       *int64             `json:"amount_remaining"`
	Currency              *string            `json:"currency"`
	FinancialAddresses    []financialAddress `json:"financial_addresses"`
	HostedInstructionsURL *string            `json:"hosted_instructions_url"`
	Reference             *string            `json:"reference"`
	Type                  string             `json:"type"`
}

// addresses are where a customer's transfers go.
func (s *Sandbox) addresses(x *customer, country string) []financialAddress {
	return []financialAddress{{Type: "iban", SupportedNetworks: []string{"sepa"}, IBAN: &ibanRecord{
		AccountHolderName: "Amiable sandbox", BIC: "SNDB" + country + "2AXXX", Country: country, IBAN: s.virtualIBAN(x, country)}}}
}

func (c *call) createFundingInstructions() (any, error) {
	x, err := c.customerHere()
	if err != nil {
		return nil, err
	}
	b := c.form.at("bank_transfer")
	country := b.at("eu_bank_transfer").text("country")
	if r := checkFunding("bank_transfer", b.text("type"), country, c.form.text("currency")); r != nil {
		return nil, r
	}
	return &fundingInstructions{Object: "funding_instructions", Currency: "eur", FundingType: "bank_transfer",
		BankTransfer: fundingByBankTransfer{Country: country, Type: "eu_bank_transfer", FinancialAddresses: c.addresses(x, country)}}, nil
}

// announce pays an intent by bank transfer: from what is there, else the payer
// is told where to send it, and the intent waits.
func (s *Sandbox) announce(t *tenant, p *paymentIntent) {
	x, _ := t.customers.get(*p.Customer)
	country := p.PaymentMethodOptions.CustomerBalance.BankTransfer.EUBankTransfer.Country
	p.LastPaymentError = nil
	p.NextAction = &nextAction{Type: "display_bank_transfer_instructions", DisplayBankTransfer: &transferInstructions{
		AmountRemaining: number(p.Amount), Currency: &p.Currency, FinancialAddresses: s.addresses(x, country), Type: "eu_bank_transfer",
		HostedInstructionsURL: optional(s.options.PublicURL + "/bank/" + p.ID), Reference: optional(upper(s.mint.text("", 12)))}}
	s.move(intentMoves, p.ID, &p.Status, "requires_action")
	s.reconcileCash(t, x, p.Currency, "")
	if p.Status == "requires_action" {
		s.emit(t, "payment_intent.requires_action", p)
		s.sessionProcessing(t, p)
	}
}

// remaining is what an intent waits for; nothing where it waits for no transfer.
func (p *paymentIntent) remaining() int64 {
	if p.Status != "requires_action" || p.NextAction == nil || p.NextAction.DisplayBankTransfer == nil {
		return 0
	}
	return p.Amount - p.funded
}

// incoming is a transfer that arrived.
type incoming struct {
	amount            int64
	currency          string
	reference, sender string
	iban              string // of the sender
}

// fund books a transfer that arrived for a customer, and applies it.
func (s *Sandbox) fund(t *tenant, x *customer, got incoming) *cashTransaction {
	s.post(leg{Account{world, got.currency, payersBucket}, -got.amount}, leg{Account{world, got.currency, cashBucket}, got.amount})
	row := s.moveCash(t, x, cashTransaction{Type: "funded", Currency: got.currency, NetAmount: got.amount, Funded: &cashFunded{BankTransfer: cashTransfer{
		Type: "eu_bank_transfer", Reference: optional(got.reference),
		EUBankTransfer: &cashSender{SenderName: optional(got.sender), IBANLast4: optional(got.iban[max(0, len(got.iban)-4):])}}}})
	s.reconcileCash(t, x, got.currency, got.reference)
	return row
}

// reconcileCash gives what a customer has to the payments that wait for it: to the
// one that the transfer names, to one that waits for exactly as much, to the
// oldest. What is left stays with the customer, and is told of.
func (s *Sandbox) reconcileCash(t *tenant, x *customer, currency, reference string) {
	for x.cash.mode != "manual" && x.cash.available[currency] > 0 {
		next := waitingFor(t, x, currency, reference)
		if next == nil {
			break
		}
		s.applyCash(t, x, next, min(x.cash.available[currency], next.remaining()))
	}
	if x.cash.available[currency] > 0 {
		s.emit(t, "cash_balance.funds_available", x.balance())
	}
}

func waitingFor(t *tenant, x *customer, currency, reference string) *paymentIntent {
	waiting := slices.DeleteFunc(slices.Clone(t.intentsOf[x.ID]), func(p *paymentIntent) bool { return p.remaining() == 0 || p.Currency != currency })
	if len(waiting) == 0 {
		return nil
	}
	rank := func(p *paymentIntent) int {
		switch {
		case reference != "" && strings.Contains(plainIBAN(reference), value(p.NextAction.DisplayBankTransfer.Reference)):
			return 0
		case p.remaining() == x.cash.available[currency]:
			return 1
		}
		return 2
	}
	return slices.MinFunc(waiting, func(a, b *paymentIntent) int { return cmp.Compare(rank(a), rank(b)) }) // the oldest of equals
}

// applyCash funds a payment from the cash balance, in part or to its end.
func (s *Sandbox) applyCash(t *tenant, x *customer, p *paymentIntent, amount int64) {
	s.moveCash(t, x, cashTransaction{Type: "applied_to_payment", Currency: p.Currency, NetAmount: -amount, AppliedToPayment: &cashIntent{p.ID}})
	p.funded += amount
	if p.funded < p.Amount {
		action, told := *p.NextAction, *p.NextAction.DisplayBankTransfer
		told.AmountRemaining = number(p.Amount - p.funded)
		action.DisplayBankTransfer, p.NextAction = &told, &action
		s.emit(t, "payment_intent.partially_funded", p)
		return
	}
	m, _ := t.paymentMethods.get(*p.PaymentMethod)
	ch := s.newCharge(t, p, m, nil)
	s.addCharge(t, p, ch)
	s.collect(t, ch, p.Amount)
	s.emit(t, "charge.succeeded", ch)
	s.succeed(t, p, p.Amount)
}

// releaseCash gives a customer back what a payment had taken that will not be
// made so. What then waits for it takes it.
func (s *Sandbox) releaseCash(t *tenant, p *paymentIntent) {
	amount := p.funded
	if amount == 0 {
		return
	}
	x, _ := t.customers.get(*p.Customer)
	p.funded = 0
	s.moveCash(t, x, cashTransaction{Type: "unapplied_from_payment", Currency: p.Currency, NetAmount: amount, UnappliedFromPayment: &cashIntent{p.ID}})
	s.reconcileCash(t, x, p.Currency, "")
}

// applyCustomerBalance funds an intent by hand.
func (c *call) applyCustomerBalance() (any, error) {
	p, err := c.intentHere()
	if err != nil {
		return nil, err
	}
	if p.remaining() == 0 {
		return nil, c.unexpected(p, "You cannot apply a customer balance to this PaymentIntent: it has a status of %s and waits for no bank transfer.", p.Status)
	}
	amount := p.remaining()
	if c.form.has("amount") {
		amount = c.form.number("amount")
	}
	x, _ := c.tenant.customers.get(*p.Customer)
	switch {
	case c.form.has("currency") && c.form.text("currency") != p.Currency:
		return nil, refuse("currency", "", "The currency must be that of the PaymentIntent, %s.", p.Currency)
	case amount < 1 || amount > p.remaining():
		return nil, refuse("amount", "", "The amount must be positive and not greater than what remains, %d.", p.remaining())
	case amount > x.cash.available[p.Currency]:
		return nil, refuse("amount", "", "The customer's cash balance (%d) does not cover this amount (%d).", x.cash.available[p.Currency], amount)
	}
	c.applyCash(c.tenant, x, p, amount)
	return p, nil
}

// returnCash sends what is held for a customer back to their bank: a refund that
// is of no charge.
func (c *call) returnCash() (any, error) {
	f := c.form
	for _, name := range []string{"charge", "payment_intent", "reverse_transfer", "refund_application_fee"} {
		if f.has(name) {
			return nil, invalid(name, "", "You may not pass `%s` together with `origin=customer_balance`.", name)
		}
	}
	for _, name := range []string{"customer", "amount", "currency"} {
		if f.text(name) == "" {
			return nil, missing(name)
		}
	}
	x, refused := c.customer(f.text("customer"), "customer")
	if refused != nil {
		return nil, refused
	}
	amount, currency := f.number("amount"), f.text("currency")
	if held := x.cash.available[currency]; amount < 1 || amount > held {
		return nil, refuse("amount", "", "Refund amount (%d) must be positive and not greater than the customer's cash balance (%d).", amount, held)
	}
	r := &refund{ID: c.mint.id("re_"), Object: "refund", Amount: amount, Created: c.now().Unix(), Currency: currency, Reason: f.optional("reason"),
		Metadata: merge(nil, f.at("metadata")), DestinationDetails: toBank(), of: x}
	c.move(refundMoves, r.ID, &r.Status, "pending")
	c.post(leg{Account{world, currency, cashBucket}, -amount}, leg{Account{world, currency, payersBucket}, amount})
	c.moveCash(c.tenant, x, cashTransaction{Type: "return_initiated", Currency: currency, NetAmount: -amount})
	c.tenant.refunds.add(r)
	c.emit(c.tenant, "refund.created", r)
	c.arriveLater(c.tenant, r)
	return r, nil
}

// keepCash gives a customer back what could not be sent to their bank.
func (s *Sandbox) keepCash(t *tenant, r *refund) {
	s.post(leg{Account{world, r.Currency, payersBucket}, -r.Amount}, leg{Account{world, r.Currency, cashBucket}, r.Amount})
	s.moveCash(t, r.of, cashTransaction{Type: "return_canceled", Currency: r.Currency, NetAmount: r.Amount})
	s.reconcileCash(t, r.of, r.Currency, "")
}

// toBank is where a refund of a transfer goes: to the account it came from.
func toBank() *refundDestination {
	return &refundDestination{Type: "eu_bank_transfer", EUBankTransfer: &refundedTransfer{ReferenceStatus: "pending"}}
}
