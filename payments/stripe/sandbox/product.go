package sandbox

// product is what a price is the price of.
type product struct {
	ID                  string            `json:"id"`
	Object              string            `json:"object"`
	Active              bool              `json:"active"`
	Created             int64             `json:"created"`
	DefaultPrice        *string           `json:"default_price"`
	Description         *string           `json:"description"`
	Features            []string          `json:"features"`
	Images              []string          `json:"images"`
	Livemode            bool              `json:"livemode"`
	Metadata            map[string]string `json:"metadata"`
	Name                string            `json:"name"`
	PackageDimensions   any               `json:"package_dimensions"`
	Shippable           *bool             `json:"shippable"`
	StatementDescriptor *string           `json:"statement_descriptor"`
	TaxCode             *string           `json:"tax_code"`
	UnitLabel           *string           `json:"unit_label"`
	Updated             int64             `json:"updated"`
	URL                 *string           `json:"url"`

	deleted bool
}

func (x *product) identity() (string, int64) { return x.ID, x.Created }

func (c *call) createProduct() (any, error) {
	f := c.form
	if t := f.text("type"); t != "" && t != "service" && t != "good" {
		return nil, unmodelled("type")
	}
	id := f.text("id")
	if _, taken := c.tenant.products.get(id); taken && id != "" {
		return nil, refuse("id", "resource_already_exists", "Product already exists.")
	}
	x := &product{ID: id, Object: "product", Active: true, Created: c.now().Unix(), Features: []string{}, Images: []string{}, Metadata: map[string]string{}}
	if r := c.fillProduct(x); r != nil {
		return nil, r
	}
	if f.has("default_price_data") {
		d := f.at("default_price_data")
		if r := checkPriceData(d, "default_price_data"); r != nil {
			return nil, r
		}
	}
	c.addProduct(x)
	if d := f.at("default_price_data"); d != nil {
		p := c.newPrice(d, x.ID, true)
		x.DefaultPrice = &p.ID
	}
	return x, nil
}

func (c *call) addProduct(x *product) {
	if x.ID == "" {
		x.ID = c.mint.text("prod_", 14)
	}
	c.tenant.products.add(x)
	c.emit(c.tenant, "product.created", x)
}

func (c *call) fillProduct(x *product) *refusal {
	f := c.form
	for _, name := range []string{"package_dimensions", "features"} {
		if f.has(name) && len(f.at(name).keys) > 0 {
			return unmodelled(name)
		}
	}
	if f.has("name") {
		x.Name = f.text("name")
	}
	if f.has("active") {
		x.Active = f.truth("active")
	}
	if f.has("images") {
		x.Images = append([]string{}, f.texts("images")...)
	}
	if f.has("shippable") {
		shippable := f.truth("shippable")
		x.Shippable = &shippable
	}
	for name, field := range map[string]**string{"description": &x.Description, "statement_descriptor": &x.StatementDescriptor, "tax_code": &x.TaxCode, "unit_label": &x.UnitLabel, "url": &x.URL} {
		if f.has(name) {
			*field = f.optional(name)
		}
	}
	if id := f.text("default_price"); id != "" {
		p, found := c.tenant.prices.get(id)
		if !found || p.Product != x.ID {
			return noSuch("price", "default_price", id)
		}
		x.DefaultPrice = &id
	}
	x.Metadata = merge(x.Metadata, f.at("metadata"))
	x.Updated = c.now().Unix()
	return nil
}

func (c *call) productHere() (*product, error) {
	x, found := c.tenant.products.get(c.args[0])
	if !found || x.deleted {
		return nil, noSuchHere("product", "id", c.args[0])
	}
	return x, nil
}

func (c *call) getProduct() (any, error) { return c.productHere() }

func (c *call) updateProduct() (any, error) {
	x, err := c.productHere()
	if err != nil {
		return nil, err
	}
	before := snapshot(x)
	changed := *x
	if r := c.fillProduct(&changed); r != nil {
		return nil, r
	}
	*x = changed
	c.updated(c.tenant, "product.updated", x, before)
	return x, nil
}

func (c *call) deleteProduct() (any, error) {
	x, err := c.productHere()
	if err != nil {
		return nil, err
	}
	for _, p := range c.tenant.prices.rows {
		if p.Product == x.ID {
			return nil, refuse("", "", "This product cannot be deleted because it has one or more user-created prices.")
		}
	}
	x.deleted = true
	c.emit(c.tenant, "product.deleted", x)
	return deleted{ID: x.ID, Object: x.Object, Deleted: true}, nil
}

func (c *call) listProducts() (any, error) {
	ids := c.form.texts("ids")
	return listAll(c, &c.tenant.products, func(x *product) bool {
		if x.deleted || !c.same("url", value(x.URL)) {
			return false
		}
		if c.form.has("active") && c.form.truth("active") != x.Active {
			return false
		}
		if c.form.has("shippable") && (x.Shippable == nil || c.form.truth("shippable") != *x.Shippable) {
			return false
		}
		if len(ids) == 0 {
			return true
		}
		for _, id := range ids {
			if id == x.ID {
				return true
			}
		}
		return false
	})
}
