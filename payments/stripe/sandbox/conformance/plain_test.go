package conformance

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/stripe/stripe-go/v76"
)

// rawCall is the plainest client there is: form in, JSON out. A refusal comes
// back as *stripe.Error.
func rawCall(base, key, method, path string, form url.Values, into any) error {
	address, body := base+path, io.Reader(http.NoBody)
	if method == http.MethodPost {
		body = strings.NewReader(form.Encode())
	} else if len(form) > 0 {
		address += "?" + form.Encode()
	}
	request, err := http.NewRequest(method, address, body)
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer "+key)
	request.Header.Set("Stripe-Version", APIVersion)
	if method == http.MethodPost {
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	if response.StatusCode != http.StatusOK {
		var envelope struct{ Error *stripe.Error }
		if err := json.Unmarshal(answer, &envelope); err != nil || envelope.Error == nil {
			return fmt.Errorf("%s %s: %s: %s", method, path, response.Status, answer)
		}
		envelope.Error.HTTPStatusCode = response.StatusCode
		return envelope.Error
	}
	if into == nil {
		return nil
	}
	return json.Unmarshal(answer, into)
}

func asStripe(err error, into **stripe.Error) bool { return errors.As(err, into) }
