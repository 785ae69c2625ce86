package interest

import (
	"strings"

	"amiable/negotiation/day"
	"amiable/negotiation/money"
)

// regime is a row of the French law of late payment: from when interest runs,
// at which rate, and whether the fixed indemnity is owed.
type regime struct {
	name        string
	noticeFirst bool     // interest waits for the notice to pay
	kind        RateKind // the published rate it rests on, where no contract rate applies
	margin      Rate     // added to the published rate
	anchored    bool     // the half-year in which interest began sets the rate for good
	contract    bool     // a contract rate takes the place of the default
	floored     bool     // a contract rate below three times the legal rate is an anomaly

	article         string // of the default rate
	contractArticle string
	indemnity       money.Amount
	indemnityLaw    string
}

// The regimes of French law, reference: law of 21 November 2026.
var (
	// Between businesses penalties run from the day after the due date without
	// any reminder, at the ECB's rate of the half-year + 10 points.
	betweenBusinesses = regime{
		name: "between businesses", kind: ECB, margin: 10 * percent, contract: true, floored: true,
		article: "C. com. art. L441-10, II", contractArticle: "C. com. art. L441-10, II",
		indemnity: money.Euros(40_00), indemnityLaw: "C. com. art. L441-10, II and D441-5",
	}
	// A public buyer owes the ECB's rate of the half-year in which interest
	// began + 8 points, for as long as it lasts, whatever the contract says.
	publicBuyer = regime{
		name: "public buyer", kind: ECB, margin: 8 * percent, anchored: true,
		article:   "C. cde publ. art. R2192-31",
		indemnity: money.Euros(40_00), indemnityLaw: "C. cde publ. art. D2192-35",
	}
	// Everybody else owes the legal rate, from the notice to pay, and never
	// the indemnity. The creditor's quality sets which legal rate, not the
	// debtor's.
	civil = regime{
		name: "civil", noticeFirst: true, kind: LegalOther, contract: true,
		article: "C. civ. art. 1231-6; CMF art. L313-2", contractArticle: "C. civ. art. 1103 and 1231-6",
	}
	civilIndividual = regime{
		name: "civil, individual creditor", noticeFirst: true, kind: LegalIndividual, contract: true,
		article: "C. civ. art. 1231-6; CMF art. L313-2", contractArticle: "C. civ. art. 1103 and 1231-6",
	}
)

// regime finds the row for a claim. C. com. L441-10 binds what professionals
// sell to professionals: a private individual to whom a business owes money
// has the civil rules.
func (c Claim) regime() *regime {
	switch {
	case c.Debtor == Public:
		return &publicBuyer
	case c.Debtor == Business && c.Creditor != IndividualCreditor:
		return &betweenBusinesses
	case c.Creditor == IndividualCreditor:
		return &civilIndividual
	}
	return &civil
}

// InterestStarts returns the first day that bears interest, or no day where
// interest waits for a notice that was not given.
func (c Claim) InterestStarts() day.Day {
	if !c.regime().noticeFirst {
		return c.DueOn.Add(1)
	}
	if c.NoticeOn.IsZero() {
		return ""
	}
	return day.Max(c.DueOn, c.NoticeOn).Add(1)
}

// Indemnity returns the fixed indemnity that the claim owes once it is late,
// and the article that says so; zero where none is owed.
func (c Claim) Indemnity() (money.Amount, string) {
	law := c.regime()
	if c.NoIndemnity || law.indemnity.IsZero() {
		return c.Principal.Zero(), ""
	}
	return law.indemnity, law.indemnityLaw
}

// Quote is the rate of a claim on a day, and where it comes from.
type Quote struct {
	Rate      Rate
	Kind      RateKind // the published rate it rests on, or Contractual
	Published Rate     // that published rate; with a contract the rate itself
	Margin    Rate     // points added to it by law
	InForce   day.Day  // the day on which the published rate was read; none for a contract
	Source    string   // in plain words, for a reader
	SeenIn    string   // where the published value was seen, for whoever checks it
	Article   string
	Verified  bool
}

// RateOn returns the rate at which a claim bears interest on a day; the zero
// Quote where none runs that day. It fails with *MissingRateError.
func (r *Rates) RateOn(c Claim, on day.Day) (Quote, error) {
	if err := c.check(); err != nil {
		return Quote{}, err
	}
	if err := believable(on); err != nil {
		return Quote{}, err
	}
	start := c.InterestStarts()
	if base, _ := c.bearing(c.Principal, on); start.IsZero() || on.Before(start) || base.IsZero() {
		return Quote{}, nil
	}
	return r.quote(c, start, HalfYearOf(on))
}

// quote returns the rate of a claim whose interest began on start, for a
// half-year.
func (r *Rates) quote(c Claim, start day.Day, h HalfYear) (Quote, error) {
	law := c.regime()
	if c.ContractRate != nil && law.contract {
		return Quote{
			Rate: *c.ContractRate, Kind: Contractual, Published: *c.ContractRate,
			Source: "contract rate", Article: law.contractArticle, Verified: true,
		}, nil
	}
	if law.anchored {
		h = HalfYearOf(start)
	}
	published, err := r.InForce(law.kind, h)
	if err != nil {
		return Quote{}, err
	}
	return Quote{
		Rate: published.Rate + law.margin, Kind: law.kind, Published: published.Rate, Margin: law.margin, InForce: h.First(),
		Source: describe(law, published, h), SeenIn: published.Source, Article: law.article, Verified: published.Verified,
	}, nil
}

// describe says in plain words where a rate comes from.
func describe(law *regime, published DatedRate, h HalfYear) string {
	switch law.kind {
	case ECB:
		return "ECB main refinancing rate on " + string(h.First()) + ", " + published.Rate.String() + " %, + " +
			strings.TrimSuffix(law.margin.String(), ".00") + " points"
	case LegalIndividual:
		return "French legal rate of " + h.String() + ", creditor an individual"
	}
	return "French legal rate of " + h.String() + ", other creditors"
}
