package sandbox

// Stripe's own hosted page speaks to two addresses that are not documented; the
// official command line tool plays a visitor through them.

func (c *call) getPaymentPage() (any, error) { return c.sessionHere() }

func (c *call) confirmPaymentPage() (any, error) {
	x, err := c.sessionHere()
	if err != nil {
		return nil, err
	}
	if x.Status != "open" {
		return nil, refuse("", "", "This Checkout Session is %s and can no longer be paid.", x.Status)
	}
	if c.form.has("expected_amount") && c.form.number("expected_amount") != valueOr(x.AmountTotal, 0) {
		return nil, refuse("expected_amount", "checkout_amount_mismatch", "The expected amount (%s) is not that of the Checkout Session (%d).", c.form.text("expected_amount"), valueOr(x.AmountTotal, 0))
	}
	m, refused := c.namedMethod()
	if refused != nil {
		return nil, refused
	}
	if m == nil {
		return nil, missing("payment_method")
	}
	if refused := c.pay(x, m); refused != nil {
		return nil, refused
	}
	return x, nil
}
