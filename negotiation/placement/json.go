package placement

import (
	"bytes"
	"encoding/json"
)

// MarshalJSON writes a record as `amiable import --dry-run --json` prints it:
// line, record, invoice_number, outcome, reason_code, reason, reasons and claim.
// A blank line has no record number, what was not taken over has no claim.
func (r Record) MarshalJSON() ([]byte, error) {
	type reason struct {
		Code    Code    `json:"reason_code"`
		Text    string  `json:"reason"`
		Outcome Outcome `json:"outcome"`
		Column  string  `json:"column,omitempty"`
		Advice  string  `json:"advice,omitempty"`
	}
	out := struct {
		Line          int               `json:"line"`
		Record        *int              `json:"record"`
		InvoiceNumber string            `json:"invoice_number"`
		Outcome       Outcome           `json:"outcome"`
		Code          Code              `json:"reason_code"`
		Text          string            `json:"reason"`
		Reasons       []reason          `json:"reasons"`
		Kind          Kind              `json:"kind,omitempty"`
		Claim         *Claim            `json:"claim"`
		Extra         map[string]string `json:"extra,omitempty"`
	}{Line: r.Line, InvoiceNumber: r.InvoiceNumber, Outcome: r.Outcome, Reasons: []reason{}}
	if r.Number > 0 {
		out.Record = &r.Number
		out.Kind = r.Kind
	}
	if main, any := r.Main(); any {
		out.Code, out.Text = main.Code, main.Text("en")
	}
	for _, x := range r.Reasons {
		out.Reasons = append(out.Reasons, reason{x.Code, x.Text("en"), x.Outcome(), x.Column, x.Advice("en")})
	}
	if r.Taken() {
		out.Claim = &r.Claim
	}
	for _, e := range r.Extra {
		if out.Extra == nil {
			out.Extra = map[string]string{}
		}
		out.Extra[e.Column] = e.Value
	}
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(out)
	return b.Bytes(), err
}
