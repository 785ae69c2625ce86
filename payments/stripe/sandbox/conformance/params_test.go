package conformance

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"slices"
	"sort"
	"strings"
	"testing"

	"github.com/stripe/stripe-mock/embedded"
)

var update = flag.Bool("update", false, "write ../params.txt anew from Stripe's document")

// paramsFile is what the sandbox judges requests by.
const paramsFile = "../params.txt"

// schema is the little of a JSON schema that says what a parameter may be.
type schema struct {
	Ref                  string             `json:"$ref"`
	Type                 string             `json:"type"`
	Enum                 []any              `json:"enum"`
	AnyOf                []*schema          `json:"anyOf"`
	Items                *schema            `json:"items"`
	MaxLength            int                `json:"maxLength"`
	Properties           map[string]*schema `json:"properties"`
	Required             []string           `json:"required"`
	AdditionalProperties json.RawMessage    `json:"additionalProperties"`
}

type operation struct {
	Parameters []struct {
		Name     string
		In       string
		Required bool
		Schema   *schema
	}
	RequestBody struct {
		Content map[string]struct{ Schema *schema }
	}
}

// The sandbox's own table of parameters is Stripe's, line by line. It is written
// by this test with -update, for the endpoints that it already names; to serve
// another one, add its line "POST /v1/…" and run that.
func TestTheSandboxTakesStripesParameters(t *testing.T) {
	var document struct {
		Paths      map[string]map[string]*operation
		Components struct{ Schemas map[string]*schema }
	}
	if err := json.Unmarshal(embedded.OpenAPISpec, &document); err != nil {
		t.Fatal(err)
	}
	have, err := os.ReadFile(paramsFile)
	if err != nil {
		t.Fatal(err)
	}
	w := &paramWriter{schemas: document.Components.Schemas, accounts: document.Paths["/v1/accounts"]["post"]}
	var own strings.Builder // endpoints that Stripe does not document
	keep := false
	for line := range strings.SplitSeq(strings.TrimRight(string(have), "\n"), "\n") {
		if strings.HasPrefix(line, "\t") {
			if keep {
				own.WriteString(line + "\n")
			}
			continue
		}
		method, path, _ := strings.Cut(line, " ")
		if keep = strings.HasPrefix(path, "/v1/payment_pages/"); keep {
			own.WriteString(line + "\n")
			continue
		}
		o := document.Paths[path][strings.ToLower(method)]
		if o == nil {
			t.Errorf("Stripe has no %s", line)
			continue
		}
		w.endpoint(line, method, o)
	}
	want := w.out.String() + own.String()
	if string(have) == want {
		return
	}
	if *update {
		if err := os.WriteFile(paramsFile, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	mine, stripes := strings.Split(string(have), "\n"), strings.Split(want, "\n")
	for i := range min(len(mine), len(stripes)) {
		if mine[i] != stripes[i] {
			t.Fatalf("params.txt:%d says %q, Stripe's document %q; see this test's comment", i+1, mine[i], stripes[i])
		}
	}
	t.Fatalf("params.txt has %d lines, Stripe's document makes %d; see this test's comment", len(mine), len(stripes))
}

// paramWriter writes shapes in the form that sandbox/schema.go reads.
type paramWriter struct {
	schemas  map[string]*schema
	accounts *operation // which creates one
	out      strings.Builder
}

func (w *paramWriter) endpoint(line, method string, o *operation) {
	w.out.WriteString(line + "\n")
	parameters := slices.Clone(o.Parameters)
	sort.Slice(parameters, func(i, j int) bool { return parameters[i].Name < parameters[j].Name })
	for _, p := range parameters {
		if p.In == "query" {
			w.line(1, p.Name, p.Required, p.Schema)
		}
	}
	if method == "GET" {
		return
	}
	for _, content := range o.RequestBody.Content {
		body := w.resolve(content.Schema)
		// The document calls external_account a text; Stripe's clients send a
		// bank account there, and its guides tell them to.
		var bank *schema
		if create := w.accounts.RequestBody.Content["application/x-www-form-urlencoded"]; create.Schema != nil {
			bank = w.resolve(create.Schema).Properties["bank_account"]
		}
		for _, name := range sorted(body.Properties) {
			s := body.Properties[name]
			if name == "external_account" && bank != nil {
				s = bank
			}
			w.line(1, name, slices.Contains(body.Required, name), s)
		}
	}
}

func (w *paramWriter) line(depth int, name string, required bool, s *schema) {
	kinds, below, needs := w.describe(s)
	star := ""
	if required {
		star = "*"
	}
	fmt.Fprintf(&w.out, "%s%s%s %s\n", strings.Repeat("\t", depth), name, star, strings.Join(kinds, "/"))
	for _, child := range sorted(below) {
		w.line(depth+1, child, slices.Contains(needs, child), below[child])
	}
}

// describe returns the alternatives of a schema, what is below it, and which of
// that is needed in every alternative.
func (w *paramWriter) describe(s *schema) (kinds []string, below map[string]*schema, needs []string) {
	s = w.resolve(s)
	below = map[string]*schema{}
	add := func(kind string) {
		if !slices.Contains(kinds, kind) {
			kinds = append(kinds, kind)
		}
	}
	first := true
	hold := func(properties map[string]*schema, required []string) {
		for name, p := range properties {
			if _, known := below[name]; !known {
				below[name] = p
			}
		}
		if first {
			needs, first = slices.Clone(required), false
			return
		}
		needs = slices.DeleteFunc(needs, func(name string) bool { return !slices.Contains(required, name) })
	}
	alternatives := s.AnyOf
	if len(alternatives) == 0 {
		alternatives = []*schema{s}
	}
	for _, o := range alternatives {
		o = w.resolve(o)
		switch {
		case len(o.Enum) == 1 && o.Enum[0] == "":
			add("empty")
		case len(o.Enum) > 0:
			options := make([]string, 0, len(o.Enum))
			for _, v := range o.Enum {
				options = append(options, fmt.Sprint(v))
			}
			add("enum(" + strings.Join(options, "|") + ")")
		case o.Type == "array":
			inner, children, required := w.describe(o.Items)
			add("[]" + strings.Join(inner, "/"))
			if len(children) > 0 {
				hold(children, required)
			}
		case o.Type == "object" && len(o.Properties) > 0:
			add("object")
			hold(o.Properties, o.Required)
		case o.Type == "object":
			w.open(o, add, hold)
		default:
			kind := map[string]string{"integer": "int", "string": "string", "boolean": "bool", "number": "number"}[o.Type]
			if o.MaxLength > 0 && o.MaxLength != 5000 {
				kind += fmt.Sprintf("<=%d", o.MaxLength)
			}
			add(kind)
		}
	}
	return kinds, below, needs
}

// open describes an object whose names are the caller's.
func (w *paramWriter) open(o *schema, add func(string), hold func(map[string]*schema, []string)) {
	if len(o.AdditionalProperties) == 0 {
		add("object")
		return
	}
	var each schema
	if json.Unmarshal(o.AdditionalProperties, &each) == nil {
		if inner := w.resolve(&each); len(inner.Properties) > 0 {
			add("mapof")
			hold(inner.Properties, inner.Required)
			return
		}
	}
	add("map")
}

func (w *paramWriter) resolve(s *schema) *schema {
	for s.Ref != "" {
		s = w.schemas[s.Ref[strings.LastIndex(s.Ref, "/")+1:]]
	}
	return s
}

func sorted(properties map[string]*schema) []string {
	names := make([]string, 0, len(properties))
	for name := range properties {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}
