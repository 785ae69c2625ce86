package sandbox

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestEveryRouteHasItsParametersAndEveryParameterItsRoute(t *testing.T) {
	for endpoint := range routes {
		if shapes[endpoint] == nil {
			t.Errorf("%s is answered, but params.txt does not say what it takes", endpoint)
		}
	}
	for endpoint := range shapes {
		if routes[endpoint] == nil {
			t.Errorf("%s is in params.txt, but nobody answers it", endpoint)
		}
	}
}

func TestShapes(t *testing.T) {
	all := readShapes("POST /x\n\tamount* int\n\twhen object/int\n\t\tgt int\n\tkinds []enum(a|b)\n\tnote string<=3/empty\n\tto object\n\t\tname* string\n\trows []object\n\t\tn* int\n\tmetadata map/empty\n")
	for form, want := range map[string]string{
		"amount=1":                            "",
		"amount=1&when=5":                     "",
		"amount=1&when[gt]=5":                 "",
		"amount=1&note=":                      "",
		"amount=1&kinds[]=a&kinds[]=b":        "",
		"amount=1&rows[0][n]=1&rows[1][n]=2":  "",
		"amount=1&rows[][n]=1&rows[][n]=2":    "",
		"amount=1&metadata[a]=b":              "",
		"amount=1&metadata=":                  "",
		"":                                    "amount",
		"amount=":                             "amount",
		"amount=x":                            "amount",
		"amount[a]=1":                         "amount",
		"amount=1&when[after]=5":              "when[after]",
		"amount=1&kinds[]=c":                  "kinds[0]",
		"amount=1&note=abcd":                  "note",
		"amount=1&to[x]=1":                    "to[x]",
		"amount=1&to[name]=":                  "to[name]",
		"amount=1&to=1":                       "to",
		"amount=1&rows[0][m]=1":               "rows[0][m]",
		"amount=1&rows[0]=1":                  "rows[0]",
		"amount=1&rows[a][n]=1":               "rows",
		"amount=1&metadata[a][b]=c":           "metadata[a]",
		"amount=1&other=1":                    "other",
		"amount=1&rows[0][n]=1&rows[1][n]=ii": "rows[1][n]",
	} {
		p, err := parseForm(form)
		if err != nil {
			t.Errorf("%q: %v", form, err)
			continue
		}
		got := ""
		if r := all["POST /x"].check(p); r != nil {
			got = r.Param
		}
		if got != want {
			t.Errorf("%q: refused for %q, not %q", form, got, want)
		}
	}
	for _, form := range []string{"a[=1", "[a]=1", "=1", "%zz=1", "a=%zz", "a" + strings.Repeat("[b]", 20) + "=1"} {
		if _, err := parseForm(form); err == nil {
			t.Errorf("%q was taken", form)
		}
	}
}

// monkey calls every route with parameters that are legal by shape and mad by
// meaning. Whatever comes back, it is not a defect of ours.
func TestNoLegalShapeBreaksTheSandbox(t *testing.T) {
	endpoints := make([]string, 0, len(routes))
	for endpoint := range routes {
		endpoints = append(endpoints, endpoint)
	}
	slices.Sort(endpoints)
	rapid.Check(t, func(t *rapid.T) {
		s := New(Options{Seed: 3})
		ids := []string{"none", s.PlatformID(), "pm_card_visa", "pm_card_authenticationRequired", "tok_visa", "btok_fr"}
		for range rapid.IntRange(1, 40).Draw(t, "calls") {
			endpoint := rapid.SampledFrom(endpoints).Draw(t, "endpoint")
			method, path, _ := strings.Cut(endpoint, " ")
			for strings.Contains(path, "{") {
				open, rest, _ := strings.Cut(path, "{")
				_, rest, _ = strings.Cut(rest, "}")
				path = open + rapid.SampledFrom(ids).Draw(t, "id") + rest
			}
			form := url.Values{}
			fill(t, form, "", shapes[endpoint], ids, 0)
			target, body := path, ""
			if method == http.MethodPost {
				body = form.Encode()
			} else {
				target += "?" + form.Encode()
			}
			r := httptest.NewRequest(method, target, strings.NewReader(body))
			r.Header.Set("Authorization", "Bearer sk_test_monkey")
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			w := httptest.NewRecorder()
			s.ServeHTTP(w, r)
			if w.Code >= 500 {
				t.Fatalf("%s %s: %d %s", endpoint, form.Encode(), w.Code, w.Body)
			}
			if answer, err := decode(w.Body.Bytes()); err != nil {
				t.Fatalf("%s: %v", endpoint, err)
			} else if id, ok := answer["id"].(string); ok {
				ids = append(ids, id)
			}
		}
		for _, v := range s.Invariants() {
			t.Errorf("%s", v)
		}
	})
}

// fill draws some legal parameters, the required ones always.
func fill(t *rapid.T, form url.Values, prefix string, s *shape, ids []string, depth int) {
	names := make([]string, 0, len(s.below))
	for name := range s.below {
		names = append(names, name)
	}
	slices.Sort(names)
	chosen := slices.Clone(s.needs)
	if len(names) > 0 {
		for range rapid.IntRange(0, 4).Draw(t, "more") {
			chosen = append(chosen, rapid.SampledFrom(names).Draw(t, "name"))
		}
	}
	slices.Sort(chosen)
	for _, name := range slices.Compact(chosen) {
		at := name
		if prefix != "" {
			at = prefix + "[" + name + "]"
		}
		child := s.below[name]
		kind := rapid.SampledFrom(child.kinds).Draw(t, "kind")
		if kind.array {
			if kind.base == "object" {
				fill(t, form, at+"[0]", child, ids, depth+1)
			} else {
				form.Set(at+"[0]", valueOf(t, name, kind, ids))
			}
			continue
		}
		switch kind.base {
		case "object":
			fill(t, form, at, child, ids, depth+1)
		case "mapof":
			fill(t, form, at+"[x]", child, ids, depth+1)
		case "map":
			form.Set(at+"[key]", "value")
		default:
			form.Set(at, valueOf(t, name, kind, ids))
		}
	}
}

func valueOf(t *rapid.T, name string, k kind, ids []string) string {
	switch k.base {
	case "empty":
		return ""
	case "int":
		return fmt.Sprint(rapid.SampledFrom([]int64{0, 1, 50, 1000, 99999999, -1, 1 << 40, 1767603600 + 3600}).Draw(t, "int"))
	case "number":
		return "1.5"
	case "bool":
		return rapid.SampledFrom([]string{"true", "false"}).Draw(t, "bool")
	case "enum":
		return rapid.SampledFrom(k.options).Draw(t, "option")
	}
	switch name {
	case "currency", "default_currency":
		return "eur"
	case "amount", "unit_amount":
		return "1000"
	case "number":
		return rapid.SampledFrom(TestNumbers()).Draw(t, "number")
	case "iban":
		return "FR1420041010050500013M02606"
	case "country":
		return "FR"
	case "url", "success_url", "return_url", "refresh_url":
		return "https://a.test"
	}
	return rapid.SampledFrom(ids).Draw(t, "id")
}
