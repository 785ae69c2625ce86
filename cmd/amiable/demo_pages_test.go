package main

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"amiable/negotiation"
)

// pagesAnswer opens every debtor's pages: none may fail, whatever the day and
// the state of the case. On 5 January 2027 the half-year's rates are not
// published yet.
func (r *running) pagesAnswer(t *testing.T) {
	t.Helper()
	for _, d := range r.ready.Debtor {
		c := browser(t)
		if d.Check.Kind == negotiation.CheckMailedCode {
			r.get(c, d.Link)
			continue
		}
		at, _ := r.post(c, d.Link, url.Values{"answer": {d.Check.Value}})
		for _, path := range []string{"/case", "/case/pay", "/case/documents", "/case/timeline", "/case/receipts", "/case/closed", "/case/plan", "/case/time", "/case/contest", "/case/contact"} {
			answer, err := c.Get(r.ready.BaseURL + path)
			if err != nil {
				t.Fatal(err)
			}
			_ = answer.Body.Close()
			if answer.StatusCode >= http.StatusInternalServerError || (at.Path == "/case" && answer.StatusCode != http.StatusOK) {
				t.Errorf("case %s (%s): %s answers %d", d.Case, d.State, path, answer.StatusCode)
			}
		}
	}
}

// clockRefuses sends what is no day: the answer is JSON, as the question was.
func (r *running) clockRefuses(t *testing.T) {
	t.Helper()
	for _, wrong := range []string{`{}`, `{"days":0}`, `{"to":"2020-01-01"}`, `{"to":"tomorrow"}`, `days=3`} {
		answer, err := http.Post(r.ready.ClockURL, "application/json; charset=utf-8", strings.NewReader(wrong))
		if err != nil {
			t.Fatal(err)
		}
		var told struct{ Error string }
		if err := json.NewDecoder(answer.Body).Decode(&told); err != nil || answer.StatusCode != http.StatusUnprocessableEntity || told.Error == "" {
			t.Errorf("%s is answered %d %q, %v", wrong, answer.StatusCode, told.Error, err)
		}
		_ = answer.Body.Close()
	}
}
