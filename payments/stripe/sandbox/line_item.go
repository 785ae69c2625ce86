package sandbox

import "strconv"

// lineItem is one line of what is paid for.
type lineItem struct {
	ID             string `json:"id"`
	Object         string `json:"object"`
	AmountDiscount int64  `json:"amount_discount"`
	AmountSubtotal int64  `json:"amount_subtotal"`
	AmountTax      int64  `json:"amount_tax"`
	AmountTotal    int64  `json:"amount_total"`
	Currency       string `json:"currency"`
	Description    string `json:"description"`
	Price          *price `json:"price"`
	Quantity       int64  `json:"quantity"`
}

func (x *lineItem) identity() (string, int64) { return x.ID, 0 }

func (x *checkoutSession) lineItems() *page {
	p := emptyPage("/v1/checkout/sessions/" + x.ID + "/line_items")
	for _, line := range x.lines {
		p.Data = append(p.Data, line)
	}
	return p
}

// readLines judges the line items and works out what they come to.
func (c *call) readLines(x *checkoutSession, items []*param) *refusal {
	for i, item := range items {
		name := "line_items[" + strconv.Itoa(i) + "]"
		for _, other := range []string{"dynamic_tax_rates", "tax_rates"} {
			if item.has(other) && len(item.at(other).keys) > 0 {
				return unmodelled(name + "[" + other + "]")
			}
		}
		if item.at("adjustable_quantity").truth("enabled") {
			return unmodelled(name + "[adjustable_quantity]")
		}
		if !item.has("quantity") {
			return missing(name + "[quantity]")
		}
		quantity := item.number("quantity")
		if quantity < 1 || quantity > 999999 {
			return invalid(name+"[quantity]", "parameter_invalid_integer", "This value must be between 1 and 999999.")
		}
		line := &lineItem{Object: "item", Quantity: quantity}
		var unit int64
		switch data := item.at("price_data"); {
		case data != nil:
			if r := checkPriceData(data, name+"[price_data]"); r != nil {
				return r
			}
			if data.has("recurring") {
				return invalid(name+"[price_data][recurring]", "", "You specified `payment` mode but passed a recurring price. Either switch to `subscription` mode or use only one-time prices.")
			}
			line.Currency, unit = data.text("currency"), unitAmount(data)
			switch id := data.text("product"); {
			case id != "":
				p, found := c.tenant.products.get(id)
				if !found || p.deleted {
					return noSuch("product", name+"[price_data][product]", id)
				}
				line.Description = p.Name
			case data.at("product_data").text("name") != "":
				line.Description = data.at("product_data").text("name")
			default:
				return missing(name + "[price_data][product_data]")
			}
		case item.text("price") != "":
			p, found := c.tenant.prices.get(item.text("price"))
			if !found {
				return noSuch("price", name+"[price]", item.text("price"))
			}
			if !p.Active {
				return refuse(name+"[price]", "price_inactive", "The price specified is inactive. This field only accepts active prices.")
			}
			if p.Recurring != nil {
				return invalid(name+"[price]", "", "You specified `payment` mode but passed a recurring price. Either switch to `subscription` mode or use only one-time prices.")
			}
			line.Currency, unit, line.Price = p.Currency, valueOr(p.UnitAmount, 0), p
			if product, found := c.tenant.products.get(p.Product); found {
				line.Description = product.Name
			}
		default:
			return missing(name + "[price]")
		}
		if unit > largestAmount/quantity {
			return invalid(name, "amount_too_large", "Amount must be no more than %s", shown(largestAmount, line.Currency))
		}
		line.AmountSubtotal = unit * quantity
		line.AmountTotal = line.AmountSubtotal
		if x.Currency == nil {
			x.Currency = &line.Currency
		}
		if *x.Currency != line.Currency {
			return invalid(name, "", "All line items must have the same currency.")
		}
		x.lines = append(x.lines, line)
	}
	return nil
}

func (c *call) listLineItems() (any, error) {
	x, err := c.sessionHere()
	if err != nil {
		return nil, err
	}
	// Lines keep their order; list turns rows round.
	turned := make([]*lineItem, 0, len(x.lines))
	for i := len(x.lines) - 1; i >= 0; i-- {
		turned = append(turned, x.lines[i])
	}
	return list(c, turned, nil)
}
