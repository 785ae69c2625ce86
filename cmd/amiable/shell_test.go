package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Of a folder that was mistyped nothing holds: who asks is told, and no
// database is left behind.
func TestADatabaseThatIsNotThereIsNotVerified(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "mistyped")
	for _, args := range [][]string{
		{"verify"}, {"export", "--case", "AM7K4P9XWD3", "--json"}, {"link", "--case", "AM7K4P9XWD3"},
		{"first-letter", "--all-of-placement", "last", "--date", "2026-01-05", "--channel", "post", "--proof", "x"}, {"withdraw", "--case", "AM7K4P9XWD3", "--reason", "x"},
	} {
		var out bytes.Buffer
		err := run(context.Background(), append(args, "--data", folder), &out, &out)
		if err == nil || !strings.Contains(err.Error(), "there is no database at "+filepath.Join(folder, "amiable.db")) {
			t.Errorf("amiable %s: %v\n%s", args[0], err, out.String())
		}
	}
	if _, err := os.Stat(folder); !os.IsNotExist(err) {
		t.Errorf("the mistyped folder was made: %v", err)
	}
}

// The help of a setting says what it is when nothing is given.
func TestHelpNamesDefaultsAndVariables(t *testing.T) {
	for command, wanted := range map[string][]string{
		"agency found":  {"which law applies [third_party]."},
		"creditor add":  {"mailed_code [postcode]."},
		"mandate add":   {"never asked, in euros [1.00].", "in per cent [20]."},
		"serve":         {"($AMIABLE_ADDR) [127.0.0.1:8080].", "By default http://ADDR ($AMIABLE_BASE_URL)."},
		"sandbox":       {"[localhost:12111]."},
		"agency paper":  {"declaration (to the public prosecutor)."},
		"creditor list": {"($AMIABLE_DATA) [data]."},
	} {
		var out bytes.Buffer
		if err := run(context.Background(), append(strings.Fields(command), "--help"), &out, &out); err != nil {
			t.Fatal(err)
		}
		help := strings.Join(strings.Fields(out.String()), " ")
		for _, part := range wanted {
			if !strings.Contains(help, part) {
				t.Errorf("amiable %s --help lacks %q:\n%s", command, part, out.String())
			}
		}
	}
}
