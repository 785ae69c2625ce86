package sandbox

import (
	_ "embed"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// params.txt says which parameters each endpoint takes, nested ones included.
// It is an extract of Stripe's OpenAPI document of 2023-10-16 (MIT licence),
// written and checked by conformance/params_test.go:
//
//	POST /v1/refunds
//		amount int
//		reason enum(duplicate|fraudulent|requested_by_customer)
//		metadata map/empty
//
// One tab is one level; a star marks what is required; "[]" an array; "/" an
// alternative; "empty" that an empty text unsets; "<=22" the longest text.
//
//go:embed params.txt
var paramsText string

// shape is what a parameter may look like.
type shape struct {
	name     string
	required bool
	kinds    []kind
	below    map[string]*shape
	needs    []string // the required names among below
}

// kind is one alternative of a shape.
type kind struct {
	array   bool
	base    string // string int number bool map object mapof empty enum
	longest int
	options []string
}

// shapes maps "POST /v1/refunds" to the parameters of that endpoint.
var shapes = readShapes(paramsText)

func readShapes(text string) map[string]*shape {
	all := map[string]*shape{}
	var path []*shape // path[i] is the open shape at depth i
	for line := range strings.SplitSeq(strings.TrimRight(text, "\n"), "\n") {
		depth := len(line) - len(strings.TrimLeft(line, "\t"))
		line = line[depth:]
		if depth == 0 {
			endpoint := &shape{kinds: []kind{{base: "object"}}}
			all[line] = endpoint
			path = []*shape{endpoint}
			continue
		}
		name, kinds, _ := strings.Cut(line, " ")
		name, required := strings.CutSuffix(name, "*")
		s := &shape{name: name, required: required}
		for part := range strings.SplitSeq(kinds, "/") {
			s.kinds = append(s.kinds, readKind(part))
		}
		path = path[:depth]
		parent := path[depth-1]
		if parent.below == nil {
			parent.below = map[string]*shape{}
		}
		parent.below[name] = s
		if required {
			parent.needs = append(parent.needs, name)
		}
		path = append(path, s)
	}
	return all
}

func readKind(text string) kind {
	var k kind
	text, k.array = strings.CutPrefix(text, "[]")
	if options, isEnum := strings.CutPrefix(text, "enum("); isEnum {
		k.base, k.options = "enum", strings.Split(strings.TrimSuffix(options, ")"), "|")
		return k
	}
	base, longest, bounded := strings.Cut(text, "<=")
	k.base = base
	if bounded {
		k.longest, _ = strconv.Atoi(longest)
	}
	return k
}

// check refuses what Stripe would refuse by shape alone.
func (s *shape) check(p *param) *refusal {
	for _, key := range p.keys {
		child := s.below[key]
		if child == nil {
			return invalid(key, "parameter_unknown", "Received unknown parameter: %s", key)
		}
		if r := child.checkAt(key, p.below[key]); r != nil {
			return r
		}
	}
	for _, name := range s.needs {
		if !p.has(name) {
			return missing(name)
		}
	}
	return nil
}

func (s *shape) checkAt(path string, p *param) *refusal {
	if len(p.keys) > 0 {
		return s.checkNested(path, p)
	}
	return s.checkText(path, p.value)
}

// checkNested judges a parameter that has others below it.
func (s *shape) checkNested(path string, p *param) *refusal {
	for _, k := range s.kinds {
		switch {
		case k.array:
			for i, key := range p.keys {
				at := fmt.Sprintf("%s[%d]", path, i)
				if _, err := strconv.Atoi(key); err != nil {
					return invalid(path, "", "Invalid array: %s has the key '%s' where a number is expected.", path, key)
				}
				element := p.below[key]
				if k.base == "object" {
					if len(element.keys) == 0 {
						return invalid(at, "", "Invalid object")
					}
					if r := s.members(at, element); r != nil {
						return r
					}
				} else if len(element.keys) > 0 {
					return invalid(at, "", "Invalid %s: a single value is expected.", at)
				} else if problem := k.fits(at, element.value); problem != nil {
					return problem
				}
			}
			return nil
		case k.base == "map":
			for _, key := range p.keys {
				if len(p.below[key].keys) > 0 {
					return invalid(path+"["+key+"]", "", "Metadata values must be strings, but for key '%s' you passed in a value of type hash", key)
				}
			}
			return nil
		case k.base == "mapof":
			for _, key := range p.keys {
				if r := s.members(path+"["+key+"]", p.below[key]); r != nil {
					return r
				}
			}
			return nil
		case k.base == "object":
			return s.members(path, p)
		}
	}
	return invalid(path, "", "Invalid %s: a single value is expected.", path)
}

func (s *shape) members(path string, p *param) *refusal {
	for _, key := range p.keys {
		at := path + "[" + key + "]"
		child := s.below[key]
		if child == nil {
			return invalid(at, "parameter_unknown", "Received unknown parameter: %s", at)
		}
		if r := child.checkAt(at, p.below[key]); r != nil {
			return r
		}
	}
	for _, name := range s.needs {
		if !p.has(name) {
			return missing(path + "[" + name + "]")
		}
	}
	return nil
}

// checkText judges a single value against the alternatives.
func (s *shape) checkText(path, text string) *refusal {
	var problem *refusal
	for _, k := range s.kinds {
		if k.base == "empty" {
			if text == "" {
				return nil
			}
			continue
		}
		if k.array || k.base == "object" || k.base == "map" || k.base == "mapof" {
			if problem == nil {
				problem = invalid(path, "", "Invalid %s: an object or an array is expected.", path)
			}
			continue
		}
		if problem = k.fits(path, text); problem == nil {
			if text == "" && s.required && k.base == "string" {
				return emptied(path)
			}
			return nil
		}
	}
	if text == "" {
		return emptied(path)
	}
	return problem
}

func emptied(path string) *refusal {
	return invalid(path, "parameter_invalid_empty", "You passed an empty string for '%s'. We assume empty values are an attempt to unset a parameter; however '%s' cannot be unset. You should remove '%s' from your request or supply a non-empty value.", path, path, path)
}

// fits judges one value against one alternative.
func (k kind) fits(path, text string) *refusal {
	switch k.base {
	case "int":
		if _, err := strconv.ParseInt(text, 10, 64); err != nil {
			return invalid(path, "parameter_invalid_integer", "Invalid integer: %s", text)
		}
	case "number":
		if _, err := strconv.ParseFloat(text, 64); err != nil {
			return invalid(path, "", "Invalid decimal: %s; must conform to this format", text)
		}
	case "bool":
		if text != "true" && text != "false" {
			return invalid(path, "", "Invalid boolean: %s", text)
		}
	case "enum":
		if !slices.Contains(k.options, text) {
			return invalid(path, "", "Invalid %s: must be one of %s", path, strings.Join(k.options, ", "))
		}
	case "string":
		if k.longest > 0 && len([]rune(text)) > k.longest {
			return invalid(path, "", "Invalid string: %s; must be at most %d characters", path, k.longest)
		}
	}
	return nil
}
