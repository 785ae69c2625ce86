package placement

import (
	"fmt"
	"strings"
	"testing"

	"amiable/negotiation/money"

	"pgregory.net/rapid"
)

func TestAmountsAsPeopleWriteThem(t *testing.T) {
	for s, want := range map[string]int64{
		"2541.08": 2541_08, "2541,08": 2541_08, "2541": 2541_00, "2541,5": 2541_50, "0,05": 5, ",50": 50, "12.": 12_00, "007": 7_00,
		"2 541,08": 2541_08, "2\u00a0541,08": 2541_08, "2\u202f541,08": 2541_08, "2\u2009541,08": 2541_08, "2\u2007541,08": 2541_08,
		"1 234 567,89": 1234567_89, "1.234.567,89": 1234567_89, "1,234,567.89": 1234567_89, "1'234'567.89": 1234567_89, "1’234.50": 1234_50,
		"1.234.567": 1234567_00, "1 234": 1234_00,
		"2 541,08 €": 2541_08, "2\u202f541,08\u00a0€": 2541_08, "€2541.08": 2541_08, "EUR 2541,08": 2541_08, "2541.08 euros": 2541_08, "2541,08EUR": 2541_08,
		"-12,50": -12_50, "−12,50": -12_50, "12,50-": -12_50, "(12,50)": -12_50, "- 12,50 €": -12_50, "+12,50": 12_50, "-0": 0,
		"9999999999.99": 9999999999_99,
	} {
		if got, _, code := parseAmount(s, 2); code != "" || got != want {
			t.Errorf("%q is %d %s, want %d", s, got, code, want)
		}
	}
	for s, want := range map[string]Code{
		"voir facture": AmountNotANumber, "12O.50": AmountNotANumber, "1.2.3": AmountNotANumber, "NaN": AmountNotANumber, "--5": AmountNotANumber,
		"1e3": AmountNotANumber, "0x10": AmountNotANumber, "12 50": AmountNotANumber, "1 2345": AmountNotANumber, "1234 567": AmountNotANumber,
		"1.234 567": AmountNotANumber, "1,234.567,89": AmountNotANumber, "€": AmountNotANumber, "-": AmountNotANumber, ".": AmountNotANumber, "": AmountNotANumber,
		"12 € 50": AmountNotANumber, "12 EUR €": AmountNotANumber, "12%": AmountNotANumber, "+-5": AmountNotANumber, "١٢": AmountNotANumber,
		"12\n50": AmountNotANumber, "=1+1": AmountNotANumber, "Infinity": AmountNotANumber, "12 ZZZ": AmountNotANumber,
		"2541.083": ThreeDecimals, "1.234": ThreeDecimals, "1,234": ThreeDecimals, "12.500": ThreeDecimals, "1 234,567": ThreeDecimals, "0,0000": ThreeDecimals,
		"10000000000": AmountTooLarge, "99999999999999999999999999": AmountTooLarge,
	} {
		if got, _, code := parseAmount(s, 2); code != want {
			t.Errorf("%q is %d %q, want %s", s, got, code, want)
		}
	}
	if _, currency, code := parseAmount("12 CHF", 2); currency != "CHF" || code != "" {
		t.Errorf("12 CHF is of %q %s", currency, code)
	}
}

// TestAmountsComeBackHoweverTheyAreWritten writes any amount in any manner.
func TestAmountsComeBackHoweverTheyAreWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		minor := rapid.Int64Range(-maxMinor, maxMinor).Draw(t, "minor")
		group := rapid.SampledFrom([]string{"", " ", "\u00a0", "\u202f", "\u2009", "\u2007", "'", "’"}).Draw(t, "group")
		point := rapid.SampledFrom([]string{".", ","}).Draw(t, "point")
		before := rapid.SampledFrom([]string{"", "€", "EUR ", " "}).Draw(t, "before")
		after := ""
		if before == "" || before == " " {
			after = rapid.SampledFrom([]string{"", " €", "\u00a0€", "EUR", " euros"}).Draw(t, "after")
		}
		sign, magnitude := "", minor
		if minor < 0 {
			sign, magnitude = rapid.SampledFrom([]string{"-", "−", "- "}).Draw(t, "sign"), -minor
		}
		whole := fmt.Sprint(magnitude / 100)
		for i := len(whole) - 3; i > 0; i -= 3 {
			whole = whole[:i] + group + whole[i:]
		}
		s := sign + before + whole + point + fmt.Sprintf("%02d", magnitude%100) + after
		if got, _, code := parseAmount(s, 2); got != minor || code != "" {
			t.Fatalf("%q is %d %s, want %d", s, got, code, minor)
		}
	})
}

// TestTheShortWayAgreesWithTheLong compares plainAmount with what parseAmount makes
// of the same text when it is written so that only the long way knows it.
func TestTheShortWayAgreesWithTheLong(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringOf(rapid.SampledFrom([]rune("0123456789   \u00a0\u202f,.-€"))).Draw(t, "amount")
		short, _, ok := plainAmount(s, 2)
		if !ok {
			return
		}
		long, _, code := parseAmount("+"+strings.Replace(s, "-", "−", 1), 2)
		if strings.HasPrefix(s, "-") {
			long, _, code = parseAmount(strings.Replace(s, "-", "−", 1), 2)
		}
		if code != "" || long != short {
			t.Fatalf("%q is %d the short way, %d %s the long", s, short, long, code)
		}
	})
}

func TestRates(t *testing.T) {
	for s, want := range map[string]string{"12": "12", "12,15": "12.15", "12.15 %": "12.15", "0": "0", "100": "100", "10,5%": "10.5"} {
		if got, ok := parseRate(s); got != want || !ok {
			t.Errorf("%q is %q %v", s, got, ok)
		}
	}
	for _, s := range []string{"", "-1", "101", "100.01", "12,", "1e1", "douze", "12,15,3", "%", "1.23456", "BCE+10"} {
		if got, ok := parseRate(s); ok {
			t.Errorf("%q was read as %q", s, got)
		}
	}
}

func FuzzAmount(f *testing.F) {
	for _, s := range []string{"2 541,08 €", "1.234.567,89", "--5", "EUR", "(1)", "\u202f", "9999999999,99-", "1’2"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		minor, currency, code := parseAmount(s, 2)
		if code != "" {
			if minor != 0 {
				t.Fatalf("%q: %s, and yet %d", s, code, minor)
			}
			return
		}
		if minor > maxMinor || minor < -maxMinor {
			t.Fatalf("%q is %d: out of range", s, minor)
		}
		if currency != "" {
			if _, known := currencies[string(currency)]; !known {
				t.Fatalf("%q is of %q", s, currency)
			}
		}
		plain := strings.TrimSuffix(money.Euros(minor).String(), " EUR")
		if again, _, code := parseAmount(plain, 2); again != minor || code != "" {
			t.Fatalf("%q is %d, written %q, read %d %s", s, minor, plain, again, code)
		}
	})
}

func FuzzRate(f *testing.F) {
	for _, s := range []string{"12,15 %", "100", "0.0001", "%", ","} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		rate, ok := parseRate(s)
		if again, same := parseRate(rate); ok && (!same || again != rate) {
			t.Fatalf("%q is %q, which is read as %q", s, rate, again)
		}
	})
}
