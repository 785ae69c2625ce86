package portal

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"amiable/negotiation"
	"amiable/payments"
	"amiable/portal/documents"
	"amiable/portal/page"
)

// documentsOf lists the papers of a case: invoices, and what we sent.
func (s *Server) documentsOf(c echo.Context, file *negotiation.Case) ([]page.Document, error) {
	list, err := s.letterDocuments(c, file)
	if err != nil {
		return nil, err
	}
	list = append(list, planDocuments(file)...)
	if closed(file) == "cleared" {
		list = append(list, page.Document{Kind: "discharge", On: file.ClosedOn, Format: "PDF", URL: "/case/documents/discharge.pdf"})
	}
	for _, claim := range file.Claims {
		if claim.InvoiceFile != "" {
			list = append(list, page.Document{Kind: "invoice", Number: claim.InvoiceNumber, On: claim.IssueOn, Format: "PDF", URL: "/case/documents/" + claim.ID})
		}
	}
	list = append(list, page.Document{Kind: "statement", On: negotiation.DayOf(s.now(c)), Format: "PDF", URL: "/case/documents/statement.pdf"})
	return list, nil
}

func (s *Server) showDocuments(c echo.Context) error {
	file, _, err := s.myCase(c)
	if err != nil {
		return err
	}
	list, err := s.documentsOf(c, file)
	if err != nil {
		return err
	}
	events, err := s.negotiation.Events(c.Request().Context(), file.ID)
	if err != nil {
		return err
	}
	return s.show(c, http.StatusOK, &page.Documents{Base: s.inCase(c, file), Creditor: file.Creditor.Name, List: append(outcomeDocuments(events), list...)})
}

// showDocument sends one paper of the case.
func (s *Server) showDocument(c echo.Context) error {
	file, gate, err := s.myCase(c)
	if err != nil {
		return err
	}
	id := c.Param("document")
	switch id {
	case "statement.pdf":
		return s.sendStatement(c, file, gate.On)
	case "discharge.pdf":
		return s.sendDischarge(c, file)
	}
	for _, claim := range file.Claims {
		if claim.ID == id && claim.InvoiceFile != "" {
			return s.sendFile(c, claim.InvoiceFile)
		}
	}
	return negotiation.Refuse(negotiation.NotFound, "not_found")
}

// sendFile sends an uploaded file as a download: it is never shown as a page
// of ours.
func (s *Server) sendFile(c echo.Context, hash string) error {
	name, media, content, err := s.Files.Get(c.Request().Context(), hash)
	if err != nil {
		return err
	}
	c.Response().Header().Set("Content-Disposition", disposition(name))
	c.Response().Header().Set("Content-Security-Policy", "default-src 'none'; sandbox")
	return c.Blob(http.StatusOK, media, content)
}

// disposition names a download, in ASCII and, by RFC 5987, as it is written.
func disposition(name string) string {
	plain := strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' || r == '"' || r == '\\' || r == '/' {
			return '_'
		}
		return r
	}, name)
	var encoded strings.Builder
	for _, b := range []byte(name) {
		if b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= '0' && b <= '9' || b == '.' || b == '-' || b == '_' {
			encoded.WriteByte(b)
			continue
		}
		const hex = "0123456789ABCDEF"
		encoded.WriteByte('%')
		encoded.WriteByte(hex[b>>4])
		encoded.WriteByte(hex[b&15])
	}
	return `attachment; filename="` + plain + `"; filename*=UTF-8''` + encoded.String()
}

func (s *Server) sendPDF(c echo.Context, name string, content []byte) error {
	c.Response().Header().Set("Content-Disposition", disposition(name))
	return c.Blob(http.StatusOK, "application/pdf", content)
}

func agencyIdentity(a *negotiation.Agency) documents.Identity {
	return documents.Identity{Name: a.Name, Street: a.Street, Postcode: a.Postcode, City: a.City, Country: a.Country, SIREN: a.SIREN, Phone: a.Phone, Hours: a.Hours, Email: a.Email}
}

func creditorIdentity(a *negotiation.Creditor) documents.Identity {
	return documents.Identity{Name: a.Name, Street: a.Street, Postcode: a.Postcode, City: a.City, Country: a.Country, SIREN: a.SIREN}
}

func debtorIdentity(d *negotiation.Debtor) documents.Identity {
	return documents.Identity{Name: d.Name, Contact: d.ContactName, Street: d.Street, Postcode: d.Postcode, City: d.City, Country: d.Country, SIREN: d.SIREN}
}

// meansOf tells the means of a payment in the documents' words.
var meansOf = map[string]string{
	"card": documents.MeansCard, "apple_pay": documents.MeansWallet, "google_pay": documents.MeansWallet, "link": documents.MeansWallet,
	"paypal": documents.MeansPayPal, "transfer": documents.MeansTransfer, "cheque": documents.MeansCheque, "cash": documents.MeansCash,
	"direct_debit": documents.MeansDebit, online: documents.MeansOnline,
}

func documentMeans(means string) (kind, detail string) {
	kind, detail = method(means)
	if kind = meansOf[kind]; kind == "" {
		kind = documents.MeansElsewhere
	}
	return kind, detail
}

// sendReceipt makes the receipt's PDF from what was frozen when it was
// written: the same bytes each time.
func (s *Server) sendReceipt(c echo.Context, file *negotiation.Case, r payments.ReceiptContent) error {
	content, err := s.receiptDocument(file, r).PDF(s.language(c))
	if err != nil {
		return err
	}
	return s.sendPDF(c, r.Number+".pdf", content)
}

func (s *Server) receiptDocument(file *negotiation.Case, r payments.ReceiptContent) documents.Receipt {
	means, detail := documentMeans(r.Means)
	if r.Reference != "" {
		detail = strings.TrimSpace(detail + " " + r.Reference)
	}
	d := documents.Receipt{
		Number: r.Number, CaseReference: negotiation.GroupedReference(r.Case), Agency: agencyIdentity(file.Agency), Creditor: creditorIdentity(file.Creditor),
		Payer: debtorIdentity(file.Debtor), FirstLetter: documents.FirstLetterRef{Reference: r.FirstLetter, SentOn: r.LetterOn},
		PaidOn: r.On, IssuedAt: r.WrittenAt, Amount: r.Amount, Means: means, Detail: detail, Provisional: r.Reversible,
		Excess: r.Excess, Waived: r.Waived, Left: r.Left, ChainHead: r.ChainHead, PageURL: s.BaseURL + "/case/receipts/" + r.Number,
	}
	d.Agency.Name, d.Creditor.Name, d.Payer.Name = r.Agency, r.Creditor, r.Payer
	d.ByAnother, d.Corrects = r.ByAnother, r.Corrects
	if p := r.Plan; p != nil {
		d.Plan = &documents.ReceiptPlan{
			Number: fmt.Sprintf("%s-E%d", d.CaseReference, p.Number), AcceptedOn: p.AcceptedOn, Settled: p.Settled, Of: p.Of, Left: p.Left, NextOn: p.NextOn, Next: p.Next,
		}
	}
	for _, l := range r.Lines {
		d.Shares = append(d.Shares, documents.ReceiptShare{Invoice: l.Invoice, Interest: l.Interest, Indemnity: l.Indemnity, Principal: l.Principal})
	}
	return d
}

// sendStatement makes the statement of a day as a PDF.
func (s *Server) sendStatement(c echo.Context, file *negotiation.Case, on negotiation.Day) error {
	statement, err := file.Statement(on)
	if err != nil {
		return err
	}
	d := statementDocument(file, statement, s.now(c))
	content, err := d.PDF(s.language(c))
	if err != nil {
		return err
	}
	return s.sendPDF(c, file.Reference+"-"+string(on)+".pdf", content)
}
