package portal

import (
	"testing"

	"amiable/negotiation/money"
)

func TestSumsAreReadAsPeopleTypeThem(t *testing.T) {
	for text, want := range map[string]int64{
		"120": 120_00, "120,5": 120_50, "120.50": 120_50, "1 248,60 €": 1_248_60, "1\u202f248,60": 1_248_60, "1,248.60": 1_248_60, "1.248,60": 1_248_60,
		"5,000": 5_000_00, "1.250.000,01": 1_250_000_01, "0,05": 5, "12,": 12_00,
		"": -1, ",50": -1, "douze": -1, "1.00,50": -1, "1,2345": -1, "0,005": -1, "1,248,60,1": -1, "1.248,600.5": -1, "-5": -1, "1e3": -1, "999999999999": -1, ".": -1, "1..5": -1,
	} {
		got, ok := amount(text, money.EUR)
		if ok != (want >= 0) || (ok && got.Minor != want) {
			t.Errorf("%q: %v, %v; want %d", text, got, ok, want)
		}
	}
}
