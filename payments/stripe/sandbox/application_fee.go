package sandbox

// applicationFee is what the platform keeps of a connected account's payment.
type applicationFee struct {
	ID                     string  `json:"id"`
	Object                 string  `json:"object"`
	Account                string  `json:"account"`
	Amount                 int64   `json:"amount"`
	AmountRefunded         int64   `json:"amount_refunded"`
	Application            string  `json:"application"`
	BalanceTransaction     *string `json:"balance_transaction"`
	Charge                 string  `json:"charge"`
	Created                int64   `json:"created"`
	Currency               string  `json:"currency"`
	Livemode               bool    `json:"livemode"`
	OriginatingTransaction *string `json:"originating_transaction"`
	Refunded               bool    `json:"refunded"`
	Refunds                *page   `json:"refunds"`

	made []*feeRefund
}

func (x *applicationFee) identity() (string, int64) { return x.ID, x.Created }

// feeRefund gives part of an application fee back.
type feeRefund struct {
	ID                 string            `json:"id"`
	Object             string            `json:"object"`
	Amount             int64             `json:"amount"`
	BalanceTransaction *string           `json:"balance_transaction"`
	Created            int64             `json:"created"`
	Currency           string            `json:"currency"`
	Fee                string            `json:"fee"`
	Metadata           map[string]string `json:"metadata"`
}

func (x *feeRefund) identity() (string, int64) { return x.ID, x.Created }

func (t *tenant) feeRefund(id string) any {
	for _, x := range t.fees.rows {
		for _, r := range x.made {
			if r.ID == id {
				return r
			}
		}
	}
	return nil
}

// application is the platform's name as a Connect application.
func (s *Sandbox) application() string { return "ca_" + s.platform.id[len("acct_"):] }

// levy books the platform's fee on a payment of a connected account. paid is
// the charge on that account; source the platform's own, or the same one for a
// direct charge.
func (s *Sandbox) levy(on *tenant, paid, source *charge, amount int64) *applicationFee {
	x := &applicationFee{ID: s.mint.id("fee_"), Object: "application_fee", Account: on.id, Amount: amount, Application: s.application(),
		Charge: paid.ID, Created: s.now().Unix(), Currency: paid.Currency}
	x.Refunds = emptyPage("/v1/application_fees/" + x.ID + "/refunds")
	if source != paid {
		x.OriginatingTransaction = &source.ID
	}
	b := s.row(s.platform, movement{kind: "application_fee", category: "platform_earning", amount: amount, currency: x.Currency, source: x.ID,
		availableOn: on.usableOn(paid), counter: clearing})
	x.BalanceTransaction = &b.ID
	source.ApplicationFee = &x.ID
	s.platform.fees.add(x)
	s.later(func() { s.emit(s.platform, "application_fee.created", x) })
	return x
}

// giveFeeBack returns part of a fee. credited is the account that gets a row of
// its own for it; nil when the row of its refund has taken it in already.
func (s *Sandbox) giveFeeBack(x *applicationFee, amount int64, credited *tenant) *feeRefund {
	r := &feeRefund{ID: s.mint.id("fr_"), Object: "fee_refund", Amount: amount, Created: s.now().Unix(), Currency: x.Currency, Fee: x.ID, Metadata: map[string]string{}}
	b := s.row(s.platform, movement{kind: "application_fee_refund", category: "platform_earning_refund", amount: -amount, currency: x.Currency,
		source: r.ID, counter: clearing})
	r.BalanceTransaction = &b.ID
	if credited != nil {
		s.row(credited, movement{kind: "adjustment", category: "other_adjustment", amount: amount, currency: x.Currency, source: x.Charge,
			description: optional("Application fee refund"), counter: clearing})
	}
	before := snapshot(x)
	x.AmountRefunded += amount
	x.Refunded = x.AmountRefunded == x.Amount
	x.made = append(x.made, r)
	x.Refunds = newestFirst(x.made, "/v1/application_fees/"+x.ID+"/refunds")
	s.later(func() { s.updated(s.platform, "application_fee.refunded", x, before) })
	return r
}

// share is what part of whole takes of total, when before of it has taken its
// share already. Shares are rounded down along the way and add up to the total
// at the end. Amounts have eight digits at most, so that the products fit.
func share(total, part, whole, before int64) int64 {
	if whole == 0 {
		return 0
	}
	return total*(before+part)/whole - total*before/whole
}

func (c *call) feeHere() (*applicationFee, error) {
	x, found := c.tenant.fees.get(c.args[0])
	if !found {
		return nil, noSuchHere("application fee", "id", c.args[0])
	}
	return x, nil
}

func (c *call) getFee() (any, error) { return c.feeHere() }

func (c *call) listFees() (any, error) {
	return listAll(c, &c.tenant.fees, func(x *applicationFee) bool {
		return !c.form.has("charge") || c.form.text("charge") == x.Charge || c.form.text("charge") == value(x.OriginatingTransaction)
	})
}

func (c *call) createFeeRefund() (any, error) {
	x, err := c.feeHere()
	if err != nil {
		return nil, err
	}
	left := x.Amount - x.AmountRefunded
	amount := left
	if c.form.has("amount") {
		if amount = c.form.number("amount"); amount < 1 {
			return nil, invalid("amount", "parameter_invalid_integer", "Invalid positive integer")
		}
	}
	if left == 0 {
		return nil, refuse("", "application_fees_already_refunded", "Application fee %s has already been refunded.", x.ID)
	}
	if amount > left {
		return nil, refuse("amount", "", "Refund amount (%d) is greater than unrefunded amount on application fee (%d)", amount, left)
	}
	r := c.giveFeeBack(x, amount, c.tenants[x.Account])
	r.Metadata = merge(nil, c.form.at("metadata"))
	return r, nil
}

func (c *call) feeRefundHere() (*feeRefund, error) {
	x, err := c.feeHere()
	if err != nil {
		return nil, err
	}
	for _, r := range x.made {
		if r.ID == c.args[1] {
			return r, nil
		}
	}
	return nil, noSuchHere("fee refund", "id", c.args[1])
}

func (c *call) getFeeRefund() (any, error) { return c.feeRefundHere() }

func (c *call) updateFeeRefund() (any, error) {
	r, err := c.feeRefundHere()
	if err != nil {
		return nil, err
	}
	before := snapshot(r)
	r.Metadata = merge(r.Metadata, c.form.at("metadata"))
	c.updated(c.tenant, "application_fee.refund.updated", r, before)
	return r, nil
}

func (c *call) listFeeRefunds() (any, error) {
	x, err := c.feeHere()
	if err != nil {
		return nil, err
	}
	return list(c, x.made, nil)
}
