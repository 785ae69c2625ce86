package interest

import (
	"amiable/negotiation/day"
	"amiable/negotiation/money"
)

// story is one statement told from its claim to its figures. Segments are
// written "from..to days base rate amount".
type story struct {
	name     string
	claim    Claim
	moves    []Movement
	until    day.Day
	segments []string
	left     [3]int64 // interest, indemnity, principal
	accrued  int64
	excess   int64
	remarks  []RemarkCode
}

func euros(cents int64) money.Amount { return money.Euros(cents) }

func rate(s string) *Rate {
	r, err := ParseRate(s)
	if err != nil {
		panic(err)
	}
	return &r
}

func business(cents int64, due day.Day) Claim {
	return Claim{ID: "F1", Principal: euros(cents), DueOn: due, Debtor: Business}
}

func consumer(cents int64, due, notice day.Day) Claim {
	return Claim{ID: "F1", Principal: euros(cents), DueOn: due, Debtor: Consumer, NoticeOn: notice}
}

func public(cents int64, due day.Day) Claim {
	return Claim{ID: "F1", Principal: euros(cents), DueOn: due, Debtor: Public}
}

func with(c Claim, change func(*Claim)) Claim {
	change(&c)
	return c
}

func paid(id string, on day.Day, cents int64) Movement {
	return Movement{ID: id, Kind: Payment, Day: on, Amount: euros(cents)}
}

// The test vectors of the law file, § 2.4 and § 2.5.
var lawVectors = []story{
	{
		name:  "law 2.4, first row: between businesses, over the change of 1 July",
		claim: business(10_000_00, "2026-04-30"), until: "2026-08-31",
		segments: []string{
			"2026-05-01..2026-06-30 61 1000000 12.15 20305",
			"2026-07-01..2026-08-31 62 1000000 12.40 21063",
		},
		left: [3]int64{413_68, 40_00, 10_000_00}, accrued: 413_68,
	},
	{
		name:  "law 2.4, second row: over a leap year, actual days",
		claim: business(2_400_00, "2024-01-31"), until: "2025-03-31",
		segments: []string{
			"2024-02-01..2024-06-30 151 240000 14.50 14357",
			"2024-07-01..2024-12-31 184 240000 14.25 17193",
			"2025-01-01..2025-03-31 90 240000 13.15 7782",
		},
		left: [3]int64{393_32, 40_00, 2_400_00}, accrued: 393_32,
	},
	{
		name:  "law 2.4, third row: the same with 365 days in every year",
		claim: with(business(2_400_00, "2024-01-31"), func(c *Claim) { c.DayCount = Fixed365 }), until: "2025-03-31",
		segments: []string{
			"2024-02-01..2024-06-30 151 240000 14.50 14397",
			"2024-07-01..2024-12-31 184 240000 14.25 17241",
			"2025-01-01..2025-03-31 90 240000 13.15 7782",
		},
		left: [3]int64{394_20, 40_00, 2_400_00}, accrued: 394_20,
	},
	{
		name:  "law 2.4, fourth row: a consumer, from the notice to pay",
		claim: consumer(850_00, "2025-09-30", "2025-11-14"), until: "2026-09-30",
		segments: []string{
			"2025-11-15..2025-12-31 47 85000 2.76 302",
			"2026-01-01..2026-06-30 181 85000 2.62 1104",
			"2026-07-01..2026-09-30 92 85000 2.75 589",
		},
		left: [3]int64{19_95, 0, 850_00}, accrued: 19_95,
		remarks: []RemarkCode{RemarkNotVerified},
	},
}

// Vectors of our own, worked out by hand beside each row.
var ownVectors = []story{
	{
		name:  "a claim that is not due yet owes its principal",
		claim: business(1_000_00, "2026-12-15"), until: "2026-11-21",
		left: [3]int64{0, 0, 1_000_00}, remarks: []RemarkCode{RemarkNotDue},
	},
	{
		name:  "on the due date itself nothing is late",
		claim: business(1_000_00, "2026-06-30"), until: "2026-06-30",
		left: [3]int64{0, 0, 1_000_00}, remarks: []RemarkCode{RemarkNotDue},
	},
	{
		name:  "the day after is: 1000.00 × 12.40 % ÷ 365 = 0.3397…",
		claim: business(1_000_00, "2026-06-30"), until: "2026-07-01",
		segments: []string{"2026-07-01..2026-07-01 1 100000 12.40 34"},
		left:     [3]int64{34, 40_00, 1_000_00}, accrued: 34,
	},
	{
		name:  "paid on the due date: no interest, no indemnity",
		claim: business(1_000_00, "2026-04-30"), until: "2026-08-31", moves: []Movement{paid("P1", "2026-04-30", 1_000_00)},
	},
	{
		name:  "paid a day late: one day, 1000.00 × 12.15 % ÷ 365 = 0.3328…, and the indemnity",
		claim: business(1_000_00, "2026-04-30"), until: "2026-08-31", moves: []Movement{paid("P1", "2026-05-01", 1_040_33)},
		segments: []string{"2026-05-01..2026-05-01 1 100000 12.15 33"}, accrued: 33,
	},
	{
		name:  "half paid before the due date: the rest bears interest",
		claim: business(1_000_00, "2026-04-30"), until: "2026-05-31", moves: []Movement{paid("P1", "2026-04-10", 500_00)},
		segments: []string{"2026-05-01..2026-05-31 31 50000 12.15 516"}, // 500 × 12.15 % × 31 ÷ 365 = 5.1595…
		left:     [3]int64{5_16, 40_00, 500_00}, accrued: 5_16,
	},
	{
		// 61 d: 203.05. The payment of 5000.00 on 30 June: interest 203.05,
		// indemnity 40.00, principal 4756.95; 5243.05 × 12.40 % × 62 ÷ 365 = 110.4343….
		name:  "a payment on the last day of a half-year is one break, not two",
		claim: business(10_000_00, "2026-04-30"), until: "2026-08-31", moves: []Movement{paid("P1", "2026-06-30", 5_000_00)},
		segments: []string{
			"2026-05-01..2026-06-30 61 1000000 12.15 20305",
			"2026-07-01..2026-08-31 62 524305 12.40 11043",
		},
		left: [3]int64{110_43, 0, 5_243_05}, accrued: 313_48,
	},
	{
		// 31 d to 31 May: 103.1918; 30 d to 30 June on the same base: 99.8630.
		name:  "a payment smaller than the interest ends its segment and leaves the base",
		claim: business(10_000_00, "2026-04-30"), until: "2026-06-30", moves: []Movement{paid("P1", "2026-05-31", 50_00)},
		segments: []string{
			"2026-05-01..2026-05-31 31 1000000 12.15 10319",
			"2026-06-01..2026-06-30 30 1000000 12.15 9986",
		},
		left: [3]int64{153_05, 40_00, 10_000_00}, accrued: 203_05,
	},
	{
		name:  "two payments on one day are one break",
		claim: business(10_000_00, "2026-04-30"), until: "2026-06-30",
		moves: []Movement{paid("P1", "2026-05-31", 50_00), paid("P2", "2026-05-31", 5_093_19)},
		segments: []string{
			"2026-05-01..2026-05-31 31 1000000 12.15 10319",
			"2026-06-01..2026-06-30 30 500000 12.15 4993", // 49.9315
		},
		left: [3]int64{49_93, 0, 5_000_00}, accrued: 153_12,
	},
	{
		name:  "more than is owed: the rest goes back",
		claim: business(1_000_00, "2026-04-30"), until: "2026-08-31", moves: []Movement{paid("P1", "2026-05-01", 1_100_00)},
		segments: []string{"2026-05-01..2026-05-01 1 100000 12.15 33"}, accrued: 33, excess: 59_67,
	},
	{
		name:  "payments are taken by their day, not in the order they became known",
		claim: business(10_000_00, "2026-04-30"), until: "2026-06-30",
		moves: []Movement{paid("late news", "2026-06-30", 100_00), paid("first", "2026-05-31", 5_143_19)},
		segments: []string{
			"2026-05-01..2026-05-31 31 1000000 12.15 10319",
			"2026-06-01..2026-06-30 30 500000 12.15 4993",
		},
		left: [3]int64{0, 0, 4_949_93}, accrued: 153_12,
	},
	{
		name:  "a credit note lowers the principal, not the interest",
		claim: business(10_000_00, "2026-04-30"), until: "2026-06-30",
		moves: []Movement{{ID: "A1", Kind: CreditNote, Day: "2026-05-31", Amount: euros(5_000_00)}},
		segments: []string{
			"2026-05-01..2026-05-31 31 1000000 12.15 10319",
			"2026-06-01..2026-06-30 30 500000 12.15 4993",
		},
		left: [3]int64{153_12, 40_00, 5_000_00}, accrued: 153_12,
	},
	{
		name:  "a credit note beyond the principal left is set off, then goes back",
		claim: business(1_000_00, "2026-04-30"), until: "2026-06-30",
		moves:    []Movement{paid("P1", "2026-04-30", 900_00), {ID: "A1", Kind: CreditNote, Day: "2026-05-01", Amount: euros(200_00)}},
		segments: []string{"2026-05-01..2026-05-01 1 10000 12.15 3"}, accrued: 3, excess: 59_97, // 200 − 100 − 0.03 − 40
	},
	{
		name:  "a payment taken back: as if it had not been",
		claim: business(10_000_00, "2026-04-30"), until: "2026-08-31",
		moves: []Movement{
			paid("P1", "2026-05-31", 10_143_19),
			{ID: "R1", Kind: Reversal, Reverses: "P1", Day: "2026-08-10", Amount: euros(10_143_19)},
		},
		segments: []string{ // broken where the payment was
			"2026-05-01..2026-05-31 31 1000000 12.15 10319",
			"2026-06-01..2026-06-30 30 1000000 12.15 9986",
			"2026-07-01..2026-08-31 62 1000000 12.40 21063",
		},
		left: [3]int64{413_68, 40_00, 10_000_00}, accrued: 413_68,
	},
	{
		name:  "taken back in two parts: what is left of it was paid on its day",
		claim: business(10_000_00, "2026-04-30"), until: "2026-06-30",
		moves: []Movement{
			paid("P1", "2026-05-31", 10_143_19),
			{ID: "R1", Kind: Reversal, Reverses: "P1", Day: "2026-06-10", Amount: euros(4_000_00)},
			{ID: "R2", Kind: Reversal, Reverses: "P1", Day: "2026-06-20", Amount: euros(1_000_00)},
		},
		segments: []string{
			"2026-05-01..2026-05-31 31 1000000 12.15 10319",
			"2026-06-01..2026-06-30 30 500000 12.15 4993",
		},
		left: [3]int64{49_93, 0, 5_000_00}, accrued: 153_12,
	},
	{
		name:  "the statement of a day before it was taken back knows the payment",
		claim: business(10_000_00, "2026-04-30"), until: "2026-08-09",
		moves: []Movement{
			paid("P1", "2026-05-31", 10_143_19),
			{ID: "R1", Kind: Reversal, Reverses: "P1", Day: "2026-08-10", Amount: euros(10_143_19)},
		},
		segments: []string{"2026-05-01..2026-05-31 31 1000000 12.15 10319"}, accrued: 103_19,
	},
	{
		name:  "the creditor gives up the interest only",
		claim: business(10_000_00, "2026-04-30"), until: "2026-06-30",
		moves:    []Movement{{ID: "W1", Kind: Waiver, Only: InterestPart, Day: "2026-06-30", Amount: euros(500_00)}},
		segments: []string{"2026-05-01..2026-06-30 61 1000000 12.15 20305"},
		left:     [3]int64{0, 40_00, 10_000_00}, accrued: 203_05,
	},
	{
		// 1000 × 14.25 % × 184 ÷ 366 = 71.6393…; 13.15 % × 59 ÷ 365 = 21.2561….
		name:  "over 31 December of a leap year the divisor changes with the year",
		claim: business(1_000_00, "2024-06-30"), until: "2025-02-28",
		segments: []string{
			"2024-07-01..2024-12-31 184 100000 14.25 7164",
			"2025-01-01..2025-02-28 59 100000 13.15 2126",
		},
		left: [3]int64{92_90, 40_00, 1_000_00}, accrued: 92_90,
	},
	{
		// 10 % all along: 184 ÷ 366 = 50.2732…; 59 ÷ 365 = 16.1643….
		name:  "a contract rate has the same segments, and the floor is looked at in each",
		claim: with(business(1_000_00, "2024-06-30"), func(c *Claim) { c.ContractRate = rate("10") }), until: "2025-02-28",
		segments: []string{
			"2024-07-01..2024-12-31 184 100000 10.00 5027",
			"2025-01-01..2025-02-28 59 100000 10.00 1616",
		},
		left: [3]int64{66_43, 40_00, 1_000_00}, accrued: 66_43,
		remarks: []RemarkCode{RemarkBelowFloor, RemarkBelowFloor}, // 14.76 and 11.13
	},
	{
		name:  "a contract rate on the floor is not below it",
		claim: with(business(1_000_00, "2026-04-30"), func(c *Claim) { c.ContractRate = rate("7.86") }), until: "2026-05-31",
		segments: []string{"2026-05-01..2026-05-31 31 100000 7.86 668"}, // 6.6756…
		left:     [3]int64{6_68, 40_00, 1_000_00}, accrued: 6_68,
	},
	{
		name:  "a contract rate needs no published one, but its floor cannot be told",
		claim: with(business(1_000_00, "2026-12-31"), func(c *Claim) { c.ContractRate = rate("12") }), until: "2027-01-31",
		segments: []string{"2027-01-01..2027-01-31 31 100000 12.00 1019"}, // 10.1917…
		left:     [3]int64{10_19, 40_00, 1_000_00}, accrued: 10_19,
		remarks: []RemarkCode{RemarkFloorUnknown},
	},
	{
		name:  "a contract rate of nothing: late all the same, so the indemnity",
		claim: with(business(1_000_00, "2026-04-30"), func(c *Claim) { c.ContractRate = rate("0") }), until: "2026-05-31",
		segments: []string{"2026-05-01..2026-05-31 31 100000 0.00 0"},
		left:     [3]int64{0, 40_00, 1_000_00},
		remarks:  []RemarkCode{RemarkBelowFloor},
	},
	{
		name:  "a consumer without a notice owes no interest, and never the indemnity",
		claim: consumer(850_00, "2025-09-30", ""), until: "2026-09-30",
		left: [3]int64{0, 0, 850_00}, remarks: []RemarkCode{RemarkNoNotice},
	},
	{
		name:  "a notice before the due date counts from the due date",
		claim: consumer(850_00, "2026-03-31", "2026-03-01"), until: "2026-04-30",
		segments: []string{"2026-04-01..2026-04-30 30 85000 2.62 183"}, // 1.8304…
		left:     [3]int64{1_83, 0, 850_00}, accrued: 1_83,
	},
	{
		name:  "a consumer whose signed contract sets a rate: from the notice too",
		claim: with(consumer(850_00, "2026-01-31", "2026-03-31"), func(c *Claim) { c.ContractRate = rate("5") }), until: "2026-04-30",
		segments: []string{"2026-04-01..2026-04-30 30 85000 5.00 349"}, // 3.4931…
		left:     [3]int64{3_49, 0, 850_00}, accrued: 3_49,
	},
	{
		// 850 × 6.67 % × 30 ÷ 365 = 4.6598…
		name:  "an individual creditor has the other legal rate",
		claim: with(consumer(850_00, "2026-01-31", "2026-03-31"), func(c *Claim) { c.Creditor = IndividualCreditor }), until: "2026-04-30",
		segments: []string{"2026-04-01..2026-04-30 30 85000 6.67 466"},
		left:     [3]int64{4_66, 0, 850_00}, accrued: 4_66,
	},
	{
		// 850 × 6.84 % × 31 ÷ 365 = 4.9378…; that rate rests on a single secondary source.
		name:  "and its rate of the second half of 2026 is not verified",
		claim: with(consumer(850_00, "2026-01-31", "2026-06-30"), func(c *Claim) { c.Creditor = IndividualCreditor }), until: "2026-07-31",
		segments: []string{"2026-07-01..2026-07-31 31 85000 6.84 494"},
		left:     [3]int64{4_94, 0, 850_00}, accrued: 4_94, remarks: []RemarkCode{RemarkNotVerified},
	},
	{
		name:  "a business that owes a private individual: civil rules, from the notice",
		claim: with(business(850_00, "2026-01-31"), func(c *Claim) { c.Creditor, c.NoticeOn = IndividualCreditor, "2026-03-31" }), until: "2026-04-30",
		segments: []string{"2026-04-01..2026-04-30 30 85000 6.67 466"},
		left:     [3]int64{4_66, 0, 850_00}, accrued: 4_66, remarks: []RemarkCode{RemarkNotCommercial},
	},
	{
		name:  "an association is no consumer, but owes interest as one",
		claim: with(consumer(850_00, "2026-01-31", "2026-03-31"), func(c *Claim) { c.Debtor = NonProfessional }), until: "2026-04-30",
		segments: []string{"2026-04-01..2026-04-30 30 85000 2.62 183"},
		left:     [3]int64{1_83, 0, 850_00}, accrued: 1_83,
	},
	{
		// Began in 2026 H1: 2.15 + 8 = 10.15 for good. 10000 × 10.15 % × 61 ÷ 365 = 169.6301…; × 62 = 172.4109….
		name:  "a public buyer keeps the rate of the half-year in which interest began",
		claim: public(10_000_00, "2026-04-30"), until: "2026-08-31",
		segments: []string{
			"2026-05-01..2026-06-30 61 1000000 10.15 16963",
			"2026-07-01..2026-08-31 62 1000000 10.15 17241",
		},
		left: [3]int64{342_04, 40_00, 10_000_00}, accrued: 342_04,
	},
	{
		// Due on 30 June, so interest began on 1 July: 2.40 + 8.
		name:  "due on the last day of a half-year, interest began in the next",
		claim: public(10_000_00, "2026-06-30"), until: "2026-07-31",
		segments: []string{"2026-07-01..2026-07-31 31 1000000 10.40 8833"}, // 88.3287…
		left:     [3]int64{88_33, 40_00, 10_000_00}, accrued: 88_33,
	},
	{
		name:  "a public buyer's rate is known beyond the published half-years",
		claim: public(10_000_00, "2026-11-30"), until: "2027-01-31",
		segments: []string{
			"2026-12-01..2026-12-31 31 1000000 10.40 8833",
			"2027-01-01..2027-01-31 31 1000000 10.40 8833",
		},
		left: [3]int64{176_66, 40_00, 10_000_00}, accrued: 176_66,
	},
	{
		name:  "a public buyer's contract rate is not used",
		claim: with(public(10_000_00, "2026-06-30"), func(c *Claim) { c.ContractRate = rate("15") }), until: "2026-07-31",
		segments: []string{"2026-07-01..2026-07-31 31 1000000 10.40 8833"},
		left:     [3]int64{88_33, 40_00, 10_000_00}, accrued: 88_33, remarks: []RemarkCode{RemarkContractIgnored},
	},
	{
		// A plan accepted on 31 May, ended on 15 June: interest rests from 1 to 15 June.
		name:  "a suspension takes its days out",
		claim: with(business(10_000_00, "2026-04-30"), func(c *Claim) { c.Suspended = []Span{{From: "2026-06-01", To: "2026-06-15"}} }), until: "2026-06-30",
		segments: []string{
			"2026-05-01..2026-05-31 31 1000000 12.15 10319",
			"2026-06-16..2026-06-30 15 1000000 12.15 4993",
		},
		left: [3]int64{153_12, 40_00, 10_000_00}, accrued: 153_12,
	},
	{
		name:  "a suspension without an end stops interest, into years without a rate",
		claim: with(business(10_000_00, "2026-04-30"), func(c *Claim) { c.Suspended = []Span{{From: "2026-06-01"}} }), until: "2028-03-01",
		segments: []string{"2026-05-01..2026-05-31 31 1000000 12.15 10319"},
		left:     [3]int64{103_19, 40_00, 10_000_00}, accrued: 103_19,
	},
	{
		name: "a contested part bears no interest while the rest does",
		claim: with(business(10_000_00, "2026-04-30"), func(c *Claim) {
			c.Suspended = []Span{{From: "2026-06-01", Of: euros(5_000_00)}}
		}), until: "2026-06-30",
		segments: []string{
			"2026-05-01..2026-05-31 31 1000000 12.15 10319",
			"2026-06-01..2026-06-30 30 500000 12.15 4993",
		},
		left: [3]int64{153_12, 40_00, 10_000_00}, accrued: 153_12,
	},
	{
		name:  "insolvency forbade paying on the due date: no indemnity, no penalties",
		claim: with(business(1_000_00, "2026-04-30"), func(c *Claim) { c.NoIndemnity = true; c.Suspended = []Span{{From: "2026-04-15"}} }), until: "2026-08-31",
		left: [3]int64{0, 0, 1_000_00},
	},
	{
		name:  "a due date at the end of February of a leap year",
		claim: business(1_000_00, "2024-02-29"), until: "2024-03-01",
		segments: []string{"2024-03-01..2024-03-01 1 100000 14.50 40"}, // 0.3961…
		left:     [3]int64{40, 40_00, 1_000_00}, accrued: 40,
	},
	{
		name:  "a cent earns nothing, and exactly half a cent is rounded up",
		claim: with(business(36_50, "2026-04-30"), func(c *Claim) { c.ContractRate = rate("50") }), until: "2026-05-01", // 36.50 × 50 % ÷ 365 = 0.05 exactly
		segments: []string{"2026-05-01..2026-05-01 1 3650 50.00 5"},
		left:     [3]int64{5, 40_00, 36_50}, accrued: 5,
	},
	{
		name:  "3.65 × 50 % ÷ 365 = 0.005: up",
		claim: with(business(3_65, "2026-04-30"), func(c *Claim) { c.ContractRate = rate("50") }), until: "2026-05-01",
		segments: []string{"2026-05-01..2026-05-01 1 365 50.00 1"},
		left:     [3]int64{1, 40_00, 3_65}, accrued: 1,
	},
}
