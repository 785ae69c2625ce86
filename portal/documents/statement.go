package documents

import (
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"amiable/negotiation/day"
	"amiable/negotiation/money"
	"amiable/portal/locale"
)

// Statement is what is owed on a day, line by line.
type Statement struct {
	CaseReference string
	Agency        Identity
	Creditor      Identity
	Debtor        Identity
	FirstLetter   FirstLetterRef
	IssuedAt      time.Time // UTC
	Owed          Owed
	PageURL       string
}

// Owed is the itemised sum of a statement or a first letter. What the claims
// say must give the totals, to the cent.
type Owed struct {
	On        day.Day // worked out at the end of this day
	GoodUntil day.Day // paid until then, Total clears the case
	PerDay    money.Amount
	Claims    []OwedClaim

	Principal, Interest, Indemnity, Total money.Amount
}

// OwedClaim is one invoice with everything that made it what it is.
type OwedClaim struct {
	Invoice         string
	Subject         string // "verrière intérieure, posée le 3 mars 2026"; may be empty
	IssuedOn, DueOn day.Day
	NoticeOn        day.Day      // the notice to pay from which interest runs; none between firms
	Invoiced        money.Amount // including VAT
	PaidBefore      money.Amount // before the claim was handed over
	Movements       []Movement   // in the order they acted
	Segments        []Segment    // every day that bore interest
	Charged         money.Amount // the fixed indemnity
	ChargedLaw      string       // the article that gives it

	Principal, Interest, Indemnity money.Amount // still owed
}

// The kinds of movement, each with its phrase "paper.movement.<kind>".
const (
	MovementPayment    = "payment"
	MovementCreditNote = "credit_note"
	MovementTakenBack  = "taken_back"
	MovementWaiver     = "waiver"
)

// Movement lowered a claim: by how much, and of what.
type Movement struct {
	On                             day.Day
	Kind                           string
	Interest, Indemnity, Principal money.Amount
}

func (m Movement) total() money.Amount { return money.Sum(m.Interest, m.Indemnity, m.Principal) }

// Where a rate comes from, each with its phrase "paper.rate.<kind>".
const (
	RateECB             = "ecb_mro"
	RateLegalIndividual = "fr_legal_individual_creditor"
	RateLegalOther      = "fr_legal_other_creditor"
	RateContract        = "contract"
)

// Segment is a run of days (both included) with one rate on one base.
type Segment struct {
	From, To  day.Day
	Days      int
	Base      money.Amount
	Rate      string // the percentage a year with a point: "12.15"
	RateKind  string // a Rate constant
	Published string // the published rate it rests on: "2.15"
	Margin    string // points added by law: "10.00"; empty or zero for none
	InForce   day.Day
	Article   string // the text that gives it
	Amount    money.Amount
}

// check wants every line to close to the cent.
func (o *Owed) check(document string) error {
	principal, interest, indemnity := []money.Amount{}, []money.Amount{}, []money.Amount{}
	for _, c := range o.Claims {
		if err := c.check(document); err != nil {
			return err
		}
		principal, interest, indemnity = append(principal, c.Principal), append(interest, c.Interest), append(indemnity, c.Indemnity)
	}
	for what, sum := range map[string]struct {
		total money.Amount
		parts []money.Amount
	}{
		"principals":  {o.Principal, principal},
		"interests":   {o.Interest, interest},
		"indemnities": {o.Indemnity, indemnity},
		"components":  {o.Total, []money.Amount{o.Principal, o.Interest, o.Indemnity}},
	} {
		if err := closes(document, "the "+what, sum.total, sum.parts...); err != nil {
			return err
		}
	}
	return nil
}

func (c *OwedClaim) check(document string) error {
	of := fmt.Sprintf("%s, invoice %s", document, c.Invoice)
	principal, interest, indemnity := []money.Amount{c.Invoiced, c.PaidBefore.Neg()}, []money.Amount{}, []money.Amount{c.Charged}
	for _, s := range c.Segments {
		interest = append(interest, s.Amount)
	}
	for _, m := range c.Movements {
		principal, interest, indemnity = append(principal, m.Principal.Neg()), append(interest, m.Interest.Neg()), append(indemnity, m.Indemnity.Neg())
	}
	if err := closes(of, "the lines of its principal", c.Principal, principal...); err != nil {
		return err
	}
	if err := closes(of, "the lines of its interest", c.Interest, interest...); err != nil {
		return err
	}
	return closes(of, "the lines of its indemnity", c.Indemnity, indemnity...)
}

func (o *Owed) mentions() []mention {
	const article = "CPCE R124-4, 3°"
	mentions := []mention{
		{"day of the statement", article, !o.On.IsZero()},
		{"list of claims", article, len(o.Claims) > 0},
	}
	for _, c := range o.Claims {
		mentions = append(mentions,
			mention{"invoice number of a claim", article, filled(c.Invoice)},
			mention{"due date of invoice " + c.Invoice, article, !c.DueOn.IsZero()},
			mention{"amount of invoice " + c.Invoice, article, c.Invoiced.IsPositive()},
		)
		for _, segment := range c.Segments {
			mentions = append(mentions, mention{"article of the interest on invoice " + c.Invoice, article, filled(segment.Article)})
		}
		mentions = append(mentions, mention{"article of the indemnity on invoice " + c.Invoice, article, c.Charged.IsZero() || filled(c.ChargedLaw)})
	}
	return mentions
}

// PDF draws the statement. It fails with *MissingError where something it must
// say is empty, and where its lines do not close.
func (st Statement) PDF(l locale.Language) ([]byte, error) {
	const name = "statement"
	err := complete(name, append([]mention{
		{"debtor's name", "", filled(st.Debtor.Name)},
		{"creditor's name", "", filled(st.Creditor.Name)},
		{"collector's name", "", filled(st.Agency.Name)},
		{"date of issue", "", !st.IssuedAt.IsZero()},
		{"first letter's reference and date", "CPCE R124-4, last paragraph", st.FirstLetter.complete()},
	}, st.Owed.mentions()...))
	if err == nil {
		err = st.Owed.check(name)
	}
	if err != nil {
		return nil, err
	}
	s := newSheet(l, about{
		title: l.T("paper.statement.title", "day", st.Owed.On), subject: l.T("paper.statement.subject", "reference", st.CaseReference),
		author: st.Agency.Name, at: st.IssuedAt,
	})
	s.foot = s.footOf(st.Agency, st.CaseReference)
	s.sender(st.Agency)
	s.title(s.t("statement.title", "day", st.Owed.On))
	s.text(s.t("statement.lead", "agency", st.Agency.Name, "creditor", st.Creditor.Name))
	s.gap(2)
	s.sum(s.t("left"), s.l.Amount(st.Owed.Total), s.goodUntil(st.Owed))
	s.facts([]fact{
		{s.t("statement.debtor"), plain(st.Debtor.oneLine())},
		{s.t("receipt.creditor"), plain(st.Creditor.oneLine())},
		{s.t("statement.collector"), plain(st.Agency.oneLine())},
		{s.t("case"), plain(st.CaseReference)},
		{s.t("first_letter"), s.firstLetter(st.FirstLetter)},
	})
	s.heading(s.t("owed.total"))
	s.totals(st.Owed, st.Creditor)
	s.owed(st.Owed)
	s.second(s.t("owed.arithmetic"))
	s.online(st.PageURL)
	return s.bytes(name)
}

// goodUntil says until when a sum clears the case, and what a day later costs.
func (s *sheet) goodUntil(o Owed) string {
	if o.GoodUntil.IsZero() || !o.Total.IsPositive() {
		return ""
	}
	if o.PerDay.IsPositive() {
		return s.t("good_until.per_day", "day", o.GoodUntil, "sum", o.PerDay)
	}
	return s.t("good_until", "day", o.GoodUntil)
}

// totals shows each component apart, and that no cost is among them.
func (s *sheet) totals(o Owed, creditor Identity) {
	rows := []row{{cells: []string{s.t("owed.principal"), s.l.Amount(o.Principal)}}, {cells: []string{s.t("owed.interest"), s.l.Amount(o.Interest)}}}
	if !o.Indemnity.IsZero() {
		rows = append(rows, row{cells: []string{s.t("owed.indemnity"), s.l.Amount(o.Indemnity)}})
	}
	rows = append(rows,
		row{cells: []string{s.t("owed.costs"), s.l.Amount(o.Total.Zero())}},
		row{strong: true, cells: []string{s.t("owed.sum", "day", o.On, "creditor", creditor.Name), s.l.Amount(o.Total)}},
	)
	s.table([]column{{title: s.t("owed.component")}, {title: s.t("amount"), width: 36, right: true}}, rows)
}

// owed writes every claim with its movements and segments.
func (s *sheet) owed(o Owed) {
	for _, c := range o.Claims {
		s.claim(c)
	}
}

// claimHeight keeps the name of an invoice with the first lines of its table.
const claimHeight = 55

func (s *sheet) claim(c OwedClaim) {
	s.need(claimHeight)
	s.heading(s.t("owed.claim", "number", c.Invoice))
	var about []string
	if c.Subject != "" {
		about = append(about, sentence(c.Subject))
	}
	if !c.IssuedOn.IsZero() {
		about = append(about, s.t("owed.issued", "day", c.IssuedOn))
	}
	about = append(about, s.t("owed.due", "day", c.DueOn))
	if !c.NoticeOn.IsZero() {
		about = append(about, s.t("owed.notice", "day", c.NoticeOn))
	}
	s.text(strings.Join(about, " "))

	rows := []row{{cells: []string{s.t("owed.invoiced"), s.l.Amount(c.Invoiced)}}}
	if c.PaidBefore.IsPositive() {
		rows = append(rows, row{cells: []string{s.t("owed.paid_before"), s.l.Amount(c.PaidBefore.Neg())}})
	}
	accrued := c.Invoiced.Zero()
	for _, segment := range c.Segments {
		accrued = accrued.Add(segment.Amount)
	}
	rows = append(rows, row{cells: []string{s.t("owed.accrued"), s.l.Amount(accrued)}})
	if c.Charged.IsPositive() {
		rows = append(rows, row{cells: []string{s.t("owed.charged", "article", s.article(c.ChargedLaw)), s.l.Amount(c.Charged)}})
	}
	for _, m := range c.Movements {
		if m.total().IsZero() {
			continue // a payment that was taken back since
		}
		text := s.t("movement."+m.Kind, "day", m.On)
		if split := s.split(m); split != "" {
			text += " " + split
		}
		rows = append(rows, row{cells: []string{text, s.l.Amount(m.total().Neg())}})
	}
	rows = append(rows, row{strong: true, cells: []string{
		s.t("owed.left", "number", c.Invoice), s.l.Amount(money.Sum(c.Principal, c.Interest, c.Indemnity)),
	}})
	s.table([]column{{title: s.t("owed.line")}, {title: s.t("amount"), width: 36, right: true}}, rows)
	s.segments(c)
}

// split says what a movement went to, where it is not the principal alone.
func (s *sheet) split(m Movement) string {
	var parts []string
	for _, part := range []struct {
		name string
		sum  money.Amount
	}{{"interest", m.Interest}, {"indemnity", m.Indemnity}, {"principal", m.Principal}} {
		if part.sum.IsPositive() {
			parts = append(parts, s.t("split."+part.name, "sum", part.sum))
		}
	}
	if len(parts) < 2 && m.Principal.IsPositive() {
		return ""
	}
	return s.t("split", "parts", s.l.List(parts))
}

// segments writes every run of days with its rate, and where the rate is from.
func (s *sheet) segments(c OwedClaim) {
	if len(c.Segments) == 0 {
		s.second(s.t("owed.no_interest"))
		return
	}
	var rows []row
	for _, g := range c.Segments {
		rows = append(rows,
			row{cells: []string{
				s.t("segment.days", "from", g.From, "to", g.To), s.l.Number(int64(g.Days)), s.l.Amount(g.Base), s.percent(g.Rate), s.l.Amount(g.Amount),
			}},
			row{second: true, span: true, cells: []string{s.source(g)}},
		)
	}
	s.table([]column{
		{title: s.t("segment.period")}, {title: s.t("segment.count"), width: 11, right: true}, {title: s.t("segment.base"), width: 28, right: true},
		{title: s.t("segment.rate"), width: 20, right: true}, {title: s.t("interest"), width: 25, right: true},
	}, rows)
}

// source says where a rate comes from, in the reader's words, with its article.
func (s *sheet) source(g Segment) string {
	key := "rate." + g.RateKind
	if !s.l.Has("paper." + key) {
		return s.article(g.Article)
	}
	if g.RateKind == RateECB && strings.Trim(g.Margin, "0.") == "" {
		key = "rate.ecb_mro.plain"
	}
	margin := strings.TrimSuffix(strings.TrimSuffix(g.Margin, "00"), ".")
	return s.t(key, "published", s.percent(g.Published), "points", s.decimal(margin), "day", g.InForce, "article", s.article(g.Article))
}

// article writes an article of law; "and" is the one word of English in them.
func (s *sheet) article(text string) string {
	if s.l == locale.French {
		return strings.ReplaceAll(plain(text), " and ", " et ")
	}
	return plain(text)
}

// percent writes a rate given as "12.15" with two decimals or more.
func (s *sheet) percent(rate string) string {
	if s.l == locale.French {
		return s.decimal(rate) + "\u00a0%"
	}
	return s.decimal(rate) + "%"
}

func (s *sheet) decimal(figures string) string {
	if s.l == locale.French {
		return strings.ReplaceAll(plain(figures), ".", ",")
	}
	return plain(figures)
}

// sentence begins with a capital and ends with a full stop.
func sentence(text string) string {
	first, size := utf8.DecodeRuneInString(plain(text))
	return string(unicode.ToUpper(first)) + strings.TrimRight(plain(text)[size:], " .") + "."
}
