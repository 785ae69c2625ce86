package conformance

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"sort"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// The crawlers go where no scenario thinks of going: every field that Stripe's
// document says can be expanded, and every parameter that it says a call takes.
// They go through a recorder, so that every answer is judged.

// crawler is a plain client that remembers nothing but what the recorder saw.
type crawler struct {
	document *Document
	recorder *Recorder
	base     string
	key      string
}

func (c *crawler) do(method, path, account string, form url.Values) (int, map[string]any, error) {
	address, body := c.base+path, ""
	if method == http.MethodPost {
		body = form.Encode()
	} else if len(form) > 0 {
		address += "?" + form.Encode()
	}
	request, err := http.NewRequest(method, address, strings.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	request.Header.Set("Authorization", "Bearer "+c.key)
	request.Header.Set("Stripe-Version", APIVersion)
	if method == http.MethodPost {
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if account != "" {
		request.Header.Set("Stripe-Account", account)
	}
	response, err := (&http.Client{Transport: c.recorder}).Do(request)
	if err != nil {
		return 0, nil, err
	}
	defer response.Body.Close()
	var object map[string]any
	if err := json.NewDecoder(response.Body).Decode(&object); err != nil {
		return response.StatusCode, nil, fmt.Errorf("%s %s: %w", method, path, err)
	}
	return response.StatusCode, object, nil
}

// served lists the operations of Stripe's document that this Stripe answers at
// all: an unknown address has an answer of its own.
func (c *crawler) served() ([]route, error) {
	var served []route
	for _, r := range c.document.routes {
		_, answer, err := c.do(r.method, pathParameter.ReplaceAllString(r.template, "none_1"), "", nil)
		if err != nil {
			return nil, err
		}
		failure, _ := answer["error"].(map[string]any)
		message, _ := failure["message"].(string)
		// Of /v1/charges/search an id "search" is missing where only
		// /v1/charges/{charge} is served.
		missing := r.captures == 0 && failure["code"] == "resource_missing" && failure["param"] != "customer"
		if !strings.HasPrefix(message, "Unrecognized request URL") && !missing {
			served = append(served, r)
		}
	}
	return served, nil
}

// expansion crawl -----------------------------------------------------------

// mostPerTemplate bounds how many objects of one kind are expanded, and
// deepest is how deep Stripe lets anyone look.
const (
	mostPerTemplate = 8
	deepest         = 4
)

// expandEverything reads again every object and list that was read or made
// before, once for each field that can be expanded, into the depth.
func (c *crawler) expandEverything() (int, error) {
	tried := 0
	read := map[string]bool{}
	count := map[string]int{}
	exchanges := c.recorder.Exchanges()
	for i := len(exchanges) - 1; i >= 0; i-- { // the latest have lived through most
		e := exchanges[i]
		if e.Status != http.StatusOK || e.Template == "" {
			continue
		}
		account := e.RequestHeader.Get("Stripe-Account")
		path, template := e.Path, e.Template
		if e.Method != http.MethodGet { // what was made can be read, if the address says so
			var object struct{ ID string }
			if json.Unmarshal(e.Body, &object) != nil || object.ID == "" {
				continue
			}
			if e.Method == http.MethodPost && !strings.HasSuffix(e.Template, "}") {
				path = e.Path + "/" + object.ID
			}
			r, ok := c.document.route(http.MethodGet, path)
			if !ok {
				continue
			}
			template = r.template
		}
		if read[path+account] || count[template] >= mostPerTemplate {
			continue
		}
		read[path+account] = true
		count[template]++
		r, ok := c.document.route(http.MethodGet, path)
		if !ok {
			continue
		}
		schema := answerSchema(c.document.closed, r, "200")
		if schema == nil {
			continue
		}
		form := url.Values{}
		if e.Method == http.MethodGet {
			for k, v := range e.Params {
				if !strings.HasPrefix(k, "expand") {
					form[k] = v
				}
			}
		}
		n, err := c.expandBelow(path, account, form, schema, nil)
		if err != nil {
			return tried, err
		}
		tried += n
	}
	return tried, nil
}

func (c *crawler) expandBelow(path, account string, form url.Values, schema *openapi3.Schema, at []string) (int, error) {
	asked := url.Values{}
	for k, v := range form {
		asked[k] = v
	}
	if len(at) > 0 {
		asked["expand[]"] = []string{strings.Join(at, ".")}
	}
	status, object, err := c.do(http.MethodGet, path, account, asked)
	if err != nil {
		return 1, err
	}
	if status != http.StatusOK {
		if len(at) > 0 {
			c.recorder.complain(Complaint{"O3", "GET " + path, strings.Join(at, "."), fmt.Sprintf("Stripe lets this be expanded, here it is %d", status)})
		}
		return 1, nil
	}
	tried := 1
	if len(at) >= deepest {
		return tried, nil
	}
	for _, next := range expandable(schema, any(object), at, nil) {
		if len(next) <= len(at) || len(next) > deepest {
			continue
		}
		n, err := c.expandBelow(path, account, form, schema, next)
		tried += n
		if err != nil {
			return tried, err
		}
	}
	return tried, nil
}

// expandable returns the paths below at that can be expanded in this value:
// ids, and fields that are left out unless asked for.
func expandable(schema *openapi3.Schema, value any, at, here []string) [][]string {
	var paths [][]string
	schema = meant(schema, value)
	if schema == nil {
		return nil
	}
	switch v := value.(type) {
	case []any:
		if len(v) > 0 && schema.Items != nil {
			return expandable(schema.Items.Value, v[0], at, here)
		}
	case map[string]any:
		below := len(here) >= len(at)
		kind, _ := v["object"].(string)
		if below {
			for _, name := range onRequestOnly[kind] {
				if _, there := v[name]; !there && schema.Properties[name] != nil && name != "subscriptions" && name != "tax_ids" {
					paths = append(paths, append(append([]string(nil), here...), name))
				}
			}
		}
		names := make([]string, 0, len(v))
		for name := range v {
			names = append(names, name)
		}
		sort.Strings(names)
		for _, name := range names {
			property := schema.Properties[name]
			if property == nil || property.Value == nil || (!below && at[len(here)] != name) {
				continue
			}
			path := append(append([]string(nil), here...), name)
			if _, can := property.Value.Extensions["x-expansionResources"]; can && below {
				if _, isID := v[name].(string); isID {
					paths = append(paths, path)
				}
			}
			paths = append(paths, expandable(property.Value, v[name], at, path)...)
		}
	}
	return paths
}

// parameter crawl -----------------------------------------------------------

// trial is one parameter with one value, and what has to stand beside it for
// the objects around it to be whole.
type trial struct {
	name, value string
	beside      map[string]string
}

// trials lists values for a parameter and, of an object, for each parameter
// inside it.
func trials(name string, schema *openapi3.Schema, depth int) []trial {
	if depth > 6 || schema == nil {
		return nil
	}
	if len(schema.AnyOf) > 0 {
		var all []trial
		for _, ref := range schema.AnyOf {
			all = append(all, trials(name, ref.Value, depth)...)
		}
		return all
	}
	if len(schema.Enum) > 0 {
		var all []trial
		for _, v := range schema.Enum {
			all = append(all, trial{name: name, value: fmt.Sprint(v)})
		}
		return all[:min(len(all), 40)]
	}
	switch {
	case schema.Type.Is("boolean"):
		return []trial{{name: name, value: "true"}, {name: name, value: "false"}}
	case schema.Type.Is("integer"):
		return []trial{{name: name, value: "1"}, {name: name, value: "1500"}}
	case schema.Type.Is("number"):
		return []trial{{name: name, value: "1.5"}}
	case schema.Type.Is("array"):
		if schema.Items != nil {
			return trials(name+"[0]", schema.Items.Value, depth+1)
		}
	case len(schema.Properties) > 0:
		return inside(name, schema, depth)
	case schema.Type.Is("object") && schema.AdditionalProperties.Schema != nil: // such as metadata
		return []trial{{name: name + "[some]", value: "thing"}}
	case schema.Type.Is("string"):
		return []trial{{name: name, value: sample(name)}}
	}
	return nil
}

// inside lists the trials of an object's parameters, each with the others that
// the object cannot be without.
func inside(name string, schema *openapi3.Schema, depth int) []trial {
	var all []trial
	for inner, ref := range schema.Properties {
		for _, t := range trials(name+"["+inner+"]", ref.Value, depth+1) {
			for _, required := range schema.Required {
				if required == inner || schema.Properties[required] == nil {
					continue
				}
				if needed := trials(name+"["+required+"]", schema.Properties[required].Value, depth+1); len(needed) > 0 {
					t.with(needed[0])
				}
			}
			all = append(all, t)
		}
	}
	sort.Slice(all, func(i, j int) bool { return all[i].name < all[j].name })
	return all
}

func (t *trial) with(other trial) {
	beside := map[string]string{other.name: other.value}
	for _, more := range []map[string]string{other.beside, t.beside} {
		for k, v := range more {
			beside[k] = v
		}
	}
	t.beside = beside
}

// sample is a text that a parameter of that name may well have.
func sample(name string) string {
	last := strings.Trim(name[strings.LastIndexByte(name, '[')+1:], "]")
	switch {
	case strings.Contains(last, "email"):
		return "ada@example.com"
	case strings.HasSuffix(last, "url"):
		return "https://example.com/x"
	case last == "currency":
		return "eur"
	case last == "country":
		return "FR"
	case strings.Contains(last, "phone"):
		return "+33123456789"
	}
	return "thing"
}

// legal returns what is needed with one parameter more, or nil where Stripe
// would not take that: two alternatives at once are dropped to the one tried.
func (c *crawler) legal(r route, path string, needed url.Values, top string, try trial) url.Values {
	form := url.Values{}
	for k, v := range try.beside {
		form.Set(k, v)
	}
	for k, v := range needed {
		form[k] = v
	}
	form.Set(try.name, try.value)
	if c.isLegal(r, path, form) {
		return form
	}
	for k := range form {
		_, beside := try.beside[k]
		if k != try.name && !beside && (k == top || strings.HasPrefix(k, top+"[")) {
			delete(form, k)
		}
	}
	if c.isLegal(r, path, form) {
		return form
	}
	return nil
}

func (c *crawler) isLegal(r route, path string, form url.Values) bool {
	target, body := path, form.Encode()
	if r.method == http.MethodGet {
		target, body = path+"?"+body, ""
	}
	request, err := http.NewRequest(r.method, c.base+target, strings.NewReader(body))
	if err != nil {
		return false
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return len(c.document.nested("", request, []byte(body))) == 0
}

// everyParameter calls an operation once for each parameter that Stripe's
// document gives it, beside those without which it would be refused anyway.
// The other side may have its reasons to refuse a value, but it must know the
// parameter and must not fail.
func (c *crawler) everyParameter(r route, path string, needed url.Values) (int, error) {
	if r.request == nil {
		return 0, nil
	}
	names := make([]string, 0, len(r.request.Properties))
	for name := range r.request.Properties {
		names = append(names, name)
	}
	sort.Strings(names)
	tried := 0
	for _, name := range names {
		if name == "expand" {
			continue
		}
		for _, try := range trials(name, r.request.Properties[name].Value, 0) {
			form := c.legal(r, path, needed, name, try)
			if form == nil {
				continue
			}
			status, answer, err := c.do(r.method, path, "", form)
			if err != nil {
				return tried, err
			}
			tried++
			failure, _ := answer["error"].(map[string]any)
			about := r.method + " " + r.template
			if status >= 500 {
				c.recorder.complain(Complaint{"O2b", about, try.name, fmt.Sprintf("=%s ends in %d: %v", try.value, status, failure["message"])})
			}
			if failure["code"] == "parameter_unknown" {
				c.recorder.complain(Complaint{"O1", about, try.name, "Stripe knows this parameter, here it is unknown"})
			}
		}
	}
	return tried, nil
}
