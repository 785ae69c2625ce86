package limitation

import (
	"fmt"
	"slices"
	"time"

	"amiable/negotiation/day"
)

// DebtorKind is what the debtor is; unknown is treated as consumer, which has
// the shorter term.
type DebtorKind string

const (
	Business        DebtorKind = "business"
	Consumer        DebtorKind = "consumer"
	NonProfessional DebtorKind = "non_professional" // a legal person outside any trade: association, property company
	Public          DebtorKind = "public"
)

// Sector is what was sold, where a term of its own hangs on it. The zero value
// is "not known"; Ordinary says that a person looked and none applies.
type Sector string

const (
	Ordinary         Sector = "ordinary"
	Telecom          Sector = "telecom"
	EnergyWater      Sector = "energy_water"
	Carriage         Sector = "carriage"
	ShipSupplies     Sector = "ship_supplies"
	ResidentialRent  Sector = "residential_rent"
	ConsumerCredit   Sector = "consumer_credit"
	InsurancePremium Sector = "insurance_premium"
	LawyerFees       Sector = "lawyer_fees"
	CoOwnership      Sector = "co_ownership"
)

// Confidence says how well a row is known.
type Confidence string

const (
	Seen     Confidence = "seen in a source"
	Known    Confidence = "known, not seen again"
	ToVerify Confidence = "to be verified by a lawyer"
)

// Regime is one term of limitation.
type Regime struct {
	Code       string
	Sector     Sector       // the sector it belongs to; none for the general ones
	Debtors    []DebtorKind // whom it is for
	Years      int
	FromPeriod bool // runs from the 1 January after the claim fell due (public bodies)
	Foreclosed bool // a délai de forclusion: only a judge or bailiff's act interrupts it, nothing suspends it
	Starts     string
	Article    string
	Confidence Confidence
	Since      day.Day // in force in this form since; known, not seen again
}

var everybody = []DebtorKind{Consumer, Business, NonProfessional, Public}

// Regimes is the table (reference: law of 21 November 2026, § 3). The general
// rows come first; one fits each kind of debtor.
var Regimes = []Regime{
	{Code: "consumer", Debtors: []DebtorKind{Consumer}, Years: 2, Starts: "the day the sum fell due",
		Article: "C. conso. art. L218-2", Confidence: Seen, Since: "2016-07-01"},
	{Code: "business", Debtors: []DebtorKind{Business}, Years: 5, Starts: "the day the creditor knew or should have known: the due date",
		Article: "C. com. art. L110-4, I; C. civ. art. 2224", Confidence: Seen, Since: "2008-06-19"},
	{Code: "non_professional", Debtors: []DebtorKind{NonProfessional}, Years: 5, Starts: "the day the creditor knew or should have known: the due date",
		Article: "C. civ. art. 2224; Cass. 3e civ. 17 Feb. 2022, n° 21-19.829", Confidence: Seen, Since: "2008-06-19"},
	{Code: "public", Debtors: []DebtorKind{Public}, Years: 4, FromPeriod: true, Starts: "1 January after the sum fell due",
		Article: "Loi n° 68-1250 of 31 Dec. 1968, art. 1", Confidence: ToVerify, Since: "1969-01-01"},

	{Code: "telecom", Sector: Telecom, Debtors: everybody, Years: 1, Starts: "the day the sum fell due",
		Article: "CPCE-postes art. L34-2", Confidence: Seen, Since: "2004-07-10"},
	{Code: "carriage", Sector: Carriage, Debtors: everybody, Years: 1, Starts: "delivery of the goods",
		Article: "C. com. art. L133-6", Confidence: Seen, Since: "2009-12-10"},
	{Code: "ship_supplies", Sector: ShipSupplies, Debtors: []DebtorKind{Business, Public, NonProfessional}, Years: 1, Starts: "delivery, or end of the works",
		Article: "C. com. art. L110-4, II", Confidence: Seen, Since: "2008-06-19"},
	{Code: "energy_water", Sector: EnergyWater, Debtors: []DebtorKind{Consumer}, Years: 2, Starts: "the invoice",
		Article: "C. conso. art. L218-2 and L224-11", Confidence: Seen, Since: "2016-07-01"},
	{Code: "residential_rent", Sector: ResidentialRent, Debtors: []DebtorKind{Consumer}, Years: 3, Starts: "the day the sum fell due",
		Article: "Loi n° 89-462 of 6 July 1989, art. 7-1", Confidence: Seen, Since: "2014-03-27"},
	{Code: "consumer_credit", Sector: ConsumerCredit, Debtors: []DebtorKind{Consumer}, Years: 2, Foreclosed: true, Starts: "the first default not made good, or the first after a first rescheduling",
		Article: "C. conso. art. R312-35", Confidence: Seen, Since: "2016-07-01"},
	{Code: "insurance_premium", Sector: InsurancePremium, Debtors: everybody, Years: 2, Starts: "the event that gives rise to it",
		Article: "C. assur. art. L114-1", Confidence: Seen, Since: "1990-05-01"},
	{Code: "lawyer_fees", Sector: LawyerFees, Debtors: []DebtorKind{Consumer}, Years: 2, Starts: "the end of the lawyer's mission",
		Article: "C. conso. art. L218-2; Cass. 2e civ. 4 Oct. 2018", Confidence: Seen, Since: "2016-07-01"},
	{Code: "co_ownership", Sector: CoOwnership, Debtors: []DebtorKind{Consumer, Business, NonProfessional}, Years: 5, Starts: "the day the sum fell due",
		Article: "Loi n° 65-557 of 10 July 1965, art. 42", Confidence: Seen, Since: "2018-11-25"},
}

// judgment is the term of an enforceable title, whatever the claim's own was.
var judgment = Regime{Code: "enforceable_title", Debtors: everybody, Years: 10, Starts: "the day of the judgment",
	Article: "CPCE art. L111-4", Confidence: Known, Since: "2012-06-01"}

// RegimeFor returns the term of a kind of debtor in a sector. Without a sector,
// or where the sector has no row for that kind, it is the general one. It fails
// on kinds and sectors that do not exist.
func RegimeFor(debtor DebtorKind, sector Sector) (Regime, error) {
	if !slices.Contains(everybody, debtor) {
		return Regime{}, fmt.Errorf("limitation: %q is not a kind of debtor", debtor)
	}
	if sector != "" && sector != Ordinary {
		known := false
		for _, r := range Regimes {
			known = known || r.Sector == sector
			if r.Sector == sector && slices.Contains(r.Debtors, debtor) {
				return r, nil
			}
		}
		if !known {
			return Regime{}, fmt.Errorf("limitation: %q is not a sector", sector)
		}
	}
	for _, r := range Regimes {
		if r.Sector == "" && slices.Contains(r.Debtors, debtor) {
			return r, nil
		}
	}
	return Regime{}, fmt.Errorf("limitation: no general term for %q", debtor) // a test reads the table
}

// Shortest returns the special term that would end soonest for a kind of
// debtor, among those that end before the general one: what could apply to a
// claim whose sector is not known. There may be none.
func Shortest(debtor DebtorKind) (Regime, bool) {
	general, err := RegimeFor(debtor, "")
	if err != nil {
		return Regime{}, false
	}
	shortest, found := general, false
	for _, r := range Regimes {
		if r.Sector != "" && slices.Contains(r.Debtors, debtor) && r.Years < shortest.Years {
			shortest, found = r, true
		}
	}
	return shortest, found
}

// ends returns the last day on which a claim can be brought, counted from the
// day its time starts to run. That day itself does not count; the term is over
// when its last day is (C. civ. 2228, 2229).
func (r Regime) ends(start day.Day) day.Day {
	if r.FromPeriod {
		year, _, _ := start.Date()
		return day.New(year+r.Years, time.December, 31)
	}
	return start.AddYears(r.Years)
}

// believable refuses days that do not exist, and those so far off that a slip
// of the pen is certain.
func believable(days ...day.Day) error {
	for _, d := range days {
		if _, err := day.Parse(string(d)); err != nil {
			return fmt.Errorf("limitation: %w", err)
		}
		if d.Before("1900-01-01") || d.After("2199-12-31") {
			return fmt.Errorf("limitation: %s is not between 1900-01-01 and 2199-12-31", d)
		}
	}
	return nil
}
