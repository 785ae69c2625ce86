package money

import (
	"math/big"
	"testing"

	"pgregory.net/rapid"
)

func TestSplitLosesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		whole := Euros(rapid.Int64Range(-1e12, 1e12).Draw(t, "cents"))
		parts := whole.Split(rapid.IntRange(1, 120).Draw(t, "n"))
		if Sum(parts...) != whole {
			t.Fatalf("%v split into %v", whole, parts)
		}
		first, last := parts[0].Minor, parts[len(parts)-1].Minor
		if d := first - last; d < -1 || d > 1 {
			t.Fatalf("parts differ by more than one unit: %v", parts)
		}
		for i := 1; i < len(parts); i++ {
			if magnitude(parts[i].Minor) > magnitude(parts[i-1].Minor) {
				t.Fatalf("a larger part comes late: %v", parts)
			}
		}
	})
}

func TestShareLosesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		whole := Euros(rapid.Int64Range(0, 1e12).Draw(t, "cents"))
		weights := rapid.SliceOfN(rapid.Int64Range(0, 1e9), 1, 20).Draw(t, "weights")
		if parts := whole.Share(weights); Sum(parts...) != whole {
			t.Fatalf("%v shared into %v by %v", whole, parts, weights)
		}
	})
}

func TestMulDivAgainstBigNumbers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := rapid.Int64Range(-1e15, 1e15).Draw(t, "a")
		b := rapid.Int64Range(-1e12, 1e12).Draw(t, "b")
		c := rapid.Int64Range(1e12, 1e15).Draw(t, "c")
		exact := new(big.Rat).SetFrac(new(big.Int).Mul(big.NewInt(a), big.NewInt(b)), big.NewInt(c))
		error := new(big.Rat).Sub(exact, new(big.Rat).SetInt64(MulDivHalfUp(a, b, c)))
		if half := big.NewRat(1, 2); new(big.Rat).Abs(error).Cmp(half) > 0 {
			t.Fatalf("%d × %d ÷ %d is %v off", a, b, c, error)
		}
		floor := new(big.Int).Div(new(big.Int).Mul(big.NewInt(a), big.NewInt(b)), big.NewInt(c))
		if got := MulDivFloor(a, b, c); got != floor.Int64() {
			t.Fatalf("floor of %d × %d ÷ %d is %v, not %d", a, b, c, floor, got)
		}
	})
}

func TestHalfGoesUp(t *testing.T) {
	for _, row := range []struct{ a, b, c, want int64 }{
		{5, 1, 10, 1}, {4, 1, 10, 0}, {-5, 1, 10, -1}, {15, 1, 10, 2}, {25, 1, 10, 3},
	} {
		if got := MulDivHalfUp(row.a, row.b, row.c); got != row.want {
			t.Errorf("%d × %d ÷ %d = %d, want %d", row.a, row.b, row.c, got, row.want)
		}
	}
}

func TestDifferentCurrenciesDoNotMix(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Fatal("euros and dollars were added")
		}
	}()
	Euros(1).Add(New(1, "USD"))
}

func TestString(t *testing.T) {
	for amount, want := range map[Amount]string{
		Euros(124860): "1248.60 EUR", Euros(-5): "-0.05 EUR", {}: "0.00",
	} {
		if got := amount.String(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
