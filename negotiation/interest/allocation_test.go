package interest

import (
	"fmt"
	"testing"

	"amiable/negotiation/day"
	"amiable/negotiation/money"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func owes(id string, due day.Day, percentage string, interest, indemnity, principal int64) Owed {
	return Owed{ClaimID: id, DueOn: due, Rate: *rate(percentage), Balance: Balance{euros(interest), euros(indemnity), euros(principal)}}
}

// C. civ. 1342-10 and 1343-1, case by case. Shares are written
// "claim interest/indemnity/principal".
func TestAllocate(t *testing.T) {
	old := owes("old", "2026-01-31", "12.40", 10_00, 40_00, 100_00)
	young := owes("young", "2026-03-31", "12.40", 5_00, 40_00, 100_00)
	dear := owes("dear", "2026-05-31", "15", 1_00, 40_00, 100_00)
	future := owes("future", "2027-01-31", "18", 0, 0, 100_00)
	twinA := owes("a", "2026-01-31", "12.40", 0, 0, 100_00)
	twinB := owes("b", "2026-01-31", "12.40", 0, 0, 50_00)
	twinC := owes("c", "2026-01-31", "12.40", 0, 0, 50_00)
	for _, row := range []struct {
		name   string
		cents  int64
		owed   []Owed
		chosen []string
		shares []string
		excess int64
	}{
		{"inside a claim: interest, indemnity, principal", 60_00, []Owed{old}, nil, []string{"old 1000/4000/1000"}, 0},
		{"the dearest first", 120_00, []Owed{old, dear}, nil, []string{"old 0/0/0", "dear 100/4000/7900"}, 0},
		{"then the oldest", 160_00, []Owed{young, old}, nil, []string{"young 500/500/0", "old 1000/4000/10000"}, 0},
		{"those due before one that is not, however dear", 150_00, []Owed{future, old}, nil, []string{"future 0/0/0", "old 1000/4000/10000"}, 0},
		{"then the one that is not due", 200_00, []Owed{future, old}, nil, []string{"future 0/0/5000", "old 1000/4000/10000"}, 0},
		{"due that very day is due", 1_00, []Owed{owes("x", "2026-11-21", "1", 0, 0, 5_00), future}, nil, []string{"x 0/0/100", "future 0/0/0"}, 0},
		{"all equal: in proportion", 100_00, []Owed{twinA, twinB, twinC}, nil, []string{"a 0/0/5000", "b 0/0/2500", "c 0/0/2500"}, 0},
		{"leftover cents by the order of the claims", 1_01, []Owed{twinB, twinA, twinC}, nil, []string{"b 0/0/26", "a 0/0/50", "c 0/0/25"}, 0},
		{"the debtor's choice before everything", 100_00, []Owed{dear, old, future}, []string{"future"}, []string{"dear 0/0/0", "old 0/0/0", "future 0/0/10000"}, 0},
		{"choices in the order chosen, the rest by law", 251_00, []Owed{dear, old, young}, []string{"young", "old"}, []string{"dear 0/0/0", "old 1000/4000/5600", "young 500/4000/10000"}, 0},
		{"beyond the choice, by law", 200_00, []Owed{old, young, dear}, []string{"old"}, []string{"old 1000/4000/10000", "young 0/0/0", "dear 100/4000/900"}, 0},
		{"more than all owe: the rest is returned", 500_00, []Owed{old, dear}, nil, []string{"old 1000/4000/10000", "dear 100/4000/10000"}, 209_00},
		{"nothing owed: all is returned", 5_00, []Owed{owes("x", "2026-01-31", "0", 0, 0, 0)}, nil, []string{"x 0/0/0"}, 5_00},
		{"no claims: all is returned", 5_00, nil, nil, nil, 5_00},
		{"nothing paid", 0, []Owed{old}, nil, []string{"old 0/0/0"}, 0},
	} {
		t.Run(row.name, func(t *testing.T) {
			shares, excess, err := Allocate(euros(row.cents), "2026-11-21", row.owed, row.chosen...)
			if err != nil {
				t.Fatal(err)
			}
			var written []string
			for _, s := range shares {
				written = append(written, fmt.Sprintf("%s %d/%d/%d", s.ClaimID, s.Interest.Minor, s.Indemnity.Minor, s.Principal.Minor))
			}
			if diff := cmp.Diff(row.shares, written); diff != "" || excess.Minor != row.excess {
				t.Errorf("excess %v, told %v; shares:\n%s", excess, euros(row.excess), diff)
			}
		})
	}
	for name, try := range map[string]func() error{
		"a claim unknown": func() error { _, _, err := Allocate(euros(1), "2026-11-21", []Owed{old}, "other"); return err },
		"a claim twice":   func() error { _, _, err := Allocate(euros(1), "2026-11-21", []Owed{old, old}); return err },
		"below zero":      func() error { _, _, err := Allocate(euros(-1), "2026-11-21", []Owed{old}); return err },
		"owing less than nothing": func() error {
			_, _, err := Allocate(euros(1), "2026-11-21", []Owed{owes("x", "2026-01-31", "0", 0, 0, -1)})
			return err
		},
	} {
		if try() == nil {
			t.Errorf("%s: taken", name)
		}
	}
}

func TestAllocationNeverLosesOrInventsACent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		owed := make([]Owed, rapid.IntRange(0, 8).Draw(t, "claims"))
		var chosen []string
		total := int64(0)
		for i := range owed {
			cents := func(name string, limit int64) int64 { return rapid.Int64Range(0, limit).Draw(t, name) }
			owed[i] = owes(fmt.Sprint(i), rapid.SampledFrom([]day.Day{"2026-01-31", "2026-02-28", "2027-01-01"}).Draw(t, "due"),
				rapid.SampledFrom([]string{"0", "2.75", "12.40"}).Draw(t, "rate"),
				cents("interest", 50), cents("indemnity", 1)*4000, cents("principal", 1000))
			total += owed[i].Total().Minor
			if rapid.IntRange(0, 4).Draw(t, "choose") == 0 {
				chosen = append(chosen, fmt.Sprint(i))
			}
		}
		payment := euros(rapid.Int64Range(0, total+50).Draw(t, "payment"))
		shares, excess, err := Allocate(payment, "2026-11-21", owed, chosen...)
		if err != nil {
			t.Fatal(err)
		}
		sum := excess
		for i, s := range shares {
			sum = sum.Add(s.Total())
			left := []money.Amount{owed[i].Interest.Sub(s.Interest), owed[i].Indemnity.Sub(s.Indemnity), owed[i].Principal.Sub(s.Principal)}
			for _, l := range left {
				if l.IsNegative() {
					t.Fatalf("claim %d ends below zero: %v", i, left)
				}
			}
			if (s.Principal.IsPositive() && (left[0].IsPositive() || left[1].IsPositive())) || (s.Indemnity.IsPositive() && left[0].IsPositive()) {
				t.Fatalf("claim %d: %v paid before interest and indemnity were", i, s.Balance)
			}
		}
		if sum.Minor != payment.Minor {
			t.Fatalf("%v paid, %v placed", payment, sum)
		}
		if excess.Minor != max(0, payment.Minor-total) {
			t.Fatalf("%v returned of %v on %v owed", excess, payment, euros(total))
		}
		// A claim gets something only when every claim before its turn is cleared.
		for i := range owed {
			for j := range owed {
				cleared := shares[j].Total() == owed[j].Total() || owed[j].Total().IsZero()
				strictlyBefore := len(chosen) == 0 && !owed[j].DueOn.After("2026-11-21") && (owed[i].DueOn.After("2026-11-21") ||
					owed[j].Rate > owed[i].Rate || (owed[j].Rate == owed[i].Rate && owed[j].DueOn < owed[i].DueOn))
				if strictlyBefore && shares[i].Total().IsPositive() && !cleared {
					t.Fatalf("claim %d was paid before %d was cleared", i, j)
				}
			}
		}
	})
}
