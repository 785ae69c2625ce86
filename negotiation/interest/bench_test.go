package interest

import "testing"

// What a case page, or the daily look at every open case, costs: a claim two
// years late with two payments.
func BenchmarkStatement(b *testing.B) {
	rates, claim := French(), business(10_000_00, "2024-10-31")
	moves := []Movement{paid("P1", "2025-03-10", 500_00), paid("P2", "2026-02-10", 500_00)}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := rates.Statement(claim, moves, "2026-11-21"); err != nil {
			b.Fatal(err)
		}
	}
}
