package portal

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"amiable/negotiation"
	"amiable/negotiation/day"
	"amiable/negotiation/money"
	"amiable/payments"
	"amiable/portal/documents"
	"amiable/portal/locale"
	"amiable/portal/page"
)

// remittanceFiles are the forms in which a remittance can be had.
var remittanceFiles = []string{"pdf", "csv", "xlsx", "fec", "paid"}

// sendRemittance sends a remittance as a file.
func (s *Server) sendRemittance(c echo.Context) error {
	ctx, kind := c.Request().Context(), c.Param("format")
	if !slices.Contains(remittanceFiles, kind) {
		return negotiation.Refuse(negotiation.NotFound, "not_found")
	}
	r, err := s.payments.Remittance(ctx, who(c).Actor, c.Param("remittance"))
	if err != nil {
		return err
	}
	lines, err := s.payments.LinesOf(ctx, r)
	if err != nil {
		return err
	}
	creditor, err := s.negotiation.Creditor(ctx, r.CreditorID)
	if err != nil {
		return err
	}
	l, name, media := s.language(c), r.Number+"."+kind, "text/csv; charset=utf-8"
	var content []byte
	switch kind {
	case "pdf":
		agency, err := s.agency(c)
		if err != nil {
			return err
		}
		if content, err = remittanceDocument(agency, creditor, r, lines, s.BaseURL).PDF(l); err != nil {
			return err
		}
		return s.sendPDF(c, name, content)
	case "csv":
		content, err = remittanceCSV(l, r, lines)
	case "xlsx":
		media = documents.WorkbookMedia
		content, err = remittanceXLSX(l, r, lines)
	case "fec":
		name, media = creditor.SIREN+"FEC"+strings.ReplaceAll(string(r.UntilOn), "-", "")+".txt", "text/plain; charset=utf-8"
		content = documents.FEC(fecOf(r, lines))
	case "paid":
		return c.JSON(http.StatusOK, paidOf(creditor, r, lines))
	}
	if err != nil {
		return err
	}
	c.Response().Header().Set("Content-Disposition", disposition(name))
	return c.Blob(http.StatusOK, media, content)
}

// remittanceColumns are the columns of the CSV and of the sheet, in their order.
var remittanceColumns = []string{"date", "kind", "case", "debtor", "invoice", "principal", "interest", "indemnity", "gross", "fee_net", "vat", "net", "place", "payment", "intent"}

// remittanceRow is a row of a file: texts, and sums in minor units.
type remittanceRow struct {
	on                                    day.Day
	kind, reference, debtor, invoices     string
	principal, interest, indemnity, gross int64
	fee, vat, net                         int64
	place, payment, intent                string
}

func remittanceRows(l locale.Language, lines []payments.ListedLine) []remittanceRow {
	rows := make([]remittanceRow, 0, len(lines))
	for i := range lines {
		line := &lines[i]
		var invoices []string
		for _, claim := range line.Claims {
			invoices = append(invoices, claim.Invoice)
		}
		row := remittanceRow{
			on: line.OnDay, kind: l.T("line." + line.Kind), reference: negotiation.GroupedReference(line.CaseReference), debtor: line.DebtorName, invoices: strings.Join(invoices, ", "),
			principal: line.Principal, interest: line.Interest, indemnity: line.Indemnity, gross: line.Gross, fee: line.Fee, vat: line.VAT, net: line.Net,
			place: l.T("place." + string(line.Place)), intent: line.IntentID,
		}
		if line.PaymentID != nil {
			row.payment = *line.PaymentID
		}
		rows = append(rows, row)
	}
	return rows
}

// safe keeps a text from being read as a formula by whatever opens the file.
func safe(text string) string {
	if text != "" && strings.ContainsRune("=+-@\t\r", rune(text[0])) {
		return "'" + text
	}
	return text
}

func remittanceCSV(l locale.Language, r *payments.Remittance, lines []payments.ListedLine) ([]byte, error) {
	var out bytes.Buffer
	out.WriteString("\ufeff") // spreadsheets read it as UTF-8 then
	w := csv.NewWriter(&out)
	w.Comma, w.UseCRLF = ';', true
	header := make([]string, 0, len(remittanceColumns)+1)
	for _, column := range remittanceColumns {
		header = append(header, l.T("file."+column))
	}
	if err := w.Write(append(header, l.T("file.currency"))); err != nil {
		return nil, fmt.Errorf("remittance %s: %w", r.Number, err)
	}
	decimal := func(minor int64) string { return documents.Decimal(money.New(minor, r.Currency)) }
	for _, row := range remittanceRows(l, lines) {
		err := w.Write([]string{
			string(row.on), row.kind, row.reference, safe(row.debtor), safe(row.invoices), decimal(row.principal), decimal(row.interest), decimal(row.indemnity),
			decimal(row.gross), decimal(row.fee), decimal(row.vat), decimal(row.net), row.place, row.payment, row.intent, string(r.Currency),
		})
		if err != nil {
			return nil, fmt.Errorf("remittance %s: %w", r.Number, err)
		}
	}
	w.Flush()
	return out.Bytes(), w.Error()
}

// remittanceXLSX writes the remittance as a sheet that adds up its own sums.
func remittanceXLSX(l locale.Language, r *payments.Remittance, lines []payments.ListedLine) ([]byte, error) {
	w := documents.Workbook{Name: r.Number, Total: l.T("total")}
	for _, column := range remittanceColumns {
		w.Headings = append(w.Headings, l.T("file."+column))
	}
	sum := func(minor int64) money.Amount { return money.New(minor, r.Currency) }
	for _, row := range remittanceRows(l, lines) {
		w.Rows = append(w.Rows, []any{
			string(row.on), row.kind, row.reference, row.debtor, row.invoices, sum(row.principal), sum(row.interest), sum(row.indemnity),
			sum(row.gross), sum(row.fee), sum(row.vat), sum(row.net), row.place, row.payment, row.intent,
		})
	}
	return w.XLSX()
}

// The accounts of a creditor's books that an extract proposes (law.md §8); its
// accountant may have others.
var (
	accountBank      = documents.FECAccount{Number: "512000", Name: "Banque"}
	accountCollector = documents.FECAccount{Number: "467000", Name: "Recouvreur, fonds a recevoir"}
	accountClients   = documents.FECAccount{Number: "411000", Name: "Clients"}
	accountOverpaid  = documents.FECAccount{Number: "419100", Name: "Clients, sommes a rendre"}
	accountInterest  = documents.FECAccount{Number: "763100", Name: "Interets de retard"}
	accountIndemnity = documents.FECAccount{Number: "758000", Name: "Indemnites de recouvrement"}
	accountFee       = documents.FECAccount{Number: "622000", Name: "Honoraires de recouvrement"}
	accountVAT       = documents.FECAccount{Number: "445660", Name: "TVA deductible"}
	accountSuspense  = documents.FECAccount{Number: "471000", Name: "Compte d'attente"}
)

// fecOf turns the lines of a remittance into entries of a creditor's books, one
// per line that brings or takes money. What is with the creditor already is in
// its books already.
func fecOf(r *payments.Remittance, lines []payments.ListedLine) []documents.FECEntry {
	arrives := accountBank
	if r.Kind == payments.PeriodRemittance {
		arrives = accountCollector
	}
	var entries []documents.FECEntry
	for i := range lines {
		l := &lines[i]
		if l.Place == payments.AtCreditor {
			continue
		}
		entry := documents.FECEntry{Journal: "AMI", JournalName: "Encaissements Amiable", On: r.UntilOn, Piece: r.Number, PieceOn: r.UntilOn, Label: fecLabel(l)}
		client := accountClients
		client.Aux, client.AuxName = l.CaseReference, l.DebtorName
		add := func(account documents.FECAccount, debit int64) {
			if debit != 0 {
				entry.Lines = append(entry.Lines, documents.FECLine{Account: account, Debit: money.New(debit, r.Currency)})
			}
		}
		add(arrives, l.Net)
		add(accountFee, l.Fee)
		add(accountVAT, l.VAT)
		switch {
		case l.Kind == "payment":
			add(client, -l.Principal)
			add(accountInterest, -l.Interest)
			add(accountIndemnity, -l.Indemnity)
			add(accountOverpaid, -(l.Gross - l.Principal - l.Interest - l.Indemnity))
		case l.CaseReference != "" && l.Kind != "other":
			add(client, -l.Gross)
		default:
			add(accountSuspense, -l.Gross)
		}
		if len(entry.Lines) > 0 {
			entries = append(entries, entry)
		}
	}
	return entries
}

var fecWords = map[string]string{"payment": "Reglement", "refund": "Remboursement", "chargeback": "Retrofacturation", "reversal": "Annulation", "returned": "Virement revenu", "other": "A expliquer"}

func fecLabel(l *payments.ListedLine) string {
	return strings.TrimSpace(fecWords[l.Kind] + " " + l.CaseReference + " " + l.DebtorName)
}

// paidStatus is what a creditor's invoicing platform needs to say that an
// invoice was paid (status 212 of the French life cycle). Interest and
// indemnity are no part of the invoice.
type paidStatus struct {
	Remittance string        `json:"remittance"`
	Seller     string        `json:"seller_siren"`
	Status     string        `json:"status_code"`
	Invoices   []paidInvoice `json:"invoices"`
}

type paidInvoice struct {
	Number   string         `json:"invoice_number"`
	PaidOn   day.Day        `json:"paid_on"`
	Amount   string         `json:"amount_incl_vat"`
	Currency money.Currency `json:"currency"`
	Payment  string         `json:"payment_id"`
}

// paidInFull is the code of « Encaissée ».
const paidCode = "212"

func paidOf(creditor *negotiation.Creditor, r *payments.Remittance, lines []payments.ListedLine) paidStatus {
	status := paidStatus{Remittance: r.Number, Seller: creditor.SIREN, Status: paidCode, Invoices: []paidInvoice{}}
	for i := range lines {
		for _, claim := range lines[i].Claims {
			if claim.Principal.IsPositive() && lines[i].PaymentID != nil {
				status.Invoices = append(status.Invoices, paidInvoice{
					Number: claim.Invoice, PaidOn: lines[i].OnDay, Amount: documents.Plain(claim.Principal), Currency: r.Currency, Payment: *lines[i].PaymentID,
				})
			}
		}
	}
	return status
}

func remittanceDocument(agency *negotiation.Agency, creditor *negotiation.Creditor, r *payments.Remittance, lines []payments.ListedLine, base string) documents.Remittance {
	p := remittancePage("creditor", r, lines)
	d := documents.Remittance{
		Number: r.Number, Agency: agencyIdentity(agency), Creditor: creditorIdentity(creditor), From: r.FromOn, Until: r.UntilOn, IssuedAt: r.CreatedAt, ByPayout: r.Kind == payments.PayoutRemittance,
		Gross: p.Gross, Back: p.Back, Other: p.Other, Theirs: p.Theirs, Fee: p.Fee, VAT: p.VAT, Net: p.Net, PageURL: base + "/creditor/remittances/" + r.ID,
	}
	for i := range lines {
		l := &lines[i]
		sum := func(minor int64) money.Amount { return money.New(minor, r.Currency) }
		d.Lines = append(d.Lines, documents.RemittanceLine{
			On: l.OnDay, Kind: l.Kind, Who: l.DebtorName, Reference: negotiation.GroupedReference(l.CaseReference), Gross: sum(l.Gross), Fee: sum(l.Fee), VAT: sum(l.VAT), Net: sum(l.Net),
			AtCreditor: l.Place == payments.AtCreditor,
		})
	}
	return d
}

func (s *Server) showFeeInvoice(c echo.Context) error {
	f, lines, content, err := s.feeInvoice(c)
	if err != nil {
		return err
	}
	p := &page.FeeInvoice{
		StaffBase: s.staffBase(c, "payouts"), Number: f.Number, Kind: string(f.Kind), Creditor: content.Buyer.Name, Agency: content.Seller.Name, From: f.FromOn, Until: f.UntilOn,
		On: f.IssuedOn, DueOn: f.DueOn, Fee: f.Sum(f.Fee), VAT: f.Sum(f.VAT), Total: f.Total(), Withheld: f.Sum(f.Withheld), Due: f.Due(),
		PDFURL: "/" + console(c) + "/invoices/" + f.ID + "/invoice.pdf", RegisteredAs: content.Seller.SIREN, Theirs: content.Buyer.SIREN,
	}
	for i := range lines {
		l := &lines[i]
		p.Lines = append(p.Lines, page.FeeRow{
			On: l.OnDay, Who: l.DebtorName, Reference: negotiation.GroupedReference(l.CaseReference), Corrects: l.Corrects, Received: f.Sum(l.Received), Fee: f.Sum(l.Fee), VAT: f.Sum(l.VAT),
			Withheld: l.Withheld,
		})
	}
	for _, formula := range content.Formula {
		p.Formula = append(p.Formula, page.FormulaRow{
			Mandate: formula.Mandate, Percent: p.Lang.Percent(formula.BasisPoints), VATPercent: p.Lang.Percent(formula.VATPoints), On: formula.On, Minimum: formula.Minimum,
		})
	}
	return s.showConsole(c, http.StatusOK, p)
}

func (s *Server) feeInvoice(c echo.Context) (*payments.FeeInvoice, []payments.ListedFee, payments.InvoiceContent, error) {
	f, lines, err := s.payments.FeeInvoice(c.Request().Context(), who(c).Actor, c.Param("invoice"))
	if err != nil {
		return nil, nil, payments.InvoiceContent{}, err
	}
	content, err := f.Read()
	return f, lines, content, err
}

func (s *Server) sendFeeInvoice(c echo.Context) error {
	f, lines, content, err := s.feeInvoice(c)
	if err != nil {
		return err
	}
	l := s.language(c)
	side := func(i payments.InvoiceSide) documents.Identity {
		return documents.Identity{Name: i.Name, Street: i.Street, Postcode: i.Postcode, City: i.City, Country: i.Country, SIREN: i.SIREN, Email: i.Email}
	}
	d := documents.FeeInvoice{
		Number: f.Number, CreditNote: f.Kind == payments.CreditNote, Agency: side(content.Seller), Creditor: side(content.Buyer), From: f.FromOn, Until: f.UntilOn,
		IssuedOn: f.IssuedOn, IssuedAt: f.CreatedAt, DueOn: f.DueOn, Fee: f.Sum(f.Fee), VAT: f.Sum(f.VAT), Withheld: f.Sum(f.Withheld), PageURL: s.BaseURL + "/creditor/invoices/" + f.ID,
	}
	for i := range lines {
		x := &lines[i]
		d.Lines = append(d.Lines, documents.FeeLine{On: x.OnDay, Reference: negotiation.GroupedReference(x.CaseReference), Corrects: x.Corrects, Received: f.Sum(x.Received), Fee: f.Sum(x.Fee), VAT: f.Sum(x.VAT)})
	}
	for _, formula := range content.Formula {
		d.Formula = append(d.Formula, l.T("fee_invoice.formula.line", "mandate", formula.Mandate, "percent", l.Percent(formula.BasisPoints), "on", l.T("fee_on."+formula.On), "vat", l.Percent(formula.VATPoints)))
	}
	body, err := d.PDF(l)
	if err != nil {
		return err
	}
	return s.sendPDF(c, f.Number+".pdf", body)
}
