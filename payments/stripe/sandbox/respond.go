package sandbox

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
)

// page is a list object.
type page struct {
	Object  string `json:"object"`
	Data    []any  `json:"data"`
	HasMore bool   `json:"has_more"`
	URL     string `json:"url"`
}

// render writes an answer, with what expand[] asks for put in place.
func (c *call) render(result any) ([]byte, error) {
	body, err := json.Marshal(result)
	if err != nil {
		return nil, fmt.Errorf("answer of %s %s: %w", c.method, c.path, err)
	}
	paths := c.form.texts("expand")
	if len(paths) == 0 {
		return body, nil
	}
	tree, err := decode(body)
	if err != nil {
		return nil, err
	}
	for _, path := range paths {
		if err := c.expand(tree, path); err != nil {
			return nil, err
		}
	}
	return json.Marshal(tree)
}

// refusal makes the answer of a call that did not succeed.
func (c *call) refusal(r *refusal) reply {
	body, err := json.Marshal(map[string]*refusal{"error": r})
	if err != nil {
		body = []byte(`{"error":{"type":"api_error","message":"the sandbox could not write its own error"}}`)
	}
	no := false
	return reply{status: r.Status, body: body, request: c.id, unsaved: r.unsaved, retry: &no}
}

// decode reads JSON without touching its numbers.
func decode(body []byte) (map[string]any, error) {
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	var tree map[string]any
	err := decoder.Decode(&tree)
	return tree, err
}

// maxExpand is Stripe's limit on the depth of one expand path.
const maxExpand = 4

// expandable lists, per object, the paths that expand[] may name. Those with a
// plus are left out altogether unless they are asked for.
var expandable = map[string]string{
	"payment_intent":      "customer payment_method latest_charge on_behalf_of transfer_data.destination application last_payment_error.payment_method",
	"setup_intent":        "customer payment_method latest_attempt mandate on_behalf_of single_use_mandate application last_setup_error.payment_method",
	"setup_attempt":       "customer payment_method setup_intent on_behalf_of application",
	"charge":              "customer balance_transaction payment_intent transfer application_fee on_behalf_of transfer_data.destination source_transfer application failure_balance_transaction +refunds",
	"checkout.session":    "customer payment_intent setup_intent +line_items",
	"customer":            "invoice_settings.default_payment_method default_source test_clock +sources +subscriptions +tax_ids +tax +invoice_credit_balance +cash_balance",
	"payment_method":      "customer",
	"refund":              "charge payment_intent balance_transaction transfer_reversal source_transfer_reversal failure_balance_transaction",
	"dispute":             "charge payment_intent",
	"transfer":            "balance_transaction destination destination_payment source_transaction",
	"transfer_reversal":   "balance_transaction destination_payment_refund source_refund transfer",
	"application_fee":     "account balance_transaction charge originating_transaction application",
	"fee_refund":          "balance_transaction fee",
	"balance_transaction": "source",
	"price":               "product +tiers +currency_options",
	"product":             "default_price",
	"item":                "price.product",
	"mandate":             "payment_method",
	"capability":          "account",
	"bank_account":        "account customer",
	"card":                "account customer",
	"payout":              "balance_transaction destination failure_balance_transaction original_payout reversed_by",
	"account":             "settings.branding.icon settings.branding.logo",

	"customer_cash_balance_transaction": "customer applied_to_payment.payment_intent unapplied_from_payment.payment_intent",
}

func (c *call) expand(tree map[string]any, path string) error {
	steps := strings.Split(path, ".")
	depth := len(steps)
	if steps[0] == "data" {
		depth--
	}
	if depth > maxExpand {
		return invalid("expand", "", "You cannot expand more than %d levels of a property. Property: %s", maxExpand, path)
	}
	return c.expandAt(tree, steps, path)
}

func (c *call) expandAt(node any, steps []string, path string) error {
	if len(steps) == 0 {
		return nil
	}
	impossible := invalid("expand", "", "This property cannot be expanded (%s).", path)
	tree, isObject := node.(map[string]any)
	if !isObject {
		return impossible
	}
	noun, _ := tree["object"].(string)
	if noun == "list" {
		if steps[0] != "data" {
			return impossible
		}
		rows, _ := tree["data"].([]any)
		for _, row := range rows {
			if err := c.expandAt(row, steps[1:], path); err != nil {
				return err
			}
		}
		return nil
	}
	// The longest listed path that begins the steps is one step of ours.
	for take := min(len(steps), 3); take > 0; take-- {
		name := strings.Join(steps[:take], ".")
		allowed, extra := listed(expandable[noun], name)
		if !allowed {
			continue
		}
		if extra {
			if err := c.include(tree, noun, name); err != nil {
				return err
			}
			return c.expandAt(tree[name], steps[1:], path)
		}
		holder := tree
		for _, part := range steps[:take-1] {
			inner, ok := holder[part].(map[string]any)
			if !ok {
				return nil // nothing there to expand: null is fine
			}
			holder = inner
		}
		last := steps[take-1]
		switch current := holder[last].(type) {
		case string:
			found, err := c.lookUp(current)
			if err != nil {
				return err
			}
			if found == nil {
				return nil
			}
			holder[last] = found
		case nil:
			return nil
		}
		return c.expandAt(holder[last], steps[take:], path)
	}
	// A path may run through a list or an object that is always there.
	if inner, ok := tree[steps[0]].(map[string]any); ok && len(steps) > 1 {
		return c.expandAt(inner, steps[1:], path)
	}
	if rows, ok := tree[steps[0]].([]any); ok && len(steps) > 1 {
		for _, row := range rows {
			if err := c.expandAt(row, steps[1:], path); err != nil {
				return err
			}
		}
		return nil
	}
	// What a balance transaction comes from differs from row to row: a path that
	// is right for some of them is not wrong for the others.
	if strings.Contains(path, "source.") {
		for _, other := range sources {
			if allowed, _ := listed(expandable[other], steps[0]); allowed {
				return nil
			}
		}
	}
	return impossible
}

// sources are the kinds of object that a balance transaction can come from.
var sources = []string{"application_fee", "charge", "dispute", "fee_refund", "payout", "refund", "transfer", "transfer_reversal"}

func listed(paths, name string) (allowed, extra bool) {
	for p := range strings.SplitSeq(paths, " ") {
		if p == name {
			return true, false
		}
		if p == "+"+name {
			return true, true
		}
	}
	return false, false
}

// include adds a property that Stripe leaves out unless it is asked for.
func (c *call) include(tree map[string]any, noun, name string) error {
	id, _ := tree["id"].(string)
	var extra any
	switch noun + "." + name {
	case "charge.refunds":
		extra = newestFirst(c.owner(id).refundsOf[id], "/v1/charges/"+id+"/refunds")
	case "checkout.session.line_items":
		session, found := c.owner(id).sessions.get(id)
		if !found {
			return nil
		}
		extra = session.lineItems()
	case "customer.sources":
		x, known := c.owner(id).customers.get(id)
		if !known {
			return nil
		}
		extra = newestFirst(x.sources, "/v1/customers/"+id+"/sources")
	case "customer.cash_balance":
		x, known := c.owner(id).customers.get(id)
		if !known {
			return nil
		}
		extra = x.balance()
	case "customer.invoice_credit_balance":
		extra = map[string]any{}
	case "customer.tax":
		extra = map[string]any{"automatic_tax": "unrecognized_location", "ip_address": nil, "location": nil}
	case "customer.subscriptions":
		extra = emptyPage("/v1/customers/" + id + "/subscriptions")
	case "customer.tax_ids":
		extra = emptyPage("/v1/customers/" + id + "/tax_ids")
	default:
		return nil
	}
	body, err := json.Marshal(extra)
	if err != nil {
		return err
	}
	included, err := decode(body)
	tree[name] = included
	return err
}

func emptyPage(url string) *page { return &page{Object: "list", Data: []any{}, URL: url} }

// newestFirst puts the first ten of some records into a list object.
func newestFirst[T record](rows []T, url string) *page {
	p := emptyPage(url)
	for i := len(rows) - 1; i >= 0 && len(p.Data) < 10; i-- {
		p.Data = append(p.Data, rows[i])
	}
	p.HasMore = len(rows) > 10
	return p
}

// lookUp finds the object behind an identifier for expansion: in the caller's
// own account first, then in those it is connected with.
func (c *call) lookUp(id string) (any, error) {
	found := c.tenant.lookUp(id)
	if found == nil {
		for _, t := range c.tenants {
			if found = t.lookUp(id); found != nil {
				break
			}
		}
	}
	if found == nil {
		return nil, nil
	}
	body, err := json.Marshal(found)
	if err != nil {
		return nil, err
	}
	return decode(body)
}

// owner returns the tenant that holds an object, the caller's own by default.
func (c *call) owner(id string) *tenant {
	if c.tenant.lookUp(id) != nil {
		return c.tenant
	}
	for _, t := range c.tenants {
		if t.lookUp(id) != nil {
			return t
		}
	}
	return c.tenant
}

func (t *tenant) lookUp(id string) any {
	prefix, _, _ := strings.Cut(id, "_")
	switch prefix {
	case "cus":
		return found(&t.customers, id)
	case "pm":
		return found(&t.paymentMethods, id)
	case "pi":
		return found(&t.intents, id)
	case "seti":
		return found(&t.setups, id)
	case "setatt":
		return found(&t.attempts, id)
	case "mandate":
		return found(&t.mandates, id)
	case "cs":
		return found(&t.sessions, id)
	case "prod":
		return found(&t.products, id)
	case "price":
		return found(&t.prices, id)
	case "ch", "py":
		return found(&t.charges, id)
	case "re", "pyr":
		return found(&t.refunds, id)
	case "dp":
		return found(&t.disputes, id)
	case "tr":
		return found(&t.transfers, id)
	case "trr":
		return t.reversal(id)
	case "fee":
		return found(&t.fees, id)
	case "fr":
		return t.feeRefund(id)
	case "txn":
		return found(&t.rows, id)
	case "po":
		return found(&t.payouts, id)
	case "ba":
		if t.self != nil {
			for _, b := range t.self.banks {
				if b.ID == id {
					return b
				}
			}
		}
	case "card":
		for _, x := range t.customers.rows {
			for _, kept := range x.sources {
				if kept.ID == id {
					return kept
				}
			}
		}
	case "ca":
		if t.self != nil && id == "ca_"+t.id[len("acct_"):] {
			return application{ID: id, Object: "application", Name: "Amiable sandbox"}
		}
	case "acct":
		if t.id == id && t.self != nil {
			return t.self
		}
	}
	return nil
}

func found[T record](t *table[T], id string) any {
	if row, ok := t.get(id); ok {
		return row
	}
	return nil
}
