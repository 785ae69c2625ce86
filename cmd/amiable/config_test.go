package main

import (
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// variables are the environment variables of Settings.
func variables() []string {
	var names []string
	settings := reflect.TypeFor[Settings]()
	for n := range settings.NumField() {
		names = append(names, settings.Field(n).Tag.Get("env"))
	}
	return names
}

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestEverySettingHasAVariableAndAPurpose(t *testing.T) {
	settings := reflect.TypeFor[Settings]()
	for n := range settings.NumField() {
		f := settings.Field(n)
		for _, tag := range []string{"env", "help", "group"} {
			if f.Tag.Get(tag) == "" {
				t.Errorf("%s has no %s", f.Name, tag)
			}
		}
	}
}

func TestTheExampleNamesEverySettingAndNoOther(t *testing.T) {
	var named []string
	for _, match := range regexp.MustCompile(`(?m)^#?([A-Z][A-Z0-9_]+)=`).FindAllStringSubmatch(read(t, ".env.example"), -1) {
		named = append(named, match[1])
	}
	for _, v := range variables() {
		if !slices.Contains(named, v) {
			t.Errorf(".env.example does not name %s", v)
		}
	}
	for _, v := range named {
		if !slices.Contains(variables(), v) && v != "POSTGRES_PASSWORD" {
			t.Errorf(".env.example names %s, which is no setting", v)
		}
	}
}

func TestComposeSetsOnlyWhatIsASetting(t *testing.T) {
	compose := read(t, "compose.yaml")
	example := read(t, ".env.example")
	ours, _, _ := strings.Cut(compose, "  db:\n")
	seen := 0
	for _, match := range regexp.MustCompile(`(?m)^      ([A-Z][A-Z0-9_]+): \$\{([A-Z0-9_]+)`).FindAllStringSubmatch(ours, -1) {
		seen++
		if match[1] != match[2] {
			t.Errorf("compose.yaml fills %s from %s", match[1], match[2])
		}
		if !slices.Contains(variables(), match[1]) {
			t.Errorf("compose.yaml sets %s, which is no setting", match[1])
		}
	}
	if seen < 8 {
		t.Fatalf("only %d variables were found in compose.yaml", seen)
	}
	for _, match := range regexp.MustCompile(`\$\{([A-Z0-9_]+)`).FindAllStringSubmatch(compose, -1) {
		if !regexp.MustCompile(`(?m)^#?` + match[1] + `=`).MatchString(example) {
			t.Errorf("compose.yaml wants %s, which .env.example does not name", match[1])
		}
	}
	for _, v := range regexp.MustCompile(`AMIABLE_[A-Z_]+|DATABASE_URL`).FindAllString(read(t, "Dockerfile"), -1) {
		if !slices.Contains(variables(), v) {
			t.Errorf("the Dockerfile sets %s, which is no setting", v)
		}
	}
}

// good is a configuration that can serve.
func good() Settings {
	return Settings{
		Data: "data", Addr: "127.0.0.1:8080", BaseURL: "https://pay.example.org", Secret: strings.Repeat("k3", 24), StripeKey: "sk_test_x",
		StripeWebhookSecret: []string{"whsec_x"}, SMTPHost: "relay.example.org", SMTPPort: 587, SMTPTLS: "starttls",
	}
}

func TestServeRefusesWhatIsMissingByName(t *testing.T) {
	if s := good(); len(s.problems()) > 0 {
		t.Fatalf("a good configuration is refused: %v", s.problems())
	}
	for _, test := range []struct {
		name  string
		spoil func(*Settings)
		want  string
	}{
		{"no secret", func(s *Settings) { s.Secret = "" }, "AMIABLE_SECRET"},
		{"a short secret", func(s *Settings) { s.Secret = strings.Repeat("k", 31) }, "AMIABLE_SECRET"},
		{"links in the clear", func(s *Settings) { s.BaseURL = "http://pay.example.org" }, "AMIABLE_BASE_URL"},
		{"an address with a path", func(s *Settings) { s.BaseURL = "https://example.org/pay" }, "AMIABLE_BASE_URL"},
		{"no key", func(s *Settings) { s.StripeKey = "" }, "STRIPE_SECRET_KEY"},
		{"no webhook secret", func(s *Settings) { s.StripeWebhookSecret = []string{" "} }, "STRIPE_WEBHOOK_SECRET"},
		{"a webhook secret that is none", func(s *Settings) { s.StripeWebhookSecret = []string{"sk_test_x"} }, "STRIPE_WEBHOOK_SECRET"},
		{"no mail", func(s *Settings) { s.SMTPHost = "" }, "SMTP_HOST"},
		{"more contacts than the rules allow", func(s *Settings) { s.MaxPerWeek = 3 }, "AMIABLE_MAX_CONTACTS_PER_WEEK"},
		{"mail in the clear", func(s *Settings) { s.SMTPTLS = "none" }, "SMTP_TLS"},
	} {
		s := good()
		test.spoil(&s)
		found := s.problems()
		if len(found) != 1 || found[0].Setting != test.want {
			t.Errorf("%s: %v, want one problem of %s", test.name, found, test.want)
		}
	}
}
