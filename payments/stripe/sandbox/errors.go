package sandbox

import (
	"errors"
	"fmt"
	"net/http"
)

var errClockBack = errors.New("the sandbox clock does not go back")

// refusal is an answer that is not a success, in Stripe's envelope.
type refusal struct {
	Status int `json:"-"`

	Charge        string         `json:"charge,omitempty"`
	Code          string         `json:"code,omitempty"`
	DeclineCode   string         `json:"decline_code,omitempty"`
	DocURL        string         `json:"doc_url,omitempty"`
	Message       string         `json:"message,omitempty"`
	Param         string         `json:"param,omitempty"`
	PaymentIntent *paymentIntent `json:"payment_intent,omitempty"`
	PaymentMethod *paymentMethod `json:"payment_method,omitempty"`
	SetupIntent   *setupIntent   `json:"setup_intent,omitempty"`
	Type          string         `json:"type"`

	// unsaved refusals came before anything was carried out; an idempotency
	// key does not remember them.
	unsaved bool
}

func (r *refusal) Error() string { return r.Type + ": " + r.Message }

const docs = "https://stripe.com/docs/error-codes/"

func documented(code string) string {
	if code == "" {
		return ""
	}
	dashed := []byte(code)
	for i, b := range dashed {
		if b == '_' {
			dashed[i] = '-'
		}
	}
	return docs + string(dashed)
}

// invalid refuses a parameter before anything was done.
func invalid(param, code, format string, args ...any) *refusal {
	return &refusal{
		Status: http.StatusBadRequest, Type: "invalid_request_error", Code: code, DocURL: documented(code),
		Param: param, Message: fmt.Sprintf(format, args...), unsaved: true,
	}
}

// missing refuses a call without a parameter that it needs.
func missing(param string) *refusal {
	return invalid(param, "parameter_missing", "Missing required param: %s.", param)
}

// unmodelled refuses a parameter that Stripe knows and the sandbox does not
// act upon: answering as if it had would be a lie that a test could believe.
func unmodelled(param string) *refusal {
	return invalid(param, "", "Amiable's sandbox does not model %s; no call was carried out.", param)
}

// noSuch refuses a call that names something that does not exist here.
func noSuch(noun, param, id string) *refusal {
	r := invalid(param, "resource_missing", "No such %s: '%s'", noun, id)
	r.unsaved = false
	return r
}

// noSuchHere is noSuch for the object that the path itself names.
func noSuchHere(noun, param, id string) *refusal {
	r := noSuch(noun, param, id)
	r.Status = http.StatusNotFound
	return r
}

// refuse answers 400 for a reason found while carrying a call out.
func refuse(param, code, format string, args ...any) *refusal {
	r := invalid(param, code, format, args...)
	r.unsaved = false
	return r
}

// fault is a defect of the sandbox itself.
func fault(format string, args ...any) *refusal {
	return &refusal{Status: http.StatusInternalServerError, Type: "api_error", Message: fmt.Sprintf(format, args...)}
}
