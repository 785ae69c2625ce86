// Package interest works out what late payment costs: the dated rates as data,
// the segments, and the statement of a claim. It is pure: no clock, no
// database, no floating point. French rules (reference: C. com. L441-10,
// C. civ. 1231-6, C. cde publ. R2192-31) are the rows of regime.go; rates.csv
// holds what is published, with its sources.
//
//	rates := interest.French()
//	s, err := rates.Statement(interest.Claim{
//		ID: "F2026-17", Principal: money.Euros(10_000_00), DueOn: "2026-04-30", Debtor: interest.Business,
//	}, nil, "2026-08-31")
//	// s.Segments: 61 days at 12.15 %, 203.05; 62 days at 12.40 %, 210.63
//	// s.Interest 413.68, s.Indemnity 40.00, s.Total() 10 453.68
//
// Simple interest, in whole minor units, one rounding (half up) per segment.
// A segment is a run of days on one base within one half-year; it ends at each
// half-year, payment, credit note, waiver, and at each change of a suspension.
// A rate that is not published fails by name, as *MissingRateError: nothing is
// extrapolated. docs/interest.md explains it with an example.
package interest
