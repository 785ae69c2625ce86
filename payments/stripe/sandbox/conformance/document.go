package conformance

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"regexp"
	"sort"
	"strings"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stripe/stripe-mock/embedded"
	"github.com/stripe/stripe-mock/server"
	"github.com/stripe/stripe-mock/spec"
)

// APIVersion is the version of Stripe's API that the product is pinned to and
// that the judges' document describes.
const APIVersion = "2023-10-16"

// Document is Stripe's OpenAPI document of APIVersion in the forms the judges
// need. It is read once per process and never written to afterwards.
type Document struct {
	mock   *server.StubServer
	spec   *spec.Spec
	open   *openapi3.T // as Stripe publishes it
	closed *openapi3.T // every object with listed properties takes no others
	routes []route
	events map[string]bool // every event type that an endpoint may subscribe to

	mockSpeaks sync.Mutex // stripe-mock prints to os.Stdout, see quietly
}

// route is one operation of the document.
type route struct {
	method   string
	template string // "/v1/charges/{charge}"
	pattern  *regexp.Regexp
	captures int
	params   *spec.Schema // what a request may carry, in stripe-mock's terms
	request  *openapi3.Schema
}

// Open returns the document, reading it on the first call.
var Open = sync.OnceValues(readDocument)

func readDocument() (*Document, error) {
	d := &Document{events: map[string]bool{}}
	var err error
	d.quietly(func() {
		if d.spec, err = server.LoadSpec(embedded.OpenAPISpec, ""); err != nil {
			return
		}
		var fixtures *spec.Fixtures
		if fixtures, err = server.LoadFixtures(embedded.OpenAPIFixtures, ""); err != nil {
			return
		}
		d.mock, err = server.NewStubServer(fixtures, d.spec, true, false)
	})
	if err != nil {
		return nil, fmt.Errorf("stripe-mock: %w", err)
	}
	if d.spec.Info.Version != APIVersion {
		return nil, fmt.Errorf("stripe-mock describes API version %s, the product is pinned to %s", d.spec.Info.Version, APIVersion)
	}
	if d.open, err = openapi3.NewLoader().LoadFromData(embedded.OpenAPISpec); err != nil {
		return nil, fmt.Errorf("OpenAPI document: %w", err)
	}
	closed, err := closeObjects(embedded.OpenAPISpec)
	if err != nil {
		return nil, err
	}
	if d.closed, err = openapi3.NewLoader().LoadFromData(closed); err != nil {
		return nil, fmt.Errorf("closed OpenAPI document: %w", err)
	}
	if err := d.readRoutes(); err != nil {
		return nil, err
	}
	return d, d.readEventTypes()
}

// closeObjects gives every schema that lists properties, and says nothing about
// others, `additionalProperties: false`.
func closeObjects(document []byte) ([]byte, error) {
	var root any
	if err := json.Unmarshal(document, &root); err != nil {
		return nil, fmt.Errorf("OpenAPI document: %w", err)
	}
	var walk func(node any, isNameMap bool)
	walk = func(node any, isNameMap bool) {
		switch n := node.(type) {
		case []any:
			for _, child := range n {
				walk(child, false)
			}
		case map[string]any:
			// Below "properties" the keys are names chosen by Stripe, and one of
			// them may itself be called "properties".
			if !isNameMap {
				if _, ok := n["properties"].(map[string]any); ok {
					if _, said := n["additionalProperties"]; !said {
						n["additionalProperties"] = false
					}
				}
			}
			for key, child := range n {
				walk(child, !isNameMap && key == "properties")
			}
		}
	}
	walk(root, false)
	return json.Marshal(root)
}

var pathParameter = regexp.MustCompile(`\{[^}]+\}`)

func (d *Document) readRoutes() error {
	for path, verbs := range d.spec.Paths {
		for verb, operation := range verbs {
			r := route{
				method:   strings.ToUpper(string(verb)),
				template: string(path),
				captures: strings.Count(string(path), "{"),
			}
			literal := regexp.QuoteMeta(pathParameter.ReplaceAllString(r.template, "\x00"))
			pattern, err := regexp.Compile("^" + strings.ReplaceAll(literal, "\x00", `([^/]+)`) + "$")
			if err != nil {
				return fmt.Errorf("path %s: %w", path, err)
			}
			r.pattern = pattern
			r.params, r.request = d.parameters(r, operation)
			d.routes = append(d.routes, r)
		}
	}
	// The path with fewer parameters is the better match: /v1/invoices/upcoming
	// before /v1/invoices/{invoice}.
	sort.Slice(d.routes, func(i, j int) bool {
		a, b := d.routes[i], d.routes[j]
		if a.captures != b.captures {
			return a.captures < b.captures
		}
		return a.template+a.method < b.template+b.method
	})
	return nil
}

// parameters returns what a request to r may carry: for the coercer in
// stripe-mock's terms, for the judgement in the closed document's.
func (d *Document) parameters(r route, operation *spec.Operation) (*spec.Schema, *openapi3.Schema) {
	item := d.closed.Paths.Value(r.template)
	if item == nil || item.GetOperation(r.method) == nil {
		return nil, nil
	}
	closed := item.GetOperation(r.method)
	if r.method == http.MethodGet {
		query := openapi3.NewObjectSchema().WithoutAdditionalProperties()
		for _, parameter := range closed.Parameters {
			if p := parameter.Value; p.In == "query" {
				query.WithPropertyRef(p.Name, p.Schema)
				if p.Required {
					query.Required = append(query.Required, p.Name)
				}
			}
		}
		return spec.BuildQuerySchema(operation), query
	}
	if closed.RequestBody == nil || operation.RequestBody == nil {
		return nil, nil
	}
	for media, content := range operation.RequestBody.Content {
		if body := closed.RequestBody.Value.Content[media]; body != nil && body.Schema != nil {
			return content.Schema, body.Schema.Value
		}
	}
	return nil, nil
}

func (d *Document) readEventTypes() error {
	body := d.open.Paths.Value("/v1/webhook_endpoints").Post.RequestBody.Value
	for _, media := range body.Content {
		for _, name := range media.Schema.Value.Properties["enabled_events"].Value.Items.Value.Enum {
			if s, ok := name.(string); ok && s != "*" {
				d.events[s] = true
			}
		}
	}
	if len(d.events) == 0 {
		return fmt.Errorf("OpenAPI document: no event types found")
	}
	return nil
}

// route finds the operation that a request addresses.
func (d *Document) route(method, path string) (route, bool) {
	for _, r := range d.routes {
		if r.method == method && r.pattern.MatchString(path) {
			return r, true
		}
	}
	return route{}, false
}

// resource returns the schema of an API resource by the name that stands in
// its `object` field.
func resource(document *openapi3.T, object string, deleted bool) *openapi3.Schema {
	if deleted {
		object = "deleted_" + object
	}
	if ref := document.Components.Schemas[object]; ref != nil {
		return ref.Value
	}
	return nil
}

// quietly keeps stripe-mock's line per request off our output. The variable is
// swapped back before anybody else may look at it.
func (d *Document) quietly(speak func()) {
	d.mockSpeaks.Lock()
	defer d.mockSpeaks.Unlock()
	silence, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err == nil {
		defer silence.Close()
		stdout := os.Stdout
		os.Stdout = silence
		defer func() { os.Stdout = stdout }()
	}
	speak()
}
