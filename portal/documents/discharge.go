package documents

import (
	"time"

	"amiable/negotiation/day"
	"amiable/negotiation/money"
	"amiable/portal/locale"
)

// Discharge says that nothing is owed any more: issued when a case is cleared
// (CPCE R124-6).
type Discharge struct {
	Number        string
	CaseReference string
	Agency        Identity
	Creditor      Identity
	Debtor        Identity
	FirstLetter   FirstLetterRef
	ClearedOn     day.Day
	IssuedAt      time.Time // UTC

	Invoices []DischargedInvoice
	Payments []DischargedPayment
	Waived   money.Amount    // what the creditor gave up, all told
	Plan     *DischargedPlan // that led there; nil where there was none

	// Provisional says that the payer's bank may still take a payment back.
	Provisional     bool
	ReversibleUntil day.Day

	ChainHead string
	PageURL   string
}

// DischargedPlan is a plan that was kept to its end: the discharge is its
// closing certificate.
type DischargedPlan struct {
	Number      string
	AcceptedOn  day.Day
	Instalments int // as they stood at the end
}

// DischargedInvoice is an invoice on which nothing is owed any more.
type DischargedInvoice struct {
	Number   string
	IssuedOn day.Day
	Amount   money.Amount // as invoiced
}

// DischargedPayment is a payment that led there.
type DischargedPayment struct {
	Receipt string
	PaidOn  day.Day
	Means   string
	Amount  money.Amount
}

func (d *Discharge) check() error {
	const name, article = "discharge", "CPCE R124-6"
	return complete(name, []mention{
		{"number", article, filled(d.Number)},
		{"debtor's name", article, filled(d.Debtor.Name)},
		{"creditor's name", article, filled(d.Creditor.Name)},
		{"collector's name", article, filled(d.Agency.Name)},
		{"day it was cleared", article, !d.ClearedOn.IsZero()},
		{"date of issue", "", !d.IssuedAt.IsZero()},
		{"list of invoices", article, len(d.Invoices) > 0},
		{"plan's number and date", "", d.Plan == nil || (filled(d.Plan.Number) && !d.Plan.AcceptedOn.IsZero())},
		{"first letter's reference and date", "CPCE R124-4, last paragraph", d.FirstLetter.complete()},
	})
}

// PDF draws the discharge. It fails with *MissingError where a mention is
// empty.
func (d Discharge) PDF(l locale.Language) ([]byte, error) {
	if err := d.check(); err != nil {
		return nil, err
	}
	s := newSheet(l, about{
		title: l.T("paper.discharge.title", "number", d.Number), subject: l.T("paper.discharge.subject", "reference", d.CaseReference),
		author: d.Agency.Name, at: d.IssuedAt,
	})
	s.foot = s.footOf(d.Agency, d.CaseReference)
	s.sender(d.Agency)
	s.title(s.t("discharge.title", "number", d.Number))
	s.text(s.t("discharge.lead", "creditor", d.Creditor.Name, "agency", d.Agency.Name, "debtor", d.Debtor.Name, "n", len(d.Invoices)))
	s.gap(2)
	zero := money.Amount{Currency: d.Invoices[0].Amount.Currency}
	s.sum(s.t("discharge.sum", "day", d.ClearedOn), s.l.Amount(zero), s.provisional(d.Provisional, d.ReversibleUntil))
	s.facts([]fact{
		{s.t("discharge.debtor"), plain(d.Debtor.oneLine())},
		{s.t("receipt.creditor"), plain(d.Creditor.oneLine())},
		{s.t("discharge.collector"), plain(d.Agency.oneLine())},
		{s.t("case"), plain(d.CaseReference)},
		{s.t("first_letter"), s.firstLetter(d.FirstLetter)},
	})
	if d.Plan != nil {
		s.text(s.t("discharge.plan", "number", d.Plan.Number, "day", d.Plan.AcceptedOn, "n", d.Plan.Instalments))
	}
	s.heading(s.t("discharge.invoices"))
	var rows []row
	for _, invoice := range d.Invoices {
		rows = append(rows, row{cells: []string{plain(invoice.Number), s.l.Date(invoice.IssuedOn), s.l.Amount(invoice.Amount)}})
	}
	s.table([]column{
		{title: s.t("receipt.invoice")}, {title: s.t("date"), width: 45}, {title: s.t("invoiced"), width: 40, right: true},
	}, rows)
	if len(d.Payments) > 0 {
		s.heading(s.t("discharge.payments"))
		rows, paid := []row{}, zero
		for _, p := range d.Payments {
			rows = append(rows, row{cells: []string{plain(p.Receipt), s.l.Date(p.PaidOn), s.means(p.Means, ""), s.l.Amount(p.Amount)}})
			paid = paid.Add(p.Amount)
		}
		rows = append(rows, row{strong: true, cells: []string{s.t("total"), "", "", s.l.Amount(paid)}})
		s.table([]column{
			{title: s.t("discharge.receipt")}, {title: s.t("date"), width: 42}, {title: s.t("receipt.means"), width: 45},
			{title: s.t("amount"), width: 34, right: true},
		}, rows)
	}
	if d.Waived.IsPositive() {
		s.text(s.t("discharge.waived", "sum", d.Waived, "creditor", d.Creditor.Name))
	}
	s.second(s.t("receipt.issued", "day", day.Of(d.IssuedAt.UTC()), "agency", d.Agency.Name, "creditor", d.Creditor.Name))
	s.chain(d.ChainHead)
	s.online(d.PageURL)
	return s.bytes("discharge " + d.Number)
}
