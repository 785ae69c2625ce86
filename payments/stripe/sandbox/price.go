package sandbox

import (
	"strconv"
	"strings"
)

type recurring struct {
	AggregateUsage *string `json:"aggregate_usage"`
	Interval       string  `json:"interval"`
	IntervalCount  int64   `json:"interval_count"`
	UsageType      string  `json:"usage_type"`
}

// price is how much one of a product costs.
type price struct {
	ID                string            `json:"id"`
	Object            string            `json:"object"`
	Active            bool              `json:"active"`
	BillingScheme     string            `json:"billing_scheme"`
	Created           int64             `json:"created"`
	Currency          string            `json:"currency"`
	CustomUnitAmount  any               `json:"custom_unit_amount"`
	Livemode          bool              `json:"livemode"`
	LookupKey         *string           `json:"lookup_key"`
	Metadata          map[string]string `json:"metadata"`
	Nickname          *string           `json:"nickname"`
	Product           string            `json:"product"`
	Recurring         *recurring        `json:"recurring"`
	TaxBehavior       string            `json:"tax_behavior"`
	TiersMode         *string           `json:"tiers_mode"`
	TransformQuantity any               `json:"transform_quantity"`
	Type              string            `json:"type"`
	UnitAmount        *int64            `json:"unit_amount"`
	UnitAmountDecimal *string           `json:"unit_amount_decimal"`
}

func (x *price) identity() (string, int64) { return x.ID, x.Created }

// checkPriceData judges currency and amount of a price; names are under prefix.
func checkPriceData(p *param, prefix string) *refusal {
	name := func(s string) string {
		if prefix == "" {
			return s
		}
		return prefix + "[" + s + "]"
	}
	for _, other := range []string{"custom_unit_amount", "currency_options", "tiers", "tiers_mode", "transform_quantity"} {
		if p.has(other) {
			return unmodelled(name(other))
		}
	}
	if p.text("billing_scheme") == "tiered" {
		return unmodelled(name("billing_scheme"))
	}
	if r := checkCurrency(name("currency"), p.text("currency")); r != nil {
		return r
	}
	if !p.has("unit_amount") && !p.has("unit_amount_decimal") {
		return missing(name("unit_amount"))
	}
	if p.has("unit_amount_decimal") {
		whole, fraction, _ := strings.Cut(p.text("unit_amount_decimal"), ".")
		if _, err := strconv.ParseInt(whole, 10, 64); err != nil || strings.Trim(fraction, "0") != "" {
			return unmodelled(name("unit_amount_decimal") + " with a fraction")
		}
	}
	if amount := unitAmount(p); amount < 0 || amount > largestAmount {
		return invalid(name("unit_amount"), "parameter_invalid_integer", "This value must be between 0 and %d.", largestAmount)
	}
	return nil
}

func unitAmount(p *param) int64 {
	if p.has("unit_amount") {
		return p.number("unit_amount")
	}
	whole, _, _ := strings.Cut(p.text("unit_amount_decimal"), ".")
	amount, err := strconv.ParseInt(whole, 10, 64)
	if err != nil {
		return 0
	}
	return amount
}

// newPrice makes a price of parameters that were judged before.
func (c *call) newPrice(p *param, product string, active bool) *price {
	amount := unitAmount(p)
	decimal := strconv.FormatInt(amount, 10)
	x := &price{ID: c.mint.id("price_"), Object: "price", Active: active, BillingScheme: "per_unit", Created: c.now().Unix(),
		Currency: p.text("currency"), LookupKey: p.optional("lookup_key"), Metadata: merge(nil, p.at("metadata")), Nickname: p.optional("nickname"),
		Product: product, TaxBehavior: "unspecified", Type: "one_time", UnitAmount: &amount, UnitAmountDecimal: &decimal}
	if b := p.text("tax_behavior"); b != "" {
		x.TaxBehavior = b
	}
	if r := p.at("recurring"); r != nil {
		x.Type = "recurring"
		x.Recurring = &recurring{AggregateUsage: r.optional("aggregate_usage"), Interval: r.text("interval"), IntervalCount: max(r.number("interval_count"), 1), UsageType: "licensed"}
		if u := r.text("usage_type"); u != "" {
			x.Recurring.UsageType = u
		}
	}
	c.tenant.prices.add(x)
	c.emit(c.tenant, "price.created", x)
	return x
}

func (c *call) createPrice() (any, error) {
	f := c.form
	if r := checkPriceData(f, ""); r != nil {
		return nil, r
	}
	if f.truth("transfer_lookup_key") {
		return nil, unmodelled("transfer_lookup_key")
	}
	if key := f.text("lookup_key"); key != "" {
		for _, x := range c.tenant.prices.rows {
			if value(x.LookupKey) == key {
				return nil, refuse("lookup_key", "", "A price (`%s`) already uses that lookup key.", x.ID)
			}
		}
	}
	active := !f.has("active") || f.truth("active")
	product := f.text("product")
	switch {
	case product != "" && f.has("product_data"):
		return nil, invalid("", "", "You may only specify one of these parameters: product, product_data.")
	case product != "":
		if known, found := c.tenant.products.get(product); !found || known.deleted {
			return nil, noSuch("product", "product", product)
		}
	case f.has("product_data"):
		product = c.productOf(f.at("product_data")).ID
	default:
		return nil, missing("product")
	}
	return c.newPrice(f, product, active), nil
}

// productOf makes the product that a price describes in passing.
func (c *call) productOf(p *param) *product {
	x := &product{ID: p.text("id"), Object: "product", Active: true, Created: c.now().Unix(), Updated: c.now().Unix(), Features: []string{},
		Images: append([]string{}, p.texts("images")...), Metadata: merge(nil, p.at("metadata")), Name: p.text("name"), Description: p.optional("description"),
		StatementDescriptor: p.optional("statement_descriptor"), TaxCode: p.optional("tax_code"), UnitLabel: p.optional("unit_label")}
	c.addProduct(x)
	return x
}

func (c *call) priceHere() (*price, error) {
	x, found := c.tenant.prices.get(c.args[0])
	if !found {
		return nil, noSuchHere("price", "price", c.args[0])
	}
	return x, nil
}

func (c *call) getPrice() (any, error) { return c.priceHere() }

func (c *call) updatePrice() (any, error) {
	x, err := c.priceHere()
	if err != nil {
		return nil, err
	}
	f := c.form
	if f.has("currency_options") || f.truth("transfer_lookup_key") {
		return nil, unmodelled("currency_options and transfer_lookup_key")
	}
	before := snapshot(x)
	if f.has("active") {
		x.Active = f.truth("active")
	}
	if f.has("lookup_key") {
		x.LookupKey = f.optional("lookup_key")
	}
	if f.has("nickname") {
		x.Nickname = f.optional("nickname")
	}
	if b := f.text("tax_behavior"); b != "" {
		x.TaxBehavior = b
	}
	x.Metadata = merge(x.Metadata, f.at("metadata"))
	c.updated(c.tenant, "price.updated", x, before)
	return x, nil
}

func (c *call) listPrices() (any, error) {
	keys := c.form.texts("lookup_keys")
	if c.form.has("recurring") {
		return nil, unmodelled("recurring")
	}
	return listAll(c, &c.tenant.prices, func(x *price) bool {
		if c.form.has("active") && c.form.truth("active") != x.Active {
			return false
		}
		if len(keys) > 0 {
			wanted := false
			for _, k := range keys {
				wanted = wanted || k == value(x.LookupKey)
			}
			if !wanted {
				return false
			}
		}
		return c.same("product", x.Product) && c.same("currency", x.Currency) && c.same("type", x.Type)
	})
}
