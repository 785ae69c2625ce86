package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"amiable/payments/stripe/sandbox"
)

// relay answers as a mail relay does, and takes nothing.
func relay(t *testing.T) (host string, port int) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			_, _ = c.Write([]byte("220 relay.example.test ESMTP\r\n"))
			_ = c.Close()
		}
	}()
	return "127.0.0.1", l.Addr().(*net.TCPAddr).Port
}

// sick is a healthy installation that a test spoils.
type sick struct {
	*shell
	settings Settings
	box      *sandbox.Sandbox
}

func healthy(t *testing.T) *sick {
	t.Helper()
	s := newShell(t, "")
	s.founded(map[string]string{"CRE-001": "003667128"}, map[string]string{"MDT-001": "CRE-001"})
	settings := s.open().settings
	settings.Addr, settings.BaseURL, settings.TrustProxy = "127.0.0.1:8080", "https://pay.example.org", true
	settings.Secret = "Zk4tB8qLw2xNf7RmVc1sHj6YpDe3Gu9Ao5iK0"
	settings.StripeKey, settings.StripeWebhookSecret, settings.StripeSandbox = "sk_test_x", []string{"whsec_x"}, true
	settings.SMTPHost, settings.SMTPPort = relay(t)
	settings.SMTPTLS = "starttls"
	box := sandbox.New(sandbox.Options{Seed: 1, Endpoints: []sandbox.Endpoint{{URL: "https://pay.example.org/webhooks/stripe", Secret: "whsec_x"}}})
	server := httptest.NewServer(box.Handler())
	t.Cleanup(server.Close)
	settings.StripeBaseURL = server.URL
	settings.SealKey = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
	if err := os.Chmod(settings.Data, 0o700); err != nil {
		t.Fatal(err)
	}
	return &sick{s, settings, box}
}

// told returns what doctor complains about.
func (s *sick) told() (problems, advice []string) {
	s.t.Helper()
	var out bytes.Buffer
	err := (&DoctorCmd{Settings: s.settings, JSON: true}).Run(context.Background(), &out)
	var found diagnosis
	if decoding := json.Unmarshal(out.Bytes(), &found); decoding != nil {
		s.t.Fatal(errors.Join(decoding, err))
	}
	if (err != nil) != (len(found.Problems) > 0) {
		s.t.Errorf("%d problems, and doctor ends with %v", len(found.Problems), err)
	}
	for _, p := range found.Problems {
		problems = append(problems, p.Setting+": "+p.Text)
	}
	for _, p := range found.Advice {
		advice = append(advice, p.Setting+": "+p.Text)
	}
	return problems, advice
}

func TestDoctorSeesWhatIsMissing(t *testing.T) {
	well := healthy(t)
	problems, _ := well.told()
	if len(problems) != 1 || !strings.HasPrefix(problems[0], "STRIPE_BASE_URL") { // a test cannot have the real one
		t.Fatalf("of a healthy installation: %q", problems)
	}
	for _, test := range []struct {
		name, want string
		spoil      func(s *sick)
	}{
		{"a secret that was typed", "AMIABLE_SECRET: has only", func(s *sick) { s.settings.Secret = strings.Repeat("abc", 12) }},
		{"no key to sign files", "AMIABLE_SEAL_KEY: is missing", func(s *sick) { s.settings.SealKey = "" }},
		{"a key that is none", "AMIABLE_SEAL_KEY: is not 32 bytes", func(s *sick) { s.settings.SealKey = "short" }},
		{"an address of this machine", "AMIABLE_BASE_URL: http://127.0.0.1:8080 is reached", func(s *sick) { s.settings.BaseURL = "" }},
		{"mail into a folder", "AMIABLE_MAIL_FOLDER: is set", func(s *sick) { s.settings.MailFolder = "mail" }},
		{"files that cannot be written", "AMIABLE_DATA: ", func(s *sick) {
			if err := os.WriteFile(filepath.Join(s.settings.Data, "files"), nil, 0o600); err != nil {
				s.t.Fatal(err)
			}
		}},
		{"S3 that is not there", "AMIABLE_S3_ENDPOINT: the bucket evidence cannot be written", func(s *sick) {
			s.settings.S3Endpoint, s.settings.S3Bucket, s.settings.S3PathStyle = "http://127.0.0.1:1", "evidence", true
			s.settings.S3AccessKey, s.settings.S3SecretKey = "key", "secret"
		}},
		{"S3 without keys", "AMIABLE_S3_SECRET_KEY: is missing", func(s *sick) { s.settings.S3Endpoint = "https://s3.example.org" }},
		{"S3 in the clear", "is not https: files would travel in the clear", func(s *sick) { s.settings.S3Endpoint = "http://s3.example.org" }},
		{"keys of S3 without its address", "AMIABLE_S3_ENDPOINT: is missing", func(s *sick) { s.settings.S3Bucket = "evidence" }},
		{"a relay that is gone", "does not answer", func(s *sick) { s.settings.SMTPPort = 1 }},
		{"no endpoint for this site", "no webhook endpoint points to", func(s *sick) { s.settings.BaseURL = "https://other.example.org" }},
		{"a key that Stripe does not know", "STRIPE_SECRET_KEY:", func(s *sick) { s.settings.StripeKey = "pk_test_x" }},
		{"papers that ended", `its paper "insurance" is missing or expired`, func(s *sick) {
			s.harm("UPDATE papers SET valid_until = '2021-01-01' WHERE kind = 'insurance'")
		}},
		{"a database that is none", "DATABASE_URL:", func(s *sick) { s.settings.DatabaseURL = "mysql://db" }},
		{"a clock that was moved", "is a demo's", func(s *sick) { s.standsOn("2027-01-05") }},
	} {
		s := healthy(t)
		test.spoil(s)
		problems, _ := s.told()
		if !slices.ContainsFunc(problems, func(p string) bool { return strings.Contains(p, test.want) }) {
			t.Errorf("%s: doctor says %q", test.name, problems)
		}
	}
}

func TestDoctorAdvises(t *testing.T) {
	s := healthy(t)
	s.harm("UPDATE papers SET valid_until = '" + string(s.today().Add(10)) + "' WHERE kind = 'account'")
	_, advice := s.told()
	for _, want := range []string{"DATABASE_URL: is SQLite", `its paper "account" ends on`, "creditor CRE-001: takes no cards", "has no phone"} {
		if !slices.ContainsFunc(advice, func(a string) bool { return strings.Contains(a, want) }) {
			t.Errorf("no advice says %q: %q", want, advice)
		}
	}
}
