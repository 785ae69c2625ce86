package sandbox

import "strings"

// cardSource is a card saved the way Stripe did before payment methods. It can
// be kept and shown; it is not charged here.
type cardSource struct {
	ID                 string            `json:"id"`
	Object             string            `json:"object"`
	AddressCity        *string           `json:"address_city"`
	AddressCountry     *string           `json:"address_country"`
	AddressLine1       *string           `json:"address_line1"`
	AddressLine1Check  *string           `json:"address_line1_check"`
	AddressLine2       *string           `json:"address_line2"`
	AddressState       *string           `json:"address_state"`
	AddressZip         *string           `json:"address_zip"`
	AddressZipCheck    *string           `json:"address_zip_check"`
	Brand              string            `json:"brand"`
	Country            string            `json:"country"`
	Customer           string            `json:"customer"`
	CVCCheck           *string           `json:"cvc_check"`
	DynamicLast4       *string           `json:"dynamic_last4"`
	ExpMonth           int64             `json:"exp_month"`
	ExpYear            int64             `json:"exp_year"`
	Fingerprint        string            `json:"fingerprint"`
	Funding            string            `json:"funding"`
	Last4              string            `json:"last4"`
	Metadata           map[string]string `json:"metadata"`
	Name               *string           `json:"name"`
	TokenizationMethod *string           `json:"tokenization_method"`

	created int64
}

func (x *cardSource) identity() (string, int64) { return x.ID, x.created }

// sourceBrands are the names that old cards have for their brands.
var sourceBrands = map[string]string{"visa": "Visa", "mastercard": "MasterCard", "amex": "American Express", "discover": "Discover", "diners": "Diners Club", "jcb": "JCB", "unionpay": "UnionPay"}

func (c *call) createSource() (any, error) {
	f := c.form
	for _, name := range []string{"alipay_account", "bank_account"} {
		if f.has(name) {
			return nil, unmodelled(name)
		}
	}
	x, err := c.customerHere()
	if err != nil {
		return nil, err
	}
	token := f.text("source")
	if token == "" {
		token = f.text("card")
	}
	var m *paymentMethod
	switch {
	case token != "":
		alias, isToken := strings.CutPrefix(token, "tok_")
		card := cardsByAlias[alias]
		if !isToken || card == nil {
			return nil, noSuch("token", "source", token)
		}
		m = c.newCard(card)
	case f.has("card"):
		if m, err = c.makeCard(f.at("card"), ""); err != nil {
			return nil, err
		}
	default:
		return nil, missing("source")
	}
	if m.card.onAttach != "" {
		return nil, declined(m.card.onAttach, nil, "")
	}
	given := f.at("card")
	kept := &cardSource{ID: c.mint.id("card_"), Object: "card", Brand: sourceBrands[m.Card.Brand], Country: m.Card.Country, Customer: x.ID,
		CVCCheck: m.Card.Checks.CVCCheck, ExpMonth: m.Card.ExpMonth, ExpYear: m.Card.ExpYear, Fingerprint: m.Card.Fingerprint, Funding: m.Card.Funding,
		Last4: m.Card.Last4, Metadata: merge(nil, f.at("metadata")), Name: given.optional("name"), created: c.now().Unix()}
	kept.readAddress(given)
	before := snapshot(x)
	x.sources = append(x.sources, kept)
	if x.DefaultSource == nil {
		x.DefaultSource = &kept.ID
	}
	c.emit(c.tenant, "customer.source.created", kept)
	c.updated(c.tenant, "customer.updated", x, before)
	return kept, nil
}

func (x *cardSource) readAddress(p *param) {
	for name, field := range map[string]**string{"address_city": &x.AddressCity, "address_country": &x.AddressCountry, "address_line1": &x.AddressLine1,
		"address_line2": &x.AddressLine2, "address_state": &x.AddressState, "address_zip": &x.AddressZip} {
		if p.has(name) {
			*field = p.optional(name)
		}
	}
}

func (c *call) sourceHere() (*customer, *cardSource, error) {
	x, err := c.customerHere()
	if err != nil {
		return nil, nil, err
	}
	for _, kept := range x.sources {
		if kept.ID == c.args[1] {
			return x, kept, nil
		}
	}
	return nil, nil, noSuchHere("source", "id", c.args[1])
}

func (c *call) getSource() (any, error) {
	_, kept, err := c.sourceHere()
	return kept, err
}

func (c *call) updateSource() (any, error) {
	_, kept, err := c.sourceHere()
	if err != nil {
		return nil, err
	}
	f := c.form
	for _, name := range []string{"account_holder_name", "account_holder_type", "owner"} {
		if f.has(name) {
			return nil, unmodelled(name)
		}
	}
	month, year := kept.ExpMonth, kept.ExpYear
	if f.has("exp_month") {
		month = f.number("exp_month")
	}
	if f.has("exp_year") {
		year = f.number("exp_year")
	}
	if refused := c.checkExpiry(month, year, "exp_month", "exp_year"); refused != nil {
		return nil, refused
	}
	before := snapshot(kept)
	kept.ExpMonth, kept.ExpYear = month, year
	if f.has("name") {
		kept.Name = f.optional("name")
	}
	kept.readAddress(f)
	kept.Metadata = merge(kept.Metadata, f.at("metadata"))
	c.updated(c.tenant, "customer.source.updated", kept, before)
	return kept, nil
}

func (c *call) listSources() (any, error) {
	x, err := c.customerHere()
	if err != nil {
		return nil, err
	}
	return list(c, x.sources, func(kept *cardSource) bool { return c.same("object", kept.Object) })
}

func (c *call) deleteSource() (any, error) {
	x, kept, err := c.sourceHere()
	if err != nil {
		return nil, err
	}
	x.sources = without(x.sources, kept)
	if value(x.DefaultSource) == kept.ID {
		x.DefaultSource = nil
		if len(x.sources) > 0 {
			x.DefaultSource = &x.sources[0].ID
		}
	}
	c.emit(c.tenant, "customer.source.deleted", kept)
	return deleted{ID: kept.ID, Object: kept.Object, Deleted: true}, nil
}
