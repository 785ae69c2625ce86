package sandbox

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// asked are the parameters of a control, from a form, a query or a JSON object.
type asked struct {
	values   url.Values
	metadata map[string]string
}

// readAsked reads the parameters of a call and refuses those not in allowed.
func readAsked(w http.ResponseWriter, r *http.Request, allowed []string) (asked, error) {
	a := asked{values: url.Values{}}
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") {
		if err := a.readJSON(r.Body); err != nil {
			return a, err
		}
	} else if err := r.ParseForm(); err != nil {
		return a, fmt.Errorf("the form could not be read: %w", err)
	} else {
		for name, values := range r.Form {
			if key, inside := strings.CutPrefix(name, "metadata["); inside && strings.HasSuffix(key, "]") {
				if a.metadata == nil {
					a.metadata = map[string]string{}
				}
				a.metadata[strings.TrimSuffix(key, "]")] = values[0]
				name = "metadata"
			}
			a.values[name] = values
		}
	}
	for name := range a.values {
		if !slices.Contains(allowed, name) {
			if len(allowed) == 0 {
				return a, fmt.Errorf("no parameter %q: this control takes none", name)
			}
			return a, fmt.Errorf("no parameter %q; known: %s", name, strings.Join(allowed, ", "))
		}
	}
	return a, nil
}

func (a *asked) readJSON(body io.Reader) error {
	decoder := json.NewDecoder(body)
	decoder.UseNumber()
	var object map[string]any
	if err := decoder.Decode(&object); err != nil {
		if errors.Is(err, io.EOF) { // nothing sent is nothing asked
			return nil
		}
		return fmt.Errorf("the body is not a JSON object: %w", err)
	}
	for name, given := range object {
		if inner, isObject := given.(map[string]any); isObject && name == "metadata" {
			a.metadata = map[string]string{}
			for k, v := range inner {
				text, err := scalar(k, v)
				if err != nil {
					return err
				}
				a.metadata[k] = text
			}
			a.values[name] = nil
			continue
		}
		list, isList := given.([]any)
		if !isList {
			list = []any{given}
		}
		a.values[name] = []string{}
		for _, one := range list {
			text, err := scalar(name, one)
			if err != nil {
				return err
			}
			a.values.Add(name, text)
		}
	}
	return nil
}

func scalar(name string, given any) (string, error) {
	switch v := given.(type) {
	case nil:
		return "", nil
	case string:
		return v, nil
	case json.Number:
		return v.String(), nil
	case bool:
		return strconv.FormatBool(v), nil
	}
	return "", fmt.Errorf("%s must be a text, a number or true/false", name)
}

func (a asked) text(name string) string { return strings.TrimSpace(a.values.Get(name)) }

// texts returns a list: several values, or one with commas or spaces between.
func (a asked) texts(name string) []string {
	var all []string
	for _, value := range a.values[name] {
		all = append(all, strings.FieldsFunc(value, func(r rune) bool { return r == ',' || r == ' ' || r == '\n' || r == '\r' })...)
	}
	return all
}

// whole returns a number, 0 when it is not given.
func (a asked) whole(name string) (int, error) {
	text := a.text(name)
	if text == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 {
		return 0, fmt.Errorf("%s must be a whole number, not %q", name, text)
	}
	return n, nil
}

// truth returns a yes or no, nil when it is not given.
func (a asked) truth(name string) (*bool, error) {
	switch text := a.text(name); text {
	case "":
		return nil, nil
	case "true", "yes", "on":
		yes := true
		return &yes, nil
	case "false", "no", "off":
		no := false
		return &no, nil
	default:
		return nil, fmt.Errorf("%s must be true or false, not %q", name, text)
	}
}

// longestSpan bounds what a clock can be moved by in one step: time does not
// overflow, and alarms that ring on the way stay countable.
const longestSpan = 20 * 366 * 24 * time.Hour

// parseSpan reads a span as Go writes it, with days before: 3d, 1d12h, 90s.
func parseSpan(text string) (time.Duration, error) {
	days, rest, hasDays := strings.Cut(text, "d")
	if !hasDays {
		days, rest = "0", text
	}
	n, err := strconv.ParseUint(days, 10, 16)
	span := time.Duration(n) * 24 * time.Hour
	if err == nil && rest != "" {
		var part time.Duration
		part, err = time.ParseDuration(rest)
		if span += part; part < 0 {
			span = part
		}
	}
	if err != nil || text == "" || span < 0 || span > longestSpan {
		return 0, fmt.Errorf("a span is written 90s, 24h, 3d or 1d12h, up to twenty years; not %q", text)
	}
	return span, nil
}
