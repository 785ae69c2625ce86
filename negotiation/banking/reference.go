package banking

import (
	"fmt"
	"strings"
)

// bodyMax is how long the body of a reference may be (ISO 11649).
const bodyMax = 21

// Reference makes a creditor reference of a body of letters and digits: RF, two
// check digits, the body.
func Reference(body string) (string, error) {
	body = compact(body)
	remainder, ok := remainder97(body + "RF00")
	if !ok || body == "" || len(body) > bodyMax {
		return "", fmt.Errorf("no ISO 11649 reference of %q", body)
	}
	return fmt.Sprintf("RF%02d%s", 98-remainder, body), nil
}

// ParseReference reads a creditor reference as people write it and returns its
// body; ok is false where it is none or its check digits are wrong.
func ParseReference(text string) (body string, ok bool) {
	text = compact(text)
	if len(text) < 5 || len(text) > 4+bodyMax || !strings.HasPrefix(text, "RF") || strings.Trim(text[2:4], "0123456789") != "" {
		return "", false
	}
	remainder, ok := remainder97(text[4:] + text[:4])
	return text[4:], ok && remainder == 1
}
