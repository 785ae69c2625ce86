package negotiation

import (
	"errors"
	"fmt"
)

// RefusalKind says what sort of "no" a refusal is; the rims translate it (HTTP
// status, exit code).
type RefusalKind string

const (
	Invalid   RefusalKind = "invalid"   // what was sent cannot be: correct it
	Forbidden RefusalKind = "forbidden" // not yours to do
	NotFound  RefusalKind = "not_found" // no such thing, or none that you may see
	Conflict  RefusalKind = "conflict"  // the thing has moved on: look again
	Blocked   RefusalKind = "blocked"   // a gate is closed; Reasons say which
)

// Refusal is a "no" meant for a person. Its code is a phrase key of the locale
// (refusal.<code>) that says what to do next.
type Refusal struct {
	Kind    RefusalKind
	Code    string
	Field   string         // the field of the form, where there is one
	Facts   map[string]any // what the phrase needs
	Reasons []Reason       // for Blocked: the closed gates
}

func (r *Refusal) Error() string {
	if len(r.Reasons) > 0 {
		return fmt.Sprintf("refused (%s): %s %v", r.Kind, r.Code, r.Reasons)
	}
	return fmt.Sprintf("refused (%s): %s", r.Kind, r.Code)
}

// AsRefusal returns the refusal in err, or nil when err is a fault of ours.
func AsRefusal(err error) *Refusal {
	var r *Refusal
	if errors.As(err, &r) {
		return r
	}
	return nil
}

// Refuse makes a refusal.
func Refuse(kind RefusalKind, code string) *Refusal { return &Refusal{Kind: kind, Code: code} }

// On names the field of the form that the refusal concerns.
func (r *Refusal) On(field string) *Refusal {
	r.Field = field
	return r
}

// With adds a fact for the phrase.
func (r *Refusal) With(name string, value any) *Refusal {
	if r.Facts == nil {
		r.Facts = map[string]any{}
	}
	r.Facts[name] = value
	return r
}

var errNotFound = Refuse(NotFound, "not_found")
