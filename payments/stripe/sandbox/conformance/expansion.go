package conformance

import (
	"fmt"
	"net/url"
	"sort"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// onRequestOnly lists the fields that Stripe leaves out altogether unless they
// are asked for by `expand`. The document marks them as optional, no more, so
// the list is ours, from the reference pages of the objects.
var onRequestOnly = map[string][]string{
	"charge":           {"refunds"},
	"customer":         {"cash_balance", "sources", "subscriptions", "tax_ids"},
	"checkout.session": {"line_items"},
}

// expansions complains of fields that are expanded unasked, that were asked
// for and came back as an id, and that should have been left out.
func expansions(about string, schema *openapi3.Schema, value any, params url.Values) []Complaint {
	e := expander{about: about, asked: map[string]bool{}}
	for key, values := range params {
		if key != "expand" && !strings.HasPrefix(key, "expand[") {
			continue
		}
		for _, path := range values {
			// expand[]=a.b expands a as well.
			for i := range len(path) {
				if path[i] == '.' {
					e.asked[path[:i]] = true
				}
			}
			e.asked[path] = true
		}
	}
	e.walk(schema, value, "")
	sort.Slice(e.complaints, func(i, j int) bool { return e.complaints[i].Path < e.complaints[j].Path })
	return e.complaints
}

type expander struct {
	about      string
	asked      map[string]bool
	complaints []Complaint
}

func (e *expander) walk(schema *openapi3.Schema, value any, path string) {
	schema = meant(schema, value)
	if schema == nil {
		return
	}
	switch v := value.(type) {
	case []any:
		if schema.Items != nil && schema.Items.Value != nil {
			for _, item := range v {
				e.field(schema.Items.Value, item, path)
			}
		}
	case map[string]any:
		kind, _ := v["object"].(string)
		for _, name := range onRequestOnly[kind] {
			_, present := v[name]
			if at := join(path, name); present && !e.asked[at] {
				e.complain(at, "is there though nobody asked to expand it")
			} else if !present && e.asked[at] {
				e.complain(at, "was asked for and is not there")
			}
		}
		for name, field := range v {
			if property := schema.Properties[name]; property != nil && property.Value != nil {
				e.field(property.Value, field, join(path, name))
			}
		}
	}
}

func (e *expander) field(schema *openapi3.Schema, value any, path string) {
	_, expandable := schema.Extensions["x-expansionResources"]
	if expandable {
		_, isID := value.(string)
		_, isObject := value.(map[string]any)
		if isObject && !e.asked[path] {
			e.complain(path, "is expanded though nobody asked")
		}
		if isID && e.asked[path] {
			e.complain(path, "was asked to be expanded and is an id")
		}
	}
	e.walk(schema, value, path)
}

func (e *expander) complain(path, problem string) {
	e.complaints = append(e.complaints, Complaint{"O3", e.about, path, fmt.Sprint(problem)})
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

// meant picks the alternative that an object is evidently an instance of.
func meant(schema *openapi3.Schema, value any) *openapi3.Schema {
	if len(schema.AnyOf) == 0 {
		return schema
	}
	object, ok := value.(map[string]any)
	if !ok {
		for _, ref := range schema.AnyOf {
			if ref.Value != nil && ref.Value.Items != nil {
				return ref.Value
			}
		}
		return nil
	}
	var fallback *openapi3.Schema
	for _, ref := range schema.AnyOf {
		if ref.Value == nil || !isObject(ref.Value) || !sameKind(ref.Value, object) {
			continue
		}
		if ref.Value.VisitJSON(value) == nil {
			return ref.Value
		}
		if fallback == nil {
			fallback = ref.Value
		}
	}
	return fallback
}
