package interest

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"amiable/negotiation/day"
)

func TestEveryPublishedHalfYearIsKnown(t *testing.T) {
	for h := (HalfYear{2015, 1}); h != (HalfYear{2027, 1}); h = h.Next() {
		for _, kind := range []RateKind{ECB, LegalIndividual, LegalOther} {
			row, err := French().InForce(kind, h)
			if err != nil {
				t.Error(err)
			} else if row.From.After(h.First()) || (!row.To.IsZero() && row.To.Before(h.First())) || row.Source == "" {
				t.Errorf("%s of %s comes from the row %+v", kind, h, row)
			}
		}
	}
	for _, kind := range []RateKind{ECB, LegalIndividual, LegalOther} {
		if row, err := French().InForce(kind, HalfYear{2027, 1}); err == nil {
			t.Errorf("%s of 2027 H1 is not published, and is said to be %s", kind, row.Rate)
		}
		if _, err := French().InForce(kind, HalfYear{2013, 1}); err == nil {
			t.Errorf("%s of 2013 H1 came from nowhere", kind)
		}
	}
}

// The half-years of the law file (§ 2.2) in which the default, the floor or
// the trust in a rate is remarkable.
func TestRatesThatFollow(t *testing.T) {
	for _, row := range []struct {
		half               HalfYear
		dflt, floor        string
		otherOK, privateOK bool
	}{
		{HalfYear{2016, 2}, "10.00", "2.79", true, true},
		{HalfYear{2019, 1}, "10.00", "2.58", false, true}, // 0.86 or 0.76
		{HalfYear{2023, 1}, "12.50", "6.18", true, true},
		{HalfYear{2024, 1}, "14.50", "15.21", true, true}, // the floor is above the default
		{HalfYear{2024, 2}, "14.25", "14.76", true, true},
		{HalfYear{2025, 1}, "13.15", "11.13", true, true},
		{HalfYear{2026, 1}, "12.15", "7.86", true, true},
		{HalfYear{2026, 2}, "12.40", "8.25", false, false}, // to be checked
	} {
		claim := business(1_00, "2014-01-01")
		quote, err := French().RateOn(claim, row.half.Last())
		if err != nil || quote.Rate.String() != row.dflt || !quote.Verified || quote.InForce != row.half.First() {
			t.Errorf("%s between businesses: %+v, %v", row.half, quote, err)
		}
		floor, err := French().Floor(row.half)
		if err != nil || floor.Rate.String() != row.floor || floor.Verified != row.otherOK {
			t.Errorf("%s floor: %+v, %v", row.half, floor, err)
		}
		if private, err := French().InForce(LegalIndividual, row.half); err != nil || private.Verified != row.privateOK {
			t.Errorf("%s individual: %+v, %v", row.half, private, err)
		}
	}
}

// The reference's rows that are worked out from others must come out the same.
func TestRatesAgreeWithTheReference(t *testing.T) {
	shared := os.Getenv("AMIABLE_SHARED_DATA")
	if shared == "" {
		t.Skip("AMIABLE_SHARED_DATA is not set: the reference's rates.csv stands beside that folder")
	}
	file, err := os.Open(filepath.Join(shared, "..", "reference", "rates.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	records, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	compared := 0
	for _, r := range records[1:] {
		kind, from, to, written := r[0], r[1], r[2], r[3]
		var got Rate
		switch kind {
		case "derived_fr_l441_10_default":
			quote, err := French().RateOn(business(1_00, "2014-01-01"), day.Day(from))
			if err != nil {
				t.Fatal(err)
			}
			got = quote.Rate
		case "derived_fr_l441_10_contract_floor":
			floor, err := French().Floor(HalfYearOf(day.Day(from)))
			if err != nil {
				t.Fatal(err)
			}
			got = floor.Rate
		default:
			for _, row := range French().kinds[RateKind(kind)] {
				if string(row.From) == from && string(row.To) == to && row.Verified == (r[5] == "high") {
					got = row.Rate
				}
			}
		}
		if got.String() != written {
			t.Errorf("%s from %s: %s here, %s in the reference", kind, from, got, written)
		}
		compared++
	}
	if compared < 100 {
		t.Errorf("only %d rows compared", compared)
	}
}

// In January the new rates are entered beside the program's: the table grows,
// and what failed by name is worked out.
func TestANewHalfYearCanBeEntered(t *testing.T) {
	january, err := ReadRates(strings.NewReader("# as of 2027-01-04\n" +
		"kind,from,to,rate_percent,verified,source,confidence\n" +
		"ecb_mro,2026-12-23,,2.40,yes,ECB press release of 17 December 2026,high\n" +
		"fr_legal_other_creditor,2027-01-01,2027-06-30,2.70,yes,order of 20 December 2026,high\n"))
	if err != nil {
		t.Fatal(err)
	}
	rates, err := French().With(january)
	if err != nil {
		t.Fatal(err)
	}
	quote, err := rates.RateOn(business(1_00, "2026-04-30"), "2027-02-01")
	if err != nil || quote.Rate.String() != "12.40" || !quote.Verified {
		t.Errorf("12.40 was entered for 2027 H1: %+v, %v", quote, err)
	}
	if old, err := rates.InForce(ECB, HalfYear{2026, 2}); err != nil || old.Rate.String() != "2.40" || old.To != "2026-09-15" {
		t.Errorf("2026 H2 changed: %+v, %v", old, err)
	}
	if rows := rates.kinds[ECB]; rows[len(rows)-2].To != "2026-12-22" {
		t.Errorf("the row before the new one ends on %q", rows[len(rows)-2].To)
	}
	if _, err := rates.InForce(ECB, HalfYear{2027, 2}); err == nil {
		t.Error("2027 H2 begins after the new table was checked, and has a rate")
	}
	if _, err := French().InForce(ECB, HalfYear{2027, 1}); err == nil {
		t.Error("the program's own table was changed")
	}
}

func TestATableThatMakesNoSenseIsRefused(t *testing.T) {
	for name, text := range map[string]string{
		"no day":        "ecb_mro,2026-01-01,,2.15,yes,s,high\n",
		"bad day":       "# as of yesterday\n",
		"unknown kind":  "# as of 2026-11-21\nlibor,2026-01-01,,2.15,yes,s,high\n",
		"no such day":   "# as of 2026-11-21\necb_mro,2026-02-30,,2.15,yes,s,high\n",
		"backwards":     "# as of 2026-11-21\necb_mro,2026-02-03,2026-02-01,2.15,yes,s,high\n",
		"overlap":       "# as of 2026-11-21\necb_mro,2026-01-01,2026-06-30,2,yes,s,high\necb_mro,2026-06-30,,2,yes,s,high\n",
		"no source":     "# as of 2026-11-21\necb_mro,2026-01-01,,2.15,yes,,high\n",
		"verified?":     "# as of 2026-11-21\necb_mro,2026-01-01,,2.15,maybe,s,high\n",
		"no rate":       "# as of 2026-11-21\necb_mro,2026-01-01,,,yes,s,high\n",
		"too few":       "# as of 2026-11-21\necb_mro,2026-01-01\n",
		"legal forever": "# as of 2026-11-21\nfr_legal_other_creditor,2026-01-01,,2.62,yes,s,high\n",
	} {
		if _, err := ReadRates(strings.NewReader(text)); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
}

func TestReadingARate(t *testing.T) {
	for text, want := range map[string]string{"12.15": "12.15", "12": "12.00", "10,5": "10.50", "0": "0.00", "10.125": "10.125", "0.0001": "0.0001", "100": "100.00", "007": "7.00"} {
		if r, err := ParseRate(text); err != nil || r.String() != want {
			t.Errorf("%q is read as %s, %v; want %s", text, r, err, want)
		}
	}
	for _, text := range []string{"", ".", "5.", ".5", "-1", "+1", "1e3", "12.15%", "100.0001", "1000", "1.23456", "1.2.3", "1,2,3", "٣", " 5"} {
		if r, err := ParseRate(text); err == nil {
			t.Errorf("%q is read as %s", text, r)
		}
	}
}

func FuzzReadRates(f *testing.F) {
	f.Add(string(frenchRates))
	f.Add("# as of 2026-11-21\necb_mro,2026-01-01,,2.15,yes,s,high\n")
	f.Fuzz(func(t *testing.T, text string) {
		rates, err := ReadRates(strings.NewReader(text))
		if err != nil {
			return
		}
		for _, kind := range []RateKind{ECB, LegalIndividual, LegalOther} {
			for h := (HalfYear{2013, 1}); h.Year < 2030; h = h.Next() {
				if row, err := rates.InForce(kind, h); err == nil && (row.From > h.First() || row.Rate < 0 || row.Rate > MaxRate) {
					t.Fatalf("%s of %s is %+v", kind, h, row)
				}
			}
		}
	})
}
