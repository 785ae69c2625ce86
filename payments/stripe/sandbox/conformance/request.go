package conformance

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/stripe/stripe-mock/param"
	"github.com/stripe/stripe-mock/param/coercer"
)

// Request judges a request before it would leave for Stripe: O1 by Stripe's
// own mock server, O4 by the closed request schema, which also sees nested
// parameters that Stripe does not know.
func (d *Document) Request(r *http.Request, body []byte) []Complaint {
	about := r.Method + " " + r.URL.Path
	complaints := d.byMock(about, r, body)
	return append(complaints, d.nested(about, r, body)...)
}

func (d *Document) byMock(about string, r *http.Request, body []byte) []Complaint {
	answer := httptest.NewRecorder()
	d.quietly(func() { d.mock.HandleRequest(answer, replay(r, body)) })
	// A 500 is the mock's own trouble with making up an answer, after it found
	// nothing wrong with the request.
	if answer.Code == http.StatusOK || answer.Code == http.StatusInternalServerError {
		return nil
	}
	var envelope server400
	problem := strings.TrimSpace(answer.Body.String())
	if json.Unmarshal(answer.Body.Bytes(), &envelope) == nil && envelope.Error.Message != "" {
		problem = envelope.Error.Message
	}
	return []Complaint{{"O1", about, "", problem}}
}

type server400 struct {
	Error struct{ Message string }
}

func (d *Document) nested(about string, r *http.Request, body []byte) []Complaint {
	route, ok := d.route(r.Method, r.URL.Path)
	if !ok {
		return []Complaint{{"O4", about, "", "no such operation in Stripe's document"}}
	}
	params, err := param.ParseParams(replay(r, body))
	if err != nil {
		return []Complaint{{"O4", about, "", err.Error()}}
	}
	if route.request == nil {
		if len(params) > 0 {
			return []Complaint{{"O4", about, "", "the operation takes no parameters"}}
		}
		return nil
	}
	if err := coercer.CoerceParams(route.params, params); err != nil {
		return []Complaint{{"O4", about, "", err.Error()}}
	}
	return against("O4", about, route.request, any(params))
}

// replay copies a request, so that every judge reads its body from the start.
func replay(r *http.Request, body []byte) *http.Request {
	again := r.Clone(r.Context())
	again.Body = io.NopCloser(bytes.NewReader(body))
	again.ContentLength = int64(len(body))
	return again
}
