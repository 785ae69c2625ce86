package sandbox

import (
	"net/url"
	"sort"
	"strconv"
	"strings"
)

// param is one parameter of a call: a text, or named or numbered parameters
// below it. All its reading methods work on nil, so that an optional path can
// be asked in one breath: p.at("transfer_data").text("destination").
type param struct {
	value string
	keys  []string
	below map[string]*param
}

// parseForm reads Stripe's form encoding: a[b][c]=v, a[]=v, a[0][b]=v. The
// order of arrival is kept, because a[][b] starts a new element by repetition.
func parseForm(raw string) (*param, error) {
	root := &param{}
	for raw != "" {
		var pair string
		pair, raw, _ = strings.Cut(raw, "&")
		if pair == "" {
			continue
		}
		name, value, _ := strings.Cut(pair, "=")
		name, err := url.QueryUnescape(name)
		if err != nil {
			return nil, invalid("", "", "Invalid request: a parameter name is not properly encoded.")
		}
		if value, err = url.QueryUnescape(value); err != nil {
			return nil, invalid(name, "", "Invalid request: the value of %s is not properly encoded.", name)
		}
		if err := root.put(name, value); err != nil {
			return nil, err
		}
	}
	return root, nil
}

// maxDepth bounds how deep parameters may nest; Stripe's deepest have six.
const maxDepth = 12

func (p *param) put(name, value string) error {
	first, rest, nested := strings.Cut(name, "[")
	path := []string{first}
	if nested {
		if !strings.HasSuffix(rest, "]") {
			return invalid(name, "", "Invalid parameter name: %s", name)
		}
		path = append(path, strings.Split(rest[:len(rest)-1], "][")...)
	}
	if first == "" || len(path) > maxDepth {
		return invalid(name, "", "Invalid parameter name: %s", name)
	}
	at := p
	for i, key := range path {
		if key == "" {
			next := len(at.keys)
			// a[][b]=1&a[][c]=2 is one element until a key comes again.
			if i+1 < len(path) && next > 0 {
				if last := at.below[at.keys[next-1]]; last.below[path[i+1]] == nil {
					next--
				}
			}
			key = strconv.Itoa(next)
		}
		child := at.below[key]
		if child == nil {
			child = &param{}
			if at.below == nil {
				at.below = map[string]*param{}
			}
			at.below[key] = child
			at.keys = append(at.keys, key)
		}
		at = child
	}
	at.value = value
	return nil
}

// at returns the parameter of that name below p, or nil.
func (p *param) at(name string) *param {
	if p == nil {
		return nil
	}
	return p.below[name]
}

// has says whether the caller gave the parameter at all, be it empty.
func (p *param) has(name string) bool { return p.at(name) != nil }

// text returns the value of a parameter, "" when it is not given.
func (p *param) text(name string) string {
	if q := p.at(name); q != nil {
		return q.value
	}
	return ""
}

// optional returns the value for a field that may be null.
func (p *param) optional(name string) *string { return optional(p.text(name)) }

// into sets a nullable field when the caller said anything about it.
func (p *param) into(field **string, name string) {
	if p.has(name) {
		*field = p.optional(name)
	}
}

// number returns an integer; the schema has made sure that it is one.
func (p *param) number(name string) int64 {
	n, err := strconv.ParseInt(p.text(name), 10, 64)
	if err != nil {
		return 0
	}
	return n
}

func (p *param) truth(name string) bool { return p.text(name) == "true" }

// list returns the elements of an array in order.
func (p *param) list(name string) []*param {
	q := p.at(name)
	if q == nil {
		return nil
	}
	keys := append([]string(nil), q.keys...)
	sort.SliceStable(keys, func(i, j int) bool {
		a, errA := strconv.Atoi(keys[i])
		b, errB := strconv.Atoi(keys[j])
		return errA == nil && errB == nil && a < b
	})
	elements := make([]*param, 0, len(keys))
	for _, k := range keys {
		elements = append(elements, q.below[k])
	}
	return elements
}

func (p *param) texts(name string) []string {
	var values []string
	for _, e := range p.list(name) {
		values = append(values, e.value)
	}
	return values
}

// optional returns nil for "", which is how a null is written here.
func optional(value string) *string {
	if value == "" {
		return nil
	}
	return &value
}

// value returns what a nullable field says, "" for null.
func value(p *string) string {
	if p == nil {
		return ""
	}
	return *p
}

func number(n int64) *int64 { return &n }
