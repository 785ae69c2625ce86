package conformance

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// Answer judges what came back for a request: its status and headers, its body
// against the document as published (O2, errors O2b) and with closed objects
// (O3), and whether exactly the fields that were asked for are expanded (O3).
func (d *Document) Answer(method, path string, params url.Values, status int, header http.Header, body []byte) []Complaint {
	about := fmt.Sprintf("%s %s %d", method, path, status)
	complaints := headers(about, header)
	value, err := decode(body)
	if err != nil {
		return append(complaints, Complaint{"O2", about, "", "not JSON: " + err.Error()})
	}
	if status >= 400 {
		return append(complaints, d.envelope(about, status, value)...)
	}
	if status != http.StatusOK {
		return append(complaints, Complaint{"O2", about, "", "Stripe answers success with 200"})
	}
	route, ok := d.route(method, path)
	if !ok {
		return append(complaints, Complaint{"O2", about, "", "no such operation in Stripe's document"})
	}
	if open := answerSchema(d.open, route, "200"); open != nil {
		complaints = append(complaints, against("O2", about, open, value)...)
	}
	closed := answerSchema(d.closed, route, "200")
	if closed == nil {
		return append(complaints, Complaint{"O2", about, "", "the document has no JSON answer for it"})
	}
	if len(complaints) == 0 { // what is already wrong in O2 need not be said twice
		complaints = append(complaints, against("O3", about, closed, value)...)
	}
	return append(complaints, expansions(about, closed, value, params)...)
}

// envelope is O2b: the error object, and that its status fits its type.
func (d *Document) envelope(about string, status int, value any) []Complaint {
	schema := d.closed.Components.Schemas["error"].Value
	complaints := against("O2b", about, schema, value)
	object, _ := value.(map[string]any)
	failure, _ := object["error"].(map[string]any)
	kind, _ := failure["type"].(string)
	if text, _ := failure["message"].(string); text == "" {
		complaints = append(complaints, Complaint{"O2b", about, "error.message", "an error says what is wrong"})
	}
	if (kind == "card_error") != (status == http.StatusPaymentRequired) {
		complaints = append(complaints, Complaint{"O2b", about, "error.type", fmt.Sprintf("%q does not go with status %d", kind, status)})
	}
	if _, declined := failure["decline_code"]; declined && kind != "card_error" {
		complaints = append(complaints, Complaint{"O2b", about, "error.decline_code", "only a card error carries one"})
	}
	return complaints
}

func headers(about string, header http.Header) []Complaint {
	var complaints []Complaint
	if !strings.HasPrefix(header.Get("Content-Type"), "application/json") {
		complaints = append(complaints, Complaint{"O2", about, "Content-Type", fmt.Sprintf("%q is not JSON", header.Get("Content-Type"))})
	}
	if !strings.HasPrefix(header.Get("Request-Id"), "req_") {
		complaints = append(complaints, Complaint{"O2", about, "Request-Id", fmt.Sprintf("%q does not begin with req_", header.Get("Request-Id"))})
	}
	return complaints
}

func answerSchema(document *openapi3.T, r route, status string) *openapi3.Schema {
	item := document.Paths.Value(r.template)
	if item == nil || item.GetOperation(r.method) == nil {
		return nil
	}
	response := item.GetOperation(r.method).Responses.Value(status)
	if response == nil {
		return nil
	}
	media := response.Value.Content["application/json"]
	if media == nil || media.Schema == nil {
		return nil
	}
	return media.Schema.Value
}

// decode reads one JSON value and nothing after it.
func decode(body []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(body))
	var value any
	if err := d.Decode(&value); err != nil {
		return nil, err
	}
	if d.More() {
		return nil, fmt.Errorf("something follows the value")
	}
	return value, nil
}
