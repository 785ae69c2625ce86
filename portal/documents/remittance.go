package documents

import (
	"time"

	"amiable/negotiation/day"
	"amiable/negotiation/money"
	"amiable/portal/locale"
)

// Remittance tells a creditor what was collected, what was kept back and what
// reaches it (CPCE R124-6).
type Remittance struct {
	Number           string
	Agency, Creditor Identity
	From, Until      day.Day
	IssuedAt         time.Time // UTC
	ByPayout         bool      // of one payout; else of a month
	Gross            money.Amount
	Back, Other      money.Amount // what went back, and what is neither
	Theirs           money.Amount // of Gross: with the creditor already
	Fee, VAT, Net    money.Amount
	Lines            []RemittanceLine
	PageURL          string
}

// RemittanceLine is one line of it.
type RemittanceLine struct {
	On                   day.Day
	Kind, Who, Reference string // Kind: a phrase "line.<kind>"
	Gross, Fee, VAT, Net money.Amount
	AtCreditor           bool
}

func (r *Remittance) check() error {
	err := complete("remittance", []mention{
		{"number", "", filled(r.Number)}, {"creditor's name", "", filled(r.Creditor.Name)}, {"collector's name", "", filled(r.Agency.Name)},
		{"date of issue", "", !r.IssuedAt.IsZero()}, {"period", "", !r.From.IsZero() && !r.Until.IsZero()},
	})
	if err != nil {
		return err
	}
	var parts []money.Amount
	for _, l := range r.Lines {
		parts = append(parts, l.Net)
	}
	if err := closes("remittance "+r.Number, "its lines", r.Net, parts...); err != nil {
		return err
	}
	return closes("remittance "+r.Number, "its sums", r.Net, r.Gross, r.Back, r.Other, r.Theirs.Neg(), r.Fee.Neg(), r.VAT.Neg())
}

// PDF draws the remittance. It fails where something it must say is empty, and
// where its lines do not close.
func (r Remittance) PDF(l locale.Language) ([]byte, error) {
	if err := r.check(); err != nil {
		return nil, err
	}
	s := newSheet(l, about{title: l.T("paper.remittance.title", "number", r.Number), subject: l.T("paper.remittance.subject", "creditor", r.Creditor.Name), author: r.Agency.Name, at: r.IssuedAt})
	s.foot = s.footOf(r.Agency, r.Number)
	s.sender(r.Agency)
	s.title(s.t("remittance.title", "number", r.Number))
	s.text(s.t("remittance.lead", "agency", r.Agency.Name, "creditor", r.Creditor.Name, "from", r.From, "until", r.Until))
	s.gap(2)
	label := s.t("remittance.net")
	if !r.ByPayout {
		label = s.t("remittance.net.month")
	}
	s.sum(label, s.l.Amount(r.Net), "")
	rows := []row{{cells: []string{s.t("remittance.gross"), s.l.Amount(r.Gross)}}}
	for _, part := range []struct {
		key    string
		amount money.Amount
	}{{"remittance.back", r.Back}, {"remittance.other", r.Other}, {"remittance.theirs", r.Theirs.Neg()}, {"remittance.fee", r.Fee.Neg()}, {"remittance.vat", r.VAT.Neg()}} {
		if !part.amount.IsZero() {
			rows = append(rows, row{cells: []string{s.t(part.key), s.l.Amount(part.amount)}})
		}
	}
	rows = append(rows, row{strong: true, cells: []string{label, s.l.Amount(r.Net)}})
	s.table([]column{{title: s.t("remittance.sums")}, {title: s.t("amount"), width: 40, right: true}}, rows)
	s.heading(s.t("remittance.lines"))
	rows = nil
	for _, line := range r.Lines {
		what := l.T("line." + line.Kind)
		if line.Who != "" {
			what += " · " + plain(line.Who) + " · " + plain(line.Reference)
		}
		if line.AtCreditor {
			what += " · " + s.t("remittance.at_creditor")
		}
		rows = append(rows, row{cells: []string{s.l.ShortDate(line.On), what, s.l.Amount(line.Gross), s.l.Amount(line.Fee.Neg()), s.l.Amount(line.VAT.Neg()), s.l.Amount(line.Net)}})
	}
	s.table([]column{
		{title: s.t("remittance.date"), width: 20}, {title: s.t("remittance.what")}, {title: s.t("remittance.gross.short"), width: 25, right: true},
		{title: s.t("remittance.fee.short"), width: 22, right: true}, {title: s.t("remittance.vat.short"), width: 18, right: true}, {title: s.t("remittance.net.short"), width: 25, right: true},
	}, rows)
	s.second(s.t("remittance.note"))
	s.online(r.PageURL)
	return s.bytes("remittance " + r.Number)
}

// FeeInvoice is the agency's own invoice to a creditor, or a credit note (CGI
// ann. II 242 nonies A).
type FeeInvoice struct {
	Number             string
	CreditNote         bool
	Agency, Creditor   Identity
	From, Until        day.Day
	IssuedOn, DueOn    day.Day
	IssuedAt           time.Time // UTC
	Fee, VAT, Withheld money.Amount
	Lines              []FeeLine
	Formula            []string
	PageURL            string
}

// FeeLine is the fee of one payment.
type FeeLine struct {
	On                  day.Day
	Reference, Corrects string
	Received, Fee, VAT  money.Amount
}

func (f *FeeInvoice) check() error {
	const article = "CGI ann. II 242 nonies A"
	err := complete("invoice", []mention{
		{"number", article, filled(f.Number)}, {"date of issue", article, !f.IssuedOn.IsZero()}, {"seller's name", article, filled(f.Agency.Name)},
		{"buyer's name", article, filled(f.Creditor.Name)}, {"date of payment", article, !f.DueOn.IsZero()},
	})
	if err != nil {
		return err
	}
	var fees, vat []money.Amount
	for _, l := range f.Lines {
		fees, vat = append(fees, l.Fee), append(vat, l.VAT)
	}
	if err := closes("invoice "+f.Number, "its fees", f.Fee, fees...); err != nil {
		return err
	}
	return closes("invoice "+f.Number, "its VAT", f.VAT, vat...)
}

// vatNumber is the French VAT number of a firm, from its SIREN.
func vatNumber(siren string) string {
	n := 0
	for _, r := range siren {
		if r < '0' || r > '9' {
			return ""
		}
		n = (n*10 + int(r-'0')) % 97
	}
	if len(siren) != 9 {
		return ""
	}
	key := (12 + 3*n) % 97
	return "FR " + string(rune('0'+key/10)) + string(rune('0'+key%10)) + " " + siren
}

// PDF draws the invoice. It fails where a mention is empty, and where its lines
// do not close.
func (f FeeInvoice) PDF(l locale.Language) ([]byte, error) {
	if err := f.check(); err != nil {
		return nil, err
	}
	name := "invoice"
	if f.CreditNote {
		name = "credit_note"
	}
	s := newSheet(l, about{title: l.T("paper."+name+".title", "number", f.Number), subject: l.T("paper."+name+".subject", "creditor", f.Creditor.Name), author: f.Agency.Name, at: f.IssuedAt})
	s.foot = s.footOf(f.Agency, f.Number)
	s.sender(f.Agency)
	s.title(s.t(name+".title", "number", f.Number))
	total := f.Fee.Add(f.VAT)
	s.facts([]fact{
		{s.t("invoice.seller"), plain(f.Agency.oneLine())}, {s.t("invoice.seller.vat"), plain(vatNumber(f.Agency.SIREN))},
		{s.t("invoice.buyer"), plain(f.Creditor.oneLine())}, {s.t("invoice.buyer.vat"), plain(vatNumber(f.Creditor.SIREN))},
		{s.t("invoice.on"), s.l.Day(f.IssuedOn)}, {s.t("invoice.period"), s.t("invoice.period.value", "from", f.From, "until", f.Until)},
	})
	rows := []row{
		{cells: []string{s.t("invoice.fee"), s.l.Amount(f.Fee)}}, {cells: []string{s.t("invoice.vat"), s.l.Amount(f.VAT)}}, {strong: true, cells: []string{s.t("invoice.total"), s.l.Amount(total)}},
	}
	if !f.Withheld.IsZero() {
		rows = append(rows, row{cells: []string{s.t("invoice.withheld"), s.l.Amount(f.Withheld.Neg())}}, row{strong: true, cells: []string{s.t("invoice.due"), s.l.Amount(total.Sub(f.Withheld))}})
	}
	s.table([]column{{title: s.t("invoice.what")}, {title: s.t("amount"), width: 40, right: true}}, rows)
	switch {
	case f.CreditNote:
		s.text(s.t("credit_note.how"))
	case total.Sub(f.Withheld).IsPositive():
		s.text(s.t("invoice.how", "day", f.DueOn))
	default:
		s.text(s.t("invoice.paid"))
	}
	s.heading(s.t("invoice.lines"))
	rows = nil
	for _, line := range f.Lines {
		what := plain(line.Reference)
		if line.Corrects != "" {
			what += " · " + s.t("invoice.corrects", "number", line.Corrects)
		}
		rows = append(rows, row{cells: []string{s.l.ShortDate(line.On), what, s.l.Amount(line.Received), s.l.Amount(line.Fee), s.l.Amount(line.VAT)}})
	}
	s.table([]column{
		{title: s.t("remittance.date"), width: 22}, {title: s.t("case")}, {title: s.t("invoice.received"), width: 30, right: true},
		{title: s.t("remittance.fee.short"), width: 28, right: true}, {title: s.t("remittance.vat.short"), width: 24, right: true},
	}, rows)
	for _, formula := range f.Formula {
		s.second(plain(formula))
	}
	s.second(s.t("invoice.law"))
	s.online(f.PageURL)
	return s.bytes(name + " " + f.Number)
}
