package banking

import (
	"strings"
	"testing"
)

func TestReferencesAreMadeAndRead(t *testing.T) {
	for body, want := range map[string]string{ // law.md §8: two vectors published, one computed
		"AB2G5": "RF68AB2G5", "1234512345": "RF451234512345", "GC2026000123": "RF12GC2026000123",
	} {
		got, err := Reference(body)
		if err != nil || got != want {
			t.Errorf("the reference of %s is %s (%v), want %s", body, got, err, want)
		}
		if back, ok := ParseReference(Grouped(strings.ToLower(got))); !ok || back != body {
			t.Errorf("%s read back is %q, %v", got, back, ok)
		}
	}
	for _, wrong := range []string{"", "RF", "RF67AB2G5", "RF6", "AB2G5", "RF68AB-G5", "RF68" + strings.Repeat("A", 22), "RFXXAB2G5"} {
		if body, ok := ParseReference(wrong); ok {
			t.Errorf("%q is taken for a reference of %q", wrong, body)
		}
	}
	for _, wrong := range []string{"", "AM/7K4P", strings.Repeat("7", 22)} {
		if got, err := Reference(wrong); err == nil {
			t.Errorf("a reference is made of %q: %s", wrong, got)
		}
	}
}

// One wrong character, or two neighbours swapped, is always seen.
func TestAWrongReferenceIsSeen(t *testing.T) {
	right, err := Reference("AM7K4P9XWD3")
	if err != nil {
		t.Fatal(err)
	}
	const all = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	for i := 2; i < len(right); i++ {
		for _, r := range all {
			wrong := right[:i] + string(r) + right[i+1:]
			if _, ok := ParseReference(wrong); ok && wrong != right {
				t.Errorf("%s passes for %s", wrong, right)
			}
		}
		if i+1 < len(right) && right[i] != right[i+1] {
			swapped := right[:i] + string(right[i+1]) + string(right[i]) + right[i+2:]
			if _, ok := ParseReference(swapped); ok {
				t.Errorf("%s passes for %s", swapped, right)
			}
		}
	}
}

func TestIBANsAreChecked(t *testing.T) {
	for _, right := range []string{"FR76 3000 1007 9412 3456 7890 185", "fr7699999000010000000011755", "NL08INGB0000001234", "BE71096123456769", "CH93 0076 2011 6238 5295 7"} {
		if _, ok := ParseIBAN(right); !ok {
			t.Errorf("%s is refused", right)
		}
	}
	for _, wrong := range []string{"", "FR76", "FR7630001007941234567890186", "FR763000100794123456789018", "XX7630001007941234567890185", "FR76 3000 1007 9412 3456 7890 18!"} {
		if _, ok := ParseIBAN(wrong); ok {
			t.Errorf("%q is taken", wrong)
		}
	}
}

func TestATransferFillsAQRCode(t *testing.T) {
	transfer := Transfer{Holder: "Agence Aubrelle, compte clients", IBAN: "FR76 3000 1007 9412 3456 7890 185", BIC: "BDFEFRPP", Cents: 124860, Reference: "RF12GC2026000123"}
	got, err := transfer.QR()
	want := "BCD\n002\n1\nSCT\nBDFEFRPP\nAgence Aubrelle, compte clients\nFR7630001007941234567890185\nEUR1248.60\n\nRF12GC2026000123"
	if err != nil || got != want {
		t.Errorf("the code holds %q (%v), want %q", got, err, want)
	}
	for name, spoil := range map[string]func(*Transfer){
		"a wrong IBAN":        func(t *Transfer) { t.IBAN = "FR7630001007941234567890186" },
		"a wrong BIC":         func(t *Transfer) { t.BIC = "BDF" },
		"a wrong reference":   func(t *Transfer) { t.Reference = "RF13GC2026000123" },
		"no holder":           func(t *Transfer) { t.Holder = " " },
		"a holder too long":   func(t *Transfer) { t.Holder = strings.Repeat("é", 71) },
		"an amount below nil": func(t *Transfer) { t.Cents = -1 },
	} {
		spoiled := transfer
		spoil(&spoiled)
		if _, err := spoiled.QR(); err == nil {
			t.Errorf("a code is made with %s", name)
		}
	}
}
