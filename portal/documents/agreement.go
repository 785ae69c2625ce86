package documents

import (
	"fmt"
	"strings"
	"time"

	"amiable/negotiation"
	"amiable/negotiation/day"
	"amiable/negotiation/money"
	"amiable/portal/locale"
)

// Agreement is the paper of a plan: what was owed, the dates and amounts that
// settle it, what accepting them means, and who accepted. It holds for several
// payments, for one later date and for a smaller sum alike. An agreement is made
// again with the words it was accepted with: a new wording is a new version
// beside the old one, as phrases "paper.agreement.<version>.*".
type Agreement struct {
	Number        string
	CaseReference string // as it is shown
	Agency        Identity
	Creditor      Identity
	Debtor        Identity
	Mandate       MandateRef
	FirstLetter   FirstLetterRef
	Text          string    // version of the wording: negotiation.AgreementText when it was accepted
	IssuedAt      time.Time // UTC; when the later of the two acceptances was given

	On        day.Day // what was owed is as of the end of this day
	Claims    []AgreedClaim
	Contested money.Amount // what of it is contested: not in the plan, and not recognised by it
	Total     money.Amount // of the plan
	Waived    money.Amount // what the creditor gives up once all is paid in time; nothing where the plan pays all
	Schedule  negotiation.Schedule

	// Consumer says that the debtor does not act in business: there the plan
	// must cost nothing. InterestRuns says that the creditor waives no interest
	// while the plan runs, which only a plan between firms may have.
	Consumer, InterestRuns bool

	ByDebtor, ByCreditor Acceptance
	Charges              ChargeConsent

	ChainHead string // head of the case's chain, hex; 16 characters are shown
	PageURL   string // the same as a page
}

// MandateRef is the creditor's written order to collect.
type MandateRef struct {
	Reference string
	SignedOn  day.Day
}

// AgreedClaim is one invoice that the plan settles, with what was owed on it.
type AgreedClaim struct {
	Invoice                        string
	DueOn                          day.Day
	Interest, Indemnity, Principal money.Amount
}

// Total is what was owed on the claim.
func (c AgreedClaim) Total() money.Amount { return money.Sum(c.Interest, c.Indemnity, c.Principal) }

// The qualities in which somebody accepts, each with its phrase
// "paper.quality.<quality>", like the roles of a party (negotiation.PartyRole).
// Any other text is printed as it is.
const (
	QualityCreditor = "creditor" // someone of the creditor's who may decide
	QualityAgent    = "agent"    // someone of the agency's, within the mandate's delegation
	QualityPolicy   = "policy"   // what the creditor said yes to in advance
)

// Acceptance is who said yes, for whom, when, and to which text.
type Acceptance struct {
	Name       string
	Quality    string // a Quality constant or a PartyRole
	OnBehalfOf string // for whom, where it is not for oneself
	At         time.Time
	How        string          // a negotiation.How, with its phrase "paper.how.<how>"; other text as it is
	Text       string          // version of the text that was read and accepted
	Language   locale.Language // in which it was read; may be empty
}

func (a Acceptance) complete() bool {
	return filled(a.Name, a.Quality, a.Text) && !a.At.IsZero()
}

// ChargeConsent is the debtor's leave to be charged on the dates of the plan.
// It is asked and given apart from the plan, and may be withdrawn at any time.
// Where nobody was asked, the agreement says that each date is paid by hand.
type ChargeConsent struct {
	Given   bool
	Wording string // what was asked, word for word as it was shown; empty where nobody was asked
	Text    string // version of it
	By      string // who gave it
	At      time.Time
	Means   string // "Visa •••• 4242"; may be empty
}

func (c ChargeConsent) complete() bool {
	return !c.Given || (filled(c.Wording, c.Text, c.By) && !c.At.IsZero())
}

// Owed is all that was owed, what is contested included.
func (a *Agreement) Owed() money.Amount {
	owed := a.Total.Zero()
	for _, c := range a.Claims {
		owed = owed.Add(c.Total())
	}
	return owed
}

// Agreed is what was owed and is not contested: what the plan is about.
func (a *Agreement) Agreed() money.Amount { return money.Sum(a.Total, a.Waived) }

// check wants what an agreement must say, dates in order, and sums that close.
func (a *Agreement) check(l locale.Language) error {
	const name = "agreement"
	mentions := []mention{
		{"number", "", filled(a.Number)},
		{"debtor's name", "", filled(a.Debtor.Name)},
		{"creditor's name", "", filled(a.Creditor.Name)},
		{"collector's name", "", filled(a.Agency.Name)},
		{"mandate's reference and date", "CPCE R124-3", filled(a.Mandate.Reference) && !a.Mandate.SignedOn.IsZero()},
		{"first letter's reference and date", "CPCE R124-4, last paragraph", a.FirstLetter.complete()},
		{"date of issue", "", !a.IssuedAt.IsZero()},
		{"day of what was owed", "", !a.On.IsZero()},
		{"list of claims", "", len(a.Claims) > 0},
		{"list of instalments", "", len(a.Schedule) > 0},
		{"debtor's acceptance", "", a.ByDebtor.complete()},
		{"creditor's acceptance", "", a.ByCreditor.complete()},
		{"text of the consent to future charges", "", a.Charges.complete()},
		{"creditor's waiver of interest", "C. conso L312-4", !a.Consumer || !a.InterestRuns},
	}
	for _, c := range a.Claims {
		mentions = append(mentions, mention{"invoice number of a claim", "", filled(c.Invoice)})
	}
	if err := complete(name, mentions); err != nil {
		return err
	}
	if !l.Has("paper." + a.clause("continues")) {
		return fmt.Errorf("agreement %s: no wording of version %q", a.Number, a.Text)
	}
	amounts := []money.Amount{}
	for i, instalment := range a.Schedule {
		switch {
		case instalment.DueOn.IsZero() || (i > 0 && instalment.DueOn.Before(a.Schedule[i-1].DueOn)):
			return fmt.Errorf("agreement %s: instalment %d of %s is out of order", a.Number, instalment.Number, instalment.DueOn)
		case !instalment.Amount.IsPositive():
			return fmt.Errorf("agreement %s: instalment %d is of %v", a.Number, instalment.Number, instalment.Amount)
		}
		amounts = append(amounts, instalment.Amount)
	}
	if a.Waived.IsNegative() || a.Contested.IsNegative() {
		return fmt.Errorf("agreement %s: %v is given up, %v contested", a.Number, a.Waived, a.Contested)
	}
	if err := closes("agreement "+a.Number, "its instalments", a.Total, amounts...); err != nil {
		return err
	}
	return closes("agreement "+a.Number, "the plan and what is left out of it", a.Owed(), a.Total, a.Waived, a.Contested)
}

// clause names a phrase of the wording that was accepted.
func (a *Agreement) clause(key string) string { return "agreement." + a.Text + "." + key }

// PDF draws the agreement. It fails with *MissingError where a mention is
// empty, and where its sums do not close or its wording is not known.
func (a Agreement) PDF(l locale.Language) ([]byte, error) {
	if err := a.check(l); err != nil {
		return nil, err
	}
	s := newSheet(l, about{
		title: l.T("paper.agreement.title", "number", a.Number), subject: l.T("paper.agreement.subject", "reference", a.CaseReference),
		author: a.Agency.Name, at: a.IssuedAt,
	})
	s.foot = s.footOf(a.Agency, a.CaseReference)
	s.sender(a.Agency)
	s.title(s.t("agreement.title", "number", a.Number))
	s.text(s.t("agreement.lead", "agency", a.Agency.Name, "creditor", a.Creditor.Name, "debtor", a.Debtor.Name))
	s.gap(2)
	s.sum(s.t("agreement.sum", "n", len(a.Schedule), "from", a.Schedule[0].DueOn, "to", a.Schedule.End()), s.l.Amount(a.Total), s.agreedNote(a))
	s.facts([]fact{
		{s.t("agreement.debtor"), plain(a.Debtor.oneLine())},
		{s.t("receipt.creditor"), plain(a.Creditor.oneLine())},
		{s.t("agreement.collector"), plain(a.Agency.oneLine())},
		{s.t("agreement.mandate"), s.t("agreement.mandate.value", "reference", a.Mandate.Reference, "day", a.Mandate.SignedOn)},
		{s.t("case"), plain(a.CaseReference)},
		{s.t("first_letter"), s.firstLetter(a.FirstLetter)},
	})
	s.agreedClaims(a)
	s.agreedDates(a)
	s.agreedClauses(a)
	s.chargeConsent(a)
	s.acceptances(a)
	s.second(s.t("agreement.version", "version", a.Text))
	s.chain(a.ChainHead)
	s.online(a.PageURL)
	return s.bytes("agreement " + a.Number)
}

// agreedNote says under the sum what it does not hold, or what paying it does.
func (s *sheet) agreedNote(a Agreement) string {
	var parts []string
	if !a.InterestRuns {
		parts = append(parts, s.t("agreement.note.free"))
	}
	if a.Waived.IsPositive() && !a.Contested.IsPositive() {
		parts = append(parts, s.t("agreement.note.waived", "creditor", a.Creditor.Name, "sum", a.Waived))
	}
	return strings.Join(parts, " ")
}

// agreedClaims shows what was owed, each component apart, and how the plan's
// total comes from it.
func (s *sheet) agreedClaims(a Agreement) {
	s.heading(s.t("agreement.owed", "day", a.On))
	zero := a.Total.Zero()
	interest, indemnity, principal := zero, zero, zero
	var rows []row
	for _, c := range a.Claims {
		invoice := plain(c.Invoice)
		if !c.DueOn.IsZero() {
			invoice = s.t("agreement.claim", "number", c.Invoice, "day", c.DueOn)
		}
		rows = append(rows, row{cells: []string{
			invoice, s.l.Amount(c.Interest), s.l.Amount(c.Indemnity), s.l.Amount(c.Principal), s.l.Amount(c.Total()),
		}})
		interest, indemnity, principal = interest.Add(c.Interest), indemnity.Add(c.Indemnity), principal.Add(c.Principal)
	}
	rows = append(rows, row{strong: true, cells: []string{
		s.t("agreement.owed.total"), s.l.Amount(interest), s.l.Amount(indemnity), s.l.Amount(principal), s.l.Amount(a.Owed()),
	}})
	if a.Contested.IsPositive() {
		rows = append(rows, row{cells: []string{s.t("agreement.owed.contested"), "", "", "", s.l.Amount(a.Contested.Neg())}})
	}
	if a.Waived.IsPositive() {
		rows = append(rows, row{cells: []string{s.t("agreement.owed.waived"), "", "", "", s.l.Amount(a.Waived.Neg())}})
	}
	if a.Owed().Cmp(a.Total) != 0 {
		rows = append(rows, row{strong: true, cells: []string{s.t("agreement.owed.plan"), "", "", "", s.l.Amount(a.Total)}})
	}
	s.table([]column{
		{title: s.t("receipt.invoice")},
		{title: s.t("interest"), width: 24, right: true},
		{title: s.t("indemnity"), width: 24, right: true},
		{title: s.t("principal"), width: 28, right: true},
		{title: s.t("total"), width: 30, right: true},
	}, rows)
}

// agreedDates lists every date with its amount and what is left after it.
func (s *sheet) agreedDates(a Agreement) {
	s.heading(s.t("agreement.dates", "n", len(a.Schedule)))
	left := a.Total
	var rows []row
	for _, i := range a.Schedule {
		left = left.Sub(i.Amount)
		rows = append(rows, row{cells: []string{s.l.Number(int64(i.Number)), s.l.Day(i.DueOn), s.l.Amount(i.Amount), s.l.Amount(left)}})
	}
	rows = append(rows, row{strong: true, cells: []string{"", s.t("total"), s.l.Amount(a.Total), ""}})
	s.table([]column{
		{title: s.t("agreement.number"), width: 12, right: true}, {title: s.t("date")},
		{title: s.t("amount"), width: 36, right: true}, {title: s.t("agreement.after"), width: 42, right: true},
	}, rows)
}

// Clauses are what accepting means, in the words that were accepted: phrases
// "paper.<clause>", filled with creditor, day, agreed, waived and contested.
func (a *Agreement) Clauses() []string {
	cost, end := "free", "end"
	if a.InterestRuns {
		cost = "interest"
	}
	if a.Waived.IsPositive() {
		end = "settlement"
	}
	if a.Contested.IsPositive() {
		end += ".contested" // the case goes on over what is contested
	}
	clauses := []string{"continues", cost, "early", end, "missed", "recognised", "judge", "help"}
	for i, key := range clauses {
		clauses[i] = a.clause(key)
	}
	return clauses
}

func (s *sheet) agreedClauses(a Agreement) {
	s.heading(s.t(a.clause("heading")))
	for _, clause := range a.Clauses() {
		s.text(s.t(clause, "creditor", a.Creditor.Name, "day", a.On, "agreed", a.Agreed(), "waived", a.Waived, "contested", a.Contested))
	}
}

// chargeConsent says whether leave to charge was given, to which words, and
// that it can be taken back.
func (s *sheet) chargeConsent(a Agreement) {
	c := a.Charges
	if !c.Given && c.Wording == "" {
		s.heading(s.t(a.clause("by_hand.heading")))
		s.text(s.t(a.clause("by_hand")))
		return
	}
	s.heading(s.t(a.clause("charges")))
	if c.Given {
		s.text(s.t(a.clause("charges.given"), "name", c.By, "moment", s.moment(c.At)))
	} else {
		s.text(s.t(a.clause("charges.none")))
	}
	s.second(s.t("agreement.charges.wording", "text", c.Text))
	s.second(s.t("agreement.quoted", "words", c.Wording))
	if c.Given && c.Means != "" {
		s.facts([]fact{{s.t("receipt.means"), plain(c.Means)}})
	}
	s.text(s.t(a.clause("charges.withdraw")))
}

// Both acceptances stay on one page, with what ends it.
const (
	acceptancesHeight = 43.0 // without their facts
	factHeight        = 5.8
)

func (s *sheet) acceptances(a Agreement) {
	facts := 6.0
	for _, by := range []Acceptance{a.ByDebtor, a.ByCreditor} {
		if by.OnBehalfOf != "" {
			facts++
		}
	}
	s.need(acceptancesHeight + facts*factHeight)
	s.heading(s.t("agreement.acceptances"))
	for _, side := range []struct {
		of string
		by Acceptance
	}{{a.Debtor.Name, a.ByDebtor}, {a.Creditor.Name, a.ByCreditor}} {
		s.text(s.t("agreement.for", "name", side.of))
		s.facts([]fact{
			{s.t("agreement.by"), joined(plain(side.by.Name), s.coded("quality", side.by.Quality))},
			{s.t("agreement.behalf"), plain(side.by.OnBehalfOf)},
			{s.t("agreement.at"), joined(s.moment(side.by.At), s.coded("how", side.by.How))},
			{s.t("agreement.text"), s.textRead(side.by)},
		})
		s.gap(1)
	}
}

// joined writes what there is of two texts.
func joined(first, second string) string {
	if second == "" {
		return first
	}
	return first + ", " + second
}

// coded writes a code by its phrase, and a text without a phrase as it is.
func (s *sheet) coded(kind, code string) string {
	if code != "" && s.l.Has("paper."+kind+"."+code) {
		return s.t(kind + "." + code)
	}
	return plain(code)
}

func (s *sheet) textRead(a Acceptance) string {
	if a.Language == "" {
		return plain(a.Text)
	}
	return s.t("agreement.text.in."+string(a.Language.Or()), "text", a.Text)
}

// moment writes an instant by the clocks of the legal zone.
func (s *sheet) moment(t time.Time) string {
	return s.t("moment", "moment", s.l.Moment(t.In(negotiation.Zone)))
}
