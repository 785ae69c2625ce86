package conformance

import (
	"fmt"
	"reflect"
	"slices"
	"sort"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// Event judges an event as it is delivered or listed (O5): its envelope, that
// its type exists at this API version and tells of the object inside, the
// object itself by the schema its name stands for, and what it says about the
// object's past.
func (d *Document) Event(body []byte) []Complaint {
	value, err := decode(body)
	if err != nil {
		return []Complaint{{"O5", "event", "", "not JSON: " + err.Error()}}
	}
	return d.event(value)
}

func (d *Document) event(value any) []Complaint {
	event, _ := value.(map[string]any)
	kind, _ := event["type"].(string)
	about := "event " + kind
	complaints := against("O5", about, resource(d.closed, "event", false), value)
	say := func(path, problem string, args ...any) {
		complaints = append(complaints, Complaint{"O5", about, path, fmt.Sprintf(problem, args...)})
	}
	if !d.events[kind] {
		say("type", "no such event type at %s", APIVersion)
	}
	if event["api_version"] != APIVersion {
		say("api_version", "%v is not %s", event["api_version"], APIVersion)
	}
	if id, _ := event["id"].(string); !strings.HasPrefix(id, "evt_") {
		say("id", "%q does not begin with evt_", id)
	}
	if event["livemode"] != false {
		say("livemode", "a sandbox is not live")
	}
	if _, there := event["request"]; !there {
		say("request", "is always there, null when no request caused the event")
	}
	data, _ := event["data"].(map[string]any)
	object, _ := data["object"].(map[string]any)
	name, _ := object["object"].(string)
	if want := toldBy(kind); name != "" && want != name {
		say("data.object.object", "%s tells of a %s, not of a %s", kind, want, name)
	}
	deleted, _ := object["deleted"].(bool)
	schema := resource(d.closed, name, deleted)
	if schema == nil {
		say("data.object.object", "Stripe has no resource %q", name)
		return complaints
	}
	for _, c := range against("O5", about, schema, any(object)) {
		say("data.object."+c.Path, "%s", c.Problem)
	}
	for _, c := range expansions(about, schema, any(object), nil) {
		say("data.object."+c.Path, "%s", c.Problem)
	}
	previous, there := data["previous_attributes"]
	if !there {
		if strings.HasSuffix(kind, ".updated") {
			say("data.previous_attributes", "an update says what was before")
		}
		return complaints
	}
	before, ok := previous.(map[string]any)
	if !ok || len(before) == 0 {
		say("data.previous_attributes", "is an object with the attributes that changed, or not there")
		return complaints
	}
	return append(complaints, past(about, schema, before, object, "data.previous_attributes")...)
}

// toldBy returns the resource that an event type is about.
func toldBy(eventType string) string {
	if object, ok := aboutOther[eventType]; ok {
		return object
	}
	for _, p := range aboutPrefix {
		if strings.HasPrefix(eventType, p.prefix) {
			return p.object
		}
	}
	i := strings.LastIndexByte(eventType, '.')
	if i < 0 {
		return eventType
	}
	return eventType[:i]
}

// Most types are "<resource>.<what happened>"; these are not.
var (
	aboutOther = map[string]string{
		"application_fee.refund.updated":            "fee_refund",
		"charge.refund.updated":                     "refund",
		"account.application.authorized":            "application",
		"account.application.deauthorized":          "application",
		"cash_balance.funds_available":              "cash_balance",
		"customer_cash_balance_transaction.created": "customer_cash_balance_transaction",
	}
	aboutPrefix = []struct{ prefix, object string }{
		{"charge.dispute.", "dispute"},
		{"customer.subscription.", "subscription"},
		{"customer.discount.", "discount"},
		{"customer.tax_id.", "tax_id"},
		{"customer.source.", "card"},
		{"account.external_account.", "bank_account"},
	}
)

// past judges what an event says its object was before: only attributes that
// the object has, of the kinds they have, and different from what they are.
// Of a nested object only the changed attributes are told.
func past(about string, schema *openapi3.Schema, before, now map[string]any, at string) []Complaint {
	var complaints []Complaint
	names := make([]string, 0, len(before))
	for name := range before {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		path := at + "." + name
		var property *openapi3.Schema
		if ref := schema.Properties[name]; ref != nil {
			property = ref.Value
		} else if schema.AdditionalProperties.Schema != nil { // metadata: any key
			if before[name] == nil { // the key was not there before
				if _, there := now[name]; !there {
					complaints = append(complaints, Complaint{"O5", about, path, "was not there before and is not there now"})
				}
				continue
			}
			property = schema.AdditionalProperties.Schema.Value
		}
		if property == nil {
			complaints = append(complaints, Complaint{"O5", about, path, "the object has no such attribute"})
			continue
		}
		current := now[name]
		if reflect.DeepEqual(before[name], current) {
			complaints = append(complaints, Complaint{"O5", about, path, "has not changed"})
			continue
		}
		if before[name] == nil && !slices.Contains(schema.Required, name) {
			continue // it was not there
		}
		then, wasObject := before[name].(map[string]any)
		today, isObject := current.(map[string]any)
		if wasObject && isObject {
			if inner := meant(property, any(today)); inner != nil {
				complaints = append(complaints, past(about, inner, then, today, path)...)
				continue
			}
		}
		for _, c := range against("O5", about, property, before[name]) {
			c.Path = strings.TrimSuffix(path+"."+c.Path, ".")
			complaints = append(complaints, c)
		}
	}
	return complaints
}
