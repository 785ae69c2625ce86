package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"amiable/negotiation"
	"amiable/negotiation/database"
)

func TestAnAgencyMakesPrintsAndPostsItsFirstLettersFromAShell(t *testing.T) {
	s := newShell(t, "")
	s.do("agency", "found", "--name", "Agence du Bac", "--siren", "003667128", "--email", "contact@bac.example.com", "--street", "1 quai du Bac",
		"--postcode", "33000", "--city", "Bordeaux", "--phone", "05 00 00 00 01", "--agent-name", "Zoé Bac")
	for _, kind := range []string{"insurance", "account", "declaration"} {
		s.do("agency", "paper", "--kind", kind, "--reference", "n° 1 "+kind, "--from", "2024-01-01")
	}
	s.do("creditor", "add", "--reference", "CRE-001", "--name", "Atelier du Bac", "--siren", "003667136", "--email", "cre@example.com", "--street", "2 quai du Bac", "--postcode", "33000", "--city", "Bordeaux")
	s.do("mandate", "add", "--creditor", "CRE-001", "--reference", "MDT-1", "--signed-on", "2024-01-15", "--scope", "Factures", "--proof", "classeur 1", "--fee-percent", "10")
	today := negotiation.DayOf(database.Now())
	file := filepath.Join(t.TempDir(), "claims.csv")
	lines := "creditor_ref,invoice_number,issue_date,due_date,currency,amount_incl_vat,amount_paid,debtor_kind,debtor_name,siren,vat_number,contact_name,email,phone,street,postcode,city,country,language,contract_rate_percent,mandate_ref,description\n"
	for n := range 3 {
		city := "Bordeaux"
		if n == 2 {
			city = "" // no letter can reach this one
		}
		lines += fmt.Sprintf("CRE-001,L-%d,%s,%s,EUR,1%d0.00,0,consumer,Chloé Exemple %d,,,,chloe%d@example.com,,%d rue du Port,33000,%s,FR,fr,,MDT-1,x\n", n, today.Add(-90), today.Add(-60), n, n, n, n+1, city)
	}
	if err := os.WriteFile(file, []byte(lines), 0o600); err != nil {
		t.Fatal(err)
	}
	placement := regexp.MustCompile(`placement ([0-9a-f-]{36})`).FindStringSubmatch(s.do("import", file))[1]
	if listed := s.do("letters", "list"); !strings.Contains(listed, "placement "+placement+"  3 cases wait  claims.csv Atelier du Bac") {
		t.Fatal(listed)
	}
	prepared := s.do("letters", "prepare", "--placement", placement)
	batch := regexp.MustCompile(`batch ([0-9a-f-]{36}): 2 of 3 letters made`).FindStringSubmatch(prepared)
	if batch == nil || !strings.Contains(prepared, "not made: letter_incomplete debtor's address") {
		t.Fatal(prepared)
	}
	s.do("letters", "prepare", "--batch", batch[1]) // again: nothing more is made
	pdf := filepath.Join(t.TempDir(), "run.pdf")
	if printed := s.do("letters", "print", batch[1], "-o", pdf, "--duplex"); !strings.Contains(printed, "2 letters in ") {
		t.Fatal(printed)
	}
	if content, err := os.ReadFile(pdf); err != nil || !strings.HasPrefix(string(content), "%PDF") {
		t.Fatalf("%v, %.20s", err, content)
	}
	s.refused("This date has not pa", "letters", "posted", batch[1], "--date", string(today.Add(1)), "--proof", "b")
	if posted := s.do("letters", "posted", batch[1], "--date", string(today), "--proof", "bordereau 1"); !strings.Contains(posted, "2 cases opened") {
		t.Fatal(posted)
	}
	if listed := s.do("letters", "list"); !strings.Contains(listed, "3 cases, 0 to make, 0 to post") || !strings.Contains(listed, "1 cases wait") {
		t.Fatal(listed)
	}
	s.refused("no letter of this batch", "letters", "print", batch[1])
	s.do("letters", "by-mail", "yes")
	s.do("verify")
}
