package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"amiable/negotiation"
	"amiable/negotiation/database/databasetest"
)

// shell is a new agency at its command line.
type shell struct {
	t    *testing.T
	base []string
}

func newShell(t *testing.T, databaseURL string) *shell {
	t.Helper()
	s := &shell{t: t, base: []string{"--data", t.TempDir(), "--secret", strings.Repeat("k3", 24)}}
	if databaseURL != "" {
		s.base = append(s.base, "--database-url", databaseURL)
	}
	return s
}

// try runs a command.
func (s *shell) try(args ...string) (string, error) {
	s.t.Helper()
	var out bytes.Buffer
	err := run(context.Background(), append(args, s.base...), &out, &out)
	return out.String(), err
}

// do runs a command that must succeed.
func (s *shell) do(args ...string) string {
	s.t.Helper()
	out, err := s.try(args...)
	if err != nil {
		s.t.Fatalf("amiable %s: %s\n%s", strings.Join(args, " "), sentence(err), out)
	}
	return out
}

// refused runs a command that must fail with a sentence.
func (s *shell) refused(part string, args ...string) {
	s.t.Helper()
	out, err := s.try(args...)
	if err == nil || !strings.Contains(sentence(err)+out, part) {
		s.t.Fatalf("amiable %s: got %v, want it refused with %q\n%s", strings.Join(args, " "), err, part, out)
	}
}

// open opens the shell's installation.
func (s *shell) open() *installation {
	s.t.Helper()
	settings := Settings{Data: s.base[1], Addr: "127.0.0.1:0"}
	if len(s.base) > 4 {
		settings.DatabaseURL = s.base[5]
	}
	i, err := create(context.Background(), settings)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = i.Close() })
	return i
}

// harm changes the data behind the product's back.
func (s *shell) harm(statement string) {
	s.t.Helper()
	if err := s.open().db.Read(context.Background()).Exec(statement).Error; err != nil {
		s.t.Fatal(err)
	}
}

// today is the product's day.
func (s *shell) today() negotiation.Day {
	s.t.Helper()
	today, err := s.open().negotiation.Today(context.Background())
	if err != nil {
		s.t.Fatal(err)
	}
	return today
}

// standsOn sets the product's clock, which every command then reads.
func (s *shell) standsOn(day negotiation.Day) {
	s.t.Helper()
	if err := (negotiation.RowClock{DB: s.open().db}).Set(context.Background(), morningOf(day)); err != nil {
		s.t.Fatal(err)
	}
}

// founded makes agency, creditors and mandates.
func (s *shell) founded(creditors, mandates map[string]string) {
	s.t.Helper()
	s.do("agency", "found", "--name", "Agence Aubrelle", "--email", "agence@example.test", "--city", "Bordeaux")
	for _, kind := range []string{"insurance", "account", "declaration"} {
		s.do("agency", "paper", "--kind", kind, "--reference", "P-"+kind, "--from", "2020-01-01")
	}
	for reference, siren := range creditors {
		s.do("creditor", "add", "--reference", reference, "--name", "Créancier "+reference, "--siren", siren, "--email", "c@example.test", "--part-minimum", "20.00")
	}
	for reference, creditor := range mandates {
		s.do("mandate", "add", "--creditor", creditor, "--reference", reference, "--signed-on", "2024-01-02", "--scope", "Tout", "--proof", "classeur", "--fee-percent", "12.5")
	}
}

func eachDatabase(t *testing.T, test func(t *testing.T, url string)) {
	t.Run("sqlite", func(t *testing.T) { test(t, "") })
	t.Run("postgres", func(t *testing.T) { test(t, databasetest.PostgresURL(t)) })
}

func TestANewAgencyPlacesClaimsAndOpensCases(t *testing.T) {
	eachDatabase(t, func(t *testing.T, url string) {
		s := newShell(t, url)
		if url == "" {
			s.refused("there is no database at", "verify")
		}
		s.do("migrate")
		s.refused("agency", "creditor", "add", "--reference", "CRE-001", "--name", "X", "--siren", "003667128")
		s.founded(map[string]string{"CRE-001": "003667128"}, map[string]string{"MDT-001": "CRE-001"})
		s.refused("siren", "creditor", "add", "--reference", "CRE-002", "--name", "X", "--siren", "003667129")

		file := filepath.Join(t.TempDir(), "claims.csv")
		content, err := os.ReadFile("testdata/claims.csv")
		if err == nil {
			err = os.WriteFile(file, content, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
		out := s.do("import", file)
		if !strings.Contains(out, "3 records: 2 accepted, 0 accepted with a warning, 1 refused") || !strings.Contains(out, "1  impossible_date: ") {
			t.Fatal(out)
		}
		refused, err := os.ReadFile(file + ".refused.csv")
		if err != nil || !strings.Contains(string(refused), "Hugo Lambertin") {
			t.Fatalf("the refused line is not beside the file: %v\n%s", err, refused)
		}
		var again struct{ Known, Accepted int }
		if err := json.Unmarshal([]byte(s.do("import", "--json", file)), &again); err != nil || again.Known != 2 {
			t.Fatalf("imported twice: %+v, %v", again, err)
		}

		out = s.do("first-letter", "--all-of-placement", "last", "--date", "2026-05-10", "--channel", "post", "--proof", "LA-{case}")
		if strings.Count(out, "open, first letter PL-AM") != 2 {
			t.Fatal(out)
		}
		out = s.do("link", "--all-of-placement", "last")
		if strings.Count(out, "a letter with a link is due") != 2 {
			t.Fatal(out)
		}
		reference := strings.TrimSpace(strings.SplitN(out, "  ", 2)[0])
		if link := s.do("link", "--case", reference, "--print"); !strings.HasPrefix(link, "http://127.0.0.1:8080/l/") {
			t.Fatal(link)
		}

		var exported map[string]any
		if err := json.Unmarshal([]byte(s.do("export", "--case", reference, "--json")), &exported); err != nil {
			t.Fatal(err)
		}
		for _, part := range []string{"case", "statement", "gate", "offers", "plan", "holds", "disputes", "payments", "receipts", "ledger", "letters", "events", "wishes", "thread"} {
			if _, there := exported[part]; !there {
				t.Errorf("the export has no %s", part)
			}
		}
		if out := s.do("withdraw", "--case", reference, "--reason", "paid in kind"); !strings.Contains(out, "withdrawn") {
			t.Fatal(out)
		}
		if out := s.do("user", "invite", "--email", "ada@example.com", "--role", "creditor", "--creditor", "CRE-001", "--print-link"); !strings.Contains(out, "/invitation/") {
			t.Fatal(out)
		}
		if out := s.do("verify"); strings.Contains(out, "BROKEN") {
			t.Fatal(out)
		}
		s.refused("STRIPE_SECRET_KEY", "doctor")
		s.refused("STRIPE_SECRET_KEY", "serve")
	})
}

// The shared data hold 200 claims of four creditors with twelve mandates.
func TestTheSharedClaimsAreAllPlaced(t *testing.T) {
	data := os.Getenv("AMIABLE_SHARED_DATA")
	if data == "" {
		t.Skip("AMIABLE_SHARED_DATA names no folder: the 200 claims are left out")
	}
	content, err := os.ReadFile(filepath.Join(data, "claims", "clean-200.csv"))
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "clean-200.csv")
	if err := os.WriteFile(file, content, 0o600); err != nil {
		t.Fatal(err)
	}
	creditors := map[string]string{"CRE-001": "001703420", "CRE-002": "003667128", "CRE-003": "007684269", "CRE-004": "008465635"}
	mandates := map[string]string{}
	for creditor := range creditors {
		for _, year := range []string{"2024", "2025", "2026"} {
			mandates["MDT"+strings.TrimPrefix(creditor, "CRE")+"-"+year] = creditor
		}
	}
	eachDatabase(t, func(t *testing.T, url string) {
		s := newShell(t, url)
		s.standsOn("2026-03-02") // the day that the file was made for: later some of it is time-barred
		s.founded(creditors, mandates)
		if out := s.do("import", file); !strings.Contains(out, "200 records: ") || !strings.Contains(out, " 0 refused") {
			t.Fatal(out)
		}
		s.do("first-letter", "--all-of-placement", "last", "--date", "2026-03-02", "--channel", "post", "--proof", "LA")
		if out := s.do("verify"); strings.Contains(out, "BROKEN") {
			t.Fatal(out)
		}
	})
}

func TestVerifyFailsWhereSomethingIsBroken(t *testing.T) {
	s := newShell(t, "")
	s.founded(map[string]string{"CRE-001": "003667128"}, map[string]string{"MDT-001": "CRE-001"})
	s.harm("UPDATE creditors SET event_seq = event_seq + 1")
	out, err := s.try("verify", "--json")
	if err == nil || exitCode(err) != 1 {
		t.Fatalf("verify passed on a broken chain: %v", err)
	}
	var told struct {
		Holds      bool
		Invariants []struct {
			Name   string
			Breaks []string
		}
	}
	if err := json.Unmarshal([]byte(out), &told); err != nil || told.Holds {
		t.Fatalf("%v\n%s", err, out)
	}
}

func TestAWrongCommandLineSaysSo(t *testing.T) {
	s := newShell(t, "")
	_, err := s.try("serve", "--no-jobs", "--only-jobs")
	if err == nil || exitCode(err) != 2 {
		t.Fatalf("two flags that exclude each other: %v", err)
	}
	if out := s.do("migrate", "--help"); !strings.Contains(out, "DATABASE_URL") {
		t.Fatal(out)
	}
}
