package conformance

import (
	"fmt"
	"sort"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// Complaint is one thing that a judge holds against a request, an answer or an
// event.
type Complaint struct {
	Judge   string // "O1" … "O5"
	About   string // "POST /v1/refunds 200", "event charge.refunded"
	Path    string // where in the value: "last_payment_error.type"
	Problem string
}

func (c Complaint) String() string {
	return fmt.Sprintf("%s  %s  at %q: %s", c.Judge, c.About, c.Path, c.Problem)
}

// against validates value and returns a complaint per finding, each at the
// deepest place that can be named.
func against(judge, about string, schema *openapi3.Schema, value any) []Complaint {
	var complaints []Complaint
	for _, f := range findings(schema, value, nil) {
		complaints = append(complaints, Complaint{judge, about, strings.Join(f.path, "."), f.problem})
	}
	sort.Slice(complaints, func(i, j int) bool { return complaints[i].String() < complaints[j].String() })
	return complaints
}

type finding struct {
	path    []string
	problem string
}

func findings(schema *openapi3.Schema, value any, at []string) []finding {
	err := schema.VisitJSON(value, openapi3.MultiErrors())
	if err == nil {
		return nil
	}
	var found []finding
	for _, e := range flatten(err) {
		problem, ok := e.(*openapi3.SchemaError)
		if !ok {
			found = append(found, finding{at, e.Error()})
			continue
		}
		path := append(append([]string(nil), at...), problem.JSONPointer()...)
		if inner := insideAnyOf(problem, path); len(inner) > 0 {
			found = append(found, inner...)
			continue
		}
		found = append(found, finding{path, problem.Reason})
	}
	return found
}

// insideAnyOf says what is wrong with the alternative that was evidently
// meant. "Matches none of three schemas" helps nobody to mend an answer.
func insideAnyOf(problem *openapi3.SchemaError, path []string) []finding {
	if problem.SchemaField != "anyOf" || problem.Schema == nil {
		return nil
	}
	object, ok := problem.Value.(map[string]any)
	if !ok {
		return nil
	}
	var best []finding
	for _, ref := range problem.Schema.AnyOf {
		alternative := ref.Value
		if alternative == nil || !isObject(alternative) || !sameKind(alternative, object) {
			continue
		}
		if found := findings(alternative, object, path); best == nil || len(found) < len(best) {
			best = found
		}
	}
	return best
}

func isObject(s *openapi3.Schema) bool { return len(s.Properties) > 0 }

// sameKind tells whether the value's `object` field names the schema's kind.
func sameKind(s *openapi3.Schema, value map[string]any) bool {
	field := s.Properties["object"]
	if field == nil || field.Value == nil || len(field.Value.Enum) == 0 {
		return true
	}
	return field.Value.Enum[0] == value["object"]
}

func flatten(err error) []error {
	multi, ok := err.(openapi3.MultiError)
	if !ok {
		return []error{err}
	}
	var all []error
	for _, e := range multi {
		all = append(all, flatten(e)...)
	}
	return all
}
