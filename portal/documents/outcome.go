package documents

import (
	"strings"
	"time"

	"amiable/negotiation/day"
	"amiable/negotiation/money"
	"amiable/portal/locale"
)

// Outcome says to both sides how a dispute ended, why, and what is left to pay.
type Outcome struct {
	Number        string
	CaseReference string
	Agency        Identity
	Creditor      Identity
	Debtor        Identity
	FirstLetter   FirstLetterRef

	Invoice  string
	Ground   string // phrase "ground.<code>"
	How      string // upheld, partly_upheld, rejected, agreed, withdrawn
	EndedOn  day.Day
	EndedAt  time.Time    // UTC
	Credited money.Amount // what the creditor gave up in it
	Owed     money.Amount // on the case, when it ended

	Words string // why, in the words of Who; may be empty
	Who   string

	ChainHead string // head of the case's chain when it ended, hex; 16 characters are shown
	PageURL   string
}

// outcomes are the ways in which a dispute ends.
var outcomes = []string{"upheld", "partly_upheld", "rejected", "agreed", "withdrawn"}

func (o *Outcome) check() error {
	const name = "outcome letter"
	known := false
	for _, how := range outcomes {
		known = known || how == o.How
	}
	return complete(name, []mention{
		{"number", "", filled(o.Number)},
		{"debtor's name", "", filled(o.Debtor.Name)},
		{"creditor's name", "", filled(o.Creditor.Name)},
		{"collector's name", "", filled(o.Agency.Name)},
		{"invoice", "", filled(o.Invoice)},
		{"how it ended", "", known},
		{"day it ended", "", !o.EndedOn.IsZero() && !o.EndedAt.IsZero()},
		{"whose words they are", "", !filled(o.Words) || filled(o.Who)},
		{"first letter's reference and date", "CPCE R124-4, last paragraph", o.FirstLetter.complete()},
	})
}

// PDF draws the outcome letter. It fails with *MissingError where a mention is
// empty.
func (o Outcome) PDF(l locale.Language) ([]byte, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	s := newSheet(l, about{
		title: l.T("paper.outcome.title", "number", o.Number), subject: l.T("paper.outcome.subject", "reference", o.CaseReference),
		author: o.Agency.Name, at: o.EndedAt,
	})
	s.foot = s.footOf(o.Agency, o.CaseReference)
	s.sender(o.Agency)
	s.title(s.t("outcome.title", "number", o.Number))
	s.text(s.t("outcome.lead."+o.How, "creditor", o.Creditor.Name, "debtor", o.Debtor.Name, "invoice", o.Invoice, "sum", o.Credited))
	s.gap(2)
	s.sum(s.t("outcome.owed", "day", o.EndedOn), s.l.Amount(o.Owed), "")
	facts := []fact{
		{s.t("outcome.debtor"), plain(o.Debtor.oneLine())},
		{s.t("receipt.creditor"), plain(o.Creditor.oneLine())},
		{s.t("outcome.agency"), plain(o.Agency.oneLine())},
		{s.t("receipt.invoice"), plain(o.Invoice)},
	}
	if key := "ground." + o.Ground; l.Has(key) {
		facts = append(facts, fact{s.t("outcome.ground"), plain(l.T(key))})
	}
	s.facts(append(facts,
		fact{s.t("outcome.on"), s.l.Date(o.EndedOn)},
		fact{s.t("outcome.credited"), s.l.Amount(o.Credited)},
		fact{s.t("case"), plain(o.CaseReference)},
		fact{s.t("first_letter"), s.firstLetter(o.FirstLetter)},
	))
	if filled(o.Words) {
		s.heading(s.t("outcome.why", "who", o.Who))
		for _, paragraph := range strings.Split(o.Words, "\n") {
			if filled(paragraph) {
				s.text(plain(paragraph))
			}
		}
	}
	s.heading(s.t("outcome.then"))
	if o.Owed.IsPositive() {
		s.text(s.t("outcome.then.owed"))
	} else {
		s.text(s.t("outcome.then.nothing"))
	}
	s.text(s.t("outcome.again"))
	s.second(s.t("outcome.issued", "day", o.EndedOn, "agency", o.Agency.Name))
	s.chain(o.ChainHead)
	s.online(o.PageURL)
	return s.bytes("outcome letter " + o.Number)
}
