package sandbox

// What a customer sends by bank transfer lands on their cash balance first. It
// is theirs, held by Stripe: on no account's balance until a payment takes it.

type cashSettings struct {
	ReconciliationMode   string `json:"reconciliation_mode"`
	UsingMerchantDefault bool   `json:"using_merchant_default"`
}

// cashBalance is what Stripe holds for a customer, by currency.
type cashBalance struct {
	Object    string           `json:"object"`
	Available map[string]int64 `json:"available"`
	Customer  string           `json:"customer"`
	Livemode  bool             `json:"livemode"`
	Settings  cashSettings     `json:"settings"`
}

// cash is the money side of a customer: what is held for them, and the account
// number that is theirs alone.
type cash struct {
	available map[string]int64
	mode      string // of reconciliation; empty: the platform's, which is automatic
	ibans     map[string]string
	rows      []*cashTransaction
}

// balance is a customer's cash as it stands.
func (x *customer) balance() *cashBalance {
	b := &cashBalance{Object: "cash_balance", Customer: x.ID, Settings: cashSettings{ReconciliationMode: "automatic", UsingMerchantDefault: x.cash.mode == ""}}
	if x.cash.mode != "" {
		b.Settings.ReconciliationMode = x.cash.mode
	}
	for currency, amount := range x.cash.available {
		if b.Available == nil {
			b.Available = map[string]int64{}
		}
		b.Available[currency] = amount
	}
	return b
}

type cashIntent struct {
	PaymentIntent string `json:"payment_intent"`
}

type cashFunded struct {
	BankTransfer cashTransfer `json:"bank_transfer"`
}

type cashTransfer struct {
	EUBankTransfer *cashSender `json:"eu_bank_transfer,omitempty"`
	Reference      *string     `json:"reference"`
	Type           string      `json:"type"`
}

type cashSender struct {
	BIC        *string `json:"bic"`
	IBANLast4  *string `json:"iban_last4"`
	SenderName *string `json:"sender_name"`
}

// cashTransaction is one movement on a customer's cash balance.
type cashTransaction struct {
	ID                   string      `json:"id"`
	Object               string      `json:"object"`
	AppliedToPayment     *cashIntent `json:"applied_to_payment,omitempty"`
	Created              int64       `json:"created"`
	Currency             string      `json:"currency"`
	Customer             string      `json:"customer"`
	EndingBalance        int64       `json:"ending_balance"`
	Funded               *cashFunded `json:"funded,omitempty"`
	Livemode             bool        `json:"livemode"`
	NetAmount            int64       `json:"net_amount"`
	Type                 string      `json:"type"`
	UnappliedFromPayment *cashIntent `json:"unapplied_from_payment,omitempty"`
}

func (r *cashTransaction) identity() (string, int64) { return r.ID, r.Created }

// moveCash changes what is held for a customer: by one row, and one event.
func (s *Sandbox) moveCash(t *tenant, x *customer, row cashTransaction) *cashTransaction {
	if x.cash.available == nil {
		x.cash.available = map[string]int64{}
	}
	x.cash.available[row.Currency] += row.NetAmount
	row.ID, row.Object, row.Customer = s.mint.id("ccsbtxn_"), "customer_cash_balance_transaction", x.ID
	row.Created, row.EndingBalance = s.now().Unix(), x.cash.available[row.Currency]
	x.cash.rows = append(x.cash.rows, &row)
	s.emit(t, "customer_cash_balance_transaction.created", &row)
	return &row
}

func (c *call) getCashBalance() (any, error) {
	x, err := c.customerHere()
	if err != nil {
		return nil, err
	}
	return x.balance(), nil
}

func (c *call) updateCashBalance() (any, error) {
	x, err := c.customerHere()
	if err != nil {
		return nil, err
	}
	switch mode := c.form.at("settings").text("reconciliation_mode"); mode {
	case "":
	case "merchant_default":
		x.cash.mode = ""
	default:
		x.cash.mode = mode
	}
	return x.balance(), nil
}

func (c *call) listCashTransactions() (any, error) {
	x, err := c.customerHere()
	if err != nil {
		return nil, err
	}
	return list(c, x.cash.rows, nil)
}

func (c *call) getCashTransaction() (any, error) {
	x, err := c.customerHere()
	if err != nil {
		return nil, err
	}
	for _, row := range x.cash.rows {
		if row.ID == c.args[1] {
			return row, nil
		}
	}
	return nil, noSuchHere("customer_cash_balance_transaction", "transaction", c.args[1])
}

// fundCashBalance is the test helper that plays a transfer.
func (c *call) fundCashBalance() (any, error) {
	x, err := c.customerHere()
	if err != nil {
		return nil, err
	}
	currency, amount := c.form.text("currency"), c.form.number("amount")
	if r := checkCurrency("currency", currency); r != nil {
		return nil, r
	}
	if amount < 1 || amount > largestAmount {
		return nil, invalid("amount", "parameter_invalid_integer", "This value must be between 1 and %d.", largestAmount)
	}
	return c.fund(c.tenant, x, incoming{amount: amount, currency: currency, reference: c.form.text("reference")}), nil
}

// checkCash: what customers have, and what payments that are not over have taken
// of it, is what the world's cash stands at.
func (s *Sandbox) checkCash(say reporter) {
	held := map[string]int64{}
	for _, t := range s.tenants {
		for _, x := range t.customers.rows {
			sums := map[string]int64{}
			for _, row := range x.cash.rows {
				sums[row.Currency] += row.NetAmount
			}
			for currency, amount := range x.cash.available {
				held[currency] += amount
				if amount < 0 || sums[currency] != amount {
					say("cash", "%s has %d %s, its rows add up to %d", x.ID, amount, currency, sums[currency])
				}
			}
		}
		for _, p := range t.intents.rows {
			switch {
			case p.funded < 0 || p.funded > p.Amount, p.Status == "canceled" && p.funded != 0:
				say("cash", "%s is %s and holds %d of %d", p.ID, p.Status, p.funded, p.Amount)
			case p.Status != "succeeded":
				held[p.Currency] += p.funded
			}
		}
	}
	for account, amount := range s.books.standing {
		if account.Bucket == cashBucket && held[account.Currency] != amount {
			say("cash", "%d %s are held for customers, the books say %d", held[account.Currency], account.Currency, amount)
		}
	}
}
